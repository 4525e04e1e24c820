"""Where the files that come with qualcode are: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

from qualcode.errors import QualcodeError

__all__ = ["codebooks_dir", "corpora_dir"]


def codebooks_dir() -> Path:
    """Return the folder of the shipped codebooks; raises :class:`QualcodeError` QC-R001 when it is missing."""
    return _folder("codebooks")


def corpora_dir() -> Path:
    """Return the folder of the bundled studies; raises :class:`QualcodeError` QC-R001 when it is missing."""
    return _folder("corpora")


def _folder(name: str) -> Path:
    package = Path(__file__).resolve().parent
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    hint = "Install qualcode again, or run it from a whole checkout."
    raise QualcodeError("QC-R001", f"the folder {name} that comes with qualcode is missing", hint=hint)
