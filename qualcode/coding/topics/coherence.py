"""How well the top words of a topic go together in the talk: NPMI, with an interval from drawing the talk anew.

For two words with probabilities p(a), p(b) of being in a segment and p(a, b) of being in one together

    NPMI = ln((p(a, b) + ε) / (p(a) p(b))) / −ln(p(a, b) + ε),   ε = 10⁻¹²,

the mean over all pairs of a topic's top ten words (Bouma 2009; Aletras & Stevenson 2013; Röder, Both & Hinneburg 2015).
A pair that never meets counts as nearly −1 thanks to ε, it is not skipped. It is computed by gensim's
``CoherenceModel`` with ``coherence="c_npmi"`` named (its default, c_v, is no longer advised by its author); a segment
is one window, because segments are pooled to the width of one. What has no value there (a topic of one word; two words
that are both in every segment) is NaN here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.model import TOP, Pooled, TopicModel

__all__ = ["Coherence", "npmi", "npmi_interval"]

Array = npt.NDArray[Any]

EPSILON = 1e-12
REPLICATES = 500
FEWEST_DOCUMENTS = 5
"""With so many documents, documents are drawn; with fewer, segments."""


@dataclass(frozen=True, slots=True)
class Coherence:
    """Mean NPMI of one model or of several, with an interval.

    Attributes:
        value: mean over topics (and models), ``None`` where no topic has one.
        low, high: value ∓ z times the standard deviation over the draws; ``None`` where there is too little to draw
            from.
        drawn: what was drawn anew: ``documents`` or ``segments``.
    """

    value: float | None
    low: float | None
    high: float | None
    drawn: str


def npmi(model: TopicModel, pooled: Pooled, *, n: int = TOP) -> Array:
    """Return the NPMI of each topic's ``n`` top words over the pooled talk (k, float64), NaN where it has no value."""
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    top = model.top_columns(n)
    if top.shape[1] < 2:
        return np.full(model.k, np.nan)
    used, inverse = np.unique(top, return_inverse=True)
    at: Array = inverse.reshape(top.shape)
    there = pooled.counts[:, used].tocsr()
    names = [pooled.terms[column] for column in used.tolist()]
    dictionary = Dictionary()  # made of the terms: nothing is tokenised
    dictionary.token2id = {name: number for number, name in enumerate(names)}
    dictionary.id2token = dict(enumerate(names))
    spelt: list[str] = np.asarray(names, object)[there.indices].tolist()
    edges = there.indptr.tolist()
    texts = [spelt[first:last] for first, last in pairwise(edges)]
    measured = CoherenceModel(
        topics=[[names[number] for number in row] for row in at.tolist()],
        texts=texts,
        dictionary=dictionary,
        coherence="c_npmi",
        topn=top.shape[1],
        window_size=1 + max(len(text) for text in texts),
        processes=1,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(measured.get_coherence_per_topic(), np.float64)
    everywhere = np.bincount(there.indices, minlength=len(used)) == len(pooled)
    found[(everywhere[at].sum(axis=1) > 1) | ~np.isfinite(found)] = np.nan
    return found


def npmi_interval(
    models: Sequence[TopicModel],
    pooled: Pooled,
    *,
    seed: int = 0,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
) -> Coherence:
    """Return the mean NPMI over the topics of the models, with an interval.

    The talk is drawn anew: whole documents when there are at least five, else segments. The topics stay what they are,
    so the interval says how sure the coherence of these word lists is, not how another fit would do. The spread of the
    draws is
    used, not their percentiles: a drawn corpus has fewer different segments, so that pairs which meet once often do not
    meet at all, and every draw lies below the value.

    Args:
        models: fitted on ``pooled``, such as one for each seed.
        pooled: the talk.
        seed: of the draws.
        confidence: such as 0.95.
        replicates: how often the talk is drawn.
    """
    values = np.concatenate([npmi(model, pooled) for model in models])
    values = values[~np.isnan(values)]
    value = float(values.mean()) if len(values) else None
    documents = np.unique(pooled.document)
    by_document = len(documents) >= FEWEST_DOCUMENTS
    drawn = "documents" if by_document else "segments"
    if value is None or len(pooled) < FEWEST_DOCUMENTS:
        return Coherence(value, None, None, drawn)
    unit = np.searchsorted(documents, pooled.document) if by_document else np.arange(len(pooled))
    random = np.random.default_rng(seed)
    n_units = int(unit[-1]) + 1 if not by_document else len(documents)
    weights = random.multinomial(n_units, np.full(n_units, 1 / n_units), size=replicates).astype(np.float64)
    means = [_drawn(model, pooled, unit, weights) for model in models]
    with np.errstate(invalid="ignore"):
        mean = np.mean(means, axis=0)
    mean = mean[np.isfinite(mean)]
    if len(mean) < 2:
        return Coherence(value, None, None, drawn)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * float(mean.std(ddof=1))
    return Coherence(value, max(-1.0, value - reach), min(1.0, value + reach), drawn)


def _drawn(model: TopicModel, pooled: Pooled, unit: Array, weights: Array) -> Array:
    """Return the mean NPMI for each draw (replicates): the same figures as :func:`npmi`, from counts of pairs."""
    from scipy.sparse import csr_array

    top = model.top_columns()
    there = (pooled.counts > 0).astype(np.float64).tocsc()
    n_units = weights.shape[1]
    gather = csr_array((np.ones(len(unit)), (unit, np.arange(len(unit)))), shape=(n_units, len(unit)))
    total = weights @ np.asarray(gather.sum(axis=1)).ravel()
    found = []
    for columns in top:
        own = there[:, columns]
        pairs = np.asarray(list(combinations(range(len(columns)), 2)), np.int64).reshape(-1, 2)
        both = own[:, pairs[:, 0]].multiply(own[:, pairs[:, 1]])
        single = weights @ (gather @ own).toarray() / total[:, None]
        joint = weights @ (gather @ both).toarray() / total[:, None]
        product = single[:, pairs[:, 0]] * single[:, pairs[:, 1]]
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log((joint + EPSILON) / product) / -np.log(joint + EPSILON)
        usable = (product > 0) & (joint < 1)  # a word that no drawn segment has says nothing of the pair
        n = usable.sum(axis=1)
        found.append(np.where(n > 0, np.where(usable, value, 0).sum(axis=1) / np.maximum(n, 1), np.nan))
    values = np.asarray(found)
    known = ~np.isnan(values)
    n_known = known.sum(axis=0)
    return np.where(n_known > 0, np.where(known, values, 0).sum(axis=0) / np.maximum(n_known, 1), np.nan)
