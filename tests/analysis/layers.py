"""Random layers over random studies: several coders, each with documents worked through and codings of their own."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from qualcode.analysis import Layer, Study
from tests.analysis.studies import studies

__all__ = ["NAMES", "all_documents", "layered"]

NAMES = ("Ann", "Ben", "Cat")


def all_documents(made: Study) -> frozenset[str]:
    """Return the ids of all documents of a study."""
    return frozenset(case.id for case in made.cases)


@st.composite
def layered(draw: st.DrawFn, least: int = 2, most: int = 3) -> tuple[Study, list[Layer]]:
    """Return a random study and layers that share out its codings; some documents were not worked through by some."""
    made = draw(studies())
    names = NAMES[: draw(st.integers(least, most))]
    owners = draw(st.lists(st.sampled_from(names), min_size=len(made.codings), max_size=len(made.codings)))
    layers = []
    for name in names:
        worked = frozenset(case.id for case in made.cases if draw(st.integers(0, 3)))
        own = tuple(replace(each, coder=name) for each, who in zip(made.codings, owners, strict=True) if who == name)
        layers.append(Layer(name, worked, own))
    return made, layers
