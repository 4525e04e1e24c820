"""When to stop reading: the worked numbers, the definition by counting, and what cannot be said."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import StatisticsError
from qualcode.stats.stopping import missed_at_least, stopping


def test_r22_95_relevant_units_at_95_percent_miss_at_least_6() -> None:
    assert missed_at_least(95, 95, 0.95) == 6
    assert missed_at_least(27, 20, 0.9) == 11  # 30 - 20 + 1: 27/0.9 is 30 and not a digit below


@pytest.mark.parametrize(("unread", "p"), [(1000, 0.5637), (500, 0.3332), (200, 0.0856)])
def test_r22_a_hundred_irrelevant_units_in_a_row(unread: int, p: float) -> None:
    found = [1] * 95 + [0] * 100
    result = stopping(found, 195 + unread, sample=100)
    assert (result.missing, result.over, result.relevant) == (6, 100, 95)
    assert result.p_value == pytest.approx(p, abs=5e-5)
    assert not result.stop
    smallest = stopping(found, 195 + unread)
    assert smallest.p_value is not None
    assert smallest.p_value <= p + 5e-5
    assert smallest.notes


@settings(max_examples=60)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=6), st.integers(0, 5), st.sampled_from([0.5, 0.8, 0.95]))
def test_p_is_the_share_of_draws_that_bring_so_few(found: list[int], unread: int, target: float) -> None:
    relevant = sum(found)
    if not relevant:
        return
    shares = []
    for lately in range(1, len(found) + 1):
        own, urn = sum(found[-lately:]), unread + lately
        missing = missed_at_least(relevant, relevant - own, target)
        draws = [sum(at < missing for at in drawn) for drawn in combinations(range(urn), lately)]
        shares.append(sum(each <= own for each in draws) / len(draws) if missing <= urn else 0.0)
    assert stopping(found, len(found) + unread, target=target).p_value == pytest.approx(min(shares))


def test_when_all_is_read_nothing_was_missed() -> None:
    result = stopping([1, 0, 0, 1, 0], 5)
    assert (result.p_value, result.stop) == (0.0, True)


def test_a_random_sample_stops_too_early_as_seldom_as_the_confidence_says() -> None:
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(2000):
        rest = rng.permutation([1] * 6 + [0] * 294)  # 95 were found before: with 6 more the recall is missed
        result = stopping([1] * 95 + rest[:120].tolist(), 395, sample=120)
        assert result.p_value is not None
        wrong += result.stop and result.relevant / 101 < 0.95
    assert wrong / 2000 <= 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5


def test_before_anything_is_found_nothing_can_be_said() -> None:
    for found in ([], [0, 0, 0]):
        result = stopping(found, 10)
        assert (result.p_value, result.stop, result.status) == (None, False, "undefined")
        assert "no relevant unit" in result.reason


@pytest.mark.parametrize(
    ("code", "found", "total", "asked"),
    [
        ("QC-N061", [1, 2], 10, {}),
        ("QC-N063", [1, 0], 1, {}),
        ("QC-N063", [1, 0], 5, {"target": 0}),
        ("QC-N063", [1, 0], 5, {"confidence": 95}),
        ("QC-N063", [1, 0], 5, {"sample": 3}),
        ("QC-N063", [1, 0], 5, {"sample": 0}),
    ],
)
def test_misuse_is_refused_with_a_code(code: str, found: list[int], total: int, asked: dict[str, Any]) -> None:
    with pytest.raises(StatisticsError) as raised:
        stopping(found, total, **asked)
    assert raised.value.code == code
