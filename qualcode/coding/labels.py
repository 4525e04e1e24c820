"""What people decided, unit by unit: what coders learn from and are tried on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Corpus
from qualcode.coding.features.units import Units
from qualcode.model.coding import Coding

__all__ = ["Labels", "labels_of", "worked_through"]

Array = npt.NDArray[Any]

MARKED = frozenset({"coded", "accepted"})
REFUSED = 0.8
"""The share of a unit that must have been rejected for a "no" to it."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of units.

    Attributes:
        values: units × codes, float32: 1 carries the code, 0 does not, NaN nobody said.
        read: whether each unit stands in a document that was worked through, so that its row has no NaN.
    """

    values: Array
    read: Array

    @property
    def known(self) -> Array:
        """Rows with at least one label, ascending."""
        return np.flatnonzero(~np.isnan(self.values).all(axis=1))


def worked_through(corpus: Corpus, codings: Sequence[Coding]) -> frozenset[str]:
    """Return the ids of the documents that people worked through, so that silence in them is a "no".

    Those are ``corpus.read``; when nobody said, the documents in which somebody coded by hand. Who only accepts and
    rejects what was suggested has said nothing of the talk around it.
    """
    if corpus.read is not None:
        return corpus.read
    return frozenset(each.document_id for each in codings if each.status == "coded")


def labels_of(corpus: Corpus, units: Units, codes: Sequence[str], codings: Sequence[Coding]) -> Labels:
    """Return the labels that decisions give to units.

    A unit carries a code when a coded or accepted passage of that code shares a character with it, and does not when
    :data:`REFUSED` of it was rejected: a "no" to one sentence says little of the whole turn. In documents that were
    worked through (:func:`worked_through`) every other unit carries no code; elsewhere nobody said.
    """
    column = {code: number for number, code in enumerate(codes)}
    ordinal = {document.id: number for number, document in enumerate(units.documents)}
    through = worked_through(corpus, codings)
    worked = np.asarray([document.id in through for document in units.documents], bool)
    read = worked[units.document] if len(units) else np.zeros(0, bool)
    values = np.full((len(units), len(codes)), np.nan, np.float32)
    values[read] = 0
    # What is marked goes before what is rejected: two passages of a code may touch the same unit.
    for each in sorted(codings, key=lambda coding: coding.status in MARKED):
        if each.code in column and each.document_id in ordinal:
            rows = units.rows_over(ordinal[each.document_id], [each.span])
            if each.status not in MARKED:
                start, end = units.start[rows], units.end[rows]
                shared = np.minimum(end, each.span.end) - np.maximum(start, each.span.start)
                rows = rows[shared >= REFUSED * (end - start)]
            values[rows, column[each.code]] = 1 if each.status in MARKED else 0
    return Labels(values, read)
