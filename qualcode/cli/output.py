"""What commands print: results to stdout, everything else to stderr; plain text that any terminal can show."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.errors import QualcodeError
from qualcode.model.textgrid import plain

if TYPE_CHECKING:
    from qualcode.model.document import IngestWarning
    from qualcode.model.table import Table

__all__ = [
    "FORMATS",
    "notes",
    "say",
    "show",
    "show_error",
    "show_json",
    "show_table",
    "shown",
    "styled",
    "width",
    "working",
]

FORMATS = ("text", "csv", "markdown", "latex", "json")
"""Forms in which a table can be printed."""


def show(text: str) -> None:
    """Print a result."""
    click.echo(text.rstrip("\n"))


def say(text: str, *, quiet: bool = False) -> None:
    """Print a note for the person at the terminal, unless ``quiet``."""
    if not quiet:
        click.echo(text, err=True)


def show_json(value: object, *, lines: bool = False) -> None:
    """Print plain data as JSON; with ``lines`` on one line. What the terminal cannot encode is escaped."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").replace("-", "").casefold()
    click.echo(json.dumps(value, ensure_ascii=encoding != "utf8", indent=None if lines else 2))


def show_table(table: Table, form: str) -> None:
    """Print a table in one of :data:`FORMATS`; as text under its title."""
    if form == "json":
        show_json(json.loads(table.to_json()))
    elif form == "text":
        table = for_terminal(table) if table.name == "themes" else table
        show(f"{plain(table.title)}\n\n{table.to_text(width())}")
    else:
        written = {"csv": table.to_csv, "markdown": table.to_markdown, "latex": table.to_latex}[form]()
        click.echo(written, nl=False)


def for_terminal(table: Table) -> Table:
    """Return the theme table as it fits a terminal: ``documents`` as ``5 of 7``, and the level left to the ids."""
    from dataclasses import replace

    from qualcode.model.table import Column

    kept = [each for each in table.columns if each.name not in {"level", "documents", "of_documents", "reviewed_share"}]
    rows = [(*(row[each.name] for each in kept), f"{row['documents']} of {row['of_documents']}") for row in table]
    columns = (*kept, Column("documents", "text", "in how many of how many documents"))
    return replace(table, columns=columns, rows=tuple(rows))


def show_error(error: QualcodeError) -> None:
    """Print an error, all its problems and hints; line breaks stay, other control characters are made visible."""
    click.echo("\n".join(plain(line) for line in str(error).split("\n")), err=True)


def notes(warnings: Iterable[IngestWarning], *, name: str = "", quiet: bool = False) -> None:
    """Print warnings, a line each."""
    head = f"{name}: " if name else ""
    for each in warnings:
        say(f"note: {shown(head + each.message)}", quiet=quiet)


def shown(text: object) -> str:
    """Return a text on one line with control characters made visible."""
    return plain(" ".join(str(text).split()))


def width() -> int:
    """Return the columns to write: the terminal's, 80 when there is none."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80


def styled(text: str, **style: Any) -> str:
    """Return a text with colour or weight where the terminal has them; untouched where it is piped or plain."""
    dull = not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if dull else click.style(text, **style)


@contextmanager
def working(told: str, *, quiet: bool = False) -> Iterator[None]:
    """Show that something is going on while the block runs, on a terminal only."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(told):
        yield


def facts(pairs: Mapping[str, object]) -> str:
    """Return names and values, one pair a line, the values under one another."""
    longest = max(map(len, pairs), default=0)
    return "\n".join(f"{name:<{longest}}  {shown(value)}" for name, value in pairs.items())


def path_text(path: Path) -> str:
    """Return a path as one would type it, control characters made visible."""
    return plain(str(path))
