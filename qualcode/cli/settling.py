"""``qualcode conflicts`` and ``adjudicate``."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.lines import quoted
from qualcode.cli.options import (
    SPAN,
    book_option,
    dry_run_option,
    json_option,
    page_option,
    person_option,
    project_argument,
    quiet_option,
    reason_option,
)
from qualcode.cli.output import command_line, counted, path_text, say, show, show_json, shown, styled, width
from qualcode.cli.passages import passage_data, show_decided

if TYPE_CHECKING:
    from qualcode.model.document import Document, Span
    from qualcode.model.ledger import Judgement
    from qualcode.project import Project
    from qualcode.review.conflicts import Conflict

__all__ = ["adjudicate_command", "conflicts_command"]

AROUND = 120
"""Characters of the transcript that are shown before and after the passage."""


@click.command("conflicts")
@project_argument
@page_option
@book_option
@json_option
@quiet_option
def conflicts_command(
    project: Path, page: bool, out: Path | None, codebook: str | None, as_json: bool, quiet: bool
) -> None:
    """Show where one person marks a passage and another rejects it.

    The passage in its surroundings, and both readings with their reasons. With --page, and with 'table disagreements',
    also where one marks what another left unmarked.
    """
    from qualcode.project import Project

    opened = Project(project)
    if page or out is not None:
        show(path_text(opened.disagreements_page(out, codebook=codebook)))
        return
    found = opened.conflicts(codebook)
    documents = {each.id: each for each in opened.documents}
    labels = {code.id: code.label for code in opened.held(codebook).book}
    if as_json:
        show_json([_data(each, documents[each.document_id]) for each in found])
        return
    for each in found:
        document = documents[each.document_id]
        label = labels.get(each.code, "")
        show(styled(f"{each.id}  {shown(each.code)} {shown(label)}  {shown(document.name)} "
                    f"{each.span.start}:{each.span.end}", bold=True))  # fmt: skip
        _show_around(document.text, each.span)
        for one in each.judgements:
            _show_reading(one, each.span)
        show("")
    show(f"{counted(len(found), 'conflict')}.")
    if found:
        say(f"Next: {command_line('adjudicate', project, found[0].id, '--accept')} (or --reject)", quiet=quiet)


@click.command("adjudicate")
@project_argument
@click.argument("conflict")
@click.option("--accept", "accepted", is_flag=True, help="The passage belongs to the code.")
@click.option("--reject", "rejected", is_flag=True, help="It does not.")
@click.option("--code", metavar="CODE", help="With --accept: another code is right.")
@click.option("--quote", metavar="TEXT", help="With --accept: these words are right.")
@click.option("--span", type=SPAN, metavar="START:END", help="With --accept: this place is right, in characters.")
@reason_option
@book_option
@person_option
@dry_run_option
@json_option
@quiet_option
def adjudicate_command(
    project: Path,
    conflict: str,
    accepted: bool,
    rejected: bool,
    code: str | None,
    quote: str | None,
    span: tuple[int, int] | None,
    reason: str,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Settle a conflict.

    CONFLICT is its id, as 'conflicts' lists it, or the id of a coding. Both readings stay as they are for agreement;
    tables count what was settled.
    """
    if accepted == rejected:
        raise click.UsageError("Say how it is settled: --accept or --reject.")
    if quote is not None and span is not None:
        raise click.UsageError("Give one of --quote and --span.")
    given = [name for name, value in (("--code", code), ("--quote", quote), ("--span", span)) if value is not None]
    if rejected and given:
        raise click.UsageError(f"{given[0]} goes with --accept.")
    from qualcode.project import Project

    opened: Project = Project(project, person=person)
    done = opened.adjudicate(
        conflict, verdict="accept" if accepted else "reject", code=code, quote=quote, span=span, reason=reason,
        codebook=codebook, dry_run=dry_run,
    )  # fmt: skip
    told = "settled: accepted" if accepted else "settled: rejected"
    show_decided(opened, done, told, codebook=codebook, dry_run=dry_run, as_json=as_json, quiet=quiet)


def _show_around(text: str, span: Span) -> None:
    """Print the passage in brackets with what stands before and after it."""
    start, end = max(0, span.start - AROUND), min(len(text), span.end + AROUND)
    before, after = shown(text[start : span.start]), shown(text[span.end : end])
    if start:
        before = before.partition(" ")[2]  # no halves of words at the ends
    if end < len(text):
        after = after.rpartition(" ")[0]
    told = f"{'… ' * (start > 0)}{before} [{shown(text[span.start : span.end])}] {after}{' …' * (end < len(text))}"
    show(_wrapped(told.strip(), "  "))


def _show_reading(judgement: Judgement, span: Span) -> None:
    words = f"  {quoted(judgement.passage.quote)}" if judgement.passage.span != span else ""
    because = f", because: {shown(judgement.reason)}" if judgement.reason else ""
    show(_wrapped(f"{shown(judgement.person)}: {judgement.verdict}{words}{because}", "    "))


def _wrapped(text: str, indent: str) -> str:
    return fill(text, width(), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _data(conflict: Conflict, document: Document) -> dict[str, Any]:
    return {
        "id": conflict.id,
        "code": conflict.code,
        "document": document.name,
        "start": conflict.span.start,
        "end": conflict.span.end,
        "text": document.text[conflict.span.start : conflict.span.end],
        "readings": [
            {"id": each.id, "person": each.person, "verdict": each.verdict, "reason": each.reason, "at": each.at,
             **passage_data(each.passage, document.name)}
            for each in conflict.judgements
        ],
    }  # fmt: skip
