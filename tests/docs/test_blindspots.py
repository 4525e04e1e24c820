"""The guide to blind spots, run as a reader would; what it quotes is what people say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from qualcode.notebook.verbs import read
from tests.cli.running import Run

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "blindspots.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def words_of(line: str) -> list[str]:
    """Return the words of a command; a name with a star stands for the files of the bundled study."""
    words: list[str] = []
    for word in shlex.split(line):
        words += sorted(map(str, ROOT.glob(word))) if "*" in word else [word]
    return words


@pytest.mark.slow
def test_every_command_of_the_guide_works_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUALCODE_PERSON", "ann")
    run = Run(capsys)
    printed: dict[str, str] = {}
    for language, text in BLOCKS:
        for line in text.splitlines() if language == "sh" else ():
            words = words_of(line)
            assert words[0] == "qualcode"
            done = run(*words[1:])
            assert done.code == 0, f"{line}\n{done.out}\n{done.err}"
            printed[line] = done.out
    table = printed["qualcode table blindspots my-study"]
    assert table.startswith("What no code touched")
    assert " of 14,716 words lie in sentences that no code touches" in " ".join(table.split())
    assert not printed['qualcode search my-study "governor | suit"'].startswith("0 hits")
    assert len([line for line in printed if "table blindspots" in line]) == 4


def test_the_guide_quotes_letter_for_letter() -> None:
    (shown,) = [text for language, text in BLOCKS if language == "text"]
    folder = ROOT / "corpora" / "hope-challenge" / "transcripts"
    said = {each.name: " ".join(each.text.split()) for each in read([path for path in folder.iterdir() if path.name[:2] in {"01", "02", "04", "06"}])}  # fmt: skip
    quotes = re.findall(r"- “(.+?)” \((.+?), (\S+), turn \d+\)", " ".join(shown.split()))
    assert len(quotes) == 3
    assert all(quote in said[document] for quote, _, document in quotes)


def test_links_of_the_guide_lead_to_pages_that_are_there() -> None:
    assert all((GUIDE.parent / link).is_file() for link in re.findall(r"\]\(([^)#]+)\)", TEXT))
