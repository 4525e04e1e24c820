"""What groups of passages are like: the codes of the codebook, and talk that carries no code.

Both are judged by the examples: the codebook's own, its definitions, and those of the bank beside it.

*Near codes.* The lemmas of a group and of all examples of a code are weighted by TF-IDF (lemmas in more than a tenth
of all texts left out) and summed; the nearness is the cosine of the two sums, the direction that all codes have in
common taken out of both: without that a long group is near to every code.

*Plain talk.* Of each lemma ln((a + ½) / A) − ln((b + ½) / B), where a and b are the numbers of examples without and
with a code that hold it, A and B their sums over all lemmas; a passage has the sum over its different lemmas, the log
odds of naive Bayes with even odds before. It is plain from :data:`PLAIN` up, if the examples know half of its lemmas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.analysis.blindspots.space import scaled, weigh
from qualcode.codebook.bank import ExampleBank
from qualcode.coding.base import Corpus
from qualcode.coding.exemplars.material import ASKED, Exemplar, exemplars_of
from qualcode.coding.features.units import units_of
from qualcode.model.codes import Codebook
from qualcode.model.document import Block, Document, Span, sha256_of

__all__ = ["PLAIN", "Likeness", "likeness"]

Array = npt.NDArray[Any]

PLAIN = -2.0
"""Chosen on the tuning interviews of the bundled study, where one coded passage in twenty lies above it."""
COMMON, ALWAYS = 0.1, 20
"""A lemma in a larger share of all texts tells no code from another, unless it is in so few texts."""
KNOWN = 0.5
"""A passage of which the examples know a smaller share of the lemmas is never called plain."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How passages compare with examples.

    Attributes:
        codes: ids of the codes that have examples or a definition.
        near: the nearness of each group to each code (groups × codes), 0 to 1.
        plain: of each passage, whether it is like talk that carries no code; ``None`` when the bank has none of it.
    """

    codes: tuple[str, ...]
    near: Array
    plain: Array | None


def likeness(
    counts: Any, lemmas: Sequence[str], members: Sequence[Array], codebook: Codebook, bank: ExampleBank | None
) -> Likeness:
    """Return how groups and passages compare with a codebook's examples.

    Args:
        counts: passages × lemmas (CSR); ``lemmas`` names the columns.
        members: for each group the rows of its passages.
        codebook: whose codes.
        bank: examples beside those of the codebook, if there are any.
    """
    from scipy.sparse import csr_array, vstack

    examples = [each for each in exemplars_of(codebook, bank) if each.text.strip()]
    codes = tuple(dict.fromkeys(code for each in examples for code in each.codes))
    if not examples or not codes:
        return Likeness((), np.zeros((len(members), 0)), None)
    shown, columns = _counts_of(examples, lemmas)
    talk = counts.tocsr().copy()
    talk.resize((talk.shape[0], columns))
    both = vstack([talk, shown], format="csr")
    weighted = scaled(weigh(both, most=max(COMMON, ALWAYS / both.shape[0])).of(both))
    texts = weighted[talk.shape[0] :]
    number = {code: row for row, code in enumerate(codes)}
    pairs = [(number[code], row) for row, each in enumerate(examples) for code in each.codes]
    of_code = csr_array((np.ones(len(pairs)), tuple(zip(*pairs, strict=True))), shape=(len(codes), len(examples)))
    groups = [np.asarray(weighted[rows].sum(axis=0)).ravel() for rows in members]
    near = np.zeros((0, len(codes)))
    if groups:
        known = scaled((of_code @ texts).toarray())
        common = scaled(known.mean(axis=0, keepdims=True))[0]
        near = scaled(_without(np.stack(groups), common)) @ scaled(_without(known, common)).T
    return Likeness(codes, np.clip(near, 0, 1), _plain(talk, shown, examples, bank))


def _without(rows: Array, direction: Array) -> Array:
    """Return rows without their part along a direction of length 1."""
    return np.asarray(rows - np.outer(rows @ direction, direction))


def _plain(talk: Any, shown: Any, examples: Sequence[Exemplar], bank: ExampleBank | None) -> Array | None:
    kinds = {each.id: each.sort for each in bank.none} if bank is not None else {}
    nothing = np.asarray([each.id in kinds and kinds[each.id] != ASKED for each in examples])
    something = np.asarray([bool(each.codes) for each in examples])
    if not nothing.any() or not something.any():
        return None
    held = (shown > 0).astype(np.float64)
    without, within = (np.asarray(held[rows].sum(axis=0)).ravel() for rows in (nothing, something))
    known = without + within > 0
    a, b = without[known] + 0.5, within[known] + 0.5
    worth = np.zeros(len(known))
    worth[known] = np.log(a / a.sum()) - np.log(b / b.sum())
    said = (talk > 0).astype(np.float64)
    enough = said @ known.astype(np.float64) >= KNOWN * np.asarray(said.sum(axis=1)).ravel()
    return np.asarray((said @ worth >= PLAIN) & enough)


def _counts_of(examples: Sequence[Exemplar], lemmas: Sequence[str]) -> tuple[Any, int]:
    """Return examples × lemmas (CSR) with the columns given first and new ones behind, and how many there are."""
    from scipy.sparse import csr_array

    units = units_of(_corpus_of([each.text for each in examples]), "turn")
    column = {lemma: number for number, lemma in enumerate(lemmas)}
    place = np.asarray([column.setdefault(lemma, len(column)) for lemma in units.lemmas], np.int64)
    cells = units.counts.tocoo()
    at = (units.block[cells.row], place[cells.col])
    return csr_array((cells.data, at), shape=(len(examples), len(column))), len(column)


def _corpus_of(texts: Sequence[str]) -> Corpus:
    """Return texts as a corpus: one document with a turn for each."""
    parts: list[str] = []
    blocks: list[Block] = []
    at = 0
    for number, each in enumerate(texts):
        blocks.append(Block(number, "turn", Span(at, at + len(each))))
        parts.append(each + "\n\n")
        at += len(each) + 2
    text = "".join(parts)
    digest = sha256_of(text)
    return Corpus.of(
        [Document("texts", "texts", text, digest, "texts", digest, "texts", "texts", "1", blocks=tuple(blocks))]
    )
