"""Coders run now: those that learn never judge a transcript that they learnt from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    learn_from: Sequence[str] | None = None,
    model: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Return what coders suggest for documents, none of them having learnt from the document that it codes.

    A coder learns when its ``fit`` returns another coder. For each document that is tested it then learns from the
    other documents alone: theirs are the codings it is given and the documents that count as worked through, and it is
    asked about the one document by itself. Coders that do not learn are asked once.

    Args:
        coders: not fitted yet.
        corpus: with the documents that are tested and those to learn from.
        tested: ids of documents to code.
        codings: what people decided; of documents to learn from.
        learn_from: ids of documents to learn from; those that are tested if not given.
        model: of the index, for indexes of single documents.
        progress: told what is being done.

    Raises:
        AnalysisError: QC-A071 when a coder learns, and there is no other document to learn from.
        CodingError: when a coder cannot run.
    """
    wanted = tuple(dict.fromkeys(tested))
    teaching = wanted if learn_from is None else tuple(dict.fromkeys(learn_from))
    cut = _cut(corpus, {*wanted, *teaching}, model)
    only = _cut(cut, set(wanted), model)
    learnt: list[str] = []
    folds = _folds(wanted, teaching)
    suggestions: list[Suggestion] = []
    ranked: dict[str, RankedDocument] = {}
    singles: dict[str, Corpus] = {}
    for coder in coders:
        seen = replace(cut, read=frozenset(folds[0][1]) if folds else frozenset())
        first = coder.fit(seen, _of(codings, folds[0][1]) if folds else ())
        if first is coder:
            suggestions += first.suggest(only)
            if len(coders) == 1:
                ranked |= _ranked(first, only)
            continue
        learnt.append(coder.name)
        for number, (tests, teachers) in enumerate(folds):
            if not teachers:
                raise _nothing_to_learn_from(coder.name, tests, cut.documents)
            if progress is not None:
                progress(f"{coder.name}: {number + 1} of {len(folds)}")
            taught = _of(codings, teachers)
            able = first if not number else coder.fit(replace(cut, read=frozenset(teachers)), taught)
            for name in tests:
                if name not in singles:
                    singles[name] = _cut(cut, {name}, model)
                suggestions += able.suggest(singles[name])
                if len(coders) == 1:
                    ranked |= _ranked(able, singles[name])
    ranking = Ranking(tuple(ranked[name] for name in wanted)) if ranked and set(ranked) >= set(wanted) else None
    used = len(_of(codings, tuple(dict.fromkeys((*wanted, *teaching))) if learn_from is None else teaching))
    return Run(tuple(suggestions), tuple(learnt), tuple(folds) if learnt else (), used if learnt else 0, ranking)


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
    """Return the corpus with some of its documents; nothing else can be read there."""
    documents = tuple(each for each in corpus.documents if each.id in wanted)
    if len(documents) == len(corpus.documents):
        return corpus
    return replace(corpus, documents=documents, index=Corpus.of(documents, model=model).index,
                   read=None if corpus.read is None else corpus.read & wanted)  # fmt: skip


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
