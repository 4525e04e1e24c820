"""Several people: blind, done, release, merge, conflicts, adjudicate; and what an edited transcript leaves behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Run
from tests.cli.team import ANNA, ids, kept, listed


@pytest.fixture
def pair(run: Run, team: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two projects: in the first Ann accepted the doubts, in the second Ben rejected that of anna.txt."""
    other = Path(shutil.copytree(team, tmp_path / "theirs"))
    run("accept", team, "--code", "A2", "--reason", "clear")
    run("reject", other, "--code", "A2", "--document", "anna", "--person", "ben", "--reason", "only at first")
    return team, other


def conflicts(run: Run, folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("conflicts", folder, "--json").out)
    return found


def test_merging_tells_what_came_and_leaves_theirs_alone(run: Run, pair: tuple[Path, Path]) -> None:
    ours, theirs = pair
    before = kept(theirs)
    ended = run("merge", ours, theirs)
    assert ended.code == 0
    assert [line.split() for line in ended.out.splitlines()] == [["steps", "1"], ["by", "ben"], ["conflicts", "1"]]
    assert "conflicts" in ended.err
    assert kept(theirs) == before
    again = json.loads(run("merge", ours, theirs / "project.db", "--json").out)
    assert (again["operations"], again["people"], len(again["conflicts"])) == (0, [], 1)


def test_a_dry_merge_says_the_same_and_writes_nothing(run: Run, pair: tuple[Path, Path]) -> None:
    ours, theirs = pair
    before = kept(ours), kept(theirs)
    tried = json.loads(run("merge", ours, theirs, "--dry-run", "--json").out)
    assert (kept(ours), kept(theirs)) == before
    done = json.loads(run("merge", ours, theirs, "--json").out)
    assert {**tried, "dry_run": False} == done


def test_conflicts_show_both_readings_with_the_passage(run: Run, pair: tuple[Path, Path]) -> None:
    ours, theirs = pair
    run("merge", ours, theirs)
    ended = run("conflicts", ours)
    (conflict,) = conflicts(run, ours)
    lines = ended.out.splitlines()
    assert lines[0].startswith(f"{conflict['id']}  A2 Doubt  anna.txt ")
    assert "[I was worried at first.]" in " ".join(line.strip() for line in lines)
    assert "    ann: accepted, because: clear" in lines
    assert "    ben: rejected, because: only at first" in lines
    assert lines[-1] == "1 conflict."
    assert all(len(line) <= 80 for line in lines)
    assert conflict["text"] == "I was worried at first."
    assert {(each["person"], each["verdict"]) for each in conflict["readings"]} == {
        ("ann", "accepted"),
        ("ben", "rejected"),
    }
    assert "accepted (contested)" in run("codings", ours).out


@pytest.mark.parametrize(
    ("arguments", "counted"),
    [(("--accept",), {"A2": True}), (("--reject",), {"A2": False}),
     (("--accept", "--code", "Buy-in"), {"A1": True, "A2": False})],
)  # fmt: skip
def test_adjudicating_settles_it(
    run: Run, pair: tuple[Path, Path], arguments: tuple[str, ...], counted: dict[str, bool]
) -> None:
    ours, theirs = pair
    run("merge", ours, theirs)
    (conflict,) = conflicts(run, ours)
    ended = run("adjudicate", ours, conflict["id"][:6], *arguments, "--person", "cy", "--reason", "read again")
    assert ended.code == 0, ended.err
    assert conflicts(run, ours) == []
    rows = listed(run, ours, "--where", "worried", "--document", "anna")
    assert {row["code"]: row["status"] != "rejected" for row in rows} == counted
    assert {(row["contested"], row["decided_by"]) for row in rows} == {("no", "cy")}
    assert "because: read again" in run("blame", ours, "--quote", "I was worried").out


def test_other_words_can_be_settled_on(run: Run, pair: tuple[Path, Path]) -> None:
    ours, theirs = pair
    run("merge", ours, theirs)
    (conflict,) = conflicts(run, ours)
    before = kept(ours)
    tried = run("adjudicate", ours, conflict["id"], "--accept", "--quote", "worried at first", "--dry-run")
    assert "1 passage would be settled: accepted:" in tried.out
    assert "“worried at first”" in tried.out
    assert kept(ours) == before
    run("adjudicate", ours, conflict["id"], "--accept", "--quote", "worried at first")
    assert [row["quote"] for row in listed(run, ours, "--where", "worried", "--document", "anna")] == [
        "worried at first"
    ]


def test_blind_coders_see_only_their_own_until_release(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    assert run("blind", team, "--machine").out == "people code blind, without suggestions (ann)\n"
    ended = run("codings", team, "--person", "ben")
    assert ended.out == "0 passages.\n"
    assert "2 codings of others not shown" in ended.err
    assert [row["status"] for row in listed(run, team)] == ["accepted", "accepted"]
    assert run("conflicts", team).code == 1
    assert run("adjudicate", team, "c1", "--accept").code == 1
    assert run("release", team).out == "everybody sees all codings (ann)\n"
    assert len(listed(run, team, "--person", "ben")) == 5


def test_done_notes_who_has_worked_through_what(run: Run, team: Path) -> None:
    assert run("done", team, "anna", "ben.txt").out == "anna.txt, ben.txt: worked through (ann)\n"
    told = json.loads(run("done", team, "anna", "--not", "--json").out)
    assert (told["verb"], told["person"], told["summary"]) == ("done", "ann", "anna.txt: not worked through")
    assert run("undo", team).out.startswith("taken back: done, anna.txt: not worked through")


@pytest.fixture
def orphaned(run: Run, team: Path) -> Path:
    """Ann coded a sentence, which was then rewritten in the transcript."""
    run("code", team, "--as", "A1", "--quote", "My garden needs rain")
    path = team / "transcripts" / "anna.txt"
    path.write_text(ANNA.replace("My garden needs rain.", "My gardens need much more rain."), encoding="utf-8")
    assert run("ingest", team).code == 0
    return team


def test_orphans_are_listed_with_their_words_and_proposals(run: Run, orphaned: Path) -> None:
    ended = run("orphans", orphaned)
    (found,) = json.loads(run("orphans", orphaned, "--json").out)
    assert ended.out.splitlines()[0].startswith(f"{found['id']}  A1  coded by ann  anna.txt")
    assert "  “My garden needs rain”" in ended.out.splitlines()
    assert ended.out.splitlines()[-1] == "1 orphan."
    assert found["reason"]
    assert "garden" in found["proposals"][0]["quote"]
    assert "1 coding without a place" in run("codings", orphaned).err


def test_an_orphan_is_placed_by_words_or_where_it_is_likeliest(run: Run, orphaned: Path) -> None:
    (found,) = json.loads(run("orphans", orphaned, "--json").out)
    before = kept(orphaned)
    assert run("place", orphaned, "--proposed", "0.5", "--dry-run").out.startswith("1 orphan would be placed:")
    assert run("place", orphaned, "--proposed", "1").out == "0 orphans placed.\n"
    assert kept(orphaned) == before
    told = json.loads(run("place", orphaned, found["id"], "--quote", "My gardens need much more rain", "--json").out)
    assert [each["quote"] for each in told["placed"]] == ["My gardens need much more rain"]
    assert run("orphans", orphaned).out == "0 orphans.\n"
    assert [row["quote"] for row in listed(run, orphaned, "--status", "coded")] == ["My gardens need much more rain"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("merge",), "THEIRS"),
        (("done",), "DOCUMENT"),
        (("adjudicate", "c1"), "--accept or --reject"),
        (("adjudicate", "c1", "--accept", "--reject"), "--accept or --reject"),
        (("adjudicate", "c1", "--reject", "--code", "A1"), "--code goes with --accept"),
        (("adjudicate", "c1", "--accept", "--quote", "x", "--span", "1:2"), "one of --quote and --span"),
        (("place",), "Say where to"),
        (("place", "--quote", "x"), "Say which orphan"),
        (("place", "x", "--quote", "y", "--proposed", "0.8"), "one of"),
        (("place", "--proposed", "8"), "--proposed"),
        (("place", "--proposed", "0.8", "--document", "anna"), "--document goes with"),
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
        (("merge", "nowhere"), "QC-S003"),
        (("done", "carl"), "QC-P031"),
        (("adjudicate", "zzz", "--accept"), "QC-L037"),
        (("place", "zzz", "--proposed", "0.5"), "QC-L036"),
    ],
)
def test_bad_input_ends_with_1_and_changes_nothing(run: Run, team: Path, arguments: tuple[str, ...], told: str) -> None:
    before = kept(team)
    verb, *rest = arguments
    ended = run(verb, team, *rest)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err
    assert kept(team) == before


def test_a_merge_tells_which_codebooks_followed(run: Run, pair: tuple[Path, Path]) -> None:
    ours, theirs = pair
    run("codebook", "rename", theirs, "A2", "--label", "Worry", "--person", "ben")
    ended = run("merge", ours, theirs)
    assert ["codebooks", "changed", "team"] in [line.split() for line in ended.out.splitlines()]
    assert "label: Worry" in (ours / "codebooks" / "team.yaml").read_text(encoding="utf-8")
    assert "  A2 Worry  anna.txt" in run("conflicts", ours).out


def test_a_project_is_not_merged_with_itself(run: Run, team: Path) -> None:
    assert "QC-P038" in run("merge", team, team).err


@pytest.mark.parametrize("arguments", [("blind",), ("release",), ("done", "anna")])
def test_dry_runs_write_nothing(run: Run, team: Path, arguments: tuple[str, ...]) -> None:
    before, waiting = kept(team), ids(run, team)
    verb, *rest = arguments
    ended = run(verb, team, *rest, "--dry-run")
    assert (ended.code, ended.out.splitlines()[-1], ended.err) == (0, "Nothing was written.", "")
    assert kept(team) == before
    assert ids(run, team, "--person", "zoe") == waiting
