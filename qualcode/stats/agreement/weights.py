"""How far two categories are apart: agreement weights for kappas, distances for Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.agreement.data import Floats, Ints, Ratings

__all__ = ["LEVELS", "WEIGHTS", "Metric", "metric_for", "set_distances", "weights_for"]

WEIGHTS = ("linear", "quadratic", "ordinal")
LEVELS = ("nominal", "ordinal", "interval", "ratio", "jaccard", "masi")

_BLOCK = 1 << 21  # cells of a distance matrix that are made at one time


def weights_for(weights: object, ratings: Ratings) -> tuple[str, Floats | None]:
    """Return the weights' name and their matrix, q × q in the order of the categories; ``None`` is the identity.

    With ranks i and j of q categories: linear ``1 - |i-j|/(q-1)``; quadratic ``1 - (|i-j|/(q-1))²``; ordinal
    ``1 - C(|i-j|+1, 2)/C(q, 2)`` (Gwet 2014). A matrix of one's own is symmetric, in [0, 1], with ones on the diagonal.

    Raises:
        StatisticsError: QC-N005 for unknown weights or an unsound matrix, QC-N007 for categories without an order.
    """
    if weights is None:
        return "", None
    q = len(ratings.categories)
    if isinstance(weights, str):
        if weights not in WEIGHTS:
            raise StatisticsError(
                "QC-N005",
                f"There are no weights called {weights!r}.",
                hint=f"Use one of {', '.join(WEIGHTS)}, or a matrix.",
            )
        need_order(ratings, f"weights={weights!r}")
        steps = np.abs(np.arange(q)[:, None] - np.arange(q)[None, :]).astype(np.float64)
        if q < 2:
            return weights, np.ones((q, q))
        if weights == "ordinal":
            return weights, 1 - steps * (steps + 1) / (q * (q - 1))
        return weights, 1 - (steps / (q - 1)) ** (1 if weights == "linear" else 2)
    return "custom", _own_matrix(weights, ratings)


def _own_matrix(weights: object, ratings: Ratings) -> Floats:
    q = len(ratings.categories)
    if not ratings.domain_given:
        raise StatisticsError(
            "QC-N007",
            "A matrix of weights needs the categories that its rows stand for.",
            hint="Add categories=[...] in the order of the rows.",
        )
    try:
        matrix = np.array(weights, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.shape != (q, q):
        raise StatisticsError(
            "QC-N005",
            f"The weights are not a {q} × {q} matrix of numbers.",
            hint=f"Give one row and one column for each of {list(ratings.categories)!r}.",
        )
    sound = bool(((matrix >= 0) & (matrix <= 1)).all()) and bool((matrix == matrix.T).all())
    if not sound or bool((np.diag(matrix) != 1).any()):
        raise StatisticsError(
            "QC-N005",
            "Weights are a symmetric matrix of numbers from 0 to 1 with ones on the diagonal (1 = full agreement).",
            hint="If yours counts disagreement, give 1 - matrix / matrix.max().",
        )
    return matrix


def need_order(ratings: Ratings, asked: str) -> None:
    """Refuse observed values that have no natural order when ``asked`` needs one (QC-N007)."""
    if not ratings.domain_given and not all(isinstance(value, int | float) for value in ratings.categories):
        raise StatisticsError(
            "QC-N007",
            f"With {asked} the order of the categories matters, and these are not numbers.",
            hint="Name the whole domain in its order, such as categories=['low', 'middle', 'high'].",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """A squared distance between categories, for alpha.

    ``kind`` is nominal, ordinal (ranks come from each data set's own marginals), points (squared difference of
    ``points``), ratio (of ``points``) or matrix.
    """

    kind: str
    points: Floats | None = None
    matrix: Floats | None = None

    def pairs(self, first: Ints, second: Ints) -> Floats:
        """Return the distances between categories by number, elementwise. Not for ordinal, which has no fixed ones."""
        if self.matrix is not None:
            found: Floats = self.matrix[first, second]
            return found
        if self.points is None:
            return np.asarray(first != second, dtype=np.float64)
        a, b = self.points[first], self.points[second]
        distance: Floats = (a - b) ** 2
        if self.kind == "ratio":
            total: Floats = a + b
            distance /= np.where(total == 0, 1.0, total) ** 2
        return distance

    def between(self, marginals: Floats) -> Floats:
        """Return, for each row n of ``marginals`` (sets × q), the sum over k and l of n_k n_l distance(k, l)."""
        total: Floats = marginals.sum(axis=1)
        if self.kind == "nominal":
            alike: Floats = (marginals**2).sum(axis=1)
            return total**2 - alike
        if self.kind in {"ordinal", "points"}:
            points = midranks(marginals) if self.points is None else self.points
            mean = (marginals * points).sum(axis=1) / np.where(total == 0, 1.0, total)
            spread: Floats = (marginals * (points - mean[:, None]) ** 2).sum(axis=1)
            return 2 * total * spread
        q = marginals.shape[1]
        out = np.zeros(len(marginals))
        step = max(1, _BLOCK // max(q, 1))
        for start in range(0, q, step):
            rows = np.arange(start, min(start + step, q))
            block = self.pairs(rows[:, None], np.arange(q)[None, :])
            out += ((marginals @ block.T) * marginals[:, rows]).sum(axis=1)
        return out


def midranks(marginals: Floats) -> Floats:
    """Return the middle rank of each category: those before it and half of its own (ordinal alpha's scale)."""
    before: Floats = np.cumsum(marginals, axis=1)
    return before - marginals / 2


def metric_for(level: str, weights: object, ratings: Ratings) -> tuple[str, Metric]:
    """Return the weights' name and alpha's metric.

    Raises:
        StatisticsError: QC-N002 for an unknown level, QC-N006 for values that have no such level, QC-N008 for a level
            and weights together; and what :func:`weights_for` raises.
    """
    if level not in LEVELS:
        raise StatisticsError(
            "QC-N002", f"There is no level called {level!r}.", hint=f"Use one of {', '.join(LEVELS)}."
        )
    name, matrix = weights_for(weights, ratings)
    if matrix is not None:
        if level != "nominal":
            raise StatisticsError(
                "QC-N008",
                f"level={level!r} and weights both say how far categories are apart.",
                hint="Leave one of them out.",
            )
        return name, Metric("matrix", matrix=1 - matrix)
    if level == "nominal":
        return name, Metric("nominal")
    if level == "ordinal":
        need_order(ratings, "level='ordinal'")
        return name, Metric("ordinal")
    if level in {"jaccard", "masi"}:
        return name, Metric("matrix", matrix=set_distances(_sets(ratings.categories, level), level))
    points = _numbers(ratings.categories, level)
    return name, Metric("ratio" if level == "ratio" else "points", points=points)


def set_distances(sets: Sequence[frozenset[Any]], level: str) -> Floats:
    """Return the distances between sets, q × q: Jaccard, or MASI = 1 - J·M (Passonneau 2006).

    J is the share of common members among all of both; M is 1 for equal sets, 2/3 when one holds the other, 1/3 when
    they overlap and 0 when they are disjoint. Two empty sets are equal: distance 0.
    """
    members = {member: number for number, member in enumerate(dict.fromkeys(m for found in sets for m in found))}
    holds = np.zeros((len(sets), len(members)))
    for row, found in enumerate(sets):
        holds[row, [members[member] for member in found]] = 1
    both = holds @ holds.T
    sizes = holds.sum(axis=1)
    union = sizes[:, None] + sizes[None, :] - both
    jaccard = np.where(union == 0, 1.0, both / np.where(union == 0, 1.0, union))
    if level == "jaccard":
        return 1 - jaccard
    small = np.minimum(sizes[:, None], sizes[None, :])
    kinship = np.where(both == union, 1.0, np.where(both == 0, 0.0, np.where(both == small, 2 / 3, 1 / 3)))
    return 1 - jaccard * kinship


def _sets(categories: Sequence[Hashable], level: str) -> list[frozenset[Any]]:
    found = [value for value in categories if isinstance(value, frozenset)]
    if len(found) != len(categories):
        other = next(value for value in categories if not isinstance(value, frozenset))
        raise StatisticsError(
            "QC-N006",
            f"level={level!r} compares sets, and a rating is {other!r}.",
            hint="Give each cell as a set of codes, such as {'trust', 'hope'}, set() for none and None for missing.",
        )
    return found


def _numbers(categories: Sequence[Hashable], level: str) -> Floats:
    numbers = [float(value) for value in categories if isinstance(value, int | float)]
    if len(numbers) != len(categories) or not bool(np.isfinite(numbers).all()):
        raise StatisticsError(
            "QC-N006",
            f"level={level!r} needs finite numbers as ratings.",
            hint="Use level='nominal', or level='ordinal' with categories=[...] in order.",
        )
    points = np.array(numbers, dtype=np.float64)
    if level == "ratio" and bool((points < 0).any()):
        raise StatisticsError(
            "QC-N006", "level='ratio' has no meaning below zero.", hint="Use level='interval' for such ratings."
        )
    return points
