"""``qualcode evaluate``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, cast

import click

from qualcode.cli.options import (
    PATH,
    book_option,
    dry_run_option,
    json_option,
    project_argument,
    quiet_option,
    viewer_option,
)
from qualcode.cli.output import command_line, path_text, say, show, show_json, shown, styled, width, working

if TYPE_CHECKING:
    from qualcode.analysis.evaluation import Evaluation
    from qualcode.analysis.levels import Level

__all__ = ["evaluate_command"]

LEVELS = ("sentence", "passage", "turn", "token", "document")
_LINES = 4
"""Codes, mistakes and rules that a screen of 24 lines shows."""


@click.command("evaluate")
@project_argument
@click.option("--against", metavar="NAME|FILE.csv",
              help="Whose codings are taken as right: a person, 'settled' (what people decided, conflicts settled), or "
              "a table of codings. The one person who decided anything, or 'settled', if not given.")  # fmt: skip
@click.option("--coder", "coders", multiple=True, metavar="NAME,…",
              help="Judge these coders, run now, instead of the last run's suggestions.")  # fmt: skip
@click.option("--candidate", type=PATH, metavar="FILE.csv", help="Judge the codings in a table instead.")
@click.option("--people", multiple=True, metavar="NAME|FILE.csv",
              help="Compare these people with each other, too. May be given again.")  # fmt: skip
@click.option("--documents", multiple=True, metavar="NAME,…",
              help="Only these transcripts, by name or its beginning. May be given again.")  # fmt: skip
@click.option("--learn-from", multiple=True, metavar="NAME,…",
              help="Transcripts that coders learn from; the others of those compared, if not given.")  # fmt: skip
@click.option("--unit", type=click.Choice(LEVELS), help="What is compared; the codebook's unit if not given.")
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Only this code and those below. May be repeated.")
@click.option("--page", type=PATH, metavar="FILE", help="Write the whole report as an HTML page.")
@click.option("--out", type=PATH, metavar="DIR", help="Write all tables as CSV files.")
@click.option("--replicates", type=click.IntRange(min=0), default=2000, show_default=True, metavar="N",
              help="Samples drawn for intervals; 0 for none.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Of chance.")
@click.option("--confidence", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95,
              show_default=True, metavar="P", help="Of the intervals.")  # fmt: skip
@book_option
@viewer_option
@dry_run_option
@json_option
@quiet_option
def evaluate_command(
    project: Path,
    against: str | None,
    coders: tuple[str, ...],
    candidate: Path | None,
    people: tuple[str, ...],
    documents: tuple[str, ...],
    learn_from: tuple[str, ...],
    unit: str | None,
    codes: tuple[str, ...],
    page: Path | None,
    out: Path | None,
    replicates: int,
    seed: int,
    confidence: float,
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say how good the machine's coding is, held against coding by hand.

    How much of what the machine suggests is right, how much of what a person coded it finds, code by code and with
    intervals; how far two people agree; where it is wrong, and which rules to mend. A coder that learns is never
    judged on a transcript that it learnt from.

    \b
      qualcode evaluate my-study --page quality.html
      qualcode evaluate my-study --against gold/settled.csv --documents 01,02
      qualcode evaluate my-study --coder rules,exemplars --against Maya
    """
    if candidate is not None and coders:
        raise click.UsageError("Give one of --coder and --candidate.")
    if replicates == 1:
        raise click.UsageError("One sample makes no interval: --replicates 0 for none, or 2 and more.")
    if learn_from and candidate is not None:
        raise click.UsageError("--learn-from is for coders; a table has learnt already.")
    from qualcode.project import Project

    opened = Project(project, person=person)
    names = [each.name for each in opened.documents]
    with working("Judging …", quiet=quiet):
        made = opened.evaluate(
            against,
            coders=_parted(coders) or None,
            candidate=candidate,
            people=people or None,
            documents=_parted(documents, names) or None,
            learn_from=_parted(learn_from, names) or None,
            level=cast("Level | None", unit),
            codes=codes or None,
            codebook=codebook,
            replicates=replicates,
            seed=seed,
            confidence=confidence,
            terms=page is not None or out is not None or as_json,
        )
        typed = command_line("evaluate", *sys.argv[2:]) if sys.argv[1:2] == ["evaluate"] else "qualcode evaluate"
        written = [opened.evaluation_page(made, page, command=typed, dry_run=dry_run)] if page is not None else []
        if out is not None:
            written += opened.evaluation_files(made, out, dry_run=dry_run)
    if as_json:
        show_json(_data(made, written))
    else:
        _summary(made)
        files = [page] if page is not None else []
        for path in [*files, *([out] if out is not None else [])]:
            tables = f" ({len(written) - len(files)} tables)" if path is out else ""
            show(f"{path_text(path)}{tables} would be written." if dry_run else f"{path_text(path)}{tables}")
        if not written:
            say(f"All of it: {command_line('evaluate', project, '--page', 'quality.html', '--out', 'quality')} …",
                quiet=quiet)  # fmt: skip


def _parted(given: Sequence[str], names: Sequence[str] = ()) -> list[str]:
    """Return names given one by one or with commas between; a name that holds a comma is one name."""
    return [
        part.strip()
        for each in given
        for part in ([each] if each in names else each.split(","))
        if part.strip()
    ]  # fmt: skip


def _data(made: Evaluation, written: Sequence[Path]) -> dict[str, Any]:
    from qualcode.analysis.evaluation import evaluation_tables

    return {
        "machine": made.told.machine,
        "against": made.told.against,
        "documents": [case.name for case in made.grid.study.cases],
        "unit": made.grid.level,
        "units": len(made.grid.document),
        "from_suggestions": made.from_suggestions,
        "learnt": made.told.learnt,
        "clean_units": made.clean,
        "clean_units_coded": made.coded_clean,
        "same_stance": made.same_stance,
        "with_stance": made.with_stance,
        "notes": list(made.told.notes),
        "files": [str(each) for each in written],
        "tables": [json.loads(table.to_json()) for table in evaluation_tables(made)],
    }


def _summary(made: Evaluation) -> None:
    from qualcode.report.evaluation_words import NOTES, caution_of, cell, first_sentence, number
    from qualcode.report.front import noun_of
    from qualcode.report.wording import counted

    grid = made.grid
    noun = noun_of(grid.study)
    hand = len(grid.kept(grid.reference))
    show(styled(shown(f"{made.told.machine} against {made.told.against}"), bold=True))
    show(_wrapped(f"{counted(len(grid.documents), noun)}, {counted(len(grid.document), grid.level)}, "
                  f"{counted(hand, 'coding')} by hand"))  # fmt: skip
    for head, told in caution_of(made, noun):
        show(_wrapped(f"{head} {shown(told if head == NOTES else first_sentence(told))}"))
    whole = made.whole
    show(f"\n{'':20}{'precision':20}{'recall':20}F1")
    show(
        f"{'passages':20}"
        + "".join(f"{cell(whole.measures[name]):20}" for name in ("precision", "recall", "f1")).rstrip()
    )
    for name, score in ((f"{grid.level}s", made.micro), ("  mean of codes", made.macro)):
        cells = (cell(score.measures[each]) for each in ("precision", "recall", "f1"))
        show(f"{name:20}" + "".join(f"{each:20}" for each in cells).rstrip())
    show(_wrapped(f"{whole.right:,} of {whole.machine:,} passages right, {whole.found:,} of {whole.hand:,} found; of "
                  f"{counted(made.clean, grid.level)} without a code, {made.coded_clean:,} coded."))  # fmt: skip
    kappas = [(f"machine, {made.told.against}", made.micro)]
    kappas = [(f"{pair.first}, {pair.second}", next(each for each in pair.scores if each.kind == "micro"))
              for pair in made.pairs if pair.kind == "two people"] + kappas  # fmt: skip
    told = "; ".join(f"{shown(who)}: kappa {cell(score.measures['kappa'])}, F1 {number(score.measures['f1'].value)}"
                     for who, score in kappas)  # fmt: skip
    show(_wrapped(f"Agreement on {grid.level}s: {told}."))
    _codes(made)
    _mending(made)


def _codes(made: Evaluation) -> None:
    from qualcode.report.evaluation_words import number

    labels = {code.id: code.label for code in made.grid.study.codebook}
    rows = [each for each in made.passages if each.kind == "code" and (each.hand or each.machine)]
    missing = [(each.hand - each.found) + (each.machine - each.right) for each in rows]
    worst = sorted(range(len(rows)), key=lambda at: -missing[at])[:_LINES]
    if not worst:
        return
    show(f"\nMost mistakes ({len(worst)} of {len(rows)} codes)")
    for at in worst:
        each = rows[at]
        right, found = f"{each.right} of {each.machine}", f"{each.found} of {each.hand}"
        label = shown(f"{each.code} {labels[each.code]}")
        room = width() - 51
        label = label if len(label) <= room else label[: room - 1] + "…"
        show(f"  {label:<{room}} right {right:>10}  found {found:>10}  F1 {number(each.measures['f1'].value)}".rstrip())


def _mending(made: Evaluation) -> None:
    from qualcode.analysis.evaluation.sources import DEAD, ELSEWHERE

    those = (each for each in made.sources if each.verdict and each.passages and each.mendable)
    bad = sorted(those, key=lambda each: -each.false)
    often = [each for each in bad if each.false > 1]  # one passage is no reason to mend anything
    lines = []
    if often:
        told = ", ".join(f"{each.id} ({each.right} of {each.passages} right)" for each in often[:_LINES])
        lines.append(f"To mend: {told}{f' and {len(often) - _LINES} more' if len(often) > _LINES else ''}.")
    once = len(bad) - len(often)
    if once:
        lines.append(f"{once:,} rule{'s' * (once != 1)} or example{'s' * (once != 1)} spoke once, wrongly.")
    dead = sum(each.verdict in {DEAD, ELSEWHERE} for each in made.sources)
    confused = [f"{each.hand_code} as {each.machine_code} ({each.units})" for each in made.confusions[:3]]
    lines += [f"{dead:,} rules never hit here."] if dead else []
    lines += [f"Taken for one another: {', '.join(confused)}."] if confused else []
    clinging = [each.always for each in made.together if each.always][:2]
    lines += [f"Hardly ever apart: {'; '.join(clinging)}."] if clinging else []
    if lines:
        show(_wrapped(shown(" ".join(lines))))


def _wrapped(text: str) -> str:
    return fill(text, width(), subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)
