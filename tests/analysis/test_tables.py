"""Matrix, spread, facets and what was not coded."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import Study, facets, matrix, spread, study_of, themes, uncoded, uncoded_stretches
from qualcode.analysis.matrix import shortened
from qualcode.analysis.names import short_names
from qualcode.analysis.quotes import pick
from qualcode.analysis.words import speech_words
from qualcode.errors import AnalysisError
from qualcode.ingest import inspect
from tests.analysis.studies import BOOK, coding, studies, study
from tests.builders import document

ONE = document(
    "one.txt",
    [
        ("INT", "interviewer", "Is there trust?"),
        ("P1", "participant", "There is trust. And a plan. We wait [pause] here."),
    ],
)
TWO = document("two.txt", [("P1", "participant", "Nobody kept a promise. It rains.")])


def test_a_long_matrix_has_a_row_for_each_code_and_case_with_stances() -> None:
    found = [coding(ONE, "There is trust.", "B1"), coding(ONE, "And a plan.", "B1", stance="absent")]
    lines = [line for line in matrix(study([ONE, TWO], found)) if line["code"] == "B1"]
    told = [(line["document"], line["mention"], line["segments"], line["present"], line["absent"]) for line in lines]
    assert told == [("one.txt", "mentioned", 2, 1, 1), ("two.txt", "not mentioned", 0, 0, 0)]
    assert [line["quote"] for line in lines] == ["There is trust.", ""]


def test_a_wide_matrix_has_a_column_a_case_and_says_not_mentioned() -> None:
    found = [coding(ONE, "There is trust.", "B1"), coding(ONE, "And a plan.", "B1", stance="absent")]
    table = matrix(study([ONE, TWO], found), codes=["B1"], wide=True)
    assert [column.name for column in table.columns] == ["code", "label", "documents", "of_documents", "one", "two"]
    assert table.rows == (("B1", "Trust", 1, 2, "2 (1 absent) · “There is trust.”", "not mentioned"),)


def test_a_long_quote_in_a_cell_is_cut_around_what_matched() -> None:
    speech = " ".join(f"w{n}" for n in range(30)) + " trust " + " ".join(f"v{n}" for n in range(30))
    made = document("long", [("P1", "participant", speech)])
    (quote,) = pick(study([made], []), [coding(made, speech, "B1", evidence="trust")], 1)
    cut = shortened(quote, 9)
    assert cut == "…w27 w28 w29 trust v0 v1 v2 v3 v4…"


def test_one_talker_with_ten_hits_stands_below_four_people_with_one_each() -> None:
    talker = document("talk", [("P1", "participant", " ".join(f"It rains {n}." for n in range(10)))])
    four = [document(f"q{n}", [("P1", "participant", "We trust.")]) for n in range(4)]
    found = [coding(talker, f"It rains {n}.", "C") for n in range(10)] + [
        coding(each, "We trust.", "B1") for each in four
    ]
    table = spread(study([talker, *four], found), codes=["C", "B1"])
    assert table.column("code") == ("B1", "C")
    (rain,) = [line for line in table if line["code"] == "C"]
    assert (rain["top_document"], rain["top_document_segments"]) == ("talk", 10)
    assert (rain["top_speaker"], rain["top_speaker_codings"], rain["of_speakers"]) == ("P1 (talk)", 10, 5)


def test_spread_says_how_unevenly_a_code_lies_in_the_documents_by_their_words() -> None:
    one, three = (document(f"{n}.txt", [("P1", "participant", "We trust her. " * n)]) for n in (1, 3))
    everywhere = [coding(one, "We trust her.", "B1"), coding(three, "We trust her.", "B1")]
    table = spread(study([one, three], everywhere), codes=["B1", "C"])
    found = dict(zip(table.column("code"), table.column("dp"), strict=True))
    assert found["B1"] == pytest.approx(abs(1 / 2 - 1 / 4))
    assert found["C"] is None
    only_here = spread(study([one, three], everywhere[:1]), codes=["B1"])
    assert only_here.column("dp") == (pytest.approx(1 - 1 / 4),)
    assert spread(study([one], everywhere[:1]), codes=["B1"]).column("dp") == (None,)


@settings(max_examples=40)
@given(studies(), st.randoms(use_true_random=False))
def test_spread_does_not_depend_on_the_order_of_documents(made: Study, chance: random.Random) -> None:
    cases = list(made.cases)
    chance.shuffle(cases)
    numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 13]

    def shown(table_of: Study) -> list[list[object]]:
        return [[row[place] for place in numbers] for row in spread(table_of).rows]

    assert shown(replace(made, cases=tuple(cases))) == shown(made)


@settings(max_examples=40)
@given(studies())
def test_spread_is_sorted_and_agrees_with_the_theme_table(made: Study) -> None:
    table = spread(made)
    keys = [(line["documents"], line["speakers"], line["segments"]) for line in table]
    assert keys == sorted(keys, key=lambda key: tuple(-int(n or 0) for n in key))
    names = ("code", "documents", "speakers", "codings", "segments")
    assert {tuple(line[n] for n in names) for line in table} == {tuple(line[n] for n in names) for line in themes(made)}


@settings(max_examples=40)
@given(studies())
def test_matrix_cells_add_up_to_the_theme_table(made: Study) -> None:
    cells = list(matrix(made))
    for line in themes(made):
        mine = [cell for cell in cells if cell["code"] == line["code"]]
        assert sum(int(cell["codings"] or 0) for cell in mine) == line["codings"]
        assert sum(int(cell["segments"] or 0) for cell in mine) == line["segments"]
        assert sum(cell["mention"] == "mentioned" for cell in mine) == line["documents"]
        assert all((cell["mention"] == "mentioned") == bool(cell["quote"]) for cell in mine)


@settings(max_examples=40)
@given(studies())
def test_the_values_of_a_facet_add_up_to_the_codings(made: Study) -> None:
    table = facets(made)
    for line in themes(made):
        mine = [each for each in table if each["code"] == line["code"]]
        assert sum(int(each["codings"] or 0) for each in mine) == line["codings"]
        assert {each["stance"] for each in mine} == {"present", "absent", "mixed"}


def test_a_facet_without_a_value_is_shown_as_not_set() -> None:
    found = [coding(ONE, "We wait", "C", facets={"time": "now"}), coding(TWO, "It rains.", "C")]
    lines = list(facets(study([ONE, TWO], found), "time", codes=["C"]))
    assert [(line["time"], line["codings"], line["documents"]) for line in lines] == [
        ("past", 0, 0), ("now", 1, 1), ("not set", 1, 1),
    ]  # fmt: skip


def test_an_unknown_facet_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(AnalysisError, match=r"QC-A005.*stance, time"):
        facets(study([ONE], []), "mood")


def test_uncoded_counts_the_words_of_people_who_are_counted_only() -> None:
    table = uncoded(study([ONE, TWO], [coding(ONE, "And a plan.", "A2"), coding(ONE, "Is there trust?", "B1")]))
    assert table.rows == (("one.txt", 9, 3, 6, 6 / 9), ("two.txt", 6, 0, 6, 1.0), ("all", 15, 3, 12, 12 / 15))


def test_stretches_stop_at_a_coding_and_at_the_end_of_a_turn() -> None:
    made = document("d", [("P1", "participant", "One two. Three. Four five six."), ("P2", "participant", "Seven.")])
    table = uncoded_stretches(study([made], [coding(made, "Three", "C")]))
    assert [(line["speaker"], line["text"], line["words"]) for line in table] == [
        ("P1", "Four five six.", 3), ("P1", "One two.", 2), ("P2", "Seven.", 1),
    ]  # fmt: skip
    line = next(iter(table))
    assert made.text[int(line["start"] or 0) : int(line["end"] or 0)] == line["text"]


def test_uncoded_needs_the_texts() -> None:
    bare = replace(study([ONE], []), documents={})
    with pytest.raises(AnalysisError, match="QC-A006"):
        uncoded(bare)


@settings(max_examples=40)
@given(studies())
def test_coded_and_uncoded_words_are_all_words_and_as_many_as_inspect_counts(made: Study) -> None:
    for line, case in zip(uncoded(made), made.cases, strict=False):
        assert int(line["coded_words"] or 0) + int(line["uncoded_words"] or 0) == line["words"] == case.words
        said = {each["label"]: each["words"] for each in inspect(made.documents[case.id])["speakers"]}
        assert {person.label: person.words for person in case.speakers} == said


def test_words_are_runs_with_a_letter_or_digit_outside_labels_and_marks() -> None:
    made = document("d", [("P1", "participant", "Well – yes [laughter] 3 times.")])
    words = [made.quote(word) for _, found in speech_words(made) for word in found]
    assert words == ["Well", "yes", "3", "times."]


def test_a_study_without_codings_or_documents_gives_empty_tables() -> None:
    empty = study_of([], BOOK, [], units={})
    assert [len(table) for table in (themes(empty), matrix(empty), spread(empty), uncoded_stretches(empty))] == [
        7,
        0,
        7,
        0,
    ]
    assert len(matrix(empty, wide=True)) == 0
    assert uncoded(empty).rows == (("all", 0, 0, 0, None),)


def test_short_names_drop_endings_unless_they_would_clash() -> None:
    assert short_names(["01-a.txt", "02-b.docx", "b.txt", "b.srt"]) == ("01-a", "02-b", "b.txt", "b.srt")
    assert short_names(["code.txt", "x", "x"], taken=["code"]) == ("code.txt", "x", "x (2)")
