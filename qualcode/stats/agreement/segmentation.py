"""Segmentations of a text, and the edits that turn one into another: what :mod:`.boundaries` measures with."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qualcode.errors import StatisticsError

__all__ = ["Edits", "Segmentation", "boundary_edits", "is_whole", "read_both", "read_segmentation"]

Segmentation: TypeAlias = Sequence[int] | str | AbstractSet[int]


@dataclass(frozen=True, slots=True)
class Edits:
    """What turns one segmentation into the other."""

    matches: int
    additions: int
    near_misses: int
    near_weight: float
    places: int

    @property
    def cost(self) -> float:
        return self.additions + self.near_weight

    @property
    def compared(self) -> int:
        return self.additions + self.near_misses + self.matches


def read_segmentation(segmentation: Segmentation, atoms: int | None) -> NDArray[np.bool_]:
    """Return a truth value for each of the N-1 places."""
    if isinstance(segmentation, AbstractSet):
        return _from_set(segmentation, atoms)
    if isinstance(segmentation, str):
        if set(segmentation) - {"0", "1"}:
            raise _broken(segmentation, "A string has 0 and 1 only, one symbol for each place between two atoms.")
        return np.array([symbol == "1" for symbol in segmentation], dtype=bool)
    masses = list(segmentation)
    if not masses or not all(is_whole(mass) for mass in masses):
        raise _broken(segmentation, "Give the lengths of the segments, such as [2, 3, 6].")
    if min(masses) < 1:
        raise _broken(
            segmentation, 'A segment has at least one atom. Write 0 and 1 for boundaries as a string: "0100".'
        )
    places = np.zeros(int(sum(masses)) - 1, dtype=bool)
    places[np.cumsum(masses)[:-1] - 1] = True
    return places


def _from_set(after: AbstractSet[int], atoms: int | None) -> NDArray[np.bool_]:
    if atoms is None or not is_whole(atoms) or atoms < 1:
        raise _broken(after, "For a set of boundaries say how many atoms the text has: atoms=11.")
    if not all(is_whole(place) and 0 < place < atoms for place in after):
        raise _broken(after, f"A boundary stands after an atom, from 1 to {atoms - 1}.")
    places = np.zeros(atoms - 1, dtype=bool)
    places[[place - 1 for place in after]] = True
    return places


def _broken(segmentation: object, hint: str) -> StatisticsError:
    return StatisticsError("QC-N040", f"{segmentation!r} is no segmentation", hint=hint)


def is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def read_both(one: Segmentation, other: Segmentation, atoms: int | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    a, b = read_segmentation(one, atoms), read_segmentation(other, atoms)
    if len(a) != len(b):
        raise StatisticsError("QC-N041", f"the segmentations are of {len(a) + 1} and {len(b) + 1} atoms",
                              hint="Compare segmentations of the same text.")  # fmt: skip
    return a, b


def boundary_edits(one: Segmentation, other: Segmentation, span: int, atoms: int | None) -> Edits:
    """Return the boundary edits; near misses are found at the shortest distance first, then from left to right."""
    if not is_whole(span) or span < 1:
        raise StatisticsError("QC-N042", f"the span of a near miss is a whole number from 1, got {span!r}",
                              hint="Use span=2, or 1 for no near misses.")  # fmt: skip
    a, b = read_both(one, other, atoms)
    lone = {int(place): bool(a[place]) for place in np.flatnonzero(a != b)}
    near, weight = 0, 0.0
    for distance in range(1, span):
        for place in sorted(lone):
            if place in lone and lone.get(place + distance, lone[place]) != lone[place]:
                del lone[place], lone[place + distance]
                near, weight = near + 1, weight + distance / span
    return Edits(int((a & b).sum()), len(lone), near, weight, len(a))
