"""Co-occurrence of codes in distinct units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import coo_array, csc_matrix, csr_array

from qualcode.errors import StatisticsError
from qualcode.stats.cooccurrence import c_coefficient, cooccurrence

matrices = hnp.arrays(np.int8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.integers(0, 1))


def two_codes(first: int, second: int, both: int, units: int) -> np.ndarray[Any, Any]:
    matrix = np.zeros((units, 2), dtype=int)
    matrix[:first, 0] = 1
    matrix[first - both : first - both + second, 1] = 1
    return matrix


def test_r17_the_c_coefficient_of_the_atlas_ti_manual() -> None:
    assert c_coefficient(100, 10, 5) == pytest.approx(0.048, abs=5e-4)
    pair = cooccurrence(two_codes(100, 10, 5, 200), unit="passage").pair("0", "1")
    assert pair.jaccard == pytest.approx(5 / 105)
    assert pair.unequal


def test_a_pair_says_all_that_is_needed_to_judge_it() -> None:
    found = cooccurrence(two_codes(40, 20, 16, 100), unit="sentence", codes=["trust", "vision"])
    pair = found.pair("trust", "vision")
    assert (found.unit, found.n_units) == ("sentence", 100)
    assert (pair.n_first, pair.n_second, pair.both) == (40, 20, 16)
    assert (pair.share_of_first, pair.share_of_second) == (0.4, 0.8)
    assert (pair.jaccard, pair.expected, pair.lift) == (pytest.approx(16 / 44), 8, 2)
    assert (pair.unequal, pair.small) == (False, False)
    assert found.pair("vision", "trust").share_of_first == 0.8


@pytest.mark.parametrize(("first", "second", "flag"), [(10, 2, False), (11, 2, True), (3, 0, True)])
def test_frequencies_of_more_than_five_to_one_are_flagged(first: int, second: int, flag: bool) -> None:
    assert cooccurrence(two_codes(first, second, 0, 30), unit="turn").pair("0", "1").unequal is flag


@pytest.mark.parametrize(("both", "units", "flag"), [(4, 20, True), (5, 20, False), (5, 21, True)])
def test_fewer_than_five_shared_or_expected_units_are_flagged(both: int, units: int, flag: bool) -> None:
    assert cooccurrence(two_codes(10, 10, both, units), unit="turn").pair("0", "1").small is flag


def test_a_code_that_was_not_found_has_no_ratios() -> None:
    found = cooccurrence([[1, 0], [1, 0]], unit="turn")
    pair = found.pair("0", "1")
    assert (pair.both, pair.jaccard, pair.share_of_first, pair.share_of_second, pair.lift) == (0, 0, 0, None, None)
    assert found.pair("1", "1").jaccard is None
    assert np.isnan(found.share[1]).all()


@given(matrices)
@settings(deadline=None)
def test_matrices_equal_counting_by_hand_and_no_coefficient_passes_one(matrix: np.ndarray[Any, Any]) -> None:
    found = cooccurrence(matrix, unit="turn")
    codes = matrix.shape[1]
    for i in range(codes):
        for j in range(codes):
            a, b = matrix[:, i] == 1, matrix[:, j] == 1
            assert found.counts[i, j] == (a & b).sum()
            if (a | b).any():
                assert found.jaccard[i, j] == pytest.approx((a & b).sum() / (a | b).sum())
                assert found.jaccard[i, j] <= 1
            if a.any():
                assert found.share[i, j] == pytest.approx(b[a].mean())
    assert (found.counts == found.counts.T).all()


@pytest.mark.parametrize("form", [csr_array, csc_matrix, coo_array, np.asarray, np.ndarray.tolist])
def test_dense_and_sparse_matrices_give_the_same(form: Any) -> None:
    matrix = (np.random.default_rng(1).random((60, 5)) < 0.3).astype(int)
    np.testing.assert_array_equal(cooccurrence(form(matrix), unit="turn").lift, cooccurrence(matrix, unit="turn").lift)


def test_pairs_come_once_each_with_the_most_shared_first() -> None:
    found = cooccurrence([[1, 1, 0], [1, 1, 1], [0, 1, 1], [1, 1, 0]], unit="turn", codes=["a", "b", "c"])
    assert [(pair.first, pair.second, pair.both) for pair in found.pairs()] == [
        ("a", "b", 3),
        ("b", "c", 2),
        ("a", "c", 1),
    ]


@pytest.mark.parametrize("matrix", [[], np.zeros((0, 3))])
def test_no_units_are_undefined(matrix: Any) -> None:
    found = cooccurrence(matrix, unit="turn")
    assert (found.status, found.reason) == ("undefined", "there are no units (turn)")
    assert all(pair.jaccard is None and pair.expected is None for pair in found.pairs())


def test_results_cannot_be_changed() -> None:
    found = cooccurrence([[1, 1]], unit="turn")
    with pytest.raises(ValueError, match="read-only"):
        found.counts[0, 0] = 9


def test_misuse_is_refused_with_a_code() -> None:
    twice = coo_array(([1, 1], ([0, 0], [0, 0])), shape=(1, 2))
    calls = [
        ("QC-N061", lambda: cooccurrence([[2, 0]], unit="turn")),
        ("QC-N061", lambda: cooccurrence(csr_array([[2, 0]]), unit="turn")),
        ("QC-N061", lambda: cooccurrence(twice, unit="turn")),
        ("QC-N060", lambda: cooccurrence([1, 0], unit="turn")),
        ("QC-N062", lambda: cooccurrence([[1, 0]], unit="turn", codes=["a"])),
        ("QC-N065", lambda: cooccurrence([[1, 0]], unit="turn", codes=["a", "b"]).pair("a", "c")),
        ("QC-N063", lambda: c_coefficient(3, 4, 5)),
    ]
    for code, call in calls:
        with pytest.raises(StatisticsError) as caught:
            call()
        assert caught.value.code == code
    assert c_coefficient(0, 0, 0) is None
