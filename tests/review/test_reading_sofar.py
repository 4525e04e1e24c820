"""What was read so far: labels from judgements, the order of reading, random draws, samples, moved texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from qualcode.model.document import Span
from qualcode.model.ledger import Judgement, Origin, Passage, ReadPassage, passage_at
from qualcode.review.passages import bring_together
from qualcode.review.reading.passages import find_passage, mark_of, passage_id, passages_of, place_of
from qualcode.review.reading.progress import methods_sentence, progress_of
from qualcode.review.reading.sofar import SoFar, so_far
from tests.review.reading_values import BOOK, corpus_of_talk

CORPUS = corpus_of_talk()
UNITS = passages_of(CORPUS, BOOK)
MARK = mark_of(UNITS)


def judged(row: int, verdict: Any = "coded", *, code: str = "T", at: str = "2026-01-01", key: str = "") -> Judgement:
    return Judgement(key or f"j{row}.0", "Ann", "Ann", verdict, place_of(UNITS, row), BOOK.id, code, Origin(), at)


def read(
    row: int, at: str, *, order: str = "random", among: int = 0, judgement: str | None = None, **more: Any
) -> ReadPassage:
    key = f"j{row}.0" if judgement is None else judgement
    return ReadPassage(f"r{row}", "Ann", at, 1, BOOK.id, "T", place_of(UNITS, row), order, among or len(UNITS), 0, MARK,
                       judgement=key, **more)  # fmt: skip


def state(judgements: list[Judgement], readings: list[ReadPassage] = [], **more: Any) -> SoFar:  # noqa: B006 - read only
    asked: dict[str, Any] = {"mark": MARK, "judgements": judgements, "below": ("T1",), **more}
    return so_far(UNITS, bring_together((), judgements), readings, "T", **asked)


def test_passages_are_participants_units_of_three_words_or_more() -> None:
    assert len(UNITS) == 48
    assert "And then?" not in UNITS.texts


def test_labels_follow_what_people_hold_and_codes_below_count() -> None:
    done = state([judged(0), judged(1, "rejected"), judged(2, code="T1"), judged(3, "rejected", code="T1"),
                  judged(4, code="M")])  # fmt: skip
    assert done.labels[:6].tolist() == [1, 0, 1, -1, -1, -1]
    assert done.found.tolist() == [0, 2]
    assert int(done.unread.sum()) == 45


def test_the_order_is_that_of_the_decisions() -> None:
    done = state([judged(5, at="2026-01-03"), judged(9, "rejected", at="2026-01-01"), judged(2, at="2026-01-02")])
    assert done.order.tolist() == [9, 2, 5]
    assert done.answers == [0, 1, 1]
    assert done.among.tolist() == [48, 47, 46]
    assert done.before.tolist() == [0, 0, 1]


def test_what_is_marked_goes_before_what_is_rejected() -> None:
    assert state([judged(0, "rejected", key="a.0"), judged(0, key="b.0")]).labels[0] == 1


def test_documents_worked_through_count_as_read_first() -> None:
    done = state([judged(30)], through=[CORPUS.documents[1].id])
    assert done.labels[24:].tolist() == [0] * 6 + [1] + [0] * 17
    assert (done.labels[:24] == -1).all()
    assert not done.random.any()


def test_random_draws_are_remembered_and_undecided_ones_stay_open() -> None:
    readings = [read(7, "2026-01-01"), read(8, "2026-01-02", judgement=""), read(3, "2026-01-03", order="relevance")]
    done = state([judged(7, "rejected", at="2026-01-01"), judged(3, at="2026-01-03")], readings)
    assert done.order.tolist() == [7, 8, 3]
    assert done.random.tolist() == [True, True, False]
    assert done.answers == [0, None, 1]
    assert done.undecided[8]
    assert not done.unread[8]


def test_what_was_taken_back_is_to_be_read_again() -> None:
    done = state([], [read(7, "2026-01-01")])
    assert done.unread.all()
    assert not len(done.order)


def test_draws_from_another_set_of_passages_do_not_count_as_random() -> None:
    done = state([judged(7, "rejected")], [replace(read(7, "2026-01-01"), mark="another")])
    assert (done.random.tolist(), done.elsewhere) == ([False], 1)


def test_a_draw_in_another_copy_keeps_what_was_noted_with_it() -> None:
    done = state(
        [judged(7, "rejected", at="2026-01-02"), judged(1)], [replace(read(7, "2026-01-02"), among=20, before=5)]
    )
    assert done.among.tolist() == [48, 20]
    assert done.before.tolist() == [0, 5]


def test_a_reading_follows_its_words_into_an_edited_transcript() -> None:
    old = place_of(UNITS, 7)
    gone = Passage("before", "another text", Span(0, 3), old.quote)
    readings = [replace(read(7, "2026-01-01"), passage=gone)]
    assert state([judged(7, "rejected")], readings).random.tolist() == [True]
    assert state([], readings).elsewhere == 1


def test_units_beside_the_drawn_one_are_read_with_it_and_not_drawn() -> None:
    document = CORPUS.documents[0]
    wide = passage_at(document, Span(int(UNITS.start[2]), int(UNITS.end[3])))
    held = replace(judged(3, at="2026-01-01"), passage=wide)
    done = state([held], [read(3, "2026-01-01")])
    assert done.order.tolist() == [3, 2]
    assert done.random.tolist() == [True, False]


def test_ids_name_a_passage_and_a_code() -> None:
    key = passage_id(UNITS, 5, BOOK.id, "M")
    assert key.startswith("u")
    assert passage_id(UNITS, 5, BOOK.id, "M", random=True) == "r" + key[1:]
    assert find_passage(UNITS, key, BOOK.id, ["T", "M"]) == (5, "M")
    assert find_passage(UNITS, key, BOOK.id, ["T"]) is None


def test_the_mark_changes_with_passages_and_not_with_spelling() -> None:
    fewer = replace(UNITS, document=UNITS.document[:-1], start=UNITS.start[:-1])
    assert mark_of(fewer) != MARK
    assert mark_of(replace(UNITS, start=UNITS.start + 1)) == MARK


def sample_read(hits: int, size: int = 20) -> SoFar:
    """Return a state in which eight were found and then a fixed sample read, so many of it with the code."""
    order = np.arange(8 + size)
    labels = np.full(len(UNITS), -1, np.int8)
    labels[:8] = 1
    labels[8 : 8 + size] = 0
    labels[8 : 8 + hits] = 1
    from qualcode.review.reading.sofar import Check

    random = np.asarray([False] * 8 + [True] * size)
    known = labels[order] == 1
    return SoFar(labels, np.zeros(len(UNITS), bool), order, random, len(UNITS) - np.arange(len(order)),
                 np.cumsum(known) - known, (Check(size, 1, tuple(range(8, 8 + size))),))  # fmt: skip


def test_a_fixed_sample_without_the_code_lets_reading_stop() -> None:
    progress = progress_of(sample_read(0), "T", "Time", target=0.6, confidence=0.8)
    assert progress.check is not None
    assert progress.check.stop
    assert progress.check.over == 20
    assert progress.verdict == "stop"
    assert "random sample of 20 unread passages" in methods_sentence(progress)
    assert progress.attempt == 2


def test_a_fixed_sample_with_the_code_does_not() -> None:
    progress = progress_of(sample_read(4), "T", target=0.8, confidence=0.8)
    assert progress.check is not None
    assert not progress.check.stop


def test_an_undecided_passage_holds_the_verdict_of_a_sample_back() -> None:
    done = sample_read(0)
    labels, undecided = done.labels.copy(), done.undecided.copy()
    labels[10], undecided[10] = -1, True
    progress = progress_of(replace(done, labels=labels, undecided=undecided), "T", target=0.6, confidence=0.8)
    assert progress.check is None


def test_the_sentence_says_what_is_not_known() -> None:
    nothing = progress_of(state([]), "T", "Time")
    assert "none of 48 passages was read yet" in methods_sentence(nothing)
    assert "not known" in methods_sentence(nothing)
    assert nothing.verdict == "read on"
    assert nothing.needed is None


def test_when_all_is_read_there_is_nothing_to_test() -> None:
    done = state([judged(0)], through=[each.id for each in CORPUS.documents])
    progress = progress_of(done, "T", "Time")
    assert progress.verdict == "all read"
    assert progress.recall.low == 1.0
    assert methods_sentence(progress).endswith("Nothing is left unread.")


def test_when_too_little_is_left_for_a_miss_reading_can_stop_without_any_draw() -> None:
    judgements = [judged(row, "coded" if row < 8 else "rejected", at=f"2026-01-{row:02}") for row in range(46)]
    progress = progress_of(state(judgements), "T", "Time", target=0.8)
    assert progress.drawn == 0
    assert progress.certain
    assert progress.verdict == "stop"
    sentence = methods_sentence(progress)
    assert "Even if all 2 passages that are left had the code, 80 % or more would have been found." in sentence
    assert "not known" not in sentence


def test_undecided_passages_keep_it_from_being_certain() -> None:
    judgements = [judged(row, "coded" if row < 8 else "rejected", at=f"2026-01-{row:02}") for row in range(46)]
    maybe = read(46, "2026-02-01", order="relevance", judgement="")
    progress = progress_of(state(judgements, [maybe]), "T", target=0.85)
    assert (progress.undecided, progress.open, progress.certain) == (1, 2, False)
    assert "1 were left undecided" in methods_sentence(progress)
    assert "takes the undecided passages for such without the code" in methods_sentence(progress)


def test_the_sentence_says_how_the_passages_came() -> None:
    rows = [judged(0, at="1"), judged(1, "rejected", at="2"), judged(2, "rejected", at="3")]
    done = state(rows, [read(0, "1"), read(1, "2", order="relevance")])
    assert (int(done.random.sum()), done.proposed) == (1, 1)
    assert (
        "1 of them drawn at random, 1 in an order that the program proposed and 1 otherwise (whole transcripts or "
        "passages coded by hand); 1 had the code."
    ) in methods_sentence(progress_of(done, "T"))


def test_few_random_finds_give_an_interval_and_no_value() -> None:
    done = state([judged(0, at="1"), judged(1, "rejected", at="2")], [read(1, "2", among=47)])
    sentence = methods_sentence(progress_of(done, "T"))
    assert "the share found is not known well (95 % interval" in sentence


def test_a_low_end_is_never_rounded_up_to_the_aim() -> None:
    done = state([judged(row, at=f"{row:02}") for row in range(3)], [read(row, f"{row:02}") for row in range(3)])
    progress = progress_of(done, "T")
    near = replace(progress, recall=replace(progress.recall, estimate=0.97, low=0.948, high=1.0))
    assert "interval 94 % to" in methods_sentence(near)


def test_a_rejected_part_of_a_passage_does_not_decide_it() -> None:
    whole = UNITS.span(0)
    part = replace(judged(0, "rejected"), passage=passage_at(UNITS.documents[0], Span(whole.start, whole.start + 6)))
    assert state([part]).labels[0] == -1
