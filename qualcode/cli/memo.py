"""``qualcode memo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from qualcode.cli.lines import quoted
from qualcode.cli.options import (
    SPAN,
    book_option,
    dry_run_option,
    json_option,
    person_option,
    project_argument,
    quiet_option,
)
from qualcode.cli.output import counted, say, show, show_json, shown
from qualcode.cli.passages import passage_data, signed
from qualcode.model.ledger import MEMO_TYPES, About
from qualcode.model.textgrid import plain

if TYPE_CHECKING:
    from qualcode.model.ledger import Memo
    from qualcode.project import Project

__all__ = ["memo_command"]

_SUBJECTS = ("document", "code", "quote", "span", "coding")


@click.command("memo")
@project_argument
@click.argument("text", required=False)
@click.option("--type", "kind", type=click.Choice(MEMO_TYPES), help="What kind of note; reflection if not given.")
@click.option("--document", metavar="NAME", help="It is about a document; with --quote or --span, where they stand.")
@click.option("--code", metavar="CODE", help="It is about a code (id or label).")
@click.option("--quote", metavar="TEXT", help="It is about words in a transcript.")
@click.option("--span", type=SPAN, metavar="START:END", help="It is about a place in --document, in characters.")
@click.option("--coding", metavar="ID", help="It is about a coding.")
@click.option("--list", "listed", is_flag=True, help="List the notes instead.")
@click.option("--about", type=click.Choice(get_args(About)), help="With --list: what the notes are about.")
@click.option("--change", metavar="ID", help="Write this note anew.")
@click.option("--remove", metavar="ID", help="Take this note away; the ledger keeps it.")
@book_option
@person_option
@dry_run_option
@json_option
@quiet_option
def memo_command(
    project: Path,
    text: str | None,
    kind: str | None,
    listed: bool,
    about: str | None,
    change: str | None,
    remove: str | None,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **subject: Any,
) -> None:
    """Write a note, or list, change and remove notes.

    A note is about the project, or about one thing that an option names.

    \b
      qualcode memo my-study 'Heads speak of "the trust" as of a person.' --type theory
      qualcode memo my-study 'Only of colleagues, not of parents.' --type rule --code A1
      qualcode memo my-study --list --about code
    """
    _check(text, kind, subject, listed=listed, about=about, change=change, remove=remove)
    from qualcode.project import Project

    opened = Project(project, person=person)
    if listed:
        _show_list(opened, opened.memos(about=about, type=kind), as_json=as_json)
        return
    if remove is not None:
        memo, told = opened.remove_memo(remove, dry_run=dry_run), "removed"
    elif change is not None:
        memo, told = opened.change_memo(change, text or "", type=kind, dry_run=dry_run), "changed"
    else:
        memo = opened.memo(text or "", type=kind or "reflection", codebook=codebook, dry_run=dry_run, **subject)
        told = "written"
    if as_json:
        show_json({"done": told, "dry_run": dry_run, **_data(opened, memo)})
        return
    _show_memo(memo)
    if dry_run:
        show(f"It would be {told}; nothing was written.")
    else:
        say(f"{told.capitalize()}. Take it back: {signed(opened, 'undo')}", quiet=quiet)


def _check(
    text: str | None,
    kind: str | None,
    subject: dict[str, Any],
    *,
    listed: bool,
    about: str | None,
    change: str | None,
    remove: str | None,
) -> None:
    """Raise click's usage error for options that do not go together."""
    given = [f"--{name}" for name in _SUBJECTS if subject[name] is not None]
    ways = [name for name, said in (("--list", listed), ("--change", change), ("--remove", remove)) if said]
    if len(ways) > 1:
        raise click.UsageError(f"{ways[0]} and {ways[1]} are two things.")
    if about is not None and not listed:
        raise click.UsageError("--about goes with --list; a new note is about what --document, --code, --quote, --span "
                               "or --coding names.")  # fmt: skip
    if ways and given:
        raise click.UsageError(f"{given[0]} is for a new note; it does not go with {ways[0]}.")
    if ways in (["--list"], ["--remove"]) and text is not None:
        raise click.UsageError(f"{ways[0]} takes no text.")
    if ways == ["--remove"] and kind is not None:
        raise click.UsageError("--type does not go with --remove.")
    if ways in ([], ["--change"]) and not (text or "").strip():
        raise click.UsageError("The note has no words: write them in quotes behind the folder; or ask for --list.")
    apart = [name for name in given if name != "--document" or not {"--quote", "--span"} & set(given)]
    if len(apart) > 1:
        raise click.UsageError(f"A note is about one thing, not {' and '.join(apart)}.")
    if subject["span"] is not None and subject["document"] is None:
        raise click.UsageError("A span needs its document: --document NAME.")


def _show_list(project: Project, memos: tuple[Memo, ...], *, as_json: bool) -> None:
    if as_json:
        show_json([_data(project, each) for each in memos])
        return
    for each in memos:
        _show_memo(each)
        show("")
    show(f"{counted(len(memos), 'memo')}.")


def _show_memo(memo: Memo) -> None:
    names = [memo.id, memo.at[:10], memo.person, f"{memo.type} on the {memo.about}", memo.ref]
    show("  ".join(shown(each) for each in names if each))
    if memo.passage is not None:
        show(f"  {quoted(memo.passage.quote)}" + (f" ({shown(memo.orphan)})" if memo.orphan else ""))
    for line in memo.text.split("\n"):
        show(f"  {plain(line)}")


def _data(project: Project, memo: Memo) -> dict[str, Any]:
    names = {each.id: each.name for each in project.documents} if memo.passage is not None else {}
    passage = passage_data(memo.passage, names.get(memo.passage.document_id, "")) if memo.passage is not None else None
    return {"id": memo.id, "at": memo.at, "person": memo.person, "type": memo.type, "about": memo.about,
            "ref": memo.ref, "text": memo.text, "passage": passage, "orphan": memo.orphan}  # fmt: skip
