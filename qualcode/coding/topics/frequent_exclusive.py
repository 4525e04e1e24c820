"""How much the top words of a topic are its own: FREX, the harmonic mean of how frequent and how exclusive they are.

    FREX_kw = (ω / ECDF(φ_kw / Σ_j φ_jw) + (1 − ω) / ECDF(φ_kw))⁻¹

with both ECDFs over the words of topic k (Bischof & Airoldi 2012, "Summarizing topical content with word frequency and
exclusivity"), ω = 0.7 as in the R package stm. A topic's exclusivity is the mean FREX of its ten most probable words;
stm's ``exclusivity`` prints the sum, ten times as much.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.model import TOP, TopicModel

__all__ = ["OMEGA", "exclusivity", "frex"]

Array = npt.NDArray[Any]

OMEGA = 0.7


def frex(words: Array, *, weight: float = OMEGA) -> Array:
    """Return the FREX of each term in each topic (k × terms, above 0 and at most 1).

    Args:
        words: probability of each term in each topic (k × terms).
        weight: ω, what exclusivity counts for; frequency has the rest.
    """
    from scipy.stats import rankdata

    total = words.sum(axis=0)
    share = words / np.where(total > 0, total, 1)
    n = words.shape[1]
    exclusive = rankdata(share, axis=1) / n
    frequent = rankdata(words, axis=1) / n
    return np.asarray(1 / (weight / exclusive + (1 - weight) / frequent))


def exclusivity(model: TopicModel, *, weight: float = OMEGA, n: int = TOP) -> Array:
    """Return the mean FREX of each topic's ``n`` most probable words (k, above 0 and at most 1)."""
    return np.asarray(np.take_along_axis(frex(model.words, weight=weight), model.top_columns(n), axis=1).mean(axis=1))
