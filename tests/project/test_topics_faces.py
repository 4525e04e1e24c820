"""Topics of a project: fitted and kept, told, tested on people, turned into codes."""

from __future__ import annotations

import csv
import shutil
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from qualcode.codebook import check_codebook, load_codebook
from qualcode.codebook.new import candidates_codebook
from qualcode.coding.topics import TopicsCoder, pool, relevance
from qualcode.errors import CodebookError, CodingError, ProjectError
from qualcode.project import Project
from qualcode.project.quizzes import read_answers
from qualcode.project.topicmodels import ENOUGH_DECIDED
from tests.topic_talk import make_study


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coded project about a garden, a choir and a boiler; the boiler has no code."""
    place = tmp_path_factory.mktemp("topics")
    files = make_study(place / "files")
    made = Project.create(place / "study", codebook=files / "place.yaml", title="The place")
    assert made is not None
    project = Project(made.folder, person="Ann")
    project.ingest(sorted(files.glob("*.txt")), attributes=files / "cases.csv")
    project.code()
    return project.folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Project:
    return Project(Path(shutil.copytree(template, tmp_path / "study")), person="Ann")


def test_topics_are_told_with_codes_and_what_no_code_covers(project: Project) -> None:
    made = project.topics(3, kind="nmf", pool="question")
    assert made.sheet.coded_by == "machine"
    assert made.sheet.coded_segments == made.sheet.segments == 36
    by_word = {entry.words[0].word: entry for entry in made.sheet.entries}
    covered = {each.code for entry in made.sheet.entries if not entry.uncovered for each in entry.codes}
    assert covered == {"G", "M"}
    (alone,) = (entry for entry in made.sheet.entries if entry.uncovered)
    assert {word.word for word in alone.words} >= {"boiler", "pipe", "valve"}
    assert len(by_word) == 3
    assert made.codes is not None


def test_what_people_decided_counts_once_there_is_enough(project: Project) -> None:
    project.accept(code="G")
    assert len(project.decided()) < ENOUGH_DECIDED
    assert project.topics(3, kind="nmf", pool="question").sheet.coded_by == "machine"
    project.accept(code="M")
    assert len(project.decided()) >= ENOUGH_DECIDED
    assert project.topics(3, kind="nmf", pool="question").sheet.coded_by == "people"
    project.done(["a.txt", "b.txt", "c.txt", "d.txt"])
    made = project.topics(3, kind="nmf", pool="question")
    assert (made.sheet.coded_by, made.sheet.coded_segments) == ("people", 24)


def test_a_fitted_model_is_kept_and_can_be_deleted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = project.topics(3, kind="lda", pool="question", fits=2)
    folder = project.folder / ".index" / "topics"
    kept = sorted(folder.iterdir())
    assert len(kept) == 2

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a model that is kept is fitted again")

    with monkeypatch.context() as patched:
        patched.setattr("qualcode.coding.topics.fit.fit_topics", never)
        again = project.topics(3, kind="lda", pool="question", fits=2)
    assert again.sheet.entries == first.sheet.entries
    assert np.array_equal(again.model.words, first.model.words)
    assert again.model.settings == first.model.settings
    shutil.rmtree(project.folder / ".index")
    anew = project.topics(3, kind="lda", pool="question", fits=2)
    assert np.array_equal(anew.model.words, first.model.words)
    assert sorted(folder.iterdir()) == kept


def test_a_damaged_file_is_fitted_again(project: Project) -> None:
    first = project.topics(3, kind="nmf", pool="question")
    for kept in (project.folder / ".index" / "topics").iterdir():
        kept.write_bytes(b"PK nothing of the sort")
    assert project.topics(3, kind="nmf", pool="question").sheet.entries == first.sheet.entries


@pytest.mark.parametrize("how", ["empty", "half", "flipped", "no zip", "[]", "{}", '[{"a": 1}, {"notes": []}]', "3"])
def test_whatever_happens_to_kept_files_they_are_made_again(project: Project, how: str) -> None:
    model = project.topics(3, kind="nmf", pool="question", fits=1)
    rows = project.compare_topics([2], kinds=["nmf"], pool="question")
    for path in (project.folder / ".index" / "topics").iterdir():
        data = path.read_bytes()
        middle = len(data) // 2
        path.write_bytes({"empty": b"", "half": data[:middle], "no zip": b"PK\x03\x04 and no more",
                          "flipped": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1:]
                          }.get(how, how.encode()))  # fmt: skip
    assert project.topics(3, kind="nmf", pool="question", fits=1).sheet.entries == model.sheet.entries
    assert project.compare_topics([2], kinds=["nmf"], pool="question") == rows


def test_a_kept_model_is_not_told_with_the_settings_of_another(project: Project) -> None:
    """The same segments come of both widths, so that the counts are alike."""
    first = project.topics(3, kind="nmf", pool="question", words=100, fits=1)
    other = project.topics(3, kind="nmf", pool="question", words=150, fits=1)
    assert np.array_equal(first.model.words, other.model.words)
    assert (first.model.settings["pool_words"], other.model.settings["pool_words"]) == (100, 150)


def test_another_text_seed_or_number_is_another_model(project: Project) -> None:
    folder = project.folder / ".index" / "topics"
    project.topics(3, kind="nmf", pool="question")
    before = len(list(folder.iterdir()))
    project.topics(2, kind="nmf", pool="question")
    project.topics(3, kind="nmf", pool="question", without=["boiler"])
    assert len(list(folder.iterdir())) > before
    made = project.topics(3, kind="nmf", pool="question", without=["Flowers"])
    words = made.model.terms
    assert made.sheet.notes[0] == "Words left out: Flowers."
    assert "flower" not in words
    assert "boiler" in words


def test_topics_are_seeded_by_codes_beside_free_ones(project: Project) -> None:
    made = project.topics(free=1, kind="nmf", pool="question")
    assert made.model.seeded == ("G", "M", "")
    assert made.sheet.entries[0].seeded == "G"
    one = project.topics(free=2, codes=["Music"], kind="nmf", pool="question")
    assert one.model.seeded == ("M", "", "")


def test_the_number_of_topics_is_given_once(project: Project) -> None:
    with pytest.raises(ProjectError, match="QC-P050"):
        project.topics()
    with pytest.raises(ProjectError, match="QC-P050"):
        project.topics(3, free=2)
    with pytest.raises(ProjectError, match="QC-P050"):
        project.topics(3, codes=["G"])
    with pytest.raises(ProjectError, match="QC-P050"):
        project.compare_topics([3], free=[2])


def test_models_are_compared_and_the_comparison_is_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"kinds": ["nmf"], "pool": "question", "fits": 5}
    found = project.compare_topics([2, 3], **asked)  # type: ignore[arg-type] # settings as one types them
    assert [(row.kind, row.k) for row in found.rows] == [("nmf", 2), ("nmf", 3)]
    monkeypatch.setattr("qualcode.coding.topics.comparison.compare", None)
    assert project.compare_topics([2, 3], **asked).table() == found.table()  # type: ignore[arg-type] # as above


def test_the_table_of_topics_and_of_their_shares(project: Project) -> None:
    table = project.table("topics", k=3, kind="nmf", pool="question")
    assert len(table) == 3
    assert sorted(table.column("covered")) == ["no", "yes", "yes"]  # type: ignore[type-var] # all text
    by = project.table("topics", by="site", k=3, kind="nmf", pool="question")
    assert by.columns[2].name == "site"
    assert len(by) == 6
    assert all(low is not None for low in by.column("share_low"))


def test_a_page_is_written_and_only_over_another_page(project: Project) -> None:
    asked = {"k": 3, "kind": "nmf", "pool": "question", "date": "2026-11-22"}
    path = project.topics_page(**asked)  # type: ignore[arg-type] # as above
    assert path == project.folder / "output" / "topics.html"
    first = path.read_bytes()
    assert project.topics_page(**asked).read_bytes() == first  # type: ignore[arg-type] # as above
    path.write_text("mine")
    with pytest.raises(ProjectError, match="QC-P013"):
        project.topics_page(**asked)  # type: ignore[arg-type] # as above
    assert path.read_text() == "mine"


def test_a_report_has_a_chapter_on_topics_when_it_is_asked_for(project: Project) -> None:
    plain = project.report(date="2026-11-22").read_text(encoding="utf-8")
    told = project.report(date="2026-11-22", topics=3).read_text(encoding="utf-8")
    assert "Topics in the talk" not in plain
    assert "Topics in the talk" in told


def test_a_recipe_with_the_coder_of_topics_asks_for_the_chapter(project: Project) -> None:
    settings = project.folder / "qualcode.yaml"
    text = settings.read_text(encoding="utf-8").rstrip("\n")
    settings.write_text(f"{text}\n    - {{name: topics, kind: nmf, by: question, k: 3}}\n", encoding="utf-8")
    chapter = project.report_topics()
    assert chapter is not None
    assert [each.seeded.split(" ")[0] for each in chapter.topics] == ["G", "M", ""]
    assert ("pool by", "question") in chapter.made
    assert "Topics in the talk" in project.report(date="2026-11-22").read_text(encoding="utf-8")


@pytest.mark.parametrize("trouble", ["no seeds", "no talk", "few words"])
def test_a_report_does_not_fail_where_the_coder_of_the_recipe_would_be_silent(
    project: Project, tmp_path: Path, trouble: str
) -> None:
    book = Path(str(project.codebook.path))
    if trouble == "no seeds":
        lines = book.read_text(encoding="utf-8").splitlines(keepends=True)
        book.write_text("".join(line for line in lines if "seeds:" not in line), encoding="utf-8")
    else:
        said = "Well, you know what it is." if trouble == "no talk" else "The spade and the lawn. " * 9
        (tmp_path / "only.txt").write_text(f"Int: So?\n\nPat: {said}\n", encoding="utf-8")
        made = Project.create(tmp_path / "small", codebook=book)
        assert made is not None
        project = Project(made.folder, person="Ann")
        project.ingest([tmp_path / "only.txt"])
    settings = project.folder / "qualcode.yaml"
    text = settings.read_text(encoding="utf-8").rstrip("\n")
    settings.write_text(f"{text}\n    - {{name: topics, kind: nmf, by: question}}\n", encoding="utf-8")
    project.code()
    told = project.report(date="2026-11-22").read_text(encoding="utf-8")
    assert ("Topics in the talk" in told) == (trouble == "no seeds")  # without seeds all its topics are free ones
    with pytest.raises(CodingError) if trouble != "no seeds" else nullcontext():
        project.report_topics(3)


def test_the_chapter_is_about_the_model_of_the_recipes_coder(project: Project) -> None:
    settings = project.folder / "qualcode.yaml"
    text = settings.read_text(encoding="utf-8").rstrip("\n")
    settings.write_text(f"{text}\n    - {{name: topics, k: 4, by: question, seed: 3}}\n", encoding="utf-8")
    chapter = project.report_topics()
    assert chapter is not None
    book = project.codebook
    coder = TopicsCoder(book, k=4, by="question", seed=3).fit(project.corpus())
    assert coder.learnt is not None
    assert coder.learnt.model is not None
    pooled = pool(project.corpus(), by="question", roles_left_out=book.roles_left_out)
    assert np.array_equal(coder.learnt.model.words, project.topics(free=2, pool="question", seed=3).model.words)
    for topic, told in enumerate(chapter.topics):
        assert [word for word, _, _ in told.words] == [
            each.word for each in relevance(coder.learnt.model, pooled, topic)
        ]


def test_the_sheet_says_that_another_method_stood_in_for_the_default(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tomotopy", None)
    made = project.topics(3, pool="question", fits=1)
    assert made.model.kind == "lda"
    assert any("tomotopy is not installed" in note for note in made.sheet.notes)
    assert not any("tomotopy" in note for note in project.topics(3, kind="lda", pool="question", fits=1).sheet.notes)


def test_as_many_free_topics_stand_beside_seeded_ones_as_were_asked_for(project: Project) -> None:
    """A code whose seed words nobody says has no topic, and gives none to the free ones."""
    book = Path(str(project.codebook.path))
    text = book.read_text(encoding="utf-8")
    book.write_text(text.replace("[choir, melody, voice, song]", "[unheard, unsaid]"), encoding="utf-8")
    made = project.topics(free=2, kind="nmf", pool="question")
    assert made.model.seeded == ("G", "", "")
    assert "M: unheard, unsaid" in " ".join(made.sheet.notes)
    assert [row.k for row in project.compare_topics(free=[2], kinds=["nmf"], pool="question").rows] == [3]


# Candidates for codes


def test_topics_become_a_codebook_that_is_sound(project: Project, tmp_path: Path) -> None:
    made = project.topics(3, kind="nmf", pool="question")
    (alone,) = (entry.number + 1 for entry in made.sheet.entries if entry.uncovered)
    found = project.topic_candidates([alone], 3, kind="nmf", pool="question")
    path = tmp_path / "mine.yaml"
    path.write_text(candidates_codebook("mine", "Mine", found), encoding="utf-8")
    assert check_codebook(path).ok
    (code,) = load_codebook(path)
    assert code.id == f"T{alone}"
    assert (code.origin, code.status) == ("data", "draft")
    assert set(code.seeds.words) & {"boiler", "pipe", "valve"}
    texts = {document.name: document.text for document in project.documents}
    for example in code.examples.typical:
        assert example.source is not None
        name = example.source.split(" in ")[1].split(",")[0]
        assert example.text in texts[name]
    assert f"# Topic {alone} of 3 in The place (NMF, seed 0" in path.read_text(encoding="utf-8")


def test_a_topic_becomes_a_code_of_the_projects_book_and_nothing_else_changes(project: Project) -> None:
    made = project.topics(3, kind="nmf", pool="question")
    (alone,) = (entry.number + 1 for entry in made.sheet.entries if entry.uncovered)
    path = Path(str(project.codebook.path))
    before = path.read_text(encoding="utf-8")
    asked = {"k": 3, "kind": "nmf", "pool": "question", "definition": "Somebody talks of the heating."}
    dry = project.add_code_from_topic(alone, "B", "The boiler", **asked, dry_run=True)  # type: ignore[arg-type] # as above
    assert path.read_text(encoding="utf-8") == before
    done = project.add_code_from_topic(alone, "B", "The boiler", **asked)  # type: ignore[arg-type] # as above
    assert done.text == dry.text
    after = path.read_text(encoding="utf-8")
    assert after.startswith(before[: before.index("codes:")].rstrip("\n"))
    assert all(line in after.splitlines() for line in before.splitlines())
    code = project.codebook["B"]
    assert (code.label, code.definition, code.origin) == ("The boiler", "Somebody talks of the heating.", "data")
    assert set(code.seeds.words) & {"boiler", "pipe", "valve"}
    assert len(code.examples.typical) >= 2
    assert "Topic" in code.notes
    project.undo()
    assert path.read_text(encoding="utf-8") == before


def test_a_topic_that_is_not_there_is_refused(project: Project) -> None:
    for number in (0, 4):
        with pytest.raises(ProjectError, match="QC-P051"):
            project.topic_candidates([number], 3, kind="nmf", pool="question")
    with pytest.raises(CodebookError, match="QC-C122"):
        project.add_code_from_topic(1, "G", "Again", k=3, kind="nmf", pool="question")


# The quiz


def fill_in(sheet: Path, target: Path, letter: str) -> Path:
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([rows[0], *([*row[:-1], letter] for row in rows[1:])])
    return target


def test_a_quiz_is_written_without_its_key_filled_in_and_marked(project: Project, tmp_path: Path) -> None:
    sheet = tmp_path / "quiz.csv"
    quiz, key = project.topic_quiz(sheet, k=3, kind="nmf", pool="question")
    assert key == project.folder / "output" / f"topic-quiz-{quiz.id}.key.json"
    assert "intruder" not in sheet.read_text(encoding="utf-8")
    files = [fill_in(sheet, tmp_path / "maya.csv", "a)"), fill_in(sheet, tmp_path / "tom.csv", "")]
    table = project.mark_topic_quiz(files)
    assert table.column("answers")[0] == 3
    right = sum(item.intruder == 0 for item in quiz.items)
    assert table.column("right")[0] == right
    key.unlink()
    with pytest.raises(ProjectError, match="QC-P053"):
        project.mark_topic_quiz(files)
    with pytest.raises(ProjectError, match="QC-P040"):
        project.topic_quiz(sheet, k=3, kind="nmf", pool="question")


def test_an_answer_may_be_the_words_themselves(tmp_path: Path) -> None:
    (tmp_path / "maya.csv").write_text(
        "quiz;question;A;B;answer\nq1;1;soil;choir;Choir\nq1;2;soil;choir;\n", encoding="utf-8"
    )
    quiz, answers = read_answers([tmp_path / "maya.csv"])
    assert quiz == "q1"
    assert [(each.person, each.item, each.option) for each in answers] == [("maya", 1, 1)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "there is no question in it"),
        ("a,b\n1,2\n", "columns quiz, question and answer are missing"),
        ("quiz,question,A,answer\nq1,1,soil,Z\n", "'Z' is no answer"),
        ("quiz,question,A,answer\nq1,1,soil,B\n", "'B' is no answer"),
        ("quiz,question,A,answer\nq1,one,soil,\n", "'one' is no answer"),
        ("quiz,question,A,answer\nq1,1,soil,A\nq2,1,soil,A\n", "different quizzes"),
    ],
)
def test_a_sheet_that_is_none_is_refused(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "maya.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError, match="QC-P052") as refused:
        read_answers([tmp_path / "maya.csv"])
    assert told in str(refused.value)


def test_two_people_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "maya.csv").write_text("quiz,question,A,answer\nq1,1,soil,A\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="called maya"):
        read_answers([tmp_path / "x" / "maya.csv", tmp_path / "y" / "maya.csv"])
    with pytest.raises(ProjectError, match="cannot be read"):
        read_answers([tmp_path / "nobody.csv"])
