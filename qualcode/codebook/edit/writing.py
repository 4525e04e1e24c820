"""Values as YAML: each piece of text in the plainest style that the loader reads back as the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from qualcode.codebook.nodes import Scalar
from qualcode.codebook.query_strings import exact_query, looks_like_a_query

__all__ = ["Query", "block_lines", "flow_value", "folded_lines", "item_lines", "scalar", "shown"]

FOLD_FROM = 100
"""A definition or note that is longer than this is written as a folded block (``>-``)."""


class Query(str):
    """A query of the query language: where it stands, double quotes of YAML would make it an exact phrase."""

    __slots__ = ()


_PLAIN = re.compile(r"[^\W_][^\t\r\n]*|[($£/][^\t\r\n]+")
_OTHER_THAN_TEXT = re.compile(
    r"(?i:~|null|true|false|yes|no|on|off|y|n)|[-+.]?[0-9][0-9_]*([.:eE+-][0-9_.:eE+ TZtz-]*)?|0[xob][0-9a-fA-F_]+"
)
_NOT_PRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_QUOTED = re.compile('\\\\(["\u201c\u201d\u201e\u201f\u00ab\u00bb])')


def scalar(value: object, *, flow: bool, like: str = "") -> str:
    """Return one value on one line: in the style ``like`` when it can be, else plain, else quoted.

    Args:
        value: text, a :class:`Query`, a number or true/false.
        flow: whether it stands in ``[ ]`` or ``{ }``.
        like: the style of the text that it replaces, or of its neighbours.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}"
    text = str(value)
    if isinstance(value, Query):
        phrase = _phrase(text)
        if phrase is not None and like != "'":
            return _double(phrase)
        return text if like != "'" and _can_be_plain(text, flow) else _single(text)
    if like == "'" and text.isprintable():
        return _single(text)
    return text if like != '"' and _can_be_plain(text, flow) else _double(text)


def _can_be_plain(text: str, flow: bool) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and text.isprintable()
        and _OTHER_THAN_TEXT.fullmatch(text) is None
        and ": " not in text
        and " #" not in text
        and not text.endswith((":", " "))
        and not (flow and re.search(r"[,\[\]{}]|:(?=[^\w])", text))
    )


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return _NOT_PRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _phrase(query: str) -> str | None:
    """Return the phrase of which ``query`` is the exact query, if it is one that double quotes can stand for."""
    if len(query) < 3 or query[0] != '"' or query[-1] != '"':
        return None
    phrase = _QUOTED.sub(r"\1", query[1:-1])
    if exact_query(phrase) != query or looks_like_a_query(Scalar(phrase, '"', 0, 0, 1, 1)):
        return None
    return phrase


def flow_value(value: object) -> str:
    """Return a value on one line, lists in ``[ ]`` and mappings in ``{ }``."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {_of_key(key, each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow_value(each) for each in value) + "]"
    return scalar(value, flow=True)


def _of_key(key: str, value: object) -> str:
    if key == "date":
        return str(value)
    if key in {"text", "why", "source", "question", "change"} and isinstance(value, str):
        return scalar(value, flow=True, like='"')
    return flow_value(value)


def _key(key: str) -> str:
    return scalar(key, flow=True)


def folded_lines(text: str, indent: int, width: int = FOLD_FROM) -> list[str]:
    """Return the lines of a folded block under its header, without line ends."""
    lines = wrap(text, max(width - indent, 40), break_long_words=False, break_on_hyphens=False)
    return [" " * indent + line for line in lines]


def block_lines(key: str, value: object, indent: int, offset: int = 2) -> list[str]:
    """Return the lines of ``key: value`` in a block mapping at column ``indent``.

    ``offset`` is how far the dashes of a list stand in from its key.
    """
    head = " " * indent + _key(key) + ":"
    if isinstance(value, Mapping) and any(isinstance(each, list) for each in value.values()) and key == "examples":
        inner = [line for name, each in value.items() for line in block_lines(name, each, indent + 2, offset)]
        return [head, *inner]
    if isinstance(value, list) and key in {"rules", "typical", "atypical", "near_miss", "codes", "changelog"}:
        return [head, *(line for each in value for line in item_lines(each, indent + offset))]
    if isinstance(value, str) and key in {"definition", "notes"} and len(value) > FOLD_FROM:
        return [head + " >-", *folded_lines(value, indent + 2)]
    if isinstance(value, Mapping | list):
        return [f"{head} {flow_value(value)}"]
    return [f"{head} {scalar(value, flow=False)}"]


def item_lines(value: Any, indent: int, like: str = "") -> list[str]:
    """Return the lines of one item of a block list whose dash stands at column ``indent``."""
    dash = " " * indent + "- "
    if isinstance(value, Mapping) and ({"find", "tokens", "id"} & set(value)):
        lines = [line for key, each in value.items() for line in block_lines(key, each, indent + 2)]
        return [dash + lines[0].lstrip(), *lines[1:]]
    if isinstance(value, Mapping | list):
        return [dash + flow_value(value)]
    return [dash + scalar(value, flow=False, like="" if isinstance(value, Query) else like)]


def shown(text: str, most: int = 60) -> str:
    """Return a text in quotation marks for a sentence, cut when it is long."""
    return repr(text if len(text) <= most else text[: most - 1] + "…")
