"""Replays: what they count, and that the stopping rules err no more often than they say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from qualcode.model.document import Span
from qualcode.review.reading.learning import QuickLearner, vectors_of
from qualcode.review.reading.orders import Ranked
from qualcode.review.reading.passages import passages_of
from qualcode.review.reading.replay import Replay, replay, steps_of
from qualcode.review.reading.simulation import (
    Simulation,
    lines_of,
    points_table,
    saved_table,
    simulation_table,
    stops_table,
)
from qualcode.review.reading.truth import truth_of
from tests.review.reading_values import BOOK, corpus_of_talk


class Fixed:
    """A machine that has made up its mind."""

    def __init__(self, scores: np.ndarray) -> None:
        self.scores = scores
        self.asked = 0

    def learn(self, labels: np.ndarray) -> Ranked:
        self.asked += 1
        return Ranked(self.scores)


def test_relevance_finds_in_the_order_of_the_scores() -> None:
    truth = np.array([0, 1, 0, 1, 0, 0], bool)
    made = replay(truth, Fixed(np.array([0.1, 0.9, 0.8, 0.7, 0.2, 0.3])), code="A", order="relevance", step=2)
    assert made.found.tolist() == [1, 0, 1, 0, 0, 0]
    assert made.relevant == 2
    assert made.recall_after(np.array([0, 1, 3, 6])).tolist() == [0, 0.5, 1, 1]
    assert made.read_for(0.95) == 3
    assert made.saved() == pytest.approx(0.5 - 0.05)


def test_the_machine_is_not_asked_any_more_once_all_is_found() -> None:
    machine = Fixed(np.linspace(1, 0, 100))
    replay(np.arange(100) < 5, machine, code="A", order="relevance", step=10)
    assert machine.asked == 1


def test_steps_grow_with_what_was_read_and_end_with_the_last_passage() -> None:
    steps = list(steps_of(1000, 10))
    assert steps[0] == 10
    assert sum(steps) == 1000
    assert max(steps) > 40


def test_the_same_seed_reads_the_same_and_another_draws_others() -> None:
    truth = np.arange(60) % 7 == 0
    one, same, other = (
        replay(truth, Fixed(np.zeros(60)), code="A", order="random", seed=seed).found for seed in (1, 1, 2)
    )
    assert one.tolist() == same.tolist()
    assert one.tolist() != other.tolist()


def planted(rng: np.random.Generator, n: int, share: float, skill: float) -> tuple[np.ndarray, np.ndarray]:
    """Return labels planted with a probability for each passage, and scores that know a part of it."""
    chance = np.clip(rng.beta(0.3, 0.3 / share, n), 0, 1)
    truth = rng.random(n) < chance
    return truth, skill * chance + (1 - skill) * rng.random(n) + 0.3 * skill * truth


def errors_of(rule: str, skill: float, target: float, trials: int, share: float = 0.12) -> tuple[int, int]:
    """Return how many readings a rule ended before the aim was reached, and how many it ended early at all."""
    rng = np.random.default_rng(11)
    wrong = early = 0
    for trial in range(trials):
        truth, scores = planted(rng, 240, share, skill)
        if not truth.any():
            continue
        made = replay(truth, Fixed(scores), code="A", order="mixed", seed=trial, step=20, rules=(rule,), target=target,
                      confidence=0.9)  # fmt: skip
        (stop,) = made.stops
        early += stop.stopped
        wrong += stop.found < target * made.relevant
    return wrong, early


@pytest.mark.parametrize("skill", [0.0, 0.7])
def test_the_fixed_random_sample_ends_reading_too_early_no_more_often_than_it_says(skill: float) -> None:
    trials = 80
    wrong, early = errors_of("check", skill, 0.7, trials)
    assert wrong / trials <= 0.1 + 3 * (0.1 * 0.9 / trials) ** 0.5
    assert early > 20  # it does end readings


def test_the_interval_ends_reading_too_early_no_more_often_than_it_says() -> None:
    trials = 60
    wrong, early = errors_of("audit", 0.7, 0.5, trials)
    assert wrong / trials <= 0.1 + 3 * (0.1 * 0.9 / trials) ** 0.5
    assert early > 5


def test_fifty_in_a_row_has_no_bound() -> None:
    trials = 40
    wrong, _ = errors_of("row", 0.0, 0.7, trials, share=0.03)
    assert wrong / trials > 0.2


def simulation(orders: Sequence[str] = ("relevance", "random")) -> Simulation:
    corpus = corpus_of_talk()
    units = passages_of(corpus, BOOK)
    marked = [(document.id, Span(at, at + 4), "T") for document in corpus.documents
              for at in range(len(document.text)) if document.text.startswith("time", at)]  # fmt: skip
    truth = truth_of(units, marked, BOOK, "T")
    learner = QuickLearner(vectors_of(units))
    replays = [replay(truth, learner, code="T", order=order, seed=seed, step=5)  # type: ignore[arg-type]  # literals
               for order in orders for seed in range(2)]  # fmt: skip
    return Simulation(tuple(replays), {"T": "Time"}, len(units), 2, "Ann", "quick", 5)


def test_a_learner_that_sees_words_finds_a_code_that_lies_in_a_word_sooner_than_chance() -> None:
    table = simulation_table(simulation())
    found = {row["order"]: row for row in table}
    assert found["relevance"]["wss_95"] > found["random"]["wss_95"] + 0.2  # type: ignore[operator]  # numbers
    assert found["relevance"]["recall_50"] == 1
    assert "Labels: Ann" in table.notes[0]


def test_tables_reconcile_with_the_replays() -> None:
    made = simulation()
    (row,) = simulation_table(made).filter(order="relevance")
    replays = made.of(order="relevance")
    assert row["relevant"] == replays[0].relevant
    assert row["read_for_95"] == replays[0].read_for(0.95)
    assert row["wss_95"] == round(replays[0].saved() or 0, 4)
    assert [each["relevance"] for each in saved_table(made)] == [row["wss_95"]]
    for stop in stops_table(made):
        assert 0 <= stop["reached"] <= stop["of_reached"] == 2  # type: ignore[operator]  # numbers
        assert stop["early"] <= 2  # type: ignore[operator]  # numbers
    points = points_table(made).filter(order="relevance")
    assert points.rows[0][3] == 0.0
    assert points.rows[-1][3] == 1.0
    assert len(points) == 101


def test_a_line_is_the_mean_and_its_band_the_least_and_greatest_of_a_seed() -> None:
    def of(seed: int, found: list[int]) -> Replay:
        return Replay("T", "random", seed, np.array(found, np.int8), np.ones(4, bool))

    made = Simulation((of(0, [1, 0, 0, 1]), of(1, [0, 0, 1, 1])), {"T": "Time"}, 4, 1, "Ann", "quick", 5)
    (line,) = lines_of(made)
    half = 50
    assert (line.low[half], line.recall[half], line.high[half]) == (0.0, 0.25, 0.5)
