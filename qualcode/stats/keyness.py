"""Keyness: words that one group of transcripts uses more than another, with how much more and how widely spread.

The likelihood ratio G² says whether there is evidence, and grows with the corpus; the log ratio says how large the
difference is; dispersion and an interval from resampled transcripts say whether it is more than one talkative person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.errors import StatisticsError
from qualcode.stats.dispersion import deviation_of_proportions
from qualcode.stats.inputs import FloatArray, IntArray, at_least, between, chosen, read_only, same_length

__all__ = ["G2_FORMS", "Keyness", "g2", "keyness", "log_ratio"]

G2_FORMS = ("two-cell", "four-cell")
_BLOCK = 512


@dataclass(frozen=True, slots=True, eq=False)
class Keyness:
    """Keyness of every type; arrays run parallel to ``types``, nan where a type occurs in neither group.

    Attributes:
        target_counts: occurrences in the target group.
        reference_counts: occurrences in the other group.
        target_size: tokens of the target group.
        reference_size: tokens of the other.
        g2: log-likelihood, never negative; ``log_ratio`` gives the direction.
        p_value: of G², chi-square with 1 degree of freedom; it takes tokens as independent, which they are not.
        log_ratio: binary log of the ratio of relative frequencies: 1 is twice as frequent in the target.
        low: lower end of the bootstrap interval of the log ratio.
        high: upper end.
        target_documents: documents of the target group with the type.
        reference_documents: likewise.
        target_dp: Gries's DP over the documents of the target group.
        reference_dp: likewise.
        form: ``two-cell`` (Rayson & Garside 2000) or ``four-cell`` (Dunning 1993).
        zero: what stands for a frequency of 0 in the log ratio.
        interval_status: ``undefined`` when a group has fewer than two documents that are not empty.
    """

    types: tuple[str, ...]
    target_counts: IntArray
    reference_counts: IntArray
    target_size: int
    reference_size: int
    g2: FloatArray
    p_value: FloatArray
    log_ratio: FloatArray
    low: FloatArray
    high: FloatArray
    target_documents: IntArray
    reference_documents: IntArray
    target_dp: FloatArray
    reference_dp: FloatArray
    n_target_documents: int
    n_reference_documents: int
    form: str
    zero: float
    confidence: float
    replicates: int
    seed: int
    status: str
    reason: str
    interval_status: str
    interval_reason: str
    notes: tuple[str, ...]

    def ranked(self) -> IntArray:
        """Return the positions of the types, the highest G² first (ties in the order of the types)."""
        order: IntArray = np.argsort(-np.nan_to_num(self.g2, nan=-1.0), kind="stable")
        return order


def g2(target: Any, reference: Any, target_size: float, reference_size: float, *, form: str = "two-cell") -> FloatArray:
    """Return the log-likelihood ratio of counts in two groups, elementwise.

    2 Σ O ln(O/E), with O ln O = 0 at 0. ``two-cell`` sums over the two counts of the word (Rayson & Garside 2000),
    ``four-cell`` also over all other words (Dunning 1993). nan where a word is in neither group, or a group is empty.

    Raises:
        StatisticsError: QC-N065 for another form, QC-N068 when a count is negative or above the size of its group.
    """
    chosen(form, "form of G2", G2_FORMS)
    a, b = _counts_of(target, target_size), _counts_of(reference, reference_size)
    size = target_size + reference_size
    if not (target_size and reference_size):
        return np.full(np.broadcast_shapes(a.shape, b.shape), np.nan)
    expected_a, expected_b = (a + b) * (target_size / size), (a + b) * (reference_size / size)
    total = _term(a, expected_a) + _term(b, expected_b)
    if form == "four-cell":
        rest = _term(target_size - a, target_size - expected_a) + _term(reference_size - b, reference_size - expected_b)
        total = total + rest
    # Rounding can leave -1e-16 where both groups use a word alike.
    return np.where(a + b > 0, 2 * np.maximum(total, 0), np.nan)


def log_ratio(
    target: Any, reference: Any, target_size: float, reference_size: float, *, zero: float = 0.5
) -> FloatArray:
    """Return log2 of (target / its size) / (reference / its size), elementwise (Hardie 2014).

    A count of 0 is taken as ``zero``; counts above 0 are left as they are. nan where a word is in neither group, or a
    group is empty.

    Raises:
        StatisticsError: QC-N063 unless ``zero`` lies between 0 and 1 (1 included), QC-N068 as in :func:`g2`.
    """
    _zero(zero)
    a, b = _counts_of(target, target_size), _counts_of(reference, reference_size)
    if not (target_size and reference_size):
        return np.full(np.broadcast_shapes(a.shape, b.shape), np.nan)
    ratio = np.log2(np.where(a > 0, a, zero) / target_size) - np.log2(np.where(b > 0, b, zero) / reference_size)
    return np.where(a + b > 0, ratio, np.nan)


def keyness(
    target: Any,
    reference: Any,
    *,
    types: Sequence[str] | None = None,
    target_sizes: Any = None,
    reference_sizes: Any = None,
    form: str = "two-cell",
    zero: float = 0.5,
    confidence: float = 0.95,
    replicates: int = 2_000,
    seed: int = 0,
) -> Keyness:
    """Return the keyness of all types from two matrices documents × types of counts (numpy or scipy sparse).

    The interval of the log ratio is the percentile interval over ``replicates`` bootstrap samples, in which whole
    documents are drawn with replacement within each group: words of one transcript depend on each other. With few
    transcripts such intervals are somewhat too narrow.

    Args:
        types: names of the columns; their numbers if not given.
        target_sizes: tokens of each document; the row sums if not given. Needed when columns were left out.
        reference_sizes: likewise.

    Raises:
        StatisticsError: QC-N062 when shapes do not fit, QC-N063 for confidence, zero or replicates out of range,
            QC-N064 for negative counts, QC-N065 for an unknown form, QC-N068 for sizes below the counted words.
    """
    chosen(form, "form of G2", G2_FORMS)
    _zero(zero)
    confidence = between(confidence, "the confidence", 0, 1)
    replicates = at_least(replicates, "the number of replicates", 100)
    here, size_here = _documents(target, target_sizes, "target")
    there, size_there = _documents(reference, reference_sizes, "reference")
    if here.shape[1] != there.shape[1]:
        raise StatisticsError("QC-N062", f"the target has {here.shape[1]} types, the reference {there.shape[1]}",
                              hint="Count both groups against one list of types.")  # fmt: skip
    n_types = here.shape[1]
    names = tuple(types) if types is not None else tuple(str(number) for number in range(n_types))
    same_length("the list of types", len(names), "the matrix (its columns)", n_types)
    n, m = float(size_here.sum()), float(size_there.sum())
    a, b = (np.asarray(table.sum(axis=0), dtype=np.float64).ravel() for table in (here, there))
    reason = "" if n and m else f"the {'target' if not n else 'reference'} group has no words"
    few = [name for name, sizes in (("target", size_here), ("reference", size_there)) if (sizes > 0).sum() < 2]
    why = reason or (f"the {few[0]} group has fewer than two documents to resample" if few else "")
    low = high = np.full(n_types, np.nan)
    if not why:
        low, high = _intervals(here, size_here, there, size_there, zero, confidence, replicates, seed)
    score = g2(a, b, n, m, form=form)
    return Keyness(
        types=names,
        target_counts=read_only(a.astype(np.int64)),
        reference_counts=read_only(b.astype(np.int64)),
        target_size=int(n),
        reference_size=int(m),
        g2=read_only(score),
        p_value=read_only(_p_values(score)),
        log_ratio=read_only(log_ratio(a, b, n, m, zero=zero)),
        low=read_only(low),
        high=read_only(high),
        target_documents=read_only(_in_documents(here)),
        reference_documents=read_only(_in_documents(there)),
        target_dp=read_only(deviation_of_proportions(here, size_here) if n else np.full(n_types, np.nan)),
        reference_dp=read_only(deviation_of_proportions(there, size_there) if m else np.full(n_types, np.nan)),
        n_target_documents=here.shape[0],
        n_reference_documents=there.shape[0],
        form=form,
        zero=zero,
        confidence=confidence,
        replicates=replicates,
        seed=seed,
        status="undefined" if reason else "ok",
        reason=reason,
        interval_status="undefined" if why else "ok",
        interval_reason=why,
        notes=(
            f"G2 is the {form} form; its p-value takes words as independent, so judge by log ratio and dispersion.",
            f"A frequency of 0 counts as {zero:g} in the log ratio.",
        ),
    )


def _intervals(
    here: Any, size_here: FloatArray, there: Any, size_there: FloatArray,
    zero: float, confidence: float, replicates: int, seed: int,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Return percentile intervals of the log ratio over documents drawn with replacement within each group."""
    rng = np.random.default_rng(seed)
    groups = []
    for table, sizes in ((here, size_here), (there, size_there)):
        filled = sizes > 0
        sizes, table = sizes[filled], table[filled]
        drawn = rng.multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), size=replicates).astype(np.float64)
        groups.append((table.tocsc(), drawn, drawn @ sizes))
    tails = [50 * (1 - confidence), 50 * (1 + confidence)]
    low, high = np.full(here.shape[1], np.nan), np.full(here.shape[1], np.nan)
    for start in range(0, here.shape[1], _BLOCK):
        block = slice(start, min(start + _BLOCK, here.shape[1]))
        logs = []
        occurs = np.zeros(block.stop - block.start, dtype=np.bool_)
        for table, drawn, sizes in groups:
            part = table[:, block].toarray()
            occurs |= part.any(axis=0)
            found = drawn @ part
            found[found == 0] = zero
            logs.append(np.log2(found / sizes[:, None]))
        bounds = np.percentile(logs[0] - logs[1], tails, axis=0)
        low[block], high[block] = np.where(occurs, bounds, np.nan)
    return low, high


def _documents(table: Any, sizes: Any, name: str) -> tuple[Any, FloatArray]:
    from scipy.sparse import csr_array, issparse

    if not issparse(table) and np.ndim(table) != 2:
        raise StatisticsError("QC-N060", f"the {name} group must be documents × types",
                              hint="Pass a matrix of counts with one row for each document.")  # fmt: skip
    found = csr_array(table).astype(np.float64)
    if found.nnz and (not np.isfinite(found.data).all() or (found.data < 0).any() or (found.data % 1).any()):
        raise StatisticsError("QC-N064", f"the {name} group must hold counts: whole numbers from 0 up",
                              hint="Pass how often each type occurs in each document.")  # fmt: skip
    by_row = np.asarray(found.sum(axis=1), dtype=np.float64).ravel()
    if sizes is None:
        return found, by_row
    given = np.asarray(sizes, dtype=np.float64)
    same_length(f"the list of {name} sizes", len(given), "the matrix", len(by_row))
    if (given < by_row).any():
        raise StatisticsError("QC-N068", f"a {name} document has fewer words than were counted in it",
                              hint="Give the number of all tokens of each document.")  # fmt: skip
    return found, given


def _counts_of(values: Any, size: float) -> FloatArray:
    found = np.asarray(values, dtype=np.float64)
    if (found < 0).any() or (found > size).any():
        raise StatisticsError("QC-N068", f"a count lies below 0 or above the size of its group, {size:g} words",
                              hint="Give the size of the whole group in words.")  # fmt: skip
    return found


def _in_documents(table: Any) -> IntArray:
    cells = table.tocoo()
    return np.bincount(cells.col[cells.data > 0], minlength=table.shape[1]).astype(np.int64)


def _p_values(score: FloatArray) -> FloatArray:
    from scipy.special import erfc

    found: FloatArray = erfc(np.sqrt(score / 2))
    return found


def _term(observed: FloatArray, expected: FloatArray) -> FloatArray:
    safe = np.where(observed > 0, observed, 1.0)
    below = np.where(observed > 0, expected, 1.0)
    return np.where(observed > 0, observed * np.log(safe / below), 0.0)


def _zero(zero: float) -> None:
    if not 0 < zero <= 1:
        raise StatisticsError("QC-N063", f"what stands for a frequency of 0 must lie between 0 and 1, not {zero!r}",
                              hint="The usual value is 0.5.")  # fmt: skip
