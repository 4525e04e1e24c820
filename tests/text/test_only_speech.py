"""Only what people said is tokens: labels, stamps, stage notes, redactions and the apparatus of a transcript are not."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.model.document import NON_SPEECH_MARKS, Document, Mark, MarkKind, Span
from qualcode.text import TokenIndex
from tests.builders import document
from tests.text.speech import plain, speech, tokens_of


def words(found: Document) -> list[str]:
    return [token for _, token in tokens_of(TokenIndex.build([found]), found)]


def test_labels_are_not_tokens() -> None:
    said = document("d", [("Head Teacher", "participant", "We planned it."), ("Q", "interviewer", "Why?")])
    assert words(said) == ["We", "planned", "it", ".", "Why", "?"]


@pytest.mark.parametrize("kind", get_args(MarkKind))
def test_marks_are_holes_unless_they_are_speech(kind: MarkKind) -> None:
    said = plain("We planned [it all] together.")
    marked = replace(said, marks=(Mark(Span(11, 19), kind),))
    expected = ["We", "planned", "together", "."] if kind in NON_SPEECH_MARKS else [
        "We", "planned", "[", "it", "all", "]", "together", "."
    ]  # fmt: skip
    assert words(marked) == expected


def test_a_mark_inside_a_word_cuts_it_and_marks_may_touch_or_overlap() -> None:
    said = plain("over[pause]whelmed [a][b]they[c] said")
    spans = [Span(4, 11), Span(19, 22), Span(21, 25), Span(29, 32)]
    assert words(replace(said, marks=tuple(Mark(span, "pause") for span in spans))) == [
        "over",
        "whelmed",
        "they",
        "said",
    ]


@pytest.mark.parametrize(
    ("kind", "spoken", "codeable"),
    [
        ("turn", True, True), ("unattributed", True, True), ("question", True, False), ("heading", True, False),
        ("meta", False, False), ("legend", False, False), ("stage", False, False), ("note", False, False),
    ],
)  # fmt: skip
def test_the_apparatus_has_no_tokens_and_headings_are_not_codeable(kind: str, spoken: bool, codeable: bool) -> None:
    found = document(
        "d", [("", "unknown", "before"), ("", "unknown", "the words", kind), ("P", "participant", "after")]
    )
    index = TokenIndex.build([found])
    assert words(found) == ["before", *(["the", "words"] if spoken else []), "after"]
    assert bool(index.shards[0].block_codeable[1]) is codeable
    spans = [found.quote(span) for span in index.unit_spans("d", "turn")]
    assert spans == ["before", *(["the words"] if codeable else []), "after"]


@st.composite
def marked(draw: st.DrawFn) -> Document:
    found = plain(draw(speech))
    places = st.integers(0, len(found.text))
    spans = [Span(*sorted(pair)) for pair in draw(st.lists(st.tuples(places, places), max_size=4))]
    kinds = draw(st.lists(st.sampled_from(get_args(MarkKind)), min_size=len(spans), max_size=len(spans)))
    return replace(found, marks=tuple(Mark(span, kind) for span, kind in zip(spans, kinds, strict=True)))


@settings(max_examples=100, deadline=None)
@given(marked())
def test_no_token_touches_a_hole_and_none_is_lost_outside(found: Document) -> None:
    holes = [mark.span for mark in found.marks if mark.kind in NON_SPEECH_MARKS and len(mark.span)]
    kept = [Span(start, start + len(text)) for start, text in tokens_of(TokenIndex.build([found]), found)]
    assert not any(span.overlaps(hole) for span in kept for hole in holes)
    masked = list(found.text)
    for hole in holes:
        masked[hole.start : hole.end] = " " * len(hole)
    said = "".join(masked)
    assert kept == [Span(at, at + len(text)) for at, text in tokens_of(TokenIndex.build([plain(said)]), plain(said))]


def test_a_document_of_nothing_but_marks_has_no_tokens_and_no_units() -> None:
    found = document("d", [("P", "participant", "[laughter]"), ("Q", "interviewer", "[pause] [inaudible]")])
    index = TokenIndex.build([found])
    assert (words(found), index.n_tokens) == ([], 0)
    assert index.unit_spans("d") == index.unit_spans("d", "turn") == ()
    assert np.diff(index.shards[0].block_first).tolist() == [0, 0]


def test_the_index_knows_speakers_roles_and_shared_turns() -> None:
    said = document("d", [("Q", "interviewer", "Who?"), ("Ann", "participant", "Me."), ("Bo", "observer", "Us.")])
    blocks = (*said.blocks[:2], replace(said.blocks[2], speaker_ids=("s3", "s2")))
    shard = TokenIndex.build([replace(said, blocks=blocks)]).shards[0]
    assert [(speaker.label, speaker.role) for speaker in shard.speakers] == [
        ("Q", "interviewer"), ("Ann", "participant"), ("Bo", "observer"),
    ]  # fmt: skip
    assert list(shard.turn_speakers()) == [(0, 0), (1, 1), (2, 2), (2, 1)]
    assert [shard.roles[number] for number in shard.block_role.tolist()] == ["interviewer", "participant", "observer"]
