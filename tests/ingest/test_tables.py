"""Delimited tables and workbooks: a row per turn, per sentence, per respondent, and what is refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import IngestError
from qualcode.ingest import IngestOptions, read_bytes
from qualcode.model.document import Document
from tests.ingest.rendering import Said, as_csv, as_xlsx, conversations, read_back, sentences

HEADER = ("start", "end", "speaker", "text")


def read_all(data: str | bytes, name: str = "talk.csv", **options: object) -> tuple[Document, ...]:
    raw = data.encode() if isinstance(data, str) else data
    return read_bytes(raw, name, options=IngestOptions(**options))  # type: ignore[arg-type]  # keywords by name


def read(data: str | bytes, name: str = "talk.csv", **options: object) -> Document:
    (document,) = read_all(data, name, **options)
    return document


def codes(document: Document) -> set[str]:
    return {warning.code for warning in document.warnings}


@settings(max_examples=50, deadline=None)
@given(conversations, st.sampled_from(",;\t|"))
def test_csv_gives_back_speakers_order_and_words(said: list[Said], delimiter: str) -> None:
    rows = [HEADER, *((f"0:{at:02}", "", who, text) for at, (who, text) in enumerate(said))]
    assert read_back(read(as_csv(rows, delimiter))) == said


@settings(max_examples=15, deadline=None)
@given(conversations)
def test_xlsx_gives_back_speakers_order_and_words(said: list[Said]) -> None:
    assert read_back(read(as_xlsx(("T", [("Speaker", "Utterance"), *said])), "talk.xlsx")) == said


@settings(max_examples=30, deadline=None)
@given(st.lists(sentences, min_size=2, max_size=6))
def test_survey_gives_back_every_answer(answers: list[str]) -> None:
    rows = [("respondent", "Qual_why"), *((f"R{at}", text) for at, text in enumerate(answers))]
    found = read_all(as_csv(rows))
    assert [read_back(each)[0] for each in found] == [(f"R{at}", text) for at, text in enumerate(answers)]


def test_times_and_rows_are_kept() -> None:
    document = read(
        "start,end,speaker,text\n00:00:04,00:00:06.5,Dana,Who protects time?\n00:00:07,00:00:09,P01,The head.\n"
    )
    assert [(b.start_ms, b.end_ms, b.time_source, b.source_ref and b.source_ref.row) for b in document.blocks] == [
        (4000, 6500, "file", 2),
        (7000, 9000, "file", 3),
    ]
    assert document.text == "Dana: Who protects time?\n\nP01: The head."


def test_quoted_newlines_entities_and_colons_after_labels() -> None:
    document = read('speaker,text\nDB:,"One,\r\ntwo &#8212; ""three"""\nP1:,Yes &amp; no\n')
    assert read_back(document) == [("DB", 'One, two — "three"'), ("P1", "Yes & no")]


def test_index_column_duplicate_headers_and_trailing_rows() -> None:
    document = read(",speaker,text,note,note\n0,Dana,Why?,,x\n1,P1,So.,,\n,,,,\n,,,,\n")
    assert read_back(document) == [("Dana", "Why?"), ("P1", "So.")]
    assert {"duplicate-columns", "columns-ignored"} <= codes(document)


def test_row_per_sentence_is_grouped_by_turn_and_speaker() -> None:
    rows = "Turn,Speaker,Sentence\n1,I,Hello.\n1,I,Who are you?\n2,P,Me.\n2,I,Right.\n3,I,And?\n"
    assert read_back(read(rows)) == [("I", "Hello. Who are you?"), ("P", "Me."), ("I", "Right."), ("I", "And?")]


def test_sentences_keep_their_times_inside_the_turn() -> None:
    document = read("turn,time,speaker,text\n1,0:01,I,Hello.\n1,0:03,I,Why?\n2,0:05,P,So.\n")
    assert [(s.block, s.start_ms, document.quote(s.span)) for s in document.segments] == [
        (0, 1000, "Hello."),
        (0, 3000, "Why?"),
    ]


def test_blank_speaker_goes_on_unless_the_row_is_a_note() -> None:
    document = read("speaker,text\nDana,One.\n,Two.\n,[phone rings]\n,Three.\nP1,Four.\n")
    assert read_back(document) == [("Dana", "One. Two."), ("Dana", "Three."), ("P1", "Four.")]
    assert [block.kind for block in document.blocks] == ["turn", "stage", "turn", "turn"]


def test_blank_speaker_with_a_default() -> None:
    document = read("speaker,text\nModerator,Why?\n,Because.\n", default_speaker="P")
    assert read_back(document) == [("Moderator", "Why?"), ("P", "Because.")]


def test_table_without_speakers_is_unattributed() -> None:
    document = read("time,text\n0:01,One thing was said.\n0:05,Another thing was said.\n")
    assert {block.kind for block in document.blocks} == {"unattributed"}
    assert "no-speakers" in codes(document)


def test_speakers_named_in_the_text_of_a_table_without_a_column_for_them() -> None:
    document = read("time,text\n0:01,Dana: Why?\n0:04,P01: So.\n0:08,Dana: Oh.\n0:09,P01: Yes.\n")
    assert read_back(document) == [("Dana", "Why?"), ("P01", "So."), ("Dana", "Oh."), ("P01", "Yes.")]
    assert [block.start_ms for block in document.blocks] == [1000, 4000, 8000, 9000]


def test_several_transcripts_in_one_table() -> None:
    found = read_all("transcript_id,speaker,text\n7.0,I,Why?\n7.0,P,So.\n8.0,I,When?\n8.0,Q,Now.\n")
    assert [(each.name, len(each.blocks)) for each in found] == [("talk.csv#7", 2), ("talk.csv#8", 2)]
    assert len({each.id for each in found}) == 2


def test_columns_can_be_named() -> None:
    text = "a,b,c\nwell then,Dana,x\nindeed,Sam,y\n"
    assert read_back(read(text, columns={"speaker": "b", "text": "a"})) == [("Dana", "well then"), ("Sam", "indeed")]
    with pytest.raises(IngestError, match=r"QC-I053.*'a', 'b', 'c'"):
        read(text, columns={"text": "Said"})
    with pytest.raises(IngestError, match=r"QC-I053.*respondent"):
        read(text, columns={"txt": "a"})


def test_table_without_a_header_row() -> None:
    text = "0:01,Dana,Who protects your planning time?\n0:04,P01,The head does I think.\n0:09,Dana,And who else?\n"
    document = read(text)
    assert [who for who, _ in read_back(document)] == ["Dana", "P01", "Dana"]
    assert "no-header-row" in codes(document)


def test_title_rows_above_the_header_are_meta() -> None:
    rows = [("Interview 7",), ("May 2019",), ("Speaker", "Text"), ("I", "Why?"), ("P", "So.")]
    document = read(as_xlsx(("T", rows)), "talk.xlsx")
    assert [block.kind for block in document.blocks] == ["meta", "meta", "turn", "turn"]


def test_milliseconds_seconds_and_decimal_commas() -> None:
    assert [b.start_ms for b in read("start_ms;speaker;text\n4200;I;Why?\n6800;P;So.\n").blocks] == [4200, 6800]
    assert [b.start_ms for b in read("start;speaker;text\n4,2;I;Why?\n6,8;P;So.\n").blocks] == [4200, 6800]
    timed = read("Start,Dur.,Speaker,Text\n0:00:01.5,5.0s,I,Why?\n0:00:08,1s,P,So.\n")
    assert [b.end_ms for b in timed.blocks] == [6500, 9000]


def test_odd_times_are_reported_and_no_text_is_lost() -> None:
    document = read("start,end,speaker,text\n0:09,0:05,I,Why?\n0:03,later,P,So.\n")
    assert read_back(document) == [("I", "Why?"), ("P", "So.")]
    assert {"table-bad-time", "stamps-run-back"} <= codes(document)
    assert document.blocks[0].end_ms is None


def test_two_part_stamps_that_run_back_are_hours_and_minutes_only_if_that_helps() -> None:
    assert [b.start_ms for b in read("time,speaker,text\n59:50,I,a\n75:10,P,b\n").blocks] == [3_590_000, 4_510_000]


def test_unquoted_commas_in_the_text_are_kept() -> None:
    document = read("speaker,text\nDana,Well, it depends, really\nP1,Yes\n", format="csv")
    assert read_back(document)[0] == ("Dana", "Well, it depends, really")
    assert "table-extra-cells" in codes(document)


def test_quotation_marks_that_are_only_punctuation() -> None:
    document = read('speaker\ttext\nDana\t"Well" I said\nP1\t"Yes\n', "talk.tsv")
    assert read_back(document) == [("Dana", '"Well" I said'), ("P1", '"Yes')]


def test_unclosed_quotation_mark_is_refused() -> None:
    for cut in ('speaker,text\nDana,"Well, so\nP1,Yes\n', 'speaker,text\nDana,"Well"\nP1,"Yes and th'):
        with pytest.raises(IngestError, match="QC-I054"):
            read(cut)


def test_very_long_cells_are_read() -> None:
    long = "word " * 60_000
    assert len(read_back(read(f"speaker,text\nDana,{long}\nP1,yes\n"))[0][1]) == len(long) - 1


SURVEY = (
    "respondent;age;school;Qual_barriers;What would help you most?\n"
    'R01;41;North;"Time, mostly. ""Cover"" is rare.";More people who stay longer than a year\n'
    "R02;;South;;A door that shuts properly in the winter\n"
    "R03;29;North;;\n"
)


def test_survey_gives_one_document_per_respondent() -> None:
    first, second = read_all(SURVEY)
    assert [each.name for each in (first, second)] == ["talk.csv#R01", "talk.csv#R02"]
    assert [(block.kind, first.quote(block.span)) for block in first.blocks] == [
        ("question", "barriers"),
        ("turn", 'R01: Time, mostly. "Cover" is rare.'),
        ("question", "What would help you most?"),
        ("turn", "R01: More people who stay longer than a year"),
    ]
    assert dict(first.attributes) == {"age": "41", "school": "North"}
    assert dict(second.attributes) == {"school": "South"}
    assert [(each.label, each.role) for each in first.speakers] == [("R01", "participant")]
    assert [block.kind for block in second.blocks] == ["question", "turn"]
    assert "respondent-silent" in codes(first)


def test_two_participants_with_a_comment_each_are_a_survey() -> None:
    found = read_all("Participant,Gender,Comment\nP1,F,It was really great for all of us\nP2,M,Not at all in my view\n")
    assert [(each.name, dict(each.attributes)) for each in found] == [
        ("talk.csv#P1", {"Gender": "F"}),
        ("talk.csv#P2", {"Gender": "M"}),
    ]


def test_parallel_languages_are_reported() -> None:
    document = read("speaker,text_en,text_cs\nI,Why do you ask?,Proč se ptáte?\nP,So.,Tak.\n")
    assert read_back(document)[0] == ("I", "Why do you ask?")
    assert "several-text-columns" in codes(document)


def test_column_names_of_other_languages() -> None:
    assert read_back(read("sprecher;äußerung\nI:;Wer?\nB:;Ich.\n")) == [("I", "Wer?"), ("B", "Ich.")]


def test_survey_columns_can_be_named() -> None:
    found = read_all("who,a,b\nx,yes,no\ny,no,\n", columns={"respondent": "who", "answers": "a;b"})
    assert [read_back(each) for each in found] == [[("x", "yes"), ("x", "no")], [("y", "no")]]


def test_respondents_without_names_or_with_one_name_twice() -> None:
    numbered = read_all("Why did you come here?,age\nBecause it was near to me,4\nBecause my friend came here too,5\n")
    assert [each.name for each in numbered] == ["talk.csv#R1", "talk.csv#R2"]
    twice = read_all("id,Qual_a\n7.0,one\n7.0,two\n")
    assert [each.name for each in twice] == ["talk.csv#7", "talk.csv#7 (2)"]


def test_attribute_table_is_refused_with_the_way_out() -> None:
    with pytest.raises(IngestError, match=r"QC-I052.*'document', 'age', 'school'") as caught:
        read("document,age,school\na.txt,41,North\nb.txt,29,South\n")
    assert "--attributes talk.csv" in (caught.value.hint or "")


def test_table_of_nothing_is_refused() -> None:
    with pytest.raises(IngestError, match=r"QC-I05[12]"):
        read("x,y\n1,2\n3,4\n")
    with pytest.raises(IngestError):
        read("speaker,text\n,\n")
    with pytest.raises(IngestError, match="QC-I051"):
        read(as_xlsx(("T", [])), "talk.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert read_back(read("speaker;text\nZoë;Größe\nI;why\n".encode(encoding)))[0] == ("Zoë", "Größe")


# Workbooks


def times_of(rows: Sequence[Sequence[object]]) -> list[int | None]:
    document = read(as_xlsx(("T", [("Time", "Speaker", "Text"), *rows])), "talk.xlsx")
    return [block.start_ms for block in document.blocks]


def test_minutes_that_excel_took_for_hours() -> None:
    rows = [(dt.time(0, 4), "I", "a"), (dt.time(1, 20), "P", "b"), (dt.time(13, 2), "I", "c")]
    assert times_of(rows) == [4000, 80_000, 782_000]


def test_minutes_beyond_a_day_of_excel_hours() -> None:
    rows = [(dt.time(1, 20), "I", "a"), (dt.timedelta(hours=75, minutes=10), "P", "b")]
    assert times_of(rows) == [80_000, 4_510_000]


def test_real_times_of_day_keep_their_seconds() -> None:
    assert times_of([(dt.time(0, 0, 4), "I", "a"), (dt.time(0, 1, 0), "P", "b"), (dt.time(1, 0, 5), "I", "c")]) == [
        4000,
        60_000,
        3_605_000,
    ]


def test_numbers_and_dates_in_cells_are_as_seen() -> None:
    rows = [("id", "Qual_a"), (7.0, "one two"), (dt.datetime(2024, 2, 1), "three")]
    found = read_all(as_xlsx(("T", rows)), "talk.xlsx")
    assert [each.name for each in found] == ["talk.xlsx#7", "talk.xlsx#2024-02-01"]
    assert "excel-dates" in codes(found[0])


def test_one_document_for_each_sheet_with_a_transcript() -> None:
    turns = [("Speaker", "Text"), ("I", "Why?"), ("P", "So.")]
    book = as_xlsx(("One", turns), ("Schools", [("school", "n"), ("a", 1)]), ("Two", turns))
    found = read_all(book, "talk.xlsx")
    assert [each.name for each in found] == ["talk.xlsx#One", "talk.xlsx#Two"]
    assert "sheets-passed-over" in codes(found[0])
    assert read(book, "talk.xlsx", sheet="Two").name == "talk.xlsx"
    with pytest.raises(IngestError, match=r"QC-I058.*'One', 'Schools', 'Two'"):
        read(book, "talk.xlsx", sheet="Three")


def test_transcript_beside_a_codebook_has_the_name_of_the_file() -> None:
    codebook = [("code", "definition"), ("hope", "what people say about what may still come to be")]
    turns = [("Speaker", "Text"), ("I", "Why?"), ("P", "So.")]
    document = read(as_xlsx(("Codes", codebook), ("T", turns)), "talk.xlsx")
    assert document.name == "talk.xlsx"
    assert read_back(document) == [("I", "Why?"), ("P", "So.")]


def test_formula_without_a_result_is_read_as_text() -> None:
    document = read(as_xlsx(("T", [("Speaker", "Text"), ("I", "Why?"), ("P", "=yes it is")])), "talk.xlsx")
    assert read_back(document)[1] == ("P", "=yes it is")
    assert "formula-without-result" in codes(document)


def test_broken_workbooks_are_refused() -> None:
    whole = as_xlsx(("T", [("Speaker", "Text"), ("I", "Why?")]))
    for broken in (whole[: len(whole) // 2], whole[:-30]):
        with pytest.raises(IngestError, match="QC-I055"):
            read(broken, "talk.xlsx")
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a")
    with pytest.raises(IngestError, match="QC-I055"):
        read(other.getvalue(), "talk.xlsx")
    with pytest.raises(IngestError, match="QC-I010"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "talk.xlsx", format="xlsx")


def test_same_bytes_same_documents() -> None:
    assert read_all(SURVEY) == read_all(SURVEY)
