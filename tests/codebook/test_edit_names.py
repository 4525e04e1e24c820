"""Renaming, moving and retiring codes: what follows, and that nothing else is touched."""

from __future__ import annotations

import pytest

from qualcode.codebook.edit import move_code, rename_code, retire_code
from qualcode.errors import CodebookError
from tests.codebook.books import book, load
from tests.codebook.editing import BOOK, touched


def test_an_id_is_renamed_wherever_it_is_named() -> None:
    edit = rename_code(BOOK, "A1", to="T.1")
    assert touched(BOOK, edit.text) == [
        "-      - {from: A1, to: X1, relation: exact}",
        "+      - {from: T.1, to: X1, relation: exact}",
        "-  - id: A1",
        "+  - id: T.1",
        '-    exclude: [{text: "relying on people", see: A1}]',
        "-    often_with: [A1]",
        '+    exclude: [{text: "relying on people", see: T.1}]',
        "+    often_with: [T.1]",
        "-    opposite_of: [A1, A2]",
        "+    opposite_of: [T.1, A2]",
        "-      - alone NOT code:A1",
        "+      - alone NOT code:T.1",
    ]
    assert edit.summary == "renamed A1 to T.1"
    assert dict(edit.codes) == {"A1": "T.1"}
    assert edit.changes.added == ("T.1",)
    assert edit.changes.removed == ("A1",)


def test_a_label_is_renamed_in_queries_that_use_it_and_its_comment_stays() -> None:
    edit = rename_code(BOOK, "A1", label="Relying: on others", keep_old_label=True)
    assert touched(BOOK, edit.text) == [
        "-    label: Trust      # not the multi-academy kind",
        '+    label: "Relying: on others"      # not the multi-academy kind',
        "+    alt_labels: [Trust]",
    ]
    edit = rename_code(BOOK, "A1", label="Relying on others")
    assert touched(BOOK, edit.text)[2:] == [
        "-      - by myself NOT (code:trust | code:A2)",
        '+      - by myself NOT (code:"Relying on others" | code:A2)',
    ]
    assert edit.codes == {}
    assert edit.changes.relabelled == ("A1",)


def test_id_and_label_together_reach_word_lists_and_quoted_names() -> None:
    edit = rename_code(BOOK, "A2", to="A-2", label="Team's work")
    lines = touched(BOOK, edit.text)
    assert "+  asked: ['code:A-2 NEAR/3 why']" in lines
    assert """+      - 'nobody NOT code:"Team''s work"'""" in lines
    assert "+      - by myself NOT (code:trust | code:A-2)" in lines
    assert load(edit.text)["B"].rules[1].find == """nobody NOT code:"Team's work\""""


def test_a_query_that_a_new_id_would_turn_to_another_code_keeps_its_code() -> None:
    text = book(
        "codes:\n- {id: A, label: One, alt_labels: [trust]}\n- {id: B, label: Two}\n- {id: C, label: x, rules: ['y NOT code:trust']}\n"
    )
    edit = rename_code(text, "B", to="trust")
    assert load(edit.text)["C"].rules[0].find == "y NOT code:A"


def test_a_name_in_a_folded_query_is_found_over_its_line_break() -> None:
    text = book(
        'codes:\n- {id: A, label: One two}\n- id: B\n  label: Two\n  rules:\n  - >-\n    x NOT\n    code:"One\n    two"\n  - find: |\n      (y)\n      NOT code:A\n'
    )
    edit = rename_code(text, "A", to="Z", label="Three")
    found = [rule.find for rule in load(edit.text)["B"].rules]
    assert found == ["x NOT code:Three", "(y)\nNOT code:Z"]


@pytest.mark.parametrize(
    ("code", "names", "expected"),
    [
        ("A1", {"to": "a2"}, "QC-C122"),
        ("A1", {"to": "alone"}, "QC-C122"),
        ("A1", {"label": "DOING THE WORK"}, "QC-C122"),
        ("A1", {"label": "b"}, "QC-C122"),
        ("A1", {"label": "  "}, "QC-C016"),
        ("A1", {"label": "x\ud800"}, "QC-C016"),
        ("A1", {}, "QC-C120"),
        ("A1", {"to": "A1", "label": "Trust"}, "QC-C120"),
        ("A1", {"to": "Q", "by": "me"}, "QC-C120"),
        ("A11", {"to": "Q"}, "QC-C023"),
        ("A1", {"to": "Q q"}, "QC-C016"),
        ("A1", {"to": ""}, "QC-C016"),
    ],
)
def test_names_that_cannot_be_are_refused(code: str, names: dict[str, str], expected: str) -> None:
    with pytest.raises(CodebookError) as caught:
        rename_code(BOOK, code, **names)
    assert caught.value.code == expected
    assert caught.value.hint or caught.value.problems


def test_a_code_that_is_not_there_has_a_near_match() -> None:
    with pytest.raises(CodebookError, match=r"Did you mean 'A1'\?"):
        rename_code(BOOK, "a1", to="Q")
    with pytest.raises(CodebookError, match=r"Did you mean 'A2'\?"):
        rename_code(BOOK, "doing the work", to="Q")


def test_moving_changes_the_parent_alone() -> None:
    assert touched(BOOK, move_code(BOOK, "A1", under="B").text) == ["-    parent: A", "+    parent: B"]
    assert touched(BOOK, move_code(BOOK, "A1", under=None).text) == ["-    parent: A"]
    edit = move_code(BOOK, "B", under="A")
    assert touched(BOOK, edit.text) == ["+    parent: A"]
    assert edit.summary == "moved B under A"
    assert edit.changes.moved == ("B",)


def test_a_move_that_makes_rules_wait_for_themselves_is_refused() -> None:
    with pytest.raises(CodebookError, match="QC-C126") as caught:
        move_code(BOOK, "B", under="A1")
    assert [each.code for each in caught.value.problems] == ["QC-C035"]


@pytest.mark.parametrize(
    ("code", "under", "where", "expected"),
    [
        ("A2", "A", {"before": "A1"}, ["A", "A2", "A1", "B"]),
        ("A1", "A", {"after": "A2"}, ["A", "A2", "A1", "B"]),
        ("B", "A", {"after": "A1"}, ["A", "A1", "B", "A2"]),
        ("A", None, {"after": "B"}, ["A1", "A2", "B", "A"]),
        ("B", None, {"before": "A"}, ["B", "A", "A1", "A2"]),
        ("B", None, {"after": "A"}, None),
        ("A1", None, {"before": "A"}, ["A1", "A", "A2", "B"]),
        ("A2", None, {"after": "A"}, ["A", "A1", "A2", "B"]),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_order_changes_by_moving_whole_entries(
    code: str, under: str | None, where: dict[str, str], expected: list[str] | None, end: str
) -> None:
    text = BOOK.rstrip("\n") + end
    if expected is None:
        with pytest.raises(CodebookError, match="QC-C120"):
            move_code(text, code, under=under, **where)
        return
    edit = move_code(text, code, under=under, **where)
    assert [each.id for each in load(edit.text)] == expected
    assert load(edit.text)[code].parent == under
    before, after = text.split("\n"), edit.text.split("\n")
    parents = {"    parent: A", f"    parent: {under}"}
    assert sorted(line for line in before if line not in parents) == sorted(
        line for line in after if line not in parents
    )
    assert edit.text.endswith(end)
    at = after.index("  - id: A1")
    assert after[at - 1] == "  # trust, in all its forms"


@pytest.mark.parametrize(
    ("code", "under", "where", "expected"),
    [
        ("A", "A1", {}, "QC-C123"),
        ("A", "A", {}, "QC-C123"),
        ("A1", "C", {}, "QC-C023"),
        ("A1", "A", {}, "QC-C120"),
        ("A1", "A", {"before": "B"}, "QC-C123"),
        ("A1", "A", {"before": "A1"}, "QC-C123"),
        ("A1", "A", {"before": "A2", "after": "A2"}, "QC-C120"),
    ],
)
def test_places_that_a_code_cannot_have_are_refused(
    code: str, under: str, where: dict[str, str], expected: str
) -> None:
    with pytest.raises(CodebookError, match=expected):
        move_code(BOOK, code, under=under, **where)


def test_retiring_says_what_became_of_the_code() -> None:
    edit = retire_code(BOOK, "A1", replaced_by="A2", note="Too thin: see A2.")
    assert touched(BOOK, edit.text) == [
        "-    status: active",
        "+    status: retired",
        "+    replaced_by: A2",
        '+    notes: "Too thin: see A2."',
    ]
    assert dict(edit.codes) == {"A1": "A2"}
    assert edit.changes.retired == ("A1",)
    again = retire_code(BOOK, "A2", note="Not used.")
    assert load(again.text)["A2"].notes == "A note on two lines. Not used."
    assert again.codes == {}


def test_retiring_without_a_word_or_for_a_retired_code_is_refused() -> None:
    with pytest.raises(CodebookError, match="QC-C120"):
        retire_code(BOOK, "A1")
    with pytest.raises(CodebookError, match="QC-C120"):
        retire_code(BOOK, "A1", replaced_by="A1")
    once = retire_code(BOOK, "A1", replaced_by="A2").text
    with pytest.raises(CodebookError, match="QC-C120"):
        retire_code(once, "A1", replaced_by="A2")
    with pytest.raises(CodebookError, match=r"QC-C125.*Use 'A2'"):
        retire_code(once, "B", replaced_by="A1")


def test_an_edit_is_dated_and_numbered_when_asked() -> None:
    edit = move_code(BOOK, "A1", under="B", date="2026-02-03", by="R. Reader", version="1.1")
    assert touched(BOOK, edit.text)[:4] == [
        '-version: "1.0"',
        '+version: "1.1"',
        '+  - {date: 2026-02-03, by: R. Reader, change: "moved A1 under B"}',
        "-    parent: A",
    ]
    assert load(edit.text).changelog[-1].change == "moved A1 under B"
    bare = book("codes:\n- id: A\n  label: One\n")
    new = rename_code(bare, "A", to="B", date="2026", by="me").text
    assert 'changelog:\n- {date: 2026, by: me, change: "renamed A to B"}\ncodes:\n' in new
    with pytest.raises(CodebookError, match="QC-C126"):
        rename_code(bare, "A", to="B", date="Monday", by="me")


def test_a_book_with_problems_is_not_edited() -> None:
    with pytest.raises(CodebookError, match="QC-C012"):
        rename_code(BOOK.replace("parent: A\n", "parent: Z\n"), "A1", to="Q")
