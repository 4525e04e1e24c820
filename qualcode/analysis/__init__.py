"""Codings to tables: pure functions over a :class:`Study`, no database and no files."""

from __future__ import annotations

from qualcode.analysis.agreement import agreement
from qualcode.analysis.association import association
from qualcode.analysis.cooccurrence import cooccurrence
from qualcode.analysis.disagreements import confusions, disagreements
from qualcode.analysis.facets import facets
from qualcode.analysis.groups import attribute_names, groups_by
from qualcode.analysis.handsample import DrawnUnit, HandSample, draw_units
from qualcode.analysis.keyness import WordCounts, code_keyness, keyness
from qualcode.analysis.layers import Layer
from qualcode.analysis.matrix import matrix
from qualcode.analysis.prevalence import prevalence
from qualcode.analysis.quotes import Quote, choose_quotes
from qualcode.analysis.saturation import saturation
from qualcode.analysis.spread import spread
from qualcode.analysis.study import Case, Person, Study, study_of
from qualcode.analysis.themes import THEME_COLUMNS, themes
from qualcode.analysis.uncoded import uncoded, uncoded_stretches

__all__ = [
    "THEME_COLUMNS",
    "Case",
    "DrawnUnit",
    "HandSample",
    "Layer",
    "Person",
    "Quote",
    "Study",
    "WordCounts",
    "agreement",
    "association",
    "attribute_names",
    "choose_quotes",
    "code_keyness",
    "confusions",
    "cooccurrence",
    "disagreements",
    "draw_units",
    "facets",
    "groups_by",
    "keyness",
    "matrix",
    "prevalence",
    "saturation",
    "spread",
    "study_of",
    "themes",
    "uncoded",
    "uncoded_stretches",
]
