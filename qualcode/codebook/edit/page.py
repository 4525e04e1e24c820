"""The text of a book under change, the tree of it, and the geometry of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from qualcode.codebook.edit.tree import Alias, Keys, List, Node, Scalar, column_of, compose_tree, walk
from qualcode.codebook.reading import Path
from qualcode.errors import CodebookError, Place

__all__ = ["Page", "Patch", "meant", "name_of", "own_pair"]

Patch: TypeAlias = tuple[int, int, str]
"""From where to where the text is replaced, in code points, and by what."""


class Page:
    """A codebook's text under change.

    Attributes:
        text: the text so far; it always ends with a line end here, and :meth:`finished` takes that back.
        newline: the line end of the file.
        root: the tree of the text so far.
    """

    def __init__(self, text: str) -> None:
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        text = text.removeprefix("\ufeff")
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._open_end = not text.endswith("\n")
        self.text = text + self.newline if self._open_end else text
        alone = re.search("\r(?!\n)", text)
        if alone is not None:
            raise self.refusal("the lines of this file end in carriage returns alone", alone.start())
        self._parse()

    def finished(self) -> str:
        """Return the text as it is to be saved: with its byte order mark, and without a last line end it never had."""
        return self._mark + (self.text.removesuffix(self.newline) if self._open_end else self.text)

    def _parse(self) -> None:
        root = compose_tree(self.text)
        if root is None:
            raise AssertionError("a sound codebook is not empty")
        self.root: Node = root

    def refusal(self, why: str, at: int | None = None) -> CodebookError:
        """Return the error for a place that is written in a way that cannot be edited by its lines."""
        place = (
            None if at is None else Place("codebook", self.text.count("\n", 0, at) + 1, column_of(self.text, at) + 1)
        )
        hint = "Write that place out in your editor, one key to a line, and edit again. Nothing was changed."
        return CodebookError(
            "QC-C121", f"this edit cannot be made in the file as it is written: {why}.", where=place, hint=hint
        )

    def node(self, path: Path) -> Node:
        """Return the node at ``path``, through aliases and merges: where a value is read from."""
        here = self.root
        for step in path:
            here = meant(here)
            here = _item(here, step) if isinstance(step, int) else _value(here, step)
        return meant(here)

    def own(self, path: Path) -> Node:
        """Return the node at ``path`` if it is written there and only there.

        Raises:
            CodebookError: QC-C121 when it comes from an anchor, or an alias names it or what it is in.
        """
        here = self.root
        for number, step in enumerate((*path, None)):
            if isinstance(here, Alias) or here.shared:
                name = ".".join(str(each) for each in path[:number])
                raise self.refusal(
                    f"{name} is written once and used in several places, by an anchor (&, *, <<)", here.outer
                )
            if step is None:
                break
            if isinstance(step, int):
                here = _item(here, step)
                continue
            found = own_pair(here, step)
            if found is None:
                raise self.refusal(f"{step} comes from an anchor (<<)", here.outer)
            here = found[1]
        return here

    def patch(self, patches: Iterable[Patch]) -> None:
        """Replace stretches of the text that do not overlap; the data is the caller's."""
        text = self.text
        for start, end, new in sorted(set(patches), reverse=True):
            text = text[:start] + new + text[end:]
        self.text = text
        self._reparse()

    def _reparse(self) -> None:
        import yaml

        try:
            self._parse()
        except (yaml.YAMLError, KeyError, ValueError) as error:
            raise self.refusal("the result would not be YAML") from error

    def dash(self, node: List, number: int) -> int:
        """Return where the dash of an item of a block list stands."""
        if number == 0:
            return node.start
        column, item = column_of(self.text, node.start), node.items[number]
        at = self.line_after(node.items[number - 1].end)
        while at <= item.outer:
            if self.text[at : at + column].strip(" ") == "" and self.text[at + column] == "-":
                return at + column
            at = self.line_after(at)
        raise self.refusal("the dash of a list item could not be found", item.outer)

    def forbid_anchors(self, node: Node) -> None:
        """Raise QC-C121 when an alias elsewhere names the node or something in it."""
        for each in walk(node):
            if not isinstance(each, Alias) and each.shared:
                raise self.refusal("an alias elsewhere names what would be replaced", each.outer)

    def offset(self) -> int:
        """Return how far the dashes of a list stand in from its key in this file; taken from the list of codes."""
        codes = own_pair(self.root, "codes")
        if codes is None or not isinstance(codes[1], List) or codes[1].flow:
            return 2
        return column_of(self.text, codes[1].start) - column_of(self.text, codes[0].start)

    def indent(self, at: int) -> int:
        """Return how many blanks the line at ``at`` begins with."""
        line = self.text[at - column_of(self.text, at) :]
        return len(line) - len(line.lstrip(" "))

    def line_after(self, at: int) -> int:
        """Return where the line after the one at ``at`` begins."""
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1

    def line_before(self, line: int) -> int:
        """Return where the line before the one that begins at ``line`` begins; -1 when there is none."""
        return -1 if line <= 0 else self.text.rfind("\n", 0, line - 1) + 1

    def after_line(self, at: int, lines: Sequence[str]) -> Patch:
        """Return the patch that puts lines behind the one at ``at``."""
        end = self.line_after(at)
        return end, end, "".join(line + self.newline for line in lines)

    def lines_of(self, start: int, end: int) -> Patch:
        """Return the patch that takes out the lines from ``start`` to ``end``; QC-C121 when they hold more."""
        first = start - column_of(self.text, start)
        if self.text[first:start].strip():
            raise self.refusal("more stands in the same line", start)
        return first, self.line_after(end), ""

    def from_flow(self, start: int, end: int) -> Patch:
        """Return the patch that takes one of several values out of ``[ ]`` or ``{ }``, with one comma."""
        text = self.text
        after = end
        while text[after].isspace():
            after += 1
        if text[after] == ",":
            after += 1
            while text[after] in " \t":
                after += 1
            return start, after, ""
        before = len(text[:start].rstrip())
        return (before - 1, end, "") if text[before - 1] == "," else (start, end, "")

    def lead(self, line: int, above: int) -> int:
        """Return where the comment lines right above a line begin."""
        while (before := self.line_before(line)) >= above and self.text[before:line].lstrip(" ").startswith("#"):
            line = before
        return line


def meant(node: Node) -> Node:
    """Return the node, or the one that an alias names."""
    while isinstance(node, Alias):
        node = node.target
    return node


def name_of(pair: tuple[Node, Node]) -> str:
    """Return the key of a pair."""
    return pair[0].value if isinstance(pair[0], Scalar) else ""


def own_pair(node: Node, key: str) -> tuple[Node, Node] | None:
    """Return the key and value that are written in a mapping itself, not merged into it."""
    if not isinstance(node, Keys):
        return None
    return next((pair for pair in node.pairs if name_of(pair) == key), None)


def _item(node: Node, number: int) -> Node:
    if not isinstance(node, List):
        raise AssertionError("a list was read here")
    return node.items[number]


def _value(node: Node, key: str) -> Node:
    """Return the value of a key as the loader finds it: the mapping's own, else the first merged one."""
    found = own_pair(node, key)
    if found is not None:
        return found[1]
    if isinstance(node, Keys):
        for pair in node.pairs:
            if name_of(pair) == "<<":
                merged = meant(pair[1])
                for each in merged.items if isinstance(merged, List) else [merged]:
                    try:
                        return _value(meant(each), key)
                    except KeyError:
                        continue
    raise KeyError(key)
