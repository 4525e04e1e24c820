"""Prevalence of a machine-coded code: formulas by hand, and what counts as no valid interval."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from qualcode.errors import StatisticsError
from qualcode.stats.prevalence import (
    PREVALENCE_METHODS,
    UNVALIDATED,
    Prevalence,
    draw_sample,
    prevalence,
    pseudo_outcomes,
    rogan_gladen,
)

MACHINE = [1, 1, 0, 0, 1, 0, 1, 0, 0, 0]
HUMAN = [1, None, 0, None, 0, None, 1, None, 1, None]
VALID = ("tuned", "difference", "dsl", "labelled")


def study(seed: int = 0, n: int = 400) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return machine codes, true codes and transcripts of n units."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.3).astype(float)
    machine = np.where(rng.random(n) < 0.15, 1 - truth, truth)
    return machine, truth, np.arange(n) // 20


def labelled_at(truth: np.ndarray[Any, Any], at: Any) -> np.ndarray[Any, Any]:
    human = np.full(len(truth), np.nan)
    human[at] = truth[at]
    return human


def test_the_tiny_check_of_pseudo_outcomes() -> None:
    assert pseudo_outcomes(MACHINE, HUMAN, 0.5).tolist() == [1, 1, 0, 0, -1, 0, 1, 0, 2, 0]
    found = prevalence(MACHINE, HUMAN, probability=0.5, method="dsl")
    assert found.estimate == pytest.approx(0.400)
    assert found.standard_error == pytest.approx(0.2667, abs=5e-5)
    assert (found.n_labelled, found.n_total, found.status, found.target) == (5, 10, "ok", "population")


def test_the_difference_estimator_is_the_machine_share_plus_the_mean_error() -> None:
    machine, truth, _ = study()
    at = np.arange(0, 400, 5)
    found = prevalence(machine, labelled_at(truth, at), probability=0.2, method="difference")
    error = (truth - machine)[at]
    assert found.estimate == pytest.approx(machine.mean() + error.mean())
    se = error.std(ddof=1) / math.sqrt(80) * math.sqrt(1 - 0.2)
    assert found.standard_error == pytest.approx(se)
    assert (found.target, found.degrees_of_freedom, found.tuning, found.clusters) == ("corpus", 79, 1, None)
    assert found.high == pytest.approx(found.estimate + student.ppf(0.975, 79) * se)


def test_tuning_weighs_the_machine_by_its_regression_slope() -> None:
    machine, truth, _ = study()
    at = np.arange(0, 400, 5)
    found = prevalence(machine, labelled_at(truth, at), probability=0.2)
    f, y = machine[at], truth[at]
    slope = np.cov(y, f)[0, 1] / f.var(ddof=1)
    residual = y - slope * f
    assert found.tuning == pytest.approx(slope)
    assert found.estimate == pytest.approx(slope * machine.mean() + residual.mean())
    spread = ((residual - residual.mean()) ** 2).sum() / (80 - 2)
    assert found.standard_error == pytest.approx(math.sqrt(spread / 80 * 0.8))


def test_the_sample_alone_is_the_textbook_mean() -> None:
    machine, truth, _ = study()
    at = np.arange(0, 400, 5)
    found = prevalence(machine, labelled_at(truth, at), probability=0.2, method="labelled")
    assert found.estimate == pytest.approx(truth[at].mean())
    assert found.standard_error == pytest.approx(truth[at].std(ddof=1) / math.sqrt(80) * math.sqrt(0.8))


def test_a_stratified_sample_weighs_strata_by_their_size() -> None:
    machine, truth, _ = study()
    strata = (machine > 0).astype(int)
    at = np.concatenate([np.flatnonzero(strata == 0)[:30], np.flatnonzero(strata == 1)[:50]])
    sizes = np.bincount(strata)
    pi = np.where(strata == 0, 30 / sizes[0], 50 / sizes[1])
    found = prevalence(machine, labelled_at(truth, at), probability=pi, strata=strata, method="labelled")
    estimate = variance = 0.0
    for stratum, n in ((0, 30), (1, 50)):
        y = truth[np.flatnonzero(strata == stratum)[:n]]
        share = sizes[stratum] / 400
        estimate += share * y.mean()
        variance += share**2 * (1 - n / sizes[stratum]) * y.var(ddof=1) / n
    assert found.estimate == pytest.approx(estimate)
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    assert found.degrees_of_freedom == 78


def test_whole_transcripts_are_a_ratio_estimate_with_transcripts_as_draws() -> None:
    machine, truth, _ = study()
    sizes = [10, 30, 20, 40] * 4
    names = np.repeat(np.arange(16), sizes)
    drawn = [0, 1, 5, 6, 11, 12]
    at = np.isin(names, drawn)
    found = prevalence(machine, labelled_at(truth, at), probability=6 / 16, clusters=names, sampled_by="transcript",
                       method="difference", target="corpus")  # fmt: skip
    error = truth - machine
    mean = error[at].mean()
    without = np.array([error[at & (names != name)].mean() for name in drawn])
    variance = (1 - 6 / 16) * 5 / 6 * ((without - mean) ** 2).sum()
    assert found.estimate == pytest.approx(machine.mean() + mean)
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    assert (found.clusters, found.degrees_of_freedom) == (6, 5)


def test_robust_errors_sum_by_transcript() -> None:
    machine, truth, names = study()
    at = np.arange(0, 400, 4)
    found = prevalence(machine, labelled_at(truth, at), probability=0.25, clusters=names, method="dsl")
    pseudo = machine.copy()
    pseudo[at] += (truth[at] - machine[at]) / 0.25
    totals = np.bincount(names, weights=pseudo - pseudo.mean())
    assert found.estimate == pytest.approx(pseudo.mean())
    assert found.standard_error == pytest.approx(math.sqrt(20 / 19 * (totals**2).sum()) / 400)
    assert (found.clusters, found.degrees_of_freedom, found.target) == (20, 19, "population")


def test_with_equal_probabilities_dsl_and_difference_agree_on_the_estimate() -> None:
    machine, truth, names = study()
    human = labelled_at(truth, np.arange(0, 400, 4))
    dsl, difference = (
        prevalence(machine, human, probability=0.25, clusters=names, method=m) for m in ("dsl", "difference")
    )
    assert dsl.estimate == pytest.approx(difference.estimate)
    assert dsl.standard_error == pytest.approx(difference.standard_error, rel=0.15)


def test_naming_transcripts_asks_about_the_population_unless_the_corpus_is_asked_for() -> None:
    machine, truth, names = study()
    human = labelled_at(truth, np.arange(0, 400, 4))
    wide = prevalence(machine, human, probability=0.25, clusters=names)
    here = prevalence(machine, human, probability=0.25, clusters=names, target="corpus")
    plain = prevalence(machine, human, probability=0.25)
    assert (wide.target, here.target, plain.target) == ("population", "corpus", "corpus")
    assert (here.low, here.high) == (plain.low, plain.high)
    assert any("robust by transcript" in note for note in wide.notes)
    assert any("units of this corpus" in note for note in here.notes)


@pytest.mark.parametrize("method", VALID)
def test_without_a_sampling_probability_there_is_no_interval(method: str) -> None:
    found = prevalence(MACHINE, HUMAN, method=method)
    assert (found.status, found.reason) == ("undefined", "machine-coded, no valid interval")
    assert (found.low, found.high, found.standard_error) == (None, None, None)
    assert found.estimate == 0.4


def test_machine_codes_alone_are_a_share_without_an_interval() -> None:
    assert prevalence(MACHINE) == prevalence(MACHINE, [None] * 10)
    assert prevalence(MACHINE).reason == UNVALIDATED


@pytest.mark.parametrize(
    ("human", "more", "words"),
    [
        ([None] * 10, {}, "no unit is hand-coded"),
        ([1, *[None] * 9], {}, "fewer than two hand-coded units"),
        ([1, 1, *[None] * 8], {}, "too small for its strata and this method"),
        ([1, 0, 1, 1, *[None] * 6], {"strata": [0] * 5 + [1] * 5}, "fewer than two hand-coded units in a stratum"),
        ([1, 0, 1, *[None] * 7], {"clusters": [0] * 5 + [1] * 5}, "all hand-coded units are of one transcript"),
        ([1, 0, 1, *[None] * 7], {"clusters": [0, 0, 1, 1, 1, 2, 2, 2, 2, 2], "sampled_by": "transcript"}, "in part only"),
        ([1, 0, 1, 1, *[None] * 6], {"clusters": [0] * 4 + [1] * 6, "sampled_by": "transcript"}, "fewer than two hand-coded transcripts"),
    ],
)  # fmt: skip
def test_a_sample_that_says_nothing_about_its_error_is_undefined(
    human: list[Any], more: dict[str, Any], words: str
) -> None:
    found = prevalence(MACHINE, human, probability=0.5, **more)
    assert found.status == "undefined"
    assert found.reason.startswith("machine-coded, no valid interval: ")
    assert words in found.reason
    assert (found.estimate, found.low) == (0.4, None)


@pytest.mark.parametrize("method", VALID)
def test_a_sample_without_an_error_does_not_prove_that_there_is_none(method: str) -> None:
    # 40 hand codes, all 0, and the machine said so too: as if 2 of 44 were wrong.
    machine = np.array([0.0] * 40 + [0.0, 1.0] * 30)
    found = prevalence(machine, labelled_at(np.zeros(100), np.arange(40)), probability=0.4, method=method)
    p = 2 / 44
    least = math.sqrt(p * (1 - p) / 44 * (1 if method == "dsl" else 0.6))
    assert found.status == "ok"
    assert any("nothing varies" in note for note in found.notes)
    assert found.standard_error is not None
    if method == "dsl":
        assert found.standard_error == pytest.approx(math.sqrt(least**2 + machine.var(ddof=1) / 100))
    else:
        assert found.standard_error == pytest.approx(least)


def test_a_stratum_without_an_error_widens_the_interval_by_its_share() -> None:
    machine, truth, _ = study()
    strata = np.where(np.arange(400) < 100, "quiet", "rest")
    truth[:100] = machine[:100]
    human = labelled_at(truth, np.r_[0:20, 100:200])
    pi = np.where(strata == "quiet", 0.2, 1 / 3)
    found = prevalence(machine, human, probability=pi, strata=strata, method="difference")
    error = (truth - machine)[100:200]
    p = 2 / 24
    variance = 0.75**2 * (2 / 3) * error.var(ddof=1) / 100 + 0.25**2 * 0.8 * p * (1 - p) / 24
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    assert any("In some strata nothing varies" in note for note in found.notes)


def test_nothing_can_come_of_nothing() -> None:
    assert prevalence([], []).reason == "there are no units"
    assert prevalence([], []).estimate is None
    one = prevalence([1], [1], probability=1, target="population", method="difference")
    assert (one.status, "one unit says nothing" in one.reason) == ("undefined", True)


@pytest.mark.parametrize("method", ["tuned", "difference", "labelled"])
def test_a_corpus_coded_by_hand_in_full_is_known(method: str) -> None:
    machine, truth, _ = study()
    found = prevalence(machine, truth, probability=1, method=method)
    assert found.low == pytest.approx(found.high) == pytest.approx(truth.mean())
    assert found.standard_error == pytest.approx(0, abs=1e-12)


def test_a_theme_that_nobody_in_the_whole_corpus_has_may_still_exist_elsewhere() -> None:
    machine, truth, names = study()
    found = prevalence(machine, truth * 0, probability=1, clusters=names, method="labelled")
    assert (found.target, found.estimate) == ("population", 0)
    assert found.high == pytest.approx(student.ppf(0.975, 19) * math.sqrt(2 / 404 * (402 / 404) / 404))


def test_units_that_were_to_be_coded_for_certain_have_to_be_coded() -> None:
    found = prevalence(MACHINE, HUMAN, probability=1)
    assert (found.status, "5 units that were to be coded for certain" in found.reason) == ("undefined", True)


def test_transcripts_that_happen_to_balance_do_not_give_an_interval_without_width() -> None:
    names = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    human = [1, 0, 0, 1, *[None] * 6]
    found = prevalence([1, 1, 0, 0, 1, 0, 1, 0, 0, 0], human, probability=0.4, clusters=names, sampled_by="transcript",
                       method="labelled", target="corpus")  # fmt: skip
    p = 2 / 6
    assert found.estimate == pytest.approx(0.5)
    assert found.standard_error == pytest.approx(math.sqrt(0.6 * p * (1 - p) / 6))


def test_a_stratum_coded_in_full_adds_no_error() -> None:
    machine, truth, _ = study()
    strata = np.where(np.arange(400) < 3, "three", "rest")
    human = labelled_at(truth, np.r_[0:3, 10:110])
    pi = np.where(strata == "three", 1.0, 100 / 397)
    found = prevalence(machine, human, probability=pi, strata=strata, method="labelled")
    y = truth[10:110]
    assert found.standard_error == pytest.approx(397 / 400 * y.std(ddof=1) / 10 * math.sqrt(1 - 100 / 397))
    assert found.degrees_of_freedom == 99


def test_a_machine_that_never_fires_in_the_sample_is_ignored_by_tuning() -> None:
    machine = np.zeros(100)
    machine[90:] = 1
    truth = (np.arange(100) % 4 == 0).astype(float)
    found = prevalence(machine, labelled_at(truth, np.arange(40)), probability=0.4)
    assert (found.tuning, found.estimate) == (0, pytest.approx(0.25))


@pytest.mark.parametrize("method", ["classify-and-count", "rogan-gladen"])
def test_estimators_for_comparison_are_named_biased(method: str) -> None:
    machine, truth, _ = study()
    found = prevalence(machine, labelled_at(truth, np.arange(0, 400, 4)), probability=0.25, method=method)
    assert found.status == "biased"
    assert "biased" in found.notes[-1]
    assert found.clusters is None


def test_rogan_gladen_turns_error_rates_round() -> None:
    assert rogan_gladen(0.15 * 0.8 + 0.85 * 0.1, 0.8, 0.9) == pytest.approx(0.15)
    assert rogan_gladen(0.3, 0.5, 0.5) is None
    machine, truth, _ = study()
    human = labelled_at(truth, np.arange(0, 400, 4))
    y, f = truth[::4], machine[::4]
    expected = rogan_gladen(machine.mean(), f[y == 1].mean(), 1 - f[y == 0].mean())
    assert prevalence(machine, human, method="rogan-gladen").estimate == pytest.approx(expected)


def test_rogan_gladen_needs_both_kinds_of_hand_codes_and_a_useful_machine() -> None:
    assert prevalence(MACHINE, [1, 1, *[None] * 8], method="rogan-gladen").status == "undefined"
    found = prevalence([1, 0, 1, 0], [0, 1, None, None], method="rogan-gladen")
    assert (found.status, "no better than chance" in found.reason) == ("undefined", True)


def test_a_drawn_sample_carries_its_own_design() -> None:
    machine, truth, names = study()
    units = [f"u{at}" for at in range(400)]
    strata = np.where(machine > 0, "coded", "not coded")
    sample = draw_sample(units, {"coded": 40, "not coded": 40}, strata=strata, seed=2)
    human = labelled_at(truth, list(sample.positions))
    by_hand = prevalence(machine, human, probability=sample.probabilities(), strata=strata)
    assert prevalence(machine, human, sample=sample) == by_hand
    whole = draw_sample(units, 8, by="transcript", transcripts=names, seed=2)
    found = prevalence(machine, labelled_at(truth, list(whole.positions)), sample=whole)
    assert (found.clusters, found.target, found.status) == (8, "population", "ok")


def test_hand_codes_outside_the_sample_are_left_out() -> None:
    machine, truth, _ = study()
    sample = draw_sample([str(at) for at in range(400)], 80, seed=2)
    inside = prevalence(machine, labelled_at(truth, list(sample.positions)), sample=sample)
    more = prevalence(machine, truth, sample=sample)
    assert (more.estimate, more.low, more.n_labelled) == (inside.estimate, inside.low, 80)
    assert "320 hand-coded units outside the random sample were left out." in more.notes


def test_a_sample_that_is_not_coded_yet_has_no_interval() -> None:
    machine, truth, _ = study()
    sample = draw_sample([str(at) for at in range(400)], 80, seed=2)
    found = prevalence(machine, labelled_at(truth, list(sample.positions[:50])), sample=sample)
    assert (found.status, "30 of 80 units of the sample are not hand-coded yet" in found.reason) == ("undefined", True)


def test_cautions_are_said() -> None:
    machine, truth, names = study()
    human = labelled_at(truth, np.arange(0, 400, 4))
    assert any("probabilities say about 4" in note for note in prevalence(machine, human, probability=0.01).notes)
    few = prevalence(machine, labelled_at(truth, np.arange(12)), probability=0.03, method="labelled")
    assert any("that have the code: only" in note for note in few.notes)
    whole = labelled_at(truth, names < 6)
    found = prevalence(machine, whole, probability=0.3, clusters=names, sampled_by="transcript")
    assert any("fewer than about 15 transcripts" in note for note in found.notes)


def test_an_estimate_outside_0_to_1_is_kept_and_noted() -> None:
    machine = np.zeros(100)
    human = np.full(100, np.nan)
    human[:4], machine[:3] = [0, 0, 0, 1], 1
    found = prevalence(machine, human, probability=0.04, method="difference")
    assert found.estimate == pytest.approx(0.03 - 0.5)
    assert any("outside 0 to 1" in note for note in found.notes)


def test_transcripts_may_be_named_by_anything() -> None:
    machine, truth, names = study()
    human = labelled_at(truth, np.arange(0, 400, 4))
    plain = prevalence(machine, human, probability=0.25, clusters=names)
    for clusters in ([("site", int(name)) for name in names], [None if name == 3 else f"t{name}" for name in names]):
        assert prevalence(machine, human, probability=0.25, clusters=clusters).low == pytest.approx(plain.low)


@given(st.integers(0, 10_000), st.sampled_from(VALID), st.booleans())
@settings(deadline=None, max_examples=60)
def test_relabelling_transcripts_and_order_of_units_do_not_matter(seed: int, method: str, robust: bool) -> None:
    machine, truth, names = study(seed, 120)
    rng = np.random.default_rng(seed)
    human = labelled_at(truth, rng.choice(120, 40, replace=False))
    order = rng.permutation(120)
    first = prevalence(machine, human, probability=1 / 3, clusters=names if robust else None, method=method)
    second = prevalence(machine[order], human[order], probability=1 / 3, method=method,
                        clusters=[f"t{9 - name}" for name in names[order]] if robust else None)  # fmt: skip
    assert first.estimate == pytest.approx(second.estimate)
    assert first.low == pytest.approx(second.low)


@given(st.integers(0, 10_000), st.sampled_from(VALID))
@settings(deadline=None, max_examples=60)
def test_coding_the_opposite_mirrors_the_interval(seed: int, method: str) -> None:
    machine, truth, _ = study(seed, 120)
    human = labelled_at(truth, np.random.default_rng(seed).choice(120, 40, replace=False))
    found = prevalence(machine, human, probability=1 / 3, method=method)
    other = prevalence(1 - machine, 1 - human, probability=1 / 3, method=method)
    assert found.estimate is not None
    assert other.estimate == pytest.approx(1 - found.estimate)
    if found.low is not None:
        assert other.high == pytest.approx(1 - found.low)
        assert found.low <= found.estimate <= (found.high or 0)


def test_misuse_is_refused_with_a_code_and_a_hint() -> None:
    names = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    whole = [1, 0, 1, 1, *[None] * 6]
    uneven = [0.5, 0.4, *[0.5] * 8]
    sample = draw_sample([str(at) for at in range(10)], 4)
    calls: list[tuple[str, Any]] = [
        ("QC-N065", lambda: prevalence(MACHINE, method="ppi")),
        ("QC-N065", lambda: prevalence(MACHINE, sampled_by="page")),
        ("QC-N065", lambda: prevalence(MACHINE, HUMAN, probability=0.5, target="world")),
        ("QC-N063", lambda: prevalence(MACHINE, confidence=95)),
        ("QC-N063", lambda: prevalence([3, 0])),
        ("QC-N060", lambda: prevalence([1, None])),
        ("QC-N062", lambda: prevalence(MACHINE, [1, 0])),
        ("QC-N062", lambda: prevalence(MACHINE, HUMAN, probability=[0.5])),
        ("QC-N062", lambda: prevalence(MACHINE, HUMAN, probability=0.5, clusters=[1])),
        ("QC-N080", lambda: prevalence(MACHINE, HUMAN, probability=0)),
        ("QC-N080", lambda: prevalence(MACHINE, HUMAN, probability=[0.5] * 9 + [0])),
        ("QC-N060", lambda: prevalence(MACHINE, HUMAN, probability="half")),
        ("QC-N080", lambda: prevalence(MACHINE, whole, probability=uneven, clusters=names, sampled_by="transcript")),
        ("QC-N082", lambda: prevalence(MACHINE, HUMAN, probability=0.5, sampled_by="transcript")),
        ("QC-N083", lambda: prevalence([1, 0], [1, 0], sample=sample)),
        ("QC-N084", lambda: prevalence(MACHINE, HUMAN, sample=sample, probability=0.4)),
        ("QC-N084", lambda: prevalence(MACHINE, HUMAN, probability=0.5, method="dsl", target="corpus")),
        ("QC-N085", lambda: prevalence(MACHINE, whole, probability=0.5, clusters=names, sampled_by="transcript", strata=[0, 1] * 5)),
        ("QC-N061", lambda: prevalence([0.5, 1], [1, 0], method="rogan-gladen")),
        ("QC-N063", lambda: rogan_gladen(1.2, 0.8, 0.9)),
    ]  # fmt: skip
    for code, call in calls:
        with pytest.raises(StatisticsError) as caught:
            call()
        assert (caught.value.code, bool(caught.value.hint)) == (code, True)


def test_every_method_answers_with_the_same_kind_of_result() -> None:
    machine, truth, _ = study()
    human = labelled_at(truth, np.arange(0, 400, 4))
    for method in PREVALENCE_METHODS:
        found = prevalence(machine, human, probability=0.25, method=method)
        assert isinstance(found, Prevalence)
        assert found.method == method
        assert found.low is not None
