"""Passages to answers: what the log holds is not asked again; what fails is asked again, in smaller parts, or named."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from qualcode.coding.llm.answer import Answer, Outcome, read_answer
from qualcode.coding.llm.log import Log
from qualcode.coding.llm.request import FORMS, Request
from qualcode.coding.llm.transport import Clock, Connection, Reply, Trouble
from qualcode.errors import CodingError

__all__ = ["Answers", "Conversation"]

IN_VAIN = 2
"""After so many questions in a row that got no answer, the rest is not asked."""
LONGEST_WAIT = 60.0
"""A server that asks to wait longer (seconds) is not waited for."""

_WHY: dict[Outcome, str] = {
    "cut": "the answer ran out of length",
    "refused": "the model refused",
    "empty": "the answer was empty",
    "broken": "the answer was not in the form asked for",
}


@dataclass(slots=True)
class Answers:
    """What came of asking.

    Attributes:
        codings: for each passage (its number) that was answered, pairs of code and quote, as the model wrote them.
        silent: for each passage that was not, why.
        unasked: passages that would have been asked about, if anything might be sent.
        stray: codings of passages that were not asked about.
        sent: number of requests that were sent.
    """

    codings: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    silent: dict[int, str] = field(default_factory=dict)
    unasked: list[int] = field(default_factory=list)
    stray: int = 0
    sent: int = 0


class Conversation:
    """Asks a server about passages, batch after batch.

    Args:
        request: makes the request for some passages, given by their numbers.
        connect: opens the connection; called when the first request is sent, so never when the log holds everything.
            ``None``: nothing may be sent, and only what the log holds is an answer.
        log: what was asked before; what is asked is added.
        host, model: for the log and for errors.
        retries: so many times a question is asked again after a failure that may pass.
        clock: for waiting between.
    """

    def __init__(
        self,
        request: Callable[[Sequence[int]], Request],
        connect: Callable[[], Connection] | None,
        log: Log,
        *,
        host: str,
        model: str,
        retries: int,
        clock: Clock,
    ) -> None:
        self._request = request
        self._connect = connect
        self._log = log
        self._host = host
        self._model = model
        self._retries = retries
        self._clock = clock
        self._connection: Connection | None = None
        self._form = 0
        self._settled = False  # whether the server has answered in this form before
        self._in_vain = 0
        self._last = ""

    def about(self, batches: Sequence[Sequence[int]]) -> Answers:
        """Return what is answered about all batches.

        Raises:
            CodingError: QC-K042 for a key that is not there, QC-K043 when the server refuses for good, QC-K044 when it
                answered nothing at all, QC-K045 when the log cannot be written.
        """
        found = Answers()
        try:
            for batch in batches:
                if self._in_vain < IN_VAIN:
                    self._ask(list(batch), found)
                else:
                    found.silent.update(dict.fromkeys(batch, f"not asked after: {self._last}"))
        finally:
            if self._connection is not None:
                self._connection.close()
        if found.sent and not found.codings and self._in_vain:
            raise CodingError("QC-K044", f"the server {self._host} answered nothing: {self._last}",
                              hint="Is it running, with this model? When it is, run again: "
                              "nothing that was answered is asked twice.")  # fmt: skip
        return found

    def _ask(self, numbers: list[int], found: Answers) -> None:
        request = self._request(numbers)
        why = ""
        for attempt in range(self._retries + 1):
            if self._connect is None and attempt >= len(self._log.answers(request)):
                found.unasked += numbers
                return
            answer = self._answer(request, attempt, found)
            if isinstance(answer, Trouble):
                self._leave(numbers, answer, found)
                return
            if answer.outcome == "good":
                self._take(numbers, request, answer, found)
                return
            why = _WHY[answer.outcome]
            if len(numbers) > 1:
                self._ask_in_parts(numbers, found)
                return
            if answer.outcome in ("cut", "refused"):
                break
        found.silent[numbers[0]] = why

    def _ask_in_parts(self, numbers: list[int], found: Answers) -> None:
        half = (len(numbers) + 1) // 2
        for part in (numbers[:half], numbers[half:]):
            if self._in_vain < IN_VAIN:
                self._ask(part, found)
            else:
                found.silent.update(dict.fromkeys(part, f"not asked after: {self._last}"))

    def _take(self, numbers: list[int], request: Request, answer: Answer, found: Answers) -> None:
        for name, codings in answer.codings.items():
            if name in request.ids:
                found.codings[numbers[request.ids.index(name)]] = codings
            else:
                found.stray += len(codings)
        missing = [number for number, name in zip(numbers, request.ids, strict=True) if name not in answer.codings]
        if not missing:
            return
        if len(missing) < len(numbers):
            self._ask(missing, found)
        elif len(numbers) > 1:
            self._ask_in_parts(numbers, found)
        else:
            found.silent[numbers[0]] = "the answer does not speak of it"

    def _leave(self, numbers: list[int], trouble: Trouble, found: Answers) -> None:
        """Ask in smaller parts where that may help, else let it be."""
        if trouble.kind in ("unsuited", "large") and len(numbers) > 1:
            self._ask_in_parts(numbers, found)
            return
        self._in_vain += 1
        self._last = trouble.reason
        found.silent.update(dict.fromkeys(numbers, trouble.reason))

    def _answer(self, request: Request, attempt: int, found: Answers) -> Answer | Trouble:
        """Return the answer to the n-th time of asking: from the log, or by asking."""
        known = self._log.answers(request)
        text = known[attempt] if attempt < len(known) else self._send(request, found)
        if isinstance(text, Trouble):
            return text
        answer = read_answer(text)
        assert answer is not None  # neither the log nor a server's reply is taken for an answer else
        return answer

    def _send(self, request: Request, found: Answers) -> str | Trouble:
        """Send a request until it is answered, cannot be, or was sent often enough."""
        tries = 0
        while True:
            came = self._once(request, found)
            if not isinstance(came, Trouble):
                self._in_vain = 0
                return came
            spent = came.kind != "passing" and (came.kind != "failing" or tries >= self._retries)
            if spent and came.kind != "large" and not self._settled:
                # The server may not know this form of answer; when it takes none, the rest of the request is wrong.
                self._form = (self._form + 1) % len(FORMS)
                if self._form:
                    tries = 0
                    continue
            if spent or tries >= self._retries:
                return came
            wait = came.wait if came.wait is not None else min(float(2**tries), LONGEST_WAIT)
            if wait > LONGEST_WAIT:
                return Trouble("passing", f"{came.reason}; it asks to wait {wait:.0f} seconds")
            self._clock.sleep(wait)
            tries += 1

    def _once(self, request: Request, found: Answers) -> str | Trouble:
        if self._connection is None:
            assert self._connect is not None  # without it nothing is asked that the log does not answer
            self._connection = self._connect()
        form = FORMS[self._form]
        sent = json.dumps(request.in_form(form), ensure_ascii=False)
        about = {"host": self._host, "model": self._model}
        self._log.sending(request, sent, form=form, time=self._time(), **about)
        found.sent += 1
        try:
            came = self._connection.post(sent.encode("utf-8"))
        except CodingError as error:
            self._log.failed(request, error.message, time=self._time(), **about)
            raise
        if isinstance(came, Reply):
            self._log.answered(request, came.text, time=self._time(), **about)
            if read_answer(came.text) is not None:
                self._settled = True
                return came.text
            return Trouble("passing", "what it answers is no chat completion")
        self._log.failed(request, came.reason, time=self._time(), **about)
        return came

    def _time(self) -> str:
        return self._clock.now().isoformat(timespec="seconds")
