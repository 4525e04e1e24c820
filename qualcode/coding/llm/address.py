"""The server that the user names: its address, the sentence that allows sending to it, and the key."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from qualcode.errors import CodingError

__all__ = ["Address", "address_of", "check_consent", "check_model", "consent_sentence", "key_of"]

_NEAR = tuple(
    map(
        ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
    )
)
"""This machine (127.0.0.0/8, ::1) and addresses that are not reached from outside (RFC 1918, RFC 4193, RFC 4291)."""
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEY = re.compile(r"[!#-\[\]-~]+\Z")
"""Printable ASCII without blanks, double quotes and backslashes, so that a key looks the same wherever it is echoed."""
_ELSEWHERE = re.compile(r"[-:]cloud\s*\Z", re.IGNORECASE)
"""How Ollama marks models that do not run on the machine that is asked."""
_PATH = re.compile(r"[A-Za-z0-9/._~%!$&'()*+,;=:@-]*\Z")
"""What a path is made of (RFC 3986)."""
LONGEST_URL = 2_000
LONGEST_HOST, LONGEST_LABEL = 253, 63
"""What a name may have of characters, in all and between two dots (RFC 1035)."""
_EXAMPLE = "Write, for example: url: http://localhost:8080/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes:
        url: of its chat completions.
        host: name or address, with the port when the user wrote one: what the consent sentence names.
        here: whether it is this machine.
    """

    url: str
    host: str
    here: bool


def address_of(url: str, *, insecure: bool = False, proxy: bool = False) -> Address:
    """Return the address that a user wrote.

    Args:
        url: of the server, as in ``http://localhost:8080/v1``; ``/chat/completions`` is added where it is missing.
        insecure: allow ``http://`` to any server.
        proxy: whether the way leads over a proxy; then ``http://`` needs ``insecure`` too.

    Raises:
        CodingError: QC-K041 for an address that is none, that holds a name or a key, or that would send talk in the
            clear over a network that others share.
    """
    if not isinstance(url, str) or not url:
        raise CodingError("QC-K041", "'url' is missing: there is no server to ask", hint=_EXAMPLE)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise CodingError("QC-K041", "'url' is not an address", hint=_EXAMPLE) from None
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        # The address is not repeated: it may hold a key.
        raise CodingError("QC-K041", "'url' holds more than an address (a name, a password, '?' or '#')",
                          hint="A key stands in an environment variable: take it out of 'url', "
                          "and name the variable with 'key_env'.")  # fmt: skip
    number = _number(host)
    named = _HOST.match(host) and len(host) <= LONGEST_HOST and all(
        0 < len(label) <= LONGEST_LABEL for label in host.split("."))  # fmt: skip
    if parts.scheme not in ("http", "https") or (number is None and not named):
        raise CodingError("QC-K041", f"'url' is {url!r}, and must begin with http:// or https:// and a host",
                          hint=_EXAMPLE)  # fmt: skip
    if len(url) > LONGEST_URL or not _PATH.match(parts.path):
        raise CodingError("QC-K041", "'url' has a path that no address has: letters, digits and signs such as / . _ -",
                          hint=_EXAMPLE)  # fmt: skip
    here = host == "localhost" or (number is not None and number.is_loopback)
    near = here or (number is not None and any(number in network for network in _NEAR))
    if parts.scheme == "http" and not insecure and (not near or (proxy and not here)):
        raise CodingError("QC-K041", f"'url' is {url!r}: over http:// others could read what is sent to {host}",
                          hint="Use https://, or a server on this machine or in your own network (by its number, as in "
                          "http://192.168.0.7:8080/v1). 'insecure: true' sends all the same.")  # fmt: skip
    shown = host if number is None else f"[{number}]" if isinstance(number, IPv6Address) else str(number)
    shown += f":{port}" if port is not None else ""
    path = parts.path.rstrip("/")
    path += "" if path.endswith("/chat/completions") else "/chat/completions"
    return Address(f"{parts.scheme}://{shown}{path}", shown, here)


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(host)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def consent_sentence(host: str) -> str:
    """Return the sentence that allows sending transcripts to a host."""
    return f"I may send these transcripts to {host}"


def check_consent(consent: object, address: Address) -> None:
    """Raise CodingError QC-K040 unless ``consent`` is the sentence for this address, letter for letter."""
    wanted = consent_sentence(address.host)
    if consent != wanted:
        raise CodingError(
            "QC-K040",
            f"nothing was sent: the settings do not say that transcripts may go to {address.host}",
            hint=f"If you and those who spoke agreed to it, write: consent: {wanted!r}",
        )


def check_model(model: object, address: Address) -> None:
    """Raise CodingError for a model without a name (QC-K006), or one that a server on this machine runs elsewhere."""
    if not isinstance(model, str) or not model.strip():
        raise CodingError("QC-K006", "'model' is missing: the server must be told which model to use",
                          hint="Write the name that the server lists, as in: model: llama3.1:8b")  # fmt: skip
    if address.here and _ELSEWHERE.search(model):
        raise CodingError("QC-K041", f"the model {model!r} does not run on this machine: the server sends it elsewhere",
                          hint="Choose a model that runs here; or name the server that it runs on with 'url', "
                          "and allow that one.")  # fmt: skip


def key_of(key_env: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the key in an environment variable; ``None`` when no variable is named.

    Raises:
        CodingError: QC-K042 when there is no such variable, or no key in it. Neither is repeated: somebody may have
            written the key itself where the variable's name belongs.
    """
    if key_env == "":
        return None
    if not isinstance(key_env, str) or not _VARIABLE.match(key_env):
        raise CodingError("QC-K042", "'key_env' must be the name of an environment variable, not a key",
                          hint="Write, for example: key_env: LLM_KEY. If a key stood there, replace the key: it was "
                          "in a file.")  # fmt: skip
    key = environment.get(key_env, "").strip()
    if not key:
        raise CodingError("QC-K042", "the environment variable that 'key_env' names is not set",
                          hint="Set it in the terminal before you run: export NAME=…")  # fmt: skip
    if not _KEY.match(key):
        raise CodingError("QC-K042", "the environment variable that 'key_env' names does not hold a key",
                          hint="A key has letters, digits and signs, and no blanks or quotes.")  # fmt: skip
    return key
