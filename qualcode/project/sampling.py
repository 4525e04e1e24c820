"""A random sample of units, coded by hand on a worksheet: what puts the machine's counts right, with an interval."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qualcode.errors import LedgerError, Place, Problem, ProjectError
from qualcode.ledger.samples import sample_content
from qualcode.model.codes import Codebook
from qualcode.model.document import Document
from qualcode.model.ledger import HandCoded, NewEntry, passage_at
from qualcode.project.sharing import Sharing
from qualcode.project.writing import write_together

if TYPE_CHECKING:
    from qualcode.analysis.levels import Level

__all__ = ["Labelled", "Sampling"]

HEADER = ("sample", "number", "document", "speaker", "before", "words", "codes")
NO_CODE = "none"


@dataclass(frozen=True, slots=True)
class Labelled:
    """What reading a worksheet did: units coded in all and by this reading, of how many drawn."""

    sample: HandCoded
    read: int
    operation: str = ""

    @property
    def coded(self) -> int:
        """How many units are coded now."""
        return len(self.sample.labels)

    @property
    def waiting(self) -> int:
        """How many are not."""
        return len(self.sample.units) - self.coded


class Sampling(Sharing):
    """The verbs of a sample."""

    def draw_sample(
        self,
        n: int,
        *,
        by: Literal["unit", "transcript"] = "unit",
        unit: Level | None = None,
        seed: int | None = None,
        codebook: str | None = None,
        dry_run: bool = False,
    ) -> HandCoded:
        """Draw units at random for a person to code, and return the sample; the latest is the one that counts.

        Args:
            n: units; with ``by="transcript"`` documents, with all their units.
            by: what is drawn.
            unit: ``sentence``, ``turn``, ``passage`` or ``document``; the codebook's unless given.
            seed: the same seed draws the same sample of the same texts; the settings' unless given.
            codebook: one of the project's.
            dry_run: only draw.

        Raises:
            AnalysisError, StatisticsError: for a number or unit that cannot be drawn.
        """
        from qualcode.analysis.handsample import draw_units
        from qualcode.analysis.study import study_of

        book = self._book(codebook, self._books)
        corpus = self._corpus()
        chance = self.settings.seed if seed is None else seed
        cut = unit if unit in ("sentence", "passage") else book.unit
        units = {each.id: corpus.index.unit_spans(each.id, cut) for each in corpus.documents}
        study = study_of(corpus.documents, book, (), units=units, unit=cut, title=self.title)
        drawn = draw_units(study, n, unit=unit, by=by, seed=chance)
        texts = {each.id: each for each in corpus.documents}
        places = tuple((passage_at(texts[each.document_id], each.span), each.probability) for each in drawn.units)
        sample = HandCoded("", self.person, "", book.id, drawn.unit, by, chance, places)
        if dry_run:
            return sample
        entry = NewEntry("sample", codebook=book.id, content=sample_content(sample))
        told = f"{len(places)} {drawn.unit}s drawn at random (seed {chance})"
        operation = self._record("sample", [entry], told)
        return self.sample(operation.entries[0].id)

    def sample(self, id: str | None = None, *, codebook: str | None = None) -> HandCoded:  # noqa: A002
        """Return a sample with what was coded of it: the latest, or one by its id.

        While people code blind, only what the person coded.

        Raises:
            LedgerError: QC-L040 when there is none.
        """
        book = self._book(codebook, self._books)
        found: Sequence[HandCoded] = ()
        if self._database.exists():
            with self._store(to_read=True) as store:
                state = store.state()
                found = [each.read_by(self.person) if state.blind else each
                         for each in state.samples.values() if each.codebook == book.id]  # fmt: skip
        chosen = [each for each in found if id is None or each.id.startswith(id)]
        if not chosen:
            raise LedgerError(
                "QC-L040",
                "no sample was drawn for hand-coding" if id is None else f"there is no sample {id!r}",
                hint=self._say("Draw one:", "sample", "--n 200"),
            )
        return chosen[-1]

    def worksheet(
        self,
        path: Path | str | None = None,
        *,
        id: str | None = None,  # noqa: A002 - the word of the ledger
        codebook: str | None = None,
    ) -> Path:
        """Write a sample's units as a sheet to fill in, and return where: ``output/sample.csv``, or a ``.xlsx``.

        The machine's codes are not on it. Write the codes that a unit carries into its last column, with commas
        between, or ``none``; an empty cell is not coded yet.

        Raises:
            ProjectError: QC-P040 when there is a file of this name.
            LedgerError: QC-L040 when no sample was drawn.
        """
        sample = self.sample(id, codebook=codebook)
        target = Path(path) if path is not None else self.folder / "output" / "sample.csv"
        if target.exists():
            raise ProjectError("QC-P040", "there is a sheet already; what is filled in would be lost",
                               where=str(target),
                               hint=self._say("Read it first, or give another name:", "sample", "--worksheet",
                                              "FILE"))  # fmt: skip
        documents = {each.id: each for each in self.documents}
        rows = [HEADER, *(self._row(sample, number, documents) for number in range(len(sample.units)))]
        if target.suffix.casefold() == ".xlsx":
            write_together({target: _workbook(rows)})
        else:
            sheet = io.StringIO()
            csv.writer(sheet, lineterminator="\n").writerows(rows)
            write_together({target: "\ufeff" + sheet.getvalue()})  # the mark is what tells Excel that it is UTF-8
        return target

    def read_worksheet(self, path: Path | str, *, codebook: str | None = None, dry_run: bool = False) -> Labelled:
        """Take over the codes that a person wrote into a worksheet, and return what was read.

        A cell that says what is known already is no news; another answer takes its place.

        Raises:
            ProjectError: QC-P039 when the sheet cannot be read or does not fit, with every problem; nothing is taken
                then.
            LedgerError: QC-L040 when the sample is not there.
        """
        file = Path(path)
        book = self._book(codebook, self._books)
        rows = list(_rows(file))
        keys = {row[0] for _, row in rows if row[0]}
        if len(keys) != 1:
            raise ProjectError("QC-P039", "this is no worksheet of one sample", where=str(file),
                               hint=self._say("Write one:", "sample", "--worksheet FILE"))  # fmt: skip
        sample = self.sample(keys.pop(), codebook=codebook)
        problems: list[Problem] = []
        entries: list[NewEntry] = []
        labels = dict(sample.labels)
        for line, row in rows:
            codes = self._codes(row[-1], book, problems, Place(str(file), line))
            number = int(row[1]) - 1 if row[1].isdigit() else -1
            if not 0 <= number < len(sample.units):
                problems.append(Problem("QC-P039", f"the sample has no unit {row[1]!r}", Place(str(file), line),
                                        "Leave the first two columns as they were."))  # fmt: skip
            elif codes is not None and labels.get(number) != codes:
                content = {"sample": sample.id, "number": number, "codes": sorted(codes)}
                entries.append(NewEntry("label", sample.units[number][0], book.id, content=content))
                labels[number] = codes
        if problems:
            raise ProjectError("QC-P039", "the worksheet does not fit; nothing was taken", where=str(file),
                               problems=problems)  # fmt: skip
        if dry_run or not entries:
            return Labelled(sample, len(entries))
        operation = self._record("sample", entries, f"{len(entries)} units of the sample coded", books=[book])
        return Labelled(self.sample(sample.id, codebook=codebook), len(entries), operation.id)

    def _row(self, sample: HandCoded, number: int, documents: dict[str, Document]) -> tuple[str, ...]:
        from qualcode.review.rows import block_at

        place, _ = sample.units[number]
        codes = sample.labels.get(number)
        told = "" if codes is None else ", ".join(sorted(codes)) or NO_CODE
        document = documents.get(place.document_id)
        if document is None:
            return (sample.id, str(number + 1), "", "", "", _plain(place.quote), told)
        block = block_at(document, place.span)
        who = " & ".join(document.speaker(key).label for key in block.speaker_ids) if block is not None else ""
        before = document.text[max(0, place.span.start - 200) : place.span.start]
        return (sample.id, str(number + 1), document.name, _plain(who), _plain(before), _plain(place.quote), told)

    def _codes(self, cell: str, book: Codebook, problems: list[Problem], place: Place) -> frozenset[str] | None:
        names = [each for each in re.split(r"[,;]\s*|\s*\n\s*", cell.strip()) if each]
        if not names:
            return None
        if [each.casefold() for each in names] == [NO_CODE]:
            return frozenset()
        found = set()
        for name in names:
            code = book.find(name)
            if code is None:
                from difflib import get_close_matches

                near = get_close_matches(name, [each for one in book for each in (one.id, one.label)], n=1)
                problems.append(Problem("QC-P039", f"the codebook {book.id} has no code {name!r}", place,
                                        f"Did you mean {near[0]!r}?" if near else
                                        f"Write ids or names of codes, or {NO_CODE}."))  # fmt: skip
            else:
                found.add(code.id)
        return frozenset(found)


def _plain(text: str) -> str:
    told = " ".join(text.split())
    # A cell that begins so would be taken for a formula.
    return f"\u200b{told}" if told[:1] in {"=", "+", "-", "@"} else told


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "sample"
    for row in rows:
        sheet.append([each[:32_000] for each in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFG", (10, 8, 18, 14, 50, 70, 24), strict=True):
        sheet.column_dimensions[column].width = width
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _rows(file: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the filled lines of a worksheet with their numbers, each with all columns of :data:`HEADER`."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ProjectError("QC-P039", f"the worksheet cannot be read: {error.strerror or error}", where=str(file),
                           hint="Check its name.") from error  # fmt: skip
    lines = _excel(data, file) if data.startswith(b"PK") else _csv(data, file)
    head = next(lines, (1, ()))[1]
    names = [each.strip().casefold() for each in head]
    if not {"sample", "number", "codes"} <= set(names):
        raise ProjectError("QC-P039", "this is no worksheet: the columns sample, number and codes are missing",
                           where=str(file), hint="Keep its first line as it was.")  # fmt: skip
    at = [names.index(name) if name in names else None for name in HEADER]
    for number, row in lines:
        if any(row):
            yield number, tuple("" if one is None or one >= len(row) else row[one].strip() for one in at)


def _csv(data: bytes, file: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # as Excel saves "CSV"; only ids and codes are read from it
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, tuple(row)
    except csv.Error as error:
        raise ProjectError("QC-P039", f"the worksheet is no sound CSV: {error}",
                           where=Place(str(file), reader.line_num),
                           hint="Save it again as CSV or XLSX.") from error  # fmt: skip


def _excel(data: bytes, file: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    from qualcode.ingest.workbook import sheets_of

    for sheet in sheets_of(data, name=str(file))[:1]:
        for row in sheet.rows:
            yield row.number, row.cells
