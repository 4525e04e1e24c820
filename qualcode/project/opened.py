"""A project folder opened: its settings, documents, codebooks and database. The verbs stand in modules of their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import CodingError, MissingExtraError, ProjectError, TokenIndexError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document, sha256_of
from qualcode.project.coding import fingerprint, load_book
from qualcode.project.people import whoami
from qualcode.project.reading import Documents
from qualcode.project.settings import SETTINGS_FILE, Settings, load_settings

if TYPE_CHECKING:
    from qualcode.coding import Corpus
    from qualcode.store import Store

__all__ = ["DATABASE", "Opened"]

DATABASE = "project.db"
INDEX = ".index"


class Opened:
    """What all verbs share. Users meet it as :class:`~qualcode.project.Project`."""

    def __init__(self, folder: Path | str, *, person: str | None = None) -> None:
        self.folder = Path(folder)
        self._read_settings: tuple[tuple[int, int, int], Settings] | None = None
        self._place: Path | None = None
        self._cache: tuple[tuple[int, str], Documents] | None = None
        _ = self.settings  # a folder that is no project is told at once
        self.person = whoami(person)

    def __repr__(self) -> str:
        return f"<Project {self.title!r} in {self.folder}>"

    @property
    def settings(self) -> Settings:
        """What ``qualcode.yaml`` says; read again when somebody changed it.

        Raises:
            ProjectError: QC-P001 when there is none, QC-P002 when it is not sound.
        """
        path = self.folder / SETTINGS_FILE
        mark = _mark_of(path)
        if self._read_settings is None or mark is None or self._read_settings[0] != mark:
            self._read_settings = (mark or (0, 0, 0), load_settings(path))
        return self._read_settings[1]

    @property
    def title(self) -> str:
        """The study's title; the folder's name when the settings have none."""
        return self.settings.title or self.folder.resolve().name

    @property
    def documents(self) -> Documents:
        """All documents, by name."""
        if not self._database.exists():
            return Documents(())
        with self._store(to_read=True) as store:
            revision = (self._file_number, store.meta().get("documents", "0"))
            if self._cache is None or self._cache[0] != revision:
                self._cache = (revision, Documents(store.documents()))
        return self._cache[1]

    @property
    def codebooks(self) -> tuple[Codebook, ...]:
        """The project's codebooks, read anew each time, so that an edit counts at once.

        Raises:
            ProjectError: QC-P004 when the settings name none.
            CodebookError: when one is not sound.
        """
        return self._load_books(queries=True)

    @property
    def _books(self) -> tuple[Codebook, ...]:
        """The codebooks for whoever needs their codes only: rules are not parsed, which takes most of the time."""
        return self._load_books(queries=False)

    def _load_books(self, *, queries: bool) -> tuple[Codebook, ...]:
        self._finish_files()
        if not self.settings.codebooks:
            raise ProjectError("QC-P004", "the project has no codebook", where=str(self.folder / SETTINGS_FILE),
                               hint="Name one after 'codebooks:'; see: qualcode codebook list")  # fmt: skip
        return tuple(load_book(name, self.folder, self.settings, queries=queries) for name in self.settings.codebooks)

    @property
    def codebook(self) -> Codebook:
        """The first codebook: the one that tables and reports use when none is named."""
        return self.codebooks[0]

    @property
    def _database(self) -> Path:
        return self._place if self._place is not None else self.folder / DATABASE

    @property
    def _file_number(self) -> int:
        """A number that another file in the database's place (a backup that was restored) does not have."""
        return self._database.stat().st_ino

    def _store(self, *, to_read: bool = False) -> Store:
        """Return the database, made if there is none; ``to_read`` does with a folder that cannot be written to."""
        from qualcode.store import Store

        if not self._database.exists():
            return Store.create(self._database)
        return Store.open(self._database, read_only=to_read and not os.access(self.folder, os.W_OK))

    def _finish_files(self) -> list[Path]:
        """Write the files that the last operation has still to bring about, and return them.

        The database says what has to be written before it is: a program that was killed in between has only put it off
        until somebody reads a codebook of the project again. A file that somebody changed meanwhile is left, and ours
        put beside it.
        """
        written: list[Path] = []
        if self._place is not None or not self._database.exists() or not os.access(self.folder, os.W_OK):
            return written

        def write(name: str, before: str, data: bytes) -> None:
            from qualcode.project.writing import write_together

            path = self.folder / name
            now = path.read_bytes() if path.is_file() else b""
            if now != data:
                target = path if not now or sha256_of(now) == before else beside(path, "unfinished")
                write_together({target: data})
                written.append(target)

        with self._store() as store:
            if store.unfinished():
                store.finish(write)
        return written

    def _settings_attributes(self) -> Path | None:
        return self.folder / self.settings.attributes if self.settings.attributes else None

    def _corpus(self) -> Corpus:
        """Return the documents with their stored index; what is missing or damaged in it is made again."""
        from qualcode.coding import Corpus
        from qualcode.text import TokenIndex

        documents: tuple[Document, ...] = self.documents.items
        if not documents:
            raise ProjectError("QC-P005", "the project has no documents yet", where=str(self.folder),
                               hint=self._say("Read some:", "ingest", "FILES…"))  # fmt: skip
        try:
            return Corpus(documents, TokenIndex.refresh(self.folder / INDEX, documents, model=self.settings.model))
        except OSError as error:
            if not os.access(self.folder, os.W_OK):
                # A project that can only be read has an index for this once, in memory.
                return Corpus.of(documents, model=self.settings.model)
            raise TokenIndexError(
                "QC-X010",
                f"the index cannot be written: {error.strerror or error}",
                where=str(self.folder / INDEX),
                hint="Make room on the disk, check the folder's permissions, "
                "or copy the project somewhere you may write.",
            ) from error

    def _suggestions(self) -> tuple[tuple[Suggestion, ...], str]:
        if self._database.exists():
            with self._store(to_read=True) as store:
                made_from = store.meta().get("coded_from")
                if made_from is not None:
                    return store.suggestions(), made_from
        if not self.documents:
            self._corpus()  # says that there are none
        raise ProjectError("QC-P006", "the documents are not coded yet", where=str(self.folder),
                           hint=self._say("Code them:", "code"))  # fmt: skip

    def _outdated(self, made_from: str, books: tuple[Codebook, ...]) -> str | None:
        if made_from == self._fingerprint(books):
            return None
        return self._say("The transcripts, the codebook or the settings changed since the coding. Code again:", "code")

    def _model_place(self) -> Path | str:
        """Return the folder (in the project, or anywhere) or package that the settings name."""
        name = str(self.settings.vectors)
        return self.folder / name if (self.folder / name).exists() else name

    def _fingerprint(self, books: tuple[Codebook, ...]) -> str:
        return fingerprint(self.documents, books, self.settings.coders, self.settings.model, self._model_id())

    def _model_id(self) -> str | None:
        """Return what changes with the model for vectors; the name when there is none in its place."""
        if self.settings.vectors is None:
            return None
        from qualcode.coding.features.model_folder import model_folder

        try:
            return model_folder(self._model_place()).id
        except (CodingError, MissingExtraError):
            return self.settings.vectors

    def _book(self, name: str | None, books: tuple[Codebook, ...]) -> Codebook:
        if name is None:
            return books[0]
        for book in books:
            if name == book.id:
                return book
        raise ProjectError("QC-P007", f"the project has no codebook {name!r}", where=str(self.folder / SETTINGS_FILE),
                           hint=f"It has: {', '.join(book.id for book in books)}.")  # fmt: skip

    def _target(self, path: Path | str | None, name: str) -> Path:
        target = Path(path) if path is not None else self.folder / "output" / name
        return target / name if target.is_dir() else target

    def _say(self, told: str, verb: str, *more: str) -> str:
        folder = f'"{self.folder}"' if " " in str(self.folder) else str(self.folder)
        return " ".join([told, "qualcode", verb, folder, *more])


def beside(path: Path, end: str) -> Path:
    """Return a name beside a file that nothing has yet: ``book.yaml.END``, ``book.yaml.END-2`` …"""
    target = path.with_name(f"{path.name}.{end}")
    number = 2
    while target.exists():
        target = path.with_name(f"{path.name}.{end}-{number}")
        number += 1
    return target


def _mark_of(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file is written: its number, size and time; ``None`` when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)
