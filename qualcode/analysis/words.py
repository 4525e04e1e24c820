"""Words of speech and where they stand: the measure that shares and dispersion are taken of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qualcode.model.document import CODEABLE_KINDS, Block, Document, Span

__all__ = ["count_words", "speech_words"]

_RUN = re.compile(r"\S+")


def speech_words(document: Document) -> Iterator[tuple[Block, tuple[Span, ...]]]:
    """Yield each block that can be coded with the spans of its words, in order.

    A word is a run of non-blank characters in speech that holds a letter or a digit, as ``qualcode inspect`` counts.
    """
    for block, spans in document.speech():
        if block.kind in CODEABLE_KINDS:
            yield (
                block,
                tuple(
                    Span(run.start(), run.end())
                    for span in spans
                    for run in _RUN.finditer(document.text, span.start, span.end)
                    if any(character.isalnum() for character in run.group())
                ),
            )


def count_words(text: str) -> int:
    """Return the number of runs of non-blank characters that hold a letter or a digit."""
    return sum(any(character.isalnum() for character in run) for run in text.split())
