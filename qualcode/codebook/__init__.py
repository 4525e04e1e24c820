"""Codebooks: YAML to :class:`~qualcode.model.codes.Codebook`, checking, comparing, showing, and those that are shipped.

Names are loaded when they are first used, so importing this package costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.codebook.catalogue import CatalogueEntry, shipped_codebooks
    from qualcode.codebook.check import CheckResult, check_codebook
    from qualcode.codebook.diff import CodebookChange, CodebookDiff, diff_codebooks
    from qualcode.codebook.jsonschema import codebook_json_schema
    from qualcode.codebook.load import ALL_VARIANTS, LoadResult, load_codebook, load_with_warnings
    from qualcode.codebook.new import new_codebook
    from qualcode.codebook.show import describe_book, describe_code
    from qualcode.model.codes import Codebook

__all__ = [
    "ALL_VARIANTS",
    "CatalogueEntry",
    "CheckResult",
    "CodebookChange",
    "CodebookDiff",
    "LoadResult",
    "check_codebook",
    "codebook_json_schema",
    "describe_book",
    "describe_code",
    "diff_codebooks",
    "load_codebook",
    "load_with_warnings",
    "new_codebook",
    "shipped_codebooks",
]

_HOMES = {
    "ALL_VARIANTS": "load",
    "CatalogueEntry": "catalogue",
    "CheckResult": "check",
    "CodebookChange": "diff",
    "CodebookDiff": "diff",
    "LoadResult": "load",
    "check_codebook": "check",
    "codebook_json_schema": "jsonschema",
    "describe_book": "show",
    "describe_code": "show",
    "diff_codebooks": "diff",
    "load_codebook": "load",
    "load_with_warnings": "load",
    "new_codebook": "new",
    "shipped_codebooks": "catalogue",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """This package, which is also the notebook's verb: ``qc.codebook("hope-merged")``.

    A package and a function cannot share a name in ``qualcode``: whichever is imported later would hide the other.
    """

    def __call__(self, name_or_path: Path | str) -> Codebook:
        """Return a codebook by its shipped name or file; see :func:`load_codebook`."""
        from qualcode.codebook.load import load_codebook

        return load_codebook(name_or_path)


sys.modules[__name__].__class__ = _Package
