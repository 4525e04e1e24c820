"""``codings.csv`` and ``themes.csv`` hold to their contract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from qualcode.analysis import Study, spread, themes
from qualcode.errors import ExchangeError, ExportError
from qualcode.interchange.tabular import codings_table, read_codings, write_codings, write_themes
from tests.analysis.studies import coding, studies, study
from tests.builders import document

ONE = document("one", [("P1", "participant", 'She said "yes",\nthen no — café. =2+2')])
FOUND = [coding(ONE, 'She said "yes",\nthen no', "B1", evidence="yes … no"), coding(ONE, "=2+2", "C", score=None)]
HEAD = (
    "document,block,speaker,role,start,end,quote,code,label,coder,rule,evidence,score,stance,status,decided_by,codebook,"
    "codebook_version\n"
)


def test_codings_csv_has_exactly_its_columns_and_quotes_letter_for_letter(tmp_path: Path) -> None:
    write_codings(tmp_path / "codings.csv", FOUND)
    text = (tmp_path / "codings.csv").read_bytes().decode("utf-8")
    assert text == HEAD + (
        'one,0,P1,participant,4,27,"She said ""yes"",\nthen no",B1,Trust,'
        "rules,B1-1,yes … no,0.6,present,suggested,,tiny,1.0\n"
        "one,0,P1,participant,36,40,=2+2,C,Weather,rules,C-1,,,present,suggested,,tiny,1.0\n"
    )


@settings(max_examples=40)
@given(studies())
def test_codings_read_back_as_they_were_written(made: Study) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codings.csv"
        write_codings(path, made.codings)
        back = read_codings(path)
        assert [path.name for path in Path(folder).iterdir()] == ["codings.csv"]
    assert back == tuple(replace(each, document_id=each.document) for each in made.codings)
    assert codings_table(back) == codings_table(made.codings)


def test_themes_csv_is_the_theme_table(tmp_path: Path) -> None:
    table = themes(study([ONE], FOUND))
    write_themes(tmp_path / "themes.csv", table)
    assert (tmp_path / "themes.csv").read_bytes().decode("utf-8") == table.to_csv()
    with pytest.raises(ExportError, match="QC-E002"):
        write_themes(tmp_path / "themes.csv", spread(study([ONE], FOUND)))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "codings.csv"
    path.write_text(HEAD.replace("quote,", "").replace("stance,", ""), encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"codings.csv:1 \[QC-T002\].*lacks quote, stance"):
        read_codings(path)


def test_further_columns_and_another_order_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "codings.csv"
    path.write_text(
        "mine," + HEAD + "x,one,0,P1,participant,4,8,She,B1,Trust,me,,,,,coded,me,tiny,1.0\n", encoding="utf-8"
    )
    (read,) = read_codings(path)
    assert (read.quote, read.score, read.stance, read.status, dict(read.facets)) == ("She", None, "", "coded", {})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("one,0,P1,participant,4,8,She,B1,Trust,me,,,,,maybe,me,tiny,1.0", "the status 'maybe'"),
        ("one,0,P1,participant,9,8,She,B1,Trust,me,,,,,coded,me,tiny,1.0", "0 <= start <= end"),
        ("one,zero,P1,participant,4,8,She,B1,Trust,me,,,,,coded,me,tiny,1.0", "zero"),
        ("one,0,P1,participant,4,8,She,B1,Trust,me,,,nan,,coded,me,tiny,1.0", "'nan'"),
        ("one,0,P1", "3 cells"),
    ],
)
def test_a_cell_that_cannot_be_is_named_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "codings.csv"
    path.write_text(HEAD + row + "\n", encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"codings.csv:2 \[QC-T003\]") as caught:
        read_codings(path)
    assert said in str(caught.value)


def test_a_file_that_is_not_there_and_one_that_is_not_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="QC-T001"):
        read_codings(tmp_path / "none.csv")
    (tmp_path / "junk.csv").write_bytes(b"\xff\xfe\x00junk")
    with pytest.raises(ExchangeError, match="QC-T001"):
        read_codings(tmp_path / "junk.csv")


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "codings.csv").mkdir()
    with pytest.raises(ExportError, match="QC-E001"):
        write_codings(tmp_path / "codings.csv", FOUND)
    assert [path.name for path in tmp_path.iterdir()] == ["codings.csv"]
