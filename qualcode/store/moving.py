"""Judgements and memos whose document was replaced: found, and put on their words again or declared orphans."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from qualcode.model.document import Document, Span
from qualcode.model.ledger import NewEntry, Passage
from qualcode.store.documents import select_documents
from qualcode.store.ledger import batches
from qualcode.store.versions import find_versions

if TYPE_CHECKING:
    from qualcode.ledger.anchor import Anchor, Moved

__all__ = ["reanchorings"]

GONE = "its document is not in the project"


def reanchorings(connection: sqlite3.Connection, only: Collection[str] | None) -> tuple[NewEntry, ...]:
    """Return an entry for each judgement and memo that does not stand in a present document and can be helped.

    An orphan is tried again each time, and gets an entry only when it finds its words. ``only`` keeps to these ids.
    """
    groups: dict[tuple[str, str], list[tuple[str, Anchor, str]]] = {}
    for row in sorted(_displaced(connection, only)):
        groups.setdefault(row[:2], []).append(_held(row))
    if not groups:
        return ()
    present = Present(connection)
    return tuple(entry for place, held in groups.items() for entry in _moved(connection, present, place, held))


def _displaced(connection: sqlite3.Connection, only: Collection[str] | None) -> Iterator[tuple[Any, ...]]:
    """Yield what is an orphan, or of another text than the present one of its document."""
    for table in ("judgements", "memos"):
        query = (
            f'SELECT document_id, document_sha256, start, id, "end", quote, prefix, suffix, orphan FROM {table} '
            "WHERE document_id IS NOT NULL AND (orphan != '' OR NOT EXISTS (SELECT 1 FROM documents WHERE "
            "documents.id = document_id AND documents.text_sha256 = document_sha256))"
        )
        if only is None:
            yield from connection.execute(query)
        else:
            for some in batches(sorted(only)):
                yield from connection.execute(f"{query} AND id IN ({', '.join('?' * len(some))})", some)


def _held(row: Sequence[Any]) -> tuple[str, Anchor, str]:
    from qualcode.ledger.anchor import Anchor  # needs the aligner's library, which most openings do not

    _, _, start, key, end, quote, prefix, suffix, orphan = row
    return (key, Anchor(Span(start, end), quote, prefix, suffix), orphan)


class Present:
    """The documents that the project has now, found by name or by text."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        every: list[tuple[str, str, str, str]] = connection.execute(
            "SELECT id, name, text_sha256, source_sha256 FROM documents ORDER BY name"
        ).fetchall()
        self._connection = connection
        self._every = every
        self._loaded: dict[str, Document] = {}

    def successor(self, old: Document | None, sha256: str) -> Document | None:
        """Return the document that took the place of ``old``: of its name; else of its file; else of its text."""
        candidates = [row for row in self._every if row[2] == sha256]
        if old is not None:
            named = [row for row in self._every if row[1] == old.name]
            copied = [row for row in candidates if row[3] == old.source_sha256]
            candidates = [*named, *copied, *candidates]
        return self._load(candidates[0][0]) if candidates else None

    def _load(self, key: str) -> Document:
        if key not in self._loaded:
            self._loaded[key] = next(select_documents(self._connection, key))
        return self._loaded[key]


def _moved(
    connection: sqlite3.Connection, present: Present, place: tuple[str, str], held: Sequence[tuple[str, Anchor, str]]
) -> Iterator[NewEntry]:
    from qualcode.ledger.anchor import Moved, move_all

    old = next(find_versions(connection, *place), None)
    new = present.successor(old, place[1])
    if new is None:
        yield from (_orphaned(key, GONE) for key, _, orphan in held if not orphan)
        return
    moved: Sequence[Moved]
    if new.text_sha256 == place[1]:
        moved = [Moved(anchor, "same", "", ()) for _, anchor, _ in held]
    elif old is None:
        yield from (_orphaned(key, "the text that it was coded in is not kept here") for key, _, o in held if not o)
        return
    else:
        moved = move_all(old, new, [anchor for _, anchor, _ in held])
    for (key, _, orphan), each in zip(held, moved, strict=True):
        if each.anchor is not None:
            yield NewEntry("reanchor", _passage(new, each.anchor), targets=(key,), content={"how": each.how})
        elif not orphan:
            yield _orphaned(key, each.reason, each, new)


def _orphaned(key: str, reason: str, moved: Moved | None = None, document: Document | None = None) -> NewEntry:
    content: dict[str, Any] = {"orphan": reason}
    if moved is not None and document is not None:
        content["document"] = document.id
        content["proposals"] = [
            {"start": each.anchor.span.start, "end": each.anchor.span.end, "quote": each.anchor.quote,
             "similarity": round(each.similarity, 3)}
            for each in moved.proposals
        ]  # fmt: skip
    return NewEntry("reanchor", targets=(key,), content=content)


def _passage(document: Document, anchor: Anchor) -> Passage:
    return Passage(document.id, document.text_sha256, anchor.span, anchor.quote, anchor.prefix, anchor.suffix)
