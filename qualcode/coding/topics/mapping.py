"""Which codes a topic goes with: its share of each segment against what was coded there.

Strength is the point-biserial correlation of a topic's share with having the code, over segments; beside it stands the
average precision of the segments ranked by the topic's share (the area under the precision–recall curve), whose value
by chance is the share of segments with the code.

Neighbouring passages of one transcript are alike, and transcripts differ in both topics and codes. So the test compares
within transcripts only: with shares x and codes y about their means in each document d,

    z = Σ_d Σ x y / √( Σ_d (Σ x²)(Σ y²) / (n_d − 1) ),

whose mean and variance are those that exchanging segments within documents gives (Mantel's 1963 extension of the
Mantel–Haenszel test), one-sided, because a topic that avoids a code does not cover it. Few segments have a code, and
few have much of a topic, so what exchanging gives is skewed, and the normal curve would make p too small, ten times and
more. So p is taken from the Pearson type III curve with its third moment too (Mielke & Berry 2007, "Permutation
methods: a distance function approach", section 2.3),

    skewness = Σ_d (n_d / ((n_d − 1)(n_d − 2))) (Σ x³)(Σ y³) / (Σ_d (Σ x²)(Σ y²) / (n_d − 1))^1.5.

P values are adjusted over all topics and codes tested (Benjamini & Hochberg). It takes segments of a document as
exchangeable, so a small p is a reason to read, not a proof.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.model import Pooled, TopicModel
from qualcode.model.coding import Coding, Suggestion
from qualcode.stats.association import adjust

__all__ = ["CLEAR", "FEWEST", "STRONG", "WEAK", "CodeMap", "TopicCode", "labels_of", "map_to_codes"]

Array = npt.NDArray[Any]

FEWEST = 5
"""A code with fewer segments, or with fewer without it, is not tested."""
WEAK, CLEAR, STRONG = 0.1, 0.3, 0.5
"""Correlations from which a topic goes with a code weakly, clearly, strongly."""


@dataclass(frozen=True, slots=True)
class TopicCode:
    """How a topic goes with a code.

    Attributes:
        topic: number of the topic, from 0; ``code``: the code's id.
        correlation: point-biserial correlation of the topic's share with having the code; ``None`` when either is
            constant.
        average_precision: of the segments with the code when all are ranked by the topic's share; ``None`` without any.
        base: share of segments with the code, the average precision of a random order.
        segments: number of segments with the code.
        p: one-sided, within documents; ``None`` when fewer than five segments have the code, or lack it, or nothing
            varies.
        p_adjusted: over all topics and codes that were tested.
        strength: ``strong``, ``clear``, ``weak``, or ``""`` when the correlation is lower or could be chance.
        least: the correlation without the document that speaks most for it; ``None`` with one document, or where it has
            no value without one of them.
    """

    topic: int
    code: str
    correlation: float | None
    average_precision: float | None
    base: float
    segments: int
    p: float | None
    p_adjusted: float | None
    strength: str
    least: float | None = None


@dataclass(frozen=True, slots=True)
class CodeMap:
    """Every topic with every code: by topic, then by correlation, greatest first.

    Attributes:
        rows: the pairs.
        k: number of topics.
        segments: number of segments looked at.
        notes: what the reader must know.
    """

    rows: tuple[TopicCode, ...]
    k: int
    segments: int
    notes: tuple[str, ...] = ()

    def codes_of(self, topic: int) -> tuple[TopicCode, ...]:
        """Return the codes that a topic goes with, strongest first."""
        return tuple(row for row in self.rows if row.topic == topic and row.strength)

    @property
    def tested(self) -> bool:
        """Whether any code was tested, or nothing at all is coded, so that a topic can be told to go with none."""
        return bool(self.segments) and (not self.rows or any(row.p is not None for row in self.rows))

    def nearest(self, topic: int) -> TopicCode | None:
        """Return the code that correlates most with a topic that goes with none for sure, if weakly at least."""
        rows = [row for row in self.rows if row.topic == topic and (row.correlation or 0.0) >= WEAK]
        if not rows or any(row.strength for row in rows):
            return None
        return max(rows, key=lambda row: row.correlation or 0.0)

    @property
    def uncovered(self) -> tuple[int, ...]:
        """Topics that go with no code for sure: candidates for new ones."""
        covered = {row.topic for row in self.rows if row.strength}
        return tuple(topic for topic in range(self.k) if topic not in covered)


def labels_of(
    pooled: Pooled, codings: Iterable[Coding | Suggestion], *, codes: Sequence[str] | None = None
) -> tuple[tuple[str, ...], Array]:
    """Return the codes, and which segments have each (segments × codes, bool).

    A segment has a code when a passage with it shares a character with one of the segment's units. Rejected passages,
    and those in documents that the talk is not from, are left out.

    Args:
        pooled: the talk.
        codings: decisions or suggestions.
        codes: ids, one for each column; ``None`` for those that occur, sorted.
    """
    kept = [each for each in codings if not (isinstance(each, Coding) and each.status == "rejected")]
    names = tuple(sorted({each.code for each in kept})) if codes is None else tuple(codes)
    column = {code: number for number, code in enumerate(names)}
    ordinal = {document.id: number for number, document in enumerate(pooled.units.documents)}
    by_unit = np.zeros((len(pooled.units), len(names)), np.int32)
    for each in kept:
        if each.code in column and each.document_id in ordinal:
            by_unit[pooled.units.rows_over(ordinal[each.document_id], [each.span]), column[each.code]] = 1
    return names, np.asarray(pooled.holds.astype(np.int32) @ by_unit) > 0


def map_to_codes(
    model: TopicModel, pooled: Pooled, codings: Iterable[Coding | Suggestion], *, codes: Sequence[str] | None = None,
    documents: Collection[str] | None = None, alpha: float = 0.05,
) -> CodeMap:  # fmt: skip
    """Return how each topic goes with each code.

    Args:
        model: a model fitted on ``pooled``.
        pooled: the talk.
        codings: what people decided, or what machines suggest.
        codes: ids to look at; ``None`` for those that occur.
        documents: ids of the documents that were worked through, so that talk without a code there has none; ``None``
            for those with a coding.
        alpha: adjusted p values from here up are taken for chance.
    """
    found = list(codings)
    names, labels = labels_of(pooled, found, codes=codes)
    through = {each.document_id for each in found} if documents is None else set(documents)
    worked = np.asarray([document.id in through for document in pooled.units.documents], bool)
    rows = np.flatnonzero(worked[pooled.document])
    if not len(rows) or not names:
        return CodeMap(
            (), model.k, len(rows), ("No segment stands in a document that was coded.",) if not len(rows) else ()
        )
    shares, marked, document = model.shares[rows], labels[rows], pooled.document[rows]
    correlation = _correlations(shares, marked)
    least = _least(shares, marked, document)
    p = _p_values(shares, marked, document)
    precision = _average_precision(shares, marked)
    tested = [None if np.isnan(value) else float(value) for value in p.ravel()]
    adjusted = adjust(tested, family="topics and codes").adjusted
    n = marked.sum(axis=0)
    made: list[TopicCode] = []
    for topic in range(model.k):
        for code in np.argsort(-np.nan_to_num(correlation[topic], nan=-2), kind="stable").tolist():
            at = topic * len(names) + code
            r, later = _known(correlation[topic, code]), adjusted[at]
            alone = _known(least[topic, code])
            made.append(
                TopicCode(
                    topic, names[code], r, _known(precision[topic, code]), float(n[code] / len(rows)), int(n[code]),
                    tested[at], later, _strength(r) if r is not None and later is not None and later < alpha else "",
                    alone,
                )
            )  # fmt: skip
    few = [names[code] for code in np.flatnonzero((n < FEWEST) | (len(rows) - n < FEWEST)).tolist()]
    notes = (f"Not tested, because fewer than {FEWEST} segments have or lack them: {', '.join(few)}.",) if few else ()
    return CodeMap(tuple(made), model.k, len(rows), notes)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _strength(correlation: float) -> str:
    for name, least in (("strong", STRONG), ("clear", CLEAR), ("weak", WEAK)):
        if correlation >= least:
            return name
    return ""


def _correlations(shares: Array, marked: Array) -> Array:
    """Return Pearson's r of each topic's share with each code (k × codes), NaN where either is constant."""
    x = shares - shares.mean(axis=0)
    y = marked - marked.mean(axis=0)
    size = np.sqrt(np.outer((x**2).sum(axis=0), (y**2).sum(axis=0)))
    return np.asarray(np.divide(x.T @ y, size, out=np.full(size.shape, np.nan), where=size > 1e-12))


def _least(shares: Array, marked: Array, document: Array) -> Array:
    """Return the least of the correlations with one document left out (k × codes), NaN where one has no value."""
    names = np.unique(document)
    if len(names) < 2:
        return np.full((shares.shape[1], marked.shape[1]), np.nan)
    found = [_correlations(shares[document != each], marked[document != each]) for each in names]
    return np.asarray(np.min(found, axis=0))


def _p_values(shares: Array, marked: Array, document: Array) -> Array:
    from scipy.stats import pearson3

    together = np.zeros((shares.shape[1], marked.shape[1]))
    variance, third = np.zeros_like(together), np.zeros_like(together)
    for each in np.unique(document):
        rows = document == each
        n = int(rows.sum())
        if n < 2:
            continue
        x = shares[rows] - shares[rows].mean(axis=0)
        y = marked[rows] - marked[rows].mean(axis=0)
        together += x.T @ y
        variance += np.outer((x**2).sum(axis=0), (y**2).sum(axis=0)) / (n - 1)
        if n > 2:  # of two segments, both orders are as likely
            third += n / ((n - 1) * (n - 2)) * np.outer((x**3).sum(axis=0), (y**3).sum(axis=0))
    n_with = marked.sum(axis=0)
    enough = (n_with >= FEWEST) & (len(marked) - n_with >= FEWEST)
    usable = (variance > 1e-12) & enough
    z = np.divide(together, np.sqrt(variance), out=np.full(together.shape, np.nan), where=usable)
    skewness = np.divide(third, variance**1.5, out=np.zeros_like(third), where=usable)
    p = np.full(together.shape, np.nan)
    p[usable] = pearson3.sf(z[usable], skewness[usable])
    return p


def _average_precision(shares: Array, marked: Array) -> Array:
    """Return the average precision of each topic's ranking for each code (k × codes); equal shares are taken
    together."""
    n_codes = marked.shape[1]
    found = np.full((shares.shape[1], n_codes), np.nan)
    n = marked.sum(axis=0)
    has = n > 0
    for topic in range(shares.shape[1]):
        order = np.argsort(-shares[:, topic], kind="stable")
        ranked = shares[order, topic]
        ends = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
        hits = np.cumsum(marked[order], axis=0)[ends]
        precision = hits / (ends + 1)[:, None]
        gained = np.diff(hits, axis=0, prepend=np.zeros((1, n_codes)))
        found[topic, has] = ((precision * gained).sum(axis=0) / np.maximum(n, 1))[has]
    return found
