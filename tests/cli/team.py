"""A study that a team decides about, and what can be asked of it before and after a command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qualcode.project import Project
from qualcode.store import Store
from tests.cli.running import Run

__all__ = ["ANNA", "BOOK", "ids", "kept", "listed", "make_team_project"]

BOOK = """\
schema: qualcode-codebook/1
id: team
version: "1.0"
title: A team's book
facets:
  - {id: stance, values: [present, absent, mixed], default: present}
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
    rules:
      - id: A1-bought
        find: "bought into"
      - id: A1-board
        find: on board
  - id: A2
    label: Doubt
    parent: A
    definition: People are not sure.
    rules:
      - id: A2-worried
        find: worried
"""

ANNA = """\
INTERVIEWER: How did it begin?

ANNA: We all bought into it from the start. It rained a lot that year.

INTERVIEWER: Was everybody so sure?

ANNA: I was worried at first. Then we went home.

INTERVIEWER: And the head?

ANNA: The head was on board as well. My garden needs rain.
"""

BEN = """\
INTERVIEWER: And here?

BEN: Nobody bought into it, to be honest. The screen was blank.

INTERVIEWER: Why was that?

BEN: They were worried about time. You are welcome.
"""


def make_team_project(folder: Path) -> Path:
    """Make, fill and code a project in a new folder, and return the folder."""
    source = folder.parent / f"{folder.name}-files"
    source.mkdir(parents=True)
    for name, text in (("anna.txt", ANNA), ("ben.txt", BEN), ("team.yaml", BOOK)):
        (source / name).write_text(text, encoding="utf-8")
    (source / "cases.csv").write_text("document,phase\nanna.txt,primary\nben.txt,secondary\n", encoding="utf-8")
    Project.create(folder, codebook=source / "team.yaml")
    project = Project(folder, person="ann")
    project.ingest([source / "anna.txt", source / "ben.txt"], attributes=source / "cases.csv")
    project.code()
    return folder


def listed(run: Run, folder: Path, *arguments: object) -> list[dict[str, Any]]:
    """Return the rows that ``codings --json`` prints."""
    ended = run("codings", folder, "--json", *arguments)
    assert ended.code == 0, ended.err
    rows: list[dict[str, Any]] = json.loads(ended.out)["rows"]
    return rows


def ids(run: Run, folder: Path, *arguments: object) -> list[str]:
    """Return the ids of the passages that ``codings`` lists, in its order."""
    return [row["id"] for row in listed(run, folder, *arguments)]


def kept(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return what a command that writes would change: the database's revision, and all files but it and the index."""
    with Store.open(folder / "project.db") as store:
        revision = store.meta()["revision"]
    files = {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file() and not each.name.startswith("project.db") and ".index" not in each.parts
    }
    return revision, files
