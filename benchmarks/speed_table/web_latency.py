"""Rows about the web: waiting times in a browser, and the cost of a poll."""

import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks import environment, timing
from benchmarks.speed_table import sample_videos
from benchmarks.speed_table.figures import CLIP_S, Context, Figure
from tests.e2e.browser import Person, chromium
from tests.e2e.server import Installation

POLL_MS = 20


def wait_times(context: Context) -> list[Figure]:
    """The server's start, and the time from the click to the first progress in a browser."""
    installed = Installation(context.folder / "installed")
    installed.data_dir.mkdir()
    installed.manage("migrate", "--verbosity", "0")
    installed.manage("collectstatic", "--no-input", "--verbosity", "0")
    token = installed.person("bench")
    starts = []
    for _ in range(context.rounds):
        began = time.monotonic()
        with installed.serving():
            starts.append(time.monotonic() - began)
    with installed.serving() as server, chromium() as browser:
        video_id = _upload(server.url, token, sample_videos.one_minute(context.videos))
        page = browser.new_page(locale="en")
        person = Person(page, server.url)
        person.watch()
        person.log_in("bench")
        address = f"{server.url}/videos/{video_id}"
        clicks = [_first_progress(page, address) for _ in range(context.rounds)]
    starts.sort()
    clicks.sort()
    return [
        Figure("start of `serve` to the first answer", "-", 3, starts[len(starts) // 2], "s"),
        Figure("click to the first progress on the page", "-", 1, clicks[len(clicks) // 2], "s"),
    ]


def _upload(url: str, token: str, path: Path) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=120) as http, path.open("rb") as file:
        video = http.post("/v1/videos", files={"file": (path.name, file)}).raise_for_status().json()
        while video["status"] != "READY":
            if video["status"] == "FAILED":
                raise RuntimeError(video["error_message"])
            time.sleep(0.5)
            video = http.get(f"/v1/videos/{video['id']}").json()
    return str(video["id"])


def _first_progress(page: Any, address: str) -> float:
    """Seconds from the click on the export button to the first progress; the export is then cancelled."""
    page.goto(address)
    page.locator("[data-scene] [data-export]").first.click()
    button = page.locator("dialog [data-submit]")
    button.wait_for()
    page.wait_for_load_state("networkidle")
    began = time.monotonic()
    button.click()
    progress = page.locator("#export-progress[value]:not([value='0'])")
    while not progress.count():  # `wait_for` would poll only twice a second
        page.wait_for_timeout(POLL_MS)
    elapsed_s = time.monotonic() - began
    page.locator("dialog").get_by_role("button", name="Cancel export").click()
    page.locator("#export-progress").wait_for(state="detached")
    return elapsed_s


def poll_cost(context: Context) -> list[Figure]:
    """The CPU time and queries of one response to a poll for an export."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from accounts.models import AccessToken  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    video = context.processed_video(sample_videos.one_minute(context.videos))
    row = environment.request_export(video, start_s=10, length_s=CLIP_S)
    _token, plain = AccessToken.make(user=video.owner, name="bench")
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    address = f"/v1/exports/{row.pk}"

    def poll(times: int = 100) -> None:
        for _ in range(times):
            if client.get(address).status_code != 200:
                raise RuntimeError("no answer")

    poll(10)
    with CaptureQueriesContext(connection) as queries:
        poll(1)
    query_count = len(queries)
    cost = timing.median_cpu_s([timing.measure(poll) for _ in range(5)]) / 100 * 1000
    return [
        Figure("answer to a poll: processor time", "-", 5, cost, "ms"),
        Figure("answer to a poll: queries, one for the token", "-", 2, query_count, ""),
    ]
