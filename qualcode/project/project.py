"""A study in a folder: what users meet. One method for each verb of the command line, with the same words."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from qualcode.errors import ProjectError
from qualcode.model.document import Role
from qualcode.project.blindspots import BlindspotVerbs
from qualcode.project.bookfiles import texts_of
from qualcode.project.coding import Coded, suggested
from qualcode.project.editing import Editing
from qualcode.project.evaluating import Evaluating
from qualcode.project.ingesting import IngestReport, ingest
from qualcode.project.learning import Learning
from qualcode.project.pages import Pages
from qualcode.project.reading import Documents
from qualcode.project.reading_order import ReadingOrder
from qualcode.project.sampling import Sampling
from qualcode.project.topics import Topics
from qualcode.project.writing import check_replaceable, write_together
from qualcode.review.passages import bring_together

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions
    from qualcode.model.coding import Suggestion

__all__ = ["Project"]


class Project(Evaluating, Topics, BlindspotVerbs, ReadingOrder, Pages, Editing, Sampling, Learning):
    """A project folder: settings, transcripts, database, results.

    ``Project(folder)`` opens one; :meth:`create` makes one. ``person`` signs what is decided: the name given, else the
    environment's ``QUALCODE_PERSON``, else the account's. The database is opened for each operation and closed again,
    so a project needs no closing. Nothing is ever written to ``transcripts/`` but copies of new files.

    Raises:
        ProjectError: QC-P001 when the folder is no project, QC-P002 when its settings are not sound.
    """

    @classmethod
    def open(cls, folder: Path | str, *, person: str | None = None) -> Self:
        """Return the project in a folder."""
        return cls(folder, person=person)

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
            return ingest(store, transcripts, wanted, options=reading, attributes=table, forget=forget, dry_run=dry_run,
                          person=self.person)  # fmt: skip

    def inspect(self) -> tuple[dict[str, Any], ...]:
        """Return what ingest found in each document."""
        from qualcode.ingest import inspect

        return tuple(map(inspect, self.documents))

    def code(self, *, dry_run: bool = False) -> Coded:
        """Run the recipe with all codebooks, keep the suggestions, and return the codings of the first codebook.

        What people decided stands: a suggestion that overlaps a decided passage of the same code inherits the decision.
        ``rerun`` of the result says what is new, what is gone and what was kept against the run before. With
        ``dry_run`` nothing is written, and coders that ask a server send nothing.

        Raises:
            ProjectError: QC-P005 when there are no documents.
            CodebookError: when a codebook is not sound.
            CodingError: when a coder cannot run.

        Warns:
            UserWarning: what coders warn of; the figures of a ``CoderWarning`` are kept with the run.
        """
        from qualcode.coding.warned import figures_of, kept_warnings
        from qualcode.review.reruns import compare_runs

        books = self.codebooks
        earlier = [self.held(book.id) for book in books]
        found: dict[str, tuple[Suggestion, ...]] = {}
        learnt: set[str] = set()
        told: list[dict[str, Any]] = []
        for book in books:
            corpus = dataclasses.replace(self.corpus(book.id), dry=dry_run)
            with kept_warnings() as warned:
                found[book.id], taught = suggested(
                    corpus, book, coders=self.settings.coders, decided=self.decided(book.id)
                )
            learnt.update(taught)
            told += ({"codebook": book.id, **figures_of(each)} for each in warned)
        corpus = self._corpus()
        before = earlier[0]
        # Who codes blind and without suggestions is not told what they are either.
        seen = () if before.state.hidden else found[books[0].id]
        rerun = None
        if not before.state.hidden:
            rerun = compare_runs(
                chain.from_iterable(each.suggestions for each in earlier),
                chain.from_iterable(found.values()),
                chain.from_iterable(each.judgements for each in earlier),
            )
        if dry_run:
            standings = [each for each in bring_together(seen, before.judgements) if each.code in books[0]]
            codings = self._codings(standings, corpus.documents, books[0])
            units = {each.id: corpus.index.unit_spans(each.id, books[0].unit) for each in corpus.documents}
            return Coded(Documents(corpus.documents), books[0], codings, units, self.title, rerun=rerun)
        with self._store() as store:
            store.keep_codebooks(texts_of(books))
            store.put_suggestions(
                (each for book in books for each in found[book.id]),
                made_from=self._fingerprint(books),
                person=self.person,
                content={
                    "codebooks": {book.id: [book.version, book.sha256] for book in books},
                    **({"learnt": sorted(learnt)} if learnt else {}),
                    **({"warnings": told} if told else {}),
                },
            )
        return dataclasses.replace(self.coded(), rerun=rerun)

    def report(
        self,
        path: Path | str | None = None,
        *,
        codebook: str | None = None,
        date: str | None = None,
        topics: int | None = None,
        dry_run: bool = False,
    ) -> Path:
        """Write the report and return its path, ``output/report.html`` unless given.

        ``date`` is the one in its head, ``YYYY-MM-DD``; today's if not given. With ``topics`` it has a chapter on so
        many topics (:meth:`~Topics.topics`), and on those of the recipe's coder ``topics`` if it has one.
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
            topics=self.report_topics(topics, codebook=codebook),
            blindspots=self.blindspot_chapter(codebook),
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


def today() -> str:
    """Return today's date as ``YYYY-MM-DD``."""
    return datetime.date.today().isoformat()
