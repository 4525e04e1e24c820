"""Tables of codings by hand: what is taken, and every fault told with its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.errors import ExchangeError
from qualcode.ingest import read_path
from qualcode.interchange.handcoded import HandCoded, read_coded, stands_in
from qualcode.interchange.tabular import write_codings
from qualcode.model.document import Span
from qualcode.resources import corpora_dir
from tests.analysis.evaluating import BOOK, DOCUMENTS, HAND, MACHINE

ONE = DOCUMENTS[0].text
DOG = ONE.index("The dog sat.")


def read(folder: Path, text: str, **more: bool) -> HandCoded:
    path = folder / "hand.csv"
    path.write_text(text, encoding="utf-8")
    return read_coded(path, DOCUMENTS, BOOK, **more)


def refused(folder: Path, text: str) -> ExchangeError:
    with pytest.raises(ExchangeError) as caught:
        read(folder, text)
    return caught.value


def test_places_and_codes_are_enough(tmp_path: Path) -> None:
    found = read(tmp_path, f"document,start,end,code\none.txt,{DOG},{DOG + 12},A1\none,{DOG},{DOG + 12},cats\n")
    assert [(each.code, each.quote, each.block, each.speaker, each.role, each.status) for each in found.codings] == [
        ("A1", "The dog sat.", 1, "P", "participant", "coded"), ("A2", "The dog sat.", 1, "P", "participant", "coded"),
    ]  # fmt: skip
    assert found.documents == {"one.txt"}
    assert found.codings[0].coder == "person"


def test_quotes_are_enough_and_white_space_does_not_matter(tmp_path: Path) -> None:
    found = read(tmp_path, 'document;quote;code\none.txt;"The dog\n  sat.";A1\n')
    assert found.codings[0].span.start == DOG


def test_words_that_moved_are_found_where_they_stand_now(tmp_path: Path) -> None:
    found = read(tmp_path, 'document,start,end,quote,code\none.txt,2,14,"The dog sat.",A1\n')
    assert (found.codings[0].span.start, found.moved) == (DOG, 1)


def test_a_row_without_a_code_says_only_that_the_document_was_read(tmp_path: Path) -> None:
    found = read(tmp_path, "document,quote,code\none.txt,,\ntwo.txt,The rain came in.,B\n")
    assert found.documents == {"one.txt", "two.txt"}
    assert dict(found.passed_over) == {"no code": 1}


def test_codings_csv_is_read_and_what_nobody_decided_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "codings.csv"
    write_codings(path, (*HAND, *MACHINE))
    found = read_coded(path, DOCUMENTS, BOOK)
    assert [(each.code, each.span) for each in found.codings] == [(each.code, each.span) for each in HAND]
    assert dict(found.passed_over) == {"suggested": 6}
    every = read_coded(path, DOCUMENTS, BOOK, suggested=True)
    assert [(each.coder, each.rule, each.score) for each in every.codings[6:]] == [
        (each.coder, each.rule, each.score) for each in MACHINE
    ]


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "\n".join([
        "document,start,end,quote,code,status,score",
        f"one.txt,{DOG},{DOG + 12},,A1,,",
        f"on.txt,{DOG},{DOG + 12},,A1,,",
        f"one.txt,{DOG},{DOG + 12},,A9,,",
        "one.txt,x,12,,A1,,",
        "one.txt,5,99999,,A1,,",
        "one.txt,,,,A1,,",
        "one.txt,,,The wolf sat.,A1,,",
        f"one.txt,{DOG},{DOG + 12},The wolf sat.,A1,,",
        "one.txt,,,The,A1,,",
        f"one.txt,{DOG},{DOG + 12},,A1,maybe,",
        f"one.txt,{DOG},{DOG + 12},,A1,,high",
    ]))  # fmt: skip
    assert error.code == "QC-T004"
    told = [(each.code, each.place.line) for each in error.problems if each.place is not None]
    assert told == [
        ("QC-T005", 3), ("QC-T006", 4), ("QC-T003", 5), ("QC-T003", 6), ("QC-T003", 7), ("QC-T007", 8),
        ("QC-T007", 9), ("QC-T007", 10), ("QC-T003", 11), ("QC-T003", 12),
    ]  # fmt: skip
    assert "hand.csv:3 [QC-T005] there is no document 'on.txt'. Did you mean 'one.txt'?" in str(error)
    assert "stand in 3 places" in str(error)


def test_a_document_that_is_unknown_is_told_once(tmp_path: Path) -> None:
    rows = "".join(f"nine.txt,{n},{n + 1},A1\n" for n in range(30))
    error = refused(tmp_path, "document,start,end,code\n" + rows)
    assert len(error.problems) == 1
    assert "(and in 29 more rows)" in str(error)
    found = read(tmp_path, "document,start,end,code\n" + rows, elsewhere=True)
    assert dict(found.passed_over) == {"other documents": 30}


def test_of_many_faults_the_first_are_told(tmp_path: Path) -> None:
    rows = "".join(f"one.txt,{DOG},{DOG + 3},Z{n}\n" for n in range(40))
    error = refused(tmp_path, "document,start,end,code\n" + rows)
    assert "40 things do not fit" in str(error)
    assert len(error.problems) == 12


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", "QC-T002", "It has: nothing"),
        ("document,code\none.txt,A1\n", "QC-T002", "start and end, or quote"),
        ("start,end\n1,2\n", "QC-T002", "lacks document, code"),
        ('document,quote,code\none.txt,"open,A1\n', "QC-T001", "no sound CSV|not sound CSV"),
        ("document,quote,code\none.txt,The dog, sat,A1\n", "QC-T003", "4 cells"),
    ],
)
def test_what_is_no_table_of_codings_is_refused(tmp_path: Path, text: str, code: str, told: str) -> None:
    error = refused(tmp_path, text)
    assert error.code == code
    assert re.search(told, str(error))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="QC-T001"):
        read_coded(tmp_path / "none.csv", DOCUMENTS, BOOK)
    (tmp_path / "old.csv").write_bytes("document,quote,code\none.txt,caf\xe9,A1\n".encode("latin-1"))
    with pytest.raises(ExchangeError, match="CSV UTF-8"):
        read_coded(tmp_path / "old.csv", DOCUMENTS, BOOK)


def test_words_are_found_across_line_breaks() -> None:
    assert [each.start for each in stands_in("a b\nc a  b c", "a b c")] == [0, 6]
    assert stands_in("abc", " ") == ()


@pytest.mark.parametrize("name", ["settled", "pass-a", "pass-b"])
def test_the_bundled_gold_files_are_read_as_they_are(name: str) -> None:
    study = corpora_dir() / "hope-challenge"
    (document,) = read_path(study / "transcripts" / "01-lowfold-primary-head.txt")
    path = study / "gold" / f"{name}.csv"
    found = read_coded(path, [document], load_codebook("hope-merged"), elsewhere=True)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["document"] == document.name]
    assert [(each.span.start, each.span.end, each.code, each.block) for each in found.codings] == [
        (int(row["start"]), int(row["end"]), row["code"], int(row["block"])) for row in rows
    ]
    assert found.moved == 0


def test_a_name_without_its_ending_that_may_be_any_of_several_documents_is_no_name(tmp_path: Path) -> None:
    path = tmp_path / "hand.csv"
    path.write_text("document,quote,code\none,The dog sat.,A1\n", encoding="utf-8")
    twins = (*DOCUMENTS, replace(DOCUMENTS[0], id="twin", name="one.docx"))
    for elsewhere in (False, True):
        with pytest.raises(ExchangeError) as caught:
            read_coded(path, twins, BOOK, elsewhere=elsewhere)
        (problem,) = caught.value.problems
        assert problem.message == "'one' may be any of 2 documents"
        assert problem.hint == "Write the whole name: one.txt or one.docx"
    path.write_text("document,quote,code\none.txt,The dog sat.,A1\n", encoding="utf-8")
    assert len(read_coded(path, twins, BOOK).codings) == 1


def test_a_quote_that_stands_at_its_place_in_another_dress_has_not_moved(tmp_path: Path) -> None:
    path = tmp_path / "hand.csv"
    path.write_text(f"document,start,end,quote,code\none.txt,{DOG},{DOG + 12},the DOG sat.,A1\n", encoding="utf-8")

    def loosely(text: str, words: str) -> Sequence[Span]:
        return [Span(*each.span()) for each in re.finditer(re.escape(words), text, re.IGNORECASE)]

    found = read_coded(path, DOCUMENTS, BOOK, find=loosely)
    assert (found.codings[0].span, found.moved) == (Span(DOG, DOG + 12), 0)


@pytest.mark.parametrize("ending", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_any_ends_of_lines_and_a_mark_of_byte_order(tmp_path: Path, ending: str, mark: str) -> None:
    path = tmp_path / "hand.csv"
    text = mark + "document;quote;code\none.txt;The dog sat., twice;A1\n".replace(", twice", "").replace("\n", ending)
    path.write_bytes(text.encode("utf-8"))
    assert [each.quote for each in read_coded(path, DOCUMENTS, BOOK).codings] == ["The dog sat."]


def test_a_file_that_is_not_there_is_told_so_and_nothing_of_encodings(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="QC-T001") as caught:
        read_coded(tmp_path / "none.csv", DOCUMENTS, BOOK)
    assert caught.value.hint == "Look at the name, and at the folder that it is looked for in."
