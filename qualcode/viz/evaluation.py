"""Codes by how much of the machine's coding is right and how much it finds, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.analysis.evaluation.measures import Measure
from qualcode.viz.heatmap import LABEL, ROW
from qualcode.viz.style import FAINT, INK, MARK, RULE, clipped, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from qualcode.analysis.evaluation import Evaluation
    from qualcode.analysis.evaluation.scores import PassageScore

__all__ = ["precision_recall", "precision_recall_alt"]

WIDTH = 4.6
"""Inches of the scale from 0 to 1."""
APART = 0.17
"""How far the two marks of a row stand from its middle, in rows."""


def precision_recall(made: Evaluation) -> Figure:
    """Return a row for each code, the highest F1 of passages first: precision hollow, recall filled, with intervals."""
    rows = _rows(made)
    labels = {code.id: code.label for code in made.grid.study.codebook}
    with house_style():
        figure = new_figure(WIDTH, 0.5 + ROW * max(len(rows), 1))
        axes: Axes = figure.subplots()
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(max(len(rows), 1), 0)
        axes.set_yticks([])
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        for at in (0, 0.25, 0.5, 0.75, 1):
            axes.axvline(at, color=RULE, linewidth=0.8, zorder=0)
        for row, each in enumerate(rows):
            name = clipped(f"{each.code} {labels[each.code]}", LABEL)
            axes.text(-0.05, row + 0.5, name, ha="right", va="center", fontsize=8.5)
            _mark(axes, each.measures["precision"], row + 0.5 - APART, hollow=True)
            _mark(axes, each.measures["recall"], row + 0.5 + APART, hollow=False)
        axes.plot([], [], "o", markersize=5, markerfacecolor="white", markeredgecolor=INK, label="precision: is right")
        axes.plot([], [], "o", markersize=5, color=MARK, label="recall: is found")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0 + 0.28 / (0.5 + ROW * max(len(rows), 1))), ncols=2,
                    frameon=False, fontsize=8.5, handletextpad=0.2, borderaxespad=0.0)  # fmt: skip
        figure.subplots_adjust(left=0.0, right=1.0, top=1.0, bottom=0.0)
    return figure


def precision_recall_alt(made: Evaluation) -> str:
    """Return what the figure shows, in words: the best and the worst codes, and those that are never found."""
    rows = _rows(made)
    if not rows:
        return "No code was given by hand or by the machine."
    best = [_told(each) for each in rows[:3] if each.right]
    lost = [each.code for each in rows if each.hand and not each.found]
    told = f"Precision and recall of {len(rows)} codes on passages, best F1 first."
    told += f" At the top: {'; '.join(best)}." if best else " Nothing is right."
    return told + (f" Never found: {', '.join(lost)}." if lost else "")


def _rows(made: Evaluation) -> list[PassageScore]:
    found = [each for each in made.passages if each.kind == "code" and (each.hand or each.machine)]
    return sorted(found, key=lambda each: -(each.measures["f1"].value or 0.0))


def _mark(axes: Axes, measure: Measure, height: float, *, hollow: bool) -> None:
    if measure.value is None:
        return
    colour = INK if hollow else MARK
    if measure.low is not None and measure.high is not None:
        axes.plot([measure.low, measure.high], [height, height], color=FAINT if hollow else MARK, linewidth=1.1,
                  solid_capstyle="butt")  # fmt: skip
    axes.plot([measure.value], [height], "o", markersize=4.5, color=colour, clip_on=False,
              markerfacecolor="white" if hollow else colour, markeredgewidth=1.0)  # fmt: skip


def _told(each: PassageScore) -> str:
    return f"{each.code} ({each.right} of {each.machine} right, {each.found} of {each.hand} found)"
