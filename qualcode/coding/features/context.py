"""The units of a shard with what stands around them: neighbours in the turn, and the question before, at a discount."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.features.counts import UnitCounts, Vocabulary, count_units
from qualcode.model.codes import Unit
from qualcode.text.shard import Shard

__all__ = ["FEWEST_WORDS", "Seen", "around", "see"]

Array = npt.NDArray[Any]

FEWEST_WORDS = 3
"""A unit of fewer words ("Yes, exactly.") is nobody's example: it has the code of its neighbours or none."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The units of a shard that may be coded.

    Attributes:
        units: their ordinals in the shard, ascending.
        block: the block of each.
        vectors: with their surroundings (CSR, float32); ``alone`` are those of their own words.
        counts: all that was counted in the shard.
    """

    units: Array
    block: Array
    vectors: Any
    alone: Any
    counts: UnitCounts


def see(
    shard: Shard, unit: Unit, vocabulary: Vocabulary, *, left_out: Iterable[str], neighbours: float, question: float
) -> Seen:
    """Return the units of a shard as the model sees them.

    Args:
        shard: the shard.
        unit: what is scored.
        vocabulary: the features that examples have.
        left_out: roles whose words are context and never coded.
        neighbours: what the words of the unit before and the one behind, in the same turn, count for.
        question: what the words of the question before the turn count for.
    """
    counts, _ = count_units(shard, unit, vocabulary)
    roles = [number for number, role in enumerate(shard.roles) if role in set(left_out)]
    allowed = (shard.block_codeable > 0) & ~np.isin(shard.block_role, roles)
    words = np.bincount(counts.unit, minlength=len(counts.block))
    units = np.flatnonzero((counts.block >= 0) & (words >= FEWEST_WORDS) & allowed[counts.block])
    weights = around(shard, counts.block, units, neighbours, question)
    discounted = weights.copy()
    discounted.data = np.log2(1 + discounted.data) ** 2
    unknown = discounted @ counts.unknown
    vectors = vocabulary.vectors((weights @ counts.words).tocsr(), (weights @ counts.letters).tocsr(), unknown)
    alone = vocabulary.vectors(counts.words[units], counts.letters[units], counts.unknown[units])
    return Seen(units, counts.block[units], vectors, alone, counts)


def around(shard: Shard, block: Array, units: Array, neighbours: float, question: float) -> Any:
    """Return what each unit of the shard counts for in each of ``units`` (units × all units, CSR, float32).

    Args:
        shard: the shard.
        block: the block of each unit of the shard, −1 for one without words.
        units: the units that are seen with what stands around them: each counts for 1 in itself.
        neighbours: what the unit before and the one behind, in the same turn, count for.
        question: what each unit of the question before the turn counts for.
    """
    from scipy.sparse import csr_array

    rows, columns, values = [np.arange(len(units))], [units], [np.ones(len(units), np.float32)]

    def add(of: Array, which: Array, weight: float) -> None:
        rows.append(of)
        columns.append(which)
        values.append(np.full(len(which), weight, np.float32))

    if neighbours > 0:
        filled = np.flatnonzero(block >= 0)  # a unit without words is stepped over
        at = np.searchsorted(filled, units)
        for step in (-1, 1):
            inside = np.flatnonzero((at + step >= 0) & (at + step < len(filled)))
            other = filled[at[inside] + step]
            same = block[other] == block[units[inside]]
            add(inside[same], other[same], neighbours)
    if question > 0:
        asked = shard.block_question[block[units]]
        in_order = np.flatnonzero(block >= 0)
        first = np.searchsorted(block[in_order], asked)
        last = np.searchsorted(block[in_order], asked, side="right")
        n = np.where(asked >= 0, last - first, 0)
        of = np.repeat(np.arange(len(units)), n)
        offset = np.arange(len(of)) - np.repeat(np.cumsum(n) - n, n)
        add(of, in_order[np.repeat(first, n) + offset], question)
    shape = (len(units), len(block))
    return csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
