"""Times as cells hold them: stamps, seconds, milliseconds, durations; and what a column of them means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qualcode.ingest.stamps import first_step_back

__all__ = ["column_times", "range_of", "seconds_ms", "stamp_ms"]

_STAMP = re.compile(r"(?:(\d{1,4})[:.])?(\d{1,4}):(\d{1,2})(?:[.,](\d{1,9})|-(\d))?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{2})\.(\d{2})")
_NUMBER = re.compile(r"(\d{1,12})(?:[.,](\d{1,9}))?\s*(ms|milliseconds?|s|secs?|seconds?)?\.?", re.IGNORECASE)
_MINUTES = re.compile(r"(?:(\d+)\s*h(?:ours?)?)?\s*(?:(\d+)\s*m(?:in(?:ute)?s?)?)?\s*(?:(\d+)\s*s(?:ec(?:ond)?s?)?)?")
_RANGE = re.compile(r"\s*(?:-{1,2}>|–|—|\bto\b|\s-\s|(?<=\d)-(?=\d+:))\s*")


def stamp_ms(cell: str, *, hours_minutes: bool = False) -> int | None:
    """Return a stamp such as ``0:04``, ``[01:02:03.5]`` or ``#00:01:02-4#`` in milliseconds, else ``None``."""
    bare = cell.strip().strip("[](){}#").strip()
    dotted = _DOTTED.fullmatch(bare)
    if dotted is not None:
        return _whole(int(dotted[1]), int(dotted[2]), int(dotted[3]), "0")
    found = _STAMP.fullmatch(bare)
    if found is None:
        return None
    first, second, third, fraction, tenths = found.groups()
    if first is None and hours_minutes:
        return _whole(int(second), int(third), 0, fraction or tenths or "0")
    if first is None:
        return _whole(0, int(second), int(third), fraction or tenths or "0", long_minutes=True)
    return _whole(int(first), int(second), int(third), fraction or tenths or "0")


def seconds_ms(cell: str, *, thousandths: bool = False) -> int | None:
    """Return a number of seconds (``4.2``, ``4,2``, ``5.0s``, ``1m 20s``), or of milliseconds, in milliseconds."""
    bare = cell.strip()
    found = _NUMBER.fullmatch(bare)
    if found is not None:
        unit = (found[3] or "").casefold()
        if unit.startswith("m") or (thousandths and not unit):
            return int(found[1])
        return int(found[1]) * 1000 + int((found[2] or "0")[:3].ljust(3, "0"))
    parts = _MINUTES.fullmatch(bare)
    if bare and parts is not None and any(parts.groups()):
        hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        return ((hours * 60 + minutes) * 60 + seconds) * 1000
    return None


def range_of(cell: str) -> tuple[str, str]:
    """Return both ends of ``00:01 - 00:04`` or ``00:01 --> 00:04``; the second is empty for a single time."""
    parts = _RANGE.split(cell.strip(), maxsplit=1)
    return (parts[0], parts[1]) if len(parts) == 2 else (cell.strip(), "")


def column_times(cells: Sequence[str], header: str) -> list[int | None]:
    """Return the times of a column in milliseconds, ``None`` where a cell holds none.

    Two-part stamps are minutes and seconds unless that runs backwards and hours and minutes do not. Bare numbers are
    seconds unless the header speaks of milliseconds.
    """
    thousandths = re.search(r"ms\b|milli", header.casefold()) is not None
    as_minutes = [_time(cell, thousandths=thousandths, hours_minutes=False) for cell in cells]
    if first_step_back(as_minutes) is None:
        return as_minutes
    as_hours = [_time(cell, thousandths=thousandths, hours_minutes=True) for cell in cells]
    readable = all((one is None) == (other is None) for one, other in zip(as_minutes, as_hours, strict=True))
    return as_hours if readable and first_step_back(as_hours) is None else as_minutes


def _time(cell: str, *, thousandths: bool, hours_minutes: bool) -> int | None:
    stamp = stamp_ms(cell, hours_minutes=hours_minutes)
    return stamp if stamp is not None else seconds_ms(cell, thousandths=thousandths)


def _whole(hours: int, minutes: int, seconds: int, fraction: str, *, long_minutes: bool = False) -> int | None:
    if seconds > 59 or (minutes > 59 and not long_minutes):
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(fraction[:3].ljust(3, "0"))
