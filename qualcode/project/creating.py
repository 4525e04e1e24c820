"""A new project folder."""

from __future__ import annotations

import re
from pathlib import Path

from qualcode.errors import ProjectError
from qualcode.project.settings import SETTINGS_FILE, settings_text
from qualcode.project.writing import visible_entries, write_together

__all__ = ["create_folder"]

WELCOME = frozenset(
    {"transcripts", "codebooks", "output", "corpora", "notes", "readme.md", "readme.txt", "licence", "license"}
)
"""What may lie in a folder (case ignored) that becomes a project."""

STARTER = "codebooks/my-codebook.yaml"


def create_folder(folder: Path, *, title: str | None, codebook: str | Path | None, dry_run: bool) -> None:
    """Make the files and folders of a project, and an empty database; see :meth:`Project.create`."""
    if folder.exists() and not folder.is_dir():
        raise ProjectError("QC-P010", "this is a file, and a folder is needed", where=str(folder),
                           hint="Give another name for the project's folder.")  # fmt: skip
    if (folder / SETTINGS_FILE).exists():
        raise ProjectError("QC-P003", "this is a project already", where=str(folder),
                           hint="Use it as it is, or give another folder.")  # fmt: skip
    others = [entry.name for entry in visible_entries(folder) if entry.name.casefold() not in WELCOME]
    if others:
        shown = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
        raise ProjectError(
            "QC-P011",
            f"the folder holds other things ({shown}); nothing was written",
            where=str(folder),
            hint="Give a new folder; transcripts/ and codebooks/ may be there already.",
        )
    title = title or folder.resolve().name
    name, files = _book(codebook, folder, title)
    files[folder / SETTINGS_FILE] = settings_text(title, [name])
    if dry_run:
        return
    from qualcode.store import Store

    write_together(files)
    for part in ("transcripts", "codebooks", "output"):
        (folder / part).mkdir(exist_ok=True)
    Store.create(folder / "project.db").close()


def _book(codebook: str | Path | None, folder: Path, title: str) -> tuple[str, dict[Path, str | bytes]]:
    """Return the codebook's name for the settings, and the file to put beside them, if any."""
    from qualcode.codebook import load_codebook, new_codebook

    if codebook is None:
        if (folder / STARTER).exists():
            return STARTER, {}
        book_id = re.sub(r"[^a-z0-9]+", "-", title.casefold().encode("ascii", "ignore").decode()).strip("-")
        if not book_id or not book_id[0].isalpha():
            book_id = "my-codebook"
        return STARTER, {folder / STARTER: new_codebook(book_id, title)}
    book = load_codebook(codebook)
    from qualcode.codebook.load import find_codebook
    from qualcode.resources import codebooks_dir

    path, variant = find_codebook(codebook)
    if path.resolve().is_relative_to(codebooks_dir().resolve()):
        return str(codebook), {}
    inside = f"codebooks/{path.name}"
    target = folder / inside
    name = f"{inside}@{variant}" if variant else inside
    if target.exists() and target.resolve() != path.resolve():
        raise ProjectError("QC-P011", f"the folder already has {inside}; nothing was written", where=str(folder),
                           hint=f"Leave it and name it in {SETTINGS_FILE}, or rename {book.path}.")  # fmt: skip
    return name, {} if target.exists() else {target: path.read_bytes()}
