"""``qualcode undo`` and ``redo``."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.options import dry_run_option, json_option, person_option, project_argument, quiet_option
from qualcode.cli.output import command_line, path_text, say, show, show_json, shown
from qualcode.cli.passages import signed
from qualcode.errors import LedgerError

if TYPE_CHECKING:
    from qualcode.model.ledger import Operation

__all__ = ["redo_command", "undo_command"]

_OPTIONS = (
    project_argument,
    click.option("--steps", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="How many."),
    click.option("--anyone", is_flag=True, help="Steps of others as well."),
    click.option("--force", is_flag=True,
                 help="Though a codebook's file was changed since; what was changed is kept beside it."),
    person_option,
    dry_run_option,
    json_option,
    quiet_option,
)  # fmt: skip


def _options(command: Callable[..., None]) -> Callable[..., None]:
    return reduce(lambda added, option: option(added), reversed(_OPTIONS), command)


@click.command("undo")
@_options
def undo_command(project: Path, **options: Any) -> None:
    """Take back your latest step.

    Everything can be taken back, to the first step: decisions, notes, codebook changes, merges, runs. With --dry-run
    the next step only is told.
    """
    _turn(project, "undo", "taken back", **options)


@click.command("redo")
@_options
def redo_command(project: Path, **options: Any) -> None:
    """Do again what was undone.

    As long as nothing else was done since.
    """
    _turn(project, "redo", "done again", **options)


def _turn(
    project: Path,
    verb: str,
    told: str,
    *,
    steps: int,
    anyone: bool,
    force: bool,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from qualcode.project import Project

    opened = Project(project, person=person)
    operations: list[Operation] = []
    files: list[Path] = []
    failure: Exception | None = None
    # Step by step, so that what was done is told even when there are fewer steps than asked for.
    for _ in range(1 if dry_run else steps):
        try:
            turned = getattr(opened, verb)(anyone=anyone, force=force, dry_run=dry_run)
        except LedgerError as error:
            failure = error
            break
        operations += turned.operations
        files += turned.files
    if as_json and (operations or failure is None):
        show_json({"verb": verb, "dry_run": dry_run, "files": [str(each) for each in dict.fromkeys(files)],
                   "operations": [_data(each) for each in operations]})  # fmt: skip
    elif not as_json:
        for each in operations:
            show(f"{'would be ' if dry_run else ''}{told}: {shown(each.verb)}, {shown(each.summary)} "
                 f"({shown(each.person)}, {each.at[:16].replace('T', ' ')})")  # fmt: skip
        for path in dict.fromkeys(files):
            show(path_text(path))
        if dry_run:
            show("Nothing was written." if operations else f"There is nothing to {verb}.")
            if operations and steps > 1:
                say(f"note: only the first of {steps} steps is told; all: {command_line('log', project)}", quiet=quiet)
    if failure is not None:
        raise failure
    if not dry_run:
        back = "redo" if verb == "undo" else "undo"
        say(f"{'Do it again' if back == 'redo' else 'Take it back'}: {signed(opened, back)}", quiet=quiet)


def _data(operation: Operation) -> dict[str, Any]:
    return {"step": operation.id, "at": operation.at, "person": operation.person, "verb": operation.verb,
            "summary": operation.summary}  # fmt: skip
