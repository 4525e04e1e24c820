"""Files in, documents out: the entry to the room."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from qualcode.errors import IngestError
from qualcode.ingest.build import SourceInfo
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.registry import reader_of, refusal_of
from qualcode.ingest.sniff import sniff
from qualcode.model.document import Document, IngestWarning

__all__ = ["ReadResult", "read_bytes", "read_many", "read_path"]

_DEFAULT = IngestOptions()


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What came of reading many files: the documents, one error for each file refused, and files skipped."""

    documents: tuple[Document, ...]
    failures: tuple[IngestError, ...] = ()
    warnings: tuple[IngestWarning, ...] = ()


def read_bytes(data: bytes, name: str, *, options: IngestOptions = _DEFAULT) -> tuple[Document, ...]:
    """Return the document in ``data``; a table with a row for each respondent gives one document a row.

    The same bytes, name and options always give the same documents, ids included.

    Raises:
        IngestError: QC-I003 for an empty file, QC-I007 or QC-I010 for a format that is recognised but not read, QC-I011
            for a forced format that does not exist, and what the format's reader raises.
    """
    if not data:
        raise IngestError("QC-I003", "the file is empty (0 bytes)", where=name,
                          hint="Copy or export it again; nothing was saved in it.")  # fmt: skip
    found = options.format or sniff(data, name)
    refusal = refusal_of(found)
    if refusal is not None:
        what, hint = refusal
        code = "QC-I010" if found == "ole" else "QC-I007"
        raise IngestError(code, f"this is {what}, which qualcode does not read", where=name, hint=hint)
    source = SourceInfo(name=name, sha256=hashlib.sha256(data).hexdigest(), format=found)
    documents = reader_of(found)(data, source, options)
    for document in documents:
        document.check()
    return documents


def read_path(path: Path | str, *, options: IngestOptions = _DEFAULT) -> tuple[Document, ...]:
    """Return the documents in a file; they are named after the file, without its folder.

    Raises:
        IngestError: QC-I001 when there is no such file, QC-I002 for a folder, QC-I008 for the lock file of an open
            document, QC-I016 when it cannot be opened, and what :func:`read_bytes` raises.
    """
    path = Path(path)
    if path.name.startswith("~$"):
        raise IngestError("QC-I008", "this is the lock file that Word or Excel keeps while a document is open",
                          where=str(path), hint=f"Ingest {path.name[2:]!r} instead.")  # fmt: skip
    try:
        if path.is_dir():
            raise IngestError("QC-I002", "this is a folder, not a file", where=str(path),
                              hint=f"Name the files in it, for example {path / '*.txt'}.")  # fmt: skip
        if path.is_symlink() and not path.exists():
            raise IngestError("QC-I001", "this is a link to a file that is not there", where=str(path),
                              hint="Give the file itself, or mend the link.")  # fmt: skip
        data = path.read_bytes()
    except FileNotFoundError:
        raise IngestError("QC-I001", "there is no such file", where=str(path),
                          hint="Check the spelling and the folder you are in.") from None  # fmt: skip
    except OSError as error:
        raise IngestError("QC-I016", f"the file cannot be opened: {error.strerror or error}", where=str(path),
                          hint="Check its permissions, and that no other program holds it.") from None  # fmt: skip
    except IngestError:
        raise
    except ValueError as error:
        raise IngestError("QC-I001", f"this cannot be the name of a file: {error}", where=repr(str(path)),
                          hint="Check the spelling.") from None  # fmt: skip
    return read_bytes(data, path.name, options=options)


def read_many(paths: Iterable[Path | str], *, options: IngestOptions = _DEFAULT) -> ReadResult:
    """Return the documents of many files; one that cannot be read does not stop the others.

    Two files of one name cannot both be kept: the second is refused (QC-I009), or skipped with the warning
    ``duplicate-file`` when its bytes are the same.
    """
    documents: list[Document] = []
    failures: list[IngestError] = []
    warnings: list[IngestWarning] = []
    seen: dict[str, str] = {}
    for path in paths:
        try:
            found = read_path(path, options=options)
        except IngestError as error:
            failures.append(error)
            continue
        if not found:
            continue
        name, digest = found[0].source_name, found[0].source_sha256
        if name not in seen:
            seen[name] = digest
            documents += found
        elif seen[name] == digest:
            warnings.append(
                IngestWarning("duplicate-file", "warn", f"{path} was skipped: the same file was read before")
            )
        else:
            failures.append(IngestError("QC-I009", f"another file called {name!r} was read before, with other content",
                                        where=str(path), hint="Rename one of them."))  # fmt: skip
    return ReadResult(tuple(documents), tuple(failures), tuple(warnings))
