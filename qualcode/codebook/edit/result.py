"""What an edit hands back, and how every edit begins and ends: a sound book before, the same and sound after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qualcode.codebook.edit.draft import Draft, Item
from qualcode.codebook.findings import did_you_mean
from qualcode.errors import CodebookError, Problem

if TYPE_CHECKING:
    from qualcode.codebook.diff import CodebookDiff
    from qualcode.codebook.load import Examined

__all__ = ["Edit", "Stamp", "find_code", "finish", "one_line", "open_draft", "problem"]

_FILE = "codebook"


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit did.

    Attributes:
        text: the new YAML.
        summary: what was done, in one sentence without a full stop.
        codes: how codings follow, old code id to new code id; empty when they stay as they are.
        changes: what is different in the book, of all its variants.
        warnings: what the loader doubts now and did not before.
    """

    text: str
    summary: str
    codes: Mapping[str, str]
    changes: CodebookDiff
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is written down beside an edit: a line of the changelog, and another version of the book."""

    date: str | None = None
    by: str | None = None
    version: str | None = None

    def check(self) -> None:
        """Raise QC-C120 when only one of ``date`` and ``by`` is given."""
        if (self.date is None) != (self.by is None):
            missing = "by" if self.by is None else "date"
            raise problem(
                "QC-C120",
                f"a line of the changelog needs a date and a name; {missing} is missing.",
                f"Give {missing} too.",
            )


@dataclass(slots=True)
class Opened:
    """A draft with the book that it began as."""

    draft: Draft
    before: Examined
    raw: bytes = field(repr=False, default=b"")


def problem(code: str, message: str, hint: str | None = None) -> CodebookError:
    """Return the error of an edit that is not made."""
    return CodebookError(code, message, hint=hint)


def open_draft(text: str, stamp: Stamp) -> Opened:
    """Return a draft of a codebook; raises :class:`CodebookError` with all problems when the book is not sound."""
    from qualcode.codebook.load import examine

    stamp.check()
    raw = _bytes(text)
    before = examine(raw, file=_FILE)
    before.findings.raise_if_any()
    return Opened(Draft(text, before.sheet.data), before, raw)


def finish(opened: Opened, summary: str, stamp: Stamp, *, codes: Mapping[str, str] | None = None) -> Edit:
    """Return the edit, once its text says what the draft's data say and the strict loader accepts it.

    Raises:
        CodebookError: QC-C120 when nothing was changed, QC-C121 when the text could not be changed faithfully,
            QC-C126 with ``problems`` when the loader would refuse the result.
    """
    from qualcode.codebook.diff import diff_codebooks
    from qualcode.codebook.load import ALL_VARIANTS, build, examine

    draft = opened.draft
    if draft.data == opened.before.sheet.data and draft.finished().encode() == opened.raw:
        message = "there is nothing to change: the codebook says this already."
        raise problem("QC-C120", message, "Give another value.")
    if stamp.version is not None:
        draft.set((), "version", one_line(stamp.version, "the version"))
    if stamp.date is not None and stamp.by is not None:
        by = one_line(stamp.by, "the name")
        line = {"date": one_line(stamp.date, "the date"), "by": by, "change": summary}
        draft.extend(("changelog",), [Item(line)])
    text = draft.finished()
    raw = _bytes(text)
    try:
        after = examine(raw, file=_FILE)
    except CodebookError as error:
        raise draft.refusal("the result would not be YAML") from error
    problems = after.findings.problems
    if problems:
        many = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        message = f"after this edit the codebook would have {many}; nothing was changed:"
        raise CodebookError("QC-C126", message, problems=problems)
    if after.sheet.data != draft.data:
        raise draft.refusal("the result would say something else than was asked for")
    known = {(each.code, each.message) for each in opened.before.findings.warnings}
    new = tuple(each for each in after.findings.warnings if (each.code, each.message) not in known)
    old_book = build(opened.before, opened.raw, variant=ALL_VARIANTS)
    return Edit(
        text, summary, dict(codes or {}), diff_codebooks(old_book, build(after, raw, variant=ALL_VARIANTS)), new
    )


def find_code(draft: Draft, code: str) -> int:
    """Return the place in the file of the code with this id; raises QC-C023 when there is none."""
    ids = [entry["id"] for entry in draft.data["codes"]]
    if code in ids:
        return ids.index(code)
    named = next((entry["id"] for entry in draft.data["codes"] if entry["label"].casefold() == code.casefold()), None)
    hint = f"Did you mean {named!r}?" if named else did_you_mean(code, ids) or f"Codes: {', '.join(ids[:12])} …"
    raise problem("QC-C023", f"the codebook has no code {code!r}.", hint)


def one_line(text: str, what: str) -> str:
    """Return a text with single blanks; raises QC-C016 when it is empty or cannot be written in a file."""
    plain = " ".join(text.split())
    if not plain:
        raise problem("QC-C016", f"{what} is empty.", "Write something.")
    if re.search("[\ud800-\udfff]", plain):
        raise problem("QC-C016", f"{what} has a character that cannot be read as text.", "Type it again.")
    return plain


def names_of(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the code id for each id and label, case folded."""
    found: dict[str, str] = {}
    for key in ("id", "label"):
        for entry in entries:
            found.setdefault(str(entry[key]).casefold(), str(entry["id"]))
    return found


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise problem(
            "QC-C002", "the text of the codebook cannot be written as UTF-8.", "Read the file as UTF-8."
        ) from None
