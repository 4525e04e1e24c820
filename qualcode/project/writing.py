"""Files written whole or not at all, and folders that are only written to when they are ours."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from qualcode.errors import ExportError, ProjectError

__all__ = ["check_output_folder", "check_replaceable", "visible_entries", "write_together"]


MARK_WITHIN = 16_384
"""Bytes at the beginning of a file in which it says whose it is."""


def write_together(files: Mapping[Path, str | bytes]) -> tuple[Path, ...]:
    """Write several files and return their paths; folders are made as needed.

    All are written under temporary names first, then put in place, so an error or an interrupt leaves no half
    file: each is the old one or the new one.
    Text is UTF-8 without a byte order mark, line ends as given.

    Raises:
        ExportError: QC-E020 when a file cannot be written.
    """
    drafts: dict[Path, Path] = {}
    made: list[Path] = []
    at = next(iter(files), Path())
    try:
        for at, content in files.items():
            made += _make_folder(at.parent)
            handle, draft = tempfile.mkstemp(prefix=f".{at.name[:40]}-", suffix=".tmp", dir=at.parent)
            drafts[at] = Path(draft)
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
            _open_to_readers(Path(draft))
        for at, draft_path in drafts.items():
            draft_path.replace(at)
    except OSError as error:
        _clear(drafts, made)
        raise ExportError("QC-E020", f"the file cannot be written: {error.strerror or error}", where=str(at),
                          hint="Close the program that has it open, check the permissions and the space left, and try "
                          "again.") from error  # fmt: skip
    except BaseException:
        _clear(drafts, made)
        raise
    return tuple(files)


def check_output_folder(out: Path, *, names: tuple[str, ...], header: str, force: bool) -> None:
    """Raise when ``out`` holds things that are not results of an earlier run; nothing is touched.

    A folder is ours when it is empty, or when its ``codings.csv`` begins with our header line.

    Raises:
        ProjectError: QC-P010 for a file, QC-P011 for a folder with other things in it (unless ``force``).
    """
    if out.exists() and not out.is_dir():
        raise ProjectError("QC-P010", "this is a file, and a folder is needed", where=str(out),
                           hint="Give another folder with --out.")  # fmt: skip
    if force or not visible_entries(out) or _first_line(out / names[0]) == header:
        return
    raise ProjectError("QC-P011", "the folder holds things that qualcode did not make; nothing was written",
                       where=str(out), hint=f"Give another folder with --out, or --force to put {_listed(names)} into "
                       "this one.")  # fmt: skip


def check_replaceable(path: Path, mark: str) -> None:
    """Raise when a file is there that is not a result of ours, which begins with (or soon after has) ``mark``.

    Raises:
        ProjectError: QC-P013; nothing is touched.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        ours = mark.encode() in file.read(MARK_WITHIN)
    if not ours and path.stat().st_size:
        raise ProjectError("QC-P013", "there is a file here that qualcode did not make; nothing was written",
                           where=str(path), hint="Give another place with --out.")  # fmt: skip


def visible_entries(folder: Path) -> list[Path]:
    """Return what lies in a folder but hidden files, sorted; nothing when there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _first_line(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline(4096).rstrip("\r\n")
    except OSError:
        return None


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder and return those that were not there, the innermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _open_to_readers(path: Path) -> None:
    # mkstemp makes files that only their owner can read; results are as readable as any new file.
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def _clear(drafts: Mapping[Path, Path], made: list[Path]) -> None:
    for draft in drafts.values():
        draft.unlink(missing_ok=True)
    for folder in sorted(made, key=lambda each: len(each.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
