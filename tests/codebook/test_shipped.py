"""The catalogue, the shipped books, the JSON Schema and the reference pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

import qualcode.codebook
from qualcode import resources
from qualcode.codebook import check_codebook, shipped_codebooks
from qualcode.codebook import schema as forms
from qualcode.codebook.findings import Findings
from qualcode.codebook.jsonschema import codebook_json_schema, json_schema_text
from qualcode.codebook.nodes import compose
from qualcode.codebook.reading import read_sheet
from qualcode.errors import QualcodeError
from tests.codebook.books import book, write

ROOT = Path(resources.__file__).parents[1]
SHIPPED = ["hope-merged", "leithwood-olf", "robinson-scl"]


def plain(text: str) -> Any:
    root = compose(text, "x.yaml")
    assert root is not None
    return read_sheet(root, text, "x.yaml", Findings("x.yaml")).data


def test_the_catalogue_lists_what_is_shipped() -> None:
    listed = {entry.id: entry for entry in shipped_codebooks()}
    assert sorted(listed) == SHIPPED
    assert listed["leithwood-olf"].variants == ("olf-2012", "olf-2013", "lhh-2020")
    assert listed["leithwood-olf"].codes > 40
    for entry in listed.values():
        assert entry.title
        assert entry.version


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_book_is_sound_and_its_file_has_its_name(name: str) -> None:
    result = check_codebook(name)
    assert result.problems == ()
    assert result.codebook is not None
    assert result.codebook.id == name
    assert result.return_code == 0


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_book_fits_the_json_schema(name: str) -> None:
    data = plain((resources.codebooks_dir() / f"{name}.yaml").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(codebook_json_schema()).validate(data)


def test_the_json_schema_is_up_to_date_and_a_schema() -> None:
    written = (resources.codebooks_dir() / "schema.json").read_text(encoding="utf-8")
    assert written == json_schema_text(), (
        "write it again: python -m qualcode.codebook.jsonschema > codebooks/schema.json"
    )
    jsonschema.Draft202012Validator.check_schema(json.loads(written))


@pytest.mark.parametrize(
    "body", ["codez: []\ncodes: []\n", "codes: [{id: A}]\n", "codes: [{id: A, label: x, origin: y}]\n"]
)
def test_the_json_schema_refuses_what_the_loader_refuses(body: str) -> None:
    assert not jsonschema.Draft202012Validator(codebook_json_schema()).is_valid(plain(book(body)))


def test_crosswalks_are_checked_against_shipped_books(tmp_path: Path) -> None:
    links = "links: [{from: A, to: L1.1, relation: exact}, {from: A, to: L1.11, relation: exact}]"
    text = book(
        f"crosswalks: [{{to: leithwood-olf, {links}}}]\ncodes: [{{id: A, label: x, codable: no, definition: d}}]\n"
    )
    result = check_codebook(write(tmp_path, text))
    assert [(each.code, each.hint) for each in result.warnings] == [("QC-C112", "Did you mean 'L1.1'?")]


def test_a_check_tells_problems_and_warnings_together(tmp_path: Path) -> None:
    result = check_codebook(write(tmp_path, book("lexicons: {w: [x]}\ncodes: [{id: A, label: x, parent: B}]\n")))
    assert not result.ok
    assert result.return_code == 1
    assert {each.code for each in result.warnings} >= {"QC-C105"}
    assert "1 problem, the codebook cannot be used; 4 warnings" in str(result)
    missing = check_codebook(tmp_path / "none.yaml")
    assert [each.code for each in missing.problems] == ["QC-C001"]


def test_a_missing_folder_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "qualcode" / "resources.py"))
    with pytest.raises(QualcodeError, match="QC-R001"):
        resources.corpora_dir()
    (tmp_path / "qualcode" / "_data" / "corpora").mkdir(parents=True)
    (tmp_path / "corpora").mkdir()
    assert resources.corpora_dir() == (tmp_path / "qualcode" / "_data" / "corpora").resolve()


def keys() -> set[str]:
    entries = [each for each in vars(forms).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    return {field.alias or name for entry in entries for name, field in entry.model_fields.items()}


def test_every_key_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "codebooks.md").read_text(encoding="utf-8")
    assert not {key for key in keys() if f"`{key}`" not in text}


def test_every_error_code_is_in_the_list_and_none_is_invented() -> None:
    package = Path(qualcode.codebook.__file__).parent
    used = {
        found
        for path in package.rglob("*.py")
        for found in re.findall(r"QC-[CR]\d{3}", path.read_text(encoding="utf-8"))
    }
    used |= {"QC-R001"}
    text = (ROOT / "docs" / "errors-codebook.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(QC-[CR]\d{3})`", text, re.MULTILINE))
    assert listed == used


def test_every_example_in_the_reference_loads() -> None:
    text = (ROOT / "docs" / "codebooks.md").read_text(encoding="utf-8")
    whole = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("schema:")]
    assert whole
    for block in whole:
        from tests.codebook.books import problems

        assert problems(block) == ()
