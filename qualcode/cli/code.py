"""``qualcode code``: the machine's codings anew, or a passage by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.lines import quoted, show_lines
from qualcode.cli.options import (
    SPAN,
    book_option,
    dry_run_option,
    json_option,
    pairs_of,
    person_option,
    project_argument,
    quiet_option,
    reason_option,
)
from qualcode.cli.output import command_line, counted, say, show, show_json, shown, working
from qualcode.cli.passages import passage_data, show_decided

if TYPE_CHECKING:
    from qualcode.model.coding import Suggestion
    from qualcode.model.document import Document, Span
    from qualcode.model.ledger import Judgement
    from qualcode.project import Coded, Project
    from qualcode.project.deciding import Decided
    from qualcode.review.reruns import Rerun

__all__ = ["code_command"]


@click.command("code")
@project_argument
@click.option("--changes", is_flag=True, help="List what the run changed: new, gone and unsupported passages.")
@click.option("--as", "code", metavar="CODE", help="Code by hand: the code's id or label. With one of the next three.")
@click.option("--quote", metavar="TEXT", help="The words, white space aside; they must stand in one place only.")
@click.option("--span", type=SPAN, metavar="START:END", help="The place in --document, in characters; the end is not "
              "part of it.")  # fmt: skip
@click.option("--where", metavar="QUERY", help="The sentences (or what the codebook counts) that a query finds.")
@click.option("--document", metavar="NAME", help="The document; a beginning is enough.")
@click.option("--facet", "facets", multiple=True, metavar="NAME=VALUE", help="A facet of the coding. May be given "
              "again.")  # fmt: skip
@reason_option
@book_option
@person_option
@dry_run_option
@json_option
@quiet_option
def code_command(
    project: Path,
    changes: bool,
    code: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **by_hand: Any,
) -> None:
    """Code a project's transcripts, or a passage by hand.

    Without --as: runs the coders that DIR/qualcode.yaml names, with all its codebooks. What they suggested before is
    replaced, what people decided stands. With --as: codes a quote, a span or what a search finds.

    \b
      qualcode code my-study --as A1 --quote 'we all bought into it'
      qualcode code my-study --as A1 --where '"bought into" AND speaker:participant'
    """
    from qualcode.project import Project

    if code is not None:
        if changes:
            raise click.UsageError("--changes is about a run of the coders; it does not go with --as.")
        _by_hand(project, code, person=person, dry_run=dry_run, as_json=as_json, quiet=quiet, **by_hand)
        return
    given = [f"--{'facet' if name == 'facets' else name}" for name, value in by_hand.items() if value]
    if given:
        raise click.UsageError(f"{given[0]} goes with coding by hand: say the code too, with --as CODE.")
    opened = Project(project, person=person)
    with noted(quiet=quiet) as warned, working("Coding …", quiet=quiet):
        done = opened.code(dry_run=dry_run)
    if as_json:
        told = {"warnings": [_told(each) for each in warned]} if warned else {}
        show_json({**_data(done, changes=changes), **told})
    else:
        _show(done, dry_run=dry_run)
        if changes and done.rerun is not None:
            _show_changes(done.rerun, done)
        if dry_run:
            show("Nothing was written.")
    if not dry_run:
        say(f"Next: {command_line('table', 'themes', project)}", quiet=quiet)


@contextmanager
def noted(*, quiet: bool) -> Iterator[list[UserWarning]]:
    """Print what coders warn of in the block as notes when it ends, and yield a list that holds the warnings then."""
    from qualcode.coding.warned import kept_warnings

    warned: list[UserWarning] = []
    try:
        with kept_warnings(again=False) as warned:
            yield warned
    finally:
        for each in warned:
            say(f"note: {shown(each)}", quiet=quiet)


def _told(warning: UserWarning) -> dict[str, Any]:
    from qualcode.coding.warned import figures_of

    return {**figures_of(warning), "message": str(warning)}


def _by_hand(
    project: Path,
    code: str,
    *,
    facets: tuple[str, ...],
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **where: Any,
) -> None:
    from qualcode.project import Project

    if sum(where[name] is not None for name in ("quote", "span", "where")) != 1:
        raise click.UsageError("Say what to code: one of --quote TEXT, --span START:END and --where QUERY.")
    if where["span"] is not None and where["document"] is None:
        raise click.UsageError("A span needs its document: --document NAME.")
    values = pairs_of(facets, "--facet", "NAME=VALUE")
    opened = Project(project, person=person)
    done = opened.code_by_hand(code, facets=values, codebook=codebook, dry_run=dry_run, **where)
    show_decided(opened, done, f"coded as {code}", codebook=codebook, dry_run=dry_run, as_json=as_json, quiet=quiet)
    _say_uncounted(opened, done, codebook, quiet=quiet)


def _say_uncounted(project: Project, done: Decided, codebook: str | None, *, quiet: bool) -> None:
    """Say which passages lie wholly in words that no table counts: headings, labels, and who asked the questions."""
    left_out = project.held(codebook).book.roles_left_out
    documents = {each.id: each for each in project.documents}
    counted_parts: dict[str, list[Span]] = {}
    outside = 0
    for each in done.entries:
        if each.passage is None or each.passage.document_id not in documents:
            continue
        key, span = each.passage.document_id, each.passage.span
        if key not in counted_parts:
            counted_parts[key] = list(_counted_speech(documents[key], left_out))
        outside += not any(part.start < span.end and span.start < part.end for part in counted_parts[key])
    if outside:
        say(f"note: {counted(outside, 'passage')} without words that tables count: headings, labels and what "
            f"people in these roles say are context: {', '.join(left_out) or 'none'}", quiet=quiet)  # fmt: skip


def _counted_speech(document: Document, left_out: Sequence[str]) -> Iterator[Span]:
    """Yield the parts of a document's text that tables count."""
    roles = {each.id: each.role for each in document.speakers}
    for block, parts in document.speech():
        asks = any(roles[each] in left_out for each in block.speaker_ids if each in roles)
        if block.kind in ("turn", "unattributed") and not asks:
            yield from parts


def _show(done: Coded, *, dry_run: bool) -> None:
    found = len({each.code for each in done})
    documents = counted(len(done.documents), "document")
    show(f"{counted(len(done), 'coding')} of {counted(found, 'code')} in {documents}, with "
         f"{done.codebook.id} {shown(done.codebook.version)}")  # fmt: skip
    rerun = done.rerun
    if rerun is None or (len(rerun.new) == rerun.waiting and not (rerun.gone or rerun.kept or rerun.unsupported)):
        return  # the first run: everything is new
    keep = "keeps" if rerun.kept == 1 else "keep"
    wait = "waits" if rerun.waiting == 1 else "wait"
    told = f"{len(rerun.new):,} new, {len(rerun.gone):,} gone, {rerun.kept:,} {keep} a decision, "
    told += f"{rerun.waiting:,} {wait}"
    if rerun.unsupported:
        told += f"; {counted(len(rerun.unsupported), 'decision')} that no rule suggests any more"
        told += " stands" if len(rerun.unsupported) == 1 else " stand"
    show(f"{'Would be: ' if dry_run else ''}{told}")


def _data(done: Coded, *, changes: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "codebook": done.codebook.id,
        "documents": len(done.documents),
        "codings": len(done),
        "codes": len({each.code for each in done}),
    }
    rerun = done.rerun
    if rerun is None:
        return data
    data["rerun"] = {
        "new": len(rerun.new), "gone": len(rerun.gone), "kept": rerun.kept, "waiting": rerun.waiting,
        "unsupported": len(rerun.unsupported), "reshaped": len(rerun.reshaped),
    }  # fmt: skip
    if changes:
        names = {each.id: each.name for each in done.documents}
        lists: Mapping[str, Iterable[Suggestion | Judgement]] = {
            "new": rerun.new, "gone": rerun.gone, "unsupported": rerun.unsupported,
        }  # fmt: skip
        data["changes"] = {kind: list(_rows(found, names)) for kind, found in lists.items()}
    return data


def _show_changes(rerun: Rerun, done: Coded) -> None:
    names = {each.id: each.name for each in done.documents}
    lists: Mapping[str, Iterable[Suggestion | Judgement]] = {
        "New": rerun.new,
        "Gone": rerun.gone,
        "Decided, and no longer suggested": rerun.unsupported,
    }
    for title, found in lists.items():
        rows = list(_rows(found, names))
        if rows:
            show(f"\n{title}: {len(rows):,}")
            show_lines(((row["id"], row["code"], row["document"], quoted(row["quote"])) for row in rows), indent=2)


def _rows(found: Iterable[Suggestion | Judgement], names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    from qualcode.model.ledger import Judgement
    from qualcode.review.passages import passage_of, suggestion_id

    for each in found:
        if isinstance(each, Judgement):
            key, passage, more = each.id, each.passage, {"verdict": each.verdict}
        else:
            key, passage, more = suggestion_id(each), passage_of(each), {}
        yield {"id": key, "code": each.code, **passage_data(passage, names.get(passage.document_id, "")), **more}
