"""Files that are not what they seem, damaged, or missing: a code and a remedy, and nothing half-read."""

from __future__ import annotations

import io
import os
import random
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from qualcode.errors import IngestError
from qualcode.ingest import IngestOptions, read_bytes, read_many, read_path
from qualcode.ingest.sniff import sniff
from qualcode.model.document import CODEABLE_KINDS

TALK = "Interviewer: How is it?\nP1: Good.\nInterviewer: Why?\nP1: Time.\n"


def refused(data: bytes | str, name: str = "talk.txt", **options: object) -> IngestError:
    raw = data.encode() if isinstance(data, str) else data
    with pytest.raises(IngestError) as caught:
        read_bytes(raw, name, options=IngestOptions(**options))  # type: ignore[arg-type]  # options by name
    assert caught.value.hint
    return caught.value


MARKUP = {
    "page": "<!DOCTYPE html>\n<html><body><p>Dana: Who?</p></body></html>",
    "fragment of lines": "<cite>Dana:</cite>\n<time>0:04</time>\n<p>Who protects "
                         "it?</p>\n<cite>Sam:</cite>\n<p>Nobody.</p>\n",
    "paragraphs": "<p>Dana: Who?</p>\n<p>Sam: Me.</p>\n",
    "one line": "<div class='x'><b>Dana:</b> Who?<br/><b>Sam:</b> Me.<br/></div>",
    "bold labels and breaks": "<b>Dana:</b> Who?<br>\n<b>Sam:</b> Me.<br>\n",
    "a title above": "Interview 3\n<p>Dana: Who?</p>\n<p>Sam: Me.</p>\n<p>Dana: Why?</p>\n",
    "comment first": "<!-- saved page -->\n<ul>\n<li>Dana: Who?</li>\n<li>Sam: Me.</li>\n</ul>",
}  # fmt: skip


@pytest.mark.parametrize("name", ["talk.txt", "talk.html", "talk.doc"])
@pytest.mark.parametrize("text", MARKUP.values(), ids=MARKUP)
def test_html_and_parts_of_it_are_refused_whatever_they_are_called(text: str, name: str) -> None:
    error = refused(text, name)
    assert error.code == "QC-I007"
    assert "HTML" in error.message
    assert ".txt, .docx or .vtt" in str(error.hint)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<?xml version="1.0"?>\n<transcript><turn who="a">Hi</turn></transcript>', "xml"),
        ('<transcript>\n <turn who="a">Hi there</turn>\n</transcript>', "xml"),
        ('<?xml version="1.0"?>\n<TEI xmlns="http://www.tei-c.org/ns/1.0"><text/></TEI>', "tei"),
        ('<?xml version="1.0"?><!DOCTYPE Trans SYSTEM "trans-14.dtd">\n<Trans audio_filename="a"/>', "trs"),
        ('<ANNOTATION_DOCUMENT AUTHOR="">', "eaf"),
    ],
)
def test_xml_is_named(text: str, found: str) -> None:
    assert sniff(text.encode()) == found
    assert refused(text).code == "QC-I007"


@pytest.mark.parametrize(
    "text",
    [
        "<laughs>\nInterviewer: How? <crosstalk>\nP1: <laughs> Good.\n",
        "Interviewer: How <overlap>is it</overlap>?\nP1: <overlap>Good</overlap> enough.\n",
        "<!-- typed by us -->\n\nInterviewer: How?\nP1: Good <b>and</b> well.\n",
        '<div align="center">\n\n# Interview\n\n</div>\n\nInterviewer: How?\n\nP1: Good.\n\nInterviewer: Why?\n\nP1: '
        'So.\n',
        "Interviewer: I < P and P > I, is that so?\nP1: 1 < 2.\n",
    ],
)  # fmt: skip
def test_angle_brackets_in_a_transcript_are_no_markup(text: str) -> None:
    (document,) = read_bytes(text.encode(), "talk.txt")
    assert {each.label for each in document.speakers} == {"Interviewer", "P1"}


def test_talk_about_files_is_talk() -> None:
    assert sniff(b"Interviewer: What is %PDF-?\nID3: A tag.\n") == "txt"
    assert sniff(b"ID3: Well.\nID4: So.\n") == "txt"
    assert refused(b"\xef\xbb\xbf%PDF-1.4\n%x", "talk.txt").code == "QC-I007"
    assert refused(b"junk of a mailer\r\n%PDF-1.4\n", "talk.txt").code == "QC-I007"


@pytest.mark.parametrize(
    "data", [b"\x1f\x8b\x08\0\0", b"7z\xbc\xaf\x27\x1c\0", b"Rar!\x1a\x07", b"\x1a\x45\xdf\xa3\0", b"\0\0\0\x18ftypmp4",
             b"RIFF\1\2\3\4WAVEfmt ", b"\x89PNG\r\n", b"\xff\xfb\x90\x44\0"],
)  # fmt: skip
def test_archives_recordings_and_pictures_are_named(data: bytes) -> None:
    assert refused(data).code == "QC-I007"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [TALK, "I: Wo\u2000war\u2019s?\nB: \u0100h, né \U0001f642.\n" * 20])
def test_wide_text_without_a_byte_order_mark_is_read(encoding: str, text: str) -> None:
    (document,) = read_bytes(text.encode(encoding), "talk.txt")
    assert (document.encoding, document.text) == (encoding, text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_that_is_cut_off_is_refused(encoding: str) -> None:
    error = refused(TALK.encode(encoding)[:-1])
    assert (error.code, "damaged" in error.message) == ("QC-I006", True)


def test_noise_is_refused() -> None:
    chance = random.Random(7)
    assert refused(chance.randbytes(5000)).code == "QC-I005"
    assert refused(bytes(chance.randrange(128, 256) for _ in range(5000))).code == "QC-I006"


def test_a_file_that_is_blank_in_any_encoding_is_refused() -> None:
    for data in (b"", b"\r\n\r\n", b"\xff\xfe", "\ufeff \n".encode("utf-16"), "\u00a0\u2003\n".encode()):
        assert refused(data).code == "QC-I003"


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        ("speaker,text\n", {}, "QC-I051"),
        ("speaker,text\nDana,Who?\nSam,Me.\n", {"columns": {"text": "Said"}}, "QC-I053"),
        ("speaker,text\nDana,Who?\nSam,Me.\n", {"columns": {"shoe": "text"}}, "QC-I053"),
        ("school,age,ofsted\nNorth,41,RI\nSouth,52,Good\n", {}, "QC-I052"),
    ],
)
def test_tables_that_hold_no_transcript_are_refused(data: str, options: dict[str, object], code: str) -> None:
    error = refused(data, "talk.csv", **options)
    assert error.code == code
    if code == "QC-I053":
        assert "--column" in str(error.hint)


def test_office_files_cut_off_anywhere_are_refused() -> None:
    made = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["speaker", "text"])  # type: ignore[union-attr]  # a new workbook has a sheet
    book.active.append(["Dana", "Who?"])  # type: ignore[union-attr]
    book.save(made)
    whole = made.getvalue()
    assert len(read_bytes(whole, "talk.xlsx")) == 1
    for share in (0.1, 0.5, 0.9, 0.99):
        assert refused(whole[: int(len(whole) * share)], "talk.xlsx").code in ("QC-I055", "QC-I007")


def test_a_zip_bomb_is_refused_at_once() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * 60_000_000)
    begin = time.process_time()
    assert refused(made.getvalue(), "talk.docx").code == "QC-I057"
    assert time.process_time() - begin < 2


def test_files_that_cannot_be_opened_are_refused_and_the_others_read(tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text(TALK, encoding="utf-8")
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "gone.txt")
    vanished = tmp_path / "vanished.txt"
    vanished.write_text(TALK, encoding="utf-8")
    paths = [link, vanished, tmp_path / ("x" * 400), tmp_path / "nul\0.txt", good]
    vanished.unlink()
    result = read_many(paths)
    assert [each.name for each in result.documents] == ["good.txt"]
    assert [each.code for each in result.failures] == ["QC-I001", "QC-I001", "QC-I016", "QC-I001"]
    assert "link" in result.failures[0].message


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "talk.txt"
    path.write_text(TALK, encoding="utf-8")

    def locked(_: Path) -> bytes:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "read_bytes", locked)
    with pytest.raises(IngestError, match="Permission denied") as caught:
        read_path(path)
    assert caught.value.code == "QC-I016"


def test_one_name_twice_is_skipped_or_refused_and_never_mixed(tmp_path: Path) -> None:
    for folder, content in (("a", TALK), ("b", TALK), ("c", TALK + "P1: More.\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "talk.txt").write_text(content, encoding="utf-8")
    result = read_many([tmp_path / folder / "talk.txt" for folder in "abc"])
    assert [each.text for each in result.documents] == [TALK]
    assert [each.code for each in result.warnings] == ["duplicate-file"]
    assert [each.code for each in result.failures] == ["QC-I009"]


@pytest.mark.parametrize(
    "line",
    ["Interviewer: " + "the head does that [mostly (and "
                       "" * 160_000, "a: " * 1_700_000, "[" * 5_000_000, "(" * 5_000_000,
     "<p " * 1_700_000, "//x " * 400_000, "0:00 " * 1_000_000, "Dana " * 1_000_000],
    ids=["brackets", "colons", "squares", "rounds", "tags", "slashes", "stamps", "words"],
)  # fmt: skip
def test_a_line_of_five_megabytes_is_read_in_linear_time(line: str) -> None:
    begin = time.process_time()
    (document,) = read_bytes(line.encode(), "talk.txt")
    assert time.process_time() - begin < 8
    assert document.text == line
    assert all(block.kind in CODEABLE_KINDS for block in document.blocks)
