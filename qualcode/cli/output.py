"""What commands print: results to stdout, everything else to stderr; plain text that any terminal can show."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from textwrap import fill, shorten
from typing import TYPE_CHECKING, Any

import click

from qualcode.errors import QualcodeError
from qualcode.model.textgrid import plain

if TYPE_CHECKING:
    from qualcode.model.document import Document, IngestWarning
    from qualcode.model.table import Table

__all__ = [
    "FORMATS",
    "command_line",
    "counted",
    "document_notes",
    "listed",
    "notes",
    "say",
    "show",
    "show_error",
    "show_json",
    "show_matrix",
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
        from qualcode.cli.terminal import for_terminal

        table = for_terminal(table)
        show(f"{plain(table.title)}\n\n{table.to_text(width())}")
    else:
        written = {"csv": table.to_csv, "markdown": table.to_markdown, "latex": table.to_latex}[form]()
        click.echo(written, nl=False)


def show_matrix(table: Table) -> None:
    """Print the framework matrix (a row for each theme and document) theme by theme, with a quote for each document."""
    from itertools import groupby

    wide = width()
    longest = min(max((len(str(row["document"])) for row in table), default=0), 28)
    nowhere: list[str] = []
    show(plain(table.title))
    for theme, group in groupby(table, key=lambda row: f"{row['code']}  {row['label']}"):
        rows = list(group)
        found = [row for row in rows if row["segments"]]
        if not found:
            nowhere.append(theme)
            continue
        show("\n" + styled(shown(f"{theme}: {len(found)} of {len(rows)}"), bold=True))
        for row in found:
            name = shown(row["document"])
            name = name if len(name) <= longest else name[: longest - 1] + "…"
            head = f"  {name:<{longest}}  {row['segments']:>3}  "
            show(f"{head}{shorten(shown(row['quote']), max(wide - len(head), 20), placeholder=' …')}")
        rest = ", ".join(shown(row["document"]) for row in rows if not row["segments"])
        if rest:
            show(
                fill(
                    f"not mentioned: {rest}",
                    wide,
                    initial_indent="  ",
                    subsequent_indent="    ",
                    break_on_hyphens=False,
                )
            )
    if nowhere:
        show("\n" + fill(f"Mentioned nowhere: {'; '.join(map(shown, nowhere))}", wide))
    for note in table.notes:
        show("\n" + fill(shown(note), wide))


def show_error(error: QualcodeError) -> None:
    """Print an error, all its problems and hints; line breaks stay, other control characters are made visible."""
    click.echo("\n".join(plain(line) for line in str(error).split("\n")), err=True)


def notes(warnings: Iterable[IngestWarning], *, name: str = "", quiet: bool = False) -> None:
    """Print warnings, a line each."""
    head = f"{name}: " if name else ""
    for each in warnings:
        say(f"note: {shown(head + each.message)}", quiet=quiet)


def document_notes(documents: Iterable[Document], *, quiet: bool = False) -> None:
    """Print what was odd about documents, each remark once: what is true of many names the first of them."""
    told: dict[str, list[str]] = {}
    for document in documents:
        for each in document.warnings:
            if each.severity != "info":
                told.setdefault(each.message, []).append(document.name)
    for message, names in told.items():
        head = names[0] if len(names) == 1 else f"{len(names)} documents ({listed(names)})"
        say(f"note: {shown(head)}: {shown(message)}", quiet=quiet)


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names in a row, the first of them when they are many: ``a.txt, b.txt, c.txt and 37 more``."""
    told = ", ".join(names[:most])
    return told if len(names) <= most else f"{told} and {len(names) - most:,} more"


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


def counted(number: int, noun: str) -> str:
    """Return ``1 code``, ``1,204 codes``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def facts(pairs: Mapping[str, object]) -> str:
    """Return names and values, one pair a line, the values under one another."""
    longest = max(map(len, pairs), default=0)
    return "\n".join(f"{name:<{longest}}  {shown(value)}" for name, value in pairs.items())


def command_line(*words: object) -> str:
    """Return a command as it can be typed here: the program as it was called, each word quoted where it must be."""
    called = sys.argv[0] if sys.argv else ""
    found = shutil.which("qualcode")
    program = Path(called).name.removesuffix(".exe")
    if program == "qualcode" and (found is None or not _same(Path(found), Path(called))):
        start = quote(called)
    else:
        start = f"python {quote(called)}" if program == "cli.py" else "qualcode"
    return plain(" ".join([start, *(quote(str(word)) for word in words)]))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def path_text(path: Path) -> str:
    """Return a path as one would type it, control characters made visible."""
    return plain(str(path))
