"""Bootstrap intervals: thousands of resampled data sets at once, as draws of pattern counts."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.agreement.coefficients import Prepared, evaluate_data, prepare, why_undefined
from qualcode.stats.agreement.data import MISSING, Floats, Ints, Ratings, distinct_rows, units_with_ratings
from qualcode.stats.agreement.result import Interval
from qualcode.stats.agreement.sums import Sums

__all__ = ["Resampling", "bootstrap", "resampling"]

_CHUNK = 4_000_000  # numbers drawn at one time
_CROWDED = 20  # with more than one pattern for so many units, drawing units is quicker than drawing pattern counts
_FEW_CLUSTERS = 10
_BELOW_TWO = "Fewer than two {what}: nothing can be resampled."


class Resampling:
    """What is drawn, and what a draw adds to the sums of the statistic.

    Attributes:
        items: how many different things can be drawn: patterns, or clusters.
        counts: how often each is there; a replicate draws ``counts.sum()`` of them with replacement.
        contributions: items × sums.
    """

    __slots__ = ("contributions", "counts", "items", "patterns")

    def __init__(self, counts: Floats, contributions: Any, patterns: Ints | None) -> None:
        self.items = len(counts)
        self.counts = counts
        self.contributions = contributions
        self.patterns = patterns

    def draws(self, replicates: int, seed: int) -> Iterator[Floats]:
        """Yield counts of items, replicates × items, in chunks; together always the same for one seed."""
        rng = np.random.default_rng(seed)
        size = int(self.counts.sum())
        step = max(1, _CHUNK // max(self.items, self.contributions.shape[1]))
        crowded = self.items * _CROWDED > size
        ends = (
            np.repeat(np.arange(self.items), self.counts.astype(np.int64)) if crowded else np.zeros(0, dtype=np.int64)
        )
        for start in range(0, replicates, step):
            part = min(step, replicates - start)
            if crowded:
                chunk = np.empty((part, self.items))
                for row in range(part):
                    chunk[row] = np.bincount(ends[rng.integers(size, size=size)], minlength=self.items)
                yield chunk
            else:
                yield rng.multinomial(size, self.counts / size, size=part).astype(np.float64)


def bootstrap(
    ratings: object,
    measure: str,
    *,
    level: str = "nominal",
    weights: object = None,
    categories: Iterable[Hashable] | None = None,
    frequencies: object = None,
    clusters: Sequence[Hashable] | None = None,
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
    method: Literal["percentile", "bca"] = "percentile",
) -> Interval:
    """Return a bootstrap confidence interval of a coefficient.

    Units with a rating are drawn with replacement, and everything, marginals included, is computed anew. With
    ``clusters`` (the transcript of each row) whole clusters are drawn, as turns of one interview are not independent.
    Without ``categories`` the domain is that of all ratings, in every replicate.

    Args:
        clusters: one label for each row of the ratings.
        replicates: how many data sets are drawn.
        seed: the same seed gives the same interval.
        confidence: between 0 and 1.
        method: percentile, or bca (bias-corrected and accelerated, Efron 1987, with a jackknife over the same things).

    The other arguments are those of :func:`~qualcode.stats.agreement.coefficient`; without clusters, frequencies are
    whole numbers.

    Returns:
        The interval, undefined when the coefficient itself is, when there are fewer than two units or clusters, or when
        fewer than two replicates have a value.

    Raises:
        StatisticsError: QC-N011 for clusters that do not fit, QC-N012 for replicates, confidence, method or seed that
            have no meaning; and what ``coefficient`` raises.
    """
    _check(replicates, seed, confidence, method)
    prepared = prepare(ratings, measure, level=level, weights=weights, categories=categories, frequencies=frequencies)
    drawn = resampling(prepared, clusters)
    point = evaluate_data(prepared)
    value = float(point.value[0])
    known: dict[str, Any] = {
        "value": None if np.isnan(value) else value,
        "confidence": confidence,
        "method": method,
        "resampled": "units" if clusters is None else "clusters",
        "clusters": None if clusters is None else drawn.items,
        "seed": seed,
        "measure": measure,
        "n_units": _whole(units_with_ratings(prepared.ratings)),
    }
    if np.isnan(value):
        return _undefined(why_undefined(prepared, point), known)
    if drawn.counts.sum() < 2:
        return _undefined(_BELOW_TWO.format(what="units" if clusters is None else "clusters"), known)
    chunks = [prepared.statistic.evaluate(draw @ drawn.contributions).value for draw in drawn.draws(replicates, seed)]
    values = np.concatenate(chunks)
    defined = values[~np.isnan(values)]
    lost = len(values) - len(defined)
    if len(defined) < 2:
        return _undefined("The measure is undefined in nearly every replicate: the ratings vary too little.", known)
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)
    if method == "bca":
        tails = _bca_tails(tails, defined, value, _jackknife(prepared, drawn))
    low, high = np.quantile(defined, tails)
    notes = []
    if low == high:
        notes.append("The replicates hardly differ: an interval without width says little about other units.")
    if lost:
        notes.append(f"The measure was undefined in {lost} of {replicates} replicates, which are left out.")
    if clusters is not None and drawn.items < _FEW_CLUSTERS:
        notes.append(f"Only {drawn.items} clusters: intervals from so few are usually too narrow.")
    return Interval(
        low=float(low), high=float(high), standard_error=float(defined.std(ddof=1)), replicates=replicates,
        undefined=lost, notes=tuple(notes), values=values, **known,
    )  # fmt: skip


def resampling(prepared: Prepared, clusters: Sequence[Hashable] | None = None) -> Resampling:
    """Return what is drawn from these ratings: patterns that differ for the statistic, or clusters.

    Raises:
        StatisticsError: QC-N010 for units with frequencies that are not whole, QC-N011 for clusters that do not fit.
    """
    data, statistic = prepared.ratings, prepared.statistic
    patterns, of_pattern = distinct_rows(statistic.canonical(data.patterns), len(data.categories))
    contributions = statistic.contributions(patterns)
    if clusters is None:
        rated = np.where((data.patterns != MISSING).any(axis=1), data.counts, 0.0)
        counts = np.bincount(of_pattern, weights=rated, minlength=len(patterns)).astype(np.float64)
        if not bool((data.frequencies == np.floor(data.frequencies)).all()):
            raise StatisticsError(
                "QC-N010",
                "Units cannot be drawn by frequencies that are not whole numbers.",
                hint="Give whole frequencies, or clusters=[...] to draw whole transcripts.",
            )
        there = np.flatnonzero(counts > 0)
        return Resampling(counts[there], contributions[there], patterns[there])
    of_cluster, n_clusters = _clusters(clusters, data)
    sums = Sums()
    sums.add(of_cluster, of_pattern[data.of_row], data.frequencies)
    members = sums.table(n_clusters, len(patterns))
    return Resampling(np.ones(n_clusters), members @ contributions, None)


def _clusters(clusters: Sequence[Hashable], data: Ratings) -> tuple[Ints, int]:
    labels = list(clusters)
    if len(labels) != len(data.of_row) or any(label is None or label != label for label in labels):
        raise StatisticsError(
            "QC-N011",
            f"The clusters are not {len(data.of_row)} labels, one for each row of the ratings.",
            hint="Give clusters=[...] with the transcript of each unit, none of them missing.",
        )
    found: dict[Hashable, int] = {}
    numbers = [found.setdefault(label, len(found)) for label in labels]
    return np.array(numbers, dtype=np.int64), len(found)


def _jackknife(prepared: Prepared, drawn: Resampling) -> tuple[Floats, Floats]:
    """Return the coefficient without one thing of each kind, and how many of that kind there are."""
    whole = drawn.counts @ drawn.contributions
    step = max(1, _CHUNK // max(drawn.contributions.shape[1], 1))
    values = []
    for start in range(0, drawn.items, step):
        part = drawn.contributions[start : start + step]
        without = whole[None, :] - (part if isinstance(part, np.ndarray) else part.toarray())
        values.append(prepared.statistic.evaluate(without).value)
    return np.concatenate(values), drawn.counts


def _bca_tails(
    tails: tuple[float, float], defined: Floats, value: float, jackknife: tuple[Floats, Floats]
) -> tuple[float, float]:
    """Return the shares at which BCa reads the quantiles (Efron 1987)."""
    normal = NormalDist()
    below = float((defined < value).mean() + (defined == value).mean() / 2)
    edge = 0.5 / len(defined)
    bias = normal.inv_cdf(min(max(below, edge), 1 - edge))
    values, counts = jackknife
    kept = ~np.isnan(values)
    values, counts = values[kept], counts[kept]
    acceleration = 0.0
    if counts.sum() > 1:
        apart = (counts @ values) / counts.sum() - values
        spread = float(counts @ apart**2)
        if spread > 0:
            acceleration = float(counts @ apart**3) / (6 * spread**1.5)

    def shift(share: float) -> float:
        reach = bias + normal.inv_cdf(share)
        return min(max(normal.cdf(bias + reach / (1 - acceleration * reach)), 0.0), 1.0)

    return shift(tails[0]), shift(tails[1])


def _check(replicates: int, seed: int, confidence: float, method: str) -> None:
    wrong = ""
    if isinstance(replicates, bool) or not isinstance(replicates, int | np.integer) or replicates < 2:
        wrong = f"replicates={replicates!r} is not a whole number of at least 2."
    elif isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        wrong = f"seed={seed!r} is not a whole number of at least 0."
    elif not 0 < confidence < 1:
        wrong = f"confidence={confidence!r} is not between 0 and 1."
    elif method not in {"percentile", "bca"}:
        wrong = f"There is no method called {method!r}."
    if wrong:
        raise StatisticsError(
            "QC-N012", wrong, hint="Use replicates=2000, seed=0, confidence=0.95, method='percentile' or 'bca'."
        )


def _undefined(reason: str, known: dict[str, Any]) -> Interval:
    return Interval(low=None, high=None, status="undefined", reason=reason, **known)


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else float(value)
