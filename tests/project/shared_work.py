"""A project that is ingested and coded, and what tests ask of it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from qualcode.project import Project
from tests.project.studies import BOOK, make_study

__all__ = ["RICH", "copy_for", "decisions", "everything", "make_project", "rows", "waiting"]

RICH = (
    BOOK
    + """\
  - id: A2
    label: Doubt
    parent: A
    definition: People hold back.
    rules:
      - nobody
      - honest
  - id: A3
    label: Places
    definition: Where it is.
    rules:
      - garden | school
"""
)
"""The tiny book with two more codes."""


def make_project(place: Path, *, person: str = "Ann", code: bool = True) -> Project:
    """Return a project of two transcripts, three codes and four suggestions."""
    shutil.copytree(_made(code), place / "study")
    return Project(place / "study", person=person)


@cache
def _made(code: bool) -> Path:
    """Return a project that is copied for each test: reading and coding take longer than most of them."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    study = make_study(Path(folder) / "files")
    (study / "tiny.yaml").write_text(RICH, encoding="utf-8")
    made = Project.create(Path(folder) / "study", codebook=study / "tiny.yaml")
    assert made is not None
    project = Project(made.folder, person="Ann")
    project.ingest([study / "anna.txt", study / "ben.txt"])
    if code:
        project.code()
    return project.folder


def copy_for(project: Project, person: str) -> Project:
    """Return a copy of a project's folder for somebody else to work in."""
    target = project.folder.with_name(f"study of {person}")
    shutil.copytree(project.folder, target)
    return Project(target, person=person)


def rows(project: Project) -> list[tuple[str, str, str, str, str]]:
    """Return document, code, quote, status and who decided, of all codings."""
    return [(each.document, each.code, each.quote, each.status, each.decided_by) for each in project.coded()]


def waiting(project: Project) -> set[tuple[str, str]]:
    """Return code and words of what waits."""
    return {(each.code, each.passage.quote) for each in project.chosen(status="suggested")}


def decisions(project: Project) -> set[tuple[str, str, str, str]]:
    """Return who holds what of which words, orphans among them."""
    return {(each.layer, each.verdict, each.code, each.passage.quote) for each in project.held().judgements}


def everything(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files of a folder but the derived index."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file() and ".index" not in each.parts
    }
