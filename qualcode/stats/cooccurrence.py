"""Co-occurrence of codes: which codes are found in the same units, and is that more than their frequencies explain?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.inputs import BoolArray, FloatArray, IntArray, at_least, read_only, same_length, zero_one

__all__ = ["Cooccurrence", "Pair", "c_coefficient", "cooccurrence"]

UNEQUAL_RATIO = 5
SMALL_N = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes and the units they share; shares and ratios are None where a code was not found.

    Attributes:
        both: units with both codes.
        jaccard: both / units with either; the c-coefficient on distinct units.
        share_of_first: both / units with the first code.
        share_of_second: both / units with the second.
        expected: units with both if the codes were independent.
        lift: both / expected.
        unequal: one code is more than 5 times as frequent as the other, which pulls ``jaccard`` down.
        small: ``both`` or ``expected`` is below 5: read the passages, not the numbers.
    """

    first: str
    second: str
    n_first: int
    n_second: int
    both: int
    jaccard: float | None
    share_of_first: float | None
    share_of_second: float | None
    expected: float | None
    lift: float | None
    unequal: bool
    small: bool


@dataclass(frozen=True, slots=True, eq=False)
class Cooccurrence:
    """Code × code matrices over distinct units; nan where a code was not found.

    Attributes:
        unit: what a row of the matrix was: sentence, turn, passage, document …
        counts: units with both codes; the diagonal holds each code's own units.
        jaccard: counts / units with either code (c-coefficient).
        share: ``share[i, j]`` of the units with code i also have code j.
        expected: n_i n_j / units.
        lift: counts / expected.
        unequal: frequencies differ by more than 5 to 1.
        small: counts or expected below 5.
        status: ``undefined`` when there are no units; single undefined cells are nan.
    """

    unit: str
    codes: tuple[str, ...]
    n_units: int
    totals: IntArray
    counts: IntArray
    jaccard: FloatArray
    share: FloatArray
    expected: FloatArray
    lift: FloatArray
    unequal: BoolArray
    small: BoolArray
    status: str
    reason: str

    def pair(self, first: str, second: str) -> Pair:
        """Return the numbers of two codes.

        Raises:
            StatisticsError: QC-N065 for an unknown code.
        """
        missing = [name for name in (first, second) if name not in self.codes]
        if missing:
            raise StatisticsError("QC-N065", f"there is no code {missing[0]!r} in this table",
                                  hint=f"Choose from: {', '.join(self.codes)}.")  # fmt: skip
        return self._pair(self.codes.index(first), self.codes.index(second))

    def pairs(self) -> tuple[Pair, ...]:
        """Return each pair of different codes once: most shared units first, then the higher Jaccard."""
        at = zip(*np.triu_indices(len(self.codes), k=1), strict=True)
        found = [self._pair(int(i), int(j)) for i, j in at]
        return tuple(sorted(found, key=lambda pair: (-pair.both, -(pair.jaccard or 0.0))))

    def _pair(self, i: int, j: int) -> Pair:
        return Pair(
            first=self.codes[i],
            second=self.codes[j],
            n_first=int(self.totals[i]),
            n_second=int(self.totals[j]),
            both=int(self.counts[i, j]),
            jaccard=_given(self.jaccard[i, j]),
            share_of_first=_given(self.share[i, j]),
            share_of_second=_given(self.share[j, i]),
            expected=_given(self.expected[i, j]),
            lift=_given(self.lift[i, j]),
            unequal=bool(self.unequal[i, j]),
            small=bool(self.small[i, j]),
        )


def cooccurrence(units: Any, *, unit: str, codes: Sequence[str] | None = None) -> Cooccurrence:
    """Return how often codes are found in the same unit, from a 0/1 matrix units × codes (numpy or scipy sparse).

    Each row is one distinct unit, so no coefficient can pass 1, however many codings overlap in it.

    Args:
        unit: what a row is; it is named in the result because every number depends on it.
        codes: names of the columns; their numbers from 0 if not given.

    Raises:
        StatisticsError: QC-N060, QC-N061 for the matrix, QC-N062 when the names do not fit its columns.
    """
    from scipy.sparse import csr_array, issparse

    if issparse(units):
        table = csr_array(units, copy=True)
        table.sum_duplicates()
        if not np.isin(table.data, (0, 1)).all():
            raise StatisticsError("QC-N061", "the matrix of units and codes may hold 0 and 1 only",
                                  hint="If these are counts, pass `counts > 0`.")  # fmt: skip
        table = table.astype(np.int64)
    else:
        table = csr_array(zero_one(units, "the matrix of units and codes").astype(np.int64))
    n_units, n_codes = table.shape
    names = tuple(codes) if codes is not None else tuple(str(number) for number in range(n_codes))
    same_length("the list of codes", len(names), "the matrix (its columns)", n_codes)
    both: IntArray = np.asarray((table.T @ table).toarray(), dtype=np.int64)
    total: IntArray = np.diagonal(both).copy()
    either = total[:, None] + total[None, :] - both
    expected = np.outer(total, total) / n_units if n_units else np.full(both.shape, np.nan)
    high, low = np.maximum.outer(total, total), np.minimum.outer(total, total)
    return Cooccurrence(
        unit=unit,
        codes=names,
        n_units=n_units,
        totals=read_only(total),
        counts=read_only(both),
        jaccard=read_only(_ratio(both, either)),
        share=read_only(_ratio(both, np.broadcast_to(total[:, None], both.shape))),
        expected=read_only(expected),
        lift=read_only(_ratio(both, expected)),
        unequal=read_only(high > UNEQUAL_RATIO * low),
        small=read_only((both < SMALL_N) | (expected < SMALL_N)),
        status="ok" if n_units else "undefined",
        reason="" if n_units else f"there are no units ({unit})",
    )


def c_coefficient(n1: int, n2: int, n12: int) -> float | None:
    """Return ATLAS.ti's c-coefficient n12 / (n1 + n2 - n12), the Jaccard index of distinct units; None without units.

    Raises:
        StatisticsError: QC-N063 for negative counts, or more shared units than either code has.
    """
    at_least(n1, "the units of the first code", 0)
    at_least(n2, "the units of the second code", 0)
    at_least(n12, "the shared units", 0)
    if n12 > min(n1, n2):
        raise StatisticsError("QC-N063", f"{n12} shared units are more than one of the codes has ({min(n1, n2)})",
                              hint="Count distinct units: one that overlaps several codings counts once.")  # fmt: skip
    return n12 / (n1 + n2 - n12) if n1 + n2 else None


def _ratio(above: Any, below: Any) -> FloatArray:
    found: FloatArray = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return found


def _given(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
