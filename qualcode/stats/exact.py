"""Exact tests of tables with fixed margins, in whole numbers, so that equally probable tables are really equal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from qualcode.stats.inputs import IntArray, chosen, counts, same_length

__all__ = ["enumerated_p_value", "fisher_exact"]

ALTERNATIVES = ("two-sided", "greater", "less")
MOST_STEPS = 200_000
MOST_CASES = 10_000
_Margins = tuple[int, ...]


def fisher_exact(table: Any, alternative: str = "two-sided") -> float:
    """Return the p-value of Fisher's exact test of a 2 × 2 table of counts.

    ``two-sided`` sums all tables that are as probable as the observed one or less; ``greater`` those with at least the
    observed first cell, ``less`` those with at most it. A table with an empty row or column gives 1.

    Raises:
        StatisticsError: QC-N060, QC-N062, QC-N064 unless the table is 2 × 2 counts, QC-N065 for another alternative.
    """
    chosen(alternative, "alternative", ALTERNATIVES)
    cells = counts(table, "the table", dimensions=2)
    same_length("Fisher's test", 2, "the table", cells.shape[0])
    same_length("Fisher's test (its columns)", 2, "the table", cells.shape[1])
    (a, b), (c, d) = ((int(cell) for cell in row) for row in cells)
    first, column, n = a + b, a + c, a + b + c + d
    ways = {x: math.comb(column, x) * math.comb(n - column, first - x)
            for x in range(max(0, first + column - n), min(first, column) + 1)}  # fmt: skip
    if alternative == "two-sided":
        kept = sum(way for way in ways.values() if way <= ways[a])
    else:
        kept = sum(way for x, way in ways.items() if (x >= a if alternative == "greater" else x <= a))
    return _share(kept, math.comb(n, first))


def enumerated_p_value(cells: IntArray) -> float | None:
    """Return the exact p-value of a table of all with its margins (Freeman & Halton 1951); None if they are too many.

    Tables are built column by column. What remains of the row sums and the number of ways so far are all that matters
    for the rest, so equal states are merged. A table's weight is the product over columns of c!/∏x!, a whole number.
    """
    if cells.sum() > MOST_CASES:
        return None
    if cells.shape == (2, 2):
        return fisher_exact(cells)
    columns = sorted((tuple(int(x) for x in column) for column in cells.T), key=sum)
    observed = math.prod(_weight(column) for column in columns)
    start = tuple(int(x) for x in cells.sum(axis=1))
    states: dict[_Margins, dict[int, int]] = {start: {1: 1}}
    work = 0
    for column in columns[:-1]:
        following: dict[_Margins, dict[int, int]] = {}
        for left, ways in states.items():
            for part in _fillings(sum(column), left):
                rest = tuple(have - used for have, used in zip(left, part, strict=True))
                weight, into = _weight(part), following.setdefault(rest, {})
                work += len(ways)
                if work > MOST_STEPS:
                    return None
                for way, times in ways.items():
                    into[way * weight] = into.get(way * weight, 0) + times
        states = following
    kept = 0
    for left, ways in states.items():
        weight = _weight(left)  # the last column takes what is left
        kept += sum(way * weight * times for way, times in ways.items() if way * weight <= observed)
    total = int(cells.sum())
    return _share(kept, math.factorial(total) // math.prod(math.factorial(x) for x in start))


def _fillings(total: int, room: _Margins) -> Iterator[_Margins]:
    """Yield the ways to spread ``total`` cases over rows that have room for so many."""
    if len(room) == 1:
        if total <= room[0]:
            yield (total,)
        return
    beyond = sum(room[1:])
    for here in range(max(0, total - beyond), min(total, room[0]) + 1):
        for others in _fillings(total - here, room[1:]):
            yield (here, *others)


def _weight(column: _Margins) -> int:
    ways, total = 1, 0
    for x in column:
        total += x
        ways *= math.comb(total, x)
    return ways


def _share(part: int, whole: int) -> float:
    """Return part / whole of integers that may be too large for a float."""
    return part / whole if part else 0.0
