"""Passages as points: TF-IDF of lemmas, sentence vectors beside them where there are any, in few dimensions.

Latent semantic analysis (Deerwester et al. 1990): the first singular vectors of the matrix passages × lemmas, each
passage scaled to length 1. Weights are log₂(1 + tf) · (ln((1 + n) / (1 + df)) + 1) over the untouched passages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["DIMENSIONS", "Weights", "points", "scaled", "weigh"]

Array = npt.NDArray[Any]

DIMENSIONS = 20
MORE, TURNS = 10, 20
"""Directions that are carried along to find the first ones well, and how often they are turned towards them."""
FEWEST = 2
"""A lemma is used when it stands in so many passages …"""
MOST = 0.5
"""… and in at most this share of them. Both, and the number of dimensions, were chosen by planting codes."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Which lemmas are used (columns of the counts) and the weight of each."""

    columns: Array
    rarity: Array

    def of(self, counts: Any) -> Any:
        """Return weighted counts (rows × columns used, CSR), not yet scaled."""
        weighted = counts.tocsr()[:, self.columns].astype(np.float64)
        weighted.data = np.log2(1 + weighted.data) * self.rarity[weighted.indices]
        return weighted


def weigh(counts: Any, *, fewest: int = FEWEST, most: float = MOST) -> Weights:
    """Return the weights of lemmas over passages (passages × lemmas, CSR)."""
    often = np.asarray((counts > 0).sum(axis=0)).ravel()
    n = counts.shape[0]
    columns = np.flatnonzero((often >= fewest) & (often <= max(most * n, fewest)))
    return Weights(columns, np.log((1 + n) / (1 + often[columns])) + 1)


def scaled(rows: Any) -> Any:
    """Return rows (dense or CSR) of length 1; those of zeros stay so."""
    if isinstance(rows, np.ndarray):
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 1e-9)
    from scipy.sparse import diags_array

    norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (diags_array(np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 1e-9)) @ rows).tocsr()


def points(features: Any, dimensions: int = DIMENSIONS) -> Array:
    """Return rows in their first singular directions (rows × at most ``dimensions``), each of length 1.

    The directions are found by subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4) from directions drawn
    with a fixed seed, so the same features give the same points. It is far quicker than an exact decomposition, and
    stability takes one for each sample.
    """
    n = min(features.shape)
    wanted = min(dimensions, n)
    if not wanted:
        return np.zeros((features.shape[0], 0))
    start = np.random.default_rng(0).standard_normal((features.shape[1], min(wanted + MORE, n)))
    basis, _ = np.linalg.qr(features @ start)
    for _ in range(TURNS):
        basis, _ = np.linalg.qr(features @ (features.T @ basis))
    across = features.T @ basis
    _, turned = np.linalg.eigh(across.T @ across)
    sizes = np.linalg.norm(across @ turned, axis=0)
    found: Array = scaled(np.ascontiguousarray((basis @ turned * sizes)[:, ::-1][:, :wanted]))
    return found
