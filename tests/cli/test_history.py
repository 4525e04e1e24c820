"""Log, blame, undo and redo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Run
from tests.cli.team import BOOK, ids, kept, listed


def steps(run: Run, folder: Path, *arguments: object) -> list[dict[str, Any]]:
    ended = run("log", folder, "--json", *arguments)
    assert ended.code == 0, ended.err
    found: list[dict[str, Any]] = json.loads(ended.out)
    return found


@pytest.fixture
def decided(run: Run, team: Path) -> Path:
    """Ann accepted what is about doubt, Ben coded and rejected in ben.txt."""
    run("accept", team, "--code", "A2", "--reason", "said so")
    run("code", team, "--as", "A1", "--quote", "The screen was blank", "--person", "ben")
    run("reject", team, "--code", "A1", "--document", "ben", "--person", "ben")
    return team


def test_the_log_tells_each_step_the_latest_last(run: Run, decided: Path) -> None:
    lines = run("log", decided).out.splitlines()
    assert [line.split()[2:4] for line in lines[:5]] == [
        ["ann", "ingest"], ["ann", "code"], ["ann", "accept"], ["ben", "code"], ["ben", "reject"]
    ]  # fmt: skip
    assert lines[-1] == "5 steps."
    assert set(steps(run, decided)[0]) == {"step", "at", "person", "verb", "summary", "entries", "stands", "here"}


@pytest.mark.parametrize(
    ("arguments", "verbs"),
    [
        (("--person", "ben"), ["code", "reject"]),
        (("--verb", "accept"), ["accept"]),
        (("--code", "A2"), ["accept"]),
        (("--code", "Doubt"), ["accept"]),
        (("--document", "anna", "--person", "ben"), []),
        (("--document", "ben"), ["ingest", "accept", "code", "reject"]),
        (("--latest", "2"), ["code", "reject"]),
        (("--document", "ben", "--latest", "1"), ["reject"]),
        (("--since", "2999-01-01"), []),
        (("--since", "2020-01-01", "--verb", "ingest"), ["ingest"]),
    ],
)
def test_the_log_can_be_narrowed(run: Run, decided: Path, arguments: tuple[str, ...], verbs: list[str]) -> None:
    assert [each["verb"] for each in steps(run, decided, *arguments)] == verbs


def test_undo_takes_back_only_ones_own_and_redo_does_it_again(run: Run, decided: Path) -> None:
    before = listed(run, decided)
    assert run("undo", decided).out.startswith("taken back: accept, 2 passages (A2) (ann, ")
    assert {row["status"] for row in listed(run, decided, "--code", "A2")} == {"suggested"}
    assert "(undone)" in run("log", decided, "--verb", "accept").out
    assert [each["stands"] for each in steps(run, decided, "--verb", "accept")] == [False]
    ended = run("redo", decided)
    assert ended.out.startswith("done again: accept, ")
    assert listed(run, decided) == before


def test_anyone_s_steps_are_taken_back_when_asked(run: Run, decided: Path) -> None:
    told = json.loads(run("undo", decided, "--anyone", "--steps", "2", "--json").out)
    assert [(each["person"], each["verb"]) for each in told["operations"]] == [("ben", "reject"), ("ben", "code")]
    assert {row["decided_by"] for row in listed(run, decided)} == {"", "ann"}


def test_more_steps_than_there_are_tells_what_was_done(run: Run, decided: Path) -> None:
    ended = run("undo", decided, "--person", "ben", "--steps", "5")
    assert ended.code == 1
    assert [line.split(":")[0] for line in ended.out.splitlines()] == ["taken back", "taken back"]
    assert "QC-L003" in ended.err
    assert run("redo", decided, "--person", "zoe").code == 1


def test_a_dry_undo_tells_the_next_step_only(run: Run, decided: Path) -> None:
    before = kept(decided)
    ended = run("undo", decided, "--steps", "3", "--dry-run")
    assert ended.out.splitlines()[0].startswith("would be taken back: accept")
    assert ended.out.splitlines()[1:] == ["Nothing was written."]
    assert run("redo", decided, "--dry-run").out == "There is nothing to redo.\n"
    assert kept(decided) == before


def test_undoing_a_codebook_change_minds_what_was_edited_since(run: Run, team: Path) -> None:
    book = team / "codebooks" / "team.yaml"
    run("codebook", "rename", team, "A2", "--label", "Worry")
    edited = book.read_text(encoding="utf-8").replace("A heading.", "The heading.")
    book.write_text(edited, encoding="utf-8")
    ended = run("undo", team)
    assert (ended.code, "--force" in ended.err) == (1, True)
    assert book.read_text(encoding="utf-8") == edited
    assert run("undo", team, "--force").out.splitlines()[-1] == str(book)
    assert book.read_text(encoding="utf-8") == BOOK
    (aside,) = book.parent.glob("*before-undo*")
    assert aside.read_text(encoding="utf-8") == edited


def test_blame_tells_all_of_a_coding(run: Run, decided: Path) -> None:
    (row,) = listed(run, decided, "--code", "A2", "--document", "anna")
    ended = run("blame", decided, row["id"])
    lines = ended.out.splitlines()
    assert lines[0] == f"A2  accepted  anna.txt {row['start']}:{row['end']}  {row['id']}"
    assert lines[1] == "  “I was worried at first.”"
    assert lines[2] == "  suggested by rules (A2-worried)"
    assert lines[3].endswith("ann: accepted, because: said so")
    assert {"  rule A2-worried: worried", "  matched words: worried", "  codebook: team 1.0"} <= set(lines)


def test_blame_finds_codings_by_place_and_by_words(run: Run, decided: Path) -> None:
    (row,) = listed(run, decided, "--code", "A2", "--document", "anna")
    by_place = json.loads(run("blame", decided, "--document", "anna", "--at", row["start"], "--json").out)
    by_words = json.loads(run("blame", decided, "--quote", "worried at", "--json").out)
    assert by_place == by_words
    (found,) = by_place
    assert (found["id"], found["people"], found["quote"]) == (row["id"], ["ann"], row["quote"])
    assert [each["what"] for each in found["history"]] == ["suggested by rules (A2-worried)", "accepted"]
    assert found["rules"] == [{"id": "A2-worried", "query": "worried"}]


def test_blame_says_that_a_definition_has_changed_since(run: Run, decided: Path) -> None:
    run("codebook", "define", decided, "A2", "People doubt that it can work.")
    assert "the definition of A2 has changed since" in run("blame", decided, "--quote", "I was worried").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("log", "--since", "yesterday"), "YYYY-MM-DD"),
        (("log", "--latest", "0"), "--latest"),
        (("undo", "--steps", "0"), "--steps"),
        (("blame",), "Say which"),
        (("blame", "x", "--quote", "y"), "Say which"),
        (("blame", "--document", "anna"), "Say which"),
        (("blame", "--at", "3"), "--document NAME"),
        (("blame", "x", "--document", "anna"), "an id needs none"),
    ],
)
def test_misuse_ends_with_2(run: Run, arguments: tuple[str, ...], told: str) -> None:
    verb, *rest = arguments
    ended = run(verb, "nowhere", *rest)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("blame", "zzz"), "QC-L021"),
        (("blame", "--quote", "garden"), "QC-L035"),
        (("log", "--document", "carl"), "QC-P031"),
        (("undo", "--person", "zoe"), "QC-L003"),
        (("redo",), "QC-L004"),
    ],
)
def test_what_is_not_there_is_told(run: Run, team: Path, arguments: tuple[str, ...], told: str) -> None:
    verb, *rest = arguments
    ended = run(verb, team, *rest)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err


def test_ids_of_what_waits_do_not_change_from_run_to_run(run: Run, team: Path) -> None:
    before = ids(run, team)
    run("code", team)
    assert ids(run, team) == before
