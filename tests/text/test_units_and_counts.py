"""Units that may be coded, and word counts for topic models."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.model.codes import Unit
from qualcode.model.document import Document
from qualcode.text import TokenIndex, fold, lemmas_of
from tests.builders import document
from tests.text.speech import plain
from tests.text.test_batches import corpora

TALK = document(
    "d",
    [
        ("Q", "interviewer", "What changed? Tell me."),
        ("Dana", "participant", "\u201cA lot.\u201d We plan (a bit) more... [laughter] So.\n\nThat is all! \u2026"),
        ("Dana", "participant", "\u2014 ?!"),
        ("", "unknown", "Notes by hand", "note"),
        ("", "unknown", "loose words.", "unattributed"),
    ],
)


def quotes(unit: Unit) -> list[str]:
    return [TALK.quote(span) for span in TokenIndex.build([TALK]).unit_spans("d", unit)]


def test_sentences_run_from_their_first_word_to_their_last() -> None:
    assert quotes("sentence") == [
        "What changed", "Tell me", "A lot", "We plan (a bit) more", "So", "That is all", "loose words",
    ]  # fmt: skip


def test_turns_and_passages_are_units_too() -> None:
    turn = "A lot.\u201d We plan (a bit) more... [laughter] So.\n\nThat is all"
    assert quotes("turn") == ["What changed? Tell me", turn, "loose words"]
    assert quotes("passage") == [
        "What changed? Tell me",
        turn.split("\n\n", maxsplit=1)[0][:-1],
        "That is all",
        "loose words",
    ]


@settings(max_examples=60, deadline=None)
@given(corpora(), st.sampled_from(["sentence", "turn", "passage"]))
def test_units_are_ordered_disjoint_and_hold_every_word_that_may_be_coded(
    documents: list[Document], unit: Unit
) -> None:
    index = TokenIndex.build(documents)
    for found in documents:
        spans = index.unit_spans(found.id, unit)
        assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
        shard, number = index.shards[0], index.place(found.id).document
        base = int(shard.document_base[number])
        for row in range(shard.n_tokens):
            block = int(shard.token_block[row])
            text = shard.types.texts[int(shard.token_type[row])]
            if int(shard.block_document[block]) != number or not any(letter.isalnum() for letter in text):
                continue
            start = int(shard.token_start[row]) - base
            inside = [span for span in spans if span.start <= start and start + len(text) <= span.end]
            codeable = found.blocks[int(shard.block_number[block])].kind in {"turn", "unattributed"}
            assert len(inside) == codeable
    assert all(
        any(letter.isalnum() for letter in found.quote(span))
        for found in documents
        for span in index.unit_spans(found.id)
    )


def test_documents_without_blocks_or_words_have_no_units() -> None:
    index = TokenIndex.build([plain("\u2026 ?!", "a"), document("b", []), plain("we", "c")])
    assert [len(index.unit_spans(name)) for name in "abc"] == [0, 0, 1]


def counts(index: TokenIndex, *, codeable_only: bool = True) -> list[dict[str, int]]:
    matrix, lemmas = index.document_term_matrix(codeable_only=codeable_only)
    assert matrix.shape == (index.n_documents, len(lemmas))
    assert len(set(lemmas)) == len(lemmas)
    assert matrix.dtype == np.int32
    dense = matrix.toarray()
    return [{lemma: int(n) for lemma, n in zip(lemmas, row, strict=True) if n} for row in dense]


def test_words_are_counted_by_lemma_and_marks_and_questions_are_not() -> None:
    other = document("e", [("A", "participant", "Plans, planning; planned. Don't plan!")])
    index = TokenIndex.build([TALK, other])
    assert counts(index)[1] == {"plan": 3, "planning": 1, "do": 1, "not": 1}
    first = counts(index)[0]
    assert first["plan"] == first["loose"] == 1
    assert not {"tell", "change", "notes", "note", ".", "\u2026", "laughter"} & first.keys()
    assert counts(index, codeable_only=False)[0]["change"] == 1


def test_an_empty_corpus_has_an_empty_matrix() -> None:
    matrix, lemmas = TokenIndex.build([]).document_term_matrix()
    assert (matrix.shape, lemmas) == ((0, 0), ())
    matrix, lemmas = TokenIndex.build([plain("?!")]).document_term_matrix()
    assert matrix.shape[0] == 1
    assert matrix.nnz == 0


@settings(max_examples=40, deadline=None)
@given(corpora(), st.sampled_from([1, 3_000_000]), st.booleans())
def test_counts_are_those_of_the_tokens_whatever_the_shards(
    documents: list[Document], shard_tokens: int, codeable_only: bool
) -> None:
    index = TokenIndex.build(documents, shard_tokens=shard_tokens)
    expected: dict[str, Counter[str]] = {}
    for shard in index.shards:
        for row in range(shard.n_tokens):
            text = shard.types.texts[int(shard.token_type[row])]
            block = int(shard.token_block[row])
            asks = shard.roles[int(shard.block_role[block])] in {"interviewer", "moderator"}
            counted = not codeable_only or (shard.block_codeable[block] and not asks)
            if counted and any(letter.isalnum() for letter in text):
                name = shard.documents[int(shard.block_document[block])][0]
                expected.setdefault(name, Counter())[lemmas_of(fold(text))[0]] += 1
    assert counts(index, codeable_only=codeable_only) == [expected.get(found.id, Counter()) for found in documents]


def test_a_matrix_of_a_stored_index_is_the_same(tmp_path: Path) -> None:
    assert counts(TokenIndex.build([TALK], folder=tmp_path)) == counts(TokenIndex.build([TALK]))
