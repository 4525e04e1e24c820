"""``qualcode blind``, ``done``, ``release`` and ``merge``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qualcode.cli.options import (
    PATH,
    book_option,
    dry_run_option,
    json_option,
    person_option,
    project_argument,
    quiet_option,
)
from qualcode.cli.output import command_line, counted, facts, listed, path_text, say, show, show_json, shown
from qualcode.cli.passages import signed

if TYPE_CHECKING:
    from qualcode.model.ledger import Operation

__all__ = ["blind_command", "done_command", "merge_command", "release_command"]

LISTED = 10
"""Names of documents that are told one by one."""


@click.command("blind")
@project_argument
@click.option("--machine", is_flag=True, help="Hide what the machine suggests as well.")
@person_option
@dry_run_option
@json_option
@quiet_option
def blind_command(project: Path, machine: bool, person: str | None, dry_run: bool, as_json: bool, quiet: bool) -> None:
    """Begin to code blind: nobody sees what others decide.

    Until 'release', everybody sees only codings and notes of their own.
    """
    from qualcode.project import Project

    operation = Project(project, person=person).blind(machine=machine, dry_run=dry_run)
    _show_operation(operation, dry_run=dry_run, as_json=as_json)
    if not dry_run and not as_json:
        say(f"When all are done: {command_line('release', project)}", quiet=quiet)


@click.command("release")
@project_argument
@person_option
@dry_run_option
@json_option
@quiet_option
def release_command(project: Path, person: str | None, dry_run: bool, as_json: bool, quiet: bool) -> None:
    """End coding blind: everybody sees everything."""
    from qualcode.project import Project

    operation = Project(project, person=person).release(dry_run=dry_run)
    _show_operation(operation, dry_run=dry_run, as_json=as_json)
    if not dry_run and not as_json:
        say(f"Next: {command_line('conflicts', project)}", quiet=quiet)


@click.command("done")
@project_argument
@click.argument("documents", metavar="DOCUMENT…", nargs=-1, required=True)
@click.option("--not", "undone", is_flag=True, help="You have not: take the mark away.")
@book_option
@person_option
@dry_run_option
@json_option
def done_command(
    project: Path,
    documents: tuple[str, ...],
    undone: bool,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Note that you have worked through documents.

    What you did not code in them is then a "no" when agreement is measured, not a gap.
    """
    from qualcode.project import Project

    opened = Project(project, person=person)
    operation = opened.done(documents, undone=undone, codebook=codebook, dry_run=dry_run)
    _show_operation(operation, dry_run=dry_run, as_json=as_json)


@click.command("merge")
@project_argument
@click.argument("theirs", metavar="THEIRS…", nargs=-1, required=True, type=PATH)
@person_option
@dry_run_option
@json_option
@quiet_option
def merge_command(
    project: Path, theirs: tuple[Path, ...], person: str | None, dry_run: bool, as_json: bool, quiet: bool
) -> None:
    """Take over the work in other people's projects.

    THEIRS are project folders, or their project.db; they stay as they are. What is here already is not taken twice, so
    merging again, or in another order, comes to the same.
    """
    from qualcode.project import Project

    opened = Project(project, person=person)
    merged = opened.merge(*theirs, dry_run=dry_run)
    if as_json:
        show_json({
            "dry_run": dry_run, "operations": merged.operations, "people": list(merged.people),
            "documents": list(merged.documents), "differing": list(merged.differing), "orphans": merged.orphans,
            "conflicts": [each.id for each in merged.conflicts], "codebooks": list(merged.codebooks),
            "followed": list(merged.followed), "files": [str(each) for each in merged.files],
            "left_out": list(merged.left_out),
        })  # fmt: skip
        return
    told = {
        "steps": merged.operations,
        "by": ", ".join(merged.people),
        "new documents": listed(merged.documents, LISTED),
        "other wording": ", ".join(merged.differing),
        "codebooks changed": ", ".join(merged.followed),
        "orphans": merged.orphans,
        "conflicts": len(merged.conflicts),
    }
    show(facts({name: value for name, value in told.items() if value or name == "steps"}))
    for path in merged.files:
        show(path_text(path))
    if dry_run:
        show("This would come in; nothing was written.")
    if merged.documents:
        say(f"note: {counted(len(merged.documents), 'document')} that your project did not have. Is theirs the same "
            "study?", quiet=quiet)  # fmt: skip
    for name in merged.codebooks:
        say(f"note: they worked with another wording of the codebook {shown(name)}; yours stays. See: "
            f"{command_line('codebook', 'diff', 'YOURS', 'THEIRS', '--project', project)}", quiet=quiet)  # fmt: skip
    for name in merged.left_out:
        say(f"note: {shown(name)} was taken out of your project and stays out; to have it back, ingest its file again",
            quiet=quiet)  # fmt: skip
    if merged.orphans:
        say(f"note: {counted(merged.orphans, 'coding')} without a place in your texts: "
            f"{command_line('orphans', project)}", quiet=quiet)  # fmt: skip
    if not dry_run:
        if merged.operations:
            say(f"Take it back: {signed(opened, 'undo')}", quiet=quiet)
        verb = "conflicts" if merged.conflicts else "log"
        books = dict.fromkeys(each.codebook for each in merged.conflicts)
        more = () if not books or opened.held().book.id in books else ("--codebook", next(iter(books)))
        say(f"Next: {command_line(verb, project, *more)}", quiet=quiet)


def _show_operation(operation: Operation, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        show_json({"step": operation.id, "verb": operation.verb, "person": operation.person,
                   "summary": operation.summary, "dry_run": dry_run})  # fmt: skip
        return
    show(f"{shown(operation.summary)} ({shown(operation.person)})")
    if dry_run:
        show("Nothing was written.")
