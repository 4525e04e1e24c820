"""Excel workbooks → one table a sheet, every cell as the text that a person sees."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass
from typing import Any

from qualcode.errors import IngestError
from qualcode.ingest.archive import checked_archive
from qualcode.ingest.build import SourceInfo
from qualcode.ingest.columns import Row
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.tables import Table, documents_of, kind_of, table_of
from qualcode.ingest.wording import counted
from qualcode.model.document import Document, IngestWarning

__all__ = ["Sheet", "read_xlsx", "sheets_of"]

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_LAST_EPOCH_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet as text: its title, whether it is hidden, its rows, and what was odd about its cells."""

    title: str
    hidden: bool
    rows: tuple[Row, ...]
    warnings: tuple[IngestWarning, ...]


def read_xlsx(data: bytes, source: SourceInfo, options: IngestOptions) -> tuple[Document, ...]:
    """Return the documents of a workbook: one for each visible sheet with a transcript, else those of its surveys.

    Other sheets (a codebook, a list of schools) are passed over and named in an info ``sheets-passed-over``. With one
    transcript in the workbook the document has the name of the file, with several ``file.xlsx#Sheet``.

    Raises:
        IngestError: QC-I055, QC-I010, QC-I057, QC-I059 for a file that cannot be opened, QC-I058 for a sheet that is
            not there, and those of :func:`~qualcode.ingest.tables.documents_of` when no sheet can be read.
    """
    sheets = sheets_of(data, name=source.name, only=options.sheet)
    filled = [sheet for sheet in sheets if sheet.rows and (options.sheet is not None or not sheet.hidden)]
    if not filled:
        raise IngestError(
            "QC-I051",
            "the workbook has no visible sheet with text",
            where=source.name,
            hint="Check that the right file was saved, or name a hidden sheet with --sheet.",
        )
    tables = [(sheet, table_of(sheet.rows, options, where=source.name)) for sheet in filled]
    if len(tables) == 1:
        kept = tables
    else:
        kinds = [_kind(table, options, source.name) for _, table in tables]
        wanted = "turns" if "turns" in kinds else "survey"
        kept = [pair for pair, kind in zip(tables, kinds, strict=True) if kind == wanted] or tables[:1]
    titles = {sheet.title for sheet, _ in kept}
    passed = [sheet.title for sheet in sheets if sheet.rows and sheet.title not in titles]
    found: list[Document] = []
    for sheet, table in kept:
        notes = list(sheet.warnings)
        if passed and not found:
            notes.append(
                IngestWarning(
                    "sheets-passed-over",
                    "info",
                    f'these sheets were not read: {", ".join(map(repr, passed))}. To read one: --sheet "{passed[0]}"',
                )
            )
        part = sheet.title if len(kept) > 1 else None
        found += documents_of(table, source=source, options=options, warnings=notes, part=part)
    return tuple(found)


def sheets_of(data: bytes, *, name: str, only: str | None = None) -> tuple[Sheet, ...]:
    """Return the worksheets of a workbook in order, or the one called ``only``.

    Times come as the sheet shows them (a cell in the format ``h:mm`` has two parts), whole numbers without ``.0``,
    dates in ISO form. A formula whose result was not saved comes as the formula itself, with a warning.

    Raises:
        IngestError: QC-I055, QC-I010, QC-I057, QC-I059 for a file that cannot be opened; QC-I058 when there is no sheet
            called ``only``.
    """
    parts = checked_archive(data, name=name, needs="xl/workbook.xml", what="Excel workbook", suffix=".xlsx")
    formulas = any(place.startswith("xl/worksheets/") and _FORMULA.search(part) for place, part in parts.items())
    values = _raw_sheets(data, name, data_only=True)
    written = _raw_sheets(data, name, data_only=False) if formulas else {}
    if only is not None and only not in values:
        raise IngestError(
            "QC-I058",
            f"there is no sheet {only!r}; the sheets are {', '.join(map(repr, values))}",
            where=name,
            hint="Name one of these with --sheet.",
        )
    return tuple(
        _sheet(title, hidden, rows, written[title][1] if formulas else rows)
        for title, (hidden, rows) in values.items()
        if only is None or title == only
    )


def _kind(table: Table, options: IngestOptions, where: str) -> str | None:
    try:
        return kind_of(table, options, where=where)
    except IngestError:
        return None  # a column that the options name is on another sheet


_Cells = list[list[tuple[Any, str]]]


def _raw_sheets(data: bytes, name: str, *, data_only: bool) -> dict[str, tuple[bool, _Cells]]:
    """Return title → (hidden, rows of (value, number format))."""
    import warnings
    from zipfile import BadZipFile

    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that have no bearing on the text
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=data_only)
            try:
                return {
                    sheet.title: (
                        sheet.sheet_state != "visible",
                        [
                            [(cell.value, getattr(cell, "number_format", "") or "") for cell in row]
                            for row in sheet.iter_rows()
                        ],
                    )
                    for sheet in book.worksheets
                }
            finally:
                book.close()
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError) as problem:
        # SyntaxError is the base of every XML parser's error.
        raise IngestError(
            "QC-I055",
            "the Excel workbook is damaged or cut off",
            where=name,
            hint="Open it in Excel, let it repair the file, and save it again.",
        ) from problem


def _sheet(title: str, hidden: bool, values: _Cells, written: _Cells) -> Sheet:
    bare: list[str] = []
    dates: list[str] = []
    rows: list[Row] = []
    clocks = _clock_columns(values)
    for number, (cells, source) in enumerate(zip(values, written, strict=True), start=1):
        texts: list[str] = []
        for place, ((value, shown), (formula, _)) in enumerate(zip(cells, source, strict=True)):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                bare.append(f"row {number}")
                texts.append(formula)
                continue
            if isinstance(value, dt.date) and not _is_clock(value):
                dates.append(f"row {number}")
            texts.append(_text(value, shown, short=clocks.get(place, False)))
        if any(text.strip() for text in texts):
            rows.append(Row(number, tuple(texts)))
    notes: list[IngestWarning] = []
    if bare:
        notes.append(
            IngestWarning(
                "formula-without-result",
                "warn",
                f"sheet {title!r}: {counted(len(bare), 'formula')} without a saved result (first: {bare[0]}), "
                "so the formula itself was read. Open the workbook in Excel and save it",
            )
        )
    if dates:
        notes.append(
            IngestWarning(
                "excel-dates",
                "info",
                f"sheet {title!r}: {counted(len(dates), 'date')} (first: {dates[0]}); if something else was typed "
                "there, such as 1-2, Excel has changed it",
            )
        )
    return Sheet(title, hidden, tuple(rows), tuple(notes))


def _clock_columns(rows: _Cells) -> dict[int, bool]:
    """Return column → whether its three-part times are really minutes and seconds that Excel took for hours.

    Who types 01:20 for a minute and twenty gets 01:20:00. All seconds zero and some hours not is the sign of it.
    """
    times: dict[int, list[int]] = {}
    for row in rows:
        for place, (value, _) in enumerate(row):
            seconds = _seconds(value)
            if seconds is not None:
                times.setdefault(place, []).append(seconds)
    return {place: all(each % 60 == 0 for each in column) and max(column) >= 3600 for place, column in times.items()}


def _is_clock(value: object) -> bool:
    return not isinstance(value, dt.datetime) or value.year <= _LAST_EPOCH_YEAR if isinstance(value, dt.date) else True


def _seconds(value: object) -> int | None:
    if isinstance(value, dt.time):
        return (value.hour * 60 + value.minute) * 60 + value.second
    if isinstance(value, dt.timedelta):
        return int(value.total_seconds())
    if isinstance(value, dt.datetime) and value.year <= _LAST_EPOCH_YEAR:
        # A time beyond 24 hours: Excel counts the days from the last of 1899.
        return int((value - dt.datetime(1899, 12, 31)).total_seconds())
    return None


def _text(value: object, shown: str, *, short: bool) -> str:
    if value is None:
        return ""
    seconds = _seconds(value)
    if seconds is not None and seconds >= 0:
        hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
        without_seconds = (
            shown and shown != "General" and "s" not in _QUOTED.sub("", shown.casefold().replace("[h]", "h"))
        )
        if rest == 0 and (short or without_seconds):
            return f"{hours:02}:{minutes:02}"
        micro = getattr(value, "microsecond", None) or getattr(value, "microseconds", 0)
        return f"{hours:02}:{minutes:02}:{rest:02}" + (f".{micro // 1000:03}" if micro else "")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime) and (value.hour or value.minute or value.second):
        return value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d")
    return _ESCAPE.sub(_unescaped, str(value))


def _unescaped(found: re.Match[str]) -> str:
    # Excel writes a carriage return in a cell as _x000D_; everything else in this form is text that looks like it.
    return {"000D": "", "000A": "\n", "0009": "\t"}.get(found[1].upper(), found[0])
