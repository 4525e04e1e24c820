"""Processes that are killed, or find the disk full, in the middle of their work; and a look at what they leave.

Run as a program, so that it can fork without the threads of a test runner::

    python -m tests.store.dying KIND FOLDER WAY     # of SWEEPS and WAYS
    python -m tests.store.dying chance FOLDER TIMES
    python -m tests.store.dying together FOLDER TIMES

It prints how many processes came to grief; whatever is wrong ends it with an error.
"""

from __future__ import annotations

import itertools
import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

from qualcode.errors import ExportError, StoreError
from qualcode.ledger.fold import fold
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document, Span
from qualcode.model.ledger import Draft, NewEntry, Origin, passage_at
from qualcode.project.writing import write_together
from qualcode.store import Store
from qualcode.store.backup import backup, restore
from qualcode.store.connect import APPLICATION_ID
from qualcode.store.documents import insert_document
from tests.builders import document

Tell = Callable[[str], None]
"""What a process calls with the id of an operation, or the path of a file, that it was told is written."""

FIRST = document("one.txt", [("Q", "interviewer", "How did you begin?"),
                             ("A", "participant", "We listened to staff. They were keen. Then we began.")])  # fmt: skip
SECOND = document("one.txt", [("Q", "interviewer", "How, then, did you begin?"),
                              ("A", "participant", "First we listened to staff. They were wary.")])  # fmt: skip
OTHER = document("two.txt", [("A", "participant", "It was the parents who came to us.")])
WORDS = ("listened to staff", "They were", "we", "staff")


# What is done


def coding(store: Store, words: str, person: str, kind: str = "code", targets: tuple[str, ...] = ()) -> Draft:
    """Return the draft of one decision about the first of these words."""
    found = next(each for each in store.documents() if each.name == "one.txt")
    start = found.text.index(words)
    passage = passage_at(found, Span(start, start + len(words)))
    entry = NewEntry(kind, passage, "book", "A1", Origin(), targets)  # type: ignore[arg-type] # any kind of decision
    return Draft(kind, person, (entry,))


def a_suggestion(found: Document, code: str = "A1") -> Suggestion:
    """Return a suggestion for the first words of a document."""
    return Suggestion(found.id, found.text_sha256, 0, Span(0, 5), found.text[:5], "", found.text[5:9], code, "rules",
                      ("A1-1",), (Span(0, 3),), 0.5)  # fmt: skip


def a_memo() -> Draft:
    """Return the draft of a memo on the project."""
    content = {"type": "theory", "about": "project", "text": "Trust comes first.", "ref": ""}
    return Draft("memo", "Ann", (NewEntry("memo", content=content),))


def begun(path: Path) -> None:
    """Make a project in which something was done, and beside it Ben's, to be merged, and a backup."""
    with Store.create(path) as store:
        store.put_documents([FIRST, OTHER], person="Ann")
        store.put_suggestions([a_suggestion(FIRST)], made_from="1", person="Ann")
        for words in WORDS:
            store.record(coding(store, words, "Ann"))
        store.record(a_memo())
    with Store.create(path.with_name("ben.db")) as ben:
        ben.put_documents([SECOND], person="Ben")
        for words in WORDS:
            ben.record(coding(ben, words, "Ben"))
    with Store.create(path.with_name("early.db")) as early:
        early.put_documents([FIRST], person="Ann")
    backup(path.with_name("early.db"), path.with_name("early.bak"))


def schema_1(path: Path) -> None:
    """Make a database as qualcode wrote it before there was a ledger."""
    script = files("qualcode.store.migrations").joinpath("0001_documents.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA application_id = {APPLICATION_ID}; {script}")
        for each in (FIRST, OTHER):
            insert_document(connection, each)
        connection.execute("INSERT INTO meta VALUES ('revision', '2'), ('coded_from', 'x')")
        connection.execute(
            "INSERT INTO suggestions VALUES (1, ?, ?, 0, 0, 5, ?, '', '', 'A1', 'rules', '[\"A1-1\"]', '[[0,3]]', 0.5, "
            "'{}', '[]', 'book', '1', ?)",
            (FIRST.id, FIRST.text_sha256, FIRST.text[:5], "f" * 64),
        )
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


def recording(path: Path, tell: Tell) -> None:
    """Code, decide anew, write a memo."""
    with Store.open(path) as store:
        made = store.record(coding(store, "They were", "Ann"))
        tell(made.id)
        tell(store.record(coding(store, "staff", "Ann", "move", (made.entries[0].id,))).id)
        tell(store.record(a_memo()).id)


def undoing(path: Path, tell: Tell) -> None:
    """Take back two steps, a run and a coding, and do one again."""
    with Store.open(path) as store:
        tell(store.put_suggestions([a_suggestion(FIRST, "A2")], made_from="2", person="Ann").id)
        tell(store.undo("Ann").id)
        tell(store.undo("Ann").id)
        tell(store.redo("Ann").id)


def ingesting(path: Path, tell: Tell) -> None:
    """Read an edited transcript, so that codings are put on their words again, and take that back."""
    with Store.open(path) as store:
        done = store.put_documents([SECOND], person="Ann")
        assert done is not None
        tell(done.id)
        tell(store.undo("Ann").id)


def uniting(path: Path, tell: Tell) -> None:
    """Merge Ben's project, and take the merge back."""
    with Store.open(path) as store, Store.open(path.with_name("ben.db"), read_only=True) as ben:
        store.unite([ben], person="Ann")
        tell(store.operations(latest=1)[0].id)
        tell(store.undo("Ann").id)


def migrating(path: Path, tell: Tell) -> None:
    """Open a database of an earlier schema."""
    with Store.open(path) as store:
        tell(store.operations(latest=1)[0].id)


def creating(path: Path, tell: Tell) -> None:
    """Make a database."""
    Store.create(path).close()
    tell(str(path))


def backing_up(path: Path, tell: Tell) -> None:
    """Write a backup."""
    tell(str(backup(path, path.with_name("copy.bak"))))


def restoring(path: Path, tell: Tell) -> None:
    """Go back to a backup of an earlier state."""
    kept = restore(path.with_name("early.bak"), path)
    assert kept is not None
    tell(str(kept))


def damaged(path: Path) -> None:
    """Make a project whose database cannot be opened any more, with a -wal of what was written last."""
    begun(path)
    whole = path.with_name("whole")
    whole.mkdir()
    with Store.open(path) as store:
        store.record(a_memo())
        for each in path.parent.glob("project.db*"):
            shutil.copyfile(each, whole / each.name)
    for each in whole.iterdir():
        shutil.copyfile(each, path.with_name(each.name))
    path.write_bytes(b"damage" + path.read_bytes()[6:])
    for each in path.parent.glob("project.db*"):
        shutil.copyfile(each, whole / each.name)


def exporting(path: Path, tell: Tell) -> None:
    """Write two files over two others."""
    pair = (path.with_name("a.csv"), path.with_name("b.csv"))
    write_together(dict.fromkeys(pair, "new\n" * 20_000))
    tell("")


def exported(path: Path) -> None:
    """Write two files."""
    write_together({path.with_name("a.csv"): "old\n" * 20_000, path.with_name("b.csv"): "old\n" * 20_000})


# What is left


def look_at_export(path: Path, acknowledged: list[str]) -> None:
    """Raise unless each file is the old or the new one, and the new one when it is said to be written."""
    for name in ("a.csv", "b.csv"):
        lines = path.with_name(name).read_text(encoding="utf-8").splitlines()
        assert len(lines) == 20_000
        assert set(lines) in ([{"new"}] if acknowledged else [{"old"}, {"new"}])


def look_at_replaced(path: Path, acknowledged: list[str]) -> None:
    """Raise unless all that there was of a damaged database is kept, and what stands in its place is sound."""
    whole = {each.name: each.read_bytes() for each in path.with_name("whole").iterdir() if "-shm" not in each.name}
    kept = {each.read_bytes() for each in path.parent.glob("project.db*") if each.is_file()}
    assert kept.issuperset(whole.values())
    if path.read_bytes() != whole[path.name]:
        look(path, [])
    else:
        assert not acknowledged


def look(path: Path, acknowledged: list[str]) -> None:
    """Raise unless a database adds up and holds all that was acknowledged."""
    with Store.open(path) as store:
        found = store.verify()
        assert found == (), found
        operations = store.operations()
        held = {each.id for each in operations}
        assert held.issuperset(acknowledged), "an acknowledged operation is lost"
        state = fold(operations)
        assert {each.id: each for each in store.judgements()} == state.judgements
        assert {each.id: each for each in store.memos()} == state.memos


def look_at_migration(path: Path, acknowledged: list[str]) -> None:
    """Raise unless there is the sound old database, or the sound new one and a backup of the old."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert ("ledger" in tables) == (version > 1) == ("suggestions_1" not in tables and "runs" in tables)
    backups = list(path.parent.glob(f"{path.name}.schema-1*.bak"))
    for each in backups:
        with closing(sqlite3.connect(f"{each.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA user_version").fetchone() == (1,)
            assert connection.execute("SELECT count(*) FROM suggestions").fetchone() == (1,)
    assert version == 1 or backups
    with Store.open(path) as store:
        assert [each.text for each in store.documents()] == [FIRST.text, OTHER.text]
        assert [each.codebook_sha256 for each in store.suggestions()] == ["f" * 64]
    look(path, acknowledged)


def look_at_new(path: Path, acknowledged: list[str]) -> None:
    """Raise unless there is no database, or a sound one."""
    assert path.exists() or not acknowledged
    if not path.exists():
        Store.create(path).close()
    look(path, [])


def look_at_backup(path: Path, acknowledged: list[str]) -> None:
    """Raise unless the database is as it was and the backup is whole or not there."""
    copy = path.with_name("copy.bak")
    assert copy.exists() or not acknowledged
    if copy.exists():
        restored = path.with_name("restored.db")
        shutil.copyfile(copy, restored)
        look(restored, [])
        with Store.open(path) as store, Store.open(restored) as other:
            assert store.operations() == other.operations()
    look(path, [])


def look_at_restored(path: Path, acknowledged: list[str]) -> None:
    """Raise unless the database is the present or the restored one, and the present one is kept in either case."""
    look(path, [])
    with Store.open(path) as store:
        after = len(store.operations()) == 1
    assert after or not acknowledged
    kept = list(path.parent.glob(f"{path.name}.before-restore-*.bak"))
    if after:
        again = path.with_name("again.db")
        shutil.copyfile(kept[0], again)
        look(again, [])
        with Store.open(again) as store:
            assert len(store.operations()) == 7


Prepare = Callable[[Path], None]
Act = Callable[[Path, Tell], None]
Look = Callable[[Path, list[str]], None]

SWEEPS: dict[str, tuple[Prepare, Act, Look]] = {
    "record": (begun, recording, look),
    "undo": (begun, undoing, look),
    "ingest": (begun, ingesting, look),
    "unite": (begun, uniting, look),
    "migrate": (schema_1, migrating, look_at_migration),
    "create": (lambda path: None, creating, look_at_new),
    "backup": (begun, backing_up, look_at_backup),
    "restore": (begun, restoring, look_at_restored),
    "replace": (damaged, restoring, look_at_replaced),
    "export": (exported, exporting, look_at_export),
}


# How they die


def in_child(action: Callable[[Tell], None]) -> tuple[int, Iterator[str]]:
    """Run an action in a forked process; return its pid and the lines that it tells, as they come."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read)
            action(lambda told: (os.write(write, f"{told}\n".encode()), None)[1])
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(write)
    return pid, iter(open(read, encoding="utf-8"))


FULL = 9
"""What a process returns that was told that the disk is full."""


def died(pid: int) -> bool:
    """Return whether a process was killed or found the disk full, rather than done."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) in {0, FULL}, "the process failed by itself"
    return os.WEXITSTATUS(status) == FULL


WAYS = ("statements", "steps", "files", "full")
STEPS = 100
FILES = frozenset({"open", "os.link", "os.rename", "os.remove", "os.mkdir"})


def die_at(number: int, way: str) -> None:
    """Have this process killed at its n-th statement, after n times 100 of SQLite's steps, or before its n-th doing with
    a file; or let it have no file of more than n pages of 4 KB, as on a full disk."""
    left = itertools.count(1)

    def count(*_: object) -> int:
        if next(left) >= number:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in FILES and not str(arguments[0]).endswith((".py", ".pyc")):
            count()

    def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        if way == "steps":
            connection.set_progress_handler(count, STEPS)
        else:
            connection.set_trace_callback(count)
        return connection

    connect = sqlite3.connect
    if way == "full":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ((number - 1) * 4096, resource.RLIM_INFINITY))
    elif way == "files":
        sys.addaudithook(watch)
    else:
        sqlite3.connect = watched  # this process does nothing else any more


def sweep(kind: str, folder: Path, way: str) -> int:
    """Kill a process at its first statement, another at its second, and so on; return how many came to grief."""
    prepare, act, check = SWEEPS[kind]
    prepared = folder / "prepared"
    prepared.mkdir()
    prepare(prepared / "project.db")
    shutil.copytree(prepared, folder / "warm")
    act(folder / "warm" / "project.db", lambda _: None)  # what is imported on the way, no child has to import again
    for number in itertools.count(1):
        place = folder / "place"
        shutil.copytree(prepared, place)
        path = place / "project.db"

        def action(tell: Tell, path: Path = path, number: int = number) -> None:
            die_at(number, way)
            try:
                act(path, tell)
            except (StoreError, ExportError) as error:
                if way != "full" or error.code not in {"QC-S009", "QC-E020"}:
                    raise
                os._exit(FULL)

        pid, lines = in_child(action)
        told = [line.strip() for line in lines]
        killed = died(pid)
        try:
            check(path, told)
        except BaseException:
            sys.stderr.write(f"{kind}: {way}, {number}; told {told}\n")
            raise
        shutil.rmtree(place)
        if not killed:
            return number - 1
    raise AssertionError


def busy(path: Path, tell: Tell, chance: random.Random) -> None:
    """Work without end: everything that writes, in an order that chance gives."""
    number = chance.getrandbits(40)
    with Store.open(path) as store:
        while True:
            number += 1
            choice = chance.randrange(10)
            person = chance.choice(["Ann", "Dan"])
            here = [each.id for each in store.judgements() if each.person == person]
            if choice < 3:
                tell(store.record(coding(store, "listened to staff", person, chance.choice(["code", "reject"]))).id)
            elif choice == 3 and here:
                tell(store.record(coding(store, "They were", person, "move", (chance.choice(here),))).id)
            elif choice == 4:
                done = store.put_documents([chance.choice([FIRST, SECOND])], person=person)
                tell(done.id if done is not None else "")
            elif choice == 5:
                found = [a_suggestion(OTHER, f"A{chance.randrange(9)}") for _ in range(20)]
                tell(store.put_suggestions(found, made_from=str(number), person=person).id)
            elif choice == 6 and len(here) > 1 and store.next_undo(person) is not None:
                tell(store.undo(person).id)
                if chance.random() < 0.5:
                    tell(store.redo(person).id)
            elif choice == 7:
                with Store.open(path.with_name("ben.db"), read_only=True) as ben:
                    store.unite([ben], person=person)
            elif choice == 8:
                tell(str(backup(path, path.with_name(f"{number}.bak"))))
            elif choice == 9:
                text = f"{number}\n" * 20_000
                tell(str(write_together({path.with_name(name): text for name in ("a.csv", "b.csv")})[0]))


def killed_by_chance(folder: Path, times: int) -> int:
    """Kill busy processes at any moment; the next goes on with what the last one left."""
    chance = random.Random(8)
    for number in range(times):
        place = folder / f"place-{number // 20}"
        path = place / "project.db"
        if number % 20 == 0:
            place.mkdir()
            begun(path)
            uniting(path, lambda _: None)
            acknowledged: list[str] = []
        seed = chance.getrandbits(32)
        pid, lines = in_child(lambda tell, path=path, seed=seed: busy(path, tell, random.Random(seed)))  # type: ignore[misc] # inferred
        told = [line.strip() for line in itertools.islice(lines, chance.randrange(4))]
        for _ in range(chance.randrange(40_000)):
            pass  # a moment
        os.kill(pid, signal.SIGKILL)
        told += [line.strip() for line in lines if line.endswith("\n")]
        assert died(pid)
        acknowledged += [each for each in told if each and "/" not in each]
        look(path, acknowledged)
        assert all(Path(each).exists() for each in told if "/" in each)
        for copy in place.glob("*.bak"):
            if not copy.name.startswith("early"):
                shutil.copyfile(copy, path.with_name("copy.db"))
                look(path.with_name("copy.db"), [])
                copy.unlink()
        for export in place.glob("*.csv"):
            assert len(set(export.read_text(encoding="utf-8").splitlines())) == 1
            assert export.read_text(encoding="utf-8").count("\n") == 20_000
    return times


def together(folder: Path, times: int) -> int:
    """Let two processes write and read at once; return how many operations there are then."""

    def writing(tell: Tell, words: str, person: str) -> None:
        with Store.open(path, timeout=60) as store:
            for number in range(times):
                tell(store.record(coding(store, words, person)).id)
                if number % 10 == 0:
                    store.put_documents([[FIRST, SECOND][number // 10 % 2]], person=person)

    path = folder / "project.db"
    begun(path)
    with Store.open(path) as store:
        before = len(store.operations())
    children = [
        in_child(lambda tell, words=words, person=person: writing(tell, words, person))  # type: ignore[misc] # inferred
        for words, person in (("listened to staff", "Ann"), ("They were", "Ben"))
    ]
    reading = 0
    with Store.open(path, read_only=True) as store:
        for line in children[0][1]:
            reading += 1
            if reading % 10 == 0:
                assert store.verify() == ()
            assert line
            (found,) = (each for each in store.documents() if each.name == "one.txt")
            assert (found.text, len(found.blocks)) in {(FIRST.text, 2), (SECOND.text, 2)}
    told = [line.strip() for line in children[1][1]]
    assert len(told) == reading == times
    for pid, _ in children:
        assert not died(pid)
    look(path, told)
    with Store.open(path) as store:
        operations = [each for each in store.operations() if each.verb == "code" and each.summary == ""]
        assert [sum(each.person == person for each in operations) for person in ("Ann", "Ben")] == [times + 4, times]
        clocks = [each.clock for each in store.operations()]
        assert len(set(clocks)) == len(clocks)
        return len(clocks) - before


if __name__ == "__main__":
    kind, place, how = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if kind == "chance":
        count = killed_by_chance(place, int(how))
    elif kind == "together":
        count = together(place, int(how))
    else:
        count = sweep(kind, place, how)
    sys.stdout.write(f"{count}\n")
