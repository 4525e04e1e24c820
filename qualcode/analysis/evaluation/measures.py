"""Precision, recall, F1, average precision, kappa and alpha of one coding held against another, with intervals.

Everything is reckoned from four counts of units: those that both gave the code, those that the machine gave it, those
that the hand gave it, and all. Samples for the intervals are drawn once and shared by all measures, so that the same
transcripts (or turns) make up a sample whatever is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.stats.agreement.resample import Resampling

__all__ = [
    "NOTHING",
    "Measure",
    "Samples",
    "average_precision",
    "chance_corrected",
    "detection",
    "interval",
    "mean_over",
    "measures_of",
    "ranked",
]

Array = npt.NDArray[Any]

ALIKE = "all samples are alike, so there is no interval"
SELDOM = "undefined in most samples, so there is no interval"


@dataclass(frozen=True, slots=True)
class Measure:
    """A number and its interval; ``None`` where it cannot be had.

    Attributes:
        value: the measure on the units themselves.
        low, high: ends of the percentile interval.
        why: why there is a value and no interval; empty otherwise.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""


NOTHING = Measure(None)


class Samples:
    """Bootstrap samples of clusters, drawn once.

    Args:
        of_unit: the number of its cluster for each unit, counted from 0 in order of first appearance.
        clusters: how many clusters there are, those without a unit of interest included.
        replicates: samples to draw; 0 for none.
        seed: the same seed draws the same samples, those of :func:`qualcode.stats.agreement.bootstrap`.
    """

    def __init__(self, of_unit: Array, clusters: int, replicates: int, seed: int) -> None:
        self.of_unit = np.asarray(of_unit, np.int64)
        self.clusters = clusters
        self.replicates = replicates if clusters > 1 else 0
        if self.replicates:
            drawing = Resampling(np.ones(clusters), np.empty((clusters, 1)), None)
            self.draws: Array = np.concatenate(list(drawing.draws(self.replicates, seed)))
        else:
            self.draws = np.empty((0, clusters))

    def sums(self, units: Array) -> Array:
        """Return sums over each sample (replicates × columns) of numbers that units have (units × columns)."""
        return np.asarray(self.draws @ self.by_cluster(self.of_unit, units))

    def by_cluster(self, of_row: Array, values: Array) -> Array:
        """Return sums over each cluster (clusters × columns) of rows that lie in clusters."""
        table = np.zeros((self.clusters, values.shape[1]))
        np.add.at(table, of_row, values.astype(np.float64))
        return table


def detection(both: Array, machine: Array, hand: Array) -> dict[str, Array]:
    """Return precision, recall and F1 from counts, NaN where a measure has no meaning.

    Precision is both / machine, recall both / hand, F1 = 2 both / (machine + hand), their harmonic mean; F1 is 0
    where one side has the code and the other never, and undefined where neither has it.
    """
    both, machine, hand = (np.asarray(each, np.float64) for each in (both, machine, hand))
    return {
        "precision": _ratio(both, machine),
        "recall": _ratio(both, hand),
        "f1": _ratio(2 * both, machine + hand),
    }


def chance_corrected(both: Array, machine: Array, hand: Array, units: Array) -> dict[str, Array]:
    """Return Cohen's kappa and Krippendorff's alpha (nominal) of two answers, yes or no, from counts of units.

    Kappa is (Po - Pe) / (1 - Pe) with Pe from both sides' own shares (Cohen 1960); alpha is 1 - Do / De over the
    2 × units answers (Krippendorff 2011). Both are NaN where all answers are alike.
    """
    both, machine, hand, units = (np.asarray(each, np.float64) for each in (both, machine, hand, units))
    apart = machine + hand - 2 * both
    by_chance = machine * (units - hand) + hand * (units - machine)
    kappa = 1 - _ratio(apart * units, by_chance)
    yes = machine + hand
    alpha = 1 - _ratio(apart * (2 * units - 1), yes * (2 * units - yes))
    return {"kappa": kappa, "alpha": alpha}


def average_precision(truth: Any, scores: Any) -> float:
    """Return the average precision of a ranking; NaN when nothing is true.

    The sum over thresholds of the rise in recall times the precision there, as scikit-learn's
    ``average_precision_score`` has it; what has one score is taken together.
    """
    truth, scores = np.asarray(truth, bool), np.asarray(scores, np.float64)
    value, _ = _thresholds(truth, scores, np.zeros(len(truth), np.int64), 1)
    return value


def ranked(truth: Array, scores: Array, samples: Samples) -> tuple[float, Array]:
    """Return the average precision of a ranking of the units, and that of each sample (NaN where nothing is true)."""
    value, tables = _thresholds(truth, scores, samples.of_unit, samples.clusters)
    if not samples.replicates:
        return value, np.empty(0)
    true_here, above = tables
    if not len(true_here):
        return value, np.full(samples.replicates, np.nan)
    found = np.empty(samples.replicates)
    some = max(1, _AT_ONCE // len(true_here))  # so that memory stays small where there are many scores
    for start in range(0, samples.replicates, some):
        draws = samples.draws[start : start + some]
        gained = draws @ true_here.T
        reached = np.cumsum(gained, axis=1)
        precision = _ratio(reached, draws @ above.T)
        rise = _ratio(gained, reached[:, -1:])
        nothing = ~(reached[:, -1] > 0)
        found[start : start + some] = np.where(nothing, np.nan, np.nansum(rise * precision, axis=1))
    return value, found


_AT_ONCE = 1_000_000
"""Cells of the tables (samples × scores) that are held at once."""


def interval(value: float, samples: Array, confidence: float) -> Measure:
    """Return a value with the percentile interval of its samples; without samples, the value alone."""
    if np.isnan(value):
        return NOTHING
    value = float(value)
    if not len(samples):
        return Measure(value)
    defined = samples[~np.isnan(samples)]
    if 2 * len(defined) < len(samples) or len(defined) < 2:
        return Measure(value, why=SELDOM)
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    if low == high:
        return Measure(value, why=ALIKE)
    return Measure(value, float(low), float(high))


def mean_over(values: Array) -> tuple[Array, Array]:
    """Return the mean of each row over the columns where it is defined, and over how many that is."""
    defined = ~np.isnan(values)
    number = defined.sum(axis=-1)
    return _ratio(np.where(defined, values, 0.0).sum(axis=-1), number), number


def measures_of(
    values: Mapping[str, Array], samples: Mapping[str, Array], column: int, confidence: float
) -> dict[str, Measure]:
    """Return the measures of one column (a code): ``values`` are (columns), ``samples`` (replicates × columns)."""
    return {name: interval(float(each[column]), samples[name][:, column], confidence) for name, each in values.items()}


def _thresholds(truth: Array, scores: Array, of_unit: Array, clusters: int) -> tuple[float, tuple[Array, Array]]:
    """Return the average precision, and for each score that something true has: by cluster, what is true at it, and
    all that has it or a higher one (scores × clusters)."""
    marks = np.unique(scores[truth])[::-1]
    place = len(marks) - np.searchsorted(marks[::-1], scores, side="right")
    above = np.zeros((len(marks), clusters))
    true_here = np.zeros((len(marks), clusters))
    kept = place < len(marks)
    np.add.at(above, (place[kept], of_unit[kept]), 1.0)
    np.add.at(true_here, (place[truth], of_unit[truth]), 1.0)
    above = np.cumsum(above, axis=0)
    if not len(marks):
        return float("nan"), (true_here, above)
    gained = true_here.sum(axis=1)
    value = float((gained / gained.sum() * np.cumsum(gained) / above.sum(axis=1)).sum())
    return value, (true_here, above)


def _ratio(part: Array, whole: Array) -> Array:
    out = np.full(np.broadcast_shapes(np.shape(part), np.shape(whole)), np.nan)
    return np.asarray(np.divide(part, whole, out=out, where=np.asarray(whole) != 0))
