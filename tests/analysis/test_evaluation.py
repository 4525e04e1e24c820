"""An evaluation counted on fingers, and what holds for any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from qualcode.analysis import Layer, Study, agreement, study_of
from qualcode.analysis.evaluation import Evaluation, evaluate, evaluation_table, evaluation_tables
from qualcode.analysis.evaluation.grid import grid_of
from qualcode.analysis.evaluation.scores import Score
from qualcode.analysis.evaluation.sources import BROAD, DEAD, ELSEWHERE, NEVER_RIGHT, Source
from qualcode.analysis.evaluation.terms import NEVER_HITS, NEVER_SAID
from qualcode.analysis.levels import counted_units
from qualcode.coding import Corpus
from qualcode.errors import AnalysisError, StatisticsError
from qualcode.model.codes import Rule
from tests.analysis.evaluating import BOOK, DOCUMENTS, HAND, MACHINE, both_layers, of, rules, tiny_study
from tests.analysis.layers import layered
from tests.builders import document


def judged(hand: Layer | None = None, machine: Layer | None = None, **more: object) -> Evaluation:
    layers = both_layers()
    return evaluate(tiny_study(), hand or layers[0], machine or layers[1], **{"replicates": 50, **more})  # type: ignore[arg-type]


def score(made: Evaluation, code: str, kind: str = "code") -> Score:
    return next(each for each in made.scores if (each.code, each.kind) == (code, kind))


def source(made: Evaluation, rule: str) -> Source:
    return next(each for each in made.sources if each.id == rule)


def value(of_: Score, name: str) -> float | None:
    return of_.measures[name].value


def test_units_of_a_code_are_counted_as_on_fingers() -> None:
    # A1 by hand: dog, rained, hound, fought; by machine: dog, bark, hound, fought; both: 3 of 9 sentences
    a1 = score(judged(), "A1")
    assert (a1.units, a1.hand, a1.machine, a1.both) == (9, 4, 4, 3)
    assert value(a1, "precision") == pytest.approx(3 / 4)
    assert value(a1, "recall") == pytest.approx(3 / 4)
    assert value(a1, "f1") == pytest.approx(3 / 4)
    # Po = 7/9, Pe = (16 + 25) / 81
    assert value(a1, "kappa") == pytest.approx((63 - 41) / (81 - 41))
    # o01 = 2, n1 = 8, n0 = 10, n = 18
    assert value(a1, "alpha") == pytest.approx(1 - 17 * 2 / 80)
    # ranked .9 right, .8 right, .7 wrong, .6 right, the other five as one: 1/4 (1 + 1 + 3/4 + 4/9)
    assert value(a1, "average_precision") == pytest.approx((1 + 1 + 3 / 4 + 4 / 9) / 4)


def test_a_code_that_only_one_side_has() -> None:
    made = judged()
    a2, b = score(made, "A2"), score(made, "B")
    assert (a2.hand, a2.machine, a2.both) == (2, 0, 0)
    assert (value(a2, "precision"), value(a2, "recall"), value(a2, "f1")) == (None, 0.0, 0.0)
    assert (b.hand, b.machine, b.both) == (1, 2, 0)
    assert (value(b, "precision"), value(b, "recall"), value(b, "f1")) == (0.0, 0.0, 0.0)


def test_a_branch_has_what_any_of_its_codes_has() -> None:
    branch = score(judged(), "A", "branch")
    # by hand: dog, rained, cat slept, hound, fought; by machine: dog, bark, hound, fought
    assert (branch.hand, branch.machine, branch.both) == (5, 4, 3)


def test_pooled_and_mean_over_the_codes() -> None:
    made = judged()
    assert (made.micro.units, made.micro.hand, made.micro.machine, made.micro.both) == (27, 7, 6, 3)
    assert value(made.micro, "precision") == pytest.approx(3 / 6)
    assert value(made.micro, "recall") == pytest.approx(3 / 7)
    assert value(made.macro, "recall") == pytest.approx(3 / 4 / 3)
    assert value(made.macro, "precision") == pytest.approx((3 / 4 + 0) / 2)
    assert made.macro.over["precision"] == 2
    assert made.macro.over["f1"] == 3


def test_passages_are_right_or_found_when_one_of_the_code_overlaps_them() -> None:
    made = judged()
    whole = made.whole
    assert (whole.machine, whole.right, whole.hand, whole.found) == (6, 3, 6, 3)
    a1 = next(each for each in made.passages if each.code == "A1")
    assert (a1.machine, a1.right, a1.hand, a1.found) == (4, 3, 3, 3)
    assert a1.measures["precision"].value == pytest.approx(3 / 4)
    assert a1.measures["recall"].value == 1.0
    assert a1.measures["f1"].value == pytest.approx(6 / 7)


def test_two_coders_passages_of_one_code_that_overlap_are_one() -> None:
    _hand, machine = both_layers()
    second = of("one.txt", "dog sat. It rained", "A1", rule="x", score=0.3, status="suggested", coder="exemplars")
    made = judged(machine=replace(machine, codings=(*MACHINE, second)))
    assert made.whole.machine == 6
    passage = next(each for each in made.grid.passages[1] if len(each.codings) == 2)
    assert (passage.score, passage.met) == (0.9, True)


def test_talk_without_a_code_and_stance() -> None:
    made = judged()
    # without a code by hand: bark, went home, the rain came in, nobody minded; coded: bark, the rain
    assert (made.clean, made.coded_clean) == (4, 2)
    assert (made.same_stance, made.with_stance) == (2, 3)


def test_codings_that_came_from_suggestions_are_counted() -> None:
    assert judged().independent
    hand, _ = both_layers()
    accepted = replace(HAND[0], status="accepted", coder="rules")
    moved = replace(HAND[1], status="coded", coder="rules")
    made = judged(hand=replace(hand, codings=(accepted, moved, *HAND[2:])))
    assert made.from_suggestions == 2
    assert any("no independent test" in note for note in evaluation_table(made).notes)


def test_rejected_codings_take_no_part() -> None:
    _hand, machine = both_layers()
    no = tuple(replace(each, status="rejected") for each in MACHINE)
    made = judged(machine=replace(machine, codings=(*MACHINE, *no)))
    assert made.whole == judged().whole


def test_interviewers_words_take_no_part() -> None:
    _hand, machine = both_layers()
    asked = of("one.txt", "A dog?", "A1", rule="A1-1", score=0.9, status="suggested", coder="rules")
    made = judged(machine=replace(machine, codings=(*MACHINE, asked)))
    assert made.whole == judged().whole
    assert made.grid.outside == 1


def test_documents_that_nobody_worked_through_by_hand_take_no_part() -> None:
    hand, _machine = both_layers()
    made = judged(hand=replace(hand, documents=frozenset({"one.txt"})))
    assert made.grid.documents == ("one.txt",)
    assert (made.whole.machine, made.whole.right, made.whole.hand) == (4, 2, 4)
    assert source(made, "A1-1").elsewhere == 1
    with pytest.raises(AnalysisError, match="QC-A070"):
        judged(hand=replace(hand, documents=frozenset()))


def test_confusions_carry_a_passage() -> None:
    (one,) = judged().confusions
    assert (one.hand_code, one.machine_code, one.units) == ("A2", "B", 1)
    assert DOCUMENTS[0].quote(one.span) == "The cat slept."
    assert one.passage is not None
    assert one.passage.rule == "B-1"


def test_mistakes_stand_with_what_the_other_side_says() -> None:
    made = judged()
    found = [(each.kind, each.code, DOCUMENTS[each.document_id == "two.txt"].quote(each.span), each.other, each.rules)
             for each in made.mistakes]  # fmt: skip
    assert found == [
        ("false", "A1", "The tree has bark.", (), "A1-2"),
        ("missed", "A2", "The cat slept.", ("B",), ""),
        ("missed", "A2", "The dog and the cat fought.", ("A1",), ""),
        ("false", "B", "The rain came in.", (), "B-1"),
        ("false", "B", "The cat slept.", ("A2",), "B-1"),
        ("missed", "B", "It rained hard.", (), ""),
    ]


def test_rules_are_told_dead_never_right_and_what_they_are_worth() -> None:
    made = judged()
    dogs = source(made, "A1-1")
    assert (dogs.passages, dogs.right, dogs.false, dogs.alone, dogs.verdict) == (3, 3, 0, 2, "")
    assert dogs.place == "pets.yaml:12"
    bark = source(made, "A1-2")
    assert (bark.passages, bark.right, bark.alone, bark.share_of_false) == (2, 1, 1, 1.0)
    assert bark.f1 == pytest.approx(3 / 4)
    assert bark.f1_without == pytest.approx(6 / 7)  # 3 of 3 right, 3 of 4 found
    assert source(made, "B-1").verdict == NEVER_RIGHT
    assert source(made, "A2-1").verdict == DEAD


def test_a_rule_that_hits_only_in_other_transcripts_is_not_dead() -> None:
    hand, machine = both_layers()
    made = judged(hand=replace(hand, documents=frozenset({"one.txt"})),
                  machine=replace(machine, codings=(*MACHINE, rules("two.txt", "The rain came in.", "A2", "A2-2"))))  # fmt: skip
    assert source(made, "A2-2").verdict == ELSEWHERE


def test_three_false_and_more_false_than_right_is_over_broad() -> None:
    _hand, machine = both_layers()
    places = ["It rained hard.", "The tree has bark.", "We went home.", "My hound ran off."]
    broad = tuple(rules("one.txt", each, "A2", "A2-1") for each in places)
    right = rules("one.txt", "The cat slept.", "A2", "A2-1")
    made = judged(machine=replace(machine, codings=(*broad, right)))
    assert (source(made, "A2-1").false, source(made, "A2-1").verdict) == (4, BROAD)


def test_rejections_are_counted_with_their_rules() -> None:
    no = replace(MACHINE[1], status="rejected")
    made = judged(rejected=[no])
    assert source(made, "A1-2").rejected == 1
    assert made.turned_down == 1


def test_alternatives_inside_rules_are_tried_one_by_one() -> None:
    made = judged(index=Corpus.of(DOCUMENTS).index)
    found = {(each.rule, each.text): (each.said, each.hits, each.passages, each.right, each.verdict)
             for each in made.terms}  # fmt: skip
    assert found[("A1-1", "dog")] == (2, 2, 2, 2, "")  # the interviewer's dog is not counted
    assert found[("A1-1", "hound")] == (1, 1, 1, 1, "")


def test_an_alternative_that_is_said_but_not_where_the_rule_needs_it() -> None:
    rule = Rule("A1-1", "(dog | hound | wolf) NEAR/2 (sat | fought | $verbs)", line=1)
    codes = tuple(replace(code, rules=(rule,) if code.id == "A1" else ()) for code in BOOK)
    book = replace(BOOK, codes=codes, lexicons={"verbs": ("slept", "howled")})
    index = Corpus.of(DOCUMENTS).index
    study = study_of(DOCUMENTS, book, (), units={d.id: index.unit_spans(d.id) for d in DOCUMENTS})
    made = evaluate(study, *both_layers(), index=index, replicates=0)
    found = {(each.rule, each.text): each.verdict for each in made.terms}
    assert found == {
        ("A1-1", "dog"): "",
        ("A1-1", "hound"): NEVER_HITS,
        ("A1-1", "wolf"): NEVER_SAID,
        ("A1-1", "sat"): "",
        ("A1-1", "fought"): NEVER_HITS,
        ("A1-1", "$verbs"): NEVER_HITS,
        ("$verbs", "slept"): "",
        ("$verbs", "howled"): NEVER_SAID,
    }


def test_pairs_of_codes_stand_by_hand_and_by_machine() -> None:
    hand, _machine = both_layers()
    with_b = tuple(replace(each, code="B") for each in HAND if each.code == "A1")
    made = judged(hand=replace(hand, codings=(*HAND, *with_b)))
    pair = next(each for each in made.together if (each.first, each.second) == ("A1", "B"))
    assert (pair.hand_both, pair.hand_jaccard, pair.machine_both) == (4, 1.0, 0)
    assert pair.always == "hand: A1 with B in 4 of 4; hand: B with A1 in 4 of 4"


def test_people_stand_beside_the_machine() -> None:
    hand, _machine = both_layers()
    ben = Layer("ben", hand.documents, HAND[:3])
    made = judged(people=[hand, ben])
    assert [(each.first, each.second, each.kind) for each in made.pairs] == [
        ("hand", "ben", "two people"), ("hand", "machine", "person and machine"), ("ben", "machine", "person and machine"),
    ]  # fmt: skip
    micro = next(each for each in made.pairs[0].scores if each.kind == "micro")
    assert (micro.hand, micro.machine, micro.both) == (7, 4, 4)
    assert judged(people=[hand]).pairs == ()


def test_a_person_who_read_less_is_compared_on_that_alone() -> None:
    hand, _machine = both_layers()
    ben = Layer("ben", frozenset({"two.txt"}), ())
    made = judged(people=[hand, ben])
    assert [each.documents for each in made.pairs] == [1, 2, 1]
    assert next(each for each in made.pairs[0].scores if each.kind == "micro").units == 9  # 3 sentences, 3 codes


def test_only_some_codes() -> None:
    made = judged(codes=["Animals"])
    assert made.grid.codes == ("A1", "A2")
    assert (made.micro.hand, made.micro.machine) == (6, 4)
    with pytest.raises(AnalysisError, match="QC-A003"):
        judged(codes=["Ants"])


@pytest.mark.parametrize(("level", "units"), [("sentence", 9), ("turn", 3), ("document", 2), ("token", 32)])
def test_any_level_but_single_characters(level: str, units: int) -> None:
    made = judged(level=level)
    assert len(made.grid.document) == units
    assert made.micro.units == 3 * units
    with pytest.raises(AnalysisError, match="QC-A032"):
        judged(level="character")


def test_samples_are_drawn_of_turns_until_there_are_six_transcripts() -> None:
    assert judged().sampled == "turn"
    assert any("Fewer than 6 transcripts" in note for note in evaluation_table(judged()).notes)
    six = [document(f"d{n}", [("P", "participant", "The dog sat. It rained.")]) for n in range(6)]
    from tests.analysis.studies import coding_at, study

    codings = tuple(coding_at(each, each.blocks[0].span, "A1", book=BOOK) for each in six)
    worked = frozenset(each.id for each in six)
    made = evaluate(study(six, (), BOOK), Layer("hand", worked, codings), Layer("machine", worked, codings[:3]))
    assert made.sampled == "transcript"
    recall = score(made, "A1").measures["recall"]
    assert recall.value == pytest.approx(0.5)
    assert recall.low is not None
    assert recall.low < 0.5


def test_the_same_seed_gives_the_same_and_no_replicates_no_intervals() -> None:
    tables = [[each.to_csv() for each in evaluation_tables(judged(seed=5))] for _ in range(2)]
    assert tables[0] == tables[1]
    assert score(judged(replicates=0), "A1").measures["f1"].low is None
    for wrong in ({"replicates": 1}, {"seed": -1}, {"confidence": 1.0}):
        with pytest.raises(StatisticsError, match="QC-N012"):
            judged(**wrong)


def test_without_scores_nothing_is_ranked() -> None:
    _, machine = both_layers()
    made = judged(machine=replace(machine, codings=tuple(replace(each, score=None) for each in MACHINE)))
    assert made.ranking == ""
    assert value(score(made, "A1"), "average_precision") is None


def test_every_table_is_sound_and_says_what_it_was_made_from() -> None:
    tables = evaluation_tables(judged(index=Corpus.of(DOCUMENTS).index))
    assert [each.name for each in tables] == [
        "evaluation", "evaluation_people", "evaluation_rules", "evaluation_terms", "evaluation_pairs",
        "evaluation_confusions", "evaluation_mistakes",
    ]  # fmt: skip
    for table in tables:
        assert table.provenance["machine"] == "machine"
        assert table.to_text()
        assert table.to_json()


def test_nothing_by_the_machine_and_nothing_by_hand() -> None:
    hand, machine = both_layers()
    nothing = judged(machine=replace(machine, codings=()))
    assert (nothing.whole.machine, nothing.whole.found) == (0, 0)
    assert nothing.whole.measures["f1"].value == 0.0
    assert nothing.sources == ()
    empty = judged(hand=replace(hand, codings=()), machine=replace(machine, codings=()))
    assert empty.whole.measures["f1"].value is None
    assert [len(table) for table in evaluation_tables(empty)] == [6, 0, 0, 0, 0, 0, 0]
    assert set(evaluation_table(empty).column("reason")) >= {"neither has it"}


@given(layered(least=2, most=3))
@settings(max_examples=40)
def test_what_holds_for_any_layers(drawn: tuple[Study, list[Layer]]) -> None:
    study, layers = drawn
    hand, machine = layers[0], replace(layers[1], machine=True)
    shared = hand.documents & machine.documents
    if not any(units for name, units in counted_units(study, "sentence").items() if name in shared):
        return  # nothing is said there that counts
    made = evaluate(study, hand, machine, people=layers[2:], replicates=20)
    codes = [each for each in made.scores if each.kind == "code"]
    for name in ("hand", "machine", "both"):
        assert sum(getattr(each, name) for each in codes) == getattr(made.micro, name)
    for each in codes:
        assert each.both <= min(each.hand, each.machine)
        assert max(each.hand, each.machine) <= each.units
        for measure in each.measures.values():
            if measure.low is not None and measure.high is not None:
                assert measure.low <= measure.high
    whole = made.whole
    mistakes = [each.kind for each in made.mistakes]
    assert whole.machine - whole.right == mistakes.count("false")
    assert whole.hand - whole.found == mistakes.count("missed")
    other = evaluate(study, replace(machine, machine=False), replace(hand, machine=True), replicates=0)
    assert made.micro.measures["f1"].value == pytest.approx(other.micro.measures["f1"].value)
    assert made.micro.measures["precision"].value == pytest.approx(other.micro.measures["recall"].value)
    table = agreement(made.grid.study, [hand, machine], measures=["cohen", "krippendorff"], replicates=0)
    agreed = {row["code"]: row for row in table if row["code"]}
    for each in codes:
        if not study.codebook.children(each.code):
            assert each.measures["kappa"].value == pytest.approx(agreed[each.code]["kappa"])
            assert each.measures["alpha"].value == pytest.approx(agreed[each.code]["alpha"])


def test_a_grid_without_a_unit_in_common_is_refused() -> None:
    hand, machine = both_layers()
    with pytest.raises(AnalysisError, match="QC-A070"):
        grid_of(tiny_study(), [hand, replace(machine, documents=frozenset({"three"}))], "sentence")


def test_average_precision_over_all_codes_is_that_of_one_ranking_of_all_pairs() -> None:
    from sklearn.metrics import average_precision_score

    hand, machine = both_layers()
    made = evaluate(tiny_study(), hand, machine, replicates=50)
    truth = made.grid.marks[hand.coder]
    scores = np.full(truth.shape, -1.0)
    for each in made.grid.kept(machine):
        for unit in made.grid.touched(each):
            at = made.grid.codes.index(each.code)
            scores[unit, at] = max(scores[unit, at], each.score or 0.0)
    expected = average_precision_score(truth.ravel(), scores.ravel())
    assert made.micro.measures["average_precision"].value == pytest.approx(expected)
