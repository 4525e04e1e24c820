"""Saturation: what each further interview adds, in the order they were held and over random orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qualcode.analysis.study import Case, Study
from qualcode.analysis.tally import counted_codings
from qualcode.analysis.themes import book_of
from qualcode.errors import AnalysisError
from qualcode.model.table import Cell, Column, Table

if TYPE_CHECKING:
    from qualcode.stats.richness import Richness
    from qualcode.stats.saturation import BaseRun, SaturationBands, SaturationCurve

__all__ = ["saturation"]

_COLUMNS = (
    Column("interview", "integer", "its place in the order, from 1"),
    Column("document", "text", "name of the document"),
    Column("codes", "integer", "distinct codes found in it"),
    Column("new_codes", "integer", "of these, found in no interview before"),
    Column("cumulative", "integer", "distinct codes found up to here"),
    Column("cumulative_low", "number", "the same in random orders of the interviews: 5th percentile"),
    Column("cumulative_median", "number", "median of the random orders"),
    Column("cumulative_high", "number", "95th percentile of the random orders"),
    Column("run", "text", "the run that ends here, as interviews before it + its length; empty while none does"),
    Column("run_new_codes", "integer", "codes new in the run"),
    Column("ratio", "number", "codes new in the run / codes of the base interviews"),
    Column("ratio_low", "number", "the same in random orders: 5th percentile"),
    Column("ratio_median", "number", "median of the random orders"),
    Column("ratio_high", "number", "95th percentile of the random orders"),
)


def saturation(
    study: Study,
    *,
    order: Sequence[str] | None = None,
    base: int = 4,
    run: int = 2,
    replicates: int = 1000,
    seed: int = 0,
) -> Table:
    """Return what each interview adds: new codes, codes so far, and the ratio of new information of each run.

    Codes count as given (a heading only where it was given itself). The ratio is that of Guest, Namey & Chen (2020):
    codes new in a run of ``run`` interviews divided by the codes of the first ``base``; the denominator stays the base.
    The notes hold the first run at 5 % and at 0 %, Chao2, the coverage, and when not to use any of it.

    Args:
        order: names (or ids) of all documents in the order of the interviews; the study's order unless given.
        replicates: random orders for medians and 5-95 % bands.
        seed: of the random orders.

    Raises:
        AnalysisError: QC-A035 when ``order`` does not name every document once.
        StatisticsError: QC-N063 for a base or run below 1 or fewer than 1,000 orders.
    """
    import numpy as np

    from qualcode.stats.richness import chao2
    from qualcode.stats.saturation import base_run, permuted_saturation, saturation_curve

    cases = _ordered(study, order)
    codes = [code.id for code in study.codebook.tree()]
    found = {(coding.document_id, coding.code) for coding in counted_codings(study)}
    heard = np.array([[(case.id, code) in found for code in codes] for case in cases], dtype=np.int64)
    heard = heard.reshape(len(cases), len(codes))
    curve, runs = saturation_curve(heard), base_run(heard, base=base, run=run)
    made_with = {"base": str(base), "run": str(run), "replicates": str(replicates), "seed": str(seed)}
    body: tuple[tuple[Cell, ...], ...] = ()
    bands = None
    if cases:
        bands = permuted_saturation(heard, base=base, run=run, permutations=replicates, seed=seed)
        body = tuple(
            (number + 1, case.name, int(heard[number].sum()), int(curve.new[number]), int(curve.cumulative[number]),
             *(float(row[number]) for row in bands.cumulative), *_run(runs, bands, number + 1))
            for number, case in enumerate(cases)
        )  # fmt: skip
    notes = _notes(study, curve, runs, bands, chao2(heard))
    return Table("saturation", "New codes by interview", _COLUMNS, body, "document", notes,
                 {**book_of(study), "unit": "document", **made_with})  # fmt: skip


def _ordered(study: Study, order: Sequence[str] | None) -> tuple[Case, ...]:
    if order is None:
        return study.cases
    by_id = {case.id: case for case in study.cases}
    by_name: dict[str, list[Case]] = {}
    for case in study.cases:
        by_name.setdefault(case.name, []).append(case)
    found: list[Case] = []
    for name in order:
        # Two documents may share a name; then its n-th mention is the n-th of them.
        left = [each for each in by_name.get(name, ()) if each not in found]
        one = by_id.get(name) or next(iter(left), None)
        if one is None or one in found:
            what = (
                f"names {name!r} twice" if name in by_name or name in by_id else f"names {name!r}, which is not there"
            )
            raise AnalysisError("QC-A035", f"the order of the interviews {what}",
                                hint=f"Name each of these once: {', '.join(by_name)}.")  # fmt: skip
        found.append(one)
    missing = [case.name for case in study.cases if case not in found]
    if missing:
        raise AnalysisError("QC-A035", f"the order of the interviews leaves out {', '.join(missing)}",
                            hint="Name every document once, or make the study without it.")  # fmt: skip
    return tuple(found)


def _run(runs: BaseRun, bands: SaturationBands, interview: int) -> tuple[Cell, ...]:
    at = interview - runs.base - runs.run
    own: tuple[Cell, ...] = ("", None, None)
    if 0 <= at < len(runs.runs):
        each = runs.runs[at]
        own = (each.label, each.new_codes, each.ratio)
    if not 0 <= at < bands.ratio.shape[1] or bands.status != "ok":
        return (*own, None, None, None)
    return (*own, *(float(row[at]) for row in bands.ratio))


def _notes(
    study: Study, curve: SaturationCurve, runs: BaseRun, bands: SaturationBands | None, richness: Richness
) -> tuple[str, ...]:
    size = sum(code.codable for code in study.codebook)
    notes = [f"{curve.codes} of the {size} codes of {study.codebook.id} that can be given were found in "
             f"{curve.interviews} interviews. Codes count as given; nothing is added for headings."]  # fmt: skip
    if curve.status != "ok":
        notes.append(f"Undefined: {curve.reason}.")
    elif runs.status != "ok":
        notes.append(f"The ratio of new information is undefined: {runs.reason}.")
    else:
        five, none = (f"at {at}" if at else "in no run" for at in (runs.at_5_percent, runs.at_0_percent))
        notes.append(f"Base of {runs.base} interviews: {runs.base_codes} codes. New information falls to 5 % or less "
                     f"{five}, to nothing {none}. It depends on the order of the interviews.")  # fmt: skip
    if bands is not None and bands.status == "ok":
        notes.append(f"Of {bands.permutations} random orders (seed {bands.seed}), {bands.reached[0.05]:.0%} get to 5 % "
                     f"or less in some run, {bands.reached[0.0]:.0%} to nothing new.")  # fmt: skip
    if richness.status == "ok" and richness.estimate is not None:
        coverage = "" if richness.coverage is None else f" Estimated coverage of codes: {richness.coverage:.0%}."
        notes.append(f"Chao2: at least {richness.estimate:.1f} codes in all ({richness.confidence:.0%} interval "
                     f"{richness.low:.1f} to {richness.high:.1f}).{coverage}")  # fmt: skip
    elif curve.status == "ok":
        notes.append(f"Chao2 is undefined: {richness.reason}.")
    return (*notes, *curve.notes)
