"""What a spaCy model says of each token in its context: lemma and tag, laid over the index's own tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.model.document import Document
from qualcode.text.nlp import model_readings
from qualcode.text.shard import TypeTable

__all__ = ["Readings"]

Array = npt.NDArray[Any]


@dataclass(slots=True)
class Readings:
    """The model's tokens of a shard in the making: first character, length and reading of each.

    Where the model cuts a word as the index does, the token takes its lemma and tag; elsewhere the tables' lemmas stay.
    """

    starts: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=lambda: {"": 0})

    def add(self, model: str, document: Document, base: int, kinds: frozenset[str]) -> None:
        """Read a document's speech, turn by turn, whose first character is number ``base`` of the shard."""
        turns = list(_turns(document, kinds))
        for (begin, _), tokens in zip(turns, model_readings(model, (text for _, text in turns)), strict=True):
            for start, end, lemma, tag in tokens:
                self.starts.append(base + begin + start)
                self.lengths.append(end - start)
                self.numbers.append(self.known.setdefault(f"{lemma}\t{tag}", len(self.known)))

    def split_types(
        self, token_type: Array, types: TypeTable, token_start: Array, token_length: Array
    ) -> tuple[Array, TypeTable]:
        """Return the tokens' types split by reading, and their table: one word form has as many types as readings."""
        if not len(token_type):
            return token_type, types
        starts = np.asarray(self.starts, np.int64)
        at = np.minimum(np.searchsorted(starts, token_start), max(len(starts) - 1, 0))
        reading = np.zeros(len(token_type), np.int64)
        if len(starts):
            same = (starts[at] == token_start) & (np.asarray(self.lengths, np.int64)[at] == token_length)
            reading[same] = np.asarray(self.numbers, np.int64)[at[same]]
        found, split = np.unique(token_type.astype(np.int64) * len(self.known) + reading, return_inverse=True)
        old, readings = (found // len(self.known)).tolist(), (found % len(self.known)).tolist()
        names = list(self.known)
        table = TypeTable(
            "\n".join([types.texts[number] for number in old]),
            types.joined_forms,
            types.form_of_type[old],
            "\n".join([names[number] for number in readings]),
        )
        return split.astype(np.int32), table


def _turns(document: Document, kinds: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Yield the first character of each block and its text, what is not speech replaced by blanks."""
    for block, spans in document.speech():
        if block.kind not in kinds or not spans:
            continue
        pieces, at = [], block.span.start
        for span in spans:
            pieces.append(" " * (span.start - at))
            pieces.append(document.text[span.start : span.end])
            at = span.end
        yield block.span.start, "".join(pieces)
