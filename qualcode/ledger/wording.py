"""The words of a transcript in the order they stand, each with its place: what two texts are compared by.

Case, quotes, dashes, white space and invisible characters do not count; labels, stage notes and the borders of turns do
stand in the sequence, as signposts, but are never taken for words that somebody said.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from qualcode.model.document import Document, Span

__all__ = ["BORDER", "Wording", "fold_word", "same_characters"]

# The room of the text index folds words much alike, but it stands beside this one and neither may lean on the other.
# Here NFKC is used: a ligature or a full-width letter that an editor replaced is still the same word.
_APOSTROPHES = "\u2018\u2019\u201a\u201b\u2032\u02bc\u0060\u00b4"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_TABLE = {
    **dict.fromkeys(map(ord, _APOSTROPHES), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, _INVISIBLE), None),
    ord("\u2026"): "...",
}
_TELLING = "$%&"
"""Signs that are said aloud, so that changing one changes the words; other currencies' signs and pictures too."""

_VISIBLE = re.compile(r"\S+")
BORDER = "\0"
"""The key of a border between blocks, and the first character of the key of every other signpost; no word has it."""


class Wording:
    """Words and signposts of one text, in order.

    Attributes:
        text: the whole text.
        keys: what each word or signpost is compared by: a folded word, or the folded signpost after a NUL.
        starts: where each begins, code points in the text; a border begins and ends at the start of its block.
        ends: where each ends.
        spoken: positions in ``keys`` of the words of speech, in order. "Word n" is the one at ``spoken[n]``.
    """

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.keys: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.spoken: list[int] = []
        word = _pattern(self.text)
        for block, spans in document.speech():
            at = block.span.start
            self._add(BORDER, at, at)
            for span in spans:
                self._add_signposts(at, span.start)
                for found in word.finditer(self.text, span.start, span.end):
                    self.spoken.append(len(self.keys))
                    self._add(fold_word(found.group()), found.start(), found.end())
                at = span.end
            self._add_signposts(at, block.span.end)
        self._words = [self.keys[place] for place in self.spoken]
        self._places: dict[str, list[int]] = {}
        for number, key in enumerate(self._words):
            self._places.setdefault(key, []).append(number)

    def _add(self, key: str, start: int, end: int) -> None:
        self.keys.append(key)
        self.starts.append(start)
        self.ends.append(end)

    def _add_signposts(self, start: int, end: int) -> None:
        for found in _VISIBLE.finditer(self.text, start, end):
            self._add(BORDER + fold_word(found.group()), found.start(), found.end())

    def words(self, low: int, high: int) -> list[str]:
        """Return words ``low`` to ``high`` (half-open) in folded form; what lies outside the text is left out."""
        return self._words[max(low, 0) : max(high, 0)]

    def places(self, word: str) -> Sequence[int]:
        """Return the numbers of the words equal to ``word`` (folded), in order."""
        return self._places.get(word, ())

    def word_span(self, number: int) -> Span:
        """Return where a word stands in the text."""
        place = self.spoken[number]
        return Span(self.starts[place], self.ends[place])

    def words_in(self, span: Span) -> tuple[int, int]:
        """Return the numbers (half-open) of the words that share a character with the span."""
        low = bisect_right(self.spoken, span.start, key=lambda place: self.ends[place])
        high = bisect_left(self.spoken, span.end, key=lambda place: self.starts[place])
        return low, max(low, high)

    def stretch(self, low: int, high: int) -> tuple[int, int]:
        """Return the stretch of ``keys`` from word ``low`` to the word before ``high``, with signposts between."""
        return self.spoken[low], self.spoken[high - 1] + 1

    def occurrences(self, words: Sequence[str]) -> list[int]:
        """Return the numbers of the first words of all places where these words are said one after the other."""
        rarest = min(range(len(words)), key=lambda at: len(self.places(words[at])))
        wanted, size = list(words), len(words)
        firsts = (number - rarest for number in self.places(words[rarest]))
        return [first for first in firsts if first >= 0 and self._words[first : first + size] == wanted]


@lru_cache(maxsize=1 << 16)
def fold_word(word: str) -> str:
    """Return the form in which words are compared: case, quotes, dashes, ligatures and invisible characters folded.

    >>> fold_word("Don\u2019t")
    "don't"
    >>> fold_word("co\u00adoperate")
    'cooperate'
    """
    if word.isascii():
        return word.casefold().replace("`", "'")
    folded = unicodedata.normalize("NFKC", word.translate(_TABLE)).casefold()
    return unicodedata.normalize("NFKC", folded)  # folding the case can leave letters to compose


def same_characters(text: str) -> Iterator[tuple[str, int]]:
    """Yield each visible character of a text in its folded form with its offset; white space is left out."""
    for at, character in enumerate(text):
        for folded in fold_word(character):
            if not folded.isspace():
                yield folded, at


def _pattern(text: str) -> re.Pattern[str]:
    # Python's patterns know no class for marks (accents, vowel signs) and symbols, so those that occur are listed.
    kinds = {character: unicodedata.category(character) for character in set(text) if not character.isascii()}
    marks = "".join(sorted(each for each, kind in kinds.items() if kind.startswith("M")))
    signs = "".join(sorted(each for each, kind in kinds.items() if kind in {"Sc", "So"}))
    return _compiled(marks, signs)


@lru_cache(maxsize=64)
def _compiled(marks: str, signs: str) -> re.Pattern[str]:
    letter = r"[^\W_]"
    mark = rf"|[{re.escape(marks)}]" if marks else ""
    joined = rf"[{_INVISIBLE}]+(?={letter})|['{_APOSTROPHES}](?={letter})"
    return re.compile(rf"{letter}(?:{letter}{mark}|{joined})*|[{re.escape(_TELLING + signs)}]")
