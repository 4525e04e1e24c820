"""The ensemble: pooled scores, weights that labels teach, and every source kept visible."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pytest

from qualcode.coding import Corpus, make_coder
from qualcode.coding.base import Suggestions
from qualcode.coding.ensemble import BASE, THRESHOLD, EnsembleCoder, prior, runs
from qualcode.coding.features.units import units_of
from qualcode.coding.scores import Scores, codable
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding
from qualcode.model.document import Document
from tests.coding.books import book, code, said
from tests.coding.test_units import coding


@dataclasses.dataclass(frozen=True)
class Fixed:
    """A coder whose score for code ``a`` is looked up by a word of the unit."""

    name: str
    codebook: Codebook
    by_word: Mapping[str, float]

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        return self

    def suggest(self, corpus: Corpus) -> Suggestions:
        return Suggestions(())

    def get_params(self) -> Mapping[str, Any]:
        return {}

    def scores(self, corpus: Corpus) -> Scores:
        units = units_of(corpus, self.codebook.unit, roles_left_out=self.codebook.roles_left_out)
        codes = codable(self.codebook)
        values = np.zeros((len(units), len(codes)), np.float32)
        for row, text in enumerate(units.texts):
            values[row, 0] = max((score for word, score in self.by_word.items() if word in text), default=0.01)
        return Scores(units, values, codes)


BOOK = book(code("a", "met"), code("b", "never-said"))
TALK = said("Q: So?", "P: We met on Monday morning. The bell rang in the hall. We met again on Friday.", name="one")


def talk(number: int, carries: Sequence[bool]) -> tuple[Document, list[Coding]]:
    """Return a document whose sentences say ``alpha`` and ``beta`` at set places, and the codings of code a."""
    sentences = [
        f"Number {n} of {number} has {'alpha' if n % 4 == 0 else 'gamma'} and {'beta' if yes else 'delta'} here."
        for n, yes in enumerate(carries)
    ]
    document = said("P: " + " ".join(sentences), name=f"d{number}")
    return document, [coding(document, words, "a") for words, yes in zip(sentences, carries, strict=True) if yes]


def test_before_there_are_labels_agreement_of_two_coders_counts_for_more_than_one() -> None:
    both = {"Monday": 0.6, "bell": 0.01, "Friday": 0.6}
    one = Fixed("one", BOOK, both)
    two = Fixed("two", BOOK, {"Monday": 0.6})
    values = EnsembleCoder(BOOK, (one, two)).scores(Corpus.of([TALK])).values[:, 0]
    monday, bell, friday = values.tolist()
    assert monday > friday > bell
    assert bell < BASE


def test_a_coder_that_says_the_same_of_every_unit_changes_no_order_and_next_to_nothing_else() -> None:
    document, _ = talk(1, [n % 3 == 0 for n in range(400)])
    corpus = Corpus.of([document])
    one, flat = Fixed("one", BOOK, {"beta": 0.6}), Fixed("flat", BOOK, {"e": 0.1})
    alone = EnsembleCoder(BOOK, (one,)).scores(corpus).values[:, 0]
    both = EnsembleCoder(BOOK, (one, flat)).scores(corpus).values[:, 0]
    assert np.array_equal(np.argsort(-both, kind="stable"), np.argsort(-alone, kind="stable"))
    assert np.abs(both - alone).max() < 0.02


def test_the_pooled_score_follows_the_formula() -> None:
    one = Fixed("rules", BOOK, {"Monday": 0.5, "bell": 0.1, "Friday": 0.3})
    value = EnsembleCoder(BOOK, (one,)).scores(Corpus.of([TALK])).values[0, 0]
    usual = (0.5 + 0.1 + 0.3 + 50 * BASE) / 53
    log_odds = np.log(BASE / (1 - BASE)) + 0.8 * (np.log(0.5 / 0.5) - np.log(usual / (1 - usual)))
    assert value == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=1e-6)


def test_labels_teach_which_coder_to_trust() -> None:
    pattern = [n % 3 == 0 for n in range(40)]
    documents, codings = zip(*(talk(n, pattern) for n in range(4)), strict=True)
    corpus = Corpus.of(documents)
    knows = Fixed("knows", BOOK, {"beta": 0.4})
    guesses = Fixed("guesses", BOOK, {"alpha": 0.9})
    start = EnsembleCoder(BOOK, (knows, guesses))
    learnt = start.fit(corpus, [each for some in codings for each in some])
    assert learnt.pool is not None
    assert learnt.pool.labels == 4 * sum(pattern)
    assert learnt.pool.weights[0] > 2 * learnt.pool.weights[1]
    assert start.pool is None
    found = {each.quote for each in learnt.suggest(corpus) if each.code == "a"}
    assert found == {each.quote for some in codings for each in some}


def test_few_labels_or_one_document_leave_the_prior() -> None:
    document, codings = talk(1, [n % 2 == 0 for n in range(80)])
    other, _ = talk(2, [False] * 5)
    coder = EnsembleCoder(BOOK, (Fixed("one", BOOK, {"beta": 0.5}),))
    assert coder.fit(Corpus.of([document]), codings).pool is None
    assert coder.fit(Corpus.of([document, other]), codings[:5]).pool is None
    assert prior(coder.fit(Corpus.of([document]), codings).parts).threshold == THRESHOLD


def test_weights_are_learnt_from_documents_that_a_part_did_not_see() -> None:
    seen: list[frozenset[str]] = []

    @dataclasses.dataclass(frozen=True)
    class Rote(Fixed):
        """Learns by heart: it knows exactly the documents that it was taught with."""

        known: frozenset[str] = frozenset()

        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
            assert corpus.read is None or {each.document_id for each in codings} <= corpus.read
            seen.append(frozenset(each.document_id for each in codings))
            return dataclasses.replace(self, known=seen[-1])

        def scores(self, corpus: Corpus) -> Scores:
            found = super().scores(corpus)
            inside = np.asarray([found.units.documents[seat].id in self.known for seat in found.units.document])
            return Scores(found.units, np.where(inside[:, None], found.values, np.float32(0.01)), found.codes)

    pattern = [n % 3 == 0 for n in range(30)]
    documents, codings = zip(*(talk(n, pattern) for n in range(4)), strict=True)
    every = [each for some in codings for each in some]
    learnt = EnsembleCoder(BOOK, (Rote("rote", BOOK, {"beta": 0.9}),)).fit(Corpus.of(documents), every)
    whole = frozenset(document.id for document in documents)
    assert sorted(map(len, seen)) == [3, 3, 3, 3, 4]
    assert frozenset().union(*(whole - each for each in seen)) == whole
    assert learnt.pool is not None
    assert learnt.pool.weights[0] <= 0.5  # nothing that it knew by heart helped elsewhere: no more than its prior


def test_each_suggestion_keeps_its_sources() -> None:
    corpus = Corpus.of([TALK])
    (first, second) = EnsembleCoder(BOOK, ("rules", "exemplars")).suggest(corpus)
    assert [first.quote, second.quote] == ["We met on Monday morning.", "We met again on Friday."]
    assert first.coder == "ensemble"
    assert first.rules == ("a-1",)
    assert [TALK.quote(place) for place in first.evidence] == ["met"]
    assert first.flags[0] == "rules 1.00"
    assert first.flags[1].startswith("exemplars 0.")
    assert first.facets == {"stance": "present"}


def test_neighbours_are_one_passage_and_a_word_between_is_stepped_over() -> None:
    document = said("P: We met on Monday. Yes. We met on Friday.", "R: We met there too.", name="runs")
    suggestions = EnsembleCoder(BOOK, ("rules",)).suggest(Corpus.of([document]))
    assert [each.quote for each in suggestions] == ["We met on Monday. Yes. We met on Friday.", "We met there too."]


def test_runs_never_cross_turns_and_never_consist_of_one_word() -> None:
    units = units_of(Corpus.of([said("P: Yes. It did work well.", "R: It did work here.", name="x")]), "sentence")
    assert list(runs(units, np.ones(3, bool))) == [(1, 1), (2, 2)]
    assert list(runs(units, np.asarray([True, False, False]))) == []


def test_only_the_codes_asked_for_are_suggested() -> None:
    both = book(code("a", "met"), code("b", "Monday"))
    corpus = Corpus.of([TALK])
    assert {each.code for each in EnsembleCoder(both, ("rules",)).suggest(corpus)} == {"a", "b"}
    assert {each.code for each in EnsembleCoder(both, ("rules",), codes=("b",)).suggest(corpus)} == {"b"}


@pytest.mark.parametrize(
    ("parameters", "number"),
    [
        ({"coders": ()}, "QC-K006"),
        ({"coders": "rules"}, "QC-K006"),
        ({"coders": ("rules", "ensemble")}, "QC-K006"),
        ({"coders": ("rules", "exemplar")}, "QC-K001"),
        ({"threshold": 1.5}, "QC-K006"),
        ({"codes": ("zz",)}, "QC-K003"),
    ],
)
def test_parameters_that_cannot_be_used_are_told(parameters: dict[str, Any], number: str) -> None:
    with pytest.raises(CodingError, match=number):
        make_coder("ensemble", codebook=BOOK, **parameters).suggest(Corpus.of([TALK]))


@dataclasses.dataclass(frozen=True)
class Studious(Fixed):
    """Learns, if nothing new: so it is fitted again for each document that is held out."""

    taught: bool = False

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        return dataclasses.replace(self, taught=True)


@pytest.mark.parametrize("kind", [Fixed, Studious])
def test_a_few_coded_documents_of_many_teach_the_same_scale_that_is_used_later(kind: type[Fixed]) -> None:
    pattern = [n % 3 == 0 for n in range(40)]
    documents, codings = zip(*(talk(n, pattern) for n in range(20)), strict=True)
    decided = [each for some in codings[:3] for each in some]
    corpus = dataclasses.replace(Corpus.of(documents), read=frozenset(each.id for each in documents[:3]))
    learnt = EnsembleCoder(BOOK, (kind("knows", BOOK, {"beta": 0.4}),)).fit(corpus, decided)
    values = learnt.scores(corpus).values[:, 0]
    assert values.mean() == pytest.approx(np.mean(pattern), abs=0.05)
    new = [each for each in learnt.suggest(corpus) if each.document_id == documents[-1].id]
    assert {each.quote for each in new} == {each.quote.replace(" of 0 ", " of 19 ") for each in codings[0]}


def test_parts_may_be_given_as_a_list() -> None:
    parts = [Fixed("one", BOOK, {"Monday": 0.6})]
    given: Any = parts  # people write lists
    listed = EnsembleCoder(BOOK, given)
    assert np.array_equal(
        listed.scores(Corpus.of([TALK])).values, EnsembleCoder(BOOK, tuple(parts)).scores(Corpus.of([TALK])).values
    )


def test_verdicts_alone_do_not_teach_how_common_a_code_is() -> None:
    """What was accepted here and there was looked at because coders liked it: it is no sample of the talk."""
    pattern = [n % 3 == 0 for n in range(40)]
    documents, codings = zip(*(talk(n, pattern) for n in range(6)), strict=True)
    accepted = [dataclasses.replace(each, status="accepted") for some in codings[:4] for each in some]
    coder = EnsembleCoder(BOOK, (Fixed("knows", BOOK, {"beta": 0.4}),))
    corpus = Corpus.of(documents)
    assert coder.fit(dataclasses.replace(corpus, read=frozenset()), accepted).pool is None
    read = frozenset(each.id for each in documents[3:])
    whole = [each for some in codings[3:] for each in some]
    learnt = coder.fit(dataclasses.replace(corpus, read=read), [*accepted, *whole])
    assert learnt.pool == coder.fit(dataclasses.replace(corpus, read=read), whole).pool
    assert learnt.pool is not None
    assert learnt.pool.labels == 3 * sum(pattern)
