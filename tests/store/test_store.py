"""What goes into the project database comes out of it, and trouble is told in plain words."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.errors import StoreError
from qualcode.ledger.readings import reading_content
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document, Span
from qualcode.model.ledger import KINDS, Draft, NewEntry, Origin, passage_at
from qualcode.store import Store
from qualcode.store.connect import APPLICATION_ID, SCHEMA_VERSION
from tests.builders import document
from tests.store.strategies import documents, suggestions

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project.db"


def a_document(name: str = "one.txt", speech: str = "We did it.") -> Document:
    return document(name, [("Q", "interviewer", "How?"), ("A", "participant", speech)])


def a_suggestion(made: Document) -> Suggestion:
    return Suggestion(made.id, made.text_sha256, 1, Span(11, 21), "We did it.", "A: ", "", "A1", "rules", ("A1-1",),
                      (Span(11, 13),), 0.5, {"stance": "present"}, ("hedged",), "book", "1", "f" * 64)  # fmt: skip


@quick
@given(given=st.lists(documents(), max_size=3, unique_by=(lambda d: d.id, lambda d: d.name, lambda d: d.source_name)))
def test_documents_come_back_exactly(tmp_path_factory: pytest.TempPathFactory, given: list[Document]) -> None:
    place = tmp_path_factory.mktemp("store") / "project.db"
    with Store.create(place) as store:
        store.put_documents(given)
    with Store.open(place) as store:
        assert list(store.documents()) == sorted(given, key=lambda each: each.name.encode("utf-8"))


@quick
@given(given=st.lists(suggestions("one.txt"), max_size=4))
def test_suggestions_come_back_exactly(tmp_path_factory: pytest.TempPathFactory, given: list[Suggestion]) -> None:
    place = tmp_path_factory.mktemp("store") / "project.db"
    with Store.create(place) as store:
        store.put_documents([a_document()])
        store.put_suggestions(given, made_from="x")
        assert list(store.suggestions()) == given


def test_suggestions_are_replaced_whole(path: Path) -> None:
    one = a_document()
    with Store.create(path) as store:
        store.put_documents([one])
        store.put_suggestions([a_suggestion(one)] * 3, made_from="a")
        store.put_suggestions([a_suggestion(one)], made_from="b")
        assert store.suggestions() == (a_suggestion(one),)
        assert store.meta()["coded_from"] == "b"


def test_a_failed_write_changes_nothing(path: Path) -> None:
    one = a_document()
    stranger = dataclasses.replace(a_suggestion(one), document_id="nowhere")
    with Store.create(path) as store:
        store.put_documents([one])
        store.put_suggestions([a_suggestion(one)], made_from="a")
        with pytest.raises(StoreError):
            store.put_suggestions([a_suggestion(one), stranger], made_from="b")
        assert store.suggestions() == (a_suggestion(one),)
        assert store.meta()["coded_from"] == "a"


def test_an_interrupt_changes_nothing(path: Path) -> None:
    def interrupted() -> object:
        yield a_suggestion(one)
        raise KeyboardInterrupt

    one = a_document()
    with Store.create(path) as store:
        store.put_documents([one])
        store.put_suggestions([a_suggestion(one)] * 2, made_from="a")
        with pytest.raises(KeyboardInterrupt):
            store.put_suggestions(interrupted(), made_from="b")  # type: ignore[arg-type]  # a generator that fails
        assert len(store.suggestions()) == 2


def test_reading_a_file_again_replaces_its_documents_and_their_suggestions(path: Path) -> None:
    old, new, other = a_document(), a_document(speech="We changed it."), a_document("two.txt")
    new = dataclasses.replace(new, id="another id")
    with Store.create(path) as store:
        store.put_documents([old, other])
        store.put_suggestions([a_suggestion(old), a_suggestion(other)], made_from="a")
        store.put_documents([new])
        assert store.documents() == (new, other)
        assert store.suggestions() == (a_suggestion(other),)


def test_two_files_cannot_give_one_document_name(path: Path) -> None:
    one = a_document()
    twin = dataclasses.replace(one, id="twin", source_name="elsewhere.txt")
    with Store.create(path) as store:
        store.put_documents([one])
        with pytest.raises(StoreError, match="QC-S011"):
            store.put_documents([twin])
        assert store.documents() == (one,)


def test_the_database_is_known_as_ours(path: Path) -> None:
    Store.create(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    tables = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchall()
    assert all("STRICT" in sql for (sql,) in tables)
    connection.close()


def test_every_table_and_column_is_documented(path: Path) -> None:
    Store.create(path).close()
    told = (Path(__file__).parents[2] / "docs" / "database.md").read_text(encoding="utf-8")
    connection = sqlite3.connect(path)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        section = told.split(f"## {table}\n", 1)[1].split("\n## ", 1)[0]
        for _, column, *_ in connection.execute(f"PRAGMA table_info({table})"):
            assert f"`{column}`" in section, f"{table}.{column}"
    connection.close()
    kinds = told.split("| `kind` of entry | does |", 1)[1].split("\n\n", 1)[0]
    for kind in KINDS:
        assert f"`{kind}`" in kinds, kind


def test_the_questions_in_the_documentation_have_answers(path: Path) -> None:
    told = (Path(__file__).parents[2] / "docs" / "database.md").read_text(encoding="utf-8")
    questions = [part.split("```", 1)[0] for part in told.split("```sql\n")[1:]]
    assert len(questions) > 5
    one = a_document()
    with Store.create(path) as store:
        store.put_documents([one], person="Ann")
        store.put_suggestions([a_suggestion(one)], made_from="a")
        place = passage_at(one, Span(11, 21))
        store.record(Draft("code", "Ann", (NewEntry("code", place, "book", "A1", Origin(), reason="trust"),)))
        store.record(Draft("reject", "Ann", (NewEntry("reject", place, "book", "A2", Origin("rules", ("A2-1",))),)))
        drawn = reading_content(order="random", among=7, before=0, mark="a", judged=False)
        store.record(Draft("read", "Ann", (NewEntry("read", place, "book", "A3", content=drawn),)))
        store.put_documents([], without=[one.id])
    connection = sqlite3.connect(path)
    answers = [connection.execute(question).fetchall() for question in questions]
    connection.close()
    who, orphans, rejected, random, words, days, suggested = answers
    assert [row[:4] for row in who] == [("Ann", "coded", "book", "A1"), ("Ann", "rejected", "book", "A2")]
    assert len(orphans) == 2
    assert [(row[1], row[4], row[5]) for row in rejected] == [("A2", "rules", '["A2-1"]')]
    assert [row[1:] for row in random] == [("Ann", "A3", place.quote, 7, 1)]
    assert (words, suggested) == ([], [])
    assert sum(row[3] for row in days) == 6


def test_a_file_in_the_way_is_not_touched(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(StoreError, match="QC-S002"):
        Store.create(path)
    assert path.read_text() == "mine"


def test_no_database_is_told(path: Path) -> None:
    with pytest.raises(StoreError, match="QC-S003"):
        Store.open(path)
    assert not path.exists()


def test_something_else_than_a_database_is_told(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    with pytest.raises(StoreError, match="QC-S004"):
        Store.open(path)


def test_the_database_of_another_program_is_told(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="QC-S005"):
        Store.open(path)


def test_a_newer_schema_is_told(path: Path) -> None:
    Store.create(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreError, match=r"QC-S006.*Update qualcode"):
        Store.open(path)


def test_another_writer_is_told(path: Path) -> None:
    Store.create(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store.open(path, timeout=0.01) as store, pytest.raises(StoreError, match="QC-S007"):
        store.put_documents([a_document()])
    other.close()


def test_a_store_that_may_only_be_read_says_so(path: Path) -> None:
    with Store.create(path) as store:
        store.put_documents([a_document()])
    with Store.open(path, read_only=True) as store:
        assert store.documents() == (a_document(),)
        with pytest.raises(StoreError, match="QC-S008"):
            store.put_documents([a_document("two.txt")])


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="QC-S001"):
        Store.create(tmp_path / "nowhere" / "project.db")


def test_half_a_surrogate_pair_is_told_and_nothing_kept(path: Path) -> None:
    broken = dataclasses.replace(a_document("two.txt"), language="\ud800")
    with Store.create(path) as store:
        with pytest.raises(StoreError, match="QC-S010"):
            store.put_documents([a_document(), broken])
        assert store.documents() == ()


def test_a_full_disk_is_told_however_sqlite_says_it() -> None:
    import sqlite3

    from qualcode.store.connect import explained

    for told in ("database or disk is full", "disk I/O error"):
        with pytest.raises(StoreError) as refused, explained(Path("project.db")):
            raise sqlite3.OperationalError(told)
        assert refused.value.code == "QC-S009"
