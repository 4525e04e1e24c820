"""Tables cut down to what fits a terminal; the files have all columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qualcode.model.table import Cell, Column, Table

__all__ = ["for_terminal"]

_HIDDEN = frozenset({"level", "reviewed_share", "kappa_max", "disputed", "block", "start", "end", "rest_of_words"})
_HIDDEN_ENDS = (": prevalence",)
_INTERVALS = {"low": ("estimate", "log_ratio"), "odds_low": ("odds_ratio",)}
"""Of which column a lower end is, where the names do not say: ``alpha_low`` is of ``alpha`` or ``alpha_median``."""

_Row = Mapping[str, Cell]


def for_terminal(table: Table) -> Table:
    """Return a table with the columns that fit a terminal.

    ``documents`` reads ``5 of 7``, a value stands with its interval, ``0.61 [0.40, 0.78]``; columns with
    nothing in them are left out, and reasons stand below.
    """
    table = _with_reasons_below(table)
    names = {each.name for each in table.columns}
    parts = _parts(names)
    gone = {name for found in parts.values() for name in found} | {"status", "reason"}
    columns: list[Column] = []
    cells: list[list[Cell]] = []
    for column in table.columns:
        if column.name in gone or _is_hidden(column.name):
            continue
        new, content = _column(column, parts.get(column.name, ()), list(table))
        if len(table) and (all(cell in (None, "") for cell in content) or _says_unit(new, content, table.unit)):
            continue
        columns.append(new)
        cells.append(content)
    return replace(table, columns=tuple(columns), rows=tuple(zip(*cells, strict=True)) if cells else ())


def _parts(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return for each column those that are shown in its cells."""
    known = set(names)
    found: dict[str, tuple[str, ...]] = {}
    for name in known:
        stem, _, end = name.rpartition(": ")
        if f"of_{name}" in known:
            found[name] = (f"of_{name}",)
        elif "_of_" in name and name.replace("_of_", "_") in known:
            found[name.replace("_of_", "_")] = (name,)
        elif end == "with" and f"{stem}: of" in known:
            found[name] = (f"{stem}: of",)
        elif name == "low" or name.endswith("_low"):
            high = name.removesuffix("low") + "high"
            stem = name.removesuffix("_low")
            of = next((each for each in (*_INTERVALS.get(name, ()), f"{stem}_median", stem) if each in known), None)
            if of is not None and high in known:
                found[of] = (name, high)
    return found


def _column(column: Column, others: Sequence[str], rows: Sequence[_Row]) -> tuple[Column, list[Cell]]:
    own = [row[column.name] for row in rows]
    if column.name in {"p_value", "p_adjusted"}:
        return replace(column, kind="text"), [None if cell is None else _chance(float(cell)) for cell in own]
    if not others:
        return column, own
    beside = [tuple(row[name] for name in others) for row in rows]
    name = column.name.removesuffix(": with")
    pairs = list(zip(own, beside, strict=True))
    if len(others) == 1:
        return Column(name, "text", column.description), [f"{cell} of {of[0]}" for cell, of in pairs]
    if all(low is None for low, _ in beside):
        return column, own
    return Column(name, "text", column.description), [_with_interval(cell, *ends) for cell, ends in pairs]


def _with_interval(cell: Cell, low: Cell, high: Cell) -> str:
    if cell is None:
        return ""
    told = f"{float(cell):z.2f}"
    if low is None and high is None:
        return told
    ends = ("" if each is None else f"{float(each):z.2f}" for each in (low, high))
    return f"{told} [{', '.join(ends)}]"


def _chance(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _is_hidden(name: str) -> bool:
    return name in _HIDDEN or name.startswith(("of_", "top_")) or name.endswith(_HIDDEN_ENDS)


def _says_unit(column: Column, cells: Sequence[Cell], unit: str) -> bool:
    """Whether a column only repeats what the table counts."""
    return column.name == "unit" and bool(unit) and set(cells) == {unit}


def _with_reasons_below(table: Table) -> Table:
    """Return a table that says in notes why rows have no value or no interval, one note for each reason."""
    if "reason" not in {each.name for each in table.columns}:
        return table
    found: dict[str, list[str]] = {}
    for row in table:
        if row["reason"]:
            who = next((str(row[name]) for name in ("code", "label") if row.get(name)), "")
            found.setdefault(str(row["reason"]), []).append(who)
    notes = []
    for reason, rows in found.items():
        whose = "All rows" if len(rows) == len(table) > 1 else ", ".join(filter(None, rows))
        told = f"{whose}: {reason}" if whose else reason
        notes.append(told if told.endswith((".", "!", "?")) else f"{told}.")
    return replace(table, notes=(*notes, *table.notes))
