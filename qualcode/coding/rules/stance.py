"""Negation, hedging and hypotheticals: cues in the clause of a hit set its stance and flags, and never delete it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.rules.compile import CuePlan, RulePlan
from qualcode.query.engine import Evaluator
from qualcode.query.plan import Adjacent, AnyOf, Leaf, NoneOf, Plan, Union
from qualcode.query.resolve import positions, resolve_types
from qualcode.query.spans import Spans
from qualcode.text.sentences import type_flags
from qualcode.text.shard import FLAG_CLAUSE, FLAG_SOFT_STOP, FLAG_STOP, FLAG_WORD, Shard

__all__ = ["ABSENT", "MIXED", "PRESENT", "STANCES", "Clauses", "cue_counts", "negated"]

Array = npt.NDArray[Any]

PRESENT, ABSENT, MIXED = 0, 1, 2
STANCES = ("present", "absent", "mixed")

_CLAUSE_WORDS = frozenset("but because cos 'cause 'cos although though whereas unless until while whilst".split())
"""A clause begins at each of these words."""

_CONTRASTS = (("rather", "than"), ("instead", "of"), ("let", "alone"))
"""Two words with which a clause begins, so that "rather than parallel working" denies what follows it only."""

_LINKS = frozenset({"and", "so", "or", "then", "yet", "which", "who", "that", "when", "if"})
_CLAUSE_OPENERS = frozenset({
    "i", "we", "you", "he", "she", "it", "they", "there", "that", "this", "who", "nobody", "everybody", "everyone",
    "never", "not", "is", "was", "are", "were", "did", "do", "does", "had", "has", "have", "then", "so", "now", "no",
    "some", "most", "even",
})  # fmt: skip
"""After a link ("and", "so" …) a new clause begins when one of these words follows."""


@dataclass(frozen=True, slots=True)
class Clauses:
    """The first tokens of all clauses of a shard, ascending."""

    firsts: Array

    @classmethod
    def of(cls, shard: Shard) -> Clauses:
        """Return the clauses of a shard; remembered by it."""
        kept: Clauses | None = shard.cache.get("clauses")
        if kept is None:
            kept = shard.cache["clauses"] = cls(_clause_starts(shard))
        return kept

    def around(self, hits: Spans) -> tuple[Array, Array]:
        """Return for each hit the first token of the clause it begins in and the end of the one it ends in."""
        last = len(self.firsts) - 1
        low = np.maximum(np.searchsorted(self.firsts, hits.starts, side="right") - 1, 0)
        high = np.minimum(np.searchsorted(self.firsts, hits.ends, side="left"), last)
        return self.firsts[low], self.firsts[high]


def _clause_starts(shard: Shard) -> Array:
    flags = type_flags(shard.types.texts)
    closing = np.flatnonzero(((flags & (FLAG_CLAUSE | FLAG_STOP | FLAG_SOFT_STOP)) > 0) & ((flags & FLAG_WORD) == 0))
    links = positions(shard, _types_among(shard, _LINKS))
    openers = np.zeros(len(flags), bool)
    openers[_types_among(shard, _CLAUSE_OPENERS)] = True
    links = links[links + 1 < shard.n_tokens]
    links = links[openers[shard.token_type[links + 1]]]
    contrasts = [
        rows[second[shard.token_type[rows + 1]]]
        for opening, following in _CONTRASTS
        for second in [_mask(shard, following)]
        for rows in [_before_last(shard, positions(shard, _types_among(shard, frozenset({opening}))))]
    ]
    starts = np.concatenate([
        *contrasts, positions(shard, closing) + 1, positions(shard, _types_among(shard, _CLAUSE_WORDS)), links,
        shard.sentence_first, shard.block_first,
    ])  # fmt: skip
    return np.unique(starts)


def _mask(shard: Shard, word: str) -> Array:
    mask = np.zeros(len(shard.types), bool)
    mask[_types_among(shard, frozenset({word}))] = True
    return mask


def _before_last(shard: Shard, rows: Array) -> Array:
    """Return the rows that have a token behind them."""
    return rows[rows + 1 < shard.n_tokens]


def _types_among(shard: Shard, words: frozenset[str]) -> Array:
    table = shard.types
    return table.types_of_forms([number for word in words if (number := table.number_of_form(word)) is not None])


def _cue_starts(shard: Shard, cue: CuePlan) -> Array:
    key = ("cue", cue)
    kept = shard.cache.get(key)
    if kept is None:
        plan: Plan = NoneOf(cue.cues, cue.exempt) if cue.exempt is not None else cue.cues
        kept = shard.cache[key] = np.unique(Evaluator(shard).hits(plan).starts)
    return np.asarray(kept)


def _own_cues(shard: Shard, rule: RulePlan, cue: CuePlan) -> Array:
    """Return the cues that are the rule's own words, ascending: "no excuses" is not a negation of excuses."""
    key = ("own cues", rule.own_words, cue)
    kept = shard.cache.get(key)
    if kept is None:
        types = [resolve_types(shard, leaf) for leaf in rule.own_words]
        mine = np.unique(np.concatenate(types)) if types else np.empty(0, np.int64)
        parts = cue.cues.parts if isinstance(cue.cues, Union) else (cue.cues,)
        found = [rows for part in parts for rows in _said(shard, part, mine)]
        starts = np.unique(np.concatenate(found)) if found else np.empty(0, np.int32)
        kept = shard.cache[key] = np.intersect1d(starts, _cue_starts(shard, cue))
    return np.asarray(kept)


def _said(shard: Shard, cue: Plan, types: Array) -> Iterator[Array]:
    """Yield where a cue begins, if it is made of these types: one of its words, or a phrase of them."""
    if isinstance(cue, Leaf | AnyOf):
        yield positions(shard, np.intersect1d(resolve_types(shard, cue), types))
    elif isinstance(cue, Adjacent) and all(
        isinstance(part, Leaf | AnyOf) and len(np.intersect1d(resolve_types(shard, part), types)) for part in cue.parts
    ):
        yield Evaluator(shard).hits(cue).starts


def cue_counts(shard: Shard, cue: CuePlan, hits: Spans, rules: Array, plans: Sequence[RulePlan]) -> Array:
    """Return for each hit how many cues reach it: those in its clause (or sentence).

    A cue inside a hit does not count when it is a word of the hit's own rule.

    Args:
        shard: the shard.
        cue: the cues.
        hits: the hits.
        rules: for each hit the number of its rule in ``plans``.
        plans: the rules.
    """
    starts = _cue_starts(shard, cue)
    if cue.sentence_wide:
        low = shard.sentence_first[shard.token_sentence[hits.starts]]
        high = shard.sentence_first[shard.token_sentence[hits.ends - 1] + 1]
    else:
        low, high = Clauses.of(shard).around(hits)
    count = np.searchsorted(starts, high) - np.searchsorted(starts, low)
    for number in np.unique(rules[count > 0]).tolist():
        own = _own_cues(shard, plans[number], cue)
        if len(own):
            inside = np.searchsorted(own, hits.ends) - np.searchsorted(own, hits.starts)
            count -= np.where(rules == number, inside, 0)
    return np.asarray(count)


def negated(polarity: Array, cues: Array) -> Array:
    """Return the stance of hits: one cue turns present and absent round, two make it mixed."""
    turned = np.where(polarity == PRESENT, ABSENT, np.where(polarity == ABSENT, PRESENT, MIXED))
    return np.where(cues == 0, polarity, np.where(cues % 2 == 1, turned, MIXED)).astype(np.int8)
