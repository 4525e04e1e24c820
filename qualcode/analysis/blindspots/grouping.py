"""k-means on few dimensions, and how far its groups hold when other passages had been said.

k-means is Lloyd's with the starts of k-means++ (Arthur & Vassilvitskii 2007), the best of ten. It is written here
because loading a library for it takes longer than all else that a report does.

Stability is Hennig's (2007, "Cluster-wise assessment of cluster stability", Computational Statistics & Data Analysis
52, 258–271): passages are drawn with replacement, grouped again, and of each group the highest Jaccard coefficient
|A ∩ B| / |A ∪ B| with a new group is taken, over the passages that were drawn; the mean over the samples is its
stability. Under 0.6 a group is not to be trusted, from 0.75 it is a stable pattern.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.analysis.blindspots.space import points

__all__ = ["default_number", "k_means", "stability"]

Array = npt.NDArray[Any]

STARTS = 10
STARTS_AGAIN = 3
"""Of a bootstrap sample: enough, and the samples take most of the time."""
ROUNDS = 100
MOST_GROUPS = 20
"""Nobody reads more of them."""


def default_number(n: int) -> int:
    """Return √(n/2) (Mardia, Kent & Bibby 1979, p. 365) for n passages, at least 2 and at most 20.

    >>> default_number(8), default_number(200), default_number(5000)
    (2, 10, 20)
    """
    return int(min(max(round((n / 2) ** 0.5), 2), MOST_GROUPS))


def k_means(rows: Array, k: int, *, seed: int, starts: int = STARTS) -> Array:
    """Return the number of the group (0 … k−1) of each row. Same rows and seed, same groups.

    Fewer groups come back when there are fewer different rows.
    """
    draw = np.random.default_rng(seed)
    best: tuple[float, Array] | None = None
    for _ in range(starts):
        centres = _begin(rows, k, draw)
        groups = np.full(len(rows), -1)
        for _ in range(ROUNDS):
            far = _distances(rows, centres)
            now = far.argmin(axis=1)
            if (now == groups).all():
                break
            groups = now
            inside = (groups[:, None] == np.arange(len(centres))).astype(np.float64)
            sizes = inside.sum(axis=0)
            held = sizes > 0  # a centre that lost its rows stays where it was
            centres[held] = (inside.T @ rows)[held] / sizes[held, None]
        spread = float(_distances(rows, centres)[np.arange(len(rows)), groups].sum())
        if best is None or spread < best[0] - 1e-9:
            best = (spread, groups)
    assert best is not None  # there is one start or more
    return best[1]


def stability(features: Any, groups: Array, k: int, *, replicates: int, seed: int) -> Array:
    """Return the stability of groups 0 … k−1 (float, 0 to 1; NaN for an empty one, or without replicates).

    Args:
        features: rows that were grouped, as :func:`points` takes them; of each sample the points are made anew.
        groups: the group of each row.
        k: how many groups.
        replicates: samples drawn.
        seed: of chance.
    """
    draw = np.random.default_rng(seed)
    total, times = np.zeros(k), np.zeros(k)
    n = len(groups)
    for number in range(replicates):
        sample = np.sort(draw.integers(n, size=n))
        again = k_means(points(features[sample]), k, seed=seed + number + 1, starts=STARTS_AGAIN)
        drawn, first = np.unique(sample, return_index=True)
        both = np.zeros((k, k))
        np.add.at(both, (groups[drawn], again[first]), 1)
        sizes = both.sum(axis=1)
        union = sizes[:, None] + both.sum(axis=0)[None, :] - both
        jaccard = np.divide(both, union, out=np.zeros_like(both), where=union > 0).max(axis=1)
        total += np.where(sizes > 0, jaccard, 0)
        times += sizes > 0
    return np.asarray(np.divide(total, times, out=np.full(k, np.nan), where=times > 0))


def _begin(rows: Array, k: int, draw: np.random.Generator) -> Array:
    """Return starting centres: rows, each the best of a few drawn by their squared distance to those before."""
    chosen = [int(draw.integers(len(rows)))]
    near = _distances(rows, rows[chosen])[:, 0]
    while len(chosen) < k and near.sum() > 1e-9:
        drawn = draw.choice(len(rows), size=2 + int(np.log(k)), p=near / near.sum())
        left = np.minimum(near[:, None], _distances(rows, rows[drawn]))
        best = int(left.sum(axis=0).argmin())
        chosen.append(int(drawn[best]))
        near = left[:, best]
    return np.asarray(rows[chosen], np.float64).copy()


def _distances(rows: Array, centres: Array) -> Array:
    """Return squared distances (rows × centres)."""
    squares = (rows**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)[None, :]
    return np.asarray(np.maximum(squares - 2 * (rows @ centres.T), 0.0))
