"""Bad input gets a clear answer: nothing lost, nothing half-written, no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.project.studies import ANNA, BOOK

ROOT = Path(__file__).parents[2]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b"  \n\n \t\n", "blank.txt"),
        ("junk.txt", bytes(range(256)) * 40, "junk.txt"),
        ("paper.txt", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nstuff", "PDF"),
        ("cut.docx", b"PK\x03\x04" + b"\x00" * 60, "cut.docx"),
        ("cases.csv", b"document,phase\nanna.txt,primary\n", "--attributes"),
        ("columns.csv", b"Who,When\nAnna,10:00\nBen,10:05\n", "columns.csv"),
    ],
)
@pytest.mark.parametrize("verb", ["inspect", "run", "ingest"])
def test_a_file_that_cannot_be_read_is_refused_and_the_others_are_kept(
    run: Run, study: Path, tmp_path: Path, verb: str, name: str, content: bytes, told: str
) -> None:
    (study / name).write_bytes(content)
    files = (study / name, study / "anna.txt")
    if verb == "inspect":
        ended = run("inspect", *files, "--json")
        assert [json.loads(line)["file"] for line in ended.out.splitlines()] == ["anna.txt"]
    elif verb == "run":
        ended = run("run", *files, "--codebook", study / "tiny.yaml", "--out", tmp_path / "out", "--json")
        assert json.loads(ended.out)["documents"] == ["anna.txt"]
        assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
            "codings.csv",
            "report.html",
            "themes.csv",
        ]
    else:
        run("init", tmp_path / "p", "--codebook", study / "tiny.yaml")
        ended = run("ingest", tmp_path / "p", *files)
        assert ended.out == "added      anna.txt\n"
        assert [each.name for each in (tmp_path / "p" / "transcripts").iterdir()] == ["anna.txt"]
    assert ended.code == 1
    assert told in ended.err
    assert "[QC-I" in ended.err


def test_when_no_file_can_be_read_nothing_is_written(run: Run, study: Path, tmp_path: Path) -> None:
    (study / "empty.txt").write_bytes(b"")
    ended = run(
        "run", study / "empty.txt", study / "gone.txt", "--codebook", study / "tiny.yaml", "--out", tmp_path / "out"
    )
    assert (ended.code, ended.out) == (1, "")
    assert "QC-P023" in ended.err
    assert "gone.txt" in ended.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (ANNA.encode("utf-16-le"), "utf-16"),
        (ANNA.replace("garden", "caf\u00e9 \u2013 \u00a330").encode("cp1252"), "1252"),
        (ANNA.replace("\n", "\r\n").encode(), "utf-8"),
        (ANNA.replace("\n", "\r").encode(), "utf-8"),
    ],
    ids=["utf-16 without a mark", "cp1252", "crlf", "lone cr"],
)
def test_old_encodings_and_line_ends_are_read(run: Run, study: Path, content: bytes, encoding: str) -> None:
    (study / "old.txt").write_bytes(content)
    ended = run("inspect", study / "old.txt", "--json")
    found = json.loads(ended.out)
    assert ended.code == 0
    assert encoding in found["encoding"].replace("_", "-").replace("windows-", "")
    assert [(each["label"], each["turns"]) for each in found["speakers"]] == [("INTERVIEWER", 2), ("ANNA", 2)]
    assert "1 of 1 document," in run("search", study / "old.txt", "on board NOT interviewer").out


def test_a_very_long_line_is_read_coded_and_reported(run: Run, study: Path, tmp_path: Path) -> None:
    (study / "long.txt").write_text("ANNA: " + "well we talked on and on " * 30_000 + "and bought into it.")
    ended = run("run", study / "long.txt", "--codebook", study / "tiny.yaml", "--out", tmp_path / "out", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["codings"] == 1


def test_a_transcript_without_speakers_is_coded_and_says_so(run: Run, study: Path, tmp_path: Path) -> None:
    (study / "prose.txt").write_text("We bought into it at once.\n\nIt rained on the day of the visit, all day.\n")
    ended = run("run", study / "prose.txt", "--codebook", study / "tiny.yaml", "--out", tmp_path / "out")
    assert ended.code == 0
    assert "speaker" in ended.err
    assert "bought into" in (tmp_path / "out" / "codings.csv").read_text(encoding="utf-8")


def test_of_two_documents_of_one_name_the_second_is_refused(run: Run, study: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "anna.txt").write_text("A: Another talk.\n\nB: Yes, another one.\n")
    ended = run("inspect", study / "anna.txt", tmp_path / "b" / "anna.txt", "--json")
    assert (ended.code, len(ended.out.splitlines())) == (1, 1)
    assert "Rename one of them" in ended.err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("    codable: false", "    parent: A1\n    codable: false"), "its own ancestor"),
        (("    definition: A heading.", "    definition: A heading.\n    definition: Twice."), "definition"),
        (("    parent: A\n", "    parent: AA\n"), "Did you mean 'A'"),
        (("      - on board", "      - on board NEAR/x head"), "NEAR/x"),
        (("      - on board", "      - (on board"), "bracket"),
        (("title: A tiny book", "titel: A tiny book"), "Did you mean 'title'"),
    ],
    ids=["a cycle", "a duplicate key", "an unknown parent", "a bad operator", "an open bracket", "an unknown key"],
)
def test_a_codebook_with_a_problem_is_refused_with_its_line(
    run: Run, study: Path, tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    assert change[0] in BOOK
    (study / "bad.yaml").write_text(BOOK.replace(*change))
    before = tree(tmp_path)
    out = tmp_path / "out"
    for arguments in (["run", study / "anna.txt", "--codebook", study / "bad.yaml", "--out", out],
                      ["init", tmp_path / "p", "--codebook", study / "bad.yaml"],
                      ["codebook", "show", study / "bad.yaml"], ["codebook", "test", study / "bad.yaml"]):  # fmt: skip
        ended = run(*arguments)
        assert (ended.code, ended.out) == (1, "")
        assert told in ended.err
        assert "bad.yaml:" in ended.err
    assert tree(tmp_path) == before
    assert not out.exists()


def test_a_codebook_that_does_not_exist_is_told_with_the_likely_one(run: Run, study: Path, tmp_path: Path) -> None:
    ended = run("run", study / "anna.txt", "--codebook", "hope-mergd", "--out", tmp_path / "out")
    assert (ended.code, "Did you mean 'hope-merged'" in ended.err) == (1, True)
    assert not (tmp_path / "out").exists()


def test_attributes_without_a_name_column_are_refused_naming_the_columns(run: Run, coded: Path, study: Path) -> None:
    (study / "odd.csv").write_text("colour,phase\nred,primary\n")
    before = tree(coded)
    ended = run("ingest", coded, "--attributes", study / "odd.csv")
    assert ended.code == 1
    assert "'colour', 'phase'" in ended.err
    assert tree(coded) == before


@pytest.mark.parametrize("others", [["thesis.docx"], ["codings.csv"], ["report.html"], ["sub/notes.txt"]])
def test_a_folder_that_is_not_ours_is_not_touched(run: Run, study: Path, tmp_path: Path, others: list[str]) -> None:
    out = tmp_path / "out"
    for each in others:
        (out / each).parent.mkdir(parents=True, exist_ok=True)
        (out / each).write_text("somebody's work\n")
    before = tree(out)
    arguments = ["run", study / "anna.txt", "--codebook", study / "tiny.yaml", "--out", out]
    ended = run(*arguments)
    assert (ended.code, ended.out) == (1, "")
    assert "QC-P011" in ended.err
    assert "--force" in ended.err
    assert run("demo", "--out", out).code == 1
    assert run("init", out).code == 1
    assert tree(out) == before
    assert run(*arguments, "--force").code == 0
    assert set(tree(out)) == set(before) | {"codings.csv", "themes.csv", "report.html"}


def test_a_file_in_the_place_of_a_folder_is_not_touched(run: Run, study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    for arguments in (["run", study / "anna.txt", "--codebook", study / "tiny.yaml", "--out", out, "--force"],
                      ["demo", "--out", out], ["init", out]):  # fmt: skip
        ended = run(*arguments)
        assert (ended.code, "QC-P010" in ended.err) == (1, True)
    assert out.read_text() == "mine"


def test_what_is_no_project_is_told(run: Run, study: Path, tmp_path: Path) -> None:
    for arguments in (["code", study], ["table", "themes", study], ["report", tmp_path / "gone"], ["export", study],
                      ["ingest", study, study / "anna.txt"]):  # fmt: skip
        ended = run(*arguments)
        assert (ended.code, "qualcode init" in ended.err) == (1, True)


def test_a_damaged_database_is_told_and_left_alone(run: Run, coded: Path) -> None:
    database = coded / "project.db"
    database.write_bytes(b"this is not what it was, not at all" * 50)
    for verb in ("code", "export", "report"):
        ended = run(verb, coded)
        assert (ended.code, "QC-S004" in ended.err) == (1, True)
    assert database.read_bytes().startswith(b"this is not")


def test_a_run_that_is_killed_leaves_no_half_file(study: Path, tmp_path: Path) -> None:
    (study / "long.txt").write_text(
        ANNA + "\n".join(f"ANNA: We bought into it, for the {n}th time.\n" for n in range(20_000))
    )
    out = tmp_path / "out"
    command = [
        sys.executable,
        str(ROOT / "cli.py"),
        "run",
        str(study / "long.txt"),
        "--codebook",
        str(study / "tiny.yaml"),
        "--out",
        str(out),
    ]
    running = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        running.wait(timeout=1.5)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode in {0, 130}
    assert b"Traceback" not in told
    assert not out.exists() or not [each for each in out.iterdir() if each.name.startswith(".")]
