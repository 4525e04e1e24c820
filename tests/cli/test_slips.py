"""Slips of the pen: an empty name, swapped words, a misspelt attribute; and what a command tells to type next."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from qualcode.cli.output import command_line
from qualcode.errors import Place, Problem
from tests.cli.running import Run


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "", "--codebook", "hope-merged", "--out", "o"),
        ("run", "x.txt", "--codebook", "hope-merged", "--out", ""),
        ("ingest", "", "x.txt"),
        ("search", "", "x"),
    ],
)
def test_an_empty_name_is_never_the_folder_one_is_in(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "private.txt").write_text("A: We were on board.\nB: Yes.\n", encoding="utf-8")
    ended = run(*arguments)
    assert ended.code == 2
    assert "the name is empty" in ended.err
    assert [each.name for each in tmp_path.iterdir()] == ["private.txt"]


def test_an_empty_codebook_name_is_told(run: Run, study: Path, tmp_path: Path) -> None:
    ended = run("run", study / "anna.txt", "--codebook", "", "--out", tmp_path / "o")
    assert (ended.code, ended.err) == (
        1, "[QC-C001] the name of the codebook is empty. See: qualcode codebook list\n"
    )  # fmt: skip


def test_a_table_and_a_project_the_wrong_way_round_are_told_in_the_right_order(run: Run, coded: Path) -> None:
    ended = run("table", coded, "themes")
    assert ended.code == 2
    assert f"table themes '{coded}'" in ended.err


def test_a_table_that_does_not_exist_is_told_before_the_project_is_opened(run: Run) -> None:
    assert "Did you mean 'themes'?" in run("table", "thems", "nowhere").err


def test_filters_that_can_find_nothing_are_told(run: Run, coded: Path) -> None:
    ended = run("search", coded, "attr:phse=primary | speaker:ANA")
    assert ended.out == "0 hits in 0 of 2 documents, 0 speakers.\n"
    assert ended.err == (
        "note: No document and no speaker has the attribute 'phse'. Did you mean 'phase'?\n"
        "note: Nobody is called 'ANA', and there is no such role. Did you mean 'ANNA'?\n"
    )
    assert run("search", coded, "attr:phase=tertiary | speaker:anna | speaker:moderator").err == ""


def test_a_search_in_a_place_that_is_not_there_has_no_result(run: Run) -> None:
    ended = run("search", "nowhere", "x", "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "QC-I001" in ended.err


def test_an_empty_query_has_no_caret_under_nothing(run: Run, coded: Path) -> None:
    assert run("search", coded, "").err == "query:1:1 [QC-Q001] the query is empty. Write at least one word.\n"


def test_a_code_that_is_not_there_is_told_with_one_that_is_like_it(run: Run, study: Path) -> None:
    assert "Did you mean 'Buy-in'?" in run("codebook", "show", study / "tiny.yaml", "Buyin").err


def test_one_document_is_a_document(run: Run, study: Path, tmp_path: Path) -> None:
    run("init", tmp_path / "p", "--codebook", study / "tiny.yaml")
    run("ingest", tmp_path / "p", study / "ben.txt")
    assert run("code", tmp_path / "p").out == "1 coding of 1 code in 1 document, with tiny 1.0\n"


def test_a_codebook_that_the_settings_name_and_that_is_gone_is_told_with_its_place(run: Run, coded: Path) -> None:
    (coded / "codebooks" / "tiny.yaml").unlink()
    told = run("table", "themes", coded).err
    assert told.startswith(f"{coded / 'codebooks' / 'tiny.yaml'} [QC-C001] there is no such codebook")
    assert "qualcode.yaml" in told


def test_a_problem_is_told_in_sentences_everywhere() -> None:
    place = Place("a.txt", 3)
    assert str(Problem("QC-X999", "this is wrong", place, "Mend it.")) == "a.txt:3 [QC-X999] this is wrong. Mend it."
    assert str(Problem("QC-X999", "Is it?", hint="Yes.")) == "[QC-X999] Is it? Yes."
    assert str(Problem("QC-X999", "wrong\n  x\n  ^", hint="Mend it.")) == "[QC-X999] wrong\n  x\n  ^\nMend it."


def test_what_to_type_next_is_the_program_as_it_was_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [".venv/bin/qualcode"])
    assert command_line("search", "my study", "a | b") == ".venv/bin/qualcode search 'my study' 'a | b'"
    monkeypatch.setattr(sys, "argv", ["cli.py"])
    assert command_line("code", "p") == "python cli.py code p"
    program = tmp_path / "qualcode"
    program.touch(0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert command_line("code", "p") == "qualcode code p"


def test_documents_whose_file_is_gone_are_named_until_they_are_forgotten(run: Run, coded: Path) -> None:
    (coded / "transcripts" / "ben.txt").unlink()
    kept = run("ingest", coded)
    assert "note: ben.txt is in the project and is counted, but its file is no longer in transcripts/" in kept.err
    assert "of 2" in run("table", "themes", coded).out
    assert "removed    ben.txt" in run("ingest", coded, "--forget", "--dry-run").out
    assert json.loads(run("ingest", coded, "--forget", "--json").out)["removed"] == ["ben.txt"]
    assert run("code", coded).code == 0
    assert "of 1" in run("table", "themes", coded).out


def test_a_matrix_for_each_group_is_as_readable_as_one_for_all(run: Run, coded: Path) -> None:
    told = run("table", "matrix", coded, "--by", "phase").out
    assert "Framework matrix by phase: primary\n" in told
    assert "Framework matrix by phase: secondary\n" in told
    assert max(map(len, told.splitlines())) <= 80


def test_a_dry_coding_does_not_send_on_to_a_table(run: Run, coded: Path) -> None:
    assert run("code", coded, "--dry-run").err == ""
