"""Case attributes: read from a table, joined to documents by name, unmatched ones named on both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.errors import IngestError
from qualcode.ingest import IngestOptions, read_bytes
from qualcode.ingest.attributes import AttributeTable, read_attributes
from qualcode.model.document import Document
from tests.ingest.rendering import as_xlsx

TALK = b"Interviewer: Why?\n\nDana: Because.\n\nInterviewer: And?\n\nDana: So.\n"


def table(folder: Path, text: str | bytes, name: str = "cases.csv") -> AttributeTable:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_attributes(path)


def talk(name: str) -> Document:
    (document,) = read_bytes(TALK, name, options=IngestOptions())
    return document


def test_rows_join_by_name_stem_and_id(tmp_path: Path) -> None:
    documents = [talk("01-Head.txt"), talk("02-deputy.txt"), talk("03-teacher.txt")]
    found = table(tmp_path, f"document,school,n\n01-head.txt,North,4\n02-deputy,South,\n{documents[2].id},East,5\n")
    joined, warnings = found.join(documents)
    assert [dict(each.attributes) for each in joined] == [
        {"school": "North", "n": "4"},
        {"school": "South"},
        {"school": "East", "n": "5"},
    ]
    assert warnings == ()
    assert (found.key, found.names) == ("document", ("school", "n"))


def test_the_full_name_wins_over_the_stem(tmp_path: Path) -> None:
    found = table(tmp_path, "file,school\na,North\na.txt,South\n")
    ((joined,), warnings) = found.join([talk("a.txt")])
    assert joined.attributes["school"] == "South"
    assert [warning.code for warning in warnings] == ["attributes-without-document"]


def test_unmatched_on_both_sides_are_named(tmp_path: Path) -> None:
    joined, warnings = table(tmp_path, "id;school\na;North\nzz;South\n").join([talk("a.txt"), talk("b.txt")])
    assert [dict(each.attributes) for each in joined] == [{"school": "North"}, {}]
    assert [warning.code for warning in warnings] == ["attributes-without-document", "document-without-attributes"]
    assert "'zz'" in warnings[0].message
    assert "'b.txt'" in warnings[1].message


def test_speaker_rows_give_attributes_to_speakers_and_to_a_lone_participants_document(tmp_path: Path) -> None:
    ((joined,), warnings) = table(tmp_path, "speaker,age\nDANA,41\n").join([talk("a.txt")])
    assert {each.label: dict(each.attributes) for each in joined.speakers} == {"Interviewer": {}, "Dana": {"age": "41"}}
    assert dict(joined.attributes) == {"age": "41"}
    assert warnings == ()


def test_respondents_of_a_survey_join_by_their_id(tmp_path: Path) -> None:
    survey = read_bytes(b"respondent,Qual_why\nR01,because it is\nR02,no\n", "survey.csv", options=IngestOptions())
    joined, _ = table(tmp_path, "case,age\nR01,41\nsurvey.csv#R02,29\n").join(survey)
    assert [dict(each.attributes) for each in joined] == [{"age": "41"}, {"age": "29"}]


def test_workbooks_and_odd_files(tmp_path: Path) -> None:
    found = table(
        tmp_path, as_xlsx(("S", [("Document", "n"), ("a.txt", 7.0), ("a.txt", 8), (None, None)])), "cases.xlsx"
    )
    ((joined,), warnings) = found.join([talk("a.txt")])
    assert dict(joined.attributes) == {"n": "7"}
    assert [warning.code for warning in warnings] == ["attributes-twice"]


def test_missing_columns_are_refused_with_those_found(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"QC-I061.*'school', 'n'"):
        table(tmp_path, "school,n\nNorth,1\n")
    with pytest.raises(IngestError, match="QC-I061"):
        table(tmp_path, "document\na.txt\n")
    with pytest.raises(IngestError, match="QC-I060"):
        read_attributes(tmp_path / "none.csv")


def test_joining_nothing_is_fine(tmp_path: Path) -> None:
    assert table(tmp_path, "id,n\na,1\n").join([])[0] == ()
