"""Units, labels and scores of a whole corpus: what learning coders see and are taught."""

from __future__ import annotations

import numpy as np
import pytest

from qualcode.coding import Corpus, RulesCoder
from qualcode.coding.features.units import units_of
from qualcode.coding.labels import labels_of, worked_through
from qualcode.coding.scores import codable, score_units
from qualcode.model.coding import Coding
from qualcode.model.document import Document, Span
from qualcode.text.index import TokenIndex
from tests.coding.books import book, code, said


def coding(document: Document, words: str, name: str, status: str = "coded") -> Coding:
    start = document.text.index(words)
    span = Span(start, start + len(words))
    return Coding(document.id, document.name, 0, "", "participant", span, words, name, "", "person", "", "", None, "",
                  status, "Ann", "book", "1")  # type: ignore[arg-type]  # fmt: skip


ONE = said("Q: What about data?", "P: We met weekly. It helped the pupils!", "R: Yes.", name="one")
TWO = said("Q: And staff?", "P: They left. They came back later, I think.", name="two")


def test_units_are_participants_sentences_with_their_full_stop() -> None:
    units = units_of(Corpus.of([ONE, TWO]), "sentence", roles_left_out=("interviewer",))
    assert units.texts == ("We met weekly.", "It helped the pupils!", "Yes.", "They left.",
                           "They came back later, I think.")  # fmt: skip
    assert units.document.tolist() == [0, 0, 0, 1, 1]
    assert units.block.tolist() == [1, 1, 2, 1, 1]
    assert units.words.tolist() == [3, 4, 1, 2, 6]
    assert units.question.tolist() == [0, 0, 0, 0, 0]


def test_units_know_who_speaks_and_the_same_label_in_two_documents_is_two_people() -> None:
    units = units_of(Corpus.of([ONE, TWO]), "turn", roles_left_out=("interviewer",))
    who = [units.people[number] for number in units.speaker.tolist()]
    assert who == [(ONE.id, "s2"), (ONE.id, "s3"), (TWO.id, "s2")]


def test_counts_are_lemmas_and_each_row_adds_up_to_its_words() -> None:
    units = units_of(Corpus.of([ONE, TWO]), "turn")
    assert units.counts.sum(axis=1).tolist() == units.words.tolist()
    row = units.texts.index("They left. They came back later, I think.")
    assert units.counts[[row], :].toarray()[0, units.lemmas.index("they")] == 2
    assert "meet" in units.lemmas


def test_units_of_several_shards_stand_in_document_order() -> None:
    whole = units_of(Corpus.of([ONE, TWO]), "sentence")
    for order in ((ONE, TWO), (TWO, ONE)):
        index = TokenIndex([shard for each in order for shard in TokenIndex.build([each]).shards])
        units = units_of(Corpus((ONE, TWO), index), "sentence")
        assert units.texts == whole.texts
        assert units.counts.sum(axis=1).tolist() == whole.counts.sum(axis=1).tolist()


def test_short_units_can_be_left_out() -> None:
    assert "Yes." not in units_of(Corpus.of([ONE]), "sentence", fewest_words=2).texts


def test_a_corpus_without_talk_has_no_units() -> None:
    units = units_of(Corpus.of([said("Q: Hello?", name="asked")]), "sentence", roles_left_out=("interviewer",))
    assert (len(units), units.counts.shape[0]) == (0, 0)


@pytest.mark.parametrize("unit", ["sentence", "turn", "passage"])
def test_units_begin_where_the_counting_units_begin(unit: str) -> None:
    corpus = Corpus.of([ONE, TWO])
    units = units_of(corpus, unit)  # type: ignore[arg-type]
    for seat, document in enumerate((ONE, TWO)):
        counted = corpus.index.unit_spans(document.id, unit)  # type: ignore[arg-type]
        assert units.start[units.document == seat].tolist() == [each.start for each in counted]
        assert all(end >= each.end for end, each in zip(units.end[units.document == seat], counted, strict=True))


def test_rows_over_finds_the_units_that_share_a_character() -> None:
    units = units_of(Corpus.of([ONE, TWO]), "sentence", roles_left_out=("interviewer",))
    first = units.span(0)
    assert units.rows_over(0, [Span(first.end - 1, first.end)]).tolist() == [0]
    assert units.rows_over(0, [Span(first.end, first.end + 1)]).tolist() == []
    assert units.rows_over(0, [Span(first.start, units.span(1).start + 1)]).tolist() == [0, 1]
    assert units.rows_over(1, [Span(0, len(TWO.text))]).tolist() == [3, 4]


def test_in_a_document_that_was_worked_through_silence_is_a_no_and_elsewhere_it_is_unknown() -> None:
    corpus = Corpus.of([ONE, TWO])
    units = units_of(corpus, "sentence", roles_left_out=("interviewer",))
    decided = [coding(ONE, "We met weekly.", "a")]
    labels = labels_of(corpus, units, ("a", "b"), decided)
    assert labels.values[:3].tolist() == [[1, 0], [0, 0], [0, 0]]
    assert np.isnan(labels.values[3:]).all()
    assert labels.known.tolist() == [0, 1, 2]
    assert labels.read.tolist() == [True, True, True, False, False]


def test_a_decision_outside_of_what_was_worked_through_labels_its_own_unit_and_code_only() -> None:
    corpus = Corpus((ONE, TWO), TokenIndex.build([ONE, TWO]), read=frozenset({ONE.id}))
    units = units_of(corpus, "sentence", roles_left_out=("interviewer",))
    decided = [coding(TWO, "They left.", "a", "rejected"), coding(TWO, "back later", "b", "accepted")]
    values = labels_of(corpus, units, ("a", "b"), decided).values
    assert values[:3].tolist() == [[0, 0]] * 3
    assert [values[3, 0], values[4, 1]] == [0, 1]
    assert np.isnan([values[3, 1], values[4, 0]]).all()


def test_who_only_judges_suggestions_has_said_nothing_of_the_talk_around_them() -> None:
    corpus = Corpus.of([ONE])
    units = units_of(corpus, "sentence", roles_left_out=("interviewer",))
    verdicts = [coding(ONE, "We met weekly.", "a", "accepted"), coding(ONE, "It helped the pupils!", "a", "rejected")]
    labels = labels_of(corpus, units, ("a", "b"), verdicts)
    assert labels.values[:2, 0].tolist() == [1, 0]
    assert np.isnan(labels.values[:, 1]).all()
    assert not labels.read.any()
    assert worked_through(corpus, verdicts) == frozenset()
    assert worked_through(corpus, [coding(ONE, "We met weekly.", "a")]) == {ONE.id}


def test_a_no_to_one_sentence_is_no_answer_to_the_whole_turn() -> None:
    corpus = Corpus((ONE,), TokenIndex.build([ONE]), read=frozenset())
    no = coding(ONE, "It helped the pupils!", "a", "rejected")
    yes = coding(ONE, "It helped the pupils!", "a")
    turns = units_of(corpus, "turn", roles_left_out=("interviewer",))
    assert np.isnan(labels_of(corpus, turns, ("a",), [no]).values).all()
    assert labels_of(corpus, turns, ("a",), [yes]).values[0, 0] == 1
    sentences = units_of(corpus, "sentence", roles_left_out=("interviewer",))
    assert labels_of(corpus, sentences, ("a",), [no]).values[1, 0] == 0


def test_where_one_passage_marks_and_another_rejects_a_unit_it_carries_the_code() -> None:
    corpus = Corpus.of([ONE])
    units = units_of(corpus, "sentence", roles_left_out=("interviewer",))
    yes, no = coding(ONE, "We met", "a"), coding(ONE, "met weekly", "a", "rejected")
    for order in ([yes, no], [no, yes]):
        assert labels_of(corpus, units, ("a",), order).values[0, 0] == 1


def test_a_coder_without_scores_of_its_own_is_scored_by_its_suggestions() -> None:
    codebook = book(code("a", "met"), code("b", "nothing"), code("old", "met", status="retired"))
    corpus = Corpus.of([ONE])
    coder = RulesCoder(codebook)
    scores = score_units(coder, corpus, codebook, tuple(coder.suggest(corpus)))
    assert scores.codes == codable(codebook) == ("a", "b")
    row = scores.units.texts.index("We met weekly.")
    assert scores.values[row].tolist() == [1.0, 0.0]
    assert scores.values.sum() == 1
