"""Estimates and standard errors under a known sampling design: the arithmetic behind :mod:`qualcode.stats.prevalence`.

Notation: y a person's code, f the machine's, π the probability of being hand-coded, w = 1/π, e = y - λf.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qualcode.stats.inputs import BoolArray, FloatArray, IntArray
from qualcode.stats.sampling_design import Design

__all__ = ["Estimated", "dsl", "pseudo_values", "rectified", "tuning"]


@dataclass(frozen=True, slots=True)
class Estimated:
    """A share with its standard error.

    Attributes:
        groups: independent draws, units or transcripts, behind it.
        unseen: strata whose hand-coded units show no variation, see :func:`_unseen`.
    """

    estimate: float
    standard_error: float
    degrees_of_freedom: int
    groups: int
    tuning: float | None = None
    unseen: int = 0


def pseudo_values(machine: FloatArray, human: FloatArray, probability: FloatArray) -> FloatArray:
    """Return f + (R/π)(y - f) for every unit, R being 1 where y is given."""
    labelled = ~np.isnan(human)
    found = machine.astype(np.float64)
    found[labelled] += (human[labelled] - machine[labelled]) / probability[labelled]
    return found


def tuning(design: Design) -> float:
    """Return λ = cov(y, f) / var(f) over the hand-coded units, within strata and weighted; 0 when f does not vary."""
    at = design.labelled
    y, f, w = design.human[at], design.machine[at], 1 / design.probability[at]
    strata = design.strata[at]
    total = np.bincount(strata, weights=w)
    centred_f = f - (np.bincount(strata, weights=w * f) / np.where(total > 0, total, 1))[strata]
    centred_y = y - (np.bincount(strata, weights=w * y) / np.where(total > 0, total, 1))[strata]
    variance = float((w * centred_f**2).sum())
    return float((w * centred_f * centred_y).sum()) / variance if variance > 1e-12 else 0.0


def rectified(design: Design, lam: float, *, population: bool, fitted: bool) -> Estimated:
    """Return λ·mean(f) + Σ_h (N_h/N) ē_h with its standard error, by leaving out one draw after the other.

    ``population=False`` asks about these units. Within a stratum, m draws g (units or whole transcripts) have
    z_g = Σ w(e - ē_h) and weight W_g, and V = Σ_h (N_h/N)² (m-1)/m Σ_g (1-π_g) (z_g / (W - W_g))²: the jackknife of
    the weighted mean with its finite correction. With equal π and single units it is the textbook's (1 - n/N) s²/n.
    ``population=True`` asks about the wider population that the transcripts stand for. Each unit's influence is summed
    by transcript: F_c of λf + ē_h - estimate, and E_c of R w (N_h/W)(e - ē_h); with h_c the transcript's share of
    the weight, V = (m-1)/m Σ_c (F_c m/(m-1) + E_c/(1-h_c))² / N². ``fitted``: λ comes from the same sample, which costs
    a degree of freedom. A stratum without variation adds :func:`_unseen`.
    """
    at = design.labelled
    n = len(design.machine)
    w = 1 / design.probability[at]
    strata = design.strata[at]
    e = design.human[at] - lam * design.machine[at]
    sizes = np.bincount(design.strata).astype(np.float64)
    weight: FloatArray = np.bincount(strata, weights=w, minlength=len(sizes)).astype(np.float64)
    mean_e = np.bincount(strata, weights=w * e, minlength=len(sizes)) / weight
    estimate = lam * float(design.machine.mean()) + float((sizes * mean_e).sum()) / n
    draws = _draws(design)
    # What a unit stands for, so that the whole sample stands for N units.
    stands_for = w * (sizes / weight)[strata]
    moved = stands_for * (e - mean_e[strata])
    if population:
        rest = lam * design.machine + mean_e[design.strata] - estimate
        variance, groups = _jackknife_of_clusters(rest, moved, stands_for, design)
        freedom = groups - 1
    else:
        total = np.bincount(draws.number, weights=moved)
        left = sizes[draws.strata] - np.bincount(draws.number, weights=stands_for)
        change = np.divide(total * sizes[draws.strata], left, out=np.zeros_like(total), where=left > 0)
        m = draws.by_stratum[draws.strata]
        variance = float(((m - 1) / m * draws.missed * change**2).sum()) / n**2
        groups, freedom = len(total), draws.freedom
    if fitted:
        variance *= freedom / (freedom - 1) if freedom > 1 else math.inf
    unseen, strata_unseen = _unseen(design, moved, draws, finite=not population)
    return Estimated(estimate, math.sqrt(variance + unseen), freedom, groups, lam, strata_unseen)


def dsl(design: Design) -> Estimated:
    """Return the mean of the pseudo-outcomes with its (cluster-)robust standard error.

    V = Σ u² / (N(N-1)) of u = pseudo-outcome - mean, or m/(m-1) Σ_c T_c² / N² over their sums by transcript, with m the
    transcripts that hold hand-coded units. A stratum without variation adds :func:`_unseen`.
    """
    pseudo = pseudo_values(design.machine, design.human, design.probability)
    n, estimate = len(pseudo), float(pseudo.mean())
    off = pseudo - estimate
    if design.clusters is None:
        groups, variance = int(design.labelled.sum()), float((off**2).sum()) / (n * (n - 1))
    else:
        groups = len(np.unique(design.clusters[design.labelled]))
        totals = np.bincount(design.clusters, weights=off)
        variance = float((totals**2).sum()) / n**2 * groups / (groups - 1)
    error = (design.human - design.machine)[design.labelled]
    unseen, strata_unseen = _unseen(design, error, _draws(design), finite=False)
    return Estimated(estimate, math.sqrt(variance + unseen), groups - 1, groups, 1.0, strata_unseen)


@dataclass(frozen=True, slots=True, eq=False)
class _Draws:
    """The independent draws behind the hand-coded units: the units, or whole transcripts.

    Attributes:
        number: of each hand-coded unit, its draw.
        strata: the stratum of each draw.
        missed: 1 - π of each draw.
        by_stratum: draws in each stratum.
        freedom: draws less strata, strata coded in full apart.
        uncertain: by stratum, whether something was left to chance.
    """

    number: IntArray
    strata: IntArray
    missed: FloatArray
    by_stratum: IntArray
    freedom: int
    uncertain: BoolArray


def _draws(design: Design) -> _Draws:
    at = design.labelled
    strata, missed = design.strata[at], 1 - design.probability[at]
    number = np.arange(len(strata))
    if design.whole and design.clusters is not None:
        _, first, number = np.unique(design.clusters[at], return_index=True, return_inverse=True)
        strata, missed = strata[first], missed[first]
    of = int(design.strata.max()) + 1
    by_stratum = np.bincount(strata, minlength=of)
    uncertain: BoolArray = np.bincount(strata, weights=missed, minlength=of) > 0
    freedom = int((by_stratum - 1)[uncertain].sum()) if uncertain.any() else len(strata)
    return _Draws(number, strata, missed, by_stratum, freedom, uncertain)


def _unseen(design: Design, off: FloatArray, draws: _Draws, *, finite: bool) -> tuple[float, int]:
    """Return the variance to add for strata whose draws do not vary in ``off``, and how many there are.

    m draws without a single error do not prove that there is none. Such a stratum is treated as if 2 of m + 4 were
    wrong (Agresti & Coull 1998): with p = 2/(m+4) it adds (N_h/N)² (1-π) p(1-p)/(m+4). A stratum that is coded in full
    adds nothing when only these units are asked about (``finite``).
    """
    sizes = np.bincount(design.strata)
    widest = np.zeros(len(sizes))
    np.maximum.at(widest, draws.strata, np.abs(np.bincount(draws.number, weights=off)))
    at = (widest < 1e-9) & (draws.uncertain | (not finite))
    m = draws.by_stratum[at]
    p = 2 / (m + 4)
    missed = np.bincount(draws.strata, weights=draws.missed, minlength=len(sizes))[at] / m if finite else 1.0
    added = (sizes[at] / len(design.machine)) ** 2 * missed * p * (1 - p) / (m + 4)
    return float(added.sum()), int(at.sum())


def _jackknife_of_clusters(
    rest: FloatArray, moved: FloatArray, stands_for: FloatArray, design: Design
) -> tuple[float, int]:
    """Return the variance over transcripts (or units, if these are not known) and how many hold hand-coded units."""
    n, at = len(rest), design.labelled
    names = np.arange(n) if design.clusters is None else design.clusters
    of = int(names.max()) + 1
    share = np.bincount(names[at], weights=stands_for, minlength=of) / n
    groups = int((share > 0).sum())
    from_rest = np.bincount(names, weights=rest, minlength=of) * (groups / (groups - 1))
    totals = from_rest + np.bincount(names[at], weights=moved, minlength=of) / (1 - share)
    return float((totals**2).sum()) / n**2 * (groups - 1) / groups, groups
