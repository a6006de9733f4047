"""A video and its captions that are dropped or chosen together."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.e2e.browser import Person
from tests.e2e.server import Installation, Process

pytestmark = pytest.mark.browser

DROP = """files => {
    const data = new DataTransfer();
    for (const [name, bytes] of files) {
        data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
    }
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
}"""


@pytest.fixture
def page(
    browser: Browser, site: Process, installation: Installation, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The library of a person who has nothing yet."""
    name = f"dropper of {request.node.originalname}"
    installation.person(name)
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in(name)
    yield person.page
    context.close()
    assert person.complaints == []


def drop(page: Page, *files: tuple[str, Path]) -> None:
    """Drop files under these names anywhere on the page."""
    page.evaluate(
        DROP, [[name, base64.b64encode(path.read_bytes()).decode()] for name, path in files]
    )


def test_a_pair_dropped_on_any_page_is_one_video_with_captions(page: Page, talk: tuple[Path, Path]):
    drop(page, ("talk.en.srt", talk[1]), ("talk.mp4", talk[0]))

    page.locator("#uploads").get_by_role("link", name="Open").click()

    expect(page.locator("#uploads .upload")).to_have_count(0)  # one upload, and it was opened
    expect(page.locator(".cue").first).to_be_visible()


def test_captions_of_an_unknown_video_are_asked_about(page: Page, talk: tuple[Path, Path]):
    drop(page, ("talk.mp4", talk[0]), ("interview.srt", talk[1]))

    question = page.get_by_label("Which video do these captions belong to?")
    expect(question).to_be_visible()
    assert page.url.endswith("/upload")
    page.locator("[data-start]").click()
    assert question.evaluate("select => select.validity.valueMissing")

    question.select_option(label="talk.mp4")

    expect(question).to_have_count(0)
    expect(page.locator("[data-list] [data-file-name]")).to_have_text("interview.srt")
    page.locator("[data-start]").click()
    page.locator("#uploads").get_by_role("link", name="Open").click()
    expect(page.locator(".cue").first).to_be_visible()


def test_captions_alone_wait_for_their_video(page: Page, talk: tuple[Path, Path]):
    drop(page, ("talk.srt", talk[1]))

    question = page.get_by_label("Which video do these captions belong to?")
    expect(question.locator("option")).to_have_text(["Add the video, too"])
    expect(page.locator("[data-start]")).to_be_hidden()

    page.locator("input[name=file]").set_input_files(talk[0])

    expect(question.locator("option")).to_have_count(2)
    page.locator("[data-remove]").first.click()
    expect(question).to_have_count(0)
    expect(page.locator("[data-start]")).to_be_visible()


def test_the_encoding_is_seen_and_chosen_before_the_upload(page: Page, talk: tuple[Path, Path]):
    page.locator("[data-upload-link]").click()
    page.locator("input[name=file]").set_input_files(talk[0])
    lines = "1\n00:00:01,000 --> 00:00:04,000\nĐak je u školi.\n"
    captions: FilePayload = {
        "name": "a.srt",
        "mimeType": "text/plain",
        "buffer": lines.encode("cp1250"),
    }
    page.locator("[data-list] [data-captions]").set_input_files(captions)
    shown = page.locator("[data-list] [data-captions-preview]")
    encoding = page.locator("[data-list] [data-encoding]")

    encoding.select_option("cp1254")
    expect(shown).to_contain_text("read as Windows-1254")
    encoding.select_option("cp1250")
    expect(shown).to_contain_text("Đak je u školi.")
    page.locator("[data-start]").click()
    page.locator("#uploads").get_by_role("link", name="Open").click()

    expect(page.locator(".cue").first).to_contain_text("Đak je u školi.")
    expect(page.get_by_text("was read as Windows-1250")).to_be_visible()
