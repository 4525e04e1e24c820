"""Topics against codes: how strongly each topic goes with each code, and which topics no code covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.analysis.study import Study
from qualcode.coding.topics.mapping import CodeMap, TopicCode
from qualcode.coding.topics.sheet import TopicEntry, TopicSheet
from qualcode.viz.heatmap import ROW
from qualcode.viz.style import EMPTY, FAINT, MARK, RULE, clipped, house_style, ink_on, new_figure, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MOST_CODES", "topic_by_code", "topic_by_code_alt"]

MOST_CODES = 24
"""Codes that are drawn: those that go with some topic, the strongest first."""
COLUMN, LABEL, HEAD = 0.5, 46, 34
"""Inches of a column; letters of a topic's and of a code's name."""
BAR = 1.5
"""Columns that the bar of a topic's share of the talk may take."""
FULL = 0.6
"""The correlation that is darkest; stronger ones are as dark."""


def topic_by_code(study: Study, sheet: TopicSheet, codes: CodeMap) -> Figure:
    """Return the heat map of topics (rows, in their order) by the codes that go with one, and each topic's share.

    A cell holds the correlation (point-biserial) of a topic's share of a segment with the segment's having the code,
    where it is more than chance would give; other cells hold a dot. Free topics that no code covers are marked.
    """
    with house_style():
        columns = _codes(study, sheet)
        cells = {(each.topic, each.code): each for each in codes.rows}
        rows = len(sheet.entries)
        figure = new_figure(COLUMN * (max(len(columns), 3) + BAR + 0.4), ROW * max(rows, 1))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_xlim(-BAR - 0.4, max(len(columns), 3))
        axes.set_ylim(max(rows, 1), 0)
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.xaxis.tick_top()
        names = [clipped(_named(study, code), HEAD) for code in columns]
        axes.set_xticks([at + 0.5 for at in range(len(columns))], names, rotation=40, ha="left", rotation_mode="anchor")
        axes.set_yticks([])
        axes.text(-BAR - 0.4, -0.25, "share of talk", fontsize=7.5, color=FAINT, ha="left", va="bottom")
        most = max((entry.share for entry in sheet.entries), default=1.0) or 1.0
        for row, entry in enumerate(sheet.entries):
            _row(axes, row, entry, [cells.get((entry.number, code)) for code in columns], most)
        if not columns:
            axes.text(0.5, rows / 2, "no topic goes with a code", ha="left", va="center", color=FAINT)
    return figure


def topic_by_code_alt(study: Study, sheet: TopicSheet, codes: CodeMap) -> str:
    """Return what the figure shows, in words."""
    found = [(each, entry) for entry in sheet.entries for each in entry.codes if each.correlation is not None]
    start = (
        f"Heat map of {len(sheet.entries)} topics by {len(_codes(study, sheet))} codes, in {codes.segments} segments."
    )
    if not found:
        return f"{start} No topic goes with a code."
    found.sort(key=lambda pair: -(pair[0].correlation or 0.0))
    told = [f"topic {entry.number + 1} ({entry.label}) with {_named(study, each.code)}, {each.correlation:.2f}"
            for each, entry in found[:3]]  # fmt: skip
    alone = [str(entry.number + 1) for entry in sheet.entries if entry.candidate]
    rest = f" No code is seen to cover topic {', '.join(alone)}." if alone else ""
    return f"{start} Strongest: {'; '.join(told)}.{rest}"


def _codes(study: Study, sheet: TopicSheet) -> list[str]:
    """Return the codes that go with some topic, the strongest of them, in the order of the codebook."""
    best: dict[str, float] = {}
    for entry in sheet.entries:
        for each in entry.codes:
            best[each.code] = max(best.get(each.code, 0.0), each.correlation or 0.0)
    kept = sorted(best, key=lambda code: (-best[code], code))[:MOST_CODES]
    order = {code.id: number for number, code in enumerate(study.codebook.tree())}
    return sorted(kept, key=lambda code: (order.get(code, len(order)), code))


def _named(study: Study, code: str) -> str:
    return f"{code} {study.codebook[code].label}" if code in study.codebook else code


def _row(axes: Axes, row: int, entry: TopicEntry, cells: list[TopicCode | None], most: float) -> None:
    from matplotlib.patches import Rectangle

    middle = row + 0.5
    seeded = f"[{entry.seeded}] " if entry.seeded else ""
    name = clipped(f"{entry.number + 1}  {seeded}{', '.join(word.word for word in entry.words[:4])}", LABEL)
    weight = "bold" if entry.candidate else "normal"
    axes.text(-BAR - 0.55, middle, name, ha="right", va="center", fontsize=8.5, fontweight=weight)
    axes.barh(middle, entry.share / most * BAR, left=-BAR - 0.4, height=0.62, color=MARK, linewidth=0)
    if entry.candidate:
        axes.text(-0.2, middle, "?", ha="center", va="center", fontsize=9, fontweight="bold")
    strong = {each.code for each in entry.codes}
    for column, cell in enumerate(cells):
        value = cell.correlation if cell is not None and cell.code in strong else None
        fill = shade(min(max(value, 0.0) / FULL, 1.0)) if value is not None else None
        axes.add_patch(Rectangle((column + 0.03, row + 0.05), 0.94, 0.9, facecolor=fill or EMPTY, linewidth=0.5,
                                 edgecolor=RULE))  # fmt: skip
        shown = "·" if value is None else f"{value:.2f}".removeprefix("0")
        axes.text(column + 0.5, middle, shown, ha="center", va="center", fontsize=7.5,
                  color=FAINT if fill is None else ink_on(fill))  # fmt: skip
