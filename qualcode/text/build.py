"""Documents to shards: mask what is not speech, scan, find turns and sentences, sort the postings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.model.document import CODEABLE_KINDS, NON_SPEECH_MARKS, Block, Document, sha256_of
from qualcode.text.nlp import model_version
from qualcode.text.readings import Readings
from qualcode.text.scan import scan
from qualcode.text.sentences import BREATHS, passage_numbers, sentence_starts, type_flags
from qualcode.text.shard import FLAG_WORD, Shard, ShardSpeaker, TypeTable
from qualcode.text.vocabulary import Vocabulary

__all__ = [
    "ASKING_ROLES",
    "INDEXED_KINDS",
    "INDEX_VERSION",
    "SHARD_TOKENS",
    "build_shards",
    "document_digest",
    "shard_name",
]

Array = npt.NDArray[Any]

INDEX_VERSION = 7
"""Raised whenever tokens, sentences or the stored arrays change: older stored shards are then made again."""

SHARD_TOKENS = 2_500_000
"""A shard is closed when it holds this many tokens."""

PIECE = 2_000_000
"""Characters that are scanned in one go."""

INDEXED_KINDS = CODEABLE_KINDS | {"question", "heading"}
"""Kinds of block whose words are tokens; the apparatus (meta, legend, stage, note) has none."""

ASKING_ROLES = frozenset({"interviewer", "moderator"})
"""Roles whose turns are questions to what follows."""

QUESTION_WORDS = 4
"""A turn of fewer words and without a question mark is a back-channel ("Yeah, yeah."), not a question."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")


def document_digest(document: Document) -> str:
    """Return the SHA-256 of everything about a document that the index holds: 64 hex digits.

    Text, name, attributes, speakers, blocks and the marks that are not speech; two documents of equal digest are
    indexed alike.
    """
    held = (
        document.name, document.text_sha256, sorted(document.attributes.items()),
        [(s.id, s.label, s.role, sorted(s.attributes.items())) for s in document.speakers],
        [(b.kind, b.span.start, b.span.end, b.speaker_ids, b.label_span and (b.label_span.start, b.label_span.end))
         for b in document.blocks],
        [(mark.span.start, mark.span.end) for mark in document.marks if mark.kind in NON_SPEECH_MARKS],
    )  # fmt: skip
    return sha256_of(repr(held))


def shard_name(documents: Iterable[tuple[str, str]], recipe: str = "") -> str:
    """Return the name of the shard of these documents, given as (id, digest): 16 hex digits."""
    return sha256_of(repr((INDEX_VERSION, recipe, list(documents))))[:16]


def build_shards(
    documents: Iterable[Document], *, shard_tokens: int = SHARD_TOKENS, model: str | None = None
) -> Iterator[Shard]:
    """Yield the shards of a stream of documents, in order; memory is bounded by one shard and one document.

    ``model`` names an installed spaCy pipeline whose lemmas and tags the types then carry.
    """
    vocabulary = Vocabulary()
    draft = _Draft(vocabulary, model)
    for document in documents:
        draft.add(document)
        if draft.tokens >= shard_tokens:
            yield draft.finish()
            draft = _Draft(vocabulary, model)
    if draft.documents:
        yield draft.finish()


@dataclass(slots=True)
class _Draft:
    """A shard in the making."""

    vocabulary: Vocabulary
    model: str | None = None
    readings: Readings = field(default_factory=Readings)
    tokens: int = 0
    characters: int = 0
    pending: list[str] = field(default_factory=list)
    pending_size: int = 0
    scanned: int = 0
    types: list[Array] = field(default_factory=list)
    starts: list[Array] = field(default_factory=list)
    lengths: list[Array] = field(default_factory=list)
    documents: list[tuple[str, str, str]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    attributes: list[dict[str, str]] = field(default_factory=list)
    speakers: list[ShardSpeaker] = field(default_factory=list)
    blocks: list[tuple[int, int, int, int, int, int, int, int]] = field(default_factory=list)
    shared: list[tuple[int, int]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=lambda: {"unknown": 0})
    paragraphs: list[int] = field(default_factory=list)
    bases: list[int] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)

    def add(self, document: Document) -> None:
        number, base = len(self.documents), self.characters
        self.documents.append((document.id, document.text_sha256, document.name))
        self.digests.append(document_digest(document))
        self.attributes.append(dict(document.attributes))
        self.bases.append(base)
        self.texts.append(document.text.encode("utf-8", "surrogatepass"))
        seat: dict[str, int] = {}
        for speaker in document.speakers:
            seat[speaker.id] = len(self.speakers)
            self.speakers.append(
                ShardSpeaker(number, speaker.id, speaker.label, speaker.role, dict(speaker.attributes))
            )
        if self.model is not None:
            self.readings.add(self.model, document, base, INDEXED_KINDS)
        pieces: list[str] = []
        at = 0
        text = document.text
        for block, spans in document.speech():
            self._add_block(block, number, base, seat)
            if block.kind not in INDEXED_KINDS:
                continue
            for span in spans:
                if span.start > at:
                    pieces.append(" " * (span.start - at))
                elif at and span.start == block.span.start and _joined(text, at):
                    self.pending.extend(pieces)
                    pieces.clear()
                    self._scan()
                pieces.append(text[span.start : span.end])
                at = span.end
            if "\n" in text[block.span.start : block.span.end]:
                stretch = text[block.span.start : block.span.end]
                self.paragraphs.extend(
                    base + block.span.start + gap.end()
                    for gap in _PARAGRAPH.finditer(stretch)
                    if gap.end() < len(stretch)
                )
        pieces.append(" " * (len(text) - at + 1))
        self.pending.extend(pieces)
        self.pending_size += len(text) + 1
        self.characters += len(text) + 1
        if self.pending_size >= PIECE:
            self._scan()

    def _add_block(self, block: Block, number: int, base: int, seat: dict[str, int]) -> None:
        who = [seat[each] for each in block.speaker_ids]
        role = self.speakers[who[0]].role if who else "unknown"
        self.shared.extend((len(self.blocks), other) for other in who[1:])
        self.blocks.append((
            number, block.index,
            self.kinds.setdefault(block.kind, len(self.kinds)), self.roles.setdefault(role, len(self.roles)),
            who[0] if who else -1,
            base + block.span.start, base + block.span.end, int(block.kind in CODEABLE_KINDS),
        ))  # fmt: skip

    def _scan(self) -> None:
        text = "".join(self.pending)
        self.pending.clear()
        self.pending_size = 0
        at = 0
        while at < len(text):
            end = _cut(text, at + PIECE)
            found = scan(text[at:end], self.vocabulary)
            self.types.append(found.types)
            self.starts.append(found.starts + np.int32(self.scanned + at))
            self.lengths.append(found.lengths)
            self.tokens += len(found.types)
            at = end
        self.scanned += len(text)

    def finish(self) -> Shard:
        """Return the shard; the draft is spent."""
        self._scan()
        token_type, types = _local_types(_whole(self.types), self.vocabulary)
        token_start, token_length = _whole(self.starts), _whole(self.lengths)
        if self.model is not None:
            token_type, types = self.readings.split_types(token_type, types, token_start, token_length)
        blocks = np.asarray(self.blocks, np.int32).reshape(-1, 8)
        columns = [np.ascontiguousarray(blocks[:, column]) for column in range(8)]
        block_document, block_number, block_kind, block_role, block_speaker, block_start, block_end, codeable = columns
        block_first = np.append(np.searchsorted(token_start, block_start), len(token_type)).astype(np.int32)
        token_block = np.repeat(np.arange(len(blocks), dtype=np.int32), np.diff(block_first))
        texts = types.texts
        flags = type_flags(texts)
        breathing = [number for word in BREATHS if (number := types.number_of_form(word)) is not None]
        breaths = np.isin(types.form_of_type, breathing)
        paragraphs = np.searchsorted(token_start, np.asarray(self.paragraphs, np.int32))
        forced = np.unique(np.concatenate([block_first[:-1], paragraphs]))
        forced = forced[forced < len(token_type)]
        attached = np.zeros(len(token_type), bool)
        attached[1:] = token_start[1:] == token_start[:-1] + token_length[:-1]
        firsts = sentence_starts(token_type, flags, breaths, forced, attached=attached)
        posting_first, postings = _sorted_postings(token_type, len(texts))
        roles = tuple(self.roles)
        kinds = tuple(self.kinds)
        question = _questions(
            block_document, block_kind, block_role, block_first, token_type, texts, flags, kinds, roles
        )
        sentence_first = np.append(firsts, len(token_type)).astype(np.int32)
        sizes = np.fromiter(map(len, self.texts), np.int64, len(self.texts))
        text_bytes = np.frombuffer(b"".join(self.texts), np.uint8)
        self.texts.clear()
        return Shard(
            token_type=token_type, token_start=token_start, token_length=token_length,
            token_sentence=np.repeat(np.arange(len(firsts), dtype=np.int32), np.diff(sentence_first)),
            token_block=token_block, posting_first=posting_first, postings=postings,
            block_first=block_first, block_document=block_document, block_number=block_number,
            block_kind=block_kind, block_role=block_role, block_speaker=block_speaker, block_question=question,
            block_start=block_start, block_end=block_end, block_codeable=codeable,
            sentence_first=sentence_first, sentence_passage=passage_numbers(firsts, forced),
            document_base=np.asarray([*self.bases, self.characters], np.int32),
            text_bytes=text_bytes, text_first=np.append(0, np.cumsum(sizes)),
            types=types, documents=tuple(self.documents), speakers=tuple(self.speakers),
            attributes=tuple(self.attributes), kinds=kinds, roles=roles, shared_turns=tuple(self.shared),
            digests=tuple(self.digests),
            name=shard_name(
                ((each[0], digest) for each, digest in zip(self.documents, self.digests, strict=True)),
                model_version(self.model) if self.model is not None else "",
            ),
        )  # fmt: skip


def _whole(parts: list[Array]) -> Array:
    """Return the parts as one array, and let go of them."""
    joined = np.concatenate(parts) if parts else np.empty(0, np.int32)
    parts.clear()
    return joined


def _joined(text: str, at: int) -> bool:
    """Return whether no blank stands at a border of blocks: then a word would span both."""
    return not text[at - 1].isspace() and not text[at].isspace()


def _cut(text: str, end: int) -> int:
    """Return the first place from ``end`` on at which no chunk is cut."""
    if end >= len(text):
        return len(text)
    gap = re.compile(r"\s").search(text, end)
    return gap.end() if gap else len(text)


def _local_types(token_type: Array, vocabulary: Vocabulary) -> tuple[Array, TypeTable]:
    """Return the tokens' types renumbered to those that occur here, and the table of these, by folded form."""
    used = np.flatnonzero(np.bincount(token_type, minlength=len(vocabulary.types)))
    names, forms = list(vocabulary.types), list(vocabulary.folds)
    folds = vocabulary.fold_of_type
    order = sorted(used.tolist(), key=lambda number: forms[folds[number]])
    numbers = np.zeros(len(names), np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    sorted_folds = np.asarray([folds[number] for number in order], np.int64)
    begins = np.append(True, sorted_folds[1:] != sorted_folds[:-1])[: len(order)]
    table = TypeTable(
        "\n".join([names[number] for number in order]),
        "\n".join([forms[number] for number in sorted_folds[begins].tolist()]),
        (np.cumsum(begins) - 1).astype(np.int32),
    )
    return numbers[token_type], table


def _sorted_postings(token_type: Array, n_types: int) -> tuple[Array, Array]:
    """Return where each type's rows begin, and all rows sorted by type, ascending within a type."""
    first = np.zeros(n_types + 1, np.int32)
    np.cumsum(np.bincount(token_type, minlength=n_types), out=first[1:])
    keys = token_type.astype(np.int64)
    keys <<= 32
    keys += np.arange(len(token_type), dtype=np.int32)
    keys.sort()
    keys &= 0xFFFFFFFF
    return first, keys.astype(np.int32)


def _sums(values: Array, first: Array) -> Array:
    """Return how many values hold in each block."""
    sums = np.zeros(len(values) + 1, np.int32)
    np.cumsum(values, out=sums[1:])
    return np.asarray(sums[first[1:]] - sums[first[:-1]])


def _questions(
    document: Array, kind: Array, role: Array, first: Array, token_type: Array, texts: tuple[str, ...],
    flags: Array, kinds: tuple[str, ...], roles: tuple[str, ...],
) -> Array:  # fmt: skip
    """Return for each block the block of the question it answers, −1 for none."""
    asks = np.isin(role, [number for number, name in enumerate(roles) if name in ASKING_ROLES])
    asks |= np.isin(kind, [number for number, name in enumerate(kinds) if name == "question"])
    marked = np.fromiter(("?" in text for text in texts), bool, len(texts))
    worded = (flags & FLAG_WORD) > 0
    full = (_sums(marked[token_type], first) > 0) | (_sums(worded[token_type], first) >= QUESTION_WORDS)
    number = np.arange(len(document), dtype=np.int32)
    last = np.maximum.accumulate(np.where(asks & full, number, -1)) if len(number) else number
    stray = asks | (last < 0)
    stray |= document[np.maximum(last, 0)] != document
    return np.where(stray, -1, last).astype(np.int32)
