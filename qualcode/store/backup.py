"""A copy of the project database to keep, and the way back: checked before anything is touched, nothing thrown away."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from qualcode.errors import StoreError
from qualcode.store.connect import (
    SCHEMA_VERSION,
    check_ours,
    explained,
    explanation,
    has_header,
    raw_connection,
    reading_mode,
)
from qualcode.store.copying import copy_database, draft_beside, place_new, sync_folder
from qualcode.store.verifying import verify, verify_file

__all__ = ["backup", "restore"]

TIMEOUT = 5.0
_LOGS = ("-wal", "-journal")


def backup(path: Path | str, target: Path | str, *, timeout: float = TIMEOUT) -> Path:
    """Write a copy of a project database to the new file ``target`` and return where it is.

    The copy holds all that was committed when it was begun, also while others write. It is checked (as ``verify`` does)
    and on the disk before it gets its name, so that a file of that name is a whole backup.

    Raises:
        StoreError: QC-S014 when something is at ``target``, QC-S015 when the copy does not add up (none is kept then),
            and what opening a database and a full or closed disk bring.
    """
    path, target = Path(path), Path(target)
    if os.path.lexists(target):
        raise _taken(target)
    if not target.parent.is_dir():
        raise StoreError("QC-S001", "the folder for the backup does not exist", where=str(target),
                         hint="Make it, or name another place.")  # fmt: skip
    with draft_beside(target) as draft:
        # Whoever opens a database in WAL mode and may not write leaves files beside it.
        ours = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
        _copy(path, draft, "rw" if ours else reading_mode(path), told=target, timeout=timeout)
        _examine(draft, path)
        with _files(target):
            try:
                place_new(draft, target)
            except FileExistsError:
                raise _taken(target) from None
    return target


def restore(backup: Path | str, path: Path | str, *, timeout: float = TIMEOUT) -> Path | None:
    """Put a copy of a backup in the place of the project database and return where the latter is kept now.

    The backup is only read, and checked before anything is touched. The present database, sound or damaged, is kept
    beside it as ``project.db.before-restore-N.bak`` with all that was committed. Returns ``None`` when there was none.

    Raises:
        StoreError: QC-S003 without a backup, QC-S005 and QC-S006 for one that this program cannot use, QC-S015 for one
            that does not add up, QC-S007 while any other program has the present database open.
    """
    backup, path = Path(backup), Path(path).resolve()
    if not backup.is_file():
        raise StoreError("QC-S003", "there is no backup here", where=str(backup),
                         hint="Name a file that qualcode backup wrote.")  # fmt: skip
    if path.is_dir() or not path.parent.is_dir():
        raise StoreError("QC-S001", "a project database cannot be put here", where=str(path),
                         hint="Name the project.db of a project's folder.")  # fmt: skip
    with draft_beside(path) as draft:
        _copy(backup, draft, reading_mode(backup), told=path, timeout=timeout)
        _examine(draft, backup)
        with _files(path), _nobody_else(path, timeout):
            kept = _put_aside(path)
            draft.replace(path)
            sync_folder(path.parent)
    return kept


def _taken(target: Path) -> StoreError:
    return StoreError("QC-S014", "there is already a file here; a backup is never written over anything",
                      where=str(target), hint="Give the backup another name.")  # fmt: skip


def _copy(source: Path, draft: Path, mode: str, *, told: Path, timeout: float) -> None:
    with explained(source), closing(raw_connection(source.resolve(), mode, timeout, told=source)) as connection:
        check_ours(connection, source)
        try:
            copy_database(connection, draft)
        except sqlite3.OperationalError as error:  # a full disk, a closed folder: where the copy should go
            raise explanation(error, told) from error


def _examine(draft: Path, source: Path) -> None:
    """Raise when a copy does not add up."""
    with explained(source), closing(raw_connection(draft, "ro&immutable=1", 0)) as connection:
        current = check_ours(connection, source) == SCHEMA_VERSION
        finding = next((verify if current else verify_file)(connection), None)
    if finding is not None:
        raise StoreError("QC-S015", f"what was copied does not add up: {finding.message}; nothing was changed",
                         where=str(source), hint="Use an earlier backup. To see everything that is wrong with a "
                         "project: qualcode verify DIR")  # fmt: skip


@contextmanager
def _nobody_else(path: Path, timeout: float) -> Iterator[None]:
    """Hold a database so that nobody can open it, with its -wal written into it; a damaged one cannot be held.

    Raises:
        StoreError: QC-S007 when somebody has it open.
    """
    if not has_header(path):  # none, or one that SQLite could not use, but whose -wal it would remove
        yield
        return
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=timeout, isolation_level=None)
    with closing(connection):
        try:
            # Never given back until this is closed, so that nobody comes in between the steps.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = DELETE")  # the whole -wal goes into the file
            connection.execute("PRAGMA journal_mode = MEMORY")  # closing must not remove a file of the new database
            connection.execute("BEGIN EXCLUSIVE")
            path.with_name(f"{path.name}-journal").unlink(missing_ok=True)  # our own, and done with
        except sqlite3.Error as error:
            found = explanation(error, path)
            if found.code == "QC-S007":
                raise StoreError("QC-S007", "another program has the project open", where=str(path),
                                 hint="Close it and try again.") from error  # fmt: skip
            if found.code in {"QC-S008", "QC-S009"} and "I/O" not in str(error):
                raise found from error
            # Damaged: it cannot be held. Closed only in the end, for SQLite removes a -wal when it closes.
        yield


def _put_aside(path: Path) -> Path | None:
    """Give the present database a second name, move what belongs to it there, and return the name."""
    if not path.exists():
        kept = None
        aside = _free(path)
    else:
        kept = aside = _linked(path)
    for end in _LOGS:
        log = path.with_name(path.name + end)
        if log.exists():  # of a damaged database; beside the new one it would be taken for a part of it
            log.replace(aside.with_name(aside.name + end))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    sync_folder(path.parent)
    return kept


def _linked(path: Path) -> Path:
    while True:
        aside = _free(path)
        try:
            os.link(path, aside)
        except FileExistsError:
            continue
        except OSError:  # a file system without hard links
            path.rename(aside)
        return aside


def _free(path: Path) -> Path:
    number = 1
    while True:
        aside = path.with_name(f"{path.name}.before-restore-{number}.bak")
        # Left when somebody was killed just before the last step: a second name of what is still the present database.
        if aside.exists() and path.exists() and aside.samefile(path):
            aside.unlink()
        if not any(os.path.lexists(aside.with_name(aside.name + end)) for end in ("", *_LOGS)):
            return aside
        number += 1


@contextmanager
def _files(path: Path) -> Iterator[None]:
    """Turn what the system says of files into a :class:`StoreError`."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreError("QC-S009", "the disk is full; nothing was changed", where=str(path),
                             hint="Make room and try again.") from error  # fmt: skip
        raise StoreError("QC-S008", f"the folder cannot be written to ({error.strerror})", where=str(path),
                         hint="Check its permissions.") from error  # fmt: skip
