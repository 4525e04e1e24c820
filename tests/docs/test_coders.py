"""The pages about coders, followed as a reader would: the plug-in made, checked and run; the model asked (on loopback)."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.coding import coder_names, make_coder
from qualcode.model.coding import Coding
from qualcode.testing import check_coder, sample_codebook, sample_codings, sample_documents
from tests.cli.running import Run
from tests.coding.llm_server import Server, model, serving

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUALCODE_PERSON", "ann")


def blocks(page: str, *languages: str) -> list[str]:
    """Return the fenced blocks of a page in some languages."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for language, block in found if language in languages]


@pytest.fixture
def asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make the package of the tutorial, installed as pip leaves it: modules, and a folder that names the entry point."""
    site = tmp_path / "site"
    site.mkdir()
    coder, test, picky = blocks("coders.md", "python")
    (pyproject,) = blocks("coders.md", "toml")
    for name, text in (("asks.py", coder), ("test_asks.py", test), ("picky.py", picky)):
        (site / name).write_text(text, encoding="utf-8")
    project = tomllib.loads(pyproject)
    assert project["tool"]["setuptools"]["py-modules"] == ["asks"]
    info = site / "qualcode_asks-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: qualcode-asks\nVersion: 0.1\n", encoding="utf-8")
    points = [f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in each.items())
              for group, each in project["project"]["entry-points"].items()]  # fmt: skip
    (info / "entry_points.txt").write_text("\n".join(points), encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    yield site
    for name in ("asks", "test_asks", "picky"):
        sys.modules.pop(name, None)


def follow(run: Run, page: str, folder: Path, *, server: Server | None = None) -> dict[str, str]:
    """Run the commands of a page in their order, with its settings in place; return what each printed."""
    printed: dict[str, str] = {}
    for block in blocks(page, "sh", "yaml"):
        if server is not None:
            block = block.replace("localhost:8080", server.host)
        if block.startswith("recipe:"):
            settings = folder / "my-study" / "qualcode.yaml"
            text = settings.read_text(encoding="utf-8")
            settings.write_text(text[: text.index("recipe:")] + block, encoding="utf-8")
            continue
        for line in filter(None, block.splitlines()):
            words = shlex.split(line)
            if words[0] == "pip":
                continue  # what it leaves is there already
            assert words[0] == "qualcode"
            words = [str(ROOT / word) if word.startswith("corpora/") else word for word in words]
            done = run(*words[1:])
            assert done.code == 0, f"{line}\n{done.err}"
            printed[line] = done.out
    return printed


def test_the_coder_of_the_tutorial_has_forty_lines_and_is_found_by_its_entry_point(asks: Path) -> None:
    assert len((asks / "asks.py").read_text(encoding="utf-8").splitlines()) == 40
    assert "asks" in coder_names()
    assert type(make_coder("asks", codebook=sample_codebook())).__module__ == "asks"


def test_the_check_of_the_tutorial_passes_and_so_does_the_coder_that_learns(asks: Path) -> None:
    importlib.import_module("test_asks").test_it_keeps_what_every_coder_must_keep()
    picky: Any = importlib.import_module("picky").PickyCoder
    check_coder(lambda codebook: picky(codebook, code="A2"))


def test_the_coder_that_learns_leaves_out_what_was_rejected(asks: Path) -> None:
    from qualcode.coding import Corpus
    from tests.coding.books import said

    coder: Any = importlib.import_module("picky").PickyCoder(sample_codebook(), code="A2")
    corpus = Corpus.of([said("P: Why do we plan? It is late. What for, I ask you? Shall we go on?")])
    assert [each.quote for each in coder.suggest(corpus)] == [
        "Why do we plan?",
        "What for, I ask you?",
        "Shall we go on?",
    ]
    (some, *_) = sample_codings(sample_documents(), sample_codebook())
    decided: list[Coding] = [
        type(some)(
            **{
                **{name: getattr(some, name) for name in some.__slots__},
                "code": "A2",
                "status": "rejected",
                "quote": "What now?",
            }
        )
    ]
    taught = coder.fit(corpus, decided)
    assert [each.quote for each in taught.suggest(corpus)] == ["Why do we plan?", "Shall we go on?"]
    assert len(coder.suggest(corpus)) == 3


@pytest.mark.slow
def test_every_command_of_the_tutorial_works_in_its_order(
    asks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run(capsys)
    printed = follow(run, "coders.md", tmp_path)
    found = json.loads(run("codings", "my-study", "--coder", "asks", "--json").out)
    rows = found if isinstance(found, list) else found["rows"]
    assert rows
    assert {row["code"] for row in rows} == {"Q1"}
    assert all(row["quote"].rstrip("\"'\u201d\u2019").endswith("?") for row in rows)
    assert "Q1" in printed["qualcode table themes my-study"]


@pytest.mark.slow
def test_every_command_of_the_page_about_models_works_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run(capsys)
    (preview,) = blocks("llm.md", "python")
    with serving(model(("I stood on the gate", "A1"), ("the", "F1"))) as server:
        printed = follow(run, "llm.md", tmp_path, server=server)
        assert "beyond max_passages: 10" in run("code", "my-study").err
        sent = len(server.requests)
        exec(compile(preview, "llm.md", "exec"), {})
        shown = capsys.readouterr().out
        assert len(server.requests) == sent
    assert shown.count('"messages"') == sent
    assert "F1" in printed["qualcode codings my-study --coder llm"]
    assert (tmp_path / "my-study" / "llm-log.jsonl").is_file()
