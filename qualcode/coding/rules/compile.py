"""A codebook's rules as plans: parsed once, then run on any shard, in any process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.errors import CodingError, QueryError
from qualcode.model.codes import Code, Codebook, Combine, CueList, Overlaps, Rule, Unit
from qualcode.query.plan import AnyOf, Leaf, Plan, Planner, Union, codes_named, leaves, plan_query, raw_patterns
from qualcode.text.fold import fold

__all__ = ["CodePlan", "CodingPlan", "CuePlan", "RulePlan", "compile_codebook"]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """One rule, ready to run. ``tokens`` rules run spaCy's Matcher in the sentences that hold the rarest of ``gate``."""

    id: str
    plan: Plan | None
    tokens: tuple[Mapping[str, Any], ...]
    gate: tuple[Plan, ...]
    weight: float
    unit: Unit
    polarity: str
    facets: tuple[tuple[str, str], ...]
    stance_words: tuple[tuple[str, Plan], ...]
    own_words: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class CodePlan:
    """One code with its rules. ``names``: what ``code:`` filters may call it, case folded."""

    id: str
    names: frozenset[str]
    rules: tuple[RulePlan, ...]
    threshold: float
    combine: Combine
    yields_to: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CuePlan:
    """Cues of one kind (negation, hedging, hypothetical) and how far they reach."""

    cues: Plan
    exempt: Plan | None
    sentence_wide: bool


@dataclass(frozen=True, slots=True)
class CodingPlan:
    """Everything that ``code_shard`` needs; picklable. Codes that name other codes come after them."""

    codebook: str
    version: str
    sha256: str
    codes: tuple[CodePlan, ...]
    cues: Mapping[str, CuePlan]
    overlaps: Overlaps
    roles_left_out: frozenset[str]
    has_stance: bool
    raw: tuple[str, ...]


def compile_codebook(codebook: Codebook, *, codes: Sequence[str] | None = None) -> CodingPlan:
    """Return the plan of a codebook's rules.

    Args:
        codebook: the codebook.
        codes: ids of the codes to run; all of them without it.

    Raises:
        CodingError: QC-K011 when a rule's query does not parse (the loader refuses such a book earlier).
    """
    chosen = _in_order(codebook, codes)
    number = {code.id: at for at, code in enumerate(chosen)}
    read = Planner(codebook.lexicons).read
    plans = []
    for code in chosen:
        winners = [child.id for child in codebook.descendants(code.id)]
        winners += [other.id for other in codebook if code.id in other.excludes]
        plans.append(
            CodePlan(
                id=code.id,
                names=_names(codebook, code),
                rules=tuple(_rule_plan(rule, codebook, read) for rule in code.rules),
                threshold=code.threshold if code.threshold is not None else codebook.threshold,
                combine=code.combine or codebook.combine,
                yields_to=tuple(number[winner] for winner in winners if winner in number),
            )
        )
    every = [rule.plan for code in plans for rule in code.rules if rule.plan is not None]
    return CodingPlan(
        codebook=codebook.id,
        version=codebook.version,
        sha256=codebook.sha256,
        codes=tuple(plans),
        cues={kind: _cue_plan(found, read) for kind, found in codebook.cues.items() if found.cues},
        overlaps=codebook.overlaps,
        roles_left_out=frozenset(codebook.roles_left_out),
        has_stance=any(facet.id == "stance" for facet in codebook.facets) or not codebook.facets,
        raw=tuple(dict.fromkeys(pattern for plan in every for pattern in raw_patterns(plan))),
    )


def _names(codebook: Codebook, code: Code) -> frozenset[str]:
    return frozenset(
        name.casefold() for each in (code, *codebook.ancestors(code.id)) for name in (each.id, each.label)
    )


def _in_order(codebook: Codebook, codes: Sequence[str] | None) -> list[Code]:
    """Return the codes with rules, those that a ``code:`` filter names before those that name them."""
    wanted = [code for code in codebook.tree() if code.rules and code.codable and code.status != "retired"]
    if codes is not None:
        unknown = [each for each in codes if each not in codebook]
        if unknown:
            raise CodingError("QC-K003", f"the codebook {codebook.id!r} has no code {unknown[0]!r}",
                              hint="See `qualcode codebook show` for its codes.")  # fmt: skip
        wanted = [code for code in wanted if code.id in codes]
    names = {code.id: _names(codebook, code) for code in wanted}
    needs: dict[str, set[str]] = {}
    for code in wanted:
        named: set[str] = set()
        for rule in code.rules:
            if rule.find is not None and "code:" in rule.find:
                named |= codes_named(plan_query(rule.find, lexicons=codebook.lexicons))
        needs[code.id] = {other.id for other in wanted if names[other.id] & named}
    ordered: list[Code] = []
    placed: set[str] = set()
    waiting = wanted
    while waiting:
        ready = [code for code in waiting if needs[code.id] <= placed | {code.id}] or waiting[:1]
        ordered.extend(ready)
        placed.update(code.id for code in ready)
        waiting = [code for code in waiting if code.id not in placed]
    return ordered


def _rule_plan(rule: Rule, codebook: Codebook, read: Callable[[str], Plan]) -> RulePlan:
    try:
        plan = read(rule.find) if rule.find is not None else None
        words = tuple((value, read(word)) for value, found in rule.stance.items() for word in found)
    except QueryError as error:
        raise CodingError("QC-K011", f"rule {rule.id} does not parse: {error.message}", hint=error.hint) from error
    return RulePlan(
        id=rule.id,
        plan=plan,
        tokens=rule.tokens,
        gate=_gate(rule.tokens),
        weight=rule.weight,
        unit=rule.unit or codebook.unit,
        polarity=rule.set.get("stance", "present"),
        facets=tuple((name, value) for name, value in rule.set.items() if name != "stance"),
        stance_words=words,
        own_words=tuple(dict.fromkeys(leaves(plan))) if plan is not None else (),
    )


def _gate(tokens: Sequence[Mapping[str, Any]]) -> tuple[Plan, ...]:
    """Return single-token plans that each sentence with a match must hold (the rarest serves)."""
    found: list[Plan] = []
    for token in tokens:
        if token.get("OP", "1") not in {"1", "+"} or not token:
            continue
        for key, kind in (("LEMMA", "lemma"), ("LOWER", "fold"), ("ORTH", "fold"), ("TEXT", "fold")):
            value = token.get(key)
            values = [value] if isinstance(value, str) else value.get("IN", []) if isinstance(value, Mapping) else []
            if values:
                kinds = [Leaf("lemma" if kind == "lemma" else "fold", fold(each)) for each in values]
                found.append(kinds[0] if len(kinds) == 1 else AnyOf(tuple(kinds)))
                break
    return tuple(found)


def _cue_plan(found: CueList, read: Callable[[str], Plan]) -> CuePlan:
    cues = [read(cue) for cue in found.cues]
    exempt = [read(cue) for cue in found.exempt]
    return CuePlan(Union(tuple(cues)), Union(tuple(exempt)) if exempt else None, found.scope == "sentence")
