"""One truth table for each operator: query, text, and the words of each hit. Both evaluators must agree with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from qualcode.model.document import Document, Span
from qualcode.query.engine import CodedSpan
from tests.query.engines import ENGINES, quotes, transcript
from tests.query.reference import Hit

Engine = Callable[..., list[Hit]]
Row = tuple[str, str, list[str]]


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.__name__)
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.param
    return found


def check(engine: Engine, row: Row, **options: Any) -> None:
    query, text, expected = row
    documents = [transcript(text)]
    assert quotes(engine(query, documents, **options), documents) == expected


def rows(*table: Row) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", table, ids=[f"{query} IN {text}"[:90] for query, text, _ in table])


@rows(
    ("lead", "She leads and I led, leading is a lead.", ["leads", "led", "leading", "lead"]),
    ("leads", "Lead the LEADS.", ["Lead", "LEADS"]),
    ("leader", "We lead the leaders.", ["leaders"]),
    ("leave", "He leaves the leaf.", ["leaves"]),
    ("leaf", "He leaves the leaf.", ["leaves", "leaf"]),
    ("meeting", "We meet in meetings.", ["meetings"]),
    ("meet", "We met in a meeting.", ["met", "meeting"]),
    ("and", "you and me AND them", ["and", "AND"]),
    ("not", "not that, I don't", ["not", "n't"]),
    ("don't", "I don't, you Don\u2019t, he does n't.", ["don't", "Don\u2019t", "does n't"]),
    ("school's", "the school's roof, two schools's roofs, schools", ["school's", "schools's"]),
    ("y'know", "y'know, you know", ["y'know"]),
    ("buy-in", "buy-in, buy in, buyin, bought in, in buy", ["buy-in", "buy in", "bought in"]),
    ("\u00a330k", "about \u00a330k, not 30k", ["\u00a330k"]),
    ("50%", "50% or 50 %, not 50", ["50%", "50 %"]),
    ("10:30", "at 10:30 or 10", ["10:30"]),
    ("Year 6", "year 6, Years 6 and Year 60", ["year 6", "Years 6"]),
    ("https://example.org/a", "see https://example.org/a now", ["https://example.org/a"]),
    ("trust", "distrust and trustful", []),
    ("trust", "[trust] is trust", ["trust"]),
    ("caf\u00e9", "the cafe\u0301", ["cafe\u0301"]),
)
def test_a_word_is_found_in_any_inflection(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ('"lead"', "lead leads LEAD", ["lead", "LEAD"]),
    ('"led from"', "She led from the front and leads from behind.", ["led from"]),
    ('"buy in"', "buy-in, buy in, bought in", ["buy-in", "buy in"]),
    ('"buy-in"', "buy-in, buy in, bought in", ["buy-in", "buy in"]),
    ('"Buy In"', "buy in", ["buy in"]),
    ("\u201cbuy in\u201d", "buy in", ["buy in"]),
    ('"it\'s"', "it's, it\u2019s, it is", ["it's", "it\u2019s"]),
    ('"on, board"', "on, board; on board", ["on, board"]),
    ('"led from"', "I led // from here", []),
    ('"led from"', "I led. From here", []),
    ('"led from"', "I led\n\nfrom here", ["led\n\nfrom"]),
    ('"led from"', "I led [pause] from here", ["led [pause] from"]),
    (r'"say \"no\""', 'we say "no" now', ['say "no"']),
    (r'"why \?"', "why? why", ["why?"]),
    ('"lead* the"', "leads the, leading the, leads a", ["leads the", "leading the"]),
    ('"AND"', "you and me", ["and"]),
    ('"speaker:head"', "I am the speaker", []),
)
def test_quotation_marks_find_exactly_these_words(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("lead*", "lead leads LEADING mislead", ["lead", "leads", "LEADING"]),
    ("*lead", "lead mislead leads", ["lead", "mislead"]),
    ("wom?n", "woman women womn womaan", ["woman", "women"]),
    ("w*n", "won woman win wind", ["won", "woman", "win"]),
    (
        "hard-work*",
        "hard-working, hard workers, harder working, hardwork",
        ["hard-working", "hard workers", "harder working"],
    ),
    ("self-effic*", "self-efficacy", ["self-efficacy"]),
    ("n?t", "don't not net", ["n't", "not", "net"]),
    (r"what\?", "what? whats", ["what?"]),
    ("lead?", "lead leads leader", ["leads"]),
    ("l*d l*d", "lead led load", ["lead led"]),
)
def test_wildcards_match_the_whole_word(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("/lead(s|ing)?/", "lead leads LEADING mislead leader", ["lead", "leads", "LEADING"]),
    ("/LEAD/", "lead", ["lead"]),
    ("/lea/", "lead", []),
    (r"/\Alead\z/", "lead leads", ["lead"]),
    ("/^lead$/", "lead leads", ["lead"]),
    ("/led|lead/", "lead led leads", ["lead", "led"]),
    ("/[0-9]+/ per /.*t/", "30 per cent, x per cent", ["30 per cent"]),
    (r"/and\/or/", "this and/or that", ["and/or"]),
    (r"/\S+'t/", "n't don't", ["n't", "n't"]),
)
def test_a_regular_expression_matches_one_whole_token(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("//on board//", "We are on board, on  board.", ["on board"]),
    (r"//on\s+board//", "We are ON\nboard.", ["ON\nboard"]),
    ("//rus//", "the trust", ["trust"]),
    ("//st, b//", "trust, but", ["trust, but"]),
    ("//a.c//", "abcabc", ["abcabc"]),
    ("//a b//", "a b a b", ["a b", "a b"]),
    ("//laugh//", "he [laughter] laughed", ["laughed"]),
    ("// +//", "one two", []),
    ("//x*//", "one two", []),
    ("//P://", "P: one two", []),
    (r"//\btrust\b// NEAR/3 broken", "trust was broken", ["trust was broken"]),
    ("//one // two", "one two", ["one two"]),
    (r"//two\s+P//", "one two // one", []),
    ("//caf\u00e9 \U0001f600 (go)//", "a\U0001f600 caf\u00e9 \U0001f600 go on", ["caf\u00e9 \U0001f600 go"]),
)
def test_a_raw_regular_expression_finds_the_tokens_it_touches(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("lead team", "They led teams. Lead the team.", ["led teams"]),
    ("a b c", "a b c b c a b", ["a b c"]),
    ('lead "the team"', "He leads the team and led the teams.", ["leads the team"]),
    ("(good | bad) head", "good heads, bad head, new head", ["good heads", "bad head"]),
    ("(a b) c", "a b c", ["a b c"]),
    ("(a | a b) (c | b c)", "a b c", ["a b c"]),
    ("(big NEAR/3 small) school", "big and small school", ["big and small school"]),
    ("a b", "a // b", []),
    ("a b", "a, b a . b", []),
    ("good school speaker:P", "Q: A good school? // P: A good school.", ["good school"]),
    ("speaker:P good school", "Q: A good school? // P: A good school.", ["good school"]),
    ("good speaker:P school", "Q: A good school? // P: A good school.", ["good school"]),
    ("(good speaker:P) school", "Q: A good school? // P: A good school.", ["good school"]),
)
def test_side_by_side_is_a_phrase(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("a | b", "a b c", ["a", "b"]),
    ("a|b", "b a", ["b", "a"]),
    ("a OR b", "b a", ["b", "a"]),
    ("a | a b", "a b a", ["a b", "a"]),
    ("a | b c", "a c b c", ["a", "b c"]),
    ("x | y", "a b", []),
    ("a | speaker:Q", "Q: one two // a b", ["one two", "a"]),
)
def test_a_bar_finds_either(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("a NEAR/1 b", "a b", ["a b"]),
    ("a NEAR/1 b", "b a", ["b a"]),
    ("a NEAR/1 b", "a x b", []),
    ("a NEAR/2 b", "a x b", ["a x b"]),
    ("a NEAR/2 b", "a , b", ["a , b"]),
    ("a NEAR/2 b", "a , x b", []),
    ("a NEAR b", "a 1 2 3 4 b", ["a 1 2 3 4 b"]),
    ("a NEAR b", "a 1 2 3 4 5 b", []),
    ("a NEAR/5 b", "a // b", []),
    ("a NEAR/5 b", "a . b", ["a . b"]),
    ("a NEAR/5 a", "a", []),
    ("a NEAR/5 a", "a x a", ["a x a"]),
    ("a NEAR/9 b", "a b x b", ["a b x b"]),
    ("(a b) NEAR/5 (b c)", "a b c", []),
    ("(a b) NEAR/1 (c d)", "c d a b", ["c d a b"]),
    ("a NEAR/2 b NEAR/3 c", "a b 1 2 c", ["a b 1 2 c"]),
    ("a NEAR/2 b NEAR/3 c", "c 1 2 a b", ["c 1 2 a b"]),
    ("a NEAR/2 (b NEAR/4 c)", "a b 1 2 c", ["a b 1 2 c"]),
    ("a | x NEAR/1 b", "a x b", ["a", "x b"]),
    ("a NEAR/1 b c", "a b c b", ["a b c"]),
    ("buy-in NEAR/2 staff", "buy-in from staff", ["buy-in from staff"]),
    ("speaker:P NEAR/1 speaker:P", "one two", []),
)
def test_near_spans_both_when_their_edges_are_close(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("a BEFORE/1 b", "a b", ["a b"]),
    ("a BEFORE/1 b", "b a", []),
    ("a BEFORE/5 b", "b x a x b", ["a x b"]),
    ("a BEFORE b", "a 1 2 3 4 b", ["a 1 2 3 4 b"]),
    ("a BEFORE/5 a", "a a", ["a a"]),
    ("a BEFORE/2 b BEFORE/2 c", "a b c", ["a b c"]),
    ("a BEFORE/2 b NEAR/9 c", "c x a b", ["c x a b"]),
    ("a BEFORE/9 b", "a // b", []),
)
def test_before_is_near_in_this_order(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("a AND b", "a b . a . b .", ["a", "b"]),
    ("a AND b", "a x a b . b", ["a", "a", "b"]),
    ("a AND b", "a . b .", []),
    ("a AND b AND c", "a b c . a b . c", ["a", "b", "c"]),
    ("a AND (b AND c)", "a . b c", []),
    ("a AND a b", "a b", ["a b"]),
    ("a | b AND c", "a c . b . c", ["a", "c"]),
    ("a AND a", "a a . a", ["a", "a", "a"]),
    ("a AND b", "a // b", []),
)
def test_and_finds_both_sides_in_units_that_hold_both(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ("a NOT b", "a b . a . b .", ["a"]),
    ("a NOT b", "a a c . b", ["a", "a"]),
    ("a NOT b NOT c", "a . a b . a c .", ["a"]),
    ("a NOT (b | c)", "a . a b . a c .", ["a"]),
    ("a NOT (b NOT c)", "a b . a b c .", ["a"]),
    ("a NOT a", "a", []),
    ("a NOT b", "a // b", ["a"]),
    ("a AND b NOT c", "a b c . a b", ["a", "b"]),
)
def test_not_drops_hits_in_units_that_hold_the_other(engine: Engine, row: Row) -> None:
    check(engine, row)


@rows(
    ('trust UNLESS "the trust\'s"', "I trust the trust's head.", ["trust"]),
    ('trust UNLESS "multi-academy trust"', "a multi-academy trust and a trust", ["trust"]),
    ("a UNLESS b", "a b a", ["a", "a"]),
    ("a b UNLESS b c", "a b c a b", ["a b"]),
    ("a UNLESS a", "a", []),
    ("a UNLESS a b | c a", "a b . c a . a", ["a"]),
    ("a UNLESS a b UNLESS c a", "a b . c a . a", ["a"]),
    ("c UNLESS (a b c d | b)", "a b c d . c", ["c"]),
    ("a UNLESS (b NEAR/3 c)", "b a c a", ["a"]),
)
def test_unless_drops_hits_that_share_a_token_with_the_other(engine: Engine, row: Row) -> None:
    check(engine, row)


UNIT_TEXT = "a x . b // a . b // b"


@pytest.mark.parametrize(
    ("query", "unit", "expected"),
    [
        ("a AND b", "sentence", []),
        ("a AND b", "turn", ["a", "b", "a", "b"]),
        ("b NOT a", "sentence", ["b", "b", "b"]),
        ("b NOT a", "turn", ["b"]),
        ("a UNLESS b", "turn", ["a", "a"]),
        ("a NEAR/9 b", "sentence", ["a x . b", "a . b"]),
        ("x BEFORE/2 b AND a", "sentence", ["a", "x . b"]),
        ("x BEFORE/2 b AND b", "sentence", []),
    ],
)
def test_a_hit_lies_in_the_unit_of_its_first_token(engine: Engine, query: str, unit: str, expected: list[str]) -> None:
    check(engine, (query, UNIT_TEXT, expected), unit=unit)


@pytest.mark.parametrize(
    ("query", "text", "longest", "first", "every"),
    [
        ("a | a b", "a b", ["a b"], ["a b"], ["a", "a b"]),
        ("a b | b c d", "a b c d", ["b c d"], ["a b"], ["a b", "b c d"]),
        ("a b | b c | c d", "a b c d", ["a b", "c d"], ["a b", "c d"], ["a b", "b c", "c d"]),
        ("a b | b c", "a b c", ["a b"], ["a b"], ["a b", "b c"]),
        ("a NEAR/3 b", "a b a", ["a b"], ["a b"], ["a b", "b a"]),
        ("a NEAR/9 b", "a b x b", ["a b x b"], ["a b x b"], ["a b", "a b x b"]),
        ("a | b", "a b", ["a", "b"], ["a", "b"], ["a", "b"]),
    ],
)
def test_overlapping_hits_are_thinned_as_asked(
    engine: Engine, query: str, text: str, longest: list[str], first: list[str], every: list[str]
) -> None:
    check(engine, (query, text, longest))
    check(engine, (query, text, longest), overlaps="longest")
    check(engine, (query, text, first), overlaps="first")
    check(engine, (query, text, every), overlaps="all")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("$leaders", ["head", "the deputy", "governors"]),
        ("$leaders NEAR/3 say", ["head said", "governors say"]),
        ("new $leaders", ["new head"]),
        ("$leaders UNLESS governor", ["head", "the deputy"]),
        ("$nobody", []),
    ],
)
def test_a_lexicon_is_the_union_of_its_items(engine: Engine, query: str, expected: list[str]) -> None:
    lexicons = {"leaders": ("head", '"the deputy"', "governor"), "nobody": ()}
    text = "The new head said no. And the deputy. The governors say yes, a deputy too."
    check(engine, (query, text, expected), lexicons=lexicons)


SPEAKERS = "Q: Good school? // Dana: Good school. // M: Good. // Lee: Bad school."


@rows(
    ("good AND speaker:participant", SPEAKERS, ["Good"]),
    ("speaker:participant AND good", SPEAKERS, ["Good"]),
    ("good speaker:INTERVIEWER", SPEAKERS, ["Good"]),
    ("school speaker:dana", SPEAKERS, ["school"]),
    ('school speaker:"Lee"', SPEAKERS, ["school"]),
    ("school speaker:s4", SPEAKERS, ["school"]),
    ("school speaker:nobody", SPEAKERS, []),
    ("speaker:lee", SPEAKERS, ["Bad school."]),
    ("speaker:lee | speaker:dana", SPEAKERS, ["Good school.", "Bad school."]),
    ("good (speaker:dana | speaker:moderator)", SPEAKERS, ["Good", "Good"]),
    ("good AND (speaker:participant AND speaker:dana)", SPEAKERS, ["Good"]),
    ("good NOT speaker:participant", SPEAKERS, ["Good", "Good"]),
    ("school AND (speaker:participant NOT speaker:dana)", SPEAKERS, ["school"]),
    ("good UNLESS speaker:moderator", SPEAKERS, ["Good", "Good"]),
    ("speaker:participant NOT bad", SPEAKERS, ["Good school."]),
    ("speaker:participant UNLESS bad", SPEAKERS, ["Good school."]),
    ("speaker:unknown AND good", SPEAKERS, []),
)
def test_a_speaker_filter_allows_the_turns_of_a_role_or_a_person(engine: Engine, row: Row) -> None:
    check(engine, row)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("one attr:ofsted=RI", ["01"]),
        ("one attr:ofsted=ri", ["01"]),
        ("one attr:ofsted!=RI", ["02"]),
        ('one attr:phase="all through"', ["02"]),
        ("one attr:pupils>90", ["01"]),
        ("one attr:pupils>=90", ["01", "02"]),
        ("one attr:pupils<100", ["02"]),
        ("one attr:pupils<=90.0", ["02"]),
        ("one attr:pupils=90.0", ["02"]),
        ("one attr:years>10", ["02"]),
        ('one attr:head="o\'brien"', ["02"]),
        ("one attr:nothing=1", []),
        ("one attr:nothing!=1", []),
        ("one NOT attr:nothing=1", ["01", "02"]),
        ("one AND (attr:ofsted=RI | attr:years=12)", ["01", "02"]),
        ("one attr:date<2026-01-01", ["01"]),
    ],
)
def test_an_attribute_filter_compares_numbers_as_numbers(engine: Engine, query: str, expected: list[str]) -> None:
    documents = [
        transcript("one", "01", {"ofsted": "RI", "pupils": "420", "date": "2025-11-30"}),
        transcript(
            "one",
            "02",
            {"ofsted": "Good", "phase": "All through", "pupils": "90", "date": "2026-02-01", "head": "O\u2019Brien"},
            speakers={"P": {"years": "12"}},
        ),
    ]
    assert [documents[hit[0]].name for hit in engine(query, documents)] == expected


AFTER = (
    "P: Trust first. // Q: Is there buy-in from staff? // P: Yes, trust. // Q: Mm. // P: More trust. // "
    "Q: Tell me about vision. // P: Trust again. // Q: Why? // P: Trust."
)


@rows(
    ('trust after:"buy in"', AFTER, ["trust", "trust"]),
    ("trust after:buy-in", AFTER, ["trust", "trust"]),
    ("trust after:vision", AFTER, ["Trust"]),
    ("trust after:(vision | staff)", AFTER, ["trust", "trust", "Trust"]),
    ("trust after:(staff NOT vision)", AFTER, ["trust", "trust"]),
    ("trust after:why", AFTER, ["Trust"]),
    ("trust after:mm", AFTER, []),
    ("trust NOT after:(vision | staff | why)", AFTER, ["Trust"]),
    ("vision after:buy-in", AFTER, []),
    ("after:vision", AFTER, ["Trust again."]),
    ("trust after:trust", AFTER, []),
    ("trust after:(speaker:x)", AFTER, []),
)
def test_an_after_filter_allows_answers_to_a_question(engine: Engine, row: Row) -> None:
    check(engine, row)


def coding(document: Document, quote: str, *names: str) -> CodedSpan:
    start = document.text.index(quote)
    return CodedSpan(document.id, Span(start, start + len(quote)), frozenset(name.casefold() for name in names))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("code:A1", ["led from the front."]),
        ("code:a1", ["led from the front."]),
        ('code:"Shared vision"', ["We share a vision"]),
        ("the code:A1", ["the"]),
        ("the NOT code:A1", ["the", "The"]),
        ("from the front AND code:A1", ["from the front"]),
        ("she led AND code:A1", []),
        ("she led NOT code:A1", ["She led"]),
        ("she led UNLESS code:A1", []),
        ("code:A1 | code:B2", ["led from the front.", "We share a vision"]),
        ("code:A1 AND code:B2", []),
        ("code:A1 NEAR/2 she", ["She led from the front."]),
        ("code:A", ["led from the front."]),
        ("code:unknown", []),
    ],
)
def test_a_code_filter_allows_the_tokens_under_its_codings(engine: Engine, query: str, expected: list[str]) -> None:
    documents: Sequence[Document] = [
        transcript("She led from the front. // And the staff. We share a vision. The end.")
    ]
    codings = [
        coding(documents[0], "led from the front.", "A1", "Leading", "A"),
        coding(documents[0], "We share a vision", "B2", "Shared vision"),
    ]
    assert quotes(engine(query, documents, codings=codings), documents) == expected


def test_hits_come_in_document_order(engine: Engine) -> None:
    documents = [transcript("b a // a", "01"), transcript("none", "02"), transcript("a b", "03")]
    assert [(hit[0], hit[1]) for hit in engine("a | b", documents)] == [(0, 0), (0, 0), (0, 1), (2, 0), (2, 0)]


def test_no_documents_and_empty_turns_give_no_hits(engine: Engine) -> None:
    assert engine("a", []) == []
    documents = [transcript("[pause] // a")]
    assert quotes(engine("a | //a//", documents), documents) == ["a"]


def test_documents_without_a_word_give_no_hits(engine: Engine) -> None:
    documents = [transcript("[pause]")]
    codings = [CodedSpan("01", Span(0, 5), frozenset({"a1"}))]
    for query in ("a", "a b", "a*", "/a/", "//a//", "a NEAR b", "a AND b", "code:a1", "a UNLESS speaker:P", "after:a"):
        assert engine(query, documents, codings=codings) == []
