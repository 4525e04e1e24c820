"""Pooling for topics: whose talk is joined, where it is cut, what is counted, and the way back to the words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.coding import Corpus
from qualcode.coding.topics.model import Pooled, Pooling
from qualcode.coding.topics.pooling import pool
from qualcode.errors import CodingError
from tests.builders import document
from tests.coding.books import said

SENTENCE = "The harbour boat carried seven wooden crates of oranges yesterday. "
WAYS: tuple[Pooling, ...] = ("run", "question", "window")


def pooled(*turns: str, by: Pooling = "run", words: int = 100, **more: object) -> Pooled:
    options = {"stop_words": (), "fewest_segments": 1, "fewest_terms": 1, "largest_share": 1.0} | more
    return pool(Corpus.of([said(*turns)]), by=by, words=words, **options)  # type: ignore[arg-type]  # options of tests


def people(found: Pooled) -> list[set[int]]:
    return [set(found.units.speaker[found.rows(each)].tolist()) for each in range(len(found))]


def test_interviewers_are_not_pooled_and_stepped_over() -> None:
    found = pooled("Q: What about boats?", f"Ann: {SENTENCE}", "Q: Go on about lighthouses.", f"Ann: {SENTENCE}")
    assert len(found) == 1
    assert found.sizes.tolist() == [20]
    assert "lighthouse" not in found.terms


def test_two_people_are_never_one_segment() -> None:
    found = pooled("Q: Well?", "Ann: A boat.", "Bob: A crate.", "Ann: An orange.", "Q: And?", "Bob: A pier.")
    assert all(len(who) == 1 for who in people(found))
    assert len(found) >= 2


def test_short_runs_of_one_person_under_one_question_are_joined_though_others_speak_between() -> None:
    found = pooled("Q: Well?", "Ann: A boat sails.", "Bob: A crate floats.", "Ann: An orange swims.")
    texts = [found.text(each) for each in range(len(found))]
    assert texts == ["A boat sails. … An orange swims.", "A crate floats."]


def test_runs_of_one_person_under_two_questions_stay_apart_when_others_speak_between() -> None:
    found = pooled("Q: One?", "Ann: A boat sails.", "Bob: A crate floats.", "Q: Two?", "Ann: An orange swims.")
    assert len(found) == 3


def test_long_runs_are_cut_between_sentences_to_even_pieces() -> None:
    found = pooled("Q: Well?", f"Ann: {SENTENCE * 32}")
    assert found.sizes.tolist() == [110, 100, 110]
    assert all(60 <= size <= 150 for size in found.sizes)
    assert found.segment.tolist() == [0] * 11 + [1] * 10 + [2] * 11


def test_a_cut_moves_to_where_a_turn_ends_nearby() -> None:
    found = pooled("Q: Well?", f"Ann: {SENTENCE * 9}", "Q: And?", f"Ann: {SENTENCE * 11}")
    assert found.sizes.tolist() == [90, 110]


def test_a_question_has_one_segment_for_each_who_answers_however_long() -> None:
    turns = ("Q: One?", f"Ann: {SENTENCE * 30}", "Bob: A crate.", "Ann: A boat.", "Q: Two?", "Ann: A pier.")
    found = pooled(*turns, by="question")
    assert sorted(found.sizes.tolist()) == [2, 2, 302]
    assert all(len(who) == 1 for who in people(found))


def test_windows_overlap_by_half_and_each_unit_has_a_home() -> None:
    found = pooled("Q: Well?", f"Ann: {SENTENCE * 20}", by="window")
    assert found.sizes.tolist() == [100, 100, 100]
    assert found.rows(0).tolist() == list(range(10))
    assert found.rows(1).tolist() == list(range(5, 15))
    assert found.segment.tolist() == [0] * 8 + [1] * 5 + [2] * 7


def test_windows_do_not_make_a_rare_word_frequent() -> None:
    talk = said("Q: Well?", f"Ann: {SENTENCE * 10}One unicorn. {SENTENCE * 10}")
    found = pool(Corpus.of([talk]), by="window", largest_share=1.0)
    assert "unicorn" not in found.terms
    assert "boat" in found.terms


def test_where_nobody_is_named_each_turn_stands_alone() -> None:
    talk = document("d", [("", "", "A boat."), ("", "", "A crate.")])
    found = pool(Corpus.of([talk]), stop_words=(), fewest_segments=1, fewest_terms=1, largest_share=1.0)
    assert len(found) == 2


def test_terms_are_lemmas_in_order_without_stop_words_numbers_and_rare_ones() -> None:
    talk = said(
        "Q: Well?", "Ann: Um, boats and 12 crates, you know, a boat.", "Bob: The crate, er, was on boats. A unicorn."
    )
    found = pool(Corpus.of([talk]), fewest_terms=1)
    assert found.terms == ("boat", "crate")
    assert found.counts.toarray().tolist() == [[2, 1], [1, 1]]
    assert found.frequency.tolist() == [3, 2]
    assert found.sizes.tolist() == [9, 8]


def test_what_most_segments_have_is_no_term_once_there_are_ten() -> None:
    turns = [
        f"P{n}: The boat met a {'whale' if n % 2 else 'seal'} and a {'crab' if n % 3 else 'gull'}." for n in range(12)
    ]
    corpus = Corpus.of([said("Q: Well?", *turns)])
    assert "boat" not in pool(corpus, fewest_terms=1).terms
    assert "boat" in pool(corpus, fewest_terms=1, largest_share=1.0).terms


def test_segments_with_too_few_terms_are_left_out_and_their_units_are_nobodys() -> None:
    talk = said("Q: Well?", "Ann: A boat, a crate, a boat.", "Bob: Yes.", "Cy: A crate, a boat, a crate.")
    found = pool(Corpus.of([talk]))
    assert found.segment.tolist() == [0, -1, 1]


def test_talk_can_be_counted_with_terms_that_are_given() -> None:
    found = pooled("Ann: A boat, a crate.", terms=("anchor", "boat"))
    assert found.terms == ("anchor", "boat")
    assert found.counts.toarray().tolist() == [[0, 1]]


TURNS = st.lists(st.tuples(st.sampled_from(["Q", "Ann", "Bob"]), st.integers(1, 14)), min_size=1, max_size=14)


@settings(max_examples=25, deadline=None)
@given(TURNS, st.sampled_from(WAYS), st.integers(20, 120))
def test_every_word_of_a_segment_is_where_it_says_and_one_persons(
    turns: list[tuple[str, int]], by: Pooling, words: int
) -> None:
    spoken = [f"{who}: " + " ".join(f"Boat {n} has a crate of salt." for n in range(many)) for who, many in turns]
    talk = said(*spoken)
    if all(who == "Q" for who, _ in turns):
        return
    found = pool(
        Corpus.of([talk]), by=by, words=words, stop_words=(), fewest_segments=1, fewest_terms=1, largest_share=1.0
    )
    assert all(len(who) == 1 for who in people(found))
    held = np.asarray(found.holds.sum(axis=0)).ravel()
    assert (held >= 1).all()
    if by != "window":
        assert (held == 1).all()
        assert found.sizes.sum() == found.units.words.sum()
    for segment in range(len(found)):
        for row in found.rows(segment).tolist():
            span = found.units.span(row)
            assert talk.text[span.start : span.end].startswith("Boat ")
            assert talk.text[span.start : span.end] in found.text(segment)
        size = sum(int(found.units.words[row]) for row in found.rows(segment))
        assert size == found.sizes[segment]
        assert by != "run" or size <= 1.5 * words + 14


@pytest.mark.parametrize(
    ("parameters", "told"),
    [({"by": "page"}, "'by' is 'page'"), ({"words": 5}, "'words' is 5"), ({"fewest_terms": 0}, "'fewest_terms' is 0"),
     ({"fewest_segments": True}, "'fewest_segments' is True"), ({"largest_share": 0}, "'largest_share' is 0")],
)  # fmt: skip
def test_parameters_that_cannot_be_used_are_named(parameters: dict[str, object], told: str) -> None:
    with pytest.raises(CodingError, match=told) as caught:
        pool(Corpus.of([said("Ann: A boat.")]), **parameters)  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.code == "QC-K022"


@pytest.mark.parametrize("turns", [("Q: Anybody there?",), ("Ann: Um.", "Ann: Yes.")])
def test_no_talk_is_said_so(turns: tuple[str, ...]) -> None:
    with pytest.raises(CodingError, match="no talk to find topics in") as caught:
        pool(Corpus.of([said(*turns)]))
    assert caught.value.code == "QC-K020"


def test_talk_of_stop_words_only_is_told_from_no_talk() -> None:
    talk = document("d", [("Pat", "participant", "Well, you know what it is.")] * 4)
    with pytest.raises(CodingError, match="QC-K020") as caught:
        pool(Corpus.of([talk]))
    assert "4 sentences" in str(caught.value)
    assert "stop word" in str(caught.value)
    assert "interviewer" not in str(caught.value)


def test_no_documents_are_no_talk() -> None:
    with pytest.raises(CodingError, match="0 sentences"):
        pool(Corpus.of([]))
