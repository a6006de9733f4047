"""A delivered message: what it does to the row, whatever happens."""

import errno
from datetime import timedelta

import pytest
import structlog

from core.errors import HeimdexError
from jobs import lease, notify
from jobs.clock import database_now
from mediakit.errors import InputError, MediaErrorCode, StoppedError, ToolError, ToolLimitError
from storage.errors import StorageCode
from tests.factories import VideoFactory
from videos import tasks
from videos.choices import VideoStage, VideoStatus
from videos.lifecycle import ProcessingResult
from videos.models import Scene, Video
from videos.processing import pipeline


class FakePipeline:
    """A fake of the processing that counts its calls and does what the test sets."""

    def __init__(self) -> None:
        self.calls = 0
        self.error: BaseException | None = None
        self.meanwhile = lambda video: None

    def process(self, video, *, progress, should_stop, heard, on_piece):
        self.calls += 1
        progress.report(VideoStage.FIRST_PASS, 0.5)
        self.meanwhile(video)
        if self.error:
            raise self.error
        scene = Scene(video=video, index=0, start_ms=0, end_ms=5_000, text="Said.")
        return ProcessingResult({"thumbnail_key": ""}, (scene,), ())


@pytest.fixture
def fake(monkeypatch) -> FakePipeline:
    """The processing, replaced."""
    stand_in = FakePipeline()
    monkeypatch.setattr(pipeline, "process", stand_in.process)
    return stand_in


@pytest.fixture
def sent_messages(monkeypatch) -> list[str]:
    """The ids that messages were sent for."""
    sent: list[str] = []
    monkeypatch.setattr(notify, "send_later", lambda _task, pk: sent.append(str(pk)))
    monkeypatch.setattr(notify, "send", lambda _task, pk: sent.append(str(pk)))
    monkeypatch.setattr(notify, "queued_messages", lambda _task: 0)
    return sent


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stopping():
    """The process is stopping."""
    yield lease.stopping
    lease.stopping.clear()


def process(video: Video) -> Video:
    Video.objects.filter(status=VideoStatus.PENDING).update(queued_at=database_now())
    tasks.process_video(str(video.pk))
    video.refresh_from_db()
    return video


def test_a_pending_video_becomes_ready(fake):
    video = process(VideoFactory(pending=True))
    assert (video.status, video.attempts) == (VideoStatus.READY, 1)
    assert video.scenes.count() == 1


def test_a_second_delivery_does_nothing(fake):
    video = VideoFactory(pending=True)
    process(video)
    process(video)
    assert (fake.calls, video.attempts) == (1, 1)


@pytest.mark.parametrize("state", [{"processing": True}, {"failed": True}, {}])
def test_a_late_message_does_nothing(fake, state):
    video = VideoFactory(**state)
    before = video.status
    assert process(video).status == before
    assert fake.calls == 0


def test_a_message_for_a_deleted_video_does_nothing(fake):
    video = VideoFactory(pending=True)
    Video.objects.all().delete()
    tasks.process_video(str(video.pk))
    assert fake.calls == 0


def test_bad_input_fails_at_once_with_stage_and_reason(fake, sent_messages):
    fake.error = InputError(MediaErrorCode.TRUNCATED_FILE, "Nothing could be read.")
    video = process(VideoFactory(pending=True))
    assert (video.status, video.error_code) == (VideoStatus.FAILED, "TRUNCATED_FILE")
    assert (video.stage, video.attempts, sent_messages) == ("listen_and_look", 1, [])


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ToolError("It broke.", tool="ffmpeg", tail="last words"), "TOOL_FAILED", "last words"),
        (
            HeimdexError(StorageCode.STORAGE_UNAVAILABLE),
            "STORAGE_UNAVAILABLE",
            "STORAGE_UNAVAILABLE",
        ),
        (OSError(errno.ENOSPC, "No space"), "STORAGE_FULL", "No space"),
        (RuntimeError("a bug"), "INTERNAL_ERROR", "RuntimeError: a bug"),
    ],
)
def test_our_errors_get_all_attempts_and_then_fail(*, fake, sent_messages, error, code, words):
    fake.error = error
    before = database_now()
    video = process(VideoFactory(pending=True, attempts=1))
    assert (video.status, video.attempts) == (VideoStatus.PENDING, 2)
    assert video.queued_at is not None
    assert video.queued_at - before >= timedelta(seconds=tasks.RETRY_AFTER_S)
    assert sent_messages == []  # the sweep wakes it when its time has come

    process(video)
    assert (video.status, video.attempts) == (VideoStatus.FAILED, 3)
    assert (video.error_code, video.stage) == (code, "listen_and_look")
    assert words in video.tool_output


def test_a_source_that_is_gone_is_not_tried_again(fake, sent_messages):
    fake.error = HeimdexError(StorageCode.SOURCE_MISSING)
    video = process(VideoFactory(pending=True))
    assert (video.status, video.error_code, sent_messages) == (
        VideoStatus.FAILED,
        "SOURCE_MISSING",
        [],
    )


def test_a_file_that_needs_too_much_is_not_tried_again(fake, sent_messages, caplog):
    fake.error = ToolLimitError("no", limit="memory", tool="ffmpeg", returncode=1, tail="words")
    video = process(VideoFactory(pending=True))
    assert (video.status, video.error_code) == (VideoStatus.FAILED, "TOOL_LIMIT_MEMORY")
    assert (video.attempts, video.tool_output, sent_messages) == (1, "words", [])
    assert "Traceback" not in caplog.text


def test_a_stopping_process_hands_the_video_back_with_its_attempt(fake, sent_messages, stopping):
    fake.meanwhile = lambda _video: stopping.set()
    fake.error = StoppedError("stopped")
    video = process(VideoFactory(pending=True))
    assert (video.status, video.attempts) == (VideoStatus.PENDING, 0)
    assert sent_messages == [str(video.pk)]


def test_work_that_stops_without_a_request_has_failed(fake):
    fake.error = StoppedError("stopped")
    video = process(VideoFactory(pending=True))
    assert (video.status, video.attempts) == (VideoStatus.PENDING, 1)


def test_a_stopping_process_takes_nothing_new(fake, stopping):
    stopping.set()
    video = process(VideoFactory(pending=True))
    assert (video.status, fake.calls) == (VideoStatus.PENDING, 0)


@pytest.mark.parametrize(
    "error",
    [
        None,
        StoppedError("stopped"),
        RuntimeError("a bug"),
        InputError(MediaErrorCode.EMPTY_FILE, ""),
    ],
)
def test_a_lost_lease_changes_nothing(fake, sent_messages, error):
    other = "11111111-1111-1111-1111-111111111111"
    fake.meanwhile = lambda video: Video.objects.filter(pk=video.pk).update(claim_token=other)
    fake.error = error
    video = process(VideoFactory(pending=True))
    assert (video.status, str(video.claim_token)) == (VideoStatus.PROCESSING, other)
    assert (video.scenes.count(), sent_messages) == (0, [])


def test_a_video_deleted_meanwhile_is_dropped(fake, sent_messages):
    fake.meanwhile = lambda video: Video.objects.all().delete()
    video = VideoFactory(pending=True)
    tasks.process_video(str(video.pk))
    assert not Video.objects.exists()
    assert sent_messages == []


def test_the_sweep_sends_messages(sent_messages):
    video = VideoFactory(pending=True, queued_at="2026-01-01T00:00:00+00:00")
    VideoFactory()
    tasks.sweep()
    assert sent_messages == [str(video.pk)]


def test_the_sweep_sends_none_while_messages_wait(sent_messages, monkeypatch):
    VideoFactory(pending=True, queued_at="2026-01-01T00:00:00+00:00")
    monkeypatch.setattr(notify, "queued_messages", lambda _task: 1)
    tasks.sweep()
    assert sent_messages == []


def test_the_schedule_finds_no_upload_to_remove():
    tasks.remove_abandoned_uploads()


def test_every_line_of_a_job_carries_its_id(fake):
    contexts = []
    fake.meanwhile = lambda video: contexts.append(structlog.contextvars.get_contextvars())
    video = process(VideoFactory(pending=True))
    assert contexts == [{"video_id": str(video.pk)}]
    assert structlog.contextvars.get_contextvars() == {}
