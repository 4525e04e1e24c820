"""Coders run now: those that learn never judge a transcript that they learnt from."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Coder, Corpus
from qualcode.coding.scores import Scorer
from qualcode.errors import AnalysisError
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Document

__all__ = ["RankedDocument", "Ranking", "Run", "run_held_out"]

Array = npt.NDArray[Any]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class RankedDocument:
    """What a coder gives every unit of one document: starts and ends (code points), and scores (units × codes)."""

    document_id: str
    starts: Array
    ends: Array
    scores: Array
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Scores of all units, not only of those that are suggested."""

    parts: tuple[RankedDocument, ...]

    def on(self, units: Mapping[str, Sequence[Any]], codes: Sequence[str]) -> Array:
        """Return scores of other units (units of the documents in order × codes): the highest of those they touch.

        What the coder gave no score has minus infinity.
        """
        by_document = {each.document_id: each for each in self.parts}
        tables = [np.empty((0, len(codes)))]
        for name, spans in units.items():
            table = np.full((len(spans), len(codes)), -np.inf)
            part = by_document.get(name)
            if part is not None and len(part.starts):
                columns = [(at, part.codes.index(code)) for at, code in enumerate(codes) if code in part.codes]
                here, there = [at for at, _ in columns], [at for _, at in columns]
                low = np.searchsorted(part.ends, [span.start for span in spans], side="right")
                high = np.searchsorted(part.starts, [span.end for span in spans], side="left")
                for row, (first, last) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
                    if last > first:
                        table[row, here] = part.scores[first:last][:, there].max(axis=0)
            tables.append(table)
        return np.concatenate(tables)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What coders suggest for some documents.

    Attributes:
        suggestions: coder after coder.
        learnt: names of the coders that learn from codings.
        folds: for each time that such coders learnt, the documents (ids) that they then coded and those that they
            learnt from.
        codings: how many codings there were to learn from, in all.
        ranking: scores of all units, where the only coder gives them.
    """

    suggestions: tuple[Suggestion, ...]
    learnt: tuple[str, ...] = ()
    folds: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    codings: int = 0
    ranking: Ranking | None = None


def run_held_out(
    coders: Sequence[Coder],
    corpus: Corpus,
    tested: Sequence[str],
    *,
    codings: Sequence[Coding] = (),
    read: Collection[str] | None = None,
    learn_from: Sequence[str] | None = None,
    model: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Return what coders suggest for documents, none of them having learnt from the document that it codes.

    A coder that learns does so anew for each document that is tested, from the other documents alone: nothing else
    reaches its ``fit``, neither codings nor what was worked through nor words; then it is asked about the one document
    by itself. Coders that do not learn are asked once.

    A coder learns when its ``fit`` with codings returns another coder than itself. (One that returns another for the
    sake of sentence vectors, whatever was coded, does not.) A coder that can be changed, which plug-ins may be, is
    copied before each ``fit``, and learns when that leaves it otherwise than it was.

    Args:
        coders: not fitted yet.
        corpus: with the documents that are tested and those to learn from.
        tested: ids of documents to code.
        codings: what people decided; of documents to learn from.
        read: ids of the documents that whoever made these codings worked through, so that talk there without one
            carries no code; those with a coding if not given. In others only the codings themselves teach, and where
            there is none either, nothing is learnt.
        learn_from: ids of documents to learn from; those that are tested if not given.
        model: of the index, for indexes of some of the documents.
        progress: told what is being done.

    Raises:
        AnalysisError: QC-A071 when a coder learns, and there is no other document to learn from.
        CodingError: when a coder cannot run.
    """
    wanted = tuple(dict.fromkeys(tested))
    named = wanted if learn_from is None else tuple(dict.fromkeys(learn_from))
    decided = {each.document_id for each in codings}
    worked = frozenset(decided if read is None else read)
    teaching = tuple(each for each in named if each in worked or each in decided)
    folds = _folds(wanted, teaching)

    def cut(names: tuple[str, ...]) -> Corpus:
        return _cut(corpus, set(names), model)

    def taught(teachers: tuple[str, ...]) -> tuple[Corpus, tuple[Coding, ...]]:
        return replace(cut(teachers), read=worked & set(teachers)), _of(codings, teachers)

    suggestions: list[list[Suggestion]] = [[] for _ in coders]
    ranked: dict[str, RankedDocument] = {}
    able: dict[int, Coder] = {}

    def ask(at: int, coder: Coder, about: Corpus) -> None:
        suggestions[at] += coder.suggest(about)
        if len(coders) == 1:
            ranked.update(_ranked(coder, about))

    lesson = taught(folds[0][1]) if folds else None
    for at, coder in enumerate(coders):
        steady, fitted = _tried(coder, *lesson) if lesson is not None else (coder, coder)
        if steady is None:
            able[at] = fitted
        else:
            ask(at, steady, cut(wanted))
    for number, (tests, teachers) in enumerate(folds if able else ()):
        if not teachers:
            raise _nothing_to_learn_from(coders[min(able)].name, tests, corpus.documents)
        lesson = taught(teachers) if number else lesson
        singles = [cut((name,)) for name in tests]
        for at, fitted in able.items():
            if progress is not None:
                progress(f"{coders[at].name}: {number + 1} of {len(folds)}")
            now = _unspoilt(coders[at]).fit(*lesson) if number and lesson is not None else fitted
            for single in singles:
                ask(at, now, single)
    ranking = Ranking(tuple(ranked[name] for name in wanted)) if ranked and set(ranked) >= set(wanted) else None
    return Run(
        tuple(each for those in suggestions for each in those),
        tuple(coders[at].name for at in able),
        tuple(folds) if able else (),
        len(_of(codings, teaching)) if able else 0,
        ranking,
    )


def _tried(coder: Coder, corpus: Corpus, codings: Sequence[Coding]) -> tuple[Coder | None, Coder]:
    """Return the coder, ready to suggest, when codings make no difference to it, else ``None``; and what it learnt."""
    first = _unspoilt(coder)
    before = _state(first)
    found = first.fit(corpus, codings)
    if found is first:
        same = _is_frozen(coder) or (before is not None and _state(first) == before)
        return (coder if same else None), found
    if _is_frozen(coder) and corpus.vectors is not None:
        ready = coder.fit(corpus, ())
        if ready is not coder and ready.fit(corpus, codings) is ready:
            return ready, ready
    return None, found


def _unspoilt(coder: Coder) -> Coder:
    """Return the coder, or a copy of one that ``fit`` could change."""
    return coder if _is_frozen(coder) else copy.deepcopy(coder)


def _is_frozen(coder: Coder) -> bool:
    parameters = getattr(type(coder), "__dataclass_params__", None)
    return bool(parameters is not None and parameters.frozen)


def _state(coder: Coder) -> bytes | None:
    """Return everything in a coder as bytes; ``None`` for a frozen one, and where that cannot be had."""
    if _is_frozen(coder):
        return None
    try:
        return pickle.dumps(coder.__getstate__())
    except Exception:  # whatever a plug-in holds; it then counts as one that learns
        return None


def _folds(tested: Sequence[str], teaching: Sequence[str]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return which documents are coded by what was learnt from which: documents with the same teachers go together."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in tested:
        found.setdefault(tuple(each for each in teaching if each != name), []).append(name)
    # Most teachers first: whether a coder learns shows where there is something to learn from.
    return sorted(((tuple(tests), teachers) for teachers, tests in found.items()), key=lambda fold: -len(fold[1]))


def _of(codings: Sequence[Coding], documents: Sequence[str]) -> tuple[Coding, ...]:
    wanted = set(documents)
    return tuple(each for each in codings if each.document_id in wanted)


def _cut(corpus: Corpus, wanted: set[str], model: str | None) -> Corpus:
    """Return the corpus with some of its documents, as though nobody had worked through any; nothing else can be read
    there."""
    documents = tuple(each for each in corpus.documents if each.id in wanted)
    whole = len(documents) == len(corpus.documents)
    index = corpus.index if whole else Corpus.of(documents, model=model).index
    return replace(corpus, documents=documents, index=index, read=frozenset())


def _ranked(coder: Coder, corpus: Corpus) -> dict[str, RankedDocument]:
    """Return the scores of all units, where the coder has them."""
    if not isinstance(coder, Scorer):
        return {}
    made = coder.scores(corpus)
    values = np.asarray(made.values, np.float64)
    values = np.where(np.isnan(values), -np.inf, values)
    units, found = made.units, {}
    for ordinal, document in enumerate(units.documents):
        rows = np.flatnonzero(units.document == ordinal)
        found[document.id] = RankedDocument(document.id, units.start[rows], units.end[rows], values[rows], made.codes)
    return found


def _nothing_to_learn_from(coder: str, tests: Sequence[str], documents: Sequence[Document]) -> AnalysisError:
    names = {each.id: each.name for each in documents}
    told = ", ".join(names.get(each, each) for each in tests)
    return AnalysisError("QC-A071", f"the coder {coder!r} learns from coded documents, and there is none but {told}, "
                         "which it is to be tried on", hint="Code another document by hand, or name more of them: "
                         "--documents, --learn-from")  # fmt: skip
