"""Projects: what users meet. One method of :class:`Project` for each verb; ``run`` and ``demo`` do it all in one go.

Names are loaded when they are first used, so importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.project.coding import Coded, code_documents
    from qualcode.project.ingesting import IngestReport
    from qualcode.project.oneway import RunResult, demo, run, studies
    from qualcode.project.project import Project
    from qualcode.project.reading import Reading, read_files
    from qualcode.project.searching import SearchHit, SearchResult, search_documents
    from qualcode.project.settings import CoderRecipe, Settings, load_settings

__all__ = [
    "Coded",
    "CoderRecipe",
    "IngestReport",
    "Project",
    "Reading",
    "RunResult",
    "SearchHit",
    "SearchResult",
    "Settings",
    "code_documents",
    "demo",
    "load_settings",
    "read_files",
    "run",
    "search_documents",
    "studies",
]

_HOMES = {
    "Coded": "coding",
    "CoderRecipe": "settings",
    "IngestReport": "ingesting",
    "Project": "project",
    "Reading": "reading",
    "RunResult": "oneway",
    "SearchHit": "searching",
    "SearchResult": "searching",
    "Settings": "settings",
    "code_documents": "coding",
    "demo": "oneway",
    "load_settings": "settings",
    "read_files": "reading",
    "run": "oneway",
    "search_documents": "searching",
    "studies": "oneway",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
