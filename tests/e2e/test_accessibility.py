"""Pages for everybody: axe finds nothing serious on any page in both languages, and a zoomed page shows its words."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.clips import make_clip
from tests.e2e.browser import Person
from tests.e2e.server import ROOT, Installation, Process, Script

pytestmark = pytest.mark.browser

NAME = "reader"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FIND = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const serious = found.violations.filter((rule) => ["serious", "critical"].includes(rule.impact));
  const told = (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`);
  return serious.flatMap(told);
}"""
OPEN_DETAILS = (
    "() => { for (const one of document.querySelectorAll('main details')) one.open = true; }"
)
# What a page fetches by itself when it opens has been put into it.
IS_WHOLE = (
    "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-added, .htmx-settling')"
)
SHOW = "([id, is_open]) => document.getElementById(id)[is_open ? 'showModal' : 'close']()"
ON_TOP = """line => {
  const box = line.getClientRects()[0];
  return document.elementFromPoint(box.x + 4, box.y + box.height / 2) === line;
}"""
STRANGERS_PAGES = ("account/login", "account/signup", "account/forgotten", "account/reset/a/b")


@dataclass(frozen=True)
class Content:
    """What a person has, by ids: two videos, of which one has no words, and two finished Shorts of one batch."""

    video: str
    without_words: str
    scene: str
    clip: str
    export: str
    batch: str

    @property
    def pages(self) -> list[str]:
        """The addresses of the person's pages."""
        videos = [f"videos/{self.video}", f"videos/{self.without_words}"]
        lists = [
            "?view=list",
            "?view=grid",
            "?q=nothing",
            "upload",
            "search",
            "search?q=video",
            "search?q=zzz",
            "exports",
        ]
        dialogs = [f"videos/{self.video}/batch", f"scenes/{self.scene}/export"]
        dialogs += [f"library/{name}?video={self.video}" for name in ("tags", "again")]
        dialogs += [f"videos/{self.video}/{name}" for name in ("cut-list", "replace", "speakers")]
        results = [f"batches/{self.batch}"]
        account = ["account/settings", "account/password", "glossary", "no-such-page"]
        return [*lists, *videos, *dialogs, *results, *account]

    def admin_pages(self, user_id: int) -> list[str]:
        """The addresses of pages of staff, below `admin/`."""
        rows = [
            f"videos/video/{self.video}",
            f"exports/export/{self.export}",
            f"accounts/user/{user_id}",
        ]
        lists = ["videos/video", "exports/export", "accounts/user", "accounts/accesstoken"]
        lists += ["axes/accessattempt", "videos/proxy"]
        forms = ["accounts/user/add", "auth/group/add", f"accounts/user/{user_id}/password"]
        ends = [f"{rows[0]}/delete", f"{rows[0]}/history", "password_change"]
        return [
            "",
            *(f"{path}/" for path in [*lists, *(f"{row}/change" for row in rows), *forms, *ends]),
        ]


@pytest.fixture(scope="module")
def content(
    installation: Installation,
    site: Process,
    talk: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Content:
    """The things of a person who is staff, too."""
    silent = make_clip(tmp_path_factory.mktemp("silent") / "silent.mp4", seconds=1)
    with Script(site.url, installation.person(NAME)) as script:
        video_id = script.upload(*talk)
        with silent.open("rb") as source:
            other = script.post("/v1/videos", expected=201, files={"file": source})["id"]
        script.video(video_id)
        clips: list[str] = []
        for start_s in (1.0, 6.0):
            kept = [{"start_s": start_s, "end_s": start_s + 1.5}]
            clip = {"video_id": video_id, "title": f"From {start_s}", "ranges": kept}
            clips.append(script.post("/v1/clips", expected=201, json=clip)["id"])
        items = [{"clip_id": clip_id} for clip_id in clips]
        wanted: dict[str, Any] = {"items": items, "output_quality": "medium"}
        batch = script.post("/v1/batches", expected=202, json=wanted)
        for made in batch["exports"]:
            script.export(made["export_id"])
        script.video(other)
        script.post("/v1/videos/tags", expected=200, json={"videos": [other], "add": ["Silent"]})
        scene = script.get(f"/v1/videos/{video_id}/details")["scenes"][0]["id"]
    staff = "UPDATE accounts_user SET is_staff = 1, is_superuser = 1 WHERE username = ?"
    installation.execute(staff, NAME)
    export = batch["exports"][0]["export_id"]
    return Content(video_id, other, scene, clips[0], export, batch["batch_id"])


@dataclass
class Reader:
    """A person whose pages axe looks at; `found` says of which page something is wrong."""

    person: Person
    found: list[str]

    def look(self, path: str) -> None:
        """Go there, open what can be opened, and note what axe finds."""
        page = self.person.page
        page.goto(f"{self.person.url}/{path}")
        page.wait_for_function(IS_WHOLE)
        page.evaluate(OPEN_DETAILS)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        self.note(path)

    def note(self, where: str) -> None:
        """Note what axe finds on the page that is shown."""
        self.found += [f"{where}: {problem}" for problem in self.person.page.evaluate(FIND)]


@pytest.fixture(params=["en", "ko"])
def reader(
    browser: Browser, site: Process, content: Content, request: pytest.FixtureRequest
) -> Iterator[Reader]:
    """One who reads English by day on a desk, or Korean by night on a phone."""
    is_korean = request.param == "ko"
    scheme: Literal["dark", "light"] = "dark" if is_korean else "light"
    context = browser.new_context(
        locale="en-US",
        viewport={"width": 390 if is_korean else 1280, "height": 844},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in(NAME)
    context.add_cookies([{"name": "django_language", "value": request.param, "url": site.url}])
    yield Reader(person, [])
    context.close()
    assert person.complaints == []


def test_axe_finds_nothing_serious_on_pages_and_in_dialogs(reader: Reader, content: Content):
    page = reader.person.page

    for path in [*content.pages, "v1/docs"]:
        reader.look(path)
    expect(page.locator(".opblock").first).to_be_visible()
    page.wait_for_load_state("networkidle")  # drawn by a library that tells of no end
    reader.note("v1/docs")
    reader.look(f"videos/{content.video}")
    for dialog in page.evaluate(
        "() => [...document.querySelectorAll('.main dialog')].map((d) => d.id)"
    ):
        page.evaluate(SHOW, [dialog, True])
        reader.note(dialog)
        page.evaluate(SHOW, [dialog, False])
    reader.look(f"exports/{content.export}")
    expect(page.locator("video track[kind=captions]")).to_have_count(1)  # axe leaves it to people
    page.context.clear_cookies(name="sessionid")
    for path in STRANGERS_PAGES:
        reader.look(path)

    assert reader.found == []


def test_axe_finds_nothing_serious_in_the_admin(
    reader: Reader, content: Content, installation: Installation
):
    [[user_id]] = installation.execute("SELECT id FROM accounts_user WHERE username = ?", NAME)

    for path in content.admin_pages(user_id):
        reader.look(f"admin/{path}")

    assert reader.found == []


@pytest.mark.parametrize(
    "size", [(640, 360), (320, 256)]
)  # 1280 x 720 at 200 %, 1280 x 1024 at 400 %
def test_a_zoomed_page_shows_the_words(
    browser: Browser, site: Process, content: Content, size: tuple[int, int]
):
    context = browser.new_context(
        locale="en-US", viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in(NAME)
    person.page.goto(f"{site.url}/videos/{content.video}")
    line = person.page.locator(".cue").nth(2)

    line.evaluate("line => line.scrollIntoView({ block: 'center' })")

    expect(line).to_be_in_viewport(ratio=1)
    assert line.evaluate(ON_TOP)
    assert person.page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
    context.close()
    assert person.complaints == []
