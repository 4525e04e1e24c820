"""When to stop reading: is the share of relevant units found high enough, given how few the last ones brought?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.inputs import at_least, between, numbers

__all__ = ["Stopping", "missed_at_least", "sample_needed", "stopping"]

_REPEATED = (
    "The smallest of many p-values, one for each stretch of the last units: somewhat optimistic. A random sample of "
    "the rest (sample=) gives an exact one."
)


@dataclass(frozen=True, slots=True)
class Stopping:
    """A test of whether a recall was reached.

    Attributes:
        p_value: how probable so few relevant units among the last ones are if the recall was missed; ``None`` when
            undefined.
        stop: whether ``p_value`` is below 1 - confidence.
        missing: the fewest relevant units that the last ``over`` and the unread ones held if the recall was missed.
        over: the last units that the p-value is about.
        relevant: relevant units that were read.
        read, total: units read, and units in all.
    """

    p_value: float | None
    stop: bool
    missing: int | None
    over: int | None
    relevant: int
    read: int
    total: int
    target: float
    confidence: float
    status: str
    reason: str
    notes: tuple[str, ...] = ()


def missed_at_least(relevant: int, before: int, target: float) -> int:
    """Return the fewest relevant units beyond ``before`` with which ``relevant`` found would miss the target recall.

    K = ⌊relevant / target - before + 1⌋ (Callaghan & Müller-Hansen 2020).

    Raises:
        StatisticsError: QC-N063 for negative numbers or a target that is no share.
    """
    at_least(relevant, "the number of relevant units", 0)
    at_least(before, "the number of relevant units before", 0)
    # As a fraction of the decimal that was written: 27 / 0.9 is 30 and not a digit below it.
    return floor(relevant / Fraction(str(between(target, "the target recall", 0, 1))) - before + 1)


def stopping(
    found: Sequence[Any], total: int, *, target: float = 0.95, confidence: float = 0.95, sample: int | None = None
) -> Stopping:
    """Return whether reading can stop: p is the chance of so few relevant units lately, had the recall been missed.

    If the recall were missed, the last i units and the unread ones would hold K relevant units or more
    (:func:`missed_at_least`); p is the hypergeometric probability of no more than those found among i drawn from them.
    The smallest p over all i is taken, or, with ``sample``, that of the last ``sample`` units, which were drawn at
    random from all that were not read then.

    Source: Callaghan & Müller-Hansen (2020), *Systematic Reviews* 9:273.

    Args:
        found: 1 or 0 for each unit that was read, in the order of reading.
        total: all units, read or not.
        target: the recall to be reached.
        confidence: stop when p is below 1 - confidence.

    Returns:
        The test; undefined before a relevant unit is found.

    Raises:
        StatisticsError: QC-N061 for other values than 0 and 1, QC-N063 for numbers out of range.
    """
    flags = numbers(found, "what was found")
    if not np.isin(flags, (0, 1)).all():
        raise StatisticsError("QC-N061", "what was found may hold 0 and 1 only", hint="1 for a relevant unit, else 0.")
    read, relevant = len(flags), int(flags.sum())
    at_least(total, "the number of all units", read)
    confidence = between(confidence, "the confidence", 0, 1)
    between(target, "the target recall", 0, 1)
    if sample is not None and at_least(sample, "the size of the sample", 1) > read:
        raise StatisticsError("QC-N063", f"a sample of {sample} is larger than the {read} units that were read",
                              hint="Give the results of the sample at the end of what was found.")  # fmt: skip
    notes = (_REPEATED,) if sample is None else ()
    if not relevant:
        reason = "no relevant unit was found yet, so there is no recall to speak of"
        return Stopping(None, False, None, None, 0, read, total, target, confidence, "undefined", reason, notes)
    lately = np.arange(1, read + 1) if sample is None else np.array([sample])
    among = np.cumsum(flags[::-1])[lately - 1].astype(np.int64)
    # K depends on what was found before only, so it is reckoned once for each such number.
    missing = np.array([missed_at_least(relevant, relevant - int(own), target) for own in among])
    p_values = _at_most(among, total - read + lately, missing, lately)
    best = int(p_values.argmin())
    p = float(p_values[best])
    return Stopping(p, p < 1 - confidence, int(missing[best]), int(lately[best]), relevant, read, total, target,
                    confidence, "ok", "", notes)  # fmt: skip


def sample_needed(relevant: int, unread: int, *, target: float = 0.95, confidence: float = 0.95) -> int:
    """Return how many units to draw at random from the unread ones, so that reading can stop if none is relevant.

    The fewest n for which the exact test of :func:`stopping` (``sample=n``) stops when the sample brings nothing.
    Fixed before the sample is drawn, this keeps the error of that test at 1 - confidence.

    Args:
        relevant: relevant units found so far.
        unread: units that were not read.
        target: the recall to be reached.
        confidence: of the test.

    Returns:
        The number; 0 when so many unread units as would miss the target are not there at all.

    Raises:
        StatisticsError: QC-N063 for numbers out of range, and when nothing relevant was found yet.
    """
    at_least(relevant, "the number of relevant units", 1)
    left = at_least(unread, "the number of unread units", 0)
    alpha = 1 - between(confidence, "the confidence", 0, 1)
    missing = missed_at_least(relevant, relevant, target)
    if missing > left:
        return 0
    few, many = 0, left  # with all drawn, the chance to see none of them is 0
    while many - few > 1:
        middle = (few + many) // 2
        p = float(_at_most(np.array([0]), np.array([left]), np.array([missing]), np.array([middle]))[0])
        few, many = (few, middle) if p < alpha else (middle, many)
    return many


def _at_most(found: Any, urn: Any, relevant: Any, drawn: Any) -> Any:
    """Return the hypergeometric probability of at most ``found``; 0 where the urn cannot hold so many relevant ones."""
    from scipy.stats import hypergeom

    possible = relevant <= urn
    return np.where(possible, hypergeom.cdf(found, urn, np.minimum(relevant, urn), drawn), 0.0)
