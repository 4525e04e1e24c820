"""Orders of reading: what comes first, what chance draws, and that the same call gives the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from qualcode.review.reading.orders import AUDIT, ORDERS, START, Order, Ranked, next_passages, random_order, slot_of

SCORES = np.array([0.1, 0.9, 0.5, 0.45, 0.9, 0.0])
ALL = np.ones(6, bool)


def rows(order: Order, n: int = 6, unread: np.ndarray = ALL, **more: object) -> list[int]:
    asked = {"n": n, "code": "A1", "seed": 0, **more}
    return [pick.row for pick in next_passages(order, Ranked(SCORES), unread, **asked)]  # type: ignore[arg-type]  # many kinds


def test_relevance_puts_the_likeliest_first_and_equals_in_the_order_of_the_transcript() -> None:
    assert rows("relevance") == [1, 4, 2, 3, 0, 5]


def test_uncertainty_puts_those_first_that_lie_closest_to_the_threshold() -> None:
    assert rows("uncertainty") == [2, 3, 0, 1, 4, 5]


def test_what_is_read_does_not_come_again() -> None:
    assert rows("relevance", unread=np.array([True, False, True, True, False, True])) == [2, 3, 0, 5]
    assert rows("relevance", unread=np.zeros(6, bool)) == []


def test_diversity_does_not_show_two_alike_in_a_row() -> None:
    vectors = csr_array(np.array([[1.0, 0], [1, 0], [0, 1]]))
    ranked = Ranked(np.array([0.9, 0.88, 0.8]), vectors=vectors)
    picks = next_passages("diversity", ranked, np.ones(3, bool), n=3, code="A1", seed=0)
    assert [pick.row for pick in picks] == [0, 2, 1]
    after = next_passages(
        "diversity", ranked, np.array([False, True, True]), n=1, code="A1", seed=0, lately=np.array([0])
    )
    assert after[0].row == 2


def test_chance_is_the_same_for_the_same_code_and_seed_and_another_for_others() -> None:
    assert random_order(50, "A1", 3).tolist() == random_order(50, "A1", 3).tolist()
    assert random_order(50, "A1", 3).tolist() != random_order(50, "A2", 3).tolist()
    assert random_order(50, "A1", 3).tolist() != random_order(50, "A1", 4).tolist()


def test_the_next_random_passage_is_the_first_unread_one_of_the_drawn_order() -> None:
    drawn = random_order(6, "A1", 0).tolist()
    unread = ALL.copy()
    unread[drawn[:2]] = False
    assert rows("random", n=3, unread=unread) == drawn[2:5]


def test_mixed_draws_every_second_at_random_at_first_and_then_every_tenth() -> None:
    slots = [slot_of("mixed", read) for read in range(60)]
    assert [at for at in range(START) if slots[at] == "random"] == list(range(0, START, 2))
    assert [at for at in range(START, 60) if slots[at] == "random"] == list(range(START, 60, AUDIT))
    assert set(slots) == {"random", "relevance", "uncertainty"}


def test_in_a_list_the_random_ones_stand_first() -> None:
    picks = next_passages("mixed", Ranked(SCORES), ALL, n=5, code="A1", seed=0, batch=True)
    assert [pick.random for pick in picks] == [True, True, True, False, False]


def test_a_passage_that_another_stands_for_is_taken_by_chance_only() -> None:
    spare = np.array([False, True, False, False, False, False])
    assert rows("relevance", spare=spare) == [4, 2, 3, 0, 5]
    assert 1 in rows("random", spare=spare)


@given(
    st.sampled_from(ORDERS),
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40),
    st.integers(0, 50),
    st.integers(0, 3),
    st.booleans(),
)
def test_every_order_gives_unread_passages_each_once_and_as_many_as_there_are(
    order: Order, passages: list[tuple[float, bool]], n: int, seed: int, batch: bool
) -> None:
    scores, unread = np.array([each[0] for each in passages]), np.array([each[1] for each in passages], bool)
    picks = next_passages(order, Ranked(scores), unread, n=n, code="A1", seed=seed, batch=batch)
    picked = [pick.row for pick in picks]
    assert len(picked) == len(set(picked)) == min(n, int(unread.sum()))
    assert unread[picked].all()
    assert picks == next_passages(order, Ranked(scores), unread, n=n, code="A1", seed=seed, batch=batch)


@pytest.mark.parametrize("read", [0, 4, 7])
def test_one_by_one_comes_to_the_same_as_at_once(read: int) -> None:
    scores = Ranked(np.linspace(0, 1, 30))
    at_once = [pick.row for pick in next_passages("mixed", scores, np.ones(30, bool), n=read + 5, code="B", seed=1)]
    unread = np.ones(30, bool)
    for row in at_once[:read]:
        unread[row] = False
    (after,) = next_passages("mixed", scores, unread, n=1, code="B", seed=1)
    assert after.row == at_once[read]
