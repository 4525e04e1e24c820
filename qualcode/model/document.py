"""A transcript as read: one plain text, and everything else as positions in it.

All offsets are code points (indices of a Python ``str``), half-open: ``text[start:end]``. The text is
never edited after ingest; labels, stamps and stage notes stay in it and are marked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from qualcode.errors import IngestError

__all__ = [
    "CODEABLE_KINDS",
    "NON_SPEECH_MARKS",
    "Block",
    "BlockKind",
    "Document",
    "IngestWarning",
    "Mark",
    "MarkKind",
    "Role",
    "Segment",
    "SegmentKind",
    "SourceRef",
    "Span",
    "Speaker",
    "TimeSource",
    "sha256_of",
]

Role = Literal["interviewer", "participant", "moderator", "observer", "group", "unknown"]
BlockKind = Literal["turn", "heading", "meta", "legend", "stage", "question", "note", "unattributed"]
SegmentKind = Literal["paragraph", "cue", "sentence", "word"]
TimeSource = Literal["file", "inherited", "interpolated", "none"]
MarkKind = Literal[
    "inaudible", "uncertain", "laughter", "pause", "overlap", "crosstalk",
    "redaction", "timestamp", "nonverbal", "comment", "line-number",
]  # fmt: skip
Severity = Literal["info", "warn", "error"]

CODEABLE_KINDS: frozenset[str] = frozenset({"turn", "unattributed"})
"""Kinds of block whose speech can be coded; the others are context or apparatus."""

NON_SPEECH_MARKS: frozenset[str] = frozenset(
    {"inaudible", "laughter", "pause", "crosstalk", "redaction", "timestamp", "nonverbal", "comment", "line-number"}
)
"""Kinds of mark whose characters are not speech: they are never tokens and never counted as words."""


def sha256_of(content: str | bytes) -> str:
    """Return the SHA-256 of a text (as UTF-8) or of bytes, as 64 hex digits."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text: code points, half-open. ``start <= end`` always holds."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, got {self.start}, {self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Return whether the two share at least one character."""
        return max(self.start, other.start) < min(self.end, other.end)

    def contains(self, other: Span) -> bool:
        """Return whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Where a block stood in the file as received; fields that do not apply are ``None``."""

    page: int | None = None
    paragraph: int | None = None
    cue: str | None = None
    row: int | None = None
    column: int | None = None
    line: int | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person (or group) who speaks: ``id`` is stable within the document, ``label`` as first written."""

    id: str
    label: str
    role: Role = "unknown"
    aliases: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """One turn, heading, note …: the unit in which a transcript is read and numbered."""

    index: int
    kind: BlockKind
    span: Span
    speaker_ids: tuple[str, ...] = ()
    label_span: Span | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    time_source: TimeSource = "none"
    source_ref: SourceRef | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A smaller part inside one block: a paragraph, a caption cue, a sentence, a word."""

    block: int
    kind: SegmentKind
    span: Span
    start_ms: int | None = None
    end_ms: int | None = None
    source_ref: SourceRef | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something a transcriber wrote that is not plain speech: ``[laughter]``, a stamp, a redaction."""

    span: Span
    kind: MarkKind
    value: str | None = None


@dataclass(frozen=True, slots=True)
class IngestWarning:
    """Something ingest guessed, dropped or found odd; ``code`` is stable, e.g. ``possible-label-typo``."""

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    source_ref: SourceRef | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """One transcript: its text and everything known about it, by position.

    Invariants, checked by :meth:`check`: blocks are ordered, numbered from 0 and disjoint; together they
    hold every non-blank character once; segments and label spans lie inside their block; marks lie inside
    one block; speaker ids are declared.
    """

    id: str
    name: str
    text: str
    text_sha256: str
    source_name: str
    source_sha256: str
    format: str
    parser: str
    parser_version: str
    options: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    newline: str | None = None
    language: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    speakers: tuple[Speaker, ...] = ()
    blocks: tuple[Block, ...] = ()
    segments: tuple[Segment, ...] = ()
    marks: tuple[Mark, ...] = ()
    warnings: tuple[IngestWarning, ...] = ()

    def __repr__(self) -> str:
        return f"<Document {self.name!r}: {len(self.blocks)} blocks, {len(self.speakers)} speakers>"

    def quote(self, span: Span) -> str:
        """Return the text at ``span``, letter for letter."""
        return self.text[span.start : span.end]

    def speaker(self, speaker_id: str) -> Speaker:
        """Return the speaker with this id; raises ``KeyError`` when there is none."""
        for speaker in self.speakers:
            if speaker.id == speaker_id:
                return speaker
        raise KeyError(speaker_id)

    def role_of(self, block: Block) -> Role:
        """Return the role of the block's first speaker, ``"unknown"`` without one."""
        return self.speaker(block.speaker_ids[0]).role if block.speaker_ids else "unknown"

    def speech(self) -> Iterator[tuple[Block, tuple[Span, ...]]]:
        """Yield each block with its speech spans, in order, in one pass over blocks and marks."""
        holes = sorted(
            [mark.span for mark in self.marks if mark.kind in NON_SPEECH_MARKS]
            + [block.label_span for block in self.blocks if block.label_span is not None]
        )
        at = 0
        for block in self.blocks:
            cursor, end = block.span.start, block.span.end
            spans: list[Span] = []
            while at < len(holes) and holes[at].start < end:
                hole = holes[at]
                if hole.start > cursor:
                    spans.append(Span(cursor, hole.start))
                cursor = max(cursor, hole.end)
                at += 1
            if cursor < end:
                spans.append(Span(cursor, end))
            yield block, tuple(spans)

    def check(self) -> None:
        """Raise :class:`~qualcode.errors.IngestError` (QC-I090) when an invariant does not hold."""
        found = _first_breach(self)
        if found is not None:
            raise IngestError("QC-I090", f"the parser {self.parser!r} broke a promise: {found}", where=self.source_name,
                              hint="This is a defect of qualcode; please report it with the file's shape.")  # fmt: skip


def _first_breach(document: Document) -> str | None:
    text, size = document.text, len(document.text)
    known = {speaker.id for speaker in document.speakers}
    if len(known) != len(document.speakers):
        return "two speakers share an id"
    cursor = 0
    for number, block in enumerate(document.blocks):
        if block.index != number:
            return f"block {number} is numbered {block.index}"
        if block.span.start < cursor or block.span.end > size:
            return f"block {number} overlaps its neighbour or the end of the text"
        if text[cursor : block.span.start].strip():
            return f"text before block {number} is in no block"
        if block.label_span is not None and not block.span.contains(block.label_span):
            return f"the label of block {number} lies outside it"
        if not known.issuperset(block.speaker_ids):
            return f"block {number} names an unknown speaker"
        cursor = block.span.end
    if text[cursor:].strip():
        return "text after the last block is in no block"
    for segment in document.segments:
        if not 0 <= segment.block < len(document.blocks):
            return "a segment names a block that does not exist"
        if not document.blocks[segment.block].span.contains(segment.span):
            return f"a segment lies outside block {segment.block}"
    holders = [block.span for block in document.blocks]
    at = 0
    for mark in sorted(document.marks, key=lambda each: each.span):
        while at < len(holders) and holders[at].end < mark.span.end:
            at += 1
        if at == len(holders) or not holders[at].contains(mark.span):
            return f"the mark at {mark.span.start} lies in no single block"
    return None
