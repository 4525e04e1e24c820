"""Passages are given codes that can be given: no headings, and none that are retired."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.errors import AnalysisError, ProjectError
from qualcode.project import Project
from tests.project.studies import make_study


@pytest.fixture
def project(tmp_path: Path) -> Project:
    files = make_study(tmp_path / "files")
    Project.create(tmp_path / "study", codebook=files / "tiny.yaml")
    opened = Project(tmp_path / "study", person="Ann")
    opened.ingest([files / "anna.txt", files / "ben.txt"])
    return opened


def test_a_heading_is_given_to_no_passage(project: Project) -> None:
    with pytest.raises(ProjectError, match=r"QC-P041.*those below it: A1"):
        project.code_by_hand("A", quote="My garden needs rain.")
    project.code_by_hand("A1", quote="My garden needs rain.")
    with pytest.raises(ProjectError, match="QC-P041"):
        project.move(to="A", all=True)
    assert [each.code for each in project.coded()] == ["A1"]


def test_a_retired_code_names_its_successor(project: Project) -> None:
    project.add_code("A2", "Commitment", parent="A", definition="They keep at it.")
    project.retire_code("A1", replaced_by="A2")
    with pytest.raises(ProjectError, match=r"QC-P041.*Use A2"):
        project.code_by_hand("A1", quote="My garden needs rain.")


def test_a_slip_in_the_name_of_any_table_is_answered(project: Project) -> None:
    project.code_by_hand("A1", quote="My garden needs rain.")
    with pytest.raises(AnalysisError, match=r"QC-A020.*'agreement'"):
        project.table("agrement")
    with pytest.raises(AnalysisError, match="QC-A023"):
        project.table("themes", level="turn")


def test_agreement_and_samples_are_at_the_level_that_is_asked_for(project: Project) -> None:
    project.code()
    project.code_by_hand("A1", quote="My garden needs rain.")
    for level in ("sentence", "passage", "turn", "document", "token", "character"):
        table = project.table("agreement", level=level, replicates=0)
        assert set(table.column("unit")) == {level}
    assert {project.draw_sample(2, unit=unit).unit for unit in ("sentence", "passage", "turn")} == {
        "sentence", "passage", "turn",
    }  # fmt: skip
    assert set(project.table("prevalence").column("unit")) == {project.sample().unit}
