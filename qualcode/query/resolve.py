"""Single-token patterns against a shard's vocabulary: which types does a word, wildcard or regex mean?"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.query.plan import AnyOf, Leaf
from qualcode.text.shard import Shard

__all__ = ["Resolved", "positions", "resolve", "resolve_types", "rows_of", "wildcard_regex"]

Array = npt.NDArray[Any]

KEPT_ROWS = 20_000
"""Sorted rows of up to so many tokens are kept by a pattern: rules share words."""


@dataclass(slots=True)
class Resolved:
    """A single-token pattern in one shard.

    Attributes:
        types: the types it means, ascending.
        size: how many tokens these have.
        rows: the rows of these tokens, ascending, once somebody asked; kept only while they are few.
    """

    types: Array
    size: int
    rows: Array | None = None


def resolve(shard: Shard, leaf: Leaf | AnyOf) -> Resolved:
    """Return what a single-token pattern means in a shard; remembered by the shard."""
    found: Resolved | None = shard.cache.get(leaf)
    if found is None:
        if isinstance(leaf, AnyOf):
            types = np.unique(np.concatenate([resolve(shard, each).types for each in leaf.leaves]))
        else:
            types = _types(shard, leaf)
        size = int((shard.posting_first[types + 1] - shard.posting_first[types]).sum())
        found = shard.cache[leaf] = Resolved(types, size)
    return found


def resolve_types(shard: Shard, leaf: Leaf | AnyOf) -> Array:
    """Return the types that a single-token pattern means, ascending."""
    return resolve(shard, leaf).types


def rows_of(shard: Shard, found: Resolved) -> Array:
    """Return the rows of all tokens that a resolved pattern means, ascending."""
    if found.rows is not None:
        return found.rows
    rows = positions(shard, found.types)
    if found.size <= KEPT_ROWS:
        found.rows = rows
    return rows


def positions(shard: Shard, types: Array) -> Array:
    """Return the rows of all tokens of these types, ascending."""
    if len(types) == 1:
        return shard.posting(int(types[0]))
    if not len(types):
        return np.empty(0, np.int32)
    rows = np.concatenate([shard.posting(number) for number in types.tolist()])
    rows.sort()
    return rows


def _types(shard: Shard, leaf: Leaf) -> Array:
    table = shard.types
    match leaf.kind:
        case "lemma":
            return table.types_of_lemma(leaf.value)
        case "fold":
            number = table.number_of_form(leaf.value)
            return table.types_of_forms(() if number is None else (number,))
        case "wild":
            prefix = re.match(r"[^*?\\]*", leaf.value)
            start = prefix[0] if prefix else ""
            if leaf.value == start + "*":
                return table.types_of_forms(_with_prefix(shard, start))
            return _by_regex(shard, wildcard_regex(leaf.value), start)
        case "regex":
            return _by_regex(shard, leaf.value, _literal_prefix(leaf.value))


def _with_prefix(shard: Shard, prefix: str) -> range:
    """Return the numbers of the forms that begin so: forms are sorted."""
    forms = shard.types.forms
    first = bisect_left(forms, prefix)
    return range(first, bisect_left(forms, prefix + "\U0010ffff", first))


def _literal_prefix(pattern: str) -> str:
    """Return letters and digits with which every match of a regular expression begins, if that is plain to see."""
    if "|" in pattern or "(?" in pattern:
        return ""
    found = re.match(r"[a-z0-9]*", pattern)
    prefix = found[0] if found else ""
    following = pattern[len(prefix) : len(prefix) + 1]
    return prefix[:-1] if following in {"*", "?", "{"} else prefix


def wildcard_regex(pattern: str) -> str:
    r"""Return the regular expression of a wildcard pattern; ``\*`` and ``\?`` are the characters themselves."""
    pieces: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and at + 1 < len(pattern):
            at += 1
            pieces.append(re.escape(pattern[at]))
        else:
            pieces.append({"*": r"[^\n]*", "?": r"[^\n]"}.get(character) or re.escape(character))
        at += 1
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Any:
    import re2

    return re2.compile(pattern)


def _by_regex(shard: Shard, pattern: str, prefix: str) -> Array:
    """Return the types whose folded form is matched whole by a pattern whose matches begin with ``prefix``.

    The forms that begin so stand together; they are searched in one string, a form a line. A pattern that can cross
    lines, or that names the ends of the text, goes form by form.
    """
    table = shard.types
    reach = _with_prefix(shard, prefix) if prefix else range(len(table.forms))
    if not len(reach):
        return table.types_of_forms(())
    joined, starts = table.form_lines
    base = int(starts[reach[0]])
    lines = joined[base : int(starts[reach[-1] + 1]) - 1] if reach[-1] + 1 < len(starts) else joined[base:]
    found: list[int] = []
    single = not ("\\A" in pattern or "\\z" in pattern)
    for match in _compiled(f"(?im)^(?:{pattern})$").finditer(lines) if single else ():
        first, end = match.span()
        number = int(np.searchsorted(starts, base + first, side="right")) - 1
        if base + first != starts[number] or lines.find(b"\n", first, end) >= 0:
            single = False
            break
        found.append(number)
    if not single:
        whole = _compiled(f"(?i){pattern}")
        found = [number for number in reach if whole.fullmatch(table.forms[number])]
    return table.types_of_forms(found)
