"""What was done, by whom, and back again: log, blame, undo and redo of every verb, two at work at once."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.errors import CodebookError, LedgerError, ProjectError
from qualcode.project import Project
from tests.project.shared_work import RICH, copy_for, decisions, everything, make_project, rows, waiting
from tests.project.studies import ANNA

NOBODY = "Nobody bought into it, to be honest."
GARDEN = "My garden needs rain."
ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def id_of(project: Project, code: str, words: str = "") -> str:
    (found,) = [each for each in project.chosen(code=code) if words in each.passage.quote]
    return found.id


def all_of(project: Project) -> tuple[object, ...]:
    """Return everything that a project comes to."""
    return (
        tuple(rows(project)), frozenset(decisions(project)), frozenset(waiting(project)), project.memos(),
        {each.name: each.text for each in project.documents}, project.held().state,
        (project.folder / "codebooks" / "tiny.yaml").read_bytes(),
    )  # fmt: skip


def settle(project: Project) -> None:
    project.adjudicate(project.conflicts()[0].id, verdict="reject")


def merge(project: Project) -> None:
    cem = copy_for(project, "Cem")
    cem.accept(code="A1", document="anna.txt")
    cem.rename_code("A2", to="B2")
    project.merge(cem.folder)


def read_again(project: Project) -> None:
    path = project.folder / "transcripts" / "ben.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("Nobody", "Somebody"), encoding="utf-8")
    project.ingest()


def place(project: Project) -> None:
    project.place(project.orphans()[0].judgement.id, quote="My garden")


VERBS: dict[str, Callable[[Project], object]] = {
    "code by hand": lambda each: each.code_by_hand("A1", quote="welcome"),
    "accept": lambda each: each.accept(code="A1"),
    "reject": lambda each: each.reject(code="A1"),
    "move": lambda each: each.move(to="A2", code="A3"),
    "uncode": lambda each: each.uncode(code="A3"),
    "memo": lambda each: each.memo("x"),
    "change memo": lambda each: each.change_memo(each.memos()[0].id, "y"),
    "remove memo": lambda each: each.remove_memo(each.memos()[0].id),
    "rename": lambda each: each.rename_code("A3", to="B3"),
    "merge codes": lambda each: each.merge_codes(["A3"], into="A2"),
    "near miss": lambda each: each.near_miss(id_of(each, "A2"), why="no"),
    "run": lambda each: each.code(),
    "ingest": read_again,
    "place": place,
    "done": lambda each: each.done("anna.txt"),
    "blind": lambda each: each.blind(machine=True),
    "release": lambda each: each.release(),
    "adjudicate": settle,
    "merge": merge,
}


@pytest.fixture
def busy(project: Project) -> Project:
    """A project in which every verb has something to do."""
    ben = Project(project.folder, person="Ben")
    project.code_by_hand("A1", document="anna.txt", quote="needs rain")
    path = project.folder / "transcripts" / "anna.txt"
    path.write_text(ANNA.replace("needs rain", "is dry"), encoding="utf-8")
    project.ingest()
    project.code()
    ben.accept(code="A3")
    project.reject(ids=id_of(project, "A3"))
    project.memo("first")
    return project


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_can_be_undone_and_done_again_after_a_restart(busy: Project, verb: str) -> None:
    before = all_of(busy)
    VERBS[verb](busy)
    after = all_of(busy)
    assert verb in ("run", "release") or after != before
    again = Project(busy.folder, person="Ann")
    assert len(again.undo(dry_run=True).operations) == 1
    again.undo()
    # What the coders were last given is part of what is told, so that only an undone run differs from none.
    assert all_of(again) == before == all_of(busy)
    Project(busy.folder, person="Ann").redo()
    assert all_of(busy) == after
    assert busy.verify() == ()


def test_everything_can_be_undone_to_the_first_step(busy: Project) -> None:
    for name in ("accept", "rename", "memo", "near miss", "run"):
        VERBS[name](busy)
    steps = sum(each.verb not in ("undo", "redo") for each in busy.log())
    assert len(busy.undo(steps, anyone=True).operations) == steps > 10
    assert (tuple(busy.documents), decisions(busy), busy.memos()) == ((), set(), ())
    assert (busy.folder / "codebooks" / "tiny.yaml").read_text(encoding="utf-8") == RICH
    with pytest.raises(LedgerError, match="QC-L003"):
        busy.undo()


def test_others_steps_are_undone_only_when_asked(project: Project) -> None:
    ben = Project(project.folder, person="Ben")
    project.accept(code="A1")
    ben.accept(code="A3")
    project.undo()
    assert {layer for layer, *_ in decisions(project)} == {"Ben"}
    project.redo()
    (turned,) = project.undo(anyone=True, dry_run=True).operations
    assert turned.person == "Ben"
    project.undo(anyone=True)
    assert {layer for layer, *_ in decisions(project)} == {"Ann"}
    with pytest.raises(LedgerError, match="QC-L003"):
        ben.undo()
    project.redo(anyone=True)
    assert {layer for layer, *_ in decisions(project)} == {"Ann", "Ben"}


def test_after_something_new_nothing_is_done_again(project: Project) -> None:
    project.accept(code="A1")
    project.undo()
    project.accept(code="A3")
    with pytest.raises(LedgerError, match="QC-L004"):
        project.redo()


def test_two_projects_open_at_once_see_each_other(project: Project) -> None:
    page, line = Project(project.folder, person="Ann"), Project(project.folder, person="Ann")
    assert waiting(page) == waiting(line)
    line.accept(code="A1")
    assert not any(code == "A1" for code, _ in waiting(page))
    page.rename_code("A3", to="B3")
    assert line.accept(code="B3").operation
    page.undo(2)
    assert "A3" in line.codebook
    assert all_of(page) == all_of(line)
    settings = project.folder / "qualcode.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "unit: turn\n", encoding="utf-8")
    assert page.codebook.unit == line.codebook.unit == "turn"


CHILD = """
import sys
from qualcode.project import Project
project = Project(sys.argv[1], person=sys.argv[2])
for number in range(6):
    project.code_by_hand("A2", document="anna.txt", span=(30 + number, 60 + number))
    project.memo(str(number))
"""


def test_two_processes_at_work_lose_nothing(project: Project) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(project.folder), who], cwd=ROOT) for who in ("Ben", "Cem")
    ]
    for _ in range(6):
        project.rename_code("A3", to="B3")
        project.undo()
    assert [each.wait() for each in children] == [0, 0]
    assert len([each for each in decisions(project) if each[2] == "A2"]) == 12
    assert len(project.memos()) == 12
    assert project.verify() == ()
    assert (project.folder / "codebooks" / "tiny.yaml").read_text(encoding="utf-8") == RICH


RENAMER = """
import sys
from qualcode.errors import ProjectError
from qualcode.project import Project
project = Project(sys.argv[1], person=sys.argv[2])
done = 0
while done < 5:
    try:
        project.add_code(f"{sys.argv[2]}{done}", f"Code {done} of {sys.argv[2]}")
    except ProjectError as error:
        assert error.code == "QC-P035", error
    else:
        done += 1
"""


def test_two_processes_that_change_one_codebook_lose_no_change(project: Project) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", RENAMER, str(project.folder), who], cwd=ROOT) for who in ("Ben", "Cem")
    ]
    assert [each.wait() for each in children] == [0, 0]
    ids = {each.id for each in project.codebook}
    assert ids >= {f"{who}{number}" for who in ("Ben", "Cem") for number in range(5)}
    assert sorted(each.name for each in (project.folder / "codebooks").iterdir()) == ["tiny.yaml"]
    assert project.verify() == ()


def test_a_restored_backup_is_what_is_seen_by_who_had_the_project_open(project: Project) -> None:
    place = project.backup()
    before = decisions(project)
    project.accept(code="A1")
    Project.restore(project.folder, place)
    assert decisions(project) == before
    project.accept(code="A3")
    assert decisions(project) == {("Ann", "accepted", "A3", GARDEN)}


STEPS: dict[str, Callable[[Project, random.Random], object]] = {
    "hand": lambda each, chance: each.code_by_hand(one_code(each, chance), document="anna.txt",
                                                   span=(10 + chance.randrange(60), 75 + chance.randrange(20))),
    "accept": lambda each, chance: each.accept(ids=one_id(each, chance)),
    "reject": lambda each, chance: each.reject(ids=one_id(each, chance)),
    "move": lambda each, chance: each.move(to=one_code(each, chance), ids=one_id(each, chance)),
    "uncode": lambda each, chance: each.uncode(ids=one_id(each, chance)),
    "rename": lambda each, chance: each.rename_code(one_code(each, chance), to=f"N{chance.randrange(99)}"),
    "merge codes": lambda each, chance: each.merge_codes([one_code(each, chance)], into=one_code(each, chance)),
    "near miss": lambda each, chance: each.near_miss(one_id(each, chance), why="no"),
    "run": lambda each, chance: each.code(),
    "ingest": lambda each, chance: edit(each, chance),
    "place": lambda each, chance: each.place(proposed=0.5),
    "undo": lambda each, chance: each.undo(anyone=chance.random() < 0.3),
    "redo": lambda each, chance: each.redo(),
}  # fmt: skip


def one_code(project: Project, chance: random.Random) -> str:
    return chance.choice([each.id for each in project.codebook if each.codable])


def one_id(project: Project, chance: random.Random) -> str:
    return chance.choice([each.id for each in project.chosen()] or ["none"])


def edit(project: Project, chance: random.Random) -> None:
    path = project.folder / "transcripts" / "anna.txt"
    words = path.read_text(encoding="utf-8").split(" ")
    words[chance.randrange(1, len(words))] = chance.choice(["rain", "well,", "board"])
    path.write_text(" ".join(words), encoding="utf-8")
    project.ingest()


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_whatever_is_done_nothing_decided_waits_and_no_coding_is_on_other_words(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    ann = make_project(tmp_path_factory.mktemp("study"))
    cem = copy_for(ann, "Cem")
    everybody = [ann, Project(ann.folder, person="Ben"), cem]
    for _ in range(12):
        with suppress(CodebookError, LedgerError, ProjectError):  # what cannot be done is refused, and harms nothing
            STEPS[chance.choice(list(STEPS))](chance.choice(everybody), chance)
        if chance.random() < 0.2:
            ann.merge(cem.folder)
        for each in (ann, cem):
            check_standings(each)
    assert [each.name for each in (ann.folder / "codebooks").iterdir()] == ["tiny.yaml"]


def check_standings(project: Project) -> None:
    held = project.held()
    texts = {each.id: each.text for each in project.documents}
    decided = [each for each in held.judgements if not each.orphan]
    for each in (*held.standings, *held.lost):
        place = each.passage
        assert texts[place.document_id][place.span.start : place.span.end] == place.quote
        assert each.status != "suggested" or not any(
            (one.code, one.passage.document_id) == (each.code, place.document_id)
            and one.passage.span.overlaps(place.span)
            for one in decided
        )
    assert project.verify() == ()


# Log


def test_the_log_says_who_did_what_and_what_was_undone(project: Project) -> None:
    project.accept(code="A1")
    Project(project.folder, person="Ben").reject(code="A2")
    project.undo()
    found = [(each.person, each.verb, each.stands) for each in project.log()]
    assert found == [
        ("Ann", "ingest", True), ("Ann", "code", True), ("Ann", "accept", False), ("Ben", "reject", True),
        ("Ann", "undo", True),
    ]  # fmt: skip
    assert [each.verb for each in project.log(person="Ben")] == ["reject"]
    assert [each.verb for each in project.log(verb="undo")] == ["undo"]
    assert [each.verb for each in project.log(latest=2)] == ["reject", "undo"]
    assert len(project.log(since="2020-01-01")) == 5
    assert len(project.log(since="2999-01-01")) == 0
    assert [row["stands"] for row in project.log().table()] == ["yes", "yes", "no", "yes", "yes"]


def test_the_log_of_a_code_goes_back_before_its_renaming(project: Project) -> None:
    project.accept(code="A3")
    project.rename_code("A3", to="B3")
    project.accept(code="A1")
    for name in ("B3", "Places"):
        assert [each.verb for each in project.log(code=name)] == ["accept", "codebook"]
    assert [each.verb for each in project.log(code="A3", latest=1)] == ["codebook"]


def test_the_log_of_a_document_goes_back_before_its_edit(project: Project) -> None:
    project.accept(code="A3")
    project.accept(code="A2")
    path = project.folder / "transcripts" / "anna.txt"
    path.write_text(ANNA.replace("garden", "allotment"), encoding="utf-8")
    project.ingest()
    project.done("anna.txt")
    assert [each.verb for each in project.log(document="anna.txt")] == ["ingest", "accept", "ingest", "done"]
    path.unlink()
    project.ingest(forget=True)
    assert [each.verb for each in project.log(document="anna.txt")][-1] == "ingest"
    with pytest.raises(ProjectError, match="QC-P031"):
        project.log(document="nobody.txt")


# Blame


def test_blame_names_the_rule_the_words_the_person_and_the_wording(project: Project) -> None:
    waiting_id = id_of(project, "A2")
    (found,) = project.blame(waiting_id)
    assert (found.rules, found.words) == ((("A2-1", "nobody"), ("A2-2", "honest")), ("Nobody", "honest"))
    assert [each.what for each in found.lines] == ["suggested by rules (A2-1, A2-2)"]
    project.reject(code="A2", reason="too quick")
    project.accept(ids=id_of(project, "A2"), reason="after all")
    (found,) = project.blame(id_of(project, "A2"))
    assert [(each.person, each.what, each.reason) for each in found.lines] == [
        ("rules", "suggested by rules (A2-1, A2-2)", ""), ("Ann", "rejected", "too quick"),
        ("Ann", "accepted", "after all"),
    ]  # fmt: skip
    assert (found.document, found.codebook, found.stale) == ("ben.txt", "tiny 1.0", "")
    assert found.codebook_sha256 == project.codebook.sha256
    assert [each.operation for each in found.lines][-1] == list(project.log())[-1].id


def test_blame_tells_the_rule_that_spoke_then_though_ids_have_moved_on(project: Project) -> None:
    project.accept(code="A2")
    project.remove_rule("A2", "A2-1")
    assert [rule.id for rule in project.codebook["A2"].rules] == ["A2-1"]
    assert project.blame(id_of(project, "A2"))[0].rules == (("A2-1", "nobody"), ("A2-2", "honest"))


def test_blame_finds_codings_by_place_and_by_words(project: Project) -> None:
    text = project.documents["ben.txt"].text
    assert {each.standing.code for each in project.blame(document="ben.txt", at=text.index("honest"))} == {"A1", "A2"}
    assert [each.standing.code for each in project.blame(quote="garden")] == ["A3"]
    for asked, code in (({"quote": "Thank you"}, "QC-L035"), ({"at": 3}, "QC-L023"), ({"coding": "zzz"}, "QC-L021")):
        with pytest.raises(LedgerError, match=code):
            project.blame(**asked)  # type: ignore[arg-type] # what a command line gives


def test_blame_follows_a_coding_across_names_places_and_people(project: Project) -> None:
    project.accept(code="A3")
    project.rename_code("A3", to="B3")
    path = project.folder / "transcripts" / "anna.txt"
    path.write_text("INTERVIEWER: First of all.\n\n" + ANNA, encoding="utf-8")
    project.ingest()
    Project(project.folder, person="Ben").reject(ids=id_of(project, "B3"), reason="no")
    Project(project.folder, person="Lead").adjudicate(project.conflicts()[0].id, verdict="accept", reason="yes")
    (found,) = project.blame(id_of(project, "B3"))
    assert [(each.person, each.what) for each in found.lines] == [
        ("rules", "suggested by rules (A3-1)"),
        ("Ann", "accepted"),
        ("Ann", "followed its code: renamed A3 to B3"),
        ("Ann", "found again in the edited text (shifted)"),
        ("Ben", "rejected"),
        ("Lead", "settled: accepted"),
    ]
    assert found.stale == ""


def test_a_coding_is_stale_when_its_code_means_something_else(project: Project) -> None:
    project.accept(code="A3")
    project.code_by_hand("A3", quote="You are welcome")
    project.add_rule("A3", "school")
    project.define_code("A1", "Quite another thing.")
    project.rename_code("A3", to="B3", label="Locations")
    keys = [each.id for each in project.chosen(code="B3", status=["accepted", "coded"])]
    assert [project.blame(each)[0].stale for each in keys] == ["", ""]
    project.define_code("B3", "Somewhere else.")
    assert [project.blame(each)[0].stale for each in keys] == ["the definition of B3 has changed since"] * 2
    project.code_by_hand("B3", quote="Thank you")
    assert project.blame(id_of(project, "B3", "Thank you"))[0].stale == ""
    project.undo(2)
    assert [project.blame(each)[0].stale for each in keys] == ["", ""]


def test_a_code_that_went_into_another_is_stale_if_that_one_means_something_else(project: Project) -> None:
    project.accept(code="A3")
    project.merge_codes(["A3"], into="A2")
    assert project.blame(id_of(project, "A2", "garden"))[0].stale == "the definition of A2 has changed since"


def test_asking_changes_nothing(busy: Project) -> None:
    before = everything(busy.folder)
    busy.log(code="A1", document="anna.txt")
    busy.blame(document="anna.txt", at=70)
    busy.orphans()
    busy.conflicts()
    busy.layers()
    busy.verify()
    busy.table("themes")
    assert everything(busy.folder) == before
