"""The report tells of talk that no code touched: how much, in which groups, and what to do about it."""

from __future__ import annotations

import dataclasses

import pytest

from qualcode.analysis.blindspots import BlindSpots, blindspots
from qualcode.report import build_report, render_html
from qualcode.report.blindspots import blindspot_chapter
from qualcode.report.model import BlindspotChapter
from tests.analysis.untouched import BANK, codings_of, interviews, made_study
from tests.report.fixture import MADE_WITH, report_of, small_study
from tests.report.pages import Page


@pytest.fixture(scope="module")
def found() -> BlindSpots:
    documents = interviews()
    study, corpus = made_study(documents, codings_of(documents))
    return blindspots(study, corpus, clusters=3, bank=BANK)


@pytest.fixture(scope="module")
def chapter(found: BlindSpots) -> BlindspotChapter:
    return blindspot_chapter(found, folder="my study")


def page_of(chapter: BlindspotChapter) -> str:
    documents = interviews()
    study, _ = made_study(documents, codings_of(documents))
    made = build_report(study, documents=documents, made_with=MADE_WITH, date="2026-11-22", blindspots=chapter)
    return render_html(made)


def test_the_share_of_words_comes_first(found: BlindSpots, chapter: BlindspotChapter) -> None:
    share = f"{found.untouched} of {found.words} words ({100 * found.untouched / found.words:.0f}%)"
    assert chapter.intro[0] == (
        f"{share} that participants said lie in sentences that no code touches: 36 passages of 5 words or more, and 4 "
        "shorter ones that are left out here."
    )


def test_groups_have_words_spread_near_codes_and_quotes(found: BlindSpots, chapter: BlindspotChapter) -> None:
    assert [group.number for group in chapter.groups] == [1, 2]
    first = chapter.groups[0]
    assert first.terms == found.clusters[0].terms
    assert first.spread == f"12 passages, {found.clusters[0].words} words by 4 of 4 speakers, in 4 of 4 documents."
    assert first.doubt.startswith("Stable: stability ")
    assert len(first.quotes) == 3
    assert any(group.near.startswith("D Dinners (") for group in chapter.groups)


def test_what_is_probably_nothing_is_named_in_a_sentence_only(chapter: BlindspotChapter) -> None:
    (told,) = chapter.rest
    assert told.startswith("Probably nothing: 1 group in which half of the passages or more")
    assert "12 passages" in told


def test_the_next_steps_are_commands_for_this_project(found: BlindSpots, chapter: BlindspotChapter) -> None:
    assert [command for _, command in chapter.steps] == [
        'qualcode table blindspots "my study" --long',
        f'qualcode search "my study" "{" | ".join(found.clusters[0].terms[:3])}"',
        'qualcode codebook add "my study" ID LABEL',
    ]
    assert blindspot_chapter(found).steps == ()
    other = blindspot_chapter(found, folder="s", codebook="second").steps
    assert all(command.endswith("--codebook second") for _, command in other)


def test_a_shaky_chapter_says_so_once(found: BlindSpots) -> None:
    shaky = tuple(dataclasses.replace(each, stability=0.3) for each in found.clusters)
    made = blindspot_chapter(dataclasses.replace(found, clusters=shaky))
    assert made.intro[-1].startswith("None of the groups is stable")
    assert made.groups[0].doubt.startswith("Not reproducible: stability 0.30.")


def test_only_the_first_groups_are_shown_and_the_others_named(found: BlindSpots) -> None:
    many = tuple(dataclasses.replace(found.clusters[0], number=number, plain=0) for number in range(1, 10))
    made = blindspot_chapter(dataclasses.replace(found, clusters=many))
    assert len(made.groups) == 6
    assert made.rest[0].startswith("3 more groups with fewer passages: 7 ")


def test_too_little_or_nothing_untouched_is_said(found: BlindSpots) -> None:
    loose = found.clusters[0].passages[:4]
    few = blindspot_chapter(dataclasses.replace(found, clusters=(), loose=loose))
    assert few.intro[-1] == "They are too few, or too unlike each other, to group: read them one by one."
    none = blindspot_chapter(dataclasses.replace(found, clusters=(), loose=()), folder="s")
    assert (none.intro[-1], none.steps) == ("There is nothing of length that no code touches.", ())
    silent = blindspot_chapter(dataclasses.replace(found, clusters=(), loose=(), words=0, untouched=0))
    assert silent.intro[0] == "There are no words to speak of."


def test_left_out_documents_and_meaning_are_named(found: BlindSpots) -> None:
    made = blindspot_chapter(dataclasses.replace(found, left_out=("x.txt", "y.txt"), vectors="m"))
    assert "Not looked at, because nobody coded there: x.txt and y.txt." in made.intro
    assert any("grouped here by the words and by meaning they share" in part for part in made.intro)


def test_the_page_shows_it_in_the_chapter_on_what_was_not_coded(chapter: BlindspotChapter) -> None:
    source = page_of(chapter)
    page = Page(source)
    assert page.faults == []
    heads = [attributes for attributes in page.all("section") if attributes.get("class") == "blindspot"]
    assert len(heads) == 2
    place = source.index("What no code touched, in groups")
    assert source.index('id="uncoded"') < place < source.index("Long stretches without a code")


def test_talk_never_becomes_markup(found: BlindSpots) -> None:
    nasty = "<script>alert(1)</script>"
    quote = dataclasses.replace(found.clusters[0].quotes[0], speaker=nasty, document=nasty)
    group = dataclasses.replace(found.clusters[0], terms=(nasty,), quotes=(quote,))
    made = blindspot_chapter(dataclasses.replace(found, clusters=(group,)), folder=nasty)
    source = page_of(made)
    assert nasty not in source
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in source


def test_a_report_without_it_is_as_it_was() -> None:
    assert "in groups" not in render_html(report_of(small_study()))
