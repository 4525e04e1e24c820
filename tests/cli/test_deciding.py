"""Accept, reject, move, uncode, code by hand, and the list of passages."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.cli.team import BOOK, ids, kept, listed

BOUGHT = "We all bought into it from the start."


def test_codings_lists_what_waits_in_document_order(run: Run, team: Path) -> None:
    ended = run("codings", team)
    lines = ended.out.splitlines()
    assert lines[0].split() == ["id", "status", "code", "document", "quote"]
    assert [line.split()[1:4] for line in lines[1:6]] == [
        ["suggested", "A1", "anna.txt"], ["suggested", "A2", "anna.txt"], ["suggested", "A1", "anna.txt"],
        ["suggested", "A1", "ben.txt"], ["suggested", "A2", "ben.txt"],
    ]  # fmt: skip
    assert lines[-1] == "5 passages: 5 suggested."
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--code", "A2"), ["anna.txt", "ben.txt"]),
        (("--code", "Doubt"), ["anna.txt", "ben.txt"]),
        (("--code", "Direction", "--document", "ben.txt"), ["ben.txt", "ben.txt"]),
        (("--rule", "A1-board"), ["anna.txt"]),
        (("--rule", "A1-board", "--rule", "A2-worried"), ["anna.txt", "anna.txt", "ben.txt"]),
        (("--coder", "rules"), ["anna.txt"] * 3 + ["ben.txt"] * 2),
        (("--coder", "person"), []),
        (("--where", "nobody | head"), ["anna.txt", "ben.txt"]),
        (("--status", "accepted"), []),
        (("--status", "accepted", "--status", "suggested", "--document", "ben"), ["ben.txt", "ben.txt"]),
    ],
)
def test_codings_can_be_narrowed(run: Run, team: Path, arguments: tuple[str, ...], expected: list[str]) -> None:
    assert [row["document"] for row in listed(run, team, *arguments)] == expected


def test_codings_in_every_form_holds_the_words_letter_for_letter(run: Run, team: Path) -> None:
    rows = listed(run, team, "--document", "anna")
    read = list(csv.DictReader(io.StringIO(run("codings", team, "--document", "anna", "--format", "csv").out)))
    assert [{key: str(value) for key, value in row.items()} for row in rows] == read
    first = rows[0]
    assert (first["quote"], first["rule"], first["decided_by"]) == (BOUGHT, "A1-bought", "")
    text = (team / "transcripts" / "anna.txt").read_text(encoding="utf-8")
    assert text[first["start"] : first["end"]] == BOUGHT
    assert run("codings", team, "--format", "markdown").out.startswith("| id | status | contested | code |")


def test_accepting_tells_what_it_did_and_how_to_take_it_back(run: Run, team: Path) -> None:
    first, *_ = ids(run, team)
    ended = run("accept", team, "--id", first[:7], "--reason", "plain")
    assert ended.code == 0
    (row,) = listed(run, team, "--status", "accepted")
    assert ended.out == f"1 passage accepted:\n  {row['id']}  A1  anna.txt  “We all bought into it from the start.”\n"
    assert "undo" in ended.err
    assert (row["quote"], row["decided_by"]) == (BOUGHT, "ann")
    assert "accepted, because: plain" in run("blame", team, row["id"]).out


def test_a_decision_as_json_names_each_passage_by_its_new_id(run: Run, team: Path) -> None:
    ended = run("reject", team, "--code", "A2", "--json")
    told = json.loads(ended.out)
    assert (told["verb"], told["dry_run"], told["already"], ended.err) == ("reject", False, 0, "")
    assert [each["id"] for each in told["passages"]] == ids(run, team, "--status", "rejected")
    assert [(each["code"], each["document"]) for each in told["passages"]] == [("A2", "anna.txt"), ("A2", "ben.txt")]
    assert told["step"] == json.loads(run("log", team, "--latest", "1", "--json").out)[0]["step"]


def test_a_dry_run_names_each_passage_by_its_present_id(run: Run, team: Path) -> None:
    before, waiting = kept(team), ids(run, team)
    ended = run("accept", team, "--all", "--dry-run")
    assert ended.out.splitlines()[0] == "5 passages would be accepted:"
    assert [line.split()[0] for line in ended.out.splitlines()[1:-1]] == waiting
    assert ended.out.endswith("Nothing was written.\n")
    assert kept(team) == before


def test_deciding_twice_changes_nothing_more(run: Run, team: Path) -> None:
    (key, *_) = ids(run, team)
    run("accept", team, "--id", key)
    before = kept(team)
    (now,) = ids(run, team, "--status", "accepted")
    ended = run("accept", team, "--id", now)
    assert (ended.code, ended.out) == (0, "0 passages accepted.\n")
    assert kept(team) == before


def test_what_is_decided_is_changed_only_when_it_is_named(run: Run, team: Path) -> None:
    run("accept", team, "--document", "ben")
    assert run("reject", team, "--all").out.startswith("3 passages rejected:")
    (key, *_) = ids(run, team, "--status", "accepted")
    assert run("reject", team, "--id", key).out.startswith("1 passage rejected:")
    assert len(ids(run, team, "--status", "accepted")) == 1


def test_moving_puts_a_passage_under_the_other_code_in_one_step(run: Run, team: Path) -> None:
    before = ids(run, team, "--where", "head")
    told = json.loads(run("move", team, "--where", "head", "--to", "Doubt", "--dry-run", "--json").out)
    assert [(each["id"], each["from"], each["code"]) for each in told["passages"]] == [(*before, "A1", "A2")]
    ended = run("move", team, "--where", "head", "--to", "Doubt")
    assert ended.out.startswith("1 passage put under Doubt:")
    assert "already" not in ended.err
    stands = {(row["code"], row["status"]) for row in listed(run, team, "--where", "head")}
    assert stands == {("A1", "rejected"), ("A2", "coded")}
    run("undo", team)
    assert ids(run, team, "--where", "head") == before


def test_what_was_moved_once_can_be_moved_again_without_a_false_note(run: Run, team: Path) -> None:
    run("code", team, "--as", "A1", "--quote", "My garden needs rain")
    ended = run("move", team, "--where", "garden", "--to", "A2")
    assert ended.out.startswith("1 passage put under A2:")
    assert "already" not in ended.err


def test_uncode_lets_a_suggestion_wait_again(run: Run, team: Path) -> None:
    before = ids(run, team)
    run("accept", team, "--all")
    assert ids(run, team, "--status", "suggested") == []
    assert run("uncode", team, "--all").out.startswith("5 passages taken back:")
    assert ids(run, team) == before


def test_decisions_bear_the_name_that_is_given(run: Run, team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("accept", team, "--code", "A1", "--person", "Zoë")
    monkeypatch.setenv("QUALCODE_PERSON", "cy")
    run("accept", team, "--code", "A2")
    assert {row["code"]: row["decided_by"] for row in listed(run, team)} == {"A1": "Zoë", "A2": "cy"}
    ended = run("accept", team, "--all", "--person", "settled")
    assert (ended.code, "--person NAME" in ended.err) == (1, True)


def test_many_passages_are_not_all_listed_when_it_is_done(run: Run, team: Path) -> None:
    quotes = [f"--quote={word}" for word in ("It rained", "that year", "Then we", "went home", "The screen", "was blank",
                                            "My garden", "needs rain")]  # fmt: skip
    for quote in quotes:
        assert run("code", team, "--as", "A2", quote).code == 0
    ended = run("move", team, "--code", "A2", "--to", "A1")
    assert ended.out.startswith("10 passages put under A1:")
    run("accept", team, "--code", "A1")
    assert run("uncode", team, "--all").out.splitlines()[-1] == "  … and 5 more"  # two were rejected under A2


@pytest.mark.parametrize(
    "arguments",
    [("reject", "--all"), ("uncode", "--all"), ("code", "--as", "A1", "--where", "garden"), ("sample", "--n", "2")],
)
def test_dry_runs_write_nothing(run: Run, team: Path, arguments: tuple[str, ...]) -> None:
    run("accept", team, "--code", "A2")
    before = kept(team)
    verb, *rest = arguments
    ended = run(verb, team, *rest, "--dry-run")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "Nothing was written.")
    assert " would be " in ended.out
    assert kept(team) == before


def test_what_takes_it_back_names_the_person_when_it_must(run: Run, team: Path) -> None:
    assert run("accept", team, "--code", "A2").err.endswith("undo " + str(team) + "\n")
    told = run("accept", team, "--code", "A1", "--person", "Zo Ë").err
    assert told.endswith(f"undo {team} --person 'Zo Ë'\n")


def test_near_misses_are_rejected_and_written_into_the_codebook(run: Run, team: Path) -> None:
    (key,) = ids(run, team, "--rule", "A1-board")
    before = kept(team)
    tried = run("reject", team, "--near-miss", "--id", key, "--reason", "a figure of speech", "--dry-run")
    assert (tried.code, kept(team)) == (0, before)
    told = json.loads(run("reject", team, "--near-miss", "--id", key, "--reason", "a figure of speech", "--json").out)
    assert (told["decisions"], told["adopted"], told["impact"][0]["parts"]) == (1, False, "examples.near_miss")
    book = (team / "codebooks" / "team.yaml").read_text(encoding="utf-8")
    assert "The head was on board as well." in book
    assert "a figure of speech" in book
    assert [row["status"] for row in listed(run, team, "--rule", "A1-board")] == ["rejected"]
    run("undo", team)
    assert (team / "codebooks" / "team.yaml").read_text(encoding="utf-8") == BOOK
    assert ids(run, team, "--rule", "A1-board") == [key]


def test_an_example_is_accepted_and_written_into_the_codebook(run: Run, team: Path) -> None:
    (key,) = ids(run, team, "--rule", "A1-board")
    ended = run("accept", team, "--id", key, "--example", "typical")
    assert ended.out.splitlines()[-1] == str(team / "codebooks" / "team.yaml")
    assert [row["status"] for row in listed(run, team, "--rule", "A1-board")] == ["accepted"]
    assert "The head was on board" in run("codebook", "show", team / "codebooks" / "team.yaml", "A1").out


def test_coding_by_hand_by_quote_span_and_search(run: Run, team: Path) -> None:
    ended = run("code", team, "--as", "Buy-in", "--quote", "My  garden\nneeds rain", "--facet", "stance=absent")
    assert ended.out.startswith("1 passage coded as Buy-in:")
    text = (team / "transcripts" / "ben.txt").read_text(encoding="utf-8")
    start = text.index("The screen")
    run("code", team, "--as", "A2", "--span", f"{start}:{start + 10}", "--document", "ben", "--reason", "unclear")
    run("code", team, "--as", "A2", "--where", "year | welcome")
    found = {(row["code"], row["quote"]) for row in listed(run, team, "--status", "coded")}
    assert found == {("A1", "My garden needs rain"), ("A2", "The screen"), ("A2", "It rained a lot that year"),
                     ("A2", "You are welcome")}  # fmt: skip
    assert "stance absent" in run("blame", team, "--quote", "My garden").out
    again = run("code", team, "--as", "A2", "--where", "welcome")
    assert (again.out, again.err) == ("0 passages coded as A2.\n", "note: 1 passage already stood so\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("accept",), "Say which passages"),
        (("reject", "--reason", "x"), "Say which passages"),
        (("uncode", "--codebook", "team"), "or --all"),
        (("move", "--all"), "Missing option '--to'"),
        (("reject", "--near-miss", "--id", "s1"), "--reason TEXT"),
        (("reject", "--near-miss", "--reason", "x", "--all"), "one passage"),
        (("reject", "--near-miss", "--reason", "x", "--id", "s1", "--id", "s2"), "one passage"),
        (("accept", "--example", "typical", "--id", "s1", "--code", "A1"), "one passage"),
        (("accept", "--example", "near_miss", "--id", "s1"), "typical"),
        (("codings", "--status", "open"), "suggested"),
        (("code", "--as", "A1"), "--quote TEXT"),
        (("code", "--as", "A1", "--quote", "x", "--where", "y"), "one of"),
        (("code", "--as", "A1", "--span", "3:9"), "--document NAME"),
        (("code", "--as", "A1", "--span", "9:3", "--document", "anna"), "START:END"),
        (("code", "--as", "A1", "--span", "3", "--document", "anna"), "START:END"),
        (("code", "--as", "A1", "--quote", "x", "--facet", "stance"), "NAME=VALUE"),
        (("code", "--as", "A1", "--quote", "x", "--changes"), "does not go with --as"),
        (("code", "--quote", "x"), "--as CODE"),
        (("code", "--facet", "stance=absent"), "--facet goes with coding by hand"),
        (("code", "--codebook", "team"), "--codebook goes with coding by hand"),
    ],
)
def test_misuse_ends_with_2_before_anything_is_opened(run: Run, arguments: tuple[str, ...], told: str) -> None:
    verb, *rest = arguments
    ended = run(verb, "nowhere", *rest)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("accept", "--id", "zzz"), "QC-L021"),
        (("accept", "--id", "s"), "QC-L022"),
        (("accept", "--code", "Bye-in"), "Did you mean 'Buy-in'?"),
        (("accept", "--document", "carl"), "anna.txt, ben.txt"),
        (("accept", "--all", "--codebook", "teem"), "It has: team."),
        (("reject", "--where", "NEAR/x"), "QC-Q"),
        (("move", "--all", "--to", "Z"), "QC-P032"),
        (("code", "--as", "A1", "--quote", "nobody said this"), "QC-L025"),
        (("code", "--as", "A1", "--quote", "INTERVIEWER"), "QC-L026"),
        (("code", "--as", "A1", "--span", "5:99999", "--document", "anna"), "QC-L024"),
        (("code", "--as", "A1", "--quote", "rained", "--facet", "mood=good"), "stance: present, absent, mixed"),
    ],
)
def test_bad_input_ends_with_1_and_changes_nothing(run: Run, team: Path, arguments: tuple[str, ...], told: str) -> None:
    before = kept(team)
    verb, *rest = arguments
    ended = run(verb, team, *rest)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err
    assert kept(team) == before


def test_a_rerun_tells_what_it_changed_and_that_decisions_stand(run: Run, team: Path) -> None:
    run("accept", team, "--code", "A2")
    book = team / "codebooks" / "team.yaml"
    book.write_text(BOOK.replace("on board", "home").replace("find: worried", "find: anxious"), encoding="utf-8")
    tried = run("code", team, "--dry-run")
    assert "Would be: 1 new, 1 gone, 0 keep a decision, 3 wait" in tried.out
    ended = run("code", team, "--changes")
    lines = ended.out.splitlines()
    assert lines[:2] == [
        "5 codings of 2 codes in 2 documents, with team 1.0",
        "1 new, 1 gone, 0 keep a decision, 3 wait; 2 decisions that no rule suggests any more stand",
    ]
    assert lines[3:6] == ["New: 1", lines[4], ""]
    assert "A1  anna.txt  “Then we went home.”" in lines[4]
    assert [line for line in lines if line.startswith(("Gone", "Decided"))] == [
        "Gone: 1",
        "Decided, and no longer suggested: 2",
    ]


def test_a_rerun_as_json_lists_its_changes_when_asked(run: Run, team: Path) -> None:
    run("accept", team, "--rule", "A1-board")
    (team / "codebooks" / "team.yaml").write_text(BOOK.replace("on board", "home"), encoding="utf-8")
    told = json.loads(run("code", team, "--changes", "--json").out)
    assert told["rerun"] == {"new": 1, "gone": 0, "kept": 0, "waiting": 5, "unsupported": 1, "reshaped": 0}
    assert [each["quote"] for each in told["changes"]["new"]] == ["Then we went home."]
    (stands,) = told["changes"]["unsupported"]
    assert (stands["verdict"], stands["quote"]) == ("accepted", "The head was on board as well.")
    assert set(json.loads(run("code", team, "--json").out)) == {"codebook", "documents", "codings", "codes", "rerun"}
