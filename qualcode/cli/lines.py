"""Passages as lines of a terminal: one line each, names in columns, the words cut to what is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qualcode.cli.output import show, shown, width
from qualcode.model.textgrid import text_width

__all__ = ["cut", "fitted", "quoted", "show_lines"]

LEAST = 24
"""Terminal columns that the words get at least; a line may then be longer than the terminal is wide."""


def show_lines(rows: Iterable[Sequence[object]], *, head: Sequence[str] = (), indent: int = 0) -> None:
    """Print rows of names, the last cell of each being words that are cut to the line; empty columns are left out.

    ``head`` names the columns.
    """
    cells = [[shown(cell) for cell in row] for row in rows]
    if not cells:
        return
    kept = [place for place in range(len(cells[0]) - 1) if any(row[place] for row in cells)]
    lines = ([list(head)] if head else []) + cells
    wide = {place: max(text_width(line[place]) for line in lines) for place in kept}
    for line in lines:
        names = "".join(f"{fitted(line[place], wide[place])}  " for place in kept)
        room = max(LEAST, width() - indent - text_width(names))
        words = line[-1] if text_width(line[-1]) <= room else cut(line[-1], room - 1).rstrip() + "…"
        show(f"{' ' * indent}{names}{words}".rstrip())


def quoted(words: str) -> str:
    """Return a passage on one line in quotation marks."""
    return f"\u201c{shown(words)}\u201d"


def fitted(text: str, columns: int) -> str:
    """Return a text in exactly so many terminal columns: cut with an ellipsis, or filled with blanks."""
    short = text if text_width(text) <= columns else cut(text, columns - 1) + "…"
    return short + " " * (columns - text_width(short))


def cut(text: str, columns: int) -> str:
    """Return as much of a text, from its start, as goes into so many terminal columns."""
    if text_width(text) <= columns:
        return text
    used = 0
    for at, character in enumerate(text):
        used += text_width(character)
        if used > columns:
            return text[:at]
    return text
