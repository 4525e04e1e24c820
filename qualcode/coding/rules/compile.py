"""A codebook's rules as plans: parsed once, then run on any shard, in any process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from qualcode.errors import CodingError, QueryError
from qualcode.model.codes import Code, Codebook, Combine, CueList, Overlaps, Rule, Unit
from qualcode.query.plan import AnyOf, Leaf, Plan, Planner, Union, codes_named, leaves, raw_patterns
from qualcode.text.fold import fold

__all__ = ["CodePlan", "CodingPlan", "CuePlan", "RulePlan", "compile_codebook"]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """One rule, ready to run.

    ``tokens`` rules run spaCy's Matcher in the sentences that hold the rarest of ``gate``.
    """

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
    """One code with its rules.

    Attributes:
        names: what ``code:`` filters may call it, folded.
        yields_to: earlier codes whose sentences it leaves alone: those below it, and those it excludes or is
            excluded by.
        wanted: whether it was asked for, or only runs because another code needs it.
    """

    id: str
    names: frozenset[str]
    rules: tuple[RulePlan, ...]
    threshold: float
    combine: Combine
    yields_to: tuple[int, ...]
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class CuePlan:
    """Cues of one kind (negation, hedging, hypothetical) and how far they reach."""

    cues: Plan
    exempt: Plan | None
    sentence_wide: bool


@dataclass(frozen=True, slots=True)
class CodingPlan:
    """Everything that ``code_shard`` needs; picklable. Codes come after those that they name or yield to."""

    codebook: str
    version: str
    sha256: str
    codes: tuple[CodePlan, ...]
    cues: Mapping[str, CuePlan]
    unit: Unit
    overlaps: Overlaps
    roles_left_out: frozenset[str]
    has_stance: bool
    raw: tuple[str, ...]


def compile_codebook(codebook: Codebook, *, codes: Sequence[str] | None = None) -> CodingPlan:
    """Return the plan of a codebook's rules.

    Args:
        codebook: the codebook.
        codes: ids of the codes to run; all of them without it. Others that these lean on run too, unseen.

    Raises:
        CodingError: QC-K003 when there is no such code, QC-K011 when a rule's query does not parse (the loader refuses
            such a book earlier).
    """
    read = Planner(codebook.lexicons).read
    runs = [code for code in codebook.tree() if code.rules and code.codable and code.status != "retired"]
    unknown = [each for each in codes or () if each not in codebook]
    if unknown:
        raise CodingError("QC-K003", f"the codebook {codebook.id!r} has no code {unknown[0]!r}",
                          hint="See `qualcode codebook show` for its codes.")  # fmt: skip
    rules = {code.id: tuple(_rule_plan(rule, codebook, read) for rule in code.rules) for code in runs}
    names = {code.id: _names(codebook, code) for code in runs}
    named = {
        code: {name for rule in found if rule.plan for name in codes_named(rule.plan)} for code, found in rules.items()
    }
    needs = {code.id: {other.id for other in runs if names[other.id] & named[code.id]} - {code.id} for code in runs}
    rivals = {code.id: _rivals(codebook, code) & rules.keys() for code in runs}
    wanted = rules.keys() if codes is None else rules.keys() & set(codes)
    ordered = _in_order([code for code in runs if code.id in _closure(wanted, needs, rivals)], needs, codebook)
    number = {code.id: at for at, code in enumerate(ordered)}
    plans = [
        CodePlan(
            id=code.id,
            names=names[code.id],
            rules=rules[code.id],
            threshold=code.threshold if code.threshold is not None else codebook.threshold,
            combine=code.combine or codebook.combine,
            yields_to=tuple(sorted(number[rival] for rival in rivals[code.id] if number[rival] < number[code.id])),
            wanted=code.id in wanted,
        )
        for code in ordered
    ]
    every = [rule.plan for code in plans for rule in code.rules if rule.plan is not None]
    return CodingPlan(
        codebook=codebook.id,
        version=codebook.version,
        sha256=codebook.sha256,
        codes=tuple(plans),
        cues={kind: _cue_plan(found, read) for kind, found in codebook.cues.items() if found.cues},
        unit=codebook.unit,
        overlaps=codebook.overlaps,
        roles_left_out=frozenset(codebook.roles_left_out),
        has_stance=any(facet.id == "stance" for facet in codebook.facets) or not codebook.facets,
        raw=tuple(dict.fromkeys(pattern for plan in every for pattern in raw_patterns(plan))),
    )


def _names(codebook: Codebook, code: Code) -> frozenset[str]:
    return frozenset(fold(name) for each in (code, *codebook.ancestors(code.id)) for name in (each.id, each.label))


def _rivals(codebook: Codebook, code: Code) -> set[str]:
    """Return the codes that a code may have to leave a sentence to: those below it, and those on bad terms with it."""
    below = {child.id for child in codebook.descendants(code.id)}
    return below | set(code.excludes) | {other.id for other in codebook if code.id in other.excludes}


def _closure(wanted: Set[str], needs: Mapping[str, Set[str]], rivals: Mapping[str, Set[str]]) -> set[str]:
    """Return the codes that must run so that the wanted ones come out as if all ran."""
    found: set[str] = set()
    waiting = set(wanted)
    while waiting:
        code = waiting.pop()
        found.add(code)
        waiting |= (needs[code] | rivals[code]) - found
    return found


def _in_order(runs: Sequence[Code], needs: Mapping[str, Set[str]], codebook: Codebook) -> list[Code]:
    """Return the codes, each after those that its ``code:`` filters name, and if that can be after those that it
    yields to: children before parents, the code that says ``excludes`` before the one that it names."""
    after = {}
    for code in runs:
        below = {child.id for child in codebook.descendants(code.id)}
        after[code.id] = needs[code.id] | below | {other.id for other in runs if code.id in other.excludes}
    ordered: list[Code] = []
    waiting = list(runs)
    while waiting:
        left = {code.id for code in waiting}
        free = [code for code in waiting if not (after[code.id] & left) - {code.id}]
        free = free or [code for code in waiting if not needs[code.id] & left] or waiting
        ordered.append(free[0])
        waiting.remove(free[0])
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
