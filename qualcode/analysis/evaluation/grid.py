"""Layers on the same units as arrays, and their passages side by side: what every measure here is reckoned from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from qualcode.analysis.layers import Layer, Sheet, sheet_of
from qualcode.analysis.levels import Level, UnitsOf, counted_units
from qualcode.analysis.study import Study
from qualcode.analysis.tally import units_under
from qualcode.errors import AnalysisError
from qualcode.model.coding import Coding
from qualcode.model.document import Span

__all__ = ["FEWEST_TRANSCRIPTS", "Clusters", "Grid", "Passage", "grid_of", "nothing_in_common", "united"]

Array = npt.NDArray[Any]

FEWEST_TRANSCRIPTS = 6
"""With fewer transcripts, samples for intervals are drawn of turns: whole transcripts would be too few to draw from."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of one side, under one code.

    Attributes:
        span: from the first to the last character of its codings; those of one code that overlap are one passage.
        unit: number of the first unit that it touches, among the units of the grid.
        codings: the codings in it, as given; the first says whose words its evidence is.
        met: a passage of the other side overlaps it under the same code.
    """

    document_id: str
    code: str
    span: Span
    unit: int
    codings: tuple[Coding, ...]
    met: bool = False

    @property
    def score(self) -> float | None:
        """The highest score of its codings; ``None`` when none has one."""
        return max((each.score for each in self.codings if each.score is not None), default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """What is drawn together: the number of its cluster for each unit, how many there are, and what they are."""

    of_unit: Array
    number: int
    what: Literal["transcript", "turn"]


@dataclass(frozen=True, eq=False)
class Grid:
    """All layers on the units of one level, in documents that the reference and the machine both worked through.

    Attributes:
        study: the study cut down to these documents.
        layers: reference first, then the machine, then people.
        level: what a unit is.
        units: by document id.
        document: ordinal of its document (in ``study.cases``) for each unit; ``turn``: number of its turn, counted
            through the documents.
        codes: ids of the codes that can be given, in tree order.
        marks: for each layer (by name) units × codes, true where a coding of the very code overlaps the unit.
        outside: codings of reference or machine in these documents that touch no unit (an interviewer's words).
    """

    study: Study
    layers: tuple[Layer, ...]
    level: Level
    units: UnitsOf
    document: Array
    turn: Array
    codes: tuple[str, ...]
    marks: Mapping[str, Array]
    outside: int

    @property
    def reference(self) -> Layer:
        """What the machine is held against."""
        return self.layers[0]

    @property
    def machine(self) -> Layer:
        """What is judged."""
        return self.layers[1]

    @property
    def documents(self) -> tuple[str, ...]:
        """Ids of the documents that are compared, in the order of the study."""
        return tuple(case.id for case in self.study.cases)

    def clusters(self, kept: Array | None = None) -> Clusters:
        """Return what samples for intervals are drawn of, for all units or those that are kept.

        Whole transcripts where there are :data:`FEWEST_TRANSCRIPTS` or more (or a unit is one), else turns.
        """
        kept = np.ones(len(self.document), bool) if kept is None else kept
        documents, numbers = np.unique(self.document[kept], return_inverse=True)
        if len(documents) >= FEWEST_TRANSCRIPTS or self.level == "document":
            return Clusters(np.asarray(numbers), len(documents), "transcript")
        turns, numbers = np.unique(self.turn[kept], return_inverse=True)
        return Clusters(np.asarray(numbers), len(turns), "turn")

    @cached_property
    def first_unit(self) -> dict[str, int]:
        """The number of the first unit of each document."""
        firsts, at = {}, 0
        for name in self.documents:
            firsts[name] = at
            at += len(self.units[name])
        return firsts

    @cached_property
    def passages(self) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
        """Passages of the reference and of the machine, each saying whether the other side has met it."""
        theirs, ours = (united(self.kept(layer), self) for layer in self.layers[:2])
        return _met(theirs, ours), _met(ours, theirs)

    def kept(self, layer: Layer) -> tuple[Coding, ...]:
        """Return the codings of a layer that count: not rejected, in these documents, on words that are counted."""
        return tuple(
            each
            for each in layer.codings
            if each.status != "rejected" and each.document_id in self.units and self.touched(each)
        )

    def touched(self, coding: Coding) -> range:
        """Return the numbers of the units that a coding touches, counted through the grid."""
        name = coding.document_id
        if self.level == "document" and not units_under(self._turns[name], self._turn_starts[name], coding.span):
            return range(0)  # a document is one unit from its first word to its last, interviewers' words among them
        found = units_under(self.units[name], self._starts[name], coding.span)
        return range(found.start + self.first_unit[name], found.stop + self.first_unit[name])

    def pair(self, one: Layer, other: Layer) -> Array:
        """Return for each unit whether both layers worked through its document."""
        both = np.array([name in one.documents and name in other.documents for name in self.documents], bool)
        return np.asarray(both[self.document]) if len(self.document) else np.zeros(0, bool)

    def under(self, code: str) -> list[int]:
        """Return the columns of a code and of all codes below it."""
        wanted = {code, *(each.id for each in self.study.codebook.descendants(code))}
        return [column for column, name in enumerate(self.codes) if name in wanted]

    def span(self, unit: int) -> tuple[str, Span]:
        """Return the document id and the place of a unit."""
        name = self.documents[int(self.document[unit])]
        return name, self.units[name][unit - self.first_unit[name]]

    @cached_property
    def _starts(self) -> dict[str, list[int]]:
        return {name: [unit.start for unit in units] for name, units in self.units.items()}

    @cached_property
    def _turns(self) -> UnitsOf:
        return counted_units(self.study, "turn")

    @cached_property
    def _turn_starts(self) -> dict[str, list[int]]:
        return {name: [turn.start for turn in turns] for name, turns in self._turns.items()}


def grid_of(study: Study, layers: Sequence[Layer], level: Level) -> Grid:
    """Return the layers (reference, machine, people) on the units of a level.

    Raises:
        AnalysisError: QC-A070 when reference and machine share no document with a unit, QC-A032 for single characters,
            QC-A001, QC-A030 to QC-A032 as :func:`~qualcode.analysis.layers.sheet_of`.
    """
    if level == "character":
        raise AnalysisError("QC-A032", "single characters are not what a code is found in",
                            hint="Choose the level sentence, turn, passage, token or document.")  # fmt: skip
    reference, machine = layers[:2]
    shared = reference.documents & machine.documents
    cases = tuple(case for case in study.cases if case.id in shared)
    cut = replace(study, cases=cases, units={case.id: study.units.get(case.id, ()) for case in cases})
    sheet = sheet_of(cut, layers, level)
    cases = tuple(case for case in cases if case.id in sheet.units)
    if not cases:
        raise nothing_in_common(reference.coder, machine.coder)
    cut = replace(cut, cases=cases)
    units = {case.id: sheet.units[case.id] for case in cases}
    document = np.repeat(np.arange(len(cases)), [len(units[case.id]) for case in cases])
    turn = _turn_of(cut, units)
    codes = _codes(cut, sheet)
    marks = {layer.coder: _marks(sheet, column, units, codes) for column, layer in enumerate(layers)}
    made = Grid(cut, tuple(layers), level, units, document, turn, codes, marks, 0)
    inside = [each for layer in layers[:2] for each in layer.codings
              if each.status != "rejected" and each.document_id in units]  # fmt: skip
    return replace(made, outside=sum(not made.touched(each) for each in inside))


def nothing_in_common(one: str, other: str) -> AnalysisError:
    """Return the error for two sides that share no document."""
    return AnalysisError("QC-A070", f"{one} and {other} have no document in common that was worked through",
                         hint="Name documents that are coded by hand, or note who worked through what: "
                         "qualcode done DIR DOCUMENT")  # fmt: skip


def united(codings: Iterable[Coding], grid: Grid) -> tuple[Passage, ...]:
    """Return the passages of codings in document order: those of one code that overlap, as two coders may propose
    them, are one."""
    order = {name: at for at, name in enumerate(grid.documents)}
    rank = {code: at for at, code in enumerate(grid.codes)}
    found: dict[tuple[str, str], list[Passage]] = {}
    for each in sorted(codings, key=lambda each: (each.span.start, each.span.end)):
        those = found.setdefault((each.document_id, each.code), [])
        if those and each.span.start < those[-1].span.end:
            last = those[-1]
            span = Span(last.span.start, max(last.span.end, each.span.end))
            those[-1] = replace(last, span=span, codings=(*last.codings, each))
        else:
            those.append(Passage(each.document_id, each.code, each.span, grid.touched(each).start, (each,)))
    return tuple(
        sorted(
            (each for those in found.values() for each in those),
            key=lambda each: (order[each.document_id], each.span, rank[each.code]),
        )
    )


def _met(passages: Sequence[Passage], others: Sequence[Passage]) -> tuple[Passage, ...]:
    places: dict[tuple[str, str], list[Span]] = {}
    for each in others:
        places.setdefault((each.document_id, each.code), []).append(each.span)
    return tuple(
        replace(each, met=any(each.span.overlaps(other) for other in places.get((each.document_id, each.code), ())))
        for each in passages
    )


def _turn_of(study: Study, units: UnitsOf) -> Array:
    """Return the turn of each unit, counted through the documents."""
    turns = counted_units(study, "turn")
    parts, base = [np.zeros(0, np.int64)], 0
    for name, spans in units.items():
        starts = np.array([turn.start for turn in turns[name]], np.int64)
        at = np.searchsorted(starts, [span.start for span in spans], side="right") - 1
        parts.append(np.maximum(at, 0) + base)
        base += len(starts)
    return np.concatenate(parts)


def _codes(study: Study, sheet: Sheet) -> tuple[str, ...]:
    """Return the codes that can be given, or were given all the same, in tree order."""
    given = {code for marks in sheet.marks.values() for code, columns in marks.items() if any(columns)}

    return tuple(
        code.id for code in study.codebook.tree() if code.id in given or (code.codable and code.status != "retired")
    )


def _marks(sheet: Sheet, column: int, units: UnitsOf, codes: Sequence[str]) -> Array:
    place = {code: at for at, code in enumerate(codes)}
    table = np.zeros((sum(map(len, units.values())), len(codes)), bool)
    base = 0
    for name, spans in units.items():
        for code, marks in sheet.marks[name].items():
            if code in place:
                table[[base + number for number in marks[column]], place[code]] = True
        base += len(spans)
    return table
