"""Plans on shards: every expression denotes a set of token spans, every operator is an operation on sorted arrays.

Cost follows the hits, not the corpus. The definitions are in ``docs/query-language.md``; a slow evaluator written
straight from them is compared with this one in ``tests/query``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.model.codes import Overlaps, Unit
from qualcode.model.document import Span
from qualcode.query import ast
from qualcode.query.plan import (
    Adjacent,
    AllOf,
    AnyOf,
    Leaf,
    NearBy,
    NoneOf,
    Not,
    Plan,
    Raw,
    Region,
    Union,
    is_region,
    plan_query,
    raw_patterns,
)
from qualcode.query.regions import RegionFinder, spans_of_mask, tokens_between
from qualcode.query.resolve import resolve, rows_of
from qualcode.query.spans import NO_SPANS, Spans, members, pairs, resolve_overlaps, spans_of, union
from qualcode.text.index import TokenIndex
from qualcode.text.shard import Shard

__all__ = ["CodedSpan", "Evaluator", "Hits", "evaluate"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class CodedSpan:
    """A passage already coded, as ``code:`` filters need it. ``codes``: the names it answers to, case folded."""

    document_id: str
    span: Span
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hits:
    """The hits of a query over an index, in document order: int32 arrays of equal length.

    Attributes:
        document: ordinal of the document in the index.
        block: number of the turn in its document.
        start, end: code points in the document's text, half-open.
        shard, first_token, end_token: where the hit stands in the index.
        document_ids, document_names: by ordinal.
    """

    document: Array
    block: Array
    start: Array
    end: Array
    shard: Array
    first_token: Array
    end_token: Array
    document_ids: tuple[str, ...]
    document_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(slots=True)
class Evaluator:
    """Runs plans on one shard.

    Args:
        shard: the shard.
        unit: the unit of AND and NOT.
        coded: token spans that answer to a code's name (case folded), for ``code:``.
        raw: all raw regular expressions that will be asked for, so that one gate serves them all.
    """

    shard: Shard
    unit: Unit = "sentence"
    coded: Callable[[str], Spans] | None = None
    raw: Sequence[str] = ()
    _finder: RegionFinder | None = field(default=None, repr=False)

    def hits(self, plan: Plan) -> Spans:
        """Return the spans that the plan denotes."""
        match plan:
            case Leaf() | AnyOf():
                rows = rows_of(self.shard, resolve(self.shard, plan))
                return Spans(rows, rows + np.int32(1))
            case Adjacent(parts):
                return self._sequence(parts)
            case Union() if is_region(plan):
                return spans_of_mask(self.shard, self.region(plan))
            case Union(parts):
                return union([self.hits(part) for part in parts])
            case NearBy(left, right, distance, ordered):
                return self._near(self.hits(left), self.hits(right), distance, ordered)
            case AllOf(left, right):
                return self._all_of(left, right)
            case Not(left, right):
                return self._not(left, right)
            case NoneOf(left, right):
                found = self.hits(left)
                if is_region(right):
                    return found.keep(self._inside_counts(found, self.region(right)) == 0)
                return _unless(found, self.hits(right))
            case Raw(pattern):
                return self._raw(pattern)
            case Region():
                return spans_of_mask(self.shard, self.region(plan))

    def region(self, plan: Plan) -> Array:
        """Return the region that a filter plan denotes: for each token whether it lies in it."""
        match plan:
            case Region(kind="after", inner=inner) if inner is not None:
                asked = self.shard.token_block[self.hits(inner).starts]
                answers = np.isin(self.shard.block_question, np.unique(asked))
                return np.asarray(answers[self.shard.token_block])
            case Region():
                if self._finder is None:
                    self._finder = RegionFinder(self.shard, self.coded)
                return self._finder.tokens_in(plan)
            case Union(parts):
                return np.asarray(np.logical_or.reduce([self.region(part) for part in parts]))
            case AllOf(left, right):
                return self.region(left) & self.region(right)
            case Not(left, right):
                return self.region(left) & ~self.region(right)
        raise AssertionError(plan)

    def _sequence(self, parts: tuple[Plan, ...]) -> Spans:
        if all(isinstance(part, Leaf | AnyOf) for part in parts):
            return self._words(parts)
        found: Spans | None = None
        run: list[Plan] = []
        for part in (*parts, None):
            if isinstance(part, Leaf | AnyOf):
                run.append(part)
                continue
            pieces = [self._words(tuple(run))] if len(run) > 1 else [self.hits(each) for each in run]
            run = []
            if part is not None:
                pieces.append(self.hits(part))
            for piece in pieces:
                found = piece if found is None else self._joined(found, piece)
        return found if found is not None else NO_SPANS

    def _words(self, parts: tuple[Plan, ...]) -> Spans:
        """A run of single tokens: start from the rarest and look at its neighbours."""
        shard = self.shard
        sets = [resolve(shard, part) for part in parts if isinstance(part, Leaf | AnyOf)]
        order = sorted(range(len(sets)), key=lambda at: sets[at].size)
        rarest, width = order[0], len(sets)
        if not sets[rarest].size:
            return NO_SPANS
        firsts = rows_of(shard, sets[rarest])
        if rarest:
            firsts = firsts - np.int32(rarest)
        if firsts[0] < 0 or firsts[-1] > shard.n_tokens - width:
            firsts = firsts[(firsts >= 0) & (firsts <= shard.n_tokens - width)]
        for at in order[1:]:
            types = shard.token_type[firsts + np.int32(at)]
            wanted = sets[at].types
            same = types == wanted[0] if len(wanted) == 1 else self._type_mask(wanted)[types]
            firsts = firsts[same]
            if not len(firsts):
                return NO_SPANS
        same = shard.token_block[firsts] == shard.token_block[firsts + np.int32(width - 1)]
        firsts = firsts[same]
        return Spans(firsts, firsts + np.int32(width))

    def _type_mask(self, types: Array) -> Array:
        mask = np.zeros(len(self.shard.types), bool)
        mask[types] = True
        return mask

    def _joined(self, left: Spans, right: Spans) -> Spans:
        low = np.searchsorted(right.starts, left.ends, side="left")
        high = np.searchsorted(right.starts, left.ends, side="right")
        rows, columns = pairs(low, high)
        starts, ends = left.starts[rows], right.ends[columns]
        same = self.shard.token_block[starts] == self.shard.token_block[ends - 1]
        return spans_of(starts[same], ends[same])

    def _near(self, left: Spans, right: Spans, distance: int, ordered: bool) -> Spans:
        if not len(left) or not len(right):
            return NO_SPANS
        found = [self._before(left, right, distance)]
        if not ordered:
            found.append(self._before(right, left, distance))
        return union(found)

    def _before(self, first: Spans, then: Spans, distance: int) -> Spans:
        """Spans from a hit of ``first`` to a hit of ``then`` that begins at most ``distance`` after its end."""
        if len(first) <= len(then):
            low = np.searchsorted(then.starts, first.ends, side="left")
            high = np.searchsorted(then.starts, first.ends + np.int32(distance - 1), side="right")
            rows, columns = pairs(low, high)
        else:
            order = np.argsort(first.ends, kind="stable")
            ends = first.ends[order]
            low = np.searchsorted(ends, then.starts - np.int32(distance - 1), side="left")
            high = np.searchsorted(ends, then.starts, side="right")
            columns, sorted_rows = pairs(low, high)
            rows = order[sorted_rows]
        starts, stops = first.starts[rows], then.ends[columns]
        same = self.shard.token_block[starts] == self.shard.token_block[stops - 1]
        return spans_of(starts[same], stops[same])

    def _all_of(self, left: Plan, right: Plan) -> Spans:
        if is_region(left) and is_region(right):
            return spans_of_mask(self.shard, self.region(left) & self.region(right))
        if is_region(right):
            return self._within(self.hits(left), self.region(right))
        if is_region(left):
            return self._within(self.hits(right), self.region(left))
        one, other = self.hits(left), self.hits(right)
        if not len(one) or not len(other):
            return NO_SPANS
        unit_one, unit_other = self._units(one), self._units(other)
        return union([one.keep(members(unit_one, unit_other)), other.keep(members(unit_other, unit_one))])

    def _not(self, left: Plan, right: Plan) -> Spans:
        if is_region(left) and is_region(right):
            return spans_of_mask(self.shard, self.region(left) & ~self.region(right))
        found = self.hits(left)
        if is_region(right):
            inside = self.region(right)
            return found.keep(self._inside_counts(found, inside) < found.ends - found.starts)
        other = self.hits(right)
        if not len(found) or not len(other):
            return found
        return found.keep(~members(self._units(found), self._units(other)))

    def _units(self, spans: Spans) -> Array:
        # Starts ascend, and so do the units in which they lie.
        return self.shard.units(self.unit, spans.starts)

    def _within(self, spans: Spans, inside: Array) -> Spans:
        return spans.keep(self._inside_counts(spans, inside) == spans.ends - spans.starts)

    def _inside_counts(self, spans: Spans, inside: Array) -> Array:
        sums = np.zeros(len(inside) + 1, np.int32)
        np.cumsum(inside, out=sums[1:])
        return np.asarray(sums[spans.ends] - sums[spans.starts])

    def _raw(self, pattern: str) -> Spans:
        from qualcode.query.raw import raw_spans

        key = ("raw", pattern)
        if key not in self.shard.cache:
            wanted = tuple(dict.fromkeys([*self.raw, pattern]))
            for each, spans in raw_spans(self.shard, wanted).items():
                self.shard.cache["raw", each] = spans
        found: Spans = self.shard.cache[key]
        return found


def _unless(found: Spans, other: Spans) -> Spans:
    if not len(found) or not len(other):
        return found
    reach = np.maximum.accumulate(other.ends)
    before = np.searchsorted(other.starts, found.ends, side="left")  # spans that begin before the hit ends
    meets = np.zeros(len(found), bool)
    some = before > 0
    meets[some] = reach[before[some] - 1] > found.starts[some]
    return found.keep(~meets)


def evaluate(
    query: ast.Expression | Plan | str,
    index: TokenIndex,
    *,
    unit: Unit = "sentence",
    overlaps: Overlaps = "longest",
    lexicons: Mapping[str, Sequence[str]] | None = None,
    codings: Sequence[CodedSpan] = (),
) -> Hits:
    """Return the hits of a query over all documents of an index.

    Args:
        query: the query, parsed or not.
        index: the token index.
        unit: what AND and NOT look into: ``sentence``, ``turn`` or ``passage``.
        overlaps: what happens to hits that overlap: ``longest`` wins, ``first`` wins, or ``all`` stay.
        lexicons: word lists for ``$name``; each item is a query.
        codings: what is already coded, for ``code:``.

    Raises:
        QueryError: when the query does not parse, or names a word list that does not exist.
    """
    plan = query if isinstance(query, Plan) else plan_query(query, lexicons=lexicons)
    by_document: dict[str, list[CodedSpan]] = {}
    for coding in codings:
        by_document.setdefault(coding.document_id, []).append(coding)
    parts: list[tuple[Array, ...]] = []
    names: list[tuple[str, str, str]] = []
    for number, shard in enumerate(index.shards):
        coded = _CodedInShard(shard, by_document) if codings else None
        evaluator = Evaluator(shard, unit, coded, raw_patterns(plan))
        found = resolve_overlaps(evaluator.hits(plan), overlaps)
        document, start, end = shard.locate(found.starts, found.ends)
        block = shard.block_number[shard.token_block[found.starts]]
        parts.append((document + np.int32(len(names)), block, start, end, np.full(len(found), number, np.int32),
                      found.starts, found.ends))  # fmt: skip
        names.extend(shard.documents)
    whole = [np.concatenate(column).astype(np.int32) for column in zip(*parts, strict=True)]
    document, block, start, end, shards, first, last = whole or [np.empty(0, np.int32) for _ in range(7)]
    return Hits(
        document=document, block=block, start=start, end=end, shard=shards, first_token=first, end_token=last,
        document_ids=tuple(each[0] for each in names), document_names=tuple(each[2] for each in names),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _CodedInShard:
    """The token spans of the codings that answer to a name, in one shard."""

    shard: Shard
    by_document: Mapping[str, Sequence[CodedSpan]]

    def __call__(self, name: str) -> Spans:
        starts: list[int] = []
        ends: list[int] = []
        for ordinal, (document_id, _, _) in enumerate(self.shard.documents):
            base = int(self.shard.document_base[ordinal])
            for coding in self.by_document.get(document_id, ()):
                if name in coding.codes:
                    starts.append(base + coding.span.start)
                    ends.append(base + coding.span.end)
        return tokens_between(self.shard, np.asarray(starts, np.int64), np.asarray(ends, np.int64))
