"""Many videos in the library: chosen by mouse, keys and touch, tagged, deleted and brought back."""

import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.clips import make_clip
from tests.e2e.browser import Person
from tests.e2e.server import Installation, Process, Script

pytestmark = pytest.mark.browser

NAME = "librarian"
COUNT = 5


@pytest.fixture(scope="module", autouse=True)
def videos(
    installation: Installation, site: Process, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Videos named clip 0 to clip 4."""
    folder = tmp_path_factory.mktemp("library")
    made = make_clip(folder / "clip.mp4", seconds=1)
    with Script(site.url, installation.person(NAME)) as script:
        for number in range(COUNT):
            path: Path = shutil.copyfile(made, folder / f"clip {number}.mp4")
            with path.open("rb") as source:
                script.post("/v1/videos", expected=201, files={"file": source})
        for video in script.get("/v1/videos")["results"]:
            script.video(video["id"])


@pytest.fixture(params=["mouse"])
def page(browser: Browser, site: Process, request: pytest.FixtureRequest) -> Iterator[Page]:
    is_touch = request.param == "touch"
    context = browser.new_context(
        locale="en-US",
        viewport={"width": 390 if is_touch else 1280, "height": 844},
        has_touch=is_touch,
        is_mobile=is_touch,
        reduced_motion="reduce",
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in(NAME)
    person.page.goto(f"{site.url}/?sort=title&view=grid")
    expect(person.page.locator("[data-choose-all]")).to_have_count(1)
    yield person.page
    context.close()
    assert person.complaints == []


def box(page: Page, number: int) -> Locator:
    return page.get_by_label(f"Select clip {number}", exact=True)


def expect_chosen(page: Page, *numbers: int) -> None:
    """These are chosen, and the bar says how many."""
    for number in range(COUNT):
        expect(box(page, number)).to_be_checked(checked=number in numbers)
    if numbers:
        expect(page.locator("[data-chosen-count]")).to_have_text(f"{len(numbers)} selected")
    else:
        expect(page.locator("#chosen")).to_be_hidden()


def test_a_range_is_chosen_by_mouse_tagged_narrowed_and_undone(page: Page):
    box(page, 1).check()
    box(page, 3).click(modifiers=["Shift"])
    expect_chosen(page, 1, 2, 3)

    page.get_by_role("button", name="Tags").click()
    page.locator("#dialog").get_by_label("Add").fill("Talk, Draft")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The tags of 3 videos are changed.")).to_be_visible()
    expect(page.locator("#dialog")).to_be_hidden()
    expect_chosen(page, 1, 2, 3)
    page.locator(".library__tags").get_by_text(re.compile("Talk")).click()
    expect(page.locator(".video-card")).to_have_count(3)
    expect(page).to_have_url(re.compile("tag=Talk"))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="No video matches")).to_be_visible()


def test_keys_choose_delete_and_undo(page: Page):
    box(page, 0).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect_chosen(page, 0, 1, 2)
    page.keyboard.press("Escape")
    expect_chosen(page)
    page.keyboard.press("Control+a")
    expect_chosen(page, *range(COUNT))
    box(page, 4).uncheck()
    page.keyboard.press("Delete")

    expect(page.get_by_text("4 videos are deleted.")).to_be_visible()
    expect(page.locator(".video-card")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".video-card")).to_have_count(COUNT)


@pytest.mark.parametrize("page", ["touch"], indirect=True)
def test_by_touch_some_are_processed_again(page: Page):
    page.locator("#view").get_by_text("List").tap()
    expect(page.locator(".library__list .video-card")).to_have_count(COUNT)
    box(page, 0).tap()
    box(page, 2).tap()
    expect_chosen(page, 0, 2)

    page.get_by_role("button", name="Process again").tap()
    page.locator("#dialog").get_by_label("Spoken language").select_option("ko")
    page.get_by_role("button", name="Process 2 videos again").tap()

    expect(page.get_by_text("2 videos are processed again.")).to_be_visible()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".video-card progress")).to_have_count(0)  # both are done again
    expect_chosen(page, 0, 2)


def test_all_of_several_pages_are_chosen_deleted_and_brought_back(
    browser: Browser, site: Process, installation: Installation
):
    installation.person("collector")
    copy_video(installation, "collector", times=60)
    context = browser.new_context(locale="en-US", reduced_motion="reduce")
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in("collector")
    page = person.page
    page.goto(f"{site.url}/?view=grid&sort=title")
    count = page.locator("[data-chosen-count]")
    page.get_by_label("Select copy 10", exact=True).check()

    page.get_by_role("button", name="Select all on this page").click()
    expect(count).to_have_text("48 selected")
    page.get_by_role("button", name="Select all 60").click()
    expect(count).to_have_text("60 selected")
    page.get_by_label("Select copy 10", exact=True).uncheck()
    expect(count).to_have_text("59 selected")
    page.locator("#chosen-tags").click()
    page.locator("#dialog").get_by_label("Add").fill("Copy")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The tags of 59 videos are changed.")).to_be_visible()
    expect(count).to_have_text("59 selected")
    page.locator("#chosen-delete").click()

    expect(page.get_by_text("59 videos are deleted.")).to_be_visible()
    expect(page.locator(".video-card")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".library__sums")).to_contain_text("60 videos")
    context.close()
    assert person.complaints == []


def copy_video(installation: Installation, name: str, *, times: int) -> None:
    """Give a person so many rows of a video of the librarian's, named copy 10 and so on."""
    [[owner_id]] = installation.execute("SELECT id FROM accounts_user WHERE username = ?", name)
    columns = [row[1] for row in installation.execute("PRAGMA table_info(videos_video)")]
    [row, *_] = installation.execute("SELECT * FROM videos_video")
    places = ", ".join("?" for _ in columns)
    for number in range(times):
        own = {"id": uuid.uuid4().hex, "title": f"copy {10 + number}", "owner_id": owner_id}
        own["source_key"] = f"copies/{number}.mp4"
        values = [own.get(column, value) for column, value in zip(columns, row, strict=True)]
        installation.execute(f"INSERT INTO videos_video VALUES ({places})", *values)  # noqa: S608 -- question marks
