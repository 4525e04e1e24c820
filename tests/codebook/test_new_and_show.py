"""The starter book, and books and codes as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.codebook import check_codebook, describe_book, describe_code, load_codebook, new_codebook
from qualcode.errors import CodebookError
from qualcode.model.codes import Rule
from tests.builders import document
from tests.codebook.books import load, write
from tests.codebook.test_load import FULL


@pytest.mark.parametrize("title", ["A book", 'Quotes " and: colons # here', "Ünïcode – dash {x} 100%"])
def test_the_starter_book_is_sound_and_has_no_warnings(tmp_path: Path, title: str) -> None:
    result = check_codebook(write(tmp_path, new_codebook("my-book", title)))
    assert result.ok
    assert result.warnings == ()
    assert result.codebook is not None
    assert (result.codebook.id, result.codebook.title) == ("my-book", title)
    assert sum(code.codable for code in result.codebook) == 2


@pytest.mark.parametrize("book_id", ["2026", "no", "1.0", "null"])
def test_ids_that_yaml_would_take_for_something_else_stay_ids(book_id: str) -> None:
    assert load(new_codebook(book_id, "x")).id == book_id


def test_the_starter_book_refuses_an_unusable_id_or_title() -> None:
    with pytest.raises(CodebookError, match="QC-C016"):
        new_codebook("two words", "x")
    with pytest.raises(CodebookError, match="QC-C016"):
        new_codebook("x", "  ")


def test_a_code_is_shown_with_every_field() -> None:
    text = describe_code(load(FULL), "trust")
    joined = " ".join(text.split())
    for words in (
        "A1  Trust",
        "also: faith",
        "under: A Heading",
        "Full definition\n  The late wording.",
        "Definition in early\n  The early wording.",
        "- not this (use A2)",
        "- [What?] “Two.” (because)",
        "Near misses\n  - “Four.”",
        'A1-2  "on board"',
        'special $staff NEAR/3 rely [weight 0.5; stance=mixed; absent near broken, "let down"; unit sentence]',
        "suggested from 0.9, noisy_or",
        "often with: A2 Other",
        "in other-book: X1 (narrow)",
        "effect: 0.84, 6 studies, S1",
        "S1: Somebody (2012): a title",
    ):
        assert words in text or words in joined


def test_an_unknown_code_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(CodebookError, match="Did you mean 'Trust'"):
        describe_code(load(FULL), "trsut")


def test_a_book_is_shown_as_a_tree_with_counts() -> None:
    text = describe_book(load(FULL))
    assert "plc 1.0, variant late" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["A", "Heading", "(heading)"] in lines
    assert ["A1", "Trust", "4", "rules,", "4", "examples"] in lines
    assert "  A1  Trust" in text
    assert "3 codes (2 codable), 4 rules" in text


def test_shipped_books_can_be_shown() -> None:
    found = load_codebook("robinson-scl")
    assert describe_book(found).count("\n") > len(found)
    for code in found:
        assert code.label in describe_code(found, code.id)


def test_the_starter_books_own_examples_pass() -> None:
    from qualcode.query import evaluate
    from qualcode.text import TokenIndex

    found = load(new_codebook("plc", "x"))

    def is_hit(rules: tuple[Rule, ...], text: str) -> bool:
        index = TokenIndex.build([document("01", [("P", "participant", text)])])
        return any(len(evaluate(rule.find or "", index, lexicons=found.lexicons)) for rule in rules)

    for code in found:
        assert all(is_hit(code.rules, example.text) for example in code.examples.typical)
        assert not any(is_hit(code.rules, example.text) for example in code.examples.near_miss)
