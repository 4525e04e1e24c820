"""Fitting a topic model: one call for NMF, for gensim's LDA and for tomotopy's, with seeds or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from qualcode.coding.topics.inference import infer
from qualcode.coding.topics.lda import ETA, Fitted, by_gensim, by_tomotopy
from qualcode.coding.topics.model import KINDS, Kind, Pooled, SeedGroup, TopicModel
from qualcode.coding.topics.nmf import by_nmf
from qualcode.coding.topics.seeding import FIRST_WEIGHT, ROUNDS, Plan, plan_seeds, raised
from qualcode.errors import CodingError, MissingExtraError

__all__ = ["default_lda", "fit_topics"]

Array = npt.NDArray[Any]

STOOD_IN = (
    "tomotopy is not installed, so gensim's LDA stood in for it (slower, less coherent): pip install 'qualcode[topics]'"
)


def default_lda() -> Kind:
    """Return ``"tomotopy"`` where it is installed, else ``"lda"`` (gensim)."""
    return "tomotopy" if find_spec("tomotopy") is not None else "lda"


def fit_topics(
    pooled: Pooled, k: int, *, kind: Kind | None = None, seed: int = 0,
    seeds: Mapping[str, Sequence[str]] | None = None, excluded: Mapping[str, Sequence[str]] | None = None,
    rounds: int | None = None, sample: Array | None = None,
) -> TopicModel:  # fmt: skip
    """Return a topic model of pooled talk: the same arguments give the same bytes.

    Args:
        pooled: the talk (:func:`~qualcode.coding.topics.pooling.pool`).
        k: number of topics, seeded ones included; they come first.
        kind: ``nmf``, ``lda`` (gensim) or ``tomotopy``; ``None`` for tomotopy where it is installed, else gensim, and
            then the model's notes say so.
        seed: of the random numbers.
        seeds: words that draw a topic to a code, by the code's id (:func:`~qualcode.coding.topics.seeding.seeds_of`).
        excluded: words that must not be in the topic of a code, by the code's id.
        rounds: sweeps of tomotopy's sampler, passes of gensim, or rounds of NMF; ``None`` for what suits the amount of
            talk.
        sample: rows of the segments that NMF finds its topics in, ``None`` for all; it is how its stability is tried.

    Raises:
        CodingError: QC-K021 when there are more topics than segments or terms, QC-K022 for a parameter that cannot be
            used, QC-K023 when more codes have seed words than there are topics.
        MissingExtraError: QC-M020 when tomotopy is asked for and not installed.
    """
    _check(pooled, k, kind, seed, rounds)
    chosen = default_lda() if kind is None else kind
    if chosen == "tomotopy" and default_lda() != "tomotopy":
        raise MissingExtraError("QC-M020", "tomotopy is not installed",
                                hint="Type: pip install 'qualcode[topics]', or take `lda` or `nmf`.")  # fmt: skip
    plan = plan_seeds(pooled, k, seeds or {}, excluded)
    weights = [FIRST_WEIGHT] * len(plan.codes)
    fitted, groups, tries = _fit(pooled, k, chosen, seed, plan, weights, rounds, sample)
    shares = fitted.shares if fitted.shares is not None else infer(fitted.words, pooled.counts, fitted.prior)
    settings = {**{f"pool_{name}": value for name, value in pooled.settings.items()}, **fitted.settings}
    if plan.codes:
        settings |= {"seeding_fits": tries, "seed_weights": " ".join(f"{weight:.3g}" for weight in weights)}
    return TopicModel(
        kind=chosen,
        k=k,
        seed=seed,
        terms=pooled.terms,
        words=fitted.words,
        shares=shares,
        prior=fitted.prior,
        seeded=plan.codes + ("",) * (k - len(plan.codes)),
        groups=groups,
        settings=settings,
        notes=(*((STOOD_IN,) if kind is None and chosen == "lda" else ()), *fitted.notes),
    )


def _fit(
    pooled: Pooled, k: int, kind: Kind, seed: int, plan: Plan, weights: list[float], rounds: int | None,
    sample: Array | None,
) -> tuple[Fitted, tuple[SeedGroup, ...], int]:  # fmt: skip
    """Fit until every seed group holds or no prior grows any more; ``weights`` is brought up to what was used last."""
    last: Array | None = None
    tries = 0
    while True:
        prior = plan.prior(pooled, k, weights, ETA) if plan.codes else None
        tries += 1
        if kind == "nmf":
            fitted = by_nmf(pooled, k, seed=seed, plan=plan, weights=weights, rounds=rounds, sample=sample)
        elif kind == "lda":
            fitted = by_gensim(pooled, k, seed=seed, prior=prior, rounds=rounds)
        else:
            fitted = by_tomotopy(pooled, k, seed=seed, prior=prior, rounds=rounds)
        groups = plan.groups(pooled, fitted.words, fitted.mass)
        heavier = raised(weights, groups)
        stuck = kind != "nmf" and last is not None and prior is not None and np.array_equal(prior, last)
        if heavier == weights or stuck or tries == ROUNDS:
            return fitted, groups, tries
        weights[:], last = heavier, prior


def _check(pooled: Pooled, k: int, kind: Kind | None, seed: int, rounds: int | None) -> None:
    if kind is not None and kind not in KINDS:
        raise CodingError("QC-K022", f"there is no kind of topic model {kind!r}", hint=f"Known: {', '.join(KINDS)}.")
    for what, value, low in (("k", k, 2), ("seed", seed, 0), ("rounds", 1 if rounds is None else rounds, 1)):
        if not isinstance(cast(Any, value), int) or isinstance(value, bool) or value < low:
            raise CodingError("QC-K022", f"{what!r} is {value!r}, and must be a whole number from {low} up",
                              hint="Topics are usually between 5 and 50." if what == "k" else None)  # fmt: skip
    most = min(len(pooled), len(pooled.terms))
    if k > most:
        raise CodingError("QC-K021", f"{k} topics are too many for {len(pooled)} segments, {len(pooled.terms)} terms",
                          hint=f"Ask for {most} topics at most; far fewer is usual.")  # fmt: skip
