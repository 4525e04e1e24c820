"""Replays: a coded study read again in each order, to see how soon each finds what people found.

The labels come from a person's codings; the machine sees only those of the passages that were read so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.review.reading.learning import Learner
from qualcode.review.reading.orders import Order, Ranked, next_passages
from qualcode.stats.recall import Draws, work_saved
from qualcode.stats.stopping import sample_needed, stopping

__all__ = ["RULES", "Replay", "Stop", "replay", "steps_of"]

Array = npt.NDArray[Any]

STEP = 10
"""Passages between two times of learning, at first; later a twentieth of what was read."""
ROW = 50
"""The rule of thumb ``row`` stops after so many passages in a row without the code."""
RULES = ("row", "ranked", "check", "audit")
"""Stopping rules, see :class:`Stop`."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a stopping rule ends reading, and what was found by then.

    Attributes:
        rule: ``row``: so many passages in a row had not the code (a rule of thumb without any bound); ``ranked``:
            Callaghan & Müller-Hansen's test on the passages read last, its smallest p; ``check``: when ``ranked`` says
            so, a random sample of what is unread, its size fixed beforehand, which must hold none (each further
            attempt at half the error of the one before); ``audit``: the low end of the interval of
            :func:`~qualcode.stats.recall.recall_interval` reaches the target.
        read: passages read by then, the sample of ``check`` included; all of them when the rule never stops.
        found: how many with the code are among them.
        stopped: whether it stopped before all was read.
    """

    rule: str
    read: int
    found: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """A study read again for one code.

    Attributes:
        order, seed: how.
        found: 1 or 0 for each passage in the order of reading (all passages); ``random`` which were drawn at random.
        stops: where the stopping rules end it.
    """

    code: str
    order: str
    seed: int
    found: Array
    random: Array
    stops: tuple[Stop, ...] = ()

    @property
    def relevant(self) -> int:
        """How many passages have the code."""
        return int(self.found.sum())

    def recall_after(self, read: Array) -> Array:
        """Return the share found after so many passages."""
        recall = np.append(0, np.cumsum(self.found)) / max(self.relevant, 1)
        return np.asarray(recall[np.clip(read, 0, len(self.found))])

    def read_for(self, recall: float) -> int | None:
        """Return how many passages were read until this share was found; ``None`` without any."""
        saved = work_saved(self.found.tolist(), len(self.found), recall=recall)
        return None if saved is None else round(len(self.found) * (recall - saved))

    def saved(self, recall: float = 0.95) -> float | None:
        """Return the work saved over reading at random (:func:`~qualcode.stats.recall.work_saved`)."""
        return work_saved(self.found.tolist(), len(self.found), recall=recall)


def steps_of(total: int, step: int = STEP) -> Iterator[int]:
    """Yield how many passages are read from one time of learning to the next, until all are read."""
    read = 0
    while read < total:
        more = min(max(step, read // 20), total - read)
        yield more
        read += more


def replay(
    truth: Array,
    learner: Learner,
    *,
    code: str,
    order: Order,
    seed: int = 0,
    step: int = STEP,
    rules: Sequence[str] = RULES,
    target: float = 0.95,
    confidence: float = 0.95,
    interrupted: Callable[[], None] | None = None,
) -> Replay:
    """Return what reading in an order would have found, and where each rule would have stopped.

    Args:
        truth: whether each passage has the code.
        learner: learns from the labels of what was read, every ``step`` passages (later every twentieth part of what
            was read); not asked once all is found.
        code: the code.
        order: one of :data:`~qualcode.review.reading.orders.ORDERS`.
        seed: of chance.
        step: passages between two times of learning; rules are looked at as often.
        rules: some of :data:`RULES`.
        target, confidence: of the stopping rules.
        interrupted: called before each time of learning; may raise.
    """
    n = len(truth)
    labels = np.full(n, -1, np.int8)
    left = int(truth.sum())
    found: list[int] = []
    random: list[bool] = []
    ranked = learner.learn(labels) if order != "random" else Ranked(np.zeros(n))
    watch = _Watch(rules, n, target, confidence, seed)
    order_read: list[int] = []
    for more in steps_of(n, step):
        if interrupted is not None:
            interrupted()
        if found and left and order != "random":
            ranked = learner.learn(labels)
        lately = np.asarray(order_read, np.int64)
        picks = next_passages(order, ranked, labels < 0, n=more, code=code, seed=seed, lately=lately)
        for pick in picks:
            labels[pick.row] = truth[pick.row]
            order_read.append(pick.row)
            found.append(int(truth[pick.row]))
            random.append(pick.random)
        left -= int(truth[[pick.row for pick in picks]].sum())
        watch.look(found, random, truth[labels < 0])
    return Replay(code, order, seed, np.asarray(found, np.int8), np.asarray(random, bool), watch.stops(found))


class _Watch:
    """Looks at the rules while reading goes on, and keeps where each has stopped."""

    def __init__(self, rules: Sequence[str], total: int, target: float, confidence: float, seed: int) -> None:
        self._open = [rule for rule in RULES if rule in rules]
        self._total, self._target, self._confidence = total, target, confidence
        self._stops: dict[str, Stop] = {}
        self._attempts = 0
        self._rng = np.random.default_rng([seed, total])
        self._draws = Draws(total)
        self._taken = 0

    def look(self, found: list[int], random: list[bool], unread: Array) -> None:
        """Ask each rule that has not stopped yet; ``unread`` are the labels of what is left."""
        if not self._open:
            return
        if "audit" in self._open:
            self._take_in(found, random)
        if not sum(found) or len(found) == self._total:
            return
        says_so = self._ranked(found) if {"ranked", "check"} & set(self._open) else False
        for rule in tuple(self._open):
            read, extra = len(found), 0
            if rule == "row":
                stops = read >= ROW and not any(found[-ROW:])
            elif rule == "ranked":
                stops = says_so
            elif rule == "check":
                stops, more, extra = self._check(found, unread) if says_so else (False, 0, 0)
                read += more
            else:
                _, _, most = self._draws.totals(sum(found), self._total - read, self._confidence)
                stops = sum(found) / most >= self._target
            if stops:
                self._open.remove(rule)
                self._stops[rule] = Stop(rule, read, sum(found) + extra, True)

    def stops(self, found: list[int]) -> tuple[Stop, ...]:
        """Return where every rule stopped; one that never did has all read."""
        for rule in self._open:
            self._stops[rule] = Stop(rule, len(found), sum(found), False)
        return tuple(self._stops[rule] for rule in RULES if rule in self._stops)

    def _take_in(self, found: list[int], random: list[bool]) -> None:
        before = sum(found[: self._taken])
        for at in range(self._taken, len(found)):
            if random[at]:
                self._draws.add(bool(found[at]), before, self._total - at)
            before += found[at]
        self._taken = len(found)

    def _ranked(self, found: list[int]) -> bool:
        return stopping(found, self._total, target=self._target, confidence=self._confidence).stop

    def _check(self, found: list[int], unread: Array) -> tuple[bool, int, int]:
        """Return whether a random sample of what is unread lets reading stop, its size, and what it held."""
        attempt = 1 - (1 - self._confidence) / 2 ** (self._attempts + 1)
        size = sample_needed(sum(found), len(unread), target=self._target, confidence=attempt)
        drawn = self._rng.permutation(unread)[:size]
        self._attempts += 1
        return not drawn.any(), size, int(drawn.sum())
