"""The query language: one language in codebook rules, on the command line and in notebooks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.query.engine import CodedSpan, Hits, evaluate

__all__ = ["CodedSpan", "Hits", "evaluate"]

_PLACES = {"CodedSpan": "engine", "Hits": "engine", "evaluate": "engine"}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"qualcode.query.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
