"""A panel of numbers for each code: no single coefficient is fair to rare and to common codes at once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.agreement.coefficients import coefficient
from qualcode.stats.agreement.data import MISSING, Floats, Ints, read_ratings
from qualcode.stats.agreement.resample import bootstrap
from qualcode.stats.agreement.result import Agreement, Interval

__all__ = [
    "Panel",
    "PanelSet",
    "agreement_panel",
    "agreement_panels",
    "jaccard_overlap",
    "negative_agreement",
    "positive_agreement",
]


@dataclass(frozen=True, slots=True)
class Panel:
    """Agreement on one code.

    Attributes:
        code: its id.
        percent: percent agreement as a share of 1, ``None`` without a pair.
        prevalence: for each coder, the share of the units they rated that carry the code; ``None`` for no unit.
        coefficient: Cohen's kappa for two coders, Krippendorff's nominal alpha for more.
        ac1: Gwet's AC1 over the two categories. High by design for a rare code, so never alone.
        positive: for two coders, agreement on the code's presence, 2a/(2a + b + c).
        negative: for two coders, agreement on its absence, 2d/(2d + b + c).
        jaccard: for two coders, a/(a + b + c): of the units that either coded, the share that both did.
        kappa_max: for two coders, the highest kappa that their prevalences allow.
        interval: of ``coefficient``, when replicates were asked for.
    """

    code: str
    n_units: int | float
    n_pairable_units: int | float
    n_coders: int
    percent: float | None
    prevalence: tuple[float | None, ...]
    coefficient: Agreement
    ac1: Agreement
    positive: Agreement | None = None
    negative: Agreement | None = None
    jaccard: Agreement | None = None
    kappa_max: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class PanelSet:
    """Panels of several codes, their plain mean and the panel of all their units together.

    Attributes:
        panels: one for each code, in the order given.
        macro: for percent, coefficient, ac1, positive, negative and jaccard: the mean over the codes where it is
            defined, or ``None`` when it is nowhere.
        macro_codes: over how many codes each mean was taken.
        pooled: all rows of all codes as one set of ratings; frequent codes weigh more.
    """

    panels: tuple[Panel, ...]
    macro: Mapping[str, float | None]
    macro_codes: Mapping[str, int]
    pooled: Panel


def agreement_panel(
    ratings: object,
    *,
    code: str = "",
    positive: Hashable = 1,
    frequencies: object = None,
    clusters: Sequence[Hashable] | None = None,
    replicates: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
) -> Panel:
    """Return the panel of one code.

    Args:
        ratings: units × coders: ``positive`` where the coder used the code, anything else where not, ``None`` or NaN
            where the coder did not rate the unit.
        code: its id, for the table.
        positive: the value that stands for the code.
        frequencies: how often each row occurs.
        clusters: the transcript of each row, for the interval.
        replicates: of the bootstrap interval; 0 for none.
        seed, confidence: of the interval.

    Raises:
        StatisticsError: QC-N013 when ``positive`` cannot be the code, and what ``coefficient`` and ``bootstrap`` raise.
    """
    codes, counts = _binary(ratings, positive, frequencies)
    return _panel(codes, counts, code, clusters, replicates, seed, confidence)


def agreement_panels(
    by_code: Mapping[str, object],
    *,
    positive: Hashable = 1,
    frequencies: Mapping[str, object] | None = None,
    clusters: Mapping[str, Sequence[Hashable]] | None = None,
    replicates: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
) -> PanelSet:
    """Return the panels of several codes, with their mean and all units pooled.

    The arguments are those of :func:`agreement_panel`, each by code. All codes have the same coders in the same order.

    Raises:
        StatisticsError: QC-N013 without a code or when the codes have different numbers of coders, and what
            :func:`agreement_panel` raises.
    """
    if not by_code:
        raise StatisticsError("QC-N013", "There is no code to compare.", hint="Give {'code': ratings, ...}.")
    tables = {code: _binary(found, positive, (frequencies or {}).get(code)) for code, found in by_code.items()}
    if len({codes.shape[1] for codes, _ in tables.values()}) > 1:
        raise StatisticsError(
            "QC-N013",
            "The codes have different numbers of coders.",
            hint="Give every code the same columns; a coder who did not rate has None there.",
        )
    labels: dict[str, Sequence[Hashable] | None] = {code: (clusters or {}).get(code) for code in tables}
    panels = tuple(
        _panel(codes, counts, code, labels[code], replicates, seed, confidence)
        for code, (codes, counts) in tables.items()
    )
    together = [label for found in labels.values() if found is not None for label in found]
    all_codes = np.concatenate([codes for codes, _ in tables.values()])
    all_counts = np.concatenate([counts for _, counts in tables.values()])
    known = together if all(found is not None for found in labels.values()) else None
    pooled = _panel(all_codes, all_counts, "", known, replicates, seed, confidence)
    columns = {name: _column(panels, name) for name in _MACRO}
    macro = {name: sum(column) / len(column) if column else None for name, column in columns.items()}
    return PanelSet(panels, macro, {name: len(column) for name, column in columns.items()}, pooled)


_MACRO = ("percent", "coefficient", "ac1", "positive", "negative", "jaccard")


def positive_agreement(ratings: object, *, positive: Hashable = 1, frequencies: object = None) -> Agreement:
    """Return how far two coders agree on where the code is: 2a/(2a + b + c) (Cicchetti & Feinstein 1990).

    a units carry it for both, b and c for one of them. Undefined when neither used it.

    Raises:
        StatisticsError: QC-N009 for more than two coders, QC-N013 when ``positive`` cannot be the code.
    """
    return _overlap(*_binary(ratings, positive, frequencies), "positive")


def negative_agreement(ratings: object, *, positive: Hashable = 1, frequencies: object = None) -> Agreement:
    """Return how far two coders agree on where the code is not: 2d/(2d + b + c); see :func:`positive_agreement`."""
    return _overlap(*_binary(ratings, positive, frequencies), "negative")


def jaccard_overlap(ratings: object, *, positive: Hashable = 1, frequencies: object = None) -> Agreement:
    """Return the share of units coded by both among those coded by either: a/(a + b + c); not corrected for chance."""
    return _overlap(*_binary(ratings, positive, frequencies), "jaccard")


def _binary(ratings: object, positive: Hashable, frequencies: object) -> tuple[Ints, Floats]:
    """Return rows × coders of 1 (the code), 0 (not) and :data:`MISSING`, and how often each row occurs."""
    data = read_ratings(ratings, frequencies=frequencies)
    others = [category for category in data.categories if category != positive]
    if (positive == 1 and others not in ([], [0])) or (len(others) > 1 and len(others) == len(data.categories)):
        raise StatisticsError(
            "QC-N013",
            f"The ratings are {', '.join(map(repr, data.categories[:4]))}, and {positive!r} is to stand for the code.",
            hint="Give 1 and 0, or say which value is the code, such as positive='yes'.",
        )
    codes = data.patterns[data.of_row][:, : data.n_coders]
    numbers = np.array([*(int(category == positive) for category in data.categories), MISSING], dtype=np.int64)
    return numbers[codes], data.frequencies


def _panel(
    codes: Ints,
    counts: Floats,
    code: str,
    clusters: Sequence[Hashable] | None,
    replicates: int,
    seed: int,
    confidence: float,
) -> Panel:
    ratings = np.where(codes == MISSING, np.nan, codes)
    coders = codes.shape[1]
    measure = "cohen" if coders <= 2 else "krippendorff"
    main = coefficient(ratings, measure, categories=(0, 1), frequencies=counts)
    interval = None
    if replicates:
        interval = bootstrap(ratings, measure, categories=(0, 1), frequencies=counts, clusters=clusters,
                             replicates=replicates, seed=seed, confidence=confidence)  # fmt: skip
    panel = Panel(
        code=code,
        n_units=main.n_units,
        n_pairable_units=main.n_pairable_units,
        n_coders=coders,
        percent=main.percent,
        prevalence=tuple(_prevalence(codes[:, coder], counts) for coder in range(coders)),
        coefficient=main,
        ac1=coefficient(ratings, "gwet", categories=(0, 1), frequencies=counts),
        kappa_max=main.kappa_max,
        interval=interval,
    )
    if coders != 2:
        return panel
    return replace(panel, positive=_overlap(codes, counts, "positive"), negative=_overlap(codes, counts, "negative"),
                   jaccard=_overlap(codes, counts, "jaccard"))  # fmt: skip


def _prevalence(codes: Ints, counts: Floats) -> float | None:
    rated = float(counts[codes != MISSING].sum())
    return float(counts[codes == 1].sum()) / rated if rated else None


_NEITHER = {
    "positive": "Neither coder used the code on a unit that both rated.",
    "negative": "Both coders used the code on every unit that both rated.",
    "jaccard": "Neither coder used the code on a unit that both rated.",
}


def _overlap(codes: Ints, counts: Floats, measure: str) -> Agreement:
    if codes.shape[1] > 2:
        raise StatisticsError(
            "QC-N009",
            f"{measure} agreement compares two coders, and the ratings have {codes.shape[1]}.",
            hint="Choose two columns, or use agreement_panel for all of them.",
        )
    base = coefficient(np.where(codes == MISSING, np.nan, codes), "percent", categories=(0, 1), frequencies=counts)
    known = replace(base, measure=measure, value=None, status="undefined", observed=None)
    if base.value is None:
        return known
    first, second = codes[:, 0], codes[:, 1]
    alike = float(counts[(first == second) & (first == (0 if measure == "negative" else 1))].sum())
    apart = float(counts[(first != second) & (first != MISSING) & (second != MISSING)].sum())
    if not alike + apart:
        return replace(known, reason=_NEITHER[measure])
    value = alike / (alike + apart) if measure == "jaccard" else 2 * alike / (2 * alike + apart)
    return replace(known, value=value, status="ok", observed=value)


def _column(panels: Sequence[Panel], name: str) -> list[float]:
    found = [getattr(panel, name) for panel in panels]
    values = [cell.value if isinstance(cell, Agreement) else cell for cell in found]
    return [value for value in values if value is not None]
