"""The files of a project's codebooks: which are its own, and how a shipped one becomes its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import ProjectError
from qualcode.model.codes import Codebook
from qualcode.project.opened import Opened
from qualcode.project.settings import SETTINGS_FILE
from qualcode.project.writing import write_together

if TYPE_CHECKING:
    from qualcode.store import Store

__all__ = ["BookFiles", "texts_of"]


class BookFiles(Opened):
    """What is needed to write to a codebook's file."""

    def _check_unchanged(self, store: Store, path: Path, before: bytes) -> None:
        """Raise when a codebook's file is not what it was, or is about to change; the caller holds the database.

        Raises:
            ProjectError: QC-P035.
        """
        if store.unfinished() or not path.is_file() or path.read_bytes() != before:
            raise ProjectError("QC-P035", "the codebook was changed by another program; nothing was done",
                               where=str(path), hint="Look at it, and try again.")  # fmt: skip

    def _own_file(self, book: Codebook) -> tuple[Path, bool]:
        """Return where the project's file of a codebook is, and whether it has yet to be copied there."""
        path = Path(book.path or "")
        if path.resolve().is_relative_to(self.folder.resolve()):
            return self.folder / path.resolve().relative_to(self.folder.resolve()), False
        return self.folder / "codebooks" / path.name, True

    def _check_adoptable(self, path: Path, data: bytes) -> None:
        """Raise when something else is where the project's copy of a codebook would be.

        Raises:
            ProjectError: QC-P036.
        """
        if path.exists() and path.read_bytes() != data:
            raise ProjectError("QC-P036", f"the project has another {path.name} that its settings do not name",
                               where=str(path), hint=f"Name it in {SETTINGS_FILE}, or rename it.")  # fmt: skip

    def _adopt(self, book: Codebook, path: Path, data: bytes) -> None:
        """Give the project its own copy of a shipped codebook, and name it in the settings."""
        from qualcode.project.settings import with_codebook

        self._check_adoptable(path, data)
        settings = self.folder / SETTINGS_FILE
        named = self._setting_of(book)
        name = f"codebooks/{path.name}" + (f"@{book.variant}" if book.variant and "@" in named else "")
        text = with_codebook(settings.read_bytes().decode("utf-8-sig"), named, name)
        write_together({path: data, settings: text})

    def _setting_of(self, book: Codebook) -> str:
        """Return how the settings name a codebook."""
        number = next(at for at, each in enumerate(self._books) if each.id == book.id)
        return self.settings.codebooks[number]


def texts_of(books: Iterable[Codebook]) -> list[bytes]:
    """Return the bytes of the files that codebooks were read from."""
    return [Path(book.path).read_bytes() for book in books if book.path is not None]
