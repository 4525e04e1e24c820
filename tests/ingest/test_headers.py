"""Who speaks in a plain text: each family of headers, and what only looks like one."""

from __future__ import annotations

import pytest

from qualcode.ingest import IngestOptions, read_bytes
from qualcode.model.document import CODEABLE_KINDS, Document

QUESTION, ANSWER = "Who protects planning time?", "The head does."


def read(text: str, **options: object) -> Document:
    (document,) = read_bytes(text.encode(), "t.txt", options=IngestOptions(**options))  # type: ignore[arg-type] # keywords
    return document


def said(document: Document) -> list[tuple[str, str]]:
    """Return (label, speech with single spaces) of each block that can be coded."""
    found = []
    for block, spans in document.speech():
        if block.kind in CODEABLE_KINDS:
            who = "+".join(document.speaker(each).label for each in block.speaker_ids)
            found.append((who, " ".join(" ".join(document.quote(span) for span in spans).split())))
    return found


FAMILIES = {
    "label and colon": f"Dana: {QUESTION}\nP01: {ANSWER}\n",
    "french spacing": f"Dana : {QUESTION}\nP01\u00a0: {ANSWER}\n",
    "tab": f"Dana:\t{QUESTION}\nP01:\t{ANSWER}\n",
    "full-width colon": f"Dana：{QUESTION}\nP01：{ANSWER}\n",
    "stamp before": f"[00:00:04] Dana: {QUESTION}\n[00:00:07] P01: {ANSWER}\n",
    "bare stamp before": f"00:00:04 Dana: {QUESTION}\n00:00:07 P01: {ANSWER}\n",
    "stamp inside": f"Dana [00:00:04]: {QUESTION}\nP01 [00:00:07]: {ANSWER}\n",
    "noScribe": f"Dana: [00:00:04] {QUESTION}\nP01: [00:00:07] {ANSWER}\n",
    "starred stamp": f"*00:04 = Dana: {QUESTION}\n*00:07 = P01: {ANSWER}\n",
    "header line": f"[00:04] Dana:\n{QUESTION}\n\n[00:07] P01:\n{ANSWER}\n",
    "Otter": f"Dana  0:04\n{QUESTION}\n\nP01  0:07\n{ANSWER}\n",
    "Word transcribe": f"00:00:04 Dana\n{QUESTION}\n\n00:00:07 P01\n{ANSWER}\n",
    "Teams": f"Dana\n0 minutes 4 seconds\n{QUESTION}\n\nP01\n0 minutes 7 seconds\n{ANSWER}\n",
    "Zoom": f"[Dana] 00:00:04\n{QUESTION}\n\n[P01] 00:00:07\n{ANSWER}\n",
    "QualCoder": f"[00:00:04][Dana] {QUESTION}\n[00:00:07][P01] {ANSWER}\n",
    "square": f"[Dana] {QUESTION}\n[P01] {ANSWER}\n",
    "braces": f"{{Dana}} {QUESTION}\n{{P01}} {ANSWER}\n",
    "hash": f"#Dana: {QUESTION}\n#P01: {ANSWER}\n",
    "at": f"@Dana: {QUESTION}\n@P01: {ANSWER}\n",
    "markdown": f"**Dana:** {QUESTION}\n\n**P01**: {ANSWER}\n",
    "f4": f"Dana: {QUESTION} #00:00:04-0#\nP01: {ANSWER} #00:00:07-0#\n",
    "ATLAS.ti": f"Dana: {QUESTION} #00:00:04.0#\nP01: {ANSWER} #00:00:07.0#\n",
}
UNTIMED = {"label and colon", "french spacing", "tab", "full-width colon", "square", "braces", "hash", "at", "markdown"}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_of_headers_gives_the_same_speakers_and_speech(family: str) -> None:
    assert said(read(FAMILIES[family])) == [("Dana", QUESTION), ("P01", ANSWER)]


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - UNTIMED))
def test_each_family_with_stamps_gives_the_same_times(family: str) -> None:
    document = read(FAMILIES[family])
    closes = family in ("f4", "ATLAS.ti")
    times = [block.end_ms if closes else block.start_ms for block in document.blocks]
    assert times == [4000, 7000]
    assert {block.time_source for block in document.blocks} == {"file"}


@pytest.mark.parametrize(
    "false",
    ["Note: it rained.", "Example: a wet Tuesday.", "10:30 was break.", "http://a.example is it", "Re: your letter.",
     "3:1 was the ratio.", "she said: no.", "Task 2: sort the cards.", "He said: no.", "Could you say how:"],
)  # fmt: skip
def test_what_only_looks_like_a_label_stays_in_the_turn(false: str) -> None:
    document = read(f"I: Go on.\n\nP01: Well.\n\n{false}\n\nI: And?\n\nP01: Yes.\n\n{false}\n")
    assert {speaker.label for speaker in document.speakers} == {"I", "P01"}
    assert said(document)[1] == ("P01", f"Well. {false}")


def test_a_label_seen_once_stays_in_the_text_with_a_warning() -> None:
    document = read("Dana: One?\n\nSam: Two.\n\nDana: Three?\n\nSamm: Four.\n\nSam: Five.\n")
    assert [speaker.label for speaker in document.speakers] == ["Dana", "Sam"]
    (warning,) = [each for each in document.warnings if each.code == "possible-label-typo"]
    assert "'Samm'" in warning.message
    assert '--alias "Samm=Sam"' in warning.message


def test_an_alias_makes_a_typo_the_person_it_meant() -> None:
    document = read("Dana: One?\n\nSam: Two.\n\nDana: Three?\n\nSamm: Four.\n\nSam: Five.\n", aliases={"Samm": "Sam"})
    assert [(speaker.label, speaker.aliases) for speaker in document.speakers] == [("Dana", ()), ("Sam", ("Samm",))]
    assert len(document.blocks) == 5


def test_spellings_of_one_label_are_one_person() -> None:
    document = read("Interviewer 2: One?\nP01: a\nInterviewer2: Two?\nP01: b\nINTERVIEWER 2: Three?\n")
    assert [speaker.label for speaker in document.speakers] == ["Interviewer 2", "P01"]


def test_two_labels_joined_are_two_speakers_and_a_group_is_a_group() -> None:
    document = read("A: Yes?\nB: No.\nA/B: Both.\nALL: Ha!\nA: Ok.\nB: Ok.\n")
    assert said(document)[2:4] == [("A+B", "Both."), ("ALL", "Ha!")]
    assert document.speakers[2].role == "group"


def test_a_missing_colon_is_a_warning_and_a_turn_only_when_asked() -> None:
    text = "K: Yes?\nI: No.\nK No, I think\nI: Ok.\nK: Ok\n"
    document = read(text)
    assert "label-without-colon" in [warning.code for warning in document.warnings]
    assert said(document)[1] == ("I", "No. K No, I think")
    assert said(read(text, lenient_labels=True))[2] == ("K", "No, I think")


def test_more_than_fifteen_labels_are_a_warning() -> None:
    document = read("".join(f"P{number:02}: word here.\nP{number:02}: more.\n" for number in range(16)))
    assert "many-labels" in [warning.code for warning in document.warnings]


def test_the_researchers_own_pattern_wins() -> None:
    document = read("<ANNA> Hello: you\n<BO> Hi.\n", speaker_pattern=r"<(?P<label>[A-Z]+)>")
    assert said(document) == [("ANNA", "Hello: you"), ("BO", "Hi.")]


def test_a_legend_gives_roles_and_is_no_turn() -> None:
    document = read("I = researcher; X = informant\n\nI: How?\nX: So.\nI: Why?\nX: Well.\n")
    assert [(speaker.label, speaker.role) for speaker in document.speakers] == [
        ("I", "interviewer"),
        ("X", "participant"),
    ]
    assert document.blocks[0].kind == "legend"


def test_a_legend_that_looks_like_turns_is_still_a_legend() -> None:
    document = read("K1: Interviewer 1\nB: Head of school\n\nK1: How was it?\nB: Good.\nK1: Why?\nB: Well.\n")
    assert [block.kind for block in document.blocks] == ["legend", "turn", "turn", "turn", "turn"]
    assert [speaker.role for speaker in document.speakers] == ["interviewer", "participant"]


def test_metadata_above_the_first_turn_is_no_turn() -> None:
    document = read("Title: The study\nInterviewer: Jane Smith\nDate: 3 May\n\nInterviewer: How?\nHead: Good.\n")
    assert [block.kind for block in document.blocks] == ["meta", "turn", "turn"]
    assert [speaker.role for speaker in document.speakers] == ["interviewer", "participant"]


def test_a_list_of_speakers_above_the_text_makes_labels_known() -> None:
    document = read(
        "SPEAKERS\nDana Reed, Sam Lowe\n\nDana Reed: One.\n\nMore.\n\nMore still.\n\nSam Lowe: Two.\n\nMore.\n"
    )
    assert [speaker.label for speaker in document.speakers] == ["Dana Reed", "Sam Lowe"]


def test_only_the_moderator_labelled_leaves_the_rest_unattributed_or_to_the_default_speaker() -> None:
    text = (
        "1. Time\n\nMODERATOR: Start.\n\n   It is protected.\n\n   By her.\n\n"
        "2. Leading\n\nMODERATOR: Who?\n\n   We do.\n"
    )
    document = read(text)
    assert [block.kind for block in document.blocks] == [
        "heading", "turn", "unattributed", "unattributed", "heading", "turn", "unattributed",
    ]  # fmt: skip
    assert said(read(text, default_speaker="P"))[1] == ("P", "It is protected. By her.")


def test_times_without_speakers_are_unattributed_and_never_alternated() -> None:
    document = read("[00:00:03] It is.\n\n[00:00:13] She is.\n\nNotetaker: laughter\n\n[00:00:33] Yes.\n")
    assert [block.kind for block in document.blocks] == ["unattributed", "unattributed", "note", "unattributed"]
    assert [block.start_ms for block in document.blocks] == [3000, 13000, None, 33000]
    assert "no-speakers" in [warning.code for warning in document.warnings]


def test_roles_come_from_options_before_legend_and_words() -> None:
    document = read("Head: How?\nP01: So.\nHead: Why?\nP01: Well.\n", roles={"Head": "interviewer"})
    assert [speaker.role for speaker in document.speakers] == ["interviewer", "participant"]


def test_who_asks_most_questions_is_suggested_and_not_decided() -> None:
    document = read("Dana: One?\nSam: a.\nDana: Two?\nSam: b.\nDana: Three?\nSam: c.\n")
    assert {speaker.role for speaker in document.speakers} == {"unknown"}
    assert [warning.code for warning in document.warnings] == ["role-suggestion"]
