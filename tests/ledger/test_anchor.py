"""Where a coding goes when its transcript is edited: case by case, in words a transcriber would use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualcode.ledger.anchor import Alignment, Anchor, Moved, anchor_at, move_all
from qualcode.ledger.wording import Wording, fold_word
from qualcode.model.document import Document, Span
from tests.builders import document


def talk(*turns: str) -> Document:
    """A document from ``LABEL: speech`` lines."""
    return document("one", [(turn.split(": ", 1)[0], "participant", turn.split(": ", 1)[1]) for turn in turns])


def anchor(text: Document, quote: str, nth: int = 0) -> Anchor:
    start = -1
    for _ in range(nth + 1):
        start = text.text.index(quote, start + 1)
    return anchor_at(text.text, Span(start, start + len(quote)))


def moved(old: Document, new: Document, quote: str, nth: int = 0) -> Moved:
    return Alignment(old, new).move(anchor(old, quote, nth))


OLD = talk(
    "I: How did it begin?",
    "P1: We didn't trust it, not at first. The staff were tired.",
    "I: And now?",
    "P1: Yeah.",
    "P1: It's ours now [laughter] and nobody asks.",
)


def test_an_anchor_keeps_the_quote_and_32_characters_on_each_side() -> None:
    found = anchor_at("x" * 40 + "trust" + "y" * 40, Span(40, 45))
    assert found == Anchor(Span(40, 45), "trust", "x" * 32, "y" * 32)


def test_an_anchor_beyond_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="has 5 code points"):
        anchor_at("trust", Span(3, 6))


def test_an_edit_before_it_shifts_a_coding() -> None:
    new = talk("I: So, how did it all begin?", *[OLD.quote(block.span) for block in OLD.blocks[1:]])
    result = moved(OLD, new, "The staff were tired.")
    assert (result.how, result.anchor) == ("shifted", anchor(new, "The staff were tired."))


def test_an_edit_after_it_leaves_a_coding_the_same() -> None:
    new = talk(*[OLD.quote(block.span) for block in OLD.blocks[:-1]], "P1: It is ours.")
    result = moved(OLD, new, "The staff were tired.")
    assert (result.how, result.anchor) == ("same", anchor(new, "The staff were tired."))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("didn't trust it, not at first.", "didn\u2019t trust it \u2013 not at first!"),
        ("didn't trust it, not at first.", "DIDN'T trust\nit, not  at first."),
        ("The caf\u00e9 was full.", "The cafe\u0301 was full."),
        ("The co-operation failed.", "The co\u2011operation failed."),
        ("The cooperation failed.", "The co\u00adoperation failed."),
        ("The \ufb01rst one.", "The first one."),
        ("so we stopped [laughter] and left", "so we stopped and left"),
        ("so we stopped and left", "so we stopped [pause] and left"),
        ("\u201cgo away\u201d", '"go away"'),
        ("(go away)", "(Go away)"),
        ("they left \u2026", "they left..."),
    ],
)
def test_other_spelling_of_the_same_words_keeps_a_coding(was: str, now: str) -> None:
    old, new = talk("I: Well?", f"P: Look, {was} So there."), talk("I: Well now?", f"P: Look, {now} So there.")
    result = moved(old, new, was)
    assert (result.how, result.anchor) == ("reworded", anchor(new, now))


@pytest.mark.parametrize(
    ("was", "now"),
    [("we trust them", "we trusted them"), ("we do not agree", "we do agree"), ("we agree", "we do not agree"),
     ("it cost \u00a35", "it cost $5"), ("the heads", "the head's"), ("it was 3.5", "it was 35"), ("\u0915\u093f", "\u0915\u0940")],
)  # fmt: skip
def test_a_changed_added_or_removed_word_makes_an_orphan_with_a_proposal_at_its_place(was: str, now: str) -> None:
    result = moved(talk("I: Well?", f"P: Look, {was}. Then."), talk("I: Well?", f"P: Look, {now}. Then."), f"{was}.")
    assert (result.anchor, result.how) == (None, "orphan")
    assert result.reason == "Its words were changed."
    assert result.proposals[0].anchor.quote == f"{now}."
    assert 0.4 <= result.proposals[0].similarity < 1


def test_a_deleted_coding_is_an_orphan_without_a_proposal() -> None:
    new = talk(*[OLD.quote(block.span) for block in OLD.blocks if block.index != 1])
    result = moved(OLD, new, "The staff were tired.")
    assert result == Moved(None, "orphan", "Its words were deleted.", ())


def test_renaming_the_speaker_inside_a_coding_over_two_turns_keeps_it() -> None:
    old = talk("I: Well?", "P1: We asked.", "P2: They said no.", "I: Oh.")
    new = talk("I: Well?", "Anna: We asked.", "Bo: They said no.", "I: Oh.")
    result = moved(old, new, "We asked.\n\nP2: They said no.")
    assert result.how == "reworded"
    assert result.anchor == anchor(new, "We asked.\n\nBo: They said no.")


def forty() -> list[str]:
    questions = [f"I: Question number{at} about topic{at} here?" for at in range(40)]
    return [turn for question in questions for turn in (question, "P: Yeah.")]


@pytest.mark.parametrize("gone", [0, 11, 39])
def test_of_forty_times_yeah_each_goes_to_its_own_when_one_is_deleted(gone: int) -> None:
    turns = forty()
    old, new = talk(*turns), talk(*(turn for at, turn in enumerate(turns) if at != 2 * gone + 1))
    results = move_all(old, new, [anchor(old, "Yeah.", at) for at in range(40)])
    for at, result in enumerate(results):
        if at == gone:
            assert result.how == "orphan"
        else:
            assert result.anchor == anchor(new, "Yeah.", at - (at > gone))


@pytest.mark.parametrize(
    ("was", "now"),
    [("So yeah yeah yeah.", "So yeah yeah."), ("So yeah yeah we left.", "So yeah we left."),
     ("So yeah, we left.", "So yeah, yeah, we left."), ("No yes. No yes. Then.", "No yes. Then."),
     ("Then no yes.", "Then no yes, no yes.")],
)  # fmt: skip
def test_where_nothing_tells_which_of_equal_words_was_put_in_or_taken_out_each_is_an_orphan(was: str, now: str) -> None:
    old, new = talk("I: Well?", f"P: {was}", "I: Oh."), talk("I: Well?", f"P: {now}", "I: Oh.")
    word = "yeah" if "yeah" in was else "yes"
    results = move_all(old, new, [anchor(old, word, at) for at in range(was.count(word))])
    assert {result.how for result in results} == {"orphan"}
    assert all(result.proposals for result in results)


def test_a_common_word_amid_rewritten_talk_is_an_orphan_though_the_alignment_would_do() -> None:
    last = "P: Oh yeah of course it was like that in those days."
    old = talk("I: Was it the money that counted?", "P: Yeah.", "I: Did anybody ever ask them why?", last)
    new = talk("I: Tell me what she said.", "P: Well, yeah, several things really.", "I: Such as, for example?", last)
    result = moved(old, new, "Yeah.")
    assert result.how == "orphan"
    assert [each.anchor.quote for each in result.proposals] == ["yeah,"]
    assert moved(old, new, "yeah").anchor == anchor(new, "yeah", 1)


def test_a_deleted_passage_does_not_go_to_the_same_words_elsewhere() -> None:
    same = "P: We always work together on the plan."
    old = talk("I: First question then?", same, "I: Second question about heads?", same, "I: Thank you very much.")
    new = talk("I: First question then?", "I: Second question about heads?", same, "I: Thank you very much.")
    words = same.removeprefix("P: ")
    first, second = move_all(old, new, [anchor(old, words), anchor(old, words, 1)])
    assert first.how == "orphan"
    assert "belong to another passage" in first.reason
    assert second.anchor == anchor(new, words)


A = "P: Our head came in the spring of that year, and she listened to everybody. Yeah."
B = "P: Numbers fell, so two classes became one, and the older children minded a good deal more than we did. Yeah."


@pytest.mark.parametrize(("turn", "nth", "now"), [(A, 0, 1), (B, 1, 0)])
def test_a_turn_that_changed_places_takes_even_its_commonest_word_along(turn: str, nth: int, now: int) -> None:
    old, new = talk("I: Go on.", A, "I: And then?", B), talk("I: Go on.", B, "I: And then?", A)
    assert moved(old, new, turn.removeprefix("P: ")).anchor == anchor(new, turn.removeprefix("P: "))
    assert moved(old, new, "Yeah.", nth).anchor == anchor(new, "Yeah.", now)
    assert "moved" in {moved(old, new, "she listened to everybody").how, moved(old, new, "minded a good deal").how}


def test_a_word_in_a_new_place_among_new_words_is_only_proposed() -> None:
    old = talk("I: Go on.", "P: Trust.", "I: What do you mean by that word exactly?")
    new = talk(
        "I: Go on.", "I: What do you mean by that word exactly?", "P: Lots of other talk, trust, and so on and on."
    )
    result = moved(old, new, "Trust.")
    assert result.reason == "Its words occur once in the new text, but what is around them is new."
    assert [(each.anchor.quote, each.similarity) for each in result.proposals] == [("trust,", 1.0)]


def test_a_passage_that_moved_and_was_changed_is_proposed_where_it_is() -> None:
    line = "She gave every teacher a free afternoon for planning together"
    old = talk("I: Go on.", f"P: {line}.", "I: And then?", B, A)
    new = talk("I: Go on.", B, A, "I: And then?", f"P: {line.replace('free', 'whole')}.")
    (best, *_) = moved(old, new, f"{line}.").proposals
    assert best.anchor.quote == f"{line.replace('free', 'whole')}."
    assert best.similarity > 0.8


def test_a_coding_that_begins_inside_a_word_stays_there_or_is_an_orphan() -> None:
    old = talk("I: So?", "P: The headteacher spoke.")
    assert moved(old, talk("I: So then?", "P: The headteacher spoke."), "teacher sp").anchor is not None
    result = moved(old, talk("I: So then?", "P: The HEADTEACHER spoke."), "teacher spoke")
    assert result.reason == "It begins or ends inside a word that is written in another way now."


def test_a_coded_mark_stays_between_its_neighbours() -> None:
    new = talk("I: Hm. How did it begin?", *[OLD.quote(block.span) for block in OLD.blocks[1:]])
    assert moved(OLD, new, "[laughter]").anchor == anchor(new, "[laughter]")
    gone = talk(*[OLD.quote(block.span).replace("[laughter] ", "") for block in OLD.blocks])
    assert moved(OLD, gone, "[laughter]").how == "orphan"


def test_an_anchor_that_never_fitted_the_text_is_an_orphan() -> None:
    wrong = replace(anchor(OLD, "Yeah."), quote="Nope.")
    assert Alignment(OLD, OLD).move(wrong).how == "orphan"
    assert Alignment(OLD, talk("P: Yeah.")).move(replace(wrong, span=Span(9000, 9005))).how == "orphan"


def test_two_different_texts_leave_only_orphans() -> None:
    new = talk("X: Nothing here resembles any of that at all", "Y: or so I hope")
    quotes = ["How did it begin?", "We didn't trust it, not at first.", "Yeah.", "nobody asks"]
    assert {result.how for result in move_all(OLD, new, [anchor(OLD, each) for each in quotes])} == {"orphan"}


def test_an_empty_text_leaves_only_orphans() -> None:
    assert moved(OLD, document("one", []), "Yeah.") == Moved(None, "orphan", "Its words were deleted.", ())


def test_labels_and_marks_are_signposts_and_not_words() -> None:
    wording = Wording(talk("P1: So [laughter] we\u2019re off", "P2: OK"))
    assert wording.words(0, 9) == ["so", "we're", "off", "ok"]
    assert [key for key in wording.keys if key.startswith("\0")] == ["\0", "\0p1:", "\0[laughter]", "\0", "\0p2:"]


def test_folding_a_word_twice_changes_nothing_more() -> None:
    for word in ("Don\u2019t", "STRASSE", "stra\u00dfe", "\ufb01n", "\u1e9e", "cafe\u0301", "\u00bd", "\u0130"):
        assert fold_word(fold_word(word)) == fold_word(word)
