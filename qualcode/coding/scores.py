"""What a coder makes of every unit, as one matrix: so that coders can be ranked, combined and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Coder, Corpus
from qualcode.coding.features.units import Units, units_of
from qualcode.model.codes import Codebook
from qualcode.model.coding import Suggestion

__all__ = ["Scorer", "Scores", "codable", "rows_of", "score_units"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Scores:
    """The score of each unit for each code.

    Attributes:
        units: what is scored.
        values: units × codes, float32, from 0 to 1.
        codes: ids, one for each column.
    """

    units: Units
    values: Array
    codes: tuple[str, ...]


@runtime_checkable
class Scorer(Protocol):
    """A coder that has a score for every unit, also for those that it does not suggest."""

    def scores(self, corpus: Corpus) -> Scores:
        """Return the score of each unit of the codebook for each code."""
        ...


def codable(codebook: Codebook) -> tuple[str, ...]:
    """Return the ids of the codes that can be given, in the codebook's order."""
    return tuple(code.id for code in codebook if code.codable and code.status != "retired")


def score_units(coder: Coder, corpus: Corpus, codebook: Codebook, suggestions: Sequence[Suggestion]) -> Scores:
    """Return a coder's own scores where it has them; else for each unit the best score of a suggestion over it.

    Args:
        coder: the coder, after ``fit``.
        corpus: the documents.
        codebook: whose units and codes.
        suggestions: what the coder suggests for the corpus.
    """
    codes = codable(codebook)
    if isinstance(coder, Scorer):
        found = coder.scores(corpus)
        if found.codes == codes:
            return found
        column = {code: number for number, code in enumerate(found.codes)}
        values = np.zeros((len(found.units), len(codes)), np.float32)
        for number, code in enumerate(codes):
            if code in column:
                values[:, number] = found.values[:, column[code]]
        return Scores(found.units, values, codes)
    units = units_of(corpus, codebook.unit, roles_left_out=codebook.roles_left_out)
    return Scores(units, _suggested(units, codes, suggestions), codes)


def rows_of(units: Units, suggestions: Sequence[Suggestion]) -> list[Array]:
    """Return for each suggestion the units that share a character with it, ascending."""
    ordinal = {document.id: number for number, document in enumerate(units.documents)}
    return [units.rows_over(ordinal[each.document_id], [each.span]) for each in suggestions]


def _suggested(units: Units, codes: tuple[str, ...], suggestions: Sequence[Suggestion]) -> Array:
    column = {code: number for number, code in enumerate(codes)}
    values = np.zeros((len(units), len(codes)), np.float32)
    for each, rows in zip(suggestions, rows_of(units, suggestions), strict=True):
        if each.code in column:
            at = column[each.code]
            values[rows, at] = np.maximum(values[rows, at], each.score)
    return values
