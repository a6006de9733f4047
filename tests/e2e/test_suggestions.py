"""The suggested clips of a video on its page: kept, dismissed, brought back."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from mediakit.subtitles.writers import write_vtt
from tests.e2e.browser import Person
from tests.e2e.server import Installation, Process, Script
from tests.mediakit.suggestions.speech import said
from tests.mediakit.suggestions.test_suggest import ANSWER

pytestmark = pytest.mark.browser


def test_a_suggestion_is_dismissed_brought_back_and_kept(
    browser: Browser,
    installation: Installation,
    site: Process,
    talk: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    captions = tmp_path / "bread.vtt"
    # Four sentences, so that they end before the talk does.
    captions.write_text(write_vtt(said(ANSWER[:4], pause_ms=0)), encoding="utf-8")
    with Script(site.url, installation.person("baker")) as script:
        video_id = script.video(script.upload(talk[0], captions))["id"]
    context = browser.new_context(
        locale="en-US", viewport={"width": 390, "height": 800}, reduced_motion="reduce"
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in("baker")
    page = person.page
    page.goto(f"{site.url}/videos/{video_id}")
    expect(page.locator("[data-player] [data-controls]")).to_be_visible()  # by its scripts
    suggestions = page.locator("#suggestions")
    expect(suggestions.get_by_role("heading", name=ANSWER[0])).to_be_visible()
    expect(suggestions).to_contain_text("answers a question")
    suggestions.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    # It is played to its end, and no further.
    range_ms = page.locator("[data-play-range]").first.get_attribute("data-play-range") or ""
    end_s = int(range_ms.split(",")[1]) / 1000
    page.evaluate("time => { document.querySelector('video').currentTime = time }", end_s - 0.6)
    page.wait_for_function("() => document.querySelector('video').paused")
    assert abs(page.evaluate("() => document.querySelector('video').currentTime") - end_s) < 0.1

    suggestions.get_by_role("button", name="Dismiss").click()
    expect(suggestions.get_by_role("status")).to_contain_text(ANSWER[0])
    expect(suggestions.get_by_role("button", name="Keep")).to_have_count(0)
    suggestions.get_by_role("button", name="Undo").click()
    suggestions.get_by_role("button", name="Keep").click()
    expect(suggestions.locator(".chip--done")).to_have_text("Kept")
    expect(page.locator("#clips")).to_contain_text(ANSWER[0])
    assert person.complaints == []
    context.close()
