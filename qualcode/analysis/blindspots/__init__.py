"""Blind spots: participants' talk that no code touched, grouped so that somebody can read it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.analysis.blindspots.find import blindspots
    from qualcode.analysis.blindspots.tables import blindspot_passages, blindspot_table
    from qualcode.analysis.blindspots.values import BlindSpots, Cluster, NearCode, Passage

__all__ = ["BlindSpots", "Cluster", "NearCode", "Passage", "blindspot_passages", "blindspot_table", "blindspots"]

_PLACES = {
    "BlindSpots": "values", "Cluster": "values", "NearCode": "values", "Passage": "values", "blindspots": "find",
    "blindspot_passages": "tables", "blindspot_table": "tables",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"qualcode.analysis.blindspots.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
