"""Which question each turn answers: the interviewer's last real one, never a back-channel."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.text import TokenIndex
from tests.builders import Turn, document


def answered(*documents: Sequence[Turn]) -> list[int]:
    """Return for each turn (all documents end to end) the turn whose question it answers, -1 for none."""
    found = [document(f"d{number}", turns) for number, turns in enumerate(documents)]
    return TokenIndex.build(found).shards[0].block_question.tolist()


def q(said: str) -> Turn:
    return ("Q", "interviewer", said)


def a(said: str, kind: str = "turn") -> Turn:
    return ("A", "participant", said, kind)


def test_answers_know_their_question_until_the_next() -> None:
    assert answered([a("Hello."), q("What changed?"), a("A lot."), a("Much."), q("Why?"), a("Money.")]) == [
        -1, -1, 1, 1, -1, 4,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        "Mm.",
        "Mm, yeah.",
        "Yeah, yeah, yeah.",
        "Okay, right.",
        "Right \u2026",
        "[laughter]",
        "Mm \u2014 mm \u2014 mm \u2014",
    ],
)
def test_a_back_channel_is_no_question(said: str) -> None:
    assert answered([q("What changed?"), a("A lot."), q(said), a("And more.")]) == [-1, 0, -1, 0]


@pytest.mark.parametrize("said", ["Why?", "Because of\u2026?", "Tell me about that.", "Go on with the story", "What?!"])
def test_few_words_with_a_question_mark_or_four_words_are_a_question(said: str) -> None:
    assert answered([q("What changed?"), a("A lot."), q(said), a("And more.")]) == [-1, 0, -1, 2]


def test_moderators_and_question_blocks_ask_and_observers_do_not() -> None:
    turns: list[Turn] = [
        ("M", "moderator", "Shall we begin now?"), a("Yes."), ("O", "observer", "Is it warm here?"), a("No."),
        a("Q1 What is buy-in", "question"), a("It is trust."),
    ]  # fmt: skip
    assert answered(turns) == [-1, 0, 0, 0, -1, 4]


def test_questions_do_not_reach_into_the_next_document() -> None:
    assert answered([q("What changed?"), a("A lot.")], [a("Hello."), q("Why?"), a("So.")]) == [-1, 0, -1, -1, 3]


def test_an_interviewer_who_only_murmurs_asks_nothing() -> None:
    assert answered([q("Mm."), a("Hello."), q("Right."), a("So.")]) == [-1, -1, -1, -1]


TURNS = st.tuples(
    st.sampled_from(
        [("Q", "interviewer"), ("M", "moderator"), ("A", "participant"), ("O", "observer"), ("", "unknown")]
    ),
    st.sampled_from(["Mm.", "Yeah, yeah, yeah.", "Why?", "tell me about that", "[pause]", "we did it in the end ."]),
    st.sampled_from(["turn", "turn", "turn", "question", "note", "heading", "meta"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(TURNS, max_size=8), min_size=1, max_size=3))
def test_each_turn_answers_the_nearest_real_question_before_it(
    corpus: list[list[tuple[tuple[str, str], str, str]]],
) -> None:
    expected = []
    number = 0
    for turns in corpus:
        asked = -1
        for (_, role), said, kind in turns:
            asks = role in {"interviewer", "moderator"} or kind == "question"
            expected.append(-1 if asks else asked)
            if (
                asks
                and said in {"Why?", "tell me about that", "we did it in the end ."}
                and kind not in {"note", "meta"}
            ):
                asked = number
            number += 1
    documents = [[(label, role, said, kind) for (label, role), said, kind in turns] for turns in corpus]
    assert answered(*documents) == expected
