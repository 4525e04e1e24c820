"""Suggestions to rows and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

from qualcode.model.coding import Suggestion
from qualcode.model.document import Span
from qualcode.store.documents import to_json

__all__ = ["replace_suggestions", "select_suggestions"]

_COLUMNS = (
    'document_id, document_sha256, block, start, "end", quote, prefix, suffix, code, coder, rules, evidence, score, '
    "facets, flags, codebook, codebook_version, codebook_sha256"
)


def replace_suggestions(connection: sqlite3.Connection, suggestions: Iterable[Suggestion]) -> None:
    """Write these suggestions in the place of all that were there; the caller holds the transaction."""
    connection.execute("DELETE FROM suggestions")
    rows = (
        (each.document_id, each.document_sha256, each.block, each.span.start, each.span.end, each.quote, each.prefix,
         each.suffix, each.code, each.coder, to_json(each.rules),
         to_json([[span.start, span.end] for span in each.evidence]), each.score, to_json(dict(each.facets)),
         to_json(each.flags), each.codebook, each.codebook_version, each.codebook_sha256)
        for each in suggestions
    )  # fmt: skip
    connection.executemany(f"INSERT INTO suggestions ({_COLUMNS}) VALUES ({', '.join('?' * 18)})", rows)


def select_suggestions(connection: sqlite3.Connection) -> Iterator[Suggestion]:
    """Yield the suggestions in the order in which they were written."""
    for row in connection.execute(f"SELECT {_COLUMNS} FROM suggestions ORDER BY position"):
        yield Suggestion(
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
