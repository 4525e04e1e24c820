"""What is given to the classifier as labels, groups and numbers: taken as meant, or refused with a reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from qualcode.coding import CodeClassifier
from qualcode.coding.classifier.learner import _tried
from qualcode.errors import CodingError
from tests.coding.test_classifier import TEXTS, Y

MODEL = CodeClassifier().fit(TEXTS, Y)


def test_score_matches_the_columns_of_a_table_by_their_names() -> None:
    assert MODEL.score(TEXTS, Y[["time", "trust"]]) == MODEL.score(TEXTS, Y) > 0.9


@pytest.mark.parametrize("labels", [Y[["trust"]], Y.assign(more=0), Y.to_numpy()[:, :1]])
def test_score_refuses_other_codes_than_were_learnt(labels: Any) -> None:
    with pytest.raises(CodingError, match="QC-K071"):
        MODEL.score(TEXTS, labels)


def test_rows_in_another_order_than_the_texts_are_not_mixed_up() -> None:
    texts = pd.Series(TEXTS, index=[f"t{n}" for n in range(len(TEXTS))])
    labels = Y.set_axis(texts.index, axis=0)
    with pytest.raises(CodingError, match="another order"):
        CodeClassifier().fit(texts, labels.iloc[::-1])
    assert CodeClassifier().fit(texts, Y).predict(texts).index.equals(texts.index)  # other names: taken as they come


@pytest.mark.parametrize("kind", ["Int64", "boolean", "Float64"])
def test_a_label_missing_in_the_way_of_pandas_is_a_label_that_nobody_gave(kind: str) -> None:
    missing = Y.astype(float)
    missing.iloc[:3, 1] = np.nan
    expected = CodeClassifier().fit(TEXTS, missing).predict_proba(TEXTS)
    pd.testing.assert_frame_equal(CodeClassifier().fit(TEXTS, missing.astype(kind)).predict_proba(TEXTS), expected)


@pytest.mark.parametrize("labels", [["a", None] * 9, ["a", float("nan")] * 9, ["a"] * 17])
def test_one_name_a_text_means_one_for_every_text(labels: list[Any]) -> None:
    with pytest.raises(CodingError, match="QC-K071"):
        CodeClassifier().fit(TEXTS, pd.Series(labels, dtype=object))


@pytest.mark.parametrize(
    "extra", [np.zeros((9, 2)), np.zeros((7, 1)), [["x"]] * 18, np.full((18, 1), np.inf), np.zeros((18, 1, 1)), 3.0]
)
def test_other_numbers_are_a_row_for_each_text(extra: Any) -> None:
    with pytest.raises(CodingError, match="QC-K071"):
        CodeClassifier().fit(TEXTS, Y, extra=extra)


def test_other_numbers_have_the_columns_that_were_learnt() -> None:
    model = CodeClassifier().fit(TEXTS, Y, extra=np.arange(36.0).reshape(18, 2))
    assert len(model.predict(["We trust them."], extra=[[1.0, np.nan]])) == 1
    assert len(model.predict([], extra=np.zeros((0, 2)))) == 0
    with pytest.raises(CodingError, match="QC-K071"):
        model.predict(["We trust them."], extra=[[1.0, 2.0, 3.0]])


def test_groups_are_one_for_each_text() -> None:
    with pytest.raises(CodingError, match="QC-K071"):
        CodeClassifier().fit(TEXTS, Y, groups=np.zeros((18, 2)).tolist())


@pytest.mark.parametrize("seed", [-1, "x", True, np.random.RandomState(1)])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(CodingError, match="QC-K073"):
        CodeClassifier(random_state=seed).fit(TEXTS, Y)


@pytest.mark.parametrize("labels", [Y * 0, Y[["trust"]] * 0, Y.assign(time=0), Y.assign(time=np.nan)])
def test_a_code_of_which_there_is_no_example_is_never_predicted(labels: pd.DataFrame) -> None:
    model = CodeClassifier(exclusive=False).fit(TEXTS, labels)
    empty = [code for code in labels if not labels[code].sum()]
    assert not model.predict([*TEXTS, "Trust and time.", "", "zzz"])[empty].to_numpy().any()


def test_a_fold_is_judged_at_a_threshold_that_owes_nothing_to_its_own_labels() -> None:
    """Not even how common the code is: in the second half every text carries it, in the first a tenth."""
    probabilities = np.tile(np.linspace(0.01, 0.5, 50), 2)[:, None]
    labels = np.concatenate([np.arange(50) >= 45, np.ones(50)])[:, None].astype(float)
    halves = np.repeat([0, 1], 50)
    (found,) = _tried(probabilities, labels, np.ones(100), halves, halves, 100, 1, False)
    assert found.positives == 55
    assert found.recall < 0.3
