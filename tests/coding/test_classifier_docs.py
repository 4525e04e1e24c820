"""The guide to the classifier: its commands and programs run, its errors and links are right."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Run

GUIDE = Path(__file__).parents[2] / "docs" / "classifier.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.mark.slow
def test_every_command_and_program_of_the_guide_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run(capsys)
    for line in "".join(blocks("sh")).splitlines():
        words = shlex.split(line)
        if words[1] == "evaluate":
            assert words[-1] == "01,02,04,06"
            words = [*words[:-1], "01,02", "--replicates", "0"]  # two of the four, and no intervals: it takes a while
        done = run(*words[1:])
        assert done.code == 0, f"{line}\n{done.err}"
    first, second = blocks("python")
    capsys.readouterr()
    names: dict[str, Any] = {}
    exec(compile(first, str(GUIDE), "exec"), names)
    shown = capsys.readouterr().out
    assert "ready" in shown
    assert len(names["codings"]) > 100
    exec(compile(second, str(GUIDE), "exec"), names)
    assert "trust" in capsys.readouterr().out


def test_every_error_of_the_classifier_is_in_the_guide() -> None:
    room = Path(__file__).parents[2] / "qualcode" / "coding" / "classifier"
    raised = {code for path in room.glob("*.py") for code in re.findall(r'"(QC-K\d{3})"', path.read_text("utf-8"))}
    assert raised
    assert raised <= set(re.findall(r"QC-K\d{3}", TEXT))


def test_links_of_the_guide_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT)
    assert links
    assert all((GUIDE.parent / link).is_file() for link in links)
