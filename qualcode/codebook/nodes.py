"""A YAML text as a tree of nodes that know where they stand, read by PyYAML's C parser without making any object.

The tree is built here, not by PyYAML's composer, because that one recurses in C: a file of opening brackets
would end the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from qualcode.codebook.findings import as_sentence
from qualcode.errors import CodebookError, Place, Problem

__all__ = ["MAX_DEPTH", "Mapping", "Node", "Scalar", "Sequence", "compose", "position_in_text"]

MAX_DEPTH = 50
"""How deeply lists and mappings may lie in one another."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One piece of text. ``style`` is ``""`` (plain), ``"'"``, ``'"'``, ``"|"`` or ``">"``.

    ``start`` and ``end`` are code points in the file's text; ``line`` and ``column`` count from 1.
    """

    value: str
    style: str
    start: int
    end: int
    line: int
    column: int


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: list[Node]
    line: int
    column: int


@dataclass(slots=True)
class Mapping:
    """Keys with their values, in order, as written (repeated keys and merges still in it)."""

    pairs: list[tuple[Node, Node]]
    line: int
    column: int


Node: TypeAlias = Scalar | Sequence | Mapping

_ALLOWED_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map"))

_PLAIN_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a colon followed by a space stands in text without quotes, or a line is indented too far",
        "Put the whole text in single quotes.",
    ),
    ("found undefined alias", "a text that begins with * has no quotes", "Put the whole text in single quotes."),
    (
        "did not find expected alphabetic or numeric character",
        "a text that begins with * or & has no quotes",
        "Put the whole text in single quotes.",
    ),
    (
        "found unexpected end of stream",
        "a quotation mark is never closed",
        "Add the closing quotation mark, or quote the text with the other kind.",
    ),
    ("did not find expected ',' or ']'", "a list in [ ] is not closed, or a comma is missing", "Check the line above."),
    (
        "did not find expected ',' or '}'",
        "a mapping in { } is not closed, or a comma is missing",
        "Check the line above.",
    ),
    (
        "found unknown escape character",
        "a backslash in double quotes begins something that YAML does not know",
        "Use single quotes: backslashes are themselves there.",
    ),
    (
        "but found another document",
        "a line --- begins a second document",
        "A codebook is one document: remove the line.",
    ),
    (
        "did not find expected comment or line break",
        "a text that begins with | or > has no quotes",
        "Put the whole text in single quotes.",
    ),
    (
        "did not find expected '-' indicator",
        "this line does not go on with the list above it",
        "Check the indentation and the quotes of this line and the one above.",
    ),
    (
        "did not find expected key",
        "this line does not go on with the keys above it",
        "Check the indentation and the quotes of this line and the one above.",
    ),
    ("could not find expected ':'", "a line has no colon after its key", "Check this line and the one above."),
)

_QUOTED_AND_MORE = re.compile(
    r"""\s*(?:-\s+)?(?:[\w-]+:\s+)?(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*')\s*[^\s,#\]}'"]""",
)


def compose(text: str, file: str) -> Node | None:
    """Return the tree of a YAML text; ``None`` when it holds nothing but blanks and comments.

    Raises:
        CodebookError: QC-C004 for a text that is not YAML; QC-C007 for tags, for an alias inside what it
            names, and for nesting deeper than :data:`MAX_DEPTH`.
    """
    import yaml

    try:
        return _tree(yaml.parse(text, Loader=yaml.CSafeLoader), file)
    except yaml.reader.ReaderError as error:
        at = int(error.position)
        line = text.count("\n", 0, at) + 1
        column = at - (text.rfind("\n", 0, at) + 1) + 1
        char = f"U+{ord(text[at]):04X}" if at < len(text) else "a character"
        message = f"the control character {char} is not allowed in YAML"
        raise _refusal(file, "QC-C004", message, line, column, "Remove it.") from None
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text, file) from None


def _tree(events: Iterator[Any], file: str) -> Node | None:
    root: Node | None = None
    anchors: dict[str, Node] = {}
    # What is open: the container, its anchor, and the key that waits for its value.
    open_nodes: list[Sequence | Mapping] = []
    waiting: list[Node | None] = []
    documents = 0
    for event in events:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            documents += 1
            if documents > 1:
                line, column = _line_and_column(event)
                message = "a line --- begins a second document"
                raise _refusal(file, "QC-C004", message, line, column, "A codebook is one document: remove the line.")
        if kind in {"SequenceEndEvent", "MappingEndEvent"}:
            open_nodes.pop()
            waiting.pop()
            continue
        if kind not in {"ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent"}:
            continue
        node = _alias(event, anchors, open_nodes, file) if kind == "AliasEvent" else _node(event, kind, file)
        if kind != "AliasEvent" and event.anchor is not None:
            anchors[event.anchor] = node
        if not open_nodes:
            root = node
        else:
            parent = open_nodes[-1]
            if isinstance(parent, Sequence):
                parent.items.append(node)
            elif waiting[-1] is None:
                waiting[-1] = node
            else:
                parent.pairs.append((waiting[-1], node))
                waiting[-1] = None
        if kind in {"SequenceStartEvent", "MappingStartEvent"} and not isinstance(node, Scalar):
            if len(open_nodes) >= MAX_DEPTH:
                message = f"lists and mappings lie more than {MAX_DEPTH} deep in one another"
                raise _refusal(file, "QC-C007", message, node.line, node.column, "Check the brackets and indentation.")
            open_nodes.append(node)
            waiting.append(None)
    if isinstance(root, Scalar) and root.value == "" and root.style == "":
        return None
    return root


def _node(event: Any, kind: str, file: str) -> Node:
    line, column = _line_and_column(event)
    if event.tag is not None and event.tag not in _ALLOWED_TAGS and event.tag != "!":
        message = f"the YAML tag {event.tag!r} is not allowed: a codebook holds only text, lists and mappings"
        raise _refusal(file, "QC-C007", message, line, column, "Remove it; quote a text that begins with !.")
    if kind == "ScalarEvent":
        style = event.style or ""
        return Scalar(event.value, style, event.start_mark.index, event.end_mark.index, line, column)
    return Sequence([], line, column) if kind == "SequenceStartEvent" else Mapping([], line, column)


def _alias(event: Any, anchors: dict[str, Node], open_nodes: list[Sequence | Mapping], file: str) -> Node:
    line, column = _line_and_column(event)
    node = anchors.get(event.anchor)
    if node is None:
        message = f"*{event.anchor} names no anchor above it; a text that begins with * needs quotes"
        raise _refusal(file, "QC-C004", message, line, column, "Put the whole text in single quotes.")
    if any(node is each for each in open_nodes):
        message = f"*{event.anchor} stands inside what it names"
        raise _refusal(file, "QC-C007", message, line, column, "Write the content out instead.")
    return node


def _line_and_column(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _syntax(error: Any, text: str, file: str) -> CodebookError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    told = error.problem or str(error)
    written = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    if told == "found unexpected end of stream" and error.context_mark is not None:
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
    message, hint = f"this is not YAML: {told}", "Check the indentation and the quotes of this line and the one above."
    if "cannot start any token" in told:
        char = written[column - 1 : column]
        if char == "\t":
            message, hint = "a tab is used for indentation", "YAML is indented with spaces: replace the tab."
        else:
            message, hint = f"a text that begins with {char} has no quotes", "Put the whole text in single quotes."
    elif found := _QUOTED_AND_MORE.match(written):
        column = found.end()
        message = "a quoted text is followed by something more"
        hint = """Put the whole in single quotes: - '"on board" | "signed up"' (and double each ' inside it)."""
    else:
        for sign, plain, remedy in _PLAIN_WORDS:
            if sign in told:
                message, hint = plain, remedy
                break
    return _refusal(file, "QC-C004", message, line, column, hint)


def _refusal(file: str, code: str, message: str, line: int, column: int, hint: str) -> CodebookError:
    problem = Problem(code, as_sentence(message, hint), Place(file, line, column), hint)
    return CodebookError("QC-C000", "this file cannot be read as YAML:", where=file, problems=[problem])


_DOUBLE_ESCAPE = re.compile(r"\\(x..|u....|U.{8}|\r?\n[ \t]*|.)", re.DOTALL)


def position_in_text(node: Scalar, text: str, index: int) -> int:
    """Return where in the file's text the character ``index`` of a scalar's value stands.

    Escapes, doubled single quotes, folded lines and the indentation of blocks are stepped over. An index at or
    beyond the end gives the place after the last character.
    """
    at, end = node.start, node.end
    if node.style in {"|", ">"}:
        at = text.find("\n", at, end) + 1 or end
    elif node.style:
        at, end = at + 1, end - 1
    for char in node.value[:index]:
        at = _step(node.style, text, at, end, char)
    if index < len(node.value) and not node.value[index].isspace():
        at = _skip_blanks(text, at, end)
    return min(at, end)


def _step(style: str, text: str, at: int, end: int, char: str) -> int:
    if char.isspace() and not (style == '"' and text[at : at + 1] == "\\"):
        # One blank of the value may be a line break with indentation in the file, or none at all.
        return at + 1 if at < end and text[at].isspace() else at
    at = _skip_blanks(text, at, end)
    if style == "'" and text.startswith("''", at):
        return at + 2
    if style == '"' and (found := _DOUBLE_ESCAPE.match(text, at)):
        return found.end()
    return at + 1


def _skip_blanks(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at
