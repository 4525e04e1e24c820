"""A study in a folder: what users meet. One method for each verb of the command line, with the same words."""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from qualcode.errors import ProjectError, TokenIndexError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document, Role
from qualcode.project.coding import Coded, code_documents, coded, fingerprint, load_book, table_of
from qualcode.project.ingesting import IngestReport, ingest
from qualcode.project.reading import Documents
from qualcode.project.searching import SearchResult, search_documents
from qualcode.project.settings import SETTINGS_FILE, Settings, load_settings
from qualcode.project.writing import check_replaceable, write_together

if TYPE_CHECKING:
    from qualcode.coding import Corpus
    from qualcode.ingest import IngestOptions
    from qualcode.model.table import Table
    from qualcode.store import Store

__all__ = ["Project"]

DATABASE = "project.db"
INDEX = ".index"


class Project:
    """A project folder: settings, transcripts, database, results.

    ``Project(folder)`` opens one; :meth:`create` makes one. The database is opened for each operation and closed again,
    so a project needs no closing. Nothing is ever written to ``transcripts/`` but copies of new files.

    Raises:
        ProjectError: QC-P001 when the folder is no project, QC-P002 when its settings are not sound.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.settings: Settings = load_settings(self.folder / SETTINGS_FILE)
        self._cache: tuple[str, Documents] | None = None

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Return the project in a folder."""
        return cls(folder)

    @classmethod
    def create(
        cls, folder: Path | str, *, title: str | None = None, codebook: str | Path | None = None, dry_run: bool = False
    ) -> Self | None:
        """Make a project in a new or empty folder and return it (``None`` with ``dry_run``).

        Args:
            folder: where.
            title: of the study; the folder's name if not given.
            codebook: a shipped name, or a file, which is copied into ``codebooks/``; without, a commented one to start
                from is put there.
            dry_run: only look whether it could be made.

        Raises:
            ProjectError: QC-P003 for a project, QC-P010 and QC-P011 for other things that are in the way.
            CodebookError: when the codebook is not sound.
        """
        from qualcode.project.creating import create_folder

        create_folder(Path(folder), title=title, codebook=codebook, dry_run=dry_run)
        return None if dry_run else cls(folder)

    def __repr__(self) -> str:
        return f"<Project {self.title!r} in {self.folder}>"

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
            revision = store.meta().get("revision", "0")
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
        if not self.settings.codebooks:
            raise ProjectError("QC-P004", "the project has no codebook", where=str(self.folder / SETTINGS_FILE),
                               hint="Name one after 'codebooks:'; see: qualcode codebook list")  # fmt: skip
        return tuple(load_book(name, self.folder, self.settings) for name in self.settings.codebooks)

    @property
    def codebook(self) -> Codebook:
        """The first codebook: the one that tables and reports use when none is named."""
        return self.codebooks[0]

    def ingest(
        self,
        files: Iterable[Path | str] = (),
        *,
        attributes: Path | str | None = None,
        roles: Mapping[str, Role] | None = None,
        aliases: Mapping[str, str] | None = None,
        speaker_pattern: str | None = None,
        options: IngestOptions | None = None,
        forget: bool = False,
        dry_run: bool = False,
    ) -> IngestReport:
        """Read transcripts into the project and return what came of each.

        Without ``files``, those in ``transcripts/`` are read. Files from elsewhere are copied there. A file that cannot
        be read stands in the report's ``failures``; the others are stored, in one transaction.

        Args:
            files: files and folders.
            attributes: a table with a row for each document or speaker; else the one that the settings name.
            roles: label → role; goes before the settings.
            aliases: label as written → label of the person; goes before the settings.
            speaker_pattern: regular expression for a turn's header.
            options: all that can be said about reading.
            forget: take out the documents whose file is no longer in ``transcripts/``; without it they stay and are
                named in the report's ``warnings``. A file that was only renamed there keeps no second document.
            dry_run: only say what would be done.

        Raises:
            IngestError: when the attributes cannot be read.
            StoreError: when the database cannot be written.
        """
        from qualcode.ingest import IngestOptions

        given = options if options is not None else IngestOptions()
        reading = dataclasses.replace(
            given,
            roles={**self.settings.roles, **given.roles, **(roles or {})},
            aliases={**self.settings.aliases, **given.aliases, **(aliases or {})},
            speaker_pattern=speaker_pattern or given.speaker_pattern or self.settings.speaker_pattern,
        )
        transcripts = self.folder / "transcripts"
        if isinstance(files, str | Path):
            files = [files]
        wanted = list(files)
        if not wanted and attributes is None:
            if not transcripts.is_dir():
                raise ProjectError("QC-P020", "there are no files to read", where=str(transcripts),
                                   hint=self._say("Name some:", "ingest", "FILES…"))  # fmt: skip
            wanted = [transcripts]
        table = Path(attributes) if attributes is not None else self._settings_attributes()
        if dry_run and not self._database.exists():
            return ingest(None, transcripts, wanted, options=reading, attributes=table, forget=forget, dry_run=True)
        with self._store(to_read=dry_run) as store:
            return ingest(store, transcripts, wanted, options=reading, attributes=table, forget=forget, dry_run=dry_run)

    def inspect(self) -> tuple[dict[str, Any], ...]:
        """Return what ingest found in each document."""
        from qualcode.ingest import inspect

        return tuple(map(inspect, self.documents))

    def code(self, *, dry_run: bool = False) -> Coded:
        """Run the recipe with all codebooks, keep the suggestions, and return the codings of the first codebook.

        Raises:
            ProjectError: QC-P005 when there are no documents.
            CodebookError: when a codebook is not sound.
            CodingError: when a coder cannot run.
        """
        books = self.codebooks
        corpus = self._corpus()
        found = {book.id: code_documents(corpus, book, coders=self.settings.coders) for book in books}
        if not dry_run:
            with self._store() as store:
                store.put_suggestions(
                    (each for book in books for each in found[book.id]), made_from=self._fingerprint(books)
                )
        return coded(corpus, books[0], found[books[0].id], title=self.title)

    def coded(self, codebook: str | None = None) -> Coded:
        """Return the codings that are kept, for one of the project's codebooks (its id), without running a coder.

        Raises:
            ProjectError: QC-P005 when there are no documents, QC-P006 when they are not coded yet, QC-P007 for a
                codebook that the project does not have, QC-P008 when the codebook lost codes since it was applied.
        """
        books = self.codebooks
        book = self._book(codebook, books)
        suggestions, made_from = self._suggestions()
        corpus = self._corpus()
        mine = [each for each in suggestions if each.codebook == book.id]
        lost = sorted({each.code for each in mine if each.code not in book})
        if lost:
            raise ProjectError("QC-P008", f"documents are coded with {', '.join(lost)}, which the codebook {book.id} "
                               "no longer has", where=str(self.folder),
                               hint=self._say("Code again:", "code"))  # fmt: skip
        return coded(corpus, book, mine, title=self.title, outdated=self._outdated(made_from, books))

    def codings(self, codebook: str | None = None) -> Coded:
        """Return the codings that are kept: a sequence of :class:`~qualcode.model.coding.Coding`."""
        return self.coded(codebook)

    def outdated(self) -> str | None:
        """Return in a sentence what changed since the coding; ``None`` when nothing did.

        Raises:
            ProjectError: QC-P006 when the documents are not coded yet.
        """
        return self._outdated(self._suggestions()[1], self.codebooks)

    def search(self, query: str, *, codebook: str | None = None) -> SearchResult:
        """Return the hits of a query; ``code:`` filters see the codings that are kept.

        Raises:
            QueryError: when the query does not parse, or names a code or word list that does not exist.
        """
        from qualcode.query.parse import parse

        parse(query)  # a slip in the query is told before anything is opened
        book = self._book(codebook, self.codebooks) if self.settings.codebooks else None
        codings = self.coded(codebook).codings if "code:" in query and book is not None else ()
        corpus = self._corpus()
        return search_documents(corpus.documents, query, index=corpus.index, codebook=book, codings=codings)

    def table(
        self, name: str, *, by: str | None = None, codebook: str | None = None, facet: str = "stance", wide: bool = True
    ) -> Table:
        """Return a table over the kept codings: ``themes``, ``matrix``, ``spread``, ``facets`` or ``uncoded``.

        Raises:
            AnalysisError: for a table or an attribute that is not there.
            ProjectError: as :meth:`coded`.
        """
        done = self.coded(codebook)
        table = table_of(name, done.study, by=by, facet=facet, wide=wide)
        return dataclasses.replace(table, notes=(*table.notes, done.outdated)) if done.outdated else table

    def report(
        self,
        path: Path | str | None = None,
        *,
        codebook: str | None = None,
        date: str | None = None,
        dry_run: bool = False,
    ) -> Path:
        """Write the report and return its path, ``output/report.html`` unless given.

        ``date`` is the one in its head, ``YYYY-MM-DD``; today's if not given.
        """
        from qualcode.project.results import REPORT_MARK, report_html

        target = self._target(path, "report.html")
        check_replaceable(target, REPORT_MARK)
        page = report_html(
            self.coded(codebook),
            command="qualcode report",
            date=date or today(),
            coders=self.settings.coders,
            model=self.settings.model,
        )
        if not dry_run:
            write_together({target: page})
        return target

    def export(
        self,
        format: Literal["csv"] = "csv",  # noqa: A002 - the word of the command line
        path: Path | str | None = None,
        *,
        codebook: str | None = None,
        dry_run: bool = False,
    ) -> tuple[Path, ...]:
        """Write ``codings.csv`` and ``themes.csv`` into a folder, ``output/`` unless given, and return their paths."""
        from qualcode.project.results import csv_files

        if format != "csv":
            raise ProjectError("QC-P009", f"there is no export to {format!r}", hint="Formats: csv.")
        folder = Path(path) if path is not None else self.folder / "output"
        if folder.exists() and not folder.is_dir():
            raise ProjectError("QC-P010", "this is a file, and a folder is needed", where=str(folder),
                               hint="Give the folder that the two files go into.")  # fmt: skip
        files = csv_files(self.coded(codebook), folder)
        for file, text in files.items():
            check_replaceable(file, str(text).split("\n", 1)[0])
        if not dry_run:
            write_together(files)
        return tuple(files)

    @property
    def _database(self) -> Path:
        return self.folder / DATABASE

    def _store(self, *, to_read: bool = False) -> Store:
        """Return the database, made if there is none; ``to_read`` does with a folder that cannot be written to."""
        from qualcode.store import Store

        if not self._database.exists():
            return Store.create(self._database)
        return Store.open(self._database, read_only=to_read and not os.access(self.folder, os.W_OK))

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

    def _fingerprint(self, books: tuple[Codebook, ...]) -> str:
        return fingerprint(self.documents, books, self.settings.coders, self.settings.model)

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


def today() -> str:
    """Return today's date as ``YYYY-MM-DD``."""
    return datetime.date.today().isoformat()
