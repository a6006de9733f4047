"""What a person sees: from choosing a file to a Short that plays and is saved; expiry, limit and too long."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mediakit.probing.probe import probe
from tests.clips import make_clip
from tests.e2e.browser import FAILED, SCREENSHOTS, Person
from tests.e2e.server import Installation, Process, Script

pytestmark = pytest.mark.browser

DIALOG = "#dialog"


@pytest.fixture
def person(site: Process, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Yield a person at a fresh browser. Saves a screenshot of the page when the test fails."""
    context = browser.new_context(
        locale="en-US", viewport={"width": 1440, "height": 900}, accept_downloads=True
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    yield person
    if request.node.stash.get(FAILED, False):
        SCREENSHOTS.mkdir(exist_ok=True)
        person.page.screenshot(path=SCREENSHOTS / f"{request.node.name}.png", full_page=True)
        sys.stderr.write(person.page.locator("body").aria_snapshot())
    context.close()
    assert person.complaints == []


def test_from_a_file_to_a_short_that_plays(
    installation: Installation, person: Person, talk: tuple[Path, Path], tmp_path: Path
):
    installation.person("creator")
    page = person.page
    person.log_in("creator")

    page.get_by_role("link", name="Upload").first.click()
    page.locator("input[type=file][name=file]").set_input_files(talk[0])
    page.locator("[data-list] [data-title]").fill("A talk <b>in bold</b>")
    page.locator("[data-list] [data-captions]").set_input_files(talk[1])
    place = page.locator("[data-start]").bounding_box()
    expect(page.locator("[data-captions-preview]")).to_contain_text("first lines")
    assert page.locator("[data-start]").bounding_box() == place  # it stays under the pointer
    page.locator("[data-start]").click()
    page.locator("#uploads a", has_text="Open").click()

    expect(page.get_by_role("heading", name="A talk <b>in bold</b>").first).to_be_visible()
    expect(page.locator("[data-scenes]")).to_contain_text("very short talk")
    person.play("#video")
    page.locator("[data-cue]").nth(1).click()
    page.wait_for_function("() => document.querySelector('#video').currentTime > 2")

    page.locator("[data-scene] [data-export]").first.click()
    dialog = page.locator(DIALOG)
    expect(dialog.get_by_role("heading", name="Export to Short")).to_be_visible()
    stills = dialog.locator(".framing .still__picture")
    for index in range(3):
        expect(stills.nth(index)).to_have_js_property("naturalHeight", 480)
    dialog.get_by_label("To", exact=True).fill("0:03.000")
    dialog.get_by_label("From", exact=True).fill("0:00.500")
    medium = dialog.locator("[name=quality][value=medium]")
    place = medium.bounding_box()
    dialog.locator("[name=strategy][value=letterbox]").check()
    expect(dialog.get_by_text("Adjust the framing")).to_be_hidden()
    assert medium.bounding_box() == place  # nothing moves away from the pointer
    medium.check()
    dialog.locator("[data-submit]").click()
    expect(dialog.get_by_role("heading", name="Making your Short")).to_be_visible()
    expect(dialog.get_by_role("heading", name="Your Short is ready")).to_be_visible()

    person.play(f"{DIALOG} .export-state__short")
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Download Short").click()
    file = tmp_path / "short.mp4"
    download.value.save_as(file)
    assert re.fullmatch(
        r".*very short talk.* - 0\.00-0\.03\.mp4", download.value.suggested_filename
    )
    info = probe(str(file))
    assert (info.video.display_width, info.video.display_height) == (1080, 1920)
    assert abs(info.duration_ms - 2_500) <= 100

    page.goto(f"{person.url}/exports")
    delete_and_bring_back(page)
    see_it_expire(installation, person)


def delete_and_bring_back(page: Page) -> None:
    """The list's only Short is found by its video's title, chosen, deleted and brought back."""
    page.get_by_role("searchbox", name="Find an export").fill("in bold")
    page.wait_for_url("**/exports?q=in*bold")
    expect(page.locator(".export-item")).to_have_count(1)
    page.get_by_role("checkbox").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="Delete the selected").click()
    expect(page.locator(".export-item")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".export-item")).to_have_count(1)


def see_it_expire(installation: Installation, person: Person) -> None:
    """After a day the page's only Short has expired, and the page says so."""
    page = person.page
    file_url = page.get_by_role("link", name="Download Short").get_attribute("href")
    installation.execute(
        "UPDATE exports_export SET expires_at = created_at"
        " WHERE owner_id = (SELECT id FROM accounts_user WHERE username = 'creator')"
    )
    installation.manage("expire_exports")

    page.reload()
    expect(page.locator(".export-item")).to_contain_text("xpired")
    page.get_by_role("link", name="Export again").click()
    dialog = page.locator(DIALOG)
    expect(dialog.get_by_label("From", exact=True)).to_have_value("0:00.500")
    expect(dialog.locator("[name=strategy][value=letterbox]")).to_be_checked()
    expect(dialog.locator("[name=quality][value=medium]")).to_be_checked()
    page.keyboard.press("Escape")
    answer = page.goto(f"{person.url}{file_url}")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="This file is gone")).to_be_visible()


def test_too_long_and_the_limit_as_a_person_sees_them(
    installation: Installation, person: Person, tmp_path: Path
):
    token = installation.person("eager")
    installation.execute("UPDATE accounts_user SET export_limit = 1 WHERE username = 'eager'")
    clip = tmp_path / "long.mp4"
    make_clip(clip, seconds=190, size=(160, 90), fps=5)
    captions = tmp_path / "long.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:04,000\nOne line.\n", encoding="utf-8")
    with Script(person.url, token) as script:
        video = script.video(script.upload(clip, captions))
    page = person.page
    person.log_in("eager")

    page.goto(f"{person.url}/videos/{video['id']}/export?start_ms=0&end_ms=180001")
    expect(page.get_by_text("180").first).to_be_visible()
    page.get_by_label("To", exact=True).fill("3:00.001")
    expect(page.locator("[data-range-error]")).to_have_text("A Short is at most 180 s long.")
    expect(page.locator("[data-submit]")).to_be_disabled()
    page.get_by_label("To", exact=True).fill("1:30")
    expect(page.locator("[data-range-warning]")).to_be_visible()
    page.get_by_label("To", exact=True).fill("0:01")
    expect(page.locator("[data-range-error]")).to_be_hidden()
    page.locator("[data-submit]").click()
    expect(page.get_by_role("heading", name="Your Short is ready")).to_be_visible()

    page.goto(f"{person.url}/videos/{video['id']}")
    page.locator("[data-scene] [data-export]").first.click()
    dialog = page.locator(DIALOG)
    expect(dialog).to_contain_text("The next place is free in")
    expect(dialog.locator("[data-submit]")).to_be_disabled()


def test_a_shot_override_goes_from_the_scrubber_to_the_export(
    installation: Installation, person: Person, talk: tuple[Path, Path]
):
    with Script(person.url, installation.person("framer")) as script:
        video = script.video(script.upload(*talk))
        page = person.page
        person.log_in("framer")
        page.goto(f"{person.url}/videos/{video['id']}/export?start_ms=1000&end_ms=3000")

        page.locator(".framing-editor > summary").click()
        tools = page.locator("[data-framing-tools]")
        expect(tools).not_to_have_attribute("inert", "")  # the analysis is finished
        expect(page.locator("[data-framing-state]")).to_have_text("Shots: 1")
        expect(page.locator("[data-framing-picture]")).to_have_attribute(
            "href", re.compile(r"/still/whole/1000\.jpg$")
        )
        scrubber = page.get_by_label("Moment in the range")
        scrubber.fill("2000")
        stage = page.locator("[data-framing-stage]")
        size = stage.bounding_box()
        assert size is not None
        stage.click(position={"x": size["width"] * 0.9, "y": size["height"] / 2})

        expect(page.locator("[data-framing-state]")).to_have_text("Shots: 1, as you wish: 1")
        smart = page.locator('.framing img[data-pattern*="/smart_crop/"]')
        expect(smart).to_have_attribute("src", re.compile(r"framing=.*focus"))
        window = page.locator("[data-framing-window]").first
        left, width = (float(window.get_attribute(name) or 0) for name in ("x", "width"))
        assert left + width == pytest.approx(640, abs=1)  # it stops at the picture's edge
        stage.press("ArrowLeft")
        assert float(window.get_attribute("x") or 0) == pytest.approx(left - 0.02 * 640, abs=1)
        layout = page.locator("[data-framing-layout]")
        expect(layout).to_have_value("crop")
        layout.select_option("")
        expect(page.locator("[name=framing]")).to_have_value("")
        expect(smart).to_have_attribute("src", re.compile(r"\.jpg\?v=\d+-1080%3A1920$"))
        layout.select_option("inset")
        drawn = page.get_by_role(
            "application"
        )  # a box to begin with, to be moved, pulled and nudged
        corner = drawn.bounding_box()
        assert corner is not None
        page.mouse.move(corner["x"], corner["y"])
        page.mouse.down()
        page.mouse.move(size["x"], size["y"], steps=3)
        page.mouse.up()
        page.locator("[data-framing-share] input").fill("70")
        drawn.press("Shift+ArrowLeft")
        assert json.loads(page.locator("[name=framing]").input_value()) == {
            "two_people": "auto",
            "person_share": 0.7,
            "shots": [{"at_s": 1.02, "layout": "inset", "box": [0, 0, 0.96, 0.95]}],
        }
        page.get_by_role("button", name="Automatic").click()
        layout.select_option("fit")
        page.locator("[data-submit]").click()
        expect(page.get_by_role("heading", name="Making your Short")).to_be_visible()

        assert script.get("/v1/exports")["results"][0]["start_s"] == 1
    ((kept,),) = installation.execute(
        "SELECT framing FROM exports_export JOIN accounts_user AS owner ON owner.id = owner_id"
        " WHERE owner.username = 'framer'"
    )
    assert '"at_ms": 1020' in kept
    assert '"layout": "fit"' in kept


def test_an_upload_goes_on_after_minutes_without_a_connection(
    installation: Installation, person: Person, talk: tuple[Path, Path]
):
    installation.person("traveller")
    page = person.page
    person.log_in("traveller")
    page.get_by_role("link", name="Upload").first.click()
    page.locator("input[type=file][name=file]").set_input_files(talk[0])
    page.clock.install()
    page.context.set_offline(True)
    page.locator("[data-start]").click()

    state, go_on = page.locator("#uploads [data-state]"), page.get_by_role("button", name="Go on")
    expect(state).to_have_text("The connection is lost. Trying again by itself.")
    while not go_on.is_visible():
        page.clock.fast_forward(31_000)
    expect(state).to_contain_text("The server does not answer.")

    page.context.set_offline(False)
    expect(page.locator("#uploads a", has_text="Open")).to_be_visible()


@pytest.mark.parametrize("missing", ["javascript", "the modules"])
def test_a_file_can_be_sent_where_scripts_do_not_run(
    installation: Installation, site: Process, browser: Browser, missing: str
):
    name = missing.rsplit(maxsplit=1)[-1]
    installation.person(name)
    context = browser.new_context(locale="en-US", java_script_enabled=missing != "javascript")
    context.route("**/js/app*.js", lambda route: route.abort())
    person = Person(context.new_page(), site.url)
    person.log_in(name)
    person.page.goto(f"{site.url}/upload")
    expect(person.page.get_by_role("button", name="Upload the video")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    ("locale", "expected"), [("en-US", {"latin"}), ("ko-KR", {"latin", "korean"})]
)
def test_a_page_fetches_the_letters_it_needs(
    site: Process, browser: Browser, locale: str, expected: set[str]
):
    context = browser.new_context(locale=locale)
    page = context.new_page()
    fetched: set[str] = set()
    page.on(
        "request", lambda request: fetched.update(re.findall(r"/fonts/([\w-]+)\.", request.url))
    )

    page.goto(f"{site.url}/account/login", wait_until="networkidle")

    assert fetched == expected
    shown = page.evaluate("[...document.fonts].filter(face => face.status === 'loaded').length")
    assert shown >= len(expected)
    with page.expect_request(re.compile("/fonts/")):
        page.locator("h1").evaluate("heading => { heading.textContent = '뚫' }")  # a less usual one
    assert len(fetched - expected - {"korean"}) == 1
    context.close()
