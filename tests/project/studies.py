"""A small made-up study on disk: two transcripts, a table of attributes, a codebook."""

from __future__ import annotations

from pathlib import Path

__all__ = ["BOOK", "make_study"]

BOOK = """\
schema: qualcode-codebook/1
id: tiny
version: "1.0"
title: A tiny book
codes:
  - id: A
    label: Direction
    codable: false
    definition: A heading.
  - id: A1
    label: Buy-in
    parent: A
    definition: People take it up.
    examples:
      typical: ["We really bought into it."]
      near_miss: [{text: "We bought it in a shop.", why: "a purchase"}]
    rules:
      - "bought into"
      - on board
"""

ANNA = """\
INTERVIEWER: How did it begin?

ANNA: We all bought into it from the start. The head was on board as well.

INTERVIEWER: Were you on board?

ANNA: I was. My garden needs rain.
"""

BEN = """\
INTERVIEWER: And here?

BEN: Nobody bought into it, to be honest. <script>alert(1)</script> is what the screen said.

INTERVIEWER: Thank you.

BEN: You are welcome.
"""

TABLE = "document,phase\nanna.txt,primary\nben.txt,secondary\n"


def make_study(folder: Path) -> Path:
    """Write the files into a folder and return it: ``anna.txt``, ``ben.txt``, ``cases.csv``, ``tiny.yaml``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("anna.txt", ANNA), ("ben.txt", BEN), ("cases.csv", TABLE), ("tiny.yaml", BOOK)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder
