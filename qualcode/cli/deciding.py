"""``qualcode accept``, ``reject``, ``move`` and ``uncode``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import click

from qualcode.cli.editing import show_edited
from qualcode.cli.options import (
    book_option,
    choice_options,
    dry_run_option,
    is_narrowed,
    json_option,
    person_option,
    project_argument,
    quiet_option,
    reason_option,
)
from qualcode.cli.passages import show_decided

__all__ = ["accept_command", "move_command", "reject_command", "uncode_command"]

_OPTIONS = (
    project_argument,
    choice_options,
    click.option("--all", "everything", is_flag=True, help="All, when nothing else is given."),
    reason_option,
    book_option,
    person_option,
    dry_run_option,
    json_option,
    quiet_option,
)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    return reduce(lambda added, option: option(added), reversed(_OPTIONS), command)


@click.command("accept")
@_options
@click.option("--example", "kind", type=click.Choice(["typical", "atypical"]),
              help="Write the passage (one --id) into its code's examples as well, with --reason.")  # fmt: skip
def accept_command(project: Path, kind: str | None, **options: Any) -> None:
    """Accept what is suggested.

    What is given narrows the choice together. What is decided already is changed only when --id names it.
    """
    if kind is not None:
        _example(project, kind, f"--example {kind}", **options)
    else:
        _decide(project, "accept", "accepted", **options)


@click.command("reject")
@_options
@click.option("--near-miss", is_flag=True,
              help="Write the passage (one --id) into its code's near-misses, with --reason, as well: the codebook's "
              "test fails then until no rule finds it.")  # fmt: skip
def reject_command(project: Path, near_miss: bool, **options: Any) -> None:
    """Reject what is suggested.

    A rejected passage is kept and not counted, and is not suggested again. What is decided already is changed only when
    --id names it.
    """
    if near_miss:
        if not options["reason"].strip():
            raise click.UsageError("A near-miss needs the reason why it is none: --reason TEXT")
        _example(project, "near_miss", "--near-miss", **options)
    else:
        _decide(project, "reject", "rejected", **options)


@click.command("move")
@_options
@click.option("--to", metavar="CODE", required=True, help="The code they belong to; its id or label.")
def move_command(project: Path, to: str, **options: Any) -> None:
    """Put passages under another code.

    A suggestion is rejected under its own code and coded under the new one, in one step.
    """
    _decide(project, "move", f"put under {to}", to=to, **options)


@click.command("uncode")
@_options
def uncode_command(project: Path, **options: Any) -> None:
    """Take back what you decided about passages.

    A suggestion waits again; what was coded by hand is no longer coded. The ledger keeps both.
    """
    _decide(project, "uncode", "taken back", **options)


def _decide(
    project: Path,
    verb: str,
    told: str,
    *,
    choice: Mapping[str, Any],
    everything: bool,
    reason: str,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **more: str,
) -> None:
    from qualcode.project import Project

    if not everything and not is_narrowed(choice):
        raise click.UsageError("Say which passages: --id, --code, --rule, --coder, --document or --where; or --all.")
    opened = Project(project, person=person)
    done = getattr(opened, verb)(**choice, **more, all=everything, codebook=codebook, reason=reason, dry_run=dry_run)
    show_decided(opened, done, told, codebook=codebook, dry_run=dry_run, as_json=as_json, quiet=quiet)


def _example(
    project: Path,
    kind: str,
    option: str,
    *,
    choice: Mapping[str, Any],
    everything: bool,
    reason: str,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from qualcode.project import Project

    (ids, *others) = (choice["ids"], everything, *(value for name, value in choice.items() if name != "ids"))
    if len(ids) != 1 or any(others):
        raise click.UsageError(f"{option} is for one passage: name it with --id ID, and nothing else.")
    opened = Project(project, person=person)
    done = opened.near_miss(ids[0], why=reason, kind=kind, codebook=codebook, dry_run=dry_run)
    show_edited(opened, done, dry_run=dry_run, as_json=as_json, quiet=quiet)
