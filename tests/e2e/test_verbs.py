"""What the keys, the bar at selected words and the list of clips do, each verb once: by keys, by mouse and by touch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import touch, video_page
from tests.e2e.server import Installation, Process, Script
from tests.e2e.test_clips import SELECT, Talk, eventually, open_clip

pytestmark = pytest.mark.browser

NOW = "() => document.querySelector('#video').currentTime"


@pytest.fixture(scope="module")
def uploaded(installation: Installation, site: Process, talk: tuple[Path, Path]) -> Iterator[Talk]:
    with Script(site.url, installation.person("doer")) as script:
        yield Talk(script, script.video(script.upload(*talk))["id"], "doer")


@pytest.fixture(params=[1440])
def page(
    browser: Browser, request: pytest.FixtureRequest, site: Process, uploaded: Talk
) -> Iterator[Page]:
    width: int = request.param
    with video_page(browser, site.url, uploaded.video_id, name="doer", width=width) as person:
        person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        expect(person.page.locator(".cue[tabindex='0']")).to_have_count(1)
        yield person.page
        assert person.complaints == []


def clip_of(uploaded: Talk, *, title: str = "") -> str:
    """A new clip from 2 s to 10 s."""
    body = {"video_id": uploaded.video_id, "ranges": [{"start_s": 2, "end_s": 10}], "title": title}
    clip_id: str = uploaded.script.post("/v1/clips", expected=201, json=body)["id"]
    return clip_id


def expect_time(page: Page, seconds: float) -> None:
    """The player goes to a moment."""
    page.wait_for_function(
        "wanted => Math.abs(document.querySelector('#video').currentTime - wanted) < 0.02",
        arg=seconds,
    )


def test_each_key_of_the_player_does_what_the_list_says(page: Page):
    page.evaluate("() => { const v = document.querySelector('#video'); v.muted = true }")
    for key, seconds in [
        *(("l", 10), ("ArrowRight", 15), ("j", 5), ("ArrowLeft", 0), (".", 0.04), (",", 0)),
        *(("l", 10),),
    ]:
        page.keyboard.press(key)
        expect_time(page, seconds)
    page.keyboard.press(" ")
    page.wait_for_function("() => !document.querySelector('#video').paused")
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('#video').paused")
    page.keyboard.press("m")
    page.wait_for_function("() => !document.querySelector('#video').muted")
    page.keyboard.press("c")
    page.wait_for_function(
        "() => document.querySelector('#video').textTracks[0].mode === 'showing'"
    )
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement")
    page.keyboard.press("f")
    page.wait_for_function("() => !document.fullscreenElement")

    page.keyboard.press("t")
    expect(page.locator("[data-find-words]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(page.locator(".cue").nth(2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".cue").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('#video').paused")
    page.keyboard.press("k")

    # A new scene, from one to the other and back, and one again.
    scenes = page.locator(".scene")
    before = scenes.count()
    page.keyboard.press("Shift+S")
    expect(scenes).to_have_count(before + 1)
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect_time(page, 0)
    page.keyboard.press("n")
    page.wait_for_function("() => document.querySelector('#video').currentTime > 1")
    page.keyboard.press("Shift+J")
    expect(scenes).to_have_count(before)

    page.keyboard.press("?")
    keys = page.locator("#keys-dialog")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#dialog").get_by_role("heading", name="Export to Short")).to_be_visible()


def test_each_key_of_an_open_clip_does_what_the_list_says(page: Page, uploaded: Talk):
    open_clip(page, clip_of(uploaded, title="By keys"))
    page.evaluate(
        "() => { const v = document.querySelector('#video'); v.muted = true; v.currentTime = 3 }"
    )
    expect_time(page, 3)
    page.keyboard.press("w")
    page.keyboard.press("i")
    eventually(page, uploaded.ranges, [[3_000, 10_000]])
    page.keyboard.press("l")
    page.keyboard.press("ArrowLeft")
    expect_time(page, 8)
    page.keyboard.press("o")
    eventually(page, uploaded.ranges, [[3_000, 8_000]])
    page.keyboard.press("Shift+O")
    page.wait_for_function("() => !document.querySelector('#video').paused")
    assert page.evaluate(NOW) > 5
    page.keyboard.press("k")
    page.keyboard.press("Shift+C")
    expect(page.locator(".clip[open] summary")).to_be_focused()

    canvas = page.locator(".timeline__canvas")
    near = canvas.screenshot()
    page.keyboard.press("0")
    page.wait_for_timeout(300)
    assert canvas.screenshot() != near

    page.evaluate(SELECT, [1, 0, 20])
    expect(page.locator("[data-selection-bar]")).to_be_visible()
    page.keyboard.press("Shift+K")
    page.wait_for_function("() => !document.querySelector('#video').paused")
    page.wait_for_function("() => document.querySelector('#video').paused")
    page.keyboard.press("Escape")
    expect(page.locator("[data-selection-bar]")).to_be_hidden()
    # A clip that is only being made is the one that is exported.
    page.keyboard.press("Shift+C")
    page.keyboard.press("Enter")
    expect(page.locator(".clip[open]")).to_have_count(0)
    page.evaluate(SELECT, [1, 0, 20])
    expect(page.locator("[data-selection-bar]")).to_be_visible()
    page.keyboard.press("c")
    page.keyboard.press("e")
    expect(page.locator("#dialog [name=hook]")).to_have_count(1)
    title = page.locator(".clip[open] .clip__name").text_content() or ""
    expect(page.locator("#dialog")).to_contain_text(title[:12])


@pytest.mark.parametrize("page", [390], indirect=True)
def test_by_touch_each_button_at_selected_words(page: Page, uploaded: Talk):
    open_clip(page, clip_of(uploaded, title="By touch"))
    bar = page.locator("[data-selection-bar]")

    def tap(name: str, *, line: int, first: int, last: int) -> None:
        page.evaluate(SELECT, [line, first, last])
        bar.get_by_role("button", name=name).tap()

    tap("Start here", line=1, first=0, last=12)
    expect(page.locator(".clip[open] [data-undo]")).to_be_enabled()
    eventually(page, lambda: uploaded.ranges()[0][0] != 2_000, wanted=True)
    tap("Strike out", line=1, first=10, last=28)
    expect(page.locator("s.struck")).to_have_count(1)
    eventually(page, lambda: len(uploaded.ranges()), 2)
    page.evaluate(
        "() => { const s = document.querySelector('s.struck');"
        "getSelection().selectAllChildren(s); }"
    )
    bar.get_by_role("button", name="Restore").tap()
    expect(page.locator("s.struck")).to_have_count(0)
    eventually(page, lambda: len(uploaded.ranges()), 1)
    tap("End here", line=2, first=0, last=12)
    eventually(page, lambda: uploaded.ranges()[0][1] != 10_000, wanted=True)
    tap("Copy with time", line=1, first=0, last=12)
    expect(page.get_by_text("The words are copied with their time.")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("[0:")
    page.evaluate("() => { document.querySelector('#video').muted = true }")
    tap("Play", line=1, first=0, last=12)
    page.wait_for_function("() => !document.querySelector('#video').paused")


@pytest.mark.parametrize("page", [390], indirect=True)
def test_by_touch_clips_are_named_copied_moved_deleted_and_brought_back(page: Page, uploaded: Talk):
    def titles() -> list[str]:
        found: list[Any] = uploaded.script.get(f"/v1/clips?video={uploaded.video_id}")["results"]
        return [clip["title"] for clip in found]

    while len(titles()) < 10:
        clip_of(uploaded, title=f"Clip {len(titles())}")
    last = clip_of(uploaded, title="The last")
    open_clip(page, last)
    clip = page.locator(".clip[open]")
    # Of a long list those beside the open one are shown, and it is in sight.
    expect(page.locator(".clip:visible")).to_have_count(2)
    expect(clip.locator("summary")).to_be_in_viewport()

    clip.get_by_label("Title of the clip").fill("The end")
    clip.get_by_label("Title of the clip").press("Enter")
    eventually(page, lambda: titles()[-1], "The end")
    clip.get_by_role("button", name="Move up").tap()
    eventually(page, lambda: titles()[-2], "The end")
    clip.get_by_role("button", name="Duplicate").tap()
    eventually(page, lambda: titles()[-3:-1], ["The end", "The end"])
    clip.get_by_role("button", name="Delete").tap()
    eventually(page, lambda: titles().count("The end"), 1)
    page.locator("#undo-deletion").tap()
    eventually(page, lambda: titles().count("The end"), 2)
    first = page.locator(".clip").first
    first.locator("summary").tap()
    expect(first).to_have_attribute("open", "")
    expect(first.locator("summary")).to_be_in_viewport()


@pytest.mark.parametrize("page", [390], indirect=True)
def test_by_touch_the_timeline_is_zoomed_and_moves_the_clips_end(page: Page, uploaded: Talk):
    open_clip(page, clip_of(uploaded))
    canvas = page.locator(".timeline__canvas")
    canvas.scroll_into_view_if_needed()
    expect(page.locator(".timeline--clip")).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    # The clip fills four fifths of it.
    x, y, width = box["x"], box["y"] + 40, box["width"]
    touch(page, [[(x + width * (10 - 1) / 10 - 2, y)], [(x + width * 7 / 10, y)]])
    eventually(page, lambda: 7_500 <= uploaded.ranges()[0][1] <= 8_500, wanted=True)
    page.locator(".clip[open] [data-undo]").click()
    eventually(page, uploaded.ranges, [[2_000, 10_000]])
    page.evaluate("() => window.scrollTo(0, 0)")  # the button was below

    shown = canvas.screenshot()
    middle = x + width / 2
    touch(page, [[(middle - 20, y), (middle + 20, y)], [(middle - 120, y), (middle + 120, y)]])
    assert canvas.screenshot() != shown
    assert uploaded.ranges() == [[2_000, 10_000]]


def test_by_mouse_words_are_replaced_undone_and_replaced_again(page: Page, uploaded: Talk):
    def lines() -> str:
        found: list[Any] = uploaded.script.get(
            f"/v1/videos/{uploaded.video_id}/cues?page_size=500"
        )["results"]
        return " ".join(line["text"] for line in found)

    before = lines()
    word = before.split(" ")[0]
    page.locator("summary[aria-label='More about this video']").click()
    page.get_by_role("button", name="Find and replace").click()
    dialog = page.locator("#dialog")
    dialog.locator("#id_find").fill(word)
    dialog.locator("#id_text").fill("Heimdex")
    count = dialog.locator(".replace__place")
    expect(count.first).to_be_visible()
    dialog.get_by_role("button", name="Replace the ticked").click()
    expect(dialog.get_by_role("button", name="Replace something else")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    replaced = lines()
    assert "Heimdex" in replaced

    page.keyboard.press("Control+z")
    eventually(page, lines, before)
    page.keyboard.press("Control+Shift+z")
    eventually(page, lines, replaced)
    page.keyboard.press("Control+z")
    eventually(page, lines, before)


def test_a_preset_counts_whole_and_the_title_stays(page: Page, uploaded: Talk):
    for name, style in (("Loud", {"size": 90}), ("Calm", {"size": 60})):
        body = {"name": name, "style": {"preset": "box", **style}}
        uploaded.script.post("/v1/caption-presets", expected=201, json=body)
    open_clip(page, clip_of(uploaded, title="With presets"))
    page.keyboard.press("e")
    dialog = page.locator("#dialog")
    dialog.locator(".style-card", has_text="Loud").click()
    size, says = dialog.locator("[name=size]"), dialog.locator("[data-preset-says]")
    expect(size).to_have_attribute("placeholder", "90")
    dialog.get_by_text("Title, progress bar, logo").click()
    dialog.locator("[name=hook]").fill("My title")
    dialog.get_by_text("Adjust captions").click()
    size.fill("77")
    expect(says).to_be_hidden()

    dialog.locator(".style-card", has_text="Calm").click()

    expect(size).to_have_value("")
    expect(size).to_have_attribute("placeholder", "60")
    expect(dialog.locator("[name=hook]")).to_have_value("My title")
    expect(says).to_be_visible()
