"""The page is one file, sound, accessible, and nothing in a transcript can command it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from qualcode.analysis.study import Study, study_of
from qualcode.errors import ExportError
from qualcode.model.codes import Guidance
from qualcode.model.document import IngestWarning
from qualcode.report import Provenance, build_report, render_html, write_html
from tests.analysis.studies import coding_at, units_of
from tests.builders import document
from tests.report.fixture import BOOK, report_of, small_study
from tests.report.pages import Page

GOLDEN = Path(__file__).parent / "golden" / "three-schools.html"
CSS = Path(__file__).parents[2] / "qualcode" / "report" / "templates" / "report.css"
NASTY = "<script>alert(1)</script></style>&amp; \"quoted\" 'it' {{7*7}} {% raw %} <!-- \u202e abc \x1b[31m ]]> https:x"


@pytest.fixture(scope="module")
def source() -> str:
    return render_html(report_of(small_study()))


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_the_page_is_the_golden_one(source: str) -> None:
    """After a change that is meant: ``QUALCODE_GOLDEN=write`` rewrites the file; read the difference."""
    normal = re.sub(r'src="data:[^"]*"', 'src="data:…"', source)
    if os.environ.get("QUALCODE_GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(normal, encoding="utf-8")
    assert normal == GOLDEN.read_text(encoding="utf-8")


def test_every_element_is_closed_where_it_should_be(page: Page) -> None:
    assert page.faults == []


def test_nothing_is_loaded_and_nothing_runs(source: str, page: Page) -> None:
    assert not re.search(r"https?://", source)
    assert not re.search(r"@import|url\(", source)
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _, _ in page.elements}
    assert not [name for _, attributes, _ in page.elements for name in attributes if name.startswith("on")]
    assert all(str(image["src"]).startswith("data:image/svg+xml;base64,") for image in page.all("img"))
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert str(policy).startswith("default-src 'none'")


def test_the_page_can_be_read_without_seeing_it(page: Page) -> None:
    assert page.all("html") == [{"lang": "en-GB"}]
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert all(image.get("alt") for image in page.all("img"))
    assert all(cell.get("scope") in {"row", "col"} for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert [tag for tag, attributes, _ in page.elements if attributes.get("href") == "#main"] == ["a"]
    assert len(page.all("main")) == 1


def test_every_anchor_exists_once_and_every_link_leads_to_one(page: Page) -> None:
    ids = [str(attributes["id"]) for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in page.all("a")} <= set(ids)


def test_chapters_stand_in_the_order_agreed(source: str) -> None:
    heads = re.findall(r"<h2><span>(\d)</span> ([^<]+)</h2>", source)
    assert heads == [
        ("1", "What was read"), ("2", "The codebook in use"), ("3", "Themes"), ("4", "Theme by theme"),
        ("5", "Framework matrix"), ("6", "What was not coded"), ("7", "How this was made"),
    ]  # fmt: skip


def test_matched_words_are_marked(source: str) -> None:
    assert "We <mark>trust</mark> each other now." in source
    assert "He <mark>gave his word</mark> and broke it." in source


def nasty_study() -> Study:
    book = replace(
        BOOK,
        title=NASTY,
        description=NASTY,
        codes=tuple(
            replace(code, label=f"{code.id} {NASTY}", definition=NASTY,
                    include=(Guidance(NASTY),), exclude=(Guidance(NASTY),)) for code in BOOK
        ),
    )  # fmt: skip
    speech = NASTY.replace("\x1b[31m", "")
    made = document(f"{NASTY}.txt", [("<i>Head</i>", "participant", f"Trust {speech}.")], attributes={"<b>g": NASTY})
    other = document("plain.txt", [("P1", "participant", "Trust.")], attributes={"<b>g": "x"})
    more = document("more.txt", [("P1", "participant", "Trust.")], attributes={"<b>g": "x"})
    made = replace(made, warnings=(IngestWarning("w", "warn", NASTY),), encoding="<b>", format="<b>", language='"><b>')
    spans = {each.id: units_of(each) for each in (made, other, more)}
    label_end = made.blocks[0].label_span
    assert label_end is not None
    whole = replace(label_end, start=label_end.end, end=made.blocks[0].span.end)
    found = coding_at(made, whole, "B1", "absent", evidence="<script>alert(1)</script>", rule="<b>; B1-1", book=book)
    return study_of([made, other, more], book, [found], units=spans, title=NASTY)


def test_text_from_anywhere_never_becomes_markup() -> None:
    study = nasty_study()
    recipe = Provenance(NASTY, NASTY, {NASTY: NASTY}, {NASTY: NASTY})
    documents = list(study.documents.values())
    source = render_html(build_report(study, documents=documents, made_with=recipe, date=NASTY))
    clean = render_html(report_of(small_study()))
    page = Page(source)
    assert page.faults == []
    assert {tag for tag, _, _ in page.elements} <= {tag for tag, _, _ in Page(clean).elements}
    assert "script" not in {tag for tag, _, _ in page.elements}
    assert source.count("</style>") == clean.count("</style>") == 1
    assert "{{7*7}}" in page.text
    assert "49 " not in page.text
    assert not set("\u202e\x1b") & set(source)
    assert "[U+202E]" in page.text
    assert "<script>alert(1)</script></style>&amp; \"quoted\" 'it' {{7*7}} {% raw %} <!--" in page.text
    assert "<script>alert(1)</script>" in page.text


def test_colours_of_text_keep_a_contrast_of_four_and_a_half() -> None:
    css = CSS.read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))
    for text, ground in [("ink", "#ffffff"), ("faint", "#ffffff"), ("blue", "#ffffff"), ("ink", colours["warm"]),
                         ("ink", colours["mark"]), ("faint", colours["tint"])]:  # fmt: skip
        assert contrast(colours[text], ground) >= 4.5, (text, ground)


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_writing_replaces_the_page_in_one_step_and_leaves_no_draft(tmp_path: Path, source: str) -> None:
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")
    write_html(report_of(small_study()), target)
    assert target.read_bytes().decode("utf-8") == source
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_a_page_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(ExportError, match="QC-E001"):
        write_html(report_of(small_study()), tmp_path / "report.html")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_importing_the_rooms_loads_no_heavy_library() -> None:
    rooms = "qualcode.model.table, qualcode.analysis, qualcode.viz, qualcode.report, qualcode.interchange.tabular"
    heavy = {"pandas", "numpy", "matplotlib", "jinja2", "spacy", "scipy", "sqlite3"}
    code = f"import sys, {rooms}; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
