"""The slow evaluator: the definitions of ``docs/query-language.md`` in plain Python sets, with no cleverness.

It shares with the real one only what is not under test here: the tokenizer, the lemmas, folding and the parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import re2

from qualcode.model.document import Document
from qualcode.query.ast import (
    And,
    Exact,
    Expression,
    Filter,
    Lexicon,
    Near,
    Not,
    Or,
    Phrase,
    RawRegex,
    TokenRegex,
    Unless,
    Wildcard,
    Word,
)
from qualcode.query.engine import CodedSpan
from qualcode.query.parse import parse
from qualcode.text.fold import fold
from qualcode.text.lemmas import lemmas_of, query_lemma
from qualcode.text.vocabulary import chunk_tokens

__all__ = ["Hit", "evaluate_slowly"]

Hit = tuple[int, int, int, int]
"""Document number, block number, start and end (code points)."""

TokenSpan = tuple[int, int, int]
"""Turn number, first token, token after the last."""

Place = tuple[int, int]
"""Turn number, token."""

Splitter = Callable[[Document, int, Sequence[str]], Sequence[tuple[int, int]]]
"""From a document, a block number and its tokens to the sentence and the passage of each token."""


SPOKEN = {"turn", "unattributed", "question", "heading"}
"""Kinds of block whose words are tokens."""


@dataclass(frozen=True)
class Token:
    start: int
    end: int
    folded: str
    lemmas: tuple[str, ...]
    sentence: int
    passage: int


@dataclass(frozen=True)
class Turn:
    document: int
    block: int
    start: int
    end: int
    raw: str
    tokens: tuple[Token, ...]
    names: frozenset[str]
    roles: frozenset[str]
    attributes: tuple[tuple[str, str], ...]
    asks: bool


@dataclass(frozen=True)
class Slow:
    """One search: the text, cut into tokens, and everything that a query may name."""

    turns: tuple[Turn, ...]
    codings: tuple[tuple[int, int, int, frozenset[str]], ...]
    lexicons: Mapping[str, Sequence[str]]
    unit: str

    # --- spans -----------------------------------------------------------------------------------

    def spans(self, expression: Expression) -> set[TokenSpan]:
        match expression:
            case Word(text):
                return self.tokens_where(lambda token: query_lemma(text) in token.lemmas)
            case Exact(text):
                return self.tokens_where(lambda token: token.folded == fold(text))
            case Wildcard(pattern):
                return self.tokens_where(lambda token: wild(fold(pattern), token.folded))
            case TokenRegex(pattern):
                compiled = ignoring_case(pattern)
                return self.tokens_where(lambda token: compiled.fullmatch(token.folded) is not None)
            case RawRegex(pattern):
                return self.raw(pattern)
            case Lexicon(name):
                return {span for item in self.lexicons[name] for span in self.spans(parse(item))}
            case Phrase(parts):
                return self.phrase(parts)
            case Or(parts) if self.region(expression) is None:
                return {span for part in parts for span in self.spans(part)}
            case Near(left, right, distance, ordered):
                return self.near(self.spans(left), self.spans(right), distance, ordered=ordered)
            case And(left, right) if self.region(expression) is None:
                return self.both(left, right)
            case Not(left, right) if self.region(expression) is None:
                return self.without(left, right)
            case Unless(left, right):
                return self.unless(left, right)
        region = self.region(expression)
        assert region is not None
        return self.runs(region)

    def tokens_where(self, holds: Callable[[Token], bool]) -> set[TokenSpan]:
        return {
            (number, at, at + 1)
            for number, turn in enumerate(self.turns)
            for at, token in enumerate(turn.tokens)
            if holds(token)
        }

    def raw(self, pattern: str) -> set[TokenSpan]:
        found = set()
        for number, turn in enumerate(self.turns):
            for match in ignoring_case(pattern).finditer(turn.raw):
                begin, end = match.start() + turn.start, match.end() + turn.start
                touched = [at for at, token in enumerate(turn.tokens) if token.start < end and begin < token.end]
                if touched and begin < end:
                    found.add((number, touched[0], touched[-1] + 1))
        return found

    def phrase(self, parts: Sequence[Expression]) -> set[TokenSpan]:
        found = self.spans(parts[0])
        for part in parts[1:]:
            following = self.spans(part)
            found = {
                (turn, start, end)
                for turn, start, middle in found
                for other, begin, end in following
                if turn == other and begin == middle
            }
        return found

    def near(self, left: set[TokenSpan], right: set[TokenSpan], distance: int, *, ordered: bool) -> set[TokenSpan]:
        found = set()
        for turn, start, end in left:
            for other, begin, stop in right:
                if turn != other:
                    continue
                if end <= begin:
                    gap = begin - end + 1
                elif stop <= start and not ordered:
                    gap = start - stop + 1
                else:
                    continue
                if gap <= distance:
                    found.add((turn, min(start, begin), max(end, stop)))
        return found

    def both(self, left: Expression, right: Expression) -> set[TokenSpan]:
        for hits, limit in ((left, right), (right, left)):
            region = self.region(limit)
            if region is not None:
                return {span for span in self.spans(hits) if within(span, region)}
        a, b = self.spans(left), self.spans(right)
        units = {self.unit_of(span) for span in a} & {self.unit_of(span) for span in b}
        return {span for span in a | b if self.unit_of(span) in units}

    def without(self, left: Expression, right: Expression) -> set[TokenSpan]:
        a = self.spans(left)
        region = self.region(right)
        if region is not None:
            return {span for span in a if not within(span, region)}
        taken = {self.unit_of(span) for span in self.spans(right)}
        return {span for span in a if self.unit_of(span) not in taken}

    def unless(self, left: Expression, right: Expression) -> set[TokenSpan]:
        region = self.region(right)
        if region is None:
            region = {place for span in self.spans(right) for place in places(span)}
        return {span for span in self.spans(left) if not any(place in region for place in places(span))}

    def unit_of(self, span: TokenSpan) -> tuple[int, int]:
        turn, start, _ = span
        token = self.turns[turn].tokens[start]
        return turn, {"sentence": token.sentence, "passage": token.passage, "turn": 0}[self.unit]

    # --- regions ---------------------------------------------------------------------------------

    def region(self, expression: Expression) -> set[Place] | None:
        """Return the tokens that a filter allows, or ``None`` when the expression denotes hits."""
        match expression:
            case Filter(kind="code"):
                return self.coded(expression.value)
            case Filter(kind="speaker"):
                wanted = fold(expression.value)
                return self.turns_where(lambda turn: wanted in turn.names | turn.roles)
            case Filter(kind="attr"):
                return self.turns_where(
                    lambda turn: any(
                        compare(value, expression.operator, expression.value)
                        for name, value in turn.attributes
                        if fold(name) == fold(expression.name)
                    )
                )
            case Filter(kind="after", inner=inner):
                assert inner is not None
                asked = {turn for turn, _, _ in self.spans(inner)}
                answers = {number for number in range(len(self.turns)) if self.question_of(number) in asked}
                return {(number, at) for number in answers for at in range(len(self.turns[number].tokens))}
            case And(left, right):
                a, b = self.region(left), self.region(right)
                return None if a is None or b is None else a & b
            case Not(left, right):
                a, b = self.region(left), self.region(right)
                return None if a is None or b is None else a - b
            case Or(parts):
                found: set[Place] = set()
                for part in parts:
                    region = self.region(part)
                    if region is None:
                        return None
                    found |= region
                return found
            case _:
                return None

    def turns_where(self, holds: Callable[[Turn], bool]) -> set[Place]:
        return {(number, at) for number, turn in enumerate(self.turns) if holds(turn) for at in range(len(turn.tokens))}

    def coded(self, name: str) -> set[Place]:
        return {
            (number, at)
            for number, turn in enumerate(self.turns)
            for at, token in enumerate(turn.tokens)
            for document, start, end, names in self.codings
            if document == turn.document and fold(name) in names and token.start < end and start < token.end
        }

    def question_of(self, number: int) -> int | None:
        if self.turns[number].asks:
            return None
        for earlier in range(number - 1, -1, -1):
            turn = self.turns[earlier]
            if turn.document != self.turns[number].document:
                return None
            words = sum(any(character.isalnum() for character in token.folded) for token in turn.tokens)
            long_enough = words >= 4 or any("?" in token.folded for token in turn.tokens)
            if turn.asks and long_enough:
                return earlier
        return None

    def runs(self, region: set[Place]) -> set[TokenSpan]:
        found = set()
        for turn, start in region:
            if (turn, start - 1) not in region:
                end = start + 1
                while (turn, end) in region:
                    end += 1
                found.add((turn, start, end))
        return found


def within(span: TokenSpan, region: set[Place]) -> bool:
    return all(place in region for place in places(span))


def places(span: TokenSpan) -> list[Place]:
    turn, start, end = span
    return [(turn, at) for at in range(start, end)]


def ignoring_case(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.case_sensitive = False
    return re2.compile(pattern, options)


def wild(pattern: str, word: str) -> bool:
    """Return whether the wildcard matches the whole word, by trying every way."""
    if not pattern:
        return not word
    if pattern[0] == "*":
        return any(wild(pattern[1:], word[skipped:]) for skipped in range(len(word) + 1))
    if pattern[0] == "?":
        return bool(word) and wild(pattern[1:], word[1:])
    if pattern[0] == "\\":
        pattern = pattern[1:]
    return word[:1] == pattern[0] and wild(pattern[1:], word[1:])


def compare(have: str, operator: str, want: str) -> bool:
    left: float | str
    right: float | str
    try:
        left, right = float(have), float(want)
    except ValueError:
        left, right = fold(have.strip()), fold(want.strip())
    order = (left > right) - (left < right)  # type: ignore[operator]  # both are numbers or both are texts
    return {
        "=": order == 0,
        "!=": order != 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0,
    }[operator]


def by_full_stops(_document: Document, _block: int, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return sentences that end with full stops, question or exclamation marks; the whole turn is one passage."""
    numbers, number = [], 0
    for word in words:
        numbers.append((number, 0))
        number += bool(re.fullmatch(r"[.?!]+", word))
    return numbers


def read(documents: Sequence[Document], units: Splitter) -> tuple[Turn, ...]:
    """Return the turns of all documents, cut into tokens."""
    turns = []
    for number, document in enumerate(documents):
        for block, spans in document.speech():
            cut: list[tuple[int, str]] = []
            for span in spans if block.kind in SPOKEN else ():
                for chunk in re.finditer(r"\S+", document.quote(span)):
                    begin = span.start + chunk.start()
                    cut += [(begin + offset, text) for offset, text in chunk_tokens([chunk.group()])[0]]
            numbers = units(document, block.index, [text for _, text in cut])
            speakers = [document.speaker(speaker) for speaker in block.speaker_ids]
            tokens = tuple(
                Token(start, start + len(text), fold(text), lemmas_of(fold(text)), sentence, passage)
                for (start, text), (sentence, passage) in zip(cut, numbers, strict=True)
            )
            roles = {str(speaker.role) for speaker in speakers} or {"unknown"}
            turns.append(
                Turn(
                    number,
                    block.index,
                    block.span.start,
                    block.span.end,
                    document.quote(block.span),
                    tokens,
                    frozenset(fold(name) for speaker in speakers for name in (speaker.id, speaker.label)),
                    frozenset(roles),
                    (
                        *document.attributes.items(),
                        *(pair for speaker in speakers for pair in speaker.attributes.items()),
                    ),
                    document.role_of(block) in {"interviewer", "moderator"} or block.kind == "question",
                )
            )
    return tuple(turns)


def resolve(spans: Iterable[TokenSpan], overlaps: str) -> list[TokenSpan]:
    """Return the hits that stay when hits overlap."""
    if overlaps == "all":
        return sorted(spans)
    by_length = overlaps == "longest"
    kept: list[TokenSpan] = []
    for span in sorted(
        spans, key=lambda each: (-(each[2] - each[1]), each) if by_length else (each[0], each[1], -each[2])
    ):
        if not any(span[0] == other[0] and span[1] < other[2] and other[1] < span[2] for other in kept):
            kept.append(span)
    return sorted(kept)


def evaluate_slowly(
    query: Expression | str,
    documents: Sequence[Document],
    *,
    unit: str = "sentence",
    overlaps: str = "longest",
    lexicons: Mapping[str, Sequence[str]] | None = None,
    codings: Sequence[CodedSpan] = (),
    units: Splitter = by_full_stops,
) -> list[Hit]:
    """Return the hits of a query in document order."""
    numbers = {document.id: number for number, document in enumerate(documents)}
    known = [(numbers[coding.document_id], coding.span.start, coding.span.end, coding.codes) for coding in codings]
    search = Slow(read(documents, units), tuple(known), lexicons or {}, unit)
    expression = parse(query) if isinstance(query, str) else query
    hits = []
    for turn, start, end in resolve(search.spans(expression), overlaps):
        tokens = search.turns[turn].tokens
        hits.append((search.turns[turn].document, search.turns[turn].block, tokens[start].start, tokens[end - 1].end))
    return hits
