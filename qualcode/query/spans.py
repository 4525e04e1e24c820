"""Sets of token spans as sorted arrays, and the set operations that the query language is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.model.codes import Overlaps

__all__ = ["NO_SPANS", "Spans", "members", "pairs", "resolve_overlaps", "spans_of", "union"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Spans:
    """Token spans, half-open, distinct, sorted by start and then end."""

    starts: Array
    ends: Array

    def __len__(self) -> int:
        return len(self.starts)

    def keep(self, wanted: Array) -> Spans:
        """Return the spans at which ``wanted`` (bool or indices, ascending) says so."""
        return Spans(self.starts[wanted], self.ends[wanted])


NO_SPANS = Spans(np.empty(0, np.int32), np.empty(0, np.int32))


def spans_of(starts: Array, ends: Array) -> Spans:
    """Return the distinct spans among these, sorted."""
    if len(starts) < 2:
        return Spans(starts, ends)
    keys = starts.astype(np.int64) << 32
    keys |= ends.astype(np.int64)
    if not (keys[1:] > keys[:-1]).all():
        keys = np.unique(keys)
        return Spans((keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32))
    return Spans(starts, ends)


def union(parts: list[Spans]) -> Spans:
    """Return the spans that are in any of the sets."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return NO_SPANS
    if len(filled) == 1:
        return filled[0]
    return spans_of(np.concatenate([part.starts for part in filled]), np.concatenate([part.ends for part in filled]))


def pairs(low: Array, high: Array) -> tuple[Array, Array]:
    """Return all (row, column) with ``low[row] <= column < high[row]``, rows ascending."""
    counts = np.maximum(high - low, 0)
    total = int(counts.sum())
    rows = np.repeat(np.arange(len(low)), counts)
    before = np.cumsum(counts) - counts
    return rows, np.arange(total) - np.repeat(before - low, counts)


def members(values: Array, among: Array) -> Array:
    """Return for each value whether it occurs in ``among``, which is ascending."""
    if not len(among):
        return np.zeros(len(values), bool)
    at = np.searchsorted(among, values)
    at[at == len(among)] = 0
    return np.asarray(among[at] == values)


def resolve_overlaps(spans: Spans, mode: Overlaps) -> Spans:
    """Return the spans that remain when those that overlap compete.

    ``longest``: by length, the longest first, of equal ones the leftmost. ``first``: from left to right, of those
    that begin together the longest. ``all``: everything stays.
    """
    if mode == "all" or len(spans) < 2:
        return spans
    if not (spans.starts[1:] < spans.ends[:-1]).any():  # starts ascend, so neighbours tell
        return spans
    meets = spans.starts[1:] < np.maximum.accumulate(spans.ends)[:-1]
    keep = np.ones(len(spans), bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], meets.view(np.int8), [0]])))
    for first, last in edges.reshape(-1, 2).tolist():
        group = range(first, last + 1)
        starts, ends = spans.starts[first : last + 1].tolist(), spans.ends[first : last + 1].tolist()
        if mode == "longest":
            order = sorted(range(len(group)), key=lambda n: (starts[n] - ends[n], starts[n]))
        else:
            order = sorted(range(len(group)), key=lambda n: (starts[n], -ends[n]))
        taken: list[tuple[int, int]] = []
        for number in order:
            start, end = starts[number], ends[number]
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                keep[first + number] = False
            else:
                taken.append((start, end))
    return spans.keep(keep)
