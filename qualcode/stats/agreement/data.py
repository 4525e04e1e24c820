"""Ratings, in whatever form they come, as distinct patterns of category numbers with their counts.

Reliability data is repetitive: ten thousand units of three coders and five categories are at most 216 different rows.
Everything in this package works on those rows and their counts, which is what makes the bootstrap quick.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qualcode.errors import StatisticsError

__all__ = ["MISSING", "Floats", "Ints", "Ratings", "distinct_rows", "read_ratings", "units_with_ratings"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MISSING = -1
"""The category number of a rating that was not given."""

_GAPS_AS_TEXT = ("nan", "None", "<NA>", "NaT")
_TABLE_LIMIT = 1 << 16  # below this many possible values a table of all of them beats sorting


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Ratings as distinct rows.

    Attributes:
        patterns: distinct rows × coders, category numbers or :data:`MISSING`.
        counts: how often each pattern occurs (sums of ``frequencies``).
        of_row: the pattern of each row that was given.
        frequencies: how often each row that was given stands for a unit (ones, unless the caller said otherwise).
        categories: what the numbers mean, in the order of the domain.
        domain_given: whether the caller named the categories, or they are those observed.
        n_coders: the number of columns that were given; with fewer than two, the patterns have empty ones beside them.
    """

    patterns: Ints
    counts: Floats
    of_row: Ints
    frequencies: Floats
    categories: tuple[Hashable, ...]
    domain_given: bool
    n_coders: int


def read_ratings(
    ratings: object, *, categories: Iterable[Hashable] | None = None, frequencies: object = None
) -> Ratings:
    """Return ratings (units × coders) as distinct rows with counts.

    Args:
        ratings: a numpy array, a nested list or a data frame; ``None``, NaN and ``pd.NA`` are missing. Cells are
            strings, numbers, bools or sets.
        categories: the whole domain in its order; without it the observed values, sorted.
        frequencies: how often each row occurs, one number of at least 0 for each row.

    Raises:
        StatisticsError: QC-N003 for another shape, QC-N004 for a rating outside the categories, QC-N007 for
            categories that repeat, QC-N010 for frequencies that do not fit.
    """
    given = None if categories is None else _domain(categories)
    codes, observed = _encode(ratings, given or ())
    domain = tuple(observed) if given is None else given
    if given is not None:
        codes = _into_domain(codes, observed, domain)
    weights = _frequencies(frequencies, len(codes))
    coders = codes.shape[1]
    if coders < 2:
        codes = np.pad(codes, ((0, 0), (0, 2 - coders)), constant_values=MISSING)
    patterns, of_row = distinct_rows(codes, len(domain))
    counts = np.bincount(of_row, weights=weights, minlength=len(patterns)).astype(np.float64)
    return Ratings(patterns, counts, of_row, weights, domain, categories is not None, coders)


def units_with_ratings(ratings: Ratings) -> float:
    """Return how many units have at least one rating."""
    return float(ratings.counts[(ratings.patterns != MISSING).any(axis=1)].sum())


def distinct_rows(codes: Ints, q: int) -> tuple[Ints, Ints]:
    """Return the distinct rows of category numbers below ``q``, sorted, and the number of each row's own."""
    coders = codes.shape[1]
    if len(codes) == 0:
        return codes, np.zeros(0, dtype=np.int64)
    space = (q + 1) ** coders
    if space > 1 << 62:
        patterns, of_row = np.unique(codes, axis=0, return_inverse=True)
        return patterns, of_row.reshape(-1).astype(np.int64)
    places = np.array([(q + 1) ** (coders - 1 - column) for column in range(coders)], dtype=np.int64)
    keys = (codes + 1) @ places
    if space <= max(_TABLE_LIMIT, len(codes)):
        found = np.flatnonzero(np.bincount(keys, minlength=space))
        table = np.zeros(space, dtype=np.int64)
        table[found] = np.arange(len(found))
        of_row = table[keys]
    else:
        found, of_row = np.unique(keys, return_inverse=True)
    return found[:, None] // places % (q + 1) - 1, of_row.astype(np.int64)


def _encode(ratings: object, named: tuple[Hashable, ...]) -> tuple[Ints, list[Hashable]]:
    """Return category numbers, rows × coders, and the observed categories in order; ``named`` are those expected."""
    if hasattr(ratings, "columns") and hasattr(ratings, "to_numpy"):
        ratings = ratings.to_numpy()
    if isinstance(ratings, np.ma.MaskedArray):
        hidden = np.ma.getmaskarray(ratings)
        ratings = np.ma.getdata(ratings).astype(object)
        ratings[hidden] = None
    if isinstance(ratings, np.ndarray):
        if ratings.ndim != 2:
            raise _wrong_shape(f"an array with {ratings.ndim} dimension(s)")
        if ratings.dtype.kind in "biuf":
            return _encode_numbers(ratings)
        if ratings.dtype.kind == "U":
            _refuse_gaps_as_text(ratings, named)
        return _encode_cells(ratings.ravel().tolist(), ratings.shape[0], ratings.shape[1])
    if isinstance(ratings, str | bytes) or not isinstance(ratings, Iterable):
        raise _wrong_shape(f"a {type(ratings).__name__}")
    rows: list[list[Any]] = []
    for number, row in enumerate(ratings):
        if isinstance(row, str | bytes | set | frozenset) or not isinstance(row, Iterable):
            raise _wrong_shape(f"row {number} is {row!r}")
        rows.append(list(row))
        if len(rows[-1]) != len(rows[0]):
            raise _wrong_shape(f"row {number} has {len(rows[-1])} ratings, row 0 has {len(rows[0])}")
    return _encode_cells([cell for row in rows for cell in row], len(rows), len(rows[0]) if rows else 0)


def _refuse_gaps_as_text(ratings: NDArray[Any], named: tuple[Hashable, ...]) -> None:
    """Refuse an array of text that holds "nan" or "None": numpy makes these of gaps, and they would be answers."""
    found = next((text for text in _GAPS_AS_TEXT if text not in named and bool((ratings == text).any())), None)
    if found is not None:
        raise StatisticsError(
            "QC-N003",
            f"The array holds the text {found!r}, which numpy makes of a missing rating among strings.",
            hint=f"Build it with dtype=object, or name {found!r} in categories=[...] if it is an answer.",
        )


def _encode_numbers(ratings: NDArray[Any]) -> tuple[Ints, list[Hashable]]:
    flat = ratings.ravel()
    present = ~np.isnan(flat) if ratings.dtype.kind == "f" else np.ones(flat.size, dtype=bool)
    values = flat[present]
    codes = np.full(flat.size, MISSING, dtype=np.int64)
    if values.size == 0:
        return codes.reshape(ratings.shape), []
    low, high = values.min().item(), values.max().item()
    if -(1 << 53) < low <= high < 1 << 53 and high - low < _TABLE_LIMIT:
        whole = values.astype(np.int64)
        if ratings.dtype.kind != "f" or bool((whole == values).all()):
            whole -= int(low)
            found = np.flatnonzero(np.bincount(whole))
            table = np.zeros(int(found[-1]) + 1, dtype=np.int64)
            table[found] = np.arange(len(found))
            codes[present] = table[whole]
            observed = (found + int(low)).astype(ratings.dtype).tolist()
            return codes.reshape(ratings.shape), observed
    unique, inverse = np.unique(values, return_inverse=True)
    codes[present] = inverse
    return codes.reshape(ratings.shape), unique.tolist()


def _encode_cells(cells: Sequence[Any], rows: int, coders: int) -> tuple[Ints, list[Hashable]]:
    found: dict[Hashable, int] = {}
    numbers: list[int] = []
    for cell in cells:
        if _is_missing(cell):
            numbers.append(MISSING)
            continue
        value = frozenset(cell) if isinstance(cell, set) else cell
        try:
            numbers.append(found.setdefault(value, len(found)))
        except TypeError:
            raise _wrong_shape(f"a cell is {cell!r}") from None
    values = [value.item() if isinstance(value, np.generic) else value for value in found]
    order = sorted(range(len(values)), key=_sort_key(values))
    place = np.full(len(values) + 1, MISSING, dtype=np.int64)  # the last entry answers for MISSING
    place[order] = np.arange(len(values))
    codes = place[np.array(numbers, dtype=np.int64)].reshape(rows, coders)
    return codes, [values[number] for number in order]


def _is_missing(cell: Any) -> bool:
    if cell is None:
        return True
    if isinstance(cell, float | complex | np.generic | Decimal):
        return bool(cell != cell)
    # pandas' own marks are told by name, so that pandas need not be imported.
    return type(cell).__name__ in {"NAType", "NaTType"}


def _sort_key(values: Sequence[Hashable]) -> Any:
    """Return a key by position: numbers by size, strings by letter, sets by size, a mixture by type and text."""
    if all(isinstance(value, int | float) for value in values) or all(isinstance(value, str) for value in values):
        return lambda number: values[number]
    return lambda number: _rank(values[number])


def _rank(value: Hashable) -> tuple[str, int, str]:
    if isinstance(value, frozenset):
        # The text of a set depends on the run; that of its sorted members does not.
        return "frozenset", len(value), repr(sorted(map(repr, value)))
    return type(value).__name__, 0, repr(value)


def _domain(categories: Iterable[Hashable]) -> tuple[Hashable, ...]:
    if isinstance(categories, str):
        raise StatisticsError(
            "QC-N007",
            f"The categories are one string, {categories!r}.",
            hint="Give a list, such as categories=['no', 'yes'].",
        )
    values: list[Any] = list(categories)  # sets are not hashable, and are taken all the same
    domain: tuple[Hashable, ...] = tuple(
        frozenset(value) if isinstance(value, set) else value.item() if isinstance(value, np.generic) else value
        for value in values
    )
    if len(set(domain)) != len(domain) or any(_is_missing(value) for value in domain):
        raise StatisticsError(
            "QC-N007",
            "The categories repeat a value or hold a missing one.",
            hint="Name each category once, in its order; leave missing ratings out of the list.",
        )
    return domain


def _into_domain(codes: Ints, observed: Sequence[Hashable], domain: Sequence[Hashable]) -> Ints:
    index = {category: number for number, category in enumerate(domain)}
    unknown = [value for value in observed if value not in index]
    if unknown:
        raise StatisticsError(
            "QC-N004",
            f"The rating {unknown[0]!r} is not one of the categories.",
            hint=f"Add it to categories={list(domain)!r}, or use None for a rating that was not given.",
        )
    place = np.array([*(index[value] for value in observed), MISSING], dtype=np.int64)
    return place[codes]


def _frequencies(frequencies: object, rows: int) -> Floats:
    if frequencies is None:
        return np.ones(rows)
    try:
        weights = np.asarray(frequencies, dtype=np.float64)
    except (TypeError, ValueError):
        weights = np.empty((0, 0))
    if weights.shape != (rows,) or not bool(np.isfinite(weights).all()) or bool((weights < 0).any()):
        raise StatisticsError(
            "QC-N010",
            f"The frequencies are not {rows} numbers of at least 0, one for each row of the ratings.",
            hint="Give frequencies=[...] as long as the ratings, or leave it out when each row is one unit.",
        )
    return weights


def _wrong_shape(what: str) -> StatisticsError:
    return StatisticsError(
        "QC-N003",
        f"The ratings are not a table of units × coders: {what}.",
        hint="Give one row for each unit and one column for each coder, such as [['yes', 'no'], ['yes', None]].",
    )
