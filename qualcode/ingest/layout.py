"""The page before anybody is known to speak: lines, margin numbers, hard wraps and paragraphs of a text."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qualcode.model.document import Span

__all__ = ["Line", "groups_of", "is_hard_wrapped", "lines_of"]

_MARGIN = re.compile(r"(\d{1,5})(?:[ \t]+|\Z)")
_FEWEST_NUMBERS = 5
_FEWEST_PAIRS = 3
_WIDEST, _NARROWEST = 110, 40
_MOST = 0.9
_COVERED = 0.6
_STEPS = (1, 2, 5, 10)


@dataclass(slots=True)
class Line:
    """One line without its outer blanks: ``start == end`` when it is blank; ``body`` is after a margin number."""

    start: int
    end: int
    body: int
    number: Span | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing but blanks (or a margin number) stands on the line."""
        return self.body >= self.end


@dataclass(frozen=True, slots=True)
class _Number:
    """A number at the start of a line: its place among all lines and among those that are not blank."""

    line: Line
    value: int
    digits: int
    position: int
    full: int
    width: int


def lines_of(text: str) -> list[Line]:
    """Return the lines of a text (parted by ``\\n`` only), margin numbers found and set aside."""
    lines: list[Line] = []
    at = 0
    for raw in text.split("\n"):
        left = len(raw) - len(raw.lstrip())
        start, end = at + left, at + len(raw.rstrip())
        if end < start:
            start = end
        lines.append(Line(start, end, start))
        at += len(raw) + 1
    _set_numbers_aside(text, lines)
    return lines


def groups_of(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return the runs of lines without a blank line between them, as (first, last) positions, both included."""
    groups: list[tuple[int, int]] = []
    first: int | None = None
    for position, line in enumerate(lines):
        if line.blank and line.start >= line.end:
            if first is not None:
                groups.append((first, position - 1))
            first = None
        elif first is None:
            first = position
    if first is not None:
        groups.append((first, len(lines) - 1))
    return groups


def is_hard_wrapped(text: str, lines: Sequence[Line], openings: Container[int]) -> bool:
    """Return whether line ends are only the edge of the page.

    That is so when the first word of most lines would not have fitted on the line before. ``openings`` are the lines
    that certainly begin something new.
    """
    pairs: list[tuple[int, int]] = []
    for line, (position, after) in zip(lines, enumerate(lines[1:], start=1), strict=False):
        if line.blank or after.blank or position in openings:
            continue
        word = re.match(r"\S{1,60}", text[after.body : min(after.end, after.body + 60)])
        pairs.append((line.end - line.start, len(word.group()) if word else 0))
    if len(pairs) < _FEWEST_PAIRS:
        return False
    widest = max(width for width, _ in pairs)
    if not _NARROWEST <= widest <= _WIDEST:
        return False
    return sum(width + 1 + word > widest for width, word in pairs) >= _MOST * len(pairs)


def _set_numbers_aside(text: str, lines: Sequence[Line]) -> None:
    full = -1
    found: list[_Number] = []
    for position, line in enumerate(lines):
        if line.start >= line.end:
            continue
        full += 1
        match = _MARGIN.match(text[line.start : min(line.end, line.start + 12)])
        if match is not None:
            found.append(_Number(line, int(match.group(1)), len(match.group(1)), position, full, match.end()))
    if len(found) < _FEWEST_NUMBERS:
        return
    pairs = list(pairwise(found))
    for step in _STEPS:
        if len(found) * step < _COVERED * full:
            continue  # a numbered list that somebody gives is no margin
        # On every line, or on every fifth: the numbers count the lines, with or without the blank ones.
        counted = sum(late.value - early.value == step == late.full - early.full for early, late in pairs)
        printed = sum(late.value - early.value == step == late.position - early.position for early, late in pairs)
        if max(counted, printed) >= _MOST * len(pairs):
            for each in found:
                each.line.number = Span(each.line.start, each.line.start + each.digits)
                each.line.body = min(each.line.start + each.width, each.line.end)
            return
