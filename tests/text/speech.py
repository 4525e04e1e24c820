"""Texts that try to break tokens and sentences, and what the index makes of a text, as plain lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from qualcode.model.document import Block, Document, Span, sha256_of
from qualcode.text import TokenIndex

__all__ = ["BLANKS", "British", "nasty", "plain", "sentences", "speech", "tokens", "tokens_of"]

BLANKS = (" ", "\n", "\n\n", "\t", "\u00a0", "\u2028", "\u2029", "\x85", "\u3000", "\x1c", "\u2009", "\r\n")

_ODD = (
    *"abzAZ\u00e91290'\u2019\u2018\u201c\u201d\"-\u2010\u2011\u2012\u2013\u2014\u2212(){}[]<>.,;:?!\u2026/\\@#%&*+=_~^`|\u00a3$\u20ac\u00b0",
    *("\u00ad", "\u200b", "\u200d", "\ufeff", "\u0301", "\u0130", "\u01c5", "\ufb01", "\u017f", "\u1e9e"),
    *("\U0001f642", "\U0001f44d\U0001f3fd", "\U0001d49c", "e\u0301", ":)", ":-(", "):", "o.O", "=]"),
    *("don't", "don\u2019t", "DON'T", "n't", "'s", "\u2019S", "can't", "it's", "WE'LL", "I\u2019m", "kids'd", "y'know"),
    *("p.m.", "Mr.", "e.g.", "U.K.", "etc.", "St.", "..", "...", "....", "--", "---"),
    *("http://a.uk/b?c=d", "www.bbc.co.uk", "a@b.co.uk", "\u00a330k", "10:30", "9am", "50%", "1,000", "3.5", "20-30"),
    *("gonna", "cannot", "cos", "'cause", "C++", "buy-in", "co\u2011op", "well\u2010being"),
)

British = tuple(
    "so we were like um I mean the kids don't can't won't it's they'd we'd've the head'll gonna cannot y'know innit "
    "d'you t'other buy-in well-being mother-in-law Year 6 KS2 £30k 10:30 9am 3 p.m. Mr. Mrs. Dr. Jones Smith's TAs' "
    "e.g. i.e. etc. Ofsted SENCO's “Well,” ‘no’ \"Right,\" I said. said? Really! yeah... so… but– and— because "
    "(laughs) St. Mary's 50% 1,000 3.5 20-30 and/or DON'T I'M CANNOT it’s don’t— I we never- had A-level Y6 thi- no. No."
    .split()
)  # fmt: skip

nasty = st.lists(st.sampled_from([*_ODD, *BLANKS, " ", " ", " "]), max_size=30).map("".join)
"""Anything next to anything."""

speech = st.lists(st.sampled_from(British), max_size=60).map(" ".join)
"""Words and marks as British people's talk is typed, a blank between each."""


def plain(text: str, name: str = "d") -> Document:
    """Return a document that is one unattributed block without marks."""
    return Document(
        id=name, name=name, text=text, text_sha256=sha256_of(text), source_name=name, source_sha256="", format="text",
        parser="test", parser_version="1", blocks=(Block(0, "unattributed", Span(0, len(text))),),
    )  # fmt: skip


def tokens_of(index: TokenIndex, document: Document) -> list[tuple[int, str]]:
    """Return where each token of a document begins, and its type's text."""
    place = index.place(document.id)
    shard = index.shards[place.shard]
    base = int(shard.document_base[place.document])
    rows = np.flatnonzero(shard.block_document[shard.token_block] == place.document)
    found = []
    for row in rows.tolist():
        start = int(shard.token_start[row]) - base
        text = shard.types.texts[int(shard.token_type[row])]
        assert int(shard.token_length[row]) == len(text)
        assert document.text[start : start + len(text)] == text
        found.append((start, text))
    return found


def tokens(text: str) -> list[str]:
    """Return the texts of the tokens of a document that says this."""
    document = plain(text)
    return [token for _, token in tokens_of(TokenIndex.build([document]), document)]


def sentences(documents: Sequence[Document] | str, *, passages: bool = False) -> list[str]:
    """Return the sentences (or passages) of some documents as texts, from first token to last."""
    found = [plain(documents)] if isinstance(documents, str) else documents
    texts = {document.id: document.text for document in found}
    result = []
    for shard in TokenIndex.build(found).shards:
        first = shard.sentence_first
        if passages:
            new = np.append(True, np.diff(shard.sentence_passage) > 0)[: len(shard.sentence_passage)]
            first = np.append(first[:-1][new], first[-1])
        document, start, end = shard.locate(first[:-1], first[1:])
        result += [
            texts[shard.documents[number][0]][a:b]
            for number, a, b in zip(document.tolist(), start.tolist(), end.tolist(), strict=True)
        ]
    return result
