"""``codings.csv`` and ``themes.csv``: the two files that other programs may rely on."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from qualcode.errors import ExchangeError, ExportError, Place
from qualcode.model.coding import Coding, Status
from qualcode.model.document import Span
from qualcode.model.table import Column, Table

__all__ = ["CODING_COLUMNS", "codings_table", "read_codings", "write_codings", "write_themes"]

CODING_COLUMNS: tuple[Column, ...] = (
    Column("document", "text", "name of the document"),
    Column("block", "integer", "number of the block (turn, paragraph) in the document, from 0"),
    Column("speaker", "text", "label of the speaker as written; empty when the text has none"),
    Column("role", "text", "interviewer, participant, moderator, observer, group or unknown"),
    Column("start", "integer", "first character of the passage, in code points of the document's text from 0"),
    Column("end", "integer", "the character after its last"),
    Column("quote", "text", "the passage, letter for letter"),
    Column("code", "text", "id of the code"),
    Column("label", "text", "name of the code"),
    Column("coder", "text", "who or what coded it"),
    Column("rule", "text", "the rule or model that spoke for it; empty for a person"),
    Column("evidence", "text", "the matched words as written, joined by ' … '"),
    Column("score", "number", "0 to 1, combined over the rules; empty for a person"),
    Column("stance", "text", "present, absent or mixed; empty when the codebook has no stance"),
    Column("status", "text", "suggested, accepted, rejected or coded"),
    Column("decided_by", "text", "the person who decided; empty while nobody has"),
    Column("codebook", "text", "id of the codebook"),
    Column("codebook_version", "text", "its version"),
)
"""The columns of ``codings.csv``, which other programs read; they are never renamed."""

_STATUSES: dict[str, Status] = {
    "suggested": "suggested",
    "accepted": "accepted",
    "rejected": "rejected",
    "coded": "coded",
}


def codings_table(codings: Iterable[Coding]) -> Table:
    """Return the codings as a table, one row each, in the order given."""
    rows = tuple(
        (each.document, each.block, each.speaker, each.role, each.span.start, each.span.end, each.quote, each.code,
         each.label, each.coder, each.rule, each.evidence, None if each.score is None else float(each.score),
         each.stance, each.status, each.decided_by, each.codebook, each.codebook_version)
        for each in codings
    )  # fmt: skip
    return Table("codings", "Codings", CODING_COLUMNS, rows)


def write_codings(path: Path | str, codings: Iterable[Coding]) -> None:
    """Write ``codings.csv``: UTF-8 without a byte order mark, ``\\n`` line ends; a file there is replaced at once.

    Raises:
        ExportError: QC-E001 when it cannot be written; what was there stays.
    """
    _write(Path(path), codings_table(codings).to_csv())


def write_themes(path: Path | str, table: Table) -> None:
    """Write ``themes.csv`` from the table that :func:`qualcode.analysis.themes` returns, as :func:`write_codings` does.

    Raises:
        ExportError: QC-E001 when it cannot be written, QC-E002 when the table is another one.
    """
    if table.name != "themes":
        raise ExportError("QC-E002", f"the table {table.name!r} is not a theme table",
                          hint="Use qualcode.analysis.themes.")  # fmt: skip
    _write(Path(path), table.to_csv())


def read_codings(path: Path | str) -> tuple[Coding, ...]:
    """Return the codings of a ``codings.csv``; columns may stand in any order and further ones are passed over.

    The file holds no document ids, so ``document_id`` is the document's name; of the facets it holds the stance only.

    Raises:
        ExchangeError: QC-T001 when it cannot be read, QC-T002 when columns are missing (named), QC-T003 for a cell
            that cannot be what its column says (line and column named).
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise ExchangeError("QC-T001", f"the codings cannot be read: {problem}", where=path.name,
                            hint="It should be CSV in UTF-8, as `qualcode export` writes it.") from problem  # fmt: skip
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = next(reader, [])
        missing = [column.name for column in CODING_COLUMNS if column.name not in head]
        if missing:
            raise ExchangeError("QC-T002", f"the file lacks {', '.join(missing)}",
                                where=Place(path.name, 1), hint=f"It has: {', '.join(head) or 'nothing'}.")  # fmt: skip
        places = [head.index(column.name) for column in CODING_COLUMNS]
        codings = []
        for row in reader:
            if row:
                codings.append(_coding(row, places, len(head), Place(path.name, reader.line_num)))
    except csv.Error as problem:
        raise ExchangeError("QC-T001", f"this is not sound CSV: {problem}", where=Place(path.name, reader.line_num),
                            hint="Quotes inside a quoted cell are written twice.") from problem  # fmt: skip
    return tuple(codings)


def _coding(row: Sequence[str], places: Sequence[int], width: int, place: Place) -> Coding:
    if len(row) != width:
        raise ExchangeError("QC-T003", f"this row has {len(row)} cells, the header {width}", where=place,
                            hint="A comma inside a text needs quotes around the text.")  # fmt: skip
    cell = {column.name: row[at] for column, at in zip(CODING_COLUMNS, places, strict=True)}
    try:
        status = _STATUSES[cell["status"]]
    except KeyError:
        raise ExchangeError("QC-T003", f"the status {cell['status']!r} is not known", where=place,
                            hint=f"One of: {', '.join(_STATUSES)}.") from None  # fmt: skip
    try:
        span = Span(int(cell["start"]), int(cell["end"]))
        block, score = int(cell["block"]), float(cell["score"]) if cell["score"] else None
    except ValueError as problem:
        raise ExchangeError("QC-T003", f"block, start, end or score is not a number that fits: {problem}", where=place,
                            hint="They are whole numbers from 0, the score a number or empty.") from None  # fmt: skip
    if score is not None and not math.isfinite(score):
        raise ExchangeError("QC-T003", f"the score {cell['score']!r} is not a number", where=place,
                            hint="Leave it empty when there is none.")  # fmt: skip
    stance = {"stance": cell["stance"]} if cell["stance"] else {}
    return Coding(cell["document"], cell["document"], block, cell["speaker"], cell["role"], span, cell["quote"],
                  cell["code"], cell["label"], cell["coder"], cell["rule"], cell["evidence"], score, cell["stance"],
                  status, cell["decided_by"], cell["codebook"], cell["codebook_version"], stance)  # fmt: skip


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(text.encode("utf-8"))
        draft.replace(path)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise ExportError("QC-E001", f"the file cannot be written: {problem.strerror or problem}", where=path.name,
                          hint="Close it in other programs, or write to another folder.") from problem  # fmt: skip
