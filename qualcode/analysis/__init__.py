"""Codings to tables: pure functions over a :class:`Study`, no database and no files."""

from __future__ import annotations

from qualcode.analysis.facets import facets
from qualcode.analysis.groups import attribute_names, groups_by
from qualcode.analysis.matrix import matrix
from qualcode.analysis.quotes import Quote, choose_quotes
from qualcode.analysis.spread import spread
from qualcode.analysis.study import Case, Person, Study, study_of
from qualcode.analysis.themes import THEME_COLUMNS, themes
from qualcode.analysis.uncoded import uncoded, uncoded_stretches

__all__ = [
    "THEME_COLUMNS",
    "Case",
    "Person",
    "Quote",
    "Study",
    "attribute_names",
    "choose_quotes",
    "facets",
    "groups_by",
    "matrix",
    "spread",
    "study_of",
    "themes",
    "uncoded",
    "uncoded_stretches",
]
