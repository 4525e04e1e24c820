"""One pass over paragraphs: turns open, go on and close; stamps and stage notes find the block they belong to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qualcode.ingest.build import LocatedBlock
from qualcode.ingest.headers import Candidate
from qualcode.ingest.layout import Line
from qualcode.ingest.marks import find_marks
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.paragraphs import Paragraph
from qualcode.model.document import BlockKind, IngestWarning, Mark, Role, SourceRef, Span

__all__ = ["Made", "StyledHeadings", "Walk", "merged", "whole"]


@dataclass(slots=True)
class Made:
    """The blocks of a text in order, and what is to be said about them."""

    blocks: list[LocatedBlock] = field(default_factory=list)
    warnings: list[IngestWarning] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A block that later paragraphs can still join."""

    kind: BlockKind
    start: int
    end: int
    line: int
    label: str | None = None
    label_span: Span | None = None
    marks: list[Mark] = field(default_factory=list)
    paragraphs: list[Span] = field(default_factory=list)
    awaits_speech: bool = False

    def closed(self) -> LocatedBlock:
        return LocatedBlock(
            kind=self.kind,
            span=Span(self.start, self.end),
            label=self.label,
            label_span=self.label_span,
            source_ref=SourceRef(line=self.line + 1),
            marks=tuple(self.marks),
            paragraphs=tuple(self.paragraphs),
        )


class Walk:
    """One pass over the paragraphs of a conversation; ``made`` grows as blocks close."""

    def __init__(self, text: str, lines: Sequence[Line], options: IngestOptions, roles: Mapping[str, Role]) -> None:
        self.text, self.lines, self.options, self.roles = text, lines, options, roles
        self.made = Made()
        self.current: _Open | None = None
        self.last_voice: str | None = None
        self.waiting: list[tuple[Paragraph, bool]] = []
        self.others_speak = False
        self.orphans = 0

    def header(self, paragraph: Paragraph, header: Candidate) -> None:
        """Open a turn (or an observer's note) with this paragraph."""
        closes = self.options.stamp_position == "end" or header.stamp is not None
        stamps = self._let_go(keep_stamps=not closes)
        begin = min([each.start for each in stamps], default=paragraph.start)
        label_end = header.header.end
        observer = self.roles.get(header.key) == "observer"
        self.current = _Open(
            kind="note" if observer else "turn",
            start=begin,
            end=paragraph.end,
            line=paragraph.first,
            label=header.label,
            label_span=Span(header.header.start, label_end),
            marks=[self._stamp_mark(Span(each.body, each.end)) for each in stamps],
            awaits_speech=header.alone and paragraph.end <= label_end,
        )
        if header.stamp is not None:
            self.current.marks.append(self._stamp_mark(header.stamp))
        self._numbers(self.current, paragraph, stamps)
        if paragraph.end > label_end:
            self.current.paragraphs.append(_trimmed(self.text, label_end, paragraph.end))
        if not observer:
            self.last_voice = header.label

    def aside(self, paragraph: Paragraph, *, stamp: bool) -> None:
        """Keep a stamp or stage note until it is clear whether the turn before it goes on."""
        self.waiting.append((paragraph, stamp))

    def plain(self, paragraph: Paragraph, *, apart: bool = False) -> None:
        """Take a paragraph without a header: it continues the open turn, or stands for itself (always if ``apart``)."""
        current = self.current
        if current is not None and not apart and self._goes_on(current):
            self._join(current, paragraph)
            return
        resumes = current is not None and current.kind == "note" and not self.others_speak
        label = (self.last_voice if resumes else None) or self.options.default_speaker
        stamps = self._let_go(keep_stamps=self.options.stamp_position != "end")
        begin = min([each.start for each in stamps], default=paragraph.start)
        if label is None:
            self.orphans += 1
        self.current = _Open("unattributed" if label is None else "turn", begin, paragraph.end, paragraph.first, label)
        self.current.marks = [self._stamp_mark(Span(each.body, each.end)) for each in stamps]
        self._numbers(self.current, paragraph, stamps)
        self.current.paragraphs.append(Span(paragraph.body, paragraph.end))

    def apart(self, paragraph: Paragraph, kind: BlockKind) -> None:
        """Make a block that nobody speaks: a heading, metadata."""
        self._let_go(keep_stamps=False)
        self.made.blocks.append(whole(paragraph, kind))

    def finish(self) -> None:
        """Close what is open; to be called once, at the end."""
        self._let_go(keep_stamps=False)

    def _goes_on(self, current: _Open) -> bool:
        if current.awaits_speech:
            return True
        if current.kind in ("note", "unattributed"):
            return False
        return current.label_span is None or not self.others_speak

    def _join(self, current: _Open, paragraph: Paragraph) -> None:
        for aside, stamp in self.waiting:
            span = Span(aside.body, aside.end)
            if stamp:
                current.marks.append(self._stamp_mark(span))
            elif not any(mark.span == span for mark in find_marks(self.text, span.start, span.end)):
                current.marks.append(Mark(span, "nonverbal", self.text[span.start : span.end].strip("[]().,")))
            self._numbers(current, aside, ())
        self.waiting.clear()
        current.end = paragraph.end
        current.awaits_speech = False
        current.paragraphs.append(Span(paragraph.body, paragraph.end))
        self._numbers(current, paragraph, ())

    def _let_go(self, *, keep_stamps: bool) -> list[Paragraph]:
        """Close the current block; return the stamps that open the next one, place the other asides."""
        waiting, kept = self.waiting, 0
        self.waiting = []
        while keep_stamps and kept < len(waiting) and waiting[-1 - kept][1]:
            kept += 1
        opening = [each for each, _ in waiting[len(waiting) - kept :]]
        placed = 0
        if self.current is not None:
            while placed < len(waiting) - kept and waiting[placed][1]:
                stamp = waiting[placed][0]
                placed += 1
                self.current.marks.append(self._stamp_mark(Span(stamp.body, stamp.end)))
                self._numbers(self.current, stamp, ())
                self.current.end = stamp.end
            self.made.blocks.append(self.current.closed())
            self.current = None
        for aside, is_stamp in waiting[placed : len(waiting) - kept]:
            block = whole(aside, "stage")
            if is_stamp:
                block.marks = (self._stamp_mark(Span(aside.body, aside.end)),)
            self.made.blocks.append(block)
        return opening

    def _stamp_mark(self, span: Span) -> Mark:
        return Mark(span, "timestamp", self.text[span.start : span.end].strip("[](){}<># "))

    def _numbers(self, block: _Open, paragraph: Paragraph, stamps: Sequence[Paragraph]) -> None:
        for each in (*stamps, paragraph):
            for line in self.lines[each.first : each.last + 1]:
                if line.number is not None:
                    value = self.text[line.number.start : line.number.end]
                    block.marks.append(Mark(line.number, "line-number", value))


class StyledHeadings:
    """The paragraphs that the source itself styles as headings."""

    def __init__(self, headings: Sequence[Span]) -> None:
        self.starts = [span.start for span in headings]
        self.ends = [span.end for span in headings]

    def holds(self, paragraph: Paragraph) -> bool:
        place = bisect_right(self.starts, paragraph.body) - 1
        return place >= 0 and paragraph.body < self.ends[place]


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), end)


def whole(paragraph: Paragraph, kind: BlockKind) -> LocatedBlock:
    return LocatedBlock(kind, Span(paragraph.start, paragraph.end), source_ref=SourceRef(line=paragraph.first + 1))


def merged(blocks: Sequence[LocatedBlock]) -> list[LocatedBlock]:
    """Return the blocks with neighbouring ``meta`` (and ``legend``) made one."""
    found: list[LocatedBlock] = []
    for block in blocks:
        if found and found[-1].kind == block.kind and block.kind in ("meta", "legend"):
            found[-1].span = Span(found[-1].span.start, block.span.end)
        else:
            found.append(block)
    return found
