"""What the rules coder proposes, case by case: scores, passages, parents, exclusions, filters, facets, evidence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.coding import Corpus, RulesCoder, Suggestions
from qualcode.coding.rules.apply import rule_hits
from qualcode.coding.rules.coder import code_index
from qualcode.coding.rules.compile import compile_codebook
from qualcode.errors import CodingError
from qualcode.model.codes import Facet
from qualcode.model.coding import CONTEXT_LENGTH
from qualcode.query.engine import Evaluator
from qualcode.text import TokenIndex
from tests.builders import document
from tests.coding.books import STANCE, book, code, coded, quotes, rule, said
from tests.text.speech import speech

# --- scores --------------------------------------------------------------------------------------


def scores(combine: Any, *weights: float, **more: Any) -> list[float]:
    """Return the score of a sentence whose words carry these weights, ``[]`` when it is not proposed."""
    words = ["zero", "one", "two", "three", "four"]
    rules = [rule(f'"{word}"', weight=weight) for word, weight in zip(words, weights, strict=False)]
    found = coded(book(code("A", *rules), combine=combine, **more), "And " + " ".join(words[: len(weights)]) + ".")
    return [each.score for each in found]


@pytest.mark.parametrize(
    ("combine", "weights", "score"),
    [
        ("max", (1.0,), [1.0]), ("max", (0.3, 0.7), [0.7]), ("max", (0.5,), [0.5]), ("max", (0.49,), []),
        ("max", (0.3, 0.4), []), ("max", (1.0, -0.3), [0.7]), ("max", (1.0, -0.3, -0.4), [0.6]), ("max", (-1.0,), []),
        ("max", (0.8, -0.4), []),
        ("sum", (0.3, 0.3), [0.6]), ("sum", (0.2, 0.2), []), ("sum", (0.9, 0.9), [1.0]), ("sum", (0.9, -0.2), [0.7]),
        ("sum", (0.9, -0.5), []), ("sum", (0.1, 0.2, 0.2), [0.5]),
        ("noisy_or", (0.3, 0.3), [0.51]), ("noisy_or", (0.3, 0.2), []), ("noisy_or", (0.5, 0.5), [0.75]),
        ("noisy_or", (0.5, 0.5, -0.2), [0.55]), ("noisy_or", (1.0, 0.4), [1.0]), ("noisy_or", (1.0, -0.6), []),
        ("noisy_or", (0.6, -0.05, -0.05), [0.5]),
    ],
)  # fmt: skip
def test_weights_become_a_score_and_the_threshold_decides(
    combine: str, weights: tuple[float, ...], score: list[float]
) -> None:
    assert scores(combine, *weights) == score


def test_a_code_can_have_its_own_threshold_and_combination() -> None:
    codebook = book(
        code("A", rule("one", weight=0.3), rule("two", weight=0.3)),
        code("B", rule("one", weight=0.3, id="b1"), rule("two", weight=0.3, id="b2"), combine="sum"),
        code("C", rule("one", weight=0.3, id="c1"), threshold=0.3),
    )
    assert [(each.code, each.score) for each in coded(codebook, "One and two.")] == [("B", 0.6), ("C", 0.3)]


def test_every_hit_of_a_rule_adds_to_a_sum() -> None:
    codebook = book(code("A", rule("plan", weight=0.3)), combine="sum")
    assert [
        (each.quote, each.score) for each in coded(codebook, "We plan. We plan plans. No plan, plan, plan, plan.")
    ] == [("We plan plans. No plan, plan, plan, plan.", 1.0)]


def test_scores_are_made_for_sentences_or_for_the_unit_of_the_book() -> None:
    rules = (rule("plan", weight=0.3), rule("share", weight=0.3), rule("late", weight=-0.2))
    turns = ("We plan. It is fine. We share.", "We plan. Too late. We share.", "We plan. We go.")
    assert coded(book(code("A", *rules), combine="sum"), *turns) == []
    assert quotes(coded(book(code("A", *rules), combine="sum", unit="turn"), *turns)) == [
        ("A", "We plan."),
        ("A", "We share."),
    ]
    paragraphs = "We plan. We share.\n\nWe plan."
    assert quotes(coded(book(code("A", *rules), combine="sum", unit="passage"), paragraphs)) == [
        ("A", "We plan. We share.")
    ]


def test_a_sentence_that_only_speaks_against_a_code_is_not_coded_with_its_turn() -> None:
    rules = (rule("plan", weight=0.9), rule("late", weight=-0.2))
    found = coded(book(code("A", *rules), combine="sum", unit="turn"), "We plan. Too late. So.")
    assert quotes(found) == [("A", "We plan.")]
    assert found[0].score == 0.7


def test_what_speaks_against_a_code_is_no_evidence_for_it() -> None:
    rules = (
        rule("plan", set={"time": "now"}),
        rule("late", weight=-0.2, set={"time": "past", "stance": "absent"}),
        rule("soon", weight=0.0, set={"time": "intended"}),
    )
    facets = (STANCE, Facet("time", ("past", "now", "intended")))
    (found,) = coded(book(code("A", *rules), facets=facets), "We plan late.")
    assert (found.rules, found.score, dict(found.facets)) == (("plan",), 0.8, {"stance": "present", "time": "now"})
    (found,) = coded(book(code("A", *rules), facets=facets), "We plan soon.")
    assert (found.rules, found.score, found.facets["time"]) == (("plan", "soon"), 1.0, "intended")
    assert coded(book(code("A", *rules), facets=facets), "Soon.") == []


# --- passages ------------------------------------------------------------------------------------


def test_a_passage_is_the_whole_sentence_joined_with_its_neighbours() -> None:
    codebook = book(code("A", "plan"))
    assert quotes(coded(codebook, "So. We plan. They planned! It went. Plans?", "Plan. Yes.", "Plan.")) == [
        ("A", "We plan. They planned!"), ("A", "Plans?"), ("A", "Plan."), ("A", "Plan."),
    ]  # fmt: skip


def test_a_hit_over_several_sentences_carries_them_all() -> None:
    codebook = book(code("A", "plan BEFORE/9 share"), code("B", "go"))
    assert quotes(coded(codebook, "So. We plan it. And we go. Then we share. So.")) == [
        ("A", "We plan it. And we go. Then we share."), ("B", "And we go."),
    ]  # fmt: skip
    assert quotes(coded(codebook, "We plan. We share. We plan. So we share.")) == [
        ("A", "We plan. We share. We plan. So we share.")
    ]


def test_a_passage_may_end_in_quotes_and_begins_with_its_first_word() -> None:
    assert quotes(coded(book(code("A", "plan")), "[pause] \u201cWe plan.\u201d So he said.")) == [
        ("A", "\u201cWe plan.\u201d")
    ]


def test_the_score_of_a_passage_is_the_best_of_its_sentences() -> None:
    (found,) = coded(
        book(code("A", rule("plan", weight=0.6), rule("share", weight=0.9))), "We plan. We share. We plan."
    )
    assert found.score == 0.9
    assert found.rules == ("share", "plan"), "best first"


def test_context_is_kept_so_that_a_quote_can_be_found_again() -> None:
    (found,) = coded(book(code("A", "plan")), "x" * 60 + ". We plan. " + "y" * 60)
    assert found.quote == "We plan."
    assert found.prefix == "x" * 30 + ". "
    assert found.suffix == " " + "y" * 31
    assert CONTEXT_LENGTH == 32
    (short,) = coded(book(code("A", "plan")), "plan")
    assert (short.prefix, short.suffix) == ("P: ", "\n\n")


# --- who and where -------------------------------------------------------------------------------


def test_interviewers_are_context_unless_the_book_says_otherwise() -> None:
    codebook = book(code("A", "plan"))
    turns = ("Q: Did you plan?", "P: We planned.")
    assert quotes(coded(codebook, *turns)) == [("A", "We planned.")]
    assert quotes(coded(replace(codebook, roles_left_out=()), *turns)) == [("A", "Did you plan?"), ("A", "We planned.")]
    assert quotes(coded(replace(codebook, roles_left_out=("participant",)), *turns)) == [("A", "Did you plan?")]


def test_only_speech_is_coded() -> None:
    turns = [
        ("", "unknown", f"plan {kind}", kind)
        for kind in ("turn", "unattributed", "heading", "question", "note", "meta", "stage", "legend")
    ]
    assert quotes(coded(book(code("A", "plan")), document("d", turns))) == [
        ("A", "plan turn"),
        ("A", "plan unattributed"),
    ]
    assert quotes(coded(book(code("A", "plan"), roles_left_out=("unknown",)), document("d", turns))) == []


def test_codes_that_are_headings_or_retired_or_without_rules_propose_nothing() -> None:
    codebook = book(
        code("A", "plan", codable=False),
        code("B", "plan", status="retired"),
        code("C"),
        code("D", "plan", status="draft"),
    )
    assert quotes(coded(codebook, "We plan.")) == [("D", "We plan.")]


# --- parents and exclusions ----------------------------------------------------------------------


def test_a_parent_leaves_a_sentence_to_its_child() -> None:
    codebook = book(
        code("A", "plan"), code("A1", "plan together", parent="A"), code("A11", "plan together again", parent="A1")
    )
    assert quotes(coded(codebook, "We plan. We plan together. We plan together again. We planned.")) == [
        ("A", "We plan."), ("A1", "We plan together."), ("A11", "We plan together again."), ("A", "We planned."),
    ]  # fmt: skip


def test_a_parent_stays_where_the_child_does_not_reach_its_threshold() -> None:
    codebook = book(code("A", "plan"), code("A1", rule("plan together", weight=0.4), parent="A"))
    assert quotes(coded(codebook, "We plan together.")) == [("A", "We plan together.")]


def test_a_parent_leaves_what_any_sentence_of_the_childs_hit_touches() -> None:
    codebook = book(code("A", "share | (share BEFORE/9 end)"), code("A1", "plan BEFORE/4 share", parent="A"))
    assert quotes(coded(codebook, "We plan. We share. So it goes. Share.")) == [
        ("A1", "We plan. We share."),
        ("A", "Share."),
    ]
    assert quotes(coded(codebook, "Share. So we end. Go.")) == [("A", "Share. So we end.")]
    other = book(code("A", "go BEFORE/9 plan"), code("A1", "plan", parent="A"))
    assert quotes(coded(other, "We go. We plan.")) == [("A1", "We plan.")]


def test_a_code_excludes_another_from_its_sentences() -> None:
    codebook = book(code("A", "plan"), code("B", "plan together", excludes=("A",)))
    assert quotes(coded(codebook, "We plan. We plan together.")) == [("A", "We plan."), ("B", "We plan together.")]
    assert quotes(coded(replace(codebook, codes=codebook.codes[::-1]), "We plan together.")) == [
        ("B", "We plan together.")
    ]


def test_codes_that_exclude_each_other_do_not_both_vanish() -> None:
    codebook = book(code("A", "plan", excludes=("B",)), code("B", "together", excludes=("A",)))
    assert quotes(coded(codebook, "We plan together. Together. Plan.")) == [
        ("A", "We plan together."), ("B", "Together."), ("A", "Plan."),
    ]  # fmt: skip


def test_exclusions_in_a_ring_leave_no_two_codes_on_one_sentence() -> None:
    codebook = book(
        code("A", "one", excludes=("B",)), code("B", "two", excludes=("C",)), code("C", "three", excludes=("A",))
    )
    for words in ("One two.", "Two three.", "Three one.", "One two three."):
        assert len(coded(codebook, words)) == 1, words


def test_a_code_that_gave_way_takes_nothing_from_others() -> None:
    codebook = book(code("A", "plan"), code("A1", "plan together", parent="A"), code("B", "late", excludes=("A1",)))
    assert quotes(coded(codebook, "We plan together late.")) == [
        ("A", "We plan together late."),
        ("B", "We plan together late."),
    ]


# --- code: ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["B", "b", '"Label of B"', '"label of b"', "C", '"Label of C"'])
def test_a_rule_can_look_only_in_text_coded_otherwise_by_id_or_label_or_parent(name: str) -> None:
    codebook = book(code("A", f"plan code:{name}"), code("C", codable=False), code("B", "together", parent="C"))
    assert quotes(coded(codebook, "We plan. Fine. We plan together.")) == [
        ("A", "We plan together."), ("B", "We plan together."),
    ]  # fmt: skip


def test_labels_with_curly_quotes_and_dashes_can_be_named() -> None:
    codebook = book(code("A", 'plan code:"Staff\'s say-so"'), code("B", "together", label="Staff\u2019s say\u2013so"))
    assert [each.code for each in coded(codebook, "We plan together.")] == ["A", "B"]


def test_code_filters_can_be_chained_negated_and_hidden_in_word_lists() -> None:
    codebook = book(
        code("A", "plan code:B"), code("B", "plan code:C"), code("C", "together"), code("D", "plan NOT code:C"),
        code("E", "$listed"), lexicons={"listed": ("plan code:F",)},
    )  # fmt: skip
    codebook = replace(codebook, codes=(*codebook.codes, code("F", "late")))
    assert [each.code for each in coded(codebook, "We plan together. Fine. We plan. Fine. We plan late.")] == [
        "A", "B", "C", "D", "D", "E", "F",
    ]  # fmt: skip


def test_text_that_a_code_had_to_leave_is_not_coded_so() -> None:
    codebook = book(code("A", "plan code:B"), code("B", "together"), code("C", "late", excludes=("B",)))
    assert [each.code for each in coded(codebook, "We plan together late.")] == ["C"]


# --- tokens: -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ([{"LEMMA": "take"}, {"LOWER": "it"}, {"LOWER": "on"}], ["took it on", "takes it on"]),
        ([{"LOWER": {"IN": ["took", "takes"]}}], ["took", "takes"]),
        ([{"LEMMA": "take"}, {"OP": "?"}, {"ORTH": "On"}], []),
        ([{"LOWER": "we"}, {"OP": "*"}, {"LOWER": "on"}], ["We took it on"]),
        ([{"LOWER": "she"}, {"LEMMA": "take", "OP": "{1,2}"}], ["She takes"]),
        ([{"IS_TITLE": True}], ["We", "Fine", "She", "Don"]),
        ([{"POS": "VERB"}], []),
        ([{"POS": "VERB", "OP": "?"}, {"LOWER": "took"}], ["took"]),
        ([{"LEMMA": {"REGEX": "^ta"}}, {"LOWER": "it"}], ["took it", "takes it"]),
        ([{"LOWER": {"NOT_IN": ["we"]}}, {"LOWER": "took"}], []),
        ([{"LOWER": "n\u2019t"}], []),
    ],
)
def test_token_patterns_match_as_spacy_matches(pattern: list[dict[str, Any]], found: list[str]) -> None:
    codebook = book(code("A", rule(tokens=tuple(pattern))))
    text = said("We took it on. Fine.", "She takes it on. Don goes.")
    suggestions = coded(codebook, text)
    assert [text.quote(span) for each in suggestions for span in each.evidence] == found


@settings(max_examples=60, deadline=None)
@given(speech, st.sampled_from(["we", "it", "no", "said", "I", "kids", "n't", "and"]), st.booleans())
def test_the_gate_of_token_patterns_loses_nothing(text: str, word: str, lemma: bool) -> None:
    patterns = [
        [{"LEMMA" if lemma else "LOWER": word.lower()}, {"IS_PUNCT": False}],
        [{"IS_PUNCT": True, "OP": "?"}, {"LEMMA" if lemma else "ORTH": word}],
        [{"LOWER": {"IN": [word.lower(), "the"]}, "OP": "+"}],
        [{"LOWER": word.lower()}, {"LOWER": "zebra", "OP": "?"}],
        [{"LOWER": word.lower()}, {"ORTH": "zebra", "OP": "!"}, {"LEMMA": "zebra", "OP": "*"}],
    ]
    found = document("d", [("P", "participant", text or "we")])
    shard = TokenIndex.build([found]).shards[0]
    for pattern in patterns:
        plan = compile_codebook(book(code("A", rule(tokens=tuple(pattern))))).codes[0].rules[0]
        assert plan.gate
        gated = rule_hits(shard, plan, Evaluator(shard), "all")
        open_gate = rule_hits(shard, replace(plan, gate=()), Evaluator(shard), "all")
        assert (gated.starts.tolist(), gated.ends.tolist()) == (open_gate.starts.tolist(), open_gate.ends.tolist())


def test_overlapping_matches_of_a_token_pattern_follow_the_book() -> None:
    pattern = rule(tokens=({"LOWER": "very", "OP": "+"}, {"LOWER": "good", "OP": "?"}))
    text = said("A very very good plan.")
    spans = {}
    for overlaps in ("longest", "all"):
        shard = TokenIndex.build([text]).shards[0]
        plan = compile_codebook(book(code("A", pattern), overlaps=overlaps))
        spans[overlaps] = len(rule_hits(shard, plan.codes[0].rules[0], Evaluator(shard), plan.overlaps))
    assert spans == {"longest": 1, "all": 5}


def test_a_pattern_that_spacy_refuses_is_an_error_that_says_so() -> None:
    for pattern in ({"LEMA": "take"}, {"LEMMA": 3}, {"_": {"odd": True}}):
        with pytest.raises(CodingError, match="QC-K010") as caught:
            coded(book(code("A", rule(tokens=(pattern,)))), "We take it on.")
        assert caught.value.hint


# --- units, overlaps, facets, evidence -----------------------------------------------------------


def test_a_rule_can_have_a_unit_of_its_own() -> None:
    turn = "We plan. Nobody came. We share."
    assert quotes(coded(book(code("A", "plan AND share")), turn)) == []
    assert quotes(coded(book(code("A", rule("plan AND share", unit="turn"))), turn)) == [
        ("A", "We plan."),
        ("A", "We share."),
    ]
    assert quotes(coded(book(code("A", rule("plan NOT share", unit="sentence")), unit="turn"), turn)) == [
        ("A", "We plan.")
    ]
    assert quotes(coded(book(code("A", "plan NOT share"), unit="turn"), turn)) == []


def test_overlapping_hits_of_one_rule_compete_and_those_of_two_rules_do_not() -> None:
    codebook = book(
        code("A", rule("plan | plan together", id="r", weight=0.3), rule("together", weight=0.3)),
        combine="sum",
        threshold=0.6,
    )
    assert [each.score for each in coded(codebook, "We plan together.")] == [0.6]
    assert [each.score for each in coded(replace(codebook, overlaps="all"), "We plan together.")] == [0.9]


def test_facets_have_defaults_and_rules_set_them() -> None:
    facets = (STANCE, Facet("time", ("past", "now"), "now"), Facet("scope", ("leader", "staff")))
    codebook = book(code("A", rule("plan", set={"time": "past"}), rule("share", set={"scope": "staff"})), facets=facets)
    assert [dict(each.facets) for each in coded(codebook, "We plan.", "We share.", "We plan. We share.")] == [
        {"stance": "present", "time": "past"},
        {"stance": "present", "time": "now", "scope": "staff"},
        {"stance": "present", "time": "past", "scope": "staff"},
    ]


def test_a_book_with_facets_but_no_stance_has_none() -> None:
    assert coded(book(code("A", "plan"), facets=(Facet("time", ("past",)),)), "We never plan.")[0].facets == {}
    assert coded(book(code("A", "plan"), facets=()), "We never plan.")[0].facets == {"stance": "absent"}


def test_evidence_is_the_matched_words_and_overlaps_are_one() -> None:
    text = said("So we plan and plan together, staff and all. Plan!")
    codebook = book(code("A", "plan", "plan together", "together NEAR/3 staff", '"all"'))
    (found,) = coded(codebook, text)
    assert [text.quote(span) for span in found.evidence] == ["plan", "plan together, staff", "all", "Plan"]
    assert found.rules == ("A-1", "A-2", "A-3", "A-4")
    text = said("We don't.")
    (found,) = coded(book(code("A", '"do"', '"n\'t"')), text)
    assert [text.quote(span) for span in found.evidence] == ["do", "n't"], "they touch, they do not overlap"


@settings(max_examples=60, deadline=None)
@given(st.lists(speech.filter(str.strip), min_size=1, max_size=3))
def test_evidence_reads_back_as_the_words_that_the_rule_asks_for(turns: list[str]) -> None:
    text = document("d", [("P", "participant", turn) for turn in turns])
    for found in coded(book(code("A", '"we"'), code("B", '"the kids"'), code("C", "//o[a-z]s//")), text):
        wanted = {"A": r"we", "B": r"the kids", "C": r".*o[a-z]s.*"}[found.code]
        assert found.evidence
        for span in found.evidence:
            assert re.fullmatch(wanted, text.quote(span), re.IGNORECASE | re.DOTALL)
            assert found.span.contains(span)


def test_a_suggestion_says_which_book_made_it() -> None:
    (found,) = coded(book(code("A", "plan"), sha256="abc"), said("We plan.", name="x"))
    assert (found.codebook, found.codebook_version, found.codebook_sha256, found.coder) == ("book", "1", "abc", "rules")
    assert (found.document_id, found.block) == ("x", 0)


# --- empty, wrong --------------------------------------------------------------------------------


def test_nothing_in_nothing_out() -> None:
    assert coded(book(), "We plan.") == []
    assert list(RulesCoder(book(code("A", "plan"))).suggest(Corpus.of([]))) == []
    assert coded(book(code("A", "plan")), said()) == []
    assert coded(book(code("A", "plan")), document("d", [("P", "participant", "[pause]")])) == []
    assert coded(book(code("A", "plan"), cues={}), "We plan.")[0].facets == {"stance": "present"}


def test_suggestions_are_a_sequence_in_document_order() -> None:
    documents = [said("We plan. So. We plan.", name="z"), said("Plan.", name="a")]
    found = RulesCoder(book(code("B", "plan"), code("A", "plan"))).suggest(Corpus.of(documents))
    assert isinstance(found, Suggestions)
    assert len(found) == 6
    assert [(each.document_id, each.code, each.quote) for each in found] == [
        ("z", "B", "We plan."), ("z", "A", "We plan."), ("z", "B", "We plan."), ("z", "A", "We plan."),
        ("a", "B", "Plan."), ("a", "A", "Plan."),
    ]  # fmt: skip
    assert found[0] is found.items[0]
    assert list(found[1:3]) == list(found)[1:3]


def test_a_code_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CodingError, match="QC-K003"):
        coded(book(code("A", "plan")), "We plan.", codes=("B",))
    assert coded(book(code("A", "plan"), code("B", "we")), "We plan.", codes=()) == []


@pytest.mark.parametrize(
    "broken",
    [rule('"', id="r"), rule("code:", id="r"), rule("$none", id="r"), rule("plan", id="r", stance={"absent": ("(",)})],
)
def test_a_rule_that_does_not_parse_is_an_error_that_names_it(broken: Any) -> None:
    with pytest.raises(CodingError, match=r"QC-K011.* r ") as caught:
        coded(book(code("A", broken)), "We plan.")
    assert caught.value.__cause__ is not None


def test_several_processes_need_a_stored_index() -> None:
    documents = [said("We plan.", name=name) for name in "ab"]
    index = TokenIndex([*TokenIndex.build(documents[:1]).shards, *TokenIndex.build(documents[1:]).shards])
    plan = compile_codebook(book(code("A", "plan")))
    with pytest.raises(CodingError, match="QC-K004"):
        list(code_index(index, plan, processes=2))
    assert [len(each) for each in code_index(index, plan)] == [1, 1]
    assert len(list(code_index(TokenIndex.build(documents), plan, processes=2))) == 1, "one shard needs no pool"


def test_the_coder_names_itself_and_its_parameters() -> None:
    coder = RulesCoder(book(code("A", "plan")), codes=("A",), processes=3)
    assert (coder.name, coder.get_params()) == ("rules", {"codebook": "book", "codes": ("A",), "processes": 3})
    assert coder.fit(Corpus.of([])) is coder
