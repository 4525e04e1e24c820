"""LDA by tomotopy (collapsed Gibbs sampling) and by gensim (variational Bayes), over terms that are already counted.

Both get the same prior counts, and both return posterior means: (n_kw + η_kw) / Σ_w (n_kw + η_kw). One worker and a
fixed seed: the same input gives the same bytes, on one kind of processor and with one version of the library.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.model import Pooled

__all__ = ["ALPHA", "ETA", "Fitted", "by_gensim", "by_tomotopy", "passes_for", "sweeps_for"]

Array = npt.NDArray[Any]

ALPHA = 0.1
"""Prior of a topic in a segment; tomotopy goes on from it to one for each topic."""
ETA = 0.01
"""Prior of a word in a topic."""
START = 10.0
"""gensim begins with so many times more of a seed word in its own topic than of another word."""
BURN_IN = 10
"""tomotopy leaves α alone for so many sweeps."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a library came to.

    Attributes:
        words: probability of each term in each topic (k × terms).
        mass: words of each topic, prior counts included (k).
        prior: α of each topic (k).
        settings: what it was run with.
        shares: share of each topic in each segment, where the library's own are kept.
        notes: what the reader must know.
    """

    words: Array
    mass: Array
    prior: Array
    settings: dict[str, str | int | float]
    shares: Array | None = None
    notes: tuple[str, ...] = field(default=())


def sweeps_for(pooled: Pooled) -> int:
    """Return how often a Gibbs sampler goes through the talk by default: 50 times, a small study up to 1,000 times."""
    return int(np.clip(8_000_000 // max(1, int(pooled.frequency.sum())), 50, 1000))


def passes_for(pooled: Pooled) -> int:
    """Return how often gensim goes through the talk by default: 10 times, a small study up to 50 times."""
    return int(np.clip(20_000 // len(pooled), 10, 50))


def by_tomotopy(pooled: Pooled, k: int, *, seed: int, prior: Array | None, rounds: int | None) -> Fitted:
    """Return an LDA by tomotopy's collapsed Gibbs sampler; ``prior`` is of every term in every topic (k × terms)."""
    tomotopy = _tomotopy()
    sweeps = sweeps_for(pooled) if rounds is None else rounds
    model = tomotopy.LDAModel(k=k, alpha=ALPHA, eta=ETA, seed=seed)
    model.burn_in = BURN_IN
    if prior is not None:
        for column in np.flatnonzero((prior != ETA).any(axis=0)).tolist():
            model.set_word_prior(pooled.terms[column], prior[:, column].tolist())
    terms, counts = np.asarray(pooled.terms, object), pooled.counts
    spelt = np.repeat(terms[counts.indices], counts.data).tolist()
    edges = np.append(0, np.cumsum(counts.data))[counts.indptr].tolist()
    for first, last in pairwise(edges):
        model.add_doc(spelt[first:last])
    model.train(sweeps, workers=1)

    column_of = np.asarray([pooled.column[term] for term in model.used_vocabs])
    sizes = np.asarray(model.get_count_by_topics(), np.float64)
    found = np.zeros((k, len(terms)))
    for topic in range(k):  # tomotopy's own probabilities leave the words' priors out
        found[topic, column_of] = model.get_topic_word_dist(topic)
    n = np.rint(found * (sizes + len(column_of) * ETA)[:, None] - ETA)
    n = np.maximum(n, 0) + (ETA if prior is None else prior)
    mass = n.sum(axis=1)
    settings: dict[str, str | int | float] = {
        "library": f"tomotopy {tomotopy.__version__}", "instructions": str(tomotopy.isa), "sweeps": sweeps,
        "alpha": ALPHA, "eta": ETA,
    }  # fmt: skip
    return Fitted(n / mass[:, None], mass, np.asarray(model.alpha, np.float64), settings)


def _tomotopy() -> Any:
    """Return the library; its types make Python warn while they load, which is nobody's concern here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import tomotopy

    return tomotopy


def by_gensim(pooled: Pooled, k: int, *, seed: int, prior: Array | None, rounds: int | None) -> Fitted:
    """Return an LDA by gensim's online variational Bayes; ``prior`` is of every term in every topic (k × terms)."""
    import gensim
    from gensim.matutils import Sparse2Corpus
    from gensim.models import LdaModel

    passes = passes_for(pooled) if rounds is None else rounds
    model = LdaModel(
        id2word=dict(enumerate(pooled.terms)), num_topics=k, passes=passes, alpha=ALPHA,
        eta=ETA if prior is None else prior, random_state=seed, eval_every=None,
    )  # fmt: skip
    if prior is not None:  # its random start would give every topic some of every seed word, and keep it there
        model.state.sstats *= prior >= ETA
        model.state.sstats[prior > ETA] *= START
        model.sync_state()
    model.update(Sparse2Corpus(pooled.counts, documents_columns=False))
    posterior = np.asarray(model.state.get_lambda(), np.float64)
    mass = posterior.sum(axis=1)
    settings: dict[str, str | int | float] = {
        "library": f"gensim {gensim.__version__}", "passes": passes, "alpha": ALPHA, "eta": ETA,
    }  # fmt: skip
    return Fitted(posterior / mass[:, None], mass, np.full(k, ALPHA), settings)
