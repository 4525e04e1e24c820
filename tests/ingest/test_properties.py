"""Promises that hold for every conversation, in every way of writing headers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.ingest import IngestOptions, SourceInfo, Turn, read_bytes, rendered_document
from qualcode.model.document import CODEABLE_KINDS, Document

Talk = list[tuple[str, list[str]]]

LABELS = ("Interviewer", "Dana Reed", "P01", "Ms. O'Neil-Diaz")
WORDS = st.text("abcdefgäéñ’'ﬁ🙂Ω9,", min_size=1, max_size=7)
PARAGRAPHS = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=3)
TALKS = st.lists(st.tuples(st.sampled_from(LABELS), PARAGRAPHS), min_size=1, max_size=12).map(
    # Everybody speaks twice at least, so that the file as a whole shows who they are.
    lambda talk: [*talk, *((label, [f"so {label[0].lower()} said"]) for label in LABELS * 2)]
)
TEMPLATES = {
    "A": lambda label, text, at: f"{label}: {text}",
    "B": lambda label, text, at: f"[{clock(at)}] {label}: {text}",
    "B after": lambda label, text, at: f"{label} [{clock(at)}]: {text}",
    "C": lambda label, text, at: f"{label}  {clock(at)}\n{text}",
    "C teams": lambda label, text, at: f"{label}\n{at // 60} minutes {at % 60} seconds\n{text}",
    "D square": lambda label, text, at: f"[{label}] {text}",
    "D brace": lambda label, text, at: f"{{{label}}} {text}",
    "D hash": lambda label, text, at: f"#{label}: {text}",
    "D at": lambda label, text, at: f"@{label}: {text}",
    "E": lambda label, text, at: f"**{label}:** {text}",
    "H": lambda label, text, at: f"{label}: {text} #{clock(at)}-4#",
}


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def written(talk: Talk, family: str) -> str:
    return "\n\n".join(
        TEMPLATES[family](label, "\n\n".join(paragraphs), 7 * number) for number, (label, paragraphs) in enumerate(talk)
    )


def words_of(document: Document) -> Counter[str]:
    return Counter(
        word
        for block, spans in document.speech()
        if block.kind in CODEABLE_KINDS
        for span in spans
        for word in document.quote(span).split()
    )


def assert_promises(document: Document) -> None:
    document.check()
    covered = "".join(document.quote(block.span) for block in document.blocks)
    assert Counter("".join(document.text.split())) == Counter("".join(covered.split()))
    for block, spans in document.speech():
        assert all(block.span.contains(span) for span in spans)
        assert block.label_span is None or all(not span.overlaps(block.label_span) for span in spans)
    for before, after in zip(document.blocks, document.blocks[1:], strict=False):
        assert before.span.end <= after.span.start


@settings(max_examples=40, deadline=None)
@given(TALKS, st.sampled_from(sorted(TEMPLATES)))
def test_every_family_keeps_every_turn_and_every_word(talk: Talk, family: str) -> None:
    (document,) = read_bytes(written(talk, family).encode(), "t.txt")
    assert_promises(document)
    turns = [block for block in document.blocks if block.kind == "turn"]
    assert [document.speaker(block.speaker_ids[0]).label for block in turns] == [label for label, _ in talk]
    assert words_of(document) == Counter(word for _, paragraphs in talk for each in paragraphs for word in each.split())


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t:[]()#@*{}<>/"), max_size=300))
def test_any_text_keeps_its_promises(text: str) -> None:
    if not text.replace("\ufeff", "").strip():
        return
    (document,) = read_bytes(text.encode(), "t.txt", options=IngestOptions(format="txt"))
    assert_promises(document)
    assert read_bytes(text.encode(), "t.txt", options=IngestOptions(format="txt")) == (document,)


PIECES = st.sampled_from(
    ["Dana: yes", "P01: no", "Dana:", "[bell]", "(06.46)", "[00:01:02]", "# Head", "THEME TWO", "I = interviewer",
     "Date: May", "and more words here", "x" * 130, "- item", "", "", "12 Dana: so", "[Dana] 00:01:02", "Share this:",
     "References", "P01  0:07", "Dana\n0 minutes 4 seconds", "END", "//S1: hm//", "[open", "(3.2) well [name]",
     "1. Time?"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=25), st.booleans(), st.sampled_from([None, "P9"]))
def test_any_pile_of_shapes_keeps_its_promises(pieces: Sequence[str], lenient: bool, default: str | None) -> None:
    text = "\n".join(pieces)
    if not text.strip():
        return
    options = IngestOptions(format="txt", lenient_labels=lenient, default_speaker=default)
    (document,) = read_bytes(text.encode(), "t.txt", options=options)
    assert_promises(document)
    assert document.text == text


@settings(max_examples=60, deadline=None)
@given(TALKS)
def test_rendered_turns_keep_every_word_and_their_cues(talk: Talk) -> None:
    source = SourceInfo("t.vtt", "0" * 64, "vtt")
    turns = [Turn(label, " ".join(parts), segments=((0, len(parts[0]), 0, 1, "c"),)) for label, parts in talk]
    document = rendered_document(turns, source=source, options=IngestOptions())
    assert_promises(document)
    assert words_of(document) == Counter(word for _, parts in talk for part in parts for word in part.split())
    assert [document.quote(each.span) for each in document.segments] == [parts[0] for _, parts in talk]
    assert re.sub(r"\n\n.*", "", document.text) == f"{talk[0][0]}: {' '.join(talk[0][1])}"
