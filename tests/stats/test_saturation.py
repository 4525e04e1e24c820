"""Saturation: new codes by interview, runs against a base, random orders, and how many interviews a theme takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qualcode.errors import StatisticsError
from qualcode.stats.saturation import (
    SATURATION_NOTES,
    base_run,
    detection_probability,
    interviews_needed,
    new_information_ratio,
    permuted_saturation,
    saturation_curve,
)

FIVE = [
    [1, 1, 0, 0, 0],
    [0, 1, 1, 0, 0],
    [1, 0, 0, 0, 0],
    [0, 0, 0, 1, 0],
    [1, 1, 1, 0, 0],
]
incidences = hnp.arrays(np.int8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.integers(0, 1))


def by_first_interview(rows: list[int], codes: int = 0) -> np.ndarray[Any, Any]:
    """Return a matrix in which interview i brings rows[i] new codes."""
    matrix = np.zeros((len(rows), sum(rows) + codes), dtype=int)
    start = 0
    for interview, new in enumerate(rows):
        matrix[interview, start : start + new] = 1
        start += new
    return matrix


def test_each_interview_adds_the_codes_not_heard_before() -> None:
    curve = saturation_curve(FIVE)
    assert curve.new.tolist() == [2, 1, 0, 1, 0]
    assert curve.cumulative.tolist() == [2, 3, 3, 4, 4]
    assert (curve.codes, curve.interviews, curve.status) == (4, 5, "ok")


def test_a_further_person_is_expected_to_add_the_codes_heard_once_divided_by_interviews() -> None:
    curve = saturation_curve(FIVE)
    assert curve.average_new_per_person == pytest.approx(1 / 5)  # one code was heard in one interview only
    assert curve.average_new[0] == pytest.approx(9 / 5)  # codes in an interview, on average
    assert curve.below_one_at == 3


@given(incidences)
@settings(deadline=None)
def test_new_and_average_new_codes_both_add_up_to_the_codes_found(matrix: np.ndarray[Any, Any]) -> None:
    curve = saturation_curve(matrix)
    found = int(matrix.any(axis=0).sum())
    assert curve.new.sum() == curve.codes == found
    assert curve.average_new.sum() == pytest.approx(found)
    assert (np.diff(curve.average_new) <= 1e-9).all()
    assert (curve.status == "undefined") == (found == 0)


@pytest.mark.parametrize(
    ("matrix", "reason"), [([], "there are no interviews"), ([[0, 0]], "no code was found in any interview")]
)
def test_without_codes_a_curve_is_undefined(matrix: list[Any], reason: str) -> None:
    curve = saturation_curve(matrix)
    assert (curve.status, curve.reason, curve.average_new_per_person) == ("undefined", reason, None)


def test_r25_seven_new_codes_on_a_base_of_37_are_19_percent() -> None:
    assert new_information_ratio(37, 7) == pytest.approx(0.1892, abs=5e-5)
    result = base_run(by_first_interview([20, 9, 5, 3, 4, 3]), base=4, run=2)
    assert result.base_codes == 37
    assert (result.runs[0].label, result.runs[0].new_codes) == ("4+2", 7)
    assert result.runs[0].ratio == pytest.approx(0.1892, abs=5e-5)
    assert new_information_ratio(0, 3) is None


def test_runs_slide_by_one_interview_and_keep_the_base_as_denominator() -> None:
    result = base_run(by_first_interview([10, 6, 3, 1, 2, 1, 1, 0, 0]), base=4, run=2)
    assert [(run.label, run.new_codes) for run in result.runs] == [("4+2", 3), ("5+2", 2), ("6+2", 1), ("7+2", 0)]
    assert [run.ratio for run in result.runs] == [3 / 20, 2 / 20, 1 / 20, 0]
    assert (result.at_5_percent, result.at_0_percent) == ("6+2", "7+2")


def test_thresholds_that_are_never_reached_are_none() -> None:
    result = base_run(by_first_interview([2, 2, 2, 2, 2, 2]))
    assert (result.at_5_percent, result.at_0_percent) == (None, None)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [(FIVE, "need 6 interviews; there are 5"), (np.zeros((6, 3)), "no code was found in the first 4")],
)
def test_a_run_that_cannot_be_compared_is_undefined_with_a_reason(matrix: Any, words: str) -> None:
    result = base_run(matrix)
    assert (result.status, result.runs) == ("undefined", ())
    assert words in result.reason


def test_results_say_where_saturation_does_not_belong() -> None:
    notes = " ".join(saturation_curve(FIVE).notes)
    assert "code coverage" in notes
    assert "Reflexive thematic analysis" in notes
    assert base_run(FIVE).notes == SATURATION_NOTES


def test_random_orders_agree_with_the_exact_average_and_bracket_it() -> None:
    matrix = np.random.default_rng(5).random((12, 30)) < 0.25
    bands = permuted_saturation(matrix, permutations=4_000, seed=3)
    exact = np.cumsum(saturation_curve(matrix).average_new)
    assert (bands.cumulative[0] <= exact).all()
    assert (exact <= bands.cumulative[2] + 1e-9).all()
    np.testing.assert_allclose(bands.cumulative[1], exact, atol=1.0)
    assert bands.cumulative[:, -1].tolist() == [matrix.any(axis=0).sum()] * 3
    assert bands.ratio.shape == (3, 12 - 4 - 2 + 1)


def test_every_order_of_three_interviews_is_found_by_hand() -> None:
    # Interview 0 has three codes, the others one of them each; base 1, run 1: ratios 0, 2, 2 or 0 by order.
    matrix = [[1, 1, 1], [1, 0, 0], [0, 1, 0]]
    bands = permuted_saturation(matrix, base=1, run=1, permutations=6_000, seed=1)
    assert bands.cumulative[:, 0].tolist() == [1, 1, 3]
    # Orders starting with 0 have no new code at all; of the others half get {a, b} and then one new code, half 2 then 0.
    assert bands.reached[0.0] == pytest.approx(1 / 3 + 1 / 3, abs=0.02)


def test_the_same_seed_gives_the_same_bands_and_another_seed_other_orders() -> None:
    matrix = np.random.default_rng(2).random((9, 40)) < 0.2
    first, again = (permuted_saturation(matrix, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first.ratio, again.ratio)
    other = permuted_saturation(matrix, seed=8)
    assert other.reached != first.reached
    assert first.seed == 7


def test_orders_without_a_code_in_the_base_are_counted_and_left_out() -> None:
    matrix = np.zeros((7, 2), dtype=int)
    matrix[0] = 1
    bands = permuted_saturation(matrix, base=2, run=2)
    assert bands.status == "ok"
    assert bands.undefined == pytest.approx(1_000 * 5 / 7, abs=60)
    assert (bands.ratio == 0).all()


@pytest.mark.parametrize("matrix", [np.zeros((7, 2)), np.ones((3, 2)), []])
def test_bands_without_a_usable_base_are_undefined(matrix: Any) -> None:
    bands = permuted_saturation(matrix)
    assert bands.status == "undefined"
    assert bands.reason
    assert bands.reached == {}


def test_a_theme_held_by_one_in_ten_takes_29_interviews() -> None:
    assert interviews_needed(0.10, 0.95) == 29
    assert detection_probability(0.10, 29) == pytest.approx(0.9529, abs=5e-5)
    assert detection_probability(0.10, 28) < 0.95


@given(st.floats(0.001, 0.999), st.integers(0, 200))
def test_detection_is_one_minus_the_chance_of_silence(p: float, n: int) -> None:
    assert detection_probability(p, n) == pytest.approx(1 - (1 - p) ** n, abs=1e-12)


@given(st.floats(0.01, 1), st.floats(0.01, 0.999), st.integers(1, 4))
@settings(deadline=None)
def test_the_number_of_interviews_is_the_smallest_that_is_enough(p: float, confidence: float, times: int) -> None:
    n = interviews_needed(p, confidence, times=times)
    assert detection_probability(p, n, times=times) >= confidence
    assert detection_probability(p, n - 1, times=times) < confidence


def test_hearing_a_theme_several_times_is_the_tail_of_the_binomial() -> None:
    expected = 1 - sum(math.comb(20, k) * 0.2**k * 0.8 ** (20 - k) for k in range(3))
    assert detection_probability(0.2, 20, times=3) == pytest.approx(expected, rel=1e-12)
    assert detection_probability(0.2, 2, times=3) == 0
    assert detection_probability(1, 3, times=3) == 1
    assert detection_probability(0, 100) == 0
    assert detection_probability(0.5, 1_000_000, times=400) == pytest.approx(1)


def test_misuse_is_refused_with_a_code_and_a_hint() -> None:
    calls = [
        ("QC-N061", lambda: saturation_curve([[2, 0]])),
        ("QC-N060", lambda: saturation_curve([1, 0])),
        ("QC-N060", lambda: saturation_curve([[1, 0], [1]])),
        ("QC-N060", lambda: saturation_curve([[1, math.nan]])),
        ("QC-N063", lambda: base_run(FIVE, base=0)),
        ("QC-N063", lambda: permuted_saturation(FIVE, permutations=999)),
        ("QC-N063", lambda: interviews_needed(0)),
        ("QC-N063", lambda: interviews_needed(10)),
        ("QC-N063", lambda: interviews_needed(0.1, 95)),
        ("QC-N063", lambda: detection_probability(0.1, -1)),
    ]
    for code, call in calls:
        with pytest.raises(StatisticsError) as caught:
            call()
        assert (caught.value.code, bool(caught.value.hint)) == (code, True)
