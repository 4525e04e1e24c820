"""The parts of the classifier: its algebra against doing it the long way, its cuts, its words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.coding import Corpus
from qualcode.coding.classifier.decide import average_precision, best_cut, calibrate, shares_matched, thresholds_of
from qualcode.coding.classifier.learner import blend_of, folds_of
from qualcode.coding.classifier.ridge import solve
from qualcode.coding.features.forms import count_forms, learn_forms, placed_texts, placed_units
from qualcode.coding.features.manner import MANNER_NAMES, manner_of_types
from qualcode.coding.features.units import units_of
from tests.coding.books import said


def problem(seed: int, n: int = 24, codes: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 6))
    return (x @ x.T).astype(np.float32), (draw.random((n, codes)) < 0.4).astype(float), 0.5 + draw.random(n)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_what_a_fold_would_have_got_is_what_learning_without_it_gives(seed: int) -> None:
    kernel, labels, penalties = problem(seed)
    folds = np.random.default_rng(seed).integers(-1, 4, len(labels))
    weights, held_out = solve(kernel, labels, penalties, folds)
    np.testing.assert_allclose((kernel + np.diag(penalties)) @ weights, labels, atol=1e-3)
    for row in range(len(labels)):
        out = folds == folds[row] if folds[row] >= 0 else np.arange(len(labels)) == row
        rest = np.flatnonzero(~out)
        a = np.linalg.solve(kernel[np.ix_(rest, rest)].astype(float) + np.diag(penalties[rest]), labels[rest])
        np.testing.assert_allclose(held_out[row], kernel[row, rest] @ a, atol=2e-3)


def test_a_label_that_is_not_known_is_as_if_the_text_were_not_there_for_that_code() -> None:
    kernel, labels, penalties = problem(1)
    folds = np.arange(24) % 4
    holed = labels.copy()
    holed[:9, 1] = np.nan
    weights, held_out = solve(kernel, holed, penalties, folds)
    part, tried = solve(kernel[9:, 9:], labels[9:, [1]], penalties[9:], folds[9:])
    np.testing.assert_allclose(weights[9:, 1], part[:, 0], atol=1e-5)
    np.testing.assert_allclose(held_out[9:, 1], tried[:, 0], atol=1e-5)
    assert not weights[:9, 1].any()
    assert np.isnan(held_out[:9, 1]).all()
    whole, _ = solve(kernel, labels, penalties, folds)
    np.testing.assert_allclose(weights[:, 0], whole[:, 0], atol=1e-5)


def test_a_code_that_nobody_spoke_of_has_no_weights() -> None:
    kernel, labels, penalties = problem(2)
    labels[:, 2] = np.nan
    weights, held_out = solve(kernel, labels, penalties, np.arange(24) % 4)
    assert not weights[:, 2].any()
    assert np.isnan(held_out[:, 2]).all()


@given(st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=60), st.integers(0, 50))
@settings(max_examples=50, deadline=None)
def test_no_group_is_in_two_folds(groups: list[str], seed: int) -> None:
    folds = folds_of(np.zeros((len(groups), 1)), np.asarray(groups), seed)
    if len(set(groups)) > 1:
        assert all(len({f for f, g in zip(folds.tolist(), groups, strict=True) if g == name}) == 1 for name in groups)
        assert len(set(folds.tolist())) == min(5, len(set(groups)))


def test_without_groups_each_code_is_dealt_out_evenly() -> None:
    labels = np.zeros((100, 2))
    labels[:10, 0] = 1
    labels[5:55, 1] = 1
    folds = folds_of(labels, None, 0)
    assert np.bincount(folds[:10]).tolist() == [2] * 5
    assert np.bincount(folds).tolist() == [20] * 5


def test_the_cut_with_the_best_f1_lies_half_way_to_the_next_value() -> None:
    values = np.array([0.9, 0.8, 0.6, 0.4, 0.1])
    right = np.array([True, False, True, False, False])
    assert best_cut(values, right, np.ones(5)) == pytest.approx(0.5)  # F1 0.8 with three, 0.67 with one
    assert np.isnan(best_cut(values, ~right & False, np.ones(5)))


def test_average_precision_takes_equal_scores_together() -> None:
    assert average_precision(np.array([3, 2, 1.0]), np.array([True, False, True])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.ones(4), np.array([True, False, False, False])) == pytest.approx(0.25)


def test_thresholds_let_as_many_through_as_are_expected_while_examples_are_few() -> None:
    draw = np.random.default_rng(0)
    p = draw.random((400, 1)) * 0.3
    labels = np.zeros((400, 1))
    labels[np.argsort(-p[:, 0])[40:42]] = 1  # two examples, and they say little
    (cut,) = thresholds_of(p, labels, np.ones(400), np.array([0.1]))
    assert (np.log(p / (1 - p)) >= cut).sum() == pytest.approx(40, abs=3)


def test_calibrated_probabilities_are_right_on_average() -> None:
    draw = np.random.default_rng(3)
    z = draw.normal(size=(3000, 2))
    true = 1 / (1 + np.exp(-(z * [1.0, 2.0] - [2.0, 1.0])))
    labels = (draw.random(z.shape) < true).astype(float)
    found = calibrate(z * 0.1 + 5, labels, np.ones(3000), labels.mean(axis=0), exclusive=False).probabilities(
        z * 0.1 + 5
    )
    assert np.abs(found.mean(axis=0) - labels.mean(axis=0)).max() < 0.01
    assert np.abs(found - true).mean() < 0.03


def test_where_codes_exclude_each_other_probabilities_add_up_to_one() -> None:
    draw = np.random.default_rng(4)
    labels = np.eye(3)[draw.integers(0, 3, 500)]
    scores = labels * 0.5 + draw.normal(size=(500, 3))
    found = calibrate(scores, labels, np.ones(500), labels.mean(axis=0), exclusive=True).probabilities(scores)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    logs = np.log(found)
    share = np.array([0.6, 0.3, 0.1])
    first = np.argmax(logs + shares_matched(logs, np.ones(500), share), axis=1)
    np.testing.assert_allclose(np.bincount(first, minlength=3) / 500, share, atol=0.03)


def test_a_unit_counts_for_itself_its_neighbours_half_and_the_turn_once() -> None:
    blend = blend_of(np.array([0, 0, 0, 0]), np.array([1, 1, 1, 2])).toarray()
    third = 1 / 3
    expected = [[1 + third, 0.5 + third, third, 0], [0.5 + third, 1 + third, 0.5 + third, 0],
                [third, 0.5 + third, 1 + third, 0], [0, 0, 0, 2]]  # fmt: skip
    np.testing.assert_allclose(blend, expected)
    assert blend_of(np.array([0, 1]), np.array([1, 1])).toarray().tolist() == [[2, 0], [0, 2]]  # two documents


def test_words_stay_in_the_form_in_which_they_were_said() -> None:
    placed = placed_texts(["We will go.", "We will stay.", "They went."])
    vocabulary, counts = learn_forms(placed, 3)
    column = vocabulary.forms
    assert {"we", "will", "go", ".", "stay", "they", "went"} == set(column)
    row = counts.words.toarray()[0]
    assert [row[column[word] - 1] for word in ("we", "will", "go", "stay", "went")] == [1, 1, 1, 0, 0]
    # Runs that two texts have: the start and "we", "we will", and all three together.
    assert len(vocabulary.runs) == 3
    assert counts.words.toarray()[:, len(column) :].tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 0]]
    again = count_forms(placed, 3, vocabulary)
    np.testing.assert_array_equal(again.words.toarray(), counts.words.toarray())
    np.testing.assert_array_equal(again.letters.toarray(), counts.letters.toarray())


def test_rows_have_the_length_that_they_should() -> None:
    vocabulary, counts = learn_forms(placed_texts(["We will go.", "We will go there.", ""]), 3)
    rows = vocabulary.sparse(counts, 0.7)
    words = rows[:, : counts.words.shape[1]].toarray()
    letters = rows[:, counts.words.shape[1] :].toarray()
    np.testing.assert_allclose(np.linalg.norm(words, axis=1), [1, 1, 0], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(letters, axis=1), [0.7, 0.7, 0], atol=1e-6)


def test_units_of_a_corpus_have_the_words_of_their_texts() -> None:
    documents = [said("Q: And then?", "P: It rained. We went home.", "P: Nobody minded.", name=name) for name in "ab"]
    corpus = Corpus.of(documents)
    units = units_of(corpus, "sentence", roles_left_out=("interviewer",))
    vocabulary, by_unit = learn_forms(placed_units(corpus.index, units), len(units))
    by_text = count_forms(placed_texts(units.texts), len(units), vocabulary)
    assert len(units) == 6
    np.testing.assert_array_equal(by_unit.words.toarray(), by_text.words.toarray())
    np.testing.assert_array_equal(by_unit.manner, by_text.manner)


def test_manner_says_who_speaks_of_whom_and_with_what_doubt() -> None:
    names = list(MANNER_NAMES)
    table = manner_of_types(["i", "maybe", "will", "?", "planned", "going", "planning", "12", "trust"])
    found = [[names[column] for column in np.flatnonzero(row)] for row in table]
    assert found == [["I"], ["hedge"], ["future"], ["question mark"], ["-ed"], ["future"], ["-ing"], ["number"], []]
