"""Filters: which tokens lie in text by this speaker, with this attribute, already coded so?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.query.plan import Region
from qualcode.query.spans import NO_SPANS, Spans, spans_of
from qualcode.text.fold import fold
from qualcode.text.shard import Shard

__all__ = ["RegionFinder", "attribute_matches", "spans_of_mask", "tokens_between"]

Array = npt.NDArray[Any]


def spans_of_mask(shard: Shard, inside: Array) -> Spans:
    """Return the longest runs of tokens inside a region, none across two turns."""
    size = len(inside)
    if not size:
        return Spans(np.empty(0, np.int32), np.empty(0, np.int32))
    turns = np.empty(size, bool)
    turns[0] = True
    turns[1:] = shard.token_block[1:] != shard.token_block[:-1]
    begins = inside & turns
    begins[1:] |= inside[1:] & ~inside[:-1]
    stops = np.zeros(size, bool)
    stops[-1] = inside[-1]
    stops[:-1] = inside[:-1] & (turns[1:] | ~inside[1:])
    return Spans(np.flatnonzero(begins).astype(np.int32), (np.flatnonzero(stops) + 1).astype(np.int32))


def tokens_between(shard: Shard, starts: Array, ends: Array) -> Spans:
    """Return the token spans that characters ``starts … ends`` of the shard's text touch; empty ones vanish."""
    if not len(starts) or not shard.n_tokens:
        return NO_SPANS
    first = np.searchsorted(shard.token_start, starts, side="right") - 1
    at = np.maximum(first, 0)
    outside = (first < 0) | (shard.token_start[at] + shard.token_length[at] <= starts)
    first = np.where(outside, first + 1, first)
    last = np.searchsorted(shard.token_start, ends, side="left")
    real = last > first
    order = np.lexsort((last[real], first[real]))
    return spans_of(first[real][order].astype(np.int32), last[real][order].astype(np.int32))


@dataclass(frozen=True, slots=True)
class RegionFinder:
    """Finds the tokens of a filter in one shard."""

    shard: Shard
    coded: Callable[[str], Spans] | None

    def tokens_in(self, region: Region) -> Array:
        """Return for each token whether it lies in the region."""
        if region.kind == "code":
            return self._coded(region.value)
        if region.kind == "speaker":
            wanted = [
                number for number, speaker in enumerate(self.shard.speakers)
                if region.value in {speaker.role.casefold(), fold(speaker.label), fold(speaker.id)}
            ]  # fmt: skip
            blocks = self._spoken_by(wanted)
            if region.value == "unknown":
                blocks |= self.shard.block_speaker < 0
        else:
            blocks = self._with_attribute(region)
        return np.asarray(blocks[self.shard.token_block])

    def _coded(self, name: str) -> Array:
        inside = np.zeros(self.shard.n_tokens + 1, np.int32)
        if self.coded is not None:
            spans = self.coded(name)
            np.add.at(inside, spans.starts, 1)
            np.subtract.at(inside, spans.ends, 1)
        return np.asarray(np.cumsum(inside[:-1]) > 0)

    def _spoken_by(self, speakers: list[int]) -> Array:
        blocks = np.isin(self.shard.block_speaker, speakers)
        for block, speaker in self.shard.shared_turns:
            if speaker in speakers:
                blocks[block] = True
        return blocks

    def _with_attribute(self, region: Region) -> Array:
        documents = [
            number for number, attributes in enumerate(self.shard.attributes) if attribute_matches(attributes, region)
        ]
        speakers = [
            number
            for number, speaker in enumerate(self.shard.speakers)
            if attribute_matches(speaker.attributes, region)
        ]
        return np.asarray(np.isin(self.shard.block_document, documents) | self._spoken_by(speakers))


def attribute_matches(attributes: Any, region: Region) -> bool:
    """Return whether the attributes hold one that is as the filter asks; numbers are compared as numbers."""
    for name, value in attributes.items():
        if fold(name) == region.name and _compare(str(value), region.operator, region.value):
            return True
    return False


def _compare(value: str, operator: str, wanted: str) -> bool:
    left: float | str
    right: float | str
    try:
        left, right = float(value), float(wanted)
    except ValueError:
        left, right = fold(value.strip()), fold(wanted.strip())
    match operator:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right  # type: ignore[operator]  # both are numbers or both are texts
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
        case _:
            return left >= right  # type: ignore[operator]
