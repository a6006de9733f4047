"""Pages that remember: Back, Forward and a reload, dialogs in the history, and keys under every layout."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.clips import make_clip
from tests.e2e.browser import Person
from tests.e2e.server import Installation, Process, Script

pytestmark = pytest.mark.browser

LINES = 60
CAPTIONS = "".join(
    f"{line + 1}\n00:00:{line:02},000 --> 00:00:{line:02},900\nThis is line {line} of the talk.\n\n"
    for line in range(LINES)
)


@pytest.fixture(scope="module")
def video_id(
    installation: Installation, site: Process, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A minute with a line a second, of a person named returner."""
    clip = make_clip(tmp_path_factory.mktemp("returning") / "lines.mp4", seconds=LINES)
    captions = clip.with_suffix(".srt")
    captions.write_text(CAPTIONS, encoding="utf-8")
    with Script(site.url, installation.person("returner")) as script:
        return str(script.video(script.upload(clip, captions))["id"])


@pytest.fixture
def page(browser: Browser, site: Process, video_id: str) -> Iterator[Page]:
    """The video's page, entered from the library by its link."""
    context = browser.new_context(
        locale="en-US", viewport={"width": 1280, "height": 480}, reduced_motion="reduce"
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in("returner")
    person.page.locator(f"a[href$='/videos/{video_id}']").first.click()
    expect(person.page.locator("#video")).to_be_visible()
    expect(person.page.locator("[data-player] [data-controls]")).to_be_visible()  # by its scripts
    person.page.wait_for_function("() => document.querySelector('#video').readyState > 0")
    yield person.page
    context.close()
    assert person.complaints == []


def dialog(page: Page) -> Locator:
    """The shared dialog with the form of an export in it."""
    page.locator("[data-export]:visible").first.click()
    found = page.locator("#dialog")
    expect(found.get_by_role("heading", name="Export to Short")).to_be_visible()
    return found


def test_back_closes_a_dialog_and_leaves_the_page(page: Page):
    url = page.url
    page.evaluate("() => { document.querySelector('#video').currentTime = 12 }")
    open_dialog = dialog(page)

    page.go_back()

    expect(open_dialog).to_be_hidden()
    assert page.url == url
    assert page.locator("#video").evaluate("video => video.currentTime") == 12
    page.go_back()
    expect(page.get_by_role("heading", name="Library", level=1)).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize("how", ["key", "button"])
def test_a_closed_dialog_leaves_no_step_back_behind(page: Page, how: str):
    open_dialog = dialog(page)
    if how == "key":
        page.keyboard.press("Escape")
    else:
        open_dialog.locator("[data-close]").first.click()
    expect(open_dialog).to_be_hidden()
    page.wait_for_function("() => !history.state?.dialog")

    page.go_back()

    expect(page.get_by_role("heading", name="Library", level=1)).to_be_visible()


def test_forward_opens_no_dialog_again(page: Page, video_id: str):
    open_dialog = dialog(page)
    page.go_back()
    expect(open_dialog).to_be_hidden()

    page.go_forward()

    page.wait_for_function("() => !history.state?.dialog")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.url.endswith(video_id)


def test_a_dialog_that_comes_after_the_page_was_left_stays_away(page: Page):
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("/export"), hold)
    page.locator("[data-export]:visible").first.click()
    page.wait_for_timeout(200)
    assert held
    page.go_back()
    expect(page.get_by_role("heading", name="Library", level=1)).to_be_visible()

    for route in held:
        route.continue_()
    page.wait_for_timeout(1500)

    expect(page.locator("dialog[open]")).to_have_count(0)


def test_returning_brings_back_place_speed_and_search(page: Page, video_id: str):
    page.locator("[data-speed]").select_option("1.5")
    page.locator("[data-find-words]").fill("line 41")
    expect(page.locator("[data-find-count]")).to_have_text("1 of 1")
    page.evaluate("() => { document.querySelector('#video').currentTime = 33 }")
    scroll = page.evaluate("() => { window.scrollTo(0, 400); return scrollY }")
    assert scroll > 100
    page.locator("a.nav__link", has_text="Exports").dispatch_event(
        "click"
    )  # without scrolling to it
    expect(page.get_by_role("heading", name="Exports", level=1)).to_be_visible()

    page.go_back()

    expect_place(page, scroll=scroll, seconds=33)
    expect(page.locator("[data-speed]")).to_have_value("1.5")
    expect(page.locator("[data-find-words]")).to_have_value("line 41")

    page.reload()

    expect_place(page, scroll=scroll, seconds=33)
    assert page.locator("#video").evaluate("video => video.playbackRate") == 1.5

    page.locator("a.nav__link", has_text="Library").click()
    page.locator(f"a[href$='/videos/{video_id}']").first.click()

    expect(page.locator("#video")).to_be_visible()
    expect(page.locator("[data-find-words]")).to_have_value("")  # a link begins anew
    assert page.evaluate("() => scrollY") == 0


def expect_place(page: Page, *, scroll: int, seconds: int) -> None:
    """The page becomes scrolled so far, and the video stands so far."""
    page.wait_for_function("wanted => Math.abs(scrollY - wanted) < 3", arg=scroll)
    page.wait_for_function(
        "wanted => Math.abs(document.querySelector('#video').currentTime - wanted) < 0.2",
        arg=seconds,
    )


def test_the_transcript_follows_a_paused_scrub(page: Page):
    page.locator("[data-seekbar]").evaluate(
        "line => { line.value = 50; line.dispatchEvent(new Event('input', {bubbles: true})); }"
    )

    cue = page.locator(".cue[aria-current]")
    expect(cue).to_have_text("This is line 50 of the talk.")
    expect(cue).to_be_in_viewport()


@pytest.mark.parametrize(("typed", "slash"), [("ㅏ", "/"), ("л", ".")])  # Hangul, Cyrillic
def test_keys_work_under_layouts_of_other_scripts(page: Page, typed: str, slash: str):
    press = "([key, code]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true}))"

    page.evaluate(press, [typed, "KeyK"])
    page.wait_for_function("() => !document.querySelector('#video').paused")
    page.evaluate(press, [typed, "KeyK"])
    page.wait_for_function("() => document.querySelector('#video').paused")
    page.evaluate(press, [slash, "Slash"])

    expect(page.locator("[data-search]:focus")).to_have_count(1)
