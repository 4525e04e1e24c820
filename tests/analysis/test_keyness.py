"""Words of one group against the others, and of the passages with a code against the rest."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.sparse import csr_array

from qualcode.analysis import Study, WordCounts, code_keyness, keyness
from qualcode.errors import AnalysisError, StatisticsError
from qualcode.text import TokenIndex
from tests.analysis.studies import coding, studies, study
from tests.builders import document

GRADES = {"d1": "good", "d2": "good", "d3": "RI", "d4": "RI", "d5": ""}
MADE = [document(name, [("P1", "participant", "It rains.")], attributes={"grade": grade} if grade else {})
        for name, grade in GRADES.items()]  # fmt: skip
WORDS = ("rain", "plan", "the")
COUNTS = np.array([[8, 0, 2], [6, 1, 3], [1, 9, 5], [0, 4, 6], [50, 50, 50]])


def counts(speakers: tuple[str, ...] = ()) -> WordCounts:
    return WordCounts(tuple(GRADES), WORDS, COUNTS, speakers)


def g2(a: int, b: int, n: int, m: int) -> float:
    """Return G² of four cells, written out."""
    cells = [(a, n, a + b), (b, m, a + b), (n - a, n, n + m - a - b), (m - b, m, n + m - a - b)]
    return 2 * sum(o * math.log(o / (side * total / (n + m))) for o, side, total in cells if o)


def test_each_group_has_the_words_it_uses_more_with_frequency_and_spread() -> None:
    table = keyness(study(MADE, []), counts(), by="grade", replicates=200)
    assert [(line["group"], line["word"]) for line in table] == [("good", "rain"), ("RI", "plan"), ("RI", "the")]
    line = next(iter(table))
    assert (line["count"], line["of_words"], line["rest_count"], line["rest_of_words"]) == (14, 20, 1, 25)
    assert (line["per_10000"], line["rest_per_10000"]) == (7000.0, 400.0)
    assert (line["documents"], line["of_documents"], line["rest_documents"], line["rest_of_documents"]) == (2, 2, 1, 2)
    assert line["g2"] == pytest.approx(g2(14, 1, 20, 25))
    assert line["log_ratio"] == pytest.approx(math.log2((14 / 20) / (1 / 25)))
    assert float(line["low"] or 0) <= float(line["log_ratio"] or 0) <= float(line["high"] or 0)
    assert line["dp"] == pytest.approx(abs(8 / 14 - 10 / 20))


def test_what_has_no_value_takes_no_part_and_is_told() -> None:
    told = keyness(study(MADE, []), counts(), by="grade", replicates=100).notes
    assert any("1 documents hold words without a value of grade" in note for note in told)


def test_one_group_named_stands_against_all_others_and_two_against_each_other() -> None:
    regions = [document(name, [("P", "participant", "Yes.")], attributes={"region": place})
               for name, place in zip(GRADES, ("n", "n", "s", "s", "w"), strict=True)]  # fmt: skip
    made = study(regions, [])
    one = keyness(made, counts(), by="region", groups="n", replicates=100, minimum=1)
    assert {(line["group"], line["rest_of_words"]) for line in one} == {("n", 175)}
    two = keyness(made, counts(), by="region", groups=["n", "s"], replicates=100)
    assert {line["rest_of_words"] for line in two} == {20, 25}


def test_sparse_counts_limits_and_minimum() -> None:
    made = study(MADE, [])
    sparse = WordCounts(tuple(GRADES), WORDS, csr_array(COUNTS))
    assert (
        keyness(made, sparse, by="grade", replicates=100).rows
        == keyness(made, counts(), by="grade", replicates=100).rows
    )
    assert len(keyness(made, counts(), by="grade", limit=1, replicates=100)) == 2
    assert len(keyness(made, counts(), by="grade", minimum=15, replicates=100)) == 2
    assert len(keyness(made, counts(), by="grade", minimum=100, replicates=100)) == 0


def test_one_transcript_on_a_side_has_no_interval_and_says_so() -> None:
    few = WordCounts(("d1", "d3", "d4"), WORDS, COUNTS[[0, 2, 3]])
    table = keyness(study(MADE, []), few, by="grade", replicates=100)
    assert set(table.column("low")) == {None}
    assert any("fewer than two transcripts" in note for note in table.notes)


def test_speakers_are_compared_when_the_counts_have_them() -> None:
    people = {"A": {"age": "young"}, "B": {"age": "old"}}
    both = [
        document(name, [("A", "participant", "Yes."), ("B", "participant", "No.")], speakers=people)
        for name in ("x", "y")
    ]
    rows = WordCounts(
        ("x", "x", "y", "y"), ("rain", "plan"), np.array([[5, 1], [1, 5], [6, 1], [0, 7]]), ("A", "B", "A", "B")
    )
    table = keyness(study(both, []), rows, by="age", replicates=100)
    assert [(line["group"], line["word"], line["count"], line["of_documents"]) for line in table] == [
        ("old", "plan", 12, 2), ("young", "rain", 11, 2),
    ]  # fmt: skip
    with pytest.raises(AnalysisError, match=r"QC-A036.*speaker"):
        keyness(study(both, []), WordCounts(("x", "y"), ("rain",), np.array([[1], [2]])), by="age")


def test_counts_and_groups_that_do_not_fit_are_refused() -> None:
    made = study(MADE, [])
    with pytest.raises(AnalysisError, match="QC-A036"):
        keyness(made, WordCounts(("d1",), WORDS, COUNTS), by="grade")
    with pytest.raises(AnalysisError, match=r"QC-A036.*are 3, but name"):
        keyness(made, WordCounts(tuple(GRADES), WORDS, [1, 2, 3]), by="grade")
    with pytest.raises(AnalysisError, match=r"QC-A038.*'bad'.*good, RI"):
        keyness(made, counts(), by="grade", groups=["good", "bad"])
    with pytest.raises(AnalysisError, match=r"QC-A038.*same value"):
        keyness(study(MADE[:2], []), WordCounts(("d1", "d2"), WORDS, COUNTS[:2]), by="grade")
    with pytest.raises(AnalysisError, match="QC-A004"):
        keyness(made, counts(), by="height")
    with pytest.raises(StatisticsError, match="QC-N065"):
        keyness(made, counts(), by="grade", form="six-cell")


def test_a_group_without_words_has_no_rows() -> None:
    silent = WordCounts(tuple(GRADES), WORDS, np.where(np.arange(5)[:, None] < 2, 0, COUNTS))
    table = keyness(study(MADE, []), silent, by="grade", replicates=100)
    assert len(table) == 0
    assert any(note.startswith("good: no word") for note in table.notes)


def test_the_matrix_of_the_token_index_fits() -> None:
    talks = [document("a", [("INT", "interviewer", "Rain?"), ("P", "participant", "Rain, rain, rain.")], attributes={"g": "1"}),
             document("b", [("P", "participant", "A plan. Plans.")], attributes={"g": "2"})]  # fmt: skip
    index = TokenIndex.build(talks)
    matrix, lemmas = index.document_term_matrix()
    found = WordCounts(tuple(name for name, _, _ in index.documents()), lemmas, matrix)
    table = keyness(study(talks, []), found, by="g", minimum=1, replicates=100)
    assert [(line["group"], line["word"], line["count"]) for line in table][:2] == [("1", "rain", 3), ("2", "plan", 2)]


SAID = "We trust. Trust is slow. The bus was late. A bus, again. It rains."
TALK = document("talk", [("INT", "interviewer", "Trust trust trust?"), ("P", "participant", SAID)])
TELL = document("tell", [("P", "participant", "“Trust” came. The bus came.")])


def test_words_of_the_passages_with_a_code_are_compared_with_all_others() -> None:
    made = study([TALK, TELL], [coding(TALK, "We trust. Trust is slow.", "B11"), coding(TELL, "“Trust” came.", "B1")])
    table = code_keyness(made, "B", minimum=3, replicates=100)
    assert [line["word"] for line in table] == ["trust"]
    line = next(iter(table))
    assert (line["group"], line["count"], line["of_words"], line["rest_count"]) == ("People", 3, 7, 0)
    assert line["rest_of_words"] == len(SAID.split()) + 5 - 7
    assert (line["documents"], line["of_documents"]) == (2, 2)


def test_words_outside_all_units_stand_with_the_rest() -> None:
    made = study([TALK], [coding(TALK, "We trust. Trust is slow.", "B1")])
    short = replace(made, units={"talk": made.units["talk"][1:3]})
    line = next(line for line in code_keyness(short, "B1", minimum=2, replicates=100) if line["word"] == "trust")
    assert (line["of_words"], line["rest_of_words"]) == (5, len(SAID.split()) - 5)


def test_a_code_found_nowhere_or_everywhere_has_no_words_of_its_own() -> None:
    assert len(code_keyness(study([TALK], []), "C")) == 0
    assert len(code_keyness(study([TALK], [coding(TALK, SAID, "C")]), "C")) == 0
    assert len(code_keyness(study([], []), "C")) == 0
    with pytest.raises(AnalysisError, match="QC-A003"):
        code_keyness(study([TALK], []), "Z")


@settings(max_examples=25)
@given(studies())
def test_words_in_and_out_of_a_code_equal_a_naive_recount(made: Study) -> None:
    inside, outside = Counter[str](), Counter[str]()
    for case in made.cases:
        text = made.documents[case.id]
        for unit in made.units[case.id]:
            block = next(each for each in text.blocks if each.span.contains(unit))
            if text.role_of(block) == "interviewer":
                continue
            hit = any(each.document_id == case.id and each.code in {"B", "B1", "B11"} and each.role != "interviewer"
                      and each.status != "rejected" and each.span.overlaps(unit) for each in made.codings)  # fmt: skip
            words = text.quote(unit).replace(".", "").split()
            (inside if hit else outside).update(words)
    for line in code_keyness(made, "B", minimum=1, replicates=100):
        word = str(line["word"])
        assert (line["count"], line["rest_count"]) == (inside[word], outside[word])
        assert (line["of_words"], line["rest_of_words"]) == (inside.total(), outside.total())
        assert float(line["log_ratio"] or 0) > -1
