"""Negation, hedging and hypotheticals: what reaches a hit, what does not, and what is not a denial at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.model.codes import Code, CueList, Facet
from tests.coding.books import CUES, STANCE, book, code, coded, rule, said

TALK = book(
    code(
        "A",
        rule("buy-in | trust | support | consistency | routine"),
        rule('"no excuses" | "can\'t fault" NEAR/3 team'),
        rule('"without fail"'),
        rule('"no longer" NEAR/4 alone', id="alone"),
        rule('"no end" NEAR/4 help'),
        rule('"lack of" sleep'),
    )
)


def stances(said_so: str, codebook: object = TALK) -> list[str]:
    return [each.facets["stance"] for each in coded(codebook, said_so)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "stance"),
    [
        # plain and denied
        ("We got real buy-in from staff.", "present"),
        ("We never got any buy-in.", "absent"),
        ("There was no buy-in.", "absent"),
        ("There wasn't any buy-in.", "absent"),
        ("There wasn\u2019t any buy-in.", "absent"),
        ("THERE WASN'T ANY BUY-IN.", "absent"),
        ("We did not have their trust.", "absent"),
        ("Nobody showed any trust.", "absent"),
        ("We worked without any support.", "absent"),
        ("It was a lack of trust, really.", "absent"),
        ("There is hardly any consistency.", "absent"),
        ("Trust? Never.", "present"),
        ("Trust was not there.", "absent"),
        ("Buy-in we didn't get.", "absent"),
        ("We don't\u2014we can't get buy-in\u2014not here.", "absent"),
        ("I don't- we never had trust.", "absent"),
        ("We never at 3 p.m. had any trust.", "absent"),
        # phrases that only look like a denial
        ("It's not only trust, it's time.", "present"),
        ("There is no doubt about the trust here.", "present"),
        ("You can't fault the support.", "present"),
        ("You can\u2019t fault the support.", "present"),
        ("It was not just support.", "present"),
        ("There was no end of support.", "present"),
        ("There's no doubt we never had trust.", "absent"),
        # a rule's own words
        ("We are a no excuses school.", "present"),
        ("We don't do no excuses here.", "absent"),
        ("Every morning without fail.", "present"),
        ("You can't fault the whole team.", "present"),
        ("We are no longer on our own, no longer alone.", "present"),
        ("There is no routine.", "absent"),
        ("There was no end of help.", "present"),
        ("It was a lack of sleep.", "present"),
        ("It was not a lack of sleep.", "absent"),
        # clauses
        ("We never planned, but we had trust.", "present"),
        ("We never planned but we had trust.", "present"),
        ("We did it because there was no trust.", "absent"),
        ("We had no money because of the trust.", "present"),
        ("We had no time, trust kept us going.", "present"),
        ("There was no time and we had trust.", "present"),
        ("There was no time and trust.", "absent"),
        ("We had no time; trust was fine.", "present"),
        ("There was nobody in (the trust was high) on Monday.", "present"),
        ("They had trust although it was not easy.", "present"),
        ("We had trust until nobody came.", "present"),
        ("It was no use \u2013 trust was there.", "present"),
        ("We had no plan so they gave support.", "present"),
        ("It was trust rather than no rules.", "present"),
        ("We didn't have rules, let alone trust.", "present"),
        ("No. We had trust.", "present"),
        ("We had trust. Not much else.", "present"),
        # twice
        ("We never had no support.", "mixed"),
        ("Nobody ever had no trust without a row.", "absent"),
        # two hits
        ("We had trust, but we had no buy-in.", "mixed"),
        ("We had no trust. We had no buy-in.", "absent"),
        ("We had trust. We had buy-in.", "present"),
    ],
)
def test_stance(words: str, stance: str) -> None:
    assert set(stances(words)) == {stance}


def test_a_denial_is_evidence_all_the_same() -> None:
    (found,) = coded(TALK, "We never got any buy-in.")
    assert (found.code, found.score, found.facets["stance"]) == ("A", 1.0, "absent")


def test_a_rule_that_says_absent_is_turned_by_a_denial() -> None:
    codebook = book(code("A", rule("broken", set={"stance": "absent"}), rule("half-hearted", set={"stance": "mixed"})))
    assert stances("It was broken.", codebook) == ["absent"]
    assert stances("It was never broken.", codebook) == ["present"]
    assert stances("It was never not broken.", codebook) == ["mixed"]
    assert stances("It was not half-hearted.", codebook) == ["mixed"]


def test_only_the_rules_own_words_are_excused_not_other_denials_inside_its_hit() -> None:
    codebook = book(code("A", "trust NEAR/6 staff", '"no excuses" NEAR/8 staff'))
    assert stances("The trust was never with staff.", codebook) == ["absent"]
    assert stances("No excuses, the staff said.", codebook) == ["present"]
    assert stances("No excuses ever not made the staff go.", codebook) == ["absent"]


def test_a_phrase_that_is_excused_once_is_not_excused_twice() -> None:
    turns = said("P: There was no end of help.", "P: We never had no end of help.")
    assert [each.facets["stance"] for each in coded(TALK, turns)] == ["present", "absent"]


def test_words_near_a_hit_decide_its_stance() -> None:
    codebook = book(code("A", rule("trust", stance={"absent": ("break", "lose"), "mixed": ('"up and down"',)})))
    assert stances("The trust was broken.", codebook) == ["absent"]
    assert stances("They lost our trust.", codebook) == ["absent"]
    assert stances("The trust went up and down.", codebook) == ["mixed"]
    assert stances("We had trust.", codebook) == ["present"]
    assert stances("We had trust, but it broke.", codebook) == ["present"], "another clause"
    assert stances("We had trust. It broke.", codebook) == ["present"], "another sentence"


def test_the_rules_own_stance_words_have_the_last_word() -> None:
    codebook = book(code("A", rule('trust | "give up"', stance={"present": ('"give up"',), "absent": ("break",)})))
    assert stances("We never give up.", codebook) == ["present"]
    assert stances("The trust was never broken.", codebook) == ["absent"]


def test_values_that_are_no_stance_change_nothing() -> None:
    facets = (Facet("stance", ("present", "absent", "mixed", "odd"), "present"),)
    codebook = book(
        code("A", rule("trust", set={"stance": "odd"}), rule("plan", stance={"odd": ("well",)})), facets=facets
    )
    assert stances("We trust. So. We plan well.", codebook) == ["present", "present"]


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("We had trust.", ()),
        ("We sort of had trust.", ("hedged",)),
        ("Maybe there was trust.", ("hedged",)),
        ("Maybe, but there was trust.", ()),
        ("If we had time, they would plan, and there is trust.", ("hypothetical",)),
        ("We would have had trust.", ("hypothetical",)),
        ("Maybe if they came there was trust.", ("hypothetical",)),
        ("If only. We had trust.", ()),
        ("If they sort of had trust.", ("hedged", "hypothetical")),
        ("We sort of sort of had trust.", ("hedged",)),
    ],
)
def test_hedges_and_hypotheticals_are_flags(words: str, flags: tuple[str, ...]) -> None:
    (found,) = coded(TALK, words)
    assert (found.flags, found.facets["stance"]) == (flags, "present")


def test_cues_can_reach_over_the_whole_sentence() -> None:
    wide = book(code("A", "trust"), cues={"negation": CueList(("never",), "sentence", ('"never mind"',))})
    assert stances("We never planned, but we had trust.", wide) == ["absent"]
    assert stances("We never planned. We had trust.", wide) == ["present"]
    assert stances("Never mind, but we had trust.", wide) == ["present"]


def test_a_hit_over_two_clauses_hears_the_cues_of_both() -> None:
    codebook = book(code("A", "plan BEFORE/9 trust"))
    assert stances("We never plan, and so they trust.", codebook) == ["absent"]
    assert stances("We plan, and so they never trust.", codebook) == ["absent"]
    assert stances("We never plan, and so they never trust.", codebook) == ["mixed"]
    assert stances("Not now, we plan, and so they trust, not me.", codebook) == ["present"]


def test_no_cue_reaches_across_turns_or_out_of_the_interviewers_mouth() -> None:
    found = coded(TALK, said("Q: So you never had", "P: trust we had", "P: never"))
    assert [each.facets["stance"] for each in found] == ["present"]


def test_without_cues_nothing_is_denied() -> None:
    codebook = book(code("A", "trust"), cues={})
    assert stances("We never had trust.", codebook) == ["present"]
    empty = book(code("A", "trust"), cues={"negation": CueList()})
    assert stances("We never had trust.", empty) == ["present"]


def test_cues_of_another_name_set_no_stance() -> None:
    codebook = book(code("A", "trust"), cues={"irony": CueList(("never",))})
    (found,) = coded(codebook, "We never had trust.")
    assert found.facets["stance"] == "present"


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(["we", "trust", "never", "not", "no doubt", "and we", "but", ",", ".", "maybe", "plan"]),
        min_size=1,
        max_size=14,
    ),
    st.lists(st.sampled_from(["they", "never", "but", ",", "not", "trust"]), max_size=6),
)
def test_what_stands_in_another_turn_changes_no_stance(words: list[str], others: list[str]) -> None:
    def of(*turns: str) -> list[tuple[str, dict[str, str], tuple[str, ...]]]:
        found = coded(TALK, said(*turns))
        middle = len(turns) // 2
        return [(each.quote, dict(each.facets), each.flags) for each in found if each.block == middle]

    alone, other = " ".join(words), " ".join(["so", *others])
    assert of(f"P: {other}", f"P: {alone}", f"P: {other}") == of(f"P: {alone}")


def test_the_stance_of_a_passage_needs_all_its_hits_to_agree() -> None:
    codebook = book(Code("A", "A", rules=(rule("trust"), rule("plan", weight=-0.1))), facets=(STANCE,), cues=CUES)
    assert stances("We had trust. We had no trust.", codebook) == ["mixed"]
    assert stances("We had trust, but never a plan.", codebook) == ["present"], "what speaks against has no stance"
