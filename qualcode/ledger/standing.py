"""Which operations stand, given what was undone, done again, merged and taken back."""

from __future__ import annotations

from collections.abc import Iterable

from qualcode.model.ledger import Operation

__all__ = ["STEERING", "UNDOING", "fallen", "taken_back"]

UNDOING = frozenset({"undo", "redo"})
STEERING = frozenset({*UNDOING, "merge"})
"""Kinds of entry that decide which operations stand."""


def fallen(operations: Iterable[Operation]) -> frozenset[str]:
    """Return the ids of the operations that do not stand.

    An operation falls when a standing ``undo`` or ``redo`` names it (a ``redo`` names an ``undo``), or when it came
    with merges of which none stands. The result depends on the set of operations alone, not on the order they come in.
    """
    ordered = sorted(operations, key=lambda each: each.order, reverse=True)
    absent = _taken_back(ordered)
    return absent | _undone(ordered, absent)


def taken_back(operations: Iterable[Operation]) -> frozenset[str]:
    """Return the ids of operations that came with merges of which none stands any more."""
    return _taken_back(sorted(operations, key=lambda each: each.order, reverse=True))


def _taken_back(latest_first: list[Operation]) -> frozenset[str]:
    # What undoes a merge was never merged itself, so merges can be settled before what they brought is looked at.
    undone = _undone(latest_first, frozenset())
    came: set[str] = set()
    stayed: set[str] = set()
    for operation in latest_first:
        for entry in operation.entries:
            if entry.kind == "merge":
                brought = entry.content.get("operations", ())
                came.update(brought)
                if operation.id not in undone:
                    stayed.update(brought)
    return frozenset(came - stayed)


def _undone(latest_first: list[Operation], absent: frozenset[str]) -> frozenset[str]:
    # An undo is itself undone only by a later one, so going back from the end settles each before it counts.
    found: set[str] = set()
    for operation in latest_first:
        if operation.id in found or operation.id in absent:
            continue
        for entry in operation.entries:
            if entry.kind in UNDOING:
                found.update(entry.targets)
    return frozenset(found)
