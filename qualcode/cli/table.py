"""``qualcode table``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from qualcode.cli.options import book_option, json_option, project_argument, quiet_option
from qualcode.cli.output import FORMATS, command_line, show, show_matrix, show_table, working

__all__ = ["table_command"]


@click.command("table")
@click.argument("name", metavar="NAME")
@project_argument
@click.option("--by", metavar="ATTRIBUTE", help="A table for each value of an attribute, for example ofsted_grade.")
@click.option("--facet", default="stance", metavar="FACET", show_default=True, help="Whose values 'facets' counts.")
@click.option("--long", is_flag=True, help="'matrix' as a file with a row for each theme and document.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to print.")
@book_option
@json_option
@quiet_option
def table_command(
    name: str,
    project: Path,
    by: str | None,
    facet: str,
    long: bool,
    form: str,
    codebook: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Print a table of a coded project.

    \b
    NAME is one of
      themes   codings, segments, speakers and documents of each code
      matrix   codes by documents, with counts and a quote each
      spread   in how many documents and speakers, beside the volume
      facets   codes by stance (or another facet)
      uncoded  what share of each document no code touches
    """
    from qualcode.project import Project
    from qualcode.project.coding import TABLES, check_table

    if name not in TABLES and str(project) in TABLES:
        raise click.UsageError(f"The table is named first: {command_line('table', project, name)}")
    check_table(name)  # a slip in the name is told before anything is opened
    opened = Project(project)
    form = "json" if as_json else form
    readable = name == "matrix" and form == "text"
    with working("Counting …", quiet=quiet):
        table = opened.table(name, by=by, codebook=codebook, facet=facet, wide=not long and not readable)
    if readable and by is None:
        show_matrix(table)
    elif readable:
        lead = table.columns[0].name
        for value in dict.fromkeys(table.column(lead)):
            show_matrix(replace(table.filter(**{lead: value}), title=f"{table.title}: {value}"))
            show("")
    else:
        show_table(table, form)
