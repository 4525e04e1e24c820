"""Where machine and hand part: passages missed and falsely found, and codes taken for others, with words to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from qualcode.analysis.evaluation.grid import Grid, Passage
from qualcode.analysis.levels import block_at
from qualcode.model.coding import Coding
from qualcode.model.document import Span

__all__ = ["Confusion", "Mistake", "block_of", "confusions_of", "mistakes_of"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A passage that only one side has.

    Attributes:
        kind: ``missed``: the hand coded it and no passage of the machine with the code overlaps it; ``false``: the
            other way about.
        other: what the other side gave words of this passage instead, in tree order; empty when nothing.
        rules, evidence: what made the machine propose it, of a false one.
        score: of a false one the machine's; of a missed one how near it came (the highest rank of its units), where
            the machine ranks all units.
    """

    kind: Literal["missed", "false"]
    code: str
    document_id: str
    span: Span
    other: tuple[str, ...]
    coder: str = ""
    rules: str = ""
    evidence: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Units to which the hand gave one code and the machine another instead.

    Attributes:
        units: how many.
        document_id, span: one of them.
        passage: the machine's coding there, with its rules and words.
    """

    hand_code: str
    machine_code: str
    units: int
    document_id: str
    span: Span
    passage: Coding | None


def mistakes_of(grid: Grid, rank: Array | None = None) -> tuple[Mistake, ...]:
    """Return all mistakes by code in tree order: those nearest to being right the other way first.

    That is, false passages with the highest scores first, missed ones with the highest rank; what has neither stands
    in the order of the text.
    """
    hand, machine = grid.passages
    place = {code: at for at, code in enumerate(grid.codes)}
    by_document: dict[str, tuple[list[Passage], list[Passage]]] = {name: ([], []) for name in grid.documents}
    for side, passages in enumerate((hand, machine)):
        for each in passages:
            by_document[each.document_id][side].append(each)
    found: list[Mistake] = []
    for each in machine:
        if not each.met:
            first = each.codings[0]
            other = _there(each, by_document[each.document_id][0], place)
            rules = "; ".join(dict.fromkeys(one.rule for one in each.codings if one.rule))
            found.append(Mistake("false", each.code, each.document_id, each.span, other, first.coder, rules,
                                 first.evidence, each.score))  # fmt: skip
    for each in hand:
        if not each.met:
            near = None
            if rank is not None:
                units = sorted({number for one in each.codings for number in grid.touched(one)})
                near = float(rank[units, place[each.code]].max())
                near = None if not np.isfinite(near) else near
            found.append(Mistake("missed", each.code, each.document_id, each.span,
                                 _there(each, by_document[each.document_id][1], place), score=near))  # fmt: skip
    order = {name: at for at, name in enumerate(grid.documents)}
    return tuple(sorted(found, key=lambda each: (place[each.code], each.kind, _last(each.score),
                                                 order[each.document_id], each.span)))  # fmt: skip


def confusions_of(grid: Grid) -> tuple[Confusion, ...]:
    """Return the pairs of codes that are taken for one another, the most frequent first.

    A unit counts for (A, B) when the hand gave it A and not B, and the machine B and not A.
    """
    theirs, ours = grid.marks[grid.reference.coder], grid.marks[grid.machine.coder]
    missed, false = theirs & ~ours, ours & ~theirs
    counts = missed.T.astype(np.int64) @ false.astype(np.int64)
    pairs = [(int(counts[a, b]), int(a), int(b)) for a, b in np.argwhere(counts)]
    coded: dict[tuple[int, int], Coding] = {}
    column = {code: at for at, code in enumerate(grid.codes)}
    for each in grid.kept(grid.machine):
        for unit in grid.touched(each):
            coded.setdefault((unit, column[each.code]), each)
    found = []
    for units, a, b in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        at = _readable(grid, np.flatnonzero(missed[:, a] & false[:, b]))
        name, span = grid.span(at)
        found.append(Confusion(grid.codes[a], grid.codes[b], units, name, span, coded.get((at, b))))
    return tuple(found)


def block_of(grid: Grid, document_id: str, span: Span) -> tuple[int, str]:
    """Return the number of the block in which a place lies, and who speaks there."""
    document = grid.study.documents[document_id]
    block = document.blocks[block_at(document, span.start)]
    return block.index, document.speaker(block.speaker_ids[0]).label if block.speaker_ids else ""


def _there(passage: Passage, others: Sequence[Passage], place: dict[str, int]) -> tuple[str, ...]:
    found = {each.code for each in others if each.code != passage.code and each.span.overlaps(passage.span)}
    return tuple(sorted(found, key=place.__getitem__))


def _last(score: float | None) -> float:
    """Return what sorts high scores first and what has none last."""
    return np.inf if score is None else -score


def _readable(grid: Grid, units: Array) -> int:
    """Return the unit that reads best by itself: the one whose length is nearest to that of a full sentence."""
    spans = [grid.span(int(unit))[1] for unit in units]
    best = min(range(len(spans)), key=lambda at: (abs(len(spans[at]) - _FULL), at))
    return int(units[best])


_FULL = 110
"""Characters of a sentence that can be understood without its neighbours, and read at one glance."""
