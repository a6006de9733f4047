"""Deleting a user: access ends at once, and everything of theirs goes in bounded steps."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from accounts.models import AccessToken, User
from core.errors import HeimdexError
from exports import tasks
from exports.models import Export
from exports.retention import users as user_deletion
from storage import files
from storage.errors import StorageCode
from tests.factories import (
    CaptionPresetFactory,
    CueFactory,
    ExportFactory,
    SceneFactory,
    UploadFactory,
    UserFactory,
    VideoFactory,
)
from videos.models import Cue, Scene, Upload, Video

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("templates_as_deployed"),
]


def user_with_everything() -> User:
    user = UserFactory()
    for video in VideoFactory.create_batch(3, owner=user):
        default_storage.save(video.source_key, ContentFile(b"source"))
        SceneFactory(video=video)
        CueFactory.create_batch(2, video=video)
        export = ExportFactory(video=video, completed=True)
        default_storage.save(export.file_key, ContentFile(b"short"))
    ExportFactory(video=video, processing=True)
    UploadFactory(owner=user)
    CaptionPresetFactory(owner=user)
    AccessToken.make(user=user, name="script")
    return user


def stored() -> list[str]:
    return [file.key for folder in ("sources/", "exports/") for file in files.listing(folder)]


def delete_in_admin(staff_client, user: User) -> str:
    url = reverse("admin:accounts_user_delete", args=[user.pk])
    return staff_client.post(url, {"post": "yes"}, follow=True).content.decode()


def test_access_ends_at_once_and_the_rest_goes_in_the_background(staff_client):
    user, other = user_with_everything(), VideoFactory()
    theirs = Client()
    theirs.force_login(user)

    page = delete_in_admin(staff_client, user)

    assert "removed in the background" in page
    assert theirs.get("/").status_code == 302
    assert Video.objects.filter(owner=user).count() == 3

    tasks.delete_users()

    assert not User.objects.filter(pk=user.pk).exists()
    assert list(Video.objects.all()) == [other]
    assert not any(model.objects.exists() for model in (Scene, Cue, Export, Upload))
    assert stored() == []


def test_a_run_deletes_a_bounded_number_of_videos(staff_client, monkeypatch):
    monkeypatch.setattr(user_deletion, "VIDEOS_PER_RUN", 2)
    user = user_with_everything()
    delete_in_admin(staff_client, user)

    tasks.delete_users()
    assert Video.objects.filter(owner=user).count() == 1
    tasks.delete_users()

    assert not User.objects.filter(pk=user.pk).exists()


def test_a_storage_that_fails_leaves_the_user_to_the_next_run(staff_client, monkeypatch):
    user, second = user_with_everything(), user_with_everything()
    delete_in_admin(staff_client, user)
    delete_in_admin(staff_client, second)
    delete = files.delete

    def fails_for_the_first(*keys: str) -> None:
        if any(key.startswith(f"exports/{user.pk}/") for key in keys):
            raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)
        delete(*keys)

    with monkeypatch.context() as patched:
        patched.setattr(files, "delete", fails_for_the_first)
        tasks.delete_users()
    assert list(User.objects.filter(is_superuser=False)) == [user]

    tasks.delete_users()
    assert not User.objects.filter(is_superuser=False).exists()
    assert stored() == []


@pytest.mark.parametrize("kind", ["user", "video"])
def test_the_page_that_confirms_reads_no_more_for_more_rows(staff_client, count_queries, kind):
    video = VideoFactory()
    ExportFactory(video=video)
    row = video.owner if kind == "user" else video
    app = "accounts_user" if kind == "user" else "videos_video"
    url = reverse(f"admin:{app}_delete", args=[row.pk])
    pages = []

    def confirm() -> None:
        pages.append(staff_client.get(url).content.decode())

    one = count_queries(confirm)
    CueFactory.create_batch(60, video=video)
    VideoFactory.create_batch(20, owner=video.owner)

    assert count_queries(confirm) == one
    assert len(pages[1]) < len(pages[0]) + 100
    assert ("Videos: 21" if kind == "user" else "Cues: 60") in pages[1]
