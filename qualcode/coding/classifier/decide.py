"""From held-out scores to probabilities and thresholds.

Probabilities: logit p = logit π + a + b·z, where π is how common the code is and z its score, standardised
(Platt 1999). All codes together say what a and b usually are; each code's own lie around that, the closer the fewer
its examples (maximum a posteriori with a Gaussian prior). Where every text has at most one code, the same is done for
all codes and "none" together (multinomial), so that a text's probabilities add up to 1.

Thresholds: as many texts are predicted as there are expected to be (the quantile of the held-out probabilities at 1 −
π). With more examples the cut with the best F1 counts as well, drawn towards the first. Quantile matching needs no
example to be above one half, which with rare codes hardly any ever is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Calibration", "average_precision", "calibrate", "thresholds_of"]

Array = npt.NDArray[Any]

HELD = 4.0
"""Precision of the prior around the usual a and b: so firmly a code is held there."""
APART = 200.0
"""The same for what the score of one code says against another, where codes exclude each other."""
OWN = 400.0
"""A code's best cut counts as much as the quantile when it has so many examples."""
HARDLY = 1e-4
"""A code is taken to be at least so common."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become probabilities.

    Attributes:
        mean, spread: of the held-out scores of each code.
        offset: log-odds (or log share) of each code, with its a.
        slope: b of each code; a matrix (scores × codes) where codes exclude each other.
        exclusive: whether a text has one code or none; the last column is then "none".
    """

    mean: Array
    spread: Array
    offset: Array
    slope: Array
    exclusive: bool

    def probabilities(self, scores: Array) -> Array:
        """Return probabilities (texts × codes, float64)."""
        z = (scores - self.mean) / self.spread
        if not self.exclusive:
            return np.asarray(1 / (1 + np.exp(-np.clip(self.offset + self.slope * z, -30, 30))))
        odds = self.offset + z @ self.slope
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def calibrate(scores: Array, labels: Array, mass: Array, share: Array, *, exclusive: bool) -> Calibration:
    """Return the calibration that held-out scores teach.

    Args:
        scores: held-out scores (texts × codes), NaN where not known.
        labels: 1, 0, NaN.
        mass: what each text counts for.
        share: how common each code is.
        exclusive: whether codes exclude each other; every label is then known.
    """
    known = ~np.isnan(scores) & ~np.isnan(labels)
    weight = np.where(known, mass[:, None], 0.0)
    total = np.maximum(weight.sum(axis=0), 1e-9)
    filled = np.where(known, scores, 0.0)
    mean = (weight * filled).sum(axis=0) / total
    spread = np.sqrt((weight * (filled - mean) ** 2).sum(axis=0) / total)
    usual = float(np.median(spread[spread > 0])) if (spread > 0).any() else 1.0
    spread = np.sqrt((total * spread**2 + 20 * usual**2) / (total + 20))
    z = np.where(known, (filled - mean) / spread, 0.0)
    share = np.clip(share, HARDLY, 1 - HARDLY)
    base = np.log(share) if exclusive else np.log(share / (1 - share))
    if exclusive:
        slope, offset = _multinomial(z, np.where(known, labels, 0.0), mass * known.all(axis=1), base)
        return Calibration(mean, spread, offset, slope, True)
    pooled = _logistic(z, np.where(known, labels, 0.0), weight, base, None)
    a, b = _logistic(z, np.where(known, labels, 0.0), weight, base, pooled[:, :1])
    return Calibration(mean, spread, base + a, np.maximum(b, 0.05), False)


def _logistic(z: Array, y: Array, weight: Array, base: Array, around: Array | None) -> Array:
    """Return a and b (2 × codes) by Newton's method, the same for all codes unless a prior mean is given."""
    codes = z.shape[1]
    if around is None:
        z, y, weight = z.T.reshape(-1, 1), y.T.reshape(-1, 1), weight.T.reshape(-1, 1)
        base = np.repeat(base, len(z) // max(codes, 1))[:, None]
        start, firm = np.array([[0.0], [1.0]]), np.array([1.0, 1.0])
    else:
        base = np.broadcast_to(base, z.shape)
        start, firm = np.repeat(around, codes, axis=1), np.array([HELD, HELD])
    beta = start.copy()
    for _ in range(50):
        odds = np.clip(base + beta[0] + beta[1] * z, -30, 30)
        p = 1 / (1 + np.exp(-odds))
        pull, curve = weight * (y - p), weight * p * (1 - p)
        slope = np.stack([pull.sum(axis=0), (pull * z).sum(axis=0)]) - firm[:, None] * (beta - start)
        aa, ab, bb = curve.sum(axis=0) + firm[0], (curve * z).sum(axis=0), (curve * z * z).sum(axis=0) + firm[1]
        step = np.stack([bb * slope[0] - ab * slope[1], aa * slope[1] - ab * slope[0]]) / (aa * bb - ab * ab)
        step = np.clip(step, -2, 2)
        beta = beta + step
        if np.abs(step).max(initial=0) < 1e-7:
            break
    return np.repeat(beta, codes, axis=1) if around is None else beta


def _multinomial(z: Array, y: Array, mass: Array, base: Array) -> tuple[Array, Array]:
    """Return slopes (scores × codes) and offsets with the greatest posterior density."""
    from scipy.optimize import minimize

    n = z.shape[1]
    before = np.eye(n)
    firm = np.full((n, n), APART)
    np.fill_diagonal(firm, HELD)

    def loss(beta: Array) -> tuple[float, Array]:
        slope, away = beta[: n * n].reshape(n, n), beta[n * n :]
        odds = z @ slope + base + away
        top = odds.max(axis=1, keepdims=True)
        logs = odds - top - np.log(np.exp(odds - top).sum(axis=1, keepdims=True))
        wrong = mass[:, None] * (np.exp(logs) - y)
        value = (
            -(mass[:, None] * y * logs).sum() + (firm * (slope - before) ** 2).sum() / 2 + HELD * (away**2).sum() / 2
        )
        return float(value), np.append((z.T @ wrong + firm * (slope - before)).ravel(), wrong.sum(axis=0) + HELD * away)

    start = np.append(before.ravel(), np.zeros(n))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return found[: n * n].reshape(n, n), base + found[n * n :]


def best_cut(values: Array, right: Array, mass: Array) -> float:
    """Return the cut from which taking all values up has the best F1; NaN if none is right."""
    if not right.any():
        return float("nan")
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    correct = np.cumsum((right * mass)[order])
    f1 = 2 * correct / (np.cumsum(mass[order]) + correct[-1])
    ends = np.append(ranked[1:] < ranked[:-1], True)  # equal values are taken together
    best = int(np.argmax(np.where(ends, f1, -1)))
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best]
    return float((ranked[best] + below) / 2)


def thresholds_of(probabilities: Array, labels: Array, mass: Array, share: Array) -> Array:
    """Return the log-odds from which each code is predicted, from held-out probabilities."""
    odds = _log_odds(probabilities)
    known = ~np.isnan(labels) & ~np.isnan(odds)
    found = np.zeros(labels.shape[1])
    for code in range(labels.shape[1]):
        rows = np.flatnonzero(known[:, code])
        if not len(rows):
            found[code] = float(_log_odds(np.asarray([share[code]]))[0])
            continue
        values, weights = odds[rows, code], mass[rows]
        found[code] = _quantile(values, weights, share[code])
        right = labels[rows, code] > 0
        own = best_cut(values, right, weights)
        if right.any():
            n = float((right * np.minimum(weights, 1)).sum())
            found[code] = (n * own + OWN * found[code]) / (n + OWN)
    return found


def shares_matched(logs: Array, mass: Array, share: Array) -> Array:
    """Return what to add to log-probabilities so that each code is the likeliest as often as it is common."""
    added = np.zeros(logs.shape[1])
    total = mass.sum()
    for turn in range(200):
        first = np.argmax(logs + added, axis=1)
        got = np.bincount(first, weights=mass, minlength=len(added))
        added += 0.3 / (1 + turn / 20) * (np.log(share * total + 1) - np.log(got + 1))
    return added


def _quantile(values: Array, weights: Array, share: float) -> float:
    """Return the value above which ``share`` of the weight lies, half way between two values."""
    order = np.argsort(-values, kind="stable")
    above = np.cumsum(weights[order])
    at = int(np.searchsorted(above, share * above[-1] - 1e-9))
    upper = values[order[min(at, len(order) - 1)]]
    lower = values[order[min(at + 1, len(order) - 1)]]
    return float((upper + lower) / 2)


def _log_odds(share: Array) -> Array:
    share = np.clip(share, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(share / (1 - share)))


def average_precision(scores: Array, right: Array) -> float:
    """Return the mean precision at the place of each right one, ties counted as one place; NaN when none is right."""
    if not right.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(right[order])
    ends = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
    recall = hits[ends] / hits[-1]
    return float(np.sum(np.diff(np.append(0, recall)) * hits[ends] / (ends + 1)))
