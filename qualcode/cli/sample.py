"""``qualcode sample``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

from qualcode.cli.options import (
    PATH,
    book_option,
    dry_run_option,
    json_option,
    person_option,
    project_argument,
    quiet_option,
)
from qualcode.cli.output import command_line, counted, path_text, say, show, show_json

if TYPE_CHECKING:
    from qualcode.analysis.levels import Level
    from qualcode.model.ledger import HandCoded
    from qualcode.project import Project

__all__ = ["sample_command"]


@click.command("sample")
@project_argument
@click.option("--n", type=click.IntRange(min=1), metavar="N", help="Draw so many units; of --by transcript, documents.")
@click.option("--by", type=click.Choice(["unit", "transcript"]), help="What is drawn; unit if not given.")
@click.option("--unit", type=click.Choice(["sentence", "turn", "passage", "document"]),
              help="Which units; the codebook's if not given.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Of the draw; that of the settings if not given.")
@click.option("--worksheet", type=PATH, metavar="FILE", help="Write the units as a sheet to fill in: CSV or XLSX.")
@click.option("--read", "filled", type=PATH, metavar="FILE", help="Take over the codes from a filled-in sheet.")
@book_option
@person_option
@dry_run_option
@json_option
@quiet_option
def sample_command(
    project: Path,
    n: int | None,
    by: str | None,
    unit: str | None,
    seed: int | None,
    worksheet: Path | None,
    filled: Path | None,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw a random sample to code by hand: it puts the machine's counts right.

    Draw, fill in the sheet without looking at the machine's codes, read it, and see, with intervals: qualcode table
    prevalence DIR. Without options: how far the latest sample is.

    \b
      qualcode sample my-study --n 200 --worksheet sample.xlsx
      qualcode sample my-study --read sample.xlsx
    """
    if n is None and (by is not None or unit is not None or seed is not None):
        raise click.UsageError("--by, --unit and --seed are about drawing: say how many, --n N.")
    if filled is not None and (n is not None or worksheet is not None):
        raise click.UsageError("--read goes alone: it takes over a sheet that is filled in.")
    if worksheet is not None and worksheet.exists():
        raise click.UsageError(f"There is a file at {path_text(worksheet)} already, maybe filled in: name another one.")
    from qualcode.project import Project

    opened = Project(project, person=person)
    read: int | None = None
    if filled is not None:
        labelled = opened.read_worksheet(filled, codebook=codebook, dry_run=dry_run)
        sample, read = labelled.sample, labelled.read
    elif n is not None:
        sample = opened.draw_sample(
            n, by=cast(Literal["unit", "transcript"], by or "unit"), unit=cast("Level | None", unit), seed=seed,
            codebook=codebook, dry_run=dry_run,
        )  # fmt: skip
    else:
        sample = opened.sample(codebook=codebook)
    sheet = None
    if worksheet is not None:
        sheet = worksheet if dry_run else opened.worksheet(worksheet, id=sample.id, codebook=codebook)
    if as_json:
        show_json({
            "sample": sample.id, "unit": sample.unit, "by": sample.by, "seed": sample.seed,
            "units": len(sample.units), "coded": len(sample.labels), "coders": list(sample.coders), "read": read,
            "dry_run": dry_run, "worksheet": str(sheet) if sheet is not None else None,
        })  # fmt: skip
        return
    units = counted(len(sample.units), sample.unit)
    if read is not None:
        show(f"{counted(read, 'unit')} {'would be ' if dry_run else ''}read.")
    if n is not None:
        show(f"{units} {'would be ' if dry_run else ''}drawn at random (seed {sample.seed}).")
    else:
        show(f"{len(sample.labels):,} of {units} coded by hand.")
    if sheet is not None:
        show(f"{path_text(sheet)} would be written." if dry_run else path_text(sheet))
    if dry_run:
        show("Nothing was written.")
    else:
        _next(opened, sample, sheet, quiet=quiet)


def _next(project: Project, sample: HandCoded, sheet: Path | None, *, quiet: bool) -> None:
    if sample.labels:
        told = command_line("table", "prevalence", project.folder)
    elif sheet is not None:
        told = f"fill in {path_text(sheet)}, then: {command_line('sample', project.folder, '--read', sheet)}"
    else:
        told = command_line("sample", project.folder, "--worksheet", "FILE")
    say(f"Next: {told}", quiet=quiet)
