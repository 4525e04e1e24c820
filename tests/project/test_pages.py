"""The two work-lists of a project: made from what people decided, and every command on them does what it says."""

from __future__ import annotations

import html
import re
import shlex
import shutil
from pathlib import Path

import pytest

from qualcode.errors import AnalysisError, ProjectError
from qualcode.project import Project
from tests.cli.running import Run
from tests.project.studies import ANNA, make_study

INTO = "We all bought into it from the start."
BOARD = "The head was on board as well."


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = make_study(tmp_path_factory.mktemp("source"))
    folder = tmp_path_factory.mktemp("coded") / "study"
    project = Project.create(folder, codebook=source / "tiny.yaml")
    assert project is not None
    project.ingest([source / "anna.txt", source / "ben.txt"])
    project.code()
    return folder


@pytest.fixture
def study(coded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(coded, tmp_path / "study")


def passage(project: Project, words: str) -> str:
    """Return the id of what waits on some words."""
    (found,) = [each.id for each in project.chosen(status="suggested") if words in each.passage.quote]
    return found


def edited(project: Project, old: str, new: str) -> None:
    file = project.folder / "transcripts" / "anna.txt"
    file.write_text(ANNA.replace(old, new), encoding="utf-8")
    project.ingest()


def commands_of(page: Path) -> list[list[str]]:
    """Return the commands on a page as a shell would read them, without the program's name."""
    found = re.findall(r'<code class="type">(.*?)</code>', page.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(html.unescape(re.sub(r"<[^>]+>", "", each)))[1:] for each in found]


def test_a_project_without_a_database_has_an_empty_page(coded: Path, study: Path) -> None:
    (study / "project.db").unlink()
    page = Project(study).orphans_page()
    assert page == study / "output" / "orphans.html"
    assert "Nothing is lost." in page.read_text(encoding="utf-8")


def test_the_commands_of_the_orphan_page_do_what_it_says(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = Project(study, person="Maya")
    both = project.chosen(status="suggested", document="anna.txt")
    project.accept(ids=[each.id for each in both])
    edited(project, f"{INTO} {BOARD}", "We all really bought into it, from the very start. The head was on board.")
    assert len(project.orphans()) == len(both) > 0
    listed = commands_of(project.orphans_page(date="2026-11-22"))
    run = Run(capsys)
    for line in listed:
        if line[0] in ("place", "uncode") and "THE WORDS" not in line and "--proposed" not in line:
            assert run(*line, "--person", "Maya", "--dry-run").code == 0
    (place,) = [line for line in listed if line[0] == "place" and "--span" in line][:1]
    assert run(*place, "--person", "Maya").code == 0
    assert place[2] not in {each.judgement.id for each in project.orphans()}
    start, end = map(int, place[place.index("--span") + 1].split(":"))
    (here,) = project.chosen(ids=place[2])
    assert (here.passage.span.start, here.passage.span.end) == (start, end)


def test_an_orphan_is_taken_back_by_the_command_on_the_page(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = Project(study, person="Maya")
    project.accept(document="anna.txt", all=True)
    edited(project, f"{INTO} {BOARD}", "Well.")
    (line,) = [each for each in commands_of(project.orphans_page()) if each[0] == "uncode"]
    assert Run(capsys)(*line, "--person", "Maya").code == 0
    assert project.orphans() == ()
    assert "Nothing is lost." in project.orphans_page().read_text(encoding="utf-8")
    project.undo()
    assert len(project.orphans()) == 1


def test_orphans_are_not_taken_back_with_everything_else(study: Path) -> None:
    project = Project(study, person="Maya")
    project.accept(all=True)
    edited(project, f"{INTO} {BOARD}", "Well.")
    before = len(project.orphans())
    project.uncode(all=True)
    assert len(project.orphans()) == before == 1


def test_the_page_of_disagreements_lists_what_two_people_hold_and_empties_as_it_is_settled(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = shutil.copytree(study, tmp_path / "theirs")
    maya, tom = Project(study, person="Maya"), Project(theirs, person="Tom")
    where = passage(maya, "bought into it from")
    maya.accept(ids=where)
    tom.reject(ids=where, reason="A way of speaking.")
    tom.code_by_hand("A1", quote="My garden needs rain.")
    for each in (maya, tom):
        each.done("anna.txt")
    maya.merge(theirs)
    page = maya.disagreements_page(date="2026-11-22")
    text = page.read_text(encoding="utf-8")
    assert page == study / "output" / "disagreements.html"
    assert "A way of speaking." in text
    assert "2 passages" in text
    run = Run(capsys)
    for _ in range(2):
        line = next(each for each in commands_of(page) if "--accept" in each)
        assert line[0] == "adjudicate"
        assert run(*line, "--person", "Maya").code == 0
        page = maya.disagreements_page()
    assert "Everything on which Maya and Tom differed is settled." in page.read_text(encoding="utf-8")


def test_the_machine_is_a_coder_when_it_is_named_and_its_passages_are_decided_as_told(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project(study, person="Maya")
    project.code_by_hand("A1", quote="My garden needs rain.")
    project.done("anna.txt")
    lines = commands_of(project.disagreements_page(people=["Maya", "machine"]))
    assert {each[0] for each in lines} == {"accept", "reject", "adjudicate"}
    assert all(Run(capsys)(*each, "--person", "Maya", "--dry-run").code == 0 for each in lines)


def test_what_a_person_rejected_and_the_machine_suggests_can_be_settled(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project(study, person="Maya")
    project.reject(document="anna.txt", all=True)
    project.done("anna.txt")
    lines = commands_of(project.disagreements_page(people=["Maya", "machine"]))
    assert {each[0] for each in lines} == {"adjudicate"}
    assert all(Run(capsys)(*each, "--person", "Maya", "--dry-run").code == 0 for each in lines)


def test_while_people_code_blind_there_is_no_page_of_disagreements(study: Path) -> None:
    project = Project(study, person="Maya")
    project.accept(all=True)
    project.blind()
    with pytest.raises(ProjectError, match="QC-P034"):
        project.disagreements_page()
    assert not (study / "output" / "disagreements.html").exists()


def test_a_level_that_cannot_be_had_is_refused_and_others_make_a_page(study: Path) -> None:
    project = Project(study, person="Maya")
    project.accept(all=True)
    with pytest.raises(AnalysisError, match="QC-A032"):
        project.disagreements_page(level="character")
    for level in ("sentence", "turn", "token", "document"):
        assert project.disagreements_page(people=["Maya", "machine"], level=level).is_file()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["orphans_page", "disagreements_page"])
def test_a_dry_run_writes_nothing_and_a_strange_file_is_left_alone(study: Path, tmp_path: Path, name: str) -> None:
    project = Project(study, person="Maya")
    project.accept(all=True)
    target = tmp_path / "mine.html"
    assert getattr(project, name)(target, dry_run=True) == target
    assert not target.exists()
    target.write_text("<p>My own page</p>", encoding="utf-8")
    with pytest.raises(ProjectError, match="QC-P013"):
        getattr(project, name)(target)
    assert target.read_text(encoding="utf-8") == "<p>My own page</p>"
    target.write_text("", encoding="utf-8")
    assert getattr(project, name)(target) == getattr(project, name)(target)


def test_a_codebook_that_is_not_the_first_is_named_in_the_commands(study: Path) -> None:
    book = (study / "codebooks" / "tiny.yaml").read_text(encoding="utf-8").replace("id: tiny", "id: other")
    (study / "codebooks" / "other.yaml").write_text(book, encoding="utf-8")
    settings = (study / "qualcode.yaml").read_text(encoding="utf-8")
    both = settings.replace("['codebooks/tiny.yaml']", "[codebooks/tiny.yaml, codebooks/other.yaml]")
    (study / "qualcode.yaml").write_text(both, encoding="utf-8")
    project = Project(study, person="Maya")
    assert [each.id for each in project.codebooks] == ["tiny", "other"]
    project.code()
    project.accept(codebook="other", document="anna.txt")
    edited(project, f"{INTO} {BOARD}", "We all bought right into it from the start. The head was on board.")
    lines = commands_of(project.orphans_page(codebook="other"))
    assert lines
    assert all(each[-2:] == ["--codebook", "other"] for each in lines)


def test_an_id_that_is_the_beginning_of_another_still_names_its_own(study: Path, tmp_path: Path) -> None:
    source = tmp_path / "many.txt"
    source.write_text("DAN: " + " ".join(f"Tree{n} grows here." for n in range(12)) + "\n", encoding="utf-8")
    project = Project(study, person="Maya")
    project.ingest([source])
    step = project.code_by_hand("A1", where="grows", document="many.txt").operation
    assert project.adjudicate(f"{step}.1", verdict="reject", dry_run=True).entries[0].passage is not None
    file = study / "transcripts" / "many.txt"
    file.write_text(file.read_text(encoding="utf-8").replace("grows", "stands and blooms"), encoding="utf-8")
    project.ingest()
    assert len(project.orphans()) == 12
    ((orphan, where),) = project.place(f"{step}.1", document="many.txt", quote="Tree1 stands and blooms here.")
    assert orphan.judgement.id == f"{step}.1"
    assert where.quote == "Tree1 stands and blooms here."
    assert len(project.orphans()) == 11
