"""Making several codes of one."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.codebook.edit.add import rule_numbers
from qualcode.codebook.edit.draft import Item
from qualcode.codebook.edit.entries import insert_code
from qualcode.codebook.edit.merge import marked_as_rule
from qualcode.codebook.edit.move import behind_family, descendants
from qualcode.codebook.edit.references import retarget_filters
from qualcode.codebook.edit.rename import check_free
from qualcode.codebook.edit.result import Edit, Stamp, find_code, finish, one_line, open_draft, problem
from qualcode.codebook.edit.retire import mark_retired

__all__ = ["split_code"]


def split_code(
    text: str,
    code: str,
    *,
    into: Sequence[tuple[str, str]],
    under: bool = True,
    rules: Mapping[str, Sequence[str]] | None = None,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with new codes made out of one; its codings stay with it until somebody reads them again.

    The new codes begin with the origin, variants and (with rules) threshold and combine of the old one, and without
    a definition: write one for each.

    Args:
        text: the codebook's YAML.
        code: the id of the code.
        into: id and label of each new code.
        under: whether they are its children, and the code stays in use above them. Else they are its siblings, and
            the code is retired with a note that says what it was split into.
        rules: for new ids, the ids of the rules that move there from the code; the comments above them are copied.
            Rules that are not named stay. The ids made of a place (``A1-3``) are those before the split.
        date, by, version: as in :func:`qualcode.codebook.edit.rename.rename_code`.

    Raises:
        CodebookError: QC-C023 for an unknown code, QC-C122 for a name that is taken, QC-C124 for a rule that the
            code does not have or that is given away twice, QC-C123 for siblings of a code that has children, QC-C120
            for nothing to split into; and as :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    number = find_code(draft, code)
    old = copy.deepcopy(draft.code(number))
    before = copy.deepcopy(draft.data)
    if not into:
        raise problem("QC-C120", f"no codes are given to split {code!r} into.", "Give an id and a label for each.")
    if not under and descendants(draft, code):
        message = f"code {code!r} has codes below it, which would be left under a retired code."
        raise problem("QC-C123", message, "Move them first, or put the new codes under it.")
    given = {new: rule_numbers(draft, number, names) for new, names in (rules or {}).items()}
    _check(given, [new for new, _ in into], old)
    written = draft.items(("codes", number, "rules"))
    moved = {place for places in given.values() for place in places}
    if moved:
        draft.cut(("codes", number, "rules"), moved)
    place = behind_family(draft, number)
    for new, label in into:
        check_free(draft, one_line(new, "the id"), "id")
        check_free(draft, one_line(label, "the label"), "label")
        entry: dict[str, Any] = {"id": one_line(new, "the id"), "label": one_line(label, "the label")}
        parent = code if under else old.get("parent")
        entry |= {} if parent is None else {"parent": parent}
        entry |= {key: old[key] for key in ("origin",) if key in old}
        entry |= {key: old[key] for key in ("threshold", "combine") if key in old and given.get(new)}
        entry |= {"variants": list(old["variants"])} if old.get("variants") else {}
        insert_code(draft, place, entry)
        items = [written[each] for each in given.get(new, ())]
        draft.extend(("codes", place, "rules"), [Item(marked_as_rule(each.value), each.lines) for each in items])
        place += 1
    names = " and ".join(new for new, _ in into)
    if not under:
        mark_retired(draft, number, None, f"Split into {names}.")
    retarget_filters(draft, before, {})
    return finish(opened, f"split {code} into {names}", stamp)


def _check(given: Mapping[str, Sequence[int]], new: Sequence[str], old: Mapping[str, Any]) -> None:
    for name in given:
        if name not in new:
            raise problem(
                "QC-C120",
                f"rules are given to {name!r}, which is not one of the new codes.",
                f"New codes: {', '.join(new)}.",
            )
    every = [place for places in given.values() for place in places]
    for place in every:
        if every.count(place) > 1:
            message = f"rule {place + 1} of code {old['id']!r} is given away twice."
            raise problem("QC-C124", message, "A rule belongs to one code.")
