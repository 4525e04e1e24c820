"""Units at any level: sentences, turns, words, characters or whole documents of the speech that is counted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

from qualcode.analysis.study import Study
from qualcode.analysis.tally import units_under
from qualcode.analysis.words import speech_words
from qualcode.errors import AnalysisError
from qualcode.model.document import Document, Span

__all__ = ["LEVELS", "Level", "UnitsOf", "block_at", "counted_units", "left_out_note", "level_note", "text_of"]

Level = Literal["sentence", "turn", "passage", "token", "character", "document"]
LEVELS: tuple[Level, ...] = ("sentence", "turn", "passage", "token", "character", "document")
UnitsOf = dict[str, tuple[Span, ...]]

_NOTES = {
    "token": "A token here is a word: characters between blanks, with a letter or a digit among them.",
    "character": "Only the characters of words are units; white space, labels and notes of the transcriber are not.",
}


def counted_units(study: Study, level: Level) -> UnitsOf:
    """Return for each document id the units of a level, in order and disjoint, of the roles that are counted.

    Units of other roles (``codebook.roles_left_out``) are left out. Sentences and passages are those of the study;
    turns, tokens and documents (one unit from the first counted word to the last) are found in the texts. At the level
    ``character`` the spans are those of the words, whose characters are the units.

    Raises:
        AnalysisError: QC-A030 when the study was made without its documents, QC-A032 for a level that is not there, or
            that only the token index can cut.
    """
    if level not in LEVELS:
        raise AnalysisError("QC-A032", f"there is no level {level!r}", hint=f"Levels: {', '.join(LEVELS)}.")
    if level in {"sentence", "passage"} and level != study.unit:
        raise AnalysisError("QC-A032", f"the units of this study are {study.unit}s, not {level}s",
                            hint=f'Make the study with `study_of(…, units=…, unit="{level}")`, or choose the level '
                            f"{study.unit}, token, character or document.")  # fmt: skip
    return {case.id: tuple(_units(study, case.id, level)) for case in study.cases}


def level_note(level: Level) -> str:
    """Return what a unit of this level is, in a sentence."""
    return _NOTES.get(level, f"A unit is one {level}.")


def left_out_note(study: Study) -> str:
    """Return whose speech has no units, in a sentence; empty when everybody's has."""
    roles = study.codebook.roles_left_out
    if not roles:
        return ""
    what = f"role {roles[0]} is" if len(roles) == 1 else f"roles {', '.join(roles[:-1])} and {roles[-1]} is"
    return f"Speech of the {what} context: it has no units here."


def text_of(study: Study, document_id: str) -> Document:
    """Return a document of the study.

    Raises:
        AnalysisError: QC-A030 when the study was made without its documents.
    """
    if document_id not in study.documents:
        raise AnalysisError("QC-A030", "who speaks in a unit cannot be told without the texts",
                            hint="Make the study with `study_of(documents, …)`.")  # fmt: skip
    return study.documents[document_id]


def _units(study: Study, document_id: str, level: Level) -> Iterator[Span]:
    counted = _counted_words(study, text_of(study, document_id))
    if level in {"token", "character"}:
        yield from (word for words in counted for word in words)
        return
    turns = [Span(words[0].start, words[-1].end) for words in counted]
    if level == "document":
        if turns:
            yield Span(turns[0].start, turns[-1].end)
    elif level == study.unit:
        starts = [turn.start for turn in turns]
        yield from (unit for unit in study.units.get(document_id, ()) if units_under(turns, starts, unit))
    else:
        yield from turns


def _counted_words(study: Study, document: Document) -> list[tuple[Span, ...]]:
    """Return the words of each turn of a role that is counted, turns without a word apart."""
    left_out = frozenset(study.codebook.roles_left_out)
    return [words for block, words in speech_words(document) if words and document.role_of(block) not in left_out]


def block_at(document: Document, position: int) -> int:
    """Return the number of the block in which, or behind which, a position lies."""
    return max(bisect_right([block.span.start for block in document.blocks], position) - 1, 0)
