"""Tables with statistics that need no more than the study can be asked for by name."""

from __future__ import annotations

import pytest

from qualcode.analysis import association, cooccurrence, saturation
from qualcode.errors import AnalysisError
from qualcode.project.coding import TABLES, table_of
from tests.analysis.studies import coding, study
from tests.builders import document

SCHOOLS = [document(f"s{n}", [("P1", "participant", "It rains. We plan.")], speakers={"P1": {"age": "old"}},
                    attributes={"grade": "good" if n < 3 else "RI"}) for n in range(7)]  # fmt: skip
MADE = study(
    SCHOOLS, [code for each in SCHOOLS for code in (coding(each, "It rains.", "C"), coding(each, "It rains.", "A1"))]
)


def test_each_is_the_table_of_its_function() -> None:
    assert {"saturation", "cooccurrence", "attributes"} <= set(TABLES)
    assert table_of("saturation", MADE) == saturation(MADE)
    assert table_of("cooccurrence", MADE) == cooccurrence(MADE)
    assert table_of("attributes", MADE, by="grade") == association(MADE, by="grade")


@pytest.mark.parametrize("name", ["saturation", "cooccurrence"])
def test_a_table_of_documents_can_be_split_by_their_attribute(name: str) -> None:
    split = table_of(name, MADE, by="grade")
    assert list(dict.fromkeys(split.column("grade"))) == ["good", "RI"]
    with pytest.raises(AnalysisError, match="QC-A021"):
        table_of(name, MADE, by="age")


def test_attributes_without_an_attribute_lists_them() -> None:
    with pytest.raises(AnalysisError, match=r"QC-A022.*--by: grade, age"):
        table_of("attributes", MADE)
    with pytest.raises(AnalysisError, match=r"QC-A022.*--attributes"):
        table_of("attributes", study([document("plain", [("P", "participant", "Yes.")])], []))
