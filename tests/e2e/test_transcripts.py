"""A second transcript on the page of a video: added, used, and found by search instead of the first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Person
from tests.e2e.server import Installation, Process, Script

pytestmark = pytest.mark.browser

OTHER = "1\n00:00:01,000 --> 00:00:04,000\nZebras graze beyond the river.\n"


@pytest.fixture(params=[1440, 390])
def page(
    browser: Browser,
    request: pytest.FixtureRequest,
    installation: Installation,
    site: Process,
    talk: tuple[Path, Path],
) -> Iterator[Page]:
    """The page of a talk with one transcript, as wide as a desk's and as a phone's."""
    name = f"words{request.param}"
    with Script(site.url, installation.person(name)) as script:
        video_id = script.video(script.upload(*talk))["id"]
    context = browser.new_context(
        locale="en-US", viewport={"width": request.param, "height": 800}, reduced_motion="reduce"
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in(name)
    person.page.goto(f"{site.url}/videos/{video_id}")
    yield person.page
    assert person.complaints == []
    context.close()


def open_transcripts(page: Page) -> None:
    page.locator("[commandfor='transcripts-dialog']").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Transcripts")).to_be_visible()


def search(page: Page, words: str) -> None:
    page.goto(page.url.split("/videos/")[0].split("/search")[0] + f"/search?q={words}")


def test_a_second_transcript_is_added_used_and_found(page: Page, tmp_path: Path):
    address = page.url
    file = tmp_path / "zebra.srt"
    file.write_text(OTHER)

    open_transcripts(page)
    page.locator("#transcripts-dialog").get_by_role("button", name="Add captions").click()
    dialog = page.locator("#captions-dialog")
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_label("Use it now").uncheck()
    dialog.get_by_role("button", name="Add captions").click()
    expect(page.get_by_text("The captions are here.")).to_be_visible()
    expect(page.locator("[data-scenes]")).not_to_contain_text("Zebras")

    open_transcripts(page)
    rows = page.locator(".transcripts__item")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("In use")
    expect(rows.nth(1)).to_contain_text("zebra.srt")
    with page.expect_download() as download:
        rows.nth(1).get_by_role("link", name="SRT").click()
    assert Path(download.value.path()).read_text().rstrip() == OTHER.rstrip()
    rows.nth(1).get_by_role("button", name="Use this one").click()

    page.get_by_role("link", name="Show them").click(timeout=240_000)
    expect(page.locator("[data-scenes]")).to_contain_text("Zebras graze")
    search(page, "zebras")
    expect(page.locator("[data-hit] mark").first).to_have_text("Zebras")
    search(page, "sentences")
    expect(page.locator("[data-hit]")).to_have_count(0)

    page.goto(address)
    open_transcripts(page)
    expect(rows.nth(0)).to_contain_text("zebra.srt")
    rows.nth(1).get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The transcript is deleted.")).to_be_visible()
    open_transcripts(page)
    expect(rows).to_have_count(1)
