"""Coefficients of the form (Po - Pe)/(1 - Pe): they share observed agreement and differ in what chance would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.stats.agreement.data import MISSING, Floats, Ints
from qualcode.stats.agreement.sums import Evaluated, Sums, category_counts, pairs_of

__all__ = ["CHANCE_MEASURES", "TWO_CODERS", "ChanceCorrected"]

CHANCE_MEASURES = ("percent", "cohen", "scott", "fleiss", "conger", "brennan-prediger", "gwet")
TWO_CODERS = frozenset({"cohen", "scott"})

_CERTAIN = 1e-12  # an expected agreement this close to 1 leaves nothing to correct


@dataclass(frozen=True, slots=True, eq=False)
class ChanceCorrected:
    """Percent agreement and the kappas, for any weights.

    Observed agreement Po is, over units with at least two ratings, the mean share of pairs that agree (or the mean
    weight of pairs). Expected agreement Pe, with w the weights (identity without):

    ========== ======================================================================================================
    cohen      sum w_kl p_1k p_2l, each coder's own marginals over complete pairs (Cohen 1960)
    scott      sum w_kl p_k p_l, p the mean of both marginals (Scott 1955)
    fleiss     sum w_kl p_k p_l, p the mean over units of the shares within a unit (Fleiss 1971; Gwet 2014)
    conger     the mean of Cohen's Pe over all pairs of coders, from all ratings (Conger 1980; Gwet 2014)
    b.-p.      sum w / q² (Brennan & Prediger 1981)
    gwet       sum w / (q(q-1)) · sum p_k(1-p_k), p as for fleiss (Gwet 2008)
    ========== ======================================================================================================

    The sums are: weight of agreeing pairs, units with pairs, category counts in them (q), then what Pe needs.
    """

    measure: str
    q: int
    coders: int
    weights: Floats | None = None

    def canonical(self, patterns: Ints) -> Ints:
        """Sort a pattern where it does not matter who gave a rating; empty it where it has no effect at all."""
        out = patterns.copy()
        if self.measure not in {"fleiss", "gwet", "conger"}:
            out[(patterns != MISSING).sum(axis=1) < 2] = MISSING
        if self.measure not in {"cohen", "conger"}:
            out.sort(axis=1)
        return out

    def contributions(self, patterns: Ints) -> Any:
        """Return patterns × sums."""
        q = self.q
        ratings = (patterns != MISSING).sum(axis=1).astype(np.float64)
        sums = Sums()
        for rows, first, second in pairs_of(patterns):
            agree = (first == second).astype(np.float64) if self.weights is None else self.weights[first, second]
            sums.add(rows, 0, agree * 2 / (ratings[rows] * (ratings[rows] - 1)))
        sums.add(np.flatnonzero(ratings >= 2), 1, 1.0)
        category_counts(sums, patterns, 2, least=2)
        width = 2 + q
        if self.measure == "cohen":
            rows = np.flatnonzero(ratings >= 2)
            sums.add(rows, width + patterns[rows, 0], 1.0)
            width += q
        elif self.measure in {"fleiss", "gwet"}:
            category_counts(sums, patterns, width, divide_by=ratings)
            width += q
        elif self.measure == "conger":
            rows, coder = np.nonzero(patterns != MISSING)
            sums.add(rows, width + coder * q + patterns[rows, coder], 1.0)
            width += q * self.coders
        return sums.table(len(patterns), width)

    def evaluate(self, sums: Floats) -> Evaluated:
        """Return the coefficient for each row of sums."""
        marginals, rest = sums[:, 2 : 2 + self.q], sums[:, 2 + self.q :]
        pairable, paired = marginals.sum(axis=1), sums[:, 1]
        kinds = (marginals > 0).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = sums[:, 0] / paired
            if self.measure == "percent":
                nothing = np.full(len(sums), np.nan)
                return Evaluated(observed, observed, nothing, pairable, paired, kinds)
            expected = self.expected(marginals, rest)
            value = (observed - expected) / (1 - expected)
        value = np.where((paired > 0) & (kinds > 1) & (1 - expected > _CERTAIN), value, np.nan)
        return Evaluated(value, observed, np.where(paired > 0, expected, np.nan), pairable, paired, kinds)

    def expected(self, marginals: Floats, rest: Floats) -> Floats:
        """Return Pe for each row of the sums behind observed agreement."""
        q = self.q
        if self.measure == "cohen":
            return self._product(_shares(rest), _shares(marginals - rest))
        if self.measure == "scott":
            pooled = _shares(marginals)
            return self._product(pooled, pooled)
        if self.measure == "fleiss":
            shares = _shares(rest)
            return self._product(shares, shares)
        if self.measure == "conger":
            return self._expected_conger(rest)
        total = float(q) if self.weights is None else float(self.weights.sum())
        if self.measure == "brennan-prediger":
            return np.full(len(marginals), total / (q * q) if q else np.nan)
        if q < 2:
            return np.ones(len(marginals))
        shares = _shares(rest)
        spread: Floats = total / (q * (q - 1)) * (shares * (1 - shares)).sum(axis=1)
        return spread

    def _expected_conger(self, rest: Floats) -> Floats:
        counts = rest.reshape(len(rest), self.coders, self.q)
        each = counts.sum(axis=2, keepdims=True)
        shares = counts / np.where(each == 0, 1.0, each)
        active = (each[:, :, 0] > 0).sum(axis=1)
        together = shares.sum(axis=1)
        own = sum(self._product(shares[:, coder], shares[:, coder]) for coder in range(self.coders))
        expected: Floats = (self._product(together, together) - own) / (active * (active - 1))
        return expected

    def _product(self, first: Floats, second: Floats) -> Floats:
        """Return the sum of w_kl first_k second_l for each row."""
        weighted = second if self.weights is None else second @ self.weights
        product: Floats = (first * weighted).sum(axis=1)
        return product


def _shares(counts: Floats) -> Floats:
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares
