"""Options that several commands share, each defined once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, cast, get_args

import click

from qualcode.model.document import Role

__all__ = [
    "PATH",
    "SPAN",
    "book_option",
    "choice_options",
    "dry_run_option",
    "is_narrowed",
    "json_option",
    "page_option",
    "pairs_of",
    "person_option",
    "project_argument",
    "quiet_option",
    "reading_options",
    "reason_option",
    "viewer_option",
]


class PathName(click.ParamType[Path]):
    """A file or folder by name. An empty name (of an unset shell variable) would mean the folder one is in."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path; raises click's usage error for an empty name."""
        if value == "":
            self.fail("the name is empty", param, ctx)
        return Path(value)


PATH = PathName()


class SpanName(click.ParamType[tuple[int, int]]):
    """A place in a text: ``START:END`` in code points, half-open."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return both offsets; raises click's usage error for what is no span."""
        if isinstance(value, tuple):
            return cast(tuple[int, int], value)
        start, sign, end = str(value).partition(":")
        try:
            found = int(start), int(end)
        except ValueError:
            found = (0, 0)
        if not sign or not 0 <= found[0] < found[1]:
            self.fail(f"{value!r} is not of the form START:END, for example 120:185", param, ctx)
        return found


SPAN = SpanName()

project_argument = click.argument("project", metavar="DIR", type=PATH)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Print results and errors only.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
book_option = click.option("--codebook", metavar="ID", help="Which of the project's codebooks; the first if not given.")
person_option = click.option(
    "--person", metavar="NAME", help="Who decides; QUALCODE_PERSON or the account's name if not given."
)
viewer_option = click.option(
    "--person", metavar="NAME", help="Who looks, which matters while people code blind; as in 'accept' if not given."
)


def page_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that ask for a page to work from, in the place of a list."""
    for option in (
        click.option("--out", type=PATH, metavar="FILE", help="Where to write the page; DIR/output if not given."),
        click.option("--page", is_flag=True, help="Write an HTML page to work from instead, and print where."),
    ):
        command = option(command)
    return command


reason_option = click.option("--reason", default="", metavar="TEXT", help="Why; it stays with the decision.")


def choice_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose passages; the command gets them as one ``choice``, a mapping of keywords."""

    @wraps(command)
    def with_choice(*arguments: Any, **others: Any) -> None:
        choice = {name: others.pop(name) for name in _CHOICE}
        command(*arguments, choice=choice, **others)

    added: Callable[..., None] = with_choice
    for option in reversed(_CHOOSING):
        added = option(added)
    return added


def is_narrowed(choice: Mapping[str, Any]) -> bool:
    """Return whether any option of a choice was given."""
    return any(value not in (None, ()) for value in choice.values())


_CHOICE = ("ids", "code", "rule", "coder", "document", "where")

_CHOOSING = (
    click.option("--id", "ids", multiple=True, metavar="ID",
                 help="A passage, or the beginning of its id, as 'codings' lists it. May be given again, as all of "
                 "these."),
    click.option("--code", multiple=True, metavar="CODE", help="Id or label; it stands for the codes below it too."),
    click.option("--rule", multiple=True, metavar="ID", help="What a rule suggests."),
    click.option("--coder", multiple=True, metavar="NAME", help="What a coder suggests ('person': coded by hand)."),
    click.option("--document", multiple=True, metavar="NAME", help="In one document."),
    click.option("--where", metavar="QUERY", help="Passages that a hit of a query touches."),
)  # fmt: skip


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how transcripts are read; the command gets them as one ``options``."""

    @wraps(command)
    def with_options(
        *arguments: Any,
        role: tuple[str, ...],
        alias: tuple[str, ...],
        column: tuple[str, ...],
        **others: Any,
    ) -> None:
        from qualcode.ingest import IngestOptions

        plain = {name: others.pop(name) for name in _PLAIN}
        options = IngestOptions(
            roles=_roles(role),
            aliases=pairs_of(alias, "--alias", "WRITTEN=LABEL"),
            columns=pairs_of(column, "--column", "MEANING=NAME"),
            **{name: value for name, value in plain.items() if value is not None},
        )
        command(*arguments, options=options, **others)

    added: Callable[..., None] = with_options
    for option in reversed(_READING):
        added = option(added)
    return added


_PLAIN = ("encoding", "speaker_pattern", "default_speaker", "lenient_labels", "stamp_position", "sheet", "format")

_READING = (
    click.option("--attributes", type=PATH, metavar="TABLE",
                 help="CSV or XLSX with a row for each transcript, its name in the first column."),
    click.option("--role", multiple=True, metavar="LABEL=ROLE",
                 help=f"A speaker's role: {', '.join(get_args(Role))}. May be given again."),
    click.option("--alias", multiple=True, metavar="WRITTEN=LABEL",
                 help="Another spelling of a speaker's label. May be given again."),
    click.option("--speaker-pattern", metavar="REGEX",
                 help="Regular expression for the header of a turn; its group 'label' is the speaker."),
    click.option("--default-speaker", metavar="LABEL", help="Whose speech it is where nobody is named."),
    click.option("--lenient-labels", is_flag=True, default=None,
                 help="Split at a known label that lacks its colon as well."),
    click.option("--stamp-position", type=click.Choice(["auto", "start", "end"]),
                 help="Whether a time stamp opens or closes its turn."),
    click.option("--encoding", metavar="NAME", help="Encoding of text files, for example cp1252."),
    click.option("--format", metavar="NAME", help="Read the files as this format, whatever they look like."),
    click.option("--sheet", metavar="NAME", help="The worksheet to read."),
    click.option("--column", multiple=True, metavar="MEANING=NAME",
                 help="What a table's column holds, for example speaker=Who. May be given again."),
)  # fmt: skip


def _roles(given: tuple[str, ...]) -> dict[str, Role]:
    """Return ``LABEL=ROLE`` pairs as a mapping; a role that does not exist is misuse."""
    from difflib import get_close_matches

    pairs = pairs_of(given, "--role", "LABEL=ROLE")
    for label, role in pairs.items():
        if role not in get_args(Role):
            near = get_close_matches(role, get_args(Role), n=1)
            meant = f"Did you mean {near[0]!r}?" if near else f"Roles: {', '.join(get_args(Role))}."
            raise click.BadParameter(f"there is no role {role!r} (for {label!r}). {meant}", param_hint="'--role'")
    return {label: cast(Role, role) for label, role in pairs.items()}


def pairs_of(given: tuple[str, ...], name: str, form: str) -> dict[str, str]:
    """Return what is given as ``LEFT=RIGHT`` as a mapping; another form is misuse."""
    found: dict[str, str] = {}
    for each in given:
        left, sign, right = (part.strip() for part in each.rpartition("="))
        if not (left and sign and right):
            raise click.BadParameter(f"{each!r} is not of the form {form}", param_hint=f"'{name}'")
        found[left] = right
    return found
