"""``qualcode demo``."""

from __future__ import annotations

from pathlib import Path

import click

from qualcode.cli.options import PATH, json_option, quiet_option
from qualcode.cli.outcome import show_run
from qualcode.cli.output import command_line, say, working

__all__ = ["EXAMPLE", "demo_command"]

EXAMPLE = "trust NEAR/8 (they | staff | parent)"
"""A query to begin with: it finds something in the study."""


@click.command("demo")
@click.argument("study", default="hope-challenge")
@click.option("--out", type=PATH, metavar="DIR", help="The new project's folder; named after the study if not given.")
@json_option
@quiet_option
@click.pass_context
def demo_command(ctx: click.Context, study: str, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Copy a bundled study, code it, and write its report.

    DIR becomes a project that you can look around in: transcripts, settings, database, and the results in output/.
    Doing it again in the same folder makes the results anew.
    """
    from qualcode.project import demo

    with working(f"Reading and coding {study} …", quiet=quiet):
        result = demo(study, out)
    show_run(ctx, result, as_json=as_json, quiet=quiet)
    if result.project is not None:
        say(f"Look around: {command_line('search', result.project, EXAMPLE)}", quiet=quiet)
