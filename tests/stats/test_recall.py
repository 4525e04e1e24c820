"""Recall with an interval: exact values, coverage under planted readers, and what cannot be said."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import StatisticsError
from qualcode.stats.recall import Draws, recall_interval, work_saved
from qualcode.stats.stopping import sample_needed, stopping


def share_of_draws(total: int, relevant: int, drawn: int, hits: int) -> float:
    """Return the probability of exactly so many hits, counted out."""
    return comb(relevant, hits) * comb(total - relevant, drawn - hits) / comb(total, drawn)


def test_fixed_holds_what_neither_so_few_nor_so_many_rule_out() -> None:
    found = [1, 1, 1, 1, 0, 0, 0, 0, 0]
    result = recall_interval(found, [False] * 3 + [True] * 6, 20, method="fixed", confidence=0.9)
    held = []
    for left in range(1, 13):  # relevant ones among the 17 that were unread before the sample
        few = sum(share_of_draws(17, left, 6, k) for k in range(min(1, left) + 1))
        many = sum(share_of_draws(17, left, 6, k) for k in range(1, 7) if k <= left)
        if few > 0.05 and many > 0.05:
            held.append(3 + left)
    assert (result.total_low, result.total_high) == (held[0], held[-1]) == (4, 11)
    assert (result.found, result.drawn, result.relevant) == (4, 6, 1)
    assert result.low == pytest.approx(4 / 11)
    assert result.high == 1.0


def test_fixed_looks_at_the_last_random_units_only() -> None:
    found, random = [0, 1, 1, 0, 0, 1], [True, True, False, True, True, True]
    assert recall_interval(found, random, 30, method="fixed").drawn == 3


def test_anytime_follows_its_definition() -> None:
    found, random, total = [1, 1, 0, 1, 0], [False, True, True, False, True], 12
    weight = [1 / (t + 1) for t in range(total + 1)]
    likelihood = [1.0] * (total + 1)
    foretold = 1.0
    for at, (hit, drawn) in enumerate(zip(found, random, strict=True)):
        if drawn:
            before, left = sum(found[:at]), total - at
            chance = [min(1, max(0, (t - before) / left)) for t in range(total + 1)]
            own = [p if hit else 1 - p for p in chance]
            then = range(before, before + left + 1)
            foretold *= sum(weight[t] * own[t] for t in then) / sum(weight[t] for t in then)
            weight = [w * p for w, p in zip(weight, own, strict=True)]
            likelihood = [w * p for w, p in zip(likelihood, own, strict=True)]
    possible = range(3, 3 + 7 + 1)
    held = [t for t in possible if likelihood[t] > 0.2 * foretold]
    result = recall_interval(found, random, total, confidence=0.8)
    assert (result.total_low, result.total_high) == (held[0], held[-1])
    assert result.total == max(possible, key=lambda t: likelihood[t])


def reads(rng: np.random.Generator, total: int, relevant: int, every: int) -> tuple[Any, list[int], list[bool]]:
    """Return a reader's labels: every so many-th unit at random, the others by a score that the labels shift."""
    truth = np.zeros(total, bool)
    truth[rng.choice(total, relevant, replace=False)] = True
    score = truth + rng.normal(size=total)
    unread = np.ones(total, bool)
    found, random = [], []
    for step in range(total // 2):
        rows = np.flatnonzero(unread)
        drawn = step % every == 0
        row = rng.choice(rows) if drawn else rows[np.argmax(score[rows])]
        unread[row] = False
        score += 0.02 * truth[row] * rng.normal(size=total)  # what comes next depends on what was found
        found.append(int(truth[row]))
        random.append(drawn)
    return truth, found, random


@pytest.mark.parametrize(("relevant", "every"), [(12, 3), (40, 1), (25, 2)])
def test_anytime_is_seldom_wrong_even_once_in_a_whole_reading(relevant: int, every: int) -> None:
    rng = np.random.default_rng(7)
    total, trials, wrong = 100, 150, 0
    for _ in range(trials):
        _, found, random = reads(rng, total, relevant, every)
        draws, before = Draws(total), 0
        missed = False
        for at, (hit, drawn) in enumerate(zip(found, random, strict=True)):
            if drawn:
                draws.add(bool(hit), before, total - at)
            before += hit
            _, low, high = draws.totals(before, total - at - 1, 0.8)
            missed = missed or not low <= relevant <= high
        wrong += missed
    assert wrong / trials <= 0.2 + 3 * (0.2 * 0.8 / trials) ** 0.5


def test_fixed_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    trials, wrong = 400, 0
    for _ in range(trials):
        unread = rng.permutation([1] * 14 + [0] * 136)
        found = [1] * 30 + unread[:50].tolist()
        result = recall_interval(found, [False] * 30 + [True] * 50, 180, method="fixed", confidence=0.9)
        assert result.total_low is not None
        assert result.total_high is not None
        wrong += not result.total_low <= 44 <= result.total_high
    assert wrong / trials <= 0.1 + 3 * (0.1 * 0.9 / trials) ** 0.5


@settings(max_examples=80)
@given(st.lists(st.tuples(st.sampled_from([0, 1]), st.booleans()), min_size=1, max_size=30), st.integers(0, 30))
def test_the_interval_lies_between_what_was_found_and_what_is_left(read: list[tuple[int, bool]], left: int) -> None:
    found, random = [hit for hit, _ in read], [drawn for _, drawn in read]
    for method in ("anytime", "fixed"):
        result = recall_interval(found, random, len(read) + left, method=method)
        if result.status == "ok":
            assert result.total_low is not None
            assert result.total is not None
            assert result.total_high is not None
            assert result.low is not None
            assert result.high is not None
            assert sum(found) <= result.total_low <= result.total <= result.total_high <= sum(found) + left
            assert 0 < result.low <= result.high <= 1


def test_what_is_undecided_makes_the_interval_hold_both_ways() -> None:
    random = [True] * 30
    yes = [1, 1, 1] + [0] * 27
    one = recall_interval(yes, random, 200)
    other = recall_interval([1, 1, 0] + [0] * 27, random, 200)
    open_ = recall_interval([1, 1, None] + [0] * 27, random, 200)
    assert open_.found == 2
    assert open_.total_low is not None
    assert other.total_low is not None
    assert open_.total_low <= other.total_low
    assert open_.total_high == max(one.total_high or 0, other.total_high or 0)
    assert any("undecided" in note for note in open_.notes)


def test_everything_read_leaves_nothing_open() -> None:
    result = recall_interval([1, 0, 1, 0], [False] * 4, 4)
    assert (result.estimate, result.low, result.high) == (1.0, 1.0, 1.0)


def test_draws_of_another_copy_count_by_what_was_noted_with_them() -> None:
    noted = recall_interval([1, 0, 0], [False, True, True], 40, among=[40, 30, 29], before=[0, 4, 4])
    counted = recall_interval([1, 0, 0], [False, True, True], 40)
    assert noted.total_high != counted.total_high


def test_before_anything_is_found_or_drawn_nothing_can_be_said() -> None:
    assert "no relevant unit" in recall_interval([0, 0], [True, True], 10).reason
    nothing_drawn = recall_interval([1, 0], [False, False], 10)
    assert nothing_drawn.status == "undefined"
    assert "at random" in nothing_drawn.reason


@pytest.mark.parametrize(
    ("code", "found", "random", "total", "asked"),
    [
        ("QC-N061", [2], [True], 4, {}),
        ("QC-N062", [1, 0], [True], 4, {}),
        ("QC-N062", [1], [True], 4, {"among": [4, 3]}),
        ("QC-N062", [1], [True], 4, {"before": []}),
        ("QC-N063", [1, 0], [True, True], 1, {}),
        ("QC-N063", [1], [True], 4, {"among": [0]}),
        ("QC-N063", [1], [True], 4, {"confidence": 95}),
        ("QC-N065", [1], [True], 4, {"method": "guess"}),
    ],
)
def test_misuse_is_refused_with_a_code(
    code: str, found: list[int], random: list[bool], total: int, asked: dict[str, Any]
) -> None:
    with pytest.raises(StatisticsError) as raised:
        recall_interval(found, random, total, **asked)
    assert raised.value.code == code


def test_work_saved_is_what_need_not_be_read_less_what_chance_saves() -> None:
    found = [1] * 18 + [0] * 10 + [1] + [0] * 70 + [1]
    # 19 of 20 were found after 29 of 100: 71 need not be read, and reading at random would have saved 5.
    assert work_saved(found, 100) == pytest.approx(0.71 - 0.05)
    assert work_saved(found, 100, recall=0.9) == pytest.approx(0.82 - 0.1)
    assert work_saved([0, 0], 2) is None


@pytest.mark.parametrize(
    ("relevant", "unread", "target"), [(95, 200, 0.95), (20, 300, 0.8), (9, 1000, 0.9), (1, 30, 0.5)]
)
def test_a_sample_of_the_size_needed_stops_and_one_less_does_not(relevant: int, unread: int, target: float) -> None:
    size = sample_needed(relevant, unread, target=target)
    found = [1] * relevant + [0] * size
    assert stopping(found, relevant + unread, target=target, sample=size).stop
    assert not stopping(found[:-1], relevant + unread, target=target, sample=size - 1).stop


def test_95_relevant_units_and_200_unread_ones_need_a_sample_of_78() -> None:
    assert sample_needed(95, 200) == 78
    assert sample_needed(95, 5) == 0  # a miss of the target would leave 6
    with pytest.raises(StatisticsError):
        sample_needed(0, 100)
