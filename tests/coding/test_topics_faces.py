"""The topic sheet, shares by group and the quiz, on a model that was drawn by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.coding.topics.prevalence import matched_topics, topic_prevalence
from qualcode.coding.topics.quiz import Answer, Quiz, binomial_interval, make_quiz, mark_quiz
from qualcode.coding.topics.sheet import topic_sheet, typical_passages
from qualcode.errors import CodingError
from tests.topic_talk import THEMES, hand_model, pooled_talk

CORPUS, POOLED = pooled_talk()
MODEL = hand_model(POOLED)


def test_the_sheet_tells_words_share_spread_and_who() -> None:
    sheet = topic_sheet(MODEL, POOLED)
    garden, choir, boiler = sheet.entries
    assert {word.word for word in garden.words} >= {"garden", "soil", "seed", "spade", "flower"}
    assert {word.word for word in boiler.words} >= {"boiler", "pipe", "valve", "plumber"}
    assert (sheet.segments, sheet.documents, sheet.speakers) == (36, 6, 6)
    assert (garden.segments, garden.documents, garden.speakers) == (14, 4, 4)
    assert (choir.segments, choir.documents) == (10, 4)
    assert sum(entry.share for entry in sheet.entries) == pytest.approx(1)
    assert garden.uncovered is None
    assert garden.label == ", ".join(word.word for word in garden.words[:3])


def test_passages_are_letter_for_letter_of_their_topic_and_of_different_people() -> None:
    for theme, quotes in zip(THEMES, typical_passages(MODEL, POOLED, 3, index=CORPUS.index), strict=True):
        assert len(quotes) == 3
        assert len({quote.speaker for quote in quotes}) == 3
        for quote in quotes:
            document = next(each for each in CORPUS.documents if each.id == quote.document_id)
            assert quote.text == document.text[quote.span.start : quote.span.end]
            assert document.blocks[quote.block].span.contains(quote.span)
            assert any(sentence in quote.text for sentence in THEMES[theme])
            assert quote.role == "participant"
            marked = {quote.text[span.start : span.end].casefold() for span in quote.marked}
            assert marked
            assert all(any(word[:4] == form[:4] for word in quote.words) for form in marked)


def test_passages_never_reach_over_a_turn() -> None:
    for quotes in typical_passages(MODEL, POOLED, 6):
        for quote in quotes:
            assert "\n" not in quote.text
            assert "What else" not in quote.text


def test_a_topic_that_leads_nowhere_still_shows_where_it_has_most() -> None:
    quiet = replace(MODEL, shares=np.column_stack([MODEL.shares[:, 0] * 0.3 + 0.7, MODEL.shares[:, 1:] * 0.3]))
    sheet = topic_sheet(quiet, POOLED)
    assert sheet.entries[2].segments == 0
    assert any("boiler" in quote.text for quote in sheet.entries[2].quotes)


# Shares by group

SITE = [0 if CORPUS.documents[at].attributes["site"] == "green" else 1 for at in POOLED.document.tolist()]


def test_a_groups_share_is_the_mean_of_its_segments_weighted_by_words() -> None:
    found = topic_prevalence(MODEL, POOLED, SITE, POOLED.document)
    green = next(each for each in found if (each.topic, each.group) == (0, 0))
    rows = np.flatnonzero(np.array(SITE) == 0)
    by_hand = sum(POOLED.sizes[row] * MODEL.shares[row, 0] for row in rows) / sum(POOLED.sizes[row] for row in rows)
    assert green.share == pytest.approx(by_hand)
    assert (green.cases, green.words) == (3, int(POOLED.sizes[rows].sum()))
    assert green.low is not None
    assert green.high is not None
    assert 0 < green.low < by_hand < green.high < 1
    town = next(each for each in found if (each.topic, each.group) == (0, 1))
    assert green.rest == pytest.approx(town.share)
    assert green.difference == pytest.approx(green.share - (town.share or 0))
    assert (green.fits, green.fit_low, green.fit_high) == (1, green.share, green.share)


def test_the_interval_is_that_of_a_ratio_over_cases_on_the_scale_of_log_odds() -> None:
    shares = np.array([0.2, 0.4, 0.3])
    rows = [0, 10, 30]
    model = replace(
        MODEL, k=2, words=MODEL.words[:2], shares=np.column_stack([MODEL.shares[:, 0], 1 - MODEL.shares[:, 0]])
    )
    model.shares[rows, 0] = shares
    group = np.full(len(POOLED), -1)
    group[rows] = 0
    (first, _) = topic_prevalence(model, POOLED, group, np.arange(len(POOLED)))
    words = POOLED.sizes[rows].astype(float)
    share = words @ shares / words.sum()
    error = math.sqrt(3 / 2 * ((words * (shares - share)) ** 2).sum()) / words.sum()
    reach = 4.302652729911275 * error / (share * (1 - share))  # t of two degrees of freedom
    odds = math.log(share / (1 - share))
    assert first.low == pytest.approx(1 / (1 + math.exp(reach - odds)))
    assert first.high == pytest.approx(1 / (1 + math.exp(-reach - odds)))
    assert first.rest is first.difference is None


def test_the_doubt_about_shares_makes_intervals_of_an_lda_wider() -> None:
    plain = topic_prevalence(MODEL, POOLED, SITE, POOLED.document)
    doubted = topic_prevalence(hand_model(POOLED, kind="lda"), POOLED, SITE, POOLED.document)
    for one, other in zip(plain, doubted, strict=True):
        assert one.share == other.share
        assert (other.low or 0) < (one.low or 0)
        assert (other.high or 0) > (one.high or 0)


def test_one_case_has_a_share_and_no_interval() -> None:
    group = [0 if at == 0 else 1 for at in POOLED.document.tolist()]
    found = topic_prevalence(MODEL, POOLED, group, POOLED.document)
    alone = next(each for each in found if each.group == 0)
    assert alone.cases == 1
    assert alone.share is not None
    assert alone.low is alone.high is alone.difference_low is None
    assert alone.difference is not None


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Cases are drawn around a known share; with five cases 95 % intervals hold it in about 95 of 100 studies."""
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        of_case = chance.beta(0.15 * 8, 0.85 * 8, 5)
        rows = np.repeat(np.arange(5), 7)[: len(POOLED)]
        shares = np.clip(chance.normal(of_case[rows], 0.02), 0.001, 0.999)
        model = replace(MODEL, k=2, words=MODEL.words[:2], shares=np.column_stack([shares, 1 - shares]))
        made = replace(POOLED, sizes=np.ones(len(rows), np.int64), counts=POOLED.counts[: len(rows)])
        (first, _) = topic_prevalence(model, made, np.zeros(len(rows), int), rows)
        held += (first.low or 0) <= 0.15 <= (first.high or 1)
    assert 0.9 <= held / 300 <= 0.99


def test_topics_of_another_fit_are_found_again_whatever_their_order() -> None:
    turned = hand_model(POOLED, order=("boiler", "garden", "choir"))
    assert matched_topics(MODEL, turned).tolist() == [1, 2, 0]
    strange = np.zeros_like(MODEL.words)
    strange[:, np.argsort(MODEL.words.max(axis=0))[:3]] = np.eye(3)
    assert matched_topics(MODEL, replace(turned, words=strange)).tolist() == [-1, -1, -1]
    found = topic_prevalence(MODEL, POOLED, SITE, POOLED.document, others=[turned])
    for each in found:
        assert each.fits == 2
        assert each.fit_low == pytest.approx(each.share)
        assert each.fit_high == pytest.approx(each.share)


@pytest.mark.parametrize(("group", "confidence"), [([0, 1], 0.95), (SITE, 1.0)])
def test_groups_that_do_not_fit_are_refused(group: list[int], confidence: float) -> None:
    with pytest.raises(CodingError, match="QC-K080"):
        topic_prevalence(MODEL, POOLED, group, POOLED.document, confidence=confidence)


# The quiz


def four() -> tuple[Quiz, int]:
    """Return a quiz on a model of four topics, and how many of its questions are about words."""
    model = replace(
        MODEL, k=4, seeded=("",) * 4, words=np.vstack([MODEL.words, np.roll(MODEL.words[0], 7)]),
        shares=np.column_stack([MODEL.shares * 0.97, np.full(len(POOLED), 0.03)]),
    )  # fmt: skip
    quiz = make_quiz(model, POOLED, passages=5)
    return quiz, sum(item.task == "word" for item in quiz.items)


def test_an_intruder_is_improbable_here_and_at_home_elsewhere() -> None:
    quiz = make_quiz(MODEL, POOLED)
    assert sorted(item.topic for item in quiz.items) == [0, 1, 2]
    for item in quiz.items:
        strange = MODEL.terms.index(item.options[item.intruder])
        rank = np.argsort(-MODEL.words[item.topic], kind="stable").tolist().index(strange)
        assert rank >= len(MODEL.terms) / 2
        assert any(strange in MODEL.top_columns()[other] for other in range(3) if other != item.topic)
        rest = [option for at, option in enumerate(item.options) if at != item.intruder]
        assert set(rest) == set(MODEL.top(item.topic, 5))
    assert quiz.notes == ("No question on passages: they take 4 topics, and the model has 3.",)


def test_of_a_passage_the_three_greatest_topics_are_shown_and_one_of_the_least() -> None:
    quiz, words = four()
    passages = quiz.items[words:]
    assert len(passages) == 5
    for item in passages:
        assert len(item.options) == len(item.shares) == 4
        assert item.shares[item.intruder] == min(item.shares)
        assert item.passage
        assert item.place


def test_the_same_seed_asks_the_same_and_another_something_else() -> None:
    assert make_quiz(MODEL, POOLED, seed=1) == make_quiz(MODEL, POOLED, seed=1)
    assert make_quiz(MODEL, POOLED, seed=1).id != make_quiz(MODEL, POOLED, seed=2).id


def test_a_key_is_read_back() -> None:
    quiz, _ = four()
    assert Quiz.from_key(quiz.key()) == quiz
    for text in ("", "{}", '{"schema": "other"}'):
        with pytest.raises(CodingError, match="QC-K082"):
            Quiz.from_key(text)


def test_precision_and_log_odds_are_those_of_the_paper() -> None:
    quiz, _ = four()
    words = [item for item in quiz.items if item.task == "word"]
    passage = next(item for item in quiz.items if item.task == "topic")
    wrong = (passage.intruder + 1) % 4
    answers = [Answer("maya", item.number, item.intruder) for item in words]
    answers += [Answer("tom", item.number, (item.intruder + 1) % 6) for item in words[:1]]
    answers += [Answer("maya", passage.number, passage.intruder), Answer("tom", passage.number, wrong)]
    found = {(each.task, each.topic, each.person): each for each in mark_quiz(quiz, answers)}
    n = len(words)
    assert (found["word", None, ""].right, found["word", None, ""].answers) == (n, n + 1)
    assert found["word", None, "maya"].precision == 1
    assert found["word", None, "tom"].precision == 0
    assert found["word", None, ""].chance == pytest.approx(1 / 6)
    assert found["word", words[0].topic, ""].precision == 0.5
    odds = math.log(passage.shares[passage.intruder]) - math.log(passage.shares[wrong])
    assert found["topic", None, ""].log_odds == pytest.approx((0 + odds) / 2)
    assert found["topic", None, "maya"].log_odds == 0
    assert found["word", None, ""].log_odds is None


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([], "nobody answered"),
        ([Answer("maya", 99, 0)], "no question 99"),
        ([Answer("maya", 1, 6)], "no such answer"),
        ([Answer("maya", 1, 0), Answer("maya", 1, 1)], "twice"),
    ],
)
def test_answers_that_cannot_be_are_refused(answers: list[Answer], told: str) -> None:
    with pytest.raises(CodingError, match="QC-K083") as refused:
        mark_quiz(make_quiz(MODEL, POOLED), answers)
    assert told in str(refused.value)


def test_a_model_of_one_topic_has_no_intruder() -> None:
    one = replace(MODEL, k=1, words=MODEL.words[:1], shares=np.ones((len(POOLED), 1)), seeded=("",))
    with pytest.raises(CodingError, match="QC-K081"):
        make_quiz(one, POOLED)


def test_exact_intervals_are_the_published_ones() -> None:
    # Clopper & Pearson for 4 of 20, 0 of 10 and 10 of 10, as in R's binom.test.
    assert binomial_interval(4, 20) == pytest.approx((0.05733400, 0.43661400), abs=1e-6)
    assert binomial_interval(0, 10) == pytest.approx((0.0, 0.30849710), abs=1e-6)
    assert binomial_interval(10, 10) == pytest.approx((0.69150290, 1.0), abs=1e-6)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_exact_interval_holds_the_share(pair: tuple[int, int]) -> None:
    k, n = pair
    low, high = binomial_interval(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert binomial_interval(n - k, n) == pytest.approx((1 - high, 1 - low))
