"""What spoke for the machine's passages, rule by rule: which never hit, which are seldom right, what each is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.analysis.evaluation.grid import Grid
from qualcode.analysis.evaluation.measures import detection
from qualcode.model.coding import Coding

__all__ = ["BROAD", "DEAD", "ELSEWHERE", "NEVER_RIGHT", "RULES", "Source", "sources_of"]

Array = npt.NDArray[Any]

RULES = "rules"
"""The coder whose sources are the rules of the codebook, so that those that never hit can be told."""
DEAD, ELSEWHERE, NEVER_RIGHT, BROAD = "never hits", "hits only elsewhere", "never right", "over-broad"
FEWEST_FALSE = 3
_JOIN = "; "


@dataclass(frozen=True, slots=True)
class Source:
    """A rule (or example, or model) and what came of it in the documents that are compared.

    Attributes:
        text, place: what it says, and where: ``book.yaml:12``; empty when not known.
        passages: passages of the coder that it spoke for; ``right``: of these, those that overlap a passage of the hand
            with the same code; ``alone``: those that nothing else spoke for.
        rejected: passages of it that people turned down in the project.
        elsewhere: passages in documents that are not compared.
        share_of_false: its false passages / all false passages of the code.
        f1, f1_without: F1 of the code on units, as it is, and without the passages that this alone spoke for.
        verdict: ``never hits``, ``hits only elsewhere``, ``never right``, ``over-broad`` (three false passages or more,
            and more false than right), or empty.
    """

    coder: str
    code: str
    id: str
    text: str
    place: str
    passages: int
    right: int
    alone: int
    rejected: int
    elsewhere: int
    share_of_false: float | None
    f1: float | None
    f1_without: float | None
    verdict: str

    @property
    def mendable(self) -> bool:
        """Whether it is a rule or an example, that somebody wrote, and not a whole model."""
        return self.id not in _coders()

    @property
    def false(self) -> int:
        """Passages that it spoke for and the hand has not."""
        return self.passages - self.right


@cache
def _coders() -> frozenset[str]:
    """Return the names of all coders: an ensemble gives the name of a part as a reason."""
    from qualcode.coding.registry import coder_names

    return frozenset(coder_names())


def sources_of(
    grid: Grid,
    *,
    texts: Mapping[str, tuple[str, str]],
    dead_of: Collection[str] = (),
    rejected: Sequence[Coding] = (),
) -> tuple[Source, ...]:
    """Return a line for each source, by code in tree order, the most false passages first.

    Args:
        grid: the comparison.
        texts: what sources say and where, by id.
        dead_of: ids of sources that are listed when they never hit: those of the coder ``rules``.
        rejected: passages that people turned down.
    """
    those = grid.kept(grid.machine)
    every = [each for each in grid.machine.codings if each.status != "rejected"]
    outside = Counter(
        (each.coder, each.code, rule)
        for each in every if each.document_id not in grid.units for rule in _rules(each)
    )  # fmt: skip
    turned_down = Counter((each.code, rule) for each in rejected for rule in _rules(each))
    right = _right(grid, those)
    by_code: dict[tuple[str, str], list[int]] = {}
    for at, each in enumerate(those):
        by_code.setdefault((each.coder, each.code), []).append(at)
    place = {code: at for at, code in enumerate(grid.codes)}
    found: list[Source] = []
    for (coder, code), numbers in by_code.items():
        spoke: dict[str, list[int]] = {}
        for at in numbers:
            for rule in _rules(those[at]):
                spoke.setdefault(rule, []).append(at)
        wrong = sum(not right[at] for at in numbers)
        worth = _Worth.of(grid, code, those)
        for rule, mine in spoke.items():
            alone = [at for at in mine if len(_rules(those[at])) == 1]
            passages, good = len(mine), sum(right[at] for at in mine)
            bad = passages - good
            found.append(Source(
                coder, code, rule, *texts.get(rule, ("", "")), passages, good, len(alone), turned_down[code, rule],
                outside[coder, code, rule], bad / wrong if wrong else None, worth.f1, worth.without(alone),
                _verdict(passages, good),
            ))  # fmt: skip
    heard = {(one.code, one.id) for one in found}
    for theirs in grid.study.codebook.tree():
        for one in theirs.rules:
            if one.id in dead_of and (theirs.id, one.id) not in heard and theirs.id in place:
                there = outside[RULES, theirs.id, one.id]
                found.append(Source(RULES, theirs.id, one.id, *texts.get(one.id, ("", "")), 0, 0, 0,
                                    turned_down[theirs.id, one.id], there, None, None, None,
                                    ELSEWHERE if there else DEAD))  # fmt: skip
    order = {rule.id: at for at, rule in enumerate(rule for code in grid.study.codebook.tree() for rule in code.rules)}
    return tuple(sorted(found, key=lambda one: (place[one.code], -one.false, -one.passages, one.coder,
                                                order.get(one.id, len(order)), one.id)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Worth:
    """F1 of one code, as it is and without some of the codings that make it up."""

    truth: Array
    covers: Array
    touched: Mapping[int, range]
    f1: float | None

    @classmethod
    def of(cls, grid: Grid, code: str, codings: Sequence[Coding]) -> _Worth:
        column = grid.codes.index(code)
        truth = grid.marks[grid.reference.coder][:, column]
        touched = {at: grid.touched(each) for at, each in enumerate(codings) if each.code == code}
        covers = np.zeros(len(truth), np.int64)
        for units in touched.values():
            covers[units.start : units.stop] += 1
        return cls(truth, covers, touched, _f1(truth, covers > 0))

    def without(self, codings: Sequence[int]) -> float | None:
        left = self.covers.copy()
        for at in codings:
            left[self.touched[at].start : self.touched[at].stop] -= 1
        return _f1(self.truth, left > 0)


def _f1(truth: Array, given: Array) -> float | None:
    value = float(detection((truth & given).sum(), given.sum(), truth.sum())["f1"])
    return None if np.isnan(value) else value


def _right(grid: Grid, codings: Sequence[Coding]) -> list[bool]:
    hand: dict[tuple[str, str], list[Coding]] = {}
    for each in grid.kept(grid.reference):
        hand.setdefault((each.document_id, each.code), []).append(each)
    return [any(each.span.overlaps(other.span) for other in hand.get((each.document_id, each.code), ()))
            for each in codings]  # fmt: skip


def _rules(coding: Coding) -> list[str]:
    return [each for each in coding.rule.split(_JOIN) if each]


def _verdict(passages: int, right: int) -> str:
    if not right:
        return NEVER_RIGHT
    false = passages - right
    return BROAD if false >= FEWEST_FALSE and false > right else ""
