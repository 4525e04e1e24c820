"""The coder ``topics``: what it suggests and why, what people's decisions change, and when it says nothing."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from qualcode.coding import Coder, Corpus, TopicsCoder, coder_names, make_coder
from qualcode.coding.scores import Scorer
from qualcode.coding.topics.coder import FREE
from qualcode.errors import CodingError, MissingExtraError
from qualcode.model.codes import Code, Codebook, Facet, Seeds
from qualcode.model.coding import Coding, Status
from qualcode.model.document import Document
from tests.builders import document
from tests.coding.topic_talk import PLANTED

CODES = ("garden", "kitchen", "harbour")
BOOK = Codebook(
    "plc", "1", "A test", (*(Code(each, each, seeds=Seeds(tuple(PLANTED[each][2:6]))) for each in CODES), Code("music", "music")),
    facets=(Facet("stance", ("present", "absent"), "present"),), sha256="0" * 64,
)  # fmt: skip


def speech(name: str, draw: np.random.Generator, sentences: int) -> str:
    """Return sentences of eight words about a planted topic."""
    said = [" ".join(draw.choice(PLANTED[name], 8)) for _ in range(sentences)]
    return " ".join(each.capitalize() + "." for each in said)


@cache
def study(documents: int = 4, seed: int = 1) -> tuple[Document, ...]:
    """Return interviews whose answers are about one planted topic each, one after the other."""
    draw = np.random.default_rng(seed)
    return tuple(
        document(f"d{number}", [turn for name in list(PLANTED) * 3
                                for turn in (("Q", "interviewer", "What about it?"), ("Ann", "participant", speech(name, draw, 4)))])
        for number in range(documents)
    )  # fmt: skip


@cache
def corpus() -> Corpus:
    return Corpus.of(study())


def coder(**parameters: object) -> TopicsCoder:
    settings: dict[str, object] = {"codebook": BOOK, "k": 4, "words": 32, "kind": "nmf"} | parameters
    return TopicsCoder(**settings)  # type: ignore[arg-type]  # parameters of tests


def about(source: Document, block: int) -> str:
    """Return the planted topic of an answer."""
    return list(PLANTED)[block // 2 % 4]


def decided(code: str, wanted: str, status: Status = "coded", documents: int = 4) -> list[Coding]:
    """Return every answer about a planted topic as coded with ``code``."""
    return [
        Coding(source.id, source.name, block.index, "Ann", "participant", block.span, "", code, "", "ann", "", "", None, "",
               status, "ann", "plc", "1")
        for source in study()[:documents] for block in source.blocks
        if block.speaker_ids == ("s2",) and about(source, block.index) == wanted
    ]  # fmt: skip


def test_it_is_a_coder_like_the_others() -> None:
    assert "topics" in coder_names()
    made = make_coder("topics", codebook=BOOK, k=4)
    assert isinstance(made, Coder)
    assert isinstance(made, Scorer)
    assert made.name == "topics"
    assert made.get_params() == {"codebook": "plc", "codes": None, "k": 4, "kind": None, "seed": 0, "by": "run",
                                 "words": 100, "share": 0.3}  # fmt: skip


@pytest.mark.parametrize("kind", ["nmf", "tomotopy"])
def test_passages_about_a_seeded_topic_are_suggested_with_the_words_that_make_it(kind: str) -> None:
    found = list(coder(kind=kind).fit(corpus()).suggest(corpus()))
    sources = {each.id: each for each in study()}
    right = [about(sources[each.document_id], each.block) == each.code for each in found]
    assert len(found) >= 30
    assert np.mean(right) > 0.95
    assert {each.code for each in found} == set(CODES)
    for each in found:
        source = sources[each.document_id]
        assert source.text[each.span.start : each.span.end] == each.quote
        assert source.blocks[each.block].speaker_ids == ("s2",)
        assert each.evidence
        assert {source.quote(span).lower() for span in each.evidence} <= set(PLANTED[each.code])
        assert all(each.span.contains(span) for span in each.evidence)
        assert each.rules[0].startswith("topic ")
        assert each.rules[0].endswith(")")
        assert 0.3 <= each.score <= 1
        assert each.facets == {"stance": "present"}
        assert each.coder == "topics"


def test_a_rule_names_the_topic_from_1_and_its_words() -> None:
    fitted = coder().fit(corpus())
    assert fitted.learnt is not None
    match = fitted.learnt.matches[1]
    assert (match.topic, match.code, match.by) == (1, "kitchen", "seeds")
    assert match.seeds == tuple(PLANTED["kitchen"][2:6])
    assert match.rule == f"topic 2 ({', '.join(match.words[:3])})"


def test_the_same_corpus_and_seed_give_the_same_suggestions_and_fit_changes_nothing() -> None:
    made = coder()
    first = made.suggest(corpus())
    assert made.learnt is None
    assert first == made.suggest(corpus()) == made.fit(corpus()).suggest(corpus())
    assert first != coder(seed=1, kind="tomotopy").suggest(corpus())


def test_the_order_of_documents_says_nothing() -> None:
    turned = Corpus.of(study()[::-1])
    first, other = list(coder().suggest(corpus())), list(coder().suggest(turned))
    assert [each.document_id for each in other] != [each.document_id for each in first]
    assert sorted(other, key=lambda each: each.document_id) == first


def test_what_was_learnt_is_used_on_other_talk() -> None:
    fitted = coder().fit(corpus())
    other = Corpus.of([document("new", [("Bob", "participant", speech("harbour", np.random.default_rng(9), 4))])])
    found = list(fitted.suggest(other))
    assert {each.code for each in found} == {"harbour"}
    assert list(fitted.suggest(Corpus.of([document("none", [("Bob", "participant", "Quite so.")])]))) == []


def test_a_free_topic_is_taken_for_a_code_that_people_gave_where_it_is() -> None:
    plain = coder().fit(corpus())
    assert "music" not in {each.code for each in plain.suggest(corpus())}
    taught = coder().fit(corpus(), decided("music", "orchestra"))
    assert taught.learnt is not None
    assert [(each.topic, each.by) for each in taught.learnt.matches if each.code == "music"] == [(3, "codings")]
    found = [each for each in taught.suggest(corpus()) if each.code == "music"]
    assert len(found) >= 8
    assert {about(study()[0], each.block) for each in found} == {"orchestra"}


def test_a_topic_is_not_taken_for_a_code_on_the_word_of_one_document() -> None:
    taught = coder().fit(replace(corpus(), read=frozenset({"d0", "d1"})), decided("music", "orchestra", documents=1))
    assert taught.learnt is not None
    assert "music" not in {each.code for each in taught.learnt.matches}


def test_a_seeded_topic_that_goes_against_its_code_is_dropped() -> None:
    taught = coder().fit(corpus(), decided("garden", "kitchen"))
    assert taught.learnt is not None
    assert {(each.topic, each.code) for each in taught.learnt.matches} == {
        (1, "kitchen"),
        (2, "harbour"),
        (1, "garden"),
    }


def test_rejected_passages_are_not_taken_for_the_code() -> None:
    taught = coder().fit(corpus(), decided("music", "orchestra", "rejected"))
    assert taught.learnt is not None
    assert "music" not in {each.code for each in taught.learnt.matches}


def test_a_heading_stands_for_the_codes_below_it() -> None:
    first, *rest = BOOK.codes
    book = replace(BOOK, codes=(Code("places", "places", codable=False), replace(first, parent="places"), *rest))
    found = coder(codebook=book, codes=("places",)).suggest(corpus())
    assert {each.code for each in found} == {"garden"}
    assert list(found) == list(coder(codebook=book, codes=("garden",)).suggest(corpus()))


def test_only_the_codes_asked_for_are_suggested() -> None:
    assert {each.code for each in coder(codes=("kitchen",)).suggest(corpus())} == {"kitchen"}


def test_scores_are_there_for_every_unit_and_highest_in_what_is_suggested() -> None:
    fitted = coder().fit(corpus())
    found = fitted.scores(corpus())
    assert found.codes == ("garden", "kitchen", "harbour", "music")
    assert found.values.shape == (len(found.units), 4)
    assert ((found.values >= 0) & (found.values <= 1)).all()
    assert not found.values[:, 3].any()
    sources = dict(enumerate(study()))
    right = [about(sources[int(d)], int(b)) for d, b in zip(found.units.document, found.units.block, strict=True)]
    best = [found.codes[column] for column in found.values.argmax(axis=1)]
    assert np.mean([a == b for a, b in zip(best, right, strict=True) if b in CODES]) > 0.85


def test_turns_are_suggested_whole_when_they_are_the_unit() -> None:
    book = replace(BOOK, unit="turn")
    found = list(coder(codebook=book).suggest(corpus()))
    sources = {each.id: each for each in study()}
    assert len(found) >= 30
    for each in found:
        assert each.quote == sources[each.document_id].text[slice(*_spoken(sources[each.document_id], each.block))]


def _spoken(source: Document, block: int) -> tuple[int, int]:
    found = source.blocks[block]
    assert found.label_span is not None
    return found.label_span.end, found.span.end


def test_too_little_talk_for_the_topics_is_silence_unless_their_number_is_given() -> None:
    small = Corpus.of([document("d", [("Ann", "participant", "The shed had a rake. The lawn had a rake.")])])
    assert list(TopicsCoder(BOOK).fit(small).suggest(small)) == []
    assert not TopicsCoder(BOOK).scores(small).values.any()
    assert list(TopicsCoder(BOOK).suggest(Corpus.of([]))) == []
    talk = Corpus.of(study()[:1])
    assert len(TopicsCoder(BOOK, words=32, kind="nmf").fit(talk).learnt.model.words) == len(CODES) + FREE  # type: ignore[union-attr]  # learnt
    with pytest.raises(CodingError, match="99 topics are too many"):
        TopicsCoder(BOOK, k=99).fit(talk)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [({"codes": ("sky",)}, "QC-K003"), ({"share": 1}, "QC-K022"), ({"share": "much"}, "QC-K022"), ({"k": 1}, "QC-K022"),
     ({"k": 2}, "QC-K023"), ({"kind": "hdp"}, "QC-K022"), ({"by": "page"}, "QC-K022"), ({"words": 1}, "QC-K022")],
)  # fmt: skip
def test_parameters_are_checked_when_they_are_used(parameters: dict[str, object], error: str) -> None:
    made = coder(**parameters)
    with pytest.raises(CodingError) as caught:
        made.fit(corpus())
    assert caught.value.code == error


def test_without_tomotopy_it_must_not_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomotopy", None)
    with pytest.raises(MissingExtraError, match="qualcode\\[topics\\]"):
        coder(kind="tomotopy").fit(corpus())
