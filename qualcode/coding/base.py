"""What every coder is: named parameters, ``fit``, ``suggest``; and what it reads and returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, overload, runtime_checkable

from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Document
from qualcode.text.index import TokenIndex

__all__ = ["Coder", "Corpus", "Suggestions"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents and the index over exactly these documents."""

    documents: tuple[Document, ...]
    index: TokenIndex

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


@runtime_checkable
class Coder(Protocol):
    """Proposes passages for codes.

    The constructor stores parameters and does nothing else; ``fit`` learns from codings (a coder that does not learn
    returns itself); ``suggest`` is a pure function of corpus, codebook and parameters.
    """

    @property
    def name(self) -> str:
        """The name under which suggestions carry this coder."""
        ...

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        """Learn from codings and return the coder itself."""
        ...

    def suggest(self, corpus: Corpus) -> Suggestions:
        """Return what the coder proposes for the corpus."""
        ...

    def get_params(self) -> Mapping[str, Any]:
        """Return the parameters, as the recipe records them."""
        ...
