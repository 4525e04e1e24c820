"""Layers: what each coder did, side by side on the same units, with "not worked through" kept apart from "no code"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.analysis.levels import Level, UnitsOf, counted_units
from qualcode.analysis.study import Study
from qualcode.analysis.tally import units_under
from qualcode.errors import AnalysisError
from qualcode.model.coding import Coding
from qualcode.model.document import Span

__all__ = ["Layer", "Ratings", "Sheet", "binary_ratings", "set_ratings", "sheet_of", "under_code"]

Marks = tuple[set[int], ...]
"""For each coder the numbers of the units that carry something."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one coder did.

    Attributes:
        coder: a name; each layer has another.
        documents: ids of the documents this coder worked through. A unit of any other document is missing for this
            coder, which is not "no code".
        codings: this coder's codings; rejected ones are passed over.
        machine: the coder is a program.
    """

    coder: str
    documents: frozenset[str]
    codings: tuple[Coding, ...] = ()
    machine: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """All layers on the units of one level.

    Attributes:
        units: by document id, the units that are compared: of documents that at least two coders worked through.
        absent: by document id, the columns of the coders who did not work through it.
        marks: by document id and code (as given, nothing added for headings), the units of each coder; at the level
            ``character`` the words.
        spans: by document id and code, the spans of each coder; only at the level ``character``.
        ignored: codings outside the documents that their coder worked through, which take no part.
    """

    study: Study
    level: Level
    layers: tuple[Layer, ...]
    units: UnitsOf
    absent: Mapping[str, frozenset[int]]
    marks: Mapping[str, Mapping[str, Marks]]
    spans: Mapping[str, Mapping[str, tuple[list[Span], ...]]]
    ignored: int

    @property
    def coders(self) -> tuple[str, ...]:
        """The names of the coders, in the order of the columns."""
        return tuple(layer.coder for layer in self.layers)

    def marked(self, document_id: str, codes: Collection[str]) -> Marks:
        """Return for each coder the units of a document that carry one of these codes."""
        found = [self.marks[document_id][code] for code in codes if code in self.marks[document_id]]
        return tuple(set().union(*(marks[column] for marks in found)) for column in range(len(self.layers)))

    def given(self, document_id: str) -> dict[int, tuple[frozenset[str], ...]]:
        """Return for each unit with a code the codes that each coder gave it."""
        found: dict[int, list[set[str]]] = {}
        for code, marks in self.marks[document_id].items():
            for column, numbers in enumerate(marks):
                for number in numbers:
                    found.setdefault(number, [set() for _ in self.layers])[column].add(code)
        return {number: tuple(frozenset(codes) for codes in columns) for number, columns in sorted(found.items())}


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Units × coders in short form: distinct rows of each document with how often they occur.

    Attributes:
        rows: numpy array, rows × coders: 1.0, 0.0 and NaN (missing), or frozensets and ``None``.
        counts: numpy array of whole numbers: units (or characters) with this row.
        documents: the document of each row.
    """

    rows: Any
    counts: Any
    documents: tuple[str, ...]


def sheet_of(study: Study, layers: Sequence[Layer], level: Level) -> Sheet:
    """Return the layers side by side on the units of a level.

    Raises:
        AnalysisError: QC-A001 for a coding whose code the codebook does not have, QC-A030 and QC-A032 as for
            :func:`~qualcode.analysis.levels.counted_units`, QC-A031 for no layer, or layers with one name or none.
    """
    _check(study, layers)
    every = counted_units(study, level)
    absent = {name: frozenset(at for at, layer in enumerate(layers) if name not in layer.documents) for name in every}
    units = {name: found for name, found in every.items() if found and len(layers) - len(absent[name]) > 1}
    turns = counted_units(study, "turn") if level == "document" else {}
    marks: dict[str, dict[str, Marks]] = {name: {} for name in units}
    spans: dict[str, dict[str, tuple[list[Span], ...]]] = {name: {} for name in units}
    starts = {name: [unit.start for unit in found] for name, found in units.items()}
    turn_starts = {name: [turn.start for turn in found] for name, found in turns.items()}
    ignored = 0
    for column, layer in enumerate(layers):
        for coding in layer.codings:
            name = coding.document_id
            if coding.status == "rejected":
                continue
            if name not in layer.documents or name not in every:
                ignored += 1
            elif name not in units:
                continue
            # A document is one unit with all its turns; a coding of the interviewer's words must not reach it.
            elif level != "document" or units_under(turns[name], turn_starts[name], coding.span):
                touched = units_under(units[name], starts[name], coding.span)
                marks[name].setdefault(coding.code, tuple(set() for _ in layers))[column].update(touched)
                if level == "character":
                    spans[name].setdefault(coding.code, tuple([] for _ in layers))[column].append(coding.span)
    return Sheet(study, level, tuple(layers), units, absent, marks, spans, ignored)


def under_code(study: Study, code: str) -> frozenset[str]:
    """Return the id of a code and those of all codes below it: what makes a unit carry the code."""
    return frozenset({code, *(each.id for each in study.codebook.descendants(code))})


def binary_ratings(sheet: Sheet, codes: Collection[str]) -> Ratings:
    """Return which coder gave a unit one of these codes: 1.0 yes, 0.0 no, NaN did not work through the document."""
    import numpy as np

    width = len(sheet.layers)
    rows, counts, names = [], [], []
    for name, units in sheet.units.items():
        if sheet.level == "character":
            patterns, weights = _character_rows(sheet, name, units, codes)
        else:
            missing = sheet.absent[name]
            marks = sheet.marked(name, codes)
            found = Counter(
                tuple(np.nan if at in missing else float(number in marks[at]) for at in range(width))
                for number in set().union(*marks)
            )
            plain = tuple(np.nan if at in missing else 0.0 for at in range(width))
            found[plain] += len(units) - found.total()
            # NaN is not equal to itself, but it is one object here, so equal rows meet in the counter.
            kept = [(row, count) for row, count in found.items() if count]
            patterns, weights = [row for row, _ in kept], [count for _, count in kept]
        rows += list(patterns)
        counts += [int(weight) for weight in weights]
        names += [name] * len(patterns)
    return Ratings(np.array(rows, dtype=np.float64).reshape(len(rows), width), np.array(counts, dtype=np.int64),
                   tuple(names))  # fmt: skip


def set_ratings(sheet: Sheet, codes: Collection[str]) -> Ratings:
    """Return which of these codes each coder gave each unit: frozensets, ``None`` where missing; empty is an answer."""
    import numpy as np

    width, wanted = len(sheet.layers), frozenset(codes)
    tally: dict[tuple[str, tuple[frozenset[str] | None, ...]], int] = {}
    for name, units in sheet.units.items():
        missing = sheet.absent[name]
        given = sheet.given(name)
        for sets in given.values():
            row = tuple(None if at in missing else sets[at] & wanted for at in range(width))
            tally[name, row] = tally.get((name, row), 0) + 1
        plain = tuple(None if at in missing else frozenset[str]() for at in range(width))
        if len(units) > len(given):
            tally[name, plain] = tally.get((name, plain), 0) + len(units) - len(given)
    cells = np.empty((len(tally), width), dtype=object)
    for number, (_, row) in enumerate(tally):
        for at, answer in enumerate(row):
            cells[number, at] = answer
    return Ratings(cells, np.array(list(tally.values()), dtype=np.int64), tuple(name for name, _ in tally))


def _character_rows(
    sheet: Sheet, name: str, units: tuple[Span, ...], codes: Collection[str]
) -> tuple[list[Any], list[Any]]:
    from qualcode.stats.units import character_patterns

    columns, missing = range(len(sheet.layers)), sheet.absent[name]
    coded = {at: [(each.start, each.end) for code in codes if code in sheet.spans[name]
                  for each in sheet.spans[name][code][at]] for at in columns}  # fmt: skip
    # Only the words that somebody coded are cut at the edges of codings; all others are alike.
    words = [units[number] for number in sorted(set().union(*sheet.marked(name, codes)))]
    patterns, weights = character_patterns([(word.start, word.end) for word in words], coded, columns, missing)
    rest = sum(len(unit) for unit in units) - int(weights.sum())
    if not rest:
        return list(patterns), list(weights)
    plain = [float("nan") if at in missing else 0.0 for at in columns]
    return [*patterns, plain], [*weights, rest]


def _check(study: Study, layers: Sequence[Layer]) -> None:
    names = [layer.coder for layer in layers]
    if not names:
        raise AnalysisError("QC-A031", "there is no coder to compare",
                            hint="Give a Layer for each coder: Layer(coder, documents, codings).")  # fmt: skip
    wrong = next((name for name in names if not name.strip() or names.count(name) > 1), None)
    if wrong is not None:
        what = f"two layers are named {wrong!r}" if wrong.strip() else "a layer has no name"
        raise AnalysisError("QC-A031", what, hint="Give each coder a name of their own; a machine is a coder too.")
    known = {code.id for code in study.codebook}
    for layer in layers:
        for coding in layer.codings:
            if coding.code not in known:
                book = f"{study.codebook.id} {study.codebook.version}"
                raise AnalysisError("QC-A001", f"a coding by {layer.coder} in {coding.document} names the code "
                                    f"{coding.code!r}, which {book} does not have",
                                    hint="Code the documents again with this codebook.")  # fmt: skip
