"""Codes by attribute with the case as the unit, exact tests, and correction for many tests."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qualcode.errors import StatisticsError
from qualcode.stats.association import adjust, code_by_attribute, contingency_test, fisher_exact
from qualcode.stats.exact import enumerated_p_value

TEA = [[3, 1], [1, 3]]
BH_1995 = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0,
]
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_r21_the_lady_tasting_tea() -> None:
    assert fisher_exact(TEA) == pytest.approx(0.4857, abs=5e-5)
    assert fisher_exact(TEA, "greater") == pytest.approx(0.2429, abs=5e-5)
    assert fisher_exact(TEA, "less") == pytest.approx(1 - 1 / 70)
    found = contingency_test(TEA)
    assert (found.method, found.p_value) == ("Fisher exact", pytest.approx(34 / 70))


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4))
@settings(deadline=None)
def test_fisher_equals_scipy(cells: list[int]) -> None:
    table = np.reshape(cells, (2, 2))
    assert fisher_exact(table) == pytest.approx(stats.fisher_exact(table)[1], abs=1e-9)
    for side in ("greater", "less"):
        assert fisher_exact(table, side) == pytest.approx(stats.fisher_exact(table, side)[1], abs=1e-9)


def listed(table: np.ndarray[Any, Any]) -> float:
    """Return the Freeman-Halton p-value by listing every table of small cells with the same margins."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)

    def weight(cells: np.ndarray[Any, Any]) -> float:
        return 1 / math.prod(math.factorial(int(x)) for x in cells.ravel())

    weights = []
    inner = [range(int(min(rows[i], columns[j])) + 1) for i in range(len(rows) - 1) for j in range(len(columns) - 1)]
    for free in product(*inner):
        cells = np.zeros_like(table)
        cells[:-1, :-1] = np.reshape(free, (len(rows) - 1, len(columns) - 1))
        cells[:-1, -1] = rows[:-1] - cells[:-1].sum(axis=1)
        cells[-1] = columns - cells[:-1].sum(axis=0)
        if (cells >= 0).all():
            weights.append(weight(cells))
    return sum(w for w in weights if w <= weight(table) * (1 + 1e-9)) / sum(weights)


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (3, 3), (2, 4)])
def test_larger_tables_are_exact_by_listing_all_of_them(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(shape))
    for _ in range(8):
        table = rng.integers(0, 4, shape)
        if table.any(axis=0).all() and table.any(axis=1).all():
            assert enumerated_p_value(table) == pytest.approx(listed(table), abs=1e-9)


def test_a_table_that_is_too_large_to_list_is_drawn_at_random() -> None:
    table = np.random.default_rng(0).integers(10, 40, (4, 6))
    found = contingency_test(table, seed=5)
    assert (found.method, found.replicates, found.seed) == ("Monte Carlo chi-square", 9_999, 5)
    assert found.p_value is not None
    assert found.p_error == pytest.approx(math.sqrt(found.p_value * (1 - found.p_value) / 9_999))
    assert found == contingency_test(table, seed=5, method="monte-carlo")
    with pytest.raises(StatisticsError, match="QC-N072"):
        contingency_test(table, method="exact")


def test_more_cases_than_can_be_counted_in_whole_numbers_are_drawn_at_random() -> None:
    found = contingency_test([[6_000, 5_900], [5_950, 6_050]], replicates=99)
    assert found.method == "Monte Carlo chi-square"
    assert found.odds_ratio == pytest.approx(6_000 * 6_050 / (5_900 * 5_950))


def test_monte_carlo_is_near_the_chi_square_distribution_when_numbers_are_large() -> None:
    table = [[40, 52, 60], [60, 48, 40]]
    found = contingency_test(table, method="monte-carlo")
    reference = stats.chi2_contingency(table, correction=False)
    assert found.chi_square == pytest.approx(reference.statistic)
    assert found.p_value == pytest.approx(reference.pvalue, abs=0.006)


def test_cramers_v_and_odds_ratio_are_those_of_the_textbook() -> None:
    found = contingency_test([[20, 10], [5, 25]])
    assert found.odds_ratio == 10
    spread = 1.959964 * math.sqrt(1 / 20 + 1 / 10 + 1 / 5 + 1 / 25)
    assert found.odds_low == pytest.approx(math.exp(math.log(10) - spread), rel=1e-5)
    assert found.odds_high == pytest.approx(math.exp(math.log(10) + spread), rel=1e-5)
    assert found.cramers_v == pytest.approx(math.sqrt((20 * 25 - 10 * 5) ** 2 / (30 * 30 * 25 * 35)))
    assert contingency_test([[9, 0], [0, 9]]).cramers_v == 1


def test_an_empty_cell_is_named_when_the_odds_ratio_needs_it() -> None:
    found = contingency_test([[5, 0], [2, 6]])
    assert found.odds_ratio == pytest.approx(5.5 * 6.5 / (0.5 * 2.5))
    assert any("0.5 was added" in note for note in found.notes)
    assert not any("0.5" in note for note in contingency_test(TEA).notes)


def test_the_unit_is_the_case_and_not_the_segment() -> None:
    # One talkative head says it twelve times; the others, once or never.
    cases = ["h1"] * 12 + ["h2", "h3", "t1", "t2", "t3"]
    coded = [1] * 12 + [1, 0, 0, 0, 1]
    role = ["head"] * 14 + ["teacher"] * 3
    found = code_by_attribute(coded, role, cases=cases)
    assert found.table == ((2, 1), (1, 2))
    assert (found.rows, found.columns, found.n_cases) == (("with", "without"), ("head", "teacher"), 6)
    assert found.p_value == 1
    wrong = code_by_attribute(coded, role)
    assert wrong.n_cases == 17


def test_cases_without_a_value_are_left_out_and_noted() -> None:
    found = code_by_attribute([1, 0, 1, 0, 1], ["a", "a", "b", "b", None])
    assert (found.n_cases, found.notes[-1]) == (4, "cases without a value, left out: 1")


@pytest.mark.parametrize(
    ("coded", "attribute", "words"),
    [
        ([1, 1], ["a", "b"], "all cases are in one row (with)"),
        ([1, 0], ["a", "a"], "all cases are in one column (a)"),
        ([], [], "there are no cases"),
        ([1], [None], "there are no cases"),
    ],
)
def test_without_a_contrast_the_test_is_undefined(coded: list[int], attribute: list[Any], words: str) -> None:
    found = code_by_attribute(coded, attribute)
    assert (found.status, found.p_value, found.cramers_v, found.odds_ratio) == ("undefined", None, None, None)
    assert words in found.reason


def test_empty_rows_and_columns_take_no_part() -> None:
    found = contingency_test([[3, 0, 1], [1, 0, 3]])
    assert found.p_value == pytest.approx(34 / 70)
    assert "Rows or columns without cases took no part." in found.notes
    assert found.table == ((3, 0, 1), (1, 0, 3))


def test_r19_benjamini_and_hochberg_1995() -> None:
    found = adjust(BH_1995, family="fifteen endpoints")
    assert sum(found.rejected(0.05)) == 4
    assert sum(adjust(BH_1995, "bonferroni", family="fifteen endpoints").rejected(0.05)) == 3
    assert found.adjusted[:5] == pytest.approx((0.0015, 0.0030, 0.0095, 0.03562, 0.0603), abs=1e-5)
    assert (found.family, found.tests, found.method) == ("fifteen endpoints", 15, "benjamini-hochberg")


def test_holm_steps_down() -> None:
    assert adjust([0.01, 0.04, 0.03, 0.005], "holm", family="four").adjusted == pytest.approx((0.03, 0.06, 0.06, 0.02))


@given(p_values)
def test_adjusting_keeps_order_and_holm_lies_between(values: list[float]) -> None:
    bh, holm, bonferroni = (
        adjust(values, method, family="f").adjusted for method in ("benjamini-hochberg", "holm", "bonferroni")
    )
    order = np.argsort(values, kind="stable")
    for adjusted in (bh, holm, bonferroni):
        ranked = [adjusted[at] or 0 for at in order]
        assert ranked == sorted(ranked)
    for p, low, middle, high in zip(values, bh, holm, bonferroni, strict=True):
        assert p - 1e-12 <= (low or 0) <= (middle or 0) + 1e-12 <= (high or 0) + 2e-12 <= 1 + 2e-12


def test_undefined_tests_stay_undefined_and_are_not_counted() -> None:
    found = adjust([0.02, None, math.nan, 0.5], "bonferroni", family="codes by sex")
    assert found.adjusted == (0.04, None, None, 1)
    assert found.tests == 2
    assert found.rejected() == (True, False, False, False)
    assert adjust([], family="none").adjusted == ()


def test_misuse_is_refused_with_a_code() -> None:
    calls = [
        ("QC-N070", lambda: code_by_attribute([1, 0], ["a", "b"], cases=["c1", "c1"])),
        ("QC-N062", lambda: code_by_attribute([1, 0], ["a"])),
        ("QC-N062", lambda: code_by_attribute([1, 0], ["a", "b"], cases=["c1"])),
        ("QC-N061", lambda: code_by_attribute([2, 0], ["a", "b"])),
        ("QC-N064", lambda: contingency_test([[1.5, 1], [1, 1]])),
        ("QC-N065", lambda: contingency_test(TEA, method="fischer")),
        ("QC-N062", lambda: contingency_test(TEA, rows=["a"])),
        ("QC-N062", lambda: fisher_exact([[1, 2, 3], [1, 2, 3]])),
        ("QC-N065", lambda: fisher_exact(TEA, "both")),
        ("QC-N063", lambda: adjust([1.2], family="f")),
        ("QC-N065", lambda: adjust([0.1], "bh", family="f")),
        ("QC-N071", lambda: adjust([0.1], family=" ")),
    ]
    for code, call in calls:
        with pytest.raises(StatisticsError) as caught:
            call()
        assert caught.value.code == code
