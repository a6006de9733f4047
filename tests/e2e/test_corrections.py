"""Words corrected in place: by keys alone, by walking doubtful words, and by touch while the connection is lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import video_page
from tests.e2e.server import Installation, Process, Script
from tests.e2e.test_clips import SELECT, eventually

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def uploaded(
    installation: Installation, site: Process, talk: tuple[Path, Path]
) -> Iterator[tuple[Script, str]]:
    """A talk of one person, uploaded once for both tests."""
    with Script(site.url, installation.person("corrector")) as script:
        yield script, script.video(script.upload(*talk))["id"]


@pytest.fixture
def page(
    browser: Browser,
    request: pytest.FixtureRequest,
    site: Process,
    uploaded: tuple[Script, str],
) -> Iterator[Page]:
    width: int = request.param
    with video_page(browser, site.url, uploaded[1], name="corrector", width=width) as person:
        yield person.page
        assert [each for each in person.complaints if "ERR_FAILED" not in each] == []


def line_texts(uploaded: tuple[Script, str]) -> list[str]:
    """The lines as the API says them."""
    script, video_id = uploaded
    found: list[Any] = script.get(f"/v1/videos/{video_id}/cues?page_size=500")["results"]
    return [line["text"] for line in found]


@pytest.mark.parametrize("page", [1440], indirect=True)
def test_words_are_corrected_and_undone_by_keys(page: Page, uploaded: tuple[Script, str]) -> None:
    before = line_texts(uploaded)
    first, second, *rest = before[0].split(" ")
    line = page.locator(".cue").first
    line.focus()
    page.keyboard.press("F2")
    field = page.locator("[data-correction-text]")
    expect(field).to_be_focused()
    expect(field).to_have_value(first)

    page.keyboard.type("Heimdex")
    page.keyboard.press("Tab")
    expect(field).to_have_value(second)
    page.keyboard.type("really now")
    page.keyboard.press("Enter")

    wanted = " ".join(["Heimdex", "really now", *rest])
    expect(line).to_have_text(wanted)
    eventually(page, lambda: line_texts(uploaded)[0], wanted)
    expect(line.locator("mark:not(.is-waiting)")).to_have_attribute(
        "title", f"Before: “{first} {second}”. The time of these words is estimated."
    )
    expect(line).to_be_focused()

    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    eventually(page, lambda: line_texts(uploaded), before)
    expect(line).to_have_text(before[0])
    expect(line.locator("mark")).to_have_count(0)


HEARD = [("Teh", 0.4), ("bred", 0.5), ("rises", 0.9), ("slowy", 0.3), ("here.", 0.9)]


@pytest.mark.parametrize("page", [1440], indirect=True)
def test_doubtful_words_are_walked_corrected_and_confirmed_by_keys(
    page: Page, uploaded: tuple[Script, str], site: Process, talk: tuple[Path, Path], tmp_path: Path
) -> None:
    script, _ = uploaded
    words = [
        {"word": f" {text}", "start": at, "end": at + 0.8, "probability": sure}
        for at, (text, sure) in enumerate(HEARD)
    ]
    text = " ".join(word for word, _ in HEARD)
    heard = {"language": "en", "segments": [{"start": 0, "end": 5, "text": text, "words": words}]}
    captions = tmp_path / "heard.json"
    captions.write_text(json.dumps(heard), encoding="utf-8")
    video_id = script.video(script.upload(talk[0], captions))["id"]
    page.goto(f"{site.url}/videos/{video_id}")
    expect(page.locator("[data-player] [data-controls]")).to_be_visible()
    count, line = page.locator("[data-next-doubt] .doubt"), page.locator(".cue").first
    expect(count).to_have_text("3")

    page.keyboard.press("Shift+N")
    expect(line.locator(".doubt--now")).to_have_text("Teh bred")
    expect(line).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("The bread")
    page.keyboard.press("Enter")
    expect(line).to_have_text("The bread rises slowy here.")
    expect(line.locator("mark:not(.is-waiting)")).to_have_text("The bread")
    expect(count).to_have_text("1")

    page.keyboard.press("Shift+N")
    expect(line.locator(".doubt--now")).to_have_text("slowy")
    page.keyboard.press("y")

    expect(line.locator(".doubt")).to_have_count(0)
    expect(count).to_have_text("0")
    sure = (script, video_id)
    eventually(page, lambda: len(corrections(sure)), 2)
    page.keyboard.press("Control+z")
    expect(line.locator(".doubt")).to_have_text("slowy")
    eventually(page, lambda: len(corrections(sure)), 1)


def corrections(uploaded: tuple[Script, str]) -> list[Any]:
    """The corrections as the API lists them."""
    script, video_id = uploaded
    found: list[Any] = script.get(f"/v1/videos/{video_id}/corrections")["results"]
    return found


@pytest.mark.parametrize("page", [390], indirect=True)
def test_a_correction_by_touch_outlives_a_lost_connection(
    page: Page, uploaded: tuple[Script, str]
) -> None:
    before = line_texts(uploaded)[1]
    word = before.split(" ")[0]
    page.route("**/v1/videos/*/corrections", lambda route: route.abort())
    page.evaluate(SELECT, [1, 0, len(word)])
    page.get_by_role("button", name="Correct").tap()
    field = page.locator("[data-correction-text]")
    expect(field).to_have_value(word)
    box = page.locator("[data-correction]").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    field.fill("Corrected")
    page.get_by_role("button", name="Save").tap()
    expect(page.locator("[data-correction-state]")).to_contain_text("Not saved yet")
    assert line_texts(uploaded)[1] == before

    page.unroute("**/v1/videos/*/corrections")
    page.reload()

    wanted = before.replace(word, "Corrected", 1)
    eventually(page, lambda: line_texts(uploaded)[1], wanted)
    expect(page.locator(".cue").nth(1)).to_have_text(wanted)
