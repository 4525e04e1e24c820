"""From plain data to checked entries: every complaint in a researcher's words, at its place in the file.

What is refused is taken out (or filled in) and the rest is read again, so that one slip does not hide the
problems that only show once the whole book is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from qualcode.codebook.findings import Findings, did_you_mean
from qualcode.codebook.reading import Path, Sheet
from qualcode.codebook.schema import BookEntry

__all__ = ["read_book"]

_MOST_ROUNDS = 6


def read_book(sheet: Sheet, findings: Findings) -> BookEntry | None:
    """Return the book's entries, with everything wrong in them added to ``findings``.

    The result of a book with findings is only good for looking for more of them; ``None`` when not even that.
    """
    for round_number in range(_MOST_ROUNDS):
        try:
            return BookEntry.model_validate(sheet.data)
        except ValidationError as refusal:
            errors = refusal.errors(include_url=False)
        if round_number == 0:
            for error in errors:
                _tell(error, sheet, findings)
        # From the end, so that the numbers of list items before stay right.
        for error in sorted(errors, key=lambda each: _order(each["loc"]), reverse=True):
            if error["type"] != "missing":
                _take_out(_real(error["loc"]), sheet)
        for error in errors:
            if error["type"] == "missing":
                _fill_in(error["loc"], sheet)
    return None


def _tell(error: Mapping[str, Any], sheet: Sheet, findings: Findings) -> None:
    path: Path = error["loc"]
    kind = error["type"]
    context = error.get("ctx", {})
    name = path[-1]
    if path[-1] == "[key]":
        message = f"{path[-2]!r} cannot be a name: names have letters, digits, _ and -, and begin with a letter"
        findings.error("QC-C016", message, sheet.place(path[:-1], key=True))
        return
    owner = _owner(path[:-1], sheet)
    if kind == "extra_forbidden":
        _unknown_key(path, owner, sheet, findings)
        return
    if kind == "missing":
        written = sheet.branch(path[:-1]).keys.get(str(name))
        message = f"{owner} has no {name!r}" if written is None else f"{name!r} of {owner} is empty"
        findings.error("QC-C011", message, sheet.place(path, key=True), f"Add {name}: to it.")
        return
    what = f"{name!r} of {owner}" if isinstance(name, str) else f"an item of {_owner(path[:-1], sheet)}"
    code, message, hint = _complaint(kind, what, error["input"], context, path)
    findings.error(code, message, sheet.place(path), hint)


def _unknown_key(path: Path, owner: str, sheet: Sheet, findings: Findings) -> None:
    name = str(path[-1])
    known = _keys(path[:-1])
    hint = did_you_mean(name, known) or f"Known keys: {', '.join(known)}."
    if "rules" in path or "lexicons" in path:
        hint = f"{hint} A query with a colon and a blank in it needs single quotes round the whole."
    findings.error("QC-C010", f"unknown key {name!r} in {owner}", sheet.place(path, key=True), hint)


def _complaint(kind: str, what: str, value: Any, context: Mapping[str, Any], path: Path) -> tuple[str, str, str | None]:
    """Return code, message and hint for one of pydantic's complaints about a value."""
    if kind == "literal_error":
        options = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        hint = did_you_mean(str(value), options)
        return "QC-C014", f"{what} is {value!r}, but must be one of {', '.join(options)}", hint
    if kind in {"greater_than_equal", "less_than_equal", "greater_than", "less_than", "finite_number"}:
        bounds = {"weight": "-1 to 1", "threshold": "above 0 and at most 1"}
        if "seeds" in path:
            bounds["weight"] = "0 to 1"
        return "QC-C015", f"{what} is {value}, but must be {bounds.get(str(path[-1]), 'in range')}", None
    if kind in {"string_too_short", "too_short"}:
        return "QC-C016", f"{what} is empty", "Write something, or remove it."
    if kind == "string_pattern_mismatch":
        if "date" in path:
            return "QC-C016", f"{what} is {value!r}, which is not a date", "Write 2026-11-22, 2026-11 or 2026."
        hint = "Use letters, digits, . _ and -, without blanks."
        return "QC-C016", f"{what} is {value!r}, which cannot be an id", hint
    wanted, hint = _WANTED.get(kind, (f"something else ({kind})", None))
    if kind == "float_type" and isinstance(value, str):
        hint = "Write it without quotes, with a point: 0.5."
    return "QC-C013", f"{what} must be {wanted}, not {_kind_of(value)}", hint


_WANTED: Mapping[str, tuple[str, str | None]] = {
    "string_type": ("text", None),
    "list_type": ("a list", "Put it in [ ], or on lines that begin with a dash."),
    "dict_type": ("a mapping", "Write key: value lines under it."),
    "model_type": ("a mapping", "Write key: value lines under it."),
    "bool_type": ("true or false", "Write it without quotes."),
    "float_type": ("a number", None),
}


def _kind_of(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return f"the text {value!r}" if len(value) <= 40 else "text"
    return "a list" if isinstance(value, list) else "a mapping"


_SINGULAR = {
    "codes": "code",
    "rules": "rule",
    "sources": "source",
    "facets": "facet",
    "attributes": "attribute",
    "variants": "variant",
    "crosswalks": "crosswalk",
    "links": "link",
    "figures": "figure",
    "changelog": "change",
    "revised": "revision",
    "include": "guidance line",
    "exclude": "guidance line",
    "typical": "example",
    "atypical": "example",
    "near_miss": "example",
}


def _owner(path: Path, sheet: Sheet) -> str:
    """Return a mapping's name in a message, such as ``rule 2 of code 'A1'`` or ``'lexicons'``."""
    if not path:
        return "the codebook"
    last = path[-1]
    if isinstance(last, str):
        name = repr(last)
    else:
        data = _parent((*path, "id"), sheet)
        named = data.get("id") if isinstance(data, dict) else None
        kind = _SINGULAR.get(str(path[-2]), f"item of {path[-2]}")
        name = f"{kind} {named!r}" if isinstance(named, str) else f"{kind} {last + 1}"
    outer = _owner(path[:2], sheet) if path[0] == "codes" and len(path) > 2 else None
    return f"{name} of {outer}" if outer else name


def _keys(path: Path) -> tuple[str, ...]:
    """Return the keys that a mapping at ``path`` may have."""
    here: Any = BookEntry
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = _fields(here).get(str(step))
        else:
            arguments = get_args(here)
            here = arguments[-1] if arguments else None
        here = _without_none(here)
    return tuple(_fields(here)) if isinstance(here, type) and issubclass(here, BaseModel) else ()


def _without_none(kind: Any) -> Any:
    arguments = get_args(kind)
    return arguments[0] if type(None) in arguments else kind


@cache
def _fields(entry: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in entry.model_fields.items()}


def _order(path: Path) -> tuple[tuple[bool, int, str], ...]:
    return tuple((True, step, "") if isinstance(step, int) else (False, 0, step) for step in path)


def _real(path: Path) -> Path:
    return path[:-1] if path and path[-1] == "[key]" else path


def _parent(path: Path, sheet: Sheet) -> Any:
    here = sheet.data
    for step in path[:-1]:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def _take_out(path: Path, sheet: Sheet) -> None:
    """Remove a value from the data and its branch, if it is still there."""
    parent = _parent(path, sheet)
    branch = sheet.branch(path[:-1])
    last = path[-1] if path else None
    if isinstance(parent, dict) and isinstance(last, str):
        parent.pop(last, None)
        branch.values.pop(last, None)
    elif isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        del parent[last]
        del branch.items[last]


_FILLERS: Mapping[str, Callable[[], Any]] = {
    "schema": lambda: "qualcode-codebook/1",
    "codes": list,
    "links": list,
    "values": lambda: ["-"],
    "relation": lambda: "related",
    "date": lambda: "2000",
}


def _fill_in(path: Path, sheet: Sheet) -> None:
    parent = _parent(path, sheet)
    if isinstance(parent, dict):
        where = sheet.place(path)
        filler = _FILLERS.get(str(path[-1]), lambda: f"unnamed-{where.line}-{where.column}")
        parent[str(path[-1])] = filler()
