"""A topic's words by relevance: how probable a word is in the topic, and how much more than in all talk.

relevance(w | t, λ) = λ · ln p(w | t) + (1 − λ) · ln (p(w | t) / p(w)), with λ = 0.6 by default, at which people named
topics best (Sievert & Shirley 2014, "LDAvis: A method for visualizing and interpreting topics", section 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qualcode.coding.topics.model import TOP, Pooled, TopicModel
from qualcode.errors import CodingError

__all__ = ["LAMBDA", "RelevantWord", "relevance"]

LAMBDA = 0.6


@dataclass(frozen=True, slots=True)
class RelevantWord:
    """A word of a topic.

    Attributes:
        word: the term (a lemma).
        relevance: natural logarithms, so mostly below 0; only their order means something.
        probability: p(w | t); ``lift``: p(w | t) / p(w).
        occurrences: how often the term occurs in all segments.
        seed: whether it seeded the topic.
    """

    word: str
    relevance: float
    probability: float
    lift: float
    occurrences: int
    seed: bool = False


def relevance(
    model: TopicModel, pooled: Pooled, topic: int, *, weight: float = LAMBDA, n: int = TOP
) -> tuple[RelevantWord, ...]:
    """Return the ``n`` most relevant words of a topic, best first.

    Words that the topic has less than half an occurrence of, by its share of the talk, are left out unless they seeded
    it.

    Args:
        model: the fitted model.
        pooled: the talk it was fitted on.
        topic: number of the topic, from 0.
        weight: λ, from 0 (only what sets the topic apart) to 1 (only how frequent a word is in it).
        n: how many.

    Raises:
        CodingError: QC-K022 for a topic that the model does not have or a weight that is not from 0 to 1.
    """
    if not 0 <= topic < model.k:
        raise CodingError("QC-K022", f"the model has no topic {topic}; it has 0 to {model.k - 1}",
                          hint="Topics are counted from 0.")  # fmt: skip
    if not 0 <= weight <= 1:
        raise CodingError("QC-K022", f"'weight' is {weight!r}, and must be from 0 to 1", hint="0.6 is usual.")
    often = pooled.frequency.astype(np.float64)
    seeds = {word for group in model.groups if group.topic == topic for word in (*group.words, *group.rare)}
    size = float(np.asarray(pooled.counts.sum(axis=1)).ravel() @ model.shares[:, topic])
    expected = model.words[topic] * size
    expected[[pooled.column[word] for word in seeds]] += 1
    there = np.flatnonzero((expected >= 0.5) & (model.words[topic] > 0) & (often > 0))
    probability = model.words[topic, there]
    lift = probability / (often[there] / often.sum())
    values = weight * np.log(probability) + (1 - weight) * np.log(lift)
    return tuple(
        RelevantWord(
            model.terms[there[at]], float(values[at]), float(probability[at]), float(lift[at]), int(often[there[at]]),
            model.terms[there[at]] in seeds,
        )
        for at in np.argsort(-values, kind="stable")[:n].tolist()
    )  # fmt: skip
