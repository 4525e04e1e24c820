"""Krippendorff's alpha: 1 - Do/De, for any number of coders, missing ratings and seven kinds of distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.stats.agreement.data import MISSING, Floats, Ints
from qualcode.stats.agreement.sums import Evaluated, Sums, category_counts, pairs_of
from qualcode.stats.agreement.weights import Metric, midranks

__all__ = ["Alpha"]


@dataclass(frozen=True, slots=True, eq=False)
class Alpha:
    """Krippendorff's alpha from coincidences (Krippendorff 2011, 2019 ch. 12).

    Each ordered pair of ratings in a unit of m ratings weighs 1/(m - 1); units with fewer than two are left out of both
    terms. With n pairable ratings, n_k of category k and d the squared distance, ``Do`` is the sum of weighted d over n
    and ``De`` the sum of n_k n_l d_kl over n(n - 1).

    A fixed distance needs the sums: weighted disagreement, units with pairs, category counts (q). Ordinal distances
    depend on the category counts of each data set: there, one sum for every pair of categories that meets in a unit.
    """

    q: int
    metric: Metric
    meeting: Ints | None = None  # ordinal: pairs of categories that meet, as k·q + l with k < l

    @classmethod
    def over(cls, patterns: Ints, q: int, metric: Metric) -> Alpha:
        """Return alpha prepared for these patterns."""
        if metric.kind != "ordinal":
            return cls(q, metric)
        met = [np.minimum(a, b) * q + np.maximum(a, b) for _, a, b in pairs_of(patterns)]
        keys = np.unique(np.concatenate(met)) if met else np.zeros(0, dtype=np.int64)
        return cls(q, metric, keys[keys // max(q, 1) != keys % max(q, 1)])

    def canonical(self, patterns: Ints) -> Ints:
        """Sort each pattern, since it does not matter who gave a rating; empty those with fewer than two."""
        out = np.sort(patterns, axis=1)
        out[(patterns != MISSING).sum(axis=1) < 2] = MISSING
        return out

    def contributions(self, patterns: Ints) -> Any:
        """Return patterns × sums."""
        ratings = (patterns != MISSING).sum(axis=1).astype(np.float64)
        sums = Sums()
        at = 2 + self.q
        for rows, first, second in pairs_of(patterns):
            share = 2 / (ratings[rows] - 1)
            if self.meeting is None:
                sums.add(rows, 0, self.metric.pairs(first, second) * share)
            else:
                differ = np.flatnonzero(first != second)
                low, high = np.minimum(first, second)[differ], np.maximum(first, second)[differ]
                sums.add(rows[differ], at + np.searchsorted(self.meeting, low * self.q + high), share[differ])
        sums.add(np.flatnonzero(ratings >= 2), 1, 1.0)
        category_counts(sums, patterns, 2, least=2)
        return sums.table(len(patterns), at + (0 if self.meeting is None else len(self.meeting)))

    def evaluate(self, sums: Floats) -> Evaluated:
        """Return alpha, Do and De for each row of sums."""
        marginals, paired = sums[:, 2 : 2 + self.q], sums[:, 1]
        n = marginals.sum(axis=1)
        kinds = (marginals > 0).sum(axis=1)
        apart = sums[:, 0]
        if self.meeting is not None:
            ranks = midranks(marginals)
            steps = ranks[:, self.meeting // max(self.q, 1)] - ranks[:, self.meeting % max(self.q, 1)]
            apart = (sums[:, 2 + self.q :] * steps**2).sum(axis=1)
        between = self.metric.between(marginals)
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = apart / n
            expected = between / (n * (n - 1))
            value = 1 - observed / expected
        defined = (paired > 0) & (kinds > 1) & (n > 1) & (between > 0)
        known = (paired > 0) & (n > 1)
        return Evaluated(np.where(defined, value, np.nan), np.where(known, observed, np.nan),
                         np.where(known, expected, np.nan), n, paired, kinds)  # fmt: skip
