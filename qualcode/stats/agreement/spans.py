"""Agreement on where segments are and what they are: Krippendorff's alpha for unitizing.

Two families, which are not the same number:

* :func:`alpha_u`, of 2004: codes may overlap, each code has its own continuum, boundaries that lie near are forgiven by
  the square of their distance.
* :func:`u_alpha`, of 2016 and 2019: one code at a place, disagreement is counted by the length of the text concerned.
  **Experimental**: see its docstring.

Both take, for each coder, ``(start, length, code)`` in whole positions (characters, tokens, seconds) on one continuum.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qualcode.stats.agreement.continuum import Coder, Ints, Units, read_units
from qualcode.stats.agreement.result import Agreement

__all__ = ["UAlpha", "alpha_u", "u_alpha"]

Floats: TypeAlias = NDArray[np.float64]

EXPERIMENTAL = (
    "Experimental: the formulas of the u-alpha family are taken from descriptions of Krippendorff et al. (2016) and "
    "Krippendorff (2019, section 12.6), and no published value has been reproduced with them yet."
)


@dataclass(frozen=True, slots=True)
class UAlpha:
    """The u-alpha family on one continuum; every member may be undefined on its own.

    Attributes:
        u: u-alpha: do the coders agree on boundaries and codes, uncoded text being a code of its own?
        binary: do they agree on what is coded at all, whatever the code?
        cu: where at least two coded something, do they agree on the code?
        by_code: (code, (k)u-alpha) for each code: is it told from the others where something was coded?
        coverage: (code, share of its length that cu and (k)u can judge: where another coder coded something too).
        notes: what a reader must know; the first says that the family is experimental.
    """

    u: Agreement
    binary: Agreement
    cu: Agreement
    by_code: tuple[tuple[Hashable, Agreement], ...]
    coverage: tuple[tuple[Hashable, float], ...]
    notes: tuple[str, ...] = (EXPERIMENTAL,)


def alpha_u(units: Units, *, start: int, length: int, category: Hashable | None = None) -> Agreement:
    """Return Krippendorff's alpha for unitizing (2004) for two or more coders.

    For a code on a continuum of length L coded by m coders::

        Do = 2 / (m (m-1) L^2) * sum over pairs of coders of d
        De = 2/L * sum over units of [ (N-1)/3 * (2b^3 - 3b^2 + b) + b^2 * G(b) ]
             / (mL (mL - 1) - sum over units of b (b-1))
        G(b) = sum over gaps g >= b of (g - b + 1)

    ``d`` is the squared distance of the starts plus that of the ends for two units that overlap, and the squared length
    of a unit that lies wholly in a gap of the other coder; b is a unit's length, N the number of units of all coders,
    and the gaps are those of all coders. Alpha is 1 - Do/De; over all codes, 1 - (sum of Do)/(sum of De).

    Source: Krippendorff, *Content Analysis* (2nd ed., 2004).

    Args:
        units: for each coder (a sequence, or a mapping by coder) ``(start, length, code)``. Units of different codes
            may overlap; units of one coder with one code may touch (they stay two units) but not overlap.
        start: where the continuum begins.
        length: its length in the same positions.
        category: one code; all codes together without it.

    Returns:
        The alpha. ``observed`` and ``expected`` are Do and De (their means over the codes), ``n_units`` counts the
        units of all coders, ``n_pairable`` those that overlap another coder's unit of the same code; ``by_category``
        holds the alpha of each code.
        Undefined with fewer than two coders, without units, and where no disagreement is possible.

    Raises:
        StatisticsError: QC-N033 for a unit that is none, QC-N034 outside the continuum, QC-N035 when units of one coder
            with one code overlap, QC-N036 for a continuum that is none.
    """
    coders, codes = read_units(units, start, length, within_code=True)
    chosen = codes if category is None else [category]
    parts = []
    for code in chosen:
        number = codes.index(code) if code in codes else -1
        parts.append(_one_code([coder.of(number) for coder in coders], start, length))
    by_category = tuple((code, _ratio(do, de)) for code, (do, de, _, _) in zip(chosen, parts, strict=True))
    n_units = sum(part[2] for part in parts)
    observed, expected = (sum(part[at] for part in parts) / max(len(parts), 1) for at in (0, 1))
    reason = ""
    if len(coders) < 2:
        reason = "agreement needs at least two coders"
    elif not n_units:
        reason = "no coder marked a unit" if category is None else f"no coder marked a unit of {category!r}"
    elif not expected > 0:
        reason = "the units leave no room for chance disagreement on this continuum"
    return Agreement(
        None if reason else 1 - observed / expected,
        status="undefined" if reason else "ok",
        reason=reason,
        observed=None if len(coders) < 2 else observed,
        expected=None if len(coders) < 2 else expected,
        scale="disagreement",
        n_units=n_units,
        n_pairable=sum(part[3] for part in parts),
        n_coders=len(coders),
        measure="alpha-u",
        categories=tuple(chosen),
        by_category=by_category if len(coders) > 1 else (),
        notes=(f"Krippendorff's alpha for unitizing (2004) on a continuum of {length} positions.",),
    )


def u_alpha(units: Units, *, start: int, length: int) -> UAlpha:
    """Return the u-alpha family of 2016/2019 for two or more coders. **Experimental.**

    The continuum is cut at every boundary. Each coder's text that is in no unit is a gap, which counts as a code here.
    With l_ck the length over which one coder has c and another k (over ordered pairs of coders, divided by m-1)::

        e_ck = (l_c. l_.k - [c = k] S_c) / (l_.. - S/l_..)        alpha = 1 - (disagreeing l / l_..) / (the same of e)

    S_c is what pairs with itself: the sum of squared lengths of the units of c, and of plain lengths for gaps, whose
    positions belong to no unit. ``u`` uses all codes and gaps; ``binary`` only coded against gap; ``cu`` only places
    where at least two coders (of m_u) have a unit, weighted by 1/(m_u - 1), with S over the lengths that pair there;
    ``by_code`` compares, in the table of ``cu``, one code's column with its expectation.

    Source: Krippendorff, Mathet, Bouvry & Widlöcher (2016), *Quality & Quantity* 50; Krippendorff (2019) section 12.6,
    both from secondary descriptions. With more than two coders the weight 1/(m_u - 1) is our reading: it is what makes
    ``cu`` equal to nominal alpha with missing values when every unit is one position long.

    Args:
        units: for each coder ``(start, length, code)``; one coder's units must not overlap, whatever their codes.
        start: where the continuum begins.
        length: its length in the same positions.

    Raises:
        StatisticsError: as :func:`alpha_u`, and QC-N035 also when units of different codes overlap.
    """
    coders, codes = read_units(units, start, length, within_code=False)
    edges, owner, table = _cut(coders, start, length)
    lengths = np.diff(edges).astype(np.float64)
    everything = np.arange(len(codes) + 1)  # the last number stands for a gap
    counts = (table[:, :, None] == everything).sum(axis=1).astype(np.float64)  # pieces x codes
    sizes = [coder.ends - coder.starts for coder in coders]
    squares = np.zeros(len(codes) + 1)
    for coder, size in zip(coders, sizes, strict=True):
        squares[:-1] += np.bincount(coder.codes, size.astype(np.float64) ** 2, minlength=len(codes))
    squares[-1] = counts[:, -1] @ lengths
    n_units = sum(len(size) for size in sizes)
    common: dict[str, Any] = {"n_units": n_units, "n_coders": len(coders), "notes": (EXPERIMENTAL,)}

    weights = lengths / max(len(coders) - 1, 1)
    seen, chance = _coincidences(counts, weights, squares)
    fold = np.zeros((2, len(codes) + 1))
    fold[0, :-1] = fold[1, -1] = 1

    coded = counts[:, :-1]
    together = coded.sum(axis=1)
    pairing = together > 1
    weights = np.where(pairing, lengths, 0.0) / np.maximum(together - 1, 1)
    seen_coded, chance_coded = _coincidences(
        coded, weights, _pairing_squares(coders, owner, lengths, pairing, len(codes))
    )

    paired = [owner[pairing, at] for at in range(len(coders))]
    common["n_pairable"] = sum(len(np.unique(mine[mine >= 0])) for mine in paired)
    all_coders = len(coders) > 1
    by_code = tuple(
        (code, _column("(k)u-alpha", seen_coded, chance_coded, at, all_coders, common)) for at, code in enumerate(codes)
    )
    total = coded.T @ lengths
    covered = (coded * pairing[:, None]).T @ lengths
    return UAlpha(
        u=_compare("u-alpha", seen, chance, all_coders, common, "the whole continuum has one code, or none"),
        binary=_compare("binary u-alpha", fold @ seen @ fold.T, fold @ chance @ fold.T, all_coders, common,
                        "all of the continuum is coded, or none of it"),
        cu=_compare("cu-alpha", seen_coded, chance_coded, all_coders, common,
                    "where two coders coded something there is one code at most"),
        by_code=by_code,
        coverage=tuple((code, float(covered[at] / total[at])) for at, code in enumerate(codes)),
    )  # fmt: skip


def _one_code(coders: Sequence[Coder], start: int, length: int) -> tuple[float, float, int, int]:
    """Return Do, De, the number of units, and how many overlap another coder's unit."""
    m, n = len(coders), sum(len(coder.starts) for coder in coders)
    if m < 2 or not n:
        return 0.0, 0.0, n, 0
    apart = 0.0
    met = [np.zeros(len(coder.starts), dtype=bool) for coder in coders]
    for one in range(m):
        for other in range(one + 1, m):
            a, b = coders[one], coders[other]
            first, counts = _overlapping(a, b)
            left = np.repeat(np.arange(len(a.starts)), counts)
            right = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
            apart += _squares(a.starts[left] - b.starts[right]) + _squares(a.ends[left] - b.ends[right])
            _, back = _overlapping(b, a)
            apart += _squares((a.ends - a.starts)[counts == 0]) + _squares((b.ends - b.starts)[back == 0])
            met[one] |= counts > 0
            met[other] |= back > 0
    observed = 2 * apart / (m * (m - 1) * float(length) ** 2)

    long = np.concatenate([coder.ends - coder.starts for coder in coders]).astype(np.float64)
    gaps = np.sort(np.concatenate([_gaps(coder, start, length) for coder in coders])).astype(np.float64)
    from_above = np.append(np.cumsum(gaps[::-1])[::-1], 0.0)
    fitting = np.searchsorted(gaps, long, side="left")  # the first gap that is long enough
    room = from_above[fitting] - (len(gaps) - fitting) * (long - 1)
    among = (n - 1) / 3 * (2 * long**3 - 3 * long**2 + long)
    pairs = m * float(length) * (m * float(length) - 1) - float((long * (long - 1)).sum())
    expected = 2 / length * float((among + long**2 * room).sum()) / pairs if pairs else 0.0
    return observed, expected, n, int(sum(each.sum() for each in met))


def _overlapping(a: Coder, b: Coder) -> tuple[Ints, Ints]:
    """Return for each unit of ``a`` the first unit of ``b`` that overlaps it, and how many do."""
    first = np.searchsorted(b.ends, a.starts, side="right")
    return first, np.searchsorted(b.starts, a.ends, side="left") - first


def _squares(values: Ints) -> float:
    return float((values.astype(np.float64) ** 2).sum())


def _gaps(coder: Coder, start: int, length: int) -> Ints:
    ends = np.concatenate(([start], coder.ends))
    found: Ints = np.concatenate((coder.starts, [start + length])) - ends
    return found[found > 0]


def _ratio(observed: float, expected: float) -> float | None:
    return 1 - observed / expected if expected > 0 else None


def _cut(coders: Sequence[Coder], start: int, length: int) -> tuple[Ints, Ints, Ints]:
    """Return the edges of the pieces and, pieces x coders, the numbers of the unit (-1 for a gap) and of its code."""
    edges = np.unique(np.concatenate([[start, start + length], *((c.starts, c.ends) for c in coders)], axis=None))
    owner = np.full((len(edges) - 1, len(coders)), -1, dtype=np.int64)
    table = np.full_like(owner, -1)
    for at, coder in enumerate(coders):
        if len(coder.starts):
            unit = np.searchsorted(coder.starts, edges[:-1], side="right") - 1
            inside = (unit >= 0) & (edges[:-1] < coder.ends[unit])
            owner[inside, at] = unit[inside]
            table[inside, at] = coder.codes[unit[inside]]
    gap = max((int(coder.codes.max()) for coder in coders if len(coder.codes)), default=-1) + 1
    table[table < 0] = gap
    return edges, owner, table


def _coincidences(counts: Floats, weights: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Return the observed and the expected coincidences; the expected are 0 where nothing can be expected."""
    seen = (counts * weights[:, None]).T @ counts
    seen[np.diag_indices_from(seen)] -= weights @ counts
    margins, total = seen.sum(axis=1), float(seen.sum())
    free = total**2 - squares.sum()
    if (margins > 0).sum() < 2 or free <= 0:
        return seen, np.zeros_like(seen)
    return seen, total * (np.outer(margins, margins) - np.diag(squares)) / free


def _pairing_squares(
    coders: Sequence[Coder], owner: Ints, lengths: Floats, pairing: NDArray[np.bool_], codes: int
) -> Floats:
    """Return for each code the sum over its units of the squared length at which somebody else coded something."""
    squares = np.zeros(codes)
    for at, coder in enumerate(coders):
        mine = pairing & (owner[:, at] >= 0)
        paired = np.bincount(owner[mine, at], lengths[mine], minlength=len(coder.codes))
        squares += np.bincount(coder.codes, paired**2, minlength=codes)
    return squares


def _compare(name: str, seen: Floats, chance: Floats, all_coders: bool, common: dict[str, Any], why: str) -> Agreement:
    """Return 1 - Do/De of two tables of coincidences."""
    off = ~np.eye(len(seen), dtype=bool)  # summed rather than total minus trace, so that 0 is exactly 0
    return _outcome(name, _share(seen[off], seen), _share(chance[off], chance), all_coders, common, why)


def _column(name: str, seen: Floats, chance: Floats, at: int, all_coders: bool, common: dict[str, Any]) -> Agreement:
    """Return 1 - Do/De of one code: what of its column is not on the diagonal."""
    others = np.arange(len(seen)) != at
    do, de = (_share(table[others, at], table[:, at]) for table in (seen, chance))
    why = "where two coders coded something there is no other code"
    if not seen[:, at].sum():
        de, why = 0.0, "no other coder coded anything there"
    return _outcome(name, do, de, all_coders, common, why)


def _share(part: Floats, whole: Floats) -> float:
    total = float(whole.sum())
    return float(part.sum()) / total if total else 0.0


def _outcome(name: str, do: float, de: float, all_coders: bool, common: dict[str, Any], why: str) -> Agreement:
    reason = "agreement needs at least two coders" if not all_coders else "" if de > 0 else why
    return Agreement(None if reason else 1 - do / de, status="undefined" if reason else "ok", reason=reason,
                     observed=do if all_coders else None, expected=de if all_coders else None,
                     scale="disagreement", measure=f"{name} (experimental)", **common)  # fmt: skip
