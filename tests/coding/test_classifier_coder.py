"""The ``classifier`` coder: it learns from decisions, proposes where it may, and says why."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from qualcode.coding import ClassifierCoder, Coder, Corpus, classifier_report, coder_names, make_coder
from qualcode.coding.scores import Scorer
from qualcode.errors import CodingError
from qualcode.model.codes import Code, Codebook, Example, Examples, Facet
from qualcode.model.coding import Coding
from qualcode.model.document import Document, Span
from tests.coding.books import said

BOOK = Codebook(
    "b", "1", "B",
    (Code("trust", "Trust", definition="People trust each other."), Code("time", "Time"), Code("old", "Old", status="retired"),
     Code("group", "A heading", codable=False)),
    facets=(Facet("stance", ("present", "absent"), "present"),), sha256="0" * 64,
)  # fmt: skip
WHO = "staff parents governors pupils teachers neighbours colleagues families".split()
WHEN = "today always lately again mostly often rarely sometimes".split()
PLAIN = ["The minibus broke down again.", "It rained on sports day.", "My sister lives in Preston.",
         "We had soup for lunch there.", "The caretaker has got a dog.", "There are nine classrooms upstairs."]  # fmt: skip


def talk(name: str, seed: int, turns: int = 14) -> Document:
    """Return an interview in which every third turn is about trust, every third about time."""
    draw = random.Random(seed)
    found = []
    for number in range(turns):
        found.append("Q: And what happened then, would you say?")
        who, when = draw.choice(WHO), draw.choice(WHEN)
        plain = draw.choice(PLAIN)
        sentence = (
            f"We {when} trust the {who} with it.",
            f"There is {when} no time for the {who}.",
            draw.choice(PLAIN),
        )
        found.append(f"P: {plain} {sentence[number % 3]}" if number % 2 else f"P: {sentence[number % 3]}")
    return said(*found, name=name)


def decided(documents: Sequence[Document], code: str, word: str, status: Any = "coded") -> list[Coding]:
    """Return a coding for each sentence of the participants that has a word."""
    found = []
    for document in documents:
        for block in document.blocks:
            text = document.quote(block.span)
            at = 0
            for sentence in text.split(". "):
                span = Span(block.span.start + at, block.span.start + at + len(sentence))
                at += len(sentence) + 2
                if word in sentence:
                    found.append(Coding(document.id, document.name, block.index, "P", "participant", span, sentence, code,
                                        code, "person", "", "", None, "", status, "", "b", "1"))  # fmt: skip
    return found


DOCUMENTS = [talk(f"i{n}", n) for n in range(5)]
CODINGS = [*decided(DOCUMENTS[:4], "trust", " trust "), *decided(DOCUMENTS[:4], "time", " time ")]
READ = frozenset(each.id for each in DOCUMENTS[:4])


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return dataclasses.replace(Corpus.of(DOCUMENTS), read=READ)


@pytest.fixture(scope="module")
def taught(corpus: Corpus) -> ClassifierCoder:
    return ClassifierCoder(BOOK, few=True).fit(corpus, CODINGS)


def test_it_is_a_coder_that_recipes_may_name() -> None:
    assert "classifier" in coder_names()
    made = make_coder("classifier", codebook=BOOK)
    assert isinstance(made, Coder)
    assert isinstance(made, Scorer)
    assert made == ClassifierCoder(BOOK)
    assert set(made.get_params()) == {"codebook", "codes", "few", "previous", "seed"}


def test_what_people_coded_in_four_interviews_is_found_in_the_fifth(corpus: Corpus, taught: ClassifierCoder) -> None:
    new = DOCUMENTS[4]
    found = [each for each in taught.suggest(corpus) if each.document_id == new.id]
    for code, word in (("trust", " trust "), ("time", " time ")):
        wanted = {each.block for each in decided([new], code, word)}
        assert {each.block for each in found if each.code == code} >= wanted - {min(wanted)}
        hits = [word in each.quote for each in found if each.code == code]
        assert sum(hits) >= 0.8 * len(hits)


def test_a_suggestion_says_what_it_learnt_from_and_which_words_counted(corpus: Corpus, taught: ClassifierCoder) -> None:
    found = next(each for each in taught.suggest(corpus) if each.code == "trust" and " trust " in each.quote)
    document = next(each for each in DOCUMENTS if each.id == found.document_id)
    assert found.rules[0] == "classifier"
    assert 1 <= len(found.rules) - 1 <= 3
    places = {f"{each.document}:{each.block}" for each in CODINGS if each.code == "trust"}
    assert set(found.rules[1:]) <= places | {"trust:definition"}
    assert "trust" in [document.quote(span) for span in found.evidence]
    assert len(found.evidence) <= 4
    assert all(found.span.contains(span) for span in found.evidence)
    assert 0 < found.score <= 1
    assert found.facets == {"stance": "present"}
    assert (found.coder, found.codebook, found.codebook_version) == ("classifier", "b", "1")
    assert document.quote(found.span) == found.quote


def test_interviewers_are_never_coded(corpus: Corpus, taught: ClassifierCoder) -> None:
    documents = {each.id: each for each in DOCUMENTS}
    for each in taught.suggest(corpus):
        document = documents[each.document_id]
        assert document.role_of(document.blocks[each.block]) == "participant"


def test_codes_with_fewer_than_twenty_examples_are_ranked_and_not_proposed(corpus: Corpus) -> None:
    few = [each for each in CODINGS if each.code == "trust"] + [each for each in CODINGS if each.code == "time"][:6]
    coder = ClassifierCoder(BOOK).fit(corpus, few)
    trust = sum(each.code == "trust" for each in few)
    ready = {row["code"]: row["state"] for row in classifier_report(coder)}
    assert ready == {"trust": "ready" if trust >= 20 else "rank only", "time": "rank only"}
    assert all(each.code != "time" for each in coder.suggest(corpus))
    scores = coder.scores(corpus)
    assert scores.codes == ("trust", "time")
    column = scores.values[:, 1]
    assert " time " in scores.units.text(int(np.argmax(column)))


def test_the_report_says_for_each_code_how_it_fares(taught: ClassifierCoder) -> None:
    report = classifier_report(taught)
    assert report.column("code") == ("trust", "time")
    assert report.column("label") == ("Trust", "Time")
    assert report.column("documents") == (4, 4)
    for row in report:
        assert row["positives"] == sum(each.code == row["code"] for each in CODINGS)
        assert row["average_precision"] > 0.8
        assert 0 < row["threshold"] < 1
    assert report.unit == "sentence"


def test_scores_are_probabilities_of_every_unit_and_code(corpus: Corpus, taught: ClassifierCoder) -> None:
    scores = taught.scores(corpus)
    assert scores.values.shape == (len(scores.units), 2)
    assert scores.values.dtype == np.float32
    assert scores.values.min() >= 0
    assert scores.values.max() <= 1


def test_before_any_decision_the_codebook_ranks_and_nothing_is_proposed(corpus: Corpus) -> None:
    coder = ClassifierCoder(BOOK).fit(corpus, [])
    assert list(coder.suggest(corpus)) == []
    assert {row["state"] for row in classifier_report(coder)} == {"no examples"}
    best = coder.scores(corpus)
    assert " trust " in best.units.text(int(np.argmax(best.values[:, 0])))
    assert list(dataclasses.replace(coder, few=True).suggest(corpus)) == []
    assert best.values.max() < 0.9


def test_a_codebook_that_says_nothing_has_no_scores_before_decisions(corpus: Corpus) -> None:
    empty = Codebook("e", "1", "E", (Code("a", ""),))
    coder = ClassifierCoder(empty)
    assert not coder.scores(corpus).values.any()
    assert list(coder.suggest(corpus)) == []
    assert len(classifier_report(coder).rows) <= 1


def test_rejected_passages_are_known_not_to_be_the_code() -> None:
    """In documents that nobody worked through, a rejection says no and silence says nothing."""
    documents = [talk(f"r{n}", 20 + n, turns=20) for n in range(4)]
    corpus = dataclasses.replace(Corpus.of(documents), read=frozenset())
    yes = decided(documents, "trust", " trust ")
    no = decided(documents, "trust", " time ", "rejected")
    coder = ClassifierCoder(BOOK, few=True).fit(corpus, [*yes, *no])
    assert coder.learnt is not None
    assert coder.learnt.tried[0].texts == len(yes) + len(no)
    assert coder.learnt.tried[1].texts == 0
    scores = coder.scores(corpus)
    column = scores.values[:, 0]
    texts = scores.units.texts
    mean = {
        word: np.mean([column[n] for n, text in enumerate(texts) if word in text]) for word in (" trust ", " time ")
    }
    assert mean[" trust "] > 3 * mean[" time "]


def test_one_interview_is_enough_to_learn_from_and_is_held_out_by_question() -> None:
    documents = [talk("one", 40, turns=60)]
    corpus = Corpus.of(documents)
    coder = ClassifierCoder(BOOK).fit(corpus, decided(documents, "trust", " trust "))
    row = next(iter(classifier_report(coder)))
    assert row["state"] == "ready"
    assert row["documents"] > 1


def test_the_order_of_documents_and_threads_change_nothing(corpus: Corpus) -> None:
    other = dataclasses.replace(Corpus.of(DOCUMENTS[::-1]), read=READ)
    coder = ClassifierCoder(BOOK, few=True)

    def run(order: int) -> set[tuple[str, Span, str, float]]:
        where, codings = (corpus, CODINGS) if order else (other, CODINGS[::-1])
        return {(each.document_id, each.span, each.code, round(each.score, 3))
                for each in coder.fit(where, codings).suggest(where)}  # fmt: skip

    with ThreadPoolExecutor(2) as pool:
        first, second, third = pool.map(run, (0, 1, 1))
    assert first == second == third


def test_learning_may_be_stopped(corpus: Corpus) -> None:
    class StoppedError(Exception):
        pass

    def stop() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        ClassifierCoder(BOOK, between=stop).fit(corpus, CODINGS)


def test_of_a_large_study_some_units_without_a_code_stand_for_the_others(
    corpus: Corpus, taught: ClassifierCoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.coding.classifier.coder.MOST", 60)
    coder = ClassifierCoder(BOOK, few=True).fit(corpus, CODINGS)
    assert coder.learnt is not None
    assert taught.learnt is not None
    assert coder.learnt.tried[0].texts < taught.learnt.tried[0].texts
    assert coder.learnt.tried[0].positives == taught.learnt.tried[0].positives
    scores, whole = coder.scores(corpus).values, taught.scores(corpus).values
    assert scores.mean() == pytest.approx(whole.mean(), rel=0.35)  # the drawn ones count for those left out


def test_nearest_examples_of_the_codebook_are_named() -> None:
    shown = dataclasses.replace(
        BOOK,
        codes=(
            Code("trust", "Trust", examples=Examples(typical=(Example("Dumplings on Wednesday, trust and all."),))),
        ),
    )
    documents = [
        *DOCUMENTS[:3],
        said("Q: And then, what happened?", "P: Dumplings on Wednesday, trust and all of it.", name="w"),
    ]
    corpus = Corpus.of(documents)
    coder = ClassifierCoder(shown, few=True).fit(corpus, decided(documents, "trust", " trust "))
    assert any("trust:typical-1" in each.rules for each in coder.suggest(corpus))


class Encoder:
    """Vectors that know whether a text is of trust."""

    id = "e"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.asarray([[" trust " in each, " trust " not in each] for each in texts], np.float32)


def test_sentence_vectors_of_the_corpus_are_used(corpus: Corpus) -> None:
    seen = dataclasses.replace(corpus, vectors=Encoder())
    coder = ClassifierCoder(BOOK, few=True).fit(seen, CODINGS)
    assert coder.learnt is not None
    assert coder.learnt.words.dimensions == 2
    with_vectors, without = coder.scores(seen).values[:, 0], coder.scores(corpus).values[:, 0]
    assert not np.allclose(with_vectors, without)


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        ("QC-K003", {"codes": ("nope",)}),
        ("QC-K006", {"few": "yes"}),
        ("QC-K006", {"previous": 2}),
        ("QC-K006", {"seed": -1}),
    ],
)
def test_parameters_are_checked_when_used(corpus: Corpus, code: str, parameters: dict[str, Any]) -> None:
    coder = ClassifierCoder(BOOK, **parameters)
    with pytest.raises(CodingError) as caught:
        coder.fit(corpus, CODINGS)
    assert caught.value.code == code
    with pytest.raises(CodingError):
        coder.suggest(corpus)


def test_codes_asked_for_are_the_only_ones_proposed(corpus: Corpus) -> None:
    coder = ClassifierCoder(BOOK, codes=("time",), few=True).fit(corpus, CODINGS)
    assert {each.code for each in coder.suggest(corpus)} == {"time"}
