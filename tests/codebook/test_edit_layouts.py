"""Books in every way of writing YAML: what an edit does not touch stays byte for byte, or the edit is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from tests.codebook.books import HEAD, book, load
from tests.codebook.editing import BOOK, touched

FLOW = book("codes: [{id: A, label: One, rules: [x]}, {id: B, label: Two, parent: A, often_with: [A]}, ]\n")

EDITS: list[Callable[[str], Edit]] = [
    lambda text: rename_code(text, "A1", to="Q", label="Quite: new"),
    lambda text: move_code(text, "A2", under="A", before="A1"),
    lambda text: merge_codes(text, ["A2"], into="A1"),
    lambda text: merge_codes(text, ["A1"], into="A2", drop=True),
    lambda text: split_code(text, "A1", into=[("P", "P p"), ("Q", "Q q")], rules={"P": ["A1-2"]}),
    lambda text: retire_code(text, "A2", note="Gone."),
    lambda text: add_code(text, "N", "New", definition="word " * 50),
    lambda text: add_example(text, "B", "I: alone.", kind="near_miss", why="x"),
    lambda text: add_rule(text, "A2", "sums", weight=0.9),
    lambda text: remove_rule(text, "A1", "A1-2"),
    lambda text: set_definition(text, "A1", "word " * 50, brief="b"),
]


@pytest.mark.parametrize("number", range(len(EDITS)))
def test_line_ends_byte_order_mark_and_open_end_are_kept(number: int) -> None:
    expected = EDITS[number](BOOK).text
    crlf = EDITS[number](BOOK.replace("\n", "\r\n")).text
    assert crlf == expected.replace("\n", "\r\n")
    marked = EDITS[number]("\ufeff" + BOOK).text
    assert marked == "\ufeff" + expected
    closed = EDITS[number](BOOK.removesuffix("\n")).text
    assert closed == expected.removesuffix("\n")
    headed = EDITS[number]("--- # begin\n" + BOOK + "...\n").text
    assert headed == "--- # begin\n" + expected + "...\n"


def test_text_with_carriage_returns_alone_is_refused() -> None:
    with pytest.raises(CodebookError, match=r"QC-C121.*carriage returns"):
        rename_code(BOOK.replace("\n", "\r"), "A1", to="Q")


def test_codes_in_one_list_are_edited_in_it() -> None:
    assert touched(FLOW, rename_code(FLOW, "A", to="X", label="a, b").text)[1] == (
        '+codes: [{id: X, label: "a, b", rules: [x]}, {id: B, label: Two, parent: X, often_with: [X]}, ]'
    )
    assert "{id: C, label: Three}, ]" in add_code(FLOW, "C", "Three").text
    assert "label: Two, often_with: [A]}" in move_code(FLOW, "B", under=None).text
    assert load(merge_codes(FLOW, ["B"], into="A", drop=True).text)["A"].alt_labels == ("Two",)
    assert "codes: [{id: A, label: One, rules: [x], alt_labels" not in merge_codes(FLOW, ["B"], into="A").text
    split = split_code(FLOW, "A", into=[("P", "p")], rules={"P": ["A-1"]})
    assert load(split.text)["P"].rules[0].find == "x"
    with pytest.raises(CodebookError, match="QC-C121"):
        move_code(FLOW, "B", under=None, before="A")


def test_a_book_written_as_json_is_edited_too() -> None:
    text = '{"schema": "qualcode-codebook/1", "id": "j", "version": "1", "title": "t",\n "codes": [{"id":"A","label":"a"},\n  {"id":"B","label":"b","parent":"A"}]}'
    edit = rename_code(text, "A", to="C", date="2026", by="me")
    assert touched(text, edit.text)[1].startswith(' "codes"', 1) or "changelog" in edit.text
    assert load(edit.text)["B"].parent == "C"
    assert load(edit.text).changelog[0].change == "renamed A to C"
    assert load(add_code(text, "N", "n", parent="B", definition="d").text)["N"].definition == "d"


def test_dashes_that_stand_under_their_key_stay_there() -> None:
    text = book("codes:\n- id: A\n  label: a\n  rules:\n  - x\n\n- label: b\n  id: B\n")
    edit = add_rule(add_rule(text, "A", "yes we").text, "B", "z", weight=0.9)
    assert edit.text.endswith(
        "  rules:\n  - x\n  - yes we\n\n- label: b\n  id: B\n  rules:\n  - find: z\n    weight: 0.9\n"
    )
    assert "- id: Z\n  label: b\n" not in edit.text


def test_a_dash_alone_in_its_line_and_keys_in_any_order_are_understood() -> None:
    text = book(
        "codes:\n  -\n    parent: B # above\n    'id': \"A\"\n    label: 'a'\n  - parent: C\n    id: B\n    label: b\n  - id: C\n    label: c\n"
    )
    assert touched(text, move_code(text, "A", under=None).text) == ["-    parent: B # above"]
    assert touched(text, move_code(text, "B", under=None).text) == ["-  - parent: C", "-    id: B", "+  - id: B"]
    assert touched(text, rename_code(text, "A", label="it's").text) == ["-    label: 'a'", "+    label: 'it''s'"]
    moved = move_code(text, "A", under="C", after="B").text
    assert moved.endswith(
        """label: b\n  -\n    parent: C # above\n    'id': "A"\n    label: 'a'\n  - id: C\n    label: c\n"""
    )


def test_empty_keys_are_filled_and_comments_stay() -> None:
    text = book(
        "codes:\n  - id: A\n    label: a\n    definition:   # to do\n    rules:  # none yet\n    examples: {}\n    notes: |+\n      one\n      two\n\n  - id: B\n    label: b\n"
    )
    edit = set_definition(add_rule(add_example(text, "A", "x", kind="typical").text, "A", "r").text, "A", "Meaning.")
    code = load(edit.text)["A"]
    assert (code.definition, code.rules[0].find, code.examples.typical[0].text) == ("Meaning.", "r", "x")
    assert "# to do\n" in edit.text
    assert "    notes: |+\n      one\n      two\n\n  - id: B\n" in edit.text


def test_an_anchor_is_renamed_once_for_all_who_use_it() -> None:
    text = book(
        "codes:\n- {id: &a A, label: One}\n- {id: B, label: Two, parent: *a, often_with: &l [*a, C]}\n- {id: C, label: Three, opposite_of: [A], excludes: []}\n- {id: D, label: d, often_with: *l}\n"
    )
    edit = rename_code(text, "A", to="Z")
    assert edit.text == text.replace("&a A", "&a Z").replace("[A]", "[Z]")
    assert load(edit.text)["D"].often_with == ("Z", "C")


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: add_rule(text, "B", "y"),
        lambda text: add_example(text, "A", "y", kind="typical"),
        lambda text: remove_rule(text, "A", "A-1"),
        lambda text: merge_codes(text, ["C"], into="A"),
        lambda text: merge_codes(text, ["A"], into="C"),
        lambda text: rename_code(text, "D", label="Other"),
    ],
)
def test_what_is_written_once_and_used_twice_is_not_changed_for_one(edit: Callable[[str], Edit]) -> None:
    text = book(
        "codes:\n- id: A\n  label: a\n  rules: &r [x, z]\n  examples: &e\n    typical: [p]\n"
        "- id: B\n  label: b\n  rules: *r\n  examples: *e\n- id: C\n  label: c\n  rules: [w]\n- {id: D, label: &d d, notes: *d}\n"
    )
    with pytest.raises(CodebookError) as caught:
        edit(text)
    assert caught.value.code == "QC-C121"
    assert "used in several places" in caught.value.message or "an alias elsewhere" in caught.value.message
    assert caught.value.hint is not None
    assert "Nothing was changed" in caught.value.hint


def test_what_a_merged_code_took_from_another_is_copied_to_the_one_that_stays() -> None:
    text = book(
        'codes:\n- id: A\n  label: a\n  rules: &r\n  - "x y"\n  - z\n- id: B\n  label: b\n  rules: *r\n- id: C\n  label: c\n'
    )
    edit = merge_codes(text, ["B"], into="C")
    assert edit.text.endswith('  label: c\n  alt_labels: [b]\n  rules:\n  - "x y"\n  - z\n')
    assert "rules: *r" not in edit.text


def test_a_merged_mapping_is_overruled_not_changed() -> None:
    text = book(
        "codes:\n- &base\n  id: A\n  label: a\n  origin: data\n  parent: C\n- <<: *base\n  id: B\n  label: b\n- {id: C, label: c}\n"
    )
    assert "  label: b\n  parent: A\n" in move_code(text, "B", under="A").text
    with pytest.raises(CodebookError, match="QC-C121"):
        move_code(text, "B", under=None)
    with pytest.raises(CodebookError, match="QC-C121"):
        move_code(text, "A", under=None)


def test_a_text_that_says_something_else_than_was_meant_is_never_handed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qualcode.codebook.edit.draft.scalar", lambda *each, **more: "Something_else")
    with pytest.raises(CodebookError, match=r"QC-C121.*something else than was asked for"):
        rename_code(BOOK, "A", label="Faith")
    monkeypatch.setattr("qualcode.codebook.edit.draft.scalar", lambda *each, **more: '"')
    with pytest.raises(CodebookError, match=r"QC-C121.*would not be YAML"):
        rename_code(BOOK, "A", label="Faith")


# Random books in random layouts

WORDS = st.lists(
    st.sampled_from(["we", "trust", "it's", "#1", "a: b", '"so"', "[x]", "no", "é"]), min_size=1, max_size=5
).map(" ".join)


def quoted(draw: st.DrawFn, text: str) -> str:
    if draw(st.booleans()):
        return "'" + text.replace("'", "''") + "'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def books(draw: st.DrawFn) -> str:
    """Return a sound book of three to five codes, each key in a style of its own."""
    number = draw(st.integers(3, 5))
    ids = [f"K{n}" for n in range(number)]
    step = draw(st.sampled_from([0, 2, 4]))
    lines: list[str] = []

    def listed(key: str, items: list[str], indent: int) -> list[str]:
        head = " " * indent + f"{key}:"
        if draw(st.booleans()):
            return [f"{head} [{', '.join(items)}]" + draw(st.sampled_from(["", "  # flow", " "]))]
        return [head, *(" " * (indent + step) + f"- {item}" + draw(st.sampled_from(["", " # item"])) for item in items)]

    for n, code in enumerate(ids):
        gap = draw(st.sampled_from([[], [""], ["", " " * step + "# about the next"], ["# far left"]]))
        body = [f"label: Label {code}"]
        if n:
            body.append(f"parent: {draw(st.sampled_from(ids[:n]))}")
        others = [each for each in ids if each != code]
        if draw(st.booleans()):
            body += listed(
                "often_with", draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True)), 0
            )
        if draw(st.booleans()):
            texts = draw(st.lists(WORDS, min_size=1, max_size=3))
            items = [
                draw(st.sampled_from([quoted(draw, text), f"{{text: {quoted(draw, text)}, see: {others[0]}}}"]))
                for text in texts
            ]
            body += listed(draw(st.sampled_from(["include", "exclude"])), items, 0)
        if draw(st.booleans()):
            rules = draw(
                st.lists(
                    st.sampled_from(["trust", '"on board"', "'a | b'", "{find: keen, weight: 0.9}"]),
                    min_size=1,
                    max_size=4,
                    unique=True,
                )
            )
            body += listed("rules", rules, 0)
        if draw(st.booleans()):
            kinds = draw(
                st.lists(st.sampled_from(["typical", "atypical", "near_miss"]), min_size=1, max_size=3, unique=True)
            )
            body.append("examples:")
            for kind in kinds:
                body += listed(
                    kind,
                    [quoted(draw, f"{kind} {n} {text}") for text in draw(st.lists(WORDS, min_size=1, max_size=2))],
                    2,
                )
        if draw(st.booleans()):
            body += draw(
                st.sampled_from(
                    [
                        ["definition: >-", "  one", "  two"],
                        ["definition: |", "   a", "   b"],
                        ["definition: plain text"],
                        ["definition: >", "", "  one", "", "  two", ""],
                    ]
                )
            )
        lines += gap
        lines += [" " * step + f"- id: {code}", *(" " * (step + 2) + line if line else "" for line in body)]
    text = HEAD + "codes:\n" + "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@st.composite
def edits(draw: st.DrawFn) -> tuple[Callable[[str], Edit], frozenset[str]]:
    """Return an edit, and the ids of the codes that it is about."""
    one, two = draw(st.sampled_from([("K0", "K1"), ("K1", "K2"), ("K2", "K0"), ("K2", "K1")]))
    words = draw(WORDS)
    kind = draw(st.sampled_from(["typical", "atypical", "near_miss"]))
    options: list[tuple[Callable[[str], Edit], frozenset[str]]] = [
        (lambda text: rename_code(text, one, to="New.1", label=words, keep_old_label=True), frozenset({one, "New.1"})),
        (lambda text: move_code(text, one, under=two), frozenset({one})),
        (lambda text: move_code(text, one, under=None, after="K0"), frozenset({one})),
        (lambda text: merge_codes(text, [one], into=two), frozenset({one, two})),
        (lambda text: merge_codes(text, [one], into=two, drop=True), frozenset({one, two})),
        (
            lambda text: split_code(text, one, into=[("P", words), ("Q", "Q q")], rules={"P": [f"{one}-1"]}),
            frozenset({one, "P", "Q"}),
        ),
        (lambda text: retire_code(text, one, replaced_by=two, note=words), frozenset({one})),
        (lambda text: add_code(text, "P", words, parent=one, definition=words, after=two), frozenset({"P"})),
        (lambda text: add_example(text, one, words, kind=kind, why=words), frozenset({one})),  # type: ignore[arg-type]  # drawn
        (lambda text: add_rule(text, one, '"so"', stance=None, weight=0.7), frozenset({one})),
        (lambda text: remove_rule(text, one, f"{one}-1"), frozenset({one})),
        (lambda text: set_definition(text, one, words, brief="b: c"), frozenset({one})),
    ]
    return draw(st.sampled_from(options))


def attempt(change: Callable[[str], Edit], text: str) -> tuple[Edit | None, str]:
    """Return the edit, or the code of the error that refuses it."""
    try:
        return change(text), ""
    except CodebookError as error:
        return None, error.code


@settings(max_examples=250, deadline=None)
@given(books(), edits())
def test_any_layout_can_be_edited_and_other_codes_stay_as_they_are(
    text: str, edit: tuple[Callable[[str], Edit], frozenset[str]]
) -> None:
    change, about = edit
    before = load(text)
    result, refused = attempt(change, text)
    if result is None:
        assert refused in {"QC-C120", "QC-C123", "QC-C124", "QC-C126"}
        return
    after = load(result.text)
    named = about | {each.code for each in result.changes.changes}
    for code in before:
        if code.id not in named:
            old, new = code, after[code.id]
            assert (old.label, old.definition, old.include, old.exclude, old.often_with) == (
                new.label,
                new.definition,
                new.include,
                new.exclude,
                new.often_with,
            )
            assert [rule.find for rule in old.rules] == [rule.find for rule in new.rules]
    end = "\r\n" if "\r\n" in text else "\n"
    assert result.text.endswith(end) == text.endswith(end)
    assert result.text.count("\n") == result.text.count(end)
    comments = [line.strip() for line in text.split("\n") if line.lstrip().startswith("#")]
    left = {line.strip() for line in result.text.split("\n")}
    assert [line for line in comments if line not in left] == []


@settings(max_examples=60, deadline=None)
@given(books())
def test_there_and_back_is_the_same_file(text: str) -> None:
    assert rename_code(rename_code(text, "K1", to="other").text, "other", to="K1").text == text
    assert remove_rule(add_rule(text, "K1", "qqq", id="q").text, "K1", "q").text == text
