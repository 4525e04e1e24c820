"""From labels of passages to scores of all passages: what the machine learns between two passages.

Two ways. ``classifier`` fits the classifier of :mod:`qualcode.coding`, which takes seconds. ``quick`` learns one code
in milliseconds, for replays: logistic regression on the words of a passage and its neighbours, beside what the coders
that need no labels made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Corpus
from qualcode.coding.features.units import Units
from qualcode.coding.scores import Scores
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding
from qualcode.review.reading.orders import Ranked

__all__ = ["CoderLearner", "Learner", "QuickLearner", "aligned", "codings_of_labels", "vectors_of"]

Array = npt.NDArray[Any]

NEIGHBOUR = 0.5
"""What the words of the unit before and the one behind, in the same turn, count for."""
FIRMNESS = 3.0
"""C of the logistic regression, the inverse of its penalty."""
BELIEF = 1.0
"""How far the coders' scores, scaled to a standard deviation of 1, are taken along."""
SURE = 0.005
"""Scores are taken as if they lay between this and 1 less this."""


BEFORE = "examples and rules"
LEARNT = "what you decided"


class Learner(Protocol):
    """Learns one code from labels, as often as it is asked to."""

    def learn(self, labels: Array) -> Ranked:
        """Return the scores of all passages; ``labels`` are 1 and 0, and −1 where nobody said."""
        ...


def vectors_of(units: Units) -> Any:
    """Return a vector for each passage: its lemmas and, at a discount, those of its neighbours in the turn.

    Weights are log₂(1 + tf) · (ln((1 + n) / (1 + df)) + 1), rows have length 1 (CSR, float64).
    """
    from scipy.sparse import csr_array, diags_array

    n = len(units)
    own = csr_array(units.counts, dtype=np.float64)
    if not n or not own.shape[1]:
        return own
    same = (units.block[1:] == units.block[:-1]) & (units.document[1:] == units.document[:-1])
    step = diags_array(same.astype(np.float64) * NEIGHBOUR, offsets=1, shape=(n, n))
    around = csr_array(own + (step + step.T) @ own)
    often = np.bincount(own.indices, minlength=own.shape[1])
    rarity = np.log((1 + n) / (1 + often)) + 1
    around.data = np.log2(1 + around.data) * rarity[around.indices]
    length = np.sqrt(np.asarray(around.multiply(around).sum(axis=1)).ravel())
    return csr_array(diags_array(np.divide(1.0, length, out=np.zeros(n), where=length > 0)) @ around)


@dataclass(frozen=True)
class QuickLearner:
    """Learns in milliseconds.

    Args:
        vectors: of the passages (:func:`vectors_of`).
        before: what coders made of the passages without labels; ``None`` for nothing.
    """

    vectors: Any
    before: Array | None = None

    def learn(self, labels: Array) -> Ranked:
        """Return the scores; those from before until there is a yes and a no."""
        from scipy.sparse import csr_array, hstack
        from sklearn.linear_model import LogisticRegression  # at the first passage, where one waits anyway

        rows = np.flatnonzero(labels >= 0)
        known = labels[rows] == 1
        prior = np.full(len(labels), 0.5) if self.before is None else self.before.astype(np.float64)
        if not len(rows) or known.all() or not known.any():
            return Ranked(prior, 0.5, BEFORE, self.vectors)

        clipped = np.clip(prior, SURE, 1 - SURE)
        odds = np.log(clipped / (1 - clipped))
        spread = odds.std()
        column = BELIEF * (odds - odds.mean()) / spread if spread > 0 else np.zeros(len(odds))
        features = hstack([self.vectors, csr_array(column[:, None])], format="csr")
        features.indices = features.indices.astype(np.int32)  # liblinear takes no others
        features.indptr = features.indptr.astype(np.int32)
        model = LogisticRegression(C=FIRMNESS, class_weight="balanced", solver="liblinear", random_state=0)
        model.fit(features[rows], known)
        return Ranked(model.predict_proba(features)[:, 1], 0.5, LEARNT, self.vectors)


@dataclass(frozen=True)
class CoderLearner:
    """Learns with any coder that has scores after ``fit``, such as the classifier.

    Args:
        fit: gives a coder that has learnt from codings its scores, for the code alone.
        units: the passages.
        codebook, code: what is learnt.
        vectors, before: as in :class:`QuickLearner`.
        others: what people decided about other codes, which a coder may learn from as well.
    """

    fit: Callable[[Corpus, Sequence[Coding]], Scores | tuple[Units, Array, Sequence[str]]]
    corpus: Corpus
    units: Units
    codebook: Codebook
    code: str
    vectors: Any = None
    before: Array | None = None
    others: tuple[Coding, ...] = ()
    through: frozenset[str] = frozenset()

    def learn(self, labels: Array) -> Ranked:
        """Return the scores of the coder fitted to these labels; those from before until there is a yes and a no."""
        if self.before is not None and not {0, 1} <= set(labels.tolist()):
            return Ranked(self.before.astype(np.float64), 0.5, BEFORE, self.vectors)
        codings = (*self.others, *codings_of_labels(self.units, labels, self.codebook, self.code))
        found = self.fit(replace(self.corpus, read=self.through), codings)
        values = aligned(found, self.units, self.code)
        return Ranked(values, 0.5, LEARNT, self.vectors)


def codings_of_labels(units: Units, labels: Array, codebook: Codebook, code: str) -> tuple[Coding, ...]:
    """Return labels as codings: a coded passage for each 1, a rejected one for each 0."""
    found = []
    for row in np.flatnonzero(labels >= 0).tolist():
        document = units.documents[int(units.document[row])]
        found.append(
            Coding(document.id, document.name, int(units.block[row]), "", "participant", units.span(row),
                   units.text(row), code, "", "person", "", "", None, "", "coded" if labels[row] else "rejected", "",
                   codebook.id, codebook.version)
        )  # fmt: skip
    return tuple(found)


def aligned(scores: Scores | tuple[Units, Array, Sequence[str]], units: Units, code: str) -> Array:
    """Return a coder's scores for one code in the rows of ``units`` (float64); 0 for a unit that it did not score."""
    theirs, values, codes = (
        (scores.units, scores.values, scores.codes) if isinstance(scores, Scores) else scores
    )  # fmt: skip
    if code not in codes or not len(theirs):
        return np.zeros(len(units))
    column = np.asarray(values, np.float64)[:, list(codes).index(code)]
    ordinal = {document.id: number for number, document in enumerate(theirs.documents)}
    seat = np.asarray([ordinal.get(document.id, -1) for document in units.documents], np.int64)
    rows = theirs.rows_at(seat[units.document], units.start)
    return np.where(rows >= 0, column[rows], 0.0)
