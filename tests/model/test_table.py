"""A table says the same in every form."""

from __future__ import annotations

import csv
import io
import json
import math
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.model.table import Cell, Column, ColumnKind, Table
from qualcode.model.textgrid import plain, text_width

COLUMNS = (
    Column("code", "text", "the code"),
    Column("n", "integer", "how many"),
    Column("share", "share", "of all"),
)
TABLE = Table(
    "t", "A title", COLUMNS, (("A1", 3, 0.5), ("B, “C”", 10, None), ("=1+1", 0, 1 / 3)), notes=("Read this.",)
)

_VALUES: dict[ColumnKind, st.SearchStrategy[Cell]] = {
    "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.none(),
    "integer": st.integers(-(2**62), 2**62) | st.none(),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.none(),
    "share": st.floats(0, 1) | st.none(),
}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    kinds = draw(st.lists(st.sampled_from(list(_VALUES)), min_size=1, max_size=4))
    columns = tuple(Column(f"c{number}", kind, "") for number, kind in enumerate(kinds))
    rows = draw(st.lists(st.tuples(*(_VALUES[kind] for kind in kinds)), max_size=5))
    return Table("random", "Random", columns, tuple(rows))


def test_csv_is_rfc_4180_with_line_feeds() -> None:
    assert TABLE.to_csv() == 'code,n,share\nA1,3,0.5\n"B, “C”",10,\n=1+1,0,0.3333333333333333\n'


def test_only_safe_csv_defuses_formulas() -> None:
    assert "\n'=1+1,0," in TABLE.to_csv(safe=True)
    assert "\n=1+1,0," in TABLE.to_csv()


@given(tables())
def test_csv_reads_back_to_the_same_cells(table: Table) -> None:
    read = list(csv.reader(io.StringIO(table.to_csv(), newline=""), strict=True))
    assert read[0] == [column.name for column in table.columns]
    back = [
        tuple(_value(column.kind, cell) for column, cell in zip(table.columns, row, strict=True)) for row in read[1:]
    ]
    wanted = [tuple("" if cell is None and column.kind == "text" else cell
                    for column, cell in zip(table.columns, row, strict=True)) for row in table.rows]  # fmt: skip
    assert back == wanted


def _value(kind: ColumnKind, cell: str) -> Cell:
    if kind == "text":
        return cell
    return None if cell == "" else int(cell) if kind == "integer" else float(cell)


@given(tables())
def test_pandas_equals_the_csv_cell_for_cell(table: Table) -> None:
    frame = table.to_pandas()
    read = list(csv.reader(io.StringIO(table.to_csv(), newline=""), strict=True))
    assert list(frame.columns) == read[0]
    assert len(frame) == len(read) - 1
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in read[1:]]
        shown = [
            "" if value is pd.NA else value if column.kind == "text" else repr(value)
            for value in frame[column.name].tolist()
        ]
        assert shown == cells


@given(tables())
def test_json_holds_every_cell(table: Table) -> None:
    content = json.loads(table.to_json())
    assert [tuple(row.values()) for row in content["rows"]] == list(table.rows)
    assert [column["name"] for column in content["columns"]] == [column.name for column in table.columns]


@given(tables(), st.integers(20, 120))
def test_text_never_emits_a_control_character_and_keeps_every_letter(table: Table, width: int) -> None:
    text = table.to_text(width)
    assert all(plain(line) == line for line in text.split("\n"))
    letters = [each for row in table.rows for cell in row if isinstance(cell, str) for each in cell if each.isalnum()]
    assert all(each in text for each in letters)


def test_text_is_aligned_wraps_words_and_rounds_shares() -> None:
    wide = Table("t", "T", COLUMNS, (("one two three four five six", 3, 0.5), ("x", 10, 1 / 3)), notes=("Note.",))
    assert wide.to_text(24) == (
        "code            n  share\n"
        "-------------  --  -----\n"
        "one two three   3   0.50\n"
        "four five six\n"
        "x              10   0.33\n"
        "\nNote.\n"
    )


@given(tables(), st.integers(40, 120))
def test_text_keeps_to_the_width_where_words_stay_readable(table: Table, width: int) -> None:
    numbers = [str(cell) for row in table.rows for cell in row if not isinstance(cell, str)]
    if sum(map(len, numbers)) < 10 and len(table.columns) <= 3:
        assert max(text_width(line) for line in table.to_text(width).splitlines()) <= width


def test_markdown_escapes_markup() -> None:
    table = Table("t", "T", COLUMNS[:1], (("a|b *c* <i>\n_d_",),))
    assert table.to_markdown().splitlines()[2] == r"| a\|b \*c\* \<i\> \_d\_ |"


def test_latex_escapes_everything_that_commands() -> None:
    table = Table("t", "50% & more", COLUMNS[:1], (("\\input{x} $1_2^3 #~<>|",),))
    text = table.to_latex()
    assert r"\caption{50\% \& more}" in text
    assert (
        r"\textbackslash{}input\{x\} \$1\_2\textasciicircum{}3 "
        r"\#\textasciitilde{}\textless{}\textgreater{}\textbar{} \\" in text
    )


def test_html_shows_text_as_text() -> None:
    table = Table("t", "<b>", COLUMNS[:1], (("<script>alert(1)</script> & “x” \u202e",),), notes=("<i>",))
    shown = table._repr_html_()
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

    Reader().feed(shown)
    assert set(tags) == {"table", "caption", "thead", "tbody", "tr", "th", "td", "p"}
    assert "\u202e" not in shown
    assert "[U+202E]" in shown


def test_filter_sort_and_head_choose_rows() -> None:
    assert TABLE.filter(n=3).column("code") == ("A1",)
    assert TABLE.filter(lambda row: row["share"] is None).column("n") == (10,)
    assert TABLE.sort("n", descending=True).column("n") == (10, 3, 0)
    assert TABLE.sort("share").column("share") == (1 / 3, 0.5, None)
    assert TABLE.sort("share", descending=True).column("share") == (0.5, 1 / 3, None)
    assert len(TABLE.head(2)) == 2
    with pytest.raises(KeyError):
        TABLE.filter(nope=1)


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ((COLUMNS[0], COLUMNS[0]), ("a", "b")),
        (COLUMNS, ("a", 1)),
        (COLUMNS, (1, 1, 0.5)),
        (COLUMNS, ("a", 1.0, 0.5)),
        (COLUMNS, ("a", True, 0.5)),
        (COLUMNS, ("a", 1, 1.5)),
        (COLUMNS, ("a", 1, math.nan)),
    ],
)
def test_what_does_not_fit_is_refused(columns: tuple[Column, ...], row: tuple[Cell, ...]) -> None:
    with pytest.raises(ValueError, match="'t'"):
        Table("t", "T", columns, (row,))
