"""Names that must not be sent: speakers' labels and what the user lists, found in talk and replaced by roles.

It knows the labels of the corpus and nothing else: a name that is nobody's label stays. That is no pseudonymisation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qualcode.model.document import Document, Span

__all__ = ["HIDDEN", "Names", "names_of"]

HIDDEN = "[name]"
"""What stands for the words that the user listed."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
"""A word in a label, whose accents are one with their letters (NFC)."""
_TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir dame lady lord rev father sister brother cllr the of and".split()
)
_PARTS_PLAYED = frozenset(
    """interviewer interviewee moderator facilitator observer researcher assistant participant respondent speaker group
    unknown person people man woman male female boy girl voice all everyone several student pupil parent carer child
    teacher head headteacher headmaster headmistress principal vice deputy lead leader leadership senior junior middle
    governor chair secretary officer director manager member staff coordinator counsellor nurse doctor worker school
    primary secondary class year phase key stage early years early maths english science history geography music drama
    languages computing pastoral behaviour attendance inclusion safeguarding business office senco sendco send slt tlr
    question answer int res par mod""".split()
)
"""Labels that say what part somebody plays: nobody is known by them, and they are common in talk."""
_EVERYDAY = frozenset(
    """will mark may rose grace hope joy faith bill rob sue pat art dean frank grant guy june april august penny peg ray
    rich sandy summer autumn dawn eve ivy lily violet daisy amber ruby pearl jade miles drew chance chase hunter
    christian wade ward melody heather holly olive iris star young brown white black green king page price long short
    hill wood woods field fields banks stone bush rice day bird fox wolf lamb cook baker cross church bell book love
    sharp strong wise best good hand foot knight pope bishop winter snow frost rivers lake moss reed
    """.split()
)
"""Names that are words too: they are replaced only when they are written as the label is, or in capitals."""
_APOSTROPHES = "'\u2019\u2018\u02bc\u00b4`\u2032"
_HYPHENS = "\\-\u2010\u2011\u2012\u2013\u2014"
_FEWEST = 2
"""A label of fewer letters ("I", "P") is no name; one of so many ("Al", "An") is easily a word too."""


@dataclass(frozen=True, slots=True)
class Names:
    """What is replaced in one document.

    Attributes:
        loose: name and what stands for it, in whatever case it is written.
        strict: name and what stands for it, written just so.
    """

    loose: tuple[tuple[str, str], ...]
    strict: tuple[tuple[str, str], ...]

    def found(self, text: str, start: int, end: int) -> Iterator[tuple[Span, str]]:
        """Yield each name in a stretch of a text, with what stands for it, in order; where two overlap, the first."""
        at = start
        for span, stands in sorted(self._all(text, start, end), key=lambda each: (each[0].start, -each[0].end)):
            if span.start >= at:
                yield span, stands
                at = span.end

    def _all(self, text: str, start: int, end: int) -> Iterator[tuple[Span, str]]:
        for names, flags in ((self.loose, re.IGNORECASE), (self.strict, re.NOFLAG)):
            if names:
                for match in _pattern(tuple(name for name, _ in names), flags).finditer(text, start, end):
                    yield Span(*match.span()), names[int(str(match.lastgroup)[1:])][1]


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...], flags: re.RegexFlag) -> re.Pattern[str]:
    """Return a pattern for whole words, the longest name first; a blank in a name stands for any white space."""
    ordered = sorted(range(len(names)), key=lambda number: -len(names[number]))
    bodies = [f"(?P<n{number}>" + r"\s+".join(map(_spellings, names[number].split())) + ")" for number in ordered]
    return re.compile(r"(?<!\w)(?:" + "|".join(bodies) + r")(?!\w)", flags)


def _spellings(word: str) -> str:
    """Return a pattern for a word with whatever accents, apostrophes and hyphens."""
    pattern = ""
    for letter in unicodedata.normalize("NFD", word):
        if letter in _APOSTROPHES:
            pattern += f"[{_APOSTROPHES}]"
        elif letter in _HYPHENS:
            pattern += rf"(?:\s?[{_HYPHENS}]\s?|\s+)"
        elif unicodedata.combining(letter):
            continue
        else:
            others = _accented().get(letter, "")
            pattern += (f"[{letter}{others}]" if others else re.escape(letter)) + "[\u0300-\u036f]*"
    return pattern


@lru_cache(maxsize=1)
def _accented() -> Mapping[str, str]:
    """Return for each letter those that are it with accents, as one character each."""
    found: dict[str, str] = {}
    for number in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        parts = unicodedata.normalize("NFD", chr(number))
        if len(parts) > 1:
            found[parts[0]] = found.get(parts[0], "") + chr(number)
    return found


def names_of(document: Document, documents: Sequence[Document], hide: Sequence[str]) -> Names:
    """Return what is replaced in a document: the labels of its own speakers, of all others, and what the user listed.

    Args:
        document: whose talk is sent.
        documents: all of the corpus: people speak of each other.
        hide: names that the user listed.
    """
    stands: dict[str, str] = {}
    for each in (document, *sorted(documents, key=lambda other: other.id)):
        for speaker in each.speakers:
            for label in (speaker.label, *speaker.aliases):
                for name in _names_in(label):
                    stands.setdefault(name, f"[{speaker.role if speaker.role != 'unknown' else 'speaker'}]")
    stands.update((" ".join(each.split()), HIDDEN) for each in hide if each.strip())
    listed = {each.casefold() for each in hide}
    loose: dict[str, tuple[str, str]] = {}
    strict: dict[str, str] = {}
    for name, what in stands.items():
        folded = name.casefold()
        if (folded in _EVERYDAY or len(name) <= _FEWEST) and folded not in listed:
            # Who is called GRACE or grace in the labels is Grace in talk.
            strict[name] = strict[name.upper()] = strict[name[:1].upper() + name[1:].lower()] = what
        else:
            loose.setdefault(folded, (name, what))
    return Names(tuple(sorted(loose.values())), tuple(sorted(strict.items())))


def _names_in(label: str) -> Iterator[str]:
    """Yield a label, when it is a name, and each part of it that is one: ``Dana Whitmore``, ``Dana``, ``Whitmore``."""
    label = unicodedata.normalize("NFC", label)
    words = [word for word in _WORD.findall(label) if len(word) >= _FEWEST]
    parts = [word for word in words if word.casefold() not in _TITLES | _PARTS_PLAYED]
    if not parts:
        return
    yield " ".join(label.split())
    yield " ".join(parts)
    lower = not any(map(str.isupper, label))  # then nothing tells a name from a word
    yield from (part for part in parts if lower or part[0].isupper() or len(words) == 1)
