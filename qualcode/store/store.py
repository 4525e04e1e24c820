"""The store: one project database, opened for a few operations and closed again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from qualcode.errors import StoreError
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document
from qualcode.store import connect
from qualcode.store.documents import delete_documents, insert_document, select_documents
from qualcode.store.suggestions import replace_suggestions, select_suggestions

__all__ = ["Store"]

TIMEOUT = 5.0
"""Seconds to wait for another program that is writing."""


class Store:
    """A project database. Use it in a ``with`` statement, or call :meth:`close`.

    Every method that writes does so in one transaction: after an error or an interrupt nothing has changed.
    All methods raise :class:`~qualcode.errors.StoreError`.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def create(cls, path: Path | str, *, timeout: float = TIMEOUT) -> Self:
        """Return the store of a new, empty database; refuses a file that is already there (QC-S002)."""
        path = Path(path)
        return cls(connect.create(path, timeout=timeout), path)

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False, timeout: float = TIMEOUT) -> Self:
        """Return the store of an existing database; an older schema is brought up to date first."""
        path = Path(path)
        return cls(connect.connect(path, read_only=read_only, timeout=timeout), path)

    def close(self) -> None:
        """Close the database; closing twice is harmless."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def documents(self) -> tuple[Document, ...]:
        """Return all documents, by name, exactly as they were written."""
        with connect.explained(self.path):
            return tuple(select_documents(self._connection))

    def sources(self) -> dict[str, str]:
        """Return the SHA-256 of each file that documents came from, by file name."""
        with connect.explained(self.path):
            return dict(
                self._connection.execute("SELECT DISTINCT source_name, source_sha256 FROM documents ORDER BY 1")
            )

    def put_documents(self, documents: Iterable[Document], *, without: Iterable[str] = ()) -> None:
        """Write documents in one transaction, and take those with the ids ``without`` out.

        Documents of a source file that is already there take the place of all documents of that file (and of their
        suggestions). Two source files cannot give one document name (QC-S011).
        """
        fresh = tuple(documents)
        with connect.explained(self.path), connect.transaction(self._connection):
            delete_documents(self._connection, without)
            for source in {each.source_name for each in fresh}:
                rows = self._connection.execute("SELECT id FROM documents WHERE source_name = ?", (source,))
                delete_documents(self._connection, [key for (key,) in rows.fetchall()])
            for document in fresh:
                taken = self._connection.execute("SELECT 1 FROM documents WHERE name = ? OR id = ?",
                                                 (document.name, document.id)).fetchone()  # fmt: skip
                if taken:
                    raise StoreError("QC-S011", f"there is already a document called {document.name!r}",
                                     where=str(self.path), hint="Rename one of the two files.")  # fmt: skip
                insert_document(self._connection, document)
            self._touch()

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return what the coders suggested when they last ran, in the order in which they were written."""
        with connect.explained(self.path):
            return tuple(select_suggestions(self._connection))

    def put_suggestions(self, suggestions: Iterable[Suggestion], *, made_from: str) -> None:
        """Write suggestions in the place of all earlier ones, in one transaction.

        ``made_from`` is a fingerprint of what they were made from; :meth:`meta` gives it back as ``coded_from``.
        """
        with connect.explained(self.path), connect.transaction(self._connection):
            replace_suggestions(self._connection, suggestions)
            self._set({"coded_from": made_from})
            self._touch()

    def meta(self) -> Mapping[str, str]:
        """Return the notes that the database keeps about itself: ``revision`` counts writes, ``coded_from``."""
        with connect.explained(self.path):
            return dict(self._connection.execute("SELECT key, value FROM meta"))

    def _touch(self) -> None:
        revision = int(self.meta().get("revision", "0")) + 1
        self._set({"revision": str(revision)})

    def _set(self, values: Mapping[str, str]) -> None:
        self._connection.executemany(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", values.items()
        )
