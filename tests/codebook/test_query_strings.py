"""The exact phrase that a double-quoted scalar stands for, and the way back into the file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qualcode.codebook.nodes import Mapping, Scalar, compose, position_in_text
from qualcode.codebook.query_strings import as_query, exact_query, position_of_query
from qualcode.query.ast import Exact, Phrase
from qualcode.query.parse import parse


def scalar(text: str) -> Scalar:
    root = compose(text, "x.yaml")
    assert isinstance(root, Mapping)
    value = root.pairs[0][1]
    assert isinstance(value, Scalar)
    return value


def test_quotes_and_backslashes_are_escaped_and_wildcards_left() -> None:
    assert exact_query('say "yes" now') == r'"say \"yes\" now"'
    assert exact_query("say “yes”") == r'"say \“yes\”"'
    assert exact_query(r"what\? lead*") == r'"what\? lead*"'
    assert exact_query("a\\") == '"a\\\\"'


def test_the_phrase_is_parsed_as_its_words() -> None:
    expression = parse(exact_query("on board"))
    assert isinstance(expression, Phrase)
    assert [part.text for part in expression.parts if isinstance(part, Exact)] == ["on", "board"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20))
def test_every_phrase_is_one_closed_quotation(phrase: str) -> None:
    query = exact_query(phrase)
    inner = query[1:-1]
    at = 0
    while at < len(inner):
        assert inner[at] not in '"\u201c\u201d\u201e\u201f\u00ab\u00bb'
        at += 2 if inner[at] == "\\" else 1
    assert at == len(inner)


WORDS = st.lists(st.text("abcé😀'\"|", min_size=1, max_size=5), min_size=1, max_size=5).map(" ".join)


@given(WORDS, st.sampled_from("'\""))
def test_every_character_of_a_quoted_scalar_is_found_in_the_file(value: str, quote: str) -> None:
    written = value.replace("'", "''") if quote == "'" else value.replace('"', '\\"')
    text = f"k: {quote}{written}{quote}\n"
    node = scalar(text)
    assert node.value == value
    for index, char in enumerate(value):
        at = position_in_text(node, text, index)
        assert text[at : at + 1] == char or (quote == '"' and text[at : at + 2] == '\\"')


@given(WORDS)
def test_every_character_of_an_exact_query_is_found_in_the_file(value: str) -> None:
    text = 'k: "' + value.replace('"', '\\"') + '"\n'
    node = scalar(text)
    query = as_query(node)
    found = [position_of_query(node, text, index) for index in range(1, len(query) - 1)]
    assert found == sorted(found)
    assert found[0] == 4


def test_escapes_and_folds_are_stepped_over() -> None:
    text = 'k: "caf\\u00e9 \\x41b"\n'
    node = scalar(text)
    assert text[position_in_text(node, text, node.value.index("b"))] == "b"
    text = "k: >-\n  one\n  two\n\n  three\n"
    node = scalar(text)
    assert text[position_in_text(node, text, node.value.index("three")) :].startswith("three")
    assert position_in_text(node, text, 99) <= len(text)
