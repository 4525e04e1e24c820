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
    from qualcode.codebook.edit.add import add_code, add_example, add_rule, remove_rule, set_definition
    from qualcode.codebook.edit.merge import merge_codes
    from qualcode.codebook.edit.move import move_code
    from qualcode.codebook.edit.rename import rename_code
    from qualcode.codebook.edit.result import Edit
    from qualcode.codebook.edit.retire import retire_code
    from qualcode.codebook.edit.split import split_code
    from qualcode.codebook.jsonschema import codebook_json_schema
    from qualcode.codebook.load import ALL_VARIANTS, LoadResult, load_codebook, load_with_warnings
    from qualcode.codebook.meaning import definition_digest
    from qualcode.codebook.new import new_codebook
    from qualcode.codebook.show import describe_book, describe_code
    from qualcode.codebook.touches import impact
    from qualcode.model.codes import Codebook

__all__ = [
    "ALL_VARIANTS",
    "CatalogueEntry",
    "CheckResult",
    "CodebookChange",
    "CodebookDiff",
    "Edit",
    "LoadResult",
    "add_code",
    "add_example",
    "add_rule",
    "check_codebook",
    "codebook_json_schema",
    "definition_digest",
    "describe_book",
    "describe_code",
    "diff_codebooks",
    "impact",
    "load_codebook",
    "load_with_warnings",
    "merge_codes",
    "move_code",
    "new_codebook",
    "remove_rule",
    "rename_code",
    "retire_code",
    "set_definition",
    "shipped_codebooks",
    "split_code",
]

_HOMES = {
    "ALL_VARIANTS": "load",
    "CatalogueEntry": "catalogue",
    "CheckResult": "check",
    "CodebookChange": "diff",
    "CodebookDiff": "diff",
    "Edit": "edit",
    "LoadResult": "load",
    "add_code": "edit",
    "add_example": "edit",
    "add_rule": "edit",
    "check_codebook": "check",
    "codebook_json_schema": "jsonschema",
    "definition_digest": "meaning",
    "describe_book": "show",
    "describe_code": "show",
    "diff_codebooks": "diff",
    "impact": "touches",
    "load_codebook": "load",
    "load_with_warnings": "load",
    "merge_codes": "edit",
    "move_code": "edit",
    "new_codebook": "new",
    "remove_rule": "edit",
    "rename_code": "edit",
    "retire_code": "edit",
    "set_definition": "edit",
    "shipped_codebooks": "catalogue",
    "split_code": "edit",
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
