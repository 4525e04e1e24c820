"""Random expressions, such as parse can return, over a small vocabulary; and trees without their columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

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
from qualcode.query.parse import is_filter

__all__ = ["LEXICONS", "expressions", "without_columns"]

LEXICONS = {
    "leaders": ("head", '"the heads"', "lead*"),
    "empty": (),
    "phrases": ("trust the | buy in", "the NEAR/2 head"),
}

WORDS = ("trust", "head", "lead", "the", "buy", "in", "not", "n't", "do", "6", ".", "?", ",")
EXACT = ("trust", "heads", "Led", "the", "buy", "n't", ".", "'s")
WILDCARDS = ("l?d", "lead*", "*s", "t*", "?", r"*\?", "*u*t")
TOKEN_REGEXES = ("lead(s|ing)?", "[a-t]+", ".", "TRUST.*", r"\W")
RAW_REGEXES = ("the head", r"\bt", "u", r"in\W+the", "s?[ .]+t", r"\?", "e.*e")
FILTERS = (
    Filter("speaker", "participant"),
    Filter("speaker", "dana"),
    Filter("speaker", "unknown"),
    Filter("attr", "RI", "ofsted"),
    Filter("attr", "8", "years", ">="),
    Filter("attr", "8", "Years", "!="),
    Filter("code", "A1"),
    Filter("code", "sharing vision"),
    Filter("code", "nothing"),
)

LEAVES: st.SearchStrategy[Expression] = st.one_of(
    st.sampled_from(WORDS).map(Word),
    st.sampled_from(EXACT).map(Exact),
    st.sampled_from(WILDCARDS).map(Wildcard),
    st.sampled_from(TOKEN_REGEXES).map(TokenRegex),
    st.sampled_from(RAW_REGEXES).map(RawRegex),
    st.sampled_from(sorted(LEXICONS)).map(Lexicon),
    st.sampled_from(FILTERS),
)


def _phrase(parts: list[Expression]) -> Expression:
    """Return what parse makes of parts side by side: filters do not stay in a phrase."""
    hits = [part for part in parts if not is_filter(part)]
    limits = [part for part in parts if is_filter(part)]
    if not hits:
        hits.append(limits.pop(0))
    whole = hits[0] if len(hits) == 1 else Phrase(tuple(hits))
    for limit in limits:
        whole = And(whole, limit)
    return whole


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(_phrase),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.builds(Near, inner, inner, st.integers(1, 6), st.booleans()),
        st.builds(And, inner, inner),
        st.builds(Not, inner, inner),
        st.builds(Unless, inner, inner),
        inner.map(lambda asked: Filter("after", inner=asked)),
    )


def expressions(max_leaves: int = 6) -> st.SearchStrategy[Expression]:
    """Return a strategy for expressions of every node type."""
    return st.recursive(LEAVES, _larger, max_leaves=max_leaves)


def without_columns(expression: Expression) -> Expression:
    """Return the tree with every column 0, so that trees from differently spaced queries compare equal."""
    changed: dict[str, Any] = {"column": 0}
    match expression:
        case Phrase(parts) | Or(parts):
            changed["parts"] = tuple(map(without_columns, parts))
        case Near(left, right) | And(left, right) | Not(left, right) | Unless(left, right):
            changed["left"], changed["right"] = without_columns(left), without_columns(right)
        case Filter(inner=inner) if inner is not None:
            changed["inner"] = without_columns(inner)
    return replace(expression, **changed)
