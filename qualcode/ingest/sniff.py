"""Bytes → the name of a format, by content; the extension only breaks a tie between a table and plain text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence

from qualcode.ingest.decode import peek
from qualcode.ingest.markup import markup_of

__all__ = ["sniff"]

_MAGIC: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("rtf", re.compile(rb"\s*\{\\rtf")),
    ("sqlite", re.compile(rb"SQLite format 3\0")),
    ("ole", re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    # The start of a line, so that talk about PDF files stays talk.
    ("pdf", re.compile(rb"(?:.{0,1000}[\r\n]|\xef\xbb\xbf)?%PDF-\d", re.DOTALL)),
    ("media", re.compile(rb"ID3[\x02-\x04]|RIFF.{4}(?:WAVE|AVI )|OggS\0|fLaC|\xff[\xf2\xf3\xfa\xfb]|\x1a\x45\xdf\xa3"
                         rb"|.{4}ftyp|0&\xb2u\x8ef\xcf\x11", re.DOTALL)),
    ("image", re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*")),
    ("zip", re.compile(rb"\x1f\x8b\x08|7z\xbc\xaf\x27\x1c|Rar!\x1a|BZh[1-9]1AY|\xfd7zXZ\0")),
)  # fmt: skip
_IN_ZIP: tuple[tuple[str, str], ...] = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("project.qde", "qdpx"),
    ("ppt/presentation.xml", "pptx"),
)
_TIME = r"\d{1,3}:\d{1,2}(?::\d{1,2})?[.,]\d{1,3}[ \t]*-->"
_VTT = re.compile(r"WEBVTT(?=\s|\Z)")
_CUES = re.compile(rf"(?P<index>\d+[ \t]*(?:\r\n|\r|\n)[ \t]*)?(?P<time>{_TIME})")
_JSON = re.compile(r"\{\s*(?:\"|\}\s*\Z)|\[\s*(?:\{\s*[\"}]|\[\s*[\"\d{]|\"[^\"\n]{0,200}\"\s*[,\]]|\]\s*\Z)")
_CHAT = re.compile(r"@(?:UTF8|Begin)\b")
_COLUMN_WORDS = frozenset(
    ["speaker", "speakers", "speaker name", "interlocutor", "who", "name", "participant", "text", "utterance",
     "utterances", "words", "said", "content", "transcript", "transcription", "sentence", "speech", "respondent",
     "respondent id", "response", "answer", "comment", "turn", "case", "start", "end", "timestamp", "time"]
)  # fmt: skip
_DELIMITERS = ",;\t|"
_MOST_COLUMN_NAME = 200
_MOST_NAME_WORDS = 4
_FEWEST = 2
_ROWS = 12
_SAMPLE = 16_384
_HEAD = 1024


def sniff(data: bytes, name: str = "") -> str:
    """Return the name of the format of ``data``; ``"txt"`` when it is nothing else that is known.

    Formats that are recognised but not read are named too (``"pdf"``, ``"rtf"``, ``"ole"`` …), so that the refusal can
    say what the file is whatever it is called.
    """
    head = data[:_HEAD]
    for found, magic in _MAGIC:
        if magic.match(head):
            return found
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(data, name)
    return _in_text(peek(data), name)


def _in_zip(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < _MOST_COLUMN_NAME:
                kind = archive.read("mimetype").decode("ascii", "ignore")
                if "opendocument" in kind:
                    return "odt"
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        # Damaged: the reader that the name promises can say more about it than "zip".
        return next((each for each in ("docx", "xlsx") if name.lower().endswith(each)), "zip")
    return next((found for member, found in _IN_ZIP if member in names), "zip")


def _in_text(text: str, name: str) -> str:
    whole, text = text, text.lstrip()
    cues = _CUES.match(text)
    if _VTT.match(text):
        return "vtt"
    if cues is not None:
        return "srt" if cues["index"] is not None or "," in cues["time"] else "vtt"
    if _CHAT.match(text):
        return "cha"
    markup = markup_of(text)
    if markup is not None:
        return markup
    if _JSON.match(text):
        return "json"
    return _delimited(whole, name) or "txt"


def _delimited(text: str, name: str) -> str | None:
    called = name.lower().endswith((".csv", ".tsv", ".tab"))
    for delimiter in _DELIMITERS:
        rows = _rows(text, delimiter)
        header = [cell.strip().strip("\ufeff").casefold() for cell in rows[0]] if rows else []
        if min(len(header), len(rows)) < _FEWEST or any(len(row) != len(header) for row in rows[1:]):
            continue
        if any(len(cell) > _MOST_COLUMN_NAME for cell in header):
            continue
        known = sum(cell in _COLUMN_WORDS or cell.startswith("qual_") for cell in header)
        if called or (known and all(len(cell.split()) <= _MOST_NAME_WORDS for cell in header)):
            return "tsv" if delimiter == "\t" else "csv"
    return "csv" if called else None


def _rows(text: str, delimiter: str) -> Sequence[Sequence[str]]:
    found: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                found.append(row)
            if len(found) > _ROWS:
                break
    except csv.Error:
        return []
    # The last row read may be cut off by the end of the sample.
    return found[:-1] if len(found) > _FEWEST and len(text) > _SAMPLE else found
