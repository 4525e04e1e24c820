"""``qualcode verify``, ``backup`` and ``restore``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from qualcode.cli.options import PATH, dry_run_option, json_option, project_argument, quiet_option
from qualcode.cli.output import command_line, counted, path_text, say, show, show_json, shown, working

__all__ = ["backup_command", "restore_command", "verify_command"]


@click.command("verify")
@project_argument
@json_option
@quiet_option
@click.pass_context
def verify_command(ctx: click.Context, project: Path, as_json: bool, quiet: bool) -> None:
    """Check that the project's database adds up.

    The file, every step of the ledger, the state that follows from them, the texts and the words of each coding. Exit
    code 1 when something does not.
    """
    from qualcode.project import Project

    opened = Project(project)
    with working("Checking …", quiet=quiet):
        found = opened.verify()
    if as_json:
        show_json([asdict(each) for each in found])
    else:
        for each in found:
            show(f"{each.code}: {shown(each.message)}")
        show("Everything adds up." if not found else f"{counted(len(found), 'finding')}.")
    if found:
        say(f"Go back to a backup: {command_line('restore', project, 'BACKUP')}", quiet=quiet)
        ctx.exit(1)


@click.command("backup")
@project_argument
@click.argument("file", required=False, type=PATH)
@dry_run_option
@quiet_option
def backup_command(project: Path, file: Path | None, dry_run: bool, quiet: bool) -> None:
    """Write a copy of the project's database.

    FILE is new; without one, it is named after the moment in DIR/backups. The copy is whole even while somebody works.
    Transcripts and codebooks are files of their own: copy the folder to keep these.
    """
    from qualcode.project import Project

    path = Project(project).backup(file, dry_run=dry_run)
    show(f"{path_text(path)} would be written." if dry_run else path_text(path))
    if not dry_run:
        say(f"The way back: {command_line('restore', project, path)}", quiet=quiet)


@click.command("restore")
@project_argument
@click.argument("file", metavar="BACKUP", type=PATH)
@dry_run_option
@quiet_option
def restore_command(project: Path, file: Path, dry_run: bool, quiet: bool) -> None:
    """Put a backup in the place of the project's database.

    The present one is kept beside it.
    """
    from qualcode.project import Project

    before = _kept(project)
    opened = Project.restore(project, file, dry_run=dry_run)
    if dry_run:
        show(f"{path_text(file)} would take the place of the database; nothing was written.")
        return
    show(f"{path_text(file)} is the project's database now.")
    for path in sorted(_kept(project) - before):
        say(f"The earlier one is kept: {path_text(path)}", quiet=quiet)
    say(f"Next: {command_line('log', opened.folder)}", quiet=quiet)


def _kept(project: Path) -> set[Path]:
    return set(project.glob("*.before-restore-*.bak"))
