"""Deciding: what people decide stands, whatever runs afterwards, and is counted once."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.errors import LedgerError, ProjectError
from qualcode.project import Project
from tests.project.shared_work import RICH, decisions, make_project, rows, waiting
from tests.project.studies import make_study

NOBODY = "Nobody bought into it, to be honest."
GARDEN = "My garden needs rain."


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def the_id(project: Project, code: str, words: str, **more: str) -> str:
    """Return the id of the one passage under a code that has these words."""
    (found,) = [each for each in project.chosen(code=code, **more) if words in each.passage.quote]
    return found.id


def edit(project: Project, old: str, new: str) -> None:
    """Change the codebook's file as an editor would."""
    path = project.folder / "codebooks" / "tiny.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_an_accepted_passage_has_a_name_and_waits_no_more(project: Project) -> None:
    done = project.accept(code="A1", document="ben.txt", reason="clear")
    assert [each.kind for each in done.entries] == ["accept"]
    assert ("ben.txt", "A1", NOBODY, "accepted", "Ann") in rows(project)
    assert ("A1", NOBODY) not in waiting(project)
    assert project.accept(code="A1", document="ben.txt").entries == ()


def test_a_heading_stands_for_the_codes_below_it(project: Project) -> None:
    assert {code for code, _ in project.accept(code="Direction").passages} == {"A1", "A2"}


def test_all_choices_narrow_together(project: Project) -> None:
    assert len(project.accept(code="A1", rule="A1-1", document="ben.txt", coder="rules", dry_run=True)) == 1
    assert len(project.accept(code="A1", rule="A1-2", document="ben.txt", dry_run=True)) == 0
    assert {code for code, _ in project.reject(where="honest", dry_run=True).passages} == {"A1", "A2"}
    assert len(project.accept(all=True, dry_run=True)) == len(waiting(project)) == 4


@pytest.mark.parametrize(
    ("asked", "code"),
    [({}, "QC-L020"), ({"ids": "sffff"}, "QC-L021"), ({"ids": "s"}, "QC-L022"), ({"ids": ""}, "QC-L021")],
)
def test_nobody_decides_by_accident(project: Project, asked: dict[str, str], code: str) -> None:
    with pytest.raises(LedgerError, match=code):
        project.accept(**asked)  # type: ignore[arg-type] # what a command line gives
    assert decisions(project) == set()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "QC-L023"),
        ({"quote": "garden", "where": "garden"}, "QC-L023"),
        ({"span": (0, 5)}, "QC-L023"),
        ({"document": "anna.txt", "span": (0, 99_999)}, "QC-L024"),
        ({"document": "anna.txt", "span": (5, 5)}, "QC-L024"),
        ({"quote": "never said"}, "QC-L025"),
        ({"quote": "on board"}, "QC-L026"),
        ({"quote": "garden", "facets": {"mood": "grim"}}, "QC-L027"),
    ],
)
def test_a_passage_to_code_has_to_be_one(project: Project, asked: dict[str, object], code: str) -> None:
    with pytest.raises(LedgerError, match=code):
        project.code_by_hand("A1", **asked)  # type: ignore[arg-type] # what a command line gives
    with pytest.raises(ProjectError, match=r"QC-P032.*Did you mean 'Buy-in'"):
        project.code_by_hand("Buyin", quote="garden")
    with pytest.raises(ProjectError, match=r"QC-P031.*anna.txt"):
        project.code_by_hand("A1", document="anne.txt", quote="garden")


def test_words_coded_by_hand_are_found_across_line_breaks(tmp_path: Path) -> None:
    study = make_study(tmp_path / "files")
    (study / "anna.txt").write_text("ANNA: We all\nbought   into it.\n", encoding="utf-8")
    made = Project.create(tmp_path / "study", codebook=study / "tiny.yaml")
    assert made is not None
    made.ingest([study / "anna.txt"])
    made.code_by_hand("Buy-in", quote="all bought into")
    assert [each.quote for each in made.coded()] == ["all\nbought   into"]


def test_a_project_coded_by_hand_alone_has_tables_and_a_report(tmp_path: Path) -> None:
    project = make_project(tmp_path, code=False)
    with pytest.raises(ProjectError, match="QC-P006"):
        project.table("themes")
    project.code_by_hand("A1", quote=GARDEN)
    (row,) = [each for each in project.table("themes") if each["code"] == "A1"]
    assert (row["codings"], row["segments"], row["reviewed_share"]) == (1, 1, 1.0)
    assert project.report(date="2026-01-01").is_file()
    assert project.coded().outdated is None


def test_coding_by_search_codes_each_sentence_once(project: Project) -> None:
    done = project.code_by_hand("A3", where="bought | board")
    assert len(done) == len({each.passage for each in done.entries}) == 4
    assert project.code_by_hand("A3", where="bought | board").entries == ()
    assert len(project.code_by_hand("A2", where="bought | board", document="ben.txt")) == 1


def test_rejected_passages_are_listed_and_never_counted(project: Project) -> None:
    project.reject(code="A1", document="ben.txt", reason="negated")
    (row,) = [each for each in project.table("themes") if each["code"] == "A1"]
    assert (row["codings"], row["documents"], row["reviewed_share"]) == (1, 1, 0.0)
    assert ("ben.txt", "A1", NOBODY, "rejected", "Ann") in rows(project)
    assert project.search("honest AND code:A1").hits == ()


def test_a_mind_can_be_changed_by_naming_the_passage(project: Project) -> None:
    project.reject(code="A1", document="ben.txt")
    assert project.accept(code="A1", document="ben.txt").entries == ()
    project.accept(ids=the_id(project, "A1", "Nobody"))
    assert decisions(project) == {("Ann", "accepted", "A1", NOBODY)}
    project.reject(ids=the_id(project, "A1", "Nobody"))
    assert decisions(project) == {("Ann", "rejected", "A1", NOBODY)}
    project.uncode(ids=the_id(project, "A1", "Nobody"))
    assert decisions(project) == set()
    assert ("A1", NOBODY) in waiting(project)


def test_deciding_on_one_passage_leaves_another_that_overlaps_it(project: Project) -> None:
    project.code_by_hand("A3", quote="garden needs")
    project.code_by_hand("A3", quote="needs rain")
    project.reject(ids=the_id(project, "A3", "garden needs"))
    assert decisions(project) == {("Ann", "rejected", "A3", "garden needs"), ("Ann", "coded", "A3", "needs rain")}
    assert not any(each.contested for each in project.chosen())
    project.move(to="A2", ids=the_id(project, "A3", "needs rain"))
    assert ("Ann", "rejected", "A3", "garden needs") in decisions(project)


def test_coding_by_hand_takes_the_place_of_ones_own_rejection(project: Project) -> None:
    project.reject(code="A3")
    project.code_by_hand("A3", quote="My garden")
    assert decisions(project) == {("Ann", "coded", "A3", "My garden")}
    assert ("A3", GARDEN) not in waiting(project)


def test_what_was_moved_is_not_suggested_again_where_it_was(project: Project) -> None:
    project.accept(code="A3")
    project.move(to="A2", code="A3", reason="a doubt")
    assert decisions(project) == {("Ann", "rejected", "A3", GARDEN), ("Ann", "coded", "A2", GARDEN)}
    project.code()
    assert ("A3", GARDEN) not in waiting(project)
    project.undo(2)
    assert decisions(project) == {("Ann", "accepted", "A3", GARDEN)}


def test_a_passage_is_not_moved_to_where_it_is_marked_already(project: Project) -> None:
    project.accept(document="ben.txt", code="A")
    project.move(to="A2", code="A1", document="ben.txt")
    assert decisions(project) == {("Ann", "rejected", "A1", NOBODY), ("Ann", "accepted", "A2", NOBODY)}


def test_a_dry_run_decides_nothing(project: Project) -> None:
    before = (project.folder / "project.db").read_bytes()
    done = [
        project.accept(all=True, dry_run=True),
        project.reject(all=True, dry_run=True),
        project.move(to="A2", code="A1", dry_run=True),
        project.code_by_hand("A1", quote=GARDEN, dry_run=True),
    ]
    assert all(each.entries and not each.operation for each in done)
    assert (project.folder / "project.db").read_bytes() == before


def test_identical_passages_of_two_people_are_one_coding(project: Project) -> None:
    ben = Project(project.folder, person="Ben")
    project.accept(code="A3")
    ben.accept(ids=the_id(project, "A3", "garden"))
    assert [each for each in rows(project) if each[1] == "A3"] == [("anna.txt", "A3", GARDEN, "accepted", "Ann; Ben")]
    (row,) = [each for each in project.table("themes") if each["code"] == "A3"]
    assert (row["codings"], row["reviewed_share"]) == (1, 1.0)


def test_who_rejects_is_not_named_as_having_accepted(project: Project) -> None:
    project.accept(code="A3")
    Project(project.folder, person="Ben").reject(ids=the_id(project, "A3", "garden"))
    (found,) = [each for each in project.coded() if each.code == "A3"]
    assert (found.status, found.decided_by, found.flags) == ("accepted", "Ann", ("contested",))
    assert any("contested" in note for note in project.table("themes").notes)


def test_moving_what_somebody_else_marks_leaves_theirs_to_be_settled(project: Project) -> None:
    project.accept(code="A3")
    ben = Project(project.folder, person="Ben")
    ben.move(to="A2", ids=the_id(project, "A3", "garden"))
    assert decisions(ben) == {
        ("Ann", "accepted", "A3", GARDEN), ("Ben", "rejected", "A3", GARDEN), ("Ben", "coded", "A2", GARDEN)
    }  # fmt: skip
    assert [each.code for each in ben.conflicts()] == ["A3"]


def test_the_files_that_leave_say_how_each_passage_stands(project: Project) -> None:
    project.accept(code="A1", document="anna.txt")
    project.reject(code="A2")
    project.code_by_hand("A3", quote="rain")
    found = {(each["code"], each["status"], each["decided_by"], each["coder"]) for each in project.coded().table()}
    assert found == {
        ("A1", "accepted", "Ann", "rules"), ("A1", "suggested", "", "rules"), ("A2", "rejected", "Ann", "rules"),
        ("A3", "coded", "Ann", "person"),
    }  # fmt: skip
    page = project.report(date="2026-01-01").read_text(encoding="utf-8")
    assert "Nobody bought into it" in page  # still suggested under A1


def test_codings_of_a_code_that_is_gone_are_told_and_not_counted(project: Project) -> None:
    project.accept(all=True)
    edit(
        project,
        "  - id: A3\n    label: Places\n    definition: Where it is.\n    rules:\n      - garden | school\n",
        "",
    )
    project.code()
    table = project.table("themes")
    assert any("A3" in note and "not counted" in note for note in table.notes)
    assert "A3" not in table.column("code")
    assert {each.status for each in project.chosen(code="A3")} == {"accepted"}
    project.move(to="A2", code="A3")
    assert ("Ann", "coded", "A2", GARDEN) in decisions(project)


def test_codings_under_another_name_of_the_codebook_are_told_too(project: Project) -> None:
    project.accept(all=True)
    edit(project, "id: tiny", "id: little")
    project.code()
    assert any("called tiny" in note for note in project.table("themes").notes)
    edit(project, "id: little", "id: tiny")
    project.code()
    assert waiting(project) == set()
    assert project.coded().notes == ()


# Runs


def test_a_second_run_says_what_it_changed(project: Project) -> None:
    project.accept(code="A1", document="ben.txt")
    edit(project, "- on board", "- on board\n      - rain")
    edit(project, "- garden | school", "- school")
    found = project.code().rerun
    assert found is not None
    assert [(each.code, each.quote) for each in found.new] == [("A1", GARDEN)]
    assert [(each.code, each.quote) for each in found.gone] == [("A3", GARDEN)]
    assert (found.kept, found.waiting, found.unsupported, found.reshaped) == (1, 3, (), ())


def test_a_decision_that_no_rule_supports_any_more_stands(project: Project) -> None:
    project.accept(code="A3")
    edit(project, "- garden | school", "- school")
    found = project.code().rerun
    assert found is not None
    assert [each.passage.quote for each in found.unsupported] == [GARDEN]
    assert found.gone == ()
    assert ("anna.txt", "A3", GARDEN, "accepted", "Ann") in rows(project)


def test_a_suggestion_of_more_words_inherits_the_decision(project: Project) -> None:
    edit(project, '      - "bought into"\n      - on board', '      - "bought into"')
    project.code()
    project.reject(code="A1", document="anna.txt")
    edit(project, '      - "bought into"', '      - "bought into"\n      - on board')
    found = project.code().rerun
    assert found is not None
    assert [each.quote for each in found.reshaped] == [
        "We all bought into it from the start. The head was on board as well."
    ]
    assert not any(code == "A1" and "bought into it from" in words for code, words in waiting(project))


def test_what_several_rules_say_when_their_code_is_renamed_waits_under_the_new_name(project: Project) -> None:
    before = waiting(project)
    project.accept(code="A1", document="ben.txt")
    project.rename_code("A1", to="B1")
    assert waiting(project) == {("B1" if code == "A1" else code, words) for code, words in before} - {("B1", NOBODY)}
    assert "again" in str(project.coded().outdated)
    found = project.code().rerun
    assert found is not None
    assert (found.new, found.gone, found.kept) == ((), (), 1)
    project.undo(2)
    assert waiting(project) == before - {("A1", NOBODY)}


RULES = ('"bought into"', "on board", "garden", "nobody", "honest", "welcome", "head | rain", "start", "screen")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_decisions_outlive_every_change_of_rules(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    project = make_project(tmp_path_factory.mktemp("study"))
    path = project.folder / "codebooks" / "tiny.yaml"
    held: set[tuple[str, str, str, str]] = set()
    for _ in range(4):
        offered = sorted(project.chosen(status="suggested"), key=lambda each: (each.code, each.passage.span))
        chance.shuffle(offered)
        for each in offered[:2]:
            chance.choice([project.accept, project.reject])(ids=each.id)
        if chance.random() < 0.5:
            project.code_by_hand(f"A{chance.randint(1, 3)}", where=chance.choice(["rain", "welcome", "start"]))
        now = decisions(project)
        assert held <= {*now, *(each for each in held if each[1] == "rejected")}  # a rejection gives way to coding only
        held = now
        text = re.sub(r"(?m)^      - .*$", lambda _: f"      - {chance.choice(RULES)}", RICH)
        path.write_text(text, encoding="utf-8")
        before = {each.id for each in project.chosen(status="suggested")}
        found = project.code()
        assert found.rerun is not None
        assert decisions(project) == held
        decided = project.held().judgements
        for each in project.chosen(status="suggested"):
            assert not any(
                (one.code, one.passage.document_id) == (each.code, each.passage.document_id)
                and one.passage.span.overlaps(each.passage.span)
                for one in decided
            )
        assert found.rerun.waiting == len(project.chosen(status="suggested"))
        assert found.rerun.waiting + found.rerun.kept == len(project.held().suggestions)
        assert {each.document_id for each in found.rerun.new} <= {each.id for each in project.documents}
        assert len(found.rerun.gone) <= len(before)
        check_counts(project)
    assert project.verify() == ()


def check_counts(project: Project) -> None:
    """Check the theme table against the codings, one by one."""
    counted = [each for each in project.coded() if each.status != "rejected"]
    for row in project.table("themes"):
        if row["code"] == "A":
            continue
        own = [each for each in counted if each.code == row["code"]]
        reviewed = sum(each.status != "suggested" for each in own)
        assert row["codings"] == len(own)
        assert row["documents"] == len({each.document for each in own})
        assert row["reviewed_share"] == pytest.approx(reviewed / len(own) if own else 0)


# Layers


def test_layers_hold_what_each_person_says_and_what_the_machine_does(project: Project) -> None:
    machine = next(each for each in project.layers() if each.coder == "machine")
    project.accept(code="A1", document="ben.txt")
    project.reject(code="A2", document="ben.txt")
    ben = Project(project.folder, person="Ben")
    ben.reject(code="A3")
    found = {each.coder: each for each in project.layers()}
    ids = {each.name: each.id for each in project.documents}
    assert found["machine"] == machine
    assert found["machine"].machine
    assert [(each.code, each.status) for each in found["Ann"].codings] == [("A1", "accepted")]
    assert found["Ann"].documents == {ids["ben.txt"]}
    assert (found["Ben"].codings, found["Ben"].documents) == ((), {ids["anna.txt"]})  # a rejection is a "no"


def test_who_marks_documents_as_done_is_taken_at_their_word(project: Project) -> None:
    ids = {each.name: each.id for each in project.documents}
    project.accept(code="A1")
    project.done("anna.txt")
    (layer,) = project.layers(["Ann"], machine=False)
    assert (layer.documents, {each.document for each in layer.codings}) == ({ids["anna.txt"]}, {"anna.txt"})
    project.done("ben.txt")
    project.done("anna.txt", undone=True)
    assert project.layers(["Ann"], machine=False)[0].documents == {ids["ben.txt"]}
    with pytest.raises(ProjectError, match=r"QC-P033.*Ann"):
        project.layers(["Cem"])


def test_a_machine_that_never_ran_has_no_layer(tmp_path: Path) -> None:
    project = make_project(tmp_path, code=False)
    project.code_by_hand("A1", quote=GARDEN)
    assert [each.coder for each in project.layers()] == ["Ann"]
    with pytest.raises(ProjectError, match="QC-P006"):
        project.layers(["machine"])


@pytest.mark.parametrize("name", ["", "  ", "settled", "Machine", "A\nB", "Ann; Ben", "\udcff"])
def test_a_name_that_would_confuse_is_refused(project: Project, name: str) -> None:
    with pytest.raises(ProjectError, match="QC-P030"):
        Project(project.folder, person=name)


def test_the_name_comes_from_the_environment_unless_given(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUALCODE_PERSON", " Cem ")
    assert Project(project.folder).person == "Cem"
    assert Project(project.folder, person="Ann").person == "Ann"
    monkeypatch.setenv("QUALCODE_PERSON", " ")
    assert Project(project.folder).person.strip()
