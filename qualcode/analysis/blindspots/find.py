"""From a study and its corpus to groups of talk that no code touched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.analysis.blindspots.grouping import default_number, k_means, stability
from qualcode.analysis.blindspots.nearness import Likeness, likeness
from qualcode.analysis.blindspots.space import Weights, points, scaled, weigh
from qualcode.analysis.blindspots.untouched import Untouched, untouched_of
from qualcode.analysis.blindspots.values import BlindSpots, Cluster, NearCode, Passage
from qualcode.analysis.study import Study
from qualcode.codebook.bank import ExampleBank
from qualcode.coding.base import Corpus
from qualcode.coding.features.units import Units, units_of
from qualcode.errors import AnalysisError
from qualcode.model.document import Span

__all__ = ["FEWEST_WORDS", "MINIMUM", "REPLICATES", "blindspots"]

Array = npt.NDArray[Any]

FEWEST_WORDS = 5
"""A passage of fewer words ("Yes, exactly.") says nothing by itself."""
MINIMUM = 3
"""A group of fewer passages is no pattern."""
REPLICATES = 50
ENOUGH = 8
"""With fewer passages there is nothing to group: they are read one by one."""
QUOTES, NEAREST, TERMS = 3, 3, 6
QUOTE_WORDS = 45


def blindspots(
    study: Study,
    corpus: Corpus,
    *,
    clusters: int | None = None,
    bank: ExampleBank | None = None,
    decided_only: bool = False,
    minimum: int = MINIMUM,
    fewest_words: int = FEWEST_WORDS,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> BlindSpots:
    """Return participants' talk that no code touched, in groups that share words.

    Neighbouring untouched units of one turn are one passage. Passages are grouped by k-means on latent semantic
    analysis of their lemmas, with sentence vectors beside them when the corpus has an encoder. Same input, same groups.

    Args:
        study: the codings; those that tables count touch.
        corpus: the same documents with their index; ``read`` says which of them people worked through.
        clusters: how many groups; √(n/2) for n passages, 2 to 20, unless given.
        bank: the codebook's examples, for near codes and to tell talk that carries no code.
        decided_only: only what people decided touches, in the documents that people worked through.
        minimum: groups of fewer passages are dissolved.
        fewest_words: passages of fewer words are only counted.
        replicates: bootstrap samples for the stability of groups; 0 for none.
        seed: of chance.

    Raises:
        AnalysisError: QC-A040 for a number of groups that cannot be had, or another number out of range, QC-A041 when
            nothing is coded, QC-A042 when people decided nothing and only that counts.
    """
    _check(clusters=clusters, minimum=minimum, fewest_words=fewest_words, replicates=replicates, seed=seed)
    book = study.codebook
    units = units_of(corpus, study.unit, roles_left_out=book.roles_left_out)
    found = untouched_of(study, units, read=corpus.read, decided_only=decided_only, fewest_words=fewest_words)
    n = len(found.runs)
    if clusters is not None and n and clusters > n // 2:
        raise AnalysisError("QC-A040", f"{clusters} groups are too many for {n} untouched passages",
                            hint=f"Ask for at most {n // 2}."
                            if n >= ENOUGH else "Read them one by one: --long")  # fmt: skip
    asked = 0 if n < ENOUGH else clusters if clusters is not None else default_number(n)
    passages = [_passage(units, run, int(found.sizes[run].sum())) for run in found.runs]
    groups: tuple[Cluster, ...] = ()
    loose: Sequence[Passage] = passages
    used = ""
    if asked:
        groups, loose = _grouped(units, found, passages, study, corpus, bank, asked, minimum, replicates, seed)
        used = corpus.vectors.id if corpus.vectors is not None else ""
    names = tuple(units.documents[number].name for number in found.documents)
    return BlindSpots(
        study.unit, decided_only, names, tuple(case.name for case in study.cases if case.name not in names),
        len(_people(units, found.units)), found.words, found.untouched, groups, tuple(loose),
        len(found.short), int(sum(found.sizes[run].sum() for run in found.short)), fewest_words, minimum, asked,
        clusters is not None, replicates if asked else 0, seed, used, bank is not None and bool(bank.none),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Placed:
    """Passages as they were grouped: counts of lemmas, weights, points, and the rows of each group."""

    counts: Any
    weights: Weights
    features: Any
    points: Array
    members: tuple[Array, ...]
    stable: Array


def _grouped(
    units: Units, found: Untouched, passages: Sequence[Passage], study: Study, corpus: Corpus,
    bank: ExampleBank | None, asked: int, minimum: int, replicates: int, seed: int,
) -> tuple[tuple[Cluster, ...], list[Passage]]:  # fmt: skip
    placed = _place(units, found, passages, corpus, asked, minimum, replicates, seed)
    like = likeness(placed.counts, units.lemmas, placed.members, study.codebook, bank)
    if like.plain is not None:
        passages = [replace(each, plain=bool(plain)) for each, plain in zip(passages, like.plain, strict=True)]
    made = [_cluster(units, found, passages, placed, like, study, number) for number in range(len(placed.members))]
    made.sort(key=lambda each: (each.probably_nothing, -len(each.passages), each.passages[0].document,
                                each.passages[0].span))  # fmt: skip
    inside = {row for rows in placed.members for row in rows.tolist()}
    loose = [each for row, each in enumerate(passages) if row not in inside]
    return tuple(replace(each, number=number) for number, each in enumerate(made, 1)), loose


def _place(
    units: Units, found: Untouched, passages: Sequence[Passage], corpus: Corpus, asked: int, minimum: int,
    replicates: int, seed: int,
) -> _Placed:  # fmt: skip
    from scipy.sparse import csr_array, hstack

    rows = np.concatenate(found.runs)
    of = np.repeat(np.arange(len(found.runs)), [len(run) for run in found.runs])
    joined = csr_array((np.ones(len(rows), np.int32), (of, rows)), shape=(len(found.runs), len(units)))
    counts = (joined @ units.counts).tocsr()
    weights = weigh(counts)
    features = scaled(weights.of(counts))
    if corpus.vectors is not None:
        vectors = corpus.vectors.encode([each.text for each in passages]).astype(np.float64)
        features = hstack([features, csr_array(vectors)], format="csr")
    at = points(features)
    held = np.flatnonzero(np.linalg.norm(at, axis=1) > 0)  # without a word in common with another, nowhere
    if not len(held):
        return _Placed(counts, weights, features, at, (), np.zeros(0))
    k = min(asked, len(held))
    groups = k_means(at[held], k, seed=seed)
    steady = stability(features[held], groups, k, replicates=replicates, seed=seed)
    kept = [number for number in range(k) if (groups == number).sum() >= minimum]
    return _Placed(counts, weights, features, at, tuple(held[groups == each] for each in kept), steady[kept])


def _cluster(
    units: Units, found: Untouched, passages: Sequence[Passage], placed: _Placed, like: Likeness, study: Study,
    number: int,
) -> Cluster:  # fmt: skip
    rows = placed.members[number]
    centre = placed.points[rows].mean(axis=0)
    order = rows[np.argsort(-(placed.points[rows] @ centre), kind="stable")]
    words = np.asarray(placed.features[rows].sum(axis=0)).ravel()[: len(placed.weights.columns)]
    inside = [replace(passages[row], quote=_quote(units, found.runs[row], found.sizes, placed.weights, words))
              for row in order.tolist()]  # fmt: skip
    nearest = np.argsort(-like.near[number], kind="stable")[:NEAREST]
    near = tuple(NearCode(like.codes[at], study.codebook[like.codes[at]].label, float(like.near[number, at]))
                 for at in nearest.tolist() if like.near[number, at] > 0)  # fmt: skip
    steady = float(placed.stable[number])
    plain = [each.plain for each in inside]
    turns = np.concatenate([found.runs[row] for row in rows.tolist()])
    return Cluster(
        0, tuple(inside), sum(each.words for each in inside), len(_people(units, turns)),
        len({each.document_id for each in inside}), _terms(placed.counts, rows, units.lemmas), _chosen(inside), near,
        None if math.isnan(steady) else steady, None if None in plain else sum(map(bool, plain)),
    )  # fmt: skip


def _terms(counts: Any, rows: Array, lemmas: Sequence[str]) -> tuple[str, ...]:
    """Return the lemmas that stand in more of a group's passages than of the others: in two or more, highest G² first.

    Passages are counted, not words: one passage that says a word ten times does not make it the group's.
    """
    from qualcode.coding.topics.words import STOP_WORDS
    from qualcode.stats.keyness import g2

    held = counts > 0
    ours = np.asarray(held[rows].sum(axis=0)).ravel()
    others = np.asarray(held.sum(axis=0)).ravel() - ours
    size, rest = len(rows), counts.shape[0] - len(rows)
    more = np.flatnonzero((ours >= min(2, size)) & (ours * rest >= others * size))
    able = [at for at in more.tolist() if lemmas[at].isalpha() and len(lemmas[at]) > 1 and lemmas[at] not in STOP_WORDS]
    worth = g2(ours[able], others[able], size, rest).tolist() if able and rest else ours[able].tolist()
    order = sorted(range(len(able)), key=lambda at: (-worth[at], lemmas[able[at]]))
    return tuple(lemmas[able[at]] for at in order[:TERMS])


def _quote(units: Units, run: Array, sizes: Array, weights: Weights, centre: Array) -> Span:
    """Return the neighbouring units of a passage that are nearest to the centre, of a length that can be quoted."""
    worth = np.asarray(weights.of(units.counts[run]) @ centre).ravel()
    first = last = int(worth.argmax())
    words = int(sizes[run[first]])
    while True:
        sides = [at for at in (first - 1, last + 1) if 0 <= at < len(run)]
        sides = [at for at in sides if words + int(sizes[run[at]]) <= QUOTE_WORDS]
        if not sides:
            return Span(int(units.start[run[first]]), int(units.end[run[last]]))
        best = max(sides, key=lambda at: (float(worth[at]), at))
        first, last = min(first, best), max(last, best)
        words += int(sizes[run[best]])


def _chosen(inside: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return up to three passages, the nearest to the centre first: each by another person as long as there is one."""
    chosen: list[Passage] = []
    for another in (True, False):
        for each in inside:
            if len(chosen) == QUOTES:
                return tuple(chosen)
            met = {(one.document_id, one.speaker) for one in chosen}
            if each not in chosen and ((each.document_id, each.speaker) not in met or not another):
                chosen.append(each)
        if len(chosen) > 1:
            break
    return tuple(chosen)


def _passage(units: Units, run: Array, words: int) -> Passage:
    first, last = int(run[0]), int(run[-1])
    document = units.documents[int(units.document[first])]
    block = document.blocks[int(units.block[first])]
    span = Span(int(units.start[first]), int(units.end[last]))
    who = " & ".join(document.speaker(each).label for each in block.speaker_ids)
    return Passage(document.id, document.name, block.index, who, span, words,
                   document.quote(span), span)  # fmt: skip


def _people(units: Units, rows: Array) -> set[tuple[str, str]]:
    """Return (document id, speaker id) of everybody named who speaks in these units."""
    turns = set(zip(units.document[rows].tolist(), units.block[rows].tolist(), strict=True))
    documents = units.documents
    return {(documents[at].id, who) for at, block in turns for who in documents[at].blocks[block].speaker_ids}


def _check(*, clusters: int | None, **others: int) -> None:
    """Raise AnalysisError QC-A040 for a number out of range."""
    least = {"minimum": 1, "fewest_words": 1, "replicates": 0, "seed": 0}
    for name, value in others.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least[name]:
            raise AnalysisError("QC-A040", f"{name} is {value!r}, and must be a whole number from {least[name]} up",
                                hint="Leave it out for the usual one.")  # fmt: skip
    if clusters is not None and (not isinstance(clusters, int) or isinstance(clusters, bool) or clusters < 2):
        raise AnalysisError("QC-A040", f"{clusters!r} groups cannot be made", hint="Ask for 2 or more.")
