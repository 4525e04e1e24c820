"""The union of ledgers: what others wrote comes in whole, once, and nothing of ours changes."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualcode.errors import LedgerError
from qualcode.ledger.standing import taken_back
from qualcode.model.ledger import NewEntry, Operation
from qualcode.store.ledger import INDEXED, digest_of, entry_rows, insert_operations, read_operations, steering

__all__ = ["United", "unite"]


@dataclass(frozen=True, slots=True)
class United:
    """What a union brought.

    Attributes:
        operations: ids of the operations that came in (or rose again, when an earlier merge was taken back).
        documents: names of the documents that came in; of a name that both have, ours stays.
        differing: names of documents whose text is another one there: what was coded there is put on our words.
        people: whose work came in.
        entries: of the ledger, that note it; empty when there was nothing new.
        summary: what came, in words.
        left_out: names of documents that they have and that were taken out here: those do not come back by themselves.
    """

    operations: tuple[str, ...]
    documents: tuple[str, ...]
    differing: tuple[str, ...]
    people: tuple[str, ...]
    entries: tuple[NewEntry, ...]
    summary: str
    left_out: tuple[str, ...] = ()


def unite(connection: sqlite3.Connection, others: Sequence[sqlite3.Connection], places: Sequence[str]) -> United:
    """Write what the other ledgers hold and this one does not; the caller then appends the entries.

    Raises:
        LedgerError: QC-L010 when an operation of the same id says something else there.
    """
    known = dict(connection.execute("SELECT id, digest FROM operations"))
    away = taken_back(steering(connection))
    brought: dict[str, str] = {}
    replicas: dict[str, None] = {}
    names: dict[str, str] = {}
    held = dict(connection.execute("SELECT name, text_sha256 FROM documents"))
    taken_out = _taken_out(connection)
    differing: dict[str, None] = {}
    left_out: dict[str, None] = {}
    entries = 0
    for other, place in zip(others, places, strict=True):
        (replica,) = other.execute("SELECT value FROM meta WHERE key = 'replica'").fetchone()
        elsewhere_away = taken_back(steering(other))
        fresh: list[Operation] = []
        for operation in read_operations(other):
            part = operation.shared
            if part is None:
                continue
            digest = digest_of(part)
            if known.get(part.id, digest) != digest:
                raise LedgerError("QC-L010", f"the operation {part.id} says something else there than here",
                                  where=place, hint="One of the two databases was changed by hand; "
                                  "see: qualcode verify")  # fmt: skip
            if part.id in elsewhere_away:  # it came there with a merge that they took back
                continue
            if part.id not in known:
                known[part.id] = digest
                fresh.append(part)
                brought[part.id] = part.person
            elif part.id in away:
                brought[part.id] = part.person
        if fresh:
            replicas[replica] = None
            entries += insert_operations(connection, fresh)
        _keep_texts(connection, other)
        theirs = {
            name: (version, text)
            for name, version, text in other.execute("SELECT name, version, text_sha256 FROM documents ORDER BY name")
        }
        same = _same_by_text(held, {name: text for name, (_, text) in theirs.items()})
        for name, (version, text) in theirs.items():
            if name in taken_out and name not in same:
                left_out[name] = None
            elif name not in held and name not in same:
                names.setdefault(name, version)
                held[name] = text
            elif held.get(name, text) != text:
                differing[name] = None
    people = tuple(sorted({person for person in brought.values() if person}))
    told = _told(len(brought), people, len(names))
    noted: list[NewEntry] = []
    if brought or names:
        content = {"operations": sorted(brought), "replicas": sorted(replicas)}
        noted = [NewEntry("merge", content=content)]
        noted += [NewEntry("document", content={"name": name, "version": names[name]}) for name in names]
        _count(connection, entries, len(set(brought) - away))
    return United(tuple(brought), tuple(names), tuple(differing), people, tuple(noted), told, tuple(left_out))


def _taken_out(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the names of documents that were here and that somebody took out."""
    named = {str(entry.content["name"]) for _, entry in entry_rows(connection, f"{INDEXED} AND kind = 'document'")}
    return frozenset(named - {name for (name,) in connection.execute("SELECT name FROM documents")})


def _same_by_text(ours: Mapping[str, str], theirs: Mapping[str, str]) -> frozenset[str]:
    """Return the names of their documents that are ours under another name: neither side has their text twice."""
    left = Counter(text for name, text in ours.items() if name not in theirs)
    coming = Counter(text for name, text in theirs.items() if name not in ours)
    return frozenset(
        name for name, text in theirs.items() if name not in ours and left[text] == 1 and coming[text] == 1
    )


def _keep_texts(connection: sqlite3.Connection, other: sqlite3.Connection) -> None:
    for table, columns in (("document_versions", 5), ("codebook_versions", 2)):
        connection.executemany(
            f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * columns)})",
            other.execute(f"SELECT * FROM {table}"),
        )


def _count(connection: sqlite3.Connection, entries: int, operations: int) -> None:
    from qualcode.store.writing import add_to_meta

    add_to_meta(connection, "entries", entries)
    add_to_meta(connection, "operations", operations)


def _told(operations: int, people: Iterable[str], documents: int) -> str:
    whose = f" by {', '.join(people)}" if people else ""
    more = f", {documents} document{'s' * (documents != 1)}" if documents else ""
    return f"{operations} operation{'s' * (operations != 1)}{whose}{more}"
