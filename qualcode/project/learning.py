"""What coders learn from: passages that people decided, and the documents that they worked through."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from qualcode.model.coding import Coding
from qualcode.project.opened import INDEX
from qualcode.project.viewing import Views
from qualcode.review.passages import bring_together

if TYPE_CHECKING:
    from qualcode.coding import Corpus
    from qualcode.coding.base import Encoder
    from qualcode.model.table import Table

__all__ = ["Learning"]


class Learning(Views):
    """The part of a project that hands decisions to coders."""

    def decided(self, codebook: str | None = None) -> tuple[Coding, ...]:
        """Return each passage that people decided, rejected ones too, as it stands now; none that lost its place.

        While people code blind, only what the person at work decided.
        """
        held = self.held(codebook)
        placed = (each for each in held.judgements if not each.orphan)
        standings = (each for each in bring_together((), placed) if each.code in held.book)
        return self._codings(standings, self.documents.items, held.book)

    def worked_through(self, codebook: str | None = None) -> frozenset[str] | None:
        """Return the ids of the documents that somebody marked as worked through; ``None`` when nobody marked any.

        While people code blind, only what the person at work marked.
        """
        held = self.held(codebook)
        marked = {place for person, place, book in held.state.done
                  if book in ("", held.book.id) and (not held.state.blind or person == self.person)}  # fmt: skip
        if not marked:
            return None
        now = self._names_now(marked)
        names = {each.name: each.id for each in self.documents}
        return frozenset(names[now[place]] for place in marked if place in now)

    def corpus(self, codebook: str | None = None) -> Corpus:
        """Return the documents as coders take them: with their index, what was worked through, and sentence vectors.

        Coders send and write nothing for it (``dry``); only :meth:`Project.code` lets them.

        Raises:
            ProjectError: QC-P005 when there are no documents.
            CodingError: when the settings name a model for vectors that cannot be used.
        """
        return dataclasses.replace(
            self._corpus(),
            read=self.worked_through(codebook),
            vectors=self._encoder(),
            folder=self.folder,
            dry=True,
        )

    def classifier_table(self, codebook: str | None = None) -> Table:
        """Return how ready the classifier is, code by code, to learn from what people decided so far.

        Raises:
            ProjectError: QC-P005 when there are no documents.
        """
        from qualcode.coding.classifier.coder import ClassifierCoder, classifier_report

        book = self.held(codebook).book
        return classifier_report(ClassifierCoder(book).fit(self.corpus(codebook), self.decided(codebook)))

    def _encoder(self) -> Encoder | None:
        if self.settings.vectors is None:
            return None
        from qualcode.coding.features.semantic import load_encoder

        return load_encoder(self._model_place(), cache=self.folder / INDEX / "vectors")
