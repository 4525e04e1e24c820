"""A passage in its turn, with what was said before it: enough to judge it without opening the transcript."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qualcode.model.document import Block, Document, Span
from qualcode.report.model import Piece
from qualcode.report.wording import clock

__all__ = ["Scene", "scene_of", "words_alone"]

ROOM = 45
"""Words of the turn that are shown on each side of a passage."""
BEFORE = 40
"""Words of the turn before that are shown, from its end: a question stands at the end of what an interviewer says."""
_CUT = "[…]"
_RUN = re.compile(r"\S+")
_SPOKEN = frozenset({"turn", "unattributed", "question"})


@dataclass(frozen=True, slots=True)
class Scene:
    """A passage as it stands in its text.

    Attributes:
        pieces: the turn around it, the passage marked; put together they are the turn, or the part shown of it.
        speaker: who says it, ``""`` when nobody is named.
        place: turn, time if any, characters.
        before: who spoke before, and the end of what was said; two empty texts at the beginning.
        language: of the text, ``""`` when not known.
    """

    pieces: tuple[Piece, ...]
    speaker: str
    place: str
    before: tuple[str, str] = ("", "")
    language: str = ""


def scene_of(document: Document, span: Span, *, room: int = ROOM) -> Scene:
    """Return a passage of a document in its turn, all of it, with at most ``room`` words on each side."""
    touched = [block for block in document.blocks if block.span.overlaps(span)]
    if not touched:
        return words_alone(document.quote(span))
    first, last = touched[0], touched[-1]
    lead = document.text[min(_speech_start(first), span.start) : span.start]
    trail = document.text[span.end : max(last.span.end, span.end)]
    speaker = _speaker(document, first)
    time = f", {clock(first.start_ms)}" if first.start_ms is not None else ""
    place = f"{'turn' if speaker else 'paragraph'} {first.index}{time}, characters {span.start}–{span.end}"
    pieces = (Piece(_end_of(lead, room)), Piece(document.quote(span), marked=True), Piece(_start_of(trail, room)))
    earlier = [block for block in document.blocks[: first.index] if block.kind in _SPOKEN]
    before = ("", "")
    if earlier:
        said = document.text[_speech_start(earlier[-1]) : earlier[-1].span.end]
        before = (_speaker(document, earlier[-1]), _end_of(said, BEFORE).strip())
    return Scene(tuple(each for each in pieces if each.text), speaker, place, before, document.language or "")


def words_alone(quote: str, prefix: str = "", suffix: str = "") -> Scene:
    """Return a passage of which the text is not at hand, in the few characters that were kept around it."""
    pieces = (Piece(f"…{prefix}" if prefix else ""), Piece(quote, marked=True), Piece(f"{suffix}…" if suffix else ""))
    return Scene(tuple(each for each in pieces if each.text), "", "")


def _speaker(document: Document, block: Block) -> str:
    return document.speaker(block.speaker_ids[0]).label if block.speaker_ids else ""


def _speech_start(block: Block) -> int:
    return block.label_span.end if block.label_span is not None else block.span.start


def _end_of(text: str, words: int) -> str:
    runs = list(_RUN.finditer(text))
    return text.lstrip() if len(runs) <= words else f"{_CUT} {text[runs[-words].start() :]}"


def _start_of(text: str, words: int) -> str:
    runs = list(_RUN.finditer(text))
    return text.rstrip() if len(runs) <= words else f"{text[: runs[words - 1].end()]} {_CUT}"
