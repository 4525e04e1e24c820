"""Tables → documents: a row per turn, a row per sentence with a turn number, or a row per respondent.

A table of case attributes is no transcript; it is refused with the command that takes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qualcode.errors import IngestError
from qualcode.ingest.build import SourceInfo, Turn, rendered_document
from qualcode.ingest.columns import Columns, Row, columns_of, folded_header, is_stamp, known_headers, words_in
from qualcode.ingest.cues import resolved
from qualcode.ingest.headers import is_plausible_label
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.plain import read_text
from qualcode.ingest.rows import turns_of
from qualcode.ingest.survey import is_survey, survey_documents
from qualcode.model.document import Document, IngestWarning

__all__ = ["Table", "documents_of", "kind_of", "labelled_lines", "table_of"]

_HEADER_WITHIN = 15
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read: the names of its columns (blank where it has none), its rows, and what stands above it."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    above: tuple[str, ...] = ()
    warnings: tuple[IngestWarning, ...] = ()


def table_of(rows: Sequence[Row], options: IngestOptions, *, where: str, header_first: bool = False) -> Table:
    """Return rows as a table: find the row with the names of the columns, drop blank rows, tell duplicate names apart.

    ``header_first`` says that the first row that is not blank holds the names, whatever they are.

    Raises:
        IngestError: QC-I051 when there is no row with text.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not filled:
        raise IngestError("QC-I051", "the table is empty", where=where, hint="Check that the right sheet was saved.")
    width = max(len(row.cells) for row in filled)
    filled = [Row(row.number, tuple(map(_clean, row.cells)) + ("",) * (width - len(row.cells))) for row in filled]
    at = 0 if header_first else _header_row(filled, options, where)
    if at is None:
        note = IngestWarning(
            "no-header-row",
            "info",
            "no row names the columns; they were told apart by what stands in them",
        )
        return Table(("",) * width, tuple(filled), (), (note,))
    header, warnings = _distinct([cell.strip() for cell in filled[at].cells])
    above = tuple(" ".join(cell.strip() for cell in row.cells if cell.strip()) for row in filled[:at])
    return Table(header, tuple(filled[at + 1 :]), above, warnings)


def kind_of(table: Table, options: IngestOptions, *, where: str) -> Literal["turns", "survey"] | None:
    """Return what the rows of a table are, ``None`` when it holds nobody's words."""
    if columns_of(table.header, table.rows, options, where=where) is not None:
        return "turns"
    return "survey" if is_survey(table.header, table.rows, options, where=where) else None


def documents_of(
    table: Table,
    *,
    source: SourceInfo,
    options: IngestOptions,
    warnings: Sequence[IngestWarning] = (),
    part: str | None = None,
) -> tuple[Document, ...]:
    """Return the documents of a table: one, one for each transcript id, or one for each respondent.

    Raises:
        IngestError: QC-I051 when no column holds text; QC-I052 for a table of case attributes; QC-I053 when the options
            name a column that is not there.
    """
    notes = [*warnings, *table.warnings]
    columns = columns_of(table.header, table.rows, options, where=source.name)
    if columns is None:
        if is_survey(table.header, table.rows, options, where=source.name):
            return survey_documents(table.header, table.rows, source=source, options=options, warnings=notes, part=part)
        raise _no_text(table, source)
    if part is None and columns.document is None and labelled_lines(table, columns):
        text = "\n\n".join([*table.above, *_lines(table.rows, columns)])
        return (read_text(text, source=source, options=options, warnings=notes),)
    above = [Turn(None, line, kind="meta") for line in table.above]
    groups = _by_document(table.rows, columns)
    found: list[Document] = []
    for name, rows in groups.items():
        turns, more = turns_of(table.header, rows, columns, options)
        if not turns:
            continue
        whole = name if part is None else f"{part}/{name}" if name else part
        found.append(
            rendered_document(
                [*above, *turns],
                source=source,
                options=options,
                warnings=[*notes, *more],
                part=whole or None if len(groups) > 1 else part,
            )
        )
    if not found:
        raise _no_text(table, source)
    return tuple(found)


def labelled_lines(table: Table, columns: Columns) -> bool:
    """Return whether a table without a column of speakers names them in its text: ``0:04 | Dana: Who?``."""
    if columns.speaker is not None:
        return False
    cells = [row.cell(columns.text) for row in table.rows]
    heads = [cell.partition(":")[0] for cell in cells if ":" in cell]
    return sum(map(is_plausible_label, heads)) >= _HALF * len(cells) > 0


def _lines(rows: Sequence[Row], columns: Columns) -> Iterator[str]:
    for row in rows:
        stamp = row.cell(columns.start) if is_stamp(row.cell(columns.start)) else ""
        if row.cell(columns.text):
            yield f"{stamp} {row.cell(columns.text)}".strip()


def _by_document(rows: Sequence[Row], columns: Columns) -> dict[str, list[Row]]:
    if columns.document is None:
        return {"": list(rows)}
    groups: dict[str, list[Row]] = {}
    last = ""
    for row in rows:
        last = _whole_number(row.cell(columns.document)) or last
        groups.setdefault(last, []).append(row)
    return groups


def _whole_number(cell: str) -> str:
    return re.sub(r"\A(\d+)\.0\Z", r"\1", cell)


def _clean(cell: str) -> str:
    return resolved(cell.replace("\r\n", "\n").replace("\r", "\n"))


def _header_row(rows: Sequence[Row], options: IngestOptions, where: str) -> int | None:
    """Return which row holds the names of the columns, ``None`` when the first row is already data."""
    wanted = {folded_header(name) for name in options.columns.values()}
    if wanted:
        for place, row in enumerate(rows[:_HEADER_WITHIN]):
            if wanted <= {folded_header(cell) for cell in row.cells}:
                return place
        return 0
    quiet = replace(options, columns={})
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        named = [cell for cell in row.cells if cell.strip()]
        if len(named) > 1 and _names_columns(row, rows[place + 1 :], quiet, where):
            return place
    first = rows[0]
    if any(folded_header(cell) in known_headers() or cell.casefold().startswith("qual_") for cell in first.cells):
        return 0
    guess = columns_of(("",) * len(first.cells), rows, quiet, where=where)
    if guess is None:
        return 0
    speaks_again = any(row.cell(guess.speaker) == first.cell(guess.speaker) for row in rows[1:])
    is_data = is_stamp(first.cell(guess.start)) or (guess.speaker is not None and speaks_again)
    return None if is_data else 0


def _names_columns(row: Row, below: Sequence[Row], options: IngestOptions, where: str) -> bool:
    columns = columns_of(row.cells, below, options, where=where)
    if columns is None or not below:
        return False
    return folded_header(row.cell(columns.text)) in known_headers() or (
        columns.speaker is not None and folded_header(row.cell(columns.speaker)) in known_headers()
    )


def _distinct(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[IngestWarning, ...]]:
    seen: Counter[str] = Counter()
    distinct: list[str] = []
    for name in names:
        seen[name] += 1
        distinct.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    twice = [name for name, count in seen.items() if name and count > 1]
    if not twice:
        return tuple(distinct), ()
    return tuple(distinct), (
        IngestWarning(
            "duplicate-columns",
            "warn",
            f"several columns are called {', '.join(map(repr, twice))}; the later ones were read as '{twice[0]} (2)' "
            "and so on",
        ),
    )


def _no_text(table: Table, source: SourceInfo) -> IngestError:
    names = ", ".join(repr(name) for name in table.header if name) or "unnamed"
    first = folded_header(table.header[0])
    short = table.rows and all(words_in(cell) < 10 for row in table.rows for cell in row.cells)
    if short and len(table.header) > 1 and first:
        return IngestError(
            "QC-I052",
            f"this is a table of attributes, not a transcript (columns: {names})",
            where=source.name,
            hint=f"Give it with the transcripts: --attributes {source.name}. If a column does hold speech: --column "
            "text=NAME.",
        )
    return IngestError(
        "QC-I051",
        f"no column of the table holds what was said (columns: {names})",
        where=source.name,
        hint="If one does, name it: --column text=NAME (and --column speaker=NAME).",
    )
