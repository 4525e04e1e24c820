"""Chunks and types: each distinct run of non-blank characters is tokenised once, each distinct token typed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from qualcode.text.chunks import ChunkNumbers, Chunks
from qualcode.text.fold import COMPOUND_HYPHENS, fold
from qualcode.text.nlp import tokenise_chunks

__all__ = ["MAX_CHUNK", "Vocabulary", "chunk_tokens", "tokenise"]

Int32 = npt.NDArray[np.int32]

MAX_CHUNK = 2_000
"""A longer run without white space is one token: it is no speech, and cutting it would cost quadratic time."""


def chunk_tokens(chunks: Sequence[str]) -> list[list[tuple[int, str]]]:
    """Return for each chunk its tokens (offset, text) as the index keeps them.

    These are spaCy's tokens without the hyphens that join a compound: "buy-in" is *buy*, *in*.
    """
    cut = iter(tokenise_chunks([_spelt_plainly(chunk) for chunk in chunks if len(chunk) <= MAX_CHUNK]))
    found: list[list[tuple[int, str]]] = []
    for chunk in chunks:
        if len(chunk) > MAX_CHUNK:
            found.append([(0, chunk)])
            continue
        tokens = _without_joints(next(cut))
        if not chunk.isascii():  # it may have been cut in another spelling of the same length
            tokens = [(offset, chunk[offset : offset + len(token)]) for offset, token in tokens]
        found.append(tokens)
    return found


_PLAIN = {ord("\u2010"): "-", ord("\u2011"): "-"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def _spelt_plainly(chunk: str) -> str:
    """Return the chunk, of the same length, as spaCy's rules know it: with plain hyphens, without half characters."""
    return chunk if chunk.isascii() else chunk.translate(_PLAIN)


def _without_joints(tokens: list[tuple[int, str]]) -> list[tuple[int, str]]:
    last = len(tokens) - 1
    if last < 2:
        return tokens
    return [token for number, token in enumerate(tokens) if not (0 < number < last and token[1] in COMPOUND_HYPHENS)]


def tokenise(text: str) -> list[str]:
    """Return the texts of the tokens that the index would keep of ``text``.

    >>> tokenise("We don't do buy-in.")
    ['We', 'do', "n't", 'do', 'buy', 'in', '.']
    """
    return [token for tokens in chunk_tokens(text.split()) for _, token in tokens]


class _Numbered(dict[str, int]):
    """A dictionary that gives each new key the next number."""

    __slots__ = ()

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


@dataclass(slots=True)
class Vocabulary:
    """The chunks and types met so far, numbered in the order of first meeting, and how each chunk is cut.

    ``fold_of_type`` gives each type the number of its folded form in ``folds``. A chunk's tokens are rows
    ``first[chunk] : first[chunk + 1]`` of ``token_types``, ``offsets`` and ``lengths``.
    """

    chunks: ChunkNumbers = field(default_factory=ChunkNumbers.empty)
    types: _Numbered = field(default_factory=_Numbered)
    folds: _Numbered = field(default_factory=_Numbered)
    fold_of_type: list[int] = field(default_factory=list)
    first: Int32 = field(default_factory=lambda: np.zeros(1, np.int32))
    token_types: Int32 = field(default_factory=lambda: np.empty(0, np.int32))
    offsets: Int32 = field(default_factory=lambda: np.empty(0, np.int32))
    lengths: Int32 = field(default_factory=lambda: np.empty(0, np.int32))

    def chunk_numbers(self, text: str, chunks: Chunks) -> Int32:
        """Return the number of each chunk of a text, meeting new ones on the way (one spaCy call for all of them)."""
        numbers = self.chunks.look_up(chunks.hashes)
        unmet = np.flatnonzero(numbers < 0)
        if len(unmet):
            _, first = np.unique(chunks.hashes[unmet], return_index=True)
            fresh = unmet[np.sort(first)]
            ends = chunks.starts[fresh] + chunks.lengths[fresh]
            self._learn([text[a:b] for a, b in zip(chunks.starts[fresh].tolist(), ends.tolist(), strict=True)])
            self.chunks.add(chunks.hashes[fresh])
            numbers[unmet] = self.chunks.look_up(chunks.hashes[unmet])
        return numbers

    def _learn(self, fresh: Sequence[str]) -> None:
        counts: list[int] = []
        types: list[int] = []
        offsets: list[int] = []
        lengths: list[int] = []
        number_of = self.types.__getitem__
        for tokens in chunk_tokens(fresh):
            counts.append(len(tokens))
            for offset, text in tokens:
                types.append(number_of(text))
                offsets.append(offset)
                lengths.append(len(text))
        fold_number = self.folds.__getitem__
        self.fold_of_type.extend(fold_number(fold(text)) for text, _ in _tail(self.types, len(self.fold_of_type)))
        ends = self.first[-1] + np.cumsum(counts, dtype=np.int32)
        self.first = np.concatenate([self.first, ends])
        self.token_types = np.concatenate([self.token_types, np.asarray(types, np.int32)])
        self.offsets = np.concatenate([self.offsets, np.asarray(offsets, np.int32)])
        self.lengths = np.concatenate([self.lengths, np.asarray(lengths, np.int32)])


def _tail(numbered: dict[str, int], known: int) -> list[tuple[str, int]]:
    from itertools import islice

    fresh = list(islice(reversed(numbered.items()), len(numbered) - known))
    fresh.reverse()
    return fresh
