"""Agreement tables: what counts as a unit, who is missing, what is undefined, and that nothing is lost on the way."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import Layer, Study, agreement, study_of
from qualcode.analysis.levels import LEVELS, Level
from qualcode.analysis.measures import MEASURES
from qualcode.errors import AnalysisError
from qualcode.model.coding import Coding
from qualcode.model.document import Document, Span
from qualcode.model.table import Cell
from qualcode.stats.agreement import bootstrap, coefficient
from tests.analysis.layers import all_documents, layered
from tests.analysis.studies import BOOK, coding, coding_at, study, units_of
from tests.builders import document

ONE = document(
    "one",
    [
        ("INT", "interviewer", "Is there trust?"),
        ("P1", "participant", "There is trust. And a plan. We wait. It rains."),
    ],
)
TWO = document("two", [("P1", "participant", "Nobody kept a promise. We have a plan.")])
BOTH = frozenset({"one", "two"})
QUICK = 0
"""No bootstrap: the numbers themselves are looked at."""


def row(table_rows: object, code: str) -> dict[str, Cell]:
    return next(line for line in table_rows if line["code"] == code)  # type: ignore[attr-defined]


def two_coders() -> tuple[Study, list[Layer]]:
    ann = Layer("Ann", BOTH, (coding(ONE, "There is trust.", "B1"), coding(ONE, "And a plan.", "A1"),
                              coding(TWO, "We have a plan.", "A2")))  # fmt: skip
    ben = Layer("Ben", BOTH, (coding(ONE, "There is trust.", "B1"), coding(ONE, "And a plan.", "A2"),
                              coding(TWO, "Nobody kept", "B11")))  # fmt: skip
    return study([ONE, TWO], []), [ann, ben]


def test_a_row_counts_units_and_each_coders_share_of_them() -> None:
    made, layers = two_coders()
    line = row(agreement(made, layers, replicates=QUICK), "B1")
    assert (line["unit"], line["units"], line["documents"]) == ("sentence", 6, 2)
    assert (line["Ann: coded"], line["Ben: coded"]) == (1, 2)
    assert (line["Ann: prevalence"], line["Ben: prevalence"]) == (1 / 6, 2 / 6)
    assert line["percent"] == 5 / 6
    assert line["kappa"] == pytest.approx((5 / 6 - (2 + 20) / 36) / (1 - 22 / 36))
    assert (line["positive"], line["negative"]) == (2 / 3, 8 / 9)


def test_a_parent_agrees_where_its_children_are_confused() -> None:
    made, layers = two_coders()
    table = agreement(made, layers, replicates=QUICK)
    line = row(table, "A")
    assert (line["percent"], line["Ann: coded"], line["Ben: coded"]) == (5 / 6, 2, 1)
    assert row(table, "A2")["percent"] == 4 / 6


def test_interviewers_have_no_units_at_any_level() -> None:
    made, layers = two_coders()
    asked = coding(ONE, "Is there trust?", "C")
    layers[0] = replace(layers[0], codings=(*layers[0].codings, asked))
    for level in ("sentence", "turn", "token", "character", "document"):
        assert row(agreement(made, layers, level=level, replicates=QUICK), "C")["Ann: coded"] == 0
    assert "interviewer" in " ".join(agreement(made, layers, replicates=QUICK).notes)


def test_a_question_between_two_answers_does_not_reach_the_document() -> None:
    talk = document(
        "talk", [("P", "participant", "It rains."), ("INT", "interviewer", "Trust?"), ("P", "participant", "No.")]
    )
    ann = Layer("Ann", frozenset({"talk"}), (coding(talk, "Trust?", "B1"), coding(talk, "No.", "C")))
    table = agreement(study([talk], []), [ann, Layer("Ben", frozenset({"talk"}))], level="document", replicates=QUICK)
    assert (row(table, "B1")["Ann: coded"], row(table, "C")["Ann: coded"]) == (0, 1)


def test_each_level_has_its_own_units() -> None:
    made, layers = two_coders()
    units = {
        level: row(agreement(made, layers, level=level, replicates=QUICK), "B1")["units"]
        for level in ("sentence", "turn", "token", "character", "document")
    }
    words = [word for text in ("There is trust. And a plan. We wait. It rains.",
                               "Nobody kept a promise. We have a plan.") for word in text.split()]  # fmt: skip
    assert units == {"sentence": 6, "turn": 2, "token": len(words), "character": sum(map(len, words)), "document": 2}


@pytest.mark.parametrize(
    ("n", "a", "b", "both", "percent", "kappa", "ac1"),
    [
        (1000, 125, 125, 50, 0.850, 0.3143, 0.8080),
        (1000, 200, 50, 50, 0.850, 0.3478, 0.8080),
        (10000, 300, 320, 250, 0.988, 0.8003, 0.9872),
        (10000, 6000, 6500, 5000, 0.750, 0.4681, 0.5294),
        (1000, 500, 500, 250, 0.500, 0.0000, 0.0000),
    ],
)
def test_characters_of_published_overlaps(
    n: int, a: int, b: int, both: int, percent: float, kappa: float, ac1: float
) -> None:
    made = document("long", [("", "unknown", "x" * n)])
    ann = Layer("Ann", frozenset({"long"}), (coding_at(made, Span(0, a), "C"),))
    ben = Layer("Ben", frozenset({"long"}), (coding_at(made, Span(a - both, a - both + b), "C"),))
    line = row(agreement(study([made], []), [ann, ben], level="character", replicates=QUICK), "C")
    assert (line["units"], line["Ann: coded"], line["Ben: coded"]) == (n, a, b)
    assert line["percent"] == pytest.approx(percent, abs=5e-4)
    assert line["kappa"] == pytest.approx(kappa, abs=5e-5)
    assert line["ac1"] == pytest.approx(ac1, abs=5e-5)


def test_a_document_that_one_coder_did_not_work_through_is_missing_not_uncoded() -> None:
    made, (ann, ben) = two_coders()
    away = replace(ben, documents=frozenset({"one"}), codings=ben.codings[:2])
    table = agreement(made, [ann, away], replicates=QUICK)
    alone = agreement(study([ONE], []), [replace(ann, codings=ann.codings[:2], documents=frozenset({"one"})), away],
                      replicates=QUICK)  # fmt: skip
    assert table.rows == alone.rows
    assert any("Ben worked through 1 of 2 documents" in note for note in table.notes)


def test_each_coders_share_is_of_the_units_this_coder_worked_through() -> None:
    made, (ann, ben) = two_coders()
    away = Layer("Cat", frozenset({"one"}), (coding(ONE, "We wait.", "C"),))
    line = row(agreement(made, [ann, ben, away], replicates=QUICK), "C")
    assert (line["units"], line["Cat: coded"], line["Cat: prevalence"]) == (6, 1, 1 / 4)


def test_codings_in_documents_not_worked_through_take_no_part_and_are_told() -> None:
    made, (ann, ben) = two_coders()
    table = agreement(made, [ann, replace(ben, documents=frozenset({"one"}))], replicates=QUICK)
    assert row(table, "B11")["Ben: coded"] == 0
    assert any("1 codings" in note for note in table.notes)


def test_rejected_codings_are_passed_over() -> None:
    made, (ann, ben) = two_coders()
    gone = replace(ben, codings=tuple(replace(each, status="rejected") for each in ben.codings))
    assert row(agreement(made, [ann, gone], replicates=QUICK), "B")["Ben: coded"] == 0


def test_a_code_that_nobody_gave_is_undefined_and_says_so() -> None:
    made, layers = two_coders()
    line = row(agreement(made, layers, replicates=50), "C")
    assert (line["status"], line["alpha"], line["alpha_low"], line["kappa"], line["ac1"]) == ("undefined", *[None] * 4)
    assert line["percent"] == 1.0
    assert "nobody gave the code" in str(line["reason"])


def test_one_transcript_has_a_value_and_no_interval() -> None:
    made, (ann, ben) = two_coders()
    only = [replace(each, documents=frozenset({"one"}), codings=each.codings[:2]) for each in (ann, ben)]
    line = row(agreement(made, only, replicates=50), "A1")
    assert (line["status"], line["alpha_low"], line["alpha_high"]) == ("ok", None, None)
    assert "Fewer than two transcripts" in str(line["reason"])


def test_the_interval_is_that_of_a_bootstrap_over_transcripts() -> None:
    made, layers = two_coders()
    line = row(agreement(made, layers, replicates=200, seed=5, codes=["A"], measures=["krippendorff"]), "A")
    ratings = [[0, 0], [1, 1], [0, 0], [0, 0], [0, 0], [1, 0]]
    interval = bootstrap(ratings, "krippendorff", categories=(0, 1), clusters=["one"] * 4 + ["two"] * 2, seed=5,
                         replicates=200)  # fmt: skip
    assert (line["alpha_low"], line["alpha_high"]) == pytest.approx((interval.low, interval.high))


def test_an_interval_without_width_is_no_certainty() -> None:
    made, (ann, _) = two_coders()
    line = row(agreement(made, [ann, replace(ann, coder="Ben")], codes=["A2"], replicates=50), "A2")
    assert line["alpha"] == line["alpha_low"] == line["alpha_high"] == 1.0
    assert "without width" in str(line["reason"])


def test_who_decided_about_suggestions_is_told_to_be_no_second_reading() -> None:
    made, (ann, ben) = two_coders()
    coded = replace(ann, codings=tuple(replace(each, status="coded") for each in ann.codings))
    machine = replace(ben, machine=True, codings=tuple(replace(each, status="accepted") for each in ben.codings))
    assert not any("suggestion" in note for note in agreement(made, [coded, machine], replicates=QUICK).notes)
    first, *others = coded.codings
    saw = replace(coded, codings=(replace(first, status="rejected"), *others))
    for over in ("each", "all"):
        notes = agreement(made, [saw, machine], over=over, replicates=QUICK).notes  # type: ignore[arg-type]
        assert sum(note.startswith("Ann accepted or rejected a suggestion.") for note in notes) == 1
    both = replace(coded, codings=(*(replace(each, status="accepted") for each in others), first))
    assert any("Ann accepted or rejected 2 suggestions." in note for note in agreement(made, [both, machine]).notes)


def test_pooled_and_mean_rows_are_over_the_lowest_rows() -> None:
    made, layers = two_coders()
    table = agreement(made, layers, replicates=QUICK)
    pooled, mean = (line for line in table if not line["code"])
    lowest = [row(table, code) for code in ("A1", "A2", "B11", "C")]
    assert pooled["units"] == sum(int(line["units"] or 0) for line in lowest) == 24
    assert pooled["Ann: coded"] == sum(int(line["Ann: coded"] or 0) for line in lowest)
    assert mean["percent"] == pytest.approx(sum(float(line["percent"] or 0) for line in lowest) / 4)
    assert mean["reason"] == "alpha over 3 of 4 codes"
    alphas = [line["alpha"] for line in lowest if line["alpha"] is not None]
    assert mean["alpha"] == pytest.approx(sum(map(float, alphas)) / 3)
    named = agreement(made, layers, codes=["A", "B"], replicates=QUICK)
    assert [line["units"] for line in named] == [6, 6, 12, None]


def test_three_coders_have_alpha_and_pairs_stand_side_by_side() -> None:
    made, layers = two_coders()
    machine = Layer("rules", BOTH, layers[0].codings[:1], machine=True)
    table = agreement(made, [machine, *layers], replicates=QUICK)
    assert "kappa" not in {column.name for column in table.columns}
    assert row(table, "B1")["rules: coded"] == 1
    pairs = agreement(made, [machine, *layers], pairs=True, codes=["B1"], replicates=QUICK)
    first = [(line["first"], line["second"], line["pair"]) for line in pairs if line["code"] == "B1"]
    assert first == [("Ann", "Ben", "two people"), ("rules", "Ann", "person and machine"),
                     ("rules", "Ben", "person and machine")]  # fmt: skip
    alone = row(agreement(made, layers, codes=["B1"], replicates=QUICK), "B1")
    assert next(line for line in pairs)["kappa"] == alone["kappa"]


def test_sets_of_codes_are_one_answer() -> None:
    made, layers = two_coders()
    table = agreement(made, layers, over="all", replicates=QUICK)
    ratings = [[{"B1"}, {"B1"}], [{"A1"}, {"A2"}], [set(), set()], [set(), set()], [set(), {"B11"}], [{"A2"}, set()]]
    for line in table:
        want = coefficient(ratings, "krippendorff", level=str(line["distance"]))
        assert line["alpha"] == pytest.approx(want.value)
        assert (line["units"], line["coders"]) == (6, "Ann and Ben")


def test_two_empty_layers_agree_on_nothing_that_can_be_measured() -> None:
    made = study([ONE, TWO], [])
    layers = [Layer("Ann", BOTH), Layer("Ben", BOTH)]
    for over in ("each", "all"):
        table = agreement(made, layers, over=over, replicates=50)
        assert set(table.column("status")) == {"undefined"}
        assert set(table.column("alpha")) == {None}


@pytest.mark.parametrize("layers", [[Layer("Ann", BOTH)], [Layer("Ann", BOTH), Layer("Ben", frozenset())]])
def test_one_coder_alone_is_undefined(layers: list[Layer]) -> None:
    table = agreement(study([ONE, TWO], []), layers, measures=MEASURES, replicates=50)
    assert set(table.column("status")) == {"undefined"}
    assert set(table.column("units")) == {0, None}


def test_what_cannot_be_compared_is_refused_with_what_to_type() -> None:
    made, layers = two_coders()
    with pytest.raises(AnalysisError, match="QC-A031"):
        agreement(made, [])
    with pytest.raises(AnalysisError, match=r"QC-A031.*'Ann'"):
        agreement(made, [layers[0], layers[0]])
    with pytest.raises(AnalysisError, match=r"QC-A031.*no name"):
        agreement(made, [layers[0], Layer(" ", BOTH)])
    with pytest.raises(AnalysisError, match=r"QC-A032.*Levels: sentence"):
        agreement(made, layers, level="line")  # type: ignore[arg-type]
    with pytest.raises(AnalysisError, match=r"QC-A032.*unit=\"passage\""):
        agreement(made, layers, level="passage")
    with pytest.raises(AnalysisError, match=r"QC-A033.*krippendorff"):
        agreement(made, layers, measures=["kappa"])
    with pytest.raises(AnalysisError, match=r"QC-A033.*pairs=True"):
        agreement(made, [*layers, Layer("Cat", BOTH)], measures=["cohen"])
    with pytest.raises(AnalysisError, match="QC-A034"):
        agreement(made, layers, over="some")  # type: ignore[arg-type]
    with pytest.raises(AnalysisError, match=r"QC-A034.*token"):
        agreement(made, layers, over="all", level="character")
    with pytest.raises(AnalysisError, match="QC-A003"):
        agreement(made, layers, codes=["Z"])
    with pytest.raises(AnalysisError, match=r"QC-A001.*Z9"):
        agreement(made, [layers[0], Layer("Ben", BOTH, (replace(layers[0].codings[0], code="Z9"),))])
    with pytest.raises(AnalysisError, match=r"QC-A030.*study_of"):
        agreement(replace(made, documents={}), layers)


def test_a_study_of_turns_is_compared_by_turns() -> None:
    turns = {each.id: tuple(block.span for block in each.blocks) for each in (ONE, TWO)}
    made = study_of([ONE, TWO], BOOK, [], units=turns, unit="turn")
    for level in ("turn", None):
        line = row(agreement(made, two_coders()[1], level=level, replicates=QUICK), "B1")
        assert (line["unit"], line["units"]) == ("turn", 2)
    with pytest.raises(AnalysisError, match="QC-A032"):
        agreement(made, two_coders()[1], level="sentence")


def brute(made: Study, layers: list[Layer], code: str, level: Level) -> list[list[float]]:
    """Return the ratings of one code, unit by unit, by looking at every character."""
    under = {code, *(each.id for each in BOOK.descendants(code))}
    rows = []
    for case in made.cases:
        text = made.documents[case.id]
        present = [case.id in layer.documents for layer in layers]
        if sum(present) < 2:
            continue
        painted = [
            {at for each in layer.codings if each.document_id == case.id and each.code in under
             and each.status != "rejected" for at in range(each.span.start, each.span.end)}
            for layer in layers
        ]  # fmt: skip
        for unit in spoken_units(made, text, level):
            rows.append([float(bool(own & unit)) if here else math.nan
                         for own, here in zip(painted, present, strict=True)])  # fmt: skip
    return rows


def spoken_units(made: Study, text: Document, level: Level) -> list[set[int]]:
    """Return the characters of each unit of speech that counts."""
    blocks = [block for block in text.blocks if text.role_of(block) != "interviewer"]
    letters = [{at for at in range(block.label_span.end if block.label_span else block.span.start, block.span.end)
                if not text.text[at].isspace()} for block in blocks]  # fmt: skip
    if level == "character":
        return [{at} for found in letters for at in sorted(found)]
    if level == "token":
        return [set(range(at.start(), at.end())) for found in letters if found
                for at in re.compile(r"\S+").finditer(text.text, min(found), max(found) + 1)]  # fmt: skip
    if level == "turn":
        return [set(range(min(found), max(found) + 1)) for found in letters if found]
    if level == "document":
        return [set().union(*letters)] if any(letters) else []
    return [set(range(unit.start, unit.end)) for unit in units_of(text)
            if any(unit.start in range(block.span.start, block.span.end) for block in blocks)]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    layered(), st.sampled_from(["sentence", "turn", "character", "document"]), st.sampled_from(["A", "B", "B1", "C"])
)
def test_counts_and_coefficients_equal_a_naive_recount(
    made: tuple[Study, list[Layer]], level: Level, code: str
) -> None:
    found, layers = made
    ratings = np.array(brute(found, layers, code, level)).reshape(-1, len(layers))
    names = ["percent", "krippendorff", "gwet", "fleiss"]
    line = row(agreement(found, layers, level=level, codes=[code], measures=names, replicates=QUICK), code)
    assert line["units"] == len(ratings)
    for column, layer in enumerate(layers):
        assert line[f"{layer.coder}: coded"] == int(np.nansum(ratings[:, column]))
    for name, column_name in zip(names, ("percent", "alpha", "ac1", "fleiss"), strict=True):
        want = coefficient(ratings, name, categories=(0, 1)).value
        assert line[column_name] == (None if want is None else pytest.approx(want))


@settings(max_examples=30, deadline=None)
@given(layered(most=2), st.sampled_from(["sentence", "token", "character"]))
def test_a_coder_who_worked_through_nothing_changes_nothing(made: tuple[Study, list[Layer]], level: Level) -> None:
    found, layers = made
    names = ["percent", "krippendorff", "gwet"]
    two = agreement(found, layers, level=level, measures=names, replicates=QUICK)
    three = agreement(found, [*layers, Layer("Absent", frozenset())], level=level, measures=names, replicates=QUICK)
    for name in ("units", "documents", "percent", "alpha", "ac1", "status"):
        assert three.column(name) == two.column(name)


@settings(max_examples=30, deadline=None)
@given(layered(most=2))
def test_a_document_one_coder_left_out_counts_as_if_it_were_not_there(made: tuple[Study, list[Layer]]) -> None:
    found, (ann, ben) = made
    ann = replace(ann, documents=all_documents(found))
    table = agreement(found, [ann, ben], replicates=20)
    cases = tuple(case for case in found.cases if case.id in ben.documents)
    assert agreement(replace(found, cases=cases), [ann, ben], replicates=20).rows == table.rows


@settings(max_examples=30, deadline=None)
@given(layered(most=2), st.sampled_from(["sentence", "token", "character"]))
def test_swapping_coders_changes_no_symmetric_column(made: tuple[Study, list[Layer]], level: Level) -> None:
    found, layers = made
    one, two = (agreement(found, each, level=level, replicates=20) for each in (layers, layers[::-1]))
    for name in ("code", "units", "documents", "percent", "kappa", "alpha", "alpha_low", "ac1", "positive", "negative",
                 "kappa_max", "status", "Ann: coded", "Ben: prevalence"):  # fmt: skip
        assert two.column(name) == pytest.approx(one.column(name)), name


@settings(max_examples=30, deadline=None)
@given(layered(), st.sampled_from(LEVELS), st.booleans(), st.sampled_from(["each", "all"]))
def test_every_study_and_level_gives_a_table_or_says_why_not(
    made: tuple[Study, list[Layer]], level: Level, pairs: bool, over: str
) -> None:
    found, layers = made
    if level == "passage" or (level == "character" and over == "all"):
        with pytest.raises(AnalysisError, match=r"QC-A03[24]"):
            agreement(found, layers, level=level, pairs=pairs, over=over)  # type: ignore[arg-type]
        return
    table = agreement(found, layers, level=level, pairs=pairs, over=over, replicates=20)  # type: ignore[arg-type]
    for line in table:
        assert (line["status"] == "undefined") == (line["alpha"] is None)
        assert line["status"] == "ok" or line["reason"]


@settings(max_examples=20, deadline=None)
@given(layered())
def test_a_pair_of_the_pairwise_table_is_the_table_of_these_two(made: tuple[Study, list[Layer]]) -> None:
    found, layers = made
    table = agreement(found, layers, pairs=True, replicates=QUICK)
    for one, two in combinations(layers, 2):
        alone = agreement(found, [one, two], replicates=QUICK)
        mine = table.filter(first=one.coder, second=two.coder)
        for name in ("code", "units", "percent", "kappa", "alpha", "positive", "reason"):
            assert mine.column(name) == alone.column(name)


def test_codings_of_one_coder_that_overlap_are_one() -> None:
    made, (ann, ben) = two_coders()
    doubled: tuple[Coding, ...] = (*ann.codings, coding(ONE, "is trust. And", "B1"))
    for level in ("token", "character"):
        line = row(agreement(made, [replace(ann, codings=doubled), ben], level=level, replicates=QUICK), "B1")
        assert line["Ann: coded"] == {"token": 4, "character": len("Thereistrust.And")}[level]
