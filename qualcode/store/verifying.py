"""Whether the database adds up: SQLite's own checks, the ledger's digests, and the state against a full replay.

Everything is read piece by piece, so that the memory needed does not grow with the ledger.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qualcode.ledger.fold import GLOBAL, fold_entries
from qualcode.ledger.standing import fallen
from qualcode.model.document import sha256_of
from qualcode.model.ledger import CREATING
from qualcode.store.documents import select_documents
from qualcode.store.ledger import INDEXED, entry_rows, recomputed_digests, steering, unread
from qualcode.store.state import judgement_row, kept_rows, memo_row, small_state
from qualcode.store.suggestions import altered_suggestions, is_presented
from qualcode.store.versions import codebook_text, document_digest

__all__ = ["Finding", "verify", "verify_file"]

STEP = 20_000
"""Rows of the ledger that are replayed together."""

MOST = 20
"""Findings of one kind that are told one by one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up: a stable ``code``, and what it is."""

    code: str
    message: str


def verify(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Yield everything that does not add up; nothing is changed.

    What cannot even be read is a finding (``damaged``), never an exception; only a database that is locked raises.
    """
    yield from verify_file(connection)
    for check in (_ledger, _standing, _judgements, _documents, _versions, _suggestions):
        yield from _guarded(check, connection)


def verify_file(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what SQLite itself finds wrong with a database of any schema."""
    yield from _guarded(_file, connection)


def _guarded(
    check: Callable[[sqlite3.Connection], Iterator[Finding]], connection: sqlite3.Connection
) -> Iterator[Finding]:
    told: dict[str, int] = {}
    try:
        for finding in check(connection):
            told[finding.code] = told.get(finding.code, 0) + 1
            if told[finding.code] <= MOST:
                yield finding
    except (sqlite3.DatabaseError, zlib.error, KeyError, IndexError, TypeError, ValueError) as error:
        if "locked" in str(error):
            raise
        yield Finding("damaged", f"a part of the database cannot be read: {error!r}")
    for code, count in told.items():
        if count > MOST:
            yield Finding(code, f"and {count - MOST} more like this")


def _file(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (told,) in connection.execute("PRAGMA integrity_check(20)"):
        if told != "ok":
            yield Finding("damaged", f"SQLite finds the file damaged: {told}")
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield Finding("dangling", f"row {row} of {table} names a row of {parent} that is not there")


def _ledger(connection: sqlite3.Connection) -> Iterator[Finding]:
    operations = entries = 0
    for each in recomputed_digests(connection):
        operations += 1
        entries += each.entries
        if not each.entries:
            yield Finding("empty-operation", f"the operation {each.id} has no entry")
        elif not each.unaltered:
            yield Finding("altered", f"the operation {each.id} ({each.verb}, {each.at}) was altered")
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    for name, count in (("operations", operations), ("entries", entries)):
        if int(meta.get(name, 0)) != count:
            yield Finding("missing-rows", f"the ledger should hold {meta.get(name, 0)} {name} and holds {count}")
    (stray,) = connection.execute(
        "SELECT count(*) FROM ledger WHERE operation NOT IN (SELECT id FROM operations)"
    ).fetchone()
    if stray:
        yield Finding("missing-rows", f"{stray} entries belong to no operation")
    (lost,) = connection.execute(
        "SELECT count(*) FROM ledger, json_each(targets) AS target WHERE targets != '[]' AND NOT EXISTS "
        "(SELECT 1 FROM links WHERE links.target = target.value AND links.seq = ledger.seq)"
    ).fetchone()
    if lost:
        yield Finding("links", f"{lost} links between entries are missing")


def _standing(connection: sqlite3.Connection) -> Iterator[Finding]:
    gone = fallen(steering(connection))
    kept = {key for (key,) in connection.execute("SELECT operation FROM fallen")}
    if gone != kept:
        yield Finding("standing", f"{len(gone ^ kept)} operations are kept as standing or fallen and are not")


def _judgements(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Compare the judgements and memos that are kept with a replay of the ledger, a stretch of it at a time."""
    for table in ("judgements", "memos"):
        for (key,) in connection.execute(f"SELECT id FROM {table} WHERE id NOT IN (SELECT id FROM ledger)"):
            yield Finding("state", f"{key} of the {table} is not in the ledger")
    (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM ledger").fetchone()
    making = ", ".join(f"'{kind}'" for kind in sorted({*CREATING, "memo"}))
    general = ", ".join(f"'{kind}'" for kind in sorted(GLOBAL))
    for first in range(0, last + 1, STEP):
        stretch = (first, first + STEP - 1)
        entries = entry_rows(
            connection,
            f"(ledger.seq BETWEEN ? AND ? AND kind IN ({making})) OR ledger.seq IN (SELECT links.seq FROM ledger AS "
            "made JOIN links ON links.target = made.id WHERE made.seq BETWEEN ? AND ?) OR "
            f"({INDEXED} AND kind IN ({general}))",
            (*stretch, *stretch),
            origin=unread,
        )
        ids = frozenset(
            key for (key,) in connection.execute("SELECT id FROM ledger WHERE seq BETWEEN ? AND ?", stretch)
        )
        state = fold_entries(entries, only=ids)
        meant = {"judgements": {key: judgement_row(each) for key, each in state.judgements.items()},
                 "memos": {key: memo_row(each) for key, each in state.memos.items()}}  # fmt: skip
        for table, rows in meant.items():
            held = {row[0]: row for row in kept_rows(connection, table, "id IN (SELECT id FROM ledger WHERE seq "
                                                     "BETWEEN ? AND ?)", stretch)}  # fmt: skip
            for key in sorted({*held, *rows}):
                if held.get(key) != rows.get(key):
                    yield Finding("state", f"{key} of the {table} is kept otherwise than the ledger says")


def _documents(connection: sqlite3.Connection) -> Iterator[Finding]:
    versions = dict(connection.execute("SELECT name, version FROM documents"))
    meant = dict(small_state(connection).documents)
    if versions != meant:
        names = sorted({*versions.items()} ^ {*meant.items()})
        yield Finding("documents", f"documents are kept otherwise than the ledger says: {names[0][0]}")
    texts: dict[str, str] = {}
    for document in select_documents(connection):
        texts[document.id] = document.text
        if sha256_of(document.text) != document.text_sha256:
            yield Finding("text", f"the text of {document.name} was altered")
        elif document_digest(document) != versions[document.name]:
            yield Finding("document", f"what is kept of {document.name} beside its text was altered")
    for table in ("judgements", "memos"):
        for key, place, start, end, quote in connection.execute(
            f"SELECT id, document_id, start, \"end\", quote FROM {table} WHERE document_id IS NOT NULL AND orphan = ''"
        ):
            if place not in texts:
                yield Finding("place", f"{key} stands in a document that is not there, and is no orphan")
            elif texts[place][start:end] != quote:
                yield Finding("quote", f"the words of {key} are not those of its place")


def _versions(connection: sqlite3.Connection) -> Iterator[Finding]:
    for digest, content in connection.execute("SELECT digest, content FROM document_versions"):
        if sha256_of(zlib.decompress(content)) != digest:
            yield Finding("version", f"the kept version {digest[:12]} of a document was altered")
    for (version,) in connection.execute(
        "SELECT DISTINCT json_extract(content, '$.version') FROM ledger "
        f"WHERE {INDEXED} AND kind = 'document' AND json_extract(content, '$.version') IS NOT NULL AND "
        "json_extract(content, '$.version') NOT IN "
        "(SELECT digest FROM document_versions)"
    ):
        yield Finding("version", f"the version {version[:12]} of a document, which the ledger names, is missing")
    for (sha256,) in connection.execute(
        f"SELECT DISTINCT json_extract(content, '$.after') FROM ledger WHERE {INDEXED} AND kind = 'codebook' AND "
        "json_extract(content, '$.after') IS NOT NULL AND "
        "json_extract(content, '$.after') NOT IN (SELECT sha256 FROM codebook_versions)"
    ):
        yield Finding("codebook", f"the codebook {sha256[:12]}, which the ledger names, is missing")
    for (sha256,) in connection.execute("SELECT sha256 FROM codebook_versions").fetchall():
        found = codebook_text(connection, sha256)
        if found is None or sha256_of(found) != sha256:
            yield Finding("codebook", f"the kept codebook {sha256[:12]} was altered")


def _suggestions(connection: sqlite3.Connection) -> Iterator[Finding]:
    for position in altered_suggestions(connection):
        yield Finding("suggestion", f"the suggestion {position} was altered")
    if not is_presented(connection):
        yield Finding("suggestions", "the current suggestions are not those of the last run that stands")
