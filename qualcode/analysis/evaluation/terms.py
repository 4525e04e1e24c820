"""The words inside rules: which alternatives are never said, never hit where the rule needs them, or hit amiss."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.analysis.evaluation.grid import Grid, Passage
from qualcode.errors import QueryError
from qualcode.model.codes import Codebook, Rule, Unit
from qualcode.model.document import Span
from qualcode.query import ast
from qualcode.query.engine import Evaluator
from qualcode.query.parse import parse
from qualcode.query.plan import Plan, Planner
from qualcode.query.unparse import unparse
from qualcode.text.index import TokenIndex

__all__ = ["NEVER_HITS", "NEVER_SAID", "Term", "terms_of"]

NEVER_SAID, NEVER_HITS = "never said", "said, never hits"
NEVER_RIGHT = "never right"
FEWEST_FALSE = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One alternative of a rule, or one entry of a word list.

    Attributes:
        code, rule: whose; the rule is ``$name`` for an entry of a word list, and the code then empty.
        text: the alternative as one would type it.
        said: how often the words stand in the talk that is counted.
        hits: how often the rule hits through them; ``None`` for an entry of a word list.
        passages, right: machine passages of the code with such a hit, and those of them that are right.
        verdict: ``never said``, ``said, never hits``, ``never right`` (three false passages or more), or empty.
    """

    code: str
    rule: str
    text: str
    place: str
    said: int
    hits: int | None
    passages: int
    right: int
    verdict: str


def terms_of(grid: Grid, index: TokenIndex, *, places: Mapping[str, str]) -> tuple[Term, ...]:
    """Return a line for each alternative (``a | b``) that a hit of a rule may be made of, then for each entry of the
    word lists that rules use, in the order of the codebook.

    Rules that spoke for no passage are left out, and so are those that ask about codes (``code:``), and what stands
    behind NOT and UNLESS.

    Args:
        grid: the comparison; its machine's passages are those of the rules.
        index: over documents among which are those that are compared.
        places: where rules stand, by id.
    """
    book = grid.study.codebook
    look = _Looking(grid, index, book)
    found: list[Term] = []
    spoke = {(each.code, rule) for each in grid.kept(grid.machine) for rule in each.rule.split("; ")}
    for code in book.tree():
        if code.id in grid.codes:
            passages = look.passages(code.id)
            for rule in (each for each in code.rules if (code.id, each.id) in spoke):
                for alternative, variant in _variants(rule):
                    found.append(_term(look, code.id, rule, alternative, variant, passages, places.get(rule.id, "")))
    written = " ".join(rule.find or "" for code in book if code.id in grid.codes for rule in code.rules)
    for name in dict.fromkeys(re.findall(r"\$(\w+)", written)):
        for item in book.lexicons.get(name, ()):
            said = len(look.hits(parse(item), book.unit))
            found.append(Term("", f"${name}", item, "", said, None, 0, 0, "" if said else NEVER_SAID))
    return tuple(found)


class _Looking:
    """Runs queries over the talk that is counted in the documents that are compared; each once."""

    def __init__(self, grid: Grid, index: TokenIndex, book: Codebook) -> None:
        self.grid, self.index = grid, index
        self.planner = Planner(book.lexicons)
        self.known: dict[tuple[Plan, Unit], list[tuple[str, Span]]] = {}
        self.units = {name: ([unit.start for unit in units], units) for name, units in grid.units.items()}

    def hits(self, query: ast.Expression, unit: Unit) -> list[tuple[str, Span]]:
        plan = self.planner.read(query)
        if (plan, unit) not in self.known:
            self.known[plan, unit] = list(self._found(plan, unit))
        return self.known[plan, unit]

    def passages(self, code: str) -> dict[str, list[Passage]]:
        found: dict[str, list[Passage]] = {}
        for each in self.grid.passages[1]:
            if each.code == code:
                found.setdefault(each.document_id, []).append(each)
        return found

    def _found(self, plan: Plan, unit: Unit) -> Iterator[tuple[str, Span]]:
        for shard in self.index.shards:
            spans = Evaluator(shard, unit).hits(plan)
            if not len(spans):
                continue
            document, start, end = shard.locate(spans.starts, spans.ends)
            for at, first, last in zip(document.tolist(), start.tolist(), end.tolist(), strict=True):
                name = shard.documents[at][0]
                if name in self.units and self._counted(name, first):
                    yield name, Span(first, last)

    def _counted(self, name: str, position: int) -> bool:
        starts, units = self.units[name]
        at = bisect_right(starts, position) - 1
        return at >= 0 and position < units[at].end


def _term(
    look: _Looking, code: str, rule: Rule, alternative: ast.Expression, variant: ast.Expression,
    passages: Mapping[str, Sequence[Passage]], place: str,
) -> Term:  # fmt: skip
    unit = rule.unit or look.grid.study.codebook.unit
    said = len(look.hits(alternative, unit))
    hits = look.hits(variant, unit) if said else []
    through = {
        (name, each.span): each.met
        for name, span in hits
        for each in passages.get(name, ())
        if each.span.overlaps(span) and any(rule.id in one.rule.split("; ") for one in each.codings)
    }
    right = sum(through.values())
    verdict = NEVER_SAID if not said else NEVER_HITS if not hits else ""
    if not verdict and not right and len(through) >= FEWEST_FALSE:
        verdict = NEVER_RIGHT
    return Term(code, rule.id, unparse(alternative), place, said, len(hits), len(through), right, verdict)


def _variants(rule: Rule) -> Iterator[tuple[ast.Expression, ast.Expression]]:
    """Yield each alternative that a hit may be made of, with the rule in which it is the only one."""
    if rule.find is None:
        return
    try:
        whole = parse(rule.find)
    except QueryError:
        return
    if any(isinstance(each, ast.Filter) and each.kind == "code" for each in _all(whole)):
        return
    yield from _chosen(whole)


def _chosen(node: ast.Expression) -> Iterator[tuple[ast.Expression, ast.Expression]]:
    match node:
        case ast.Or(parts):
            for part in parts:
                inner = list(_chosen(part))
                yield from inner or [(part, part)]
        case ast.Phrase(parts):
            for at, part in enumerate(parts):
                for alternative, variant in _chosen(part):
                    yield alternative, replace(node, parts=(*parts[:at], variant, *parts[at + 1 :]))
        case ast.Near(left, right) | ast.And(left, right):
            for alternative, variant in _chosen(left):
                yield alternative, replace(node, left=variant)
            for alternative, variant in _chosen(right):
                yield alternative, replace(node, right=variant)
        case ast.Not(left, _) | ast.Unless(left, _):
            for alternative, variant in _chosen(left):
                yield alternative, replace(node, left=variant)


def _all(node: ast.Expression) -> Iterator[ast.Expression]:
    yield node
    match node:
        case ast.Or(parts) | ast.Phrase(parts):
            for part in parts:
                yield from _all(part)
        case ast.Near(left, right) | ast.And(left, right) | ast.Not(left, right) | ast.Unless(left, right):
            yield from _all(left)
            yield from _all(right)
        case ast.Filter(inner=inner) if inner is not None:
            yield from _all(inner)
