"""``qualcode orphans`` and ``place``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.lines import quoted, show_lines
from qualcode.cli.options import (
    SPAN,
    book_option,
    dry_run_option,
    json_option,
    page_option,
    person_option,
    project_argument,
    quiet_option,
    viewer_option,
)
from qualcode.cli.output import command_line, counted, path_text, say, show, show_json, shown, styled
from qualcode.cli.passages import passage_data, signed

if TYPE_CHECKING:
    from qualcode.project.placing import Orphan

__all__ = ["orphans_command", "place_command"]


@click.command("orphans")
@project_argument
@page_option
@book_option
@viewer_option
@json_option
@quiet_option
def orphans_command(
    project: Path, page: bool, out: Path | None, codebook: str | None, person: str | None, as_json: bool, quiet: bool
) -> None:
    """List codings that have no place in the present text.

    A transcript was changed so that it cannot be told where their words are now. Each with its last words, why, and
    where it may belong; a person decides: qualcode place
    """
    from qualcode.project import Project

    opened = Project(project, person=person)
    if page or out is not None:
        show(path_text(opened.orphans_page(out, codebook=codebook)))
        return
    found = opened.orphans(codebook)
    if as_json:
        show_json([_data(each) for each in found])
        return
    for each in found:
        _show_orphan(each)
        show("")
    show(f"{counted(len(found), 'orphan')}.")
    if found:
        first = found[0].judgement.id
        say(f"Next: {command_line('place', project, first, '--quote', 'WORDS')}, or all that are very likely: "
            f"{command_line('place', project, '--proposed', '0.9')}", quiet=quiet)  # fmt: skip


@click.command("place")
@project_argument
@click.argument("coding", required=False)
@click.option("--proposed", type=click.FloatRange(0, 1), metavar="LIKENESS",
              help="Take the likeliest proposal where it is at least so like (0 to 1), for example 0.9.")  # fmt: skip
@click.option("--quote", metavar="TEXT", help="The words they are now.")
@click.option("--span", type=SPAN, metavar="START:END", help="The place, in characters.")
@click.option("--document", metavar="NAME", help="In another document than the one it was in.")
@book_option
@person_option
@dry_run_option
@json_option
@quiet_option
def place_command(
    project: Path,
    coding: str | None,
    proposed: float | None,
    quote: str | None,
    span: tuple[int, int] | None,
    document: str | None,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Put orphans at a place in the present text.

    CODING is the id of one; without it, --proposed places all that are so like.
    """
    if sum(each is not None for each in (proposed, quote, span)) != 1:
        raise click.UsageError("Say where to: one of --proposed LIKENESS, --quote TEXT and --span START:END.")
    if coding is None and proposed is None:
        raise click.UsageError("Say which orphan goes there: its id, as 'orphans' lists it.")
    if proposed is not None and document is not None:
        raise click.UsageError("--document goes with --quote and --span.")
    from qualcode.project import Project

    opened = Project(project, person=person)
    pairs = opened.place(
        coding, proposed=proposed, document=document, quote=quote, span=span, codebook=codebook, dry_run=dry_run
    )
    names = {each.id: each.name for each in opened.documents}
    rows = [{"id": orphan.judgement.id, "code": orphan.judgement.code,
             **passage_data(where, names.get(where.document_id, ""))} for orphan, where in pairs]  # fmt: skip
    if as_json:
        show_json({"dry_run": dry_run, "placed": rows})
        return
    show(f"{counted(len(rows), 'orphan')} {'would be ' if dry_run else ''}placed" + (":" if rows else "."))
    show_lines(((each["id"], each["code"], each["document"], quoted(each["quote"])) for each in rows), indent=2)
    if dry_run:
        show("Nothing was written.")
    elif rows:
        say(f"Take it back: {signed(opened, 'undo')}", quiet=quiet)


def _show_orphan(orphan: Orphan) -> None:
    judgement = orphan.judgement
    show(styled(f"{judgement.id}  {shown(judgement.code)}  {judgement.verdict} by {shown(judgement.person)}  "
                f"{shown(orphan.document)}", bold=True))  # fmt: skip
    show(f"  {quoted(judgement.passage.quote)}")
    show(f"  {shown(orphan.reason)}")
    show_lines(((f"{int(likeness * 100) / 100:.2f}", f"{where.span.start}:{where.span.end}", quoted(where.quote))
                for where, likeness in orphan.proposals), indent=4)  # fmt: skip


def _data(orphan: Orphan) -> dict[str, Any]:
    judgement = orphan.judgement
    return {
        "id": judgement.id,
        "code": judgement.code,
        "verdict": judgement.verdict,
        "person": judgement.person,
        **passage_data(judgement.passage, orphan.document),
        "reason": orphan.reason,
        "proposals": [
            {**passage_data(where, orphan.document), "likeness": likeness} for where, likeness in orphan.proposals
        ],
    }
