"""The report in a real browser: without script, without network, on a narrow screen, on paper."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from qualcode.report import write_html
from tests.report.fixture import report_of, small_study
from tests.report.test_page import nasty_study

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("these tests need Chromium: install the Debian package chromium")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


def opened(browser: Browser, path: Path, *, width: int = 1100, script: bool = False) -> tuple[Page, list[str]]:
    """Open a page and return it with everything that it asked for."""
    asked: list[str] = []
    page = browser.new_context(java_script_enabled=script, viewport={"width": width, "height": 900}).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(f"error: {error}"))
    page.goto(path.as_uri())
    return page, asked


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    write_html(report_of(small_study()), path)
    return path


def test_the_report_is_read_without_script_and_asks_for_nothing(browser: Browser, report: Path) -> None:
    page, asked = opened(browser, report)
    assert [each for each in asked if not each.startswith("data:")] == [report.as_uri()]
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("heading", level=2).count() >= 7
    assert page.locator("mark").first.is_visible()


def test_links_of_the_contents_lead_to_their_chapters(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report)
    page.get_by_role("link", name="What was not coded").first.click()
    assert "#" in page.url
    assert page.get_by_role("heading", name="What was not coded").is_visible()


def test_every_figure_has_a_name_for_those_who_cannot_see_it(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report)
    figures = page.get_by_role("img")
    assert figures.count() >= 2
    for number in range(figures.count()):
        named = figures.nth(number).get_attribute("aria-label") or figures.nth(number).get_attribute("alt") or ""
        labelled = figures.nth(number).get_attribute("aria-labelledby")
        assert len(named) > 20 or labelled


@pytest.mark.parametrize("width", [380, 1100])
def test_the_page_never_scrolls_sideways(browser: Browser, report: Path, width: int) -> None:
    page, _ = opened(browser, report, width=width, script=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_text_from_transcripts_runs_nothing_even_where_script_is_allowed(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "nasty.html"
    write_html(report_of(nasty_study()), path)
    page, asked = opened(browser, path, script=True)
    page.on("dialog", lambda dialog: asked.append("dialog"))
    assert [each for each in asked if not each.startswith("data:")] == [path.as_uri()]
    assert page.evaluate("document.scripts.length") == 0


def test_the_report_prints_on_pages(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report)
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 5
