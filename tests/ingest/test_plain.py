"""Plain text beyond headers: paragraphs, stage notes, stamps, headings, margin numbers, web pages."""

from __future__ import annotations

import time

import pytest

from qualcode.ingest import inspect
from tests.ingest.test_headers import read, said


def test_an_unlabelled_paragraph_continues_the_turn() -> None:
    document = read("I: Why?\n\nHead: Because.\n\nAnd also this.\n\nI: Ok?\n")
    assert said(document)[1] == ("Head", "Because. And also this.")
    assert [document.quote(each.span) for each in document.segments] == ["Because.", "And also this."]


def test_a_stage_note_between_turns_is_a_block_and_inside_a_turn_a_mark() -> None:
    document = read(
        "I: Why?\n\n[bell]\n\nHead: Because.\n\n[knock at the door]\n\nCome in.\n\nI: Ok?\n\n(They leave.)\n"
    )
    assert [block.kind for block in document.blocks] == ["turn", "stage", "turn", "turn", "stage"]
    assert said(document)[1] == ("Head", "Because. Come in.")


def test_a_stamp_alone_belongs_to_the_next_turn_or_stands_inside_one() -> None:
    document = read("Dana: Hello.\n\n(06.46)\n\nP1: Yes.\n(07.10)\nand more.\n\n(01.06.50)\n\nDana: Ok.\n")
    assert [block.start_ms for block in document.blocks] == [None, 406_000, 4_010_000]
    assert said(document) == [("Dana", "Hello."), ("P1", "Yes. and more."), ("Dana", "Ok.")]


def test_minutes_may_pass_fifty_nine() -> None:
    document = read("[59:58] I: a\n[75:10] P1: b\n")
    assert [block.start_ms for block in document.blocks] == [3_598_000, 4_510_000]


def test_two_parts_mean_hours_and_minutes_when_only_that_runs_forward() -> None:
    document = read("[00:59] I: a\n[01:00:30] P1: b\n[01:02] I: c\n")
    assert [block.start_ms for block in document.blocks] == [59 * 60_000, 3_630_000, 3_720_000]


def test_time_that_runs_back_is_kept_as_written_with_a_warning() -> None:
    document = read("[00:10:00] I: a\n[00:20:00] P1: b\n[00:00:05] I: c\n")
    assert [block.start_ms for block in document.blocks] == [600_000, 1_200_000, 5_000]
    assert "stamps-run-back" in [warning.code for warning in document.warnings]


def test_a_stamp_at_the_end_closes_its_turn_when_told_so() -> None:
    document = read("[00:00:01] I: a [00:00:04]\nP1: b\n", stamp_position="end")
    assert (document.blocks[0].start_ms, document.blocks[0].end_ms) == (1000, 4000)


def test_margin_numbers_are_marks_and_hard_wraps_are_only_space() -> None:
    lines = ["Dana: Hello there my dear friend and", "thank you for coming to this place", "P1: Thank you.",
             "It is a pleasure to be here today", "again.", "Dana: Good.", "P1: Yes."]  # fmt: skip
    document = read("".join(f"{number:>3}  {line}\n" for number, line in enumerate(lines, start=1)))
    assert said(document)[0] == ("Dana", "Hello there my dear friend and thank you for coming to this place")
    assert sum(mark.kind == "line-number" for mark in document.marks) == 7


def test_headings_between_turns_are_headings() -> None:
    document = read(
        "# Interview\n\nI: Why?\n\nHead: So.\n\n## Time\n\nI: When?\n\nHead: Then.\n\nTHEME TWO\n\nI: Ok?\n"
    )
    headings = [document.quote(block.span) for block in document.blocks if block.kind == "heading"]
    assert headings == ["# Interview", "## Time", "THEME TWO"]


def test_a_running_opening_is_kept_codeable_with_a_warning() -> None:
    opening = " ".join(["We had spoken before about the school and its long road"] * 4) + "."
    document = read(f"{opening}\n\nI: Why?\n\nHead: So.\n")
    assert document.blocks[0].kind == "unattributed"
    assert "unlabelled-opening" in [warning.code for warning in document.warnings]


def test_a_text_without_speakers_has_a_block_for_each_paragraph() -> None:
    document = read("A Short Title\n\nThe first paragraph ends here.\nThe second one too.\n\n- an item\n")
    assert [block.kind for block in document.blocks] == ["heading", "unattributed", "unattributed", "unattributed"]
    assert inspect(document)["turns"] == 3


def test_a_withdrawn_transcript_has_no_turns() -> None:
    document = read("This transcript was removed at the participant's request.\n")
    assert [block.kind for block in document.blocks] == ["meta"]
    assert [warning.code for warning in document.warnings] == ["withdrawn"]


PROSE = "Schools in the north worked with the university for seven years, and leaders told us how it went for them."
FORM = ("Leave a Reply\n\nFill in your details below or click an icon to log in: Logo\n\nYou are commenting using your "
        "account. Log\u00a0Out\u00a0/ Change )\n\nGoogle photo\n\nConnecting to %s")  # fmt: skip
PAGE_PARTS = [
    FORM,
    "Skip to content\n\nMenu\n\nHome",
    "Share this:\n\nTweet\n\nPrint\n\nLike this:\n\nLike Loading...",
    "Click to share on Twitter (Opens in new window)",
    "Posted by anna on 3 May 2019",
    "This site uses cookies to give you the best experience.",
    "Log in",
    "Related posts",
    "Subscribe to our newsletter for news from us",
    "© 2019 The Society. All rights reserved.",
    "Session Information\n12 C, A Title of a Paper\nSymposium\nMeetingID: 929 5291 Code: 5dLK",
    "References\nAmbler, M. (2012) Developing systems. London: Press Bell, P. (2021) Report. pp. 2-3",
    "Search the Programme\n- Search for keywords in the box\n- Search for authors",
    "Download slides from:\nA Friday Workshop",
]


@pytest.mark.parametrize("part", PAGE_PARTS)
def test_the_apparatus_of_a_page_is_meta_and_its_prose_is_not(part: str) -> None:
    document = read(f"{PROSE}\n\n{PROSE}\n\n{part}\n")
    assert [block.kind for block in document.blocks] == ["unattributed", "unattributed", "meta"]
    assert "web-boilerplate" in [warning.code for warning in document.warnings]


@pytest.mark.parametrize(
    "spoken",
    ["Leave a reply on the desk, I said.", "We share this with everybody in the hall, every week.",
     "Published in 2018, the report said nothing about us.", "Copyright is hard for schools.",
     "Print is dead, he said."],
)  # fmt: skip
def test_prose_with_the_words_of_a_page_stays_prose(spoken: str) -> None:
    document = read(f"{PROSE}\n\n{spoken}\n\n{PROSE}\n")
    assert {block.kind for block in document.blocks} == {"unattributed"}


def test_a_labelled_speaker_may_say_what_pages_say() -> None:
    document = read(f"I: What did it say?\n\nHead: It said this.\n\n{FORM}\n\nI: Ok?\n\nHead: Yes.\n")
    assert [block.kind for block in document.blocks] == ["turn", "turn", "turn", "turn"]


@pytest.mark.parametrize(
    "piece",
    [
        "the head said we protect time ",
        "[(<{#/",
        "a: ",
        "[00:01:02] ",
        "(",
        "Dana Reed\n",
        "a\n\n",
        "A: x\n",
        " ",
        "x\r",
    ],
)
def test_reading_is_linear_in_the_size_of_the_file(piece: str) -> None:
    def cost(size: int) -> float:
        data = piece * (size // len(piece)) + "end"
        began = time.process_time()
        read(data)
        return time.process_time() - began

    cost(1000)
    # A busy machine or a garbage collection can spoil one measure; what is quadratic (64 times) fails each time.
    assert any(cost(160_000) < 40 * max(cost(20_000), 0.01) for _ in range(3))


def test_five_megabytes_on_one_line_are_read_in_seconds_of_cpu() -> None:
    began = time.process_time()
    document = read("I: why\n\nHead: " + "the head said we protect time for staff " * 125_000)
    assert time.process_time() - began < 5
    assert inspect(document)["words"] == 1_000_001
