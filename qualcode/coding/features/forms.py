"""Texts as words in the forms in which they were said: single words, runs of two and three, letters, and manner.

Where :mod:`qualcode.coding.features.counts` brings words back to their lemmas, here *was*, *will* and *?* stay what
they are: much of what a passage does (to tell, to plan, to doubt) is in its small words. Everything comes from the
index's tokens. A text begins with a mark of its own, so that its first words count as such.

Weights are log₂(1 + tf) · (ln((1 + n) / (1 + df)) + 1). Words with their runs, letters, and manner are scaled to fixed
lengths and joined to a row of length 1, so that the product of two rows is a similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.features.counts import letter_matrix
from qualcode.coding.features.manner import MANNER_NAMES, manner_of_types
from qualcode.coding.features.texts import index_of
from qualcode.coding.features.units import Units
from qualcode.text.index import TokenIndex
from qualcode.text.sentences import type_flags
from qualcode.text.shard import FLAG_WORD, Shard

__all__ = ["FormCounts", "FormVocabulary", "Placed", "count_forms", "learn_forms", "placed_texts", "placed_units",
           "word_values"]  # fmt: skip

Array = npt.NDArray[Any]

FEWEST_RUNS, FEWEST_LETTERS = 2, 2
"""A run of words, or of letters, is kept when so many texts have it."""
_START = 0
"""The number of the mark at which each text begins."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A shard, and for each of its tokens the row that it belongs to (int64, −1 for none); rows go up."""

    shard: Shard
    row: Array


@dataclass(frozen=True, slots=True)
class FormVocabulary:
    """The features that texts have, and how rare each is.

    Attributes:
        forms: number of each form, from 1 (0 is the start of a text).
        runs: keys of the known pairs and triples of neighbours, ascending; their columns follow those of the forms.
        letters: column of each letter sequence, in a matrix of its own.
        rarity, letter_rarity: idf of forms and runs, and of letters (float32).
        mean, spread: of each column of manner.
    """

    forms: dict[str, int]
    runs: Array
    letters: dict[str, int]
    rarity: Array
    letter_rarity: Array
    mean: Array
    spread: Array

    def sparse(self, counts: FormCounts, letter_share: float) -> Any:
        """Return words (of length 1) and letters (of ``letter_share``): rows × columns, CSR, float32."""
        from scipy.sparse import hstack

        halves = [
            _weighted(counts.words, self.rarity, 1.0),
            _weighted(counts.letters, self.letter_rarity, letter_share),
        ]
        return hstack(halves, format="csr", dtype=np.float32)

    def weighted_singles(self, counts: Any) -> Any:
        """Return counts of single words (rows × forms, CSR) weighted, rows of length 1."""
        return _weighted(counts, self.rarity[: len(self.forms)], 1.0)

    def dense(self, counts: FormCounts) -> Array:
        """Return manner, standardised, each row's usual length 1 (float32)."""
        scaled = np.clip((counts.manner - self.mean) / self.spread, -3, 3) / np.sqrt(len(self.mean))
        return np.asarray(scaled, np.float32)


@dataclass(frozen=True, slots=True)
class FormCounts:
    """Counts of rows × columns: ``words`` (forms and runs) and ``letters`` (CSR, float32), ``manner`` (float32)."""

    words: Any
    letters: Any
    manner: Array


@dataclass(frozen=True, slots=True)
class _Read:
    """What a shard gives before columns are known."""

    row: Array
    form: Array
    types: Array
    type_row: Array
    spelt: list[str]
    manner: Array
    words: Array


def placed_texts(texts: Sequence[str]) -> tuple[Placed, ...]:
    """Return loose texts, a row for each."""
    return tuple(Placed(shard, shard.block_number[shard.token_block].astype(np.int64))
                 for shard in index_of(texts).shards)  # fmt: skip


def placed_units(index: TokenIndex, units: Units) -> tuple[Placed, ...]:
    """Return units of a corpus, a row for each; tokens outside of them have none."""
    ordinal = {document.id: number for number, document in enumerate(units.documents)}
    found = []
    for shard in index.shards:
        every = np.arange(shard.n_tokens)
        row = np.full(len(every), -1, np.int64)
        if len(every) and len(units):
            document, start, _ = shard.locate(every, every + 1)
            seat = np.asarray([ordinal[each[0]] for each in shard.documents], np.int64)[document]
            longest = int(max(units.end.max(), start.max())) + 1
            at = np.searchsorted(units.document * longest + units.start, seat * longest + start, side="right") - 1
            inside = (at >= 0) & (units.document[at] == seat) & (start < units.end[at])
            row[inside] = at[inside]
        found.append(Placed(shard, row))
    return tuple(found)


def learn_forms(placed: Sequence[Placed], rows: int, *, longest: int = 3) -> tuple[FormVocabulary, FormCounts]:
    """Return the vocabulary of some texts, and their counts.

    Args:
        placed: where they stand.
        rows: how many there are.
        longest: the longest runs of words, from 1 to 3.
    """
    forms: dict[str, int] = {}
    read = [_read(each, forms, learn=True) for each in placed]
    known = len(forms) + 1
    keys = [_runs(each, known, longest) for each in read]
    row = np.concatenate([each[0] for each in keys]) if keys else np.empty(0, np.int64)
    key = np.concatenate([each[1] for each in keys]) if keys else np.empty(0, np.int64)
    runs = _often(row, key, FEWEST_RUNS)
    letters: dict[str, int] = {}
    for each in read:
        for name in letter_matrix(each.spelt, None)[1]:
            letters.setdefault(name, len(letters))
    empty = np.ones(0, np.float32)
    draft = FormVocabulary(forms, runs, letters, empty, empty, empty, empty)
    counts = _counted(read, draft, rows, longest)
    often = np.bincount(counts.letters.indices, minlength=counts.letters.shape[1])
    kept = np.flatnonzero(often >= FEWEST_LETTERS)
    listed = list(letters)
    letters = {listed[column]: number for number, column in enumerate(kept.tolist())}
    counts = FormCounts(counts.words, counts.letters[:, kept], counts.manner)
    spread = counts.manner.std(axis=0)
    vocabulary = FormVocabulary(
        forms, runs, letters, _rarity(counts.words), _rarity(counts.letters), counts.manner.mean(axis=0),
        np.where(spread > 1e-6, spread, 1.0).astype(np.float32),
    )  # fmt: skip
    return vocabulary, counts


def count_forms(placed: Sequence[Placed], rows: int, vocabulary: FormVocabulary, *, longest: int = 3) -> FormCounts:
    """Return the counts of texts in the columns of a vocabulary."""
    return _counted([_read(each, vocabulary.forms, learn=False) for each in placed], vocabulary, rows, longest)


def _read(placed: Placed, forms: dict[str, int], *, learn: bool) -> _Read:
    shard = placed.shard
    tokens = np.flatnonzero(placed.row >= 0)
    types, local = np.unique(shard.token_type[tokens], return_inverse=True)
    folded = [shard.types.folded[each] for each in types.tolist()]
    if learn:
        for form in folded:
            forms.setdefault(form, len(forms) + 1)
    number = np.fromiter((forms.get(form, -1) for form in folded), np.int64, len(folded))
    row = placed.row[tokens]
    begins = np.flatnonzero(np.append(True, row[1:] != row[:-1])) if len(row) else np.empty(0, np.int64)
    is_word = (type_flags([shard.types.texts[each] for each in types.tolist()]) & FLAG_WORD) > 0
    return _Read(
        np.insert(row, begins, row[begins]), np.insert(number[local], begins, _START), local, row,
        [form if word else "" for form, word in zip(folded, is_word, strict=True)], manner_of_types(folded), is_word,
    )  # fmt: skip


def _runs(read: _Read, known: int, longest: int) -> tuple[Array, Array]:
    """Return row and key of every pair and triple of neighbours that are all known."""
    rows, keys = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    key, base = read.form.astype(np.int64), 0
    whole = read.form >= 0
    for step in range(1, min(longest, 3)):
        if len(read.row) <= step:
            break
        base = base * known + known * known if step > 1 else 0
        whole = whole[:-1] & (read.form[step:] >= 0) & (read.row[step:] == read.row[:-step])
        key = key[:-1] * known + read.form[step:]
        rows.append(read.row[:-step][whole])
        keys.append(base + key[whole])
    return np.concatenate(rows), np.concatenate(keys)


def _often(row: Array, key: Array, fewest: int) -> Array:
    """Return the keys that stand in so many rows, ascending."""
    if not len(key):
        return np.empty(0, np.int64)
    order = np.lexsort((row, key))
    key, row = key[order], row[order]
    new = np.append(True, (key[1:] != key[:-1]) | (row[1:] != row[:-1]))
    found, count = np.unique(key[new], return_counts=True)
    return np.asarray(found[count >= fewest])


def _counted(read: Sequence[_Read], vocabulary: FormVocabulary, rows: int, longest: int) -> FormCounts:
    from scipy.sparse import csr_array

    known = len(vocabulary.forms) + 1
    words = csr_array((rows, len(vocabulary.forms) + len(vocabulary.runs)), dtype=np.float32)
    letters = csr_array((rows, len(vocabulary.letters)), dtype=np.float32)
    manner = np.zeros((rows, len(MANNER_NAMES) + 1), np.float32)
    for each in read:
        single = each.form > _START
        row, key = _runs(each, known, longest)
        at = np.searchsorted(vocabulary.runs, key)
        is_known = at < len(vocabulary.runs)
        is_known[is_known] = vocabulary.runs[at[is_known]] == key[is_known]
        r = np.concatenate([each.row[single], row[is_known]])
        c = np.concatenate([each.form[single] - 1, len(vocabulary.forms) + at[is_known]])
        words = words + csr_array((np.ones(len(r), np.float32), (r, c)), shape=words.shape)
        of_type, _ = letter_matrix(each.spelt, vocabulary.letters)
        ones = np.ones(len(each.types), np.float32)
        occurrences = csr_array((ones, (each.type_row, each.types)), shape=(rows, len(each.spelt)))
        letters = letters + (occurrences @ of_type).tocsr()
        manner[:, :-1] += occurrences @ each.manner
        manner[:, -1] += occurrences @ each.words.astype(np.float32)
    manner[:, :-1] = np.minimum(manner[:, :-1], 2)
    manner[:, -1] = np.log1p(manner[:, -1])
    return FormCounts(words.tocsr(), letters.tocsr(), manner)


def _rarity(counts: Any) -> Array:
    often = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + often)) + 1, np.float32)


def _weighted(counts: Any, rarity: Array, length: float) -> Any:
    """Return TF-IDF weights, each row of a length."""
    from scipy.sparse import csr_array

    counts = csr_array(counts)
    data = np.log2(1 + counts.data) * rarity[counts.indices]
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    norms = np.sqrt(np.bincount(row, weights=data * data, minlength=counts.shape[0]))
    scale = np.divide(length, norms, out=np.zeros_like(norms), where=norms > 0)
    data = (data * scale[row]).astype(np.float32)
    return csr_array((data, counts.indices, counts.indptr), shape=counts.shape)


def word_values(shard: Shard, vocabulary: FormVocabulary, weights: Array, letter_share: float) -> Array:
    """Return about what each type of a shard adds to each code (types × codes), 0 for what is no word.

    Args:
        shard: the shard.
        vocabulary: the features.
        weights: what each feature adds to each code: forms, runs, letters, and more that is not looked at.
        letter_share: as for :meth:`FormVocabulary.sparse`.
    """
    folded, is_word = shard.types.folded, (type_flags(shard.types.texts) & FLAG_WORD) > 0
    singles, runs, letters = len(vocabulary.forms), len(vocabulary.runs), len(vocabulary.letters)
    number = np.fromiter((vocabulary.forms.get(form, 0) for form in folded), np.int64, len(folded)) - 1
    by_form = weights[:singles] * vocabulary.rarity[:singles, None]
    found = np.where((number >= 0)[:, None], by_form[number], 0.0)
    spelt = [form if word else "" for form, word in zip(folded, is_word, strict=True)]
    of_type, _ = letter_matrix(spelt, vocabulary.letters)
    by_letter = weights[singles + runs : singles + runs + letters] * vocabulary.letter_rarity[:, None]
    per_word = np.sqrt(max(float(of_type.sum()) / max(int(is_word.sum()), 1), 1.0))
    found = found + letter_share / per_word * (of_type @ by_letter)
    return np.where(is_word[:, None], found, 0.0)
