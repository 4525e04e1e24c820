"""Regular expressions of the query language as compiled google-re2 patterns."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

__all__ = ["compile_regex"]


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
