"""Putting a code under another parent, or elsewhere in the order."""

from __future__ import annotations

from qualcode.codebook.edit.draft import Draft
from qualcode.codebook.edit.entries import move_entry
from qualcode.codebook.edit.result import Edit, Stamp, find_code, finish, open_draft, problem

__all__ = ["behind_family", "descendants", "move_code"]


def move_code(
    text: str,
    code: str,
    *,
    under: str | None,
    before: str | None = None,
    after: str | None = None,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with a code under another parent; what is below the code goes with it.

    Without ``before`` and ``after`` its entry stays where it is in the file, and only its ``parent`` changes.

    Args:
        text: the codebook's YAML.
        code: the id of the code.
        under: the id of its parent; ``None`` for the top level. It may be the parent that it has.
        before, after: the id of a code with that parent, next to which the entry is moved.
        date, by, version: as in :func:`qualcode.codebook.edit.rename.rename_code`.

    Raises:
        CodebookError: QC-C023 for an unknown code; QC-C123 for a place that a code cannot have; and as
            :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    number = find_code(draft, code)
    old = draft.code(number).get("parent")
    if under is not None:
        find_code(draft, under)
        if under == code or under in descendants(draft, code):
            message = f"code {code!r} cannot go under {under!r}, which is itself or below it."
            raise problem("QC-C123", message, f"Move {under!r} first.")
    if before is not None and after is not None:
        raise problem("QC-C120", "both before and after are given.", "Give one of them.")
    where = "to the top level" if under is None else f"under {under}"
    if under != old:
        if under is None:
            draft.remove(("codes", number, "parent"))
        else:
            draft.set(("codes", number), "parent", under)
    summary = f"moved {code} {where}" if under != old else f"moved {code}"
    neighbour = before if before is not None else after
    if neighbour is not None:
        place = find_code(draft, neighbour)
        if place == number or draft.code(place).get("parent") != under:
            message = f"code {code!r} cannot stand next to {neighbour!r}, which is not {where.removeprefix('to ')}."
            raise problem("QC-C123", message, "Name a code that has the same parent.")
        move_entry(draft, number, place if before is not None else behind_family(draft, place, but=code))
        summary += f" {'before' if before is not None else 'after'} {neighbour}"
    return finish(opened, summary, stamp)


def descendants(draft: Draft, code: str) -> set[str]:
    """Return the ids of all codes below a code."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        above = waiting.pop()
        below = [entry["id"] for entry in draft.data["codes"] if entry.get("parent") == above]
        waiting.extend(each for each in below if each not in found)
        found.update(below)
    return found


def behind_family(draft: Draft, number: int, but: str | None = None) -> int:
    """Return the place behind a code and the codes below it that follow it in the file directly."""
    family = descendants(draft, draft.code(number)["id"]) - {but}
    number += 1
    while number < len(draft.data["codes"]) and draft.code(number)["id"] in family:
        number += 1
    return number
