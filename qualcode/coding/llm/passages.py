"""What is sent: participants' turns without labels, notes and names, and the way back to their places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from qualcode.coding.base import Corpus
from qualcode.coding.features.units import Units, units_of
from qualcode.coding.llm.names import Names, names_of
from qualcode.model.codes import Codebook
from qualcode.model.document import NON_SPEECH_MARKS, Block, Document, MarkKind, Span
from qualcode.text.build import ASKING_ROLES

__all__ = ["LONGEST", "Passage", "Rules", "Sent", "passages_of"]

LONGEST = 6_000
"""A turn of more characters is cut between two units."""
QUESTION_LENGTH = 800
"""Of a question so many characters are sent."""
PLACEHOLDERS: Mapping[MarkKind, str] = {"redaction": "[redacted]", "inaudible": "[inaudible]"}
"""What stands for marks that leave a gap in a sentence; what was written in them is never sent."""

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Sent:
    """A stretch of a transcript as it is sent.

    Attributes:
        text: as it is sent.
        starts: where each piece of it begins in ``text``.
        places: where each piece stands in the document's text.
        literal: whether each piece is that text, letter for letter; else it stands for it.
    """

    text: str
    starts: tuple[int, ...]
    places: tuple[Span, ...]
    literal: tuple[bool, ...]

    def place(self, start: int, end: int) -> Span:
        """Return where ``text[start:end]`` (not empty) comes from."""
        return Span(self._source(start).start, self._source(end - 1).end)

    def _source(self, at: int) -> Span:
        number = bisect_right(self.starts, at) - 1
        place = self.places[number]
        if not self.literal[number]:
            return place
        begin = place.start + at - self.starts[number]
        return Span(begin, begin + 1)


@dataclass(frozen=True, slots=True)
class Passage:
    """A turn, or a part of a long one, that is sent.

    Attributes:
        document: ordinal of the document in the corpus.
        block: number of the turn.
        first, last: its first and last unit (rows).
        sent: its words.
        question: what was asked before it, when that is sent; else empty.
    """

    document: int
    block: int
    first: int
    last: int
    sent: Sent
    question: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be sent.

    Attributes:
        context: the interviewer's question before a turn.
        replaced: names are replaced by roles; ``hide``: further names that are replaced.
        fewest_words: turns of fewer words are not sent.
    """

    context: bool
    replaced: bool
    hide: tuple[str, ...]
    fewest_words: int


def passages_of(corpus: Corpus, codebook: Codebook, rules: Rules) -> tuple[Units, tuple[tuple[Passage, ...], ...]]:
    """Return the units that may be coded, and for each document (in the order of their names) the passages to send.

    What interviewers and moderators say is never among them, nor what the codebook leaves out.
    """
    left_out = sorted({*codebook.roles_left_out, *ASKING_ROLES})
    units = units_of(corpus, codebook.unit, roles_left_out=left_out)
    found: list[tuple[Passage, ...]] = []
    by_name = sorted(enumerate(corpus.documents), key=lambda each: (each[1].name, each[1].id))
    for number, document in by_name:
        names = names_of(document, corpus.documents, rules.hide) if rules.replaced else Names((), ())
        found.append(tuple(_of_document(document, number, units, names, left_out, rules)))
    return units, tuple(each for each in found if each)


def _of_document(
    document: Document, number: int, units: Units, names: Names, left_out: Sequence[str], rules: Rules
) -> Iterator[Passage]:
    talk = _Talk(document, names, left_out)
    first, end = np.searchsorted(units.document, [number, number + 1]).tolist()
    for block in np.unique(units.block[first:end]).tolist():
        rows = first + np.flatnonzero(units.block[first:end] == block)
        if units.words[rows].sum() < rules.fewest_words:
            continue
        asked = int(units.question[rows[0]])
        question = talk.question(document.blocks[asked]) if rules.context and asked >= 0 else ""
        for low, high in _parts(units, rows.tolist()):
            sent = talk.sent(document.blocks[block], Span(int(units.start[low]), int(units.end[high])))
            yield Passage(number, block, low, high, sent, question)


def _parts(units: Units, rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last unit of each part of a turn."""
    first = last = rows[0]
    for row in rows[1:]:
        if units.end[row] - units.start[first] > LONGEST:
            yield first, last
            first = row
        last = row
    yield first, last


class _Talk:
    """The speech of one document as it may be sent."""

    def __init__(self, document: Document, names: Names, left_out: Sequence[str]) -> None:
        self.document = document
        self.names = names
        silent = {each.id for each in document.speakers if each.role in left_out}
        holes = [(block.label_span, "") for block in document.blocks if block.label_span is not None]
        holes += [(mark.span, PLACEHOLDERS.get(mark.kind, "")) for mark in document.marks
                  if mark.kind in NON_SPEECH_MARKS or (mark.kind == "overlap" and mark.value in silent)]  # fmt: skip
        self.holes = sorted(holes, key=lambda hole: (hole[0].start, -hole[0].end))
        self.begins = [hole.start for hole, _ in self.holes]
        self.longest = max((len(hole) for hole, _ in self.holes), default=0)

    def sent(self, block: Block, stretch: Span) -> Sent:
        """Return a stretch of a block as it is sent."""
        text = self.document.text
        pieces = list(self._holes(stretch))
        taken = [span for span, _ in pieces]
        # Names are looked for in the whole block, so that a cut never parts one.
        pieces += [(Span(max(span.start, stretch.start), min(span.end, stretch.end)), stands)
                   for span, stands in self.names.found(text, block.span.start, block.span.end)
                   if span.overlaps(stretch) and not any(span.overlaps(hole) for hole in taken)]  # fmt: skip
        found: list[tuple[str, Span, bool]] = []
        at = stretch.start
        for span, stands in [*sorted(pieces, key=lambda piece: piece[0]), (Span(stretch.end, stretch.end), "")]:
            if at < span.start:
                found.append((_SURROGATE.sub("\ufffd", text[at : span.start]), Span(at, span.start), True))
            if stands:
                found.append((stands, span, False))
            at = max(at, span.end)
        starts = tuple(accumulate((len(shown) for shown, _, _ in found), initial=0))[: len(found)]
        return Sent("".join(shown for shown, _, _ in found), starts, tuple(place for _, place, _ in found),
                    tuple(literal for _, _, literal in found))  # fmt: skip

    def question(self, block: Block) -> str:
        """Return what a block asks, its last words when it is long."""
        text = " ".join(self.sent(block, block.span).text.split())
        return text if len(text) <= QUESTION_LENGTH else "… " + text[-QUESTION_LENGTH:]

    def _holes(self, stretch: Span) -> Iterator[tuple[Span, str]]:
        """Yield what is not sent of a stretch, disjoint, with what stands for it."""
        at = stretch.start
        for number in range(bisect_right(self.begins, stretch.start - self.longest - 1), len(self.holes)):
            hole, stands = self.holes[number]
            if hole.start >= stretch.end:
                return
            if hole.end > at:
                begin = max(hole.start, at)
                yield Span(begin, min(hole.end, stretch.end)), stands if begin == hole.start else ""
                at = min(hole.end, stretch.end)
