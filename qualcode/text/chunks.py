"""Runs of non-blank characters, found and told apart by vector operations: no string is made for one seen before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LONGEST_HASHED", "ChunkNumbers", "Chunks", "find_chunks"]

Array = npt.NDArray[Any]

LONGEST_HASHED = 64
"""A longer chunk is told apart by a digest of its own; no word is so long."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of a text, in order.

    Attributes:
        starts: first character of each (code points, int32).
        lengths: number of characters of each (int32).
        hashes: a 64-bit number for each, equal for equal chunks. It is a sum of characters times random odd numbers,
            one for each position: chunks that differ in one character never share it, others by a chance of about 2⁻⁵⁷.
    """

    starts: Array
    lengths: Array
    hashes: Array


def find_chunks(text: str) -> Chunks:
    """Return the chunks of a text: what ``str.split`` would give."""
    points, blank = _characters(text)
    starts, ends = _edges(blank)
    if not len(starts):
        return Chunks(starts.astype(np.int32), starts.astype(np.int32), starts.astype(np.uint64))
    lengths = ends - starts
    # Where each character stands in its chunk; the blanks behind a chunk run on, and count for nothing.
    place = np.arange(len(points), dtype=np.int32)
    place[starts[0] :] -= np.repeat(starts.astype(np.int32), np.diff(np.append(starts, len(points))))
    np.minimum(place, LONGEST_HASHED - 1, out=place)
    values = _multipliers()[place]
    values *= np.where(blank, 0, points).astype(np.uint64)
    hashes = np.add.reduceat(values, starts)
    hashes += lengths.astype(np.uint64) * _GOLDEN
    for number in np.flatnonzero(lengths > LONGEST_HASHED).tolist():
        chunk = text[int(starts[number]) : int(ends[number])]
        digest = hashlib.blake2b(chunk.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        hashes[number] = int.from_bytes(digest, "little")
    return Chunks(starts.astype(np.int32), lengths.astype(np.int32), hashes)


@dataclass(slots=True)
class ChunkNumbers:
    """Numbers chunks by their hash, in the order of first meeting: open addressing, all chunks of a text at a time."""

    hashes: Array
    slots: Array

    @classmethod
    def empty(cls) -> ChunkNumbers:
        """Return a table that has met nothing."""
        return cls(np.empty(0, np.uint64), np.full(1 << 12, -1, np.int32))

    def __len__(self) -> int:
        return len(self.hashes)

    def look_up(self, hashes: Array) -> Array:
        """Return the number of each chunk, −1 for one that was not met (int32)."""
        slot = self._first_slot(hashes)
        found = self.slots[slot]
        wrong = np.flatnonzero((found >= 0) & (self._hash_of(found) != hashes))
        while len(wrong):
            slot[wrong] = (slot[wrong] + 1) & (len(self.slots) - 1)
            found[wrong] = self.slots[slot[wrong]]
            wrong = wrong[(found[wrong] >= 0) & (self._hash_of(found[wrong]) != hashes[wrong])]
        return found

    def add(self, hashes: Array) -> None:
        """Give these hashes, all new and distinct, the next numbers."""
        first = len(self.hashes)
        self.hashes = np.concatenate([self.hashes, hashes])
        if len(self.hashes) * 4 > len(self.slots):
            self.slots = np.full(1 << (len(self.hashes) * 4).bit_length(), -1, np.int32)
            first = 0
        waiting = np.arange(first, len(self.hashes), dtype=np.int32)
        slot = self._first_slot(self.hashes[first:])
        while len(waiting):
            free = self.slots[slot] < 0
            self.slots[slot[free]] = waiting[free]
            lost = self.slots[slot] != waiting  # somebody else has the slot
            waiting = waiting[lost]
            slot = (slot[lost] + 1) & (len(self.slots) - 1)

    def _first_slot(self, hashes: Array) -> Array:
        bits = len(self.slots).bit_length() - 1
        return ((hashes * _GOLDEN) >> np.uint64(64 - bits)).astype(np.int64)

    def _hash_of(self, numbers: Array) -> Array:
        return self.hashes[numbers] if len(self.hashes) else np.zeros(len(numbers), np.uint64)


def _characters(text: str) -> tuple[Array, Array]:
    """Return the code points of a text and whether each is white space."""
    try:
        narrow = text.encode("latin-1")
    except UnicodeEncodeError:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        table = _blank_table()
        return points, table[np.minimum(points, len(table) - 1)]
    return np.frombuffer(narrow, np.uint8), np.frombuffer(narrow.translate(_narrow_blanks()), bool)


def _edges(blank: Array) -> tuple[Array, Array]:
    if not len(blank):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    begins = np.empty(len(blank), bool)
    begins[0] = not blank[0]
    np.greater(blank[:-1], blank[1:], out=begins[1:])
    stops = np.empty(len(blank), bool)
    stops[-1] = not blank[-1]
    np.greater(blank[1:], blank[:-1], out=stops[:-1])
    return np.flatnonzero(begins), np.flatnonzero(stops) + 1


@cache
def _multipliers() -> Array:
    random = np.random.default_rng(20261122)
    return random.integers(0, 2**64, LONGEST_HASHED, dtype=np.uint64) | np.uint64(1)


@cache
def _narrow_blanks() -> bytes:
    return bytes(chr(point).isspace() for point in range(256))


@cache
def _blank_table() -> Array:
    # The highest white-space character is U+3000; everything beyond the table counts as its last entry.
    return np.fromiter((chr(point).isspace() for point in range(0x3002)), bool, 0x3002)
