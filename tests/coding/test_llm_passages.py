"""What the llm coder sends: participants' words without names, notes and labels; and the way back to their places."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.coding import Corpus
from qualcode.coding.llm.passages import LONGEST, QUESTION_LENGTH, Passage, Rules, passages_of
from qualcode.model.codes import Codebook
from qualcode.model.document import Document, Mark, MarkKind, Span, Speaker
from tests.builders import document
from tests.coding.books import book, code

BOOK = book(code("A"))
RULES = Rules(context=False, replaced=True, hide=(), fewest_words=1)


def passages(*documents: Document, rules: Rules = RULES, codebook: Codebook = BOOK) -> list[Passage]:
    return [each for group in passages_of(Corpus.of(documents), codebook, rules)[1] for each in group]


def texts(*documents: Document, rules: Rules = RULES, codebook: Codebook = BOOK) -> list[str]:
    return [each.sent.text for each in passages(*documents, rules=rules, codebook=codebook)]


def talk(*turns: tuple[str, str, str], name: str = "d") -> Document:
    return document(name, turns)


def marked(made: Document, *marks: tuple[str, MarkKind, str | None]) -> Document:
    """Return a document with further marks on the first place of some words."""
    more = [
        Mark(Span(made.text.index(words), made.text.index(words) + len(words)), kind, value)
        for words, kind, value in marks
    ]
    kept = [mark for mark in made.marks if not any(mark.span.overlaps(each.span) for each in more)]
    changed = replace(made, marks=tuple(sorted([*kept, *more], key=lambda mark: mark.span)))
    changed.check()
    return changed


INTERVIEW = talk(
    ("Interviewer", "interviewer", "How was it for you, Dana? Tell me everything."),
    ("Dana Whitmore", "participant", "We planned it. Ben said no."),
    ("Moderator", "moderator", "Let us hear Ben."),
    ("Ben", "participant", "Dana's plan, not mine."),
    ("Watcher", "observer", "They look tired."),
)


def test_only_participants_words_are_sent_without_labels() -> None:
    assert texts(INTERVIEW, rules=replace(RULES, replaced=False)) == [
        "We planned it. Ben said no.",
        "Dana's plan, not mine.",
    ]


def test_interviewers_are_never_sent_even_when_the_codebook_leaves_nobody_out() -> None:
    everybody = replace(BOOK, roles_left_out=())
    assert texts(INTERVIEW, codebook=everybody) == [
        "We planned it. [participant] said no.",
        "[participant]'s plan, not mine.",
        "They look tired.",
    ]


def test_the_question_is_sent_as_context_only_when_that_is_wanted() -> None:
    assert [each.question for each in passages(INTERVIEW)] == ["", ""]
    found = passages(INTERVIEW, rules=replace(RULES, context=True))
    assert [each.question for each in found] == [
        "How was it for you, [participant]? Tell me everything.",
        "Let us hear [participant].",
    ]
    long = talk(("I", "interviewer", "Why? " * 400), ("P", "participant", "Because."))
    (only,) = passages(long, rules=replace(RULES, context=True))
    assert len(only.question) <= QUESTION_LENGTH + 2


def test_names_of_speakers_are_replaced_by_roles_whole_or_in_part_whatever_their_case() -> None:
    made = talk(
        (
            "Ms Dana Whitmore",
            "participant",
            "I am Dana  Whitmore. DANA, dana or Mrs Whitmore's; not Danae, nor Whitmores.",
        ),
        ("Jo", "interviewer", "Hm."),
        ("P2", "participant", "Jo asked so. It was jo-jo."),
    )
    assert texts(made) == [
        "I am [participant]. [participant], [participant] or Mrs [participant]'s; not Danae, nor Whitmores.",
        "[interviewer] asked so. It was jo-jo.",
    ]


def test_names_that_are_words_are_replaced_only_as_they_are_written() -> None:
    made = talk(
        ("Will Marks", "participant", "Will said we will. WILL did. High marks."),
        ("May", "participant", "It may be May."),
    )
    assert texts(made) == [
        "[participant] said we will. [participant] did. High [participant].",
        "It may be [participant].",
    ]


def test_labels_that_say_a_part_are_no_names() -> None:
    made = talk(
        ("Head teacher", "participant", "The head and a teacher. I am the Head."),
        ("Participant 3", "participant", "Every participant spoke, all 3."),
        ("I", "interviewer", "And I?"),
        ("Deputy Okafor", "participant", "The deputy Okafor came."),
        ("Year 6 teacher", "participant", "In Year 6 we read."),
    )
    assert texts(made) == [
        "The head and a teacher. I am the Head.", "Every participant spoke, all 3.", "The [participant] came.", "In Year 6 we read.",
    ]  # fmt: skip


def test_people_of_other_transcripts_and_listed_names_are_replaced_too() -> None:
    one = talk(("Dana", "participant", "Femi at Oak Hill said so. She will, at OAK  hill."), name="a")
    two = talk(("Femi", "interviewer", "And?"), ("Head", "participant", "Dana knows."), name="b")
    assert texts(one, two, rules=replace(RULES, hide=("Oak Hill", "will", ""))) == [
        "[interviewer] at [name] said so. She [name], at [name].", "[participant] knows.",
    ]  # fmt: skip


def test_aliases_and_roles_that_nobody_knows() -> None:
    made = talk(("Dana", "unknown", "Dee is Dana."))
    people = (replace(made.speakers[0], aliases=("Dee",)), Speaker("s9", "Ade", "group"))
    assert texts(replace(made, speakers=people)) == ["[speaker] is [speaker]."]


def test_names_stay_when_that_is_wanted() -> None:
    made = talk(("Dana", "participant", "Dana and Ben."))
    assert texts(made, rules=replace(RULES, replaced=False, hide=("Ben",))) == ["Dana and Ben."]


def test_what_was_struck_out_is_sent_as_a_placeholder_and_notes_not_at_all() -> None:
    made = marked(
        talk(("P", "participant", "I went to [school: Oak Hill] with [Sam redacted] [laughter] and [pause] said [inaudible] at [00:01:02] [to her sister Ann]. Yes.")),
        ("[school: Oak Hill]", "redaction", "school: Oak Hill"), ("[Sam redacted]", "redaction", "Sam redacted"), ("[00:01:02]", "timestamp", None),
    )  # fmt: skip
    (text,) = texts(made)
    assert " ".join(text.split()) == "I went to [redacted] with [redacted] and said [inaudible] at . Yes."


def test_a_second_voice_inside_a_turn_is_sent_only_when_it_may_be() -> None:
    made = talk(
        ("I", "interviewer", "Mhm?"), ("P", "participant", "We went //really, so far// all the way //oh yes// back.")
    )
    silent, heard = made.speakers[0].id, made.speakers[1].id
    both = marked(made, ("//really, so far//", "overlap", silent), ("//oh yes//", "overlap", heard))
    assert texts(both) == ["We went  all the way //oh yes// back."]


def test_short_turns_are_not_sent() -> None:
    made = talk(("P", "participant", "Mm."), ("P", "participant", "Yes, we did. No."), ("P", "participant", "Yes. No."))
    assert texts(made, rules=replace(RULES, fewest_words=3)) == ["Yes, we did. No."]


def test_long_turns_are_cut_between_sentences() -> None:
    made = talk(
        ("P", "participant", "This is a sentence with Dana in it, again. " * 400), ("Dana", "participant", "Me.")
    )
    found = passages(made)
    assert len(found) > 2
    assert all(len(each.sent.text) <= LONGEST * 1.3 for each in found)
    assert all(each.sent.text.startswith("This is") and each.sent.text.endswith("again.") for each in found[:-1])
    assert [each.last + 1 for each in found[:-2]] == [each.first for each in found[1:-1]]
    assert "Dana" not in "".join(each.sent.text for each in found)


def test_documents_come_in_the_order_of_their_names() -> None:
    one, two = talk(("P", "participant", "One."), name="a"), talk(("P", "participant", "Two."), name="b")
    assert texts(two, one) == texts(one, two) == ["One.", "Two."]
    assert passages(two, one)[0].document == 1


def test_half_characters_are_sent_as_a_sign_and_keep_their_place() -> None:
    made = talk(("P", "participant", "We \ud83d planned it."))
    (only,) = passages(made)
    assert only.sent.text == "We \ufffd planned it."
    only.sent.text.encode("utf-8")
    assert made.quote(only.sent.place(5, 12)) == "planned"


@pytest.mark.parametrize("words", ["Dana", "[laughter]", "Dana planned", "it. Dana"])
def test_a_place_covers_what_a_placeholder_stands_for(words: str) -> None:
    made = talk(("P", "participant", "Then Dana planned [laughter] it. Dana did."), ("Dana", "participant", "No."))
    sent = passages(made)[0].sent
    shown = words.replace("Dana", "[participant]").replace("[laughter]", "planned  it")
    at = sent.text.index(shown)
    place = made.quote(sent.place(at, at + len(shown)))
    assert place == ("planned [laughter] it" if words == "[laughter]" else words)


turn = st.lists(
    st.sampled_from(["Dana", "Ben Ito", "we", "plan", "[laughter]", "[inaudible]", "\U0001f600", "cafe\u0301", ".", "\n", "  ", "\u2019s"]),
    min_size=1, max_size=25,
).map(" ".join)  # fmt: skip


@given(st.lists(turn, min_size=1, max_size=3))
def test_every_letter_that_is_sent_comes_from_its_place(turns: list[str]) -> None:
    who = [("Dana" if n % 2 else "Ben Ito", "participant", words) for n, words in enumerate([*turns, "Yes.", "No."])]
    made = talk(*who)
    found = passages(made)
    for each in found:
        sent = each.sent
        assert "Dana" not in sent.text
        assert "Ito" not in sent.text
        assert "laughter" not in sent.text
        at = made.blocks[each.block].span.start
        for number, letter in enumerate(sent.text):
            place = sent.place(number, number + 1)
            assert at <= place.start < place.end <= made.blocks[each.block].span.end
            assert made.quote(place) == letter or made.quote(place) in ("Dana", "Ben Ito", "Ben", "Ito", "[inaudible]")
            at = place.start
