"""``qualcode export``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from qualcode.cli.options import PATH, book_option, dry_run_option, project_argument, quiet_option, viewer_option
from qualcode.cli.output import path_text, say, show

__all__ = ["export_command"]


@click.command("export")
@project_argument
@click.option("--format", "form", type=click.Choice(["csv"]), default="csv", show_default=True, help="Of the files.")
@click.option("--out", type=PATH, metavar="FOLDER", help="Where to; DIR/output if not given.")
@book_option
@viewer_option
@dry_run_option
@quiet_option
def export_command(
    project: Path,
    form: Literal["csv"],
    out: Path | None,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Write a coded project's tables as files: codings.csv and themes.csv."""
    from qualcode.project import Project

    opened = Project(project, person=person)
    paths = opened.export(form, out, codebook=codebook, dry_run=dry_run)
    outdated = opened.outdated()
    if outdated:
        say(f"note: {outdated}", quiet=quiet)
    for path in paths:
        show(f"{path_text(path)} would be written." if dry_run else path_text(path))
