"""The ledger's rows: operations written once and read back; no row is ever changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from qualcode.ledger.standing import UNDOING
from qualcode.model.document import Span, sha256_of
from qualcode.model.ledger import LOCAL, Draft, Entry, Operation, Origin, Passage
from qualcode.store.documents import to_json

__all__ = [
    "INDEXED",
    "digest_of",
    "entry_rows",
    "insert_operations",
    "next_clock",
    "origin_from_json",
    "origin_to_json",
    "read_operations",
    "recomputed_digests",
    "steering",
    "unread",
    "written",
]

_ENTRY = (
    'ledger.id, ledger.operation, ledger.kind, document_id, document_sha256, start, "end", quote, prefix, suffix, '
    "codebook, code, origin, targets, reason, content"
)
_OPERATION = "operations.id, clock, replica, at, verb, person, summary"

INDEXED = "ledger.kind NOT IN ('code', 'accept', 'reject', 'reanchor')"
"""Says of kinds that they are not the frequent ones. SQLite uses the index of the other kinds (``ledger_by_kind``) only
for a question that holds the index's condition in these words."""

BATCH = 500
"""Ids asked for in one statement: below SQLite's smallest limit for parameters."""


def written(draft: Draft, *, id: str, clock: int, replica: str, at: str) -> Operation:  # noqa: A002 - the field's name
    """Return a draft as an operation: its entries numbered and named."""
    entries = tuple(
        Entry(each.kind, each.passage, each.codebook, each.code, each.origin, each.targets, each.reason, each.content,
              id=f"{id}.{number}")
        for number, each in enumerate(draft.entries)
    )  # fmt: skip
    return Operation(id, clock, replica, at, draft.verb, draft.person, entries, draft.summary)


def insert_operations(connection: sqlite3.Connection, operations: Iterable[Operation]) -> int:
    """Write operations that are not there yet, and the links of their entries; return how many entries they have.

    The caller holds the transaction.
    """
    count = 0
    for operation in operations:
        connection.execute(
            "INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (operation.id, operation.clock, operation.replica, operation.at, operation.verb, operation.person,
             operation.summary, int(_undoable(operation)), digest_of(operation)),
        )  # fmt: skip
        for each in operation.entries:
            cursor = connection.execute(
                f"INSERT INTO ledger VALUES ({', '.join('?' * 18)})",
                (None, each.id, operation.id, int(each.id.rpartition(".")[2]), each.kind, *passage_row(each.passage),
                 each.codebook, each.code, origin_to_json(each.origin), to_json(each.targets), each.reason,
                 to_json(dict(each.content))),
            )  # fmt: skip
            count += 1
            if each.targets:
                connection.executemany(
                    "INSERT OR IGNORE INTO links VALUES (?, ?)", ((target, cursor.lastrowid) for target in each.targets)
                )
    return count


def read_operations(
    connection: sqlite3.Connection, where: str = "", parameters: Sequence[Any] = (), *, latest_first: bool = False,
    limit: int | None = None,
) -> Iterator[Operation]:  # fmt: skip
    """Yield whole operations in the ledger's order; ``where`` is a condition on ``operations``."""
    direction = "DESC" if latest_first else "ASC"
    chosen = f"SELECT * FROM operations {f'WHERE {where}' if where else ''} ORDER BY clock {direction}, id {direction}"
    if limit is not None:
        chosen += f" LIMIT {limit:d}"
    rows = connection.execute(
        f"SELECT {_OPERATION}, {_ENTRY} FROM ({chosen}) AS operations LEFT JOIN ledger ON ledger.operation = "
        f"operations.id ORDER BY clock {direction}, operations.id {direction}, number",
        tuple(parameters),
    )
    head: tuple[Any, ...] | None = None
    entries: list[Entry] = []
    for row in rows:
        if head is not None and row[0] != head[0]:
            yield _operation(head, entries)
            entries = []
        head = row[:7]
        if row[7] is not None:
            entries.append(_entry(row[7:], origin_from_json))
    if head is not None:
        yield _operation(head, entries)


def steering(connection: sqlite3.Connection) -> Iterator[Operation]:
    """Yield the operations that undo, redo or merge, in the ledger's order, with those of their entries that do."""
    rows = connection.execute(
        f"SELECT {_OPERATION}, ledger.id, kind, targets, content FROM ledger JOIN operations ON operations.id = "
        f"ledger.operation WHERE {INDEXED} AND kind IN ('undo', 'redo', 'merge') "
        "ORDER BY clock, operations.id, number"
    )
    for head, group in groupby(rows, key=lambda row: row[:7]):
        entries = (
            Entry(kind, targets=tuple(json.loads(targets)), content=json.loads(content), id=key)
            for *_, key, kind, targets, content in group
        )
        yield _operation(head, entries)


@dataclass(frozen=True, slots=True)
class StoredOrigin(Origin):
    """An origin as its line of JSON, for who only carries it from one place to another."""

    stored: str = ""


def unread(stored: str) -> Origin:
    """Return an origin without looking into it, which costs more than all the rest of an entry."""
    return StoredOrigin("", stored=stored)


def entry_rows(
    connection: sqlite3.Connection,
    where: str,
    parameters: Sequence[Any] = (),
    *,
    origin: Callable[[str], Origin] | None = None,
) -> Iterator[tuple[Operation, Entry]]:
    """Yield standing entries in the ledger's order, each with its operation (which is given without its entries).

    ``origin`` makes an origin of its line of JSON (:func:`origin_from_json` or :func:`unread`).
    """
    rows = connection.execute(
        f"SELECT {_OPERATION}, {_ENTRY} FROM ledger JOIN operations ON operations.id = ledger.operation "
        f"WHERE ({where}) AND operations.id NOT IN (SELECT operation FROM fallen) "
        "ORDER BY clock, operations.id, number",
        tuple(parameters),
    )
    held: Operation | None = None
    for row in rows:
        if held is None or held.id != row[0]:
            held = _operation(row[:7], ())
        yield held, _entry(row[7:], origin or origin_from_json)


def next_clock(connection: sqlite3.Connection) -> int:
    """Return the clock of the next operation."""
    (latest,) = connection.execute("SELECT max(clock) FROM operations").fetchone()
    return (latest or 0) + 1


def digest_of(operation: Operation) -> str:
    """Return 64 hex digits over all that an operation says; of one that travels, over the part that does."""
    told = operation.shared or operation
    head = (told.id, told.clock, told.replica, told.at, told.verb, told.person, told.summary)
    return _digest(head, [_plain(each) for each in told.entries])


def _digest(head: Sequence[Any], entries: list[list[Any]]) -> str:
    content = [*head, entries]
    return sha256_of(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def _plain(entry: Entry) -> list[Any]:
    return [entry.id, entry.kind, *passage_row(entry.passage), entry.codebook, entry.code,
            origin_to_json(entry.origin), list(entry.targets), entry.reason, dict(entry.content)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recomputed:
    """An operation as its rows are: how many ``entries`` it has, and whether they are what was written."""

    id: str
    verb: str
    at: str
    entries: int
    unaltered: bool


def recomputed_digests(connection: sqlite3.Connection) -> Iterator[Recomputed]:
    """Yield each operation, compared with the digest made when it was written; only one is in memory at a time."""
    rows = connection.execute(
        f"SELECT {_OPERATION}, undoable, digest, {_ENTRY}, number FROM operations LEFT JOIN ledger ON ledger.operation "
        "= operations.id ORDER BY clock, operations.id, number"
    )
    for head, group in groupby(rows, key=lambda row: row[:9]):
        *told, undoable, digest = head
        every: list[list[Any]] = []
        shared: list[list[Any]] = []
        numbered, undoes = True, False
        for row in group:
            if row[9] is None:  # of an operation without entries
                continue
            key, _, kind, *middle, targets, reason, content, number = row[9:]
            more = json.loads(content) if content != "{}" else {}
            plain = [key, kind, *middle, json.loads(targets) if targets != "[]" else [], reason, more]
            numbered = numbered and key == f"{told[0]}.{number}"
            undoes = undoes or (kind not in UNDOING and not more.get("noted"))
            every.append(plain)
            if kind not in LOCAL and not more.get("local"):
                shared.append(plain)
        unaltered = numbered and undoes == bool(undoable) and _digest(told, shared or every) == digest
        yield Recomputed(told[0], told[4], told[3], len(every), unaltered)


def _undoable(operation: Operation) -> bool:
    """Whether ``undo`` takes an operation back: what only notes a fact, or itself undoes, is passed over."""
    return any(each.kind not in UNDOING and not each.content.get("noted") for each in operation.entries)


def _operation(row: Sequence[Any], entries: Iterable[Entry]) -> Operation:
    key, clock, replica, at, verb, person, summary = row
    return Operation(key, clock, replica, at, verb, person, tuple(entries), summary)


def _entry(row: Sequence[Any], read: Callable[[str], Origin]) -> Entry:
    (key, _, kind, document_id, sha256, start, end, quote, prefix, suffix, codebook, code, origin, targets, reason,
     content) = row  # fmt: skip
    return Entry(
        kind,
        passage_of(document_id, sha256, start, end, quote, prefix, suffix),
        codebook,
        code,
        None if origin is None else read(origin),
        tuple(json.loads(targets)) if targets != "[]" else (),
        reason,
        json.loads(content) if content != "{}" else {},
        id=key,
    )


def passage_row(passage: Passage | None) -> tuple[Any, ...]:
    """Return a passage as seven columns, all ``None`` when there is none."""
    if passage is None:
        return (None,) * 7
    return (passage.document_id, passage.document_sha256, passage.span.start, passage.span.end, passage.quote,
            passage.prefix, passage.suffix)  # fmt: skip


def passage_of(
    document_id: str | None, sha256: str, start: int, end: int, quote: str, prefix: str, suffix: str
) -> Passage | None:
    """Return the passage that seven columns hold."""
    if document_id is None:
        return None
    return Passage(document_id, sha256, Span(start, end), quote, prefix, suffix)


def origin_to_json(origin: Origin | None) -> str | None:
    """Return an origin as one line of JSON; what is as usual is left out."""
    if origin is None:
        return None
    if isinstance(origin, StoredOrigin):
        return origin.stored
    found: dict[str, Any] = {"coder": origin.coder}
    if origin.rules:
        found["rules"] = list(origin.rules)
    if origin.evidence:
        found["evidence"] = [[each.start, each.end] for each in origin.evidence]
    if origin.words:
        found["words"] = list(origin.words)
    if origin.score is not None:
        found["score"] = origin.score
    if origin.facets:
        found["facets"] = dict(sorted(origin.facets.items()))
    if origin.flags:
        found["flags"] = list(origin.flags)
    if origin.codebook_version:
        found["codebook_version"] = origin.codebook_version
    if origin.codebook_sha256:
        found["codebook_sha256"] = origin.codebook_sha256
    return to_json(found)


def origin_from_json(stored: str) -> Origin:
    """Return the origin that :func:`origin_to_json` wrote."""
    found = json.loads(stored)
    return Origin(
        found["coder"],
        tuple(found.get("rules", ())),
        tuple(Span(start, end) for start, end in found.get("evidence", ())),
        tuple(found.get("words", ())),
        found.get("score"),
        found.get("facets", {}),
        tuple(found.get("flags", ())),
        found.get("codebook_version", ""),
        found.get("codebook_sha256", ""),
    )


def batches(ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield ids in lists short enough for one statement."""
    held: list[str] = []
    for each in ids:
        held.append(each)
        if len(held) == BATCH:
            yield held
            held = []
    if held:
        yield held
