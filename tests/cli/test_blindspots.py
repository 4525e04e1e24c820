"""``qualcode table blindspots``: group by group for people, rows for programs, and clear words where there is nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from qualcode.project import Project
from tests.analysis.untouched import TOPICS, TRUST
from tests.cli.running import Run

BOOK = """\
schema: qualcode-codebook/1
id: trusting
version: "1.0"
title: A book about trust
codes:
  - id: T
    label: Trust
    definition: People trust each other and keep their promises.
    rules: [trust NEAR/4 other]
  - id: D
    label: Dinners
    definition: "What pupils eat: dinner, soup, pudding, the kitchen and its cook."
"""


@pytest.fixture
def untouched(tmp_path: Path, run: Run) -> Path:
    """A coded project of two transcripts that talk about buses, dinners and gardens, and once about trust."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "trusting.yaml").write_text(BOOK, encoding="utf-8")
    files = []
    for number in range(2):
        said = [each for topic in TOPICS.values() for each in topic[number::2]]
        turns = [f"PAT: {each}" for each in [*said, "Yes, exactly.", TRUST]]
        files.append(source / f"pat{number}.txt")
        files[-1].write_text("\n\nINTERVIEWER: And?\n\n".join(turns) + "\n", encoding="utf-8")
    folder = tmp_path / "a study"
    assert run("init", folder, "--codebook", source / "trusting.yaml", "-q").code == 0
    assert run("ingest", folder, *files).code == 0
    assert run("code", folder).code == 0
    return folder


def test_groups_are_printed_one_below_the_other(run: Run, untouched: Path) -> None:
    done = run("table", "blindspots", untouched, "--clusters", "3", "--replicates", "10")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "What no code touched"
    assert [line[0] for line in lines if line[:1].isdigit() and line[1:3] == ". "] == ["1", "2", "3"]
    assert "   6 passages, " in done.out
    assert done.out.count("   - “") == 6
    assert "(PAT, pat0.txt, turn" in " ".join(done.out.split())
    assert "near: D Dinners (" in done.out
    assert "under 0.60 a group would fall otherwise" in " ".join(done.out.split())


def test_rows_for_programs_are_the_same_in_every_form_and_run(run: Run, untouched: Path) -> None:
    options = ("--clusters", "3", "--replicates", "5", "--seed", "7")
    rows = json.loads(run("table", "blindspots", untouched, *options, "--json").out)["rows"]
    table = list(csv.DictReader(io.StringIO(run("table", "blindspots", untouched, *options, "--format", "csv").out)))
    assert [each["terms"] for each in rows] == [each["terms"] for each in table]
    made = Project(untouched).table("blindspots", clusters=3, replicates=5, seed=7)
    assert [dict(row) for row in made] == rows


def test_every_passage_is_listed(run: Run, untouched: Path) -> None:
    rows = json.loads(run("table", "blindspots", untouched, "--clusters", "3", "--long", "--json").out)["rows"]
    assert len(rows) == 18
    assert {each["text"] for each in rows} == {each for topic in TOPICS.values() for each in topic}
    assert "pat0.txt" in run("table", "blindspots", untouched, "--long").out


def test_what_people_decided_can_be_looked_at_alone(run: Run, untouched: Path) -> None:
    ended = run("table", "blindspots", untouched, "--decided-only")
    assert (ended.code, ended.out) == (1, "")
    assert "QC-A042" in ended.err
    assert run("accept", untouched, "--document", "pat0", "--all").code == 0
    table = json.loads(run("table", "blindspots", untouched, "--decided-only", "--json").out)
    assert "what people decided" in table["notes"][0]
    assert any("pat1.txt" in note for note in table["notes"])
    both = json.loads(run("table", "blindspots", untouched, "--include-suggested", "--json").out)
    assert not any("Not looked at" in note for note in both["notes"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--clusters", "1"), "--clusters"),
        (("--by", "phase"), "does not take --by"),
        (("--level", "turn"), "does not take --level"),
    ],
)
def test_misuse_is_told(run: Run, untouched: Path, arguments: tuple[str, ...], told: str) -> None:
    ended = run("table", "blindspots", untouched, *arguments)
    assert ended.code == 2
    assert told in ended.err


def test_more_groups_than_there_are_passages_for_are_refused(run: Run, untouched: Path) -> None:
    ended = run("table", "blindspots", untouched, "--clusters", "10")
    assert ended.code == 1
    assert "QC-A040" in ended.err
    assert "at most 9" in ended.err


def test_themes_take_no_clusters(run: Run, untouched: Path) -> None:
    ended = run("table", "themes", untouched, "--clusters", "3")
    assert "does not take --clusters; it is for: blindspots." in " ".join(ended.err.split())
    ended = run("table", "themes", untouched, "--decided-only")
    assert "does not take --decided-only; it is for: blindspots." in " ".join(ended.err.split())


def test_a_project_tells_of_its_blind_spots(untouched: Path) -> None:
    project = Project(untouched)
    found = project.blindspots(clusters=3, replicates=0)
    assert [len(each.passages) for each in found.clusters] == [6, 6, 6]
    chapter = project.blindspot_chapter()
    assert chapter is not None
    assert str(untouched) in chapter.steps[0][1]


def test_a_way_without_a_project_has_the_groups_in_its_report_without_commands(
    run: Run, untouched: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    book = next((untouched / "codebooks").glob("*.yaml"))
    assert run("run", untouched / "transcripts", "--codebook", book, "--out", out).code == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "What no code touched, in groups" in page
    assert "qualcode table blindspots" not in page


def test_where_the_rules_find_nothing_the_report_goes_without(run: Run, tmp_path: Path, untouched: Path) -> None:
    book = tmp_path / "none.yaml"
    book.write_text(BOOK.replace("trust NEAR/4 other", "zebra"), encoding="utf-8")
    out = tmp_path / "none"
    assert run("run", untouched / "transcripts", "--codebook", book, "--out", out).code == 0
    assert "in groups" not in (out / "report.html").read_text(encoding="utf-8")
