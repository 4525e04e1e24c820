"""Measures of an evaluation: worked by hand, and equal to scikit-learn and to the library's own statistics."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from qualcode.analysis.evaluation.measures import (
    ALIKE,
    NOTHING,
    SELDOM,
    Samples,
    average_precision,
    chance_corrected,
    detection,
    interval,
    mean_over,
    ranked,
)
from qualcode.stats.agreement import bootstrap, coefficient

ANSWERS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)
RANKED = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.5000001, 0.9])), min_size=1, max_size=40)


def counts(pairs: list[tuple[bool, bool]]) -> tuple[int, int, int, int]:
    return (sum(a and b for a, b in pairs), sum(b for _, b in pairs), sum(a for a, _ in pairs), len(pairs))


def test_precision_recall_and_f1_worked_by_hand() -> None:
    # 4 of the machine's 5 are right, 4 of the hand's 10 are found: F1 = 8 / 15
    found = detection(np.array([4]), np.array([5]), np.array([10]))
    assert found["precision"] == pytest.approx([0.8])
    assert found["recall"] == pytest.approx([0.4])
    assert found["f1"] == pytest.approx([8 / 15])


def test_what_one_side_never_gives_is_zero_and_what_neither_gives_is_undefined() -> None:
    found = detection(np.array([0, 0, 0]), np.array([0, 3, 0]), np.array([3, 0, 0]))
    assert np.isnan(found["precision"]).tolist() == [True, False, True]
    assert np.isnan(found["recall"]).tolist() == [False, True, True]
    assert found["f1"][:2].tolist() == [0.0, 0.0]
    assert np.isnan(found["f1"][2])


def test_kappa_and_alpha_of_a_published_table() -> None:
    # Krippendorff 2011, example A: alpha .095, kappa .0909
    one, other = "0100000010", "1110010000"
    pairs = [(a == "1", b == "1") for a, b in zip(one, other, strict=True)]
    found = chance_corrected(*map(np.array, counts(pairs)))
    assert float(found["alpha"]) == pytest.approx(0.095, abs=0.0005)
    assert float(found["kappa"]) == pytest.approx(0.0909, abs=0.00005)


@given(ANSWERS)
def test_kappa_and_alpha_are_those_of_the_statistics(pairs: list[tuple[bool, bool]]) -> None:
    rows = np.array(pairs, float)
    found = chance_corrected(*map(np.array, counts(pairs)))
    for name, measure in (("kappa", "cohen"), ("alpha", "krippendorff")):
        wanted = coefficient(rows, measure, categories=(0, 1)).value
        if wanted is None:
            assert np.isnan(found[name])
        else:
            assert float(found[name]) == pytest.approx(wanted, abs=1e-12)


@given(ANSWERS)
def test_precision_recall_and_f1_are_those_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    truth, given_ = zip(*pairs, strict=True)
    precision, recall, f1, _ = precision_recall_fscore_support(truth, given_, average="binary", zero_division=np.nan)
    found = detection(*map(np.array, counts(pairs)[:3]))
    for mine, theirs in ((found["precision"], precision), (found["recall"], recall), (found["f1"], f1)):
        np.testing.assert_allclose(float(mine), float(theirs), atol=1e-12)


@given(ANSWERS)
def test_precision_times_hits_is_what_is_right(pairs: list[tuple[bool, bool]]) -> None:
    both, machine, hand, _ = counts(pairs)
    found = detection(np.array(both), np.array(machine), np.array(hand))
    if machine:
        assert float(found["precision"]) * machine == pytest.approx(both)
    if hand:
        assert float(found["recall"]) * hand == pytest.approx(both)
    if machine and hand and both:
        harmonic = 2 / (1 / float(found["precision"]) + 1 / float(found["recall"]))
        assert float(found["f1"]) == pytest.approx(harmonic)


def test_average_precision_worked_by_hand() -> None:
    # ranked: right, wrong, right: 1/2 * 1/1 + 1/2 * 2/3
    assert average_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]) == pytest.approx(5 / 6)
    # what has one score is taken together: nothing is told apart, so it is the share that is right
    assert average_precision([1, 0, 0, 1], [0.5, 0.5, 0.5, 0.5]) == pytest.approx(0.5)
    assert np.isnan(average_precision([0, 0], [0.3, 0.1]))


@given(RANKED)
def test_average_precision_is_that_of_scikit_learn(pairs: list[tuple[bool, float]]) -> None:
    truth, scores = zip(*pairs, strict=True)
    if any(truth):
        assert average_precision(truth, scores) == pytest.approx(average_precision_score(truth, scores), abs=1e-12)


@given(RANKED, st.integers(2, 5))
@settings(max_examples=25)
def test_average_precision_of_each_sample_is_that_of_scikit_learn_with_weights(
    pairs: list[tuple[bool, float]], clusters: int
) -> None:
    truth, scores = (np.array(part) for part in zip(*pairs, strict=True))
    of_unit = np.arange(len(pairs)) % clusters
    samples = Samples(of_unit, clusters, 8, 3)
    _, drawn = ranked(truth, scores, samples)
    for weights, mine in zip(samples.draws, drawn, strict=True):
        each = weights[of_unit]
        if (each[truth] > 0).any():
            theirs = average_precision_score(truth, scores, sample_weight=each)
            assert mine == pytest.approx(theirs, abs=1e-12)
        else:
            assert np.isnan(mine)


def test_intervals_are_those_of_the_bootstrap_over_clusters() -> None:
    random = np.random.default_rng(7)
    truth = random.random(400) < 0.3
    given_ = np.where(random.random(400) < 0.8, truth, ~truth)
    of_unit = np.repeat(np.arange(8), 50)
    samples = Samples(of_unit, 8, 500, 11)
    sums = samples.sums(np.column_stack([truth & given_, given_, truth, np.ones(400)]))
    found = chance_corrected(*sums.T)
    for name, measure in (("kappa", "cohen"), ("alpha", "krippendorff")):
        rows = np.column_stack([truth, given_]).astype(float)
        wanted = bootstrap(rows, measure, categories=(0, 1), clusters=of_unit.tolist(), replicates=500, seed=11)
        mine = interval(0.5, found[name], 0.95)
        assert (mine.low, mine.high) == (pytest.approx(wanted.low), pytest.approx(wanted.high))


def test_samples_that_are_alike_or_undefined_make_no_interval() -> None:
    assert interval(1.0, np.ones(50), 0.95).why == ALIKE
    assert interval(0.4, np.array([np.nan] * 30 + [0.1, 0.9]), 0.95).why == SELDOM
    assert interval(float("nan"), np.ones(5), 0.95) == NOTHING
    alone = interval(0.4, np.empty(0), 0.95)
    assert (alone.value, alone.low, alone.why) == (0.4, None, "")


def test_one_cluster_cannot_be_drawn_from() -> None:
    assert Samples(np.zeros(4, int), 1, 2000, 0).replicates == 0


def test_the_mean_of_codes_is_over_those_where_a_measure_is_defined() -> None:
    value, number = mean_over(np.array([[0.5, np.nan, 1.0], [np.nan, np.nan, np.nan]]))
    assert value[0] == pytest.approx(0.75)
    assert number.tolist() == [2, 0]
    assert np.isnan(value[1])
