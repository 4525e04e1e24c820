"""Topic models: talk pooled to segments, fitted, compared, read against the codes, and turned into suggestions.

The way through it::

    pooled = pool(corpus)                                    # talk in segments, terms counted by the index
    comparison = compare(pooled, ks=(6, 8, 10))              # a table; names no winner
    model = fit_topics(pooled, 8, seeds=seeds_of(codebook))  # seeded topics first, free ones behind
    relevance(model, pooled, topic)                          # a topic's words
    map_to_codes(model, pooled, codings)                     # the codes it goes with; topics that no code covers
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.coding.topics.coder import TopicsCoder
    from qualcode.coding.topics.coherence import npmi, npmi_interval
    from qualcode.coding.topics.comparison import Comparison, ComparisonRow, compare
    from qualcode.coding.topics.fit import fit_topics
    from qualcode.coding.topics.frequent_exclusive import exclusivity, frex
    from qualcode.coding.topics.inference import infer
    from qualcode.coding.topics.mapping import CodeMap, TopicCode, labels_of, map_to_codes
    from qualcode.coding.topics.matching import Stability, stability
    from qualcode.coding.topics.model import Kind, Pooled, Pooling, SeedGroup, TopicModel
    from qualcode.coding.topics.pooling import pool
    from qualcode.coding.topics.relevant import RelevantWord, relevance
    from qualcode.coding.topics.seeding import seeds_of

_PLACES = {
    "CodeMap": "mapping", "Comparison": "comparison", "ComparisonRow": "comparison", "Kind": "model", "Pooled": "model",
    "Pooling": "model", "RelevantWord": "relevant", "SeedGroup": "model", "Stability": "matching",
    "TopicCode": "mapping", "TopicModel": "model", "TopicsCoder": "coder", "compare": "comparison",
    "exclusivity": "frequent_exclusive", "fit_topics": "fit", "frex": "frequent_exclusive", "infer": "inference",
    "labels_of": "mapping", "map_to_codes": "mapping", "npmi": "coherence", "npmi_interval": "coherence",
    "pool": "pooling", "relevance": "relevant", "seeds_of": "seeding", "stability": "matching",
}  # fmt: skip

__all__ = [
    "CodeMap", "Comparison", "ComparisonRow", "Kind", "Pooled", "Pooling", "RelevantWord", "SeedGroup", "Stability",
    "TopicCode", "TopicModel", "TopicsCoder", "compare", "exclusivity", "fit_topics", "frex", "infer", "labels_of",
    "map_to_codes", "npmi", "npmi_interval", "pool", "relevance", "seeds_of", "stability",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"qualcode.coding.topics.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
