"""A small server on loopback that plays a language model: good answers, bad ones, and none."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

__all__ = ["Played", "Server", "Still", "completion", "model", "passages_in", "serving"]

Passages = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Played:
    """What the server answers: a status, a body and headers; with ``hang`` it says nothing until the test ends."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


Play = Callable[[Mapping[str, Any]], Played]


@dataclass
class Server:
    """A running server: where it is, and what it was sent."""

    port: int
    play: Play
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    scheme: str = "http"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}/v1"

    @property
    def consent(self) -> str:
        return f"I may send these transcripts to {self.host}"

    @property
    def sent(self) -> str:
        """Everything that was sent, in one text."""
        return json.dumps([self.requests, self.headers], ensure_ascii=False)


@contextmanager
def serving(play: Play, *, certificate: Path | None = None) -> Iterator[Server]:
    """Run a server that plays, on a free port of this machine; with a certificate (and its key) over TLS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body go out together: nobody waits for the other side

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(body)
            server.headers.append({**dict(self.headers), "path": self.path})
            played = server.play(body)
            if played.hang:
                server.over.wait()
                self.close_connection = True
                return
            data = played.body.encode("utf-8")
            self.send_response(played.status)
            for name, value in {**played.headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
    server = Server(listening.server_address[1], play, scheme="http" if certificate is None else "https")
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        listening.shutdown()
        thread.join()
        listening.server_close()


def passages_in(request: Mapping[str, Any]) -> Passages:
    """Return the passages of a request."""
    found: Passages = json.loads(request["messages"][1]["content"])
    return found


def completion(content: object, **more: Any) -> Played:
    """Return a chat completion; content that is no text is written as JSON."""
    text = content if isinstance(content, str) or content is None else json.dumps(content, ensure_ascii=False)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    choice["message"].update(more.pop("message", {}))  # type: ignore[attr-defined]  # a dict among other values
    choice.update(more)
    return Played(json.dumps({"choices": [choice], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}))


def model(*pairs: tuple[str, str]) -> Play:
    """Return a model that gives a code to every passage that holds some words, and quotes them."""

    def play(request: Mapping[str, Any]) -> Played:
        return completion({
            "passages": [
                {"id": each["id"], "codings": [{"code": code, "quote": words} for words, code in pairs
                                               if words in each["text"]]}
                for each in passages_in(request)
            ]
        })  # fmt: skip

    return play


@dataclass
class Still:
    """A clock that stands still, and remembers how long it was asked to wait."""

    waits: list[float] = field(default_factory=list)

    def now(self) -> Any:
        import datetime

        return datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
