"""What ``codebook check`` says of the example bank beside a codebook, and what ``codebook show`` counts in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qualcode.codebook import check_codebook, describe_code, load_codebook
from qualcode.codebook.bank import load_bank
from qualcode.codebook.show import bank_counts
from tests.cli.running import Run
from tests.codebook.test_bank import BANK, BOOK

RULED = BOOK.replace(
    "definition: People rely on one another.}",
    "definition: People rely on one another., rules: [trust], examples: {typical: ["
    "{text: She never once asked me to prove any of it.}]}}",
).replace("People are asked.}", "People are asked., rules: [asked], examples: {typical: [{text: We were asked.}]}}")


def kept(folder: Path, examples: str | None = BANK, book: str = RULED) -> Path:
    """Write a book and its bank into a folder and return the book's file."""
    (folder / "plc.yaml").write_text(book, encoding="utf-8")
    if examples is not None:
        (folder / "plc.examples.yaml").write_text(examples, encoding="utf-8")
    return folder / "plc.yaml"


def added(*items: str, to: str = "examples") -> str:
    """Return the bank with more items at the end of a list."""
    lines = "".join(f"  - {{{item}}}\n" for item in items)
    return BANK.replace("none:\n", f"{lines}none:\n") if to == "examples" else BANK + lines


def doubts(path: Path) -> list[str]:
    """Return code, line and column of each warning about a bank."""
    found = check_codebook(path)
    assert found.ok
    assert found.problems == ()
    return [f"{each.code} {each.place.line}:{each.place.column}" for each in found.warnings if each.place is not None]


def test_a_sound_bank_is_told_beside_the_sound_book(tmp_path: Path) -> None:
    path = kept(tmp_path)
    assert str(check_codebook(path)) == (
        f"{path}: a sound codebook with 2 codes and 2 rules\n"
        f"{tmp_path / 'plc.examples.yaml'}: a sound example bank with 3 examples and 1 that carry no code\n"
    )


def test_without_a_bank_nothing_is_said_of_one(tmp_path: Path) -> None:
    found = check_codebook(kept(tmp_path, None))
    assert (found.bank_path, found.bank) == (None, None)
    assert str(found).count("\n") == 1


def test_every_mistake_in_a_bank_is_told_with_its_place_and_the_book_stays_sound(tmp_path: Path) -> None:
    path = kept(tmp_path, BANK.replace("kind: typical", "kind: usual").replace("sort: hedge", "sort: ''"))
    found = check_codebook(path)
    assert [f"{each.code} {each.place}" for each in found.problems] == [
        f"QC-C133 {tmp_path / 'plc.examples.yaml'}:6:30",
        f"QC-C132 {tmp_path / 'plc.examples.yaml'}:10:5",
    ]
    assert found.codebook is not None
    assert (found.ok, found.return_code, found.bank) == (False, 1, None)
    assert str(found).endswith("plc.examples.yaml: 2 problems, the example bank cannot be used\n")
    assert "plc.yaml: a sound codebook" in str(found)


def test_mistakes_of_a_bank_are_told_also_when_the_book_has_some(tmp_path: Path) -> None:
    path = kept(tmp_path, BANK.replace("kind: typical", "kind: usual"), RULED.replace("rules: [trust]", "rulez: [x]"))
    found = check_codebook(path)
    assert [each.code for each in found.problems] == ["QC-C010", "QC-C133"]
    assert "1 problem, the codebook cannot be used" in str(found)
    assert "1 problem, the example bank cannot be used" in str(found)


@pytest.mark.parametrize("text", ["- a\n", "schema: \x01\n", BANK.replace("codebook: plc", "codebook: other")])
def test_a_file_that_is_no_bank_of_this_book_is_a_problem(text: str, tmp_path: Path) -> None:
    found = check_codebook(kept(tmp_path, text))
    assert (found.ok, len(found.problems), found.bank) == (False, 1, None)
    assert found.problems[0].code in {"QC-C130", "QC-C004"}


def test_examples_of_a_code_that_is_gone_are_told_where_they_begin(tmp_path: Path) -> None:
    gone = kept(tmp_path, BANK.replace("code: A, kind: near_miss", "code: Z, kind: near_miss"))
    assert doubts(gone) == ["QC-C136 7:5"]


LONG = "When the inspectors had gone she sat with each of us in turn."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("When the inspectors had gone, she sat with each of us in turn!", True),
        ("When the inspectors had all gone she sat with us in turn.", True),
        ("When the inspectors had gone the caretaker found eleven umbrellas and a hat.", False),
        ("She sat with each of us.", False),
    ],
)
def test_an_item_that_is_nearly_another_is_told(text: str, told: bool, tmp_path: Path) -> None:
    first = f'id: A-8, code: A, kind: typical, text: "{LONG}", hand: a'
    again = f'id: A-9, code: A, kind: typical, text: "{text}", hand: a'
    assert doubts(kept(tmp_path, added(first, again))) == (["QC-C137 10:5"] if told else [])


def test_talk_without_a_code_is_compared_with_the_examples(tmp_path: Path) -> None:
    text = added(f'id: A-8, code: A, kind: typical, text: "{LONG}", hand: a')
    text += f'  - {{id: n-2, sort: trap, text: "Well, {LONG[0].lower()}{LONG[1:]}", hand: a}}\n'
    assert doubts(kept(tmp_path, text)) == ["QC-C137 12:5"]


def test_a_stock_phrase_may_come_back(tmp_path: Path) -> None:
    text = added('id: n-2, sort: hedge, text: "Well, it is what it is.", hand: a', to="none")
    assert doubts(kept(tmp_path, text)) == []


def test_an_item_that_repeats_an_example_of_the_codebook_is_told(tmp_path: Path) -> None:
    repeats = 'id: A-8, code: A, kind: typical, text: "And she never once asked me to prove it.", hand: a'
    close = 'id: A-9, code: A, kind: typical, text: "She never once asked me to leave.", hand: a'
    assert doubts(kept(tmp_path, added(repeats, close))) == ["QC-C138 9:5"]


def test_a_second_code_that_does_not_exist_is_told(tmp_path: Path) -> None:
    path = kept(tmp_path, BANK.replace("also: [B]", "also: [B1]"))
    assert doubts(path) == ["QC-C139 6:5"]
    assert "'A-1' is said to be 'B1' also" in str(check_codebook(path))


def test_doubts_stand_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = added(f'id: A-8, code: A, kind: typical, text: "{LONG}", hand: a',
                 f'id: A-9, code: Z, kind: typical, text: "{LONG[:-1]}, me too.", also: [Q], hand: a')  # fmt: skip
    path = kept(tmp_path, text.replace("also: [B]", "also: [X]"))
    assert doubts(path) == ["QC-C139 6:5", "QC-C136 10:5", "QC-C139 10:5", "QC-C137 10:5"]
    assert str(check_codebook(path)).endswith("5 examples and 1 that carry no code; 4 warnings\n")


def test_the_shipped_bank_has_nothing_doubtful() -> None:
    found = check_codebook("hope-merged")
    assert (found.problems, found.warnings) == ((), ())
    assert found.bank is not None


def test_show_says_how_many_examples_the_bank_has_for_a_code(tmp_path: Path) -> None:
    book = load_codebook(kept(tmp_path))
    bank = load_bank(book)
    assert bank is not None
    assert dict(bank_counts(bank, "A")) == {"typical": 1, "atypical": 0, "near_miss": 1, "denials": 0, "also": 0}
    told = " ".join(describe_code(book, "B", bank).split())
    assert "Example bank - 1 example: 0 typical, 1 atypical, 0 near misses; 1 of them tell of its absence;" in told
    assert "1 of other codes are it too" in told
    assert "Example bank" not in describe_code(book, "B")


def test_the_commands_say_what_these_functions_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys)
    path = kept(tmp_path, BANK.replace("also: [B]", "also: [B1]"))
    checked = run("codebook", "check", path)
    assert (checked.code, checked.out) == (0, str(check_codebook(path)))
    assert "2 examples: 1 typical, 0 atypical, 1 near miss" in run("codebook", "show", path, "a").out
    data = json.loads(run("codebook", "show", path, "A", "--json").out)
    assert data["bank"] == {"typical": 1, "atypical": 0, "near_miss": 1, "denials": 0, "also": 0}


def test_a_bank_that_cannot_be_used_fails_the_check_and_does_not_stop_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(capsys)
    path = kept(tmp_path, BANK.replace("kind: typical", "kind: usual"))
    assert run("codebook", "check", path).code == 1
    shown = run("codebook", "show", path, "A")
    assert (shown.code, "Example bank" in shown.out) == (0, False)
    assert "qualcode codebook check" in shown.err
