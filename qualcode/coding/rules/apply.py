"""One shard, one plan: ``code_shard(shard, plan) -> arrays``, the same in a loop, in a pool and on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.rules.compile import CodePlan, CodingPlan, RulePlan
from qualcode.coding.rules.stance import MIXED, PRESENT, STANCES, Clauses, cue_counts, negated
from qualcode.query.engine import Evaluator
from qualcode.query.spans import Spans, resolve_overlaps, spans_of, union
from qualcode.text.shard import Shard

__all__ = ["FLAGS", "Passages", "RuleHits", "code_shard", "rule_hits"]

Array = npt.NDArray[Any]

FLAGS = ("hedged", "hypothetical")
_CUE_FLAGS = {"hedging": 1, "hypothetical": 2}


@dataclass(frozen=True, slots=True)
class RuleHits:
    """The hits of all rules of one code: token spans, the rule (position in the code), stance and flag bits."""

    starts: Array
    ends: Array
    rule: Array
    stance: Array
    flags: Array

    def keep(self, wanted: Array) -> RuleHits:
        """Return the hits at which ``wanted`` says so."""
        return RuleHits(*(column[wanted] for column in (self.starts, self.ends, self.rule, self.stance, self.flags)))


@dataclass(frozen=True, slots=True)
class Passages:
    """What the rules propose for one shard, as arrays: int32 but for score (float32), stance and flags (int8).

    Attributes:
        code: position in ``CodingPlan.codes``.
        document, block: ordinals in the shard.
        start, end: code points in the document.
        first_token, end_token: rows of the shard.
        evidence_first: the evidence of passage ``p`` is rows ``evidence_first[p] : evidence_first[p + 1]`` of
            ``evidence_rule``, ``evidence_start``, ``evidence_end`` (code points in the document).
    """

    code: Array
    document: Array
    block: Array
    start: Array
    end: Array
    first_token: Array
    end_token: Array
    score: Array
    stance: Array
    flags: Array
    evidence_first: Array
    evidence_rule: Array
    evidence_start: Array
    evidence_end: Array

    def __len__(self) -> int:
        return len(self.code)


def rule_hits(shard: Shard, rule: RulePlan, evaluator: Evaluator, mode: Any) -> Spans:
    """Return the hits of one rule in one shard, before roles and thresholds."""
    if rule.plan is None:
        return resolve_overlaps(_token_hits(shard, rule), mode)
    evaluator.unit = rule.unit
    return resolve_overlaps(evaluator.hits(rule.plan), mode)


def _token_hits(shard: Shard, rule: RulePlan) -> Spans:
    """Run spaCy's Matcher, but only on sentences that hold the rarest word that the pattern cannot do without."""
    from qualcode.text.nlp import match_token_patterns

    if rule.gate:
        evaluator = Evaluator(shard)
        rarest = min((evaluator.hits(plan) for plan in rule.gate), key=len)
        sentences = np.unique(shard.token_sentence[rarest.starts])
    else:
        sentences = np.arange(len(shard.sentence_first) - 1)
    texts, readings = shard.types.texts, shard.types.readings

    def words() -> Any:
        for sentence in sentences.tolist():
            types = shard.token_type[shard.sentence_first[sentence] : shard.sentence_first[sentence + 1]].tolist()
            lemmas, tags = zip(*(readings[number] for number in types), strict=True)
            yield [texts[number] for number in types], lemmas, tags

    starts: list[int] = []
    ends: list[int] = []
    for sentence, found in zip(sentences.tolist(), match_token_patterns(rule.tokens, words()), strict=True):
        base = int(shard.sentence_first[sentence])
        starts.extend(base + first for first, _ in found)
        ends.extend(base + last for _, last in found)
    return spans_of(np.asarray(starts, np.int32), np.asarray(ends, np.int32))


def code_shard(shard: Shard, plan: CodingPlan) -> Passages:
    """Return the passages that the plan's rules propose in one shard, by code and place."""
    allowed = _codeable(shard, plan)
    passages: dict[int, _Coded] = {}
    taken: dict[int, Array] = {}
    positions_of = {code.id: number for number, code in enumerate(plan.codes)}

    def coded(name: str) -> Spans:
        spans = [
            Spans(passages[number].first, passages[number].end)
            for code, number in positions_of.items() if number in passages and name in plan.codes[number].names
        ]  # fmt: skip
        return union(spans)

    evaluator = Evaluator(shard, raw=plan.raw, coded=coded)
    for number, code in enumerate(plan.codes):
        hits = _hits_of(shard, plan, code, evaluator, allowed)
        if hits is None:
            continue
        scored, hits = _score(shard, plan, code, hits)
        rivals = [taken[winner] for winner in code.yields_to if winner in taken]
        if rivals:
            scored = scored.keep(~_touches(scored, np.unique(np.concatenate(rivals))))
        if len(scored.sentence):
            taken[number] = _covered(scored)
            passages[number] = _join(shard, scored, hits)
    return _collect(shard, plan, passages)


def _codeable(shard: Shard, plan: CodingPlan) -> Array:
    """Return for each block whether it may be coded: speech, by somebody who is not left out."""
    left_out = [number for number, role in enumerate(shard.roles) if role in plan.roles_left_out]
    return np.asarray((shard.block_codeable > 0) & ~np.isin(shard.block_role, left_out))


def _hits_of(shard: Shard, plan: CodingPlan, code: CodePlan, evaluator: Evaluator, allowed: Array) -> RuleHits | None:
    found: list[tuple[int, Spans]] = []
    for number, rule in enumerate(code.rules):
        spans = rule_hits(shard, rule, evaluator, plan.overlaps)
        if len(spans):
            spans = spans.keep(allowed[shard.token_block[spans.starts]])
        if len(spans):
            found.append((number, spans))
    if not found:
        return None
    starts = np.concatenate([spans.starts for _, spans in found])
    ends = np.concatenate([spans.ends for _, spans in found])
    rules = np.concatenate([np.full(len(spans), number, np.int32) for number, spans in found])
    if len(found) > 1:
        order = np.lexsort((rules, ends, starts))
        starts, ends, rules = starts[order], ends[order], rules[order]
    hits = Spans(starts, ends)
    stance, flags = _stance(shard, plan, code, hits, rules)
    return RuleHits(starts, ends, rules, stance, flags)


def _stance(shard: Shard, plan: CodingPlan, code: CodePlan, hits: Spans, rules: Array) -> tuple[Array, Array]:
    polarities = [STANCES.index(rule.polarity) if rule.polarity in STANCES else PRESENT for rule in code.rules]
    base = np.asarray(polarities, np.int8)
    stance = base[rules]
    flags = np.zeros(len(hits), np.int8)
    for kind, cue in plan.cues.items():
        counts = cue_counts(shard, cue, hits, rules, code.rules)
        if kind == "negation":
            stance = negated(stance, counts)
        elif kind in _CUE_FLAGS:
            flags |= np.where(counts > 0, _CUE_FLAGS[kind], 0).astype(np.int8)
    for number, rule in enumerate(code.rules):
        for value, words in rule.stance_words:
            mine = np.flatnonzero(rules == number)
            if not len(mine) or value not in STANCES:
                continue
            low, high = Clauses.of(shard).around(hits.keep(mine))
            near = np.unique(Evaluator(shard).hits(words).starts)
            reached = np.searchsorted(near, high) > np.searchsorted(near, low)
            stance[mine[reached]] = STANCES.index(value)
    return stance, flags


@dataclass(frozen=True, slots=True)
class _Scored:
    """Sentences that carry a code, ascending, the last sentence that their hits touch, and the score of their unit."""

    sentence: Array
    last: Array
    score: Array

    def keep(self, wanted: Array) -> _Scored:
        return _Scored(self.sentence[wanted], self.last[wanted], self.score[wanted])


def _score(shard: Shard, plan: CodingPlan, code: CodePlan, hits: RuleHits) -> tuple[_Scored, RuleHits]:
    """Return the sentences with hits in units that reach the threshold, and the hits that speak for the code."""
    weights = np.asarray([rule.weight for rule in code.rules], np.float64)[hits.rule]
    unit = shard.units(plan.unit, hits.starts)
    edges = np.flatnonzero(np.diff(unit, prepend=-1))
    harm = np.minimum(np.minimum.reduceat(weights, edges), 0.0)
    if code.combine == "max":
        score = np.maximum.reduceat(weights, edges) + harm
    elif code.combine == "sum":
        score = np.add.reduceat(weights, edges)
    else:
        missed = np.multiply.reduceat(np.where(weights > 0, 1 - weights, 1.0), edges)
        score = 1 - missed + np.add.reduceat(np.minimum(weights, 0.0), edges)
    passing = np.repeat(score >= code.threshold - 1e-9, np.diff(np.append(edges, len(unit))))
    scores = np.repeat(np.clip(score, 0.0, 1.0), np.diff(np.append(edges, len(unit))))
    speaking = np.flatnonzero(passing & (weights > 0))
    sentence = shard.token_sentence[hits.starts[speaking]]
    firsts = np.flatnonzero(np.diff(sentence, prepend=-1))
    last = shard.token_sentence[hits.ends[speaking] - 1]
    reach = np.maximum.reduceat(last, firsts) if len(firsts) else last
    return _Scored(sentence[firsts], reach, scores[speaking][firsts]), hits.keep(weights >= 0)


def _covered(scored: _Scored) -> Array:
    """Return all sentences from first to last of each, ascending."""
    longest = int((scored.last - scored.sentence).max())
    return np.unique(np.concatenate([np.minimum(scored.sentence + more, scored.last) for more in range(longest + 1)]))


def _touches(scored: _Scored, taken: Array) -> Array:
    """Return for each whether one of its sentences is taken."""
    return np.searchsorted(taken, scored.last, side="right") > np.searchsorted(taken, scored.sentence)


@dataclass(frozen=True, slots=True)
class _Coded:
    """The passages of one code: token spans, score, and the hits that they come from."""

    first: Array
    end: Array
    score: Array
    hits: RuleHits


def _join(shard: Shard, scored: _Scored, hits: RuleHits) -> _Coded:
    """Join sentences that carry the code with their neighbours in the same turn."""
    block = shard.token_block[shard.sentence_first[scored.sentence]]
    reach = np.maximum.accumulate(scored.last)
    apart = np.ones(len(block), bool)
    apart[1:] = (block[1:] != block[:-1]) | (scored.sentence[1:] > reach[:-1] + 1)
    edges = np.flatnonzero(apart)
    last = np.maximum.reduceat(scored.last, edges)
    return _Coded(
        shard.sentence_first[scored.sentence[edges]],
        shard.sentence_first[last + 1],
        np.maximum.reduceat(scored.score, edges),
        hits,
    )


def _collect(shard: Shard, plan: CodingPlan, passages: dict[int, _Coded]) -> Passages:
    parts: list[Sequence[Array]] = []
    evidence: list[Sequence[Array]] = []
    for number, coded in passages.items():
        if not plan.codes[number].wanted:
            continue
        hits = coded.hits
        low = np.searchsorted(hits.starts, coded.first)
        high = np.searchsorted(hits.starts, coded.end)
        inside = np.repeat(np.arange(len(low)), high - low)
        rows = np.arange(len(inside)) + np.repeat(low - (np.cumsum(high - low) - (high - low)), high - low)
        lowest = np.full(len(low), MIXED, np.int8)
        highest = np.full(len(low), PRESENT, np.int8)
        np.minimum.at(lowest, inside, hits.stance[rows])
        np.maximum.at(highest, inside, hits.stance[rows])
        agreed = (
            np.where(lowest == highest, lowest, np.int8(MIXED)) if plan.has_stance else np.full(len(low), -1, np.int8)
        )
        bits = np.zeros(len(low), np.int8)
        np.bitwise_or.at(bits, inside, hits.flags[rows])
        document, start, end = shard.locate(coded.first, coded.end)
        parts.append((
            np.full(len(low), number), document, shard.token_block[coded.first], start, end,
            coded.first, coded.end, coded.score, agreed, bits, high - low,
        ))  # fmt: skip
        _, hit_start, hit_end = shard.locate(hits.starts[rows], hits.ends[rows])
        evidence.append((hits.rule[rows], hit_start, hit_end))
    columns: list[Array] = (
        [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else [np.empty(0)] * 11
    )
    code, document, block, start, end, first, last, score, stance, flags, counts = columns
    found: list[Array] = (
        [np.concatenate(column) for column in zip(*evidence, strict=True)] if evidence else [np.empty(0)] * 3
    )
    return Passages(
        code=code.astype(np.int32), document=document.astype(np.int32), block=block.astype(np.int32),
        start=start.astype(np.int32), end=end.astype(np.int32), first_token=first.astype(np.int32),
        end_token=last.astype(np.int32), score=score.astype(np.float32), stance=stance.astype(np.int8),
        flags=flags.astype(np.int8), evidence_first=np.append(0, np.cumsum(counts)).astype(np.int32),
        evidence_rule=found[0].astype(np.int32), evidence_start=found[1].astype(np.int32),
        evidence_end=found[2].astype(np.int32),
    )  # fmt: skip
