"""Where every reader ends: turns or located blocks in, a checked :class:`~qualcode.model.document.Document` out.

Two ways in. A structured source (captions, tables) hands over :class:`Turn` values and the text is rendered by one
fixed template, ``LABEL: speech`` and a blank line; a text source hands over its text as read and says where the
blocks lie in it. In both, label spans, marks, speakers and roles are worked out here, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.errors import IngestError
from qualcode.ingest.marks import find_marks
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.speakers import cast_of, suggest_interviewer
from qualcode.model.document import (
    CODEABLE_KINDS,
    Block,
    BlockKind,
    Document,
    IngestWarning,
    Mark,
    Role,
    Segment,
    SourceRef,
    Span,
    TimeSource,
    sha256_of,
)

__all__ = ["PARSER_VERSION", "LocatedBlock", "SourceInfo", "Turn", "located_document", "rendered_document"]

PARSER_VERSION = "1"
"""Goes up when the same bytes and options would give another text or other blocks."""

CueSegment = tuple[int, int, int | None, int | None, str | None]
"""A cue inside a turn's text: start, end (code points in the turn's text), start and end in ms, cue id."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where the bytes came from: file name, their SHA-256, the sniffed format, and how text was decoded."""

    name: str
    sha256: str
    format: str
    encoding: str | None = None
    newline: str | None = None


@dataclass(slots=True)
class Turn:
    """One block of a structured source, before it is rendered.

    Attributes:
        label: who speaks, as written; ``None`` when nobody is named.
        text: what is said; it becomes part of the document's text letter for letter.
        segments: cues inside ``text``.
        speaker_labels: the people behind ``label`` when it names several.
    """

    label: str | None
    text: str
    kind: BlockKind = "turn"
    start_ms: int | None = None
    end_ms: int | None = None
    time_source: TimeSource = "none"
    source_ref: SourceRef | None = None
    segments: tuple[CueSegment, ...] = ()
    speaker_labels: tuple[str, ...] = ()


@dataclass(slots=True)
class LocatedBlock:
    """One block of a text as read: where it lies, who speaks, and the marks its reader already knows.

    ``label_span`` covers the whole header of the turn (label, colon and a stamp beside it). ``paragraphs`` are kept as
    segments when there are several.
    """

    kind: BlockKind
    span: Span
    label: str | None = None
    label_span: Span | None = None
    speaker_labels: tuple[str, ...] = ()
    start_ms: int | None = None
    end_ms: int | None = None
    time_source: TimeSource = "none"
    source_ref: SourceRef | None = None
    marks: tuple[Mark, ...] = ()
    paragraphs: tuple[Span, ...] = ()


def rendered_document(
    turns: Sequence[Turn],
    *,
    source: SourceInfo,
    options: IngestOptions,
    warnings: Iterable[IngestWarning] = (),
    attributes: Mapping[str, str] | None = None,
    legend_roles: Mapping[str, Role] | None = None,
    part: str | None = None,
) -> Document:
    """Return the document of a structured source, its text rendered as ``LABEL: speech`` and a blank line a turn.

    Args:
        turns: in order; one without a label and with blank text is left out.
        part: names one document of several in a file (a survey row, a sheet): the name becomes ``file.csv#part``.
        legend_roles: roles that the source itself states, by label.

    Raises:
        IngestError: QC-I004 when no turn holds any text; QC-I090 when an invariant does not hold.
    """
    pieces: list[str] = []
    located: list[LocatedBlock] = []
    cues: list[tuple[int, Sequence[CueSegment]]] = []
    at = 0
    for turn in turns:
        label = " ".join((turn.label or " & ".join(turn.speaker_labels)).split())
        if not label and not turn.text.strip():
            continue
        header = f"{label}: " if label else ""
        if pieces:
            pieces.append("\n\n")
            at += 2
        pieces += [header, turn.text]
        begin = at + len(header)
        end = begin + len(turn.text)
        kind: BlockKind = "unattributed" if turn.kind == "turn" and not label else turn.kind
        located.append(
            LocatedBlock(
                kind=kind,
                span=Span(at, end),
                label=label or None,
                label_span=Span(at, at + len(label) + 1) if label else None,
                speaker_labels=turn.speaker_labels,
                start_ms=turn.start_ms,
                end_ms=turn.end_ms,
                time_source=turn.time_source,
                source_ref=turn.source_ref,
            )
        )
        cues.append((begin, turn.segments))
        at = end
    segments = [
        Segment(
            index,
            "cue",
            Span(begin + first, begin + last),
            start_ms,
            end_ms,
            SourceRef(cue=cue) if cue is not None else None,
        )
        for index, (begin, parts) in enumerate(cues)
        for first, last, start_ms, end_ms, cue in parts
    ]
    return _finish("".join(pieces), located, segments, source, options, warnings, attributes, legend_roles, part)


def located_document(
    text: str,
    blocks: Sequence[LocatedBlock],
    *,
    source: SourceInfo,
    options: IngestOptions,
    warnings: Iterable[IngestWarning] = (),
    attributes: Mapping[str, str] | None = None,
    legend_roles: Mapping[str, Role] | None = None,
    part: str | None = None,
) -> Document:
    """Return the document of a text source: ``text`` as it is, ``blocks`` in order at their places.

    Raises:
        IngestError: QC-I004 when there is no block; QC-I090 when an invariant does not hold.
    """
    segments = [
        Segment(index, "paragraph", span)
        for index, block in enumerate(blocks)
        if len(block.paragraphs) > 1
        for span in block.paragraphs
    ]
    return _finish(text, blocks, segments, source, options, warnings, attributes, legend_roles, part)


def _finish(
    text: str,
    located: Sequence[LocatedBlock],
    segments: Sequence[Segment],
    source: SourceInfo,
    options: IngestOptions,
    warnings: Iterable[IngestWarning],
    attributes: Mapping[str, str] | None,
    legend_roles: Mapping[str, Role] | None,
    part: str | None,
) -> Document:
    if not located:
        raise IngestError(
            "QC-I004",
            "the file holds no text that could be a transcript",
            where=source.name,
            hint="Open it in the program that made it and check that the text is there.",
        )
    cast = cast_of([_labels(block) for block in located], options, legend_roles or {})
    blocks: list[Block] = []
    marks: list[Mark] = []
    for index, block in enumerate(located):
        labels = _labels(block)
        blocks.append(
            Block(
                index=index,
                kind=block.kind,
                span=block.span,
                speaker_ids=cast.ids_of(labels),
                label_span=block.label_span,
                start_ms=block.start_ms,
                end_ms=block.end_ms,
                time_source=block.time_source,
                source_ref=block.source_ref,
            )
        )
        marks += block.marks
        if block.kind in CODEABLE_KINDS:
            begin = block.span.start if block.label_span is None else block.label_span.end
            marks += find_marks(text, begin, block.span.end, known=block.marks, speaker_id=cast.id_of_label)
    notes = [*warnings, *cast.warnings]
    name = source.name if part is None else f"{source.name}#{part}"
    document = Document(
        id=_document_id(source, options, part),
        name=name,
        text=text,
        text_sha256=sha256_of(text),
        source_name=source.name,
        source_sha256=source.sha256,
        format=source.format,
        parser=f"qualcode.{source.format}",
        parser_version=PARSER_VERSION,
        options=options.stated(),
        encoding=source.encoding,
        newline=source.newline,
        attributes=dict(attributes or {}),
        speakers=cast.speakers,
        blocks=tuple(blocks),
        segments=tuple(segments),
        marks=tuple(sorted(set(marks), key=lambda mark: (mark.span, mark.kind))),
        warnings=tuple(notes),
    )
    document.check()
    suggestion = suggest_interviewer(document)
    return document if suggestion is None else replace(document, warnings=(*notes, suggestion))


def _labels(block: LocatedBlock) -> tuple[str, ...]:
    if block.speaker_labels:
        return block.speaker_labels
    return (block.label,) if block.label is not None else ()


def _document_id(source: SourceInfo, options: IngestOptions, part: str | None) -> str:
    # The digest of the bytes stands for the bytes; NUL keeps the fields apart.
    fields = [source.sha256, source.name, options.canonical(), *([] if part is None else [part])]
    return hashlib.sha256("\0".join(fields).encode("utf-8", "surrogatepass")).hexdigest()[:16]
