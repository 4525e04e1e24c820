"""What was sent and what came back, a line of JSON for each: the record of a study, and what a second run reads.

Lines are only ever added. What is to be sent is written down before it is sent, so that the log holds it whatever
happens then. A key is never in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qualcode.coding.llm.answer import read_answer
from qualcode.coding.llm.request import Request
from qualcode.errors import CodingError
from qualcode.model.document import sha256_of

__all__ = ["Log", "read_log"]


def read_log(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of a log, in order, without those that were cut, or changed so that text and hash disagree.

    Raises:
        CodingError: QC-K045 when the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for raw in file:
                line = _sound(raw)
                if line is not None:
                    yield line
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(path, error) from error


def _sound(raw: bytes) -> Mapping[str, Any] | None:
    """Return what a line holds when its text and the hash of it agree."""
    try:
        line = json.loads(raw.decode("utf-8"))
        for text, digest in (("sent", "sent_sha256"), ("answer", "answer_sha256")):
            if text in line and line[digest] != sha256_of(line[text]):
                return None
        return line if isinstance(line["event"], str) and isinstance(line["request"], str) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


class Log:
    """A log that is open for reading and adding.

    Args:
        path: of the file; it is made when something is written.

    Raises:
        CodingError: QC-K045 when the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers: dict[str, list[str]] = {}
        for line in read_log(path):
            if line["event"] == "answered" and isinstance(line.get("answer"), str):
                self._keep(line["request"], line["answer"])

    def answers(self, request: Request) -> list[str]:
        """Return what the server answered to a request, the oldest first; nothing that is no chat completion."""
        return self._answers.get(request.sha256, [])

    def sending(self, request: Request, sent: str, *, host: str, model: str, form: str, time: str) -> None:
        """Write down what is about to be sent."""
        self._add("sending", time, host, model, request, form=form, sent_sha256=sha256_of(sent), sent=sent)

    def answered(self, request: Request, answer: str, *, host: str, model: str, time: str) -> None:
        """Write down what came back."""
        read = read_answer(answer)
        asked, said = read.tokens if read is not None else (None, None)
        self._add("answered", time, host, model, request, outcome=read.outcome if read is not None else "none",
                  tokens_sent=asked, tokens_answered=said, answer_sha256=sha256_of(answer), answer=answer)  # fmt: skip
        self._keep(request.sha256, answer)

    def failed(self, request: Request, reason: str, *, host: str, model: str, time: str) -> None:
        """Write down that no answer came, and why."""
        self._add("failed", time, host, model, request, reason=reason)

    def _keep(self, request: str, answer: str) -> None:
        if read_answer(answer) is not None:
            self._answers.setdefault(request, []).append(answer)

    def _add(self, event: str, time: str, host: str, model: str, request: Request, **more: Any) -> None:
        line = {"event": event, "time": time, "host": host, "model": model, "request": request.sha256, **more}
        data = json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            number = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(number, "r+b") as file:
                if file.seek(0, os.SEEK_END) and not _ends_in_line(file.fileno(), file.tell()):
                    data = b"\n" + data
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unusable(self.path, error) from error


def _ends_in_line(number: int, size: int) -> bool:
    """Return whether a file ends in a whole line; a killed run may have left half of one."""
    os.lseek(number, size - 1, os.SEEK_SET)
    return os.read(number, 1) == b"\n"


def _unusable(path: Path, error: OSError) -> CodingError:
    return CodingError(
        "QC-K045",
        f"the log of what is sent cannot be kept: {error.strerror or error}",
        where=str(path),
        hint="Nothing is sent without it. Check the folder, or name another file with 'log'.",
    )
