"""Coefficients against a slow and obvious computation from the definitions, and what must hold for all ratings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.stats.agreement import coefficient, jaccard_overlap, negative_agreement, positive_agreement

Cell = int | None
Table = list[list[Cell]]
MEASURES = ("percent", "cohen", "scott", "fleiss", "conger", "brennan-prediger", "gwet", "krippendorff")
DOMAIN = (0, 1, 2, 3)


@st.composite
def tables(draw: st.DrawFn, coders: int | None = None, gaps: bool = True, values: int = 4) -> Table:
    width = coders or draw(st.integers(2, 4))
    cell = st.integers(0, values - 1)
    row = st.lists(st.none() | cell if gaps else cell, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=1, max_size=12))


def coders_of(measure: str) -> int | None:
    return 2 if measure in {"cohen", "scott"} else None


def same(first: float | None, second: float | None, within: float = 1e-9) -> bool:
    if first is None or second is None:
        return first is second
    return abs(first - second) <= within


# --- the definitions, in plain loops --------------------------------------------------------------------------------


def slow(table: Table, measure: str, weight: Callable[[int, int], float]) -> float | None:
    """(Po - Pe)/(1 - Pe) by enumeration, ``None`` where qualcode promises no value."""
    units = [[cell for cell in row if cell is not None] for row in table]
    paired = [unit for unit in units if len(unit) >= 2]
    if not paired:
        return None
    po = sum(sum(weight(a, b) for a, b in permutations(unit, 2)) / (len(unit) * (len(unit) - 1)) for unit in paired)
    po /= len(paired)
    if measure == "percent":
        return po
    if len({cell for unit in paired for cell in unit}) < 2:
        return None
    pairs = [row for row in table if None not in row]
    rated = [unit for unit in units if unit]
    share = {k: sum(unit.count(k) / len(unit) for unit in rated) / len(rated) for k in DOMAIN}
    if measure == "cohen":
        pe = sum(weight(a[0], b[1]) for a, b in product(pairs, repeat=2)) / len(pairs) ** 2
    elif measure == "scott":
        pool = [cell for row in pairs for cell in row]
        pe = sum(weight(a, b) for a, b in product(pool, repeat=2)) / len(pool) ** 2
    elif measure == "fleiss":
        pe = sum(weight(k, m) * share[k] * share[m] for k, m in product(DOMAIN, repeat=2))
    elif measure == "conger":
        columns = [[cell for cell in column if cell is not None] for column in zip(*table, strict=True)]
        columns = [column for column in columns if column]
        each = [
            sum(weight(a, b) for a, b in product(first, second)) / (len(first) * len(second))
            for first, second in permutations(columns, 2)
        ]
        pe = sum(each) / len(each)
    else:
        total = sum(weight(k, m) for k, m in product(DOMAIN, repeat=2))
        q = len(DOMAIN)
        pe = (
            total / q**2
            if measure == "brennan-prediger"
            else total / (q * (q - 1)) * sum(p * (1 - p) for p in share.values())
        )
    return None if 1 - pe < 1e-12 else (po - pe) / (1 - pe)


def slow_alpha(table: list[list[Any]], distance: Callable[[Any, Any], float]) -> float | None:
    """1 - Do/De by enumeration of pairs of values."""
    units = [[cell for cell in row if cell is not None] for row in table]
    units = [unit for unit in units if len(unit) >= 2]
    values = [cell for unit in units for cell in unit]
    if len(set(values)) < 2:
        return None
    do = sum(sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units) / len(values)
    de = sum(distance(a, b) for a, b in permutations(values, 2)) / (len(values) * (len(values) - 1))
    return 1 - do / de


def ordinal_distance(table: Table) -> Callable[[int, int], float]:
    counts = Counter(cell for row in table if sum(c is not None for c in row) >= 2 for cell in row if cell is not None)

    def distance(a: int, b: int) -> float:
        low, high = min(a, b), max(a, b)
        return float((sum(counts[g] for g in range(low, high + 1)) - (counts[low] + counts[high]) / 2) ** 2)

    return distance


WEIGHTS: dict[str | None, Callable[[int, int], float]] = {
    None: lambda a, b: float(a == b),
    "linear": lambda a, b: 1 - abs(a - b) / 3,
    "quadratic": lambda a, b: 1 - ((a - b) / 3) ** 2,
    "ordinal": lambda a, b: 1 - abs(a - b) * (abs(a - b) + 1) / 12,
}


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("measure", MEASURES[:-1])
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_kappas_equal_their_definitions(measure: str, weights: str | None, data: st.DataObject) -> None:
    table = data.draw(tables(coders=coders_of(measure)))
    found = coefficient(table, measure, weights=weights, categories=DOMAIN)
    assert same(found.value, slow(table, measure, WEIGHTS[weights]))
    assert same(found.percent, slow(table, "percent", WEIGHTS[None]))
    assert found.defined is (found.value is not None)
    assert bool(found.reason) is (found.value is None)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio", "linear", "quadratic"])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_alpha_equals_its_definition(level: str, data: st.DataObject) -> None:
    table = data.draw(tables())
    distances: dict[str, Callable[[int, int], float]] = {
        "nominal": lambda a, b: float(a != b),
        "ordinal": ordinal_distance(table),
        "interval": lambda a, b: float((a - b) ** 2),
        "ratio": lambda a, b: ((a - b) / (a + b)) ** 2 if a + b else 0.0,
        "linear": lambda a, b: abs(a - b),
        "quadratic": lambda a, b: (a - b) ** 2,
    }
    if level in {"linear", "quadratic"}:
        found = coefficient(table, "krippendorff", weights=level, categories=DOMAIN)
    else:
        found = coefficient(table, "krippendorff", level=level)
    assert same(found.value, slow_alpha(table, distances[level]))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return 1 - len(a & b) / len(a | b) if a | b else 0.0


def masi(a: frozenset[str], b: frozenset[str]) -> float:
    kin = 1.0 if a == b else 2 / 3 if a and b and (a < b or b < a) else 1 / 3 if a & b else 0.0
    return 1 - (1 - jaccard(a, b)) * kin


@pytest.mark.parametrize(("level", "distance"), [("jaccard", jaccard), ("masi", masi)])
@given(
    rows=st.lists(
        st.lists(st.none() | st.frozensets(st.sampled_from("ABC")), min_size=3, max_size=3), min_size=1, max_size=8
    )
)
@settings(max_examples=40, deadline=None)
def test_set_valued_alpha_equals_its_definition(
    level: str, distance: Callable[[Any, Any], float], rows: list[list[frozenset[str] | None]]
) -> None:
    assert same(coefficient(rows, "krippendorff", level=level).value, slow_alpha(rows, distance))


# --- what must hold -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_new_names_for_categories_change_nothing(measure: str, data: st.DataObject) -> None:
    table = data.draw(tables(coders=coders_of(measure)))
    names = data.draw(st.permutations(["a", "b", "c", "d"]))
    named = [[None if cell is None else names[cell] for cell in row] for row in table]
    first = coefficient(table, measure, categories=DOMAIN)
    assert same(first.value, coefficient(named, measure, categories=["d", "a", "c", "b"]).value)


@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_the_order_of_coders_and_units_changes_nothing(measure: str, data: st.DataObject) -> None:
    table = data.draw(tables(coders=coders_of(measure)))
    order = data.draw(st.permutations(range(len(table[0]))))
    moved = [[row[coder] for coder in order] for row in data.draw(st.permutations(table))]
    first, second = coefficient(table, measure, categories=DOMAIN), coefficient(moved, measure, categories=DOMAIN)
    assert same(first.value, second.value)
    assert (first.n_units, first.n_pairable) == (second.n_units, second.n_pairable)


@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_frequencies_are_repeated_rows(measure: str, data: st.DataObject) -> None:
    table = data.draw(tables(coders=coders_of(measure)))
    often = data.draw(st.lists(st.integers(0, 3), min_size=len(table), max_size=len(table)))
    repeated = [row for row, times in zip(table, often, strict=True) for _ in range(times)] or np.empty(
        (0, len(table[0]))
    )
    first = coefficient(table, measure, categories=DOMAIN, frequencies=often)
    second = coefficient(repeated, measure, categories=DOMAIN)
    assert same(first.value, second.value)
    assert (first.n_units, first.n_pairable, first.n_pairable_units) == (
        second.n_units,
        second.n_pairable,
        second.n_pairable_units,
    )


@given(table=tables(), value=st.integers(0, 3), level=st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
@settings(max_examples=40, deadline=None)
def test_a_unit_with_one_rating_leaves_alpha_alone(table: Table, value: int, level: str) -> None:
    more: Table = [*table, [value, *[None] * (len(table[0]) - 1)]]
    first, second = (coefficient(rows, "krippendorff", level=level) for rows in (table, more))
    assert (first.value, first.observed, first.expected) == (second.value, second.observed, second.expected)


@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_identity_weights_are_no_weights(measure: str, data: st.DataObject) -> None:
    table = data.draw(tables(coders=coders_of(measure)))
    first = coefficient(table, measure, categories=DOMAIN)
    assert same(first.value, coefficient(table, measure, categories=DOMAIN, weights=np.eye(4)).value)


@given(table=tables(coders=2, gaps=False))
@settings(max_examples=40, deadline=None)
def test_alpha_tends_to_pi(table: Table) -> None:
    pi = coefficient(table, "scott").value
    for times in (1, 100, 10_000):
        alpha = coefficient(table, "krippendorff", frequencies=[times] * len(table)).value
        if pi is None or alpha is None:
            assert pi is alpha
        else:  # alpha = 1 - (1 - pi)(n - 1)/n, with n values
            n = 2 * len(table) * times
            assert alpha - pi == pytest.approx((1 - pi) / n, abs=1e-12)


@given(table=tables(values=2))
@settings(max_examples=40, deadline=None)
def test_binary_ordinal_alpha_is_nominal_alpha(table: Table) -> None:
    nominal = coefficient(table, "krippendorff").value
    for level in ("ordinal", "interval"):
        assert same(coefficient(table, "krippendorff", level=level).value, nominal)


@given(table=tables(), shift=st.integers(-50, 50), scale=st.sampled_from([0.1, 3.0, 1000.0]))
@settings(max_examples=40, deadline=None)
def test_interval_alpha_ignores_shift_and_scale_and_ratio_alpha_scale(table: Table, shift: int, scale: float) -> None:
    moved = [[None if cell is None else cell * scale + shift for cell in row] for row in table]
    scaled = [[None if cell is None else cell * scale for cell in row] for row in table]
    interval, ratio = (coefficient(table, "krippendorff", level=level).value for level in ("interval", "ratio"))
    assert same(coefficient(moved, "krippendorff", level="interval").value, interval)
    assert same(coefficient(scaled, "krippendorff", level="ratio").value, ratio)


def test_ratio_alpha_does_not_ignore_shift() -> None:
    table = [[1, 2], [2, 2], [3, 1]]
    moved = [[cell + 10 for cell in row] for row in table]
    assert coefficient(table, "krippendorff", level="ratio").value != pytest.approx(
        coefficient(moved, "krippendorff", level="ratio").value
    )


@given(table=tables(coders=2, gaps=False))
@settings(max_examples=40, deadline=None)
def test_for_two_complete_coders_families_meet(table: Table) -> None:
    assert same(coefficient(table, "conger").value, coefficient(table, "cohen").value)
    assert same(coefficient(table, "fleiss").value, coefficient(table, "scott").value)


@given(table=tables(coders=2))
@settings(max_examples=60, deadline=None)
def test_kappa_never_exceeds_the_highest_its_marginals_allow(table: Table) -> None:
    kappa = coefficient(table, "cohen")
    if kappa.value is None:
        assert kappa.kappa_max is None
    else:
        assert kappa.kappa_max is not None
        assert kappa.value <= kappa.kappa_max + 1e-12
        assert kappa.kappa_max <= 1 + 1e-12


@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_no_coefficient_exceeds_one(measure: str, data: st.DataObject) -> None:
    found = coefficient(data.draw(tables(coders=coders_of(measure))), measure, categories=DOMAIN)
    assert found.value is None or found.value <= 1 + 1e-12


@given(table=tables(coders=2, values=2))
@settings(max_examples=40, deadline=None)
def test_swapping_presence_and_absence_swaps_positive_and_negative_agreement(table: Table) -> None:
    swapped = [[None if cell is None else 1 - cell for cell in row] for row in table]
    assert same(positive_agreement(table).value, negative_agreement(swapped).value)
    both, jaccard_share = positive_agreement(table).value, jaccard_overlap(table).value
    if both is None or jaccard_share is None:
        assert both is jaccard_share
    else:
        assert jaccard_share == pytest.approx(both / (2 - both))
