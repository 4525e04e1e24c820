"""Write the same turns to each structured format, and read documents back as (speaker, words)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from hypothesis import strategies as st

from qualcode.model.document import Document

Said = tuple[str, str]

_LETTERS = "abcdefghijklmnopqrstuvwxyzäéßñ’'ABC0189"
words = st.text(_LETTERS, min_size=1, max_size=8).filter(
    # "xxx" is how transcribers write what they could not hear.
    lambda word: any(c.isalnum() for c in word) and "xxx" not in word
)
sentences = st.lists(words, min_size=1, max_size=7).map(" ".join)
labels = st.sampled_from(["Interviewer", "Dana Reed", "P01"])
conversations = st.lists(st.tuples(labels, sentences), min_size=2, max_size=12).map(
    # Every speaker at least once more, so that the file as a whole shows who they are.
    lambda said: [*said, ("Interviewer", "why"), ("Dana Reed", "so"), ("P01", "yes"), *said[:1]]
)


def merged(said: Sequence[Said]) -> list[Said]:
    """Return the turns with neighbours of one speaker as one turn."""
    found: list[Said] = []
    for who, text in said:
        if found and found[-1][0] == who:
            found[-1] = (who, f"{found[-1][1]} {text}")
        else:
            found.append((who, text))
    return found


def read_back(document: Document) -> list[Said]:
    """Return the turns of a document as (label, words of the speech, single spaces)."""
    found: list[Said] = []
    for block, spans in document.speech():
        if block.kind in ("turn", "unattributed"):
            label = document.speaker(block.speaker_ids[0]).label if block.speaker_ids else ""
            found.append((label, " ".join(" ".join(document.quote(span) for span in spans).split())))
    return found


def stamp(seconds: int, mark: str = ".") -> str:
    """Return ``00:00:04.000``."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}000"


def as_vtt(said: Sequence[Said]) -> bytes:
    """Return WebVTT with a voice tag in each cue."""
    cues = [
        f"{stamp(2 * at)} --> {stamp(2 * at + 2)}\n<v {who}>{text.replace('&', '&amp;')}</v>\n"
        for at, (who, text) in enumerate(said)
    ]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def as_srt(said: Sequence[Said]) -> bytes:
    """Return SubRip with ``Name:`` in each cue."""
    cues = [
        f"{at + 1}\n{stamp(2 * at, ',')} --> {stamp(2 * at + 2, ',')}\n{who}: {text}\n"
        for at, (who, text) in enumerate(said)
    ]
    return "\n".join(cues).encode()


def as_csv(rows: Sequence[Sequence[object]], delimiter: str = ",") -> bytes:
    """Return rows as a delimited file."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def as_xlsx(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    """Return sheets as a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
