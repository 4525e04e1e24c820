"""Example banks: what a file says, what is refused, and which bank belongs to a codebook."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook, shipped_codebooks
from qualcode.codebook.bank import ExampleBank, bank_path, load_bank, parse_bank
from qualcode.codebook.catalogue import shipped_path
from qualcode.codebook.load import find_codebook
from qualcode.errors import CodebookError
from qualcode.model.codes import Codebook

BANK = """\
schema: qualcode-examples/1
codebook: plc
hands:
  - {id: a, brief: heads}
examples:
  - {id: A-1, code: A, kind: typical, text: "We trust each other.", also: [B], denial: false, plain: true, hand: a}
  - {id: A-2, code: A, kind: near_miss, text: "The trust took us over.", also: [], hand: a}
  - {id: B-1, code: B, kind: atypical, text: "Nobody asked. No: really, nobody.", denial: true, hand: a}
none:
  - {id: n-1, sort: hedge, text: "It is what it is.", hand: a}
"""
BOOK = """\
schema: qualcode-codebook/1
id: plc
version: "1"
title: A test
codes:
  - {id: A, label: Trust, definition: People rely on one another.}
  - {id: B, label: Voice, definition: People are asked.}
"""


def bank(text: str = BANK) -> ExampleBank:
    return parse_bank(text.encode(), file="plc.examples.yaml")


def problems(text: str) -> list[str]:
    """Return code and line of each problem of a bank."""
    with pytest.raises(CodebookError) as caught:
        bank(text)
    return [f"{each.code}:{each.place.line}" for each in caught.value.problems if each.place is not None]


def kept(folder: Path, book: str = BOOK, examples: str | None = BANK) -> Codebook:
    """Return a book in a folder, its bank beside it."""
    (folder / "plc.yaml").write_text(book, encoding="utf-8")
    if examples is not None:
        (folder / "plc.examples.yaml").write_text(examples, encoding="utf-8")
    return load_codebook(folder / "plc.yaml")


def test_a_bank_is_read_as_it_is_written() -> None:
    found = bank()
    assert found.codebook == "plc"
    assert [(each.id, each.brief) for each in found.hands] == [("a", "heads")]
    first, near, denied = found.examples
    assert (first.code, first.kind, first.text, first.also) == ("A", "typical", "We trust each other.", ("B",))
    assert (first.denial, first.plain, first.hand, first.line) == (False, True, "a", 6)
    assert (near.kind, near.also) == ("near_miss", ())
    assert (denied.kind, denied.denial, denied.plain) == ("atypical", True, False)
    assert [(each.id, each.sort, each.text, each.line) for each in found.none] == [
        ("n-1", "hedge", "It is what it is.", 10)
    ]
    assert found.of("B") == (denied,)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("qualcode-examples/1", "qualcode-codebook/1", ["QC-C130:1"]),
        ("codebook: plc", "codebook:", ["QC-C132:2"]),
        ("denial: false", "denied: false", ["QC-C131:6"]),
        ("plain: true", "code: B", ["QC-C131:6"]),
        ("kind: typical, ", "", ["QC-C132:6"]),
        ("kind: typical", "kind: usual", ["QC-C133:6"]),
        ("denial: false", "denial: no", ["QC-C133:6"]),
        ("also: [B]", "also: B", ["QC-C133:6"]),
        ("also: [B]", "also: [A]", ["QC-C135:6"]),
        ('text: "We trust each other."', 'text: ""', ["QC-C132:6"]),
        ("id: A-2", "id: A-1", ["QC-C135:7"]),
        ("The trust took us over.", "We  trust each other.", ["QC-C135:7"]),
        ("hand: a}\nnone", "hand: b}\nnone", ["QC-C134:8"]),
        ("sort: hedge, ", "", ["QC-C132:10"]),
        ("none:\n  - {", "none:\n  - x\n  - {", ["QC-C133:10"]),
        ("  - {id: a, brief: heads}", "  id: a", ["QC-C133:4", "QC-C134:6", "QC-C134:7", "QC-C134:8", "QC-C134:10"]),
    ],
)
def test_each_mistake_is_told_with_its_line(before: str, after: str, told: list[str]) -> None:
    assert before in BANK
    assert problems(BANK.replace(before, after, 1)) == told


def test_all_mistakes_are_told_at_once() -> None:
    text = (
        BANK.replace("kind: typical", "kind: usual")
        .replace("sort: hedge", "sort: ''")
        .replace("hand: a}\n  - {id: B", "hand: x}\n  - {id: B")
    )
    assert text.count("hand: x") == 1
    assert problems(text) == ["QC-C133:6", "QC-C134:7", "QC-C132:10"]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "hello\n"])
def test_what_is_no_mapping_is_no_bank(text: str) -> None:
    with pytest.raises(CodebookError) as caught:
        bank(text)
    assert caught.value.code == "QC-C130"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(CodebookError) as caught:
        parse_bank(b"schema: \xff\n", file="x")
    assert caught.value.code == "QC-C002"


def test_the_bank_beside_a_codebook_is_its_own(tmp_path: Path) -> None:
    book = kept(tmp_path)
    found = load_bank(book)
    assert found is not None
    assert found.path == str(tmp_path / "plc.examples.yaml")
    assert len(found.examples) == 3
    assert found.warnings == ()


def test_a_codebook_without_a_bank_has_none(tmp_path: Path) -> None:
    assert load_bank(kept(tmp_path, examples=None)) is None


def test_a_bank_for_another_codebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError) as caught:
        load_bank(kept(tmp_path, examples=BANK.replace("codebook: plc", "codebook: other")))
    assert [each.code for each in caught.value.problems] == ["QC-C130"]


def test_a_code_that_is_gone_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    book = kept(tmp_path, BOOK.replace("  - {id: B, label: Voice, definition: People are asked.}\n", ""))
    found = load_bank(book)
    assert found is not None
    assert [(each.id, each.also) for each in found.examples] == [("A-1", ()), ("A-2", ())]
    assert [(each.code, each.severity, each.place and each.place.line) for each in found.warnings] == [
        ("QC-C136", "warning", 8)
    ]


def test_examples_follow_a_code_to_the_one_that_replaced_it(tmp_path: Path) -> None:
    book = kept(tmp_path, BOOK.replace("{id: B, label: Voice,", "{id: B, label: Voice, status: retired, replaced_by: C,")
                + "  - {id: C, label: A say, definition: People are asked.}\n")  # fmt: skip
    found = load_bank(book)
    assert found is not None
    assert [(each.id, each.code, each.also) for each in found.examples] == [
        ("A-1", "A", ("C",)),
        ("A-2", "A", ()),
        ("B-1", "C", ()),
    ]
    assert found.warnings == ()


def test_a_copy_of_a_shipped_book_has_the_shipped_bank(tmp_path: Path) -> None:
    shipped = load_codebook("hope-merged", queries=False)
    assert shipped.path is not None
    (tmp_path / "mine.yaml").write_bytes(Path(shipped.path).read_bytes())
    copy = load_codebook(tmp_path / "mine.yaml", queries=False)
    path = bank_path(copy)
    assert path is not None
    assert path.name == "hope-merged.examples.yaml"
    assert bank_path(replace(copy, id="another")) is None


def test_the_shipped_bank_has_forty_examples_of_each_code_and_three_hundred_of_none() -> None:
    book = load_codebook("hope-merged", queries=False)
    found = load_bank(book)
    assert found is not None
    assert found.warnings == ()
    counts = Counter(each.code for each in found.examples if each.kind != "near_miss")
    assert set(counts) == {code.id for code in book if code.codable}
    assert min(counts.values()) >= 40
    assert len(found.none) >= 300
    assert {each.hand for each in found.examples} == {hand.id for hand in found.hands}
    assert all(hand.brief for hand in found.hands)
    assert all(each in book for example in found.examples for each in example.also)


def test_the_shipped_bank_repeats_no_example_of_the_codebook() -> None:
    book = load_codebook("hope-merged", queries=False)
    found = load_bank(book)
    assert found is not None

    def runs(text: str) -> set[tuple[str, ...]]:
        words = "".join(c if c.isalnum() or c in "'’" else " " for c in text.casefold()).replace("’", "'").split()
        return {tuple(words[at : at + 7]) for at in range(len(words) - 6)}

    own = {run for code in book for kind in ("typical", "atypical", "near_miss")
           for example in getattr(code.examples, kind) for run in runs(example.text)}  # fmt: skip
    assert [each.id for each in (*found.examples, *found.none) if runs(each.text) & own] == []


def test_a_bank_is_no_codebook() -> None:
    assert shipped_path("hope-merged.examples") is None
    assert not [entry.id for entry in shipped_codebooks() if "examples" in entry.path.stem]
    with pytest.raises(CodebookError):
        find_codebook("hope-merged.examples")


@pytest.mark.parametrize(("name", "code", "source"), [("leithwood-olf", "L1.2", "A2"), ("robinson-scl", "R5", "C6")])
def test_other_shipped_books_have_examples_through_the_crosswalk(name: str, code: str, source: str) -> None:
    book = load_codebook(name, queries=False)
    found = load_bank(book)
    assert found is not None
    assert found.codebook == name
    assert len(found.of(code)) >= 40
    assert all(each.id.startswith(f"{source}-") for each in found.of(code))
    assert len(found.none) >= 300
    assert all(each.code in book and all(also in book for also in each.also) for each in found.examples)


def test_a_crosswalk_gives_no_examples_that_need_not_be_the_code() -> None:
    found = load_bank(load_codebook("leithwood-olf", queries=False))
    assert found is not None
    assert found.of("L1.1") == ()  # narrower than its source: an example of the one need not be one of the other
    assert {each.kind for each in found.of("L3.1")} == {"typical", "atypical"}  # broader than C1 and C2
