"""Coders: they propose passages for codes, and say why. People decide."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.coding.base import Coder, Corpus, Suggestions
    from qualcode.coding.ensemble import EnsembleCoder
    from qualcode.coding.exemplars.coder import ExemplarsCoder
    from qualcode.coding.registry import coder_names, make_coder
    from qualcode.coding.rules.coder import RulesCoder

__all__ = [
    "Coder", "Corpus", "EnsembleCoder", "ExemplarsCoder", "RulesCoder", "Suggestions", "coder_names", "make_coder",
]  # fmt: skip

_PLACES = {
    "Coder": "base", "Corpus": "base", "Suggestions": "base", "RulesCoder": "rules.coder",
    "EnsembleCoder": "ensemble", "ExemplarsCoder": "exemplars.coder",
    "coder_names": "registry", "make_coder": "registry",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"qualcode.coding.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
