"""Changing a codebook: the file is edited in place, codings follow, and everything can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from qualcode.coding.rules.examples import run_examples
from qualcode.errors import CodebookError, LedgerError, ProjectError
from qualcode.project import Project
from qualcode.project.editing import Edited
from tests.project.shared_work import RICH, decisions, everything, make_project, waiting

NOBODY = "Nobody bought into it, to be honest."
GARDEN = "My garden needs rain."


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def book_of(project: Project) -> Path:
    return project.folder / "codebooks" / "tiny.yaml"


VERBS: dict[str, Callable[[Project], Edited]] = {
    "rename": lambda each: each.rename_code("A1", to="B1", label="Take-up"),
    "move": lambda each: each.move_code("A3", under="A"),
    "merge": lambda each: each.merge_codes(["A2"], into="A1"),
    "merge and drop": lambda each: each.merge_codes(["A2"], into="A1", drop=True),
    "split": lambda each: each.split_code(
        "A1", into=[("A1a", "Early"), ("A1b", "Late")], where={"A1a": "start", "A1b": "honest"}
    ),
    "retire": lambda each: each.retire_code("A3", replaced_by="A2"),
    "add": lambda each: each.add_code("A4", "Rain", parent="A", definition="Weather."),
    "define": lambda each: each.define_code("A3", "Somewhere else."),
    "add rule": lambda each: each.add_rule("A3", "screen"),
    "remove rule": lambda each: each.remove_rule("A1", "A1-2"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_change_can_be_undone_and_done_again_byte_for_byte(project: Project, verb: str) -> None:
    project.accept(all=True)
    path, before, held = book_of(project), book_of(project).read_bytes(), decisions(project)
    seen = waiting(project)
    plan = VERBS[verb](Project(project.folder, person="Ann"))
    after, then = path.read_bytes(), decisions(project)
    assert plan.text.encode() == after != before
    project.undo()
    assert (path.read_bytes(), decisions(project), waiting(project)) == (before, held, seen)
    again = Project(project.folder, person="Ann")
    again.redo()
    assert (path.read_bytes(), decisions(again)) == (after, then)
    again.undo()
    assert (path.read_bytes(), decisions(again)) == (before, held)
    assert again.code() is not None
    assert (decisions(again), again.verify()) == (held, ())


@pytest.mark.parametrize("verb", VERBS)
def test_a_dry_run_changes_nothing(project: Project, verb: str) -> None:
    project.accept(all=True)
    before = everything(project.folder)
    change = {
        "rename": lambda: project.rename_code("A1", to="B1", dry_run=True),
        "split": lambda: project.split_code("A1", into=[("A1a", "E")], where={"A1a": "start"}, dry_run=True),
        "merge": lambda: project.merge_codes(["A2"], into="A1", dry_run=True),
    }.get(verb, lambda: project.add_code("A4", "Rain", dry_run=True))
    assert change().operation == ""
    assert everything(project.folder) == before


def test_codings_follow_a_new_name_and_tables_agree_at_once(project: Project) -> None:
    project.accept(code="A1")
    done = project.rename_code("A1", to="B1")
    assert (done.codes, done.followed) == ({"A1": "B1"}, {"A1": 2})
    assert {code for _, _, code, _ in decisions(project)} == {"B1"}
    (row,) = [each for each in project.table("themes") if each["code"] == "B1"]
    assert (row["codings"], row["reviewed_share"]) == (2, 1.0)
    assert project.code().rerun is not None
    assert [each for each in project.table("themes") if each["code"] == "B1"] == [row]


def test_codings_of_merged_codes_are_united(project: Project) -> None:
    project.accept(all=True)
    done = project.merge_codes(["A2"], into="A1")
    assert done.followed == {"A2": 1}
    (row,) = [each for each in project.table("themes") if each["code"] == "A1"]
    assert row["codings"] == 2  # the same words were under both
    project.code()
    assert [each for each in project.table("themes") if each["code"] == "A1"] == [row]
    assert waiting(project) == set()


def test_what_waits_under_a_merged_code_waits_once(project: Project) -> None:
    project.merge_codes(["A2"], into="A1")
    assert [words for code, words in waiting(project) if code == "A1"].count(NOBODY) == 1
    assert not any(code == "A2" for code, _ in waiting(project))
    assert len(project.chosen(code="A1")) == 2


def test_splitting_by_search_takes_codings_along(project: Project) -> None:
    project.accept(code="A1")
    ben = Project(project.folder, person="Ben")
    ben.code_by_hand("A1", quote="bought into it, to be honest")
    project.split_code("A1", into=[("A1a", "Early"), ("A1b", "Late")], rules={"A1a": ["A1-2"]},
                       where={"A1a": "start", "A1b": "start | honest"})  # fmt: skip
    mine = {(verdict, code) for layer, verdict, code, _ in decisions(project) if layer == "Ann"}
    assert mine == {("rejected", "A1"), ("coded", "A1a"), ("coded", "A1b")}
    assert ("Ben", "coded", "A1", "bought into it, to be honest") in decisions(project)
    project.code()
    assert not any(code == "A1" for code, _ in waiting(project))
    with pytest.raises(LedgerError, match="QC-L028"):
        project.split_code("A3", into=[("A3a", "Green")], where={"A3x": "garden"})


def test_a_change_that_would_harm_the_book_is_refused_whole(project: Project) -> None:
    before = everything(project.folder)
    for change in (
        lambda: project.rename_code("A1", to="A2"),
        lambda: project.merge_codes(["A9"], into="A1"),
        lambda: project.add_rule("A1", "(unclosed"),
        lambda: project.move_code("A", under="A1"),
    ):
        with pytest.raises(CodebookError):
            change()
    assert everything(project.folder) == before


def test_a_shipped_codebook_is_copied_before_it_is_changed(tmp_path: Path) -> None:
    made = Project.create(tmp_path / "study", codebook="robinson-scl")
    assert made is not None
    other = Project(made.folder, person="Ben")
    shipped = Path(made.codebook.path or "")
    before = shipped.read_bytes()
    first = next(each.id for each in made.codebook if each.codable)
    plan = made.define_code(first, "Something else.", dry_run=True)
    assert (plan.adopted, list((made.folder / "codebooks").iterdir())) == (True, [])
    done = made.define_code(first, "Something else.")
    assert done.adopted
    assert shipped.read_bytes() == before
    assert done.path.parent == made.folder / "codebooks"
    assert made.codebook[first].definition == "Something else."
    # A project that was open meanwhile works with the copy as well.
    assert other.codebook[first].definition == "Something else."
    assert not other.define_code(first, "Something else again.").adopted
    other.undo()
    made.undo()
    assert done.path.read_bytes() == before


def test_another_file_in_the_place_of_the_copy_is_not_written_over(tmp_path: Path) -> None:
    made = Project.create(tmp_path / "study", codebook="robinson-scl")
    assert made is not None
    mine = made.folder / "codebooks" / Path(made.codebook.path or "").name
    mine.write_text("mine", encoding="utf-8")
    before = everything(made.folder)
    for dry_run in (True, False):
        with pytest.raises(ProjectError, match="QC-P036"):
            made.add_code("X9", "New", dry_run=dry_run)
    assert everything(made.folder) == before


def test_what_an_editor_wrote_in_between_is_kept(project: Project) -> None:
    path = book_of(project)
    project.rename_code("A1", to="B1")
    path.write_text(path.read_text(encoding="utf-8") + "      - rainbow\n", encoding="utf-8")
    mine = path.read_bytes()
    project.add_code("A4", "More")
    assert b"rainbow" in path.read_bytes()
    project.undo()
    assert path.read_bytes() == mine
    with pytest.raises(ProjectError, match="QC-P037"):
        project.undo()
    assert path.read_bytes() == mine
    project.undo(force=True)
    assert path.read_text(encoding="utf-8") == RICH
    assert path.with_name("tiny.yaml.before-undo").read_bytes() == mine
    assert project.codebook.find("A1") is not None


def test_a_file_kept_beside_is_never_written_over(project: Project) -> None:
    path = book_of(project)
    for word in ("first", "second"):
        project.add_code("A4", "More")
        path.write_text(path.read_text(encoding="utf-8") + f"# {word}\n", encoding="utf-8")
        project.undo(force=True)
    kept = sorted(path.parent.glob("*before-undo*"))
    assert [each.name for each in kept] == ["tiny.yaml.before-undo", "tiny.yaml.before-undo-2"]
    assert ["# first" in kept[0].read_text(), "# second" in kept[1].read_text()] == [True, True]


def test_a_change_at_the_very_moment_is_noticed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    path, held = book_of(project), decisions(project)
    from qualcode.store import Store

    def and_meanwhile(self: Store, *given: object, **more: object) -> object:
        path.write_text(RICH + "# by hand\n", encoding="utf-8")
        return record(self, *given, **more)  # type: ignore[arg-type] # passed on as they came

    record = Store.record
    monkeypatch.setattr(Store, "record", and_meanwhile)
    with pytest.raises(ProjectError, match="QC-P035"):
        project.rename_code("A1", to="B1")
    assert (path.read_text(encoding="utf-8"), decisions(project)) == (RICH + "# by hand\n", held)


def cut_off(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Do something, and be killed between the database and the files."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr("qualcode.project.writing.write_together", killed)
        with pytest.raises(KeyboardInterrupt):
            change()


@pytest.mark.parametrize("reading", ["codebook", "table", "held", "search", "log"])
def test_what_was_cut_off_is_finished_when_the_project_is_read(
    project: Project, monkeypatch: pytest.MonkeyPatch, reading: str
) -> None:
    project.accept(all=True)
    cut_off(monkeypatch, lambda: project.rename_code("A1", to="B1"))
    assert book_of(project).read_text(encoding="utf-8") == RICH
    again = Project(project.folder, person="Ann")
    {
        "codebook": lambda: again.codebook,
        "table": lambda: again.table("themes"),
        "held": again.held,
        "search": lambda: again.search("garden AND code:B1"),
        "log": lambda: again.log(code="B1"),
    }[reading]()
    assert "id: B1" in book_of(project).read_text(encoding="utf-8")
    assert {code for _, _, code, _ in decisions(again)} == {"B1", "A2", "A3"}
    again.undo()
    assert book_of(project).read_text(encoding="utf-8") == RICH


def test_an_undoing_that_was_cut_off_is_finished_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.rename_code("A1", to="B1")
    cut_off(monkeypatch, project.undo)
    assert "id: B1" in book_of(project).read_text(encoding="utf-8")
    assert "A1" in Project(project.folder).codebook
    assert book_of(project).read_text(encoding="utf-8") == RICH


def test_a_file_changed_while_it_waited_to_be_written_is_left(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch, lambda: project.rename_code("A1", to="B1"))
    mine = RICH + "# mine\n"
    book_of(project).write_text(mine, encoding="utf-8")
    assert "A1" in Project(project.folder).codebook
    assert book_of(project).read_text(encoding="utf-8") == mine
    assert "id: B1" in book_of(project).with_name("tiny.yaml.unfinished").read_text(encoding="utf-8")
    before = everything(project.folder)
    Project(project.folder).held()
    assert everything(project.folder) == before


def test_a_rejected_passage_becomes_a_near_miss_in_one_step(project: Project) -> None:
    before, held = book_of(project).read_bytes(), decisions(project)
    (each,) = project.chosen(code="A3")
    done = project.near_miss(each.id, why="a garden is no place of work")
    (example,) = project.codebook["A3"].examples.near_miss
    assert (example.text, example.why) == (GARDEN, "a garden is no place of work")
    assert decisions(project) == {("Ann", "rejected", "A3", GARDEN)}
    assert done.decisions == 1
    # The examples run as tests, and say that the rule is still wrong.
    assert [row.text for row in run_examples(project.codebook, "A3").false_hits] == [GARDEN]
    assert len(done.warnings) == 1
    assert "A3-1" in done.warnings[0]
    project.undo()
    assert (book_of(project).read_bytes(), decisions(project)) == (before, held)
    project.redo()
    project.remove_rule("A3", "A3-1")
    project.add_rule("A3", "school")
    assert run_examples(project.codebook, "A3").false_hits == ()


def test_an_example_can_be_typical_as_well(project: Project) -> None:
    (each,) = project.chosen(code="A3")
    done = project.near_miss(each.id, why="", kind="typical")
    assert ([one.text for one in project.codebook["A3"].examples.typical], done.warnings) == ([GARDEN], ())
    assert decisions(project) == {("Ann", "accepted", "A3", GARDEN)}
    with pytest.raises(LedgerError, match="QC-L028"):
        project.near_miss(each.id, why="", kind="odd")
    with pytest.raises(LedgerError, match="QC-L021"):
        project.near_miss("nothing", why="")


def test_the_impact_counts_the_codings_that_a_change_touches(project: Project) -> None:
    project.accept(all=True)
    done = project.define_code("A1", "Another meaning altogether.")
    assert [(row["code"], row["kind"], row["codings"]) for row in done.impact if row["code"]] == [("A1", "meaning", 2)]


def test_two_people_cannot_change_a_codebook_into_each_other(project: Project) -> None:
    other = Project(project.folder, person="Ben")
    project.rename_code("A1", to="B1")
    other.rename_code("A3", to="B3")
    assert {each.id for each in project.codebook} == {"A", "B1", "A2", "B3"}
    with pytest.raises(ProjectError, match="QC-P037"):
        project.undo()  # the other's change came after
    other.undo()
    project.undo()
    assert book_of(project).read_text(encoding="utf-8") == RICH
