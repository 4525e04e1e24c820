"""A random sample, coded by hand on a worksheet, gives machine-coded counts an interval."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qualcode.errors import LedgerError, ProjectError
from qualcode.project import Project
from tests.project.studies import make_study


@pytest.fixture
def project(tmp_path: Path) -> Project:
    files = make_study(tmp_path / "files")
    Project.create(tmp_path / "study", codebook=files / "tiny.yaml")
    opened = Project(tmp_path / "study", person="Ann")
    opened.ingest([files / "anna.txt", files / "ben.txt"])
    opened.code()
    return opened


def fill(path: Path, answers: dict[int, str]) -> list[list[str]]:
    """Write answers (by the unit's number) into a worksheet and return its rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for row in rows[1:]:
        row[-1] = answers.get(int(row[1]), row[-1])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return rows


def first_code(project: Project) -> str:
    return project.coded()[0].code


def test_the_same_seed_draws_the_same_units(project: Project) -> None:
    one, two, other = (project.draw_sample(3, seed=seed, dry_run=True) for seed in (1, 1, 2))
    assert one.units == two.units
    assert one.units != other.units
    with pytest.raises(LedgerError, match="QC-L040"):
        project.sample()


def test_a_worksheet_comes_back_with_the_codes_that_were_written(project: Project) -> None:
    sample = project.draw_sample(4)
    sheet = project.worksheet()
    rows = fill(sheet, {1: first_code(project), 2: "none"})
    assert len(rows) == 5
    assert all(row[2] for row in rows[1:])
    read = project.read_worksheet(sheet)
    assert (read.read, read.coded, read.waiting) == (2, 2, 2)
    assert project.sample().labels == {0: frozenset({first_code(project)}), 1: frozenset()}
    assert [line.verb for line in project.log(code=first_code(project))] == ["sample"]
    assert project.sample().coders == ("Ann",)
    assert project.sample().id == sample.id
    assert project.read_worksheet(sheet).read == 0
    project.undo()
    assert project.sample().labels == {}
    assert project.verify() == ()


def test_an_excel_sheet_is_read_as_well(project: Project, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    project.draw_sample(2)
    path = project.worksheet(tmp_path / "sheet.xlsx")
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet["G2"] = "none"
    sheet["G3"] = first_code(project)
    book.save(path)
    assert project.read_worksheet(path).coded == 2


def test_a_worksheet_with_slips_is_refused_whole(project: Project) -> None:
    project.draw_sample(3)
    sheet = project.worksheet()
    fill(sheet, {1: "none", 2: "no-such-code", 3: "nor this"})
    with pytest.raises(ProjectError, match="QC-P039") as refused:
        project.read_worksheet(sheet)
    assert len(refused.value.problems) == 2
    assert project.sample().labels == {}


def test_something_else_is_no_worksheet(project: Project, tmp_path: Path) -> None:
    project.draw_sample(1)
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="QC-P039"):
        project.read_worksheet(path)


@pytest.fixture
def wide(tmp_path: Path) -> Project:
    """Six interviews of twelve sentences; the rule finds some of those that a person would code."""
    said = ("We bought into it.", "My garden needs rain.", "We took to it at once.", "The bus was late.")
    for number in range(6):
        lines = [f"ANNA: {said[(number + turn * (number + 1)) % 4]}" for turn in range(12)]
        (tmp_path / f"talk-{number}.txt").write_text("INTERVIEWER: Well?\n\n" + "\n\n".join(lines), encoding="utf-8")
    Project.create(tmp_path / "study", codebook=make_study(tmp_path / "files") / "tiny.yaml")
    opened = Project(tmp_path / "study", person="Ann")
    opened.ingest(sorted(tmp_path.glob("talk-*.txt")))
    opened.code()
    return opened


def test_prevalence_has_an_interval_only_when_the_whole_sample_is_coded(wide: Project) -> None:
    assert {row[-2] for row in wide.table("prevalence").rows} == {"undefined"}
    sample = wide.draw_sample(30, seed=3)
    sheet = wide.worksheet()
    meant = {number: "A1" if "bought" in place.quote or "took" in place.quote else "none"
             for number, (place, _) in enumerate(sample.units, start=1)}  # fmt: skip
    last = meant.pop(30)
    fill(sheet, meant)
    wide.read_worksheet(sheet)
    assert {row[-2] for row in wide.table("prevalence").rows} == {"undefined"}
    fill(sheet, {30: last})
    wide.read_worksheet(sheet)
    table = wide.table("prevalence", codes=["A1"])
    cells = dict(zip([column.name for column in table.columns], table.rows[0], strict=True))
    assert cells["sampled_units"] == 30
    assert cells["hand_units"] == sum(1 for code in [*meant.values(), last] if code == "A1")
    assert cells["status"] == "ok"
    truth = sum("bought" in each or "took" in each for each in _sentences(wide)) / cells["of_units"]
    assert cells["machine_share"] < truth
    assert cells["low"] <= truth <= cells["high"]


def _sentences(project: Project) -> list[str]:
    return [line for each in project.documents for line in each.text.splitlines() if line.startswith("ANNA")]


def test_labels_follow_a_renamed_code(project: Project) -> None:
    code = first_code(project)
    project.draw_sample(1)
    sheet = project.worksheet()
    fill(sheet, {1: code})
    project.read_worksheet(sheet)
    project.rename_code(code, to="NEW-1")
    assert project.sample().labels == {0: frozenset({"NEW-1"})}
    project.undo()
    assert project.sample().labels == {0: frozenset({code})}
