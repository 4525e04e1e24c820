"""Facets: how the codings of a code fall on the values of stance, time, or another facet of the book."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qualcode.analysis.study import Study
from qualcode.analysis.tally import chosen_codes, counted_codings, tally
from qualcode.analysis.themes import book_of
from qualcode.errors import AnalysisError
from qualcode.model.coding import Coding
from qualcode.model.table import Cell, Column, Table

__all__ = ["facet_value", "facets"]

UNSET = "not set"


def facets(study: Study, facet: str = "stance", *, codes: Iterable[str] | None = None) -> Table:
    """Return code × value of a facet: codings and documents for each, values nobody used included with 0.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A005 for a facet that neither the codebook nor a coding has.
    """
    declared = next((each.values for each in study.codebook.facets if each.id == facet), None)
    seen = {facet_value(coding, facet) for coding in counted_codings(study)}
    if declared is None and seen <= {""}:
        names = ", ".join(each.id for each in study.codebook.facets) or "none"
        raise AnalysisError("QC-A005", f"the codebook {study.codebook.id} has no facet {facet!r}",
                            hint=f"Its facets: {names}.")  # fmt: skip
    known = declared or ()
    values = [*known, *sorted(seen - set(known) - {""}), *([""] if "" in seen else [])]
    columns = (
        Column("code", "text", "id of the code"),
        Column("label", "text", "its name"),
        Column("level", "integer", "depth in the codebook, 1 for the top"),
        Column(facet if facet not in _NAMES else f"{facet} (facet)", "text", "value of the facet"),
        Column("codings", "integer", "codings with this value, of the code and of codes below it"),
        Column("of_codings", "integer", "codings of the code with any value"),
        Column("documents", "integer", "distinct documents they lie in"),
        Column("of_documents", "integer", "documents of the study"),
    )
    every = tally(study)
    split = {value: tally(study, _with_value(facet, value)) for value in values}
    rows: list[tuple[Cell, ...]] = [
        (code.id, code.label, study.codebook.level(code.id), value or UNSET, len(split[value][code.id].codings),
         len(every[code.id].codings), len(split[value][code.id].documents), len(study.cases))
        for code in chosen_codes(study, codes)
        for value in values
    ]  # fmt: skip
    notes = ("The documents of the values need not add up: one document can say both.",)
    return Table("facets", f"Codings by {facet}", columns, tuple(rows), study.unit, notes, book_of(study))


_NAMES = frozenset({"code", "label", "level", "codings", "of_codings", "documents", "of_documents"})


def _with_value(facet: str, value: str) -> Callable[[Coding], bool]:
    return lambda coding: facet_value(coding, facet) == value


def facet_value(coding: Coding, facet: str) -> str:
    """Return a coding's value of a facet, ``""`` when it has none."""
    return coding.stance if facet == "stance" else coding.facets.get(facet, "")
