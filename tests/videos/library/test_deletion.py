"""Deleting videos so that it can be undone for a minute."""

from datetime import timedelta

import pytest

from core.errors import HeimdexError
from jobs.clock import database_now
from storage import files as storage_files
from tests.factories import SceneFactory, UserFactory, VideoFactory
from videos import services, tasks
from videos.errors import VideoCode
from videos.library import deletion
from videos.models import Video
from videos.queries import get_scene, get_video

pytestmark = pytest.mark.django_db


def later(seconds: float):
    """The database's time in so many seconds."""
    return database_now() + timedelta(seconds=seconds)


def test_hidden_videos_are_gone_and_come_back():
    owner = UserFactory.create()
    video, others = VideoFactory(owner=owner), VideoFactory()
    scene = SceneFactory(video=video)

    assert deletion.hide_videos(owner, [video.pk, others.pk]) == [video.pk]

    assert list(Video.objects.visible_to(owner)) == []
    with pytest.raises(HeimdexError):
        get_video(owner, video.pk)
    with pytest.raises(HeimdexError):
        get_scene(owner, scene.pk)
    assert deletion.restore_videos(others.owner, [video.pk]) == 0
    assert deletion.restore_videos(owner, [video.pk]) == 1
    assert get_video(owner, video.pk) == video


def test_after_a_minute_they_are_deleted_with_their_files(django_capture_on_commit_callbacks):
    owner = UserFactory.create()
    video, kept = VideoFactory(owner=owner), VideoFactory(owner=owner)
    storage_files.save_bytes(video.source_key, b"bytes", content_type="video/mp4")
    deletion.hide_videos(owner, [video.pk])

    assert deletion.delete_hidden(at=later(deletion.UNDO_S - 5), limit=10) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert deletion.delete_hidden(at=later(deletion.UNDO_S + 5), limit=10) == 1

    assert list(Video.objects.all()) == [kept]
    assert storage_files.size(video.source_key) is None


def test_the_schedule_deletes_what_is_over():
    owner = UserFactory.create()
    video = VideoFactory(owner=owner, deleted_at=later(-2 * deletion.UNDO_S))
    assert deletion.restore_videos(owner, [video.pk]) == 0

    tasks.delete_videos()

    assert not Video.objects.exists()


def test_many_are_processed_again_and_what_cannot_be_is_named(django_capture_on_commit_callbacks):
    owner = UserFactory.create()
    ready, busy = VideoFactory(owner=owner), VideoFactory(owner=owner, processing=True)

    done = services.reprocess_videos(owner, [ready.pk, busy.pk, VideoFactory().pk], language="ko")

    ready.refresh_from_db()
    assert (done.accepted, ready.status, ready.language_wanted) == ([ready.pk], "pending", "ko")
    assert {key: error.code for key, error in done.refused.items()} == {
        busy.pk: VideoCode.VIDEO_BUSY
    }
