"""Whether topics come again when only chance differs: models matched topic by topic, and how alike the matches are.

Topics of two models are matched one to one so that the cosines of their word probabilities have the greatest sum
(Hungarian method). Beside the cosines stand the Jaccard index of the matched topics' top ten words and the adjusted
Rand index of the segments' main topics, which needs no matching. A topic whose mean cosine is below 0.5 is called not
reproducible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.model import TopicModel
from qualcode.errors import CodingError

__all__ = ["REPRODUCIBLE", "Stability", "match_topics", "stability"]

Array = npt.NDArray[Any]

REPRODUCIBLE = 0.5


@dataclass(frozen=True, slots=True)
class Stability:
    """How alike models are that differ in their seed.

    Attributes:
        mean: mean cosine of matched topics, over all pairs of models.
        worst: the least of ``by_topic``.
        by_topic: for each topic of the first model its mean cosine with its match in every other model.
        jaccard: mean Jaccard index of the top ten words of matched topics, over all pairs of models.
        labels: mean adjusted Rand index of the segments' main topics, over all pairs of models.
    """

    mean: float
    worst: float
    by_topic: tuple[float, ...]
    jaccard: float
    labels: float

    @property
    def not_reproducible(self) -> tuple[int, ...]:
        """Topics of the first model whose mean cosine is below 0.5."""
        return tuple(topic for topic, value in enumerate(self.by_topic) if value < REPRODUCIBLE)


def match_topics(first: Array, second: Array) -> tuple[Array, Array]:
    """Return for each topic of ``first`` its match in ``second`` and the cosine of the two.

    Args:
        first: probability of each term in each topic (k × terms).
        second: the same for the other model, of as many topics and the same terms.
    """
    from scipy.optimize import linear_sum_assignment

    cosine = _unit(first) @ _unit(second).T
    rows, columns = linear_sum_assignment(-cosine)
    return np.asarray(columns), np.asarray(cosine[rows, columns])


def stability(models: Sequence[TopicModel]) -> Stability:
    """Return how alike models are; they have the same talk and number of topics.

    Raises:
        CodingError: QC-K024 for fewer than two models, or models that cannot be compared.
    """
    from sklearn.metrics import adjusted_rand_score

    if len(models) < 2 or len({(model.k, model.terms, len(model.shares)) for model in models}) > 1:
        raise CodingError("QC-K024", "only models of the same talk with the same number of topics can be matched",
                          hint="Fit two or more with different seeds.")  # fmt: skip
    cosines: list[Array] = []
    overlaps: list[float] = []
    labels: list[float] = []
    with_first: list[Array] = []
    tops = [model.top_columns() for model in models]
    for a, b in combinations(range(len(models)), 2):
        columns, cosine = match_topics(models[a].words, models[b].words)
        cosines.append(cosine)
        overlaps += [_jaccard(own, other) for own, other in zip(tops[a], tops[b][columns], strict=True)]
        labels.append(float(adjusted_rand_score(models[a].main, models[b].main)))
        if a == 0:
            with_first.append(cosine)
    by_topic = np.mean(with_first, axis=0)
    return Stability(
        float(np.mean(cosines)),
        float(by_topic.min()),
        tuple(by_topic.tolist()),
        float(np.mean(overlaps)),
        float(np.mean(labels)),
    )


def _unit(words: Array) -> Array:
    return np.asarray(words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-30))


def _jaccard(first: Array, second: Array) -> float:
    return len(np.intersect1d(first, second)) / len(np.union1d(first, second))
