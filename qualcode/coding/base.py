"""What every coder is: named parameters, ``fit``, ``suggest``; and what it reads and returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, overload, runtime_checkable

import numpy as np
import numpy.typing as npt

from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Document
from qualcode.text.index import TokenIndex

__all__ = ["Coder", "CoderWarning", "Corpus", "Encoder", "Suggestions"]


class Encoder(Protocol):
    """Turns texts into sentence vectors; see :func:`qualcode.coding.features.semantic.load_encoder`."""

    @property
    def id(self) -> str:
        """What changes when the vectors would be others."""
        ...

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a row of length 1 for each text (texts × dimensions); a text without words has a row of zeros."""
        ...


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents and the index over exactly these documents.

    Attributes:
        read: ids of the documents that people worked through, so that talk in them without a coding carries no code;
            ``None`` when nobody said: then those in which somebody coded by hand.
        vectors: what makes sentence vectors, where the study names a model for them.
        folder: of the study, for what a coder must keep (a log of what it sent, say); ``None`` outside of a project.
        dry: nothing may be sent or written for it: somebody only wants to see what would come of it.
    """

    documents: tuple[Document, ...]
    index: TokenIndex
    read: frozenset[str] | None = None
    vectors: Encoder | None = None
    folder: Path | None = None
    dry: bool = False

    @classmethod
    def of(cls, documents: Sequence[Document], *, model: str | None = None) -> Corpus:
        """Return a corpus with an index in memory; ``model`` names an installed spaCy pipeline for its lemmas."""
        return cls(tuple(documents), TokenIndex.build(documents, model=model))


@dataclass(frozen=True, slots=True)
class Suggestions(Sequence[Suggestion]):
    """Suggestions in document order: by document, start, end, code."""

    items: tuple[Suggestion, ...]

    @overload
    def __getitem__(self, index: int) -> Suggestion: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Suggestion]: ...
    def __getitem__(self, index: int | slice) -> Suggestion | Sequence[Suggestion]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Suggestion]:
        return iter(self.items)


class CoderWarning(UserWarning):
    """What a person should know of a coder's run: the command line prints it as a note.

    Any ``UserWarning`` of a coder is told so; of this one the project also keeps the figures with the run.

    Args:
        message: for the person at the terminal.
        counts: plain figures by name, for the record: no names, no words of participants.
    """

    def __init__(self, message: str, counts: Mapping[str, int] | None = None) -> None:
        super().__init__(message)
        self.counts = dict(counts or {})


@runtime_checkable
class Coder(Protocol):
    """Proposes passages for codes.

    The constructor stores parameters and does nothing else; ``fit`` learns from what people decided (a coder that does
    not learn returns itself) and may return another coder than the one it was called on; ``suggest`` is a pure function
    of corpus, codebook, parameters and what was learnt.
    """

    @property
    def name(self) -> str:
        """The name under which suggestions carry this coder."""
        ...

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        """Return a coder that has learnt.

        Args:
            corpus: all documents; ``corpus.read`` says which of them were worked through.
            codings: what people decided: coded and accepted passages, and rejected ones (``status`` tells).
        """
        ...

    def suggest(self, corpus: Corpus) -> Suggestions:
        """Return what the coder proposes for the corpus."""
        ...

    def get_params(self) -> Mapping[str, Any]:
        """Return the parameters, as the recipe records them."""
        ...
