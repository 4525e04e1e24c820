"""Is a quote really in a passage? Letter for letter, or but for white space, quotation marks, dashes and case."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["find_quote"]

_FOLDS = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "`": "'", "\u00b4": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u2026": "...", "\u00ad": "", "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "",
}  # fmt: skip
_AROUND = " \"'.-"
"""What a model likes to put around a quote, after folding: quotation marks, an ellipsis, a dash."""


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Return where a quote stands in a text, first and end character; ``None`` when it is not there.

    It must be whole words: a quote that begins or ends inside one is not there. Where it stands more than once, the
    first place counts.
    """
    wanted = quote.strip()
    if not any(map(str.isalnum, wanted)):
        return None
    exact = _find(text, wanted)
    if exact is not None:
        return exact
    folded, places = _folded_passage(text)
    looked_for = _folded(wanted)[0].strip(_AROUND)
    found = _find(folded, looked_for) if looked_for else None
    if found is None:
        return None
    return places[found[0]], _after_marks(text, places[found[1] - 1] + 1)


def _find(text: str, wanted: str) -> tuple[int, int] | None:
    at = text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if _is_border(text, at) and _is_border(text, end):
            return at, end
        at = text.find(wanted, at + 1)
    return None


def _is_border(text: str, at: int) -> bool:
    """Return whether no word goes on across a place."""
    return at in (0, len(text)) or not (_in_word(text[at - 1]) and _in_word(text[at]))


def _in_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter)[0] == "M"


def _after_marks(text: str, end: int) -> int:
    """Return the place behind the accents that belong to the letter before."""
    while end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    return end


@lru_cache(maxsize=8)
def _folded_passage(text: str) -> tuple[str, list[int]]:
    """Return a passage folded; kept for a moment, since many quotes of one passage are looked up in a row."""
    return _folded(text)


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text folded, and for each of its characters the place in ``text`` that it comes from."""
    letters: list[str] = []
    places: list[int] = []
    for at, letter in enumerate(text):
        if letter.isspace():
            if letters and letters[-1] != " ":
                letters.append(" ")
                places.append(at)
            continue
        for each in unicodedata.normalize("NFD", _FOLDS.get(letter, letter)).casefold():
            letters.append(each)
            places.append(at)
    return "".join(letters), places
