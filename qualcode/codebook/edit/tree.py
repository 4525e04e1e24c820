"""A YAML text as nodes that know exactly where they begin and end, so that single lines can be changed.

:mod:`qualcode.codebook.nodes` reads a book; this tree is for writing in one. It keeps aliases as they stand, and
gives block lists and mappings the end of their last value, not that of the comments behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["Alias", "Keys", "List", "Node", "Scalar", "column_of", "compose_tree", "walk"]


@dataclass(slots=True, eq=False)
class Scalar:
    """One piece of text, from ``start`` to ``end`` in code points; an anchor or tag before it begins at ``outer``.

    ``style`` is ``""`` (plain), ``"'"``, ``'"'``, ``"|"`` or ``">"``. ``shared`` says that an alias names it.
    """

    value: str
    style: str
    outer: int
    start: int
    end: int
    shared: bool = False


@dataclass(slots=True, eq=False)
class List:
    """A list; ``flow`` is one in ``[ ]``, and a block list begins at its first dash."""

    flow: bool
    outer: int
    start: int
    end: int
    items: list[Node] = field(default_factory=list)
    shared: bool = False


@dataclass(slots=True, eq=False)
class Keys:
    """A mapping; ``flow`` is one in ``{ }``, and a block mapping begins at its first key."""

    flow: bool
    outer: int
    start: int
    end: int
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    shared: bool = False


@dataclass(slots=True, eq=False)
class Alias:
    """``*name``, where the node ``target`` is meant."""

    outer: int
    start: int
    end: int
    target: Node


Node: TypeAlias = Scalar | List | Keys | Alias

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")
_DASH = re.compile(r"^[ ]*-(?=\s)", re.MULTILINE)


def compose_tree(text: str) -> Node | None:
    """Return the tree of a text that :func:`qualcode.codebook.nodes.compose` accepts; ``None`` of an empty one."""
    import yaml

    root: Node | None = None
    anchors: dict[str, Node] = {}
    open_nodes: list[List | Keys] = []
    waiting: list[Node | None] = []
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    for event in events:
        kind = type(event).__name__
        if kind in {"SequenceEndEvent", "MappingEndEvent"}:
            closed = open_nodes.pop()
            waiting.pop()
            closed.end = event.end_mark.index if closed.flow else _last_end(closed)
            continue
        if kind not in {"ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent"}:
            continue
        node = _node(event, kind, text, anchors)
        if not isinstance(node, Alias) and event.anchor is not None:
            anchors[event.anchor] = node
        if not open_nodes:
            root = node
        elif isinstance(parent := open_nodes[-1], List):
            parent.items.append(node)
        elif (key := waiting[-1]) is None:
            waiting[-1] = node
            if not parent.flow and not parent.pairs:
                parent.start = node.outer
        else:
            parent.pairs.append((key, node))
            waiting[-1] = None
        if isinstance(node, List | Keys):
            open_nodes.append(node)
            waiting.append(None)
    return root


def _node(event: Any, kind: str, text: str, anchors: dict[str, Node]) -> Node:
    outer, end = event.start_mark.index, event.end_mark.index
    if kind == "AliasEvent":
        target = anchors[event.anchor]
        if not isinstance(target, Alias):
            target.shared = True
        return Alias(outer, outer, end, target)
    start = outer
    if event.anchor is not None or event.tag is not None:
        found = _PROPERTIES.match(text, outer)
        start = found.end() if found else end
    if kind == "ScalarEvent":
        style = event.style or ""
        if style in {"|", ">"}:
            end = start + len(text[start:end].rstrip())
        return Scalar(event.value, style, outer, min(start, end), end)
    if kind == "MappingStartEvent":
        return Keys(bool(event.flow_style), outer, start, end)
    if not event.flow_style and start != outer:
        dash = _DASH.search(text, text.index("\n", outer))
        start = dash.end() - 1 if dash else start
    return List(bool(event.flow_style), outer, start, end)


def _last_end(node: List | Keys) -> int:
    if isinstance(node, List):
        return node.items[-1].end if node.items else node.end
    return node.pairs[-1][1].end if node.pairs else node.end


def column_of(text: str, at: int) -> int:
    """Return how many characters stand before ``at`` in its line."""
    return at - (text.rfind("\n", 0, at) + 1)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything in it; what an alias names is not entered."""
    yield node
    if isinstance(node, List):
        for item in node.items:
            yield from walk(item)
    elif isinstance(node, Keys):
        for key, value in node.pairs:
            yield from walk(key)
            yield from walk(value)
