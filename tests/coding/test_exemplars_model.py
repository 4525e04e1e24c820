"""Inside the exemplars coder: features, kernel ridge regression, cuts, held-out scores, made-up talk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook import load_codebook
from qualcode.codebook.bank import load_bank
from qualcode.coding import Corpus, ExemplarsCoder, RulesCoder
from qualcode.coding.exemplars import model as model_module
from qualcode.coding.exemplars.material import OWN, Exemplar, exemplars_of
from qualcode.coding.exemplars.model import RIDGE, View, best_cut, learn
from qualcode.coding.exemplars.talk import strung
from qualcode.coding.features.context import see
from qualcode.coding.features.counts import LETTER_SHARE, count_units, letters_of
from qualcode.coding.features.texts import index_of
from qualcode.model.codes import Codebook
from qualcode.model.coding import Suggestion
from qualcode.project.coding import code_documents
from qualcode.project.settings import CoderRecipe
from tests.coding.books import book, code, said

VIEW = View("sentence", 0.5, 0.1)
TEXTS = [
    "She planned it with us.",
    "We planned it all on Thursday.",
    "It rained on the match again.",
    "Chips on a Friday, always.",
]


def vectors(texts: list[str]) -> np.ndarray:
    shard = index_of(texts).shards[0]
    counts, vocabulary = count_units(shard, "turn")
    return np.asarray(vocabulary.vectors(counts.words, counts.letters, counts.unknown).toarray())


def test_letters_are_those_inside_a_word_with_its_edges() -> None:
    assert letters_of("a") == [" a "]
    assert letters_of("cat") == [" ca", "cat", "at ", " cat", "cat ", " cat "]


def test_texts_have_length_one_and_are_most_like_themselves() -> None:
    alike = vectors(TEXTS) @ vectors(TEXTS).T
    assert np.diag(alike) == pytest.approx(np.ones(4), abs=1e-5)
    assert (alike >= -1e-6).all()
    assert alike[0, 1] > alike[0, 2]
    assert (alike - np.eye(4) < 0.99).all()


def test_inflected_forms_count_as_one_word() -> None:
    alike = vectors(["They plan lessons.", "He planned a lesson.", "They eat dinners."])
    assert (alike @ alike.T)[0, 1] > (alike @ alike.T)[0, 2]


def test_words_that_no_example_has_make_a_text_less_like_all_of_them() -> None:
    exemplars = [Exemplar("1", "We planned it together.", ("A",), "a")]
    found = learn(exemplars, ["A"], VIEW)

    def score(text: str) -> float:
        shard = Corpus.of([said(text)]).index.shards[0]
        seen = see(shard, "sentence", found.vocabulary, left_out=(), neighbours=0, question=0)
        return float(found.scores(seen.vectors)[0, 0])

    twin = score("We planned it together.")
    words = 1 - LETTER_SHARE  # letters need two examples to be known
    assert twin == pytest.approx(words / (words + RIDGE), abs=1e-3)
    assert twin > score("We planned it together on Zanzibar.") > score("We planned it in Zanzibar with Ptolemy.") > 0
    assert score("Zanzibar beckons, Ptolemy.") == 0


def test_weights_solve_the_ridge_equations() -> None:
    exemplars = [Exemplar(str(n), text, ("A",) if n < 2 else (), OWN) for n, text in enumerate(TEXTS)]
    found = learn(exemplars, ["A"], VIEW)
    kernel = (found.vectors @ found.vectors.T).toarray() + RIDGE * np.eye(4)
    assert kernel @ found.pull[:, 0] == pytest.approx([1, 1, 0, 0], abs=1e-4)
    assert (found.pull[:2, 0] > 0).all()
    assert (found.pull[2:, 0] < 0).all()


def test_held_out_scores_are_those_of_a_model_without_the_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["plan", "trust", "visit", "data", "parent", "budget", "garden", "choir"]
    exemplars = [
        Exemplar(f"{hand}{n}", f"{who} {verb} the {word} {when}.", ("A",) if n % 2 else ("B",), hand)
        for hand, who, verb, when in (("a", "We", "did", "today"), ("b", "They", "saw", "then"), ("c", "She", "kept", "once"))
        for n, word in enumerate(words)
    ]  # fmt: skip
    seen: list[np.ndarray] = []
    whole = model_module._tried

    def spied(*given: object) -> tuple[np.ndarray, np.ndarray]:
        found = whole(*given)  # type: ignore[arg-type]  # passed on as they come
        seen.append(found[0])
        return found

    monkeypatch.setattr(model_module, "_tried", spied)
    view = View("turn", 0.0, 0.0)
    everything = learn(exemplars, ["A", "B"], view)
    others = [each for each in exemplars if each.hand != "a"]
    rows = [n for n, each in enumerate(exemplars) if each.hand != "a"]
    mine = [n for n, each in enumerate(exemplars) if each.hand == "a"]
    kernel = (everything.vectors @ everything.vectors.T).toarray()
    targets = np.array([[name in each.codes for name in "AB"] for each in others], float)
    alone = np.linalg.solve(kernel[np.ix_(rows, rows)] + RIDGE * np.eye(len(rows)), targets)
    expected = kernel[np.ix_(mine, rows)] @ alone
    order = strung([exemplars[n] for n in mine], "a", single=True).rows
    assert seen[0][: len(mine)] == pytest.approx(expected[list(order)], abs=1e-3)


@pytest.mark.parametrize(
    ("scores", "right", "cut", "f1"),
    [
        ([0.9, 0.8, 0.3, 0.1], [1, 1, 0, 0], 0.55, 1.0),
        ([0.9, 0.8, 0.3, 0.1], [1, 0, 1, 0], 0.2, 0.8),
        ([0.5, 0.5, 0.1], [1, 0, 0], 0.3, 2 / 3),
        ([0.2], [1], 0.2, 1.0),
    ],
)
def test_the_best_cut_by_hand(scores: list[float], right: list[int], cut: float, f1: float) -> None:
    assert best_cut(np.array(scores), np.array(right, bool)) == pytest.approx((cut, f1))


def test_without_a_right_one_there_is_no_cut() -> None:
    cut, f1 = best_cut(np.array([0.4, 0.2]), np.zeros(2, bool))
    assert np.isnan(cut)
    assert f1 == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=25))
def test_no_other_cut_has_a_better_f1(rows: list[tuple[int, bool]]) -> None:
    scores, right = np.array([row[0] / 8 for row in rows]), np.array([row[1] for row in rows])
    cut, best = best_cut(scores, right)
    if not right.any():
        return

    def f1(at: float) -> float:
        taken = scores >= at
        return 2 * float((taken & right).sum()) / float(taken.sum() + right.sum())

    assert f1(cut) == pytest.approx(best)
    assert all(f1(at) <= best + 1e-12 for at in scores)


def test_talk_is_made_of_all_passages_and_half_of_it_carries_nothing() -> None:
    own = [Exemplar(str(n), f"Passage number {n} here.", ("A",), "a") for n in range(20)]
    own += [Exemplar(f"n{n}", f"Nothing number {n} there.", (), "a") for n in range(5)]
    own += [Exemplar("q", "What did you do?", (), "a", question=True)]
    talk = strung(own, "x")
    assert sorted(set(talk.rows)) == list(range(25))
    assert sum(not own[row].codes for row in talk.rows) == 20
    assert all(
        talk.document.text[at:].startswith(own[row].text) for at, row in zip(talk.starts, talk.rows, strict=True)
    )
    talk.document.check()
    asked = [block for block in talk.document.blocks if talk.document.role_of(block) == "interviewer"]
    assert {talk.document.quote(block.span) for block in asked} == {"What did you do?"}
    assert strung(own, "x").document == talk.document != strung(own, "y").document


def test_codebook_examples_and_bank_stand_side_by_side() -> None:
    shipped = load_codebook("hope-merged", queries=False)
    bank = load_bank(shipped)
    assert bank is not None
    found = exemplars_of(shipped, bank)
    assert len({each.id for each in found}) == len(found)
    assert sum(each.hand == OWN for each in found) > 500
    assert all(each.known == (each.hand != OWN) for each in found)


@pytest.fixture(scope="module")
def shipped() -> tuple[Codebook, ExemplarsCoder]:
    found = load_codebook("hope-merged", queries=False)
    return found, ExemplarsCoder(found)


def suggested(coder: ExemplarsCoder, *turns: str) -> list[Suggestion]:
    return list(coder.suggest(Corpus.of([said(*turns)])))


def test_the_shipped_bank_finds_what_rules_cannot(shipped: tuple[Codebook, ExemplarsCoder]) -> None:
    found, coder = shipped
    turn = "Somebody had my class covered before I was off the phone, and nobody asked when I'd be back."
    assert "B1" in {each.code for each in suggested(coder, turn)}
    assert list(RulesCoder(found).suggest(Corpus.of([said(turn)]))) == []


def test_the_shipped_bank_leaves_plain_talk_clean(shipped: tuple[Codebook, ExemplarsCoder]) -> None:
    _, coder = shipped
    assert (
        suggested(
            coder, "Do you want milk in that?", "Yeah, it is what it is, isn't it, really.", "The bus was late again."
        )
        == []
    )


def test_scores_and_thresholds_of_the_shipped_bank_are_in_their_limits(
    shipped: tuple[Codebook, ExemplarsCoder],
) -> None:
    _, coder = shipped
    found = suggested(
        coder, "Three priorities, with dates. Ofsted said we required improvement. They share planning in PPA."
    )
    assert {"A2", "E2"} <= {each.code for each in found}
    assert all(0 <= each.score <= 1 for each in found)
    assert len(coder.model.thresholds) == 33
    assert ((coder.model.thresholds >= 0.1) & (coder.model.thresholds <= 0.45)).all()
    assert coder.model.slope > 0


def test_an_example_written_into_the_shipped_bank_is_found_at_once(shipped: tuple[Codebook, ExemplarsCoder]) -> None:
    found, coder = shipped
    bank = load_bank(found)
    assert bank is not None
    turn = "The ukulele club goes on the patio whatever the weather is doing to the geraniums."
    assert suggested(coder, turn) == []
    more = replace(bank, examples=(*bank.examples, replace(bank.examples[0], id="mine", code="G3", also=(), text=turn)))
    (only,) = suggested(ExemplarsCoder(found, bank=more), turn)
    assert (only.code, only.rules[0]) == ("G3", "mine")


def test_a_recipe_may_name_rules_and_exemplars() -> None:
    codebook = book(code("A", "plan"), code("B", "trust"))
    corpus = Corpus.of([said("We plan on a Thursday.")])
    found = code_documents(
        corpus, codebook, coders=(CoderRecipe("rules"), CoderRecipe("exemplars", {"neighbours": 0.25}))
    )
    assert [(each.coder, each.code) for each in found] == [("rules", "A")]
