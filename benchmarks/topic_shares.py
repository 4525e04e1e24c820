"""How often the interval of a topic's share holds the true share, beside the bootstrap over cases: python -m benchmarks.topic_shares.

Studies are drawn from a known truth: each case has its own share of the topic (beta), each of its segments a share around
that, and says some words. Counted is how many of so many studies have the true share within the 95 % interval.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from qualcode.coding.topics.model import Pooled, TopicModel
from qualcode.coding.topics.prevalence import topic_prevalence

STUDIES, DRAWS, SEGMENTS, CASE, SEGMENT = 2000, 400, 20, 8.0, 2.0
"""Studies for each row, bootstrap draws, segments a case, and how much cases and segments differ (beta concentrations)."""


def study(truth: float, cases: int, chance: np.random.Generator) -> tuple[Any, Any, Any]:
    """Return the case, the words and the topic's share of each segment of a study."""
    own = chance.beta(truth * CASE, (1 - truth) * CASE, cases)
    number = chance.integers(SEGMENTS // 2, SEGMENTS * 3 // 2, cases)
    case = np.repeat(np.arange(cases), number)
    share = chance.beta(own[case] * SEGMENT + 1e-3, (1 - own[case]) * SEGMENT + 1e-3)
    return case, chance.integers(60, 150, len(case)), np.clip(share, 1e-6, 1 - 1e-6)


def ours(case: Any, words: Any, share: Any) -> tuple[float, float]:
    """Return the interval of :func:`topic_prevalence`."""
    shares = np.column_stack([share, 1 - share])
    pooled = _Talk(words)
    model = TopicModel(
        kind="nmf",
        k=2,
        seed=0,
        terms=("a", "b"),
        words=np.eye(2),
        shares=shares,
        prior=np.full(2, 0.1),
        seeded=("", ""),
    )
    found = topic_prevalence(model, cast(Pooled, pooled), np.zeros(len(case), int), case)[0]
    return (found.low or 0.0), (1.0 if found.high is None else found.high)


class _Talk(SimpleNamespace):
    """As much of pooled talk as shares need."""

    def __init__(self, words: Any) -> None:
        super().__init__(sizes=words, counts=np.asarray(words)[:, None] // 2)

    def __len__(self) -> int:
        return len(self.sizes)


def percentiles(case: Any, words: Any, share: Any, chance: np.random.Generator) -> tuple[float, float]:
    """Return the percentile interval of cases drawn anew."""
    said = np.bincount(case, words)
    told = np.bincount(case, words * share)
    drawn = chance.integers(0, len(said), (DRAWS, len(said)))
    low, high = np.percentile(told[drawn].sum(axis=1) / said[drawn].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    """Print a row for each number of cases and true share."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    print(f"{studies} studies a row, 95 % intervals: share of studies that hold the truth (mean width)")
    print("cases  truth  log odds, t      percentiles")
    for cases in (2, 3, 5, 10, 20):
        for truth in (0.05, 0.15):
            chance = np.random.default_rng([cases, round(truth * 100)])
            ends = []
            for _ in range(studies):
                made = study(truth, cases, chance)
                ends.append((*ours(*made), *percentiles(*made, chance)))
            low, high, p_low, p_high = np.asarray(ends).T
            held = [((a <= truth) & (truth <= b)).mean() for a, b in ((low, high), (p_low, p_high))]
            wide = [(b - a).mean() for a, b in ((low, high), (p_low, p_high))]
            print(f"{cases:>5}  {truth:.2f}   {held[0]:.3f} ({wide[0]:.2f})     {held[1]:.3f} ({wide[1]:.2f})")


if __name__ == "__main__":
    main()
