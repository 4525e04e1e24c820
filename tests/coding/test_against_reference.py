"""Random small codebooks on random small texts: the coder proposes what the slow reference proposes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.coding import Corpus, RulesCoder
from qualcode.coding.rules.apply import code_shard
from qualcode.coding.rules.compile import compile_codebook
from qualcode.model.codes import Code, Codebook, Facet, Rule
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document
from qualcode.text import TokenIndex
from tests.builders import document
from tests.coding.books import CUES, STANCE
from tests.coding.reference import Row, code_slowly

TRUST = {"trust", "trusts", "trusted"}
PLAN = {"plan", "plans", "planned", "planning"}
FIND: dict[str, set[str]] = {
    "trust": TRUST,
    "plan": PLAN,
    '"no excuses"': {"no", "excuses"},
    "plan together": PLAN | {"together"},
    "trust NEAR/3 staff": TRUST | {"staff"},
    "trust BEFORE/6 plan": TRUST | PLAN,
    "plan AND trust": TRUST | PLAN,
    "staff NOT trust": {"staff"},
    "trust UNLESS staff trust": TRUST,
    "$people": {"staff", "heads", "head"},
    "never BEFORE/4 trust": TRUST | {"never"},
    "tru*": TRUST,
    "//plan.{1,9}trust//": set(),
    "trust speaker:Dana": TRUST,
    "staff after:plan": {"staff"},
}
TOKENS = [
    ({"LEMMA": "plan"}, {"LOWER": "together", "OP": "?"}),
    ({"LOWER": {"IN": ["staff", "heads"]}}, {"OP": "*"}, {"LEMMA": "trust"}),
    ({"IS_PUNCT": False, "OP": "+"}, {"ORTH": "staff"}),
    ({"POS": "NOUN"},),
]
WORDS = (
    *(
        "trust",
        "staff",
        "plan",
        "trust",
        "staff",
        "plan",
        "trust staff",
        "we never plan",
        "trusts",
        "Trusted",
        "plan",
        "planned",
        "planning",
        "together",
        "heads",
        "no",
        "excuses",
    ),
    *(
        "we",
        "it",
        "never",
        "not",
        "n't",
        "don't",
        "not only",
        "no doubt",
        "without",
        "lack of",
        "maybe",
        "sort of",
        "if",
    ),
    *(
        "and",
        "and we",
        "but",
        "because",
        "rather than",
        "so they",
        ",",
        ",",
        ".",
        ".",
        ".",
        "?",
        "...",
        "\u2014",
        "[pause]",
    ),
)

TURNS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                ("Dana", "participant"),
                ("Q", "interviewer"),
                ("Dana", "participant"),
                ("Lee", "participant"),
                ("", "unknown"),
            ]
        ),
        st.lists(st.sampled_from(WORDS), min_size=8, max_size=30).map(" ".join),
        st.sampled_from(["turn", "turn", "turn", "turn", "heading", "note", "unattributed"]),
    ),
    min_size=1,
    max_size=4,
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Document]:
    return [
        document(f"d{number}", [(label, role, words, kind) for (label, role), words, kind in draw(TURNS)])
        for number in range(draw(st.integers(1, 3)))
    ]


WEIGHTS = st.sampled_from([1.0, 1.0, 1.0, 0.8, 0.8, 0.5, 0.5, 0.3, 0.25, 0.0, -0.3, -1.0])


@st.composite
def rules(draw: st.DrawFn, code: int, codes: int, own: dict[str, set[str]]) -> Rule:
    name = f"c{code}-{len(own)}"
    more = {
        "weight": draw(WEIGHTS),
        "unit": draw(st.sampled_from([None, None, "sentence", "turn", "passage"])),
        "set": draw(
            st.sampled_from([{}, {}, {"stance": "absent"}, {"time": "past"}, {"time": "now", "stance": "mixed"}])
        ),
        "stance": draw(st.sampled_from([{}, {}, {}, {"absent": ("together",)}, {"present": ('"never"', "head plan")}])),
    }
    if draw(st.integers(0, 5)) == 5:
        own[name] = set()
        return Rule(name, tokens=draw(st.sampled_from(TOKENS)), **more)
    find = draw(st.sampled_from([*FIND, "trust", "plan", "$people"]))
    own[name] = FIND[find]
    if code + 1 < codes and draw(st.integers(0, 4)) == 4:
        find = f"({find}) code:c{draw(st.integers(code + 1, codes - 1))}"
    return Rule(name, find=find, **more)


@st.composite
def books(draw: st.DrawFn) -> tuple[Codebook, dict[str, set[str]]]:
    """Codes name, exclude and have as children only codes that come after them."""
    size = draw(st.integers(1, 4))
    own: dict[str, set[str]] = {}
    parents = [draw(st.sampled_from([None, *range(number)])) for number in range(size)]
    codes = []
    for number in range(size):
        kin = {number}
        while (last := parents[min(kin)]) is not None:
            kin.add(last)
        strangers = [other for other in range(number) if other not in kin]
        excludes = draw(st.lists(st.sampled_from(strangers), max_size=1)) if strangers else []
        codes.append(
            Code(
                f"c{number}", f"Code {number}", parent=None if parents[number] is None else f"c{parents[number]}",
                codable=draw(st.integers(0, 6)) < 6,
                rules=tuple(draw(rules(number, size, own)) for _ in range(draw(st.integers(1, 4)))),
                threshold=draw(st.sampled_from([None, None, None, 0.3, 0.75, 1.0])),
                combine=draw(st.sampled_from([None, None, "max", "sum", "noisy_or"])),
                excludes=tuple(f"c{other}" for other in excludes),
            )
        )  # fmt: skip
    facets = draw(
        st.sampled_from([(), (STANCE, Facet("time", ("past", "now"))), (Facet("time", ("past", "now"), "now"),)])
    )
    book = Codebook(
        "book", "1", "Book", tuple(codes), lexicons={"people": ("staff", '"heads"')}, facets=facets,
        cues=draw(st.sampled_from([CUES, CUES, {}])),
        unit=draw(st.sampled_from(["sentence", "sentence", "turn", "passage"])),
        roles_left_out=draw(st.sampled_from([("interviewer", "moderator", "observer"), (), ("unknown",)])),
        overlaps=draw(st.sampled_from(["longest", "longest", "first", "all"])),
        threshold=draw(st.sampled_from([0.5, 0.5, 0.2, 0.9])), combine=draw(st.sampled_from(["max", "sum", "noisy_or"])),
    )  # fmt: skip
    return book, own


def row(found: Suggestion) -> Row:
    return Row(
        found.document_id, found.block, found.span.start, found.span.end, found.code, found.rules,
        tuple((span.start, span.end) for span in found.evidence), found.score, dict(found.facets), found.flags,
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(corpora(), books(), st.sampled_from([1, 30, 3_000_000]))
def test_the_coder_proposes_what_the_definitions_say(
    documents: list[Document], drawn: tuple[Codebook, dict[str, set[str]]], shard_tokens: int
) -> None:
    codebook, own = drawn
    expected = code_slowly(documents, codebook, own, [code.id for code in reversed(codebook.codes)])
    corpus = Corpus(tuple(documents), TokenIndex.build(documents, shard_tokens=shard_tokens))
    found = [row(each) for each in RulesCoder(codebook).suggest(corpus)]
    assert [replace(each, score=0) for each in found] == [replace(each, score=0) for each in expected]
    assert [each.score for each in found] == pytest.approx([each.score for each in expected], abs=2e-4)


@settings(max_examples=60, deadline=None)
@given(corpora(), books())
def test_proposals_keep_their_promises(documents: list[Document], drawn: tuple[Codebook, dict[str, set[str]]]) -> None:
    codebook, _ = drawn
    corpus = Corpus.of(documents)
    found = RulesCoder(codebook).suggest(corpus)
    texts = {each.id: each for each in documents}
    sentences = {each.id: corpus.index.unit_spans(each.id) for each in documents}
    for each in found:
        whole = texts[each.document_id]
        assert each.quote == whole.quote(each.span)
        assert each.document_sha256 == whole.text_sha256
        assert whole.text[: each.span.start].endswith(each.prefix)
        assert whole.text[each.span.end :].startswith(each.suffix)
        assert whole.blocks[each.block].span.contains(each.span)
        assert each.evidence
        assert all(each.span.contains(span) for span in each.evidence)
        assert all(one.end <= other.start for one, other in zip(each.evidence, each.evidence[1:], strict=False))
        assert not any(
            span.overlaps(each.span) and not each.span.contains(span) for span in sentences[each.document_id]
        ), "a passage is whole sentences"
        assert 0 < each.score <= 1
        assert whole.role_of(whole.blocks[each.block]) not in codebook.roles_left_out
    for one, other in itertools.pairwise(found):
        assert one.document_id != other.document_id or one.span <= other.span
    assert list(RulesCoder(codebook).suggest(Corpus.of(documents))) == list(found), "the same again"
    backwards = RulesCoder(codebook).suggest(Corpus.of(documents[::-1]))
    assert sorted(map(str, backwards)) == sorted(map(str, found)), "whatever the order of documents"


@settings(max_examples=40, deadline=None)
@given(corpora(), books(), st.data())
def test_some_codes_alone_come_out_as_if_all_ran(
    documents: list[Document], drawn: tuple[Codebook, dict[str, set[str]]], data: st.DataObject
) -> None:
    codebook, _ = drawn
    chosen = (
        tuple(data.draw(st.lists(st.sampled_from([code.id for code in codebook]), max_size=2))) if len(codebook) else ()
    )
    corpus = Corpus.of(documents)
    expected = [found for found in RulesCoder(codebook).suggest(corpus) if found.code in chosen]
    assert list(RulesCoder(codebook, codes=chosen).suggest(corpus)) == expected


@pytest.mark.slow
def test_two_processes_say_what_one_says(tmp_path: Path) -> None:
    documents = [
        document(f"d{number}", [("Dana", "participant", f"We {word} trust staff. They planned it together, no excuses.")])
        for number, word in enumerate(["never", "always", "maybe", "must"])
    ]  # fmt: skip
    codebook = Codebook(
        "book", "1", "Book", cues=CUES, facets=(STANCE,), lexicons={"people": ("staff",)},
        codes=(
            Code("c0", "Zero", rules=(Rule("r0", "trust code:c1"), Rule("r1", "//plan.*it//"))),
            Code("c1", "One", rules=(Rule("r2", "$people"), Rule("r3", tokens=({"LEMMA": "plan"},), set={"stance": "absent"}))),
        ),
    )  # fmt: skip
    from unittest.mock import patch

    with patch("qualcode.text.build.PIECE", 1):
        index = TokenIndex.build(documents, folder=tmp_path, shard_tokens=1)
    assert len(index.shards) == len(documents)
    corpus = Corpus(tuple(documents), index)
    alone = list(RulesCoder(codebook).suggest(corpus))
    assert len(alone) == 8
    assert list(RulesCoder(codebook, processes=2).suggest(corpus)) == alone


def test_a_shard_is_coded_as_arrays_of_small_numbers() -> None:
    plan = compile_codebook(Codebook("b", "1", "B", (Code("a", "A", rules=(Rule("r", "trust"),)),)))
    found = document("d", [("P", "participant", "We trust it. So.")])
    for documents in ([found], [document("e", [("P", "participant", "Nothing.")])]):
        passages = code_shard(TokenIndex.build(documents).shards[0], plan)
        kinds = {name: getattr(passages, name).dtype.name for name in passages.__slots__}
        assert kinds.pop("score") == "float32"
        assert (kinds.pop("stance"), kinds.pop("flags")) == ("int8", "int8")
        assert set(kinds.values()) == {"int32"}
        assert len(passages.evidence_first) == len(passages) + 1
