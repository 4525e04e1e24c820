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
            found = np.asarray(sorted(_types(shard, leaf)), np.int64)
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


def _types(shard: Shard, leaf: Leaf) -> list[int]:
    table = shard.types
    match leaf.kind:
        case "lemma":
            return table.by_lemma.get(leaf.value, [])
        case "fold":
            return table.by_fold.get(leaf.value, [])
        case "wild":
            prefix = leaf.value[:-1]
            if leaf.value.endswith("*") and not set(prefix) & set("*?\\"):
                return _by_prefix(shard, prefix)
            return _by_regex(shard, wildcard_regex(leaf.value))
        case "regex":
            return _by_regex(shard, leaf.value)


def _by_prefix(shard: Shard, prefix: str) -> list[int]:
    forms = shard.cache.get("sorted forms")
    if forms is None:
        forms = shard.cache["sorted forms"] = sorted(shard.types.by_fold)
    found: list[int] = []
    for at in range(bisect_left(forms, prefix), len(forms)):
        if not forms[at].startswith(prefix):
            break
        found.extend(shard.types.by_fold[forms[at]])
    return found


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


def _by_regex(shard: Shard, pattern: str) -> list[int]:
    """All folded forms are searched in one string, a form a line; a pattern that can cross lines goes form by form."""
    joined, starts, forms = _joined_bytes(shard)
    table = shard.types.by_fold
    found: list[int] = []
    for match in _compiled(f"(?im)^(?:{pattern})$").finditer(joined):
        first, end = match.span()
        number = int(np.searchsorted(starts, first, side="right")) - 1
        if end - first != len(forms[number].encode("utf-8", "surrogatepass")) or joined.find(b"\n", first, end) >= 0:
            whole = _compiled(f"(?i){pattern}")
            return [each for form in forms if whole.fullmatch(form) for each in table[form]]
        found.extend(table[forms[number]])
    return found


def _joined_bytes(shard: Shard) -> tuple[bytes, Array, tuple[str, ...]]:
    kept = shard.cache.get("joined forms")
    if kept is None:
        forms = tuple(shard.types.by_fold)
        raw = [form.encode("utf-8", "surrogatepass") for form in forms]
        sizes = np.fromiter((len(each) + 1 for each in raw), np.int64, len(raw))
        kept = shard.cache["joined forms"] = (b"\n".join(raw), np.cumsum(sizes) - sizes, forms)
    return kept  # type: ignore[no-any-return]  # the cache holds values of many kinds
