"""Giving a code another id or label, wherever it is named."""

from __future__ import annotations

import copy
import re

from qualcode.codebook.edit.draft import Draft, Item
from qualcode.codebook.edit.references import naming, retarget_filters
from qualcode.codebook.edit.result import Edit, Stamp, find_code, finish, names_of, one_line, open_draft, problem
from qualcode.codebook.edit.writing import shown

__all__ = ["check_free", "rename_code"]


def rename_code(
    text: str,
    code: str,
    *,
    to: str | None = None,
    label: str | None = None,
    keep_old_label: bool = False,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with another id or label (or both) for a code.

    What names the code follows: ``parent``, ``see``, ``opposite_of``, ``excludes``, ``often_with``,
    ``replaced_by``, crosswalks and ``code:`` in queries. Ids of rules that are written in the file stay; those that
    are made of the code's id (``A1-1``) change with it.

    Args:
        text: the codebook's YAML.
        code: the id of the code.
        to: its new id.
        label: its new label.
        keep_old_label: put the old label among the ``alt_labels``.
        date, by: write a line into the changelog; both or neither.
        version: give the book this version.

    Raises:
        CodebookError: QC-C023 for an unknown code, QC-C122 for a name that is taken, and as :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    number = find_code(draft, code)
    entry = draft.code(number)
    before = copy.deepcopy(draft.data)
    if to is None and label is None:
        raise problem("QC-C120", f"no new name is given for code {code!r}.", "Give an id, a label, or both.")
    done: list[str] = []
    codes: dict[str, str] = {}
    if to is not None and to != code:
        check_free(draft, to, "id", code)
        paths = {path: to for path, named in naming(draft.data) if named == code}
        draft.replace_all({**paths, ("codes", number, "id"): to})
        codes[code] = to
        done.append(f"renamed {code} to {to}")
    if label is not None and (new := one_line(label, "the label")) != entry["label"]:
        check_free(draft, new, "label", entry["id"])
        old = entry["label"]
        draft.set(("codes", number), "label", new)
        done.append(f"{'' if done else entry['id'] + ': '}label {shown(old)} is now {shown(new)}")
        if new in entry.get("alt_labels", ()):
            draft.cut(("codes", number, "alt_labels"), [entry["alt_labels"].index(new)])
        if keep_old_label and old not in entry.get("alt_labels", ()):
            draft.extend(("codes", number, "alt_labels"), [Item(old)])
    retarget_filters(draft, before, codes)
    return finish(opened, ", ".join(done), stamp, codes=codes)


def check_free(draft: Draft, name: str, what: str, code: str | None = None) -> None:
    """Raise QC-C122 when another code than ``code`` has this id or label (capitals make no difference).

    An id that cannot be one is QC-C016.
    """
    if what == "id" and not re.fullmatch(r"\w[\w.-]*", name):
        raise problem("QC-C016", f"{name!r} cannot be an id.", "Use letters, digits, . _ and -, without blanks.")
    others = [entry for entry in draft.data["codes"] if entry["id"] != code]
    owner = names_of(others).get(name.casefold())
    if owner is not None:
        message = f"the {what} {name!r} is already a name of code {owner!r}."
        hint = f"Choose another, or merge the two into {owner!r}."
        raise problem("QC-C122", message, hint)
