"""Why a passage was suggested: the examples that pulled most, and the words that counted most.

Words count by what they add to the score, which is a sum over them as far as it comes from words. Where nothing of it
does, and sentence vectors speak alone, a word counts by how far the score falls when it is left out (Li, Monroe and
Jurafsky 2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Encoder
from qualcode.coding.exemplars.model import Model
from qualcode.coding.features.counts import LETTER_SHARE, UnitCounts
from qualcode.coding.features.meaning import likeness
from qualcode.text.shard import Shard

__all__ = ["MOST_EXAMPLES", "MOST_WORDS", "WordWorth", "nearest", "words_missed"]

Array = npt.NDArray[Any]

MOST_EXAMPLES = 3
"""So many examples are named as the reason of a suggestion."""
MOST_WORDS = 4
"""So many words of a passage are shown as its evidence."""


def nearest(model: Model, similarity: Array, code: int) -> list[int]:
    """Return the examples of a code that pull a passage most, strongest first.

    An example's pull is its similarity to the passage times its weight for the code.

    Args:
        model: what was learnt.
        similarity: of the passage to each example.
        code: the code's column.
    """
    pull = np.where(model.targets[:, code], similarity * model.pull[:, code], 0.0)
    order = np.argsort(-pull, kind="stable")[:MOST_EXAMPLES]
    return [int(row) for row in order if pull[row] > 0]


@dataclass(frozen=True, slots=True)
class WordWorth:
    """What the words of a shard add to scores, near enough to say which of them counted.

    Attributes:
        weights: what each lemma and pair adds to each code once (features × codes).
        letters: what the letters of each type add (types × codes).
        types: the type of each of ``counts.tokens``.
    """

    counts: UnitCounts
    weights: Array
    letters: Array
    types: Array

    @classmethod
    def of(cls, model: Model, shard: Shard, counts: UnitCounts, units: Array) -> WordWorth:
        """Return the worth of a shard's words; ``units`` are those whose usual length scales it."""
        vocabulary = model.vocabulary
        n = len(vocabulary.rarity)
        halves = []
        for weights, rarity, matrix, part in (
            (model.weights[:n], vocabulary.rarity, counts.words, 1 - LETTER_SHARE),
            (model.weights[n:], vocabulary.letter_rarity, counts.letters, LETTER_SHARE),
        ):
            halves.append(weights * (rarity * np.sqrt(part) / _usual_length(matrix[units], rarity))[:, None])
        return cls(counts, halves[0], np.asarray(counts.letters_of_type @ halves[1]), shard.token_type[counts.tokens])

    def words_that_count(self, rows: slice, code: int) -> Array:
        """Return the tokens (rows of the shard, ascending) of a passage that add most to its score for a code.

        A word adds what its lemma and its letters do, and half of what the pairs do that it stands in.

        Args:
            rows: which of ``counts.tokens`` the passage has.
            code: the code's column.
        """
        lemma, pair, weights = self.counts.lemma[rows], self.counts.pair[rows], self.weights[:, code]
        added = np.where(lemma >= 0, weights[lemma], 0) + self.letters[self.types[rows], code]
        pairs = np.where(pair >= 0, weights[pair], 0) / 2
        added = added + pairs
        added[1:] += pairs[:-1]
        best = np.argsort(-added, kind="stable")[:MOST_WORDS]
        return np.sort(self.counts.tokens[rows][best[added[best] > 0]])


def _usual_length(counts: Any, rarity: Array) -> float:
    """Return the median length of vectors before they are scaled to 1."""
    weighted = counts.copy()
    weighted.data = weighted.data * rarity[weighted.indices]
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    lengths = lengths[lengths > 0]
    return float(np.median(lengths)) if len(lengths) else 1.0


def words_missed(model: Model, shard: Shard, encoder: Encoder, passages: Sequence[tuple[Array, int]]) -> list[Array]:
    """Return for each passage the words without which its sentence vector would score less, most missed first chosen.

    Args:
        model: a model that was learnt with sentence vectors.
        shard: the shard.
        encoder: makes the vectors.
        passages: the tokens that are a passage's words (rows of the shard, ascending), and the column of its code.

    Returns:
        At most :data:`MOST_WORDS` tokens of each (ascending).
    """
    forms = shard.types.texts
    texts: list[str] = []
    for tokens, _ in passages:
        words = [forms[kind] for kind in shard.token_type[tokens].tolist()]
        texts.append(" ".join(words))
        texts += [" ".join(words[:at] + words[at + 1 :]) for at in range(len(words))]
    vectors = encoder.encode(texts)
    found: list[Array] = []
    at = 0
    for tokens, code in passages:
        own = vectors[at : at + 1 + len(tokens)]
        at += len(own)
        scores = likeness(own, _meanings(model)) @ model.pull[:, code]
        lost = scores[0] - scores[1:]
        best = np.argsort(-lost, kind="stable")[:MOST_WORDS]
        found.append(np.sort(tokens[best[lost[best] > 0]]))
    return found


def _meanings(model: Model) -> Array:
    if model.meanings is None:
        raise ValueError("this model was learnt without sentence vectors")
    return model.meanings
