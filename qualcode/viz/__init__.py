"""Studies to matplotlib figures in one style that is readable in grey; each has a text that says what it shows."""

from __future__ import annotations

from qualcode.viz.attribute import code_by_attribute, code_by_attribute_alt
from qualcode.viz.heatmap import theme_by_interview, theme_by_interview_alt
from qualcode.viz.recall import reading_orders, reading_orders_alt
from qualcode.viz.svg import to_data_uri, to_png, to_svg

__all__ = [
    "code_by_attribute",
    "code_by_attribute_alt",
    "reading_orders",
    "reading_orders_alt",
    "theme_by_interview",
    "theme_by_interview_alt",
    "to_data_uri",
    "to_png",
    "to_svg",
]
