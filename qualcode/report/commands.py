"""Commands as they are to be typed: with the project's folder, and quoted so that a shell takes them word for word."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

__all__ = ["Command", "Commands"]

Command = tuple[str, ...]
"""The words of a command, each quoted where a shell needs it; single blanks between them make the line to type."""

_PLAIN = re.compile(r"[\w@%+=:,./\\~-]+")
_COMMANDING = frozenset('"$`\\!\n')


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of one project. ``codebook`` is named in each when it is not the project's first."""

    folder: str
    codebook: str = ""

    def line(self, verb: str, *words: str) -> Command:
        """Return one command as its words.

        >>> " ".join(Commands("my study").line("place", "0f3a.1", "--span", "3:9", "--document", "a b.txt"))
        'qualcode place "my study" 0f3a.1 --span 3:9 --document "a b.txt"'
        """
        book = ("--codebook", self.codebook) if self.codebook else ()
        return ("qualcode", verb, *map(_quoted, (self.folder, *words, *book)))


def _quoted(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    # Double quotes are understood by every shell; what would still command one inside them needs those of POSIX.
    return shlex.quote(word) if _COMMANDING & set(word) else f'"{word}"'
