"""Loose texts (examples, rows of a table) as a corpus, so that they are read as interviews are."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.model.document import Block, Document, Span, sha256_of
from qualcode.text.index import TokenIndex

__all__ = ["index_of"]


def index_of(texts: Sequence[str]) -> TokenIndex:
    """Return an index in memory of one document that has one turn for each text, in order.

    A text without a word has a turn without tokens; the index has no shard when there is no text at all.
    """
    parts: list[str] = []
    blocks: list[Block] = []
    at = 0
    for number, each in enumerate(texts):
        blocks.append(Block(number, "turn", Span(at, at + len(each))))
        parts.append(each + "\n\n")
        at += len(each) + 2
    text = "".join(parts)
    digest = sha256_of(text)
    document = Document("texts", "texts", text, digest, "texts", digest, "texts", "texts", "1", blocks=tuple(blocks))
    return TokenIndex.build([document], shard_tokens=max(1, len(text)))
