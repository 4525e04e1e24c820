"""Random texts and random expressions: the evaluator finds what the slow reference finds, and keeps the laws."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.model.document import Document, Span
from qualcode.query.ast import And, Expression, Near, Not, Or, Unless, Word
from qualcode.query.engine import CodedSpan
from qualcode.query.parse import unparse
from qualcode.text import TokenIndex
from tests.builders import document
from tests.query.engines import fast, slow
from tests.query.expressions import LEXICONS, expressions

VOCABULARY = (
    *("trust", "trusts", "Trusted", "head", "heads", "head's", "lead", "leads", "led", "Leading", "the", "The", "6"),
    *("buy", "in", "buy-in", "Buy-in", "bought-in", "hard-working", "don't", "don\u2019t", "not", "y'know"),
    *(",", ".", ".", "?", "!", "\u2026", "\u2014", "-", "\u201cthe", "head.\u201d", "buy.", "trust?"),
    *("[laughter]", "[pause]", "\n\n"),
)

TURNS = st.lists(
    st.tuples(
        st.sampled_from(
            [("Q", "interviewer"), ("M", "moderator"), ("Dana", "participant"), ("Lee", "participant"), ("", "unknown")]
        ),
        st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=14).map(" ".join).filter(str.strip),
        st.sampled_from(["turn", "turn", "turn", "turn", "question", "note", "unattributed"]),
    ),
    min_size=1,
    max_size=5,
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Document]:
    documents = []
    for number in range(draw(st.integers(0, 3))):
        turns = [(label, role, speech, kind) for (label, role), speech, kind in draw(TURNS)]
        attributes = draw(st.sampled_from([{}, {"ofsted": "RI"}, {"ofsted": "ri", "years": "8.0"}, {"Years": "many"}]))
        speakers = {"Dana": draw(st.sampled_from([{}, {"years": "12"}, {"ofsted": "Good"}]))}
        documents.append(document(f"d{number}", turns, attributes=attributes, speakers=speakers))
    return documents


@st.composite
def coded(draw: st.DrawFn, documents: list[Document]) -> list[CodedSpan]:
    found = []
    for each in documents:
        for _ in range(draw(st.integers(0, 2))):
            edges = sorted(draw(st.tuples(st.integers(0, len(each.text)), st.integers(0, len(each.text)))))
            names = draw(st.sampled_from([frozenset({"a1", "a"}), frozenset({"b2", "sharing vision"})]))
            found.append(CodedSpan(each.id, Span(*edges), names))
    return found


UNITS = st.sampled_from(["sentence", "turn", "passage"])
OVERLAPS = st.sampled_from(["longest", "first", "all"])


@settings(max_examples=500, deadline=None)
@given(st.data(), corpora(), expressions(7), UNITS, OVERLAPS, st.sampled_from([1, 40, 1000]))
def test_the_evaluator_finds_what_the_definitions_say(
    data: st.DataObject, documents: list[Document], expression: Expression, unit: str, overlaps: str, shard_tokens: int
) -> None:
    codings = data.draw(coded(documents))
    index = TokenIndex.build(documents, shard_tokens=shard_tokens)
    options = {"unit": unit, "overlaps": overlaps, "lexicons": LEXICONS, "codings": codings, "index": index}
    expected = slow(expression, documents, **options)
    assert fast(expression, documents, **options) == expected
    assert fast(unparse(expression), documents, **options) == expected


@settings(max_examples=60, deadline=None)
@given(corpora(), expressions(4), expressions(4), UNITS)
def test_the_laws_of_the_algebra_hold(documents: list[Document], a: Expression, b: Expression, unit: str) -> None:
    index = TokenIndex.build(documents)

    def hits(expression: Expression) -> set[tuple[int, int, int, int]]:
        return set(fast(expression, documents, unit=unit, overlaps="all", lexicons=LEXICONS, index=index))

    assert hits(And(a, b)) == hits(And(b, a))
    assert hits(Near(a, b, 4)) == hits(Near(b, a, 4)) == hits(Near(a, b, 4, True)) | hits(Near(b, a, 4, True))
    assert hits(Near(a, b, 2)) <= hits(Near(a, b, 5))
    assert hits(Or((a, b))) == hits(Or((b, a)))
    assert hits(Or((a, Word("trust")))) == hits(a) | hits(Word("trust"))
    assert hits(Not(Word("trust"), b)) <= hits(Word("trust"))
    assert hits(Unless(a, b)) <= hits(a)


@settings(max_examples=60, deadline=None)
@given(corpora(), expressions(5))
def test_hits_are_sorted_disjoint_and_inside_their_turn(documents: list[Document], expression: Expression) -> None:
    found = fast(expression, documents, lexicons=LEXICONS)
    assert found == sorted(found)
    for one, next_one in pairwise(found):
        assert one[0] != next_one[0] or one[3] <= next_one[2]
    for number, block, start, end in found:
        assert documents[number].blocks[block].span.contains(Span(start, end))
        assert documents[number].text[start:end].strip() == documents[number].text[start:end] != ""
