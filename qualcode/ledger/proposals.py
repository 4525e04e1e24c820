"""Where an orphan may belong: the words most like it, at its old place and elsewhere. A person decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from qualcode.ledger.places import Places

__all__ = ["Candidate", "alike_anywhere", "alike_here"]

Candidate = tuple[float, int, int]
"""Similarity, 2 × (LCS of the characters) / (length of both), 0 … 1; and the words (half-open) of the new text."""

ALIKE_HERE, ALIKE_ELSEWHERE = 0.4, 0.6
"""Least similarity of a proposal at the place where the passage was, and of one from anywhere."""
ROOM = 10
"""Words that an edited passage may be longer than it was, on top of as many again."""
RARE = 20
"""A word said at most so often in the new text can show where to look."""


def alike_here(places: Places, low: int, high: int) -> list[Candidate]:
    """Return the words at the place where old words ``low`` to ``high`` were, when alike enough; at most one run."""
    first, last = places.image(low, high)
    return _best(places, low, high, first, min(last, first + 2 * (high - low) + ROOM), ALIKE_HERE)


def alike_anywhere(places: Places, low: int, high: int) -> list[Candidate]:
    """Return up to three places in the new text with many of the rarer words of the passage in their order."""
    words = places.old.words(low, high)
    width = max(4, len(words) // 2)
    votes: dict[int, float] = defaultdict(float)
    for at, word in enumerate(words):
        numbers = places.new.places(word)
        if len(numbers) <= RARE:
            for number in numbers:
                votes[(number - at) // width] += 1 / len(numbers)
    together = {bucket: votes[bucket] + votes.get(bucket + 1, 0.0) for bucket in list(votes)}
    found: list[Candidate] = []
    for bucket in sorted(together, key=lambda bucket: (-together[bucket], bucket))[:3]:
        begin = max(0, (bucket - 1) * width)
        end = min(len(places.new.spoken), (bucket + 3) * width + len(words))
        found += _best(places, low, high, begin, end, ALIKE_ELSEWHERE)
    return found


def _best(places: Places, low: int, high: int, first: int, last: int, least: float) -> list[Candidate]:
    if first >= last:
        return []
    begin, end, alike = _most_alike(" ".join(places.old.words(low, high)), places.new.words(first, last))
    return [(alike, first + begin, first + end)] if alike >= least else []


def _most_alike(old: str, words: Sequence[str]) -> tuple[int, int, float]:
    """Return the run of ``words`` most like ``old`` and its similarity: the best end first, then the best beginning.

    What the run shares with ``old`` counts three times what it has beside, so that words put in (a "not") stay inside.
    """
    shared = _shared(old, words)
    end = 1 + max(range(len(words)), key=lambda at: (4 * shared[at][0] - shared[at][1], -at))
    shared = _shared(old[::-1], [word[::-1] for word in reversed(words[:end])])
    size = 1 + max(range(end), key=lambda at: (4 * shared[at][0] - shared[at][1], -at))
    common, length = shared[size - 1]
    return end - size, end, 2 * common / (len(old) + length)


def _shared(old: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the LCS of the characters of ``old`` with the first word, the first two …, and their lengths."""
    masks: dict[str, int] = {}
    for place, character in enumerate(old):
        masks[character] = masks.get(character, 0) | 1 << place
    full = row = (1 << len(old)) - 1
    shared: list[tuple[int, int]] = []
    length = 0
    for number, word in enumerate(words):
        for character in word if number == 0 else f" {word}":
            common = row & masks.get(character, 0)
            row = ((row + common) | (row - common)) & full
            length += 1
        shared.append((len(old) - row.bit_count(), length))
    return shared
