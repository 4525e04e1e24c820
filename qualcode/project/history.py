"""What was done, by whom, and back again: log, undo, redo, verify, backup."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from qualcode.errors import ProjectError, StoreError
from qualcode.model.document import sha256_of
from qualcode.model.ledger import Entry, Operation
from qualcode.project.blaming import Blaming
from qualcode.project.opened import DATABASE, beside
from qualcode.project.placing import Placing

if TYPE_CHECKING:
    from qualcode.model.table import Table
    from qualcode.store import Store
    from qualcode.store.verifying import Finding

__all__ = ["History", "Log", "LogLine", "Turned"]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One operation as ``log`` shows it; ``stands`` is false of what was undone or taken back with a merge."""

    id: str
    at: str
    person: str
    verb: str
    summary: str
    entries: int
    stands: bool
    here: bool
    operation: Operation


@dataclass(frozen=True, slots=True, repr=False)
class Log:
    """Operations, the latest last."""

    lines: tuple[LogLine, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[LogLine]:
        return iter(self.lines)

    def __repr__(self) -> str:
        return f"<Log: {len(self)} operations>"

    def table(self) -> Table:
        """Return a row for each operation: operation, at, person, verb, summary, entries, stands."""
        from qualcode.model.table import Column, Table

        columns = (
            Column("operation", "text", "id of the operation"),
            Column("at", "text", "when, UTC"),
            Column("person", "text", "who"),
            Column("verb", "text", "what was done"),
            Column("summary", "text", "in words"),
            Column("entries", "integer", "lines of the ledger that it has"),
            Column("stands", "text", "yes; no when it was undone"),
        )
        rows = tuple(
            (each.id, each.at, each.person, each.verb, each.summary, each.entries, "yes" if each.stands else "no")
            for each in self.lines
        )
        return Table("log", "What was done", columns, rows)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


@dataclass(frozen=True, slots=True)
class Turned:
    """What ``undo`` or ``redo`` did: the operations taken back or done again, the latest first."""

    verb: str
    operations: tuple[Operation, ...]
    files: tuple[Path, ...] = ()


class History(Blaming, Placing):
    """The verbs that look back and go back."""

    def log(
        self,
        *,
        person: str | None = None,
        verb: str | None = None,
        code: str | None = None,
        document: str | None = None,
        since: str | None = None,
        latest: int | None = None,
    ) -> Log:
        """Return what was done, the latest last; what is given narrows it. ``since`` is a date, ``YYYY-MM-DD…``.

        A code stands for what it was called before, a document for its earlier versions. While people code blind, what
        others decided is not shown.
        """
        if not self._database.exists():
            return Log(())
        with self._store(to_read=True) as store:
            blind = store.state().blind
            narrow = code is not None or document is not None or blind
            found = store.operations(person=person, verb=verb, since=since, latest=None if narrow else latest)
            gone, replica = store.fallen(), store.meta()["replica"]
            codes = self._names_of_code(store, code) if code is not None else None
            documents = self._ids_of_document(store, document) if document is not None else None
        if blind:
            found = tuple(seen for each in found if (seen := self._as_seen(each)) is not None)
        if narrow:
            found = tuple(each for each in found if any(_about(entry, codes, documents) for entry in each.entries))
            found = found[-latest:] if latest else found
        return Log(
            tuple(
                LogLine(each.id, each.at, each.person, each.verb, each.summary, len(each.entries), each.id not in gone,
                        each.replica == replica, each)
                for each in found
            )
        )  # fmt: skip

    def undo(self, steps: int = 1, *, anyone: bool = False, force: bool = False, dry_run: bool = False) -> Turned:
        """Take back the person's latest steps and return them; anything can be taken back, back to the first step.

        Args:
            steps: how many.
            anyone: whether steps of others count.
            force: take back a change of a codebook though its file was changed since; what was changed is kept beside
                it as ``….before-undo``.
            dry_run: only return what would be taken back (one step at most).

        Raises:
            LedgerError: QC-L003 when there is nothing (more) to undo: the steps before are undone then.
            ProjectError: QC-P037 when a codebook's file was changed since, QC-P035 when it is being changed, QC-P034
                for what others decided while people code blind; nothing of that step is undone.
        """
        return self._turn("undo", steps, anyone=anyone, force=force, dry_run=dry_run)

    def redo(self, steps: int = 1, *, anyone: bool = False, force: bool = False, dry_run: bool = False) -> Turned:
        """Do again what :meth:`undo` took back, as long as nothing else was done since, and return it.

        Raises:
            LedgerError: QC-L004 when there is nothing (more) to do again.
            ProjectError: QC-P037 as for :meth:`undo`.
        """
        return self._turn("redo", steps, anyone=anyone, force=force, dry_run=dry_run)

    def verify(self) -> tuple[Finding, ...]:
        """Return everything in the database that does not add up; nothing when all is well."""
        if not self._database.exists():
            return ()
        with self._store(to_read=True) as store:
            return store.verify()

    def backup(self, path: Path | str | None = None, *, dry_run: bool = False) -> Path:
        """Write a copy of the database, whole even while somebody works, and return where.

        ``backups/`` in the project's folder unless given.

        Raises:
            StoreError: when it cannot be written, or there is something already.
        """
        from qualcode.store.backup import backup

        if not self._database.exists():
            raise StoreError("QC-S003", "there is no project database here", where=str(self._database),
                             hint="Ingest transcripts first: qualcode ingest DIR FILES…")  # fmt: skip
        stamp = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H%M%SZ")
        target = Path(path) if path is not None else self.folder / "backups" / f"project-{stamp}.db"
        if target.is_dir():
            target = target / f"project-{stamp}.db"
        if dry_run:
            return target
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("QC-S008", f"the folder for the backup cannot be made ({error.strerror})",
                             where=str(target.parent), hint="Name a file where you may write: qualcode backup DIR FILE",
                             ) from error  # fmt: skip
        return backup(self._database, target)

    @classmethod
    def restore(cls, folder: Path | str, backup: Path | str, *, dry_run: bool = False) -> Self:
        """Put a backup in the place of a project's database and return the project; the present one is put aside.

        With ``dry_run`` only look whether the backup can be opened.
        """
        from qualcode.store import Store
        from qualcode.store.backup import restore

        opened = cls(folder)
        if dry_run:
            Store.open(Path(backup), read_only=True).close()
            return opened
        restore(Path(backup), opened.folder / DATABASE)
        return opened

    def _turn(self, verb: str, steps: int, *, anyone: bool, force: bool, dry_run: bool) -> Turned:
        who = None if anyone else self.person
        done: list[Operation] = []
        files: list[Path] = []
        for _ in range(max(1, steps)):
            with self._store() as store:
                found = store.next_undo(who) if verb == "undo" else store.next_redo(who)
                if found is not None and store.state().blind and self._as_seen(found) != found:
                    raise self._still_blind()
                if dry_run:
                    return Turned(verb, (found,) if found is not None else ())
                self._turn_once(store, verb, who, found, force=force)
            if found is not None:
                done.append(found)
            files += self._finish_files()
        return Turned(verb, tuple(done), tuple(files))

    def _turn_once(self, store: Store, verb: str, who: str | None, found: Operation | None, *, force: bool) -> None:
        changes = self._file_changes(found, verb) if found is not None else []
        files = self._files_as_they_are(changes, force=force)
        turn = store.undo if verb == "undo" else store.redo
        turn(who, by=self.person, files=files, expected=found.id if found is not None else None,
             check=lambda: self._set_aside(store, changes, files))  # fmt: skip

    def _file_changes(self, operation: Operation, verb: str) -> list[tuple[str, str, str]]:
        """Return the files that an undoing writes: path, what must be there now, what will be."""
        found: list[tuple[str, str, str]] = []
        for entry in operation.entries:
            content = entry.content
            if entry.kind == "codebook" and "after" in content:
                was, will = content["after"], content["before"]
                found.append((content["path"], was, will) if verb == "undo" else (content["path"], will, was))
        return found

    def _files_as_they_are(self, changes: list[tuple[str, str, str]], *, force: bool) -> list[tuple[str, str, str]]:
        """Return the files to write, each with what is there now in the place of what should be.

        Raises:
            ProjectError: QC-P037 when something else is there, unless ``force``.
        """
        found: list[tuple[str, str, str]] = []
        for name, before, after in changes:
            now = self._digest_of(name)
            if now != before and not force:
                raise ProjectError(
                    "QC-P037",
                    "the codebook was changed by hand since this step; undoing would lose that",
                    where=str(self.folder / name),
                    hint="Undo with --force keeps it beside as ….before-undo.",
                )
            found.append((name, now, after))
        return found

    def _set_aside(self, store: Store, changes: list[tuple[str, str, str]], files: list[tuple[str, str, str]]) -> None:
        """Keep files beside that will be written over though they were changed; the caller holds the database."""
        from qualcode.project.writing import write_together

        for (name, before, _), (_, now, _) in zip(changes, files, strict=True):
            path = self.folder / name
            if store.unfinished() or self._digest_of(name) != now:
                raise ProjectError("QC-P035", "the codebook was changed by another program; nothing was done",
                                   where=str(path), hint="Look at it, and try again.")  # fmt: skip
            if now != before and path.is_file():
                write_together({beside(path, "before-undo"): path.read_bytes()})

    def _digest_of(self, name: str) -> str:
        path = self.folder / name
        return sha256_of(path.read_bytes() if path.is_file() else b"")

    def _as_seen(self, operation: Operation) -> Operation | None:
        """Return what of an operation everybody may see while people code blind; ``None`` when that is nothing."""
        if operation.person in ("", self.person):
            return operation
        open_to_all = tuple(each for each in operation.entries if each.kind in _OPEN)
        if len(open_to_all) == len(operation.entries):
            return operation
        return replace(operation, entries=open_to_all) if open_to_all else None

    def _names_of_code(self, store: Store, name: str) -> frozenset[str]:
        """Return the id of a code, by its id or label, and the ids that it had or that went into it."""
        names = {self._id_of(name)}
        steps = [entry for each in store.operations(verb="codebook") for entry in each.entries]
        for entry in reversed(steps):
            names |= {str(old) for old, new in entry.content.get("codes", {}).items() if new in names}
        return frozenset(names)

    def _ids_of_document(self, store: Store, name: str) -> frozenset[str]:
        """Return the name and the ids of all versions of a document, which may be gone."""
        named = name if store.ids_of(name) else self._document_named(name).name
        return store.ids_of(named) | {named}

    def _id_of(self, name: str) -> str:
        """Return the id of a code by its label; a name that no codebook has is taken for the id of one that is gone."""
        found = next((code for book in self._books if (code := book.find(name)) is not None), None)
        return found.id if found is not None else name


_OPEN = frozenset({"document", "run", "codebook", "done", "blind", "release", "merge"})
"""Kinds of entry that everybody may see while people code blind: they say nothing of what somebody decided."""


def _about(entry: Entry, codes: frozenset[str] | None, documents: frozenset[str] | None) -> bool:
    content = entry.content
    if codes is not None and entry.code not in codes and codes.isdisjoint(_codes_in(content)):
        return False
    if documents is None:
        return True
    if entry.passage is not None and entry.passage.document_id in documents:
        return True
    return str(content.get("name", "")) in documents or content.get("ref") in documents


def _codes_in(content: Mapping[str, Any]) -> Iterator[str]:
    codes = content.get("codes", ())  # of a changed codebook: old → new; of a sampled unit: a list
    yield from codes
    if isinstance(codes, Mapping):
        yield from codes.values()
    yield from content.get("added", ())
    yield from content.get("changed", ())
