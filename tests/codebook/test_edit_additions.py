"""Adding codes, examples, rules and definitions to a book."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qualcode.codebook import edit
from qualcode.codebook.edit import add_code, add_example, add_rule, remove_rule, set_definition
from qualcode.errors import CodebookError
from tests.codebook.books import book, load, write
from tests.codebook.editing import BOOK, touched

LONG = "People rely on each other when it matters, and say so or show it in what they do for one another at work."


def test_a_code_is_added_behind_its_siblings_with_a_blank_line_like_theirs() -> None:
    edit = add_code(BOOK, "A3", "Brand-new: idea", parent="A", definition=LONG, brief="New.")
    assert [each.id for each in load(edit.text)] == ["A", "A1", "A2", "A3", "B"]
    assert sorted(touched(BOOK, edit.text)) == sorted(
        [
            "+",
            "+  - id: A3",
            '+    label: "Brand-new: idea"',
            "+    parent: A",
            "+    brief: New.",
            "+    definition: >-",
            "+      People rely on each other when it matters, and say so or show it in what they do for one",
            "+      another at work.",
        ]
    )
    assert load(edit.text)["A3"].definition == LONG
    assert {each.code for each in edit.warnings} == {"QC-C102", "QC-C103"}


def test_a_code_is_added_where_it_is_asked_for() -> None:
    ids = [each.id for each in load(add_code(BOOK, "N", "New", after="A1").text)]
    assert ids == ["A", "A1", "N", "A2", "B"]
    ids = [each.id for each in load(add_code(BOOK, "N", "New").text)]
    assert ids == ["A", "A1", "A2", "B", "N"]
    assert load(add_code(book("codes: []\n"), "N", "New").text)["N"].label == "New"
    assert load(add_code(book("codes: [{id: A, label: a}]\n"), "N", "1.0").text)["N"].label == "1.0"


def test_words_that_other_programs_read_as_something_else_are_quoted() -> None:
    text = add_code(BOOK, "Y", "null", definition="2026-01-01", brief="no").text
    assert '  - id: "Y"\n    label: "null"\n    brief: "no"\n    definition: "2026-01-01"\n' in text


def test_a_code_under_a_parent_of_some_variants_is_in_the_same() -> None:
    text = book("variants: [{id: v1, date: 2013}, {id: v2, date: 2020}]\ncodes:\n- {id: A, label: a, variants: [v2]}\n")
    assert load(add_code(text, "B", "b", parent="A").text, variant="v2")["B"].variants == ("v2",)


@pytest.mark.parametrize(
    ("id_", "label", "more", "expected"),
    [
        ("a1", "x", {}, "QC-C122"),
        ("N", "trust", {}, "QC-C122"),
        ("N n", "x", {}, "QC-C016"),
        ("N", " ", {}, "QC-C016"),
        ("N", "x", {"parent": "Z"}, "QC-C023"),
        ("N", "x", {"after": "Z"}, "QC-C023"),
    ],
)
def test_codes_that_cannot_be_added_are_refused(id_: str, label: str, more: dict[str, str], expected: str) -> None:
    with pytest.raises(CodebookError, match=expected):
        add_code(BOOK, id_, label, **more)


@pytest.mark.parametrize(
    ("code", "kind", "more", "expected"),
    [
        ("A1", "near_miss", {"why": "money"}, ['+        - {text: "It\'s a trust fund: #1.", why: "money"}']),
        ("A1", "typical", {}, ['+        - "It\'s a trust fund: #1."']),
        ("A1", "atypical", {}, ["+      atypical:", '+        - "It\'s a trust fund: #1."']),
        (
            "B",
            "near_miss",
            {"question": "Who?", "source": "T1"},
            [
                "+    examples:",
                "+      near_miss:",
                '+        - {text: "It\'s a trust fund: #1.", source: "T1", question: "Who?"}',
            ],
        ),
        (
            "A2",
            "near_miss",
            {},
            [
                "-    examples: {typical: [We plan together., We trust each other.], near_miss: [A trust fund.]}",
                '+    examples: {typical: [We plan together., We trust each other.], near_miss: [A trust fund., "It\'s a trust fund: #1."]}',
            ],
        ),
    ],
)
def test_an_example_is_written_like_its_neighbours(
    code: str, kind: str, more: dict[str, str], expected: list[str]
) -> None:
    edit = add_example(BOOK, code, " It's a trust\r\n fund: #1. ", kind=kind, **more)  # type: ignore[arg-type]  # rows
    assert touched(BOOK, edit.text) == expected
    assert getattr(load(edit.text)[code].examples, kind)[-1].text == "It's a trust fund: #1."


def test_an_example_is_there_once() -> None:
    with pytest.raises(CodebookError, match=r"QC-C120.*a typical example of code 'A1'"):
        add_example(BOOK, "A1", "we TRUST each  other.", kind="near_miss")
    with pytest.raises(CodebookError, match=r"QC-C014.*Did you mean 'near_miss'"):
        add_example(BOOK, "A1", "x", kind="near-miss")  # type: ignore[arg-type]  # a typing error on purpose
    with pytest.raises(CodebookError, match="QC-C016"):
        add_example(BOOK, "A1", " \n", kind="typical")


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ('"on my side"', '- "on my side"'),
        ("trust NEAR/3 (me | us)", "- trust NEAR/3 (me | us)"),
        ('"on side" | keen', """- '"on side" | keen'"""),
        ("$staff rely", "- $staff rely"),
        ("no", "- 'no'"),
        ("'tis", "- '''tis'"),
        ('"AND NOT"', """- '"AND NOT"'"""),
        (r'"the \"new\" plan"', """- '"the \\"new\\" plan"'"""),
        ("code:A2 plan", "- code:A2 plan"),
    ],
)
def test_a_rule_is_written_so_that_it_stays_the_same_query(query: str, written: str) -> None:
    edit = add_rule(BOOK, "A1", query)
    assert touched(BOOK, edit.text) == [f"+      {written}"]
    assert load(edit.text)["A1"].rules[-1].find == query


def test_a_rule_can_carry_more_than_its_query() -> None:
    edit = add_rule(
        BOOK,
        "A1",
        '"on my side"',
        id="side",
        weight=0.7,
        set={"stance": "present"},
        stance={"absent": ['"no one"', "never"]},
        note="a: b",
    )
    assert touched(BOOK, edit.text) == [
        "+      - id: side",
        '+        find: "on my side"',
        "+        weight: 0.7",
        "+        set: {stance: present}",
        '+        stance: {absent: ["no one", never]}',
        '+        note: "a: b"',
    ]
    rule = load(edit.text)["A1"].rules[-1]
    assert (rule.id, rule.weight, rule.stance) == ("side", 0.7, {"absent": ('"no one"', "never")})
    first = add_rule(BOOK, "A", "x")
    assert touched(BOOK, first.text) == ["+    rules:", "+      - x"]


def test_a_rule_that_does_not_parse_or_is_there_is_refused() -> None:
    with pytest.raises(CodebookError, match="QC-C126") as caught:
        add_rule(BOOK, "A1", "(trust", weight=2)
    assert sorted(each.code for each in caught.value.problems) == ["QC-C015", "QC-C030"]
    with pytest.raises(CodebookError, match="QC-C120"):
        add_rule(BOOK, "A1", "trust  NEAR/3 $staff")


def test_a_rule_goes_with_its_lines_and_the_list_with_its_last_rule() -> None:
    assert touched(BOOK, remove_rule(BOOK, "A1", "A1-2").text) == ['-      - "got my back"']
    assert touched(BOOK, remove_rule(BOOK, "A1", "A1-3").text) == ["-      - find: rely on", "-        weight: 0.8"]
    assert touched(BOOK, remove_rule(BOOK, "A2", "two").text)[0].startswith("-      - {id: two")
    text = book("codes:\n- {id: A, label: a, rules: [x, y ]}\n- id: B\n  label: b\n  rules: # all\n  - z # this\n")
    assert "rules: [y ]" in remove_rule(text, "A", "A-1").text
    assert "rules: [x ]" in remove_rule(text, "A", "A-2").text
    assert remove_rule(text, "B", "B-1").text.endswith("  label: b\n")
    with pytest.raises(CodebookError, match=r"QC-C124.*Did you mean 'A1-3'"):
        remove_rule(BOOK, "A1", "A1-33")


def test_a_definition_keeps_its_way_of_being_written() -> None:
    assert touched(BOOK, set_definition(BOOK, "A1", "Short.").text) == [
        "-      People rely on one another,",
        "-      or say that they do not.",
        "+      Short.",
    ]
    assert touched(BOOK, set_definition(BOOK, "A", "Quoted: now.").text)[1] == '+    definition: "Quoted: now."'
    edit = set_definition(BOOK, "A", LONG, brief="Brief")
    assert "    brief: Brief\n    definition: >-\n      People rely" in edit.text
    assert load(edit.text)["A"].definition == LONG
    assert [each.kind for each in edit.changes.changes] == ["wording", "meaning"]
    commented = BOOK.replace("about one another.", "about one another.  # for now")
    assert touched(commented, set_definition(commented, "A", LONG).text)[1] == f"+    definition: {LONG}  # for now"
    with pytest.raises(CodebookError, match="QC-C120"):
        set_definition(BOOK, "A1", "People rely on one another, or  say that they do not.")


def test_the_page_about_editing_names_every_function_and_its_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "codebook-editing.md").read_text(encoding="utf-8")
    assert [name for name in edit.__all__ if name not in page] == []
    write(tmp_path, BOOK, "my-codebook.yaml")
    write(tmp_path, BOOK, "plc-1.yaml")
    write(tmp_path, set_definition(BOOK, "A1", LONG).text, "plc-2.yaml")
    monkeypatch.chdir(tmp_path)
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block, "codebook-editing.md", "exec"), {})
    told = capsys.readouterr().out
    assert "merged A2 into A1" in told
    assert "40 of 42 codings to read again" in told
    assert load((tmp_path / "my-codebook.yaml").read_text(encoding="utf-8"))["A2"].status == "retired"
