"""Coefficients of agreement: published values, degenerate data, what is refused, and every form of ratings."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from qualcode.errors import StatisticsError
from qualcode.stats.agreement import Agreement, analytic_interval, coefficient
from qualcode.stats.agreement.weights import set_distances

KAPPAS = ("cohen", "scott", "fleiss", "conger", "brennan-prediger", "gwet", "krippendorff")
MEASURES = ("percent", *KAPPAS)


def by_coder(*coders: str) -> list[list[str | int | None]]:
    """Units × coders from one line for each coder; ``.`` is missing, digits are numbers."""
    columns = [
        [None if cell == "." else int(cell) if cell.isdigit() else cell for cell in row.split()] for row in coders
    ]
    return [list(unit) for unit in zip(*columns, strict=True)]


def from_table(table: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    """Patterns and frequencies from a contingency table, the first coder in the rows."""
    q = range(len(table))
    return [[i, j] for i in q for j in q], [table[i][j] for i in q for j in q]


def of_table(table: list[list[int]], measure: str, **asked: Any) -> Agreement:
    patterns, frequencies = from_table(table)
    return coefficient(patterns, measure, frequencies=frequencies, categories=range(len(table)), **asked)


def close(value: float | None, expected: float, within: float = 5e-4) -> bool:
    return value is not None and abs(value - expected) <= within


KRIPPENDORFF_A = by_coder("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
KRIPPENDORFF_B = by_coder("a a b b d c c c e d d a", "b a b b b c c c e d d d")
KRIPPENDORFF_C = by_coder(
    "1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."
)
GWET = [*KRIPPENDORFF_C[:11], [None, None, 3, None]]
FLEISS = [
    list(unit)
    for unit in (
        "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445 "
        "333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
    ).split()
]
COHEN_1960 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]


# --- published values -----------------------------------------------------------------------------------------------


def test_krippendorff_2011_a() -> None:
    alpha = coefficient(KRIPPENDORFF_A, "krippendorff")
    assert close(alpha.value, 0.095)
    assert close(alpha.observed, 0.400)
    assert close(alpha.expected, 0.442)
    assert alpha.scale == "disagreement"
    assert close(coefficient(KRIPPENDORFF_A, "cohen").value, 0.0909)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("krippendorff", 0.692), ("cohen", 0.6842), ("scott", 0.6786), ("brennan-prediger", 0.6875), ("gwet", 0.6897)],
)
def test_krippendorff_2011_b(measure: str, expected: float) -> None:
    assert close(coefficient(KRIPPENDORFF_B, measure).value, expected)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("gwet", 0.66144),
        ("fleiss", 0.64935),
        ("krippendorff", 0.66489),
        ("brennan-prediger", 0.65909),
        ("conger", 0.65714),
    ],
)
def test_krippendorff_2011_b_with_one_gap(measure: str, expected: float) -> None:
    ratings = [list(unit) for unit in KRIPPENDORFF_B]
    ratings[9][1] = None
    assert close(coefficient(ratings, measure).value, expected, 6e-6)


@pytest.mark.parametrize(
    ("level", "expected"), [("nominal", 0.74342), ("ordinal", 0.81539), ("interval", 0.84911), ("ratio", 0.79740)]
)
def test_krippendorff_2011_c(level: str, expected: float) -> None:
    alpha = coefficient(KRIPPENDORFF_C, "krippendorff", level=level)
    assert close(alpha.value, expected, 6e-6)
    assert (alpha.n_units, alpha.n_pairable, alpha.n_pairable_units, alpha.n_coders) == (12, 40, 11, 4)
    if level == "nominal":
        assert close(alpha.observed, 0.2000, 1e-9)
        assert close(alpha.expected, 0.77949, 6e-6)


def test_cohen_1960() -> None:
    kappa = of_table(COHEN_1960, "cohen")
    assert close(kappa.observed, 0.70, 1e-9)
    assert close(kappa.expected, 0.41, 1e-9)
    assert close(kappa.value, 0.492)
    assert close(kappa.kappa_max, 0.831)
    assert kappa.n_units == 200
    assert close(of_table(COHEN_1960, "gwet").value, 0.5760)


def test_fleiss_1971() -> None:
    kappa = coefficient(FLEISS, "fleiss")
    assert close(kappa.observed, 0.5556)
    assert close(kappa.expected, 0.2199)
    assert close(kappa.value, 0.430)
    assert [category for category, _ in kappa.by_category] == ["1", "2", "3", "4", "5"]
    for (_, found), exact, printed in zip(
        kappa.by_category, (0.245, 0.245, 0.520, 0.471, 0.566), (0.248, 0.248, 0.517, 0.470, 0.565), strict=True
    ):
        assert close(found, exact)
        assert close(found, printed, 5e-3)


@pytest.mark.parametrize(("measure", "expected"), [("brennan-prediger", 0.400), ("scott", 0.341), ("cohen", 0.348)])
def test_artstein_poesio_2008_two_classes(measure: str, expected: float) -> None:
    assert close(of_table([[20, 10], [20, 50]], measure).value, expected)


def test_artstein_poesio_2008_three_classes_and_weights() -> None:
    table = [[46, 0, 0], [6, 32, 6], [0, 0, 10]]
    for measure, expected in (("brennan-prediger", 0.820), ("cohen", 0.801), ("krippendorff", 0.8005)):
        assert close(of_table(table, measure).value, expected)
    assert close(of_table(table, "scott").value, 0.79953, 6e-6)  # printed .799: cut, not rounded
    half_credit = [[1, 0, 0.5], [0, 1, 0.5], [0.5, 0.5, 1]]
    assert close(of_table(table, "cohen", weights=half_credit).value, 0.8163)
    assert close(of_table(table, "krippendorff", weights=half_credit).value, 0.8156)
    assert of_table(table, "cohen", weights=half_credit).weights == "custom"


@pytest.mark.parametrize(
    ("table", "kappa"),
    [([[50, 0, 0], [10, 10, 10], [20, 0, 0]], 0.27273), ([[50, 0, 10], [0, 10, 10], [10, 10, 0]], 0.28571)],
)
def test_brennan_prediger_1981(table: list[list[int]], kappa: float) -> None:
    assert close(of_table(table, "cohen").value, kappa, 6e-6)
    assert close(of_table(table, "brennan-prediger").value, 0.400)


@pytest.mark.parametrize(
    ("measure", "weights", "expected"),
    [
        ("gwet", None, 0.77544), ("fleiss", None, 0.76117), ("krippendorff", None, 0.74342), ("conger", None, 0.76282),
        ("brennan-prediger", None, 0.77273), ("gwet", "quadratic", 0.91400), ("gwet", "ordinal", 0.89894),
        ("gwet", "linear", 0.85874),
    ],
)  # fmt: skip
def test_gwet_four_raters(measure: str, weights: str | None, expected: float) -> None:
    assert close(coefficient(GWET, measure, weights=weights, categories=range(1, 6)).value, expected, 6e-6)


def test_only_conger_depends_on_who_gave_an_unpaired_rating() -> None:
    assert close(coefficient(GWET, "conger").value, 0.76282, 6e-6)
    assert close(coefficient(KRIPPENDORFF_C, "conger").value, 0.76207, 6e-6)
    for measure in ("gwet", "fleiss", "brennan-prediger", "krippendorff"):
        assert coefficient(GWET, measure).value == pytest.approx(coefficient(KRIPPENDORFF_C, measure).value, abs=1e-12)


@pytest.mark.parametrize(
    ("table", "observed", "kappa", "ac1"),
    [
        ([[40, 9], [6, 45]], 0.85, 0.700, 0.701),
        ([[80, 10], [5, 5]], 0.85, 0.318, 0.808),
        ([[45, 15], [25, 15]], 0.60, 0.130, 0.266),
        ([[25, 35], [5, 35]], 0.60, 0.259, 0.208),
    ],
)
def test_feinstein_cicchetti_1990_paradoxes(table: list[list[int]], observed: float, kappa: float, ac1: float) -> None:
    assert close(of_table(table, "percent").value, observed, 1e-9)
    assert close(of_table(table, "cohen").value, kappa)
    assert close(of_table(table, "gwet").value, ac1)


@pytest.mark.parametrize(("yes", "fleiss"), [((3, 2, 1, 0), 0.333), ((3, 2, 2, 3), -0.200)])
def test_randolph_2005(yes: tuple[int, ...], fleiss: float) -> None:
    ratings = [["yes"] * count + ["no"] * (3 - count) for count in yes]
    assert close(coefficient(ratings, "fleiss").value, fleiss)
    assert close(coefficient(ratings, "brennan-prediger", categories=["yes", "no"]).value, 0.333)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [([[12, 9, 9], [9, 14, 9], [9, 9, 20]], 0.186), ([[12, 18, 18], [0, 14, 18], [0, 0, 20]], 0.258)],
)
def test_krippendorff_2004_kappa_rewards_unequal_marginals(table: list[list[int]], kappa: float) -> None:
    assert close(of_table(table, "scott").value, 0.186)
    assert close(of_table(table, "cohen").value, kappa)
    assert close(of_table(table, "brennan-prediger").value, 0.190)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("cohen", 0.79641),
        ("scott", 0.79624),
        ("brennan-prediger", 0.83500),
        ("gwet", 0.84933),
        ("krippendorff", 0.79726),
    ],
)
def test_gwet_abstractors(measure: str, expected: float) -> None:
    assert close(of_table(ABSTRACTORS, measure).value, expected, 6e-6)


def test_masi_and_jaccard_distances() -> None:
    pairs = [({1, 2}, {1, 2, 3, 4}), ({"A"}, {"A", "B"}), ({"A", "B"}, {"B", "C"})]
    for (first, second), masi, jaccard in zip(pairs, (2 / 3, 2 / 3, 8 / 9), (0.5, 0.5, 2 / 3), strict=True):
        sets = [frozenset(first), frozenset(second)]
        assert set_distances(sets, "masi")[0, 1] == pytest.approx(masi, abs=1e-12)
        assert set_distances(sets, "jaccard")[0, 1] == pytest.approx(jaccard, abs=1e-12)
    empty = [frozenset(), frozenset("a")]
    for level in ("masi", "jaccard"):
        assert set_distances(empty, level).tolist() == [[0, 1], [1, 0]]


def test_set_valued_alpha_by_hand() -> None:
    ratings = [[{"A"}, {"A", "B"}], [set(), set()], [{"B"}, {"B"}]]
    # Do: (2·1/2)/6; De over 6 values {A}, {A,B}, {} twice, {B} twice: ordered pairs / 30.
    apart = 2 * (0.5 + 2 * 1 + 2 * 1 + 2 * 1 + 2 * 0.5 + 4 * 1)
    alpha = coefficient(ratings, "krippendorff", level="jaccard")
    assert alpha.observed == pytest.approx(1 / 6)
    assert alpha.expected == pytest.approx(apart / 30)
    assert alpha.value == pytest.approx(1 - (1 / 6) / (apart / 30))
    assert alpha.categories == (frozenset(), frozenset("A"), frozenset("B"), frozenset("AB"))


@pytest.mark.parametrize(
    ("n", "a", "b", "both", "percent", "kappa", "ac1"),
    [
        (1000, 125, 125, 50, 0.850, 0.3143, 0.8080),
        (1000, 200, 50, 50, 0.850, 0.3478, 0.8080),
        (10000, 300, 320, 250, 0.988, 0.8003, 0.9872),
        (10000, 6000, 6500, 5000, 0.750, 0.4681, 0.5294),
        (1000, 500, 500, 250, 0.500, 0.0000, 0.0000),
    ],
)
def test_agreement_over_characters(n: int, a: int, b: int, both: int, percent: float, kappa: float, ac1: float) -> None:
    table = [[n - a - b + both, b - both], [a - both, both]]
    assert close(of_table(table, "percent").value, percent, 1e-9)
    assert close(of_table(table, "cohen").value, kappa, 5e-5)
    assert close(of_table(table, "gwet").value, ac1, 5e-5)


# --- standard errors ------------------------------------------------------------------------------------------------


def test_standard_error_of_cohen_1960() -> None:
    patterns, frequencies = from_table(COHEN_1960)
    interval = analytic_interval(patterns, "cohen", frequencies=frequencies)
    assert close(interval.standard_error, 0.05100, 6e-6)
    assert close(interval.low, 0.3916, 6e-5)
    assert close(interval.high, 0.5915, 6e-5)
    assert (interval.method, interval.n_units) == ("analytic", 200)


@pytest.mark.parametrize(("weights", "expected"), [("linear", 0.0544323), ("quadratic", 0.0664537)])
def test_standard_error_of_weighted_kappa(weights: str, expected: float) -> None:
    patterns, frequencies = from_table(COHEN_1960)
    interval = analytic_interval(patterns, "cohen", frequencies=frequencies, weights=weights, categories=range(3))
    assert close(interval.standard_error, expected, 1e-7)


@pytest.mark.parametrize(("measure", "expected"), [("gwet", 0.14295), ("fleiss", 0.15302), ("krippendorff", 0.14557)])
def test_standard_errors_of_gwet_four_raters(measure: str, expected: float) -> None:
    # irrCAC for Python gives .14557 for alpha; Gwet's own formula, which ours is, gives .14548.
    interval = analytic_interval(GWET, measure, categories=range(1, 6))
    assert close(interval.standard_error, expected, 1e-4 if measure == "krippendorff" else 6e-6)
    if measure == "gwet":
        assert close(interval.low, 0.4608, 6e-5)
        assert interval.high == 1.0


@pytest.mark.parametrize(
    ("measure", "expected"), [("cohen", 0.05891), ("scott", 0.05905), ("brennan-prediger", 0.04693), ("gwet", 0.04322)]
)
def test_standard_errors_of_gwet_abstractors(measure: str, expected: float) -> None:
    patterns, frequencies = from_table(ABSTRACTORS)
    interval = analytic_interval(patterns, measure, frequencies=frequencies, categories=range(3))
    assert close(interval.standard_error, expected)
    # The values for a table divide by n² where those for raw ratings divide by n(n-1); Cohen's has no such step.
    factor = 1.0 if measure == "cohen" else (99 / 100) ** 0.5
    assert interval.standard_error is not None
    assert close(interval.standard_error * factor, expected, 6e-6)


@pytest.mark.parametrize(
    ("measure", "asked"),
    [
        ("percent", {}), ("fleiss", {}), ("fleiss", {"weights": "linear"}), ("gwet", {"weights": "quadratic"}),
        ("conger", {}), ("conger", {"weights": "linear"}), ("brennan-prediger", {"weights": "ordinal"}),
        ("krippendorff", {}), ("krippendorff", {"level": "interval"}), ("krippendorff", {"level": "ordinal"}),
        ("krippendorff", {"level": "ratio"}), ("krippendorff", {"weights": "linear"}),
    ],
)  # fmt: skip
def test_analytic_errors_are_near_the_jackknife(measure: str, asked: dict[str, Any]) -> None:
    rng = np.random.default_rng(2)
    true = rng.integers(0, 4, 150)
    ratings = np.where(rng.random((150, 3)) < 0.6, true[:, None], rng.integers(0, 4, (150, 3))).astype(float)
    ratings[rng.random(ratings.shape) < 0.1] = np.nan
    found = [
        coefficient(np.delete(ratings, unit, 0), measure, categories=range(4), **asked).value for unit in range(150)
    ]
    values = np.array(found, dtype=float)
    jackknife = np.sqrt(149 / 150 * ((values - values.mean()) ** 2).sum())
    error = analytic_interval(ratings, measure, categories=range(4), **asked).standard_error
    assert error == pytest.approx(jackknife, rel=0.03)


def test_an_analytic_interval_of_two_identical_halves_counts_frequencies() -> None:
    doubled = analytic_interval(KRIPPENDORFF_B + KRIPPENDORFF_B, "fleiss")
    assert doubled == analytic_interval(KRIPPENDORFF_B, "fleiss", frequencies=[2] * 12)


def test_an_analytic_interval_is_undefined_where_the_coefficient_is() -> None:
    interval = analytic_interval([["a", "a"]] * 5, "cohen")
    assert (interval.status, interval.low, interval.high) == ("undefined", None, None)
    assert "variation" in interval.reason
    one = analytic_interval([["a", "b"]], "fleiss")
    assert (one.status, one.value) == ("undefined", -1.0)
    assert "two units" in one.reason


# --- degenerate data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", KAPPAS)
@pytest.mark.parametrize("categories", [None, ["a", "b"]])
def test_constant_ratings_are_undefined_and_never_one(measure: str, categories: list[str] | None) -> None:
    found = coefficient([["a", "a"]] * 5, measure, categories=categories)
    assert (found.value, found.status, found.percent) == (None, "undefined", 1.0)
    assert (
        found.reason
        == "All 10 ratings that can be paired are 'a': without variation, agreement cannot be told from chance."
    )


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_constant_numbers_are_undefined_for_alpha(level: str) -> None:
    found = coefficient([[0.1, 0.1, 0.1]] * 3, "krippendorff", level=level)
    assert (found.value, found.status) == (None, "undefined")


def test_constant_sets_are_undefined_for_alpha() -> None:
    found = coefficient([[set(), set()]] * 3, "krippendorff", level="masi")
    assert (found.value, found.reason[:43]) == (None, "All 6 ratings that can be paired are {}: wi")


def test_constant_percent_agreement_is_full_agreement() -> None:
    found = coefficient([["a", "a"]] * 5, "percent")
    assert (found.value, found.status, found.expected) == (1.0, "ok", None)


def test_one_constant_coder_is_at_chance_for_cohen() -> None:
    kappa = coefficient([["a", "a"], ["a", "b"], ["a", "b"], ["a", "a"]], "cohen")
    assert (kappa.value, kappa.kappa_max) == (0.0, 0.0)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        ([["a", None], [None, "b"]], "No unit was rated by two coders."),
        ([[None, None]], "No unit was rated by two coders."),
        ([["a"], ["b"]], "Agreement needs at least two coders; the ratings have 1."),
        ([], "Agreement needs at least two coders; the ratings have 0."),
        (np.empty((0, 2)), "No unit was rated by two coders."),
        (pd.DataFrame({"A": [None, None], "B": [np.nan, pd.NA]}), "No unit was rated by two coders."),
    ],
)
def test_nothing_to_pair_is_undefined(measure: str, ratings: object, reason: str) -> None:
    found = coefficient(ratings, measure)
    assert (found.value, found.status, found.percent, found.reason) == (None, "undefined", None, reason)
    assert (found.observed, found.expected, found.n_pairable) == (None, None, 0)


@pytest.mark.parametrize("measure", KAPPAS)
def test_variation_only_outside_the_pairs_is_undefined(measure: str) -> None:
    found = coefficient([["a", "a"], ["a", "a"], ["b", None]], measure)
    assert (found.value, found.percent) == (None, 1.0)


@pytest.mark.parametrize("measure", ["cohen", "scott", "fleiss", "conger", "krippendorff"])
def test_weights_that_forgive_everything_are_undefined(measure: str) -> None:
    found = coefficient([[0, 1], [1, 1], [0, 0]], measure, weights=np.ones((2, 2)), categories=[0, 1])
    assert (found.value, found.status) == (None, "undefined")
    assert found.reason


def test_zero_frequencies_are_no_units() -> None:
    found = coefficient([["a", "a"], ["a", "b"]], "cohen", frequencies=[0, 0])
    assert (found.value, found.n_units, found.reason) == (None, 0, "No unit was rated by two coders.")


@pytest.mark.parametrize("measure", KAPPAS)
def test_full_agreement_with_variation_is_one(measure: str) -> None:
    assert coefficient([["a", "a"], ["b", "b"], ["b", "b"]], measure).value == pytest.approx(1.0, abs=1e-12)


# --- forms of ratings -----------------------------------------------------------------------------------------------

PLAIN: list[list[object]] = [[1, 1], [2, 1], [2, 2], [None, 2], [1, 1], [2, 2]]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "ratings",
    [
        np.array([[np.nan if cell is None else cell for cell in row] for row in PLAIN], dtype=float),
        np.array(PLAIN, dtype=object),
        pd.DataFrame(PLAIN),
        pd.DataFrame(PLAIN).astype("Int64"),
        [[pd.NA if cell is None else str(cell) for cell in row] for row in PLAIN],
        [[float("nan") if cell is None else cell == 2 for cell in row] for row in PLAIN],
        [[None if cell is None else {"x", cell} for cell in row] for row in PLAIN],
        tuple(tuple(row) for row in PLAIN),
        np.ma.masked_equal([[-9 if cell is None else cell for cell in row] for row in PLAIN], -9),
        pd.DataFrame(PLAIN).map(lambda cell: None if pd.isna(cell) else f"c{int(cell)}").astype("category"),
    ],
    ids=["floats", "objects", "frame", "nullable", "strings", "bools", "sets", "tuples", "masked", "category"],
)
def test_every_form_of_ratings_gives_one_answer(measure: str, ratings: object) -> None:
    found = coefficient(ratings, measure)
    assert found.value == coefficient(PLAIN, measure).value
    assert (found.n_units, found.n_pairable_units, found.n_coders) == (6, 5, 2)


@pytest.mark.parametrize(
    "gap", [pd.NaT, np.datetime64("NaT"), Decimal("NaN"), np.float32("nan"), complex("nan")], ids=str
)
def test_a_gap_of_any_type_is_missing(gap: object) -> None:
    found = coefficient([["a", "a"], ["b", "b"], ["a", gap]], "krippendorff")
    assert (found.n_pairable_units, found.categories) == (2, ("a", "b"))


def test_gaps_that_numpy_made_into_text_are_no_answers() -> None:
    made = np.array([["a", np.nan], ["a", "b"], ["b", "b"]])
    assert made[0, 1] == "nan"  # numpy did not keep the gap
    with pytest.raises(StatisticsError, match="dtype=object") as raised:
        coefficient(made, "cohen")
    assert raised.value.code == "QC-N003"
    assert coefficient(made, "cohen", categories=["a", "b", "nan"]).n_pairable_units == 3
    assert coefficient(made.astype(object), "cohen").n_units == 3


def test_numbers_of_any_size_are_told_apart() -> None:
    for values in ([0.5, 1.5], [10**12, -(10**12)], [2**63, 1], [np.inf, -np.inf], [1, True + 1]):
        ratings = np.array([[values[0], values[0]], [values[1], values[1]], [values[0], values[1]]])
        assert coefficient(ratings, "cohen").value == pytest.approx(0.4)


def test_numbers_on_a_scale_are_no_list_of_categories() -> None:
    for level, categories in (("interval", ()), ("ratio", ()), ("ordinal", (1, 2)), ("nominal", (1, 2))):
        assert coefficient(PLAIN, "krippendorff", level=level).categories == categories


def test_mixed_types_are_categories_of_their_own() -> None:
    found = coefficient([[1, "1"], ["1", "1"], [1, 1]], "percent")
    assert (found.value, found.categories) == (pytest.approx(2 / 3), (1, "1"))


def test_categories_keep_their_order_and_those_not_seen() -> None:
    found = coefficient([["low", "high"], ["high", "high"]], "gwet", categories=["low", "middle", "high"])
    assert found.categories == ("low", "middle", "high")
    assert found.notes == ()
    assert found.expected == pytest.approx((0.25 * 0.75 + 0.75 * 0.25) / 2)


def test_a_result_says_when_the_domain_was_guessed() -> None:
    for measure, weights in (
        ("gwet", None),
        ("brennan-prediger", None),
        ("cohen", "linear"),
        ("krippendorff", "quadratic"),
    ):
        notes = coefficient([[1, 2], [2, 2], [3, 1]], measure, weights=weights).notes
        assert notes == (
            "The 3 observed values were taken as the whole domain, and the value depends on it: give categories to fix it.",
        )
    assert coefficient([[1, 2], [2, 2], [3, 1]], "krippendorff", level="ordinal").notes == ()


def test_weighted_kappa_needs_the_whole_domain() -> None:
    observed = coefficient([[1, 2], [2, 2], [4, 1]], "cohen", weights="linear").value
    whole = coefficient([[1, 2], [2, 2], [4, 1]], "cohen", weights="linear", categories=[1, 2, 3, 4]).value
    assert observed != pytest.approx(whole)


def test_cohen_uses_complete_pairs_and_says_so() -> None:
    found = coefficient([["a", "a"], ["a", "b"], ["b", "b"], ["b", None]], "cohen")
    assert found.value == coefficient([["a", "a"], ["a", "b"], ["b", "b"]], "cohen").value
    assert found.notes == ("Only units that both coders rated are used.",)


def test_frequencies_may_be_fractions() -> None:
    half = coefficient([["a", "a"], ["a", "b"], ["b", "b"]], "cohen", frequencies=[0.5, 0.25, 0.75])
    whole = coefficient([["a", "a"], ["a", "b"], ["b", "b"]], "cohen", frequencies=[2, 1, 3])
    assert half.value == pytest.approx(whole.value)
    assert (half.n_units, whole.n_units) == (1.5, 6)


def test_many_coders_and_values_do_not_need_a_large_table() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=3000)
    ratings = true[:, None] + rng.normal(scale=0.1, size=(3000, 2))
    for level in ("interval", "ordinal"):
        value = coefficient(ratings, "krippendorff", level=level).value
        assert value is not None
        assert 0.98 < value < 1
    wide = rng.integers(0, 3, (20, 60))
    assert close(coefficient(wide, "fleiss").value, 0.0, 0.05)


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "ratings", "measure", "asked"),
    [
        ("QC-N001", PLAIN, "kappa", {}),
        ("QC-N002", PLAIN, "krippendorff", {"level": "cardinal"}),
        ("QC-N003", [1, 2, 3], "cohen", {}),
        ("QC-N003", np.zeros(3), "cohen", {}),
        ("QC-N003", np.zeros((2, 2, 2)), "cohen", {}),
        ("QC-N003", "ab", "cohen", {}),
        ("QC-N003", ["ab", "ba"], "cohen", {}),
        ("QC-N003", [{"a"}, {"b"}], "cohen", {}),
        ("QC-N003", [["a", "b"], ["a"]], "cohen", {}),
        ("QC-N003", [["a", ["b"]]], "cohen", {}),
        ("QC-N003", None, "cohen", {}),
        ("QC-N004", [["a", "c"]], "cohen", {"categories": ["a", "b"]}),
        ("QC-N005", PLAIN, "cohen", {"weights": "cubic"}),
        ("QC-N005", PLAIN, "cohen", {"weights": [[1, -0.5], [-0.5, 1]], "categories": [1, 2]}),
        ("QC-N005", PLAIN, "cohen", {"weights": [[1, 2], [2, 1]], "categories": [1, 2]}),
        ("QC-N005", PLAIN, "cohen", {"weights": [[0, 1], [1, 0]], "categories": [1, 2]}),
        ("QC-N005", PLAIN, "cohen", {"weights": [[1, 0.5], [0, 1]], "categories": [1, 2]}),
        ("QC-N005", PLAIN, "cohen", {"weights": [[1, np.nan], [np.nan, 1]], "categories": [1, 2]}),
        ("QC-N005", PLAIN, "cohen", {"weights": np.eye(3), "categories": [1, 2]}),
        ("QC-N005", PLAIN, "cohen", {"weights": [["x"]], "categories": [1, 2]}),
        ("QC-N006", [["a", "b"]], "krippendorff", {"level": "interval"}),
        ("QC-N006", [[1.0, np.inf]], "krippendorff", {"level": "interval"}),
        ("QC-N006", [[-1, 1]], "krippendorff", {"level": "ratio"}),
        ("QC-N006", [["a", "b"]], "krippendorff", {"level": "masi"}),
        ("QC-N006", [["a", {"b"}]], "krippendorff", {"level": "jaccard"}),
        ("QC-N007", [["a", "b"]], "cohen", {"weights": "linear"}),
        ("QC-N007", [["a", "b"]], "krippendorff", {"level": "ordinal"}),
        ("QC-N007", PLAIN, "cohen", {"weights": np.eye(2)}),
        ("QC-N007", PLAIN, "cohen", {"categories": [1, 2, 1]}),
        ("QC-N007", PLAIN, "cohen", {"categories": [1, 2, None]}),
        ("QC-N007", [["a", "b"]], "cohen", {"categories": "ab"}),
        ("QC-N008", PLAIN, "cohen", {"level": "ordinal"}),
        ("QC-N008", PLAIN, "krippendorff", {"level": "ordinal", "weights": "linear"}),
        ("QC-N009", [[1, 2, 1]], "cohen", {}),
        ("QC-N009", [[1, 2, 1]], "scott", {}),
        ("QC-N010", PLAIN, "cohen", {"frequencies": [1, 2]}),
        ("QC-N010", PLAIN, "cohen", {"frequencies": [1, 1, 1, 1, 1, -1]}),
        ("QC-N010", PLAIN, "cohen", {"frequencies": [1, 1, 1, 1, 1, np.nan]}),
        ("QC-N010", PLAIN, "cohen", {"frequencies": ["often"] * 6}),
    ],
)
def test_a_question_without_meaning_is_refused(code: str, ratings: object, measure: str, asked: dict[str, Any]) -> None:
    with pytest.raises(StatisticsError) as raised:
        coefficient(ratings, measure, **asked)
    assert raised.value.code == code
    assert raised.value.hint


def test_the_hint_names_the_form_for_more_coders() -> None:
    with pytest.raises(StatisticsError, match="measure='conger'"):
        coefficient([[1, 2, 1]], "cohen")


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_an_analytic_interval_needs_a_share(confidence: float) -> None:
    with pytest.raises(StatisticsError) as raised:
        analytic_interval(PLAIN, "cohen", confidence=confidence)
    assert raised.value.code == "QC-N012"


def test_importing_the_package_is_cheap_and_an_unknown_name_is_told() -> None:
    script = (
        "import sys, qualcode.stats.agreement as ag; assert 'numpy' not in sys.modules; ag.coefficient;"
        "heavy = {'scipy', 'pandas', 'sklearn', 'matplotlib', 'spacy'} & set(sys.modules); assert not heavy, heavy;"
        "assert set(ag.__all__) <= set(dir(ag))"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    import qualcode.stats.agreement as package

    with pytest.raises(AttributeError, match="kapa"):
        _ = package.kapa
