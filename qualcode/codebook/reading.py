"""From YAML nodes to plain data with a map back to the file: what each scalar is read as depends on where it stands.

Everything is text (so ``no``, ``on``, ``2026-11-22`` and ``1.0`` stay what was written) but for the few places
that hold a number or true/false, and the queries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from qualcode.codebook.findings import Findings
from qualcode.codebook.nodes import Mapping, Node, Scalar, Sequence
from qualcode.codebook.query_strings import as_query, looks_like_a_query, position_of_query
from qualcode.errors import Place

__all__ = ["Branch", "Path", "Sheet", "read_sheet"]

Path: TypeAlias = tuple[str | int, ...]

MAX_NODES = 500_000
"""How many values a codebook may hold when all aliases are written out."""

_QUERY, _TYPED, _FLAG = "query", "typed", "flag"
_WORDS = {"*": _QUERY}
_RULE = {"": _QUERY, "find": _QUERY, "weight": _TYPED, "tokens": _TYPED, "stance": {"*": _WORDS}}
_READINGS: MappingOf[str, Any] = {
    "lexicons": {"*": _WORDS},
    "cues": {"*": {"cues": _WORDS, "exempt": _WORDS}},
    "defaults": {"threshold": _TYPED},
    "codes": {
        "*": {"codable": _FLAG, "threshold": _TYPED, "seeds": {"weight": _TYPED}, "rules": {"*": _RULE}},
    },
}

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_YES = _TRUE | {"yes", "Yes", "YES", "on", "On", "ON"}
_NO = _FALSE | {"no", "No", "NO", "off", "Off", "OFF"}


@dataclass(slots=True)
class Branch:
    """The node of one value and the branches of what is in it; ``keys`` are a mapping's keys as written."""

    node: Node
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, Branch] = field(default_factory=dict)
    items: list[Branch] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """A codebook file as plain data, and where each value stands in it."""

    file: str
    text: str
    data: Any
    root: Branch

    def branch(self, path: Path) -> Branch:
        """Return the branch at ``path``, or the nearest one above it."""
        here = self.root
        for step in path:
            if isinstance(step, str) and step in here.values:
                here = here.values[step]
            elif isinstance(step, int) and step < len(here.items):
                here = here.items[step]
            else:
                break
        return here

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where the value at ``path`` begins, or with ``key`` where its key does."""
        if key and path and isinstance(path[-1], str):
            named = self.branch(path[:-1]).keys.get(path[-1])
            if named is not None:
                return Place(self.file, named.line, named.column)
        node = self.branch(path).node
        return Place(self.file, node.line, node.column)

    def place_in_query(self, path: Path, line: int, column: int) -> Place:
        """Return where in the file a line and column (from 1) of the query at ``path`` stand."""
        node = self.branch(path).node
        if not isinstance(node, Scalar):
            return Place(self.file, node.line, node.column)
        query = as_query(node)
        start = 0
        for _ in range(line - 1):
            start = query.find("\n", start) + 1
        at = position_of_query(node, self.text, start + column - 1)
        before = self.text[node.start : at]
        if "\n" not in before:
            return Place(self.file, node.line, node.column + len(before))
        return Place(self.file, node.line + before.count("\n"), len(before) - before.rfind("\n"))


def read_sheet(root: Node, text: str, file: str, findings: Findings) -> Sheet:
    """Return the plain data of a file; repeated keys and the like become findings, and are left out."""
    reader = _Reader(file, findings)
    data, branch = reader.read(root, _READINGS)
    return Sheet(file, text, data, branch)


class _Reader:
    def __init__(self, file: str, findings: Findings) -> None:
        self.file = file
        self.findings = findings
        self.nodes = 0

    def place(self, node: Node) -> Place:
        return Place(self.file, node.line, node.column)

    def read(self, node: Node, reading: Any) -> tuple[Any, Branch]:
        self.nodes += 1
        branch = Branch(node)
        if isinstance(node, Scalar):
            return self.scalar(node, reading.get("") if isinstance(reading, dict) else reading), branch
        if self.nodes > MAX_NODES:
            message = f"with all aliases written out the file holds more than {MAX_NODES:,} values"
            self.findings.error("QC-C007", message, Place(self.file), "Write the content out instead of naming it.")
            return None, branch
        if isinstance(node, Sequence):
            inner = _inside(reading, "*")
            items = [self.read(item, inner) for item in node.items]
            branch.items = [each for _, each in items]
            return [data for data, _ in items], branch
        data: dict[str, Any] = {}
        for key, value in self.pairs(node):
            branch.keys[key.value] = key
            if isinstance(value, Scalar) and value.style == "" and value.value in _NOTHING:
                continue
            data[key.value], branch.values[key.value] = self.read(value, _inside(reading, key.value))
        return data, branch

    def scalar(self, node: Scalar, reading: str | None) -> object:
        text = node.value.strip()
        if reading == _QUERY:
            if looks_like_a_query(node):
                self.findings.warn(
                    "QC-C106",
                    f"{node.value!r} in double quotes is an exact phrase, and its operators only words in it",
                    self.place(node),
                    "For a query, put the whole in single quotes.",
                )
            return as_query(node) if text else ""
        if node.style == "" and reading in {_TYPED, _FLAG}:
            if text in (_YES if reading == _FLAG else _TRUE):
                return True
            if text in (_NO if reading == _FLAG else _FALSE):
                return False
            if _NUMBER.fullmatch(text):
                return int(text) if re.fullmatch(r"[-+]?\d{1,18}", text) else float(text)
        return text

    def pairs(self, mapping: Mapping) -> list[tuple[Scalar, Node]]:
        """Return a mapping's keys and values with merges (``<<``) written out; what is written itself goes first."""
        own: dict[str, tuple[Scalar, Node]] = {}
        merged: dict[str, tuple[Scalar, Node]] = {}
        for key, value in mapping.pairs:
            if not isinstance(key, Scalar):
                self.findings.error("QC-C013", "a key must be text, not a list or mapping", self.place(key))
            elif key.value == "<<" and key.style == "":
                for name, pair in self.merged(value):
                    merged.setdefault(name, pair)
            elif key.value in own:
                first = own[key.value][0].line
                message = f"the key {key.value!r} is here for the second time; the first is in line {first}"
                self.findings.error("QC-C006", message, self.place(key), "Keep one of them.")
            else:
                own[key.value] = (key, value)
        return [*(pair for name, pair in merged.items() if name not in own), *own.values()]

    def merged(self, value: Node) -> list[tuple[str, tuple[Scalar, Node]]]:
        found: list[tuple[str, tuple[Scalar, Node]]] = []
        for each in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(each, Mapping):
                found.extend((key.value, (key, inner)) for key, inner in self.pairs(each))
            else:
                self.findings.error("QC-C013", "<< can only merge mappings", self.place(each))
        return found


def _inside(reading: Any, step: str) -> Any:
    if isinstance(reading, dict):
        return reading.get(step, reading.get("*"))
    return reading if reading == _TYPED else None
