"""How two spellings of one word become equal: case, quotes, hyphens and invisible characters folded away."""

from __future__ import annotations

import unicodedata

__all__ = ["COMPOUND_HYPHENS", "fold"]

COMPOUND_HYPHENS = frozenset("-\u2010\u2011")
"""Characters that join two words into one compound: hyphen-minus, hyphen, non-breaking hyphen."""

_TABLE = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u02bc\u0060\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), None),
    ord("\u2026"): "...",
}


def fold(text: str) -> str:
    """Return the form in which words are compared; it may differ in length from ``text``.

    Case is folded, curly quotes become straight, all hyphens and dashes become ``-``, the ellipsis becomes three
    full stops, invisible characters go, and letters with accents are composed (NFC).

    >>> fold("Don\u2019t")
    "don't"
    >>> fold("co\u00adoperate")
    'cooperate'
    """
    if text.isascii():
        return text.casefold() if "`" not in text else text.casefold().replace("`", "'")
    folded = unicodedata.normalize("NFC", text.translate(_TABLE)).casefold()
    return unicodedata.normalize("NFC", folded)  # folding the case of a ligature can leave letters to compose
