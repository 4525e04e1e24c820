"""Shaffer's rho: a band for the simulation, its extremes, and its refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import StatisticsError
from qualcode.stats.agreement.coefficients import coefficient
from qualcode.stats.agreement.rho import rho_of_kappa, shaffer_rho


def ratings(both: int, first: int, second: int, neither: int) -> list[list[int]]:
    return [[1, 1]] * both + [[1, 0]] * first + [[0, 1]] * second + [[0, 0]] * neither


def value(kappa: float, **settings_: Any) -> float:
    found = rho_of_kappa(kappa, **{"units": 80, "base_rate": 0.2, "threshold": 0.65, **settings_}).value
    assert found is not None
    return found


def test_a_kappa_far_above_the_threshold_generalises_and_one_below_does_not() -> None:
    high = shaffer_rho(ratings(19, 1, 1, 59), threshold=0.65)
    low = shaffer_rho(ratings(10, 10, 10, 50), threshold=0.65)
    assert high.kappa == pytest.approx(0.9333, abs=5e-5)
    assert high.value is not None
    assert high.value < 0.05
    assert low.kappa == pytest.approx(1 / 3)
    assert low.value is not None
    assert low.value > 0.8


def test_kappa_is_cohens_and_the_base_rate_is_the_first_coders() -> None:
    made = ratings(12, 4, 7, 30)
    found = shaffer_rho(made)
    assert found.kappa == pytest.approx(coefficient(made, "cohen").value)
    assert (found.n_units, found.base_rate) == (53, pytest.approx(16 / 53))
    assert (found.threshold, found.replicates, found.seed, found.share) == (0.9, 800, 0, found.value)


@pytest.mark.parametrize(
    ("kappa", "settings_", "low", "high"),
    [  # bands around the published steps run one replicate after another, 3,000 replicates each
        (0.88, {"threshold": 0.9}, 0.075, 0.11),
        (0.70, {}, 0.09, 0.125),
        (0.60, {"base_rate": 0.5, "units": 40}, 0.28, 0.34),
        (0.80, {"base_rate": 0.05, "units": 40, "inflation": 0.25}, 0.015, 0.04),
        (0.80, {"base_rate": 0.8, "units": 60}, 0.012, 0.03),
        (0.75, {"base_rate": 0.05, "units": 100}, 0.12, 0.16),
    ],
)
def test_rho_lies_in_the_band_of_a_slow_simulation(
    kappa: float, settings_: dict[str, Any], low: float, high: float
) -> None:
    assert low < value(kappa, replicates=20_000, **settings_) < high


def test_the_same_seed_gives_the_same_rho_and_another_one_nearly() -> None:
    again = [value(0.7, seed=seed, replicates=2000) for seed in (3, 3, 4)]
    assert again[0] == again[1]
    assert again[2] != again[0]
    assert again[2] == pytest.approx(again[0], abs=0.04)


@settings(max_examples=25)
@given(st.floats(0.02, 0.98), st.integers(10, 200), st.sampled_from([0.65, 0.8, 0.9]), st.sampled_from([0.0, 0.2]))
def test_rho_is_a_share_that_falls_as_kappa_rises(rate: float, units: int, threshold: float, inflation: float) -> None:
    chosen: dict[str, Any] = {"base_rate": rate, "units": units, "threshold": threshold, "replicates": 200}
    if units * inflation > 10_000 * rate:
        inflation = 0.0
    found = [rho_of_kappa(kappa, inflation=inflation, **chosen) for kappa in (-1.0, 0.3, 0.7, 1.0)]
    if found[0].value is None:
        assert {each.undefined for each in found} == {200}
        return
    values = [each.value for each in found]
    assert values[0] == 1.0
    assert values == sorted(values, key=lambda each: -(each or 0.0))
    assert all(0 <= (each or 0.0) <= 1 for each in values)


def test_more_units_make_the_same_kappa_more_convincing() -> None:
    small, large = (value(0.75, units=units, replicates=4000) for units in (40, 400))
    assert large < small / 4


def test_a_lower_threshold_is_easier_to_exceed() -> None:
    assert value(0.8, threshold=0.65, replicates=4000) < value(0.8, threshold=0.9, replicates=4000)


def test_simulated_sets_without_a_kappa_are_left_out_and_told() -> None:
    found = rho_of_kappa(0.8, units=20, base_rate=0.02)
    assert found.undefined > 300
    assert f"{found.undefined} of 800" in found.notes[0]


def test_missing_ratings_leave_complete_pairs() -> None:
    made: list[list[object]] = [*ratings(5, 1, 1, 13), [None, 1], [0, float("nan")]]
    assert shaffer_rho(made) == shaffer_rho(ratings(5, 1, 1, 13))
    assert shaffer_rho(np.array(ratings(5, 1, 1, 13))) == shaffer_rho(ratings(5, 1, 1, 13))
    assert shaffer_rho([[bool(a), bool(b)] for a, b in ratings(5, 1, 1, 13)]) == shaffer_rho(ratings(5, 1, 1, 13))


@pytest.mark.parametrize(
    ("made", "kappa", "reason"),
    [
        ([], None, "no unit was coded by both"),
        ([[1, None], [None, 0]], None, "no unit was coded by both"),
        ([[0, 0]] * 9, None, "kappa is undefined"),
        ([[1, 1]] * 9, None, "kappa is undefined"),
        ([[0, 0], [0, 1]], 0.0, "no base rate"),
    ],
)
def test_degenerate_test_sets_are_undefined_with_a_reason(made: Any, kappa: float | None, reason: str) -> None:
    found = shaffer_rho(made)
    assert (found.value, found.status, found.kappa) == (None, "undefined", kappa)
    assert reason in found.reason


def test_a_base_rate_of_the_corpus_can_be_given() -> None:
    found = shaffer_rho([[0, 0], [0, 1]] * 20, base_rate=0.1)
    assert (found.status, found.base_rate) == ("ok", 0.1)


@pytest.mark.parametrize("made", [[[1, 2]], [[1, 0, 1]], [1, 0], [["1", "0"]], ["10"], [[0.5, 1]]])
def test_ratings_that_are_not_two_answers_a_unit_are_refused(made: Any) -> None:
    with pytest.raises(StatisticsError, match="QC-N050"):
        shaffer_rho(made)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0.3},
        {"threshold": 1.2},
        {"kappa_min": -0.1},
        {"precision": (0.9, 0.6)},
        {"precision": (0.0, 1.0)},
        {"replicates": 0},
        {"corpus": 0},
        {"corpus": 10**9},
        {"corpus": 50},
        {"inflation": 1.0},
        {"inflation": 0.9, "corpus": 100},
        {"base_rate": 0.0},
        {"base_rate": 0.95, "precision": (0.6, 0.9)},
        {"kappa": 1.5},
        {"units": 0},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(StatisticsError, match="QC-N051"):
        rho_of_kappa(**{"kappa": 0.8, "units": 80, "base_rate": 0.2, **wrong})
