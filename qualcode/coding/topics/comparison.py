"""Models side by side: numbers of topics × methods × seeds, with what each is good at; no winner is named.

No figure says which number of topics is right. Coherence (NPMI) rises with few, general topics or with many small ones,
exclusivity with many, stability with few. So the rows that no other row beats on all three are marked, and a person
reads.

LDA differs from seed to seed by its random start. NMF hardly does: its stability is tried by finding the topics in a
random 80 % of the segments for each seed (Greene, O'Callaghan & Cunningham 2014, "How many topics? Stability analysis
for topic models").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qualcode.coding.topics.coherence import npmi_interval
from qualcode.coding.topics.fit import STOOD_IN, default_lda, fit_topics
from qualcode.coding.topics.frequent_exclusive import exclusivity
from qualcode.coding.topics.matching import REPRODUCIBLE, stability
from qualcode.coding.topics.model import Kind, Pooled, TopicModel
from qualcode.errors import CodingError
from qualcode.model.table import Column, Table

__all__ = ["FEWEST_SEEDS", "SAMPLE", "Comparison", "ComparisonRow", "compare"]

FEWEST_SEEDS = 5
SAMPLE = 0.8
"""The share of the segments in which NMF finds its topics for each seed."""


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One method with one number of topics, fitted once for each seed; figures are means over the fits.

    Attributes:
        kind, k: the method and the number of topics; ``seeds``: number of fits.
        npmi: coherence of the top ten words, ``npmi_low`` … ``npmi_high`` its 95 % interval; ``None`` without a value.
        exclusivity: mean FREX of the top ten words.
        stability: mean cosine of matched topics; ``worst``: that of the least stable topic of the first fit.
        jaccard: mean overlap of the top ten words of matched topics.
        labels: mean adjusted Rand index of the segments' main topics.
        not_reproducible: topics of the first fit whose cosine is below 0.5.
        smallest: the share of segments that the smallest topic is the main one of.
    """

    kind: Kind
    k: int
    seeds: int
    npmi: float | None
    npmi_low: float | None
    npmi_high: float | None
    exclusivity: float
    stability: float
    worst: float
    jaccard: float
    labels: float
    not_reproducible: int
    smallest: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows of a comparison, by method and number of topics in the order asked for."""

    rows: tuple[ComparisonRow, ...]
    notes: tuple[str, ...] = ()

    def pareto(self) -> tuple[bool, ...]:
        """Return for each row whether no other is at least as good in coherence, exclusivity and stability and better
        in one.

        A row without coherence counts as the least coherent.
        """
        points = np.asarray(
            [[-np.inf if row.npmi is None else row.npmi, row.exclusivity, row.stability] for row in self.rows]
        )
        return tuple(not any((other >= own).all() and (other > own).any() for other in points) for own in points)

    def table(self) -> Table:
        """Return the comparison as a table ``topic-models``; ``unbeaten`` marks the rows of :meth:`pareto`."""
        columns = (
            Column("model", "text", "nmf, lda (gensim) or tomotopy"),
            Column("topics", "integer", "number of topics"),
            Column("seeds", "integer", "number of fits"),
            Column("npmi", "number", "coherence: mean NPMI of the pairs of each topic's ten top words"),
            Column("npmi_low", "number", "lower end of its 95 % interval"),
            Column("npmi_high", "number", "upper end"),
            Column("exclusivity", "number", "mean FREX of the ten top words, at most 1"),
            Column("stability", "number", "mean cosine of topics matched between fits, at most 1"),
            Column("worst", "number", "that of the least stable topic of the first fit"),
            Column("jaccard", "number", "mean overlap of the ten top words of matched topics"),
            Column("labels", "number", "adjusted Rand index of the segments' main topics"),
            Column("not_reproducible", "integer", "topics of the first fit with a mean cosine below 0.5"),
            Column("smallest", "share", "share of the segments that the smallest topic is the main one of"),
            Column(
                "unbeaten",
                "text",
                "yes: no other row is as good in coherence, exclusivity and stability and better in one",
            ),
        )
        rows = tuple(
            (
                row.kind, row.k, row.seeds, row.npmi, row.npmi_low, row.npmi_high, row.exclusivity, row.stability,
                row.worst, row.jaccard, row.labels, row.not_reproducible, row.smallest, "yes" if unbeaten else "",
            )
            for row, unbeaten in zip(self.rows, self.pareto(), strict=True)
        )  # fmt: skip
        return Table("topic-models", "Topic models compared", columns, rows, unit="segment", notes=self.notes)


def compare(
    pooled: Pooled, ks: Sequence[int], *, kinds: Sequence[Kind] | None = None, seeds: int = FEWEST_SEEDS, seed: int = 0,
    seed_words: Mapping[str, Sequence[str]] | None = None, excluded: Mapping[str, Sequence[str]] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Comparison:  # fmt: skip
    """Return models of each kind with each number of topics, fitted with several seeds.

    Args:
        pooled: the talk.
        ks: numbers of topics.
        kinds: methods; ``None`` for NMF and the default LDA.
        seeds: number of fits, 5 or more.
        seed: the first seed; the others follow it.
        seed_words: words that draw topics to codes (:func:`~qualcode.coding.topics.seeding.seeds_of`).
        excluded: words that must not be in the topic of a code, by the code's id.
        progress: is told before each row what is being fitted.

    Raises:
        CodingError: QC-K021, QC-K022, QC-K023 as :func:`~qualcode.coding.topics.fit.fit_topics`; QC-K022 for fewer than
            5 seeds or no number of topics.
        MissingExtraError: QC-M020 when tomotopy is asked for and not installed.
    """
    if seeds < FEWEST_SEEDS:
        raise CodingError("QC-K022", f"'seeds' is {seeds!r}, and must be {FEWEST_SEEDS} or more",
                          hint="Fewer fits do not show how stable topics are.")  # fmt: skip
    if not ks:
        raise CodingError("QC-K022", "no number of topics is given", hint="Such as 6, 8 and 10.")
    rows: list[ComparisonRow] = []
    notes: dict[str, None] = {}
    drawn = ""
    for kind in ("nmf", default_lda()) if kinds is None else kinds:
        for k in dict.fromkeys(ks):
            if progress is not None:
                progress(f"{kind}, {k} topics, {seeds} seeds")
            models = [_one(pooled, k, kind, each, seed_words, excluded) for each in range(seed, seed + seeds)]
            row, drawn = _row(models, pooled, seed)
            rows.append(row)
            notes.update(dict.fromkeys(note for model in models for note in model.notes))
    if kinds is None and default_lda() == "lda":
        notes[STOOD_IN] = None
    return Comparison(tuple(rows), (*_notes(rows, len(pooled), drawn), *notes))


def _one(
    pooled: Pooled, k: int, kind: Kind, seed: int, words: Mapping[str, Sequence[str]] | None,
    excluded: Mapping[str, Sequence[str]] | None,
) -> TopicModel:  # fmt: skip
    sample = None
    if kind == "nmf":
        n = len(pooled)
        wanted = max(min(k, n), round(SAMPLE * n))
        sample = np.sort(np.random.default_rng(seed).choice(n, wanted, replace=False))
    return fit_topics(pooled, k, kind=kind, seed=seed, seeds=words, excluded=excluded, sample=sample)


def _row(models: Sequence[TopicModel], pooled: Pooled, seed: int) -> tuple[ComparisonRow, str]:
    coherence = npmi_interval(models, pooled, seed=seed)
    alike = stability(models)
    smallest = [np.bincount(model.main, minlength=model.k).min() / len(pooled) for model in models]
    row = ComparisonRow(
        kind=models[0].kind,
        k=models[0].k,
        seeds=len(models),
        npmi=coherence.value,
        npmi_low=coherence.low,
        npmi_high=coherence.high,
        exclusivity=float(np.mean([exclusivity(model).mean() for model in models])),
        stability=alike.mean,
        worst=alike.worst,
        jaccard=alike.jaccard,
        labels=alike.labels,
        not_reproducible=len(alike.not_reproducible),
        smallest=float(np.mean(smallest)),
    )
    return row, coherence.drawn


def _notes(rows: Sequence[ComparisonRow], n_segments: int, drawn: str) -> tuple[str, ...]:
    notes = [
        f"{n_segments} segments. Each row is the mean of {rows[0].seeds} fits with other random numbers.",
        f"Intervals of NPMI from drawing {drawn} anew (95 %); the topics stay as they were fitted.",
        "No row is the right one: choose among the unbeaten ones by reading their topics.",
    ]
    if any(row.kind == "nmf" for row in rows):
        notes.append(
            f"NMF has little chance in it: each fit finds its topics in another random {SAMPLE:.0%} of the segments."
        )
    if any(row.not_reproducible for row in rows):
        notes.append(
            f"Topics whose matches in other fits have a mean cosine below {REPRODUCIBLE} are not reproducible."
        )
    return tuple(notes)
