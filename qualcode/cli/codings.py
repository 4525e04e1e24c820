"""``qualcode codings``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from qualcode.cli.lines import show_lines
from qualcode.cli.options import (
    book_option,
    choice_options,
    json_option,
    project_argument,
    quiet_option,
    viewer_option,
)
from qualcode.cli.output import FORMATS, command_line, counted, say, show, show_table
from qualcode.model.coding import Status

if TYPE_CHECKING:
    from qualcode.model.table import Table
    from qualcode.project import Project
    from qualcode.review.passages import Standing

__all__ = ["codings_command"]


@click.command("codings")
@project_argument
@choice_options
@click.option("--status", multiple=True, type=click.Choice(get_args(Status)), help="How it stands.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to print.")
@book_option
@viewer_option
@json_option
@quiet_option
def codings_command(
    project: Path,
    choice: Mapping[str, Any],
    status: tuple[str, ...],
    form: str,
    codebook: str | None,
    person: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """List passages and how they stand.

    All, when nothing narrows the choice. The ids are what accept, reject, move, uncode, blame and memo take; the
    beginning of one is enough.
    """
    from qualcode.project import Project

    opened = Project(project, person=person)
    found = opened.chosen(**choice, status=status, codebook=codebook)
    form = "json" if as_json else form
    table = _table(opened, found)
    if form != "text":
        show_table(table, form)
    else:
        rows = [(row["id"], _status(row), row["code"], row["document"], row["quote"]) for row in table]
        show_lines(rows, head=("id", "status", "code", "document", "quote"))
        show(("\n" if rows else "") + f"{counted(len(rows), 'passage')}{_by_status(found)}.")
    _cautions(opened, codebook, quiet)


def _table(project: Project, found: Sequence[Standing]) -> Table:
    from qualcode.model.table import Column, Table

    columns = (
        Column("id", "text", "what names the passage in accept, reject, move, uncode, blame and memo"),
        Column("status", "text", "suggested, accepted, rejected or coded"),
        Column("contested", "text", "yes when one person marks it and another rejects it, and nobody has settled it"),
        Column("code", "text", "id of the code"),
        Column("document", "text", "name of the document"),
        Column("start", "integer", "first character of the passage, in code points of the document's text from 0"),
        Column("end", "integer", "the character after its last"),
        Column("quote", "text", "the passage, letter for letter"),
        Column("coder", "text", "who or what proposed it; person when nobody but the person did"),
        Column("rule", "text", "the rules that spoke for it"),
        Column("decided_by", "text", "who decided; empty while nobody has"),
    )
    documents = {each.id: (number, each.name) for number, each in enumerate(project.documents)}
    ordered = sorted(found, key=lambda each: (documents[each.passage.document_id], each.passage.span, each.code))
    rows = tuple(
        (each.id, each.status, "yes" if each.contested else "no", each.code, documents[each.passage.document_id][1],
         each.passage.span.start, each.passage.span.end, each.passage.quote, each.origin.coder,
         "; ".join(each.origin.rules), "; ".join(each.people))
        for each in ordered
    )  # fmt: skip
    return Table("passages", "Passages and how they stand", columns, rows)


def _status(row: Mapping[str, Any]) -> str:
    return f"{row['status']} (contested)" if row["contested"] == "yes" else str(row["status"])


def _by_status(found: Sequence[Standing]) -> str:
    counts = {name: sum(1 for each in found if each.status == name) for name in get_args(Status)}
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return f": {told}" if told else ""


def _cautions(project: Project, codebook: str | None, quiet: bool) -> None:
    """Say what is not in the list, so that nothing is missing silently."""
    held = project.held(codebook)
    if held.orphans:
        say(f"note: {counted(len(held.orphans), 'coding')} without a place in the present text: "
            f"{command_line('orphans', project.folder)}", quiet=quiet)  # fmt: skip
    if held.unseen:
        say(f"note: people code blind: {counted(held.unseen, 'coding')} of others not shown", quiet=quiet)
