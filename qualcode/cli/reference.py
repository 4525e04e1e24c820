"""``docs/cli.md``, written from what ``--help`` says: ``python -m qualcode.cli.reference > docs/cli.md``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from qualcode.cli.main import COMMANDS, verbs

__all__ = ["reference"]

_HEAD = """\
# The command line

Written from `--help` by `python -m qualcode.cli.reference`; a test compares.

Results go to stdout, notes and progress to stderr. Exit code 0: done; 1: a finding or a failure, told in a sentence; 2:
misuse. `--json` prints a result for programs, `--dry-run` says what would be written. Put `--` before a file whose name
begins with a dash.
"""


def reference() -> str:
    """Return the reference of all commands as Markdown."""
    return "\n".join([_HEAD, *(f"## {name}\n\n```text\n{told}\n```\n" for name, told in _helps())])


def _helps() -> Iterator[tuple[str, str]]:
    """Yield each command as it is typed, with its help."""
    top = click.Context(verbs, info_name="qualcode", terminal_width=100, help_option_names=["-h", "--help"])
    yield "qualcode", verbs.get_help(top)
    for name in COMMANDS:
        command = verbs.get_command(top, name)
        assert command is not None
        ctx = click.Context(command, info_name=name, parent=top)
        yield f"qualcode {name}", command.get_help(ctx)
        for below, inner in command.commands.items() if isinstance(command, click.Group) else ():
            yield f"qualcode {name} {below}", inner.get_help(click.Context(inner, info_name=below, parent=ctx))


if __name__ == "__main__":
    click.echo(reference(), nl=False)
