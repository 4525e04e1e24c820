"""What the coders that need no labels make of the passages: where reading begins before anything is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Coder, Corpus
from qualcode.coding.exemplars.coder import ExemplarsCoder
from qualcode.coding.exemplars.evidence import nearest
from qualcode.coding.features.context import see
from qualcode.coding.features.units import Units
from qualcode.coding.scores import Scorer, Scores, rows_of, score_units
from qualcode.model.codes import Codebook
from qualcode.model.coding import Suggestion
from qualcode.review.reading.learning import aligned

__all__ = ["Examples", "before_labels", "suggested_scores"]

Array = npt.NDArray[Any]


def suggested_scores(units: Units, suggestions: Sequence[Suggestion], code: str) -> Array:
    """Return for each passage the best score of a suggestion of the code over it; 0 where none is (float64)."""
    known = {document.id for document in units.documents}
    own = [each for each in suggestions if each.code == code and each.document_id in known]
    found = np.zeros(len(units))
    for each, rows in zip(own, rows_of(units, own), strict=True):
        found[rows] = np.maximum(found[rows], each.score)
    return found


@dataclass(frozen=True)
class Examples:
    """How like the examples of each code the passages are. Unlike suggestions, that is a ranking of all passages.

    Attributes:
        coder: whose examples.
        corpus: with its sentence vectors, where there are any.
        units: the passages.
        scores: what the coder makes of them.
    """

    coder: ExemplarsCoder
    corpus: Corpus
    units: Units
    scores: Scores

    @classmethod
    def of(cls, coder: ExemplarsCoder, corpus: Corpus, units: Units) -> Examples:
        """Return how like a codebook's examples the passages are.

        Raises:
            CodebookError: when the example bank is not sound.
        """
        return cls(coder, corpus, units, coder.scores(corpus))

    def of_code(self, code: str) -> Array:
        """Return how like a code's examples each passage is, from 0 to 1; zeros for a code that has none."""
        return aligned(self.scores, self.units, code)

    def nearest(self, row: int, code: str) -> str:
        """Return the example of a code whose words pull a passage most, in its words; empty when none does."""
        model = self.coder.model
        if not model.exemplars or code not in model.codes:
            return ""
        alike = (self._words[[row]] @ model.vectors.T).toarray().ravel()
        best = nearest(model, alike, model.codes.index(code))
        return " ".join(model.exemplars[best[0]].text.split()) if best else ""

    @cached_property
    def _words(self) -> Any:
        """What the coder sees of the words of each passage (CSR)."""
        from scipy.sparse import csr_array, vstack

        coder, book, units = self.coder, self.coder.codebook, self.units
        model = coder.model
        ordinal = {document.id: number for number, document in enumerate(units.documents)}
        parts: list[Any] = [csr_array((1, model.vocabulary.size), dtype=np.float32)]
        at = np.zeros(len(units), np.int64)  # a passage that the coder does not see has the empty row
        n = 1
        for shard in self.corpus.index.shards:
            seen = see(shard, book.unit, model.vocabulary, left_out=book.roles_left_out, neighbours=coder.neighbours,
                       question=coder.question)  # fmt: skip
            if not len(seen.units):
                continue
            first = seen.counts.tokens[np.searchsorted(seen.counts.unit, seen.units)]
            seats, starts, _ = shard.locate(first, first + 1)
            seat = np.asarray([ordinal[each[0]] for each in shard.documents])[seats]
            rows = units.rows_at(seat, starts)
            at[rows[rows >= 0]] = n + np.flatnonzero(rows >= 0)
            parts.append(seen.vectors)
            n += seen.vectors.shape[0]
        return vstack(parts, format="csr")[at]


def before_labels(
    coders: Sequence[Coder], corpus: Corpus, codebook: Codebook, units: Units, codes: Sequence[str]
) -> Array:
    """Return what coders make of each passage for each code, pooled (passages × codes, from 0 to 1).

    Each coder that finds anything for a code has one voice; the pooled score is 1 - ∏ (1 - score), as if each were a
    witness of its own. Coders that need labels are not asked.
    """
    missed = np.ones((len(units), len(codes)))
    for coder in coders:
        suggestions = () if isinstance(coder, Scorer) else coder.suggest(corpus)
        scored = score_units(coder, corpus, codebook, suggestions)
        values = np.column_stack([aligned(scored, units, code) for code in codes])
        missed *= 1 - np.clip(values, 0, 1)
    return 1 - missed
