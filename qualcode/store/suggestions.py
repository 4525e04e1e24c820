"""What the machine suggests: every suggestion kept once, and for each run which of them it made."""

from __future__ import annotations

import json
import sqlite3
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from qualcode.ledger.fold import code_moves
from qualcode.model.coding import Suggestion
from qualcode.model.document import Span, sha256_of
from qualcode.store.documents import to_json
from qualcode.store.ledger import INDEXED, entry_rows

__all__ = [
    "altered_suggestions",
    "is_presented",
    "keep_run",
    "last_run",
    "present_run",
    "select_suggestions",
    "suggestions_of_schema_1",
]

_COLUMNS = (
    'document_id, document_sha256, block, start, "end", quote, prefix, suffix, code, coder, rules, evidence, score, '
    "facets, flags, codebook"
)


def keep_run(
    connection: sqlite3.Connection, operation: str, suggestions: Iterable[Suggestion], *, made_from: str
) -> None:
    """Keep what a run suggested; the caller holds the transaction.

    The wording that made a suggestion is the run's, not the suggestion's, so that a run in which a codebook has a new
    version but says the same adds no row.
    """
    wordings: dict[tuple[str, str], int] = {}
    members = array("i")
    for each in suggestions:
        members.append(_position(connection, each))
        members.append(wordings.setdefault((each.codebook_version, each.codebook_sha256), len(wordings)))
    connection.execute(
        "INSERT INTO runs VALUES (?, ?, ?, ?)",
        (operation, made_from, to_json([list(each) for each in wordings]), zlib.compress(members.tobytes(), 6)),
    )


def _position(connection: sqlite3.Connection, each: Suggestion) -> int:
    row = (each.document_id, each.document_sha256, each.block, each.span.start, each.span.end, each.quote, each.prefix,
           each.suffix, each.code, each.coder, to_json(each.rules),
           to_json([[span.start, span.end] for span in each.evidence]), each.score,
           to_json(dict(sorted(each.facets.items()))), to_json(each.flags), each.codebook)  # fmt: skip
    digest = _digest(row)
    found = connection.execute("SELECT position FROM suggestions WHERE digest = ?", (digest,)).fetchone()
    if found is None:
        cursor = connection.execute(
            f"INSERT INTO suggestions (digest, {_COLUMNS}) VALUES ({', '.join('?' * 17)})", (digest, *row)
        )
        return int(cursor.lastrowid or 0)
    return int(found[0])


def _digest(row: Sequence[Any]) -> str:
    return sha256_of(to_json(row))


def altered_suggestions(connection: sqlite3.Connection) -> Iterator[int]:
    """Yield the positions of suggestions that are not as they were written."""
    for position, digest, *row in connection.execute(f"SELECT position, digest, {_COLUMNS} FROM suggestions"):
        if _digest(row) != digest:
            yield position


def present_run(connection: sqlite3.Connection) -> str | None:
    """Make the current suggestions those of the last standing run and return what it was made from, if there is one.

    Suggestions for documents that are no longer in the project are left out. Codes that were renamed or merged since
    the run have their new names.
    """
    made_from, rows = _last_run(connection)
    connection.execute("DELETE FROM current_suggestions")
    connection.executemany("INSERT INTO current_suggestions VALUES (?, ?, ?, ?, ?)", rows)
    return made_from


def is_presented(connection: sqlite3.Connection) -> bool:
    """Return whether the current suggestions are those of the last standing run."""
    made_from, rows = _last_run(connection)
    noted = connection.execute("SELECT value FROM meta WHERE key = 'coded_from'").fetchone()
    held = connection.execute("SELECT * FROM current_suggestions ORDER BY rank").fetchall()
    return held == rows and (noted[0] if noted is not None else None) == made_from


def _last_run(connection: sqlite3.Connection) -> tuple[str | None, list[tuple[int, int, str, str, str]]]:
    """Return what the last standing run was made from, and the rows of ``current_suggestions`` that it comes to."""
    row = connection.execute(
        "SELECT made_from, wordings, members, clock, operation FROM runs JOIN operations ON operations.id = "
        "runs.operation WHERE operation NOT IN (SELECT operation FROM fallen) "
        "ORDER BY clock DESC, operation DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None, []
    wordings = [tuple(each) for each in json.loads(row[1])]
    members = array("i")
    members.frombytes(zlib.decompress(row[2]))
    known = {key for (key,) in connection.execute("SELECT id FROM documents")}
    codes = {
        position: (codebook, code)
        for position, document, codebook, code in connection.execute(
            "SELECT position, document_id, codebook, code FROM suggestions"
        )
        if document in known
    }
    now = moved_codes(connection, row[3], row[4])
    rows: list[tuple[int, int, str, str, str]] = []
    for rank, position in enumerate(members[0::2].tolist()):
        if position in codes:
            version, sha256 = wordings[members[2 * rank + 1]]
            rows.append((rank, position, now.get(codes[position], codes[position][1]), version, sha256))
    return str(row[0]), rows


def moved_codes(connection: sqlite3.Connection, clock: int, operation: str) -> dict[tuple[str, str], str]:
    """Return the present names of codes (by codebook and id) that were moved after an operation."""
    found: dict[tuple[str, str], str] = {}
    later = entry_rows(
        connection, f"{INDEXED} AND kind = 'codebook' AND (clock, operations.id) > (?, ?)", (clock, operation)
    )
    for _, entry in later:
        moves = dict(code_moves(entry))
        for place, present in list(found.items()):
            if place[0] == entry.codebook and present in moves:
                found[place] = moves[present]
        for old, new in moves.items():
            found.setdefault((entry.codebook, old), new)
    return found


def last_run(connection: sqlite3.Connection) -> str | None:
    """Return the id of the last standing run, or ``None`` when there is none."""
    row = connection.execute(
        "SELECT operation FROM runs JOIN operations ON operations.id = runs.operation WHERE "
        "operation NOT IN (SELECT operation FROM fallen) ORDER BY clock DESC, operation DESC LIMIT 1"
    ).fetchone()
    return None if row is None else str(row[0])


def select_suggestions(connection: sqlite3.Connection) -> Iterator[Suggestion]:
    """Yield the current suggestions in the order in which the run made them."""
    columns = _COLUMNS.replace(", code,", ", current_suggestions.code,")
    for row in connection.execute(
        f"SELECT {columns}, codebook_version, codebook_sha256 FROM current_suggestions JOIN suggestions ON "
        "suggestions.position = current_suggestions.suggestion ORDER BY rank"
    ):
        yield _suggestion(row)


def _suggestion(row: Sequence[Any]) -> Suggestion:
    return Suggestion(
        document_id=row[0],
        document_sha256=row[1],
        block=row[2],
        span=Span(row[3], row[4]),
        quote=row[5],
        prefix=row[6],
        suffix=row[7],
        code=row[8],
        coder=row[9],
        rules=tuple(json.loads(row[10])),
        evidence=tuple(Span(start, end) for start, end in json.loads(row[11])),
        score=row[12],
        facets=json.loads(row[13]),
        flags=tuple(json.loads(row[14])),
        codebook=row[15],
        codebook_version=row[16],
        codebook_sha256=row[17],
    )


def suggestions_of_schema_1(connection: sqlite3.Connection) -> Iterator[Suggestion]:
    """Yield the suggestions of a database from before the ledger, from the table that the migration put aside."""
    for row in connection.execute(f"SELECT {_COLUMNS}, codebook_version, codebook_sha256 FROM suggestions_1 "
                                  "ORDER BY position"):  # fmt: skip
        yield _suggestion(row)
