"""Transcripts into a project: read, copied, joined with their attributes and stored, all or nothing a file."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import IngestError, QualcodeError
from qualcode.model.document import Document, IngestWarning, Speaker
from qualcode.project.reading import Documents, read_files, same_content
from qualcode.project.writing import write_together

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions
    from qualcode.store import Store

__all__ = ["IngestReport", "ingest"]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did (or, with ``dry_run``, would do); documents by name.

    Attributes:
        documents: all documents of the call, as they are stored.
        added, replaced, unchanged, removed: names of documents.
        failures: an error for each file that was refused.
        warnings: notes about files and attributes as a whole; each document has its own beside.
        passed_over: files of a folder that are not transcripts by their name.
        renamed: the new name of each document that was removed because its file is there under another one.
    """

    documents: Documents
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    failures: tuple[IngestError, ...] = ()
    warnings: tuple[IngestWarning, ...] = ()
    passed_over: tuple[Path, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


def ingest(
    store: Store | None,
    transcripts: Path,
    files: Iterable[Path | str],
    *,
    options: IngestOptions,
    attributes: Path | None = None,
    forget: bool = False,
    dry_run: bool = False,
    person: str = "",
) -> IngestReport:
    """Read files into a project and say what came of it; ``store`` may be ``None`` when ``dry_run`` finds none yet.

    Files from outside are copied to ``transcripts`` byte for byte; a file is never written over there. All documents
    of the call are stored in one transaction. Reading the same files again changes nothing.
    """
    from qualcode.ingest.attributes import read_attributes

    paths = list(files)
    table = read_attributes(attributes) if attributes is not None else None
    read = read_files(paths, options=options) if paths else None
    failures = list(read.failures) if read else []
    places = _places(paths)
    copies: dict[Path, bytes] = {}
    fresh: dict[str, Document] = {}
    for document in read.documents if read else ():
        refusal = None
        if document.source_name not in {each.name for each in copies}:
            refusal = _copy(document, places, transcripts, copies)
        if refusal is None:
            fresh[document.name] = document
        elif refusal not in failures:
            failures.append(refusal)
    stored = {each.name: each for each in (store.documents() if store is not None else ())}
    sources = {each.source_name for each in fresh.values()}
    gone = [name for name, each in stored.items() if each.source_name in sources and name not in fresh]
    orphans = _without_file(stored, transcripts)
    # A file that was here before under its own name is no other file's new name, though it holds the same.
    read_now = {each.source_sha256 for each in fresh.values() if each.name not in stored}
    renamed = [name for name in orphans if stored[name].source_sha256 in read_now]
    removed = orphans if forget else renamed
    wanted = {name: each for name, each in stored.items() if name not in gone and name not in removed}
    wanted |= {name: _with_old_attributes(each, stored.get(name)) for name, each in fresh.items()}
    notes = list(read.warnings) if read else []
    notes += [_file_gone(name) for name in orphans if name not in removed]
    notes += same_content((each for each in wanted.values()), known=notes)
    if table is not None:
        joined, told = table.join([wanted[name] for name in sorted(wanted)])
        wanted = {each.name: each for each in joined}
        notes += told
    changed = [name for name in sorted(wanted) if stored.get(name) != wanted[name]]
    if not dry_run and store is not None:
        _write(
            store,
            copies,
            wanted,
            {wanted[name].source_name for name in changed} | {stored[name].source_name for name in gone},
            [stored[name].id for name in removed],
            person,
        )
    concerned = sorted({*fresh, *changed})
    return IngestReport(
        Documents(tuple(wanted[name] for name in concerned)),
        added=tuple(name for name in changed if name not in stored),
        replaced=tuple(sorted([*gone, *(name for name in changed if name in stored)])),
        unchanged=tuple(name for name in concerned if name not in changed),
        failures=tuple(failures),
        warnings=tuple(notes),
        passed_over=read.passed_over if read else (),
        removed=tuple(removed),
        renamed=_new_names(
            [stored[name] for name in renamed], [each for name, each in fresh.items() if name not in stored]
        ),
    )


def _new_names(gone: Iterable[Document], added: Sequence[Document]) -> dict[str, str]:
    """Return for each document that is gone the one added document with its text, where there is just one."""
    found = {each.name: [other.name for other in added if other.text == each.text] for each in gone}
    return {name: names[0] for name, names in found.items() if len(names) == 1}


def _without_file(stored: Mapping[str, Document], transcripts: Path) -> list[str]:
    """Return the names of the documents whose file is no longer among the transcripts."""
    files = {each.source_name: (transcripts / each.source_name).exists() for each in stored.values()}
    return [name for name, each in stored.items() if not files[each.source_name]]


def _file_gone(name: str) -> IngestWarning:
    return IngestWarning("file-gone", "warn", f"{name} is in the project and is counted, but its file is no longer in "
                         "transcripts/. Put the file back, or take the document out: --forget")  # fmt: skip


def _places(paths: Sequence[Path | str]) -> dict[str, Path]:
    """Return where each file was read from, by its name; of two with one name the first was read."""
    from qualcode.project.reading import expand

    found: dict[str, Path] = {}
    for path in expand(paths)[0]:
        found.setdefault(path.name, path)
    return found


def _copy(
    document: Document, places: Mapping[str, Path], transcripts: Path, copies: dict[Path, bytes]
) -> IngestError | None:
    """Note that a document's file has to be copied, or return why it cannot be."""
    path = places[document.source_name]
    if path.resolve().is_relative_to(transcripts.resolve()):
        return None
    target = transcripts / document.source_name
    try:
        if target.exists():
            if _digest(target.read_bytes()) == document.source_sha256:
                return None
            return IngestError(
                "QC-P021",
                f"the project already has another transcript called {target.name!r}",
                where=str(path),
                hint="Rename one of them; transcripts/ is never written over.",
            )
        data = path.read_bytes()
    except OSError as error:
        return IngestError("QC-P022", f"the file cannot be copied: {error.strerror or error}", where=str(path),
                           hint="Check its permissions and try again.")  # fmt: skip
    if _digest(data) != document.source_sha256:
        return IngestError("QC-P022", "the file changed while it was read", where=str(path), hint="Try again.")
    copies[target] = data
    return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _with_old_attributes(document: Document, before: Document | None) -> Document:
    """Keep what a case table said about a document when its transcript is read again."""
    if before is None:
        return document
    known = {each.label: each.attributes for each in before.speakers}
    speakers = tuple(_speaker_with(each, known.get(each.label, {})) for each in document.speakers)
    return dataclasses.replace(document, attributes={**before.attributes, **document.attributes}, speakers=speakers)


def _speaker_with(speaker: Speaker, attributes: Mapping[str, str]) -> Speaker:
    return dataclasses.replace(speaker, attributes={**attributes, **speaker.attributes})


def _write(
    store: Store,
    copies: Mapping[Path, bytes],
    wanted: Mapping[str, Document],
    sources: set[str],
    removed: list[str],
    person: str,
) -> None:
    # A source file is stored whole: its other documents are written again with those that changed.
    together = [each for each in wanted.values() if each.source_name in sources]
    written = write_together(dict(copies)) if copies else ()
    try:
        if together or removed:
            store.put_documents(together, without=removed, person=person)
    except (QualcodeError, KeyboardInterrupt):
        for path in written:
            path.unlink(missing_ok=True)
        raise
