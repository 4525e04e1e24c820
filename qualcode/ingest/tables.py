"""Tables → documents: a row per turn, a row per sentence with a turn number, or a row per respondent.

A table of case attributes is no transcript; it is refused with the command that takes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from qualcode.errors import IngestError
from qualcode.ingest.build import SourceInfo, Turn, rendered_document
from qualcode.ingest.clock import column_times, range_of
from qualcode.ingest.columns import Columns, Row, columns_of, folded_header, is_stamp, known_headers, words_in
from qualcode.ingest.cues import resolved
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.speakers import label_key
from qualcode.ingest.stamps import first_step_back
from qualcode.ingest.survey import is_survey, survey_documents
from qualcode.model.document import Document, IngestWarning, SourceRef

__all__ = ["Table", "documents_of", "kind_of", "table_of", "turns_of"]

_STAGE = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>)(?:\s*(?:\([^()]*\)|\[[^\[\]]*\]))*\Z", re.DOTALL)
_HEADER_WITHIN = 15


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read: the names of its columns (blank where it has none), its rows, and what stands above it."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    above: tuple[str, ...] = ()
    warnings: tuple[IngestWarning, ...] = ()


@dataclass(slots=True)
class _Sentences:
    """Rows that make one turn."""

    turn: Turn
    parts: list[tuple[str, int | None, int | None, int]] = field(default_factory=list)


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
            "the table has no row with column names; columns were told apart by what stands in them",
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


def turns_of(
    header: Sequence[str], rows: Sequence[Row], columns: Columns, options: IngestOptions
) -> tuple[list[Turn], list[IngestWarning]]:
    """Return the turns of a table with a row per turn or sentence, and what was odd about it.

    Consecutive rows with the same turn number and speaker are one turn. A row without a speaker goes on with the turn
    before it, unless it is wholly in brackets (then it is a stage note) or the options name a default speaker.
    """
    notes: list[IngestWarning] = []
    times = _times(header, rows, columns, notes)
    runs: list[_Sentences] = []
    before: tuple[str, str] | None = None
    silent = 0
    for row, (start, end) in zip(rows, times, strict=True):
        text = row.cell(columns.text)
        label = row.cell(columns.speaker).rstrip(" :：").strip()
        number = row.cell(columns.turn)
        if not text:
            lone = _lone_cell(row, columns)
            if lone:
                # A row that is one cell across the table, such as "Part two".
                runs.append(
                    _Sentences(
                        Turn(
                            None,
                            lone,
                            kind="stage" if _STAGE.match(lone) else "heading",
                            source_ref=SourceRef(row=row.number),
                        )
                    )
                )
                before = None if before is None else (before[0], "\0")
            silent += bool(label) and not lone
            continue
        if not label and columns.speaker is not None and _STAGE.match(text):
            runs.append(_Sentences(Turn(None, text, kind="stage", source_ref=SourceRef(row=row.number))))
            runs[-1].parts.append((text, start, end, row.number))
            before = None if before is None else (before[0], "\0")
            continue
        if not label:
            label = options.default_speaker or (before[0] if before is not None and columns.speaker is not None else "")
            goes_on = not options.default_speaker and before is not None and before[1] != "\0"
            separator = "\n"
        else:
            goes_on = (
                bool(number) and before is not None and (label_key(before[0]), before[1]) == (label_key(label), number)
            )
            separator = " "
        if goes_on and runs and columns.speaker is not None and runs[-1].turn.kind == "turn":
            runs[-1].turn.text += separator + text
        else:
            runs.append(_Sentences(Turn(label or None, text, source_ref=SourceRef(row=row.number))))
        runs[-1].parts.append((text, start, end, row.number))
        if label:
            before = (label, number or (before[1] if goes_on and before is not None else ""))
    notes += _oddities(header, rows, columns, silent=silent)
    return [_timed(run) for run in runs], notes


def _lone_cell(row: Row, columns: Columns) -> str:
    """Return the text of a row's only filled cell, unless it is just a name, a time or a number."""
    filled = [place for place, cell in enumerate(row.cells) if cell.strip()]
    if len(filled) != 1:
        return ""
    text = row.cell(filled[0])
    is_name = filled[0] == columns.speaker and words_in(text) <= 4
    return text if words_in(text) and not is_name and not is_stamp(text) else ""


def _timed(run: _Sentences) -> Turn:
    turn = run.turn
    starts = [start for _, start, _, _ in run.parts if start is not None]
    ends = [end for _, _, end, _ in run.parts if end is not None]
    turn.start_ms, turn.end_ms = (starts[0] if starts else None), (ends[-1] if ends else None)
    if turn.start_ms is not None or turn.end_ms is not None:
        turn.time_source = "file"
    if len(run.parts) > 1 and (starts or ends):
        at, segments = 0, []
        for text, start, end, row in run.parts:
            segments.append((at, at + len(text), start, end, str(row)))
            at += len(text) + 1
        turn.segments = tuple(segments)
    return turn


def _times(
    header: Sequence[str], rows: Sequence[Row], columns: Columns, notes: list[IngestWarning]
) -> list[tuple[int | None, int | None]]:
    starts = [row.cell(columns.start) for row in rows]
    ends = [row.cell(columns.end) for row in rows]
    if columns.start is not None and columns.end is None:
        ranges = [range_of(cell) for cell in starts]
        starts, ends = [first for first, _ in ranges], [last for _, last in ranges]
    begun = column_times(starts, _name(header, columns.start))
    ended = column_times(ends, _name(header, columns.end if columns.end is not None else columns.start))
    if columns.duration is not None and columns.end is None:
        lasted = column_times([row.cell(columns.duration) for row in rows], _name(header, columns.duration))
        ended = [
            end if end is not None or start is None or length is None else start + length
            for start, end, length in zip(begun, ended, lasted, strict=True)
        ]
    backwards = first_step_back(begun)
    if backwards is not None:
        notes.append(
            IngestWarning(
                "time-not-monotonic",
                "warn",
                f"times run backwards at row {rows[backwards].number}; they are kept as written",
                None,
                SourceRef(row=rows[backwards].number),
            )
        )
    wrong = [
        row.number
        for row, start, end in zip(rows, begun, ended, strict=True)
        if start is not None and end is not None and end < start
    ]
    if wrong:
        notes.append(
            IngestWarning(
                "table-bad-time",
                "warn",
                f"{len(wrong)} row(s) end before they start; the end is left empty",
                None,
                SourceRef(row=wrong[0]),
            )
        )
    unread = [row.number for row, cell, time in zip(rows, starts, begun, strict=True) if cell and time is None]
    if unread:
        notes.append(
            IngestWarning(
                "time-not-read",
                "warn",
                f"{len(unread)} time(s) could not be read, first in row {unread[0]}",
                None,
                SourceRef(row=unread[0]),
            )
        )
    return [
        (start, end if end is None or start is None or end >= start else None)
        for start, end in zip(begun, ended, strict=True)
    ]


def _name(header: Sequence[str], column: int | None) -> str:
    return header[column] if column is not None and column < len(header) else ""


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


def _oddities(header: Sequence[str], rows: Sequence[Row], columns: Columns, *, silent: int) -> Iterator[IngestWarning]:
    if silent:
        yield IngestWarning("empty-rows", "info", f"{silent} row(s) name a speaker and hold no text; they are left out")
    if columns.speaker is None:
        yield IngestWarning("no-speakers", "warn", "the table has no column of speakers: everything is unattributed")
    spare = [place for place in range(len(header)) if place not in columns.used() and header[place]]
    kept = sum(words_in(row.cell(columns.text)) for row in rows)
    rival = [header[p] for p in spare if 2 * sum(words_in(row.cell(p)) for row in rows) >= kept > 0]
    if rival:
        yield IngestWarning(
            "several-text-columns",
            "warn",
            f"the text was taken from {header[columns.text]!r}; as much "
            f"stands in {', '.join(map(repr, rival))} (choose with the columns option)",
        )
    ignored = [header[place] for place in spare if header[place] not in rival]
    if ignored:
        yield IngestWarning("columns-ignored", "info", f"not part of the text: {', '.join(map(repr, ignored))}")


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
            f"several columns are called {', '.join(map(repr, twice))}; "
            "the later ones are read as 'name (2)' and so on",
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
            hint=f"Give it with the transcripts: --attributes {source.name}. "
            "If a column does hold speech, name it in the columns option.",
        )
    return IngestError(
        "QC-I051",
        f"no column of the table holds what was said (columns: {names})",
        where=source.name,
        hint="Name it in the columns option, for example text=Said and speaker=Who.",
    )
