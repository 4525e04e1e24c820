"""One shard of the index: the tokens of a batch of documents as flat arrays, in memory or memory-mapped.

A token is a row number ``0 … n``; a hit is a pair of rows, half-open. Characters are code points of the shard's
whole text (all its documents end to end); :meth:`Shard.locate` turns them into offsets in a document.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.errors import TokenIndexError
from qualcode.model.codes import Unit
from qualcode.text.lemmas import lemmas_of

__all__ = [
    "ARRAYS", "FLAG_ABBREVIATION", "FLAG_CAPITAL", "FLAG_CLAUSE", "FLAG_CLOSER", "FLAG_LOWER", "FLAG_SOFT_STOP",
    "FLAG_STOP", "FLAG_WORD", "Shard", "ShardSpeaker", "TypeTable",
]  # fmt: skip

Array = npt.NDArray[Any]

FLAG_WORD = 1
"""The type has a letter or a digit."""
FLAG_STOP = 2
"""The type ends a sentence: ``.``, ``?``, ``!`` and runs of them."""
FLAG_SOFT_STOP = 4
"""An ellipsis: it ends a sentence only before a capital."""
FLAG_CLOSER = 8
"""A closing quote or bracket: it belongs to the sentence before."""
FLAG_CAPITAL = 16
"""The type begins with a capital."""
FLAG_CLAUSE = 32
"""Punctuation that ends a clause: comma, semicolon, colon, dash, bracket."""
FLAG_ABBREVIATION = 64
"""A word cut short, such as *etc*: the full stop behind it ends a sentence only before a capital."""
FLAG_LOWER = 128
"""The type begins with a small letter."""

ARRAYS = (
    "token_type", "token_start", "token_length", "token_sentence", "token_block",
    "posting_first", "postings",
    "block_first", "block_document", "block_number", "block_kind", "block_role", "block_speaker", "block_question",
    "block_start", "block_end", "block_codeable",
    "sentence_first", "sentence_passage", "document_base", "text_bytes", "text_first",
)  # fmt: skip
"""The arrays of a shard, each a file ``NAME.npy`` when stored."""


@dataclass(frozen=True, slots=True)
class ShardSpeaker:
    """A speaker as the index knows them: which document (ordinal in the shard), who, in what role."""

    document: int
    id: str
    label: str
    role: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class TypeTable:
    """The distinct tokens of a shard, ordered by folded form: their texts, forms, and which forms share a lemma.

    Because types are ordered, those of one form, and those whose forms begin alike, are neighbours. Lookup tables are
    made when first asked for, so that opening a stored shard costs little.

    Attributes:
        joined_texts: the text of each type, a type a line, ordered by folded form.
        joined_forms: the distinct folded forms, a form a line, sorted.
        form_of_type: for each type the number of its folded form, ascending.
        joined_readings: with a spaCy model, ``lemma TAB tag`` of each type, a type a line (nothing where the model cut
            otherwise); one word form then has as many types as readings. Empty without a model.
    """

    def __init__(self, joined_texts: str, joined_forms: str, form_of_type: Array, joined_readings: str = "") -> None:
        self.joined_texts = joined_texts
        self.joined_forms = joined_forms
        self.form_of_type = form_of_type
        self.joined_readings = joined_readings

    def __len__(self) -> int:
        return len(self.form_of_type)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text of each type."""
        return tuple(self.joined_texts.split("\n")) if len(self) else ()

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The distinct folded forms, sorted."""
        return tuple(self.joined_forms.split("\n")) if len(self) else ()

    @cached_property
    def _first(self) -> Array:
        return np.append(0, np.cumsum(np.bincount(self.form_of_type)))

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The folded form of each type."""
        return tuple(map(self.forms.__getitem__, self.form_of_type.tolist()))

    def number_of_form(self, form: str) -> int | None:
        """Return the number of a folded form, ``None`` when no token has it."""
        at = bisect_left(self.forms, form)
        return at if at < len(self.forms) and self.forms[at] == form else None

    def types_of_forms(self, numbers: Sequence[int] | range) -> Array:
        """Return the types with any of these folded forms, ascending, int64."""
        first = self._first
        if not len(numbers):
            return np.empty(0, np.int64)
        if isinstance(numbers, range):
            return np.arange(first[numbers[0]], first[numbers[-1] + 1])
        if len(numbers) == 1:
            return np.arange(first[numbers[0]], first[numbers[0] + 1])
        return np.concatenate([np.arange(first[number], first[number + 1]) for number in sorted(numbers)])

    @cached_property
    def readings(self) -> tuple[tuple[str, str], ...]:
        """Lemma and tag of each type: the model's, else the tables' first lemma and no tag."""
        if not self.joined_readings:
            return tuple((lemmas_of(form)[0], "") for form in self.folded)
        lines = (line.partition("\t") for line in self.joined_readings.split("\n"))
        return tuple(
            (lemma or lemmas_of(form)[0], tag) for (lemma, _, tag), form in zip(lines, self.folded, strict=True)
        )

    def types_of_lemma(self, lemma: str) -> Array:
        """Return the types that belong to a lemma, ascending, int64; by the model's lemmas where there are any."""
        if self.joined_readings:
            return np.asarray(self._types_by_lemma.get(lemma, ()), np.int64)
        return self.types_of_forms(self._forms_by_lemma.get(lemma, ()))

    @cached_property
    def _forms_by_lemma(self) -> Mapping[str, list[int]]:
        """The numbers of the forms of each lemma; a form with two lemmas stands under both."""
        found: dict[str, list[int]] = {}
        for number, form in enumerate(self.forms):
            for lemma in lemmas_of(form):
                found.setdefault(lemma, []).append(number)
        return found

    @cached_property
    def _types_by_lemma(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, line in enumerate(self.joined_readings.split("\n")):
            lemma = line.partition("\t")[0]
            for each in (lemma,) if lemma else lemmas_of(self.folded[number]):
                found.setdefault(each, []).append(number)
        return found

    @cached_property
    def form_lines(self) -> tuple[bytes, Array]:
        """All folded forms in one UTF-8 string, a form a line, and the byte at which each begins."""
        joined = self.joined_forms.encode("utf-8", "surrogatepass")
        return joined, np.append(0, np.flatnonzero(np.frombuffer(joined, np.uint8) == ord("\n")) + 1)


@dataclass(slots=True)
class Shard:
    """See the module's head. All arrays are int32 unless they say otherwise.

    Attributes:
        token_type, token_start, token_length: for each token its type, first character and number of characters.
        token_sentence, token_block: for each token its sentence and block (ordinals in the shard).
        posting_first, postings: rows of the tokens of type ``t`` are
            ``postings[posting_first[t] : posting_first[t + 1]]``.
        block_first: first token of each block, with the number of tokens at the end.
        block_question: block of the question that a block answers, −1 for none.
        block_codeable: 1 where the block is speech that may be coded (turn, unattributed).
        sentence_first: first token of each sentence, with the number of tokens at the end.
        sentence_passage: passage of each sentence.
        document_base: first character of each document, with the number of characters at the end.
        text_bytes, text_first: the documents' texts in UTF-8 (uint8) and where each begins (int64).
        documents: id, hash of the text and name of each document; ``digests`` covers all that the shard holds of it.
    """

    token_type: Array
    token_start: Array
    token_length: Array
    token_sentence: Array
    token_block: Array
    posting_first: Array
    postings: Array
    block_first: Array
    block_document: Array
    block_number: Array
    block_kind: Array
    block_role: Array
    block_speaker: Array
    block_question: Array
    block_start: Array
    block_end: Array
    block_codeable: Array
    sentence_first: Array
    sentence_passage: Array
    document_base: Array
    text_bytes: Array
    text_first: Array
    types: TypeTable
    documents: tuple[tuple[str, str, str], ...]
    speakers: tuple[ShardSpeaker, ...]
    attributes: tuple[Mapping[str, str], ...]
    kinds: tuple[str, ...]
    roles: tuple[str, ...]
    shared_turns: tuple[tuple[int, int], ...] = ()
    digests: tuple[str, ...] = ()
    name: str = ""
    cache: dict[Any, Any] = field(default_factory=dict)

    @property
    def n_tokens(self) -> int:
        """Number of tokens."""
        return len(self.token_type)

    def text(self, document: int) -> str:
        """Return the text of a document (ordinal in the shard)."""
        first, end = int(self.text_first[document]), int(self.text_first[document + 1])
        return bytes(self.text_bytes[first:end]).decode("utf-8", "surrogatepass")

    def posting(self, type_number: int) -> Array:
        """Return the rows of the tokens of one type, ascending."""
        return self.postings[self.posting_first[type_number] : self.posting_first[type_number + 1]]

    def characters(self, starts: Array, ends: Array) -> tuple[Array, Array]:
        """Return first and end characters (of the shard's text) of token spans."""
        last = ends - 1
        return self.token_start[starts], self.token_start[last] + self.token_length[last]

    def locate(self, starts: Array, ends: Array) -> tuple[Array, Array, Array]:
        """Return document ordinal, start and end (code points in that document) of token spans."""
        first, end = self.characters(starts, ends)
        document = self.block_document[self.token_block[starts]]
        base = self.document_base[document]
        return document, first - base, end - base

    def units(self, unit: Unit, tokens: Array) -> Array:
        """Return the unit (sentence, turn or passage; ordinal in the shard) of each token."""
        if unit == "turn":
            return self.token_block[tokens]
        sentence = self.token_sentence[tokens]
        return sentence if unit == "sentence" else self.sentence_passage[sentence]

    def save(self, folder: Path) -> None:
        """Write the shard to ``folder``; what is there already is replaced when everything is written."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)
        np.save(folder / "type_form.npy", self.types.form_of_type, allow_pickle=False)
        meta = {
            "types": self.types.joined_texts,
            "forms": self.types.joined_forms,
            "readings": self.types.joined_readings,
            "documents": self.documents,
            "speakers": [[s.document, s.id, s.label, s.role, dict(s.attributes)] for s in self.speakers],
            "attributes": [dict(each) for each in self.attributes],
            "kinds": self.kinds,
            "roles": self.roles,
            "shared_turns": self.shared_turns,
            "digests": self.digests,
            "name": self.name,
        }
        (folder / "shard.json").write_text(
            json.dumps(meta, ensure_ascii=False), encoding="utf-8", errors="surrogatepass"
        )

    @classmethod
    def open(cls, folder: Path) -> Shard:
        """Return the shard stored in ``folder``, its arrays memory-mapped.

        Raises:
            TokenIndexError: QC-X001 when files are missing or damaged.
        """
        try:
            meta = json.loads((folder / "shard.json").read_text(encoding="utf-8", errors="surrogatepass"))
            values: dict[str, Any] = {name: _mapped(folder / f"{name}.npy") for name in ARRAYS}
            table = TypeTable(meta["types"], meta["forms"], _mapped(folder / "type_form.npy"), meta["readings"])
            shard = cls(
                **values,
                types=table,
                documents=tuple((d[0], d[1], d[2]) for d in meta["documents"]),
                speakers=tuple(ShardSpeaker(*each) for each in meta["speakers"]),
                attributes=tuple(meta["attributes"]),
                kinds=tuple(meta["kinds"]),
                roles=tuple(meta["roles"]),
                shared_turns=tuple((a, b) for a, b in meta["shared_turns"]),
                digests=tuple(meta["digests"]),
                name=meta["name"],
            )
            shard._check_sizes()
        except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise TokenIndexError(
                "QC-X001",
                f"the stored index is damaged ({error})",
                where=str(folder),
                hint="Delete the .index folder; it is made again from the documents.",
            ) from error
        return shard

    def _check_sizes(self) -> None:
        """Raise ``ValueError`` when arrays that belong together differ in length: files of two shards were mixed."""
        tokens, blocks, documents = len(self.token_type), len(self.block_document), len(self.documents)
        sentences = len(self.sentence_first) - 1
        wanted = (
            (tokens, ("token_start", "token_length", "token_sentence", "token_block", "postings")),
            (blocks, ("block_number", "block_kind", "block_role", "block_speaker", "block_question", "block_start",
                      "block_end", "block_codeable")),
            (blocks + 1, ("block_first",)),
            (sentences, ("sentence_passage",)),
            (len(self.types) + 1, ("posting_first",)),
            (documents + 1, ("document_base", "text_first")),
            (documents, ("attributes", "digests")),
        )  # fmt: skip
        for size, names in wanted:
            for name in names:
                if len(getattr(self, name)) != size:
                    raise ValueError(f"{name} has {len(getattr(self, name))} rows where {size} belong")

    def turn_speakers(self) -> Iterator[tuple[int, int]]:
        """Yield (block, speaker) for every speaker of every turn, also the second ones of shared turns."""
        for block in np.flatnonzero(self.block_speaker >= 0):
            yield int(block), int(self.block_speaker[block])
        yield from self.shared_turns


def _mapped(path: Path) -> Array:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    # A plain view: numpy.memmap's own indexing costs several times that of an array.
    return array.view(np.ndarray) if array.size else np.array(array)
