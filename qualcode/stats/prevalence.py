"""Prevalence of a machine-coded code, with an interval that is valid because a random sample was coded by hand.

A count of machine codes is off by the machine's errors however large the corpus is, and its naive interval only shrinks
around the wrong number. A random sample that a person codes measures those errors, and the estimators here take them
off.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.inputs import FloatArray, between, chosen, same_length
from qualcode.stats.sampling import SAMPLED_BY, Sample, draw_sample
from qualcode.stats.sampling_design import Design, numbered, probabilities, shares, unusable, within
from qualcode.stats.sampling_errors import Estimated, dsl, pseudo_values, rectified, tuning

__all__ = ["PREVALENCE_METHODS", "UNVALIDATED", "Prevalence", "Sample", "draw_sample", "prevalence", "pseudo_outcomes",
           "rogan_gladen"]  # fmt: skip

PREVALENCE_METHODS = ("tuned", "difference", "dsl", "labelled", "rogan-gladen", "classify-and-count")
TARGETS = ("corpus", "population")
UNVALIDATED = "machine-coded, no valid interval"
_BIASED = ("rogan-gladen", "classify-and-count")
_FEW = 5


@dataclass(frozen=True, slots=True)
class Prevalence:
    """The share of units that have a code.

    Attributes:
        estimate: a share; with status ``undefined`` the machine's own, uncorrected. It can leave 0 to 1 in small
            samples.
        low: lower end of the interval, None when undefined.
        high: upper end.
        n_labelled: hand-coded units that were used.
        n_total: units of the corpus.
        clusters: transcripts with hand-coded units, when the error is robust by transcript; else None.
        status: ``ok``; ``undefined`` (no valid interval); or ``biased``, for the methods given for comparison only.
        target: ``corpus`` for these units, ``population`` for the wider one that the transcripts stand for.
        degrees_of_freedom: of the t quantile: independent draws (units or transcripts) less strata.
        tuning: λ, the weight given to the machine's codes: 1 is the plain difference, 0 ignores the machine.
    """

    estimate: float | None
    low: float | None
    high: float | None
    standard_error: float | None
    n_labelled: int
    n_total: int
    clusters: int | None
    method: str
    status: str
    reason: str
    notes: tuple[str, ...]
    target: str
    confidence: float
    degrees_of_freedom: int | None = None
    tuning: float | None = None


def prevalence(
    machine: Any,
    human: Any = None,
    *,
    sample: Sample | None = None,
    probability: Any = None,
    clusters: Sequence[Hashable] | None = None,
    strata: Sequence[Hashable] | None = None,
    sampled_by: str = "unit",
    method: str = "tuned",
    target: str | None = None,
    confidence: float = 0.95,
) -> Prevalence:
    """Return the prevalence of a code among all units, from machine codes of all and hand codes of a random sample.

    Methods: ``difference`` is mean(f) + mean(y - f) over the sample (the difference or PPI estimator; Angelopoulos et
    al. 2023); ``tuned`` multiplies f by λ = cov(y, f)/var(f) (PPI++, the classical regression estimator) and is never
    much worse than the sample alone; ``dsl`` averages the pseudo-outcomes f + (R/π)(y - f) with robust errors (Egami et
    al. 2023); ``labelled`` ignores the machine. ``rogan-gladen`` and ``classify-and-count`` are for comparison and come
    with the status ``biased``. Intervals use t quantiles and are not cut at 0 and 1.

    Args:
        machine: f, 0/1 or a score from 0 to 1, for every unit. It must not be trained on the hand-coded units.
        human: y for hand-coded units, None or nan for all others.
        sample: the sample that was drawn with :func:`draw_sample`; it replaces the next four. Hand codes outside it
            are left out: they were not chosen at random.
        probability: the known probability of being hand-coded: one number, or one for each unit.
        clusters: the transcript of each unit.
        strata: the stratum of each unit, if the sample was drawn by stratum.
        sampled_by: ``unit``, or ``transcript`` if whole transcripts were drawn (``probability`` is then theirs).
        target: ``corpus`` asks about these units only: drawing them is the only chance at work, and what was drawn
            of all that there is makes the interval shorter (finite population correction). ``population`` asks about
            the wider population the transcripts stand for, with errors robust by transcript. If not given:
            ``population`` when transcripts are known, else ``corpus``.

    Raises:
        StatisticsError: QC-N060, QC-N062, QC-N063, QC-N065 for unsound arguments; QC-N080 for probabilities that are
            not above 0 and at most 1, or differ within a drawn transcript; QC-N082 without the transcripts that are
            needed; QC-N083 for a sample of another corpus; QC-N084 for arguments that exclude each other; QC-N085 for a
            drawn transcript in two strata.
    """
    chosen(method, "method of estimating prevalence", PREVALENCE_METHODS)
    chosen(sampled_by, "way of sampling", SAMPLED_BY)
    confidence = between(confidence, "the confidence", 0, 1)
    f = shares(machine, "the machine's codes", missing=False)
    y = np.full(len(f), np.nan) if human is None else shares(human, "the hand codes", missing=True)
    same_length("the list of machine codes", len(f), "the list of hand codes", len(y))
    notes: list[str] = []
    why = ""
    if sample is not None:
        if any(given is not None for given in (probability, clusters, strata)):
            raise StatisticsError("QC-N084", "a sample already holds probabilities, transcripts and strata",
                                  hint="Leave out probability, clusters and strata, or leave out sample.")  # fmt: skip
        y, why = within(sample, y, len(f), notes)
        probability, sampled_by = sample.probabilities(), sample.by
        clusters, strata = sample.transcripts, sample.strata
    if sampled_by == "transcript" and clusters is None:
        raise StatisticsError("QC-N082", "whole transcripts were drawn, but it is not said which unit is in which",
                              hint="Pass clusters=[…], the transcript of each unit.")  # fmt: skip
    if target is None:
        target = "population" if clusters is not None or method == "dsl" else "corpus"
    chosen(target, "target", TARGETS)
    if method == "dsl" and target == "corpus":
        raise StatisticsError("QC-N084", "dsl gives robust errors for the wider population, not for this corpus",
                              hint='For the corpus use method="difference" or "tuned".')  # fmt: skip

    robust = clusters is not None and (target == "population" or sampled_by == "transcript")
    asked = _Asked(f, y, method, target, confidence, robust)
    if not len(f):
        return asked.undefined("there are no units", notes)
    if method in _BIASED:
        compared = _for_comparison(method, f, y)
        if isinstance(compared, str):
            return asked.undefined(compared, notes)
        return asked.answer(compared, "biased", [*notes, "For comparison only: this estimator is biased."])
    if probability is None:
        return asked.undefined(UNVALIDATED, notes)
    design = Design(
        machine=f,
        human=y,
        probability=probabilities(probability, len(f)),
        clusters=None if clusters is None else numbered(clusters, len(f), "transcripts"),
        strata=np.zeros(len(f), dtype=np.int64) if strata is None else numbered(strata, len(f), "strata"),
        whole=sampled_by == "transcript",
    )
    why = why or unusable(design, population=target == "population")
    found = why or _estimated(design, method, target)
    if isinstance(found, str):
        return asked.undefined(f"{UNVALIDATED}: {found}", notes)
    return asked.answer(found, "ok", [*notes, *_cautions(design, found, method, target)])


def pseudo_outcomes(machine: Any, human: Any, probability: Any) -> FloatArray:
    """Return f + (R/π)(y - f) for each unit, the outcome for any regression with (cluster-)robust errors (DSL).

    Values below 0 and above 1 are right; do not cut them.

    Raises:
        StatisticsError: as :func:`prevalence`.
    """
    f, y = shares(machine, "the machine's codes", missing=False), shares(human, "the hand codes", missing=True)
    same_length("the list of machine codes", len(f), "the list of hand codes", len(y))
    return pseudo_values(f, y, probabilities(probability, len(f)))


def rogan_gladen(share: float, sensitivity: float, specificity: float) -> float | None:
    """Return (share + specificity - 1) / (sensitivity + specificity - 1), Rogan & Gladen (1978), for comparison.

    It is right only as far as error rates measured elsewhere hold here, and can leave 0 to 1. None when the machine is
    no better than chance (sensitivity + specificity of 1 or less).

    Raises:
        StatisticsError: QC-N063 unless all three are shares.
    """
    for value, what in ((share, "the share"), (sensitivity, "the sensitivity"), (specificity, "the specificity")):
        between(value, what, 0, 1, ends=True)
    better = sensitivity + specificity - 1
    return (share + specificity - 1) / better if better > 1e-12 else None


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What was asked for, to be put beside what was found."""

    machine: FloatArray
    human: FloatArray
    method: str
    target: str
    confidence: float
    robust: bool

    def undefined(self, reason: str, notes: Sequence[str]) -> Prevalence:
        share = float(self.machine.mean()) if len(self.machine) else None
        return self._result(share, "undefined", reason, notes)

    def answer(self, found: Estimated, status: str, notes: Sequence[str]) -> Prevalence:
        width = _quantile(self.confidence, found.degrees_of_freedom) * found.standard_error
        return replace(
            self._result(found.estimate, status, "", notes),
            low=found.estimate - width,
            high=found.estimate + width,
            standard_error=found.standard_error,
            clusters=found.groups if self.robust and status == "ok" else None,
            degrees_of_freedom=found.degrees_of_freedom,
            tuning=found.tuning,
        )

    def _result(self, estimate: float | None, status: str, reason: str, notes: Sequence[str]) -> Prevalence:
        return Prevalence(
            estimate=estimate,
            low=None,
            high=None,
            standard_error=None,
            n_labelled=int((~np.isnan(self.human)).sum()),
            n_total=len(self.machine),
            clusters=None,
            method=self.method,
            status=status,
            reason=reason,
            notes=tuple(notes),
            target=self.target,
            confidence=self.confidence,
        )


def _estimated(design: Design, method: str, target: str) -> Estimated | str:
    """Return the estimate, or why its interval would mean nothing."""
    if method == "dsl":
        found = dsl(design)
    else:
        lam = {"tuned": tuning(design), "labelled": 0.0}.get(method, 1.0)
        found = rectified(design, lam, population=target == "population", fitted=method == "tuned")
    if found.degrees_of_freedom < 1 or not math.isfinite(found.standard_error):
        return "the sample is too small for its strata and this method"
    return found


def _for_comparison(method: str, f: FloatArray, y: FloatArray) -> Estimated | str:
    """Return the biased estimate, or why there is none."""
    share, n = float(f.mean()), len(f)
    if method == "classify-and-count":
        return Estimated(share, math.sqrt(max(share * (1 - share), 0.0) / n), max(n - 1, 1), n)
    at = ~np.isnan(y)
    if not (np.isin(f, (0, 1)).all() and np.isin(y[at], (0, 1)).all()):
        raise StatisticsError("QC-N061", "Rogan-Gladen needs codes of 0 and 1", hint="Pass `scores >= threshold`.")
    has, has_not = at & (y == 1), at & (y == 0)
    if not (has.any() and has_not.any()):
        return f"{UNVALIDATED}: hand codes with and without the code are needed for the machine's error rates"
    sensitivity, specificity = float(f[has].mean()), 1 - float(f[has_not].mean())
    estimate = rogan_gladen(share, sensitivity, specificity)
    if estimate is None:
        return f"{UNVALIDATED}: the machine is no better than chance"
    spread = share * (1 - share) / n
    spread += estimate**2 * sensitivity * (1 - sensitivity) / int(has.sum())
    spread += (1 - estimate) ** 2 * specificity * (1 - specificity) / int(has_not.sum())
    better = sensitivity + specificity - 1
    return Estimated(estimate, math.sqrt(spread) / better, max(int(at.sum()) - 1, 1), n)


def _cautions(design: Design, found: Estimated, method: str, target: str) -> list[str]:
    at, notes = design.labelled, []
    if found.unseen:
        where = "the hand-coded units" if found.unseen == len(np.unique(design.strata)) else "some strata"
        notes.append(f"In {where} nothing varies (no error of the machine was seen, or no other code); the interval is "
                     "wide enough for 2 in n + 4 of the other kind.")  # fmt: skip
    events = int((design.human[at] > 0.5).sum()) if method == "labelled" else _errors(design)
    if events < _FEW and not at.all():
        what = "have the code" if method == "labelled" else "show an error of the machine"
        notes.append(f"Hand-coded units that {what}: only {events}, so the interval is rough.")
    expected = float(design.probability.sum())
    if not design.whole and abs(at.sum() - expected) > 4 * math.sqrt(max(expected, 1.0)):
        notes.append(f"{int(at.sum())} units are hand-coded, where the probabilities say about {expected:.0f}.")
    if design.clusters is not None and (target == "population" or design.whole):
        notes.append(f"Errors are robust by transcript ({found.groups} with hand-coded units).")
        if found.groups < 15:
            notes.append("With fewer than about 15 transcripts such intervals are somewhat too short.")
    if target == "corpus":
        notes.append("The interval is for the units of this corpus, not for other people or transcripts.")
    if not 0 <= found.estimate <= 1:
        notes.append("The estimate lies outside 0 to 1: the sample is too small for this code.")
    return notes


def _errors(design: Design) -> int:
    at = design.labelled
    return int((np.abs(design.human[at] - design.machine[at]) > 1e-12).sum())


def _quantile(confidence: float, freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, 1), (1 + confidence) / 2))
