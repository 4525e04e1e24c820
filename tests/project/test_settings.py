"""``qualcode.yaml`` is read strictly, and everything wrong in it is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import ProjectError
from qualcode.project.settings import CoderRecipe, Settings, load_settings, settings_text


def read(folder: Path, text: str) -> Settings:
    path = folder / "qualcode.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ProjectError, match="QC-P002") as caught:
        read(folder, text)
    return [f"{each.place.line}:{each.place.column} {each.message} {each.hint or ''}".strip()
            for each in caught.value.problems if each.place is not None]  # fmt: skip


def test_all_keys_are_read(tmp_path: Path) -> None:
    assert read(
        tmp_path,
        """\
schema: qualcode-project/1
title: "A study: two parts"
codebooks: [hope-merged, codebooks/mine.yaml]
unit: turn
roles_left_out: [interviewer]
attributes: cases.csv
ingest:
  roles: {Dana: interviewer}
  aliases: {D: Dana}
  speaker_pattern: '^(?P<label>\\w+):'
recipe:
  seed: 7
  coders:
    - rules
    - name: rules
      processes: 2
""",
    ) == Settings(
        title="A study: two parts",
        codebooks=("hope-merged", "codebooks/mine.yaml"),
        unit="turn",
        roles_left_out=("interviewer",),
        attributes="cases.csv",
        roles={"Dana": "interviewer"},
        aliases={"D": "Dana"},
        speaker_pattern=r"^(?P<label>\w+):",
        coders=(CoderRecipe("rules"), CoderRecipe("rules", {"processes": 2})),
        seed=7,
    )


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=30), books=st.lists(st.text("abc-@/. '\"#:{", min_size=1, max_size=12), max_size=3))
def test_what_init_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, title: str, books: list[str]) -> None:
    books = [" ".join(each.split()) or "x" for each in books]
    found = read(tmp_path_factory.mktemp("settings"), settings_text(title, books))
    assert found.codebooks == tuple(books)
    assert found.title == " ".join("".join(c if c.isprintable() else " " for c in title).split())


def test_an_unknown_key_is_told_with_its_line_and_the_likely_one(tmp_path: Path) -> None:
    assert problems(tmp_path, "schema: qualcode-project/1\ncodebook: [x]\nrecipe:\n  sed: 1\n") == [
        "2:1 unknown key 'codebook' in the settings Did you mean 'codebooks'?",
        "4:3 unknown key 'sed' in recipe Did you mean 'seed'?",
    ]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    assert problems(
        tmp_path, "title: x\ntitle: y\nunit: sentense\ncodebooks: one\nrecipe: {seed: many, coders: [{a: b}]}\n"
    ) == [
        "1:1 the settings have no 'schema: qualcode-project/1'",
        "2:1 the key 'title' stands here twice (first in line 1) Remove one of them.",
        "3:7 unit is 'sentense', but must be sentence or turn or passage Did you mean 'sentence'?",
        "4:12 a list is wanted here Write [one, two] or lines that begin with '- '.",
        "5:16 a whole number is wanted here, not 'many'",
        "5:31 a coder has no 'name'",
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a list\n", "words"])
def test_settings_without_keys_are_refused(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == [
        "1:1 the file must be keys with values, beginning with 'schema: qualcode-project/1'"
    ]


def test_a_file_that_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    assert problems(tmp_path, "schema: qualcode-project/1\ntitle: [a\n")[0].startswith("3:1 ")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "qualcode.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProjectError, match="Save the file as UTF-8"):
        load_settings(tmp_path / "qualcode.yaml")


def test_no_settings_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"QC-P001.*qualcode init"):
        load_settings(tmp_path / "qualcode.yaml")


def test_every_key_is_documented() -> None:
    told = (Path(__file__).parents[2] / "docs" / "errors-project.md").read_text(encoding="utf-8")
    for key in ("schema", "title", "codebooks", "unit", "roles_left_out", "attributes", "ingest", "roles", "aliases",
                "speaker_pattern", "recipe", "seed", "coders"):  # fmt: skip
        assert f"`{key}`" in told
