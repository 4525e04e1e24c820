"""The figure of labels read against recall: every order has a line, and its text says what it shows."""

from __future__ import annotations

import pytest

from qualcode.viz import reading_orders, reading_orders_alt, to_png, to_svg
from tests.review.test_reading_replay import simulation


@pytest.fixture(scope="module")
def svg() -> str:
    return to_svg(reading_orders(simulation(("mixed", "relevance", "random"))))


def test_every_order_and_stopping_rule_is_named(svg: str) -> None:
    for name in (
        "mixed",
        "relevance",
        "random",
        "T Time; 48 passages, labels: Ann",
        "aim 95%",
        "mixed ends: fixed random",
    ):
        assert name in svg


def test_the_same_replays_give_the_same_bytes(svg: str) -> None:
    made = simulation(("mixed", "relevance", "random"))
    assert to_svg(reading_orders(made)) == svg
    png = to_png(reading_orders(made))
    assert png.startswith(b"\x89PNG")
    assert png == to_png(reading_orders(made))


def test_the_text_says_what_the_lines_show() -> None:
    told = reading_orders_alt(simulation())
    assert "the code T" in told
    assert "relevance: " in told
    assert "random: " in told
