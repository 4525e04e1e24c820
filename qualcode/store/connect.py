"""Open, create and migrate a project database; every complaint of SQLite becomes a :class:`StoreError`."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib.resources import files
from pathlib import Path

from qualcode.errors import StoreError
from qualcode.store.adopting import AFTERWARDS
from qualcode.store.copying import backup_before, draft_beside, place_new

__all__ = [
    "APPLICATION_ID",
    "SCHEMA_VERSION",
    "check_ours",
    "connect",
    "create",
    "explained",
    "explanation",
    "file_identity",
    "has_companions",
    "has_header",
    "raw_connection",
    "reading_mode",
    "snapshot",
    "tidy",
    "transaction",
]

APPLICATION_ID = 0x71636F64
"""``qcod``: what tells our databases from all others (SQLite's ``application_id``)."""

_HEADER = b"SQLite format 3\0"
_MIGRATIONS = sorted(
    entry.name for entry in files("qualcode.store.migrations").iterdir() if re.match(r"\d{4}_.*\.sql$", entry.name)
)
SCHEMA_VERSION = len(_MIGRATIONS)
"""The schema that this version of qualcode writes (SQLite's ``user_version``)."""


def create(path: Path, *, timeout: float) -> None:
    """Make a new, empty project database; it is there whole or not at all.

    Raises:
        StoreError: QC-S002 when something is already there, QC-S001 when the place cannot be written.
    """
    if os.path.lexists(path):
        raise _taken(path)
    for end in ("-wal", "-journal"):
        left = path.with_name(path.name + end)
        if left.exists() and not path.exists():
            # SQLite would take it for a part of the new database.
            raise StoreError("QC-S002", "this file belongs to a project database that is gone", where=str(left),
                             hint="Put the database back beside it, or move this file away.")  # fmt: skip
    with explained(path), draft_beside(path) as draft:
        with closing(raw_connection(draft, "rwc", timeout)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _settle(connection)
            _migrate(connection, draft, timeout)
        try:
            place_new(draft, path)
        except FileExistsError:
            raise _taken(path) from None


def _taken(path: Path) -> StoreError:
    return StoreError("QC-S002", "there is already a file here", where=str(path),
                      hint="Open the project, or choose another folder.")  # fmt: skip


def connect(path: Path, *, read_only: bool, timeout: float) -> sqlite3.Connection:
    """Return a connection to a project database, brought up to this version's schema.

    Raises:
        StoreError: QC-S003 when there is none, QC-S004 for a file that is no SQLite database, QC-S005 for the database
            of another program, QC-S006 for one that a newer qualcode made, QC-S012 for one of an older qualcode that is
            only to be read, and what :func:`explained` says.
    """
    real = path.resolve()  # what belongs to a database stands beside it, not beside a link to it
    with explained(path):
        connection = raw_connection(real, reading_mode(real) if read_only else "rw", timeout, told=path)
        try:
            version = check_ours(connection, path)
            if not read_only:
                _settle(connection)
                _migrate(connection, real, timeout)
            elif version < SCHEMA_VERSION:
                raise StoreError("QC-S012", f"this database is of an older qualcode (schema {version}) and has to be "
                                 "brought up to date first", where=str(path), hint="Open its project once: qualcode "
                                 "verify DIR. If you may not write there, copy the project first.")  # fmt: skip
        except BaseException:
            connection.close()
            raise
        return connection


def has_header(path: Path) -> bool:
    """Return whether there is a file that begins as SQLite's do; any other SQLite would not open, but could harm."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:  # SQLite will say why it cannot be read
        return True


def reading_mode(path: Path) -> str:
    """Return the mode in which a database is opened only to be read."""
    real = path.resolve()
    log = real.with_name(f"{real.name}-wal")
    if not os.access(real.parent, os.W_OK) and not (log.exists() and log.stat().st_size):
        return "ro&immutable=1"  # SQLite makes files beside a database in WAL mode even to read it; here it cannot
    return "ro"


def check_ours(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema's number of a database that is ours and not newer than this program.

    Raises:
        StoreError: QC-S004, QC-S005, QC-S006.
    """
    (identity,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
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
    if version < 1:  # a database gets its name when it has its schema
        raise _unsound(path, f"it says that its schema is {version}")
    return int(version)


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return what tells the file at a path from every other file, or ``None`` when there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino)


def raw_connection(path: Path, mode: str, timeout: float, *, told: Path | None = None) -> sqlite3.Connection:
    """Return a connection to a file, whatever it holds; ``told`` is the path to name in errors.

    Raises:
        StoreError: QC-S003 when there is none, QC-S004 for a folder and for an empty file.
    """
    told = told or path
    if mode != "rwc":
        if path.is_dir():
            raise StoreError("QC-S004", "a folder stands where the project database should be", where=str(told),
                             hint="Move it away; a new database is then made from the transcripts.")  # fmt: skip
        if not path.is_file():
            raise StoreError("QC-S003", "there is no project database here", where=str(told),
                             hint="Ingest transcripts first: qualcode ingest DIR FILES…")  # fmt: skip
        if path.stat().st_size == 0:
            raise _unsound(told, "the file is empty")
        if not has_header(path):
            raise _unsound(told, "file is not a database")
    # isolation_level=None: transactions are begun and ended here, by name, not by the driver's guesses.
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)


def _settle(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL: a decision that was acknowledged is on the disk, even when the power fails in the next moment.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _migrate(connection: sqlite3.Connection, path: Path, timeout: float) -> None:
    """Bring the schema up to date in one transaction, after a copy of a database that somebody worked with."""
    if connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION:
        return
    with transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()  # another process may have been faster
        if 0 < version < SCHEMA_VERSION:
            backup_before(path, version, timeout=timeout)
        for number, name in enumerate(_MIGRATIONS[version:], start=version + 1):
            script = files("qualcode.store.migrations").joinpath(name).read_text(encoding="utf-8")
            for statement in _statements(script):
                connection.execute(statement)
            if number in AFTERWARDS:
                AFTERWARDS[number](connection)
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
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")  # can fail too, on a full disk, and then leaves the transaction open
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # some errors end a transaction themselves
        connection.execute("ROLLBACK")


def has_companions(path: Path) -> bool:
    """Return whether SQLite keeps files beside a database: somebody has it open, or had and was cut off."""
    real = path.resolve()
    return any(real.with_name(real.name + end).exists() for end in ("-wal", "-shm"))


def tidy(path: Path) -> None:
    """Have the empty files taken away that SQLite makes beside a database in WAL mode even to read it.

    SQLite does that when the last connection that may write is closed; where somebody else has it open, or where nobody
    may write, nothing happens.
    """
    real = path.resolve()
    if has_companions(path) and os.access(real, os.W_OK) and os.access(real.parent, os.W_OK):
        with suppress(sqlite3.Error, StoreError), closing(raw_connection(real, "rw", 0)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything read inside is of one moment, whatever others write meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        _roll_back(connection)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite complains of into a :class:`StoreError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise explanation(error, path) from error
    except (zlib.error, json.JSONDecodeError) as error:
        raise _unsound(path, str(error)) from error
    except UnicodeEncodeError as error:
        raise StoreError(
            "QC-S010",
            "a text holds half of a surrogate pair, which no database can keep",
            where=str(path),
            hint="The transcript's encoding is damaged: save it again as UTF-8.",
        ) from error


def _unsound(path: Path, told: str) -> StoreError:
    return StoreError(
        "QC-S004",
        f"this is not a sound project database ({told})",
        where=str(path),
        hint="Restore it from a backup, or move it away and ingest the transcripts again.",
    )


def explanation(error: sqlite3.Error, path: Path) -> StoreError:
    """Return an error of SQLite as one that says what to do."""
    told = str(error)
    where = str(path)
    if any(sign in told for sign in ("not a database", "malformed", "Could not decode", "unsupported file format")):
        return _unsound(path, told)
    if "locked" in told or "busy" in told:
        return StoreError("QC-S007", "another program is writing to the project", where=where,
                          hint="Close it, or wait until it is done, and try again.")  # fmt: skip
    if "readonly" in told or (
        "unable to open" in told and path.parent.is_dir() and not os.access(path.parent, os.W_OK)
    ):
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
