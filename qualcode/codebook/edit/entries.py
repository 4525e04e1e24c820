"""Whole entries of codes: moving them, putting them in, taking them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qualcode.codebook.edit.draft import Draft, as_read
from qualcode.codebook.edit.tree import List, column_of
from qualcode.codebook.edit.writing import flow_value, item_lines

__all__ = ["drop_code", "insert_code", "move_entry"]


def move_entry(draft: Draft, number: int, to: int) -> None:
    """Move a code's entry with the comments right above it, to stand before the entry ``to`` (or last)."""
    codes = _codes(draft)
    if number in {to, to - 1}:
        return
    if codes.flow:
        raise draft.refusal("the codes stand in one list in [ ]", codes.outer)
    start, first, end = _entry(draft, codes, number)
    body, blanks = draft.text[first:end], draft.text[start:first]
    if number == 0:
        # The first entry has no blank line above it, so the one below goes with it.
        below = _entry(draft, codes, 1)
        blanks, end = draft.text[below[0] : below[1]], below[1]
        start = first
    if to < len(codes.items):
        at = _entry(draft, codes, to)[1]
        moved = (at, at, body + blanks)
    else:
        last = _entry(draft, codes, len(codes.items) - 1)[2]
        moved = (last, last, blanks + body)
    entries = draft.data["codes"]
    draft.patch([(start, end, ""), moved])
    entry = entries.pop(number)
    entries.insert(to - (to > number), entry)


def drop_code(draft: Draft, number: int) -> None:
    """Take a code's entry out, with the blank lines that set it apart; comments above it stay."""
    codes = _codes(draft)
    if codes.flow or len(codes.items) == 1:
        draft.cut(("codes",), [number])
        return
    draft.forbid_anchors(codes.items[number])
    blanks, lead, end = _entry(draft, codes, number)
    dash = draft.dash(codes, number)
    line = dash - column_of(draft.text, dash)
    if number == 0:
        below = _entry(draft, codes, 1)
        end = below[1] if below[0] == end else end
    draft.patch([(blanks if lead == line else line, end, "")])
    del draft.data["codes"][number]


def insert_code(draft: Draft, number: int, entry: Mapping[str, Any]) -> None:
    """Put a new code's entry behind the first ``number`` ones."""
    codes = _codes(draft)
    entries: list[Any] = draft.data["codes"]
    if not codes.items:
        draft.set((), "codes", [dict(entry)])
        return
    last = codes.items[number - 1]
    if codes.flow:
        draft.patch([(last.end, last.end, ", " + flow_value(entry))])
    else:
        apart = len(codes.items) > 1 and _entry(draft, codes, 1)[0] != _entry(draft, codes, 1)[1]
        lines = item_lines(entry, column_of(draft.text, codes.start))
        draft.patch([draft.after_line(last.end, [""] * apart + lines)])
    entries.insert(number, as_read(dict(entry)))


def _entry(draft: Draft, codes: List, number: int) -> tuple[int, int, int]:
    """Return where the blank lines above an entry begin, where its comments do, and where it ends."""
    dash = draft.dash(codes, number)
    line = dash - column_of(draft.text, dash)
    end = draft.line_after(codes.items[number].end)
    if number == 0:
        return line, line, end
    above = draft.line_after(codes.items[number - 1].end)
    lead = draft.lead(line, above)
    blanks = lead
    while blanks > above and not draft.text[draft.line_before(blanks) : blanks].strip():
        blanks = draft.line_before(blanks)
    return blanks, lead, end


def _codes(draft: Draft) -> List:
    codes = draft.own(("codes",))
    if not isinstance(codes, List):
        raise AssertionError("codes are a list")
    return codes
