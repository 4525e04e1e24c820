"""From a typed query to its tree and back, and questions about trees that need no text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from qualcode.errors import Place, QueryError
from qualcode.query.ast import And, Expression, Filter, Lexicon, Near, Not, Or, Phrase, Unless
from qualcode.query.grammar import OPERATORS, parser
from qualcode.query.problems import Source
from qualcode.query.scan import Terminal, scan
from qualcode.query.unparse import unparse

if TYPE_CHECKING:
    from lark import Transformer

__all__ = ["MAX_DEPTH", "children", "filters_used", "is_filter", "lexicons_used", "parse", "unparse", "walk"]

MAX_DEPTH = 100
"""How many operators may be nested in one another, so that no later step runs out of stack."""


def parse(query: str, *, where: Place | None = None) -> Expression:
    """Return the tree of a query; ``docs/query-language.md`` says what each node means.

    Args:
        query: as a researcher typed it.
        where: where its first character stands in a file, for error messages.

    Raises:
        QueryError: QC-Q001 to QC-Q014, for the first thing that is wrong, with its column (from 1).

    >>> parse("trust")
    Word(text='trust', column=0)
    """
    try:
        return _remembered(query)
    except QueryError:
        return _parsed(query, where)  # once more, for the place in the file


@lru_cache(maxsize=16_384)
def _remembered(query: str) -> Expression:
    """A codebook is parsed when it is checked and again when it runs, and its word lists with every rule."""
    return _parsed(query, None)


def _parsed(query: str, where: Place | None) -> Expression:
    from lark.exceptions import UnexpectedToken
    from lark.lexer import Token

    source = Source(query, where)
    if not query.strip():
        raise source.refusal("QC-Q001", "the query is empty", 0, hint="Write at least one word.")
    machine = parser(_builder()).parse_interactive()
    seen: list[Terminal] = []
    try:
        for terminal in scan(source):
            token = Token(terminal.name, "")
            token.value = terminal
            seen.append(terminal)
            machine.feed_token(token)
    except UnexpectedToken:
        raise _misplaced(source, seen[:-1], seen[-1]) from None
    try:
        expression: Expression = machine.feed_token(Token("$END", ""))
    except UnexpectedToken:
        raise _unfinished(source, seen) from None
    if _depth(expression) > MAX_DEPTH:
        raise source.refusal(
            "QC-Q013",
            f"more than {MAX_DEPTH} operators are nested in one another",
            0,
            hint="Split the query into several rules, or put long lists into a $lexicon.",
        )
    return expression


@cache
def _builder() -> Transformer[object, object]:
    from lark import Transformer, v_args

    class Builder(Transformer[object, object]):
        """Makes the tree while the parser reads; a part is the tuple of expressions that it stands for."""

        atom = staticmethod(lambda atom: atom.value.parts)
        group = staticmethod(lambda _open, inner, _close: (inner,))
        phrase = staticmethod(lambda *parts: _side_by_side([each for part in parts for each in part]))
        close = staticmethod(lambda left, sign, right: _near(left, sign.value, right))
        one_of = staticmethod(lambda *parts: Or(tuple(parts[::2]), parts[1].value.column))
        both = staticmethod(lambda left, sign, right: And(left, right, sign.value.column))
        without = staticmethod(lambda left, sign, right: Not(left, right, sign.value.column))
        unless = staticmethod(lambda left, sign, right: Unless(left, right, sign.value.column))
        after_atom = staticmethod(lambda sign, atom: _after(sign.value, _side_by_side(list(atom.value.parts))))
        after_group = staticmethod(lambda sign, _open, inner, _close: _after(sign.value, inner))

    builder: Transformer[object, object] = v_args(inline=True)(Builder)()
    return builder


def _near(left: Expression, sign: Terminal, right: Expression) -> Expression:
    return Near(left, right, sign.distance, sign.ordered, sign.column)


def _after(sign: Terminal, inner: Expression) -> tuple[Expression, ...]:
    return (Filter("after", inner=inner, column=sign.column),)


def _side_by_side(parts: list[Expression]) -> Expression:
    """Return the phrase of the parts that are hits, restricted by those that are filters."""
    hits = [part for part in parts if not is_filter(part)]
    limits = [part for part in parts if is_filter(part)]
    if not hits:
        hits.append(limits.pop(0))
    expression = hits[0] if len(hits) == 1 else Phrase(tuple(hits), hits[0].column)
    for limit in limits:
        expression = And(expression, limit, limit.column)
    return expression


def is_filter(expression: Expression) -> bool:
    """Return whether the expression denotes a region of text rather than hits.

    Filters do, and AND, NOT and ``|`` between nothing but filters.
    """
    match expression:
        case Filter():
            return True
        case And(left, right) | Not(left, right):
            return is_filter(left) and is_filter(right)
        case Or(parts):
            return all(is_filter(part) for part in parts)
        case _:
            return False


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside one, from left to right; for ``after:`` what is asked."""
    match expression:
        case Phrase(parts) | Or(parts):
            return parts
        case Near(left, right) | And(left, right) | Not(left, right) | Unless(left, right):
            return (left, right)
        case Filter(inner=inner) if inner is not None:
            return (inner,)
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything inside it, each node before its parts, from left to right.

    >>> [type(node).__name__ for node in walk(parse("trust | buy-in"))]
    ['Or', 'Word', 'Phrase', 'Word', 'Word']
    """
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def lexicons_used(expression: Expression) -> tuple[Lexicon, ...]:
    """Return the word lists that the expression names, once each, in the order of their first use."""
    found: dict[str, Lexicon] = {}
    for node in walk(expression):
        if isinstance(node, Lexicon):
            found.setdefault(node.name, node)
    return tuple(found.values())


def filters_used(expression: Expression) -> tuple[Filter, ...]:
    """Return the filters in the expression, from left to right, those inside ``after:`` too."""
    return tuple(node for node in walk(expression) if isinstance(node, Filter))


def _depth(expression: Expression) -> int:
    deepest, waiting = 0, [(expression, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting.extend((child, depth + 1) for child in children(node))
    return deepest


def _name(source: Source, terminal: Terminal) -> str:
    return source.query[terminal.column : terminal.column + terminal.length]


def _misplaced(source: Source, before: list[Terminal], bad: Terminal) -> QueryError:
    """Return the error for a terminal that cannot stand where it stands."""
    last = before[-1] if before else None
    if last is not None and last.name == "AFTER":
        return _after_what(source, last)
    if bad.name == "CLOSE":
        return _misplaced_close(source, before, bad)
    sign = _name(source, bad)
    if last is not None and last.name in OPERATORS:
        first = _name(source, last)
        if bad.name in {"NOT", "UNLESS"} and last.name == "AND":
            hint = f"{sign} joins two sides by itself: write a {sign} b."
        else:
            hint = "Put words between them, or remove one of them."
        return source.refusal(
            "QC-Q006",
            f"{first} and {sign} stand side by side with nothing between them",
            bad.column,
            length=bad.length,
            hint=f"{hint} {_capitals(sign)}".rstrip(),
        )
    hint = {
        "NOT": "Say what to find first: trust NOT hospital finds trust in units without hospital.",
        "UNLESS": 'Say what to find first: trust UNLESS "the trust\'s".',
    }.get(bad.name, f"Write what {sign} joins on both sides of it.")
    return source.refusal(
        "QC-Q005",
        f"{sign} has nothing on its left",
        bad.column,
        length=bad.length,
        hint=f"{hint} {_capitals(sign)}".rstrip(),
    )


def _capitals(sign: str) -> str:
    return f'To search for the word itself, write "{sign.lower()}".' if sign.isalpha() else ""


def _misplaced_close(source: Source, before: list[Terminal], bad: Terminal) -> QueryError:
    last = before[-1] if before else None
    open_brackets = sum({"OPEN": 1, "CLOSE": -1}.get(terminal.name, 0) for terminal in before)
    if open_brackets == 0:
        return source.refusal(
            "QC-Q002", "this bracket closes nothing", bad.column, hint="Remove it, or add the ( that it belongs to."
        )
    if last is not None and last.name in OPERATORS:
        return _nothing_right(source, last)
    return source.refusal(
        "QC-Q001",
        "there is nothing between these brackets",
        bad.column,
        hint="Write at least one word in them, or remove them.",
    )


def _unfinished(source: Source, seen: list[Terminal]) -> QueryError:
    """Return the error for a query that ends too early."""
    last = seen[-1]
    if last.name == "AFTER":
        return _after_what(source, last)
    if last.name in OPERATORS:
        return _nothing_right(source, last)
    unclosed: list[Terminal] = []
    for terminal in seen:
        if terminal.name == "OPEN":
            unclosed.append(terminal)
        elif terminal.name == "CLOSE":
            unclosed.pop()
    return source.refusal(
        "QC-Q002", "this bracket is never closed", unclosed[-1].column, hint="Add the ) that ends it."
    )


def _after_what(source: Source, sign: Terminal) -> QueryError:
    return source.refusal(
        "QC-Q008",
        "after: needs a word, a quoted phrase or brackets directly after it",
        sign.column,
        length=sign.length,
        hint='For example after:"buy in" or after:(trust | support).',
    )


def _nothing_right(source: Source, sign: Terminal) -> QueryError:
    written = _name(source, sign)
    return source.refusal(
        "QC-Q006",
        f"{written} has nothing on its right",
        sign.column,
        length=sign.length,
        hint=f"Write what {written} joins on both sides of it. {_capitals(written)}".rstrip(),
    )
