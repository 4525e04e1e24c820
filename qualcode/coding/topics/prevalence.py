"""How much of the talk of each group is about a topic, with an interval that knows how few cases there are.

The share of a topic t in a group is the mean of its segments' shares θ, weighted by their words w. Segments of one case
are not independent, so the case is what is drawn: with a case's words W_i and its share R_i, the group's share is the
ratio R = Σ W_i R_i / Σ W_i, and its variance over n cases is (Taylor linearisation of a ratio, Cochran 1977, 6.4)

    n / (n - 1) · Σ (W_i (R_i - R))² / (Σ W_i)².

The shares themselves are estimates. Where the model is an LDA, a segment's shares given its words' topics have a
Dirichlet distribution of as many observations as it has terms, N, and the prior's α; Σ w² θ (1 - θ) / (N + Σα + 1) /
(Σ w)² is added. This is the method of composition (Tanner 1996; as in Roberts et al. 2014 for structural topic models)
with its draws replaced by the variance they would have. The interval is R ± t with n - 1 degrees of freedom on the
scale of log odds, so that it stays within 0 and 1. Drawing whole cases anew (the bootstrap with percentiles) is simpler
and wrong for studies of this size: see ``docs/topics.md`` for how often each covers what it should.

The difference between two groups gets its interval from theirs (Zou & Donner 2008, "Construction of confidence limits
about effect measures", Statistics in Medicine 27).

None of this covers another fit: how far the share moves when the model is fitted with other random numbers is told
beside it, as the least and the greatest share over the fits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.matching import REPRODUCIBLE, match_topics
from qualcode.coding.topics.model import Pooled, TopicModel
from qualcode.errors import CodingError

__all__ = ["GroupShare", "matched_topics", "topic_prevalence"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class GroupShare:
    """A topic's share of what a group says.

    Attributes:
        topic: its number, from 0.
        group: number of the group.
        cases: cases of the group with talk; ``words``: what they say, in words.
        share: ``None`` without talk.
        low, high: its interval; ``None`` with fewer than two cases, or where the cases do not differ.
        rest: the topic's share in all other groups together; ``None`` where there is no talk.
        difference, difference_low, difference_high: ``share - rest`` and its interval.
        fits: fits in which the topic was found again, its own among them; ``fit_low``, ``fit_high``: the least and the
            greatest share over these.
    """

    topic: int
    group: int
    cases: int
    words: int
    share: float | None
    low: float | None
    high: float | None
    rest: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    fits: int
    fit_low: float | None
    fit_high: float | None


@dataclass(frozen=True, slots=True)
class _Estimate:
    share: float | None
    low: float | None = None
    high: float | None = None


def topic_prevalence(
    model: TopicModel,
    pooled: Pooled,
    group: Sequence[int] | Array,
    case: Sequence[int] | Array,
    *,
    others: Sequence[TopicModel] = (),
    confidence: float = 0.95,
) -> tuple[GroupShare, ...]:
    """Return each topic's share in each group, topic by topic, groups in ascending order.

    Args:
        model: the fitted model.
        pooled: the talk it was fitted on.
        group: the group of each segment; −1 for one that belongs to none.
        case: the case of each segment: segments of one case are not independent of each other.
        others: fits of the same talk with other seeds of chance.
        confidence: of the intervals.

    Raises:
        CodingError: QC-K080 when the groups or cases are not as many as the segments, or the confidence is not
            between 0 and 1.
    """
    groups, cases = np.asarray(group, np.int64), np.asarray(case, np.int64)
    if len(groups) != len(pooled) or len(cases) != len(pooled):
        raise CodingError("QC-K080", f"there are {len(pooled)} segments, but {len(groups)} groups and {len(cases)} "
                          "cases for them", hint="Give one of each for every segment.")  # fmt: skip
    if not 0 < confidence < 1:
        raise CodingError("QC-K080", f"the confidence is {confidence!r}, and must be between 0 and 1",
                          hint="0.95 is usual.")  # fmt: skip
    words = np.asarray(pooled.sizes, np.float64)
    terms = np.asarray(pooled.counts.sum(axis=1), np.float64).ravel()
    prior = float(model.prior.sum())
    fits = [(model.shares, np.arange(model.k))]
    fits += [(other.shares, matched_topics(model, other)) for other in others]
    found = []
    for topic in range(model.k):
        shares = model.shares[:, topic]
        doubt = shares * (1 - shares) / (terms + prior + 1) if model.kind != "nmf" else np.zeros(len(shares))
        for number in np.unique(groups[groups >= 0]).tolist():
            inside, outside = groups == number, (groups >= 0) & (groups != number)
            here = _estimate(shares, doubt, words, cases, inside, confidence)
            there = _estimate(shares, doubt, words, cases, outside, confidence)
            again = [_mean(theirs[:, match[topic]], words, inside) for theirs, match in fits if match[topic] >= 0]
            told = [each for each in again if each is not None]
            difference, low, high = _difference(here, there)
            found.append(
                GroupShare(
                    topic=topic,
                    group=number,
                    cases=len(np.unique(cases[inside])),
                    words=int(words[inside].sum()),
                    share=here.share,
                    low=here.low,
                    high=here.high,
                    rest=there.share,
                    difference=difference,
                    difference_low=low,
                    difference_high=high,
                    fits=len(again),
                    fit_low=min(told, default=None),
                    fit_high=max(told, default=None),
                )
            )
    return tuple(found)


def matched_topics(model: TopicModel, other: TopicModel) -> Array:
    """Return for each topic the topic of another fit that it is matched with, −1 where that is another topic.

    Topics whose words are less alike than :data:`~qualcode.coding.topics.matching.REPRODUCIBLE` are not the same one.
    """
    column, cosine = match_topics(model.words, other.words)
    return np.where(cosine >= REPRODUCIBLE, column, -1)


def _mean(shares: Array, words: Array, inside: Array) -> float | None:
    total = float(words[inside].sum())
    return float(words[inside] @ shares[inside]) / total if total else None


def _estimate(
    shares: Array, doubt: Array, words: Array, cases: Array, inside: Array, confidence: float
) -> _Estimate:  # fmt: skip
    share = _mean(shares, words, inside)
    if share is None:
        return _Estimate(None)
    _, seat = np.unique(cases[inside], return_inverse=True)
    weight = words[inside]
    spoken = np.bincount(seat, weight)
    n, total = len(spoken), float(weight.sum())
    apart = np.bincount(seat, weight * shares[inside]) - share * spoken
    if n < 2 or not 0 < share < 1 or not np.abs(apart).max() > 1e-12 * total:
        return _Estimate(share)
    from scipy.stats import t

    variance = n / (n - 1) * float(apart @ apart) / total**2
    variance += float(weight**2 @ doubt[inside]) / total**2
    reach = float(t.ppf((1 + confidence) / 2, n - 1)) * math.sqrt(variance) / (share * (1 - share))
    odds = math.log(share / (1 - share))
    return _Estimate(share, _expit(odds - reach), _expit(odds + reach))


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _difference(here: _Estimate, there: _Estimate) -> tuple[float | None, float | None, float | None]:
    """Return how much greater the share is here, and the ends of the interval, where both shares have one."""
    if here.share is None or there.share is None:
        return None, None, None
    apart = here.share - there.share
    if here.low is None or here.high is None or there.low is None or there.high is None:
        return apart, None, None
    down = math.hypot(here.share - here.low, there.high - there.share)
    up = math.hypot(here.high - here.share, there.share - there.low)
    return apart, apart - down, apart + up
