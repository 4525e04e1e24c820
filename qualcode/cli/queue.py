"""``qualcode queue`` and ``stopping``."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, cast

import click

from qualcode.cli.lines import cut, quoted, show_lines
from qualcode.cli.options import book_option, json_option, project_argument, quiet_option, viewer_option
from qualcode.cli.output import command_line, counted, say, show, show_json, shown, styled, width, working
from qualcode.cli.passages import passage_data

if TYPE_CHECKING:
    from qualcode.project.reading_desk import Shown
    from qualcode.project.reading_order import Queue
    from qualcode.review.reading.orders import Order
    from qualcode.review.reading.progress import Progress

__all__ = [
    "LEARNERS", "ORDERS", "aims", "learner_option", "progress_data", "progress_line", "queue_command",
    "reading_seed_option", "shown_data", "stopping_command", "verdict_told",
]  # fmt: skip

ORDERS = ("mixed", "relevance", "uncertainty", "diversity", "random")
LEARNERS = ("classifier", "quick")
WORDS = 44
"""Columns that the reason of a passage takes at most."""

reading_seed_option = click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Of chance; that of the settings if not given."
)


def learner_option(default: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option that says what learns."""
    told = "What learns from your answers: the classifier, or a quick model of the code alone."
    return click.option("--learner", type=click.Choice(LEARNERS), default=default, show_default=True, help=told)


def aims(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how much is to be found, and how surely."""
    options = (
        click.option("--target", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95,
                     show_default=True, metavar="SHARE", help="The share of the code's passages to be found."),
        click.option("--confidence", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95,
                     show_default=True, metavar="P", help="Of the interval and the tests."),
    )  # fmt: skip
    return reduce(lambda added, option: option(added), reversed(options), command)


@click.command("queue")
@project_argument
@click.option("--code", metavar="CODE", help="Id or label; without it, each passage stands under its likeliest code.")
@click.option("--order", type=click.Choice(ORDERS), help="mixed for a code and relevance for all, if not given.")
@click.option("-n", "--n", "n", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
              help="How many.")  # fmt: skip
@reading_seed_option
@learner_option("classifier")
@book_option
@viewer_option
@json_option
@quiet_option
def queue_command(
    project: Path,
    code: str | None,
    order: str | None,
    n: int,
    seed: int | None,
    learner: str,
    codebook: str | None,
    person: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """List what to read next, best first, and why.

    Each with an id that 'accept' and 'reject' take. One by one, with keys: qualcode read DIR --code CODE

    \b
    Orders
      mixed        relevance, some that the machine doubts, every tenth at random
      relevance    likeliest first
      uncertainty  those first of which the machine is least sure
      diversity    likely, and unlike those just read
      random       by chance alone
    """
    from qualcode.project import Project

    opened = Project(project, person=person)
    with working("Ranking …", quiet=quiet):
        queue = opened.queue(code, order=cast("Order | None", order), n=n, seed=seed, learner=learner,
                             codebook=codebook)  # fmt: skip
    if as_json:
        show_json({
            "code": queue.code, "order": queue.order, "by": queue.by,
            "passages": [shown_data(each) for each in queue.items],
            "progress": progress_data(queue.progress) if queue.progress is not None else None,
        })  # fmt: skip
        return
    if queue.progress is not None:
        show(styled(progress_line(queue.progress), bold=True))
    rows = ((each.id, each.code if queue.code is None else "", each.document, each.order,
             "" if each.order == "random" else f"{each.score:.2f}", _reason(each), quoted(each.passage.quote))
            for each in queue.items)  # fmt: skip
    show_lines(rows, indent=2)
    show(f"{counted(len(queue), 'passage')}, by {queue.order}; scores from {queue.by}.")
    _say_next(opened.folder, queue, quiet=quiet)


def _say_next(folder: Path, queue: Queue, *, quiet: bool) -> None:
    if not queue.items:
        say("note: everything is read", quiet=quiet)
        return
    first = queue.items[0].id
    say(f"Next: {command_line('accept', folder, '--id', first)} (or reject); one by one: "
        f"{command_line('read', folder, '--code', queue.code or queue.items[0].code)}", quiet=quiet)  # fmt: skip


def _reason(each: Shown) -> str:
    told = shown(each.why)
    return told if len(told) <= WORDS else cut(told, WORDS - 1).rstrip() + "…"


@click.command("stopping")
@project_argument
@click.option("--code", "codes", multiple=True, metavar="CODE",
              help="Id or label; all that were read for if not given. May be given again.")  # fmt: skip
@aims
@book_option
@viewer_option
@json_option
@quiet_option
def stopping_command(
    project: Path,
    codes: tuple[str, ...],
    target: float,
    confidence: float,
    codebook: str | None,
    person: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say how much of a code is found, and whether to stop.

    The last paragraph is for the methods chapter: what was read, how much was found with an interval, by which test.
    """
    from qualcode.project import Project
    from qualcode.review.reading.progress import methods_sentence

    opened = Project(project, person=person)
    found = opened.reading_progress(list(codes) or None, target=target, confidence=confidence, codebook=codebook)
    if as_json:
        show_json([{**progress_data(each), "sentence": methods_sentence(each)} for each in found])
        return
    for each in found:
        show(styled(progress_line(each), bold=True))
        show(_wrapped(verdict_told(each, opened.folder), "  "))
        show(_wrapped(methods_sentence(each), "  "))
        show("")
    show(f"{counted(len(found), 'code')} with passages read." if not codes else counted(len(found), "code") + ".")
    if not found:
        say(f"Next: {command_line('read', project, '--code', 'CODE')}", quiet=quiet)


def progress_line(each: Progress) -> str:
    """Return how far the reading is, on one line."""
    name = shown(f"{each.code} {each.label}".strip())
    open_ = f", {each.undecided:,} undecided" if each.undecided else ""
    return (f"{name}: read {each.read:,} of {each.passages:,} ({each.drawn:,} at random){open_}, found {each.found:,}, "
            f"{_recall(each)}")  # fmt: skip


def _recall(each: Progress) -> str:
    """Return the recall's interval, and the likeliest value once enough random passages had the code."""
    from qualcode.review.reading.progress import TELLING

    recall = each.recall
    if recall.estimate is None or recall.low is None or recall.high is None:
        return "recall not known yet"
    likeliest = f", likeliest {recall.estimate:.0%}" if recall.relevant >= TELLING else ""
    low = int(recall.low * 100 + 1e-9)  # not rounded up to an aim that it does not reach
    return f"recall {low}% to {recall.high:.0%}{likeliest}"


def verdict_told(each: Progress, folder: Path) -> str:
    """Return whether to stop, why, and what to do to know better."""
    verdict = each.verdict
    if verdict == "all read":
        return "Everything is read."
    if each.certain:
        return f"Stop: even if all {each.open:,} that are left had the code, {each.target:.0%} is found."
    if verdict == "stop":
        return f"Stop: a test with a bound says that {each.target:.0%} is found."
    if not each.needed and each.undecided and each.found:
        return f"Nearly there: decide the {counted(each.undecided, 'passage')} that you left undecided."
    tested = each.ranked.p_value
    told = "Read on." if tested is None else f"Read on: p = {tested:.3f} on those read last."
    unread = each.passages - each.read
    if verdict == "check":
        told = f"Perhaps enough: p = {tested:.3f} on those read last, which is somewhat optimistic."
    if each.needed and (verdict == "check" or each.needed <= unread / 2):
        command = command_line("read", folder, "--code", each.code, "--check")
        told += (f" To be sure, read {each.needed:,} of the {unread:,} unread ones, drawn at random; if none has the "
                 f"code, stop: {command}")  # fmt: skip
    elif each.needed:
        told += (f" To be sure now, {each.needed:,} of the {unread:,} unread ones would have to be read at random; a "
                 "lower --target needs fewer.")  # fmt: skip
    if each.elsewhere:
        told += (f" {counted(each.elsewhere, 'random passage')} from before transcripts came or went "
                 "do not count.")  # fmt: skip
    return told


def progress_data(each: Progress) -> dict[str, Any]:
    """Return how far the reading is as plain data."""
    recall, check = each.recall, each.check
    return {
        "code": each.code, "label": each.label, "passages": each.passages, "read": each.read, "found": each.found,
        "undecided": each.undecided, "random": each.drawn, "random_found": each.drawn_found,
        "recall": recall.estimate, "recall_low": recall.low, "recall_high": recall.high,
        "total": recall.total, "total_low": recall.total_low, "total_high": recall.total_high,
        "target": each.target, "confidence": each.confidence, "verdict": each.verdict,
        "ranked_p": each.ranked.p_value, "check_p": check.p_value if check is not None else None,
        "check_size": check.over if check is not None else None, "sample_needed": each.needed,
    }  # fmt: skip


def shown_data(each: Shown) -> dict[str, Any]:
    """Return a passage to read as plain data."""
    return {
        "id": each.id, "code": each.code, "order": each.order, "score": round(each.score, 4), "why": each.why,
        "suggested": each.suggested, "turn": each.block, "speaker": each.speaker,
        **passage_data(each.passage, each.document),
    }  # fmt: skip


def _wrapped(text: str, indent: str) -> str:
    return fill(text, width(), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
