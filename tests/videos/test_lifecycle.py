"""State changes of a video, also when another process is faster."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import CoreCode
from jobs import lease
from jobs.lease import LeaseLostError
from mediakit.audio.loudness_index import LoudnessIndex
from storage import files as storage_files
from tests.factories import CueFactory, ExportFactory, SceneFactory, VideoFactory
from videos import lifecycle
from videos.choices import VideoStatus
from videos.lifecycle import ProcessingResult
from videos.models import Cue, Scene, SoundLevels, TranscriptPiece, Video

pytestmark = pytest.mark.django_db


def claimed(video: Video) -> lease.Claim[Video]:
    claim = lease.claim_next(Video)
    assert claim is not None
    return claim


def outcome(video: Video, *, folder: str = "thumbnails/new/") -> ProcessingResult:
    for name in ("0.jpg", "video.jpg"):
        storage_files.save_bytes(f"{folder}{name}", b"new", content_type="image/jpeg")
    scene = Scene(
        video=video,
        index=0,
        start_ms=0,
        end_ms=9_000,
        text="New.",
        thumbnail_key=f"{folder}0.jpg",
    )
    cue = Cue(video=video, index=0, start_ms=0, end_ms=900, text="New.", words=[[0, 900, "New."]])
    columns = {"duration_ms": 9_000, "thumbnail_key": f"{folder}video.jpg"}
    return ProcessingResult(columns, (scene,), (cue,), LoudnessIndex(b"ab", 1))


def test_finishing_puts_the_new_scenes_in_place_of_the_old(django_capture_on_commit_callbacks):
    video = VideoFactory(pending=True, thumbnail_key="thumbnails/old/video.jpg")
    SoundLevels.objects.create(video=video, track=2, blocks=b"old")
    SceneFactory.create_batch(3, video=video, thumbnail_key="thumbnails/old/0.jpg")
    CueFactory.create_batch(2, video=video)
    TranscriptPiece.objects.create(video=video, start_ms=0, end_ms=9_000)
    for name in ("0.jpg", "video.jpg"):
        storage_files.save_bytes(f"thumbnails/old/{name}", b"old", content_type="image/jpeg")

    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.finish(claimed(video), outcome(video))

    video.refresh_from_db()
    assert (video.status, video.progress, video.claim_token) == (VideoStatus.READY, 100, None)
    assert video.ready_at is not None
    assert [scene.text for scene in video.scenes.all()] == ["New."]
    assert [cue.text for cue in video.cues.all()] == ["New."]
    assert not video.pieces.exists()
    assert (video.sound_levels.track, bytes(video.sound_levels.blocks)) == (1, b"ab")
    assert storage_files.size("thumbnails/old/0.jpg") is None
    assert storage_files.size("thumbnails/old/video.jpg") is None
    assert storage_files.size("thumbnails/new/0.jpg") == 3


def test_finishing_without_the_lease_changes_nothing():
    video = VideoFactory(pending=True)
    SceneFactory(video=video, text="Old.")
    claim = claimed(video)
    Video.objects.filter(pk=video.pk).update(claim_token="0" * 32)

    with pytest.raises(LeaseLostError):
        lifecycle.finish(claim, outcome(video))

    video.refresh_from_db()
    assert video.status == VideoStatus.PROCESSING
    assert [scene.text for scene in video.scenes.all()] == ["Old."]
    assert storage_files.size("thumbnails/new/0.jpg") is None


def test_exports_keep_their_scene_when_a_video_is_processed_again():
    video = VideoFactory(pending=True)
    export = ExportFactory(video=video, scene_id=SceneFactory(video=video).pk, completed=True)
    before = (export.scene_id, export.title, export.status)

    lifecycle.finish(claimed(video), outcome(video))

    export.refresh_from_db()
    assert (export.scene_id, export.title, export.status) == before


def test_failing_keeps_the_stage_the_reason_and_the_tools_words():
    video = VideoFactory(pending=True)

    lifecycle.fail(
        claimed(video),
        stage="listen_and_look",
        code=CoreCode.TOOL_FAILED,
        params={"tool": "ffmpeg"},
        tool_output="Invalid data",
    )

    video.refresh_from_db()
    assert (video.status, video.stage) == (VideoStatus.FAILED, "listen_and_look")
    assert (video.error_code, video.error_params) == ("TOOL_FAILED", {"tool": "ffmpeg"})
    assert video.tool_output == "Invalid data"
    assert video.error_message


@pytest.mark.parametrize("state", [{}, {"failed": True}])
def test_an_idle_video_can_be_restarted(state):
    video = VideoFactory(attempts=3, **state)

    assert lifecycle.restart(video, language_wanted="ko")

    video.refresh_from_db()
    assert (video.status, video.attempts, video.error_code) == (VideoStatus.PENDING, 0, "")
    assert (video.language_wanted, video.queued_at is not None) == ("ko", True)


@pytest.mark.parametrize("state", ["pending", "processing"])
def test_a_busy_video_is_not_restarted(state):
    video = VideoFactory(**{state: True})
    assert not lifecycle.restart(video, language_wanted="ko")
    video.refresh_from_db()
    assert (video.status, video.language_wanted) == (state, "")


def test_the_sweep_queues_a_row_with_an_expired_lease_again():
    video = VideoFactory(processing=True, heartbeat_at=timezone.now() - timedelta(minutes=5))

    assert [v.pk for v in lease.sweep(Video).requeued] == [video.pk]

    video.refresh_from_db()
    assert (video.status, video.attempts, video.claim_token) == (VideoStatus.PENDING, 1, None)
    assert lease.sweep(Video).requeued == ()


def test_the_sweep_gives_up_after_the_last_attempt(settings):
    video = VideoFactory(
        processing=True,
        heartbeat_at=timezone.now() - timedelta(minutes=5),
        attempts=settings.JOB_MAX_ATTEMPTS,
    )

    swept = lease.sweep(Video)

    assert ([v.pk for v in swept.given_up], swept.requeued) == ([video.pk], ())
    video.refresh_from_db()
    assert (video.status, video.error_code) == (VideoStatus.FAILED, "WORKER_LOST")
    assert video.stage == "transcript"
    assert str(settings.JOB_MAX_ATTEMPTS) in video.error_message


def test_the_sweep_names_the_rows_that_are_due():
    video = VideoFactory(pending=True, queued_at=timezone.now() - timedelta(minutes=5))
    VideoFactory(pending=True, queued_at=timezone.now() + timedelta(minutes=5))

    assert [v.pk for v in lease.sweep(Video).due] == [video.pk]

    video.refresh_from_db()
    assert (video.status, video.attempts) == (VideoStatus.PENDING, 0)


def test_the_sweep_leaves_alone_what_is_worked_on_or_ended():
    VideoFactory(processing=True)
    VideoFactory()
    VideoFactory(failed=True)
    assert lease.sweep(Video) == lease.SweepResult()
