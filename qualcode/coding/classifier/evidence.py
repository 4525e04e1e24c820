"""Why a passage was suggested: what it learnt from that is most alike, and the words that counted most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.classifier.learner import Learnt
from qualcode.coding.classifier.passages import Rows
from qualcode.coding.classifier.sight import Sight
from qualcode.coding.features.forms import word_values
from qualcode.model.document import Span

__all__ = ["MOST_TEXTS", "MOST_WORDS", "reasons", "telling_words"]

Array = npt.NDArray[Any]

MOST_TEXTS = 3
"""So many texts learnt from are named as the reason of a suggestion."""
MOST_WORDS = 4
"""So many words of a passage are shown as its evidence."""


def reasons(
    learnt: Learnt, rows: Rows, best: Sequence[int], codes: Sequence[int], names: Sequence[str]
) -> list[list[str]]:
    """Return for each passage the names of the texts that pull it most towards its code, strongest first.

    A text's pull is its likeness to the passage times the weight that it was given for the code.

    Args:
        learnt: what was learnt; ``names`` are those of its texts.
        rows: the units as rows.
        best: the unit of each passage that speaks for the code most; ``codes``: columns.
    """
    alike = (rows.sparse[list(best)] @ learnt.rows.sparse.T).toarray() + rows.dense[list(best)] @ learnt.rows.dense.T
    pull = alike * learnt.pull[:, list(codes)].T
    found = []
    for each in pull:
        order = np.argsort(-each, kind="stable")
        named = dict.fromkeys(names[row] for row in order[: 3 * MOST_TEXTS].tolist() if each[row] > 0)
        found.append(list(named)[:MOST_TEXTS])
    return found


def telling_words(sight: Sight, learnt: Learnt, found: Sequence[tuple[int, int, int]]) -> list[list[Span]]:
    """Return for each passage (code, first unit, last unit) the places of the words that add most to its score.

    What a word adds is the weight of its form and of its letters; runs of words are left out of account.
    """
    spans: list[list[Span]] = [[] for _ in found]
    wanted = np.asarray(found, np.int64).reshape(-1, 3)
    for placed in sight.placed:
        inside = np.flatnonzero(placed.row >= 0)
        if not len(inside):
            continue
        row = placed.row[inside]
        order = np.argsort(row, kind="stable")
        tokens, row = inside[order], row[order]
        first = np.searchsorted(row, wanted[:, 1])
        last = np.searchsorted(row, wanted[:, 2], side="right")
        here = [number for number in range(len(found)) if last[number] > first[number]]
        if not here:
            continue
        values = word_values(placed.shard, learnt.words.vocabulary, learnt.weighed.sparse, learnt.words.weights.letters)
        for number in here:
            mine = tokens[first[number] : last[number]]
            _, at = np.unique(placed.shard.types.form_of_type[placed.shard.token_type[mine]], return_index=True)
            mine = mine[at]  # a word that is said twice is shown once
            added = values[placed.shard.token_type[mine], found[number][0]]
            best = np.argsort(-added, kind="stable")[:MOST_WORDS]
            chosen = np.sort(mine[best[added[best] > 0]])
            if len(chosen):
                _, starts, ends = placed.shard.locate(chosen, chosen + 1)
                spans[number] = [Span(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    return spans
