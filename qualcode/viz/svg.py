"""Figures as files: SVG that is the same every time, and as an address that a page can hold inside itself."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

from qualcode.viz.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["to_data_uri", "to_png", "to_svg"]

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)


def to_svg(figure: Figure) -> str:
    """Return the figure as an ``<svg>`` element; text stays text, and there is no date, version or address in it."""
    out = io.StringIO()
    with house_style():
        figure.savefig(
            out, format="svg", bbox_inches="tight", pad_inches=0.08, metadata={"Date": None, "Creator": None}
        )
    return _METADATA.sub("", _PROLOGUE.sub("", out.getvalue(), count=1), count=1)


def to_png(figure: Figure) -> bytes:
    """Return the figure as PNG, 160 dots to the inch; there is no date or version in it."""
    out = io.BytesIO()
    with house_style():
        figure.savefig(out, format="png", dpi=160, bbox_inches="tight", pad_inches=0.08, metadata={"Software": None})
    return out.getvalue()


def to_data_uri(figure: Figure) -> str:
    """Return the figure as a ``data:`` address for the ``src`` of an image."""
    return "data:image/svg+xml;base64," + base64.b64encode(to_svg(figure).encode("utf-8")).decode("ascii")
