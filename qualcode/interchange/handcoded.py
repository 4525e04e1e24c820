"""Codings in a table of one's own: ``codings.csv``, the gold files of the bundled studies, or rows with a quote."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qualcode.errors import ExchangeError, Place, Problem
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Status
from qualcode.model.document import Document, Span

__all__ = ["HandCoded", "read_coded", "stands_in"]

Finder = Callable[[str, str], Sequence[Span]]
"""Where words stand in a text: ``(text, words) -> places``."""

_MOST_TOLD = 12
_KNOWN = (
    "document",
    "start",
    "end",
    "quote",
    "code",
    "block",
    "stance",
    "status",
    "coder",
    "rule",
    "evidence",
    "score",
)
_STATUSES: Mapping[str, Status] = {
    "": "coded", "coded": "coded", "accepted": "accepted", "suggested": "suggested", "rejected": "rejected",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HandCoded:
    """What a table of codings holds.

    Attributes:
        codings: in the order of the file, on the words of the present texts.
        documents: ids of the documents that it names, those with rows without a code among them.
        moved: rows whose words stand elsewhere in the present text than the row says; they were put there.
        passed_over: how many rows were left out, by reason: ``suggested``, ``rejected``, ``no code``,
            ``other documents``.
    """

    codings: tuple[Coding, ...]
    documents: frozenset[str]
    moved: int
    passed_over: Mapping[str, int]


def stands_in(text: str, words: str) -> tuple[Span, ...]:
    """Return where words stand in a text, letter for letter but for white space."""
    import re

    parts = words.split()
    if not parts:
        return ()
    return tuple(Span(*found.span()) for found in re.finditer(r"\s+".join(map(re.escape, parts)), text))


def read_coded(
    path: Path | str,
    documents: Sequence[Document],
    codebook: Codebook,
    *,
    suggested: bool = False,
    elsewhere: bool = False,
    find: Finder = stands_in,
) -> HandCoded:
    """Return the codings of a table: CSV in UTF-8, parted by commas, semicolons or tabs, with a line of names.

    It needs the columns ``document`` (name, with or without its ending), ``code`` (id or label), and ``start`` and
    ``end`` (code points, half-open) or ``quote``. With both, the words have to stand there: where a text was edited
    since, the nearest place with the same words is taken. ``block``, ``stance``, ``status``, ``coder``, ``rule``,
    ``evidence`` and ``score`` are as in ``codings.csv``; further columns are passed over. A row without a code says
    only that its document was worked through.

    Args:
        path: the file.
        documents: that it may name.
        codebook: whose codes it uses.
        suggested: take what is only suggested too; without it such rows are passed over, as nobody decided them.
        elsewhere: pass over rows of documents that are not among these, instead of telling that they are unknown.
        find: how words are looked for when they do not stand where they should.

    Raises:
        ExchangeError: QC-T001 when it cannot be read, QC-T002 when columns are missing, QC-T004 when rows do not fit;
            ``problems`` names each with its line: QC-T003 for a cell, QC-T005 for a document, QC-T006 for a code,
            QC-T007 for words that do not stand in the text, or in several places.
    """
    path = Path(path)
    reading = _Reading(path, documents, codebook, find, suggested, elsewhere)
    for line, row in _rows(path):
        reading.read(line, row)
    problems = reading.told()
    if problems:
        more = len(problems) > _MOST_TOLD
        told = f"{len(problems)} things do not fit" if len(problems) > 1 else "something does not fit"
        raise ExchangeError("QC-T004", f"{told}; nothing of the file was taken", where=path.name,
                            hint=f"The first {_MOST_TOLD} of them:" if more else None,
                            problems=problems[:_MOST_TOLD])  # fmt: skip
    return HandCoded(
        tuple(reading.codings), frozenset(reading.named), reading.moved, dict(sorted(reading.passed_over.items()))
    )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        told = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        hint = "It should be CSV in UTF-8 (in a spreadsheet: save as “CSV UTF-8”)."
        if isinstance(problem, FileNotFoundError):
            hint = "Look at the name, and at the folder that it is looked for in."
        raise ExchangeError("QC-T001", f"the codings cannot be read: {told}", where=str(path), hint=hint) from problem
    first = text.replace("\r", "\n").lstrip("\n").split("\n", 1)[0]
    comma = max(",;\t", key=lambda each: len(set(_KNOWN) & {name.strip(' "\r') for name in first.split(each)}))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        if {"document", "code"} - set(head) or not ({"start", "end"} <= set(head) or "quote" in head):
            told = ", ".join(name for name in ("document", "code") if name not in head) or "start and end, or quote"
            raise ExchangeError("QC-T002", f"the file lacks {told}", where=Place(path.name, 1),
                                hint=f"It needs document, code, and start and end, or quote. It has: "
                                f"{', '.join(filter(None, head)) or 'nothing'}.")  # fmt: skip
        for row in reader:
            if any(cell.strip() for cell in row):
                if len(row) > len(head):
                    raise ExchangeError("QC-T003", f"this row has {len(row)} cells, the header {len(head)}",
                                        where=Place(path.name, reader.line_num),
                                        hint="A comma inside a text needs quotes around the text.")  # fmt: skip
                cells = dict(zip(head, row, strict=False))
                yield reader.line_num, {name: cells.get(name, "") for name in _KNOWN}
    except csv.Error as problem:
        raise ExchangeError("QC-T001", f"this is not sound CSV: {problem}", where=Place(path.name, reader.line_num),
                            hint="Quotes inside a quoted cell are written twice.") from problem  # fmt: skip


class _Reading:
    """Rows to codings; what is wrong is noted, so that all of it can be told at once."""

    def __init__(
        self,
        path: Path,
        documents: Sequence[Document],
        codebook: Codebook,
        find: Finder,
        suggested: bool,
        elsewhere: bool,
    ) -> None:
        self.path, self.codebook, self.find = path, codebook, find
        self.suggested, self.elsewhere = suggested, elsewhere
        stems = Counter(Path(each.name).stem for each in documents)
        self.names = {stem: each for each in documents if stems[stem := Path(each.name).stem] == 1}
        self.names |= {each.id: each for each in documents}
        self.names |= {each.name: each for each in documents}
        self.several = {stem for stem, number in stems.items() if number > 1} - self.names.keys()
        self.codes = {code.id: code for code in codebook}
        self.problems: list[Problem] = []
        self.codings: list[Coding] = []
        self.named: dict[str, None] = {}
        self.moved = 0
        self.passed_over: dict[str, int] = {}
        self.unknown: dict[str, list[int]] = {}

    def read(self, line: int, cell: Mapping[str, str]) -> None:
        document = self.names.get(cell["document"].strip())
        if document is None:
            self._other_document(line, cell["document"])
            return
        self.named.setdefault(document.id)
        status = _STATUSES.get(cell["status"].strip())
        if status is None:
            self._wrong(line, "QC-T003", f"the status {cell['status']!r} is not known",
                        f"One of: {', '.join(filter(None, _STATUSES))}.")  # fmt: skip
            return
        if status == "rejected" or (status == "suggested" and not self.suggested):
            self._pass(status)
            return
        name = cell["code"].strip()
        if not name:
            self._pass("no code")
            return
        code = self.codes.get(name) or self.codebook.find(name)
        if code is None:
            near = difflib.get_close_matches(name, [n for each in self.codebook for n in (each.id, each.label)], n=1)
            self._wrong(line, "QC-T006", f"the codebook {self.codebook.id} has no code {name!r}",
                        f"Did you mean {near[0]!r}?" if near else
                        f"List them: qualcode codebook show {self.codebook.id}")  # fmt: skip
            return
        span = self._place(line, document, cell)
        score = self._number(line, cell["score"])
        if span is None or (score is not None and math.isnan(score)):
            return
        block = next((each for each in document.blocks if each.span.end > span.start), None)
        speakers = [document.speaker(each) for each in block.speaker_ids] if block is not None else []
        stance = cell["stance"].strip()
        coder = cell["coder"].strip()
        if status == "coded" and not cell["rule"].strip() and not self.suggested:
            coder = "person"  # whatever the person is called: no rule or model spoke for it
        self.codings.append(
            Coding(
                document_id=document.id, document=document.name, block=block.index if block is not None else 0,
                speaker=" & ".join(each.label for each in speakers),
                role=document.role_of(block) if block is not None else "unknown", span=span,
                quote=document.quote(span), code=code.id, label=code.label, coder=coder,
                rule=cell["rule"], evidence=cell["evidence"], score=score, stance=stance, status=status, decided_by="",
                codebook=self.codebook.id, codebook_version=self.codebook.version,
                facets={"stance": stance} if stance else {},
            )
        )  # fmt: skip

    def _place(self, line: int, document: Document, cell: Mapping[str, str]) -> Span | None:
        quote = cell["quote"].strip()
        if not cell["start"].strip() and not cell["end"].strip():
            return self._by_words(line, document, quote, cell["block"].strip())
        try:
            start, end = int(cell["start"]), int(cell["end"])
        except ValueError:
            self._wrong(line, "QC-T003", f"{cell['start']!r} to {cell['end']!r} is no place",
                        "start and end are whole numbers: code points from 0, the end after the last.")  # fmt: skip
            return None
        inside = 0 <= start < end <= len(document.text)
        if inside and (not quote or document.text[start:end].split() == quote.split()):
            return Span(start, end)
        places = self.find(document.text, quote) if quote else ()
        if places:
            nearest = min(places, key=lambda each: (abs(each.start - start), each.start))
            self.moved += (nearest.start, nearest.end) != (start, end)  # quotes of another kind are no other place
            return nearest
        if not inside:
            self._wrong(line, "QC-T003", f"{start}:{end} is no place in {document.name}, which has "
                        f"{len(document.text):,} characters",
                        "Count code points from 0, the end after the last.")  # fmt: skip
        else:
            self._wrong(line, "QC-T007", f"at {start}:{end} of {document.name} stands other text than the quote, and "
                        f"the quote stands nowhere: {_short(quote)}",
                        "Was the transcript edited? Copy the words from it, or leave the quote out.")  # fmt: skip
        return None

    def _by_words(self, line: int, document: Document, quote: str, block: str) -> Span | None:
        if not quote:
            self._wrong(line, "QC-T003", "the row has neither start and end nor a quote", "Give one of them.")
            return None
        places = list(self.find(document.text, quote))
        if block.isdecimal() and int(block) < len(document.blocks):
            inside = [each for each in places if document.blocks[int(block)].span.overlaps(each)]
            places = inside or places
        if not places:
            self._wrong(line, "QC-T007", f"these words stand nowhere in {document.name}: {_short(quote)}",
                        "Copy them from the transcript.")  # fmt: skip
            return None
        if len(places) > 1:
            told = ", ".join(f"{each.start}:{each.end}" for each in places[:6])
            self._wrong(line, "QC-T007", f"these words stand in {len(places)} places of {document.name}: "
                        f"{_short(quote)}", f"Quote more of them, or give start and end: {told}")  # fmt: skip
            return None
        return places[0]

    def _number(self, line: int, text: str) -> float | None:
        if not text.strip():
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._wrong(line, "QC-T003", f"the score {text!r} is not a number", "Leave it empty when there is none.")
            return math.nan
        return value

    def _other_document(self, line: int, name: str) -> None:
        if self.elsewhere and name.strip() and name.strip() not in self.several:
            self._pass("other documents")
            return
        self.unknown.setdefault(name, []).append(line)

    def told(self) -> list[Problem]:
        """Return everything that is wrong, in the order of the file; a document that is unknown once."""
        known = ", ".join(dict.fromkeys(each.name for each in self.names.values()))
        found = list(self.problems)
        for name, lines in self.unknown.items():
            if name.strip() in self.several:
                those = [each for each in dict.fromkeys(each.name for each in self.names.values())
                         if Path(each).stem == name.strip()]  # fmt: skip
                found.append(Problem("QC-T005", f"{name!r} may be any of {len(those)} documents",
                                     Place(self.path.name, lines[0]),
                                     f"Write the whole name: {' or '.join(those)}"))  # fmt: skip
                continue
            near = difflib.get_close_matches(name, self.names, n=1)
            rows = f" (and in {len(lines) - 1:,} more rows)" if len(lines) > 1 else ""
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {_short(known, 200)}"
            found.append(
                Problem("QC-T005", f"there is no document {name!r}{rows}", Place(self.path.name, lines[0]), hint)
            )
        return sorted(found, key=lambda each: each.place.line or 0 if each.place is not None else 0)

    def _pass(self, why: str) -> None:
        self.passed_over[why] = self.passed_over.get(why, 0) + 1

    def _wrong(self, line: int, code: str, told: str, hint: str) -> None:
        self.problems.append(Problem(code, told, Place(self.path.name, line), hint))


def _short(words: str, length: int = 60) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= length else f"{flat[: length - 1].rstrip()}…"
