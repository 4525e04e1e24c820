"""An index says the same of a document however the corpus is cut into pieces and shards, and whatever lies beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.model.document import Document
from qualcode.text import TokenIndex
from qualcode.text.build import build_shards
from tests.builders import document
from tests.text.speech import nasty, plain, speech

TURNS = st.lists(
    st.tuples(
        st.sampled_from([("Q", "interviewer"), ("Dana", "participant"), ("Lee", "participant"), ("", "unknown")]),
        st.one_of(speech, nasty).filter(lambda said: said.strip() != ""),
        st.sampled_from(["turn", "turn", "turn", "question", "heading", "note", "meta", "unattributed"]),
    ),
    max_size=4,
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Document]:
    return [
        document(f"d{number}", [(label, role, said, kind) for (label, role), said, kind in draw(TURNS)])
        for number in range(draw(st.integers(1, 4)))
    ]


def facts(index: TokenIndex, found: Document) -> dict[str, Any]:
    """Return everything that an index holds of one document, in the document's own terms."""
    place = index.place(found.id)
    shard = index.shards[place.shard]
    blocks = np.flatnonzero(shard.block_document == place.document)
    rows = np.flatnonzero(np.isin(shard.token_block, blocks))
    base, first = int(shard.document_base[place.document]), int(rows[0]) if len(rows) else 0
    sentences = shard.token_sentence[rows]
    questions = shard.block_question[blocks]
    return {
        "tokens": [shard.types.texts[number] for number in shard.token_type[rows].tolist()],
        "folded": [shard.types.folded[number] for number in shard.token_type[rows].tolist()],
        "starts": (shard.token_start[rows] - base).tolist(),
        "lengths": shard.token_length[rows].tolist(),
        "blocks": shard.block_number[shard.token_block[rows]].tolist(),
        "sentences": (sentences - (sentences[0] if len(sentences) else 0)).tolist(),
        "passages": np.unique(shard.sentence_passage[sentences], return_inverse=True)[1].tolist(),
        "spans": [(a - base, b - base) for a, b in zip(shard.block_start[blocks].tolist(), shard.block_end[blocks].tolist(), strict=True)],
        "questions": [-1 if at < 0 else int(shard.block_number[at]) for at in questions.tolist()],
        "kinds": [shard.kinds[number] for number in shard.block_kind[blocks].tolist()],
        "roles": [shard.roles[number] for number in shard.block_role[blocks].tolist()],
        "codeable": shard.block_codeable[blocks].tolist(),
        "speakers": [shard.speakers[at].label if at >= 0 else "" for at in shard.block_speaker[blocks].tolist()],
        "postings": {
            text: (posting[np.isin(posting, rows)] - first).tolist()
            for text, posting in ((text, shard.posting(number)) for number, text in enumerate(shard.types.texts))
            if np.isin(posting, rows).any()
        },
        "text": shard.text(place.document),
    }  # fmt: skip


def all_facts(index: TokenIndex, documents: Sequence[Document]) -> Iterator[dict[str, Any]]:
    for each in documents:
        yield facts(index, each)


@settings(max_examples=80, deadline=None)
@given(corpora(), st.sampled_from([1, 5, 17, 1_000]), st.sampled_from([1, 3, 60, 3_000_000]))
def test_neither_pieces_nor_shards_nor_neighbours_matter(
    documents: list[Document], piece: int, shard_tokens: int
) -> None:
    alone = [facts(TokenIndex.build([each]), each) for each in documents]
    with patch("qualcode.text.build.PIECE", piece):
        together = TokenIndex.build(documents, shard_tokens=shard_tokens)
    assert list(all_facts(together, documents)) == alone
    backwards = TokenIndex.build(documents[::-1])
    assert list(all_facts(backwards, documents)) == alone


@settings(max_examples=40, deadline=None)
@given(corpora(), st.sampled_from([1, 60, 3_000_000]))
def test_every_shard_keeps_its_own_promises(documents: list[Document], shard_tokens: int) -> None:
    seen = 0
    for shard in build_shards(documents, shard_tokens=shard_tokens):
        rows = np.arange(shard.n_tokens)
        assert (np.diff(shard.token_start) > 0).all()
        assert (shard.token_start[:-1] + shard.token_length[:-1] <= shard.token_start[1:]).all()
        assert sorted(shard.postings.tolist()) == rows.tolist()
        assert (
            shard.token_type[shard.postings] == np.repeat(np.arange(len(shard.types)), np.diff(shard.posting_first))
        ).all()
        assert shard.types.folded == tuple(sorted(shard.types.folded))
        assert list(shard.types.forms) == sorted(set(shard.types.forms))
        # Each token lies in one sentence, each sentence in one turn, each passage in one turn.
        assert shard.sentence_first[0] == 0 or not shard.n_tokens
        assert shard.sentence_first[-1] == shard.n_tokens
        assert (np.diff(shard.sentence_first) > 0).all()
        sentence = np.searchsorted(shard.sentence_first, rows, side="right") - 1
        assert (sentence == shard.token_sentence).all()
        first, last = shard.sentence_first[:-1], shard.sentence_first[1:] - 1
        assert (shard.token_block[first] == shard.token_block[last]).all()
        turns = {
            (passage, block)
            for passage, block in zip(shard.sentence_passage.tolist(), shard.token_block[first].tolist(), strict=True)
        }
        assert len(turns) == len({passage for passage, _ in turns})
        for name in (
            "token_type",
            "token_start",
            "token_length",
            "token_sentence",
            "token_block",
            "postings",
            "sentence_passage",
        ):
            assert getattr(shard, name).dtype == np.int32, name
        seen += len(shard.documents)
    assert seen == len(documents)


def test_a_shard_closes_when_it_holds_enough_tokens() -> None:
    documents = [plain("we plan it together", f"d{number}") for number in range(7)]
    assert [len(shard.documents) for shard in build_shards(documents, shard_tokens=8)] == [7]
    with patch("qualcode.text.build.PIECE", 10):
        assert [len(shard.documents) for shard in build_shards(documents, shard_tokens=8)] == [2, 2, 2, 1]


def test_no_word_spans_two_blocks_that_touch() -> None:
    from dataclasses import replace

    from qualcode.model.document import Block, Span

    touching = plain("firstsecond third")
    touching = replace(
        touching,
        blocks=(Block(0, "turn", Span(0, 5)), Block(1, "turn", Span(5, 12)), Block(2, "turn", Span(12, 17))),
    )
    touching.check()
    found = facts(TokenIndex.build([touching]), touching)
    assert (found["tokens"], found["blocks"]) == (["first", "second", "third"], [0, 1, 2])
