"""What a change of the codebook touches: what kind of change each code has, and how many codings."""

from __future__ import annotations

from collections.abc import Mapping

from qualcode.codebook.diff import CodebookChange, CodebookDiff, Kind
from qualcode.model.table import Cell, Column, Table

__all__ = ["impact"]

_NOTHING = "nothing"
_KINDS: tuple[tuple[Kind, str], ...] = (
    ("structure", "count again"),
    ("meaning", "read them again"),
    ("rules", "run the coding again"),
    ("wording", _NOTHING),
)

_ENDS = frozenset({"code", "status", "replaced_by"})
"""Parts of the structure that decide whether codings can stay with their code."""

_COLUMNS = (
    Column("code", "text", "id of the code; empty for the book itself"),
    Column("label", "text", "label of the code in the new book, or in the old one when it was removed"),
    Column("kind", "text", "structure, meaning, rules or wording"),
    Column("parts", "text", "the keys that changed; code for a whole code"),
    Column("changes", "integer", "how many changes of this kind the code has"),
    Column("codings", "integer", "codings of the code that the change touches"),
    Column("to_do", "text", "what to do about them"),
)


def impact(diff: CodebookDiff, codings_by_code: Mapping[str, int]) -> Table:
    """Return what a difference between two codebooks touches, one row for each changed code and kind of change.

    Args:
        diff: what :func:`qualcode.codebook.diff.diff_codebooks` or an edit says has changed.
        codings_by_code: how many codings each code has, by its id in the old book; a code that is missing has none.

    Returns:
        A table ``code, label, kind, parts, changes, codings, to_do`` in the order of the codes, structure first. A
        change of the book itself (word lists, cues, thresholds) can touch every coding: its row counts them all,
        and none for wording. The title says how many codings have a code whose meaning changed, or that is retired,
        replaced or gone.
    """
    groups: dict[str, dict[Kind, list[CodebookChange]]] = {}
    for change in diff.changes:
        groups.setdefault(change.code, {}).setdefault(change.kind, []).append(change)
    rows: list[tuple[Cell, ...]] = []
    everything = sum(codings_by_code.values())
    for code, kinds in groups.items():
        own = codings_by_code.get(code, 0) if code else everything
        for kind, remedy in _KINDS:
            found = kinds.get(kind)
            if found:
                parts = ", ".join(dict.fromkeys(each.part for each in found))
                touched = own if code or kind != "wording" else 0
                if kind == "structure" and any(each.part in _ENDS for each in found):
                    remedy = "let them follow, or read them again"
                label = found[0].label
                rows.append((code, label, kind, parts, len(found), touched, remedy if touched else _NOTHING))
    read_again = {
        code
        for code, kinds in groups.items()
        if code and ("meaning" in kinds or any(each.part in _ENDS for each in kinds.get("structure", ())))
    }
    number = sum(codings_by_code.get(code, 0) for code in read_again)
    title = f"From {diff.old} to {diff.new}: {number:,} of {everything:,} codings to read again"
    notes = ("A code that has changes of several kinds has a row for each: its codings are not to be added up.",)
    provenance = {"old": diff.old, "new": diff.new}
    return Table("codebook-impact", title, _COLUMNS, tuple(rows), notes=notes, provenance=provenance)
