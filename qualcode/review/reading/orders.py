"""Orders of reading: which passages come next, given the machine's scores and what was read. Pure and repeatable.

Every tenth passage of the order ``mixed`` is drawn at random from all that are unread, and of the first twenty every
second: these are what estimates rest on, since passages that a machine chose say nothing of those that it did not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

__all__ = [
    "AUDIT", "ORDERS", "START", "Order", "Pick", "Ranked", "diverse", "next_passages", "random_order", "slot_of",
]  # fmt: skip

Array = npt.NDArray[Any]

Order = Literal["mixed", "relevance", "uncertainty", "diversity", "random"]
ORDERS: tuple[Order, ...] = get_args(Order)

START = 20
"""Of so many passages at the beginning of ``mixed`` every second is drawn at random, the first among them."""
AUDIT = 10
"""Later every so many-th passage of ``mixed`` is drawn at random."""
DOUBTFUL = (3, 7)
"""Which of every ten passages of ``mixed`` are those that the machine is least sure of."""
VARIETY = 0.2
"""What being unlike the passages read lately counts for in ``diversity``, against the score."""
LATELY = 10
"""So many passages before are those read lately."""
HEAD = 400
"""``diversity`` chooses among so many passages with the highest scores."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """What the machine makes of the passages for one code.

    Attributes:
        values: the score of each, from 0 to 1 (float64).
        threshold: the score from which the machine would suggest a passage.
        by: what made the scores.
        vectors: of the passages, rows of length 1 (CSR); ``None`` when there are none, and ``diversity`` has only
            scores to go by.
    """

    values: Array
    threshold: float = 0.5
    by: str = ""
    vectors: Any = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A passage that comes next: its row, by which order it comes, and its score."""

    row: int
    order: str
    score: float

    @property
    def random(self) -> bool:
        """Whether it was drawn at random from all that were unread."""
        return self.order == "random"


def random_order(n: int, code: str, seed: int) -> Array:
    """Return the rows of all passages in an order drawn at random: the same for the same code and seed."""
    digits = int(sha256(code.encode()).hexdigest()[:12], 16)
    return np.random.default_rng([seed, digits]).permutation(n)


def slot_of(order: str, read: int) -> str:
    """Return by which order the passage comes that is read after ``read`` others.

    >>> [slot_of("mixed", read) for read in (0, 1, 2, 20, 21, 23)]
    ['random', 'relevance', 'random', 'random', 'relevance', 'uncertainty']
    """
    if order != "mixed":
        return order
    if read % (2 if read < START else AUDIT) == 0:
        return "random"
    return "uncertainty" if read % AUDIT in DOUBTFUL else "relevance"


def next_passages(
    order: Order, ranked: Ranked, unread: Array, *, n: int, code: str, seed: int, lately: Array | None = None,
    spare: Array | None = None, batch: bool = False,
) -> tuple[Pick, ...]:  # fmt: skip
    """Return the passages to read next, no more than are unread.

    Args:
        order: one of :data:`ORDERS`.
        ranked: the scores.
        unread: whether each passage is unread.
        n: how many.
        code: for which code: chance is its own.
        seed: of chance.
        lately: rows in the order in which they were read; ``diversity`` keeps away from the last of them.
        spare: passages for which another stands (of one suggestion, say); only chance takes them.
        batch: whether they are read as a list. The random ones then stand first: read before the others, they
            are drawn from all that were unread.

    Returns:
        The picks in the order of reading. Among equals the earlier passage in the transcripts comes first.
    """
    left = np.asarray(unread, bool).copy()
    read = int(len(left) - left.sum())
    slots = [slot_of(order, read + at) for at in range(min(n, int(left.sum())))]
    if batch:
        slots.sort(key=lambda each: each != "random")
    queues: dict[str, Iterator[int]] = {}
    picked: list[Pick] = []
    for slot in slots:
        if slot not in queues:
            queues[slot] = _queue(slot, ranked, left, spare, len(slots), code, seed, lately)
        row = next((each for each in queues[slot] if left[each]), -1)
        if row < 0:
            continue  # only spare ones are left
        left[row] = False
        picked.append(Pick(row, slot, float(ranked.values[row])))
    return tuple(picked)


def _queue(
    slot: str, ranked: Ranked, left: Array, spare: Array | None, n: int, code: str, seed: int, lately: Array | None
) -> Iterator[int]:
    if slot == "random":
        return iter(random_order(len(left), code, seed).tolist())
    rows = np.flatnonzero(left if spare is None else left & ~spare)
    if slot == "diversity" and ranked.vectors is not None:
        return iter(diverse(ranked, rows, n, lately=lately).tolist())
    key = -ranked.values[rows] if slot != "uncertainty" else np.abs(ranked.values[rows] - ranked.threshold)
    return iter(rows[np.argsort(key, kind="stable")].tolist())


def diverse(ranked: Ranked, rows: Array, n: int, *, lately: Array | None = None) -> Array:
    """Return rows so that relevant passages come early and those that are alike do not come together.

    Each next row has the greatest (1 - v) · score - v · (likeness to the most alike of the last :data:`LATELY` read or
    taken), v = :data:`VARIETY` (maximal marginal relevance; Carbonell & Goldstein 1998). All rows are returned,
    ``n`` of them chosen so and the others by their score.
    """
    head = rows[np.argsort(-ranked.values[rows], kind="stable")]
    candidates = head[: max(HEAD, n)]
    vectors = ranked.vectors[candidates]
    scores = ranked.values[candidates]
    likeness: deque[Array] = deque(maxlen=LATELY)
    for row in [] if lately is None else lately[-LATELY:].tolist():
        likeness.append(_likeness(vectors, ranked.vectors[[row]]))
    open_ = np.ones(len(candidates), bool)
    taken: list[int] = []
    for _ in range(min(n, len(candidates))):
        alike = np.max(likeness, axis=0) if likeness else np.zeros(len(candidates))
        worth = np.where(open_, (1 - VARIETY) * scores - VARIETY * alike, -np.inf)
        best = int(np.argmax(worth))
        open_[best] = False
        taken.append(best)
        likeness.append(_likeness(vectors, vectors[[best]]))
    chosen = candidates[taken]
    return np.concatenate([chosen, head[~np.isin(head, chosen)]])


def _likeness(vectors: Any, one: Any) -> Array:
    return np.asarray((vectors @ one.T).toarray()).ravel()
