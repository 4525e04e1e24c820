"""Bytes → :class:`~qualcode.model.document.Document`: read transcripts as researchers hand them over.

``read_path`` reads one file, ``read_many`` a folder's worth; ``inspect`` says what was found in a document.
"""

from __future__ import annotations

from qualcode.ingest.build import LocatedBlock, SourceInfo, Turn, located_document, rendered_document
from qualcode.ingest.inspect import inspect
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.read import ReadResult, read_bytes, read_many, read_path
from qualcode.ingest.registry import Reader, formats, reader_of

__all__ = [
    "IngestOptions",
    "LocatedBlock",
    "ReadResult",
    "Reader",
    "SourceInfo",
    "Turn",
    "formats",
    "inspect",
    "located_document",
    "read_bytes",
    "read_many",
    "read_path",
    "reader_of",
    "rendered_document",
]
