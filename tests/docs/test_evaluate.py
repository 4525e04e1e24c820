"""The guide to evaluation, run as a reader would: every command, in order, in one folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from qualcode.analysis.evaluation import tables
from qualcode.cli.main import COMMANDS
from tests.cli.running import Run

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "evaluate.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_every_command_of_the_guide_works_and_prints_what_the_guide_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QUALCODE_PERSON", raising=False)
    run = Run(capsys)
    printed: list[str] = []
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    for block in (text for language, text in blocks if language == "sh"):
        for line in block.splitlines():
            words = shlex.split(line)
            assert words[0] == "qualcode"
            assert words[1] in COMMANDS
            done = run(*words[1:])
            assert done.code == 0, f"{line}\n{done.out}\n{done.err}"
            printed.append(" ".join(done.out.split()))
    (shown,) = (text for language, text in blocks if not language)
    for line in filter(None, shown.splitlines()):
        assert " ".join(line.split()) in printed[1]
    assert "kappa 0.69 [0.65, 0.73]" in printed[2]
    assert "kappa 0.36 [0.31, 0.40]" in printed[2]
    assert (tmp_path / "quality.html").is_file()
    assert len(list((tmp_path / "quality").iterdir())) == 7


def test_links_of_the_guide_lead_to_pages_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", GUIDE)
    assert links
    assert all((DOCS / link).is_file() for link in links)


@pytest.mark.parametrize(
    ("name", "columns"),
    [("evaluation", tables._MAIN), ("evaluation_people", tables._PAIR), ("evaluation_rules", tables._RULES),
     ("evaluation_terms", tables._TERMS), ("evaluation_pairs", tables._TOGETHER),
     ("evaluation_confusions", tables._CONFUSED), ("evaluation_mistakes", tables._MISTAKES)],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_table_is_documented_column_by_column(name: str, columns: tuple[tables.Column, ...]) -> None:
    text = (DOCS / "tables.md").read_text(encoding="utf-8")
    part = re.search(rf"<!-- {name} -->\n\|.*\n\|.*\n((?:\|.*\n)+)", text)
    assert part is not None
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|$", part[1], re.MULTILINE)
    assert rows == [(column.name, column.description) for column in columns]
