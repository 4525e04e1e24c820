"""What the coders that need no labels make of the passages: where reading begins before anything is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Coder, Corpus
from qualcode.coding.exemplars.coder import ExemplarsCoder
from qualcode.coding.exemplars.evidence import nearest
from qualcode.coding.features.context import see
from qualcode.coding.features.units import Units
from qualcode.coding.scores import Scorer, score_units
from qualcode.model.codes import Codebook
from qualcode.model.coding import Suggestion
from qualcode.review.reading.learning import aligned

__all__ = ["Examples", "before_labels", "suggested_scores"]

Array = npt.NDArray[Any]


def suggested_scores(units: Units, suggestions: Sequence[Suggestion], code: str) -> Array:
    """Return for each passage the best score of a suggestion of the code over it; 0 where none is (float64)."""
    ordinal = {document.id: number for number, document in enumerate(units.documents)}
    found = np.zeros(len(units))
    for each in suggestions:
        if each.code == code and each.document_id in ordinal:
            rows = units.rows_over(ordinal[each.document_id], [each.span])
            found[rows] = np.maximum(found[rows], each.score)
    return found


@dataclass(frozen=True)
class Examples:
    """How like the examples of each code the passages are. Unlike suggestions, that is a ranking of all passages.

    Attributes:
        values: passages × codes, from 0 to 1; ``codes`` their ids.
        coder: whose examples.
        vectors: what the coder sees of each passage (CSR); ``None`` without an example.
    """

    values: Array
    codes: tuple[str, ...]
    coder: ExemplarsCoder
    vectors: Any = None

    @classmethod
    def of(cls, coder: ExemplarsCoder, corpus: Corpus, units: Units) -> Examples:
        """Return how like a codebook's examples the passages are.

        Raises:
            CodebookError: when the example bank is not sound.
        """
        from scipy.sparse import csr_array, vstack

        model, book = coder.model, coder.codebook
        values = np.zeros((len(units), len(model.codes)))
        if not model.exemplars:
            return cls(values, model.codes, coder)
        ordinal = {document.id: number for number, document in enumerate(units.documents)}
        places = {
            place: row for row, place in enumerate(zip(units.document.tolist(), units.start.tolist(), strict=True))
        }
        parts: list[Any] = [csr_array((1, model.vocabulary.size), dtype=np.float32)]
        at = np.zeros(len(units), np.int64)  # a passage that the coder does not see has the empty row
        n = 1
        for shard in corpus.index.shards:
            seen = see(shard, book.unit, model.vocabulary, left_out=book.roles_left_out, neighbours=coder.neighbours,
                       question=coder.question)  # fmt: skip
            if not len(seen.units):
                continue
            first = seen.counts.tokens[np.searchsorted(seen.counts.unit, seen.units)]
            seats, starts, _ = shard.locate(first, first + 1)
            share = model.share(model.scores(seen.vectors))
            for own, (seat, start) in enumerate(zip(seats.tolist(), starts.tolist(), strict=True)):
                row = places.get((ordinal.get(shard.documents[seat][0], -1), start))
                if row is not None:
                    values[row] = share[own]
                    at[row] = n + own
            parts.append(seen.vectors)
            n += seen.vectors.shape[0]
        return cls(values, model.codes, coder, vstack(parts, format="csr")[at])

    def of_code(self, code: str) -> Array:
        """Return the column of a code; zeros for one that has none."""
        if code not in self.codes:
            return np.zeros(len(self.values))
        return np.asarray(self.values[:, self.codes.index(code)])

    def nearest(self, row: int, code: str) -> str:
        """Return the example of a code that pulls a passage most, in its words; empty when none does."""
        if self.vectors is None or code not in self.codes:
            return ""
        model = self.coder.model
        alike = (self.vectors[[row]] @ model.vectors.T).toarray().ravel()
        best = nearest(model, alike, self.codes.index(code))
        return " ".join(model.exemplars[best[0]].text.split()) if best else ""


def before_labels(
    coders: Sequence[Coder], corpus: Corpus, codebook: Codebook, units: Units, codes: Sequence[str]
) -> Array:
    """Return what coders make of each passage for each code, pooled (passages × codes, from 0 to 1).

    Each coder that finds anything for a code has one voice; the pooled score is 1 - ∏ (1 - score), as if each were a
    witness of its own. Coders that need labels are not asked.
    """
    missed = np.ones((len(units), len(codes)))
    for coder in coders:
        if isinstance(coder, ExemplarsCoder):
            found = Examples.of(coder, corpus, units)
            values = np.column_stack([found.of_code(code) for code in codes])
        else:
            suggestions = () if isinstance(coder, Scorer) else coder.suggest(corpus)
            scored = score_units(coder, corpus, codebook, suggestions)
            values = np.column_stack([aligned(scored, units, code) for code in codes])
        missed *= 1 - np.clip(values, 0, 1)
    return 1 - missed
