"""Memos: on anything, kept whole, changed and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.errors import LedgerError
from qualcode.project import Project
from tests.project.shared_work import make_project
from tests.project.studies import ANNA


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def texts(project: Project) -> list[str]:
    return [each.text for each in project.memos()]


def test_a_memo_is_about_what_it_was_written_on(project: Project) -> None:
    project.accept(code="A3")
    (coding,) = project.chosen(status="accepted")
    made = [
        project.memo("All of it.", type="theory"),
        project.memo("A talkative one.", document="anna"),
        project.memo("Too wide?", code="Buy-in", type="rule"),
        project.memo("Telling.", document="anna.txt", quote="on board as well"),
        project.memo("Here.", document="ben.txt", span=(0, 11)),
        project.memo("Sure?", coding=coding.id[:6], type="method"),
    ]
    assert list(project.memos()) == made
    assert [(each.about, each.ref) for each in made] == [
        ("project", ""), ("document", "anna.txt"), ("code", "tiny:A1"), ("span", ""), ("span", ""),
        ("coding", coding.id),
    ]  # fmt: skip
    assert made[3].passage is not None
    assert made[3].passage.quote == "on board as well"
    assert [each.text for each in project.memos(about="span")] == ["Telling.", "Here."]
    assert [each.text for each in project.memos(type="rule")] == ["Too wide?"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"text": " \n"}, "QC-L030"),
        ({"text": "x", "type": "poem"}, "QC-L031"),
        ({"text": "x", "code": "A1", "quote": "garden"}, "QC-L032"),
        ({"text": "x", "document": "anna.txt", "code": "A1"}, "QC-L032"),
        ({"text": "x", "quote": "garden", "span": (1, 2)}, "QC-L032"),
        ({"text": "x", "quote": "never said"}, "QC-L025"),
        ({"text": "x", "coding": "nothing"}, "QC-L021"),
    ],
)
def test_a_memo_that_cannot_be_written_is_refused(project: Project, asked: dict[str, object], code: str) -> None:
    with pytest.raises(LedgerError, match=code):
        project.memo(**asked)  # type: ignore[arg-type] # what a command line gives
    assert project.memos() == ()


def test_a_passage_that_only_waits_has_no_memo_of_its_own(project: Project) -> None:
    with pytest.raises(LedgerError, match="QC-L034"):
        project.memo("x", coding=project.chosen(code="A3")[0].id)


def test_memos_are_changed_and_removed_and_both_can_be_undone(project: Project) -> None:
    first = project.memo("One.")
    second = project.change_memo(first.id, "Two.", type="method")
    assert (texts(project), second.type) == (["Two."], "method")
    with pytest.raises(LedgerError, match="QC-L033"):
        project.change_memo(first.id, "Three.")
    project.remove_memo(second.id)
    assert texts(project) == []
    project.undo()
    assert texts(project) == ["Two."]
    project.undo()
    assert texts(project) == ["One."]
    project.undo()
    assert texts(project) == []
    project.redo(3)
    assert texts(project) == []


def test_a_memo_on_a_code_follows_its_new_name(project: Project) -> None:
    first = project.memo("Too wide?", code="A1")
    project.rename_code("A1", to="B1")
    assert [each.ref for each in project.memos()] == ["tiny:B1"]
    project.change_memo(first.id, "Much too wide.")
    assert [(each.ref, each.text) for each in project.memos()] == [("tiny:B1", "Much too wide.")]
    project.undo(2)
    assert [(each.ref, each.text) for each in project.memos()] == [("tiny:A1", "Too wide?")]


def test_a_memo_that_lost_its_words_is_an_orphan_until_they_come_back(project: Project) -> None:
    made = project.memo("Weather.", document="anna.txt", quote="garden needs rain")
    path = project.folder / "transcripts" / "anna.txt"
    path.write_text(ANNA.replace("garden needs rain", "house is dry"), encoding="utf-8")
    project.ingest()
    (lost,) = project.memos()
    assert (lost.id, bool(lost.orphan)) == (made.id, True)
    changed = project.change_memo(made.id, "Weather, again.")
    assert changed.orphan
    assert project.memos() == (changed,)
    path.write_text(ANNA, encoding="utf-8")
    project.ingest()
    (found,) = project.memos()
    assert (found.text, found.orphan) == ("Weather, again.", "")
    assert found.passage is not None
    text = project.documents["anna.txt"].text
    assert text[found.passage.span.start : found.passage.span.end] == "garden needs rain"
    assert project.verify() == ()


def test_dry_runs_write_no_memo(project: Project) -> None:
    assert project.memo("One.", dry_run=True).text == "One."
    kept = project.memo("Two.")
    project.change_memo(kept.id, "Three.", dry_run=True)
    project.remove_memo(kept.id, dry_run=True)
    assert texts(project) == ["Two."]
