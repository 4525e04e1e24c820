"""Working together: merging, conflicts, settling them, and coding blind."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.errors import LedgerError, ProjectError, StoreError
from qualcode.project import Project
from tests.project.shared_work import copy_for, decisions, everything, make_project, rows, waiting
from tests.project.studies import ANNA

NOBODY = "Nobody bought into it, to be honest."
GARDEN = "My garden needs rain."


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def table(project: Project) -> tuple[tuple[object, ...], ...]:
    return project.table("themes").rows


def id_of(project: Project, code: str, words: str = "") -> str:
    (found,) = [each for each in project.chosen(code=code) if words in each.passage.quote]
    return found.id


def test_merging_comes_to_the_same_in_every_order(project: Project) -> None:
    people = [project, *(copy_for(project, name) for name in ("Ben", "Cem"))]
    ann, ben, cem = people
    ann.accept(code="A1")
    ben.reject(code="A1", document="ben.txt")
    ben.accept(code="A3")
    ben.undo()
    cem.code_by_hand("A2", quote="garden needs")
    cem.accept(code="A1", document="anna.txt")
    cem.memo("Odd.", code="A2")
    outcomes = set()
    for number, order in enumerate(itertools.permutations(people)):
        first, *others = order
        target = copy_for(first, f"order {number}")
        target.person = "Lead"
        if number % 2:
            target.merge(*(each.folder for each in others))
        else:
            for each in others:
                target.merge(each.folder)
            target.merge(others[0].folder / "project.db")
        assert target.verify() == ()
        outcomes.add((tuple(rows(target)), frozenset(decisions(target)), table(target), len(target.conflicts()),
                      tuple(each.text for each in target.memos())))  # fmt: skip
    ((found, _, _, conflicts, memos),) = outcomes
    assert (conflicts, memos) == (1, ("Odd.",))
    assert ("anna.txt", "A1", "We all bought into it from the start. The head was on board as well.", "accepted",
            "Ann; Cem") in found  # fmt: skip


def work(project: Project, chance: random.Random) -> None:
    """Do something that a coder may do, chosen by chance."""
    choice = chance.randrange(8)
    offered = [each for each in project.chosen() if not each.settled]
    if choice in (0, 1):
        project.code_by_hand(f"A{chance.randint(1, 3)}", document="anna.txt", span=(40 + 3 * chance.randrange(9), 75))
    elif choice in (2, 3):
        chance.choice([project.accept, project.reject])(ids=chance.choice(offered).id)
    elif choice == 4:
        project.move(to=f"A{chance.randint(1, 3)}", ids=chance.choice(offered).id)
    elif choice == 5 and project.conflicts():
        verdict = chance.choice(["accept", "reject"])
        project.adjudicate(chance.choice(project.conflicts()).id, verdict=verdict)
    elif choice == 6:
        project.uncode(all=True)
    elif project.log(person=project.person, verb="code").lines[-1].stands:
        project.undo()


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_whatever_three_people_do_merging_comes_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    ann = make_project(tmp_path_factory.mktemp("study"))
    Project(ann.folder, person="Zoe").accept(all=True)
    people = [ann, copy_for(ann, "Ben"), copy_for(ann, "Cem")]
    for each in people:
        each.code_by_hand("A2", quote="My garden")  # so that there is always a step to undo
        for _ in range(5):
            work(each, chance)
    outcomes = []
    for number, order in enumerate(itertools.permutations(people)):
        target = copy_for(order[0], f"order {number}")
        for each in order[1:]:
            target.merge(each.folder)
        assert target.verify() == ()
        outcomes.append((rows(target), decisions(target), table(target), target.conflicts()))
        contested = {each.id for each in target.chosen() if each.contested}
        argued = {one.id for each in target.conflicts() for one in each.judgements}
        assert contested <= argued
    assert all(each == outcomes[0] for each in outcomes)


def test_merging_again_brings_nothing(project: Project) -> None:
    ben = copy_for(project, "Ben")
    ben.accept(all=True)
    theirs = everything(ben.folder)
    first = project.merge(ben.folder)
    assert (first.operations, first.people, first.documents, first.differing) == (1, ("Ben",), (), ())
    before = everything(project.folder)
    assert project.merge(ben.folder).operations == 0
    assert everything(project.folder) == before
    assert everything(ben.folder) == theirs
    assert ben.merge(project.folder).operations == 0


def test_a_dry_run_says_what_a_merge_would_bring_and_changes_nothing(project: Project) -> None:
    ben = copy_for(project, "Ben")
    project.accept(code="A3")
    ben.reject(code="A3")
    ben.rename_code("A2", to="B2")
    before = (everything(project.folder), everything(ben.folder))
    plan = project.merge(ben.folder, dry_run=True)
    assert (everything(project.folder), everything(ben.folder)) == before
    done = project.merge(ben.folder)
    assert (plan.operations, plan.people, len(plan.conflicts), plan.followed) == (2, ("Ben",), 1, ("tiny",))
    assert (plan.operations, plan.people, plan.followed) == (done.operations, done.people, done.followed)


def test_a_merge_can_be_taken_back_and_made_again(project: Project) -> None:
    ben = copy_for(project, "Ben")
    ben.accept(all=True)
    ben.rename_code("A1", to="B1")
    before = (rows(project), waiting(project), everything(project.folder)["codebooks/tiny.yaml"])
    project.merge(ben.folder)
    merged = (rows(project), waiting(project), everything(project.folder)["codebooks/tiny.yaml"])
    assert merged != before
    project.undo()
    assert (rows(project), waiting(project), everything(project.folder)["codebooks/tiny.yaml"]) == before
    project.redo()
    assert (rows(project), waiting(project), everything(project.folder)["codebooks/tiny.yaml"]) == merged
    project.undo()
    assert project.merge(ben.folder).followed == ("tiny",)
    assert (rows(project), waiting(project), everything(project.folder)["codebooks/tiny.yaml"]) == merged
    assert project.verify() == ()


@pytest.mark.parametrize("renamed", ["here", "there"])
def test_a_code_renamed_on_one_side_is_renamed_on_both(project: Project, renamed: str) -> None:
    ben = copy_for(project, "Ben")
    project.accept(code="A1")
    ben.accept(code="A1")
    (project if renamed == "here" else ben).rename_code("A1", to="B1")
    ben.code_by_hand("B1" if renamed == "there" else "A1", quote=GARDEN)
    done = project.merge(ben.folder)
    assert {code for _, _, code, _ in decisions(project)} == {"B1"}
    assert "B1" in project.codebook
    assert done.followed == (("tiny",) if renamed == "there" else ())
    (row,) = [each for each in project.table("themes") if each["code"] == "B1"]
    assert (row["codings"], row["reviewed_share"]) == (3, 1.0)
    assert not any("not counted" in each for each in project.coded().notes)
    assert project.verify() == ()


def test_codebooks_that_both_sides_changed_stay_as_they_are_and_are_told(project: Project) -> None:
    ben = copy_for(project, "Ben")
    ben.accept(code="A1")
    ben.rename_code("A1", to="B1")
    project.define_code("A2", "Something else.")
    before = (project.folder / "codebooks" / "tiny.yaml").read_bytes()
    done = project.merge(ben.folder)
    assert (done.codebooks, done.followed) == (("tiny",), ())
    assert (project.folder / "codebooks" / "tiny.yaml").read_bytes() == before
    assert any("B1" in each and "not counted" in each for each in project.coded().notes)


def test_a_shipped_codebook_that_they_changed_is_copied_first(tmp_path: Path) -> None:
    made = Project.create(tmp_path / "study", codebook="robinson-scl")
    assert made is not None
    ann, ben = Project(made.folder, person="Ann"), copy_for(made, "Ben")
    first = next(each.id for each in ann.codebook if each.codable)
    ben.define_code(first, "Something else.")
    assert ann.merge(ben.folder).followed == ("robinson-scl",)
    assert ann.codebook[first].definition == "Something else."
    assert (ann.folder / "codebooks").is_dir()


def test_documents_that_only_they_have_come_with_their_files(project: Project, tmp_path: Path) -> None:
    ben = copy_for(project, "Ben")
    (tmp_path / "cem.txt").write_text("INTERVIEWER: And?\n\nCEM: The school was on board.\n", encoding="utf-8")
    ben.ingest([tmp_path / "cem.txt"])
    ben.code_by_hand("A1", quote="school was on board")
    done = project.merge(ben.folder)
    assert (done.documents, [each.name for each in done.files]) == (("cem.txt",), ["cem.txt"])
    assert ("cem.txt", "A1", "school was on board", "coded", "Ben") in rows(project)
    report = project.ingest()
    assert (report.added, report.removed, report.warnings) == ((), (), ())
    assert project.merge(ben.folder).operations == 0


def test_codings_of_another_version_of_a_transcript_are_put_on_ours(project: Project) -> None:
    ben = copy_for(project, "Ben")
    theirs = ben.folder / "transcripts" / "anna.txt"
    theirs.write_text("INTERVIEWER: Before we begin.\n\n" + ANNA.replace("the start", "day one"), encoding="utf-8")
    ben.ingest()
    ben.code_by_hand("A3", quote=GARDEN)
    ben.code_by_hand("A2", quote="from day one")
    done = project.merge(ben.folder)
    assert (done.differing, done.orphans) == (("anna.txt",), 1)
    assert project.documents["anna.txt"].text == ANNA
    assert ("anna.txt", "A3", GARDEN, "coded", "Ben") in rows(project)
    (orphan,) = project.orphans()
    assert (orphan.judgement.passage.quote, orphan.judgement.layer) == ("from day one", "Ben")
    assert orphan.proposals
    assert project.verify() == ()
    project.undo()
    assert decisions(project) == set()


def test_what_cannot_be_merged_is_told(project: Project, tmp_path: Path) -> None:
    for others in ((), (project.folder,)):
        with pytest.raises(ProjectError, match="QC-P038"):
            project.merge(*others)
    with pytest.raises(StoreError, match="QC-S003"):
        project.merge(tmp_path / "nothing")


# Conflicts


@pytest.fixture
def quarrel(project: Project) -> Project:
    """Ann accepts what Ben rejects."""
    project.accept(code="A3")
    Project(project.folder, person="Ben").reject(ids=id_of(project, "A3"), reason="no place")
    return Project(project.folder, person="Lead")


@pytest.mark.parametrize(("verdict", "counted"), [("accept", 1), ("reject", 0)])
def test_a_conflict_is_settled_beside_what_people_hold(quarrel: Project, verdict: str, counted: int) -> None:
    before = decisions(quarrel)
    (conflict,) = quarrel.conflicts()
    assert ([each.person for each in conflict.for_it], [each.person for each in conflict.against]) == (["Ann"], ["Ben"])
    done = quarrel.adjudicate(conflict.id[:5], verdict=verdict, reason="agreed")
    assert done.operation
    assert quarrel.conflicts() == ()
    assert decisions(quarrel) == before | {("settled", f"{verdict}ed", "A3", GARDEN)}
    (row,) = [each for each in quarrel.table("themes") if each["code"] == "A3"]
    assert row["codings"] == counted
    (coding,) = [each for each in quarrel.coded() if each.code == "A3"]
    assert (coding.status, coding.decided_by, coding.flags) == (f"{verdict}ed", "Lead", ())
    layers = {each.coder: len(each.codings) for each in quarrel.layers(machine=False)}
    assert layers == {"Ann": 1, "Ben": 0}
    (settled,) = quarrel.layers(["settled"], machine=False)
    assert len(settled.codings) == counted
    quarrel.undo()
    assert decisions(quarrel) == before
    assert [each.id for each in quarrel.conflicts()] == [conflict.id]


def test_other_words_or_another_code_may_be_right(quarrel: Project) -> None:
    (conflict,) = quarrel.conflicts()
    quarrel.adjudicate(conflict.id, verdict="accept", quote="garden needs rain")
    assert [each.quote for each in quarrel.coded() if each.code == "A3"] == ["garden needs rain"]
    quarrel.undo()
    quarrel.adjudicate(conflict.id, verdict="accept", code="Doubt")
    found = {(each.code, each.status) for each in quarrel.coded() if each.quote == GARDEN}
    assert found == {("A2", "accepted"), ("A3", "rejected")}


def test_what_is_settled_can_be_settled_anew_and_not_otherwise_decided(quarrel: Project) -> None:
    quarrel.adjudicate(quarrel.conflicts()[0].id, verdict="accept", code="A2")
    settled = id_of(quarrel, "A2", GARDEN)
    for decide in (quarrel.reject, quarrel.uncode):
        with pytest.raises(LedgerError, match=r"QC-L029.*adjudicate"):
            decide(ids=settled)
    assert quarrel.uncode(all=True).entries == ()
    quarrel.adjudicate(settled, verdict="reject")
    assert {(each.code, each.status) for each in quarrel.coded() if each.quote == GARDEN} <= {
        ("A3", "rejected"), ("A2", "rejected")
    }  # fmt: skip
    assert sum(layer == "settled" for layer, *_ in decisions(quarrel)) == 1


def test_settling_keeps_every_passage_that_was_argued_about(project: Project) -> None:
    project.code_by_hand("A2", document="anna.txt", quote="My garden")
    project.code_by_hand("A2", document="anna.txt", quote="needs rain")
    ben = Project(project.folder, person="Ben")
    ben.code_by_hand("A2", document="anna.txt", quote=GARDEN)
    ben.reject(ids=id_of(ben, "A2", GARDEN))
    (conflict,) = ben.conflicts()
    assert len(conflict.judgements) == 3
    ben.adjudicate(conflict.id, verdict="accept")
    counted = {each.quote for each in ben.coded() if each.code == "A2" and each.status == "accepted"}
    assert counted == {"My garden", "needs rain"}


def test_two_settlements_that_differ_are_a_conflict_again(quarrel: Project) -> None:
    cem = copy_for(quarrel, "Cem")
    quarrel.adjudicate(quarrel.conflicts()[0].id, verdict="accept")
    cem.adjudicate(cem.conflicts()[0].id, verdict="reject")
    quarrel.merge(cem.folder)
    (conflict,) = quarrel.conflicts()
    assert {each.person for each in conflict.judgements} == {"Lead", "Cem"}
    (coding,) = [each for each in quarrel.coded() if each.code == "A3"]
    assert coding.flags == ("contested",)
    quarrel.adjudicate(conflict.id, verdict="reject", reason="talked it over")
    assert quarrel.conflicts() == ()
    assert [each.status for each in quarrel.coded() if each.code == "A3"] == ["rejected"]


def test_who_changes_ones_mind_is_in_no_conflict_with_oneself(project: Project) -> None:
    project.code_by_hand("A3", quote="garden needs")
    project.code_by_hand("A3", quote="needs rain")
    project.reject(ids=id_of(project, "A3", "garden needs"))
    assert project.conflicts() == ()


@pytest.mark.parametrize(
    ("name", "verdict", "code"), [("cffff", "accept", "QC-L037"), ("", "accept", "QC-L037"), ("c", "maybe", "QC-L038")]
)
def test_what_settles_nothing_is_refused(quarrel: Project, name: str, verdict: str, code: str) -> None:
    before = decisions(quarrel)
    with pytest.raises(LedgerError, match=code):
        quarrel.adjudicate(name, verdict=verdict)
    assert decisions(quarrel) == before


def test_an_orphaned_conflict_is_not_to_be_settled(quarrel: Project) -> None:
    path = quarrel.folder / "transcripts" / "anna.txt"
    key = next(each.id for each in quarrel.held().judgements)
    path.write_text("ANNA: Short.\n", encoding="utf-8")
    quarrel.ingest()
    assert quarrel.conflicts() == ()
    with pytest.raises(LedgerError, match="QC-L037"):
        quarrel.adjudicate(key, verdict="accept")


# Blind


@pytest.fixture
def blind(project: Project) -> Project:
    """Ann and Ben have both worked; Ann looks, and they code blind."""
    ben = Project(project.folder, person="Ben")
    ben.accept(code="A3", reason="SECRET")
    ben.code_by_hand("A2", quote="on board as well", reason="SECRET")
    ben.memo("SECRET", code="A2")
    ben.undo()
    ben.redo()
    project.accept(code="A1", document="anna.txt")
    project.blind()
    return project


def test_nobody_sees_what_others_decided_while_they_code_blind(blind: Project, tmp_path: Path) -> None:
    assert {who for *_, who in rows(blind)} == {"Ann", ""}
    assert ("A3", GARDEN) in waiting(blind)
    assert {layer for layer, *_ in decisions(blind)} == {"Ann"}
    (row,) = [each for each in blind.table("themes") if each["code"] == "A2"]
    assert (row["codings"], row["reviewed_share"]) == (1, 0.0)
    assert blind.search("board AND code:A2").hits == ()
    assert blind.memos() == ()
    page = blind.report(date="2026-01-01").read_text(encoding="utf-8")
    codings, _ = blind.export()
    for told in (page, codings.read_text(encoding="utf-8"), repr(blind.log().table().rows), repr(blind.log().lines)):
        assert "SECRET" not in told
        assert "on board as well" not in told.replace("The head was on board as well.", "")
    assert not any(each.person == "Ben" for each in blind.log())
    (told,) = blind.blame(document="anna.txt", at=blind.documents["anna.txt"].text.index("garden"))
    assert [each.person for each in told.lines] == ["rules"]
    with pytest.raises(LedgerError, match="QC-L035"):
        blind.blame(document="ben.txt", at=blind.documents["ben.txt"].text.index("You are"))
    for ask in (
        blind.conflicts,
        blind.layers,
        lambda: blind.layers(["Ben"]),
        lambda: blind.adjudicate("c", verdict="x"),
    ):
        with pytest.raises(ProjectError, match="QC-P034"):
            ask()
    assert not any("3" in each for each in blind.coded().notes)


def test_ones_own_work_is_not_taken_from_others_while_they_code_blind(blind: Project) -> None:
    blind.undo(2)  # the blindness, and her own
    Project(blind.folder, person="Ben").blind()
    ben = Project(blind.folder, person="Ben")
    ben.accept(code="A1", document="ben.txt")
    for dry_run in (True, False):
        with pytest.raises(ProjectError, match="QC-P034"):
            blind.undo(anyone=True, dry_run=dry_run)
    assert ("Ben", "accepted", "A1", NOBODY) in decisions(ben)


def test_what_both_decide_blind_comes_together_when_released(blind: Project) -> None:
    blind.reject(code="A3")
    assert [each[3] for each in rows(blind) if each[1] == "A3"] == ["rejected"]
    merged = blind.merge(copy_for(blind, "Cem").folder)
    assert merged.conflicts == ()
    Project(blind.folder, person="Ben").release()
    assert [each.code for each in blind.conflicts()] == ["A3"]
    assert {each.coder for each in blind.layers()} == {"Ann", "Ben", "machine"}
    assert [each.text for each in blind.memos()] == ["SECRET"]
    assert any(each.person == "Ben" for each in blind.log())


def test_suggestions_can_be_hidden_as_well(project: Project) -> None:
    project.blind(machine=True)
    project.code_by_hand("A3", quote=GARDEN)
    assert [each[3] for each in rows(project)] == ["coded"]
    assert waiting(project) == set()
    assert [each.coder for each in project.layers()] == ["Ann"]
    assert project.machine_codings() == ()
    with pytest.raises(ProjectError, match="QC-P034"):
        project.layers(["machine"])
    for done in (project.code(dry_run=True), project.code()):
        assert [each.quote for each in done] == [GARDEN]
        assert done.rerun is None
    assert any("without suggestions" in each for each in project.table("themes").notes)
    project.release()
    assert len(waiting(project)) == 3
