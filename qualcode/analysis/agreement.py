"""Agreement between coders, code by code: what they share, corrected for chance, with intervals over transcripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal

from qualcode.analysis.layers import Layer, Ratings, Sheet, binary_ratings, set_ratings, sheet_of, under_code
from qualcode.analysis.levels import Level, left_out_note, level_note
from qualcode.analysis.measures import Measured, Settings, mean_of, measured, measures_for, set_alpha
from qualcode.analysis.places import Place, Places, places_notes
from qualcode.analysis.study import Study
from qualcode.analysis.tally import chosen_codes
from qualcode.analysis.themes import book_of
from qualcode.errors import AnalysisError
from qualcode.model.codes import Code
from qualcode.model.table import Cell, Column, Table

__all__ = ["Layer", "agreement"]

POOLED = "all codes, pooled"
MEAN = "mean of the codes"
_DISTANCES = ("jaccard", "masi")
_FEW = 10


def agreement(
    study: Study,
    layers: Sequence[Layer],
    *,
    level: Level | None = None,
    measures: Sequence[str] | None = None,
    codes: Iterable[str] | None = None,
    over: Literal["each", "all"] = "each",
    pairs: bool = False,
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
    threshold: float = 0.9,
) -> Table:
    """Return agreement between coders: a row for each code, then all codes pooled and the mean of the codes.

    A unit carries a code when a coding of it, or of a code below it, overlaps the unit. Documents that fewer than two
    coders worked through take no part. Pooled and mean rows are over the codes with no other row below them, so that no
    coding counts twice.

    Args:
        study: cases, codebook, units and texts; its own codings are not looked at.
        layers: the coders. A machine is one too.
        level: the study's unit unless given; turn, token (word), character and document can always be had.
        measures: names from :data:`~qualcode.analysis.measures.MEASURES`. If not given: percent, cohen, krippendorff,
            gwet, positive and negative for two coders; percent, krippendorff and gwet for more.
        codes: ids or labels of the codes that have rows; all unless given.
        over: ``all`` takes the set of codes that each coder gave a unit as one answer, and measures it with
            Krippendorff's alpha under the Jaccard and the MASI distance: a row for each distance.
        pairs: each two coders by themselves: rows code by code, pairs of people before those with a machine.
        replicates: bootstrap samples of whole transcripts for the intervals; 0 for no intervals.
        seed: of the bootstrap.
        confidence: of the intervals.
        threshold: the kappa over the whole corpus that Shaffer's rho is about, when ``rho`` is among the measures.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A030 to QC-A034 for texts, layers, levels, measures and ``over``
            that cannot be had as asked.
        StatisticsError: QC-N012 for replicates, seed or confidence out of range, QC-N051 for a threshold.
    """
    level = level or study.unit
    if over not in {"each", "all"}:
        raise AnalysisError("QC-A034", f"agreement is over each code or over all, not {over!r}",
                            hint="Give over='each' or over='all'.")  # fmt: skip
    if over == "all" and level == "character":
        raise AnalysisError("QC-A034", "sets of codes are compared unit by unit, not by characters",
                            hint="Give level='token' for the finest units, or over='each'.")  # fmt: skip
    rows = chosen_codes(study, codes)
    settings = Settings(measures_for(measures, 2 if pairs else len(layers)), replicates, seed, confidence, threshold)
    if "rho" in settings.measures and level == "character":
        raise AnalysisError("QC-A033", "rho takes units for a sample, and single characters are none",
                            hint="Choose the level sentence, turn or token.")  # fmt: skip
    whole = sheet_of(study, layers, level)
    sheets = [sheet_of(study, pair, level) for pair in _pairs(layers)] if pairs else [whole]
    notes = [level_note(level), left_out_note(study), *_missing_notes(whole), *_reviewed_notes(layers)]
    if over == "all":
        return _over_all(study, sheets, rows, settings, notes)
    notes.append("A unit carries a code when a coding of it, or of a code below it, overlaps the unit.")
    notes.append("Pooled and mean rows are over the codes with no other row below them.")
    title = f"Agreement of {_listed(whole.coders)}, by {level}"
    made_with = _made_with(study, settings, level)
    notes = [note for note in [*notes, *places_notes(settings.measures, threshold), _interval_note(settings)] if note]
    if not pairs:
        columns = (*_LEAD, *_of_coders(whole.coders), *settings.columns(), *_STATUS)
        found = _lines(whole, rows, settings)
        return Table("agreement", title, columns, tuple(each.cells(settings, level) for each in found), level,
                     tuple(notes), made_with)  # fmt: skip
    if not sheets:
        notes.append("One coder makes no pair.")
    columns = (*_LEAD[:3], *_PAIR, *_LEAD[3:], *_of_coders(("first", "second")), *settings.columns(), *_STATUS)
    by_pair = [_lines(sheet, rows, settings) for sheet in sheets]
    body: list[tuple[Cell, ...]] = []
    for beside in zip(*by_pair, strict=True):
        for sheet, each in zip(sheets, beside, strict=True):
            cells = each.cells(settings, level)
            body.append((*cells[:3], *sheet.coders, _kind(sheet.layers), *cells[3:]))
    return Table("agreement_pairs", f"{title}, pair by pair", columns, tuple(body), level, tuple(notes), made_with)


_LEAD = (
    Column("code", "text", "id of the code; empty in the rows for all codes"),
    Column("label", "text", "its name; or 'all codes, pooled', 'mean of the codes'"),
    Column("level", "integer", "depth in the codebook, 1 for the top"),
    Column("unit", "text", "what was compared: sentence, turn, passage, token, character or document"),
    Column("units", "integer", "units that at least two of the coders worked through"),
    Column("documents", "integer", "documents that at least two of the coders worked through"),
)
_PAIR = (
    Column("first", "text", "one coder"),
    Column("second", "text", "the other"),
    Column("pair", "text", "two people, person and machine, or two machines"),
)
_STATUS = (
    Column("status", "text", "ok, or undefined: the codings cannot tell agreement from chance"),
    Column("reason", "text", "why it is undefined or has no interval; how many codes a mean is over"),
)
_SETS = (
    Column("coders", "text", "who is compared"),
    Column("distance", "text", "how far two sets of codes are apart: jaccard or masi"),
    *_LEAD[3:],
    Column("alpha", "number", "Krippendorff's alpha over sets of codes; 1 is perfect, 0 is chance"),
    Column("alpha_low", "number", "lower end of its interval over transcripts"),
    Column("alpha_high", "number", "upper end"),
    Column("observed", "number", "mean distance within units"),
    Column("expected", "number", "mean distance between answers to any two units"),
    *_STATUS,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: its code (``None`` for all codes), its size, what each coder did, its measures."""

    code: str
    label: str
    depth: int | None
    units: int | None
    documents: int | None
    coded: tuple[tuple[int | None, float | None], ...]
    measured: Measured

    def cells(self, settings: Settings, level: str) -> tuple[Cell, ...]:
        counts = (cell for pair in self.coded for cell in pair)
        return (self.code, self.label, self.depth, level, self.units, self.documents, *counts,
                *self.measured.cells(settings))  # fmt: skip


def _lines(sheet: Sheet, rows: Sequence[Code], settings: Settings) -> list[_Line]:
    study = sheet.study
    rated = {code.id: binary_ratings(sheet, under_code(study, code.id)) for code in rows}
    places = Places(sheet) if settings.of_places else None
    lie = {code.id: places.of(under_code(study, code.id)) for code in rows} if places is not None else {}
    lines = [
        _line(code.id, code.label, study.codebook.level(code.id), rated[code.id], settings,
              {code.id: lie.get(code.id, ())})
        for code in rows
    ]  # fmt: skip
    lowest = {code.id for code in rows if not any(each.id in rated for each in study.codebook.descendants(code.id))}
    if not lowest:
        return lines
    together = _pooled([ratings for name, ratings in rated.items() if name in lowest])
    mean = mean_of([each.measured for each in lines if each.code in lowest], settings)
    nobody = tuple((None, None) for _ in sheet.layers)
    all_places = {name: found for name, found in lie.items() if name in lowest}
    pooled = _line("", POOLED, None, together, settings, all_places)
    return [*lines, pooled, _Line("", MEAN, None, None, None, nobody, mean)]


def _line(
    code: str,
    label: str,
    depth: int | None,
    ratings: Ratings,
    settings: Settings,
    places: Mapping[str, Sequence[Place]],
) -> _Line:
    coded = []
    for column in range(ratings.rows.shape[1]):
        answers = ratings.rows[:, column]
        yes, no = (int(ratings.counts[answers == answer].sum()) for answer in (1.0, 0.0))
        coded.append((yes, yes / (yes + no) if yes + no else None))
    units, documents = int(ratings.counts.sum()), len(set(ratings.documents))
    return _Line(code, label, depth, units, documents, tuple(coded), measured(ratings, settings, places))


def _pooled(parts: Sequence[Ratings]) -> Ratings:
    import numpy as np

    names = tuple(name for part in parts for name in part.documents)
    rows, counts = np.concatenate([part.rows for part in parts]), np.concatenate([part.counts for part in parts])
    return Ratings(rows, counts, names)


def _over_all(
    study: Study, sheets: Sequence[Sheet], rows: Sequence[Code], settings: Settings, notes: Sequence[str]
) -> Table:
    wanted = frozenset().union(*(under_code(study, code.id) for code in rows))
    body: list[tuple[Cell, ...]] = []
    level = "sentence"
    for sheet in sheets:
        level = sheet.level
        ratings = set_ratings(sheet, wanted)
        size = (level, int(ratings.counts.sum()), len(set(ratings.documents)))
        for distance in _DISTANCES:
            alpha, interval = set_alpha(ratings, distance, settings)
            ends = (interval.low, interval.high) if interval else (None, None)
            reason = alpha.reason or (interval.reason if interval else "")
            body.append((_listed(sheet.coders), distance, *size, alpha.value, *ends, alpha.observed, alpha.expected,
                         alpha.status, reason))  # fmt: skip
    told = (
        "The set of codes that a coder gave a unit is one answer, and no code is an answer too. No headings are added.",
        "Jaccard is the share of codes not in common; MASI (Passonneau) is stricter where neither set holds the other.",
    )
    intervals = _interval_note(replace(settings, measures=("krippendorff",)))
    lines = tuple(note for note in (*notes, *told, intervals) if note)
    title = "Agreement over all codes"
    return Table("agreement_sets", title, _SETS, tuple(body), level, lines, _made_with(study, settings, level))


def _of_coders(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(
        column
        for name in names
        for column in (
            Column(f"{name}: coded", "integer", f"of these, units that {name} gave the code"),
            Column(f"{name}: prevalence", "share", f"their share of the units that {name} worked through"),
        )
    )


def _pairs(layers: Sequence[Layer]) -> list[tuple[Layer, Layer]]:
    """Return each two layers, pairs of people first."""
    return sorted(combinations(layers, 2), key=lambda pair: pair[0].machine + pair[1].machine)


def _kind(layers: Sequence[Layer]) -> str:
    return ("two people", "person and machine", "two machines")[sum(layer.machine for layer in layers)]


def _missing_notes(sheet: Sheet) -> list[str]:
    known = {case.id for case in sheet.study.cases}
    found = [
        f"{layer.coder} worked through {n} of {len(known)} documents; units of the others are missing, which is not "
        "“no code”."
        for layer in sheet.layers
        for n in [len(known & layer.documents)]
        if n < len(known)
    ]
    if 1 < len(sheet.units) < _FEW:
        found.append(f"Only {len(sheet.units)} transcripts: intervals from so few are usually too narrow.")
    if sheet.ignored:
        found.append(
            f"{sheet.ignored} codings lie in documents that their coder did not work through; they take no part."
        )
    return found


def _reviewed_notes(layers: Sequence[Layer]) -> list[str]:
    """Return who decided about suggestions that they saw, which is no reading of their own."""
    found = []
    for layer in layers:
        seen = 0 if layer.machine else sum(each.status in {"accepted", "rejected"} for each in layer.codings)
        if seen:
            what = "a suggestion" if seen == 1 else f"{seen} suggestions"
            found.append(
                f"{layer.coder} accepted or rejected {what}. Who sees a suggestion is drawn to it: agreement with the "
                "machine, and with others who saw the same, is then no evidence that two readings agree."
            )
    return found


def _interval_note(settings: Settings) -> str:
    if not settings.replicates or not settings.intervals:
        return ""
    return (
        f"Intervals ({settings.confidence:.0%}) are bootstrap percentiles over whole transcripts, "
        f"{settings.replicates} samples, seed {settings.seed}. Hold the lower end against a threshold, not the value."
    )


def _made_with(study: Study, settings: Settings, level: str) -> dict[str, str]:
    made: dict[str, Any] = {"replicates": settings.replicates, "seed": settings.seed, "confidence": settings.confidence}
    return {**book_of(study), "unit": level, **{name: str(value) for name, value in made.items()}}


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
