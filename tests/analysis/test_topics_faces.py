"""Topics as tables: what they count, and that the documentation says the same."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.analysis.study import Study, study_of
from qualcode.analysis.topics import topic_quiz, topics, topics_by
from qualcode.codebook.load import parse_codebook
from qualcode.coding.topics.comparison import Comparison, ComparisonRow
from qualcode.coding.topics.mapping import TopicCode
from qualcode.coding.topics.quiz import Answer, make_quiz, mark_quiz
from qualcode.coding.topics.sheet import TopicSheet, topic_sheet
from qualcode.errors import AnalysisError
from qualcode.model.table import Table
from tests.topic_talk import BOOK, hand_model, pooled_talk

DOCS = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
CORPUS, POOLED = pooled_talk()
MODEL = hand_model(POOLED)
STUDY: Study = study_of(
    CORPUS.documents, parse_codebook(BOOK.encode(), file="place.yaml").codebook, (), units={}, title="The place"
)


def sheet() -> TopicSheet:
    """Return the sheet of a model of which one topic goes with a code."""
    made = topic_sheet(MODEL, POOLED, reproduced=[0.9, 0.8, 0.3], fits=4)
    goes = TopicCode(0, "G", 0.71, 0.9, 0.4, 14, 0.001, 0.003, "strong")
    entries = [replace(entry, uncovered=True) for entry in made.entries]
    entries[0] = replace(entries[0], codes=(goes,), uncovered=False)
    return replace(made, entries=tuple(entries), coded_by="machine", coded_segments=36)


def tables() -> list[Table]:
    quiz = make_quiz(MODEL, POOLED)
    return [
        Comparison((ComparisonRow("nmf", 3, 5, 0.1, 0.0, 0.2, 0.9, 0.8, 0.7, 0.6, 0.5, 0, 0.1),)).table(),
        topics(STUDY, sheet()),
        topics_by(STUDY, sheet(), POOLED, "site"),
        topic_quiz(mark_quiz(quiz, [Answer("a", 1, 0)])),
    ]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_each_table_is_documented_column_by_column(table: Table) -> None:
    part = re.search(rf"<!-- {table.name} -->\n\|.*\n\|.*\n((?:\|.*\n)+)", DOCS)
    assert part is not None
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|$", part[1], re.MULTILINE)
    assert rows == [(column.name, column.description) for column in table.columns]


def test_a_row_tells_the_codes_that_a_topic_goes_with_and_whether_one_covers_it() -> None:
    table = topics(STUDY, sheet())
    assert table.column("topic") == (1, 2, 3)
    assert table.column("codes") == ("G The garden (.71)", "", "")
    assert table.column("covered") == ("yes", "no", "no")
    assert table.column("segments") == (14, 10, 12)
    assert table.column("of_documents") == (6, 6, 6)
    assert table.column("reproduced") == (0.9, 0.8, 0.3)
    assert sum(float(share or 0) for share in table.column("share")) == pytest.approx(1)


def test_notes_say_whose_codes_they_are_and_what_does_not_come_again() -> None:
    told = " ".join(topics(STUDY, sheet()).notes)
    assert "suggests" in told
    assert "Not found again by 4 other fits (likeness below 0.5): topic 3." in told
    people = topics(STUDY, replace(sheet(), coded_by="people"))
    assert people.notes[0] == "Codes are those that people decided on, in 36 segments."
    assert "compared with no codes" in topics(STUDY, replace(sheet(), coded_by="")).notes[0]


def test_shares_by_an_attribute_stand_group_by_group_and_say_what_the_interval_covers() -> None:
    table = topics_by(STUDY, sheet(), POOLED, "site", others=[MODEL])
    first = table.filter(topic=1)
    assert first.column("site") == ("green", "town")
    assert first.column("cases") == (3, 3)
    green, town = (float(share or 0) for share in first.column("share"))
    assert green > 0.5 > town
    assert first.column("difference")[0] == pytest.approx(green - town)
    assert first.column("fits") == (2, 2)
    told = " ".join(table.notes)
    assert "cover which cases (documents) happened to be in the group" in told
    assert "least and greatest share over 2 fits" in told
    assert "Groups of fewer than 5 cases" in told
    assert "6 differences" in told


def test_an_attribute_of_speakers_makes_people_the_cases() -> None:
    table = topics_by(STUDY, sheet(), POOLED, "job")
    assert table.filter(topic=1).column("job") == ("gre", "tow")
    assert table.columns[3].description == "cases of the group with talk: people in a document"
    with pytest.raises(AnalysisError, match="QC-A004"):
        topics_by(STUDY, sheet(), POOLED, "shoe_size")


def test_a_column_of_the_same_name_as_the_attribute_stays_apart() -> None:
    documents = [replace(each, attributes={"share": each.attributes["site"]}) for each in CORPUS.documents]
    study = study_of(documents, STUDY.codebook, (), units={})
    pooled = replace(POOLED, units=replace(POOLED.units, documents=tuple(documents)))
    assert topics_by(study, sheet(), pooled, "share").columns[2].name == "share (attribute)"


def test_what_people_found_stands_beside_what_guessing_finds() -> None:
    quiz = make_quiz(MODEL, POOLED)
    right = [Answer(who, item.number, item.intruder) for who in ("a", "b") for item in quiz.items]
    table = topic_quiz(mark_quiz(quiz, right), notes=quiz.notes)
    assert table.column("person")[:3] == ("all", "a", "b")
    assert table.column("right")[0] == table.column("answers")[0] == 6
    assert float(table.column("precision_low")[0] or 0) > float(table.column("chance")[0] or 1)
    assert "No question on passages" in table.notes[-1]
