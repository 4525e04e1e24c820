"""Suggestions and judgements brought together: nothing decided waits, nothing is counted twice or lost."""

from __future__ import annotations

from hypothesis import given, settings

from qualcode.model.coding import Suggestion
from qualcode.model.document import Span
from qualcode.model.ledger import Judgement
from qualcode.review.conflicts import conflicts_of
from qualcode.review.passages import Cover, bring_together, seen_by, suggestion_id
from qualcode.review.reruns import compare_runs
from tests.review.values import judgement, judgements, suggestion, suggestions


def overlap(suggested: Suggestion, held: Judgement) -> bool:
    return suggested.code == held.code and not held.orphan and suggested.span.overlaps(held.passage.span)


def test_what_overlaps_a_decision_of_its_code_does_not_wait() -> None:
    waits = [suggestion(0, 5, "B"), suggestion(10, 15), suggestion(0, 5, document="d2")]
    found = bring_together([suggestion(0, 5), suggestion(4, 10), *waits], [judgement(3, 8, "rejected")])
    assert [each.suggestion for each in found if each.status == "suggested"] == [waits[0], waits[1], waits[2]]
    assert [each.status for each in found].count("rejected") == 1


def test_neighbours_that_only_touch_are_apart() -> None:
    found = bring_together([suggestion(5, 9)], [judgement(0, 5), judgement(9, 12)])
    assert [each.status for each in found] == ["accepted", "suggested", "accepted"]


def test_the_same_words_of_two_people_are_one_passage() -> None:
    found = bring_together([], [judgement(0, 5, "coded", coder="person"), judgement(0, 5, "accepted", "Ben")])
    (one,) = found
    assert (one.status, one.people, one.origin.coder, one.contested) == ("accepted", ("Ann", "Ben"), "rules", False)


def test_marked_and_rejected_stands_and_is_contested() -> None:
    found = bring_together([], [judgement(0, 5, "rejected"), judgement(0, 5, "coded", "Ben"), judgement(20, 25)])
    assert [(each.status, each.people, each.contested) for each in found] == [
        ("coded", ("Ben",), True), ("accepted", ("Ann",), False)
    ]  # fmt: skip


def test_what_is_settled_takes_the_place_of_what_it_settles() -> None:
    yes, no = judgement(0, 5), judgement(3, 9, "rejected", "Ben")
    settled = judgement(0, 9, "rejected", "Lead", settles=(yes.id, no.id))
    (one,) = bring_together([suggestion(0, 5)], [yes, no, settled])
    assert (one.status, one.settled, one.people) == ("rejected", True, ("Lead",))
    assert conflicts_of([yes, no, settled]) == ()


def test_orphans_have_no_place_and_decide_nothing() -> None:
    found = bring_together([suggestion(0, 5)], [judgement(0, 5, orphan="gone")])
    assert [each.status for each in found] == ["suggested"]


def test_while_people_code_blind_they_see_their_own() -> None:
    held = [judgement(0, 5), judgement(0, 5, person="Ben"), judgement(0, 5, person="Ann", settles=("x",))]
    assert seen_by(held, "Ann", blind=True) == (held[0],)
    assert seen_by(held, "Ann", blind=False) == tuple(held)


def test_the_name_of_what_waits_is_the_same_as_long_as_it_says_the_same() -> None:
    assert suggestion_id(suggestion(0, 5)) == suggestion_id(suggestion(0, 5))
    others = [suggestion(0, 6), suggestion(0, 5, "B"), suggestion(0, 5, document="d2"), suggestion(0, 5, coder="x")]
    assert len({suggestion_id(each) for each in (suggestion(0, 5), *others)}) == 5


@settings(max_examples=150, deadline=None)
@given(suggestions, judgements)
def test_every_judgement_is_in_one_passage_and_every_suggestion_waits_or_inherits(
    suggested: list[Suggestion], held: list[Judgement]
) -> None:
    found = bring_together(suggested, held)
    shown = [each.id for standing in found for each in standing.judgements]
    assert sorted(shown) == sorted(each.id for each in held if not each.orphan)
    waits = {standing.id for standing in found if standing.status == "suggested"}
    assert waits == {suggestion_id(each) for each in suggested if not any(overlap(each, one) for one in held)}
    assert len({each.id for each in found}) == len(found)
    assert list(found) == sorted(
        found, key=lambda each: (each.passage.document_id, each.passage.span, each.code, each.id)
    )
    for standing in found:
        assert (standing.status == "rejected") == (
            bool(standing.judgements) and all(each.verdict == "rejected" for each in standing.judgements)
        )
    # Contested passages are those of conflicts.
    argued = {each.id for conflict in conflicts_of(held) for each in conflict.judgements}
    for standing in found:
        if standing.contested:
            assert {each.id for each in standing.judgements} <= argued


@settings(max_examples=150, deadline=None)
@given(judgements)
def test_conflicts_are_where_two_people_differ(held: list[Judgement]) -> None:
    placed = [each for each in held if not each.orphan]
    pairs = {
        frozenset((one.id, other.id))
        for one in placed for other in placed
        if one.person != other.person and one.code == other.code and one.passage.span.overlaps(other.passage.span)
        and (one.verdict == "rejected") != (other.verdict == "rejected")
    }  # fmt: skip
    found = conflicts_of(held)
    groups = [frozenset(each.id for each in conflict.judgements) for conflict in found]
    assert all(any(pair <= group for group in groups) for pair in pairs)
    assert all(any(pair <= group for pair in pairs) for group in groups)
    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    assert all(conflict.for_it and conflict.against for conflict in found)
    assert conflicts_of(reversed(held)) == found


@settings(max_examples=150, deadline=None)
@given(suggestions, suggestions, judgements)
def test_what_a_run_changed_adds_up(earlier: list[Suggestion], later: list[Suggestion], held: list[Judgement]) -> None:
    found = compare_runs(earlier, later, held)

    def near(one: Suggestion, others: list[Suggestion]) -> bool:
        return any(one.code == each.code and one.span.overlaps(each.span) for each in others)

    decided = [each for each in later if any(overlap(each, one) for one in held)]
    free = [each for each in later if each not in decided]
    assert (found.kept, found.waiting) == (len(decided), len(free))
    assert list(found.new) == [each for each in free if not near(each, earlier)]
    assert list(found.gone) == [
        each for each in earlier if not near(each, later) and not any(overlap(each, one) for one in held)
    ]
    assert list(found.unsupported) == [
        each for each in held
        if not each.orphan and each.verdict != "coded" and not any(overlap(one, each) for one in later)
    ]  # fmt: skip
    exact = {(each.code, each.passage.span) for each in held if not each.orphan}
    assert list(found.reshaped) == [each for each in decided if (each.code, each.span) not in exact]
    assert compare_runs(later, later, held).new == compare_runs(later, later, held).gone == ()


@settings(max_examples=200, deadline=None)
@given(suggestions, suggestions)
def test_a_cover_touches_what_shares_a_character(covering: list[Suggestion], asked: list[Suggestion]) -> None:
    spans = [each.span for each in covering]
    cover = Cover(spans)
    for each in asked:
        assert cover.touches(each.span) == any(each.span.overlaps(span) for span in spans)
    assert not any(cover.touches(Span(at, at)) for at in range(40))
