"""Suggestions as rows: names and labels instead of ids, in the order of documents."""

from __future__ import annotations

from dataclasses import replace

from qualcode.coding import Corpus, RulesCoder
from qualcode.coding.codings import EVIDENCE_JOIN, codings_of
from tests.builders import document
from tests.coding.books import book, code, rule, said

BOOK = book(
    code("A", rule("plan", id="A-1"), rule("share", id="A-2", weight=0.8)), code("A1", "plan together", parent="A")
)


def test_a_row_says_who_said_what_and_why() -> None:
    found = said("Q: Why?", "Dana: Fine. We share plans, maybe not. So.", name="one")
    (row,) = codings_of(RulesCoder(BOOK).suggest(Corpus.of([found])), [found], BOOK)
    assert (row.document_id, row.document, row.block, row.speaker, row.role) == ("one", "one", 1, "Dana", "participant")
    assert (row.code, row.label, row.coder, row.rule) == ("A", "Label of A", "rules", "A-1; A-2")
    assert (row.quote, row.evidence) == ("We share plans, maybe not.", f"share{EVIDENCE_JOIN}plans")
    assert (row.score, row.stance, row.flags) == (1.0, "present", ())
    assert (row.status, row.decided_by, row.codebook, row.codebook_version) == ("suggested", "", "book", "1")
    assert found.quote(row.span) == row.quote


def test_rows_follow_the_documents_as_given() -> None:
    documents = [said("We plan.", name="b"), said("We plan together. So. We share.", name="a")]
    suggestions = list(RulesCoder(BOOK).suggest(Corpus.of(documents)))
    rows = codings_of(suggestions[::-1], documents, BOOK)
    assert [(row.document, row.code) for row in rows] == [("b", "A"), ("a", "A1"), ("a", "A")]
    rows = codings_of(suggestions, documents[::-1], BOOK)
    assert [(row.document, row.code) for row in rows] == [("a", "A1"), ("a", "A"), ("b", "A")]


def test_turns_of_nobody_or_of_several_people_are_named_so() -> None:
    alone = document("d", [("", "unknown", "We plan."), ("Ann", "participant", "We share."), ("Bo", "observer", "Hm.")])
    shared = replace(
        alone, blocks=(alone.blocks[0], replace(alone.blocks[1], speaker_ids=("s1", "s2")), alone.blocks[2])
    )
    rows = codings_of(RulesCoder(BOOK).suggest(Corpus.of([shared])), [shared], BOOK)
    assert [(row.speaker, row.role) for row in rows] == [("", "unknown"), ("Ann & Bo", "participant")]


def test_no_suggestions_no_rows() -> None:
    assert codings_of([], [], BOOK) == ()
