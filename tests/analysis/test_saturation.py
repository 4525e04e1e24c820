"""Saturation by interview: what is new, in which order, and when it has no meaning."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import Study, saturation
from qualcode.errors import AnalysisError, StatisticsError
from tests.analysis.studies import coding, studies, study
from tests.builders import document

TALKS = [document(f"i{n}", [("P", "participant", "We talk. It rains. We plan. We wait.")]) for n in range(1, 7)]
HEARD = {"i1": ["A1", "B"], "i2": ["A1"], "i3": ["A2"], "i4": [], "i5": ["A1", "C"], "i6": ["B"]}


def six_interviews() -> Study:
    codings = [coding(made, "We talk.", code) for made in TALKS for code in HEARD[made.id]]
    return study(TALKS, codings)


def test_each_interview_says_what_it_adds() -> None:
    table = saturation(six_interviews())
    assert table.column("codes") == (2, 1, 1, 0, 2, 1)
    assert table.column("new_codes") == (2, 0, 1, 0, 1, 0)
    assert table.column("cumulative") == (2, 2, 3, 3, 4, 4)
    assert [line["run"] for line in table] == ["", "", "", "", "", "4+2"]
    last = list(table)[-1]
    assert (last["run_new_codes"], last["ratio"]) == (1, 1 / 3)


def test_a_run_stands_with_the_interview_it_ends_with_and_the_base_stays_the_denominator() -> None:
    table = saturation(six_interviews(), base=2, run=2)
    assert [(line["run"], line["run_new_codes"], line["ratio"]) for line in table][2:] == [
        ("", None, None), ("2+2", 1, 0.5), ("3+2", 1, 0.5), ("4+2", 1, 0.5),
    ]  # fmt: skip


def test_the_order_can_be_given_by_name() -> None:
    order = ["i6", "i5", "i4", "i3", "i2", "i1"]
    table = saturation(six_interviews(), order=order)
    assert table.column("document") == tuple(order)
    assert table.column("new_codes") == (1, 2, 0, 1, 0, 0)
    assert table.column("cumulative_median") == saturation(six_interviews()).column("cumulative_median")


@pytest.mark.parametrize(
    ("order", "told"), [(["i1"], "leaves out i2"), (["i1", "i1"], "twice"), (["i1", "i9"], "'i9', which is not there")]
)
def test_an_order_that_does_not_name_every_interview_once_is_refused(order: list[str], told: str) -> None:
    with pytest.raises(AnalysisError, match=f"QC-A035.*{told}"):
        saturation(six_interviews(), order=order)


def test_the_notes_hold_stop_points_richness_and_the_caveat_of_fixed_codebooks() -> None:
    told = " ".join(saturation(six_interviews()).notes)
    assert "4 of the 6 codes of tiny that can be given were found in 6 interviews" in told
    assert "falls to 5 % or less in no run, to nothing in no run" in told
    assert "Chao2: at least 5.7 codes" in told
    assert "fixed deductive codebook" in told


def test_too_few_interviews_and_no_codings_are_undefined_with_the_reason() -> None:
    few = saturation(study(TALKS[:2], []))
    assert few.column("cumulative") == (0, 0)
    assert set(few.column("ratio")) == {None}
    assert any("Undefined: no code was found" in note for note in few.notes)
    one = saturation(study(TALKS[:1], [coding(TALKS[0], "We talk.", "C")]))
    assert any("need 6 interviews; there are 1" in note for note in one.notes)
    none = saturation(study([], []))
    assert (len(none), any("there are no interviews" in note for note in none.notes)) == (0, True)


def test_too_few_random_orders_are_refused() -> None:
    with pytest.raises(StatisticsError, match="QC-N063"):
        saturation(six_interviews(), replicates=10)


@settings(max_examples=25)
@given(studies(), st.randoms(use_true_random=False))
def test_new_codes_equal_a_naive_recount_in_any_order(made: Study, chance: random.Random) -> None:
    order = [case.id for case in made.cases]
    chance.shuffle(order)
    heard: set[str] = set()
    for line in saturation(made, order=order, base=1, run=1):
        own = {each.code for each in made.codings if each.document_id == line["document"]
               and each.status != "rejected" and each.role != "interviewer"}  # fmt: skip
        assert (line["codes"], line["new_codes"]) == (len(own), len(own - heard))
        heard |= own
        assert line["cumulative"] == len(heard)
        assert float(line["cumulative_low"] or 0) <= float(line["cumulative_high"] or 0)
