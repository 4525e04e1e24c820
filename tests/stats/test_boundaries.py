"""Boundary similarity, segmentation similarity, Pk and WindowDiff."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qualcode.errors import StatisticsError
from qualcode.stats.agreement.boundaries import (
    boundary_similarity,
    mean_pairwise,
    pk,
    segmentation_kappa,
    segmentation_pi,
    segmentation_similarity,
    window_diff,
)
from qualcode.stats.agreement.result import Agreement

Measure = Callable[..., Agreement]
ALL: list[Measure] = [boundary_similarity, segmentation_similarity, pk, window_diff]
SYMMETRIC = ALL[:2]
REFERENCE = [2, 3, 6]
KAZANTSEVA = [(2, 8, 2, 1), (11, 2), (2, 1, 7, 2, 1), (9, 4)]

strings = st.integers(3, 20).flatmap(
    lambda n: st.tuples(*[st.text("01", min_size=n, max_size=n)] * 2)  # two codings of n + 1 atoms
)


def masses(string: str) -> list[int]:
    return [len(part) + 1 for part in string.split("1")]


@pytest.mark.parametrize(
    ("hypothesis", "b", "s", "p", "wd"),
    [
        ([5, 6], 0.5, 0.90, 2 / 9, 2 / 9),
        ([2, 3, 3, 3], 0.6667, 0.90, 2 / 9, 2 / 9),
        ([2, 2, 7], 0.75, 0.95, 2 / 9, 2 / 9),
        ([1, 1, 3, 1, 5], 0.5, 0.80, 1 / 9, 3 / 9),
    ],
)
def test_one_segmentation_against_a_reference(hypothesis: list[int], b: float, s: float, p: float, wd: float) -> None:
    found = [measure(hypothesis, REFERENCE).value for measure in ALL]
    assert found == pytest.approx([b, s, p, wd], abs=5e-5)


def test_four_coders_of_one_chapter() -> None:
    found = [mean_pairwise(KAZANTSEVA, measure).value for measure in (boundary_similarity, pk, window_diff)]
    assert found == pytest.approx([0.2222, 0.3348, 0.3667], abs=5e-5)
    kappa, pi = segmentation_kappa([KAZANTSEVA]), segmentation_pi([KAZANTSEVA])
    assert [kappa.value, pi.value] == pytest.approx([0.2258, 0.2227], abs=5e-5)
    assert kappa.n_coders == 4


def test_window_diff_on_strings_with_a_window_of_three() -> None:
    one, two, three = "000100000010", "000010000100", "100000010000"
    assert window_diff(one, one, window=3).value == 0.0
    assert window_diff(one, two, window=3).value == pytest.approx(0.30)
    assert window_diff(two, three, window=3).value == pytest.approx(0.80)
    assert window_diff(two, three, window=3, convention="nltk").value == pytest.approx(0.80)


def test_pk_on_long_strings_with_a_window_of_two() -> None:
    for hypothesis, wanted in (("1" * 400, 0.50), ("0" * 400, 0.50), ("0100" * 100, 0.0)):
        assert pk(hypothesis, "0100" * 100, window=2).value == pytest.approx(wanted, abs=5e-3)


def test_the_two_conventions_differ_in_the_window_they_choose() -> None:
    one, reference = [2, 3, 6], [5, 6]
    assert "Windows of 3 atoms (segeval)" in pk(one, reference).notes[0]
    assert "Windows of 5 atoms (nltk)" in pk(one, reference, convention="nltk").notes[0]
    for measure in (pk, window_diff):
        assert measure(one, reference).value == measure(one, reference, window=3).value
        assert measure(one, reference, convention="nltk").value == measure(one, reference, window=5).value


@given(strings)
def test_masses_strings_and_sets_mean_the_same(pair: tuple[str, str]) -> None:
    as_sets = [{at + 1 for at, symbol in enumerate(string) if symbol == "1"} for string in pair]
    for measure in ALL:
        written = measure(*pair)
        assert measure(*map(masses, pair)) == written
        assert measure(*as_sets, atoms=len(pair[0]) + 1) == written


@given(strings)
def test_b_and_s_are_symmetric_and_all_measures_stay_between_0_and_1(pair: tuple[str, str]) -> None:
    one, two = pair
    for measure in SYMMETRIC:
        assert measure(one, two).value == pytest.approx(measure(two, one).value)
    for measure in ALL:
        assert 0 <= (measure(one, two).value or 0) <= 1


@given(strings)
def test_reading_backwards_changes_no_value(pair: tuple[str, str]) -> None:
    for measure in ALL:
        backwards = measure(*(string[::-1] for string in pair))
        assert backwards.value == pytest.approx(measure(*pair).value)


@given(strings)
def test_identical_segmentations_have_the_best_value(pair: tuple[str, str]) -> None:
    one, _ = pair
    found = [measure(one, one).value for measure in ALL]
    assert found == [1.0, 1.0, 0.0, 0.0]


@given(strings)
def test_window_diff_is_never_below_pk(pair: tuple[str, str]) -> None:
    assert (window_diff(*pair).value or 0) >= (pk(*pair).value or 0)


@given(strings)
def test_without_near_misses_b_is_shared_boundaries_over_all_boundaries(pair: tuple[str, str]) -> None:
    one, two = ({at for at, symbol in enumerate(string) if symbol == "1"} for string in pair)
    assume(one | two)
    assert boundary_similarity(*pair, span=1).value == pytest.approx(len(one & two) / len(one | two))


def test_a_near_miss_costs_less_than_a_miss_and_a_wider_span_forgives_more() -> None:
    assert boundary_similarity("00100", "00010").value == 0.5
    assert boundary_similarity("00100", "00010", span=1).value == 0.0
    assert boundary_similarity("01000", "00010", span=2).value == 0.0
    assert boundary_similarity("01000", "00010", span=3).value == pytest.approx(1 / 3)


def test_a_boundary_takes_part_in_one_near_miss_only() -> None:
    assert boundary_similarity("0101", "0010").value == pytest.approx(1 - 1.5 / 2)


@pytest.mark.parametrize("measure", ALL)
def test_without_any_boundary_the_best_value_is_there_by_definition_and_says_so(measure: Measure) -> None:
    found = measure([6], [6])
    assert found.value == (1.0 if measure in SYMMETRIC else 0.0)
    assert "no evidence of agreement" in found.notes[-1]


@pytest.mark.parametrize("measure", ALL)
def test_one_atom_is_undefined(measure: Measure) -> None:
    found = measure([1], [1])
    assert (found.value, found.status) == (None, "undefined")
    assert found.reason


def test_a_window_that_does_not_fit_is_undefined() -> None:
    assert pk([2, 2], [2, 2], window=4).status == "undefined"
    assert pk([2, 2], [2, 2], window=3).value == 0.0


def test_means_and_chance_correction_need_two_coders_and_a_boundary() -> None:
    assert mean_pairwise([[3, 3]]).reason == mean_pairwise([]).reason == "agreement needs at least two coders"
    assert mean_pairwise([[1], [1]]).reason == "one atom has no place for a boundary"
    for measure in (segmentation_kappa, segmentation_pi):
        assert measure([]).reason == measure([[[3, 3]]]).reason == "agreement needs at least two coders"
        assert measure([[[6], [6]]]).reason == "no coder set a boundary"
        assert measure([["11", "11"]]).reason == "every coder set every boundary"


def test_kappa_and_pi_of_identical_coders_are_1_and_differ_when_rates_do() -> None:
    same = [["0100", "0100"], ["00100", "00100"]]
    assert segmentation_kappa(same).value == segmentation_pi(same).value == 1.0
    # B = 1/2; rates 1/4 and 2/4: chance 1/8 for kappa, (3/8)^2 for pi
    apart = [["0100", "0101"]]
    assert segmentation_kappa(apart).value == pytest.approx((1 / 2 - 1 / 8) / (1 - 1 / 8))
    assert segmentation_pi(apart).value == pytest.approx((1 / 2 - 9 / 64) / (1 - 9 / 64))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: boundary_similarity([], [1]), "QC-N040"),
        (lambda: boundary_similarity([2, 0], [2]), "QC-N040"),
        (lambda: boundary_similarity([1.5], [2]), "QC-N040"),
        (lambda: boundary_similarity("012", "000"), "QC-N040"),
        (lambda: boundary_similarity({1}, {2}), "QC-N040"),
        (lambda: boundary_similarity({0}, {2}, atoms=4), "QC-N040"),
        (lambda: boundary_similarity({4}, {2}, atoms=4), "QC-N040"),
        (lambda: pk([2, 3], [2, 4]), "QC-N041"),
        (lambda: segmentation_similarity([2, 3], [5], span=0), "QC-N042"),
        (lambda: pk([2, 3], [5], window=0), "QC-N043"),
        (lambda: window_diff([2, 3], [5], convention="other"), "QC-N043"),  # type: ignore[arg-type]  # what is tested
        (lambda: segmentation_kappa([["0", "1"], ["0", "1", "1"]]), "QC-N044"),
    ],
)
def test_what_cannot_be_measured_is_refused(call: Callable[[], Agreement], code: str) -> None:
    with pytest.raises(StatisticsError) as caught:
        call()
    assert caught.value.code == code
    assert caught.value.hint
