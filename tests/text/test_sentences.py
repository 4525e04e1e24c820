"""Where sentences of speech begin and end: a table of cases, and what holds for any text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.text.sentences import (
    BREATHS,
    PASSAGE_SENTENCES,
    RUN_ON,
    SHORTEST_PART,
    passage_numbers,
    sentence_starts,
    type_flags,
)
from tests.builders import document
from tests.text.speech import nasty, sentences, tokens

CASES = [
    "We sat down.|We talked.",
    "We sat down?|Yes!|We talked",
    "Mr. Jones and Mrs. Patel saw Dr. Smith.|She left.",
    "We start at 3 p.m. and finish late.",
    "We finish at 3 p.m.|We go home.",
    "At 9 a.m. 30 children came in.",
    "Pens, books, etc. and so on.|Fine.",
    "There were pens, etc.|We had none.",
    "It was approx. 20 of them.",
    "We use talk partners, e.g. in maths, i.e. every day.|It works.",
    "I was... well... surprised.",
    "I was\u2026 well\u2026 surprised.",
    "I was...|We were surprised.",
    "I was\u2026|Then we left.",
    "We had... 20 of them.",
    "I was . . . well . . . surprised.|Good.",
    "He said \u201cNo.\u201d|And he left.",
    "He said \"No.\"|And he left.",
    "He said 'No.'|And he left.",
    "He said \"No.\"|\"Fine,\" I said.",
    "\"Really?\" she said.|\"Yes.\"",
    "\u201cReally?\u201d she said.|\u201cYes.\u201d",
    "(They left.)|We stayed.",
    "(\"They left.\")|We stayed.",
    "They left (in May).|We stayed.",
    "What?!|No!!|Yes.",
    "It was \u00a33.50 for 1,000 at 10:30.|Cheap.",
    "See www.bbc.co.uk for it.|Good.",
    "St. Mary's is near.|We went.",
    "Year 6.|20 of them came.",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_sentences_of_speech(case: str) -> None:
    assert sentences(case.replace("|", " ")) == case.split("|")


def test_a_full_stop_ends_a_sentence_before_small_letters_too() -> None:
    assert sentences("no capitals here. just talk. and more") == ["no capitals here.", "just talk.", "and more"]


def test_a_full_stop_without_a_blank_behind_it_ends_a_sentence_before_a_capital() -> None:
    assert sentences("It ends.Then it starts.") == ["It ends.", "Then it starts."]


def test_paragraphs_end_sentences_and_lines_do_not() -> None:
    assert sentences("one paragraph\n\nanother\n \n\tthe third") == ["one paragraph", "another", "the third"]
    assert sentences("one line\nthe same sentence") == ["one line\nthe same sentence"]
    assert sentences("\n\nonly this\n\n") == ["only this"]


def test_turns_end_sentences_without_any_mark() -> None:
    found = document(
        "d", [("A", "participant", "and then we"), ("B", "participant", "yes we did"), ("A", "participant", "So.")]
    )
    assert sentences([found]) == ["and then we", "yes we did", "So."]


def test_removed_marks_do_not_end_sentences() -> None:
    found = document("d", [("A", "participant", "We got [laughter] nowhere. [pause] Then we did.")])
    assert sentences([found]) == ["We got [laughter] nowhere.", "Then we did."]


def test_a_run_on_is_cut_before_a_breath_after_a_comma() -> None:
    said = (
        "we talked about the books and the boards " * 3
        + "for hours, and then we went home "
        + "with all of our bags " * 9
    )
    assert [part[:8] for part in sentences(said)] == ["we talke", "and then"]


def test_a_run_on_without_a_comma_is_cut_before_a_breath_or_after_a_comma() -> None:
    assert [part[:7] for part in sentences("we talked a lot " * 9 + "and so it went " + "on and on " * 12)][
        1
    ].startswith("and")
    assert sentences("we talked a lot " * 9 + "for hours, it went " + "over the hills " * 12)[1].startswith("it went")


def test_a_sentence_just_short_enough_is_left_whole() -> None:
    said = "we went, and " * (RUN_ON // 4)
    assert len(tokens(said)) == RUN_ON
    assert len(sentences(said)) == 1
    assert len(sentences(said + "on")) == 2


def test_a_run_on_without_any_breath_is_cut_all_the_same_and_leaves_no_crumb() -> None:
    for more in (1, 5, SHORTEST_PART, RUN_ON):
        sizes = [len(tokens(part)) for part in sentences("word " * (RUN_ON + more))]
        assert sum(sizes) == RUN_ON + more
        assert all(SHORTEST_PART <= size <= RUN_ON for size in sizes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["we", "talked", ",", "and", "but", "so", "which", "home"]), min_size=1, max_size=260))
def test_parts_of_a_run_on_are_neither_too_long_nor_too_short(words: list[str]) -> None:
    flags, breaths = type_flags(words), np.asarray([word in BREATHS for word in words])
    starts = sentence_starts(np.arange(len(words)), flags, breaths, np.asarray([0])).tolist()
    sizes = np.diff([*starts, len(words)])
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert (sizes <= RUN_ON).all()
    if len(words) > RUN_ON:
        assert (sizes >= SHORTEST_PART).all()
    else:
        assert len(starts) == 1


@settings(max_examples=100, deadline=None)
@given(nasty)
def test_sentences_hold_all_tokens_in_order(text: str) -> None:
    def letters(some: str) -> str:
        return "".join(some.split()).translate(dict.fromkeys(map(ord, "-\u2010\u2011")))

    assert letters("".join(sentences(text))) == letters(text)


def test_passages_are_paragraphs_or_five_sentences() -> None:
    assert PASSAGE_SENTENCES == 5
    assert sentences("We. Did. It. So. Well. Yes. No.", passages=True) == ["We. Did. It. So. Well.", "Yes. No."]
    assert sentences("One. Two.\n\nThree. Four.", passages=True) == ["One. Two.", "Three. Four."]
    found = document("d", [("A", "participant", "Yes. No."), ("B", "participant", "So. But.")])
    assert sentences([found], passages=True) == ["Yes. No.", "So. But."]


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_passage_begins_where_it_must_and_after_five_sentences(forced: list[bool]) -> None:
    starts = np.arange(len(forced)) * 3
    numbers = passage_numbers(starts, starts[np.asarray(forced)]).tolist()
    expected, since = [0], 1
    for must in forced[1:]:
        new = must or since == PASSAGE_SENTENCES
        expected.append(expected[-1] + new)
        since = 1 if new else since + 1
    assert numbers == expected


def test_nothing_has_no_sentences() -> None:
    empty = np.empty(0, np.int32)
    assert len(sentence_starts(empty, np.empty(0, np.uint8), np.empty(0, bool), empty)) == 0
    assert len(passage_numbers(empty, empty)) == 0
