"""The grammar of the query language, for lark's LALR parser; its terminals come from :mod:`qualcode.query.scan`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark, Transformer

__all__ = ["GRAMMAR", "OPERATORS", "parser"]

GRAMMAR = r"""
?start: units
?units: either
      | units AND either    -> both
      | units NOT either    -> without
      | units UNLESS either -> unless
?either: near
       | near (OR near)+    -> one_of
?near: phrase
     | near NEAR phrase     -> close
phrase: part+
?part: ATOM                 -> atom
     | FILTER               -> atom
     | OPEN units CLOSE     -> group
     | AFTER ATOM           -> after_atom
     | AFTER OPEN units CLOSE -> after_group

%declare ATOM FILTER AFTER OPEN CLOSE OR NEAR AND NOT UNLESS
"""

OPERATORS = frozenset({"OR", "NEAR", "AND", "NOT", "UNLESS"})
"""Terminals that stand between two expressions."""


@cache
def parser(builder: Transformer[object, object]) -> Lark:
    """Return the LALR parser that calls ``builder`` for each rule as soon as it is complete (no recursion)."""
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=builder, maybe_placeholders=False)
