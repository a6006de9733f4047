"""Lines and scenes split and joined by hand: by keys, by mouse, and by touch on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import video_page
from tests.e2e.server import Installation, Process, Script
from tests.e2e.test_clips import SELECT, eventually
from tests.e2e.test_corrections import line_texts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def uploaded(
    installation: Installation, site: Process, talk: tuple[Path, Path]
) -> Iterator[tuple[Script, str]]:
    """A talk of one person, uploaded once for all tests here; each leaves it as it was."""
    with Script(site.url, installation.person("splitter")) as script:
        yield script, script.video(script.upload(*talk))["id"]


@pytest.fixture
def page(
    browser: Browser,
    request: pytest.FixtureRequest,
    site: Process,
    uploaded: tuple[Script, str],
) -> Iterator[Page]:
    width: int = request.param
    with video_page(browser, site.url, uploaded[1], name="splitter", width=width) as person:
        yield person.page
        assert person.complaints == []


def spans(uploaded: tuple[Script, str]) -> list[tuple[float, float]]:
    """The scenes as the API says them."""
    script, video_id = uploaded
    scenes: list[Any] = script.get(f"/v1/videos/{video_id}/details")["scenes"]
    return [(scene["start_s"], scene["end_s"]) for scene in scenes]


@pytest.mark.parametrize("page", [1440], indirect=True)
def test_lines_are_split_and_joined_by_keys_alone(page: Page, uploaded: tuple[Script, str]) -> None:
    before = line_texts(uploaded)
    rest = before[0].split(" ", 1)[1]
    lines = page.locator(".cue")
    lines.first.focus()
    page.keyboard.press("F2")
    page.keyboard.type("Heimdex")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Enter")

    expect(lines.first).to_have_text("Heimdex")
    expect(lines.nth(1)).to_have_text(rest)
    expect(lines.nth(1)).to_be_focused()
    eventually(page, lambda: line_texts(uploaded)[:2], ["Heimdex", rest])

    page.keyboard.press("h")
    expect(page.locator(".cue-heard")).to_have_text(before[0].split(" ")[0])
    expect(lines.first).to_be_hidden()
    page.keyboard.press("h")
    expect(lines.first).to_be_visible()
    lines.nth(1).focus()
    page.keyboard.press("F2")
    page.keyboard.press("Home")
    page.keyboard.press("Backspace")
    expect(lines.first).to_have_text(f"Heimdex {rest}")
    eventually(page, lambda: len(line_texts(uploaded)), len(before))

    page.keyboard.press("F2")
    page.keyboard.press("Alt+p")
    page.locator("#line-speaker").fill("Noor")
    page.keyboard.press("Enter")
    speaker = page.locator(".scene__speaker")
    expect(speaker).to_have_text("Noor")

    for _ in range(4):
        page.keyboard.press("Control+z")
    eventually(page, lambda: line_texts(uploaded), before)
    expect(lines.first).to_have_text(before[0])
    expect(speaker).to_have_count(0)
    for _ in range(4):
        page.keyboard.press("Control+Shift+z")
    eventually(page, lambda: line_texts(uploaded)[0], f"Heimdex {rest}")
    expect(speaker).to_have_text("Noor")
    for _ in range(4):
        page.keyboard.press("Control+z")
    eventually(page, lambda: line_texts(uploaded), before)
    expect(speaker).to_have_count(0)


@pytest.mark.parametrize("page", [1440], indirect=True)
def test_scenes_are_split_and_joined_by_mouse(page: Page, uploaded: tuple[Script, str]) -> None:
    before = spans(uploaded)
    scenes, lines = page.locator(".scene"), page.locator(".cue")
    box = lines.nth(1).bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 8, box["y"] + 8)
    page.get_by_role("button", name="New scene here").click()

    expect(scenes).to_have_count(len(before) + 1)
    expect(scenes.nth(1).locator(".cue").first).to_have_text(line_texts(uploaded)[1])
    numbers = [f"Scene {number + 1}" for number in range(len(before) + 1)]
    expect(page.locator(".scene__name")).to_have_text(numbers)
    expect(page.locator(".scrubber__marks i")).to_have_count(len(before))
    eventually(page, lambda: len(spans(uploaded)), len(before) + 1)

    scenes.nth(1).locator(".scene__time").click()
    page.locator("summary[aria-label='More about this video']").click()
    page.get_by_role("button", name="Join this scene with the one before").click()
    expect(scenes).to_have_count(len(before))
    eventually(page, lambda: spans(uploaded), before)

    page.locator("summary[aria-label='More about this video']").click()
    page.get_by_role("button", name="Corrections", exact=True).click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Scenes joined")
    undo = dialog.get_by_role("button", name="Undo")
    count = undo.count()  # other tests here leave what cancels out
    for left in (count - 1, count - 2):
        undo.last.click()
        expect(undo).to_have_count(left)
    eventually(page, lambda: spans(uploaded), before)
    expect(scenes).to_have_count(len(before))


@pytest.mark.parametrize("page", [390], indirect=True)
def test_a_line_is_split_and_joined_by_touch(page: Page, uploaded: tuple[Script, str]) -> None:
    before = line_texts(uploaded)
    words = before[0].split(" ")
    start = len(words[0]) + 1
    page.evaluate(SELECT, [0, start, start + len(words[1])])
    page.get_by_role("button", name="Correct").tap()
    page.get_by_role("button", name="Split the line here").tap()
    expect(page.locator(".cue").first).to_have_text(words[0])

    page.evaluate(SELECT, [1, 0, len(words[1])])
    page.get_by_role("button", name="Correct").tap()
    page.get_by_role("button", name="Join with the line before").tap()
    expect(page.locator(".cue").first).to_have_text(before[0])
    eventually(page, lambda: line_texts(uploaded), before)
