"""A backup is whole or not there; going back to one is checked first and throws nothing away."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from qualcode.errors import StoreError
from qualcode.store import Store
from qualcode.store.backup import backup, restore
from qualcode.store.connect import SCHEMA_VERSION
from tests.store.dying import FIRST, OTHER, a_memo, coding, schema_1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a project's database with a document and three operations."""
    path = tmp_path / "project.db"
    with Store.create(path) as store:
        store.put_documents([FIRST], person="Ann")
        store.record(coding(store, "They were", "Ann"))
        store.record(a_memo())
    return path


def operations(path: Path) -> list[str]:
    """Return the ids of the operations in a copy of a database, which is not touched, and check it."""
    copy = path.with_name("looked-at.db")
    for end in ("", "-wal"):
        if path.with_name(path.name + end).exists():
            shutil.copyfile(path.with_name(path.name + end), copy.with_name(copy.name + end))
    with Store.open(copy) as store:
        assert store.verify() == ()
        found = [each.id for each in store.operations()]
    copy.unlink()
    return found


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_backup_holds_what_is_in_the_wal_too(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        last = store.record(a_memo())
        assert backup(path, tmp_path / "monday.bak") == tmp_path / "monday.bak"
    assert operations(tmp_path / "monday.bak")[-1] == last.id
    assert files(tmp_path) == ["monday.bak", "project.db"]


def test_a_backup_is_one_file_that_can_be_read_where_nothing_can_be_written(path: Path, tmp_path: Path) -> None:
    target = backup(path, tmp_path / "monday.bak")
    with closing(sqlite3.connect(f"{target.as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT count(*) FROM operations").fetchone() == (3,)


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_backup_is_never_written_over_anything(path: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "monday.bak"
    if kind == "file":
        target.write_text("mine")
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(StoreError, match="QC-S014"):
        backup(path, target)
    assert target.is_dir() or target.is_symlink() or target.read_text() == "mine"
    assert len(files(tmp_path)) == 2


def test_a_backup_into_a_folder_that_is_not_there_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere.*QC-S001"):
        backup(path, tmp_path / "nowhere" / "monday.bak")


@pytest.mark.parametrize("code", ["QC-S003", "QC-S004", "QC-S005"])
def test_what_is_no_project_database_is_not_backed_up(tmp_path: Path, code: str) -> None:
    path = tmp_path / "project.db"
    if code == "QC-S004":
        path.write_text("no database" * 1000)
    elif code == "QC-S005":
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match=code):
        backup(path, tmp_path / "monday.bak")
    assert "monday.bak" not in files(tmp_path)


def test_a_database_that_does_not_add_up_gives_no_backup(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.executescript("UPDATE judgements SET code = 'X'")
    with pytest.raises(StoreError, match=r"QC-S015.*kept otherwise"):
        backup(path, tmp_path / "monday.bak")
    assert files(tmp_path) == ["project.db"]


def test_a_backup_while_somebody_writes_is_of_one_moment(path: Path, tmp_path: Path) -> None:
    written: list[str] = []
    stop = threading.Event()

    def writing() -> None:
        with Store.open(path) as store:
            while not stop.is_set():
                written.append(store.record(a_memo()).id)

    before = operations(path)
    thread = threading.Thread(target=writing)
    thread.start()
    try:
        for number in range(5):
            known = list(written)
            held = operations(backup(path, tmp_path / f"{number}.bak"))
            assert held[:3] == before
            assert held[3:] == written[: len(held) - 3] or held[3:-1] == written[: len(held) - 4]
            assert set(known) <= set(held)
    finally:
        stop.set()
        thread.join()


def test_restoring_brings_the_backup_and_keeps_what_there_was(path: Path, tmp_path: Path) -> None:
    early = operations(path)
    kept = backup(path, tmp_path / "monday.bak")
    with Store.open(path) as store:
        store.record(a_memo())
        store.undo("Ann")
    late = operations(path)
    aside = restore(kept, path)
    assert aside == tmp_path / "project.db.before-restore-1.bak"
    assert operations(path) == early
    assert operations(aside) == late
    assert restore(aside, path) == tmp_path / "project.db.before-restore-2.bak"
    assert operations(path) == late
    assert files(tmp_path) == [
        "monday.bak", "project.db", "project.db.before-restore-1.bak", "project.db.before-restore-2.bak"
    ]  # fmt: skip


def test_a_wal_that_a_killed_process_left_goes_with_its_database(path: Path, tmp_path: Path) -> None:
    kept = backup(path, tmp_path / "monday.bak")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with Store.open(path) as store:
        last = store.record(a_memo())
        for end in ("", "-wal"):
            shutil.copyfile(f"{path}{end}", crashed / f"project.db{end}")
    assert (crashed / "project.db-wal").stat().st_size > 0
    aside = restore(kept, crashed / "project.db")
    assert aside is not None
    assert last.id in operations(aside)
    assert last.id not in operations(crashed / "project.db")


@pytest.mark.parametrize("damage", ["header", "schema", "text", "empty", "short", "theirs"])
def test_a_damaged_database_is_kept_as_it_is(path: Path, tmp_path: Path, damage: str) -> None:
    early = operations(path)
    kept = backup(path, tmp_path / "monday.bak")
    content = path.read_bytes()
    wrong = {
        "header": b"damage" + content[6:],
        "schema": content[:100] + bytes(3000) + content[3100:],
        "text": b"not a database\n" * 300,
        "empty": b"",
        "short": content[:5000],
        "theirs": content[:68] + b"them" + content[72:],
    }[damage]
    path.write_bytes(wrong)
    path.with_name("project.db-wal").write_bytes(b"what was in the wal")
    aside = restore(kept, path)
    assert aside is not None
    assert operations(path) == early
    if damage not in {"empty", "theirs", "short"}:  # SQLite can open these, and writes what they need
        assert aside.read_bytes() == wrong
        assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"what was in the wal"
    assert not path.with_name("project.db-wal").exists()


def test_restoring_where_there_is_none_puts_it_there(path: Path, tmp_path: Path) -> None:
    early = operations(path)
    kept = backup(path, tmp_path / "monday.bak")
    path.unlink()
    path.with_name("project.db-wal").write_bytes(b"left over")
    assert restore(kept, path) is None
    assert operations(path) == early
    assert path.with_name("project.db.before-restore-1.bak-wal").read_bytes() == b"left over"


def test_a_backup_that_is_not_sound_changes_nothing(path: Path, tmp_path: Path) -> None:
    present = path.read_bytes()
    kept = backup(path, tmp_path / "monday.bak")
    content = kept.read_bytes()
    at = content.index(b"Trust comes first.")
    for code, wrong in {
        "QC-S004": b"not a database" * 500,
        "QC-S005": content[:68] + b"them" + content[72:],
        "QC-S006": content[:60] + (SCHEMA_VERSION + 1).to_bytes(4, "big") + content[64:],
        "QC-S015": content[:at] + b"Truth" + content[at + 5 :],
    }.items():
        kept.write_bytes(wrong)
        with pytest.raises(StoreError, match=code):
            restore(kept, path)
        assert path.read_bytes() == present
        assert files(tmp_path) == ["monday.bak", "project.db"]
    kept.unlink()
    with pytest.raises(StoreError, match="QC-S003"):
        restore(kept, path)


def test_restoring_is_refused_while_somebody_has_the_project_open(path: Path, tmp_path: Path) -> None:
    kept = backup(path, tmp_path / "monday.bak")
    with Store.open(path) as store:
        store.record(a_memo())
        with pytest.raises(StoreError, match="QC-S007"):
            restore(kept, path, timeout=0.05)
        assert len(store.operations()) == 4
        store.record(a_memo())
    assert len(operations(path)) == 5
    assert files(tmp_path) == ["monday.bak", "project.db"]


def test_the_copy_kept_before_a_migration_can_be_restored(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    schema_1(path)
    with Store.open(path) as store:
        store.record(a_memo())
    (old,) = tmp_path.glob("project.db.schema-1.bak")
    assert restore(old, path) is not None
    with closing(sqlite3.connect(path)) as again:
        assert again.execute("PRAGMA user_version").fetchone() == (1,)
    with Store.open(path) as store:
        assert store.documents() == (FIRST, OTHER)
        assert store.memos() == ()
    assert path.with_name("project.db.schema-1-2.bak").exists()


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs leave to make links")
def test_restoring_through_a_link_leaves_the_link(path: Path, tmp_path: Path) -> None:
    kept = backup(path, tmp_path / "monday.bak")
    link = tmp_path / "link.db"
    link.symlink_to(path)
    assert restore(kept, link) == tmp_path / "project.db.before-restore-1.bak"
    assert link.is_symlink()
    assert len(operations(path)) == 3


def test_a_draft_that_a_killed_process_left_long_ago_is_cleared_away(path: Path, tmp_path: Path) -> None:
    old, new = tmp_path / ".monday.bak.1234abcd.part", tmp_path / ".monday.bak.5678abcd.part"
    for each in (old, new):
        each.write_bytes(b"half a backup")
    os.utime(old, (0, 0))
    backup(path, tmp_path / "monday.bak")
    assert files(tmp_path) == [new.name, "monday.bak", "project.db"]
