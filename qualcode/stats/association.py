"""Association of codes with attributes of cases, where the case is the unit, and correction for many tests.

Segments are not independent observations: a talkative person would count many times. So a case either has the code or
it does not, and a table counts cases.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.exact import enumerated_p_value, fisher_exact
from qualcode.stats.inputs import IntArray, at_least, between, chosen, counts, numbers, same_length

__all__ = ["ADJUSTMENTS", "Adjusted", "Association", "adjust", "code_by_attribute", "contingency_test", "fisher_exact"]

ADJUSTMENTS = ("benjamini-hochberg", "holm", "bonferroni")
METHODS = ("auto", "exact", "monte-carlo")


@dataclass(frozen=True, slots=True)
class Association:
    """A test of independence in a table of cases.

    Attributes:
        table: rows × columns of case counts, empty rows and columns included.
        rows: names of the rows, for a code: ``with``, ``without``.
        columns: names of the columns, for an attribute: its values.
        method: ``Fisher exact``, ``Fisher-Freeman-Halton exact`` or ``Monte Carlo chi-square``.
        chi_square: Pearson's statistic without correction.
        cramers_v: √(χ² / (n · (min(rows, columns) - 1))), 0 to 1.
        odds_ratio: of a 2 × 2 table, ad/bc; with 0.5 added to each cell if one is 0 (noted).
        odds_low: lower end of its log-odds (Woolf) interval.
        odds_high: upper end.
        replicates: random tables of the Monte Carlo test, else None.
        p_error: standard error of a Monte Carlo p-value, else None.
    """

    table: tuple[tuple[int, ...], ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    n_cases: int
    method: str
    p_value: float | None
    chi_square: float | None
    cramers_v: float | None
    odds_ratio: float | None
    odds_low: float | None
    odds_high: float | None
    confidence: float
    replicates: int | None
    seed: int | None
    p_error: float | None
    status: str
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adjusted:
    """P-values of a family of tests, corrected for their number; None where a test was undefined.

    Attributes:
        family: which tests belong together, in words for the report.
        tests: how many of them have a p-value; undefined ones are not counted.
    """

    p_values: tuple[float | None, ...]
    adjusted: tuple[float | None, ...]
    method: str
    family: str
    tests: int

    def rejected(self, alpha: float = 0.05) -> tuple[bool, ...]:
        """Return for each test whether its adjusted p-value is at most ``alpha``."""
        between(alpha, "the level", 0, 1)
        return tuple(p is not None and p <= alpha for p in self.adjusted)


def code_by_attribute(
    coded: Sequence[Any],
    attribute: Sequence[Hashable | None],
    *,
    cases: Sequence[Hashable] | None = None,
    method: str = "auto",
    confidence: float = 0.95,
    replicates: int = 9_999,
    seed: int = 0,
) -> Association:
    """Return whether having a code goes with an attribute, counting cases.

    Args:
        coded: 0/1 for each row: has it the code?
        attribute: its value of the attribute; rows with None are left out and noted.
        cases: the case of each row, when rows are segments: a case has the code if any of its rows has it. If not
            given, each row is a case.
        method: see :func:`contingency_test`.

    Raises:
        StatisticsError: QC-N061 for other codings than 0 and 1, QC-N062 for lengths that differ, QC-N070 for a case
            with two values, and as :func:`contingency_test`.
    """
    same_length("the list of codings", len(coded), "the list of attribute values", len(attribute))
    names: Sequence[Hashable] = range(len(coded)) if cases is None else cases
    same_length("the list of codings", len(coded), "the list of cases", len(names))
    flags = numbers(coded, "the codings")
    if not np.isin(flags, (0, 1)).all():
        raise StatisticsError(
            "QC-N061", "the codings may hold 0 and 1 only", hint="If these are counts, pass `counts > 0`."
        )
    has: dict[Hashable, bool] = {}
    value_of: dict[Hashable, Hashable | None] = {}
    for flag, value, case in zip(flags, attribute, names, strict=True):
        if value_of.setdefault(case, value) != value:
            raise StatisticsError("QC-N070", f"case {case!r} has two values, {value_of[case]!r} and {value!r}",
                                  hint="Use an attribute of the case, or pass people as the cases.")  # fmt: skip
        has[case] = has.get(case, False) or bool(flag)
    values = tuple(dict.fromkeys(value for value in value_of.values() if value is not None))
    column = {value: number for number, value in enumerate(values)}
    table = np.zeros((2, len(values)), dtype=np.int64)
    for case, found in has.items():
        value = value_of[case]
        if value is not None:
            table[0 if found else 1, column[value]] += 1
    result = contingency_test(table, rows=("with", "without"), columns=[str(value) for value in values], method=method,
                              confidence=confidence, replicates=replicates, seed=seed)  # fmt: skip
    left_out = len(has) - int(table.sum())
    extra = (f"cases without a value, left out: {left_out}",) if left_out else ()
    return replace(result, notes=(*result.notes, *extra))


def contingency_test(
    table: Any,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    method: str = "auto",
    confidence: float = 0.95,
    replicates: int = 9_999,
    seed: int = 0,
) -> Association:
    """Return a test of independence of a table of case counts, valid for small numbers.

    ``exact`` takes all tables with the same margins that are as probable as the observed one or less (Fisher for
    2 × 2, Freeman & Halton 1951 beyond), in whole numbers. ``monte-carlo`` draws ``replicates`` tables with the same
    margins and counts those with at least the observed χ²: p = (1 + hits) / (1 + replicates). ``auto`` is exact as
    long as the tables can be listed. Empty rows and columns do not take part. Fewer than two rows or columns with
    cases: ``undefined``.

    Raises:
        StatisticsError: QC-N060, QC-N062, QC-N064 for an unsound table, QC-N063 for confidence or replicates out of
            range, QC-N065 for an unknown method, QC-N072 when ``exact`` would have to list too many tables.
    """
    chosen(method, "method of testing a table", METHODS)
    confidence = between(confidence, "the confidence", 0, 1)
    replicates = at_least(replicates, "the number of replicates", 99)
    full = counts(table, "the table", dimensions=2).astype(np.int64)
    row_names = _names(rows, full.shape[0], "rows")
    column_names = _names(columns, full.shape[1], "columns")
    cells: IntArray = full[full.any(axis=1)][:, full.any(axis=0)]
    empty = Association(
        table=tuple(tuple(int(cell) for cell in row) for row in full), rows=row_names, columns=column_names,
        n_cases=int(full.sum()), method="", p_value=None, chi_square=None, cramers_v=None, odds_ratio=None,
        odds_low=None, odds_high=None, confidence=confidence, replicates=None, seed=None, p_error=None,
        status="undefined", reason="",
    )  # fmt: skip
    if min(cells.shape) < 2:
        return replace(empty, reason=_no_contrast(full, row_names, column_names))
    notes = ["The unit is the case."]
    if cells.size < full.size:
        notes.append("Rows or columns without cases took no part.")
    exact = enumerated_p_value(cells) if method != "monte-carlo" else None
    if exact is None and method == "exact":
        raise StatisticsError("QC-N072", "there are too many tables with these margins to list them all",
                              hint='Use method="monte-carlo".')  # fmt: skip
    statistic = _chi_square(cells)
    ratio, low, high, corrected = _odds(cells, confidence) if cells.shape == (2, 2) else (None, None, None, False)
    if corrected:
        notes.append("A cell is 0: 0.5 was added to each cell for the odds ratio.")
    named = "Fisher exact" if cells.shape == (2, 2) else "Fisher-Freeman-Halton exact"
    p_value = _monte_carlo(cells, statistic, replicates, seed) if exact is None else exact
    return replace(
        empty,
        method=named if exact is not None else "Monte Carlo chi-square",
        p_value=p_value,
        chi_square=statistic,
        cramers_v=min(math.sqrt(statistic / (int(cells.sum()) * (min(cells.shape) - 1))), 1.0),
        odds_ratio=ratio,
        odds_low=low,
        odds_high=high,
        replicates=replicates if exact is None else None,
        seed=seed if exact is None else None,
        p_error=math.sqrt(p_value * (1 - p_value) / replicates) if exact is None else None,
        status="ok",
        notes=tuple(notes),
    )


def adjust(p_values: Sequence[float | None], method: str = "benjamini-hochberg", *, family: str) -> Adjusted:
    """Return p-values adjusted for their number.

    Benjamini & Hochberg (1995) holds the expected share of false discoveries, Holm (1979) and Bonferroni the chance of
    any false one. None (an undefined test) stays None and is not counted.

    Args:
        family: which tests belong together, such as "all codes by Ofsted grade"; it is part of the result.

    Raises:
        StatisticsError: QC-N063 for a p-value outside 0 to 1, QC-N065 for another method, QC-N071 for a family without
            a name.
    """
    chosen(method, "adjustment", ADJUSTMENTS)
    if not family.strip():
        raise StatisticsError("QC-N071", "the family of tests has no name",
                              hint='Say which tests belong together: family="all codes by sex".')  # fmt: skip
    given = [at for at, p in enumerate(p_values) if p is not None and not math.isnan(p)]
    p = np.array([between(p_values[at] or 0.0, "a p-value", 0, 1, ends=True) for at in given])
    m = len(p)
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    found = np.empty(m)
    if method == "benjamini-hochberg":
        found[order] = np.minimum.accumulate((p[order] * m / rank)[::-1])[::-1]
    elif method == "holm":
        found[order] = np.maximum.accumulate(p[order] * (m + 1 - rank))
    else:
        found = p * m
    adjusted: list[float | None] = [None] * len(p_values)
    original: list[float | None] = [None] * len(p_values)
    for at, before, after in zip(given, p, found, strict=True):
        original[at], adjusted[at] = float(before), min(float(after), 1.0)
    return Adjusted(tuple(original), tuple(adjusted), method, family, m)


def _names(given: Sequence[str] | None, number: int, what: str) -> tuple[str, ...]:
    names = tuple(given) if given is not None else tuple(str(at) for at in range(number))
    same_length(f"the list of {what}", len(names), f"the table (its {what})", number)
    return names


def _no_contrast(table: IntArray, rows: tuple[str, ...], columns: tuple[str, ...]) -> str:
    if not table.sum():
        return "there are no cases"
    by_row, by_column = table.sum(axis=1), table.sum(axis=0)
    one = (
        f"row ({rows[int(by_row.argmax())]})"
        if (by_row > 0).sum() == 1
        else f"column ({columns[int(by_column.argmax())]})"
    )
    return f"all cases are in one {one}: there is nothing to compare"


def _chi_square(cells: IntArray) -> float:
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / cells.sum()
    return float(((cells - expected) ** 2 / expected).sum())


def _odds(cells: IntArray, confidence: float) -> tuple[float, float, float, bool]:
    from scipy.special import ndtri

    corrected = bool((cells == 0).any())
    (a, b), (c, d) = (cells + 0.5 * corrected).tolist()
    log, spread = math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    z = float(ndtri((1 + confidence) / 2))
    return a * d / (b * c), math.exp(log - z * spread), math.exp(log + z * spread), corrected


def _monte_carlo(cells: IntArray, observed: float, replicates: int, seed: int) -> float:
    """Return the share of tables with the same margins whose χ² is at least the observed one, this one included."""
    rng = np.random.default_rng(seed)
    row_of = np.repeat(np.arange(cells.shape[0]), cells.sum(axis=1))
    column_of = np.repeat(np.arange(cells.shape[1]), cells.sum(axis=0))
    expected = (np.outer(cells.sum(axis=1), cells.sum(axis=0)) / cells.sum()).ravel()
    hits, done = 0, 0
    step = max(1, 1_000_000 // len(row_of))
    while done < replicates:
        now = min(step, replicates - done)
        shuffled = rng.permuted(np.tile(row_of, (now, 1)), axis=1)
        at = shuffled * cells.shape[1] + column_of + np.arange(now)[:, None] * cells.size
        drawn = np.bincount(at.ravel(), minlength=now * cells.size).reshape(now, cells.size)
        statistic = ((drawn - expected) ** 2 / expected).sum(axis=1)
        hits += int((statistic >= observed * (1 - 1e-9)).sum())
        done += now
    return (1 + hits) / (1 + replicates)
