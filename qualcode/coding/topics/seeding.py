"""Seeding topics with words so that each group of words stays together in its topic, while free topics stay free.

A topic that is to be about a code gets the code's seed words as prior counts (Jagarlamudi, Daumé & Udupa 2012,
"Incorporating lexical priors into topic models"). Plain priors scatter the words: a word is raised in one topic's prior
and the data carry it off to another. So, as in anchored models (Gallagher et al. 2017, "Anchored correlation
explanation"; Eshima, Imai & Sasaki 2024, "Keyword-assisted topic models"):

1. In its own topic a seed word gets prior counts that make up a share of the topic's expected size, alike for all words
   of the group, but never more than :data:`CAP` times its own occurrences: what nobody says is not made a topic's word.
2. In the topics of other seed groups its prior is next to nothing, so that seeded topics do not exchange words. In free
   topics it has the prior of any word: a free topic may use it where the talk does.
3. The share begins small (:data:`FIRST_WEIGHT`). A group that does not have three of four words in its topic's top ten
   gets more (:data:`STEP`) and the model is fitted again, until every group holds or nothing can be raised.

A word whose every occurrence, counted with the most prior it may get, would not reach the tenth place is reported as
rare, one that the vocabulary lacks as unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.model import TOP, Pooled, SeedGroup
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.text.fold import fold
from qualcode.text.lemmas import lemmas_of

__all__ = ["CAP", "FIRST_WEIGHT", "HELD", "Plan", "excluded_of", "heard", "plan_seeds", "seeds_of", "with_those_below"]

Array = npt.NDArray[Any]

CAP = 5.0
"""Prior counts of a seed word are at most so many times its occurrences."""
FIRST_WEIGHT = 0.05
"""At first a group's prior is this share of its topic's expected size."""
STEP = 2.5
"""The odds of that share grow by so much at a time."""
ROUNDS = 12
"""A model is fitted at most so often to hold its groups together."""
HELD = 0.75
"""A group holds when this share of its words is in its topic's top ten."""
NOWHERE = 1e-9
"""The prior of a seed word in the topics of other groups."""


def seeds_of(codebook: Codebook, codes: Sequence[str] | None = None) -> Mapping[str, tuple[str, ...]]:
    """Return the seed words of each code that may be coded and has some, in the codebook's order.

    Args:
        codebook: the codebook.
        codes: ids of the codes to take, with those below them; ``None`` for all that are not retired.

    Raises:
        CodingError: QC-K003 for a code that the codebook does not have.
    """
    unknown = [code for code in codes or () if code not in codebook]
    if unknown:
        raise CodingError("QC-K003", f"the codebook {codebook.id!r} has no code {unknown[0]!r}",
                          hint=f"See: qualcode codebook show {codebook.id}")  # fmt: skip
    wanted = None if codes is None else with_those_below(codebook, codes)
    return {
        code.id: code.seeds.words
        for code in codebook
        if code.codable and code.status != "retired" and code.seeds.words and (wanted is None or code.id in wanted)
    }


def with_those_below(codebook: Codebook, codes: Sequence[str]) -> frozenset[str]:
    """Return the ids of codes and of all codes below them: a heading stands for what it holds."""
    return frozenset(codes) | {below.id for code in codes for below in codebook.descendants(code)}


def heard(pooled: Pooled, seeds: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the codes of which the talk has a seed word: each gets a topic."""
    return plan_seeds(pooled, max(len(seeds), 1), seeds).codes


def excluded_of(codebook: Codebook) -> Mapping[str, tuple[str, ...]]:
    """Return the words that must not be in the topic of a code, for each code that names some."""
    return {code.id: code.seeds.exclude_words for code in codebook if code.seeds.exclude_words}


@dataclass(frozen=True, slots=True)
class Plan:
    """Seed words as columns of the vocabulary.

    Attributes:
        codes: the code of each seeded topic.
        columns: for each its words' columns, in the order given.
        banned: for each the columns of words that must not be in it.
        unseen: for each the words, as written, that the vocabulary does not have.
        lost: codes of which no word is in the vocabulary, with their words; they have no topic.
    """

    codes: tuple[str, ...] = ()
    columns: tuple[tuple[int, ...], ...] = ()
    banned: tuple[tuple[int, ...], ...] = ()
    unseen: tuple[tuple[str, ...], ...] = ()
    lost: Mapping[str, tuple[str, ...]] | None = None

    def prior(self, pooled: Pooled, k: int, weights: Sequence[float], eta: float) -> Array:
        """Return prior counts (k × terms, float64): ``eta`` everywhere but for seed words and words that are banned.

        Args:
            pooled: the talk.
            k: number of topics.
            weights: for each group the share of its topic's expected size that the prior makes up, below 1.
            eta: the prior of all other words.
        """
        often = pooled.frequency
        size = often.sum() / k
        prior = np.full((k, len(pooled.terms)), eta)
        for columns in self.columns:
            prior[: len(self.codes), list(columns)] = NOWHERE
        for topic, (columns, weight) in enumerate(zip(self.columns, weights, strict=True)):
            each = weight / (1 - weight) * size / len(columns)
            prior[topic, list(columns)] = np.minimum(each, CAP * often[list(columns)]) + eta
        for topic, columns in enumerate(self.banned):
            prior[topic, list(columns)] = NOWHERE
        return prior

    def groups(self, pooled: Pooled, words: Array, mass: Array) -> tuple[SeedGroup, ...]:
        """Return what became of the words.

        Args:
            pooled: the talk.
            words: probability of each term in each topic.
            mass: how many words each topic has, prior counts included.
        """
        top = np.argsort(-words, axis=1, kind="stable")[:, :TOP]
        found: list[SeedGroup] = []
        for topic, (code, columns) in enumerate(zip(self.codes, self.columns, strict=True)):
            best = set(top[topic].tolist())
            needed = float(words[topic, top[topic, -1]] * mass[topic])
            rare = {c for c in columns if c not in best and (1 + CAP) * pooled.frequency[c] <= needed}
            found.append(
                SeedGroup(
                    topic,
                    code,
                    words=tuple(pooled.terms[column] for column in columns if column not in rare),
                    unseen=self.unseen[topic],
                    rare=tuple(pooled.terms[column] for column in columns if column in rare),
                    kept=tuple(pooled.terms[column] for column in columns if column in best),
                )
            )
        found += [SeedGroup(-1, code, (), unseen=words) for code, words in (self.lost or {}).items()]
        return tuple(found)


def plan_seeds(
    pooled: Pooled, k: int, seeds: Mapping[str, Sequence[str]], excluded: Mapping[str, Sequence[str]] | None = None
) -> Plan:
    """Return the seed words as columns; a code of which the vocabulary has no word gets no topic.

    Raises:
        CodingError: QC-K023 when there are more seeded codes than topics.
    """
    codes: list[str] = []
    columns: list[tuple[int, ...]] = []
    missing: list[tuple[str, ...]] = []
    lost: dict[str, tuple[str, ...]] = {}
    for code, words in seeds.items():
        found, unseen = _columns(pooled, words)
        if found:
            codes.append(code)
            columns.append(found)
            missing.append(unseen)
        else:
            lost[code] = unseen
    if len(codes) > k:
        raise CodingError("QC-K023", f"{len(codes)} codes have seed words, but there are only {k} topics",
                          hint=f"Ask for {len(codes)} topics or more, or name fewer codes.")  # fmt: skip
    banned = tuple(_columns(pooled, (excluded or {}).get(code, ()))[0] for code in codes)
    return Plan(tuple(codes), tuple(columns), banned, tuple(missing), lost)


def _columns(pooled: Pooled, words: Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the columns of words, each once, and the words that have none."""
    found: dict[int, None] = {}
    unseen: list[str] = []
    for word in words:
        form = fold(word.strip())
        known = [pooled.column[each] for each in (*lemmas_of(form), form) if each in pooled.column]
        if known:
            found.setdefault(known[0])
        else:
            unseen.append(word)
    return tuple(found), tuple(unseen)


def raised(weights: Sequence[float], groups: Sequence[SeedGroup]) -> list[float]:
    """Return the weights, those of groups that do not hold with :data:`STEP` times the odds."""
    loose = {group.topic for group in groups if group.share is not None and group.share < HELD}
    return [
        STEP * weight / (1 + (STEP - 1) * weight) if topic in loose else weight for topic, weight in enumerate(weights)
    ]
