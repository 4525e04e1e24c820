"""Measures of topic models against values worked out by hand, against gensim's own, and models side by side."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict, replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.coding.topics.coherence import npmi, npmi_interval
from qualcode.coding.topics.comparison import Comparison, ComparisonRow, compare
from qualcode.coding.topics.fit import fit_topics
from qualcode.coding.topics.frequent_exclusive import exclusivity, frex
from qualcode.coding.topics.matching import match_topics, stability
from qualcode.coding.topics.model import SeedGroup, TopicModel
from qualcode.coding.topics.relevant import relevance
from qualcode.errors import CodingError
from tests.coding.topic_talk import SEEDS, bare, model_of, planted

TALK = bare("anchor boat", "anchor boat", "anchor crab", "crab drum")


def test_npmi_by_hand() -> None:
    """p(anchor) = 3/4, p(boat) = 1/2, p(crab) = 1/2; together: 1/2 anchor and boat, 1/4 anchor and crab, 0 boat and crab."""
    model = model_of(TALK, [[0.4, 0.3, 0.3, 0.0]])
    pairs = [
        math.log(0.5 / 0.375) / -math.log(0.5),
        math.log(0.25 / 0.375) / -math.log(0.25),
        math.log(1e-12 / 0.25) / -math.log(1e-12),
    ]
    assert pairs == pytest.approx([0.415037, -0.292481, -0.949828], abs=1e-6)
    assert npmi(model, TALK, n=3).tolist() == pytest.approx([sum(pairs) / 3])


def test_npmi_is_gensims_over_whole_segments() -> None:
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    pooled = planted(60)
    model = fit_topics(pooled, 4, kind="nmf")
    texts = [
        [pooled.terms[column] for column, count in enumerate(row) for _ in range(count)]
        for row in pooled.counts.toarray()
    ]
    topics = [list(model.top(topic)) for topic in range(4)]
    theirs = CoherenceModel(
        topics=topics, texts=texts, dictionary=Dictionary(texts), coherence="c_npmi", window_size=10**6, processes=1
    )
    assert npmi(model, pooled).tolist() == pytest.approx(theirs.get_coherence_per_topic())


def test_words_that_every_segment_has_and_topics_of_one_word_have_no_coherence() -> None:
    everywhere = bare("anchor boat", "anchor boat")
    assert np.isnan(npmi(model_of(everywhere, [[0.5, 0.5]]), everywhere)).all()
    single = bare("anchor", "anchor")
    assert np.isnan(npmi(model_of(single, [[1.0]]), single)).all()
    assert npmi_interval([model_of(single, [[1.0]])], single).value is None


def test_interval_of_coherence_lies_about_its_value_and_narrows_with_more_talk() -> None:
    widths = []
    for n in (40, 240):
        pooled = planted(n)
        model = fit_topics(pooled, 4, kind="nmf")
        found = npmi_interval([model], pooled, seed=2)
        assert found == npmi_interval([model], pooled, seed=2)
        assert found.drawn == "segments"
        assert found.value == pytest.approx(npmi(model, pooled).mean())
        assert found.low < found.value < found.high  # type: ignore[operator]  # there is one
        widths.append(found.high - found.low)  # type: ignore[operator]  # there is one
    assert widths[1] < widths[0]


def test_two_segments_are_too_few_to_draw_from() -> None:
    found = npmi_interval([model_of(TALK, [[0.4, 0.3, 0.3, 0.0]])], TALK)
    assert (found.low, found.high) == (None, None)


def test_frex_by_hand() -> None:
    """Of topic 0 the exclusive shares are 1/2, 3/4, 2/5, 1/3 with ranks 3 4 2 1; the probabilities have ranks 4 3 2 1."""
    words = [[0.4, 0.3, 0.2, 0.1], [0.4, 0.1, 0.3, 0.2]]
    wanted = [1 / (0.7 / 0.75 + 0.3 / 1), 1 / (0.7 / 1 + 0.3 / 0.75), 0.5, 0.25]
    assert frex(np.asarray(words))[0].tolist() == pytest.approx(wanted)
    assert frex(np.asarray(words), weight=0.5)[0, 0] == pytest.approx(1 / (0.5 / 0.75 + 0.5 / 1))
    assert exclusivity(model_of(TALK, words), n=2)[0] == pytest.approx((wanted[0] + wanted[1]) / 2)


def test_topics_are_matched_by_the_greatest_sum_of_cosines() -> None:
    """Each for itself, both topics of the first would take topic 0 of the second."""
    first = np.asarray([[0.9, 0.1, 0.0], [0.7, 0.0, 0.3]])
    second = np.asarray([[0.8, 0.1, 0.1], [0.0, 0.4, 0.6]])
    columns, cosine = match_topics(first, second)
    assert columns.tolist() == [0, 1]
    assert cosine.tolist() == pytest.approx([0.73 / math.sqrt(0.82 * 0.66), 0.18 / math.sqrt(0.58 * 0.52)])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_matching_finds_a_shuffled_model_again(seed: int, k: int) -> None:
    draw = np.random.default_rng(seed)
    words = draw.dirichlet(np.full(12, 0.3), k)
    shuffled = draw.permutation(k)
    columns, cosine = match_topics(words, words[shuffled])
    assert shuffled[columns].tolist() == list(range(k))
    assert cosine == pytest.approx(np.ones(k))
    unit = words / np.linalg.norm(words, axis=1, keepdims=True)
    cosines = unit @ unit[::-1].T
    best = max(sum(cosines[i, j] for i, j in enumerate(order)) for order in permutations(range(k)))
    assert match_topics(words, words[::-1])[1].sum() == pytest.approx(best)


def test_stability_by_hand() -> None:
    """Labels 0 0 1 2 and 0 0 1 1 have an adjusted Rand index of 4/7; top tens of all four words always agree."""
    words = [[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1]]
    first = model_of(TALK, words, [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    second = model_of(TALK, words, [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
    found = stability([first, second])
    assert (found.mean, found.worst, found.jaccard) == pytest.approx((1, 1, 1))
    assert found.labels == pytest.approx(4 / 7)
    assert found.not_reproducible == ()


def test_jaccard_of_top_words_by_hand() -> None:
    names = [f"word{letter}x" for letter in "abcdefghijklmnopqrst"]
    pooled = bare(*[" ".join(names)] * 3)
    low, high = np.full(20, 0.001), np.full(20, 0.001)
    low[:10], high[5:15] = 0.099, 0.099
    found = stability([model_of(pooled, [low]), model_of(pooled, [high])])
    assert found.jaccard == pytest.approx(5 / 15)
    assert found.mean == pytest.approx(found.worst)
    assert found.not_reproducible == ()


def test_a_topic_that_does_not_come_again_is_not_reproducible() -> None:
    one, other = [[1, 0, 0, 0], [0, 1, 0, 0]], [[1, 0, 0, 0], [0, 0, 1, 0]]
    found = stability([model_of(TALK, one), model_of(TALK, other), model_of(TALK, other)])
    assert found.by_topic == pytest.approx((1, 0))
    assert found.not_reproducible == (1,)
    assert found.mean == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_models_of_other_sizes_cannot_be_matched() -> None:
    with pytest.raises(CodingError) as caught:
        stability([model_of(TALK, [[1, 0, 0, 0]]), model_of(TALK, [[1, 0, 0, 0], [0, 1, 0, 0]])])
    assert caught.value.code == "QC-K024"
    with pytest.raises(CodingError, match="two or more"):
        stability([model_of(TALK, [[1, 0, 0, 0]])])


def test_relevance_by_hand() -> None:
    """anchor is 3 of 8 words, boat 2, crab 2, drum 1."""
    model = model_of(TALK, [[0.5, 0.3, 0.1, 0.1]], [[1]] * 4)
    found = relevance(model, TALK, 0)
    assert [each.word for each in found] == ["anchor", "boat", "drum", "crab"]
    assert found[0].lift == pytest.approx(0.5 / (3 / 8))
    assert found[0].relevance == pytest.approx(0.6 * math.log(0.5) + 0.4 * math.log(0.5 / 0.375))
    assert (found[0].probability, found[0].occurrences, found[0].seed) == (0.5, 3, False)
    assert [each.word for each in relevance(model, TALK, 0, weight=1)] == ["anchor", "boat", "crab", "drum"]
    assert [each.word for each in relevance(model, TALK, 0, weight=0, n=1)] == ["anchor"]


def test_words_that_a_topic_has_only_by_its_prior_are_not_shown_but_its_seeds_are() -> None:
    model = model_of(TALK, [[0.9, 0.08, 0.01, 0.01], [0.1, 0.3, 0.3, 0.3]], [[1, 0]] * 4)
    assert [each.word for each in relevance(model, TALK, 0)] == ["anchor", "boat"]
    seeded = replace(model, groups=(SeedGroup(0, "A", ("drum",)),))
    assert [(each.word, each.seed) for each in relevance(seeded, TALK, 0)] == [
        ("anchor", False),
        ("boat", False),
        ("drum", True),
    ]


@pytest.mark.parametrize(
    ("topic", "weight", "told"), [(1, 0.6, "no topic 1"), (-1, 0.6, "no topic -1"), (0, 1.1, "'weight' is 1.1")]
)
def test_relevance_of_what_is_not_there(topic: int, weight: float, told: str) -> None:
    with pytest.raises(CodingError, match=told):
        relevance(model_of(TALK, [[0.4, 0.3, 0.2, 0.1]]), TALK, topic, weight=weight)


def test_top_words_that_are_equally_probable_come_by_the_alphabet() -> None:
    model = model_of(TALK, [[0.1, 0.4, 0.1, 0.4]])
    assert model.top(0) == ("boat", "drum", "anchor", "crab")
    assert model.top(0, 1) == ("boat",)


def test_shares_of_talk_weigh_segments_by_their_words() -> None:
    model = model_of(TALK, [[1, 0, 0, 0], [0, 1, 0, 0]], [[1, 0], [1, 0], [0, 1], [0.5, 0.5]])
    assert model.talk(np.asarray([10, 20, 50, 20])).tolist() == pytest.approx([0.4, 0.6])
    assert model.main.tolist() == [0, 0, 1, 0]


def row(npmi: float | None, exclusive: float, stable: float) -> ComparisonRow:
    return ComparisonRow("nmf", 5, 5, npmi, None, None, exclusive, stable, 0.1, 0.2, 0.3, 1, 0.05)


def test_rows_are_unbeaten_when_no_other_is_as_good_in_all_three() -> None:
    rows = (row(0.1, 0.9, 0.5), row(0.2, 0.8, 0.5), row(0.1, 0.8, 0.5), row(None, 0.7, 0.9), row(0.1, 0.9, 0.5))
    assert Comparison(rows).pareto() == (True, True, False, True, True)
    assert Comparison(rows).table().rows[2][-1] == ""
    assert Comparison(rows).table().rows[3][3] is None


def test_models_are_compared_and_none_is_named_the_winner() -> None:
    told: list[str] = []
    found = compare(planted(80), (3, 4, 3), kinds=("nmf", "tomotopy"), seed=2, progress=told.append)
    assert [(each.kind, each.k, each.seeds) for each in found.rows] == [
        ("nmf", 3, 5),
        ("nmf", 4, 5),
        ("tomotopy", 3, 5),
        ("tomotopy", 4, 5),
    ]
    assert told == [
        "nmf, 3 topics, 5 seeds",
        "nmf, 4 topics, 5 seeds",
        "tomotopy, 3 topics, 5 seeds",
        "tomotopy, 4 topics, 5 seeds",
    ]
    four = found.rows[1]
    assert four.stability > 0.9
    assert four.labels > 0.9
    assert four.not_reproducible == 0
    assert 0.2 < four.smallest <= 0.25
    assert any(found.pareto())
    table = found.table()
    assert table.name == "topic-models"
    assert "No row is the right one" in " ".join(table.notes)
    assert json.loads(json.dumps([asdict(each) for each in found.rows]))  # plain values, so that they can be kept
    assert found == compare(planted(80), (3, 4), kinds=("nmf", "tomotopy"), seed=2)


def test_seeded_models_are_compared_without_the_words_that_their_codes_exclude(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def fit(*arguments: object, excluded: object = None, **options: object) -> TopicModel:
        asked.append(excluded)
        return fit_topics(*arguments, excluded=excluded, **options)  # type: ignore[arg-type] # handed on as they came

    monkeypatch.setattr("qualcode.coding.topics.comparison.fit_topics", fit)
    banned = {"garden": ["oven"]}
    compare(planted(80), (4,), kinds=("nmf",), seed_words=SEEDS, excluded=banned)
    assert asked == [banned] * 5


def test_seeded_models_are_compared_too() -> None:
    found = compare(planted(80), (4,), kinds=("nmf",), seed_words=SEEDS)
    assert found.rows[0].worst > 0.9


@pytest.mark.parametrize(
    ("ks", "seeds", "told"), [((4,), 4, "'seeds' is 4, and must be 5 or more"), ((), 5, "no number of topics")]
)
def test_too_few_seeds_or_no_number_of_topics(ks: tuple[int, ...], seeds: int, told: str) -> None:
    with pytest.raises(CodingError, match=told):
        compare(planted(80), ks, seeds=seeds)


def test_a_comparison_says_when_gensim_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomotopy", None)
    made: list[str] = []

    def quick(pooled: object, k: int, *, kind: str, **more: object) -> TopicModel:
        made.append(kind)
        return model_of(TALK, [[0.7, 0.1, 0.1, 0.1]] * k)

    monkeypatch.setattr("qualcode.coding.topics.comparison.fit_topics", quick)
    found = compare(TALK, (2,))
    assert set(made) == {"nmf", "lda"}
    assert any("gensim's LDA stood in" in note for note in found.notes)
