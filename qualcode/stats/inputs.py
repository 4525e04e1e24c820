"""What callers may hand to the measures, checked once: matrices of 0 and 1, counts, shares, named choices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from qualcode.errors import StatisticsError

__all__ = [
    "BoolArray",
    "FloatArray",
    "IntArray",
    "at_least",
    "between",
    "chosen",
    "counts",
    "numbers",
    "read_only",
    "same_length",
    "zero_one",
]

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

_SHAPES = {1: "a list of numbers", 2: "rows and columns of numbers"}


def numbers(values: Any, what: str, *, dimensions: int = 1, missing: bool = False) -> FloatArray:
    """Return ``values`` as floats, with nan for None where ``missing`` is allowed.

    Raises:
        StatisticsError: QC-N060 when they are not numbers, not finite or of another shape.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(())
    if array.ndim != dimensions and not (array.size == 0 and array.ndim == 1):
        raise StatisticsError("QC-N060", f"{what} must be {_SHAPES[dimensions]}",
                              hint="Pass a numpy array or nested lists, all rows of one length.")  # fmt: skip
    if array.ndim != dimensions:
        array = array.reshape((0,) * dimensions)
    if np.isinf(array).any() or (not missing and np.isnan(array).any()):
        raise StatisticsError("QC-N060", f"{what} must be finite numbers",
                              hint="Drop the rows with missing or infinite values first.")  # fmt: skip
    return array


def zero_one(values: Any, what: str) -> BoolArray:
    """Return a matrix of 0 and 1 as booleans.

    Raises:
        StatisticsError: QC-N060 for another shape, QC-N061 for other values than 0 and 1.
    """
    array = numbers(values, what, dimensions=2)
    if not ((array == 0) | (array == 1)).all():
        raise StatisticsError("QC-N061", f"{what} may hold 0 and 1 only",
                              hint="If these are counts, pass `counts > 0`.")  # fmt: skip
    return array.astype(np.bool_)


def counts(values: Any, what: str, *, dimensions: int = 1) -> FloatArray:
    """Return whole numbers from 0 up, as floats.

    Raises:
        StatisticsError: QC-N060 for another shape, QC-N064 for negative or broken numbers.
    """
    array = numbers(values, what, dimensions=dimensions)
    if (array < 0).any() or (array != np.floor(array)).any():
        raise StatisticsError("QC-N064", f"{what} must be counts: whole numbers from 0 up",
                              hint="Pass how often each thing occurs, not shares or differences.")  # fmt: skip
    return array


def same_length(what: str, first: int, other: str, second: int) -> None:
    """Raise QC-N062 unless two inputs that belong row by row are equally long."""
    if first != second:
        raise StatisticsError("QC-N062", f"{what} has {first} rows, but {other} has {second}",
                              hint="Pass one value for each row, in the same order.")  # fmt: skip


def between(value: float, what: str, low: float, high: float, *, ends: bool = False) -> float:
    """Return a number that lies between two others, the ends allowed or not.

    Raises:
        StatisticsError: QC-N063 when it does not.
    """
    if not (low <= value <= high if ends else low < value < high):
        raise StatisticsError("QC-N063", f"{what} must lie between {low:g} and {high:g}, not {value!r}",
                              hint="Shares are written as 0.95, not 95.")  # fmt: skip
    return float(value)


def at_least(value: int, what: str, low: int) -> int:
    """Return a whole number that is not below ``low``.

    Raises:
        StatisticsError: QC-N063 when it is below, or is not whole.
    """
    if isinstance(value, bool) or value != int(value) or value < low:
        raise StatisticsError("QC-N063", f"{what} must be a whole number from {low} up, not {value!r}",
                              hint=f"Give {low} or more.")  # fmt: skip
    return int(value)


def chosen(value: str, what: str, choices: Iterable[str]) -> str:
    """Return ``value`` when it is among the choices.

    Raises:
        StatisticsError: QC-N065 otherwise; the choices are listed.
    """
    known = tuple(choices)
    if value not in known:
        raise StatisticsError("QC-N065", f"there is no {what} {value!r}", hint=f"Choose from: {', '.join(known)}.")
    return value


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array with writing switched off, for results that are values."""
    array.flags.writeable = False
    return array
