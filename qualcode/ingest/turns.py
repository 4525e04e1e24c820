"""The walk over paragraphs that makes blocks: one for texts with speakers, one for texts without."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qualcode.ingest.boilerplate import find_boilerplate
from qualcode.ingest.build import LocatedBlock
from qualcode.ingest.headers import Candidate
from qualcode.ingest.layout import Line
from qualcode.ingest.marks import find_marks, opens_like_speech
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.paragraphs import (
    Paragraph,
    is_end_matter,
    is_lone_stamp,
    is_marked_heading,
    is_stage,
    text_of,
)
from qualcode.ingest.preamble import Preamble, is_metadata
from qualcode.ingest.speakers import label_key, role_from_words
from qualcode.model.document import BlockKind, IngestWarning, Mark, Role, SourceRef, Span

__all__ = ["Made", "conversation_blocks", "prose_blocks"]

_SENTENCE_END = re.compile(r"[.?!…:;,]['\"”’)*_]*\Z")
_LIST_ITEM = re.compile(r"(?:[-*•–·]|\d{1,2}[.)])\s")
_PROMPT = re.compile(r"\d{1,2}[.)]\s+\S")
_SECTION = re.compile(r"(?:section|part|topic|theme|question|task|activity|phase)\s+(?:\d+|[ivx]+|[a-z])\b", re.IGNORECASE)
_WITHDRAWN = re.compile(
    r"\b(?:transcript|interview|recording)\b.{0,60}\b(?:removed|withdrawn|withheld|embargoed|not available)\b"
    r"|\bwithdrawn at\b.{0,60}\brequest\b", re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_LONGEST_HEADING, _HEADING_WORDS, _PROSE_WORDS, _OPENING_WORDS, _PLACEHOLDER_WORDS = 110, 14, 15, 30, 40
_ASKING: frozenset[Role] = frozenset({"interviewer", "moderator", "observer"})


@dataclass(slots=True)
class Made:
    """The blocks of a text in order, and what is to be said about them."""

    blocks: list[LocatedBlock] = field(default_factory=list)
    warnings: list[IngestWarning] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A block that later paragraphs can still join."""

    kind: BlockKind
    start: int
    end: int
    line: int
    label: str | None = None
    label_span: Span | None = None
    marks: list[Mark] = field(default_factory=list)
    paragraphs: list[Span] = field(default_factory=list)
    awaits_speech: bool = False

    def closed(self) -> LocatedBlock:
        return LocatedBlock(
            kind=self.kind,
            span=Span(self.start, self.end),
            label=self.label,
            label_span=self.label_span,
            source_ref=SourceRef(line=self.line + 1),
            marks=tuple(self.marks),
            paragraphs=tuple(self.paragraphs),
        )


class _Walk:
    """One pass over the paragraphs of a conversation; ``made`` grows as blocks close."""

    def __init__(self, text: str, lines: Sequence[Line], options: IngestOptions, roles: dict[str, Role]) -> None:
        self.text, self.lines, self.options, self.roles = text, lines, options, roles
        self.made = Made()
        self.current: _Open | None = None
        self.last_voice: str | None = None
        self.waiting: list[tuple[Paragraph, bool]] = []
        self.others_speak = False
        self.orphans = 0

    def header(self, paragraph: Paragraph, header: Candidate) -> None:
        closes = self.options.stamp_position == "end" or header.stamp is not None
        stamps = self._let_go(keep_stamps=not closes)
        begin = min([each.start for each in stamps], default=paragraph.start)
        label_end = header.header.end
        observer = self.roles.get(header.key) == "observer"
        self.current = _Open(
            kind="note" if observer else "turn",
            start=begin,
            end=paragraph.end,
            line=paragraph.first,
            label=header.label,
            label_span=Span(header.header.start, label_end),
            marks=[self._stamp_mark(Span(each.body, each.end)) for each in stamps],
            awaits_speech=header.alone and paragraph.end <= label_end,
        )
        if header.stamp is not None:
            self.current.marks.append(self._stamp_mark(header.stamp))
        self._numbers(self.current, paragraph, stamps)
        if paragraph.end > label_end:
            self.current.paragraphs.append(_trimmed(self.text, label_end, paragraph.end))
        if not observer:
            self.last_voice = header.label

    def aside(self, paragraph: Paragraph, *, stamp: bool) -> None:
        self.waiting.append((paragraph, stamp))

    def plain(self, paragraph: Paragraph, *, apart: bool = False) -> None:
        current = self.current
        free = apart or current is None or (
            self.others_speak and not current.awaits_speech and current.label_span is not None)
        if current is not None and current.kind == "note" and not current.awaits_speech:
            free = True
        if current is not None and not free and current.kind != "unattributed":
            self._join(current, paragraph)
            return
        resumed = self.last_voice if (current is not None and current.kind == "note" and not self.others_speak) else None
        label = resumed or self.options.default_speaker
        stamps = self._let_go(keep_stamps=self.options.stamp_position != "end")
        begin = min([each.start for each in stamps], default=paragraph.start)
        if label is None:
            self.orphans += 1
        self.current = _Open("unattributed" if label is None else "turn", begin, paragraph.end, paragraph.first, label)
        self.current.marks = [self._stamp_mark(Span(each.body, each.end)) for each in stamps]
        self._numbers(self.current, paragraph, stamps)
        self.current.paragraphs.append(Span(paragraph.body, paragraph.end))

    def apart(self, paragraph: Paragraph, kind: BlockKind) -> None:
        self._let_go(keep_stamps=False)
        self.made.blocks.append(_whole(paragraph, kind))

    def finish(self) -> None:
        self._let_go(keep_stamps=False)

    def _join(self, current: _Open, paragraph: Paragraph) -> None:
        for aside, stamp in self.waiting:
            span = Span(aside.body, aside.end)
            if stamp:
                current.marks.append(self._stamp_mark(span))
            elif not any(mark.span == span for mark in find_marks(self.text, span.start, span.end)):
                current.marks.append(Mark(span, "nonverbal", self.text[span.start : span.end].strip("[]().,")))
            self._numbers(current, aside, ())
        self.waiting.clear()
        current.end = paragraph.end
        current.awaits_speech = False
        current.paragraphs.append(Span(paragraph.body, paragraph.end))
        self._numbers(current, paragraph, ())

    def _let_go(self, *, keep_stamps: bool) -> list[Paragraph]:
        """Close the current block; return the stamps that open the next one, place the other asides."""
        kept: list[Paragraph] = []
        if keep_stamps:
            while self.waiting and self.waiting[-1][1]:
                kept.insert(0, self.waiting.pop()[0])
        if self.current is not None:
            while self.waiting and self.waiting[0][1]:
                stamp = self.waiting.pop(0)[0]
                self.current.marks.append(self._stamp_mark(Span(stamp.body, stamp.end)))
                self._numbers(self.current, stamp, ())
                self.current.end = stamp.end
            self.made.blocks.append(self.current.closed())
            self.current = None
        for aside, is_stamp in self.waiting:
            block = _whole(aside, "stage")
            if is_stamp:
                block.marks = (self._stamp_mark(Span(aside.body, aside.end)),)
            self.made.blocks.append(block)
        self.waiting.clear()
        return kept

    def _stamp_mark(self, span: Span) -> Mark:
        return Mark(span, "timestamp", self.text[span.start : span.end].strip("[](){}<># "))

    def _numbers(self, block: _Open, paragraph: Paragraph, stamps: Sequence[Paragraph]) -> None:
        for each in (*stamps, paragraph):
            for line in self.lines[each.first : each.last + 1]:
                if line.number is not None:
                    value = self.text[line.number.start : line.number.end]
                    block.marks.append(Mark(line.number, "line-number", value))


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
    walk = _Walk(text, lines, options, roles)
    opening = next((at for at, each in enumerate(paragraphs) if each.header is not None), len(paragraphs))
    while opening and is_lone_stamp(text, paragraphs[opening - 1].body, paragraphs[opening - 1].end):
        opening -= 1
    _above_first_turn(text, lines, paragraphs[:opening], preamble, walk, headings)
    body = paragraphs[opening:]
    styled = _Styled(headings)
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
            f"{walk.orphans} paragraphs say nobody's name and follow no turn they could continue; they are unattributed "
            "(--default-speaker LABEL gives them to one person)",
        ))  # fmt: skip
    return walk.made


def prose_blocks(
    text: str,
    lines: Sequence[Line],
    paragraphs: Sequence[Paragraph],
    options: IngestOptions,
    headings: Sequence[Span] = (),
) -> Made:
    """Return the blocks of a text in which nobody is labelled: each paragraph stands for itself."""
    notes = {each.header.key for each in paragraphs if each.header is not None}
    walk = _Walk(text, lines, options, dict.fromkeys(notes, "observer"))
    walk.others_speak = True
    texts = [text_of(text, each) for each in paragraphs]
    if sum(len(each.split()) for each in texts[:_PLACEHOLDER_WORDS]) <= _PLACEHOLDER_WORDS and any(
            map(_WITHDRAWN.search, texts)):  # fmt: skip
        walk.made.blocks = _merged([_whole(each, "meta") for each in paragraphs])
        walk.made.warnings.append(IngestWarning(
            "withdrawn", "warn", "the file only says that the transcript was removed; it has no turns"))  # fmt: skip
        return walk.made
    apparatus = find_boilerplate(texts)
    top = next((at for at, each in enumerate(texts) if not is_metadata(each)), len(texts))
    styled, titles = _Styled(headings), _headings_of_prose(texts, apparatus)
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
    walk.made.blocks = _merged(walk.made.blocks)
    if apparatus:
        walk.made.warnings.append(IngestWarning(
            "web-boilerplate", "info",
            f"{len(apparatus)} paragraphs are apparatus of a page (forms, links, references) and will not be coded",
        ))  # fmt: skip
    if options.default_speaker is None:
        walk.made.warnings.append(IngestWarning(
            "no-speakers", "warn",
            "no speaker labels were found; paragraphs are unattributed and tables by speaker are not available "
            "(--speaker-pattern or --default-speaker can help)",
        ))  # fmt: skip
    return walk.made


class _Styled:
    """The paragraphs that the source itself styles as headings."""

    def __init__(self, headings: Sequence[Span]) -> None:
        self.starts = [span.start for span in headings]
        self.ends = [span.end for span in headings]

    def holds(self, paragraph: Paragraph) -> bool:
        place = bisect_right(self.starts, paragraph.body) - 1
        return place >= 0 and paragraph.body < self.ends[place]


def _above_first_turn(
    text: str,
    lines: Sequence[Line],
    paragraphs: Sequence[Paragraph],
    preamble: Preamble,
    walk: _Walk,
    headings: Sequence[Span],
) -> None:
    styled = _Styled(headings)
    openings = 0
    found: list[LocatedBlock] = []
    for paragraph in paragraphs:
        content = text_of(text, paragraph)
        if styled.holds(paragraph) or is_marked_heading(text, paragraph) or _PROMPT.match(content):
            found.append(_whole(paragraph, "heading"))
        elif paragraph.first >= preamble.first_turn and _is_unlabelled_opening(content):
            openings += 1
            label = walk.options.default_speaker
            block = _whole(paragraph, "unattributed" if label is None else "turn")
            block.label = label
            block.marks = tuple(_line_numbers(text, lines, paragraph))
            found.append(block)
        else:
            found += _lines_apart(lines, paragraph, preamble)
    walk.made.blocks += _merged(found)
    if openings:
        walk.made.warnings.append(IngestWarning(
            "unlabelled-opening", "warn",
            f"{openings} paragraphs of running text stand above the first labelled turn; nobody is named as speaking",
        ))  # fmt: skip


def _is_unlabelled_opening(content: str) -> bool:
    long = len(content.split(maxsplit=_OPENING_WORDS)) >= _OPENING_WORDS
    return long and _SENTENCE_END.search(content) is not None and not is_metadata(content)


def _lines_apart(lines: Sequence[Line], paragraph: Paragraph, preamble: Preamble) -> Iterable[LocatedBlock]:
    for at in range(paragraph.first, paragraph.last + 1):
        kind: BlockKind = "legend" if at in preamble.legend else "meta"
        yield LocatedBlock(kind, Span(lines[at].start, lines[at].end), source_ref=SourceRef(line=at + 1))


def _line_numbers(text: str, lines: Sequence[Line], paragraph: Paragraph) -> Iterable[Mark]:
    for line in lines[paragraph.first : paragraph.last + 1]:
        if line.number is not None:
            yield Mark(line.number, "line-number", text[line.number.start : line.number.end])


def _kind_in_conversation(text: str, body: Sequence[Paragraph], at: int, styled: _Styled) -> str:
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
        if after.header is not None and _is_shouted_or_numbered(content):
            return "heading"
        if _PROMPT.match(content):
            return "prompt"
    return "plain"


def _is_shouted_or_numbered(content: str) -> bool:
    words = content.split()
    if len(words) > _HEADING_WORDS or (_SENTENCE_END.search(content) and not content.endswith(":")):
        return False
    bold = content.startswith("**") and content.endswith("**")
    shouted = content.isupper() and len(words) > 1
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
                or _SENTENCE_END.search(content, max(0, len(content) - 8)) is not None
                or len(content.split(maxsplit=_PROSE_WORDS)) >= _PROSE_WORDS
            )
    return found


def _is_short_title(content: str) -> bool:
    shouted = content.isupper() and len(content.split()) > 1
    if len(content) > _LONGEST_HEADING or _LIST_ITEM.match(content) or (_SENTENCE_END.search(content) and not shouted):
        return False
    bare = content.strip("*_ ")
    return (
        0 < len(bare.split()) <= _HEADING_WORDS
        and (bare[0].isupper() or bare[0].isdigit())
        and any(character.isalpha() for character in bare)
        and not opens_like_speech(bare)
    )


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), end)


def _whole(paragraph: Paragraph, kind: BlockKind) -> LocatedBlock:
    return LocatedBlock(kind, Span(paragraph.start, paragraph.end), source_ref=SourceRef(line=paragraph.first + 1))


def _merged(blocks: Sequence[LocatedBlock]) -> list[LocatedBlock]:
    """Return the blocks with neighbouring ``meta`` (and ``legend``) made one."""
    found: list[LocatedBlock] = []
    for block in blocks:
        if found and found[-1].kind == block.kind and block.kind in ("meta", "legend"):
            found[-1].span = Span(found[-1].span.start, block.span.end)
        else:
            found.append(block)
    return found
