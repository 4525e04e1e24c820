"""Bytes in: formats, encodings, refusals, many files at once."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from qualcode.errors import IngestError
from qualcode.ingest import IngestOptions, formats, inspect, read_bytes, read_many, read_path, reader_of
from qualcode.ingest.sniff import sniff
from tests.ingest.test_headers import said

TALK = "Interviewer: Was it “fair”?\nHead: Naïve, but café 🙂 yes.\n"


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_do_not_change_what_is_read(encoding: str, newline: str) -> None:
    (document,) = read_bytes(TALK.replace("\n", newline).encode(encoding), "t.txt")
    assert document.text == TALK
    assert document.newline == {"\n": "lf", "\r\n": "crlf", "\r": "cr"}[newline]
    assert said(document)[1] == ("Head", "Naïve, but café 🙂 yes.")


def test_windows_text_is_read_with_a_warning_that_names_its_characters() -> None:
    (document,) = read_bytes(TALK.replace(" 🙂", "").encode("cp1252"), "t.txt")
    (warning,) = [each for each in document.warnings if each.code == "guessed-encoding"]
    assert document.encoding == "cp1252"
    assert all(character in warning.message for character in "“”ïé")


def test_signs_of_older_damage_are_warnings_and_nothing_is_repaired() -> None:
    (document,) = read_bytes("I: Itâ€™s\r\nB: lost \ufffd\nI: so\nB: x\n".encode(), "t.txt")
    assert {"mixed-newlines", "mojibake", "replacement-characters"} <= {each.code for each in document.warnings}
    assert "Itâ€™s" in document.text


def test_a_forced_encoding_is_used() -> None:
    (document,) = read_bytes(
        "I: né\nB: oui\n".encode("mac_roman"), "t.txt", options=IngestOptions(encoding="mac_roman")
    )
    assert "né" in document.text


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "t.txt", "QC-I003"), (b" \r\n\t", "t.txt", "QC-I003"), (b"\xef\xbb\xbf\n", "t.txt", "QC-I003"),
        (bytes(range(256)) * 40, "t.txt", "QC-I005"), (b"\x01\x02\x03abc" * 50, "t.txt", "QC-I005"),
        (b"I: a\x81\x8d\n", "t.txt", "QC-I006"),
        (b"%PDF-1.7 x", "t.txt", "QC-I007"), (b"{\\rtf1 x}", "t.doc", "QC-I007"),
        (b"SQLite format 3\0x", "a", "QC-I007"),
        (b'{"text": "x"}', "t.json", "QC-I007"), (b"@UTF8\n@Begin\n", "t.txt", "QC-I007"),
        (b"<!DOCTYPE html><html>", "t.txt", "QC-I007"), (b'<?xml version="1.0"?><TEI>', "t.xml", "QC-I007"),
        (b"<Trans>", "t.trs", "QC-I007"), (b"<ANNOTATION_DOCUMENT>", "t.eaf", "QC-I007"),
        (zipped("project.qde"), "t.qdpx", "QC-I007"), (zipped("a.txt"), "t.zip", "QC-I007"),
        (b"ID3\x04x", "a.mp3", "QC-I007"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t.docx", "QC-I010"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_reason_and_a_remedy(data: bytes, name: str, code: str) -> None:
    with pytest.raises(IngestError) as caught:
        read_bytes(data, name)
    assert caught.value.code == code
    assert caught.value.hint
    assert str(caught.value.where) == name


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"encoding": "utf-9"}, "QC-I012"), ({"encoding": "ascii"}, "QC-I006"), ({"format": "docxx"}, "QC-I011"),
        ({"speaker_pattern": "(["}, "QC-I013"), ({"roles": {"I": "boss"}}, "QC-I014"),
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_is_refused(options: dict[str, object], code: str) -> None:
    with pytest.raises(IngestError) as caught:
        read_bytes(TALK.encode(), "t.txt", options=IngestOptions(**options))  # type: ignore[arg-type] # on purpose
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx", "t.txt", "vtt"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nx", "t.txt", "srt"),
        (b"speaker,text\nI,why\nB,so\n", "t.txt", "csv"), (b"a;b\n1;2\n", "t.csv", "csv"),
        (b"who\tsaid\nI\twhy\n", "t.txt", "tsv"),
        (zipped("word/document.xml"), "t.bin", "docx"), (zipped("xl/workbook.xml"), "t.bin", "xlsx"),
        (b"[00:00:04][Dana] Who\n", "t.txt", "txt"), (b"{Dana} Who\n", "t.txt", "txt"),
        (b"I: well, yes\nB: no, never\n", "t.txt", "txt"), (b"# Title\n\nText, more\n", "t.md", "txt"),
    ],
)  # fmt: skip
def test_a_format_is_known_by_its_content(data: bytes, name: str, expected: str) -> None:
    assert sniff(data, name) == expected


def test_files_that_are_not_there_or_not_files_are_refused(tmp_path: Path) -> None:
    lock = tmp_path / "~$talk.docx"
    lock.write_bytes(b"x")
    for path, code in ((tmp_path / "no.txt", "QC-I001"), (tmp_path, "QC-I002"), (lock, "QC-I008")):
        with pytest.raises(IngestError) as caught:
            read_path(path)
        assert caught.value.code == code
        assert caught.value.hint


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    for folder, name, content in (("a", "x.txt", TALK), ("b", "x.txt", TALK), ("c", "x.txt", "I: no\nB: yes\n"),
                                  ("d", "y.txt", ""), ("e", "z.txt", TALK)):  # fmt: skip
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content, encoding="utf-8")
    result = read_many(sorted(tmp_path.glob("*/*.txt")))
    assert [document.name for document in result.documents] == ["x.txt", "z.txt"]
    assert [failure.code for failure in result.failures] == ["QC-I009", "QC-I003"]
    assert [warning.code for warning in result.warnings] == ["duplicate-file"]


def test_the_same_bytes_and_options_give_the_same_document() -> None:
    options = IngestOptions(roles={"Head": "participant"})
    first, again = (read_bytes(TALK.encode(), "t.txt", options=options) for _ in range(2))
    assert first == again
    assert len(first[0].id) == 16
    assert read_bytes(TALK.encode(), "t.txt")[0].id != first[0].id
    assert read_bytes(TALK.encode(), "u.txt", options=options)[0].id != first[0].id


def test_inspect_counts_words_of_speech_and_can_be_written_as_json() -> None:
    (document,) = read_bytes(b"Title\n\nI: Why - now?\nHead: [laughs] It is 9.\nI: Ok?\n", "t.txt")
    found = json.loads(json.dumps(inspect(document)))
    assert found["speakers"] == [
        {"label": "I", "role": "interviewer", "turns": 2, "words": 3},
        {"label": "Head", "role": "participant", "turns": 1, "words": 3},
    ]
    assert (found["turns"], found["words"], found["format"], found["encoding"]) == (3, 6, "txt", "utf-8")


def test_every_built_in_format_has_a_reader() -> None:
    assert {"csv", "docx", "srt", "tsv", "txt", "vtt", "xlsx"} <= set(formats())
    assert all(callable(reader_of(name)) for name in formats())


def test_every_error_and_warning_code_is_documented() -> None:
    root = Path(__file__).parents[2]
    documented = (root / "docs" / "errors-ingest.md").read_text(encoding="utf-8")
    for module in (root / "qualcode" / "ingest").glob("*.py"):
        source = module.read_text(encoding="utf-8")
        codes = re.findall(r'"(QC-I\d+)"|"([a-z]+(?:-[a-z]+)*)",\s*"(?:info|warn)"', source)
        missing = [code for pair in codes for code in pair if code and f"`{code}`" not in documented]
        assert not missing, module.name


def test_importing_the_room_loads_no_heavy_library() -> None:
    heavy = ["spacy", "pandas", "sklearn", "gensim", "matplotlib", "sqlite3", "openpyxl", "docx", "yaml"]
    code = f"import sys, qualcode.ingest; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parents[2])  # fmt: skip
    assert done.stdout.strip() == "[]"
