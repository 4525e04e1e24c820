"""The classifier as an estimator: it learns from few labels and from the codebook, and says what it cannot know."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator

from qualcode.coding import CodeClassifier
from qualcode.errors import CodingError
from qualcode.model.codes import Code, Codebook, Example, Examples, Rule

TRUST = ["They trust one another here.", "You could trust her with anything.", "Nobody trusted the new head.",
         "Trust takes years to grow.", "I trust my deputy.", "We had to earn their trust."]  # fmt: skip
TIME = ["There is never enough time.", "An hour was cut from the timetable.", "We found time on Fridays.",
        "Time is what we lack.", "He gave us time to plan.", "The time went on marking."]  # fmt: skip
PLAIN = ["The minibus broke down again.", "It rained on sports day.", "My sister lives in Preston.",
         "The kettle is over there.", "We had soup for lunch.", "The caretaker has a dog."]  # fmt: skip
TEXTS = TRUST + TIME + PLAIN
Y = pd.DataFrame({"trust": [1] * 6 + [0] * 12, "time": [0] * 6 + [1] * 6 + [0] * 6})
BOOK = Codebook("b", "1", "B", (
    Code("trust", "Trust", definition="People trust each other.", examples=Examples(
        typical=(Example("I trust them with my children."),), near_miss=(Example("The trust runs nine schools."),))),
    Code("time", "Time", definition="Time that there is, or is not, for a thing.",
         examples=Examples(typical=(Example("We never had time for that."),))),
))  # fmt: skip


def test_what_was_labelled_so_is_found_in_new_texts_and_other_talk_is_left() -> None:
    found = (
        CodeClassifier().fit(TEXTS, Y).predict(["We trust each other now.", "No time was left.", "It rained again."])
    )
    assert found.to_numpy().tolist() == [[1, 0], [0, 1], [0, 0]]


def test_tables_have_the_columns_of_the_labels_and_the_rows_of_the_texts() -> None:
    model = CodeClassifier().fit(pd.Series(TEXTS), Y)
    asked = pd.Series(["We trust her.", "The dog barked."], index=["a", "b"])
    for table in (model.predict_proba(asked), model.predict(asked), model.rank(asked)):
        assert list(table.columns) == ["trust", "time"]
        assert list(table.index) == ["a", "b"]
    assert model.predict_proba(asked).to_numpy().min() > 0
    assert model.predict_proba(asked).to_numpy().max() < 1
    assert list(model.classes_) == ["trust", "time"]


def test_rank_gives_each_text_its_place_and_equals_keep_their_order() -> None:
    places = CodeClassifier().fit(TEXTS, Y).rank(["The dog barked.", "We trust her.", "We trust her."])
    assert places["trust"].tolist() == [3, 1, 2]


def test_arrays_and_sparse_matrices_are_labels_as_well() -> None:
    by_frame = CodeClassifier().fit(TEXTS, Y).predict_proba(TEXTS)
    by_array = CodeClassifier().fit(TEXTS, Y.to_numpy()).predict_proba(TEXTS)
    by_sparse = CodeClassifier().fit(np.asarray(TEXTS), csr_array(Y.to_numpy())).predict_proba(TEXTS)
    assert by_array.columns.tolist() == [0, 1]
    np.testing.assert_array_equal(by_frame, by_array)
    np.testing.assert_array_equal(by_frame, by_sparse)


def test_one_column_of_names_is_one_code_a_text() -> None:
    names = ["trust"] * 6 + ["time"] * 6 + ["plain"] * 6
    model = CodeClassifier(exclusive=True).fit(TEXTS, names)
    assert list(model.classes_) == ["plain", "time", "trust"]
    assert (model.predict(TEXTS).sum(axis=1) <= 1).all()


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (CodeClassifier(random_state=3).fit(TEXTS, Y).predict_proba(TEXTS) for _ in range(2))
    assert first.to_numpy().tobytes() == second.to_numpy().tobytes()


def test_what_nobody_said_is_not_a_no() -> None:
    """A code of which half of the texts were never asked is learnt from the other half alone."""
    asked = Y.astype(float)
    asked.loc[12:, "trust"] = np.nan
    unsaid = CodeClassifier().fit(TEXTS, asked)
    halved = CodeClassifier().fit(TEXTS[:12], Y[:12])
    plain = CodeClassifier().fit(TEXTS, Y)
    said = ["The caretaker rained on the soup."]
    assert unsaid.tried_[0].texts == 12
    assert unsaid.tried_[1].texts == 18
    assert unsaid.predict_proba(said)["trust"][0] > plain.predict_proba(said)["trust"][0]
    assert abs(unsaid.predict_proba(TRUST)["trust"] - halved.predict_proba(TRUST)["trust"]).max() < 0.1


def test_a_row_of_which_nothing_is_known_changes_no_probability_much() -> None:
    more = pd.concat([Y.astype(float), pd.DataFrame({"trust": [np.nan], "time": [np.nan]})], ignore_index=True)
    with_row = CodeClassifier().fit([*TEXTS, "Wholly other words."], more).predict_proba(TEXTS)
    assert abs(with_row - CodeClassifier().fit(TEXTS, Y).predict_proba(TEXTS)).to_numpy().max() < 0.05


def test_the_codebook_alone_ranks_texts_before_anything_is_labelled() -> None:
    model = CodeClassifier(BOOK).fit([], np.zeros((0, 2)))
    nothing = CodeClassifier(BOOK).fit([], pd.DataFrame(columns=["trust", "time"], dtype=float))
    asked = ["We had no time.", "I trust them all.", "The trust runs ten schools."]
    places = nothing.rank(asked)
    assert places["trust"].idxmin() == 1
    assert places["time"].idxmin() == 0
    assert not nothing.enough_.any()
    assert len(model.classes_) == 2


def test_what_the_codebooks_rules_find_counts_where_it_is_wanted() -> None:
    """The rule's word is in no example, and no text that was labelled has it."""
    ruled = Codebook("r", "1", "R", (
        Code("trust", "Trust", rules=(Rule("t1", find="kettle | trust"),),
             examples=Examples(typical=tuple(Example(each) for each in TRUST))),
        Code("time", "Time", examples=Examples(typical=tuple(Example(each) for each in TIME))),
    ))  # fmt: skip
    asked = ["Put a kettle over there.", "Put a saucer over there."]
    labels = pd.DataFrame({"trust": [0] * 6, "time": [0] * 6})
    by_rules = CodeClassifier(ruled).fit(PLAIN, labels).predict_proba(asked)["trust"]
    without = CodeClassifier(ruled, rules=False).fit(PLAIN, labels).predict_proba(asked)["trust"]
    assert by_rules[0] > 1.5 * by_rules[1]
    assert without[0] < 1.5 * without[1]


def test_lessons_fade_as_labels_grow() -> None:
    """A codebook that is wrong is believed at first and overruled later."""
    wrong = Codebook("w", "1", "W", (Code("trust", "Soup", definition="soup soup soup"), Code("time", "Time")))
    few = CodeClassifier(wrong).fit([TEXTS[0], TEXTS[14]], Y.iloc[[0, 14]].reset_index(drop=True))
    many = CodeClassifier(wrong).fit(TEXTS * 20, pd.concat([Y] * 20, ignore_index=True))
    assert few.rank(["Soup for lunch.", "I trust her."])["trust"].tolist() == [1, 2]
    assert many.rank(["Soup for lunch.", "I trust her."])["trust"].tolist() == [2, 1]


def test_a_code_needs_twenty_texts_before_it_counts_as_ready() -> None:
    labels = pd.DataFrame({"a": [1] * 20 + [0] * 20, "b": [0] * 20 + [1] * 19 + [0], "c": [0] * 40})
    texts = [f"trust number {n}" for n in range(20)] + [f"time number {n}" for n in range(20)]
    model = CodeClassifier(exclusive=False).fit(texts, labels)
    assert model.enough_.tolist() == [True, False, False]
    report = model.report()
    assert report.column("state") == ("ready", "rank only", "no examples")
    assert report.column("positives") == (20, 19, 0)
    assert report.column("f1")[2] is None
    assert report.column("n") == (40, 40, 40)


def test_what_was_said_before_tells_short_answers_apart() -> None:
    asked = ["Do you trust them?", "Is there time?"] * 12
    said = ["Yes we do.", "Yes we do."] * 12
    labels = pd.DataFrame({"trust": [1, 0] * 12, "time": [0, 1] * 12})
    model = CodeClassifier(previous=1.0, exclusive=False).fit(said, labels, context=asked)
    found = model.rank(["Yes we do.", "Yes we do."], context=["Is there time?", "Do you trust them?"])
    assert found["trust"].tolist() == [2, 1]
    assert CodeClassifier(previous=1.0).fit(said, labels).predict_proba(["Yes we do."]).shape == (1, 2)


def test_other_numbers_may_tell_texts_apart() -> None:
    labels = pd.DataFrame({"early": [1, 0] * 12})
    place = [[0.1], [0.9]] * 12
    model = CodeClassifier().fit(["So then."] * 24, labels, extra=place)
    found = model.rank(["So then.", "So then."], extra=[[0.8], [0.2]])
    assert found["early"].tolist() == [2, 1]
    assert model.predict_proba(["So then."], extra=[[np.nan]]).notna().all(axis=None)


class Letters:
    """Vectors that know one thing: which of two letters begins a text."""

    id = "letters"

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.asarray(
            [[each[:1] in "abcdefghijklm", each[:1] not in "abcdefghijklm"] for each in texts], np.float32
        )


def test_sentence_vectors_are_features_where_they_are_given() -> None:
    texts = [f"{letter}{n} thing" for n in range(12) for letter in "az"]
    labels = pd.DataFrame({"early": [1, 0] * 12})
    model = CodeClassifier(vectors=Letters(), vector_weight=3.0).fit(texts, labels)
    assert model.rank(["yak", "bee"])["early"].tolist() == [2, 1]


def test_where_every_text_has_one_code_the_likeliest_is_taken() -> None:
    texts, labels = TEXTS * 2, pd.concat([Y] * 2, ignore_index=True)
    model = CodeClassifier().fit(texts, labels)
    assert model.exclusive_
    assert (model.predict(["I trust that time.", "Time and trust."]).sum(axis=1) <= 1).all()
    assert (model.predict_proba(texts).sum(axis=1) < 1).all()
    labels.iloc[0, 1] = 1
    assert not CodeClassifier().fit(texts, labels).exclusive_


def test_as_many_texts_are_predicted_as_are_expected_though_none_is_above_one_half() -> None:
    """One in twenty carries the code and hardly a word tells: a cut at one half would find none."""
    draw = np.random.default_rng(5)
    words = np.array("red blue green plum pear fig oat rye sun rain".split())
    texts, labels = [], []
    for number in range(400):
        carries = number % 20 == 0
        said = draw.choice(words, 6).tolist() + (["lamp"] if draw.random() < (0.5 if carries else 0.05) else [])
        texts.append(" ".join(said))
        labels.append(int(carries))
    model = CodeClassifier(exclusive=False).fit(texts[:300], np.asarray(labels[:300])[:, None])
    said = model.predict(texts[300:])[0]
    assert 2 <= said.sum() <= 10
    assert model.thresholds_[0] < 0.5


def test_probabilities_are_calibrated_on_texts_not_seen() -> None:
    draw = np.random.default_rng(2)
    filler = np.array("one two three four five six seven eight nine ten".split())
    carries = draw.random(900) < 0.3
    marked = np.where(carries, draw.random(900) < 0.6, draw.random(900) < 0.2)
    texts = [" ".join([*draw.choice(filler, 8), "lamp" if mark else "door"]) for mark in marked]
    model = CodeClassifier().fit(texts[:500], carries[:500, None].astype(int))
    p = model.predict_proba(texts[500:])[0].to_numpy()
    for mark in (True, False):
        mine = marked[500:] == mark
        assert p[mine].mean() == pytest.approx(carries[500:][mine].mean(), abs=0.1)


def test_texts_of_a_group_are_held_out_together() -> None:
    """Each text stands there twice: by chance the copy gives it away, by group it does not."""
    draw = np.random.default_rng(0)
    texts = [" ".join(f"w{n}" for n in draw.integers(0, 5000, 12)) for _ in range(60)] * 2
    labels = np.tile(draw.random(60) < 0.5, 2)[:, None].astype(int)
    by_chance = CodeClassifier().fit(texts, labels).tried_[0].average_precision
    by_group = CodeClassifier().fit(texts, labels, groups=list(range(60)) * 2).tried_[0].average_precision
    assert by_chance > 0.9
    assert by_group < 0.75


@pytest.mark.parametrize(
    ("code", "texts", "labels", "more"),
    [
        ("QC-K070", "one text", [[1]], {}),
        ("QC-K070", ["a", None], [[1], [0]], {}),
        ("QC-K071", ["a", "b"], [[1]], {}),
        ("QC-K071", ["a", "b"], [[2], [0]], {}),
        ("QC-K071", ["a", "b"], [["x"], ["y"]], {}),
        ("QC-K071", ["a", "b"], [[1], [0]], {"context": ["only one"]}),
        ("QC-K071", ["a", "b"], [[1], [0]], {"groups": ["only one"]}),
        ("QC-K072", [], np.zeros((0, 1)), {}),
    ],
)
def test_what_does_not_fit_is_said(code: str, texts: list[str], labels: object, more: dict[str, list[str]]) -> None:
    with pytest.raises(CodingError) as caught:
        CodeClassifier().fit(texts, labels, **more)
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize("wrong", [{"ridge": 0}, {"previous": -1}, {"letters": "much"}])
def test_parameters_are_checked_when_used(wrong: dict[str, object]) -> None:
    model = CodeClassifier(**wrong)
    with pytest.raises(CodingError) as caught:
        model.fit(TEXTS, Y)
    assert caught.value.code == "QC-K073"


def test_codes_that_stand_together_cannot_be_declared_exclusive() -> None:
    both = Y.copy()
    both.iloc[0] = 1
    with pytest.raises(CodingError) as caught:
        CodeClassifier(exclusive=True).fit(TEXTS, both)
    assert caught.value.code == "QC-K071"


def test_nothing_is_predicted_before_it_has_learnt() -> None:
    with pytest.raises(NotFittedError):
        CodeClassifier().predict(["a"])


def test_edges_are_stood() -> None:
    model = CodeClassifier().fit(["", "...", "a"], pd.DataFrame({"a": [1, 0, 0]}))
    assert model.predict(["", "zzz"]).shape == (2, 1)
    assert model.predict([]).shape == (0, 1)
    every = CodeClassifier().fit(TEXTS, pd.DataFrame({"a": [1] * 18}))
    assert every.predict_proba(["x"]).to_numpy()[0, 0] > 0.5
    none = CodeClassifier().fit(TEXTS, pd.DataFrame({"a": [0] * 18}))
    assert none.predict_proba(["x"]).to_numpy()[0, 0] < 0.5


def test_score_is_the_mean_f1_of_the_codes_that_are_there() -> None:
    model = CodeClassifier().fit(TEXTS, Y)
    said = model.predict(TEXTS)
    f1 = [2 * (said[c] * Y[c]).sum() / (said[c].sum() + Y[c].sum()) for c in Y]
    assert model.score(TEXTS, Y) == pytest.approx(np.mean(f1))


def test_scikit_learn_finds_an_estimator() -> None:
    """Its input is text: scikit-learn's whole suite makes matrices of numbers, and so tries only whether it clones."""
    model = CodeClassifier(previous=0.4)
    assert is_classifier(model)
    assert clone(model).get_params() == model.get_params()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        results = check_estimator(CodeClassifier(), on_skip=None)
    assert [each["status"] for each in results] == ["passed"]


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_valid_tag_types,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
        estimator_checks.check_mixin_order,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_set_params,
    ],
)
def test_it_passes_the_checks_of_scikit_learn_that_need_no_numbers(
    check: Callable[[str, CodeClassifier], None],
) -> None:
    check("CodeClassifier", CodeClassifier())


def test_it_keeps_what_scikit_learn_promises_of_estimators() -> None:
    """What the rest of its checks ask of matrices, asked of texts."""
    model = CodeClassifier(BOOK, previous=0.3)
    before = dict(model.get_params())
    assert model.fit(TEXTS, Y) is model
    assert model.get_params() == before  # fit changes no parameter
    first = model.predict_proba(TEXTS)
    attributes = set(vars(model))
    backwards = model.predict_proba(TEXTS[::-1]).iloc[::-1].to_numpy()
    np.testing.assert_allclose(first, backwards, atol=1e-6)  # whatever the order
    np.testing.assert_allclose(first.iloc[3:5], model.predict_proba(TEXTS[3:5]), atol=1e-6)  # and the company
    assert set(vars(model)) == attributes  # predicting learns nothing
    np.testing.assert_array_equal(model.fit(TEXTS, Y).predict_proba(TEXTS), first)  # learning again changes nothing


def test_the_benchmarks_codebook_is_sound_and_has_its_eight_codes() -> None:
    from qualcode.codebook.load import load_with_warnings

    path = Path(__file__).parents[2] / "benchmarks" / "reflection-codebook.yaml"
    result = load_with_warnings(path)
    assert not result.warnings
    assert len(result.codebook) == 8
    assert all(len(code.examples.typical) >= 10 and code.examples.near_miss for code in result.codebook)
