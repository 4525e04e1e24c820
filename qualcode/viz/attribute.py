"""Codes against an attribute: in how many of each group's documents a theme was found, k of n written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.analysis.groups import Group, groups_by
from qualcode.analysis.study import Study
from qualcode.analysis.tally import found_codes, tally
from qualcode.errors import AnalysisError
from qualcode.viz.heatmap import LABEL, ROW
from qualcode.viz.style import EMPTY, FAINT, MARK, clipped, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MOST_GROUPS", "code_by_attribute", "code_by_attribute_alt"]

MOST_GROUPS = 8
PANEL = 1.45
"""Inches of one group's panel."""
BAR = 0.62
"""Share of a row that a bar fills."""


def code_by_attribute(study: Study, attribute: str) -> Figure:
    """Return one panel a group, one bar a theme: the group's documents with the theme, out of all of the group.

    Raises:
        AnalysisError: QC-A004 when nobody has the attribute, QC-A007 when it has more than eight values.
    """
    groups = _groups(study, attribute)
    codes = found_codes(study)
    with house_style():
        rows = max(len(codes), 1)
        figure = new_figure(PANEL * len(groups), 0.4 + ROW * rows)
        for number, (group, axes) in enumerate(
            zip(groups, figure.subplots(1, len(groups), squeeze=False)[0], strict=True)
        ):
            counts = tally(study, group.holds)
            _panel(axes, group, [(code.id, len(counts[code.id].documents)) for code in codes])
            axes.set_ylim(rows, 0)
            if number == 0:
                for row, code in enumerate(codes):
                    name = clipped(f"{code.id} {code.label}", LABEL)
                    axes.text(-0.06, row + 0.5, name, ha="right", va="center", fontsize=8.5)
        figure.subplots_adjust(left=0.0, right=1.0, top=1.0, bottom=0.0, wspace=0.12)
    return figure


def code_by_attribute_alt(study: Study, attribute: str) -> str:
    """Return what the figure shows, in words: the groups and the themes on which they differ most.

    Raises:
        AnalysisError: as :func:`code_by_attribute`.
    """
    groups = _groups(study, attribute)
    codes = found_codes(study)
    sizes = ", ".join(f"{group.value} ({len(group.documents)})" for group in groups)
    start = f"Bars of {len(codes)} themes for each value of {attribute}: {sizes}."
    if not codes or len(groups) < 2:
        return f"{start} Each bar is the number of the group's documents with the theme."
    counts = [tally(study, group.holds) for group in groups]

    def shares(code: str) -> list[float]:
        return [
            len(count[code].documents) / max(len(group.documents), 1)
            for count, group in zip(counts, groups, strict=True)
        ]

    apart = sorted(codes, key=lambda code: min(shares(code.id)) - max(shares(code.id)))[:3]
    told = []
    for code in apart:
        if max(shares(code.id)) > min(shares(code.id)):
            each = [f"{len(count[code.id].documents)} of {len(group.documents)} {group.value}"
                    for count, group in zip(counts, groups, strict=True)]  # fmt: skip
            told.append(f"{code.label}: {', '.join(each)}")
    return f"{start} The groups differ most on {'; '.join(told)}." if told else f"{start} The groups do not differ."


def _groups(study: Study, attribute: str) -> tuple[Group, ...]:
    groups = groups_by(study, attribute)
    if len(groups) > MOST_GROUPS:
        raise AnalysisError("QC-A007", f"{attribute!r} has {len(groups)} values, too many to draw side by side",
                            hint=f"Group them into at most {MOST_GROUPS} in the table of attributes.")  # fmt: skip
    return groups


def _panel(axes: Axes, group: Group, counts: list[tuple[str, int]]) -> None:
    size = len(group.documents)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(f"{clipped(group.value, 16)} (n = {size})", loc="left", pad=6)
    for row, (_, k) in enumerate(counts):
        axes.barh(row + 0.5, 1.0, height=BAR, color=EMPTY, linewidth=0)
        share = k / size if size else 0.0
        axes.barh(row + 0.5, share, height=BAR, color=MARK, linewidth=0)
        inside = share > 0.55
        axes.text(share - 0.03 if inside else share + 0.03, row + 0.5, f"{k} of {size}", va="center", fontsize=8,
                  ha="right" if inside else "left", color="white" if inside else FAINT)  # fmt: skip
