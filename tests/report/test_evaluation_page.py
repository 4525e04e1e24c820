"""The quality report as a page: golden, sound, safe, and plain about what the numbers cannot say."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from qualcode.analysis import Layer, study_of
from qualcode.analysis.evaluation import Evaluation, evaluate
from qualcode.analysis.evaluation.evaluated import Told
from qualcode.coding import Corpus
from qualcode.model.coding import Coding
from qualcode.report import Provenance
from qualcode.report.evaluation import EVALUATION_MARK, EvaluationPage, evaluation_html, evaluation_page
from qualcode.viz.evaluation import precision_recall, precision_recall_alt
from qualcode.viz.svg import to_svg
from tests.analysis.evaluating import BOOK, DOCUMENTS, HAND, MACHINE, both_layers, tiny_study
from tests.analysis.studies import coding_at, units_of
from tests.builders import document
from tests.report.pages import Page
from tests.report.test_browser import browser, opened  # noqa: F401 - a fixture

GOLDEN = Path(__file__).parent / "golden" / "pets-evaluation.html"
MADE_WITH = Provenance("0.0", "qualcode evaluate pets --page quality.html", {}, {"numpy": "2"})
TOLD = Told("the last run (rules)", "", "Ann", ())
NASTY = '<script>alert(1)</script></style>&amp; "quoted" {{7*7}} \u202e https:x'


def judged(hand: tuple[Coding, ...] = HAND, *, told: Told = TOLD, people: bool = True, **more: object) -> Evaluation:
    layers = both_layers()
    reference = replace(layers[0], codings=hand)
    others = [reference, Layer("Ben", reference.documents, HAND[:4])] if people else []
    index = Corpus.of(DOCUMENTS).index
    return evaluate(tiny_study(), reference, layers[1], people=others, index=index, told=told,
                    **{"replicates": 200, **more})  # type: ignore[arg-type]  # settings by name  # fmt: skip


def page_of(made: Evaluation) -> EvaluationPage:
    return evaluation_page(made, title="Pets", date="2026-11-22", made_with=MADE_WITH)


@pytest.fixture(scope="module")
def source() -> str:
    return evaluation_html(page_of(judged()))


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_the_page_is_the_golden_one(source: str) -> None:
    """After a change that is meant: ``QUALCODE_GOLDEN=write`` rewrites the file; read the difference."""
    normal = re.sub(r'src="data:[^"]*"', 'src="data:…"', source)
    if os.environ.get("QUALCODE_GOLDEN") == "write":
        GOLDEN.write_text(normal, encoding="utf-8")
    assert normal == GOLDEN.read_text(encoding="utf-8")


def test_the_page_is_sound_loads_nothing_and_runs_nothing(source: str, page: Page) -> None:
    assert page.faults == []
    assert not re.search(r"https?://|@import|url\(", source)
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _, _ in page.elements}
    assert not [name for _, attributes, _ in page.elements for name in attributes if name.startswith("on")]
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert str(policy).startswith("default-src 'none'")
    assert EVALUATION_MARK in source[:16_384]


def test_the_page_can_be_read_without_seeing_it(page: Page) -> None:
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert all(image.get("alt") for image in page.all("img"))
    assert all(cell.get("scope") in {"row", "col"} for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    ids = [str(attributes["id"]) for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in page.all("a")} <= set(ids)


def test_a_reader_in_a_hurry_is_told_how_good_it_is_and_on_what(page: Page) -> None:
    assert "Of 6 passages that the machine suggests, 3 are right" in page.text
    assert "Of 6 passages coded by hand, it finds 3" in page.text
    assert "Codes of which it finds nothing: A2 Cats and B Rain." in page.text
    assert "9 sentences of 2 interviews: one.txt and two.txt" in page.text
    assert "Ann (6 codings in 2" in page.text


def test_people_stand_beside_the_machine_or_it_is_said_that_nobody_knows(page: Page) -> None:
    assert "hand and Ben" in page.text
    alone = Page(evaluation_html(page_of(judged(people=False))))
    assert "nobody knows how far two people would agree" in alone.text


def test_codings_that_came_from_suggestions_are_told_loudly() -> None:
    hand = (replace(HAND[0], status="accepted", coder="rules"), *HAND[1:])
    text = Page(evaluation_html(page_of(judged(hand)))).text
    assert "Not an independent test. 1 of 6 codings by hand began as suggestions that somebody accepted." in text
    rejected = [replace(MACHINE[1], status="rejected")]
    assert (
        "Perhaps not an independent test. 1 suggestion"
        in Page(evaluation_html(page_of(judged(rejected=rejected)))).text
    )


def test_how_a_coder_that_learns_was_judged_is_told_at_the_top() -> None:
    learnt = "classifier learns from codings by hand (6 in all)."
    text = Page(evaluation_html(page_of(judged(told=replace(TOLD, learnt=learnt, notes=("A note.",)))))).text
    assert f"Learnt and judged apart. {learnt}" in text
    assert "To know. A note." in text


def test_what_to_mend_is_told_with_the_line_of_the_rule(page: Page) -> None:
    assert "B B-1rain pets.yaml:300 of 2" in page.text
    assert "never right" in page.text
    assert "2 of 5 rules never hit in what is compared" in page.text


def test_no_difference_no_intervals_no_machine() -> None:
    _, machine = both_layers()
    same = evaluate(tiny_study(), Layer("Ann", machine.documents, HAND), Layer("machine", machine.documents, HAND),
                    replicates=0)  # fmt: skip
    text = Page(evaluation_html(page_of(same))).text
    assert "There is no mistake" in text
    assert "No intervals were asked for." in text
    assert "Both are high on this material" in text
    nothing = evaluate(tiny_study(), Layer("Ann", machine.documents, ()), Layer("machine", machine.documents, ()))
    text = Page(evaluation_html(page_of(nothing))).text
    assert "The machine suggests nothing here." in text
    assert "Neither the hand nor the machine gave any code." in text


def nasty() -> Evaluation:
    made = document(f"{NASTY}.txt", [("<i>P</i>", "participant", f"Dogs {NASTY} bark. Cats purr.")])
    book = replace(BOOK, title=NASTY, codes=tuple(replace(code, label=f"{code.id} {NASTY}") for code in BOOK))
    span = replace(made.blocks[0].span, start=made.text.index("Dogs"))
    false = replace(coding_at(made, span, "A1", book=book, evidence="<script>", rule="<b>"), coder="<b>")
    hand = replace(coding_at(made, span, "A2", book=book), status="coded", coder="person", rule="")
    worked = frozenset({made.id})
    study = study_of([made], book, (), units={made.id: units_of(made)}, title=NASTY)
    told = Told(NASTY, NASTY, NASTY, (NASTY,))
    layers = (Layer("<b>Ann", worked, (hand,)), Layer("machine", worked, (false,)))
    return evaluate(study, *layers, people=[layers[0], Layer(NASTY, worked, ())], told=told, replicates=5)


def test_text_from_anywhere_never_becomes_markup(page: Page) -> None:
    source = evaluation_html(evaluation_page(nasty(), title=NASTY, date=NASTY, made_with=Provenance(NASTY, NASTY)))
    found = Page(source)
    assert found.faults == []
    assert {tag for tag, _, _ in found.elements} <= {tag for tag, _, _ in page.elements}
    assert source.count("</style>") == 1
    assert "{{7*7}}" in found.text
    assert "\u202e" not in source


def test_the_figure_is_the_same_every_time_and_says_what_it_shows() -> None:
    made = judged()
    assert to_svg(precision_recall(made)) == to_svg(precision_recall(made))
    told = precision_recall_alt(made)
    assert "A1 (3 of 4 right, 3 of 3 found)" in told
    assert "Never found: A2, B." in told


@pytest.mark.browser
@pytest.mark.parametrize("width", [420, 1100])
def test_the_page_never_scrolls_sideways_and_asks_for_nothing(browser, tmp_path: Path, width: int) -> None:  # noqa: F811
    path = tmp_path / "quality.html"
    path.write_text(evaluation_html(page_of(judged())), encoding="utf-8")
    shown, asked = opened(browser, path, width=width, script=True)
    assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert [each for each in asked if not each.startswith("data:")] == [path.as_uri()]
    assert shown.get_by_role("heading", name="What to mend").is_visible()


def test_rules_that_hit_nothing_at_all_are_told_and_without_rules_nothing_is_said_of_them() -> None:
    hand, machine = both_layers()
    silent = replace(machine, codings=())
    rules = evaluate(tiny_study(), hand, silent, coders=["rules"], replicates=0, told=TOLD)
    page = page_of(rules)
    assert page.dead_told.startswith("5 of 5 rules never hit in what is compared.")
    assert [each.code for each in page.dead] == ["A1", "A2", "B"]
    other = page_of(evaluate(tiny_study(), hand, silent, coders=["llm"], replicates=0, told=TOLD))
    assert (other.dead_told, other.dead) == ("Rules had no part in what is judged.", ())


def test_people_who_accepted_suggestions_are_no_independent_people() -> None:
    hand, machine = both_layers()
    ben = Layer("Ben", hand.documents, (replace(HAND[0], status="accepted"), HAND[1]))
    heads = dict(page_of(evaluate(tiny_study(), hand, machine, people=[hand, ben], replicates=0, told=TOLD)).notices)
    assert "Not an independent test." not in heads
    assert heads["Not independent people."].startswith("1 of 2 codings of Ben began as suggestions")


def test_a_table_says_that_nobody_knows_how_it_came_about() -> None:
    told = replace(TOLD, origin="a table: it does not say who coded")
    assert dict(page_of(judged(told=told)).facts)["Held against"].endswith("; a table: it does not say who coded")


def test_a_whole_model_is_no_rule_to_mend() -> None:
    hand, machine = both_layers()
    said = tuple(replace(each, coder="classifier", rule="classifier") for each in machine.codings)
    made = evaluate(tiny_study(), hand, replace(machine, codings=said), replicates=0, told=TOLD)
    assert any(each.verdict for each in made.sources)
    assert page_of(made).rules == ()
