"""A real browser on pages full of hostile texts: no script runs, no other host is contacted, no error is logged."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

from accounts.models import AccessToken, User
from mediakit.probing.probe import probe
from storage import files
from tests.clips import make_clip
from tests.e2e.browser import PATIENCE_MS
from tests.factories import CueFactory, ExportFactory, SceneFactory, UserFactory, VideoFactory
from tests.security.strings import HOSTILE_TEXTS, MARK

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("templates_as_deployed")]

# Runs before anything else on every page: what a hostile text would call, and every breach of the policy.
WATCH = """
window.pwn = (what) => console.error(`pwned by ${what}`);
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Watched:
    """A page, and everything about it that must not be. No slots: Playwright keeps notes on it."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Note dialogs, errors, breaches of the policy, other hosts, and answers of 500."""
        page = self.page
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(WATCH)
        page.on("console", self._on_console)
        page.on(
            "pageerror",
            lambda error: self.complaints.append(f"script at {page.url}: {error} {error.stack}"),
        )
        page.on("dialog", self._on_dialog)
        page.on("popup", lambda other: self.complaints.append(f"popup: {other.url}"))
        page.on("request", self._on_request)
        page.on("download", lambda file: self.complaints.append(f"download: {file.url}"))

    def visit(self, path: str) -> None:
        """Open a page and let it come to rest."""
        answer = self.page.goto(f"{self.url}{path}", wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, path
        assert (
            self.page.evaluate(
                "document.querySelectorAll('[onerror], [onload], iframe, base').length"
            )
            == 0
        )

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url} {message.type}: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.url).netloc:
            self.complaints.append(f"asked {request.url}")


@pytest.fixture
def watched(site: str, browser: Browser, client: Client, boss: User) -> Iterator[Watched]:
    """Staff at a browser."""
    client.force_login(boss)
    context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}]
    )
    visitor = Watched(context.new_page(), site)
    visitor.begin()
    yield visitor
    context.close()


def test_hostile_texts_are_only_shown(watched: Watched, boss: User, tmp_path):
    """All 31 texts in every field at once: titles, names, tags, speakers, words, tokens, users; pages and admin."""
    clip = make_clip(tmp_path / "clip.mp4", seconds=1, size=(160, 90), channels=0)
    person = UserFactory.create(username=HOSTILE_TEXTS[6])
    User.objects.filter(pk__in=[boss.pk, person.pk]).update(first_name=HOSTILE_TEXTS[7])
    video = VideoFactory.create(
        owner=boss,
        title=HOSTILE_TEXTS[9],
        filename=HOSTILE_TEXTS[8],
        duration_ms=1_000,
        probe=probe(str(clip)).to_json(),
    )
    files.save_bytes(video.source_key, clip.read_bytes(), content_type="video/mp4")
    for index, text in enumerate(HOSTILE_TEXTS):
        VideoFactory.create(owner=boss, title=text, filename=text, failed=True)
        span = {"start_ms": index * 30, "end_ms": index * 30 + 30}
        scene = SceneFactory.create(video=video, text=text, tags=[text, text], **span)
        words = [[span["start_ms"], span["end_ms"], text]]
        CueFactory.create(video=video, text=text, speaker=text, words=words, **span)
        export = ExportFactory.create(
            video=video, title=text, scene_id=scene.pk, failed=True, tool_output=text
        )
        token, _ = AccessToken.make(user=boss, name=text)

    watched.visit("/")
    assert watched.page.get_by_text(MARK).count() >= 20
    watched.visit(f"/videos/{video.pk}")
    page = watched.page
    page.evaluate(
        "document.querySelectorAll('track').forEach((track) => track.track.mode = 'showing')"
    )
    page.evaluate("document.querySelector('video')?.play().catch(() => null)")
    page.locator("[data-scene] [data-export]").first.click()
    page.get_by_role("heading", name="Export to Short").wait_for()
    for path in (
        "/exports",
        f"/exports/{export.pk}",
        f"/videos/{video.pk}/export?start_ms=0&end_ms=1000",
        "/account/settings",
        "/upload",
        f"/account/password?next={HOSTILE_TEXTS[7]}",
        "/admin/",
        "/admin/videos/video/",
        f"/admin/videos/video/{video.pk}/change/",
        f"/admin/videos/video/{video.pk}/delete/",
        "/admin/exports/export/",
        f"/admin/exports/export/{export.pk}/change/",
        "/admin/accounts/user/",
        f"/admin/accounts/user/{person.pk}/change/",
        f"/admin/accounts/accesstoken/{token.pk}/change/",
        f"/v1/videos/{video.pk}",
    ):
        watched.visit(path)

    assert not watched.complaints, "\n".join(watched.complaints)


def test_the_admin_works_without_eval(watched: Watched, boss: User):
    """What the theme does by script goes on working: theme, menus, filters, tabs, the choice of actions."""
    video = VideoFactory.create(owner=boss)
    SceneFactory.create(video=video)
    page = watched.page

    watched.visit("/admin/videos/video/")
    page.get_by_text("Filters").click()
    page.locator("#changelist-filter, [x-show=filterOpen]").first.wait_for()
    page.keyboard.press("Escape")
    box = page.locator("#result_list input.action-select, input.action-select").first
    box.check()
    page.locator("select[name=action]").wait_for()
    page.locator("select[name=action]").select_option("reprocess")
    page.locator("button[name=index], button:has-text('Run')").first.wait_for()
    watched.visit(f"/admin/videos/video/{video.pk}/change/")
    page.get_by_text(str(video.scenes.get().text)).first.wait_for()
    page.locator("[x-on\\:click='openUserLinks = !openUserLinks']").click()
    page.get_by_role("button", name="Log out").wait_for()
    watched.visit("/admin/accounts/user/add/")
    watched.visit("/v1/docs")
    page.get_by_text("/v1/exports/{export_id}/cancel").wait_for()

    assert not watched.complaints, "\n".join(watched.complaints)
