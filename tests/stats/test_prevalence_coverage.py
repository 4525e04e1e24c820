"""How often the intervals of prevalence hold the truth, over many simulated studies with fixed seeds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from qualcode.stats.prevalence import Prevalence, prevalence

Array = npt.NDArray[np.float64]
RUNS = 1_000
UNITS, LABELS, TRUE = 5_000, 200, 0.15


def covers(found: Prevalence, truth: float) -> bool:
    assert found.low is not None
    assert found.high is not None
    return found.low <= truth <= found.high


@cache
def table_of(method: str) -> tuple[float, float, float]:
    """Return bias, coverage and mean width: 5,000 units, 15 % true, sensitivity .80, specificity .90, 200 labels."""
    rng = np.random.default_rng(2023)
    truth = np.zeros(UNITS)
    truth[: int(TRUE * UNITS)] = 1
    found = []
    for _ in range(RUNS):
        machine = (rng.random(UNITS) < np.where(truth == 1, 0.8, 0.1)).astype(float)
        human = np.full(UNITS, np.nan)
        # DSL takes units as drawn each on its own; the others take a fixed number.
        at = (
            np.flatnonzero(rng.random(UNITS) < LABELS / UNITS)
            if method == "dsl"
            else rng.choice(UNITS, LABELS, replace=False)
        )
        human[at] = truth[at]
        found.append(prevalence(machine, human, probability=LABELS / UNITS, method=method))
    estimates, low, high = (np.array([getattr(each, name) for each in found]) for name in ("estimate", "low", "high"))
    return float(estimates.mean() - TRUE), float(((low <= TRUE) & (high >= TRUE)).mean()), float((high - low).mean())


@pytest.mark.parametrize(
    ("method", "width"), [("labelled", 0.097), ("difference", 0.090), ("tuned", 0.075), ("dsl", None)]
)
def test_valid_estimators_hold_the_truth_and_are_not_biased(method: str, width: float | None) -> None:
    bias, coverage, mean_width = table_of(method)
    assert abs(bias) < 0.003
    assert 0.93 <= coverage <= 0.97
    if width is not None:
        assert mean_width == pytest.approx(width, abs=0.002)


def test_counting_machine_codes_never_holds_the_truth() -> None:
    bias, coverage, width = table_of("classify-and-count")
    assert bias == pytest.approx(0.055, abs=0.001)
    assert coverage == 0
    assert width == pytest.approx(0.022, abs=0.001)


def test_tuning_is_shorter_than_the_difference_and_both_than_the_sample_alone() -> None:
    widths = [table_of(method)[2] for method in ("tuned", "difference", "labelled")]
    assert widths == sorted(widths)


def transcripts(rng: np.random.Generator, number: int) -> tuple[npt.NDArray[np.int64], Array, Array]:
    """Return transcript, truth and machine code of each unit; people differ in the theme and in how well they are coded."""
    name = np.repeat(np.arange(number), rng.integers(30, 91, number))
    theme, hits, false = rng.beta(0.75, 4.25, number), rng.beta(16, 4, number), rng.beta(3, 27, number)
    truth = (rng.random(len(name)) < theme[name]).astype(float)
    machine = (rng.random(len(name)) < np.where(truth == 1, hits[name], false[name])).astype(float)
    return name, truth, machine


Drawing = Callable[[np.random.Generator, npt.NDArray[np.int64], int], npt.NDArray[np.bool_]]


def units_drawn(rng: np.random.Generator, name: npt.NDArray[np.int64], number: int) -> npt.NDArray[np.bool_]:
    return np.isin(np.arange(len(name)), rng.choice(len(name), 300, replace=False))


def most_transcripts_drawn(rng: np.random.Generator, name: npt.NDArray[np.int64], number: int) -> npt.NDArray[np.bool_]:
    return np.isin(name, rng.choice(number, 5 * number // 8, replace=False))


@cache
def clustered(method: str, number: int, by: str) -> dict[str, float]:
    """Return coverage of the robust, the corpus and the naive interval; truth 15 % in the population."""
    rng = np.random.default_rng(number)
    draw: Drawing = units_drawn if by == "unit" else most_transcripts_drawn
    held: dict[str, list[bool]] = {"population": [], "corpus": [], "naive population": [], "naive corpus": []}
    for _ in range(600):
        name, truth, machine = transcripts(rng, number)
        drawn = draw(rng, name, number)
        human = np.where(drawn, truth, np.nan)
        pi = 300 / len(name) if by == "unit" else (5 * number // 8) / number
        for target, share in (("population", 0.15), ("corpus", float(truth.mean()))):
            found = prevalence(
                machine, human, probability=pi, clusters=name, sampled_by=by, method=method, target=target
            )
            held[target].append(covers(found, share))
            # As if units were drawn one by one and did not depend on each other.
            naive = prevalence(machine, human, probability=pi, method=method)
            held[f"naive {target}"].append(covers(naive, share))
    return {which: float(np.mean(found)) for which, found in held.items()}


@pytest.mark.parametrize("number", [24, 40])
@pytest.mark.parametrize("method", ["tuned", "difference"])
def test_segments_drawn_the_robust_interval_holds_for_the_population_and_the_naive_one_does_not(
    method: str, number: int
) -> None:
    coverage = clustered(method, number, "unit")
    assert coverage["population"] >= 0.92
    assert coverage["naive population"] < 0.80


def test_segments_drawn_the_plain_interval_is_right_for_the_corpus_itself() -> None:
    coverage = clustered("difference", 40, "unit")
    assert 0.93 <= coverage["corpus"] <= 0.97
    assert coverage["naive corpus"] == coverage["corpus"]


@pytest.mark.parametrize("number", [24, 40])
@pytest.mark.parametrize("method", ["tuned", "difference"])
def test_transcripts_drawn_the_robust_intervals_hold_and_the_naive_one_does_not(method: str, number: int) -> None:
    coverage = clustered(method, number, "transcript")
    assert coverage["population"] >= 0.92
    assert coverage["corpus"] >= 0.92
    assert coverage["naive corpus"] < 0.80
    assert coverage["naive population"] < 0.60


def test_drawing_more_of_what_the_machine_coded_holds_the_truth_and_is_shorter() -> None:
    """A rare code, 4 %: half of the labels are spent on the units that the machine coded."""
    rng = np.random.default_rng(8)
    held, widths = [], {"stratified": 0.0, "simple": 0.0}
    for _ in range(500):
        truth = (rng.random(3_000) < 0.04).astype(float)
        machine = (rng.random(3_000) < np.where(truth == 1, 0.9, 0.05)).astype(float)
        strata = machine.astype(np.int64)
        sizes = np.bincount(strata)
        pi = (100 / sizes)[strata]
        human = np.full(3_000, np.nan)
        for stratum in (0, 1):
            at = rng.choice(np.flatnonzero(strata == stratum), 100, replace=False)
            human[at] = truth[at]
        found = prevalence(machine, human, probability=pi, strata=strata, method="difference")
        simple = np.full(3_000, np.nan)
        at = rng.choice(3_000, 200, replace=False)
        simple[at] = truth[at]
        other = prevalence(machine, simple, probability=200 / 3_000, method="difference")
        assert found.low is not None
        assert other.low is not None
        widths["stratified"] += (found.high or 0) - found.low
        widths["simple"] += (other.high or 0) - other.low
        held.append(covers(found, float(truth.mean())))
    assert np.mean(held) >= 0.93
    assert widths["stratified"] < widths["simple"]
