"""Makes the pictures of the README and of docs/operations.md from the product's own demo talk.

    python -m scripts.make_screenshots [library transcript ...]

Starts Heimdex in a folder of its own, puts in the talk and parts of it, and takes each page in a light theme at
1440 px, and one on a phone. Needs what `make install` installs. Look at what it made before it is committed.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from mediakit.subtitles.cues.clock_offset import shift_earlier
from mediakit.subtitles.formats import parse_captions
from mediakit.subtitles.writers import write_vtt
from tests.e2e.browser import Person, chromium
from tests.e2e.server import ROOT, Installation, Process, Script

TARGET = ROOT / "docs" / "images"
TALK, CAPTIONS = ROOT / "demo" / "talk.mp4", ROOT / "demo" / "talk.vtt"
NAME = "mina"
PARTS = {  # parts of the talk in the library: where they begin, how long they are (s), their tags
    "Why long videos are hard": (0, 15, ["Keynote"]),
    "Words are the way in": (15, 20, ["Keynote", "Draft"]),
    "Scenes end on sentences": (35, 13, ["Workshop"]),
    "From wide to tall": (50, 22, ["Workshop", "Draft"]),
    "One good minute": (68, 22, ["Podcast"]),
    "Questions and answers": (8, 30, ["Podcast"]),
    "Rehearsal": (30, 25, ["Draft"]),
}
SMALL = "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=none"
# One Short that failed, as the front page of the admin shows it.
FAIL = """
import uuid
from accounts.models import User
from jobs.clock import database_now
from tests.factories import ExportFactory
from videos.models import Video
User.objects.filter(username={name!r}).update(is_staff=True, is_superuser=True)
video = Video.objects.get(title="A talk about talks")
export = ExportFactory(video=video, owner=video.owner, failed=True, title="The trouble is finding it.")
export.attempt_history.create(pk=uuid.uuid4(), number=3, worker="exports@here", outcome="failed",
    ended_at=database_now(), error_code=export.error_code, error_params=export.error_params,
    tool_output="[mov,mp4] moov atom not found")
"""


def main() -> None:
    """Take the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *PICTURES], default=[])
    wanted = parser.parse_args().names or list(PICTURES)
    with tempfile.TemporaryDirectory() as folder:
        made = Installation(Path(folder), {"HEIMDEX_FETCH_MODELS": "no"})
        made.manage("migrate", "--verbosity", "0")
        made.manage("collectstatic", "--no-input", "--verbosity", "0")
        with made.serving() as site, chromium() as browser:
            video = fill(made, site, Path(folder))
            for name in wanted:
                take(browser, site, name, video)


def fill(installation: Installation, site: Process, folder: Path) -> str:
    """Upload the talk and its parts, make a Short, and let one fail; the talk's id."""
    with Script(site.url, installation.person(NAME)) as script:
        for title, (start_s, seconds, tags) in PARTS.items():
            part = folder / f"{start_s}-{seconds}.mp4"
            cut = ["-ss", str(start_s), "-i", str(TALK), "-t", str(seconds), "-c", "copy"]
            run("ffmpeg", "-v", "error", *cut, str(part))
            form = {"title": title, "language": "en"}
            words = ("part.vtt", captions_of(start_s, seconds).encode())
            with part.open("rb") as source:
                files = {"file": source, "captions": words}
                made = script.post("/v1/videos", expected=201, files=files, data=form)
            change = {"videos": [made["id"]], "add": tags}
            script.post("/v1/videos/tags", expected=200, json=change)
        video = script.upload(TALK, CAPTIONS)
        for each in script.get("/v1/videos")["results"]:
            script.video(each["id"])
        details = script.get(f"/v1/videos/{video}/details")
        asked = {"captions": "karaoke"}
        scene = details["scenes"][1]["id"]
        export = script.post(f"/v1/scenes/{scene}/export-short", expected=202, json=asked)
        script.export(export["export_id"])
        renamed = {"title": "A talk about talks"}
        script._http.patch(f"/v1/videos/{video}", json=renamed).raise_for_status()  # noqa: SLF001
    installation.manage("shell", "--no-imports", "--command", FAIL.format(name=NAME))
    return video


def captions_of(start_s: int, seconds: int) -> str:
    """The talk's lines from `start_s` on, with their times in the part."""
    cues = parse_captions(CAPTIONS.read_bytes(), filename=CAPTIONS.name)
    start_ms, end_ms = start_s * 1_000, (start_s + seconds) * 1_000
    within = [cue for cue in cues if start_ms <= cue.start_ms and cue.end_ms <= end_ms]
    return write_vtt(shift_earlier(within, start_ms), word_times=True)


def take(browser: Browser, site: Process, name: str, video: str) -> None:
    """Take one picture and store it with few colours."""
    is_phone = name.endswith("-phone")
    context = browser.new_context(
        locale="en-US",
        viewport={"width": 390, "height": 780} if is_phone else {"width": 1440, "height": 900},
        device_scale_factor=2 if is_phone else 1,
        has_touch=is_phone,
        reduced_motion="reduce",
        color_scheme="light",
    )
    person = Person(context.new_page(), site.url)
    person.watch()
    person.log_in(NAME)
    PICTURES[name](person.page, site.url, video)
    with tempfile.NamedTemporaryFile(suffix=".png") as whole:
        person.page.screenshot(path=whole.name, full_page=name == "admin")
        target = TARGET / f"{name}.png"
        run("ffmpeg", "-v", "error", "-y", "-i", whole.name, "-vf", SMALL, str(target))
    context.close()
    sys.stdout.write(f"{target.relative_to(ROOT)} {target.stat().st_size:,} bytes\n")


def library(page: Page, url: str, _video: str) -> None:
    """The library with two chosen videos."""
    page.goto(f"{url}/?view=grid")
    for title in ("From wide to tall", "Scenes end on sentences"):
        page.get_by_label(f"Select {title}").check()
    page.wait_for_load_state("networkidle")


def transcript(page: Page, url: str, video: str) -> None:
    """The talk at 38 s, with the word that is said there."""
    page.goto(f"{url}/videos/{video}#t=38")
    expect(page.locator("[data-player] [data-controls]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    if page.evaluate("() => innerWidth < 500"):
        page.locator(".scene").nth(1).evaluate("scene => scene.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(1_000)  # the picture at that second


def search(page: Page, url: str, _video: str) -> None:
    """A phrase, found to the second."""
    page.set_viewport_size({"width": 1440, "height": 720})
    page.goto(f"{url}/search?q=minute")
    page.wait_for_load_state("networkidle")


def export_dialog(page: Page, url: str, video: str) -> None:
    """The dialog of the second scene, with its stills."""
    page.goto(f"{url}/videos/{video}")
    page.get_by_role("link", name="Export to Short: scene 2").click()
    expect(page.locator("#dialog")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2_000)  # the stills


def admin(page: Page, url: str, _video: str) -> None:
    """The front page of the admin."""
    page.set_viewport_size({"width": 1200, "height": 900})
    page.goto(f"{url}/admin/")
    page.wait_for_load_state("networkidle")


PICTURES: dict[str, Callable[[Page, str, str], None]] = {
    "library": library,
    "transcript": transcript,
    "transcript-phone": transcript,
    "search": search,
    "export-dialog": export_dialog,
    "admin": admin,
}


def run(*argv: str) -> None:
    """Run a program to its end."""
    subprocess.run(argv, check=True)


if __name__ == "__main__":
    main()
