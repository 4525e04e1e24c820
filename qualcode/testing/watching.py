"""Watches for what a coder must not do: reach for the network, or read files where it should only store parameters."""

from __future__ import annotations

import builtins
import io
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["watched_files", "watched_network"]


@contextmanager
def watched_network(hosts: Collection[str]) -> Iterator[list[str]]:
    """Refuse every connection but to ``hosts``, as a machine without a network would, and yield what was tried."""
    tried: list[str] = []
    look_ups = {name: getattr(socket, name) for name in
                ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")}  # fmt: skip

    def check(host: object) -> None:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if host is not None and name not in hosts:
            tried.append(name)
            raise ConnectionRefusedError(f"there is no network while a coder is checked ({name})")

    def guarded(name: str) -> Any:
        plain = getattr(socket.socket, name)

        def connect(self: socket.socket, *given: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and given[-1] and isinstance(given[-1], tuple):
                check(given[-1][0])
            return plain(self, *given)

        return connect

    def looking_up(name: str) -> Any:
        def look_up(host: Any, *given: Any, **more: Any) -> Any:
            check(host)
            return look_ups[name](host, *given, **more)

        return look_up

    names = tuple(name for name in ("connect", "connect_ex", "sendto", "sendmsg") if hasattr(socket.socket, name))
    held = {name: socket.socket.__dict__.get(name) for name in names}
    made = {name: guarded(name) for name in names}
    try:
        for name in names:
            setattr(socket.socket, name, made[name])
        for name in look_ups:
            setattr(socket, name, looking_up(name))
        yield tried
    finally:
        for name, plain_look_up in look_ups.items():
            setattr(socket, name, plain_look_up)
        for name, before in held.items():
            if before is None:
                delattr(socket.socket, name)
            else:
                setattr(socket.socket, name, before)


@contextmanager
def watched_files() -> Iterator[list[str]]:
    """Yield the files that are opened meanwhile."""
    opened: list[str] = []
    plain, plain_io = builtins.open, io.open

    def watching(file: Any, *given: Any, **more: Any) -> Any:
        opened.append(str(file))
        return plain(file, *given, **more)

    try:
        builtins.open = watching
        io.open = watching  # what pathlib opens files with
        yield opened
    finally:
        builtins.open, io.open = plain, plain_io
