"""The theme table counts distinct units, people and documents, and says of how many."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import Study, themes
from qualcode.errors import AnalysisError
from qualcode.model.table import Cell
from tests.analysis.studies import BOOK, coding, studies, study
from tests.builders import document

ONE = document(
    "one", [("INT", "interviewer", "Is there trust?"), ("P1", "participant", "There is trust. And a plan. We wait.")],
    attributes={"grade": "RI"},
)  # fmt: skip
TWO = document(
    "two",
    [("P1", "participant", "Nobody kept a promise."), ("P2", "participant", "We have a plan. It rains.")],
    speakers={"P1": {"age": "young"}, "P2": {"age": "old"}},
)


def row(table_of: Study, code: str, **options: str) -> dict[str, Cell]:
    return next(line for line in themes(table_of, **options) if line["code"] == code)


def test_columns_are_the_contract() -> None:
    table = themes(study([ONE], []))
    assert [column.name for column in table.columns] == [
        "code", "label", "level", "codings", "segments", "speakers", "documents", "of_documents", "reviewed_share",
    ]  # fmt: skip


def test_every_code_has_a_row_in_tree_order_even_with_nothing_found() -> None:
    table = themes(study([ONE], []))
    assert table.column("code") == ("A", "A1", "A2", "B", "B1", "B11", "C")
    assert table.column("level") == (1, 2, 2, 1, 2, 3, 1)
    assert set(table.column("codings")) == {0}
    assert set(table.column("of_documents")) == {1}


def test_a_parent_counts_a_sentence_with_two_of_its_codes_once() -> None:
    found = [coding(ONE, "There is trust.", "A1"), coding(ONE, "trust. And a", "A2")]
    line = row(study([ONE, TWO], found), "A")
    assert (line["codings"], line["segments"], line["speakers"], line["documents"]) == (2, 2, 1, 1)


def test_the_same_label_in_two_interviews_is_two_people() -> None:
    found = [coding(ONE, "We wait.", "C"), coding(TWO, "Nobody kept a promise.", "C")]
    assert row(study([ONE, TWO], found), "C")["speakers"] == 2


def test_interviewers_and_rejected_codings_are_not_counted() -> None:
    found = [coding(ONE, "Is there trust?", "B1"), coding(ONE, "There is trust.", "B1", status="rejected")]
    assert row(study([ONE], found), "B1")["codings"] == 0


def test_reviewed_share_is_of_codings_accepted_or_made_by_hand() -> None:
    found = [
        coding(ONE, "There is trust.", "B1", status="accepted"),
        coding(ONE, "And a plan.", "B1"),
        coding(ONE, "We wait.", "B11", status="coded"),
        coding(ONE, "a plan", "B11"),
    ]
    assert row(study([ONE], found), "B")["reviewed_share"] == 0.5


def test_groups_have_their_own_denominators_and_what_has_no_value_is_named() -> None:
    table = themes(study([ONE, TWO], [coding(ONE, "We wait.", "C")]), by="grade")
    assert [column.name for column in table.columns][:2] == ["grade", "code"]
    assert dict.fromkeys(table.column("grade")) == dict.fromkeys(["RI", "not given"])
    lines = [(line["grade"], line["documents"], line["of_documents"]) for line in table if line["code"] == "C"]
    assert lines == [("RI", 1, 1), ("not given", 0, 1)]


def test_groups_of_speakers_split_inside_a_document() -> None:
    found = [coding(TWO, "We have a plan.", "A2"), coding(TWO, "Nobody kept a promise.", "B11")]
    table = themes(study([ONE, TWO], found), by="age")
    lines = [(line["age"], line["codings"], line["of_documents"]) for line in table if line["code"] == "A2"]
    assert lines == [("old", 1, 1), ("young", 0, 1), ("not given", 0, 1)]


def test_codes_and_level_choose_rows_and_change_no_count() -> None:
    made = study([ONE, TWO], [coding(TWO, "Nobody kept a promise.", "B11")])
    assert themes(made, codes=["b11", "People"]).column("code") == ("B", "B11")
    assert themes(made, level=1).column("codings") == (0, 1, 0)


def test_an_unknown_code_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(AnalysisError, match=r"QC-A003.*Did you mean 'Vision'"):
        themes(study([ONE], []), codes=["Vison"])


def test_an_unknown_attribute_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(AnalysisError, match=r"QC-A004.*grade"):
        themes(study([ONE], []), by="height")


def test_a_coding_of_a_code_outside_the_book_is_refused() -> None:
    stray = replace(coding(ONE, "We wait.", "C"), code="Z9")
    with pytest.raises(AnalysisError, match=r"QC-A001.*Z9"):
        study([ONE], [stray])


def test_a_coding_outside_the_study_is_refused() -> None:
    with pytest.raises(AnalysisError, match="QC-A002"):
        study([TWO], [coding(ONE, "We wait.", "C")])


def test_people_who_share_a_turn_count_one_by_one() -> None:
    shared = replace(coding(TWO, "We have a plan.", "A2"), speaker="P1 & P2")
    assert row(study([TWO], [shared]), "A2")["speakers"] == 2


@settings(max_examples=40)
@given(studies())
def test_counts_equal_a_naive_recount(made: Study) -> None:
    counted = [each for each in made.codings if each.status != "rejected" and each.role != "interviewer"]
    for line in themes(made):
        under = {str(line["code"]), *(each.id for each in BOOK.descendants(str(line["code"])))}
        mine = [each for each in counted if each.code in under]
        segments = {
            (each.document_id, number)
            for each in mine
            for number, unit in enumerate(made.units[each.document_id])
            if unit.overlaps(each.span)
        }
        assert line["codings"] == len(mine)
        assert line["segments"] == len(segments)
        assert line["speakers"] == len({(each.document_id, each.speaker) for each in mine})
        assert line["documents"] == len({each.document_id for each in mine})


@settings(max_examples=40)
@given(studies())
def test_a_parent_lies_between_its_largest_child_and_the_sum_of_all(made: Study) -> None:
    lines = {line["code"]: line for line in themes(made)}
    own = themes(replace(made, codings=tuple(each for each in made.codings if not BOOK.children(each.code))))
    alone = {line["code"]: line for line in own}
    for code in BOOK:
        children = BOOK.children(code.id)
        for name in ("segments", "speakers", "documents"):
            parts = [int(lines[child.id][name] or 0) for child in children]
            if parts:
                assert int(lines[code.id][name] or 0) >= max(parts)
                assert int(alone[code.id][name] or 0) <= sum(int(alone[child.id][name] or 0) for child in children)


@settings(max_examples=40)
@given(studies(), st.sampled_from([None, "grade", "age"]))
def test_k_never_passes_n(made: Study, by: str | None) -> None:
    try:
        table = themes(made, by=by)
    except AnalysisError:
        return
    assert all(int(line["documents"] or 0) <= int(line["of_documents"] or 0) for line in table)


@settings(max_examples=40)
@given(studies(), st.randoms(use_true_random=False))
def test_the_order_of_documents_and_codings_changes_no_count(made: Study, chance: random.Random) -> None:
    cases, codings = list(made.cases), list(made.codings)
    chance.shuffle(cases)
    chance.shuffle(codings)
    assert themes(replace(made, cases=tuple(cases), codings=tuple(codings))).rows == themes(made).rows
