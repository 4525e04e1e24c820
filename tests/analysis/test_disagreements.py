"""The work-list of disagreements, and the codes that are taken for one another."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from qualcode.analysis import Layer, Study, agreement, confusions, disagreements
from qualcode.errors import AnalysisError
from tests.analysis.layers import layered
from tests.analysis.studies import BOOK, coding, study
from tests.builders import document

ONE = document(
    "one",
    [
        ("INT", "interviewer", "Is there trust?"),
        ("P1", "participant", "There is trust. And a plan. We wait."),
        ("P2", "participant", "It rains. We plan."),
    ],
)
TWO = document("two", [("P1", "participant", "Nobody kept a promise.")])
BOTH = frozenset({"one", "two"})


def layers() -> list[Layer]:
    ann = (coding(ONE, "And a plan.", "A1"), coding(ONE, "We plan.", "A1"), coding(ONE, "There is trust.", "B1"))
    ben = (coding(ONE, "And a plan.", "A2"), coding(ONE, "We plan.", "A2"), coding(ONE, "There is trust.", "B1"),
           coding(TWO, "Nobody kept", "B11"))  # fmt: skip
    return [Layer("Ann", BOTH, ann), Layer("Ben", BOTH, ben), Layer("Cat", frozenset({"one"}), ann[:1])]


def test_each_disputed_unit_stands_with_its_words_and_everybodys_codes() -> None:
    table = disagreements(study([ONE, TWO], []), layers(), codes=["A2"])
    lines = [tuple(line.values()) for line in table]
    start = ONE.text.index("And a plan.")
    assert lines[0] == (
        "A2", "Goals", 2, "one", 1, "P1", start, start + 11, "And a plan.", "no", "yes", "no",
        "Ann: A1 | Ben: A2 | Cat: A1",
    )  # fmt: skip
    assert [line["speaker"] for line in table] == ["P1", "P2"]


def test_the_most_disputed_codes_come_first_and_a_heading_only_where_no_code_below_explains_it() -> None:
    table = disagreements(study([ONE, TWO], []), layers())
    assert [(line["code"], line["disputed"]) for line in table] == [
        ("A1", 2), ("A1", 2), ("A2", 2), ("A2", 2), ("B1", 1), ("B11", 1),
    ]  # fmt: skip
    apart = [Layer("Ann", BOTH, (coding(ONE, "We wait.", "B"),)), Layer("Ben", BOTH)]
    assert disagreements(study([ONE, TWO], []), apart).column("code") == ("B",)


def test_a_code_disputed_more_often_comes_before_one_higher_in_the_book() -> None:
    ann = (coding(ONE, "And a plan.", "A1"), coding(ONE, "We wait.", "C"), coding(ONE, "It rains.", "C"))
    table = disagreements(study([ONE, TWO], []), [Layer("Ann", BOTH, ann), Layer("Ben", BOTH)])
    assert table.column("code") == ("C", "C", "A1")
    assert table.column("text")[:2] == ("We wait.", "It rains.")


def test_two_who_agree_are_in_no_dispute_because_a_third_is_away() -> None:
    promise = (coding(TWO, "Nobody kept", "B11"),)
    several = [Layer("Ann", BOTH, promise), Layer("Ben", BOTH, promise), Layer("Cat", frozenset({"one"}))]
    assert len(disagreements(study([ONE, TWO], []), several)) == 0


def test_a_coder_who_did_not_work_through_the_document_has_a_dash_and_disputes_nothing() -> None:
    table = disagreements(study([ONE, TWO], []), layers())
    (line,) = [line for line in table if line["document"] == "two"]
    assert (line["Ann"], line["Ben"], line["Cat"]) == ("no", "yes", "—")
    assert line["codes"] == "Ann: no code | Ben: B11 | Cat: —"
    alone = [layers()[1], layers()[2]]
    assert "two" not in disagreements(study([ONE, TWO], []), alone).column("document")


def test_confused_codes_are_counted_by_pair_of_coders() -> None:
    table = confusions(study([ONE, TWO], []), layers())
    assert [(line["first"], line["first_code"], line["second"], line["second_code"], line["units"]) for line in table] == [
        ("Ann", "A1", "Ben", "A2", 2), ("Ben", "A2", "Cat", "A1", 1),
    ]  # fmt: skip
    notes = disagreements(study([ONE, TWO], []), layers()).notes
    assert "Ann A1 where Ben A2 (2)" in notes[-1]


def test_a_coder_with_the_name_of_a_column_keeps_a_column() -> None:
    named = [replace(layer, coder=name) for layer, name in zip(layers(), ("text", "codes", "Cat"), strict=True)]
    columns = [column.name for column in disagreements(study([ONE, TWO], []), named).columns]
    assert columns[-4:] == ["text (coder)", "codes (coder)", "Cat", "codes"]


def test_documents_are_compared_whole_and_single_characters_are_refused() -> None:
    made = study([ONE, TWO], [])
    table = disagreements(made, layers(), level="document", codes=["B11"])
    assert [(line["document"], line["block"], line["text"]) for line in table] == [("two", None, "")]
    with pytest.raises(AnalysisError, match=r"QC-A032.*sentence"):
        disagreements(made, layers(), level="character")
    with pytest.raises(AnalysisError, match="QC-A031"):
        confusions(made, [])


def test_who_agrees_or_is_alone_has_nothing_to_discuss() -> None:
    made = study([ONE, TWO], [])
    for some in (
        [layers()[0]],
        [layers()[0], replace(layers()[0], coder="Ben")],
        [Layer("Ann", BOTH), Layer("Ben", BOTH)],
    ):
        assert len(disagreements(made, some)) == 0
        assert len(confusions(made, some)) == 0


@settings(max_examples=40, deadline=None)
@given(layered())
def test_the_list_holds_each_unit_and_code_in_dispute_once(made: tuple[Study, list[Layer]]) -> None:
    found, several = made
    table = disagreements(found, several)
    listed = Counter((line["code"], line["document"], line["start"]) for line in table)
    assert max(listed.values(), default=1) == 1
    names = {case.id: case.name for case in found.cases}
    want = set()
    for code in BOOK:
        under = {code.id, *(each.id for each in BOOK.descendants(code.id))}
        for name, units in found.units.items():
            present = [layer for layer in several if name in layer.documents]
            for unit in units:
                block = next(each for each in found.documents[name].blocks if each.span.contains(unit))
                said = {
                    any(each.document_id == name and each.code in under and each.status != "rejected"
                        and each.span.overlaps(unit) for each in layer.codings)
                    for layer in present
                }  # fmt: skip
                if said == {True, False} and found.documents[name].role_of(block) != "interviewer":
                    want.add((code.id, names[name], unit.start))
    assert set(listed) <= want
    covered = {key for code in BOOK for key in want if key[0] == code.id
               and (key in listed or any((each.id, *key[1:]) in listed for each in BOOK.descendants(code.id)))}  # fmt: skip
    assert covered == want


@settings(max_examples=30, deadline=None)
@given(layered(most=2))
def test_for_two_coders_the_lowest_codes_list_what_percent_agreement_misses(made: tuple[Study, list[Layer]]) -> None:
    found, several = made
    listed = Counter(line["code"] for line in disagreements(found, several))
    for line in agreement(found, several, codes=["A1", "A2", "B11", "C"], measures=["percent"], replicates=0):
        if line["code"] and line["units"]:
            assert listed[line["code"]] == round((1 - float(line["percent"] or 0)) * int(line["units"] or 0))


@settings(max_examples=30, deadline=None)
@given(layered())
def test_confusions_are_the_same_whoever_is_named_first(made: tuple[Study, list[Layer]]) -> None:
    found, several = made

    def told(order: list[Layer]) -> set[tuple[frozenset[tuple[object, object]], object]]:
        return {
            (frozenset({(line["first"], line["first_code"]), (line["second"], line["second_code"])}), line["units"])
            for line in confusions(found, order)
        }

    assert told(several) == told(several[::-1])
