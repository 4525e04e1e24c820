"""How many codings a change touches, and whether a code still means what it meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualcode.codebook import definition_digest, diff_codebooks, impact
from qualcode.codebook.edit import add_example, add_rule, merge_codes, move_code, rename_code, set_definition
from qualcode.model.codes import Code, Example, Examples, Guidance, Rule
from tests.codebook.books import load
from tests.codebook.editing import BOOK

CODINGS = {"A1": 40, "A2": 2, "B": 8}


def test_each_changed_code_has_a_row_for_each_kind_of_change() -> None:
    text = set_definition(BOOK, "A1", "Something else.", brief="Else").text
    text = add_rule(add_rule(text, "A1", "rely").text, "B", "sole").text
    text = move_code(text, "A2", under=None).text
    text = rename_code(text, "B", label="On one's own").text
    table = impact(diff_codebooks(load(BOOK), load(text)), CODINGS)
    assert table.rows == (
        ("A1", "Trust", "meaning", "definition", 1, 40, "read them again"),
        ("A1", "Trust", "rules", "rules", 1, 40, "run the coding again"),
        ("A1", "Trust", "wording", "brief", 1, 40, "nothing"),
        ("A2", "Doing the work", "structure", "parent", 1, 2, "count again"),
        ("B", "On one's own", "rules", "rules", 1, 8, "run the coding again"),
        ("B", "On one's own", "wording", "label", 1, 8, "nothing"),
    )
    assert table.title == "From plc 1.0 to plc 1.0: 40 of 50 codings to read again"


def test_codes_that_end_and_books_that_change_are_counted() -> None:
    merged = merge_codes(BOOK, ["A2"], into="A1", version="2").text
    rows = {(row[0], row[2]): row[3:] for row in impact(diff_codebooks(load(BOOK), load(merged)), CODINGS).rows}
    assert rows["A2", "structure"] == ("status, replaced_by", 2, 2, "let them follow, or read them again")
    assert rows["", "wording"] == ("version", 1, 0, "nothing")
    assert rows["", "rules"] == ("$asked", 2, 50, "run the coding again")
    gone = impact(diff_codebooks(load(BOOK), load(merge_codes(BOOK, ["A2"], into="A1", drop=True).text)), {"A2": 3})
    assert ("A2", "Doing the work", "structure", "code", 1, 3, "let them follow, or read them again") in gone.rows
    assert impact(diff_codebooks(load(BOOK), load(BOOK)), CODINGS).rows == ()


BASE = Code(
    "A",
    "One",
    definition="People rely on\n one another.",
    include=(Guidance("a"), Guidance("b", see="B")),
    exclude=(Guidance("c"),),
    examples=Examples(typical=(Example("x", why="w", line=3),), near_miss=(Example("y"),)),
)


@pytest.mark.parametrize(
    "same",
    [
        {"id": "B", "label": "Two", "parent": "Z", "notes": "n", "line": 9},
        {"rules": (Rule("A-1", "x"),)},
        {"definition": "People rely  on one another."},
        {"include": (Guidance("b", see="C"), Guidance("a"))},
        {"examples": Examples(typical=(Example("x", why="w", source="s"),), near_miss=(Example("y"),))},
    ],
)
def test_what_is_not_meaning_leaves_the_digest(same: dict[str, object]) -> None:
    assert definition_digest(replace(BASE, **same)) == definition_digest(BASE)  # type: ignore[arg-type]  # rows of keywords


@pytest.mark.parametrize(
    "other",
    [
        {"brief": "b"},
        {"definition": "People rely on one another"},
        {"include": (Guidance("a"),)},
        {"exclude": ()},
        {"include": BASE.exclude, "exclude": BASE.include},
        {"examples": Examples(typical=(Example("x"),), near_miss=(Example("y"),))},
        {"examples": Examples(typical=(Example("y"),), near_miss=(Example("x", why="w"),))},
        {"examples": Examples(typical=(Example("x", why="w", question="q"),), near_miss=(Example("y"),))},
    ],
)
def test_what_is_meaning_changes_it(other: dict[str, object]) -> None:
    assert definition_digest(replace(BASE, **other)) != definition_digest(BASE)  # type: ignore[arg-type]  # rows of keywords


def test_the_digest_is_the_same_for_ever() -> None:
    assert definition_digest(Code("A", "One")) == "f595ba56ba5f0d3770dd38acec882bc89222091e343ff60dfb84a750125d1c1e"
    assert definition_digest(BASE) == "9e1bfa2823542e73e91d5daa226696691060ee595e5d549c611d8ab68eeead1c"


def test_renaming_leaves_every_digest_and_a_near_miss_changes_one() -> None:
    old = load(BOOK)
    renamed = load(rename_code(BOOK, "A1", to="T", label="New").text)
    assert [definition_digest(code) for code in old] == [definition_digest(code) for code in renamed]
    refined = load(add_example(BOOK, "A1", "A trust fund.", kind="near_miss").text)
    assert [a.id for a, b in zip(old, refined, strict=True) if definition_digest(a) != definition_digest(b)] == ["A1"]
