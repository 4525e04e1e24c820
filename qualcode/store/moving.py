"""Judgements and memos whose document was replaced: found, and put on their words again or declared orphans."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from qualcode.model.document import Document, Span
from qualcode.model.ledger import NewEntry, Passage
from qualcode.store.documents import select_documents
from qualcode.store.ledger import INDEXED, batches, entry_rows
from qualcode.store.versions import find_versions, version_of, versions_called

if TYPE_CHECKING:
    from qualcode.ledger.anchor import Anchor, Moved

__all__ = ["names_now", "reanchorings"]

GONE = "its document is not in the project"
TWINS = "its document is not in the project; which of those with the same text took its place cannot be told"


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


def names_now(connection: sqlite3.Connection, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield names that documents have or had, each with what that document, or the one in its place, is called now."""
    held = {name for (name,) in connection.execute("SELECT name FROM documents")}
    present: Present | None = None
    for name in dict.fromkeys(names):
        if name in held:
            yield name, name
            continue
        present = present or Present(connection)
        found = {
            document.name
            for old in versions_called(connection, name)
            if (document := present.successor(old, old.text_sha256)) is not None
        }
        if len(found) == 1:
            yield name, found.pop()


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
        self._loaded: dict[str, Document] = {}
        self._named = {row[1]: row for row in every}
        self._by_text: dict[str, list[tuple[str, str, str, str]]] = {}
        for row in every:
            self._by_text.setdefault(row[2], []).append(row)
        self._times: dict[str, list[tuple[int, int]]] | None = None

    def successor(self, old: Document | None, sha256: str) -> Document | None:
        """Return the document that took the place of ``old``: of its name; else the only one of its file or text.

        Two people may have given the same answer. So a document that was in the project together with ``old`` is
        another one, whatever it says, and of several that can be meant none is.
        """
        if old is not None and old.name in self._named:
            return self._load(self._named[old.name][0])
        candidates = self._alike(old, sha256)
        return self._load(candidates[0][0]) if len(candidates) == 1 else None

    def twins(self, old: Document | None, sha256: str) -> bool:
        """Return whether several documents may have taken the place of ``old``."""
        return len(self._alike(old, sha256)) > 1

    def _alike(self, old: Document | None, sha256: str) -> list[tuple[str, str, str, str]]:
        """Return the documents of a text, or those of its very file among them, that never stood beside ``old``."""
        candidates = self._by_text.get(sha256, [])
        if old is None or not candidates:
            return candidates
        others = self._stood_beside(old.name, {row[1] for row in candidates})
        candidates = [row for row in candidates if row[1] not in others]
        return [row for row in candidates if row[3] == old.source_sha256] or candidates

    def _stood_beside(self, name: str, others: Collection[str]) -> frozenset[str]:
        """Return which of the other names belonged to documents at the same time as ``name``."""
        if self._times is None:
            self._times = _times_of(self._connection)
        times = self._times
        own = times.get(name, ())
        return frozenset(
            other
            for other in others
            if any(one < end and begin < last for one, last in own for begin, end in times.get(other, ()))
        )

    def _load(self, key: str) -> Document:
        if key not in self._loaded:
            (version,) = self._connection.execute("SELECT version FROM documents WHERE id = ?", (key,)).fetchone()
            # Kept whole in one row, which is found sooner than the rows of its parts among those of all documents.
            found = version_of(self._connection, version)
            self._loaded[key] = found if found is not None else next(select_documents(self._connection, key))
        return self._loaded[key]


def _times_of(connection: sqlite3.Connection) -> dict[str, list[tuple[int, int]]]:
    """Return when there was a document of each name, half-open, in steps that changed the documents."""
    begun: dict[str, int] = {}
    times: dict[str, list[tuple[int, int]]] = {}
    rows = entry_rows(connection, f"{INDEXED} AND kind = 'document'")
    number = 0
    for number, (_, step) in enumerate(groupby(rows, key=lambda row: row[0].id)):
        for _, entry in step:
            name = str(entry.content["name"])
            if entry.content.get("version") is not None:
                begun.setdefault(name, number)
            elif name in begun:
                times.setdefault(name, []).append((begun.pop(name), number))
    for name, begin in begun.items():
        times.setdefault(name, []).append((begin, number + 1))
    return times


def _moved(
    connection: sqlite3.Connection, present: Present, place: tuple[str, str], held: Sequence[tuple[str, Anchor, str]]
) -> Iterator[NewEntry]:
    from qualcode.ledger.anchor import Moved, move_all

    old = next(find_versions(connection, *place), None)
    new = present.successor(old, place[1])
    if new is None:
        reason = TWINS if present.twins(old, place[1]) else GONE
        yield from (_orphaned(key, reason) for key, _, orphan in held if not orphan)
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
