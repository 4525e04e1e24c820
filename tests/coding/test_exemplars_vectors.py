"""The exemplars coder with sentence vectors: other words for the same, a near miss of meaning, evidence, closed forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from qualcode.codebook import load_codebook
from qualcode.codebook.bank import BankExample, ExampleBank, Hand
from qualcode.coding import Corpus, ExemplarsCoder, make_coder
from qualcode.coding.exemplars import model as model_module
from qualcode.coding.exemplars.coder import VECTORS
from qualcode.coding.exemplars.material import OWN, Exemplar
from qualcode.coding.exemplars.model import RIDGE_MEANT, View, learn
from qualcode.coding.exemplars.talk import strung
from qualcode.coding.features.context import see
from qualcode.coding.features.meaning import NEIGHBOURS_MEAN, likeness, meant, unit_texts
from qualcode.coding.features.semantic import LocalEncoder, load_encoder
from qualcode.errors import CodingError
from qualcode.model.codes import Code, Codebook, Facet
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document
from qualcode.text.index import TokenIndex
from tests.builders import document
from tests.coding.books import said
from tests.coding.models import directions, static_folder

WORDS = directions(
    ["kettle teapot brew cuppa", "slept night tired exhausted", "plan planned timetable scheduled", "science biology lab",
     "rain puddle wet storm", "boiler leak radiator plumber", "she her they", "on at for the was of a up"], seed=3
)  # fmt: skip
BOOK = Codebook("plc", "1", "A test", (Code("A", "zza"), Code("B", "zzb")), sha256="0" * 64,
                facets=(Facet("stance", ("present", "absent"), "present"),))  # fmt: skip
KETTLE = "She put the kettle on for whoever slept badly."
PLAN = "They planned the science lab on Thursday."
OTHERS = "Her brew was up at a night."  # no word of KETTLE
MOST = 0.8
"""A weight of vectors at which a single example is found by its meaning."""

GOLDEN_MODEL = [6.337830, 27.088855, -1.311699]
GOLDEN = [
    ("A2", 0, ("A2-d2", "A2-b4", "A2-e1"), 0.9998),
    ("E2", 0, ("E2-a1", "E2-b5", "E2:typical-9"), 0.9977),
    ("C1", 0, ("C1:typical-9", "C1-d2", "C1:atypical-2"), 0.9049),
    ("C3", 0, ("C3-a4", "F5-d5", "C3:typical-1"), 0.2313),
    ("B1", 1, ("B1-d1", "B1:typical-5", "B1:typical-2"), 0.9995),
]
"""Taken before there were sentence vectors, from `hope-merged` 1.0.0 and its bank."""


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> LocalEncoder:
    return load_encoder(static_folder(tmp_path_factory.mktemp("models") / "small", WORDS))


def bank(*examples: tuple[str, str, str]) -> ExampleBank:
    """Return a bank of (code, kind, text), all by one hand."""
    listed = tuple(
        BankExample(f"x{n}", code, kind, text, hand="a")  # type: ignore[arg-type]  # a literal
        for n, (code, kind, text) in enumerate(examples, 1)
    )
    return ExampleBank("plc", (Hand("a", "a test"),), listed, ())


PLAIN = bank(("A", "typical", KETTLE), ("B", "typical", PLAN))


def corpus(encoder: LocalEncoder | None, *turns: str | Document) -> Corpus:
    documents = [each for each in turns if isinstance(each, Document)] or [said(*(str(each) for each in turns))]
    return replace(Corpus.of(documents), vectors=encoder)


def coded(encoder: LocalEncoder | None, *turns: str, bank: ExampleBank = PLAIN, **more: Any) -> list[Suggestion]:
    return list(ExemplarsCoder(BOOK, bank=bank, **more).suggest(corpus(encoder, *turns)))


def pairs(found: Sequence[Suggestion]) -> list[tuple[str, str]]:
    return [(each.code, each.quote) for each in found]


# what is found


def test_other_words_for_the_same_are_found_by_their_meaning(encoder: LocalEncoder) -> None:
    assert coded(None, OTHERS) == []
    found = coded(encoder, OTHERS, "Rain, puddle after puddle.", vectors=MOST)
    assert pairs(found) == [("A", OTHERS)]
    assert found[0].rules == ("x1",)


def test_a_near_miss_pushes_away_by_its_meaning(encoder: LocalEncoder) -> None:
    example, outside = ("A", "typical", "Kettle kettle slept."), "Cuppa brew puddle."
    assert pairs(coded(encoder, outside, bank=bank(example), vectors=MOST)) == [("A", outside)]
    near = bank(example, ("A", "near_miss", "Teapot brew storm."))
    assert coded(encoder, outside, bank=near, vectors=MOST) == []
    assert pairs(coded(encoder, example[2], bank=near, vectors=MOST)) == [("A", example[2])]


def test_a_passage_that_means_two_things_may_carry_two_codes(encoder: LocalEncoder) -> None:
    both = replace(PLAIN, examples=(replace(PLAIN.examples[0], also=("B",)),))
    assert sorted(each.code for each in coded(encoder, OTHERS, bank=both, vectors=MOST)) == ["A", "B"]


def test_without_a_model_or_with_a_weight_of_nothing_words_alone_count(encoder: LocalEncoder) -> None:
    turns = (KETTLE, f"{PLAN} Rain again.", OTHERS)
    plain = coded(None, *turns)
    assert plain
    assert coded(None, *turns, vectors=0.9) == plain
    assert coded(encoder, *turns, vectors=0) == plain


def test_vectors_can_count_alone(encoder: LocalEncoder) -> None:
    assert pairs(coded(encoder, OTHERS, KETTLE, vectors=1)) == [("A", OTHERS), ("A", KETTLE)]


def test_the_shipped_bank_without_vectors_scores_as_it_did_before_there_were_any() -> None:
    coder = ExemplarsCoder(load_codebook("hope-merged", queries=False))
    model = coder.model
    assert (model.meanings, model.meaning) == (None, 0.0)
    assert [float(model.thresholds.sum()), model.slope, model.offset] == pytest.approx(GOLDEN_MODEL, rel=1e-4)
    turns = (
        "Three priorities, with dates. Ofsted said we required improvement. They share planning in PPA.",
        "Somebody had my class covered before I was off the phone, and nobody asked when I'd be back.",
    )
    found = coder.suggest(Corpus.of([said(*turns)]))
    assert [(each.code, each.block, each.rules) for each in found] == [row[:3] for row in GOLDEN]
    assert [each.score for each in found] == pytest.approx([row[3] for row in GOLDEN], abs=2e-4)


# evidence


def test_the_evidence_of_a_meaning_is_the_words_that_would_be_missed(encoder: LocalEncoder) -> None:
    asked = corpus(encoder, "Teapot, brew, teapot, brew, wet.")
    (found,) = ExemplarsCoder(BOOK, bank=bank(("A", "typical", "Kettle cuppa kettle.")), vectors=1).suggest(asked)
    words = " ".join(asked.documents[0].quote(span) for span in found.evidence)
    assert "eapot" in words
    assert "brew" in words
    assert "wet" not in words
    assert all(found.span.contains(span) for span in found.evidence)


def test_words_that_count_by_themselves_stay_the_evidence(encoder: LocalEncoder) -> None:
    (plain,) = coded(None, KETTLE)
    (found,) = coded(encoder, KETTLE)
    assert set(found.evidence) & set(plain.evidence)


# parameters


@pytest.mark.parametrize("value", [-0.1, 1.1, "much", float("nan")])
def test_a_weight_that_cannot_be_used_is_refused(value: Any) -> None:
    with pytest.raises(CodingError) as caught:
        coded(None, KETTLE, vectors=value)
    assert caught.value.code == "QC-K006"
    assert "'vectors'" in caught.value.message


def test_a_recipe_does_not_name_the_encoder() -> None:
    coder = make_coder("exemplars", codebook=BOOK, encoder="models/minilm")
    assert coder.get_params()["encoder"] == "models/minilm"
    with pytest.raises(CodingError) as caught:
        coder.suggest(Corpus.of([said(KETTLE)]))
    assert (caught.value.code, "vectors" in (caught.value.hint or "")) == ("QC-K006", True)


def test_fit_takes_the_vectors_of_the_corpus_and_the_recipe_records_them(encoder: LocalEncoder) -> None:
    coder = ExemplarsCoder(BOOK, bank=PLAIN)
    assert [coder.get_params()[key] for key in ("vectors", "encoder")] == [None, None]
    fitted = coder.fit(corpus(encoder, OTHERS))
    assert [fitted.get_params()[key] for key in ("vectors", "encoder")] == [VECTORS, encoder.id]
    assert [coder.get_params()[key] for key in ("vectors", "encoder")] == [None, None]
    assert fitted.fit(corpus(encoder, OTHERS)) is fitted
    strong = ExemplarsCoder(BOOK, bank=PLAIN, vectors=MOST)
    found = list(strong.suggest(corpus(encoder, OTHERS)))
    assert pairs(found) == [("A", OTHERS)]
    assert list(strong.fit(corpus(encoder, OTHERS)).suggest(corpus(None, OTHERS))) == found
    assert list(strong.suggest(corpus(None, OTHERS))) == []


def test_it_learns_once_for_each_encoder(
    encoder: LocalEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = load_encoder(static_folder(tmp_path / "other", directions(list(WORDS), seed=9)))
    coder = ExemplarsCoder(BOOK, bank=PLAIN)
    first, words, second = coder.learnt(encoder), coder.learnt(None), coder.learnt(other)
    monkeypatch.setattr("qualcode.coding.exemplars.coder.learn", lambda *_: pytest.fail("it was learnt already"))
    assert coder.fit(corpus(encoder, OTHERS)).learnt(load_encoder(encoder.folder.path)) is first
    assert coder.learnt(other) is second
    assert coder.model is words
    assert (words.meanings, first.meaning) == (None, VECTORS)


def test_a_model_with_meanings_asks_for_those_of_what_it_scores(encoder: LocalEncoder) -> None:
    found = ExemplarsCoder(BOOK, bank=PLAIN).learnt(encoder)
    with pytest.raises(ValueError, match="sentence vectors"):
        found.scores(found.vectors)


# the same however it is asked


def test_the_same_again_is_the_same_and_shards_change_nothing(encoder: LocalEncoder, tmp_path: Path) -> None:
    documents = (
        said(KETTLE, OTHERS, name="one"),
        said("Q: And you?", f"P: {PLAN}", name="two"),
        said(OTHERS, name="three"),
    )
    coder = ExemplarsCoder(BOOK, bank=PLAIN, vectors=MOST)
    whole = coder.suggest(corpus(encoder, *documents))
    assert len(whole) == 4
    assert list(replace(coder).suggest(corpus(encoder, *documents))) == list(whole)
    TokenIndex.refresh(tmp_path, documents[:1])
    index = TokenIndex.refresh(tmp_path, documents)
    assert len(index.shards) == 2
    parted = coder.suggest(Corpus(documents, index, vectors=encoder))
    assert [(each.document_id, each.code, each.span, each.rules) for each in parted] == [
        (each.document_id, each.code, each.span, each.rules) for each in whole
    ]


def test_an_empty_document_and_an_empty_bank_have_nothing(encoder: LocalEncoder) -> None:
    for turns in ((), ("Q: Hello?",), ("P: …",)):
        assert coded(encoder, *turns) == []
    assert coded(encoder, KETTLE, bank=bank()) == []


# closed forms


TEXTS = ["The kettle was on.", "A brew, tired.", "Rain at night.", "The boiler leak."]


def test_weights_solve_the_ridge_equations_of_both_kernels(encoder: LocalEncoder) -> None:
    exemplars = [Exemplar(str(n), text, ("A",) if n < 2 else (), OWN) for n, text in enumerate(TEXTS)]
    found = learn(exemplars, ["A"], View("sentence", 0.5, 0.1), encoder, 0.4)
    words = (found.vectors @ found.vectors.T).toarray()
    own = encoder.encode(TEXTS)
    meaning = np.exp(-2 * ((own[:, None] - own[None]) ** 2).sum(axis=2))
    kernel = 0.6 * words + 0.4 * meaning + RIDGE_MEANT * np.eye(4)
    assert kernel @ found.pull[:, 0] == pytest.approx([1, 1, 0, 0], abs=1e-4)
    assert found.scores(found.vectors, own)[:, 0] == pytest.approx(
        (kernel - RIDGE_MEANT * np.eye(4)) @ found.pull[:, 0], abs=1e-4
    )
    assert found.similarity(found.vectors, own) == pytest.approx(0.6 * words + 0.4 * meaning, abs=1e-4)


def test_held_out_scores_are_those_of_a_model_without_the_hand(
    encoder: LocalEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    things = ["kettle", "lab", "rain", "boiler", "night", "storm", "brew", "plan"]
    exemplars = [
        Exemplar(f"{hand}{n}", f"{who} the {thing} {verb} {when}.", ("A",) if n % 2 else ("B",), hand)
        for hand, who, verb, when in (("a", "She", "scheduled", "tired"), ("b", "They", "on", "at"), ("c", "Her", "for", "wet"))
        for n, thing in enumerate(things)
    ]  # fmt: skip
    seen: list[np.ndarray] = []
    whole = model_module._tried

    def spied(*given: object) -> tuple[np.ndarray, np.ndarray]:
        found = whole(*given)  # type: ignore[arg-type]  # passed on as they come
        seen.append(found[0])
        return found

    monkeypatch.setattr(model_module, "_tried", spied)
    everything = learn(exemplars, ["A", "B"], View("turn", 0.0, 0.0), encoder, 0.4)
    rows = [n for n, each in enumerate(exemplars) if each.hand != "a"]
    mine = [n for n, each in enumerate(exemplars) if each.hand == "a"]
    kernel = 0.6 * (everything.vectors @ everything.vectors.T).toarray() + 0.4 * likeness(
        *[encoder.encode([each.text for each in exemplars])] * 2
    )
    targets = np.array([[name in exemplars[row].codes for name in "AB"] for row in rows], float)
    alone = np.linalg.solve(kernel[np.ix_(rows, rows)] + RIDGE_MEANT * np.eye(len(rows)), targets)
    order = strung([exemplars[n] for n in mine], "a", single=True).rows
    assert seen[0][: len(mine)] == pytest.approx((kernel[np.ix_(mine, rows)] @ alone)[list(order)], abs=1e-3)


@settings(max_examples=50)
@given(arrays.arrays(np.float32, (4, 3), elements=st.floats(-1, 1, width=16)))
def test_likeness_is_a_kernel_and_nothing_is_like_a_text_without_words(vectors: np.ndarray) -> None:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    own = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-3)
    found = likeness(own, own)
    worded = own.any(axis=1)
    assert found == pytest.approx(found.T, abs=1e-6)
    assert np.diag(found)[worded] == pytest.approx(np.ones(int(worded.sum())), abs=1e-4)
    assert not found[~worded].any()
    assert np.linalg.eigvalsh(found.astype(np.float64)).min() > -1e-4


# units


def test_the_text_of_a_unit_has_no_labels_and_no_notes() -> None:
    shard = TokenIndex.build(
        [document("d", [("P", "participant", "Well. It's [laughter] buy-in,  really! Yes.")])]
    ).shards[0]
    assert unit_texts(shard, "sentence", 4) == ["Well.", "It's buy in, really!", "Yes.", ""]
    assert unit_texts(shard, "turn", 1) == ["Well. It's buy in, really! Yes."]


def test_neighbours_and_question_lend_their_meaning(encoder: LocalEncoder) -> None:
    shard = Corpus.of(
        [said("Q: A storm of rain?", "P: The kettle was on. They planned the lab. Rain at night.")]
    ).index.shards[0]
    _, vocabulary = model_module.count_units(shard, "sentence")
    seen = see(shard, "sentence", vocabulary, left_out=("interviewer",), neighbours=0.5, question=0.25)
    found = meant(shard, "sentence", seen, encoder, neighbours=0.5, question=0.25)
    asked, before, own, behind = encoder.encode(
        ["A storm of rain?", "The kettle was on.", "They planned the lab.", "Rain at night."]
    )
    assert (found.alone == np.stack([before, own, behind])).all()
    expected = own + 0.5 * NEIGHBOURS_MEAN * (before + behind) + 0.25 * asked
    assert found.vectors[1] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
