"""The topic sheet: what a reader needs to say what a topic is about, or that it is about nothing.

A passage is typical when the topic takes much of its segment and has its words in it. A word speaks for a topic as far
as the topic is likelier where the word is, p(t | w) = p(w | t) p(t) / Σ p(w | t') p(t'), than it would be if all topics
had the word as often, 1 / k; times the root of p(w | t), so that a word that is used once is not a topic's best.
Neighbouring sentences of one turn are weighed by the sum of that over their different words, divided by the root of
their length, times the segment's share of the topic. Quotes then come from as many people and documents as there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.mapping import CLEAR, CodeMap, TopicCode
from qualcode.coding.topics.model import Pooled, TopicModel
from qualcode.coding.topics.relevant import RelevantWord, relevance
from qualcode.model.document import Span
from qualcode.text.index import TokenIndex

__all__ = ["QUOTES", "TopicEntry", "TopicQuote", "TopicSheet", "topic_sheet", "typical_passages"]

Array = npt.NDArray[Any]

QUOTES = 3
SHORTEST, LONGEST = 20, 60
"""Words of a passage that reads well; shorter ones are weighed as though they had so many."""
KNOWN_BY = 30
"""Words of a topic that are marked where they stand in a passage."""
PLAIN = 0.3
"""Passages are sought in segments that the topic leads or of which it has this share; where there is none, in the one
of which it has most."""
LOOKED_AT = 80
"""Segments, those with most of the topic first, among which a topic's passages are sought."""


@dataclass(frozen=True, slots=True)
class TopicQuote:
    """A passage that shows a topic.

    Attributes:
        document: name; ``document_id``: id.
        block: number of the turn, as in ``codings.csv``.
        speaker: label as written, empty where nobody is named.
        span: where it stands; ``text``: letter for letter.
        share: the topic's share of the segment around it.
        words: the topic's words in it, as terms, those that speak most for it first; ``marked``: where they stand,
            offsets into ``text``.
    """

    document: str
    document_id: str
    block: int
    speaker: str
    role: str
    span: Span
    text: str
    share: float
    words: tuple[str, ...]
    marked: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """One topic.

    Attributes:
        number: from 0, as in the model.
        seeded: id of the code whose words seeded it, empty for a free topic.
        words: its words by relevance, best first.
        share: its share of the talk, by words.
        segments: segments of which it takes the greatest part; ``speakers``, ``documents``: in how many people's and
            documents' talk these lie.
        quotes: passages that show it, the most typical first.
        codes: the codes it goes with, strongest first.
        uncovered: whether it goes with no code for sure; ``None`` when nothing is coded, or too little to tell.
        nearest: of such a topic, the code that correlates most with it, which may be chance; ``None`` without one.
        reproduced: mean cosine with its match in fits with other seeds of chance; ``None`` where there was none.
    """

    number: int
    seeded: str
    words: tuple[RelevantWord, ...]
    share: float
    segments: int
    speakers: int
    documents: int
    quotes: tuple[TopicQuote, ...]
    codes: tuple[TopicCode, ...] = ()
    uncovered: bool | None = None
    reproduced: float | None = None
    nearest: TopicCode | None = None

    @property
    def candidate(self) -> bool:
        """Whether it may be a code of its own: free, and no code goes with it for sure or, as it seems, clearly."""
        near = self.nearest.correlation if self.nearest is not None else None
        return bool(self.uncovered) and not self.seeded and (near or 0.0) < CLEAR

    @property
    def label(self) -> str:
        """The three most relevant words: what the topic is called until a person names it."""
        return ", ".join(word.word for word in self.words[:3])


@dataclass(frozen=True)
class TopicSheet:
    """A fitted model, told topic by topic.

    Attributes:
        segments: of the pooled talk; ``words``: in them; ``speakers``, ``documents``: with a segment.
        coded_by: ``people`` when the codes are tested against what people decided, ``machine`` when against what a
            program suggests, empty when nothing is coded.
        coded_segments: segments that were compared with codes.
        fits: fits with other seeds of chance that ``reproduced`` rests on.
        notes: what a reader must know.
    """

    model: TopicModel
    entries: tuple[TopicEntry, ...]
    segments: int
    words: int
    speakers: int
    documents: int
    coded_by: str = ""
    coded_segments: int = 0
    fits: int = 0
    notes: tuple[str, ...] = ()


def topic_sheet(
    model: TopicModel,
    pooled: Pooled,
    *,
    codes: CodeMap | None = None,
    coded_by: str = "",
    reproduced: Sequence[float] | None = None,
    fits: int = 0,
    quotes: int = QUOTES,
    index: TokenIndex | None = None,
) -> TopicSheet:
    """Return the sheet of a model.

    Args:
        model: the fitted model.
        pooled: the talk it was fitted on.
        codes: which codes each topic goes with.
        coded_by: by whom these were given: ``people`` or ``machine``.
        reproduced: for each topic how well other fits find it again, of ``fits`` fits.
        quotes: at most so many passages a topic.
        index: of the corpus; with it, the topic's words are marked in the passages.
    """
    talk = model.talk(pooled.sizes)
    main = model.main
    people = _people(pooled)
    passages = typical_passages(model, pooled, quotes, index=index)
    entries = []
    for topic in range(model.k):
        mine = np.flatnonzero(main == topic)
        entries.append(TopicEntry(
            topic, model.seeded[topic], relevance(model, pooled, topic), float(talk[topic]), len(mine),
            len({people[row] for row in mine.tolist()} - {-1}), len(np.unique(pooled.document[mine])),
            passages[topic], () if codes is None else codes.codes_of(topic),
            None if codes is None or not codes.tested else topic in codes.uncovered,
            None if reproduced is None else float(reproduced[topic]),
            None if codes is None else codes.nearest(topic),
        ))  # fmt: skip
    return TopicSheet(
        model, tuple(entries), len(pooled), int(pooled.sizes.sum()), len(set(people) - {-1}),
        len(np.unique(pooled.document)), coded_by, 0 if codes is None else codes.segments, fits,
        (*_seeds_lost(model), *model.notes, *(() if codes is None else codes.notes)),
    )  # fmt: skip


def _seeds_lost(model: TopicModel) -> Iterator[str]:
    """Yield sentences on the seed words that draw nothing."""
    for told, lost in (
        ("Seed words that no segment has, or nearly all", [(group.code, group.unseen) for group in model.groups]),
        ("Seed words too rare to lead a topic", [(group.code, group.rare) for group in model.groups]),
    ):
        found = [f"{code}: {', '.join(words)}" for code, words in lost if words]
        if found:
            yield f"{told}: {'; '.join(found)}."


def _people(pooled: Pooled) -> list[int]:
    return [int(each) for each in pooled.speaker]


def typical_passages(
    model: TopicModel, pooled: Pooled, n: int = QUOTES, *, index: TokenIndex | None = None
) -> tuple[tuple[TopicQuote, ...], ...]:
    """Return for each topic up to ``n`` passages that show it, from different people and documents where there are.

    They are from segments of which the topic takes the greatest or a great part; a topic that leads nowhere is shown
    by the one in which it has most. The same model gives the same passages. With ``index``, the topic's words are
    marked in them.
    """
    speaking = _speaking(model, pooled)
    terms = _terms_of_units(pooled)
    found = (_chosen(model, pooled, topic, speaking[topic], terms, n) for topic in range(model.k))
    if index is None:
        return tuple(found)
    return tuple(tuple(replace(quote, marked=_marked(index, quote)) for quote in quotes) for quotes in found)


def _marked(index: TokenIndex, quote: TopicQuote) -> tuple[Span, ...]:
    """Return where the topic's words stand in a quote, in whatever inflection."""
    place = index.place(quote.document_id)
    shard = index.shards[place.shard]
    (blocks,) = np.nonzero((shard.block_document == place.document) & (shard.block_number == quote.block))
    if not len(blocks):
        return ()
    tokens = np.arange(shard.block_first[blocks[0]], shard.block_first[blocks[0] + 1])
    wanted = [shard.types.types_of_lemma(word) for word in quote.words]
    tokens = tokens[np.isin(shard.token_type[tokens], np.concatenate(wanted or [np.empty(0, np.int64)]))]
    _, starts, ends = shard.locate(tokens, tokens + 1)
    return tuple(Span(int(start) - quote.span.start, int(end) - quote.span.start)
                 for start, end in zip(starts, ends, strict=True)
                 if quote.span.start <= start and end <= quote.span.end)  # fmt: skip


def _speaking(model: TopicModel, pooled: Pooled) -> Array:
    """Return p(t | w) (topics × terms)."""
    joint = model.words * model.talk(pooled.sizes)[:, None]
    return np.asarray(joint / np.maximum(joint.sum(axis=0), 1e-300))


def _terms_of_units(pooled: Pooled) -> Any:
    """Return which terms each unit has (units × terms, CSR of 0 and 1)."""
    place = {lemma: column for column, lemma in enumerate(pooled.units.lemmas)}
    found = pooled.units.counts[:, [place[term] for term in pooled.terms]].tocsr()
    found.data = np.ones_like(found.data)
    return found


def _chosen(
    model: TopicModel, pooled: Pooled, topic: int, speaking: Array, terms: Any, n: int
) -> tuple[TopicQuote, ...]:  # fmt: skip
    shares = model.shares[:, topic]
    leads = model.main == topic
    order = np.lexsort((np.arange(len(shares)), -shares, ~leads))
    plain = order[leads[order] | (shares[order] >= PLAIN)]
    order = (plain if len(plain) else order[:1])[:LOOKED_AT]
    worth = np.maximum(speaking - 1 / model.k, 0) * np.sqrt(model.words[topic])
    scores = terms @ worth
    found: dict[tuple[int, int, int], tuple[float, int]] = {}
    for segment in order[shares[order] > 0].tolist():
        best = max(_windows(pooled, segment, scores), default=None)
        if best is not None and best[0] > 0:
            score, first, last = best[0] * float(shares[segment]), -best[1], -best[2]
            place = (int(pooled.document[segment]), first, last)
            found[place] = max(found.get(place, (0.0, segment)), (score, segment))
    ranked = sorted(found, key=lambda place: (-found[place][0], place))
    return tuple(
        _quote(model, pooled, topic, place, found[place][1], terms, worth)
        for place in _spread(pooled, ranked, found, n)
    )


def _windows(pooled: Pooled, segment: int, scores: Array) -> Iterator[tuple[float, int, int]]:
    """Yield each run of neighbouring units of one turn that reads well: its score, and −first and −last unit."""
    rows = pooled.rows(segment).tolist()
    units = pooled.units
    for at, first in enumerate(rows):
        said, total = 0, 0.0
        for step, last in enumerate(rows[at:]):
            if last != first + step or units.block[last] != units.block[first]:
                break
            said += int(units.words[last])
            if step and said > LONGEST:
                break
            total += float(scores[last])
            # Least first among equals: the earlier and the shorter.
            yield total / max(said, SHORTEST) ** 0.5, -first, -last


def _spread(
    pooled: Pooled, ranked: Sequence[tuple[int, int, int]], found: dict[tuple[int, int, int], tuple[float, int]], n: int
) -> list[tuple[int, int, int]]:
    """Return up to ``n`` places, each time from whoever and whichever document has been heard least."""
    people: Counter[int] = Counter()
    documents: Counter[int] = Counter()
    left = list(ranked)
    chosen: list[tuple[int, int, int]] = []
    while left and len(chosen) < n:
        at = min(range(len(left)), key=lambda number: (
            people[_who(pooled, found[left[number]][1])], documents[left[number][0]], number))  # fmt: skip
        place = left.pop(at)
        if any(place[1] <= other[2] and other[1] <= place[2] for other in chosen):
            continue  # sliding windows share sentences
        chosen.append(place)
        people[_who(pooled, found[place][1])] += 1
        documents[place[0]] += 1
    return chosen


def _who(pooled: Pooled, segment: int) -> int:
    """Return the person of a segment; where nobody is named, the document stands for its people."""
    speaker = int(pooled.speaker[segment])
    return speaker if speaker >= 0 else -1 - int(pooled.document[segment])


def _quote(
    model: TopicModel, pooled: Pooled, topic: int, place: tuple[int, int, int], segment: int, terms: Any, worth: Array
) -> TopicQuote:
    units = pooled.units
    number, first, last = place
    document = units.documents[number]
    span = Span(int(units.start[first]), int(units.end[last]))
    block = document.blocks[int(units.block[first])]
    speaker = " & ".join(document.speaker(key).label for key in block.speaker_ids)
    known = np.argsort(-worth, kind="stable")[:KNOWN_BY]
    there = np.unique(terms[first : last + 1].indices)
    words = [column for column in known.tolist() if worth[column] > 0 and column in there]
    return TopicQuote(
        document.name, document.id, int(units.block[first]), speaker, document.role_of(block), span,
        document.quote(span), float(model.shares[segment, topic]), tuple(pooled.terms[column] for column in words),
    )  # fmt: skip
