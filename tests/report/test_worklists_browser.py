"""The work-lists in a real browser: without script, without network, on a narrow screen, on paper, to copy from."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.report.test_browser import browser, opened
from tests.report.test_worklists import both_pages

__all__ = ["browser"]

pytestmark = pytest.mark.browser


@pytest.fixture(params=["orphans", "disagreements"])
def page_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"{request.param}.html"
    path.write_text(both_pages()[request.param], encoding="utf-8")
    return path


def test_a_list_is_read_without_script_and_asks_for_nothing(browser: Browser, page_file: Path) -> None:
    page, asked = opened(browser, page_file)
    assert asked == [page_file.as_uri()]
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator("mark").first.is_visible()


def test_links_of_the_contents_lead_to_their_group(browser: Browser, page_file: Path) -> None:
    page, _ = opened(browser, page_file)
    link = page.get_by_role("navigation").get_by_role("link").last
    name = link.inner_text()
    link.click()
    assert "#" in page.url
    assert page.get_by_role("heading", level=2, name=name).is_visible()


@pytest.mark.parametrize("width", [380, 1100])
def test_a_list_never_scrolls_sideways(browser: Browser, page_file: Path, width: int) -> None:
    page, _ = opened(browser, page_file, width=width, script=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


@pytest.mark.parametrize("width", [380, 1100])
def test_a_command_that_is_copied_is_one_line_however_it_is_wrapped(
    browser: Browser, page_file: Path, width: int
) -> None:
    page, _ = opened(browser, page_file, width=width, script=True)
    copied = page.evaluate("""() => [...document.querySelectorAll('code.type')].map(each => {
        getSelection().selectAllChildren(each); return getSelection().toString(); })""")
    assert len(copied) >= 4
    assert all(line.startswith("qualcode ") and "\n" not in line and "  " not in line for line in copied)


def test_old_and_new_stand_side_by_side_on_a_wide_screen_and_below_each_other_on_a_narrow_one(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "orphans.html"
    path.write_text(both_pages()["orphans"], encoding="utf-8")
    for width, beside in ((1100, True), (380, False)):
        page, _ = opened(browser, path, width=width)
        item = page.locator("article:has(.now)").first
        old, new = item.locator(".was").bounding_box(), item.locator(".now").first.bounding_box()
        assert old is not None
        assert new is not None
        assert (abs(old["y"] - new["y"]) < 5) is beside


def test_a_list_prints(browser: Browser, page_file: Path) -> None:
    page, _ = opened(browser, page_file)
    assert page.pdf(format="A4").startswith(b"%PDF-")
