"""The guide to reading in order, run as a reader would: every command, in order, in one folder."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.cli.running import Run

GUIDE = Path(__file__).parents[2] / "docs" / "reading.md"
ANSWERS = {"--code": "nynynynnyynnq\n", "--check": "n" * 30 + "q\n"}
"""What the reader answers in the first sitting, and in the check."""


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line]


@pytest.mark.slow
def test_every_command_of_the_guide_works_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run(capsys)
    for words in commands():
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("="))
            continue
        assert words[0] == "qualcode"
        if "PASSAGE" in words:
            listed = json.loads(run("queue", "my-study", "--code", "C3", "--json").out)
            words[words.index("PASSAGE")] = listed["passages"][0]["id"]
        if words[1] == "read":
            told = ANSWERS["--check" if "--check" in words else "--code"]
            monkeypatch.setattr(sys, "stdin", io.StringIO(told))
        done = run(*words[1:])
        assert done.code == 0, f"{words}\n{done.out}\n{done.err}"
        assert not re.match(r"0 \w+", done.out), f"{words} does nothing:\n{done.out}"
    assert (tmp_path / "recall.svg").is_file()
    assert (tmp_path / "recall.csv").is_file()


def test_links_of_the_guide_lead_to_pages_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", GUIDE.read_text(encoding="utf-8"))
    assert links
    assert all((GUIDE.parent / link).is_file() for link in links)


def test_every_order_and_key_of_the_guide_is_the_programs() -> None:
    from qualcode.cli.read import LEGEND
    from qualcode.review.reading.orders import ORDERS

    told = GUIDE.read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE)[: len(ORDERS)] == list(ORDERS)
    for key in re.findall(r"(?:^|   )(\w) ", LEGEND):
        assert f"`{key}`" in told
