"""Numbers, names and places as a British reader expects them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["and_list", "british_date", "clock", "counted", "plural", "share_words", "spoken"]

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_IRREGULAR = {"person": "people", "is": "are", "was": "were", "says": "say", "coding": "codings"}
_ISO_LENGTH = 10
MANY = 50
"""From so many on a percentage may stand beside k of n; below, it would feign a precision that is not there."""


def plural(word: str, n: int) -> str:
    """Return the word as it stands after a number."""
    return word if n == 1 else _IRREGULAR.get(word, f"{word}s")


def counted(n: int, word: str) -> str:
    """Return ``1 interview``, ``7 interviews``, ``1,204 words``."""
    return f"{n:,} {plural(word, n)}"


def and_list(parts: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def british_date(date: str) -> str:
    """Return ``2026-11-22`` as ``22 November 2026``; anything else as it is."""
    year, month, day = [*date.split("-"), "", ""][:3]
    if len(date) != _ISO_LENGTH or not (year + month + day).isdecimal() or not 1 <= int(month) <= len(_MONTHS):
        return date
    return f"{int(day)} {_MONTHS[int(month) - 1]} {int(year)}"


def clock(milliseconds: int) -> str:
    """Return ``1:04:09`` or ``4:09``: hours, minutes and seconds into the recording."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def share_words(k: int, n: int, what: str = "") -> str:
    """Return ``k of n words``, with a percentage when n is large enough to bear one."""
    named = f"{k:,} of {n:,} {what}".rstrip()
    return f"{named} ({100 * k / n:.0f}%)" if n >= MANY else named


def spoken(name: str) -> str:
    """Return the name of an attribute as it is said: ``grade_at_start`` is ``grade at start``."""
    return " ".join(name.replace("_", " ").split()) or name
