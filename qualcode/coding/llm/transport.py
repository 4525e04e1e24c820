"""One question over HTTP: to the named server and nowhere else, in bounded time and size."""

from __future__ import annotations

import datetime
import email.utils
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from qualcode.errors import CodingError, MissingExtraError

__all__ = ["SYSTEM", "Clock", "Connection", "Reply", "Trouble", "open_connection"]

LARGEST_ANSWER = 8_000_000
"""An answer of more bytes is not read to its end."""
TOLD = 200
"""So many characters of what a server says of an error are repeated."""

Kind = Literal["passing", "failing", "unsuited", "large"]


class Clock(Protocol):
    """What time it is, and waiting: so that tests need not wait."""

    def now(self) -> datetime.datetime:
        """Return the time, with its zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class _SystemClock:
    def __repr__(self) -> str:
        return "SYSTEM"

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


SYSTEM: Clock = _SystemClock()
"""The computer's clock."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with status 200: its text."""

    text: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """No answer.

    Attributes:
        kind: ``passing`` may be gone in a moment; ``failing`` too, or the server stumbles over something in the
            request; ``unsuited``: it cannot do what the request asks for; ``large``: the request is too long for it.
        reason: in a few words.
        wait: so many seconds the server asks to wait.
    """

    kind: Kind
    reason: str
    wait: float | None = None


class Connection:
    """A server that can be asked; see :func:`open_connection`."""

    def __init__(self, client: Any, url: str, host: str, key: str | None, timeout: float, clock: Clock) -> None:
        self._client = client
        self._url = url
        self._host = host
        self._key = key
        self._timeout = timeout
        self._clock = clock

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def post(self, body: bytes) -> Reply | Trouble:
        """Send a request and return what came of it.

        Raises:
            CodingError: QC-K043 when the server does not know the address, refuses the key, or sends on to another
                server: asking again would not help.
        """
        import httpx

        try:
            with self._client.stream("POST", self._url, content=body) as response:
                status, headers = response.status_code, response.headers
                text = self._text(response)
        except httpx.TimeoutException:
            return Trouble("passing", f"no answer within {self._timeout:g} seconds")
        except httpx.HTTPError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise self._refused("its certificate is not trusted", _CERTIFICATE) from None
            return Trouble("passing", f"no connection ({type(error).__name__})")
        if text is None:
            return Trouble("passing", f"no whole answer within {self._timeout:g} seconds or {LARGEST_ANSWER:,} bytes")
        return self._judged(status, headers, text)

    def _text(self, response: Any) -> str | None:
        """Return the body; ``None`` when it is too long, or comes too slowly."""
        until = self._clock.monotonic() + self._timeout
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > LARGEST_ANSWER or self._clock.monotonic() > until:
                return None
            parts.append(part)
        return self._masked(b"".join(parts).decode("utf-8-sig", "replace"))

    def _masked(self, text: str) -> str:
        """Return a text without the key: some servers repeat what they were sent, and nobody may read it there."""
        if self._key is None:
            return text
        return text.replace(self._key, "[key]").replace(self._key.replace("/", "\\/"), "[key]")

    def _judged(self, status: int, headers: Mapping[str, str], text: str) -> Reply | Trouble:
        if status == 200:
            return Reply(text)
        told = f"status {status}{_told(text)}"
        if 300 <= status < 400:
            raise self._refused(f"it sends on to {_host_in(headers.get('location', ''))}, where nothing was sent",
                                "Name the server that answers itself with 'url', and allow that one.")  # fmt: skip
        if status in (401, 403, 407):
            raise self._refused(f"it refuses the request ({told})",
                                "Name the environment variable that holds the key: key_env: NAME")  # fmt: skip
        if status in (404, 405, 410):
            raise self._refused(f"it does not know the address or the model ({told})",
                                "Look at 'url' (it ends in /v1 for most servers) and 'model'.")  # fmt: skip
        if status == 413:
            return Trouble("large", told)
        if status in (408, 425, 429) or (status >= 500 and status != 501):
            kind: Kind = "failing" if status == 500 else "passing"
            return Trouble(kind, told, self._asked_to_wait(headers.get("retry-after")))
        return Trouble("unsuited", told)

    def _asked_to_wait(self, value: str | None) -> float | None:
        """Return how many seconds ``Retry-After`` (seconds, or a date) asks for."""
        if value is None:
            return None
        if value.strip().isascii() and value.strip().isdigit():
            return float(value)
        try:
            then = email.utils.parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        then = then if then.tzinfo is not None else then.replace(tzinfo=datetime.UTC)
        return max(0.0, (then - self._clock.now()).total_seconds())

    def _refused(self, what: str, hint: str) -> CodingError:
        return CodingError("QC-K043", f"the server {self._host} does not answer: {what}", hint=hint)


_CERTIFICATE = "If it is a server of your institution, name the file with its certificate authority: certificates: FILE"


def _host_in(location: str) -> str:
    """Return the host that a redirect names, cut."""
    try:
        host = urlsplit(location).hostname
    except ValueError:
        return "what is no address"
    return host[:TOLD] if host else "another address of its own"


def _told(text: str) -> str:
    """Return what a server says of an error, cut, on one line, without anything that a terminal would obey."""
    words = "".join(each if each.isprintable() else " " for each in text[: 4 * TOLD])
    words = " ".join(words.split())
    return f": {words[:TOLD]}{'…' if len(words) > TOLD else ''}" if words else ""


def open_connection(
    url: str, host: str, *, key: str | None, timeout: float, proxy: bool, certificates: str | None, clock: Clock
) -> Connection:
    """Return a connection to a server; nothing is sent yet. Redirects are not followed, certificates are checked.

    Args:
        url: of its chat completions.
        host: its name, for errors.
        key: is sent to it; ``None`` for none.
        timeout: seconds for a whole answer.
        proxy: whether the environment's proxies are used.
        certificates: a file with certificate authorities to trust, instead of the usual ones.
        clock: for deadlines.

    Raises:
        MissingExtraError: QC-M003 when httpx is not installed.
        CodingError: QC-K006 when there is no such file of certificates.
    """
    try:
        import httpx
    except ImportError as error:
        raise MissingExtraError("QC-M003", "the coder 'llm' needs httpx, which is not installed",
                                hint='Install it: pip install "qualcode[llm]"') from error  # fmt: skip
    trusted: ssl.SSLContext | bool = True
    try:
        if certificates is not None:
            trusted = ssl.create_default_context(cafile=certificates)
        elif url.startswith("http://") and not proxy:
            trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody: reading all authorities takes its time
    except OSError as error:
        raise CodingError("QC-K006", f"'certificates' cannot be used: {error.strerror or error}",
                          hint="Name a file in PEM form.") from error  # fmt: skip
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity",
               "User-Agent": "qualcode"}  # fmt: skip
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    try:
        client = httpx.Client(headers=headers, timeout=timeout, follow_redirects=False, verify=trusted, trust_env=proxy)
    except (ValueError, ImportError):
        # What it says is not repeated: the address of a proxy may hold a password.
        raise CodingError("QC-K006", "the environment names a proxy that cannot be used",
                          hint="Look at HTTPS_PROXY and ALL_PROXY, or leave out 'proxy'.") from None  # fmt: skip
    return Connection(client, url, host, key, timeout, clock)
