"""What a parsed query is: a tree of these values. Columns are code points in the query string, from 0.

Every node denotes a set of token spans over a text (see ``docs/query-language.md``); filters denote regions
of text and restrict the hits that they are joined to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "FILTERS",
    "And",
    "Exact",
    "Expression",
    "Filter",
    "Lexicon",
    "Near",
    "Not",
    "Or",
    "Phrase",
    "RawRegex",
    "TokenRegex",
    "Unless",
    "Wildcard",
    "Word",
]


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any inflection: tokens whose lemma is the lemma of ``text``."""

    text: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class Exact:
    """One token whose folded form is ``text`` (inside double quotes)."""

    text: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class Wildcard:
    """One token whose folded form matches ``pattern``: ``*`` any characters (none too), ``?`` exactly one."""

    pattern: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class TokenRegex:
    """One token whose folded form is matched, whole, by the regular expression ``pattern``."""

    pattern: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class RawRegex:
    """The tokens touched by a match of ``pattern`` (google-re2) in the raw text of one turn."""

    pattern: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A named word list of the codebook: the union of its items, each a query."""

    name: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Parts side by side, each beginning where the one before ends, in one turn. At least two parts."""

    parts: tuple[Expression, ...]
    column: int = 0


@dataclass(frozen=True, slots=True)
class Or:
    """A hit of either. At least two parts."""

    parts: tuple[Expression, ...]
    column: int = 0


@dataclass(frozen=True, slots=True)
class Near:
    """Hits of both in one turn, not overlapping, at most ``distance`` apart; ``ordered`` for BEFORE."""

    left: Expression
    right: Expression
    distance: int
    ordered: bool = False
    column: int = 0


@dataclass(frozen=True, slots=True)
class And:
    """Hits of both sides in the units that hold both; with a filter on one side, hits of the other within it."""

    left: Expression
    right: Expression
    column: int = 0


@dataclass(frozen=True, slots=True)
class Not:
    """Hits of ``left`` in the units without a hit of ``right``; with a filter, hits not within it."""

    left: Expression
    right: Expression
    column: int = 0


@dataclass(frozen=True, slots=True)
class Unless:
    """Hits of ``left`` that overlap no hit of ``right``."""

    left: Expression
    right: Expression
    column: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """A region of text: ``code:ID``, ``speaker:ROLE-or-LABEL``, ``attr:NAME=VALUE``, ``after:EXPRESSION``.

    ``value`` is the text after the colon; for ``attr`` it is ``value`` with ``name`` set; for ``after`` the
    ``inner`` expression is matched against the question.
    """

    kind: Literal["code", "speaker", "attr", "after"]
    value: str = ""
    name: str = ""
    operator: Literal["=", "!=", "<", "<=", ">", ">="] = "="
    inner: Expression | None = None
    column: int = 0


FILTERS = ("code", "speaker", "attr", "after")

Expression: TypeAlias = (
    Word | Exact | Wildcard | TokenRegex | RawRegex | Lexicon | Phrase | Or | Near | And | Not | Unless | Filter
)
