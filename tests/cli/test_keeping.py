"""Verify, backup and restore."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.running import Run
from tests.cli.team import kept, listed


def altered(folder: Path) -> None:
    """Change a reason behind the program's back."""
    with closing(sqlite3.connect(folder / "project.db")) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        assert connection.execute("UPDATE ledger SET reason = 'forged' WHERE kind = 'accept'").rowcount


def test_a_sound_database_adds_up(run: Run, team: Path) -> None:
    run("accept", team, "--all")
    ended = run("verify", team)
    assert (ended.code, ended.out, ended.err) == (0, "Everything adds up.\n", "")
    assert json.loads(run("verify", team, "--json").out) == []


def test_a_ledger_that_was_altered_is_found_out(run: Run, team: Path) -> None:
    run("accept", team, "--all")
    altered(team)
    ended = run("verify", team)
    assert ended.code == 1
    assert "altered: the operation" in ended.out
    assert "restore" in ended.err
    told = run("verify", team, "--json")
    assert told.code == 1
    assert {"code", "message"} == set(json.loads(told.out)[0])


def test_a_backup_is_named_after_the_moment_unless_it_is_given_a_name(run: Run, team: Path, tmp_path: Path) -> None:
    ended = run("backup", team)
    path = Path(ended.out.strip())
    assert path.is_file()
    assert path.parent == team / "backups"
    assert re.fullmatch(r"project-\d{4}-\d\d-\d\dT\d{6}Z\.db", path.name)
    assert run("backup", team, tmp_path / "mine.db").out == f"{tmp_path / 'mine.db'}\n"
    again = run("backup", team, tmp_path / "mine.db")
    assert (again.code, "QC-S014" in again.err) == (1, True)


def test_a_backup_brings_back_what_was(run: Run, team: Path, tmp_path: Path) -> None:
    run("accept", team, "--all")
    before = listed(run, team)
    run("backup", team, tmp_path / "mine.db")
    altered(team)
    ended = run("restore", team, tmp_path / "mine.db")
    assert (ended.code, ended.out) == (0, f"{tmp_path / 'mine.db'} is the project's database now.\n")
    assert f"The earlier one is kept: {team / 'project.db.before-restore-1.bak'}" in ended.err
    assert listed(run, team) == before
    assert run("verify", team).code == 0


def test_dry_runs_write_nothing(run: Run, team: Path, tmp_path: Path) -> None:
    run("backup", team, tmp_path / "mine.db")
    run("accept", team, "--all")
    before = kept(team)
    assert run("backup", team, "--dry-run").out.endswith("would be written.\n")
    ended = run("restore", team, tmp_path / "mine.db", "--dry-run")
    assert (ended.code, "nothing was written" in ended.out) == (0, True)
    assert kept(team) == before
    assert [each.name for each in tmp_path.glob("*.db")] == ["mine.db"]


def test_what_is_no_backup_is_refused(run: Run, team: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("somebody's notes, and nothing else at all")
    before = kept(team)
    for path, code in ((tmp_path / "notes.db", "QC-S"), (tmp_path / "gone.db", "QC-S003")):
        for more in ((), ("--dry-run",)):
            ended = run("restore", team, path, *more)
            assert (ended.code, ended.out) == (1, "")
            assert code in ended.err
    assert kept(team) == before


def test_a_project_without_a_database_has_nothing_to_keep(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "p", "-q")
    (tmp_path / "p" / "project.db").unlink()
    assert run("verify", tmp_path / "p").code == 0
    assert "QC-S003" in run("backup", tmp_path / "p").err
    assert run("backup", "").code == 2
    assert run("restore", tmp_path / "p").code == 2
