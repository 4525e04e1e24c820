"""Dispersion: is a code or a word spread over the transcripts, or does it sit in few of them? And the Gini coefficient.

``counts`` holds how often the thing occurs in each part (transcript), ``sizes`` how large each part is (words, units).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.inputs import FloatArray, counts, numbers, same_length

__all__ = ["Dispersion", "Gini", "deviation_of_proportions", "dispersion", "gini"]


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How evenly something is spread over parts of a corpus.

    Attributes:
        frequency: occurrences in all.
        parts: parts that are not empty.
        parts_with: parts in which it occurs.
        dp: Gries's deviation of proportions, 0 (as the parts' sizes) to nearly 1 (in the smallest part only).
        dp_norm: DP divided by its largest possible value, 1 minus the smallest part's share.
        juilland_d: 1 (even) to 0; made for parts of equal size.
        carroll_d2: 1 (even) to 0.
        rosengren_s: 1 (even) down to the smallest part's share.
    """

    frequency: int
    parts: int
    parts_with: int
    dp: float | None
    dp_norm: float | None
    juilland_d: float | None
    carroll_d2: float | None
    rosengren_s: float | None
    status: str
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gini:
    """How unequally something is shared: 0 when all have the same, ``maximum`` = (n-1)/n when one has everything."""

    value: float | None
    n: int
    maximum: float | None
    status: str
    reason: str


def dispersion(counts_by_part: Any, sizes: Any) -> Dispersion:
    """Return the measures of dispersion of one code or word (Gries 2008, IJCL 13(4)).

    With v_i the share of occurrences in part i, s_i the part's share of the corpus, p_i the count divided by the size:
    DP = ½ Σ|v_i - s_i|; DP_norm = DP / (1 - min s) (Lijffijt & Gries 2012); Juilland's D = 1 - (sd(p)/mean(p)) / √(n-1)
    with the population sd; Carroll's D2 = entropy of p_i/Σp over log n; Rosengren's S = (Σ √(s_i v_i))².
    Empty parts are left out and noted. No occurrence, or fewer than two parts: ``undefined``.

    Raises:
        StatisticsError: QC-N060, QC-N062, QC-N064 for unsound counts or sizes; QC-N069 for occurrences in a part of
            size 0.
    """
    found, size = _parts(counts_by_part, sizes)
    filled = size > 0
    dropped = int((~filled).sum())
    found, size = found[filled], size[filled]
    frequency, parts, parts_with = int(found.sum()), len(size), int((found > 0).sum())
    notes = (f"empty parts left out: {dropped}",) if dropped else ()
    if not frequency or parts < 2:
        reason = "it does not occur" if parts >= 2 else "dispersion needs at least two parts that are not empty"
        return Dispersion(frequency, parts, parts_with, None, None, None, None, None, "undefined", reason, notes)
    s, v, p = size / size.sum(), found / frequency, found / size
    dp = float(np.abs(v - s).sum()) / 2
    q = p[p > 0] / p.sum()
    return Dispersion(
        frequency=frequency,
        parts=parts,
        parts_with=parts_with,
        dp=dp,
        dp_norm=dp / (1 - float(s.min())),
        juilland_d=1 - float(p.std() / p.mean()) / math.sqrt(parts - 1),
        carroll_d2=max(-float((q * np.log(q)).sum()), 0.0) / math.log(parts),
        rosengren_s=float(np.sqrt(s * v).sum()) ** 2,
        status="ok",
        reason="",
        notes=notes,
    )


def deviation_of_proportions(counts_by_part: Any, sizes: Any) -> FloatArray:
    """Return Gries's DP of every column of a parts × types matrix (dense or sparse); nan for types that do not occur.

    Raises:
        StatisticsError: QC-N062 for lengths that differ, QC-N069 when the parts are empty altogether.
    """
    from scipy.sparse import csr_array

    table = csr_array(counts_by_part)
    size = numbers(sizes, "the sizes of the parts")
    same_length("the table of counts", table.shape[0], "the list of sizes", len(size))
    total = np.asarray(table.sum(axis=0), dtype=np.float64).ravel()
    if not size.sum():
        raise StatisticsError("QC-N069", "all parts are empty", hint="Pass the number of words or units of each part.")
    s = size / size.sum()
    cells = table.tocoo()
    rows, columns = cells.row, cells.col
    # A part without the type adds its own share s; only filled cells differ from that.
    change = np.abs(cells.data / total[columns] - s[rows]) - s[rows] if cells.nnz else np.zeros(0)
    filled = np.bincount(columns, weights=change, minlength=table.shape[1])
    return np.where(total > 0, np.maximum(1 + filled, 0) / 2, np.nan)


def gini(values: Any) -> Gini:
    """Return the Gini coefficient, Σ(2i-n-1)x_i / (n Σx) over the values in ascending order.

    For participation: one value a person, in words or turns (say which), silent people as 0, the moderator apart.
    No values, or only zeros: ``undefined``.

    Raises:
        StatisticsError: QC-N060 unless the values are numbers, QC-N064 for negative ones.
    """
    x = np.sort(numbers(values, "the values"))
    if (x < 0).any():
        raise StatisticsError("QC-N064", "the Gini coefficient is for amounts from 0 up; there are negative values",
                              hint="Pass words, turns or minutes for each person.")  # fmt: skip
    n, total = len(x), float(x.sum())
    if not total:
        return Gini(None, n, None, "undefined", "there are no values" if not n else "all values are 0")
    value = float(((2 * np.arange(1, n + 1) - n - 1) * (x / total)).sum()) / n
    return Gini(max(value, 0.0), n, (n - 1) / n, "ok", "")


def _parts(counts_by_part: Any, sizes: Any) -> tuple[FloatArray, FloatArray]:
    found, size = counts(counts_by_part, "the counts by part"), numbers(sizes, "the sizes of the parts")
    same_length("the list of counts", len(found), "the list of sizes", len(size))
    if (size < 0).any():
        raise StatisticsError(
            "QC-N064", "the size of a part cannot be negative", hint="Pass its number of words or units."
        )
    if (found[size == 0] > 0).any():
        raise StatisticsError("QC-N069", "something occurs in a part of size 0",
                              hint="Count sizes and occurrences on the same text.")  # fmt: skip
    return found, size
