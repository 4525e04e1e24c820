"""Drawing the random sample that a person codes by hand, with the probabilities that make its numbers valid."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.inputs import BoolArray, FloatArray, IntArray, at_least, chosen, same_length

__all__ = ["SAMPLED_BY", "Sample", "draw_sample"]

SAMPLED_BY = ("unit", "transcript")
_SCHEMA = "qualcode-sample/1"
_WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Sample:
    """Units to code by hand, drawn at random, and what is needed to reckon from them to the whole corpus.

    Attributes:
        units: ids of the drawn units, in the order of the corpus.
        positions: their positions among all units, from 0.
        n_total: units they were drawn from.
        by: ``unit``, or ``transcript`` when whole transcripts were drawn.
        transcripts: the transcript of each of the ``n_total`` units, or None when not given.
        strata: the stratum of each of them, or None.
        drawn: by stratum (``all`` without strata), how many units or transcripts were drawn, and of how many.
        seed: of the random draw; the same call draws the same sample.
    """

    units: tuple[str, ...]
    positions: tuple[int, ...]
    n_total: int
    by: str
    transcripts: tuple[str, ...] | None
    strata: tuple[str, ...] | None
    drawn: Mapping[str, tuple[int, int]]
    seed: int

    def probabilities(self) -> FloatArray:
        """Return the probability of being drawn, drawn / available in its stratum, of each of the ``n_total`` units."""
        if self.strata is None:
            some, of = self.drawn[_WHOLE]
            return np.full(self.n_total, some / of)
        return np.array([self.drawn[name][0] / self.drawn[name][1] for name in self.strata])

    def chosen(self) -> BoolArray:
        """Return for each unit whether it was drawn."""
        found = np.zeros(self.n_total, dtype=np.bool_)
        found[list(self.positions)] = True
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the sample in lists and dictionaries that JSON can store."""
        return {"schema": _SCHEMA, **asdict(self)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Sample:
        """Return the sample that :meth:`as_dict` stored, before or after JSON.

        Raises:
            StatisticsError: QC-N086 when it is something else.
        """
        try:
            if stored["schema"] != _SCHEMA:
                raise KeyError(stored["schema"])
            lists = {name: None if stored[name] is None else tuple(str(each) for each in stored[name])
                     for name in ("transcripts", "strata")}  # fmt: skip
            drawn = {str(name): (int(some), int(of)) for name, (some, of) in stored["drawn"].items()}
            return cls(
                units=tuple(str(unit) for unit in stored["units"]),
                positions=tuple(int(at) for at in stored["positions"]),
                n_total=int(stored["n_total"]),
                by=chosen(stored["by"], "way of sampling", SAMPLED_BY),
                transcripts=lists["transcripts"],
                strata=lists["strata"],
                drawn=drawn,
                seed=int(stored["seed"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise StatisticsError("QC-N086", f"this is not a stored sample ({_SCHEMA})",
                                  hint="Store Sample.as_dict() and read it back unchanged, or draw a new sample.",
                                  ) from problem  # fmt: skip


def draw_sample(
    units: Sequence[str],
    n: int | Mapping[str, int],
    *,
    by: str = "unit",
    transcripts: Sequence[Hashable] | None = None,
    strata: Sequence[Hashable] | None = None,
    seed: int = 0,
) -> Sample:
    """Return a simple or stratified random sample without replacement.

    Args:
        units: ids of all units, in the order of the corpus.
        n: how many to draw, in units or (``by="transcript"``) in transcripts. With strata a whole number is shared out
            in proportion to their sizes, at least 2 from each; or give {stratum: number}, for instance more
            from the units that the machine coded.
        by: ``unit`` draws units one by one, ``transcript`` draws transcripts with all their units.
        transcripts: the transcript of each unit; needed for ``by="transcript"``, and stored for robust errors.
        strata: the stratum of each unit; with ``by="transcript"`` one stratum a transcript.
        seed: of the random draw.

    Raises:
        StatisticsError: QC-N062 for lengths that differ, QC-N063 for n below 1, QC-N065 for another ``by``, QC-N081 for
            more than there are, QC-N082 without the transcripts that are needed, QC-N085 for strata that do not fit.
    """
    chosen(by, "way of sampling", SAMPLED_BY)
    same_length(
        "the list of units", len(units), "the list of transcripts", len(units if transcripts is None else transcripts)
    )
    same_length("the list of units", len(units), "the list of strata", len(units if strata is None else strata))
    if by == "transcript" and transcripts is None:
        raise StatisticsError("QC-N082", "whole transcripts can be drawn only when the units' transcripts are given",
                              hint="Pass transcripts=[…], one for each unit.")  # fmt: skip
    of_unit = [_WHOLE] * len(units) if strata is None else [str(name) for name in strata]
    named = None if transcripts is None else [str(name) for name in transcripts]
    if by == "transcript" and named is not None:
        group_of, labels = _numbered(named)
        stratum_of: list[str] = [""] * len(labels)
        for group, name in zip(group_of, of_unit, strict=True):
            if stratum_of[group] not in ("", name):
                raise StatisticsError("QC-N085", f"transcript {labels[group]!r} lies in two strata, "
                                      f"{stratum_of[group]!r} and {name!r}",
                                      hint="Stratify whole transcripts by something they have as a whole.")  # fmt: skip
            stratum_of[group] = name
    else:
        group_of, stratum_of = np.arange(len(units)), of_unit
    members: dict[str, list[int]] = {}
    for at, name in enumerate(stratum_of):
        members.setdefault(name, []).append(at)
    wanted = _shared_out(n, {name: len(found) for name, found in members.items()}, strata is not None, by)
    rng = np.random.default_rng(seed)
    groups = np.zeros(len(stratum_of), dtype=np.bool_)
    for name, found in members.items():
        groups[rng.choice(found, size=wanted[name], replace=False)] = True
    positions = [int(at) for at in np.flatnonzero(groups[group_of])]
    return Sample(
        units=tuple(str(units[at]) for at in positions),
        positions=tuple(positions),
        n_total=len(units),
        by=by,
        transcripts=None if named is None else tuple(named),
        strata=None if strata is None else tuple(of_unit),
        drawn={name: (wanted[name], len(found)) for name, found in members.items()},
        seed=seed,
    )


def _numbered(names: Sequence[str]) -> tuple[IntArray, list[str]]:
    """Return a number for each name, in the order of their first appearance, and the names in that order."""
    number = {name: at for at, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], dtype=np.int64), list(number)


def _shared_out(n: int | Mapping[str, int], sizes: dict[str, int], stratified: bool, by: str) -> dict[str, int]:
    if isinstance(n, Mapping):
        if not stratified or {str(name) for name in n} != set(sizes):
            raise StatisticsError("QC-N085", "the numbers to draw do not name the strata of the units",
                                  hint=f"Give a number for each of: {', '.join(sizes)}." if stratified
                                  else "Pass strata=[…], one for each unit, or n as one number.")  # fmt: skip
        wanted = {str(name): at_least(some, f"the number to draw from {name}", 1) for name, some in n.items()}
    else:
        total = at_least(n, "the number to draw", 1)
        wanted = _in_proportion(total, sizes) if stratified else dict.fromkeys(sizes, total)
    for name, size in sizes.items():
        if wanted[name] > size:
            where = f" in stratum {name!r}" if stratified else ""
            raise StatisticsError("QC-N081", f"{wanted[name]} {by}s cannot be drawn: there are {size}{where}",
                                  hint=f"Draw {size} or fewer.")  # fmt: skip
    if not sizes:
        raise StatisticsError("QC-N081", f"there are no {by}s to draw from", hint="Pass the ids of all units.")
    return wanted


def _in_proportion(n: int, sizes: dict[str, int]) -> dict[str, int]:
    """Return whole numbers that sum to n, in proportion to the sizes, and at least 2 where there are 2."""
    total = sum(sizes.values())
    least = {name: min(2, size) for name, size in sizes.items()}
    if n > total:
        raise StatisticsError("QC-N081", f"{n} cannot be drawn: there are {total}", hint=f"Draw {total} or fewer.")
    if n < sum(least.values()):
        raise StatisticsError("QC-N085", f"{n} are too few for {len(sizes)} strata: each needs two",
                              hint=f"Draw at least {sum(least.values())}, or join strata.")  # fmt: skip
    wanted = dict(least)
    while (left := n - sum(wanted.values())) > 0:
        # Whoever is furthest below its fair share goes first, so the remainder falls on the largest fractions.
        for name in sorted(sizes, key=lambda each: wanted[each] - n * sizes[each] / total)[:left]:
            if wanted[name] < sizes[name]:
                wanted[name] += 1
                break
    return wanted
