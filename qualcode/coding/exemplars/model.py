"""Kernel ridge regression on similarities: each example pulls to its codes or pushes away, with a weight learnt.

The score of a text for a code is Σᵢ aᵢ · sim(text, exampleᵢ). The weights *a* solve (K + λI) a = y, where K holds
the similarities of the examples to one another and y is 1 where an example is the code and 0 where it is not
(Saunders, Gammerman and Vovk 1998). So an example that is like those of a code, and is none of it (a near miss, talk
that carries nothing, an example of a neighbouring code), gets a negative weight.

The similarity is that of words, and with sentence vectors (1 − w) times that of words plus w times that of meanings
(:func:`~qualcode.coding.features.meaning.likeness`): a sum of two kernels is a kernel, so all else stays as it is.

Thresholds are found on talk made of examples, each hand's by what was learnt from all others. That follows from the
same inverse, without learning again: with G = (K + λI)⁻¹ and a hand's rows h, the weights without it are
a − G_·h G_hh⁻¹ a_h (block inversion; Pahikkala, Boberg and Salakoski 2006).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Encoder
from qualcode.coding.exemplars.material import Exemplar
from qualcode.coding.exemplars.talk import strung
from qualcode.coding.features.context import see
from qualcode.coding.features.counts import Vocabulary, count_units
from qualcode.coding.features.meaning import likeness, meant, unit_texts
from qualcode.coding.features.texts import index_of
from qualcode.model.codes import Unit

__all__ = ["Model", "View", "best_cut", "learn"]

Array = npt.NDArray[Any]

RIDGE = 0.8
"""λ: how far a single example is trusted. Found by leaving hands out (docs/quality.md)."""
RIDGE_MEANT = 0.4
"""The same where sentence vectors count."""
STEP = 4_000
"""For so many units at a time the likeness of their vectors to all examples is in memory."""
SHRINK = 100.0
"""A code's threshold is drawn to that of all codes as if so many of its examples spoke for that one."""
LOWEST, HIGHEST = 0.1, 0.45
"""Limits of thresholds. A copy of an example scores 1 / (1 + λ) = 0.56 even if nothing else is like it."""
UNSEEN = 0.25
"""The threshold when there are too few examples to find one."""
ENOUGH = 30
"""Held-out examples with a code that are needed to find thresholds."""


@dataclass(frozen=True, slots=True)
class View:
    """What is scored, and what the words around it count for."""

    unit: Unit
    neighbours: float
    question: float


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt from examples.

    Attributes:
        codes: ids of the codes, one for each column.
        exemplars: the examples, one for each row; ``vectors`` are theirs (CSR, float32).
        pull: the weight of each example for each code (float32): positive towards it, negative away.
        weights: what each feature adds to the score of each code (features × codes, float32).
        thresholds: the score from which a code is suggested.
        slope, offset: the share of right suggestions among those with score s is about
            1 / (1 + exp(−(slope · (s − threshold) + offset))) (Platt 1999).
        targets: whether each example is the code.
        meanings: sentence vectors of the examples (float32), ``None`` where they do not count.
        meaning: what those count for in a similarity; ``weights`` hold what is left for words.
    """

    codes: tuple[str, ...]
    exemplars: tuple[Exemplar, ...]
    vocabulary: Vocabulary
    vectors: Any
    pull: Array
    weights: Array
    thresholds: Array
    slope: float
    offset: float
    targets: Array
    meanings: Array | None = None
    meaning: float = 0.0

    def scores(self, vectors: Any, meanings: Array | None = None) -> Array:
        """Return the score of each row for each code (float32).

        Args:
            vectors: of words.
            meanings: sentence vectors of the same rows; needed by a model that was learnt with some.
        """
        words = np.asarray(vectors @ self.weights)
        if self.meanings is None:
            return words
        return words + self.meaning * _from_meanings(_given(meanings), self.meanings, self.pull)

    def similarity(self, vectors: Any, meanings: Array | None = None) -> Array:
        """Return how alike each row is to each example (rows × examples, float32); all of it is in memory."""
        words = (vectors @ self.vectors.T).toarray()
        if self.meanings is None:
            return np.asarray(words)
        return np.asarray((1 - self.meaning) * words + self.meaning * likeness(_given(meanings), self.meanings))

    def share(self, scores: Array) -> Array:
        """Return scores as values from 0 to 1: the share of such suggestions that is right among examples."""
        return 1 / (1 + np.exp(-np.clip(self.slope * (scores - self.thresholds) + self.offset, -30, 30)))


def _given(meanings: Array | None) -> Array:
    if meanings is None:
        raise ValueError("this model was learnt with sentence vectors, and needs those of what it scores")
    return meanings


def _from_meanings(meanings: Array, of: Array, pull: Array) -> Array:
    """Return what the meaning of each row adds to its scores (rows × codes, float32)."""
    parts = [likeness(meanings[at : at + STEP], of) @ pull for at in range(0, len(meanings), STEP)]
    return np.concatenate(parts) if parts else np.empty((0, pull.shape[1]), np.float32)


def learn(
    exemplars: Sequence[Exemplar], codes: Sequence[str], view: View, encoder: Encoder | None = None,
    meaning: float = 0.0,
) -> Model:  # fmt: skip
    """Return what is learnt from examples for these codes; without any example every score is 0.

    Args:
        exemplars: the examples.
        codes: ids of the codes.
        view: what will be scored.
        encoder: makes sentence vectors; ``None`` where words alone count.
        meaning: what sentence vectors count for in a similarity, from 0 (then none is made) to 1; words have the rest.
    """
    shards = index_of([each.text for each in exemplars]).shards
    if not exemplars or not shards:
        return _nothing(tuple(codes))
    counts, vocabulary = count_units(shards[0], "turn")
    vectors = vocabulary.vectors(counts.words, counts.letters, counts.unknown)
    vectors.resize((len(exemplars), vectors.shape[1]))  # texts without a word at the end have no row
    targets = np.asarray([[code in each.codes for code in codes] for each in exemplars], bool)
    kernel = (vectors @ vectors.T).toarray()
    sense = None
    if encoder is not None and meaning > 0:
        meanings = encoder.encode(unit_texts(shards[0], "turn", len(exemplars)))
        sense = _Sense(encoder, meanings, meaning)
        kernel = (1 - meaning) * kernel + meaning * likeness(meanings, meanings)
    inverse = _inverse(kernel, RIDGE if sense is None else RIDGE_MEANT)
    pull = inverse @ targets
    hands: dict[str, list[int]] = {}
    for row, each in enumerate(exemplars):
        if each.known:
            hands.setdefault(each.hand, []).append(row)
    if len(hands) > 1:
        scores, right = _tried(exemplars, targets, vectors, inverse, pull, vocabulary, hands, view, sense)
    else:
        scores = targets - pull / np.diag(inverse)[:, None]  # each by all others
        right = targets
    thresholds = _thresholds(scores, right)
    slope, offset = _calibration(scores - thresholds, right)
    weights = vectors.T @ pull if sense is None else (1 - meaning) * (vectors.T @ pull)
    return Model(
        tuple(codes), tuple(exemplars), vocabulary, vectors, pull.astype(np.float32),
        np.asarray(weights, np.float32), thresholds, slope, offset, targets,
        None if sense is None else sense.meanings, 0.0 if sense is None else meaning,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sense:
    """What makes sentence vectors, those of the examples, and what they count for."""

    encoder: Encoder
    meanings: Array
    meaning: float


def _inverse(kernel: Array, ridge: float) -> Array:
    """Return (K + λI)⁻¹, in single precision: its eigenvalues lie between 1/λ and 1/(λ + n)."""
    from scipy.linalg.lapack import spotrf, spotri

    kernel[np.diag_indices_from(kernel)] += ridge
    factor, _ = spotrf(kernel.astype(np.float32), lower=True, overwrite_a=True)
    inverse, _ = spotri(factor, lower=True, overwrite_c=True)
    inverse = np.tril(inverse)
    return np.asarray(inverse + np.tril(inverse, -1).T)


def _nothing(codes: tuple[str, ...]) -> Model:
    from scipy.sparse import csr_array

    none = np.empty(0, np.float32)
    vocabulary = Vocabulary({}, np.empty(0, np.int64), {}, none, none)
    empty = np.empty((0, len(codes)), np.float32)
    return Model(codes, (), vocabulary, csr_array((0, 0), dtype=np.float32), empty, empty,
                 np.full(len(codes), UNSEEN), 8.0, 0.0, empty.astype(bool))  # fmt: skip


def _tried(
    exemplars: Sequence[Exemplar], targets: Array, vectors: Any, inverse: Array, pull: Array, vocabulary: Vocabulary,
    hands: Mapping[str, list[int]], view: View, sense: _Sense | None,
) -> tuple[Array, Array]:  # fmt: skip
    """Return scores of passages in talk by what was learnt from all other hands, and which are right.

    Each hand's passages are strung to turns; a passage's score is that of its best unit.
    """
    scores: list[Array] = []
    right: list[Array] = []
    for hand, rows in hands.items():
        talk = strung([exemplars[row] for row in rows], hand, single=view.unit != "sentence")
        if not talk.rows:
            continue
        shard = talk.index.shards[0]
        seen = see(shard, view.unit, vocabulary, left_out=("interviewer",),
                   neighbours=view.neighbours, question=view.question)  # fmt: skip
        lost = inverse[:, rows] @ np.linalg.solve(inverse[np.ix_(rows, rows)], pull[rows])
        left = pull - lost
        by_unit = seen.vectors @ (vectors.T @ left)
        if sense is not None:
            own = meant(shard, view.unit, seen, sense.encoder, neighbours=view.neighbours, question=view.question)
            alike = _from_meanings(own.vectors, sense.meanings, left)
            by_unit = (1 - sense.meaning) * by_unit + sense.meaning * alike
        first = seen.counts.tokens[np.searchsorted(seen.counts.unit, seen.units)]
        passage = np.searchsorted(np.asarray(talk.starts), shard.token_start[first], side="right") - 1
        best = np.full((len(talk.rows), targets.shape[1]), -1.0)
        np.maximum.at(best, passage, by_unit)
        scores.append(best)
        right.append(targets[[rows[number] for number in talk.rows]])
    return np.concatenate(scores), np.concatenate(right)


def best_cut(scores: Array, right: Array) -> tuple[float, float]:
    """Return the cut at which taking all scores from it up has the best F1, and that F1; (NaN, 0) if none is right.

    The cut lies half way to the next lower score.
    """
    if not right.any():
        return float("nan"), 0.0
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    correct = np.cumsum(right[order])
    f1 = 2 * correct / (np.arange(1, len(ranked) + 1) + right.sum())
    ends = np.append(ranked[1:] < ranked[:-1], True)  # equal scores are taken together
    best = int(np.argmax(np.where(ends, f1, -1)))
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best]
    return float((ranked[best] + below) / 2), float(f1[best])


def _thresholds(scores: Array, right: Array) -> Array:
    n_codes = right.shape[1]
    if right.sum() < ENOUGH:
        return np.full(n_codes, UNSEEN)
    whole, _ = best_cut(scores.ravel(), right.ravel())
    found = np.full(n_codes, whole)
    for code in range(n_codes):
        n = int(right[:, code].sum())
        if n:
            own, _ = best_cut(scores[:, code], right[:, code])
            found[code] = (n * own + SHRINK * whole) / (n + SHRINK)
    return np.asarray(np.clip(found, LOWEST, HIGHEST))


def _calibration(margins: Array, right: Array) -> tuple[float, float]:
    """Return slope and offset of the logistic curve through (margin, right), by Newton's method."""
    if right.sum() < ENOUGH:
        return 8.0, 0.0
    x, y = margins.ravel(), right.ravel().astype(np.float64)
    design = np.column_stack([x, np.ones_like(x)])
    beta = np.array([8.0, 0.0])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        step = np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]) + 1e-6 * np.eye(2), design.T @ (y - p))
        beta = beta + step
        if np.abs(step).max() < 1e-6:
            break
    return float(beta[0]), float(beta[1])
