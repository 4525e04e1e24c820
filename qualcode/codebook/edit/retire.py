"""Taking a code out of use without taking it out of the book."""

from __future__ import annotations

from qualcode.codebook.edit.draft import Draft
from qualcode.codebook.edit.result import Edit, Stamp, find_code, finish, one_line, open_draft, problem

__all__ = ["check_in_use", "mark_retired", "retire_code"]


def retire_code(
    text: str,
    code: str,
    *,
    replaced_by: str | None = None,
    note: str = "",
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with a code retired: it stays, so that old codings can be read, but is suggested no more.

    Args:
        text: the codebook's YAML.
        code: the id of the code.
        replaced_by: the id of the code to use now; codings follow it.
        note: what became of the code, added to its notes. One of the two is needed.
        date, by, version: as in :func:`qualcode.codebook.edit.rename.rename_code`.

    Raises:
        CodebookError: QC-C023 for an unknown code, QC-C120 when nothing says what became of the code, QC-C125 for a
            replacement that is retired itself; and as :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    number = find_code(draft, code)
    entry = draft.code(number)
    if replaced_by is not None:
        check_in_use(draft, replaced_by)
        if replaced_by == code:
            raise problem(
                "QC-C120", f"code {code!r} cannot be replaced by itself.", "Name another code, or write a note."
            )
    if replaced_by is None and not note.strip() and not entry.get("notes") and "replaced_by" not in entry:
        message = f"nothing says what becomes of code {code!r}."
        raise problem("QC-C120", message, "Name the code that replaces it, or write a note.")
    mark_retired(draft, number, replaced_by, note)
    summary = f"retired {code}" + (f", replaced by {replaced_by}" if replaced_by else "")
    return finish(opened, summary, stamp, codes={code: replaced_by} if replaced_by else None)


def mark_retired(draft: Draft, number: int, replaced_by: str | None, note: str = "") -> None:
    """Set ``status``, ``replaced_by`` and ``notes`` of a code, each only when it is not so already."""
    path, entry = ("codes", number), draft.code(number)
    if entry.get("status") != "retired":
        draft.set(path, "status", "retired")
    if replaced_by is not None and entry.get("replaced_by") != replaced_by:
        draft.set(path, "replaced_by", replaced_by)
    if note.strip():
        had = entry.get("notes", "")
        draft.set(path, "notes", f"{' '.join(had.split())} {one_line(note, 'the note')}".strip())


def check_in_use(draft: Draft, code: str) -> None:
    """Raise QC-C023 or QC-C125 unless the book has this code and has not retired it."""
    entry = draft.code(find_code(draft, code))
    if entry.get("status") == "retired":
        now = entry.get("replaced_by")
        hint = f"Use {now!r}, which replaced it." if now else "Use a code that is in use."
        raise problem("QC-C125", f"code {code!r} is retired itself.", hint)
