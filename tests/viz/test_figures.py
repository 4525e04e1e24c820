"""Figures show the numbers of the tables, the same every time, and leave matplotlib as it was."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import pytest

from qualcode.analysis import Study, study_of
from qualcode.errors import AnalysisError
from qualcode.viz import code_by_attribute, code_by_attribute_alt, theme_by_interview, theme_by_interview_alt, to_svg
from qualcode.viz.style import clipped, ink_on, luminance, shade
from tests.analysis.studies import BOOK, coding, study, units_of
from tests.builders import document
from tests.report.fixture import small_study


def texts(figure: object) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]  # type: ignore[attr-defined]  # a Figure


def test_the_heat_map_shows_a_number_in_each_cell_and_a_dot_where_nothing_was_said() -> None:
    figure = theme_by_interview(small_study())
    assert texts(figure) == [
        "A Direction",
        "A1 Shared purpose",
        "2",
        "·",
        "·",
        "B People",
        "B1 Trust",
        "1",
        "4",
        "·",
    ]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["01-hill", "02-vale", "03-quay"]


def test_cells_where_every_passage_denies_are_hatched() -> None:
    made = small_study()
    denied = replace(made, codings=tuple(replace(each, stance="absent") for each in made.codings))
    hatched = [patch for patch in theme_by_interview(denied).axes[0].patches if patch.get_hatch()]
    assert len(hatched) == 3
    assert not [patch for patch in theme_by_interview(made).axes[0].patches if patch.get_hatch()]


def test_the_text_for_the_heat_map_names_what_is_most_widely_found() -> None:
    told = theme_by_interview_alt(small_study())
    assert told.startswith("Heat map of 2 themes by 3 documents; each cell holds the number of sentences.")
    assert "Trust in 2 of 3" in told
    assert "The highest count is 4, for Trust in 02-vale.txt." in told


def test_bars_by_attribute_write_k_of_n_for_each_group() -> None:
    figure = code_by_attribute(small_study(), "grade")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["good (n = 1)", "RI (n = 2)"]
    assert texts(figure) == ["1 of 1", "1 of 1", "A1 Shared purpose", "B1 Trust", "0 of 2", "1 of 2"]


def test_the_text_for_the_bars_names_where_groups_differ_most() -> None:
    told = code_by_attribute_alt(small_study(), "grade")
    assert told.startswith("Bars of 2 themes for each value of grade: good (1), RI (2).")
    assert "Shared purpose: 1 of 1 good, 0 of 2 RI" in told


def test_an_attribute_of_too_many_values_is_refused() -> None:
    documents = [document(f"d{n}", [("P1", "participant", "Rain.")], attributes={"x": str(n)}) for n in range(9)]
    with pytest.raises(AnalysisError, match="QC-A007"):
        code_by_attribute(study(documents, []), "x")


def test_the_same_study_gives_the_same_svg_without_date_or_address_but_with_its_text() -> None:
    made = small_study()
    svg = to_svg(theme_by_interview(made))
    assert svg == to_svg(theme_by_interview(made))
    assert svg.startswith("<svg")
    assert "<text" in svg
    assert "Shared purpose" in svg
    assert "<metadata" not in svg
    assert "<script" not in svg


def awkward() -> Study:
    made = document("a$b$ <b> & 日本.txt", [("P1", "participant", "Rain.")])
    book = replace(BOOK, codes=tuple(replace(code, label=f"{code.label} $x_1$ <b> & 日本 \u202e") for code in BOOK))
    found = replace(coding(made, "Rain.", "C"), label="")
    return study_of([made], book, [found], units={made.id: units_of(made)})


def test_names_with_markup_formulas_or_other_scripts_are_drawn_as_they_are() -> None:
    svg = to_svg(theme_by_interview(awkward()))
    assert "$x_1$ &lt;b&gt; &amp; 日本 [U+202E]" in svg


def test_a_study_without_codings_gives_a_figure_that_says_so() -> None:
    empty = study([document("d", [("P1", "participant", "Rain.")], attributes={"grade": "good"})], [])
    assert texts(theme_by_interview(empty)) == ["no theme was found"]
    assert "No theme was found" in theme_by_interview_alt(empty)
    assert to_svg(code_by_attribute(empty, "grade")).startswith("<svg")


def test_settings_of_matplotlib_are_as_they_were() -> None:
    before = dict(mpl.rcParams)
    to_svg(theme_by_interview(small_study()))
    assert dict(mpl.rcParams) == before


def test_fills_get_darker_with_the_share_in_grey_too() -> None:
    greys = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in map(shade, (0.0, 0.5, 1.0))]
    assert greys == sorted(greys, reverse=True)


def test_numbers_in_cells_keep_a_contrast_of_four_and_a_half() -> None:
    for step in range(101):
        fill = shade(step / 100)
        light = luminance(fill) + 0.05
        assert (1.05 / light if ink_on(fill) == "white" else light / 0.05) >= 4.5


def test_long_names_are_cut_with_an_ellipsis() -> None:
    assert clipped("a long name", 7) == "a long…"
    assert clipped("short", 7) == "short"
