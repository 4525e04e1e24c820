"""Time stamps: their many shapes, what they mean in milliseconds, and whether a file's stamps make sense together."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["BARE_STAMP", "BRACKET_STAMP", "LONE_STAMP", "OVERLAP_MS", "SPOKEN_STAMP", "first_step_back",
           "is_hours_minutes", "milliseconds"]  # fmt: skip

_FRACTION = r"(?:[.,]\d{1,3}|-\d)?"
_COLONS = rf"\d{{1,3}}:\d{{1,2}}(?::\d{{2}})?{_FRACTION}"
_DOTS = r"\d{1,2}\.\d{2}\.\d{2}(?:[,-]\d{1,3})?"
_TO = r"\s{0,2}(?:-{1,2}>|[-–—]|to)\s{0,2}"

BARE_STAMP = rf"\d{{1,3}}:\d{{2}}(?::\d{{2}})?{_FRACTION}(?![\d:])"
"""A stamp without brackets (regular expression source): only at the edge of a header, never inside speech."""

BRACKET_STAMP = (
    rf"(?:\[\s?(?:{_COLONS}|{_DOTS})(?:{_TO}(?:{_COLONS}|{_DOTS}))?\s?\]"
    rf"|\((?:{_COLONS}|{_DOTS})\)|\{{(?:{_COLONS}|{_DOTS})\}}|<(?:{_COLONS})>|\#{_COLONS}\#)"
)
"""A stamp in brackets or hash signs (regular expression source): a time stamp wherever it stands."""

LONE_STAMP = rf"(?:{BRACKET_STAMP}|{_COLONS}|[\[(]\d{{1,3}}\.\d{{2}}[\])])"
"""A stamp alone on its line (regular expression source); here dots may part minutes and seconds: ``(06.46)``."""

SPOKEN_STAMP = r"(?:\d{1,2} hours? )?\d{1,3} minutes?(?: \d{1,2} seconds?)?|\d{1,2} seconds?"
"""A stamp in words on a line of its own, as Teams and Stream write it (regular expression source)."""

OVERLAP_MS = 5_000
"""By how much a turn may begin before the one above it and still be taken for people talking at once."""

_SIXTY = 60
_UNITS = {"h": 3_600_000, "m": 60_000, "s": 1_000}


def milliseconds(stamp: str, *, hours_minutes: bool = False) -> int | None:
    """Return the first time in ``stamp`` as milliseconds, ``None`` when there is none or it is impossible.

    Two parts are minutes and seconds (minutes may pass 59) unless ``hours_minutes``. ``-4`` after the seconds are
    tenths; ``.450`` and ``,450`` are fractions of a second.
    """
    words = re.findall(r"(\d+) (hour|minute|second)", stamp)
    if words:
        return sum(int(number) * _UNITS[unit[0]] for number, unit in words)
    found = re.search(r"(\d{1,3})[:.](\d{1,2})(?:[:.](\d{2}))?(?:[.,-](\d{1,3}))?(?!\d)", stamp)
    if found is None:
        return None
    first, second, third, fraction = found.groups()
    if third is not None:
        hours, minutes, seconds = int(first), int(second), int(third)
    elif hours_minutes:
        hours, minutes, seconds = int(first), int(second), 0
    else:
        hours, minutes, seconds = 0, int(first), int(second)
    if seconds >= _SIXTY or (third is not None and minutes >= _SIXTY):
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + (int(fraction.ljust(3, "0")) if fraction else 0)


def is_hours_minutes(stamps: Sequence[str]) -> bool:
    """Return whether two-part stamps of a file mean hours and minutes.

    They mean minutes and seconds unless that reading runs backwards somewhere and the other one never does.
    """
    as_minutes = [milliseconds(stamp) for stamp in stamps]
    if first_step_back(as_minutes) is None and None not in as_minutes:
        return False
    as_hours = [milliseconds(stamp, hours_minutes=True) for stamp in stamps]
    return None not in as_hours and first_step_back(as_hours) is None


def first_step_back(times: Sequence[int | None], *, slack: int = 0) -> int | None:
    """Return the position of the first time that is earlier than one before it, ``None`` when time never runs back.

    Args:
        slack: milliseconds by which a time may be earlier: people begin before others have ended.
    """
    latest = -1
    for position, time in enumerate(times):
        if time is None:
            continue
        if time + slack < latest:
            return position
        latest = max(latest, time)
    return None
