"""What a person coded, passage by passage: the labels that a replay reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.features.units import Units
from qualcode.model.codes import Codebook
from qualcode.model.document import Span

__all__ = ["Marked", "truth_of"]

Array = npt.NDArray[Any]

Marked = tuple[str, Span, str]
"""Document id, place and code of a coded passage."""


def truth_of(units: Units, marked: Iterable[Marked], codebook: Codebook, code: str) -> Array:
    """Return for each passage whether it shares a character with a coded passage of the code or of one below it."""
    names = {code, *(each.id for each in codebook.descendants(code))}
    ordinal = {document.id: number for number, document in enumerate(units.documents)}
    truth = np.zeros(len(units), bool)
    for document, span, own in marked:
        if own in names and document in ordinal:
            truth[units.rows_over(ordinal[document], [span])] = True
    return truth
