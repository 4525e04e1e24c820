"""``qualcode search``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qualcode.cli.lines import cut, fitted
from qualcode.cli.options import PATH, json_option, quiet_option, viewer_option
from qualcode.cli.output import notes, say, show, show_error, show_json, show_table, shown, styled, width, working
from qualcode.errors import IngestError
from qualcode.model.textgrid import text_width

if TYPE_CHECKING:
    from qualcode.project import SearchHit, SearchResult

__all__ = ["search_command"]

SPEAKER = 12
"""Terminal columns for who speaks."""


@click.command("search")
@click.argument("place", metavar="DIR|FILE", type=PATH)
@click.argument("query")
@click.option("--by", metavar="ATTRIBUTE", help="Count the hits by an attribute of documents or speakers.")
@click.option("--codebook", metavar="NAME",
              help="In a project which of its codebooks; for a file, one whose word lists the query uses.")  # fmt: skip
@viewer_option
@json_option
@quiet_option
@click.pass_context
def search_command(
    ctx: click.Context,
    place: Path,
    query: str,
    by: str | None,
    codebook: str | None,
    person: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Find words in context, and count them.

    DIR is a project; a transcript, or a folder of them, can be searched without one. Put QUERY in single quotes:

    \b
      qualcode search my-study 'trust NEAR/5 (head | staff)'
      qualcode search my-study '"bought into" AND speaker:participant'
    """
    with working("Searching …", quiet=quiet):
        result, failures = _search(place, query, codebook, person, quiet)
    for note in result.notes:
        say(f"note: {shown(note)}", quiet=quiet)
    if failures and not result.searched:
        for failure in failures:
            show_error(failure)
        ctx.exit(1)
    counts = result.by(by) if by is not None else None
    if as_json:
        show_json({
            "query": query, "hits": len(result), "documents": result.documents, "of_documents": result.searched,
            "speakers": result.speakers, **({"by": list(counts)} if counts is not None else {}),
            "results": [asdict(hit) for hit in result],
        })  # fmt: skip
    else:
        _show(result)
        if counts is not None:
            show("")
            show_table(counts, "text")
    for failure in failures:
        show_error(failure)
    if failures:
        ctx.exit(1)


def _search(
    place: Path, query: str, codebook: str | None, person: str | None, quiet: bool
) -> tuple[SearchResult, tuple[IngestError, ...]]:
    from qualcode.project import Project, read_files, search_documents

    if (place / "qualcode.yaml").exists():
        return Project(place, person=person).search(query, codebook=codebook), ()
    from qualcode.codebook import load_codebook
    from qualcode.query.parse import parse

    parse(query)
    reading = read_files([place])
    notes(reading.warnings, quiet=quiet)
    book = load_codebook(codebook) if codebook is not None else None
    return search_documents(reading.documents, query, codebook=book), reading.failures


def _show(result: SearchResult) -> None:
    columns = width()
    document = None
    for hit in result:
        if hit.document != document:
            document = hit.document
            show(styled(shown(document), bold=True))
        show(_line(hit, columns))
    show(("\n" if result.hits else "") + f"{result.summary}.")


def _line(hit: SearchHit, columns: int) -> str:
    """Return a line with the hit in the middle: turn, speaker, words before, the hit, words after."""
    head = f"{hit.turn:>5} {fitted(shown(hit.speaker), SPEAKER)}  "
    room = max(columns - len(head) - 4, 30)
    middle = shown(hit.quote)
    if text_width(middle) > room - 12:
        middle = cut(middle, room - 13) + "…"
    left = (room - text_width(middle)) // 2
    right = room - text_width(middle) - left
    before = cut(shown(hit.before)[::-1], left)[::-1]
    after = cut(shown(hit.after), right)
    return f"{head}{' ' * (left - text_width(before))}{before}  {styled(middle, bold=True)}  {after}".rstrip()
