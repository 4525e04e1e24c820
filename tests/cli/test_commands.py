"""Each command does what its help says, for people and for programs."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from qualcode.cli.demo import EXAMPLE
from tests.cli.running import Run
from tests.project.studies import BOOK


def tree(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def test_inspect_prints_an_object_a_file_exactly_as_promised(run: Run, study: Path) -> None:
    ended = run("inspect", study / "anna.txt", study / "ben.txt", "--json")
    first, second = map(json.loads, ended.out.splitlines())
    assert list(first) == ["file", "format", "encoding", "speakers", "turns", "words", "warnings"]
    assert first["speakers"][1] == {"label": "ANNA", "role": "participant", "turns": 2, "words": 21}
    assert (first["file"], first["turns"], second["file"]) == ("anna.txt", 4, "ben.txt")
    assert all(list(each) == ["code", "severity", "message"] for each in first["warnings"])
    assert ended.code == 0


def test_inspect_prints_a_table_for_people(run: Run, study: Path) -> None:
    ended = run("inspect", study / "anna.txt")
    assert "anna.txt  txt, utf-8, 4 turns" in ended.out
    assert re.search(r"ANNA +participant +2 +21", ended.out)


def test_inspect_refuses_one_file_and_shows_the_others(run: Run, study: Path) -> None:
    (study / "scan.txt").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    ended = run("inspect", study / "scan.txt", study / "anna.txt", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["file"] == "anna.txt"
    assert "PDF" in ended.err


def test_a_folder_stands_for_its_files(run: Run, study: Path) -> None:
    for name in ("tiny.yaml", "cases.csv"):
        (study / name).unlink()
    (study / "README.md").write_text("About these files.")
    (study / ".hidden").write_text("x")
    ended = run("inspect", study, "--json")
    assert [json.loads(line)["file"] for line in ended.out.splitlines()] == ["anna.txt", "ben.txt"]
    assert "README.md was passed over" in ended.err
    assert ended.code == 0


@pytest.mark.parametrize("name", ["with blank.txt", 'it\'s "quoted".txt', "Übung – λ.txt", "-dash.txt", "%s{0}.txt"])
def test_weird_file_names_work(run: Run, study: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (study / "anna.txt").rename(study / name)
    monkeypatch.chdir(study)
    assert json.loads(run("inspect", "--json", "--", name).out)["file"] == name
    assert "1 of 1 document," in run("search", "--", name, "garden").out
    assert run("run", "--codebook", "tiny.yaml", "--out", "out dir", "-q", "--", name).code == 0
    with (study / "out dir" / "codings.csv").open(encoding="utf-8", newline="") as file:
        assert {row["document"] for row in csv.DictReader(file)} == {name}


def test_run_leaves_three_files_and_prints_the_themes(run: Run, study: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    ended = run("run", study / "anna.txt", study / "ben.txt", "--codebook", study / "tiny.yaml", "--out", out)
    assert ended.code == 0
    assert sorted(each.name for each in out.iterdir()) == ["codings.csv", "report.html", "themes.csv"]
    assert re.search(r"A1 +Buy-in +2 +\d +2 +2 of 2", ended.out)
    assert ended.out.rstrip().endswith(f"Report: {out / 'report.html'}")
    assert "<script>alert" not in (out / "report.html").read_text(encoding="utf-8")


def test_run_twice_into_one_folder_replaces_its_results(run: Run, study: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    for file in ("anna.txt", "ben.txt"):
        assert run("run", study / file, "--codebook", study / "tiny.yaml", "--out", out).code == 0
    assert "ben.txt" in (out / "codings.csv").read_text(encoding="utf-8")
    assert "anna.txt" not in (out / "codings.csv").read_text(encoding="utf-8")


def test_run_as_json_and_with_attributes(run: Run, study: Path, tmp_path: Path) -> None:
    ended = run(
        "run",
        study / "anna.txt",
        study / "ben.txt",
        "--codebook",
        study / "tiny.yaml",
        "--out",
        tmp_path / "o",
        "--attributes",
        study / "cases.csv",
        "--json",
        "-q",
    )
    found = json.loads(ended.out)
    assert found["documents"] == ["anna.txt", "ben.txt"]
    assert found["codings"] == 2
    assert len(found["themes"]) == 2
    assert ended.err == ""


def test_dry_runs_write_nothing(run: Run, study: Path, coded: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    for arguments in (
        ["run", study / "anna.txt", "--codebook", study / "tiny.yaml", "--out", tmp_path / "o"],
        ["init", tmp_path / "p"], ["ingest", coded, study / "anna.txt"], ["code", coded], ["report", coded],
        ["export", coded], ["codebook", "new", "mine", "--out", tmp_path / "mine.yaml"],
    ):  # fmt: skip
        ended = run(*arguments, "--dry-run")
        assert ended.code == 0, ended.err
        assert "written" in ended.out
    assert tree(tmp_path) == before


def test_the_way_of_a_project(run: Run, coded: Path) -> None:
    assert "3 codings" not in run("code", coded).out
    assert json.loads(run("code", coded, "--json").out) == {
        "codebook": "tiny",
        "documents": 2,
        "codings": 2,
        "codes": 1,
        "rerun": {"new": 0, "gone": 0, "kept": 0, "waiting": 2, "unsupported": 0, "reshaped": 0},
    }
    assert run("export", coded).out.splitlines() == [
        str(coded / "output" / name) for name in ("codings.csv", "themes.csv")
    ]
    assert run("report", coded).out.strip() == str(coded / "output" / "report.html")
    report = (coded / "output" / "report.html").read_text(encoding="utf-8")
    assert "Buy-in" in report
    assert run("report", coded, "--out", coded / "r.html").code == 0
    assert (coded / "r.html").exists()


def test_ingest_says_what_came_of_each_file(run: Run, coded: Path, study: Path) -> None:
    (study / "more.txt").write_text("INTERVIEWER: And?\n\nCARL: It was fine, in the end it was fine.\n")
    ended = run("ingest", coded, study / "anna.txt", study / "more.txt")
    assert ended.out.splitlines() == ["added      more.txt", "unchanged  anna.txt"]
    assert json.loads(run("ingest", coded, "--json").out)["unchanged"] == ["anna.txt", "ben.txt", "more.txt"]


def test_tables_in_every_form(run: Run, coded: Path) -> None:
    assert run("table", "themes", coded, "--format", "csv").out.startswith(
        "code,label,level,codings,segments,speakers,"
    )
    assert run("table", "spread", coded, "--format", "markdown").out.startswith("| ")
    assert "\\toprule" in run("table", "facets", coded, "--format", "latex").out
    assert json.loads(run("table", "uncoded", coded, "--json").out)["name"] == "uncoded"
    assert run("table", "matrix", coded, "--format", "csv").out.startswith(
        "code,label,documents,of_documents,anna,ben\n"
    )
    assert run("table", "matrix", coded, "--format", "csv", "--long").out.startswith("code,label,level,document,")
    assert "phase" in run("table", "themes", coded, "--by", "phase").out
    ended = run("table", "thems", coded)
    assert (ended.code, ended.out) == (1, "")
    assert "Did you mean 'themes'?" in ended.err


def test_tables_fit_a_terminal(run: Run, coded: Path) -> None:
    for name in ("themes", "matrix", "spread", "facets", "uncoded"):
        ended = run("table", name, coded)
        assert ended.code == 0
        assert all(len(line) <= 80 for line in ended.out.splitlines()), ended.out
    matrix = run("table", "matrix", coded).out
    assert "A1 Buy-in: 2 of 2" in matrix
    assert re.search(r"^  ben.txt +1  Nobody bought into it, to be honest.$", matrix, re.MULTILINE)
    assert re.search(r"^A1 +Buy-in +2 of 2 +2 of 2", run("table", "spread", coded).out, re.MULTILINE)


def test_options_for_reading_reach_the_reader(run: Run, study: Path) -> None:
    (study / "rows.csv").write_text("Who,Said\nDana,How was it at the start?\nEve,It was good for us all.\n")
    columns = ("--column", "speaker=Who", "--column", "text=Said")
    people = ("--role", "Eve=group", "--role", "D. Reed=moderator", "--alias", "Dana=D. Reed")
    ended = run("inspect", study / "rows.csv", *columns, *people, "--json")
    found = [(each["label"], each["role"]) for each in json.loads(ended.out)["speakers"]]
    assert found == [("D. Reed", "moderator"), ("Eve", "group")]
    (study / "bare.txt").write_text("It began slowly.\n\nThen it went well.\n")
    ended = run("inspect", study / "bare.txt", "--default-speaker", "Eve", "--encoding", "cp1252", "--json")
    found = json.loads(ended.out)
    assert (found["encoding"], found["speakers"][0]["label"]) == ("cp1252", "Eve")


def test_search_puts_the_hit_in_the_middle_and_counts(run: Run, coded: Path) -> None:
    ended = run("search", coded, "bought into | on board")
    assert ended.out.splitlines()[0] == "anna.txt"
    assert re.search(r"^ +1 ANNA +We all  bought into  it from the start", ended.out, re.MULTILINE)
    assert ended.out.rstrip().endswith("4 hits in 2 of 2 documents, 3 speakers.")
    assert all(len(line) <= 80 for line in ended.out.splitlines())


def test_search_as_json_and_by_attribute(run: Run, coded: Path) -> None:
    found = json.loads(run("search", coded, "garden", "--json", "--by", "phase").out)
    assert (found["hits"], found["documents"], found["of_documents"]) == (1, 1, 2)
    assert found["by"] == [{"phase": "primary", "hits": 1, "documents": 1, "speakers": 1}]
    hit = found["results"][0]
    assert (hit["document"], hit["quote"], hit["speaker"]) == ("anna.txt", "garden", "ANNA")
    assert run("search", coded, "garden", "--by", "nothing").code == 1


def test_search_in_a_file_or_a_folder_needs_no_project(run: Run, study: Path) -> None:
    (study / "tiny.yaml").unlink()
    (study / "cases.csv").unlink()
    assert "1 of 1 document," in run("search", study / "anna.txt", "garden").out
    assert "1 of 2 documents" in run("search", study, "garden").out


def test_search_shows_where_a_query_is_wrong(run: Run, coded: Path, study: Path) -> None:
    for place in (coded, study / "anna.txt"):
        ended = run("search", place, "garden NEAR/x rain")
        assert ended.code == 1
        lines = ended.err.splitlines()
        assert "garden NEAR/x rain" in lines[1]
        assert lines[2].index("^") == lines[1].index("NEAR")


def test_a_search_without_hits_says_so(run: Run, coded: Path) -> None:
    assert run("search", coded, "zeppelin").out == "0 hits in 0 of 2 documents, 0 speakers.\n"


def test_control_characters_never_reach_the_terminal(run: Run, study: Path) -> None:
    path = study / "evil.txt"
    path.write_text(
        "Q\x1b[31m: Why red?\n\nB: Because \x1b[2J red \u202e is red.\n\nQ\x1b[31m: I see.\n", encoding="utf-8"
    )
    for arguments in (["inspect", path], ["search", path, "red"]):
        ended = run(*arguments)
        assert "\x1b" not in ended.out + ended.err
        assert "\u202e" not in ended.out + ended.err


def test_codebook_list_show_and_check(run: Run, study: Path) -> None:
    assert "hope-merged" in run("codebook", "list").out
    assert {"id", "version", "title", "codes", "variants"} == set(json.loads(run("codebook", "list", "--json").out)[0])
    assert "Buy-in" in run("codebook", "show", study / "tiny.yaml").out
    assert "People take it up." in run("codebook", "show", study / "tiny.yaml", "buy-in").out
    assert json.loads(run("codebook", "show", study / "tiny.yaml", "A1", "--json").out)["label"] == "Buy-in"
    ended = run("codebook", "show", study / "tiny.yaml", "bye-in")
    assert (ended.code, "Did you mean 'Buy-in'?" in ended.err) == (1, True)
    assert run("codebook", "check", study / "tiny.yaml").code == 0
    (study / "bad.yaml").write_text(BOOK.replace("parent: A\n", "parent: Z\n"))
    ended = run("codebook", "check", study / "tiny.yaml", study / "bad.yaml")
    assert (ended.code, "bad.yaml:12:" in ended.out) == (1, True)
    assert [each["ok"] for each in json.loads(run("codebook", "check", study / "bad.yaml", "--json").out)] == [False]


def test_codebook_test_tells_what_hits_and_what_misses(run: Run, study: Path) -> None:
    assert run("codebook", "test", study / "tiny.yaml").code == 0
    (study / "wrong.yaml").write_text(BOOK.replace('- "bought into"', "- bought it"))
    ended = run("codebook", "test", study / "wrong.yaml")
    assert ended.code == 1
    assert "We bought it in a shop." in ended.out
    assert "We really bought into it." in ended.out
    assert "1 of 1 near-miss examples are hit" in ended.out
    assert {"code", "kind", "hit", "rules"} <= set(
        json.loads(run("codebook", "test", study / "wrong.yaml", "--json").out)[0]
    )


def test_codebook_diff_and_new(run: Run, study: Path, tmp_path: Path) -> None:
    (study / "next.yaml").write_text(BOOK.replace("label: Buy-in", "label: Commitment"))
    ended = run("codebook", "diff", study / "tiny.yaml", study / "next.yaml")
    assert (ended.code, "Commitment" in ended.out) == (0, True)
    assert len(json.loads(run("codebook", "diff", study / "tiny.yaml", study / "next.yaml", "--json").out)) == 1
    new = tmp_path / "mine.yaml"
    assert run("codebook", "new", "mine", "--title", "Mine", "--out", new).out.strip() == str(new)
    assert run("codebook", "check", new).code == 0
    assert run("codebook", "test", new).code == 0
    written = new.read_bytes()
    assert run("codebook", "new", "mine", "--out", new).code == 1
    assert new.read_bytes() == written
    assert "id: mine" in run("codebook", "new", "mine", "--out", "-").out


def test_outdated_codings_are_told(run: Run, coded: Path) -> None:
    (coded / "codebooks" / "tiny.yaml").write_text(BOOK + "      - garden\n")
    assert "changed since the coding" in run("export", coded).err
    assert "changed since the coding" in run("table", "themes", coded).out


def test_the_demo_ends_with_the_themes_and_the_report(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "demo here"
    ended = run("demo", "hope-challenge", "--out", out)
    assert ended.code == 0
    assert {"codings.csv", "themes.csv", "report.html"} == {each.name for each in (out / "output").iterdir()}
    assert "of 7" in ended.out
    assert ended.out.rstrip().endswith(f"Report: {out / 'output' / 'report.html'}")
    before = (out / "output" / "codings.csv").read_bytes()
    assert run("demo", "--out", out, "-q").code == 0
    assert not run("search", out, EXAMPLE).out.startswith("0 hits")  # what it tells to type next finds something
    assert (out / "output" / "codings.csv").read_bytes() == before


def test_the_demo_leaves_other_folders_alone(run: Run, coded: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    assert run("demo", "--out", coded).code == 1
    ended = run("demo", "hope-chalenge", "--out", tmp_path / "x")
    assert (ended.code, "Did you mean 'hope-challenge'?" in ended.err) == (1, True)
    assert tree(tmp_path) == before
