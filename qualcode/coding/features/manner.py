"""How something is said, whatever it is about: who speaks of whom, when, with what doubt; a few numbers for each text.

The words are those of English grammar (pronouns, auxiliaries, negations, hedges), so the numbers mean the same in every
study, and a classifier can learn from them when it has seen few examples of anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["MANNERS", "MANNER_NAMES", "manner_of_types"]

Array = npt.NDArray[Any]

MANNERS: Mapping[str, tuple[str, ...]] = {
    "I": ("i", "me", "myself"),
    "my": ("my", "mine"),
    "we": ("we", "us", "our", "ours", "ourselves"),
    "you": ("you", "your", "yours"),
    "he or she": ("he", "him", "his", "she", "her", "himself", "herself"),
    "they": ("they", "them", "their", "themselves"),
    "this": ("it", "this", "that"),
    "negation": ("n't", "not", "no", "never", "nobody", "nothing", "none", "without", "nor", "hardly", "cannot"),
    "modal": ("could", "would", "should", "might", "may", "must", "can", "'d", "ought"),
    "future": ("will", "'ll", "shall", "going", "gonna"),
    "past auxiliary": ("was", "were", "had", "did"),
    "present auxiliary": ("is", "are", "am", "have", "has", "do", "does", "'s", "'re", "'m", "'ve"),
    "question word": ("what", "why", "how", "who", "which", "when", "where"),
    "reason": ("because", "since", "so", "therefore", "although", "though", "but", "however", "cos"),
    "hedge": (
        "maybe",
        "perhaps",
        "probably",
        "possibly",
        "somehow",
        "little",
        "bit",
        "quite",
        "rather",
        "sort",
        "kind",
    ),
    "condition": ("if", "whether", "unless"),
    "still": ("still", "yet", "even", "already"),
    "time": ("today", "yesterday", "then", "after", "before", "during", "first", "last", "next", "week", "day", "now"),
    "and": ("and", "or"),
    "question mark": ("?",),
    "exclamation": ("!",),
    "quotation": ('"', "''", "``"),
    "comma": (",",),
    "dots": ("...", "\u2026"),
}
"""Folded forms by what they do in a sentence."""

_ENDINGS = ("-ed", "-ing", "number")
MANNER_NAMES = (*MANNERS, *_ENDINGS)
"""What the columns of :func:`manner_of_types` are."""


def manner_of_types(forms: Sequence[str]) -> Array:
    """Return for each folded form 1 in the columns (:data:`MANNER_NAMES`) to which it belongs (float32)."""
    column = {form: number for number, words in enumerate(MANNERS.values()) for form in words}
    found = np.zeros((len(forms), len(MANNER_NAMES)), np.float32)
    for row, form in enumerate(forms):
        at = column.get(form)
        if at is not None:
            found[row, at] = 1
        elif len(form) > 4 and form.endswith("ed"):
            found[row, -3] = 1
        elif len(form) > 5 and form.endswith("ing"):
            found[row, -2] = 1
        elif form[:1].isdigit():
            found[row, -1] = 1
    return found
