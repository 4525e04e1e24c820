"""From a parsed query to a plan: words cut by the tokenizer, word lists filled in, single tokens joined to sets.

A plan is a tree of hashable values that no longer depends on the codebook or on how the query was typed; it runs
on any shard.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qualcode.errors import QueryError
from qualcode.query import ast
from qualcode.text.fold import COMPOUND_HYPHENS, fold
from qualcode.text.lemmas import query_lemma

__all__ = [
    "Adjacent",
    "AllOf",
    "AnyOf",
    "Leaf",
    "NearBy",
    "NoneOf",
    "Not",
    "Plan",
    "Raw",
    "Region",
    "Union",
    "codes_named",
    "is_region",
    "leaves",
    "plan_query",
    "raw_patterns",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaf:
    """A set of types: by lemma, by folded form, by wildcard or by regular expression."""

    kind: Literal["lemma", "fold", "wild", "regex"]
    value: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The union of several sets of types: still single tokens."""

    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Adjacent:
    """Parts side by side."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """The hits of all parts."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class NearBy:
    """NEAR and BEFORE."""

    left: Plan
    right: Plan
    distance: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class AllOf:
    """AND."""

    left: Plan
    right: Plan


@dataclass(frozen=True, slots=True)
class Not:
    """NOT."""

    left: Plan
    right: Plan


@dataclass(frozen=True, slots=True)
class NoneOf:
    """UNLESS."""

    left: Plan
    right: Plan


@dataclass(frozen=True, slots=True)
class Raw:
    """A regular expression over the raw text of a turn."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Region:
    """A filter."""

    kind: Literal["code", "speaker", "attr", "after"]
    value: str
    name: str = ""
    operator: str = "="
    inner: Plan | None = None


Plan: TypeAlias = Leaf | AnyOf | Adjacent | Union | NearBy | AllOf | Not | NoneOf | Raw | Region


def plan_query(expression: ast.Expression | str, *, lexicons: Mapping[str, Sequence[str]] | None = None) -> Plan:
    """Return the plan of a query.

    Args:
        expression: a parsed query, or the query itself.
        lexicons: named word lists; each item is a query.

    Raises:
        QueryError: QC-Q030 when a word list is unknown, QC-Q031 when lists name each other in a circle, and what
            the parser raises.
    """
    return Planner(lexicons or {}).read(expression)


def _parsed(expression: ast.Expression | str) -> ast.Expression:
    if isinstance(expression, str):
        from qualcode.query.parse import parse

        return parse(expression)
    return expression


class Planner:
    """Plans queries that share named word lists; each list is planned once."""

    def __init__(self, lexicons: Mapping[str, Sequence[str]]) -> None:
        self.lexicons = lexicons
        self.filled: dict[str, Plan] = {}

    def read(self, query: ast.Expression | str) -> Plan:
        """Return the plan of a query; raises as :func:`plan_query` does."""
        return self.plan(_parsed(query), ())

    def plan(self, node: ast.Expression, inside: tuple[str, ...]) -> Plan:
        """Return the plan of a node that stands inside the word lists ``inside``."""
        match node:
            case ast.Word(text):
                return Leaf("lemma", query_lemma(text))
            case ast.Exact(text):
                return Leaf("fold", fold(text))
            case ast.Wildcard(pattern):
                return _sequence([_wild(piece) for piece in _hyphen_pieces(pattern)], pattern)
            case ast.TokenRegex(pattern):
                return Leaf("regex", pattern)
            case ast.RawRegex(pattern):
                return Raw(pattern)
            case ast.Lexicon(name):
                return self._lexicon(node, name, inside)
            case ast.Phrase(parts):
                return _phrase([self.plan(part, inside) for part in parts])
            case ast.Or(parts):
                return _union([self.plan(part, inside) for part in parts])
            case ast.Near(left, right, distance, ordered):
                return NearBy(self.plan(left, inside), self.plan(right, inside), distance, ordered)
            case ast.And(left, right):
                return AllOf(self.plan(left, inside), self.plan(right, inside))
            case ast.Not(left, right):
                return Not(self.plan(left, inside), self.plan(right, inside))
            case ast.Unless(left, right):
                return NoneOf(self.plan(left, inside), self.plan(right, inside))
            case ast.Filter(kind, value, name, operator, inner):
                asked = self.plan(inner, inside) if inner is not None else None
                return Region(kind, fold(value), fold(name), operator, asked)
        raise AssertionError(node)

    def _lexicon(self, node: ast.Lexicon, name: str, inside: tuple[str, ...]) -> Plan:
        if name in inside:
            circle = " → ".join(f"${each}" for each in (*inside, name))
            raise QueryError("QC-Q031", f"word lists name each other in a circle: {circle}")
        items = self.lexicons.get(name)
        if items is None:
            close = difflib.get_close_matches(name, self.lexicons, 1)
            hint = (
                f"Did you mean ${close[0]}?" if close else f"Known lists: {', '.join(sorted(self.lexicons)) or 'none'}."
            )
            raise QueryError("QC-Q030", f"there is no word list ${name} (column {node.column + 1})", hint=hint)
        if name not in self.filled:
            self.filled[name] = _union([self.plan(_parsed(item), (*inside, name)) for item in items])
        return self.filled[name]


def _sequence(tokens: Sequence[Leaf], text: str) -> Plan:
    if not tokens:
        raise QueryError("QC-Q032", f"{text!r} holds no word", hint="Write a word, or a phrase in double quotes.")
    return tokens[0] if len(tokens) == 1 else Adjacent(tuple(tokens))


def _hyphen_pieces(pattern: str) -> list[str]:
    """Cut a wildcard pattern as the tokenizer cuts compounds: at hyphens between two characters."""
    folded = pattern
    for hyphen in COMPOUND_HYPHENS:
        folded = folded.replace(hyphen, "-")
    pieces = folded.split("-")
    return pieces if all(pieces) else [folded]


def _wild(piece: str) -> Leaf:
    if "*" in piece or "?" in piece:
        return Leaf("wild", fold(piece))
    return Leaf("fold", fold(piece))


def _phrase(parts: list[Plan]) -> Plan:
    regions = [part for part in parts if is_region(part)]
    words = [part for part in parts if not is_region(part)]
    flat: list[Plan] = []
    for part in words:
        flat.extend(part.parts if isinstance(part, Adjacent) else (part,))
    if not flat:
        found: Plan = regions.pop(0)
    else:
        found = flat[0] if len(flat) == 1 else Adjacent(tuple(flat))
    for region in regions:
        found = AllOf(found, region)
    return found


def _union(parts: list[Plan]) -> Plan:
    singles: dict[Leaf, None] = {}
    others: dict[Plan, None] = {}
    if any(is_region(part) for part in parts):
        return parts[0] if len(parts) == 1 else Union(tuple(parts))
    for part in parts:
        if isinstance(part, Leaf):
            singles[part] = None
        elif isinstance(part, AnyOf):
            singles.update(dict.fromkeys(part.leaves))
        elif isinstance(part, Union):
            for inner in part.parts:
                if isinstance(inner, Leaf):
                    singles[inner] = None
                elif isinstance(inner, AnyOf):
                    singles.update(dict.fromkeys(inner.leaves))
                else:
                    others[inner] = None
        else:
            others[part] = None
    merged: list[Plan] = []
    if singles:
        merged.append(next(iter(singles)) if len(singles) == 1 else AnyOf(tuple(singles)))
    merged.extend(others)
    return merged[0] if len(merged) == 1 else Union(tuple(merged))


def is_region(plan: Plan) -> bool:
    """Return whether a plan denotes a region of text: a filter, or a combination of filters only."""
    match plan:
        case Region():
            return True
        case Union(parts):
            return bool(parts) and all(is_region(part) for part in parts)
        case AllOf(left, right) | Not(left, right):
            return is_region(left) and is_region(right)
    return False


def _inner(plan: Plan) -> Iterator[Plan]:
    yield plan
    match plan:
        case Adjacent(parts) | Union(parts):
            for part in parts:
                yield from _inner(part)
        case NearBy(left, right) | AllOf(left, right) | Not(left, right) | NoneOf(left, right):
            yield from _inner(left)
            yield from _inner(right)
        case Region(inner=inner) if inner is not None:
            yield from _inner(inner)


def leaves(plan: Plan) -> Iterator[Leaf]:
    """Yield the single-token sets of a plan that a hit may be made of (not what NOT and UNLESS keep away)."""
    match plan:
        case Leaf():
            yield plan
        case AnyOf(found):
            yield from found
        case Adjacent(parts) | Union(parts):
            for part in parts:
                yield from leaves(part)
        case NearBy(left, right) | AllOf(left, right):
            yield from leaves(left)
            yield from leaves(right)
        case Not(left, _) | NoneOf(left, _):
            yield from leaves(left)


def raw_patterns(plan: Plan) -> tuple[str, ...]:
    """Return the raw regular expressions in a plan."""
    return tuple(part.pattern for part in _inner(plan) if isinstance(part, Raw))


def codes_named(plan: Plan) -> frozenset[str]:
    """Return the codes that a plan's ``code:`` filters name, as written (case folded)."""
    return frozenset(part.value for part in _inner(plan) if isinstance(part, Region) and part.kind == "code")
