"""The units of a whole corpus that may be coded: where each stands, who says it, and the lemmas in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Corpus
from qualcode.model.codes import Unit
from qualcode.model.document import Document, Span
from qualcode.text.sentences import type_flags
from qualcode.text.shard import FLAG_WORD, Shard

__all__ = ["Units", "units_of"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Units:
    """Units of talk in document order; one row for each in every array.

    Attributes:
        documents: the corpus's documents.
        unit: sentence, turn or passage.
        document: ordinal of the document in ``documents``.
        block: number of the block (turn) in its document; ``start``, ``end``: code points in the document's text,
            from the first word to the end of the unit's last token (so with its full stop).
        speaker: number of the person in ``people``, −1 where nobody is named.
        people: (document id, speaker id) of each person; the same id in two documents is two people.
        question: number of the block that asks what the turn answers, in the same document, −1 for none.
        words: number of words.
        counts: lemmas of each unit (units × lemmas, CSR, int32); ``lemmas`` names the columns, in order of meeting.
    """

    documents: tuple[Document, ...]
    unit: Unit
    document: Array
    block: Array
    start: Array
    end: Array
    speaker: Array
    people: tuple[tuple[str, str], ...]
    question: Array
    words: Array
    counts: Any
    lemmas: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.document)

    def span(self, row: int) -> Span:
        """Return where a unit stands in its document."""
        return Span(int(self.start[row]), int(self.end[row]))

    def text(self, row: int) -> str:
        """Return the words of a unit as written."""
        return self.documents[int(self.document[row])].text[int(self.start[row]) : int(self.end[row])]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The words of every unit."""
        return tuple(self.text(row) for row in range(len(self)))

    def rows_at(self, document: Array, start: Array) -> Array:
        """Return the rows of the units that begin at these places (ordinals, code points); −1 where none does."""
        step = int(self.end.max(initial=0)) + 1
        known = self.document * step + self.start
        wanted = np.asarray(document, np.int64) * step + start
        at = np.minimum(np.searchsorted(known, wanted), max(0, len(known) - 1))
        return np.where(known[at] == wanted, at, -1) if len(known) else np.full(len(wanted), -1)

    def rows_over(self, document: int, spans: Iterable[Span]) -> Array:
        """Return the units of a document (ordinal) that share a character with any of the spans, ascending."""
        first, last = np.searchsorted(self.document, [document, document + 1])
        start, end = self.start[first:last], self.end[first:last]
        hit = np.zeros(last - first, bool)
        for span in spans:
            low = int(np.searchsorted(end, span.start, side="right"))
            high = int(np.searchsorted(start, span.end))
            hit[low:high] = True
        return np.asarray(first + np.flatnonzero(hit))


def units_of(corpus: Corpus, unit: Unit, *, roles_left_out: Sequence[str] = (), fewest_words: int = 1) -> Units:
    """Return the units of speech that may be coded.

    Args:
        corpus: the documents and their index.
        unit: ``sentence``, ``turn`` or ``passage``.
        roles_left_out: roles whose talk is context (``interviewer``).
        fewest_words: units with fewer words are left out.
    """
    from scipy.sparse import csr_array, vstack

    lemmas: dict[str, int] = {}
    people: dict[tuple[str, str], int] = {}
    ordinals = {document.id: number for number, document in enumerate(corpus.documents)}
    parts = [_in_shard(shard, unit, frozenset(roles_left_out), fewest_words, ordinals, lemmas, people)
             for shard in corpus.index.shards]  # fmt: skip
    for _, counts in parts:
        counts.resize((counts.shape[0], len(lemmas)))
    table = np.concatenate([rows for rows, _ in parts]) if parts else np.empty((0, 7), np.int64)
    counts = vstack([counts for _, counts in parts], format="csr") if parts else csr_array((0, 0), dtype=np.int32)
    order = np.lexsort((table[:, 2], table[:, 0]))
    table = table[order]
    return Units(
        corpus.documents, unit, table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4], tuple(people),
        table[:, 5], table[:, 6], counts[order], tuple(lemmas),
    )  # fmt: skip


def _in_shard(
    shard: Shard, unit: Unit, left_out: frozenset[str], fewest: int, ordinals: dict[str, int],
    lemmas: dict[str, int], people: dict[tuple[str, str], int],
) -> tuple[Array, Any]:  # fmt: skip
    """Return document, block, start, end, speaker, question and number of words of each unit, and its counts."""
    from scipy.sparse import csr_array

    is_word = (type_flags(shard.types.texts) & FLAG_WORD) > 0
    roles = [number for number, role in enumerate(shard.roles) if role in left_out]
    allowed = (shard.block_codeable > 0) & ~np.isin(shard.block_role, roles)
    tokens = np.flatnonzero(is_word[shard.token_type] & allowed[shard.token_block])
    units, first, row, words = np.unique(
        np.asarray(shard.units(unit, tokens), np.int64), return_index=True, return_inverse=True, return_counts=True
    )
    column = np.fromiter(
        (lemmas.setdefault(lemma, len(lemmas)) if word else -1
         for (lemma, _), word in zip(shard.types.readings, is_word, strict=True)), np.int64, len(is_word),
    )  # fmt: skip
    counts = csr_array((np.ones(len(tokens), np.int32), (row, column[shard.token_type[tokens]])),
                       shape=(len(units), len(lemmas)))  # fmt: skip
    counts.sum_duplicates()
    begin = tokens[first]
    block = np.asarray(shard.token_block[begin], np.int64)
    finish = _ends(shard, unit, tokens[np.append(first[1:], len(tokens)) - 1] if len(units) else first)
    documents, starts, ends = shard.locate(begin, finish) if len(units) else (block, block, block)
    seat = np.asarray([ordinals[each[0]] for each in shard.documents], np.int64)
    who = [people.setdefault((shard.documents[each.document][0], each.id), len(people)) for each in shard.speakers]
    speaker = np.append(np.asarray(who, np.int64), -1)[shard.block_speaker[block]]
    asked = np.append(shard.block_number, -1)[shard.block_question[block]]
    table = np.column_stack([seat[documents], shard.block_number[block], starts, ends, speaker, asked, words])
    kept = np.flatnonzero(words >= fewest)
    return table[kept].astype(np.int64), counts[kept]


def _ends(shard: Shard, unit: Unit, last_words: Array) -> Array:
    """Return the token behind each unit: what closes its last sentence belongs to it."""
    block = shard.token_block[last_words]
    if unit == "turn":
        return np.asarray(shard.block_first[block + 1])
    sentence = shard.token_sentence[last_words]
    return np.asarray(np.minimum(shard.sentence_first[sentence + 1], shard.block_first[block + 1]))
