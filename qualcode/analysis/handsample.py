"""A random sample of units for a person to code, as a value that can be stored and filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qualcode.analysis.levels import Level, UnitsOf, counted_units
from qualcode.analysis.study import Study
from qualcode.errors import AnalysisError
from qualcode.model.document import Span

__all__ = ["DrawnUnit", "HandSample", "all_probabilities", "draw_units", "frame_of", "positions_of"]

UnitAt = tuple[str, Span]
"""A unit by document id and span."""


@dataclass(frozen=True, slots=True)
class DrawnUnit:
    """One unit of a random sample.

    Attributes:
        probability: with which it was drawn; above 0, at most 1.
        codes: ids that the person gave it, empty for none of them; ``None`` while nobody has coded it.
    """

    document_id: str
    span: Span
    probability: float
    codes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class HandSample:
    """A random sample of units that a person codes without looking at the machine's codes.

    Attributes:
        units: all that were drawn, coded or not.
        unit: the level they were drawn at.
        by: ``unit``, or ``transcript`` when whole documents were drawn.
        coder: who coded it.
        seed: of the draw.
    """

    units: tuple[DrawnUnit, ...]
    unit: Level = "sentence"
    by: Literal["unit", "transcript"] = "unit"
    coder: str = ""
    seed: int | None = None


def draw_units(
    study: Study, n: int, *, unit: Level | None = None, by: Literal["unit", "transcript"] = "unit", seed: int = 0
) -> HandSample:
    """Return a random sample of counted units for a person to code, drawn without looking at any code.

    Args:
        n: units to draw; with ``by="transcript"`` documents, with all their units.
        unit: the study's unit unless given.
        by: unit or transcript.
        seed: the same seed draws the same sample.

    Raises:
        AnalysisError: QC-A030 and QC-A032 for texts or units that cannot be had.
        StatisticsError: QC-N063 for ``n`` below 1, QC-N065 for another ``by``, QC-N081 for more than there are.
    """
    from qualcode.stats.sampling import draw_sample

    level: Level = unit or study.unit
    frame = frame_of(study, level)
    names = [f"{name}:{span.start}-{span.end}" for name, span in frame]
    drawn = draw_sample(names, n, by=by, transcripts=[name for name, _ in frame], seed=seed)
    chance = drawn.probabilities()
    units = tuple(DrawnUnit(*frame[at], float(chance[at])) for at in drawn.positions)
    return HandSample(units, level, by, seed=seed)


def frame_of(study: Study, level: Level, units: UnitsOf | None = None) -> list[UnitAt]:
    """Return all units of a level, document by document, that a sample is drawn from.

    Raises:
        AnalysisError: QC-A032 for single characters, and as :func:`~qualcode.analysis.levels.counted_units`.
    """
    if level == "character":
        raise AnalysisError("QC-A032", "single characters cannot be sampled and coded by hand",
                            hint="Choose sentence, turn, passage, token or document.")  # fmt: skip
    return [(name, span) for name, spans in (units or counted_units(study, level)).items() for span in spans]


def positions_of(study: Study, sample: HandSample, position: Mapping[UnitAt, int]) -> list[int]:
    """Return the place of each drawn unit among all units.

    Raises:
        AnalysisError: QC-A037 for a unit or a code that the study does not have, or a unit that is there twice.
    """
    drawn: list[int] = []
    for unit in sample.units:
        at = position.get((unit.document_id, unit.span))
        if at is None:
            place = f"characters {unit.span.start} to {unit.span.end} of {unit.document_id!r}"
            raise AnalysisError("QC-A037", f"the sample holds {place}, which are no unit of this study",
                                hint="Use the texts it was drawn from, or draw and code a new sample.")  # fmt: skip
        strange = next((code for code in sorted(unit.codes or ()) if code not in study.codebook), None)
        if strange is not None:
            raise AnalysisError("QC-A037", f"the sample names the code {strange!r}, which the codebook does not have",
                                hint="Code the sample with this codebook.")  # fmt: skip
        drawn.append(at)
    if len(set(drawn)) < len(drawn):
        raise AnalysisError("QC-A037", "a unit is in the sample twice",
                            hint="Give each drawn unit once; the sample is drawn without replacement.")  # fmt: skip
    return drawn


def all_probabilities(sample: HandSample, drawn: Sequence[int], total: int) -> list[float]:
    """Return a probability for every unit; those that were not drawn get what makes the expected number the drawn one.

    Only the drawn units' own probabilities enter the estimate.
    """
    known = [unit.probability for unit in sample.units]
    same = len(set(known)) == 1
    left = total - len(known)
    rest = known[0] if same else min(max((len(known) - sum(known)) / left, 1e-9), 1.0) if left and known else 1.0
    found = [rest] * total
    for at, chance in zip(drawn, known, strict=True):
        found[at] = chance
    return found
