"""How many of the relevant units were found, with an interval, from units that were drawn at random while reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.inputs import FloatArray, IntArray, at_least, between, chosen, numbers, same_length

__all__ = ["RECALL_METHODS", "Draws", "Recall", "recall_interval", "work_saved"]

RECALL_METHODS = ("anytime", "fixed")

_ANYTIME = "Holds however often one looks: a confidence sequence for sampling without replacement."
_FIXED = "Holds for one look at a sample whose size was fixed before it was drawn."
_UNDECIDED = "{} left undecided: the interval holds whether these are relevant or not."


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of the relevant units that was found, and how many there are.

    Attributes:
        estimate: found / likeliest total; ``None`` when undefined.
        low, high: the interval of the recall.
        found: relevant units found.
        total: the likeliest number of relevant units in all, found ones included; ``total_low``, ``total_high``
            its interval.
        drawn, relevant: units drawn at random that the interval rests on, and how many of them were relevant.
        read, units: units read, and units in all.
        method: one of :data:`RECALL_METHODS`.
    """

    estimate: float | None
    low: float | None
    high: float | None
    found: int
    total: int | None
    total_low: int | None
    total_high: int | None
    drawn: int
    relevant: int
    read: int
    units: int
    confidence: float
    method: str
    status: str
    reason: str
    notes: tuple[str, ...] = ()


def recall_interval(
    found: Sequence[Any],
    random: Sequence[Any],
    total: int,
    *,
    among: Sequence[int] | None = None,
    before: Sequence[int] | None = None,
    confidence: float = 0.95,
    method: str = "anytime",
) -> Recall:
    """Return what share of the relevant units was found, from those that were drawn at random while reading.

    A unit drawn at random from the N that were unread then, when r relevant ones had been found, is relevant with
    probability (T - r) / N, where T is the number of all relevant units, whatever was read between the draws and why.

    ``anytime``: the interval holds those T whose likelihood is more than 1 - confidence times that of what a forecaster
    foretold, who begins with the prior 1 / (T + 1), learns from each draw, and drops what reading has ruled out. Since
    that ratio is a martingale for the true T, the interval is wrong at any time, however often one looks, with
    probability 1 - confidence at most (the prior-posterior-ratio confidence sequence of Waudby-Smith & Ramdas 2020,
    *NeurIPS* 33, carried over to draws between which other units are read).

    ``fixed``: of the random units at the end of reading, k of n drawn from N are relevant; the interval holds those T
    for which neither so few nor so many have a hypergeometric probability of (1 - confidence) / 2 or less
    (Clopper & Pearson's construction, 1934, without replacement). It is narrower, and holds for one look at a sample
    whose size was fixed beforehand.

    Either way T is at least what was found and at most that and all unread units. The likeliest T gives the estimate.

    Args:
        found: 1 or 0 for each unit that was read, in the order of reading; ``None`` where the reader left it undecided:
            the interval then holds whatever it is.
        random: whether each of them was drawn at random from all units unread then.
        total: all units, read or not.
        among: for each unit how many were unread when it was drawn, itself included; counted from ``total`` if not
            given.
        before: for each unit how many relevant ones had left the pool when it was drawn; counted from ``found`` if not
            given.
        confidence: of the interval.
        method: ``anytime`` or ``fixed``.

    Returns:
        The recall; undefined while no relevant unit was found or nothing was drawn at random and not all was read.

    Raises:
        StatisticsError: QC-N060 to QC-N063 for values that do not fit, QC-N065 for another method.
    """
    flags, drawn, unread = _checked(found, random, total, among)
    known = _before(flags, before)
    confidence = between(confidence, "the confidence", 0, 1)
    chosen(method, "method", RECALL_METHODS)
    if method == "fixed":
        last = np.flatnonzero(~drawn)
        drawn = np.arange(len(drawn)) > (last[-1] if len(last) else -1)
    open_ = np.isnan(flags)
    certain = int(np.nansum(flags))
    n_drawn = int(drawn.sum())
    told = Recall(
        None, None, None, certain, None, None, None, n_drawn, int((flags[drawn] == 1).sum()), len(flags), total,
        confidence, method, "undefined", "", (_ANYTIME if method == "anytime" else _FIXED,),
    )  # fmt: skip
    if open_.any():
        told = replace(told, notes=(*told.notes, _UNDECIDED.format(int(open_.sum()))))
    if not certain:
        return replace(told, reason="no relevant unit was found yet, so there is no recall to speak of")
    if not n_drawn and total > len(flags):
        return replace(told, reason="nothing was drawn at random yet, so nobody knows what is left")
    doubt = np.cumsum(open_) - open_
    ends = [_totals(np.where(open_, value, flags), drawn, unread, known + value * doubt, total, confidence, method)
            for value in ((0.0, 1.0) if open_.any() else (0.0,))]  # fmt: skip
    likeliest, low, high = ends[0][0], min(each[1] for each in ends), max(each[2] for each in ends)
    return replace(told, estimate=certain / likeliest, low=certain / high, high=min(1.0, certain / low),
                   total=likeliest, total_low=low, total_high=high, status="ok")  # fmt: skip


def work_saved(found: Sequence[Any], total: int, *, recall: float = 0.95) -> float | None:
    """Return the work saved over reading at random when a recall was reached (WSS; Cohen et al. 2006).

    WSS@R = (N - n) / N - (1 - R), where n units were read until the share R of the relevant ones was found: what need
    not be read, less what reading at random would have saved as well.

    Args:
        found: 1 or 0 for each unit in the order of reading; all relevant units must be in it.
        total: N, all units.
        recall: R.

    Returns:
        The share, negative when reading at random would have been quicker; ``None`` without a relevant unit.

    Raises:
        StatisticsError: QC-N060, QC-N061, QC-N063 for values that do not fit.
    """
    flags = _zero_one(found)
    at_least(total, "the number of all units", max(len(flags), 1))
    between(recall, "the recall", 0, 1)
    needed = _needed(int(np.nansum(flags)), recall)
    if not needed:
        return None
    reached = int(np.searchsorted(np.cumsum(flags), needed)) + 1
    return (total - reached) / total - (1 - recall)


def _needed(relevant: int, recall: float) -> int:
    """Return the fewest units that are the share ``recall`` of the relevant ones, the share as it was written."""
    from fractions import Fraction
    from math import ceil

    return ceil(relevant * Fraction(str(recall)))


def _zero_one(found: Sequence[Any], *, missing: bool = False) -> FloatArray:
    flags = numbers([np.nan if each is None else each for each in found], "what was found", missing=missing)
    if not np.isin(flags[~np.isnan(flags)], (0, 1)).all():
        raise StatisticsError("QC-N061", "what was found may hold 0 and 1 only", hint="1 for a relevant unit, else 0.")
    return flags


def _checked(
    found: Sequence[Any], random: Sequence[Any], total: int, among: Sequence[int] | None
) -> tuple[FloatArray, Any, IntArray]:
    flags = _zero_one(found, missing=True)
    drawn = np.asarray(random, dtype=np.bool_)
    same_length("what was found", len(flags), "what was drawn at random", len(drawn))
    at_least(total, "the number of all units", len(flags))
    if among is None:
        return flags, drawn, total - np.arange(len(flags))
    unread = np.asarray(among, dtype=np.int64)
    same_length("what was found", len(flags), "the numbers of unread units", len(unread))
    if len(unread) and drawn.any() and int(unread[drawn].min()) < 1:
        raise StatisticsError("QC-N063", "a unit was drawn from fewer than one",
                              hint="Count the unit itself among those it is drawn from.")  # fmt: skip
    return flags, drawn, unread


def _before(flags: FloatArray, before: Sequence[int] | None) -> IntArray:
    """Return how many relevant units had left the pool before each; those that are undecided are not counted."""
    if before is None:
        certain = np.nan_to_num(flags)
        return np.asarray(np.cumsum(certain) - certain, np.int64)
    known = np.asarray(before, dtype=np.int64)
    same_length("what was found", len(flags), "the numbers found before", len(known))
    return known


def _totals(
    flags: FloatArray, drawn: Any, unread: IntArray, before: Any, total: int, confidence: float, method: str
) -> tuple[int, int, int]:
    """Return the likeliest number of relevant units in all, and the ends of its interval."""
    found = int(flags.sum())
    possible = np.arange(found, found + total - len(flags) + 1)
    if not drawn.any():
        return int(possible[0]), int(possible[0]), int(possible[-1])
    if method == "fixed":
        return _hypergeometric(flags[drawn], int(unread[drawn][0]), int(before[drawn][0]), possible, 1 - confidence)
    draws = Draws(total)
    for hit, left_before, left in zip(flags[drawn], before[drawn], unread[drawn], strict=True):
        draws.add(bool(hit), int(left_before), int(left))
    return draws.totals(found, total - len(flags), confidence)


class Draws:
    """Draws one by one, and what they say of the number of relevant units: for who looks after every few of them.

    Args:
        units: all units.
    """

    def __init__(self, units: int) -> None:
        self._total = np.arange(units + 1)
        self._likelihood = np.zeros(units + 1)
        self._weight = -np.log1p(self._total)
        self._foretold = 0.0

    def add(self, relevant: bool, before: int, among: int) -> None:
        """Take in one draw: whether it was relevant, how many relevant ones had left before, how many were unread.

        It is foretold by the posterior of those totals that were possible then: what was read rules some out.
        """
        with np.errstate(divide="ignore"):
            share = np.clip((self._total - before) / among, 0.0, 1.0)
            own = np.log(share if relevant else 1 - share)
        then = slice(before, before + among + 1)
        together = np.logaddexp.reduce((self._weight + own)[then])
        self._foretold += float(together - np.logaddexp.reduce(self._weight[then]))
        self._likelihood += own
        self._weight += own

    def totals(self, found: int, unread: int, confidence: float) -> tuple[int, int, int]:
        """Return the likeliest number of relevant units in all, and the ends of its interval.

        Args:
            found: relevant ones among those read; ``unread``: how many are left.
            confidence: of the interval.
        """
        possible = np.arange(found, found + unread + 1)
        likelihood = self._likelihood[possible]
        held = possible[likelihood > np.log(1 - confidence) + self._foretold]
        best = int(possible[int(likelihood.argmax())])
        return best, int(min(held.min(initial=best), best)), int(max(held.max(initial=best), best))


def _hypergeometric(
    hits: FloatArray, unread: int, before: int, possible: IntArray, alpha: float
) -> tuple[int, int, int]:
    from scipy.stats import hypergeom

    relevant = int(hits.sum())
    left = np.clip(possible - before, 0, unread)
    few = hypergeom.cdf(relevant, unread, left, len(hits))
    many = hypergeom.sf(relevant - 1, unread, left, len(hits))
    held = possible[(few > alpha / 2) & (many > alpha / 2)]
    likely = hypergeom.pmf(relevant, unread, left, len(hits))
    best = int(possible[int(likely.argmax())])
    return best, int(min(held.min(initial=best), best)), int(max(held.max(initial=best), best))
