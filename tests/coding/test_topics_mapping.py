"""Topics against codes: the strength, the test within documents, its adjustment, and topics that no code covers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import norm

from qualcode.coding import Corpus
from qualcode.coding.topics.mapping import CodeMap, TopicCode, labels_of, map_to_codes
from qualcode.coding.topics.model import Pooled, TopicModel
from qualcode.coding.topics.pooling import pool
from qualcode.coding.topics.sheet import topic_sheet
from qualcode.model.coding import Coding, Status
from qualcode.model.document import Document, Span
from tests.builders import document
from tests.coding.topic_talk import model_of


def talk(n: int, name: str = "d") -> Document:
    """Return a document of ``n`` turns by different people, each a segment."""
    return document(name, [(f"P{number}", "participant", "A boat. An anchor.") for number in range(n)])


def pooled_of(*documents: Document) -> Pooled:
    return pool(Corpus.of(documents), stop_words=(), fewest_segments=1, fewest_terms=1, largest_share=1.0)


def coded(source: Document, turn: int, code: str, status: Status = "coded", *, at: str = "boat") -> Coding:
    """Return a coding of a word of a turn."""
    start = source.text.index(at, source.blocks[turn].span.start)
    return Coding(source.id, source.name, turn, "", "participant", Span(start, start + len(at)), at, code, "", "ann",
                  "", "", None, "", status, "ann", "b", "1")  # fmt: skip


def shared(pooled: Pooled, *first: float) -> TopicModel:
    """Return a model of two topics with these shares of the first."""
    return model_of(pooled, [[0.5] * len(pooled.terms)] * 2, [[share, 1 - share] for share in first])


def found(mapped: CodeMap, topic: int, code: str) -> TopicCode:
    return next(each for each in mapped.rows if (each.topic, each.code) == (topic, code))


def test_a_segment_has_a_code_when_a_passage_touches_one_of_its_units() -> None:
    one, other = talk(3), talk(2, "e")
    pooled = pooled_of(one, other)
    codings = [coded(one, 0, "B"), coded(one, 0, "B", at="anchor"), coded(one, 2, "A"), coded(other, 1, "A", "accepted"),
               coded(one, 1, "A", "rejected"), coded(talk(1, "elsewhere"), 0, "A")]  # fmt: skip
    names, labels = labels_of(pooled, codings)
    assert names == ("A", "B")
    assert labels.astype(int).tolist() == [[0, 1], [0, 0], [1, 0], [0, 0], [1, 0]]
    assert labels_of(pooled, codings, codes=("B", "C"))[1].astype(int).sum(axis=0).tolist() == [1, 0]


def test_a_perfect_match_by_hand() -> None:
    """Ten segments, five of them coded, which the topic has wholly: z = 2.5 / (2.5 / √9) = 3."""
    source = talk(10)
    pooled = pooled_of(source)
    model = shared(pooled, *[1.0] * 5, *[0.0] * 5)
    mapped = map_to_codes(model, pooled, [coded(source, turn, "A") for turn in range(5)])
    own = found(mapped, 0, "A")
    assert (own.correlation, own.average_precision, own.base, own.segments) == (pytest.approx(1), 1, 0.5, 5)
    assert own.p == pytest.approx(norm.sf(3))
    assert own.p_adjusted == pytest.approx(2 * norm.sf(3))
    assert own.strength == "strong"
    other = found(mapped, 1, "A")
    assert other.correlation == pytest.approx(-1)
    assert other.p == pytest.approx(norm.cdf(3))
    assert other.strength == ""
    assert mapped.codes_of(0) == (own,)
    assert mapped.uncovered == (1,)
    assert mapped.segments == 10


def test_p_values_compare_within_documents_by_hand() -> None:
    one, other = talk(6), talk(4, "e")
    pooled = pooled_of(one, other)
    x = [0.9, 0.7, 0.4, 0.2, 0.1, 0.1, 0.6, 0.5, 0.3, 0.2]
    y = [1, 1, 0, 1, 0, 0, 1, 1, 0, 0]
    codings = [coded(one if turn < 6 else other, turn % 6, "A") for turn in range(10) if y[turn]]
    mapped = map_to_codes(shared(pooled, *x), pooled, codings)
    together = variance = 0.0
    for part in (slice(0, 6), slice(6, 10)):
        a, b = np.asarray(x[part]) - np.mean(x[part]), np.asarray(y[part]) - np.mean(y[part])
        together += float(a @ b)
        variance += float((a @ a) * (b @ b)) / (len(a) - 1)
    own = found(mapped, 0, "A")
    assert own.p == pytest.approx(norm.sf(together / math.sqrt(variance)))
    assert own.correlation == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_p_values_are_what_exchanging_segments_within_documents_gives() -> None:
    draw = np.random.default_rng(3)
    one, other = talk(30), talk(30, "e")
    pooled = pooled_of(one, other)
    x = draw.random(60)
    y = draw.random(60) < 0.2 + 0.3 * x
    codings = [coded(one if at < 30 else other, at % 30, "A") for at in np.flatnonzero(y).tolist()]
    p = found(map_to_codes(shared(pooled, *x), pooled, codings), 0, "A").p
    centred = np.concatenate([x[:30] - x[:30].mean(), x[30:] - x[30:].mean()])
    drawn = np.asarray(
        [centred[:30] @ draw.permutation(y[:30]) + centred[30:] @ draw.permutation(y[30:]) for _ in range(4000)]
    )
    assert p == pytest.approx((drawn >= centred @ y).mean(), abs=0.02)


def test_p_values_of_rare_codes_and_skewed_shares_are_not_too_small() -> None:
    """A topic that has much of few segments, and a code that five have: by the normal curve, chance would give this ten
    times more seldom than it does."""
    draw = np.random.default_rng(0)
    source = talk(60)
    x = draw.gamma(0.4, size=60)
    x /= x.max()
    y = np.zeros(60)
    y[np.argsort(-x)[[0, 2, 4, 20, 40]]] = 1
    codings = [coded(source, turn, "A") for turn in np.flatnonzero(y).tolist()]
    own = found(map_to_codes(shared(pooled_of(source), *x), pooled_of(source), codings), 0, "A")
    truth = float((np.asarray([x @ draw.permutation(y) for _ in range(20_000)]) >= x @ y - 1e-12).mean())
    assert own.p is not None
    assert 0.7 * truth < own.p < 2 * truth
    centred = x - x.mean()
    z = float(centred @ y) / math.sqrt(float(centred @ centred) * float(((y - y.mean()) ** 2).sum()) / 59)
    assert norm.sf(z) < truth / 10


def test_what_differs_only_between_documents_is_not_tested() -> None:
    one, other = talk(8), talk(8, "e")
    pooled = pooled_of(one, other)
    mapped = map_to_codes(
        shared(pooled, *[0.9] * 8, *[0.1] * 8),
        pooled,
        [coded(one, turn, "A") for turn in range(8)],
        documents={"d", "e"},
    )
    own = found(mapped, 0, "A")
    assert own.correlation == pytest.approx(1)
    assert (own.p, own.p_adjusted, own.strength) == (None, None, "")
    assert mapped.uncovered == (0, 1)


def test_average_precision_by_hand_with_equal_shares_taken_together() -> None:
    """Ranks: coded; then three alike with one coded; then one coded: (1 + 2/4 + 3/5) / 3."""
    source = talk(5)
    pooled = pooled_of(source)
    model = shared(pooled, 0.9, 0.5, 0.5, 0.5, 0.1)
    mapped = map_to_codes(model, pooled, [coded(source, turn, "A") for turn in (0, 2, 4)])
    assert found(mapped, 0, "A").average_precision == pytest.approx((1 + 2 / 4 + 3 / 5) / 3)
    assert found(mapped, 0, "A").base == 0.6


def test_codes_with_few_segments_are_not_tested_and_named() -> None:
    source = talk(12)
    pooled = pooled_of(source)
    codings = [coded(source, turn, "few") for turn in range(4)] + [coded(source, turn, "most") for turn in range(8)]
    codings += [coded(source, turn, "some") for turn in range(6)]
    mapped = map_to_codes(
        shared(pooled, *[0.9] * 6, *[0.1] * 6), pooled, codings, codes=("few", "most", "some", "never")
    )
    assert mapped.notes == ("Not tested, because fewer than 5 segments have or lack them: few, most, never.",)
    assert found(mapped, 0, "few").p is None
    assert found(mapped, 0, "some").p is not None
    never = found(mapped, 0, "never")
    assert (never.correlation, never.average_precision, never.segments) == (None, None, 0)
    assert next(each.code for each in mapped.rows if each.topic == 0) == "some"
    assert [each.code for each in mapped.rows if each.topic == 0][-1] == "never"


@pytest.mark.parametrize(
    ("marked", "times", "strength"),
    [
        ((0, 1, 2, 3, 4, 5), 1, "strong"),
        ((0, 1, 2, 20, 21, 22), 3, "clear"),
        ((0, 1, 2, 20, 21, 22), 1, ""),
        ((0, 1, 6, 7, 20, 21), 3, "weak"),
        ((0, 1, 6, 7, 20, 21), 1, ""),
    ],
)
def test_strength_in_words(marked: Sequence[int], times: int, strength: str) -> None:
    """Correlations of .95, .35 and .25; the lower two could be chance in forty segments, not in three times as many."""
    sources = [talk(40, f"d{number}") for number in range(times)]
    pooled = pooled_of(*sources)
    model = shared(pooled, *([0.9] * 6 + [0.3] * 10 + [0.1] * 24) * times)
    mapped = map_to_codes(model, pooled, [coded(source, turn, "A") for source in sources for turn in marked])
    assert found(mapped, 0, "A").strength == strength


def test_what_may_be_chance_is_named_as_the_nearest_and_not_as_covering() -> None:
    source = talk(40)
    pooled = pooled_of(source)
    model = shared(pooled, *[0.9] * 6, *[0.3] * 10, *[0.1] * 24)
    mapped = map_to_codes(model, pooled, [coded(source, turn, "A") for turn in (0, 1, 2, 20, 21, 22)])
    assert mapped.tested
    assert mapped.uncovered == (0, 1)
    assert mapped.nearest(0) == found(mapped, 0, "A")
    assert mapped.nearest(1) is None
    clear = topic_sheet(model, pooled, codes=mapped, coded_by="people").entries[0]
    assert (clear.uncovered, clear.candidate, clear.nearest) == (True, False, found(mapped, 0, "A"))


def test_with_too_little_coded_no_topic_is_said_to_be_covered_by_nothing() -> None:
    source = talk(12)
    pooled = pooled_of(source)
    model = shared(pooled, *[0.9] * 6, *[0.1] * 6)
    few = map_to_codes(model, pooled, [coded(source, turn, "A") for turn in range(3)])
    assert not few.tested
    assert [each.uncovered for each in topic_sheet(model, pooled, codes=few).entries] == [None, None]
    none = map_to_codes(model, pooled, [coded(source, 0, "A")], documents=[])
    assert [each.uncovered for each in topic_sheet(model, pooled, codes=none).entries] == [None, None]
    nothing = map_to_codes(model, pooled, [], documents=[source.id])
    assert [each.uncovered for each in topic_sheet(model, pooled, codes=nothing).entries] == [True, True]


def test_only_documents_that_were_worked_through_count() -> None:
    one, other = talk(10), talk(10, "e")
    pooled = pooled_of(one, other)
    model = shared(pooled, *[0.9] * 5, *[0.1] * 5, *[0.9] * 10)
    codings = [coded(one, turn, "A") for turn in range(5)]
    assert map_to_codes(model, pooled, codings).segments == 10
    assert found(map_to_codes(model, pooled, codings), 0, "A").correlation == pytest.approx(1)
    wide = map_to_codes(model, pooled, codings, documents={"d", "e"})
    assert wide.segments == 20
    assert found(wide, 0, "A").correlation < 0.5  # type: ignore[operator]  # there is one


def test_without_codings_there_is_nothing_to_map() -> None:
    source = talk(6)
    pooled = pooled_of(source)
    mapped = map_to_codes(shared(pooled, *[0.5] * 6), pooled, [])
    assert (mapped.rows, mapped.uncovered, mapped.segments) == ((), (0, 1), 0)
    assert mapped.notes == ("No segment stands in a document that was coded.",)


def test_the_least_correlation_leaves_out_the_document_that_speaks_most_for_it() -> None:
    one, other, third = talk(6), talk(6, "e"), talk(6, "f")
    pooled = pooled_of(one, other, third)
    x = [0.9, 0.8, 0.7, 0.1, 0.2, 0.1] * 2 + [0.1, 0.9, 0.2, 0.8, 0.3, 0.7]
    y = [1, 1, 1, 0, 0, 0] + [1, 0, 1, 0, 1, 0] * 2
    codings = [coded((one, other, third)[at // 6], at % 6, "A") for at in range(18) if y[at]]
    own = found(map_to_codes(shared(pooled, *x), pooled, codings), 0, "A")
    assert own.least == pytest.approx(np.corrcoef(x[6:], y[6:])[0, 1])
    alone = map_to_codes(shared(pooled, *x), pooled, codings, documents={"d"})
    assert found(alone, 0, "A").least is None
