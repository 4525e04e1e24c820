"""Richness: Chao's estimators, coverage and diversity against published values and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from qualcode.errors import StatisticsError
from qualcode.stats.richness import chao1, chao2, coverage, diversity

GIRDLED = [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2, *[1] * 12]
abundances = st.lists(st.integers(0, 30), min_size=1, max_size=30)


def test_r18_chao1_of_the_girdled_spiders() -> None:
    found = chao1(GIRDLED)
    assert (found.observed, found.n, found.once, found.twice, found.status) == (26, 168, 12, 4, "ok")
    assert found.estimate == pytest.approx(43.893, abs=5e-4)
    assert found.standard_error == pytest.approx(14.306, abs=5e-4)
    assert (found.low, found.high) == (pytest.approx(30.51, abs=5e-3), pytest.approx(96.97, abs=5e-3))
    assert found.coverage == pytest.approx(0.9289, abs=5e-5)


def test_r18_diversity_of_the_girdled_spiders() -> None:
    found = diversity(GIRDLED)
    assert found.shannon == pytest.approx(13.826, abs=5e-4)
    assert found.simpson == pytest.approx(8.175, abs=5e-4)
    assert found.shannon_observed == pytest.approx(12.060, abs=5e-4)
    assert found.simpson_observed == pytest.approx(7.840, abs=5e-4)


def test_chao2_counts_interviews_and_not_applications() -> None:
    # Four interviews: two codes in one, one in two, one in all four. 4 + (3/4) 2²/(2·1) = 5.5.
    matrix = [[1, 0, 1, 1], [0, 1, 1, 1], [0, 0, 0, 1], [0, 0, 0, 1]]
    found = chao2(matrix)
    assert (found.observed, found.once, found.twice, found.n) == (4, 2, 1, 4)
    assert found.estimate == pytest.approx(5.5)
    assert found.coverage == pytest.approx(1 - 2 / 8 * (3 * 2 / (3 * 2 + 2 * 1)))
    assert found.standard_error == pytest.approx(math.sqrt(0.375 * 4 + 0.5625 * 8 + 0.140625 * 16))


def test_without_codes_found_twice_the_bias_corrected_form_is_used() -> None:
    found = chao1([5, 1, 1, 1])
    assert found.estimate == pytest.approx(4 + 7 / 8 * 3 * 2 / 2)
    assert found.coverage == pytest.approx(1 - 3 / 8 * (7 * 2 / (7 * 2 + 2)))
    a, estimate = 7 / 8, 4 + 7 / 8 * 3
    assert found.standard_error == pytest.approx(math.sqrt(a * 3 + a**2 * 3 * 25 / 4 - a**2 * 81 / (4 * estimate)))


def test_when_every_code_is_common_nothing_is_missing() -> None:
    found = chao1([5, 4, 3])
    assert (found.estimate, found.standard_error, found.low, found.high, found.coverage) == (3, 0, 3, 3, 1)
    assert "no width" in " ".join(found.notes)


@pytest.mark.parametrize(("values", "reason"), [([], "no code"), ([0, 0], "no code"), ([1], "one code application")])
def test_too_little_data_is_undefined_with_a_reason(values: list[int], reason: str) -> None:
    found = chao1(values)
    assert (found.status, found.estimate, found.low, found.coverage) == ("undefined", None, None, None)
    assert reason in found.reason
    assert diversity(values).status == "undefined"


def test_one_interview_cannot_show_what_is_missing() -> None:
    found = chao2([[1, 1, 0]])
    assert (found.status, found.observed, found.estimate) == ("undefined", 2, None)


@given(abundances)
@settings(deadline=None)
def test_estimates_lie_in_their_interval_and_never_below_what_was_observed(values: list[int]) -> None:
    found = chao1(values)
    if found.status == "undefined":
        return
    assert found.estimate is not None
    assert found.low is not None
    assert found.high is not None
    assert found.observed <= found.low <= found.estimate <= found.high
    assert found.coverage is not None
    assert 0 <= found.coverage <= 1


@given(abundances)
@settings(deadline=None)
def test_effective_numbers_are_ordered(values: list[int]) -> None:
    found = diversity(values)
    if found.shannon_observed is None or found.simpson_observed is None or found.shannon is None:
        assert found.status == "undefined"
        return
    assert (
        1 - 1e-9 <= found.simpson_observed <= found.shannon_observed + 1e-9 <= sum(value > 0 for value in values) + 1e-6
    )
    assert found.shannon >= found.shannon_observed - 1e-9


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8))
@settings(deadline=None)
def test_entropy_equals_the_formula_as_printed(values: list[int]) -> None:
    n, once, twice = sum(values), values.count(1), values.count(2)
    if n < 2:
        return
    total = sum(x / n * sum(1 / k for k in range(x, n)) for x in values)
    if once:
        a = 2 * twice / ((n - 1) * once + 2 * twice) if twice else 2 / ((n - 1) * (once - 1) + 2)
        if a < 1:
            rest = -math.log(a) - sum((1 - a) ** r / r for r in range(1, n))
            total += once / n * (1 - a) ** (1 - n) * rest
    assert diversity(values).shannon == pytest.approx(math.exp(total), rel=1e-6)


@pytest.mark.parametrize(("once", "twice"), [(4_000, 1_000), (4_000, 0), (40, 4_000), (300, 2_500)])
def test_large_samples_keep_their_digits(once: int, twice: int) -> None:
    values = np.concatenate([np.ones(once), np.full(twice, 2), np.full(100, 1_000)])
    n = int(values.sum())
    a = 2 * twice / ((n - 1) * once + 2 * twice) if twice else 2 / ((n - 1) * (once - 1) + 2)
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n))])
    seen = sum(
        count * x / n * (harmonic[n - 1] - harmonic[x - 1]) for x, count in ((1, once), (2, twice), (1_000, 100))
    )
    # ∫ e^-s q / (1 - q e^(-s/n)) ds / n over s from 0 is the term for unseen codes, by substitution in its series.
    unseen, _ = quad(lambda s: math.exp(-s) * (1 - a) / -math.expm1(math.log1p(-a) - s / n) / n, 0, 60,
                     points=[n * a, 10 * n * a] if 10 * n * a < 60 else None, limit=500)  # fmt: skip
    assert math.log(diversity(values).shannon or 0) == pytest.approx(seen + once / n * unseen, rel=1e-8)


def test_simpson_is_undefined_when_no_code_comes_twice() -> None:
    found = diversity([1, 1, 1])
    assert (found.status, found.simpson, found.shannon_observed) == ("ok", None, pytest.approx(3))
    assert "twice" in found.reason


def test_coverage_is_the_share_of_codings_whose_code_is_known() -> None:
    assert coverage(12, 4, 168) == pytest.approx(0.92886, abs=5e-6)
    assert coverage(0, 0, 10) == 1
    assert coverage(1, 0, 1) is None


def test_misuse_is_refused_with_a_code() -> None:
    for code, values in (("QC-N064", [1.5]), ("QC-N064", [-1]), ("QC-N060", ["a"]), ("QC-N060", [[1, 2]])):
        with pytest.raises(StatisticsError) as caught:
            chao1(values)
        assert caught.value.code == code
    with pytest.raises(StatisticsError, match="QC-N063"):
        chao1(GIRDLED, confidence=95)
