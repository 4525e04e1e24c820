"""Reading in a project: the queue, sittings, what the ledger keeps, undo, merges, blind coding, replays."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from qualcode.errors import LedgerError, ProjectError
from qualcode.project import Project
from qualcode.project.reading_order import Sitting
from qualcode.review.reading.passages import passage_id
from qualcode.store import Store
from tests.project.shared_work import copy_for
from tests.review.reading_values import make_reading_project, truly


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_reading_project(tmp_path)


def read(sitting: Sitting, n: int) -> int:
    """Answer truly for n passages, and return how many were left to answer for."""
    for at in range(n):
        shown = sitting.show()
        if shown is None:
            return at
        sitting.session.answer("yes" if truly(shown.passage.quote) else "no")
    return n


def verdicts(project: Project) -> list[tuple[str, str, str]]:
    return [(each.verdict, each.code, each.passage.quote) for each in project.held().judgements]


def test_the_queue_lists_what_is_likely_first_and_says_why(project: Project) -> None:
    queue = project.queue("Time", order="relevance", n=6)
    assert len(queue) == 6
    assert [each.score for each in queue.items] == sorted((each.score for each in queue.items), reverse=True)
    first = queue.items[0]
    assert first.suggested
    assert first.id.startswith("s")
    assert "no time" in first.why
    assert first.question == "And then?"
    assert first.speaker == "ANNA"
    assert queue.progress is not None
    assert queue.progress.passages == 48


def test_a_list_is_the_same_until_something_is_decided(project: Project) -> None:
    assert project.queue("T", n=8) == project.queue("T", n=8)


def test_ids_of_the_queue_are_those_that_accept_and_reject_take(project: Project) -> None:
    items = project.queue("T", order="mixed", n=6).items
    random = [each for each in items if each.order == "random"]
    assert all(each.id.startswith("r") for each in random)
    done = project.reject(ids=[random[0].id], reason="a fair")
    assert verdicts(project) == [("rejected", "T", random[0].passage.quote)]
    (noted,) = project.readings()
    assert (noted.order, noted.among, noted.code, noted.judgement) == ("random", 48, "T", f"{done.operation}.0")
    listed = project.queue("T", order="relevance", n=40).items[-1]
    assert listed.id.startswith("u")
    accepted = project.accept(ids=listed.id)
    assert accepted.entries[0].kind == "code"
    assert [each.order for each in project.readings()] == ["random", "listed"]
    assert len(project.accept(ids=listed.id, code="T")) == 0  # it is read
    assert not project.verify()


def test_several_ids_of_both_kinds_are_one_step(project: Project) -> None:
    unit = project.queue("T", order="relevance", n=40).items[-1].id
    waiting = project.chosen(status="suggested")[0].id
    done = project.reject(ids=[waiting, unit])
    assert len(done) == 2
    project.undo()
    assert not project.held().judgements
    assert not project.readings()


def test_an_id_that_is_named_twice_decides_once(project: Project) -> None:
    unit = project.queue("T", order="relevance", n=40).items[-1].id
    done = project.accept(ids=[unit, unit, "r" + unit[1:]])
    assert len(done.entries) == 1
    assert done.passed_over == 2
    assert len(project.held().judgements) == len(project.readings()) == 1


def test_a_suggestion_and_the_passage_under_it_are_decided_once(project: Project) -> None:
    first = project.queue("T", order="relevance", n=1).items[0]
    desk = project._desk(None)
    (row,) = desk.rows_under(first.passage)
    under = passage_id(desk.units, row, desk.book.id, "T")
    assert len(project.accept(ids=[first.id, under]).entries) == 1
    assert len(project.held().judgements) == 1


def test_random_passages_of_one_step_are_drawn_from_fewer_each_time(project: Project) -> None:
    drawn = [each.id for each in project.queue("T", order="random", n=3).items]
    project.reject(ids=drawn)
    assert [each.among for each in project.readings()] == [48, 47, 46]


def test_a_change_of_mind_does_not_make_the_transcript_read(project: Project) -> None:
    read(project.reading("T", order="random"), 6)
    project.accept(ids=project.chosen(status="rejected")[0].id)
    assert project.worked_through() == frozenset()
    (layer,) = project.layers(machine=False)
    assert layer.documents == frozenset()
    assert not layer.codings


def test_undo_steps_over_an_answer_that_another_window_had_given_already(project: Project) -> None:
    sitting = project.reading("T", order="random")
    first = sitting.show()
    Project(project.folder, person="Ann").reading("T", order="random").session.answer("no")
    assert sitting.session.answer("no").step == ""
    taken = sitting.session.undo()
    assert taken is not None
    assert sitting.show() == first
    assert len(project.held().judgements) == 1


def test_a_sentence_that_was_rejected_says_nothing_of_its_turn(project: Project) -> None:
    sitting = project.reading("M", order="random")
    for said in ("no", "no", "no", "undecided", "undecided", "no"):
        sitting.session.answer(said)  # type: ignore[arg-type]  # each is one of three words
    settings = project.folder / "qualcode.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("# unit: sentence", "unit: turn"),
                        encoding="utf-8")  # fmt: skip
    (progress,) = Project(project.folder, person="Ann").reading_progress("M")
    assert (progress.passages, progress.read, progress.undecided, progress.drawn) == (24, 0, 0, 0)
    assert progress.elsewhere == 6


def test_what_others_decided_teaches_nobody_who_codes_blind(project: Project, tmp_path: Path) -> None:
    def listed(folder: Path) -> list[tuple[str, float, str]]:
        ben = Project(folder, person="Ben")
        found = ben.queue("T", order="relevance", learner="quick", n=48).items
        return [(each.id, each.score, each.why) for each in found]

    (tmp_path / "other").mkdir()
    untouched = make_reading_project(tmp_path / "other")
    read(project.reading("T", order="relevance", learner="quick"), 10)
    project.done("anna")
    assert listed(project.folder) != listed(untouched.folder)
    for each in (project, untouched):
        each.blind()
    assert listed(project.folder) == listed(untouched.folder)


def test_an_id_of_no_passage_is_told(project: Project) -> None:
    with pytest.raises(LedgerError) as raised:
        project.accept(ids="u0123456789a")
    assert raised.value.code == "QC-L021"
    assert "queue" in (raised.value.hint or "")


def test_without_a_code_each_passage_stands_under_its_likeliest(project: Project) -> None:
    queue = project.queue(n=10)
    assert queue.code is None
    assert queue.order == "relevance"
    assert len({each.passage.span.start for each in queue.items if each.document == "anna.txt"}) == len(
        [each for each in queue.items if each.document == "anna.txt"]
    )


@pytest.mark.parametrize("learner", ["classifier", "quick"])
def test_the_queue_of_all_codes_learns_from_what_was_decided(project: Project, learner: str) -> None:
    read(project.reading("T", order="relevance", learner="quick"), 8)
    queue = project.queue(n=5, learner=learner)
    assert len(queue) == 5
    assert not {each.id for each in queue.items} & {each.id for each in project.held().judgements}
    assert queue == project.queue(n=5, learner=learner)


def test_the_classifier_learns_between_passages(project: Project) -> None:
    sitting = project.reading("T", order="relevance", learn_every=4)
    read(sitting, 9)
    assert sitting.session.learnt == 2
    assert sitting.session.failure is None
    assert len(sitting.session.so_far.found) >= 5  # of 8 in 48 passages


def test_every_answer_is_written_at_once_with_how_the_passage_came(project: Project) -> None:
    sitting = project.reading("T", order="mixed", learn_every=3, learner="quick")
    for number in range(1, 9):
        read(sitting, 1)
        assert len(Project(project.folder, person="Ann").readings()) == number
    noted = project.readings()
    assert [each.order for each in noted[:4]] == ["random", "relevance", "random", "uncertainty"]
    assert noted[0].among == 48
    assert all(each.judgement for each in noted)
    assert not project.verify()


def test_a_sitting_finds_the_code_sooner_than_chance(project: Project) -> None:
    sitting = project.reading("T", order="relevance", learn_every=2, learner="quick")
    read(sitting, 12)
    found = len(sitting.session.so_far.found)
    assert found >= 6  # of 8 in 48 passages
    assert sitting.session.learnt > 0


def test_what_a_sitting_knows_is_what_the_ledger_says(project: Project) -> None:
    sitting = project.reading("T", order="mixed", learn_every=4, learner="quick")
    read(sitting, 15)
    sitting.session.answer("undecided")
    (again,) = project.reading_progress("T")
    assert again == sitting.session.progress
    fresh = project.reading("T", order="mixed").session.so_far
    for name in ("labels", "undecided", "order", "random", "among", "before"):
        assert getattr(fresh, name).tolist() == getattr(sitting.session.so_far, name).tolist(), name


def test_yes_to_a_suggestion_accepts_it_and_no_to_a_plain_passage_rejects_it(project: Project) -> None:
    sitting = project.reading("T", order="relevance")
    assert sitting.show() is not None
    sitting.session.answer("yes")
    (accepted,) = project.held().judgements
    assert (accepted.verdict, accepted.origin.coder, accepted.origin.words) == ("accepted", "rules", ("no time",))
    plain = project.reading("M", order="random")
    plain.session.answer("no")
    assert verdicts(project)[1][:2] == ("rejected", "M")
    assert project.held().judgements[1].origin.coder == "person"


def test_maybe_is_kept_and_does_not_come_again(project: Project) -> None:
    sitting = project.reading("T", order="random")
    passage = sitting.show()
    assert passage is not None
    sitting.session.answer("undecided")
    assert not project.held().judgements
    assert project.readings()[0].judgement == ""
    again = project.reading("T", order="random").show()
    assert again is not None
    assert again.passage != passage.passage
    assert project.reading_progress("T")[0].undecided == 1


def test_undo_goes_back_through_the_sitting_and_shows_the_passage_again(project: Project) -> None:
    sitting = project.reading("T", order="random")
    first = sitting.show()
    sitting.session.answer("no")
    second = sitting.show()
    sitting.session.answer("undecided")
    taken = sitting.session.undo()
    assert taken is not None
    assert taken.said == "undecided"
    assert sitting.show() == second
    sitting.session.undo()
    assert sitting.show() == first
    assert sitting.session.undo() is None
    assert not project.held().judgements
    assert not project.readings()
    assert sitting.session.progress.read == 0


def test_undo_does_not_take_back_what_was_done_elsewhere_meanwhile(project: Project) -> None:
    sitting = project.reading("T", order="random")
    sitting.session.answer("no")
    Project(project.folder, person="Ann").code_by_hand("M", where="bus", document="anna.txt")
    with pytest.raises(LedgerError) as raised:
        sitting.session.undo()
    assert raised.value.code == "QC-L005"
    assert {each.code for each in project.held().judgements} == {"T", "M"}
    assert sitting.session.answered == 1


def test_redo_brings_the_reading_back(project: Project) -> None:
    project.reading("T", order="random").session.answer("no")
    project.undo()
    assert not project.readings()
    project.redo()
    assert [each.order for each in project.readings()] == ["random"]


def test_passages_read_one_by_one_do_not_make_their_transcript_read(project: Project) -> None:
    assert project.worked_through() is None
    read(project.reading("T", order="random"), 6)
    assert project.worked_through() == frozenset()
    layers = {each.coder: each for each in project.layers(machine=False)}
    assert layers["Ann"].documents == frozenset()
    project.done("anna")
    assert project.worked_through() == {project.documents["anna.txt"].id}


def test_a_code_that_is_renamed_takes_its_readings_along(project: Project) -> None:
    read(project.reading("M", order="random"), 3)
    with project._store() as store:
        from qualcode.model.ledger import Draft, NewEntry

        moved = NewEntry("codebook", codebook="read", content={"codes": {"M": "T1"}})
        store.record(Draft("codebook", "Ann", (moved,)))
        assert {each.code for each in store.readings("read")} == {"T1"}
        assert {each.code for each in store.judgements(codebook="read")} == {"T1"}


def test_readings_travel_when_projects_are_merged_and_merging_twice_changes_nothing(project: Project) -> None:
    ben = copy_for(project, "Ben")
    read(project.reading("T", order="random", seed=1), 5)
    read(ben.reading("T", order="random", seed=2), 7)
    project.merge(ben.folder)
    assert {each.person for each in project.readings()} == {"Ann", "Ben"}
    (progress,) = project.reading_progress("T")
    assert 7 <= progress.read <= 12
    project.merge(ben.folder)
    assert len(project.readings()) == 12
    assert not project.verify()


def test_who_codes_blind_sees_the_own_readings_only(project: Project) -> None:
    read(project.reading("T", order="random", seed=1), 4)
    project.blind()
    ben = Project(project.folder, person="Ben")
    assert ben.readings() == ()
    assert ben.reading_progress() == ()
    assert len(project.readings()) == 4


def test_who_codes_without_suggestions_reads_at_random(project: Project) -> None:
    project.blind(machine=True)
    with pytest.raises(LedgerError) as raised:
        project.queue("T")
    assert raised.value.code == "QC-L043"
    queue = project.queue("T", order="random", n=30)
    assert not any(each.suggested or each.why for each in queue.items)


def test_readings_follow_an_edited_transcript(project: Project) -> None:
    read(project.reading("T", order="random"), 10)
    before = project.reading_progress("T")[0]
    file = project.folder / "transcripts" / "anna.txt"
    file.write_text("INTERVIEWER: Hello.\n\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    project.ingest()
    after = project.reading_progress("T")[0]
    assert (after.read, after.drawn, after.found) == (before.read, before.drawn, before.found)


def test_passages_that_come_later_take_earlier_draws_out_of_the_estimate(project: Project, tmp_path: Path) -> None:
    read(project.reading("T", order="random"), 10)
    more = tmp_path / "cleo.txt"
    more.write_text(
        "INTERVIEWER: And here?\n\nCLEO: We had time for that in the yard. It was a fine day.\n", encoding="utf-8"
    )
    project.ingest([more])
    (after,) = project.reading_progress("T")
    assert after.passages == 50
    assert (after.read, after.drawn, after.elsewhere) == (10, 0, 10)


def test_a_check_is_a_sample_whose_size_was_fixed_before_it_began(project: Project) -> None:
    read(project.reading("T", order="relevance", learn_every=2, learner="quick"), 14)
    sitting = project.reading("T", check=True, target=0.5, confidence=0.8)
    size = sitting.session.check_left
    assert 0 < size < 34
    assert read(sitting, 3) == 3
    resumed = project.reading("T", check=True, target=0.5, confidence=0.8)
    assert resumed.session.check_left == size - 3
    assert read(resumed, 100) == size - 3
    (progress,) = project.reading_progress("T", target=0.5, confidence=0.8)
    assert progress.check is not None
    assert progress.check.over == size
    assert progress.attempt == 2


def test_a_check_needs_something_found(project: Project) -> None:
    with pytest.raises(LedgerError) as raised:
        project.reading("T", check=True)
    assert raised.value.code == "QC-L044"


@pytest.mark.parametrize(
    ("code", "asked"),
    [("QC-L042", {"order": "alphabet"}), ("QC-L042", {"learner": "oracle"})],
)
def test_what_is_not_there_is_told(project: Project, code: str, asked: dict[str, str]) -> None:
    with pytest.raises(LedgerError) as raised:
        project.queue("T", **asked)  # type: ignore[arg-type]  # wrong on purpose
    assert raised.value.code == code
    with pytest.raises(ProjectError):
        project.queue("Tiem")


def test_kill_loses_no_answer(project: Project) -> None:
    program = (
        "import os, signal, sys\n"
        "from qualcode.project import Project\n"
        "sitting = Project(sys.argv[1], person='Ann').reading('T', order='random')\n"
        "for _ in range(4):\n"
        "    sitting.session.answer('no')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(project.folder)], check=False)
    assert ended.returncode == -9
    assert len(project.readings()) == 4
    with Store.open(project.folder / "project.db") as store:
        assert not store.verify()


def gold(project: Project, path: Path) -> Path:
    """Write what is true of both interviews as a table of codings."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["document", "start", "end", "code"])
        for document in project.documents:
            at = document.text.find("We had")
            while at >= 0:
                end = document.text.index(".", at) + 1
                if truly(document.text[at:end]):
                    writer.writerow([document.name, at, end, "T"])
                at = document.text.find("We had", end)
    return path


def test_a_table_of_codings_can_be_read_again(project: Project, tmp_path: Path) -> None:
    told: list[str] = []
    made = project.simulate("T", layer=gold(project, tmp_path / "gold.csv"), orders=["relevance", "random"], seeds=2,
                            coders=["none"], step=4, tell=told.append)  # fmt: skip
    assert made.passages == 48
    assert made.by == "gold.csv"
    assert {each.order: each.seed for each in made.replays} == {"relevance": 0, "random": 1}
    assert all(each.relevant == 8 for each in made.replays)
    assert told
    again = project.simulate("T", layer=tmp_path / "gold.csv", orders=["relevance"], coders=["none"], step=4)
    assert again.replays[0].found.tolist() == made.of(order="relevance")[0].found.tolist()


def test_a_persons_layer_can_be_read_again_and_accepted_suggestions_are_told(project: Project) -> None:
    project.accept(code="T")
    project.code_by_hand("T", where='"had time"')
    project.done(["anna", "ben"])
    made = project.simulate("T", orders=["relevance"], documents=["anna", "ben"])
    assert made.by == "Ann"
    assert made.documents == 2
    assert any("suggestions that Ann accepted" in note for note in made.notes)


def test_nothing_to_read_again_is_told(project: Project, tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as raised:
        project.simulate("T")
    assert raised.value.code == "QC-L045"
    with pytest.raises(LedgerError) as raised:
        project.simulate("M", layer=gold(project, tmp_path / "gold.csv"))
    assert raised.value.code == "QC-L045"
    with pytest.raises(LedgerError) as raised:
        project.simulate("T", layer=tmp_path / "gold.csv", rules=["luck"])
    assert raised.value.code == "QC-L042"


def test_the_table_of_reading_has_a_row_for_each_code_that_was_read_for(project: Project) -> None:
    read(project.reading("T", order="random"), 5)
    read(project.reading("M", order="random"), 2)
    table = project.table("reading")
    assert [(row["code"], row["of_read"], row["read"]) for row in table] == [("T", 48, 5), ("M", 48, 2)]
    assert len(project.table("reading", codes=["M"])) == 1
