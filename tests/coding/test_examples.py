"""A codebook's examples as tests: typical ones must be hit, near-misses must not, atypical ones are welcome."""

from __future__ import annotations

from qualcode.coding.rules.examples import ExampleReport, ExampleRow, run_examples
from qualcode.model.codes import Code, Example, Examples
from tests.coding.books import book, code, rule


def examples(*, typical: tuple[str, ...] = (), atypical: tuple[str, ...] = (), near: tuple[str, ...] = ()) -> Examples:
    return Examples(
        *(tuple(Example(text, line=number) for number, text in enumerate(texts)) for texts in (typical, atypical, near))
    )


def outcomes(report: ExampleReport) -> list[tuple[str, str, bool | None, bool, bool]]:
    return [(row.code, row.kind, row.expected, row.hit, row.passed) for row in report.rows]


TRUST = code(
    "A", rule("trust", id="A-1"),
    examples=examples(
        typical=("We trust each other.", "They rely on us."), atypical=("I have their backs. Trust me.", "I have their backs."),
        near=("The lads argued.", "The trust took over."),
    ),
)  # fmt: skip


def test_each_example_is_run_against_its_own_code() -> None:
    report = run_examples(book(TRUST))
    assert outcomes(report) == [
        ("A", "typical", True, True, True),
        ("A", "typical", True, False, False),
        ("A", "atypical", None, True, True),
        ("A", "atypical", None, False, True),
        ("A", "near_miss", False, False, True),
        ("A", "near_miss", False, True, False),
    ]
    assert [row.text for row in report.misses] == ["They rely on us."]
    assert [row.text for row in report.false_hits] == ["The trust took over."]
    assert [report.counts(kind) for kind in ("typical", "atypical", "near_miss")] == [(1, 2), (1, 2), (1, 2)]
    assert not report.passed
    assert [row.line for row in report.rows] == [0, 1, 0, 1, 0, 1]
    assert report.rows[0].rules == ("A-1",)


def test_a_report_passes_when_everything_comes_out_as_expected() -> None:
    good = code("A", "trust", examples=examples(typical=("We trust.",), atypical=("We do.",), near=("We go.",)))
    assert run_examples(book(good)).passed
    assert run_examples(book()).passed
    assert run_examples(book(Code("A", "A"))).rows == ()


def test_other_codes_that_speak_are_named() -> None:
    other = code("B", "each other", "we", examples=examples(near=("We trust.",)))
    report = run_examples(book(TRUST, other))
    assert next((row.code, row.also) for row in report.rows) == ("A", ("B",))
    assert report.rows[-1].also == ("A",)
    only = run_examples(book(TRUST, other), "B")
    assert [(row.code, row.hit) for row in only.rows] == [("B", True)]


def test_a_child_that_takes_its_parents_example_is_a_miss_of_the_parent() -> None:
    parent = code("A", "trust", examples=examples(typical=("We trust staff.",)))
    report = run_examples(book(parent, code("A1", "trust staff", parent="A")))
    assert [(row.hit, row.also) for row in report.rows] == [(False, ("A1",))]


def test_codes_without_rules_wait_for_other_coders() -> None:
    report = run_examples(book(code("A", examples=examples(typical=("We trust.",), near=("We go.",)))))
    assert [(row.expected, row.hit, row.passed) for row in report.rows] == [(None, False, True), (None, False, True)]
    assert report.passed


def test_headings_have_no_examples_to_run() -> None:
    assert run_examples(book(code("A", "trust", codable=False, examples=examples(typical=("We trust.",))))).rows == ()


def test_the_question_before_an_example_is_heard_by_it_and_by_no_other() -> None:
    asked = Example("It was fine.", question="How was the trust between you?")
    unasked = Example("It was fine.")
    found = code(
        "A", "fine after:trust", examples=Examples(typical=(asked, unasked), near_miss=(unasked, asked, unasked))
    )
    report = run_examples(book(found))
    assert [row.hit for row in report.rows] == [True, False, False, True, False]


def test_the_question_itself_is_never_coded() -> None:
    asked = Example("It was fine.", question="How was the trust between you?")
    found = code("A", "trust", examples=Examples(near_miss=(asked,)))
    assert [row.hit for row in run_examples(book(found)).rows] == [False]
    assert [row.hit for row in run_examples(book(found, roles_left_out=())).rows] == [False]


def test_examples_of_several_sentences_and_paragraphs_are_one_turn() -> None:
    found = code(
        "A",
        rule("plan AND share", unit="turn"),
        examples=examples(typical=("We plan.\n\nQ: We share.", "We plan", "We share")),
    )
    assert [row.hit for row in run_examples(book(found)).rows] == [True, False, False]


def test_a_row_passes_when_outcome_and_expectation_agree() -> None:
    def row(expected: bool | None, hit: bool) -> bool:
        return ExampleRow("A", "typical", "text", expected, hit, (), ()).passed

    assert [row(True, True), row(True, False), row(False, False), row(False, True), row(None, True)] == [
        True, False, True, False, True,
    ]  # fmt: skip
