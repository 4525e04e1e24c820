"""Where the words of a passage stand in the edited text, when there is only one place they can be."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from qualcode.ledger.align import WordAlignment, lcs_length
from qualcode.ledger.wording import BORDER, Wording
from qualcode.model.document import Span

if TYPE_CHECKING:
    from qualcode.ledger.align import Counts

__all__ = ["Places", "Verdict"]

MANY_WORDS = 5
"""So many words that only one passage of each text can be are that passage, wherever they stand."""
NEIGHBOURS = 6
"""Words on each side by which places are told apart: about as many as the 32 characters kept with a quote."""
STAYED, CAME_ALONG, CLEARLY = 0.4, 0.5, 0.25
"""Shares of the neighbours that must agree in place and after a move, and the lead over the next best place."""
MOST_OTHERS = 3
TOO_OFTEN = 100
"""Words said more often than this are not looked for away from their place: too many places look alike."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a passage is: the number of its first word in the new text, or ``None`` and why.

    ``others`` are the places that a person may choose from, best first.
    """

    first: int | None
    moved: bool = False
    reason: str = ""
    others: tuple[int, ...] = ()


class Places:
    """Two texts as words, and the question where passages of the old one are in the new one."""

    def __init__(self, old: Wording, new: Wording) -> None:
        self.old, self.new = old, new

    @cached_property
    def alignment(self) -> WordAlignment:
        """The alignment of all words and signposts; made when first asked for."""
        return WordAlignment(self.old.keys, self.new.keys)

    def find(self, low: int, high: int) -> Verdict:
        """Return where words ``low`` to ``high`` (half-open, at least one) of the old text are in the new one."""
        words = self.old.words(low, high)
        there = self.new.occurrences(words)
        if not there:
            return Verdict(None)
        here = self.old.occurrences(words)
        return self._in_place(low, len(words), here, there) or self._elsewhere(low, len(words), here, there)

    def image(self, low: int, high: int) -> tuple[int, int]:
        """Return the numbers (half-open) of the new words into which some longest alignment puts these old words."""
        begin, end = self.old.stretch(low, high)
        spoken = self.new.spoken
        first, last = self.alignment.crossings(begin)[0], self.alignment.crossings(end)[1]
        return bisect_left(spoken, first), bisect_left(spoken, last)

    def gap(self, before: int, after: int) -> Span | None:
        """Return what stands between two neighbours (positions in the old keys) that can only have stayed neighbours.

        ``before`` is -1 at the beginning of the text, ``after`` the number of keys at its end. ``None`` when either is
        gone or could be in two places.
        """
        old, new, alignment = self.old, self.new, self.alignment
        first, also_first = alignment.crossings(before + 1)
        last, also_last = alignment.crossings(after)
        if first != also_first or last != also_last or last < first:
            return None
        if [old.keys[before : before + 1], old.keys[after : after + 1]] != [
            new.keys[first - 1 : first] if first else [], new.keys[last : last + 1]
        ]:  # fmt: skip
            return None
        return Span(new.ends[first - 1] if first else 0, new.starts[last] if last < len(new.keys) else len(new.text))

    def agreement(self, low: int, first: int, count: int) -> float:
        """Return which share of the neighbours (6 words before, 6 after) of two places agree, 0 … 1; 1 without any."""
        old, new = self.old, self.new
        sides = (
            (old.words(low - NEIGHBOURS, low), new.words(first - NEIGHBOURS, first)),
            (old.words(low + count, low + count + NEIGHBOURS), new.words(first + count, first + count + NEIGHBOURS)),
        )
        most = sum(len(was) + len(now) for was, now in sides)
        return 2 * sum(lcs_length(was, now) for was, now in sides) / most if most else 1.0

    def _in_place(self, low: int, count: int, here: Sequence[int], there: Sequence[int]) -> Verdict | None:
        """Return the place where every longest alignment needs these words and to which it can only put them."""
        alignment, old, new = self.alignment, self.old, self.new
        begin, end = old.stretch(low, low + count)
        inside = old.keys[begin:end]
        possible = self._through(inside, count, new, there, alignment.before_old(begin), alignment.after_old(end))
        if len(possible) != 1 or 2 * alignment.needed_old(begin, end) <= count:
            return None
        (place,) = possible
        begin, end = new.stretch(place, place + count)
        if 2 * alignment.needed_new(begin, end) <= count:
            return None
        inside = new.keys[begin:end]
        if self._through(inside, count, old, here, alignment.before_new(begin), alignment.after_new(end)) != [low]:
            return None
        if len(here) == len(there) == 1 or self.agreement(low, place, count) >= STAYED:
            return Verdict(place)
        return Verdict(None, reason=_said(there, "what is around them is new"), others=(place,))

    def _through(
        self, inside: list[str], count: int, side: Wording, firsts: Sequence[int], before: Counts, after: Counts
    ) -> list[int]:
        """Return those of the places ``firsts`` that the passage can have at no loss to the rest of the texts."""
        length, size = self.alignment.length, len(inside)
        found = []
        for first in firsts:
            begin, end = side.stretch(first, first + count)
            rest = length - int(before[begin]) - int(after[end])
            if rest > min(size, end - begin):
                continue
            plain = size == end - begin == count
            if rest == (count if plain else lcs_length(inside, side.keys[begin:end])):
                found.append(first)
        return found

    def _elsewhere(self, low: int, count: int, here: Sequence[int], there: Sequence[int]) -> Verdict:
        """Return the place to which the passage was moved: free, over as many turns, clearly most like it."""
        expected, _ = self.image(low, low + count)
        if max(len(there), len(here)) > TOO_OFTEN:
            nearest = sorted(there, key=lambda first: (abs(first - expected), first))
            return Verdict(None, reason=_said(there, "what is around them does not tell which is meant"),
                           others=tuple(nearest[:MOST_OTHERS]))  # fmt: skip
        alike = {first: self.agreement(low, first, count) for first in there}
        order = sorted(there, key=lambda first: (-alike[first], abs(first - expected), first))
        turns = self._borders(self.old, low, count)
        free = [first for first in order if self._free(first, count) and self._borders(self.new, first, count) == turns]
        others = tuple(order[:MOST_OTHERS])
        if not free:
            return Verdict(None, reason="Its words were changed or deleted; where they are still said they belong to "
                           "another passage.", others=others)  # fmt: skip
        best = free[0]
        rivals = [alike[first] for first in there if first != best]
        rivals += [self.agreement(other, best, count) for other in here if other != low]
        clearly = alike[best] >= max(CAME_ALONG, max(rivals, default=0.0) + CLEARLY)
        only = count >= MANY_WORDS and len(free) == 1
        if clearly or (only and all(self._settled(other, count) for other in here if other != low)):
            return Verdict(best, moved=not self._costs_nothing(low, best, count))
        around = "what is around them does not tell which is meant" if len(there) > 1 else "what is around them is new"
        return Verdict(None, reason=_said(there, around), others=others)

    def _costs_nothing(self, low: int, first: int, count: int) -> bool:
        begin, end = self.old.stretch(low, low + count)
        before, after = self.alignment.before_old(begin), self.alignment.after_old(end)
        return bool(self._through(self.old.keys[begin:end], count, self.new, [first], before, after))

    def _free(self, first: int, count: int) -> bool:
        """Return whether at most half of the words at this place of the new text are needed by other passages."""
        return 2 * self.alignment.needed_new(*self.new.stretch(first, first + count)) <= count

    def _settled(self, low: int, count: int) -> bool:
        """Return whether all of these words of the old text are needed where they are."""
        return self.alignment.needed_old(*self.old.stretch(low, low + count)) >= count

    @staticmethod
    def _borders(side: Wording, low: int, count: int) -> int:
        begin, end = side.stretch(low, low + count)
        return side.keys[begin:end].count(BORDER)


def _said(there: Sequence[int], but: str) -> str:
    times = f"{len(there)} times" if len(there) > 1 else "once"
    return f"Its words occur {times} in the new text, but {but}."
