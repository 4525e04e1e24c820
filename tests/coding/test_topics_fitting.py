"""Fitting topic models: planted topics come back, seed words stay together, free topics stay free, bytes repeat."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qualcode.codebook import load_codebook
from qualcode.coding import Corpus
from qualcode.coding.topics import fit as fitting
from qualcode.coding.topics.fit import default_lda, fit_topics
from qualcode.coding.topics.inference import infer
from qualcode.coding.topics.lda import passes_for, sweeps_for
from qualcode.coding.topics.model import KINDS, Kind, Pooled, SeedGroup, TopicModel
from qualcode.coding.topics.pooling import pool
from qualcode.coding.topics.seeding import CAP, FIRST_WEIGHT, STEP, excluded_of, heard, plan_seeds, raised, seeds_of
from qualcode.errors import CodingError, MissingExtraError
from qualcode.ingest import read_path
from qualcode.model.codes import Code, Codebook, Seeds
from tests.coding.topic_talk import FREE, PLANTED, SEEDS, bare, planted

ROUNDS: dict[Kind, int] = {"nmf": 200, "lda": 40, "tomotopy": 150}


@cache
def fitted(kind: Kind, *, seeded: bool = False, k: int = 4, seed: int = 1) -> TopicModel:
    """Return a model of the planted talk with as many topics as were planted."""
    return fit_topics(planted(), k, kind=kind, seed=seed, seeds=SEEDS if seeded else None, rounds=ROUNDS[kind])


def found_again(model: TopicModel, name: str) -> list[int]:
    """Return the topics that have six of the seven most frequent planted words in their top ten."""
    return [topic for topic in range(model.k) if len(set(model.top(topic)) & set(PLANTED[name][:7])) >= 6]


@pytest.mark.parametrize("kind", KINDS)
def test_planted_topics_come_back(kind: Kind) -> None:
    model = fitted(kind)
    assert all(found_again(model, name) for name in PLANTED)
    assert model.words.shape == (4, len(model.terms))
    assert model.shares.shape == (240, 4)
    assert np.allclose(model.words.sum(axis=1), 1)
    assert np.allclose(model.shares.sum(axis=1), 1)
    assert (model.words >= 0).all()
    assert (model.shares >= 0).all()
    assert model.seeded == ("",) * 4


@pytest.mark.parametrize("kind", KINDS)
def test_seed_words_stay_together_in_the_topic_of_their_code(kind: Kind) -> None:
    model = fitted(kind, seeded=True)
    assert model.seeded == ("garden", "kitchen", "harbour", "")
    assert [group.code for group in model.groups] == list(SEEDS)
    for topic, name in enumerate(SEEDS):
        assert len(set(model.top(topic)) & set(SEEDS[name])) >= 3
        assert found_again(model, name) == [topic]
        assert model.groups[topic].share >= 0.75  # type: ignore[operator]  # all words are there
        assert not model.groups[topic].unseen


@pytest.mark.parametrize("kind", KINDS)
def test_free_topics_stay_free(kind: Kind) -> None:
    model = fitted(kind, seeded=True)
    assert [topic >= len(SEEDS) for topic in found_again(model, FREE)] == [True]


@pytest.mark.parametrize("kind", KINDS)
def test_seeds_that_the_talk_scatters_are_held_together(kind: Kind) -> None:
    """One word from each planted topic: no topic would have them on its own."""
    scattered = {"odd": ["lawn", "oven", "anchor", "drum"]}
    plain = fitted(kind)
    assert max(len(set(plain.top(topic)) & set(scattered["odd"])) for topic in range(plain.k)) == 1
    model = fit_topics(planted(), 5, kind=kind, seed=1, seeds=scattered, rounds=ROUNDS[kind])
    assert len(set(model.top(0)) & set(scattered["odd"])) >= 3
    assert all(found_again(model, name) for name in PLANTED)


@pytest.mark.parametrize("kind", KINDS)
def test_a_free_topic_may_use_the_seed_word_of_another(kind: Kind) -> None:
    texts = ["violin trumpet boat melody cello concert flute drum"] * 40 + [
        "boat anchor tide sail pier rope crab captain"
    ] * 40
    model = fit_topics(
        bare(*texts), 2, kind=kind, seeds={"harbour": ["boat", "anchor", "tide", "sail"]}, rounds=ROUNDS[kind]
    )
    boat = model.terms.index("boat")
    assert model.words[1, boat] > 0.03
    assert {"violin", "trumpet", "melody", "cello"} <= set(model.top(1))
    assert model.words[0, model.terms.index("violin")] < 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_bytes(kind: Kind) -> None:
    first = fit_topics(planted(80), 4, kind=kind, seed=3, seeds=SEEDS, rounds=20)
    again = fit_topics(planted(80), 4, kind=kind, seed=3, seeds=SEEDS, rounds=20)
    assert first.words.tobytes() == again.words.tobytes()
    assert first.shares.tobytes() == again.shares.tobytes()
    assert (first.groups, first.settings, first.notes) == (again.groups, again.settings, again.notes)
    other = fit_topics(planted(80), 4, kind=kind, seed=4, seeds=SEEDS, rounds=20)
    assert first.words.tobytes() != other.words.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_comes_from_outside_the_talk(kind: Kind) -> None:
    seeds = {"garden": ["spade", "wheelbarrow"], "sky": ["cloud", "comet"]}
    model = fit_topics(planted(80), 4, kind=kind, seeds=seeds, rounds=20)
    assert model.terms == planted(80).terms
    assert not {"wheelbarrow", "cloud", "comet"} & set(model.terms)
    assert model.seeded == ("garden", "", "", "")
    garden, sky = model.groups
    assert (garden.words, garden.unseen) == (("spade",), ("wheelbarrow",))
    assert sky == SeedGroup(-1, "sky", (), unseen=("cloud", "comet"))
    assert sky.share is None


def test_a_word_too_rare_for_a_top_ten_is_reported() -> None:
    garden, kitchen = " ".join(PLANTED["garden"]), " ".join(PLANTED["kitchen"])
    pooled = bare(*[garden, kitchen] * 30, garden + " unicorn")
    model = fit_topics(pooled, 2, kind="tomotopy", seeds={"garden": ["spade", "lawn", "unicorn"]}, rounds=50)
    (group,) = model.groups
    assert group.rare == ("unicorn",)
    assert set(group.words) == {"spade", "lawn"}
    assert group.share == 1


def test_words_that_must_not_be_in_a_topic_are_not() -> None:
    for kind in KINDS:
        model = fit_topics(
            planted(), 4, kind=kind, seed=1, seeds=SEEDS, excluded={"garden": ["spade"]}, rounds=ROUNDS[kind]
        )
        assert "spade" not in model.top(0)
        assert len(set(model.top(0)) & set(SEEDS["garden"])) >= 3


def test_seed_words_may_be_written_in_any_form_of_theirs() -> None:
    plan = plan_seeds(bare("boat tulip"), 2, {"A": ["Boats", "TULIP", "boat"]})
    assert plan.columns == ((0, 1),)


def test_prior_counts_are_capped_by_occurrences_and_next_to_nothing_in_other_groups() -> None:
    pooled = bare("boat boat boat oven anchor", "oven oven tide")
    plan = plan_seeds(pooled, 3, {"sea": ["boat", "anchor"], "home": ["oven"]})
    assert pooled.terms == ("anchor", "boat", "oven", "tide")
    prior = plan.prior(pooled, 3, [0.5, 0.95], 0.01)
    # 8 words over 3 topics are 8/3 a topic; odds of 1 shared by two words, odds of 19 for one, at most 5 times 3 occurrences
    assert prior[0].tolist() == pytest.approx([0.01 + 8 / 6, 0.01 + 8 / 6, 1e-9, 0.01])
    assert prior[1].tolist() == pytest.approx([1e-9, 1e-9, 0.01 + CAP * 3, 0.01])
    assert prior[2].tolist() == [0.01] * 4


def test_only_groups_that_do_not_hold_are_raised() -> None:
    groups = (
        SeedGroup(0, "a", ("x", "y", "z", "w"), kept=("x", "y", "z")),
        SeedGroup(1, "b", ("x", "y"), kept=()),
        SeedGroup(-1, "c", (), unseen=("q",)),
    )
    assert raised([FIRST_WEIGHT, 0.5], groups) == [FIRST_WEIGHT, pytest.approx(STEP / (1 + STEP))]


def test_seeds_come_from_the_codebook_in_its_order() -> None:
    sown = (Code("B", "b", seeds=Seeds(("boat",), exclude_words=("oar",))), Code("A", "a", seeds=Seeds(("oven",))),
            Code("C", "c"), Code("D", "d", codable=False, seeds=Seeds(("x",))),
            Code("E", "e", status="retired", seeds=Seeds(("y",))))  # fmt: skip
    book = Codebook("sea", "1", "Sea", sown)
    assert seeds_of(book) == {"B": ("boat",), "A": ("oven",)}
    assert list(seeds_of(book, ["A"])) == ["A"]
    assert excluded_of(book) == {"B": ("oar",)}
    with pytest.raises(CodingError, match="no code 'Z'") as caught:
        seeds_of(book, ["Z"])
    assert caught.value.code == "QC-K003"


@cache
def four_interviews() -> Pooled:
    """Return the interviews of the bundled study that rules may be tuned on."""
    folder = Path(__file__).parents[2] / "corpora" / "hope-challenge" / "transcripts"
    paths = sorted(path for number in ("01", "02", "04", "06") for path in folder.glob(f"{number}-*"))
    return pool(Corpus.of([read_path(path)[0] for path in paths]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_group_of_the_shipped_book_that_is_heard_holds_beside_free_topics(kind: Kind) -> None:
    book, talk = load_codebook("hope-merged"), four_interviews()
    seeds = seeds_of(book)
    model = fit_topics(talk, len(heard(talk, seeds)) + 4, kind=kind, seeds=seeds, excluded=excluded_of(book))
    drawn = [group for group in model.groups if group.words]
    assert len(drawn) >= 25
    assert [group.code for group in drawn if (group.share or 0) < 0.75] == []
    assert model.seeded[-4:] == ("",) * 4


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_about_as_many_topics_as_the_talk_can_bear_have_numbers(seed: int) -> None:
    """scikit-learn's multiplicative updates overflow here."""
    book, talk = load_codebook("hope-merged"), four_interviews()
    rows = np.sort(np.random.default_rng(seed).choice(len(talk), round(0.8 * len(talk)), replace=False))
    with np.errstate(all="raise", under="ignore"):
        model = fit_topics(
            talk, 30, kind="nmf", seed=seed, seeds=seeds_of(book), excluded=excluded_of(book), sample=rows
        )
    assert np.isfinite(model.words).all()
    assert np.isfinite(model.shares).all()


def test_every_code_of_the_shipped_book_that_can_be_given_has_seeds() -> None:
    book = load_codebook("hope-merged")
    assert set(seeds_of(book)) == {code.id for code in book if code.codable}


@pytest.mark.parametrize(
    ("k", "options", "error", "told"),
    [(1, {}, "QC-K022", "'k' is 1"), (True, {}, "QC-K022", "'k' is True"), (99, {}, "QC-K021", "99 topics are too many"),
     (3, {"seed": -1}, "QC-K022", "'seed' is -1"), (3, {"rounds": 0}, "QC-K022", "'rounds' is 0"),
     (3, {"kind": "hdp"}, "QC-K022", "no kind of topic model 'hdp'"),
     (2, {"seeds": SEEDS}, "QC-K023", "3 codes have seed words, but there are only 2 topics")],
)  # fmt: skip
def test_what_cannot_be_fitted_is_said_before_anything_runs(
    k: int, options: dict[str, Any], error: str, told: str
) -> None:
    with pytest.raises(CodingError, match=told) as caught:
        fit_topics(planted(20), k, **options)
    assert caught.value.code == error


def test_one_segment_is_too_little() -> None:
    with pytest.raises(CodingError, match="2 topics are too many for 1 segments"):
        fit_topics(bare("boat oven spade"), 2)


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_topics_as_segments_can_be_asked_for(kind: Kind) -> None:
    model = fit_topics(bare("boat anchor", "oven whisk", "spade lawn"), 3, kind=kind, rounds=5)
    assert np.isfinite(model.words).all()
    assert np.isfinite(model.shares).all()


def test_tomotopy_is_the_default_and_gensim_stands_in_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_lda() == "tomotopy"
    assert fit_topics(planted(20), 2, rounds=5).kind == "tomotopy"
    monkeypatch.setitem(sys.modules, "tomotopy", None)
    assert importlib.util.find_spec("tomotopy") is None
    assert default_lda() == "lda"
    model = fit_topics(planted(20), 2, rounds=1)
    assert model.kind == "lda"
    assert model.notes == (fitting.STOOD_IN,)
    assert not fit_topics(planted(20), 2, kind="lda", rounds=1).notes
    with pytest.raises(MissingExtraError, match="tomotopy is not installed") as caught:
        fit_topics(planted(20), 2, kind="tomotopy")
    assert caught.value.code == "QC-M020"


def test_settings_tell_how_a_model_was_made() -> None:
    told = fitted("tomotopy", seeded=True).settings
    assert str(told["library"]).startswith("tomotopy 0.")
    assert told["sweeps"] == 150
    assert told["pool_by"] == "run"
    assert told["seeding_fits"] == 1


def test_shares_are_the_fixed_point_of_the_update() -> None:
    pooled = bare("boat boat oven", "oven oven oven")
    words = np.asarray([[0.9, 0.1], [0.2, 0.8]])
    found = infer(words, pooled.counts, np.asarray([0.5, 0.5]), rounds=200)
    for counts, share in zip(pooled.counts.toarray(), found, strict=True):
        each = share[:, None] * words
        wanted = 0.5 + (counts * each / each.sum(axis=0)).sum(axis=1)
        assert share == pytest.approx(wanted / wanted.sum(), abs=1e-5)


def test_shares_do_not_depend_on_how_many_segments_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, pooled = fitted("tomotopy"), planted()
    whole = infer(model.words, pooled.counts, model.prior)
    monkeypatch.setattr("qualcode.coding.topics.inference.CHUNK", 300)
    assert infer(model.words, pooled.counts, model.prior).tobytes() == whole.tobytes()
    assert model.shares.tobytes() == whole.tobytes()


def test_a_segment_without_words_has_the_shares_of_the_prior() -> None:
    counts = bare("boat").counts[:0]
    counts.resize((1, 1))
    assert infer(np.ones((2, 1)), counts, np.asarray([0.3, 0.1])).tolist() == [pytest.approx([0.75, 0.25])]


def test_a_small_study_is_gone_through_more_often() -> None:
    small, large = planted(20), planted(240)
    assert (sweeps_for(small), passes_for(small)) == (1000, 50)
    more = replace(large, counts=large.counts * 20)
    assert sweeps_for(more) == 8_000_000 // int(more.frequency.sum())
    assert sweeps_for(replace(large, counts=large.counts * 1000)) == 50
    assert fit_topics(small, 2).settings["sweeps"] == 1000
