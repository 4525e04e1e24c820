"""Notes: written on one thing, listed, changed, removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.cli.team import ids, kept


def test_a_note_on_each_kind_of_thing_is_listed_with_what_it_is_about(run: Run, team: Path) -> None:
    run("accept", team, "--document", "ben")
    (coding, *_) = ids(run, team, "--status", "accepted")
    subjects: list[tuple[object, ...]] = [
        (), ("--document", "anna"), ("--code", "Doubt"), ("--quote", "My garden needs rain"),
        ("--span", "13:16", "--document", "anna"), ("--coding", coding),
    ]  # fmt: skip
    for number, subject in enumerate(subjects):
        ended = run("memo", team, f"Note {number}", "--type", "method", *subject)
        assert ended.code == 0, ended.err
        assert ended.out.splitlines()[-1] == f"  Note {number}"
    told = json.loads(run("memo", team, "--list", "--json").out)
    assert [each["about"] for each in told] == ["project", "document", "code", "span", "span", "coding"]
    assert [each["ref"] for each in told] == ["", "anna.txt", "team:A2", "", "", coding]
    assert [each["passage"] and each["passage"]["quote"] for each in told][3:5] == ["My garden needs rain", "How"]
    assert {each["person"] for each in told} == {"ann"}
    assert "3 memos" not in run("memo", team, "--list", "--about", "span").out
    assert run("memo", team, "--list", "--about", "span").out.endswith("2 memos.\n")
    assert run("memo", team, "--list", "--type", "theory").out == "0 memos.\n"


def test_a_note_can_be_changed_and_removed_and_both_undone(run: Run, team: Path) -> None:
    first = json.loads(run("memo", team, "First thought", "--json").out)
    assert (first["done"], first["type"], first["dry_run"]) == ("written", "reflection", False)
    second = json.loads(run("memo", team, "Second thought", "--change", first["id"], "--json").out)
    assert second["done"] == "changed"
    assert "Second thought" in run("memo", team, "--list").out
    assert "First thought" not in run("memo", team, "--list").out
    assert run("memo", team, "--remove", second["id"]).code == 0
    assert run("memo", team, "--list").out == "0 memos.\n"
    run("undo", team, "--steps", "2")
    assert "First thought" in run("memo", team, "--list").out


@pytest.mark.parametrize(
    "arguments",
    [("A thought",), ("Other words", "--change", "ID"), ("--remove", "ID")],
    ids=["new", "change", "remove"],
)
def test_a_dry_note_is_not_written(run: Run, team: Path, arguments: tuple[str, ...]) -> None:
    key = json.loads(run("memo", team, "There already", "--json").out)["id"]
    before = kept(team)
    ended = run("memo", team, *(key if each == "ID" else each for each in arguments), "--dry-run")
    assert ended.code == 0
    assert ended.out.endswith("nothing was written.\n")
    assert kept(team) == before


def test_a_note_keeps_its_lines_and_commands_no_terminal(run: Run, team: Path) -> None:
    ended = run("memo", team, "One\nTwo\x1b[2J")
    assert ended.out.splitlines()[1:] == ["  One", "  Two[U+001B][2J"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "no words"),
        (("  ",), "no words"),
        (("--change", "x"), "no words"),
        (("x", "--list"), "--list takes no text"),
        (("x", "--remove", "y"), "--remove takes no text"),
        (("--list", "--remove", "y"), "two things"),
        (("x", "--change", "y", "--code", "A1"), "--code is for a new note"),
        (("x", "--about", "code"), "--about goes with --list"),
        (("--remove", "y", "--type", "rule"), "--type"),
        (("x", "--code", "A1", "--coding", "c"), "about one thing, not --code and --coding"),
        (("x", "--document", "anna", "--code", "A1"), "about one thing"),
        (("x", "--span", "1:2"), "--document NAME"),
        (("x", "--type", "idea"), "theory"),
        (("--list", "--about", "weather"), "coding"),
    ],
)
def test_misuse_of_memo_ends_with_2(run: Run, arguments: tuple[str, ...], told: str) -> None:
    ended = run("memo", "nowhere", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("x", "--code", "Dout"), "Did you mean 'Doubt'?"),
        (("x", "--document", "carl"), "QC-P031"),
        (("x", "--quote", "nobody said this"), "QC-L025"),
        (("x", "--change", "zzz"), "QC-L033"),
        (("--remove", "zzz"), "QC-L033"),
        (("x", "--coding", "s"), "QC-L022"),
    ],
)
def test_a_note_on_what_is_not_there_changes_nothing(
    run: Run, team: Path, arguments: tuple[str, ...], told: str
) -> None:
    before = kept(team)
    ended = run("memo", team, *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err
    assert kept(team) == before


def test_a_note_on_a_passage_that_only_waits_is_refused(run: Run, team: Path) -> None:
    ended = run("memo", team, "x", "--coding", ids(run, team)[0])
    assert (ended.code, "Accept it first" in ended.err) == (1, True)
