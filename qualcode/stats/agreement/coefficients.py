"""``coefficient``: one measure of agreement on one set of ratings."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.agreement.alpha import Alpha
from qualcode.stats.agreement.chance import CHANCE_MEASURES, TWO_CODERS, ChanceCorrected
from qualcode.stats.agreement.data import MISSING, Floats, Ratings, read_ratings, units_with_ratings
from qualcode.stats.agreement.result import Agreement
from qualcode.stats.agreement.sums import Evaluated, Statistic
from qualcode.stats.agreement.weights import metric_for, weights_for

__all__ = ["MEASURES", "Prepared", "coefficient", "evaluate_data", "prepare", "why_undefined"]

MEASURES = (*CHANCE_MEASURES, "krippendorff")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Ratings that were read and checked, with the statistic that was asked for."""

    ratings: Ratings
    statistic: Statistic
    measure: str
    level: str
    weights: str
    matrix: Floats | None


def coefficient(
    ratings: object,
    measure: str,
    *,
    level: str = "nominal",
    weights: object = None,
    categories: Iterable[Hashable] | None = None,
    frequencies: object = None,
) -> Agreement:
    """Return a coefficient of agreement between coders, with what it rests on.

    Args:
        ratings: units × coders, a numpy array, nested list or data frame; ``None``, NaN and ``pd.NA`` are missing.
        measure: percent, cohen, scott (two coders), fleiss, conger, brennan-prediger, gwet or krippendorff.
        level: for krippendorff: nominal, ordinal, interval, ratio, or jaccard or masi for cells that are sets.
        weights: ``None``, linear, quadratic, ordinal (Gwet's), or a q × q matrix of agreement in the order of
            ``categories``. For krippendorff the distance is one less the weight.
        categories: the whole domain in its order. Weights, brennan-prediger and gwet depend on it; without it the
            observed values are taken, and a note says so.
        frequencies: how often each row occurs (numbers of at least 0), when rows are patterns and not single units.

    Returns:
        The value, or ``status="undefined"`` with the reason when the ratings cannot tell agreement from chance: no unit
        with two ratings, or only one category in use. Percent agreement is there in both cases, if there is a pair.

    Raises:
        StatisticsError: QC-N001–N010 when the question itself has no meaning; the hint says what to type.

    >>> round(coefficient([["a", "a"], ["b", "a"], ["b", "b"], ["c", None]], "scott").value, 4)
    0.3333
    """
    prepared = prepare(ratings, measure, level=level, weights=weights, categories=categories, frequencies=frequencies)
    found = evaluate_data(prepared)
    data = prepared.ratings
    value, observed, expected = (_number(part) for part in (found.value, found.observed, found.expected))
    return Agreement(
        value=value,
        status="undefined" if value is None else "ok",
        reason=why_undefined(prepared, found) if value is None else "",
        observed=observed,
        expected=expected,
        n_units=_whole(units_with_ratings(data)),
        n_pairable=_whole(found.pairable[0]),
        n_coders=data.n_coders,
        measure=measure,
        notes=_notes(prepared),
        n_pairable_units=_whole(found.paired[0]),
        level=level,
        weights=prepared.weights,
        categories=() if level in {"interval", "ratio"} else data.categories,
        percent=_percent(prepared),
        scale="disagreement" if measure == "krippendorff" else "agreement",
        kappa_max=_kappa_max(prepared) if measure == "cohen" and value is not None else None,
        by_category=_by_category(data) if measure == "fleiss" and not prepared.weights else (),
    )


def prepare(
    ratings: object,
    measure: str,
    *,
    level: str = "nominal",
    weights: object = None,
    categories: Iterable[Hashable] | None = None,
    frequencies: object = None,
) -> Prepared:
    """Read and check ratings and the question asked of them; see :func:`coefficient` for arguments and errors."""
    if measure not in MEASURES:
        raise StatisticsError(
            "QC-N001", f"There is no measure called {measure!r}.", hint=f"Use one of {', '.join(MEASURES)}."
        )
    if level != "nominal" and measure != "krippendorff":
        raise StatisticsError(
            "QC-N008",
            f"level={level!r} belongs to krippendorff; {measure} takes weights.",
            hint="Use measure='krippendorff', or weights='linear', 'quadratic' or 'ordinal'.",
        )
    data = read_ratings(ratings, categories=categories, frequencies=frequencies)
    if measure in TWO_CODERS and data.n_coders > 2:
        other = "conger" if measure == "cohen" else "fleiss"
        raise StatisticsError(
            "QC-N009",
            f"{measure} compares two coders, and the ratings have {data.n_coders}.",
            hint=f"Use measure={other!r}, its form for more coders, or choose two columns.",
        )
    q = len(data.categories)
    if measure == "krippendorff":
        name, metric = metric_for(level, weights, data)
        return Prepared(data, Alpha.over(data.patterns, q, metric), measure, level, name, metric.matrix)
    name, matrix = weights_for(weights, data)
    return Prepared(data, ChanceCorrected(measure, q, data.patterns.shape[1], matrix), measure, level, name, matrix)


def evaluate_data(prepared: Prepared) -> Evaluated:
    """Return the coefficient of the ratings themselves, as arrays of one."""
    data = prepared.ratings
    return prepared.statistic.evaluate((data.counts @ prepared.statistic.contributions(data.patterns))[None, :])


def why_undefined(prepared: Prepared, found: Evaluated) -> str:
    """Return in a sentence why the coefficient has no value."""
    data = prepared.ratings
    if data.n_coders < 2:
        return f"Agreement needs at least two coders; the ratings have {data.n_coders}."
    if not found.paired[0] > 0:
        return "No unit was rated by two coders."
    if found.kinds[0] < 2:
        patterns, counts = data.patterns, data.counts
        used = patterns[((patterns != MISSING).sum(axis=1) >= 2) & (counts > 0)]
        only = data.categories[int(used.max())]
        shown = set(only) or "{}" if isinstance(only, frozenset) else repr(only)
        return (
            f"All {_whole(found.pairable[0])} ratings that can be paired are {shown}: "
            "without variation, agreement cannot be told from chance."
        )
    if prepared.measure == "krippendorff":
        return "The categories in use are at no distance from each other, so no disagreement is expected by chance."
    return "Chance alone is expected to give full agreement, so there is nothing to correct for."


def _notes(prepared: Prepared) -> tuple[str, ...]:
    data = prepared.ratings
    notes = []
    matters = (prepared.weights and prepared.weights != "custom") or prepared.measure in {"brennan-prediger", "gwet"}
    if matters and not data.domain_given:
        notes.append(
            f"The {len(data.categories)} observed values were taken as the whole domain, and the value depends on it: "
            "give categories to fix it."
        )
    if prepared.measure in TWO_CODERS and bool((data.counts[(data.patterns == MISSING).any(axis=1)] > 0).any()):
        notes.append("Only units that both coders rated are used.")
    return tuple(notes)


def _percent(prepared: Prepared) -> float | None:
    data = prepared.ratings
    plain = ChanceCorrected("percent", len(data.categories), data.patterns.shape[1])
    return _number(plain.evaluate((data.counts @ plain.contributions(data.patterns))[None, :]).value)


def _kappa_max(prepared: Prepared) -> float | None:
    """Return the highest kappa for these marginals: (sum of min(p_1k, p_2k) - Pe)/(1 - Pe) (Cohen 1960)."""
    if prepared.matrix is not None:
        return None
    data = prepared.ratings
    table = pair_table(data)
    total = table.sum()
    first, second = table.sum(axis=1) / total, table.sum(axis=0) / total
    expected = float(first @ second)
    return float((np.minimum(first, second).sum() - expected) / (1 - expected))


def pair_table(data: Ratings) -> Floats:
    """Return the q × q table of two coders' complete pairs, the first coder's categories in the rows."""
    q = len(data.categories)
    both = (data.patterns != MISSING).all(axis=1)
    keys = data.patterns[both, 0] * q + data.patterns[both, 1]
    return np.bincount(keys, weights=data.counts[both], minlength=q * q).astype(np.float64).reshape(q, q)


def _by_category(data: Ratings) -> tuple[tuple[Hashable, float | None], ...]:
    """Return Fleiss' kappa of each category against all others together."""
    two = ChanceCorrected("fleiss", 2, data.patterns.shape[1])
    found = []
    for number, category in enumerate(data.categories):
        codes = np.where(data.patterns == MISSING, MISSING, data.patterns == number)
        found.append((category, _number(two.evaluate((data.counts @ two.contributions(codes))[None, :]).value)))
    return tuple(found)


def _number(values: Floats) -> float | None:
    value = float(values[0])
    return None if np.isnan(value) else value


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else float(value)
