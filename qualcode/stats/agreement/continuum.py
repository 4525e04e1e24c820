"""Coders' units on one continuum, read and checked: what the measures of :mod:`.spans` share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qualcode.errors import StatisticsError

__all__ = ["Coder", "Ints", "Unit", "Units", "read_units"]

Unit: TypeAlias = tuple[int, int, Hashable]
Units: TypeAlias = Sequence[Iterable[Unit]] | Mapping[Any, Iterable[Unit]]
Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coder:
    """One coder's segments in order, as arrays; ``codes`` are numbers into the list of all codes."""

    starts: Ints
    ends: Ints
    codes: Ints

    def of(self, code: int) -> Coder:
        mine = self.codes == code
        return Coder(self.starts[mine], self.ends[mine], self.codes[mine])


def read_units(units: Units, start: int, length: int, *, within_code: bool) -> tuple[list[Coder], list[Hashable]]:
    """Return the coders' units in order, and all codes in the order in which they are met.

    Args:
        units: for each coder ``(start, length, code)``.
        start, length: the continuum.
        within_code: whether only units of one code must not overlap, rather than any units of one coder.

    Raises:
        StatisticsError: QC-N033 to QC-N036, as :func:`qualcode.stats.agreement.spans.alpha_u` says.
    """
    if not _whole(start) or not _whole(length) or length < 0:
        raise StatisticsError("QC-N036", f"a continuum needs a whole start and length, got {start!r} and {length!r}",
                              hint="For a text, start=0 and length=len(text).")  # fmt: skip
    numbers: dict[Hashable, int] = {}
    coders = []
    for each in units.values() if isinstance(units, Mapping) else units:
        rows = [_unit(unit, start, length) for unit in each]
        rows.sort(key=lambda row: (row[0], row[1]))
        codes = [numbers.setdefault(code, len(numbers)) for _, _, code in rows]
        bounds = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
        coder = Coder(bounds[:, 0], bounds[:, 1], np.array(codes, dtype=np.int64))
        for part in [coder.of(code) for code in set(codes)] if within_code else [coder]:
            clash = np.flatnonzero(part.starts[1:] < part.ends[:-1])
            if len(clash):
                raise StatisticsError(
                    "QC-N035", f"units of one coder overlap at position {int(part.starts[clash[0] + 1])}",
                    hint="Unite a coder's segments of one code first (qualcode.stats.units.unite)." if within_code else
                    "u_alpha allows one code at a place: use alpha_u, or one code at a time.")  # fmt: skip
        coders.append(coder)
    return coders, list(numbers)


def _unit(unit: Unit, start: int, length: int) -> tuple[int, int, Hashable]:
    try:
        at, long, code = unit
        sound = _whole(at) and _whole(long) and long > 0 and isinstance(code, Hashable)
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise StatisticsError("QC-N033", f"a unit is (start, length, code) in whole positions, got {unit!r}",
                              hint="The length is at least 1; give positions, not times with fractions.")  # fmt: skip
    if at < start or at + long > start + length:
        raise StatisticsError("QC-N034", f"the unit {unit!r} is not on the continuum from {start} to {start + length}",
                              hint="Give `start` and `length` of the whole text that was coded.")  # fmt: skip
    return int(at), int(at + long), code


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
