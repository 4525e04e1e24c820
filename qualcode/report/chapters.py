"""A chapter for each theme that was found, and the framework matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qualcode.analysis.groups import groups_by
from qualcode.analysis.matrix import NOT_MENTIONED, MatrixCell, matrix_cells, quoted, shortened
from qualcode.analysis.names import short_names
from qualcode.analysis.quotes import Quote, choose_quotes, contrary_codings, pick
from qualcode.analysis.study import Study
from qualcode.analysis.tally import Count, Roster, found_codes, tally
from qualcode.model.codes import Code
from qualcode.model.document import Document
from qualcode.report.front import anchor_of
from qualcode.report.model import Chapter, Domain, MatrixPart, MatrixRow
from qualcode.report.passages import quote_view
from qualcode.report.wording import and_list, counted, plural, spoken

__all__ = ["domains_of", "matrix_parts"]

QUOTES, AGAINST = 4, 3
ACROSS = 4
"""Documents of the matrix side by side: as many as can be read on an A4 page in landscape."""
EXTRACT = 16
FEW = 3
"""With fewer passages, nothing is said of who said most."""


def domains_of(study: Study, documents: Sequence[Document], by: str | None, noun: str) -> tuple[Domain, ...]:
    """Return the themes that were found, grouped by the branch of the codebook they belong to."""
    counts = tally(study)
    groups = (
        [(group.value, len(group.documents), tally(study, group.holds)) for group in groups_by(study, by)] if by else []
    )
    book = study.codebook
    grouped: dict[str, list[Chapter]] = {}
    languages = {document.id: document.language or "" for document in documents}
    for code in found_codes(study):
        top = (code, *book.ancestors(code.id))[-1]
        grouped.setdefault(top.id, []).append(
            _chapter(study, code, counts[code.id], languages, _split(by, groups, code), noun)
        )
    return tuple(
        Domain(anchor_of(study, top).replace("theme", "domain"), book[top].id, book[top].label,
               _reach(study, counts[top], noun) if book.children(top) else "", tuple(chapters))
        for top, chapters in grouped.items()
    )  # fmt: skip


def matrix_parts(study: Study, noun: str) -> tuple[MatrixPart, ...]:
    """Return the framework matrix of the themes that were found, a few documents at a time."""
    codes = found_codes(study)
    if not codes:
        return ()
    cells: dict[str, list[MatrixCell]] = {}
    for cell in matrix_cells(study, codes=[code.id for code in codes]):
        cells.setdefault(cell.code.id, []).append(cell)
    names = short_names([case.name for case in study.cases])
    parts = []
    across = ACROSS if len(names) != ACROSS + 1 else ACROSS + 1
    for start in range(0, len(names), across):
        heads = names[start : start + across]
        rows = tuple(
            MatrixRow(code.id, code.label, tuple(_told(cell) for cell in cells[code.id][start : start + across]))
            for code in codes
        )
        span = f"{noun}s {start + 1} to {start + len(heads)} of {len(names)}" if len(heads) > 1 else (
            f"{noun} {start + 1} of {len(names)}")  # fmt: skip
        parts.append(MatrixPart(f"Framework matrix, {span}", heads, rows))
    return tuple(parts)


def _chapter(study: Study, code: Code, count: Count, languages: dict[str, str], split: str, noun: str) -> Chapter:
    quotes = choose_quotes(study, code.id, QUOTES)
    against = contrary_codings(count.codings)
    shown = {(quote.document_id, quote.span) for quote in quotes}
    unshown = [coding for coding in against if (coding.document_id, coding.span) not in shown]
    others = tuple(quote_view(quote, languages) for quote in pick(study, unshown, AGAINST))
    return Chapter(
        anchor_of(study, code.id),
        code.id,
        code.label,
        " ".join((code.definition or code.brief).split()),
        _spread(study, count, split, noun),
        tuple(quote_view(quote, languages) for quote in quotes),
        _negative(count, len(against), quotes, len(others)),
        others,
    )


def _reach(study: Study, count: Count, noun: str) -> str:
    """Return ``Found in 5 of 7 interviews, 5 speakers, 14 passages; 3 of these say it is absent.``"""
    people = f", {counted(len(count.speakers), 'speaker')}" if count.speakers else ""
    total = len(study.cases)
    first = (
        f"Found in {len(count.documents)} of {counted(total, noun)}{people}, {counted(len(count.codings), 'passage')}"
    )
    stances = _stances(count.stance("absent"), count.stance("mixed"))
    return f"{first}; {stances}." if stances else f"{first}."


def _stances(absent: int, mixed: int) -> str:
    """Return ``3 say it is absent and 1 is mixed``; nothing when there are none."""
    told = [(absent, f"{plural('says', absent)} it is absent"), (mixed, f"{plural('is', mixed)} mixed")]
    return and_list([f"{n} {what}" for n, what in told if n])


def _spread(study: Study, count: Count, split: str, noun: str) -> tuple[str, ...]:
    parts = [_reach(study, count, noun)]
    roster = Roster(study)
    said = Counter(who for coding in count.codings for who in roster.of(coding))
    if said and len(count.codings) > FEW and len(said) > 1:
        who = min(said, key=lambda key: (-said[key], key))
        if 2 * said[who] > len(count.codings):
            parts.append(f"More than half of the passages ({said[who]} of {len(count.codings)}) come from one person: "
                         f"{who[1]} in {study.case(who[0]).name}.")  # fmt: skip
    missing = [case.name for case in study.cases if case.id not in count.documents]
    if missing and len(missing) <= len(study.cases) // 2:
        parts.append(f"Not mentioned in {and_list(short_names(missing))}.")
    return (*parts, split) if split else tuple(parts)


def _split(by: str | None, groups: Sequence[tuple[str, int, dict[str, Count]]], code: Code) -> str:
    if by is None:
        return ""
    told = [f"{value} {len(counts[code.id].documents)} of {size}" for value, size, counts in groups]
    return f"By {spoken(by)}: {', '.join(told)}."


def _negative(count: Count, against: int, quotes: Sequence[Quote], listed: int) -> str:
    if not any(coding.stance for coding in count.codings):
        return "The codebook records no stance, so passages that speak against the theme cannot be told apart."
    absent, mixed = count.stance("absent"), count.stance("mixed")
    if absent + mixed == len(count.codings):
        return f"Nobody simply affirms it: of {counted(len(count.codings), 'passage')}, {_stances(absent, mixed)}."
    if not against:
        return "None found: no coded passage says that it is absent."
    if against == absent + mixed:
        parts = [f"Of {counted(len(count.codings), 'passage')}, {_stances(absent, mixed)}."]
    else:
        parts = [
            f"Of {counted(len(count.codings), 'passage')}, {against} {plural('says', against)} it is so; most do not."
        ]
    quoted = sum(quote.contrary for quote in quotes)
    rest = against - quoted - listed
    if quoted:
        parts.append("One is quoted above." if quoted == 1 else f"{quoted} are quoted above.")
    if listed and quoted:
        parts.append("Also:")
    if rest > 0 and listed:
        parts.insert(len(parts) - 1 if quoted else len(parts), f"{rest} more in codings.csv.")
    return " ".join(parts)


def _told(cell: MatrixCell) -> tuple[str, str]:
    if cell.quote is None:
        return ("", NOT_MENTIONED)
    stances = [f"{n} {name}" for n, name in ((cell.absent, "absent"), (cell.mixed, "mixed")) if n]
    count = f"{cell.segments} ({', '.join(stances)})" if stances else str(cell.segments)
    return (count, quoted(shortened(cell.quote, EXTRACT)))
