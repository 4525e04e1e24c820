"""One sitting: a passage after another, each answer written at once, the machine learning again meanwhile.

The session knows neither terminal nor database: it is given what writes an answer and what takes one back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from qualcode.review.reading.learning import Learner
from qualcode.review.reading.orders import Order, Pick, Ranked, next_passages
from qualcode.review.reading.progress import Progress, progress_of
from qualcode.review.reading.sofar import Check, SoFar

__all__ = ["Answer", "ReadingSession", "Said", "Written"]

Array = npt.NDArray[Any]

Said = Literal["yes", "no", "undecided"]
VALUE = {"yes": 1, "no": 0}
WAIT = 10.0
"""Seconds that :meth:`ReadingSession.close` waits for learning to end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said of a passage, with all that is to be kept of how it came.

    Attributes:
        pick: the passage, by which order it came, and its score.
        among: how many were unread, itself included; ``before``: how many found before it.
        check, attempt: of a sample of a size fixed beforehand.
    """

    pick: Pick
    said: Said
    among: int
    before: int
    check: int = 0
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """An answer that was written: the id of the step, and all passages that it decides (those beside it too).

    The step is empty when the passage had been decided so in another window meanwhile: nothing was written.
    """

    step: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    answer: Answer
    written: Written
    before: SoFar


class ReadingSession:
    """A sitting of reading for one code.

    :attr:`pick` is the passage to show; :meth:`answer` writes what is said of it and goes on; :meth:`undo` goes back.
    After every ``learn_every`` answers the machine learns again: in a thread of its own (``background``), so that the
    next passage never waits, else before the next passage. When that goes wrong, the order stays as it was and
    ``failure`` says why.

    Args:
        done: what was read before.
        learner: learns from labels.
        write: writes an answer and returns what was written.
        take_back: takes a step back, by its id.
        code, label: the code.
        order: one of :data:`~qualcode.review.reading.orders.ORDERS`.
        seed: of chance.
        check: begin (or go on with) a random sample whose size is fixed now; overrides ``order``.
        learn_every: answers between two times of learning.
        background: whether learning has a thread of its own.
        target, confidence: of the stopping rules.
    """

    def __init__(
        self,
        done: SoFar,
        learner: Learner,
        *,
        write: Callable[[Answer], Written],
        take_back: Callable[[str], None],
        code: str,
        label: str = "",
        order: Order = "mixed",
        seed: int = 0,
        check: bool = False,
        learn_every: int = 5,
        background: bool = False,
        target: float = 0.95,
        confidence: float = 0.95,
    ) -> None:
        self._done = done
        self._learner = learner
        self._write = write
        self._take_back = take_back
        self._code, self._label = code, label
        self._order: Order = "random" if check else order
        self._seed = seed
        self._learn_every = max(1, learn_every)
        self._background = background
        self._target, self._confidence = target, confidence
        self._history: list[_Done] = []
        self._since = 0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._learnt: Ranked | None = None
        self.failure: Exception | None = None
        self._progress: Progress | None = None
        self.learnt = 0
        self._ranked = Ranked(np.zeros(len(done.labels))) if self._order == "random" else learner.learn(done.labels)
        self._check, self._attempt, self._check_left = 0, 0, 0
        if check:
            self._begin_check()
        self.pick: Pick | None = self._next()

    @property
    def so_far(self) -> SoFar:
        """What was read, this sitting's answers among it."""
        return self._done

    @property
    def answered(self) -> int:
        """How many answers of this sitting stand."""
        return len(self._history)

    @property
    def ranked(self) -> Ranked:
        """The scores that the present order follows."""
        return self._ranked

    @property
    def check_left(self) -> int:
        """How many passages of the random sample are still to be read; 0 without one."""
        return self._check_left

    @property
    def progress(self) -> Progress:
        """How far the reading is."""
        if self._progress is None:
            self._progress = progress_of(self._done, self._code, self._label, target=self._target,
                                         confidence=self._confidence)  # fmt: skip
        return self._progress

    def answer(self, said: Said) -> Written:
        """Write what is said of the present passage and go to the next.

        Raises:
            ValueError: when there is no passage left.
            LedgerError, StoreError: when it cannot be written; the passage stays.
        """
        if self.pick is None:
            raise ValueError("there is no passage to answer for")
        done = self._done
        answer = Answer(self.pick, said, int(done.unread.sum()), len(done.found), self._check, self._attempt)
        written = self._write(answer)
        self._history.append(_Done(answer, written, done))
        self._done = _with_answer(done, answer, written)
        self._after(+1)
        self._since += said != "undecided"
        if self._since >= self._learn_every:
            self._since = 0
            self._learn()
        self.pick = self._next()
        return written

    def undo(self) -> Answer | None:
        """Take the latest answer of this sitting back and show its passage again; ``None`` when there is none.

        Raises:
            LedgerError: QC-L005 when something else was done in the project since; nothing is undone.
        """
        if not self._history:
            return None
        last = self._history[-1]
        if last.written.step:  # else somebody had decided the passage meanwhile, and nothing was written
            self._take_back(last.written.step)
        self._history.pop()
        self._done = last.before
        self._after(-1)
        self.pick = last.answer.pick
        return last.answer

    def close(self) -> None:
        """Wait until learning has ended."""
        if self._thread is not None:
            self._thread.join(WAIT)

    def _after(self, step: int) -> None:
        self._progress = None
        if self._check:
            self._check_left -= step

    def _begin_check(self) -> None:
        """Fix the size of the sample now, before anything of it is seen; or go on with one that was begun."""
        begun = self._done.checks[-1] if self._done.checks else None
        if begun is not None and begun.left:
            self._check, self._attempt, self._check_left = begun.size, begun.attempt, begun.left
        elif self.progress.needed:
            self._check = self._check_left = self.progress.needed
            self._attempt = self.progress.attempt

    def _next(self) -> Pick | None:
        self._take_new_scores()
        if self._check and self._check_left <= 0:
            return None
        done = self._done
        picks = next_passages(self._order, self._ranked, done.unread, n=1, code=self._code, seed=self._seed,
                              lately=done.order)  # fmt: skip
        return picks[0] if picks else None

    def _take_new_scores(self) -> None:
        with self._lock:
            learnt, self._learnt = self._learnt, None
        if learnt is not None:
            self._ranked = learnt
            self.learnt += 1

    def _learn(self) -> None:
        if self._order == "random":
            return
        labels = self._done.labels.copy()
        if not self._background:
            self._learn_apart(labels)
        elif self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._learn_apart, args=(labels,), daemon=True)
            self._thread.start()
        else:
            self._since = self._learn_every  # it is still at the last answers: ask again with the next one

    def _learn_apart(self, labels: Array) -> None:
        # What goes wrong here must not stand between a person and the next passage: the order stays as it was.
        try:
            learnt = self._learner.learn(labels)
        except Exception as error:
            self.failure = error
            return
        with self._lock:
            self._learnt = learnt


def _with_answer(done: SoFar, answer: Answer, written: Written) -> SoFar:
    """Return what was read with one answer more: its passage first, then those that it decides beside."""
    labels, undecided = done.labels.copy(), done.undecided.copy()
    unread = done.unread
    row = answer.pick.row
    beside = [each for each in written.rows if each != row and (unread[each] or labels[each] == 0)]
    new = [row, *(each for each in beside if unread[each])]
    if answer.said == "undecided":
        undecided[row] = True
    else:
        labels[[row, *beside]] = VALUE[answer.said]
    order = np.append(done.order, new)
    known = labels[order] == 1
    random = np.append(done.random, [answer.pick.random] + [False] * (len(new) - 1))
    among = np.append(done.among, answer.among - np.arange(len(new)))
    before = np.append(done.before, (np.cumsum(known) - known)[-len(new) :])
    checks = done.checks
    if answer.check:
        rows = next((each.rows for each in checks if each.attempt == answer.attempt), ())
        checks = (*(each for each in checks if each.attempt != answer.attempt),
                  Check(answer.check, answer.attempt, (*rows, row)))  # fmt: skip
    return replace(done, labels=labels, undecided=undecided, order=order, random=random.astype(bool), among=among,
                   before=before, checks=checks, proposed=done.proposed + (not answer.pick.random))  # fmt: skip
