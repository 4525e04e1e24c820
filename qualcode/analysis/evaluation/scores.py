"""Code by code and over all codes: what two layers share, on units and on passages."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from qualcode.analysis.evaluation.grid import Clusters, Grid, Passage
from qualcode.analysis.evaluation.measures import (
    NOTHING,
    Measure,
    Samples,
    chance_corrected,
    detection,
    interval,
    mean_over,
    measures_of,
    ranked,
)
from qualcode.analysis.layers import Layer

__all__ = ["MACRO", "MEASURES", "MICRO", "Kind", "PassageScore", "Score", "passage_scores", "scores"]

Array = npt.NDArray[Any]
Kind = Literal["code", "branch", "micro", "macro"]

MEASURES = ("precision", "recall", "f1", "average_precision", "kappa", "alpha")
MICRO = "all codes, pooled (micro)"
MACRO = "mean of the codes (macro)"


@dataclass(frozen=True, slots=True)
class Score:
    """What two layers share on units, for one code or all.

    Attributes:
        code: its id; empty over all codes.
        kind: ``code``: codings of the very code; ``branch``: of a code or any below it; ``micro``: units and codes
            pooled; ``macro``: the plain mean over the codes for which a measure is defined.
        units: units that both worked through (units × codes for ``micro``).
        hand, machine, both: of these, those that the hand, the machine, both gave the code.
        measures: by name (:data:`MEASURES`).
        over: of ``macro``, by measure over how many codes the mean is.
    """

    code: str
    label: str
    level: int | None
    kind: Kind
    units: int
    hand: int
    machine: int
    both: int
    measures: Mapping[str, Measure]
    over: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PassageScore:
    """What two layers share on passages, for one code or all.

    Attributes:
        machine, right: passages of the machine, and those that overlap one of the hand with the same code.
        hand, found: passages of the hand, and those that one of the machine overlaps.
        measures: precision (right / machine), recall (found / hand) and f1, their harmonic mean.
    """

    code: str
    kind: Kind
    machine: int
    right: int
    hand: int
    found: int
    measures: Mapping[str, Measure]


def scores(
    grid: Grid,
    hand: Layer,
    machine: Layer,
    *,
    replicates: int,
    seed: int,
    confidence: float,
    rank: Array | None = None,
) -> tuple[Score, ...]:
    """Return a score for each code in tree order, then for each branch of the codebook, then over all codes.

    Args:
        grid: the units.
        hand: the layer that is taken as right.
        machine: the layer that is held against it.
        replicates, seed, confidence: of the intervals; 0 replicates for none.
        rank: units × codes of the grid, the higher the sooner; without it there is no average precision.
    """
    kept = grid.pair(hand, machine)
    clusters = grid.clusters(kept)
    samples = Samples(clusters.of_unit, clusters.number, replicates, seed)
    truth, given = grid.marks[hand.coder][kept], grid.marks[machine.coder][kept]
    ranking = rank[kept] if rank is not None else None
    book = grid.study.codebook
    branches = [code for code in book.tree() if book.children(code.id) and grid.under(code.id)]
    columns = [grid.under(code.id) for code in branches]
    whole_truth = np.column_stack([truth, *(truth[:, each].any(axis=1) for each in columns)])
    whole_given = np.column_stack([given, *(given[:, each].any(axis=1) for each in columns)])
    counts, drawn = _counts(whole_truth, whole_given, samples)
    values, sampled = _reckoned(counts), _reckoned(drawn)
    precisions, in_samples = _ranked(truth, ranking, samples)
    size = len(grid.codes)
    values["average_precision"] = np.append(precisions, np.full(len(branches), np.nan))
    sampled["average_precision"] = np.column_stack([in_samples, np.full((len(in_samples), len(branches)), np.nan)])
    named = [(book[code], "code") for code in grid.codes] + [(code, "branch") for code in branches]
    rows = [
        Score(code.id, code.label, book.level(code.id), "code" if kind == "code" else "branch", int(kept.sum()),
              int(counts["hand"][at]), int(counts["machine"][at]), int(counts["both"][at]),
              _ordered(measures_of(values, sampled, at, confidence)))
        for at, (code, kind) in enumerate(named)
    ]  # fmt: skip
    pooled = _pooled(truth, ranking, clusters, samples, confidence)
    return (
        *rows,
        _micro(counts, drawn, size, confidence, pooled),
        _macro(rows[:size], values, sampled, size, confidence),
    )


def passage_scores(grid: Grid, *, replicates: int, seed: int, confidence: float) -> tuple[PassageScore, ...]:
    """Return what reference and machine share on passages: for each code in tree order, then over all codes."""
    clusters = grid.clusters()
    samples = Samples(clusters.of_unit, clusters.number, replicates, seed)
    hand, machine = grid.passages
    place = {code: at for at, code in enumerate(grid.codes)}
    tables = [
        _by_cluster(passages, place, samples, met_only=met_only)
        for passages in (machine, hand)
        for met_only in (False, True)
    ]
    pooled = [np.column_stack([each, each.sum(axis=1)]) for each in tables]
    totals = [each.sum(axis=0) for each in pooled]
    values = _of_passages(*totals)
    sampled = _of_passages(*(samples.draws @ each for each in pooled))
    size = len(grid.codes)
    rows = []
    for at, code in enumerate((*grid.codes, "")):
        whole, right, theirs, found = (int(each[at]) for each in totals)
        kind: Kind = "code" if code else "micro"
        measured = measures_of(values, sampled, at, confidence)
        rows.append(PassageScore(code, kind, whole, right, theirs, found, measured))
    means = {}
    for name, each in values.items():
        value, _ = mean_over(each[:size])
        drawn, _ = mean_over(sampled[name][:, :size])
        means[name] = interval(float(value), drawn, confidence)
    last = rows[-1]
    return (*rows, PassageScore("", "macro", last.machine, last.right, last.hand, last.found, means))


def _counts(truth: Array, given: Array, samples: Samples) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return counts of units by code: in all, and in each sample."""
    width = truth.shape[1]
    parts = np.column_stack([truth & given, given, truth, np.ones((len(truth), 1), bool)])
    tables = samples.by_cluster(samples.of_unit, parts)

    def named(sums: Array) -> dict[str, Array]:
        return {
            "both": sums[..., :width],
            "machine": sums[..., width : 2 * width],
            "hand": sums[..., 2 * width : 3 * width],
            "units": sums[..., 3 * width :],
        }

    return named(tables.sum(axis=0)), named(samples.draws @ tables)


def _reckoned(counts: Mapping[str, Array]) -> dict[str, Array]:
    return {
        **detection(counts["both"], counts["machine"], counts["hand"]),
        **chance_corrected(counts["both"], counts["machine"], counts["hand"], counts["units"]),
    }


def _ranked(truth: Array, ranking: Array | None, samples: Samples) -> tuple[Array, Array]:
    width = truth.shape[1]
    if ranking is None:
        return np.full(width, np.nan), np.full((samples.replicates, width), np.nan)
    found = [ranked(truth[:, at], ranking[:, at], samples) for at in range(width)]
    drawn = np.column_stack([each for _, each in found]) if samples.replicates else np.empty((0, width))
    return np.array([value for value, _ in found]), drawn


def _pooled(truth: Array, ranking: Array | None, clusters: Clusters, samples: Samples, confidence: float) -> Measure:
    """Return the average precision of one ranking of all pairs of a unit and a code."""
    if ranking is None or not truth.any():
        return NOTHING
    pairs = copy.copy(samples)  # the same draws
    pairs.of_unit = np.repeat(clusters.of_unit, truth.shape[1])
    value, drawn = ranked(truth.ravel(), ranking.ravel(), pairs)
    return interval(value, drawn, confidence)


def _micro(
    counts: Mapping[str, Array], drawn: Mapping[str, Array], size: int, confidence: float, average: Measure
) -> Score:
    """Return the score over all pairs of a unit and a code."""

    def pooled(each: Mapping[str, Array]) -> dict[str, Array]:
        return {name: sums[..., :size].sum(axis=-1, keepdims=True) if name != "units" else sums * size
                for name, sums in each.items()}  # fmt: skip

    whole, parts = pooled(counts), pooled(drawn)
    measured = {**measures_of(_reckoned(whole), _reckoned(parts), 0, confidence), "average_precision": average}
    hand, machine, both, units = (int(whole[name][0]) for name in ("hand", "machine", "both", "units"))
    return Score("", MICRO, None, "micro", units, hand, machine, both, _ordered(measured))


def _macro(
    rows: Sequence[Score], values: Mapping[str, Array], sampled: Mapping[str, Array], size: int, confidence: float
) -> Score:
    measured, over = {}, {}
    for name, each in values.items():
        value, number = mean_over(each[:size])
        drawn, _ = mean_over(sampled[name][:, :size])
        measured[name], over[name] = interval(float(value), drawn, confidence), int(number)
    sums = {name: sum(getattr(row, name) for row in rows) for name in ("hand", "machine", "both")}
    units = rows[0].units if rows else 0
    return Score("", MACRO, None, "macro", units, **sums, measures=_ordered(measured), over=over)


def _ordered(measured: Mapping[str, Measure]) -> dict[str, Measure]:
    return {name: measured.get(name, NOTHING) for name in MEASURES}


def _by_cluster(passages: Sequence[Passage], place: Mapping[str, int], samples: Samples, *, met_only: bool) -> Array:
    """Return passages by cluster and code."""
    table = np.zeros((samples.clusters, len(place)))
    for each in passages:
        if each.met or not met_only:
            table[samples.of_unit[each.unit], place[each.code]] += 1
    return table


def _of_passages(machine: Array, right: Array, hand: Array, found: Array) -> dict[str, Array]:
    """Return precision, recall and F1 of passages; F1 is 0 where nothing is right, undefined where there is nothing."""
    precision = detection(right, machine, hand)["precision"]
    recall = detection(found, machine, hand)["recall"]
    product = 2 * np.nan_to_num(precision) * np.nan_to_num(recall)
    total = np.nan_to_num(precision) + np.nan_to_num(recall)
    f1 = np.divide(product, total, out=np.zeros_like(product), where=total > 0)
    return {"precision": precision, "recall": recall, "f1": np.where(machine + hand > 0, f1, np.nan)}
