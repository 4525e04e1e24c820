"""Blocks of a text in which turns have headers: the walk of a conversation, and what stands above its first turn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from qualcode.ingest.build import LocatedBlock
from qualcode.ingest.headers import Candidate
from qualcode.ingest.layout import Line
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.paragraphs import (
    SENTENCE_END,
    Paragraph,
    is_end_matter,
    is_lone_stamp,
    is_marked_heading,
    is_stage,
    text_of,
)
from qualcode.ingest.preamble import Preamble, is_metadata
from qualcode.ingest.speakers import label_key, role_from_words
from qualcode.ingest.walk import Made, StyledHeadings, Walk, merged, whole
from qualcode.ingest.wording import counted
from qualcode.model.document import BlockKind, IngestWarning, Mark, Role, SourceRef, Span

__all__ = ["conversation_blocks"]

_PROMPT = re.compile(r"\d{1,2}[.)]\s+\S")
_SECTION = re.compile(
    r"(?:section|part|topic|theme|question|task|activity|phase)\s+(?:\d+|[ivx]+|[a-z])\b", re.IGNORECASE
)
_LONGEST_HEADING, _HEADING_WORDS, _OPENING_WORDS = 110, 14, 30
_LONG_WORD = 7
_ASKING: frozenset[Role] = frozenset({"interviewer", "moderator", "observer"})


def conversation_blocks(
    text: str,
    lines: Sequence[Line],
    paragraphs: Sequence[Paragraph],
    headers: Mapping[int, Candidate],
    preamble: Preamble,
    options: IngestOptions,
    headings: Sequence[Span] = (),
) -> Made:
    """Return the blocks of a text in which turns have headers."""
    roles = _known_roles(headers, preamble, options)
    walk = Walk(text, lines, options, roles)
    opening = next((at for at, each in enumerate(paragraphs) if each.header is not None), len(paragraphs))
    while opening and is_lone_stamp(text, paragraphs[opening - 1].body, paragraphs[opening - 1].end):
        opening -= 1
    _above_first_turn(text, lines, paragraphs[:opening], preamble, walk, headings)
    body = paragraphs[opening:]
    styled = StyledHeadings(headings)
    kinds = [_kind_in_conversation(text, body, at, styled) for at in range(len(body))]
    walk.others_speak = _others_speak(body, kinds, roles)
    for paragraph, kind in zip(body, kinds, strict=True):
        if kind == "header" and paragraph.header is not None:
            walk.header(paragraph, paragraph.header)
        elif kind in ("stamp", "stage"):
            walk.aside(paragraph, stamp=kind == "stamp")
        elif kind == "heading" or (kind == "prompt" and walk.others_speak):
            walk.apart(paragraph, "heading")
        elif kind == "meta":
            walk.apart(paragraph, "meta")
        else:
            walk.plain(paragraph)
    walk.finish()
    if walk.orphans:
        walk.made.warnings.append(IngestWarning(
            "unlabelled-speech", "warn",
            f"{walk.orphans} paragraph{'s do' if walk.orphans > 1 else ' does'} not say who speaks and cannot belong "
            "to the turn above. If that is always the same person: --default-speaker NAME",
        ))  # fmt: skip
    return walk.made


def _above_first_turn(
    text: str,
    lines: Sequence[Line],
    paragraphs: Sequence[Paragraph],
    preamble: Preamble,
    walk: Walk,
    headings: Sequence[Span],
) -> None:
    styled = StyledHeadings(headings)
    openings = 0
    found: list[LocatedBlock] = []
    for paragraph in paragraphs:
        content = text_of(text, paragraph)
        if styled.holds(paragraph) or is_marked_heading(text, paragraph) or _PROMPT.match(content):
            found.append(whole(paragraph, "heading"))
        elif paragraph.first >= preamble.first_turn and _is_unlabelled_opening(content):
            openings += 1
            label = walk.options.default_speaker
            block = whole(paragraph, "unattributed" if label is None else "turn")
            block.label = label
            block.marks = tuple(_line_numbers(text, lines, paragraph))
            found.append(block)
        else:
            found += _lines_apart(lines, paragraph, preamble)
    walk.made.blocks += merged(found)
    if openings:
        walk.made.warnings.append(IngestWarning(
            "unlabelled-opening", "warn",
            f"{counted(openings, 'paragraph')} of running text above the first labelled turn: "
            "nobody is named as speaking. If somebody speaks there: --default-speaker NAME",
        ))  # fmt: skip


def _is_unlabelled_opening(content: str) -> bool:
    long = len(content.split(maxsplit=_OPENING_WORDS)) >= _OPENING_WORDS
    return long and SENTENCE_END.search(content) is not None and not is_metadata(content)


def _lines_apart(lines: Sequence[Line], paragraph: Paragraph, preamble: Preamble) -> Iterable[LocatedBlock]:
    for at in range(paragraph.first, paragraph.last + 1):
        kind: BlockKind = "legend" if at in preamble.legend else "meta"
        yield LocatedBlock(kind, Span(lines[at].start, lines[at].end), source_ref=SourceRef(line=at + 1))


def _line_numbers(text: str, lines: Sequence[Line], paragraph: Paragraph) -> Iterable[Mark]:
    for line in lines[paragraph.first : paragraph.last + 1]:
        if line.number is not None:
            yield Mark(line.number, "line-number", text[line.number.start : line.number.end])


def _kind_in_conversation(text: str, body: Sequence[Paragraph], at: int, styled: StyledHeadings) -> str:
    paragraph = body[at]
    if paragraph.header is not None:
        return "header"
    if is_lone_stamp(text, paragraph.body, paragraph.end):
        return "stamp"
    if is_stage(text, paragraph):
        return "stage"
    if styled.holds(paragraph) or is_marked_heading(text, paragraph):
        return "heading"
    after = body[at + 1] if at + 1 < len(body) else None
    if after is None:
        return "meta" if is_end_matter(text, paragraph) else "plain"
    if paragraph.end - paragraph.body <= _LONGEST_HEADING:
        content = text_of(text, paragraph)
        before = body[at - 1] if at else None
        apart = before is None or paragraph.first > before.last + 1
        if after.header is not None and apart and _is_shouted_or_numbered(content):
            return "heading"
        if _PROMPT.match(content):
            return "prompt"
    return "plain"


def _is_shouted_or_numbered(content: str) -> bool:
    words = content.split()
    if len(words) > _HEADING_WORDS or (SENTENCE_END.search(content) and not content.endswith(":")):
        return False
    bold = content.startswith("**") and content.endswith("**")
    # One word is a title unless it is one that people shout: ABSOLUTELY.
    title = len(words) > 1 or (len(content) >= _LONG_WORD and not content.endswith("LY"))
    shouted = content.isupper() and title
    return bold or shouted or _SECTION.match(content) is not None


def _others_speak(body: Sequence[Paragraph], kinds: Sequence[str], roles: dict[str, Role]) -> bool:
    """Return whether only the people who ask are labelled, so that unlabelled paragraphs are somebody else's."""
    labels = {each.header.key for each in body if each.header is not None}
    if any(roles.get(label) not in _ASKING for label in labels):
        return False
    turns = sum(kind == "header" and not (each.header is not None and each.header.alone)
                for each, kind in zip(body, kinds, strict=True))  # fmt: skip
    return kinds.count("plain") * 2 >= turns > 0


def _known_roles(headers: Mapping[int, Candidate], preamble: Preamble, options: IngestOptions) -> dict[str, Role]:
    stated = {label_key(label): role for label, role in (*preamble.roles.items(), *options.roles.items())}
    aliases = {label_key(label): label_key(person) for label, person in options.aliases.items()}
    found: dict[str, Role] = {}
    for header in headers.values():
        person = aliases.get(header.key, header.key)
        role = stated.get(person) or stated.get(header.key) or role_from_words(header.label)
        if role is not None:
            found[header.key] = role
    return found
