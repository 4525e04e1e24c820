"""Rows of a table with a row per turn or sentence → turns, with their times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qualcode.ingest.build import Turn
from qualcode.ingest.clock import column_times, range_of
from qualcode.ingest.columns import Columns, Row, is_stamp, words_in
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.speakers import label_key
from qualcode.ingest.stamps import OVERLAP_MS, first_step_back
from qualcode.ingest.wording import counted
from qualcode.model.document import IngestWarning, SourceRef

__all__ = ["turns_of"]

_STAGE = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>)(?:\s*(?:\([^()]*\)|\[[^\[\]]*\]))*\Z", re.DOTALL)


@dataclass(slots=True)
class _Sentences:
    """Rows that make one turn."""

    turn: Turn
    parts: list[tuple[str, int | None, int | None, int]] = field(default_factory=list)


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
    backwards = first_step_back(begun, slack=OVERLAP_MS)
    if backwards is not None:
        notes.append(
            IngestWarning(
                "stamps-run-back",
                "warn",
                f"the time in row {rows[backwards].number} is earlier than one before it; times were kept as written",
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
                f"in {counted(len(wrong), 'row')} the end is before the start (first: row {wrong[0]}); the end was "
                "left empty",
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
                f"{counted(len(unread), 'time')} could not be read (first: row {unread[0]})",
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


def _oddities(header: Sequence[str], rows: Sequence[Row], columns: Columns, *, silent: int) -> Iterator[IngestWarning]:
    if silent:
        yield IngestWarning("empty-rows", "info", f"left out: {counted(silent, 'row')} with a speaker and no text")
    if columns.speaker is None:
        yield IngestWarning(
            "no-speakers",
            "warn",
            "no column says who speaks. The words can be coded, but tables by speaker stay empty. If a column does: "
            "--column speaker=NAME",
        )
    spare = [place for place in range(len(header)) if place not in columns.used() and header[place]]
    kept = sum(words_in(row.cell(columns.text)) for row in rows)
    rival = [header[p] for p in spare if 2 * sum(words_in(row.cell(p)) for row in rows) >= kept > 0]
    if rival:
        yield IngestWarning(
            "several-text-columns",
            "warn",
            f"the text was taken from {header[columns.text]!r}; as much "
            f'stands in {", ".join(map(repr, rival))}. To choose another: --column "text={rival[0]}"',
        )
    ignored = [header[place] for place in spare if header[place] not in rival]
    if ignored:
        names = ", ".join(map(repr, ignored))
        yield IngestWarning("columns-ignored", "info", f"these columns were not read as text: {names}")
