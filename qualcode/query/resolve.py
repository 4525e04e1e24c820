"""Single-token patterns against a shard's vocabulary: which types does a word, wildcard or regex mean?"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.query.plan import AnyOf, Leaf
from qualcode.text.shard import Shard

__all__ = ["positions", "resolve_types", "wildcard_regex"]

Array = npt.NDArray[Any]


def resolve_types(shard: Shard, leaf: Leaf | AnyOf) -> Array:
    """Return the types that a single-token pattern means, ascending; remembered by the shard."""
    found = shard.cache.get(leaf)
    if found is None:
        if isinstance(leaf, AnyOf):
            found = np.unique(np.concatenate([resolve_types(shard, each) for each in leaf.leaves]))
        else:
            found = np.asarray(sorted(set(_types(shard, leaf))), np.int64)
        shard.cache[leaf] = found
    return np.asarray(found)


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
            return table.types_of_forms(table.forms_by_lemma.get(leaf.value, ()))
        case "fold":
            number = table.number_of_form.get(leaf.value)
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

    With a prefix only the forms that begin so are tried. Without one, all forms are searched in one string, a form a
    line; a pattern that can cross lines, or that names the ends of the text, goes form by form.
    """
    table = shard.types
    whole = _compiled(f"(?i){pattern}")
    if prefix:
        return table.types_of_forms([n for n in _with_prefix(shard, prefix) if whole.fullmatch(table.forms[n])])
    by_form = [r"\A", r"\z"]
    joined, starts = _joined_bytes(shard)
    found: list[int] = []
    for match in () if any(each in pattern for each in by_form) else _compiled(f"(?im)^(?:{pattern})$").finditer(joined):
        first, end = match.span()
        number = int(np.searchsorted(starts, first, side="right")) - 1
        if first != starts[number] or joined.find(b"\n", first, end) >= 0:
            by_form = [pattern]
            break
        found.append(number)
    if any(each in pattern for each in by_form):
        found = [number for number, form in enumerate(table.forms) if whole.fullmatch(form)]
    return table.types_of_forms(found)


def _joined_bytes(shard: Shard) -> tuple[bytes, Array]:
    kept = shard.cache.get("joined forms")
    if kept is None:
        raw = [form.encode("utf-8", "surrogatepass") for form in shard.types.forms]
        sizes = np.fromiter((len(each) + 1 for each in raw), np.int64, len(raw))
        kept = shard.cache["joined forms"] = (b"\n".join(raw), np.cumsum(sizes) - sizes)
    return kept  # type: ignore[no-any-return]  # the cache holds values of many kinds
