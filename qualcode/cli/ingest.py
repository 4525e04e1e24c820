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
from qualcode.cli.output import (
    command_line,
    counted,
    document_notes,
    notes,
    say,
    show,
    show_error,
    show_json,
    shown,
    working,
)
from qualcode.errors import QualcodeError

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions
    from qualcode.project import Project as OpenProject

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
    already are read. Reading a file again changes nothing. Codings go along with their words; those whose words were
    changed are said to be without a place.
    """
    from qualcode.project import Project

    opened = Project(project)
    with working("Reading …", quiet=quiet):
        report = opened.ingest(
            files, attributes=attributes, options=options, forget=forget, dry_run=dry_run,
        )  # fmt: skip
    kinds = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged,
             "removed": report.removed}  # fmt: skip
    moved = bool(report.replaced or report.removed or report.renamed)
    orphans = _orphans(opened) if moved and not dry_run else 0
    if as_json:
        show_json({**{kind: list(names) for kind, names in kinds.items()},
                   "renamed": dict(report.renamed), "orphans": orphans,
                   "failures": [str(each) for each in report.failures],
                   "warnings": [each.message for each in report.warnings]})  # fmt: skip
    else:
        for old, new in report.renamed.items():
            show(f"{'renamed':<9}  {shown(old)} → {shown(new)}")
        told = {*report.renamed, *report.renamed.values()}
        for kind, names in kinds.items():
            for name in names:
                if name not in told:
                    show(f"{kind:<9}  {shown(name)}")
        if dry_run:
            show("Nothing was written.")
    notes(report.warnings, quiet=quiet)
    document_notes(report.documents, quiet=quiet)
    for path in report.passed_over:
        say(f"note: {shown(path)} was passed over: it is not a transcript by its name", quiet=quiet)
    for failure in report.failures:
        show_error(failure)
    if orphans:
        say(f"note: {counted(orphans, 'coding')} without a place in the present text: "
            f"{command_line('orphans', project)}", quiet=quiet)  # fmt: skip
    if (moved or report.added) and not dry_run and not as_json:
        say(f"Next: {command_line('code', project)}", quiet=quiet)
    if report.failures:
        ctx.exit(1)


def _orphans(project: OpenProject) -> int:
    """Return how many codings have no place now; none can be told while a codebook is not sound."""
    try:
        return len(project.orphans())
    except QualcodeError:
        return 0
