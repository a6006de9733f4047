"""A machine on which tools stand still most of the time: processing takes longer, and the video is ready."""

import pytest

from jobs.watchdog import Watchdog
from mediakit.errors import StoppedError, ToolLimitError, ToolTimeoutError
from mediakit.sandbox import process
from storage import files as storage_files
from tests.clips import make_clip
from tests.factories import VideoFactory
from tests.slow_machine import Brake
from videos.choices import VideoStage, VideoStatus
from videos.models import Video
from videos.processing import pipeline
from videos.tasks import process_video
from videos.watched import watched

pytestmark = pytest.mark.django_db

STALL_S = 10
ENDLESS = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "mandelbrot", "-f", "null", "-"]


@pytest.fixture(scope="session")
def long_clip(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("slow") / "a.mp4", seconds=28, size=(640, 360))


def stored(path) -> Video:
    video = VideoFactory(pending=True)
    storage_files.save_bytes(video.source_key, path.read_bytes(), content_type="video/mp4")
    return video


@pytest.mark.usefixtures("no_heartbeat")
def test_pictures_and_sound_that_take_longer_than_any_clock_are_read(
    long_clip, settings, monkeypatch
):
    settings.VIDEO_STALL_S = STALL_S
    report = pipeline.Progress.report
    video = stored(long_clip)
    brake = Brake(STALL_S)

    def slower(self, stage: VideoStage, fraction: float = 0.0) -> None:
        report(self, stage, fraction)
        if stage == VideoStage.FIRST_PASS:
            brake.pull(fraction)

    monkeypatch.setattr(pipeline.Progress, "report", slower)
    process_video()
    assert brake.held_s > STALL_S

    video.refresh_from_db()
    assert (video.status, video.attempts) == (VideoStatus.READY, 1), video.error_code


def run_endless(*_args, **options) -> None:
    process.run(ENDLESS, timeout_s=60, should_stop=options.get("should_stop"))


def processed(video: Video) -> None:
    progress = pipeline.Progress(lambda _stage, _percent: None)
    pipeline.process(video, progress=progress, should_stop=lambda: False)


@pytest.mark.parametrize("name", ["run_first_pass", "with_timeline"])
def test_processing_without_progress_ends(clip, settings, monkeypatch, name):
    settings.VIDEO_STALL_S = 4
    monkeypatch.setattr(pipeline, name, run_endless)
    with pytest.raises(ToolTimeoutError, match="Processing made no progress for 4 s"):
        processed(stored(clip))


def test_a_file_made_to_be_slow_ends_by_its_processor_time(clip, settings, monkeypatch):
    settings.VIDEO_CPU_FACTOR, settings.VIDEO_CPU_LEAST_S = 0, 2
    monkeypatch.setattr(pipeline, "run_first_pass", run_endless)
    with pytest.raises(ToolLimitError):
        processed(stored(clip))


def test_a_watchdog_counts_from_the_last_progress(monkeypatch):
    now = 0.0
    monkeypatch.setattr("jobs.watchdog.time.monotonic", lambda: now)
    watchdog = Watchdog("It", stall_s=10, limit_s=100, should_stop=lambda: False)
    for step in range(10):
        now += 9
        watchdog.note(step)
        watchdog.check()
    now += 9
    watchdog.note(9)
    now += 2
    with pytest.raises(ToolTimeoutError):
        watchdog.check()


@pytest.mark.parametrize(("is_asked", "error"), [(False, ToolTimeoutError), (True, StoppedError)])
def test_work_that_stopped_says_whether_it_was_asked_to(monkeypatch, is_asked, error):
    """A tool is stopped in the same way for both; a job that stalled has failed, and one that was stopped has not."""
    now = 0.0
    monkeypatch.setattr("jobs.watchdog.time.monotonic", lambda: now)

    def work() -> None:
        nonlocal now
        with watched(
            "Reading the screen",
            duration_ms=1_000,
            on_progress=lambda _share: None,
            should_stop=lambda: is_asked,
        ) as (_, stops):
            now += 1_000_000
            assert stops()
            raise StoppedError("ffmpeg was stopped.")

    with pytest.raises(error, match="Reading the screen"):
        work()
