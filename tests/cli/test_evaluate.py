"""``qualcode evaluate``: against a person, what is settled, or a table; for people and for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import qualcode.coding as coding_room
from qualcode.coding.base import Corpus, Suggestions
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Span
from qualcode.project import Project
from qualcode.project.judging import Judging
from tests.cli.running import Run
from tests.cli.team import kept

ANNA = [
    ("We all bought into it from the start.", "A1"),
    ("Then we went home.", "A2"),
    ("The head was on board as well.", "A1"),
]
BEN = [("The screen was blank.", "A2")]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of codings by hand: four passages, two of which a rule finds too."""
    path = tmp_path / "hand.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["document", "quote", "code"])
        out.writerows([("anna.txt", *each) for each in ANNA] + [("ben.txt", *each) for each in BEN])
    return path


def told(run: Run, *arguments: object) -> dict[str, Any]:
    ended = run("evaluate", *arguments, "--json", "--replicates", 20)
    assert ended.code == 0, ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def row(found: Mapping[str, Any], kind: str, code: str = "", table: str = "evaluation") -> dict[str, Any]:
    (rows,) = [each["rows"] for each in found["tables"] if each["name"] == table]
    return next(each for each in rows if (each["kind"], each["code"]) == (kind, code))


def test_the_last_run_against_a_table(run: Run, team: Path, table: Path) -> None:
    found = told(run, team, "--against", table)
    assert (found["machine"], found["against"], found["documents"]) == (
        "the last run (rules)", "hand.csv", ["anna.txt", "ben.txt"],
    )  # fmt: skip
    pooled = row(found, "micro")
    # the rules say: bought (right), worried, on board (right), bought, worried
    assert (pooled["machine_passages"], pooled["right_passages"]) == (5, 2)
    assert (pooled["hand_passages"], pooled["found_passages"]) == (4, 2)
    assert pooled["passage_precision"] == pytest.approx(0.4)
    assert pooled["passage_recall"] == pytest.approx(0.5)
    assert found["from_suggestions"] == 0


def test_the_summary_fits_a_screen_and_says_on_what(run: Run, team: Path, table: Path) -> None:
    ended = run("evaluate", team, "--against", table)
    lines = ended.out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert "the last run (rules) against hand.csv" in ended.out
    assert "2 interviews, 10 sentences, 4 codings by hand" in ended.out
    assert "2 of 5 passages right, 2 of 4 found" in ended.out
    assert "Only 2 interviews." in ended.out
    assert "--page" in ended.err
    assert run("evaluate", team, "--against", table, "-q").err == ""


def test_a_page_and_tables_are_written_together_and_never_over_other_files(
    run: Run, team: Path, table: Path, tmp_path: Path
) -> None:
    page, out = tmp_path / "quality.html", tmp_path / "quality"
    before = kept(team)
    ended = run("evaluate", team, "--against", table, "--page", page, "--out", out, "--dry-run")
    assert (page.exists(), out.exists()) == (False, False)
    assert f"{page} would be written." in ended.out
    assert run("evaluate", team, "--against", table, "--page", page, "--out", out).code == 0
    assert kept(team) == before
    assert "quality of the machine's coding" in page.read_text(encoding="utf-8")
    assert sorted(each.name for each in out.iterdir()) == [
        "evaluation.csv", "evaluation_confusions.csv", "evaluation_mistakes.csv", "evaluation_pairs.csv",
        "evaluation_people.csv", "evaluation_rules.csv", "evaluation_terms.csv",
    ]  # fmt: skip
    assert run("evaluate", team, "--against", table, "--page", page, "--out", out).code == 0
    page.write_text("my notes")
    ended = run("evaluate", team, "--against", table, "--page", page)
    assert ended.code == 1
    assert "QC-P013" in ended.err
    (out / "evaluation.csv").write_text("mine")
    assert "QC-P013" in run("evaluate", team, "--against", table, "--out", out).err
    assert "QC-P010" in run("evaluate", team, "--against", table, "--out", page).err


def test_nobody_has_decided_anything(run: Run, team: Path) -> None:
    ended = run("evaluate", team)
    assert ended.code == 1
    assert "[QC-P070]" in ended.err
    assert f"qualcode evaluate {team} --against FILE.csv" in ended.err.replace('"', "")


def test_one_person_is_taken_without_being_named_and_accepting_is_no_test(run: Run, team: Path) -> None:
    assert run("accept", team, "--document", "anna.txt", "--code", "A1").code == 0
    assert run("reject", team, "--document", "anna.txt", "--code", "A2").code == 0
    assert run("code", team, "--as", "A2", "--quote", "Then we went home.").code == 0
    found = told(run, team)
    assert (found["against"], found["documents"]) == ("ann", ["anna.txt"])
    assert found["from_suggestions"] == 2
    pooled = row(found, "micro")
    assert (pooled["right_passages"], pooled["machine_passages"]) == (2, 3)
    ended = run("evaluate", team)
    assert "Not an independent test. 2 of 3 codings by hand began as suggestions" in ended.out
    rules = next(each["rows"] for each in found["tables"] if each["name"] == "evaluation_rules")
    assert next(each for each in rules if each["rule"] == "A2-worried")["rejected"] == 1


def test_two_people_stand_beside_the_machine_and_what_is_settled_is_the_usual_standard(run: Run, team: Path) -> None:
    for person, quotes in (("ann", ANNA), ("zoe", ANNA[:2])):
        for quote, code in quotes:
            assert run("code", team, "--as", code, "--quote", quote, "--person", person).code == 0
    found = told(run, team)
    assert found["against"] == "what ann and zoe decided, conflicts settled"
    people = next(each["rows"] for each in found["tables"] if each["name"] == "evaluation_people")
    assert [(each["first"], each["second"]) for each in people if each["kind"] == "micro"] == [
        ("ann", "zoe"), ("ann", "machine"), ("zoe", "machine"),
    ]  # fmt: skip
    assert told(run, team, "--against", "zoe")["against"] == "zoe"
    assert "QC-P033" in run("evaluate", team, "--against", "kim").err


def test_tables_can_be_compared_with_each_other(run: Run, team: Path, table: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("document,quote,code\nanna.txt,Then we went home.,A2\nben.txt,,\n", encoding="utf-8")
    found = told(run, team, "--against", table, "--people", table, "--people", other)
    people = next(each["rows"] for each in found["tables"] if each["name"] == "evaluation_people")
    micro = next(each for each in people if each["kind"] == "micro")
    assert (micro["first"], micro["second"], micro["first_units"], micro["second_units"], micro["both"]) == (
        "hand", "other", 4, 1, 1,
    )  # fmt: skip


def test_a_table_can_be_judged_too(run: Run, team: Path, table: Path, tmp_path: Path) -> None:
    candidate = tmp_path / "llm.csv"
    candidate.write_text(
        "document,quote,code,coder,score\nanna.txt,Then we went home.,A2,other,0.9\n", encoding="utf-8"
    )
    found = told(run, team, "--against", table, "--candidate", candidate)
    assert found["machine"] == "llm.csv"
    assert (row(found, "micro")["right_passages"], row(found, "micro")["machine_passages"]) == (1, 1)


def test_only_some_documents_and_codes(run: Run, team: Path, table: Path) -> None:
    assert told(run, team, "--against", table, "--documents", "anna")["documents"] == ["anna.txt"]
    assert told(run, team, "--against", table, "--documents", "anna.txt,ben")["documents"] == ["anna.txt", "ben.txt"]
    found = told(run, team, "--against", table, "--code", "Doubt")
    assert row(found, "micro")["hand_passages"] == 2
    assert "QC-P031" in run("evaluate", team, "--against", table, "--documents", "carl").err
    assert "QC-A003" in run("evaluate", team, "--against", table, "--code", "Z").err


def test_faults_of_a_table_are_told_with_their_lines(run: Run, team: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        "document,quote,code\nanna.txt,Then we went home.,A9\nanna.txt,Nobody said this.,A1\n", encoding="utf-8"
    )
    ended = run("evaluate", team, "--against", path)
    assert ended.code == 1
    assert "bad.csv:2 [QC-T006]" in ended.err
    assert "bad.csv:3 [QC-T007]" in ended.err
    path.write_text("document,quote,code,status\nanna.txt,Then we went home.,A2,suggested\n", encoding="utf-8")
    assert "QC-P071" in run("evaluate", team, "--against", path).err


def test_who_codes_blind_is_not_told_what_others_or_the_machine_hold(run: Run, team: Path, table: Path) -> None:
    assert run("code", team, "--as", "A2", "--quote", "Then we went home.", "--person", "zoe").code == 0
    assert run("blind", team, "--machine").code == 0
    for standard in ("zoe", "settled", table):
        ended = run("evaluate", team, "--against", standard)
        assert ended.code == 1
        assert "[QC-P034]" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [("--coder", "rules", "--candidate", "x.csv"), ("--replicates", 1), ("--candidate", "x.csv", "--learn-from", "anna"),
     ("--unit", "word"), ("--confidence", 1)],
)  # fmt: skip
def test_misuse(run: Run, team: Path, arguments: tuple[object, ...]) -> None:
    assert run("evaluate", team, *arguments).code == 2


def test_coders_run_now_with_the_same_result_as_the_last_run(run: Run, team: Path, table: Path) -> None:
    now, last = told(run, team, "--against", table, "--coder", "rules"), told(run, team, "--against", table)
    assert now["machine"] == "rules"
    assert row(now, "micro") == row(last, "micro")
    assert now["learnt"] == ""
    assert "QC-K001" in run("evaluate", team, "--against", table, "--coder", "rulez").err


@dataclass(frozen=True)
class Parrot:
    """Learns which words were coded, and suggests the first sentence of a document under the code it met most."""

    codebook: Any
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    taught: tuple[str, ...] = ()
    name: str = "parrot"

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Parrot:
        return replace(self, taught=tuple(sorted({each.document for each in codings}))) if codings else self

    def suggest(self, corpus: Corpus) -> Suggestions:
        self.asked.append((self.taught, tuple(each.name for each in corpus.documents)))
        found = []
        for each in corpus.documents:
            span = corpus.index.unit_spans(each.id)[1]
            found.append(Suggestion(each.id, each.text_sha256, 1, Span(span.start, span.end), each.quote(span), "", "",
                                    "A1", self.name, ("parrot",), (), 0.5, codebook=self.codebook.id))  # fmt: skip
        return Suggestions(tuple(found))

    def get_params(self) -> Mapping[str, Any]:
        return {}


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    made = coding_room.make_coder

    def make(name: str, **parameters: Any) -> Any:
        return Parrot(parameters["codebook"], asked) if name == "parrot" else made(name, **parameters)

    monkeypatch.setattr(coding_room, "make_coder", make)
    return asked


def test_a_coder_that_learns_never_codes_what_it_learnt_from(
    run: Run, team: Path, table: Path, parrot: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    found = told(run, team, "--against", table, "--coder", "parrot")
    assert parrot == [(("ben.txt",), ("anna.txt",)), (("anna.txt",), ("ben.txt",))]
    assert "No document was coded by what had learnt from it" in found["learnt"]
    assert "Learnt and judged apart." in run("evaluate", team, "--against", table, "--coder", "parrot").out


def test_what_a_last_run_had_learnt_is_learnt_again_from_the_others(
    run: Run, team: Path, parrot: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    for quote, code in ANNA + BEN:
        assert run("code", team, "--as", code, "--quote", quote).code == 0
    settings = team / "qualcode.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("- name: rules", "- name: rules\n    - name: parrot"), encoding="utf-8")
    assert run("code", team).code == 0
    parrot.clear()
    found = told(run, team)
    assert parrot == [(("ben.txt",), ("anna.txt",)), (("anna.txt",), ("ben.txt",))]
    assert found["machine"] == "the last run (rules, parrot)"
    assert any("was run again" in note for note in found["notes"])


def test_documents_to_learn_from(
    run: Run, team: Path, table: Path, parrot: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    found = told(run, team, "--against", table, "--coder", "parrot", "--documents", "ben", "--learn-from", "anna")
    assert parrot == [(("anna.txt",), ("ben.txt",))]
    assert found["documents"] == ["ben.txt"]
    assert "It learnt from anna.txt (3 codings), and coded 1 other document" in found["learnt"]


def test_the_main_table_is_one_of_the_projects_tables(run: Run, team: Path, table: Path) -> None:
    assert run("code", team, "--as", "A2", "--quote", "Then we went home.").code == 0
    printed = json.loads(run("table", "evaluation", team, "--replicates", 20, "--json").out)
    assert printed["name"] == "evaluation"
    by_name = json.loads(run("table", "evaluation", team, "--coder", "ann", "--replicates", 20, "--json").out)
    assert by_name == printed
    assert run("table", "evaluation", team, "--by", "phase").code == 2


def test_the_project_gives_the_same_to_a_notebook(team: Path, table: Path) -> None:
    made = Project(team).evaluate(table, replicates=20)
    assert made.whole.right == 2
    assert {each.id for each in made.sources} == {"A1-board", "A1-bought", "A2-worried"}
    assert Judging(Project(team), made.grid.study.codebook, None).side(table).told == "hand.csv"


def test_a_table_of_another_person_is_missing_where_it_says_nothing(
    run: Run, team: Path, table: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("document,quote,code\nanna.txt,Then we went home.,A2\n", encoding="utf-8")
    found = told(run, team, "--against", table, "--people", table, "--people", other, "--documents", "anna,ben")
    people = next(each["rows"] for each in found["tables"] if each["name"] == "evaluation_people")
    micro = {(each["first"], each["second"]): each for each in people if each["kind"] == "micro"}
    assert micro["hand", "other"]["documents"] == 1
    assert micro["hand", "other"]["first_units"] == 3  # not the one in ben.txt
    assert micro["hand", "machine"]["documents"] == 2
    assert "other.csv has no row for ben.txt, which is missing there: not compared." in found["notes"]


def test_a_standard_without_a_row_for_a_document_that_was_asked_for_holds_no_code_there(
    run: Run, team: Path, tmp_path: Path
) -> None:
    path = tmp_path / "one.csv"
    path.write_text("document,quote,code\nanna.txt,Then we went home.,A2\n", encoding="utf-8")
    found = told(run, team, "--against", path, "--documents", "anna,ben")
    assert found["documents"] == ["anna.txt", "ben.txt"]
    assert "one.csv has no row for ben.txt; taken as read through, without a code." in found["notes"]


def test_while_suggestions_are_hidden_no_coder_is_run_to_show_them(run: Run, team: Path) -> None:
    assert run("code", team, "--as", "A2", "--quote", "Then we went home.").code == 0
    assert run("blind", team, "--machine").code == 0
    ended = run("evaluate", team, "--against", "ann", "--coder", "rules")
    assert ended.code == 1
    assert "[QC-P034]" in ended.err
    assert "worried" not in ended.out + ended.err


def test_whoever_codes_blind_learns_nothing_of_what_others_decided(run: Run, team: Path) -> None:
    assert run("code", team, "--as", "A2", "--quote", "Then we went home.").code == 0
    assert run("code", team, "--as", "A2", "--quote", "The screen was blank.", "--person", "zoe").code == 0
    assert run("reject", team, "--document", "anna.txt", "--code", "A1", "--person", "zoe").code == 0
    assert run("blind", team).code == 0
    for standard in ((), ("--against", "ann"), ("--against", "kim"), ("--against", "settled"), ("--people", "ann")):
        ended = run("evaluate", team, *standard)
        assert (ended.code, ended.out) == (1, "")
        assert "[QC-P034]" in ended.err
        assert "zoe" not in ended.err


def test_what_was_decided_in_too_few_documents_does_not_teach_that_the_others_are_empty(
    run: Run, team: Path, table: Path, parrot: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert run("code", team, "--as", "A2", "--quote", "Then we went home.").code == 0  # in anna.txt alone
    parrot.clear()
    found = told(run, team, "--against", table, "--coder", "parrot")
    assert parrot == [(("ben.txt",), ("anna.txt",)), (("anna.txt",), ("ben.txt",))]
    assert "learnt from codings by hand in the other alone (hand.csv, 4 in all)." in found["learnt"]


def test_scores_below_nought_rank_above_what_is_not_suggested(run: Run, team: Path, tmp_path: Path) -> None:
    hand, candidate = tmp_path / "hand.csv", tmp_path / "odds.csv"
    hand.write_text("document,quote,code\nanna.txt,Then we went home.,A2\n", encoding="utf-8")
    candidate.write_text("document,quote,code,coder,score\nanna.txt,Then we went home.,A2,odds,-0.5\n"
                         "anna.txt,The head was on board as well.,A2,odds,-2\n", encoding="utf-8")  # fmt: skip
    found = told(run, team, "--against", hand, "--candidate", candidate)
    assert row(found, "code", "A2")["average_precision"] == 1.0
