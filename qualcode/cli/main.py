"""The ``qualcode`` command: a group that loads a command only when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from qualcode.cli.groups import HelpfulGroup
from qualcode.errors import QualcodeError

__all__ = ["COMMANDS", "main", "verbs"]

# The package's public names reach into every room; a face that imported them would lean on the other faces.
_VERSION: str = import_module("qualcode").__version__

COMMANDS = {
    "demo": "Copy a bundled study, code it, and write its report.",
    "run": "Go the whole way from transcripts to a report, without a project.",
    "inspect": "Show what would be read: format, speakers, roles, turns, warnings.",
    "init": "Make a project folder.",
    "ingest": "Read transcripts into a project.",
    "codebook": "List, show, check, test, compare and begin codebooks.",
    "code": "Code a project's transcripts.",
    "search": "Find words in context, and count them.",
    "table": "Print a table of a coded project.",
    "report": "Write a coded project's report.",
    "export": "Write a coded project's tables as files.",
}
"""Commands in the order of a study, with what ``--help`` says of each: known without loading any."""


class Verbs(HelpfulGroup):
    """A group whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands, in the order of a study."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, loading its module; ``None`` for a name that is not there."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"qualcode.cli.{cmd_name}"), f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    try:
        status = verbs.main(
            args=list(arguments) if arguments is not None else None, prog_name="qualcode", standalone_mode=False
        )
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except QualcodeError as error:
        from qualcode.cli.output import show_error

        show_error(error)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)
