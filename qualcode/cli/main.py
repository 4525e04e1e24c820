"""The ``qualcode`` command: a group that loads a command only when it is called."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import FrameType

import click

from qualcode.cli.groups import HelpfulGroup
from qualcode.errors import QualcodeError

__all__ = ["COMMANDS", "SECTIONS", "main", "verbs"]

# The package's public names reach into every room; a face that imported them would lean on the other faces.
_VERSION: str = import_module("qualcode").__version__

SECTIONS = {
    "Begin": {
        "demo": "Copy a bundled study, code it, and write its report.",
        "run": "Go the whole way from transcripts to a report, without a project.",
        "inspect": "Show what would be read: format, speakers, roles, turns, warnings.",
        "init": "Make a project folder.",
        "ingest": "Read transcripts into a project.",
        "codebook": "List, show, check, test, compare, begin and change codebooks.",
    },
    "Code and decide": {
        "code": "Code a project's transcripts, or a passage by hand.",
        "codings": "List passages and how they stand.",
        "accept": "Accept what is suggested.",
        "reject": "Reject what is suggested.",
        "move": "Put passages under another code.",
        "uncode": "Take back what you decided about passages.",
        "memo": "Write a note, or list, change and remove notes.",
        "sample": "Draw a random sample to code by hand: it puts the machine's counts right.",
        "queue": "List what to read next, best first, and why.",
        "read": "Read passages one by one for a code, what matters first.",
        "stopping": "Say how much of a code is found, and whether to stop.",
        "simulate": "Read a coded project again in each order, and see how soon each finds it.",
    },
    "Look": {
        "search": "Find words in context, and count them.",
        "table": "Print a table of a coded project.",
        "topics": "Find topics in the talk: compare models, and show one topic by topic.",
        "evaluate": "Say how good the machine's coding is, held against coding by hand.",
        "report": "Write a coded project's report.",
        "export": "Write a coded project's tables as files.",
    },
    "Together": {
        "blind": "Begin to code blind: nobody sees what others decide.",
        "done": "Note that you have worked through documents.",
        "release": "End coding blind: everybody sees everything.",
        "merge": "Take over the work in other people's projects.",
        "conflicts": "Show where one person marks a passage and another rejects it.",
        "adjudicate": "Settle a conflict.",
    },
    "Trust": {
        "log": "Show what was done, by whom and when.",
        "blame": "Show all that is known of a coding.",
        "undo": "Take back your latest step.",
        "redo": "Do again what was undone.",
        "orphans": "List codings that have no place in the present text.",
        "place": "Put orphans at a place in the present text.",
        "verify": "Check that the project's database adds up.",
        "backup": "Write a copy of the project's database.",
        "restore": "Put a backup in the place of the project's database.",
    },
}
"""Headings and commands in the order of a study, with what ``--help`` says of each: known without loading any."""

COMMANDS = {name: told for names in SECTIONS.values() for name, told in names.items()}

_HOMES = {
    "accept": "deciding", "reject": "deciding", "move": "deciding", "uncode": "deciding",
    "blind": "sharing", "done": "sharing", "release": "sharing", "merge": "sharing",
    "conflicts": "settling", "adjudicate": "settling", "stopping": "queue",
    "log": "history", "blame": "history", "undo": "turning", "redo": "turning",
    "orphans": "orphans", "place": "orphans",
    "verify": "keeping", "backup": "keeping", "restore": "keeping",
}  # fmt: skip
"""Modules of the commands that do not have one of their own name."""


class Verbs(HelpfulGroup):
    """A group whose commands are loaded when they are called."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return a command, loading its module; ``None`` for a name that is not there."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"qualcode.cli.{_HOMES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def told(self, ctx: click.Context, name: str) -> str:  # noqa: ARG002
        """Return what the list of commands says of one, without loading it."""
        return COMMANDS[name]


@click.group(
    cls=Verbs, headings=SECTIONS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(_VERSION, "--version", prog_name="qualcode", message="%(prog)s %(version)s")
def verbs() -> None:
    """Code interview transcripts against a codebook.

    Begin with: qualcode demo
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the program: 0 done, 1 findings or failure, 2 misuse, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # an old terminal shows ? for what it does not have, rather than fail
    with _interrupts() as interrupted:
        try:
            status = verbs.main(
                args=list(arguments) if arguments is not None else None, prog_name="qualcode", standalone_mode=False
            )
        except click.exceptions.Abort:
            sys.exit(130)
        except click.ClickException as error:
            error.show()
            _say_option_of_ids(error)
            sys.exit(error.exit_code)
        except QualcodeError as error:
            if interrupted:
                sys.exit(130)
            from qualcode.cli.output import show_error

            show_error(error)
            sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def _say_option_of_ids(error: click.ClickException) -> None:
    """Say how a passage is named to who wrote its id behind a command that takes it as an option."""
    command = error.ctx.command if isinstance(error, click.UsageError) and error.ctx is not None else None
    takes_ids = command is not None and any("--id" in each.opts for each in command.params)
    if takes_ids and error.message.startswith("Got unexpected extra argument"):
        click.echo("A passage is named with --id ID.", err=True)


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Yield a list that has something in it once the person has interrupted the program.

    A library that calls Python from compiled code may swallow the interrupt and go on as though its question had been
    answered with no; the error that follows is then not one to be told.
    """
    seen: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield seen
        return

    def noted(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, noted)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
