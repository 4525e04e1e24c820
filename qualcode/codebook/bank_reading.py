"""An example bank's YAML, item by item: every key known, every value of its kind, every problem with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, cast

from qualcode.codebook.findings import Findings, did_you_mean
from qualcode.codebook.nodes import Mapping, Node, Scalar, Sequence, compose
from qualcode.errors import CodebookError, Place

__all__ = ["BankContent", "Item", "read_bank"]

_SCHEMA = "qualcode-examples/1"
_KINDS = ("typical", "atypical", "near_miss")
_TOP = ("schema", "codebook", "hands", "examples", "none")
_FLAGS = {"true": True, "false": False}

_FORMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "hands": (("id", "brief"), ()),
    "examples": (("id", "code", "kind", "text", "hand"), ("also", "denial", "plain")),
    "none": (("id", "sort", "text", "hand"), ()),
}
"""For each list the keys that an item needs, and those that it may have."""


@dataclass(slots=True)
class Item:
    """One line of a list that was found sound: its values by key, as written."""

    line: int
    column: int
    values: dict[str, Node] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """Return a text, ``""`` when the key is not there."""
        node = self.values.get(key)
        return node.value.strip() if isinstance(node, Scalar) else ""

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when the key is not there."""
        node = self.values.get(key)
        items = node.items if isinstance(node, Sequence) else []
        return tuple(each.value.strip() for each in items if isinstance(each, Scalar))

    def flag(self, key: str) -> bool:
        """Return true or false; false when the key is not there."""
        return _FLAGS.get(self.text(key), False)

    @property
    def kind(self) -> Literal["typical", "atypical", "near_miss"]:
        """The kind of an example."""
        return cast(Literal["typical", "atypical", "near_miss"], self.text("kind"))


@dataclass(slots=True)
class BankContent:
    """What a bank's file holds."""

    codebook: str = ""
    hands: list[Item] = field(default_factory=list)
    examples: list[Item] = field(default_factory=list)
    none: list[Item] = field(default_factory=list)


def read_bank(data: bytes, file: str, findings: Findings) -> BankContent:
    """Return what is in a bank's bytes; problems go to ``findings``, and their items are left out.

    Raises:
        CodebookError: QC-C002, QC-C004, QC-C007 for a file that is no YAML text; QC-C130 when it is not a bank.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CodebookError("QC-C002", "this file is not UTF-8 text.", where=file,
                            hint="Save it as UTF-8 in your editor.") from None  # fmt: skip
    root = compose(text, file)
    if not isinstance(root, Mapping):
        hint = f"It begins with schema: {_SCHEMA} and has a list examples:."
        raise CodebookError("QC-C130", "this is not an example bank.", where=Place(file, 1, 1), hint=hint)
    return _Reader(file, findings).read(root)


class _Reader:
    def __init__(self, file: str, findings: Findings) -> None:
        self.file = file
        self.findings = findings

    def read(self, root: Mapping) -> BankContent:
        top = dict(self.pairs(root, _TOP))
        content = BankContent()
        schema = top.get("schema")
        if not isinstance(schema, Scalar) or schema.value.strip() != _SCHEMA:
            self.error("QC-C130", f"an example bank needs schema: {_SCHEMA}", schema or root, "Put it first.")
        book = top.get("codebook")
        if isinstance(book, Scalar) and book.value.strip():
            content.codebook = book.value.strip()
        else:
            self.error("QC-C132", "'codebook' is missing or empty", book or root, "Write the codebook's id.")
        ids: dict[str, int] = {}
        content.hands = list(self.items("hands", top.get("hands"), {}))
        hands = {each.text("id") for each in content.hands}
        texts: dict[str, int] = {}
        for name in ("examples", "none"):
            found: list[Item] = content.examples if name == "examples" else content.none
            for item in self.items(name, top.get(name), ids):
                self.check(item, hands, texts)
                found.append(item)
        return content

    def items(self, name: str, node: Node | None, ids: dict[str, int]) -> Iterator[Item]:
        """Yield the sound items of a list."""
        if node is None or (isinstance(node, Scalar) and not node.value):
            return
        if not isinstance(node, Sequence):
            self.error("QC-C133", f"{name!r} must be a list", node, "Begin each item with a dash.")
            return
        needed, possible = _FORMS[name]
        for each in node.items:
            if not isinstance(each, Mapping):
                self.error("QC-C133", f"an item of {name!r} must have keys", each, f"Keys: {', '.join(needed)}.")
                continue
            item = Item(each.line, each.column, dict(self.pairs(each, needed + possible)))
            if self.is_whole(item, each, needed) and self.is_new("id", item.text("id"), each, ids):
                yield item

    def pairs(self, mapping: Mapping, known: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
        met: set[str] = set()
        for key, value in mapping.pairs:
            name = key.value if isinstance(key, Scalar) else ""
            if name not in known:
                hint = did_you_mean(name, known) or f"Keys: {', '.join(known)}."
                self.error("QC-C131", f"there is no key {name!r} here", key, hint)
            elif name in met:
                self.error("QC-C131", f"the key {name!r} is here for the second time", key, "Keep one of them.")
            else:
                met.add(name)
                yield name, value

    def is_whole(self, item: Item, node: Node, needed: tuple[str, ...]) -> bool:
        sound = True
        for key, value in item.values.items():
            if key == "also":
                right = isinstance(value, Sequence) and all(isinstance(each, Scalar) for each in value.items)
                wanted = "a list of codes in [ ]"
            elif key in {"denial", "plain"}:
                right, wanted = isinstance(value, Scalar) and value.value in _FLAGS, "true or false"
            elif key == "kind":
                right, wanted = isinstance(value, Scalar) and value.value in _KINDS, f"one of {', '.join(_KINDS)}"
            else:
                right, wanted = isinstance(value, Scalar), "text"
            if not right:
                self.error("QC-C133", f"{key!r} must be {wanted}", value, None)
                sound = False
        for key in needed:
            if key not in item.values or (isinstance(item.values[key], Scalar) and not item.text(key)):
                self.error("QC-C132", f"{key!r} is missing or empty", node, "Add it.")
                sound = False
        return sound

    def is_new(self, what: str, value: str, node: Node, met: dict[str, int]) -> bool:
        if value in met:
            message = f"the {what} {value!r} is here for the second time; the first is in line {met[value]}"
            self.error("QC-C135", message, node, "Change or remove one of them.")
            return False
        met[value] = node.line
        return True

    def check(self, item: Item, hands: set[str], texts: dict[str, int]) -> None:
        """Look at what an item says about others: who wrote it, its other codes, its words."""
        node = item.values["text"]
        hand = item.text("hand")
        if hand not in hands:
            hint = did_you_mean(hand, hands) or "Add it, with a line that says what it was asked to write."
            self.error("QC-C134", f"the hand {hand!r} is not among the 'hands'", item.values["hand"], hint)
        if item.text("code") and item.text("code") in item.names("also"):
            message = f"{item.text('code')!r} is its code already"
            self.error("QC-C135", message, item.values["also"], "Leave it out of 'also'.")
        self.is_new("text", " ".join(item.text("text").split()), node, texts)

    def error(self, code: str, message: str, node: Node, hint: str | None) -> None:
        self.findings.error(code, message, Place(self.file, node.line, node.column), hint)
