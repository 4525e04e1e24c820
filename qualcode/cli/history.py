"""``qualcode log`` and ``blame``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.lines import quoted
from qualcode.cli.options import book_option, json_option, project_argument, viewer_option
from qualcode.cli.output import counted, say, show, show_json, shown, styled
from qualcode.cli.passages import passage_data

if TYPE_CHECKING:
    from qualcode.project.blaming import Blame
    from qualcode.project.history import LogLine

__all__ = ["blame_command", "log_command"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]*Z?)?")


@click.command("log")
@project_argument
@click.option("--person", metavar="NAME", help="Whose steps.")
@click.option("--verb", metavar="VERB", help="Of one kind: code, accept, reject, move, memo, codebook, merge, …")
@click.option("--code", metavar="CODE", help="About one code (id or label).")
@click.option("--document", metavar="NAME", help="In one document.")
@click.option("--since", metavar="DATE", help="From a day on: YYYY-MM-DD.")
@click.option("--latest", type=click.IntRange(min=1), metavar="N", help="The last N.")
@json_option
def log_command(project: Path, since: str | None, as_json: bool, **narrowing: Any) -> None:
    """Show what was done, by whom and when.

    The latest last; times are UTC. What was undone is shown too, and marked.
    """
    if since is not None and not _DATE.fullmatch(since):
        raise click.BadParameter(f"{since!r} is not of the form YYYY-MM-DD", param_hint="'--since'")
    from qualcode.project import Project

    opened = Project(project)
    found = opened.log(since=since, **narrowing)
    if as_json:
        show_json([_line_data(each) for each in found])
        return
    lines = list(found)
    people = max((len(shown(each.person)) for each in lines), default=0)
    verbs = max((len(shown(each.verb)) for each in lines), default=0)
    for each in lines:
        where = "" if each.here else " (merged in)"
        undone = "" if each.stands else " (undone)"
        show(f"{each.at[:16].replace('T', ' ')}  {shown(each.person):<{people}}  {shown(each.verb):<{verbs}}  "
             f"{shown(each.summary)}{where}{undone}".rstrip())  # fmt: skip
    show(("\n" if lines else "") + f"{counted(len(lines), 'step')}.")
    if not lines:
        _say_who_and_what(opened.log())


def _say_who_and_what(every: Iterable[LogLine]) -> None:
    """Say by which names the log could be narrowed, when it was narrowed to nothing."""
    for told, names in (("people", {each.person for each in every}), ("verbs", {each.verb for each in every})):
        if names:
            say(f"note: {told} in this log: {', '.join(map(shown, sorted(names)))}")


@click.command("blame")
@project_argument
@click.argument("coding", required=False)
@click.option("--document", metavar="NAME", help="With --at or --quote: where.")
@click.option("--at", type=click.IntRange(min=0), metavar="OFFSET", help="All codings at a character of --document.")
@click.option("--quote", metavar="TEXT", help="All codings on these words.")
@book_option
@viewer_option
@json_option
def blame_command(
    project: Path,
    coding: str | None,
    document: str | None,
    at: int | None,
    quote: str | None,
    codebook: str | None,
    person: str | None,
    as_json: bool,
) -> None:
    """Show all that is known of a coding.

    CODING is its id, as 'codings' lists it. Who or what proposed it, the rules and the words that matched, who decided
    what and why, and whether the code's definition has changed since.
    """
    if sum((coding is not None, at is not None, quote is not None)) != 1:
        raise click.UsageError("Say which: the id of a CODING, --quote TEXT, or --document NAME --at OFFSET.")
    if at is not None and document is None:
        raise click.UsageError("--at needs its document: --document NAME.")
    if coding is not None and document is not None:
        raise click.UsageError("--document goes with --at or --quote; an id needs none.")
    from qualcode.project import Project

    opened = Project(project, person=person)
    found = opened.blame(coding, document=document, at=at, quote=quote, codebook=codebook)
    if as_json:
        show_json([_blame_data(each) for each in found])
        return
    for number, each in enumerate(found):
        if number:
            show("")
        _show_blame(each)


def _line_data(line: LogLine) -> dict[str, Any]:
    return {"step": line.id, "at": line.at, "person": line.person, "verb": line.verb, "summary": line.summary,
            "entries": line.entries, "stands": line.stands, "here": line.here}  # fmt: skip


def _show_blame(blame: Blame) -> None:
    standing = blame.standing
    span = standing.passage.span
    contested = ", contested" if standing.contested else ""
    show(styled(f"{shown(standing.code)}  {standing.status}{contested}  {shown(blame.document)} {span.start}:{span.end}"
                f"  {standing.id}", bold=True))  # fmt: skip
    show(f"  {quoted(standing.passage.quote)}")
    for line in blame.lines:
        when = f"{line.at[:16].replace('T', ' ')}  {shown(line.person)}: " if line.at else ""
        show(f"  {when}{shown(line.what)}" + (f", because: {shown(line.reason)}" if line.reason else ""))
    by_rules = standing.origin.coder == "rules"
    for rule, query in blame.rules:
        if query or by_rules:
            show(f"  rule {shown(rule)}: {shown(query) or 'gone from the codebook'}")
        else:  # an example, a passage that taught, or a coder of the ensemble
            show(f"  spoke for it: {shown(rule)}")
    if blame.words:
        show(f"  matched words: {', '.join(map(shown, blame.words))}")
    if standing.origin.score is not None:
        show(f"  score: {standing.origin.score:.2f}")
    facets = ", ".join(f"{shown(name)} {shown(value)}" for name, value in standing.origin.facets.items())
    if facets or standing.origin.flags:
        show(f"  {', '.join(filter(None, (facets, *map(shown, standing.origin.flags))))}")
    show(f"  codebook: {shown(blame.codebook)}" + (f"; {shown(blame.stale)}" if blame.stale else ""))


def _blame_data(blame: Blame) -> dict[str, Any]:
    standing = blame.standing
    return {
        "id": standing.id,
        "code": standing.code,
        "status": standing.status,
        "contested": standing.contested,
        **passage_data(standing.passage, blame.document),
        "coder": standing.origin.coder,
        "score": standing.origin.score,
        "facets": dict(standing.origin.facets),
        "flags": list(standing.origin.flags),
        "people": list(standing.people),
        "history": [
            {
                "at": each.at,
                "person": each.person,
                "what": each.what,
                "reason": each.reason,
                "step": each.operation,
            }
            for each in blame.lines
        ],
        "rules": [{"id": rule, "query": query} for rule, query in blame.rules],
        "words": list(blame.words),
        "codebook": blame.codebook,
        "codebook_sha256": blame.codebook_sha256,
        "stale": blame.stale,
    }
