"""What all tests of the command line start from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.cli.team import make_team_project
from tests.project.studies import make_study


@pytest.fixture(autouse=True)
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions are Ann's unless a test says otherwise, whoever runs the tests."""
    monkeypatch.setenv("QUALCODE_PERSON", "ann")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with ``anna.txt``, ``ben.txt``, ``cases.csv`` and ``tiny.yaml``."""
    return make_study(tmp_path / "source files")


@pytest.fixture
def coded(tmp_path: Path, study: Path, run: Run) -> Path:
    """A coded project."""
    folder = tmp_path / "a study"
    assert run("init", folder, "--codebook", study / "tiny.yaml", "-q").code == 0
    files = (study / "anna.txt", study / "ben.txt")
    assert run("ingest", folder, *files, "--attributes", study / "cases.csv").code == 0
    assert run("code", folder).code == 0
    return folder


@pytest.fixture(scope="session")
def team_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coded project that nobody has decided anything in; copies are what tests work on."""
    return make_team_project(tmp_path_factory.mktemp("team") / "study")


@pytest.fixture
def team(team_template: Path, tmp_path: Path) -> Path:
    """A coded project of two transcripts: ``anna.txt`` with three passages that wait, ``ben.txt`` with two."""
    return Path(shutil.copytree(team_template, tmp_path / "study"))
