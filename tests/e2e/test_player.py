"""What a person sees of a video whose clock starts late, and of one whose picture the browser cannot show."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.clips import make_clip
from tests.e2e.browser import Person
from tests.e2e.server import Installation, Process, Script

pytestmark = pytest.mark.browser

LATE_S = 3600
CAPTIONS = "".join(
    f"{second + 1}\n00:00:0{second},000 --> 00:00:0{second},900\nLine {second}.\n\n"
    for second in range(8)
)


@pytest.fixture(scope="module")
def viewer(installation: Installation, site: Process) -> Iterator[Script]:
    """The API as a person named viewer."""
    with Script(site.url, installation.person("viewer")) as script:
        yield script


@pytest.fixture
def opened(viewer: Script, browser: Browser, site: Process) -> Iterator[Callable[..., Page]]:
    """Uploads a clip and opens its page at 4.2 s."""
    context = browser.new_context(locale="en-US")

    def open_video(clip: Path, *, locale: str = "en") -> Page:
        captions = clip.with_suffix(".srt")
        captions.write_text(CAPTIONS, encoding="utf-8")
        video = viewer.video(viewer.upload(clip, captions))
        page = context.new_page()
        Person(page, site.url).log_in("viewer")
        page.set_extra_http_headers({"Accept-Language": locale})
        page.goto(f"{site.url}/videos/{video['id']}#t=4.2")
        return page

    yield open_video
    context.close()


@pytest.mark.parametrize(("suffix", "codec"), [(".webm", "libvpx"), (".mp4", "libx264")])
def test_a_clock_that_starts_late_is_not_shown(
    opened: Callable[..., Page], tmp_path: Path, suffix: str, codec: str
):
    options = ("-output_ts_offset", str(LATE_S))
    clip = make_clip(tmp_path / f"late{suffix}", seconds=8, codec=codec, extra=options)

    page = opened(clip)

    if suffix == ".webm":
        expect(page.locator("[data-now]")).to_have_text("0:04")
        expect(page.locator("[aria-current=true].cue")).to_have_text("Line 4.")
    page.locator("[data-captions]").click()
    page.locator("#video").evaluate("video => { video.muted = true; return video.play(); }")
    video, cue = "document.querySelector('#video')", "document.querySelector('.cue[aria-current]')"
    page.wait_for_function(f"() => {video}.currentTime > {LATE_S}")
    page.wait_for_function(
        f"() => {video}.textTracks[0].activeCues?.[0]?.text === {cue}?.textContent"
    )
    expect(page.locator("[data-now]")).to_have_text("0:07")
    assert float(page.locator("[data-seekbar]").get_attribute("max") or 0) < 9


@pytest.mark.parametrize(("locale", "words"), [("en", "cannot show the picture"), ("ko", "화면은")])
def test_a_picture_that_the_browser_cannot_show_is_named_at_once(
    opened: Callable[..., Page], tmp_path: Path, locale: str, words: str
):
    clip = make_clip(tmp_path / "hevc.mp4", seconds=8, codec="libx265")

    page = opened(clip, locale=locale)

    assert page.locator("#video").evaluate("video => video.error") is None
    expect(page.locator("[data-trouble]")).to_contain_text(words)
