"""Documents to rows and back, exactly."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from qualcode.model.document import Block, Document, IngestWarning, Mark, Segment, SourceRef, Span, Speaker

__all__ = ["delete_documents", "insert_document", "select_documents"]

Row = tuple[Any, ...]
Value = TypeVar("Value")

_FIELDS = (
    "id", "name", "text", "text_sha256", "source_name", "source_sha256", "format", "parser", "parser_version",
    "encoding", "newline", "language",
)  # fmt: skip
_REFERENCE = ("page", "paragraph", "cue", "row", "column", "line", "path")


def insert_document(connection: sqlite3.Connection, document: Document) -> None:
    """Write a document and all its parts; the caller holds the transaction."""
    key = document.id
    connection.execute(
        f"INSERT INTO documents ({', '.join(_FIELDS)}, options) VALUES ({_marks(len(_FIELDS) + 1)})",
        (*(getattr(document, name) for name in _FIELDS), to_json(dict(document.options))),
    )
    speakers = [
        (key, at, each.id, each.label, each.role, to_json(each.aliases)) for at, each in enumerate(document.speakers)
    ]
    connection.executemany(f"INSERT INTO speakers VALUES ({_marks(6)})", speakers)
    _insert_attributes(connection, key, None, document.attributes)
    for each in document.speakers:
        _insert_attributes(connection, key, each.id, each.attributes)
    connection.executemany(f"INSERT INTO blocks VALUES ({_marks(12)})", _block_rows(document))
    connection.executemany(
        f"INSERT INTO segments VALUES ({_marks(9)})",
        ((key, at, each.block, each.kind, each.span.start, each.span.end, each.start_ms, each.end_ms,
          _reference(each.source_ref)) for at, each in enumerate(document.segments)),
    )  # fmt: skip
    connection.executemany(
        f"INSERT INTO marks VALUES ({_marks(6)})",
        ((key, at, each.kind, each.span.start, each.span.end, each.value) for at, each in enumerate(document.marks)),
    )
    connection.executemany(
        f"INSERT INTO warnings VALUES ({_marks(8)})",
        ((key, at, each.code, each.severity, each.message, *_ends(each.span), _reference(each.source_ref))
         for at, each in enumerate(document.warnings)),
    )  # fmt: skip


def delete_documents(connection: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Remove documents with all their parts (and suggestions); ids that are not there are ignored."""
    connection.executemany("DELETE FROM documents WHERE id = ?", ((each,) for each in ids))


def select_documents(connection: sqlite3.Connection, only: str | None = None) -> Iterator[Document]:
    """Yield all documents by name (or the one with the id ``only``), letter for letter as they were written."""
    order = {
        key: at for at, (key,) in enumerate(connection.execute("SELECT id FROM documents ORDER BY name").fetchall())
    }
    attributes: dict[tuple[str, str | None], dict[str, str]] = {}
    for key, speaker, name, value in connection.execute(
        "SELECT document_id, speaker_id, name, value FROM attributes ORDER BY position"
    ):
        attributes.setdefault((key, speaker), {})[name] = value
    speakers = _grouped(
        connection, "speakers", "id, label, role, aliases",
        lambda key, row: Speaker(row[0], row[1], row[2], tuple(json.loads(row[3])), attributes.get((key, row[0]), {})),
    )  # fmt: skip
    warnings = _grouped(
        connection, "warnings", 'code, severity, message, start, "end", source_ref',
        lambda _, row: IngestWarning(row[0], row[1], row[2], _span(row[3], row[4]), _located(row[5])),
    )  # fmt: skip
    for key in order if only is None else [only]:
        row = connection.execute(f"SELECT {', '.join(_FIELDS)}, options FROM documents WHERE id = ?", (key,)).fetchone()
        yield Document(
            **dict(zip(_FIELDS, row, strict=False)),
            options=json.loads(row[-1]),
            attributes=attributes.get((key, None), {}),
            speakers=tuple(speakers.get(key, ())),
            blocks=tuple(_blocks(connection, key)),
            segments=tuple(_segments(connection, key)),
            marks=tuple(_document_marks(connection, key)),
            warnings=tuple(warnings.get(key, ())),
        )


def _blocks(connection: sqlite3.Connection, key: str) -> Iterator[Block]:
    for row in connection.execute("SELECT * FROM blocks WHERE document_id = ? ORDER BY number", (key,)):
        yield Block(row[1], row[2], Span(row[3], row[4]), tuple(json.loads(row[5])), _span(row[6], row[7]),
                    row[8], row[9], row[10], _located(row[11]))  # fmt: skip


def _segments(connection: sqlite3.Connection, key: str) -> Iterator[Segment]:
    for row in connection.execute("SELECT * FROM segments WHERE document_id = ? ORDER BY position", (key,)):
        yield Segment(row[2], row[3], Span(row[4], row[5]), row[6], row[7], _located(row[8]))


def _document_marks(connection: sqlite3.Connection, key: str) -> Iterator[Mark]:
    for row in connection.execute("SELECT * FROM marks WHERE document_id = ? ORDER BY position", (key,)):
        yield Mark(Span(row[3], row[4]), row[2], row[5])


def _block_rows(document: Document) -> Iterator[Row]:
    for each in document.blocks:
        yield (
            document.id,
            each.index,
            each.kind,
            each.span.start,
            each.span.end,
            to_json(each.speaker_ids),
            *_ends(each.label_span),
            each.start_ms,
            each.end_ms,
            each.time_source,
            _reference(each.source_ref),
        )


def _insert_attributes(
    connection: sqlite3.Connection, key: str, speaker: str | None, attributes: Mapping[str, str]
) -> None:
    connection.executemany(
        f"INSERT INTO attributes VALUES ({_marks(5)})",
        ((key, speaker, at, name, value) for at, (name, value) in enumerate(attributes.items())),
    )


def _grouped(
    connection: sqlite3.Connection, table: str, columns: str, make: Callable[[str, Row], Value]
) -> dict[str, list[Value]]:
    found: dict[str, list[Value]] = {}
    for key, *row in connection.execute(f"SELECT document_id, {columns} FROM {table} ORDER BY document_id, position"):
        found.setdefault(key, []).append(make(key, tuple(row)))
    return found


def to_json(value: object) -> str:
    """Return plain data as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _reference(reference: SourceRef | None) -> str | None:
    if reference is None:
        return None
    pairs = {name: getattr(reference, name) for name in _REFERENCE}
    return to_json({name: value for name, value in pairs.items() if value is not None})


def _located(stored: str | None) -> SourceRef | None:
    return None if stored is None else SourceRef(**json.loads(stored))


def _ends(span: Span | None) -> tuple[int | None, int | None]:
    return (None, None) if span is None else (span.start, span.end)


def _span(start: int | None, end: int | None) -> Span | None:
    return None if start is None or end is None else Span(start, end)


def _marks(count: int) -> str:
    return ", ".join("?" * count)
