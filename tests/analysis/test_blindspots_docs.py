"""``docs/tables.md`` describes the tables of blind spots in their own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qualcode.analysis.blindspots import blindspot_passages, blindspot_table, blindspots
from qualcode.model.table import Table
from tests.analysis.untouched import codings_of, interviews, made_study

DOCS = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")


def tables() -> list[Table]:
    documents = interviews(1)
    study, corpus = made_study(documents, codings_of(documents))
    found = blindspots(study, corpus, replicates=0)
    return [blindspot_table(study, found), blindspot_passages(study, found)]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_each_column_is_documented_as_the_table_says(table: Table) -> None:
    part = re.search(rf"<!-- {table.name} -->\n\|.*\n\|.*\n((?:\|.*\n)+)", DOCS)
    assert part is not None
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|$", part[1], re.MULTILINE)
    assert rows == [(column.name, column.description) for column in table.columns]
