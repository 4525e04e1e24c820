"""Does a topic mean anything to people? Two tests that people take and a program only marks.

**Word intrusion.** Six words: the five most probable of a topic, and one that is improbable in it and at home in
another. Who sees what the five have in common finds the sixth. *Model precision* of a topic is the share of people who
do; guessing finds one in six.

**Topic intrusion.** A passage and four topics: the three with the greatest shares of it, and one with next to none. Who
can tell which does not belong agrees with the model on what the passage is about; guessing finds one in four. The
*topic log odds* of an answer j when i is the intruder is ln θ(i) - ln θ(j): 0 when it is right, the further below 0 the
more of the passage the model gives to the topic that was thrown out.

Both are from Chang, Boyd-Graber, Gerrish, Wang & Blei (2009), "Reading tea leaves: how humans interpret topic models",
NIPS 22, which also found that models that predict words better can mean less to people.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.model import TOP, Pooled, TopicModel
from qualcode.errors import CodingError

__all__ = [
    "LETTERS", "Answer", "Quiz", "QuizItem", "QuizResult", "binomial_interval", "make_quiz", "mark_quiz",
]  # fmt: skip

Array = npt.NDArray[Any]

Task = Literal["word", "topic"]

LETTERS = "ABCDEF"
SHOWN_WORDS = 5
SHOWN_TOPICS = 3
TOPIC_WORDS = 8
"""How a topic is shown among others: by so many words."""
PASSAGES = 12
CLEAR = 0.05
"""Passages are taken, as far as there are such, in which three topics have at least this share: where one takes all,
two of those shown beside it are as much out of place as the intruder."""
FLOOR = 0.001
"""Shares below this count as this in log odds: a model that knows shares of 0 would make them infinite."""
SCHEMA = "qualcode-topic-quiz/1"


@dataclass(frozen=True, slots=True)
class QuizItem:
    """One question.

    Attributes:
        number: from 1.
        task: ``word`` or ``topic``.
        topic: for ``word`` the topic that is asked about, from 0; for ``topic`` the intruder.
        passage: what is read before the question, empty for ``word``; ``place`` says where it is from.
        options: what there is to choose from, in the order shown.
        intruder: which of them does not belong.
        shares: for ``topic`` the share of the passage that the model gives to each option.
    """

    number: int
    task: Task
    topic: int
    passage: str
    place: str
    options: tuple[str, ...]
    intruder: int
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Quiz:
    """Questions with their key.

    Attributes:
        id: changes with anything that is asked.
        items: the questions.
        about: what the model was, for the head of the sheet.
        notes: what could not be asked, and why.
    """

    id: str
    items: tuple[QuizItem, ...]
    about: str = ""
    notes: tuple[str, ...] = ()

    def key(self) -> str:
        """Return the key as JSON: what marking needs, and what those who answer must not see."""
        content = {"schema": SCHEMA, "quiz": self.id, "about": self.about, "notes": list(self.notes),
                   "items": [asdict(item) for item in self.items]}  # fmt: skip
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_key(cls, text: str) -> Self:
        """Return the quiz of a key.

        Raises:
            CodingError: QC-K082 when the text is no key.
        """
        try:
            content = json.loads(text)
            if content["schema"] != SCHEMA:
                raise ValueError(content["schema"])
            items = tuple(
                QuizItem(**{**each, "options": tuple(each["options"]), "shares": tuple(each["shares"])})
                for each in content["items"]
            )
            return cls(content["quiz"], items, content["about"], tuple(content["notes"]))
        except (ValueError, KeyError, TypeError) as error:
            raise CodingError("QC-K082", f"this is not the key of a topic quiz ({error})",
                              hint="Keys are written beside the sheet: NAME.key.json.") from error  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person chose: the number of the question and of the option, from 0."""

    person: str
    item: int
    option: int


@dataclass(frozen=True, slots=True)
class QuizResult:
    """How often the intruder was found.

    Attributes:
        task: ``word`` or ``topic``.
        topic: from 0; ``None`` for all; for ``topic`` intrusion the intruder.
        person: empty for all.
        right, answers: k of n; ``precision`` is k / n.
        low, high: exact binomial interval (Clopper & Pearson 1934) of the precision.
        chance: what guessing finds.
        log_odds: mean topic log odds; ``None`` for word intrusion.
    """

    task: Task
    topic: int | None
    person: str
    right: int
    answers: int
    precision: float
    low: float
    high: float
    chance: float
    log_odds: float | None


def make_quiz(
    model: TopicModel, pooled: Pooled, *, seed: int = 0, passages: int = PASSAGES, about: str = ""
) -> Quiz:  # fmt: skip
    """Return a quiz: a word-intrusion question for each topic, then so many passages with a topic-intrusion question.

    The same model and seed give the same quiz.

    Args:
        model: the fitted model.
        pooled: the talk it was fitted on.
        seed: of chance: which intruder, which passages, in which order.
        passages: topic-intrusion questions.
        about: a line for the head of the sheet.

    Raises:
        CodingError: QC-K081 for a model of one topic, in which nothing can be out of place, or a number below 0.
    """
    if model.k < 2 or passages < 0:
        raise CodingError("QC-K081", "a quiz needs two topics or more, and a number of passages that is not below 0",
                          hint="Choose a model with more topics: --k 8.")  # fmt: skip
    chance = np.random.default_rng([seed, 20090])
    notes: list[str] = []
    words = [question for topic in chance.permutation(model.k).tolist()
             if (question := _word_question(model, topic, chance)) is not None]  # fmt: skip
    if len(words) < model.k:
        notes.append(f"{model.k - len(words)} of {model.k} topics have no word that would be out of place.")
    topics: list[QuizItem] = []
    if model.k <= SHOWN_TOPICS:
        notes.append(f"No question on passages: they take {SHOWN_TOPICS + 1} topics, and the model has {model.k}.")
    else:
        third = np.sort(model.shares, axis=1)[:, -SHOWN_TOPICS]
        order = chance.permutation(len(pooled))
        order = np.append(order[third[order] >= CLEAR], order[third[order] < CLEAR])
        topics = [_topic_question(model, pooled, segment, chance) for segment in order[:passages].tolist()]
    items = tuple(
        QuizItem(number, each.task, each.topic, each.passage, each.place, each.options, each.intruder, each.shares)
        for number, each in enumerate([*words, *topics], 1)
    )
    content = json.dumps([asdict(item) for item in items], sort_keys=True)
    return Quiz(hashlib.sha256(content.encode()).hexdigest()[:10], items, about, tuple(notes))


def _word_question(model: TopicModel, topic: int, chance: np.random.Generator) -> QuizItem | None:
    """Return five words of a topic and an intruder: in the less probable half here, in the top ten elsewhere."""
    top = model.top_columns(TOP)
    own = top[topic][:SHOWN_WORDS].tolist()
    rank = np.empty(len(model.terms), np.int64)
    rank[np.argsort(-model.words[topic], kind="stable")] = np.arange(len(model.terms))
    elsewhere = sorted(
        {column for other in range(model.k) if other != topic for column in top[other].tolist()} - {*own}
    )
    strange = [column for column in elsewhere if rank[column] >= len(model.terms) / 2]
    if not strange:  # a small vocabulary: at least none of the words that the topic is known by
        strange = [column for column in elsewhere if rank[column] >= 2 * TOP]
    if not strange or len(own) < SHOWN_WORDS:
        return None
    shown = [*own, strange[int(chance.integers(len(strange)))]]
    order = chance.permutation(len(shown)).tolist()
    options = tuple(model.terms[shown[at]] for at in order)
    return QuizItem(0, "word", topic, "", "", options, order.index(SHOWN_WORDS))


def _topic_question(model: TopicModel, pooled: Pooled, segment: int, chance: np.random.Generator) -> QuizItem:
    """Return a passage with its three greatest topics and one from the lower half of those that are left."""
    shares = model.shares[segment]
    ranked = np.argsort(-shares, kind="stable").tolist()
    low = ranked[max(SHOWN_TOPICS, (SHOWN_TOPICS + model.k) // 2) :] or ranked[-1:]
    shown = [*ranked[:SHOWN_TOPICS], low[int(chance.integers(len(low)))]]
    order = chance.permutation(len(shown)).tolist()
    named = tuple(", ".join(model.top(shown[at], TOPIC_WORDS)) for at in order)
    document = pooled.units.documents[int(pooled.document[segment])]
    block = int(pooled.units.block[pooled.rows(segment)[0]])
    return QuizItem(0, "topic", shown[SHOWN_TOPICS], pooled.text(segment), f"{document.name}, turn {block}", named,
                    order.index(SHOWN_TOPICS), tuple(round(float(shares[shown[at]]), 6) for at in order))  # fmt: skip


def mark_quiz(quiz: Quiz, answers: Iterable[Answer], *, confidence: float = 0.95) -> tuple[QuizResult, ...]:
    """Return how often the intruder was found: over all, then by person if there are several, then by topic.

    Questions that nobody answered are not counted. The interval takes answers as independent; several people on one
    topic are not quite, so read that of all answers as the least that is uncertain.

    Args:
        quiz: the questions with their key.
        answers: what people chose.
        confidence: of the intervals.

    Raises:
        CodingError: QC-K083 for an answer to a question or with an option that is not there, two answers of one person
            to one question, or none at all.
    """
    given = _checked(quiz, answers)
    people = list(dict.fromkeys(answer.person for answer in given))
    items = {item.number: item for item in quiz.items}
    found: list[QuizResult] = []
    for task in ("word", "topic"):
        mine = [answer for answer in given if items[answer.item].task == task]
        topics = sorted({items[answer.item].topic for answer in mine})
        groups: list[tuple[int | None, str]] = [(None, "")]
        groups += [(None, person) for person in people] if len(people) > 1 else []
        groups += [(topic, "") for topic in topics]
        for topic, person in groups:
            part = [each for each in mine if (topic is None or items[each.item].topic == topic)
                    and (not person or each.person == person)]  # fmt: skip
            if part:
                found.append(_result(task, topic, person, part, items, confidence))
    return tuple(found)


def _result(
    task: Task, topic: int | None, person: str, part: Sequence[Answer], items: Mapping[int, QuizItem],
    confidence: float,
) -> QuizResult:  # fmt: skip
    right = sum(each.option == items[each.item].intruder for each in part)
    low, high = binomial_interval(right, len(part), confidence)
    odds = [_log_odds(items[each.item], each.option) for each in part] if task == "topic" else []
    return QuizResult(
        task, topic, person, right, len(part), right / len(part), low, high,
        1 / (SHOWN_WORDS + 1 if task == "word" else SHOWN_TOPICS + 1), sum(odds) / len(odds) if odds else None,
    )  # fmt: skip


def _log_odds(item: QuizItem, option: int) -> float:
    true, chosen = (max(item.shares[at], FLOOR) for at in (item.intruder, option))
    return math.log(true) - math.log(chosen)


def _checked(quiz: Quiz, answers: Iterable[Answer]) -> list[Answer]:
    items = {item.number: item for item in quiz.items}
    given: dict[tuple[str, int], Answer] = {}
    for answer in answers:
        item = items.get(answer.item)
        if item is None or not 0 <= answer.option < len(item.options):
            what = (
                f"there is no question {answer.item}" if item is None else f"question {answer.item} has no such answer"
            )
            raise CodingError("QC-K083", f"{answer.person}: {what} in the quiz {quiz.id}",
                              hint="Answers are letters: A, B, C …")  # fmt: skip
        if (answer.person, answer.item) in given:
            raise CodingError("QC-K083", f"{answer.person} answered question {answer.item} twice",
                              hint="Give each person's answers once, under a name of their own.")  # fmt: skip
        given[answer.person, answer.item] = answer
    if not given:
        raise CodingError("QC-K083", "nobody answered a question", hint="Write a letter into the column 'answer'.")
    return list(given.values())


def binomial_interval(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share of ``k`` of ``n`` independent answers (Clopper & Pearson 1934)."""
    from scipy.stats import beta

    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(beta.ppf(tail, k, n - k + 1))
    high = 1.0 if k == n else float(beta.ppf(1 - tail, k + 1, n - k))
    return low, high
