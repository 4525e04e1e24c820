"""What the columns of a table mean: from the options, else from their names, else from what stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from qualcode.errors import IngestError
from qualcode.ingest.options import IngestOptions

__all__ = [
    "Columns",
    "Row",
    "columns_of",
    "folded_header",
    "is_answer",
    "is_stamp",
    "known_headers",
    "named_column",
    "respondent_column",
    "words_in",
]

ROLES = ("speaker", "text", "start", "end", "duration", "turn", "document", "respondent", "answers")
_STAMP = re.compile(
    r"[\[(#]?\s*(?:\d{1,4}:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,6})?|\d{1,2}\.\d{2}\.\d{2})(?:-\d)?\s*[\])#]?"
)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?\s*(?:ms|s|sec)?\.?")
_MOST_LABEL_WORDS = 4
_MOST_LABEL_LENGTH = 40
_LONG_ANSWER = 5
_MOST = 0.8
_HALF = 0.5
_MOST_SPEAKERS = 15


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its number in the file from 1, and its cells as text."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int | None) -> str:
        """Return the text of a cell without surrounding blanks; empty when there is no such cell."""
        return self.cells[column].strip() if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions of the columns of a table with a row per turn; ``text`` is always there."""

    text: int
    speaker: int | None = None
    start: int | None = None
    end: int | None = None
    duration: int | None = None
    turn: int | None = None
    document: int | None = None

    def used(self) -> frozenset[int]:
        """Return the positions that mean something."""
        every = (self.text, self.speaker, self.start, self.end, self.duration, self.turn, self.document)
        return frozenset(each for each in every if each is not None)


@lru_cache(maxsize=1)
def _names() -> Mapping[str, tuple[str, ...]]:
    import yaml

    raw = yaml.safe_load(files(__package__).joinpath("columns.yaml").read_text(encoding="utf-8"))
    return {role: tuple(folded_header(str(name)) for name in names) for role, names in raw.items()}


@lru_cache(maxsize=1)
def known_headers() -> frozenset[str]:
    """Return every name of ``columns.yaml``, folded."""
    return frozenset(name for names in _names().values() for name in names)


def folded_header(name: str) -> str:
    """Return a header in the form in which two spellings of it are equal: ``Start_Time.`` and ``start time``."""
    return " ".join(re.sub(r"[_.:*#()\[\]-]+", " ", name.casefold()).split())


def words_in(cell: str) -> int:
    """Return how many of a cell's words hold a letter."""
    return sum(any(c.isalpha() for c in word) for word in cell.split())


def is_stamp(cell: str) -> bool:
    """Return whether a cell is a time with a colon: ``0:04``, ``[01:02:03.5]``, ``#00:01:02-4#``."""
    return _STAMP.fullmatch(cell.strip()) is not None


def is_answer(header: str, cells: Sequence[str]) -> bool:
    """Return whether a column holds answers to an open question, judged by its name and the length of its values."""
    if header.casefold().startswith(("qual_", "qual ")):
        return True
    filled = [words_in(cell) for cell in cells if cell.strip()]
    if not filled:
        return False
    long = sum(count >= _LONG_ANSWER for count in filled)
    asks = header.rstrip().endswith("?")
    return long >= (0.2 if asks else _HALF) * len(filled) or (asks and max(filled) >= _LONG_ANSWER)


def named_column(header: Sequence[str], wanted: str, *, where: str) -> int:
    """Return the position of the column that a person named.

    Raises:
        IngestError: QC-I053 when there is no such column; the message lists the columns found.
    """
    for same in (str.strip, folded_header):
        for place, name in enumerate(header):
            if same(name) == same(wanted):
                return place
    raise IngestError(
        "QC-I053",
        f"there is no column {wanted!r}; the columns are {', '.join(map(repr, header))}",
        where=where,
        hint="Name one of these: --column text=NAME.",
    )


def columns_of(header: Sequence[str], rows: Sequence[Row], options: IngestOptions, *, where: str) -> Columns | None:
    """Return what the columns mean when the table has a row per turn or sentence, else ``None``.

    ``header`` may be all blank: then only the cells speak.
    """
    unknown = [role for role in options.columns if role not in ROLES]
    if unknown:
        raise IngestError(
            "QC-I053",
            f"a column cannot mean {unknown[0]!r}",
            where=where,
            hint=f"Use one of: {', '.join(ROLES)}; for example --column speaker=Who.",
        )
    if {"respondent", "answers"} & set(options.columns):
        return None
    chosen = {role: named_column(header, name, where=where) for role, name in options.columns.items()}
    found = dict(chosen)
    folded = [folded_header(name) for name in header]
    for role in ("speaker", "text", "start", "end", "duration", "turn", "document"):
        if role not in found:
            place = _by_name(folded, _names()[role], rows, taken=set(found.values()), longest=role == "text")
            if place is not None and _fits(role, [row.cell(place) for row in rows]):
                found[role] = place
    _add_weak(found, folded, rows)
    if not any(folded) or ("text" not in found and not _asks_people(header, folded, rows)):
        for role, place in _by_cells(rows, taken=set(found.values()), have=set(found)).items():
            found.setdefault(role, place)
    if "text" not in found or (not chosen and not _is_turn_table(found, folded, rows)):
        return None
    return Columns(**found)


def respondent_column(header: Sequence[str], rows: Sequence[Row]) -> int | None:
    """Return the column that names the person of each row: named so, or the first if it is short and all different."""
    folded = [folded_header(name) for name in header]
    by_name = [place for name in _names()["respondent"] for place, each in enumerate(folded) if each == name]
    for place in by_name:
        filled = [row.cell(place) for row in rows if row.cell(place)]
        if 2 * len(filled) >= len(rows) and max(map(len, filled), default=0) <= _MOST_LABEL_LENGTH:
            return place
    values = [row.cell(0) for row in rows]
    unnamed = not folded or not folded[0] or is_answer(header[0], values)
    if unnamed or not all(values) or len(set(values)) < len(values):
        return None
    return 0 if max(map(words_in, values), default=0) <= _MOST_LABEL_WORDS else None


def _asks_people(header: Sequence[str], folded: Sequence[str], rows: Sequence[Row]) -> bool:
    """Return whether the names of the columns are those of a survey: a respondent in each row, or questions."""
    if any(name.casefold().startswith("qual_") or name.rstrip().endswith("?") for name in header):
        return True
    who = [place for place, name in enumerate(folded) if name in _names()["respondent"]]
    return any(len({row.cell(place) for row in rows}) == len(rows) for place in who)


def _by_name(
    folded: Sequence[str], names: Sequence[str], rows: Sequence[Row], *, taken: set[int], longest: bool
) -> int | None:
    if longest:
        # "text_en" beside "text_cs": two letters for the language.
        folded = [re.sub(r" [a-z]{2}\Z", "", each) if each not in names else each for each in folded]
    places = [place for name in names for place, each in enumerate(folded) if each == name and place not in taken]
    if longest and len(places) > 1:
        weights = {place: sum(words_in(row.cell(place)) for row in rows) for place in places}
        return max(places, key=lambda place: weights[place])
    return places[0] if places else None


def _fits(role: str, cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    if not filled:
        return role in ("text", "speaker")
    if role == "speaker":
        return sum(len(cell) <= _MOST_LABEL_LENGTH for cell in filled) >= _MOST * len(filled)
    if role in ("start", "end", "duration"):
        timed = sum(is_stamp(cell) or _NUMBER.fullmatch(cell) is not None or cell[0].isdigit() for cell in filled)
        return timed >= _HALF * len(filled)
    if role in ("turn", "document"):
        return max(map(len, filled)) <= 2 * _MOST_LABEL_LENGTH
    return any(words_in(cell) for cell in filled) and not all(map(is_stamp, filled))


def _add_weak(found: dict[str, int], folded: Sequence[str], rows: Sequence[Row]) -> None:
    """Add columns whose names could mean two things, where the values settle it."""
    if "speaker" not in found:
        place = _by_name(folded, _names()["maybe_speaker"], rows, taken=set(found.values()), longest=False)
        if place is not None and _look_like_speakers([row.cell(place) for row in rows]):
            found["speaker"] = place
    if "text" not in found and "speaker" in found:
        place = _by_name(folded, _names()["maybe_text"], rows, taken=set(found.values()), longest=True)
        if place is not None:
            found["text"] = place


def _look_like_speakers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    distinct = set(filled)
    if not filled or max(len(cell.split()) for cell in distinct) > _MOST_LABEL_WORDS:
        return False
    if any(is_stamp(cell) or _NUMBER.fullmatch(cell) for cell in distinct):
        return False
    return len(distinct) <= _MOST_SPEAKERS and len(distinct) < len(filled)


def _by_cells(rows: Sequence[Row], *, taken: set[int], have: set[str]) -> dict[str, int]:
    """Return the columns that their cells give away: stamps, a few names over and over, and the longest text."""
    width = max((len(row.cells) for row in rows), default=0)
    cells = {place: [row.cell(place) for row in rows] for place in range(width) if place not in taken}
    words = {place: sum(map(words_in, column)) for place, column in cells.items()}
    found: dict[str, int] = {}
    if words and max(words.values()) >= 3 * len(rows):
        found["text"] = max(words, key=lambda place: words[place])
    for place, column in cells.items():
        filled = [cell for cell in column if cell]
        if place == found.get("text") or len(filled) < _HALF * len(rows):
            continue
        if "start" not in found and sum(map(is_stamp, filled)) >= _MOST * len(filled):
            found["start"] = place
        elif "speaker" not in found and "speaker" not in have and _look_like_speakers(column):
            found["speaker"] = place
    # A text column alone could be anything; it needs a speaker or a time beside it.
    return found if {"speaker", "start"} & (set(found) | have) else {}


def _is_turn_table(found: Mapping[str, int], folded: Sequence[str], rows: Sequence[Row]) -> bool:
    """Return whether a table with these columns has a row per turn, and not a row per respondent or case."""
    if "speaker" not in found:
        return "start" in found or _only_text(found, folded)
    speakers = [row.cell(found["speaker"]) for row in rows]
    name = folded[found["speaker"]] if found["speaker"] < len(folded) else ""
    return name in _names()["speaker"] or _look_like_speakers(speakers)


def _only_text(found: Mapping[str, int], folded: Sequence[str]) -> bool:
    # A text column by its strong name, and nothing beside it that could be answers or attributes.
    others = [name for place, name in enumerate(folded) if place not in found.values() and name]
    return folded[found["text"]] in _names()["text"] and not others
