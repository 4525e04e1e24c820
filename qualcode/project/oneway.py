"""The way in one go: ``run`` without a project, ``demo`` with a bundled study."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import IngestError, Problem, ProjectError
from qualcode.model.document import IngestWarning, Role
from qualcode.project.blindspots import chapter_of
from qualcode.project.coding import Coded, code_documents, coded, load_book
from qualcode.project.project import Project, today
from qualcode.project.reading import read_files
from qualcode.project.results import OUTPUTS, codings_header, csv_files, report_html
from qualcode.project.settings import SETTINGS_FILE, CoderRecipe
from qualcode.project.writing import check_output_folder, visible_entries, write_together

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions
    from qualcode.model.codes import Codebook
    from qualcode.model.table import Table

__all__ = ["RunResult", "demo", "run", "studies"]

_RULES = (CoderRecipe("rules"),)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run left behind.

    Attributes:
        coded: the documents with their codings.
        files: what was written (or, dry, would be): codings, themes, report.
        failures: an error for each file that was refused; the others were coded.
        warnings: notes about the files as a whole.
        project: the demo's folder; ``None`` for a run without a project.
    """

    coded: Coded
    files: tuple[Path, ...]
    failures: tuple[IngestError, ...] = ()
    warnings: tuple[IngestWarning, ...] = ()
    project: Path | None = None

    @property
    def report(self) -> Path:
        """Where the report is."""
        return self.files[-1]

    @property
    def themes(self) -> Table:
        """The theme table."""
        return self.coded.themes()

    def _repr_html_(self) -> str:
        return self.coded._repr_html_()


def run(
    files: Iterable[Path | str],
    codebook: str | Path | Codebook,
    out: Path | str,
    *,
    attributes: Path | str | None = None,
    roles: Mapping[str, Role] | None = None,
    aliases: Mapping[str, str] | None = None,
    speaker_pattern: str | None = None,
    options: IngestOptions | None = None,
    title: str | None = None,
    model: str | None = None,
    date: str | None = None,
    force: bool = False,
    dry_run: bool = False,
) -> RunResult:
    """Read transcripts, code them, and leave ``codings.csv``, ``themes.csv`` and ``report.html`` in ``out``.

    Args:
        files: transcripts and folders of transcripts.
        codebook: a shipped name, a file, or a codebook.
        out: a new or empty folder, or one that an earlier run wrote; results there are replaced.
        attributes: a table with a row for each document or speaker.
        roles, aliases, speaker_pattern, options: as :meth:`Project.ingest`.
        title: of the report; what was read if not given.
        model: a spaCy pipeline installed here, for lemmas and tags; without it, the lookup tables.
        date: in the report's head, ``YYYY-MM-DD``; today's if not given.
        force: write into ``out`` whatever else it holds.
        dry_run: do everything but write.

    Raises:
        ProjectError: QC-P010, QC-P011 for an ``out`` that is not ours, QC-P020 when there are no files; nothing is
            written.
        IngestError: QC-P023 when no file at all can be read; ``problems`` says why for each.
        CodebookError: when the codebook is not sound.
    """
    from qualcode.coding import Corpus
    from qualcode.ingest import IngestOptions
    from qualcode.ingest.attributes import read_attributes

    folder = Path(out)
    check_output_folder(folder, names=OUTPUTS, header=codings_header(), force=force)
    book = load_book(str(codebook)) if isinstance(codebook, str | Path) else codebook
    given = options if options is not None else IngestOptions()
    reading_options = dataclasses.replace(
        given,
        roles={**given.roles, **(roles or {})},
        aliases={**given.aliases, **(aliases or {})},
        speaker_pattern=speaker_pattern or given.speaker_pattern,
    )
    table = read_attributes(Path(attributes)) if attributes is not None else None
    reading = read_files([files] if isinstance(files, str | Path) else files, options=reading_options)
    if not reading.documents:
        raise IngestError(
            "QC-P023", "none of the files can be read; nothing was written", problems=_problems(reading.failures)
        )
    documents, notes = reading.documents.items, list(reading.warnings)
    if table is not None:
        documents, told = table.join(documents)
        notes += told
    corpus = Corpus.of(documents, model=model)
    done = coded(corpus, book, code_documents(corpus, book, coders=_RULES), title=title or "")
    page = report_html(
        done, command="qualcode run", date=date or today(), coders=_RULES, model=model,
        blindspots=chapter_of(done.study, corpus, folder=""),
    )  # fmt: skip
    written = csv_files(done, folder) | {folder / OUTPUTS[-1]: page}
    if not dry_run:
        write_together(written)
    return RunResult(done, tuple(written), reading.failures, tuple(notes))


def studies() -> tuple[str, ...]:
    """Return the names of the bundled studies."""
    from qualcode.resources import corpora_dir

    return tuple(sorted(each.parent.name for each in corpora_dir().glob(f"*/{SETTINGS_FILE}")))


def demo(study: str = "hope-challenge", out: Path | str | None = None, *, date: str | None = None) -> RunResult:
    """Copy a bundled study into a project, read and code it, and leave tables and report in its ``output/``.

    Doing it again in the same folder is harmless: files that are there are left as they are, results are made anew.

    Args:
        study: one of :func:`studies`.
        out: the project's folder, new, empty or of an earlier demo; named after the study if not given.
        date: in the report's head, ``YYYY-MM-DD``; today's if not given.

    Raises:
        ProjectError: QC-P012 for an unknown study, QC-P010, QC-P011 for an ``out`` that is something else.
    """
    from qualcode.resources import corpora_dir

    known = studies()
    if study not in known:
        near = get_close_matches(study, known, n=1)
        raise ProjectError("QC-P012", f"there is no bundled study {study!r}",
                           hint=f"Did you mean {near[0]!r}?" if near else f"Studies: {', '.join(known)}.")  # fmt: skip
    source = corpora_dir() / study
    folder = Path(out) if out is not None else Path(study)
    _check_demo_folder(source, folder)
    write_together({
        folder / each.relative_to(source): each.read_bytes()
        for each in sorted(source.rglob("*"), key=lambda each: (each.name != SETTINGS_FILE, each))  # settings first: a
        # folder that has them is known as this study's when an interrupted demo is begun again
        if each.is_file() and not any(part.startswith((".", "__")) for part in each.relative_to(source).parts)
        and not (folder / each.relative_to(source)).exists()
    })  # fmt: skip
    project = Project(folder)
    report = project.ingest()
    done = project.code()
    settings = project.settings
    page = report_html(
        done, command="qualcode demo", date=date or today(), coders=settings.coders, model=settings.model,
        blindspots=project.blindspot_chapter(),
    )  # fmt: skip
    output = folder / "output"
    files = write_together(csv_files(done, output) | {output / OUTPUTS[-1]: page})
    return RunResult(done, files, report.failures, report.warnings, folder)


def _check_demo_folder(source: Path, folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ProjectError("QC-P010", "this is a file, and a folder is needed", where=str(folder),
                           hint="Give another folder with --out.")  # fmt: skip
    if not visible_entries(folder):
        return
    settings = folder / SETTINGS_FILE
    if not settings.is_file() or settings.read_bytes() != (source / SETTINGS_FILE).read_bytes():
        raise ProjectError("QC-P011", "the folder holds things that are not this study; nothing was written",
                           where=str(folder), hint="Give another folder with --out.")  # fmt: skip


def _problems(failures: Iterable[IngestError]) -> list[Problem]:
    return [Problem(each.code, each.message, each.where, each.hint) for each in failures]
