"""Options that only some tables take, tables cut down to a terminal, and the pages to work from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qualcode.cli.terminal import for_terminal
from qualcode.model.table import Column, Table
from tests.cli.running import Run
from tests.cli.team import listed


@pytest.fixture
def shared(run: Run, team: Path) -> Path:
    """Ann and Ben worked through both transcripts and differ about one passage."""
    run("accept", team, "--all")
    for row in listed(run, team):
        if (row["code"], row["document"]) != ("A2", "anna.txt"):
            run("accept", team, "--id", row["id"], "--person", "ben")
    for person in ("ann", "ben"):
        run("done", team, "anna", "ben", "--person", person)
    return team


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("agreement", "--level", "turn", "--no-machine", "--replicates", "20", "--seed", "3"),
            "Agreement of ann and ben",
        ),
        (("agreement", "--coder", "ann", "--coder", "machine", "--replicates", "0"), "Agreement of ann and machine"),
        (("agreement", "--pairs", "--code", "A2", "--replicates", "0"), "pair by pair"),
        (("agreement", "--over", "all", "--replicates", "20"), "over all codes"),
        (("agreement", "--measure", "scott", "--no-machine", "--replicates", "0"), " pi "),
        (("disagreements", "--code", "Doubt", "--coder", "ann", "--coder", "ben"), "Where coders differ"),
        (("confusions", "--level", "document"), ""),
        (
            ("saturation", "--order", "ben.txt, anna.txt", "--base", "1", "--run", "1", "--replicates", "1000"),
            "ben.txt",
        ),
        (("cooccurrence", "--unit", "document", "--minimum", "0"), "A1"),
        (("attributes", "--by", "phase", "--code", "A2"), "primary"),
        (("keyness", "--by", "phase", "--minimum", "1", "--limit", "3", "--replicates", "100"), "rain"),
        (("keyness", "--code", "A2", "--minimum", "1", "--replicates", "100"), "worried"),
        (("prevalence", "--code", "A2"), "no valid interval"),
    ],
)
def test_each_table_gets_its_own_options(run: Run, shared: Path, arguments: tuple[str, ...], told: str) -> None:
    name, *rest = arguments
    ended = run("table", name, shared, *rest)
    assert ended.code == 0, ended.err
    assert told in ended.out
    assert json.loads(run("table", name, shared, *rest, "--json").out)["columns"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("themes", "--level", "turn"),
            "does not take --level; it is for: agreement, disagreements, confusions, evaluation.",
        ),
        (("matrix", "--coder", "ann"), "--coder; it is for: agreement, disagreements, confusions, evaluation."),
        (("saturation", "--no-machine"), "does not take --machine"),
        (("disagreements", "--pairs"), "does not take --pairs; it is for: agreement."),
        (("themes", "--base", "3"), "it is for: saturation."),
        (("agreement", "--minimum", "3"), "it is for: cooccurrence, keyness, blindspots."),
        (("spread", "--code", "A1"), "prevalence, reading, evaluation, topics, keyness"),
        (("agreement", "--by", "phase"), "does not take --by; it is for: themes, matrix,"),
        (("themes", "--facet", "stance"), "does not take --facet; it is for: facets."),
        (("themes", "--long"), "does not take --long; it is for: matrix, blindspots."),
        (("keyness", "--code", "A1", "--code", "A2"), "takes one --code"),
        (("agreement", "--level", "word"), "'token'"),
        (("agreement", "--over", "some"), "'each'"),
        (("saturation", "--base", "0"), "--base"),
    ],
)
def test_an_option_of_another_table_is_misuse_and_names_the_tables_that_take_it(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    name, *rest = arguments
    ended = run("table", name, "nowhere", *rest)
    assert (ended.code, ended.out) == (2, "")
    assert told in " ".join(ended.err.split())


def test_tables_of_people_need_people(run: Run, team: Path) -> None:
    assert "QC-P033" in run("table", "agreement", team, "--coder", "zoe").err
    run("accept", team, "--all")
    run("blind", team)
    assert "QC-P034" in run("table", "agreement", team, "--coder", "zoe").err


def test_who_looks_matters_while_people_code_blind(run: Run, team: Path, tmp_path: Path) -> None:
    run("code", team, "--as", "A1", "--quote", "My garden needs rain")
    run("blind", team)
    query = "code:A1 garden"
    assert run("search", team, query).out.startswith("anna.txt")
    assert run("search", team, query, "--person", "ben").out.startswith("0 hits")
    for person, found in (("ann", True), ("ben", False)):
        out = tmp_path / person
        assert run("export", team, "--out", out, "--person", person).code == 0
        assert ("My garden" in (out / "codings.csv").read_text(encoding="utf-8")) is found
        assert run("report", team, "--out", tmp_path / f"{person}.html", "--person", person).code == 0
        table = json.loads(run("table", "themes", team, "--person", person, "--json").out)
        assert table["rows"][1]["codings"] == 3 + found


def test_pages_to_work_from_are_written_where_they_are_asked_for(run: Run, shared: Path, tmp_path: Path) -> None:
    assert run("conflicts", shared, "--page").out == f"{shared / 'output' / 'disagreements.html'}\n"
    assert run("orphans", shared, "--out", tmp_path / "lost.html").out == f"{tmp_path / 'lost.html'}\n"
    assert (tmp_path / "lost.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


COLUMNS = (
    Column("code", "text", "id"),
    Column("level", "integer", "depth"),
    Column("unit", "text", "what was compared"),
    Column("documents", "integer", "how many"),
    Column("of_documents", "integer", "of so many"),
    Column("alpha", "number", "alpha"),
    Column("alpha_low", "number", "lower end"),
    Column("alpha_high", "number", "upper end"),
    Column("p_value", "number", "p"),
    Column("old: with", "integer", "with"),
    Column("old: of", "integer", "of"),
    Column("new_words", "integer", "words"),
    Column("new_of_words", "integer", "of so many"),
    Column("empty", "text", "nothing"),
    Column("status", "text", "ok or undefined"),
    Column("reason", "text", "why"),
)


def test_a_terminal_gets_values_with_their_intervals_and_reasons_below() -> None:
    rows = (
        ("A", 1, "turn", 2, 7, 0.612, 0.4, 0.784, 0.0004, 1, 3, 5, 9, "", "ok", ""),
        ("B", 1, "turn", 0, 7, None, None, None, 0.25, 0, 3, 0, 9, None, "undefined", "nobody used it"),
        ("C", 1, "turn", 1, 7, 0.5, None, None, None, 2, 3, 4, 9, "", "ok", "no interval"),
    )
    table = for_terminal(Table("x", "X", COLUMNS, rows, unit="turn", notes=("A turn is a turn.",)))
    assert [each.name for each in table.columns] == ["code", "documents", "alpha", "p_value", "old", "new_words"]
    assert table.rows == (
        ("A", "2 of 7", "0.61 [0.40, 0.78]", "<0.001", "1 of 3", "5 of 9"),
        ("B", "0 of 7", "", "0.250", "0 of 3", "0 of 9"),
        ("C", "1 of 7", "0.50", None, "2 of 3", "4 of 9"),
    )
    assert table.notes == ("B: nobody used it.", "C: no interval.", "A turn is a turn.")


def test_a_table_without_rows_keeps_its_heads() -> None:
    table = for_terminal(Table("x", "X", COLUMNS, ()))
    assert [each.name for each in table.columns][:2] == ["code", "unit"]
