"""Open, create and migrate a project database; every complaint of SQLite becomes a :class:`StoreError`."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from qualcode.errors import StoreError

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "connect", "create", "explained", "transaction"]

APPLICATION_ID = 0x71636F64
"""``qcod``: what tells our databases from all others (SQLite's ``application_id``)."""

_MIGRATIONS = sorted(
    entry.name for entry in files("qualcode.store.migrations").iterdir() if re.match(r"\d{4}_.*\.sql$", entry.name)
)
SCHEMA_VERSION = len(_MIGRATIONS)
"""The schema that this version of qualcode writes (SQLite's ``user_version``)."""


def create(path: Path, *, timeout: float) -> sqlite3.Connection:
    """Return a connection to a new, empty project database.

    Raises:
        StoreError: QC-S002 when something is already there, QC-S001 when the place cannot be written.
    """
    if path.exists():
        raise StoreError("QC-S002", "there is already a file here", where=str(path),
                         hint="Open the project, or choose another folder.")  # fmt: skip
    with explained(path):
        connection = _connection(f"{path.absolute().as_uri()}?mode=rwc", timeout)
        try:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _settle(connection)
            _migrate(connection, 0)
        except BaseException:
            connection.close()
            path.unlink(missing_ok=True)
            raise
        return connection


def connect(path: Path, *, read_only: bool, timeout: float) -> sqlite3.Connection:
    """Return a connection to a project database, brought up to this version's schema.

    Raises:
        StoreError: QC-S003 when there is none, QC-S004 for a file that is no SQLite database, QC-S005 for the database
            of another program, QC-S006 for one that a newer qualcode made, and what :func:`explained` says.
    """
    if not path.is_file():
        raise StoreError("QC-S003", "there is no project database here", where=str(path),
                         hint="Ingest transcripts first: qualcode ingest DIR FILES…")  # fmt: skip
    mode = "ro" if read_only else "rw"
    log = path.with_name(f"{path.name}-wal")
    if read_only and not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size):
        mode = "ro&immutable=1"  # SQLite makes files beside a database in WAL mode even to read it; here it cannot
    with explained(path):
        connection = _connection(f"{path.absolute().as_uri()}?mode={mode}", timeout)
        try:
            (identity,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            _check(path, identity, version)
            if not read_only:
                _settle(connection)
                _migrate(connection, version)
        except BaseException:
            connection.close()
            raise
        return connection


def _check(path: Path, identity: int, version: int) -> None:
    if identity != APPLICATION_ID:
        raise StoreError(
            "QC-S005",
            "this SQLite database was not made by qualcode",
            where=str(path),
            hint="Move it out of the project folder; a new database is then made from the transcripts.",
        )
    if version > SCHEMA_VERSION:
        raise StoreError("QC-S006", f"a newer qualcode made this database (schema {version}, this version knows "
                         f"{SCHEMA_VERSION})", where=str(path), hint="Update qualcode.")  # fmt: skip


def _connection(uri: str, timeout: float) -> sqlite3.Connection:
    # isolation_level=None: transactions are begun and ended here, by name, not by the driver's guesses.
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)


def _settle(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    for number, name in enumerate(_MIGRATIONS[version:], start=version + 1):
        script = files("qualcode.store.migrations").joinpath(name).read_text(encoding="utf-8")
        with transaction(connection):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; ``executescript`` would commit the open transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything inside is written, or (on any exception, an interrupt too) nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite complains of into a :class:`StoreError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explanation(error, path) from error
    except UnicodeEncodeError as error:
        raise StoreError(
            "QC-S010",
            "a text holds half of a surrogate pair, which no database can keep",
            where=str(path),
            hint="The transcript's encoding is damaged: save it again as UTF-8.",
        ) from error


def _explanation(error: sqlite3.Error, path: Path) -> StoreError:
    told = str(error)
    where = str(path)
    if "not a database" in told or "malformed" in told:
        return StoreError(
            "QC-S004",
            f"this is not a sound SQLite database ({told})",
            where=where,
            hint="Restore it from a backup, or move it away and ingest the transcripts again.",
        )
    if "locked" in told or "busy" in told:
        return StoreError("QC-S007", "another program is writing to the project", where=where,
                          hint="Close it, or wait until it is done, and try again.")  # fmt: skip
    if "readonly" in told or ("unable to open" in told and path.exists() and not os.access(path.parent, os.W_OK)):
        return StoreError(
            "QC-S008",
            "the project cannot be written to",
            where=where,
            hint="Check the permissions of the folder, or copy the project somewhere you may write.",
        )
    if "full" in told:
        return StoreError(
            "QC-S009", "the disk is full; nothing was changed", where=where, hint="Make room and try again."
        )
    if "disk I/O" in told:  # what a full disk says when not even the files beside the database can be made
        return StoreError("QC-S009", "the disk is full or fails; nothing was changed", where=where,
                          hint="Make room and try again.")  # fmt: skip
    return StoreError("QC-S001", f"the project database cannot be used: {told}", where=where,
                      hint="Check that the folder exists and that you may write to it.")  # fmt: skip
