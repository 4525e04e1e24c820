"""How a YAML scalar is read as a query: a double-quoted one is the exact phrase, others are the query as typed."""

from __future__ import annotations

import re

from qualcode.codebook.nodes import Scalar, position_in_text

__all__ = ["as_query", "exact_query", "looks_like_a_query", "position_of_query"]

_QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb'
# In an exact phrase a backslash stands before * ? \ and quotes; before anything else it is itself.
_SPECIAL = re.compile(rf"(\\[*?\\{_QUOTES}])|([\\{_QUOTES}])")
_OPERATORS = re.compile(
    rf"\||\b(?:AND|NOT|OR|UNLESS|NEAR|BEFORE)\b|\$\w|[{_QUOTES}]|\b(?:code|speaker|attr|after):|^/.+/$"
)


def exact_query(phrase: str) -> str:
    r"""Return the query that finds exactly ``phrase``; quotation marks in it are escaped, wildcards are left.

    >>> exact_query("on board")
    '"on board"'
    >>> print(exact_query('the "new" plan'))
    "the \"new\" plan"
    """
    return '"' + _SPECIAL.sub(lambda found: found[1] or "\\" + found[2], phrase) + '"'


def as_query(node: Scalar) -> str:
    """Return the query that a scalar in a list of rules or words stands for."""
    text = node.value.strip()
    return exact_query(text) if node.style == '"' else text


def looks_like_a_query(node: Scalar) -> bool:
    """Return whether a double-quoted scalar holds operators, which then are only words of an exact phrase."""
    return node.style == '"' and _OPERATORS.search(node.value) is not None


def position_of_query(node: Scalar, text: str, index: int) -> int:
    """Return where in the file the character ``index`` of the scalar's query stands (code points from 0)."""
    blanks = len(node.value) - len(node.value.lstrip())
    if node.style == '"':
        index = _without_escapes(node.value.strip(), index)
    return position_in_text(node, text, blanks + index)


def _without_escapes(phrase: str, index: int) -> int:
    """Return the index in the phrase of a character of its query."""
    at = 1  # the opening quotation mark that was put before it
    for position, length in _pieces(phrase):
        if index < at + length:
            return position
        at += length
    return len(phrase)


def _pieces(phrase: str) -> list[tuple[int, int]]:
    """Return for each character of the phrase its index and how many characters it has in the query."""
    pieces: list[tuple[int, int]] = []
    at = 0
    for found in _SPECIAL.finditer(phrase):
        pieces.extend((index, 1) for index in range(at, found.start()))
        if found[1]:
            pieces.extend((index, 1) for index in range(found.start(), found.end()))
        else:
            pieces.append((found.start(), 2))
        at = found.end()
    pieces.extend((index, 1) for index in range(at, len(phrase)))
    return pieces
