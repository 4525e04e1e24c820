"""Shaffer's rho: does a kappa from a test set speak for the whole corpus?

Two coders reach a kappa on the few units they both coded. Rho is the chance of a kappa at least as high on a test set
of that size when, over the whole corpus, their kappa is below the threshold. A small rho (below .05) lets the pair
generalise.

The method is that of the R package *rhoR* (Epistemic Analytics); this is an implementation of our own, whose replicates
are drawn all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qualcode.errors import StatisticsError

__all__ = ["Rho", "rho_of_kappa", "shaffer_rho"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

_TIE = 1e-12  # kappas that differ by less are equal; they are quotients of whole numbers


@dataclass(frozen=True, slots=True)
class Rho:
    """Rho, and all that it depends on.

    Attributes:
        value: rho, the share of simulated kappas at least as high as ``kappa``; ``None`` when undefined.
        kappa: Cohen's kappa of the test set.
        threshold: kappa of the corpus that has to be exceeded.
        n_units: units of the test set coded by both.
        base_rate: share of units with the code that the simulation assumed for the first coder.
        replicates: simulated test sets.
        undefined: those left out since they have no kappa: both coders gave one and the same answer throughout.
        seed: of the random numbers.
        kappa_min, precision, corpus, inflation: the other settings, as for :func:`shaffer_rho`.
        notes: what a reader must know.
    """

    value: float | None
    status: Literal["ok", "undefined"]
    reason: str
    kappa: float | None
    threshold: float
    n_units: int
    base_rate: float | None
    replicates: int
    undefined: int
    seed: int
    kappa_min: float
    precision: tuple[float, float]
    corpus: int
    inflation: float
    notes: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """The same as ``value``: of the simulated kappas, the share at least as high as the observed one."""
        return self.value


def shaffer_rho(
    ratings: Any,
    *,
    threshold: float = 0.9,
    base_rate: float | None = None,
    replicates: int = 800,
    kappa_min: float = 0.4,
    precision: tuple[float, float] = (0.6, 1.0),
    corpus: int = 10_000,
    inflation: float = 0.0,
    seed: int = 0,
) -> Rho:
    """Return Shaffer's rho for two coders and one code.

    Each replicate draws a kappa below the threshold and a precision, builds the corpus that has them at the base rate
    (recall = kappa * P / (2P - 2b - kappa + 2b * kappa)), samples a test set without replacement and takes its kappa.
    Rho is the share of these at least as high as the observed kappa.

    Source: Shaffer (2017), *Quantitative Ethnography*; Eagan et al. (2017), CSCL; defaults of rhoR. One difference:
    rhoR says 1 for any kappa below the mean of the simulated ones; here it is the share that it is.

    Args:
        ratings: units x 2 of 0/1 or False/True; ``None`` and NaN are missing, and only complete pairs count.
        threshold: the kappa of the corpus to be exceeded. 0.9 is the default of rhoR; studies often name 0.65.
        base_rate: share of the code in the corpus; without it the first coder's share in the test set.
        replicates: how many test sets to simulate.
        kappa_min: the lowest kappa of a simulated corpus.
        precision: lowest and highest precision of the second coder by the first in a simulated corpus.
        corpus: units in a simulated corpus.
        inflation: share of the test set that was drawn from units with the first coder's code, 0 for a plain sample.
        seed: of the random numbers.

    Returns:
        Rho; undefined when kappa is, and when the first coder gave one answer throughout (there is no base rate then).

    Raises:
        StatisticsError: QC-N050 for ratings that are not units x 2 of 0 and 1, QC-N051 for a setting out of its range.
    """
    table = _table(ratings)
    n = sum(table)
    rate = (table[0] + table[1]) / n if n and base_rate is None else base_rate
    kappa = float(_kappas(*(np.array([cell]) for cell in table))[0]) if n else float("nan")
    reason = ""
    if not n:
        reason = "no unit was coded by both"
    elif not isfinite(kappa):
        reason = "both coders gave one and the same answer throughout, so kappa is undefined"
    elif rate in (0, 1) and base_rate is None:
        reason = "the first coder gave one answer throughout, so there is no base rate; give base_rate="
    settings: dict[str, Any] = {
        "threshold": threshold,
        "replicates": replicates,
        "kappa_min": kappa_min,
        "precision": precision,
        "corpus": corpus,
        "inflation": inflation,
        "seed": seed,
    }
    if not reason and rate is not None:
        return rho_of_kappa(kappa, units=n, base_rate=rate, **settings)
    _check(threshold, replicates, kappa_min, precision, corpus, inflation)
    known = kappa if isfinite(kappa) else None
    return Rho(None, "undefined", reason, known, n_units=n, base_rate=base_rate, undefined=0, **settings)


def rho_of_kappa(
    kappa: float,
    *,
    units: int,
    base_rate: float,
    threshold: float = 0.9,
    replicates: int = 800,
    kappa_min: float = 0.4,
    precision: tuple[float, float] = (0.6, 1.0),
    corpus: int = 10_000,
    inflation: float = 0.0,
    seed: int = 0,
) -> Rho:
    """Return Shaffer's rho for a kappa that is known, from ``units`` units; the rest as :func:`shaffer_rho`.

    Raises:
        StatisticsError: QC-N051 for a setting out of its range, or settings that no corpus can meet.
    """
    _check(threshold, replicates, kappa_min, precision, corpus, inflation)
    if not (-1 <= kappa <= 1 and 0 < base_rate < 1):
        raise _refused("kappa is between -1 and 1 and base_rate between 0 and 1", f"{kappa} and {base_rate}",
                       "Give the share of the code in the corpus as base_rate, such as 0.2.")  # fmt: skip
    if not 1 <= units <= corpus:
        raise _refused("a test set has at least one unit and no more than the corpus", f"{units} of {corpus}",
                       "Give the number of units of your whole corpus as corpus=.")  # fmt: skip
    random = np.random.default_rng(seed)
    cells = _corpora(random, base_rate, replicates, kappa_min, threshold, precision, corpus)
    simulated = _kappas(*_sampled(random, cells, units, ceil(round(units * inflation, 9))))
    defined = simulated[np.isfinite(simulated)]
    reason = "" if len(defined) else "no simulated test set has a kappa: the code is too rare for so few units"
    notes = []
    if len(defined) < replicates:
        notes.append(f"{replicates - len(defined)} of {replicates} simulated test sets have no kappa and are left out.")
    return Rho(
        value=float((defined >= kappa - _TIE).mean()) if len(defined) else None,
        status="undefined" if reason else "ok",
        reason=reason,
        kappa=float(kappa),
        threshold=threshold,
        n_units=units,
        base_rate=base_rate,
        replicates=replicates,
        undefined=replicates - len(defined),
        seed=seed,
        kappa_min=kappa_min,
        precision=precision,
        corpus=corpus,
        inflation=inflation,
        notes=tuple(notes),
    )


def _table(ratings: Any) -> tuple[int, int, int, int]:
    """Return how often both, only the first, only the second, and neither gave the code, over complete pairs."""
    rows = ratings.to_numpy() if hasattr(ratings, "to_numpy") else ratings
    counts = [0, 0, 0, 0]
    for row in rows:
        if not isinstance(row, (Sequence, np.ndarray)) or isinstance(row, str) or len(row) != 2:
            raise StatisticsError("QC-N050", f"rho needs two ratings a unit, got {row!r}",
                                  hint="Give units x 2, such as [[1, 1], [0, 1]].")  # fmt: skip
        values = [_answer(value) for value in row]
        if None not in values:
            counts[(1 - int(values[0] or 0)) * 2 + (1 - int(values[1] or 0))] += 1
    return counts[0], counts[1], counts[2], counts[3]


def _answer(value: Any) -> bool | None:
    if value is None or type(value).__name__ == "NAType" or value != value:  # NaN is not itself
        return None
    if isinstance(value, (bool, int, float, np.generic)) and value in (0, 1):
        return bool(value)
    raise StatisticsError("QC-N050", f"rho needs ratings of 0 and 1, got {value!r}",
                          hint="Take one code at a time: 1 where it was given, 0 where not.")  # fmt: skip


def _check(
    threshold: float, replicates: int, kappa_min: float, precision: tuple[float, float], corpus: int, inflation: float
) -> None:
    lowest, highest = precision
    if not 0 <= kappa_min < threshold <= 1:
        raise _refused("0 <= kappa_min < threshold <= 1 must hold", f"kappa_min={kappa_min}, threshold={threshold}")
    if not 0 < lowest <= highest <= 1:
        raise _refused("precision is a range within 0 and 1", f"precision={precision}")
    if replicates < 1 or not 1 <= corpus < 10**9:
        raise _refused("replicates are at least 1, a corpus has 1 to 10^9 units", f"{replicates} and {corpus}")
    if not 0 <= inflation < 1:
        raise _refused("inflation is at least 0 and below 1", f"inflation={inflation}")


def _refused(rule: str, got: str, hint: str = "Leave the setting out to take its default.") -> StatisticsError:
    return StatisticsError("QC-N051", f"{rule}; got {got}", hint=hint)


def _corpora(
    random: np.random.Generator,
    rate: float,
    replicates: int,
    kappa_min: float,
    threshold: float,
    precision: tuple[float, float],
    size: int,
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the four cells (both, first only, second only, neither) of each simulated corpus.

    Kappa and precision are uniform over the pairs that a corpus can have: recall is at most 1 when the precision is at
    least (2b + kappa - 2b kappa) / (2 - kappa), which rises with kappa, so kappa has a highest value too.
    """
    lowest, highest = precision
    reachable = 2 * (highest - rate) / (1 - 2 * rate + highest) if highest > rate else 0.0
    top = min(threshold, reachable)
    if top <= kappa_min:
        raise _refused("no corpus has such a base rate, precision and kappa",
                       f"base_rate={rate}, precision={precision}, kappa_min={kappa_min}")  # fmt: skip
    kappa = random.uniform(kappa_min, top, replicates)
    least = np.maximum(lowest, (2 * rate + kappa - 2 * rate * kappa) / (2 - kappa))
    precise = random.uniform(least, np.maximum(highest, least))
    recall = kappa * precise / (2 * precise - 2 * rate - kappa + 2 * rate * kappa)
    first = max(round(rate * size), 1)
    both = np.clip(np.rint(first * recall), 1, first).astype(np.int64)
    wrong = np.clip(np.rint(both * (1 - precise) / precise), 0, size - first).astype(np.int64)
    return both, first - both, wrong, size - first - wrong


def _sampled(
    random: np.random.Generator, cells: tuple[Ints, Ints, Ints, Ints], units: int, forced: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the cells of a test set from each corpus; ``forced`` units are drawn among the first coder's first."""
    both, first, second, neither = cells
    if forced > int((both + first).min()):
        raise _refused("the corpus has too few units with the code for such an inflation", f"{forced} units needed")
    got_both = random.hypergeometric(both, first, forced)
    left = [both - got_both, first - (forced - got_both), second, neither]
    drawn, remaining = [], np.full(len(both), units - forced, dtype=np.int64)
    for at in range(3):
        taken = random.hypergeometric(left[at], sum(left[at + 1 :]), remaining)
        drawn.append(taken)
        remaining = remaining - taken
    return drawn[0] + got_both, drawn[1] + forced - got_both, drawn[2], remaining


def _kappas(both: Ints, first: Ints, second: Ints, neither: Ints) -> Floats:
    """Return Cohen's kappa of each table, NaN where chance agreement is complete."""
    n = (both + first + second + neither).astype(np.float64)
    a, b = (both + first) / n, (both + second) / n
    observed, expected = (both + neither) / n, a * b + (1 - a) * (1 - b)
    with np.errstate(invalid="ignore", divide="ignore"):
        kappas: Floats = np.where(expected < 1, (observed - expected) / (1 - expected), np.nan)
    return kappas
