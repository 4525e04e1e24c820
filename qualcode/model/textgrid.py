"""Text in columns for a terminal, and text made safe to show there."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["plain", "text_grid", "text_width"]

GAP = 2
NARROWEST = 10
"""A column of text is never made narrower than this; a table of many columns may then be wider than asked."""

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """Return the text with control characters and those that reorder text written out, e.g. ``[U+202E]``.

    Line feeds and tabs stay; so do all letters of all scripts. Text from a transcript then cannot command a
    terminal or make a line read other than it is written.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"[U+{ord(each):04X}]" if _commands(each) else each for each in text)


def text_width(text: str) -> int:
    """Return how many terminal columns a text takes: wide letters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) or unicodedata.category(each) == "Cf"
        else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )  # fmt: skip


def text_grid(
    heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], *, width: int, notes: Sequence[str] = ()
) -> str:
    """Return rows under heads as aligned text; texts wrap, columns marked ``right`` stand right."""
    cleaned = [[" ".join(plain(cell).split()) for cell in row] for row in rows]
    wide = [max([0, *(text_width(row[place]) for row in cleaned)]) for place in range(len(heads))]
    longest = [max([text_width(part) for part in head.replace("_", "_ ").split()] or [0]) for head in heads]
    wide = [max(size, least if right[place] else min(text_width(heads[place]), max(size, NARROWEST)))
            for place, (size, least) in enumerate(zip(wide, longest, strict=True))]  # fmt: skip
    room = width - GAP * max(len(heads) - 1, 0)
    while sum(wide) > room:
        able = [place for place in range(len(heads)) if not right[place] and wide[place] > NARROWEST]
        if not able:
            break
        widest = max(able, key=lambda place: wide[place])
        wide[widest] -= min(max(1, (sum(wide) - room) // len(able)), wide[widest] - NARROWEST)
    lines = _lines(
        [_wrapped(head.replace("_", "_\u200b"), size) for head, size in zip(heads, wide, strict=True)], wide, right
    )
    lines.append((" " * GAP).join("-" * size for size in wide))
    for row in cleaned:
        lines += _lines([_wrapped(cell, size) for cell, size in zip(row, wide, strict=True)], wide, right)
    for note in notes:
        lines += ["", *_wrapped(" ".join(plain(note).split()), max(width, NARROWEST))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _lines(cells: Sequence[Sequence[str]], wide: Sequence[int], right: Sequence[bool]) -> list[str]:
    lines = []
    for number in range(max([1, *map(len, cells)])):
        parts = []
        for place, cell in enumerate(cells):
            text = cell[number] if number < len(cell) else ""
            space = " " * (wide[place] - text_width(text))
            parts.append(space + text if right[place] else text + space)
        lines.append((" " * GAP).join(parts))
    return lines


def _wrapped(text: str, size: int) -> list[str]:
    """Return the text in lines of at most ``size`` columns; zero-width spaces are places where a word may break."""
    lines = [""]
    for word in text.split():
        for part_number, whole in enumerate(word.split("\u200b")):
            join = " " if lines[-1] and part_number == 0 else ""
            if text_width(lines[-1]) + len(join) + text_width(whole) <= size:
                lines[-1] += join + whole
                continue
            rest = whole
            if lines[-1]:
                lines.append("")
            while text_width(rest) > size:
                at = next((n for n in range(1, len(rest)) if text_width(rest[: n + 1]) > size), len(rest))
                lines[-1] = rest[:at]
                lines.append("")
                rest = rest[at:]
            lines[-1] = rest
    return lines


def _commands(character: str) -> bool:
    if character in "\n\t":
        return False
    return character in _BIDI or unicodedata.category(character) in {"Cc", "Cs"}
