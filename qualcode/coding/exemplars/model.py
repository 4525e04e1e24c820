"""Kernel ridge regression on similarities: each example pulls to its codes or pushes away, with a weight learnt.

The score of a text for a code is Σᵢ aᵢ · sim(text, exampleᵢ). The weights *a* solve (K + λI) a = y, where K holds
the similarities of the examples to one another and y is 1 where an example is the code and 0 where it is not
(Saunders, Gammerman and Vovk 1998). So an example that is like those of a code, and is none of it (a near miss, talk
that carries nothing, an example of a neighbouring code), gets a negative weight.

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

from qualcode.coding.exemplars.material import Exemplar
from qualcode.coding.exemplars.talk import strung
from qualcode.coding.features.context import see
from qualcode.coding.features.counts import Vocabulary, count_units
from qualcode.coding.features.texts import index_of
from qualcode.model.codes import Unit

__all__ = ["Model", "View", "best_cut", "learn"]

Array = npt.NDArray[Any]

RIDGE = 0.8
"""λ: how far a single example is trusted. Found by leaving hands out (docs/quality.md)."""
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

    def scores(self, vectors: Any) -> Array:
        """Return the score of each row for each code (float32)."""
        return np.asarray(vectors @ self.weights)

    def share(self, scores: Array) -> Array:
        """Return scores as values from 0 to 1: the share of such suggestions that is right among examples."""
        return 1 / (1 + np.exp(-np.clip(self.slope * (scores - self.thresholds) + self.offset, -30, 30)))


def learn(exemplars: Sequence[Exemplar], codes: Sequence[str], view: View) -> Model:
    """Return what is learnt from examples for these codes; without any example every score is 0."""
    shards = index_of([each.text for each in exemplars]).shards
    if not exemplars or not shards:
        return _nothing(tuple(codes))
    counts, vocabulary = count_units(shards[0], "turn")
    vectors = vocabulary.vectors(counts.words, counts.letters, counts.unknown)
    vectors.resize((len(exemplars), vectors.shape[1]))  # texts without a word at the end have no row
    targets = np.asarray([[code in each.codes for code in codes] for each in exemplars], bool)
    inverse = _inverse((vectors @ vectors.T).toarray())
    pull = inverse @ targets
    hands: dict[str, list[int]] = {}
    for row, each in enumerate(exemplars):
        if each.known:
            hands.setdefault(each.hand, []).append(row)
    if len(hands) > 1:
        scores, right = _tried(exemplars, targets, vectors, inverse, pull, vocabulary, hands, view)
    else:
        scores = targets - pull / np.diag(inverse)[:, None]  # each by all others
        right = targets
    thresholds = _thresholds(scores, right)
    slope, offset = _calibration(scores - thresholds, right)
    return Model(
        tuple(codes), tuple(exemplars), vocabulary, vectors, pull.astype(np.float32),
        np.asarray(vectors.T @ pull, np.float32), thresholds, slope, offset, targets,
    )  # fmt: skip


def _inverse(kernel: Array) -> Array:
    """Return (K + λI)⁻¹, in single precision: its eigenvalues lie between 1/λ and 1/(λ + n)."""
    from scipy.linalg.lapack import spotrf, spotri

    kernel[np.diag_indices_from(kernel)] += RIDGE
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
    hands: Mapping[str, list[int]], view: View,
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
        by_unit = seen.vectors @ (vectors.T @ (pull - lost))
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
