"""What is known of a hand-coded sample: its units, their probabilities, transcripts and strata."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.inputs import BoolArray, FloatArray, IntArray, numbers, same_length
from qualcode.stats.sampling import Sample

__all__ = ["Design", "numbered", "probabilities", "shares", "unusable", "within"]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Machine codes of all units, hand codes of some, and how these were drawn.

    Attributes:
        machine: f, one value a unit.
        human: y, nan where not hand-coded.
        probability: π, one value a unit, all above 0.
        clusters: number of the unit's transcript, or None when transcripts are not known.
        strata: number of the unit's stratum, from 0.
        whole: whole transcripts were drawn.
    """

    machine: FloatArray
    human: FloatArray
    probability: FloatArray
    clusters: IntArray | None
    strata: IntArray
    whole: bool

    @property
    def labelled(self) -> BoolArray:
        """Return which units are hand-coded."""
        return ~np.isnan(self.human)


def within(sample: Sample, y: FloatArray, n: int, notes: list[str]) -> tuple[FloatArray, str]:
    """Return the hand codes of the sample only, and why they cannot be used yet (or an empty text)."""
    if sample.n_total != n:
        raise StatisticsError("QC-N083", f"the sample was drawn from {sample.n_total} units; there are {n} now",
                              hint="Use the corpus it was drawn from, or draw and code a new sample.")  # fmt: skip
    drawn: BoolArray = sample.chosen()
    outside = int((~np.isnan(y) & ~drawn).sum())
    if outside:
        notes.append(f"{outside} hand-coded units outside the random sample were left out.")
    missing = int(np.isnan(y[drawn]).sum())
    why = f"{missing} of {len(sample.positions)} units of the sample are not hand-coded yet" if missing else ""
    return np.where(drawn, y, np.nan), why


def unusable(design: Design, *, population: bool) -> str:
    """Return why no interval can come from this sample, or an empty text.

    Raises:
        StatisticsError: QC-N080, QC-N085 when probabilities or strata differ within a transcript that was drawn whole.
    """
    at = design.labelled
    if not at.any():
        return "no unit is hand-coded"
    uncoded = int((~at & (design.probability == 1)).sum())
    if uncoded:
        return f"{uncoded} units that were to be coded for certain (probability 1) are not hand-coded"
    names = design.clusters
    if design.whole and names is not None:
        if not _constant(design.probability, names):
            raise StatisticsError("QC-N080", "a transcript was drawn whole, but its units have different probabilities",
                                  hint="Give each unit the probability of its transcript.")  # fmt: skip
        if not _constant(design.strata.astype(np.float64), names):
            raise StatisticsError("QC-N085", "a transcript that was drawn whole lies in two strata",
                                  hint="Stratify whole transcripts by something they have as a whole.")  # fmt: skip
        partly = np.bincount(names, weights=at) / np.bincount(names)
        if ((partly > 0) & (partly < 1)).any():
            return "a drawn transcript is hand-coded in part only"
    draws = design.strata[at]
    if design.whole and names is not None:
        draws = draws[np.unique(names[at], return_index=True)[1]]
    found, full = np.bincount(draws, minlength=int(design.strata.max()) + 1), _coded_in_full(design)
    if ((found < 2) & ~full).any():
        one = "transcripts" if design.whole else "units"
        return f"fewer than two hand-coded {one}" + (" in a stratum" if design.strata.any() else "")
    if population and at.sum() < 2:
        return "one unit says nothing about a wider population"
    if population and names is not None and len(np.unique(names[at])) < 2:
        return "all hand-coded units are of one transcript"
    return ""


def _coded_in_full(design: Design) -> BoolArray:
    """Return for each stratum whether all its units are hand-coded, so that nothing is left to chance."""
    found: BoolArray = np.bincount(design.strata, weights=~design.labelled) == 0
    return found


def shares(values: Any, what: str, *, missing: bool) -> FloatArray:
    """Return numbers from 0 to 1 (QC-N063 otherwise), nan for None where ``missing`` is allowed."""
    found = numbers(values, what, missing=missing)
    if (found < 0).any() or (found > 1).any():
        raise StatisticsError(
            "QC-N063", f"{what} must be 0, 1 or a score between", hint="If these are counts, pass `counts > 0`."
        )
    return found


def probabilities(values: Any, n: int) -> FloatArray:
    """Return one probability a unit, from one number or a list; QC-N080 unless all are above 0 and at most 1."""
    found = numbers(np.full(n, values) if np.ndim(values) == 0 else values, "the probabilities")
    same_length("the list of machine codes", n, "the list of probabilities", len(found))
    if not ((found > 0) & (found <= 1)).all():
        raise StatisticsError("QC-N080", "each unit needs a probability of being hand-coded, above 0 and at most 1",
                              hint="Draw the sample with draw_sample; units that could not be drawn cannot be "
                              "reckoned to.")  # fmt: skip
    return found


def numbered(values: Sequence[Hashable], n: int, what: str) -> IntArray:
    """Return a number from 0 for each value, the same for equal values; QC-N062 unless there are n."""
    same_length("the list of machine codes", n, f"the list of {what}", len(values))
    array = np.asarray(values)
    if array.dtype == object or array.ndim != 1:
        number = {value: at for at, value in enumerate(dict.fromkeys(values))}
        return np.array([number[value] for value in values], dtype=np.int64)
    return np.unique(array, return_inverse=True)[1].astype(np.int64)


def _constant(values: FloatArray, groups: IntArray) -> bool:
    first = np.unique(groups, return_index=True)[1]
    return bool((np.abs(values - values[first][groups]) < 1e-12).all())
