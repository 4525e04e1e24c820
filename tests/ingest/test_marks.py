"""What transcribers write into speech."""

from __future__ import annotations

import pytest

from qualcode.ingest.marks import find_marks
from qualcode.ingest.stamps import milliseconds
from tests.ingest.test_headers import read, said


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("[inaudible]", "inaudible"), ("[inaudible 00:12:03]", "inaudible"), ("(unclear?)", "inaudible"),
        ("(xxx)", "inaudible"), ("XXX", "inaudible"), ("[?]", "uncertain"), ("(?)", "uncertain"),
        ("[laughter]", "laughter"), ("((laughs))", "laughter"), ("(laughs)", "laughter"), ("@@", "laughter"),
        ("(.)", "pause"), ("(..)", "pause"), ("(3.2)", "pause"), ("(pause)", "pause"), ("(12 seconds pause)", "pause"),
        ("[long pause]", "pause"), ("[crosstalk]", "crosstalk"), ("<crosstalk>", "crosstalk"),
        ("[town]", "redaction"), ("[name removed]", "redaction"), ("[Redacted PII]", "redaction"),
        ("XXXX", "redaction"), ("████", "redaction"), ("(anonymised passage)", "redaction"),
        ("[00:12:03]", "timestamp"), ("#00:01:02-4#", "timestamp"), ("[00.01.02]", "timestamp"),
        ("{00:01:02}", "timestamp"), ("((coughs))", "nonverbal"), ("[door slams]", "nonverbal"),
        ("(sighs)", "nonverbal"),
        ("[sic]", "comment"), ("//yes//", "overlap"), ("[pause)", "pause"),
    ],
)  # fmt: skip
def test_a_mark_is_found_with_its_kind(written: str, kind: str) -> None:
    text = f"well {written} then"
    (mark,) = find_marks(text, 0, len(text))
    assert (text[mark.span.start : mark.span.end], mark.kind) == (written, kind)


@pytest.mark.parametrize(
    "spoken",
    ["(well, most of them)", "(1)", "(2019)", "(and he laughs a lot at it)", "<b>", "http://a.example/b/c//d",
     "[" + "a " * 80 + "]", "[one\n\ntwo]", "10:30", "xxxi"],
)  # fmt: skip
def test_what_may_be_speech_is_no_mark(spoken: str) -> None:
    text = f"well {spoken} then"
    assert find_marks(text, 0, len(text)) == []


def test_overlapping_words_in_square_brackets_stay_speech() -> None:
    document = read("I: so [yeah I know] then\nB: yes\nI: ok\n")
    assert [mark.kind for mark in document.marks] == ["overlap"]
    assert said(document)[0] == ("I", "so [yeah I know] then")


def test_a_second_voice_inside_a_turn_is_marked_with_its_speaker() -> None:
    document = read("S00: Who?\nS01: The head. //S00: Right.// Yes.\n")
    overlap = next(mark for mark in document.marks if mark.kind == "overlap")
    assert overlap.value == "S1"
    assert said(document)[1] == ("S01", "The head. Right.// Yes.")


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [("00:01:02", 62_000), ("[1:02]", 62_000), ("75:10", 4_510_000), ("#00:01:02-4#", 62_400), ("00:01:02.450", 62_450),
     ("01.06.50", 4_010_000), ("3 minutes 12 seconds", 192_000), ("1 hour 2 minutes 3 seconds", 3_723_000),
     ("00:75:00", None), ("no time", None)],
)  # fmt: skip
def test_a_stamp_is_worth_its_milliseconds(stamp: str, expected: int | None) -> None:
    assert milliseconds(stamp) == expected
