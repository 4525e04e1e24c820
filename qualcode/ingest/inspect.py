"""What ingest found in a document, as plain data: the answer of ``qualcode inspect``."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from qualcode.model.document import CODEABLE_KINDS, Document

__all__ = ["inspect"]

_RUN = re.compile(r"\S+")


def inspect(document: Document) -> dict[str, Any]:
    """Return a summary that can be written as JSON; it holds no speech.

    ``words`` counts runs of non-blank characters in speech that hold a letter or a digit; ``turns`` counts the blocks
    that can be coded (turns, and paragraphs without a speaker). A turn of two people counts for both.
    """
    turns: Counter[str] = Counter()
    words: Counter[str] = Counter()
    all_turns = all_words = 0
    for block, spans in document.speech():
        if block.kind not in CODEABLE_KINDS:
            continue
        count = sum(
            any(character.isalnum() for character in run)
            for span in spans
            for run in _RUN.findall(document.text, span.start, span.end)
        )
        all_turns += 1
        all_words += count
        for speaker_id in block.speaker_ids:
            turns[speaker_id] += 1
            words[speaker_id] += count
    return {
        "file": document.name,
        "format": document.format,
        "encoding": document.encoding,
        "speakers": [
            {"label": each.label, "role": each.role, "turns": turns[each.id], "words": words[each.id]}
            for each in document.speakers
        ],
        "turns": all_turns,
        "words": all_words,
        "warnings": [
            {"code": each.code, "severity": each.severity, "message": each.message} for each in document.warnings
        ],
    }
