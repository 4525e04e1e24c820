"""Analytic standard errors and intervals: large-sample formulas, for units that are independent of each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from statistics import NormalDist

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.agreement.coefficients import Prepared, evaluate_data, pair_table, prepare, why_undefined
from qualcode.stats.agreement.data import MISSING, Floats, Ints
from qualcode.stats.agreement.result import Interval
from qualcode.stats.agreement.sums import Sums, category_counts, pairs_of
from qualcode.stats.agreement.weights import midranks

__all__ = ["analytic_interval"]


def analytic_interval(
    ratings: object,
    measure: str,
    *,
    level: str = "nominal",
    weights: object = None,
    categories: Iterable[Hashable] | None = None,
    frequencies: object = None,
    confidence: float = 0.95,
) -> Interval:
    """Return the large-sample interval of a coefficient, cut at -1 and 1.

    cohen: Fleiss, Cohen & Everitt (1969), with normal quantiles. All others: Gwet's linearisation (2014, chapters 5
    and 6, no finite population correction), with t quantiles for n - 1 units; units with one rating count in n, except
    for krippendorff, whose weights are ``1 - distance / largest distance``. Turns of one interview are not independent:
    for those :func:`~qualcode.stats.agreement.bootstrap` with clusters is the honest interval.

    The arguments are those of :func:`~qualcode.stats.agreement.coefficient`, and ``confidence`` between 0 and 1.

    Returns:
        The interval, with ``method="analytic"``; undefined when the coefficient is, or with fewer than two units.

    Raises:
        StatisticsError: QC-N012 for a confidence outside (0, 1), and what ``coefficient`` raises.
    """
    if not 0 < confidence < 1:
        raise StatisticsError(
            "QC-N012", f"confidence={confidence!r} is not between 0 and 1.", hint="Use confidence=0.95."
        )
    prepared = prepare(ratings, measure, level=level, weights=weights, categories=categories, frequencies=frequencies)
    found = evaluate_data(prepared)
    value = float(found.value[0])
    given = (prepared.ratings.patterns != MISSING).sum(axis=1)
    units = float(prepared.ratings.counts[given >= (2 if measure in {"krippendorff", "cohen", "scott"} else 1)].sum())
    whole = int(units) if units.is_integer() else units
    reason = ""
    if np.isnan(value):
        reason = why_undefined(prepared, found)
    elif units < 2:
        reason = "Fewer than two units: there is no variance to go by."
    if reason:
        return Interval(None, None, None if np.isnan(value) else value, "undefined", reason, confidence=confidence,
                        method="analytic", measure=measure, n_units=whole)  # fmt: skip
    if measure == "cohen":
        error = _error_cohen(prepared)
        reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    else:
        from scipy.special import stdtrit

        error = _error_alpha(prepared) if measure == "krippendorff" else _error_gwet(prepared, value)
        reach = float(stdtrit(units - 1, (1 + confidence) / 2)) * error
    least = 0.0 if measure == "percent" else -1.0
    return Interval(max(value - reach, least), min(value + reach, 1.0), value, standard_error=error,
                    confidence=confidence, method="analytic", measure=measure, n_units=whole)  # fmt: skip


def _error_cohen(prepared: Prepared) -> float:
    """Return the standard error of (weighted) kappa by Fleiss, Cohen & Everitt (1969)."""
    table = pair_table(prepared.ratings)
    n = table.sum()
    shares = table / n
    weights = np.eye(len(table)) if prepared.matrix is None else prepared.matrix
    first, second = shares.sum(axis=1), shares.sum(axis=0)
    mean_first, mean_second = weights @ second, weights @ first  # mean weight, given the one coder's category
    expected = float(first @ weights @ second)
    observed = float((weights * shares).sum())
    inner = weights * (1 - expected) - (mean_first[:, None] + mean_second[None, :]) * (1 - observed)
    outer = observed * expected - 2 * expected + observed
    variance = float((shares * inner**2).sum() - outer**2) / (n * (1 - expected) ** 4)
    return float(np.sqrt(max(variance, 0.0)))


def _error_gwet(prepared: Prepared, value: float) -> float:
    """Return the standard error by linearisation: how far each unit pulls observed and expected agreement."""
    data, measure, weights = prepared.ratings, prepared.measure, prepared.matrix
    q = len(data.categories)
    patterns = data.patterns
    if measure == "scott":
        patterns = np.where((patterns == MISSING).any(axis=1)[:, None], MISSING, patterns)
    given = (patterns != MISSING).sum(axis=1).astype(np.float64)
    kept = (given >= 1) & (data.counts > 0)
    patterns, counts, given = patterns[kept], data.counts[kept], given[kept]
    n, paired = counts.sum(), counts[given >= 2].sum()
    agree = np.zeros(len(patterns))
    for rows, first, second in pairs_of(patterns):
        same = (first == second).astype(np.float64) if weights is None else weights[first, second]
        agree[rows] += same * 2 / (given[rows] * (given[rows] - 1))
    has_pair = (given >= 2).astype(np.float64)
    if measure == "percent":
        return _spread(counts, n / paired * (agree - value * has_pair) + value, value)
    sums = Sums()
    category_counts(sums, patterns, 0, divide_by=given)
    table = sums.table(len(patterns), q)
    shares = table if isinstance(table, np.ndarray) else table.toarray()
    pooled = counts @ shares / n
    if measure in {"fleiss", "scott"}:
        mean_weight = pooled if weights is None else weights @ pooled
        expected, pulls = float(pooled @ mean_weight), shares @ mean_weight
    elif measure == "gwet":
        total = (float(q) if weights is None else float(weights.sum())) / (q * (q - 1))
        expected, pulls = total * float(pooled @ (1 - pooled)), total * (shares @ (1 - pooled))
    elif measure == "brennan-prediger":
        expected = (float(q) if weights is None else float(weights.sum())) / q**2
        pulls = np.full(len(patterns), expected)
    else:
        expected, pulls = _pulls_conger(patterns, counts, q, weights)
    units = n / paired * (agree - expected * has_pair) / (1 - expected)
    return _spread(counts, units - 2 * (1 - value) * (pulls - expected) / (1 - expected), value)


def _pulls_conger(patterns: Ints, counts: Floats, q: int, weights: Floats | None) -> tuple[float, Floats]:
    """Return Conger's expected agreement and each pattern's pull on it, each coder by their own number of units."""
    matrix = np.eye(q) if weights is None else weights
    n = counts.sum()
    active = [coder for coder in range(patterns.shape[1]) if counts[patterns[:, coder] != MISSING].sum() > 0]
    rated = [(patterns[:, coder] != MISSING).astype(np.float64) for coder in active]
    each = [float(counts @ gave) for gave in rated]
    marks = [np.where(patterns[:, [coder]] == np.arange(q)[None, :], 1.0, 0.0) for coder in active]
    shares = [counts @ mark / size for mark, size in zip(marks, each, strict=True)]
    together = np.sum(shares, axis=0)
    r = len(active)
    expected = float(together @ matrix @ together - sum(share @ matrix @ share for share in shares)) / (r * (r - 1))
    pulls = np.zeros(len(patterns))
    for gave, size, mark, share in zip(rated, each, marks, shares, strict=True):
        others = matrix @ (together - share)
        pulls += (mark @ others - (gave - size / n) * float(share @ others)) * n / size
    return expected, pulls / (r * (r - 1))


def _error_alpha(prepared: Prepared) -> float:
    """Return the standard error of alpha by Gwet's linearisation over units with at least two ratings."""
    data = prepared.ratings
    q = len(data.categories)
    given = (data.patterns != MISSING).sum(axis=1).astype(np.float64)
    kept = (given >= 2) & (data.counts > 0)
    patterns, counts, given = data.patterns[kept], data.counts[kept], given[kept]
    n = counts.sum()
    mean = float(counts @ given) / n
    sums = Sums()
    category_counts(sums, patterns, 0)
    table = sums.table(len(patterns), q)
    use = table if isinstance(table, np.ndarray) else table.toarray()
    weights = _alpha_weights(prepared, counts @ use)
    inside = (use * (use @ weights - 1)).sum(axis=1)
    agree = inside / (mean * (given - 1))
    plain = float(counts @ agree) / n
    pooled = counts @ use / (n * mean)
    mean_weight = weights @ pooled
    expected = float(pooled @ mean_weight)
    drift = (given - mean) / mean
    own = agree - plain * drift
    pulls = use @ mean_weight / mean - expected * drift
    # Alpha without its small-sample correction, which is the same for every unit, is what is linearised.
    centre = (plain - expected) / (1 - expected)
    units = (own - expected) / (1 - expected) - 2 * (1 - centre) * (pulls - expected) / (1 - expected)
    return _spread(counts, units, centre)


def _alpha_weights(prepared: Prepared, marginals: Floats) -> Floats:
    """Return alpha's distances as weights; the ordinal ones come from the marginals and count as fixed."""
    from qualcode.stats.agreement.alpha import Alpha

    q = len(marginals)
    statistic = prepared.statistic
    assert isinstance(statistic, Alpha)
    if statistic.metric.kind == "ordinal":
        ranks = midranks(marginals[None, :])[0]
        distances = (ranks[:, None] - ranks[None, :]) ** 2
        distances[marginals == 0] = 0.0
        distances[:, marginals == 0] = 0.0
    else:
        distances = statistic.metric.pairs(np.arange(q)[:, None], np.arange(q)[None, :])
    weights: Floats = 1 - distances / distances.max()
    return weights


def _spread(counts: Floats, units: Floats, value: float) -> float:
    n = counts.sum()
    return float(np.sqrt(counts @ (units - value) ** 2 / (n * (n - 1))))
