"""Options that several commands share, each defined once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from qualcode.model.document import Role

__all__ = [
    "PATH", "aliases_of", "book_option", "dry_run_option", "json_option", "project_argument", "quiet_option",
    "reading_options", "roles_of",
]  # fmt: skip

Command = TypeVar("Command", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)

project_argument = click.argument("project", metavar="DIR", type=PATH)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Print results and errors only.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
book_option = click.option("--codebook", metavar="ID", help="Which of the project's codebooks; the first if not given.")


def reading_options(command: Command) -> Command:
    """Add the options that say how transcripts are read."""
    for option in (
        click.option("--speaker-pattern", metavar="REGEX",
                     help="Regular expression for the header of a turn; its group 'label' is the speaker."),
        click.option("--alias", "alias", multiple=True, metavar="WRITTEN=LABEL",
                     help="Another spelling of a speaker's label. May be given again."),
        click.option("--role", "role", multiple=True, metavar="LABEL=ROLE",
                     help=f"A speaker's role: {', '.join(get_args(Role))}. May be given again."),
        click.option("--attributes", type=PATH, metavar="TABLE",
                     help="CSV or XLSX with a row for each transcript, its name in the first column."),
    ):  # fmt: skip
        command = option(command)
    return command


def roles_of(given: tuple[str, ...]) -> dict[str, Role]:
    """Return ``LABEL=ROLE`` pairs as a mapping; a role that does not exist is misuse."""
    from difflib import get_close_matches

    pairs = _pairs(given, "--role", "LABEL=ROLE")
    for label, role in pairs.items():
        if role not in get_args(Role):
            near = get_close_matches(role, get_args(Role), n=1)
            meant = f"Did you mean {near[0]!r}?" if near else f"Roles: {', '.join(get_args(Role))}."
            raise click.BadParameter(f"there is no role {role!r} (for {label!r}). {meant}", param_hint="'--role'")
    return {label: role for label, role in pairs.items() if role in get_args(Role)}  # type: ignore[misc]  # checked above


def aliases_of(given: tuple[str, ...]) -> dict[str, str]:
    """Return ``WRITTEN=LABEL`` pairs as a mapping."""
    return _pairs(given, "--alias", "WRITTEN=LABEL")


def _pairs(given: tuple[str, ...], name: str, form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        left, sign, right = (part.strip() for part in each.rpartition("="))
        if not (left and sign and right):
            raise click.BadParameter(f"{each!r} is not of the form {form}", param_hint=f"'{name}'")
        found[left] = right
    return found
