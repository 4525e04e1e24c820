"""From codings to ratings: which units, or how many characters, each coder gave a code.

Positions are code points, half-open ``[start, end)``. A span is a pair ``(start, end)`` or anything with ``start`` and
``end``. Each coder's own spans are united before anything is counted, so two overlapping segments of one coder on one
code are one. Units (sentences, turns, tokens, a whole document) come from the caller; for characters nothing of the
length of the text is ever made: stretches between boundaries are counted by their lengths.

Three answers are kept apart: 1 the code was given, 0 it was not, NaN the coder did not code this document.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qualcode.errors import StatisticsError

__all__ = ["Cells", "SpanLike", "cells", "character_patterns", "label_sets", "pool_patterns", "rate_units", "unite"]


@runtime_checkable
class HasSpan(Protocol):
    """Anything that knows where it starts and ends, such as :class:`qualcode.model.Span`."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


SpanLike: TypeAlias = HasSpan | tuple[int, int] | Sequence[int]
Codings: TypeAlias = Mapping[Any, Iterable[SpanLike]]
Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_MISSING = -1  # in the small integers that patterns are sorted by; NaN does not sort


@dataclass(frozen=True, slots=True)
class Cells:
    """The four cells of two coders on one code, in characters.

    Attributes:
        both, only_a, only_b, neither: characters coded by both, by one alone, by neither.
    """

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def total(self) -> int:
        """All countable characters."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def union(self) -> int:
        """Characters that at least one coder coded."""
        return self.both + self.only_a + self.only_b

    @property
    def percent(self) -> float | None:
        """(both + neither) / total, as NVivo prints it; ``None`` when there are no characters."""
        return (self.both + self.neither) / self.total if self.total else None

    @property
    def jaccard(self) -> float | None:
        """both / union: the overlap without the uncoded text; ``None`` when neither coded anything."""
        return self.both / self.union if self.union else None

    @property
    def qualcoder_index(self) -> float | None:
        """The figure QualCoder prints under the name of kappa, for comparison with its reports. It is not a kappa.

        With A and B the characters of each coder and U their union: Po = both/U, Pe = (A/U)(B/U) * (1-A/U)(1-B/U),
        (Po - Pe)/(1 - Pe). Chance agreement should be the sum of the two products and be taken over all text, so
        coding at chance level does not score 0 here. ``None`` when neither coded anything.
        """
        if not self.union:
            return None
        a, b = (self.both + self.only_a) / self.union, (self.both + self.only_b) / self.union
        chance = a * b * (1 - a) * (1 - b)
        return (self.both / self.union - chance) / (1 - chance)


def unite(spans: Iterable[SpanLike]) -> tuple[Ints, Ints]:
    """Return starts and ends of the united spans: ordered, disjoint, not touching, none empty.

    Raises:
        StatisticsError: QC-N030 for a span that ends before it starts or has no whole numbers.
    """
    starts, ends = _bounds(spans)
    filled = ends > starts
    starts, ends = starts[filled], ends[filled]
    if len(starts) < 2:
        return starts, ends
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    first = np.concatenate(([True], starts[1:] > ends[:-1]))
    return starts[first], ends[np.concatenate((np.flatnonzero(first)[1:] - 1, [len(ends) - 1]))]


def rate_units(
    units: Sequence[SpanLike], coded: Codings, coders: Sequence[Hashable], missing: Collection[Hashable] = ()
) -> Floats:
    """Return units x coders: 1.0 where a coder's codings overlap the unit by a character, else 0.0; NaN if missing.

    Args:
        units: the units of one document, in any order; an empty unit cannot be coded.
        coded: the spans of one code by coder; a coder who is not in it gave the code nowhere.
        coders: the columns of the result.
        missing: coders who did not code this document.

    Raises:
        StatisticsError: QC-N030 for a broken span, QC-N031 for coders named twice, for codings by somebody who is no
            column, and for somebody who is missing and has codings.
    """
    starts, ends = _bounds(units)
    rated = np.zeros((len(starts), len(coders)))
    for column, (coder, spans) in enumerate(_columns(coded, coders, missing)):
        if coder in missing:
            rated[:, column] = np.nan
        else:
            rated[:, column] = _touched(starts, ends, *unite(spans))
    return rated


def character_patterns(
    countable: int | Iterable[SpanLike],
    coded: Codings,
    coders: Sequence[Hashable],
    missing: Collection[Hashable] = (),
) -> tuple[Floats, Ints]:
    """Return the distinct rows of the characters x coders table and how many characters have each.

    Time and memory follow the number of codings, not the length of the text.

    Args:
        countable: the length of the text, or the spans that count; the caller leaves out what is not to be counted
            (white space, labels, interviewers' turns).
        coded: the spans of one code by coder.
        coders: the columns of the result.
        missing: coders who did not code this document.

    Returns:
        ``patterns`` (distinct rows x coders of 1.0, 0.0 and NaN, in ascending order with NaN first) and ``weights``
        (whole numbers of characters, all above 0, which sum to the countable characters).

    Raises:
        StatisticsError: QC-N030 for a broken span or a negative length, QC-N031 as for :func:`rate_units`.
    """
    counted = unite([(0, countable)] if isinstance(countable, (int, np.integer)) else countable)
    columns = [(coder in missing, unite(spans)) for coder, spans in _columns(coded, coders, missing)]
    edges = np.unique(np.concatenate([*counted, *(part for _, bounds in columns for part in bounds)]))
    left, lengths = edges[:-1], np.diff(edges)
    kept = _inside(left, *counted)
    left, lengths = left[kept], lengths[kept]
    rows = np.empty((len(left), len(coders)), dtype=np.int8)
    for column, (absent, bounds) in enumerate(columns):
        rows[:, column] = _MISSING if absent else _inside(left, *bounds)
    return _grouped(rows, lengths)


def pool_patterns(parts: Iterable[tuple[Floats, Ints]]) -> tuple[Floats, Ints]:
    """Return the patterns of several documents as one, equal rows added up.

    Raises:
        StatisticsError: QC-N032 when there is nothing to pool or the documents have different numbers of coders.
    """
    found = list(parts)
    if len({patterns.shape[1] for patterns, _ in found}) != 1:
        raise StatisticsError("QC-N032", "patterns can be pooled over documents with the same coders only",
                              hint="Call character_patterns() with the same `coders` for each document.")  # fmt: skip
    patterns = np.concatenate([patterns for patterns, _ in found])
    rows = np.where(np.isnan(patterns), _MISSING, patterns).astype(np.int8)
    return _grouped(rows, np.concatenate([weights for _, weights in found]))


def cells(countable: int | Iterable[SpanLike], a: Iterable[SpanLike], b: Iterable[SpanLike]) -> Cells:
    """Return the four cells of two coders in characters; see :func:`character_patterns` for ``countable``.

    Raises:
        StatisticsError: QC-N030 for a broken span or a negative length.
    """
    patterns, weights = character_patterns(countable, {"a": a, "b": b}, ["a", "b"])
    found = {(int(one), int(two)): int(weight) for (one, two), weight in zip(patterns, weights, strict=True)}
    return Cells(found.get((1, 1), 0), found.get((1, 0), 0), found.get((0, 1), 0), found.get((0, 0), 0))


def label_sets(
    units: Sequence[SpanLike],
    codings_by_code: Mapping[Any, Codings],
    coders: Sequence[Hashable],
    missing: Collection[Hashable] = (),
) -> NDArray[np.object_]:
    """Return units x coders of the frozenset of codes that each coder gave each unit; ``None`` where missing.

    This is what agreement "over codes" is measured on, with the Jaccard or MASI distance. The empty set is an answer.

    Args:
        units: the units of one document.
        codings_by_code: for each code the spans by coder.
        coders: the columns of the result.
        missing: coders who did not code this document.

    Raises:
        StatisticsError: as for :func:`rate_units`.
    """
    codes = list(codings_by_code)
    rated = {code: rate_units(units, codings_by_code[code], coders, missing) for code in codes}
    sets = np.empty((len(units), len(coders)), dtype=object)
    for row in range(len(units)):
        for column, coder in enumerate(coders):
            if coder not in missing:
                sets[row, column] = frozenset(code for code in codes if rated[code][row, column] == 1.0)
    return sets


def _bounds(spans: Iterable[SpanLike]) -> tuple[Ints, Ints]:
    pairs = [_pair(span) for span in spans]
    try:
        found = np.array(pairs) if pairs else np.zeros((0, 2), dtype=np.int64)
        sound = found.dtype.kind in "iu" and found.shape[1:] == (2,)
        sound = sound and bool(np.all((found[:, 0] >= 0) & (found[:, 0] <= found[:, 1])))
    except ValueError:  # pairs of several lengths
        sound = False
    if not sound:
        wrong = next((pair for pair in pairs if not _is_span(pair)), pairs[0])
        raise StatisticsError("QC-N030", f"a span needs whole numbers with 0 <= start <= end, got {wrong!r}",
                              hint="Give (start, end) in characters, the end not included.")  # fmt: skip
    return found[:, 0].astype(np.int64), found[:, 1].astype(np.int64)


def _pair(span: object) -> tuple[Any, ...]:
    if isinstance(span, tuple):  # tried first: asking for a protocol is slow
        return span
    if isinstance(span, HasSpan):
        return (span.start, span.end)
    return tuple(span) if isinstance(span, Iterable) else (span,)


def _is_span(pair: tuple[Any, ...]) -> bool:
    return (
        len(pair) == 2
        and all(isinstance(each, (int, np.integer)) and not isinstance(each, bool) for each in pair)
        and 0 <= pair[0] <= pair[1]
    )


def _columns(
    coded: Codings, coders: Sequence[Hashable], missing: Collection[Hashable]
) -> list[tuple[Hashable, Iterable[SpanLike]]]:
    """Return (coder, spans) for each column, after a look at the names."""
    columns = [(coder, list(coded.get(coder, ()))) for coder in coders]
    if len(set(coders)) != len(coders):
        raise StatisticsError("QC-N031", "a coder is named twice", hint="Each coder is one column.")
    strangers = [coder for coder in coded if coder not in set(coders)]
    if strangers:
        raise StatisticsError("QC-N031", f"there are codings by {strangers[0]!r}, who is not among the coders",
                              hint="Add the coder to `coders`, or leave those codings out.")  # fmt: skip
    for coder, spans in columns:
        if coder in missing and spans:
            raise StatisticsError("QC-N031", f"{coder!r} is said to be missing, but has codings in this document",
                                  hint="Take the coder out of `missing`.")  # fmt: skip
    return [(coder, spans) for coder, spans in columns]


def _touched(starts: Ints, ends: Ints, from_: Ints, to: Ints) -> NDArray[np.bool_]:
    """Return which of the stretches share a character with the united spans."""
    if not len(from_):
        return np.zeros(len(starts), dtype=bool)
    nearest = np.searchsorted(to, starts, side="right")  # the first span that ends behind the start of the unit
    reached = nearest < len(to)
    return reached & (from_[np.minimum(nearest, len(to) - 1)] < ends) & (starts < ends)


def _inside(points: Ints, from_: Ints, to: Ints) -> NDArray[np.bool_]:
    """Return which of the points lie in the united spans."""
    return np.searchsorted(from_, points, side="right") > np.searchsorted(to, points, side="right")


def _grouped(rows: NDArray[np.int8], weights: Ints) -> tuple[Floats, Ints]:
    if not len(rows):
        return np.zeros((0, rows.shape[1])), np.zeros(0, dtype=np.int64)
    distinct, place = np.unique(rows, axis=0, return_inverse=True)
    summed = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(summed, place.reshape(-1), weights)
    patterns = distinct.astype(np.float64)
    patterns[distinct == _MISSING] = np.nan
    return patterns, summed
