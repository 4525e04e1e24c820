"""Copies of a database that are whole even while somebody writes to it, and files put in place whole or not at all."""

from __future__ import annotations

import glob
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

__all__ = ["backup_before", "copy_database", "draft_beside", "place_new", "sync_folder"]

STALE = 24 * 3600.0
"""Seconds after which nobody is writing a draft any more."""


@contextmanager
def draft_beside(target: Path) -> Iterator[Path]:
    """Give a place for a hidden draft in the folder of ``target``; what is left there in the end is removed.

    Each draft has a name of its own, so that two processes that make the same file do not write into one draft.
    """
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE:  # of a process that was killed
                left.unlink()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield draft
    finally:
        for each in (draft, *(draft.with_name(draft.name + end) for end in ("-journal", "-wal", "-shm"))):
            with suppress(OSError):  # in a folder that is closed there is none, and the system may say so loudly
                each.unlink(missing_ok=True)


def copy_database(connection: sqlite3.Connection, draft: Path) -> None:
    """Write what is committed in the open database to the new file ``draft`` (without a -wal), and on to the disk."""
    connection.execute("VACUUM INTO ?", (str(draft),))
    with draft.open("rb+") as file:
        os.fsync(file.fileno())


def place_new(draft: Path, target: Path) -> None:
    """Give a finished draft its name, in one step.

    Raises:
        FileExistsError: something of this name is there; it is not touched.
    """
    try:
        os.link(draft, target)  # unlike a renaming, this refuses when somebody else was faster
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(str(target)) from None
        draft.rename(target)
    else:
        draft.unlink()
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Write a folder's list of names to the disk, where the system can."""
    with suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def backup_before(path: Path, version: int, *, timeout: float) -> Path:
    """Keep a copy of a database beside it before its schema ``version`` is left, and return where.

    The caller holds the lock for writing, so that nothing comes in between the copy and the change.
    """
    number = 1
    with draft_beside(path) as draft:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)) as other:
            copy_database(other, draft)
        while True:
            target = path.with_name(f"{path.name}.schema-{version}{'' if number == 1 else f'-{number}'}.bak")
            try:
                place_new(draft, target)
            except FileExistsError:
                number += 1
            else:
                return target
