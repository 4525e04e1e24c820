"""``qualcode code`` tells what coders warn of as notes, keeps the figures with the run, and sends nothing for --dry-run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qualcode.project import Project
from qualcode.store import Store
from tests.cli.running import Run
from tests.coding.llm_server import completion, model, serving
from tests.project.studies import make_study

RECIPE = """
recipe:
  coders:
    - name: rules
    - {{name: llm, url: "{url}", model: m, consent: "{consent}", retries: 0, max_passages: 2, key_env: ""}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("QUALCODE_PERSON", "ann")
    study = make_study(tmp_path / "files")
    made = Project.create(tmp_path / "study", codebook=study / "tiny.yaml")
    assert made is not None
    made.ingest([study / "anna.txt", study / "ben.txt"])
    return made


def recipe(project: Project, url: str, consent: str) -> None:
    path = project.folder / "qualcode.yaml"
    plain = path.read_text(encoding="utf-8").split("recipe:")[0]
    path.write_text(plain + RECIPE.format(url=url, consent=consent), encoding="utf-8")


def last_run(project: Project) -> dict[str, object]:
    with Store.open(project.folder / "project.db") as store:
        return dict(list(store.entries("run"))[-1].content)


def test_a_dry_run_sends_and_writes_nothing_and_says_what_would_be_sent(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(capsys)
    with serving(model(("on board", "A1"))) as server:
        recipe(project, server.url, server.consent)
        before = sorted(each.name for each in project.folder.iterdir())
        done = run("code", project.folder, "--dry-run")
        assert server.requests == []
    assert done.code == 0
    assert "note: the llm coder would send 2 of " in done.err
    assert f"passages to {server.host}; in a dry run nothing is sent" in done.err
    assert "Warning" not in done.err
    assert "Nothing was written." in done.out
    assert {each.name for each in project.folder.iterdir()} - set(before) <= {".index"}
    assert not (project.folder / "llm-log.jsonl").exists()


def test_what_was_not_coded_is_a_note_stands_in_json_and_in_the_record_of_the_run(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(capsys)
    with serving(model(("on board", "A1"))) as server:
        recipe(project, server.url, server.consent)
        done = run("code", project.folder)
        assert done.code == 0, done.err
        notes = [line for line in done.err.splitlines() if line.startswith("note: ")]
        assert len(notes) == 1
        assert "did not code" in notes[0]
        assert "beyond max_passages: 2" in notes[0]
        assert "NotCodedWarning" not in done.err
        assert ".py:" not in done.err
        told = json.loads(run("code", project.folder, "--json").out)["warnings"]
    assert [each["kind"] for each in told] == ["NotCodedWarning"]
    assert told[0]["message"] == notes[0].removeprefix("note: ").replace("  ", " ")
    (kept,) = last_run(project)["warnings"]  # type: ignore[misc]  # plain data
    assert kept == {"codebook": "tiny", "kind": "NotCodedWarning", "passages": told[0]["passages"],
                    "not_coded": told[0]["not_coded"], "wrong_quotes": 0, "wrong_codes": 0, "stray": 0, "requests": 0,
                    "unasked": 0}  # fmt: skip
    assert kept["not_coded"] == kept["passages"] - 2 > 0


def test_a_run_without_warnings_says_and_keeps_none(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys)("code", project.folder, "--json")
    assert "warnings" not in json.loads(done.out)
    assert "note:" not in done.err
    assert "warnings" not in last_run(project)


def test_what_was_warned_of_before_an_error_is_told_too(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda _: completion("no")) as server:
        recipe(project, server.url, server.consent)
        path = project.folder / "qualcode.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "    - name: nobody\n", encoding="utf-8")
        done = Run(capsys)("code", project.folder)
    assert done.code == 1
    assert "QC-K001" in done.err
    assert "note: the llm coder did not code" in done.err


def test_from_python_the_warning_is_heard(project: Project) -> None:
    with serving(model(("on board", "A1"))) as server:
        recipe(project, server.url, server.consent)
        with pytest.warns(UserWarning, match="beyond max_passages"):
            project.code()
    assert last_run(project)["warnings"]
