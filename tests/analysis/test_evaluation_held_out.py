"""A coder that learns never judges a document that it learnt from, and no coder sees what it should not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from qualcode.analysis.evaluation import Ranking, run_held_out
from qualcode.analysis.evaluation.held_out import RankedDocument
from qualcode.coding.base import Corpus, Suggestions
from qualcode.coding.features.units import units_of
from qualcode.coding.scores import Scores
from qualcode.errors import AnalysisError
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Document, Span
from tests.analysis.studies import BOOK, coding_at
from tests.builders import document

DOCUMENTS = tuple(
    document(f"d{n}", [("Q", "interviewer", "And?"), ("P", "participant", f"The {animal} sat. We went home.")])
    for n, animal in enumerate(["dog", "cat", "owl", "dog"])
)
IDS = [each.id for each in DOCUMENTS]


def suggestion(made: Document, coder: str, score: float = 0.5) -> Suggestion:
    span = made.blocks[1].span
    return Suggestion(made.id, made.text_sha256, 1, span, made.quote(span), "", "", "C", coder, ("r",), (), score)


@dataclass(frozen=True)
class Learner:
    """Suggests one passage a document, and remembers what it learnt from and what it was asked about."""

    seen: list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    taught: tuple[str, ...] = ()
    name: str = "learner"

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Learner:
        if not codings:
            return self
        taught = tuple(sorted({each.document_id for each in codings}))
        assert corpus.read is not None
        assert set(taught) <= corpus.read
        return replace(self, taught=taught)

    def suggest(self, corpus: Corpus) -> Suggestions:
        asked = tuple(each.id for each in corpus.documents)
        self.seen.append((self.taught, asked, tuple(key for key, _, _ in corpus.index.documents())))
        return Suggestions(tuple(suggestion(each, self.name) for each in corpus.documents))

    def get_params(self) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True)
class Ranker(Learner):
    """Gives every unit a score: by its length."""

    def scores(self, corpus: Corpus) -> Scores:
        units = units_of(corpus, "sentence", roles_left_out=("interviewer",))
        return Scores(units, (units.end - units.start).astype(np.float32)[:, None], ("C",))


@dataclass(frozen=True)
class Steady(Learner):
    """Does not learn."""

    name: str = "steady"

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Steady:
        return self


def codings(*names: str) -> list[Coding]:
    return [coding_at(each, each.blocks[1].span, "C") for each in DOCUMENTS if each.id in names]


def test_each_document_is_coded_by_what_learnt_from_the_others_alone() -> None:
    coder = Learner()
    run = run_held_out([coder], Corpus.of(DOCUMENTS), IDS, codings=codings(*IDS))
    assert [(taught, asked) for taught, asked, _ in coder.seen] == [
        (("d1", "d2", "d3"), ("d0",)),
        (("d0", "d2", "d3"), ("d1",)),
        (("d0", "d1", "d3"), ("d2",)),
        (("d0", "d1", "d2"), ("d3",)),
    ]
    assert all(not set(taught) & set(asked) for taught, asked, _ in coder.seen)
    assert all(indexed == asked for _, asked, indexed in coder.seen)
    assert run.learnt == ("learner",)
    assert run.codings == 4
    assert [each.document_id for each in run.suggestions] == IDS


def test_a_coder_that_does_not_learn_is_asked_once_about_the_documents_to_code_only() -> None:
    coder = Steady()
    run = run_held_out([coder], Corpus.of(DOCUMENTS), ["d0", "d2"], codings=codings(*IDS))
    assert coder.seen == [((), ("d0", "d2"), ("d0", "d2"))]
    assert (run.learnt, run.folds, run.codings) == ((), (), 0)


def test_documents_to_learn_from_can_be_named_and_are_left_out_of_their_own() -> None:
    coder = Learner()
    run = run_held_out(
        [coder], Corpus.of(DOCUMENTS), ["d1", "d2", "d3"], codings=codings(*IDS), learn_from=["d0", "d1"]
    )
    assert [(taught, asked) for taught, asked, _ in coder.seen] == [
        (("d0", "d1"), ("d2",)), (("d0", "d1"), ("d3",)), (("d0",), ("d1",)),
    ]  # fmt: skip
    assert run.codings == 2


def test_no_other_document_than_those_to_learn_from_is_seen_at_all() -> None:
    seen: list[tuple[str, ...]] = []

    @dataclass(frozen=True)
    class Curious(Learner):
        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Curious:
            seen.append(tuple(key for key, _, _ in corpus.index.documents()))
            return replace(self, taught=("x",))

    run_held_out([Curious()], Corpus.of(DOCUMENTS), ["d0", "d1"], codings=codings(*IDS), learn_from=["d2"])
    assert seen == [("d2",)]


def test_with_one_coded_document_there_is_nothing_to_learn_from() -> None:
    @dataclass(frozen=True)
    class Eager(Learner):
        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Eager:
            return replace(self, taught=("x",))

    with pytest.raises(AnalysisError, match="QC-A071"):
        run_held_out([Eager()], Corpus.of(DOCUMENTS), ["d0"], codings=codings("d0"))


def test_scores_of_all_units_are_kept_where_the_only_coder_gives_them() -> None:
    run = run_held_out([Ranker()], Corpus.of(DOCUMENTS), ["d0", "d1"], codings=codings(*IDS))
    assert run.ranking is not None
    assert [each.document_id for each in run.ranking.parts] == ["d0", "d1"]
    assert run.ranking.parts[0].scores[:, 0].tolist() == [len("The dog sat."), len("We went home.")]
    assert run_held_out([Ranker(), Steady()], Corpus.of(DOCUMENTS), ["d0", "d1"], codings=codings(*IDS)).ranking is None


def test_a_ranking_of_other_units_takes_the_highest_score_that_they_touch() -> None:
    part = RankedDocument("d", np.array([0, 10, 20]), np.array([9, 19, 29]), np.array([[0.1], [0.7], [0.3]]), ("C",))
    units = {"d": (Span(0, 9), Span(5, 25), Span(30, 40)), "e": (Span(0, 5),)}
    found = Ranking((part,)).on(units, ("B", "C"))
    assert found[:, 1].tolist() == [0.1, 0.7, -np.inf, -np.inf]
    assert np.isneginf(found[:, 0]).all()


class Changeable:
    """A plug-in after scikit-learn's manner: ``fit`` changes the coder and returns it."""

    name = "changeable"

    def __init__(self, asked: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
        self.asked, self.taught = asked, ()

    def __deepcopy__(self, memo: object) -> Changeable:
        made = type(self)(self.asked)
        made.taught = self.taught
        return made

    def __getstate__(self) -> object:
        return self.taught

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Changeable:
        self.taught = (*self.taught, *sorted({each.document_id for each in codings}))
        return self

    def suggest(self, corpus: Corpus) -> Suggestions:
        self.asked.append((self.taught, tuple(each.id for each in corpus.documents)))
        return Suggestions(tuple(suggestion(each, self.name) for each in corpus.documents))

    def get_params(self) -> Mapping[str, Any]:
        return {}


def test_a_coder_that_fit_changes_is_kept_from_what_it_learnt_from_too() -> None:
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    coder = Changeable(asked)
    run = run_held_out([coder], Corpus.of(DOCUMENTS[:3]), IDS[:3], codings=codings(*IDS[:3]))
    assert asked == [(("d1", "d2"), ("d0",)), (("d0", "d2"), ("d1",)), (("d0", "d1"), ("d2",))]
    assert run.learnt == ("changeable",)
    assert coder.taught == ()


def test_a_changeable_coder_that_learns_nothing_is_asked_once() -> None:
    class Unmoved(Changeable):
        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Unmoved:
            return self

    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    run = run_held_out([Unmoved(asked)], Corpus.of(DOCUMENTS[:2]), IDS[:2], codings=codings("d0"))
    assert asked == [((), ("d0", "d1"))]
    assert run.learnt == ()


@pytest.mark.parametrize("learn_from", [None, IDS, ["d3", "d0"]])
def test_nothing_of_the_tested_document_reaches_fit(learn_from: list[str] | None) -> None:
    """Neither its codings nor that it was worked through nor its words, also when it is named as one to learn from."""
    fits: list[set[str]] = []
    asked: list[tuple[int, tuple[str, ...]]] = []

    @dataclass(frozen=True)
    class Spy(Learner):
        number: int = -1

        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Spy:
            assert corpus.read is not None
            here = {each.id for each in corpus.documents} | {key for key, _, _ in corpus.index.documents()}
            fits.append(here | set(corpus.read) | {each.document_id for each in codings})
            return replace(self, number=len(fits) - 1)

        def suggest(self, corpus: Corpus) -> Suggestions:
            asked.append((self.number, tuple(each.id for each in corpus.documents)))
            return Suggestions(())

    everything = replace(Corpus.of(DOCUMENTS), read=frozenset(IDS))
    run_held_out([Spy(), Steady()], everything, IDS, codings=codings(*IDS), learn_from=learn_from)
    assert [names for _, names in asked] == sorted(names for _, names in asked) or learn_from is not None
    assert sorted(name for _, names in asked for name in names) == IDS
    assert all(not set(names) & fits[number] for number, names in asked)


def test_the_parts_of_an_ensemble_see_nothing_of_the_tested_document_either(monkeypatch: pytest.MonkeyPatch) -> None:
    from qualcode.coding import ensemble as room

    seen: list[tuple[str, ...]] = []

    @dataclass(frozen=True)
    class Part(Ranker):
        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Part:
            seen.append(tuple(sorted({*(each.id for each in corpus.documents), *(corpus.read or ()),
                                      *(each.document_id for each in codings)})))  # fmt: skip
            return replace(self, taught=("x",))

        def suggest(self, corpus: Corpus) -> Suggestions:
            return Suggestions(())

    monkeypatch.setattr(room.EnsembleCoder, "_made", lambda self: (Part(),))
    coder = room.EnsembleCoder(BOOK)
    run_held_out([coder], replace(Corpus.of(DOCUMENTS), read=frozenset(IDS)), IDS, codings=codings(*IDS))
    assert len(seen) >= len(IDS)
    assert all(len(each) < len(IDS) for each in seen)  # never all four; which one lacks is that fold's


def test_a_document_that_nobody_worked_through_teaches_nothing() -> None:
    """Its talk without a code would teach that nothing is there."""
    coder = Learner()
    run = run_held_out([coder], Corpus.of(DOCUMENTS), ["d0", "d1"], codings=codings("d0", "d1"), learn_from=IDS)
    assert [(taught, asked) for taught, asked, _ in coder.seen] == [(("d1",), ("d0",)), (("d0",), ("d1",))]
    assert [teachers for _, teachers in run.folds] == [("d1",), ("d0",)]


def test_passages_in_a_document_that_was_not_worked_through_teach_and_its_other_talk_does_not() -> None:
    reads: list[object] = []

    @dataclass(frozen=True)
    class Noting(Learner):
        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Noting:
            reads.append((sorted(each.id for each in corpus.documents), sorted(corpus.read or ())))
            return replace(self, taught=("x",))

    run_held_out([Noting()], Corpus.of(DOCUMENTS), ["d0"], codings=codings("d1", "d2"), read=["d2", "d0"],
                 learn_from=IDS)  # fmt: skip
    assert reads[-1] == (["d1", "d2"], ["d2"])


def test_a_coder_that_only_takes_the_sentence_vectors_has_not_learnt() -> None:
    @dataclass(frozen=True)
    class Takes(Learner):
        encoder: object = None

        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Takes:
            return self if corpus.vectors is self.encoder else replace(self, encoder=corpus.vectors)

        def suggest(self, corpus: Corpus) -> Suggestions:
            assert self.encoder is not None
            return super().suggest(corpus)

    class Vectors:
        id = "some"

        def encode(self, texts: Sequence[str]) -> Any:
            return np.ones((len(texts), 1), np.float32)

    coder = Takes()
    run = run_held_out([coder], replace(Corpus.of(DOCUMENTS), vectors=Vectors()), ["d0"], codings=codings("d0"))
    assert run.learnt == ()
    assert [asked for _, asked, _ in coder.seen] == [("d0",)]
