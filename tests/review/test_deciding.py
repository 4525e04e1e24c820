"""Decisions as entries: one for each passage, and what gives way for it."""

from __future__ import annotations

import pytest

from qualcode.errors import LedgerError
from qualcode.model.document import Span
from qualcode.model.ledger import Judgement, NewEntry, Origin
from qualcode.review.choosing import Choice, choose, find
from qualcode.review.deciding import adjudication, hand_coding, moves, removals, verdicts
from qualcode.review.passages import Standing, bring_together
from tests.review.values import judgement, passage, suggestion


def told(entries: list[NewEntry]) -> list[tuple[str, str, Span | None, tuple[str, ...]]]:
    return [(each.kind, each.code, each.passage.span if each.passage else None, each.targets) for each in entries]


def only(held: list[Judgement], start: int) -> list[Standing]:
    return [each for each in bring_together([], held) if each.passage.span.start == start]


def test_a_verdict_takes_the_place_of_ones_own_on_the_same_words_only() -> None:
    mine, near, theirs = judgement(0, 5), judgement(3, 9, "coded"), judgement(0, 5, person="Ben")
    held = [mine, near, theirs]
    chosen = only(held, 0)
    assert told(list(verdicts(chosen, held, kind="reject", person="Ann"))) == [("reject", "A", Span(0, 5), (mine.id,))]
    assert list(verdicts(chosen, held, kind="accept", person="Ann")) == []
    assert told(list(verdicts(chosen, held, kind="accept", person="Cem"))) == [("accept", "A", Span(0, 5), ())]


def test_accepting_takes_back_ones_own_rejection_of_a_part() -> None:
    part, whole = judgement(3, 5, "rejected"), judgement(0, 9, person="Ben")
    entries = list(verdicts(only([part, whole], 0), [part, whole], kind="accept", person="Ann"))
    assert told(entries) == [("accept", "A", Span(0, 9), (part.id,))]


def test_coding_by_hand_passes_over_what_is_coded_so() -> None:
    held = [judgement(0, 5, "coded"), judgement(10, 15, "rejected"), judgement(20, 25, "coded", "Ben")]
    places = [passage(0, 5), passage(0, 6), passage(12, 14), passage(20, 25)]
    entries = list(hand_coding(places, held, codebook="book", code="A", origin=Origin(), person="Ann"))
    assert told(entries) == [
        ("code", "A", Span(0, 6), ()), ("code", "A", Span(12, 14), (held[1].id,)), ("code", "A", Span(20, 25), ())
    ]  # fmt: skip


def test_taking_back_takes_only_ones_own() -> None:
    held = [judgement(0, 5), judgement(0, 5, person="Ben"), judgement(10, 15, person="Ben")]
    assert told(list(removals(bring_together([], held), person="Ann"))) == [("uncode", "A", Span(0, 5), (held[0].id,))]


def test_moving_says_no_to_the_old_code_where_something_still_says_yes() -> None:
    by_hand = judgement(0, 5, "coded", coder="person")
    assert told(list(moves(only([by_hand], 0), [by_hand], to="B", person="Ann"))) == [
        ("move", "B", Span(0, 5), (by_hand.id,))
    ]
    again = list(moves(only([by_hand], 0), [by_hand], to="B", person="Ann", suggested=[suggestion(3, 9)]))
    assert told(again) == [("reject", "A", Span(0, 5), (by_hand.id,)), ("move", "B", Span(0, 5), ())]
    waits = bring_together([suggestion(0, 5)], [])
    assert [each.kind for each in moves(waits, [], to="B", person="Ann")] == ["reject", "move"]
    assert list(moves(waits, [], to="A", person="Ann")) == []


def test_settling_names_what_people_hold_and_not_earlier_settlements() -> None:
    yes, no = judgement(0, 5), judgement(0, 5, "rejected", "Ben")
    before = judgement(0, 5, "accepted", "Lead", settles=(yes.id, no.id))
    entry = adjudication([yes, no, before], passage=yes.passage, codebook="book", code="A", origin=Origin(),
                         verdict="rejected", earlier=[before])  # fmt: skip
    assert (entry.content["settles"], entry.targets) == ([yes.id, no.id], (before.id,))


def test_a_choice_narrows_by_all_that_is_said() -> None:
    every = bring_together([suggestion(0, 5), suggestion(10, 15, "B"), suggestion(0, 5, document="d2")], [])
    assert len(choose(every, Choice(codes=frozenset("A")), statuses=["suggested"])) == 2
    assert len(choose(every, Choice(codes=frozenset("A"), documents=frozenset({"d2"})), statuses=["suggested"])) == 1
    assert len(choose(every, Choice(where={"d1": [Span(4, 12)]}), statuses=["suggested"])) == 2
    assert len(choose(every, Choice(where={"d1": [Span(5, 10)]}), statuses=["suggested"])) == 0
    assert choose(every, Choice(rules=frozenset({"B-1"})), statuses=["accepted"]) == ()
    assert len(choose(every, Choice(everything=True), statuses=["suggested"])) == 3
    with pytest.raises(LedgerError, match="QC-L020"):
        choose(every, Choice(), statuses=["suggested"])


def test_a_passage_is_found_by_every_id_behind_it() -> None:
    held = [judgement(0, 5), judgement(0, 5, person="Ben")]
    every = bring_together([], held)
    assert find(every, held[0].id) == find(every, held[1].id) == every[0]
    with pytest.raises(LedgerError, match="QC-L022"):
        find([*every, *bring_together([], [judgement(10, 15)])], "0000")
    for name in ("", " ", "zzz"):
        with pytest.raises(LedgerError, match="QC-L021"):
            find(every, name)
