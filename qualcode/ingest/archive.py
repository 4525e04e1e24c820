"""Open the zip archives that office documents are, without letting one of them fill the machine."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from qualcode.errors import IngestError

__all__ = ["checked_archive"]

_MOST_BYTES = 512 * 1024 * 1024
_MOST_PARTS = 10_000
_MOST_RATIO = 200
_RATIO_MATTERS_FROM = 32 * 1024 * 1024
_XML = (".xml", ".rels")
_DOCTYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def checked_archive(data: bytes, *, name: str, needs: str, what: str, suffix: str) -> Mapping[str, bytes]:
    """Return the XML parts of an office document by name; pictures and other parts are left alone.

    Args:
        needs: the part that must be there, such as ``[Content_Types].xml``.
        what: what the file should be, for the message.
        suffix: how such files end, for the hint.

    Raises:
        IngestError: QC-I055 for a file that is damaged, cut off or of another kind, QC-I010 for one with a password (or
            in the old binary format), QC-I057 for one that unpacks to an unreasonable size, QC-I059 for one whose XML
            defines entities.
    """
    if data.startswith(_OLE):
        raise IngestError(
            "QC-I010",
            f"the file is password-protected, or of the format before {suffix}",
            where=name,
            hint=f"Open it, remove the password and save it as {suffix}.",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_bombs(parts, len(data), name)
            found = {part.filename: archive.read(part) for part in parts if part.filename.endswith(_XML)}
    except IngestError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
    ) as problem:
        if "encrypted" in str(problem):
            raise IngestError(
                "QC-I010", "the file is password-protected", where=name, hint="Save a copy without the password."
            ) from problem
        raise IngestError(
            "QC-I055",
            f"the {what} is damaged or cut off",
            where=name,
            hint="Copy it again from where it came from, or open and save it again.",
        ) from problem
    if needs not in found:
        raise IngestError(
            "QC-I055",
            f"the file is no {what}: it has no part {needs}",
            where=name,
            hint=f"Open it in the program that made it and save it as {suffix}.",
        )
    for part, content in found.items():
        # Office programs never write a document type; one is there to define entities, which nobody needs either.
        if any(sign in content for sign in _DOCTYPE):
            raise IngestError(
                "QC-I059",
                f"the part {part} defines a document type, which is not safe to read",
                where=name,
                hint=f"Open it in the program that made it and save it as {suffix}.",
            )
    return found


def _refuse_bombs(parts: Iterable[zipfile.ZipInfo], packed: int, name: str) -> None:
    sizes = [part.file_size for part in parts]
    total = sum(sizes)
    if (
        total > _MOST_BYTES
        or len(sizes) > _MOST_PARTS
        or (total > _RATIO_MATTERS_FROM and total > _MOST_RATIO * max(packed, 1))
    ):
        raise IngestError(
            "QC-I057",
            f"the file would unpack to {total // 1_000_000} MB in {len(sizes)} parts, which no transcript needs",
            where=name,
            hint="Copy the text into a new document and save that.",
        )
