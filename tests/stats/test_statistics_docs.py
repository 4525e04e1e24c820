"""``docs/statistics.md``: its examples run, its error codes and function names are those of the code."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest

from qualcode.stats import (
    association,
    cooccurrence,
    dispersion,
    keyness,
    prevalence,
    recall,
    richness,
    saturation,
    stopping,
)

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
MODULES = ("association", "cooccurrence", "dispersion", "exact", "inputs", "keyness", "prevalence", "recall", "richness", "sampling",
           "sampling_design", "sampling_errors", "saturation", "stopping")  # fmt: skip
EXAMPLES = re.findall(r"```python\n(.*?)```\n```text\n(.*?)```", DOCS, re.DOTALL)


def test_each_error_code_is_documented() -> None:
    code = "".join((ROOT / "qualcode" / "stats" / f"{name}.py").read_text("utf-8") for name in MODULES)
    assert set(re.findall(r'"(QC-N\d{3})"', code)) == set(re.findall(r"^\| (QC-N\d{3}) ", DOCS, re.MULTILINE))


def test_there_are_examples_to_run() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize(("source", "printed"), EXAMPLES)
def test_each_example_prints_what_the_page_says(source: str, printed: str) -> None:
    out = StringIO()
    with redirect_stdout(out):
        exec(source, {})
    assert out.getvalue() == printed


@pytest.mark.parametrize(
    "module", [association, cooccurrence, dispersion, keyness, prevalence, recall, richness, saturation, stopping]
)
def test_each_function_is_named_on_the_page(module: ModuleType) -> None:
    for name in module.__all__:
        value = getattr(module, name)
        if callable(value) and not isinstance(value, type):
            assert name in DOCS, name


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_sorted_and_there(name: str) -> None:
    module = import_module(f"qualcode.stats.{name}")
    assert all(hasattr(module, each) for each in module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)


def test_importing_the_modules_imports_no_heavy_library() -> None:
    imports = "; ".join(f"import qualcode.stats.{name}" for name in MODULES)
    check = "import sys; print([n for n in ('scipy', 'pandas', 'sklearn', 'spacy', 'matplotlib', 'sqlite3') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}; {check}"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
