"""A codebook while it is edited: its text, what the text says, and the few ways in which both are changed.

Every change is made twice: as characters in the text, next to those of the researcher, and as a value in the data.
:mod:`qualcode.codebook.edit.result` reads the text anew at the end and compares, so that a way of writing YAML that
was not thought of here can only lead to a refusal, never to a book that says something else.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.codebook.edit.page import Page, Patch, meant, name_of, own_pair
from qualcode.codebook.edit.tree import Alias, Keys, List, Node, Scalar, column_of, walk
from qualcode.codebook.edit.writing import (
    FOLD_FROM,
    Query,
    block_lines,
    flow_value,
    folded_lines,
    item_lines,
    scalar,
)
from qualcode.codebook.reading import Path

__all__ = ["Draft", "Item", "as_read"]


@dataclass(frozen=True, slots=True)
class Item:
    """An item for a list: its value, and its lines (with the comments above) where it stood before, dash in front."""

    value: Any
    lines: tuple[str, ...] = ()


class Draft(Page):
    """A sound codebook's text and data under change.

    Attributes:
        data: what the text has to say, as :func:`qualcode.codebook.reading.read_sheet` reads it.
    """

    def __init__(self, text: str, data: Any) -> None:
        super().__init__(text)
        self.data: Any = copy.deepcopy(data)

    def at(self, path: Path) -> Any:
        """Return the value at ``path``, or ``None``."""
        here = self.data
        for step in path:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                return None
        return here

    def code(self, number: int) -> dict[str, Any]:
        """Return a code's entry by its place in the file."""
        entry: dict[str, Any] = self.data["codes"][number]
        return entry

    # Changing single values

    def replace_all(self, values: Mapping[Path, str]) -> None:
        """Give pieces of text that are there other values, each in its own style and wherever it is read from."""
        patches: list[Patch] = []
        for path, value in values.items():
            node = self.node(path)
            if not isinstance(node, Scalar):
                raise self.refusal(f"{path[-1]} is not a piece of text", node.outer)
            inline = scalar(value, flow=True, like=node.style if node.style in {"'", '"'} else "")
            patches.append((node.start, node.end, inline))
            self.at(path[:-1])[path[-1]] = value
        self.patch(patches)

    def set(self, path: Path, key: str, value: Any) -> None:
        """Give a mapping's key a value, in place of the one it has or as a new line among the others."""
        mapping = self.own(path)
        if not isinstance(mapping, Keys):
            raise self.refusal("a mapping is needed here", mapping.outer)
        found = own_pair(mapping, key)
        if found is None:
            self.patch([self._addition(mapping, path, key, value)])
        elif isinstance(value, Mapping | list):
            self.patch([self._whole(mapping, found, key, value)])
        else:
            self.patch([self._other_text(mapping, found, key, value)])
        self.at(path)[key] = as_read(value)

    def _addition(self, mapping: Keys, path: Path, key: str, value: Any) -> Patch:
        ranks = {name: rank for rank, name in enumerate(_order(path))}
        if not mapping.pairs:
            return mapping.start, mapping.end, flow_value({key: value})
        before = [pair for pair in mapping.pairs if ranks.get(name_of(pair), 99) < ranks.get(key, 98)]
        # The first two keys of a code may stand in either order.
        last = max(reversed(before), key=lambda pair: max(1, ranks[name_of(pair)]), default=mapping.pairs[0])
        if mapping.flow:
            end = last[1].end
            return end, end, f", {key}: {flow_value(value)}" if key != "date" else f", {key}: {value}"
        indent = column_of(self.text, mapping.start)
        return self.after_line(last[1].end, block_lines(key, value, indent, self.offset()))

    def _whole(self, mapping: Keys, pair: tuple[Node, Node], key: str, value: Any) -> Patch:
        self.forbid_anchors(pair[1])
        colon = self.text.index(":", pair[0].end) + 1
        end = max(colon, pair[1].end)
        if mapping.flow:
            return colon, end, " " + flow_value(value)
        lines = block_lines(key, value, column_of(self.text, mapping.start), self.offset())
        head, *rest = lines
        return colon, end, self.newline.join([head[head.index(":") + 1 :], *rest])

    def _other_text(self, mapping: Keys, pair: tuple[Node, Node], key: str, value: Any) -> Patch:
        old = pair[1]
        self.forbid_anchors(old)
        flow = mapping.flow
        if isinstance(old, List | Keys):
            raise self.refusal(f"{key} is not a piece of text", old.outer)
        if old.start == old.end and isinstance(old, Scalar):
            return old.start, old.end, " " + scalar(value, flow=flow)
        written = self.text[old.start : old.end]
        style = old.style if isinstance(old, Scalar) else ""
        behind = self.text[old.end : self.line_after(old.end)].strip()
        is_block = style in {"|", ">"}
        if not flow and isinstance(value, str) and (is_block or (len(value) > FOLD_FROM and not behind)):
            head, *lines = written.split("\n") if is_block else [">-"]
            first = next((line for line in lines if line.strip()), "")
            indent = len(first) - len(first.lstrip(" ")) if first else column_of(self.text, pair[0].start) + 2
            header = head.rstrip() if style == ">" else ">-"
            width = max([FOLD_FROM, *(len(line) for line in lines)])
            return old.outer, old.end, self.newline.join([header, *folded_lines(value, indent, width)])
        like = style if style in {"'", '"'} else ""
        return old.outer, old.end, scalar(value, flow=flow, like=like)

    def remove(self, path: Path) -> None:
        """Take a key with its value out of a mapping."""
        parent, key = self.own(path[:-1]), str(path[-1])
        found = own_pair(parent, key)
        if found is None or not isinstance(parent, Keys):
            raise self.refusal(f"{key} comes from an anchor (<<)", parent.outer)
        self.forbid_anchors(found[1])
        number = next(n for n, pair in enumerate(parent.pairs) if pair is found)
        if parent.flow:
            self.patch([self.from_flow(found[0].outer, found[1].end)])
        elif column_of(self.text, found[0].outer) == self.indent(found[0].outer):
            self.patch([self.lines_of(found[0].outer, found[1].end)])
        else:
            # The first key stands behind a dash: the next one moves up to it.
            if number + 1 >= len(parent.pairs):
                raise self.refusal(f"{key} is all that is there", found[0].outer)
            after = parent.pairs[number + 1][0].outer
            if self.text[self.line_after(found[1].end) : after].strip():
                raise self.refusal("a comment stands between two keys", after)
            self.patch([(found[0].outer, after, "")])
        del self.at(path[:-1])[key]

    # Changing lists

    def extend(self, path: Path, items: Sequence[Item]) -> None:
        """Put items at the end of a list, which is begun when the mapping has none."""
        if not items:
            return
        have = self.at(path)
        if not have:
            self._begin(path, items)
            return
        node = self.own(path)
        if not isinstance(node, List):
            raise self.refusal(f"{path[-1]} is not a list", node.outer)
        last = node.items[-1]
        if node.flow:
            self.patch([(last.end, last.end, "".join(", " + flow_value(each.value) for each in items))])
        else:
            indent = column_of(self.text, node.start)
            like = meant(last)
            style = like.style if isinstance(like, Scalar) else '"'
            self.patch([self.after_line(last.end, [line for each in items for line in _lines(each, indent, style)])])
        have.extend(as_read(each.value) for each in items)

    def _begin(self, path: Path, items: Sequence[Item]) -> None:
        key = str(path[-1])
        self._parent(path[:-1])
        parent = self.own(path[:-1])
        if not any(each.lines for each in items) or (isinstance(parent, Keys) and parent.flow):
            self.set(path[:-1], key, [each.value for each in items])
            return
        # First with one plain word in its place, so that the lines can then be put where they belong.
        self.set(path[:-1], key, ["x"])
        node = self.own(path)
        pair = own_pair(self.own(path[:-1]), key)
        if not isinstance(node, List) or pair is None:
            raise AssertionError("a list that was just written is there")
        indent = column_of(self.text, pair[0].outer) + self.offset()
        lines = [line for each in items for line in _lines(each, indent, "")]
        colon = self.text.index(":", pair[0].end) + 1
        self.patch([(colon, node.end, self.newline + self.newline.join(lines))])
        self.at(path[:-1])[key] = [as_read(each.value) for each in items]

    def _parent(self, path: Path) -> None:
        """Write a mapping such as ``examples`` or ``seeds`` if it is not there yet."""
        if self.at(path) is None and path and isinstance(path[-1], str):
            raise self.refusal(f"{path[-1]} is missing")

    def cut(self, path: Path, numbers: Iterable[int]) -> None:
        """Take items out of a list, and the list with its key when none is left."""
        gone = sorted(set(numbers))
        have: list[Any] = self.at(path)
        if not gone:
            return
        if len(gone) == len(have):
            self.remove(path)
            return
        node = self.own(path)
        if not isinstance(node, List):
            raise self.refusal(f"{path[-1]} is not a list", node.outer)
        for number in reversed(gone):
            self.forbid_anchors(node.items[number])
            if node.flow:
                self.patch([self.from_flow(node.items[number].outer, node.items[number].end)])
            else:
                self.patch([self.lines_of(self.dash(node, number), node.items[number].end)])
            node = self.own(path)
            if not isinstance(node, List):
                raise AssertionError("a list stays a list")
            del have[number]

    def items(self, path: Path) -> list[Item]:
        """Return the items of a list, each with the lines it stands on and the comments above, if it has its own."""
        values = self.at(path) or []
        node = self.node(path) if values else None
        if not isinstance(node, List) or node.flow:
            return [Item(value) for value in values]
        found: list[Item] = []
        for number, value in enumerate(values):
            item = node.items[number]
            if any(isinstance(each, Alias) or each.shared for each in walk(item)):
                found.append(Item(value))
                continue
            dash = self.dash(node, number)
            line = dash - column_of(self.text, dash)
            start = self.lead(line, self.line_after(node.items[number - 1].end) if number else self._head(path))
            lines = [line.rstrip("\r") for line in self.text[start : self.line_after(item.end)].split("\n")[:-1]]
            indent = column_of(self.text, dash)
            found.append(Item(value, tuple(_shifted(line, -indent) for line in lines)))
        return found

    def _head(self, path: Path) -> int:
        """Return where the line after a list's key begins: comments from there on belong to the first item."""
        pair = own_pair(meant(self.node(path[:-1])), str(path[-1]))
        return 0 if pair is None else self.line_after(pair[0].end)


def _lines(item: Item, indent: int, like: str) -> list[str]:
    if item.lines:
        return [_shifted(line, indent) for line in item.lines]
    return item_lines(item.value, indent, like)


def _shifted(line: str, by: int) -> str:
    if not line.strip():
        return ""
    if by >= 0:
        return " " * by + line
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(-by, blanks) :]


def as_read(value: Any) -> Any:
    """Return a value as the loader reads it."""
    if isinstance(value, Mapping):
        return {key: as_read(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_read(each) for each in value]
    return str(value) if isinstance(value, Query) else value


def _order(path: Path) -> list[str]:
    """Return the keys of a mapping in the order in which the reference lists them."""
    from qualcode.codebook.schema import BookEntry, CodeEntry, Entry, ExamplesEntry, RuleEntry, SeedsEntry

    by_name: dict[str, type[Entry]] = {"examples": ExamplesEntry, "seeds": SeedsEntry}
    entry: type[Entry] = (
        BookEntry if not path else CodeEntry if len(path) == 2 else by_name.get(str(path[-1]), RuleEntry)
    )
    return [field.alias or name for name, field in entry.model_fields.items()]
