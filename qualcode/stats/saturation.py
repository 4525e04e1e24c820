"""Saturation: how many new codes each further interview brings, and how many interviews it takes to hear a theme.

Everything here starts from an incidence matrix, interviews (in the order they were held or coded) × codes, with 1 where
the code was found in the interview. Recompute it from the current codings: merging codes late rewrites this history.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.inputs import BoolArray, FloatArray, IntArray, at_least, between, read_only, zero_one

__all__ = [
    "SATURATION_NOTES",
    "BaseRun",
    "Run",
    "SaturationBands",
    "SaturationCurve",
    "base_run",
    "detection_probability",
    "interviews_needed",
    "new_information_ratio",
    "permuted_saturation",
    "saturation_curve",
]

SATURATION_NOTES = (
    "With a fixed deductive codebook saturation has no meaning, because no code can be new: report code coverage "
    "instead (how many of the codebook's codes were found at all, and in how many interviews).",
    "Reflexive thematic analysis (Braun & Clarke) rejects saturation as a measure of when to stop: leave it out there.",
    "This is code saturation. Whether a code's meaning is exhausted is a person's judgement and is not computed.",
)
THRESHOLDS = (0.05, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class SaturationCurve:
    """What each interview adds, in order.

    Attributes:
        new: codes heard for the first time, by interview.
        cumulative: distinct codes heard so far, by interview.
        codes: distinct codes heard in all.
        average_new: new codes that the k-th interview brings on average over all possible orders (exact).
        average_new_per_person: its last value, codes heard in one interview only divided by interviews: what one more
            person is expected to add (Weller et al. 2018 take less than 1 as saturation of salient items).
        below_one_at: the first interview (from 1) that on average adds less than one code, or None.
    """

    new: IntArray
    cumulative: IntArray
    codes: int
    interviews: int
    average_new: FloatArray
    average_new_per_person: float | None
    below_one_at: int | None
    status: str
    reason: str
    notes: tuple[str, ...] = SATURATION_NOTES


@dataclass(frozen=True, slots=True)
class Run:
    """One run: ``after`` interviews heard before it, and the codes new in its interviews."""

    after: int
    length: int
    new_codes: int
    ratio: float

    @property
    def label(self) -> str:
        """Return the usual way of writing it, such as ``6+2``."""
        return f"{self.after}+{self.length}"


@dataclass(frozen=True, slots=True)
class BaseRun:
    """New information by run (Guest, Namey & Chen 2020).

    Attributes:
        base_codes: distinct codes of the first ``base`` interviews; the denominator of every ratio.
        runs: runs of ``run`` interviews, each starting one interview after the last.
        at_5_percent: label of the first run with a ratio of 5 % or less, or None.
        at_0_percent: label of the first run without a new code, or None.
    """

    base: int
    run: int
    base_codes: int
    runs: tuple[Run, ...]
    at_5_percent: str | None
    at_0_percent: str | None
    status: str
    reason: str
    notes: tuple[str, ...] = SATURATION_NOTES


@dataclass(frozen=True, slots=True, eq=False)
class SaturationBands:
    """The same curves over random orders of the interviews: median and the 5th and 95th percentile.

    Attributes:
        cumulative: 3 × interviews: rows low (5 %), median, high (95 %).
        ratio: 3 × runs, the same rows for the ratio new / base; nan when no order has codes in its base.
        reached: for each threshold, the share of orders in which some run gets to it.
        undefined: orders without a code in their base interviews, left out of ``ratio``.
    """

    cumulative: FloatArray
    ratio: FloatArray
    reached: dict[float, float]
    base: int
    run: int
    permutations: int
    seed: int
    undefined: int
    status: str
    reason: str
    notes: tuple[str, ...] = SATURATION_NOTES


def new_information_ratio(base_codes: int, new_codes: int) -> float | None:
    """Return new codes of a run divided by the codes of the base, not by all codes so far; None for an empty base."""
    at_least(base_codes, "the number of codes in the base", 0)
    at_least(new_codes, "the number of new codes", 0)
    return new_codes / base_codes if base_codes else None


def saturation_curve(incidence: Any) -> SaturationCurve:
    """Return new and cumulative codes by interview, in the order of the rows.

    ``average_new`` is the slope of the sample-based rarefaction curve: code c, heard in n_c of t interviews, is still
    unheard after k of them with probability C(t-n_c, k) / C(t, k). No interviews, or no code heard: ``undefined``.

    Raises:
        StatisticsError: QC-N060, QC-N061 when the matrix is not interviews × codes of 0 and 1.
    """
    heard = zero_one(incidence, "the incidence matrix")
    interviews = heard.shape[0]
    new = _new_codes(heard)
    codes = int(new.sum())
    reason = "" if codes else "there are no interviews" if not interviews else "no code was found in any interview"
    average = np.diff(_expected_codes(heard), prepend=0.0)
    below = np.flatnonzero(average < 1 - 1e-9)
    return SaturationCurve(
        new=read_only(new),
        cumulative=read_only(np.cumsum(new)),
        codes=codes,
        interviews=interviews,
        average_new=read_only(average),
        average_new_per_person=float(average[-1]) if codes else None,
        below_one_at=int(below[0]) + 1 if codes and len(below) else None,
        status="ok" if codes else "undefined",
        reason=reason,
    )


def base_run(incidence: Any, *, base: int = 4, run: int = 2) -> BaseRun:
    """Return the ratio of new information for every run that fits, sliding by one interview.

    Ratio = codes heard for the first time within the run / codes of the first ``base`` interviews (Guest, Namey & Chen
    2020, PLoS ONE 15(5) e0232076). The denominator stays the base. Fewer interviews than base + run, or no code in the
    base: ``undefined``.

    Raises:
        StatisticsError: QC-N060, QC-N061 for the matrix, QC-N063 for a base or run below 1.
    """
    heard = zero_one(incidence, "the incidence matrix")
    base, run = at_least(base, "the base", 1), at_least(run, "the run", 1)
    new = _new_codes(heard)
    base_codes = int(new[:base].sum())
    reason = _cannot_run(heard.shape[0], base, run)
    if not reason and not base_codes:
        reason = f"no code was found in the first {base} interviews"
    if reason:
        return BaseRun(base, run, base_codes, (), None, None, "undefined", reason)
    runs = tuple(
        Run(after, run, found, found / base_codes)
        for after in range(base, len(new) - run + 1)
        for found in [int(new[after : after + run].sum())]
    )
    first = [next((each.label for each in runs if each.ratio <= limit), None) for limit in THRESHOLDS]
    return BaseRun(base, run, base_codes, runs, first[0], first[1], "ok", "")


def permuted_saturation(
    incidence: Any, *, base: int = 4, run: int = 2, permutations: int = 1_000, seed: int = 0
) -> SaturationBands:
    """Return how the curves would look in other orders of the same interviews: medians and 5-95 % bands.

    Raises:
        StatisticsError: QC-N060, QC-N061 for the matrix, QC-N063 for a base or run below 1 or fewer than 1,000 orders.
    """
    heard = zero_one(incidence, "the incidence matrix")
    base, run = at_least(base, "the base", 1), at_least(run, "the run", 1)
    permutations = at_least(permutations, "the number of random orders", 1_000)
    interviews = heard.shape[0]
    new = _new_in_random_orders(heard, permutations, seed)
    cumulative = np.cumsum(new, axis=1)
    reason = _cannot_run(interviews, base, run)
    ratio = np.full((3, max(interviews - base - run + 1, 0)), np.nan)
    reached: dict[float, float] = {}
    undefined = permutations
    if not reason:
        base_codes = cumulative[:, base - 1]
        usable = base_codes > 0
        undefined = int(permutations - usable.sum())
        if undefined == permutations:
            reason = "no code was found in the base interviews of any order"
        else:
            before = cumulative[usable, base - 1 : interviews - run]
            by_run = (cumulative[usable, base + run - 1 :] - before) / base_codes[usable, None]
            ratio = _bands(by_run)
            reached = {limit: float((by_run <= limit).any(axis=1).mean()) for limit in THRESHOLDS}
    status = "undefined" if reason else "ok"
    return SaturationBands(read_only(_bands(cumulative)), read_only(ratio), reached, base, run, permutations, seed,
                           undefined, status, reason)  # fmt: skip


def detection_probability(p: float, n: int, *, times: int = 1) -> float:
    """Return the probability that a theme held by a share ``p`` of people is heard at least ``times`` in n interviews.

    With ``times=1`` it is 1-(1-p)^n; otherwise the upper tail of the binomial (Fugard & Potts 2015). It assumes that
    people are sampled at random and that whoever holds a theme also says it.

    Raises:
        StatisticsError: QC-N063 when p is not a share, n is negative or ``times`` is below 1.
    """
    p = between(p, "the prevalence", 0, 1, ends=True)
    n, times = at_least(n, "the number of interviews", 0), at_least(times, "the number of times", 1)
    if p in (0, 1):
        return float(p == 1 and n >= times)
    if times == 1:
        return -math.expm1(n * math.log1p(-p))
    log_p, log_q = math.log(p), math.log1p(-p)
    choose = (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(min(times, n + 1)))
    fewer = math.fsum(math.exp(c + k * log_p + (n - k) * log_q) for k, c in enumerate(choose))
    return min(max(1 - fewer, 0.0), 1.0) if n >= times else 0.0


def interviews_needed(p: float, confidence: float = 0.95, *, times: int = 1) -> int:
    """Return the smallest number of interviews with ``detection_probability(p, n, times=times) >= confidence``.

    Raises:
        StatisticsError: QC-N063 when p is not above 0, or the confidence not between 0 and 1.
    """
    if p == 0:
        raise StatisticsError("QC-N063", "a theme that nobody holds is never heard, whatever the number of interviews",
                              hint="Give the smallest share of people that matters, such as 0.1.")  # fmt: skip
    p = between(p, "the prevalence", 0, 1, ends=True)
    confidence = between(confidence, "the confidence", 0, 1)
    at_least(times, "the number of times", 1)
    low, high = 0, times
    while detection_probability(p, high, times=times) < confidence:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if detection_probability(p, middle, times=times) < confidence:
            low = middle
        else:
            high = middle
    return high


def _cannot_run(interviews: int, base: int, run: int) -> str:
    if interviews >= base + run:
        return ""
    return f"a base of {base} and a run of {run} need {base + run} interviews; there are {interviews}"


def _new_codes(heard: BoolArray) -> IntArray:
    """Return the number of codes whose first interview is each one."""
    if not heard.size:
        return np.zeros(heard.shape[0], dtype=np.int64)
    first = heard.argmax(axis=0)[heard.any(axis=0)]
    return np.bincount(first, minlength=heard.shape[0]).astype(np.int64)


def _expected_codes(heard: BoolArray) -> FloatArray:
    """Return the expected distinct codes in 1, 2 … t interviews drawn at random (sample-based rarefaction)."""
    interviews = heard.shape[0]
    spread = np.bincount(heard.sum(axis=0), minlength=interviews + 1)[1:]
    expected = np.zeros(interviews)
    for found_in, codes in enumerate(spread, start=1):
        if not codes:
            continue
        k = np.arange(interviews)
        # C(t-n, k+1)/C(t, k+1) grows from C(t-n, k)/C(t, k) by (t-n-k)/(t-k).
        unheard = np.cumprod(np.maximum(interviews - found_in - k, 0) / (interviews - k))
        expected += codes * (1 - unheard)
    return expected


def _new_in_random_orders(heard: BoolArray, permutations: int, seed: int) -> IntArray:
    """Return orders × interviews: new codes at each place of each random order."""
    interviews = heard.shape[0]
    rng = np.random.default_rng(seed)
    places = rng.permuted(np.tile(np.arange(interviews), (permutations, 1)), axis=1)
    new = np.zeros((permutations, interviews), dtype=np.int64)
    rows = np.arange(permutations)
    for code in np.flatnonzero(heard.any(axis=0)) if heard.size else ():
        # Within one code every row of `new` is touched once, so the fancy += counts each order.
        new[rows, places[:, heard[:, code]].min(axis=1)] += 1
    return new


def _bands(rows: Any) -> FloatArray:
    found: FloatArray = np.percentile(rows, [5, 50, 95], axis=0)
    return found
