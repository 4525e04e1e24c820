"""Survey tables → documents: a row per respondent, long answers as turns, everything else as attributes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from qualcode.errors import IngestError
from qualcode.ingest.build import SourceInfo, Turn, rendered_document
from qualcode.ingest.columns import Row, is_answer, named_column, respondent_column
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.wording import counted
from qualcode.model.document import Document, IngestWarning, SourceRef

__all__ = ["is_survey", "survey_documents"]

_PREFIX = re.compile(r"\Aqual[_ ]\s*", re.IGNORECASE)


def is_survey(header: Sequence[str], rows: Sequence[Row], options: IngestOptions, *, where: str) -> bool:
    """Return whether a table has a row per respondent with at least one column of answers in their own words."""
    return bool(any(header) and rows and _answers(header, rows, options, where))


def survey_documents(
    header: Sequence[str],
    rows: Sequence[Row],
    *,
    source: SourceInfo,
    options: IngestOptions,
    warnings: Sequence[IngestWarning] = (),
    part: str | None = None,
) -> tuple[Document, ...]:
    """Return one document per respondent: each question as a heading, the answer as a turn of that respondent.

    An empty answer gives no block; a respondent without any answer gives no document (warning ``respondent-silent``).
    The other columns become attributes of the document.

    Raises:
        IngestError: QC-I051 when nobody answered anything; QC-I053 for a column that is not there.
    """
    answers = _answers(header, rows, options, source.name)
    notes = list(warnings)
    names = _respondents(header, rows, answers, options, source.name, notes)
    who = _respondent(header, rows, answers, options, source.name)
    silent = [name for name, row in zip(names, rows, strict=True) if not any(row.cell(place) for place in answers)]
    if silent:
        shown = ", ".join(silent[:5]) + (" …" if len(silent) > 5 else "")
        notes.append(
            IngestWarning(
                "respondent-silent",
                "warn",
                f"no document for {counted(len(silent), 'respondent')} without an answer to any open question: {shown}",
            )
        )
    found: list[Document] = []
    for name, row in zip(names, rows, strict=True):
        if not any(row.cell(place) for place in answers):
            continue
        turns: list[Turn] = []
        for place in answers:
            if row.cell(place):
                ref = SourceRef(row=row.number, column=place + 1)
                turns.append(Turn(None, _PREFIX.sub("", header[place]), kind="question", source_ref=ref))
                turns.append(Turn(name, row.cell(place), source_ref=ref))
        attributes = {
            title: row.cell(place)
            for place, title in enumerate(header)
            if title and place != who and place not in answers and row.cell(place)
        }
        found.append(
            rendered_document(
                turns,
                source=source,
                options=options,
                warnings=[] if found else notes,
                attributes=attributes,
                legend_roles={name: "participant"},
                part=name if part is None else f"{part}/{name}",
            )
        )
    if not found:
        raise IngestError(
            "QC-I051",
            "nobody answered an open question",
            where=source.name,
            hint="Check that the right file or sheet was saved.",
        )
    return tuple(found)


def _answers(header: Sequence[str], rows: Sequence[Row], options: IngestOptions, where: str) -> tuple[int, ...]:
    stated = options.columns.get("answers") or options.columns.get("text")
    if stated is not None:
        if "answers" in options.columns:
            return tuple(named_column(header, each.strip(), where=where) for each in stated.split(";") if each.strip())
        return (named_column(header, stated, where=where),)
    who = respondent_column(header, rows)
    return tuple(
        place
        for place, title in enumerate(header)
        if title and place != who and is_answer(title, [row.cell(place) for row in rows])
    )


def _respondent(
    header: Sequence[str], rows: Sequence[Row], answers: Sequence[int], options: IngestOptions, where: str
) -> int | None:
    stated = options.columns.get("respondent")
    if stated is not None:
        return named_column(header, stated, where=where)
    found = respondent_column(header, rows)
    return found if found not in answers else None


def _respondents(
    header: Sequence[str],
    rows: Sequence[Row],
    answers: Sequence[int],
    options: IngestOptions,
    where: str,
    notes: list[IngestWarning],
) -> list[str]:
    """Return a name for each row, no two the same."""
    who = _respondent(header, rows, answers, options, where)
    if who is None:
        notes.append(
            IngestWarning(
                "respondent-numbered",
                "info",
                "no column names the respondents; they were numbered R1, R2 … in the order of the file. If a column "
                "does: --column respondent=NAME",
            )
        )
        return [f"R{number}" for number in range(1, len(rows) + 1)]
    names = [re.sub(r"\A(\d+)\.0\Z", r"\1", " ".join(row.cell(who).rstrip(" :").split())) for row in rows]
    seen: Counter[str] = Counter()
    distinct: list[str] = []
    for number, name in enumerate(names, start=1):
        unique = name or f"R{number}"
        seen[unique] += 1
        distinct.append(unique if seen[unique] == 1 else f"{unique} ({seen[unique]})")
    twice = [name for name, count in seen.items() if count > 1]
    if twice:
        notes.append(
            IngestWarning(
                "respondent-twice",
                "warn",
                f"{counted(len(twice), 'respondent')} with more than one row; the later rows are called '{twice[0]} "
                "(2)' and so "
                "on",
            )
        )
    return distinct
