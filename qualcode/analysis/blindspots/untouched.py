"""Which units no code touches, and how they join to passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.analysis.study import Study
from qualcode.analysis.tally import counted_codings
from qualcode.analysis.words import speech_words
from qualcode.coding.features.units import Units
from qualcode.errors import AnalysisError
from qualcode.model.coding import Coding
from qualcode.model.document import Span

__all__ = ["Untouched", "untouched_of"]

Array = npt.NDArray[Any]

DECIDED = frozenset({"coded", "accepted"})


@dataclass(frozen=True, slots=True)
class Untouched:
    """Runs of neighbouring untouched units of one turn.

    Attributes:
        runs: for each passage the rows of its units, in document order.
        short: the same of passages with too few words.
        documents: ordinals of the documents that were looked at.
        units: rows of all units in them.
        sizes: words of every unit of the corpus, counted as all tables count them.
        words: words of everybody who is counted in these documents; ``untouched`` of these, those in untouched units.
    """

    runs: tuple[Array, ...]
    short: tuple[Array, ...]
    documents: tuple[int, ...]
    units: Array
    sizes: Array
    words: int
    untouched: int


def untouched_of(
    study: Study, units: Units, *, read: frozenset[str] | None, decided_only: bool, fewest_words: int
) -> Untouched:
    """Return the passages that no code touches.

    A unit is touched when a coding that tables count shares a character with it. Documents are looked at in which
    somebody coded (``read`` where it is known, else those with a decision); all of them when the machine's suggestions
    count, because it goes through all.

    Raises:
        AnalysisError: QC-A041 when nothing at all is coded, QC-A042 when people decided nothing.
    """
    codings = counted_codings(study)
    touching = [each for each in codings if each.status in DECIDED or not decided_only]
    looked_at = _documents(study, touching, read, decided_only=decided_only)
    if not looked_at and decided_only:
        raise AnalysisError("QC-A042", "people have decided nothing yet, so all talk would be a blind spot",
                            hint="Leave out --decided-only, or decide some passages: qualcode codings DIR")  # fmt: skip
    if not looked_at:
        raise AnalysisError("QC-A041", "nothing is coded yet, so all talk would be a blind spot",
                            hint="Code first: qualcode code DIR; or look for topics: qualcode topics DIR")  # fmt: skip
    touched = np.zeros(len(units), bool)
    ordinals = [number for number, each in enumerate(units.documents) if each.id in looked_at]
    spans: dict[str, list[Span]] = {}
    for coding in touching:
        spans.setdefault(coding.document_id, []).append(coding.span)
    for number in ordinals:
        touched[units.rows_over(number, spans.get(units.documents[number].id, ()))] = True
    seen = np.flatnonzero(np.isin(units.document, ordinals))
    free = seen[~touched[seen]]
    runs = _runs(units, free)
    sizes = _sizes(units)
    words = [int(sizes[run].sum()) for run in runs]
    return Untouched(
        tuple(run for run, n in zip(runs, words, strict=True) if n >= fewest_words),
        tuple(run for run, n in zip(runs, words, strict=True) if n < fewest_words),
        tuple(ordinals),
        seen,
        sizes,
        sum(case.words for case in study.cases if case.id in looked_at),
        int(sizes[free].sum()),
    )


def _documents(
    study: Study, touching: Sequence[Coding], read: frozenset[str] | None, *, decided_only: bool
) -> frozenset[str]:
    """Return the ids of the documents that somebody, or the machine, went through."""
    everywhere = frozenset(case.id for case in study.cases)
    if not decided_only and any(each.status == "suggested" for each in study.codings):
        return everywhere
    worked = {each.document_id for each in study.codings if each.status in {*DECIDED, "rejected"}}
    coded = {each.document_id for each in touching}
    return everywhere & (frozenset(worked) if read is None else read | (frozenset() if decided_only else coded))


def _sizes(units: Units) -> Array:
    """Return how many words each unit has: runs of non-blank characters, as the other tables count, not tokens."""
    sizes = np.zeros(len(units), np.int64)
    for number, document in enumerate(units.documents):
        low, high = np.searchsorted(units.document, [number, number + 1])
        spans = [word for _, words in speech_words(document) for word in words]
        if high == low or not spans:
            continue
        at = low + np.searchsorted(units.end[low:high], [each.start for each in spans], side="right")
        inside = at < high
        inside[inside] = units.start[at[inside]] < np.asarray([each.end for each in spans])[inside]
        sizes += np.bincount(at[inside], minlength=len(units))
    return sizes


def _runs(units: Units, free: Array) -> list[Array]:
    if not len(free):
        return []
    new = (np.diff(free) != 1) | (np.diff(units.document[free]) != 0) | (np.diff(units.block[free]) != 0)
    return np.split(free, np.flatnonzero(new) + 1)
