"""Themes against interviews: how much of each, at a glance, and what is missing where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.matrix import MatrixCell, matrix_cells
from qualcode.analysis.names import short_names
from qualcode.analysis.study import Study
from qualcode.analysis.tally import found_codes
from qualcode.model.codes import Code
from qualcode.viz.style import EMPTY, FAINT, RULE, clipped, house_style, ink_on, new_figure, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["theme_by_interview", "theme_by_interview_alt"]

LABEL, HEAD = 44, 30
"""Letters of a theme's name and of a document's name that are shown."""
ROW, COLUMN = 0.27, 0.62
"""Inches of a row and of a column."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the figure: a domain's name, or a theme with its cells."""

    text: str
    cells: tuple[MatrixCell, ...] = ()


def theme_by_interview(study: Study) -> Figure:
    """Return the heat map of the themes that were found: rows by domain, a column a document, counts of distinct units.

    Cells in which every coding says that it is absent are hatched; empty cells hold a dot.
    """
    with house_style():
        lines = _lines(study)
        names = [clipped(name, HEAD) for name in short_names([case.name for case in study.cases])]
        columns = len(names)
        figure = new_figure(3.4 + COLUMN * max(columns, 1), 1.5 + ROW * max(len(lines), 1))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_xlim(0, max(columns, 1))
        axes.set_ylim(max(len(lines), 1), 0)
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.xaxis.tick_top()
        axes.set_xticks(
            [column + 0.5 for column in range(columns)], names, rotation=40, ha="left", rotation_mode="anchor"
        )
        axes.set_yticks([])
        top = max((cell.segments for line in lines for cell in line.cells), default=1) or 1
        for number, line in enumerate(lines):
            _draw(axes, number, line, top)
        if not lines:
            axes.text(0.5, 0.5, "no theme was found", ha="center", va="center", color=FAINT)
    return figure


def theme_by_interview_alt(study: Study) -> str:
    """Return what the heat map shows, in words, for readers who cannot see it."""
    found = found_codes(study)
    if not found:
        return "Heat map of themes by document. No theme was found in any document."
    cells = matrix_cells(study, codes=[code.id for code in found])
    per_code = {code.id: [cell for cell in cells if cell.code.id == code.id] for code in found}
    spread = {code.id: sum(cell.codings > 0 for cell in per_code[code.id]) for code in found}
    widest = sorted(found, key=lambda code: -spread[code.id])[:3]
    most = max(cells, key=lambda cell: cell.segments)
    total = len(study.cases)
    parts = [f"{code.label} in {spread[code.id]} of {total}" for code in widest]
    single = sum(count == 1 for count in spread.values())
    alone = f" {single} of the themes {'was' if single == 1 else 'were'} found in one document only." if single else ""
    return (
        f"Heat map of {len(found)} themes by {total} documents; each cell holds the number of {study.unit}s. "
        f"Most widely found: {'; '.join(parts)}. The highest count is {most.segments}, for {most.code.label} in "
        f"{most.case.name}.{alone} The same numbers are in the framework matrix."
    )


def _lines(study: Study) -> list[_Line]:
    found = found_codes(study)
    cells: dict[str, list[MatrixCell]] = {}
    for cell in matrix_cells(study, codes=[code.id for code in found]) if found else ():
        cells.setdefault(cell.code.id, []).append(cell)
    book = study.codebook
    lines: list[_Line] = []
    domain = None
    for code in found:
        top = (code, *book.ancestors(code.id))[-1]
        if top.id != domain and book.children(top.id):
            lines.append(_Line(clipped(_named(top), LABEL)))
        domain = top.id
        lines.append(_Line(clipped(_named(code), LABEL), tuple(cells[code.id])))
    return lines


def _named(code: Code) -> str:
    return f"{code.id} {code.label}"


def _draw(axes: Axes, number: int, line: _Line, top: int) -> None:
    from matplotlib.patches import Rectangle

    middle = number + 0.5
    if not line.cells:
        axes.text(-0.15, middle + 0.12, line.text, ha="right", va="center", fontweight="bold", fontsize=8.5)
        return
    axes.text(-0.15, middle, line.text, ha="right", va="center", fontsize=8.5)
    for column, cell in enumerate(line.cells):
        share = (cell.segments / top) ** 0.6 if cell.codings else 0.0
        denied = cell.codings > 0 and cell.absent == cell.codings
        fill = EMPTY if not cell.codings or denied else shade(share)
        box = Rectangle((column + 0.03, number + 0.05), 0.94, 0.9, facecolor=fill, linewidth=0.5, edgecolor=RULE)
        axes.add_patch(box)
        if denied:
            axes.add_patch(
                Rectangle(
                    (column + 0.03, number + 0.05), 0.94, 0.9, fill=False, hatch="////", linewidth=0.0, edgecolor=FAINT
                )
            )
        colour = "black" if denied else ink_on(shade(share))
        back = {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if denied else None
        shown = str(cell.segments) if cell.codings else "·"
        axes.text(column + 0.5, middle, shown, ha="center", va="center", fontsize=8.5,
                  color=colour if cell.codings else FAINT, bbox=back)  # fmt: skip
