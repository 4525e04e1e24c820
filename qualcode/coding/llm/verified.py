"""What a model answered, verified: codes that can be given, and quotes that stand in their passage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from qualcode.coding.features.units import Units
from qualcode.coding.llm.passages import Passage
from qualcode.coding.llm.quoting import find_quote
from qualcode.model.document import Span

__all__ = ["Found", "Verified", "verified"]


@dataclass(frozen=True, slots=True)
class Found:
    """A passage for a code: neighbouring units of a turn that were quoted for it, and the quotes in it.

    ``document`` is the document's ordinal in the corpus.
    """

    document: int
    span: Span
    code: str
    quotes: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What can be used, and how many codings cannot: their quote is not in the passage, their code cannot be given."""

    passages: tuple[Found, ...]
    wrong_quotes: int
    wrong_codes: int


@dataclass(frozen=True, slots=True)
class _Quote:
    """A quote's place in the document, and the first and last unit that it touches."""

    place: Span
    first: int
    last: int


def verified(
    codings: Mapping[int, Sequence[tuple[str, str]]], passages: Sequence[Passage], units: Units, codes: AbstractSet[str]
) -> Verified:
    """Return what holds of the answers.

    Args:
        codings: pairs of code and quote for passages, by number.
        passages: what was asked about.
        units: the corpus's units.
        codes: ids that can be given.
    """
    quotes: dict[str, list[_Quote]] = {}
    wrong_quotes = wrong_codes = 0
    for number, pairs in sorted(codings.items()):
        for code, words in pairs:
            if code not in codes:
                wrong_codes += 1
            elif (quote := _looked_up(passages[number], units, words)) is None:
                wrong_quotes += 1
            else:
                quotes.setdefault(code, []).append(quote)
    found = (each for code in sorted(quotes) for each in _joined(code, quotes[code], units))
    return Verified(tuple(found), wrong_quotes, wrong_codes)


def _looked_up(passage: Passage, units: Units, words: str) -> _Quote | None:
    """Return where a quote stands; ``None`` when it does not stand in the passage, or in no word of it."""
    found = find_quote(passage.sent.text, words)
    if found is None:
        return None
    place = passage.sent.place(*found)
    rows = [row for row in range(passage.first, passage.last + 1) if units.span(row).overlaps(place)]
    return _Quote(place, rows[0], rows[-1]) if rows else None


def _joined(code: str, quotes: Sequence[_Quote], units: Units) -> Iterator[Found]:
    """Yield a passage for each run of neighbouring units of one turn that are quoted for a code."""
    run: list[_Quote] = []
    last = -2
    for each in sorted(quotes, key=lambda quote: (quote.first, quote.last, quote.place)):
        if run and not (each.first <= last + 1 and _turn(units, each.first) == _turn(units, run[0].first)):
            yield _found(code, run, last, units)
            run, last = [], -2
        run.append(each)
        last = max(last, each.last)
    if run:
        yield _found(code, run, last, units)


def _turn(units: Units, row: int) -> tuple[int, int]:
    return int(units.document[row]), int(units.block[row])


def _found(code: str, run: Sequence[_Quote], last: int, units: Units) -> Found:
    first = run[0].first
    span = Span(int(units.start[first]), int(units.end[last]))
    return Found(int(units.document[first]), span, code, tuple(_disjoint((each.place for each in run), span)))


def _disjoint(places: Iterable[Span], within: Span) -> Iterator[Span]:
    """Yield places in order, those that overlap made one, cut to what lies within the passage."""
    at: Span | None = None
    for each in sorted(Span(max(place.start, within.start), min(place.end, within.end)) for place in places):
        if at is not None and each.start < at.end:
            at = Span(at.start, max(at.end, each.end))
            continue
        if at is not None:
            yield at
        at = each
    if at is not None:
        yield at
