"""How common a machine-coded code is: the machine's count, put right by a random sample that a person coded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from qualcode.analysis.handsample import (
    DrawnUnit,
    HandSample,
    UnitAt,
    all_probabilities,
    draw_units,
    frame_of,
    positions_of,
)
from qualcode.analysis.layers import under_code
from qualcode.analysis.levels import Level, UnitsOf, counted_units, left_out_note, level_note
from qualcode.analysis.study import Study
from qualcode.analysis.tally import chosen_codes, units_under
from qualcode.analysis.themes import book_of
from qualcode.model.codes import Code
from qualcode.model.coding import Coding
from qualcode.model.table import Cell, Column, Table

if TYPE_CHECKING:
    from qualcode.stats.prevalence import Prevalence

__all__ = ["DrawnUnit", "HandSample", "draw_units", "prevalence"]

UNVALIDATED = "machine-coded, no valid interval"
_WIDER = "Intervals are for the wider population of such transcripts; target corpus asks about these units alone."


_COLUMNS = (
    Column("code", "text", "id of the code"),
    Column("label", "text", "its name"),
    Column("level", "integer", "depth in the codebook, 1 for the top"),
    Column("unit", "text", "what was counted"),
    Column("of_units", "integer", "units in all"),
    Column("machine_units", "integer", "units that the machine gave the code"),
    Column("machine_share", "share", "their share, off by the machine's errors"),
    Column("sampled_units", "integer", "units of the sample that a person coded"),
    Column("hand_units", "integer", "of these, units that the person gave the code"),
    Column("hand_share", "share", "their share"),
    Column("agreed_units", "integer", "units of the sample on which person and machine say the same"),
    Column("estimate", "number", "prevalence: the machine's share put right by the sample"),
    Column("low", "number", "lower end of its interval"),
    Column("high", "number", "upper end"),
    Column("transcripts", "integer", "transcripts with units of the sample, over which the interval is reckoned"),
    Column("status", "text", "ok, or undefined: machine-coded, no valid interval"),
    Column("reason", "text", "why it is undefined, or what to beware of with this code"),
)


def prevalence(
    study: Study,
    sample: HandSample | None = None,
    *,
    machine: Iterable[Coding] | None = None,
    codes: Iterable[str] | None = None,
    method: str = "tuned",
    target: Literal["corpus", "population"] | None = None,
    confidence: float = 0.95,
) -> Table:
    """Return for each code the machine's share of units, the sample's, and the estimate from both with its interval.

    A unit has a code when a coding of it, or of a code below it, overlaps the unit, and the person likewise. The
    estimate is the tuned difference estimator (PPI++), its interval robust by transcript; see
    :func:`qualcode.stats.prevalence.prevalence`.

    Args:
        sample: drawn with :func:`draw_units` or otherwise at random with known probabilities, and hand-coded. Without
            it no code has an interval, and every row says so.
        machine: the machine's codings. Unless given, all of the study's that no person made, rejected ones included:
            what a person decided afterwards must not enter, or the machine would look right where somebody looked.
        codes: ids or labels; all unless given.
        method: tuned, difference, dsl or labelled.
        target: ``corpus`` for these units only; ``population`` (the usual) for the wider one of such transcripts.
        confidence: of the interval.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A030 and QC-A032 for texts or units that cannot be had, QC-A037
            for a sample that holds units or codes the study does not have, or a unit twice.
        StatisticsError: QC-N063, QC-N065, QC-N080 and QC-N084 for settings and probabilities that have no meaning.
    """
    import numpy as np

    from qualcode.stats.prevalence import prevalence as estimated

    level: Level = sample.unit if sample is not None else study.unit
    rows = chosen_codes(study, codes)
    units = counted_units(study, level)
    frame = frame_of(study, level, units)
    position = {key: at for at, key in enumerate(frame)}
    found = _machine_units(study, study.codings if machine is None else tuple(machine), machine is not None, units)
    drawn = positions_of(study, sample, position) if sample is not None else []
    given = [(at, unit.codes) for at, unit in zip(drawn, sample.units if sample is not None else (), strict=True)
             if unit.codes is not None]  # fmt: skip
    why = _why_not(sample, frame, len(drawn) - len(given))
    settings: dict[str, Any] = {"method": method, "target": target, "confidence": confidence,
                                "clusters": [name for name, _ in frame]}  # fmt: skip
    if sample is not None:
        settings["sampled_by"] = sample.by
        settings["probability"] = None if why else all_probabilities(sample, drawn, len(frame))
    results: list[tuple[Code, tuple[Cell, ...], Prevalence]] = []
    for code in rows:
        under = under_code(study, code.id)
        machine_codes, hand_codes = np.zeros(len(frame)), np.full(len(frame), np.nan)
        machine_codes[[position[key] for part in under for key in found.get(part, ())]] = 1.0
        for at, own in given:
            hand_codes[at] = float(bool(under & own))
        n, m = int(machine_codes.sum()), int((hand_codes == 1).sum())
        alike = int((machine_codes == hand_codes).sum())
        seen = (len(given), m, m / len(given), alike) if given else (0, None, None, None)
        size = (len(frame), n, n / len(frame) if frame else None, *seen)
        results.append((code, size, estimated(machine_codes, hand_codes, **settings)))
    common = _common_notes([result for _, _, result in results])
    body = tuple(
        (code.id, code.label, study.codebook.level(code.id), level, *size, *_told(result, common, why))
        for code, size, result in results
    )
    whom = "" if sample is None or target == "corpus" else _WIDER
    notes = (level_note(level), left_out_note(study), *_notes(sample, level, method, confidence), whom, *common)
    made_with = {**book_of(study), "unit": level, "method": method, "confidence": str(confidence),
                 "target": target or "population", "hand_coder": sample.coder if sample is not None else "",
                 "sample_seed": "" if sample is None or sample.seed is None else str(sample.seed)}  # fmt: skip
    return Table("prevalence", f"Prevalence, by {level}", _COLUMNS, body, level, tuple(filter(None, notes)), made_with)


def _machine_units(study: Study, codings: Sequence[Coding], named: bool, units: UnitsOf) -> dict[str, set[UnitAt]]:
    """Return for each code, as given, the units that the machine gave it."""
    starts = {name: [unit.start for unit in spans] for name, spans in units.items()}
    found: dict[str, set[UnitAt]] = {}
    left_out = frozenset(study.codebook.roles_left_out)
    for coding in codings:
        name = coding.document_id
        if name in units and coding.role not in left_out and (named or coding.status != "coded"):
            spans = units[name]
            touched = {(name, spans[at]) for at in units_under(spans, starts[name], coding.span)}
            found.setdefault(coding.code, set()).update(touched)
    return found


def _why_not(sample: HandSample | None, frame: Sequence[UnitAt], waiting: int) -> str:
    """Return why the sample gives no interval for these units, or an empty text.

    A sample that is coded in part is not random any more. Units that came after the draw had no chance to be drawn, so
    the sample says nothing about them.
    """
    if sample is None:
        return ""
    if waiting:
        return f"{UNVALIDATED}: {waiting} of {len(sample.units)} units of the sample are not hand-coded yet"
    size = _drawn_from(sample)
    there = len({name for name, _ in frame}) if sample.by == "transcript" else len(frame)
    if size is None or size == there:
        return ""
    what = "documents" if sample.by == "transcript" else f"{sample.unit}s"
    return (f"{UNVALIDATED}: the sample was drawn from {size} {what}, and there are {there} now; draw and code another "
            "one")  # fmt: skip


def _drawn_from(sample: HandSample) -> int | None:
    """Return out of how many units (or documents) a sample of :func:`draw_units` was drawn; ``None`` for another one.

    Each has the probability drawn / all, and samples from elsewhere, without a seed, need not have a fixed size.
    """
    chances = {unit.probability for unit in sample.units}
    if sample.seed is None or len(chances) != 1:
        return None
    drawn = len({unit.document_id for unit in sample.units}) if sample.by == "transcript" else len(sample.units)
    return round(drawn / chances.pop())


def _told(result: Prevalence, common: Sequence[str], why: str) -> tuple[Cell, ...]:
    """Return the estimate with its interval, status and reason; without a valid interval there is no estimate."""
    if result.status == "undefined":
        return (None, None, None, None, result.status, why or result.reason)
    own = " ".join(note for note in result.notes if note not in common)
    return (result.estimate, result.low, result.high, result.clusters, result.status, own)


def _common_notes(results: Sequence[Prevalence]) -> tuple[str, ...]:
    """Return the notes that all codes with an estimate share, so that they are said once."""
    told = [result.notes for result in results if result.status != "undefined"]
    return tuple(note for note in told[0] if all(note in each for each in told)) if told else ()


def _notes(sample: HandSample | None, level: Level, method: str, confidence: float) -> list[str]:
    if sample is None:
        return ["No random sample was coded by hand: the machine's share is off by its errors, and no interval would "
                "be valid. Draw one: qualcode sample DIR --n 200"]  # fmt: skip
    whole = "whole transcripts" if sample.by == "transcript" else f"{level}s"
    notes = [
        f"Estimates ({method}) put the machine's share right by {len(sample.units)} {level}s coded by hand "
        f"({whole} drawn at random); intervals are of {confidence:.0%}.",
        "Valid only if the person coded without seeing the machine's codes, and the rules were not changed with an eye "
        "on this sample.",
    ]
    if len({unit.probability for unit in sample.units}) > 1:
        notes.append("Units were drawn with different probabilities: hand_share is not weighted, the estimate is.")
    return notes
