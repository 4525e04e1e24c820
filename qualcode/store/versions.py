"""Every version of documents and codebooks, whole and compressed, so that undoing a step can bring it back."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from qualcode.model.document import Document, sha256_of
from qualcode.store.documents import delete_documents, insert_document

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = [
    "codebook_text",
    "document_digest",
    "find_versions",
    "keep_codebook",
    "keep_document",
    "present_documents",
    "version_of",
    "versions_called",
]


@cache
def _adapter() -> TypeAdapter[Document]:
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


def document_digest(document: Document) -> str:
    """Return 64 hex digits over everything a document holds."""
    return sha256_of(_json(document))


def _json(document: Document) -> bytes:
    from pydantic_core import PydanticSerializationError

    try:
        return _adapter().dump_json(document)
    except PydanticSerializationError as error:  # its only cause here
        raise UnicodeEncodeError("utf-8", document.text, 0, 1, "surrogates not allowed") from error


def keep_document(connection: sqlite3.Connection, document: Document) -> str:
    """Keep a version of a document, once, and return its digest."""
    content = _json(document)
    digest = sha256_of(content)
    keep_content(connection, digest, document.id, document.name, document.text_sha256, zlib.compress(content, 6))
    return digest


def keep_content(connection: sqlite3.Connection, *row: Any) -> None:
    """Keep a version as a row: digest, document id, name, SHA-256 of the text, compressed JSON."""
    connection.execute("INSERT OR IGNORE INTO document_versions VALUES (?, ?, ?, ?, ?)", row)


def version_of(connection: sqlite3.Connection, digest: str) -> Document | None:
    """Return the version of a document with this digest."""
    row = connection.execute("SELECT content FROM document_versions WHERE digest = ?", (digest,)).fetchone()
    return None if row is None else _document(row[0])


def find_versions(connection: sqlite3.Connection, document_id: str, sha256: str) -> Iterator[Document]:
    """Yield versions with this id, then others with this text."""
    for condition, value in (("document_id = ?", document_id), ("text_sha256 = ?", sha256)):
        for (content,) in connection.execute(
            f"SELECT content FROM document_versions WHERE {condition} AND text_sha256 = ?", (value, sha256)
        ).fetchall():
            yield _document(content)


def versions_called(connection: sqlite3.Connection, name: str) -> Iterator[Document]:
    """Yield all versions of a document by its name."""
    for (content,) in connection.execute("SELECT content FROM document_versions WHERE name = ?", (name,)).fetchall():
        yield _document(content)


def _document(content: bytes) -> Document:
    return _adapter().validate_json(zlib.decompress(content))


def present_documents(connection: sqlite3.Connection, wanted: Mapping[str, str]) -> None:
    """Make the tables of documents hold just these versions (name → digest); what is there already is not touched."""
    held = dict(connection.execute("SELECT name, version FROM documents").fetchall())
    out = [name for name, digest in held.items() if wanted.get(name) != digest]
    rows = (connection.execute("SELECT id FROM documents WHERE name = ?", (name,)).fetchone() for name in out)
    delete_documents(connection, [key for (key,) in rows])
    for name, digest in sorted(wanted.items()):
        if held.get(name) == digest:
            continue
        document = version_of(connection, digest)
        if document is None:
            raise sqlite3.DatabaseError(f"malformed: the version {digest[:12]} of {name} is missing")
        insert_document(connection, document)
        connection.execute("UPDATE documents SET version = ? WHERE id = ?", (digest, document.id))


def keep_codebook(connection: sqlite3.Connection, texts: Iterable[bytes]) -> None:
    """Keep the texts of codebook files, each once."""
    connection.executemany(
        "INSERT OR IGNORE INTO codebook_versions VALUES (?, ?)",
        ((sha256_of(text), zlib.compress(text, 6)) for text in texts),
    )


def codebook_text(connection: sqlite3.Connection, sha256: str) -> bytes | None:
    """Return a codebook file as it was, by the SHA-256 of its bytes."""
    row = connection.execute("SELECT content FROM codebook_versions WHERE sha256 = ?", (sha256,)).fetchone()
    return None if row is None else zlib.decompress(row[0])
