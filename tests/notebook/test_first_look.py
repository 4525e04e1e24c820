"""The notebook runs, and is kept without its outputs beside the same script."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def test_the_notebook_is_kept_without_outputs_and_equals_its_script() -> None:
    script = ""
    for cell in cells(NOTEBOOKS / "01-first-look.ipynb"):
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = "\n".join(f"# {line}".rstrip() for line in text.split("\n"))
            script += f"# %% [markdown]\n{text}\n\n"
        else:
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            script += f"# %%\n{text}\n\n"
    assert script.rstrip() == (NOTEBOOKS / "01-first-look.py").read_text(encoding="utf-8").rstrip()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of Jupyter's own machinery
def test_the_notebook_runs_and_shows_tables_marks_and_a_figure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    root = str(NOTEBOOKS.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    book = nbformat.read(NOTEBOOKS / "01-first-look.ipynb", as_version=4)
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in shown if output.output_type == "error"]
    data = [output.data for output in shown if "data" in output]
    html = "".join(each.get("text/html", "") for each in data)
    assert "<caption>What was read</caption>" in html
    assert "<mark" in html
    assert any("image/png" in each or "image/svg+xml" in each for each in data)
