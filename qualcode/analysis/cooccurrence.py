"""Co-occurrence: which codes are found in the same units, and whether that is more than their frequencies explain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.analysis.levels import Level, counted_units, left_out_note, level_note
from qualcode.analysis.study import Study
from qualcode.analysis.tally import chosen_codes, tally
from qualcode.analysis.themes import book_of
from qualcode.errors import AnalysisError
from qualcode.model.table import Cell, Column, Table

if TYPE_CHECKING:
    from qualcode.stats.cooccurrence import Pair

__all__ = ["cooccurrence"]

_COLUMNS = (
    Column("first", "text", "id of one code"),
    Column("first_label", "text", "its name"),
    Column("second", "text", "id of the other"),
    Column("second_label", "text", "its name"),
    Column("unit", "text", "what was counted"),
    Column("both", "integer", "units with both codes"),
    Column("n_first", "integer", "units with the first"),
    Column("n_second", "integer", "units with the second"),
    Column("of_units", "integer", "units in all"),
    Column("jaccard", "share", "units with both / units with either: the c-coefficient on distinct units"),
    Column("share_of_first", "share", "units with both / units with the first"),
    Column("share_of_second", "share", "units with both / units with the second"),
    Column("expected", "number", "units with both if the codes had nothing to do with each other"),
    Column("lift", "number", "both / expected: above 1 they seek each other, below 1 they shun each other"),
    Column("flags", "text", "unequal: one code is over 5 times as frequent; small: both or expected is below 5"),
)


def cooccurrence(
    study: Study, *, unit: Level | None = None, codes: Iterable[str] | None = None, minimum: int = 1
) -> Table:
    """Return the pairs of codes that share units, the most shared first; then the higher Jaccard, then tree order.

    A unit carries a code when a coding of it, or of a code below it, overlaps the unit. A code is not paired with its
    own headings, with which it shares all its units.

    Args:
        unit: the study's unit unless given; turn, token and document can always be had.
        codes: ids or labels; pairs of these only.
        minimum: pairs with fewer shared units have no row; 0 lists them all.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A030 and QC-A032 for texts or units that cannot be had.
    """
    from scipy.sparse import csr_array

    from qualcode.stats.cooccurrence import cooccurrence as counted

    level: Level = unit or study.unit
    if level == "character":
        raise AnalysisError("QC-A032", "codes are found together in units, not in single characters",
                            hint="Choose sentence, turn, passage, token or document.")  # fmt: skip
    units = counted_units(study, level)
    rows = chosen_codes(study, codes)
    counts = tally(replace(study, units=units))
    number: dict[tuple[str, int], int] = {}
    for name, spans in units.items():
        for at in range(len(spans)):
            number[name, at] = len(number)
    at_rows = [number[key] for code in rows for key in counts[code.id].segments]
    at_columns = [column for column, code in enumerate(rows) for _ in counts[code.id].segments]
    matrix = csr_array(([1] * len(at_rows), (at_rows, at_columns)), shape=(len(number), len(rows)), dtype=int)
    result = counted(matrix, unit=level, codes=[code.id for code in rows])
    label = {code.id: code.label for code in rows}
    above = {code.id: {each.id for each in study.codebook.ancestors(code.id)} for code in rows}
    body = tuple(
        _row(pair, label, level, len(number))
        for pair in result.pairs()
        if pair.both >= minimum and pair.first not in above[pair.second] and pair.second not in above[pair.first]
    )
    notes = [level_note(level), left_out_note(study)]
    notes.append("A code is not paired with its own headings. Flagged pairs are to be read, not reckoned with.")
    if result.status != "ok":
        notes.append(f"Undefined: {result.reason}.")
    elif not body:
        notes.append(f"No two codes share {minimum or 1} or more units.")
    return Table("cooccurrence", f"Codes in the same {level}", _COLUMNS, body, level, tuple(filter(None, notes)),
                 {**book_of(study), "unit": level})  # fmt: skip


def _row(pair: Pair, label: dict[str, str], level: str, units: int) -> tuple[Cell, ...]:
    flags = [name for name, raised in (("unequal", pair.unequal), ("small", pair.small)) if raised]
    return (pair.first, label[pair.first], pair.second, label[pair.second], level, pair.both, pair.n_first,
            pair.n_second, units, pair.jaccard, pair.share_of_first, pair.share_of_second, pair.expected, pair.lift,
            ", ".join(flags))  # fmt: skip
