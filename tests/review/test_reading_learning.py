"""Learning between passages: scores follow labels, and any coder's scores come into the rows of the passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from qualcode.coding import Corpus, ExemplarsCoder, RulesCoder, Suggestions
from qualcode.coding.features.units import Units, units_of
from qualcode.coding.scores import Scores
from qualcode.model.coding import Coding
from qualcode.review.reading.before import Examples, before_labels, suggested_scores
from qualcode.review.reading.learning import CoderLearner, QuickLearner, aligned, codings_of_labels, vectors_of
from qualcode.review.reading.passages import passages_of
from tests.review.reading_values import BOOK, corpus_of_talk, truly

CORPUS = corpus_of_talk()
UNITS = passages_of(CORPUS, BOOK)
TRUTH = np.array([truly(words) for words in UNITS.texts])


def labels(*rows: int) -> np.ndarray:
    found = np.full(len(UNITS), -1, np.int8)
    found[list(rows)] = TRUTH[list(rows)]
    return found


def test_vectors_have_length_one_and_know_their_neighbours() -> None:
    vectors = vectors_of(UNITS)
    assert np.allclose(np.sqrt(vectors.multiply(vectors).sum(axis=1)), 1)
    lemma = UNITS.lemmas.index("time")
    beside = [row + 1 for row in np.flatnonzero(TRUTH).tolist()]
    assert (vectors[beside][:, [lemma]].toarray() > 0).all()  # said in the sentence before, of the same turn
    far = [row for row in range(len(UNITS)) if UNITS.block[row] not in UNITS.block[np.flatnonzero(TRUTH)]]
    assert not vectors[far][:, [lemma]].toarray().any()


def test_before_a_yes_and_a_no_the_scores_are_those_from_before() -> None:
    before = np.linspace(0, 1, len(UNITS))
    learner = QuickLearner(vectors_of(UNITS), before)
    yes = int(np.flatnonzero(TRUTH)[0])
    for known in (labels(), labels(yes)):
        assert learner.learn(known).values.tolist() == before.tolist()


def test_after_a_few_labels_passages_with_the_words_come_first() -> None:
    yes = np.flatnonzero(TRUTH)
    no = np.flatnonzero(~TRUTH)
    ranked = QuickLearner(vectors_of(UNITS)).learn(labels(int(yes[0]), int(no[0]), int(no[5]), int(no[9])))
    assert ranked.values[yes[1:]].min() > np.median(ranked.values[no])
    assert ((ranked.values >= 0) & (ranked.values <= 1)).all()


def test_the_same_labels_give_the_same_scores() -> None:
    rows = (0, 3, 8, 17)
    one, two = (QuickLearner(vectors_of(UNITS)).learn(labels(*rows)).values for _ in range(2))
    assert one.tobytes() == two.tobytes()


def test_rules_and_examples_speak_before_any_label() -> None:
    codes = ["T", "M"]
    values = before_labels([RulesCoder(BOOK), ExemplarsCoder(BOOK)], CORPUS, BOOK, UNITS, codes)
    said = np.array(["no time" in words for words in UNITS.texts])
    assert values.shape == (48, 2)
    assert values[said, 0].min() > values[~said, 0].max()
    assert ((values >= 0) & (values <= 1)).all()


def test_scores_of_examples_stand_in_the_rows_of_the_passages() -> None:
    coder = ExemplarsCoder(BOOK)
    found = Examples.of(coder, CORPUS, UNITS)
    assert found.of_code("T").shape == (48,)
    same = {words: set(np.round(found.of_code("T")[[row for row, each in enumerate(UNITS.texts) if each == words]], 6))
            for words in UNITS.texts}  # fmt: skip
    assert len(same) > 10
    assert not found.of_code("Z").any()
    best = int(found.of_code("T").argmax())
    assert found.nearest(best, "T") in (
        "",
        "Time. Having hours for it.",
        "Having hours for it.",
        "Time Having hours for it.",
    )


class Lengths:
    """An encoder that knows how long a text is."""

    id = "lengths"

    def encode(self, texts: Sequence[str]) -> Any:
        angle = np.array([len(each) for each in texts], np.float32) / 40
        return np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def test_examples_are_compared_by_meaning_too_where_the_study_has_vectors() -> None:
    words = Examples.of(ExemplarsCoder(BOOK), CORPUS, UNITS)
    both = Examples.of(ExemplarsCoder(BOOK), replace(CORPUS, vectors=Lengths()), UNITS)
    assert not np.allclose(words.of_code("T"), both.of_code("T"))
    assert words.nearest(0, "T") == both.nearest(0, "T")  # what is told is told by words


def test_scores_of_other_units_and_documents_are_left_aside() -> None:
    scores = ExemplarsCoder(BOOK).scores(CORPUS)
    one = Corpus.of(CORPUS.documents[1:])
    own = passages_of(one, BOOK)
    whole = aligned(scores, UNITS, "T")
    assert aligned(scores, own, "T").tolist() == whole[UNITS.document == 1].tolist()
    assert not aligned(ExemplarsCoder(BOOK).scores(one), UNITS, "T")[UNITS.document == 0].any()


def test_suggestions_score_the_passages_under_them() -> None:
    suggestions = RulesCoder(BOOK).suggest(CORPUS)
    scores = suggested_scores(UNITS, suggestions, "T")
    assert [words for words, score in zip(UNITS.texts, scores, strict=True) if score] == [
        words for words in UNITS.texts if "no time" in words
    ]


@dataclass(frozen=True)
class Parrot:
    """A coder that gives every passage it was taught its label, and passages of two words more besides."""

    taught: tuple[tuple[str, int, bool], ...] = ()

    @property
    def name(self) -> str:
        return "parrot"

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        assert corpus.read == frozenset()
        return type(self)(tuple((each.document_id, each.span.start, each.status == "coded") for each in codings))

    def scores(self, corpus: Corpus) -> Scores:
        units = units_of(corpus, BOOK.unit, roles_left_out=BOOK.roles_left_out)
        known = {(key, start): yes for key, start, yes in self.taught}
        values = [[known.get((units.documents[int(units.document[row])].id, int(units.start[row])), 0.5)]
                  for row in range(len(units))]  # fmt: skip
        return Scores(units, np.asarray(values, np.float32), ("T",))

    def suggest(self, corpus: Corpus) -> Suggestions:
        return Suggestions(())

    def get_params(self) -> Mapping[str, Any]:
        return {}


def test_any_coder_with_scores_can_learn_between_passages() -> None:
    learner = CoderLearner(
        lambda corpus, codings: Parrot().fit(corpus, codings).scores(corpus), CORPUS, UNITS, BOOK, "T"
    )
    yes, no = int(np.flatnonzero(TRUTH)[2]), int(np.flatnonzero(~TRUTH)[4])
    values = learner.learn(labels(yes, no)).values
    assert (values[yes], values[no]) == (1.0, 0.0)
    assert set(values.tolist()) == {0.0, 0.5, 1.0}


def test_labels_as_codings_and_scores_of_another_code() -> None:
    codings = codings_of_labels(UNITS, labels(0, 1), BOOK, "T")
    assert [each.status for each in codings] == [
        "coded" if TRUTH[0] else "rejected",
        "coded" if TRUTH[1] else "rejected",
    ]
    theirs: tuple[Units, Any, tuple[str, ...]] = (UNITS, np.ones((48, 1)), ("M",))
    assert not aligned(theirs, UNITS, "T").any()
    assert aligned(theirs, UNITS, "M").all()
