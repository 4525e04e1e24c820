"""Where coders' segments lie (alpha for unitizing, the boundaries of what a code covers) and Shaffer's rho."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from qualcode.analysis.layers import Ratings, Sheet
from qualcode.analysis.levels import UnitsOf, counted_units
from qualcode.analysis.tally import units_under
from qualcode.model.document import Span

if TYPE_CHECKING:
    from qualcode.stats.agreement import Agreement

__all__ = ["PLACED", "Place", "Places", "placed", "places_notes", "rho"]

PLACED = ("alpha-u", "u-alpha", "boundary-similarity", "pk", "window-diff")
"""Measures of where segments lie; they need more than ratings of units."""

_NOBODY = "no document was worked through by all of the coders"
_NO_BOUNDARY = "the code begins or ends nowhere between two units, so there is no boundary to compare"
_OVERLAPPING = "segments of different codes overlap, and u-alpha has one code at a place"


@dataclass(frozen=True, slots=True)
class Place:
    """What the coders did with one code in one document that all of them worked through.

    Attributes:
        length: characters of the turns that are counted, set end to end.
        segments: for each coder ``(start, end)`` of their segments in these characters, in order and disjoint.
        atoms: how many units the document has.
        marked: for each coder the numbers of the units that carry the code.
    """

    length: int
    segments: tuple[tuple[tuple[int, int], ...], ...]
    atoms: int
    marked: tuple[frozenset[int], ...]

    def boundaries(self, coder: int) -> frozenset[int]:
        """Return after how many units the code begins or ends for a coder: where a unit differs from the one before."""
        mine = self.marked[coder]
        begins = {at for at in mine if at and at - 1 not in mine}
        return frozenset(begins | {at + 1 for at in mine if at + 1 < self.atoms and at + 1 not in mine})


class Places:
    """Finds the segments of codes on a sheet, in the speech that is counted."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        turns = counted_units(sheet.study, "turn")
        self._turns: UnitsOf = {name: turns[name] for name in sheet.units if not sheet.absent[name]}
        self._starts = {name: [turn.start for turn in spans] for name, spans in self._turns.items()}
        self._codings: dict[str, list[tuple[str, int, Span]]] = {}
        for column, layer in enumerate(sheet.layers):
            for coding in layer.codings:
                if coding.status != "rejected" and coding.document_id in self._turns:
                    self._codings.setdefault(coding.code, []).append((coding.document_id, column, coding.span))
        self._before: dict[str, list[int]] = {}
        for name, spans in self._turns.items():
            ends = [0]
            for span in spans:
                ends.append(ends[-1] + len(span))
            self._before[name] = ends

    def of(self, codes: Collection[str]) -> tuple[Place, ...]:
        """Return what was done with these codes, taken as one, in each document that all coders worked through."""
        found: dict[str, list[list[tuple[int, int]]]] = {name: [[] for _ in self._sheet.layers] for name in self._turns}
        for code in codes:
            for name, column, span in self._codings.get(code, ()):
                found[name][column] += self._pieces(name, span)
        return tuple(
            Place(self._before[name][-1], tuple(_apart(each) for each in columns), len(self._sheet.units[name]),
                  tuple(frozenset(marks) for marks in self._sheet.marked(name, codes)))
            for name, columns in found.items()
        )  # fmt: skip

    def _pieces(self, name: str, span: Span) -> list[tuple[int, int]]:
        """Return a span in the characters of the counted turns; what is between two turns is cut out of it."""
        turns, before = self._turns[name], self._before[name]
        pieces: list[tuple[int, int]] = []
        for at in units_under(turns, self._starts[name], span):
            start = before[at] + max(span.start - turns[at].start, 0)
            end = before[at] + min(span.end, turns[at].end) - turns[at].start
            if pieces and pieces[-1][1] == start:
                pieces[-1] = (pieces[-1][0], end)
            else:
                pieces.append((start, end))
        return pieces


def placed(measure: str, parts: Mapping[str, Sequence[Place]]) -> Agreement:
    """Return a measure of :data:`PLACED` over the documents, for one code or for several with their parts together.

    For alpha-u and u-alpha the documents are set end to end to one continuum. Boundaries stand where a unit carries the
    code and its neighbour does not; B is pooled over documents and pairs of coders, Pk and WindowDiff are the share of
    all windows, over both orders of each pair. Without any boundary they are undefined.
    """
    if measure in {"alpha-u", "u-alpha"}:
        return _unitized(measure, parts)
    from qualcode.stats.agreement import pk, window_diff

    every = [place for places in parts.values() for place in places]
    return (
        _boundaries(every)
        if measure == "boundary-similarity"
        else _windows(measure, pk if measure == "pk" else window_diff, every)
    )


def rho(ratings: Ratings, threshold: float, seed: int, *, one_code: bool = True) -> Agreement:
    """Return Shaffer's rho of two coders' ratings of units as a result with value, status and reason.

    Raises:
        StatisticsError: QC-N051 for a threshold that cannot be.
    """
    from qualcode.stats.agreement import Agreement, coefficient, rho_of_kappa

    kappa = coefficient(ratings.rows, "cohen", categories=(0, 1), frequencies=ratings.counts)
    both = (ratings.rows == ratings.rows).all(axis=1)
    first, counts = ratings.rows[both, 0], ratings.counts[both]
    units = int(counts.sum())
    rate = float((first * counts).sum()) / units if units else 0.0
    reason = kappa.reason if one_code else "rho speaks of one code at a time"
    if not reason and rate in (0.0, 1.0):
        reason = "the first coder gave one answer throughout, so there is no base rate"
    if kappa.value is None or reason:
        return Agreement(None, status="undefined", reason=reason, measure="rho", n_units=units, n_coders=kappa.n_coders)
    found = rho_of_kappa(kappa.value, units=units, base_rate=rate, threshold=threshold, seed=seed,
                         corpus=max(10_000, units))  # fmt: skip
    return Agreement(found.value, status=found.status, reason=found.reason, measure="rho", n_units=units, n_coders=2,
                     notes=found.notes)  # fmt: skip


def places_notes(measures: Collection[str], threshold: float) -> list[str]:
    """Return what a reader of these measures must know, in sentences."""
    notes = []
    if {"alpha-u", "u-alpha"} & set(measures):
        notes.append("alpha_u and u_alpha: the documents that all coders worked through, end to end, by characters of "
                     "the turns that are counted; they do not depend on the level.")  # fmt: skip
    if "u-alpha" in measures:
        notes.append("u_alpha is experimental: no published value has been reproduced with it.")
    if {"boundary-similarity", "pk", "window-diff"} & set(measures):
        notes.append("A boundary stands where a unit carries the code and its neighbour does not; documents that all "
                     "coders worked through, pooled. Pk and WindowDiff are errors: 0 is best.")  # fmt: skip
    if "rho" in measures:
        notes.append(
            f"rho is the chance of such a kappa in a sample of so many units if kappa over the whole corpus is below "
            f"{threshold:g}. It takes the units for a random sample, which whole transcripts are not."
        )
    return notes


def _apart(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return spans in order, those that overlap joined; those that only touch stay two segments."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _unitized(measure: str, parts: Mapping[str, Sequence[Place]]) -> Agreement:
    from qualcode.stats.agreement import Agreement, alpha_u, u_alpha

    first = next(iter(parts.values()), ())
    if not first:
        return Agreement(None, status="undefined", reason=_NOBODY, measure=measure)
    coders = len(first[0].segments)
    units: list[list[tuple[int, int, str]]] = [[] for _ in range(coders)]
    for code, places in parts.items():
        before = 0
        for place in places:
            for own, segments in zip(units, place.segments, strict=True):
                own += [(before + start, end - start, code) for start, end in segments]
            before += place.length
    length = sum(place.length for place in first)
    if measure == "alpha-u":
        return alpha_u(units, start=0, length=length)
    if any(_overlap(own) for own in units):
        return Agreement(None, status="undefined", reason=_OVERLAPPING, measure=measure, n_coders=coders)
    return u_alpha(units, start=0, length=length).u


def _overlap(units: Sequence[tuple[int, int, str]]) -> bool:
    ordered = sorted(units)
    starts = [start for start, _, _ in ordered]
    return any(bisect_right(starts, start + length - 1) > at + 1 for at, (start, length, _) in enumerate(ordered))


def _boundaries(places: Sequence[Place]) -> Agreement:
    from qualcode.stats.agreement.segmentation import boundary_edits

    edits = [
        boundary_edits(place.boundaries(one), place.boundaries(two), 2, place.atoms)
        for place in places
        for one, two in combinations(range(len(place.marked)), 2)
    ]
    compared, cost = sum(each.compared for each in edits), sum(each.cost for each in edits)
    return _result("boundary-similarity", places, 1 - cost / compared if compared else None)


def _windows(name: str, measure: Callable[..., Agreement], places: Sequence[Place]) -> Agreement:
    wrong = windows = 0.0
    cut = False
    for place in places:
        sets = [place.boundaries(coder) for coder in range(len(place.marked))]
        cut = cut or any(sets)
        for one, two in combinations(sets, 2):
            for found in (measure(one, two, atoms=place.atoms), measure(two, one, atoms=place.atoms)):
                if found.value is not None:
                    wrong, windows = wrong + found.value * found.n_pairable, windows + found.n_pairable
    return _result(name, places, wrong / windows if cut and windows else None)


def _result(name: str, places: Sequence[Place], value: float | None) -> Agreement:
    from qualcode.stats.agreement import Agreement

    reason = ""
    if value is None:
        few = places and len(places[0].marked) < 2
        reason = "agreement needs at least two coders" if few else _NO_BOUNDARY if places else _NOBODY
    return Agreement(value, status="ok" if value is not None else "undefined", reason=reason, measure=name,
                     n_units=sum(place.atoms for place in places))  # fmt: skip
