"""``qualcode init``."""

from __future__ import annotations

from pathlib import Path

import click

from qualcode.cli.options import PATH, dry_run_option, quiet_option
from qualcode.cli.output import command_line, path_text, say, show

__all__ = ["init_command"]


@click.command("init")
@click.argument("project", metavar="DIR", type=PATH)
@click.option("--title", help="The study's title; the folder's name if not given.")
@click.option("--codebook", metavar="NAME",
              help="A shipped codebook or a YAML file; without, one to start from is put into codebooks/.")  # fmt: skip
@dry_run_option
@quiet_option
def init_command(project: Path, title: str | None, codebook: str | None, dry_run: bool, quiet: bool) -> None:
    """Make a project folder.

    DIR may exist when it is empty or holds nothing but transcripts/, codebooks/ and notes.
    """
    from qualcode.project import Project

    Project.create(project, title=title, codebook=codebook, dry_run=dry_run)
    if dry_run:
        show(f"A project would be made in {path_text(project)}; nothing was written.")
        return
    show(path_text(project))
    say(f"Next: {command_line('ingest', project)} FILES…", quiet=quiet)
