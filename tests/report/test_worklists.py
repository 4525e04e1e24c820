"""The two work-lists: what they say of lost codings and of differing readings, and that the pages are sound."""

from __future__ import annotations

import doctest
import re
import shlex
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.analysis.disagreements import disagreements
from qualcode.model.codes import Guidance
from qualcode.model.document import Span
from qualcode.model.ledger import Judgement, Memo, Verdict, passage_at
from qualcode.report import commands as commands_module
from qualcode.report import wordchanges
from qualcode.report.commands import Commands
from qualcode.report.orphans import Lost
from qualcode.report.scenes import scene_of, words_alone
from qualcode.report.wordchanges import word_changes
from qualcode.report.worklists import (
    DISAGREEMENTS_MARK,
    ORPHANS_MARK,
    OrphansPage,
    disagreements_html,
    orphans_html,
)
from qualcode.review.conflicts import conflicts_of
from tests.builders import document
from tests.report.fixture import BOOK
from tests.report.lists import NOW, OLD, at, differing_page, judged, lost_page, study_and_layers
from tests.report.pages import Page
from tests.report.test_page import NASTY, contrast

CSS = Path(__file__).parents[2] / "qualcode" / "report" / "templates"
TRUST = "We trust each other now."


def typed(command: tuple[str, ...] | None) -> str:
    assert command is not None
    return " ".join(command)


# --- words, scenes, commands


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (wordchanges, commands_module):
        assert doctest.testmod(module).failed == 0


@given(
    st.lists(st.sampled_from("a b c d e".split()), max_size=12),
    st.lists(st.sampled_from("a b c x".split()), max_size=12),
)
def test_changes_hold_all_old_and_all_new_words_in_order(old: list[str], new: list[str]) -> None:
    found = word_changes(" ".join(old), "\n ".join(new))
    assert " ".join(each.text for each in found if each.kind != "new").split() == old
    assert " ".join(each.text for each in found if each.kind != "old").split() == new
    assert all(each.text for each in found)


def test_texts_with_very_many_other_words_stand_one_after_the_other() -> None:
    old, new = " ".join(f"o{n}" for n in range(2000)), " ".join(f"n{n}" for n in range(2000))
    assert [each.kind for each in word_changes(f"Yes {old} end.", f"Yes {new} end.")] == ["same", "old", "new", "same"]


def test_a_scene_shows_the_whole_turn_and_the_question_before() -> None:
    scene = scene_of(OLD, at(OLD, "It took a year, mind."))
    assert (
        "".join(piece.text for piece in scene.pieces)
        == "We trust each other now. It took a year, mind. The rain came in."
    )
    assert [piece.text for piece in scene.pieces if piece.marked] == ["It took a year, mind."]
    assert scene.speaker == "Head"
    assert scene.before == ("Interviewer", "Tell me about trust.")
    assert scene.place == "turn 1, characters 66–87"


@given(st.integers(0, 60), st.integers(1, 30), st.integers(0, 8))
def test_a_scene_never_cuts_the_passage_and_shows_nothing_that_is_not_there(start: int, size: int, room: int) -> None:
    first = OLD.blocks[1].label_span
    assert first is not None
    span = Span(first.end + start % 40, min(first.end + start % 40 + size, OLD.blocks[1].span.end))
    scene = scene_of(OLD, span, room=room or 1)
    assert [piece.text for piece in scene.pieces if piece.marked] == [OLD.quote(span)]
    shown = "".join(piece.text for piece in scene.pieces).removeprefix("[…] ").removesuffix(" […]")
    assert shown in OLD.text


def test_a_long_turn_is_cut_on_both_sides_and_says_so() -> None:
    made = document("long", [("A", "participant", " ".join(f"w{n}" for n in range(300)))])
    scene = scene_of(made, at(made, "w150 w151"))
    assert [piece.text.split()[0] for piece in scene.pieces] == ["[…]", "w150", "w152"]
    assert scene.pieces[-1].text.endswith("w196 […]")
    assert scene.before == ("", "")


def test_words_without_their_text_stand_in_what_was_kept_around_them() -> None:
    assert [piece.text for piece in words_alone("now", "ther ", ". It").pieces] == ["…ther ", "now", ". It…"]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_shell_reads_a_command_word_for_word(name: str) -> None:
    line = typed(Commands(name, "book").line("place", "id", "--document", name))
    assert shlex.split(line) == ["qualcode", "place", name, "id", "--document", name, "--codebook", "book"]


def test_blanks_are_quoted_so_that_every_shell_understands() -> None:
    assert typed(Commands("my study").line("undo")) == 'qualcode undo "my study"'


# --- codings that lost their place


def lost(person: str = "Maya", code: str = "B1", *, alike: tuple[float, ...] = (0.93,), **more: str) -> Lost:
    """Return a coding of the words of :data:`TRUST`, with proposals in the edited text."""
    places = [at(NOW, "We do trust each other, now."), at(NOW, "We trust each other, now.")]
    offered = tuple((passage_at(NOW, place), one) for place, one in zip(places, alike, strict=False))
    return Lost(
        judged(OLD, TRUST, code, person, orphan="Its words were changed.", **more), "hill.txt", OLD, NOW, offered
    )  # type: ignore[arg-type]


def test_a_lost_coding_stands_in_its_old_words_beside_the_new_ones() -> None:
    page = lost_page([lost(reason="They say so.")])
    ((item,),) = (group.passages for group in page.groups)
    assert "".join(piece.text for piece in item.old.pieces).startswith(TRUST)
    (coding,) = item.codings
    assert (coding.code, coding.label, coding.reason) == ("B1", "Trust", "They say so.")
    assert coding.decided == "Accepted by Maya, 20 November 2026"
    assert coding.origin == "suggested by rules (B1-1)"
    (way,) = item.ways
    assert way.alike == "93%"
    assert [(each.kind, each.text) for each in way.changes] == [
        ("same", "We"), ("new", "do"), ("same", "trust each"), ("old", "other"), ("new", "other,"), ("same", "now.")
    ]  # fmt: skip
    assert [typed(each) for each in way.commands] == [
        "qualcode place study Maya.B1.41 --span 41:69 --document hill.txt"
    ]
    assert typed(coding.uncode) == "qualcode uncode study --id Maya.B1.41"
    assert not way.rival


def test_codings_on_the_same_words_stand_together_and_have_a_command_each() -> None:
    page = lost_page([lost("Tom", "A1"), lost("Maya"), lost("Tom")])
    ((item,),) = (group.passages for group in page.groups)
    assert item.codes == ("A1", "B1")
    assert [each.person for each in item.codings] == ["Tom", "Maya", "Tom"]
    assert len(item.ways[0].commands) == 3
    assert page.codings == 3
    assert ("Without a place", "3 codings on 1 passage, in 1 document") in page.facts


def test_likely_places_are_counted_and_places_that_are_as_like_are_told() -> None:
    page = lost_page([lost("A", alike=(0.95, 0.95)), lost("B", alike=(0.91, 0.7)), lost("C", alike=(0.899,)),
                      lost("D", alike=())])  # fmt: skip
    assert (page.likely, page.doubtful, page.least) == (2, 1, "90%")
    assert typed(page.take) == "qualcode place study --proposed 0.9"
    rivals = {item.codings[0].person: [way.rival for way in item.ways] for item in page.groups[0].passages}
    assert rivals == {"A": [True, True], "B": [False, True], "C": [False], "D": []}


def test_likeness_is_rounded_down() -> None:
    shown = [lost_page([lost(alike=(one,))]).groups[0].passages[0].ways[0].alike for one in (0.999, 1.0, 0.87, 0.29)]
    assert shown == ["99%", "100%", "87%", "29%"]


def test_a_document_that_is_gone_offers_nothing_but_taking_back() -> None:
    gone = replace(lost(alike=()), present=None, old=None)
    page = lost_page([gone])
    assert not page.groups[0].present
    (item,) = page.groups[0].passages
    assert (item.ways, item.elsewhere) == ((), ())
    assert [piece.text for piece in item.old.pieces if piece.marked] == [TRUST]
    assert "The project no longer has this transcript" in Page(orphans_html(page)).text


def test_what_was_settled_is_not_taken_back_by_one_person() -> None:
    page = lost_page([lost(layer="settled")])
    (coding,) = page.groups[0].passages[0].codings
    assert coding.uncode is None
    assert coding.decided == "Settled as right by Maya, 20 November 2026"
    assert "qualcode uncode" not in Page(orphans_html(page)).text


def test_notes_stand_with_their_coding_and_lost_notes_in_a_list_of_their_own() -> None:
    coding = lost()
    about = Memo("m1", "Tom", "2026-11-20", "theory", "coding", "Is this still trust?", coding.judgement.id)
    alone = Memo("m2", "Tom", "2026-11-20", "method", "span", "Listen again.", "", passage_at(OLD, at(OLD, "The rain")),
                 "Its words were deleted.")  # fmt: skip
    page = lost_page([coding], memos=[about, alone])
    assert page.groups[0].passages[0].codings[0].notes == ("Is this still trust? (Tom)",)
    assert [(each.text, each.quote) for each in page.notes] == [("Listen again.", "The rain")]
    assert "Listen again." in Page(orphans_html(page)).text


def test_with_nothing_lost_the_page_says_so() -> None:
    text = Page(orphans_html(lost_page([]))).text
    assert "Nothing is lost." in text
    assert "qualcode place" not in text


# --- passages on which coders differ


def test_a_passage_shows_both_readings_with_reason_facets_and_memos() -> None:
    yes = judged(OLD, TRUST, "B1", "Maya", facets={"stance": "present"})
    no = judged(OLD, TRUST, "B1", "Tom", "rejected", reason="Only a word.")
    page = differing_page([yes, no], memos=[Memo("m", "Maya", "", "theory", "coding", "Ask Ros.", yes.id)])
    (group,) = page.groups
    (item,) = group.passages
    maya, tom = item.readings
    assert [(each.id, each.verdict, each.facets, each.notes) for each in maya.answers] == [
        ("B1", "accepted", "stance: present", ("Ask Ros. (Maya)",))
    ]
    assert [(each.rejected, each.reason) for each in tom.answers] == [(True, "Only a word.")]
    (settling,) = item.settling
    assert settling.express
    assert re.fullmatch("c[0-9a-f]{11}", settling.id)
    assert typed(settling.reject) == f"qualcode adjudicate study {settling.id} --reject"
    assert item.scene.before == ("Interviewer", "Tell me about trust.")
    assert page.total == 1


def test_saying_nothing_is_a_reading_too_and_the_coding_itself_is_settled() -> None:
    yes = judged(OLD, TRUST, "B1", "Maya")
    page = differing_page([yes], through={"Tom": True})
    (item,) = page.groups[0].passages
    assert [reading.silence for reading in item.readings] == ["", "No code here."]
    assert [(each.id, each.express) for each in item.settling] == [(yes.id, False)]


def test_who_did_not_work_through_the_document_has_no_say() -> None:
    page = differing_page([judged(OLD, TRUST, "B1", "Maya")], through={"Tom": False})
    assert page.total == 0
    assert "have not worked through any interview in common" in page.nothing


def test_codes_taken_for_one_another_are_defined_side_by_side_and_counted() -> None:
    page = differing_page([judged(OLD, TRUST, "B1", "Maya"), judged(OLD, TRUST, "A1", "Tom", "coded")])
    (group,) = page.groups
    assert [each.id for each in group.definitions] == ["A1", "B1"]
    assert group.definitions[0].not_for == ("a single dated aim (see A2)",)
    assert [(row.first, row.second, row.units) for row in page.confused] == [("A1", "B1", 1)]
    assert page.confused[0].who == "Maya B1, Tom A1: 1"
    assert {each.code for each in group.passages[0].settling} == {"A1", "B1"}
    assert [(row.id, row.passages, row.coded) for row in page.rows] == [("A1", 1, ("0", "1")), ("B1", 1, ("1", "0"))]


def test_the_most_disputed_code_comes_first_and_a_passage_stands_once() -> None:
    held = [
        judged(OLD, TRUST, "A1", "Maya"),
        judged(OLD, TRUST, "B1", "Maya"),
        judged(OLD, "The rain came in.", "B1", "Maya"),
    ]
    page = differing_page(held, through={"Tom": True})
    assert [(group.id, len(group.passages), group.elsewhere) for group in page.groups] == [("B1", 2, 0)]
    assert [(row.id, row.anchor) for row in page.rows] == [("B1", "code-1"), ("A1", "")]


def test_neighbouring_sentences_with_the_same_dispute_are_one_passage() -> None:
    page = differing_page([judged(OLD, f"{TRUST} It took a year, mind.", "B1", "Maya")], through={"Tom": True})
    ((item,),) = (group.passages for group in page.groups)
    assert [piece.text for piece in item.scene.pieces if piece.marked] == [f"{TRUST} It took a year, mind."]
    assert item.readings[0].answers[0].words == ""
    assert "2 rows" in page.notes[0]


def test_what_is_settled_is_not_listed_again() -> None:
    yes, no = judged(OLD, TRUST, "B1", "Maya"), judged(OLD, TRUST, "B1", "Tom", "rejected")
    done = judged(OLD, TRUST, "B1", "Ann", layer="settled", settles=(yes.id, no.id))
    page = differing_page([yes, no, done])
    assert page.total == 0
    assert page.nothing == "Everything on which Maya and Tom differed is settled."
    assert ("To settle", "0 passages; 1 difference settled already") in page.facts


def test_a_conflict_in_words_that_are_not_counted_is_listed_all_the_same() -> None:
    asked = "Tell me about trust."
    page = differing_page([judged(OLD, asked, "B1", "Maya"), judged(OLD, asked, "B1", "Tom", "rejected")])
    (item,) = page.groups[0].passages
    assert item.outside
    assert item.settling[0].express


def test_words_other_than_the_passage_are_shown_and_stops_do_not_count() -> None:
    page = differing_page(
        [judged(OLD, "trust each other", "B1", "Maya"), judged(OLD, "We trust each other now", "A1", "Tom")]
    )
    answers = [reading.answers[0] for reading in page.groups[0].passages[0].readings]
    assert [each.words for each in answers] == ["trust each other", ""]


SENTENCES = [
    TRUST,
    "It took a year, mind.",
    "The rain came in.",
    f"{TRUST} It took a year, mind.",
    "a year, mind. The rain",
]


@st.composite
def decisions(draw: st.DrawFn) -> list[Judgement]:
    """Return what two people, and sometimes adjudication, hold of a few passages; ids are unique."""
    held = []
    for number in range(draw(st.integers(0, 8))):
        person = draw(st.sampled_from(["Maya", "Tom"]))
        layer = draw(st.sampled_from([person, person, person, "settled"]))
        quote, code = draw(st.sampled_from(SENTENCES)), draw(st.sampled_from(["A", "A1", "A2", "B1"]))
        verdict: Verdict = draw(st.sampled_from(["coded", "accepted", "rejected"]))  # type: ignore[assignment]
        held.append(judged(OLD, quote, code, person, verdict, id=f"j{number}", layer=layer))
    return held


@given(decisions())
def test_every_open_difference_of_the_table_stands_in_one_passage_with_a_way_to_settle_it(
    held: list[Judgement],
) -> None:
    page = differing_page(held, through={"Maya": True, "Tom": True})
    table = disagreements(*study_and_layers(held, through={"Maya": True, "Tom": True}))
    shown = [
        (item.scene.place, each.code) for group in page.groups for item in group.passages for each in item.settling
    ]
    known = {each.id for each in held} | {each.id for each in conflicts_of(held)}
    items = [item for group in page.groups for item in group.passages]
    assert all(each.id in known for item in items for each in item.settling)
    assert all(item.settling for item in items)
    assert len({item.anchor for item in items}) == len(items) == page.total
    settled = {(each.passage.span, each.code) for each in held if each.layer == "settled"}
    for line in table:
        span, below = Span(int(line["start"] or 0), int(line["end"] or 0)), under(str(line["code"]))
        if any(code in below and place.overlaps(span) for place, code in settled):
            continue
        covering = [place for place, code in shown if code in below and span_of(place).overlaps(span)]
        assert len(set(covering)) == 1
    assert Page(disagreements_html(page)).faults == []


def under(code: str) -> set[str]:
    return {code, *(each.id for each in BOOK.descendants(code))}


def span_of(place: str) -> Span:
    start, _, end = place.rpartition(" ")[2].partition("–")
    return Span(int(start), int(end))


@pytest.mark.parametrize(
    ("coders", "told"),
    [({}, "Nobody has decided anything yet."), ({"Maya": True}, "Only Maya has decided anything so far."),
     ({"Maya": True, "Tom": True}, "Maya and Tom agree on every passage")],
)  # fmt: skip
def test_without_a_difference_the_page_says_why(coders: dict[str, bool], told: str) -> None:
    page = differing_page([], through=coders)
    assert told in Page(disagreements_html(page)).text


# --- the pages


def both_pages() -> dict[str, str]:
    held = [judged(OLD, TRUST, "B1", "Maya"), judged(OLD, TRUST, "A1", "Tom", "coded", reason="Why not")]
    first: OrphansPage = lost_page([lost(alike=(0.95, 0.95)), lost("Tom", "A1", alike=())])
    return {"orphans": orphans_html(first), "disagreements": disagreements_html(differing_page(held)),
            "no orphans": orphans_html(lost_page([])), "no disagreements": disagreements_html(differing_page([]))}  # fmt: skip


@pytest.fixture(scope="module", params=["orphans", "disagreements", "no orphans", "no disagreements"])
def source(request: pytest.FixtureRequest) -> str:
    return both_pages()[request.param]


def test_a_page_is_sound_loads_nothing_and_runs_nothing(source: str) -> None:
    page = Page(source)
    assert page.faults == []
    assert not re.search(r"https?://|@import|url\(", source)
    assert not {"script", "link", "iframe", "object", "form", "img"} & {tag for tag, _, _ in page.elements}
    assert not [name for _, attributes, _ in page.elements for name in attributes if name.startswith("on")]
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert (ORPHANS_MARK in source[:1000]) != (DISAGREEMENTS_MARK in source[:1000])


def test_a_page_can_be_read_without_seeing_it(source: str) -> None:
    page = Page(source)
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert all(cell.get("scope") in {"row", "col"} for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    ids = [str(attributes["id"]) for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in page.all("a")} <= set(ids)
    assert len(page.all("main")) == 1


def test_changes_are_told_by_elements_not_by_colour_alone() -> None:
    source = both_pages()["orphans"]
    assert "<ins>do</ins>" in source
    assert "<del>other</del> <ins>other,</ins>" in source
    assert "<mark>We do trust each other, now.</mark>" in source


def test_colours_of_changes_keep_a_contrast_of_four_and_a_half() -> None:
    css = (CSS / "worklists.css").read_text(encoding="utf-8")
    pairs = re.findall(r"(?:del|ins) \{ color: (#[0-9a-f]{6}); background: (#[0-9a-f]{6})", css)
    assert len(pairs) == 2
    warned = re.findall(r"\.warned \{ color: (#[0-9a-f]{6})", css)
    assert all(contrast(*pair) >= 4.5 for pair in [*pairs, *((each, "#ffffff") for each in warned)])


def test_text_from_anywhere_never_becomes_markup() -> None:
    speech = NASTY.replace("\x1b[31m", "")
    made = document(
        f"{NASTY}.txt", [("<i>Int</i>", "interviewer", speech), ("<b>Head</b>", "participant", f"Trust {speech}.")]
    )
    book = replace(BOOK, title=NASTY, codes=tuple(
        replace(code, label=NASTY, definition=NASTY, brief=NASTY, include=(Guidance(NASTY),), exclude=(Guidance(NASTY),))
        for code in BOOK))  # fmt: skip
    one = judged(made, "Trust <script>", "B1", NASTY, reason=NASTY, facets={NASTY: NASTY})
    two = judged(made, "Trust <script>", "A1", "Tom", "coded", reason=NASTY)
    memo = Memo("m", NASTY, "", "theory", "coding", NASTY, one.id)
    stray = Memo("n", NASTY, "", "theory", "span", NASTY, "", one.passage, NASTY)
    gone = Lost(replace(one, orphan=NASTY), made.name, made, NOW, ((passage_at(NOW, at(NOW, "We do")), 0.5),))
    pages = [
        orphans_html(lost_page([gone], memos=[memo, stray], folder=NASTY, book=book, title=NASTY)),
        disagreements_html(differing_page([one, two], made=made, memos=[memo], folder=NASTY, book=book, title=NASTY)),
    ]
    for source, clean in zip(pages, [both_pages()["orphans"], both_pages()["disagreements"]], strict=True):
        page = Page(source)
        assert page.faults == []
        assert {tag for tag, _, _ in page.elements} <= {tag for tag, _, _ in Page(clean).elements} | {"br", "li"}
        assert source.count("</style>") == 1
        assert "<script>alert(1)</script>" in page.text
        assert "49 " not in page.text
        assert not set("\u202e\x1b") & set(source)
