"""Codings on a transcript that was edited and read again: back on their words, or on the list of orphans.

A passage is found again when its words (see :mod:`~qualcode.ledger.wording`) stand in the new text, unchanged and in
order, at a place that is the only one possible:

1. *In place*: every longest alignment of the two texts needs these words, and can only put them there. If the words are
   also said elsewhere, some of their neighbours must be there too.
2. *Moved*: they stand elsewhere, no other passage claims that place, and either they are many words that only one
   passage of each text can be, or their neighbours came with them, clearly better than to any other place.

In every other case the passage is an orphan: a person decides, helped by proposals.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qualcode.ledger.edges import land, span_of_words
from qualcode.ledger.places import Places
from qualcode.ledger.proposals import Candidate, alike_anywhere, alike_here
from qualcode.ledger.wording import Wording, same_characters
from qualcode.model.coding import CONTEXT_LENGTH
from qualcode.model.document import Document, Span

__all__ = ["Alignment", "Anchor", "How", "Moved", "Proposal", "anchor_at", "move_all"]

How = Literal["same", "shifted", "reworded", "moved", "orphan"]

MOST_PROPOSALS = 3


@dataclass(frozen=True, slots=True)
class Anchor:
    """A passage of one text, letter for letter, with up to 32 code points of what stands before and after it."""

    span: Span
    quote: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place where an orphan may belong.

    ``similarity`` is 2 × (LCS of the characters of the folded words) / (length of both), 0 … 1.
    """

    anchor: Anchor
    similarity: float


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a passage is in the new text.

    Attributes:
        anchor: in the new text; ``None`` for an orphan. Its quote is the new text at its span, letter for letter.
        how: ``same`` offsets and letters; ``shifted``: same letters, other offsets; ``reworded``: same words, other
            quotes, dashes, case, white space or labels between them; ``moved`` to another place; ``orphan``.
        reason: why it is an orphan, a sentence; else empty.
        proposals: for an orphan, best first, at most three.
    """

    anchor: Anchor | None
    how: How
    reason: str = ""
    proposals: tuple[Proposal, ...] = ()


def anchor_at(text: str, span: Span) -> Anchor:
    """Return the anchor of ``text[span.start:span.end]``; raises ``ValueError`` for a span beyond the text's end."""
    if span.end > len(text):
        raise ValueError(f"the text has {len(text)} code points, the span ends at {span.end}")
    start, end = span.start, span.end
    return Anchor(span, text[start:end], text[max(0, start - CONTEXT_LENGTH) : start], text[end : end + CONTEXT_LENGTH])


def move_all(old: Document, new: Document, anchors: Sequence[Anchor]) -> tuple[Moved, ...]:
    """Return, for each anchor of the old document in its order, where it is in the new one."""
    alignment = Alignment(old, new)
    return tuple(alignment.move(anchor) for anchor in anchors)


class Alignment:
    """Two versions of one transcript, compared once; then any number of passages can be moved."""

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = Wording(old), Wording(new)
        self._places = Places(self._old, self._new)
        self._known: dict[Span, Moved] = {}

    def move(self, anchor: Anchor) -> Moved:
        """Return where a passage of the old text is in the new one.

        An anchor that does not fit the old text (its quote is not what stands at its span) is an orphan.
        """
        span = anchor.span
        if span.end > len(self._old.text) or self._old.text[span.start : span.end] != anchor.quote:
            return Moved(None, "orphan", "Its quote is not what stands at its place in the earlier text.")
        if self._old.text == self._new.text:
            return Moved(anchor_at(self._new.text, span), "same")
        if span not in self._known:
            low, high = self._old.words_in(span)
            self._known[span] = self._with_words(span, low, high) if low < high else self._without_words(span)
        return self._known[span]

    def _with_words(self, span: Span, low: int, high: int) -> Moved:
        verdict = self._places.find(low, high)
        reason, others = verdict.reason, verdict.others
        if verdict.first is not None:
            landed = land(self._old, self._new, span, low, verdict.first, high - low)
            if landed is not None:
                return self._at(span, landed, moved=verdict.moved)
            reason, others = "It begins or ends inside a word that is written in another way now.", (verdict.first,)
        found = [(1.0, first, first + high - low) for first in others]
        found += [*alike_here(self._places, low, high), *alike_anywhere(self._places, low, high)]
        reason = reason or ("Its words were changed." if found else "Its words were deleted.")
        return Moved(None, "orphan", reason, self._proposals(span, low, high, found))

    def _at(self, old: Span, new: Span, *, moved: bool = False) -> Moved:
        anchor = anchor_at(self._new.text, new)
        if moved:
            return Moved(anchor, "moved")
        if anchor.quote != self._old.text[old.start : old.end]:
            return Moved(anchor, "reworded")
        return Moved(anchor, "same" if old == new else "shifted")

    def _without_words(self, span: Span) -> Moved:
        """A passage without speech stays between its neighbours, when they stayed and its characters are there once."""
        old, new = self._old, self._new
        wanted = [character for character, _ in same_characters(old.text[span.start : span.end])]
        gap = (
            self._places.gap(bisect_right(old.ends, span.start) - 1, bisect_left(old.starts, span.end))
            if wanted
            else None
        )
        if gap is None:
            return Moved(
                None, "orphan", "It has no words by which it could be found, and what is around it was changed."
            )
        there = list(same_characters(new.text[gap.start : gap.end]))
        size = len(wanted)
        found = [at for at in range(len(there) - size + 1) if [each for each, _ in there[at : at + size]] == wanted]
        if len(found) != 1:
            return Moved(None, "orphan", "It has no words, and its characters are not there now, or more than once.")
        (at,) = found
        landed = Span(gap.start + there[at][1], gap.start + there[at + size - 1][1] + 1)
        if span.start == landed.start and new.text[span.start : span.end] == old.text[span.start : span.end]:
            landed = span
        return self._at(span, landed)

    def _proposals(self, span: Span, low: int, high: int, found: Sequence[Candidate]) -> tuple[Proposal, ...]:
        chosen: list[Proposal] = []
        for alike, first, last in sorted(found, key=lambda candidate: -candidate[0]):
            place = span_of_words(self._old, self._new, span, (low, high), (first, last))
            if len(chosen) < MOST_PROPOSALS and not any(place.overlaps(each.anchor.span) for each in chosen):
                chosen.append(Proposal(anchor_at(self._new.text, place), alike))
        return tuple(chosen)
