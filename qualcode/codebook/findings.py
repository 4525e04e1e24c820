"""What is found wrong or doubtful while a codebook is read, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from qualcode.errors import CodebookError, Place, Problem

__all__ = ["Findings", "as_sentence", "did_you_mean"]


class Findings:
    """Collects problems (the book is refused) and warnings (it is not)."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []

    def error(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        """Add a problem; the same one at the same place is kept once."""
        problem = Problem(code, as_sentence(message, hint), place, hint or None)
        if problem not in self._problems:
            self._problems.append(problem)

    def warn(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        """Add a warning; the same one at the same place is kept once."""
        problem = Problem(code, as_sentence(message, hint), place, hint or None, "warning")
        if problem not in self._warnings:
            self._warnings.append(problem)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the problems in the order of the file."""
        return tuple(sorted(self._problems, key=_position))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return the warnings in the order of the file."""
        return tuple(sorted(self._warnings, key=_position))

    def raise_if_any(self) -> None:
        """Raise one :class:`CodebookError` with all problems, if there are any."""
        problems = self.problems
        if problems:
            many = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
            raise CodebookError("QC-C000", f"this codebook has {many}:", where=self.file, problems=problems)


def as_sentence(message: str, hint: str | None) -> str:
    """Return the message with a full stop when a hint follows it, and without one at the end of the line."""
    return message.rstrip(".") + ("." if hint else "")


def _position(problem: Problem) -> tuple[int, int]:
    place = problem.place
    return (0, 0) if place is None else (place.line or 0, place.column or 0)


def did_you_mean(name: str, options: Iterable[str]) -> str | None:
    """Return ``Did you mean 'x'?`` for the option most like ``name`` (case ignored), or ``None``."""
    known: dict[str, str] = {}
    for option in options:
        known.setdefault(option.casefold(), option)
    found = get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
    return f"Did you mean {known[found[0]]!r}?" if found else None
