"""A model's quote is in the passage, letter for letter or nearly, or it is not there."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.coding.llm.quoting import find_quote

TEXT = "Well, we didn\u2019t plan \u2018it\u2019 together \u2013 not at first\u2026 Then\r\n  she said, \u201cwhy not?\u201d"


def quoted(text: str, quote: str) -> str | None:
    found = find_quote(text, quote)
    return None if found is None else text[found[0] : found[1]]


@pytest.mark.parametrize(
    ("quote", "there"),
    [
        ("plan \u2018it\u2019 together", "plan \u2018it\u2019 together"),
        (" we didn\u2019t plan ", "we didn\u2019t plan"),
        (
            "we didn't plan 'it' together - not at first",
            "we didn\u2019t plan \u2018it\u2019 together \u2013 not at first",
        ),
        ("We Didn't plan", "we didn\u2019t plan"),
        ('"we didn\'t plan"', "we didn\u2019t plan"),
        ("...not at first...", "not at first"),
        ("not", "not"),
        ("Then she said,", "Then\r\n  she said,"),
        ('Then she said, "why not?"', "Then\r\n  she said, \u201cwhy not?"),
        ("Then\n\nshe", "Then\r\n  she"),
    ],
)
def test_what_is_there_is_found_as_it_is_written_there(quote: str, there: str) -> None:
    assert quoted(TEXT, quote) == there


@pytest.mark.parametrize(
    "quote",
    [
        "we planned it together",
        "we did plan",
        "we didn't \u2026 together",
        "togeth",
        "e didn",
        "",
        "  ",
        "\u2026",
        "?!",
        "said why",
        "at first Then she",
    ],
)
def test_what_is_not_there_is_not_found(quote: str) -> None:
    assert quoted(TEXT, quote) is None


def test_accents_may_stand_by_themselves_here_or_there() -> None:
    for said, wrote in (("the caf\u00e9 shut", "cafe\u0301 shut"), ("the cafe\u0301 shut", "caf\u00e9 shut")):
        assert unicodedata.normalize("NFC", quoted(said, wrote) or "") == "caf\u00e9 shut"
    assert quoted("the cafe\u0301", "CAF\u00c9") == "cafe\u0301"
    assert quoted("the cafe\u0301 shut", "the cafe") is None


def test_letters_that_grow_when_folded_keep_their_places() -> None:
    assert quoted("Die Stra\u00dfe war gro\u00df.", "DIE STRASSE WAR") == "Die Stra\u00dfe war"
    assert quoted("a\u200bb \U0001f600 then\u00ad we", "\U0001f600 Then we") == "\U0001f600 then\u00ad we"


def test_the_first_place_counts() -> None:
    assert find_quote("we did. we did.", "we did.") == (0, 7)
    assert find_quote("redo it, do it", "do it") == (9, 14)


words = st.text(st.sampled_from("ab \u2019'\u00e9e\u0301\n\u201c\".,\u2014-"), min_size=1, max_size=30)


@given(words, st.data())
def test_every_run_of_whole_words_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = text[start:end].strip()
    at = text.find(quote)
    whole = any(map(str.isalnum, quote)) and all(
        place in (0, len(text)) or not (_in_word(text[place - 1]) and _in_word(text[place]))
        for place in (at, at + len(quote))
    )
    if whole:
        assert find_quote(text, quote) == (at, at + len(quote))


@given(words, words)
def test_what_is_found_has_the_letters_of_the_quote(text: str, quote: str) -> None:
    found = quoted(text, quote)
    if found is not None:
        assert _letters(found) == _letters(quote)
        assert find_quote(text, found) is not None


def _in_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter)[0] == "M"


def _letters(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", text).casefold() if each.isalnum())
