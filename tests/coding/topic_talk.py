"""Made-up talk with planted topics, and segments written out word by word, for tests of topic models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from qualcode.coding import Corpus
from qualcode.coding.topics.model import Kind, Pooled, TopicModel
from qualcode.coding.topics.pooling import pool
from tests.builders import document

__all__ = ["FREE", "PLANTED", "SEEDS", "bare", "model_of", "planted"]

PLANTED = {
    "garden": "spade lawn hedge compost seedling tulip shed rake blossom greenhouse".split(),
    "kitchen": "oven flour recipe saucepan whisk dough cupboard kettle pastry butter".split(),
    "harbour": "boat anchor tide sail lighthouse crab pier rope captain cabin".split(),
    "orchestra": "violin trumpet rehearsal drum melody cello conductor audience concert flute".split(),
}
"""Words of each planted topic, which no lemma table changes."""
SEEDS = {name: PLANTED[name][2:6] for name in ("garden", "kitchen", "harbour")}
FREE = "orchestra"
_BETWEEN = "table window paper letter corner".split()


@cache
def planted(n: int = 240, *, size: int = 24, seed: int = 5, most: float = 0.85) -> Pooled:
    """Return segments of mostly one planted topic each (words drawn unevenly), the rest from all and from common words."""
    draw = np.random.default_rng(seed)
    names = list(PLANTED)
    weights = 1 / (np.arange(10) + 2.0)
    texts = []
    for number in range(n):
        words = []
        for _ in range(size):
            name = names[number % 4] if draw.random() < most else names[int(draw.integers(4))]
            other = draw.random() < 0.1
            words.append(
                _BETWEEN[int(draw.integers(5))] if other else draw.choice(PLANTED[name], p=weights / weights.sum())
            )
        texts.append(" ".join(words))
    return bare(*texts)


def bare(*texts: str, largest_share: float = 1.0) -> Pooled:
    """Return each text as a segment of its own (a turn of nobody's), every word in it a term."""
    talk = document("d", [("", "", text) for text in texts])
    return pool(Corpus.of([talk]), stop_words=(), fewest_segments=1, fewest_terms=1, largest_share=largest_share)


def model_of(
    pooled: Pooled, words: Sequence[Sequence[float]], shares: Sequence[Sequence[float]] | None = None, *, kind: Kind = "lda"
) -> TopicModel:  # fmt: skip
    """Return a model with these probabilities; without shares, all topics share all segments alike."""
    k = len(words)
    given = np.full((len(pooled), k), 1 / k) if shares is None else np.asarray(shares, float)
    return TopicModel(kind, k, 0, pooled.terms, np.asarray(words, float), given, np.full(k, 0.1), ("",) * k)
