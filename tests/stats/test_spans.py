"""Krippendorff's alpha for unitizing (2004), and the u-alpha family (experimental)."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qualcode.errors import StatisticsError
from qualcode.stats.agreement import spans as room
from qualcode.stats.agreement.coefficients import coefficient
from qualcode.stats.agreement.spans import alpha_u, u_alpha

Unit = tuple[int, int, str]
ONE: list[Unit] = [(225, 70, "c"), (370, 30, "c"), (180, 60, "k"), (300, 50, "k")]
TWO: list[Unit] = [(220, 80, "c"), (355, 20, "c"), (400, 20, "c"), (180, 60, "k"), (300, 50, "k")]
LENGTH = 30


@st.composite
def unitizations(draw: st.DrawFn, coders: int = 3) -> list[list[Unit]]:
    """Coders with disjoint units, some text left in gaps."""
    made = []
    for _ in range(coders):
        cuts = sorted(draw(st.sets(st.integers(0, LENGTH), max_size=8)))
        codes = draw(st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=len(cuts), max_size=len(cuts)))
        pieces = zip(cuts, cuts[1:], codes, strict=False)
        made.append([(start, end - start, code) for start, end, code in pieces if code])
    return made


def positions(units: list[Unit]) -> list[str | None]:
    return [next((code for start, long, code in units if start <= at < start + long), None) for at in range(LENGTH)]


def test_the_published_example_of_2004() -> None:
    found = alpha_u([ONE, TWO], start=150, length=300)
    c, k = (alpha_u([ONE, TWO], start=150, length=300, category=code) for code in "ck")
    assert (c.observed, c.expected, c.value) == pytest.approx((0.0144, 0.0532, 0.7286), abs=5e-5)
    assert (k.observed, k.value) == (0.0, 1.0)
    assert found.value == pytest.approx(0.8591, abs=5e-4)
    assert found.value == pytest.approx(0.8587, abs=5e-5)
    assert dict(found.by_category) == {"c": c.value, "k": k.value}
    assert (found.n_units, found.n_coders, found.scale) == (9, 2, "disagreement")


def test_the_coder_who_marks_more_is_found_by_hand() -> None:
    # One unit of length 2 in the other's gap on 10 positions: Do = 2 * 2^2 / (2 * 1 * 10^2).
    # De: N = 1; gaps 8 (coder 1) and 10 (coder 2) leave 7 + 9 places: 2/10 * 2^2 * 16 / (20 * 19 - 2 * 1).
    found = alpha_u([[(0, 2, "c")], []], start=0, length=10)
    assert found.observed == pytest.approx(0.04)
    assert found.expected == pytest.approx(12.8 / 378)
    assert found.value == pytest.approx(1 - 0.04 * 378 / 12.8)


def test_coders_can_be_named() -> None:
    named = alpha_u({"Ann": ONE, "Ben": TWO}, start=150, length=300)
    assert named == alpha_u([ONE, TWO], start=150, length=300)


@given(unitizations())
def test_alpha_u_does_not_depend_on_the_order_of_coders_or_the_place_of_the_continuum(made: list[list[Unit]]) -> None:
    here = alpha_u(made, start=0, length=LENGTH)
    turned = alpha_u(made[::-1], start=0, length=LENGTH)
    moved = [[(start + 7, long, code) for start, long, code in units] for units in made]
    there = alpha_u(moved, start=7, length=LENGTH)
    assert turned.status == there.status == here.status
    if here.value is not None:
        assert [turned.value, there.value] == pytest.approx([here.value] * 2)


@given(unitizations(coders=1))
def test_identical_coders_agree_fully_or_not_at_all_measurably(made: list[list[Unit]]) -> None:
    (units,) = made
    found = alpha_u([units] * 3, start=0, length=LENGTH)
    assert found.value == (1.0 if units else None)
    family = u_alpha([units] * 3, start=0, length=LENGTH)
    for member in (family.u, family.binary, family.cu, *(each for _, each in family.by_code)):
        assert member.value is None or member.value == pytest.approx(1.0)
        assert (member.value is None) == (member.status == "undefined") == bool(member.reason)
    assert all(share == pytest.approx(1.0) for _, share in family.coverage)


def sections(units: list[Unit], code: str) -> list[tuple[int, int, bool]]:
    """Return (start, end, is a unit) of one coder's units of a code and the gaps between them."""
    mine = sorted((start, start + long) for start, long, each in units if each == code)
    edges = [0, *(at for unit in mine for at in unit), LENGTH]
    gaps = [(start, end, False) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
    return gaps + [(start, end, True) for start, end in mine]


def slow_alpha_u(made: list[list[Unit]]) -> float | None:
    """Return alpha_U by the definition, section against section."""
    m, observed, expected = len(made), 0.0, 0.0
    for code in {code for units in made for _, _, code in units}:
        lines = [sections(units, code) for units in made]
        for a, b in [(a, b) for one, other in permutations(lines, 2) for a in one for b in other]:
            if a[2] and b[2] and a[0] < b[1] and b[0] < a[1]:
                observed += ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) / (m * (m - 1) * LENGTH**2)
            if a[2] and not b[2] and b[0] <= a[0] and a[1] <= b[1]:
                observed += 2 * (a[1] - a[0]) ** 2 / (m * (m - 1) * LENGTH**2)
        units = [end - start for line in lines for start, end, unit in line if unit]
        gaps = [end - start for line in lines for start, end, unit in line if not unit]
        placed = sum(
            (len(units) - 1) / 3 * (2 * b**3 - 3 * b**2 + b) + b**2 * sum(g - b + 1 for g in gaps if g >= b)
            for b in units
        )
        expected += 2 / LENGTH * placed / (m * LENGTH * (m * LENGTH - 1) - sum(b * (b - 1) for b in units))
    return 1 - observed / expected if expected else None


@settings(max_examples=60)
@given(unitizations())
def test_alpha_u_is_its_definition(made: list[list[Unit]]) -> None:
    slow = slow_alpha_u(made)
    assert alpha_u(made, start=0, length=LENGTH).value == (None if slow is None else pytest.approx(slow))


@given(st.integers(1, LENGTH), st.integers(1, 5))
def test_a_shift_of_one_boundary_costs_more_the_farther_it_is(long: int, step: int) -> None:
    assume(long > 2 * step)
    whole = [(0, long, "c")]
    near = alpha_u([whole, [(0, long - step, "c")]], start=0, length=LENGTH)
    far = alpha_u([whole, [(0, long - 2 * step, "c")]], start=0, length=LENGTH)
    assert far.observed == pytest.approx(4 * (near.observed or 0))


@pytest.mark.parametrize("units", [[], [[(0, 3, "c")]], [[], []], {"a": [], "b": []}])
def test_too_few_coders_or_no_units_are_undefined_with_a_reason(units: list[list[Unit]]) -> None:
    found = alpha_u(units, start=0, length=9)
    assert (found.value, found.status) == (None, "undefined")
    assert found.reason
    family = u_alpha(units, start=0, length=9)
    assert {family.u.status, family.binary.status, family.cu.status} == {"undefined"}


def test_a_code_that_nobody_used_is_undefined_and_named() -> None:
    found = alpha_u([ONE, TWO], start=150, length=300, category="z")
    assert (found.status, found.reason) == ("undefined", "no coder marked a unit of 'z'")


def test_a_continuum_of_no_length_is_undefined() -> None:
    assert alpha_u([[], []], start=0, length=0).status == "undefined"
    assert u_alpha([[], []], start=0, length=0).u.status == "undefined"


@pytest.mark.parametrize("measure", [alpha_u, u_alpha])
@pytest.mark.parametrize(
    ("units", "code"),
    [
        ([[(0, 0, "c")], []], "QC-N033"),
        ([[(0, 1)], []], "QC-N033"),
        ([[(0.5, 1, "c")], []], "QC-N033"),
        ([[(0, 1, [])], []], "QC-N033"),
        ([[(8, 3, "c")], []], "QC-N034"),
        ([[(-1, 2, "c")], []], "QC-N034"),
        ([[(0, 3, "c"), (2, 3, "c")], []], "QC-N035"),
    ],
)
def test_units_that_cannot_be_are_refused(measure: object, units: list[list[Unit]], code: str) -> None:
    with pytest.raises(StatisticsError) as caught:
        measure(units, start=0, length=10)  # type: ignore[operator]  # one of two functions
    assert caught.value.code == code
    assert caught.value.hint


def test_codes_may_overlap_for_alpha_u_and_not_for_u_alpha() -> None:
    units = [[(0, 5, "a"), (3, 5, "b")], [(0, 4, "a"), (4, 4, "b")]]
    assert alpha_u(units, start=0, length=10).status == "ok"
    with pytest.raises(StatisticsError, match=r"QC-N035.*position 3.*use alpha_u"):
        u_alpha(units, start=0, length=10)


@pytest.mark.parametrize(("start", "length"), [(0, -1), (0.0, 5), (0, None)])
def test_a_continuum_that_is_none_is_refused(start: int, length: int) -> None:
    with pytest.raises(StatisticsError, match="QC-N036"):
        alpha_u([[], []], start=start, length=length)


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=3, max_size=3), min_size=2, max_size=12))
def test_with_units_of_length_one_and_no_gaps_u_and_cu_are_nominal_alpha(rows: list[list[str]]) -> None:
    units = [[(at, 1, row[coder]) for at, row in enumerate(rows)] for coder in range(3)]
    family = u_alpha(units, start=0, length=len(rows))
    nominal = coefficient(rows, "krippendorff").value
    for member in (family.u, family.cu):
        assert member.value == (None if nominal is None else pytest.approx(nominal))
    assert family.binary.status == "undefined"


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from(["a", "b", None]), min_size=4, max_size=4), min_size=2, max_size=12))
def test_with_units_of_length_one_cu_is_nominal_alpha_with_gaps_as_missing(rows: list[list[str | None]]) -> None:
    units = [[(at, 1, code) for at, row in enumerate(rows) if (code := row[coder])] for coder in range(4)]
    found = u_alpha(units, start=0, length=len(rows)).cu
    assume(any(cell is not None for row in rows for cell in row))
    nominal = coefficient(rows, "krippendorff").value
    assert found.value == (None if nominal is None else pytest.approx(nominal))


@settings(max_examples=60)
@given(unitizations(coders=2))
def test_the_observed_part_of_u_is_the_share_of_positions_that_differ(made: list[list[Unit]]) -> None:
    one, two = (positions(units) for units in made)
    found = u_alpha(made, start=0, length=LENGTH)
    assert found.u.observed == pytest.approx(np.mean([a != b for a, b in zip(one, two, strict=True)]))
    differ = [(a is None) != (b is None) for a, b in zip(one, two, strict=True)]
    assert found.binary.observed == pytest.approx(np.mean(differ))
    coded = [(a, b) for a, b in zip(one, two, strict=True) if a and b]
    assert found.cu.observed == pytest.approx(np.mean([a != b for a, b in coded]) if coded else 0.0)


def test_the_family_by_hand() -> None:
    # Ann: aaa..bb...   Ben: aaaa.aa...   l_aa = 6, l_ab = 2, l_a- = 1, l_-- = 8 (both orders), l.. = 20
    family = u_alpha([[(0, 3, "a"), (5, 2, "b")], [(0, 4, "a"), (5, 2, "a")]], start=0, length=10)
    # margins a 9, b 2, gap 9; self-pairing a 9 + 16 + 4 = 29, b 4, gap 9
    agree = (9**2 - 29) + (2**2 - 4) + (9**2 - 9)
    assert family.u.value == pytest.approx(1 - (6 / 20) / (1 - agree / (20**2 - 42)))
    both = (9**2 - 29) + (2**2 - 4) + 2 * 9 * 2 + (9**2 - 9)
    assert family.binary.value == pytest.approx(1 - (2 / 20) / (1 - both / (20**2 - 42)))
    # where both coded: l_aa = 6, l_ab = 2 in each order; of Ben's first unit 3 positions pair
    assert family.cu.value == pytest.approx(1 - (4 / 10) / (1 - (8**2 - 9 - 9 - 4 + 2**2 - 4) / (10**2 - 26)))
    by_code = dict(family.by_code)
    assert by_code["a"].value == pytest.approx(1 - (2 / 8) / (16 / (8**2 - 22 + 16)))
    assert by_code["b"].value == pytest.approx(0.0)
    assert dict(family.coverage) == pytest.approx({"a": 8 / 9, "b": 1.0})


def test_the_family_says_everywhere_that_it_is_experimental() -> None:
    family = u_alpha([ONE[:1], TWO[:1]], start=150, length=300)
    members = [family.u, family.binary, family.cu, *(each for _, each in family.by_code)]
    assert all("experimental" in member.measure and "Experimental" in member.notes[0] for member in members)
    assert "Experimental" in family.notes[0]
    assert "**Experimental.**" in (room.u_alpha.__doc__ or "")
