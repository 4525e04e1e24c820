"""A project: made, filled, coded, asked, exported; and never harmed."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from qualcode.errors import AnalysisError, CodebookError, ExportError, ProjectError, QueryError
from qualcode.project import Project
from tests.project.studies import ANNA, BOOK, make_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study(tmp_path / "source files")


@pytest.fixture
def opened(tmp_path: Path, study: Path) -> Project:
    made = Project.create(tmp_path / "a study", codebook=study / "tiny.yaml")
    assert made is not None
    return made


@pytest.fixture
def full(opened: Project, study: Path) -> Project:
    opened.ingest([study / "anna.txt", study / "ben.txt"], attributes=study / "cases.csv")
    return opened


def everything(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def test_a_new_project_has_the_documented_shape(opened: Project) -> None:
    assert {each.name for each in opened.folder.iterdir()} == {
        "qualcode.yaml", "codebooks", "transcripts", "output", "project.db"
    }  # fmt: skip
    assert opened.title == "a study"
    assert opened.settings.codebooks == ("codebooks/tiny.yaml",)
    assert opened.codebook.id == "tiny"
    assert not opened.documents


def test_a_project_without_a_codebook_gets_one_to_start_from(tmp_path: Path) -> None:
    made = Project.create(tmp_path / "p", title="Räume & Zeiten: 'drei'")
    assert made is not None
    assert made.title == "Räume & Zeiten: 'drei'"
    assert made.codebook.title == "Räume & Zeiten: 'drei'"


def test_a_shipped_codebook_stays_a_name(tmp_path: Path) -> None:
    made = Project.create(tmp_path / "p", codebook="robinson-scl")
    assert made is not None
    assert made.settings.codebooks == ("robinson-scl",)


def test_a_project_is_not_made_over_other_things(tmp_path: Path, opened: Project) -> None:
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "thesis.docx").write_text("mine")
    before = everything(tmp_path)
    for folder, code in (
        (opened.folder, "QC-P003"),
        (tmp_path / "busy", "QC-P011"),
        (tmp_path / "busy/thesis.docx", "QC-P010"),
    ):
        with pytest.raises(ProjectError, match=code):
            Project.create(folder)
    with pytest.raises(CodebookError):
        Project.create(tmp_path / "other", codebook="no-such-book")
    assert everything(tmp_path) == before
    assert not (tmp_path / "other").exists()


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    assert Project.create(tmp_path / "p", dry_run=True) is None
    assert not (tmp_path / "p").exists()


def test_transcripts_are_copied_in_and_get_their_attributes(full: Project) -> None:
    assert (full.folder / "transcripts" / "anna.txt").read_text(encoding="utf-8") == ANNA
    assert [each.name for each in full.documents] == ["anna.txt", "ben.txt"]
    assert dict(full.documents["ben.txt"].attributes) == {"phase": "secondary"}
    assert [each["turns"] for each in full.inspect()] == [4, 4]


def test_reading_the_same_files_again_changes_nothing(full: Project, study: Path) -> None:
    before = everything(full.folder)
    report = full.ingest([study / "anna.txt", study / "ben.txt"])
    assert (report.added, report.replaced, report.unchanged) == ((), (), ("anna.txt", "ben.txt"))
    assert full.ingest().unchanged == ("anna.txt", "ben.txt")
    assert everything(full.folder) == before


def test_a_bad_file_is_told_and_the_others_are_kept(opened: Project, study: Path) -> None:
    (study / "empty.txt").write_bytes(b"")
    report = opened.ingest([study / "empty.txt", study / "anna.txt", study / "gone.txt"])
    assert [each.code for each in report.failures] == ["QC-I003", "QC-I001"]
    assert report.added == ("anna.txt",)
    assert [each.name for each in (opened.folder / "transcripts").iterdir()] == ["anna.txt"]


def test_another_file_of_the_same_name_is_refused_and_nothing_written_over(full: Project, tmp_path: Path) -> None:
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "anna.txt").write_text("A: Something else was said here.\n\nB: Indeed it was.\n")
    before = everything(full.folder / "transcripts")
    report = full.ingest([tmp_path / "later" / "anna.txt"])
    assert [each.code for each in report.failures] == ["QC-P021"]
    assert everything(full.folder / "transcripts") == before
    assert full.documents["anna.txt"].text == ANNA


def test_a_transcript_mended_in_place_is_read_anew_and_keeps_its_attributes(full: Project) -> None:
    path = full.folder / "transcripts" / "anna.txt"
    path.write_text(ANNA.replace("garden", "allotment"), encoding="utf-8")
    report = full.ingest()
    assert (report.replaced, report.unchanged) == (("anna.txt",), ("ben.txt",))
    assert "allotment" in full.documents["anna.txt"].text
    assert dict(full.documents["anna.txt"].attributes) == {"phase": "primary"}


def test_a_survey_that_lost_a_row_loses_its_document(opened: Project) -> None:
    path = opened.folder / "transcripts" / "survey.csv"
    path.write_text(
        "id,What helped you most?,What was hard?\n1,The visits to other schools helped,Time was short for it\n"
        "2,Talking to the others a lot,The paperwork was too much\n3,Reading groups with staff,Nothing much at all\n"
    )
    opened.ingest()
    many = len(opened.documents)
    path.write_text(path.read_text().rsplit("3,", 1)[0])
    report = opened.ingest()
    assert many == 3
    assert len(opened.documents) == 2
    assert len(report.replaced) >= 1


def test_a_dry_ingest_writes_nothing(opened: Project, study: Path) -> None:
    before = everything(opened.folder)
    assert opened.ingest([study / "anna.txt"], dry_run=True).added == ("anna.txt",)
    assert everything(opened.folder) == before


def test_an_interrupt_while_storing_leaves_no_copy(
    opened: Project, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qualcode.store import Store

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "put_documents", interrupted)
    with pytest.raises(KeyboardInterrupt):
        opened.ingest([study / "anna.txt"])
    assert list((opened.folder / "transcripts").iterdir()) == []


def test_roles_and_aliases_of_a_call_go_before_the_settings(opened: Project, study: Path) -> None:
    opened.ingest([study / "anna.txt"], roles={"ANNA": "observer"}, aliases={"ANNA": "Anna B."})
    assert [(each.label, each.role) for each in opened.documents[0].speakers][1:] == [("Anna B.", "observer")]


def test_coding_counts_participants_and_tables_agree(full: Project) -> None:
    done = full.code()
    assert {(each.document, each.code, each.role) for each in done} == {
        ("anna.txt", "A1", "participant"), ("ben.txt", "A1", "participant")
    }  # fmt: skip
    assert full.codings().codings == done.codings
    themes = {row["code"]: row for row in full.table("themes")}
    assert themes["A1"]["documents"] == themes["A"]["documents"] == 2
    assert themes["A1"]["codings"] == len(done)
    assert {row["phase"] for row in full.table("themes", by="phase")} == {"primary", "secondary"}


@pytest.mark.parametrize("name", ["themes", "matrix", "spread", "facets", "uncoded"])
def test_every_table_can_be_split_by_an_attribute(full: Project, name: str) -> None:
    full.code()
    split = full.table(name, by="phase")
    assert split.columns[0].name == "phase"
    assert set(split.column("phase")) == {"primary", "secondary"}
    assert len(full.table(name)) > 0


def test_the_groups_of_a_split_table_are_those_counted_alone(full: Project) -> None:
    full.code()
    split = full.table("uncoded", by="phase")
    whole = {row["document"]: row for row in full.table("uncoded")}
    for row in split:
        if row["document"] != "all":
            assert {key: value for key, value in row.items() if key != "phase"} == whole[row["document"]]


def test_a_table_or_attribute_that_is_not_there_is_told(full: Project) -> None:
    full.code()
    with pytest.raises(AnalysisError, match="Did you mean 'themes'"):
        full.table("theme")
    with pytest.raises(AnalysisError, match="phase"):
        full.table("spread", by="phaze")


def test_search_sees_word_lists_codes_and_attributes(full: Project) -> None:
    full.code()
    assert [hit.quote for hit in full.search('"bought into" AND speaker:participant')] == ["bought into"] * 2
    assert full.search('"bought into" AND attr:phase=primary').documents == 1
    assert {hit.speaker for hit in full.search("honest AND code:buy-in")} == {"BEN"}
    assert full.search("garden AND code:A").hits == ()
    with pytest.raises(QueryError, match="QC-Q041") as caught:
        full.search("garden AND code:A7")
    assert "^" in str(caught.value)


def test_search_by_attribute_counts(full: Project) -> None:
    rows = full.search("on board | bought into").by("phase")
    assert list(rows) == [
        {"phase": "primary", "hits": 3, "documents": 1, "speakers": 2},
        {"phase": "secondary", "hits": 1, "documents": 1, "speakers": 1},
    ]


def test_the_index_can_be_deleted_at_any_time(full: Project) -> None:
    before = full.code().codings
    shutil.rmtree(full.folder / ".index")
    assert full.codings().codings == before
    (full.folder / ".index" / "index.json").write_text("rubbish")
    assert full.code().codings == before


def test_what_is_not_ready_is_told_with_the_next_step(opened: Project, study: Path) -> None:
    for ask in (opened.code, opened.codings, lambda: opened.search("x")):
        with pytest.raises(ProjectError, match=r"QC-P005.*qualcode ingest"):
            ask()
    with pytest.raises(ProjectError, match="QC-P020"):
        opened.ingest()
    opened.ingest([study / "anna.txt"])
    with pytest.raises(ProjectError, match=r"QC-P006.*qualcode code"):
        opened.table("themes")


def test_a_changed_codebook_makes_the_codings_outdated(full: Project) -> None:
    full.code()
    assert full.outdated() is None
    book = full.folder / "codebooks" / "tiny.yaml"
    book.write_text(BOOK + "      - garden\n", encoding="utf-8")
    assert "code again" in str(full.outdated()).casefold()
    assert full.table("themes").notes[-1] == full.outdated()
    assert len(full.code()) == 3
    assert full.outdated() is None
    book.write_text(BOOK.replace("id: A1", "id: A9"), encoding="utf-8")
    with pytest.raises(ProjectError, match="QC-P008"):
        full.table("themes")


def test_two_codebooks_are_coded_and_asked_for_by_name(full: Project) -> None:
    (full.folder / "codebooks" / "second.yaml").write_text(
        BOOK.replace("id: tiny", "id: second").replace("bought into", "garden"), encoding="utf-8"
    )
    settings = full.folder / "qualcode.yaml"
    settings.write_text(settings.read_text().replace("tiny.yaml'", "tiny.yaml', 'codebooks/second.yaml'"))
    both = Project(full.folder)
    both.code()
    assert len(both.codings()) == 2  # neighbouring sentences of one turn are one passage
    assert {each.codebook for each in both.codings("second")} == {"second"}
    with pytest.raises(ProjectError, match="QC-P007"):
        both.codings("third")


def test_the_settings_override_the_codebook(full: Project) -> None:
    settings = full.folder / "qualcode.yaml"
    settings.write_text(settings.read_text() + "unit: turn\nroles_left_out: []\n")
    changed = Project(full.folder)
    assert (changed.codebook.unit, changed.codebook.roles_left_out) == ("turn", ())
    assert any(each.role == "interviewer" for each in changed.code())


def test_export_and_report_are_written_whole(full: Project) -> None:
    full.code()
    codings, themes = full.export()
    assert codings == full.folder / "output" / "codings.csv"
    with codings.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        document = full.documents[row["document"]]
        assert document.text[int(row["start"]) : int(row["end"])] == row["quote"]
    assert themes.read_text(encoding="utf-8") == full.table("themes").to_csv()
    report = full.report(date="2026-01-02")
    page = report.read_text(encoding="utf-8")
    assert "<script" not in page
    assert sorted(each.name for each in report.parent.iterdir()) == ["codings.csv", "report.html", "themes.csv"]
    assert full.report(full.folder / "elsewhere.html", date="2026-01-02").read_text(encoding="utf-8") == page


def test_an_export_that_fails_leaves_what_was_there(full: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    full.code()
    full.export()
    before = everything(full.folder / "output")

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fdopen", no_room)
    with pytest.raises(ExportError, match="No space left"):
        full.export()
    monkeypatch.undo()
    assert everything(full.folder / "output") == before


def test_export_to_something_unknown_is_told(full: Project) -> None:
    full.code()
    with pytest.raises(ProjectError, match="QC-P009"):
        full.export("xml")  # type: ignore[arg-type]  # what a user may type


def test_a_transcript_that_was_renamed_is_not_counted_twice(full: Project) -> None:
    (full.folder / "transcripts" / "ben.txt").rename(full.folder / "transcripts" / "benjamin.txt")
    report = full.ingest()
    assert (report.added, report.removed) == (("benjamin.txt",), ("ben.txt",))
    assert [each.name for each in full.documents] == ["anna.txt", "benjamin.txt"]


def test_two_files_that_hold_the_same_are_told(full: Project, study: Path) -> None:
    shutil.copy(study / "ben.txt", study / "copy.txt")
    told = [each.message for each in full.ingest([study / "copy.txt"]).warnings if each.code == "same-content"]
    assert told == ["copy.txt holds the same as ben.txt; both are counted. Leave one of them out."]


def test_files_named_by_an_empty_text_are_refused(full: Project) -> None:
    with pytest.raises(ProjectError) as refused:
        full.ingest([""])
    assert refused.value.code == "QC-P020"


def test_a_project_that_can_only_be_read_can_be_read(full: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from qualcode.text import TokenIndex

    full.code()
    before = everything(full.folder)
    may = os.access

    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    # Permissions do not stop an administrator, so the folder is made read-only for the program instead.
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and may(path, mode))
    monkeypatch.setattr(TokenIndex, "refresh", refused)
    opened = Project(full.folder)
    assert len(opened.search("bought into")) == 2
    assert opened.table("themes").rows[1][3] == 2
    assert everything(full.folder) == before


def test_a_report_that_is_older_than_its_codebook_says_so_on_its_first_page(full: Project) -> None:
    full.code()
    assert "Out of date." not in full.report().read_text(encoding="utf-8")
    book = full.folder / "codebooks" / "tiny.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace("on board", "garden"), encoding="utf-8")
    page = full.report().read_text(encoding="utf-8")
    assert page.index("Out of date.") < page.index("What was read</a>")


def test_a_table_split_by_an_attribute_with_a_name_of_its_own_columns(full: Project, study: Path) -> None:
    table = study / "by code.csv"
    table.write_text("name,code\nanna.txt,north\nben.txt,south\n", encoding="utf-8")
    full.ingest(attributes=table)
    full.code()
    assert full.table("spread", by="code").columns[0].name == "code (attribute)"


def test_a_report_or_an_export_never_replaces_what_is_not_ours(full: Project, tmp_path: Path) -> None:
    full.code()
    settings = full.folder / "qualcode.yaml"
    before = settings.read_bytes()
    with pytest.raises(ProjectError) as refused:
        full.report(settings)
    assert (refused.value.code, settings.read_bytes()) == ("QC-P013", before)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "codings.csv").write_text("by hand\n", encoding="utf-8")
    with pytest.raises(ProjectError) as refused:
        full.export(path=mine)
    assert (refused.value.code, [each.name for each in mine.iterdir()]) == ("QC-P013", ["codings.csv"])
    assert full.report(full.report()) == full.report()
    assert full.export() == full.export()
