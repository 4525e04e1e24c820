"""From text to token arrays at numpy's speed: find chunks, number them, expand their tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

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
    starts = _chunk_starts(text)
    chunks = text.split()
    if len(chunks) != len(starts):
        raise AssertionError("str.split and the white-space table disagree")
    numbers = vocabulary.chunk_numbers(chunks)
    del chunks
    firsts = vocabulary.first[numbers]
    counts = vocabulary.first[numbers + 1] - firsts
    total = int(counts.sum())
    # Row of each token in the vocabulary's tables: a run of consecutive rows for each chunk.
    ends = np.cumsum(counts, dtype=np.int32)
    rows = np.arange(total, dtype=np.int32) + np.repeat(firsts - (ends - counts), counts)
    return Tokens(
        vocabulary.token_types[rows],
        np.repeat(starts, counts) + vocabulary.offsets[rows],
        vocabulary.lengths[rows],
    )


def _chunk_starts(text: str) -> Int32:
    try:
        is_blank = np.frombuffer(text.encode("latin-1").translate(_narrow_blanks()), bool)
    except UnicodeEncodeError:
        blank = _blank_table()
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        is_blank = blank[np.minimum(points, len(blank) - 1)]
    if not len(is_blank):
        return np.empty(0, np.int32)
    begins = np.empty(len(is_blank), bool)
    begins[0] = not is_blank[0]
    np.greater(is_blank[:-1], is_blank[1:], out=begins[1:])
    return np.flatnonzero(begins).astype(np.int32)


@cache
def _narrow_blanks() -> bytes:
    return bytes(chr(point).isspace() for point in range(256))


@cache
def _blank_table() -> npt.NDArray[np.bool_]:
    # The highest white-space character is U+3000; everything beyond the table counts as its last entry.
    return np.fromiter((chr(point).isspace() for point in range(0x3002)), bool, 0x3002)
