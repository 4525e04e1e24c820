"""Agreement on where a text is cut: boundary similarity, segmentation similarity, Pk and WindowDiff.

A segmentation of N atoms (turns, sentences, lines) is written in one of three ways that mean the same:

* masses, the lengths of its segments in order: ``[2, 3, 6]``;
* a string of 0 and 1, a symbol for each of the N-1 places between atoms: ``"0100100000"``;
* a set of those places, counted from 1 as "after atom p", with ``atoms=N``: ``{2, 5}``.

Use :func:`boundary_similarity` unless a reader asks for another: it is symmetric, and knows near misses from misses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, permutations
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qualcode.errors import StatisticsError
from qualcode.stats.agreement.result import Agreement
from qualcode.stats.agreement.segmentation import Segmentation, boundary_edits, is_whole, read_both, read_segmentation

__all__ = [
    "boundary_similarity",
    "mean_pairwise",
    "pk",
    "segmentation_kappa",
    "segmentation_pi",
    "segmentation_similarity",
    "window_diff",
]

Convention: TypeAlias = Literal["segeval", "nltk"]

NO_BOUNDARIES = (
    "Neither segmentation has a boundary: the best value holds by definition and is no evidence of agreement."
)


def boundary_similarity(
    one: Segmentation, other: Segmentation, *, span: int = 2, atoms: int | None = None
) -> Agreement:
    """Return Fournier's boundary similarity B of two segmentations; it is symmetric, and 1 is best.

    ::

        B = 1 - (A + sum of w) / (A + T + M)

    with A boundaries that only one has, M that both have, and T near misses: a boundary of one and a boundary of the
    other fewer than ``span`` places apart, w = distance / ``span`` (1/2 for neighbours with the usual span of 2).

    Source: Fournier (2013), *Evaluating text segmentation using boundary edit distance*, ACL.

    Args:
        one, other: the segmentations; see the module for how they are written.
        span: how many places a near miss may cover; 1 knows no near misses.
        atoms: N, for segmentations that are sets.

    Returns:
        B. ``observed`` is B too, as it has no chance correction; ``n_units`` are the N-1 places, ``n_pairable`` the
        boundaries compared. When neither has a boundary, B is 1 by definition and ``notes`` say so. Undefined for a
        single atom, where there is no place for a boundary.

    Raises:
        StatisticsError: QC-N040 for a segmentation that is none, QC-N041 for two of different lengths, QC-N042 for a
            span below 1.
    """
    edits = boundary_edits(one, other, span, atoms)
    if not edits.places:
        return _result("boundary-similarity", None, 0, 0, "one atom has no place for a boundary")
    notes: list[str] = [f"Near misses up to {span} places count in part."] if span > 1 else []
    if not edits.compared:
        return _result("boundary-similarity", 1.0, edits.places, 0, notes=[*notes, NO_BOUNDARIES])
    value = 1 - edits.cost / edits.compared
    return _result("boundary-similarity", value, edits.places, edits.compared, notes=notes)


def segmentation_similarity(
    one: Segmentation, other: Segmentation, *, span: int = 2, atoms: int | None = None
) -> Agreement:
    """Return Fournier and Inkpen's segmentation similarity S: 1 - edits / (N-1). It is symmetric, and 1 is best.

    The edits are those of :func:`boundary_similarity`. Since all places count, S is high whenever boundaries are rare:
    prefer B, and never compare S between texts with different densities of boundaries.

    Source: Fournier & Inkpen (2012), *Segmentation similarity and agreement*, NAACL, with the edits of Fournier (2013).

    Raises:
        StatisticsError: as :func:`boundary_similarity`.
    """
    edits = boundary_edits(one, other, span, atoms)
    if not edits.places:
        return _result("segmentation-similarity", None, 0, 0, "one atom has no place for a boundary")
    notes = ["All places count, so S is high whenever boundaries are rare."]
    if not edits.compared:
        notes.append(NO_BOUNDARIES)
    return _result("segmentation-similarity", 1 - edits.cost / edits.places, edits.places, edits.places, notes=notes)


def pk(
    hypothesis: Segmentation,
    reference: Segmentation,
    *,
    window: int | None = None,
    convention: Convention = "segeval",
    atoms: int | None = None,
) -> Agreement:
    """Return Pk, the share of windows whose two ends are in one segment in one segmentation only. **0 is best.**

    A window joins atoms i and i+k, for all N-k of them. Pk is not symmetric: k comes from the reference. It misses some
    false boundaries; report B as well.

    Source: Beeferman, Berger & Lafferty (1999), *Machine Learning* 34.

    Args:
        hypothesis: the segmentation that is judged.
        reference: the one it is judged by.
        window: k. Without it half the mean segment of the reference, as two programs understand that:
        convention: ``"segeval"`` takes round(N / (2 * segments)), at least 2; ``"nltk"`` takes
            round((N-1) / (2 * boundaries)), as NLTK does with a string of N-1 symbols. The windows are the same.
        atoms: N, for segmentations that are sets.

    Returns:
        Pk; ``n_units`` is N, ``n_pairable`` the number of windows. Undefined when no window fits into the text.

    Raises:
        StatisticsError: QC-N040, QC-N041 as :func:`boundary_similarity`; QC-N043 for a window below 1 or an unknown
            convention.
    """
    return _windows("pk", hypothesis, reference, window, convention, atoms, lambda a, b: (a > 0) != (b > 0))


def window_diff(
    hypothesis: Segmentation,
    reference: Segmentation,
    *,
    window: int | None = None,
    convention: Convention = "segeval",
    atoms: int | None = None,
) -> Agreement:
    """Return WindowDiff, the share of windows with different numbers of boundaries. **0 is best.**

    Arguments, window and errors are those of :func:`pk`. Not symmetric either.

    Source: Pevzner & Hearst (2002), *Computational Linguistics* 28.
    """
    return _windows("window-diff", hypothesis, reference, window, convention, atoms, lambda a, b: a != b)


def mean_pairwise(
    segmentations: Sequence[Segmentation],
    measure: Callable[..., Agreement] = boundary_similarity,
    **options: int | str | None,
) -> Agreement:
    """Return the mean of a measure over all pairs of coders; over both orders for Pk and WindowDiff.

    Args:
        segmentations: one for each coder, of the same text.
        measure: one of the four functions of this module.
        options: passed to it, such as ``atoms=``, ``span=`` or ``window=``.

    Returns:
        The mean; undefined with fewer than two coders or when a pair is undefined. ``notes`` of the pairs are kept.

    Raises:
        StatisticsError: as ``measure``.
    """
    asymmetric = measure in (pk, window_diff)
    pairs = list((permutations if asymmetric else combinations)(segmentations, 2))
    found = [measure(one, other, **options) for one, other in pairs]
    name = f"mean pairwise {found[0].measure}" if found else "mean pairwise"
    coders = len(segmentations)
    if not found:
        return _result(name, None, 0, 0, "agreement needs at least two coders", coders=coders)
    values = [each.value for each in found if each.value is not None]
    reason = next((each.reason for each in found if each.value is None), "")
    notes = list(dict.fromkeys(note for each in found for note in each.notes))
    order = "both orders of every pair" if asymmetric else "every pair"
    return _result(name, None if reason else float(np.mean(values)), found[0].n_units, len(found), reason,
                   [f"Mean over {order} of {coders} coders.", *notes], coders)  # fmt: skip


def segmentation_kappa(items: Sequence[Sequence[Segmentation]], *, span: int = 2) -> Agreement:
    """Return kappa over segmentations: observed agreement is B pooled over pairs of coders and texts.

    ::

        Aa = sum of (A + T + M - edits) / sum of (A + T + M)     over texts and pairs of coders
        Ae = mean over pairs of coders of p1 * p2                p: a coder's boundaries / places, over all texts

    ``(Aa - Ae)/(1 - Ae)``. Chance agreement here is agreement on boundaries only, as Fournier and Inkpen argue, so the
    value is near Aa when boundaries are rare.

    Source: Fournier (2013) with Artstein & Poesio's (2008) formulation for many coders (Davies & Fleiss 1982).

    Args:
        items: for each text the segmentations of all coders, always in the same order.
        span: as in :func:`boundary_similarity`.

    Returns:
        Kappa; ``observed`` Aa, ``expected`` Ae, ``n_units`` texts. Undefined with fewer than two coders, or when
        nobody set a boundary, or when everybody set all of them.

    Raises:
        StatisticsError: QC-N040 to QC-N042 as :func:`boundary_similarity`, QC-N044 when texts have different coders.
    """
    return _chance_corrected("segmentation kappa", items, span, _by_own_rates)


def segmentation_pi(items: Sequence[Sequence[Segmentation]], *, span: int = 2) -> Agreement:
    """Return pi over segmentations: as :func:`segmentation_kappa`, with one rate for all coders.

    Ae is the square of the mean of boundaries / places over coders and texts (Fleiss 1971; Scott for two coders).
    """
    return _chance_corrected("segmentation pi", items, span, _by_common_rate)


def _windows(
    name: str,
    hypothesis: Segmentation,
    reference: Segmentation,
    window: int | None,
    convention: str,
    atoms: int | None,
    differ: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]],
) -> Agreement:
    if convention not in ("segeval", "nltk"):
        raise StatisticsError("QC-N043", f"there is no convention {convention!r}", hint='Use "segeval" or "nltk".')
    if window is not None and (not is_whole(window) or window < 1):
        raise StatisticsError("QC-N043", f"a window is a whole number from 1, got {window!r}",
                              hint="Leave it out for half the mean segment of the reference.")  # fmt: skip
    judged, by = read_both(hypothesis, reference, atoms)
    n, boundaries = len(by) + 1, int(by.sum())
    if window is not None:
        k = int(window)
    elif convention == "segeval":
        k = max(round(n / (boundaries + 1) / 2), 2)
    else:
        k = max(round((n - 1) / (max(boundaries, 1) * 2)), 1)
    notes = [f"Windows of {k} atoms ({'given' if window is not None else convention}); 0 is best."]
    if k >= n:
        return _result(name, None, n, 0, f"a window of {k} does not fit into {n} atoms", notes)
    if not (judged.any() or boundaries):
        notes.append(NO_BOUNDARIES)
    wrong = differ(_in_windows(judged, k), _in_windows(by, k))
    return _result(name, float(wrong.mean()), n, len(wrong), notes=notes)


def _in_windows(places: NDArray[np.bool_], k: int) -> NDArray[np.int64]:
    """Return the number of boundaries in each run of k places."""
    before = np.concatenate(([0], np.cumsum(places)))
    counts: NDArray[np.int64] = before[k:] - before[:-k]
    return counts


def _chance_corrected(
    name: str, items: Sequence[Sequence[Segmentation]], span: int, chance: Callable[[NDArray[np.float64]], float]
) -> Agreement:
    coders = {len(item) for item in items}
    if len(coders) > 1:
        raise StatisticsError("QC-N044", "the texts do not have the same number of coders",
                              hint="Every coder segments every text, in the same order of coders.")  # fmt: skip
    count = coders.pop() if coders else 0
    if count < 2:
        return _result(name, None, len(items), 0, "agreement needs at least two coders", coders=count)
    edits = [boundary_edits(one, other, span, None) for item in items for one, other in combinations(item, 2)]
    compared = sum(each.compared for each in edits)
    if not compared:
        return _result(name, None, len(items), 0, "no coder set a boundary", coders=count)
    found = np.array([[(places.sum(), len(places)) for places in map(_free_of_set, item)] for item in items])
    observed = 1 - sum(each.cost for each in edits) / compared
    expected = chance(found.astype(np.float64))
    reason = "" if expected < 1 else "every coder set every boundary"
    value = None if reason else (observed - expected) / (1 - expected)
    return _result(name, value, len(items), compared, reason, coders=count, observed=observed, expected=expected)


def _free_of_set(segmentation: Segmentation) -> NDArray[np.bool_]:
    return read_segmentation(segmentation, None)


def _by_own_rates(found: NDArray[np.float64]) -> float:
    """Return the mean product of two coders' rates, from texts x coders x (boundaries, places)."""
    totals = found.sum(axis=0)
    rates = totals[:, 0] / totals[:, 1]
    return float(np.mean([one * other for one, other in combinations(rates, 2)]))


def _by_common_rate(found: NDArray[np.float64]) -> float:
    """Return the square of the mean rate over texts and coders; a text of one atom has no rate."""
    cut = found[found[..., 1] > 0]
    return float((cut[:, 0] / cut[:, 1]).mean() ** 2)


def _result(
    name: str,
    value: float | None,
    units: int | float,
    pairable: int,
    reason: str = "",
    notes: Iterable[str] = (),
    coders: int = 2,
    observed: float | None = None,
    expected: float | None = None,
) -> Agreement:
    return Agreement(value, status="ok" if value is not None else "undefined", reason=reason,
                     observed=value if observed is None else observed, expected=expected,
                     n_units=units, n_pairable=pairable, n_coders=coders, measure=name, notes=tuple(notes))  # fmt: skip
