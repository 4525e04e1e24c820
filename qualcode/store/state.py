"""What the ledger comes to, kept in tables: refreshed for what an operation touches, rebuilt from nothing to verify.

Both ways use the same fold (:mod:`qualcode.ledger.fold`); the first gives it only the entries that name the judgements
concerned, which is what ``verify`` checks.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, cast

from qualcode.ledger.fold import GLOBAL, State, code_moves, fold_entries
from qualcode.ledger.standing import STEERING, fallen
from qualcode.model.ledger import CREATING, Entry, Judgement, Memo, Operation, Passage, Verdict
from qualcode.store.documents import to_json
from qualcode.store.ledger import (
    INDEXED,
    batches,
    entry_rows,
    origin_from_json,
    origin_to_json,
    passage_of,
    passage_row,
    steering,
)

__all__ = [
    "concerned",
    "judgement_row",
    "kept_rows",
    "memo_row",
    "refresh",
    "refresh_standing",
    "select_judgements",
    "select_memos",
    "small_state",
]

_JUDGEMENT = (
    'id, layer, person, verdict, document_id, document_sha256, start, "end", quote, prefix, suffix, codebook, code, '
    "origin, at, reason, orphan, entry, settles"
)
_MEMO = (
    'id, person, at, type, about, text, ref, document_id, document_sha256, start, "end", quote, prefix, suffix, orphan'
)
_SMALL = "('document', 'done', 'blind', 'release', 'sample', 'label', 'codebook')"


def refresh_standing(connection: sqlite3.Connection, latest: Operation) -> frozenset[str]:
    """Bring the table of fallen operations up to date after ``latest``; return the ids of those that fell or rose."""
    turned = [each for each in latest.entries if each.kind in STEERING]
    targets = {target for each in turned for target in each.targets}
    if all(each.kind == "undo" for each in turned) and not _steers(connection, targets):
        # The usual case, for which what was undone before need not be read again: these fall, and nothing else changes.
        connection.executemany("INSERT OR IGNORE INTO fallen VALUES (?)", ((key,) for key in sorted(targets)))
        return frozenset(targets)
    now = fallen(steering(connection))
    before = {key for (key,) in connection.execute("SELECT operation FROM fallen")}
    connection.executemany("DELETE FROM fallen WHERE operation = ?", ((key,) for key in before - now))
    connection.executemany("INSERT INTO fallen VALUES (?)", ((key,) for key in now - before))
    return frozenset(before ^ now)


def _steers(connection: sqlite3.Connection, operations: Iterable[str]) -> bool:
    """Return whether any of these operations undoes, redoes or merges."""
    kinds = ", ".join(f"'{kind}'" for kind in sorted(STEERING))
    return any(
        connection.execute(f"SELECT 1 FROM ledger WHERE operation = ? AND kind IN ({kinds}) LIMIT 1", (key,)).fetchone()
        for key in operations
    )


def concerned(connection: sqlite3.Connection, operations: Iterable[Operation], *, turned: bool) -> set[str]:
    """Return the ids of all judgements and memos that operations make, name or move by a change of a codebook.

    ``turned`` says that the operations fell or rose, rather than being new.
    """
    found: set[str] = set()
    for operation in operations:
        for entry in operation.entries:
            if entry.kind in CREATING or entry.kind == "memo":
                found.add(entry.id)
            found.update(entry.targets)
            if entry.kind == "codebook":
                found.update(_moved_codes(connection, operation, entry, turned=turned))
    return found


def _moved_codes(connection: sqlite3.Connection, operation: Operation, entry: Entry, *, turned: bool) -> Iterator[str]:
    moves = dict(code_moves(entry))
    if not moves and not entry.content.get("added"):
        return
    if turned and _followed(connection, operation, entry):
        # What came later may have moved the codes on, or met an old name, so that present names do not tell.
        rows = connection.execute("SELECT id FROM ledger WHERE codebook = ? AND kind != 'codebook'", (entry.codebook,))
    else:
        codes = to_json(sorted({*moves, *moves.values()}))
        rows = connection.execute(
            "SELECT id FROM judgements WHERE codebook = ? AND code IN (SELECT value FROM json_each(?))",
            (entry.codebook, codes),
        )
    yield from (key for (key,) in rows)
    yield from (key for (key,) in connection.execute("SELECT id FROM memos WHERE about = 'code'"))


def _followed(connection: sqlite3.Connection, operation: Operation, entry: Entry) -> bool:
    """Return whether anything was done with the codebook after a change of it."""
    found = connection.execute(
        "SELECT 1 FROM ledger JOIN operations ON operations.id = ledger.operation WHERE codebook = ? AND "
        "(clock, operations.id) > (?, ?) LIMIT 1",
        (entry.codebook, operation.clock, operation.id),
    ).fetchone()
    return found is not None


def refresh(connection: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Write anew what holds of the judgements and memos with these ids."""
    kinds = ", ".join("?" * len(GLOBAL))
    everywhere = list(entry_rows(connection, f"{INDEXED} AND kind IN ({kinds})", sorted(GLOBAL)))
    for some in batches(sorted(set(ids))):
        marks = ", ".join("?" * len(some))
        own = entry_rows(
            connection,
            f"ledger.id IN ({marks}) OR ledger.seq IN (SELECT seq FROM links WHERE target IN ({marks}))",
            (*some, *some),
        )
        entries = sorted((*everywhere, *own), key=_place) if everywhere else own
        state = fold_entries(entries, only=frozenset(some))
        for table in ("judgements", "memos"):
            connection.execute(f"DELETE FROM {table} WHERE id IN ({marks})", some)
        write_state(connection, state)


def _place(pair: tuple[Operation, Entry]) -> tuple[int, str, int]:
    operation, entry = pair
    return (operation.clock, operation.id, int(entry.id.rpartition(".")[2]))


def write_state(connection: sqlite3.Connection, state: State) -> None:
    """Write judgements and memos that are not in their tables."""
    connection.executemany(
        f"INSERT INTO judgements ({_JUDGEMENT}) VALUES ({', '.join('?' * 19)})",
        map(judgement_row, state.judgements.values()),
    )
    connection.executemany(
        f"INSERT INTO memos ({_MEMO}) VALUES ({', '.join('?' * 15)})",
        map(memo_row, state.memos.values()),
    )


def judgement_row(each: Judgement) -> tuple[Any, ...]:
    """Return a judgement as the columns of its table."""
    place, origin, settles = passage_row(each.passage), origin_to_json(each.origin), to_json(each.settles)
    return (each.id, each.layer, each.person, each.verdict, *place, each.codebook, each.code, origin, each.at,
            each.reason, each.orphan, each.entry, settles)  # fmt: skip


def memo_row(each: Memo) -> tuple[Any, ...]:
    """Return a memo as the columns of its table."""
    return (each.id, each.person, each.at, each.type, each.about, each.text, each.ref, *passage_row(each.passage),
            each.orphan)  # fmt: skip


def kept_rows(
    connection: sqlite3.Connection, table: str, where: str, parameters: Iterable[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """Yield rows of ``judgements`` or ``memos`` as they are kept, in the order of :func:`judgement_row`'s columns."""
    columns = {"judgements": _JUDGEMENT, "memos": _MEMO}[table]
    yield from connection.execute(f"SELECT {columns} FROM {table} WHERE {where}", tuple(parameters))


def small_state(connection: sqlite3.Connection) -> State:
    """Return the documents, who has worked through what, and blindness: all of the state but judgements and memos."""
    return fold_entries(entry_rows(connection, f"{INDEXED} AND kind IN {_SMALL}"))


def select_judgements(
    connection: sqlite3.Connection, where: str = "", parameters: Iterable[Any] = ()
) -> Iterator[Judgement]:
    """Yield what holds, in the order in which it was decided; ``where`` is a condition on ``judgements``."""
    query = f"SELECT {_JUDGEMENT} FROM judgements {f'WHERE {where}' if where else ''} ORDER BY at, id"
    known: dict[str, str] = {}  # a hundred names and hashes, not one for each row
    for row in connection.execute(query, tuple(parameters)):
        layer, person, verdict, document_id, sha256, codebook, code = (
            known.setdefault(row[at], row[at]) for at in (1, 2, 3, 4, 5, 11, 12)
        )
        yield Judgement(row[0], layer, person, cast(Verdict, verdict), _passage((document_id, sha256, *row[6:11])),
                        codebook, code, origin_from_json(row[13]), row[14], row[15], row[16],
                        row[0] if row[17] == row[0] else row[17],
                        tuple(json.loads(row[18])) if row[18] != "[]" else ())  # fmt: skip


def select_memos(connection: sqlite3.Connection) -> Iterator[Memo]:
    """Yield the memos that hold, in the order in which they were written."""
    for row in connection.execute(f"SELECT {_MEMO} FROM memos ORDER BY at, id"):
        yield Memo(row[0], row[1], row[2], row[3], row[4], row[5], row[6], passage_of(*row[7:14]), row[14])


def _passage(row: tuple[Any, ...]) -> Passage:
    found = passage_of(*row)
    assert found is not None
    return found
