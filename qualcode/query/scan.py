"""From a typed query to the terminals of the grammar; everything that one terminal can get wrong is refused here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from qualcode.errors import QueryError
from qualcode.query.ast import (
    FILTERS,
    Exact,
    Expression,
    Filter,
    Lexicon,
    RawRegex,
    TokenRegex,
    Wildcard,
    Word,
)
from qualcode.query.patterns import compile_regex
from qualcode.query.problems import Source

__all__ = ["AS_IT_STANDS", "DEFAULT_DISTANCE", "MAX_DISTANCE", "QUOTES", "Terminal", "scan"]

DEFAULT_DISTANCE = 5
"""What NEAR and BEFORE mean without a number."""

MAX_DISTANCE = 9_999
"""The largest number that may follow NEAR/ and BEFORE/."""

QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb'
"""Characters that open and close an exact phrase: straight, curly and angled double quotes."""


AS_IT_STANDS = r"\="
"""Before a word: it is one token, never an operator, a filter or cut in two. Needed by programs, not by people."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """One terminal of the grammar: its name there, where it stands, how long it is, and what it carries.

    ``parts`` of an ATOM are the expressions side by side that it stands for (``buy-in`` stands for two words);
    ``distance`` and ``ordered`` belong to NEAR.
    """

    name: str
    column: int
    length: int
    parts: tuple[Expression, ...] = ()
    distance: int = 0
    ordered: bool = False


_BLANK = re.compile(r"\s*")
_END = rf"(?=[\s|(){QUOTES}]|\Z)"
_DELIMITED = re.compile(_END)
_MONEY = re.compile(r"\$[0-9.]")
_CHUNK = re.compile(rf"(?:\\[*?\\{QUOTES}]|[^\s|(){QUOTES}])+")
_QUOTED = re.compile(rf"[{QUOTES}]((?:\\.|[^\\{QUOTES}])*)[{QUOTES}]", re.DOTALL)
_RAW_REGEX = re.compile(r"//((?:\\.|(?!//)[^\\])*)//", re.DOTALL)
_TOKEN_REGEX = re.compile(r"/((?:\\.|[^\\/])+)/", re.DOTALL)
_LEXICON = re.compile(r"\$([^\W\d][\w-]*)")
_NEAR = re.compile(r"(NEAR|BEFORE)(?:/([0-9]+))?")
_BAD_NEAR = re.compile(r"(?:NEAR|BEFORE)(?:[/:~=0-9]|-[0-9]).*|(?i:near|before)/[0-9]+")
_SPACED_NEAR = re.compile(rf"(NEAR|BEFORE)(?:\s+/\s*|/\s+)([0-9]+){_END}")
_FILTER = re.compile(r"([^\W\d_][\w-]*):(?!//)")
_NAME = re.compile(rf"[^\s|()<>=!≤≥≠{QUOTES}]+")
_COMPARISON = re.compile(r"!=|<=|>=|=|<|>")
_ESCAPE = re.compile(rf"\\([*?\\{QUOTES}])|(.)", re.DOTALL)
_HYPHEN = re.compile("(?<=[^-\u2010\u2011])[-\u2010\u2011](?=[^-\u2010\u2011])")
_OPERATORS = {"AND": "AND", "NOT": "NOT", "UNLESS": "UNLESS", "OR": "OR"}
_SIGNS = {"|": "OR", "(": "OPEN", ")": "CLOSE"}


def scan(source: Source) -> Iterator[Terminal]:
    """Yield the terminals of a query in order; raises :class:`QueryError` at the first one that is wrong."""
    query = source.query
    for column, char in enumerate(query):
        if "\ud800" <= char <= "\udfff":
            raise source.refusal(
                "QC-Q014",
                "this character cannot be read as text",
                column,
                hint="The query was damaged on its way here; type it again.",
            )
    at = _skip(query, 0)
    while at < len(query):
        terminal = _terminal(source, at)
        yield terminal
        at = _skip(query, at + terminal.length)


def _skip(query: str, at: int) -> int:
    blank = _BLANK.match(query, at)
    return blank.end() if blank else at


def _terminal(source: Source, at: int) -> Terminal:
    query = source.query
    first = query[at]
    if first in _SIGNS:
        return Terminal(_SIGNS[first], at, 1)
    if first in QUOTES:
        return _quoted(source, at)
    if first == "/":
        return _regex(source, at)
    if first == "$" and _MONEY.match(query, at) is None:
        return _lexicon(source, at)
    filtered = _FILTER.match(query, at)
    if filtered is not None and filtered[1] not in {"NEAR", "BEFORE"}:
        return _filter(source, at, filtered.group(1), filtered.end())
    return _chunk(source, at)


def _chunk(source: Source, at: int) -> Terminal:
    found = _CHUNK.match(source.query, at)
    text = found.group() if found is not None else source.query[at]
    if text in _OPERATORS:
        return Terminal(_OPERATORS[text], at, len(text))
    if text.startswith(("NEAR", "BEFORE")) or _BAD_NEAR.fullmatch(text):
        near = _near(source, at, text)
        if near is not None:
            return near
    parts = tuple(_parts(source, text, at, exact=False))
    if not parts:
        raise _nothing(source, at, len(text))
    return Terminal("ATOM", at, len(text), parts)


def _near(source: Source, at: int, text: str) -> Terminal | None:
    spaced = _SPACED_NEAR.match(source.query, at)
    if spaced is not None:
        raise source.refusal(
            "QC-Q004",
            f"{spaced[1]} and its number are written together",
            at,
            length=len(spaced.group()),
            hint=f"Write {spaced[1]}/{spaced[2][:4]}.",
        )
    good = _NEAR.fullmatch(text)
    if good is not None:
        number = good[2] or str(DEFAULT_DISTANCE)
        distance = int(number) if len(number) <= len(str(MAX_DISTANCE)) else MAX_DISTANCE + 1
        if 1 <= distance <= MAX_DISTANCE:
            return Terminal("NEAR", at, len(text), distance=distance, ordered=good[1] == "BEFORE")
        raise source.refusal(
            "QC-Q004",
            f"the distance after {good[1]}/ must be from 1 to {MAX_DISTANCE}",
            at,
            length=len(text),
            hint=f"Neighbouring words are 1 apart: write {good[1]}/1.",
        )
    if _BAD_NEAR.fullmatch(text):
        word = "BEFORE" if text[0] in "Bb" else "NEAR"
        raise source.refusal(
            "QC-Q004",
            f"{text!r} is not a distance operator",
            at,
            length=len(text),
            hint=f"Write {word}/5: capitals, a slash, a number of words.",
        )
    return None


def _quoted(source: Source, at: int) -> Terminal:
    found = _QUOTED.match(source.query, at)
    if found is None:
        raise source.refusal(
            "QC-Q003",
            "this quotation mark is never closed",
            at,
            hint=r'Add the closing "; a quotation mark that is meant itself is written \".',
        )
    parts = tuple(
        part
        for piece in re.finditer(r"\S+", found[1])
        for part in _parts(source, piece.group(), found.start(1) + piece.start(), exact=True)
    )
    if not parts:
        raise _nothing(source, at, len(found.group()))
    return Terminal("ATOM", at, len(found.group()), parts)


def _nothing(source: Source, at: int, length: int) -> QueryError:
    return source.refusal(
        "QC-Q001", "there is nothing to search for here", at, length=length, hint="Write at least one word."
    )


def _parts(source: Source, text: str, at: int, *, exact: bool) -> Iterator[Expression]:
    """Yield what a run without blanks stands for: words or exact tokens as the index cuts them, wildcards."""
    chars = [
        (found[1], True, found.start()) if found[1] else (found[2], False, found.start())
        for found in _ESCAPE.finditer(text)
    ]
    if text.startswith(AS_IT_STANDS) and len(text) > len(AS_IT_STANDS):
        token = "".join(char for char, _, _ in chars[len(AS_IT_STANDS) :])
        yield Exact(token, at) if exact else Word(token, at)
        return
    if not any(char in "*?" and not escaped for char, escaped, _ in chars):
        yield from _tokens("".join(char for char, _, _ in chars), [at + offset for _, _, offset in chars], exact=exact)
        return
    plain = "".join("-" if char in "-\u2010\u2011" else "x" for char, _, _ in chars)
    begin = 0
    for end in [*(found.start() for found in _HYPHEN.finditer(plain)), len(chars)]:
        piece = chars[begin:end]
        begin = end + 1
        columns = [at + offset for _, _, offset in piece]
        if any(char in "*?" and not escaped for char, escaped, _ in piece):
            pattern = "".join(
                "\\" + char if char == "\\" or (escaped and char in "*?") else char for char, escaped, _ in piece
            )
            if "*" in pattern and not any(escaped or char not in "*?" for char, escaped, _ in piece):
                raise source.refusal(
                    "QC-Q011",
                    f"the wildcard {pattern!r} matches every word",
                    columns[0],
                    length=len(piece),
                    hint="Give it a letter (lead*), or write NEAR/2 for a gap of one word.",
                )
            yield Wildcard(pattern, columns[0])
        else:
            yield from _tokens("".join(char for char, _, _ in piece), columns, exact=exact)


def _tokens(text: str, columns: list[int], *, exact: bool) -> Iterator[Expression]:
    for offset, token in _cut(text):
        yield Exact(token, columns[offset]) if exact else Word(token, columns[offset])


@lru_cache(maxsize=16_384)
def _cut(text: str) -> tuple[tuple[int, str], ...]:
    """Return the tokens that the index would keep of ``text``, without those that fold to nothing."""
    from qualcode.text.fold import fold
    from qualcode.text.vocabulary import chunk_tokens

    return tuple((offset, token) for offset, token in chunk_tokens([text])[0] if fold(token))


def _regex(source: Source, at: int) -> Terminal:
    raw = source.query.startswith("//", at)
    found = (_RAW_REGEX if raw else _TOKEN_REGEX).match(source.query, at)
    fence = "//" if raw else "/"
    if found is None:
        raise source.refusal(
            "QC-Q010",
            "this regular expression is never closed",
            at,
            length=len(fence),
            hint=f'Close it with {fence}; a slash that is meant itself is written "/".',
        )
    after = found.end()
    if _DELIMITED.match(source.query, after) is None:
        raise source.refusal(
            "QC-Q010",
            f"the regular expression ends at {fence}, but more text is joined to it",
            after,
            hint=r"A slash inside a regular expression is written \/ in a query.",
        )
    pattern = re.sub(r"\\(.)", lambda pair: "/" if pair[1] == "/" else pair[0], found[1], flags=re.DOTALL)
    _check_regex(source, pattern, at, len(found.group()))
    node = RawRegex(pattern, at) if raw else TokenRegex(pattern, at)
    return Terminal("ATOM", at, len(found.group()), (node,))


def _check_regex(source: Source, pattern: str, at: int, length: int) -> None:
    import re2

    if not pattern:
        raise source.refusal("QC-Q009", "this regular expression is empty", at, length=length)
    try:
        compile_regex(pattern)
    except (re2.error, UnicodeError) as error:
        reason = _reason(error)
        hint = None
        if re.search(r"escape sequence: \\[1-9]|invalid perl operator: \(\?P=", reason):
            hint = "Backreferences are not supported: they could make a search run for ever."
        elif "perl operator" in reason:
            hint = "Look-ahead and look-behind are not supported: use NEAR, NOT or UNLESS."
        raise source.refusal(
            "QC-Q009", f"this is not a regular expression: {reason}", at, length=length, hint=hint
        ) from error


def _reason(error: Exception) -> str:
    # google-re2 gives its reason as bytes.
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)


def _lexicon(source: Source, at: int) -> Terminal:
    found = _LEXICON.match(source.query, at)
    if found is None or _DELIMITED.match(source.query, found.end()) is None:
        raise source.refusal(
            "QC-Q012",
            "$ needs the name of a word list",
            at,
            hint='Names have letters, digits, _ and -; for the sign itself write "$".',
        )
    return Terminal("ATOM", at, len(found.group()), (Lexicon(found[1], at),))


def _filter(source: Source, at: int, written: str, after: int) -> Terminal:
    kind = written.casefold()
    length = after - at
    if kind == "after":
        if after == len(source.query) or source.query[after].isspace():
            raise source.refusal(
                "QC-Q008",
                "after: needs a word, a quoted phrase or brackets directly after it",
                at,
                length=length,
                hint='For example after:"buy in".',
            )
        return Terminal("AFTER", at, length)
    if kind == "code":
        value, end = _value(source, at, after, "code:collaboration")
        return Terminal("FILTER", at, end - at, (Filter("code", value, column=at),))
    if kind == "speaker":
        value, end = _value(source, at, after, "speaker:participant")
        return Terminal("FILTER", at, end - at, (Filter("speaker", value, column=at),))
    if kind == "attr":
        return _attribute(source, at, after)
    near = get_close_matches(kind, FILTERS, 1, 0.5)
    meant = (
        f"Did you mean {near[0]}:?" if near else "The filters are " + ", ".join(f"{each}:" for each in FILTERS) + "."
    )
    raise source.refusal(
        "QC-Q007",
        f"there is no filter {written}:",
        at,
        length=length,
        hint=f"{meant} To search for the words themselves, put them in double quotes.",
    )


def _attribute(source: Source, at: int, after: int) -> Terminal:
    name, end = _bare_or_quoted(source, after, _NAME)
    sign = _COMPARISON.match(source.query, end)
    if not name or sign is None:
        raise source.refusal(
            "QC-Q008",
            "attr: needs a name, one of = != < <= > >=, and a value, without blanks",
            at,
            length=max(end - at, 1),
            hint='For example attr:ofsted="Requires improvement".',
        )
    value, end = _value(source, at, sign.end(), f"attr:{name}{sign.group()}5")
    comparison = sign.group()
    # mypy cannot see that the regular expression admits exactly the six signs of the tree.
    return Terminal("FILTER", at, end - at, (Filter("attr", value, name, comparison, column=at),))  # type: ignore[arg-type]


def _value(source: Source, at: int, after: int, example: str) -> tuple[str, int]:
    value, end = _bare_or_quoted(source, after, _CHUNK)
    if not value or (value[0] in "<>=" and source.query[after] == value[0]):
        raise source.refusal(
            "QC-Q008",
            f"{source.query[at:after]} needs a value directly after it",
            at,
            length=after - at,
            hint=f"For example {example}; a value with blanks goes in double quotes.",
        )
    return value, end


def _bare_or_quoted(source: Source, at: int, bare: re.Pattern[str]) -> tuple[str, int]:
    if at < len(source.query) and source.query[at] in QUOTES:
        terminal = _QUOTED.match(source.query, at)
        if terminal is None:
            raise source.refusal("QC-Q003", "this quotation mark is never closed", at, hint='Add the closing ".')
        return _unescape(terminal[1]).strip(), terminal.end()
    found = bare.match(source.query, at)
    return (_unescape(found.group()), found.end()) if found is not None else ("", at)


def _unescape(text: str) -> str:
    return re.sub(rf"\\([\\{QUOTES}])", r"\1", text)
