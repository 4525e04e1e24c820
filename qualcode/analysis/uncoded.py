"""What no code reached: how much of each case, and its longest stretches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from qualcode.analysis.study import Study
from qualcode.analysis.tally import counted_codings
from qualcode.analysis.themes import book_of
from qualcode.analysis.words import speech_words
from qualcode.errors import AnalysisError
from qualcode.model.document import Block, Document, Span
from qualcode.model.table import Column, Table

__all__ = ["Stretch", "stretches", "uncoded", "uncoded_stretches"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of neighbouring units of one turn that no coding touches."""

    document_id: str
    document: str
    block: int
    speaker: str
    span: Span
    words: int
    text: str


def uncoded(study: Study) -> Table:
    """Return for each case how many of its counted words lie in no coding, the last row for all of them together.

    Raises:
        AnalysisError: QC-A006 when the study was made without its documents.
    """
    rows: list[tuple[str, int, int, int, float | None]] = []
    for case in study.cases:
        words = [word for _, _, found in _counted(study, _text(study, case.id)) for word in found]
        covered = _merged(study, case.id)
        inside = sum(_touches(covered, word) for word in words)
        rows.append(_row(case.name, len(words), inside))
    rows.append(_row("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    columns = (
        Column("document", "text", "name of the case's document; the last row, all, is their sum"),
        Column("words", "integer", "words of the roles that are counted"),
        Column("coded_words", "integer", "of these, words in at least one coding"),
        Column("uncoded_words", "integer", "of these, words in none"),
        Column("uncoded_share", "share", "share of the words in no coding; empty without words"),
    )
    notes = ("Not coded is not unimportant: no rule of the codebook reached these words. Read the longest stretches.",)
    return Table("uncoded", "What was not coded", columns, tuple(rows), study.unit, notes, book_of(study))


def uncoded_stretches(study: Study, n: int = 3) -> Table:
    """Return the ``n`` longest uncoded stretches of each case, longest first within a case.

    Raises:
        AnalysisError: QC-A006 when the study was made without its documents.
    """
    columns = (
        Column("document", "text", "name of the document"),
        Column("block", "integer", "number of the block (turn), as in codings.csv"),
        Column("speaker", "text", "who speaks"),
        Column("start", "integer", "first character, counted from 0 in code points"),
        Column("end", "integer", "the character after the last"),
        Column("words", "integer", "words of the stretch"),
        Column("text", "text", "the stretch, letter for letter"),
    )
    rows = tuple(
        (each.document, each.block, each.speaker, each.span.start, each.span.end, each.words, each.text)
        for case in study.cases
        for each in stretches(study, case.id)[: max(n, 0)]
    )
    notes = (f"A stretch is a run of neighbouring {study.unit}s of one turn that no coding touches.",)
    return Table("uncoded_stretches", "Longest uncoded stretches", columns, rows, study.unit, notes, book_of(study))


def stretches(study: Study, document_id: str) -> tuple[Stretch, ...]:
    """Return all uncoded stretches of a document, longest first, then in the order of the text."""
    document = _text(study, document_id)
    covered = _merged(study, document_id)
    units = study.units.get(document_id, ())
    starts = [unit.start for unit in units]
    found: list[Stretch] = []
    for block, speaker, words in _counted(study, document):
        inside = units[bisect_left(starts, block.span.start) : bisect_left(starts, block.span.end)]
        run: list[Span] = []
        for unit in [*inside, None]:
            if unit is not None and not _touches(covered, unit):
                run.append(unit)
                continue
            if run:
                span = Span(run[0].start, run[-1].end)
                size = sum(span.contains(word) for word in words)
                found.append(
                    Stretch(document.id, document.name, block.index, speaker, span, size, document.quote(span))
                )
            run = []
    return tuple(sorted(found, key=lambda each: (-each.words, each.span)))


def _counted(study: Study, document: Document) -> Iterator[tuple[Block, str, tuple[Span, ...]]]:
    left_out = frozenset(study.codebook.roles_left_out)
    for block, words in speech_words(document):
        if document.role_of(block) not in left_out:
            speaker = document.speaker(block.speaker_ids[0]).label if block.speaker_ids else ""
            yield block, speaker, words


def _merged(study: Study, document_id: str) -> tuple[list[int], list[int]]:
    """Return starts and ends of what the counted codings of a document cover, disjoint and in order."""
    starts: list[int] = []
    ends: list[int] = []
    for span in sorted(each.span for each in counted_codings(study) if each.document_id == document_id):
        if ends and span.start <= ends[-1]:
            ends[-1] = max(ends[-1], span.end)
        else:
            starts.append(span.start)
            ends.append(span.end)
    return starts, ends


def _touches(covered: tuple[list[int], list[int]], span: Span) -> bool:
    starts, ends = covered
    at = bisect_left(starts, span.end) - 1
    return at >= 0 and ends[at] > span.start


def _row(name: str, words: int, inside: int) -> tuple[str, int, int, int, float | None]:
    return (name, words, inside, words - inside, (words - inside) / words if words else None)


def _text(study: Study, document_id: str) -> Document:
    if document_id not in study.documents:
        raise AnalysisError("QC-A006", "what was not coded cannot be told without the texts",
                            hint="Make the study with `study_of(documents, …)`.")  # fmt: skip
    return study.documents[document_id]
