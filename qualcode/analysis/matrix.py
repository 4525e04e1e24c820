"""The framework matrix: every code against every case, with counts, one quote, and cells that say "not mentioned"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualcode.analysis.names import short_names
from qualcode.analysis.quotes import Quote, pick
from qualcode.analysis.study import Case, Study
from qualcode.analysis.tally import chosen_codes, tally
from qualcode.analysis.themes import book_of
from qualcode.model.codes import Code
from qualcode.model.coding import Coding
from qualcode.model.table import Cell, Column, Table

__all__ = ["NOT_MENTIONED", "MatrixCell", "matrix", "matrix_cells", "quoted", "shortened"]

NOT_MENTIONED = "not mentioned"
QUOTE_WORDS = 18
"""A quote in a cell is cut after so many words, around the words that matched, and says so with an ellipsis."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one case says of one code; ``quote`` is ``None`` where it says nothing."""

    code: Code
    case: Case
    codings: int
    segments: int
    present: int
    absent: int
    mixed: int
    quote: Quote | None


def matrix_cells(study: Study, *, codes: Iterable[str] | None = None) -> tuple[MatrixCell, ...]:
    """Return the cells, code by code in tree order and case by case within a code.

    Raises:
        AnalysisError: QC-A003 for an unknown code.
    """
    counts = tally(study)
    cells = []
    for code in chosen_codes(study, codes):
        by_case: dict[str, list[Coding]] = {case.id: [] for case in study.cases}
        for coding in counts[code.id].codings:
            by_case[coding.document_id].append(coding)
        units: dict[str, int] = dict.fromkeys(by_case, 0)
        for document_id, _ in counts[code.id].segments:
            units[document_id] += 1
        for case in study.cases:
            found = by_case[case.id]
            stances = [coding.stance for coding in found]
            quotes = pick(study, found, 1) if found else ()
            quote = quotes[0] if quotes else None
            told = (stances.count("present"), stances.count("absent"), stances.count("mixed"))
            cells.append(MatrixCell(code, case, len(found), units[case.id], *told, quote))
    return tuple(cells)


def matrix(study: Study, *, codes: Iterable[str] | None = None, wide: bool = False) -> Table:
    """Return the framework matrix, one row a code and case; with ``wide``, one row a code and one column a case.

    A wide cell reads ``3 · “quote…”`` (distinct units, then the quote) or ``not mentioned``; it says how many codings
    are absent or mixed where any is.

    Raises:
        AnalysisError: QC-A003 for an unknown code.
    """
    cells = matrix_cells(study, codes=codes)
    notes = (f"A cell counts distinct {study.unit}s. “{NOT_MENTIONED}” means: no coding, not that nobody asked.",)
    if wide:
        return _wide(study, cells, notes)
    columns = (
        Column("code", "text", "id of the code"),
        Column("label", "text", "its name"),
        Column("level", "integer", "depth in the codebook, 1 for the top"),
        Column("document", "text", "name of the case's document"),
        Column("mention", "text", "mentioned, or not mentioned"),
        Column("codings", "integer", "codings of the code and of codes below it in this case"),
        Column("segments", "integer", "distinct units that these overlap"),
        Column("present", "integer", "codings that say it is so"),
        Column("absent", "integer", "codings that say it is not so, or is missing"),
        Column("mixed", "integer", "codings that say both"),
        Column("quote", "text", "one passage, letter for letter; empty where not mentioned"),
        Column("speaker", "text", "who says it"),
        Column("block", "integer", "its block, as in codings.csv"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.code.id, each.code.label, study.codebook.level(each.code.id), each.case.name,
         "mentioned" if each.codings else NOT_MENTIONED, each.codings, each.segments,
         each.present, each.absent, each.mixed,
         each.quote.text if each.quote else "", each.quote.speaker if each.quote else "",
         each.quote.block if each.quote else None)
        for each in cells
    )  # fmt: skip
    return Table("matrix", "Framework matrix", columns, rows, study.unit, notes, book_of(study))


def shortened(quote: Quote, words: int = QUOTE_WORDS) -> str:
    """Return the quote on one line, cut to so many words around the first that matched, with ``…`` where cut."""
    text = quote.text
    runs = text.split()
    if len(runs) <= words:
        return " ".join(runs)
    before = len(text[: quote.matched[0].start].split()) if quote.matched else 0
    first = max(0, min(before - words // 3, len(runs) - words))
    if first <= words // 4:
        first = 0
    kept = " ".join(runs[first : first + words]).rstrip(",;:–—-")
    return f"{'…' if first else ''}{kept}{'…' if first + words < len(runs) else ''}"


def quoted(extract: str) -> str:
    """Return an extract in quotation marks; one that is wholly in marks of its own gets no second pair."""
    core = extract.rstrip(".,;:!?")
    own = any(core[:1] + core[-1:] == marks and not set(marks) & set(core[1:-1]) for marks in ("“”", '""'))
    return extract if own else f"“{extract}”"


def _wide(study: Study, cells: tuple[MatrixCell, ...], notes: tuple[str, ...]) -> Table:
    heads = ("code", "label", "documents", "of_documents")
    names = short_names([case.name for case in study.cases], taken=heads)
    columns = (
        Column("code", "text", "id of the code"),
        Column("label", "text", "its name"),
        Column("documents", "integer", "distinct documents it lies in"),
        Column("of_documents", "integer", "documents of the study"),
        *(Column(name, "text", f"what {case.name} says of it") for name, case in zip(names, study.cases, strict=True)),
    )
    width = len(study.cases)
    rows: list[tuple[Cell, ...]] = []
    codes = chosen_codes(study, [each.code.id for each in cells[::width]]) if width else ()
    for number, code in enumerate(codes):
        line = cells[number * width : (number + 1) * width]
        rows.append(
            (code.id, code.label, sum(each.codings > 0 for each in line), width, *(_told(each) for each in line))
        )
    return Table("matrix", "Framework matrix", columns, tuple(rows), study.unit, notes, book_of(study))


def _told(cell: MatrixCell) -> str:
    if cell.quote is None:
        return NOT_MENTIONED
    other = [f"{n} {name}" for n, name in ((cell.absent, "absent"), (cell.mixed, "mixed")) if n]
    count = f"{cell.segments} ({', '.join(other)})" if other else str(cell.segments)
    return f"{count} · {quoted(shortened(cell.quote))}"
