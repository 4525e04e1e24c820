"""``docs/tables.md`` describes every column of every table, in the words of the table."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from qualcode.analysis import (
    Layer,
    WordCounts,
    agreement,
    association,
    confusions,
    cooccurrence,
    disagreements,
    facets,
    keyness,
    matrix,
    prevalence,
    saturation,
    spread,
    themes,
    uncoded,
    uncoded_stretches,
)
from qualcode.interchange.tabular import codings_table
from qualcode.model.table import Table
from tests.report.fixture import small_study

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")


def tables() -> list[Table]:
    made = small_study()
    makers = (themes, matrix, spread, facets, uncoded, uncoded_stretches)
    return [codings_table(made.codings), *(make(made) for make in makers), *tables_with_statistics()]


def tables_with_statistics() -> list[Table]:
    made = small_study()
    worked = frozenset(case.id for case in made.cases)
    layers = [Layer("Ann", worked, made.codings), Layer("Ben", worked, made.codings[1:4])]
    counts = WordCounts(tuple(sorted(worked)), ("trust", "rain"), np.array([[5, 1], [1, 4], [2, 2]]))
    return [
        agreement(made, layers, replicates=20),
        agreement(made, layers, pairs=True, replicates=20),
        agreement(made, layers, over="all", replicates=20),
        disagreements(made, layers),
        confusions(made, layers),
        saturation(made),
        cooccurrence(made),
        association(made, by="grade"),
        prevalence(made),
        keyness(made, counts, by="grade", minimum=1),
    ]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_each_table_is_documented_column_by_column(table: Table) -> None:
    part = re.search(rf"<!-- {table.name} -->\n\|.*\n\|.*\n((?:\|.*\n)+)", DOCS)
    assert part is not None
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|$", part[1], re.MULTILINE)
    assert rows == [(column.name, column.description) for column in table.columns]


def test_each_error_code_is_documented() -> None:
    rooms = ("analysis", "viz", "report", "interchange")
    code = "".join(path.read_text("utf-8") for room in rooms for path in (ROOT / "qualcode" / room).rglob("*.py"))
    assert set(re.findall(r'"(QC-[AET]\d{3})"', code)) == set(re.findall(r"^\| (QC-[AET]\d{3}) ", DOCS, re.MULTILINE))
