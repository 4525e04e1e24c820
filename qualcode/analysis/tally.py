"""Counting, once for every table: which distinct units, speakers and documents each code has."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from qualcode.analysis.study import Study
from qualcode.errors import AnalysisError
from qualcode.model.codes import Code
from qualcode.model.coding import Coding
from qualcode.model.document import Span

__all__ = ["Count", "Roster", "chosen_codes", "counted_codings", "found_codes", "tally", "units_under"]

SHARED_TURN = " & "
UnitKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Count:
    """What lies under one code: itself and all codes below it.

    Attributes:
        codings: the codings, in the order given.
        segments: distinct units that a coding overlaps, as (document id, number of the unit).
        speakers: distinct named speakers, as (document id, label): "P1" of two interviews is two people.
        documents: distinct document ids.
    """

    codings: tuple[Coding, ...] = ()
    segments: frozenset[UnitKey] = frozenset()
    speakers: frozenset[tuple[str, str]] = frozenset()
    documents: frozenset[str] = frozenset()

    @property
    def reviewed(self) -> int:
        """Number of codings that a person made or accepted."""
        return sum(coding.status in {"accepted", "coded"} for coding in self.codings)

    def stance(self, value: str) -> int:
        """Return how many codings have this stance."""
        return sum(coding.stance == value for coding in self.codings)


def counted_codings(study: Study) -> tuple[Coding, ...]:
    """Return the codings that tables count: none that were rejected, none of roles that are context."""
    left_out = frozenset(study.codebook.roles_left_out)
    return tuple(each for each in study.codings if each.status != "rejected" and each.role not in left_out)


def tally(study: Study, keep: Callable[[Coding], bool] | None = None) -> dict[str, Count]:
    """Return the count of every code of the book by id, of the counted codings for which ``keep`` is true.

    A parent's sets are unions, so max(child) <= parent <= sum(children) + its own.
    """
    own: dict[str, list[tuple[int, Coding]]] = {code.id: [] for code in study.codebook}
    for number, coding in enumerate(counted_codings(study)):
        if keep is None or keep(coding):
            own[coding.code].append((number, coding))
    touched, people = _Units(study), Roster(study)
    counts = {}
    below = _below(study)
    for code in study.codebook:
        found = sorted((each for part in below[code.id] for each in own[part]), key=lambda each: each[0])
        codings = tuple(coding for _, coding in found)
        counts[code.id] = Count(
            codings,
            frozenset(key for coding in codings for key in touched.of(coding)),
            frozenset(who for coding in codings for who in people.of(coding)),
            frozenset(coding.document_id for coding in codings),
        )
    return counts


def found_codes(study: Study) -> tuple[Code, ...]:
    """Return the codes with a counted coding of their own, in tree order: the themes that were found."""
    own = {coding.code for coding in counted_codings(study)}
    return tuple(code for code in study.codebook.tree() if code.id in own)


def units_under(units: Sequence[Span], starts: Sequence[int], span: Span) -> range:
    """Return the numbers of the disjoint, ordered units that ``span`` overlaps by a character."""
    first = max(bisect_right(starts, span.start) - 1, 0)
    if first < len(units) and units[first].end <= span.start:
        first += 1
    last = first
    while last < len(units) and units[last].start < span.end:
        last += 1
    return range(first, last)


def chosen_codes(study: Study, codes: Iterable[str] | None = None, level: int | None = None) -> tuple[Code, ...]:
    """Return the codes a table has rows for, in tree order: all, or those named (id or label), at one level or any.

    A code that cannot be applied and has nothing below it ("nothing to code") has a row only when it is named.

    Raises:
        AnalysisError: QC-A003 for a name that is no code of the book.
    """
    book = study.codebook
    wanted = None if codes is None else {_found(study, name).id for name in codes}
    return tuple(
        code
        for code in book.tree()
        if ((code.codable or book.children(code.id)) if wanted is None else code.id in wanted)
        and (level is None or book.level(code.id) == level)
    )


class Roster:
    """Tells who speaks a passage: one person, nobody with a name, or the several people of a shared turn."""

    def __init__(self, study: Study) -> None:
        left_out = frozenset(study.codebook.roles_left_out)
        self._heard = {
            case.id: {person.label: person.role not in left_out for person in case.speakers} for case in study.cases
        }

    def of(self, coding: Coding) -> tuple[tuple[str, str], ...]:
        """Return (document id, label) of each person; of a shared turn (``A & B``) those who are counted."""
        heard = self._heard.get(coding.document_id, {})
        parts = coding.speaker.split(SHARED_TURN)
        if coding.speaker not in heard and len(parts) > 1 and all(part in heard for part in parts):
            return tuple((coding.document_id, part) for part in parts if heard[part])
        return ((coding.document_id, coding.speaker),) if coding.speaker else ()


class _Units:
    """Finds the units of codings; each passage is looked up once."""

    def __init__(self, study: Study) -> None:
        self._units = study.units
        self._starts = {name: [unit.start for unit in units] for name, units in study.units.items()}
        self._known: dict[tuple[str, Span], tuple[UnitKey, ...]] = {}

    def of(self, coding: Coding) -> tuple[UnitKey, ...]:
        key = (coding.document_id, coding.span)
        if key not in self._known:
            units = self._units.get(coding.document_id, ())
            numbers = units_under(units, self._starts.get(coding.document_id, ()), coding.span)
            self._known[key] = tuple((coding.document_id, number) for number in numbers)
        return self._known[key]


def _below(study: Study) -> dict[str, list[str]]:
    """Return for each code its own id and those of all codes below it."""
    parents = {code.id: code.parent for code in study.codebook}
    below: dict[str, list[str]] = {code.id: [] for code in study.codebook}
    for code in study.codebook:
        up: str | None = code.id
        while up is not None:
            below[up].append(code.id)
            up = parents[up]
    return below


def _found(study: Study, name: str) -> Code:
    code = study.codebook.find(name)
    if code is None:
        from difflib import get_close_matches

        names = [each for code in study.codebook for each in (code.id, code.label)]
        near = get_close_matches(name, names, n=1)
        raise AnalysisError("QC-A003", f"the codebook {study.codebook.id} has no code {name!r}",
                            hint=f"Did you mean {near[0]!r}?" if near
                            else "`qualcode codebook show` lists its codes.")  # fmt: skip
    return code
