"""Two Shorts at once on a video's page, downloaded as one ZIP; and the clips as a cut list."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Person
from tests.e2e.server import Installation, Process, Script

pytestmark = pytest.mark.browser


def test_two_clips_become_one_zip(
    browser: Browser,
    installation: Installation,
    site: Process,
    talk: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    with Script(site.url, installation.person("batcher")) as script:
        video_id = script.video(script.upload(*talk))["id"]
        for title, start_s in (("First", 1.0), ("Second", 6.0), ("Third", 9.0)):
            kept = [{"start_s": start_s, "end_s": start_s + 0.6}]
            clip = {"video_id": video_id, "title": title, "ranges": kept}
            script.post("/v1/clips", expected=201, json=clip)
    context = browser.new_context(
        locale="en-US",
        viewport={"width": 390, "height": 800},
        reduced_motion="reduce",
        accept_downloads=True,
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in("batcher")
    page = person.page
    page.goto(f"{site.url}/videos/{video_id}")
    expect(page.locator("[data-player] [data-controls]")).to_be_visible()

    more = page.locator("summary[aria-label='More about this video']")
    more.click()
    page.get_by_role("button", name="Go on in a video editor").click()
    dialog = page.locator("#dialog")
    with page.expect_download() as list_of_cuts:
        dialog.get_by_role("button", name="Download").click()
    assert list_of_cuts.value.suggested_filename == "A short talk.fcpxml"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    more.click()
    page.get_by_role("link", name="Export several").click()
    expect(dialog.get_by_role("button", name="Export 3 Shorts")).to_be_enabled()
    dialog.get_by_role("button", name="Select none: Clips").click()
    expect(dialog.get_by_role("button", name="Export the selected")).to_be_disabled()
    dialog.get_by_role("button", name="Select all: Clips").click()
    expect(dialog.get_by_role("button", name="Export 3 Shorts")).to_be_enabled()
    dialog.get_by_role("checkbox", name="Second").uncheck()
    dialog.get_by_role("checkbox", name="Third").uncheck()
    dialog.get_by_label("1:1", exact=True).check()
    dialog.get_by_label("Framing").select_option("center_crop")
    dialog.get_by_label("Quality").select_option("medium")
    dialog.get_by_role("button", name="Export 2 Shorts").click()
    expect(dialog.get_by_text("2 of 2 ready")).to_be_visible(timeout=120_000)
    with page.expect_download() as archive:
        dialog.get_by_role("link", name="Download all 2 as ZIP").click()

    file = tmp_path / "shorts.zip"
    archive.value.save_as(file)
    with zipfile.ZipFile(file) as content:
        assert content.testzip() is None
        names = {name for name in content.namelist() if name.endswith(".mp4")}
    assert names == {"01 First 9x16.mp4", "02 First 1x1.mp4"}
    context.close()
    assert person.complaints == []
