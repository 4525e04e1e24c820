"""Suggestions made from their place, and put in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qualcode.coding import in_order, propose
from qualcode.model.coding import CONTEXT_LENGTH, Suggestion
from qualcode.model.document import Document, Span
from tests.coding.books import book, code, said

BOOK = book(code("B"), code("A"), sha256="f" * 64)
TALK = said(
    "Q: What did you do, in those first weeks of term?",
    "P: We planned it. Then it rained.",
    "P: Yes \U0001f600, it did.",
)


def at(document: Document, words: str, code_id: str = "A", **more: object) -> Suggestion:
    start = document.text.index(words)
    return propose(
        BOOK, document, Span(start, start + len(words)), code_id, coder="mine", rules=["r"], score=0.123456, **more
    )  # type: ignore[arg-type]  # literal keywords


def test_all_that_follows_from_the_place_is_filled_in() -> None:
    found = at(TALK, "We planned it.")
    assert (found.document_id, found.document_sha256, found.block) == ("d", TALK.text_sha256, 1)
    assert (found.quote, found.score, found.rules) == ("We planned it.", 0.1235, ("r",))
    assert TALK.text[found.span.start - CONTEXT_LENGTH : found.span.start] == found.prefix
    assert found.suffix.startswith(" Then it rained.")
    assert (found.codebook, found.codebook_version, found.codebook_sha256) == ("book", "1", "f" * 64)
    assert at(TALK, "it did.").block == 2


def test_facets_are_the_defaults_but_for_what_differs() -> None:
    assert at(TALK, "We planned").facets == {"stance": "present"}
    assert at(TALK, "We planned", facets={"stance": "absent"}).facets == {"stance": "absent"}


def test_evidence_comes_in_order_and_once() -> None:
    found = at(TALK, "We planned it.", evidence=[Span(60, 62), Span(55, 58), Span(60, 62)])
    assert found.evidence == (Span(55, 58), Span(60, 62))


def test_order_is_that_of_documents_then_places_then_the_codebook() -> None:
    other = said("P: We planned it.", name="e")
    found = [at(TALK, "it did."), at(TALK, "We planned", "A"), at(TALK, "We planned", "B"), at(other, "We planned")]
    ordered = in_order(found, [other, TALK], BOOK)
    assert [(each.document_id, each.quote, each.code) for each in ordered] == [
        ("e", "We planned", "A"), ("d", "We planned", "B"), ("d", "We planned", "A"), ("d", "it did.", "A"),
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["it rained.\n\nP: Yes", "weeks of term?\n\nP: We"])
def test_what_crosses_turns_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="does not lie in one block"):
        at(TALK, words)


def test_what_lies_between_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="does not lie in one block"):
        propose(BOOK, TALK, Span(len(TALK.text) - 1, len(TALK.text)), "A", coder="mine", rules=["r"], score=0)


def test_places_are_plain_numbers_whatever_they_were_counted_with() -> None:
    start = TALK.text.index("We planned")
    span = Span(np.int64(start), np.int64(start + 14))  # type: ignore[arg-type]  # what arrays hold
    found = propose(BOOK, TALK, span, "A", coder="mine", rules=["r"], score=1, evidence=[span])
    assert {type(at) for place in (found.span, *found.evidence) for at in (place.start, place.end)} == {int}
    assert found.quote == "We planned it."


@pytest.mark.parametrize("given", [{"rules": "word"}, {"rules": ["r"], "flags": "hedged"}])
def test_one_word_in_the_place_of_a_list_is_told(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="lists of words"):
        propose(BOOK, TALK, Span(60, 65), "A", coder="mine", score=1, **given)
