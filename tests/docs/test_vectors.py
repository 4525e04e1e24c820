"""The page about sentence vectors: its settings are read, and its Python runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qualcode.project.settings import load_settings
from tests.coding.books import said
from tests.coding.models import directions, static_folder

PAGE = (Path(__file__).parents[2] / "docs" / "vectors.md").read_text(encoding="utf-8")


def block(language: str, word: str) -> str:
    """Return the fenced block of a language that has a word in it."""
    (found,) = [each for each in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if word in each]
    return str(found)


def test_the_settings_are_read(tmp_path: Path) -> None:
    settings = "schema: qualcode-project/1\ncodebooks: [hope-merged]\n" + block("yaml", "vectors:")
    (tmp_path / "qualcode.yaml").write_text(settings, encoding="utf-8")
    found = load_settings(tmp_path / "qualcode.yaml")
    assert (found.vectors, [each.name for each in found.coders]) == ("models/minilm", ["exemplars"])


@pytest.mark.slow
def test_the_python_runs_with_any_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    static_folder(tmp_path / "models" / "minilm", directions(["she they her", "covered took taught", "class lessons"]))
    turn = "Somebody had my class covered before I was off the phone, and nobody asked when I'd be back."
    names = {"documents": [said(turn)]}
    exec(block("python", "load_encoder"), names)  # the page's own code
    assert [each.code for each in names["suggestions"]]
    assert capsys.readouterr().out.startswith("[[")


def test_the_way_to_a_static_model_names_what_there_is() -> None:
    code = block("python", "distill")
    assert compile(code, "vectors.md", "exec")
    assert "models/static" in code
