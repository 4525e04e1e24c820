"""A study to a report: what is said, in which order. How it looks is the writer's matter."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.analysis.groups import attribute_names, groups_by
from qualcode.analysis.study import Study
from qualcode.analysis.tally import counted_codings, found_codes, tally
from qualcode.model.document import Document
from qualcode.report.back import made_parts, rule_rows, uncoded_parts
from qualcode.report.chapters import domains_of, matrix_parts
from qualcode.report.front import book_intro, book_rows, is_theme, noun_of, read_intro, source_rows, theme_rows
from qualcode.report.model import BlindspotChapter, FigureView, Provenance, Report, TopicChapter
from qualcode.report.wording import and_list, british_date, counted, plural, spoken

__all__ = ["build_report", "split_attribute"]

FEWEST, MOST = 2, 4
"""A figure by attribute is drawn for so many groups; more are hard to compare, fewer are nothing to compare."""


def build_report(
    study: Study,
    *,
    documents: Sequence[Document],
    made_with: Provenance,
    date: str,
    attribute: str | None = None,
    caution: str = "",
    notes: Sequence[str] = (),
    topics: TopicChapter | None = None,
    blindspots: BlindspotChapter | None = None,
) -> Report:
    """Return the report of a study. The same study, documents, provenance and date give the same report.

    Args:
        documents: the documents as read, in the order in which they are to be listed.
        date: the day to print, ``YYYY-MM-DD``; never looked up here.
        attribute: what the second figure splits by; without it the first attribute with two to four values that
            divides the documents most evenly.
        caution: in what the codings are older than the codebook or the transcripts, if they are.
        notes: what else a reader must know before any number: codings that are contested, or have no place.
        topics: what is told of a topic model; there is no chapter on topics without.
        blindspots: what is told of talk that no code touched, in groups; not told without.

    Raises:
        AnalysisError: QC-A004 or QC-A007 when ``attribute`` cannot be used, QC-A006 when texts are missing.
    """
    noun = noun_of(study)
    total = len(study.cases)
    codings = counted_codings(study)
    reviewed = sum(coding.status in {"accepted", "coded"} for coding in codings)
    by = attribute or split_attribute(study)
    found = found_codes(study)
    head, notice = _notice(len(codings), reviewed)
    book = study.codebook
    edition = f", edition {book.variant}" if book.variant else ""
    uncoded_intro, uncoded_rows, stretches = uncoded_parts(study, noun)
    made_intro, made, files = made_parts(study, documents, made_with)
    return Report(
        title=study.title or f"Themes in {counted(total, noun)}",
        language=book.language or "en-GB",
        noun=noun,
        facts=(
            ("Date", british_date(date)),
            ("Material", f"{counted(total, noun)}, {counted(sum(case.words for case in study.cases), 'word')}"),
            ("Codebook", f"{book.title} ({book.id}, version {book.version}{edition})"),
            ("Found", f"{counted(len(found), 'theme')}, {counted(len(codings), 'coding')}"),
            ("Reviewed", f"{reviewed:,} of {counted(len(codings), 'coding')} by a person"),
        ),
        notice_head=head,
        notice=notice,
        caution=caution,
        notes=tuple(notes),
        read_intro=read_intro(study, noun),
        sources=source_rows(study, documents),
        book_intro=book_intro(study),
        book=book_rows(study),
        unit=study.unit,
        of_documents=total,
        has_stance=any(coding.stance for coding in codings),
        has_speakers=any(person.label for case in study.cases for person in case.speakers),
        themes_intro=_themes_intro(study, noun, len(found)),
        themes=theme_rows(study),
        figures=_figures(study, by, noun) if found else (),
        domains=domains_of(study, documents, by, noun),
        matrix_intro=(
            f"Each cell holds the number of {study.unit}s in which the theme was found and a short extract. "
            "“Not mentioned” means that nothing was coded there; it does not mean that the question was asked."
        ),
        matrix=matrix_parts(study, noun),
        nowhere=_nowhere(study),
        uncoded_intro=uncoded_intro,
        uncoded=uncoded_rows,
        stretches=stretches,
        made_intro=made_intro,
        made=made,
        files=files,
        counting=_counting(study, noun),
        rules=rule_rows(study),
        topics=topics,
        blindspots=blindspots,
    )


def split_attribute(study: Study) -> str | None:
    """Return the attribute that splits the documents into two to four groups most evenly, ``None`` when none does.

    Among equals the one that the codebook declares first, then the one that comes first in the table of attributes.
    """
    best: tuple[int, str] | None = None
    for name in attribute_names(study):
        groups = groups_by(study, name)
        smallest = min(len(group.documents) for group in groups)
        # A group of one is a person, not a group; with few documents there may be no better.
        if FEWEST <= len(groups) <= MOST and len(study.cases) > len(groups) and (best is None or smallest > best[0]):
            best = (smallest, name)
    return best[1] if best else None


def _notice(total: int, reviewed: int) -> tuple[str, str]:
    if total and reviewed == total:
        return ("Reviewed.", "A person made or accepted every coding in this report.")
    some = f"A person has reviewed {reviewed:,} of {counted(total, 'coding')}." if reviewed else (
        f"No person has yet reviewed any of the {counted(total, 'coding')}." if total else "")  # fmt: skip
    return (
        "Not validated: machine-coded.",
        "A program applied the rules of the codebook to the words as they were transcribed. Rules miss what is said in "
        f"unforeseen words and sometimes catch what was not meant. {some} Take each count as a place to start reading.",
    )


def _themes_intro(study: Study, noun: str, found: int) -> tuple[str, ...]:
    book = study.codebook
    themes = [code for code in book if is_theme(study, code)]
    counts = tally(study)
    wide = [code.label for code in found_codes(study) if len(counts[code.id].documents) == len(study.cases)]
    first = f"{found} of {counted(len(themes), 'theme')} in the codebook {plural('was', found)} found."
    if len(study.cases) > 1 and wide:
        listed = and_list(wide) if len(wide) <= MOST else f"{and_list(wide[:3])} and {len(wide) - 3} more"
        first += f" In every {noun}: {listed}."
    second = (
        f"Spread comes first: in how many {noun}s and by how many people a theme is raised. The number of passages is "
        f"volume, which one talkative person can make. A {study.unit} counts once for a theme however many codings "
        "touch it, and once for the heading above it."
    )
    return (first, second)


def _figures(study: Study, by: str | None, noun: str) -> tuple[FigureView, ...]:
    from qualcode.viz import (
        code_by_attribute,
        code_by_attribute_alt,
        theme_by_interview,
        theme_by_interview_alt,
        to_data_uri,
    )

    figures = [
        FigureView(
            to_data_uri(theme_by_interview(study)),
            theme_by_interview_alt(study),
            f"Themes by {noun}: number of {study.unit}s. The darker, the more; a dot means not mentioned; hatched "
            "means that every passage says it is absent.",
        )
    ]
    if by is not None:
        figures.append(
            FigureView(
                to_data_uri(code_by_attribute(study, by)),
                code_by_attribute_alt(study, by),
                f"Themes by {spoken(by)}: in how many {noun}s of each group a theme was found. Groups this small show "
                "where to look, not a difference that would hold elsewhere.",
            )
        )
    return tuple(figures)


def _nowhere(study: Study) -> tuple[str, ...]:
    found = {code.id for code in found_codes(study)}
    book = study.codebook
    return tuple(f"{code.id} {code.label}" for code in book.tree() if code.id not in found and is_theme(study, code))


def _counting(study: Study, noun: str) -> tuple[str, ...]:
    roles = and_list([f"{role}s" for role in study.codebook.roles_left_out])
    context = f"Speech of {roles} is context: it is read, never counted." if roles else "All speech is counted."
    return (
        f"The unit is the {study.unit}. A theme applies to a {study.unit} when at least one coding of it touches it.",
        f"A passage is one coding, a row of codings.csv: neighbouring {study.unit}s with one theme are one passage.",
        f"A heading counts the distinct {study.unit}s under it, so it never exceeds the sum of what lies there.",
        f"People are counted within each {noun}: the same label in two {noun}s is two people.",
        f"Where fewer than fifty {noun}s or passages are compared, only “k of n” is given: a percentage would look "
        "more exact than it is.",
        context,
        "Turns and characters are numbered from 0, as in the columns block, start and end of codings.csv.",
    )
