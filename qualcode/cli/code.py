"""``qualcode code``."""

from __future__ import annotations

from pathlib import Path

import click

from qualcode.cli.options import dry_run_option, json_option, project_argument, quiet_option
from qualcode.cli.output import command_line, counted, say, show, show_json, shown, working

__all__ = ["code_command"]


@click.command("code")
@project_argument
@dry_run_option
@json_option
@quiet_option
def code_command(project: Path, dry_run: bool, as_json: bool, quiet: bool) -> None:
    """Code a project's transcripts.

    Runs the coders that DIR/qualcode.yaml names, with all its codebooks; what they suggested before is replaced.
    """
    from qualcode.project import Project

    opened = Project(project)
    with working("Coding …", quiet=quiet):
        done = opened.code(dry_run=dry_run)
    found = len({each.code for each in done})
    if as_json:
        show_json(
            {"codebook": done.codebook.id, "documents": len(done.documents), "codings": len(done), "codes": found}
        )
    else:
        documents = counted(len(done.documents), "document")
        show(f"{counted(len(done), 'coding')} of {counted(found, 'code')} in {documents}, with "
             f"{done.codebook.id} {shown(done.codebook.version)}")  # fmt: skip
        if dry_run:
            show("Nothing was written.")
    if not dry_run:
        say(f"Next: {command_line('table', 'themes', project)}", quiet=quiet)
