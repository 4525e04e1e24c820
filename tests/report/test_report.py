"""The report says what the tables say, in an order and in words that a reader can follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualcode.analysis import study_of, themes
from qualcode.analysis.matrix import quoted
from qualcode.errors import AnalysisError
from qualcode.model.document import Document, Span
from qualcode.report import Report, build_report, provenance
from qualcode.report.build import split_attribute
from qualcode.report.passages import pieces
from qualcode.report.wording import british_date, clock, counted, share_words
from tests.report.fixture import BOOK, DOCUMENTS, MADE_WITH, codings, report_of, small_study


@pytest.fixture(scope="module")
def report() -> Report:
    return report_of(small_study())


def test_the_title_block_says_what_how_much_and_how_far_it_is_checked(report: Report) -> None:
    assert dict(report.facts) == {
        "Date": "22 November 2026",
        "Material": "3 interviews, 69 words",
        "Codebook": "A small codebook (small, version 1.2)",
        "Found": "2 themes, 5 codings",
        "Reviewed": "0 of 5 codings by a person",
    }
    assert report.notice_head == "Not validated: machine-coded."


def test_a_report_that_a_person_has_reviewed_says_so() -> None:
    study = small_study()
    done = replace(study, codings=tuple(replace(each, status="accepted") for each in study.codings))
    assert report_of(done).notice == "A person made or accepted every coding in this report."


def test_what_was_read_names_people_words_and_oddities(report: Report) -> None:
    assert report.read_intro == (
        "3 interviews with 69 words by 3 named people. Another 22 words of those who asked the questions are context "
        "and are not counted."
    )
    two = report.sources[1]
    assert two.people == ("Interviewer (interviewer, 5 words)", "Deputy (participant, 19 words)")
    assert two.remarks == ("The encoding was guessed: cp1252", "A time goes back (and 1 more like it)")


def test_theme_rows_agree_with_the_theme_table(report: Report) -> None:
    table = {line["code"]: line for line in themes(small_study())}
    for row in report.themes:
        line = table[row.id]
        assert (row.codings, row.segments, row.speakers, row.documents) == (
            line["codings"], line["segments"], line["speakers"], line["documents"],
        )  # fmt: skip
    assert [row.id for row in report.themes] == ["A", "A1", "A2", "B", "B1"]
    assert [(row.present, row.absent, row.mixed) for row in report.themes if row.id == "B1"] == [(1, 1, 1)]


def test_a_chapter_tells_spread_in_plain_english(report: Report) -> None:
    purpose, trust = (chapter for domain in report.domains for chapter in domain.chapters)
    assert purpose.spread == ("Found in 1 of 3 interviews, 1 speaker, 2 passages.", "By grade: good 1 of 1, RI 0 of 2.")
    assert trust.spread == (
        "Found in 2 of 3 interviews, 2 speakers, 3 passages; 1 says it is absent and 1 is mixed.",
        "Not mentioned in 03-quay.",
        "By grade: good 1 of 1, RI 1 of 2.",
    )


def test_quotes_are_letter_for_letter_with_their_place_and_the_contrary_one_marked_as_such(report: Report) -> None:
    trust = report.domains[1].chapters[0]
    texts = ["".join(piece.text for piece in quote.pieces) for quote in trust.quotes]
    assert all(any(text in made.text for made in DOCUMENTS) for text in texts)
    marked = [[piece.text for piece in quote.pieces if piece.marked] for quote in trust.quotes]
    assert ["Trust", "gave his word"] in marked
    start = DOCUMENTS[1].text.index("Trust? There")
    absent = next(quote for quote in trust.quotes if quote.pieces[0].text == "Trust")
    assert absent.place == f"02-vale.txt, turn 1, 1:02:03, characters {start}–{start + 52}"
    assert absent.speaker == "Deputy"


def test_negative_cases_are_told_even_when_there_are_none(report: Report) -> None:
    purpose, trust = (chapter for domain in report.domains for chapter in domain.chapters)
    assert purpose.negative == "None found: no coded passage says that it is absent."
    assert "1 says it is so; most do not" in trust.negative


def test_a_theme_that_everyone_denies_says_that_nobody_affirms_it() -> None:
    study = small_study()
    denied = replace(study, codings=tuple(replace(each, stance="absent") for each in study.codings))
    chapter = report_of(denied).domains[0].chapters[0]
    assert chapter.negative == "Nobody simply affirms it: of 2 passages, 2 say it is absent."


def test_the_matrix_says_not_mentioned_and_themes_found_nowhere_are_listed(report: Report) -> None:
    (part,) = report.matrix
    assert part.heads == ("01-hill", "02-vale", "03-quay")
    cells = {row.id: row.cells for row in part.rows}
    assert cells["B1"][1][0] == "4 (1 absent, 1 mixed)"
    assert cells["B1"][2] == ("", "not mentioned")
    assert report.nowhere == ("A2 Goals",)


def test_what_was_not_coded_has_a_share_for_each_interview_and_three_stretches(report: Report) -> None:
    assert [(row.document, row.words, row.share) for row in report.uncoded] == [
        ("01-hill.txt", 33, "15 of 33"),
        ("02-vale.txt", 19, "0 of 19"),
        ("03-quay.txt", 17, "17 of 17"),
        ("all", 69, "32 of 69 (46%)"),
    ]
    assert report.stretches[0].text.startswith("Long. The bus was late")


def test_rules_that_fired_are_counted_for_each_theme(report: Report) -> None:
    assert [(row.id, row.fired, row.silent) for row in report.rules] == [
        ("A1", "A1-1 (2)", 1),
        ("B1", "B1-1 (2), B1-2 (2)", 0),
    ]


def test_how_it_was_made_names_program_command_recipe_and_fingerprints(report: Report) -> None:
    made = dict(report.made)
    assert made["Program"] == "qualcode 0.0"
    assert made["Command"] == "qualcode run --codebook small"
    assert made["Recipe: rules"] == "threshold 0.5"
    assert "c0de" * 16 in made["Codebook file"]
    assert [file.sha256 for file in report.files] == [each.source_sha256 for each in DOCUMENTS]


def test_the_same_study_gives_the_same_report(report: Report) -> None:
    assert report_of(small_study()) == report


def test_a_study_without_codings_or_without_documents_still_reports() -> None:
    bare = report_of(replace(small_study(), codings=()))
    assert (bare.domains, bare.figures, bare.matrix) == ((), (), ())
    assert len(bare.stretches) == 3
    empty = study_of([], BOOK, [], units={})
    made = build_report(empty, documents=[], made_with=MADE_WITH, date="2026-11-22")
    assert made.uncoded_intro == "There are no words to speak of."


def test_the_second_figure_splits_by_the_attribute_that_divides_best_or_by_the_one_asked_for() -> None:
    study = small_study()
    assert split_attribute(study) == "grade"
    assert len(report_of(study).figures) == 2
    with pytest.raises(AnalysisError, match="QC-A004"):
        build_report(study, documents=DOCUMENTS, made_with=MADE_WITH, date="x", attribute="height")


def test_documents_without_speakers_are_documents_with_paragraphs() -> None:
    def unnamed(made: Document) -> Document:
        blocks = tuple(replace(block, speaker_ids=(), kind="unattributed") for block in made.blocks)
        return replace(made, speakers=(), blocks=blocks)

    documents = [unnamed(each) for each in DOCUMENTS]
    nobody = [replace(each, speaker="", role="unknown") for each in codings()]
    units = dict(small_study().units)
    report = report_of(study_of(documents, BOOK, nobody, units=units))
    assert report.noun == "document"
    assert not report.has_speakers
    assert "paragraph" in report.domains[0].chapters[0].quotes[0].place
    assert report.domains[0].chapters[0].spread[0] == "Found in 1 of 3 documents, 2 passages."


def test_a_long_passage_is_cut_around_what_matched_and_says_so() -> None:
    text = " ".join(f"w{n}" for n in range(100))
    at = text.index("w60")
    made = pieces(text, (Span(at, at + 3),), 20)
    shown = "".join(piece.text for piece in made)
    assert shown == f"[…] {' '.join(f'w{n}' for n in range(54, 74))} […]"
    assert [piece.text for piece in made if piece.marked] == ["w60"]


def test_words_of_the_report_are_british() -> None:
    assert british_date("2026-11-02") == "2 November 2026"
    assert british_date("spring 2026") == "spring 2026"
    assert british_date("2026-13-02") == "2026-13-02"
    assert (clock(65_000), clock(3_723_900)) == ("1:05", "1:02:03")
    assert (counted(1, "interview"), counted(1204, "word")) == ("1 interview", "1,204 words")
    assert (share_words(3, 7), share_words(30, 60)) == ("3 of 7", "30 of 60 (50%)")


def test_provenance_knows_the_versions_installed_here() -> None:
    made = provenance(command="qualcode demo", recipe={"rules": "all"})
    assert "Python" in made.libraries
    assert made.command == "qualcode demo"


def test_a_report_without_a_title_is_named_by_what_was_read() -> None:
    assert report_of(replace(small_study(), title="")).title == "Themes in 3 interviews"


@pytest.mark.parametrize(
    ("extract", "shown"),
    [
        ("We trust it", "“We trust it”"),
        ("“Best Practice in Areas of Disadvantage”.", "“Best Practice in Areas of Disadvantage”."),
        ("“No” and “no”", "““No” and “no””"),
        ("", "“”"),
    ],
)
def test_an_extract_in_quotation_marks_gets_no_second_pair(extract: str, shown: str) -> None:
    assert quoted(extract) == shown
