"""The notebook's verbs return values that show themselves, and text never becomes markup."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qualcode as qc
from qualcode.errors import IngestError, ProjectError, QueryError
from qualcode.model.coding import Coding
from qualcode.model.document import Span
from tests.builders import document
from tests.project.studies import make_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study(tmp_path / "source files")


@pytest.fixture
def documents(study: Path) -> qc.Documents:
    return qc.read([study / "anna.txt", study / "ben.txt"], attributes=study / "cases.csv")


@pytest.fixture
def result(study: Path, documents: qc.Documents) -> qc.CodingResult:
    return qc.code(documents, study / "tiny.yaml")


def plain_text(html: str) -> str:
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]  # the parser's own way to be told
    parser.feed(html)
    return "".join(found)


def test_documents_are_a_sequence_that_shows_speakers_and_first_words(documents: qc.Documents) -> None:
    assert [each.name for each in documents] == ["anna.txt", "ben.txt"]
    assert documents["ben.txt"] is documents[1] is documents[1:][0]
    assert dict(documents[0].attributes) == {"phase": "primary"}
    shown = documents._repr_html_()
    assert "We all bought into it from the start." in shown
    assert "<script" not in shown
    with pytest.raises(KeyError):
        documents["carl.txt"]


def test_a_folder_is_read_whole(study: Path) -> None:
    for name in ("cases.csv", "tiny.yaml"):
        (study / name).unlink()
    assert len(qc.read(study)) == 2
    assert len(qc.read(str(study / "anna.txt"))) == 1


def test_files_that_cannot_be_read_are_told(study: Path) -> None:
    (study / "empty.txt").write_bytes(b"")
    with pytest.raises(IngestError, match="QC-I003"):
        qc.read([study / "empty.txt", study / "anna.txt"])
    with pytest.raises(IngestError, match="QC-P024") as caught:
        qc.read([study / "empty.txt", study / "gone.txt"])
    assert len(caught.value.problems) == 2
    with pytest.raises(ProjectError, match="QC-P020"):
        qc.read([])


def test_a_codebook_is_called_by_name_before_and_after_its_package_is_imported(study: Path) -> None:
    import qualcode.codebook

    assert qc.codebook("robinson-scl").id == "robinson-scl"
    assert qc.codebook(study / "tiny.yaml").id == "tiny"
    assert qualcode.codebook.load_codebook("robinson-scl") == qc.codebook("robinson-scl")


def test_codings_equal_the_csv_cell_for_cell(result: qc.CodingResult) -> None:
    rows = list(csv.reader(io.StringIO(result.table().to_csv())))
    frame = result.to_pandas()
    assert list(frame.columns) == rows[0]
    assert [[("" if cell is None else str(cell)) for cell in row] for row in frame.itertuples(index=False)] == rows[1:]
    assert len(result) == 2
    assert result[0].code == "A1"


def test_results_make_tables(result: qc.CodingResult) -> None:
    assert result.themes().column("code") == ("A", "A1")
    assert set(result.themes(by="phase").column("phase")) == {"primary", "secondary"}
    assert {"anna", "ben"} <= {column.name for column in result.matrix().columns}
    assert "<caption>" in result._repr_html_()


def test_one_document_alone_can_be_coded_and_searched(study: Path, documents: qc.Documents) -> None:
    assert len(qc.code(documents[0], qc.codebook(study / "tiny.yaml"))) == 1
    assert len(qc.search(documents[0], "garden")) == 1


def test_search_begins_with_document_start_end_quote(documents: qc.Documents) -> None:
    found = qc.search(documents, "on board")
    assert [column.name for column in found.table().columns][:6] == [
        "document",
        "start",
        "end",
        "quote",
        "turn",
        "speaker",
    ]
    for row in found.table():
        text = documents[str(row["document"])].text
        assert text[int(str(row["start"])) : int(str(row["end"]))] == row["quote"]
    assert list(found.to_pandas()["quote"]) == ["on board", "on board"]
    assert "on board" in found._repr_html_()


@pytest.mark.parametrize(
    "text", ["", "  \n ", "We never bought into it.", "Q: Why?\r\nA: I bought\ninto it — really 😀, bought into it."]
)
def test_a_plain_text_can_be_searched_and_its_offsets_are_its_own(text: str) -> None:
    for hit in qc.search(text, '"bought into" | really'):
        assert text[hit.start : hit.end] == hit.quote
    assert len(qc.search(text, '"bought into"')) == text.replace("\n", " ").count("bought into")


def test_a_query_that_is_wrong_is_told(documents: qc.Documents, study: Path) -> None:
    for query in ("(trust", "code:A1 AND trust", "$staff"):
        with pytest.raises(QueryError):
            qc.search(documents, query)
    with pytest.raises(QueryError, match="QC-Q041"):
        qc.search(documents, "code:A7", codebook=study / "tiny.yaml")


def test_highlight_marks_passages_and_says_why(result: qc.CodingResult) -> None:
    shown = str(result.highlight("ben.txt"))
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert 'title="A1 Buy-in (' in shown
    assert result.highlight(1)._repr_html_() == shown == str(result.highlight(result.documents[1]))


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(), speech=st.text(st.sampled_from("ab <>&\"'{}/\u202e\n"), min_size=1, max_size=30).filter(str.strip)
)
def test_highlight_keeps_every_character_and_makes_no_markup(data: st.DataObject, speech: str) -> None:
    made = document("d", [("Q<b>", "interviewer", "Why?"), ("A&", "participant", speech)])
    block = made.blocks[1]
    assert block.label_span is not None
    place = st.integers(block.label_span.end, block.span.end)
    codings = []
    for start, end in data.draw(st.lists(st.tuples(place, place).map(sorted), max_size=4)):
        codings.append(
            Coding(
                "d",
                "d",
                1,
                "A&",
                "participant",
                Span(start, end),
                made.text[start:end],
                "<i>",
                'x"y',
                "rules",
                "r'1",
                "",
                1.0,
                "present",
                "suggested",
                "",
                "book",
                "1",
            )
        )
    shown = str(qc.highlight(made, codings))
    body = shown.split("</p>", 3)[3]
    assert "".join(plain_text(body).replace("[U+202E]", "\u202e").split()) == "".join(f"A&:{speech}".split())
    assert set(re.findall(r"</?([^\s>]*)", shown)) <= {"div", "p", "strong", "mark"}


def test_run_demo_and_project_are_there(study: Path, tmp_path: Path) -> None:
    done = qc.run([study / "anna.txt"], study / "tiny.yaml", tmp_path / "out", date="2026-01-02")
    assert done.report.exists()
    assert "Buy-in" in done._repr_html_()
    with pytest.raises(ProjectError, match="QC-P001"):
        qc.Project(tmp_path / "out")


def test_values_say_what_they_are_in_a_line_and_not_all_they_hold(documents: qc.Documents, study: Path) -> None:
    book = qc.codebook(study / "tiny.yaml")
    assert repr(documents[0]) == "<Document 'anna.txt': 4 blocks, 2 speakers>"
    assert repr(book) == "<Codebook 'tiny' 1.0: 2 codes>"
    assert "Buy-in" in book._repr_html_()


def test_a_table_prints_as_a_table(result: qc.CodingResult) -> None:
    assert repr(result.themes()).startswith("Themes\n\ncode  label ")
