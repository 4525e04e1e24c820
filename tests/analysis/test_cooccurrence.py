"""Pairs of codes in the same units."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import Study, cooccurrence
from qualcode.errors import AnalysisError
from tests.analysis.studies import BOOK, coding, studies, study
from tests.builders import document

ONE = document(
    "one",
    [
        ("INT", "interviewer", "Is there trust?"),
        ("P1", "participant", "There is trust. And a plan. We wait. It rains."),
    ],
)


def test_a_pair_counts_units_with_both_of_units_with_either() -> None:
    found = [coding(ONE, "There is trust.", "B1"), coding(ONE, "There is trust. And a plan.", "A1"),
             coding(ONE, "Is there trust?", "C")]  # fmt: skip
    (line,) = [line for line in cooccurrence(study([ONE], found)) if (line["first"], line["second"]) == ("A1", "B1")]
    assert (line["unit"], line["both"], line["n_first"], line["n_second"], line["of_units"]) == ("sentence", 1, 2, 1, 4)
    assert (line["jaccard"], line["share_of_first"], line["share_of_second"]) == (0.5, 0.5, 1.0)
    assert (line["expected"], line["lift"], line["flags"]) == (0.5, 2.0, "small")


def test_a_code_is_not_paired_with_its_own_headings() -> None:
    found = [coding(ONE, "There is trust.", "B11"), coding(ONE, "There is trust.", "A1")]
    pairs = {(line["first"], line["second"]) for line in cooccurrence(study([ONE], found))}
    assert pairs == {("A", "B"), ("A", "B1"), ("A", "B11"), ("A1", "B"), ("A1", "B1"), ("A1", "B11")}


def test_the_unit_can_be_chosen_and_is_named() -> None:
    found = [coding(ONE, "There is trust.", "B1"), coding(ONE, "And a plan.", "A1")]
    made = study([ONE], found)
    assert len(cooccurrence(made)) == 0
    assert any("No two codes share" in note for note in cooccurrence(made).notes)
    by_turn = cooccurrence(made, unit="turn", codes=["A1", "B1"])
    assert (by_turn.unit, by_turn.column("both"), by_turn.column("of_units")) == ("turn", (1,), (1,))
    with pytest.raises(AnalysisError, match="QC-A032"):
        cooccurrence(made, unit="character")


def test_pairs_below_the_minimum_have_no_row_and_none_are_lost_with_0() -> None:
    made = study([ONE], [coding(ONE, "There is trust.", "B1"), coding(ONE, "There is trust.", "A1")])
    assert len(cooccurrence(made, minimum=2)) == 0
    every = cooccurrence(made, minimum=0, codes=["A1", "A2", "B1", "C"])
    assert len(every) == 6
    assert every.rows[0][0] == "A1"


def test_nothing_coded_and_nothing_there_are_tables_without_rows() -> None:
    assert len(cooccurrence(study([ONE], []))) == 0
    assert any("there are no units" in note for note in cooccurrence(study([], [])).notes)


@settings(max_examples=40)
@given(studies(), st.sampled_from(["sentence", "turn", "document"]))
def test_counts_equal_a_naive_recount(made: Study, unit: str) -> None:
    table = cooccurrence(made, unit=unit, minimum=0)  # type: ignore[arg-type]
    carried: dict[str, set[tuple[str, int]]] = {code.id: set() for code in BOOK}
    total = 0
    for case in made.cases:
        text = made.documents[case.id]
        spoken = [block for block in text.blocks if text.role_of(block) != "interviewer"]
        if unit == "sentence":
            pieces = [each for each in made.units[case.id] if any(block.span.contains(each) for block in spoken)]
        else:
            pieces = [block.span for block in spoken]
        groups = [[each] for each in pieces] if unit != "document" else [pieces] if pieces else []
        total += len(groups)
        for number, group in enumerate(groups):
            for each in made.codings:
                if (each.document_id == case.id and each.status != "rejected" and each.role != "interviewer"
                        and any(each.span.overlaps(piece) for piece in group)):  # fmt: skip
                    for code in (each.code, *(above.id for above in BOOK.ancestors(each.code))):
                        carried[code].add((case.id, number))
    related = {(one.id, above.id) for one in BOOK for above in BOOK.ancestors(one.id)}
    for one, two in combinations([code.id for code in BOOK.tree()], 2):
        lines = [line for line in table if {line["first"], line["second"]} == {one, two}]
        if (one, two) in related or (two, one) in related:
            assert not lines
            continue
        (line,) = lines
        assert line["both"] == len(carried[one] & carried[two])
        assert {line["n_first"], line["n_second"]} == {len(carried[one]), len(carried[two])}
        assert line["of_units"] == total
