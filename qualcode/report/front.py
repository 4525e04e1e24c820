"""The first chapters: what was read, the codebook in use, the theme table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qualcode.analysis.study import Case, Study
from qualcode.analysis.tally import tally
from qualcode.model.codes import Code, Guidance
from qualcode.model.document import Document
from qualcode.report.model import BookRow, SourceRow, ThemeRow
from qualcode.report.wording import counted, plural

__all__ = ["anchor_of", "book_intro", "book_rows", "is_theme", "noun_of", "read_intro", "source_rows", "theme_rows"]

_FORMATS = {
    "txt": "plain text",
    "text": "plain text",
    "docx": "Word document",
    "vtt": "WebVTT captions",
    "srt": "SubRip captions",
    "csv": "table (CSV)",
    "tsv": "table (TSV)",
    "xlsx": "Excel workbook",
}
_ROLES = {"unknown": "role not known"}
_SHOWN_PEOPLE = 12


def noun_of(study: Study) -> str:
    """Return what a document of this study is called: an interview where people are asked or answer, a transcript where
    people speak in roles unknown, else a document."""
    if study.cases and all(
        any(p.role in {"interviewer", "participant"} for p in case.speakers) for case in study.cases
    ):
        return "interview"
    if study.cases and all(case.speakers for case in study.cases):
        return "transcript"
    return "document"


def anchor_of(study: Study, code_id: str) -> str:
    """Return the anchor of a theme's chapter: made of its place in the book, never of its text."""
    return f"theme-{[code.id for code in study.codebook.tree()].index(code_id) + 1}"


def read_intro(study: Study, noun: str) -> str:
    """Return how much was read, in a sentence or two."""
    left_out = set(study.codebook.roles_left_out)
    people = sum(p.role not in left_out and p.turns > 0 for case in study.cases for p in case.speakers)
    words = sum(case.words for case in study.cases)
    asked = sum(p.words for case in study.cases for p in case.speakers if p.role in left_out)
    who = f" by {counted(people, 'named person') if people == 1 else f'{people:,} named people'}" if people else ""
    context = f" Another {counted(asked, 'word')} of those who asked the questions {plural('is', asked)} context and "\
              f"{plural('is', asked)} not counted." if asked else ""  # fmt: skip
    return f"{counted(len(study.cases), noun).capitalize()} with {counted(words, 'word')}{who}.{context}"


def source_rows(study: Study, documents: Sequence[Document]) -> tuple[SourceRow, ...]:
    """Return a row for each file, with what was odd about it in words."""
    cases = {case.id: case for case in study.cases}
    return tuple(
        SourceRow(
            document.name,
            _FORMATS.get(document.format, document.format),
            (document.encoding or "").upper(),
            _people(cases[document.id]),
            cases[document.id].words,
            _remarks(document),
        )
        for document in documents
    )


def book_intro(study: Study) -> tuple[str, ...]:
    """Return what the codebook is and how much is in it."""
    book = study.codebook
    codable = [code for code in book if code.codable]
    rules = sum(len(code.rules) for code in book)
    size = f"{counted(len(codable), 'theme')} and {counted(rules, 'rule')}, listed in the codebook's own order."
    return tuple(part for part in (book.description.strip(), size) if part)


def book_rows(study: Study) -> tuple[BookRow, ...]:
    """Return the codes in tree order; a code that only groups others is a heading."""
    book = study.codebook
    return tuple(
        BookRow(code.id, code.label, book.level(code.id), _is_heading(study, code), _meaning(code),
                _lines(code.include), _lines(code.exclude), len(code.rules))
        for code in book.tree()
        if code.status != "retired"
    )  # fmt: skip


def theme_rows(study: Study) -> tuple[ThemeRow, ...]:
    """Return the theme table in tree order, themes found nowhere included."""
    book = study.codebook
    counts = tally(study)
    own = {coding.code for count in counts.values() for coding in count.codings}
    return tuple(
        ThemeRow(code.id, code.label, book.level(code.id), _is_heading(study, code), len(count.documents),
                 len(count.speakers), len(count.codings), len(count.segments), count.stance("present"),
                 count.stance("absent"), count.stance("mixed"), anchor_of(study, code.id) if code.id in own else "")
        for code in book.tree()
        for count in [counts[code.id]]
        if count.codings or _is_heading(study, code) or is_theme(study, code)
    )  # fmt: skip


def is_theme(study: Study, code: Code) -> bool:
    """Return whether a code can be found: no mere heading, not retired, with rules if the book has any."""
    book = study.codebook
    by_rules = any(other.rules for other in book)
    coded = any(coding.code == code.id for coding in study.codings)
    return coded or (code.status != "retired" and not book.children(code.id) and bool(code.rules or not by_rules))


def _is_heading(study: Study, code: Code) -> bool:
    return bool(study.codebook.children(code.id))


def _meaning(code: Code) -> str:
    return " ".join((code.definition or code.brief).split())


def _lines(guidance: Sequence[Guidance]) -> str:
    parts = [" ".join(each.text.split()).rstrip(".") + (f" (see {each.see})" if each.see else "") for each in guidance]
    return "; ".join(parts)


def _people(case: Case) -> tuple[str, ...]:
    spoken = [p for p in case.speakers if p.turns]
    lines = [f"{p.label} ({_ROLES.get(p.role, p.role)}, {counted(p.words, 'word')})" for p in spoken[:_SHOWN_PEOPLE]]
    rest = spoken[_SHOWN_PEOPLE:]
    if rest:
        lines.append(f"and {len(rest)} more ({counted(sum(p.words for p in rest), 'word')})")
    return tuple(lines) or ("nobody is named",)


def _remarks(document: Document) -> tuple[str, ...]:
    times = Counter(warning.code for warning in document.warnings)
    shown: dict[str, str] = {}
    for warning in document.warnings:
        shown.setdefault(warning.code, _sentence(warning.message))
    return tuple(
        text + (f" (and {times[code] - 1} more like it)" if times[code] > 1 else "") for code, text in shown.items()
    )


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:].rstrip(".") if message else ""
