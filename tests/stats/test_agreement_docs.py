"""The page on agreement: its examples run, and it names every error and every measure."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from types import ModuleType

import pytest

import qualcode.stats
import qualcode.stats.agreement
from qualcode.stats.agreement import chance, coefficients, data, panel, resample, weights
from qualcode.stats.agreement.coefficients import MEASURES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "agreement.md"
OURS = ("alpha", "analytic", "chance", "coefficients", "data", "panel", "resample", "sums", "weights")


def test_the_examples_on_the_page_run() -> None:
    run = doctest.testfile(str(PAGE), module_relative=False)
    assert run.failed == 0
    assert run.attempted > 12


@pytest.mark.parametrize(
    "module", [qualcode.stats, qualcode.stats.agreement, chance, coefficients, data, panel, resample]
)
def test_the_examples_in_docstrings_run(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_every_error_is_on_the_page_and_no_other() -> None:
    folder = ROOT / "qualcode" / "stats" / "agreement"
    raised = {
        code for name in OURS for code in re.findall(r'"(QC-N\d{3})"', (folder / f"{name}.py").read_text("utf-8"))
    }
    told = set(re.findall(r"^\| (QC-N\d{3}) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert raised == told
    assert raised <= {f"QC-N{number:03}" for number in range(1, 30)}


def test_every_measure_level_and_weight_is_on_the_page() -> None:
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))
    heads = {"measure", "level", "weights"}
    assert rows - heads == {*MEASURES, *weights.LEVELS, *weights.WEIGHTS}
