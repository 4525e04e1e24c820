"""The theme table: ``themes.csv``, every code of the book with its volume and its spread."""

from __future__ import annotations

from collections.abc import Iterable

from qualcode.analysis.groups import groups_by
from qualcode.analysis.study import Study
from qualcode.analysis.tally import Count, chosen_codes, tally
from qualcode.model.codes import Code
from qualcode.model.table import Cell, Column, Table

__all__ = ["THEME_COLUMNS", "book_of", "themes"]

THEME_COLUMNS: tuple[Column, ...] = (
    Column("code", "text", "id of the code"),
    Column("label", "text", "its name"),
    Column("level", "integer", "depth in the codebook, 1 for the top"),
    Column("codings", "integer", "codings of the code and of all codes below it"),
    Column("segments", "integer", "distinct units (sentences, unless the table says otherwise) that these overlap"),
    Column("speakers", "integer", "distinct named people who say them"),
    Column("documents", "integer", "distinct documents they lie in"),
    Column("of_documents", "integer", "documents that could have had one: all of the study, or of the group"),
    Column("reviewed_share", "share", "share of the codings that a person made or accepted; 0 without codings"),
)
"""The columns of ``themes.csv``, which other programs read; they are never renamed."""


def themes(
    study: Study, *, by: str | None = None, codes: Iterable[str] | None = None, level: int | None = None
) -> Table:
    """Return the theme table: one row a code in tree order, those that were found nowhere included, with 0.

    With ``by``, an attribute of documents or of speakers, one more column leads and every group has a row for each
    code and its own denominator. ``codes`` (ids or labels) and ``level`` choose rows, never change counts.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A004 for an unknown attribute.
    """
    rows = chosen_codes(study, codes, level)
    notes = [
        f"A unit is one {study.unit}. A code's row holds its own codings and those of the codes below it.",
        "Codes that were found nowhere are listed with 0. Speech of "
        f"{_listed(study.codebook.roles_left_out)} is context and is not counted.",
    ]
    if by is None:
        counts = tally(study)
        lines = tuple(theme_row(study, code, counts[code.id], len(study.cases)) for code in rows)
        return Table("themes", "Themes", THEME_COLUMNS, lines, study.unit, tuple(notes), book_of(study))
    groups = groups_by(study, by)
    lead = Column(by, "text", "the group: a value of this attribute, or 'not given'")
    grouped: list[tuple[Cell, ...]] = []
    for group in groups:
        counts = tally(study, group.holds)
        of = len(group.documents)
        grouped += [(group.value, *theme_row(study, code, counts[code.id], of)) for code in rows]
    columns = (lead, *THEME_COLUMNS)
    if by in {column.name for column in THEME_COLUMNS}:
        columns = (Column(f"{by} (attribute)", "text", lead.description), *THEME_COLUMNS)
    return Table("themes", f"Themes by {by}", columns, tuple(grouped), study.unit, tuple(notes), book_of(study))


def theme_row(study: Study, code: Code, count: Count, of_documents: int) -> tuple[Cell, ...]:
    """Return one row of the theme table."""
    total = len(count.codings)
    return (
        code.id,
        code.label,
        study.codebook.level(code.id),
        total,
        len(count.segments),
        len(count.speakers),
        len(count.documents),
        of_documents,
        count.reviewed / total if total else 0.0,
    )


def book_of(study: Study) -> dict[str, str]:
    """Return what a table of this study was made with, for its provenance."""
    book = study.codebook
    return {"codebook": book.id, "codebook_version": book.version, "codebook_sha256": book.sha256, "unit": study.unit}


def _listed(roles: tuple[str, ...]) -> str:
    if not roles:
        return "nobody"
    plural = [f"{role}s" for role in roles]
    return plural[0] if len(plural) == 1 else f"{', '.join(plural[:-1])} and {plural[-1]}"
