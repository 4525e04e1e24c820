"""What is said of talk that no code touched: passages, and groups of passages that share words."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.model.document import Span

__all__ = ["DOUBTFUL", "STABLE", "BlindSpots", "Cluster", "NearCode", "Passage"]

DOUBTFUL, STABLE = 0.6, 0.75
"""Mean Jaccard from which a group is doubtful, and from which it is stable (Hennig 2007; ``fpc::clusterboot``)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of neighbouring units of one turn that no code touched.

    Attributes:
        speaker: label of who speaks; empty where nobody is named.
        span: code points in the document's text.
        quote: the part of it that is nearest to its group's centre, whole units.
        plain: it is more like a bank's examples of talk that carries no code; ``None`` without a bank.
    """

    document_id: str
    document: str
    block: int
    speaker: str
    span: Span
    words: int
    text: str
    quote: Span
    plain: bool | None = None

    @property
    def quoted(self) -> str:
        """The words of ``quote``."""
        return self.text[self.quote.start - self.span.start : self.quote.end - self.span.start]


@dataclass(frozen=True, slots=True)
class NearCode:
    """A code, and how like a group's words are to those of its definition and examples: 0 to 1, 0 as any code is."""

    code: str
    label: str
    nearness: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of untouched passages that share words.

    Attributes:
        number: from 1; first those that may be something, the group with most passages first.
        passages: the nearest to the centre first.
        terms: lemmas that the group uses more than the other untouched talk, the most telling first.
        quotes: up to three of the passages: near the centre, from different people where there are several.
        near: the codes that it is most like, the nearest first.
        stability: mean Jaccard over the bootstrap samples, 0 to 1; ``None`` when none was drawn.
        plain: how many passages are like a bank's examples of talk that carries no code; ``None`` without a bank.
    """

    number: int
    passages: tuple[Passage, ...]
    words: int
    speakers: int
    documents: int
    terms: tuple[str, ...]
    quotes: tuple[Passage, ...]
    near: tuple[NearCode, ...]
    stability: float | None
    plain: int | None

    @property
    def probably_nothing(self) -> bool:
        """Whether half of the passages or more are like talk that carries no code."""
        return self.plain is not None and 2 * self.plain >= len(self.passages)

    @property
    def verdict(self) -> str:
        """``stable``, ``doubtful`` or ``not reproducible`` by Hennig's rule of thumb; empty without a stability."""
        if self.stability is None:
            return ""
        return "stable" if self.stability >= STABLE else (
            "doubtful" if self.stability >= DOUBTFUL else "not reproducible")  # fmt: skip


@dataclass(frozen=True, slots=True)
class BlindSpots:
    """Participants' talk that no code touched, in the documents that were coded.

    Attributes:
        unit: sentence, turn or passage: what is touched or not.
        decided_only: only what people decided counts as touched.
        documents: names of the documents that were looked at; ``left_out`` of those that nobody coded.
        people: named people who speak in them.
        words: words of those who are counted; ``untouched`` of these, words in units that no code touches.
        clusters: the groups.
        loose: passages that share too few words with others, or whose group is smaller than ``minimum``.
        short: number of passages under ``fewest_words`` words, ``short_words`` their words; they are in no group.
        asked: how many groups were made, before small ones were dissolved; 0 when there was too little to group.
        vectors: id of the model whose sentence vectors were used beside words; empty without.
        replicates, seed: of the bootstrap; ``minimum`` and ``fewest_words`` as asked for.
        chosen: the number of groups was asked for.
        banked: whether the bank of examples has talk that carries no code, so that ``plain`` is known.
    """

    unit: str
    decided_only: bool
    documents: tuple[str, ...]
    left_out: tuple[str, ...]
    people: int
    words: int
    untouched: int
    clusters: tuple[Cluster, ...]
    loose: tuple[Passage, ...]
    short: int
    short_words: int
    fewest_words: int
    minimum: int
    asked: int
    chosen: bool
    replicates: int
    seed: int
    vectors: str = ""
    banked: bool = False

    @property
    def passages(self) -> int:
        """How many passages are long enough to be grouped."""
        return sum(len(each.passages) for each in self.clusters) + len(self.loose)
