"""The index's tokens are spaCy's tokens with exact places, less white space and the hyphens of compounds."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qualcode.text import TokenIndex, fold, tokenise
from qualcode.text.nlp import blank_tokenizer, lemma_table, special_cases, tokenise_chunks
from qualcode.text.vocabulary import MAX_CHUNK
from tests.text.speech import British, nasty, plain, speech, tokens, tokens_of

HYPHENS = {"-", "\u2010", "\u2011"}


def chunks(text: str) -> list[tuple[int, str]]:
    """Return the runs without white space and where they begin, by looking at one character after the other."""
    found = []
    for blank, run in itertools.groupby(enumerate(text), key=lambda each: each[1].isspace()):
        letters = list(run)
        if not blank:
            found.append((letters[0][0], "".join(letter for _, letter in letters)))
    return found


def by_spacy(text: str) -> list[tuple[int, str]]:
    """Return what spaCy's tokenizer (with our exceptions for speech) makes of each chunk, without compound hyphens."""
    found = []
    for start, chunk in chunks(text):
        spelt = chunk.replace("\u2010", "-").replace("\u2011", "-")  # typists' other hyphens are hyphens
        cut = [(token.idx, chunk[token.idx : token.idx + len(token)]) for token in blank_tokenizer().tokenizer(spelt)]
        found += [
            (start + at, token)
            for number, (at, token) in enumerate(cut)
            if not (token in HYPHENS and 0 < number < len(cut) - 1)
        ]
    return found


@settings(max_examples=250, deadline=None)
@given(nasty)
@example("DON'T—I\u2028can't-do\x85it's…\u00a0y'know‑what")
@example(") :) o.O =] (o.O) ): :(")
def test_tokens_are_those_of_spacy_at_exact_places(text: str) -> None:
    document = plain(text)
    assert tokens_of(TokenIndex.build([document]), document) == by_spacy(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(nasty, max_size=5))
def test_neighbours_do_not_change_how_a_document_is_cut(texts: list[str]) -> None:
    documents = [plain(text, f"d{number}") for number, text in enumerate(texts)]
    index = TokenIndex.build(documents)
    assert [tokens_of(index, document) for document in documents] == [by_spacy(text) for text in texts]


@settings(max_examples=60, deadline=None)
@given(speech)
def test_speech_is_cut_as_spacy_cuts_the_whole_text(text: str) -> None:
    document = plain(text)
    whole = [(token.idx, token.text) for token in blank_tokenizer().tokenizer(text) if not token.is_space]
    ours = tokens_of(TokenIndex.build([document]), document)
    assert [token for token in ours if token[1] != "-"] == [token for token in whole if token[1] != "-"]


@settings(max_examples=100, deadline=None)
@given(nasty)
def test_tokenise_says_what_the_index_holds(text: str) -> None:
    assert tokenise(text) == tokens(text)


@pytest.mark.parametrize("mark", ["", ",", ";", ":", "?", "!", "."])
def test_the_quick_path_cuts_words_and_one_mark_as_spacy_does(mark: str) -> None:
    words = {word for word in special_cases() if word.isalpha()} | {word.rstrip(".") for word in special_cases()}
    words |= {*British, *list(lemma_table())[::11], *(word.capitalize() for word in list(lemma_table())[::37])}
    together = sorted({word + mark for word in words if word and not any(map(str.isspace, word))})
    tokenizer = blank_tokenizer().tokenizer
    cut: list[list[tuple[int, str]]] = [[] for _ in together]
    starts = list(itertools.accumulate((len(each) + 2 for each in together), initial=0))
    number = 0
    for token in tokenizer("  ".join(together)):
        while token.idx >= starts[number + 1]:
            number += 1
        if not token.is_space:
            cut[number].append((token.idx - starts[number], token.text))
    assert tokenise_chunks(together) == cut


SPOKEN = {
    "We don't do buy-in.": "We do n't do buy in .",
    "DON'T you DARE": "DO N'T you DARE",
    "I CANNOT, I'M gonna": "I CAN NOT , I 'M gon na",
    "the ID of AI and IT": "the ID of AI and IT",
    "we don't—we can't—won't": "we do n't — we ca n't — wo n't",
    "it's…well, it's...well": "it 's … well , it 's ... well",
    "I said don't.We did": "I said do n't . We did",
    "a can't-do attitude": "a ca n't do attitude",
    "the head'll say the kids'd go and staff've gone": "the head 'll say the kids 'd go and staff 've gone",
    "O'Brien and McDonald's o'clock ma'am": "O'Brien and McDonald 's o'clock ma'am",
    "y'know d'you t'other Y'KNOW": "y' know d' you t' other Y' KNOW",
    "we never- we were-- --well": "we never - we were -- -- well",
    "pre- and post-lesson": "pre - and post lesson",
    "co\u2011operate well\u2010being": "co operate well being",
    "\u00a330k at 10:30, 9am or 3 p.m.": "\u00a3 30k at 10:30 , 9 am or 3 p.m.",
    "50% of 1,000 is \u00a33.50": "50 % of 1,000 is \u00a3 3.50",
    "Mr. Jones, e.g. at St. Mary's": "Mr. Jones , e.g. at St. Mary 's",
    "see www.bbc.co.uk or a@b.co.uk.": "see www.bbc.co.uk or a@b.co.uk .",
    "(laughs) [coughs] \u201cno\u201d": "( laughs ) [ coughs ] \u201c no \u201d",
    "shouldn't've it'll": "should n't 've it 'll",
    "\u2018Ello\u2019 he\u2019s": "\u2018 Ello \u2019 he \u2019s",
}


@pytest.mark.parametrize("said", SPOKEN)
def test_spoken_english_is_cut_where_a_researcher_looks(said: str) -> None:
    assert " ".join(tokens(said)) == SPOKEN[said]


def test_a_run_too_long_to_be_speech_is_one_token() -> None:
    assert tokens("a-" * (MAX_CHUNK // 2)) == ["a"] * (MAX_CHUNK // 2 - 1) + ["a", "-"]
    longer = "a-" * (MAX_CHUNK // 2) + "b"
    assert tokens(f"so {longer} then") == ["so", longer, "then"]


def test_a_megabyte_without_a_blank_and_a_line_of_five_megabytes_are_read() -> None:
    run = plain("x," * 500_000, "run")
    line = plain("we don't know, " * 340_000, "line")
    index = TokenIndex.build([run, line])
    assert index.n_tokens == 1 + 5 * 340_000
    shard = index.shards[0]
    assert int(shard.token_start[-1]) - int(shard.document_base[1]) == len(line.text) - 2


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u00a0\u2028", "..."])
def test_texts_without_words_are_no_trouble(text: str) -> None:
    document = plain(text)
    index = TokenIndex.build([plain("before", "a"), document, plain("after", "z")])
    assert [token for _, token in tokens_of(index, document)] == tokenise(text)
    assert index.unit_spans("d") == ()
    assert index.unit_spans("z")[0].end == 5


def test_an_index_without_documents_is_empty() -> None:
    index = TokenIndex.build([])
    assert (index.shards, index.n_tokens, index.n_documents) == ((), 0, 0)
    assert "d" not in index


@settings(max_examples=200, deadline=None)
@given(nasty)
def test_folding_twice_is_folding_once_and_case_and_quotes_do_not_matter(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(text.replace("'", "\u2019").replace('"', "\u201c").replace("-", "\u2011")) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Don\u2019t", "don't"), ("co\u00adoperate", "cooperate"), ("CAF\u00c9", "caf\u00e9"), ("cafe\u0301", "caf\u00e9"),
        ("\u2013", "-"), ("\u2014", "-"), ("wait\u2026", "wait..."), ("STRASSE", "strasse"), ("stra\u00dfe", "strasse"),
        ("\u200bso\ufeff", "so"), ("it`s", "it's"), ("it\u00b4s", "it's"),
    ],
)  # fmt: skip
def test_spellings_that_readers_take_for_one_word_fold_to_one(typed: str, folded: str) -> None:
    assert fold(typed) == folded
