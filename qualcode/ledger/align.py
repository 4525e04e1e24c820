"""Which words of an edited text are which words of the earlier one: longest common subsequences, and how sure they are.

A longest common subsequence (LCS) is a largest set of words that both texts have in the same order. There are often
several, and to follow one of them blindly is how a coding of "Yeah." ends on another "Yeah.". So no single alignment
is made here; the tables answer for any two places how many words the two texts can share in all when these places are
held together, and from that a caller sees whether a place is the only one possible.

Bit-parallel: one row of the table is one Python integer with a bit for each word of the other text (Crochemore et al.,
2001, Information Processing Letters 80; Hyyrö, 2004). Time is proportional to len(old) × len(new) / 30 whatever the
texts say, about 20 ms a table for two texts of 12,000 words. Few rows are kept, the rest are computed from the nearest.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int32]

__all__ = ["LcsTable", "WordAlignment", "lcs_length"]

_NEAREST = 16
_MEMORY = 24_000_000
"""Kept rows stand at least this far apart, and take at most about this many bytes."""
_RECENT = 64


class LcsTable:
    """Rows of the LCS table of two sequences: how much of ``new[:q]`` each beginning of ``old`` shares with it."""

    def __init__(self, old: Sequence[Hashable], new: Sequence[Hashable]) -> None:
        self._old, self._size = old, len(new)
        self._full = (1 << len(new)) - 1
        self._masks: dict[Hashable, int] = {}
        for place, word in enumerate(new):
            self._masks[word] = self._masks.get(word, 0) | 1 << place
        self._every = max(_NEAREST, len(old) * len(new) // 8 // _MEMORY)
        self._kept = [self._full]
        for begin in range(0, len(old) - self._every + 1, self._every):
            self._kept.append(self._advance(self._kept[-1], begin, begin + self._every))
        self.row = lru_cache(maxsize=_RECENT)(self._row)
        """``row(i)[q]`` is the length of the LCS of ``old[:i]`` and ``new[:q]``, for q from 0 to len(new)."""

    def _advance(self, row: int, begin: int, end: int) -> int:
        full, masks = self._full, self._masks
        for word in self._old[begin:end]:
            mask = masks.get(word)
            if mask is not None:
                shared = row & mask
                row = ((row + shared) | (row - shared)) & full
        return row

    def _row(self, i: int) -> Counts:
        import numpy as np

        kept = min(i // self._every, len(self._kept) - 1)
        row = self._advance(self._kept[kept], kept * self._every, i)
        # A bit that is 0 stands for one more shared word.
        raw = np.frombuffer((row ^ self._full).to_bytes(self._size // 8 + 1, "little"), dtype=np.uint8)
        counts = np.zeros(self._size + 1, dtype=np.int32)
        np.cumsum(np.unpackbits(raw, count=self._size, bitorder="little"), out=counts[1:])
        counts.flags.writeable = False
        return counts


class WordAlignment:
    """All longest common subsequences of two sequences of words at once.

    ``length`` is how many words they share. Places are counted between words: place i stands before ``old[i]``.
    """

    def __init__(self, old: Sequence[Hashable], new: Sequence[Hashable]) -> None:
        self._old_size, self._new_size = len(old), len(new)
        old_back, new_back = old[::-1], new[::-1]
        self._head, self._tail = LcsTable(old, new), LcsTable(old_back, new_back)
        self._head_new, self._tail_new = LcsTable(new, old), LcsTable(new_back, old_back)
        self.length = int(self._head.row(len(old))[-1])

    def before_old(self, i: int) -> Counts:
        """Return, for each place q of the new text, the LCS of ``old[:i]`` and ``new[:q]``."""
        return self._head.row(i)

    def after_old(self, i: int) -> Counts:
        """Return, for each place q of the new text, the LCS of ``old[i:]`` and ``new[q:]``."""
        return self._tail.row(self._old_size - i)[::-1]

    def before_new(self, j: int) -> Counts:
        """Return, for each place p of the old text, the LCS of ``old[:p]`` and ``new[:j]``."""
        return self._head_new.row(j)

    def after_new(self, j: int) -> Counts:
        """Return, for each place p of the old text, the LCS of ``old[p:]`` and ``new[j:]``."""
        return self._tail_new.row(self._new_size - j)[::-1]

    def needed_old(self, begin: int, end: int) -> int:
        """Return how many words fewer the texts share without ``old[begin:end]``: 0 when those words are not missed."""
        return self.length - int((self.before_old(begin) + self.after_old(end)).max())

    def needed_new(self, begin: int, end: int) -> int:
        """Return how many words fewer the texts share without ``new[begin:end]``."""
        return self.length - int((self.before_new(begin) + self.after_new(end)).max())

    def crossings(self, i: int) -> tuple[int, int]:
        """Return the first and the last place of the new text where some longest alignment passes place ``i``."""
        passed = (self.before_old(i) + self.after_old(i)) == self.length
        return int(passed.argmax()), len(passed) - 1 - int(passed[::-1].argmax())


def lcs_length(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence of two short sequences.

    >>> lcs_length("teacher", "teahcer")
    6
    """
    if old == new:
        return len(old)
    masks: dict[Hashable, int] = {}
    for place, each in enumerate(new):
        masks[each] = masks.get(each, 0) | 1 << place
    full = row = (1 << len(new)) - 1
    for each in old:
        shared = row & masks.get(each, 0)
        row = ((row + shared) | (row - shared)) & full
    return len(new) - row.bit_count()
