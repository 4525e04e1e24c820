"""The store: one project database, opened for a few operations and closed again."""

from __future__ import annotations

import datetime
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qualcode.errors import LedgerError, QualcodeError, StoreError
from qualcode.ledger.fold import State
from qualcode.ledger.readings import fold_readings
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document
from qualcode.model.ledger import Draft, Entry, Judgement, Kind, Memo, NewEntry, Operation, ReadPassage
from qualcode.store import connect, writing
from qualcode.store.documents import select_documents
from qualcode.store.ledger import INDEXED, entry_rows, read_operations
from qualcode.store.moving import names_now
from qualcode.store.state import select_judgements, select_memos, small_state
from qualcode.store.suggestions import keep_run, last_run, select_suggestions
from qualcode.store.united import United, unite
from qualcode.store.verifying import Finding, verify
from qualcode.store.versions import codebook_text, find_versions, keep_codebook, keep_document

__all__ = ["Store"]

TIMEOUT = 5.0
"""Seconds to wait for another program that is writing."""


def utc_now() -> str:
    """Return the time as the ledger writes it: UTC, ISO 8601 with milliseconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    """Return 16 hex digits by chance."""
    return secrets.token_hex(8)


class Store:
    """A project database. Use it in a ``with`` statement, or call :meth:`close`.

    Every method that writes does so in one transaction: after an error or an interrupt nothing has changed, and when it
    returns, what it wrote survives the end of the process. Whatever is written is an operation of the ledger.
    All methods raise :class:`~qualcode.errors.StoreError`.

    Attributes:
        path: of the database.
        now: gives the time of an operation.
        name: gives the id of an operation.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, file: tuple[int, int] | None) -> None:
        self._connection = connection
        self._file = file
        self._tidy = False
        self._place = path.absolute()
        self.path = path
        self.now: Callable[[], str] = utc_now
        self.name: Callable[[], str] = new_id

    @classmethod
    def create(cls, path: Path | str, *, timeout: float = TIMEOUT) -> Self:
        """Return the store of a new, empty database; refuses a file that is already there (QC-S002)."""
        path = Path(path)
        connect.create(path, timeout=timeout)
        return cls.open(path, timeout=timeout)

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False, timeout: float = TIMEOUT) -> Self:
        """Return the store of an existing database; an older schema is brought up to date first."""
        path = Path(path)
        file = connect.file_identity(path)
        alone = read_only and not connect.has_companions(path)
        store = cls(connect.connect(path, read_only=read_only, timeout=timeout), path, file)
        store._tidy = alone
        return store

    def close(self) -> None:
        """Close the database; closing twice is harmless."""
        self._connection.close()
        if self._tidy:
            self._tidy = False
            connect.tidy(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # Reading

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let everything that is read inside be of one moment, whatever others write meanwhile."""
        with connect.explained(self.path), connect.snapshot(self._connection):
            yield

    def documents(self) -> tuple[Document, ...]:
        """Return all documents, by name, exactly as they were written."""
        with self._reading():
            return tuple(select_documents(self._connection))

    def sources(self) -> dict[str, str]:
        """Return the SHA-256 of each file that documents came from, by file name."""
        with self._reading():
            return dict(
                self._connection.execute("SELECT DISTINCT source_name, source_sha256 FROM documents ORDER BY 1")
            )

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return what the coders suggested in the last run that stands, in the order in which they were written."""
        with self._reading():
            return tuple(select_suggestions(self._connection))

    def judgements(self, *, codebook: str | None = None, document_id: str | None = None) -> tuple[Judgement, ...]:
        """Return what people hold now, in the order in which they decided."""
        conditions = {"codebook = ?": codebook, "document_id = ?": document_id}
        asked = {condition: value for condition, value in conditions.items() if value is not None}
        with self._reading():
            return tuple(select_judgements(self._connection, " AND ".join(asked), asked.values()))

    def judged(self) -> dict[str, int]:
        """Return how many judgements there are under each codebook, by its id."""
        with self._reading():
            return dict(self._connection.execute("SELECT codebook, count(*) FROM judgements GROUP BY codebook"))

    def memos(self) -> tuple[Memo, ...]:
        """Return the memos, in the order in which they were written."""
        with self._reading():
            return tuple(select_memos(self._connection))

    def state(self) -> State:
        """Return what else holds: the documents' versions, who has worked through what, blindness."""
        with self._reading():
            return small_state(self._connection)

    def operations(
        self,
        *,
        person: str | None = None,
        verb: str | None = None,
        since: str | None = None,
        latest: int | None = None,
    ) -> tuple[Operation, ...]:
        """Return whole operations in the ledger's order; ``latest`` keeps to that many from the end."""
        conditions = {"person = ?": person, "verb = ?": verb, "at >= ?": since}
        asked = {condition: value for condition, value in conditions.items() if value is not None}
        with self._reading():
            found = list(
                read_operations(
                    self._connection,
                    " AND ".join(asked),
                    tuple(asked.values()),
                    latest_first=latest is not None,
                    limit=latest,
                )
            )
        return tuple(reversed(found)) if latest is not None else tuple(found)

    def entries(self, *kinds: Kind) -> tuple[Entry, ...]:
        """Return the standing entries of some of the kinds that are not frequent, in the ledger's order."""
        with self._reading():
            marks = ", ".join("?" * len(kinds))
            found = entry_rows(self._connection, f"{INDEXED} AND kind IN ({marks})", kinds)
            return tuple(entry for _, entry in found)

    def readings(self, codebook: str) -> tuple[ReadPassage, ...]:
        """Return which passages people read for codes of a codebook, in the ledger's order."""
        with self._reading():
            found = entry_rows(self._connection, f"{INDEXED} AND kind IN ('read', 'codebook')")
            return fold_readings(found, codebook=codebook)

    def fallen(self) -> frozenset[str]:
        """Return the ids of the operations that do not stand."""
        with self._reading():
            return frozenset(key for (key,) in self._connection.execute("SELECT operation FROM fallen"))

    def history(self, judgement: str) -> tuple[tuple[Operation, Entry], ...]:
        """Return the standing entries that made a judgement or memo or name it, each with its operation, in order."""
        with self._reading():
            found = entry_rows(
                self._connection,
                "ledger.id = ? OR ledger.seq IN (SELECT seq FROM links WHERE target = ?)",
                (judgement, judgement),
            )
            return tuple(found)

    def meta(self) -> Mapping[str, str]:
        """Return the notes that the database keeps about itself: ``revision`` counts writes; ``coded_from``."""
        with self._reading():
            return dict(self._connection.execute("SELECT key, value FROM meta"))

    def version(self, document_id: str, sha256: str) -> Document | None:
        """Return a version of a document that is or was here: by id and text, else by text."""
        with self._reading():
            return next(find_versions(self._connection, document_id, sha256), None)

    def codebook_text(self, sha256: str) -> bytes | None:
        """Return a codebook file as it once was, by the SHA-256 of its bytes."""
        with self._reading():
            return codebook_text(self._connection, sha256)

    def next_undo(self, person: str | None) -> Operation | None:
        """Return what :meth:`undo` would take back: the latest standing operation made here (by this person)."""
        with self._reading():
            return writing.next_undo(self._connection, person)

    def next_redo(self, person: str | None) -> Operation | None:
        """Return the operation that :meth:`redo` would do again."""
        with self._reading():
            found = writing.next_redo(self._connection, person)
            if found is None:
                return None
            (target,) = found.entries[0].targets
            return next(read_operations(self._connection, "id = ?", (target,)))

    def unfinished(self) -> tuple[tuple[str, str, bytes], ...]:
        """Return the files that the last operation has still to bring about: path, SHA-256 before it, new bytes."""
        with self._reading():
            rows = self._connection.execute("SELECT path, before, sha256 FROM unfinished_files").fetchall()
            return tuple((path, before, codebook_text(self._connection, key) or b"") for path, before, key in rows)

    def ids_of(self, name: str) -> frozenset[str]:
        """Return the ids that all versions of a document have or had, by its name; none when there never was one."""
        with self._reading():
            query = "SELECT DISTINCT document_id FROM document_versions WHERE name = ?"
            return frozenset(key for (key,) in self._connection.execute(query, (name,)))

    def present_names(self, names: Iterable[str]) -> dict[str, str]:
        """Return what documents are called now, by names that they have or had; a name of none is left out."""
        with self._reading():
            return dict(names_now(self._connection, names))

    def texts(self) -> dict[str, str]:
        """Return the SHA-256 of each document's text, by the document's id."""
        with self._reading():
            return dict(self._connection.execute("SELECT id, text_sha256 FROM documents"))

    def run(self) -> tuple[str | None, int]:
        """Return what is another as soon as :meth:`suggestions` are.

        That is the id of the last run that stands, and the number of the last row of the ledger that can move codes.
        """
        with self._reading():
            query = f"SELECT max(seq) FROM ledger WHERE {INDEXED} AND kind IN ('codebook', 'undo', 'redo', 'merge')"
            (latest,) = self._connection.execute(query).fetchone()
            return last_run(self._connection), latest or 0

    def run_note(self) -> tuple[str, Mapping[str, Any]]:
        """Return when the last standing run was made, and what was kept with it; empty when there is none."""
        with self._reading():
            key = last_run(self._connection)
            for operation in read_operations(self._connection, "id = ?", [key]) if key is not None else ():
                (content,) = (entry.content for entry in operation.entries if entry.kind == "run")
                return operation.at, content
            return "", {}

    def verify(self) -> tuple[Finding, ...]:
        """Return everything that does not add up; nothing when all is well."""
        with self._reading():
            return tuple(verify(self._connection))

    # Writing

    def put_documents(
        self, documents: Iterable[Document], *, without: Iterable[str] = (), person: str = "", verb: str = "ingest"
    ) -> Operation | None:
        """Write documents in one transaction, and take those with the ids ``without`` out.

        Documents of a source file that is already there take the place of all documents of that file. Two source files
        cannot give one document name (QC-S011). What people hold of a document that is replaced is put on its words in
        the new text, or becomes an orphan. Returns ``None`` when nothing changes.
        """
        fresh = tuple(documents)
        with self._writing() as connection:
            entries = tuple(writing.document_entries(connection, fresh, frozenset(without), self.path))
            if not entries:
                return None
            for document in fresh:
                keep_document(connection, document)
            return self._append(Draft(verb, person, entries, writing.told_documents(entries)))

    def put_suggestions(
        self,
        suggestions: Iterable[Suggestion],
        *,
        made_from: str,
        person: str = "",
        content: Mapping[str, Any] | None = None,
    ) -> Operation:
        """Write suggestions in the place of all earlier ones, in one transaction.

        ``made_from`` is a fingerprint of what they were made from; :meth:`meta` gives it back as ``coded_from``.
        ``content`` is kept with the operation.
        """
        found = tuple(suggestions)
        entry = NewEntry("run", content={"suggestions": len(found), **(content or {})})
        with self._writing() as connection:
            known = {key for (key,) in connection.execute("SELECT id FROM documents")}
            if not known.issuperset(each.document_id for each in found):
                raise StoreError("QC-S013", "the documents changed while they were coded; nothing was kept",
                                 where=str(self.path), hint="Code them again.")  # fmt: skip
            draft = Draft("code", person, (entry,), f"{len(found)} suggestions")
            return self._append(
                draft, first=lambda operation: keep_run(connection, operation.id, found, made_from=made_from)
            )

    def record(
        self,
        draft: Draft,
        *,
        codebooks: Sequence[bytes] = (),
        files: Sequence[tuple[str, str, str]] = (),
        check: Callable[[], None] | None = None,
    ) -> Operation:
        """Append an operation and return it.

        Args:
            draft: what is done.
            codebooks: texts of codebook files that entries name by SHA-256; they are kept.
            files: path, SHA-256 before and after of each file that has to be written when this is committed; then
                call :meth:`finish`.
            check: called when the database is locked for writing and before anything is; may raise.

        Raises:
            LedgerError: QC-L001 for a draft without entries, QC-L002 for a target that is not in the ledger.
        """
        if not draft.entries:
            raise LedgerError("QC-L001", "there is nothing to write down", hint="Name what is to be decided.")
        with self._writing() as connection:
            if check is not None:
                check()
            writing.check_targets(connection, draft)
            keep_codebook(connection, codebooks)
            self._intend(files)
            return self._append(draft)

    def undo(self, person: str | None, *, by: str = "", files: Sequence[tuple[str, str, str]] = (),
             expected: str | None = None, check: Callable[[], None] | None = None) -> Operation:  # fmt: skip
        """Take back the latest standing operation made in this database (by ``person``, unless ``None``).

        Args:
            person: whose operation.
            by: who takes it back; ``person`` when empty.
            files, check: as for :meth:`record`.
            expected: id of the operation that the caller looked at; another one is refused.

        Raises:
            LedgerError: QC-L003 when there is nothing to undo, QC-L005 when it is not the expected one.
        """
        return self._turn("undo", person, by, files, expected, check)

    def redo(self, person: str | None, *, by: str = "", files: Sequence[tuple[str, str, str]] = (),
             expected: str | None = None, check: Callable[[], None] | None = None) -> Operation:  # fmt: skip
        """Do again what the latest :meth:`undo` took back, if nothing was done since (QC-L004 otherwise)."""
        return self._turn("redo", person, by, files, expected, check)

    def keep_codebooks(self, texts: Iterable[bytes]) -> None:
        """Keep the texts of codebook files, so that what they said can be told later."""
        with self._writing() as connection:
            keep_codebook(connection, texts)

    def finish(self, write: Callable[[str, str, bytes], None]) -> None:
        """Have every file written that operations have still to bring about: path, SHA-256 before it, new bytes.

        Other programs cannot write to the database in the meantime. When ``write`` raises, nothing counts as written.
        """
        with self._writing() as connection:
            for row in self.unfinished():
                write(*row)
            connection.execute("DELETE FROM unfinished_files")

    def unite(
        self,
        others: Sequence[Store],
        *,
        person: str = "",
        also: Callable[[United], tuple[Sequence[NewEntry], Sequence[tuple[str, str, str]]]] | None = None,
    ) -> United:
        """Take over what the ledgers of other databases hold and this one does not; the others are only read.

        ``also`` is called when their operations are there and before the merge is noted: it gives more entries for
        the same step, and files as for :meth:`record`.

        Raises:
            LedgerError: QC-L010 when an operation of the same id says something else there.
        """
        with self._writing() as connection, ExitStack() as held:
            for other in others:
                held.enter_context(connect.snapshot(other._connection))
            united = unite(connection, [other._connection for other in others], [str(each.path) for each in others])
            if united.entries:
                more, files = also(united) if also is not None else ((), ())
                self._intend(files)
                draft = Draft("merge", person, (*united.entries, *more), united.summary)
                self._append(draft, brought=united.operations)
            return united

    def _turn(
        self,
        kind: str,
        person: str | None,
        by: str,
        files: Sequence[tuple[str, str, str]],
        expected: str | None,
        check: Callable[[], None] | None,
    ) -> Operation:
        with self._writing() as connection:
            if check is not None:
                check()
            draft = writing.turning(connection, "undo" if kind == "undo" else "redo", person, by, expected)
            self._intend(files)
            return self._append(draft)

    def _intend(self, files: Sequence[tuple[str, str, str]]) -> None:
        self._connection.executemany(
            "INSERT INTO unfinished_files (path, before, sha256) VALUES (?, ?, ?) "
            "ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256",
            files,
        )

    def _append(
        self, draft: Draft, *, first: Callable[[Operation], None] | None = None, brought: Sequence[str] = ()
    ) -> Operation:
        return writing.append(self._connection, draft, key=self.name(), at=self.now(), first=first, brought=brought)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with connect.explained(self.path), connect.transaction(self._connection):
            if connect.file_identity(self._place) != self._file:
                # What is written now would go into a file that nobody opens again.
                raise StoreError(
                    "QC-S016",
                    "the project database was moved, restored or replaced while it was open; nothing was written",
                    where=str(self.path),
                    hint="Open the project again.",
                )
            yield self._connection

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with connect.explained(self.path), connect.snapshot(self._connection):
            try:
                yield
            except (KeyError, TypeError, ValueError) as error:  # a value that no version of qualcode wrote
                if isinstance(error, QualcodeError):
                    raise
                raise sqlite3.DatabaseError(f"malformed: {error!r}") from error
