"""Coders: they propose passages for codes, and say why. People decide."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.coding.base import Coder, Corpus, Suggestions
    from qualcode.coding.classifier.coder import ClassifierCoder, classifier_report
    from qualcode.coding.classifier.estimator import CodeClassifier
    from qualcode.coding.ensemble import EnsembleCoder
    from qualcode.coding.exemplars.coder import ExemplarsCoder
    from qualcode.coding.features.units import units_of
    from qualcode.coding.llm.coder import LlmCoder
    from qualcode.coding.proposing import in_order, propose
    from qualcode.coding.registry import coder_names, make_coder
    from qualcode.coding.rules.coder import RulesCoder
    from qualcode.coding.topics.coder import TopicsCoder

__all__ = [
    "ClassifierCoder", "CodeClassifier", "Coder", "Corpus", "EnsembleCoder", "ExemplarsCoder", "LlmCoder", "RulesCoder",
    "Suggestions", "TopicsCoder",
    "classifier_report", "coder_names",
    "in_order", "make_coder", "propose", "units_of",
]  # fmt: skip

_PLACES = {
    "Coder": "base", "Corpus": "base", "Suggestions": "base", "RulesCoder": "rules.coder",
    "ClassifierCoder": "classifier.coder", "CodeClassifier": "classifier.estimator",
    "classifier_report": "classifier.coder",
    "EnsembleCoder": "ensemble", "ExemplarsCoder": "exemplars.coder", "TopicsCoder": "topics.coder",
    "LlmCoder": "llm.coder", "in_order": "proposing", "propose": "proposing", "units_of": "features.units",
    "coder_names": "registry", "make_coder": "registry",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"qualcode.coding.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
