"""A tree as the query that a researcher would type for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
from qualcode.query.problems import Source
from qualcode.query.scan import AS_IT_STANDS, QUOTES, scan

__all__ = ["unparse"]

_UNITS, _EITHER, _NEAR, _PHRASE, _PART = range(5)
_LONGEST_WORD = 6


def unparse(expression: Expression) -> str:
    """Return a query that parses to ``expression`` again (columns apart), with as few brackets as that needs.

    Only trees that :func:`~qualcode.query.parse.parse` can return have such a query; ``ValueError`` otherwise.

    >>> from qualcode.query.parse import parse
    >>> unparse(parse('(a|b) NEAR  ("buy in")'))
    '(a | b) NEAR/5 "buy in"'
    """
    return _write(expression, _UNITS)


def _write(expression: Expression, level: int) -> str:
    own, text = _as_typed(expression)
    return f"({text})" if own < level else text


def _as_typed(expression: Expression) -> tuple[int, str]:
    match expression:
        case And(left, right):
            return _UNITS, f"{_write(left, _UNITS)} AND {_write(right, _EITHER)}"
        case Not(left, right):
            return _UNITS, f"{_write(left, _UNITS)} NOT {_write(right, _EITHER)}"
        case Unless(left, right):
            return _UNITS, f"{_write(left, _UNITS)} UNLESS {_write(right, _EITHER)}"
        case Or(parts):
            return _EITHER, " | ".join(_write(part, _NEAR) for part in parts)
        case Near(left, right, distance, ordered):
            sign = "BEFORE" if ordered else "NEAR"
            return _NEAR, f"{_write(left, _NEAR)} {sign}/{distance} {_write(right, _PHRASE)}"
        case Phrase(parts):
            return _PHRASE, " ".join(_side_by_side(parts))
        case Filter():
            return _PART, _filter(expression)
        case _:
            return _PART, " ".join(_side_by_side([expression]))


def _side_by_side(parts: Sequence[Expression]) -> list[str]:
    """Return the written parts of a phrase; what was cut out of one word is one word again (*do*, *n't*)."""
    written: list[str] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        if not isinstance(part, Word | Exact | Wildcard | TokenRegex | RawRegex | Lexicon):
            written.append(_write(part, _PART))
            at += 1
            continue
        for end in range(min(at + _LONGEST_WORD, len(parts)), at, -1):
            text = _run(parts[at:end])
            if text is not None and _stands_for(text, parts[at:end]):
                break
        else:
            text, end = _as_it_stands(part), at + 1
            if not _stands_for(text, [part]):
                raise ValueError(f"no query is parsed to {part!r}")
        written.append(text)
        at = end
    return _join_quoted(written)


def _as_it_stands(part: Expression) -> str:
    match part:
        case Word(text):
            return AS_IT_STANDS + _escape(text)
        case Exact(text):
            return f'"{AS_IT_STANDS}{_escape(text)}"'
        case _:
            return ""


def _run(parts: Sequence[Expression]) -> str | None:
    if all(isinstance(part, Word) for part in parts):
        return _escape("".join(part.text for part in parts if isinstance(part, Word)))
    if all(isinstance(part, Exact) for part in parts):
        return '"' + _escape("".join(part.text for part in parts if isinstance(part, Exact))) + '"'
    match parts:
        case [Wildcard(pattern)]:
            bare = re.fullmatch(r"[\w'*?]+", pattern)
            return pattern if bare else '"' + re.sub(f"([{QUOTES}])", r"\\\1", pattern) + '"'
        case [TokenRegex(pattern)]:
            return f"/{_fence(pattern)}/"
        case [RawRegex(pattern)]:
            return f"//{_fence(pattern)}//"
        case [Lexicon(name)]:
            return f"${name}"
        case _:
            return None


def _stands_for(text: str, parts: Sequence[Expression]) -> bool:
    """Return whether ``text`` is one terminal that means exactly ``parts``."""
    try:
        terminals = list(scan(Source(text)))
    except ValueError:
        return False
    return len(terminals) == 1 and [_bare(part) for part in terminals[0].parts] == [_bare(part) for part in parts]


def _bare(part: Expression) -> tuple[object, ...]:
    match part:
        case Word(text) | Exact(text):
            return (type(part), text)
        case Wildcard(pattern) | TokenRegex(pattern) | RawRegex(pattern):
            return (type(part), pattern)
        case Lexicon(name):
            return (Lexicon, name)
        case _:
            return (part,)


def _join_quoted(written: list[str]) -> list[str]:
    joined: list[str] = []
    for text in written:
        if joined and text.startswith('"') and joined[-1].startswith('"'):
            joined[-1] = joined[-1][:-1] + " " + text[1:]
        else:
            joined.append(text)
    return joined


def _escape(text: str) -> str:
    return re.sub(rf"([*?\\{QUOTES}])", r"\\\1", text)


def _fence(pattern: str) -> str:
    return re.sub(r"(\\.)|/", lambda found: found[1] or r"\/", pattern, flags=re.DOTALL)


def _filter(expression: Filter) -> str:
    if expression.kind == "after":
        if expression.inner is None:
            raise ValueError("an after: filter needs what is asked")
        return f"after:({_write(expression.inner, _UNITS)})"
    value = _value(expression.value)
    if expression.kind == "attr":
        return f"attr:{_value(expression.name)}{expression.operator}{value}"
    return f"{expression.kind}:{value}"


def _value(text: str) -> str:
    if re.fullmatch(r"[\w.-]+", text):
        return text
    return '"' + re.sub(rf"([\\{QUOTES}])", r"\\\1", text) + '"'
