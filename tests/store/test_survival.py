"""Whatever happens to the process, the disk or the file: the database opens, adds up, and holds all it said it holds."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from qualcode.errors import StoreError
from qualcode.model.document import sha256_of
from qualcode.model.ledger import Draft, NewEntry
from qualcode.store import Store
from qualcode.store.backup import backup, restore
from tests.store.dying import FIRST, OTHER, SECOND, SWEEPS, WAYS, a_memo, a_suggestion, coding, schema_1

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked and killed")


def run(*arguments: object) -> str:
    """Run a program of this folder and return what it prints; fails with what it complains of."""
    done = subprocess.run([sys.executable, "-W", "ignore::DeprecationWarning", "-m", *map(str, arguments)], cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


FILES = {"create", "migrate", "backup", "restore", "replace", "export"}
"""What is done with files too, not by SQLite alone."""


@posix
@pytest.mark.parametrize(
    ("kind", "way"),
    [
        (kind, way)
        for kind in SWEEPS
        for way in WAYS
        if (way != "files" or kind in FILES) and (kind != "export" or way in {"files", "full"})
    ],
)
def test_whatever_it_dies_of_nothing_is_lost_or_half_written(tmp_path: Path, kind: str, way: str) -> None:
    """Killed at every statement, in between, before every doing with a file; and with a disk that is full at each page."""
    met = int(run("tests.store.dying", kind, tmp_path, way))
    assert met >= (3 if way == "files" else 5)


@posix
@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path) -> None:
    assert run("tests.store.dying", "chance", tmp_path, 200) == "200\n"


@posix
@pytest.mark.slow
def test_two_who_write_at_once_and_one_who_reads(tmp_path: Path) -> None:
    assert int(run("tests.store.dying", "together", tmp_path, 200)) >= 400


# What is wrong with the disk


def a_project(path: Path) -> None:
    with Store.create(path) as store:
        store.put_documents([FIRST, OTHER], person="Ann")
        store.put_suggestions([a_suggestion(FIRST)], made_from="x", person="Ann")
        store.record(coding(store, "They were", "Ann"))
        edit = NewEntry("codebook", codebook="book", content={"after": sha256_of(b"id: book")})
        store.record(Draft("codebook", "Ann", (edit,)), codebooks=[b"id: book"])
        store.record(a_memo())


def everything(path: Path) -> tuple[object, ...]:
    """Return all that a database tells."""
    with Store.open(path) as store:
        texts = [store.codebook_text(sha256_of(b"id: book"))]
        texts += [store.version(each.id, each.text_sha256) for each in store.documents()]
        return (store.documents(), store.suggestions(), store.judgements(), store.memos(), store.state(),
                store.operations(), store.fallen(), texts)  # fmt: skip


def test_a_full_database_is_told_and_the_store_goes_on_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    a_project(path)
    before = everything(path)
    long = dataclasses.replace(a_memo(), summary="word " * 100_000)
    with Store.open(path) as store:
        store._connection.execute("PRAGMA max_page_count = 1")  # sets it to what there is now
        with pytest.raises(StoreError, match="QC-S009"):
            store.record(long)
        assert store.verify() == ()
        assert store.operations() == before[5]
        store._connection.execute("PRAGMA max_page_count = 100000")
        done = store.record(a_memo())
        assert store.operations(latest=1) == (done,)
        assert store.verify() == ()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("closed", ["folder", "file"])
def test_what_may_not_be_written_can_be_read(closed: str) -> None:
    """As nobody, whom permissions bind, in a folder that nobody may enter."""
    assert run("tests.store.nobody", closed) == "['QC-S008', 'QC-S008']\n"


def test_a_database_that_is_locked_is_told_in_time(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    a_project(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Store.open(path, timeout=0.1) as store:
        other.execute("BEGIN IMMEDIATE")
        for attempt in (
            lambda: store.record(a_memo()),
            lambda: store.undo("Ann"),
            lambda: store.put_documents([SECOND]),
            lambda: restore(path, path, timeout=0.1),
        ):
            with pytest.raises(StoreError, match="QC-S007"):
                attempt()
        assert len(store.operations()) == 5
        other.execute("ROLLBACK")
        store.record(a_memo())


def test_a_locked_database_of_an_earlier_schema_is_told(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    schema_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="QC-S007"):
            Store.open(path, timeout=0.1)
        other.execute("ROLLBACK")
    assert not list(tmp_path.glob("*.bak"))
    with Store.open(path) as store:
        assert store.verify() == ()


def test_what_was_written_just_before_a_migration_is_in_its_backup(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    schema_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:  # keeps a -wal that is not in the file yet
        other.execute("UPDATE meta SET value = 'later' WHERE key = 'coded_from'")
        Store.open(path).close()
    (kept,) = tmp_path.glob("*.bak")
    with closing(sqlite3.connect(kept)) as copy:
        assert copy.execute("SELECT value FROM meta WHERE key = 'coded_from'").fetchone() == ("later",)


@posix
@pytest.mark.parametrize("kind", ["migrate", "create"])
def test_two_who_open_at_once_make_one_database(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "project.db"
    if kind == "migrate":
        schema_1(path)
    gate = threading.Barrier(4)
    codes: list[str] = []

    def opening() -> None:
        gate.wait()
        try:
            (Store.open if kind == "migrate" else Store.create)(path).close()
        except StoreError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=opening) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert codes == ([] if kind == "migrate" else ["QC-S002"] * 3)
    with Store.open(path) as store:
        assert store.verify() == ()
    assert len(list(tmp_path.glob("*.bak"))) == (kind == "migrate")
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("version", [0, -5])
def test_a_schema_that_cannot_be_is_told(tmp_path: Path, version: int) -> None:
    path = tmp_path / "project.db"
    a_project(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(StoreError, match="QC-S004"):
        Store.open(path)


def test_a_schema_to_be_brought_up_to_date_cannot_be_read_only(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    schema_1(path)
    with pytest.raises(StoreError, match="QC-S012"):
        Store.open(path, read_only=True)
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".bak"] == []


def test_a_database_that_was_replaced_while_it_was_open_is_not_written_to(tmp_path: Path) -> None:
    path, new = tmp_path / "project.db", tmp_path / "new.db"
    a_project(path)
    a_project(new)
    with Store.open(path) as store:
        new.replace(path)
        with pytest.raises(StoreError, match="QC-S016"):
            store.record(a_memo())
        path.unlink()
        with pytest.raises(StoreError, match="QC-S016"):
            store.undo("Ann")


# What is wrong with the file


def whole(path: Path) -> bytes:
    a_project(path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "QC-S004"),
        (b"Interview 1\n\nQ: How did you begin?\n" * 50, "QC-S004"),
        (b"short", "QC-S004"),
    ],
    ids=["empty", "text", "short"],
)
def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "project.db"
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=code):
            Store.open(path, read_only=read_only)
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["project.db"]


def test_a_database_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    content = whole(path)
    for length in (100, 4096, 5000, len(content) // 2, len(content) - 4096, len(content) - 1):
        path.write_bytes(content[:length])
        try:
            with Store.open(path) as store:
                assert store.verify() != (), length
        except StoreError as error:
            assert error.code in {"QC-S004", "QC-S009"}  # noqa: PT017 - either is right


def test_a_flipped_bit_is_noticed_or_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    content = whole(path)
    before = everything(path)
    chance = random.Random(3)
    noticed = 0
    places = [*range(0, 100, 7), *(chance.randrange(len(content)) for _ in range(250))]
    for at in places:
        damaged = bytearray(content)
        damaged[at] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            with Store.open(path) as store:
                findings = store.verify()
            if not findings:
                assert everything(path) == before, f"unnoticed at {at}"
            noticed += bool(findings)
        except StoreError:
            noticed += 1
        for each in tmp_path.glob("project.db?*"):
            each.unlink()
    assert noticed > 20


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE blocks SET kind = 'note' WHERE number = 1", "document"),
        ("UPDATE documents SET source_name = 'else'", "document"),
        ("UPDATE document_versions SET content = x'00'", "damaged"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM document_versions", "version"),
        ("DELETE FROM codebook_versions", "codebook"),
        ("UPDATE suggestions SET score = 1", "suggestion"),
        ("DELETE FROM current_suggestions", "suggestions"),
        ("UPDATE meta SET value = 'y' WHERE key = 'coded_from'", "suggestions"),
        ("DELETE FROM links", "links"),
        ("DROP TRIGGER operations_are_final; UPDATE operations SET undoable = 0", "altered"),
        ("DROP TRIGGER operations_are_final; UPDATE operations SET clock = clock + 1", "altered"),
        ("DROP TRIGGER ledger_is_final; UPDATE ledger SET origin = 'x' WHERE origin IS NOT NULL", "altered"),
        ("UPDATE judgements SET origin = 'x'", "state"),
        ("UPDATE judgements SET id = 'made-up.0'", "state"),
        ("UPDATE memos SET text = 'No.'", "state"),
        ("DROP TRIGGER operations_are_kept; DELETE FROM operations WHERE verb = 'memo'", "missing-rows"),
    ],
)
def test_what_was_changed_by_hand_is_found(tmp_path: Path, statement: str, finding: str) -> None:
    path = tmp_path / "project.db"
    a_project(path)
    with Store.open(path) as store:
        coded = store.judgements()[0].id
        store.record(Draft("uncode", "Ann", (NewEntry("uncode", targets=(coded,)),)))
        store.undo("Ann")
        assert store.verify() == ()
        with closing(sqlite3.connect(path)) as other:
            other.executescript(statement)
        assert finding in {each.code for each in store.verify()}


def test_without_its_wal_a_database_is_an_earlier_one_and_sound(tmp_path: Path) -> None:
    path, copy = tmp_path / "project.db", tmp_path / "copy.db"
    a_project(path)
    with Store.open(path) as store:
        store.record(a_memo())
        shutil.copyfile(path, copy)  # what is still in the -wal is not copied with it
    with Store.open(copy) as store:
        assert store.verify() == ()
        assert len(store.memos()) == 1


def test_a_wal_without_its_database_is_not_taken_into_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    path.with_name("project.db-wal").write_bytes(b"decisions")
    with pytest.raises(StoreError, match=r"QC-S002.*belongs to a project database that is gone"):
        Store.create(path)
    assert [each.name for each in tmp_path.iterdir()] == ["project.db-wal"]


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    path.mkdir()
    with pytest.raises(StoreError, match=r"QC-S004.*folder"):
        Store.open(path)
    with pytest.raises(StoreError, match="QC-S002"):
        Store.create(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs leave to make links")
def test_a_link_leads_to_the_database(tmp_path: Path) -> None:
    real, link = tmp_path / "real.db", tmp_path / "project" / "project.db"
    link.parent.mkdir()
    link.symlink_to(real)
    with pytest.raises(StoreError, match="QC-S003"):
        Store.open(link)
    with pytest.raises(StoreError, match="QC-S002"):
        Store.create(link)
    a_project(real)
    with Store.open(link) as store:
        store.record(a_memo())
        assert [each.name for each in link.parent.iterdir()] == ["project.db"]
    assert link.is_symlink()
    assert everything(link) == everything(real)


def test_a_name_with_every_sign_in_it_works(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20é’"
    folder.mkdir()
    a_project(folder / "project.db")
    backup(folder / "project.db", folder / "x y?#%.bak")
    assert restore(folder / "x y?#%.bak", folder / "project.db") == folder / "project.db.before-restore-1.bak"
    assert len(everything(folder / "project.db")[5]) == 5  # type: ignore[arg-type] # operations
