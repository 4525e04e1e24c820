"""Blocks of a text in which nobody is labelled: each paragraph stands for itself, headings and apparatus apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qualcode.ingest.boilerplate import find_boilerplate
from qualcode.ingest.layout import Line
from qualcode.ingest.marks import opens_like_speech
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.paragraphs import SENTENCE_END, Paragraph, is_lone_stamp, is_marked_heading, is_stage, text_of
from qualcode.ingest.preamble import is_metadata
from qualcode.ingest.walk import Made, StyledHeadings, Walk, merged, whole
from qualcode.ingest.wording import counted
from qualcode.model.document import IngestWarning, Span

__all__ = ["prose_blocks"]

_LIST_ITEM = re.compile(r"(?:[-*•–·]|\d{1,2}[.)])\s")
_WITHDRAWN = re.compile(
    r"\b(?:transcript|interview|recording)\b.{0,60}\b(?:removed|withdrawn|withheld|embargoed|not available)\b"
    r"|\bwithdrawn at\b.{0,60}\brequest\b", re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_LONGEST_HEADING, _HEADING_WORDS, _PROSE_WORDS, _PLACEHOLDER_WORDS = 110, 14, 15, 40
_ENDING = 8


def prose_blocks(
    text: str,
    lines: Sequence[Line],
    paragraphs: Sequence[Paragraph],
    options: IngestOptions,
    headings: Sequence[Span] = (),
) -> Made:
    """Return the blocks of a text in which nobody is labelled: each paragraph stands for itself."""
    notes = {each.header.key for each in paragraphs if each.header is not None}
    walk = Walk(text, lines, options, dict.fromkeys(notes, "observer"))
    walk.others_speak = True
    texts = [text_of(text, each) for each in paragraphs]
    if sum(len(each.split()) for each in texts[:_PLACEHOLDER_WORDS]) <= _PLACEHOLDER_WORDS and any(
            map(_WITHDRAWN.search, texts)):  # fmt: skip
        walk.made.blocks = merged([whole(each, "meta") for each in paragraphs])
        walk.made.warnings.append(IngestWarning(
            "withdrawn", "warn",
            "the file only says that the transcript was removed or withheld; there is nothing to code",
        ))  # fmt: skip
        return walk.made
    apparatus = find_boilerplate(texts)
    top = next((at for at, each in enumerate(texts) if not is_metadata(each)), len(texts))
    styled, titles = StyledHeadings(headings), _headings_of_prose(texts, apparatus)
    for at, paragraph in enumerate(paragraphs):
        if paragraph.header is not None:
            walk.header(paragraph, paragraph.header)
        elif at in apparatus or at < top:
            walk.apart(paragraph, "meta")
        elif is_lone_stamp(text, paragraph.body, paragraph.end):
            walk.aside(paragraph, stamp=True)
        elif is_stage(text, paragraph):
            walk.aside(paragraph, stamp=False)
        elif styled.holds(paragraph) or is_marked_heading(text, paragraph) or at in titles:
            walk.apart(paragraph, "heading")
        else:
            walk.plain(paragraph, apart=True)
    walk.finish()
    walk.made.blocks = merged(walk.made.blocks)
    if apparatus:
        walk.made.warnings.append(IngestWarning(
            "web-boilerplate", "info",
            f"{counted(len(apparatus), 'paragraph')} that belong to a web page and not to what was said (comment "
            "forms, links, "
            "references) were set aside and are not coded",
        ))  # fmt: skip
    if options.default_speaker is None:
        walk.made.warnings.append(IngestWarning(
            "no-speakers", "warn",
            "nothing in the file says who speaks. Its words can be coded, but tables by speaker stay empty. If one "
            "person speaks throughout: --default-speaker NAME; if labels were missed: --speaker-pattern REGEX",
        ))  # fmt: skip
    return walk.made


def _headings_of_prose(texts: Sequence[str], apparatus: set[int]) -> set[int]:
    """Return the positions of short titles that running text (or a list) follows, other titles aside."""
    found: set[int] = set()
    text_follows = False
    for at in range(len(texts) - 1, -1, -1):
        content = texts[at]
        if at in apparatus:
            text_follows = False
        elif _is_short_title(content):
            if text_follows:
                found.add(at)
        elif not content.startswith("#"):
            text_follows = (
                _LIST_ITEM.match(content) is not None
                or SENTENCE_END.search(content, max(0, len(content) - _ENDING)) is not None
                or len(content.split(maxsplit=_PROSE_WORDS)) >= _PROSE_WORDS
            )
    return found


def _is_short_title(content: str) -> bool:
    shouted = content.isupper() and len(content.split()) > 1
    if len(content) > _LONGEST_HEADING or _LIST_ITEM.match(content) or (SENTENCE_END.search(content) and not shouted):
        return False
    bare = content.strip("*_ ")
    return (
        0 < len(bare.split()) <= _HEADING_WORDS
        and (bare[0].isupper() or bare[0].isdigit())
        and any(character.isalpha() for character in bare)
        and not opens_like_speech(bare)
    )
