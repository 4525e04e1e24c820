"""Editing a codebook's text in place: what is not touched stays as the researcher wrote it, byte for byte.

Each function takes a codebook's YAML and returns an :class:`~qualcode.codebook.edit.result.Edit` with the new text.
Nothing here reads or writes a file. Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.codebook.edit.add import add_code, add_example, add_rule, remove_rule, set_definition
    from qualcode.codebook.edit.merge import merge_codes
    from qualcode.codebook.edit.move import move_code
    from qualcode.codebook.edit.rename import rename_code
    from qualcode.codebook.edit.result import Edit
    from qualcode.codebook.edit.retire import retire_code
    from qualcode.codebook.edit.split import split_code

__all__ = [
    "Edit",
    "add_code",
    "add_example",
    "add_rule",
    "merge_codes",
    "move_code",
    "remove_rule",
    "rename_code",
    "retire_code",
    "set_definition",
    "split_code",
]

_HOMES = {
    "Edit": "result",
    "add_code": "add",
    "add_example": "add",
    "add_rule": "add",
    "merge_codes": "merge",
    "move_code": "move",
    "remove_rule": "add",
    "rename_code": "rename",
    "retire_code": "retire",
    "set_definition": "add",
    "split_code": "split",
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
