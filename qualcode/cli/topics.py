"""``qualcode topics``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from shlex import quote
from textwrap import fill
from typing import TYPE_CHECKING, Any

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
from qualcode.cli.output import (
    command_line,
    counted,
    path_text,
    say,
    show,
    show_json,
    show_table,
    shown,
    styled,
    width,
    working,
)

if TYPE_CHECKING:
    from qualcode.coding.topics.sheet import TopicEntry, TopicQuote
    from qualcode.model.table import Table
    from qualcode.project import Project
    from qualcode.project.topicmodels import TopicStudy

__all__ = ["topic_options", "topics_command"]

KINDS = ("nmf", "lda", "tomotopy")
POOLS = ("run", "question", "window")


class Numbers(click.ParamType[tuple[int, ...]]):
    """Whole numbers with commas between: ``6,8,10``."""

    name = "numbers"

    def __init__(self, least: int) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Return the numbers, each once; raises click's usage error for what is none."""
        if isinstance(value, tuple):
            return value
        try:
            found = tuple(dict.fromkeys(int(each) for each in str(value).split(",")))
        except ValueError:
            self.fail(f"{value!r} is no number, or numbers with commas between: 6,8,10", param, ctx)
        if min(found) < self.least:
            self.fail(f"{min(found)} is below {self.least}", param, ctx)
        return found


_OPTIONS = (
    click.option("--kind", type=click.Choice(KINDS),
                 help="The method: NMF (instant), or LDA by gensim (lda) or by tomotopy; the best LDA that is "
                 "installed if not given."),
    click.option("--seed", type=click.IntRange(min=0), metavar="N",
                 help="Of chance; that of the settings if not given."),
    click.option("--pool", type=click.Choice(POOLS),
                 help="How talk is cut into segments: what one person says (run; if not given), each answer to a "
                 "question, or a sliding window."),
    click.option("--words", type=click.IntRange(min=20), metavar="N", help="Words of a segment; 100 if not given."),
    click.option("--without", metavar="WORD,…", help="Words that are left out, such as the names of people: rhys,gill"),
    click.option("--code", "codes", multiple=True, metavar="CODE",
                 help="With --free: only this code and those below it seed topics. May be given again."),
)  # fmt: skip


def topic_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which model is meant; the command gets those that were given as one ``model``."""

    @wraps(command)
    def with_model(*arguments: Any, **others: Any) -> None:
        given = {name: others.pop(name) for name in ("kind", "seed", "pool", "words", "without", "codes")}
        model = {name: value for name, value in given.items() if value not in (None, ())}
        if "without" in model:
            model["without"] = tuple(each.strip() for each in model["without"].split(",") if each.strip())
        command(*arguments, model=model, **others)

    added: Callable[..., None] = with_model
    for option in reversed(_OPTIONS):
        added = option(added)
    return added


@click.command("topics")
@project_argument
@click.option("--k", type=Numbers(2), metavar="N,…", help="Numbers of topics: several are compared, one is shown.")
@click.option("--free", type=Numbers(0), metavar="N,…",
              help="In the place of --k: a topic for each code with seed words, and so many free ones.")  # fmt: skip
@topic_options
@click.option("--seeds", type=click.IntRange(min=1), metavar="N",
              help="Fits with different seeds of chance, to see what comes again; 5 if not given.")  # fmt: skip
@click.option("--page", type=PATH, metavar="FILE", help="Write the topic sheet as an HTML page.")
@click.option("--quiz", type=PATH, metavar="FILE",
              help="Write a quiz for people: do the topics mean anything to them? CSV, or HTML to print.")  # fmt: skip
@click.option("--answers", type=PATH, metavar="FILE", multiple=True,
              help="Mark a quiz that was filled in; once for each person, the file called as they are.")  # fmt: skip
@book_option
@viewer_option
@dry_run_option
@json_option
@quiet_option
def topics_command(
    project: Path,
    k: tuple[int, ...] | None,
    free: tuple[int, ...] | None,
    model: dict[str, Any],
    seeds: int | None,
    page: Path | None,
    quiz: Path | None,
    answers: tuple[Path, ...],
    codebook: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Find topics in the talk: compare models, and show one topic by topic.

    Without a number, or with several, models are compared, and none is called the best. With one number, each topic
    is shown: its words, passages, how far it spreads, and the codes it goes with. What no code covers may be a code.

    \b
      qualcode topics my-study
      qualcode topics my-study --k 8
      qualcode topics my-study --free 4 --page topics.html
      qualcode topics my-study --k 8 --quiz quiz.csv
      qualcode topics my-study --answers maya.csv --answers tom.csv
    """
    from qualcode.project import Project

    if k is not None and free is not None:
        raise click.UsageError("--k counts all topics, --free those beside the codes' own: give one of them.")
    one = len(k or free or ()) == 1
    if (page is not None or quiz is not None) and not one:
        raise click.UsageError("--page and --quiz are about one model: give one number of topics, for example --k 8.")
    if answers and (k or free or model or page is not None or quiz is not None):
        raise click.UsageError("--answers goes alone: the quiz knows its topics.")
    if model.get("codes") and free is None:
        raise click.UsageError("--code chooses which codes seed topics: give --free N, too.")
    opened = Project(project, person=person)
    if answers:
        show_table(opened.mark_topic_quiz(answers), "json" if as_json else "text")
        return
    options = {**model, "codebook": codebook} | ({"fits": seeds} if seeds is not None else {})
    if not one:
        _compare(opened, k, free, options, as_json=as_json, quiet=quiet)
        return
    chosen: dict[str, Any] = {"k": k[0]} if k else {"free": (free or (0,))[0]}
    written = {}
    with working("Fitting topics …", quiet=quiet):
        made = opened.topics(**chosen, **options)
        if page is not None:
            written["page"] = opened.topics_page(page, of=made, dry_run=dry_run)
        if quiz is not None:
            _, key = opened.topic_quiz(quiz, of=made, dry_run=dry_run)
            written |= {"quiz": quiz, "key": key}
    if as_json:
        show_json(_data(made) | {name: str(path) for name, path in written.items()} | {"dry_run": dry_run})
    elif written:
        for path in written.values():
            show(f"{path_text(path)} would be written." if dry_run else path_text(path))
        if "quiz" in written and not dry_run:
            say("note: give people the sheet, not the key", quiet=quiet)
            say(f"Next: {command_line('topics', project, '--answers', 'FILE')}", quiet=quiet)
    else:
        _show_sheet(made)
        _next(opened, made, {**chosen, **model, "codebook": codebook}, quiet=quiet)


def _compare(
    project: Project, k: Sequence[int] | None, free: Sequence[int] | None, options: dict[str, Any], *, as_json: bool,
    quiet: bool,
) -> None:  # fmt: skip
    kind = options.pop("kind", None)
    with working("Fitting models …", quiet=quiet):
        found = project.compare_topics(k, free=free, kinds=[kind] if kind else None, **options)
    if as_json:
        show_table(found.table(), "json")
        return
    show_table(_narrowed(found.table()), "text")
    chosen = next(row for row, unbeaten in zip(found.rows, found.pareto(), strict=True) if unbeaten)
    ks = list(dict.fromkeys(row.k for row in found.rows))
    number = {"free": free[ks.index(chosen.k)]} if free else {"k": chosen.k}
    told = _written({**number, "kind": chosen.kind, **options, "fits": None})
    say(f"Next: read the topics of one, then of others: {command_line('topics', project.folder)}{told}", quiet=quiet)


def _narrowed(table: Table) -> Table:
    """Return a comparison with the columns that fit a terminal; ``--json`` has all."""
    places = [at for at, column in enumerate(table.columns) if column.name not in _WIDE]
    rows = tuple(tuple(row[at] for at in places) for row in table.rows)
    return replace(table, columns=tuple(table.columns[at] for at in places), rows=rows)


_WIDE = ("seeds", "jaccard", "labels", "worst")


def _show_sheet(made: TopicStudy) -> None:
    sheet = made.sheet
    show(styled(shown(f"{sheet.model.k} topics of {made.study.title}"), bold=True))
    how = f"{_KINDS[sheet.model.kind]}, seed {sheet.model.seed}; {counted(sheet.segments, 'segment')} by "
    how += f"{counted(sheet.speakers, 'speaker')} in {counted(sheet.documents, 'document')}, {sheet.words:,} words"
    how += "; [ ]: seed words" if sheet.model.groups else ""
    show(fill(how, width()))
    for entry in sheet.entries:
        show("")
        show(_head(made, entry))
        show(_line("words", ", ".join(f"[{word.word}]" if word.seed else word.word for word in entry.words)))
        show(_line("codes", _codes(made, entry)))
        for each in entry.quotes:
            show(_quoted(each))
    from qualcode.analysis.topics import topics

    for note in topics(made.study, sheet).notes:
        show("\n" + fill(shown(note), width()))


_KINDS = {"nmf": "NMF", "lda": "LDA (gensim)", "tomotopy": "LDA (tomotopy)"}


def _head(made: TopicStudy, entry: TopicEntry) -> str:
    sheet = made.sheet
    parts = [
        f"{entry.share:.0%} of the talk",
        f"{entry.segments} of {sheet.segments} segments",
        f"{entry.documents} of {sheet.documents} documents",
        f"{entry.speakers} of {sheet.speakers} speakers",
    ]
    if entry.reproduced is not None:
        parts.append(f"found again {entry.reproduced:.2f}")
    name = f"Topic {entry.number + 1}" + (f", seeded by {entry.seeded}" if entry.seeded else "")
    return "\n".join([styled(shown(name), bold=True), *_wrapped(", ".join(parts), "  ")])


def _codes(made: TopicStudy, entry: TopicEntry) -> str:
    from qualcode.analysis.topics import code_told

    if entry.uncovered is None:
        return "too little is coded to tell" if made.sheet.coded_by else "nothing is coded yet"
    told = "; ".join(code_told(made.study, each.code, each.correlation) for each in entry.codes)
    if not entry.uncovered:
        return told
    near = ""
    if entry.nearest is not None:
        near = f"; nearest {code_told(made.study, entry.nearest.code, entry.nearest.correlation)}, which may be chance"
    if entry.seeded:
        return f"none goes with it for sure, {entry.seeded} neither{near}"
    return f"none goes with it for sure{near}" + ": a code of its own?" * entry.candidate


def _line(name: str, text: str) -> str:
    return fill(shown(text), width(), initial_indent=f"  {name:<6} ", subsequent_indent=" " * 9,
                break_long_words=False, break_on_hyphens=False)  # fmt: skip


def _quoted(each: TopicQuote) -> str:
    who = f"{each.speaker}, {each.document}" if each.speaker else each.document
    return "\n".join(_wrapped(f"“{shown(each.text)}” ({shown(who)}, turn {each.block})", "    "))


def _wrapped(text: str, indent: str) -> list[str]:
    return fill(text, width(), initial_indent=indent, subsequent_indent=indent, break_long_words=False,
                break_on_hyphens=False).split("\n")  # fmt: skip


def _next(project: Project, made: TopicStudy, given: Mapping[str, Any], *, quiet: bool) -> None:
    """Say what can be done with what was shown: the topic that no code covers, or else the page."""
    from qualcode.coding.topics.matching import REPRODUCIBLE

    candidates = [entry for entry in made.sheet.entries if entry.candidate
                  and (entry.reproduced is None or entry.reproduced >= REPRODUCIBLE)]  # fmt: skip
    more = _written(given)
    weak = sum(entry.reproduced is not None and entry.reproduced < REPRODUCIBLE for entry in made.sheet.entries)
    if 2 * weak > made.model.k and made.model.kind != "nmf":
        again = _written({**given, "kind": "nmf"})
        say("note: most of these topics do not come again in other fits: there is too little talk for so many, or for "
            "this method", quiet=quiet)  # fmt: skip
        say(f"Next: {command_line('topics', project.folder)}{again}", quiet=quiet)
    elif candidates:
        number = max(candidates, key=lambda entry: entry.share).number + 1
        told = command_line("codebook", "add", project.folder, "ID", "LABEL", "--from-topic", number)
        say(f"Next: make a code of a topic: {told}{more}", quiet=quiet)
    else:
        say(f"Next: {command_line('topics', project.folder)}{more} --page topics.html", quiet=quiet)


_OPTION_NAMES = {"codes": "code"}


def _written(given: Mapping[str, Any]) -> str:
    """Return options as they are typed behind a command."""
    parts = []
    for name, value in given.items():
        if value is None or value == ():
            continue
        if name == "without":
            parts.append(f" --without {quote(','.join(value))}")
            continue
        for each in value if isinstance(value, tuple) else (value,):
            parts.append(f" --{_OPTION_NAMES.get(name, name)} {quote(str(each))}")
    return "".join(parts)


def _data(made: TopicStudy) -> dict[str, Any]:
    sheet = made.sheet
    return {
        "title": made.study.title,
        "k": sheet.model.k,
        "kind": sheet.model.kind,
        "seed": sheet.model.seed,
        "settings": dict(sheet.model.settings),
        "segments": sheet.segments, "words": sheet.words, "speakers": sheet.speakers, "documents": sheet.documents,
        "coded_by": sheet.coded_by, "coded_segments": sheet.coded_segments, "fits": sheet.fits,
        "topics": [_topic_data(entry) for entry in sheet.entries],
        "seed_words": [{"topic": each.topic + 1, "code": each.code, "words": each.words, "unseen": each.unseen,
                        "rare": each.rare, "kept": each.kept} for each in sheet.model.groups],
        "notes": list(sheet.notes),
    }  # fmt: skip


def _topic_data(entry: TopicEntry) -> dict[str, Any]:
    return {
        "topic": entry.number + 1, "seeded": entry.seeded, "share": entry.share, "segments": entry.segments,
        "speakers": entry.speakers, "documents": entry.documents, "reproduced": entry.reproduced,
        "uncovered": entry.uncovered, "candidate": entry.candidate,
        "nearest": None if entry.nearest is None else
        {"code": entry.nearest.code, "correlation": entry.nearest.correlation, "p_adjusted": entry.nearest.p_adjusted},
        "words": [{"word": word.word, "relevance": word.relevance, "probability": word.probability, "lift": word.lift,
                   "seed": word.seed} for word in entry.words],
        "codes": [{"code": each.code, "correlation": each.correlation, "average_precision": each.average_precision,
                   "base": each.base, "segments": each.segments, "p_adjusted": each.p_adjusted,
                   "strength": each.strength} for each in entry.codes],
        "quotes": [{"document": each.document, "turn": each.block, "speaker": each.speaker, "start": each.span.start,
                    "end": each.span.end, "share": each.share, "text": each.text, "words": each.words}
                   for each in entry.quotes],
    }  # fmt: skip
