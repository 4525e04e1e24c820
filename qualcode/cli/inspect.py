"""``qualcode inspect``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.options import PATH, json_option, quiet_option, reading_options
from qualcode.cli.output import counted, notes, say, show_error, show_json, shown, width

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions

__all__ = ["inspect_command", "show_inspected"]


@click.command("inspect")
@click.argument("files", nargs=-1, required=True, type=PATH)
@reading_options
@json_option
@quiet_option
@click.pass_context
def inspect_command(
    ctx: click.Context,
    files: tuple[Path, ...],
    attributes: Path | None,
    options: IngestOptions,
    as_json: bool,
    quiet: bool,
) -> None:
    """Show what would be read: format, speakers, roles, turns, warnings.

    FILES are transcripts, or folders of them; nothing is written. With --json, one object a line for each document. A
    file that cannot be read is refused with the reason, the others are shown, and the exit code is 1.
    """
    from qualcode.ingest import inspect
    from qualcode.ingest.attributes import read_attributes
    from qualcode.project import read_files

    table = read_attributes(attributes) if attributes is not None else None
    reading = read_files(files, options=options)
    found = [inspect(each) for each in reading.documents]
    if as_json:
        for each in found:
            show_json(each, lines=True)
    elif found:
        show_inspected(found)
    if table is not None:
        notes(table.join(reading.documents.items)[1], quiet=quiet)
    notes(reading.warnings, quiet=quiet)
    for path in reading.passed_over:
        say(f"note: {shown(path)} was passed over: it is not a transcript by its name", quiet=quiet)
    for failure in reading.failures:
        show_error(failure)
    if reading.failures:
        ctx.exit(1)


def show_inspected(found: Sequence[dict[str, Any]]) -> None:
    """Print what was found in each document as a table for people, and its warnings below."""
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, width=width(), highlight=False, soft_wrap=False)
    for each in found:
        head = [each["format"], each["encoding"] or "", counted(each["turns"], "turn"), counted(each["words"], "word")]
        title = Text.assemble((shown(each["file"]), "bold"), "  ", ", ".join(part for part in head if part))
        console.print(title)
        grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
        for name, side in (("speaker", "left"), ("role", "left"), ("turns", "right"), ("words", "right")):
            grid.add_column(name, justify=side, overflow="fold")  # type: ignore[arg-type]  # the two words that rich knows
        for speaker in each["speakers"]:
            cells = (speaker["label"], speaker["role"], speaker["turns"], speaker["words"])
            grid.add_row(*(Text(shown(cell)) for cell in cells))
        if each["speakers"]:
            console.print(grid)
        for warning in each["warnings"]:
            mark = {"info": "note", "warn": "WARNING", "error": "ERROR"}[warning["severity"]]
            console.print(Text(f"  {mark}: {shown(warning['message'])} [{warning['code']}]"))
        console.print()
