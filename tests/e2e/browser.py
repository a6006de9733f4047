"""A real browser for tests: a person at a page, and what the browser had to complain about."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright

from tests.e2e.server import PASSWORD

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam

SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
FAILED = pytest.StashKey[
    bool
]()  # on a test: whether it failed, so that its page is kept as a picture
PATIENCE_MS = 60_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, without a window; where it has none, the one that Playwright installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=FLAGS, timeout=PATIENCE_MS
        )
        try:
            yield browser
        finally:
            browser.close()


_COOKIES: dict[tuple[str, str], list["SetCookieParam"]] = {}  # by the site's address and the name


@dataclass
class Person:
    """A person at a browser.

    `complaints` are errors of scripts, of the content policy and of the server. No slots: Playwright keeps notes on it.
    """

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Begin to note what goes wrong."""
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("response", self._on_response)

    def log_in(self, name: str) -> None:
        """Log in by the form; who has done so at this site only brings the cookies again."""
        cookies = _COOKIES.get((self.url, name))
        if cookies is not None:
            self.page.context.add_cookies(cookies)
        self.page.goto(f"{self.url}/")
        if cookies is None:
            self.page.get_by_label("Username").fill(name)
            self.page.get_by_label("Password").fill(PASSWORD)
            self.page.get_by_role("button", name="Log in").click()
            self.page.wait_for_url(f"{self.url}/")
            _COOKIES[self.url, name] = cast("list[SetCookieParam]", self.page.context.cookies())
        expect(self.page.get_by_role("heading", name="Library", level=1)).to_be_visible()

    def play(self, selector: str) -> None:
        """Play a video without sound until its time has moved on by a third of a second."""
        video = self.page.locator(selector)
        video.evaluate("video => { video.muted = true; return video.play(); }")
        handle = video.element_handle()
        self.page.wait_for_function("video => video.currentTime > 0.3", arg=handle)
        video.evaluate("video => video.pause()")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")


@contextmanager
def video_page(
    browser: Browser, url: str, video_id: str, *, name: str, width: int
) -> Iterator[Person]:
    """A person on the page of a video whose scripts listen; below 500 px on a phone."""
    context = browser.new_context(
        locale="en-US",
        viewport={"width": width, "height": 844},
        has_touch=width < 500,
        reduced_motion="reduce",
    )
    person = Person(context.new_page(), url)
    person.watch()
    person.log_in(name)
    person.page.goto(f"{url}/videos/{video_id}")
    expect(person.page.locator("[data-player] [data-controls]")).to_be_visible()
    yield person
    context.close()


def touch(page: Page, steps: list[list[tuple[float, float]]]) -> None:
    """Fingers go down where the first step says, are moved to the others, and lifted."""
    session = page.context.new_cdp_session(page)
    for number, step in enumerate(steps):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(step)]
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
