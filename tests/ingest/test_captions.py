"""WebVTT and SubRip: who speaks, when, and that no word is lost."""

from __future__ import annotations

import io
import re

import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import IngestError
from qualcode.ingest import IngestOptions, read_bytes
from qualcode.model.document import Document
from tests.ingest.rendering import Said, as_srt, as_vtt, conversations, merged, read_back, sentences, stamp


def read(text: str | bytes, name: str = "talk.vtt", **options: object) -> Document:
    data = text.encode() if isinstance(text, str) else text
    (document,) = read_bytes(data, name, options=IngestOptions(**options))  # type: ignore[arg-type]  # keywords by name
    return document


def codes(document: Document) -> set[str]:
    return {warning.code for warning in document.warnings}


def vtt(*cues: str) -> str:
    """Return a file with one cue after the other, two seconds each; a cue is its text."""
    timed = [f"{stamp(2 * at)} --> {stamp(2 * at + 2)}\n{cue}" for at, cue in enumerate(cues)]
    return "\n\n".join(["WEBVTT", *timed]) + "\n"


@settings(max_examples=60, deadline=None)
@given(conversations)
def test_vtt_gives_back_speakers_order_and_words(said: list[Said]) -> None:
    assert read_back(read(as_vtt(said))) == merged(said)


@settings(max_examples=60, deadline=None)
@given(conversations)
def test_srt_gives_back_speakers_order_and_words(said: list[Said]) -> None:
    assert read_back(read(as_srt(said), "talk.srt")) == merged(said)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(sentences, min_size=1, max_size=3), min_size=1, max_size=8))
def test_no_word_of_a_cue_is_lost_whatever_stands_in_it(cues: list[list[str]]) -> None:
    text = vtt(*("\n\n".join(lines) for lines in cues))
    kept = " ".join(part for _, part in read_back(read(text)))
    assert kept.split() == " ".join(" ".join(lines) for lines in cues).split()


@settings(max_examples=40, deadline=None)
@given(conversations)
def test_cues_agree_with_webvtt_py(said: list[Said]) -> None:
    data = as_vtt(said)
    document = read(data)
    theirs = [(cue.voice, cue.text) for cue in webvtt.from_buffer(io.StringIO(data.decode())).captions]
    ours = [
        (document.speaker(document.blocks[cue.block].speaker_ids[0]).label, document.quote(cue.span))
        for cue in document.segments
    ]
    assert ours == theirs


def test_consecutive_cues_of_one_speaker_are_one_turn_with_the_cues_as_segments() -> None:
    document = read(vtt("<v Dana>We moved", "<v Dana>the meeting", "<v Sam>When?"))
    assert read_back(document) == [("Dana", "We moved the meeting"), ("Sam", "When?")]
    first = document.blocks[0]
    assert (first.start_ms, first.end_ms, first.time_source) == (0, 4000, "file")
    assert [(cue.block, cue.start_ms, cue.end_ms, document.quote(cue.span)) for cue in document.segments] == [
        (0, 0, 2000, "We moved"),
        (0, 2000, 4000, "the meeting"),
        (1, 4000, 6000, "When?"),
    ]


def test_several_voices_in_one_cue_are_several_turns() -> None:
    document = read(vtt("<v Dana>When?</v>\n<v.loud Sam>Now.</v>", "<v Dana>Fine."))
    assert read_back(document) == [("Dana", "When?"), ("Sam", "Now."), ("Dana", "Fine.")]
    assert [block.time_source for block in document.blocks] == ["file", "inherited", "file"]


def test_entities_are_characters_in_speech_and_in_names() -> None:
    document = read(vtt("<v Smith &amp; Sons>R&amp;D &lt;b&gt; is fine&nbsp;now AT&T", "<v Smith &amp; Sons>&copy no"))
    assert document.speakers[0].label == "Smith & Sons"
    assert "R&D <b> is fine\u00a0now AT&T &copy no" in document.text


def test_tags_go_and_other_angle_brackets_stay() -> None:
    document = read(vtt("<v Dana><i>so</i> <c.red>it</c> <crosstalk> <00:00:01.000>went a < b"))
    assert document.text == "Dana: so it <crosstalk> went a < b"


def test_unpadded_short_and_comma_times_are_read() -> None:
    document = read("WEBVTT\n\n0:0:3.270 --> 0:0:4.250\n<v A>one\n\n00:05,5 --> 00:07 align:start\n<v B>two\n")
    assert [(block.start_ms, block.end_ms) for block in document.blocks] == [(3270, 4250), (5500, 7000)]


def test_header_and_numbers_may_be_missing() -> None:
    document = read("00:00:01,000 --> 00:00:02,000\nI: why\n\n00:00:02,000 --> 00:00:03,000\nP: so\n", "talk.srt")
    assert document.format == "srt"
    assert read_back(document) == [("I", "why"), ("P", "so")]


def test_windows_and_old_mac_line_ends() -> None:
    for newline in ("\r\n", "\r"):
        assert read_back(read(vtt("<v A>one", "<v B>two").replace("\n", newline))) == [("A", "one"), ("B", "two")]


def test_blank_line_inside_a_cue_keeps_the_text_and_warns() -> None:
    document = read(vtt("<v Dana>one\n\ntwo", "<v Sam>three"))
    assert " ".join(text for _, text in read_back(document)) == "one two three"
    assert "caption-blank-line" in codes(document)


def test_blank_line_after_the_time_is_no_oddity() -> None:
    document = read("WEBVTT\n\n00:01.000 --> 00:02.000\n\nHello there\n\n00:02.000 --> 00:03.000\n\nworld\n")
    assert read_back(document) == [("", "Hello there world")]
    assert "caption-blank-line" not in codes(document)


def test_srt_without_blank_lines_between_cues() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nI: 7\n2\n00:00:02,000 --> 00:00:03,000\nP: so\n12\n"
    assert read_back(read(text, "talk.srt")) == [("I", "7"), ("P", "so 12")]


def test_arrow_in_speech_is_speech() -> None:
    document = read(vtt("<v Dana>flow goes A --> B\nfrom 10:30 --> 11:00"))
    assert read_back(document) == [("Dana", "flow goes A --> B from 10:30 --> 11:00")]


def test_notes_styles_and_regions_are_not_speech() -> None:
    text = (
        "WEBVTT - Interview 3\nKind: captions\n\nNOTE\nmade by us\nin May\n\nSTYLE\n::cue { color: red }\n\n"
        "REGION\nid:fred\n\n1\n00:01.000 --> 00:02.000\n<v A>NOTE that\n\nNOTE Confidence: 0.9\n\nNOTE check this\n\n"
        "2\n00:02.000 --> 00:03.000\n<v A>NOTED\n"
    )
    document = read(text)
    assert read_back(document) == [("A", "NOTE that NOTED")]
    assert [(block.kind, document.quote(block.span)) for block in document.blocks if block.kind != "turn"] == [
        ("meta", "Interview 3\nKind: captions"),
        ("meta", "made by us\nin May"),
        ("note", "check this"),
    ]


def test_rolling_captions_are_taken_once() -> None:
    text = (
        "WEBVTT\nKind: captions\n\n00:00.000 --> 00:02.000\n \nso we<00:00:01.000><c> began</c>\n\n"
        "00:02.000 --> 00:02.010\nso we began\n \n\n"
        "00:02.010 --> 00:04.000\nso we began\nin<00:00:03.000><c> May</c>\n\n"
        "00:04.000 --> 00:05.000\nin May\n \n"
    )
    document = read(text)
    assert read_back(document) == [("", "so we began in May")]
    assert "caption-rolling" in codes(document)


def test_repeated_lines_stay_without_rolling_tags() -> None:
    document = read(vtt("<v A>No.", "<v A>No.", "<v A>No."))
    assert read_back(document) == [("A", "No. No. No.")]
    assert "caption-repeated" in codes(document)


def test_cues_without_a_name_belong_to_the_speaker_before_where_names_mark_changes() -> None:
    document = read(vtt("I: So", "tell me", "Dana: I came", "in 2012", "I: And?", "Dana: Well"))
    assert read_back(document) == [("I", "So tell me"), ("Dana", "I came in 2012"), ("I", "And?"), ("Dana", "Well")]
    assert "speaker-inherited" in codes(document)


def test_cues_without_a_name_stay_unattributed_where_every_cue_has_one() -> None:
    document = read(vtt("<v A>one.", "<v A>two.", "three.", "<v A>four.", "<v B>five.", "<v B>six."))
    assert read_back(document) == [("A", "one. two."), ("", "three."), ("A", "four."), ("B", "five. six.")]
    assert "unattributed-cues" in codes(document)


def test_false_labels_stay_speech() -> None:
    document = read(
        vtt(
            "I: It is this",
            "Note: we meet",
            "Dana: at 10:30 Meeting: no",
            "10:30 Meeting: begins",
            "I: she said: no",
            "Dana: http://example.org",
        )
    )
    assert [speaker.label for speaker in document.speakers] == ["I", "Dana"]
    assert "Note: we meet" in document.text


def test_label_seen_once_stays_in_the_text_with_a_warning() -> None:
    document = read(vtt("Interviewer: a", "Dana: b", "Interviewer: c", "Dana: d", "e", "f", "g", "h", "Dan: e"))
    assert [speaker.label for speaker in document.speakers] == ["Interviewer", "Dana"]
    assert read_back(document)[-1] == ("Dana", "d e f g h Dan: e")
    assert "possible-label-typo" in codes(document)


def test_name_on_a_line_of_its_own() -> None:
    document = read(vtt("(Dana Reed)\nWhen?", "(Sam)\nNow (laughs)", "(Dana Reed)\nFine.", "(Sam)\nYes."))
    assert read_back(document) == [("Dana Reed", "When?"), ("Sam", "Now"), ("Dana Reed", "Fine."), ("Sam", "Yes.")]


def test_two_dashes_are_two_nameless_speakers() -> None:
    document = read(vtt("- When?\n- Now."))
    assert read_back(document) == [("", "When?"), ("", "Now.")]
    assert "no-speakers" in codes(document)


def test_dashes_with_names() -> None:
    document = read(vtt("- Dana: When?\n- Sam: Now.", "Dana: Ok", "Sam: Yes"))
    assert read_back(document) == [("Dana", "When?"), ("Sam", "Now."), ("Dana", "Ok"), ("Sam", "Yes")]


def test_webex_names_stand_in_the_cue_id() -> None:
    text = (
        'WEBVTT\n\n1 "Dana Reed" (340)\n00:01.000 --> 00:02.000\nWhen?\n\n'
        '2 "Sam" (341)\n00:02.000 --> 00:03.000\nNow.\n'
    )
    assert read_back(read(text)) == [("Dana Reed", "When?"), ("Sam", "Now.")]


def test_overlap_outside_the_voice_tag_stays_with_its_turn() -> None:
    document = read(vtt("<v S01>We went</v> //S02: yes//", "<v S02>Indeed</v>"))
    assert [document.speaker(block.speaker_ids[0]).label for block in document.blocks] == ["S01", "S02"]
    assert any(mark.kind == "overlap" for mark in document.marks)


def test_end_before_start_nulls_the_end_and_warns() -> None:
    document = read("WEBVTT\n\n00:05.000 --> 00:02.000\n<v A>one\n")
    assert (document.blocks[0].start_ms, document.blocks[0].end_ms) == (5000, None)
    assert "caption-bad-time" in codes(document)


def test_duplicate_ids_and_text_before_the_first_cue_are_reported() -> None:
    text = "stray words\n\n1\n00:00:01,000 --> 00:00:02,000\nI: a\n\n1\n00:00:02,000 --> 00:00:03,000\nP: b\n"
    document = read(text, "talk.srt", format="srt")
    assert {"caption-duplicate-id", "caption-before-first-cue"} <= codes(document)
    assert document.blocks[0].kind == "meta"


def test_nameless_captions_are_blocks_of_sentences() -> None:
    document = read(vtt("So we began", "in May.", "Then", "it rained."))
    assert read_back(document) == [("", "So we began in May."), ("", "Then it rained.")]
    assert {block.kind for block in document.blocks} == {"unattributed"}


def test_default_speaker_and_speaker_pattern() -> None:
    assert read_back(read(vtt("one.", "two."), default_speaker="P")) == [("P", "one."), ("P", "two.")]
    document = read(vtt("ANNA> one", "BO> two"), speaker_pattern=r"(?P<label>[A-Z]+)>")
    assert read_back(document) == [("ANNA", "one"), ("BO", "two")]
    with pytest.raises(IngestError, match="QC-I013"):
        read(vtt("x"), speaker_pattern="(")


def test_file_without_a_cue_is_refused() -> None:
    with pytest.raises(IngestError, match="QC-I050"):
        read("WEBVTT\n\nNOTE nothing\n")


def test_same_bytes_same_document() -> None:
    assert read(vtt("<v A>one")) == read(vtt("<v A>one"))


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from("1 :.,->\n<v>/()&;NOTEA b-"), max_size=120))
def test_any_junk_is_read_or_refused_and_never_crashes(junk: str) -> None:
    try:
        document = read("WEBVTT\n\n00:01.000 --> 00:02.000\n" + junk)
    except IngestError:
        return
    kept = re.sub(r"\W", "", document.text)
    assert set(kept) <= set(re.sub(r"\W", "", junk))
