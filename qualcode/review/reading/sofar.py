"""What was read for a code so far: labels of passages, and the order in which they were read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.features.units import Units
from qualcode.model.document import Span
from qualcode.model.ledger import Judgement, Passage, ReadPassage
from qualcode.review.passages import Standing

__all__ = ["Check", "SoFar", "so_far"]

Array = npt.NDArray[Any]
_Key = tuple[str, int, int]
MOST = 0.8
"""So much of a passage must have been rejected before all of it is taken to be without the code."""


@dataclass(frozen=True, slots=True)
class Check:
    """A random sample of unread passages whose size was fixed beforehand.

    Attributes:
        size: passages in it; ``attempt`` the how manieth such sample it is, from 1.
        rows: those that were read, in the order of reading.
    """

    size: int
    attempt: int
    rows: tuple[int, ...]

    @property
    def left(self) -> int:
        """How many of it are still to be read."""
        return max(0, self.size - len(self.rows))


@dataclass(frozen=True, slots=True)
class SoFar:
    """What was read for one code.

    Attributes:
        labels: for each passage 1 (has the code), 0 (has it not), −1 (nobody said).
        undecided: passages that were read and left undecided.
        order: rows of all passages that were read, in the order of reading.
        random: for each of these whether it was drawn at random from all that were unread.
        among, before: for each how many were unread then, and how many read before had the code.
        checks: samples that were drawn to decide whether to stop, the latest last; it may be unfinished.
        elsewhere: random passages that were drawn from another set of passages, or are no longer there.
        proposed: passages that came one by one in an order that the program proposed.
    """

    labels: Array
    undecided: Array
    order: Array
    random: Array
    among: Array
    before: Array
    checks: tuple[Check, ...] = ()
    elsewhere: int = 0
    proposed: int = 0

    @property
    def unread(self) -> Array:
        """For each passage whether nobody read it."""
        return (self.labels < 0) & ~self.undecided

    @property
    def found(self) -> Array:
        """Rows of the passages that have the code."""
        return np.flatnonzero(self.labels == 1)

    @property
    def answers(self) -> list[int | None]:
        """1, 0 or ``None`` (undecided) for each passage in the order of reading."""
        return [None if label < 0 else label for label in self.labels[self.order].tolist()]


def so_far(
    units: Units,
    standings: Iterable[Standing],
    readings: Sequence[ReadPassage],
    code: str,
    *,
    below: Collection[str] = (),
    through: Collection[str] = (),
    mark: str = "",
    judgements: Iterable[Judgement] = (),
) -> SoFar:
    """Return what was read for a code.

    A passage has the code when it shares a character with a coded or accepted passage of it (or of a code below it),
    and has it not when four fifths of it were rejected and none of it coded, or when it stands in a document that was
    worked through. (Where the unit was changed from sentence to turn, a sentence that was rejected says nothing of its
    turn.)

    Args:
        units: the passages.
        standings: how passages stand.
        readings: what was read one by one, for any code.
        code: the code.
        below: ids of the codes below it.
        through: ids of documents that were worked through; their passages count as read first.
        mark: of the passages (:func:`~qualcode.review.reading.passages.mark_of`).
        judgements: what people hold now, to find passages again whose transcript was edited.
    """
    ordinal = {document.id: number for number, document in enumerate(units.documents)}
    own = [each for each in readings if each.code == code]
    steps = {each.judgement: each for each in own if each.judgement}
    labels = np.full(len(units), -1, np.int8)
    first: dict[int, _Key] = {}

    def note(rows: Array, key: _Key) -> None:
        for row in rows.tolist():
            if row not in first or key < first[row]:
                first[row] = key

    worked = np.asarray([document.id in through for document in units.documents], bool)
    rows = np.flatnonzero(worked[units.document]) if len(units) else np.empty(0, np.int64)
    labels[rows] = 0
    note(rows, ("", 0, 0))
    stand = sorted(standings, key=lambda standing: standing.status != "rejected")
    rejected: dict[int | None, list[Span]] = {}
    for each in stand:
        if each.status == "rejected" and each.code == code:
            rejected.setdefault(ordinal.get(each.passage.document_id), []).append(each.passage.span)
    for each in stand:
        document = ordinal.get(each.passage.document_id)
        if not each.judgements or document is None or not (each.code == code or each.code in below):
            continue
        if each.status == "rejected" and each.code != code:
            continue
        rows = units.rows_over(document, [each.passage.span])
        if each.status == "rejected":
            rows = rows[[_covered(units.span(row), rejected[document]) >= MOST for row in rows.tolist()]]
        labels[rows] = 0 if each.status == "rejected" else 1
        note(rows, min(_when(held, steps) for held in each.judgements))
    drawn, undecided, checks, elsewhere = _read_singly(units, ordinal, own, labels, mark, judgements, note)
    order = np.asarray(sorted(first, key=lambda row: (first[row], row)), np.int64)
    told = [drawn.get(row) for row in order.tolist()]
    place = {row: at for at, row in enumerate(order.tolist())}
    known = labels[order] == 1
    before = np.cumsum(known) - known
    among = len(units) - np.arange(len(order))
    random = np.asarray([each is not None and each.order == "random" for each in told], bool)
    for at, step in enumerate(told):
        # Drawn in another copy of the project, where other passages had been read: what was noted then holds.
        if step is not None and step.among != among[at]:
            among[at], before[at] = step.among, step.before
    samples = tuple(
        Check(size, attempt, tuple(sorted(rows, key=place.__getitem__)))
        for (attempt, size), rows in sorted(checks.items())
    )
    proposed = sum(each is not None for each in told) - int(random.sum())
    return SoFar(labels, undecided, order, random, among, before, samples, elsewhere, proposed)


def _covered(own: Span, spans: Sequence[Span]) -> float:
    """Return the share of a span that others cover together."""
    at, covered = own.start, 0
    for each in sorted(spans):
        start, end = max(each.start, at), min(each.end, own.end)
        if end > start:
            covered, at = covered + end - start, end
    return covered / max(len(own), 1)


def _when(held: Judgement, steps: Mapping[str, ReadPassage]) -> _Key:
    """Return when a judgement was made; passages beside the one that was read come right behind it."""
    step = steps.get(held.id)
    return (held.at, step.clock if step is not None else 0, 1)


def _read_singly(
    units: Units, ordinal: Mapping[str, int], own: Sequence[ReadPassage], labels: Array, mark: str,
    judgements: Iterable[Judgement], note: Any,
) -> tuple[dict[int, ReadPassage], Array, dict[tuple[int, int], set[int]], int]:  # fmt: skip
    held = {each.id: each for each in judgements}
    drawn: dict[int, ReadPassage] = {}
    undecided = np.zeros(len(units), bool)
    checks: dict[tuple[int, int], set[int]] = {}
    elsewhere = 0
    for each in own:
        judgement = held.get(each.judgement)
        moved = judgement.passage if judgement is not None and not judgement.orphan else None
        row = _row_of(units, ordinal, each.passage, moved)
        part = row is not None and not each.judgement and _covered(units.span(row), [each.passage.span]) < MOST
        if row is None or part or (each.judgement and labels[row] < 0):
            elsewhere += (row is None or each.mark != mark) and each.order == "random"
            continue  # its words are gone, or what was said of it was taken back: it is to be read (again)
        if not each.judgement and labels[row] < 0:
            undecided[row] = True
        note(np.asarray([row]), (each.at, each.clock, 0))
        if each.mark != mark:
            elsewhere += each.order == "random"
            continue
        if row not in drawn:
            drawn[row] = each
            if each.check:
                checks.setdefault((each.attempt, each.check), set()).add(row)
    return drawn, undecided, checks, elsewhere


def _row_of(units: Units, ordinal: Mapping[str, int], passage: Passage, moved: Passage | None) -> int | None:
    """Return the row of a passage that was read: where it stood, or where its judgement stands now."""
    document = ordinal.get(passage.document_id)
    if document is not None and units.documents[document].text_sha256 == passage.document_sha256:
        rows = units.rows_over(document, [passage.span])
        return int(rows[0]) if len(rows) else None
    if moved is None or moved.document_id not in ordinal:
        return None
    rows = units.rows_over(ordinal[moved.document_id], [moved.span])
    same = [row for row in rows.tolist() if units.text(row).split() == passage.quote.split()]
    return same[0] if same else int(rows[0]) if len(rows) else None
