"""Non-negative matrix factorisation of TF-IDF, the instant view: X ≈ WH with segments × topics and topics × terms.

Without seeds it begins from a singular value decomposition (nndsvda) and has no chance in it. With seeds it is guided
(Vendrow, Haddock, Rebrova & Needell 2021, "On a guided nonnegative matrix factorization"): below the segments stands a
row for each seed group, as heavy as its weight says, that its own topic alone may explain. Seed words are zero in the
topics of other groups at the start, and multiplicative updates leave zeros as they are.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.lda import Fitted
from qualcode.coding.topics.model import Pooled
from qualcode.coding.topics.seeding import Plan

__all__ = ["by_nmf", "weighted"]

Array = npt.NDArray[Any]

ROUNDS = 200
TINY, TOLERANCE = 1e-12, 1e-4
PRIOR = 0.1
"""α of a topic in a segment, for shares in talk that the model was not fitted on."""


def weighted(counts: Any) -> Any:
    """Return TF-IDF of counts (CSR): (1 + ln tf) · (ln((1 + n) / (1 + df)) + 1), each segment of length 1."""
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer(sublinear_tf=True).fit_transform(counts.astype(np.float64))


def by_nmf(
    pooled: Pooled, k: int, *, seed: int, plan: Plan, weights: Sequence[float], rounds: int | None,
    sample: Array | None = None,
) -> Fitted:  # fmt: skip
    """Return a factorisation.

    Args:
        pooled: the talk.
        k: number of topics.
        seed: of the decomposition that it begins from.
        plan: the seed words; ``weights``: of each group, from 0 up to 1.
        rounds: at most so many rounds of updates.
        sample: segments that topics are found in; all have shares. ``None`` for all.
    """
    import sklearn
    from sklearn.decomposition import NMF, non_negative_factorization
    from sklearn.exceptions import ConvergenceWarning

    most = ROUNDS if rounds is None else rounds
    full = weighted(pooled.counts)
    matrix = full if sample is None else full[sample]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 200 rounds are enough to read topics from
        if plan.codes:
            topics, own = _guided(matrix, k, seed, plan, weights, most)
        else:
            model = NMF(n_components=k, init="nndsvda", random_state=seed, max_iter=most)
            own, topics = model.fit_transform(matrix), model.components_
        if sample is not None:
            own, _, _ = non_negative_factorization(
                full, H=topics, n_components=k, init="custom", update_H=False, max_iter=most
            )
    size = topics.sum(axis=1)
    words = np.where(size[:, None] > 0, topics / np.where(size > 0, size, 1)[:, None], 1 / topics.shape[1])
    scaled = own * size
    total = scaled.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, scaled / np.where(total > 0, total, 1), 1 / k)
    mass = np.asarray(pooled.counts.sum(axis=1)).ravel() @ shares
    settings: dict[str, str | int | float] = {
        "library": f"scikit-learn {sklearn.__version__}",
        "rounds": most,
        "weighting": "tf-idf",
    }
    return Fitted(words, mass, np.full(k, PRIOR), settings, shares)


def _guided(matrix: Any, k: int, seed: int, plan: Plan, weights: Sequence[float], most: int) -> tuple[Array, Array]:
    """Return H and the segments' W of the factorisation with a row for each seed group."""
    from scipy.sparse import csr_array, vstack

    n, terms = matrix.shape
    groups = len(plan.codes)
    # A group's row weighs as much as its odds say of what an even share of the segments does.
    lengths = [np.sqrt(weight / (1 - weight) * n / k) for weight in weights]
    rows = np.repeat(np.arange(groups), [len(columns) for columns in plan.columns])
    columns = np.asarray([column for each in plan.columns for column in each], np.int64)
    values = np.asarray(
        [length / np.sqrt(len(each)) for each, length in zip(plan.columns, lengths, strict=True) for _ in each]
    )
    stacked = vstack([matrix, csr_array((values, (rows, columns)), shape=(groups, terms))], format="csr")

    random = np.random.default_rng(seed)
    scale = np.sqrt(matrix.mean() / k)
    topics = scale * (0.5 + random.random((k, terms)))
    own = scale * (0.5 + random.random((n + groups, k)))
    seeded = np.unique(columns)
    topics[:groups, seeded] = 0
    for topic, each in enumerate(plan.columns):
        topics[topic, list(each)] = 20 * scale
    for topic, each in enumerate(plan.banned):
        topics[topic, list(each)] = 0
    own[n:] = 0
    own[np.arange(n, n + groups), np.arange(groups)] = lengths
    own, topics = _updated(stacked, own, topics, most)
    return topics, own[:n]


def _updated(matrix: Any, own: Array, topics: Array, most: int) -> tuple[Array, Array]:
    """Return W and H after multiplicative updates (Lee & Seung 2001), until ten rounds gain less than TOLERANCE.

    scikit-learn's solver divides by what has become next to nothing and makes NaN of it where there are about as many
    topics as segments; here what is next to nothing is nothing.
    """
    turned = matrix.T.tocsr()
    total = float(matrix.multiply(matrix).sum())
    first = last = _error(matrix, own, topics, total)
    for number in range(1, most + 1):
        own *= (matrix @ topics.T) / (own @ (topics @ topics.T) + TINY)
        own[own < TINY] = 0
        topics *= (turned @ own).T / ((own.T @ own) @ topics + TINY)
        topics[topics < TINY] = 0
        if number % 10 == 0:
            error = _error(matrix, own, topics, total)
            if last - error < TOLERANCE * first:
                break
            last = error
    return own, topics


def _error(matrix: Any, own: Array, topics: Array, total: float) -> float:
    """Return ‖X − WH‖ without making WH."""
    crossed = float(((matrix @ topics.T) * own).sum())
    return float(np.sqrt(max(total - 2 * crossed + float(((own.T @ own) * (topics @ topics.T)).sum()), 0.0)))
