"""The guide to topics, run as a reader would: every command, in order, in one folder."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.project.settings import load_settings, settings_text
from tests.cli.running import Run

GUIDE = Path(__file__).parents[2] / "docs" / "topics.md"


def blocks() -> Iterator[tuple[str, str]]:
    """Yield the fenced blocks of the guide: language and text."""
    yield from re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def fill_in(sheet: Path, target: Path, letter: str) -> None:
    """Do what the guide asks of people between two commands: write letters into a quiz."""
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([rows[0], *([*row[:-1], letter] for row in rows[1:])])


@pytest.mark.slow
def test_every_command_of_the_guide_works_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUALCODE_PERSON", "Maya")
    run = Run(capsys)
    ran = []
    for language, text in blocks():
        if language != "sh":
            continue
        for line in filter(None, text.splitlines()):
            words = shlex.split(line)
            assert words[0] == "qualcode"
            if "--answers" in words:
                fill_in(Path("quiz.csv"), Path("maya.csv"), "A")
                fill_in(Path("quiz.csv"), Path("tom.csv"), "B")
            done = run(*words[1:])
            assert done.code == 0, f"{line}\n{done.out}\n{done.err}"
            assert done.out
            if "--without" in words:  # what the guide says of this output
                flat = " ".join(done.out.split())
                assert "F9 Disadvantage and life chances (.44)" in flat
                assert "stand, gate, railing, street, tannery" in flat
                assert "C4 Families and community (.15), which may be chance" in flat
            ran.append(words[1])
    assert {"topics", "table", "codebook", "report"} <= set(ran)
    assert "topics in the talk</title>" in Path("topics.html").read_text(encoding="utf-8")
    assert "Topics in the talk" in Path("my-study/output/report.html").read_text(encoding="utf-8")


def test_the_recipe_in_the_guide_is_one(tmp_path: Path) -> None:
    (recipe,) = (text for language, text in blocks() if language == "yaml")
    plain = settings_text("A study", ["hope-merged"])
    path = tmp_path / "qualcode.yaml"
    path.write_text(plain[: plain.index("recipe:")] + recipe, encoding="utf-8")
    assert [each.name for each in load_settings(path).coders] == ["rules", "topics"]


def test_each_error_of_topic_models_is_documented() -> None:
    room = Path(__file__).parents[2] / "qualcode" / "coding" / "topics"
    raised = {code for path in room.glob("*.py") for code in re.findall(r'"(QC-[KM]\d{3})"', path.read_text("utf-8"))}
    told = set(re.findall(r"^\| (QC-[KM]\d{3}) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    assert raised == told


def test_links_of_the_guide_lead_to_pages_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", GUIDE.read_text(encoding="utf-8"))
    assert links
    assert all((GUIDE.parent / link).is_file() for link in links)
