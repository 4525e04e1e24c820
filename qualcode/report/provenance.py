"""Which versions made a report."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from qualcode.report.model import Provenance

__all__ = ["provenance"]

_LIBRARIES = ("spacy", "spacy-lookups-data", "numpy", "lark", "google-re2", "matplotlib", "Jinja2")


def provenance(*, command: str = "", recipe: Mapping[str, str] | None = None) -> Provenance:
    """Return the provenance with the versions that are installed here: qualcode, Python and what it leans on."""
    from importlib.metadata import PackageNotFoundError, version

    def found(name: str) -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return ""

    libraries = {"Python": platform.python_version(), **{name: found(name) for name in _LIBRARIES}}
    installed = {name: number for name, number in libraries.items() if number}
    return Provenance(found("qualcode") or "0+unknown", command, dict(recipe or {}), installed)
