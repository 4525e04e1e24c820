"""The ``exemplars`` coder: passages that are like a code's examples, each with the examples and words that made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from qualcode.codebook.bank import ExampleBank, load_bank
from qualcode.coding.base import Corpus, Encoder, Suggestions
from qualcode.coding.exemplars.evidence import WordWorth, nearest, words_missed
from qualcode.coding.exemplars.material import exemplars_of
from qualcode.coding.exemplars.model import Model, View, learn
from qualcode.coding.features.context import Seen, see
from qualcode.coding.features.meaning import Meant, meant
from qualcode.coding.features.units import units_of
from qualcode.coding.scores import Scores
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.model.coding import CONTEXT_LENGTH, Coding, Suggestion
from qualcode.model.document import Document, Span
from qualcode.text.shard import Shard

__all__ = ["NEIGHBOURS", "QUESTION", "VECTORS", "ExemplarsCoder"]

Array = npt.NDArray[Any]

NEIGHBOURS = 0.5
QUESTION = 0.1
VECTORS = 0.35
"""What sentence vectors count for where the study names a model. Found by leaving hands out (docs/quality.md)."""
EDGE = 0.5
"""The share of the threshold that a unit at the edge of a passage must reach by its own words."""
BATCH = 1_000
"""For so many passages at a time the likeness to all examples is in memory."""
DENIED = "absent"
"""The stance of a passage whose nearest example tells of a practice's absence."""


@dataclass(frozen=True)
class ExemplarsCoder:
    """Proposes passages that are like the examples of a code and unlike those of others, near misses and plain talk.

    Args:
        codebook: the codebook; its definitions and examples are used beside the bank.
        codes: ids of the codes to run; ``None`` for all. Examples of the others push away all the same.
        bank: the examples; ``None`` for those that belong to the codebook (:func:`~qualcode.codebook.bank.load_bank`).
        neighbours: what the words of the units before and behind in the turn count for, from 0 to 1.
        question: what the words of the question before the turn count for, from 0 to 1.
        vectors: what sentence vectors count for beside words where the corpus has them, from 0 (not at all) to 1
            (alone); ``None`` for :data:`VECTORS`. Without a model for vectors it changes nothing.
        encoder: what makes the vectors; :meth:`fit` sets it, ``None`` takes the corpus's.
    """

    codebook: Codebook
    codes: tuple[str, ...] | None = None
    bank: ExampleBank | None = None
    neighbours: float = NEIGHBOURS
    question: float = QUESTION
    vectors: float | None = None
    encoder: Encoder | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """``"exemplars"``."""
        return "exemplars"

    @cached_property
    def _learnt(self) -> dict[str, Model]:
        """What was learnt so far: with each encoder (by its id), and by words alone (``""``)."""
        return {}

    @property
    def model(self) -> Model:
        """What is learnt from the examples by their words alone; see :meth:`learnt`."""
        return self.learnt(None)

    def learnt(self, encoder: Encoder | None) -> Model:
        """Return what is learnt from the examples, once for each encoder; ``None`` for words alone.

        Raises:
            CodingError: QC-K003 for codes that the codebook does not have, QC-K006 for a weight out of range.
            CodebookError: when the example bank is not sound.
        """
        weight = VECTORS if self.vectors is None else self.vectors
        for what, value in (("neighbours", self.neighbours), ("question", self.question), ("vectors", weight)):
            if not isinstance(value, int | float) or not 0 <= value <= 1:
                raise CodingError("QC-K006", f"{what!r} is {value!r}, and must be from 0 to 1",
                                  hint="Mend it in the recipe, or leave it out.")  # fmt: skip
        if not isinstance(self.bank, ExampleBank | None):
            raise CodingError("QC-K006", f"'bank' is {self.bank!r}, and must be an example bank",
                              hint="A recipe leaves it out: the bank beside the codebook is used.")  # fmt: skip
        if self.encoder is not None and not hasattr(self.encoder, "id"):
            raise CodingError("QC-K006", f"'encoder' is {self.encoder!r}, and must be one that was loaded",
                              hint="A recipe leaves it out, and names the model's folder in its key 'vectors'."
                              )  # fmt: skip
        known = [code.id for code in self.codebook if code.codable and code.status != "retired"]
        unknown = sorted(set(self.codes or ()) - {code.id for code in self.codebook})
        if unknown:
            raise CodingError("QC-K003", f"the codebook {self.codebook.id!r} has no code {unknown[0]!r}",
                              hint=f"See: qualcode codebook show {self.codebook.id}")  # fmt: skip
        name = "" if encoder is None or weight == 0 else encoder.id
        if name not in self._learnt:
            bank = self.bank if self.bank is not None else load_bank(self.codebook)
            view = View(self.codebook.unit, self.neighbours, self.question)
            self._learnt[name] = learn(exemplars_of(self.codebook, bank), known, view, encoder, weight)
        return self._learnt[name]

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:  # noqa: ARG002 - it learns from examples
        """Return the coder with the corpus's sentence vectors, or itself: it learns from examples, not from codings."""
        if corpus.vectors is None or corpus.vectors is self.encoder:
            return self
        found = replace(self, encoder=corpus.vectors)
        vars(found)["_learnt"] = self._learnt  # all else is as it was, so what was learnt holds
        return found

    def get_params(self) -> Mapping[str, Any]:
        """Return what the recipe records.

        ``codebook`` (its id), ``codes``, ``bank`` (SHA-256 of its file), ``neighbours``, ``question``, ``vectors`` (the
        weight, ``None`` where there is no model for them) and ``encoder`` (the model's id).
        """
        weight = VECTORS if self.vectors is None and self.encoder is not None else self.vectors
        return {
            "codebook": self.codebook.id,
            "codes": self.codes,
            "bank": None if self.bank is None else self.bank.sha256,
            "neighbours": self.neighbours,
            "question": self.question,
            "vectors": weight,
            "encoder": getattr(self.encoder, "id", self.encoder),
        }

    def suggest(self, corpus: Corpus) -> Suggestions:
        """Return the suggestions for a corpus, by document, place and code.

        Raises:
            CodingError: QC-K003, QC-K006 for parameters that cannot be used.
            CodebookError: when the example bank is not sound.
        """
        documents = {document.id: document for document in corpus.documents}
        encoder = self.encoder if self.encoder is not None else corpus.vectors
        model = self.learnt(encoder)
        found: list[Suggestion] = []
        if model.exemplars:
            for shard in corpus.index.shards:
                found.extend(self._in_shard(shard, [documents[seat[0]] for seat in shard.documents], model, encoder))
        order = {document.id: number for number, document in enumerate(corpus.documents)}
        rank = {code.id: number for number, code in enumerate(self.codebook.tree())}
        found.sort(key=lambda each: (order[each.document_id], each.span, rank[each.code]))
        return Suggestions(tuple(found))

    def scores(self, corpus: Corpus) -> Scores:
        """Return for every unit and code the share of units so like the code's examples that would carry it.

        Units of fewer than three words, and codes that are not asked for, have 0.

        Raises:
            CodingError: QC-K003, QC-K006 for parameters that cannot be used.
            CodebookError: when the example bank is not sound.
        """
        book = self.codebook
        encoder = self.encoder if self.encoder is not None else corpus.vectors
        model = self.learnt(encoder)
        units = units_of(corpus, book.unit, roles_left_out=book.roles_left_out)
        values = np.zeros((len(units), len(model.codes)), np.float32)
        ordinal = {document.id: number for number, document in enumerate(corpus.documents)}
        for shard in corpus.index.shards if model.exemplars else ():
            seen, sense = self._seen(shard, model, encoder)
            if not len(seen.units):
                continue
            first = seen.counts.tokens[np.searchsorted(seen.counts.unit, seen.units)]
            seats, starts, _ = shard.locate(first, first + 1)
            seat = np.asarray([ordinal[each[0]] for each in shard.documents])[seats]
            share = model.share(model.scores(seen.vectors, None if sense is None else sense.vectors))
            values[units.rows_at(seat, starts)] = share
        if self.codes is not None:
            values[:, [code not in self.codes for code in model.codes]] = 0
        return Scores(units, values, model.codes)

    def _seen(self, shard: Shard, model: Model, encoder: Encoder | None) -> tuple[Seen, Meant | None]:
        """Return the units of a shard as the model sees them: by their words, and by what they mean."""
        book = self.codebook
        seen = see(shard, book.unit, model.vocabulary, left_out=book.roles_left_out,
                   neighbours=self.neighbours, question=self.question)  # fmt: skip
        if model.meanings is None or encoder is None or not len(seen.units):
            return seen, None
        return seen, meant(shard, book.unit, seen, encoder, neighbours=self.neighbours, question=self.question)

    def _in_shard(
        self, shard: Shard, documents: Sequence[Document], model: Model, encoder: Encoder | None
    ) -> Iterator[Suggestion]:
        seen, sense = self._seen(shard, model, encoder)
        if not len(seen.units):
            return
        scores = model.scores(seen.vectors, None if sense is None else sense.vectors)
        alone = model.scores(seen.alone, None if sense is None else sense.alone)
        found = [
            _trimmed(passage, alone[:, passage.code] >= EDGE * model.thresholds[passage.code])
            for code, code_id in enumerate(model.codes)
            if self.codes is None or code_id in self.codes
            for passage in _passages(seen, code, scores[:, code], alone[:, code], float(model.thresholds[code]))
        ]
        worth = WordWorth.of(model, shard, seen.counts, seen.units)
        share = model.share(scores)
        for at in range(0, len(found), BATCH):
            batch = found[at : at + BATCH]
            best = [each.best for each in batch]
            similarity = model.similarity(seen.vectors[best], None if sense is None else sense.vectors[best])
            rows = [_rows(seen, each) for each in batch]
            words = [worth.words_that_count(own, each.code) for own, each in zip(rows, batch, strict=True)]
            if sense is not None and encoder is not None:
                _fill(words, model, shard, encoder, seen, batch)
            for each, own, counted, alike in zip(batch, rows, words, similarity, strict=True):
                near = nearest(model, alike, each.code)
                score = float(share[each.first : each.last + 1, each.code].max())
                yield self._suggestion(shard, seen, each, model, near, own, counted, documents, score)

    def _suggestion(
        self, shard: Shard, seen: Seen, found: _Found, model: Model, near: Sequence[int], rows: slice, words: Array,
        documents: Sequence[Document], score: float,
    ) -> Suggestion:  # fmt: skip
        book = self.codebook
        tokens = seen.counts.tokens[rows]
        place, starts, ends = shard.locate(tokens[[0]], _end(shard, tokens))
        document = documents[int(place[0])]
        span = Span(int(starts[0]), int(ends[0]))
        facets = {facet.id: facet.default for facet in book.facets if facet.default is not None}
        stances = next((facet.values for facet in book.facets if facet.id == "stance"), ())
        if near and DENIED in stances and model.exemplars[near[0]].denial:
            facets["stance"] = DENIED
        return Suggestion(
            document_id=document.id,
            document_sha256=document.text_sha256,
            block=int(shard.block_number[seen.block[found.first]]),
            span=span,
            quote=document.quote(span),
            prefix=document.text[max(0, span.start - CONTEXT_LENGTH) : span.start],
            suffix=document.text[span.end : span.end + CONTEXT_LENGTH],
            code=model.codes[found.code],
            coder=self.name,
            rules=tuple(model.exemplars[row].id for row in near),
            evidence=_spans(shard, words),
            score=round(score, 4),
            facets=facets,
            codebook=book.id,
            codebook_version=book.version,
            codebook_sha256=book.sha256,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """A passage: the code's column, its first and last row among the units seen, and the one most like the examples."""

    code: int
    first: int
    last: int
    best: int


def _rows(seen: Seen, found: _Found) -> slice:
    """Return which of the words that were counted a passage has."""
    return slice(*np.searchsorted(seen.counts.unit, seen.units[[found.first, found.last]] + [0, 1]).tolist())


def _fill(
    words: list[Array], model: Model, shard: Shard, encoder: Encoder, seen: Seen, batch: Sequence[_Found]
) -> None:
    """Give passages of which no word counted those words of their best unit that the sentence vector would miss."""
    bare = [number for number, counted in enumerate(words) if not len(counted)]
    units = [seen.units[batch[number].best] for number in bare]
    tokens = [
        seen.counts.tokens[slice(*np.searchsorted(seen.counts.unit, [unit, unit + 1]).tolist())] for unit in units
    ]
    asked = [(own, batch[number].code) for number, own in zip(bare, tokens, strict=True)]
    for number, missed in zip(bare, words_missed(model, shard, encoder, asked) if asked else (), strict=True):
        words[number] = missed


def _passages(seen: Seen, code: int, scores: Array, alone: Array, threshold: float) -> Iterator[_Found]:
    """Yield each run of neighbours in one turn that carry a code; units too short to be coded are stepped over."""
    rows = np.flatnonzero(scores >= threshold)
    if not len(rows):
        return
    apart = (np.diff(rows) > 1) | (np.diff(seen.block[rows]) != 0)
    firsts = rows[np.append(True, apart)]
    lasts = rows[np.append(apart, True)]
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        both = scores[first : last + 1] + alone[first : last + 1]
        yield _Found(code, first, last, first + int(np.argmax(both)))


def _trimmed(passage: _Found, own: Array) -> _Found:
    """Return a passage without what stands at its edges and has the code from its neighbours alone."""
    first, last = passage.first, passage.last
    while first < passage.best and not own[first]:
        first += 1
    while last > passage.best and not own[last]:
        last -= 1
    return _Found(passage.code, first, last, passage.best)


def _end(shard: Shard, tokens: Array) -> Array:
    """Return the row behind a passage's last sentence: what closes it belongs to it."""
    sentence = int(shard.token_sentence[tokens[-1]])
    block = int(shard.token_block[tokens[-1]])
    return np.asarray([min(int(shard.sentence_first[sentence + 1]), int(shard.block_first[block + 1]))])


def _spans(shard: Shard, tokens: Array) -> tuple[Span, ...]:
    """Return the places of some words, neighbours as one."""
    if not len(tokens):
        return ()
    apart = np.diff(tokens) > 1
    firsts, lasts = tokens[np.append(True, apart)], tokens[np.append(apart, True)]
    _, starts, ends = shard.locate(firsts, lasts + 1)
    return tuple(Span(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True))
