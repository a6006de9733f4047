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
def without_copies(
    tmp_path_factory: pytest.TempPathFactory, prepared: Installation
) -> Iterator[tuple[Installation, Process]]:
    """A running installation that makes no copies for playing."""
    settings = {"HEIMDEX_PLAYBACK_PROXIES": "no"}
    made = prepared.copied(tmp_path_factory.mktemp("plain"), settings)
    with made.serving() as server:
        yield made, server


@pytest.fixture(scope="module")
def hevc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of a picture that Chromium does not show."""
    return make_clip(tmp_path_factory.mktemp("hevc") / "a.mp4", seconds=8, codec="libx265")


def upload(installation: Installation, site: Process, name: str, clip: Path) -> str:
    """The page of a clip that a new person of this name uploads with captions, when it is ready."""
    captions = clip.with_suffix(".srt")
    captions.write_text(CAPTIONS, encoding="utf-8")
    with Script(site.url, installation.person(name)) as script:
        video = script.video(script.upload(clip, captions))
    return f"{site.url}/videos/{video['id']}"


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a person's page of a video at 4.2 s."""
    context = browser.new_context(locale="en-US")

    def open_video(site: Process, name: str, url: str) -> Page:
        page = context.new_page()
        Person(page, site.url).log_in(name)
        page.goto(f"{url}#t=4.2")
        return page

    yield open_video
    context.close()


@pytest.mark.parametrize(("suffix", "codec"), [(".webm", "libvpx"), (".mp4", "libx264")])
def test_a_clock_that_starts_late_is_not_shown(
    without_copies: tuple[Installation, Process],
    opened: Callable[..., Page],
    tmp_path: Path,
    suffix: str,
    codec: str,
):
    options = ("-output_ts_offset", str(LATE_S))
    clip = make_clip(tmp_path / f"late{suffix}", seconds=8, codec=codec, extra=options)
    person = f"late-{codec}"

    page = opened(without_copies[1], person, upload(*without_copies, person, clip))

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


def test_a_picture_that_the_browser_cannot_show_is_named_at_once(
    without_copies: tuple[Installation, Process], opened: Callable[..., Page], hevc: Path
):
    url = upload(*without_copies, "viewer", hevc)

    page = opened(without_copies[1], "viewer", url)

    for locale, words in (("en", "cannot show the picture"), ("ko", "화면은")):
        page.context.add_cookies([{"name": "django_language", "value": locale, "url": page.url}])
        page.reload()
        assert page.locator("#video").evaluate("video => video.error") is None
        expect(page.locator("[data-trouble]")).to_contain_text(words)


def test_a_copy_shows_the_picture_that_the_browser_cannot(
    installation: Installation, site: Process, opened: Callable[..., Page], hevc: Path
):
    page = opened(site, "copied", upload(installation, site, "copied", hevc))

    expect(page.get_by_text("A small copy for playing is here")).to_be_visible()
    page.wait_for_function("() => document.querySelector('#video').videoWidth > 0")
    expect(page.locator("[data-trouble]")).to_be_hidden()
