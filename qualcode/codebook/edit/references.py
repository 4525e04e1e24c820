"""Where a codebook names its own codes: in keys, in crosswalks, and in queries through ``code:``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qualcode.codebook.edit.draft import Draft
from qualcode.codebook.edit.page import Patch
from qualcode.codebook.edit.tree import Scalar
from qualcode.codebook.edit.writing import Query, scalar
from qualcode.codebook.reading import Path

__all__ = ["LISTS", "Filtered", "filters", "naming", "retarget_filters", "single_references"]

LISTS = ("opposite_of", "excludes", "often_with")
"""Keys of a code that hold ids of other codes."""


def single_references(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield the path and the code id of each key that names one code: parent, replaced_by, see, crosswalk links."""
    for n, code in enumerate(data["codes"]):
        for key in ("parent", "replaced_by"):
            if key in code:
                yield ("codes", n, key), code[key]
        for key in ("include", "exclude"):
            for m, line in enumerate(code.get(key, ())):
                if isinstance(line, dict) and "see" in line:
                    yield ("codes", n, key, m, "see"), line["see"]
    for n, walk in enumerate(data.get("crosswalks", ())):
        for m, link in enumerate(walk["links"]):
            yield ("crosswalks", n, "links", m, "from"), link["from"]


def naming(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield the path and the code id of everything that names a code, lists too, but not the queries."""
    yield from single_references(data)
    for n, code in enumerate(data["codes"]):
        for key in LISTS:
            for m, name in enumerate(code.get(key, ())):
                yield ("codes", n, key, m), name


@dataclass(frozen=True, slots=True)
class Filtered:
    """One ``code:`` of a query: what it names, and where that stands in the query."""

    path: Path
    query: str
    start: int
    end: int
    name: str


def filters(data: Mapping[str, Any]) -> list[Filtered]:
    """Return every ``code:`` in rules, word lists and cues, in the order of the data."""
    from qualcode.query.problems import Source
    from qualcode.query.scan import scan

    found: list[Filtered] = []
    for path, query in _queries(data):
        if "code:" not in query.casefold():
            continue
        for terminal in scan(Source(query)):
            each = terminal.parts[0] if terminal.name == "FILTER" else None
            if getattr(each, "kind", None) == "code":
                start = terminal.column + len("code:")
                name = getattr(each, "value", "")
                found.append(Filtered(path, query, start, terminal.column + terminal.length, name))
    return found


def _queries(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for name, items in data.get("lexicons", {}).items():
        yield from ((("lexicons", name, n), item) for n, item in enumerate(items))
    for name, cue in data.get("cues", {}).items():
        for key in ("cues", "exempt"):
            yield from ((("cues", name, key, n), item) for n, item in enumerate(cue.get(key, ())))
    for n, code in enumerate(data["codes"]):
        for m, rule in enumerate(code.get("rules", ())):
            path: Path = ("codes", n, "rules", m)
            if isinstance(rule, str):
                yield path, rule
                continue
            if "find" in rule:
                yield (*path, "find"), rule["find"]
            for value, words in rule.get("stance", {}).items():
                yield from (((*path, "stance", value, k), word) for k, word in enumerate(words))


def _names(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the code id for each name that ``code:`` may use: ids first, then labels, then other labels."""
    names: dict[str, str] = {}
    codes = data["codes"]
    for words in (
        [(code["id"], code["id"]) for code in codes],
        [(code["label"], code["id"]) for code in codes],
        [(name, code["id"]) for code in codes for name in code.get("alt_labels", ())],
    ):
        for word, code in words:
            names.setdefault(word.casefold(), code)
    return names


def retarget_filters(draft: Draft, before: Mapping[str, Any], codes: Mapping[str, str]) -> None:
    """Rewrite each ``code:`` that would now name another code than it did before the edit.

    Args:
        before: the data before the edit.
        codes: old to new id of the codes whose text is to be found under another id now.
    """
    old, new = _names(before), _names(draft.data)
    labels = {code["id"]: code["label"] for code in draft.data["codes"]}
    wrong: dict[Path, list[tuple[Filtered, str]]] = {}
    for each in filters(draft.data):
        meant = old.get(each.name.casefold())
        if meant is None:
            continue
        target = codes.get(meant, meant)
        if new.get(each.name.casefold()) == target:
            continue
        was_label = any(
            code["id"] == meant and code["label"].casefold() == each.name.casefold() for code in before["codes"]
        )
        by_label = was_label and new.get(labels[target].casefold()) == target and '"' not in labels[target]
        wrong.setdefault(each.path, []).append((each, labels[target] if by_label else target))
    patches: dict[int, list[Patch]] = {}
    for path, changed in wrong.items():
        node = draft.node(path)
        if not isinstance(node, Scalar):
            raise draft.refusal("a query is not a piece of text", node.outer)
        query = changed[0][0].query
        for each, name in reversed(changed):
            query = query[: each.start] + _filter_value(name) + query[each.end :]
        _assign(draft.data, path, query)
        patches[node.start] = _in_scalar(draft, node, changed, query)
    draft.patch(patch for some in patches.values() for patch in some)


def _in_scalar(draft: Draft, node: Scalar, changed: list[tuple[Filtered, str]], query: str) -> list[Patch]:
    """Return the patches for the names alone, or one for the whole query when plain text cannot hold the new one."""
    from qualcode.codebook.nodes import Scalar as Read
    from qualcode.codebook.query_strings import position_of_query

    read = Read(node.value, node.style, node.start, node.end, 1, 1)
    patches: list[Patch] = []
    for each, name in changed:
        start = position_of_query(read, draft.text, each.start)
        end = position_of_query(read, draft.text, each.end - 1) + 1
        value = _filter_value(name)
        if node.style == "" and re.search(r"[,\[\]{}#]|: ", value):
            return [(node.start, node.end, scalar(Query(query), flow=True, like="'"))]
        patches.append((start, end, value.replace("'", "''") if node.style == "'" else value))
    return patches


def _filter_value(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


def _assign(data: Any, path: Path, value: str) -> None:
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value
