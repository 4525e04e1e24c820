"""The ``topics`` coder: passages in talk about a topic that goes with a code, with the words that make it so.

A topic seeded with a code's words stands for the code once at least three of four of them are among its top ten. What
people decided has the last word: a seeded topic that goes against its code in the documents they worked through is
dropped, and a topic, seeded or free, that clearly goes with a code is taken for it, if it does so too whichever one of
these documents is left out: in a small study many topics are one person's story.

A unit's share of a topic is what its own words say, drawn towards its segment with the weight of P words
(:data:`PULL`): (P θ + Σ_w n_w r(k | w)) / (P + Σ_w n_w), where θ is the segment's share. Its score for a code is this
share; without a seed word in the unit less (:data:`NEAR`), without one in its segment less still (:data:`FAR`). A topic
without seeds counts as one whose seed words are near.

In the four bundled interviews that may be tuned on, over four fits with tomotopy in two orders of the documents, 495 of
2,699 pairs of a sentence and a code whose seed word it has were coded so by people (18 %); of those in which the topic
had 30 %, 81 of 296 (27 %): 24 % in the one order and 31 % in the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Corpus, Suggestions
from qualcode.coding.ensemble import runs
from qualcode.coding.features.units import Units, units_of
from qualcode.coding.labels import worked_through
from qualcode.coding.proposing import in_order, propose
from qualcode.coding.scores import Scores, codable
from qualcode.coding.topics.fit import fit_topics
from qualcode.coding.topics.inference import infer
from qualcode.coding.topics.mapping import CLEAR, WEAK, map_to_codes
from qualcode.coding.topics.model import Kind, Pooled, Pooling, TopicModel
from qualcode.coding.topics.pooling import WORDS, pool
from qualcode.coding.topics.relevant import relevance
from qualcode.coding.topics.seeding import HELD, excluded_of, seeds_of, with_those_below
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Document, Span
from qualcode.text.index import TokenIndex

__all__ = ["FREE", "SHARE", "Learnt", "Match", "TopicsCoder", "is_too_little"]

Array = npt.NDArray[Any]

FREE = 8
"""So many topics stand beside the seeded ones unless ``k`` says otherwise."""
SHARE = 0.3
"""A unit is suggested from this score."""
NEAR, FAR = 0.6, 0.3
"""What the share counts for in a unit without a seed word: with one in its segment, and without."""
PULL = 5.0
"""A unit is drawn towards its segment as if so many of its words had the segment's topics."""
REFUTED = 0.9
"""A seeded topic is dropped when so much of what chance would give goes with its code better (the one-sided p
value)."""
WORDS_OF_TOPIC = 20
"""A unit needs one of a topic's so many most relevant words."""
SHOWN = 3


def is_too_little(error: CodingError, k: object) -> bool:
    """Return whether there is too little talk for topics, and nobody asked for a number of them."""
    return error.code == "QC-K020" or (error.code == "QC-K021" and k is None)


@dataclass(frozen=True, slots=True)
class Match:
    """A topic that is taken for a code.

    Attributes:
        topic: its number, from 0; ``code``: the code's id.
        by: ``seeds``, or ``codings`` where people's decisions say so.
        words: its most relevant words; ``seeds``: the words that seeded it.
    """

    topic: int
    code: str
    by: str
    words: tuple[str, ...]
    seeds: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """What a suggestion names as its reason; topics are counted from 1 there."""
        return f"topic {self.topic + 1} ({', '.join(self.words[:SHOWN])})"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What ``fit`` came to: the model (``None`` where there was too little talk) and the topics that stand for
    codes."""

    model: TopicModel | None
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True)
class TopicsCoder:
    """Proposes passages from topics that go with a code.

    Args:
        codebook: the codebook; its ``seeds`` draw the topics.
        codes: ids of the codes to look for, with those below them; ``None`` for all.
        k: number of topics; ``None`` for one a seeded code and :data:`FREE` more.
        kind: ``nmf``, ``lda`` or ``tomotopy``; ``None`` for tomotopy where it is installed, else gensim's LDA.
        seed: of the random numbers.
        by: how talk is pooled; ``words``: to segments of about so many words.
        share: a unit is suggested from this score, between 0 and 1: its share of the topic, or less without a seed
            word.
        learnt: what :meth:`fit` came to; without, :meth:`suggest` fits on the corpus that it is given.
    """

    codebook: Codebook
    codes: tuple[str, ...] | None = None
    k: int | None = None
    kind: Kind | None = None
    seed: int = 0
    by: Pooling = "run"
    words: int = WORDS
    share: float = SHARE
    learnt: Learnt | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """``"topics"``."""
        return "topics"

    def get_params(self) -> Mapping[str, Any]:
        """Return ``codebook`` (its id), ``codes``, ``k``, ``kind``, ``seed``, ``by``, ``words`` and ``share``."""
        return {
            "codebook": self.codebook.id, "codes": self.codes, "k": self.k, "kind": self.kind, "seed": self.seed,
            "by": self.by, "words": self.words, "share": self.share,
        }  # fmt: skip

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        """Return a coder whose topics are fitted on the corpus and matched with codes.

        With too little talk for the topics nothing is learnt and nothing suggested, unless ``k`` is given.

        Raises:
            CodingError: QC-K003 for a code that the codebook does not have; QC-K021, QC-K022, QC-K023 for parameters
                that cannot be used.
            MissingExtraError: QC-M020 when tomotopy is asked for and not installed.
        """
        if not isinstance(self.share, int | float) or not 0 < self.share < 1:
            raise CodingError("QC-K022", f"'share' is {self.share!r}, and must lie between 0 and 1",
                              hint="Mend it in the recipe, or leave it out.")  # fmt: skip
        seeds = seeds_of(self.codebook, self.codes)
        try:
            pooled = pool(_sorted(corpus), by=self.by, words=self.words, roles_left_out=self.codebook.roles_left_out)
            k = len(seeds) + FREE if self.k is None else self.k
            excluded = excluded_of(self.codebook)
            model = fit_topics(pooled, k, kind=self.kind, seed=self.seed, seeds=seeds, excluded=excluded)
        except CodingError as error:
            if is_too_little(error, self.k):
                return replace(self, learnt=Learnt(None))
            raise
        return replace(self, learnt=Learnt(model, self._matches(model, pooled, corpus, codings)))

    def suggest(self, corpus: Corpus) -> Suggestions:
        """Return the suggestions for a corpus, by document, place and code.

        Raises:
            CodingError, MissingExtraError: as :meth:`fit`, when it was not called before.
        """
        fitted = self if self.learnt is not None else self.fit(corpus)
        units, values, reasons, shown = fitted._read(corpus)
        matches = fitted.learnt.matches if fitted.learnt is not None else ()
        places = _Words(corpus.index)
        carried = (values >= self.share) & (reasons >= 0) & shown
        found = [
            self._suggestion(units, range(first, last + 1), code, values[:, at], reasons[:, at], matches, places)
            for at, code in enumerate(codable(self.codebook))
            for first, last in runs(units, carried[:, at])
        ]
        return in_order(found, corpus.documents, self.codebook)

    def scores(self, corpus: Corpus) -> Scores:
        """Return each unit's score for each code: of several topics that stand for it the greatest, 0 without one."""
        fitted = self if self.learnt is not None else self.fit(corpus)
        units, values, _, _ = fitted._read(corpus)
        return Scores(units, values, codable(self.codebook))

    def _matches(
        self, model: TopicModel, pooled: Pooled, corpus: Corpus, codings: Sequence[Coding]
    ) -> tuple[Match, ...]:
        asked = None if self.codes is None else with_those_below(self.codebook, self.codes)
        wanted = [code for code in codable(self.codebook) if asked is None or code in asked]
        decided = [each for each in codings if each.status in ("coded", "accepted")]
        read = set(worked_through(corpus, codings))
        rows = map_to_codes(model, pooled, decided, codes=wanted, documents=read).rows if decided else ()
        told = {(row.topic, row.code): row for row in rows}
        chosen: dict[tuple[int, str], str] = {}
        for group in model.groups:
            row = told.get((group.topic, group.code))
            refuted = row is not None and row.p is not None and row.p > REFUTED
            if group.code in wanted and group.share is not None and group.share >= HELD and not refuted:
                chosen[group.topic, group.code] = "seeds"
        for row in rows:
            if row.strength and (row.correlation or 0) >= CLEAR and (row.least or 0) >= WEAK:
                chosen[row.topic, row.code] = "codings"
        seeded = {group.topic: (*group.words, *group.rare) for group in model.groups}
        return tuple(
            Match(
                topic, code, by, tuple(each.word for each in relevance(model, pooled, topic, n=WORDS_OF_TOPIC)),
                seeded[topic] if model.seeded[topic] == code else (),
            )
            for (topic, code), by in sorted(chosen.items())
        )  # fmt: skip

    def _read(self, corpus: Corpus) -> tuple[Units, Array, Array, Array]:
        """Return the units; for each unit and code the score, the best topic's number among the matches (−1: none), and
        whether the unit has one of its words."""
        units = units_of(corpus, self.codebook.unit, roles_left_out=self.codebook.roles_left_out)
        codes = codable(self.codebook)
        values = np.zeros((len(units), len(codes)), np.float32)
        reasons = np.full((len(units), len(codes)), -1, np.int64)
        shown = np.zeros((len(units), len(codes)), bool)
        model, matches = (self.learnt.model, self.learnt.matches) if self.learnt is not None else (None, ())
        if model is None or not matches or not len(units):
            return units, values, reasons, shown
        shares, own, around = self._shares(corpus, units, model)
        column = {term: number for number, term in enumerate(model.terms)}

        def has(counts: Any, words: Sequence[str]) -> Array:
            return np.asarray(counts[:, [column[word] for word in words]].sum(axis=1)).ravel() > 0

        for number, match in enumerate(matches):
            at = codes.index(match.code)
            score = shares[:, match.topic]
            if match.seeds:
                score = score * np.where(has(own, match.seeds), 1, np.where(has(around, match.seeds), NEAR, FAR))
            else:
                score = score * NEAR
            score = score.astype(np.float32)
            better = (score > values[:, at]) | (reasons[:, at] < 0)
            values[better, at], reasons[better, at] = score[better], number
            shown[better, at] = has(own, (*match.words, *match.seeds))[better]
        return units, values, reasons, shown

    def _shares(self, corpus: Corpus, units: Units, model: TopicModel) -> tuple[Array, Any, Any]:
        """Return the share of each topic in each unit, and the units' and their segments' counts of terms."""
        from scipy.sparse import csr_array

        column = {term: number for number, term in enumerate(model.terms)}
        none = csr_array((len(units), len(model.terms)), dtype=np.int32)
        try:
            pooled = pool(
                corpus, by=self.by, words=self.words, roles_left_out=self.codebook.roles_left_out, terms=model.terms
            )
        except CodingError as error:
            if error.code != "QC-K020":
                raise
            return np.zeros((len(units), model.k)), none, none
        by_segment = infer(model.words, pooled.counts, model.prior)
        rest = model.prior / model.prior.sum()
        by_sentence = np.where(pooled.segment[:, None] >= 0, by_segment[pooled.segment], rest)
        # Each sentence belongs to the unit that begins last before it.
        width = 1 + max(len(document.text) for document in corpus.documents)
        keys = units.document * width + units.start
        of = np.searchsorted(keys, pooled.units.document * width + pooled.units.start, side="right") - 1
        gather = csr_array((np.ones(len(of)), (of, np.arange(len(of)))), shape=(len(units), len(of)))
        around = gather @ by_sentence / np.maximum(np.bincount(of, minlength=len(units)), 1)[:, None]
        around[around.sum(axis=1) == 0] = rest
        lemmas = {lemma: number for number, lemma in enumerate(units.lemmas)}
        pairs = [(lemmas[term], number) for term, number in column.items() if term in lemmas]
        rows, columns = (np.asarray(each, np.int64) for each in (zip(*pairs, strict=True) if pairs else ((), ())))
        onto = csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=(len(lemmas), len(column)))
        own = (units.counts @ onto).tocsr()
        inside = np.flatnonzero(pooled.segment >= 0)
        belongs = csr_array(
            (np.ones(len(inside), np.int32), (of[inside], pooled.segment[inside])), shape=(len(units), len(pooled))
        )
        return infer(model.words, own, PULL * around), own, belongs @ pooled.counts

    def _suggestion(
        self, units: Units, rows: range, code: str, values: Array, reasons: Array, matches: Sequence[Match],
        places: _Words,
    ) -> Suggestion:  # fmt: skip
        best = max(rows, key=lambda row: (values[row], -row))
        document = units.documents[int(units.document[best])]
        span = Span(int(units.start[rows[0]]), int(units.end[rows[-1]]))
        numbers = dict.fromkeys([int(reasons[best]), *(int(reasons[row]) for row in rows)])
        named = [matches[number] for number in numbers if number >= 0]
        words = {word for match in named for word in (*match.words, *match.seeds)}
        return propose(
            self.codebook, document, span, code, coder=self.name, rules=[match.rule for match in named],
            score=float(values[best]), evidence=list(places.of(document, span, words)),
        )  # fmt: skip


def _sorted(corpus: Corpus) -> Corpus:
    """Return the corpus with its documents by name, as a project has them, so that the order given says nothing."""
    return replace(
        corpus, documents=tuple(sorted(corpus.documents, key=lambda each: (each.name, each.id, each.text_sha256)))
    )


class _Words:
    """Where the words of a topic stand in a passage, by the index."""

    def __init__(self, index: TokenIndex) -> None:
        self._index = index
        self._lemmas: dict[int, list[str]] = {}

    def of(self, document: Document, span: Span, words: set[str]) -> Iterator[Span]:
        place = self._index.place(document.id)
        shard = self._index.shards[place.shard]
        if place.shard not in self._lemmas:
            self._lemmas[place.shard] = [lemma for lemma, _ in shard.types.readings]
        lemmas = self._lemmas[place.shard]
        base = int(shard.document_base[place.document])
        first, last = np.searchsorted(shard.token_start, [base + span.start, base + span.end])
        for token in range(int(first), int(last)):
            if lemmas[int(shard.token_type[token])] in words:
                start = int(shard.token_start[token]) - base
                yield Span(start, start + int(shard.token_length[token]))
