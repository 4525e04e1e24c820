"""Coders by name: the built-in ones and those of plug-ins are equal (entry point group ``qualcode.coders``)."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from qualcode.coding.base import Coder
from qualcode.errors import CodingError

__all__ = ["GROUP", "STEADY", "coder_names", "make_coder"]

GROUP = "qualcode.coders"
STEADY = frozenset({"rules", "exemplars", "llm"})
"""Coders of ours that learn nothing from what people decide."""


def _rules(**parameters: Any) -> Coder:
    from qualcode.coding.rules.coder import RulesCoder

    return RulesCoder(**parameters)


def _exemplars(**parameters: Any) -> Coder:
    from qualcode.coding.exemplars.coder import ExemplarsCoder

    return ExemplarsCoder(**parameters)


def _ensemble(**parameters: Any) -> Coder:
    from qualcode.coding.ensemble import EnsembleCoder

    return EnsembleCoder(**parameters)


def _llm(**parameters: Any) -> Coder:
    from qualcode.coding.llm.coder import LlmCoder

    return LlmCoder(**parameters)


def _classifier(**parameters: Any) -> Coder:
    from qualcode.coding.classifier.coder import ClassifierCoder

    return ClassifierCoder(**parameters)


def _topics(**parameters: Any) -> Coder:
    from qualcode.coding.topics.coder import TopicsCoder

    return TopicsCoder(**parameters)


_BUILT_IN: dict[str, Callable[..., Coder]] = {
    "classifier": _classifier,
    "ensemble": _ensemble,
    "exemplars": _exemplars,
    "llm": _llm,
    "rules": _rules,
    "topics": _topics,
}


def _loaded(point: EntryPoint) -> Callable[..., Coder]:
    try:
        factory: Callable[..., Coder] = point.load()
    except (ImportError, AttributeError) as error:
        raise CodingError(
            "QC-K005",
            f"the plug-in of the coder {point.name!r} cannot be loaded ({error})",
            hint="Install or update the package that brings it, or leave the coder out.",
        ) from error
    return factory


def coder_names() -> tuple[str, ...]:
    """Return the names of all coders that are installed, sorted."""
    return tuple(sorted(_BUILT_IN.keys() | {point.name for point in entry_points(group=GROUP)}))


def make_coder(name: str, **parameters: Any) -> Coder:
    """Return a new coder.

    Args:
        name: a name of :func:`coder_names`.
        parameters: what its constructor takes.

    Raises:
        CodingError: QC-K001 when there is no such coder, QC-K002 when it does not take these parameters,
            QC-K005 when it is a plug-in that cannot be loaded.
    """
    factory: Callable[..., Coder] | None = _BUILT_IN.get(name)
    if factory is None:
        for point in entry_points(group=GROUP):
            if point.name == name:
                factory = _loaded(point)
                break
    if factory is None:
        known = coder_names()
        close = difflib.get_close_matches(name, known, 1)
        raise CodingError(
            "QC-K001",
            f"there is no coder {name!r}",
            hint=f"Did you mean {close[0]!r}?" if close else f"Known coders: {', '.join(known)}.",
        )
    try:
        return factory(**parameters)
    except TypeError as error:
        raise CodingError(
            "QC-K002",
            f"the coder {name!r} does not take these parameters: {error}",
            hint="See `recipe:` in the documentation of qualcode.yaml.",
        ) from error
