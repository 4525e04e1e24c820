"""The bootstrap: every replicate equals the coefficient of the data it stands for; seeds, clusters, BCa, limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qualcode.errors import StatisticsError
from qualcode.stats.agreement import bootstrap, coefficient
from qualcode.stats.agreement.coefficients import prepare
from qualcode.stats.agreement.resample import resampling

KRIPPENDORFF_C = np.array(
    [[1, 1, np.nan, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
     [2, 2, 2, 2], [np.nan, 5, 5, 5], [np.nan, np.nan, 1, 1], [np.nan, 3, np.nan, np.nan]]
)  # fmt: skip
ASKED: list[tuple[str, dict[str, Any]]] = [
    *((measure, {}) for measure in ("percent", "cohen", "scott", "fleiss", "conger", "brennan-prediger", "gwet")),
    *((measure, {"weights": "linear"}) for measure in ("percent", "cohen", "scott", "fleiss", "conger", "gwet")),
    ("brennan-prediger", {"weights": "quadratic"}),
    ("fleiss", {"weights": "ordinal"}),
    *(("krippendorff", {"level": level}) for level in ("nominal", "ordinal", "interval", "ratio", "jaccard", "masi")),
    ("krippendorff", {"weights": "quadratic"}),
]
SETS = np.array([frozenset(), frozenset("A"), frozenset("AB"), frozenset("BC")], dtype=object)


def ratings_for(measure: str, asked: dict[str, Any], *, units: int = 30, seed: int = 4) -> NDArray[Any]:
    """Noisy ratings with gaps: numbers, or sets for the levels of sets."""
    rng = np.random.default_rng(seed)
    coders = 2 if measure in {"cohen", "scott"} else 4
    true = rng.integers(0, 4, units)
    codes = np.where(rng.random((units, coders)) < 0.5, true[:, None], rng.integers(0, 4, (units, coders)))
    gaps = rng.random(codes.shape) < 0.2
    if asked.get("level") in {"jaccard", "masi"}:
        cells = SETS[codes]
        cells[gaps] = None
        return cells
    return np.where(gaps, np.nan, codes)


def domain_for(asked: dict[str, Any]) -> list[Any]:
    return list(SETS) if asked.get("level") in {"jaccard", "masi"} else [0, 1, 2, 3]


@pytest.mark.parametrize(("measure", "asked"), ASKED)
@pytest.mark.parametrize("units", [6, 30, 600])
def test_each_replicate_is_the_coefficient_of_its_own_data(measure: str, asked: dict[str, Any], units: int) -> None:
    ratings, domain = ratings_for(measure, asked, units=units), domain_for(asked)
    interval = bootstrap(ratings, measure, categories=domain, replicates=12, seed=7, **asked)
    drawn = resampling(prepare(ratings, measure, categories=domain, **asked))
    draws = np.concatenate(list(drawn.draws(12, 7)))
    assert drawn.patterns is not None
    assert (draws.sum(axis=1) == interval.n_units).all()
    assert interval.n_units == sum(any(cell is not None and cell == cell for cell in row) for row in ratings.tolist())
    cells = np.array([*domain, None], dtype=object)[drawn.patterns]
    for draw, value in zip(draws, interval.values, strict=True):
        again = coefficient(np.repeat(cells, draw.astype(int), axis=0), measure, categories=domain, **asked).value
        assert np.isnan(value) if again is None else abs(value - again) < 1e-9


@pytest.mark.parametrize(("measure", "asked"), ASKED)
def test_each_replicate_of_clusters_is_the_coefficient_of_its_own_data(measure: str, asked: dict[str, Any]) -> None:
    ratings, domain = ratings_for(measure, asked), domain_for(asked)
    names = [f"interview {unit % 7}" for unit in range(30)]
    interval = bootstrap(ratings, measure, categories=domain, clusters=names, replicates=12, seed=7, **asked)
    assert (interval.resampled, interval.clusters) == ("clusters", 7)
    drawn = resampling(prepare(ratings, measure, categories=domain, **asked), names)
    for draw, value in zip(np.concatenate(list(drawn.draws(12, 7))), interval.values, strict=True):
        rows = np.concatenate([np.flatnonzero(np.arange(30) % 7 == c) for c in range(7) for _ in range(int(draw[c]))])
        again = coefficient(ratings[rows], measure, categories=domain, **asked).value
        assert np.isnan(value) if again is None else abs(value - again) < 1e-9


def test_a_twelve_unit_test_proves_little() -> None:
    interval = bootstrap(KRIPPENDORFF_C, "krippendorff", replicates=2000, seed=1)
    assert interval.value == pytest.approx(0.74342, abs=1e-5)
    assert interval.low == pytest.approx(0.40, abs=0.06)
    assert interval.high == pytest.approx(1.0, abs=0.02)
    assert (interval.replicates, interval.seed, interval.resampled, interval.clusters) == (2000, 1, "units", None)


def test_the_seed_decides_and_nothing_else() -> None:
    first, again, other = (bootstrap(KRIPPENDORFF_C, "gwet", replicates=200, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert np.array_equal(first.values, again.values, equal_nan=True)
    assert first.low != other.low


def test_frequencies_are_repeated_rows() -> None:
    often = [3, 0, 1, 2, 5, 1, 1, 2, 4, 1, 1, 2]
    long = np.repeat(KRIPPENDORFF_C, often, axis=0)
    first = bootstrap(KRIPPENDORFF_C, "krippendorff", frequencies=often, replicates=4000, seed=0)
    second = bootstrap(long, "krippendorff", replicates=4000, seed=1)
    assert first.n_units == second.n_units == 23
    assert first.low is not None
    assert second.low is not None
    assert first.low == pytest.approx(second.low, abs=0.03)
    assert first.standard_error == pytest.approx(second.standard_error, rel=0.1)


def test_frequencies_are_repeated_rows_of_their_cluster() -> None:
    often = [3, 0, 1, 2, 5, 1, 1, 2, 4, 1, 1, 2]
    names = [unit // 3 for unit in range(12)]
    asked: dict[str, Any] = {"replicates": 30, "seed": 9}
    first = bootstrap(KRIPPENDORFF_C, "fleiss", frequencies=often, clusters=names, **asked)
    second = bootstrap(np.repeat(KRIPPENDORFF_C, often, axis=0), "fleiss", clusters=np.repeat(names, often), **asked)
    assert first.values == pytest.approx(second.values, abs=1e-12)


def test_large_frequencies_are_quick_and_narrow() -> None:
    interval = bootstrap([[0, 0], [0, 1], [1, 0], [1, 1]], "cohen", frequencies=[900_000, 30_000, 20_000, 50_000])
    assert interval.low is not None
    assert interval.high is not None
    assert interval.high - interval.low < 0.01
    assert interval.low < 0.64 < interval.high


def test_the_bootstrap_error_is_near_the_analytic_one_for_many_units() -> None:
    ratings = ratings_for("gwet", {}, units=800)
    from qualcode.stats.agreement import analytic_interval

    for measure in ("gwet", "krippendorff", "fleiss"):
        analytic = analytic_interval(ratings, measure).standard_error
        assert bootstrap(ratings, measure, replicates=1500).standard_error == pytest.approx(analytic, rel=0.08)


def test_dependent_turns_need_clusters() -> None:
    """Whole interviews go well or badly, so drawing single turns understates the error."""
    rng = np.random.default_rng(11)
    interview = np.repeat(np.arange(20), 40)
    skill = rng.choice([0.3, 0.95], 20)[interview]
    true = rng.integers(0, 3, 800)
    ratings = np.where(rng.random((800, 2)) < skill[:, None], true[:, None], rng.integers(0, 3, (800, 2)))
    turns = bootstrap(ratings, "krippendorff", replicates=800)
    whole = bootstrap(ratings, "krippendorff", clusters=interview.tolist(), replicates=800)
    assert turns.standard_error is not None
    assert whole.standard_error is not None
    assert whole.standard_error > 2 * turns.standard_error


def test_percentile_interval_covers() -> None:
    rng = np.random.default_rng(5)
    table = np.array([0.35, 0.10, 0.05, 0.50])  # kappa of the population, from its own table
    po, pe = table[0] + table[3], 0.45 * 0.40 + 0.55 * 0.60
    kappa = (po - pe) / (1 - pe)
    hits = 0
    for run in range(200):
        counts = rng.multinomial(200, table)
        interval = bootstrap([[0, 0], [0, 1], [1, 0], [1, 1]], "cohen", frequencies=counts, replicates=300, seed=run)
        assert interval.low is not None
        assert interval.high is not None
        hits += interval.low <= kappa <= interval.high
    assert 180 <= hits <= 199


def test_bca_is_the_percentile_interval_moved_by_bias_and_skewness() -> None:
    """Against Efron's formula, step by step from the replicates and a jackknife over units."""
    from scipy.stats import norm

    ratings = ratings_for("krippendorff", {}, units=25)
    asked: dict[str, Any] = {"categories": [0, 1, 2, 3], "replicates": 1000, "seed": 2}
    found = bootstrap(ratings, "krippendorff", method="bca", **asked)
    values = found.values
    z = norm.ppf((values < found.value).mean() + (values == found.value).mean() / 2)
    left = np.array([coefficient(np.delete(ratings, unit, 0), "krippendorff").value for unit in range(25)], dtype=float)
    apart = left.mean() - left
    a = (apart**3).sum() / (6 * (apart**2).sum() ** 1.5)
    shares = [norm.cdf(z + (z + t) / (1 - a * (z + t))) for t in (norm.ppf(0.025), norm.ppf(0.975))]
    assert [found.low, found.high] == pytest.approx(list(np.quantile(values, shares)), abs=1e-9)
    plain = bootstrap(ratings, "krippendorff", **asked)
    assert (found.method, plain.method) == ("bca", "percentile")
    assert found.low != plain.low


def test_bca_over_clusters_leaves_out_whole_clusters() -> None:
    ratings = ratings_for("fleiss", {})
    names = [unit // 3 for unit in range(30)]
    found = bootstrap(ratings, "fleiss", clusters=names, method="bca", replicates=300)
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert found.low < found.value < found.high


def test_confidence_widens() -> None:
    narrow, wide = (bootstrap(KRIPPENDORFF_C, "gwet", confidence=share, replicates=500) for share in (0.5, 0.99))
    assert narrow.low is not None
    assert wide.low is not None
    assert wide.low < narrow.low


def test_undefined_replicates_are_counted_and_left_out() -> None:
    ratings = [["a", "a"]] * 9 + [["a", "b"]]
    interval = bootstrap(ratings, "cohen", replicates=1000)
    # Without the tenth unit all ratings are the same: (9/10)^10 of the draws.
    assert interval.undefined == pytest.approx(1000 * 0.9**10, abs=60)
    told = f"The measure was undefined in {interval.undefined} of 1000 replicates, which are left out."
    assert interval.notes[-1] == told
    assert int(np.isnan(interval.values).sum()) == interval.undefined


@pytest.mark.parametrize(
    ("ratings", "clusters", "reason"),
    [
        ([["a", "a"]] * 5, None, "All 10 ratings that can be paired are 'a'"),
        ([["a", "b"]], None, "Fewer than two units"),
        ([["a", "b"], ["b", "b"], ["a", "a"]], ["one"] * 3, "Fewer than two clusters"),
        ([], None, "at least two coders"),
        ([["a", None]], None, "No unit was rated by two coders."),
    ],
)
def test_what_cannot_be_resampled_is_undefined(ratings: object, clusters: list[str] | None, reason: str) -> None:
    interval = bootstrap(ratings, "fleiss", clusters=clusters, replicates=20)
    assert (interval.status, interval.low, interval.high, interval.defined) == ("undefined", None, None, False)
    assert reason in interval.reason


def test_an_interval_without_width_is_told() -> None:
    interval = bootstrap([["a", "a"], ["b", "b"], ["b", "b"]] * 10, "cohen", replicates=50)
    assert (interval.low, interval.high) == pytest.approx((1.0, 1.0))
    assert interval.notes[0] == "The replicates hardly differ: an interval without width says little about other units."


def test_few_clusters_are_told() -> None:
    interval = bootstrap(
        [["a", "a"], ["a", "b"], ["b", "b"], ["b", "b"]] * 3, "scott", clusters=[0, 1, 2, 3] * 3, replicates=50
    )
    assert interval.notes[-1] == "Only 4 clusters: intervals from so few are usually too narrow."


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("QC-N010", {"frequencies": [0.5] * 12}),
        ("QC-N011", {"clusters": ["a", "b"]}),
        ("QC-N011", {"clusters": [None] * 12}),
        ("QC-N011", {"clusters": [float("nan")] * 12}),
        ("QC-N012", {"replicates": 1}),
        ("QC-N012", {"replicates": 1.5}),
        ("QC-N012", {"confidence": 95}),
        ("QC-N012", {"seed": -1}),
        ("QC-N012", {"seed": None}),
        ("QC-N012", {"method": "basic"}),
    ],
)
def test_a_bootstrap_without_meaning_is_refused(code: str, asked: dict[str, Any]) -> None:
    with pytest.raises(StatisticsError) as raised:
        bootstrap(KRIPPENDORFF_C, "gwet", **asked)
    assert raised.value.code == code
    assert raised.value.hint


def test_fractions_of_units_can_be_drawn_by_cluster() -> None:
    interval = bootstrap(KRIPPENDORFF_C, "gwet", frequencies=[0.5] * 12, clusters=list(range(12)), replicates=50)
    assert interval.status == "ok"


def test_many_distinct_values_stay_within_memory() -> None:
    rng = np.random.default_rng(0)
    ratings = rng.normal(size=(1500, 1)) + rng.normal(scale=0.3, size=(1500, 2))
    for level in ("interval", "ordinal"):
        interval = bootstrap(ratings, "krippendorff", level=level, replicates=20)
        drawn = resampling(prepare(ratings, "krippendorff", level=level))
        assert not isinstance(drawn.contributions, np.ndarray)  # sparse
        assert interval.low is not None
        assert 0.8 < interval.low < 1
    found = bootstrap(ratings[:300], "krippendorff", level="interval", method="bca", replicates=100)
    assert found.status == "ok"
