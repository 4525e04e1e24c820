"""Quotes come from different people, one disagrees, and each can be found again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import Study, choose_quotes
from qualcode.analysis.quotes import evidence_spans
from qualcode.errors import AnalysisError
from qualcode.model.document import Segment, Span
from tests.analysis.studies import BOOK, coding, studies, study
from tests.builders import document

GOOD = "We all sat down in the hall that night and they told us what it was for."
ONE = document(
    "one", [("P1", "participant", f"{GOOD} Trust. Trust again. Still trust."), ("P2", "participant", "Aye.")]
)
TWO = document("two", [("P1", "participant", "I never trusted a word of what they said to any of us that year.")])


def found() -> list:
    return [
        coding(ONE, "Trust.", "B1", score=1.0),
        coding(ONE, "Trust again.", "B1"),
        coding(ONE, "Still trust.", "B1"),
        coding(ONE, GOOD, "B1", score=0.6, evidence="sat down … told us"),
        coding(ONE, "Aye.", "B1", score=0.5),
        coding(TWO, TWO.text[4:].strip(), "B11", stance="absent"),
    ]


def test_different_people_come_first_and_the_contrary_one_last() -> None:
    quotes = choose_quotes(study([ONE, TWO], found()), "B", 3)
    assert [(quote.document, quote.speaker, quote.contrary) for quote in quotes] == [
        ("one", "P1", False), ("one", "P2", False), ("two", "P1", True),
    ]  # fmt: skip


def test_a_quote_of_readable_length_goes_before_a_higher_score() -> None:
    assert choose_quotes(study([ONE, TWO], found()), "B1", 2)[0].text == GOOD


def test_no_person_is_quoted_more_than_twice() -> None:
    quotes = choose_quotes(study([ONE], found()[:4]), "B1", 4)
    assert len(quotes) == 2


def test_where_most_deny_the_one_who_affirms_is_contrary() -> None:
    three = [
        coding(ONE, "Trust.", "B1", stance="absent"),
        coding(ONE, "Aye.", "B1", stance="absent"),
        coding(TWO, TWO.text[4:].strip(), "B1"),
    ]
    assert [quote.document for quote in choose_quotes(study([ONE, TWO], three), "B1") if quote.contrary] == ["two"]


def test_a_quote_carries_its_place_and_the_words_that_matched() -> None:
    quote = choose_quotes(study([ONE, TWO], found()), "B1", 1)[0]
    assert (quote.block, ONE.quote(quote.span)) == (0, GOOD)
    assert [quote.text[span.start : span.end] for span in quote.matched] == ["sat down", "told us"]
    assert quote.start_ms is None


def test_a_quote_from_captions_carries_the_time_of_its_cue() -> None:
    timed = replace(
        ONE,
        segments=(Segment(0, "cue", Span(4, 70), 1000, 2000), Segment(0, "cue", Span(70, 90), 2000, 3000)),
        blocks=(replace(ONE.blocks[0], start_ms=500), *ONE.blocks[1:]),
    )
    made = study([timed], [coding(timed, "Trust.", "B1")])
    assert choose_quotes(made, "B1")[0].start_ms == 2000


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(AnalysisError, match="QC-A003"):
        choose_quotes(study([ONE], []), "nope")


def test_matched_words_are_found_as_whole_words_in_order() -> None:
    assert evidence_spans("misled, led and led on", "led … led on") == (Span(8, 11), Span(16, 22))
    assert evidence_spans("nothing here", "led") == ()
    assert evidence_spans("anything", "") == ()


@settings(max_examples=40)
@given(studies(), st.sampled_from([code.id for code in BOOK]), st.integers(0, 5))
def test_quotes_are_true_few_and_do_not_depend_on_the_order_of_codings(made: Study, code: str, n: int) -> None:
    quotes = choose_quotes(made, code, n)
    assert len(quotes) <= n
    assert len({(quote.document_id, quote.span) for quote in quotes}) == len(quotes)
    under = {code, *(each.id for each in BOOK.descendants(code))}
    for quote in quotes:
        assert made.documents[quote.document_id].quote(quote.span) == quote.text
        assert quote.role != "interviewer"
        assert quote.code in under
    mirrored = choose_quotes(replace(made, codings=made.codings[::-1]), code, n)
    assert [(quote.span, quote.contrary) for quote in mirrored] == [(quote.span, quote.contrary) for quote in quotes]


@settings(max_examples=40)
@given(studies(), st.sampled_from([code.id for code in BOOK]))
def test_whoever_can_be_quoted_first_is_quoted_before_anyone_twice(made: Study, code: str) -> None:
    under = {code, *(each.id for each in BOOK.descendants(code))}
    counted = [
        each for each in made.codings if each.code in under and each.role != "interviewer" and each.status != "rejected"
    ]
    people = {(each.document_id, each.speaker) for each in counted}
    stances = {each.stance for each in counted}
    quotes = choose_quotes(made, code, 3)
    if stances <= {"present"}:
        assert len({(quote.document_id, quote.speaker) for quote in quotes}) == min(3, len(people))
