"""The ``ensemble`` coder: one list of passages from several coders, with what each of them made of it.

The coders' scores are pooled on the log-odds scale (a logarithmic opinion pool; Genest and Zidek 1986, *Statistical
Science* 1(1)): for a unit and a code

    logit p = b + d(code) + Σ w(part) · e(part),   e = logit s − logit of the part's mean score for this code

(the mean drawn to a usual share where units are few), so that a coder that says nothing out of the ordinary adds
nothing. Before anybody decided anything, the weights are those of :data:`PRIOR`. With decisions they are learnt from
the documents that were worked through, each seen by parts that did not learn from it (a part that learns is fitted
again without it), by logistic regression with a Gaussian prior around the weights from before and none below zero;
d(code), how much more common a code is than the coders think, likewise around zero.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Coder, Corpus, Suggestions
from qualcode.coding.exemplars.model import best_cut
from qualcode.coding.features.context import FEWEST_WORDS
from qualcode.coding.features.units import Units, units_of
from qualcode.coding.labels import labels_of, worked_through
from qualcode.coding.proposing import propose
from qualcode.coding.scores import Scorer, Scores, codable, score_units
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Span

__all__ = ["PARTS", "EnsembleCoder", "Pool", "prior"]

Array = npt.NDArray[Any]

PARTS = ("rules", "exemplars", "classifier")
"""The coders that are pooled unless others are named."""
FEWEST = 30
"""So many labels of codes on units are needed before weights are learnt; fewer say too little."""
FOLDS = 5
"""Documents are left out in at most so many groups."""
LOW, HIGH = 0.002, 0.98
"""Scores are taken as if they lay between these: no coder is that sure."""
BASE = 0.03
"""The share of units that carry a code, before anybody decided anything."""
PRIOR: Mapping[str, float] = {"rules": 0.8, "exemplars": 0.8, "classifier": 0.3, "topics": 0.3}
"""What the log-odds of each coder count for before there are labels. Until then the classifier knows no more than the
examples that speak already."""
USUAL = 0.5
"""The weight of a coder that is not in :data:`PRIOR`."""
THRESHOLD = 0.3
"""The pooled score from which a unit is suggested before there are labels."""
FIRM = 50
"""A coder's mean score for a code is drawn to :data:`BASE` as if so many more units had that."""
HELD = 4.0
"""How firmly the weights are held where they were: the precision of the Gaussian prior around them."""


@dataclass(frozen=True, slots=True)
class Pool:
    """How scores are pooled.

    Attributes:
        parts: names of the coders; ``weights``: what the log-odds of each count for.
        bias: the log-odds of a code where no coder says anything out of the ordinary.
        by_code: how much more (log-odds) each code is found than that.
        threshold: the pooled score from which a unit is suggested.
        labels: number of labels (a unit and a code that it carries) that weights and threshold were learnt from.
    """

    parts: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    by_code: Mapping[str, float]
    threshold: float
    labels: int = 0


@dataclass(frozen=True)
class EnsembleCoder:
    """Proposes what several coders together find likely; each suggestion says what every one of them made of it.

    Args:
        codebook: the codebook.
        coders: names of the coders, or coders.
        codes: ids of the codes to suggest; ``None`` for all.
        threshold: the pooled score from which a unit is suggested; ``None`` for one that is learnt, or
            :data:`THRESHOLD` before there are labels.
        pool: how to pool; ``None`` for the prior, or what :meth:`fit` learns.
        parts: the coders as :meth:`fit` left them.
    """

    codebook: Codebook
    coders: tuple[str | Coder, ...] = PARTS
    codes: tuple[str, ...] | None = None
    threshold: float | None = None
    pool: Pool | None = None
    parts: tuple[Coder, ...] = ()

    @property
    def name(self) -> str:
        """``"ensemble"``."""
        return "ensemble"

    def get_params(self) -> Mapping[str, Any]:
        """Return ``codebook`` (its id), ``coders`` (names), ``codes``, ``threshold``."""
        return {
            "codebook": self.codebook.id,
            "coders": tuple(each if isinstance(each, str) else each.name for each in self.coders),
            "codes": self.codes,
            "threshold": self.threshold,
        }

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        """Return an ensemble whose parts have learnt, and whose weights have where there are labels enough.

        Raises:
            CodingError: QC-K001, QC-K002 for a part that does not exist, QC-K003 for codes that the codebook does not
                have, QC-K006 for parameters that cannot be used.
        """
        made = self._made()
        parts = tuple(part.fit(corpus, codings) for part in made)
        pool = _learnt(self, made, parts, corpus, codings)
        return dataclasses.replace(self, parts=parts, pool=pool)

    def scores(self, corpus: Corpus) -> Scores:
        """Return the pooled score of every unit for every code that can be given."""
        return self._pooled(corpus)[0]

    def suggest(self, corpus: Corpus) -> Suggestions:
        """Return the suggestions for a corpus, by document, place and code.

        ``rules`` holds what the parts gave as reasons, ``evidence`` their words, ``flags`` beside theirs the score of
        each part (``rules 0.80``).
        """
        scores, by_part, suggested, pool = self._pooled(corpus)
        found = list(_passages(self, scores, by_part, suggested, pool))
        return Suggestions(tuple(found))

    def _made(self) -> tuple[Coder, ...]:
        from qualcode.coding.registry import make_coder

        if not isinstance(self.coders, tuple | list) or not self.coders or "ensemble" in self.coders:
            raise CodingError("QC-K006", f"'coders' is {self.coders!r}, and must be a list of other coders",
                              hint="Write, for example, coders: [rules, exemplars, classifier]")  # fmt: skip
        if self.threshold is not None and not (isinstance(self.threshold, int | float) and 0 < self.threshold < 1):
            raise CodingError("QC-K006", f"'threshold' is {self.threshold!r}, and must lie between 0 and 1",
                              hint="Mend it in the recipe, or leave it out.")  # fmt: skip
        unknown = sorted(set(self.codes or ()) - {code.id for code in self.codebook})
        if unknown:
            raise CodingError("QC-K003", f"the codebook {self.codebook.id!r} has no code {unknown[0]!r}",
                              hint=f"See: qualcode codebook show {self.codebook.id}")  # fmt: skip
        return tuple(make_coder(each, codebook=self.codebook) if isinstance(each, str) else each
                     for each in self.coders)  # fmt: skip

    def _pooled(self, corpus: Corpus) -> tuple[Scores, list[Array], list[tuple[Suggestion, ...]], Pool]:
        parts = self.parts or self._made()
        pool = self.pool or prior(parts)
        suggested = [tuple(part.suggest(corpus)) for part in parts]
        scored = [score_units(part, corpus, self.codebook, each) for part, each in zip(parts, suggested, strict=True)]
        codes, units = codable(self.codebook), scored[0].units
        by_part = [each.values for each in scored]
        offsets = np.asarray([pool.by_code.get(code, 0.0) for code in codes])
        log_odds = pool.bias + offsets + np.tensordot(np.asarray(pool.weights), _evidence(by_part), 1)
        values = (1 / (1 + np.exp(-log_odds))).astype(np.float32)
        return Scores(units, values, codes), by_part, suggested, pool


def prior(parts: Sequence[Coder]) -> Pool:
    """Return how scores are pooled before anybody decided anything."""
    names = tuple(part.name for part in parts)
    return Pool(names, tuple(PRIOR.get(name, USUAL) for name in names), float(np.log(BASE / (1 - BASE))), {}, THRESHOLD)


def _evidence(by_part: Sequence[Array]) -> Array:
    """Return the log-odds of each part's scores over those of its mean for the code (parts × units × codes)."""
    stacked = np.clip(np.stack(by_part).astype(np.float64), LOW, HIGH)
    n = stacked.shape[1]
    usual = (stacked.sum(axis=1, keepdims=True) + FIRM * BASE) / (n + FIRM)
    return np.asarray(_log_odds(stacked) - _log_odds(usual))


def _log_odds(share: Array) -> Array:
    return np.asarray(np.log(share / (1 - share)))


def _learnt(
    ensemble: EnsembleCoder, made: Sequence[Coder], parts: Sequence[Coder], corpus: Corpus, codings: Sequence[Coding]
) -> Pool | None:
    """Return how to pool as labels teach it; ``None`` when there are too few."""
    codes = codable(ensemble.codebook)
    book = ensemble.codebook
    units = units_of(corpus, book.unit, roles_left_out=book.roles_left_out)
    labels = labels_of(corpus, units, codes, codings)
    # Only where people read on: what was decided elsewhere was looked at because some coder had a high score there.
    rows = np.flatnonzero(labels.read)
    seats = np.unique(units.document[rows])
    if len(seats) < 2 or np.nansum(labels.values[rows]) < FEWEST:
        return None
    by_part = [np.zeros((len(units), len(codes)), np.float32) for _ in parts]
    for number, (plain, fitted) in enumerate(zip(made, parts, strict=True)):
        if fitted is plain:  # it does not learn
            by_part[number] = _scored(plain, corpus, book).values
            continue
        for fold in range(min(FOLDS, len(seats))):
            left_out = {units.documents[seat].id for seat in seats[fold::FOLDS].tolist()}
            rest = [each for each in codings if each.document_id not in left_out]
            read = worked_through(corpus, codings)
            other = plain.fit(dataclasses.replace(corpus, read=frozenset(read - left_out)), rest)
            values = _scored(other, corpus, book).values
            mine = np.isin(units.document, seats[fold::FOLDS])
            by_part[number][mine] = values[mine]
    # A coder's mean score is that of these documents: of the others there are no scores of a part that was left out.
    return _pool_of(prior(parts), _evidence([values[rows] for values in by_part]), labels.values[rows], codes)


def _scored(part: Coder, corpus: Corpus, codebook: Codebook) -> Scores:
    """Return the scores of a part, which is asked for suggestions only where it has no scores of its own."""
    return score_units(part, corpus, codebook, () if isinstance(part, Scorer) else tuple(part.suggest(corpus)))


def _pool_of(before: Pool, evidence: Array, values: Array, codes: Sequence[str]) -> Pool:
    """Return the pool with the greatest posterior density, and the threshold at which its F1 is best."""
    from scipy.optimize import minimize

    known = ~np.isnan(values)
    column = np.broadcast_to(np.arange(len(codes)), values.shape)[known]
    x, y = evidence[:, known], values[known].astype(np.float64)
    n_parts = len(before.parts)
    at = np.concatenate([before.weights, [before.bias], np.zeros(len(codes))])
    firm = np.concatenate([np.full(n_parts, HELD), [0.1], np.full(len(codes), 1.0)])

    def loss(beta: Array) -> tuple[float, Array]:
        log_odds = beta[:n_parts] @ x + beta[n_parts] + beta[n_parts + 1 :][column]
        p = 1 / (1 + np.exp(-log_odds))
        away = beta - at
        value = float(np.sum(np.logaddexp(0, log_odds) - y * log_odds) + 0.5 * np.sum(firm * away**2))
        slope = np.concatenate([x @ (p - y), [np.sum(p - y)], np.bincount(column, p - y, len(codes))])
        return value, slope + firm * away

    limits = [(0.0, None)] * n_parts + [(None, None)] * (1 + len(codes))
    beta = minimize(loss, at, jac=True, method="L-BFGS-B", bounds=limits).x
    log_odds = beta[:n_parts] @ x + beta[n_parts] + beta[n_parts + 1 :][column]
    cut, _ = best_cut(1 / (1 + np.exp(-log_odds)), y > 0)
    n = int(y.sum())
    threshold = (n * cut + FEWEST * before.threshold) / (n + FEWEST)
    by_code = {code: float(each) for code, each in zip(codes, beta[n_parts + 1 :], strict=True)}
    return Pool(before.parts, tuple(map(float, beta[:n_parts])), float(beta[n_parts]), by_code, float(threshold), n)


def _passages(
    ensemble: EnsembleCoder, scores: Scores, by_part: Sequence[Array], suggested: Sequence[Sequence[Suggestion]],
    pool: Pool,
) -> Iterator[Suggestion]:  # fmt: skip
    units, book = scores.units, ensemble.codebook
    threshold = ensemble.threshold if ensemble.threshold is not None else pool.threshold
    sources: dict[tuple[int, str], list[tuple[int, Suggestion]]] = {}
    ordinal = {document.id: number for number, document in enumerate(units.documents)}
    for part, each_of in enumerate(suggested):
        for each in each_of:
            sources.setdefault((ordinal[each.document_id], each.code), []).append((part, each))
    wanted = [n for n, code in enumerate(scores.codes) if ensemble.codes is None or code in ensemble.codes]
    rank = {code.id: number for number, code in enumerate(book.tree())}
    found = [
        (int(units.document[first]), int(units.start[first]), int(units.end[last]), rank[scores.codes[code]], code,
         first, last)
        for code in wanted
        for first, last in runs(units, scores.values[:, code] >= threshold)
    ]  # fmt: skip
    for seat, start, end, _, code, first, last in sorted(found):
        document, span = units.documents[seat], Span(start, end)
        behind = [(part, each) for part, each in sources.get((seat, scores.codes[code]), ())
                  if each.span.overlaps(span)]  # fmt: skip
        best = first + int(np.argmax(scores.values[first : last + 1, code]))
        said = [float(values[first : last + 1, code].max()) for values in by_part]
        reasons = [rule for _, each in behind for rule in each.rules]
        flags = [flag for _, each in behind for flag in each.flags]
        flags += [f"{name} {value:.2f}" for name, value in zip(pool.parts, said, strict=True)]
        evidence = {place for _, each in behind for place in each.evidence if span.contains(place)}
        facets = next((each.facets for _, each in behind), {})
        strongest = pool.parts[int(np.argmax([w * each for w, each in zip(pool.weights, said, strict=True)]))]
        yield propose(
            book, document, span, scores.codes[code], coder=ensemble.name,
            rules=tuple(dict.fromkeys(reasons)) or (strongest,),
            score=float(scores.values[best, code]), evidence=evidence, facets=facets,
            flags=tuple(dict.fromkeys(flags)),
        )  # fmt: skip


def runs(units: Units, carried: Array) -> Iterator[tuple[int, int]]:
    """Yield first and last row of each run of units in one turn that carry a code.

    A unit of fewer than :data:`FEWEST_WORDS` words ("Yes, exactly.") between two of them is stepped over, and is never
    a passage by itself.
    """
    rows = np.flatnonzero(carried & (units.words >= FEWEST_WORDS))
    if not len(rows):
        return
    solid = np.cumsum(units.words >= FEWEST_WORDS)  # two neighbours differ by one, whatever stands between
    apart = (np.diff(solid[rows]) > 1) | (np.diff(units.block[rows]) != 0) | (np.diff(units.document[rows]) != 0)
    firsts, lasts = rows[np.append(True, apart)], rows[np.append(apart, True)]
    yield from zip(firsts.tolist(), lasts.tolist(), strict=True)
