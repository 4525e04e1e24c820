"""Codes by attribute: cases are counted, not codings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import Study, association
from qualcode.analysis.groups import groups_by
from qualcode.errors import AnalysisError
from qualcode.model.codes import AttributeDefinition
from qualcode.model.document import Speaker
from tests.analysis.studies import BOOK, coding, studies, study
from tests.builders import document


def schools(good: int, others: int) -> list:
    return [document(f"s{n}", [("P", "participant", "It rains. We plan. It rains again.")],
                     attributes={"grade": "good" if n < good else "RI"}) for n in range(good + others)]  # fmt: skip


def test_a_case_counts_once_and_the_test_is_exact() -> None:
    made = schools(4, 4)
    found = [coding(each, "It rains.", "C") for each in (*made[:3], made[4])]
    found += [coding(made[0], "We plan.", "C"), coding(made[0], "It rains again.", "C")]
    line = next(line for line in association(study(made, found), by="grade", codes=["C"]))
    assert [line[f"{value}: {what}"] for value in ("good", "RI") for what in ("with", "of")] == [3, 4, 1, 4]
    assert (line["test"], line["p_value"]) == ("Fisher exact", pytest.approx(0.4857, abs=5e-5))
    assert line["p_adjusted"] == line["p_value"]
    assert (line["cramers_v"], line["odds_ratio"]) == (pytest.approx(0.5), pytest.approx(9.0))


def test_simulated_tests_are_not_called_exact() -> None:
    made = [
        document(f"s{n}", [("P", "participant", "It rains.")], attributes={"place": f"p{n % 30}"}) for n in range(180)
    ]
    found = [coding(each, "It rains.", "C") for each in made[::2]]
    many = association(study(made, found), by="place", codes=["C"], replicates=999)
    assert next(iter(many))["test"] == "Monte Carlo chi-square"
    assert "by 999 random tables" in many.notes[0]
    assert "The test is exact" in association(study(schools(3, 3), []), by="grade", codes=["C"]).notes[0]


def test_a_parent_has_the_cases_of_its_children_and_groups_follow_the_codebook() -> None:
    made = schools(2, 2)
    table = association(
        study(made, [coding(made[0], "It rains.", "B11"), coding(made[1], "We plan.", "B1")]), by="grade"
    )
    assert [column.name for column in table.columns][3:7] == ["good: with", "good: of", "RI: with", "RI: of"]
    assert [next(line["good: with"] for line in table if line["code"] == code) for code in ("B", "B1", "B11")] == [
        2,
        2,
        1,
    ]


def test_p_values_are_adjusted_over_the_codes_that_could_be_tested_and_the_family_is_named() -> None:
    made = schools(3, 3)
    found = [coding(each, "It rains.", "C") for each in made[:3]] + [coding(made[0], "We plan.", "A1")]
    table = association(study(made, found), by="grade", codes=["A1", "A2", "C"], adjust="bonferroni")
    lines = {line["code"]: line for line in table}
    assert (lines["C"]["p_value"], lines["C"]["p_adjusted"]) == (pytest.approx(0.1), pytest.approx(0.2))
    assert (lines["A2"]["status"], lines["A2"]["p_adjusted"]) == ("undefined", None)
    assert any("3 codes of tiny by grade, of which 2 could be tested" in note for note in table.notes)
    assert table.provenance["family"] == "3 codes of tiny by grade"


def test_an_attribute_of_speakers_counts_people() -> None:
    ages = {"P1": {"age": "young"}, "P2": {"age": "old"}, "P3": {}, "INT": {"age": "old"}}
    made = document("one", [("INT", "interviewer", "Well?"), ("P1", "participant", "It rains. It rains."),
                            ("P2", "participant", "We plan."), ("P3", "participant", "Yes.")], speakers=ages)  # fmt: skip
    table = association(
        study([made], [coding(made, "It rains.", "C"), coding(made, "Yes.", "C")]), by="age", codes=["C"]
    )
    (line,) = list(table)
    assert [line[name] for name in ("old: with", "old: of", "young: with", "young: of")] == [0, 1, 1, 1]
    assert table.unit == "person"
    assert any("1 cases without a value of age" in note for note in table.notes)


def test_people_who_say_nothing_are_no_cases() -> None:
    made = document("one", [("P1", "participant", "It rains."), ("P2", "participant", "We plan.")],
                    speakers={"P1": {"age": "old"}, "P2": {"age": "young"}})  # fmt: skip
    silent = replace(made, speakers=(*made.speakers, Speaker("s9", "P9", "participant", (), {"age": "old"})))
    (line,) = list(association(study([silent], []), by="age", codes=["C"]))
    assert line["old: of"] == 1


def test_cases_without_a_value_take_no_part() -> None:
    made = [*schools(1, 1), document("none", [("P", "participant", "It rains.")])]
    table = association(study(made, [coding(made[2], "It rains.", "C")]), by="grade", codes=["C"])
    (line,) = list(table)
    assert not any("not given" in column.name for column in table.columns)
    assert (line["good: with"], line["RI: with"], line["status"]) == (0, 0, "undefined")


def test_one_group_alone_is_undefined_and_wrong_words_are_refused() -> None:
    made = study(schools(2, 0), [])
    assert set(association(made, by="grade").column("status")) == {"undefined"}
    with pytest.raises(AnalysisError, match="QC-A004"):
        association(made, by="height")
    with pytest.raises(AnalysisError, match=r"QC-A039.*holm"):
        association(made, by="grade", adjust="none")


def test_values_in_numbers_stay_apart() -> None:
    made = [replace(each, attributes={"grade": str(n)}) for n, each in enumerate(schools(2, 1))]
    book = replace(BOOK, attributes=(AttributeDefinition("grade", "integer"),))
    table = association(study(made, [coding(made[0], "It rains.", "C")], book), by="grade", codes=["C"])
    assert table.columns[3].name == "0: with"
    assert (table.column("status"), table.column("cramers_v")) == (("undefined",), (None,))
    assert table.column("reason") == ("no two documents share a value, so there are no groups",)
    made.append(replace(schools(4, 0)[3], attributes={"grade": "2"}))
    table = association(study(made, [coding(made[0], "It rains.", "C")], book), by="grade", codes=["C"])
    assert table.column("test") == ("Fisher-Freeman-Halton exact",)


@settings(max_examples=40)
@given(studies(), st.sampled_from(["grade", "age"]))
def test_counts_equal_a_naive_recount_and_never_pass_the_group(made: Study, by: str) -> None:
    try:
        values = [group.value for group in groups_by(made, by) if group.value != "not given"]
    except AnalysisError:
        with pytest.raises(AnalysisError, match="QC-A004"):
            association(made, by=by)
        return
    counted = [each for each in made.codings if each.status != "rejected" and each.role != "interviewer"]
    for line in association(made, by=by):
        under = {line["code"], *(each.id for each in BOOK.descendants(str(line["code"])))}
        mine = [each for each in counted if each.code in under]
        for value in values:
            if by == "grade":
                members: set = {case.id for case in made.cases if case.attributes.get(by) == value}
                have: set = {each.document_id for each in mine}
            else:
                members = {(case.id, who.label) for case in made.cases for who in case.speakers
                           if who.attributes.get(by) == value}  # fmt: skip
                have = {(each.document_id, each.speaker) for each in mine}
            assert (line[f"{value}: with"], line[f"{value}: of"]) == (len(members & have), len(members))
        p, adjusted = line["p_value"], line["p_adjusted"]
        assert (p is None) == (adjusted is None) == (line["status"] == "undefined")
        assert p is None or float(p) <= float(adjusted or 0) <= 1
