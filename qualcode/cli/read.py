"""``qualcode read``: a sitting in the terminal, or with answers from a pipe."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, cast

import click

from qualcode.cli.lines import cut
from qualcode.cli.options import book_option, json_option, person_option, project_argument, quiet_option
from qualcode.cli.output import command_line, counted, say, show, show_json, shown, styled, width, working
from qualcode.cli.passages import signed
from qualcode.cli.queue import (
    ORDERS,
    aims,
    learner_option,
    progress_data,
    progress_line,
    reading_seed_option,
    verdict_told,
)
from qualcode.errors import LedgerError

if TYPE_CHECKING:
    from qualcode.project import Project
    from qualcode.project.reading_desk import Shown
    from qualcode.project.reading_order import Sitting
    from qualcode.review.reading.orders import Order
    from qualcode.review.reading.session import Said

__all__ = ["read_command"]

KEYS = {"y": "yes", "n": "no", "m": "undecided"}
WORDS = {"yes": "y", "no": "n", "maybe": "m", "undo": "u", "quit": "q", "help": "?"}
LETTERS = frozenset("ynmudq?")
LEGEND = "y yes   n no   m maybe, leave it   u undo   d definition   q quit"
AROUND = 420
"""Characters of the turn that are shown before and after the passage."""
ASKED = 240


@click.command("read")
@project_argument
@click.option("--code", metavar="CODE", required=True, help="Id or label of the code to read for.")
@click.option("--order", type=click.Choice(ORDERS), default="mixed", show_default=True, help="As in 'queue'.")
@click.option("--check", is_flag=True,
              help="Draw a random sample, its size fixed now, to see whether to stop; or go on with one.")  # fmt: skip
@click.option("-n", "--n", "most", type=click.IntRange(min=1), metavar="N", help="End after so many passages.")
@click.option("--learn-every", type=click.IntRange(min=1), default=5, show_default=True, metavar="N",
              help="Answers after which the machine learns again, in the background.")  # fmt: skip
@reading_seed_option
@learner_option("classifier")
@aims
@book_option
@person_option
@json_option
@quiet_option
def read_command(
    project: Path,
    code: str,
    order: str,
    check: bool,
    most: int | None,
    learn_every: int,
    seed: int | None,
    learner: str,
    target: float,
    confidence: float,
    codebook: str | None,
    person: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read passages one by one for a code, what matters first.

    Keys: y has the code, n has it not, m maybe (left undecided), u undo, d definition, q quit. Each answer is written
    at once. Without a terminal, answers are read from standard input, one a line (y, n, m, u, q).
    """
    from qualcode.project import Project

    terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty() and not as_json
    opened = Project(project, person=person)
    with working("Ranking …", quiet=quiet):
        sitting = opened.reading(
            code, order=cast("Order", order), seed=seed, check=check, learn_every=learn_every, background=terminal,
            learner=learner, target=target, confidence=confidence, codebook=codebook,
        )  # fmt: skip
    if not quiet and not as_json:
        show(styled(f"{sitting.code} {shown(sitting.label)}", bold=True))
        show(_wrapped(shown(sitting.definition)))
        show(LEGEND if terminal else "")
    with closing(_pressed() if terminal else _piped()) as keys:
        _sit(sitting, keys, most, quiet=quiet or as_json)
    sitting.session.close()
    _leave(opened, sitting, as_json=as_json, quiet=quiet)


def _sit(sitting: Sitting, keys: Iterator[str], most: int | None, *, quiet: bool) -> None:
    session = sitting.session
    while most is None or session.answered < most:
        passage = sitting.show()
        if passage is None:
            break
        if not quiet:
            _show(sitting, passage)
        for key in keys:
            if key in KEYS:
                session.answer(cast("Said", KEYS[key]))
                break
            if key == "u":
                _undo(sitting, quiet=quiet)
                break
            if key in ("q", "\x04"):
                return
            say(_wrapped(shown(sitting.definition)) if key == "d" else LEGEND, quiet=quiet)
        else:
            return


def _undo(sitting: Sitting, *, quiet: bool) -> None:
    try:
        taken = sitting.session.undo()
    except LedgerError as error:
        say(f"note: {shown(str(error))}", quiet=quiet)
        return
    say("note: nothing of this sitting is left to undo" if taken is None else f"Taken back: {taken.said}", quiet=quiet)


def _show(sitting: Sitting, each: Shown) -> None:
    """Print a passage in its turn, under the question, with how far the reading is."""
    progress = sitting.session.progress
    show("")
    show(styled("─" * min(width(), 100), dim=True))
    show(styled(progress_line(progress), dim=True))
    left = f", {sitting.session.check_left:,} of the sample left" if sitting.session.check_left else ""
    how = "at random" if each.order == "random" else f"{each.order} {each.score:.2f}"
    show(styled(f"{shown(each.document)}, turn {each.block}, {shown(each.speaker) or 'nobody named'} ({how}{left})",
                bold=True))  # fmt: skip
    if each.question:
        asked = shown(each.question)
        show(styled(_wrapped(f"Asked: {'… ' + asked[-ASKED:] if len(asked) > ASKED else asked}"), dim=True))
    before, after = shown(each.before), shown(each.after)
    if len(before) > AROUND:
        before = "… " + before[-AROUND:].partition(" ")[2]
    if len(after) > AROUND:
        after = after[:AROUND].rpartition(" ")[0] + " …"
    if before:
        show(styled(_wrapped(before), dim=True))
    show(styled(_wrapped(f"▸ {shown(each.passage.quote)}"), bold=True))
    if after:
        show(styled(_wrapped(after), dim=True))
    if each.why:
        show(styled(_wrapped(f"why: {shown(each.why)}"), dim=True))


def _leave(opened: Project, sitting: Sitting, *, as_json: bool, quiet: bool) -> None:
    session = sitting.session
    progress = session.progress
    if session.failure is not None:
        say(f"note: the order did not learn from all answers: {shown(str(session.failure))}", quiet=quiet)
    if as_json:
        show_json({"answers": session.answered, "learnt": session.learnt, **progress_data(progress)})
        return
    show("")
    show(styled(progress_line(progress), bold=True))
    show(_wrapped(verdict_told(progress, opened.folder)))
    show(f"{counted(session.answered, 'answer')} written.")
    if session.answered:
        say(f"Take the last one back: {signed(opened, 'undo')}", quiet=quiet)
    say(f"For the methods chapter: {command_line('stopping', opened.folder, '--code', sitting.code)}", quiet=quiet)


def _pressed() -> Generator[str]:
    """Yield keys as they are pressed; the end of input and Ctrl-C end the sitting like q.

    The terminal gives keys one by one for as long as the sitting lasts, so that what is typed ahead is not lost.
    """
    try:
        import termios
        import tty
    except ImportError:  # Windows
        yield from _got()
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        while keys := os.read(terminal, 64):
            if not keys.startswith(b"\x1b"):  # arrows and the like
                yield from keys.decode("utf-8", "ignore").casefold()
    except (OSError, KeyboardInterrupt):
        return
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _got() -> Iterator[str]:
    while True:
        try:
            key = click.getchar()
        except (EOFError, KeyboardInterrupt):
            return
        yield key.casefold()


def _piped() -> Generator[str]:
    """Yield answers from standard input: letters or words, some on a line.

    A line that holds anything else is no answer at all: "not sure" must not be taken for n, and "unclear" not for u.
    """
    if sys.stdin is None:  # closed
        return
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    for line in sys.stdin:
        told = [WORDS.get(each, each) for each in line.casefold().split()]
        if set("".join(told)) <= LETTERS:
            yield from "".join(told)
        else:
            say(f"note: no answer: {cut(shown(line.strip()), 60)}")
            yield "?"


def _wrapped(text: str) -> str:
    return fill(text, min(width(), 100), initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
