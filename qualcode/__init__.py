"""qualcode: code interview transcripts against a codebook, and get a theme report that survives a viva.

>>> import qualcode as qc
>>> qc.search("We never bought into it. They did.", '"bought into"')[0].quote
'bought into'

Names are loaded when they are first used; importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode import codebook
    from qualcode.errors import QualcodeError
    from qualcode.notebook.display import highlight
    from qualcode.notebook.verbs import CodingResult, code, read, search
    from qualcode.project.oneway import RunResult, demo, run
    from qualcode.project.project import Project
    from qualcode.project.reading import Documents
    from qualcode.project.searching import SearchResult

__version__ = "0.1.0"

__all__ = [
    "CodingResult",
    "Documents",
    "Project",
    "QualcodeError",
    "RunResult",
    "SearchResult",
    "__version__",
    "code",
    "codebook",
    "demo",
    "highlight",
    "read",
    "run",
    "search",
]

_HOMES = {
    "CodingResult": "notebook.verbs",
    "Documents": "project.reading",
    "Project": "project.project",
    "QualcodeError": "errors",
    "RunResult": "project.oneway",
    "SearchResult": "project.searching",
    "code": "notebook.verbs",
    "demo": "project.oneway",
    "highlight": "notebook.display",
    "read": "notebook.verbs",
    "run": "project.oneway",
    "search": "notebook.verbs",
}


def __getattr__(name: str) -> Any:
    if name == "codebook":
        return import_module("qualcode.codebook")  # a package that can be called
    if name in _HOMES:
        value = getattr(import_module(f"qualcode.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
