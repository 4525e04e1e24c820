"""A sitting: the next passage never waits for the machine, answers stand in order, undo goes back."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from qualcode.review.reading.orders import Order, Ranked
from qualcode.review.reading.session import Answer, ReadingSession, Written
from qualcode.review.reading.sofar import SoFar

N = 40


def nothing_read(n: int = N) -> SoFar:
    none = np.empty(0, np.int64)
    return SoFar(np.full(n, -1, np.int8), np.zeros(n, bool), none, np.empty(0, bool), none, none)


class Ledger:
    """Writes answers nowhere but here."""

    def __init__(self, beside: dict[int, tuple[int, ...]] | None = None) -> None:
        self.answers: list[Answer] = []
        self.beside = beside or {}

    def write(self, answer: Answer) -> Written:
        self.answers.append(answer)
        row = answer.pick.row
        return Written(f"step {len(self.answers)}", self.beside.get(row, (row,)))

    def take_back(self, step: str) -> None:
        assert step == f"step {len(self.answers)}"
        self.answers.pop()


class Counting:
    """A machine whose scores turn round each time that it learns."""

    def __init__(self) -> None:
        self.times = 0

    def learn(self, labels: np.ndarray) -> Ranked:
        self.times += 1
        scores = np.linspace(0, 1, len(labels))
        return Ranked(scores if self.times % 2 else 1 - scores)


class Slow(Counting):
    """A machine that learns the first time at once and then only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let = threading.Event(), threading.Event()

    def learn(self, labels: np.ndarray) -> Ranked:
        if self.times:
            self.begun.set()
            assert self.let.wait(20)
            return Ranked(np.linspace(1, 0, len(labels)))
        return super().learn(labels)


def session(machine: Counting, ledger: Ledger, order: Order = "relevance", **more: object) -> ReadingSession:
    asked = {"code": "A1", "order": order, "learn_every": 2, **more}
    return ReadingSession(nothing_read(), machine, write=ledger.write, take_back=ledger.take_back, **asked)  # type: ignore[arg-type]  # many kinds


def rows(ledger: Ledger) -> list[int]:
    return [each.pick.row for each in ledger.answers]


def test_the_machine_learns_after_so_many_answers_and_the_order_follows() -> None:
    machine, ledger = Counting(), Ledger()
    sitting = session(machine, ledger)
    for _ in range(3):
        sitting.answer("no")
    assert rows(ledger) == [39, 38, 0]
    assert (machine.times, sitting.learnt) == (2, 1)


def test_what_is_undecided_teaches_nothing() -> None:
    machine, ledger = Counting(), Ledger()
    sitting = session(machine, ledger)
    for _ in range(5):
        sitting.answer("undecided")
    assert machine.times == 1
    assert sitting.so_far.undecided.sum() == 5
    assert sitting.progress.undecided == 5


def test_no_passage_waits_while_the_machine_learns() -> None:
    machine, ledger = Slow(), Ledger()
    sitting = session(machine, ledger, background=True)
    sitting.answer("no")
    sitting.answer("yes")
    assert machine.begun.wait(20)
    for _ in range(4):  # the machine has not ended, and the old order goes on
        sitting.answer("no")
    assert rows(ledger) == [39, 38, 37, 36, 35, 34]
    machine.let.set()
    sitting.close()
    sitting.answer("no")  # the passage was shown before; the next comes by the new order
    sitting.answer("no")
    assert rows(ledger)[-2:] == [33, 0]
    sitting.close()


@pytest.mark.parametrize("background", [True, False])
def test_a_machine_that_fails_stops_nobody(background: bool) -> None:
    class Broken(Counting):
        def learn(self, labels: np.ndarray) -> Ranked:
            if self.times:
                raise ValueError("no words")
            return super().learn(labels)

    ledger = Ledger()
    sitting = session(Broken(), ledger, background=background)
    for _ in range(5):
        sitting.answer("no")
    sitting.close()
    assert rows(ledger) == [39, 38, 37, 36, 35]
    assert str(sitting.failure) == "no words"
    assert sitting.learnt == 0


def test_reading_at_random_asks_no_machine() -> None:
    machine, ledger = Counting(), Ledger()
    sitting = session(machine, ledger, "random")
    for _ in range(6):
        sitting.answer("no")
    assert machine.times == 0
    assert all(each.pick.random for each in ledger.answers)
    assert [each.among for each in ledger.answers] == [40, 39, 38, 37, 36, 35]


def test_undo_brings_back_the_very_same_draw() -> None:
    ledger = Ledger()
    sitting = session(Counting(), ledger, "mixed")
    shown = []
    for said in ("no", "yes", "undecided", "no"):
        shown.append(sitting.pick)
        sitting.answer(said)  # type: ignore[arg-type]  # literals
    for pick in reversed(shown):
        sitting.undo()
        assert sitting.pick == pick
    assert sitting.undo() is None
    assert not len(sitting.so_far.order)
    assert sitting.answered == 0


def test_passages_beside_the_one_shown_are_read_with_it() -> None:
    ledger = Ledger({39: (38, 39)})
    sitting = session(Counting(), ledger)
    sitting.answer("yes")
    assert sitting.so_far.order.tolist() == [39, 38]
    assert sitting.so_far.labels[[38, 39]].tolist() == [1, 1]
    assert sitting.pick is not None
    assert sitting.pick.row == 37
    sitting.undo()
    assert sitting.so_far.unread.all()


def test_a_sitting_ends_when_everything_is_read() -> None:
    sitting = session(Counting(), Ledger())
    for _ in range(N):
        sitting.answer("no")
    assert sitting.pick is None
    with pytest.raises(ValueError, match="no passage"):
        sitting.answer("no")


def test_an_answer_that_cannot_be_written_leaves_its_passage() -> None:
    class Full(Ledger):
        def write(self, answer: Answer) -> Written:
            raise OSError("disk full")

    sitting = session(Counting(), Full())
    shown = sitting.pick
    with pytest.raises(OSError, match="disk full"):
        sitting.answer("yes")
    assert sitting.pick == shown
    assert sitting.answered == 0


def test_a_check_ends_after_its_sample_and_undo_gives_a_passage_of_it_back() -> None:
    ledger = Ledger()
    before = session(Counting(), ledger)
    for _ in range(6):
        before.answer("yes")
    sitting = ReadingSession(before.so_far, Counting(), write=ledger.write, take_back=ledger.take_back, code="A1",
                             check=True, target=0.5, confidence=0.8)  # fmt: skip
    size = sitting.check_left
    assert size == sitting.progress.needed
    sitting.answer("no")
    sitting.undo()
    assert sitting.check_left == size
    for _ in range(size):
        sitting.answer("no")
    assert sitting.pick is None
    assert {(each.check, each.attempt) for each in ledger.answers[6:]} == {(size, 1)}
    assert sitting.progress.check is not None
    assert sitting.progress.check.stop
    assert sitting.progress.verdict == "stop"
