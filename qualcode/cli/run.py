"""``qualcode run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qualcode.cli.options import (
    PATH,
    dry_run_option,
    json_option,
    quiet_option,
    reading_options,
)
from qualcode.cli.outcome import show_run
from qualcode.cli.output import working

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions

__all__ = ["run_command"]


@click.command("run")
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option(
    "--codebook", required=True, metavar="NAME", help="A shipped codebook (NAME or NAME@VARIANT), or a YAML file."
)
@click.option("--out", required=True, type=PATH, metavar="DIR", help="A new or empty folder for the results.")
@click.option("--title", help="The report's title.")
@click.option("--model", metavar="NAME", help="A spaCy model that is installed here, for lemmas and tags.")
@reading_options
@click.option("--force", is_flag=True, help="Write into DIR whatever else it holds.")
@dry_run_option
@json_option
@quiet_option
@click.pass_context
def run_command(
    ctx: click.Context,
    files: tuple[Path, ...],
    codebook: str,
    out: Path,
    title: str | None,
    model: str | None,
    attributes: Path | None,
    options: IngestOptions,
    force: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Go the whole way from transcripts to a report, without a project.

    FILES are transcripts, or folders of them. DIR gets codings.csv, themes.csv and report.html.
    """
    from qualcode.project import run

    with working("Reading and coding …", quiet=quiet):
        result = run(
            files, codebook, out, attributes=attributes, options=options, title=title, model=model,
            force=force, dry_run=dry_run,
        )  # fmt: skip
    show_run(ctx, result, as_json=as_json, quiet=quiet, dry_run=dry_run)
