"""Word documents → Document: a table with a row per turn, Teams captions, or paragraphs read like plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qualcode.errors import IngestError
from qualcode.ingest.archive import checked_archive
from qualcode.ingest.build import LocatedBlock, SourceInfo, Turn, located_document, rendered_document
from qualcode.ingest.clock import stamp_ms
from qualcode.ingest.columns import Columns, Row, columns_of, words_in
from qualcode.ingest.headers import is_plausible_label
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.plain import read_text
from qualcode.ingest.rows import turns_of
from qualcode.ingest.tables import Table, labelled_lines, table_of
from qualcode.ingest.wordbody import Body, Paragraph, WordTable, read_body
from qualcode.ingest.wording import counted
from qualcode.model.document import Block, BlockKind, Document, IngestWarning, SourceRef, Span, sha256_of

__all__ = ["read_docx"]

_STAMP = r"\d{1,3}:\d{1,2}:\d{1,2}(?:[.,]\d{1,7})?"
_TEAMS = re.compile(rf"\s*({_STAMP})\s*-->\s*({_STAMP})[ \t]*\n([^\n]{{1,80}})(?:\n|\Z)")
_NOTICE = re.compile(r"[^\n]{0,80}\b(?:started|stopped) (?:the )?transcription\.?\Z", re.IGNORECASE)
_HALF = 0.5


@dataclass(slots=True)
class _Transcript:
    """The tables of a document that hold turns: by position in the body, with what their columns mean."""

    tables: dict[int, Table] = field(default_factory=dict)
    columns: dict[int, Columns] = field(default_factory=dict)
    words: int = 0


def read_docx(data: bytes, source: SourceInfo, options: IngestOptions) -> tuple[Document, ...]:
    """Return the one document of a Word file.

    A table whose columns are (some of) time, speaker and text gives the turns; everything around it is meta. Without
    one, the paragraphs are read like plain text, soft breaks as line ends. Comments and footnotes are ``note`` blocks.
    Text deleted with tracked changes and hidden text are left out; inserted text is in.

    Raises:
        IngestError: QC-I055 for a damaged file, QC-I010 for one with a password or in the old format, QC-I057 for one
            that unpacks to an unreasonable size, QC-I059 for one whose XML defines entities; QC-I004 when it
            holds no text.
    """
    parts = checked_archive(data, name=source.name, needs="[Content_Types].xml", what="Word document", suffix=".docx")
    body = read_body(parts, name=source.name)
    warnings = _warnings(body)
    transcript = _transcript_tables(body, options, source.name)
    outside = sum(words_in(item.text) for item in body.items if isinstance(item, Paragraph))
    if transcript.tables and transcript.words >= outside:
        return (_from_tables(body, transcript, source, options, warnings),)
    paragraphs, extras = _flow(body)
    if (
        sum(_TEAMS.match(each.text) is not None for each in paragraphs)
        >= _HALF * sum(bool(each.text.strip()) for each in paragraphs)
        > 0
    ):
        document = _from_teams(paragraphs, source, options, warnings)
    else:
        document = _from_paragraphs(paragraphs, source, options, warnings)
    return (_with_extras(document, extras),)


def _warnings(body: Body) -> list[IngestWarning]:
    notes: list[IngestWarning] = []
    if body.hidden:
        message = f"hidden text was left out ({counted(body.hidden, 'piece')}); show hidden text in Word to see it"
        notes.append(IngestWarning("hidden-text", "warn", message))
    if body.numbered:
        notes.append(
            IngestWarning(
                "auto-numbered",
                "warn",
                f"Word itself numbers {counted(body.numbered, 'paragraph')}, and such numbers cannot be read. If "
                "they are "
                "speaker labels (P1, P2 …), save the document as plain text and read that",
            )
        )
    if body.insertions or body.deletions:
        notes.append(
            IngestWarning(
                "tracked-changes",
                "info",
                f"tracked changes: {counted(body.insertions, 'insertion')} read, "
                f"{counted(body.deletions, 'deletion')} left out",
            )
        )
    if body.embedded:
        message = f"{counted(body.embedded, 'embedded document')} not read; save such documents as files of their own"
        notes.append(IngestWarning("embedded-document", "warn", message))
    return notes


def _transcript_tables(body: Body, options: IngestOptions, where: str) -> _Transcript:
    """Return the table with most words among those with a row per turn, and the tables of the same shape."""
    found = _Transcript()
    best: tuple[int, Table, Columns] | None = None
    read: dict[int, tuple[Table, Columns]] = {}
    for place, item in enumerate(body.items):
        if not isinstance(item, WordTable):
            continue
        rows = [Row(number, tuple(cells)) for number, cells in enumerate(item.texts(), start=1)]
        if max((len(row.cells) for row in rows), default=0) < 2 or not any(any(row.cells) for row in rows):
            continue
        try:
            table = table_of(rows, options, where=where)
            columns = columns_of(table.header, table.rows, options, where=where)
        except IngestError:
            continue  # a column that the options name is in another table
        if columns is None:
            continue
        if labelled_lines(table, columns):
            continue  # "time | Dana: text": the rows are lines of a transcript
        read[place] = (table, columns)
        words = sum(words_in(row.cell(columns.text)) for row in table.rows)
        if best is None or words > best[0]:
            best = (words, table, columns)
    if best is None:
        return found
    for place, (table, columns) in read.items():
        if columns == best[2] and (table.header == best[1].header or not any(table.header)):
            found.tables[place], found.columns[place] = table, columns
            found.words += sum(words_in(row.cell(columns.text)) for row in table.rows)
    return found


def _from_tables(
    body: Body, transcript: _Transcript, source: SourceInfo, options: IngestOptions, warnings: list[IngestWarning]
) -> Document:
    turns: list[Turn] = []
    passed = 0
    for place, item in enumerate(body.items):
        if place in transcript.tables:
            table = transcript.tables[place]
            turns += [Turn(None, line, kind="meta") for line in table.above]
            more, notes = turns_of(table.header, table.rows, transcript.columns[place], options)
            turns += more
            warnings += [*table.warnings, *notes]
        elif isinstance(item, Paragraph):
            turns.append(Turn(None, item.text.strip(), kind="meta"))
        else:
            passed += 1
            turns.append(Turn(None, _flat(item), kind="meta"))
    turns += [Turn(None, note.text, kind="note", source_ref=SourceRef(path=note.place)) for note in body.notes]
    if passed:
        message = f"{counted(passed, 'other table')} in the document: no transcript, so kept but not coded"
        warnings.append(IngestWarning("table-not-transcript", "info", message))
    return rendered_document(turns, source=source, options=options, warnings=warnings)


def _flow(body: Body) -> tuple[list[Paragraph], list[tuple[BlockKind, str, SourceRef | None]]]:
    """Return the paragraphs that can hold speech, and apart from them what cannot: tables, notices, notes."""
    paragraphs: list[Paragraph] = []
    extras: list[tuple[BlockKind, str, SourceRef | None]] = []
    for item in body.items:
        if isinstance(item, WordTable):
            if max((len(row) for row in item.rows), default=0) == 1:
                # A frame around text, not a table.
                paragraphs += [each for row in item.rows for cell in row for each in cell]
            elif _rows_are_lines(item):
                paragraphs += [Paragraph(" ".join(filter(None, row))) for row in item.texts()]
            elif _flat(item):
                extras.append(("meta", _flat(item), None))
        elif _NOTICE.match(item.text.strip()):
            extras.append(("meta", item.text.strip(), None))
        else:
            paragraphs.append(item)
    extras += [("note", note.text, SourceRef(path=note.place)) for note in body.notes]
    return paragraphs, extras


def _rows_are_lines(table: WordTable) -> bool:
    heads = [cell.partition(":")[0] for row in table.texts() for cell in row[1:] if ":" in cell]
    return sum(map(is_plausible_label, heads)) >= _HALF * len(table.rows) and len(table.rows) > 1


def _from_paragraphs(
    paragraphs: Sequence[Paragraph], source: SourceInfo, options: IngestOptions, warnings: Sequence[IngestWarning]
) -> Document:
    pieces: list[str] = []
    bold: list[Span] = []
    headings: list[Span] = []
    at = 0
    for paragraph in paragraphs:
        bold += [Span(at + start, at + end) for start, end in paragraph.bold]
        if paragraph.heading and paragraph.text.strip():
            headings.append(Span(at, at + len(paragraph.text)))
        pieces.append(paragraph.text)
        at += len(paragraph.text) + 1
    text = "\n".join(pieces)
    return read_text(text, source=source, options=options, bold=bold, headings=headings, warnings=warnings)


def _from_teams(
    paragraphs: Sequence[Paragraph], source: SourceInfo, options: IngestOptions, warnings: Sequence[IngestWarning]
) -> Document:
    """Return the document of a Teams transcript whose paragraphs are ``time --> time``, name, words by soft breaks."""
    blocks: list[LocatedBlock] = []
    at = 0
    for number, paragraph in enumerate(paragraphs, start=1):
        text, start = paragraph.text, at
        at += len(text) + 1
        if not text.strip():
            continue
        span = Span(start + len(text) - len(text.lstrip()), start + len(text.rstrip()))
        ref = SourceRef(paragraph=number)
        match = _TEAMS.match(text)
        if match is None:
            blocks.append(LocatedBlock("meta" if not blocks else "unattributed", span, source_ref=ref))
            continue
        begun, ended = stamp_ms(match[1]), stamp_ms(match[2])
        blocks.append(
            LocatedBlock(
                "turn",
                span,
                label=match[3].strip(),
                label_span=Span(span.start, start + match.end(3)),
                start_ms=begun,
                end_ms=ended if begun is None or ended is None or ended >= begun else None,
                time_source="file",
                source_ref=ref,
            )
        )
    text = "\n".join(paragraph.text for paragraph in paragraphs)
    return located_document(text, blocks, source=source, options=options, warnings=warnings)


def _with_extras(document: Document, extras: Sequence[tuple[BlockKind, str, SourceRef | None]]) -> Document:
    """Return the document with blocks after its end that hold what is not speech: nothing of the file is lost."""
    if not extras:
        return document
    text, blocks = document.text.rstrip("\n"), list(document.blocks)
    for kind, extra, ref in extras:
        start = len(text) + 2
        text = f"{text}\n\n{extra}"
        blocks.append(Block(len(blocks), kind, Span(start, start + len(extra)), source_ref=ref))
    tables = sum(kind == "meta" for kind, _, _ in extras)
    notes = document.warnings
    if tables:
        notes = (
            *notes,
            IngestWarning(
                "moved-to-end",
                "info",
                "not speech, so moved to the end of the text and not coded: "
                f"{counted(tables, 'table or notice', 'tables or notices')}",
            ),
        )
    whole = replace(document, text=text, text_sha256=sha256_of(text), blocks=tuple(blocks), warnings=notes)
    whole.check()
    return whole


def _flat(table: WordTable) -> str:
    return "\n".join(line for row in table.texts() if (line := "\t".join(filter(None, row))))
