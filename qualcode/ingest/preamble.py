"""What stands above the first turn: titles, metadata, the list of speakers, and the legend that explains labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qualcode.ingest.headers import Candidate, is_plausible_label
from qualcode.ingest.layout import Line, groups_of
from qualcode.ingest.speakers import label_key, role_from_words, word_lists
from qualcode.model.document import Role

__all__ = ["Preamble", "is_metadata", "read_preamble"]

_KEY = re.compile(r"(?:\*\*)?([^\W\d_][^:：=\n]{0,40}?)(?:\*\*)?\s*[:：]")
_EQUALS = re.compile(r"([^\s=;,][^=;,]{0,30}?)\s*=\s*([^;=]+?)(?=;|,\s*[^\s=;,]{1,20}\s*=|\Z)")
_PEOPLE = re.compile(
    r"(?:\*\*)?(?:(?P<heading>speakers?)|participants|people|present|in attendance|attendees)(?:\*\*)?"
    r"\s*(?::\s*(?P<names>.*))?\Z",
    re.IGNORECASE,
)
_WITH_ROLES = re.compile(r"[^(),;]+\([^()]+\)(?:\s*[,;]\s*[^(),;]+\([^()]+\))*\s*")
_PROSE_END = re.compile(r"[.?!…]['\"”’)]*\Z")
_TRANSCRIBED = re.compile(r"transcribed (?:by|on|in)\b|transcription by\b|transcript of\b|recorded (?:on|by|in)\b",
                          re.IGNORECASE)  # fmt: skip
_LONGEST_PREAMBLE, _LONGEST_LINE = 60, 400
_SHORT_VALUE, _SHORT_MEANING = 6, 8


@dataclass(slots=True)
class Preamble:
    """What the lines above the first turn say.

    Attributes:
        first_turn: no line before it opens a turn.
        legend: positions of the lines that explain labels.
        labels: labels that the legend or the list of speakers names, as written, with the role stated or ``None``.
    """

    first_turn: int = 0
    legend: set[int] = field(default_factory=set)
    labels: dict[str, Role | None] = field(default_factory=dict)

    @property
    def roles(self) -> Mapping[str, Role]:
        """The roles that are stated, by label."""
        return {label: role for label, role in self.labels.items() if role is not None}


def is_metadata(line: str) -> bool:
    """Return whether a line is an entry such as ``Date: 3 May`` or ``Transcribed by …``."""
    if _TRANSCRIBED.match(line):
        return True
    match = _KEY.match(line)
    return match is not None and label_key(match.group(1)) in word_lists().metadata


def read_preamble(text: str, lines: Sequence[Line], candidates: Sequence[Candidate]) -> Preamble:
    """Return what stands above the first turn; ``first_turn`` is past every line that is surely not one.

    ``I: Interviewer`` is a legend and ``Interviewer: Jane Smith`` beside ``Date: …`` is metadata, although both look
    exactly like turns.
    """
    found = Preamble()
    by_line = {each.line: each for each in candidates}
    later = {each.key: each.line for each in candidates}
    for first, last in groups_of(lines):
        top = range(first, min(last + 1, first + _LONGEST_PREAMBLE))
        texts = {at: text[lines[at].body : min(lines[at].end, lines[at].body + _LONGEST_LINE)] for at in top}
        listed = _list_of_speakers(texts, found)
        has_metadata = listed or any(is_metadata(each) for each in texts.values())
        stop = False
        for at in range(first, last + 1):
            line = texts.get(at, "")
            candidate = by_line.get(at)
            if line and _legend_entry(line, candidate, later, at, found):
                found.legend.add(at)
                found.first_turn = at + 1
            elif candidate is not None and candidate.family not in ("stamp-line", "teams", "pattern"):
                rest = text[candidate.header.end : lines[at].end].strip()
                if not (has_metadata and _is_value(rest)):
                    stop = True
                    break
                found.first_turn = at + 1
            elif candidate is not None:
                stop = True
                break
            elif line and is_metadata(line):
                found.first_turn = at + 1
        if stop:
            break
    return found


def _is_value(rest: str) -> bool:
    return len(rest.split()) <= _SHORT_VALUE and not _PROSE_END.search(rest)


def _list_of_speakers(texts: Mapping[int, str], found: Preamble) -> bool:
    entries = list(texts.values())
    for number, line in enumerate(entries):
        match = _PEOPLE.match(line)
        if match is None or not (match["heading"] or _names_roles(match["names"] or "")):
            continue  # "Participants: hello" may be a turn of them all; "Participants: Dana (teacher)" is a list
        names = match["names"] or (entries[number + 1] if number + 1 < len(entries) and match["heading"] else "")
        for entry in re.split(r"\s*[,;]\s*(?![^()]*\))", names):
            name, _, role = entry.partition("(")
            name = name.strip()
            if name[:1].isalpha() and is_plausible_label(name):
                meant = _role_of_meaning(role.rstrip(") ")) if role else None
                for label in (name, name.split()[0]) if role else (name,):
                    found.labels.setdefault(label, meant or role_from_words(label))
        return True
    return any(line.strip().casefold() == "summary keywords" for line in entries)


def _names_roles(names: str) -> bool:
    return _WITH_ROLES.fullmatch(names) is not None and any(map(_role_of_meaning, re.findall(r"\(([^()]*)\)", names)))


def _legend_entry(line: str, candidate: Candidate | None, later: Mapping[str, int], at: int, found: Preamble) -> bool:
    if "=" in line and (candidate is None or candidate.stamp is None):
        pairs = [(label.strip(), meaning.strip()) for label, meaning in _EQUALS.findall(line)]
        good = [(label, meaning) for label, meaning in pairs if not label.startswith(("[", "(", "*", "<"))]
        for label, meaning in good:
            found.labels[label] = _role_of_meaning(meaning) or role_from_words(label)
        return bool(good)
    if candidate is None or candidate.family not in ("colon", "bold") or candidate.stamp is not None:
        return False
    meaning = line[candidate.header.end - candidate.header.start :].strip()
    if not meaning or len(meaning.split()) > _SHORT_MEANING or _PROSE_END.search(meaning):
        return False
    role = _role_of_meaning(meaning)
    if later.get(candidate.key, at) <= at or (role is None and at - 1 not in found.legend):
        return False
    found.labels[candidate.label] = role or role_from_words(candidate.label)
    return True


def _role_of_meaning(meaning: str) -> Role | None:
    whole = role_from_words(meaning)
    if whole is not None:
        return whole
    # "researcher from the university": the first word that can only name a role.
    inside = word_lists().inside
    return next((inside[word] for word in re.findall(r"[^\W\d_]+", meaning.casefold()) if word in inside), None)
