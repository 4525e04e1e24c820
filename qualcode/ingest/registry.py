"""Format name → reader. Plug-ins enter by the entry point group ``qualcode.readers`` and are equal to the built-ins."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from qualcode.errors import IngestError
from qualcode.ingest.build import SourceInfo
from qualcode.ingest.options import IngestOptions
from qualcode.model.document import Document

__all__ = ["GROUP", "Reader", "formats", "reader_of", "refusal_of"]

Reader = Callable[[bytes, SourceInfo, IngestOptions], tuple[Document, ...]]
"""A reader: the bytes of a file, what is known of it, the options; one document, or several for a table."""

GROUP = "qualcode.readers"

_BUILT_IN = {
    "txt": "qualcode.ingest.plain:read_plain",
    "docx": "qualcode.ingest.word:read_docx",
    "vtt": "qualcode.ingest.captions:read_vtt",
    "srt": "qualcode.ingest.captions:read_srt",
    "csv": "qualcode.ingest.delimited:read_delimited",
    "tsv": "qualcode.ingest.delimited:read_delimited",
    "xlsx": "qualcode.ingest.workbook:read_xlsx",
}
_RESAVE = "Open it and save it as .docx or plain text, then ingest that."
_EXPORT = "Export the transcript from the program that made it as .vtt, .srt, .docx or plain text."
_REFUSED = {
    "rtf": ("a Rich Text (RTF) file", _RESAVE),
    "pdf": ("a PDF file", "Take the document it was made from, or copy its text into a .txt file and check the turns."),
    "odt": ("an OpenDocument file", _RESAVE),
    "ole": ("password-protected or an old .doc/.xls file", "Take the password off, or save it as .docx (or .xlsx)."),
    "pptx": ("a presentation", _RESAVE),
    "json": ("JSON from a speech service or another program", _EXPORT),
    "sqlite": (
        "an SQLite database",
        "For another program's project use 'qualcode import'; else export its transcripts.",
    ),
    "qdpx": ("a REFI-QDA project", "Use 'qualcode import' for projects; ingest is for transcripts."),
    "cha": ("a CHAT transcript", "Export it from CLAN as plain text."),
    "eaf": ("an ELAN file", "Export it from ELAN as tab-delimited text or as subtitles (.srt)."),
    "trs": ("a Transcriber file", "Export it as plain text or subtitles."),
    "tei": ("a TEI document", _RESAVE),
    "html": (
        "HTML (a web page, or a part of one)",
        "Open it in a browser and save the page as text, or export the transcript as .txt, .docx or .vtt.",
    ),
    "xml": ("an XML file", _EXPORT),
    "zip": ("a zip archive", "Unpack it and ingest the files in it."),
    "media": ("a recording (audio or video)", "qualcode reads transcripts: have it transcribed first."),
    "image": ("a picture", "Have its text recognised (OCR) and save that as plain text."),
}


def formats() -> tuple[str, ...]:
    """Return the names of the formats that can be read, sorted."""
    return tuple(sorted({*_BUILT_IN, *_plug_ins()}))


def reader_of(name: str) -> Reader:
    """Return the reader of a format; a plug-in of the same name replaces a built-in.

    Raises:
        IngestError: QC-I011 for a name nobody reads, QC-I015 for a plug-in that cannot be loaded.
    """
    plug_in = _plug_ins().get(name)
    if plug_in is not None and plug_in.value != _BUILT_IN.get(name):
        try:
            loaded: Reader = plug_in.load()
        except Exception as error:
            raise IngestError("QC-I015", f"the plug-in {plug_in.value!r} for {name!r} files cannot be loaded: {error}",
                              hint="Update or uninstall the package that provides it.") from error  # fmt: skip
        return loaded
    target = _BUILT_IN.get(name)
    if target is None:
        near = difflib.get_close_matches(name, formats(), n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        raise IngestError("QC-I011", f"there is no reader for the format {name!r}",
                          hint=f"{meant}Available: {', '.join(formats())}.")  # fmt: skip
    module, _, function = target.partition(":")
    reader: Reader = getattr(import_module(module), function)
    return reader


def refusal_of(name: str) -> tuple[str, str] | None:
    """Return what a recognised but unread format is and what to do about it; ``None`` when it is read."""
    return None if name in _plug_ins() else _REFUSED.get(name)


@lru_cache(maxsize=1)
def _plug_ins() -> dict[str, EntryPoint]:
    return {each.name: each for each in entry_points(group=GROUP)}
