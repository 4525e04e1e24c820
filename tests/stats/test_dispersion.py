"""Dispersion over parts of a corpus, and the Gini coefficient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from qualcode.errors import StatisticsError
from qualcode.stats.dispersion import deviation_of_proportions, dispersion, gini

parts = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 100)), min_size=2, max_size=8)


def test_r20_gries_2008() -> None:
    found = dispersion([1, 2, 3, 4, 5], [9, 10, 10, 10, 11])
    assert found.dp == pytest.approx(0.18, abs=5e-4)
    assert found.juilland_d == pytest.approx(0.785, abs=5e-4)
    assert found.carroll_d2 == pytest.approx(0.938, abs=5e-4)
    assert found.rosengren_s == pytest.approx(0.950, abs=5e-4)
    assert found.dp_norm == pytest.approx(0.2195, abs=5e-5)
    assert (found.frequency, found.parts, found.parts_with, found.status) == (15, 5, 5, "ok")


@pytest.mark.parametrize(("values", "expected"), [([1, 2, 3, 4], 0.25), ([0, 0, 0, 10], 0.75), ([5, 5, 5], 0)])
def test_r26_gini(values: list[int], expected: float) -> None:
    found = gini(values)
    assert found.value == pytest.approx(expected)
    assert found.maximum == pytest.approx(1 - 1 / len(values))


def test_a_word_in_one_part_only_is_at_the_far_end_of_every_measure() -> None:
    found = dispersion([0, 0, 6], [50, 50, 50])
    assert (found.dp, found.dp_norm) == (pytest.approx(2 / 3), pytest.approx(1))
    assert (found.juilland_d, found.carroll_d2) == (pytest.approx(0), 0)
    assert found.rosengren_s == pytest.approx(1 / 3)


@given(parts)
@settings(deadline=None)
def test_measures_stay_in_their_range(rows: list[tuple[int, int]]) -> None:
    found = dispersion([count for count, _ in rows], [size for _, size in rows])
    if not found.frequency:
        assert (found.status, found.dp) == ("undefined", None)
        return
    for value in (found.dp, found.dp_norm, found.juilland_d, found.carroll_d2, found.rosengren_s):
        assert value is not None
        assert -1e-9 <= value <= 1 + 1e-9


@given(st.lists(st.integers(1, 50), min_size=2, max_size=8))
def test_a_word_spread_as_the_sizes_is_perfectly_even(sizes: list[int]) -> None:
    found = dispersion([3 * size for size in sizes], sizes)
    assert found.dp == pytest.approx(0, abs=1e-12)
    assert (found.juilland_d, found.carroll_d2, found.rosengren_s) == (
        pytest.approx(1),
        pytest.approx(1),
        pytest.approx(1),
    )


def test_empty_parts_are_left_out_and_noted() -> None:
    found = dispersion([1, 0, 2], [10, 0, 20])
    assert (found.parts, found.notes) == (2, ("empty parts left out: 1",))
    assert found.dp == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "sizes", "reason"), [([0, 0], [5, 5], "does not occur"), ([3], [5], "two parts"), ([], [], "two parts")]
)
def test_what_cannot_be_spread_is_undefined(counts: list[int], sizes: list[int], reason: str) -> None:
    found = dispersion(counts, sizes)
    assert (found.status, found.dp, found.dp_norm) == ("undefined", None, None)
    assert reason in found.reason


def test_many_types_at_once_equal_one_by_one() -> None:
    rng = np.random.default_rng(0)
    table, sizes = rng.poisson(0.6, (6, 40)), rng.integers(50, 90, 6)
    table[:, 7] = 0
    for form in (table, csr_array(table)):
        found = deviation_of_proportions(form, sizes)
        for column in range(40):
            one = dispersion(table[:, column], sizes).dp
            assert np.isnan(found[column]) if one is None else found[column] == pytest.approx(one)


@given(st.lists(st.just(0.0) | st.floats(0.001, 1e6), min_size=1, max_size=20), st.floats(0.1, 10))
@settings(deadline=None)
def test_gini_ignores_scale_and_order_and_stays_below_its_maximum(values: list[float], factor: float) -> None:
    found = gini(values)
    if found.value is None:
        assert sum(values) == 0
        return
    assert found.maximum is not None
    assert -1e-12 <= found.value <= found.maximum + 1e-9
    assert gini([factor * value for value in reversed(values)]).value == pytest.approx(found.value, abs=1e-6)


@pytest.mark.parametrize(("values", "reason"), [([], "no values"), ([0, 0], "all values are 0")])
def test_gini_of_nothing_is_undefined(values: list[float], reason: str) -> None:
    assert (gini(values).value, gini(values).status) == (None, "undefined")
    assert reason in gini(values).reason


def test_misuse_is_refused_with_a_code() -> None:
    calls = [
        ("QC-N062", lambda: dispersion([1, 2], [1])),
        ("QC-N064", lambda: dispersion([-1, 2], [1, 1])),
        ("QC-N064", lambda: dispersion([1, 2], [-1, 1])),
        ("QC-N069", lambda: dispersion([1, 2], [0, 1])),
        ("QC-N069", lambda: deviation_of_proportions([[1], [2]], [0, 0])),
        ("QC-N064", lambda: gini([1, -2])),
    ]
    for code, call in calls:
        with pytest.raises(StatisticsError) as caught:
            call()
        assert caught.value.code == code
