"""``qualcode report``."""

from __future__ import annotations

from pathlib import Path

import click

from qualcode.cli.options import PATH, book_option, dry_run_option, project_argument, quiet_option, viewer_option
from qualcode.cli.output import path_text, say, show, working

__all__ = ["report_command"]


@click.command("report")
@project_argument
@click.option("--out", type=PATH, metavar="FILE", help="Where to; DIR/output/report.html if not given.")
@click.option("--topics", type=click.IntRange(min=2), metavar="N", help="With a chapter on so many topics in the talk.")
@book_option
@viewer_option
@dry_run_option
@quiet_option
def report_command(
    project: Path, out: Path | None, topics: int | None, codebook: str | None, person: str | None, dry_run: bool,
    quiet: bool,
) -> None:  # fmt: skip
    """Write a coded project's report: one HTML file that needs nothing else."""
    from qualcode.project import Project

    opened = Project(project, person=person)
    with working("Writing the report …", quiet=quiet):
        path = opened.report(out, codebook=codebook, topics=topics, dry_run=dry_run)
    outdated = opened.outdated()
    if outdated:
        say(f"note: {outdated}", quiet=quiet)
    show(f"{path_text(path)} would be written." if dry_run else path_text(path))
