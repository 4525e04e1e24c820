"""The ledger: nothing is lost, everything can be taken back, and what holds is what a full replay says."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.errors import LedgerError
from qualcode.ledger.fold import fold
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document, Span
from qualcode.model.ledger import Draft, Judgement, NewEntry, Operation, Origin, passage_at
from qualcode.store import Store
from tests.builders import document

FIRST = [("Q", "interviewer", "How did you begin?"), ("A", "participant", "We listened to staff. They were keen.")]
SECOND = [
    ("Q", "interviewer", "How, then, did you begin?"),
    ("A", "participant", "We listened to staff. They were wary."),
]
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def new_store(place: Path, name: str = "project.db", seed: int = 0) -> Store:
    """Return a new store whose ids and times are the same each time."""
    store = Store.create(place / name)
    chance = random.Random(seed)
    seconds = itertools.count()
    store.name = lambda: f"{chance.getrandbits(64):016x}"
    store.now = lambda: f"2026-01-01T00:{next(seconds) // 60:02d}:00.000Z"
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        made.put_documents([document("one.txt", FIRST)], person="Ann")
        yield made


def the_document(store: Store, name: str = "one.txt") -> Document:
    return next(each for each in store.documents() if each.name == name)


def entry(store: Store, quote: str, code: str, kind: str = "code", *, targets: tuple[str, ...] = ()) -> NewEntry:
    found = the_document(store)
    start = found.text.index(quote)
    passage = passage_at(found, Span(start, start + len(quote)))
    return NewEntry(kind, passage, "book", code, Origin(), targets)  # type: ignore[arg-type] # any kind, on purpose


def code(store: Store, quote: str, code_id: str = "A1", person: str = "Ann") -> str:
    """Code a passage by hand and return the coding's id."""
    return store.record(Draft("code", person, (entry(store, quote, code_id),))).entries[0].id


def held(store: Store) -> list[tuple[str, str, str]]:
    return sorted((each.person, each.code, each.passage.quote) for each in store.judgements())


def rename(old: str, new: str, **more: object) -> Draft:
    content = {"codes": {old: new}, **more}
    return Draft(
        "codebook", "Ann", (NewEntry("codebook", codebook="book", content=content),), f"renamed {old} to {new}"
    )


def test_a_coding_keeps_its_words_and_their_place(store: Store) -> None:
    key = code(store, "listened to staff")
    (found,) = store.judgements()
    assert found.id == key
    assert found.verdict == "coded"
    assert found.passage.quote == "listened to staff"
    assert the_document(store).quote(found.passage.span) == "listened to staff"
    assert found.passage.prefix.endswith("We ")
    assert found.passage.suffix.startswith(". They")


def test_what_was_undone_can_be_done_again_across_restarts(store: Store) -> None:
    code(store, "keen", "A1")
    code(store, "listened", "A2")
    both = held(store)
    store.undo("Ann")
    one = held(store)
    store.undo("Ann")
    assert held(store) == []
    path = store.path
    store.close()
    with Store.open(path) as again:
        again.redo("Ann")
        assert held(again) == one
        again.redo("Ann")
        assert held(again) == both
        with pytest.raises(LedgerError, match="QC-L004"):
            again.redo("Ann")
        assert again.verify() == ()


def test_after_something_new_an_undoing_cannot_be_taken_back(store: Store) -> None:
    code(store, "keen")
    store.undo("Ann")
    code(store, "listened")
    with pytest.raises(LedgerError, match="QC-L004"):
        store.redo("Ann")


def test_undo_goes_back_to_the_first_step_and_says_when_there_is_none(store: Store) -> None:
    code(store, "keen")
    while store.next_undo("Ann") is not None:
        store.undo("Ann")
    assert store.documents() == ()
    with pytest.raises(LedgerError, match="QC-L003"):
        store.undo("Ann")
    assert store.verify() == ()


def test_undo_takes_back_only_the_persons_own_steps(store: Store) -> None:
    code(store, "keen", person="Ann")
    code(store, "listened", person="Ben")
    store.undo("Ann")
    assert held(store) == [("Ben", "A1", "listened")]
    store.undo(None, by="Ann")
    assert held(store) == []


def test_undo_refuses_what_was_not_looked_at(store: Store) -> None:
    code(store, "keen")
    with pytest.raises(LedgerError, match="QC-L005"):
        store.undo("Ann", expected="0" * 16)
    assert len(held(store)) == 1


def test_codings_follow_a_renamed_code_and_come_back(store: Store) -> None:
    code(store, "keen", "A1")
    code(store, "listened", "A2")
    store.record(rename("A1", "B1"))
    store.record(rename("B1", "C1"))
    assert held(store) == [("Ann", "A2", "listened"), ("Ann", "C1", "keen")]
    store.undo("Ann")
    store.undo("Ann")
    assert held(store) == [("Ann", "A1", "keen"), ("Ann", "A2", "listened")]
    assert store.verify() == ()


def test_a_coding_written_under_an_old_name_follows(store: Store) -> None:
    store.record(rename("A1", "B1"))
    code(store, "keen", "A1")
    assert held(store) == [("Ann", "B1", "keen")]
    store.record(Draft("codebook", "Ann", (NewEntry("codebook", codebook="book", content={"added": ["A1"]}),)))
    code(store, "listened", "A1")
    assert held(store) == [("Ann", "A1", "listened"), ("Ann", "B1", "keen")]
    assert store.verify() == ()


def test_an_edited_transcript_keeps_codings_on_their_words_and_orphans_the_rest(store: Store) -> None:
    code(store, "listened to staff", "A1")
    lost = code(store, "They were keen", "A2")
    store.put_documents([document("one.txt", SECOND)], person="Ann")
    now = {each.id: each for each in store.judgements()}
    kept = next(each for key, each in now.items() if key != lost)
    assert the_document(store).quote(kept.passage.span) == "listened to staff"
    assert not kept.orphan
    assert now[lost].orphan
    assert store.verify() == ()
    store.undo("Ann")
    assert all(not each.orphan for each in store.judgements())
    assert the_document(store).text == document("one.txt", FIRST).text
    assert store.verify() == ()


def test_an_orphan_finds_its_words_when_they_come_back(store: Store) -> None:
    code(store, "They were keen", "A2")
    store.put_documents([document("one.txt", SECOND)], person="Ann")
    assert [bool(each.orphan) for each in store.judgements()] == [True]
    store.put_documents([document("one.txt", FIRST)], person="Ann")
    assert [each.orphan for each in store.judgements()] == [""]


def test_a_document_that_left_leaves_orphans(store: Store) -> None:
    code(store, "keen")
    store.put_documents([], without=[the_document(store).id], person="Ann")
    (found,) = store.judgements()
    assert "not in the project" in found.orphan
    assert store.verify() == ()


def test_memos_are_kept_changed_and_taken_back(store: Store) -> None:
    content = {"type": "theory", "about": "project", "text": "Trust comes first.", "ref": ""}
    first = store.record(Draft("memo", "Ann", (NewEntry("memo", content=content),))).entries[0].id
    store.record(Draft("memo", "Ann", (NewEntry("memo", targets=(first,), content={**content, "text": "Or not."}),)))
    assert [each.text for each in store.memos()] == ["Or not."]
    store.undo("Ann")
    assert [each.text for each in store.memos()] == ["Trust comes first."]


def test_autocoding_can_be_undone(store: Store) -> None:
    found = the_document(store)
    made = Suggestion(found.id, found.text_sha256, 1, Span(20, 24), found.text[20:24], "", "", "A1", "rules", ("r",), (),
                      1.0)  # fmt: skip
    store.put_suggestions([], made_from="first", person="Ann")
    store.put_suggestions([made], made_from="second", person="Ann")
    assert store.suggestions() == (made,)
    store.undo("Ann")
    assert store.suggestions() == ()
    assert store.meta()["coded_from"] == "first"
    store.redo("Ann")
    assert store.suggestions() == (made,)
    store.undo("Ann")
    store.undo("Ann")
    assert "coded_from" not in store.meta()


def test_the_ledger_refuses_to_be_changed(store: Store) -> None:
    code(store, "keen")
    with sqlite3.connect(store.path) as other:
        for statement in ("DELETE FROM ledger", "UPDATE ledger SET code = 'X'", "DELETE FROM operations"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                other.execute(statement)
    other.close()


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DROP TRIGGER ledger_is_final; UPDATE ledger SET code = 'X' WHERE kind = 'code'", "altered"),
        ("DROP TRIGGER ledger_is_kept; DELETE FROM ledger WHERE kind = 'code'", "missing-rows"),
        ("UPDATE judgements SET code = 'X'", "state"),
        ("DELETE FROM judgements", "state"),
        ("UPDATE judgements SET start = start + 1", "quote"),
        ("UPDATE documents SET text = text || ' more'", "text"),
        ("DELETE FROM documents", "documents"),
        ("INSERT INTO fallen SELECT id FROM operations WHERE verb = 'code'", "standing"),
        ("UPDATE meta SET value = 99 WHERE key = 'operations'", "missing-rows"),
    ],
)
def test_verify_notices_what_somebody_changed_by_hand(store: Store, statement: str, finding: str) -> None:
    code(store, "keen")
    assert store.verify() == ()
    with sqlite3.connect(store.path) as other:
        other.executescript(statement)
    other.close()
    assert finding in {each.code for each in store.verify()}


# Random histories


def _step(store: Store, draw: Callable[[int], int], person: str) -> None:
    """Do something that a person may do, chosen by chance."""
    mine = [each for each in store.judgements() if each.person == person]
    words = ["We", "listened", "to staff", "They were", "keen", "listened to staff", "wary"]
    text = the_document(store).text if store.documents() else ""
    quotes = [word for word in words if word in text]
    choice = draw(12)
    if choice in (0, 1, 2) and quotes:
        code(store, quotes[draw(len(quotes))], f"A{draw(3)}", person)
    elif choice == 3 and mine:
        store.record(Draft("uncode", person, (NewEntry("uncode", targets=(mine[draw(len(mine))].id,)),)))
    elif choice == 4 and mine and quotes:
        old = mine[draw(len(mine))]
        fresh = entry(store, quotes[draw(len(quotes))], f"A{draw(3)}", "move", targets=(old.id,))
        store.record(Draft("move", person, (fresh,)))
    elif choice in (5, 6) and store.next_undo(person) is not None:
        store.undo(person)
    elif choice == 7 and store.next_redo(person) is not None:
        store.redo(person)
    elif choice == 8:
        store.record(rename(f"A{draw(3)}", f"A{draw(3)}"))
    elif choice == 9:
        store.put_documents([document("one.txt", [FIRST, SECOND][draw(2)])], person=person)
    elif choice == 10:
        content = {"type": "theory", "about": "span", "text": str(draw(99)), "ref": ""}
        if quotes:
            place = entry(store, quotes[draw(len(quotes))], "").passage
            store.record(Draft("memo", person, (NewEntry("memo", place, content=content),)))
    elif choice == 11:
        store.put_suggestions([], made_from=str(draw(5)), person=person)


def shared(store: Store) -> dict[str, Operation]:
    parts = (each.shared for each in store.operations())
    return {each.id: each for each in parts if each is not None}


def meaning(judgement: Judgement) -> tuple[object, ...]:
    place = judgement.passage
    return (judgement.id, judgement.layer, judgement.verdict, judgement.code, place.document_sha256, place.span,
            place.quote, bool(judgement.orphan))  # fmt: skip


@quick
@given(seed=st.integers(0, 10**9))
def test_what_is_kept_is_what_a_full_replay_says(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    with new_store(tmp_path_factory.mktemp("ledger"), seed=seed) as store:
        store.put_documents([document("one.txt", FIRST)], person="Ann")
        for _ in range(25):
            _step(store, chance.randrange, chance.choice(["Ann", "Ben"]))
        assert store.verify() == ()
        operations = list(store.operations())
        chance.shuffle(operations)
        state = fold(operations)
        assert {each.id: each for each in store.judgements()} == state.judgements
        assert {each.id: each for each in store.memos()} == state.memos


@quick
@given(seed=st.integers(0, 10**9))
def test_undoing_everything_and_doing_it_again_comes_back(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    with new_store(tmp_path_factory.mktemp("ledger"), seed=seed) as store:
        store.put_documents([document("one.txt", FIRST)], person="Ann")
        for _ in range(15):
            _step(store, chance.randrange, "Ann")
        before = {meaning(each) for each in store.judgements()}
        documents = store.documents()
        steps = 0
        while store.next_undo("Ann") is not None:
            store.undo("Ann")
            steps += 1
        assert store.judgements() == store.documents() == store.memos() == ()
        for _ in range(steps):
            store.redo("Ann")
        assert {meaning(each) for each in store.judgements()} == before
        assert store.documents() == documents
        assert store.verify() == ()


def _projects(place: Path, seed: int) -> list[Path]:
    """Return databases of three people who began with the same transcript and went on apart."""
    chance = random.Random(seed)
    paths = []
    for number, person in enumerate(["Ann", "Ben", "Cem"]):
        with new_store(place, f"{person}.db", seed=seed + number) as store:
            store.put_documents([document("one.txt", FIRST)], person=person)
            for _ in range(12):
                _step(store, chance.randrange, person)
            store.put_documents([document("one.txt", FIRST)], person=person)
            paths.append(store.path)
    return paths


def _merged(place: Path, name: str, order: list[Path]) -> tuple[dict[str, Operation], set[tuple[object, ...]]]:
    """Return what a fresh project holds after the others were merged into it one after the other."""
    with new_store(place, name, seed=sum(map(ord, name))) as store:
        for path in order:
            with Store.open(path) as other:
                store.unite([other], person="Lead")
        assert store.verify() == ()
        return shared(store), {meaning(each) for each in store.judgements()}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_merging_does_not_depend_on_order_grouping_or_repetition(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    place = tmp_path_factory.mktemp("merge")
    ann, ben, cem = _projects(place, seed)
    straight = _merged(place, "abc.db", [ann, ben, cem])
    assert _merged(place, "cba.db", [cem, ben, ann]) == straight
    assert _merged(place, "again.db", [ann, ann, ben, cem, ben]) == straight
    grouped = _merged(place, "bc.db", [ben, cem])
    assert grouped[0].items() <= straight[0].items()
    assert _merged(place, "a-bc.db", [ann, place / "bc.db"]) == straight
    with Store.open(place / "a-bc.db") as store, Store.open(place / "abc.db") as other:
        assert store.unite([other]).operations == ()


def test_a_merge_can_be_taken_back_and_made_again(tmp_path: Path) -> None:
    with new_store(tmp_path, "ben.db", 1) as ben, new_store(tmp_path, "ann.db", 2) as ann:
        for each, person in ((ben, "Ben"), (ann, "Ann")):
            each.put_documents([document("one.txt", FIRST)], person=person)
            code(each, "keen", person=person)
        ann.unite([ben], person="Ann")
        assert {each.person for each in ann.judgements()} == {"Ann", "Ben"}
        ann.undo("Ann")
        assert [each.person for each in ann.judgements()] == ["Ann"]
        ann.unite([ben], person="Ann")
        assert {each.person for each in ann.judgements()} == {"Ann", "Ben"}
        assert ann.verify() == ()
        assert ben.unite([ann], person="Ben").people == ("Ann",)
        assert len(ben.judgements()) == 2


def test_a_ledger_that_was_tampered_with_is_not_merged(tmp_path: Path) -> None:
    with new_store(tmp_path, "ben.db", 1) as ben, new_store(tmp_path, "ann.db", 2) as ann:
        ben.put_documents([document("one.txt", FIRST)], person="Ben")
        code(ben, "keen", person="Ben")
        ann.unite([ben])
        with sqlite3.connect(ben.path) as other:
            other.executescript("DROP TRIGGER ledger_is_final; UPDATE ledger SET code = 'X' WHERE kind = 'code'")
        other.close()
        before = ann.judgements()
        with pytest.raises(LedgerError, match="QC-L010"):
            ann.unite([ben])
        assert ann.judgements() == before


def test_suggestions_follow_a_renamed_code_until_the_next_run(store: Store) -> None:
    found = the_document(store)
    made = Suggestion(found.id, found.text_sha256, 1, Span(20, 24), found.text[20:24], "", "", "A1", "rules", ("r",), (),
                      1.0, codebook="book")  # fmt: skip
    store.put_suggestions([made], made_from="x", person="Ann")
    store.record(rename("A1", "B1"))
    store.record(rename("B1", "C1"))
    assert [each.code for each in store.suggestions()] == ["C1"]
    store.undo("Ann")
    assert [each.code for each in store.suggestions()] == ["B1"]
    store.put_suggestions([made], made_from="y", person="Ann")
    assert [each.code for each in store.suggestions()] == ["A1"]


def test_what_comes_back_after_its_transcript_was_edited_stands_on_its_words(store: Store) -> None:
    first = code(store, "listened to staff", person="Ann")
    fresh = entry(store, "They were", "A1", "move", targets=(first,))
    store.record(Draft("move", "Ann", (fresh,)))
    store.put_documents([document("one.txt", SECOND)], person="Ben")
    store.undo("Ann")
    (found,) = store.judgements()
    assert found.id == first
    assert the_document(store).quote(found.passage.span) == "listened to staff"
    assert store.verify() == ()


def test_a_decision_does_not_read_the_whole_ledger(store: Store) -> None:
    store.record(rename("A1", "B1"))
    asked: list[str] = []
    store._connection.set_trace_callback(asked.append)
    code(store, "keen")
    store.undo("Ann")
    store.operations(latest=50)
    store._connection.set_trace_callback(None)
    questions = [each for each in asked if each.lstrip().startswith("SELECT")]
    assert len(questions) > 10
    for question in questions:
        for *_, step in store._connection.execute(f"EXPLAIN QUERY PLAN {question}"):
            assert not step.startswith(("SCAN ledger", "SCAN judgements", "SCAN memos", "SCAN links")), question
