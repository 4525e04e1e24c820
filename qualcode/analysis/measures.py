"""Which measures of agreement a table shows, and their numbers for one set of ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.layers import Ratings
from qualcode.analysis.places import PLACED, Place, placed, rho
from qualcode.errors import AnalysisError
from qualcode.model.table import Cell, Column, ColumnKind

if TYPE_CHECKING:
    from qualcode.stats.agreement import Agreement, Interval

__all__ = ["MEASURES", "Measured", "Settings", "mean_of", "measured", "measures_for", "set_alpha"]


@dataclass(frozen=True, slots=True)
class _Measure:
    column: str
    kind: ColumnKind
    description: str
    two_coders: bool = False
    interval: bool = False


_KNOWN: Mapping[str, _Measure] = {
    "percent": _Measure("percent", "share", "share of pairs of ratings of a unit that agree; not corrected for chance"),
    "cohen": _Measure("kappa", "number", "Cohen's kappa; 1 is perfect, 0 is chance", True, True),
    "scott": _Measure("pi", "number", "Scott's pi", True, True),
    "fleiss": _Measure("fleiss", "number", "Fleiss' kappa", interval=True),
    "conger": _Measure("conger", "number", "Conger's kappa", interval=True),
    "brennan-prediger": _Measure(
        "brennan_prediger", "number", "Brennan and Prediger's S, chance being one half", interval=True
    ),
    "krippendorff": _Measure("alpha", "number", "Krippendorff's alpha; 1 is perfect, 0 is chance", interval=True),
    "gwet": _Measure("ac1", "number", "Gwet's AC1; high by design for a rare code, so never alone", interval=True),
    "positive": _Measure("positive", "share", "agreement on where the code is: 2 both / (2 both + one only)", True),
    "negative": _Measure("negative", "share", "agreement on where it is not: 2 neither / (2 neither + one only)", True),
    "jaccard": _Measure("jaccard", "share", "units that both gave the code / units that either did", True),
    "alpha-u": _Measure("alpha_u", "number", "Krippendorff's alpha for unitizing (2004): where segments lie"),
    "u-alpha": _Measure("u_alpha", "number", "u-alpha, by length of the text concerned; experimental"),
    "boundary-similarity": _Measure(
        "boundary_similarity", "share", "boundary similarity of where the code begins and ends; 1 is best"
    ),
    "pk": _Measure("pk", "share", "Pk of where the code begins and ends, mean of both directions; 0 is best"),
    "window-diff": _Measure("window_diff", "share", "WindowDiff of the same, mean of both directions; 0 is best"),
    "rho": _Measure("rho", "share", "Shaffer's rho: chance of so high a kappa if that of the corpus is low", True),
}
MEASURES = tuple(_KNOWN)
"""What ``agreement`` can be asked for."""

_FOR_TWO = ("percent", "cohen", "krippendorff", "gwet", "positive", "negative")
_FOR_MORE = ("percent", "krippendorff", "gwet")
_OVERLAPS = frozenset({"positive", "negative", "jaccard"})
_LEADING = ("krippendorff", "cohen", "scott", "fleiss", "conger", "brennan-prediger", "gwet", "percent")
"""The first of these that was asked for gives a row its status; without one of them, the first measure does."""
_UNAVERAGED = frozenset({"rho"})
"""A chance, of which a mean says nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is measured, how the intervals are drawn, and the kappa that Shaffer's rho is about."""

    measures: tuple[str, ...]
    replicates: int
    seed: int
    confidence: float
    threshold: float = 0.9

    @property
    def intervals(self) -> bool:
        """Whether a measure has an interval."""
        return any(_KNOWN[name].interval for name in self.measures)

    @property
    def of_places(self) -> bool:
        """Whether a measure needs to know where segments lie."""
        return any(name in PLACED for name in self.measures)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the measures, each with those of its interval."""
        found: list[Column] = []
        for name in self.measures:
            each = _KNOWN[name]
            found.append(Column(each.column, each.kind, each.description))
            if name == "cohen":
                found.append(Column("kappa_max", "number", "the highest kappa that the coders' own frequencies allow"))
            if each.interval:
                ends = (("low", "lower end of its interval over transcripts"), ("high", "upper end"))
                found += [Column(f"{each.column}_{end}", "number", told) for end, told in ends]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Measured:
    """The numbers of one row, by column."""

    values: Mapping[str, float | None]
    status: str
    reason: str

    def cells(self, settings: Settings) -> tuple[Cell, ...]:
        """Return the cells of the measures, then status and reason."""
        return (*(self.values[column.name] for column in settings.columns()), self.status, self.reason)


def measures_for(names: Sequence[str] | None, coders: int) -> tuple[str, ...]:
    """Return the measures to show for a number of coders: those named, else the usual panel.

    Raises:
        AnalysisError: QC-A033 for a measure that is not there, or that compares two coders when there are more.
    """
    if names is None:
        return _FOR_TWO if coders == 2 else _FOR_MORE
    asked = (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
    unknown = next((name for name in asked if name not in _KNOWN), None)
    if unknown is not None or not asked:
        what = f"there is no measure of agreement {unknown!r}" if asked else "no measure of agreement is named"
        raise AnalysisError("QC-A033", what, hint=f"Measures: {', '.join(MEASURES)}.")
    narrow = next((name for name in asked if _KNOWN[name].two_coders), None)
    if narrow is not None and coders > 2:
        raise AnalysisError("QC-A033", f"{narrow!r} compares two coders, and there are {coders}",
                            hint="Ask for each two by themselves: pairs=True, or --pairs.")  # fmt: skip
    return asked


def measured(ratings: Ratings, settings: Settings, parts: Mapping[str, Sequence[Place]] | None = None) -> Measured:
    """Return the measures of one code's ratings, and of where its segments lie: ``parts``, by code."""
    from qualcode.stats import agreement as stats

    values: dict[str, float | None] = {column.name: None for column in settings.columns()}
    overlap = {"positive": stats.positive_agreement, "negative": stats.negative_agreement,
               "jaccard": stats.jaccard_overlap}  # fmt: skip
    found: dict[str, Agreement] = {}
    doubt = ""
    for name in settings.measures:
        column = _KNOWN[name].column
        if name in _OVERLAPS:
            found[name] = overlap[name](ratings.rows, frequencies=ratings.counts)
        elif name in PLACED:
            found[name] = placed(name, parts or {})
        elif name == "rho":
            found[name] = rho(ratings, settings.threshold, settings.seed, one_code=len(parts or {}) == 1)
        else:
            found[name] = stats.coefficient(ratings.rows, name, categories=(0, 1), frequencies=ratings.counts)
        values[column] = _within(found[name].value, _KNOWN[name].kind)
        if name == "cohen":
            values["kappa_max"] = found[name].kappa_max
        if _KNOWN[name].interval and found[name].defined and settings.replicates:
            interval = stats.bootstrap(ratings.rows, name, categories=(0, 1), frequencies=ratings.counts,
                                       clusters=ratings.documents, replicates=settings.replicates, seed=settings.seed,
                                       confidence=settings.confidence)  # fmt: skip
            values[f"{column}_low"], values[f"{column}_high"] = interval.low, interval.high
            doubt = doubt or _doubt(interval)
    leading = next((name for name in _LEADING if name in found), settings.measures[0])
    main = found[leading]
    if main.defined:
        return Measured(values, main.status, doubt)
    # Segments can differ where no unit does, so what is alike in all units is no reason there.
    constant = "" if leading in PLACED else _constant(ratings)
    return Measured(values, main.status, constant or main.reason)


def set_alpha(ratings: Ratings, distance: str, settings: Settings) -> tuple[Agreement, Interval | None]:
    """Return Krippendorff's alpha of set-valued ratings under a distance (jaccard, masi), and its interval."""
    from qualcode.stats import agreement as stats

    level, counts = distance, ratings.counts
    alpha = stats.coefficient(ratings.rows, "krippendorff", level=level, frequencies=counts)
    if not alpha.defined or not settings.replicates:
        return alpha, None
    interval = stats.bootstrap(ratings.rows, "krippendorff", level=level, frequencies=counts,
                               clusters=ratings.documents, replicates=settings.replicates, seed=settings.seed,
                               confidence=settings.confidence)  # fmt: skip
    return alpha, interval


def mean_of(parts: Sequence[Measured], settings: Settings) -> Measured:
    """Return the plain mean of each measure over the codes where it is defined; intervals are not averaged."""
    values: dict[str, float | None] = {column.name: None for column in settings.columns()}
    over: dict[str, int] = {}
    for name in settings.measures:
        each = _KNOWN[name]
        given = [value for part in parts if (value := part.values[each.column]) is not None]
        given = [] if name in _UNAVERAGED else given
        over[name] = len(given)
        if given:
            values[each.column] = _within(sum(given) / len(given), each.kind)
    averaged = [name for name in settings.measures if name not in _UNAVERAGED]
    if not averaged:
        return Measured(values, "undefined", f"there is no mean of {' and '.join(settings.measures)}")
    main = next((name for name in _LEADING if name in over), averaged[0])
    told = f"{_KNOWN[main].column} over {over[main]} of {len(parts)} codes"
    return Measured(values, "ok" if over[main] else "undefined", told if over[main] else f"undefined for all: {told}")


def _doubt(interval: Interval) -> str:
    """Return why there is no interval, or in how many samples it has no part, or an empty text."""
    if not interval.defined:
        # Clusters are transcripts here, which is what readers of the table know.
        return f"no interval: {interval.reason.replace('clusters', 'transcripts')}"
    if interval.low == interval.high:
        return "the samples do not differ: an interval without width says little about other transcripts"
    if interval.undefined:
        return f"interval without {interval.undefined} of {interval.replicates} samples, where it is undefined"
    return ""


def _constant(ratings: Ratings) -> str:
    """Return what all coders did alike when there is no variation, in words for one code; else an empty text."""
    import numpy as np

    if ratings.rows.shape[1] < 2 or not len(ratings.rows):
        return ""
    given = ratings.rows[~np.isnan(ratings.rows)]
    if not given.any():
        return "nobody gave the code, so agreement cannot be told from chance"
    return "everybody gave the code to every unit, so agreement cannot be told from chance" if given.all() else ""


def _within(value: float | None, kind: ColumnKind) -> float | None:
    """Return a share without the last digit that rounding may put outside 0 to 1."""
    return value if value is None or kind != "share" else min(max(value, 0.0), 1.0)
