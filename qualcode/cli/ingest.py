"""``qualcode ingest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qualcode.cli.options import (
    PATH,
    dry_run_option,
    json_option,
    project_argument,
    quiet_option,
    reading_options,
)
from qualcode.cli.output import notes, say, show, show_error, show_json, shown, working

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions

__all__ = ["ingest_command"]


@click.command("ingest")
@project_argument
@click.argument("files", nargs=-1, type=PATH)
@reading_options
@click.option("--forget", is_flag=True, help="Take out documents whose file is no longer in DIR/transcripts.")
@dry_run_option
@json_option
@quiet_option
@click.pass_context
def ingest_command(
    ctx: click.Context,
    project: Path,
    files: tuple[Path, ...],
    attributes: Path | None,
    options: IngestOptions,
    forget: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read transcripts into a project.

    FILES are transcripts, or folders of them; they are copied into DIR/transcripts. Without FILES, those that lie there
    already are read. Reading a file again changes nothing.
    """
    from qualcode.project import Project

    opened = Project(project)
    with working("Reading …", quiet=quiet):
        report = opened.ingest(
            files, attributes=attributes, options=options, forget=forget, dry_run=dry_run,
        )  # fmt: skip
    kinds = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged,
             "removed": report.removed}  # fmt: skip
    if as_json:
        show_json({**{kind: list(names) for kind, names in kinds.items()},
                   "failures": [str(each) for each in report.failures],
                   "warnings": [each.message for each in report.warnings]})  # fmt: skip
    else:
        for kind, names in kinds.items():
            for name in names:
                show(f"{kind:<9}  {shown(name)}")
        if dry_run:
            show("Nothing was written.")
    notes(report.warnings, quiet=quiet)
    for document in report.documents:
        notes((each for each in document.warnings if each.severity != "info"), name=document.name, quiet=quiet)
    for path in report.passed_over:
        say(f"note: {shown(path)} was passed over: it is not a transcript by its name", quiet=quiet)
    for failure in report.failures:
        show_error(failure)
    if report.failures:
        ctx.exit(1)
