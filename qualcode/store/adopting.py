"""What a migration does beyond SQL: databases from before the ledger get one."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Mapping

from qualcode.model.ledger import Draft, NewEntry
from qualcode.store.documents import select_documents
from qualcode.store.ledger import insert_operations, written
from qualcode.store.suggestions import keep_run, present_run, suggestions_of_schema_1
from qualcode.store.versions import keep_document

__all__ = ["AFTERWARDS"]


def _begin_ledger(connection: sqlite3.Connection) -> None:
    """Give the database a name, and note its documents and suggestions as the ledger's first operations."""
    replica = secrets.token_hex(8)
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    at = connection.execute("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')").fetchone()[0]
    noted = {"noted": True}  # there is nothing before it to go back to
    entries: list[NewEntry] = []
    for document in select_documents(connection):
        digest = keep_document(connection, document)
        connection.execute("UPDATE documents SET version = ? WHERE id = ?", (digest, document.id))
        entries.append(NewEntry("document", content={"name": document.name, "version": digest, **noted}))
    found = tuple(suggestions_of_schema_1(connection))
    connection.execute("DROP TABLE suggestions_1")
    drafts = []
    if entries:
        drafts.append(Draft("ingest", "", tuple(entries), f"{len(entries)} documents of an older database"))
    if "coded_from" in meta:
        run = NewEntry("run", content={"suggestions": len(found), **noted})
        drafts.append(Draft("code", "", (run,), f"{len(found)} suggestions of an older database"))
    operations = [
        written(draft, id=secrets.token_hex(8), clock=clock, replica=replica, at=at)
        for clock, draft in enumerate(drafts, start=1)
    ]
    written_entries = insert_operations(connection, operations)
    counts = {"replica": replica, "operations": len(operations), "entries": written_entries}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", ((key, str(value)) for key, value in counts.items()))
    if "coded_from" in meta:
        keep_run(connection, operations[-1].id, found, made_from=meta["coded_from"])
        present_run(connection)


AFTERWARDS: Mapping[int, Callable[[sqlite3.Connection], None]] = {2: _begin_ledger}
"""Number of a migration → what is done after its statements, in the same transaction."""
