"""Drawing a sample to code by hand: which units, with which probabilities, stored and read back."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import StatisticsError
from qualcode.stats.sampling import Sample, draw_sample

UNITS = [f"u{number}" for number in range(60)]
TRANSCRIPTS = [f"t{number // 6}" for number in range(60)]
KIND = ["head" if number < 40 else "teacher" for number in range(60)]


def test_units_are_drawn_without_replacement_in_the_order_of_the_corpus() -> None:
    sample = draw_sample(UNITS, 20, seed=3)
    assert len(set(sample.units)) == 20
    assert list(sample.positions) == sorted(sample.positions)
    assert [UNITS[at] for at in sample.positions] == list(sample.units)
    assert (sample.n_total, sample.by, sample.seed) == (60, "unit", 3)
    assert sample.probabilities() == pytest.approx([1 / 3] * 60)
    assert sample.chosen().sum() == 20


def test_the_same_seed_draws_the_same_sample_and_another_seed_another() -> None:
    assert draw_sample(UNITS, 20, seed=3) == draw_sample(UNITS, 20, seed=3)
    assert draw_sample(UNITS, 20, seed=3).units != draw_sample(UNITS, 20, seed=4).units


def test_whole_transcripts_come_with_all_their_units() -> None:
    sample = draw_sample(UNITS, 4, by="transcript", transcripts=TRANSCRIPTS, seed=1)
    drawn = Counter(TRANSCRIPTS[at] for at in sample.positions)
    assert sorted(drawn.values()) == [6, 6, 6, 6]
    assert sample.drawn == {"all": (4, 10)}
    assert sample.probabilities() == pytest.approx([0.4] * 60)


def test_strata_get_their_share_and_their_own_probabilities() -> None:
    sample = draw_sample(UNITS, 15, strata=KIND)
    assert sample.drawn == {"head": (10, 40), "teacher": (5, 20)}
    assert Counter(KIND[at] for at in sample.positions) == {"head": 10, "teacher": 5}
    uneven = draw_sample(UNITS, {"head": 4, "teacher": 16}, strata=KIND)
    assert uneven.probabilities()[[0, 59]].tolist() == [0.1, 0.8]


def test_small_strata_get_two_so_that_they_have_an_error() -> None:
    sample = draw_sample(UNITS, 10, strata=["rare" if number < 3 else "usual" for number in range(60)])
    assert sample.drawn == {"rare": (2, 3), "usual": (8, 57)}


def test_transcripts_can_be_drawn_by_stratum() -> None:
    kinds = ["head" if number < 36 else "teacher" for number in range(60)]
    sample = draw_sample(UNITS, {"head": 3, "teacher": 2}, by="transcript", transcripts=TRANSCRIPTS, strata=kinds)
    assert sample.drawn == {"head": (3, 6), "teacher": (2, 4)}
    assert sample.chosen().sum() == 30


def test_each_unit_is_drawn_as_often_as_its_probability_says() -> None:
    found = np.zeros(60)
    for seed in range(3_000):
        sample = draw_sample(UNITS, {"head": 10, "teacher": 10}, strata=KIND, seed=seed)
        found[list(sample.positions)] += 1
    np.testing.assert_allclose(found / 3_000, sample.probabilities(), atol=0.04)


@given(st.integers(4, 60), st.lists(st.sampled_from("abc"), min_size=60, max_size=60))
@settings(deadline=None)
def test_a_number_shared_out_over_strata_adds_up(n: int, strata: list[str]) -> None:
    sizes = Counter(strata)
    if n < sum(min(2, size) for size in sizes.values()):
        return
    sample = draw_sample(UNITS, n, strata=strata)
    assert len(sample.units) == n == sum(some for some, _ in sample.drawn.values())
    assert all(min(2, of) <= some <= of == sizes[name] for name, (some, of) in sample.drawn.items())


@pytest.mark.parametrize("strata", [None, KIND])
def test_a_stored_sample_reads_back_unchanged(strata: Any) -> None:
    sample = draw_sample(UNITS, 12, transcripts=TRANSCRIPTS, strata=strata, seed=8)
    assert Sample.from_dict(json.loads(json.dumps(sample.as_dict()))) == sample


@pytest.mark.parametrize("stored", [{}, {"schema": "other/1"}, {"schema": "qualcode-sample/1"}])
def test_something_else_is_not_read_as_a_sample(stored: dict[str, Any]) -> None:
    with pytest.raises(StatisticsError, match="QC-N086"):
        Sample.from_dict(stored)


def test_a_sample_with_a_damaged_field_is_refused() -> None:
    stored = draw_sample(UNITS, 12).as_dict()
    for name, value in (("by", "page"), ("drawn", {"all": 3}), ("positions", None), ("transcripts", 3)):
        with pytest.raises(StatisticsError, match="QC-N086"):
            Sample.from_dict({**stored, name: value})


def test_misuse_is_refused_with_a_code() -> None:
    split = ["a", "b"] * 30
    calls = [
        ("QC-N065", lambda: draw_sample(UNITS, 5, by="page")),
        ("QC-N082", lambda: draw_sample(UNITS, 5, by="transcript")),
        ("QC-N081", lambda: draw_sample(UNITS, 61)),
        ("QC-N081", lambda: draw_sample(UNITS, 61, strata=KIND)),
        ("QC-N081", lambda: draw_sample(UNITS, 11, by="transcript", transcripts=TRANSCRIPTS)),
        ("QC-N081", lambda: draw_sample([], 1)),
        ("QC-N063", lambda: draw_sample(UNITS, 0)),
        ("QC-N063", lambda: draw_sample(UNITS, {"head": 0, "teacher": 3}, strata=KIND)),
        ("QC-N062", lambda: draw_sample(UNITS, 5, strata=["a"])),
        ("QC-N062", lambda: draw_sample(UNITS, 5, transcripts=["a"])),
        ("QC-N085", lambda: draw_sample(UNITS, {"head": 3}, strata=KIND)),
        ("QC-N085", lambda: draw_sample(UNITS, {"head": 3})),
        ("QC-N085", lambda: draw_sample(UNITS, 3, strata=KIND)),
        ("QC-N085", lambda: draw_sample(UNITS, 4, by="transcript", transcripts=TRANSCRIPTS, strata=split)),
    ]
    for code, call in calls:
        with pytest.raises(StatisticsError) as caught:
            call()
        assert (caught.value.code, bool(caught.value.hint)) == (code, True)
