"""What the units of a shard mean, as sentence vectors: by themselves, and with what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Encoder
from qualcode.coding.features.context import Seen, around
from qualcode.model.codes import Unit
from qualcode.text.shard import Shard

__all__ = ["NEIGHBOURS_MEAN", "Meant", "likeness", "meant", "unit_texts"]

Array = npt.NDArray[Any]

NEIGHBOURS_MEAN = 0.2
"""What neighbours count for in a vector, as a share of what their words count for in counts of words: a vector holds a
meaning, and that of two sentences blurs. Found by leaving hands out (docs/quality.md)."""
WIDTH = 2.0
"""How fast likeness falls with distance. Found by leaving hands out (docs/quality.md)."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Sentence vectors of the units of :class:`~qualcode.coding.features.context.Seen`, in its order.

    Attributes:
        vectors: with their surroundings; ``alone`` are those of their own words (units × dimensions, float32). Rows
            have length 1, or 0 where there is no word that the model knows.
    """

    vectors: Array
    alone: Array


def unit_texts(shard: Shard, unit: Unit, n_units: int) -> list[str]:
    """Return the words of the first ``n_units`` units of a shard, as the index holds them: without labels and notes."""
    units = np.asarray(shard.units(unit, np.arange(shard.n_tokens)))
    ends = np.asarray(shard.token_start) + np.asarray(shard.token_length)
    apart = np.append(True, shard.token_start[1:] > ends[:-1]) if len(units) else np.empty(0, bool)
    forms = shard.types.texts
    parts: list[list[str]] = [[] for _ in range(n_units)]
    for number, kind, gap in zip(units.tolist(), shard.token_type.tolist(), apart.tolist(), strict=True):
        if 0 <= number < n_units:
            if gap and parts[number]:
                parts[number].append(" ")
            parts[number].append(forms[kind])
    return ["".join(each) for each in parts]


def meant(shard: Shard, unit: Unit, seen: Seen, encoder: Encoder, *, neighbours: float, question: float) -> Meant:
    """Return the vectors of the units that are seen.

    Args:
        shard: the shard.
        unit: what is scored.
        seen: its units.
        encoder: makes the vectors.
        neighbours: what the words of the unit before and the one behind count for; their vectors count for
            :data:`NEIGHBOURS_MEAN` times that.
        question: what the question before the turn counts for.
    """
    block = seen.counts.block
    weights = around(shard, block, seen.units, NEIGHBOURS_MEAN * neighbours, question)
    texts = unit_texts(shard, unit, len(block))
    needed = np.unique(weights.indices)
    vectors = encoder.encode([texts[number] for number in needed.tolist()])
    alone = vectors[np.searchsorted(needed, seen.units)]
    return Meant(_unit_length(np.asarray(weights[:, needed] @ vectors)), alone)


def likeness(first: Array, second: Array) -> Array:
    """Return how alike vectors of length 1 are: exp(−2 ‖a − b‖²), 1 for the same; 0 where one of them is zero.

    The Gaussian kernel: two sentences that mean nearly the same count for much, two that are about schools for little.
    """
    found = np.asarray(first @ second.T, np.float32)
    found -= 1
    found *= 2 * WIDTH
    np.exp(found, out=found)
    found[~first.any(axis=1)] = 0
    found[:, ~second.any(axis=1)] = 0
    return found


def _unit_length(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0))
