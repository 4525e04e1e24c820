"""What commands say unasked: what an edit cost, what is not counted, which names there are, what was not told."""

from __future__ import annotations

import errno
import json
import shutil
import signal
from pathlib import Path

import pytest

from qualcode.cli.main import main, verbs
from qualcode.cli.output import document_notes, listed
from qualcode.errors import CodebookError
from qualcode.ingest import read_path
from qualcode.model.table import Column, Table
from qualcode.project import Project
from tests.cli.running import Run
from tests.cli.team import ANNA, ids


def test_an_edited_transcript_says_which_codings_lost_their_place(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    file = team / "transcripts" / "anna.txt"
    file.write_text(ANNA.replace("I was worried at first. Then we", "Nothing else. We"), encoding="utf-8")
    ended = run("ingest", team)
    assert "replaced   anna.txt" in ended.out
    assert "note: 1 coding without a place in the present text: qualcode orphans" in ended.err
    assert "Next: qualcode code" in ended.err
    assert json.loads(run("ingest", team, "--json").out)["orphans"] == 0  # nothing was read again: nothing to tell


def test_a_renamed_file_is_told_as_one_and_keeps_its_decisions(run: Run, team: Path) -> None:
    run("accept", team, "--document", "anna")
    decided = len(Project(team).chosen(document="anna", status="accepted"))
    (team / "transcripts" / "anna.txt").rename(team / "transcripts" / "first interview.txt")
    lines = run("ingest", team).out.splitlines()
    assert "renamed    anna.txt → first interview.txt" in lines
    assert not [line for line in lines if line.startswith(("added", "removed"))]
    assert len(Project(team).chosen(document="first", status="accepted")) == decided > 0


def test_a_remark_about_many_documents_is_made_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    documents = []
    for name in "abcde":
        (tmp_path / f"{name}.txt").write_text("Q: Well?\n\nANN: It wasnâ€™t much.\n", encoding="utf-8")
        documents.extend(read_path(tmp_path / f"{name}.txt"))
    document_notes(documents)
    err = capsys.readouterr().err
    assert err.count("were spoilt") == 1
    assert "note: 5 documents (a.txt, b.txt, c.txt and 2 more): some characters were spoilt" in err
    document_notes(documents[:1])
    assert "note: a.txt: some characters were spoilt" in capsys.readouterr().err


def test_names_are_listed_whole_while_they_are_few() -> None:
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d"]) == "a, b, c and 1 more"


def test_a_log_that_is_narrowed_to_nothing_says_what_there_is(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    ended = run("log", team, "--verb", "accepted")
    assert ended.out == "0 steps.\n"
    assert "note: people in this log: ann" in ended.err
    assert "note: verbs in this log: accept, code, ingest" in ended.err
    assert run("log", team, "--verb", "accept").err == ""


@pytest.mark.parametrize(
    ("option", "name", "told"),
    [("--rule", "A1-boar", "Did you mean 'A1-board'?"), ("--coder", "me", "There are: person, rules.")],
)
def test_a_rule_or_coder_that_is_not_there_is_an_error(run: Run, team: Path, option: str, name: str, told: str) -> None:
    for verb in ("accept", "codings"):
        ended = run(verb, team, option, name)
        assert (ended.code, ended.out) == (1, "")
        assert "[QC-L039]" in ended.err
        assert told in ended.err


def test_retiring_a_code_wants_a_heir_or_a_reason(run: Run, team: Path) -> None:
    ended = run("codebook", "retire", team, "A2")
    assert (ended.code, ended.out) == (2, "")
    assert "--replaced-by CODE, or why it goes: --note TEXT" in ended.err


def test_a_dry_undo_of_several_steps_says_that_it_tells_one(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    run("accept", team, "--code", "A1")
    assert "only the first of 2 steps is told" in run("undo", team, "--steps", "2", "--dry-run").err
    assert run("undo", team, "--dry-run").err == ""


def test_merging_another_study_is_noticed(run: Run, team: Path, coded: Path, tmp_path: Path) -> None:
    (coded / "transcripts" / "anna.txt").rename(coded / "transcripts" / "elsewhere.txt")
    (coded / "transcripts" / "elsewhere.txt").write_text("Q: Well?\n\nANN: It is another study.\n", encoding="utf-8")
    assert run("ingest", coded, "--forget").code == 0
    ended = run("merge", team, coded, "--dry-run")
    assert "elsewhere.txt" in ended.out
    assert "note: 1 document that your project did not have. Is theirs the same study?" in ended.err
    same = Path(shutil.copytree(team, tmp_path / "copy"))
    run("accept", same, "--code", "A2", "--person", "ben")
    ended = run("merge", team, same)
    assert "same study" not in ended.err
    assert "Take it back: qualcode undo" in ended.err


def test_coding_words_that_no_table_counts_is_noticed(run: Run, team: Path) -> None:
    question = run("code", team, "--as", "A2", "--quote", "How did it begin?", "--dry-run")
    assert "note: 1 passage without words that tables count" in question.err
    assert run("code", team, "--as", "A2", "--quote", "It rained a lot that year.", "--dry-run").err == ""


def test_agreement_says_whose_work_is_guessed_and_that_the_machine_was_seen(run: Run, team: Path) -> None:
    run("accept", team, "--document", "anna")
    ended = run("table", "agreement", team, "--replicates", "0")
    assert "note: ann: nobody noted which documents are worked through" in ended.err
    assert "--no-machine" in ended.err
    run("done", team, "anna")
    assert "worked through" not in run("table", "agreement", team, "--replicates", "0").err
    assert run("table", "agreement", team, "--replicates", "0", "-q").err == ""


def test_no_table_shows_a_minus_before_nothing() -> None:
    table = Table("t", "T", (Column("name", "text", ""), Column("alpha", "number", "")), (("a", -0.001), ("b", -0.2)))
    assert table.to_text().split()[-4:] == ["a", "0.00", "b", "-0.20"]


def test_a_search_does_without_the_rules_of_the_codebook(run: Run, team: Path) -> None:
    (book,) = (team / "codebooks").glob("*.yaml")
    book.write_text(book.read_text(encoding="utf-8").replace("find: worried", "find: worried ("), encoding="utf-8")
    assert "1 hit in 1 of 2 documents" in run("search", team, "garden").out
    assert "QC-C030" in run("code", team).err


def test_an_error_after_an_interrupt_is_not_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)

    def swallowed(**_: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise CodebookError("QC-C016", "'x' cannot be a name") from None

    monkeypatch.setattr(verbs, "main", swallowed)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 130
    assert capsys.readouterr().err == ""
    assert signal.getsignal(signal.SIGINT) is before


def test_an_id_that_begins_like_another_is_still_its_own(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A")
    accepted = ids(run, team, "--status", "accepted")
    assert accepted
    for each in accepted:
        assert run("blame", team, each).code == 0


def test_a_backup_that_has_no_room_for_its_folder_is_told(run: Run, team: Path, tmp_path: Path) -> None:
    (team / "backups").write_text("not a folder")
    ended = run("backup", team)
    assert (ended.code, ended.out) == (1, "")
    assert "[QC-S008] the folder for the backup cannot be made" in ended.err
    assert run("backup", team, tmp_path / "kept.db").code == 0


def test_what_went_wrong_is_told_though_its_draft_cannot_be_removed(
    monkeypatch: pytest.MonkeyPatch, run: Run, team: Path, tmp_path: Path
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(
        Path, "unlink", refused
    )  # as a disk that is mounted to be read does, even for what is not there
    (tmp_path / "other.db").write_bytes(b"SQLite format 3\x00" + bytes(200))
    ended = run("restore", team, tmp_path / "other.db")
    assert ended.code == 1
    assert "[QC-S" in ended.err


def test_a_folder_in_the_place_of_a_codebook_names_the_files_in_it(run: Run, team: Path) -> None:
    ended = run("codebook", "test", team)
    assert ended.code == 1
    assert f"Name a file in it: {next((team / 'codebooks').glob('*.yaml'))}" in ended.err


def test_a_quote_is_found_though_the_keyboard_has_other_quotes_and_dashes(run: Run, team: Path) -> None:
    file = team / "transcripts" / "carl.txt"
    text = "Q: Well?\n\nCARL: We didn\u2019t \u201cbuy in\u201d \u2013 not then. WE DIDN'T AT ALL.\n"
    file.write_text(text, encoding="utf-8")
    assert run("ingest", team).code == 0
    for typed in ('We didn\'t "buy in" - not then', "we  didn\u2019t \u201cbuy in\u201d \u2014 not THEN"):
        ended = run("code", team, "--as", "A2", "--document", "carl", "--quote", typed, "--dry-run", "--json")
        (row,) = json.loads(ended.out)["passages"]
        assert row["quote"] == text[row["start"] : row["end"]] == "We didn\u2019t \u201cbuy in\u201d \u2013 not then"
    exact = run("code", team, "--as", "A2", "--document", "carl", "--quote", "WE DIDN'T", "--dry-run", "--json")
    assert json.loads(exact.out)["passages"][0]["quote"] == "WE DIDN'T"  # to the letter goes before alike
    assert "stand in 2 places" in run("code", team, "--as", "A2", "--document", "carl", "--quote", "we didn't").err


def test_an_id_without_its_option_is_told_the_option(run: Run, team: Path) -> None:
    ended = run("accept", team, ids(run, team)[0])
    assert ended.code == 2
    assert "A passage is named with --id ID." in ended.err
    assert "--id" not in run("verify", team, "x").err


def test_a_report_says_what_is_open_and_not_that_it_is_old(run: Run, team: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(team, tmp_path / "theirs"))
    run("accept", team, "--code", "A2")
    run("reject", other, "--code", "A2", "--person", "ben")
    run("merge", team, other)
    page = Path(run("report", team).out.strip()).read_text(encoding="utf-8")
    assert "<strong>Still open.</strong> 2 codings are contested" in page
    assert "Out of date" not in page
    (book,) = (team / "codebooks").glob("*.yaml")
    book.write_text(book.read_text(encoding="utf-8").replace("worried", "afraid"), encoding="utf-8")
    page = Path(run("report", team).out.strip()).read_text(encoding="utf-8")
    assert "<strong>Out of date.</strong> The transcripts" in page
    assert "<strong>Still open.</strong> 2 codings are contested" in page
