"""What coders warn of, kept: for the person at the terminal, and for the record of a run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from qualcode.coding.base import CoderWarning

__all__ = ["figures_of", "kept_warnings"]


@contextmanager
def kept_warnings(*, again: bool = True) -> Iterator[list[UserWarning]]:
    """Yield a list that holds, when the block ends, each ``UserWarning`` that was given in it.

    With ``again`` they are given again then, so that whoever called hears of them too. Where the block fails, its
    error is what is told: no filter makes another one of a warning. Other warnings are for those who write programs;
    they are treated as always.
    """
    kept: list[UserWarning] = []
    caught: list[warnings.WarningMessage] = []
    failed = True
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            yield kept
        failed = False
    finally:
        kept += [each.message for each in caught if isinstance(each.message, UserWarning)]
        for each in caught:
            if again or not isinstance(each.message, UserWarning):
                with suppress(Warning) if failed else nullcontext():
                    warnings.warn_explicit(each.message, each.category, each.filename, each.lineno, source=each.source)


def figures_of(warning: UserWarning) -> dict[str, Any]:
    """Return what a run's record keeps of a warning: its kind and its figures; its words where it has no figures.

    The words of a warning with figures are not kept: they may repeat what a server said.
    """
    kind = type(warning).__name__
    if isinstance(warning, CoderWarning) and warning.counts:
        return {"kind": kind, **warning.counts}
    return {"kind": kind, "message": str(warning)}
