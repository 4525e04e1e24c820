"""What is refused, with which code, where, and with which remedy."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import CodebookError
from tests.codebook.books import HEAD, book, codes, load, problems, told, warnings


def one(code: str, more: str = "") -> str:
    return book(f"codes:\n  - id: A1\n    label: Trust\n{more}{code}")


CASES = [
    # files
    ("", "QC-C003 -", "empty"),
    ("# only a comment\n", "QC-C003 -", "empty"),
    ("- a\n- b\n", "QC-C005 1:1", "not a codebook"),
    ("just text\n", "QC-C005 1:1", "not a codebook"),
    ("a: 1\n", "QC-C005 1:1", "not a codebook"),
    ("schema: qualcode-codebook/2\ncodes: []\n", "QC-C008 1:9", "newer qualcode"),
    # YAML
    ("a: b: c\n", "QC-C004 1:5", "colon followed by a space"),
    ("a:\n\t- b\n", "QC-C004 2:1", "tab"),
    ("a:\n  - *ing\n", "QC-C004 2:5", "quotes"),
    ("a:\n  - @home\n", "QC-C004 2:5", "begins with @"),
    ('a: "x\n', "QC-C004 1:4", "never closed"),
    ("a: [b, c\nd: e\n", "QC-C004 2:2", "list in [ ]"),
    ("a: {b: c\nd: e\n", "QC-C004 2:2", "{ }"),
    ('a:\n  - "on board" | "keen"\n', "QC-C004 2:16", "single quotes"),
    ("a:\n  - | x\n", "QC-C004 2:7", "begins with |"),
    ("a: 1\n---\nb: 2\n", "QC-C004 2:1", "second document"),
    ('a: "\\q"\n', "QC-C004 1:5", "backslash"),
    ("a:\n  - b\n c: d\n", "QC-C004 3:2", "indentation"),
    ("a: x\x01y\n", "QC-C004 1:5", "U+0001"),
    ("a: !python/object:os.system x\n", "QC-C007 1:4", "tag"),
    ("a: &a [*a]\n", "QC-C007 1:8", "inside what it names"),
    ("[" * 100_000, "QC-C007 1:51", "deep"),
    ("a: 1\na: 2\ncodes: []\n", "QC-C006 2:1", "second time"),
    # form
    (book("codez: []\ncodes: []\n"), "QC-C010 5:1", "Did you mean 'codes'"),
    (one("    definitoin: x\n"), "QC-C010 8:5", "unknown key 'definitoin' in code 'A1'. Did you mean 'definition'"),
    (one("    rules: [{trust: x}]\n"), "QC-C010 8:14", "rule 1 of code 'A1'"),
    (book("codes:\n  - label: x\n"), "QC-C011 6:5", "code 1 has no 'id'"),
    (book("codes:\n  - id: A\n    label:\n"), "QC-C011 7:5", "'label' of code 'A' is empty"),
    (book("codes: 3\n"), "QC-C013 5:8", "must be a list"),
    (book("codes: [x]\n"), "QC-C013 5:9", "must be a mapping, not the text 'x'"),
    (one("    alt_labels: faith\n"), "QC-C013 8:17", "must be a list"),
    (one("    codable: maybe\n"), "QC-C013 8:14", "true or false"),
    (one("    definition: [a]\n"), "QC-C013 8:17", "must be text, not a list"),
    (one('    rules: [{find: x, weight: "0.5"}]\n'), "QC-C013 8:31", "without quotes"),
    (one("    origin: theroy\n"), "QC-C014 8:13", "Did you mean 'theory'"),
    (book("defaults: {roles_left_out: [intervewer]}\ncodes: []\n"), "QC-C014 5:29", "Did you mean 'interviewer'"),
    (one("    rules: [{find: x, weight: 1.5}]\n"), "QC-C015 8:31", "-1 to 1"),
    (one("    threshold: 0\n"), "QC-C015 8:16", "above 0"),
    (one("    threshold: 1.01\n"), "QC-C015 8:16", "at most 1"),
    (one("    seeds: {weight: -0.1}\n"), "QC-C015 8:21", "0 to 1"),
    (one("    rules: ['']\n"), "QC-C016 8:13", "empty"),
    (book("codes:\n  - {id: a b, label: x}\n"), "QC-C016 6:10", "cannot be an id"),
    (book("lexicons: {1st: [a]}\ncodes: []\n"), "QC-C016 5:12", "cannot be a name"),
    (book("changelog: [{date: Monday, by: me, change: x}]\ncodes: []\n"), "QC-C016 5:20", "not a date"),
    # names
    (one("    parent: B\n"), "QC-C012 8:13", "names parent 'B', which does not exist"),
    (one("  - {id: a1, label: Other}\n"), "QC-C020 8:10", "first is in line 6"),
    (one("  - {id: A2, label: TRUST}\n"), "QC-C021 8:21", "also that of code 'A1' in line 7"),
    (one("  - {id: A2, label: a1}\n"), "QC-C021 8:21", "'A1'"),
    (one("  - {id: A2, label: x, parent: A1}\n", "    parent: A2\n"), "QC-C022 8:13", "A1 → A2 → A1"),
    (one("    parent: A1\n"), "QC-C022 8:13", "A1 → A1"),
    (one("    exclude: [{text: x, see: A11}]\n"), "QC-C023 8:30", "Did you mean 'A1'"),
    (one("    opposite_of: [Z]\n"), "QC-C023 8:19", "opposite_of"),
    (one("    often_with: [Z]\n"), "QC-C023 8:18", "often_with"),
    (one("    excludes: [Z]\n"), "QC-C023 8:16", "excludes"),
    (one("    replaced_by: Z\n"), "QC-C023 8:18", "replaced_by"),
    (
        book("crosswalks: [{to: o, links: [{from: Z, to: X, relation: exact}]}]\ncodes: []\n"),
        "QC-C023 5:37",
        "crosswalk to 'o'",
    ),
    (one("    sources: [S1]\n"), "QC-C024 8:15", "source 'S1'"),
    (one("    figures: [{name: n, value: 1, source: S1}]\n"), "QC-C024 8:43", "figure"),
    (one("    variants: [late]\n"), "QC-C025 8:16", "variant 'late'"),
    (one("    revised: [{variant: late, definition: d}]\n"), "QC-C025 8:25", "revision"),
    (book("default_variant: late\ncodes: []\n"), "QC-C025 5:18", "default_variant"),
    (book("variants: [{id: all, date: 2012}]\ncodes: []\n"), "QC-C025 5:17", "every variant"),
    (
        book(
            "variants: [{id: u, date: 2012}, {id: v, date: 2013}]\n"
            "codes: [{id: A, label: x, variants: [u]}, {id: B, label: y, parent: A}]\n"
        ),
        "QC-C025 6:43",
        "variants: [u]",
    ),
    (book("sources: [{id: S, text: a}, {id: s, text: b}]\ncodes: []\n"), "QC-C026 5:34", "used twice"),
    (one("    rules: [{id: r, find: x}, {id: R, find: y}]\n"), "QC-C026 8:36", "rule id"),
    (one("    status: retired\n"), "QC-C027 8:13", "replaced_by"),
    (one("    rules: [{find: x, set: {stance: absent}}]\n"), "QC-C028 8:29", "not among the facets"),
    (
        one("    rules: [{find: x, stance: {absnt: [y]}}]\n").replace(
            "codes:", "facets: [{id: stance, values: [present, absent]}]\ncodes:"
        ),
        "QC-C028 9:32",
        "Did you mean 'absent'",
    ),
    (book("facets: [{id: f, values: [a], default: b}]\ncodes: []\n"), "QC-C028 5:40", "only a"),
    (one("    excludes: [A1]\n"), "QC-C029 8:16", "itself"),
    (one("  - {id: A2, label: x, parent: A1, excludes: [A1]}\n"), "QC-C029 8:47", "above or below"),
    # rules
    (codes("trust NEAR/x staff"), "QC-C030 9:15", "rule 'A1-1' cannot be read"),
    (codes("'trust (staff'"), "QC-C030 9:16", "bracket"),
    (codes("{weight: 1}"), "QC-C031 9:9", "neither"),
    (codes("{find: x, tokens: [{LOWER: x}]}"), "QC-C031 9:9", "both"),
    (codes("trust NEAR/3 $staf", lexicons="lexicons: {staff: [teacher]}\n"), "QC-C032 10:22", "Did you mean 'staff'"),
    (codes("$a", lexicons="lexicons: {a: [$b, x], b: [$a]}\n"), "QC-C033 5:12", "$a → $b → $a"),
    (codes("trust code:nothing"), "QC-C034 9:15", "names no code"),
    (codes("trust code:A1"), "QC-C035 8:5", "A1 → A1"),
    (codes("'trust //a(b//'"), "QC-C036 9:16", "regular expression"),
    (codes("//(?=a)b//"), "QC-C036 9:9", "QC-Q009"),
    (codes("{find: x, weight: 0.3}"), "QC-C037 8:5", "0.3 at most (max), below its threshold 0.5"),
    (codes("{find: x, weight: -1}"), "QC-C037 8:5", "reach 0"),
    (codes("{find: x, weight: 0.2}", "{find: y, weight: 0.2}", more="    combine: sum\n"), "QC-C037 9:5", "0.4"),
    (
        codes("{find: x, weight: 0.5}", "{find: y, weight: 0.5}", more="    combine: noisy_or\n    threshold: 0.8\n"),
        "QC-C037 9:16",
        "0.75",
    ),
    (codes("{tokens: [{LOWR: x}]}"), "QC-C038 9:20", "Did you mean 'LOWER'"),
    (codes("{tokens: [{LOWER: x, OP: '%'}]}"), "QC-C038 9:30", "operator"),
]


@pytest.mark.parametrize(("text", "where", "words"), CASES, ids=[f"{n}-{case[1][:7]}" for n, case in enumerate(CASES)])
def test_each_problem_has_its_code_its_place_and_a_remedy(text: str, where: str, words: str) -> None:
    code, place = where.split(" ")
    found = problems(text)
    texts = "\n".join(map(str, found))
    matching = [each for each in found if each.code == code]
    assert matching, texts
    assert words in str(matching[0])
    expected = "book.yaml" if place == "-" else f"book.yaml:{place}"
    assert str(matching[0].place) == expected
    if code not in {"QC-C006", "QC-C005"}:
        assert len(found) == 1, texts


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        HEAD.replace("title: A test book\n", "")
        + """\
tilte: x
codes:
  - id: A
    label: One
    parent: Z
    rules: [trust (, $none]
    weight: 3
  - A string
  - id: A
    label: Two
    sources: [S9]
    threshold: 2
"""
    )
    found = told(text)
    assert [re.findall(r"QC-C\d+", line)[0] for line in found] == [
        "QC-C011",
        "QC-C010",
        "QC-C012",
        "QC-C030",
        "QC-C032",
        "QC-C010",
        "QC-C013",
        "QC-C020",
        "QC-C024",
        "QC-C015",
    ]
    with pytest.raises(CodebookError, match="this codebook has 10 problems") as caught:
        load(text)
    assert caught.value.code == "QC-C000"


def test_a_file_that_is_not_utf8_says_where() -> None:
    assert told("a: 1\nb: café\n".encode("latin-1")) == [
        "book.yaml:2:7 [QC-C002] this file is not UTF-8 text (byte 0xE9). Save it as UTF-8 in your editor."
    ]
    assert "QC-C002" in told("schema: x\n".encode("utf-16"))[0]


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert any("QC-C007" in line for line in told("codes: []\n" + "\n".join(lines) + "\n"))


@pytest.mark.parametrize(
    ("rule", "line", "column"),
    [
        ("trust | $none", 9, 17),
        ("'the trust''s | $none'", 9, 25),
        ("'\"on board\" | $none'", 9, 23),
        ("é 😀 $none", 9, 13),
        (">-\n          trust |\n          $none", 11, 11),
        ("trust |\n          more | $none", 10, 18),
        ("{find: |\n          trust |\n           $none\n        }", None, None),
        ("find: >-\n          trust |\n          keen | $none", 11, 18),
        ("{id: r, find: 'x | $none', weight: 1}", 9, 28),
    ],
)
def test_the_column_in_a_query_is_the_column_in_the_file(rule: str, line: int | None, column: int | None) -> None:
    found = problems(codes(rule))
    if line is None:
        assert [each.code for each in found] == ["QC-C004"]
        return
    assert [each.code for each in found] == ["QC-C032"]
    place = found[0].place
    assert place is not None
    assert (place.line, place.column) == (line, column)


def test_code_filters_reach_through_children_and_word_lists() -> None:
    body = "  - {id: A, label: Top, definition: d}\n  - {id: B, label: Below, parent: A, rules: ['x code:a']}\n"
    assert [each.code for each in problems(book("codes:\n" + body))] == ["QC-C035"]
    listed = "lexicons: {w: ['x code:trust']}\n"
    assert [each.code for each in problems(codes("$w", lexicons=listed))] == ["QC-C035"]
    body = "  - {id: A, label: Top, rules: [x]}\n  - {id: B, label: Other, rules: ['x code:\"top\"']}\n"
    assert problems(book("codes:\n" + body)) == ()


def test_code_filters_stay_inside_a_variant() -> None:
    text = book(
        "variants: [{id: u, date: 2012}, {id: v, date: 2013}]\n"
        "codes: [{id: A, label: x, variants: [u], rules: [a]}, {id: B, label: y, rules: ['b code:A']}]\n"
    )
    assert [str(each.code) for each in problems(text)] == ["QC-C034"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (codes("trust"), ["QC-C101:6", "QC-C102:6"]),
        (one("    definition: d\n    examples: {typical: [x]}\n"), ["QC-C103:6"]),
        (one("    codable: false\n    definition: d\n"), []),
        (one("    status: retired\n    notes: gone\n"), []),
        (codes("trust  it", "trust it"), ["QC-C101:6", "QC-C102:6", "QC-C104:10"]),
        (codes("trust", lexicons="lexicons: {w: [x]}\n"), ["QC-C105:5", "QC-C101:7", "QC-C102:7"]),
        (codes('"trust | keen"'), ["QC-C101:6", "QC-C102:6", "QC-C106:9"]),
        (codes("trust", "{find: x, weight: 0.2}"), ["QC-C101:6", "QC-C102:6", "QC-C109:10"]),
        (codes("{tokens: [{POS: NOUN}]}"), ["QC-C101:6", "QC-C102:6", "QC-C111:9"]),
        (codes("x attr:b=1", lexicons="attributes: [{name: a}]\n"), ["QC-C101:7", "QC-C102:7", "QC-C108:10"]),
        (book("cues: {negations: {cues: [no]}}\ncodes: []\n"), ["QC-C110:5"]),
        (
            book("codes:\n  - {id: A, label: x, codable: false, definition: d}\n")
            + "  - {id: B, label: y, alt_labels: [X], codable: false, definition: d}\n",
            ["QC-C107:7"],
        ),
    ],
)
def test_what_is_doubtful_is_a_warning(text: str, expected: list[str]) -> None:
    assert warnings(text) == expected


SEED = codes('trust | "on board"', "{find: x, weight: 0.5}", lexicons="lexicons: {a: [b, 'c']}\n")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_a_file_shows_a_traceback(data: st.DataObject) -> None:
    text = SEED
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 6))
        put = data.draw(
            st.sampled_from(["", "[", "]", "{", "}", ":", ": ", "- ", "\n", '"', "'", "*", "&a ", "~", "\t", "0"])
        )
        text = text[:at] + put + text[at + length :]
    for problem in problems(text):
        assert re.fullmatch(r"QC-C\d{3}", problem.code)
        assert problem.message
