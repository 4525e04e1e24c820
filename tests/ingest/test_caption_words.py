"""Nothing that stands in a caption is lost or moved, however odd: words and times of each cue come back."""

from __future__ import annotations

import html

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.ingest import read_bytes
from qualcode.model.document import CODEABLE_KINDS, Document

ODD = [
    "-->", "&lt;", "&amp;lt;", "&", "<", ">", "\u200f", "\u200e", "\u202b", "\u200d", "\u00a0", "\u2028",
    "\x85", "\x0c", "-", "–", ">>", "♪", "00", "1", "00.04", "10.30", "NOTE", "STYLE", "REGION", "WEBVTT",
    "שלום", "مرحبا", "é", "e\u0301", "🙂", "don't", "//", "...", "?", "and", "So",
]  # fmt: skip
LINE = st.lists(st.sampled_from(ODD), min_size=1, max_size=5).map(" ".join).filter(lambda line: bool(line.strip()))
CUES = st.lists(
    # Two lines that open with a dash are two people who speak; the dashes are theirs and not words.
    st.lists(LINE, max_size=3).filter(lambda lines: sum(line.strip()[0] in "-–" for line in lines) < 2),
    min_size=1,
    max_size=8,
).filter(any)
NAMES = st.sampled_from(["Dana Reed", "שרה", "O'Neil & Sons", "P01"])


def stamp(second: int, dot: str) -> str:
    return f"00:{second // 60:02}:{second % 60:02}{dot}000"


def cues_of(cues: list[list[str]], dot: str, *, numbered: bool = False) -> str:
    return "\n\n".join(
        (f"{number + 1}\n" if numbered else "")
        + f"{stamp(2 * number, dot)} --> {stamp(2 * number + 1, dot)}\n"
        + "\n".join(lines)
        for number, lines in enumerate(cues)
    )


def check(document: Document, cues: list[list[str]]) -> None:
    spoken = [(number, " ".join(" ".join(lines).split())) for number, lines in enumerate(cues) if lines]
    found = [(each.start_ms, each.end_ms, " ".join(document.quote(each.span).split())) for each in document.segments]
    assert found == [(2000 * number, 2000 * number + 1000, text) for number, text in spoken]
    heard = [
        document.quote(block.span)[0 if block.label_span is None else len(block.label_span) :]
        for block in document.blocks
        if block.kind in CODEABLE_KINDS
    ]
    assert " ".join(heard).split() == " ".join(text for _, text in spoken).split()


@settings(max_examples=60, deadline=None)
@given(CUES)
def test_nameless_vtt(cues: list[list[str]]) -> None:
    escaped = [[html.escape(line, quote=False) for line in lines] for lines in cues]
    (document,) = read_bytes(("WEBVTT\n\n" + cues_of(escaped, ".")).encode(), "talk.vtt")
    check(document, cues)


@settings(max_examples=60, deadline=None)
@given(CUES, st.lists(NAMES, min_size=8, max_size=8))
def test_vtt_with_voices(cues: list[list[str]], names: list[str]) -> None:
    tagged = [
        [f"<v {html.escape(name, quote=False)}>{html.escape(chr(10).join(lines), quote=False)}</v>"] if lines else []
        for lines, name in zip(cues, names, strict=False)
    ]
    (document,) = read_bytes(("WEBVTT\n\n" + cues_of(tagged, ".")).encode(), "talk.vtt")
    check(document, cues)
    assert {each.label for each in document.speakers} <= set(names)


@settings(max_examples=60, deadline=None)
@given(CUES)
def test_srt(cues: list[list[str]]) -> None:
    escaped = [[html.escape(line, quote=False) for line in lines] for lines in cues]
    (document,) = read_bytes(cues_of(escaped, ",", numbered=True).encode(), "talk.srt")
    check(document, cues)
