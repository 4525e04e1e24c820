"""Points, k-means and stability, against values worked out by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.cluster import KMeans

from qualcode.analysis.blindspots.grouping import default_number, k_means, stability
from qualcode.analysis.blindspots.space import points, scaled, weigh

Rows = npt.NDArray[np.float64]


def spread(rows: Rows, groups: npt.NDArray[np.int64]) -> float:
    """Return the sum of squared distances to the groups' means."""
    inside = [rows[groups == each] for each in np.unique(groups)]
    return float(sum(((each - each.mean(axis=0)) ** 2).sum() for each in inside))


def clouds(seed: int, n: int = 20, apart: float = 8.0) -> Rows:
    """Return three clouds of n points in the plane."""
    draw = np.random.default_rng(seed)
    return np.concatenate([draw.normal(size=(n, 2)) + centre for centre in ((0, 0), (apart, 0), (0, apart))])


def test_clouds_are_found() -> None:
    groups = k_means(clouds(1), 3, seed=0)
    assert len({tuple(np.unique(groups[start : start + 20])) for start in (0, 20, 40)}) == 3


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_as_close_as_those_of_scikit_learn(seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(80, 5))
    theirs = spread(rows, KMeans(6, n_init=10, random_state=0).fit_predict(rows))
    assert spread(rows, k_means(rows, 6, seed=0)) <= 1.03 * theirs


def test_fewer_different_rows_than_groups_give_fewer_groups() -> None:
    rows = np.repeat([[1.0, 0.0], [0.0, 1.0]], 5, axis=0)
    groups = k_means(rows, 4, seed=0)
    assert groups.tolist() in ([0] * 5 + [1] * 5, [1] * 5 + [0] * 5)


@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 5))
def test_every_row_has_a_group_and_the_seed_decides(n: int, k: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(n, 3))
    groups = k_means(rows, min(k, n), seed=seed)
    assert set(groups.tolist()) <= set(range(min(k, n)))
    assert (groups == k_means(rows, min(k, n), seed=seed)).all()


def blocks(n: int) -> csr_array:
    """Return n rows on each of two words of their own."""
    return csr_array(np.repeat([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]], n, axis=0))


def test_groups_that_share_no_word_have_stability_one() -> None:
    assert stability(blocks(10), np.repeat([0, 1], 10), 2, replicates=20, seed=0).tolist() == [1.0, 1.0]


def test_a_group_cut_through_the_middle_gets_the_share_that_is_left() -> None:
    # Two subjects, but the first group holds half of the first, the second all the rest: whatever is drawn, the new
    # groups are the two subjects, so the first group's Jaccard is near 5/10, and the second's near 10/15.
    groups = np.repeat([0, 1, 1], [5, 5, 10])
    found = stability(blocks(10), groups, 2, replicates=200, seed=1)
    assert found == pytest.approx([0.5, 10 / 15], abs=0.05)


def test_without_samples_nothing_is_known() -> None:
    assert np.isnan(stability(blocks(4), np.repeat([0, 1], 4), 2, replicates=0, seed=0)).all()


def test_noise_is_not_stable_and_clouds_are() -> None:
    noise = np.random.default_rng(3).random((60, 30))
    found = stability(csr_array(noise), k_means(points(csr_array(noise)), 6, seed=0), 6, replicates=20, seed=0)
    assert found.max() < 0.6


def test_points_are_those_of_an_exact_decomposition() -> None:
    # The first directions stand apart; where they do not, any choice of them is as good.
    draw = np.random.default_rng(5)
    left, _ = np.linalg.qr(draw.normal(size=(60, 40)))
    right, _ = np.linalg.qr(draw.normal(size=(50, 40)))
    rows = left @ np.diag(np.r_[np.linspace(10, 5, 20), np.full(20, 0.5)]) @ right.T
    inner, sizes, _ = np.linalg.svd(rows, full_matrices=False)
    exact = scaled(np.ascontiguousarray(inner[:, :20] * sizes[:20]))
    found = points(csr_array(rows))
    assert found.shape == (60, 20)
    assert found @ found.T == pytest.approx(exact @ exact.T, abs=1e-6)


def test_few_rows_or_words_give_few_directions() -> None:
    assert points(csr_array(np.eye(3))).shape == (3, 3)
    assert points(csr_array((4, 0))).shape == (4, 0)
    empty = points(csr_array(np.array([[1.0, 2.0], [0.0, 0.0], [2.0, 1.0]])))
    assert empty[1].tolist() == [0.0, 0.0]


def test_weights_are_the_formula() -> None:
    counts = csr_array(np.array([[3, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]]))
    weights = weigh(counts)
    assert weights.columns.tolist() == [0, 1, 2]
    assert weights.rarity == pytest.approx([np.log(5 / 3) + 1] * 3)
    assert weights.of(counts).toarray()[0, 0] == pytest.approx(2 * (np.log(5 / 3) + 1))


def test_words_of_one_passage_or_of_most_are_not_used() -> None:
    counts = csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 0]]))
    assert weigh(counts).columns.tolist() == [1]


@pytest.mark.parametrize(("n", "number"), [(1, 2), (8, 2), (18, 3), (200, 10), (800, 20), (100_000, 20)])
def test_the_number_of_groups_grows_with_the_root(n: int, number: int) -> None:
    assert default_number(n) == number
