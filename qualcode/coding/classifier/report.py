"""How ready the classifier is, code by code."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from qualcode.coding.classifier.learner import ENOUGH, Learnt, Tried
from qualcode.model.table import Column, Table

__all__ = ["report_table", "state_of"]


def state_of(tried: Tried) -> str:
    """Return ``ready``, ``rank only`` (too few examples to propose anything) or ``no examples``."""
    if not tried.positives:
        return "no examples"
    return "ready" if tried.positives >= ENOUGH else "rank only"


def report_table(learnt: Learnt, labels: Mapping[str, str], groups: str, *, unit: str = "") -> Table:
    """Return a row for each code: how many examples it has, whether they are enough, and how it fares when held out.

    Args:
        learnt: what was learnt.
        labels: of the codes.
        groups: what texts are held out by (``documents``).
        unit: what is counted.
    """
    columns = (
        Column("code", "text", "id of the code"),
        Column("label", "text", "its name"),
        Column("positives", "integer", "units that carry it, as people decided"),
        Column("documents", "integer", f"how many {groups} these stand in"),
        Column("n", "integer", "units about which people said yes or no"),
        Column("state", "text", f"ready (at least {ENOUGH} positives), rank only, or no examples"),
        Column("threshold", "share", "the probability from which it is predicted"),
        Column("average_precision", "share", "of the order by score, each unit by what was learnt without its fold"),
        Column("f1", "share", "of what is predicted, each unit without its fold, the threshold too"),
    )
    cut = 1 / (1 + np.exp(-learnt.thresholds))
    rows = tuple(
        (str(code), labels.get(code, ""), each.positives, each.groups, each.texts, state_of(each), float(cut[column]),
         _known(each.average_precision), _known(each.f1))
        for column, (code, each) in enumerate(zip(learnt.codes, learnt.tried, strict=True))
    )  # fmt: skip
    few = sum(state_of(each) != "ready" for each in learnt.tried)
    notes: tuple[str, ...] = (
        f"{few} of {len(rows)} codes have fewer than {ENOUGH} examples: they are ranked, and nothing is proposed "
        "for them.",
        f"Average precision and F1: by cross-validation, whole {groups} held out where there are two or more; with few "
        "positives they say little.",
    )
    if learnt.exclusive:
        notes = (
            *notes,
            "Each unit has one code at most, so the likeliest is predicted and thresholds only show its place.",
        )
    return Table("classifier", "How ready the classifier is", columns, rows, unit, notes)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
