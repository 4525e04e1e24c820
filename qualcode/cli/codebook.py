"""``qualcode codebook``: list, show, check, test, diff, new; what changes a project's codebook is in ``editing``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.editing import EDITING
from qualcode.cli.groups import HelpfulGroup
from qualcode.cli.options import PATH, dry_run_option, json_option, quiet_option
from qualcode.cli.output import command_line, path_text, say, show, show_json, show_table, shown, working
from qualcode.cli.topics import topic_options
from qualcode.errors import CodebookError
from qualcode.model.textgrid import plain

if TYPE_CHECKING:
    from qualcode.codebook.bank import ExampleBank
    from qualcode.codebook.diff import CodebookDiff
    from qualcode.coding.rules.examples import ExampleReport, ExampleRow
    from qualcode.model.codes import Codebook
    from qualcode.model.table import Table

__all__ = ["codebook_command"]


@click.group(
    "codebook",
    cls=HelpfulGroup,
    headings={
        "Look": ("list", "show", "check", "test", "diff"),
        "Begin": ("new",),
        "Change, in a project": tuple(str(each.name) for each in EDITING),
    },
)
def codebook_command() -> None:
    """List, show, check, test, compare, begin and change codebooks.

    A codebook is named by its file, or, for those that come with qualcode, by its name: NAME, or NAME@VARIANT. What
    changes one takes the project's folder: the file is edited in place, and the codings follow in the same step.
    """


for _command in EDITING:
    codebook_command.add_command(_command)


@codebook_command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the codebooks that come with qualcode."""
    from qualcode.codebook import shipped_codebooks

    entries = shipped_codebooks()
    if as_json:
        show_json([{"id": each.id, "version": each.version, "title": each.title, "codes": each.codes,
                    "variants": list(each.variants)} for each in entries])  # fmt: skip
        return
    longest = max((len(each.id) for each in entries), default=0)
    for each in entries:
        show(f"{each.id:<{longest}}  {each.codes:>3} codes  {each.version:<7}  {shown(each.title)}")
        if each.variants:
            show(f"{'':<{longest}}  variants: {', '.join(each.variants)}")


@codebook_command.command("show")
@click.argument("name")
@click.argument("code", required=False)
@json_option
def show_command(name: str, code: str | None, as_json: bool) -> None:
    """Show a codebook's tree, or everything about one CODE (its id or label)."""
    from qualcode.codebook import describe_book, describe_code, load_codebook

    book = load_codebook(name)
    if code is None:
        if as_json:
            show_json(_book_data(book))
        else:
            show("\n".join(map(plain, describe_book(book).split("\n"))))
        return
    _code(book, code)  # a name that is not there is told with one that is like it
    bank = _bank(book)
    if as_json:
        show_json(_code_data(book, code, bank))
    else:
        show("\n".join(map(plain, describe_code(book, code, bank).split("\n"))))


@codebook_command.command("check")
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@json_option
@quiet_option
@click.pass_context
def check_command(ctx: click.Context, names: tuple[str, ...], as_json: bool, quiet: bool) -> None:
    """Check codebooks and the example banks beside them: every problem and doubt with its line.

    Exit code 1 when one cannot be used.
    """
    from qualcode.codebook import check_codebook

    results = [check_codebook(name) for name in names]
    if as_json:
        show_json([{"path": each.path, "ok": each.ok, "problems": list(map(_problem_data, each.problems)),
                    "warnings": list(map(_problem_data, each.warnings))} for each in results])  # fmt: skip
    else:
        for each in results:
            lines = str(each).rstrip("\n").split("\n")
            show("\n".join(plain(line) for line in lines if not (quiet and line.endswith("(warning)"))))
    if not all(each.ok for each in results):
        ctx.exit(1)


@codebook_command.command("test")
@click.argument("name")
@click.option("--code", metavar="CODE", help="Only this code's examples (its id or label).")
@click.option("--all", "everything", is_flag=True, help="Show the examples that came out right as well.")
@json_option
@quiet_option
@click.pass_context
def test_command(ctx: click.Context, name: str, code: str | None, everything: bool, as_json: bool, quiet: bool) -> None:
    """Run a codebook's examples against its rules.

    Shows near-misses that are hit and must not be, and typical examples that no rule of their code reaches; exit code
    1 when there is one. Atypical examples are counted only: rules need not find them.
    """
    from qualcode.codebook import load_codebook
    from qualcode.coding.rules.examples import run_examples

    book = load_codebook(name)
    wanted = _code(book, code).id if code is not None else None
    with working("Running the examples …", quiet=quiet):
        report = run_examples(book, wanted)
    if as_json:
        show_json([asdict(row) for row in report.rows])
    else:
        _show_examples(report, everything=everything)
    if not report.passed:
        ctx.exit(1)


@codebook_command.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--project", type=PATH, metavar="DIR", help="Say also how many decided codings of a project each change "
              "touches.")  # fmt: skip
@json_option
def diff_command(old: str, new: str, project: Path | None, as_json: bool) -> None:
    """Show what changed from one codebook to another, and what it means for codings."""
    from qualcode.codebook import diff_codebooks

    difference = diff_codebooks(old, new)
    touched = _touched(project, old, new, difference) if project is not None else None
    if as_json:
        changes = [asdict(each) for each in difference.changes]
        show_json(changes if touched is None else {"changes": changes, "touched": list(touched)})
        return
    show("\n".join(map(plain, str(difference).rstrip("\n").split("\n"))))
    if touched is not None:
        show("")
        show_table(touched, "text")


@codebook_command.command("new")
@click.argument("id", metavar="ID")
@click.option("--title", help="What the codebook is about; its ID if not given.")
@click.option("--out", type=PATH, metavar="FILE", help="Where to; ID.yaml if not given, - prints it.")
@click.option("--from-topic", "topics", multiple=True, metavar="DIR:TOPIC",
              help="Begin with a topic of a project, as 'topics' numbers it. May be given again.")  # fmt: skip
@click.option("--k", type=click.IntRange(min=2), metavar="N", help="With --from-topic: of a model with so many topics.")
@click.option("--free", type=click.IntRange(min=0), metavar="N", help="With --from-topic: of a model that was seeded.")
@topic_options
@dry_run_option
@quiet_option
def new_command(
    id: str, title: str | None, out: Path | None, topics: tuple[str, ...], k: int | None, free: int | None,  # noqa: A002
    model: dict[str, Any], dry_run: bool, quiet: bool,
) -> None:  # fmt: skip
    """Begin a codebook: a commented YAML file with two codes that work, or with topics as candidates for codes."""
    from qualcode.codebook import new_codebook
    from qualcode.project.writing import write_together

    if not topics and (k is not None or free is not None or model):
        raise click.UsageError("--k and the other settings of a model go with --from-topic DIR:TOPIC.")
    text = _from_topics(id, title, topics, k, free, model) if topics else new_codebook(id, title or id)
    target = out if out is not None else Path(f"{id}.yaml")
    if str(target) == "-":
        show(text)
        return
    if target.exists():
        raise CodebookError("QC-C090", "there is already a file here; nothing was written", where=str(target),
                            hint="Give another name with --out.")  # fmt: skip
    if dry_run:
        show(f"{path_text(target)} would be written.")
        return
    write_together({target: text})
    show(path_text(target))
    say(f"Next: {command_line('codebook', 'check', target)}", quiet=quiet)


def _from_topics(
    id: str, title: str | None, topics: Sequence[str], k: int | None, free: int | None, model: dict[str, Any]  # noqa: A002
) -> str:  # fmt: skip
    """Return a codebook that begins with topics of a project."""
    from qualcode.codebook.new import candidates_codebook
    from qualcode.project import Project

    places = [each.rpartition(":") for each in topics]
    for folder, sign, number in places:
        if not (folder and sign and number.isdecimal()):
            raise click.BadParameter(f"{folder}{sign}{number!r} is not of the form DIR:TOPIC, for example my-study:3",
                                     param_hint="'--from-topic'")  # fmt: skip
    if len({folder for folder, _, _ in places}) > 1:
        raise click.UsageError("All topics are of one project.")
    numbers = list(dict.fromkeys(int(number) for _, _, number in places))
    opened = Project(places[0][0])
    options = model | ({"free": free} if free is not None else {})
    found = opened.topic_candidates(numbers, k, **options)
    return candidates_codebook(id, title or f"Candidate codes from {opened.title}", found)


def _touched(project: Path, old: str, new: str, difference: CodebookDiff) -> Table:
    """Return what a difference touches in a project that has one of the two books."""
    from qualcode.codebook import load_codebook
    from qualcode.project import Project

    opened = Project(project)
    held = {book.id for book in opened.codebooks}
    wanted = [load_codebook(name).id for name in (new, old)]
    return opened.touched(difference, codebook=next((each for each in wanted if each in held), wanted[0]))


def _bank(book: Codebook) -> ExampleBank | None:
    """Return the book's example bank; one that cannot be used is told, and does not stop the rest."""
    from qualcode.codebook.bank import load_bank

    try:
        return load_bank(book)
    except CodebookError:
        say(f"The example bank cannot be used. See: {command_line('codebook', 'check', book.path or book.id)}")
        return None


def _code(book: Codebook, name: str) -> Any:
    from qualcode.codebook.findings import did_you_mean

    found = book.find(name)
    if found is None:
        hint = did_you_mean(name, [each for code in book for each in (code.id, code.label)])
        raise CodebookError("QC-C023", f"the codebook {book.id} has no code {name!r}",
                            hint=hint or f"List them: qualcode codebook show {book.id}")  # fmt: skip
    return found


def _show_examples(report: ExampleReport, *, everything: bool) -> None:
    told: list[tuple[str, list[ExampleRow]]] = [
        ("Hit, and must not be (near-misses)", list(report.false_hits)),
        ("Not hit, and should be (typical)", list(report.misses)),
    ]
    if everything:
        rest = [row for row in report.rows if row not in report.false_hits and row not in report.misses]
        told.append(("As it should be", rest))
    for title, rows in told:
        if not rows:
            continue
        show(f"{title}: {len(rows)}")
        for row in rows:
            place = f"line {row.line}  " if row.line is not None else ""
            rules = f"  [{', '.join(row.rules)}]" if row.rules else ""
            show(f"  {row.code}  {place}{shown(row.text)}{rules}")
        show("")
    for kind, name in (("typical", "typical"), ("atypical", "atypical"), ("near_miss", "near-miss")):
        hit, of = report.counts(kind)  # type: ignore[arg-type]  # the three kinds by name
        show(f"{hit} of {of} {name} examples are hit")


def _problem_data(problem: Any) -> dict[str, Any]:
    place = problem.place
    return {
        "code": problem.code, "message": problem.message, "hint": problem.hint,
        "file": place.file if place else None, "line": place.line if place else None,
        "column": place.column if place else None,
    }  # fmt: skip


def _book_data(book: Codebook) -> dict[str, Any]:
    return {
        "id": book.id, "version": book.version, "title": book.title, "variant": book.variant, "sha256": book.sha256,
        "codes": [
            {"id": code.id, "label": code.label, "level": book.level(code.id), "parent": code.parent,
             "codable": code.codable, "rules": len(code.rules)}
            for code in book.tree()
        ],
    }  # fmt: skip


def _code_data(book: Codebook, name: str, bank: ExampleBank | None) -> dict[str, Any]:
    from qualcode.codebook.show import bank_counts

    code = _code(book, name)
    found: dict[str, Any] = asdict(code)
    return found | {"bank": None if bank is None else dict(bank_counts(bank, code.id))}
