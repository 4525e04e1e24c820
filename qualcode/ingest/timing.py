"""Give blocks their times: which stamps open or close a turn, what two-part stamps mean, whether time runs on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qualcode.ingest.build import LocatedBlock
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.stamps import (
    BARE_STAMP,
    BRACKET_STAMP,
    OVERLAP_MS,
    first_step_back,
    is_hours_minutes,
    milliseconds,
)
from qualcode.model.document import IngestWarning, Mark, Span

__all__ = ["timed"]

_AT_START = re.compile(rf"\s*({BRACKET_STAMP})")
_BARE_AT_START = re.compile(rf"({BARE_STAMP})\s+(?=\S)")
_AT_END = re.compile(rf"({BRACKET_STAMP})\s*\Z")
_RANGE = re.compile(r"\s*(?:-{1,2}>|[–—]|\s-\s|\bto\b)\s*")
_TIMED_KINDS = ("turn", "unattributed", "note")
_FEWEST_BARE = 3
_REACH = 60


@dataclass(slots=True)
class _Stamps:
    opening: Span | None
    closing: Span | None


def timed(
    text: str, blocks: Sequence[LocatedBlock], options: IngestOptions
) -> tuple[list[LocatedBlock], list[IngestWarning]]:
    """Return the blocks with their times in milliseconds, and warnings about stamps that cannot be right.

    Stamps are taken to open turns unless more turns end in one (or the options say so); then a turn starts where the
    one before it ended. Times stay as written even when they run back.
    """
    marked = _with_bare_stamps(text, blocks)
    stamps = [_stamps_of(text, block) if block.kind in _TIMED_KINDS else _Stamps(None, None) for block in marked]
    opening = sum(each.opening is not None for each in stamps)
    closing = sum(each.closing is not None for each in stamps)
    if not opening and not closing:
        return marked, []
    closes = options.stamp_position == "end" or (options.stamp_position == "auto" and closing > opening)
    leading = [each.closing if closes else each.opening for each in stamps]
    written = [text[span.start : span.end] for span in leading if span is not None]
    hours = is_hours_minutes(written)
    done: list[LocatedBlock] = []
    reached: int | None = 0
    for block, each in zip(marked, stamps, strict=True):
        start, until = _times(text, each.opening, hours=hours)
        end = _times(text, each.closing, hours=hours)[0] if closes or closing * 2 > opening else None
        if closes and end is not None:
            start = reached if start is None else start
            reached = end
        end = until if end is None else end
        if start is not None and end is not None and end < start:
            end = None if not closes else end
            start = start if not closes else None
        if start is None and end is None:
            done.append(block)
        else:
            done.append(replace(block, start_ms=start, end_ms=end, time_source="file"))
    return done, _complaints(text, leading, written, hours=hours)


def _complaints(
    text: str, leading: Sequence[Span | None], written: Sequence[str], *, hours: bool
) -> list[IngestWarning]:
    places = [span for span in leading if span is not None]
    times = [milliseconds(_RANGE.split(stamp)[0], hours_minutes=hours) for stamp in written]
    found: list[IngestWarning] = []
    back = first_step_back(times, slack=OVERLAP_MS)
    if back is not None:
        place = places[back]
        found.append(IngestWarning(
            "stamps-run-back", "warn",
            f"the time stamp {text[place.start : place.end]} is earlier than one before it (a second recording?); "
            "times were kept as written",
            place,
        ))  # fmt: skip
    if None in times:
        place = places[times.index(None)]
        found.append(IngestWarning(
            "impossible-stamp", "warn",
            f"the time stamp {text[place.start : place.end]} is no possible time; its turn was left without one", place,
        ))  # fmt: skip
    return found


def _times(text: str, span: Span | None, *, hours: bool) -> tuple[int | None, int | None]:
    if span is None:
        return None, None
    parts = _RANGE.split(text[span.start : span.end])
    first = milliseconds(parts[0], hours_minutes=hours)
    return first, milliseconds(parts[1], hours_minutes=hours) if len(parts) > 1 else None


def _stamps_of(text: str, block: LocatedBlock) -> _Stamps:
    begin = block.span.start if block.label_span is None else block.label_span.end
    known = [mark.span for mark in block.marks if mark.kind == "timestamp" and mark.span.start < begin]
    opening = known[0] if known else None
    if opening is None:
        bare = [mark.span for mark in block.marks if mark.kind == "timestamp" and mark.span.start == block.span.start]
        match = _AT_START.match(text, begin, min(block.span.end, begin + _REACH))
        opening = bare[0] if bare else (None if match is None else Span(*match.span(1)))
    tail = max(begin, block.span.end - _REACH)
    last = _AT_END.search(text, tail, block.span.end)
    closing = None if last is None else Span(*last.span(1))
    return _Stamps(opening, None if closing == opening else closing)


def _with_bare_stamps(text: str, blocks: Sequence[LocatedBlock]) -> list[LocatedBlock]:
    # "00:00:12 So we began …" with no speaker: believed only when several paragraphs begin so.
    found: dict[int, Mark] = {}
    for index, block in enumerate(blocks):
        if block.kind == "unattributed" and block.label_span is None:
            match = _BARE_AT_START.match(text, block.span.start, min(block.span.end, block.span.start + _REACH))
            if match is not None:
                found[index] = Mark(Span(*match.span(1)), "timestamp", match.group(1))
    if len(found) < _FEWEST_BARE:
        return list(blocks)
    return [replace(block, marks=(found[index], *block.marks)) if index in found else block
            for index, block in enumerate(blocks)]  # fmt: skip
