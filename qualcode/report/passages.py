"""Passages as a reader sees them: the words, those that matched, and where to find them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qualcode.analysis.quotes import Quote
from qualcode.model.document import Span
from qualcode.report.model import Piece, QuoteView
from qualcode.report.wording import clock

__all__ = ["clip", "pieces", "place", "quote_view"]

LONGEST = 110
"""Words of a quote on the page; a longer passage is cut around what matched and says so."""
_CUT = "[…]"
_RUN = re.compile(r"\S+")
_BEFORE = 0.3


def quote_view(quote: Quote, languages: Mapping[str, str]) -> QuoteView:
    """Return a quote ready to be shown."""
    said = {"absent": "says it is absent", "mixed": "says that it is and that it is not"}
    return QuoteView(
        pieces(quote.text, quote.matched),
        quote.speaker,
        place(quote.document, quote.block, quote.span, quote.start_ms, quote.speaker),
        f"Speaks against the others: {said.get(quote.stance, 'says it is so')}" if quote.contrary else "",
        languages.get(quote.document_id, ""),
    )


def place(document: str, block: int, span: Span, start_ms: int | None, speaker: str) -> str:
    """Return where a passage stands: document, turn (a paragraph where nobody is named), time if any, characters."""
    part = "turn" if speaker else "paragraph"
    time = f", {clock(start_ms)}" if start_ms is not None else ""
    return f"{document}, {part} {block}{time}, characters {span.start}–{span.end}"


def pieces(text: str, matched: tuple[Span, ...], longest: int = LONGEST) -> tuple[Piece, ...]:
    """Return the text in pieces, the matched words marked; put together they are the text, or the part shown of it."""
    first, last = _window(text, matched, longest)
    made = [Piece(f"{_CUT} ")] if first else []
    at = first
    for span in matched:
        start, end = max(span.start, at), min(span.end, last)
        if start >= end:
            continue
        if start > at:
            made.append(Piece(text[at:start]))
        made.append(Piece(text[start:end], marked=True))
        at = end
    if at < last:
        made.append(Piece(text[at:last]))
    if last < len(text):
        made.append(Piece(f" {_CUT}"))
    return tuple(made)


def clip(text: str, words: int) -> str:
    """Return the beginning of a text, cut after so many words, with a sign where it is cut."""
    return "".join(piece.text for piece in pieces(text, (), words))


def _window(text: str, matched: tuple[Span, ...], longest: int) -> tuple[int, int]:
    runs = [(run.start(), run.end()) for run in _RUN.finditer(text)]
    if len(runs) <= longest:
        return 0, len(text)
    hit = matched[0].start if matched else 0
    before = sum(end <= hit for _, end in runs)
    first = max(0, min(before - int(longest * _BEFORE), len(runs) - longest))
    last = first + longest
    return (runs[first][0] if first else 0), (runs[last - 1][1] if last < len(runs) else len(text))
