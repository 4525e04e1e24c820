"""A random sample, drawn, written as a sheet, and read back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.cli.running import Run
from tests.cli.team import kept


def test_a_sample_is_drawn_filled_in_and_read(run: Run, team: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    drawn = run("sample", team, "--n", 3, "--seed", 1, "--worksheet", sheet)
    assert (drawn.code, drawn.out.splitlines()[0]) == (0, "3 sentences drawn at random (seed 1).")
    assert f"sample {team} --read {sheet}" in drawn.err.replace('"', "")
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([rows[0], *([*row[:-1], "none"] for row in rows[1:])])
    before = kept(team)
    assert "Nothing was written." in run("sample", team, "--read", sheet, "--dry-run").out
    assert kept(team) == before
    read = run("sample", team, "--read", sheet)
    assert read.out == "3 units read.\n3 of 3 sentences coded by hand.\n"
    assert "table prevalence" in read.err
    told = json.loads(run("sample", team, "--json").out)
    assert (told["units"], told["coded"], told["coders"]) == (3, 3, ["ann"])


def test_without_a_sample_the_way_to_one_is_told(run: Run, team: Path) -> None:
    ended = run("sample", team)
    assert (ended.code, ended.out) == (1, "")
    assert "QC-L040" in ended.err
    assert "--n 200" in ended.err


def test_reading_goes_alone(run: Run, team: Path) -> None:
    ended = run("sample", team, "--read", "sheet.csv", "--n", 3)
    assert ended.code == 2
    assert "--read goes alone" in ended.err


def test_more_than_there_is_cannot_be_drawn(run: Run, team: Path) -> None:
    before = kept(team)
    ended = run("sample", team, "--n", 10_000)
    assert ended.code == 1
    assert "QC-N081" in ended.err
    assert kept(team) == before


def test_a_sheet_that_may_be_filled_in_is_not_written_over(run: Run, team: Path, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("mine")
    ended = run("sample", team, "--n", 3, "--worksheet", tmp_path / "sheet.csv")
    assert (ended.code, "name another one" in ended.err) == (2, True)
    assert (tmp_path / "sheet.csv").read_text() == "mine"
    assert run("sample", team, "--unit", "turn").code == 2
