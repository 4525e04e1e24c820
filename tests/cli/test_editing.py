"""Changes of a project's codebook from the command line: the file, the codings, the preview, the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Run
from tests.cli.team import BOOK, kept, listed

CHANGES: list[tuple[str, ...]] = [
    ("rename", "A2", "--to", "D1", "--label", "Worry"),
    ("rename", "A2", "--label", "Worry", "--keep-old-label"),
    ("move", "A2", "--top"),
    ("move", "A2", "--under", "A1"),
    ("move", "A2", "--under", "A", "--before", "A1"),
    ("merge", "A2", "--into", "A1"),
    ("merge", "A2", "--into", "A1", "--drop"),
    ("split", "A2", "--into", "A21=First doubts", "--into", "A22=Later doubts", "--where", "A21=first"),
    ("split", "A1", "--into", "A3=Boards", "--beside", "--rule", "A3=A1-board"),
    ("retire", "A2", "--replaced-by", "A1"),
    ("retire", "A2", "--note", "not of use"),
    ("add", "A4", "Hope", "--parent", "A", "--definition", "People hope.", "--brief", "hope", "--after", "A1"),
    ("define", "A2", "People doubt it.", "--brief", "doubt"),
    ("add-rule", "A2", "unsure | anxious", "--id", "A2-unsure", "--note", "from the pilot"),
    ("remove-rule", "A1", "A1-board"),
]


def change(run: Run, folder: Path, *arguments: object) -> dict[str, Any]:
    verb, *rest = arguments
    ended = run("codebook", verb, folder, *rest, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


@pytest.mark.parametrize("arguments", CHANGES, ids=[" ".join(each[:4]) for each in CHANGES])
def test_each_change_is_previewed_done_and_taken_back(run: Run, team: Path, arguments: tuple[str, ...]) -> None:
    run("accept", team, "--all")
    before, codings = kept(team), listed(run, team)
    tried = change(run, team, *arguments, "--dry-run")
    assert kept(team) == before
    done = change(run, team, *arguments)
    assert {**done, "step": "", "dry_run": True} == tried
    assert set(done) == {
        "summary", "file", "step", "dry_run", "adopted", "codes", "followed", "decisions", "impact", "warnings"
    }  # fmt: skip
    book = team / "codebooks" / "team.yaml"
    assert book.read_text(encoding="utf-8") != BOOK
    assert run("codebook", "check", book, "-q").code == 0
    assert run("verify", team).code == 0
    assert run("undo", team).code == 0
    assert book.read_text(encoding="utf-8") == BOOK
    assert listed(run, team) == codings


def test_renaming_takes_the_codings_along(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    ended = run("codebook", "rename", team, "A2", "--to", "D1")
    lines = ended.out.splitlines()
    assert lines[:2] == ["renamed A2 to D1", "A2 → D1: 2 decided codings follow"]
    assert lines[-1] == str(team / "codebooks" / "team.yaml")
    assert "0 of 0 codings to read again" in ended.out
    assert [row["status"] for row in listed(run, team, "--code", "D1")] == ["accepted", "accepted"]
    assert "code" in ended.err


def test_merging_codes_moves_rules_and_codings(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    told = change(run, team, "merge", "A2", "--into", "A1")
    assert (told["codes"], told["followed"]) == ({"A2": "A1"}, {"A2": 2})
    run("code", team)
    assert {row["code"] for row in listed(run, team)} == {"A1"}


def test_splitting_moves_the_codings_that_a_query_touches(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    told = change(run, team, "split", "A2", "--into", "A21=First", "--into", "A22=Time", "--where", "A22=about time")
    assert told["decisions"] >= 1
    assert {row["code"]: row["quote"] for row in listed(run, team, "--status", "accepted", "--status", "coded")} == {
        "A2": "I was worried at first.",
        "A22": "They were worried about time.",
    }


def test_a_new_rule_finds_more_when_the_coders_run_again(run: Run, team: Path) -> None:
    ended = run("codebook", "add-rule", team, "A2", "welcome | screen")
    assert ended.err.startswith("Next: ")
    assert "1 new, 0 gone" in run("code", team).out


def test_a_preview_says_what_would_be_written(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    ended = run("codebook", "define", team, "A2", "Another meaning.", "--dry-run")
    assert "2 of 2 codings to read again" in ended.out
    assert ended.out.splitlines()[-1] == f"{team / 'codebooks' / 'team.yaml'} would be written; nothing was."
    assert ended.err == ""


def test_a_shipped_codebook_is_copied_into_the_project_first(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "shipped"
    run("init", folder, "--codebook", "robinson-scl", "-q")
    ended = run("codebook", "define", folder, "R1a", "In our words.", "--dry-run")
    assert "note: the project would get its own copy" in ended.err
    assert list((folder / "codebooks").iterdir()) == []
    ended = run("codebook", "define", folder, "R1a", "In our words.")
    assert "note: the project has got its own copy" in ended.err
    assert "In our words." in (folder / "codebooks" / "robinson-scl.yaml").read_text(encoding="utf-8")
    assert "codebooks/robinson-scl.yaml" in (folder / "qualcode.yaml").read_text(encoding="utf-8")


def test_a_difference_says_how_many_codings_of_a_project_it_touches(run: Run, team: Path, tmp_path: Path) -> None:
    run("accept", team, "--code", "A2")
    new = tmp_path / "next.yaml"
    new.write_text(BOOK.replace("People are not sure.", "People doubt it."), encoding="utf-8")
    old = team / "codebooks" / "team.yaml"
    plain = run("codebook", "diff", old, new)
    ended = run("codebook", "diff", old, new, "--project", team)
    assert ended.out.startswith(plain.out)
    assert "2 of 2 codings to read again" in ended.out
    told = json.loads(run("codebook", "diff", old, new, "--project", team, "--json").out)
    assert [(row["code"], row["codings"]) for row in told["touched"]] == [("A2", 2)]
    assert len(told["changes"]) == 1
    other = run("codebook", "diff", "hope-merged", "hope-merged", "--project", team)
    assert (other.code, "It has: team." in other.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rename", "A2"), "--to ID, --label TEXT"),
        (("move", "A2"), "--under CODE, or --top"),
        (("move", "A2", "--top", "--under", "A"), "--under CODE, or --top"),
        (("move", "A2", "--top", "--before", "A", "--after", "A"), "one of --before and --after"),
        (("merge", "A2"), "--into"),
        (("merge", "--into", "A2"), "CODE…"),
        (("split", "A2"), "--into"),
        (("split", "A2", "--into", "A21"), "ID=LABEL"),
        (("split", "A2", "--into", "A21=x", "--where", "A22=first"), "none of the new codes: A21"),
        (("split", "A2", "--into", "A21=x", "--rule", "A22=r"), "none of the new codes: A21"),
        (("add", "A4"), "LABEL"),
        (("define", "A2"), "TEXT"),
        (("renam", "A2"), "Did you mean 'rename'?"),
    ],
)
def test_misuse_ends_with_2(run: Run, arguments: tuple[str, ...], told: str) -> None:
    verb, *rest = arguments
    ended = run("codebook", verb, "nowhere", *rest)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rename", "Doubt", "--to", "D"), "Did you mean 'A2'?"),
        (("rename", "A2", "--to", "A1"), "QC-C122"),
        (("move", "A", "--under", "A1"), "QC-C123"),
        (("merge", "A2", "--into", "A2"), "QC-C120"),
        (("add-rule", "A2", "NEAR/x"), "QC-C"),
        (("remove-rule", "A2", "zzz"), "QC-C124"),
        (("add", "A2", "Again"), "QC-C122"),
        (("split", "A2", "--into", "A21=x", "--where", "A21=NEAR/x"), "QC-Q"),
        (("define", "A2", "x", "--codebook", "teem"), "It has: team."),
    ],
)
def test_a_change_that_cannot_be_made_changes_nothing(
    run: Run, team: Path, arguments: tuple[str, ...], told: str
) -> None:
    before = kept(team)
    verb, *rest = arguments
    ended = run("codebook", verb, team, *rest)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err
    assert kept(team) == before
