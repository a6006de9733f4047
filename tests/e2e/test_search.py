"""Search as a person uses it: from any page, by keyboard alone, and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browser import Person
from tests.e2e.server import Installation, Process, Script

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def video_id(installation: Installation, site: Process, talk: tuple[Path, Path]) -> str:
    """A talk of a person named seeker."""
    with Script(site.url, installation.person("seeker")) as script:
        return str(script.video(script.upload(*talk))["id"])


@pytest.fixture(params=[1440, 390])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser as wide as a desk's and as a phone's."""
    made = browser.new_context(
        locale="en-US", viewport={"width": request.param, "height": 800}, reduced_motion="reduce"
    )
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, site: Process, video_id: str) -> Iterator[Page]:
    """The seeker's page of the talk."""
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in("seeker")
    person.page.goto(f"{site.url}/videos/{video_id}")
    yield person.page
    assert person.complaints == []


def test_a_moment_is_found_played_and_exported_by_keyboard(page: Page, video_id: str):
    expect(page.locator("#video")).to_be_visible()

    page.keyboard.press("/")
    expect(page.locator("[data-search]:focus")).to_have_count(1)
    page.keyboard.type("very short talk")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/search\?q="))
    marks = page.locator("[data-hit] mark")
    expect(marks.first).to_be_visible()
    expect(page.locator(".search-page [data-search]:focus")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    dialog = page.locator("#dialog")
    expect(dialog.get_by_role("heading", name="Export to Short")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-hit-play]:focus")).to_have_count(1)  # given back by the dialog

    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(f"/videos/{video_id}#t="))
    begin = float(page.url.partition("#t=")[2].partition("&")[0])
    page.wait_for_function(
        "begin => document.querySelector('#video').currentTime > begin + 0.2", arg=begin
    )


def test_results_come_while_typing_and_searches_are_remembered(page: Page, site: Process):
    page.goto(f"{site.url}/search")
    box = page.locator(".search-page [data-search]")

    box.press_sequentially("tal")

    expect(page.locator("[data-hit]").first).to_be_visible()
    expect(box).to_be_focused()
    box.press("Escape")
    expect(box).not_to_be_focused()
    expect(box).to_have_value("tal")
    filters = page.locator("[data-filters]")
    if page.locator("[data-filter-fold]").is_visible():  # on a phone
        expect(filters).to_be_hidden()
        page.locator("[data-filter-fold]").click()
    filters.locator("[name=where]").select_option("said")
    expect(page).to_have_url(re.compile("where=said"))
    page.locator("[data-hit-play]").first.click()
    expect(page.locator("#video")).to_be_visible()
    page.goto(f"{site.url}/search")
    page.locator("[data-recent] a", has_text="tal").click()
    expect(page.locator("[data-hit]").first).to_be_visible()
    page.goto(f"{site.url}/search")
    page.locator("[data-forget]").click()
    expect(page.locator("[data-recent]")).to_be_hidden()
