"""A small corpus and a book for tests of reading; everything in it is made up."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from qualcode.codebook import load_codebook
from qualcode.coding import Corpus
from qualcode.model.codes import Codebook
from qualcode.project import Project
from tests.builders import document

__all__ = ["BOOK", "corpus_of_talk", "make_reading_project", "truly"]

_BOOK = """\
schema: qualcode-codebook/1
id: read
version: "1.0"
title: A book to read for
codes:
  - id: T
    label: Time
    definition: Having hours for it.
    rules:
      - '"no time"'
  - id: T1
    label: Evenings
    parent: T
    definition: Having hours for it at night.
  - id: M
    label: Money
    definition: Paying for it.
"""

_PLACES = ("in the hall", "by the gate", "at the fair", "on the bus", "near the pond", "with the band")
_WAYS = ("we sat about and talked", "it rained again and again", "nobody came along", "they sang for hours")


def _book() -> Codebook:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "read.yaml"
        path.write_text(_BOOK, encoding="utf-8")
        return load_codebook(path)


BOOK = _book()


@cache
def corpus_of_talk() -> Corpus:
    """Return two interviews of 24 sentences each; every sixth says that there was time (or no time) for something."""
    documents = []
    for name in ("anna", "ben"):
        turns = []
        for at in range(12):
            said = [f"{way.capitalize()} {_PLACES[(at + number) % 6]}." for number, way in enumerate(_WAYS[:2])]
            if at % 3 == 0:
                said[0] = f"We had {'no ' * (at % 2)}time for that {_PLACES[at % 6]}."
            turns += [("INTERVIEWER", "interviewer", "And then?"), (name.upper(), "participant", " ".join(said))]
        documents.append(document(name, turns))
    return Corpus.of(documents)


def make_reading_project(place: Path, *, person: str = "Ann") -> Project:
    """Return a coded project of the two interviews, in which nobody has decided anything: four suggestions wait."""
    shutil.copytree(_made(), place / "study")
    return Project(place / "study", person=person)


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "read.yaml").write_text(_BOOK, encoding="utf-8")
    for each in corpus_of_talk().documents:
        (folder / f"{each.name}.txt").write_text(each.text, encoding="utf-8")
    made = Project.create(folder / "study", codebook=folder / "read.yaml")
    assert made is not None
    project = Project(made.folder, person="Ann")
    project.ingest([folder / "anna.txt", folder / "ben.txt"])
    project.code()
    return project.folder


def truly(words: str) -> bool:
    """Return what a person would say of a passage for the code T."""
    return "time for that" in words
