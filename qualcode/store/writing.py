"""One operation into the ledger, and everything that follows from it, inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from qualcode.errors import LedgerError, StoreError
from qualcode.ledger.standing import STEERING
from qualcode.model.document import Document
from qualcode.model.ledger import Draft, NewEntry, Operation
from qualcode.store.ledger import batches, insert_operations, next_clock, read_operations, written
from qualcode.store.moving import reanchorings
from qualcode.store.state import concerned, refresh, refresh_standing, small_state
from qualcode.store.suggestions import present_run
from qualcode.store.versions import document_digest, present_documents

__all__ = [
    "append",
    "check_targets",
    "document_entries",
    "next_redo",
    "next_undo",
    "set_meta",
    "told_documents",
    "turning",
]

_STANDS = "id NOT IN (SELECT operation FROM fallen)"
_HERE = "replica = (SELECT value FROM meta WHERE key = 'replica')"


def append(
    connection: sqlite3.Connection,
    draft: Draft,
    *,
    key: str,
    at: str,
    first: Callable[[Operation], None] | None = None,
    brought: Iterable[str] = (),
) -> Operation:
    """Write a draft as an operation, bring all that depends on it up to date, and return it.

    Args:
        connection: inside a transaction.
        draft: what is done.
        key: the operation's id.
        at: its time.
        first: called with the operation as soon as its rows are there.
        brought: ids of operations of other ledgers that were written before in this transaction.
    """
    (replica,) = connection.execute("SELECT value FROM meta WHERE key = 'replica'").fetchone()
    clock = next_clock(connection)
    connection.execute("SAVEPOINT operation")
    operation, touched = _written(connection, draft, key, clock, replica, at, first, brought)
    extra = reanchorings(connection, touched)
    if extra:
        # Where words went is known only now, and belongs to the same step: it is written again with it.
        connection.execute("ROLLBACK TO operation")
        draft = replace(draft, entries=(*draft.entries, *extra))
        operation, _ = _written(connection, draft, key, clock, replica, at, first, brought)
    connection.execute("RELEASE operation")
    _count(connection, operation)
    return operation


def _written(
    connection: sqlite3.Connection,
    draft: Draft,
    key: str,
    clock: int,
    replica: str,
    at: str,
    first: Callable[[Operation], None] | None,
    brought: Iterable[str],
) -> tuple[Operation, set[str] | None]:
    """Return the operation, and the ids of all that may stand in another text now than when it was last held.

    That is anything (``None``) when documents or foreign judgements came or went; else what the operation touches: an
    undoing can bring back a judgement that was not there when its transcript was read again.
    """
    operation = written(draft, id=key, clock=clock, replica=replica, at=at)
    insert_operations(connection, [operation])
    if first is not None:
        first(operation)
    kinds = {each.kind for each in operation.entries}
    ids = concerned(connection, [operation], turned=False)
    for some in batches(brought):
        come = list(_by_id(connection, some))
        ids |= concerned(connection, come, turned=True)
        kinds.update({entry.kind for each in come for entry in each.entries} & {"codebook"})  # suggestions follow
    if kinds & STEERING:
        for some in batches(refresh_standing(connection, operation)):
            for turned in _by_id(connection, some):
                ids |= concerned(connection, [turned], turned=True)
                kinds.update(each.kind for each in turned.entries)
    refresh(connection, ids)
    if "document" in kinds:
        present_documents(connection, small_state(connection).documents)
        add_to_meta(connection, "documents", 1)
    if kinds & {"document", "run", "codebook"}:
        made_from = present_run(connection)
        if made_from is None:
            connection.execute("DELETE FROM meta WHERE key = 'coded_from'")
        else:
            set_meta(connection, "coded_from", made_from)
    return operation, None if kinds & {"document", "merge"} else ids


def _by_id(connection: sqlite3.Connection, ids: list[str]) -> Iterator[Operation]:
    return read_operations(connection, f"id IN ({', '.join('?' * len(ids))})", ids)


def _count(connection: sqlite3.Connection, operation: Operation) -> None:
    for key, more in (("revision", 1), ("operations", 1), ("entries", len(operation.entries))):
        add_to_meta(connection, key, more)


def add_to_meta(connection: sqlite3.Connection, key: str, more: int) -> None:
    """Add to one of the counts that the database keeps about itself."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + ?",
        (key, str(more), more),
    )


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Write one of the notes that the database keeps about itself."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
    )


def check_targets(connection: sqlite3.Connection, draft: Draft) -> None:
    """Raise when a draft names what the ledger does not hold.

    Raises:
        LedgerError: QC-L002.
    """
    for entry in draft.entries:
        for target in entry.targets:
            if connection.execute("SELECT 1 FROM ledger WHERE id = ?", (target,)).fetchone() is None:
                raise LedgerError("QC-L002", f"the ledger has no entry {target!r}",
                                  hint="List what there is: qualcode log DIR")  # fmt: skip


def next_undo(connection: sqlite3.Connection, person: str | None) -> Operation | None:
    """Return the latest standing operation made here that can be taken back, or ``None``."""
    return _latest(connection, f"undoable = 1 AND {_HERE} AND {_STANDS}", person)


def next_redo(connection: sqlite3.Connection, person: str | None) -> Operation | None:
    """Return the ``undo`` that can be taken back: the latest that stands, with nothing new done since."""
    found = _latest(connection, f"verb = 'undo' AND {_HERE} AND {_STANDS}", person)
    if found is None:
        return None
    last = next_undo(connection, person)
    return None if last is not None and last.order > found.order else found


def _latest(connection: sqlite3.Connection, where: str, person: str | None) -> Operation | None:
    condition, values = (where, ()) if person is None else (f"{where} AND person = ?", (person,))
    return next(read_operations(connection, condition, values, latest_first=True, limit=1), None)


def turning(
    connection: sqlite3.Connection, kind: Literal["undo", "redo"], person: str | None, by: str, expected: str | None
) -> Draft:
    """Return the draft that takes back the last operation, or its undoing.

    Raises:
        LedgerError: QC-L003, QC-L004 when there is none, QC-L005 when it is not the ``expected`` one.
    """
    found = (next_undo if kind == "undo" else next_redo)(connection, person)
    whose = f" by {person}" if person else ""
    if found is None:
        if kind == "undo":
            raise LedgerError("QC-L003", f"there is nothing to undo{whose}",
                              hint="See what was done, and by whom: qualcode log DIR")  # fmt: skip
        raise LedgerError("QC-L004", f"there is nothing to do again{whose}",
                          hint="Only what was just undone can be, and only while nothing else was done.")  # fmt: skip
    concerned_one = found
    if kind == "redo":
        (target,) = found.entries[0].targets
        concerned_one = next(_by_id(connection, [target]))
    if expected is not None and concerned_one.id != expected:
        raise LedgerError("QC-L005", "the project changed in the meantime; nothing was undone",
                          hint="Look again, and try again.")  # fmt: skip
    content = {} if concerned_one.shared else {"local": True}
    told = concerned_one.summary or concerned_one.verb
    entry = NewEntry(kind, targets=(found.id,), content=content)
    return Draft(kind, by or person or "", (entry,), f"{concerned_one.verb}: {told}")


def document_entries(
    connection: sqlite3.Connection, fresh: tuple[Document, ...], without: frozenset[str], path: Path
) -> Iterator[NewEntry]:
    """Yield an entry for each document that comes, changes or goes.

    Raises:
        StoreError: QC-S011 for two source files that give one name.
    """
    held = connection.execute("SELECT id, name, source_name, version FROM documents").fetchall()
    sources = {each.source_name for each in fresh}
    leaving = {name for key, name, source, _ in held if key in without or source in sources}
    versions = {name: version for _, name, _, version in held}
    ids = {key: name for key, name, _, _ in held}
    taken: set[str] = set(versions) - leaving
    coming: dict[str, str] = {}
    for document in fresh:
        other = ids.get(document.id)
        clash = other is not None and other != document.name and other not in leaving
        if document.name in taken or document.name in coming or clash:
            raise StoreError("QC-S011", f"there is already a document called {document.name!r}",
                             where=str(path), hint="Rename one of the two files.")  # fmt: skip
        coming[document.name] = document_digest(document)
    for name in sorted(leaving - set(coming)):
        yield NewEntry("document", content={"name": name, "version": None})
    for name, digest in coming.items():
        if versions.get(name) != digest:
            before = versions.get(name)
            content = {"name": name, "version": digest}
            yield NewEntry("document", content=content if before is None else {**content, "before": before})


def told_documents(entries: Iterable[NewEntry]) -> str:
    """Return in words how many documents came, changed and went."""
    counts = {"added": 0, "changed": 0, "taken out": 0}
    for each in entries:
        word = "taken out" if each.content["version"] is None else "changed" if "before" in each.content else "added"
        counts[word] += 1
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) + " (documents)"
