"""Merging and splitting codes: what is united, what moves, and who follows."""

from __future__ import annotations

import pytest

from qualcode.codebook.edit import merge_codes, rename_code, retire_code, split_code
from qualcode.errors import CodebookError
from tests.codebook.books import book, load
from tests.codebook.editing import BOOK, touched


def test_a_merged_code_gives_what_the_other_lacks() -> None:
    edit = merge_codes(BOOK, ["A2"], into="A1")
    one = load(edit.text)["A1"]
    assert one.label == "Trust"
    assert one.alt_labels == ("Doing the work", "joint work")
    assert [each.text for each in one.exclude] == ["a hospital trust"]
    assert one.often_with == ("B",)
    assert [each.text for each in one.examples.typical] == ["We trust each other.", "We plan together."]
    assert [each.text for each in one.examples.near_miss] == ["The trust took over.", "A trust fund."]
    assert [each.find for each in one.rules] == [
        "trust NEAR/3 $staff",
        '"got my back"',
        "rely on",
        "plan together",
        '"as a team" | teamwork',
    ]
    assert one.rules[-1].id == "two"
    assert one.rules[-1].stance == {"absent": ("never",)}
    assert one.seeds.words == ("trust", "plan")
    assert one.seeds.exclude_words == ("lesson plan",)
    assert dict(edit.codes) == {"A2": "A1"}
    assert edit.summary == "merged A2 into A1"


def test_a_merged_code_stays_as_retired_and_all_that_named_it_names_the_other() -> None:
    edit = merge_codes(BOOK, ["A2", "A1"], into="A1")
    new = load(edit.text)
    two = new["A2"]
    assert (two.status, two.replaced_by, two.rules) == ("retired", "A1", ())
    assert two.notes == "A note on two lines."
    assert [each.text for each in two.examples.typical] == ["We plan together.", "We trust each other."]
    assert new["B"].opposite_of == ("A1",)
    assert [each.find for each in new["B"].rules] == [
        "alone NOT code:A1",
        "nobody NOT code:Trust",
        "by myself NOT (code:trust | code:A1)",
    ]
    assert new.lexicons["asked"] == ("code:A1 NEAR/3 why",)
    assert [(each.source, each.target) for each in new.crosswalks[0].links] == [("A1", "X1")]


def test_rules_move_with_their_comments_and_quotes() -> None:
    text = merge_codes(BOOK, ["A2"], into="A1").text
    assert (
        "        weight: 0.8\n"
        "      # planning\n"
        "      - plan together\n"
        """      - {id: two, find: '"as a team" | teamwork', stance: {absent: [never]}}\n"""
        "    seeds: {words: [trust, plan]"
    ) in text
    assert text.count("# planning") == 1


def test_dropping_takes_the_entry_out() -> None:
    edit = merge_codes(BOOK, ["A1"], into="A2", drop=True)
    new = load(edit.text)
    assert [each.id for each in new] == ["A", "A2", "B"]
    assert new["A2"].examples.near_miss[-1].why == "an academy trust"
    assert edit.changes.removed == ("A1",)
    assert "  # trust, in all its forms\n" in edit.text


def test_dropping_takes_the_blank_line_with_the_entry() -> None:
    text = book("codes:\n  - id: A\n    label: a\n\n  - id: B\n    label: b\n\n  # about C\n  - id: C\n    label: c\n")
    first = merge_codes(text, ["A"], into="B", drop=True).text
    assert first.endswith(
        "codes:\n  - id: B\n    label: b\n    alt_labels: [a]\n\n  # about C\n  - id: C\n    label: c\n"
    )
    middle = merge_codes(text, ["B"], into="A", drop=True).text
    assert middle.endswith("  - id: A\n    label: a\n    alt_labels: [b]\n\n  # about C\n  - id: C\n    label: c\n")
    last = merge_codes(text.replace("  # about C\n", ""), ["C"], into="A", drop=True).text
    assert last.endswith("    alt_labels: [c]\n\n  - id: B\n    label: b\n")


def test_a_name_that_the_code_has_already_is_not_given_twice() -> None:
    text = book("codes:\n- {id: A, label: One, alt_labels: [uno]}\n- {id: B, label: UNO, alt_labels: [one, a, eins]}\n")
    assert load(merge_codes(text, ["B"], into="A").text)["A"].alt_labels == ("uno", "eins")


def test_children_go_with_the_code_and_a_parent_can_be_merged_into_its_child() -> None:
    edit = merge_codes(BOOK, ["A"], into="A1")
    assert load(edit.text)["A1"].parent is None
    assert load(edit.text)["A2"].parent == "A1"
    deep = book(
        "codes:\n- {id: A, label: a}\n- {id: B, label: b, parent: A}\n- {id: C, label: c, parent: B}\n- {id: D, label: d, parent: C}\n"
    )
    merged = load(merge_codes(deep, ["B"], into="D").text)
    assert (merged["D"].parent, merged["C"].parent) == ("A", "D")


def test_a_near_miss_of_one_that_is_an_example_of_the_other_goes() -> None:
    text = book(
        "codes:\n- id: A\n  label: a\n  examples:\n    typical: [One.]\n    near_miss: [Two., Four.]\n"
        "- id: B\n  label: b\n  examples:\n    typical: [two.]\n    near_miss: [one., Three.]\n"
    )
    found = load(merge_codes(text, ["B"], into="A").text)["A"].examples
    assert [each.text for each in found.typical] == ["One.", "two."]
    assert [each.text for each in found.near_miss] == ["Four.", "Three."]


def test_an_include_line_that_pointed_to_the_merged_code_keeps_its_text() -> None:
    text = book(
        "codes:\n- {id: A, label: a, include: [{text: x, see: B}, {see: B, text: y}]}\n- {id: B, label: b, include: [x, z]}\n"
    )
    found = load(merge_codes(text, ["B"], into="A").text)["A"].include
    assert [(each.text, each.see) for each in found] == [("x", None), ("y", None), ("z", None)]


@pytest.mark.parametrize(
    ("codes", "into", "expected"),
    [([], "A1", "QC-C120"), (["A1"], "A1", "QC-C120"), (["A3"], "A1", "QC-C023"), (["A1"], "A3", "QC-C023")],
)
def test_nothing_to_merge_is_refused(codes: list[str], into: str, expected: str) -> None:
    with pytest.raises(CodebookError, match=expected):
        merge_codes(BOOK, codes, into=into)


def test_a_merge_that_the_loader_would_refuse_is_refused_with_its_reasons() -> None:
    with pytest.raises(CodebookError) as caught:
        merge_codes(BOOK, ["A1"], into="B")
    assert caught.value.code == "QC-C126"
    assert [each.code for each in caught.value.problems] == ["QC-C035"]
    retired = retire_code(BOOK, "A1", replaced_by="A2").text
    with pytest.raises(CodebookError, match="QC-C125"):
        merge_codes(retired, ["B"], into="A1")


def test_retired_codes_follow_when_their_replacement_is_merged() -> None:
    text = retire_code(BOOK, "B", replaced_by="A2").text
    assert load(merge_codes(text, ["A2"], into="A1").text)["B"].replaced_by == "A1"


def test_splitting_makes_children_and_gives_them_rules() -> None:
    edit = split_code(
        BOOK, "A1", into=[("A1a", "Sayings"), ("A1b", "Rely: on")], rules={"A1a": ["A1-2"], "A1b": ["A1-3"]}
    )
    new = load(edit.text)
    assert [each.id for each in new] == ["A", "A1", "A1a", "A1b", "A2", "B"]
    assert [each.find for each in new["A1"].rules] == ["trust NEAR/3 $staff"]
    assert [each.find for each in new["A1a"].rules] == ['"got my back"']
    assert (new["A1b"].rules[0].find, new["A1b"].rules[0].weight) == ("rely on", 0.8)
    assert new["A1a"].parent == new["A1b"].parent == "A1"
    assert edit.codes == {}
    assert (
        '\n\n  - id: A1a\n    label: Sayings\n    parent: A1\n    origin: theory\n    rules:\n      # sayings\n      - "got my back"\n\n'
        in edit.text
    )
    assert set(edit.changes.added) == {"A1a", "A1b"}


def test_splitting_into_siblings_retires_the_code_with_a_note() -> None:
    edit = split_code(BOOK, "A2", into=[("P", "Planning"), ("Q", "Team")], rules={"Q": ["two"]}, under=False)
    new = load(edit.text)
    assert (new["A2"].status, new["A2"].notes) == ("retired", "A note on two lines. Split into P and Q.")
    assert (new["P"].parent, new["Q"].parent) == ("A", "A")
    assert new["Q"].rules[0].id == "two"
    assert new["P"].rules == ()
    top = split_code(BOOK, "B", into=[("P", "Planning")], under=False)
    assert load(top.text)["P"].parent is None


def test_a_code_that_only_some_variants_have_is_split_in_the_same_ones() -> None:
    text = book(
        "variants: [{id: v1, date: 2013}, {id: v2, date: 2020}]\ncodes:\n"
        "- {id: A, label: a, variants: [v2], combine: sum, threshold: 0.9, rules: [{find: x, weight: 0.5}, {find: y, weight: 0.5}, {find: z, weight: 0.9}]}\n"
    )
    edit = split_code(text, "A", into=[("B", "b"), ("C", "c")], rules={"B": ["A-1", "A-2"]})
    new = load(edit.text, variant="v2")
    assert new["B"].variants == new["C"].variants == ("v2",)
    assert (new["B"].threshold, new["B"].combine) == (0.9, "sum")
    assert (new["C"].threshold, new["C"].combine) == (None, None)


@pytest.mark.parametrize(
    ("code", "more", "expected"),
    [
        ("A1", {"into": []}, "QC-C120"),
        ("A1", {"into": [("A2", "x")]}, "QC-C122"),
        ("A1", {"into": [("X", "Alone")]}, "QC-C122"),
        ("A1", {"into": [("X", "x"), ("X", "y")]}, "QC-C122"),
        ("A1", {"into": [("X", "x")], "rules": {"Y": ["A1-1"]}}, "QC-C120"),
        ("A1", {"into": [("X", "x")], "rules": {"X": ["A1-9"]}}, "QC-C124"),
        ("A1", {"into": [("X", "x"), ("Y", "y")], "rules": {"X": ["A1-1"], "Y": ["A1-1"]}}, "QC-C124"),
        ("A", {"into": [("X", "x")], "under": False}, "QC-C123"),
    ],
)
def test_splits_that_make_no_sense_are_refused(code: str, more: dict[str, object], expected: str) -> None:
    with pytest.raises(CodebookError, match=expected):
        split_code(BOOK, code, **more)  # type: ignore[arg-type]  # rows of keyword arguments


def test_one_edit_after_another_leaves_the_untouched_code_as_it_was() -> None:
    text = rename_code(BOOK, "A2", to="W").text
    text = split_code(text, "W", into=[("W1", "One"), ("W2", "Two")], rules={"W1": ["W-1"]}).text
    text = merge_codes(text, ["W1", "W2"], into="W").text
    assert [line for line in touched(BOOK, text) if "trust NEAR" in line or "first version" in line] == []
    assert {each.find for each in load(text)["W"].rules} == {each.find for each in load(BOOK)["A2"].rules}
