"""Short names of cases, for heads of columns and ticks of figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

__all__ = ["short_names"]

_LONGEST_ENDING = 5


def short_names(names: Sequence[str], *, taken: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names without their file endings; those that would clash with each other or ``taken`` keep theirs.

    Names that are the same to begin with get a number.
    """
    bare = [_without_ending(name) for name in names]
    often = Counter([*bare, *taken])
    short = [short if often[short] == 1 else name for name, short in zip(names, bare, strict=True)]
    seen: Counter[str] = Counter(taken)
    result = []
    for name in short:
        unique = name
        while seen[unique]:
            unique = f"{name} ({seen[name] + 1})"
            seen[name] += 1
        seen[unique] += 1
        result.append(unique)
    return tuple(result)


def _without_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and ending.isalnum() and len(ending) < _LONGEST_ENDING else name
