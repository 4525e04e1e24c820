"""What a decision did (or would do), printed for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qualcode.cli.lines import quoted, show_lines
from qualcode.cli.output import command_line, counted, say, show, show_json

if TYPE_CHECKING:
    from qualcode.model.ledger import NewEntry, Passage
    from qualcode.project import Project
    from qualcode.project.deciding import Decided

__all__ = ["passage_data", "show_decided", "signed"]

LISTED = 10
"""Passages that are listed when it is done; with ``--dry-run`` all are."""


def show_decided(
    project: Project, done: Decided, told: str, *, codebook: str | None, dry_run: bool, as_json: bool, quiet: bool
) -> None:
    """Print what a decision did; ``told`` says it of the passages (``accepted``)."""
    rows = _rows(project, done, codebook)
    if as_json:
        show_json({"verb": done.verb, "step": done.operation, "dry_run": dry_run,
                   "already": done.passed_over, "passages": rows})  # fmt: skip
        return
    would = "would be " if dry_run else ""
    show(f"{counted(len(rows), 'passage')} {would}{told}" + ("." if not rows else ":"))
    listed = rows if dry_run else rows[:LISTED]
    show_lines(((each["id"], each["code"], each["document"], quoted(each["quote"])) for each in listed), indent=2)
    if len(listed) < len(rows):
        show(f"  … and {len(rows) - len(listed)} more")
    if done.passed_over:
        why = (
            "were decided by others: qualcode adjudicate settles those" if done.verb == "uncode" else "already stood so"
        )
        say(f"note: {counted(done.passed_over, 'passage')} {why}", quiet=quiet)
    elif not rows:
        say(f"note: nothing there to be {told}; how passages stand: {command_line('codings', project.folder)}",
            quiet=quiet)  # fmt: skip
    if dry_run:
        show("Nothing was written.")
    elif rows:
        say(f"Take it back: {signed(project, 'undo')}", quiet=quiet)


def signed(project: Project, verb: str) -> str:
    """Return a command for a project as it is to be typed, with the person when nobody else would be taken for them."""
    from qualcode.project.people import whoami

    who = () if project.person == whoami() else ("--person", project.person)
    return command_line(verb, project.folder, *who)


def passage_data(passage: Passage, document: str) -> dict[str, Any]:
    """Return a passage as plain data: document (its name), start, end, quote."""
    return {"document": document, "start": passage.span.start, "end": passage.span.end, "quote": passage.quote}


def _rows(project: Project, done: Decided, codebook: str | None) -> list[dict[str, Any]]:
    """Return a row for each passage, with the id that it has now: after it is done, the new one."""
    names = {each.id: each.name for each in project.documents}
    held = project.held(codebook) if done.entries else None
    ids = {
        (each.passage.document_id, each.passage.span, each.code): each.id
        for each in ((*held.standings, *held.lost) if held is not None else ())
    }
    moved = {_place(each) for each in done.entries if each.kind == "move"}
    rows: list[dict[str, Any]] = []
    for each in done.entries:
        if each.passage is None or (each.kind == "reject" and _place(each) in moved):
            continue  # a suggestion that is moved is rejected under its old code: one passage, told once
        before = each.content.get("from", each.code) if not done.operation else each.code
        key = ids.get((*_place(each), str(before)), "")
        row = {"id": key, "code": each.code, **passage_data(each.passage, names.get(each.passage.document_id, ""))}
        if "from" in each.content:
            row["from"] = each.content["from"]
        if done.verb == "adjudicate":
            row["verdict"] = each.content["verdict"]
        rows.append(row)
    return sorted(rows, key=lambda row: (row["document"], row["start"], row["end"], row["code"]))


def _place(entry: NewEntry) -> tuple[Any, ...]:
    return (entry.passage.document_id, entry.passage.span) if entry.passage is not None else ()
