"""What servers answer: what has the form is read, and what has not is called by its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qualcode.coding.llm.answer import read_answer
from tests.coding.llm_server import completion

GOOD = {"passages": [{"id": "p1", "codings": [{"code": "A", "quote": "we plan"}]}, {"id": "p2", "codings": []}]}
READ = {"p1": (("A", "we plan"),), "p2": ()}


def outcome(content: object, **more: Any) -> str:
    found = read_answer(completion(content, **more).body)
    assert found is not None
    return found.outcome


def test_a_good_answer_is_read_with_its_tokens() -> None:
    found = read_answer(completion(GOOD).body)
    assert found is not None
    assert (found.outcome, found.codings, found.tokens) == ("good", READ, (11, 7))


@pytest.mark.parametrize(
    "content",
    [
        "Here you are:\n```json\n" + json.dumps(GOOD) + "\n```\nAnything else?",
        "<think>First {\"passages\": []} ... no.</think>" + json.dumps(GOOD),
        'I might say {"passages": [{"id": "p1", "codings": []}]}, but it is ' + json.dumps(GOOD),
        [{"type": "text", "text": json.dumps(GOOD)[:20]}, {"type": "text", "text": json.dumps(GOOD)[20:]}],
        json.dumps({**GOOD, "comment": "two passages"}),
        json.dumps({"passages": [{**each, "reason": "it fits"} for each in GOOD["passages"]]}),
    ],
)  # fmt: skip
def test_words_around_an_answer_do_not_matter(content: object) -> None:
    message = {"content": content}
    found = read_answer(completion("", message=message).body)
    assert found is not None
    assert (found.outcome, found.codings) == ("good", READ)


def test_a_passage_that_is_answered_twice_has_all_its_codings() -> None:
    twice = {"passages": [*GOOD["passages"], {"id": "p1", "codings": [{"code": "B", "quote": "rain"}]}]}
    found = read_answer(completion(twice).body)
    assert found is not None
    assert found.codings["p1"] == (("A", "we plan"), ("B", "rain"))


@pytest.mark.parametrize(
    "content",
    [
        "I'm sorry, but I can't help with that.",
        json.dumps(GOOD)[:-9],
        json.dumps([GOOD]),
        json.dumps({"passages": {"p1": "A"}}),
        json.dumps({"passages": [{"id": 1, "codings": []}]}),
        json.dumps({"passages": [{"id": "p1", "codings": [{"code": "A"}]}]}),
        json.dumps({"passages": [{"id": "p1", "codings": [{"code": "A", "quote": None}]}]}),
        json.dumps({"codes": ["A"]}),
        "[" * 100_000,
        '{"passages": ' * 50_000,
        "null",
    ],
)
def test_an_answer_without_the_form_is_broken(content: str) -> None:
    assert outcome(content) == "broken"


def test_an_answer_that_was_cut_refused_or_is_empty_is_called_so() -> None:
    assert outcome(GOOD, finish_reason="length") == "cut"
    assert outcome(GOOD, finish_reason="content_filter") == "refused"
    assert outcome(None, message={"refusal": "I cannot."}) == "refused"
    assert outcome(None) == "empty"
    assert outcome(" \n") == "empty"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>Sign in to the network</html>",
        "{}",
        '{"choices": []}',
        '{"error": {"message": "no"}}',
        "[]",
        '{"choices": [{}]}',
    ],
)
def test_what_is_no_chat_completion_is_no_answer(text: str) -> None:
    assert read_answer(text) is None


def test_odd_figures_beside_an_answer_do_no_harm() -> None:
    body = json.loads(completion(GOOD).body)
    for usage in (None, [], {"prompt_tokens": "many", "completion_tokens": 1.5}):
        found = read_answer(json.dumps({**body, "usage": usage}))
        assert found is not None
        assert found.tokens == (None, None)
