"""The page of topics, the chapter in the report, and the quiz on paper."""

from __future__ import annotations

import re
from dataclasses import replace

from qualcode.coding.topics.quiz import make_quiz
from qualcode.report.build import build_report
from qualcode.report.model import Provenance
from qualcode.report.render import render_html
from qualcode.report.topicquiz import quiz_html
from qualcode.report.topics import TOPICS_MARK, topic_chapter, topics_html, topics_page
from tests.analysis.test_topics_faces import MODEL, POOLED, STUDY, sheet
from tests.report.fixture import small_study
from tests.report.pages import Page
from tests.viz.test_topics_faces import codes


def html() -> str:
    return topics_html(topics_page(STUDY, sheet(), POOLED, codes(), date="2026-11-22"))


def test_the_page_is_sound_loads_nothing_and_tells_every_topic() -> None:
    source = html()
    page = Page(source)
    assert page.faults == []
    assert TOPICS_MARK in source
    assert not page.all("script")
    assert all(str(each["src"]).startswith("data:") for each in page.all("img"))
    assert not re.search(r"https?:|url\(|@import", re.sub(r'"data:[^"]+', "", source))
    assert [each["id"] for each in page.all("article")] == ["topic-1", "topic-2", "topic-3"]
    for entry in sheet().entries:
        for quote in entry.quotes:
            assert " ".join(quote.text.split()) in page.text
    assert "22 November 2026" in page.text
    assert "2 of 3 free topics" in page.text
    assert source == html()


def test_a_topic_that_no_code_covers_is_marked_and_one_that_does_not_come_again_doubted() -> None:
    text = Page(html()).text
    assert html().count('<span class="flag">no code seen to cover it</span>') == 2
    assert "Other fits do not find this topic again (likeness 0.30 over 4): take nothing from it." in text
    assert (
        "G The garden (.71): of segments in the order of this topic, average precision 0.90, where any order has 0.40"
        in text
    )


def test_topic_words_are_marked_as_text_whatever_they_hold() -> None:
    made = sheet()
    first = made.entries[0]
    quote = replace(first.quotes[0], text="<b>soil</b> & seeds", marked=(), speaker="<i>P</i>")
    odd = replace(made, entries=(replace(first, quotes=(quote,)), *made.entries[1:]))
    source = topics_html(topics_page(STUDY, odd, POOLED, None, date="2026-11-22"))
    assert "&lt;b&gt;soil&lt;/b&gt; &amp; seeds" in source
    assert "<i>P</i>" not in source
    assert Page(source).faults == []
    assert not Page(source).all("img")


def test_the_report_has_a_chapter_on_topics_only_when_it_is_given_one() -> None:
    study = small_study()
    given = {"documents": tuple(study.documents.values()), "made_with": Provenance("1"), "date": "2026-11-22"}
    plain = render_html(build_report(study, **given))  # type: ignore[arg-type] # as the parameters are called
    chapter = topic_chapter(STUDY, sheet(), POOLED, codes())
    told = render_html(build_report(study, **given, topics=chapter))  # type: ignore[arg-type] # as above
    assert 'id="topics"' not in plain
    assert "article.topic" not in plain
    assert "<span>7</span> How this was made" in plain
    page = Page(told)
    assert page.faults == []
    assert "7 Topics in the talk" in page.text
    assert "8 How this was made" in page.text
    assert "seed 0; pool by question" in page.text


def test_the_quiz_on_paper_asks_everything_and_tells_nothing() -> None:
    quiz = make_quiz(MODEL, POOLED, about="3 topics of <The place>")
    page = Page(quiz_html(quiz))
    assert page.faults == []
    assert quiz.id in page.text
    for item in quiz.items:
        for option in item.options:
            assert option in page.text
    assert "intruder" not in page.text
    assert len(page.all("article")) == len(quiz.items)
