"""Passages as rows of numbers: their words, letters and manner, what stands around them, and what else is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.features.forms import FormCounts, FormVocabulary, Placed, count_forms, learn_forms

__all__ = ["Passages", "Rows", "Weights", "Words", "learn_words"]

Array = npt.NDArray[Any]

BIAS = 1.0
"""What any two texts have in common, in the kernel: lets a code be common."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of feature counts for; the words of a passage count for 1."""

    letters: float = 0.7
    manner: float = 0.5
    previous: float = 0.2
    overlap: float = 0.1
    extra: float = 0.2
    vectors: float = 1.0
    rules: float = 0.3


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages and what is known about them.

    Attributes:
        placed: where their words stand.
        size: how many there are.
        around: where the words around them stand, by source; ``share``: what each source counts for, for each passage
            (passages × sources, CSR). ``None``: nothing is known around them.
        vectors: sentence vectors, a row for each passage, rows of length 1 or 0.
        extra: other numbers, a row for each; NaN where not known.
        hits: which codes the codebook's rules find in each (passages × codes, 0 or 1), where they are asked.
    """

    placed: tuple[Placed, ...]
    size: int
    around: tuple[Placed, ...] = ()
    share: Any = None
    vectors: Array | None = None
    extra: Array | None = None
    hits: Array | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Features: ``sparse`` (CSR, float32) beside ``dense`` (float32); together each row has length 1."""

    sparse: Any
    dense: Array

    def __len__(self) -> int:
        return len(self.dense)

    def kernel(self) -> Array:
        """Return the similarities of all rows (float32)."""
        return np.asarray((self.sparse @ self.sparse.T).toarray() + self.dense @ self.dense.T + BIAS, np.float32)

    def times(self, weights: Array) -> Weighed:
        """Return what rows that are weighed so (rows × codes) add up to, feature by feature."""
        return Weighed(
            np.asarray(self.sparse.T @ weights), np.asarray(self.dense.T @ weights), BIAS * weights.sum(axis=0)
        )


@dataclass(frozen=True, slots=True)
class Weighed:
    """What each feature adds to the score of each code: features × codes, and what every text has."""

    sparse: Array
    dense: Array
    bias: Array

    def scores(self, rows: Rows) -> Array:
        """Return scores (rows × codes)."""
        return np.asarray(rows.sparse @ self.sparse + rows.dense @ self.dense + self.bias)


@dataclass(frozen=True, slots=True)
class Words:
    """What passages are looked at for.

    Attributes:
        vocabulary: of the texts learnt from.
        weights: what each kind of feature counts for.
        mean, spread: of the columns of ``extra``; empty when there are none.
        dimensions: of the sentence vectors, 0 for none; ``ruled``: codes that rules were asked for, 0 for none.
    """

    vocabulary: FormVocabulary
    weights: Weights
    mean: Array
    spread: Array
    dimensions: int
    ruled: int = 0

    def rows(self, passages: Passages) -> Rows:
        """Return passages as rows."""
        return self._rows(passages, count_forms(passages.placed, passages.size, self.vocabulary))

    def _rows(self, passages: Passages, counts: FormCounts) -> Rows:
        from scipy.sparse import csr_array, diags_array, hstack

        weights = self.weights
        own = self.vocabulary.sparse(counts, weights.letters)
        dense: list[Array] = [weights.manner * self.vocabulary.dense(counts)]
        singles = len(self.vocabulary.forms)
        around = csr_array((passages.size, singles), dtype=np.float32)
        overlap = np.zeros((passages.size, 2), np.float32)
        if passages.share is not None and weights.previous > 0:
            sources = count_forms(passages.around, passages.share.shape[1], self.vocabulary, longest=1)
            said = csr_array(passages.share @ sources.words[:, :singles])
            around = self.vocabulary.weighted_singles(said)
            overlap = _overlap(csr_array(counts.words[:, :singles]), said, self.vocabulary.weighted_singles)
        dense.append(weights.overlap * overlap)
        if len(self.mean):
            extra = np.zeros((passages.size, len(self.mean)), np.float32)
            if passages.extra is not None:
                extra = np.nan_to_num(np.clip((passages.extra - self.mean) / self.spread, -3, 3))
            dense.append(weights.extra * extra / np.sqrt(len(self.mean)))
        if self.dimensions:
            vectors = passages.vectors
            dense.append(weights.vectors * (np.zeros((passages.size, self.dimensions)) if vectors is None else vectors))
        if self.ruled:
            hits = np.zeros((passages.size, self.ruled)) if passages.hits is None else passages.hits
            dense.append(weights.rules * hits)
        joined = hstack([own, weights.previous * around], format="csr", dtype=np.float32)
        whole = np.concatenate(dense, axis=1).astype(np.float32)
        squares = np.asarray(joined.multiply(joined).sum(axis=1)).ravel() + (whole * whole).sum(axis=1)
        scale = np.divide(1.0, np.sqrt(squares), out=np.zeros(len(squares)), where=squares > 0).astype(np.float32)
        return Rows((diags_array(scale) @ joined).tocsr(), whole * scale[:, None])


def learn_words(passages: Passages, weights: Weights) -> tuple[Words, Rows]:
    """Return what passages are looked at for, as the texts to learn from show it, and these texts as rows."""
    vocabulary, counts = learn_forms(passages.placed, passages.size)
    mean, spread = np.empty(0), np.empty(0)
    if passages.extra is not None and passages.extra.shape[1]:
        known = ~np.isnan(passages.extra)
        n = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, passages.extra, 0).sum(axis=0) / n
        spread = np.sqrt(np.where(known, (passages.extra - mean) ** 2, 0).sum(axis=0) / n)
        spread = np.where(spread > 1e-9, spread, 1.0)
    dimensions = 0 if passages.vectors is None else passages.vectors.shape[1]
    ruled = 0 if passages.hits is None else passages.hits.shape[1]
    words = Words(vocabulary, weights, mean, spread, dimensions, ruled)
    return words, words._rows(passages, counts)


def joined(first: Passages, second: Passages) -> Passages:
    """Return the passages of both, those of the first before those of the second."""
    from scipy.sparse import block_diag, csr_array

    n = first.size
    placed = (*first.placed, *(_moved(each, n) for each in second.placed))
    around, share = first.around, first.share
    if first.share is not None or second.share is not None:
        empty = csr_array
        a = first.share if first.share is not None else empty((first.size, 0), dtype=np.float32)
        b = second.share if second.share is not None else empty((second.size, 0), dtype=np.float32)
        around = (*first.around, *(_moved(each, a.shape[1]) for each in second.around))
        share = csr_array(block_diag([a, b], format="csr"))
    return Passages(
        placed, n + second.size, around, share, _stacked(first.vectors, second.vectors, first.size, second.size, 0.0),
        _stacked(first.extra, second.extra, first.size, second.size, np.nan),
        _stacked(first.hits, second.hits, first.size, second.size, 0.0),
    )  # fmt: skip


def _moved(placed: Placed, by: int) -> Placed:
    return Placed(placed.shard, np.where(placed.row >= 0, placed.row + by, -1))


def _stacked(first: Array | None, second: Array | None, n: int, m: int, fill: float) -> Array | None:
    if first is None and second is None:
        return None
    width = (first if first is not None else second).shape[1]  # type: ignore[union-attr]  # one of them is there
    a = first if first is not None else np.full((n, width), fill)
    b = second if second is not None else np.full((m, width), fill)
    return np.concatenate([a, b])


def _overlap(own: Any, said: Any, weighted: Any) -> Array:
    """Return the share of a passage's words that stand around it too, and the cosine of the two."""
    share = np.asarray(own.multiply(said > 0).sum(axis=1)).ravel() / np.maximum(np.asarray(own.sum(axis=1)).ravel(), 1)
    alike = np.asarray(weighted(own).multiply(weighted(said)).sum(axis=1)).ravel()
    return np.column_stack([share, alike]).astype(np.float32)


def subset(rows: Sequence[int] | Array, placed: tuple[Placed, ...], size: int) -> tuple[Placed, ...]:
    """Return some rows of what is placed, numbered anew in the order given (ascending)."""
    number = np.full(size + 1, -1, np.int64)
    number[np.asarray(rows, np.int64)] = np.arange(len(rows))
    return tuple(Placed(each.shard, number[each.row]) for each in placed)
