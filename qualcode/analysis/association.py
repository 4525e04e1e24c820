"""Codes by attribute, counting cases: does having a code go with a value, and is that more than chance in so few?"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.analysis.groups import NOT_GIVEN, groups_by
from qualcode.analysis.study import Study
from qualcode.analysis.tally import Count, chosen_codes, tally
from qualcode.analysis.themes import book_of
from qualcode.errors import AnalysisError
from qualcode.model.table import Cell, Column, Table

if TYPE_CHECKING:
    from qualcode.stats.association import Association

__all__ = ["association"]

_ADJUSTMENTS = {"bh": "benjamini-hochberg", "benjamini-hochberg": "benjamini-hochberg", "holm": "holm",
                "bonferroni": "bonferroni"}  # fmt: skip
_LEAD = (
    Column("code", "text", "id of the code"),
    Column("label", "text", "its name"),
    Column("level", "integer", "depth in the codebook, 1 for the top"),
)
_TAIL = (
    Column("test", "text", "Fisher exact, Fisher-Freeman-Halton exact, or Monte Carlo chi-square"),
    Column("p_value", "number", "how probable so uneven a table is if the code has nothing to do with the attribute"),
    Column("p_adjusted", "number", "the same, adjusted for the number of codes that were tested"),
    Column("cramers_v", "share", "Cramér's V, strength of the association: 0 none, 1 complete"),
    Column("odds_ratio", "number", "of two groups: odds of the code in the first / in the second"),
    Column("odds_low", "number", "lower end of its 95 % interval"),
    Column("odds_high", "number", "upper end"),
    Column("status", "text", "ok, or undefined: there is nothing to compare"),
    Column("reason", "text", "why it is undefined"),
)


def association(
    study: Study,
    *,
    by: str,
    codes: Iterable[str] | None = None,
    adjust: str = "bh",
    replicates: int = 9_999,
    seed: int = 0,
) -> Table:
    """Return for each code how many cases of each group have it, with an exact test and its strength.

    A case is a document; where the attribute is one of speakers, a named person in a document. A talkative person
    counts once. Cases without a value take no part. A case has a code when a coding has it, or a code below it.

    Args:
        by: the attribute.
        codes: ids or labels of the codes that are tested; all unless given. They are the family.
        adjust: bh (Benjamini-Hochberg), holm or bonferroni.
        replicates: random tables, where there are too many to list them all.
        seed: of these.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A004 for an unknown attribute, QC-A039 for another ``adjust``.
    """
    from qualcode.stats.association import adjust as adjusted
    from qualcode.stats.association import contingency_test

    if adjust not in _ADJUSTMENTS:
        raise AnalysisError("QC-A039", f"there is no adjustment {adjust!r}", hint="Adjustments: bh, holm, bonferroni.")
    rows = chosen_codes(study, codes)
    values = [group.value for group in groups_by(study, by) if group.value != NOT_GIVEN]
    members, what = _cases(study, by)
    size = {value: sum(own == value for own in members.values()) for value in values}
    apart = len(values) > 1 and max(size.values()) < 2
    counts = tally(study)
    tested: list[tuple[dict[str, int], Association]] = []
    for code in rows:
        have = _having(counts[code.id], what)
        found = {value: sum(own == value and case in have for case, own in members.items()) for value in values}
        table = [[found[value] for value in values], [size[value] - found[value] for value in values]]
        test = contingency_test(table, rows=("with the code", "without it"), columns=values, replicates=replicates,
                                seed=seed)  # fmt: skip
        tested.append((found, _undefined(test, what) if apart else test))
    family = f"{len(rows)} codes of {study.codebook.id} by {by}"
    corrected = adjusted([test.p_value for _, test in tested], _ADJUSTMENTS[adjust], family=family)
    body = tuple(
        (code.id, code.label, study.codebook.level(code.id), *(cell for value in values for cell in
         (found[value], size[value])), *_told(test, p))
        for code, (found, test), p in zip(rows, tested, corrected.adjusted, strict=True)
    )  # fmt: skip
    between = (
        column
        for value in values
        for column in (
            Column(f"{value}: with", "integer", f"cases with the code in the group {value}"),
            Column(f"{value}: of", "integer", f"cases of the group {value}"),
        )
    )
    lost = sum(own not in size for own in members.values())
    notes = [
        f"A case is a {what}, however much is said in it. {_how_tested([test for _, test in tested])}",
        f"Family of tests: {family}, of which {corrected.tests} could be tested; adjusted by {corrected.method}.",
        "A heading and the codes below it are not independent tests. No association is no proof that there is none: "
        "with few cases only large differences show. Cramér's V is high by itself where groups are small.",
    ]
    if lost:
        notes.append(f"{lost} cases without a value of {by} took no part.")
    made_with = {**book_of(study), "unit": what, "by": by, "adjust": corrected.method, "family": family,
                 "seed": str(seed)}  # fmt: skip
    return Table("attributes", f"Codes by {by}", (*_LEAD, *between, *_TAIL), body, what, tuple(notes), made_with)


def _how_tested(tests: Sequence[Association]) -> str:
    """Return in a sentence whether the tests are exact; those with too many tables to list are simulated."""
    drawn = next((test.replicates for test in tests if test.replicates), None)
    if drawn is None:
        return "The test is exact, and valid for small numbers."
    return f"Tests are exact, or by {drawn:,} random tables where too many could be listed; valid for small numbers."


def _cases(study: Study, by: str) -> tuple[Mapping[Hashable, str], str]:
    """Return the attribute's value of each case, and what a case is: document or person."""
    of_case: dict[Hashable, str] = {case.id: case.attributes.get(by, "") for case in study.cases}
    if any(of_case.values()):
        return of_case, "document"
    left_out = frozenset(study.codebook.roles_left_out)
    return {
        (case.id, person.label): person.attributes.get(by, "")
        for case in study.cases
        for person in case.speakers
        if person.label and person.turns and person.role not in left_out
    }, "person"


def _having(count: Count, what: str) -> frozenset[Hashable]:
    return frozenset(count.documents if what == "document" else count.speakers)


def _undefined(test: Association, what: str) -> Association:
    """Return the test without its numbers: where every case is a group of its own, they say nothing."""
    return replace(test, method="", p_value=None, cramers_v=None, odds_ratio=None, odds_low=None, odds_high=None,
                   status="undefined", reason=f"no two {what}s share a value, so there are no groups")  # fmt: skip


def _told(test: Association, adjusted: float | None) -> tuple[Cell, ...]:
    strength = None if test.cramers_v is None else min(max(test.cramers_v, 0.0), 1.0)
    return (test.method, test.p_value, adjusted, strength, test.odds_ratio, test.odds_low, test.odds_high,
            test.status, test.reason)  # fmt: skip
