"""How a terminal shows talk that no code touched: group by group, with quotes."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING

from qualcode.cli.output import counted, show, shown, styled, width
from qualcode.model.textgrid import plain

if TYPE_CHECKING:
    from qualcode.model.table import Cell, Table

__all__ = ["show_blindspots"]

BETWEEN = ") / “"
"""What stands between two quotes in a cell of the table."""


def show_blindspots(table: Table) -> None:
    """Print the groups: words, spread, how sure it is, near codes and quotes; then the notes."""
    wide = width()
    show(plain(table.title))
    for row in table:
        show("\n" + styled(shown(f"{row['cluster']}. {row['terms'] or '(no word of its own)'}"), bold=True))
        for line in _told(row):
            show(fill(shown(line), wide, initial_indent="   ", subsequent_indent="   ", break_on_hyphens=False))
        for quote in _quotes(str(row["quotes"])):
            show(fill(shown(quote), wide, initial_indent="   - ", subsequent_indent="     ", break_on_hyphens=False))
    for note in table.notes:
        show("\n" + fill(shown(note), wide))


def _told(row: Mapping[str, Cell]) -> list[str]:
    said = (f"{counted(int(row['passages'] or 0), 'passage')}, {counted(int(row['words'] or 0), 'word')}; "
            f"{row['speakers']} of {counted(int(row['of_speakers'] or 0), 'speaker')}, "
            f"{row['documents']} of {counted(int(row['of_documents'] or 0), 'document')}")  # fmt: skip
    sure = f"{row['verdict']} ({float(row['stability'] or 0):.2f})" if row["verdict"] else ""
    plainly = f"{row['plain']} of {row['passages']} like talk without a code" if row["plain"] is not None else ""
    doubt = "; ".join(filter(None, [sure, plainly]))
    if row["remark"]:
        doubt += f": {row['remark']}"
    near = f"near: {row['near']}" if row["near"] else ""
    return [line for line in (said, doubt, near) if line]


def _quotes(cell: str) -> list[str]:
    parts = cell.split(BETWEEN)
    return [("“" if number else "") + part + (")" if number < len(parts) - 1 else "")
            for number, part in enumerate(parts)] if cell else []  # fmt: skip
