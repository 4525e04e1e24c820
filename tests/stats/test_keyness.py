"""Keyness: both forms of G2, the log ratio, and intervals from whole transcripts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from qualcode.errors import StatisticsError
from qualcode.stats.dispersion import dispersion
from qualcode.stats.keyness import g2, keyness, log_ratio

HERE = np.array([[3, 0, 7], [5, 1, 9], [4, 0, 8], [0, 0, 2]])
THERE = np.array([[1, 0, 9], [0, 0, 11], [2, 0, 8]])


@pytest.mark.parametrize(
    ("k11", "k12", "k21", "k22", "expected"),
    [(110, 2442, 111, 29114, 270.72), (29, 13, 123, 31612, 263.90)],
)
def test_r15_dunning_1993(k11: int, k12: int, k21: int, k22: int, expected: float) -> None:
    assert g2(k11, k21, k11 + k12, k21 + k22, form="four-cell") == pytest.approx(expected, abs=5e-3)
    # The same table by its other margin: four cells do not care which way it is read.
    assert g2(k11, k12, k11 + k21, k12 + k22, form="four-cell") == pytest.approx(expected, abs=5e-3)


def test_r16_the_two_forms_and_the_log_ratio() -> None:
    assert g2(52, 57, 50_000, 75_000) == pytest.approx(2.6517, abs=5e-5)
    assert g2(52, 57, 50_000, 75_000, form="four-cell") == pytest.approx(2.6541, abs=5e-5)
    assert log_ratio(52, 57, 50_000, 75_000) == pytest.approx(0.4525, abs=5e-5)


def test_r16_the_case_that_tells_the_forms_apart() -> None:
    assert g2(23, 551, 263, 8_870, form="two-cell") == pytest.approx(2.3306, abs=5e-5)
    assert g2(23, 551, 263, 8_870, form="four-cell") == pytest.approx(2.5070, abs=5e-5)


def test_a_word_of_one_group_only_gets_the_stated_stand_in_for_zero() -> None:
    assert log_ratio(8, 0, 100, 100) == pytest.approx(4)
    assert log_ratio(0, 8, 100, 100) == pytest.approx(-4)
    assert log_ratio(8, 0, 100, 100, zero=1) == pytest.approx(3)
    assert g2(8, 0, 100, 100) == pytest.approx(2 * 8 * math.log(2))


def test_a_word_of_neither_group_has_no_keyness() -> None:
    assert np.isnan(g2([0, 1], [0, 1], 10, 10)).tolist() == [True, False]
    assert np.isnan(log_ratio([0, 1], [0, 1], 10, 10)).tolist() == [True, False]


@given(st.integers(0, 50), st.integers(0, 50), st.integers(50, 500), st.integers(50, 500))
@settings(deadline=None)
def test_g2_is_symmetric_not_negative_and_zero_for_equal_shares(a: int, b: int, n: int, m: int) -> None:
    if not a + b:
        return
    for form in ("two-cell", "four-cell"):
        score = float(g2(a, b, n, m, form=form))
        assert score >= 0
        assert score == pytest.approx(float(g2(b, a, m, n, form=form)), abs=1e-9)
        assert float(g2(a, a, n, n, form=form) if a else 0) == pytest.approx(0, abs=1e-9)
    if a and b:
        assert float(log_ratio(a, b, n, m)) == pytest.approx(-float(log_ratio(b, a, m, n)))


def test_a_table_of_types_holds_counts_spread_and_dispersion() -> None:
    found = keyness(HERE, THERE, types=["trust", "never", "the"])
    assert (found.target_size, found.reference_size) == (39, 31)
    assert found.target_counts.tolist() == [12, 1, 26]
    assert (found.target_documents.tolist(), found.reference_documents.tolist()) == ([3, 1, 4], [2, 0, 3])
    assert found.g2[0] == pytest.approx(float(g2(12, 3, 39, 31)))
    assert found.log_ratio[1] == pytest.approx(math.log2((1 / 39) / (0.5 / 31)))
    assert found.target_dp[0] == pytest.approx(dispersion(HERE[:, 0], HERE.sum(axis=1)).dp)
    assert np.isnan(found.reference_dp[1])
    assert found.p_value[0] == pytest.approx(math.erfc(math.sqrt(float(found.g2[0]) / 2)))
    assert [found.types[at] for at in found.ranked()] == ["trust", "the", "never"]
    assert "two-cell" in found.notes[0]


def test_the_interval_is_that_of_drawing_documents_with_replacement() -> None:
    found = keyness(HERE, THERE, replicates=4_000, seed=4)
    rng = np.random.default_rng(99)
    draws = []
    for _ in range(4_000):
        a, b = HERE[rng.integers(0, 4, 4)], THERE[rng.integers(0, 3, 3)]
        draws.append(float(log_ratio(a[:, 0].sum(), b[:, 0].sum(), a.sum(), b.sum())) if a[:, 0].sum() + b[:, 0].sum()
                     else math.log2(b.sum() / a.sum()))  # fmt: skip
    low, high = np.percentile(draws, [2.5, 97.5])
    assert found.low[0] == pytest.approx(low, abs=0.15)
    assert found.high[0] == pytest.approx(high, abs=0.15)


def test_one_talkative_person_has_a_wider_interval_than_many() -> None:
    spread, one = np.zeros((10, 2), dtype=int), np.zeros((10, 2), dtype=int)
    spread[:, 1] = one[:, 1] = 100
    spread[:, 0] = 3
    one[0, 0] = 30
    there = np.array([[1, 100]] * 10)
    wide, narrow = keyness(one, there), keyness(spread, there)
    assert wide.log_ratio[0] == pytest.approx(narrow.log_ratio[0])
    assert wide.low[0] < 0 < narrow.low[0]


def test_sparse_and_dense_and_more_types_than_one_block_agree() -> None:
    rng = np.random.default_rng(3)
    here, there = rng.poisson(0.2, (5, 1_200)), rng.poisson(0.2, (4, 1_200))
    dense = keyness(here, there, replicates=200)
    sparse = keyness(csr_array(here), csr_array(there), replicates=200)
    np.testing.assert_array_equal(dense.low, sparse.low)
    one = keyness(here[:, 700:701], there[:, 700:701], target_sizes=here.sum(axis=1), reference_sizes=there.sum(axis=1),
                  replicates=200)  # fmt: skip
    assert (one.low[0], one.high[0]) == (pytest.approx(dense.low[700]), pytest.approx(dense.high[700]))
    assert one.g2[0] == pytest.approx(dense.g2[700])
    never = (here.sum(axis=0) + there.sum(axis=0)) == 0
    assert np.isnan(dense.low[never]).all()
    assert not np.isnan(dense.low[~never]).any()
    assert (dense.low[~never] <= dense.high[~never]).all()


def test_the_same_seed_gives_the_same_interval() -> None:
    here, there = (np.random.default_rng(seed).poisson(3, (9, 4)) for seed in (0, 1))
    first, again, other = (keyness(here, there, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.low, again.low)
    assert (first.low != other.low).all()


def test_one_transcript_has_numbers_but_no_interval() -> None:
    found = keyness(HERE[:1], THERE)
    assert (found.status, found.interval_status) == ("ok", "undefined")
    assert "target group has fewer than two documents" in found.interval_reason
    assert np.isnan(found.low).all()
    assert not np.isnan(found.g2[0])


@pytest.mark.parametrize(("here", "there", "name"), [(HERE, THERE * 0, "reference"), (HERE * 0, THERE, "target")])
def test_a_group_without_words_is_undefined(here: Any, there: Any, name: str) -> None:
    found = keyness(here, there)
    assert (found.status, found.reason) == ("undefined", f"the {name} group has no words")
    assert np.isnan(found.g2).all()
    assert np.isnan(found.log_ratio).all()


def test_misuse_is_refused_with_a_code() -> None:
    calls = [
        ("QC-N065", lambda: g2(1, 1, 5, 5, form="three-cell")),
        ("QC-N068", lambda: g2(6, 1, 5, 5)),
        ("QC-N063", lambda: log_ratio(1, 1, 5, 5, zero=0)),
        ("QC-N062", lambda: keyness(HERE, THERE[:, :2])),
        ("QC-N062", lambda: keyness(HERE, THERE, types=["a"])),
        ("QC-N062", lambda: keyness(HERE, THERE, target_sizes=[100])),
        ("QC-N064", lambda: keyness(HERE / 2, THERE)),
        ("QC-N060", lambda: keyness([1, 2], THERE)),
        ("QC-N068", lambda: keyness(HERE, THERE, target_sizes=[1, 1, 1, 1])),
        ("QC-N063", lambda: keyness(HERE, THERE, replicates=10)),
    ]
    for code, call in calls:
        with pytest.raises(StatisticsError) as caught:
            call()
        assert caught.value.code == code
