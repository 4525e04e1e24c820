"""The paragraphs of a text, once it is known which lines open turns, and what one is by its shape alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qualcode.ingest.headers import Candidate
from qualcode.ingest.layout import Line, groups_of
from qualcode.ingest.stamps import LONE_STAMP

__all__ = [
    "SENTENCE_END",
    "Paragraph",
    "is_end_matter",
    "is_lone_stamp",
    "is_marked_heading",
    "is_stage",
    "paragraphs_of",
    "text_of",
]

SENTENCE_END = re.compile(r"[.?!…:;,]['\"”’)*_]*\Z")
"""Matches where a text ends as sentences do and titles do not."""

_LONE = re.compile(LONE_STAMP)
_STAGE = re.compile(r"(?:\[[^\[\]]{1,400}\]|\(\([^()]{1,400}\)\)|\([^()]{1,400}\))[.,]?")
_HEADING = re.compile(r"#{1,6}\s+\S")
_END = re.compile(
    r"\W*(?:(?-i:END)"
    r"|end of (?:the )?(?:interview|transcript|transcription|recording|tape|session|focus group|audio|file)"
    r"|(?:transcript|transcription|interview|recording|audio|tape) (?:ends?|ended|complete|concluded|stops?|stopped)"
    r")\W*",
    re.IGNORECASE,
)
_LONGEST_STAMP, _LONGEST_STAGE, _LONGEST_END = 40, 410, 60


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: its first and last line, its place without outer blanks, and the header it opens with."""

    first: int
    last: int
    start: int
    end: int
    body: int
    header: Candidate | None = None


def paragraphs_of(
    text: str, lines: Sequence[Line], headers: Mapping[int, Candidate], *, wrapped: bool
) -> list[Paragraph]:
    """Return the paragraphs of a text in order; together they hold every non-blank character.

    A header always begins one. Otherwise a blank line parts paragraphs, and so does every line end unless the text is
    hard-wrapped; a stamp alone on its line is a paragraph either way.
    """
    found: list[Paragraph] = []
    for first, last in groups_of(lines):
        begin = first
        while begin <= last:
            header = headers.get(begin)
            end = begin if header is None else min(header.last_line, last)
            if wrapped and not is_lone_stamp(text, lines[begin].body, lines[begin].end):
                while end < last and end + 1 not in headers and not is_lone_stamp(
                        text, lines[end + 1].body, lines[end + 1].end):  # fmt: skip
                    end += 1
            found.append(Paragraph(begin, end, lines[begin].start, lines[end].end, lines[begin].body, header))
            begin = end + 1
    return found


def text_of(text: str, paragraph: Paragraph) -> str:
    """Return the characters of a paragraph after its margin number."""
    return text[paragraph.body : paragraph.end]


def is_lone_stamp(text: str, start: int, end: int) -> bool:
    """Return whether nothing but a time stamp stands there."""
    return 0 < end - start <= _LONGEST_STAMP and _LONE.fullmatch(text, start, end) is not None


def is_stage(text: str, paragraph: Paragraph) -> bool:
    """Return whether a paragraph is wholly in brackets: a note about what happens, not speech."""
    if paragraph.end - paragraph.body > _LONGEST_STAGE:
        return False
    return _STAGE.fullmatch(text, paragraph.body, paragraph.end) is not None


def is_marked_heading(text: str, paragraph: Paragraph) -> bool:
    """Return whether a paragraph is a Markdown heading."""
    return paragraph.first == paragraph.last and _HEADING.match(text, paragraph.body, paragraph.end) is not None


def is_end_matter(text: str, paragraph: Paragraph) -> bool:
    """Return whether a paragraph only says that the transcript is over."""
    if paragraph.end - paragraph.body > _LONGEST_END:
        return False
    return _END.fullmatch(text, paragraph.body, paragraph.end) is not None
