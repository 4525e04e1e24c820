"""Nobody's judgement goes astray: twins, files that leave, several copies, several codebooks, blind samples."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from qualcode.project import Project
from tests.project.shared_work import copy_for, decisions, make_project, rows

TWIN = "ANNA: Yes, we were on board.\n\nBEN: Indeed so.\n"
"""What two people answered alike."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def add(project: Project, *names: str, text: str = TWIN) -> None:
    """Read transcripts with one and the same text under several names."""
    for name in names:
        (project.folder / "transcripts" / name).write_text(text, encoding="utf-8")
    project.ingest()


def places(project: Project) -> set[tuple[str, str]]:
    """Return each code with the name of the document in which somebody gave it; of an orphan, without."""
    names = {each.id: each.name for each in project.documents}
    return {(each.code, "" if each.orphan else names[each.passage.document_id]) for each in project.held().judgements}


def rename_file(project: Project, old: str, new: str) -> None:
    folder = project.folder / "transcripts"
    (folder / old).rename(folder / new)
    project.ingest()


# Documents with the same text


def test_both_of_two_documents_with_one_text_come_with_a_merge(project: Project) -> None:
    ben = copy_for(project, "Ben")
    add(ben, "one.txt", "two.txt")
    ben.code_by_hand("A1", document="one.txt", quote="we were")
    ben.code_by_hand("A3", document="two.txt", quote="we were")
    assert project.merge(ben.folder).documents == ("one.txt", "two.txt")
    assert places(project) == {("A1", "one.txt"), ("A3", "two.txt")}


def test_a_coding_does_not_go_to_another_document_that_says_the_same(project: Project) -> None:
    add(project, "one.txt", "two.txt")
    project.code_by_hand("A1", document="two.txt", quote="we were")
    (project.folder / "transcripts" / "two.txt").unlink()
    project.ingest(forget=True)
    assert places(project) == {("A1", "")}
    add(project, "two.txt")
    assert places(project) == {("A1", "two.txt")}


def test_of_two_twins_with_new_names_nobody_guesses_which_is_which(project: Project) -> None:
    add(project, "one.txt", "two.txt")
    project.code_by_hand("A1", document="two.txt", quote="we were")
    folder = project.folder / "transcripts"
    (folder / "one.txt").rename(folder / "uno.txt")
    rename_file(project, "two.txt", "due.txt")
    assert places(project) == {("A1", "")}
    assert "the same text" in project.orphans()[0].reason
    project.place(project.orphans()[0].judgement.id, document="due.txt", quote="we were")
    assert places(project) == {("A1", "due.txt")}


def test_the_same_transcript_is_known_under_another_name(project: Project) -> None:
    ben = copy_for(project, "Ben")
    add(project, "one.txt")
    add(ben, "uno.txt")
    ben.code_by_hand("A1", document="uno.txt", quote="we were")
    assert project.merge(ben.folder).documents == ()
    assert places(project) == {("A1", "one.txt")}


def test_a_document_whose_file_is_missing_stays_though_another_file_holds_the_same(project: Project) -> None:
    add(project, "one.txt", "two.txt")
    project.code_by_hand("A1", document="two.txt", quote="we were")
    (project.folder / "transcripts" / "two.txt").unlink()
    report = project.ingest()
    assert (report.removed, [each.code for each in report.warnings if "two.txt" in each.message][:1]) == (
        (),
        ["file-gone"],
    )
    assert places(project) == {("A1", "two.txt")}


def test_a_document_that_was_taken_out_does_not_come_back_with_a_merge(project: Project) -> None:
    ben = copy_for(project, "Ben")
    ben.accept(code="A2", document="ben.txt")
    (project.folder / "transcripts" / "ben.txt").unlink()
    project.ingest(forget=True)
    merged = project.merge(ben.folder)
    assert (merged.documents, merged.left_out, merged.files) == ((), ("ben.txt",), ())
    assert [each.name for each in project.documents] == ["anna.txt"]
    assert places(project) == {("A2", "")}
    project.undo(2)
    assert project.merge(ben.folder).left_out == ()
    assert places(project) == {("A2", "ben.txt")}


# What was worked through


def test_a_document_stays_worked_through_when_its_file_gets_another_name(project: Project) -> None:
    project.accept(all=True)
    project.done(["anna.txt", "ben.txt"])
    rename_file(project, "anna.txt", "anna at school.txt")
    (layer,) = project.layers(["Ann"], machine=False)
    assert layer.documents == {each.id for each in project.documents}
    assert len(layer.codings) == 4
    project.done("anna at school.txt", undone=True)
    (layer,) = project.layers(["Ann"], machine=False)
    assert len(layer.documents) == 1


def test_what_others_worked_through_under_another_name_counts(project: Project) -> None:
    ben = copy_for(project, "Ben")
    rename_file(ben, "anna.txt", "first.txt")
    ben.code_by_hand("A2", document="first.txt", quote="My garden")
    ben.accept(code="A1", document="ben.txt")
    ben.done(["first.txt", "ben.txt"])
    project.merge(ben.folder)
    (layer,) = project.layers(["Ben"], machine=False)
    assert (len(layer.documents), len(layer.codings)) == (2, 2)


# Several copies


def test_what_was_taken_back_with_a_merge_does_not_travel_on(project: Project) -> None:
    ben, cem = copy_for(project, "Ben"), copy_for(project, "Cem")
    cem.accept(code="A1")
    project.merge(cem.folder)
    project.undo()
    assert ben.merge(project.folder).operations == 0
    assert decisions(ben) == set()
    ben.merge(cem.folder)
    project.merge(ben.folder)
    assert decisions(project) == decisions(ben) == decisions(cem) != set()


def test_a_renaming_that_was_followed_is_taken_back_where_it_was_followed(project: Project) -> None:
    ben = copy_for(project, "Ben")
    ben.accept(code="A2")
    before = rows(ben)
    project.rename_code("A2", to="B2")
    ben.merge(project.folder)
    project.undo()
    assert ben.merge(project.folder).followed == ("tiny",)
    assert rows(ben) == before
    project.redo()
    assert ben.merge(project.folder).followed == ("tiny",)
    assert "B2" in ben.codebook
    assert ben.verify() == ()


def test_who_decides_otherwise_in_two_copies_has_to_say_which_holds(project: Project) -> None:
    laptop = copy_for(project, "laptop")
    laptop.person = "Ann"
    project.accept(code="A1", document="anna.txt")
    laptop.reject(code="A1", document="anna.txt")
    project.merge(laptop.folder)
    (conflict,) = project.conflicts()
    assert {each.verdict for each in conflict.judgements} == {"accepted", "rejected"}
    (found,) = [each for each in project.chosen(code="A1") if each.judgements]
    project.reject(ids=found.id)
    assert project.conflicts() == ()
    assert {each.verdict for each in project.held().judgements} == {"rejected"}
    project.undo()
    project.code_by_hand("A1", document="anna.txt", span=found.passage.span)
    assert project.conflicts() == ()
    assert {each.verdict for each in project.held().judgements} == {"coded"}


def test_a_name_is_one_person_however_its_letters_are_written(project: Project) -> None:
    people = [Project(project.folder, person=unicodedata.normalize(form, "Zoë")) for form in ("NFC", "NFD")]
    people[0].accept(code="A1")
    people[1].undo()
    assert decisions(project) == set()


# Codes that go into others


def test_what_rejections_of_a_code_mean_for_the_one_it_goes_into_is_told_first(project: Project) -> None:
    ben = Project(project.folder, person="Ben")
    ben.reject(code="A2")
    plan = project.merge_codes(["A2"], into="A1", dry_run=True)
    assert [each for each in plan.warnings if "rejected" in each] == [
        "1 passage suggested for A1 will not wait any more: as A2 somebody rejected them"
    ]
    project.accept(code="A1")
    told = project.merge_codes(["A2"], into="A1").warnings
    assert [each for each in told if "rejected" in each] == [
        "1 passage marked as A1 will be contested where somebody else rejected it as A2"
    ]
    assert len(project.conflicts()) == 1
    assert not any("rejected" in each for each in project.rename_code("A1", to="B1").warnings)


# Several codebooks


def test_conflicts_and_changes_of_all_codebooks_are_told(project: Project) -> None:
    folder = project.folder
    text = (folder / "codebooks" / "tiny.yaml").read_text(encoding="utf-8")
    (folder / "codebooks" / "two.yaml").write_text(text.replace("id: tiny", "id: two"), encoding="utf-8")
    settings = folder / "qualcode.yaml"
    named = settings.read_text(encoding="utf-8").replace("'codebooks/tiny.yaml'",
                                                         "'codebooks/tiny.yaml', 'codebooks/two.yaml'")  # fmt: skip
    settings.write_text(named, encoding="utf-8")
    rerun = project.code().rerun
    assert rerun is not None
    assert {each.codebook for each in rerun.new} == {"two"}
    ben = copy_for(project, "Ben")
    project.accept(code="A3", codebook="two")
    ben.reject(code="A3", codebook="two")
    assert [each.codebook for each in project.merge(ben.folder).conflicts] == ["two"]


# Blind samples


def test_nobody_sees_how_others_coded_a_sample_while_they_code_blind(project: Project, tmp_path: Path) -> None:
    project.draw_sample(3, seed=1)
    project.blind()
    ben = copy_for(project, "Ben")
    for each, code in ((ben, "A1"), (project, "A3")):
        sheet = each.worksheet(tmp_path / f"{each.person}.csv")
        lines = sheet.read_text(encoding="utf-8-sig").splitlines()
        filled = [lines[0], *(f"{line}{code}" for line in lines[1:])]
        sheet.write_text("\n".join(filled), encoding="utf-8")
        each.read_worksheet(sheet)
    ben.undo()
    project.merge(ben.folder)
    ben.redo()
    project.merge(ben.folder)
    seen = project.sample()
    assert (seen.coders, set(seen.labels.values()), set(seen.readings)) == (("Ann",), {frozenset({"A3"})}, {"Ann"})
    assert "A1" not in project.worksheet(tmp_path / "again.csv").read_text(encoding="utf-8")
    project.release()
    assert set(project.sample().readings) == {"Ann", "Ben"}
