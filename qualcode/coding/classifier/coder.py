"""The ``classifier`` coder: learns from what people decided, and says what it learnt from and which words counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from qualcode.codebook.bank import load_bank
from qualcode.coding.base import Corpus, Suggestions
from qualcode.coding.classifier.evidence import reasons, telling_words
from qualcode.coding.classifier.learner import ENOUGH, Learnt, blend_of, learn
from qualcode.coding.classifier.material import Lessons, lessons_of
from qualcode.coding.classifier.passages import Passages, Rows, Weights
from qualcode.coding.classifier.report import report_table
from qualcode.coding.classifier.sight import Sight, sight_of
from qualcode.coding.ensemble import runs
from qualcode.coding.features.context import FEWEST_WORDS
from qualcode.coding.features.forms import placed_texts
from qualcode.coding.features.units import Units
from qualcode.coding.labels import labels_of
from qualcode.coding.proposing import in_order, propose
from qualcode.coding.scores import Scores, codable
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Span
from qualcode.model.table import Table

__all__ = ["MOST", "ClassifierCoder", "classifier_report"]

Array = npt.NDArray[Any]

MOST = 3_000
"""It learns from so many units at most: of those without a code, some are drawn, and stand for the others."""
BATCH = 1_000
"""For so many passages at a time the likeness to all texts learnt from is in memory."""


@dataclass(frozen=True)
class ClassifierCoder:
    """Proposes passages that are probably what people coded so, as it learnt from their decisions.

    A code with fewer than 20 coded units is ranked (:meth:`scores`) and never proposed, unless ``few`` is true; one
    without any is never proposed. Before anybody decided anything, units are ranked by what the codebook says.

    Args:
        codebook: the codebook; its definitions and examples, and its example bank, teach as well, the less the more is
            coded.
        codes: ids of the codes to propose; ``None`` for all. All are learnt.
        few: propose codes with too few coded units too.
        previous: what the words around a unit (the question, and its neighbours in the turn) count for; its own are 1.
        seed: of the folds, and of what is drawn from large studies.
        between: called now and then while learning; what it raises stops it.
        learnt: what :meth:`fit` learnt.
    """

    codebook: Codebook
    codes: tuple[str, ...] | None = None
    few: bool = False
    previous: float = 0.5
    seed: int = 0
    between: Callable[[], None] | None = field(default=None, repr=False, compare=False)
    learnt: Learnt | None = field(default=None, repr=False, compare=False)
    taught_by: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def name(self) -> str:
        """``"classifier"``."""
        return "classifier"

    def get_params(self) -> Mapping[str, Any]:
        """Return ``codebook`` (its id), ``codes``, ``few``, ``previous``, ``seed``."""
        return {
            "codebook": self.codebook.id, "codes": self.codes, "few": self.few, "previous": self.previous,
            "seed": self.seed,
        }  # fmt: skip

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        """Return a coder that has learnt from coded, accepted and rejected passages.

        A unit carries a code when a coded or accepted passage shares a character with it; units of documents that were
        worked through carry no other. Whole documents are held out to calibrate and to find thresholds; as long as
        there is only one, answers to whole questions are.

        Raises:
            CodingError: QC-K003 for codes that the codebook does not have, QC-K006 for a parameter out of range.
            CodebookError: when the example bank is not sound.
        """
        self._check()
        sight = sight_of(corpus, self.codebook)
        values = labels_of(corpus, sight.units, self._known, codings).values.astype(np.float64)
        rows, mass = self._drawn(sight.units, values)
        if not len(rows):
            return dataclasses.replace(self, learnt=self._from_lessons, taught_by=self._lessons.ids)
        units = sight.units
        groups = np.asarray([units.documents[each].id for each in units.document[rows].tolist()])
        if len(set(groups.tolist())) < 2:
            groups = np.asarray(
                [str(asked) if asked >= 0 else f"turn {block}" for asked, block in
                                 zip(units.question[rows].tolist(), units.block[rows].tolist(), strict=True)]
            )  # fmt: skip
        lessons = self._taught(corpus)
        learnt = learn(
            sight.passages(rows), values[rows], self._known, lessons=lessons, lesson_labels=self._lessons.labels,
            groups=np.unique(groups, return_inverse=True)[1], mass=mass, weights=Weights(previous=self.previous),
            seed=self.seed, blend=blend_of(units.document[rows], units.block[rows]), between=self.between,
        )  # fmt: skip
        named = tuple(f"{units.documents[int(units.document[row])].name}:{int(units.block[row])}" for row in rows)
        return dataclasses.replace(self, learnt=learnt, taught_by=(*named, *self._lessons.ids))

    def scores(self, corpus: Corpus) -> Scores:
        """Return the probability of every code for every unit that may be coded, also of codes with few examples."""
        sight = sight_of(corpus, self.codebook)
        if self._model is None or not len(sight.units):
            return Scores(sight.units, np.zeros((len(sight.units), len(self._known)), np.float32), self._known)
        raw = self._seen(sight, self._model)[1]
        return Scores(sight.units, self._model.probabilities(raw).astype(np.float32), self._known)

    def suggest(self, corpus: Corpus) -> Suggestions:
        """Return the suggestions for a corpus, by document, place and code.

        ``rules`` begins with ``classifier`` and goes on with what it learnt from that is most alike: coded units as
        ``DOCUMENT:BLOCK``, and the codebook's examples. ``score`` is the calibrated probability.

        Raises:
            CodingError: QC-K003 for codes that the codebook does not have, QC-K006 for a parameter out of range.
        """
        self._check()
        learnt = self._model
        if learnt is None:
            return Suggestions(())
        wanted = [
            number for number, code in enumerate(self._known)
            if (self.codes is None or code in self.codes)
            and learnt.tried[number].positives >= (1 if self.few else ENOUGH)
        ]  # fmt: skip
        if not wanted:
            return Suggestions(())
        sight = sight_of(corpus, self.codebook)
        if not len(sight.units):
            return Suggestions(())
        rows, raw = self._seen(sight, learnt)
        found = [(code, first, last) for code in wanted
                 for first, last in runs(sight.units, learnt.predicted(raw)[:, code])]  # fmt: skip
        return in_order(self._suggestions(sight, learnt, rows, raw, found), corpus.documents, self.codebook)

    def _suggestions(
        self, sight: Sight, learnt: Learnt, rows: Rows, raw: Array, found: Sequence[tuple[int, int, int]]
    ) -> Iterator[Suggestion]:
        probabilities = learnt.probabilities(raw)
        best = [first + int(np.argmax(probabilities[first : last + 1, code])) for code, first, last in found]
        words = telling_words(sight, learnt, found)
        for at in range(0, len(found), BATCH):
            named = reasons(learnt, rows, best[at : at + BATCH], [each[0] for each in found[at : at + BATCH]],
                            self.taught_by)  # fmt: skip
            for number, why in enumerate(named, at):
                code, first, last = found[number]
                document = sight.units.documents[int(sight.units.document[first])]
                span = Span(int(sight.units.start[first]), int(sight.units.end[last]))
                yield propose(
                    self.codebook, document, span, self._known[code], coder=self.name, rules=(self.name, *why),
                    score=float(probabilities[best[number], code]), evidence=words[number],
                )  # fmt: skip

    def _seen(self, sight: Sight, learnt: Learnt) -> tuple[Rows, Array]:
        """Return all units as rows, and their raw scores."""
        rows = learnt.words.rows(sight.passages(np.arange(len(sight.units))))
        return rows, learnt.scores(rows, blend_of(sight.units.document, sight.units.block))

    @property
    def _model(self) -> Learnt | None:
        return self.learnt if self.learnt is not None else self._from_lessons

    @cached_property
    def _known(self) -> tuple[str, ...]:
        return codable(self.codebook)

    @cached_property
    def _lessons(self) -> Lessons:
        return lessons_of(self.codebook, load_bank(self.codebook), self._known)

    @cached_property
    def _from_lessons(self) -> Learnt | None:
        """What the codebook and its bank teach when nobody has decided anything; ``None`` when they have no example."""
        if not self._lessons.texts:
            return None
        nothing = Passages((), 0)
        return learn(nothing, np.zeros((0, len(self._known))), self._known, lessons=self._taught(None),
                     lesson_labels=self._lessons.labels, weights=Weights(previous=self.previous), seed=self.seed,
                     blend=blend_of(np.empty(0), np.empty(0)),
                     between=self.between)  # fmt: skip

    def _taught(self, corpus: Corpus | None) -> Passages:
        texts = list(self._lessons.texts)
        vectors = corpus.vectors.encode(texts) if corpus is not None and corpus.vectors is not None and texts else None
        return Passages(placed_texts(texts), len(texts), vectors=vectors)

    def _drawn(self, units: Units, values: Array) -> tuple[Array, Array]:
        """Return the units to learn from, by document and place, and for how many each of them stands."""
        rows = np.flatnonzero(~np.isnan(values).all(axis=1) & (units.words >= FEWEST_WORDS))
        order = sorted(
            rows.tolist(), key=lambda row: (units.documents[int(units.document[row])].id, int(units.start[row]))
        )
        rows = np.asarray(order, np.int64)
        mass = np.ones(len(rows))
        if len(rows) > MOST:
            full = np.nan_to_num(values[rows]).any(axis=1) | np.isnan(values[rows]).any(axis=1)
            empty = np.flatnonzero(~full)
            take = max(MOST - int(full.sum()), MOST // 4)
            if take < len(empty):
                kept = np.random.default_rng(self.seed).choice(empty, take, replace=False)
                mass[kept] = len(empty) / take
                chosen = np.sort(np.concatenate([np.flatnonzero(full), kept]))
                rows, mass = rows[chosen], mass[chosen]
        return rows, mass

    def _check(self) -> None:
        unknown = sorted(set(self.codes or ()) - {code.id for code in self.codebook})
        if unknown:
            raise CodingError("QC-K003", f"the codebook {self.codebook.id!r} has no code {unknown[0]!r}",
                              hint=f"See: qualcode codebook show {self.codebook.id}")  # fmt: skip
        if not isinstance(self.few, bool):
            raise CodingError("QC-K006", f"'few' is {self.few!r}, and must be true or false",
                              hint="Mend it in the recipe, or leave it out.")  # fmt: skip
        if not isinstance(self.previous, int | float) or not 0 <= self.previous <= 1:
            raise CodingError("QC-K006", f"'previous' is {self.previous!r}, and must be from 0 to 1",
                              hint="Mend it in the recipe, or leave it out.")  # fmt: skip
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or self.seed < 0:
            raise CodingError("QC-K006", f"'seed' is {self.seed!r}, and must be a whole number from 0 up",
                              hint="Mend it in the recipe, or leave it out.")  # fmt: skip


def classifier_report(coder: ClassifierCoder) -> Table:
    """Return a row for each code: positives, documents, state (ready, rank only, no examples), threshold, and how it
    fares on units that were held out (average precision, F1, of n units)."""
    labels = {code.id: code.label for code in coder.codebook}
    learnt = coder.learnt if coder.learnt is not None else coder._from_lessons
    if learnt is None:
        return Table("classifier", "How ready the classifier is", (), (), coder.codebook.unit)
    return report_table(learnt, labels, "documents", unit=coder.codebook.unit)
