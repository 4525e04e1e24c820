"""Codes that go together, by hand and by machine side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.evaluation.grid import Grid

if TYPE_CHECKING:
    from qualcode.stats.cooccurrence import Pair

__all__ = ["INSEPARABLE", "Together", "pairs_of"]

INSEPARABLE = 0.8
"""From this share on a code is said to come with another always, if at least :data:`FEWEST` units show it."""
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Together:
    """Two codes and the units that have both, by hand and by machine.

    Attributes:
        both, jaccard, lift: of the hand, then of the machine: units with both, these / units with either, and these /
            those expected if the codes had nothing to do with each other.
        always: in a few words, who gives which code hardly ever without the other; empty when nobody.
    """

    first: str
    second: str
    hand_both: int
    hand_jaccard: float | None
    hand_lift: float | None
    machine_both: int
    machine_jaccard: float | None
    machine_lift: float | None
    always: str


def pairs_of(grid: Grid) -> tuple[Together, ...]:
    """Return the pairs of codes that share a unit in either layer, the highest Jaccard index of the two first."""
    hand, machine = (_pairs(grid, layer.coder) for layer in grid.layers[:2])
    place = {code.id: at for at, code in enumerate(grid.study.codebook.tree())}
    found = []
    for first, second in {**hand, **machine}:
        one, other = hand.get((first, second)), machine.get((first, second))
        always = [told for name, pair in (("hand", one), ("machine", other)) if pair for told in _always(name, pair)]
        found.append(Together(
            first, second, one.both if one else 0, one.jaccard if one else None, one.lift if one else None,
            other.both if other else 0, other.jaccard if other else None, other.lift if other else None,
            "; ".join(always),
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-max(each.hand_jaccard or 0, each.machine_jaccard or 0),
                                                 -each.hand_both, place[each.first], place[each.second])))  # fmt: skip


def _pairs(grid: Grid, coder: str) -> dict[tuple[str, str], Pair]:
    from qualcode.stats.cooccurrence import cooccurrence

    if not len(grid.document) or not grid.codes:
        return {}
    result = cooccurrence(grid.marks[coder], unit=grid.level, codes=grid.codes)
    return {(pair.first, pair.second): pair for pair in result.pairs() if pair.both}


def _always(name: str, pair: Pair) -> list[str]:
    found = []
    for one, other, of, share in ((pair.first, pair.second, pair.n_first, pair.share_of_first),
                                  (pair.second, pair.first, pair.n_second, pair.share_of_second)):  # fmt: skip
        if of >= FEWEST and share is not None and share >= INSEPARABLE:
            found.append(f"{name}: {one} with {other} in {pair.both} of {of}")
    return found
