"""What a person at the page waits for, and what a script that follows its export costs."""

import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks import environment, samples, timing
from benchmarks.bench import CLIP_S, Bench, Figure
from tests.e2e.browser import Person, chromium
from tests.e2e.server import Installation

LOOK_MS = 20


def waiting(bench: Bench) -> list[Figure]:
    """What a person waits for: the server's start, and the first progress after the click, in a browser."""
    installed = Installation(bench.folder / "installed")
    installed.data_dir.mkdir()
    installed.manage("migrate", "--verbosity", "0")
    installed.manage("collectstatic", "--no-input", "--verbosity", "0")
    token = installed.person("bench")
    starts = []
    for _ in range(bench.rounds):
        began = time.monotonic()
        with installed.serving():
            starts.append(time.monotonic() - began)
    with installed.serving() as server, chromium() as browser:
        video_id = _upload(server.url, token, samples.minute(bench.films))
        page = browser.new_page(locale="en")
        person = Person(page, server.url)
        person.watch()
        person.log_in("bench")
        address = f"{server.url}/videos/{video_id}"
        clicks = [_first_progress(page, address) for _ in range(bench.rounds)]
    starts.sort()
    clicks.sort()
    return [
        Figure("start of `serve` to the first answer", "-", 3, starts[len(starts) // 2], "s"),
        Figure("click to the first progress on the page", "-", 1, clicks[len(clicks) // 2], "s"),
    ]


def _upload(url: str, token: str, film: Path) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=120) as http, film.open("rb") as file:
        video = http.post("/v1/videos", files={"file": (film.name, file)}).raise_for_status().json()
        while video["status"] != "READY":
            if video["status"] == "FAILED":
                raise RuntimeError(video["error_message"])
            time.sleep(0.5)
            video = http.get(f"/v1/videos/{video['id']}").json()
    return str(video["id"])


def _first_progress(page: Any, address: str) -> float:
    """Seconds from the click on the export button until the page shows work under way; the export is stopped then."""
    page.goto(address)
    page.locator("[data-scene] [data-export]").first.click()
    button = page.locator("dialog [data-submit]")
    button.wait_for()
    page.wait_for_load_state("networkidle")
    began = time.monotonic()
    button.click()
    progress = page.locator("#export-progress[value]:not([value='0'])")
    while not progress.count():  # waiting for it would look only twice a second
        page.wait_for_timeout(LOOK_MS)
    took = time.monotonic() - began
    page.locator("dialog").get_by_role("button", name="Cancel export").click()
    page.locator("#export-progress").wait_for(state="detached")
    return took


def poll(bench: Bench) -> list[Figure]:
    """What one answer to a script that follows its export costs."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from accounts.models import AccessToken  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    video = bench.ready(samples.minute(bench.films))
    row = environment.ask(video, start_s=10, length_s=CLIP_S)
    _token, plain = AccessToken.make(user=video.owner, name="bench")
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    address = f"/v1/exports/{row.pk}"

    def ask(times: int = 100) -> None:
        for _ in range(times):
            if client.get(address).status_code != 200:
                raise RuntimeError("no answer")

    ask(10)
    with CaptureQueriesContext(connection) as queries:
        ask(1)
    asked = len(queries)
    cost = timing.cpu([timing.took(ask) for _ in range(5)]) / 100 * 1000
    return [
        Figure("answer to a poll: processor time", "-", 5, cost, "ms"),
        Figure("answer to a poll: queries, one for the token", "-", 2, asked, ""),
    ]
