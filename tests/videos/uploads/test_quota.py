"""How much a user may store: own videos, begun uploads and the disk's room count before a byte arrives."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from storage import files
from storage.sinks import upload_sink
from tests.factories import UploadFactory, UserFactory, VideoFactory
from videos import resumable_uploads, services
from videos.errors import VideoCode
from videos.library import deletion
from videos.models import Upload, Video
from videos.uploads import quota

pytestmark = pytest.mark.django_db
GIB = 1024**3


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture(autouse=True)
def roomy(monkeypatch):
    """A disk that has room for everything."""
    monkeypatch.setattr(files, "free_bytes", lambda: 10**15)


def begin(user, size_bytes):
    return resumable_uploads.begin_upload(owner=user, filename="a.mp4", size_bytes=size_bytes)


def refused(code):
    return pytest.raises(HeimdexError, match=str(code.sentence).partition("%")[0].strip()[:20])


def test_videos_and_begun_uploads_count(user, settings):
    settings.USER_MAX_BYTES = 100
    VideoFactory(owner=user, size_bytes=40)
    VideoFactory(size_bytes=1000)  # another user's
    UploadFactory(owner=user, size_bytes=30, offset_bytes=3)
    assert quota.used_bytes(user.pk) == 70

    with refused(VideoCode.STORAGE_QUOTA_EXCEEDED) as caught:
        begin(user, 31)
    assert caught.value.status == 403
    assert (caught.value.details["used_bytes"], caught.value.details["limit_bytes"]) == (70, 100)

    begin(user, 30)
    with refused(VideoCode.STORAGE_QUOTA_EXCEEDED):
        begin(user, 1)


def test_a_users_own_limit_counts_instead_of_the_general_one(settings):
    settings.USER_MAX_BYTES = 100
    roomy_user, none = UserFactory(storage_limit_gib=1), UserFactory(storage_limit_gib=0)

    begin(roomy_user, GIB)
    with refused(VideoCode.STORAGE_QUOTA_EXCEEDED) as caught:
        begin(roomy_user, 1)
    assert caught.value.details["limit_bytes"] == GIB
    with refused(VideoCode.STORAGE_QUOTA_EXCEEDED):
        begin(none, 1)


def test_what_is_deleted_or_given_up_is_free_again(user, settings):
    settings.USER_MAX_BYTES = 100
    upload = begin(user, 60)
    video = VideoFactory(owner=user, size_bytes=40)

    resumable_uploads.cancel_upload(upload)
    deletion.delete_video(video)

    assert quota.used_bytes(user.pk) == 0
    begin(user, 100)


def test_unfinished_uploads_are_bounded(user, settings):
    settings.UPLOADS_PER_USER = 2
    first = begin(user, 10)
    begin(user, 10)

    with refused(VideoCode.TOO_MANY_UPLOADS):
        begin(user, 10)
    resumable_uploads.cancel_upload(first)
    begin(user, 10)


def test_what_was_promised_to_others_is_not_given_again(user, monkeypatch):
    monkeypatch.setattr(files, "free_bytes", lambda: 78 * GIB)
    for _ in range(3):
        begin(UserFactory(), 20 * GIB)

    with pytest.raises(HeimdexError) as caught:
        begin(UserFactory(), 20 * GIB)
    assert caught.value.code == CoreCode.STORAGE_FULL
    Upload.objects.update(offset_bytes=20 * GIB)  # they have arrived: the disk itself tells
    begin(user, 20 * GIB)


def test_a_whole_file_and_a_link_are_asked_too(user, settings):
    settings.USER_MAX_BYTES = 100
    VideoFactory(owner=user, size_bytes=100)

    with refused(VideoCode.STORAGE_QUOTA_EXCEEDED):
        services.create_video(owner=user, file=SimpleUploadedFile("a.mp4", b"x"))
    with refused(VideoCode.STORAGE_QUOTA_EXCEEDED):
        services.import_video(owner=user, url="https://example.org/a.mp4")
    assert Video.objects.filter(owner=user).count() == 1
    assert not Upload.objects.filter(owner=user).exists()


def test_an_upload_that_storage_refuses_leaves_no_row(user, monkeypatch):
    monkeypatch.setattr(upload_sink, "begin", lambda *_a, **_k: pytest.fail("no storage"))

    with pytest.raises(pytest.fail.Exception):
        begin(user, 10)

    assert not Upload.objects.exists()
