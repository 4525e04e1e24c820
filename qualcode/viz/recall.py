"""Labels read against recall: a line for each order of reading, a band over seeds, and where stopping rules end it."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Any

from qualcode.viz.style import FAINT, INK, MARK, RULE, clipped, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from qualcode.review.reading.simulation import Line, Simulation

__all__ = ["reading_orders", "reading_orders_alt"]

_DASHES: dict[str, tuple[str, Any, float]] = {
    "mixed": (MARK, "solid", 2.2),
    "relevance": ("#3a7ca5", (0, (6, 2)), 1.6),
    "uncertainty": ("#7a6a53", (0, (1, 1.6)), 1.8),
    "diversity": ("#5b8e7d", (0, (5, 1.5, 1, 1.5)), 1.6),
    "random": (FAINT, (0, (2, 3)), 1.2),
}
"""Colour, dashes and width of each order: told apart by dashes in grey too."""
_MARKERS = {"row": "X", "ranked": "s", "check": "D", "audit": "o"}
_RULES = {"row": "50 in a row", "ranked": "test on the last read", "check": "fixed random sample", "audit": "interval"}


def reading_orders(simulation: Simulation, code: str | None = None) -> Figure:
    """Return the figure: share of the passages read against share of the relevant ones found.

    A line is the mean over the codes (or one code's), its band goes from the least to the greatest of a seed. The thin
    straight line is reading at random. Markers on the line of ``mixed`` (else of the first order) show where each
    stopping rule ends the reading, on average.

    Args:
        simulation: the replays.
        code: one code; all together if not given.
    """
    from qualcode.review.reading.simulation import lines_of

    codes = simulation.codes
    one = code if code is not None else codes[0] if len(codes) == 1 else None
    lines = lines_of(simulation, one)
    with house_style():
        figure = new_figure(6.2, 4.1)
        axes = figure.subplots()
        _frame(axes, simulation)
        for line in lines:
            colour, dashes, width = _DASHES[line.order]
            axes.fill_between(line.read, line.low, line.high, color=colour, alpha=0.13, linewidth=0)
            axes.plot(line.read, line.recall, color=colour, linestyle=dashes, linewidth=width, label=line.order)
        _stops(axes, simulation, one, lines)
        axes.legend(loc="lower right", frameon=False, fontsize=8, handlelength=3.2)
        name = f"{one} {simulation.labels[one]}" if one is not None else f"mean over {len(codes)} codes"
        axes.set_title(clipped(f"{name}; {simulation.passages:,} passages, labels: {simulation.by}", 76), loc="left")
        figure.subplots_adjust(left=0.1, right=0.98, top=0.92, bottom=0.13)
    return figure


def reading_orders_alt(simulation: Simulation, code: str | None = None) -> str:
    """Return what the figure shows, in words: the recall of each order after a tenth and a fifth of the passages."""
    from qualcode.review.reading.simulation import lines_of

    codes = simulation.codes
    one = code if code is not None else codes[0] if len(codes) == 1 else None
    told = "; ".join(
        f"{line.order}: {line.recall[len(line.read) // 10]:.0%} after a tenth of the passages, "
        f"{line.recall[len(line.read) // 5]:.0%} after a fifth"
        for line in lines_of(simulation, one)
    )
    of = f"the code {one}" if one is not None else f"{len(codes)} codes on average"
    return f"Share of the passages with {of} that is found, against the share of all passages read. {told}."


def _frame(axes: Axes, simulation: Simulation) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.plot([0, 1], [0, 1], color=RULE, linewidth=0.9)
    axes.axhline(simulation.target, color=RULE, linewidth=0.9)
    axes.text(0.012, simulation.target - 0.012, f"aim {simulation.target:.0%}", fontsize=7.5, color=FAINT, va="top")
    axes.set_xlabel(f"share of the {simulation.passages:,} passages read")
    axes.set_ylabel("share of the relevant passages found")
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ticks, [f"{each:.0%}" for each in ticks])
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _stops(axes: Axes, simulation: Simulation, code: str | None, lines: tuple[Line, ...]) -> None:
    """Mark where stopping rules end the reading, on average."""
    order = next((line.order for line in lines if line.order == "mixed"), lines[0].order)
    replays = simulation.of(code=code, order=order)
    for at, rule in enumerate(each.rule for each in replays[0].stops):
        stops = [each.stops[at] for each in replays]
        read = fmean(stop.read for stop in stops) / simulation.passages
        recall = fmean(stop.found / each.relevant for stop, each in zip(stops, replays, strict=True))
        axes.plot([read], [recall], marker=_MARKERS[rule], color=INK, markersize=6, linestyle="none",
                  markerfacecolor="white", clip_on=False, zorder=5, label=f"{order} ends: {_RULES[rule]}")  # fmt: skip
