"""Rows about the editor: the transcript page of three hours in a browser, opened, edited and played."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.speed_table import sample_videos
from benchmarks.speed_table.figures import Context, Figure
from tests.e2e.browser import chromium, video_page
from tests.e2e.server import Installation, Script

MINUTES = 180
KEPT_MS, LEFT_OUT_MS, RANGES = 850, 4_000, 200  # about 3,000 words are struck out
KEYS = ("Shift+ArrowRight", "Shift+ArrowDown", "Backspace", "Control+z")
KEY_ROUNDS, PLAYED_S = 5, 5
# A slow line: 150 ms until an answer begins, 1.6 Mbit/s down and .75 up.
SLOW_LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length"
PAINT_MS = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
NAME, PLAY_AT_S = "editor", 60
# The lines are there, can be reached by keys, and the player's buttons work.
READY = (
    "() => document.querySelector('.cue[tabindex=\"0\"]')"
    " && !document.querySelector('[data-controls]').hidden"
)
# From each key to the first picture after what it changed, in ms, into `answers`.
NOTE_ANSWERS = """() => {
  window.answers = [];
  addEventListener('keydown', ({ timeStamp, key }) => {
    if (['Shift', 'Control'].includes(key)) return;
    requestAnimationFrame(() => setTimeout(() => answers.push(performance.now() - timeStamp)));
  }, { capture: true });
}"""
# The time between two pictures while it plays, in ms.
FRAMES = """async (seconds) => {
  const video = document.querySelector('#video');
  video.muted = true;
  await video.play();
  const found = [];
  let before = performance.now();
  await new Promise((done) => requestAnimationFrame(function frame(now) {
    found.push(now - before);
    before = now;
    found.reduce((sum, one) => sum + one, 0) < 1000 * seconds ? requestAnimationFrame(frame) : done();
  }));
  video.pause();
  return found;
}"""


@dataclass(frozen=True, slots=True)
class PageCosts:
    """What the page of a video costs; times in ms, `cpu` is that of the browser's main thread."""

    slow_paint_ms: float
    interactive_ms: float
    interactive_cpu_ms: float
    key_ms: float
    key_cpu_ms: float
    frame_ms: float
    frame_cpu_ms: float
    struck_words: int


def page_costs(context: Context) -> list[Figure]:
    """Open, edit and play a video of three hours with 39,600 words on 3,600 lines."""
    installed = Installation(context.folder / "editor", {"HEIMDEX_SPEECH_MODEL": "none"})
    installed.data_dir.mkdir()
    installed.manage("migrate", "--verbosity", "0")
    installed.manage("collectstatic", "--no-input", "--verbosity", "0")
    token = installed.person(NAME)
    words = context.videos / "captions-180.vtt"
    words.write_text(sample_videos.captions(minutes=MINUTES), encoding="utf-8")
    with installed.serving() as server, Script(server.url, token) as script:
        video_id = processed(script, sample_videos.small_video(context.videos, MINUTES), words)
        whole = new_clip(script, video_id, [(600_000, 700_000)])
        clips = whole, new_clip(script, video_id, scattered(PLAY_AT_S * 1000))
        with chromium() as browser:
            found = [
                measure(browser, server.url, NAME, video_id, clips) for _ in range(context.rounds)
            ]
    return _figures(found)


def _figures(found: Sequence[PageCosts]) -> list[Figure]:
    def median(name: str) -> float:
        return statistics.median(float(getattr(one, name)) for one in found)

    page = "page of 3 h"
    load = {"main thread, ms": median("interactive_cpu_ms")}
    key = {"main thread, ms": median("key_cpu_ms")}
    frame = {"struck-out words": median("struck_words"), "between pictures, ms": median("frame_ms")}
    paint = median("slow_paint_ms") / 1000
    return [
        Figure(f"{page}: first paint over a slow line, nothing cached", "-", 1, paint, "s"),
        Figure(f"{page}: interactive", "-", 1, median("interactive_ms") / 1000, "s", load),
        Figure(f"{page}: from a key to the picture", "-", 50, median("key_ms"), "ms", key),
        Figure(
            f"{page}: main thread for a picture while it plays, much struck out",
            *("-", 1000 / 60, median("frame_cpu_ms"), "ms", frame),
        ),
    ]


def processed(script: Script, video: Path, words: Path) -> str:
    """Upload a video and wait until it is READY, however long that takes."""
    video_id = script.upload(video, words)
    while (found := script.get(f"/v1/videos/{video_id}"))["status"] != "READY":
        if found["status"] == "FAILED":
            raise RuntimeError(found["error_message"])
        time.sleep(1)
    return video_id


def new_clip(script: Script, video_id: str, ranges: Sequence[tuple[int, int]]) -> str:
    """A clip of kept ranges in ms."""
    spans = [{"start_s": start / 1000, "end_s": end / 1000} for start, end in ranges]
    body = {"video_id": video_id, "ranges": spans}
    return str(script.post("/v1/clips", expected=201, json=body)["id"])


def scattered(first_ms: int) -> list[tuple[int, int]]:
    """As many kept ranges as there may be, with some ten words left out between two."""
    step_ms = KEPT_MS + LEFT_OUT_MS
    starts = range(first_ms, first_ms + RANGES * step_ms, step_ms)
    return [(at, at + KEPT_MS) for at in starts]


def measure(
    browser: Browser, url: str, name: str, video_id: str, clips: tuple[str, str]
) -> PageCosts:
    """Open the page, strike words out of the first clip by key, and play with the second, scattered one open."""
    with video_page(browser, url, video_id, name=name, width=1440) as person:
        page = person.page
        thread = page.context.new_cdp_session(page)
        slow_paint_ms = _slow_paint_ms(page, thread, f"{url}/videos/{video_id}")
        thread.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto("about:blank")
        before = _busy_ms(thread)
        page.goto(f"{url}/videos/{video_id}", wait_until="commit")
        page.wait_for_function(READY, polling="raf")
        interactive_ms = page.evaluate("performance.now()")
        interactive_cpu_ms = _busy_ms(thread) - before
        page.wait_for_load_state("networkidle")
        key_ms, key_cpu_ms = _keys(page, thread, clips[0])
        page.locator(f"#clip-{clips[1]} summary").click()
        page.locator("s.struck").nth(RANGES - 2).wait_for()
        page.locator("#video").evaluate(f"video => {{ video.currentTime = {PLAY_AT_S} }}")
        page.wait_for_timeout(2_000)
        before = _busy_ms(thread)
        frames = page.evaluate(FRAMES, PLAYED_S)
        frame_cpu_ms = (_busy_ms(thread) - before) / len(frames)
        struck = page.locator("s.struck").all_text_contents()
    return PageCosts(
        slow_paint_ms=slow_paint_ms,
        interactive_ms=interactive_ms,
        interactive_cpu_ms=interactive_cpu_ms,
        key_ms=key_ms,
        key_cpu_ms=key_cpu_ms,
        frame_ms=statistics.median(frames),
        frame_cpu_ms=frame_cpu_ms,
        struck_words=sum(len(text.split()) for text in struck),
    )


def _slow_paint_ms(page: Page, session: CDPSession, address: str) -> float:
    """From asking for the page until something of it is seen, over a slow line with an empty cache."""
    page.goto("about:blank")
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    page.goto(address, wait_until="commit")
    page.wait_for_function(PAINTED, polling="raf")
    paint_ms = float(page.evaluate(PAINT_MS))
    session.send(
        "Network.emulateNetworkConditions",
        {**SLOW_LINE, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    page.goto(address)  # with all of it in the cache
    return paint_ms


def _keys(page: Page, thread: CDPSession, clip_id: str) -> tuple[float, float]:
    """Select words, strike them out and undo it: the median ms of a key, and the main thread's for each."""
    page.locator(f"#clip-{clip_id} summary").click()
    page.locator(".cue--in").nth(3).focus()
    page.evaluate(NOTE_ANSWERS)
    page.wait_for_timeout(1_000)
    before = _busy_ms(thread)
    for _ in range(KEY_ROUNDS):
        for key in KEYS:
            page.keyboard.press(key)
            page.wait_for_timeout(200)
    answers = page.evaluate("answers")
    return statistics.median(answers), (_busy_ms(thread) - before) / len(answers)


def _busy_ms(thread: CDPSession) -> float:
    """The processor time of the page's main thread so far."""
    metrics = thread.send("Performance.getMetrics")["metrics"]
    return 1000 * float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
