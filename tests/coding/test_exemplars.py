"""The exemplars coder: what is like an example is found, what is like a near miss or plain talk is not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qualcode.codebook.bank import BankExample, ExampleBank, Hand, NoneExample
from qualcode.coding import Coder, Corpus, ExemplarsCoder, coder_names, make_coder
from qualcode.errors import CodingError
from qualcode.model.codes import Code, Codebook, Example, Examples, Facet
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document
from qualcode.text.index import TokenIndex
from tests.coding.books import said

FACETS = (Facet("stance", ("present", "absent"), "present"),)
KETTLE = "She had the kettle on at seven for whoever had slept badly."
PLAN = "The three of us planned the science unit on a Thursday."


def book(**examples: Examples) -> Codebook:
    """Return a codebook with codes of these names, which have examples and nothing else."""
    codes = tuple(Code(name, f"zz{name}", examples=each) for name, each in examples.items())
    return Codebook("plc", "1", "A test", codes, facets=FACETS, sha256="0" * 64)


def typical(*texts: str, near_miss: Sequence[str] = ()) -> Examples:
    return Examples(typical=tuple(map(Example, texts)), near_miss=tuple(map(Example, near_miss)))


def written(*examples: tuple[str, str, str], none: Sequence[str] = (), denied: Sequence[str] = ()) -> ExampleBank:
    """Return a bank of (code, kind, text), all by one hand."""
    listed = tuple(
        BankExample(f"x{n}", code, kind, text, denial=text in denied, hand="a")  # type: ignore[arg-type]  # a literal
        for n, (code, kind, text) in enumerate(examples, 1)
    )
    plain = tuple(NoneExample(f"n{n}", "trap", text, "a") for n, text in enumerate(none, 1))
    return ExampleBank("plc", (Hand("a", "a test"),), listed, plain)


def coded(codebook: Codebook, *turns: str, bank: ExampleBank | None = None, **more: Any) -> list[Suggestion]:
    """Return what is suggested for the turns of one document."""
    return list(ExemplarsCoder(codebook, bank=bank, **more).suggest(Corpus.of([said(*turns)])))


def pairs(found: Sequence[Suggestion]) -> list[tuple[str, str]]:
    return [(each.code, each.quote) for each in found]


EMPTY = book(A=Examples(), B=Examples())


def test_nothing_is_found_before_an_example_is_written_and_its_twin_at_once_after() -> None:
    turn = f"It rained all week. {KETTLE} Then we went home."
    assert coded(EMPTY, turn) == []
    found = coded(EMPTY, turn, bank=written(("A", "typical", KETTLE)))
    assert pairs(found) == [("A", KETTLE)]
    assert found[0].rules == ("x1",)


def test_other_words_for_the_same_are_found_and_other_things_are_not() -> None:
    bank = written(("A", "typical", KETTLE), ("B", "typical", PLAN))
    found = coded(
        EMPTY,
        "The kettle was on at seven for anyone who'd slept badly.",
        "The minibus broke down in Preston.",
        bank=bank,
    )
    assert pairs(found) == [("A", "The kettle was on at seven for anyone who'd slept badly.")]


def test_a_near_miss_pushes_away() -> None:
    example = ("A", "typical", "We built trust with the staff.")
    turn = "The trust built new classrooms with the staff."
    assert [each.code for each in coded(EMPTY, turn, bank=written(example))] == ["A"]
    near = written(example, ("A", "near_miss", "The trust built new classrooms with our staff."))
    assert coded(EMPTY, turn, bank=near) == []
    assert [each.code for each in coded(EMPTY, "We built trust with all the staff.", bank=near)] == ["A"]


def test_talk_that_carries_nothing_pushes_away_too() -> None:
    example = ("A", "typical", "You know, sort of, we planned it, I suppose, you know.")
    talk = "You know, sort of, I suppose, it's fine."
    assert [each.code for each in coded(EMPTY, talk, bank=written(example))] == ["A"]
    plain = written(example, none=["You know, sort of, I suppose, it's fine really."])
    assert coded(EMPTY, talk, bank=plain) == []


def test_a_near_miss_that_is_another_code_is_an_example_of_that() -> None:
    bank = written(("A", "near_miss", PLAN))
    bank = replace(bank, examples=(replace(bank.examples[0], also=("B",)),))
    assert pairs(coded(EMPTY, PLAN, bank=bank)) == [("B", PLAN)]


def test_a_passage_may_carry_two_codes() -> None:
    bank = written(("A", "typical", PLAN))
    bank = replace(bank, examples=(replace(bank.examples[0], also=("B",)),))
    assert sorted(pairs(coded(EMPTY, PLAN, bank=bank))) == [("A", PLAN), ("B", PLAN)]


def test_without_a_bank_the_examples_and_definitions_of_the_codebook_are_enough() -> None:
    codebook = book(A=typical(KETTLE), B=typical(PLAN))
    found = coded(codebook, KETTLE, PLAN)
    assert pairs(found) == [("A", KETTLE), ("B", PLAN)]
    assert [each.rules[0] for each in found] == ["A:typical-1", "B:typical-1"]
    defined = replace(EMPTY, codes=(Code("A", "Support", definition="A leader notices what somebody needs."),))
    (only,) = coded(defined, "A leader notices what somebody needs, always.")
    assert only.rules == ("A:definition",)


def test_a_denial_is_the_code_with_the_stance_absent() -> None:
    denied = "Nobody ever asked me how I was."
    bank = written(("A", "typical", KETTLE), ("A", "typical", denied), denied=[denied])
    found = coded(EMPTY, KETTLE, "Nobody ever asked how I was.", bank=bank)
    assert [(each.code, each.facets["stance"]) for each in found] == [("A", "present"), ("A", "absent")]


def test_the_evidence_is_the_words_that_counted_most() -> None:
    bank = written(("A", "typical", KETTLE), none=["She had it on for whoever was in at the weekend."])
    turn = "She had the kettle on at seven, the old one."
    corpus = Corpus.of([said(turn)])
    (found,) = ExemplarsCoder(EMPTY, bank=bank).suggest(corpus)
    words = [corpus.documents[0].quote(span) for span in found.evidence]
    assert "kettle" in " ".join(words)
    assert len(words) <= 4
    assert all(found.span.contains(span) for span in found.evidence)
    assert list(found.evidence) == sorted(found.evidence)


def test_sentences_next_to_each_other_with_one_code_are_one_passage() -> None:
    bank = written(("A", "typical", KETTLE), ("A", "typical", "She covered my class when my dad was in hospital."))
    turn = f"{KETTLE} She covered my class when my dad was in hospital. The hall floor was waxed in August by a man from Leeds."
    (found,) = coded(EMPTY, turn, bank=bank, neighbours=0.0)
    assert found.quote == f"{KETTLE} She covered my class when my dad was in hospital."


def test_a_passage_ends_with_its_full_stop_and_never_leaves_its_turn() -> None:
    bank = written(("A", "typical", KETTLE))
    found = coded(EMPTY, KETTLE, KETTLE, bank=bank)
    assert pairs(found) == [("A", KETTLE), ("A", KETTLE)]
    assert [each.block for each in found] == [0, 1]


def test_neighbours_lend_their_words() -> None:
    bank = written(("A", "typical", "Kettle on at seven sharp. Anyone with a bad night could come and sit."))
    turn = "Kettle on at seven. Anyone with a bad night could come and sit."
    alone = [each.quote for each in coded(EMPTY, turn, bank=bank, neighbours=0.0)]
    together = [each.quote for each in coded(EMPTY, turn, bank=bank, neighbours=1.0)]
    assert alone == ["Anyone with a bad night could come and sit."]
    assert together == [turn]


def test_a_sentence_too_short_to_be_coded_does_not_part_a_passage() -> None:
    bank = written(("A", "typical", KETTLE))
    assert pairs(coded(EMPTY, f"{KETTLE} Every day. {KETTLE}", bank=bank)) == [("A", f"{KETTLE} Every day. {KETTLE}")]


def test_what_has_a_code_from_its_neighbour_alone_is_cut_from_the_edges_of_a_passage() -> None:
    (found,) = coded(
        EMPTY, f"It rained. {KETTLE} We went off home.", bank=written(("A", "typical", KETTLE)), neighbours=1.0
    )
    assert found.quote == KETTLE


def test_the_question_before_lends_its_words_to_the_answer_and_is_never_coded() -> None:
    bank = written(("A", "typical", "How did staff take to the new project? They jumped at it straight away."))
    turns = (
        "Q: How did the staff take to the new project?",
        "P: Everyone jumped at it, every one of them, even Geoff.",
    )
    answer = "Everyone jumped at it, every one of them, even Geoff."
    assert pairs(coded(EMPTY, *turns, bank=bank, question=1.0)) == [("A", answer)]
    assert coded(EMPTY, *turns, bank=bank, question=0.0) == []
    assert coded(EMPTY, f"Q: {KETTLE}", "P: It rained in Bolton.", bank=written(("A", "typical", KETTLE))) == []


def test_two_words_are_nobodys_example() -> None:
    bank = written(("A", "typical", "Yes, exactly."))
    assert coded(EMPTY, "Yes, exactly.", bank=bank) == []


def test_codes_can_be_chosen_and_the_others_push_all_the_same() -> None:
    bank = written(("A", "typical", KETTLE), ("B", "typical", PLAN))
    assert pairs(coded(EMPTY, KETTLE, PLAN, bank=bank, codes=("B",))) == [("B", PLAN)]
    with pytest.raises(CodingError, match="'X'") as caught:
        coded(EMPTY, PLAN, bank=bank, codes=("X",))
    assert caught.value.code == "QC-K003"


@pytest.mark.parametrize("more", [{"neighbours": -0.1}, {"neighbours": 1.5}, {"question": "much"}, {"bank": "my.yaml"}])
def test_a_parameter_that_cannot_be_used_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(CodingError) as caught:
        coded(EMPTY, PLAN, **more)
    assert caught.value.code == "QC-K006"


def test_headings_and_retired_codes_are_not_suggested() -> None:
    codes = (
        Code("H", "Heading", codable=False, examples=typical(KETTLE)),
        Code("R", "Gone", status="retired", notes="no more", examples=typical(PLAN)),
    )
    assert coded(replace(EMPTY, codes=codes), KETTLE, PLAN) == []


def test_several_documents_are_coded_as_each_by_itself() -> None:
    bank = written(("A", "typical", KETTLE), ("B", "typical", PLAN))
    coder = ExemplarsCoder(EMPTY, bank=bank)
    documents = [
        said(KETTLE, "Nothing to say about that.", name="one"),
        said(PLAN, name="two"),
        said("Q: And you?", name="three"),
    ]
    together = coder.suggest(Corpus.of(documents))
    apart = [each for document in documents for each in coder.suggest(Corpus.of([document]))]
    assert [(each.document_id, each.code, each.span, each.rules) for each in together] == [
        (each.document_id, each.code, each.span, each.rules) for each in apart
    ]
    assert [each.score for each in together] == pytest.approx([each.score for each in apart], abs=1e-3)


def test_shards_and_a_stored_index_change_nothing(tmp_path: Path) -> None:
    coder = ExemplarsCoder(EMPTY, bank=written(("A", "typical", KETTLE), ("B", "typical", PLAN)))
    documents = (
        said(KETTLE, name="one"),
        said("Q: And you?", f"P: {PLAN}", name="two"),
        said(KETTLE, PLAN, name="three"),
    )
    whole = coder.suggest(Corpus.of(documents))
    TokenIndex.refresh(tmp_path, documents[:1])
    index = TokenIndex.refresh(tmp_path, documents)
    assert len(index.shards) == 2
    parted = coder.suggest(Corpus(documents, index))
    assert [(each.document_id, each.block, each.code, each.span, each.rules) for each in parted] == [
        (each.document_id, each.block, each.code, each.span, each.rules) for each in whole
    ]
    assert [each.code for each in whole] == ["A", "B", "A", "B"]


def test_suggestions_carry_all_that_made_them() -> None:
    document = said("Q: And then?", f"P: Oh. {KETTLE}")
    (found,) = ExemplarsCoder(EMPTY, bank=written(("A", "typical", KETTLE))).suggest(Corpus.of([document]))
    assert (found.coder, found.codebook, found.codebook_version, found.codebook_sha256) == (
        "exemplars",
        "plc",
        "1",
        "0" * 64,
    )
    assert document.quote(found.span) == found.quote == KETTLE
    assert document.text[: found.span.start].endswith(found.prefix)
    assert 0 < found.score <= 1
    assert found.document_sha256 == document.text_sha256


def test_the_same_again_is_the_same() -> None:
    bank = written(("A", "typical", KETTLE), ("B", "typical", PLAN), none=["It is what it is, you know."])
    turns = (f"{KETTLE} {PLAN}", "We planned on the Thursday.", "It is what it is.")
    assert coded(EMPTY, *turns, bank=bank) == coded(EMPTY, *turns, bank=bank)


def test_it_is_a_coder_like_the_others() -> None:
    assert "exemplars" in coder_names()
    coder = make_coder("exemplars", codebook=book(A=typical(KETTLE)), neighbours=0.25)
    assert isinstance(coder, Coder)
    assert coder.name == "exemplars"
    assert coder.fit(Corpus.of([])) is coder
    assert dict(coder.get_params()) == {
        "codebook": "plc", "codes": None, "bank": None, "neighbours": 0.25, "question": coder.get_params()["question"],
        "vectors": None, "encoder": None,
    }  # fmt: skip
    assert len(coder.suggest(Corpus.of([]))) == 0
    with pytest.raises(CodingError):
        make_coder("exemplars", codebook=book(), speed=3)


def test_a_book_of_turns_is_coded_by_turns() -> None:
    turn = f"It rained. {KETTLE}"
    found = coded(replace(EMPTY, unit="turn"), turn, bank=written(("A", "typical", KETTLE)))
    assert pairs(found) == [("A", turn)]


def test_an_empty_document_has_nothing() -> None:
    for turns in ((), ("Q: Hello?",), ("P: …",), ("P: [laughter]",)):
        document: Document = said(*turns)
        coder = ExemplarsCoder(EMPTY, bank=written(("A", "typical", KETTLE)))
        assert list(coder.suggest(Corpus.of([document]))) == []
