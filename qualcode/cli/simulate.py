"""``qualcode simulate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from qualcode.cli.options import PATH, book_option, json_option, project_argument, quiet_option
from qualcode.cli.output import FORMATS, path_text, say, show, show_json, show_table, working
from qualcode.cli.queue import ORDERS, aims, learner_option, reading_seed_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.model.table import Table
    from qualcode.review.reading.orders import Order
    from qualcode.review.reading.simulation import Simulation

__all__ = ["simulate_command"]

RULES = ("row", "ranked", "check", "audit")


@click.command("simulate")
@project_argument
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Id or label. May be given again.")
@click.option("--all", "every", is_flag=True, help="All codes that at least five passages have.")
@click.option("--layer", metavar="NAME|FILE",
              help="Whose codings are the truth: a person, 'settled', or a CSV file with the columns document, start, "
              "end, code; who coded most if not given.")  # fmt: skip
@click.option("--document", "documents", multiple=True, metavar="NAME",
              help="Only these transcripts; a beginning is enough. May be given again.")  # fmt: skip
@click.option("--orders", metavar="NAME,…", help=f"Some of {', '.join(ORDERS)}; all if not given.")
@click.option("--rules", metavar="NAME,…", help=f"Stopping rules, some of {', '.join(RULES)}; all if not given.")
@click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True, metavar="N",
              help="How often each order is replayed.")  # fmt: skip
@click.option("--step", type=click.IntRange(min=1), default=10, show_default=True, metavar="N",
              help="Passages between two times of learning, at first; later a twentieth of what was read.")  # fmt: skip
@click.option("--coder", "coders", multiple=True, metavar="NAME",
              help="Whose scores are there before the first label, for example exemplars; 'none' for nobody's. May be "
              "given again.")  # fmt: skip
@click.option("--figure", type=PATH, metavar="FILE", help="Write the figure: SVG or PNG.")
@click.option("--csv", "points", type=PATH, metavar="FILE", help="Write the points of the lines as CSV.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to print.")
@reading_seed_option
@learner_option("quick")
@aims
@book_option
@json_option
@quiet_option
def simulate_command(
    project: Path,
    codes: tuple[str, ...],
    every: bool,
    layer: str | None,
    documents: tuple[str, ...],
    orders: str | None,
    rules: str | None,
    seeds: int,
    step: int,
    coders: tuple[str, ...],
    figure: Path | None,
    points: Path | None,
    form: str,
    seed: int | None,
    learner: str,
    target: float,
    confidence: float,
    codebook: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read a coded project again in each order, and see how soon each finds it.

    Two tables: the work saved when 95 % were found (passages that need not be read, less the 5 % that reading at random
    would save too), and where stopping rules would have ended the reading. All figures: --format csv, or --json.

    \b
    Stopping rules
      row     50 passages in a row without the code: a rule of thumb, no bound
      ranked  the test on the passages read last (optimistic)
      check   when 'ranked' says so, a random sample of a size fixed before
      audit   the interval from the passages drawn at random
    """
    if not codes and not every:
        raise click.UsageError("Say which codes: --code CODE, or --all.")
    if codes and every:
        raise click.UsageError("Give one of --code and --all.")
    if figure is not None and figure.suffix not in (".svg", ".png"):
        raise click.UsageError("A figure is written as SVG or PNG: name it so, for example recall.svg.")
    from qualcode.project import Project
    from qualcode.review.reading.simulation import points_table, saved_table, simulation_table, stops_table

    opened = Project(project)
    named = cast("Sequence[Order]", _split(orders) or ORDERS)
    with working("Reading it again …", quiet=quiet):
        done = opened.simulate(
            list(codes) or None, layer=layer, orders=named, seeds=seeds, step=step, rules=_split(rules) or RULES,
            documents=list(documents) or None, coders=list(coders) or None, learner=learner, seed=seed, target=target,
            confidence=confidence, codebook=codebook,
        )  # fmt: skip
    written = _write(done, figure, points, points_table(done))
    tables = (simulation_table(done), stops_table(done))
    if as_json or form == "json":
        show_json({"simulation": list(tables[0]), "stops": list(tables[1]), "notes": list(tables[0].notes),
                   "files": [str(each) for each in written]})  # fmt: skip
        return
    if form == "text":
        show_table(replace(saved_table(done), notes=()), form)  # the notes stand under the second table
        show("")
        show_table(_summary(tables[1], done), form)
    else:
        for table in tables:
            show_table(table, form)
            show("")
    for path in written:
        if form == "text":
            show(path_text(path))
        else:
            say(path_text(path), quiet=quiet)
    if not written:
        say("Next: draw it with --figure recall.svg", quiet=quiet)


def _split(given: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in (given or "").split(",") if each.strip())


def _summary(table: Table, done: Simulation) -> Table:
    """Return where the first order (mixed, if it was tried) stops: over all codes when there are several."""
    order = "mixed" if "mixed" in done.orders else done.orders[0]
    code = "all" if len(done.codes) > 1 else done.codes[0]
    kept = table.filter(code=code, order=order)
    return replace(kept, title=f"{kept.title}, order {order}")


def _write(done: Simulation, figure: Path | None, points: Path | None, table: Table) -> list[Path]:
    from qualcode.project.writing import check_replaceable, write_together

    files: dict[Path, str | bytes] = {}
    if points is not None:
        check_replaceable(points, "code,order,read,recall")
        files[points] = table.to_csv()
    if figure is not None:
        from qualcode.viz import reading_orders, to_png, to_svg

        check_replaceable(figure, "<svg" if figure.suffix == ".svg" else "PNG")
        drawn = reading_orders(done)
        files[figure] = to_svg(drawn) + "\n" if figure.suffix == ".svg" else to_png(drawn)
    return list(write_together(files)) if files else []
