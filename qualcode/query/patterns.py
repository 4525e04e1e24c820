"""Wildcards and regular expressions of the query language as compiled google-re2 patterns."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

__all__ = ["compile_regex", "compile_wildcard", "wildcard_pieces"]

_PIECE = re.compile(r"\\[*?\\]|.", re.DOTALL)


@lru_cache(maxsize=4096)
def compile_regex(pattern: str) -> Any:
    """Return ``pattern`` compiled by google-re2, case ignored; raises ``re2.error`` when it is not one.

    google-re2 runs in linear time, so no pattern can hang; it knows no backreferences and no look-around.
    """
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(pattern, options)


@lru_cache(maxsize=4096)
def compile_wildcard(pattern: str) -> Any:
    r"""Return a compiled pattern whose ``fullmatch`` on a folded token says whether the wildcard matches it.

    >>> bool(compile_wildcard("lead*").fullmatch("leading")), bool(compile_wildcard("wom?n").fullmatch("womn"))
    (True, False)
    >>> bool(compile_wildcard(r"what\?*").fullmatch("what?!"))
    True
    """
    import re2

    from qualcode.text.fold import fold

    meaning = {"*": "(?s:.*)", "?": "(?s:.)"}
    return re2.compile("".join(meaning.get(piece, re2.escape(piece[-1])) for piece in wildcard_pieces(fold(pattern))))


def wildcard_pieces(pattern: str) -> list[str]:
    r"""Return the wildcard cut into single characters, escaped ones (``\*``, ``\?``, ``\\``) with their backslash."""
    return _PIECE.findall(pattern)
