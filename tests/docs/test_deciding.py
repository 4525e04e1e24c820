"""The guide to deciding, run as a reader would: every command, in order, in one folder."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.cli.main import COMMANDS
from tests.cli.running import Run

GUIDE = Path(__file__).parents[2] / "docs" / "deciding.md"
IDS = {
    "PASSAGE": ("codings", "my-study", "--document", "01", "--code", "C3", "--status", "suggested"),
    "ORPHAN": ("orphans", "my-study"),
    "CONFLICT": ("conflicts", "my-study"),
}
"""Words that stand for an id, and the command that prints it."""


def blocks() -> Iterator[tuple[str, str]]:
    """Yield the fenced blocks of the guide: language and text."""
    yield from re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def first_id(run: Run, word: str) -> str:
    printed = json.loads(run(*IDS[word], "--json").out)
    rows = printed if isinstance(printed, list) else printed["rows"]
    return str(rows[0]["id"])


def edit_a_transcript(study: Path) -> None:
    """Do what the guide asks for between two commands: change words of passages that were decided."""
    (file,) = (study / "transcripts").glob("01*.txt")
    text = file.read_text(encoding="utf-8")
    for old, new in (
        ("Half a day every week", "Half a day every fortnight"),
        (
            "We started toast because I had a lad in Year 3 asleep on the carpet every day at ten o'clock",
            "We began with breakfast, since there was a boy who slept through every morning",
        ),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def fill_in(sheet: Path) -> None:
    """Do what the guide asks for between two commands: write codes into a worksheet."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for number, row in enumerate(rows[1:]):
        row[-1] = "none" if number % 5 else "F1, B3"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.mark.slow
def test_every_command_of_the_guide_works_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run(capsys)
    ran: list[str] = []
    for language, text in blocks():
        assert language == "sh"
        for line in filter(None, text.splitlines()):
            words = shlex.split(line)
            if words[0] == "export":
                monkeypatch.setenv(*words[1].split("="))
            elif words[0] == "cp":
                shutil.copytree(words[2], words[3])
            else:
                assert words[0] == "qualcode"
                if words[1] == "ingest":
                    edit_a_transcript(tmp_path / "my-study")
                elif "--read" in words:
                    fill_in(Path(words[-1]))
                words = [first_id(run, word) if word in IDS else word for word in words[1:]]
                done = run(*words)
                assert done.code == 0, f"{line}\n{done.out}\n{done.err}"
                assert not re.match(r"0 \w+", done.out), f"{line} does nothing:\n{done.out}"
                ran.append(words[0])
    assert (tmp_path / "my-study" / "output" / "orphans.html").is_file()
    assert "To settle" in (tmp_path / "my-study" / "output" / "disagreements.html").read_text(encoding="utf-8")
    deciding = {"accept", "reject", "move", "uncode", "memo", "undo", "redo", "log", "blame", "orphans", "place", "merge",
                "conflicts", "adjudicate", "done", "blind", "release", "verify", "backup", "restore", "codings", "sample"}  # fmt: skip
    assert deciding <= set(ran) <= set(COMMANDS)


def test_links_of_the_guide_lead_to_pages_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", GUIDE.read_text(encoding="utf-8"))
    assert links
    assert all((GUIDE.parent / link).is_file() for link in links)
