"""Talk that no code touched is found, joined, grouped, compared with codes and small talk, and told as it is."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import uncoded
from qualcode.analysis.blindspots import BlindSpots, blindspot_passages, blindspot_table, blindspots
from qualcode.errors import AnalysisError
from qualcode.model.codes import Code
from tests.analysis.untouched import (
    BANK,
    BOOK,
    TOPICS,
    TRUST,
    codings_of,
    interviews,
    made_study,
    topic_of,
)  # fmt: skip
from tests.builders import document


@pytest.fixture(scope="module")
def found() -> BlindSpots:
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents))
    return blindspots(study, corpus, clusters=3, bank=BANK)


def test_each_planted_subject_is_a_group_of_its_own(found: BlindSpots) -> None:
    subjects = [{topic_of(each.text) for each in group.passages} for group in found.clusters]
    assert sorted(map(sorted, subjects)) == [["bus"], ["dinner"], ["garden"]]
    assert [len(group.passages) for group in found.clusters] == [12, 12, 12]
    assert found.loose == ()


def test_groups_say_their_own_words_and_how_far_they_spread(found: BlindSpots) -> None:
    by_subject = {topic_of(group.passages[0].text): group for group in found.clusters}
    for subject, words in (("bus", {"bus", "driver", "stop"}), ("dinner", {"cook", "kitchen", "soup"}),
                           ("garden", {"garden", "bean", "shed"})):  # fmt: skip
        assert len(words & set(by_subject[subject].terms)) >= 2
        assert (by_subject[subject].speakers, by_subject[subject].documents) == (4, 4)
        assert by_subject[subject].words == sum(each.words for each in by_subject[subject].passages)


def test_well_kept_subjects_are_stable(found: BlindSpots) -> None:
    assert all(group.stability is not None and group.stability >= 0.75 for group in found.clusters)
    assert {group.verdict for group in found.clusters} == {"stable"}


@pytest.mark.parametrize(
    ("stability", "verdict"),
    [(None, ""), (0.0, "not reproducible"), (0.599, "not reproducible"), (0.6, "doubtful"), (0.749, "doubtful"),
     (0.75, "stable"), (1.0, "stable")],
)  # fmt: skip
def test_verdicts_follow_hennigs_rule_of_thumb(found: BlindSpots, stability: float | None, verdict: str) -> None:
    assert dataclasses.replace(found.clusters[0], stability=stability).verdict == verdict


def test_quotes_are_letter_for_letter_and_by_different_people(found: BlindSpots) -> None:
    texts = {each.name: each.text for each in interviews()}
    for group in found.clusters:
        assert len({quote.speaker for quote in group.quotes}) == len(group.quotes) == 3
        for quote in group.quotes:
            assert texts[quote.document][quote.quote.start : quote.quote.end] == quote.quoted
            assert quote.span.contains(quote.quote)


def test_near_codes_come_from_definitions_and_examples(found: BlindSpots) -> None:
    dinner = next(group for group in found.clusters if topic_of(group.passages[0].text) == "dinner")
    assert (dinner.near[0].code, dinner.near[0].label) == ("D", "Dinners")
    assert all(0 < each.nearness <= 1 for group in found.clusters for each in group.near)


def test_what_is_like_talk_without_a_code_is_probably_nothing_and_stands_last(found: BlindSpots) -> None:
    last = found.clusters[-1]
    assert topic_of(last.passages[0].text) == "bus"
    assert last.probably_nothing
    assert (last.plain or 0) >= 6
    assert not any(group.probably_nothing for group in found.clusters[:-1])  # nor what only interviewers' examples say


def test_without_a_bank_nothing_is_called_nothing() -> None:
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents))
    found = blindspots(study, corpus, clusters=3, replicates=0)
    assert {(group.plain, group.probably_nothing, group.verdict) for group in found.clusters} == {(None, False, "")}
    assert blindspot_table(study, found).column("plain") == (None, None, None)


def test_counts_reconcile_and_interviewers_and_touched_talk_are_not_in_them(found: BlindSpots) -> None:
    everything = [each for group in found.clusters for each in group.passages]
    assert found.untouched == sum(each.words for each in everything) + found.short_words
    assert (found.short, found.short_words) == (4, 8)  # "Yes, exactly." in each
    assert found.words == found.untouched + 4 * 8
    assert not any(TRUST in each.text or each.speaker == "INT" for each in everything)
    assert (found.people, found.documents) == (4, ("d0.txt", "d1.txt", "d2.txt", "d3.txt"))


def test_words_are_counted_as_all_tables_count_them() -> None:
    said = "She didn't - well - “wait”: it's twenty-one minutes, isn't it? We trust each other and keep our promises."
    made = document("a.txt", [("P", "participant", said), ("INT", "interviewer", "And you didn't wait?")])
    study, corpus = made_study([made], codings_of([made]))
    found, line = blindspots(study, corpus), next(iter(uncoded(study)))
    assert (found.words, found.untouched) == (line["words"], line["uncoded_words"]) == (17, 9)


def test_neighbouring_untouched_sentences_of_a_turn_are_one_passage_and_a_touched_one_parts_them() -> None:
    said = "The rain fell on us all day. We stood in it for hours. We trust them. Nobody had brought a coat with them."
    made = document("a.txt", [("P", "participant", said), ("P", "participant", "And then the rain came back again.")])
    study, corpus = made_study([made], codings_of([made], "We trust them."))
    found = blindspots(study, corpus)
    assert [each.text for each in found.loose] == [
        "The rain fell on us all day. We stood in it for hours.",
        "Nobody had brought a coat with them.",
        "And then the rain came back again.",
    ]
    assert [each.block for each in found.loose] == [0, 0, 1]


def test_rejected_suggestions_do_not_touch_and_only_decided_ones_can_be_asked_for() -> None:
    documents = interviews(3)
    bus = TOPICS["bus"][2]
    decided = codings_of(documents[:2], status="accepted")
    codings = (*decided, *codings_of(documents, bus, status="suggested"),
               *codings_of(documents, TOPICS["garden"][2], status="rejected"))  # fmt: skip
    study, corpus = made_study(documents, codings)
    both, only = blindspots(study, corpus), blindspots(study, corpus, decided_only=True)

    def texts(made: BlindSpots) -> list[str]:
        grouped = [each.text for group in made.clusters for each in group.passages]
        return [*grouped, *(each.text for each in made.loose)]

    assert bus not in texts(both)
    assert TOPICS["garden"][2] in texts(both)
    assert TRUST in texts(both)  # of the third, where nobody decided it
    assert bus in texts(only)
    # A rejection is a decision too: its document was worked on.
    assert only.documents == ("d0.txt", "d1.txt", "d2.txt")
    assert only.decided_only
    assert not both.decided_only


def test_documents_that_nobody_worked_through_are_left_out_and_named() -> None:
    documents = interviews(3)
    study, corpus = made_study(documents, codings_of(documents[:1], status="coded"))
    found = blindspots(study, corpus)
    assert (found.documents, found.left_out) == (("d0.txt",), ("d1.txt", "d2.txt"))
    assert "d1.txt, d2.txt" in " ".join(blindspot_table(study, found).notes)
    marked = dataclasses.replace(corpus, read=frozenset({"d0.txt", "d2.txt"}))
    assert blindspots(study, marked).documents == ("d0.txt", "d2.txt")


def test_machines_go_through_all_documents() -> None:
    documents = interviews(3)
    study, corpus = made_study(documents, codings_of(documents[:1]))
    assert blindspots(study, corpus).left_out == ()


def test_the_number_of_groups_follows_the_passages_unless_it_is_asked_for(found: BlindSpots) -> None:
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents))
    own = blindspots(study, corpus, replicates=5)
    assert (own.asked, own.chosen) == (4, False)  # √(36/2)
    assert (found.asked, found.chosen) == (3, True)
    assert "(the square root of half the number of passages" in " ".join(blindspot_table(study, own).notes)


def test_small_groups_are_dissolved_into_the_loose_ones() -> None:
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents))
    found = blindspots(study, corpus, clusters=3, minimum=13, replicates=0)
    assert found.clusters == ()
    assert len(found.loose) == found.passages == 36
    assert "36 passages are in no group" in " ".join(blindspot_table(study, found).notes)


def test_the_same_study_and_seed_give_the_same_bytes(found: BlindSpots) -> None:
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents))
    again = blindspots(study, corpus, clusters=3, bank=BANK)
    assert again == found
    assert blindspot_table(study, again).to_json() == blindspot_table(study, found).to_json()


def test_the_tables_hold_every_group_and_every_passage(found: BlindSpots) -> None:
    documents = interviews()
    study, _ = made_study(documents, codings_of(documents))
    table, passages = blindspot_table(study, found), blindspot_passages(study, found)
    assert table.column("cluster") == (1, 2, 3)
    assert table.column("remark") == ("", "", "probably nothing")
    assert len(passages) == 36
    by_name = {each.name: each.text for each in documents}
    for row in passages:
        assert by_name[str(row["document"])][int(row["start"] or 0) : int(row["end"] or 0)] == row["text"]
    assert f"{found.untouched:,} of {found.words:,} words" in table.notes[0]


def test_too_little_to_group_is_said_and_listed() -> None:
    documents = interviews(1, topics=["bus"])
    study, corpus = made_study(documents, codings_of(documents))
    found = blindspots(study, corpus)
    assert (found.clusters, found.asked, len(found.loose)) == ((), 0, 3)
    assert "3 passages are too few to group" in " ".join(blindspot_table(study, found).notes)
    assert len(blindspot_passages(study, found)) == 3


def test_everything_coded_leaves_nothing() -> None:
    made = document("a.txt", [("P", "participant", TRUST), ("P", "participant", "Yes.")])
    study, corpus = made_study([made], codings_of([made]))
    found = blindspots(study, corpus)
    assert (found.passages, found.untouched, found.short) == (0, 1, 1)
    assert len(blindspot_table(study, found)) == 0


def test_one_speaker_is_enough() -> None:
    said = [("P", "participant", each) for topic in TOPICS.values() for each in topic]
    made = document("a.txt", [*said, ("P", "participant", TRUST)])
    study, corpus = made_study([made], codings_of([made]))
    found = blindspots(study, corpus, clusters=3)
    assert {(group.speakers, group.documents) for group in found.clusters} == {(1, 1)}
    assert all(len(group.quotes) == 3 for group in found.clusters)


def test_passages_without_a_word_in_common_are_in_no_group() -> None:
    strange = ["Alpha bravo charlie delta echo.", "Foxtrot golf hotel india juliet.", "Kilo lima mike november oscar.",
               "Papa quebec romeo sierra tango.", "Uniform victor whiskey xray yankee.", "Zulu azure beige coral denim.",
               "Ebony fawn ginger hazel ivory.", "Jade khaki lemon mauve navy."]  # fmt: skip
    made = document("a.txt", [*[("P", "participant", each) for each in strange], ("P", "participant", TRUST)])
    study, corpus = made_study([made], codings_of([made]))
    found = blindspots(study, corpus)
    assert (found.clusters, len(found.loose)) == ((), 8)


def test_nothing_coded_and_nothing_decided_are_told_apart() -> None:
    documents = interviews(2)
    study, corpus = made_study(documents, ())
    with pytest.raises(AnalysisError, match="QC-A041"):
        blindspots(study, corpus)
    study, corpus = made_study(documents, codings_of(documents))
    with pytest.raises(AnalysisError, match="QC-A042"):
        blindspots(study, corpus, decided_only=True)


def test_where_people_rejected_everything_all_is_untouched() -> None:
    documents = interviews(2)
    rejected, corpus = made_study(documents, codings_of(documents, status="rejected"))
    assert blindspots(rejected, corpus, decided_only=True).untouched == blindspots(rejected, corpus).words


@pytest.mark.parametrize(
    "options",
    [{"clusters": 1}, {"clusters": 19}, {"minimum": 0}, {"replicates": -1}, {"fewest_words": 0}, {"seed": -1}],
)
def test_numbers_out_of_range_are_refused(options: dict[str, int]) -> None:
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents))
    with pytest.raises(AnalysisError, match="QC-A040"):
        blindspots(study, corpus, **options)


class TwoSides:
    """An encoder for which a text is about gardens or not."""

    id = "two-sides"

    def encode(self, texts: object) -> npt.NDArray[np.float32]:
        assert isinstance(texts, list)
        return np.asarray([[1, 0] if "garden" in each or "pond" in each else [0, 1] for each in texts], np.float32)


def test_sentence_vectors_stand_beside_words_and_are_named() -> None:
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents))
    found = blindspots(study, dataclasses.replace(corpus, vectors=TwoSides()), clusters=2, replicates=0)
    assert found.vectors == "two-sides"
    subjects = sorted(sorted({topic_of(each.text) for each in group.passages}) for group in found.clusters)
    assert subjects == [["bus", "dinner"], ["garden"]]
    assert blindspot_table(study, found).provenance["vectors"] == "two-sides"


def test_a_code_that_cannot_be_applied_is_never_near() -> None:
    book = dataclasses.replace(BOOK, codes=(*BOOK.codes, Code("H", "Garden pond slugs", codable=False, definition="Garden, pond, slugs, beans, shed.")))  # fmt: skip
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents), book)
    found = blindspots(study, corpus, clusters=3, replicates=0)
    assert all(each.code != "H" for group in found.clusters for each in group.near)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.sampled_from(["coded", "suggested", "rejected"])), max_size=12))  # fmt: skip
def test_every_untouched_word_is_in_exactly_one_place(marks: list[tuple[int, int, str]]) -> None:
    documents = interviews()
    said = [each for topic in TOPICS.values() for each in topic]
    codings = [each for number, at, status in marks for each in
               codings_of([documents[number]], said[at * 2], status=status)]  # type: ignore[arg-type]  # drawn from the names  # fmt: skip
    study, corpus = made_study(documents, [*codings_of(documents), *codings])
    found = blindspots(study, corpus, replicates=0)
    everything = [each for group in found.clusters for each in group.passages] + list(found.loose)
    spans = [(each.document, each.span.start) for each in everything]
    assert len(set(spans)) == len(spans)
    assert sum(each.words for each in everything) + found.short_words == found.untouched
    touched = {(each.document, each.span) for each in study.codings if each.status != "rejected"}
    assert not any(document == each.document and span.start < each.span.end and each.span.start < span.end
                   for document, span in touched for each in everything)  # fmt: skip
