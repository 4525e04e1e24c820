"""Files and folders of files to documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

from qualcode.errors import IngestError, ProjectError
from qualcode.model.document import Document, IngestWarning

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions
    from qualcode.model.table import Table

__all__ = ["Documents", "Reading", "expand", "read_files", "same_content"]

NOT_TRANSCRIPTS = frozenset({"readme", "licence", "license", "copying"})
"""Names (without ending) of files that a folder holds beside its transcripts."""


@dataclass(frozen=True, slots=True, repr=False)
class Documents(Sequence[Document]):
    """Documents in order. In a notebook they show themselves as a table of who speaks."""

    items: tuple[Document, ...]

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Documents: ...
    @overload
    def __getitem__(self, index: str) -> Document: ...
    def __getitem__(self, index: int | slice | str) -> Document | Documents:
        """Return a document by number or name, or some of them; ``KeyError`` for a name that is not there."""
        if isinstance(index, str):
            for document in self.items:
                if index in {document.name, document.id}:
                    return document
            raise KeyError(index)
        return Documents(self.items[index]) if isinstance(index, slice) else self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.items)

    def __repr__(self) -> str:
        return f"<Documents: {', '.join(each.name for each in self.items) or 'none'}>"

    def table(self) -> Table:
        """Return a row for each speaker: document, format, speaker, role, turns, words and the first words spoken."""
        from qualcode.ingest import inspect
        from qualcode.model.table import Column, Table

        rows: list[tuple[str | int | None, ...]] = []
        for document in self.items:
            for speaker in inspect(document)["speakers"]:
                rows.append((document.name, document.format, speaker["label"], speaker["role"], speaker["turns"],
                             speaker["words"], _first_words(document, speaker["label"])))  # fmt: skip
            if not document.speakers:
                found = inspect(document)
                rows.append((document.name, document.format, "", "", found["turns"], found["words"],
                             _first_words(document, "")))  # fmt: skip
        columns = (
            Column("document", "text", "name of the document"),
            Column("format", "text", "what the file is"),
            Column("speaker", "text", "label in the transcript; empty when nobody is named"),
            Column("role", "text", "interviewer, participant …"),
            Column("turns", "integer", "turns (paragraphs where nobody is named)"),
            Column("words", "integer", "words spoken"),
            Column("first_words", "text", "how the speaker's first turn begins"),
        )
        return Table("documents", "What was read", columns, tuple(rows))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading files: documents, an error for each file refused, notes, and files passed over."""

    documents: Documents
    failures: tuple[IngestError, ...] = ()
    warnings: tuple[IngestWarning, ...] = ()
    passed_over: tuple[Path, ...] = ()


def expand(paths: Iterable[Path | str]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return the files that are meant, each once, and those passed over.

    A folder stands for the files in it, by name, without hidden files, lock files of Word and Excel, and files called
    README or LICENCE. A file that is named is always meant.
    """
    meant: dict[Path, None] = {}
    passed_over: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            meant[path] = None
            continue
        for entry in sorted(path.iterdir()):
            if entry.is_dir() or entry.name.startswith((".", "~$")):
                continue
            if entry.stem.casefold() in NOT_TRANSCRIPTS:
                passed_over.append(entry)
            else:
                meant[entry] = None
    return tuple(meant), tuple(passed_over)


def read_files(paths: Iterable[Path | str], *, options: IngestOptions | None = None) -> Reading:
    """Return the documents in files and folders; a file that cannot be read does not stop the others.

    Raises:
        ProjectError: QC-P020 when there is no file at all.
    """
    from qualcode.ingest import IngestOptions, read_many

    named = list(paths)
    if "" in named:
        raise ProjectError("QC-P020", "the name of a file is empty",
                           hint="Name transcripts, or a folder that holds some.")  # fmt: skip
    given = [Path(each) for each in named]
    meant, passed_over = expand(given)
    if not meant:
        raise ProjectError("QC-P020", "there are no files to read", where=", ".join(map(str, given)) or None,
                           hint="Name transcripts, or a folder that holds some.")  # fmt: skip
    result = read_many(meant, options=options or IngestOptions())
    warnings = (*result.warnings, *same_content(result.documents))
    return Reading(Documents(result.documents), result.failures, warnings, passed_over)


def same_content(documents: Iterable[Document], *, known: Iterable[IngestWarning] = ()) -> tuple[IngestWarning, ...]:
    """Return a warning for each file that holds byte for byte what another file holds, unless it is known already."""
    first: dict[str, str] = {}
    found: dict[str, IngestWarning] = {}
    for each in documents:
        other = first.setdefault(each.source_sha256, each.source_name)
        if other != each.source_name:
            told = f"{each.source_name} holds the same as {other}; both are counted. Leave one of them out."
            found[told] = IngestWarning("same-content", "warn", told)
    told_before = {each.message for each in known}
    return tuple(each for told, each in found.items() if told not in told_before)


def _first_words(document: Document, label: str, length: int = 60) -> str:
    ids = {each.id for each in document.speakers if each.label == label}
    for block, spans in document.speech():
        if (ids & set(block.speaker_ids) if label else block.kind in {"turn", "unattributed"}) and spans:
            words = " ".join(" ".join(document.quote(span) for span in spans).split())
            return words if len(words) <= length else words[: length - 1].rstrip() + "…"
    return ""
