"""From text to token arrays at numpy's speed: find chunks, number them, expand their tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qualcode.text.chunks import find_chunks
from qualcode.text.vocabulary import Vocabulary

__all__ = ["Tokens", "scan"]

Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one text: type numbers, starts (code points in the text) and lengths, in order."""

    types: Int32
    starts: Int32
    lengths: Int32


def scan(text: str, vocabulary: Vocabulary) -> Tokens:
    """Return the tokens of ``text``; new chunks and types are added to ``vocabulary``."""
    chunks = find_chunks(text)
    numbers = vocabulary.chunk_numbers(text, chunks)
    firsts = vocabulary.first[numbers]
    counts = vocabulary.first[numbers + 1] - firsts
    total = int(counts.sum())
    # Row of each token in the vocabulary's tables: a run of consecutive rows for each chunk.
    ends = np.cumsum(counts, dtype=np.int32)
    rows = np.arange(total, dtype=np.int32) + np.repeat(firsts - (ends - counts), counts)
    return Tokens(
        vocabulary.token_types[rows],
        np.repeat(chunks.starts, counts) + vocabulary.offsets[rows],
        vocabulary.lengths[rows],
    )
