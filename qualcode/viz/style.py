"""The one style of all figures: quiet, for print, told apart by lightness and never by colour alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qualcode.model.textgrid import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "EMPTY",
    "FAINT",
    "INK",
    "MARK",
    "RULE",
    "clipped",
    "house_style",
    "ink_on",
    "luminance",
    "new_figure",
    "shade",
]

INK = "#1c2733"
FAINT = "#5a6673"
"""For what is said in passing; 5.9 to 1 against white."""
RULE = "#c9d1d9"
EMPTY = "#f4f6f8"
MARK = "#1f4e79"
"""A dark blue: it prints as a dark grey, and no form of colour blindness confuses it with white."""

_LIGHTEST, _DARKEST = (0.86, 0.91, 0.95), (0.07, 0.24, 0.40)
_SETTINGS: dict[str, Any] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.0,
    "axes.titleweight": "bold",
    "axes.linewidth": 0.8,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.7,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "qualcode",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and write in the house style; what the caller had set is back afterwards."""
    import warnings

    import matplotlib as mpl

    settings: Any = _SETTINGS
    with mpl.rc_context(settings), warnings.catch_warnings():
        # The letters of a name that the font lacks are drawn by the reader's own font: an SVG keeps text as text.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches, on a canvas of its own, without pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def shade(share: float) -> tuple[float, float, float]:
    """Return the fill for a share of the greatest value: the more, the darker, in colour and in grey."""
    low, high = _LIGHTEST, _DARKEST
    return (
        low[0] + (high[0] - low[0]) * share,
        low[1] + (high[1] - low[1]) * share,
        low[2] + (high[2] - low[2]) * share,
    )


def luminance(colour: tuple[float, float, float]) -> float:
    """Return the relative luminance of a colour, as the accessibility guidelines (WCAG 2) define it."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(fill: tuple[float, float, float]) -> str:
    """Return black or white, whichever reads better on the fill; the contrast is then never below 4.5 to 1."""
    light = luminance(fill) + 0.05
    return "black" if light / 0.05 >= 1.05 / light else "white"


def clipped(text: str, longest: int) -> str:
    """Return a label on one line, cut with an ellipsis when it has more letters than ``longest``."""
    flat = " ".join(plain(text).split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"
