"""Queries to trees, trees to queries, and what a researcher reads when a query is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qualcode.errors import Place, QueryError
from qualcode.query.ast import (
    And,
    Exact,
    Expression,
    Filter,
    Lexicon,
    Near,
    Not,
    Or,
    Phrase,
    RawRegex,
    TokenRegex,
    Unless,
    Wildcard,
    Word,
)
from qualcode.query.parse import MAX_DEPTH, filters_used, is_filter, lexicons_used, parse, unparse, walk
from qualcode.query.resolve import wildcard_regex
from qualcode.text.fold import fold
from tests.query.expressions import expressions, without_columns

A, B, C = Word("a"), Word("b"), Word("c")
HEAD = Filter("speaker", "head")
CODED = Filter("code", "A1")


def tree(query: str) -> Expression:
    return without_columns(parse(query))


def words(*texts: str) -> Phrase:
    return Phrase(tuple(map(Word, texts)))


def exactly(*texts: str) -> Phrase:
    return Phrase(tuple(map(Exact, texts)))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("trust", Word("trust")),
        ("  trust\n", Word("trust")),
        ("don't", words("do", "n't")),
        ("don\u2019t", words("do", "n\u2019t")),
        ("y'know", words("y'", "know")),
        ("school's", words("school", "'s")),
        ("'em", Word("'em")),
        ("buy-in", words("buy", "in")),
        ("\u00a330k", words("\u00a3", "30k")),
        ("$30k", words("$", "30k")),
        ("50%", words("50", "%")),
        ("10:30", Word("10:30")),
        ("https://example.org/a?b", Wildcard("https://example.org/a?b")),
        ("https://example.org/a", Word("https://example.org/a")),
        ("and/or", Word("and/or")),
        ("Year 6", words("Year", "6")),
        ("7", Word("7")),
        ("and not near", words("and", "not", "near")),
        ("ANDY", Word("ANDY")),
        ("NEARLY", Word("NEARLY")),
        ("a, b", words("a", ",", "b")),
        ("caf\u00e9", Word("caf\u00e9")),
        (r"what\?", words("what", "?")),
        (r"\*", Word("*")),
        (r"a\b", Word(r"a\b")),
        (r"\=d'", Word("d'")),
        (r"\=AND", Word("AND")),
    ],
)
def test_bare_words_are_cut_as_the_index_cuts_them(query: str, expected: Expression) -> None:
    assert tree(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"led from"', exactly("led", "from")),
        ('"trust"', Exact("trust")),
        ("\u201cled from\u201d", exactly("led", "from")),
        ('\u201eled from"', exactly("led", "from")),
        ('"buy-in"', exactly("buy", "in")),
        ('"it\'s"', exactly("it", "'s")),
        ('"AND | (x) $y /z/"', exactly("AND", "|", "(", "x", ")", "$", "y", "/z/")),
        (r'"\"hi\""', exactly('"', "hi", '"')),
        (r'"a\\b"', Exact(r"a\b")),
        (r'"why\?"', exactly("why", "?")),
        ('"a""b"', exactly("a", "b")),
        ('trust"the"', Phrase((Word("trust"), Exact("the")))),
        ('"lead* from"', Phrase((Wildcard("lead*"), Exact("from")))),
    ],
)
def test_quotes_hold_exact_tokens(query: str, expected: Expression) -> None:
    assert tree(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("lead*", Wildcard("lead*")),
        ("wom?n", Wildcard("wom?n")),
        ("?", Wildcard("?")),
        ("don't*", Wildcard("don't*")),
        ("hard-work*", Phrase((Word("hard"), Wildcard("work*")))),
        ('"hard-work*"', Phrase((Exact("hard"), Wildcard("work*")))),
        ("p*-based", Phrase((Wildcard("p*"), Word("based")))),
        (r"what\?*", Wildcard(r"what\?*")),
        ("/lead(s|ing)/", TokenRegex("lead(s|ing)")),
        (r"/and\/or/", TokenRegex("and/or")),
        (r"/\\/", TokenRegex(r"\\")),
        ("/a b/", TokenRegex("a b")),
        ('/"/', TokenRegex('"')),
        ("//on board//", RawRegex("on board")),
        ("//a/b//", RawRegex("a/b")),
        (r"//a\/\/b//", RawRegex("a//b")),
        ("$leaders", Lexicon("leaders")),
        ("$school-staff_2", Lexicon("school-staff_2")),
    ],
)
def test_wildcards_regexes_and_lexicons(query: str, expected: Expression) -> None:
    assert tree(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("code:A1", Filter("code", "A1")),
        ('code:"Shared vision"', Filter("code", "Shared vision")),
        ("Code:a1", Filter("code", "a1")),
        ("speaker:participant", Filter("speaker", "participant")),
        ("speaker:\u201cHead 1\u201d", Filter("speaker", "Head 1")),
        (r'speaker:"the \"boss\""', Filter("speaker", 'the "boss"')),
        ("attr:ofsted=RI", Filter("attr", "RI", "ofsted")),
        ("attr:years>=8", Filter("attr", "8", "years", ">=")),
        ("attr:years<8", Filter("attr", "8", "years", "<")),
        ('attr:"years in post"!="not said"', Filter("attr", "not said", "years in post", "!=")),
        ("after:trust", Filter("after", inner=Word("trust"))),
        ('after:"buy in"', Filter("after", inner=exactly("buy", "in"))),
        ("after:buy-in", Filter("after", inner=words("buy", "in"))),
        ("after:$leaders", Filter("after", inner=Lexicon("leaders"))),
        ("after:(a | b)", Filter("after", inner=Or((A, B)))),
        ("a speaker:head", And(A, HEAD)),
        ("speaker:head a", And(A, HEAD)),
        ("a speaker:head b", And(words("a", "b"), HEAD)),
        ("a speaker:head code:A1", And(And(A, HEAD), CODED)),
        ("speaker:head code:A1", And(HEAD, CODED)),
        ("a (speaker:head | code:A1)", And(A, Or((HEAD, CODED)))),
        ("a (speaker:head | b)", Phrase((A, Or((HEAD, B))))),
        ("(a speaker:head) b", Phrase((And(A, HEAD), B))),
        ("a NEAR/3 b speaker:head", Near(A, And(B, HEAD), 3)),
        ("code:A1|code:B2", Or((CODED, Filter("code", "B2")))),
        ("after:a b", And(B, Filter("after", inner=A))),
    ],
)
def test_filters_restrict_what_stands_beside_them(query: str, expected: Expression) -> None:
    assert tree(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a|b", Or((A, B))),
        ("a | b OR c", Or((A, B, C))),
        ("(a | b) | c", Or((Or((A, B)), C))),
        ("a b | c", Or((words("a", "b"), C))),
        ("a (b | c)", Phrase((A, Or((B, C))))),
        ("a NEAR b", Near(A, B, 5)),
        ("a BEFORE b", Near(A, B, 5, True)),
        ("a NEAR/3 b", Near(A, B, 3)),
        ("a BEFORE/12 b", Near(A, B, 12, True)),
        ("a NEAR/5 b NEAR/3 c", Near(Near(A, B, 5), C, 3)),
        ("a NEAR/5 (b NEAR/3 c)", Near(A, Near(B, C, 3), 5)),
        ("a b NEAR/5 c", Near(words("a", "b"), C, 5)),
        ("a NEAR/2 b | c", Or((Near(A, B, 2), C))),
        ("a AND b | c", And(A, Or((B, C)))),
        ("a AND b NOT c", Not(And(A, B), C)),
        ("a NOT b AND c", And(Not(A, B), C)),
        ("a UNLESS b UNLESS c", Unless(Unless(A, B), C)),
        ("a NOT (b AND c)", Not(A, And(B, C))),
        ("((a))", A),
        ("(a b) c", Phrase((words("a", "b"), C))),
        ("(a)b", words("a", "b")),
    ],
)
def test_binding_from_side_by_side_to_and(query: str, expected: Expression) -> None:
    assert tree(query) == expected


def test_columns_say_where_each_part_stands() -> None:
    query = 'trust | "buy-in" NEAR/3 don\'t'
    found = {getattr(node, "text", type(node).__name__): node.column for node in walk(parse(query)) if node.column}
    assert found == {"Or": 6, "Near": 17, "Phrase": 24, "buy": 9, "in": 13, "do": 24, "n't": 26}


def test_columns_survive_escapes() -> None:
    assert [(node.text, node.column) for node in walk(parse(r'"\"hi"')) if isinstance(node, Exact)] == [
        ('"', 1),
        ("hi", 3),
    ]


@pytest.mark.parametrize(
    ("query", "code", "column", "says"),
    [
        ("", "QC-Q001", 1, "empty"),
        (" \t", "QC-Q001", 1, "empty"),
        ("a ()", "QC-Q001", 4, "between these brackets"),
        ('a ""', "QC-Q001", 3, "nothing to search for"),
        ('a " "', "QC-Q001", 3, "nothing to search for"),
        ("a \u200b", "QC-Q001", 3, "nothing to search for"),
        ("a (b", "QC-Q002", 3, "never closed"),
        ("((a)", "QC-Q002", 1, "never closed"),
        ("a b)", "QC-Q002", 4, "closes nothing"),
        (")", "QC-Q002", 1, "closes nothing"),
        ('a "b c', "QC-Q003", 3, "never closed"),
        (r'"a\"', "QC-Q003", 1, "never closed"),
        ('code:"A1', "QC-Q003", 6, "never closed"),
        ("a NEAR/x b", "QC-Q004", 3, "Write NEAR/5"),
        ("a NEAR/ b", "QC-Q004", 3, "Write NEAR/5"),
        ("a NEAR/-1 b", "QC-Q004", 3, "Write NEAR/5"),
        ("a NEAR5 b", "QC-Q004", 3, "Write NEAR/5"),
        ("a near/5 b", "QC-Q004", 3, "capitals"),
        ("a BEFORE:5 b", "QC-Q004", 3, "Write BEFORE/5"),
        ("a NEAR / 7 b", "QC-Q004", 3, "Write NEAR/7"),
        ("a NEAR/ 7 b", "QC-Q004", 3, "Write NEAR/7"),
        ("a NEAR/0 b", "QC-Q004", 3, "from 1 to"),
        ("a NEAR/10000 b", "QC-Q004", 3, "from 1 to"),
        ("a NEAR/" + "9" * 5000, "QC-Q004", 3, "from 1 to"),
        ("NOT a", "QC-Q005", 1, "trust NOT hospital"),
        ("UNLESS a", "QC-Q005", 1, "Say what to find first"),
        ("AND a", "QC-Q005", 1, "nothing on its left"),
        ("NEAR/3 a", "QC-Q005", 1, "nothing on its left"),
        ("| a", "QC-Q005", 1, "nothing on its left"),
        ("a (NOT b)", "QC-Q005", 4, "nothing on its left"),
        ("a NEAR", "QC-Q006", 3, "nothing on its right"),
        ("a NEAR/5", "QC-Q006", 3, "nothing on its right"),
        ("(a AND) b", "QC-Q006", 4, "nothing on its right"),
        ("(a |", "QC-Q006", 4, "nothing on its right"),
        ("a AND NOT b", "QC-Q006", 7, "write a NOT b"),
        ("a || b", "QC-Q006", 4, "side by side"),
        ("spkr:head", "QC-Q007", 1, "Did you mean speaker:?"),
        ("a codes:A1", "QC-Q007", 3, "Did you mean code:?"),
        ("re: the school", "QC-Q007", 1, "double quotes"),
        ("code:", "QC-Q008", 1, "needs a value"),
        ("code: A1", "QC-Q008", 1, "needs a value"),
        ('speaker:""', "QC-Q008", 1, "needs a value"),
        ("attr:ofsted", "QC-Q008", 1, "needs a name"),
        ("attr:=RI", "QC-Q008", 1, "needs a name"),
        ("attr:ofsted=", "QC-Q008", 1, "needs a value"),
        ("attr:years==8", "QC-Q008", 1, "needs a value"),
        ("after:", "QC-Q008", 1, "directly after it"),
        ("after: trust", "QC-Q008", 1, "directly after it"),
        ("after:code:A1", "QC-Q008", 1, "directly after it"),
        ("after:|a", "QC-Q008", 1, "directly after it"),
        ("a /b(/", "QC-Q009", 3, "missing )"),
        (r"/(a)\1/", "QC-Q009", 1, "Backreferences are not supported"),
        ("/(?=a)b/", "QC-Q009", 1, "Look-ahead"),
        ("//a**//", "QC-Q009", 1, "not a regular expression"),
        ("////", "QC-Q009", 1, "empty"),
        ("/a", "QC-Q010", 1, "never closed"),
        ("a //b/", "QC-Q010", 3, "never closed"),
        ("/a/b", "QC-Q010", 4, "ends at /"),
        ("*", "QC-Q011", 1, "matches every word"),
        ("the ?* of", "QC-Q011", 5, "matches every word"),
        ('"the * of"', "QC-Q011", 6, "matches every word"),
        ("self-*", "QC-Q011", 6, "matches every word"),
        ("$", "QC-Q012", 1, "name of a word list"),
        ("a $leaders!", "QC-Q012", 3, "name of a word list"),
        ("(" * 5000, "QC-Q002", 5000, "never closed"),
        ("a AND " * 5000 + "a", "QC-Q013", 1, "nested"),
        ("a \udc80", "QC-Q014", 3, "cannot be read"),
        ("a b) NEAR/x", "QC-Q002", 4, "closes nothing"),
        ("a NEAR/x b)", "QC-Q004", 3, "Write NEAR/5"),
    ],
)
def test_the_first_mistake_is_named_with_its_column(query: str, code: str, column: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.code == code
    assert caught.value.where == Place("query", 1, column)
    assert says in str(caught.value)


def test_a_caret_points_at_the_mistake_under_the_query() -> None:
    with pytest.raises(QueryError) as caught:
        parse("trust spkr:head")
    assert str(caught.value).splitlines() == [
        "query:1:7 [QC-Q007] there is no filter spkr:",
        "  trust spkr:head",
        "        ^^^^^",
        "Did you mean speaker:? To search for the words themselves, put them in double quotes.",
    ]


def test_a_mistake_far_into_a_long_query_is_shown_with_what_surrounds_it() -> None:
    query = "word | " * 60 + "spkr:x" + " | word" * 60
    with pytest.raises(QueryError) as caught:
        parse(query)
    _, line, caret = caught.value.message.splitlines()
    at = caret.index("^")
    assert line[at : at + 5] == "spkr:"
    assert len(line) < 110


def test_a_place_in_a_file_is_moved_to_the_mistake() -> None:
    with pytest.raises(QueryError) as caught:
        parse("a NEAR/x b", where=Place("book.yaml", 12, 9))
    assert str(caught.value).startswith("book.yaml:12:11 [QC-Q004]")


def test_a_mistake_on_a_later_line_is_shown_with_its_line() -> None:
    with pytest.raises(QueryError) as caught:
        parse("a |\nb NEAR/x c", where=Place("book.yaml", 12, 9))
    assert caught.value.where == Place("book.yaml", 13, 3)
    assert caught.value.message.splitlines()[1:] == ["  b NEAR/x c", "    ^^^^^^"]


def test_a_place_without_a_line_stays_as_it_is() -> None:
    with pytest.raises(QueryError) as caught:
        parse("*", where=Place("--find"))
    assert caught.value.where == Place("--find")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("(a|b) NEAR  ('c')", "(a | b) NEAR/5 'c'"),
        ("a OR b", "a | b"),
        ('"led   from"', '"led from"'),
        ("\u201cbuy in\u201d", '"buy in"'),
        ("don't", "don't"),
        ("buy-in", "buy in"),
        ("d'you know", "d'you know"),
        (r"\=AND", r"\=AND"),
        (r'"\"hi\""', r'"\"hi\""'),
        ('"a" | "b c*"', '"a" | "b" c*'),
        ("speaker:head a", "a AND speaker:head"),
        ('attr:"years in post">=8', 'attr:"years in post">=8'),
        ("after:a", "after:(a)"),
        ("a NOT (b NOT c)", "a NOT (b NOT c)"),
        ("(a NOT b) NOT c", "a NOT b NOT c"),
        (r"/and\/or/", r"/and\/or/"),
        ("$leaders", "$leaders"),
    ],
)
def test_a_tree_is_written_with_as_few_brackets_as_it_needs(query: str, expected: str) -> None:
    assert unparse(parse(query)) == expected
    assert tree(expected) == tree(query)


def test_a_tree_that_no_query_means_is_refused() -> None:
    with pytest.raises(ValueError, match="no query"):
        unparse(Word("two words"))
    with pytest.raises(ValueError, match="after"):
        unparse(Filter("after"))


def test_walk_visits_every_node_once_from_left_to_right() -> None:
    found = [getattr(node, "text", type(node).__name__) for node in walk(parse("a b AND after:(c | d) UNLESS e"))]
    assert found == ["Unless", "And", "Phrase", "a", "b", "Filter", "Or", "c", "d", "e"]


def test_lexicons_and_filters_are_listed() -> None:
    expression = parse("$staff | $leaders $staff NOT (code:A1 after:(x speaker:y))")
    assert [each.name for each in lexicons_used(expression)] == ["staff", "leaders"]
    assert [each.kind for each in filters_used(expression)] == ["code", "after", "speaker"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("code:A1", True),
        ("code:A1 speaker:x | attr:a=b NOT after:c", True),
        ("code:A1 UNLESS speaker:x", False),
        ("code:A1 | a", False),
        ("code:A1 a", False),
        ("$leaders", False),
    ],
)
def test_is_filter_tells_regions_from_hits(query: str, expected: bool) -> None:
    assert is_filter(parse(query)) is expected


def test_a_wildcard_folds_and_takes_signs_as_they_are() -> None:
    assert re.fullmatch(wildcard_regex(fold("Don\u2019*")), "don't")
    assert not re.fullmatch(wildcard_regex(fold("a.c*")), "abc")
    assert re.fullmatch(wildcard_regex(fold(r"a\\*")), "a\\b")


def test_the_deepest_query_allowed_is_parsed() -> None:
    assert parse("a AND " * (MAX_DEPTH - 1) + "a")
    with pytest.raises(QueryError, match="QC-Q013"):
        parse("a AND " * MAX_DEPTH + "a")


PIECES = st.sampled_from(
    (
        *(
            "a",
            "lead",
            "cannot",
            "n't",
            "'s",
            "d'",
            "\u00a330k",
            "1,2",
            "\u00e9",
            "e\u0301",
            "...",
            "-",
            "[",
            "=",
            ":",
            "x=1",
        ),
        *("*", "?", "NEAR", "NEAR/3", "BEFORE", "AND", "NOT", "UNLESS", "OR", "|", "(", ")", '"', "\u201c", "/", "//"),
        *("\\", "\\=", "$", "$x", "code:", "attr:", "after:", "speaker:x", " ", "  ", "\n", "\0", "\u200b", "\ud800"),
    )
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(st.characters(), max_size=15)))
@example("d'")
@example("x=1code:NEAR")
def test_any_text_parses_and_round_trips_or_is_refused_with_a_place(query: str) -> None:
    found = tree_or_refusal(query)
    if isinstance(found, QueryError):
        assert re.fullmatch(r"QC-Q0(0[1-9]|1[0-4])", found.code)
        assert found.where is not None
        assert found.where.column is not None
        assert "^" in found.message.splitlines()[-1] or not query.strip()
    else:
        assert tree(unparse(found)) == found


def tree_or_refusal(query: str) -> Expression | QueryError:
    try:
        return tree(query)
    except QueryError as error:
        return error


@settings(max_examples=300, deadline=None)
@given(expressions(10))
def test_every_tree_round_trips(expression: Expression) -> None:
    assert tree(unparse(expression)) == expression


def test_every_error_code_stands_in_the_reference() -> None:
    root = Path(__file__).parents[2]
    reference = (root / "docs" / "query-language.md").read_text("utf-8")
    sources = "".join(path.read_text("utf-8") for path in (root / "qualcode" / "query").glob("*.py"))
    assert set(re.findall(r"QC-Q\d{3}", sources)) <= set(re.findall(r"QC-Q\d{3}", reference))
