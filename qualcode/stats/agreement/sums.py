"""Sufficient statistics: what each pattern of ratings adds to the few sums from which a coefficient is computed.

A coefficient of a data set is a function of ``counts @ contributions``. A bootstrap of thousands of data sets is then
one matrix product, and every replicate goes through the same function as the data itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from qualcode.stats.agreement.data import MISSING, Floats, Ints

__all__ = ["Evaluated", "Statistic", "Sums", "category_counts", "pairs_of"]

_DENSE_LIMIT = 4_000_000  # cells; a larger table of contributions is kept sparse


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """A coefficient on several data sets; NaN where it is undefined.

    ``observed`` and ``expected`` are on the coefficient's own scale. ``paired`` is the number of units with two ratings
    or more, ``pairable`` the number of their ratings, ``kinds`` how many categories these use.
    """

    value: Floats
    observed: Floats
    expected: Floats
    pairable: Floats
    paired: Floats
    kinds: Ints


class Statistic(Protocol):
    """A coefficient as contributions and a function of their sums."""

    def canonical(self, patterns: Ints) -> Ints:
        """Return the patterns with everything removed that cannot change the coefficient."""

    def contributions(self, patterns: Ints) -> Any:
        """Return what a unit of each pattern adds: patterns × sums, a numpy array or a sparse one."""

    def evaluate(self, sums: Floats) -> Evaluated:
        """Return the coefficient for each row of sums."""


@dataclass(slots=True)
class Sums:
    """Collects contributions column by column and puts them into one table."""

    rows: list[Ints] = field(default_factory=list)
    columns: list[Ints] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)

    def add(self, rows: Ints, columns: Ints | int, values: Floats | float) -> None:
        """Add ``values`` at ``rows`` × ``columns``; what meets in one cell is summed."""
        self.rows.append(rows)
        self.columns.append(np.broadcast_to(np.asarray(columns, dtype=np.int64), rows.shape))
        self.values.append(np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape))

    def table(self, n_rows: int, n_columns: int) -> Any:
        """Return the table; scipy's sparse array when a full one would be large (many distinct values)."""
        rows = np.concatenate(self.rows) if self.rows else np.zeros(0, dtype=np.int64)
        columns = np.concatenate(self.columns) if self.columns else np.zeros(0, dtype=np.int64)
        values = np.concatenate(self.values) if self.values else np.zeros(0)
        if n_rows * n_columns <= _DENSE_LIMIT:
            flat = np.bincount(rows * n_columns + columns, weights=values, minlength=n_rows * n_columns)
            return flat.reshape(n_rows, n_columns)
        from scipy.sparse import coo_array

        return coo_array((values, (rows, columns)), shape=(n_rows, n_columns)).tocsr()


def category_counts(sums: Sums, patterns: Ints, at: int, *, divide_by: Floats | None = None, least: int = 1) -> None:
    """Add, from column ``at`` on, how often each pattern with ``least`` ratings or more uses each category."""
    given = patterns != MISSING
    rows, coders = np.nonzero(given & (given.sum(axis=1) >= least)[:, None])
    values: Floats | float = 1.0 if divide_by is None else 1.0 / divide_by[rows]
    sums.add(rows, at + patterns[rows, coders], values)


def pairs_of(patterns: Ints) -> Any:
    """Yield, for each two coders, the patterns in which both rate, and their two categories."""
    for first in range(patterns.shape[1]):
        for second in range(first + 1, patterns.shape[1]):
            rows = np.flatnonzero((patterns[:, first] != MISSING) & (patterns[:, second] != MISSING))
            if rows.size:
                yield rows, patterns[rows, first], patterns[rows, second]
