"""The classifier's core: passages with labels and a codebook's lessons in, scores and decisions out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.classifier.decide import (
    Calibration,
    average_precision,
    calibrate,
    shares_matched,
    thresholds_of,
)  # fmt: skip
from qualcode.coding.classifier.passages import Passages, Rows, Weighed, Weights, Words, joined, learn_words
from qualcode.coding.classifier.ridge import solve

__all__ = ["ENOUGH", "FOLDS", "Learnt", "Tried", "blend_of", "folds_of", "learn"]

Array = npt.NDArray[Any]

RIDGE = 1.0
"""λ: how far a single text is trusted."""
FADE = 3000.0
"""A lesson counts for half of a coded text when so many texts are coded."""
NEIGHBOUR, TURN = 0.5, 1.0
"""What the scores of the units before and behind count for, and the mean of the turn; a unit's own is 1."""
FOLDS = 5
ENOUGH = 20
"""With fewer texts that carry it, a code is ranked and never proposed (methods of screening give 20 to 50)."""
UNSEEN = 0.1
"""Before anything is coded, a code is taken to be at most so common."""
NEVER = 20.0
"""The log-odds from which a code without any example is predicted: none reaches them."""
LESSONS_SPEAK = 20.0
"""The lessons help to calibrate as if they were together so many texts."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How a code fares on texts that were held out.

    Attributes:
        texts: how many texts say yes or no to it; ``positives``, ``groups``: how many carry it, and in how many groups.
        precision, recall, f1: at thresholds found without the fold; NaN when no text carries it.
        average_precision: of the order by score.
    """

    texts: int
    positives: int
    groups: int
    precision: float
    recall: float
    f1: float
    average_precision: float


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt.

    Attributes:
        codes: one for each column.
        thresholds: log-odds (of :meth:`probabilities`) from which each code is predicted.
        added: where codes exclude each other, what is added to the log-probabilities of codes and "none" before the
            largest is taken.
        tried: how each code fares.
        pull: what each text that was learnt from does for each code; ``rows`` are these texts.
        centre: the mean held-out score of each code.
    """

    codes: tuple[str, ...]
    words: Words
    weighed: Weighed
    calibration: Calibration
    thresholds: Array
    added: Array
    tried: tuple[Tried, ...]
    rows: Rows
    pull: Array
    centre: Array

    @property
    def exclusive(self) -> bool:
        """Whether a text has one code or none."""
        return self.calibration.exclusive

    def scores(self, rows: Rows, blend: Any = None) -> Array:
        """Return raw scores (passages × codes; the last column is "none" where codes exclude each other)."""
        found = self.weighed.scores(rows)
        return found if blend is None else _blended(blend, found, self.centre)

    def probabilities(self, scores: Array) -> Array:
        """Return probabilities (passages × codes)."""
        return self.calibration.probabilities(scores)[:, : len(self.codes)]

    def predicted(self, scores: Array) -> Array:
        """Return which codes are predicted (passages × codes, bool)."""
        found = self.calibration.probabilities(scores)
        return _predicted(found, self.thresholds, self.added, self.exclusive)[:, : len(self.codes)]


def _predicted(probabilities: Array, thresholds: Array, added: Array, exclusive: bool) -> Array:
    if exclusive:
        first = np.argmax(np.log(np.maximum(probabilities, 1e-12)) + added, axis=1)
        return np.asarray(first[:, None] == np.arange(probabilities.shape[1]))
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)) >= thresholds)


def folds_of(labels: Array, groups: Array | None, seed: int) -> Array:
    """Return a fold for each text: whole groups where there are at least two, else texts dealt out code by code."""
    draw = np.random.default_rng(seed)
    n = len(labels)
    found = np.full(n, -1, np.int64)
    if groups is not None and len(np.unique(groups)) > 1:
        names, of = np.unique(groups, return_inverse=True)
        size = np.bincount(of)
        order = np.lexsort((draw.permutation(len(names)), -size))
        held = np.zeros(min(FOLDS, len(names)))
        fold_of = np.zeros(len(names), np.int64)
        for group in order.tolist():  # the largest first, each into the smallest fold
            fold_of[group] = int(np.argmin(held))
            held[fold_of[group]] += size[group]
        return np.asarray(fold_of[of])
    rarity = np.nansum(labels == 1, axis=0)
    rarest = np.full(n, labels.shape[1])
    for code in np.argsort(-rarity, kind="stable").tolist():
        rarest[labels[:, code] == 1] = code
    order = np.lexsort((draw.permutation(n), rarest))
    found[order] = np.arange(n) % FOLDS
    return found


def learn(
    passages: Passages, labels: Array, codes: Sequence[str], *, lessons: Passages | None = None,
    lesson_labels: Array | None = None, groups: Array | None = None, mass: Array | None = None,
    weights: Weights | None = None, exclusive: bool = False, ridge: float = RIDGE, fade: float = FADE, seed: int = 0,
    blend: Any = None, between: Callable[[], None] | None = None,
) -> Learnt:  # fmt: skip
    """Return what is learnt.

    Args:
        passages: what people decided about.
        labels: passages × codes: 1 carries it, 0 does not, NaN nobody said.
        codes: one for each column.
        lessons: what the codebook teaches; ``lesson_labels`` are known for every code.
        groups: texts of a group (a transcript) are held out together.
        mass: how many texts each stands for in calibration (a draw of many); 1 each if not given.
        weights: what kinds of features count for.
        exclusive: whether a text has one code or none.
        ridge, fade: see :data:`RIDGE`, :data:`FADE`.
        seed: of the folds.
        blend: what the scores of each passage and of its neighbours count for (:func:`blend_of`); ``None`` for its own
            alone. Held-out scores are blended before anything is found from them.
        between: called now and then; what it raises stops the work.
    """
    n, m = passages.size, 0 if lessons is None else lessons.size
    labels = labels.astype(np.float64)
    taught = np.zeros((0, len(codes))) if lesson_labels is None else lesson_labels.astype(np.float64)
    if exclusive:
        labels = np.column_stack([labels, 1 - labels.sum(axis=1)])
        taught = np.column_stack([taught, (taught.sum(axis=1) == 0) * 1.0])
    whole = joined(passages, lessons) if lessons is not None and m else passages
    words, rows = learn_words(whole, weights or Weights())
    y = np.concatenate([labels, taught])
    faded = fade / (fade + n)
    penalties = np.concatenate([np.full(n, ridge), np.full(m, ridge / max(faded, 1e-6))])
    folds = np.concatenate([folds_of(labels, groups, seed), np.full(m, -1)])
    if between is not None:
        between()
    pull, held_out = solve(rows.kernel(), y, penalties, folds, between=between)
    known = ~np.isnan(held_out)
    centre = np.where(known, held_out, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    if blend is not None:
        held_out[:n] = _blended(blend, held_out[:n], centre)
        held_out[n:] = centre + (1 + TURN) * (held_out[n:] - centre)  # each is a turn of its own
    counted = np.ones(n) if mass is None else np.asarray(mass, np.float64)
    spoken = LESSONS_SPEAK / (LESSONS_SPEAK + n)
    counted = np.concatenate([counted, np.full(m, spoken * LESSONS_SPEAK / max(m, 1) if n else 1.0)])
    share = _shares(y, counted, n)
    calibration = calibrate(held_out, y, counted, share, exclusive=exclusive)
    if not n:  # examples are written code by code: how common a code is in talk, they do not say
        rare = np.minimum(share, UNSEEN)
        share, shift = rare, _log_odds(rare) - _log_odds(share)
        calibration = replace(calibration, offset=calibration.offset + shift)
    probabilities = np.where(np.isnan(held_out), np.nan, calibration.probabilities(np.nan_to_num(held_out)))
    at = np.arange(n) if n else np.arange(m)
    thresholds, added = _cuts(probabilities[at], y[at], counted[at], share, exclusive)
    thresholds[~(y == 1).any(axis=0)] = NEVER  # of what nobody has shown an example, nothing is expected
    tried = _tried(probabilities, y, counted, folds, groups, n, len(codes), exclusive)
    return Learnt(
        tuple(codes), words, rows.times(pull.astype(np.float32)), calibration, thresholds, added, tried, rows,
        pull.astype(np.float32), centre,
    )  # fmt: skip


def _log_odds(share: Array) -> Array:
    clipped = np.clip(share, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(clipped / (1 - clipped)))


def blend_of(document: Array, block: Array) -> Any:
    """Return what the scores of units count for, for each unit of a turn (units × units, CSR).

    A passage that people code goes over several sentences, so that those before and behind in the turn speak for a
    sentence as well, and so does the turn as a whole.
    """
    from scipy.sparse import csr_array, diags_array

    n = len(document)
    if not n:
        return csr_array((0, 0))
    same = (document[1:] == document[:-1]) & (block[1:] == block[:-1])
    turn = np.append(0, np.cumsum(~same))
    member = csr_array((np.ones(n), (np.arange(n), turn)))
    shared = member @ diags_array(TURN / np.bincount(turn)) @ member.T
    near = NEIGHBOUR * same
    return csr_array(diags_array([near, np.ones(n), near], offsets=[-1, 0, 1], shape=(n, n)) + shared)


def _blended(blend: Any, scores: Array, centre: Array) -> Array:
    """Return scores with those of neighbours; what is not known stays so, and has the mean for its neighbours."""
    return np.asarray(np.where(np.isnan(scores), np.nan, centre + blend @ np.nan_to_num(scores - centre)))


def _shares(labels: Array, mass: Array, n: int) -> Array:
    """Return how common each code is: its share of the texts, drawn to the usual share by two more texts."""
    own = slice(0, n) if n else slice(None)
    known = ~np.isnan(labels[own])
    weight = np.where(known, mass[own][:, None], 0)
    positive = np.where(known, labels[own], 0) * weight
    total = weight.sum(axis=0)
    usual = positive.sum() / max(total.sum(), 1e-9)
    return np.asarray((positive.sum(axis=0) + 2 * usual) / np.maximum(total + 2, 1e-9))


def _cuts(probabilities: Array, labels: Array, mass: Array, share: Array, exclusive: bool) -> tuple[Array, Array]:
    thresholds = thresholds_of(probabilities, labels, mass, share)
    if not exclusive:
        return thresholds, np.zeros(labels.shape[1])
    logs = np.log(np.maximum(np.nan_to_num(probabilities), 1e-12))
    return thresholds, shares_matched(logs, mass, share / share.sum())


def _tried(
    probabilities: Array, labels: Array, mass: Array, folds: Array, groups: Array | None, n: int, codes: int,
    exclusive: bool,
) -> tuple[Tried, ...]:  # fmt: skip
    """Return how each code fares, each fold at thresholds that the others gave."""
    chosen = np.zeros((n, labels.shape[1]), bool)
    for fold in np.unique(folds[:n]).tolist():
        mine, others = np.flatnonzero(folds[:n] == fold), np.flatnonzero(folds[:n] != fold)
        if not len(others):
            continue
        alone = _shares(labels[others], mass[others], len(others))
        thresholds, added = _cuts(probabilities[others], labels[others], mass[others], alone, exclusive)
        chosen[mine] = _predicted(np.nan_to_num(probabilities[mine]), thresholds, added, exclusive)
    found = []
    for code in range(codes):
        known = np.flatnonzero(~np.isnan(labels[:n, code]))
        right, said = labels[known, code] > 0, chosen[known, code]
        hits = int((right & said).sum())
        positives = int(right.sum())
        where = known[right]
        found.append(
            Tried(
                len(known), positives, len(np.unique(groups[where])) if groups is not None else positives,
                hits / said.sum() if said.any() else float("nan"), hits / positives if positives else float("nan"),
                2 * hits / (said.sum() + positives) if positives else float("nan"),
                average_precision(probabilities[known, code], right),
            )
        )  # fmt: skip
    return tuple(found)
