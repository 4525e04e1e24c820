"""What the measures of agreement return: a number with everything that is needed to judge it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Agreement", "Interval", "Status"]

Status = Literal["ok", "undefined"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One measure of agreement on one set of ratings.

    ``value`` is ``None`` exactly when ``status`` is ``"undefined"``; ``reason`` then says why in a sentence. A constant
    set of ratings is undefined, not 1: without variation there is no evidence of agreement beyond chance.

    Attributes:
        value: the coefficient; 1 is perfect, 0 is chance (for percent agreement: a share of 1).
        observed: observed agreement Po. For Krippendorff's alpha the observed *disagreement* Do; ``scale`` says which.
        expected: expected agreement Pe, or expected disagreement De; ``None`` where the measure has none.
        n_units: units with at least one rating.
        n_pairable_units: units with at least two.
        n_pairable: ratings that stand in a unit with at least two.
        n_coders: columns of the ratings.
        level: nominal, ordinal, interval, ratio, jaccard or masi.
        weights: the name of the weights, ``"custom"`` for a matrix, ``""`` for none.
        categories: the domain in its order, as given or as observed; empty for interval and ratio data.
        percent: plain percent agreement as a share of 1, whatever the measure; ``None`` without a pair.
        kappa_max: for Cohen's kappa without weights, the highest value that the two coders' marginals allow.
        by_category: for Fleiss' kappa, (category, its kappa against all others together or ``None``).
        notes: what a reader of the number must know, in sentences.
    """

    value: float | None
    status: Status = "ok"
    reason: str = ""
    observed: float | None = None
    expected: float | None = None
    n_units: int | float = 0
    n_pairable: int | float = 0
    n_coders: int = 0
    measure: str = ""
    notes: tuple[str, ...] = ()
    n_pairable_units: int | float = 0
    level: str = ""
    weights: str = ""
    categories: tuple[Hashable, ...] = ()
    percent: float | None = None
    scale: Literal["agreement", "disagreement"] = "agreement"
    kappa_max: float | None = None
    by_category: tuple[tuple[Hashable, float | None], ...] = ()

    @property
    def defined(self) -> bool:
        """Whether there is a value."""
        return self.status == "ok"


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval of a measure of agreement.

    Attributes:
        low, high: its ends; ``None`` when undefined.
        value: the measure on the ratings themselves.
        standard_error: the standard deviation over the defined replicates, or the analytic standard error.
        confidence: the nominal coverage, such as 0.95.
        method: percentile, bca or analytic.
        resampled: what was drawn: ``"units"``, ``"clusters"`` or, for an analytic interval, ``""``.
        clusters: how many clusters there were, ``None`` without clusters.
        replicates: how many data sets were drawn.
        undefined: in how many of them the measure was undefined; these are left out of the interval.
        seed: of the random numbers.
        values: the measure on each replicate (numpy array, NaN where undefined); not compared or printed.
    """

    low: float | None
    high: float | None
    value: float | None = None
    status: Status = "ok"
    reason: str = ""
    standard_error: float | None = None
    confidence: float = 0.95
    method: str = "percentile"
    resampled: str = ""
    clusters: int | None = None
    replicates: int = 0
    undefined: int = 0
    seed: int | None = None
    measure: str = ""
    n_units: int | float = 0
    notes: tuple[str, ...] = ()
    values: Any = field(default=None, compare=False, repr=False)

    @property
    def defined(self) -> bool:
        """Whether there is an interval."""
        return self.status == "ok"
