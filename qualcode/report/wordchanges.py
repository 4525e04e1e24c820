"""What changed between two wordings, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Literal

__all__ = ["Change", "word_changes"]

MOST_WORDS = 600
"""Where more words than this differ, two texts are shown one after the other: comparing them would take long and tell
little."""


@dataclass(frozen=True, slots=True)
class Change:
    """A run of words that stayed (``same``), went (``old``) or came (``new``), single blanks between them."""

    text: str
    kind: Literal["same", "old", "new"]


def word_changes(old: str, new: str) -> tuple[Change, ...]:
    """Return the runs that turn one wording into another: ``same`` and ``old`` are the old words, ``same`` and ``new``
    the new ones, in order. White space does not count; case and punctuation do.

    >>> [(each.kind, each.text) for each in word_changes("We all trust her.", "We trust her now.")]
    [('same', 'We'), ('old', 'all'), ('same', 'trust'), ('old', 'her.'), ('new', 'her now.')]
    """
    was, now = re.findall(r"\S+", old), re.findall(r"\S+", new)
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(was, now, strict=False)))
    rest = min(len(was), len(now)) - head
    ends = zip(was[: head - len(was) - 1 : -1][:rest], now[: head - len(now) - 1 : -1][:rest], strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))
    middle_was, middle_now = was[head : len(was) - tail], now[head : len(now) - tail]
    found = [Change(" ".join(was[:head]), "same"), *_between(middle_was, middle_now)]
    found.append(Change(" ".join(was[len(was) - tail :]), "same"))
    return tuple(each for each in found if each.text)


def _between(was: Sequence[str], now: Sequence[str]) -> list[Change]:
    if max(len(was), len(now)) > MOST_WORDS:
        return [Change(" ".join(was), "old"), Change(" ".join(now), "new")]
    found: list[Change] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Change(" ".join(was[old_from:old_to]), "same"))
        else:
            found.append(Change(" ".join(was[old_from:old_to]), "old"))
            found.append(Change(" ".join(now[new_from:new_to]), "new"))
    return found
