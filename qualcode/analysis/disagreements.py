"""The work-list for a meeting: where coders differ on what both worked through, and which codes they confuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from qualcode.analysis.layers import Layer, Sheet, sheet_of, under_code
from qualcode.analysis.levels import Level, block_at, left_out_note, level_note, text_of
from qualcode.analysis.study import Study
from qualcode.analysis.tally import chosen_codes
from qualcode.analysis.themes import book_of
from qualcode.errors import AnalysisError
from qualcode.model.codes import Code
from qualcode.model.document import Span
from qualcode.model.table import Cell, Column, Table

__all__ = ["ABSENT", "confusions", "disagreements"]

ABSENT = "—"
"""Stands for a coder who did not work through the document."""
_TOLD = 3


@dataclass(frozen=True, slots=True)
class _Dispute:
    document_id: str
    unit: int
    code: Code
    answers: tuple[bool | None, ...]


def disagreements(
    study: Study, layers: Sequence[Layer], *, level: Level | None = None, codes: Iterable[str] | None = None
) -> Table:
    """Return a row for each unit and code on which coders differ, the most disputed codes first.

    A unit carries a code when a coding of it, or of a code below it, overlaps the unit. A heading is listed only where
    no code below it is disputed on the same unit. Within a code, rows follow the documents and the text. The level is
    the study's unit unless given.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A030 to QC-A032 for texts, layers and levels that cannot be had.
    """
    level = level or study.unit
    sheet = _sheet(study, layers, level)
    rows = chosen_codes(study, codes)
    found = list(_disputes(sheet, rows))
    often = Counter(dispute.code.id for dispute in found)
    place = {code.id: number for number, code in enumerate(rows)}
    order = {case.id: number for number, case in enumerate(study.cases)}
    found.sort(key=lambda each: (-often[each.code.id], place[each.code.id], order[each.document_id], each.unit))
    columns = (*_COLUMNS, *_of_coders(sheet.coders), Column("codes", "text", "what each coder gave the unit"))
    given = {name: sheet.given(name) for name in sheet.units}
    words = {True: "yes", False: "no", None: ABSENT}
    nothing = tuple(frozenset[str]() for _ in layers)
    body: list[tuple[Cell, ...]] = []
    for each in found:
        name, span = each.document_id, sheet.units[each.document_id][each.unit]
        sets = given[name].get(each.unit, nothing)
        beside = " | ".join(
            f"{coder}: {ABSENT if at in sheet.absent[name] else _named(study, sets[at])}"
            for at, coder in enumerate(sheet.coders)
        )
        body.append((each.code.id, each.code.label, often[each.code.id], *_where(study, name, span, level),
                     *(words[answer] for answer in each.answers), beside))  # fmt: skip
    notes = [level_note(level), left_out_note(study), f"“{ABSENT}”: this coder did not work through the document."]
    notes += _most_confused(sheet, study)
    title = f"Where coders differ, by {level}"
    return Table("disagreements", title, columns, tuple(body), level, tuple(filter(None, notes)),
                 {**book_of(study), "unit": level})  # fmt: skip


def confusions(study: Study, layers: Sequence[Layer], *, level: Level | None = None) -> Table:
    """Return the pairs of codes that coders take for one another, the most frequent first.

    A unit counts for a pair when one coder gave it the one code and not the other, and another coder the other and not
    the one. Codes are as given; nothing is added for headings. The level is the study's unit unless given.

    Raises:
        AnalysisError: QC-A030 to QC-A032 as :func:`disagreements`.
    """
    level = level or study.unit
    sheet = _sheet(study, layers, level)
    found = _confused(sheet)
    label = {code.id: code.label for code in study.codebook}
    place = {code.id: number for number, code in enumerate(study.codebook.tree())}
    column = {coder: number for number, coder in enumerate(sheet.coders)}
    keys = sorted(found, key=lambda key: (-found[key], column[key[0]], column[key[2]], place[key[1]], place[key[3]]))
    columns = (
        Column("first", "text", "one coder"),
        Column("first_code", "text", "what this coder gave, and the other did not"),
        Column("first_label", "text", "its name"),
        Column("second", "text", "another coder"),
        Column("second_code", "text", "what this coder gave in its place"),
        Column("second_label", "text", "its name"),
        Column("units", "integer", "units where this is so"),
    )
    body = tuple((one, a, label[a], two, b, label[b], found[one, a, two, b]) for one, a, two, b in keys)
    notes = (level_note(level), left_out_note(study), "A unit with several codes can count for several pairs.")
    return Table("confusions", "Codes taken for one another", columns, body, level, tuple(filter(None, notes)),
                 {**book_of(study), "unit": level})  # fmt: skip


_COLUMNS = (
    Column("code", "text", "id of the code in dispute"),
    Column("label", "text", "its name"),
    Column("disputed", "integer", "units on which this code is in dispute"),
    Column("document", "text", "name of the document"),
    Column("block", "integer", "number of the block (turn), as in codings.csv"),
    Column("speaker", "text", "who speaks"),
    Column("start", "integer", "first character of the unit, counted from 0 in code points"),
    Column("end", "integer", "the character after its last"),
    Column("text", "text", "the unit, letter for letter; empty when it is a whole document"),
)


def _sheet(study: Study, layers: Sequence[Layer], level: Level) -> Sheet:
    if level == "character":
        raise AnalysisError("QC-A032", "a list of single characters cannot be worked through",
                            hint="Choose the level sentence, turn, token or document.")  # fmt: skip
    return sheet_of(study, layers, level)


def _disputes(sheet: Sheet, rows: Sequence[Code]) -> Iterator[_Dispute]:
    study = sheet.study
    below = {code.id: [each.id for each in study.codebook.descendants(code.id)] for code in rows}
    for name in sheet.units:
        disputed: dict[str, dict[int, tuple[bool | None, ...]]] = {}
        for code in rows:
            marks = sheet.marked(name, under_code(study, code.id))
            disputed[code.id] = {}
            for unit in set().union(*marks):
                answers = tuple(
                    None if at in sheet.absent[name] else unit in marks[at] for at in range(len(sheet.layers))
                )
                if {True, False} <= set(answers):
                    disputed[code.id][unit] = answers
        for code in rows:
            finer = set().union(*(disputed.get(each, {}) for each in below[code.id]))
            for unit, answers in disputed[code.id].items():
                if unit not in finer:
                    yield _Dispute(name, unit, code, answers)


def _confused(sheet: Sheet) -> Counter[tuple[str, str, str, str]]:
    """Return how many units show (coder, code, another coder, the code in its place), each pair of coders once."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for name in sheet.units:
        for sets in sheet.given(name).values():
            for one, two in combinations(range(len(sets)), 2):
                # A coder who did not work through the document has no codes there, and so no pair.
                for a in sets[one] - sets[two]:
                    for b in sets[two] - sets[one]:
                        found[sheet.coders[one], a, sheet.coders[two], b] += 1
    return found


def _most_confused(sheet: Sheet, study: Study) -> list[str]:
    place = {code.id: number for number, code in enumerate(study.codebook.tree())}
    found = sorted(_confused(sheet).items(), key=lambda item: (-item[1], place[item[0][1]], place[item[0][3]], item[0]))
    told = [f"{one} {a} where {two} {b} ({n})" for (one, a, two, b), n in found[:_TOLD]]
    return [f"Most often taken for one another: {'; '.join(told)}."] if told else []


def _of_coders(coders: Sequence[str]) -> tuple[Column, ...]:
    taken = {column.name for column in _COLUMNS} | {"codes"}
    names = [f"{coder} (coder)" if coder in taken else coder for coder in coders]
    return tuple(Column(name, "text", f"did {coder} give the code: yes, no, or {ABSENT}")
                 for name, coder in zip(names, coders, strict=True))  # fmt: skip


def _named(study: Study, codes: frozenset[str]) -> str:
    return ", ".join(code.id for code in study.codebook.tree() if code.id in codes) or "no code"


def _where(study: Study, document_id: str, span: Span, level: Level) -> tuple[Cell, ...]:
    document = text_of(study, document_id)
    if level == "document":
        return (document.name, None, "", span.start, span.end, "")
    block = document.blocks[block_at(document, span.start)]
    speaker = document.speaker(block.speaker_ids[0]).label if block.speaker_ids else ""
    return (document.name, block.index, speaker, span.start, span.end, document.quote(span))
