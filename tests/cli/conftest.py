"""What all tests of the command line start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.project.studies import make_study


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
