"""Where a passage begins and ends in the new text, once it is known which words it has: punctuation around them."""

from __future__ import annotations

from itertools import islice

from qualcode.ledger.wording import Wording, same_characters
from qualcode.model.document import Span

__all__ = ["land", "reach", "span_of_words"]

_ENDERS = frozenset(".!?,;:")
"""One of these in place of another is still the end of the same words."""
_BRACKETS = frozenset("[](){}<>")
_LONGEST_RUN = 64


def land(old: Wording, new: Wording, span: Span, low: int, first: int, count: int) -> Span | None:
    """Return the span in the new text of a passage whose word ``low`` is now word ``first``, ``count`` words in all.

    ``None`` when the passage begins or ends inside a word and that word is written with other letters now.
    """
    offset = new.word_span(first).start - old.word_span(low).start
    if span.start + offset >= 0:
        moved = Span(span.start + offset, span.end + offset)
        unchanged = new.text[moved.start : moved.end] == old.text[span.start : span.end] and moved.end <= len(new.text)
        if unchanged and new.words_in(moved) == (first, first + count):
            return moved
    whole = span_of_words(old, new, span, (low, low + count), (first, first + count))
    start, end = whole.start, whole.end
    begins, ends = old.word_span(low), old.word_span(low + count - 1)
    if span.start > begins.start:
        if not _same_letters(old, new, begins, new.word_span(first)):
            return None
        start = new.word_span(first).start + span.start - begins.start
    if span.end < ends.end:
        last = new.word_span(first + count - 1)
        if not _same_letters(old, new, ends, last):
            return None
        end = last.start + span.end - ends.start
    return Span(start, end)


def span_of_words(old: Wording, new: Wording, span: Span, was: tuple[int, int], now: tuple[int, int]) -> Span:
    """Return where words ``now`` of the new text stand, with the punctuation that the old passage had."""
    first, last = old.word_span(was[0]), old.word_span(was[1] - 1)
    start, end = new.word_span(now[0]).start, new.word_span(now[1] - 1).end
    gap_start = new.word_span(now[0] - 1).end if now[0] > 0 else 0
    gap_end = new.word_span(now[1]).start if now[1] < len(new.spoken) else len(new.text)
    lead, trail = old.text[span.start : first.start], old.text[last.end : span.end]
    return Span(start - reach(lead[::-1], new.text[gap_start:start][::-1]), end + reach(trail, new.text[end:gap_end]))


def reach(old: str, new: str) -> int:
    """Return how many characters of ``new``, from its beginning, correspond to the punctuation ``old``.

    >>> reach(".", "! And")
    1
    >>> reach('."', ".\u201d")
    2
    >>> reach(" [laughs]", " [sighs]")
    0
    """
    if new.startswith(old):
        return len(old)
    end = 0
    for run in old.split():
        space = len(new[end:]) - len(new[end:].lstrip())
        taken = _run(run, new[end + space :])
        if taken == 0:
            break
        end += space + taken
    return end


def _run(old: str, new: str) -> int:
    wanted = [character for character, _ in same_characters(old)]
    there = list(islice(same_characters(new[: len(old) + _LONGEST_RUN]), len(wanted)))
    if wanted and [character for character, _ in there] == wanted:
        return there[-1][1] + 1
    if any(character.isalnum() or character in _BRACKETS for character in wanted):
        return 0
    end = 0
    for character, at in same_characters(new.split(maxsplit=1)[0] if new.strip() else ""):
        while wanted and not (character == wanted[0] or (character in _ENDERS and wanted[0] in _ENDERS)):
            wanted.pop(0)
        if not wanted:
            break
        wanted.pop(0)
        end = at + 1
    return end


def _same_letters(old: Wording, new: Wording, was: Span, now: Span) -> bool:
    return old.text[was.start : was.end] == new.text[now.start : now.end]
