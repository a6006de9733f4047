"""The stage of the export dialog: what it draws is what the file has, and it follows the form."""

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Person, touch
from tests.e2e.server import Installation, Process, Script
from tests.e2e.test_clips import eventually

pytestmark = pytest.mark.browser

RANGES = [{"start_s": 1.0, "end_s": 5.0}, {"start_s": 7.0, "end_s": 10.0}]
SIZE = (270, 480)
CUT_MS = 5_220  # in the second range
# Of 255, mean over the picture: scaling and colour differ a little between the browser and ffmpeg.
NEAR = 6.0
# Where the captions are. Their letters have other edges at another size; other words differ by 40.
CAPTIONS, NEAR_TEXT = (slice(270, 315), slice(50, 220)), 22.0

# Whether a finger reaches the middle of something in the middle of the screen.
IS_FREE = """element => {
  element.scrollIntoView({ block: 'center' });
  const { left, top, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


@pytest.fixture(scope="module")
def uploaded(
    installation: Installation, site: Process, talk: tuple[Path, Path]
) -> Iterator[tuple[Script, str]]:
    with Script(site.url, installation.person("viewer")) as script:
        yield script, script.video(script.upload(*talk))["id"]


@pytest.fixture
def page(browser: Browser, site: Process, uploaded: tuple[Script, str]) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in("viewer")
    yield person.page
    assert person.complaints == []
    context.close()


def picture(data: bytes) -> Any:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA).astype(float)


# Picture and captions of the stage in one, in its own pixels.
DRAWN = """() => {
  const [picture, captions] = document.querySelectorAll('[data-stage] canvas');
  const whole = document.createElement('canvas');
  [whole.width, whole.height] = [picture.width, picture.height];
  const context = whole.getContext('2d');
  context.drawImage(picture, 0, 0);
  context.drawImage(captions, 0, 0, whole.width, whole.height);
  return whole.toDataURL('image/png').split(',')[1];
}"""


def drawn_in(page: Page) -> Any:
    """What the stage shows now."""
    return picture(base64.b64decode(page.evaluate(DRAWN)))


def frame_of(short: Path, ms: int) -> Any:
    """The picture of a finished Short that is shown at a moment."""
    command = ["ffmpeg", "-v", "error", "-ss", f"{ms / 1000:.3f}", "-i", str(short)]
    command += ["-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
    return picture(subprocess.run(command, check=True, capture_output=True).stdout)


def test_the_stage_shows_the_pictures_of_the_file(
    page: Page, site: Process, uploaded: tuple[Script, str], tmp_path: Path
) -> None:
    script, video_id = uploaded
    options = {
        "aspect_ratio_strategy": "center_crop",
        "captions": "box",
        "output_quality": "high",
    }
    clip = script.post(
        "/v1/clips", expected=201, json={"video_id": video_id, "ranges": RANGES, **options}
    )
    export = script.post(f"/v1/clips/{clip['id']}/export", expected=202, json={})
    page.goto(f"{site.url}/videos/{video_id}")
    page.locator(f"#clip-{clip['id']} summary").click()
    page.locator(f"#export-{clip['id']}").click()
    play = page.locator("[data-stage-play]")
    play.click()
    stage = page.locator("[data-stage]")
    expect(stage).to_be_visible()
    # WebAssembly runs in the drawing worker, and nowhere else.
    worker = page.request.get(site.url + (stage.get_attribute("data-worker") or ""))
    assert "script-src 'self' 'wasm-unsafe-eval'" in worker.headers["content-security-policy"]
    assert "wasm" not in page.request.get(page.url).headers["content-security-policy"]
    video = stage.locator("video")
    page.wait_for_function("() => document.querySelector('[data-stage] video').currentTime > 1.3")

    # It plays over what is struck out, and stops at the end.
    video.evaluate("video => { video.muted = true; video.currentTime = 4.8 }")
    page.wait_for_function("() => document.querySelector('[data-stage] video').currentTime > 7.05")
    play.click()
    expect(play.locator("[data-when=paused]")).to_be_visible()
    at_s = 7.0 + CUT_MS / 1000 - 4.0
    video.evaluate("(video, at) => { video.currentTime = at }", at_s)
    expect(stage.locator("[data-stage-picture]")).to_have_attribute("data-cut", str(CUT_MS))
    page.wait_for_timeout(500)
    drawn = drawn_in(page)

    short = tmp_path / "short.mp4"
    script.download(script.export(export["export_id"])["download_url"], short)
    wanted = frame_of(short, CUT_MS)
    assert np.abs(drawn - wanted).mean() < NEAR
    assert np.abs(drawn - wanted)[CAPTIONS].mean() < NEAR_TEXT
    assert np.abs(drawn - frame_of(short, 1_000))[CAPTIONS].mean() > 1.5 * NEAR_TEXT

    page.locator(".style-card--off").click()
    page.wait_for_timeout(2_000)
    assert np.abs(drawn_in(page) - drawn)[CAPTIONS].mean() > NEAR_TEXT


def test_beside_the_player_the_open_clip_is_shown_and_changed(
    page: Page, site: Process, uploaded: tuple[Script, str]
) -> None:
    script, video_id = uploaded
    body = {"video_id": video_id, "ranges": RANGES, "captions": "box"}
    clip = script.post("/v1/clips", expected=201, json=body)
    page.goto(f"{site.url}/videos/{video_id}")
    page.locator(f"#clip-{clip['id']} summary").click()
    page.locator(f"#export-{clip['id']}").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)

    page.keyboard.press("v")

    stage = page.locator("[data-short-stage]")
    expect(stage).to_be_visible()
    higher = stage.locator("[data-captions-by]").first
    expect(higher).to_be_enabled()
    higher.click()
    page.wait_for_timeout(1_500)
    changed = script.get(f"/v1/clips/{clip['id']}")
    assert changed["version"] == 2
    assert changed["caption_style"]["position"] == "custom"

    # The picture is dragged; both changes are undone and done again with those of the ranges.
    expect(stage.locator("[data-stage-says]")).to_have_text("")
    box = stage.locator("[data-stage-frame]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 60, steps=3)
    page.mouse.up()

    def options() -> tuple[int, bool]:
        now = script.get(f"/v1/clips/{clip['id']}")
        return len(now.get("framing", {}).get("shots", [])), bool(now.get("caption_style"))

    eventually(page, options, (1, True))
    for key, wanted in [
        *(("z", (0, True)), ("z", (0, False))),
        *(("Shift+z", (0, True)), ("Shift+z", (1, True))),
    ]:
        page.keyboard.press(f"Control+{key}")
        eventually(page, options, wanted)

    # On a phone it stands beside the picture, and the clip's buttons stay free.
    page.set_viewport_size({"width": 390, "height": 844})
    export_button = page.locator(f"#export-{clip['id']}")
    assert export_button.evaluate(IS_FREE)
    expect(page.locator("[data-bar-name]")).to_have_text(changed["title"])

    # The picture is dragged by a finger, too.
    def framed() -> object:
        return script.get(f"/v1/clips/{clip['id']}")["framing"]["shots"][0]

    before = framed()
    box = stage.locator("[data-stage-frame]").bounding_box()
    assert box
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch(page, [[at], [(at[0] + 20, at[1])]])
    eventually(page, lambda: framed() != before, wanted=True)
