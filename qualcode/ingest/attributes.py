"""Case attributes: a table with a row per document (or per speaker), joined to documents by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from qualcode.errors import IngestError
from qualcode.ingest.columns import Row, folded_header
from qualcode.ingest.decode import decode
from qualcode.ingest.delimited import delimited_rows
from qualcode.ingest.speakers import label_key
from qualcode.ingest.tables import Table, table_of
from qualcode.model.document import Document, IngestWarning, Speaker

__all__ = ["AttributeTable", "read_attributes"]

_KEYS = ("document", "file", "id", "case", "speaker")
_ALSO = {
    "doc": "document",
    "document name": "document",
    "document id": "document",
    "filename": "file",
    "file name": "file",
    "transcript": "document",
    "interview": "document",
    "case id": "case",
    "participant": "speaker",
    "respondent": "speaker",
    "respondent id": "speaker",
    "name": "speaker",
}


@dataclass(frozen=True, slots=True)
class AttributeTable:
    """Attributes by case: ``rows`` maps each key as written to its non-empty values, in the order of the file.

    Attributes:
        key: what the first column names: ``document``, ``file``, ``id``, ``case`` or ``speaker``.
        names: the names of the attributes, in the order of the file.
    """

    source: str
    key: str
    names: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]]
    warnings: tuple[IngestWarning, ...] = ()

    def join(self, documents: Sequence[Document]) -> tuple[tuple[Document, ...], tuple[IngestWarning, ...]]:
        """Return the documents with their attributes, and a warning for each side that found no partner.

        A row belongs to the document whose name it gives, else to the one whose name without its ending, or id, or
        respondent it gives. Under a column ``speaker`` a row belongs to every speaker with that label; when a document
        has one participant only and that is the speaker, its attributes are the document's as well. A value that a
        document already has is replaced. What no row speaks of stays as it was.
        """
        used: set[str] = set()
        joined: list[Document] = []
        bare: list[str] = []
        by_name = {_folded(key): key for key in reversed(list(self.rows))}
        by_label = {label_key(key): key for key in reversed(list(self.rows))}
        for document in documents:
            found = self._of_speakers(document, by_label) if self.key == "speaker" else (document, set())
            if not found[1]:
                found = self._of_document(document, by_name)
            if not found[1]:
                bare.append(document.name)
            used |= found[1]
            joined.append(found[0])
        notes = list(self.warnings)
        spare = [key for key in self.rows if key not in used]
        if spare:
            notes.append(
                IngestWarning(
                    "attributes-without-document",
                    "warn",
                    f"{self.source} has rows for which there is no transcript: {_listed(spare)}",
                )
            )
        if bare:
            notes.append(
                IngestWarning(
                    "document-without-attributes",
                    "warn",
                    f"{self.source} has no row for these transcripts: {_listed(bare)}",
                )
            )
        return tuple(joined), tuple(notes)

    def _of_document(self, document: Document, by_name: Mapping[str, str]) -> tuple[Document, set[str]]:
        key = next((by_name[name] for name in _names_of(document) if name in by_name), None)
        if key is None:
            return document, set()
        return dataclasses.replace(document, attributes={**document.attributes, **self.rows[key]}), {key}

    def _of_speakers(self, document: Document, by_label: Mapping[str, str]) -> tuple[Document, set[str]]:
        used: set[str] = set()
        speakers: list[Speaker] = []
        for speaker in document.speakers:
            key = next(
                (
                    by_label[label_key(name)]
                    for name in (speaker.label, *speaker.aliases)
                    if label_key(name) in by_label
                ),
                None,
            )
            if key is None:
                speakers.append(speaker)
                continue
            used.add(key)
            speakers.append(dataclasses.replace(speaker, attributes={**speaker.attributes, **self.rows[key]}))
        if not used:
            return document, used
        people = [speaker for speaker in speakers if speaker.role == "participant"]
        alone = people[0].attributes if len(people) == 1 else {}
        attributes = {**document.attributes, **alone}
        return dataclasses.replace(document, speakers=tuple(speakers), attributes=attributes), used


def read_attributes(path: Path | str) -> AttributeTable:
    """Return the case attributes in a CSV, TSV or XLSX file.

    The first column names the case and is called document, file, id, case or speaker; the others are
    attributes.
    Of two rows for one case the first counts (warning ``attributes-twice``).

    Raises:
        IngestError: QC-I060 when the file cannot be opened, QC-I061 when its first column is called otherwise or
            there is no other column; the message lists the columns found.
    """
    path = Path(path)
    table = _table(path)
    key = _key(table.header[0])
    if key is None or not any(table.header[1:]):
        found = ", ".join(repr(name) for name in table.header if name) or "none with a name"
        raise IngestError(
            "QC-I061",
            f"the first column must name the case and others its attributes; found: {found}",
            where=path.name,
            hint=f"Call the first column one of: {', '.join(_KEYS)}.",
        )
    rows: dict[str, dict[str, str]] = {}
    twice: list[str] = []
    for row in table.rows:
        case = row.cell(0)
        if not case:
            continue
        if case in rows:
            twice.append(case)
            continue
        rows[case] = {
            name: row.cell(place) for place, name in enumerate(table.header) if place and name and row.cell(place)
        }
    notes = list(table.warnings)
    if twice:
        notes.append(
            IngestWarning(
                "attributes-twice",
                "warn",
                f"{path.name} has more than one row for {_listed(twice)}; the first one counts",
            )
        )
    names = tuple(name for name in table.header[1:] if name)
    return AttributeTable(path.name, key, names, rows, tuple(notes))


def _table(path: Path) -> Table:
    from qualcode.ingest.options import IngestOptions

    try:
        data = path.read_bytes()
    except OSError as problem:
        raise IngestError(
            "QC-I060",
            f"the attributes cannot be opened: {problem.strerror or problem}",
            where=path.name,
            hint="Check the name of the file.",
        ) from problem
    warnings: tuple[IngestWarning, ...] = ()
    rows: tuple[Row, ...]
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        from qualcode.ingest.workbook import sheets_of

        rows = next((sheet.rows for sheet in sheets_of(data, name=path.name) if sheet.rows and not sheet.hidden), ())
    else:
        decoded = decode(data, name=path.name, forced=None)
        rows, warnings = delimited_rows(decoded.text, where=path.name)
        warnings = (*decoded.warnings, *warnings)
    table = table_of(rows, IngestOptions(), where=path.name, header_first=True)
    return dataclasses.replace(table, warnings=(*warnings, *table.warnings))


def _key(header: str) -> str | None:
    name = folded_header(header)
    return name if name in _KEYS else _ALSO.get(name)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _names_of(document: Document) -> tuple[str, ...]:
    """Return the names of a document, the surest first: its own, its file's, its stem, its respondent, its id."""
    name, _, part = document.name.partition("#")
    whole = [document.name] if part else [document.name, document.source_name, PurePath(name).stem]
    return tuple(map(_folded, [*whole, *([part] if part else []), document.id]))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
