"""The verbs of ``qualcode codebook`` that change a project's codebook, and what a change is told with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.options import (
    book_option,
    dry_run_option,
    json_option,
    person_option,
    project_argument,
    quiet_option,
)
from qualcode.cli.output import command_line, counted, path_text, say, show, show_json, show_table, shown
from qualcode.cli.passages import signed
from qualcode.cli.topics import topic_options
from qualcode.model.textgrid import plain

if TYPE_CHECKING:
    from qualcode.project import Project
    from qualcode.project.editing import Edited

__all__ = ["EDITING", "show_edited"]

_code_argument = click.argument("code", metavar="CODE")


def _command(name: str, *arguments: Any) -> Callable[[Callable[..., None]], click.Command]:
    """Return the decorator of a command that changes a project's codebook: ``arguments``, then what all have."""
    after = (book_option, person_option, dry_run_option, json_option, quiet_option)

    def made(command: Callable[..., None]) -> click.Command:
        every = (click.command(name), project_argument, *arguments, *after)
        found: Any = reduce(lambda added, option: option(added), reversed(every), command)
        return found  # type: ignore[no-any-return]  # the outermost decorator made it a command

    return made


@_command(
    "rename",
    _code_argument,
    click.option("--to", metavar="ID", help="The new id; everything that names the old one follows."),
    click.option("--label", metavar="TEXT", help="The new label."),
    click.option("--keep-old-label", is_flag=True, help="Keep the old label as an alternative one."),
)
def rename_command(project: Path, code: str, to: str | None, label: str | None, keep_old_label: bool,
                   **options: Any) -> None:  # fmt: skip
    """Give a code of a project's codebook another id or label.

    CODE is its id. Codings, rules and links follow.
    """
    if to is None and label is None:
        raise click.UsageError("Say the new name: --to ID, --label TEXT, or both.")
    _edit(project, lambda it, **more: it.rename_code(code, to=to, label=label, keep_old_label=keep_old_label, **more),
          **options)  # fmt: skip


@_command(
    "move",
    _code_argument,
    click.option("--under", metavar="CODE", help="The code that it is to stand under."),
    click.option("--top", is_flag=True, help="Put it at the top."),
    click.option("--before", metavar="CODE", help="Its new neighbour below it."),
    click.option("--after", metavar="CODE", help="Its new neighbour above it."),
)
def move_command(project: Path, code: str, under: str | None, top: bool, before: str | None, after: str | None,
                 **options: Any) -> None:  # fmt: skip
    """Put a code of a project's codebook, with those below it, under another code.

    To put passages under another code, see: qualcode move
    """
    if (under is None) != top:
        raise click.UsageError("Say where to: --under CODE, or --top.")
    if before is not None and after is not None:
        raise click.UsageError("Give one of --before and --after.")
    _edit(project, lambda it, **more: it.move_code(code, under=under, before=before, after=after, **more), **options)


@_command(
    "merge",
    click.argument("codes", metavar="CODE…", nargs=-1, required=True),
    click.option("--into", required=True, metavar="CODE", help="The code that stays."),
    click.option("--drop", is_flag=True, help="Take the others out; they are kept as retired otherwise."),
)
def merge_command(project: Path, codes: tuple[str, ...], into: str, drop: bool, **options: Any) -> None:
    """Merge codes of a project's codebook into one.

    Rules, examples and codings of the others go there.
    """
    _edit(project, lambda it, **more: it.merge_codes(codes, into=into, drop=drop, **more), **options)


@_command(
    "split",
    _code_argument,
    click.option("--into", required=True, multiple=True, metavar="ID=LABEL", help="A new code; once for each."),
    click.option("--beside", is_flag=True, help="The new codes stand beside the old one; below it otherwise."),
    click.option("--where", multiple=True, metavar="ID=QUERY",
                 help="Codings that a query touches go to a new code, by the first that does; the others stay."),
    click.option("--rule", "rules", multiple=True, metavar="ID=RULE", help="A rule (its id) that goes to a new code."),
)  # fmt: skip
def split_command(project: Path, code: str, into: tuple[str, ...], beside: bool, where: tuple[str, ...],
                  rules: tuple[str, ...], **options: Any) -> None:  # fmt: skip
    """Split a code of a project's codebook into new ones."""
    new = _first_pairs(into, "--into", "ID=LABEL")
    queries = dict(_first_pairs(where, "--where", "ID=QUERY"))
    chosen: dict[str, list[str]] = {}
    for target, rule in _first_pairs(rules, "--rule", "ID=RULE"):
        chosen.setdefault(target, []).append(rule)
    for option, names in (("--where", queries), ("--rule", chosen)):
        for name in names:
            if name not in dict(new):
                told = f"{name!r} is none of the new codes: {', '.join(dict(new))}"
                raise click.BadParameter(told, param_hint=f"'{option}'")
    _edit(
        project,
        lambda it, **more: it.split_code(code, into=new, under=not beside, rules=chosen, where=queries, **more),
        **options,
    )


@_command(
    "retire",
    _code_argument,
    click.option("--replaced-by", metavar="CODE", help="Its codings go there."),
    click.option("--note", default="", metavar="TEXT", help="Why; needed when nothing replaces it."),
)
def retire_command(project: Path, code: str, replaced_by: str | None, note: str, **options: Any) -> None:
    """Retire a code of a project's codebook: it stays readable, and suggests nothing more."""
    if replaced_by is None and not note.strip():
        raise click.UsageError("Say what becomes of it: --replaced-by CODE, or why it goes: --note TEXT.")
    _edit(project, lambda it, **more: it.retire_code(code, replaced_by=replaced_by, note=note, **more), **options)


@_command(
    "add",
    click.argument("id", metavar="ID"),
    click.argument("label", metavar="LABEL"),
    click.option("--parent", metavar="CODE", help="The code it stands under."),
    click.option("--definition", default="", metavar="TEXT", help="What it means."),
    click.option("--brief", default="", metavar="TEXT", help="The same in a few words."),
    click.option("--after", metavar="CODE", help="Its neighbour above it."),
    click.option("--from-topic", "topic", type=click.IntRange(min=1), metavar="N",
                 help="With the words of a topic as seeds and its passages as examples; N as 'topics' numbers it."),
    click.option("--k", type=click.IntRange(min=2), metavar="N", help="With --from-topic: of a model with so many."),
    click.option("--free", type=click.IntRange(min=0), metavar="N", help="With --from-topic: of a seeded model."),
    topic_options,
)  # fmt: skip
def add_command(project: Path, id: str, label: str, parent: str | None, definition: str, brief: str,  # noqa: A002
                after: str | None, topic: int | None, k: int | None, free: int | None, model: dict[str, Any],
                **options: Any) -> None:  # fmt: skip
    """Add a code to a project's codebook.

    With --from-topic the name and the definition are yours; seeds and examples are the topic's, to be weeded.
    """
    what: dict[str, Any] = {"parent": parent, "definition": definition, "brief": brief, "after": after}
    if topic is None:
        if k is not None or free is not None or model:
            raise click.UsageError("--k and the other settings of a model go with --from-topic N.")
        _edit(project, lambda it, **more: it.add_code(id, label, **what, **more), **options)
        return
    chosen = {**model, "k": k} | ({"free": free} if free is not None else {})
    _edit(project, lambda it, **more: it.add_code_from_topic(topic, id, label, **what, **chosen, **more), **options)
    say("note: its examples are participants' words; weed them, and write the definition", quiet=options["quiet"])


@_command(
    "define",
    _code_argument,
    click.argument("text", metavar="TEXT"),
    click.option("--brief", metavar="TEXT", help="The same in a few words."),
)
def define_command(project: Path, code: str, text: str, brief: str | None, **options: Any) -> None:
    """Write another definition of a code of a project's codebook.

    'blame' says of codings made before that the definition has changed since.
    """
    _edit(project, lambda it, **more: it.define_code(code, text, brief=brief, **more), **options)


@_command(
    "add-rule",
    _code_argument,
    click.argument("query", metavar="QUERY"),
    click.option("--id", "name", metavar="ID", help="The rule's id; numbered if not given."),
    click.option("--note", metavar="TEXT", help="A note that is kept beside it."),
)
def add_rule_command(project: Path, code: str, query: str, name: str | None, note: str | None, **options: Any) -> None:
    """Add a rule to a code of a project's codebook. Put QUERY in single quotes."""
    _edit(project, lambda it, **more: it.add_rule(code, query, id=name, note=note, **more), **options)


@_command("remove-rule", _code_argument, click.argument("rule", metavar="RULE"))
def remove_rule_command(project: Path, code: str, rule: str, **options: Any) -> None:
    """Take a rule (its id) out of a code of a project's codebook."""
    _edit(project, lambda it, **more: it.remove_rule(code, rule, **more), **options)


EDITING: tuple[click.Command, ...] = (
    add_command, rename_command, move_command, merge_command, split_command, retire_command, define_command,
    add_rule_command, remove_rule_command,
)  # fmt: skip
"""The commands, in the order in which they are listed."""


def _edit(
    project: Path,
    change: Callable[..., Edited],
    *,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from qualcode.project import Project

    opened = Project(project, person=person)
    show_edited(opened, change(opened, codebook=codebook, dry_run=dry_run), dry_run=dry_run, as_json=as_json,
                quiet=quiet)  # fmt: skip


def show_edited(project: Project, done: Edited, *, dry_run: bool, as_json: bool, quiet: bool) -> None:
    """Print what a change of a codebook did: the change, how many codings follow, and what it touches."""
    if as_json:
        show_json({
            "summary": done.summary, "file": str(done.path), "step": done.operation, "dry_run": dry_run,
            "adopted": done.adopted, "codes": dict(done.codes), "followed": dict(done.followed),
            "decisions": done.decisions, "impact": list(done.impact), "warnings": list(done.warnings),
        })  # fmt: skip
        return
    show(shown(done.summary))
    for line in _following(done.codes, done.followed):
        show(line)
    if done.decisions:
        show(f"{counted(done.decisions, 'decision')} in the same step")
    if len(done.impact):
        show("")
        show_table(done.impact, "text")
        show("")
    show(f"{path_text(done.path)} would be written; nothing was." if dry_run else path_text(done.path))
    for warning in done.warnings:
        say(f"note: {shown(warning)}", quiet=quiet)
    if done.adopted:
        would = "would get" if dry_run else "has got"
        say(f"note: the project {would} its own copy of the codebook, which its settings name", quiet=quiet)
    if not dry_run:
        again = _codes_again(done.impact)
        told = f"Next: {command_line('code', project.folder)}" if again else f"Take it back: {signed(project, 'undo')}"
        say(told, quiet=quiet)


def _following(codes: Mapping[str, str], followed: Mapping[str, int]) -> Sequence[str]:
    return [f"{plain(old)} → {plain(new)}: {counted(followed.get(old, 0), 'decided coding')} follow"
            f"{'s' * (followed.get(old, 0) == 1)}" for old, new in codes.items()]  # fmt: skip


def _codes_again(impact: Any) -> bool:
    """Whether the coders would suggest something else now."""
    return any(row["kind"] in ("rules", "structure") for row in impact)


def _first_pairs(given: Sequence[str], name: str, form: str) -> list[tuple[str, str]]:
    """Return ``LEFT=RIGHT`` cut at the first sign, in order: an id has none, a query may."""
    found = []
    for each in given:
        left, sign, right = (part.strip() for part in each.partition("="))
        if not (left and sign and right):
            raise click.BadParameter(f"{each!r} is not of the form {form}", param_hint=f"'{name}'")
        found.append((left, right))
    return found
