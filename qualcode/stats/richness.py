"""How many codes there would be: richness, coverage and diversity, borrowed from ecology.

For interviews use :func:`chao2`, which counts in how many interviews each code was found. :func:`chao1` counts how
often a code was applied, which a talkative person can inflate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.stats.inputs import FloatArray, between, counts, zero_one

__all__ = ["Diversity", "Richness", "chao1", "chao2", "coverage", "diversity"]


@dataclass(frozen=True, slots=True)
class Richness:
    """An estimate of how many codes there are, heard or not; a lower bound.

    Attributes:
        observed: distinct codes found.
        estimate: of all there would be; never below ``observed``.
        standard_error: of the estimate.
        low: lower end of the log-normal interval; never below ``observed``.
        high: upper end.
        coverage: estimated share of all code incidences that belong to codes already found (Good-Turing).
        once: codes found once (Chao1), or in one interview (Chao2).
        twice: codes found twice, or in two interviews.
        n: code applications (Chao1) or interviews (Chao2).
    """

    estimator: str
    observed: int
    estimate: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    coverage: float | None
    once: int
    twice: int
    n: int
    confidence: float
    status: str
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diversity:
    """Effective numbers of codes: how many equally frequent codes would be as diverse.

    Attributes:
        shannon: exponential of the entropy, estimated for unseen codes (Chao, Wang & Jost 2013).
        simpson: inverse of the unbiased Simpson concentration; None when no code was found twice.
        shannon_observed: the same from the observed shares, too low in small samples.
        simpson_observed: likewise.
    """

    shannon: float | None
    simpson: float | None
    shannon_observed: float | None
    simpson_observed: float | None
    n: int
    status: str
    reason: str


def chao1(abundances: Any, *, confidence: float = 0.95) -> Richness:
    """Return Chao1 from how often each code was applied (zeros are ignored).

    S + ((n-1)/n) f1²/(2 f2), or with f2 = 0 S + ((n-1)/n) f1(f1-1)/2 (Chao 1984, 1987). Variance with A = (n-1)/n and
    r = f1/f2: f2[(A/2)r² + A²r³ + (A²/4)r⁴]; with f2 = 0: A f1(f1-1)/2 + A² f1(2f1-1)²/4 - A² f1⁴/(4 Ŝ).
    The interval is log-normal in Ŝ - S.

    Raises:
        StatisticsError: QC-N060, QC-N064 unless the values are counts; QC-N063 for the confidence.
    """
    found = counts(abundances, "how often each code was applied")
    return _estimate("Chao1", found, int(found.sum()), "code application", confidence)


def chao2(incidence: Any, *, confidence: float = 0.95) -> Richness:
    """Return Chao2 from a 0/1 matrix of interviews × codes: Chao1's formula with Q1, Q2 and t interviews.

    Raises:
        StatisticsError: QC-N060, QC-N061 for the matrix; QC-N063 for the confidence.
    """
    heard = zero_one(incidence, "the incidence matrix")
    return _estimate("Chao2", heard.sum(axis=0).astype(np.float64), heard.shape[0], "interview", confidence)


def coverage(once: int, twice: int, n: int, total: int | None = None) -> float | None:
    """Return the estimated share of code incidences that belong to codes already found.

    1 - (f1/U) · (n-1)f1 / ((n-1)f1 + 2f2), with f2 = 0: (n-1)(f1-1) / ((n-1)(f1-1) + 2) (Good-Turing in the form of
    Chao & Jost 2012). U (``total``) is n for applications, the sum of incidences for interviews. None when nothing was
    found, or n is 1.
    """
    total = n if total is None else total
    if n < 2 or not total:
        return None
    if not once:
        return 1.0
    weight = (
        (n - 1) * once / ((n - 1) * once + 2 * twice) if twice else (n - 1) * (once - 1) / ((n - 1) * (once - 1) + 2)
    )
    return 1 - once / total * weight


def diversity(abundances: Any) -> Diversity:
    """Return Shannon and Simpson diversity as effective numbers of codes, estimated and observed.

    Simpson: 1 / Σ x(x-1)/(n(n-1)). Shannon: exp(H) with the estimator of Chao, Wang & Jost (2013), the Shannon and
    Simpson columns of iNEXT's asymptotic estimates.

    Raises:
        StatisticsError: QC-N060, QC-N064 unless the values are counts.
    """
    x = counts(abundances, "how often each code was applied")
    x = x[x > 0]
    n = int(x.sum())
    if n < 2:
        reason = "no code was applied" if not n else "one application says nothing about diversity"
        return Diversity(None, None, None, None, n, "undefined", reason)
    share = x / n
    pairs = float((x * (x - 1)).sum())
    return Diversity(
        shannon=math.exp(_entropy(x, n)),
        simpson=n * (n - 1) / pairs if pairs else None,
        shannon_observed=math.exp(-float((share * np.log(share)).sum())),
        simpson_observed=1 / float((share**2).sum()),
        n=n,
        status="ok",
        reason="" if pairs else "no code was applied twice, so Simpson's concentration cannot be estimated",
    )


def _estimate(name: str, found: FloatArray, n: int, unit: str, confidence: float) -> Richness:
    confidence = between(confidence, "the confidence", 0, 1)
    observed, once, twice = int((found > 0).sum()), int((found == 1).sum()), int((found == 2).sum())
    total = int(found.sum())
    if n < 2 or not observed:
        reason = "no code was found" if not observed else f"one {unit} cannot show how many codes are missing"
        return Richness(name, observed, None, None, None, None, None, once, twice, n, confidence, "undefined", reason)
    a = (n - 1) / n
    if twice:
        r = once / twice
        unseen = a * once**2 / (2 * twice)
        variance = twice * (a / 2 * r**2 + a**2 * r**3 + a**2 / 4 * r**4)
    else:
        unseen = a * once * (once - 1) / 2
        variance = a * once * (once - 1) / 2 + a**2 * once * (2 * once - 1) ** 2 / 4
        variance = max(variance - a**2 * once**4 / (4 * (observed + unseen)), 0.0)
    low = high = observed + unseen
    if unseen:
        from scipy.special import ndtri

        spread = math.exp(float(ndtri((1 + confidence) / 2)) * math.sqrt(math.log1p(variance / unseen**2)))
        low, high = observed + unseen / spread, observed + unseen * spread
    else:
        variance = 0.0
    notes = ["A lower bound: codes that nobody in this sample could have said are not counted."]
    if not unseen:
        notes.append("Too few codes were found only once to estimate unseen ones; the interval has no width.")
    if name == "Chao1":
        notes.append("Counts applications of codes; for interviews as the sample use Chao2.")
    return Richness(name, observed, observed + unseen, math.sqrt(variance), low, high,
                    coverage(once, twice, n, total), once, twice, n, confidence, "ok", "", tuple(notes))  # fmt: skip


def _entropy(x: FloatArray, n: int) -> float:
    """Return the entropy estimate in nats: Σ (x/n)(ψ(n)-ψ(x)) plus a term for codes not seen."""
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n))])  # ψ(k) - ψ(1) = H(k-1)
    seen = float((x / n * (harmonic[n - 1] - harmonic[x.astype(np.int64) - 1])).sum())
    once, twice = int((x == 1).sum()), int((x == 2).sum())
    if not once:
        return seen
    a = 2 * twice / ((n - 1) * once + 2 * twice) if twice else 2 / ((n - 1) * (once - 1) + 2)
    if a == 1:
        return seen
    return seen + once / n * _unseen_term(a, n)


def _unseen_term(a: float, n: int) -> float:
    """Return (1-a)^(1-n) · [-log a - Σ_{r<n} (1-a)^r/r], which is also Σ_{j≥1} (1-a)^j / (n-1+j)."""
    growth = -(n - 1) * math.log1p(-a)
    if growth < 12:
        r = np.arange(1, n)
        return math.exp(growth) * (-math.log(a) - float(((1 - a) ** r / r).sum()))
    # The bracket would lose its digits; here the series is short: its terms fall below 1e-17 after 40/a of them.
    j = np.arange(1, math.ceil(40 / a) + 1)
    return float(((1 - a) ** j / (n - 1 + j)).sum())
