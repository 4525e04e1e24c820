"""What coders are taught: people's decisions, the documents worked through, and the model for vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pytest

from qualcode.coding import Corpus, registry
from qualcode.coding.base import Suggestions
from qualcode.errors import QualcodeError
from qualcode.model.coding import Coding
from qualcode.project import Project
from qualcode.project.settings import CoderRecipe, load_settings
from tests.project.shared_work import make_project

TAUGHT: list[tuple[Corpus, tuple[Coding, ...], dict[str, Any]]] = []


class Pupil:
    """A coder that notes what it is taught and suggests nothing."""

    name = "pupil"

    def __init__(self, **parameters: Any) -> None:
        self.parameters = parameters

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        TAUGHT.append((corpus, tuple(codings), self.parameters))
        return self

    def suggest(self, corpus: Corpus) -> Suggestions:
        return Suggestions(())

    def get_params(self) -> Mapping[str, Any]:
        return {}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setitem(registry._BUILT_IN, "pupil", Pupil)
    TAUGHT.clear()
    made = make_project(tmp_path)
    settings = made.folder / "qualcode.yaml"
    text = settings.read_text(encoding="utf-8")
    recipe = "    - name: rules\n    - {name: pupil, words: [one, two], depth: 3}\n"
    settings.write_text(text.replace("    - name: rules\n", recipe), encoding="utf-8")
    return Project(made.folder, person="Ann")


def test_a_coder_is_taught_what_people_decided_and_told_its_parameters(project: Project) -> None:
    project.accept(code="A1", document="ben.txt")
    project.reject(code="A1", document="anna.txt")
    project.code()
    ((corpus, taught, parameters),) = TAUGHT[-1:]
    assert {(each.document, each.status) for each in taught} == {("ben.txt", "accepted"), ("anna.txt", "rejected")}
    assert all(each.decided_by == "Ann" or each.status == "rejected" for each in taught)
    assert parameters["words"] == ("one", "two")
    assert parameters["depth"] == 3
    assert corpus.folder == project.folder
    assert corpus.read is None


def test_nothing_is_taught_before_anybody_decided(project: Project) -> None:
    project.code()
    assert TAUGHT[-1][1] == ()


def test_documents_that_were_worked_through_are_named(project: Project) -> None:
    project.done("anna.txt")
    (anna,) = [each.id for each in project.documents if each.name == "anna.txt"]
    assert project.worked_through() == frozenset({anna})
    project.code()
    assert TAUGHT[-1][0].read == frozenset({anna})


def test_who_codes_blind_is_not_helped_by_what_others_decided(project: Project) -> None:
    project.blind()
    other = Project(project.folder, person="Bob")
    other.accept(code="A1", document="ben.txt")
    other.done("ben.txt")
    project.code()
    assert TAUGHT[-1][1] == ()
    assert TAUGHT[-1][0].read is None
    other.code()
    assert len(TAUGHT[-1][1]) == 1
    assert TAUGHT[-1][0].read is not None


def test_a_passage_that_lost_its_place_teaches_nothing(project: Project) -> None:
    project.accept(code="A1", document="ben.txt")
    transcript = project.folder / "transcripts" / "ben.txt"
    text = transcript.read_text(encoding="utf-8")
    transcript.write_text(text.replace("Nobody bought into it", "They all hated it"), encoding="utf-8")
    project.ingest()
    assert len(project.orphans()) == 1
    assert project.decided() == ()


def test_lists_of_words_are_read_from_the_recipe(tmp_path: Path) -> None:
    place = tmp_path / "qualcode.yaml"
    place.write_text("schema: qualcode-project/1\nrecipe:\n  vectors: models/mini\n  coders:\n"
                     "    - {name: ensemble, coders: [rules, exemplars], threshold: 0.4}\n", encoding="utf-8")  # fmt: skip
    found = load_settings(place)
    assert found.vectors == "models/mini"
    assert found.coders == (CoderRecipe("ensemble", {"coders": ("rules", "exemplars"), "threshold": 0.4}),)


def test_the_recipe_with_an_ensemble_codes_and_each_suggestion_names_its_sources(project: Project) -> None:
    settings = project.folder / "qualcode.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text[: text.index("  coders:")] + "  coders:\n    - {name: ensemble, coders: [rules]}\n",
                        encoding="utf-8")  # fmt: skip
    codings = Project(project.folder).code().codings
    assert {each.coder for each in codings} == {"ensemble"}
    assert all(any(flag.startswith("rules ") for flag in each.flags) for each in codings)


def test_a_change_of_the_model_for_vectors_makes_the_coding_old(project: Project) -> None:
    project.code()
    assert project.outdated() is None
    settings = project.folder / "qualcode.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("recipe:\n", "recipe:\n  vectors: models/mini\n"),
                        encoding="utf-8")  # fmt: skip
    assert Project(project.folder).outdated() is not None


def test_a_model_for_vectors_that_is_not_there_is_told(project: Project) -> None:
    settings = project.folder / "qualcode.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("recipe:\n", "recipe:\n  vectors: models/mini\n"),
                        encoding="utf-8")  # fmt: skip
    with pytest.raises(QualcodeError, match="mini"):
        Project(project.folder).code()


def test_decisions_made_since_a_coder_learnt_are_told_and_coding_again_takes_them_in(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Apt(Pupil):
        def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
            super().fit(corpus, codings)
            return type(self)()

    monkeypatch.setitem(registry._BUILT_IN, "pupil", Apt)
    project.code()
    assert not [each for each in project.coded().notes if "learnt" in each]
    project.accept(code="A1", document="ben.txt")
    (note,) = [each for each in project.coded().notes if "learnt" in each]
    assert note.startswith("1 decision was made since pupil last learnt from them (")
    project.code()
    assert not [each for each in project.coded().notes if "learnt" in each]


def test_the_table_of_the_classifier_says_what_is_too_little_to_learn_from_and_docs_describe_it(
    project: Project,
) -> None:
    project.accept(code="A1", document="ben.txt")
    table = project.table("classifier")
    states = {row[0]: (row[2], row[5]) for row in table.rows}
    assert states == {"A1": (1, "rank only"), "A2": (0, "no examples"), "A3": (0, "no examples")}
    docs = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
    for column in table.columns:
        assert f"| `{column.name}` | {column.description} |\n" in docs


def test_coders_that_do_not_learn_are_never_behind(project: Project) -> None:
    project.code()
    project.accept(code="A1", document="ben.txt")
    assert not [each for each in project.coded().notes if "learnt" in each]
