"""The units of a corpus as the classifier sees them: with the question before, their neighbours, and their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Corpus
from qualcode.coding.classifier.passages import Passages, subset
from qualcode.coding.features.forms import Placed, placed_units
from qualcode.coding.features.units import Units, units_of
from qualcode.model.codes import Codebook

__all__ = ["Sight", "sight_of"]

Array = npt.NDArray[Any]

NEIGHBOUR = 1.0
"""What the units before and behind in the turn count for among the words around a unit; the question counts for 1."""
ROLES = ("participant", "unknown")
"""Roles that have a column of their own."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The units that may be coded, and everything said around them.

    Attributes:
        units: what may be coded; ``placed`` says where their words are.
        around: where the words of all units are, of interviewers too; ``share``: what each counts for (units × all).
        vectors: a sentence vector for each unit, or ``None``.
        extra: position in the document (0 to 1), and whether its speaker has each of :data:`ROLES`.
    """

    units: Units
    placed: tuple[Placed, ...]
    around: tuple[Placed, ...]
    share: Any
    vectors: Array | None
    extra: Array

    def passages(self, rows: Array) -> Passages:
        """Return some units as passages, in the order given."""
        return Passages(
            subset(rows, self.placed, len(self.units)), len(rows), self.around, self.share[rows],
            None if self.vectors is None else self.vectors[rows], self.extra[rows],
        )  # fmt: skip


def sight_of(corpus: Corpus, codebook: Codebook) -> Sight:
    """Return the units of a corpus as the classifier sees them."""
    units = units_of(corpus, codebook.unit, roles_left_out=codebook.roles_left_out)
    everything = units_of(corpus, codebook.unit)
    vectors = None
    if corpus.vectors is not None and len(units):
        vectors = np.asarray(corpus.vectors.encode(units.texts))
    return Sight(units, placed_units(corpus.index, units), placed_units(corpus.index, everything),
                 _share(units, everything), vectors, _extra(units))  # fmt: skip


def _share(units: Units, everything: Units) -> Any:
    """Return what each of all units counts for around each unit (CSR, float32)."""
    from scipy.sparse import csr_array

    n, m = len(units), len(everything)
    if not n:
        return csr_array((n, m), dtype=np.float32)
    wide = int(everything.end.max()) + 1
    at = np.searchsorted(everything.document * wide + everything.start, units.document * wide + units.start)
    rows, columns, values = [], [], []
    for step in (-1, 1):
        other = at + step
        inside = np.flatnonzero((other >= 0) & (other < m))
        near = other[inside]
        same = (everything.block[near] == units.block[inside]) & (everything.document[near] == units.document[inside])
        rows.append(inside[same])
        columns.append(near[same])
        values.append(np.full(int(same.sum()), NEIGHBOUR, np.float32))
    blocks = int(max(everything.block.max(), units.question.max())) + 2
    key = everything.document * blocks + everything.block
    asked = units.document * blocks + units.question
    first, last = np.searchsorted(key, asked), np.searchsorted(key, asked, side="right")
    count = np.where(units.question >= 0, last - first, 0)
    of = np.repeat(np.arange(n), count)
    rows.append(of)
    columns.append(np.repeat(first, count) + np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count))
    values.append(np.ones(len(of), np.float32))
    return csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(n, m))


def _extra(units: Units) -> Array:
    found = np.zeros((len(units), 1 + len(ROLES)))
    longest = np.asarray([max(len(document.text), 1) for document in units.documents] or [1])
    found[:, 0] = units.start / longest[units.document]
    roles = [next((each.role for each in document.speakers if each.id == speaker), "unknown")
             for name, speaker in units.people for document in units.documents if document.id == name]  # fmt: skip
    of = np.asarray([*(ROLES.index(role) if role in ROLES else -1 for role in roles), -1])[units.speaker]
    for column in range(len(ROLES)):
        found[:, 1 + column] = of == column
    return found
