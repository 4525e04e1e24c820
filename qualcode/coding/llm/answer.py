"""What a server answers, held to the schema: passages, codes and quotes, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["Answer", "Outcome", "read_answer"]

Outcome = Literal["good", "cut", "refused", "empty", "broken"]
"""What came of a question: ``cut`` is an answer that ran out of length, ``broken`` one that is not in the form."""

_THOUGHT = re.compile(r"<(/?)think(?:ing)?>")
DEEPEST = 12
"""So many beginnings of a JSON object are tried in an answer with words around it."""


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Coding(_Lenient):
    code: str
    quote: str


class _Passage(_Lenient):
    id: str
    codings: list[_Coding]


class _Form(_Lenient):
    passages: list[_Passage]


class _Message(_Lenient):
    content: str | list[dict[str, Any]] | None = None
    refusal: Any = None


class _Choice(_Lenient):
    message: _Message
    finish_reason: Any = None


class _Envelope(_Lenient):
    choices: list[_Choice]
    usage: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read.

    Attributes:
        outcome: whether it can be used.
        codings: for each passage that it speaks of, pairs of code and quote, as the model wrote them.
        tokens: of the question and of the answer, where the server says so.
    """

    outcome: Outcome
    codings: Mapping[str, tuple[tuple[str, str], ...]]
    tokens: tuple[int | None, int | None] = (None, None)


def read_answer(text: str) -> Answer | None:
    """Return what a server's answer says; ``None`` when it is not what an OpenAI-compatible server answers."""
    try:
        envelope = _Envelope.model_validate_json(text)
    except ValidationError:
        return None
    if not envelope.choices:
        return None
    choice = envelope.choices[0]
    tokens = _count(envelope.usage, "prompt_tokens"), _count(envelope.usage, "completion_tokens")
    content = choice.message.content or ""
    if isinstance(content, list):  # some servers answer in parts
        content = "".join(part["text"] for part in content if isinstance(part.get("text"), str))
    if choice.finish_reason == "length":
        return Answer("cut", {}, tokens)
    if choice.message.refusal or choice.finish_reason == "content_filter":
        return Answer("refused", {}, tokens)
    if not content.strip():
        return Answer("empty", {}, tokens)
    form = _form_of(content)
    if form is None:
        return Answer("broken", {}, tokens)
    codings: dict[str, tuple[tuple[str, str], ...]] = {}
    for each in form.passages:
        codings[each.id] = (*codings.get(each.id, ()), *((coding.code, coding.quote) for coding in each.codings))
    return Answer("good", codings, tokens)


def _count(usage: Any, name: str) -> int | None:
    found = usage.get(name) if isinstance(usage, dict) else None
    return found if isinstance(found, int) else None


def _form_of(content: str) -> _Form | None:
    """Return the last JSON object in an answer that has the form; models that think aloud answer at the end."""
    for candidate in _candidates(_said(content)):
        try:
            return _Form.model_validate(candidate)
        except ValidationError:
            continue
    return None


def _said(content: str) -> str:
    """Return an answer without the thoughts in it: from where one begins to where it ends; one without end stays."""
    parts: list[str] = []
    at, begin = 0, -1
    for found in _THOUGHT.finditer(content):
        if not found[1]:
            begin = begin if begin >= 0 else found.start()
        elif begin >= 0:
            parts.append(content[at:begin])
            at, begin = found.end(), -1
    return " ".join([*parts, content[at:]])


def _candidates(content: str) -> Iterator[Any]:
    """Yield what can be read as JSON: the whole answer, else objects that begin in it, the last first."""
    try:
        yield json.loads(content)
        return
    except (ValueError, RecursionError):
        pass
    decoder = json.JSONDecoder()
    begins = [found.start() for found in re.finditer(r'\{\s*"passages"', content)]
    for begin in reversed(begins[-DEEPEST:]):
        try:
            yield decoder.raw_decode(content, begin)[0]
        except (ValueError, RecursionError):
            continue
