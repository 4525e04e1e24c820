"""Ridge regression for many codes at once, with what each text would have got from the other folds.

The weights *a* of the texts solve (K + Λ) a = y, where K holds the similarities of the texts and Λ their penalties, λ
divided by a text's weight (Saunders, Gammerman and Vovk 1998). With G = (K + Λ)⁻¹, the score of the texts *h* of a fold
by what is learnt from all others is y_h − G_hh⁻¹ a_h (block inversion; Pahikkala, Boberg and Salakoski 2006), so that
trying out costs no second learning.

A code's texts are those about which somebody said something. Codes that know the same texts are learnt together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["solve"]

Array = npt.NDArray[Any]


def solve(
    kernel: Array, labels: Array, penalties: Array, folds: Array, *, between: Callable[[], None] | None = None
) -> tuple[Array, Array]:
    """Return weights and held-out scores (texts × codes, float64); 0 and NaN where a label is not known.

    Args:
        kernel: similarities (texts × texts, float32).
        labels: texts × codes, NaN where nobody said.
        penalties: of each text.
        folds: number of the fold of each text; texts of fold −1 are in every training part and held out one by one.
        between: called before each group of codes; what it raises stops the work.
    """
    known = ~np.isnan(labels)
    weights = np.zeros(labels.shape)
    held_out = np.full(labels.shape, np.nan)
    patterns, group = np.unique(known, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        if between is not None:
            between()
        rows = np.flatnonzero(patterns[:, number])
        if not len(rows):
            continue
        codes = np.flatnonzero(group.ravel() == number)
        values = labels[np.ix_(rows, codes)].astype(np.float64)
        inverse = _inverse(kernel if len(rows) == len(kernel) else kernel[np.ix_(rows, rows)], penalties[rows])
        found = np.asarray(inverse @ values.astype(np.float32), np.float64)
        weights[np.ix_(rows, codes)] = found
        other = values - found / np.diag(inverse)[:, None]
        for fold in np.unique(folds[rows]).tolist():
            if fold < 0:
                continue
            mine = np.flatnonzero(folds[rows] == fold)
            block = inverse[np.ix_(mine, mine)].astype(np.float64)
            other[mine] = values[mine] - np.linalg.solve(block, found[mine])
        held_out[np.ix_(rows, codes)] = other
    return weights, held_out


def _inverse(kernel: Array, penalties: Array) -> Array:
    """Return (K + Λ)⁻¹ in single precision: its condition is at most about n / λ."""
    from scipy.linalg.lapack import spotrf, spotri

    # LAPACK reads columns first: the transpose of a symmetric matrix is the same matrix without a copy.
    matrix = np.array(kernel, np.float32).T
    matrix[np.diag_indices_from(matrix)] += penalties
    factor, failed = spotrf(matrix, lower=True, overwrite_a=True)
    if failed:  # rounding: a firmer diagonal
        matrix = np.array(kernel, np.float32).T
        matrix[np.diag_indices_from(matrix)] += penalties + 1e-3 * len(matrix)
        factor, _ = spotrf(matrix, lower=True, overwrite_a=True)
    inverse, _ = spotri(factor, lower=True, overwrite_c=True)
    inverse = np.tril(inverse)
    return np.asarray(inverse + np.tril(inverse, -1).T)
