"""Topic models as values: talk pooled to segments, a fitted model, and what became of the words that seeded it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from qualcode.coding.features.units import Units

__all__ = ["KINDS", "TOP", "Kind", "Pooled", "Pooling", "SeedGroup", "TopicModel"]

Array = npt.NDArray[Any]

Kind = Literal["nmf", "lda", "tomotopy"]
"""``nmf``: scikit-learn's NMF; ``lda``: gensim's LdaModel; ``tomotopy``: tomotopy's LDAModel."""
Pooling = Literal["run", "question", "window"]
"""How turns become segments; see :func:`qualcode.coding.topics.pooling.pool`."""

KINDS: tuple[Kind, ...] = ("nmf", "lda", "tomotopy")
TOP = 10
"""A topic is judged and shown by so many words."""


@dataclass(frozen=True)
class Pooled:
    """Talk in segments long enough for a topic model; each is one person's, in one document.

    Attributes:
        units: all units of the talk (sentences), with their places.
        holds: which units each segment has (segments × units, CSR, int8); a sliding window shares units with the next.
        segment: the segment of each unit, with windows the one whose middle is nearest; −1 for a unit that is in none
            (its segment had too few terms).
        counts: terms of each segment (segments × terms, CSR, int32).
        terms: the terms, sorted; lemmas as the index has them, without stop words.
        sizes: words of each segment, stop words included.
        document: ordinal of each segment's document in ``units.documents``; ``speaker``: number of the person in
            ``units.people``, −1 where nobody is named.
        question: number of the block that asks what the segment's first unit answers, −1 for none.
        settings: how it was pooled.
    """

    units: Units
    holds: Any
    segment: Array
    counts: Any
    terms: tuple[str, ...]
    sizes: Array
    document: Array
    speaker: Array
    question: Array
    settings: Mapping[str, str | int | float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, segment: int) -> Array:
        """Return the units of a segment, ascending."""
        first, last = self.holds.indptr[segment : segment + 2]
        return np.sort(self.holds.indices[first:last])

    def text(self, segment: int) -> str:
        """Return the words of a segment as written, units joined by a blank, `` … `` where something stands between."""
        parts: list[str] = []
        last = None
        for row in self.rows(segment).tolist():
            if last is not None:
                gap = self.units.block[row] != self.units.block[last] or row != last + 1
                parts.append(" … " if gap else " ")
            parts.append(self.units.text(row))
            last = row
        return "".join(parts)

    @cached_property
    def column(self) -> Mapping[str, int]:
        """The column of each term."""
        return {term: number for number, term in enumerate(self.terms)}

    @cached_property
    def frequency(self) -> Array:
        """How often each term occurs in all segments (terms, int64)."""
        return np.asarray(self.counts.sum(axis=0), np.int64).ravel()


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """What became of the words that seeded one topic.

    Attributes:
        topic: the topic they were given to.
        code: the code whose words they are.
        words: its seed words that the vocabulary has, as terms, without those that are rare.
        unseen: seed words, as written, that no segment has, that are stop words or that too few or too many have.
        rare: terms that occur so seldom that even all their occurrences would not bring them into the topic's top ten.
        kept: those of ``words`` that are among the topic's top ten.
    """

    topic: int
    code: str
    words: tuple[str, ...]
    unseen: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """The share of ``words`` that are in the top ten; of more than ten words, of ten. ``None`` without words."""
        return len(self.kept) / min(len(self.words), TOP) if self.words else None


@dataclass(frozen=True)
class TopicModel:
    """A fitted topic model: a pure function of the pooled talk, the seeds and the settings.

    Attributes:
        kind: which method.
        k: number of topics: those that have a seed group first, in the order of the seeds, then the free ones.
        seed: of the random numbers.
        terms: the terms, those of the pooled talk.
        words: probability of each term in each topic (k × terms, rows sum to 1).
        shares: share of each topic in each segment (segments × k, rows sum to 1).
        prior: α of each topic, what its share in a segment has before a word is read (k).
        seeded: id of the code whose words seeded each topic, ``""`` for a free one.
        groups: what became of the seed words.
        settings: everything it was fitted with, libraries and versions included.
        notes: what the reader must know, such as that another method stood in for one that is not installed.
    """

    kind: Kind
    k: int
    seed: int
    terms: tuple[str, ...]
    words: Array
    shares: Array
    prior: Array
    seeded: tuple[str, ...]
    groups: tuple[SeedGroup, ...] = ()
    settings: Mapping[str, str | int | float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def top(self, topic: int, n: int = TOP) -> tuple[str, ...]:
        """Return the ``n`` most probable terms of a topic, the first alphabetically first where two are equal."""
        return tuple(self.terms[column] for column in self.top_columns(n)[topic])

    def top_columns(self, n: int = TOP) -> Array:
        """Return the columns of each topic's most probable terms, best first (k × n, or fewer where there are
        fewer)."""
        return np.argsort(-self.words, axis=1, kind="stable")[:, :n]

    @property
    def main(self) -> Array:
        """The topic with the greatest share of each segment, the first of several."""
        return np.asarray(np.argmax(self.shares, axis=1))

    def talk(self, sizes: Array) -> Array:
        """Return each topic's share of the talk, segments weighted by their words (k, sums to 1)."""
        total = float(sizes.sum())
        return np.asarray(sizes @ self.shares) / total if total else np.zeros(self.k)
