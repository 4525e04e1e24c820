"""``qualcode topics``, ``table topics``, and codes that begin with a topic, as one types them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from qualcode.project import Project
from tests.cli.running import Run
from tests.topic_talk import make_study

MODEL = ("--k", 3, "--kind", "nmf", "--pool", "question")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("topics")
    files = make_study(place / "files")
    made = Project.create(place / "study", codebook=files / "place.yaml", title="The place")
    assert made is not None
    project = Project(made.folder, person="ann")
    project.ingest(sorted(files.glob("*.txt")), attributes=files / "cases.csv")
    project.code()
    return project.folder


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "study"))


def test_one_number_of_topics_is_told_topic_by_topic(run: Run, place: Path) -> None:
    told = run("topics", place, *MODEL)
    assert told.code == 0
    assert told.out.startswith("3 topics of The place\nNMF, seed 0; 36 segments by 6 speakers in 6 documents")
    for word in ("boiler", "choir", "soil"):
        assert word in told.out
    assert "none goes with it for sure: a code of its own?" in told.out
    assert "G The garden (" in told.out
    assert "“" in told.out
    assert "Codes are those that the machine suggests" in " ".join(told.out.split())
    assert "codebook add" in told.err
    assert "--from-topic" in told.err
    assert "--k 3 --kind nmf --pool question" in told.err
    assert run("topics", place, *MODEL).out == told.out


def test_as_json_it_is_all_there(run: Run, place: Path) -> None:
    told = json.loads(run("topics", place, *MODEL, "--json").out)
    assert (told["k"], told["kind"], told["coded_by"], told["segments"]) == (3, "nmf", "machine", 36)
    assert [each["topic"] for each in told["topics"]] == [1, 2, 3]
    assert sum(each["share"] for each in told["topics"]) == pytest.approx(1)
    first = told["topics"][0]["quotes"][0]
    text = next(each.text for each in Project(place).documents if each.name == first["document"])
    assert text[first["start"] : first["end"]] == first["text"]


def test_several_numbers_are_compared_and_none_is_called_the_best(run: Run, place: Path) -> None:
    told = run("topics", place, "--k", "2,3", "--kind", "nmf", "--pool", "question", "--seeds", 5)
    assert told.code == 0
    assert "npmi" in told.out
    assert "best" not in told.out.casefold()
    assert f"topics {place} --k 2 --kind nmf --pool question" in told.err.replace("'", "")
    table = json.loads(run("topics", place, "--k", "2,3", "--kind", "nmf", "--pool", "question", "--json").out)
    assert [row["topics"] for row in table["rows"]] == [2, 3]


def test_seeded_topics_stand_before_free_ones(run: Run, place: Path) -> None:
    told = run("topics", place, "--free", 1, "--kind", "nmf", "--pool", "question")
    assert "Topic 1, seeded by G" in told.out
    assert "Topic 2, seeded by M" in told.out
    assert "Topic 3\n" in told.out
    one = run("topics", place, "--free", 2, "--code", "Music", "--kind", "nmf", "--pool", "question")
    assert "Topic 1, seeded by M" in one.out


def test_a_page_and_a_quiz_are_written_or_only_told(run: Run, place: Path, tmp_path: Path) -> None:
    page, quiz = tmp_path / "topics.html", tmp_path / "quiz.html"
    dry = run("topics", place, *MODEL, "--page", page, "--quiz", quiz, "--dry-run")
    assert dry.out.count("would be written") == 3
    assert not page.exists()
    assert not quiz.exists()
    done = run("topics", place, *MODEL, "--page", page, "--quiz", quiz)
    assert done.code == 0
    assert "topics in the talk</title>" in page.read_text(encoding="utf-8")
    assert "What does not belong?" in quiz.read_text(encoding="utf-8")
    assert "not the key" in done.err
    again = run("topics", place, *MODEL, "--quiz", quiz)
    assert (again.code, "QC-P040" in again.err) == (1, True)


def test_a_quiz_that_was_filled_in_is_marked(run: Run, place: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "maya.csv"
    assert run("topics", place, *MODEL, "--quiz", sheet, "-q").code == 0
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([rows[0], *([*row[:-1], "B"] for row in rows[1:])])
    told = run("topics", place, "--answers", sheet)
    assert told.code == 0
    assert "word intrusion" in told.out
    assert json.loads(run("topics", place, "--answers", sheet, "--json").out)["rows"][0]["answers"] == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--k", 3, "--free", 2], "give one of them"),
        (["--page", "x.html"], "give one number of topics"),
        (["--k", "2,3", "--quiz", "x.csv"], "give one number of topics"),
        (["--answers", "x.csv", "--k", 3], "--answers goes alone"),
        (["--k", 3, "--code", "G"], "give --free N"),
        (["--k", "three"], "no number"),
        (["--k", 1], "below 2"),
        (["--kind", "lsa", "--k", 3], "'nmf'"),
    ],
)
def test_misuse_is_told_before_anything_is_opened(run: Run, place: Path, arguments: list[object], told: str) -> None:
    ended = run("topics", place.parent / "nowhere", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_topics_are_a_table_and_their_shares_by_an_attribute(run: Run, place: Path) -> None:
    told = run("table", "topics", place, *MODEL)
    assert told.code == 0
    assert "36" in told.out
    by = run("table", "topics", place, *MODEL, "--by", "site", "--format", "csv")
    rows = list(csv.DictReader(by.out.splitlines()))
    assert [row["site"] for row in rows] == ["green", "town"] * 3
    assert all(float(row["share_low"]) < float(row["share"]) < float(row["share_high"]) for row in rows)
    assert "QC-P050" in run("table", "topics", place).err
    assert run("table", "themes", place, "--k", 3).code == 2


def alone(run: Run, place: Path) -> int:
    topics = json.loads(run("topics", place, *MODEL, "--json").out)["topics"]
    return next(int(each["topic"]) for each in topics if each["uncovered"])


def test_a_codebook_begins_with_topics_and_passes_the_check(run: Run, place: Path, tmp_path: Path) -> None:
    number = alone(run, place)
    out = tmp_path / "mine.yaml"
    made = run("codebook", "new", "mine", "--from-topic", f"{place}:{number}", *MODEL, "--out", out)
    assert made.code == 0
    assert run("codebook", "check", out).code == 0
    assert run("codebook", "test", out).code == 0
    assert f"id: T{number}" in out.read_text(encoding="utf-8")
    assert "source: " in out.read_text(encoding="utf-8")


def test_a_code_of_the_project_begins_with_a_topic(run: Run, place: Path) -> None:
    number = alone(run, place)
    book = next((place / "codebooks").glob("*.yaml"))
    before = book.read_bytes()
    dry = run("codebook", "add", place, "B", "The boiler", "--from-topic", number, *MODEL, "--dry-run")
    assert (dry.code, book.read_bytes()) == (0, before)
    done = run("codebook", "add", place, "B", "The boiler", "--from-topic", number, *MODEL)
    assert done.code == 0
    assert "participants' words" in done.err
    assert run("codebook", "check", book).code == 0
    assert "The boiler" in book.read_text(encoding="utf-8")
    assert run("undo", place).code == 0
    assert book.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["new", "mine", "--k", 3], "go with --from-topic"),
        (["new", "mine", "--from-topic", "study"], "not of the form DIR:TOPIC"),
        (["new", "mine", "--from-topic", "a:1", "--from-topic", "b:2"], "of one project"),
        (["add", "study", "B", "The boiler", "--kind", "nmf"], "go with --from-topic"),
    ],
)
def test_settings_of_a_model_go_with_a_topic(run: Run, arguments: list[object], told: str) -> None:
    ended = run("codebook", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_a_report_gets_a_chapter_on_topics(run: Run, place: Path, tmp_path: Path) -> None:
    assert run("report", place, "--topics", 3, "--out", tmp_path / "report.html").code == 0
    assert "Topics in the talk" in (tmp_path / "report.html").read_text(encoding="utf-8")
