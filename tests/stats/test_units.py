"""From codings to ratings: units, characters by intervals, missing coders, label sets."""

from __future__ import annotations

import doctest
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import StatisticsError
from qualcode.model.document import Span
from qualcode.stats.agreement.coefficients import coefficient
from qualcode.stats.units import Cells, cells, character_patterns, label_sets, pool_patterns, rate_units, unite

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "agreement-spans.md"
LENGTH = 40
spans = st.lists(
    st.tuples(st.integers(0, LENGTH), st.integers(0, 12)).map(lambda each: (each[0], min(each[0] + each[1], LENGTH))),
    max_size=6,
)


def marked(found: list[tuple[int, int]], length: int = LENGTH) -> np.ndarray:
    """Return a truth value for each character: the slow way."""
    return np.array([any(start <= at < end for start, end in found) for at in range(length)], dtype=bool)


@given(spans)
def test_united_spans_mark_the_same_characters_and_are_ordered_apart_and_not_empty(
    found: list[tuple[int, int]],
) -> None:
    starts, ends = unite(found)
    assert (starts < ends).all()
    assert (starts[1:] > ends[:-1]).all()
    assert (marked(list(zip(starts.tolist(), ends.tolist(), strict=True))) == marked(found)).all()


def test_a_unit_is_coded_when_a_coding_shares_a_character_with_it() -> None:
    units = [(0, 10), (10, 20), (20, 20), (20, 30)]
    rated = rate_units(units, {"a": [(9, 10)], "b": [(10, 10)], "c": [(5, 25)]}, ["a", "b", "c"])
    assert rated.tolist() == [[1, 0, 1], [0, 0, 1], [0, 0, 0], [0, 0, 1]]


def test_a_coder_who_did_not_code_the_document_is_missing_and_one_without_the_code_says_no() -> None:
    rated = rate_units([(0, 5), (5, 9)], {"a": [(0, 1)]}, ["a", "b", "c"], missing=["c"])
    assert rated[:, :2].tolist() == [[1, 0], [0, 0]]
    assert np.isnan(rated[:, 2]).all()


def test_spans_of_the_model_and_pairs_are_read_alike() -> None:
    assert rate_units([Span(0, 5), Span(5, 9)], {"a": [Span(4, 6)]}, ["a"]).tolist() == [[1], [1]]
    assert cells(9, [Span(0, 3)], [[2, 5]]) == Cells(1, 2, 2, 4)


@given(st.lists(spans.filter(bool), min_size=1, max_size=3), spans)
def test_rating_units_is_the_overlap_of_characters(
    coded: list[list[tuple[int, int]]], units: list[tuple[int, int]]
) -> None:
    coders = list(range(len(coded)))
    rated = rate_units(units, dict(enumerate(coded)), coders)
    wanted = [[float(marked(each)[start:end].any()) for each in coded] for start, end in units]
    assert rated.tolist() == wanted


@settings(max_examples=200)
@given(st.lists(spans, min_size=1, max_size=4), spans, st.sets(st.integers(0, 3)))
def test_patterns_count_every_countable_character_as_a_loop_over_them_does(
    coded: list[list[tuple[int, int]]], countable: list[tuple[int, int]], absent: set[int]
) -> None:
    coders = list(range(len(coded)))
    missing = absent & set(coders)
    given_ = {coder: each for coder, each in enumerate(coded) if coder not in missing}
    patterns, weights = character_patterns(countable, given_, coders, missing)
    marks = [marked(each) for each in coded]
    wanted: dict[tuple[float, ...], int] = {}
    for at in np.flatnonzero(marked(countable)):
        row = tuple(-1.0 if coder in missing else float(marks[coder][at]) for coder in coders)
        wanted[row] = wanted.get(row, 0) + 1
    found = {tuple(np.nan_to_num(row, nan=-1).tolist()): int(n) for row, n in zip(patterns, weights, strict=True)}
    assert found == wanted
    assert len(found) == len(patterns)
    assert int(weights.sum()) == int(marked(countable).sum())


@given(spans, spans)
def test_splitting_and_repeating_a_coders_segments_changes_nothing(
    a: list[tuple[int, int]], b: list[tuple[int, int]]
) -> None:
    halves = [
        part for start, end in a for part in ((start, (start + end) // 2), ((start + end) // 2, end), (start, end))
    ]
    assert cells(LENGTH, halves, b) == cells(LENGTH, a, b)


def test_two_overlapping_segments_of_one_coder_on_one_code_are_one() -> None:
    assert cells(100, [(0, 10), (5, 20)], [(0, 20)]) == Cells(20, 0, 0, 80)


def test_white_space_labels_and_interviewers_can_be_left_out() -> None:
    assert cells([(0, 4), (5, 9)], [(3, 6)], [(4, 7)]) == Cells(both=1, only_a=1, only_b=1, neither=5)


def test_a_document_without_countable_text_has_no_patterns() -> None:
    patterns, weights = character_patterns(0, {"a": []}, ["a", "b"])
    assert patterns.shape == (0, 2)
    assert weights.tolist() == []
    assert coefficient(patterns, "cohen", frequencies=weights).status == "undefined"
    empty = cells(0, [], [])
    assert (empty.percent, empty.jaccard, empty.qualcoder_index) == (None, None, None)


def test_memory_does_not_follow_the_length_of_the_text() -> None:
    tracemalloc.start()
    patterns, weights = character_patterns(10**12, {"a": [(5, 10**11)], "b": [(10**10, 10**12)]}, ["a", "b"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000
    assert patterns.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert weights.tolist() == [5, 9 * 10**11, 10**10 - 5, 9 * 10**10]


@pytest.mark.parametrize(
    ("total", "a", "b", "both", "percent", "cohen", "qualcoder", "gwet", "jaccard"),
    [
        (1000, 125, 125, 50, 0.850, 0.3143, 0.2064, 0.8080, 0.2500),
        (1000, 200, 50, 50, 0.850, 0.3478, 0.2500, 0.8080, 0.2500),
        (10000, 300, 320, 250, 0.988, 0.8003, 0.6698, 0.9872, 0.6757),
        (10000, 6000, 6500, 5000, 0.750, 0.4681, 0.6604, 0.5294, 0.6667),
        (1000, 500, 500, 250, 0.500, 0.0000, 0.2987, 0.0000, 0.3333),
    ],
)
def test_the_same_coding_gives_different_answers_by_measure(
    total: int, a: int, b: int, both: int, percent: float, cohen: float, qualcoder: float, gwet: float, jaccard: float
) -> None:
    coded = {"A": [(0, a)], "B": [(a - both, a - both + b)]}
    patterns, weights = character_patterns(total, coded, ["A", "B"])
    values = [
        coefficient(patterns, name, frequencies=weights, categories=[0, 1]).value
        for name in ("percent", "cohen", "gwet")
    ]
    assert values == pytest.approx([percent, cohen, gwet], abs=5e-4)
    found = cells(total, coded["A"], coded["B"])
    assert found == Cells(both, a - both, b - both, total - a - b + both)
    told = [found.percent, found.qualcoder_index, found.jaccard]
    assert told == pytest.approx([percent, qualcoder, jaccard], abs=5e-4)


def test_weighted_patterns_give_the_same_agreement_as_single_characters() -> None:
    coded = {"a": [(0, 9), (20, 31)], "b": [(4, 12)], "c": [(5, 6), (25, 40)]}
    patterns, weights = character_patterns(LENGTH, coded, list(coded))
    single = rate_units([(at, at + 1) for at in range(LENGTH)], coded, list(coded))
    for measure in ("krippendorff", "fleiss", "gwet"):
        one = coefficient(single, measure, categories=[0, 1]).value
        assert coefficient(patterns, measure, frequencies=weights, categories=[0, 1]).value == pytest.approx(one)


def test_documents_are_pooled_by_adding_equal_patterns() -> None:
    one = character_patterns(10, {"a": [(0, 4)]}, ["a", "b"], missing=["b"])
    two = character_patterns(20, {"a": [(0, 4)], "b": [(2, 8)]}, ["a", "b"])
    patterns, weights = pool_patterns([one, two, two])
    found = {tuple(np.nan_to_num(row, nan=-1).tolist()): int(n) for row, n in zip(patterns, weights, strict=True)}
    assert found == {(0, -1): 6, (1, -1): 4, (0, 0): 24, (1, 0): 4, (0, 1): 8, (1, 1): 4}


def test_label_sets_hold_every_code_of_a_unit_and_none_where_missing() -> None:
    sets = label_sets(
        [(0, 5), (5, 9)],
        {"trust": {"a": [(0, 6)]}, "plan": {"a": [(7, 8)], "b": [(0, 1)]}},
        ["a", "b", "c"],
        missing={"c"},
    )
    assert sets.tolist() == [
        [frozenset({"trust"}), frozenset({"plan"}), None],
        [frozenset({"trust", "plan"}), frozenset(), None],
    ]
    assert coefficient(sets, "krippendorff", level="masi").status == "ok"


@pytest.mark.parametrize("span", [(3, 1), (-1, 2), (0, 1.5), (1, 2, 3), (1,), 7, "ab", (None, 3)])
def test_a_broken_span_is_refused_and_named(span: object) -> None:
    with pytest.raises(StatisticsError, match=r"QC-N030.*start <= end") as caught:
        unite([(0, 1), span])  # type: ignore[list-item]  # what is tested
    assert caught.value.code == "QC-N030"


def test_a_negative_length_is_refused() -> None:
    with pytest.raises(StatisticsError, match="QC-N030"):
        character_patterns(-1, {}, ["a"])


@pytest.mark.parametrize(
    ("coders", "missing", "said"),
    [(["a", "a"], [], "twice"), (["b"], [], "'a', who is not among"), (["a", "b"], ["a"], "'a' is said to be missing")],
)
def test_coders_that_do_not_fit_their_codings_are_refused(coders: list[str], missing: list[str], said: str) -> None:
    with pytest.raises(StatisticsError, match=f"QC-N031.*{said}"):
        rate_units([(0, 1)], {"a": [(0, 1)]}, coders, missing)
    with pytest.raises(StatisticsError, match=f"QC-N031.*{said}"):
        character_patterns(5, {"a": [(0, 1)]}, coders, missing)


def test_patterns_of_different_coders_cannot_be_pooled() -> None:
    one, two = (character_patterns(5, {}, coders) for coders in (["a"], ["a", "b"]))
    for parts in ([one, two], []):
        with pytest.raises(StatisticsError, match="QC-N032"):
            pool_patterns(parts)


def test_the_examples_of_the_documentation_run() -> None:
    found = doctest.testfile(str(DOCS), module_relative=False, encoding="utf-8")
    assert found.attempted > 15
    assert found.failed == 0


def test_each_error_code_is_documented() -> None:
    stats = ROOT / "qualcode" / "stats"
    modules = [stats / "units.py"]
    modules += [stats / "agreement" / f"{name}.py" for name in
                ("spans", "continuum", "boundaries", "segmentation", "rho")]  # fmt: skip
    raised = set(re.findall(r'"(QC-N\d{3})"', "".join(path.read_text("utf-8") for path in modules)))
    assert raised == set(re.findall(r"^\| (QC-N\d{3}) ", DOCS.read_text("utf-8"), re.MULTILINE))
