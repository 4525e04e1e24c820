"""Where coders' segments lie, in tables of agreement: published examples, what is cut out, and what is undefined."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from qualcode.analysis import Layer, Study, agreement
from qualcode.analysis.places import PLACED
from qualcode.errors import AnalysisError, StatisticsError
from qualcode.model.document import Document, Span
from qualcode.model.table import Cell, Table
from qualcode.stats.agreement import boundary_similarity, pk, shaffer_rho, window_diff
from tests.analysis.layers import layered
from tests.analysis.studies import coding_at, study
from tests.builders import document

COLUMNS = {name: name.replace("-", "_") for name in PLACED}


def row(table: Table, code: str) -> dict[str, Cell]:
    return next(line for line in table if line["code"] == code)


def layer(name: str, made: Document, spans: list[tuple[int, int, str]], documents: frozenset[str]) -> Layer:
    """A coder's layer; spans count from the first character of the first turn's speech."""
    start = made.blocks[0].label_span.end if made.blocks[0].label_span else 0
    return Layer(name, documents, tuple(coding_at(made, Span(start + a, start + b), code) for a, b, code in spans))


def of_runs(*runs: str) -> tuple[Study, list[Layer]]:
    """One turn of eleven sentences; ``x`` where a coder gives the code B1 to the sentence, a string for each coder."""
    made = document("one", [("P1", "participant", " ".join(f"Say {number}." for number in range(10, 21)))])
    layers = []
    for name, own in zip(("Ann", "Ben", "Cat"), runs, strict=False):
        spans = [(8 * at, 8 * at + 7, "B1") for at, symbol in enumerate(own) if symbol == "x"]
        layers.append(layer(name, made, spans, frozenset({"one"})))
    return study([made], []), layers


def test_krippendorffs_example_of_2004_in_a_table() -> None:
    made = document("one", [("P1", "participant", "x" * 300)])
    both = [(30, 90, "C"), (150, 200, "C")]
    ann = layer("Ann", made, [(75, 145, "B1"), (220, 250, "B1"), *both], frozenset({"one"}))
    ben = layer("Ben", made, [(70, 150, "B1"), (205, 225, "B1"), (250, 270, "B1"), *both], frozenset({"one"}))
    table = agreement(study([made], []), [ann, ben], measures=["alpha-u"], codes=["B1", "C"], replicates=0)
    assert row(table, "B1")["alpha_u"] == pytest.approx(0.7286, abs=5e-5)
    assert row(table, "C")["alpha_u"] == 1.0
    assert row(table, "")["alpha_u"] == pytest.approx(0.8587, abs=5e-5)


def test_an_interviewers_question_is_cut_out_of_the_continuum_and_of_a_segment() -> None:
    asked = document("one", [("P1", "participant", "We trust."), ("INT", "interviewer", "Why is that, then, now?"),
                             ("P1", "participant", "We do so.")])  # fmt: skip
    plain = document("one", [("P1", "participant", "We trust.We do so.")])
    found = []
    for made in (asked, plain):
        end = made.text.rindex("so.") + 3
        start = made.text.index("We trust")
        whole, half = Span(start, end), Span(start, start + 9)
        short = coding_at(made, half, "B1")
        layers = [Layer("Ann", frozenset({"one"}), (replace(short, span=whole),)),
                  Layer("Ben", frozenset({"one"}), (short,))]  # fmt: skip
        table = agreement(study([made], []), layers, measures=["alpha-u", "u-alpha"], codes=["B1"], replicates=0)
        found.append((row(table, "B1")["alpha_u"], row(table, "B1")["u_alpha"]))
    assert found[0] == found[1]
    assert found[0][0] is not None


def test_boundaries_stand_where_a_code_begins_and_ends() -> None:
    made, layers = of_runs("xxxxx......", "xx...xxxxxx")
    line = row(agreement(made, layers, measures=["boundary-similarity", "pk", "window-diff"], codes=["B1"]), "B1")
    one, two = [5, 6], [2, 3, 6]
    assert line["boundary_similarity"] == boundary_similarity(one, two).value == 0.5
    for column, measure in (("pk", pk), ("window_diff", window_diff)):
        both = [measure(one, two), measure(two, one)]
        wrong = sum((each.value or 0.0) * each.n_pairable for each in both)
        assert line[column] == pytest.approx(wrong / sum(each.n_pairable for each in both))
    assert line["status"] == "ok"


def test_without_a_boundary_there_is_nothing_to_compare() -> None:
    made, layers = of_runs("...........", "...........")
    table = agreement(made, layers, measures=PLACED, codes=["B1"], replicates=0)
    line = row(table, "B1")
    assert {line[column] for column in COLUMNS.values()} == {None}
    assert line["status"] == "undefined"
    made, layers = of_runs("xxxxxxxxxxx", "xxxxxxxxxxx")
    line = row(agreement(made, layers, measures=["boundary-similarity"], codes=["B1"]), "B1")
    assert (line["boundary_similarity"], line["status"]) == (None, "undefined")
    assert "no boundary" in str(line["reason"])


def test_documents_that_somebody_did_not_work_through_are_left_out() -> None:
    made, layers = of_runs("xxxxx......", "xx...xxxxxx", "xxxxxx.....")
    absent = [*layers[:2], replace(layers[2], documents=frozenset())]
    line = row(agreement(made, absent, measures=PLACED, codes=["B1"], replicates=0), "B1")
    assert {line[column] for column in COLUMNS.values()} == {None}
    assert "worked through by all" in str(line["reason"])
    line = row(agreement(made, layers, measures=["boundary-similarity"], codes=["B1"]), "B1")
    runs = [{5}, {2, 5}, {6}]
    edits = [boundary_similarity(one, two, atoms=11) for one, two in combinations(runs, 2)]
    costs = [(1 - (each.value or 0.0)) * each.n_pairable for each in edits]
    assert line["boundary_similarity"] == pytest.approx(1 - sum(costs) / sum(each.n_pairable for each in edits))


def test_codes_that_overlap_have_no_u_alpha_together() -> None:
    made = document("one", [("P1", "participant", "x" * 100)])
    ann = layer("Ann", made, [(10, 40, "B1"), (30, 60, "C")], frozenset({"one"}))
    ben = layer("Ben", made, [(10, 30, "B1"), (40, 60, "C")], frozenset({"one"}))
    table = agreement(study([made], []), [ann, ben], measures=["u-alpha"], codes=["B1", "C"], replicates=0)
    assert row(table, "B1")["u_alpha"] is not None
    assert row(table, "")["u_alpha"] is None
    assert "overlap" in str(row(table, "")["reason"])
    assert any("experimental" in note for note in table.notes)
    apart = [replace(each, codings=each.codings[:1]) for each in (ann, ben)]
    table = agreement(study([made], []), apart, measures=["u-alpha"], codes=["B1", "C"], replicates=0)
    assert row(table, "")["u_alpha"] == row(table, "B1")["u_alpha"]


def test_rho_is_that_of_the_units() -> None:
    made, layers = of_runs("xxxxx......", "xxxx.......")
    ratings = np.array([[1, 1]] * 4 + [[1, 0]] + [[0, 0]] * 6)
    table = agreement(made, layers, measures=["cohen", "rho"], codes=["B1"], threshold=0.65, seed=4, replicates=0)
    want = shaffer_rho(ratings, threshold=0.65, seed=4)
    assert (row(table, "B1")["kappa"], row(table, "B1")["rho"]) == (pytest.approx(want.kappa), want.value)
    assert table.rows[-1][[column.name for column in table.columns].index("rho")] is None
    assert any("below 0.65" in note for note in table.notes)
    alone = agreement(made, layers, measures=["rho"], codes=["B1"])
    assert [line["status"] for line in alone] == ["ok", "undefined", "undefined"]
    assert "no mean of rho" in str(list(alone)[-1]["reason"])
    assert not any("Intervals" in note for note in alone.notes)
    with pytest.raises(AnalysisError, match="QC-A033"):
        agreement(made, layers, measures=["rho"], level="character")
    with pytest.raises(StatisticsError, match="QC-N051"):
        agreement(made, layers, measures=["rho"], codes=["B1"], threshold=0.2)
    constant, silent = of_runs("xxxxxxxxxxx", "xxxx.......")
    line = row(agreement(constant, silent, measures=["rho"], codes=["B1"]), "B1")
    assert (line["rho"], line["status"]) == (None, "undefined")
    assert "base rate" in str(line["reason"])


@settings(max_examples=30, deadline=None)
@given(layered())
def test_every_study_has_values_in_range_or_reasons_and_the_order_of_coders_does_not_matter(
    made: tuple[Study, list[Layer]],
) -> None:
    found, layers = made
    for name in PLACED:
        table = agreement(found, layers, measures=[name], replicates=0)
        for line in table:
            value = line[COLUMNS[name]]
            assert (line["status"] == "undefined") == (value is None)
            assert line["status"] == "ok" or line["reason"]
            if value is not None:
                assert float(str(value)) <= 1
                assert name in {"alpha-u", "u-alpha"} or float(str(value)) >= 0
        turned = agreement(found, layers[::-1], measures=[name], replicates=0)
        assert turned.column(COLUMNS[name]) == pytest.approx(table.column(COLUMNS[name]))


@settings(max_examples=30, deadline=None)
@given(layered(most=2))
def test_a_coder_agrees_fully_with_their_double_or_nothing_can_be_said(made: tuple[Study, list[Layer]]) -> None:
    found, (ann, _) = made
    table = agreement(found, [ann, replace(ann, coder="Ben")], measures=PLACED, replicates=0)
    for name in PLACED:
        best = 0.0 if name in {"pk", "window-diff"} else 1.0
        assert {value for value in table.column(COLUMNS[name]) if value is not None} <= {best}
