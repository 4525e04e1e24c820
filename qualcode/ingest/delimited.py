"""Comma-, tab-, semicolon- and bar-separated tables → rows; what the rows mean is decided in :mod:`.tables`."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from typing import Literal

from qualcode.errors import IngestError
from qualcode.ingest.build import SourceInfo
from qualcode.ingest.columns import Row, folded_header, known_headers
from qualcode.ingest.decode import decode
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.tables import documents_of, table_of
from qualcode.ingest.wording import counted
from qualcode.model.document import Document, IngestWarning

__all__ = ["delimited_rows", "read_delimited"]

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 200


def read_delimited(data: bytes, source: SourceInfo, options: IngestOptions) -> tuple[Document, ...]:
    """Return the documents of a delimited table: one, one per transcript id, or one per respondent of a survey.

    Raises:
        IngestError: QC-I051 when no column holds text, QC-I052 for a table of attributes, QC-I053 for a column in the
            options that is not there, QC-I054 when a quotation mark is never closed.
    """
    decoded = decode(data, name=source.name, forced=options.encoding)
    source = replace(source, encoding=decoded.encoding, newline=decoded.newline)
    rows, more = delimited_rows(decoded.text, where=source.name)
    table = table_of(rows, options, where=source.name)
    return documents_of(table, source=source, options=options, warnings=[*decoded.warnings, *more])


def delimited_rows(text: str, *, where: str) -> tuple[tuple[Row, ...], tuple[IngestWarning, ...]]:
    """Return the rows of a delimited text, the delimiter found by counting columns, and what was odd about it.

    A row with more cells than the first keeps them: they are put back into its last cell, with the delimiter.

    Raises:
        IngestError: QC-I054 when a quotation mark opens a cell and nothing closes it.
    """
    delimiter, spaced = _dialect(text)
    rows, warnings = _parsed(text, delimiter, spaced=spaced, where=where)
    width = next((len(row) for row in rows if any(cell.strip() for cell in row)), 0)
    found: list[Row] = []
    longer: list[int] = []
    for number, cells in enumerate(rows, start=1):
        kept = cells
        if width and len(cells) > width:
            if any(cell.strip() for cell in cells[width:]):
                kept = [*cells[: width - 1], delimiter.join(cells[width - 1 :])]
                longer.append(number)
            else:
                kept = cells[:width]
        found.append(Row(number, tuple(kept)))
    if longer:
        warnings.append(
            IngestWarning(
                "table-extra-cells",
                "warn",
                f"{counted(len(longer), 'row')} with more cells than there are columns (first: row {longer[0]}); "
                "what is over "
                "was put into the last column. Text with commas in it should stand in quotation marks",
            )
        )
    return tuple(found), tuple(warnings)


def _dialect(text: str) -> tuple[str, bool]:
    """Return the delimiter, and whether blanks after it are part of it, that give the most even and telling table."""
    sample = text[:2_000_000]
    best, choice = (0.0, 0.0, 0.0, 0.0), (",", False)
    for place, delimiter in enumerate(_DELIMITERS):
        for spaced in (False, True):
            rows = _sampled(sample, delimiter, spaced=spaced)
            if not rows:
                continue
            widths = Counter(len(row) for row in rows)
            width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
            if width < 2:
                continue
            known = sum(folded_header(cell) in known_headers() for cell in rows[0])
            score = (known * 1.0, count / len(rows), float(width), -2.0 * place - spaced)
            if score > best:
                best, choice = score, (delimiter, spaced)
    return choice


def _sampled(sample: str, delimiter: str, *, spaced: bool) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=spaced):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) == _SAMPLE:
                break
    except csv.Error:
        pass  # a cell beyond the limit of the csv module: the rows before it tell enough
    return rows


def _parsed(text: str, delimiter: str, *, spaced: bool, where: str) -> tuple[list[list[str]], list[IngestWarning]]:
    try:
        return _rows(text, delimiter, spaced=spaced, strict=True), []
    except csv.Error as problem:
        unclosed = "unexpected end of data" in str(problem)
    bare = _rows(text, delimiter, spaced=spaced, quotes=False)
    filled = [row for row in bare if any(cell.strip() for cell in row)]
    cut_off = unclosed and not text.endswith(("\n", "\r")) and any(cell.count('"') % 2 for cell in filled[-1])
    if len({len(row) for row in filled}) == 1 and not cut_off:
        # Quotation marks that are only punctuation, as in files that were never meant for a spreadsheet.
        severity: Literal["warn", "info"] = "warn" if unclosed else "info"
        return bare, [IngestWarning("table-quotes-kept", severity, "quotation marks are read as part of the text")]
    if unclosed:
        raise IngestError(
            "QC-I054",
            "a quotation mark opens a cell and is never closed: the file may be cut off",
            where=where,
            hint='Export the table again; in a cell, double each quotation mark ("").',
        )
    return _rows(text, delimiter, spaced=spaced), []


def _rows(text: str, delimiter: str, *, spaced: bool, strict: bool = False, quotes: bool = True) -> list[list[str]]:
    limit = csv.field_size_limit()
    csv.field_size_limit(max(limit, len(text) + 1))  # the limit is for the whole process: put it back
    try:
        return list(
            csv.reader(
                io.StringIO(text, newline=""),
                delimiter=delimiter,
                skipinitialspace=spaced,
                strict=strict,
                quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
            )
        )
    finally:
        csv.field_size_limit(limit)
