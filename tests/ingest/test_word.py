"""Word documents: every run of text a reader sees, tables of turns, and files that are not safe or not whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

import docx
import pytest
from hypothesis import given, settings

from qualcode.errors import IngestError
from qualcode.ingest import IngestOptions, read_bytes
from qualcode.model.document import Document
from tests.ingest.rendering import Said, conversations, read_back

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
BIG = 100_000_000


def read(data: bytes, **options: object) -> Document:
    (document,) = read_bytes(data, "talk.docx", options=IngestOptions(**options))  # type: ignore[arg-type]  # by name
    return document


def codes(document: Document) -> set[str]:
    return {warning.code for warning in document.warnings}


def raw(body: str, **parts: str) -> bytes:
    """Return a document from the XML of its body; the keywords are further parts (``comments="…"``)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", f"<w:document {W} {MC}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return out.getvalue()


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def para(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(each if each[:1] == '<' else run(each) for each in runs)}</w:p>"


TALK = [para("I: Why?"), para("P: Because."), para("I: And?"), para("P: So.")]
SAID = [("I", "Why?"), ("P", "Because."), ("I", "And?"), ("P", "So.")]


def with_python_docx(fill: Callable[[docx.document.Document], object]) -> bytes:
    made, out = docx.Document(), io.BytesIO()
    fill(made)
    made.save(out)
    return out.getvalue()


def as_paragraphs(said: Sequence[Said]) -> bytes:
    def fill(made: docx.document.Document) -> None:
        for who, text in said:
            paragraph = made.add_paragraph()
            paragraph.add_run(f"{who}:").bold = True
            paragraph.add_run(f" {text}")

    return with_python_docx(fill)


def as_table(rows: Sequence[Sequence[str]]) -> bytes:
    def fill(made: docx.document.Document) -> None:
        made.add_paragraph("Interview 7")
        table = made.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text

    return with_python_docx(fill)


@settings(max_examples=15, deadline=None)
@given(conversations)
def test_paragraphs_give_back_speakers_order_and_words(said: list[Said]) -> None:
    assert read_back(read(as_paragraphs(said))) == said


@settings(max_examples=8, deadline=None)
@given(conversations)
def test_table_gives_back_speakers_order_and_words(said: list[Said]) -> None:
    rows = [("Time", "Speaker", "Text"), *((f"0:{at:02}", who, text) for at, (who, text) in enumerate(said))]
    document = read(as_table(rows))
    assert read_back(document) == said
    assert document.blocks[0].kind == "meta"
    assert [block.start_ms for block in document.blocks[1:]] == [at * 1000 for at in range(len(said))]


def test_otter_paragraphs() -> None:
    body = [para("SPEAKERS"), para("Dana Reed, P01"), para()]
    for who, at, text in [("Dana Reed", "0:04", "Who?"), ("P01", "0:07", "The head."), ("Dana Reed", "0:09", "And?")]:
        body += [para(run(f"{who}  ", "<w:b/>"), at), para(text), para()]
    document = read(raw("".join(body)))
    assert read_back(document) == [("Dana Reed", "Who?"), ("P01", "The head."), ("Dana Reed", "And?")]
    assert [block.start_ms for block in document.blocks if block.kind == "turn"] == [4000, 7000, 9000]


def test_old_teams_paragraphs() -> None:
    said = [("0:0:3.270 --> 0:0:4.250", "Dana Reed", "Who?"), ("0:0:4.500 --> 0:1:0.0", "Sam", "The head.")]
    body = "".join(
        para(run(time), "<w:r><w:br/></w:r>", run(who), "<w:r><w:br/></w:r>", run(text)) for time, who, text in said
    )
    document = read(raw(body))
    assert read_back(document) == [("Dana Reed", "Who?"), ("Sam", "The head.")]
    assert [(block.start_ms, block.end_ms) for block in document.blocks] == [(3270, 4250), (4500, 60_000)]


def test_new_teams_paragraphs_and_notices() -> None:
    picture = "<w:r><w:drawing/></w:r>"
    body = para("Dana Reed started transcription")
    for who, at, text in [("Dana Reed", "0:03", "Who?"), ("Sam", "0:05", "The head."), ("Dana Reed", "0:08", "Oh.")]:
        body += para(picture, run(f"{who}   {at}"), "<w:r><w:br/></w:r>", run(text))
    document = read(raw(body + para("Dana Reed stopped transcription")))
    assert read_back(document) == [("Dana Reed", "Who?"), ("Sam", "The head."), ("Dana Reed", "Oh.")]
    assert [document.quote(block.span) for block in document.blocks if block.kind == "meta"] == [
        "Dana Reed started transcription",
        "Dana Reed stopped transcription",
    ]


def test_word_transcribe_paragraphs() -> None:
    body = para("Audio file") + para("talk.mp3") + para("Transcript")
    for at, who, text in [("00:00:03", 1, "Who?"), ("00:00:05", 2, "The head."), ("00:00:08", 1, "Oh.")]:
        body += para(f"{at} Speaker {who}") + para(text)
    assert read_back(read(raw(body))) == [("Speaker 1", "Who?"), ("Speaker 2", "The head."), ("Speaker 1", "Oh.")]


def test_insertions_links_controls_and_tags_are_read_and_deletions_are_not() -> None:
    body = (
        f"<w:p>{run('I: a')}<w:ins>{run(' b')}</w:ins><w:del><w:r><w:delText> gone</w:delText></w:r></w:del>"
        f"<w:hyperlink>{run(' c')}</w:hyperlink><w:sdt><w:sdtContent>{run(' d')}</w:sdtContent></w:sdt>"
        f"<w:smartTag>{run(' e')}</w:smartTag><w:moveFrom>{run(' gone')}</w:moveFrom>"
        "<w:r><w:tab/><w:t>f</w:t><w:br/><w:t>g</w:t><w:noBreakHyphen/><w:t>h</w:t><w:cr/><w:t>i</w:t></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{TALK[1]}</w:sdtContent></w:sdt>{TALK[2]}{TALK[3]}"
    )
    document = read(raw(body))
    assert document.text.startswith("I: a b c d e\tf\ng-h\ni\nP: Because.")
    assert "gone" not in document.text
    assert "tracked-changes" in codes(document)


def test_alternate_content_is_read_once_and_text_boxes_are_read() -> None:
    box = para("[phone rings]")
    shape = (
        f"<w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent>{box}</w:txbxContent></wps:txbx></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox><w:txbxContent>{box}</w:txbxContent></v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    document = read(raw(f"<w:p>{run('I: Why?')}{shape}</w:p>" + "".join(TALK[1:])))
    assert document.text.count("[phone rings]") == 1
    assert read_back(document) == SAID


def test_hidden_text_and_automatic_numbers_warn() -> None:
    numbering = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/>'
        '</w:lvl></w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    )
    hidden = para(run("I: Why?"), run(" secret", "<w:vanish/>"), run(" shown", '<w:vanish w:val="0"/>'))
    listed = para("P: Because.", properties='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr>')
    document = read(raw(hidden + listed + "".join(TALK[2:]), numbering=numbering))
    assert read_back(document)[0] == ("I", "Why? shown")
    assert {"hidden-text", "auto-numbered"} <= codes(document)


def test_comments_and_footnotes_are_notes_and_not_speech() -> None:
    comments = f'<w:comments {W}><w:comment w:id="3">{para("check the name")}</w:comment></w:comments>'
    footnotes = (
        f'<w:footnotes {W}><w:footnote w:id="0" w:type="separator">{para("x")}</w:footnote>'
        f'<w:footnote w:id="2">{para("see page 4")}</w:footnote></w:footnotes>'
    )
    document = read(raw("".join(TALK), comments=comments, footnotes=footnotes))
    assert read_back(document) == SAID
    notes = [
        (block.source_ref and block.source_ref.path, document.quote(block.span))
        for block in document.blocks
        if block.kind == "note"
    ]
    assert notes == [("footnote 2", "see page 4"), ("comment 3", "check the name")]


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{para(text)}</w:tc>"


def test_merged_cells_and_spacer_columns() -> None:
    rows = [
        cell("Start") + cell("") + cell("Speaker") + cell("Transcription"),
        cell("0:01") + cell("") + cell("Dana", '<w:vMerge w:val="restart"/>') + cell("One."),
        cell("0:02") + cell("") + cell("ignored", "<w:vMerge/>") + cell("Two."),
        cell("0:03") + cell("") + cell("Sam") + cell("Three."),
        cell("End of part one", '<w:gridSpan w:val="4"/>'),
        cell("0:05") + cell("") + cell("Dana") + cell("Four."),
    ]
    document = read(raw("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"))
    turns = [(who, text) for who, text in read_back(document)]
    assert turns == [("Dana", "One. Two."), ("Sam", "Three."), ("Dana", "Four.")]
    assert [block.kind for block in document.blocks] == ["turn", "turn", "heading", "turn"]


def table(rows: Sequence[Sequence[str]]) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in rows) + "</w:tbl>"


def test_other_tables_are_meta() -> None:
    numbers = table([("Speaker", "Share"), ("Dana", "40 %"), ("Sam", "60 %")])
    turns = table([("Speaker", "Text"), ("Dana", "Why do you do it?"), ("Sam", "Because."), ("Dana", "Oh.")])
    document = read(raw(numbers + turns))
    assert read_back(document) == [("Dana", "Why do you do it?"), ("Sam", "Because."), ("Dana", "Oh.")]
    assert document.blocks[0].kind == "meta"
    assert "table-not-transcript" in codes(document)
    beside = read(raw("".join(TALK) + table([("School", "Pupils"), ("North", "204")])))
    assert read_back(beside) == SAID
    assert beside.blocks[-1].kind == "meta"


def test_rows_of_labelled_lines_and_frames_are_read_as_paragraphs() -> None:
    lines = table([("0:01", "Dana: Why?"), ("0:04", "Sam: So."), ("0:06", "Dana: Oh.")])
    assert read_back(read(raw(lines))) == [("Dana", "Why?"), ("Sam", "So."), ("Dana", "Oh.")]
    frame = "<w:tbl><w:tr><w:tc>" + "".join(TALK) + "</w:tc></w:tr></w:tbl>"
    assert read_back(read(raw(frame))) == SAID


def test_headings_of_the_document_are_headings() -> None:
    heading = para("About the school", properties='<w:pStyle w:val="berschrift1"/>')
    styles = (
        f'<w:styles {W}><w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        "</w:styles>"
    )
    document = read(raw("".join([*TALK[:2], heading, *TALK[2:]]), styles=styles))
    assert [block.kind for block in document.blocks] == ["turn", "turn", "heading", "turn", "turn"]


def test_damaged_and_cut_off_files_are_refused() -> None:
    whole = raw("".join(TALK))
    for broken in (whole[: len(whole) // 2], whole[:-20], b"PK\x03\x04" + b"\0" * 50):
        with pytest.raises(IngestError, match="QC-I055"):
            read(broken)
    with pytest.raises(IngestError, match="QC-I055"):
        read(raw("<w:p><w:r></w:p>"))


def test_password_protected_files_are_refused() -> None:
    with pytest.raises(IngestError, match="QC-I010") as caught:
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, format="docx")
    assert "password" in str(caught.value)


def test_zip_bombs_are_refused() -> None:
    with pytest.raises(IngestError, match="QC-I057"):
        read(raw("".join(TALK), styles=" " * BIG))


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "boom">]><a>&b;</a>'
    with pytest.raises(IngestError, match="QC-I059"):
        read(raw("".join(TALK), comments=bomb))


def test_other_archives_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("readme.txt", "hello")
    with pytest.raises(IngestError, match="QC-I055"):
        read(out.getvalue(), format="docx")
    with pytest.raises(IngestError, match="QC-I004"):
        read(raw(para()))


def test_same_bytes_same_document() -> None:
    assert read(raw("".join(TALK))) == read(raw("".join(TALK)))
