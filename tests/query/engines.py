"""One way to ask both evaluators the same question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.model.document import Document
from qualcode.query import evaluate
from qualcode.text import TokenIndex
from tests.builders import document
from tests.query.reference import Hit, Splitter, evaluate_slowly

__all__ = ["ENGINES", "fast", "quotes", "slow", "transcript", "units_of"]

_TURN = re.compile(r"(?P<label>[A-Z]\w*): (?P<speech>.*)", re.DOTALL)
_ROLES = {"Q": "interviewer", "M": "moderator", "O": "observer"}


def transcript(text: str, name: str = "01", attributes: Mapping[str, str] | None = None, **more: Any) -> Document:
    """Return a document of turns parted by ``//``; Q asks, M moderates, O observes, all others take part."""
    turns = []
    for turn in re.split(r" // ", text):
        found = _TURN.fullmatch(turn)
        label, speech = (found["label"], found["speech"]) if found else ("P", turn)
        turns.append((label, _ROLES.get(label, "participant"), speech))
    return document(name, turns, attributes=attributes, **more)


def slow(query: Any, documents: Sequence[Document], **options: Any) -> list[Hit]:
    """Return the hits by the reference, with the index's sentences and passages (they are tested elsewhere)."""
    index = options.pop("index", None) or TokenIndex.build(documents)
    return evaluate_slowly(query, documents, units=units_of(index), **options)


def fast(query: Any, documents: Sequence[Document], **options: Any) -> list[Hit]:
    """Return the hits by the evaluator that the program uses."""
    index = options.pop("index", None) or TokenIndex.build(documents)
    found = evaluate(query, index, **options)
    columns = (found.document, found.block, found.start, found.end)
    assert all(str(column.dtype) == "int32" for column in columns)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def units_of(index: TokenIndex) -> Splitter:
    """Return the sentences and passages of an index's tokens, by document and block."""
    known: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for shard in index.shards:
        for ordinal, number in enumerate(shard.block_number.tolist()):
            rows = slice(int(shard.block_first[ordinal]), int(shard.block_first[ordinal + 1]))
            sentences = shard.token_sentence[rows]
            passages = shard.sentence_passage[sentences] if len(sentences) else sentences
            document = shard.documents[int(shard.block_document[ordinal])][0]
            known[document, number] = list(zip(sentences.tolist(), passages.tolist(), strict=True))
    return lambda document, block, _words: known[document.id, block]


def quotes(hits: Sequence[Hit], documents: Sequence[Document]) -> list[str]:
    """Return the words of each hit."""
    return [documents[number].text[start:end] for number, _, start, end in hits]


ENGINES = (slow, fast)
