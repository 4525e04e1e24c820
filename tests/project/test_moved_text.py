"""Transcripts that are edited, renamed, split or taken out: codings stay on their words or are listed as orphans."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.errors import LedgerError
from qualcode.project import Project
from tests.project.shared_work import decisions, make_project, rows, waiting
from tests.project.studies import ANNA, BEN

GARDEN = "My garden needs rain."


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def write(project: Project, text: str, name: str = "anna.txt") -> None:
    (project.folder / "transcripts" / name).write_text(text, encoding="utf-8")


def check_words(project: Project) -> None:
    """Check that every coding's quote is what its text says there, and that nothing was lost."""
    texts = {each.id: each.text for each in project.documents}
    held = project.held()
    for judgement in held.judgements:
        place = judgement.passage
        if not judgement.orphan:
            assert texts[place.document_id][place.span.start : place.span.end] == place.quote
    for standing in (*held.standings, *held.lost):
        place = standing.passage
        assert texts[place.document_id][place.span.start : place.span.end] == place.quote
    assert len(project.orphans()) == len(held.orphans)
    assert project.verify() == ()


def test_codings_follow_their_words_and_the_others_are_listed(project: Project) -> None:
    project.accept(code="A3")
    project.code_by_hand("A2", quote="from the start")
    write(project, "INTERVIEWER: One more question first.\n\n" + ANNA.replace("My garden needs rain.", "Nothing else."))
    project.ingest()
    check_words(project)
    assert ("anna.txt", "A2", "from the start", "coded", "Ann") in rows(project)
    (orphan,) = project.orphans()
    assert (orphan.judgement.passage.quote, orphan.document) == (GARDEN, "anna.txt")
    assert orphan.reason
    notes = project.table("themes").notes
    assert any("no place in the present text" in note for note in notes)


def test_what_was_suggested_in_the_old_text_is_not_shown_on_the_new(project: Project) -> None:
    write(project, "ANNA: Short.\n")
    project.ingest()
    assert {each.passage.document_id for each in project.chosen()} == {project.documents["ben.txt"].id}
    assert "again" in str(project.coded().outdated)
    assert project.code().rerun is not None
    check_words(project)


def test_undoing_the_reading_brings_text_codings_and_suggestions_back(project: Project) -> None:
    project.accept(code="A3")
    before = (rows(project), decisions(project), waiting(project))
    write(project, ANNA.replace("garden", "allotment").replace("We all", "They all"))
    project.ingest()
    project.code()
    assert rows(project) != before[0]
    project.undo(2)
    assert (rows(project), decisions(project), waiting(project)) == before
    project.redo(2)
    check_words(project)
    assert len(project.orphans()) == 1


def test_an_orphan_is_placed_by_hand_or_by_proposal(project: Project) -> None:
    project.accept(code="A3")
    write(project, ANNA.replace("My garden needs rain.", "My old garden needs some rain."))
    project.ingest()
    (orphan,) = project.orphans()
    assert orphan.proposals[0][0].quote == "My old garden needs some rain."
    assert 0.5 < orphan.proposals[0][1] < 1
    key = orphan.judgement.id
    assert project.place(proposed=0.99) == ()
    assert project.place(key, quote="My old garden", dry_run=True)[0][1].quote == "My old garden"
    assert len(project.orphans()) == 1
    project.place(proposed=0.5)
    assert ("anna.txt", "A3", "My old garden needs some rain.", "accepted", "Ann") in rows(project)
    project.undo()
    project.place(key, quote="old garden")
    assert ("anna.txt", "A3", "old garden", "accepted", "Ann") in rows(project)
    project.undo()
    at = project.documents["ben.txt"].text.index("You are welcome")
    project.place(key, document="ben.txt", span=(at, at + 15))
    assert ("ben.txt", "A3", "You are welcome", "accepted", "Ann") in rows(project)
    check_words(project)


@pytest.mark.parametrize(
    ("asked", "code"),
    [((), "QC-L023"), (("ffff",), "QC-L036"), (("",), "QC-L036")],
)
def test_placing_needs_an_orphan_and_a_place(project: Project, asked: tuple[str, ...], code: str) -> None:
    project.accept(all=True)
    write(project, "ANNA: Short.\n")
    project.ingest()
    assert len(project.orphans()) == 2
    with pytest.raises(LedgerError, match=code):
        project.place(*asked)
    with pytest.raises(LedgerError, match="QC-L036"):
        project.place(quote="Short")


def test_one_of_many_orphans_is_named_by_its_whole_id(project: Project) -> None:
    write(project, "ANNA: " + " ".join(f"The rain fell {number} times." for number in range(12)) + "\n")
    project.ingest()
    entries = project.code_by_hand("A3", where="rain").entries
    write(project, "ANNA: Short.\n")
    project.ingest()
    ids = [each.judgement.id for each in project.orphans()]
    assert len(ids) == len(entries) == 12
    for key in ids:  # one of them ends in .1, and another begins so and ends in .11
        ((orphan, _),) = project.place(key, quote="Short", dry_run=True)
        assert orphan.judgement.id == key


def test_proposals_outlive_a_second_edit(project: Project) -> None:
    project.accept(code="A3")
    write(project, ANNA.replace("My garden needs rain.", "My old garden needs some rain."))
    project.ingest()
    write(
        project,
        "INTERVIEWER: Before all that.\n\n" + ANNA.replace("My garden needs rain.", "My old garden needs rain."),
    )
    project.ingest()
    (orphan,) = project.orphans()
    assert orphan.proposals[0][0].quote == "My old garden needs rain."


def test_words_that_come_back_take_their_coding_back(project: Project) -> None:
    project.accept(code="A3")
    write(project, ANNA.replace("My garden needs rain.", "Nothing."))
    project.ingest()
    assert len(project.orphans()) == 1
    write(project, ANNA)
    project.ingest()
    assert project.orphans() == ()
    assert ("anna.txt", "A3", GARDEN, "accepted", "Ann") in rows(project)


def test_a_renamed_transcript_keeps_its_codings(project: Project) -> None:
    project.accept(all=True)
    before = {each[1:] for each in rows(project)}
    (project.folder / "transcripts" / "ben.txt").rename(project.folder / "transcripts" / "benjamin.txt")
    project.ingest()
    assert project.orphans() == ()
    assert {each[1:] for each in rows(project)} == before
    assert {each[0] for each in rows(project)} == {"anna.txt", "benjamin.txt"}
    check_words(project)


def test_a_transcript_taken_out_leaves_orphans_and_undo_brings_it_back(project: Project) -> None:
    project.accept(all=True)
    before = (rows(project), decisions(project))
    (project.folder / "transcripts" / "ben.txt").unlink()
    project.ingest()
    assert (rows(project), decisions(project)) == before  # it is still counted, and said so
    project.ingest(forget=True)
    assert {each.judgement.passage.quote for each in project.orphans()} == {"Nobody bought into it, to be honest."}
    assert {each.document for each in project.orphans()} == {"ben.txt"}
    assert {each[0] for each in rows(project)} == {"anna.txt"}
    project.undo()
    assert (rows(project), decisions(project)) == before


def test_an_orphan_of_a_document_that_is_gone_can_be_placed_elsewhere(project: Project) -> None:
    project.accept(code="A2")
    (project.folder / "transcripts" / "ben.txt").unlink()
    project.ingest(forget=True)
    (orphan,) = project.orphans()
    project.place(orphan.judgement.id, quote="The head was on board as well")
    assert ("anna.txt", "A2", "The head was on board as well", "accepted", "Ann") in rows(project)


def test_a_transcript_split_in_two_loses_nothing(project: Project) -> None:
    project.accept(all=True)
    many = len(decisions(project))
    first, second = ANNA.split("INTERVIEWER: Were", 1)
    write(project, first)
    write(project, "INTERVIEWER: Were" + second, "anna-2.txt")
    project.ingest()
    check_words(project)
    placed = [each for each in project.held().judgements if not each.orphan]
    assert len(placed) + len(project.orphans()) == many
    (orphan,) = project.orphans()
    assert orphan.judgement.passage.quote == GARDEN
    project.place(orphan.judgement.id, document="anna-2.txt", quote=GARDEN)
    assert ("anna-2.txt", "A3", GARDEN, "accepted", "Ann") in rows(project)


def test_the_same_file_under_a_second_name_is_another_document(project: Project) -> None:
    project.accept(all=True)
    before = rows(project)
    write(project, BEN, "copy.txt")
    project.ingest()
    assert rows(project) == before
    check_words(project)


def changed(text: str, chance: random.Random) -> str:
    """Return a text edited as people do: words changed, turns taken out, put in, moved."""
    turns = text.strip().split("\n\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(turns))
        what = chance.randrange(6)
        words = turns[at].split(" ")
        if what == 0:
            words[chance.randrange(len(words))] = chance.choice(["well", "it", "board,", "“garden”", "\U0001f600"])
        elif what == 1 and len(words) > 2:
            del words[chance.randrange(1, len(words))]
        elif what == 2:
            words.insert(chance.randrange(1, len(words) + 1), chance.choice(["really", "it", "and\u0301", "\n"]))
        turns[at] = " ".join(words)
        if what == 3:
            turns.insert(at, chance.choice(["INTERVIEWER: Go on.", "ANNA: I was. My garden needs rain.", turns[0]]))
        elif what == 4 and len(turns) > 2:
            del turns[at]
        elif what == 5:
            turns.insert(chance.randrange(len(turns)), turns.pop(at))
    return "\n\n".join(turns) + "\n"


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_whatever_is_edited_no_coding_is_lost_or_on_other_words(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    project = make_project(tmp_path_factory.mktemp("study"))
    project.accept(all=True)
    project.code_by_hand("A2", where="welcome | rain | start")
    project.code_by_hand("A3", document="anna.txt", span=(40, 90))
    held = {each.id for each in project.held().judgements}
    before = (rows(project), decisions(project))
    steps = 0
    for _ in range(2):
        for name in ("anna.txt", "ben.txt"):
            path = project.folder / "transcripts" / name
            path.write_text(changed(path.read_text(encoding="utf-8"), chance), encoding="utf-8")
        report = project.ingest()
        steps += bool(report.replaced)
        check_words(project)
        assert {each.id for each in project.held().judgements} == held
        if chance.random() < 0.5:
            project.code()
            steps += 1
            check_words(project)
    project.undo(steps) if steps else None
    assert (rows(project), decisions(project)) == before
