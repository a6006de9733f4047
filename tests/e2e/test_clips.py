"""Clips made and edited by selecting words: by mouse, by keys, and by touch on a phone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import video_page
from tests.e2e.server import Installation, Process, Script

pytestmark = pytest.mark.browser

NEAR_MS = 150
# A stretch of a line's text is selected as a finger's handles do it.
SELECT = """([cue, first, last]) => {
  const text = document.querySelectorAll('.cue')[cue].firstChild;
  getSelection().setBaseAndExtent(text, first, text, last);
}"""


@dataclass
class Talk:
    """A talk of one person, uploaded once for all tests here."""

    script: Script
    video_id: str
    name: str

    def ranges(self) -> list[list[int]]:
        """The kept ranges of its last clip, in ms."""
        clips: list[Any] = self.script.get(f"/v1/clips?video={self.video_id}")["results"]
        found = clips[-1]["ranges"] if clips else []
        return [[round(part[key] * 1000) for key in ("start_s", "end_s")] for part in found]


@pytest.fixture(scope="module")
def uploaded(installation: Installation, site: Process, talk: tuple[Path, Path]) -> Iterator[Talk]:
    with Script(site.url, installation.person("cutter")) as script:
        yield Talk(script, script.video(script.upload(*talk))["id"], "cutter")


@pytest.fixture(params=[1440])
def page(
    browser: Browser, request: pytest.FixtureRequest, site: Process, uploaded: Talk
) -> Iterator[Page]:
    width: int = request.param
    with video_page(
        browser, site.url, uploaded.video_id, name=uploaded.name, width=width
    ) as person:
        expect(person.page.locator(".cue[tabindex='0']")).to_have_count(1)
        yield person.page
        assert person.complaints == []


def eventually(page: Page, found: Any, wanted: Any) -> None:
    """Wait until the server says what is wanted."""
    for _ in range(100):
        if found() == wanted:
            return
        page.wait_for_timeout(100)
    assert found() == wanted


def drag_over(page: Page, line: Locator) -> None:
    """Select a whole line with the mouse."""
    boxes = line.evaluate(
        "line => [...line.getClientRects()].map(b => [b.x, b.y, b.right, b.bottom])"
    )
    page.mouse.move(boxes[0][0] + 1, boxes[0][1] + 8)
    page.mouse.down()
    page.mouse.move(boxes[-1][2] - 1, boxes[-1][3] - 8, steps=5)
    page.mouse.up()


def open_clip(page: Page, clip_id: str) -> None:
    """The page is loaded anew, and the clip opened once its scripts run."""
    page.reload()
    expect(page.locator("[data-player] [data-controls]")).to_be_visible()
    page.locator(f"#clip-{clip_id} summary").click()


def test_by_mouse_words_become_a_clip_that_is_cut_undone_and_played(page: Page, uploaded: Talk):
    first = page.locator(".cue").nth(1)
    start_ms, end_ms = map(int, (first.get_attribute("data-cue") or "").split())
    drag_over(page, first)
    page.get_by_role("button", name="Clip", exact=True).click()
    clip = page.locator(".clip[open]")
    expect(clip).to_be_visible()
    (whole,) = uploaded.ranges()
    # The sound decides, and may differ a little from the words' times.
    assert abs(start_ms - whole[0]) < NEAR_MS
    assert abs(end_ms - whole[1]) < NEAR_MS

    page.evaluate(SELECT, [1, 10, 28])
    page.get_by_role("button", name="Strike out").click()
    struck = page.locator("s.struck")
    expect(struck).to_have_count(1)
    words = struck.inner_text()
    assert words in first.inner_text()
    eventually(page, lambda: len(uploaded.ranges()), 2)
    cut_to = uploaded.ranges()[1][0]

    # It is played by two seeks, to its start and over what is struck out, and a third one back to its exact end.
    page.locator("#video").evaluate(
        "video => { video.muted = true; window.sent = [];"
        "video.addEventListener('seeking', () => sent.push(Math.round(video.currentTime * 1000))); }"
    )
    clip.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => sent.length > 2 && document.querySelector('#video').paused")
    assert page.evaluate("sent") == [whole[0], cut_to, whole[1]]

    page.keyboard.press("Control+z")
    expect(struck).to_have_count(0)
    eventually(page, uploaded.ranges, [whole])
    page.keyboard.press("Control+Shift+z")
    expect(struck).to_have_text(words)


def test_by_keys_lines_become_a_clip_and_lose_words(page: Page, uploaded: Talk):
    # From what is said, without choosing a line; a selection that is too short makes no clip.
    for key in ("Shift+ArrowRight", "c", "Escape"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    expect(page.locator("[data-selection-bar]")).to_be_hidden()
    for key in ("w", "Shift+ArrowDown", "Shift+ArrowDown", "c"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    expect(page.locator(".clip[open]")).to_be_visible()
    (whole,) = uploaded.ranges()
    second = (page.locator(".cue").nth(1).get_attribute("data-cue") or "").split()
    assert abs(int(second[1]) - whole[1]) < NEAR_MS

    for key in ("ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight", "Backspace"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    expect(page.locator("s.struck")).to_have_count(1)
    eventually(page, lambda: len(uploaded.ranges()), 2)

    field = page.locator(".clip[open]").get_by_label("Out", exact=True)
    field.press("ArrowUp")
    eventually(page, lambda: uploaded.ranges()[-1][1] - whole[1] in range(1, 61), wanted=True)
    end = field.input_value()
    page.keyboard.type("1")
    page.keyboard.press("Escape")
    expect(field).to_have_value(end)
    expect(page.locator(".clip[open] summary")).to_be_focused()


def test_a_change_elsewhere_is_shown_and_not_overwritten(page: Page, uploaded: Talk):
    made = uploaded.script.post(
        "/v1/clips",
        expected=201,
        json={"video_id": uploaded.video_id, "ranges": [{"start_s": 1, "end_s": 8}]},
    )
    open_clip(page, made["id"])
    uploaded.script.post(
        f"/v1/clips/{made['id']}/restore", expected=200, json={"to": 1, "version": 1}
    )
    other = uploaded.script._http.patch(
        f"/v1/clips/{made['id']}",
        json={"version": 1, "ranges": [{"start_s": 1, "end_s": 6}]},
    )
    assert other.status_code == 200, other.text

    page.locator(".clip[open]").get_by_label("Out", exact=True).fill("0:07")
    page.keyboard.press("Tab")

    expect(page.get_by_text("This clip was changed elsewhere")).to_be_visible()
    expect(page.locator(".clip[open] [data-clip-out]")).to_have_value("0:06.000")
    assert uploaded.ranges() == [[1000, 6000]]


@pytest.mark.parametrize("page", [390], indirect=True)
def test_any_state_of_a_clip_comes_back(page: Page, uploaded: Talk):
    body = {"video_id": uploaded.video_id, "ranges": [{"start_s": 2, "end_s": 8}]}
    clip_id = uploaded.script.post("/v1/clips", expected=201, json=body)["id"]
    open_clip(page, clip_id)
    clip = page.locator(".clip[open]")
    failed = page.locator(".toast--bad")
    clip.get_by_label("Out", exact=True).fill("soon")
    page.keyboard.press("Tab")
    expect(failed).to_have_count(1)
    clip.get_by_label("Out", exact=True).fill("0:07")
    page.keyboard.press("Tab")
    eventually(page, uploaded.ranges, [[2000, 7000]])
    expect(failed).to_have_count(0)  # what failed has been done

    clip.get_by_role("button", name="History").tap()
    dialog = page.locator("#dialog")
    expect(dialog.locator("li").first).to_contain_text("1.0 s shorter")
    dialog.get_by_role("button", name="Bring back").tap()

    expect(dialog.locator("li")).to_have_count(3)
    eventually(page, uploaded.ranges, [[2000, 8000]])
    # A message is above the dialog, where it can be heard of and pressed.
    page.evaluate(
        "() => document.dispatchEvent(new CustomEvent('heimdex:toast', {detail: 'Above it'}))"
    )
    message = dialog.get_by_role("status").filter(has_text="Above it")
    message.get_by_role("button", name="Dismiss").tap()
    expect(page.get_by_text("Above it")).to_have_count(0)
    dialog.get_by_role("button", name="Close").tap()
    expect(page.locator("body > #toasts")).to_have_count(1)
    expect(clip.locator("[data-clip-out]")).to_have_value("0:08.000")


def test_pauses_are_seen_heard_cut_and_undone(page: Page, uploaded: Talk):
    made = uploaded.script.post(
        "/v1/clips",
        expected=201,
        json={"video_id": uploaded.video_id, "ranges": [{"start_s": 0.5, "end_s": 19}]},
    )
    open_clip(page, made["id"])
    clip = page.locator(".clip[open]")
    join = clip.get_by_role("button", name="Play the join")
    clip.get_by_role("button", name="Tighten").click()
    clip.locator(".segmented input").first.press("ArrowRight")  # to 0.2 s
    cuts = clip.locator("[data-tight-cut]")
    expect(cuts.first).to_be_visible()
    expect(page.locator(".pause-mark")).to_have_count(cuts.count())
    expect(join).to_be_hidden()

    cuts.first.get_by_role("button", name="Cut: Pause").click()
    eventually(page, lambda: len(uploaded.ranges()), 2)
    cuts.first.get_by_role("button", name="Put back").click()
    eventually(page, uploaded.ranges, [[500, 19_000]])

    clip.get_by_role("button", name="Cut all").click()
    eventually(page, lambda: len(uploaded.ranges()), cuts.count() + 1)
    expect(clip.get_by_role("button", name="All are cut")).to_be_disabled()
    tight = uploaded.ranges()
    page.locator("#video").evaluate(
        "video => { video.muted = true; video.currentTime = 0.6; window.sent = [];"
        "video.addEventListener('seeking', () => sent.push(Math.round(video.currentTime * 1000))); }"
    )
    page.wait_for_function("() => sent.length === 1")
    page.keyboard.press("g")
    page.wait_for_function("() => sent.length > 3 && document.querySelector('#video').paused")
    assert page.evaluate("sent")[1:3] == [max(500, tight[0][1] - 1_500), tight[1][0]]

    page.keyboard.press("Control+z")
    eventually(page, uploaded.ranges, [[500, 19_000]])


def test_the_timeline_goes_to_a_moment_and_moves_the_clips_end(page: Page, uploaded: Talk):
    made = uploaded.script.post(
        "/v1/clips",
        expected=201,
        json={"video_id": uploaded.video_id, "ranges": [{"start_s": 2, "end_s": 10}]},
    )
    open_clip(page, made["id"])
    expect(page.locator(".timeline--clip")).to_be_visible()
    canvas = page.locator(".timeline__canvas")
    shown = canvas.screenshot()
    page.keyboard.press("+")
    page.wait_for_timeout(300)
    assert canvas.screenshot() != shown
    page.keyboard.press("-")
    page.wait_for_timeout(300)
    box = canvas.bounding_box()
    assert box is not None
    # The clip fills four fifths of it.
    y, at = box["y"] + 40, lambda seconds: box["x"] + box["width"] * (seconds - 1) / 10

    page.mouse.click(at(6), y)
    page.wait_for_function("() => Math.abs(document.querySelector('#video').currentTime - 6) < .1")

    page.mouse.move(at(10) - 2, y)
    page.mouse.down()
    page.keyboard.down("Alt")
    page.mouse.move(at(8), y, steps=3)
    page.keyboard.up("Alt")
    page.mouse.up()
    eventually(page, lambda: round(uploaded.ranges()[0][1] / 100), 80)
    page.keyboard.press("Control+z")
    eventually(page, uploaded.ranges, [[2_000, 10_000]])


@pytest.mark.parametrize("page", [390], indirect=True)
def test_on_a_phone_the_bar_lies_above_the_thumb(page: Page, uploaded: Talk):
    before = len(uploaded.script.get("/v1/clips")["results"])
    page.evaluate(SELECT, [1, 0, 30])
    bar = page.locator("[data-selection-bar]")
    expect(bar).to_be_visible()
    box = bar.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 390, 844)

    bar.get_by_role("button", name="Clip", exact=True).tap()

    expect(page.locator(".clip[open]")).to_be_visible()
    assert len(uploaded.script.get("/v1/clips")["results"]) == before + 1
    message = page.locator(".toast").bounding_box()
    assert message is not None
    assert message["y"] + message["height"] < 844 / 4  # the buttons at the bottom stay free
