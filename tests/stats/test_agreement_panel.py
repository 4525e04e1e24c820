"""The panel of a code: several numbers side by side, their means over codes, and all units pooled."""

from __future__ import annotations

import numpy as np
import pytest

from qualcode.errors import StatisticsError
from qualcode.stats.agreement import (
    agreement_panel,
    agreement_panels,
    bootstrap,
    coefficient,
    jaccard_overlap,
    negative_agreement,
    positive_agreement,
)

CELLS = [[1, 1], [1, 0], [0, 1], [0, 0]]


def test_positive_and_negative_agreement_by_hand() -> None:
    often = [5, 10, 5, 80]
    assert positive_agreement(CELLS, frequencies=often).value == pytest.approx(10 / 25)
    assert negative_agreement(CELLS, frequencies=often).value == pytest.approx(160 / 175)
    assert jaccard_overlap(CELLS, frequencies=often).value == pytest.approx(5 / 20)
    assert positive_agreement(CELLS, frequencies=often).n_units == 100


@pytest.mark.parametrize(
    ("n", "a", "b", "both", "jaccard"),
    [(1000, 125, 125, 50, 0.25), (1000, 200, 50, 50, 0.25), (10000, 300, 320, 250, 0.6757), (10000, 6000, 6500, 5000, 0.6667),
     (1000, 500, 500, 250, 0.3333)],
)  # fmt: skip
def test_jaccard_over_characters(n: int, a: int, b: int, both: int, jaccard: float) -> None:
    often = [both, a - both, b - both, n - a - b + both]
    assert jaccard_overlap(CELLS, frequencies=often).value == pytest.approx(jaccard, abs=5e-5)


def test_overlap_of_nothing_is_undefined() -> None:
    for measure in (positive_agreement, jaccard_overlap):
        found = measure([[0, 0], [0, 0], [1, None]])
        assert (found.value, found.status, found.percent) == (None, "undefined", 1.0)
        assert found.reason == "Neither coder used the code on a unit that both rated."
    found = negative_agreement([[1, 1], [1, 1]])
    assert (found.value, found.reason) == (None, "Both coders used the code on every unit that both rated.")
    assert negative_agreement([[0, 0], [1, None]]).value == 1.0
    assert positive_agreement([[1, None]]).reason == "No unit was rated by two coders."
    assert positive_agreement([[1], [0]]).reason == "Agreement needs at least two coders; the ratings have 1."


def test_a_panel_shows_the_paradox_of_a_rare_code() -> None:
    panel = agreement_panel(CELLS, code="hope", frequencies=[5, 10, 5, 80])
    assert panel.code == "hope"
    assert panel.percent == pytest.approx(0.85)
    assert panel.prevalence == pytest.approx((0.15, 0.10))
    assert panel.coefficient.measure == "cohen"
    assert panel.coefficient.value == pytest.approx(0.318, abs=5e-4)
    assert panel.ac1.value == pytest.approx(0.808, abs=5e-4)
    assert panel.positive is not None
    assert panel.positive.value == pytest.approx(0.4)
    assert panel.negative is not None
    assert panel.negative.value == pytest.approx(160 / 175)
    assert panel.kappa_max == pytest.approx((0.95 - 0.78) / 0.22)
    assert (panel.n_units, panel.n_pairable_units, panel.n_coders, panel.interval) == (100, 100, 2, None)


def test_a_panel_of_three_coders_has_alpha_and_no_pairwise_numbers() -> None:
    ratings = [[1, 1, None], [0, 0, 0], [1, 0, 1], [None, None, 1]]
    panel = agreement_panel(ratings)
    assert panel.coefficient == coefficient(np.array(ratings, dtype=float), "krippendorff", categories=(0, 1))
    assert (panel.positive, panel.negative, panel.jaccard, panel.kappa_max) == (None, None, None, None)
    assert panel.prevalence == pytest.approx((2 / 3, 1 / 3, 2 / 3))
    assert (panel.n_units, panel.n_pairable_units) == (4, 3)


def test_a_code_that_nobody_used_has_no_coefficient() -> None:
    panel = agreement_panel([[0, 0]] * 40)
    assert panel.percent == 1.0
    assert (panel.coefficient.value, panel.ac1.value) == (None, None)
    assert panel.positive is not None
    assert panel.positive.value is None


def test_a_coder_without_ratings_has_no_prevalence() -> None:
    assert agreement_panel([[1, None], [0, None]]).prevalence == (0.5, None)


def test_the_value_that_is_the_code_can_be_named() -> None:
    words = [["yes", "yes"], ["no", "yes"], ["no", "no"], [None, "no"]]
    numbers = [[1, 1], [0, 1], [0, 0], [None, 0]]
    assert agreement_panel(words, positive="yes") == agreement_panel(numbers)
    bools = [[True, True], [False, True], [False, False], [None, False]]
    assert agreement_panel(bools) == agreement_panel(numbers)
    assert agreement_panel([["no", "no"], ["no", "no"]], positive="yes").percent == 1.0
    many = [["a", "a"], ["b", "c"], ["a", "c"]]
    assert positive_agreement(many, positive="a").value == pytest.approx(2 / 3)


def test_a_panel_interval_is_the_bootstrap_of_its_coefficient() -> None:
    ratings = [[1, 1], [0, 1], [0, 0], [1, 1], [0, 0], [1, 0]] * 4
    names = [row // 3 for row in range(24)]
    panel = agreement_panel(ratings, clusters=names, replicates=100, seed=5)
    assert panel.interval == bootstrap(ratings, "cohen", categories=(0, 1), clusters=names, replicates=100, seed=5)


def test_panels_have_a_mean_over_codes_and_a_pool() -> None:
    by_code = {
        "hope": [[1, 1], [0, 1], [0, 0], [0, 0]],
        "trust": [[1, 1], [1, 1], [0, 0], [1, 0]],
        "fear": [[0, 0]] * 4,
    }
    found = agreement_panels(by_code)
    assert [panel.code for panel in found.panels] == ["hope", "trust", "fear"]
    assert found.panels[0] == agreement_panel(by_code["hope"], code="hope")
    values = [panel.coefficient.value for panel in found.panels]
    assert values[2] is None
    assert found.macro["coefficient"] == pytest.approx((values[0] + values[1]) / 2)
    assert found.macro_codes == {"percent": 3, "coefficient": 2, "ac1": 2, "positive": 2, "negative": 3, "jaccard": 2}
    assert found.pooled == agreement_panel([row for rows in by_code.values() for row in rows])


def test_pooled_intervals_draw_an_interview_with_all_its_codes() -> None:
    rows = [[1, 1], [0, 1], [0, 0], [1, 1], [1, 0], [0, 0]]
    names = ["a", "a", "b", "b", "c", "c"]
    found = agreement_panels({"x": rows, "y": rows}, clusters={"x": names, "y": names}, replicates=50, seed=1)
    assert found.pooled.interval == bootstrap(rows + rows, "cohen", clusters=names + names, replicates=50, seed=1)
    assert found.pooled.interval is not None
    assert found.pooled.interval.clusters == 3


def test_no_mean_where_nothing_is_defined() -> None:
    found = agreement_panels({"x": [[0, 0, 0]], "y": [[0, 0, 0]]})
    assert (found.macro["coefficient"], found.macro_codes["coefficient"]) == (None, 0)
    assert found.macro["percent"] == 1.0


def test_panels_take_frequencies_by_code() -> None:
    found = agreement_panels({"x": CELLS, "y": CELLS}, frequencies={"x": [5, 10, 5, 80], "y": [1, 1, 1, 1]})
    assert [panel.n_units for panel in found.panels] == [100, 4]
    assert found.pooled.n_units == 104


@pytest.mark.parametrize("ratings", [[["yes", "no"]], [[1, 2]], [[0, 2]]])
def test_the_code_must_be_named_when_it_is_not_one(ratings: list[list[object]]) -> None:
    with pytest.raises(StatisticsError) as raised:
        agreement_panel(ratings)
    assert raised.value.code == "QC-N013"
    assert raised.value.hint


def test_a_misspelt_code_is_refused() -> None:
    with pytest.raises(StatisticsError) as raised:
        agreement_panel([["yes", "no"]], positive="Yes")
    assert raised.value.code == "QC-N013"


def test_panels_refuse_nothing_and_different_coders() -> None:
    for by_code in ({}, {"x": [[1, 1]], "y": [[1, 1, 1]]}):
        with pytest.raises(StatisticsError) as raised:
            agreement_panels(by_code)
        assert raised.value.code == "QC-N013"


def test_positive_agreement_compares_two() -> None:
    with pytest.raises(StatisticsError) as raised:
        positive_agreement([[1, 1, 0]])
    assert raised.value.code == "QC-N009"
