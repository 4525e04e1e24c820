"""How fast intervals of agreement are, as ratios of CPU time against looping named packages, in one process.

    python benchmarks/agreement.py           # the packages are timed on 50 of the 1,000 replicates, and scaled
    python benchmarks/agreement.py --full    # all 1,000

Each package gets the very data sets that our bootstrap drew, made and shuffled beforehand: only its calls are timed, and
every one of its values is compared with ours. A whole call of ours is timed: reading the ratings, drawing, computing, quantiles.
Both sides are medians of CPU time.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")  # before numpy is imported

import argparse
import importlib.metadata
import platform
import time
from collections.abc import Callable, Iterator
from typing import Any

import krippendorff
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from qualcode.stats.agreement import bootstrap, coefficient
from qualcode.stats.agreement.coefficients import prepare
from qualcode.stats.agreement.resample import resampling

REPLICATES = 1000
UNITS = 10_000
CATEGORIES = 5
SEED = 20_261_122

Ratings = NDArray[Any]
Peer = Callable[[Ratings], float]


def cpu() -> float:
    """Return the CPU seconds that this process has used."""
    return time.process_time()


def ratings(coders: int, missing: float) -> Ratings:
    """Return noisy ratings 0 to 4 of true categories, 70 % right and otherwise at random, with gaps."""
    rng = np.random.default_rng(SEED)
    true = rng.integers(0, CATEGORIES, UNITS)
    right = rng.random((UNITS, coders)) < 0.7
    found = np.where(right, true[:, None], rng.integers(0, CATEGORIES, (UNITS, coders)))
    if not missing:
        return found
    return np.where(rng.random(found.shape) < missing, np.nan, found)


def drawn_data(data: Ratings, measure: str, count: int) -> Iterator[Ratings]:
    """Yield the first data sets that the bootstrap draws, as ratings."""
    drawn = resampling(prepare(data, measure))
    rows = np.where(drawn.patterns < 0, np.nan, drawn.patterns)
    if data.dtype.kind == "i":
        rows = rows.astype(int)
    left = count
    rng = np.random.default_rng(SEED)
    for chunk in drawn.draws(REPLICATES, SEED):
        for draw in chunk[:left]:
            yield rng.permutation(np.repeat(rows, draw.astype(int), axis=0))
        left -= len(chunk)
        if left <= 0:
            return


def usual(spent: list[float]) -> float:
    """Return the median CPU time of several calls: the same measure for us and for the packages."""
    return sorted(spent)[len(spent) // 2]


def best(call: Callable[[], object], times: int) -> float:
    """Return the shortest CPU time of several calls."""
    spent = []
    for _ in range(times):
        start = cpu()
        call()
        spent.append(cpu() - start)
    return min(spent)


def compare(name: str, data: Ratings, measure: str, peers: dict[str, Peer], loops: int, goal: float | None) -> None:
    """Time our bootstrap against the packages, of which the quickest counts, and compare all values."""
    own = []
    for _ in range(15):
        start = cpu()
        bootstrap(data, measure, replicates=REPLICATES, seed=SEED)
        own.append(cpu() - start)
    ours = usual(own)
    values = bootstrap(data, measure, replicates=REPLICATES, seed=SEED).values
    spent: dict[str, list[float]] = {peer: [] for peer in peers}
    furthest = 0.0
    for number, sample in enumerate(drawn_data(data, measure, loops)):
        for peer, call in peers.items():
            start = cpu()
            value = call(sample)
            spent[peer].append(cpu() - start)
            furthest = max(furthest, abs(value - values[number]))
    if furthest > 1e-9:
        raise SystemExit(f"{name}: a replicate differs by {furthest:g}")
    quickest = min(spent, key=lambda peer: usual(spent[peer]))
    scaled = usual(spent[quickest]) * REPLICATES
    how = f"median of {loops} × {REPLICATES:,}"
    note = f"{scaled:.2f} s ({how}) to {ours * 1000:.2f} ms; {loops} replicates equal within {furthest:.0e}"
    report(f"{name}, {REPLICATES:,} replicates, against {quickest}", scaled / ours, goal, note)


def single(name: str, data: Ratings, measure: str, peers: dict[str, Peer]) -> None:
    """Time one coefficient of the whole data."""
    ours = best(lambda: coefficient(data, measure), 15)
    value = coefficient(data, measure).value
    for peer, call in peers.items():
        theirs = best(lambda call=call: call(data), 15)
        if value is None or abs(call(data) - value) > 1e-9:
            raise SystemExit(f"{name}: {peer} has another value")
        report(f"one {name} against {peer}", theirs / ours, None, f"{theirs * 1000:.2f} ms to {ours * 1000:.2f} ms")


def value_counts(data: Ratings) -> NDArray[np.int64]:
    """Return units × categories, the other form that krippendorff takes."""
    return np.stack([(data == category).sum(axis=1) for category in range(CATEGORIES)], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="let the packages compute all replicates")
    loops = REPLICATES if parser.parse_args().full else 50
    names = ("qualcode", "numpy", "krippendorff", "scikit-learn", "statsmodels")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    print(f"Python {platform.python_version()} on {platform.machine()}, one thread; {versions}")
    print(f"{UNITS:,} units, {CATEGORIES} categories, 70 % right and the rest at random; seed {SEED}; CPU time\n")

    three, two, complete = ratings(3, 0.1), ratings(2, 0.0), ratings(3, 0.0)
    alpha: dict[str, Peer] = {
        "krippendorff": lambda data: krippendorff.alpha(reliability_data=data.T, level_of_measurement="nominal"),
        "krippendorff from value counts": lambda data: krippendorff.alpha(
            value_counts=value_counts(data), level_of_measurement="nominal"
        ),
    }
    kappa: dict[str, Peer] = {"scikit-learn": lambda data: cohen_kappa_score(data[:, 0], data[:, 1])}
    fleiss: dict[str, Peer] = {"statsmodels": lambda data: fleiss_kappa(aggregate_raters(data)[0])}
    given: dict[str, Peer] = {
        "statsmodels from counts by numpy": lambda data: fleiss_kappa(value_counts(data)),
    }
    compare("nominal alpha, 3 coders, 10 % missing", three, "krippendorff", alpha, loops, 300)
    compare("Cohen's kappa, 2 coders", two, "cohen", kappa, loops, 400)
    compare("Fleiss' kappa, 3 coders", complete, "fleiss", {**fleiss, **given}, loops, None)

    transcripts = np.arange(UNITS) // 250
    spent = best(
        lambda: bootstrap(three, "krippendorff", clusters=transcripts.tolist(), replicates=REPLICATES, seed=SEED), 5
    )
    report("nominal alpha, 40 transcripts drawn whole, ms", spent * 1000, None, "10,000 units, 1,000 replicates")
    for level in ("ordinal", "interval"):
        spent = best(lambda level=level: bootstrap(three, "krippendorff", level=level, replicates=REPLICATES), 5)
        report(f"{level} alpha, ms", spent * 1000, None, "10,000 units × 3, 1,000 replicates")
    print()
    single("nominal alpha", three, "krippendorff", alpha)
    single("Cohen's kappa", two, "cohen", kappa)
    single("Fleiss' kappa", complete, "fleiss", {**fleiss, **given})


def report(what: str, value: float, goal: float | None, note: str) -> None:
    """Print one line: what was reached, and what was wanted if anything was."""
    met = "        " if goal is None else "reached " if value >= goal else "MISSED  "
    wanted = "" if goal is None else f"goal at least {goal:g}; "
    print(f"{met} {what}: {value:.4g} ({wanted}{note})")


if __name__ == "__main__":
    main()
