"""The shipped books under random edits: they load, and the entries of all other codes stay as they are, to the byte."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from qualcode import resources
from qualcode.codebook import load_codebook
from qualcode.codebook.edit import (
    Edit,
    add_code,
    add_example,
    add_rule,
    merge_codes,
    move_code,
    remove_rule,
    rename_code,
    retire_code,
    set_definition,
    split_code,
)
from qualcode.errors import CodebookError
from qualcode.model.codes import Codebook

BOOKS = {"robinson-scl": 3, "leithwood-olf": 1, "hope-merged": 1}


@cache
def text_of(name: str) -> str:
    return (Path(resources.codebooks_dir()) / f"{name}.yaml").read_bytes().decode()


@cache
def book_of(name: str) -> Codebook:
    return load_codebook(f"{name}@all")


def entries(text: str) -> dict[str, str]:
    """Return the lines of each code's entry, without the comments and blank lines at its end."""
    body = text.split("\ncodes:\n", 1)[1]
    parts = re.split(r"^(?=  - id: )", body, flags=re.MULTILINE)[1:]
    found: dict[str, str] = {}
    for part in parts:
        name = part.split("\n", 1)[0].removeprefix("  - id: ").strip('"')
        found[name] = re.sub(r"(\n *(#.*)?)+\Z", "", part)
    return found


def rename(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    return rename_code(text, code, to=f"new.{code}", label=f"Label: {code}", keep_old_label=chance.random() < 0.5)


def move(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    under = chance.choice([None, *(each.id for each in book)])
    beside = [each.id for each in book.children(under) if each.id != code]
    return move_code(text, code, under=under, before=chance.choice([None, *beside]))


def merge(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    others = chance.sample([each.id for each in book], chance.choice([1, 1, 2]))
    return merge_codes(text, others, into=code, drop=chance.random() < 0.5)


def split(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    rules = [each.id for each in book[code].rules]
    given = {"Q.1": chance.sample(rules, len(rules) // 3)}
    return split_code(
        text, code, into=[("Q.1", "One of two"), ("Q.2", "Two of two")], rules=given, under=chance.random() < 0.5
    )


def retire(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    return retire_code(text, code, note="It was too thin: nobody used it.")


def add(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    return add_code(
        text, "Q.1", "A new: code", parent=code, definition="Words that say what it is. " * chance.choice([1, 9])
    )


def example(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    return add_example(text, code, 'He said "no": #1.', kind="near_miss", why=chance.choice([None, "a: b"]))


def rules(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    if book[code].rules and chance.random() < 0.5:
        return remove_rule(text, code, chance.choice(book[code].rules).id)
    return add_rule(text, code, '"a wombat"', weight=chance.choice([None, 0.9]))


def define(text: str, book: Codebook, code: str, chance: random.Random) -> Edit:
    return set_definition(text, code, "Another meaning. " * chance.choice([1, 12]), brief="Short: yes")


EDITS: list[Callable[[str, Codebook, str, random.Random], Edit]] = [
    rename,
    move,
    merge,
    split,
    retire,
    add,
    example,
    rules,
    define,
]


def attempt(
    edit: Callable[..., Edit], text: str, book: Codebook, code: str, chance: random.Random
) -> tuple[Edit | None, str]:
    """Return the edit, or the code of the error that refuses it."""
    try:
        return edit(text, book, code, chance), ""
    except CodebookError as error:
        return None, error.code


@pytest.mark.parametrize(
    ("edit", "name"),
    [(edit, name) for edit in EDITS for name in BOOKS if name != "hope-merged" or edit in {rename, merge, example}],
)
def test_an_edit_touches_only_the_codes_it_is_about(edit: Callable[..., Edit], name: str) -> None:
    chance = random.Random(f"{name} {edit.__name__}")
    text, book = text_of(name), book_of(name)
    before = entries(text)
    done = 0
    for _ in range(BOOKS[name] * 20):
        if done == BOOKS[name]:
            break
        code = chance.choice(book.codes).id
        found, refused = attempt(edit, text, book, code, chance)
        if found is None:
            assert refused in {"QC-C120", "QC-C123", "QC-C124", "QC-C126"}
            continue
        done += 1
        after = entries(found.text)
        named = {change.code for change in found.changes.changes} | {code}
        assert {each: before[each] for each in before if each not in named} == {
            each: after[each] for each in after if each not in named
        }
        head, new_head = text.split("\ncodes:\n")[0], found.text.split("\ncodes:\n")[0]
        if edit in {move, retire, add, example, rules, define}:
            assert new_head == head
            assert len(named - {code, "Q.1"}) == 0
    assert done == BOOKS[name]
