"""Units of text as sparse vectors: lemmas and pairs of lemmas, and the letters of words, weighted by TF-IDF.

Words come from the index's tokens and letters from its types, so nothing is tokenised here. Both halves are scaled to
length 1 and joined in fixed shares, so that the product of two vectors is a similarity between 0 and 1.

Weights are log₂(1 + tf) · (ln((1 + n) / (1 + df)) + 1): tf may be a fraction, because what stands around a unit counts
for less than the unit itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.model.codes import Unit
from qualcode.text.lemmas import lemmas_of
from qualcode.text.sentences import type_flags
from qualcode.text.shard import FLAG_WORD, Shard

__all__ = ["LETTERS", "UnitCounts", "Vocabulary", "count_units", "letter_matrix", "letters_of"]

Array = npt.NDArray[Any]

LETTERS = (3, 4, 5)
"""Lengths of the letter sequences inside a word, its edges marked by a blank."""
LETTER_SHARE = 0.25
"""What letters count for in a similarity; words have the rest. Found by leaving hands out (docs/quality.md)."""
FEWEST = 2
"""A letter sequence is kept when it stands in so many examples."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that examples have, and how rare each is.

    Attributes:
        lemmas: column of each lemma.
        pairs: ``first · len(lemmas) + second`` of each known pair of neighbours, ascending; their columns follow.
        letters: column of each letter sequence, in a matrix of its own.
        rarity: idf of words and pairs; ``letter_rarity`` of letters (float32).
    """

    lemmas: dict[str, int]
    pairs: Array
    letters: dict[str, int]
    rarity: Array
    letter_rarity: Array

    @property
    def size(self) -> int:
        """Number of columns of :meth:`vectors`."""
        return len(self.rarity) + len(self.letter_rarity)

    @property
    def rarest(self) -> float:
        """The idf of a word that no example has."""
        return float(self.rarity.max(initial=1.0))

    def vectors(self, words: Any, letters: Any, unknown: Array) -> Any:
        """Return TF-IDF vectors (units × features, CSR, float32) of counts.

        Rows have length 1 when every word and pair of words is known: what no example has makes a unit less like all
        of them. ``unknown`` is for each unit the sum of squared tf weights of unknown words and pairs.
        """
        from scipy.sparse import hstack

        halves = [
            _unit_length(words, self.rarity, np.sqrt(1 - LETTER_SHARE), unknown * self.rarest**2),
            _unit_length(letters, self.letter_rarity, np.sqrt(LETTER_SHARE)),
        ]
        return hstack(halves, format="csr", dtype=np.float32)


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """The words of a shard by unit.

    Attributes:
        tokens: rows of the tokens that are words, ascending; ``unit`` and ``lemma`` (column, −1 unknown) of each.
        pair: column of the pair of each token and the next, −1 for an unknown pair or the last of a unit.
        words, letters: counts (units × columns, CSR, float32).
        unknown: number of words and pairs of each unit that have no column.
        letters_of_type: letter sequences of each type (types × columns, CSR, float32).
        block: block of each unit, −1 for one without words.
    """

    tokens: Array
    unit: Array
    lemma: Array
    pair: Array
    words: Any
    letters: Any
    unknown: Array
    letters_of_type: Any
    block: Array


def letters_of(form: str) -> list[str]:
    """Return the letter sequences of a word, its edges marked by a blank.

    >>> letters_of("we")
    [' we', 'we ', ' we ']
    """
    edged = f" {form} "
    return [edged[at : at + size] for size in LETTERS for at in range(len(edged) - size + 1)]


def count_units(shard: Shard, unit: Unit, vocabulary: Vocabulary | None = None) -> tuple[UnitCounts, Vocabulary]:
    """Return the counts of all units of a shard, and the vocabulary: the one given, or that of the shard itself."""
    from scipy.sparse import csr_array

    is_word = (type_flags(shard.types.texts) & FLAG_WORD) > 0
    tokens = np.flatnonzero(is_word[shard.token_type])
    units = np.asarray(shard.units(unit, tokens), np.int64)
    types = shard.token_type[tokens]
    lemmas: dict[str, int] = {} if vocabulary is None else vocabulary.lemmas
    first = [lemmas_of(form)[0] if word else "" for form, word in zip(shard.types.folded, is_word, strict=True)]
    if vocabulary is None:
        for each in first:
            if each:
                lemmas.setdefault(each, len(lemmas))
    columns = np.fromiter((lemmas.get(each, -1) for each in first), np.int64, len(first))
    lemma = columns[types]
    keys = np.full(len(tokens), -1, np.int64)
    if len(tokens) > 1:
        together = (units[1:] == units[:-1]) & (lemma[1:] >= 0) & (lemma[:-1] >= 0)
        keys[:-1] = np.where(together, lemma[:-1] * len(lemmas) + lemma[1:], -1)
    pairs = np.unique(keys[keys >= 0]) if vocabulary is None else vocabulary.pairs
    at = np.searchsorted(pairs, keys)
    known = (at < len(pairs)) & (keys >= 0)
    known[known] = pairs[at[known]] == keys[known]
    pair = np.where(known, len(lemmas) + at, -1)

    n_units = int(units[-1]) + 1 if len(units) else 0
    rows = np.concatenate([units[lemma >= 0], units[pair >= 0]])
    cols = np.concatenate([lemma[lemma >= 0], pair[pair >= 0]])
    shape = (n_units, len(lemmas) + len(pairs))
    words = csr_array((np.ones(len(rows), np.float32), (rows, cols)), shape=shape)
    words.sum_duplicates()
    occurrences = csr_array((np.ones(len(tokens), np.float32), (units, types)), shape=(n_units, len(is_word)))
    names = None if vocabulary is None else vocabulary.letters
    spelt = [form if word else "" for form, word in zip(shard.types.folded, is_word, strict=True)]
    letters_of_type, names = letter_matrix(spelt, names)
    letters = (occurrences @ letters_of_type).tocsr()
    if vocabulary is None:
        often = np.asarray((letters > 0).sum(axis=0)).ravel()
        kept = np.flatnonzero(often >= FEWEST)
        letters, letters_of_type = letters[:, kept], letters_of_type[:, kept]
        listed = list(names)
        names = {listed[column]: number for number, column in enumerate(kept.tolist())}
        vocabulary = Vocabulary(lemmas, pairs, names, _rarity(words), _rarity(letters))
    block = np.full(n_units, -1, np.int64)
    block[units] = shard.token_block[tokens]
    inside = np.append(units[1:] == units[:-1], False) if len(units) else np.empty(0, bool)
    unknown = np.bincount(units, weights=(lemma < 0) * 1.0 + (inside & (pair < 0)), minlength=n_units)
    return UnitCounts(tokens, units, lemma, pair, words, letters, unknown, letters_of_type, block), vocabulary


def letter_matrix(forms: Sequence[str], names: dict[str, int] | None) -> tuple[Any, dict[str, int]]:
    """Return counts of letter sequences (forms × sequences); without names, of all, named in order of meeting."""
    from scipy.sparse import csr_array

    learn = names is None
    known: dict[str, int] = {} if names is None else names
    first = [0]
    columns: list[int] = []
    counts: list[int] = []
    for form in forms:
        for letters, count in Counter(letters_of(form)).items() if form else ():
            column = known.setdefault(letters, len(known)) if learn else known.get(letters, -1)
            if column >= 0:
                columns.append(column)
                counts.append(count)
        first.append(len(columns))
    content = (np.asarray(counts, np.float32), np.asarray(columns, np.int32), np.asarray(first, np.int32))
    return csr_array(content, shape=(len(forms), len(known))), known


def _rarity(counts: Any) -> Array:
    often = np.asarray((counts > 0).sum(axis=0)).ravel()
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + often)) + 1, np.float32)


def _unit_length(counts: Any, rarity: Array, length: float, more: Array | float = 0.0) -> Any:
    from scipy.sparse import diags_array

    weighted = counts.copy()
    weighted.data = (np.log2(1 + weighted.data) * rarity[weighted.indices]).astype(np.float32)
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel() + more)
    scale = np.divide(length, norms, out=np.zeros_like(norms), where=norms > 0).astype(np.float32)
    return (diags_array(scale) @ weighted).tocsr()
