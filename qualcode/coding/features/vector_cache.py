"""Sentence vectors kept between runs: one file for each model, found by the SHA-256 of the text.

The file is a head (the model's id and how long a vector is), the keys, the vectors, and a checksum of both. It is never
changed in place: what is new is put together with what stands there, written beside it, and moved over it. So a reader
sees the old file or the new one, and of two programs that write at once one may lose what it added, and nothing else.
A file that does not add up is made anew; one that cannot be written is done without.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
import time
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LARGEST", "MODELS", "VectorCache", "key_of"]

Array = npt.NDArray[Any]

LARGEST = 128 << 20
"""Bytes of a file, and of what is kept in memory: 80,000 sentences at 384 numbers each. The oldest go first."""
MODELS = 3
"""Files for so many models are kept in a folder; the one that was written longest ago goes first."""
LEFT_OVER = 86_400
"""Drafts of programs that were killed go after so many seconds."""
SUFFIX = ".vectors"

_MAGIC = b"qualcode vectors 1\n"
_HEAD = struct.Struct("<32sIII")
_KEY = 32


def key_of(text: str) -> bytes:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class VectorCache:
    """The vectors of one model, in memory and in a file.

    Args:
        model: the model's id, 32 letters and digits.
        folder: where the file is; ``None`` keeps vectors in memory only.
    """

    def __init__(self, model: str, folder: Path | None) -> None:
        self.model = model
        self.path = None if folder is None else folder / f"{model}{SUFFIX}"
        self._rows: dict[bytes, Array] = {}
        self._unsaved = 0
        self._known: tuple[int, int] | None = None
        self._take(self._read())

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def dimensions(self) -> int | None:
        """How many numbers a vector has; ``None`` before there is one."""
        return next((len(row) for row in self._rows.values()), None)

    @property
    def unsaved(self) -> int:
        """Number of vectors that are not in the file."""
        return self._unsaved

    def rows(self, keys: Iterable[bytes]) -> list[Array]:
        """Return the vectors of some keys; every key must be there."""
        return [self._rows[key] for key in keys]

    def add(self, keys: Sequence[bytes], vectors: Array) -> None:
        """Keep vectors (keys × dimensions, float32) in memory; :meth:`save` writes them."""
        for key, row in zip(keys, vectors, strict=True):
            self._unsaved += key not in self._rows
            self._rows[key] = row

    def trim(self) -> None:
        """Drop the oldest vectors until the rest is no larger than :data:`LARGEST`."""
        most = LARGEST // (_KEY + 4 * (self.dimensions or 1))
        if len(self._rows) > most:
            for key in list(self._rows)[: len(self._rows) - most]:
                del self._rows[key]

    def save(self) -> None:
        """Write what is new, together with what another program wrote meanwhile; without a file, do nothing."""
        self._unsaved, unsaved = 0, self._unsaved
        if self.path is None or not unsaved:
            return
        if self._stamp() != self._known:
            mine, self._rows = self._rows, {}
            self._take(self._read())
            self._rows = {key: row for key, row in self._rows.items() if key not in mine} | mine
        self.trim()
        with suppress(OSError):  # a full disk, or a folder that may not be written to
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._write(self.path)
            self._known = self._stamp()
            self._leave_newest(self.path.parent)

    def _take(self, found: tuple[list[bytes], Array] | None) -> None:
        if found is not None and (self.dimensions in {None, found[1].shape[1]}):
            self._rows.update(zip(found[0], found[1], strict=True))

    def _stamp(self) -> tuple[int, int] | None:
        if self.path is None:
            return None
        try:
            seen = self.path.stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_size

    def _read(self) -> tuple[list[bytes], Array] | None:
        """Return the keys and vectors of the file; ``None`` when there is none or it does not add up."""
        if self.path is None:
            return None
        self._known = self._stamp()
        try:
            content = self.path.read_bytes()
        except OSError:
            return None
        begin = len(_MAGIC) + _HEAD.size
        if len(content) < begin or not content.startswith(_MAGIC):
            return None
        model, dimensions, n, checksum = _HEAD.unpack_from(content, len(_MAGIC))
        body = memoryview(content)[begin:]
        if model != self._head_id() or not dimensions or len(body) != n * (_KEY + 4 * dimensions):
            return None
        if zlib.crc32(body) != checksum:
            return None
        keys = [bytes(body[at : at + _KEY]) for at in range(0, n * _KEY, _KEY)]
        return keys, np.frombuffer(body, "<f4", offset=n * _KEY).astype(np.float32).reshape(n, dimensions)

    def _head_id(self) -> bytes:
        return self.model.encode("ascii")[:32].ljust(32)

    def _write(self, path: Path) -> None:
        keys = b"".join(self._rows)
        vectors = np.stack(list(self._rows.values())).astype("<f4")
        body = vectors.tobytes()
        head = _HEAD.pack(self._head_id(), vectors.shape[1], len(vectors), zlib.crc32(body, zlib.crc32(keys)))
        draft = path.with_name(f".{self.model[:16]}-{os.getpid()}-{secrets.token_hex(4)}.tmp")
        try:
            with draft.open("xb") as file:
                file.writelines((_MAGIC, head, keys, body))
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    def _leave_newest(self, folder: Path) -> None:
        files = sorted(folder.glob(f"*{SUFFIX}"), key=lambda each: (each.stat().st_mtime_ns, each.name))
        left_over = [each for each in folder.glob(".*.tmp") if each.stat().st_mtime < time.time() - LEFT_OVER]
        for old in [*files[:-MODELS], *left_over]:
            old.unlink(missing_ok=True)
