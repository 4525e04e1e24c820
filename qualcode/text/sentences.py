"""Sentences of speech, found in token arrays: full stops, questions, paragraphs, and breath in run-on talk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.text.shard import (
    FLAG_ABBREVIATION,
    FLAG_CAPITAL,
    FLAG_CLAUSE,
    FLAG_CLOSER,
    FLAG_LOWER,
    FLAG_SOFT_STOP,
    FLAG_STOP,
    FLAG_WORD,
)

__all__ = ["PASSAGE_SENTENCES", "RUN_ON", "passage_numbers", "sentence_starts", "type_flags"]

Array = npt.NDArray[Any]

RUN_ON = 60
"""A sentence of more tokens than this is cut where the speaker takes a breath."""

SHORTEST_PART = 12
"""No part of a cut run-on is shorter than this many tokens."""

PASSAGE_SENTENCES = 5
"""A passage is a paragraph of a turn, or this many sentences of a longer one."""

BREATHS = frozenset({"and", "but", "so", "because", "cos", "'cause", "'cos", "then", "which", "well", "anyway", "or"})
"""Words with which a speaker starts again; a run-on may be cut before them."""

_SOFT_ABBREVIATIONS = frozenset({"a.m.", "p.m."})
"""Their full stop ends a sentence as well when a capital follows."""

ABBREVIATIONS = frozenset({
    "etc", "approx", "dept", "incl", "esp", "max", "min", "mins", "hr", "hrs", "yr", "yrs", "tel", "ext", "govt", "fig",
})  # fmt: skip
"""Words that people cut short: the full stop behind one ends a sentence only before a capital."""

_CLOSERS = frozenset("\"')]}\u2019\u201d\u00bb") | {"''"}
_CLAUSES = frozenset(",;:()[]") | {"-", "--", "---", "\u2013", "\u2014", "..", "...", "\u2026"}


_LOWER_WORD = FLAG_WORD | FLAG_LOWER


def type_flags(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the flags of each type (see the constants in ``shard``)."""
    return np.fromiter(map(_flags, texts), np.uint8, len(texts))


def _flags(text: str) -> int:
    if text.isascii() and text.islower() and text.isalpha():
        return _LOWER_WORD if text not in ABBREVIATIONS else _LOWER_WORD | FLAG_ABBREVIATION
    flags = 0
    if any(character.isalnum() for character in text):
        flags |= FLAG_WORD
        if text.casefold() in _SOFT_ABBREVIATIONS:
            flags |= FLAG_SOFT_STOP
        elif text.casefold() in ABBREVIATIONS:
            flags |= FLAG_ABBREVIATION
    elif set(text) <= {".", "\u2026"} and (len(text) > 1 or text == "\u2026"):
        flags |= FLAG_SOFT_STOP
    elif set(text) <= set(".?!\u203d\u2026"):
        flags |= FLAG_STOP
    if text in _CLOSERS:
        flags |= FLAG_CLOSER
    if text in _CLAUSES:
        flags |= FLAG_CLAUSE
    if text[0].isupper():
        flags |= FLAG_CAPITAL
    elif text[0].islower():
        flags |= FLAG_LOWER
    return flags


def sentence_starts(
    token_type: Array, flags: Array, breaths: Array, forced: Array, *, attached: Array | None = None,
    run_on: int = RUN_ON,
) -> npt.NDArray[np.int32]:  # fmt: skip
    """Return the first token of each sentence, ascending.

    Args:
        token_type: type of each token.
        flags: flags of each type.
        breaths: for each type, whether a speaker may start again with it.
        forced: tokens at which a sentence begins in any case (turns, paragraphs), ascending.
        attached: for each token, whether nothing stands between it and the token before: a straight quote closes
            when it is attached and opens when it is not. Without it, every quote closes.
        run_on: longest sentence, in tokens, that is left whole.
    """
    size = len(token_type)
    if not size:
        return np.empty(0, np.int32)
    of = flags[token_type]
    stop = (of & FLAG_STOP) > 0
    soft = (of & FLAG_SOFT_STOP) > 0
    closer = (of & FLAG_CLOSER) > 0
    mark = (stop | soft) & ((of & FLAG_WORD) == 0)
    ends = stop.copy()
    weak = np.zeros(size, bool)
    weak[1:] = stop[1:] & ((of[:-1] & FLAG_ABBREVIATION) > 0)
    if attached is not None:
        closer &= attached
        apart = stop & ~attached
        weak[2:] |= apart[2:] & apart[1:-1] & stop[:-2]  # "I was . . . well"
    ends &= ~weak
    soft |= weak
    quoted = np.zeros(size, bool)
    for _ in range(2):  # "... he said so.')": a closer after a stop ends the sentence in its place
        quoted[1:] |= closer[1:] & (ends[:-1] | quoted[:-1])
        soft[1:] |= closer[1:] & soft[:-1]
    begins = np.zeros(size, bool)
    lower = (of[1:] & FLAG_LOWER) > 0  # '"Really?" she said': the sentence goes on after a closer
    inner = (ends[:-1] | (quoted[:-1] & ~lower)) & ~closer[1:] & ~mark[1:]
    inner |= soft[:-1] & ((of[1:] & FLAG_CAPITAL) > 0)
    begins[1:] = inner
    begins[0] = True
    begins[forced] = True
    starts = np.flatnonzero(begins).astype(np.int32)
    lengths = np.diff(np.append(starts, size))
    long = np.flatnonzero(lengths > run_on)
    if not len(long):
        return starts
    extra: list[int] = []
    for number in long.tolist():
        first = int(starts[number])
        extra.extend(_breaths_in(token_type, of, breaths, first, first + int(lengths[number]), run_on))
    return np.sort(np.append(starts, np.asarray(extra, np.int32))).astype(np.int32)


def _breaths_in(token_type: Array, of: Array, breaths: Array, first: int, end: int, run_on: int) -> list[int]:
    """Return where a run-on is cut: before breath words, preferably after a comma, in parts of at most ``run_on``."""
    inner = np.arange(first + 1, end)
    may = breaths[token_type[inner]] > 0
    after_comma = (of[inner - 1] & FLAG_CLAUSE) > 0
    strong, weak = inner[may & after_comma], inner[may | after_comma]
    cuts: list[int] = []
    at = first
    while end - at > run_on:
        low, high = at + SHORTEST_PART, min(at + run_on, end - SHORTEST_PART)
        cut = -1
        for places in (strong, weak):
            reach = places[np.searchsorted(places, low) : np.searchsorted(places, high, side="right")]
            if len(reach):
                cut = int(reach[-1])
                break
        if cut < 0:
            cut = high
        cuts.append(cut)
        at = cut
    return cuts


def passage_numbers(sentence_first: Array, forced: Array) -> npt.NDArray[np.int32]:
    """Return the passage of each sentence: a new one at each forced start, and after five sentences."""
    size = len(sentence_first)
    if not size:
        return np.empty(0, np.int32)
    begins = np.isin(sentence_first, forced)
    begins[0] = True
    number = np.arange(size)
    since = number - np.maximum.accumulate(np.where(begins, number, 0))
    begins |= since % PASSAGE_SENTENCES == 0
    return (np.cumsum(begins) - 1).astype(np.int32)
